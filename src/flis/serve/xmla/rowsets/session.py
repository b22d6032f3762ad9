"""MDSCHEMA_MEMBERS: the calculated members of the caller's session."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from flis.errors import StatementError
from flis.query.cubes.members import Members
from flis.query.cubes.names import Names
from flis.query.session import define
from flis.serve.xmla.rowsets import members as stored
from flis.serve.xmla.rowsets.asking import CUBE
from flis.serve.xmla.rowsets.cubes import SESSION
from flis.serve.xmla.rowsets.members import (
    ANCESTORS,
    CHILDREN,
    DESCENDANTS,
    FORMULA,
    PARENT,
    SELF,
    SIBLINGS,
    operator_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.query.cubes.calculations import Calculation
    from flis.query.cubes.structure import BoundHierarchy
    from flis.serve.xmla.rowsets.asking import Asked, Asking, Row, SessionDefinition, View

__all__ = ["members"]


def members(asking: Asking, asked: Asked) -> Iterator[Row]:
    """Those that are asked for, and stored relatives of one that is named."""
    for made in _made(asking, asked):
        if made.wanted(asking, asked):
            yield made.row
        yield from made.relatives(asking, asked)


def _made(asking: Asking, asked: Asked) -> Iterator[SessionMember]:
    for view in asking.within(asked):
        for definition in asking.definitions:
            if view.source != CUBE or definition.member is None or not definition.of(view):
                continue
            # what it lay below may be gone since
            with suppress(StatementError):
                found = SessionMember(view, definition, define(Names(view.cube), definition.member, session=True))
                if definition.visible and found.hierarchy.dimension in view.dimensions:
                    yield found


def _named(asked: Asked) -> set[str]:
    return {n.casefold() for n in asked.get("MEMBER_UNIQUE_NAME", ())}


@dataclass(frozen=True)
class SessionMember:
    """A calculated member of a session in a view."""

    view: View
    definition: SessionDefinition
    calculation: Calculation

    @property
    def hierarchy(self) -> BoundHierarchy:
        """The hierarchy that it is of."""
        return self.view.cube.hierarchies[self.calculation.hierarchy]

    @cached_property
    def members(self) -> Members:
        """The stored members of its hierarchy, and itself."""
        return Members(self.hierarchy, self.hierarchy.table, (self.calculation,))

    @cached_property
    def name(self) -> str:
        """Its unique name."""
        return self.members.unique_names(np.array([self.members.size], dtype=np.int32))[0]

    @cached_property
    def above(self) -> list[str]:
        """The unique names of what it lies below, nearest first."""
        found, at = [], self.calculation.parent
        while at >= 0:
            found.append(at)
            at = int(self.members.table.parent[at])
        return self.members.unique_names(np.array(found, dtype=np.int32))

    def wanted(self, asking: Asking, asked: Asked) -> bool:
        """Whether it is among what a name and TREE_OP ask for."""
        named, operator = _named(asked), operator_of(asked)
        above = [name.casefold() for name in self.above]
        if not named or self.name.casefold() in named:
            return not named or bool(operator & SELF)
        if operator & DESCENDANTS and not named.isdisjoint(above):
            return True
        if operator & SIBLINGS:
            rows = stored.member_rows(asking, {**asked, "TREE_OP": (str(PARENT),)})
            if {row["MEMBER_UNIQUE_NAME"].casefold() for row in rows}.intersection(above[:1]):
                return True
        return bool(operator & CHILDREN) and not named.isdisjoint(above[:1])

    def relatives(self, asking: Asking, asked: Asked) -> Iterator[Row]:
        """Its stored relatives, where it is the member that is named."""
        operator = operator_of(asked)
        of_parent = SELF if operator & (PARENT | ANCESTORS) else 0
        of_parent |= operator & ANCESTORS | (CHILDREN if operator & SIBLINGS else 0)
        if of_parent and self.above and self.name.casefold() in _named(asked):
            parent = {"MEMBER_UNIQUE_NAME": (self.above[0],), "TREE_OP": (str(of_parent),)}
            yield from stored.member_rows(asking, {**asked, "CUBE_NAME": (self.view.name,), **parent})

    @property
    def row(self) -> Row:
        """The row."""
        hierarchy, own = self.hierarchy, self.definition.properties
        above = hierarchy.levels[max(self.calculation.level - 1, 0)]
        return self.view.row | {
            "DIMENSION_UNIQUE_NAME": hierarchy.dimension.unique_name,
            "HIERARCHY_UNIQUE_NAME": hierarchy.unique_name,
            "LEVEL_UNIQUE_NAME": hierarchy.levels[self.calculation.level].unique_name,
            "LEVEL_NUMBER": self.calculation.level,
            "MEMBER_ORDINAL": 0,
            "MEMBER_NAME": self.definition.name,
            "MEMBER_UNIQUE_NAME": self.name,
            "MEMBER_TYPE": FORMULA,
            "MEMBER_CAPTION": own.get("CAPTION", self.definition.name),
            "CHILDREN_CARDINALITY": 0,
            "PARENT_LEVEL": above.number if self.above else 0,
            "PARENT_UNIQUE_NAME": self.above[0] if self.above else None,
            "PARENT_COUNT": int(bool(self.above)),
            "DESCRIPTION": own.get("DESCRIPTION"),
            "EXPRESSION": self.definition.expression,
            "MEMBER_KEY": self.definition.name,
            "IS_PLACEHOLDERMEMBER": False,
            "IS_DATAMEMBER": False,
            "SCOPE": SESSION,
        }
