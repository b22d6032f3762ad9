"""Whether the files of an area are called so that something reads them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flis.errors import CatalogError, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

__all__ = ["CONTRACT", "FILES", "files_in", "name_problems"]

FILES = (
    *("area.yaml", "contract.yaml", "cube.yaml", "definition.yaml", "policy.yaml", "package.yaml"),
    "breaks.yaml",
    *("key_figures.yaml", "simulate.yaml", "senders.csv"),
)
FOLDERS = {"codes": (".csv",), "steps": (".sql",), "simulate": (".sql", ".csv")}
"""The folders that an area may have, and how the files in them end."""
CONTRACT = re.compile(r"contract[\w-]*\.yaml")
NAME = re.compile(r"[a-z][a-z0-9_]*")
UNREAD = "nothing reads a file of this name."


def name_problems(area: str, folder: Traversable) -> Iterator[CatalogError]:
    """What is wrong with the names of an area, its files and its folders."""
    if not NAME.fullmatch(area):
        hint = "Small letters without accents, digits and _; a letter comes first."
        yield CatalogError(f"{area} is no id of a data area.", file=f"areas/{area}", hint=hint)
    for file in files_in(folder):
        place = f"areas/{area}/{file.name}"
        yield from _folder_problems(file, place) if file.is_dir() else _file_problems(file.name, place)


def _file_problems(name: str, place: str) -> Iterator[CatalogError]:
    stem, _, ending = name.rpartition(".")
    if name in FILES or CONTRACT.fullmatch(name) or ending == "md" or name == "__init__.py":
        return
    if ending == "py":
        yield CatalogError("an area holds no Python.", file=place, hint="It is YAML, SQL and code lists.")
    elif not (ending == "sql" and NAME.fullmatch(stem)):
        hint = suggest(name, FILES) or f"It may have: {', '.join(FILES)}, steps/*.sql, codes/*.csv."
        yield CatalogError(UNREAD, file=place, hint=hint)


def _folder_problems(folder: Traversable, place: str) -> Iterator[CatalogError]:
    if folder.name == "__pycache__":
        return
    if folder.name not in FOLDERS:
        hint = suggest(folder.name, FOLDERS) or f"It may have: {', '.join(FOLDERS)}."
        yield CatalogError("an area has no folder of this name.", file=place, hint=hint)
        return
    endings = FOLDERS[folder.name]
    for file in files_in(folder):
        if not file.name.endswith((*endings, ".md")):
            listed = " and ".join(f"*{ending}" for ending in endings)
            yield CatalogError(UNREAD, file=f"{place}/{file.name}", hint=f"Here lie {listed} files.")


def files_in(folder: Traversable, ending: str = "") -> list[Traversable]:
    """The files of a folder whose names end so, by name; hidden ones are left out."""
    inside = folder.iterdir() if folder.is_dir() else ()
    return sorted((f for f in inside if f.name.endswith(ending) and f.name[0] != "."), key=lambda f: f.name)
