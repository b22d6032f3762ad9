"""Functions about how a cube is built: its dimensions' roots, measure groups, and members that answer each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.errors import NameStatementError, StatementError, suggest
from flis.query.binding.conversion import member_node, tuple_of
from flis.query.binding.nodes import Binding, Evaluation, Node, ResultKind
from flis.query.cubes.structure import MEASURES
from flis.query.evaluation.exists import shown
from flis.query.evaluation.values import Context, TupleSet, Values
from flis.query.functions.table import function

if TYPE_CHECKING:
    from flis.query.cubes.cube import BoundCube
    from flis.query.cubes.structure import BoundGroup, BoundHierarchy
    from flis.query.languages.mdx import syntax as s
    from flis.query.result import Ordinals

__all__ = ["measure_group"]


@function(
    "Root() -> tuple",
    "Root(dimension) -> tuple",
    "Root(tuple) -> tuple",
    group="Tuple",
    en="The All members of a dimension, of the dimensions that a tuple leaves open, or of all.",
    da="Alle-medlemmerne i en dimension, i de dimensioner som en tupel ikke nævner, eller i alle.",
    binds=True,
)
def root(binder: Binding, _e: s.SyntaxNode, arguments: list[Node | None]) -> Node:
    """`Root(d)`: the default member where a hierarchy has no All."""
    of = arguments[0] if arguments else None
    if of is not None and of.kind is not ResultKind.TUPLE:
        hierarchies = [binder.cube.hierarchies[h] for h in of.hierarchies]
        return tuple_of(tuple(member_node(h, h.root) for h in hierarchies))
    named = of.hierarchies if of is not None else ()
    rest = [member_node(h, h.root) for h in binder.cube.hierarchies if h.index not in (MEASURES, *named)]
    return tuple_of((*([of] if of is not None else []), *rest))


def measure_group(cube: BoundCube, name: str, at: s.SyntaxNode | Node) -> BoundGroup:
    """The measure group of a name in any case. Raises: NameStatementError: there is none."""
    found = next((g for n, g in cube.groups.items() if n.casefold() == name.casefold()), None)
    if found is None:
        hint = suggest(name, cube.groups)
        raise NameStatementError(f"There is no measure group {name}.", line=at.line, column=at.column, hint=hint)
    return found


@function(
    "MeasureGroupMeasures(string) -> set",
    group="Set",
    en="The measures of a measure group.",
    da="Målingerne i en målegruppe.",
    binds=True,
)
def measure_group_measures(binder: Binding, e: s.SyntaxNode, arguments: list[Node | None]) -> Node:
    """`MeasureGroupMeasures("group")`."""
    wanted = measure_group(binder.cube, str(arguments[0].constant if arguments[0] is not None else ""), e)
    found = [i for i, (group, _) in enumerate(binder.cube.measures) if group is wanted]
    made = TupleSet((MEASURES,), (np.array(found, dtype=np.int32),))
    return Node(ResultKind.SET, lambda ev, _context: shown(ev, made), (MEASURES,), measure=found[0] if found else None)


@function(
    "LinkMember(member, hierarchy) -> member",
    group="Member",
    en="The member of another hierarchy with the same key, on a level of the same name if there is one.",
    da="Medlemmet i et andet hierarki med samme nøgle, på et niveau med samme navn hvis der er et.",
    over=(1,),
)
def link_member(ev: Evaluation, context: Context, of: Node, where: Node) -> Ordinals | int:
    """`LinkMember(m, h)`."""
    source, target = (ev.cube.hierarchies[n.hierarchies[0]] for n in (of, where))
    column = ev.column(of, context)
    unique, inverse = np.unique(column, return_inverse=True)
    found = np.array([_linked(source, target, o) for o in unique.tolist()], dtype=np.int32)[inverse]
    return found if context.size != 1 else int(found[0])


def _linked(source: BoundHierarchy, target: BoundHierarchy, ordinal: int) -> int:
    table = source.table
    if not 0 <= ordinal < table.visible:
        return -1
    level = source.levels[int(table.level[ordinal])]
    if level.is_all:
        return target.root
    key = table.keys[ordinal].as_py()
    found = np.array(target.table.unknown, dtype=np.int32) if key is None else target.table.keyed(key)
    if target.has_all:
        found = found[found > 0]
    same = [n.number for n in target.levels if n.name.casefold() == level.name.casefold()]
    at = found[np.isin(target.table.level[found], same)] if same else found
    return int(at[0]) if len(at) else -1


@function(
    "CalculationPassValue(value, number, [{ABSOLUTE|RELATIVE}]) -> value",
    group="Value",
    en="The value in a calculation pass; there is one.",
    da="Værdien i et beregningsgennemløb; der er ét.",
)
def pass_value(ev: Evaluation, context: Context, of: Node, *_which: Node | None) -> Values:
    """`CalculationPassValue(x, pass)`."""
    return ev.values(of, context)


@function(
    "Error([string]) -> value",
    group="Value",
    en="An error with a text of one's own.",
    da="En fejl med en tekst efter eget valg.",
)
def error(ev: Evaluation, context: Context, text: Node | None = None) -> Values:
    """`Error("text")`."""
    if not context.size:
        return Values.of(None, 0)
    said = ev.values(text, context).strings()[0] if text is not None else ""
    raise StatementError(said or "The formula raises an error.")
