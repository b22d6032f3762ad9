"""Where the data areas lie: in the package, and in the folders that an installation names (`areas` of its settings).

One process serves one installation: `look_in` says once where else areas lie, and everything that reads a file of an
area finds it through `area_folders`. What is read of them is `remembered` as long as nothing in them changes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import contextmanager
from functools import lru_cache, wraps
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from flis.disk import mark, stamp, within
from flis.errors import CatalogError, ConfigError, NotFoundError, suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.resources.abc import Traversable

__all__ = [
    "OWN",
    "AreaFolders",
    "area_folders",
    "dimension_table_files",
    "folder_of",
    "instead",
    "is_own",
    "look_in",
    "remembered",
    "shared_dimensions",
    "step_place",
    "steps_of",
]

OWN: Traversable = files("flis.areas")
"""The areas of the package, with what they share."""
MARK = "area.yaml"
"""A folder with this file in it is a data area."""
SHARED = "dimensions"
TABLES = "tables"
REMEMBERED = 4096  # answers that one function keeps

P = ParamSpec("P")
T = TypeVar("T")


class AreaFolders(Mapping[str, "Traversable"]):
    """The folder of every area by its id, and the folders that they lie in.

    Two are equal only if they are one object: what is remembered goes by it.

    Raises:
        ConfigError: there is no such folder outside the package, or it is a single area.
        CatalogError: two areas have the same id; names both folders.
    """

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __init__(self, outside: Sequence[Traversable] = ()) -> None:
        self._begun = time.time_ns()
        self.shelves: tuple[Traversable, ...] = (OWN, *outside)
        self._folders: dict[str, Traversable] = {}
        for shelf in self.shelves:
            for folder in _areas_in(shelf):
                if folder.name in self._folders:
                    both = f"{self._folders[folder.name]} and {folder}"
                    raise CatalogError(f"Two data areas are called {folder.name}: {both}.", hint="Rename one of them.")
                self._folders[folder.name] = folder

    def with_instead(self, folders: Sequence[Traversable], shelf: Traversable) -> AreaFolders:
        """These, with the areas of `folders`, which lie in `shelf`, in place of those of the same id."""
        found = AreaFolders()
        found.shelves = (*self.shelves, *(() if shelf in self.shelves else (shelf,)))
        found._folders = {**self._folders, **{folder.name: folder for folder in folders}}
        return found

    @property
    def mark(self) -> str:
        """What tells the files of all areas, as they are read through these, from others.

        Empty where that cannot be told: some changed after these were made, or just before, or lie in no folder.
        """
        folders = [*self._folders.values(), *(shelf / SHARED for shelf in self.shelves)]
        if not all(isinstance(folder, Path) for folder in folders):
            return ""
        return mark((file for folder in sorted(map(str, folders)) for file in within(folder)), self._begun)

    def __getitem__(self, area: str) -> Traversable:
        return self._folders[area]

    def __iter__(self) -> Iterator[str]:
        return iter(self._folders)

    def __len__(self) -> int:
        return len(self._folders)


def look_in(outside: Sequence[Path] = ()) -> None:
    """From now on the areas are those of the package and of the folders `outside`, as their files are now.

    Raises:
        ConfigError: one of them is no folder of areas.
        CatalogError: two areas have the same id; names both folders.
    """
    global _known, _stamp
    for folder in outside:
        if not folder.is_dir():
            raise ConfigError(f"There is no folder of areas {folder}.", hint="See `areas` in flis.toml, or FLIS_AREAS.")
        if (folder / MARK).is_file():
            raise ConfigError(f"{folder} is a single area.", hint=f"Name the folder that it lies in: {folder.parent}")
    seen = tuple(_stamps(folder) for folder in outside)
    if seen != _stamp:
        _known, _stamp = AreaFolders(outside), seen


def step_place(area: str, step: Traversable) -> str:
    """What errors call the file of a step: `areas/<area>/steps/<name>.sql`, or without `steps` where it lies so."""
    folder = "" if (folder_of(area) / step.name).is_file() else "steps/"
    return f"areas/{area}/{folder}{step.name}"


@contextmanager
def instead(folders: Sequence[Traversable], shelf: Traversable) -> Iterator[None]:
    """Within the block the areas of `folders`, which lie in `shelf`, take the place of those of the same id."""
    global _known  # noqa: PLW0603 - a process serves one installation
    before = _known
    _known = before.with_instead(folders, shelf)
    try:
        yield
    finally:
        _known = before


def area_folders() -> AreaFolders:
    """The folders of all areas."""
    return _known


def folder_of(area: str) -> Traversable:
    """The folder of the area with the id `area`.

    Raises:
        NotFoundError: there is none.
    """
    if area not in _known:
        raise NotFoundError(f"There is no data area {area}.", hint=suggest(area, _known))
    return _known[area]


def is_own(area: str) -> bool:
    """Whether an area is one of the package."""
    return folder_of(area) == OWN / area


def steps_of(folder: Traversable) -> dict[str, Traversable]:
    """The `.sql` files of an area by their names, in order: those in its folder and in its `steps`."""
    found = [f for part in (folder, folder / "steps") if part.is_dir() for f in part.iterdir()]
    return {f.name.removesuffix(".sql"): f for f in sorted(found, key=lambda f: f.name) if f.name.endswith(".sql")}


def shared_dimensions() -> dict[str, Traversable]:
    """The files of the dimensions that cubes share, by what errors call them: `dimensions/*.yaml` beside the areas."""
    found: dict[str, Traversable] = {}
    for shelf in _known.shelves:
        folder = shelf / SHARED
        files_here = folder.iterdir() if folder.is_dir() else ()
        for file in sorted(files_here, key=lambda f: f.name):
            name = f"areas/{SHARED}/{file.name}"
            if name in found:
                both = f"{found[name]} and {file}"
                raise CatalogError(f"Two shared dimensions are called {file.name}: {both}.", hint="Rename one of them.")
            if file.name.endswith(".yaml"):
                found[name] = file
    return found


def dimension_table_files() -> dict[str, tuple[str, Traversable]]:
    """By table, what errors call its file, and the file: `dimensions/tables/*.yaml` beside the areas."""
    found: dict[str, tuple[str, Traversable]] = {}
    for shelf in _known.shelves:
        folder = shelf / SHARED / TABLES
        for file in sorted(folder.iterdir() if folder.is_dir() else (), key=lambda f: f.name):
            name, place = file.name.removesuffix(".yaml"), f"areas/{SHARED}/{TABLES}/{file.name}"
            if name in found:
                raise CatalogError(f"Two tables of dimensions are called {name}: {place}.", hint="Rename one of them.")
            if file.name.endswith(".yaml"):
                found[name] = place, file
    return found


def remembered(read: Callable[P, T]) -> Callable[P, T]:
    """`read`, which reads files of areas, asked once for the same: until `look_in` says that they are others."""

    def among(_: AreaFolders, *args: P.args, **kwargs: P.kwargs) -> T:
        return read(*args, **kwargs)

    kept: Callable[..., T] = lru_cache(REMEMBERED)(among)

    @wraps(read)
    def found(*args: P.args, **kwargs: P.kwargs) -> T:
        return kept(_known, *args, **kwargs)

    return found


def _areas_in(shelf: Traversable) -> list[Traversable]:
    found = [folder for folder in shelf.iterdir() if folder.is_dir() and (folder / MARK).is_file()]
    return sorted(found, key=lambda folder: folder.name)


def _stamps(shelf: Path) -> tuple[object, ...]:
    """By what a folder of areas is known to be as it was: every file and its stamp."""
    folders = [folder for folder in shelf.iterdir() if (folder / MARK).is_file() or folder.name == SHARED]
    found = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    return (shelf, *sorted((str(file), stamp(file)) for file in found))


_known = AreaFolders()
_stamp: tuple[object, ...] = ()
