"""Data areas made by hand in a folder outside the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["AREA", "AreasIn", "write_area"]

AREA = """\
id: {id}
order: 100
name: {{da: Område {id}, en: Area {id}}}
frequency: monthly
products: [dap-cube]
"""


class AreasIn(Protocol):
    """What lets the areas be those of the package and of some folders."""

    def __call__(self, *outside: Path) -> None: ...


def write_area(shelf: Path, area: str, **files: str) -> Path:
    """A data area in `shelf` with `files` by their names; `area.yaml` is written where it is not among them."""
    folder = shelf / area
    for name, text in {"area.yaml": AREA.format(id=area), **files}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder
