"""A SELECT statement, from bound names to a cell set."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from flis.errors import NameStatementError, SyntaxStatementError, listed, suggest
from flis.query.binding.conversion import names_of
from flis.query.cubes.properties import INTRINSIC, find_property
from flis.query.cubes.structure import BoundLevel
from flis.query.evaluation.cell_values import bisected
from flis.query.evaluation.exists import existing
from flis.query.evaluation.kept_axes import LARGEST, KeptAxes
from flis.query.evaluation.nonempty import LARGE, candidates
from flis.query.evaluation.slicer import slice_by
from flis.query.evaluation.values import Context, TupleSet, Values
from flis.query.languages.mdx import syntax as s
from flis.query.languages.mdx import to_text
from flis.query.result import CELL_PROPERTIES, Axis, AxisHierarchy, CellSet, MemberProperty
from flis.query.subselect import restrict
from flis.query.texts import formatted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from flis.query.binding.nodes import Node
    from flis.query.cubes.cube import BoundCube
    from flis.query.evaluation.evaluate import Evaluator
    from flis.query.evaluation.values import Coordinate
    from flis.query.prepared import Prepared, PreparedAxis
    from flis.query.result import Ordinals

NO_VALUES = frozenset({"CELL_ORDINAL", "LANGUAGE"})  # with no other cell properties, no cell is calculated

__all__ = ["Evaluated", "cubes_hint", "evaluate", "run_select", "source_name"]

KNOWN_CELL_PROPERTIES = (
    "VALUE", "FORMATTED_VALUE", "CELL_ORDINAL", "FORMAT", "FORMAT_STRING", "FORE_COLOR", "BACK_COLOR", "FONT_FLAGS",
    "FONT_NAME", "FONT_SIZE", "LANGUAGE", "SOLVE_ORDER", "ACTION_TYPE", "CELL_EVALUATION_LIST",
    "NON_EMPTY_BEHAVIOR", "UPDATEABLE",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Axes as tuples, and the values of their cells (first axis fastest)."""

    kept_axes: KeptAxes
    axes: list[TupleSet]
    context: Context
    values: Values
    errors: dict[int, str]


def source_name(source: s.Identifier | s.Subselect | None) -> str | None:
    """The name of the cube that a statement asks, None where it names none."""
    while isinstance(source, s.Subselect):
        source = source.source
    return source.segments[0].text if source is not None else None


def run_select(ev: Evaluator, prepared: Prepared, lcid: int) -> CellSet:
    """Answer a SELECT."""
    properties = _cell_properties(prepared.syntax)
    found = evaluate(ev, prepared, values_asked=not NO_VALUES.issuperset(properties))
    cells = formatted(ev, found.context, found.values, errors=found.errors, lcid=lcid, wanted=properties)
    axes = found.kept_axes.axes if found.axes is found.kept_axes.sets else _shown(ev, prepared, found.axes)
    return CellSet(ev.cube.name, axes, found.kept_axes.slicer_axis, cells, properties, ev.language)


def _cell_properties(select: s.Select) -> tuple[str, ...]:
    out = []
    for p in select.cell_properties:
        name = p.segments[-1].text.upper()
        if name not in KNOWN_CELL_PROPERTIES:
            raise NameStatementError(
                f"There is no cell property {to_text(p)}.",
                line=p.line,
                column=p.column,
                hint=suggest(name, KNOWN_CELL_PROPERTIES),
            )
        out.append(name)
    return tuple(dict.fromkeys(out)) or CELL_PROPERTIES


def evaluate(ev: Evaluator, prepared: Prepared, *, values_asked: bool = True) -> Evaluated:
    """Subselects, slicer, axes, cells, then what is empty is left out."""
    kept_axes = _kept_axes(ev, prepared)
    sets, context = kept_axes.sets, kept_axes.context
    axes = prepared.axes
    non_empty = any(a.syntax.non_empty for a in axes)
    errors: dict[int, str] = {}
    slicer = kept_axes.slicer
    nowhere = slicer is not None and not len(slicer)  # no cell is seen, calculated or not
    wanted = (values_asked or non_empty) and not nowhere
    with ev.iterating([name for a in axes for name in names_of(a.node)]):  # a named set on an axis is gone through
        values = (
            bisected(ev, context, errors, lambda part: ev.cells(part).told())
            if wanted
            else Values.of(None, context.size)
        )
    if non_empty or any(a.having is not None for a in axes):
        sets, values, errors = _cut(ev, axes, sets, values, errors)
        context = _cross(ev, sets) if sets is not kept_axes.sets else context
    return Evaluated(kept_axes, sets, context, values, errors)


def _kept_axes(ev: Evaluator, prepared: Prepared) -> KeptAxes:
    """Subselects, slicer and axes; kept for the next time where nothing of it looked at figures."""
    key = ev.name, ev.language
    known = prepared.kept_axes.get(key)
    if known is not None:
        ev.restore(known.state)
        return known
    restrict(ev, prepared.subselects)
    slicer = slice_by(ev, prepared.slicer) if prepared.slicer is not None else None
    sets = _axis_sets(ev, prepared.axes)
    context = _cross(ev, sets)
    axes = _shown(ev, prepared, sets)
    made = KeptAxes(slicer, sets, context, axes, _slicer_axis(ev, sets, slicer), ev.state())
    if not ev.looked and sum(map(len, sets)) <= LARGEST:
        prepared.kept_axes[key] = made
    return made


def _shown(ev: Evaluator, prepared: Prepared, sets: Sequence[TupleSet]) -> tuple[Axis, ...]:
    """The axes as clients get them."""
    return tuple(_axis(ev, a.syntax, x) for a, x in zip(prepared.axes, sets, strict=True))


def _axis_sets(ev: Evaluator, axes: Sequence[PreparedAxis]) -> list[TupleSet]:
    """The sets of all axes; large cross joins that may leave out what is empty come from the facts."""
    sets: dict[int, TupleSet] = {}
    later: list[int] = []
    for n, a in enumerate(axes):
        if a.syntax.non_empty and len(a.node.factors) > 1 and _product(ev, a.node) > LARGE:
            later.append(n)
        else:
            sets[n] = ev.tuples(a.node, ev.base)
    for n in later:
        node = axes[n].node
        parts = [ev.tuples(f, ev.base) for f in node.factors]
        found = candidates(ev, ev.base, parts, list(sets.values()))
        sets[n] = found if found is not None else ev.tuples(node, ev.base)
    for n, a in enumerate(axes):
        if a.syntax.non_empty and n not in later and len(sets[n]) > LARGE:
            others = [x for m, x in sets.items() if m != n]
            cut = candidates(ev, ev.base, [sets[n]], others)
            sets[n] = cut if cut is not None else sets[n]
        if not sets[n].columns and a.node.hierarchies:
            sets[n] = TupleSet.none(a.node.hierarchies)
    return [existing(ev, sets[n]) for n in range(len(axes))]


def _product(ev: Evaluator, node: Node) -> int:
    size = 1
    for f in node.factors:
        size *= len(ev.tuples(f, ev.base))
    return size


def _cross(ev: Evaluator, sets: Sequence[TupleSet]) -> Context:
    """The contexts of all cells, first axis fastest."""
    size = 1
    for x in sets:
        size *= len(x)
    ev.watch.limits.hold("cells", size)
    changes: dict[int, Coordinate] = {}
    inner = 1
    for x in sets:
        outer = size // max(inner * len(x), 1)
        for h, c in zip(x.hierarchies, x.columns, strict=True):
            changes[h] = (c if len(c) == 1 else _spread(c, inner, outer)) if size else c[:0]
        inner *= max(len(x), 1)
    return Context(size, ev.base.coordinates).put(changes)


def _spread(column: Ordinals, inner: int, outer: int) -> Ordinals:
    """Every member `inner` times, and all of that `outer` times."""
    each = np.repeat(column, inner) if inner > 1 else column
    return np.tile(each, outer) if outer > 1 else each


def _cut(
    ev: Evaluator, axes: Sequence[PreparedAxis], sets: list[TupleSet], values: Values, errors: dict[int, str]
) -> tuple[list[TupleSet], Values, dict[int, str]]:
    """Leave out empty tuples of NON EMPTY axes, then those whose HAVING does not hold."""
    shape = tuple(len(x) for x in sets)[::-1]
    there = ~values.null
    there[list(errors)] = True
    there = there.reshape(shape)
    keeps = []
    for n, a in enumerate(axes):
        axis = len(axes) - 1 - n
        keep: NDArray[np.bool_] = np.ones(len(sets[n]), dtype=np.bool_)
        if a.syntax.non_empty:
            keep = np.asarray(there.any(axis=tuple(i for i in range(len(axes)) if i != axis)))
        if a.having is not None and len(sets[n]):
            condition, _ = ev.over(ev.base, sets[n], a.having)
            keep = keep & condition.truth()
        keeps.append(keep)
    if all(k.all() for k in keeps):
        return sets, values, errors
    at = np.arange(len(values)).reshape(shape)[np.ix_(*keeps[::-1])].reshape(-1)
    kept = Values(values.data[at], values.null[at])
    moved = {i: errors[o] for i, o in enumerate(at.tolist()) if o in errors} if errors else {}
    return [x.take(k) for x, k in zip(sets, keeps, strict=True)], kept, moved


def _axis(ev: Evaluator, axis: s.AxisClause, found: TupleSet) -> Axis:
    wanted = [_member_properties(ev, axis, h) for h in found.hierarchies]
    hierarchies = tuple(
        [
            AxisHierarchy(ev.members[h], w) if w else ev.members[h].bare
            for h, w in zip(found.hierarchies, wanted, strict=True)
        ]
    )
    for p in axis.properties:
        if not any(_applies(ev, p, h) for h in found.hierarchies) and found.hierarchies:
            raise NameStatementError(
                f"There is no member property {to_text(p)} on this axis.",
                line=p.line,
                column=p.column,
                hint=suggest(p.segments[-1].text, INTRINSIC),
            )
    return Axis(hierarchies, found.columns, len(found))


def _applies(ev: Evaluator, p: s.Identifier, h: int) -> bool:
    return _property(ev, p, h) is not None


def _property(ev: Evaluator, p: s.Identifier, h: int) -> MemberProperty | None:
    hierarchy = ev.cube.hierarchies[h]
    name = p.segments[-1].text
    if len(p.segments) == 1:
        return find_property(hierarchy, name)
    found = ev.binder.names.resolve(p.segments[:-1])
    if found is None or found[1] != len(p.segments) - 1:
        return None
    at = found[0]
    if isinstance(at, BoundLevel):
        if at.hierarchy is not hierarchy:
            return None
        own = find_property(hierarchy, name, at.name)
        return own if own is not None else find_property(hierarchy, name)
    indexes = getattr(at, "hierarchies", None)
    mine = hierarchy in indexes if indexes is not None else at is hierarchy
    return find_property(hierarchy, name) if mine else None


def _member_properties(ev: Evaluator, axis: s.AxisClause, h: int) -> tuple[MemberProperty, ...]:
    found = [_property(ev, p, h) for p in axis.properties]
    return tuple(dict.fromkeys(p for p in found if p is not None))


def _slicer_axis(ev: Evaluator, sets: Sequence[TupleSet], slicer: TupleSet | None) -> Axis:
    """The members of WHERE, then the current members of every hierarchy that is on no axis."""
    used = {h for x in sets for h in x.hierarchies}
    sliced = slicer.hierarchies if slicer is not None else ()
    length = len(slicer) if slicer is not None else 1
    columns = list(slicer.columns) if slicer is not None else []
    rest = [h for h in range(len(ev.members)) if h not in used and h not in sliced]
    columns += [_same(int(ev.base.coordinates[h]), length) for h in rest]
    return Axis(tuple([ev.members[h].bare for h in (*sliced, *rest)]), tuple(columns), length)


@lru_cache(maxsize=1024)
def _same(coordinate: int, length: int) -> Ordinals:
    return np.full(length, coordinate, dtype=np.int32)


def cubes_hint(name: str, known: Sequence[str]) -> str:
    """Which cube a wrong name may have meant, and which there are."""
    near = suggest(name, known)
    return f"{near} {listed(known, 'Cubes')}".strip()


def wrong_cube(name: str, known: Sequence[BoundCube], at: s.SyntaxNode) -> NameStatementError:
    """The error for a cube that is not there."""
    return NameStatementError(
        f"There is no cube {name}.", line=at.line, column=at.column, hint=cubes_hint(name, [c.name for c in known])
    )


def no_cube(at: s.SyntaxNode) -> SyntaxStatementError:
    """The error for a statement that names no cube where no other place does."""
    return SyntaxStatementError(
        "The statement names no cube.", line=at.line, column=at.column, hint="Write FROM [cube]."
    )
