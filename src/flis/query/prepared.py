"""A SELECT made ready: every name resolved, every expression bound. It knows nothing of what the cells hold.

Where the axes need no figures, they are kept with it once they have been evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flis.errors import StatementError
from flis.query.binding.bind import Binder
from flis.query.binding.conversion import as_set
from flis.query.languages.mdx import syntax as s
from flis.query.languages.mdx import to_text
from flis.query.session import SessionNames

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from flis.query.binding.nodes import Node
    from flis.query.cubes.cube import BoundCube
    from flis.query.evaluation.kept_axes import KeptAxes

__all__ = ["Prepared", "PreparedAxis", "PreparedSubselect", "prepare"]


@dataclass(frozen=True, slots=True)
class PreparedAxis:
    """An axis: its set, and the condition that its tuples have to meet."""

    syntax: s.AxisClause
    node: Node
    having: Node | None


@dataclass(frozen=True, slots=True)
class PreparedSubselect:
    """The sets of a subselect, those of several hierarchies beside each other apart, and where they are found."""

    nodes: tuple[Node, ...]
    slicer: Node | None
    totals: bool  # whether parents total only what is left


@dataclass(frozen=True, slots=True)
class Prepared:
    """A SELECT, bound; axes in order, the innermost subselect first."""

    syntax: s.Select
    binder: Binder
    axes: tuple[PreparedAxis, ...]
    slicer: Node | None
    subselects: tuple[PreparedSubselect, ...]
    kept_axes: dict[tuple[str, str], KeptAxes] = field(default_factory=dict)  # by name of the cube and language


def prepare(
    cube: BoundCube,
    select: s.Select,
    session: SessionNames | None = None,
    parameters: Mapping[str, Any] | None = None,
    *,
    missing: bool = False,
) -> Prepared:
    """Bind a SELECT: the members and sets that it defines, its subselects, slicer and axes.

    `missing`: a member that is not there is none, in place of an error.

    Raises:
        StatementError: a name is not there, or something stands where it may not.
    """
    names, sets = (session or SessionNames()).names(cube, select.definitions)
    binder = Binder(cube, names, sets=sets, parameters=parameters, statement=select, missing=missing)
    for calculations in list(names.calculated.values()):
        for calculation in list(calculations):
            if not calculation.session:
                binder.formula_if_asked(calculation)
    for definition in select.definitions:
        if isinstance(definition, s.SetDefinition):
            binder.named_set(definition.name.segments[-1].text.casefold(), definition)
    subcubes = session.space(cube) if session is not None else []
    subselects = tuple(x for source in [*subcubes, select.source] for x in _subselects(binder, source))
    axes = _in_order(select)
    nodes = [binder.bound_set(a.expression) for a in axes]
    slicer = _slicer(binder, select)
    _once_per_axis(cube, axes, nodes, slicer)
    conditions = [binder.logical(a.having) if a.having is not None else None for a in axes]
    made = tuple(PreparedAxis(*parts) for parts in zip(axes, nodes, conditions, strict=True))
    return Prepared(select, binder, made, slicer, subselects)


def _subselects(binder: Binder, source: s.Identifier | s.Subselect | None) -> Iterator[PreparedSubselect]:
    if isinstance(source, s.Subselect):
        yield from _subselects(binder, source.source)
        for a in source.axes:
            _plain(a)
        nodes = tuple(node for a in source.axes for node in _sets(binder, a.expression))
        yield PreparedSubselect(nodes, _slicer(binder, source), totals=not source.non_visual)


def _plain(axis: s.AxisClause) -> None:
    """Raises: StatementError: an axis of a subselect is written as only one of a whole statement may be."""
    word, instead = ("NON EMPTY", "NonEmpty(set, set)") if axis.non_empty else ("HAVING", "Filter(set, condition)")
    if axis.non_empty or axis.having is not None:
        raise StatementError(
            f"{word} may not stand in a subselect.", line=axis.line, column=axis.column, hint=f"Write {instead}."
        )


def _sets(binder: Binder, e: s.Expression) -> list[Node]:
    """The sets of a subselect's axis; sets of several hierarchies beside each other restrict each for itself."""
    if isinstance(e, s.Parenthesis):
        return [node for x in e.elements for node in _sets(binder, x)]
    node = binder.bound_set(e)
    return list(node.factors) if len(node.factors) > 1 else [node]


def _in_order(select: s.Select) -> list[s.AxisClause]:
    axes = sorted(select.axes, key=lambda a: a.number)
    for n, a in enumerate(axes):
        if a.number != n:
            missing = "is given twice" if a.number < n else f"comes without axis {n}"
            raise StatementError(f"Axis {a.number} {missing}.", line=a.line, column=a.column)
    return axes


def _slicer(binder: Binder, select: s.Select | s.Subselect) -> Node | None:
    if select.slicer is None:
        return None
    node = binder.bind(select.slicer)
    made = as_set(node)
    if made is None:
        raise node.failure or StatementError(
            f"{to_text(select.slicer)} is no member, tuple or set to slice by.",
            line=select.slicer.line,
            column=select.slicer.column,
        )
    return made


def _once_per_axis(cube: BoundCube, axes: Sequence[s.AxisClause], nodes: Sequence[Node], slicer: Node | None) -> None:
    seen: dict[int, int] = {}
    for n, (a, node) in enumerate(zip(axes, nodes, strict=True)):
        for h in node.hierarchies:
            if seen.setdefault(h, n) != n:
                name = cube.hierarchies[h].unique_name
                raise StatementError(f"Hierarchy {name} is on more than one axis.", line=a.line, column=a.column)
    for h in slicer.hierarchies if slicer is not None else ():
        if slicer is not None and h in seen:
            name = cube.hierarchies[h].unique_name
            raise StatementError(
                f"Hierarchy {name} is on an axis and in the slicer.", line=slicer.line, column=slicer.column
            )
