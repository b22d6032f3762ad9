"""What changed between the fingerprints that a release keeps and those of now, and the one of the software."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flis.warehouse.step_fingerprints import Fingerprints

__all__ = ["changed", "software"]


def software() -> Fingerprints:
    """The version by which files are laid out."""
    return {"software": {"flis": __version__}}


def changed(before: Mapping[str, Mapping[str, str]], now: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """Kind and name of every fingerprint that is another one now, or stands on one side alone.

    A tree of an earlier version has none: then it is the software that changed.
    """
    if not before:
        yield "software", "flis"
        return
    for kind in sorted({*before, *now}):
        old, new = before.get(kind, {}), now.get(kind, {})
        yield from ((kind, name) for name in sorted({*old, *new}) if old.get(name) != new.get(name))
