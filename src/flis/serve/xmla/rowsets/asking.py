"""Who asks for a rowset, in which session and language, and what of the catalogue they see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from flis.catalog.cube import say
from flis.query.limits import Limits, Watch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.catalog.cube import Text
    from flis.query.cubes.cube import BoundCube
    from flis.query.cubes.structure import BoundDimension, BoundHierarchy
    from flis.query.languages.mdx.syntax import MemberDefinition
    from flis.serve.xmla.sessions import Session

__all__ = ["Asked", "Asking", "Row", "SessionDefinition", "Source", "View", "stamp"]

Row: TypeAlias = Mapping[str, Any]
Asked: TypeAlias = Mapping[str, tuple[str, ...]]
CUBE, DIMENSION = 1, 2  # CUBE_SOURCE


@dataclass(frozen=True, slots=True)
class View:
    """A cube as clients list it; of source 2 (`$Dimension`) it has one dimension and no measures."""

    catalog: str
    name: str
    source: int
    cube: BoundCube
    dimensions: tuple[BoundDimension, ...]
    updated: datetime
    about: Text
    note: str = ""  # said after the description: the release
    database: object = None  # its data stay open as long as somebody looks at it

    def description(self, language: str) -> str:
        """The description in a language, with the note."""
        return " ".join(t for t in (say(self.about, language), self.note) if t)

    @property
    def measures(self) -> NDArray[np.bool_]:
        """Which measures it has, calculated ones behind the stored, hidden ones too."""
        return self.cube.measures_in(self.name)

    @property
    def listed(self) -> NDArray[np.bool_]:
        """Which of them are listed as members."""
        return self.cube.listed_measures(self.name)

    def count(self, hierarchy: BoundHierarchy, members: int) -> int:
        """How many of a hierarchy's members it shows."""
        return int(self.listed.sum()) if hierarchy.is_measures else members

    def default(self, hierarchy: BoundHierarchy) -> int:
        """The default member, the first measure shown where the cube's own is not."""
        if hierarchy.is_measures and not self.measures[hierarchy.default] and self.listed.any():
            return int(np.argmax(self.listed))
        return hierarchy.default

    @property
    def row(self) -> dict[str, Any]:
        """The columns that begin every row about it."""
        return {"CATALOG_NAME": self.catalog, "CUBE_NAME": self.name, "CUBE_SOURCE": self.source}


@dataclass(frozen=True, slots=True)
class SessionDefinition:
    """A calculated member or set of a session, for the metadata."""

    cube: str
    name: str
    expression: str
    kind: str  # "measure", "member", "set"
    properties: Mapping[str, str] = field(default_factory=dict)  # by upper-case name: CAPTION, FORMAT_STRING …
    dynamic: bool = False  # a set that every statement evaluates anew
    member: MemberDefinition | None = None

    def of(self, view: View) -> bool:
        """Whether it is of a cube, whose perspectives have it too."""
        return self.cube.casefold() == view.cube.name.casefold()

    @property
    def visible(self) -> bool:
        """Whether it is listed."""
        return self.properties.get("VISIBLE", "1").casefold() not in {"0", "false"}


@dataclass(frozen=True)
class Asking:
    """The request behind a rowset."""

    catalogs: Mapping[str, str]  # name -> description
    catalog: str  # the current one
    views: Callable[[str], Sequence[View]]  # the cubes and dimensions of a catalogue
    updated: Callable[[str], datetime]  # when its data last changed
    language: str = "da"
    lcid: int = 1030
    principal: str = ""
    url: str = ""
    sessions: Sequence[Session] = ()
    definitions: Sequence[SessionDefinition] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    watch: Watch = field(default_factory=lambda: Watch(Limits()))

    def databases(self, asked: Asked) -> list[str]:
        """The catalogues that the restrictions name, else the current one."""
        named = {n.casefold() for n in asked.get("CATALOG_NAME") or asked.get("TABLE_CATALOG") or ()}
        return [c for c in self.catalogs if c.casefold() in named] if named else [self.catalog]

    def within(self, asked: Asked) -> Iterable[View]:
        """The views that the restrictions leave: of the catalogues named, else of the current one."""
        cubes = {c.casefold() for c in asked.get("CUBE_NAME", ())}
        for catalog in self.databases(asked):
            for view in self.views(catalog) if catalog else ():
                if not cubes or view.name.casefold() in cubes:
                    yield view


Source: TypeAlias = Callable[[Asking, Asked], Iterable[Row]]
"""Gives the rows of a rowset. It may use restrictions to do less; what it gives is restricted again."""


@lru_cache(maxsize=64)
def stamp(when: datetime) -> str:
    """A time in UTC as XML Schema writes it.

    >>> stamp(datetime(2022, 8, 16, 1, 2, 3, tzinfo=UTC))
    '2022-08-16T01:02:03'
    """
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
