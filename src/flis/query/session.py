"""Members and sets that a statement or a session defines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flis.errors import StatementError
from flis.query.cubes.calculations import Calculation, SetFormula
from flis.query.cubes.names import Names
from flis.query.languages.mdx import syntax as s
from flis.query.languages.mdx import to_text
from flis.query.unsupported_constructs import unsupported

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flis.query.cubes.cube import BoundCube

__all__ = ["SessionNames", "Subcube", "define"]


@dataclass(frozen=True)
class Subcube:
    """A subcube, and how many members and sets the session had for its cube before."""

    definition: s.CreateSubcube
    before: int


@dataclass
class SessionNames:
    """What CREATE MEMBER, CREATE SET and CREATE SUBCUBE left in a session, by cube; the last subcube last."""

    created: dict[str, list[s.MemberDefinition | s.SetDefinition]] = field(default_factory=dict)
    subcubes: dict[str, list[Subcube]] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing was created."""
        return not self.created and not self.subcubes

    def space(self, cube: BoundCube) -> list[s.Subselect]:
        """The subselects that every statement about a cube is in, the innermost first."""
        return [x.definition.subselect for x in self.subcubes.get(cube.name.casefold(), [])]

    def names(self, cube: BoundCube, more: Iterable[s.Definition]) -> tuple[Names, dict[str, SetFormula]]:
        """The names of a statement: the cube's sets and members, the session's, and the statement's own."""
        sets = dict(cube.set_formulas)
        mine = self.created.get(cube.name.casefold(), [])
        sets |= {
            x.name.segments[-1].text: SetFormula(x.expression, static=not x.dynamic)
            for x in mine
            if isinstance(x, s.SetDefinition)
        }
        more = list(more)
        for x in more:
            if isinstance(x, s.CellDefinition):
                raise unsupported("CELL CALCULATION", x)
            if isinstance(x, s.SetDefinition):
                sets[x.name.segments[-1].text] = SetFormula(x.expression)
        names = Names(cube, sets=list(sets))
        for x in [*mine, *more]:
            if isinstance(x, s.MemberDefinition):
                define(names, x, session=x in mine)
        return names, sets


def define(names: Names, definition: s.MemberDefinition, *, session: bool = False) -> Calculation:
    """Make a defined member known."""
    segments = definition.name.segments
    if len(segments) == 1:
        segments = (s.NameSegment("Measures"), *segments)
    above = s.Identifier(segments[:-1], line=definition.name.line, column=definition.name.column)
    hierarchy, parent = names.parent(above, segments[-1].text)
    properties = {p.name.upper(): p.value for p in definition.properties}
    for p in definition.properties:
        if p.name.upper().startswith("CELL_FORMATTER"):
            raise unsupported("CELL_FORMATTER", p)
    order = properties.pop("SOLVE_ORDER", None)
    scope = properties.pop("SCOPE_ISOLATION", None)
    caption = properties.get("CAPTION") or properties.get("MEMBER_CAPTION")
    visible = _shown(properties.get("VISIBLE"))
    made = Calculation(
        name=segments[-1].text,
        hierarchy=hierarchy.index,
        parent=parent,
        level=hierarchy.level_below(parent),
        expression=definition.expression,
        solve_order=_number(order) if order is not None else 0.0,
        properties=properties,
        caption={"": caption.text} if isinstance(caption, s.String) else {},
        visible=visible,
        listed=visible,
        session=session,
        own=not session,
        of_cube=scope is not None and to_text(scope).strip("\"'[]").upper() == "CUBE",
        text=to_text(definition.expression),
    )
    names.calculated.setdefault(hierarchy.index, []).append(made)
    return made


def _shown(e: s.Expression | None) -> bool:
    """What VISIBLE says: 0 and FALSE hide a member."""
    if isinstance(e, s.Identifier):
        return to_text(e).casefold() != "false"
    return not (isinstance(e, s.Number) and e.value == 0)


def _number(e: s.Expression) -> float:
    if isinstance(e, s.Number):
        return float(e.value)
    if isinstance(e, s.Unary) and e.operator == "-" and isinstance(e.operand, s.Number):
        return -float(e.operand.value)
    raise StatementError("SOLVE_ORDER needs a number.", line=e.line, column=e.column)
