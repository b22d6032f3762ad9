"""Leaving out what is empty. A large cross join is never made: its tuples that have facts come from the store."""

from __future__ import annotations

from itertools import groupby, product
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from flis.catalog.cube import Aggregate, DerivedMeasure, DerivedType
from flis.query.cubes.names import MemberName
from flis.query.cubes.structure import MEASURES
from flis.query.evaluation.cell_values import grouping
from flis.query.evaluation.exists import crossed_existing, existing
from flis.query.evaluation.planner import ONE_DAY, kind
from flis.query.evaluation.setwork import gathered
from flis.query.evaluation.slicer import opened
from flis.query.evaluation.values import UNGROUPED, Context, TupleSet, as_column, codes
from flis.query.languages.mdx import syntax as s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from flis.query.binding.nodes import Evaluation, Node
    from flis.query.cubes.structure import BoundGroup
    from flis.query.evaluation.segments import Levels, Segment
    from flis.query.evaluation.values import Coordinate

__all__ = ["candidates", "non_empty_tuples", "strict_measures", "with_facts"]

LARGE = 20_000  # a cross join with more tuples is asked of the store


def non_empty_tuples(
    ev: Evaluation, context: Context, of: Node, other: Node | None, *, facts: bool = False
) -> TupleSet:
    """The tuples that have a value, alone or with any tuple of another set."""
    beside = ev.tuples(other, context) if other is not None else None
    if facts and (instead := _measures_about(ev, context, of)) is not None:
        beside, facts = instead, False
    found = _candidates(ev, context, of, beside, facts=facts)
    if not len(found):
        return found
    if found.rows is None and context.size > 1:
        found = found.spread(context.size)
    wide, rows = ev.inner(context, found)
    if beside is None:
        if facts:
            wide = _with_facts_measure(ev, wide, found)
        return found.take(~ev.cells(wide).spread(wide.size).null)
    here = beside if beside.rows is None else TupleSet(beside.hierarchies, beside.columns, beside.rows)
    if here.rows is None:
        deep, at = ev.inner(wide, here)
    else:
        deep, at = ev.inner(wide, _for_rows(here, rows))
    there = ~ev.cells(deep).spread(deep.size).null
    return found.take(np.bincount(at[there], minlength=wide.size) > 0)


def _measures_about(ev: Evaluation, context: Context, of: Node) -> TupleSet | None:
    """The measures whose facts decide in place of the current one, which is empty for all that it is asked about.

    They are those of the groups that have all the dimensions; None where there is no such group, or no need.
    """
    current = np.unique(context.coordinates[MEASURES])
    if MEASURES in of.hierarchies or len(current) != 1 or not 0 <= current[0] < ev.sizes[MEASURES]:
        return None
    group, _ = ev.cube.measures[int(current[0])]
    if group.definition.ignore_unrelated or group.linked.issuperset(of.hierarchies):
        return None
    about = [i for i, (g, _) in enumerate(ev.cube.measures) if g.linked.issuperset(of.hierarchies)]
    return TupleSet((MEASURES,), (np.array(about, dtype=np.int32),)) if about else None


def _with_facts_measure(ev: Evaluation, wide: Context, found: TupleSet) -> Context:
    """NonEmptyCrossJoin asks for facts: dimensions that a measure's group lacks do not matter."""
    measures = wide.coordinates[MEASURES]
    changes: dict[int, Coordinate] = {}
    for measure in np.unique(measures).tolist():
        if 0 <= measure < ev.sizes[MEASURES]:
            group, _ = ev.cube.measures[measure]
            for h in found.hierarchies:
                if h not in group.linked and h != MEASURES:
                    root, before = ev.cube.hierarchies[h].root, changes.get(h, wide.coordinates[h])
                    changes[h] = np.atleast_1d(np.where(measures == measure, root, before)).astype(np.int32)
    return wide.put({h: as_column(c, wide.size) for h, c in changes.items()})


def _for_rows(found: TupleSet, rows: NDArray[np.int64]) -> TupleSet:
    """A ragged set, given once more to every row of a wider context."""
    return gathered(found, rows, int(found.rows.max(initial=-1)) + 1 if found.rows is not None else 1)


def _candidates(ev: Evaluation, context: Context, of: Node, beside: TupleSet | None, *, facts: bool) -> TupleSet:
    """The set itself, or of a large cross join only the tuples that have facts."""
    if len(of.factors) > 1 and context.size == 1:
        parts = [ev.tuples(f, context) for f in of.factors]
        size = 1
        for p in parts:
            size *= len(p)
        if size > LARGE:
            pushed = candidates(ev, context, parts, () if beside is None else (beside,), facts=facts)
            if pushed is not None:
                return pushed
        found = parts[0]
        for p in parts[1:]:
            found = crossed_existing(ev, found, p, 1)
        return found if len(found.hierarchies) == len(of.hierarchies) else TupleSet.none(of.hierarchies)
    return ev.tuples(of, context)


def strict_measures(ev: Evaluation, measure: int, depth: int = 0) -> set[int] | None:
    """The stored measures without which a measure is empty; None where it can have a value of its own."""
    if measure < ev.sizes[MEASURES]:
        return _strict_derived(ev, measure)
    calculation = ev.calculation(MEASURES, measure)
    if depth > 20 or calculation.rule is not None:
        return None
    return _strict(ev, calculation.expression, depth)


def _strict_derived(ev: Evaluation, measure: int) -> set[int] | None:
    """A stored measure, or that of which a derived one gives a part; other periods have values of their own.

    Counts that are stored by grouping sets have a text where none is stored.
    """
    while isinstance(definition := ev.cube.measures[measure][1], DerivedMeasure):
        if definition.derived not in (DerivedType.SHARE_OF_PARENT, DerivedType.RATIO):
            return None
        measure = ev.cube.measure_ordinals[definition.measure]
    return None if definition.aggregate is Aggregate.DISTINCT_STORED else {measure}


def _strict(ev: Evaluation, e: s.Expression, depth: int) -> set[int] | None:  # noqa: PLR0911 - one result per case
    match e:
        case s.Identifier():
            found = ev.binder.names.resolve(e.segments)
            named = found[0] if found and found[1] == len(e.segments) else None
            if isinstance(named, MemberName) and named.hierarchy.is_measures:
                return strict_measures(ev, named.ordinal, depth + 1)
            return None
        case s.Parenthesis() if len(e.elements) == 1:
            return _strict(ev, e.elements[0], depth)
        case s.Unary() if e.operator in ("-", "+"):
            return _strict(ev, e.operand, depth)
        case s.Operation() if e.operator in ("*", "/"):
            parts = [_strict(ev, x, depth) for x in e.operands[: 1 if e.operator == "/" else None]]
            known = [p for p in parts if p is not None]
            return known[0] if known else None
        case s.Operation() if e.operator in ("+", "-"):
            out: set[int] = set()
            for x in e.operands:
                part = _strict(ev, x, depth)
                if part is None:
                    return None
                out |= part
            return out
        case _:
            return None


def _measures(ev: Evaluation, context: Context, sets: Sequence[TupleSet]) -> set[int] | None:
    """The stored measures of which one must be there; None where that cannot be told."""
    asked: set[int] = set()
    for found in sets:
        if MEASURES in found.hierarchies:
            asked |= set(found.columns[found.hierarchies.index(MEASURES)].tolist())
    if not asked:
        current = context.coordinates[MEASURES]
        if isinstance(current, np.ndarray):
            return None
        asked = {int(current)}
    out: set[int] = set()
    for measure in asked:
        strict = strict_measures(ev, measure)
        if strict is None:
            return None
        out |= strict
    return out


def candidates(
    ev: Evaluation,
    context: Context,
    factors: Sequence[TupleSet],
    beside: Sequence[TupleSet],
    *,
    facts: bool = False,
) -> TupleSet | None:
    """The tuples of a cross join that have facts, in its order; None where facts do not decide.

    `facts`: dimensions that a measure's group lacks do not matter.
    """
    measures = _measures(ev, context, [*factors, *beside])
    if measures is None or any(not len(f) for f in factors):
        return None if measures is None else TupleSet.none(tuple(h for f in factors for h in f.hierarchies))
    for f in factors:
        for h, c in zip(f.hierarchies, f.columns, strict=True):
            if h != MEASURES and (
                int(c.max()) >= ev.cube.hierarchies[h].table.visible or len(_once(codes([f])[0])) < len(f)
            ):
                return None
    if any(ev.space.reaches_out(f) for f in [*factors, *beside]):
        return None
    context, sliced = opened(ev, context)
    free = {h: UNGROUPED for b in beside for h in b.hierarchies if h != MEASURES}
    at = context.put({**free, **{h: UNGROUPED for f in factors for h in f.hierarchies if h != MEASURES}})
    if any(isinstance(c, np.ndarray) or c >= ev.sizes[h] for h, c in enumerate(at.coordinates) if h != MEASURES):
        return None
    spots = [f for f in factors if f.hierarchies != (MEASURES,)]
    with ev.filtered(sliced):
        position = _places_with_facts(ev, at, spots, beside, measures, facts=facts)
    return None if position is None else existing(ev, _from_positions(factors, spots, position, ev))


def _places_with_facts(
    ev: Evaluation,
    context: Context,
    factors: Sequence[TupleSet],
    beside: Sequence[TupleSet],
    measures: set[int],
    *,
    facts: bool,
) -> NDArray[np.int64] | None:
    """The places of the tuples that one of the measures has facts for; None where facts do not decide."""
    over = {h for f in factors for h in f.hierarchies}
    found = [np.zeros(0, dtype=np.int64)]
    for (_, sort), same in groupby(sorted(measures), lambda m: _place(ev, m)):
        chosen = [ev.cube.measures[m] for m in same]
        group = chosen[0][0]
        days = _days(ev, group, beside) if sort in ONE_DAY else []
        if MEASURES in over or days is None or (over - group.linked and (facts or group.definition.ignore_unrelated)):
            return None
        position = _positions(ev, context, [*factors, *days], group, [measure.name for _, measure in chosen])
        found.append(position // max(prod(len(d) for d in days), 1))
    return _once(np.concatenate(found))


def _place(ev: Evaluation, measure: int) -> tuple[str, Aggregate | None]:
    """Where segments keep a measure: those of one place mostly have the same keys."""
    group, definition = ev.cube.measures[measure]
    return group.name, kind(definition.aggregate)


def _days(ev: Evaluation, group: BoundGroup, beside: Sequence[TupleSet]) -> list[TupleSet] | None:
    """The members of time among other sets: a measure of one day may be empty over all of them, and not in each.

    None where one of them is calculated.
    """
    out: list[TupleSet] = []
    for found in beside:
        own = [
            (h, c)
            for h, c in zip(found.hierarchies, found.columns, strict=True)
            if h in group.linked and ev.cube.hierarchies[h].dimension.is_time
        ]
        if any((c >= ev.sizes[h]).any() for h, c in own):
            return None
        if own:
            days = TupleSet(tuple(h for h, _ in own), tuple(c for _, c in own))
            days = days.take(np.all([c >= 0 for c in days.columns], axis=0))
            _, first = np.unique(codes([days])[0], return_index=True)
            out.append(TupleSet(days.hierarchies, tuple(c[first] for c in days.columns)))
    return out


def _once(places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each place once, ascending; where most differ, sorting is ten times as fast as `np.unique`'s hashing."""
    ordered = np.sort(places)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def _positions(
    ev: Evaluation, context: Context, factors: Sequence[TupleSet], group: BoundGroup, measures: Sequence[str]
) -> NDArray[np.int64]:
    """The places, in the cross join of the factors, of the tuples for which one of the measures has facts."""
    fixed: list[tuple[int, int]] = []
    for h in sorted(group.linked):
        level = grouping(ev.cube.hierarchies[h], context.coordinates[h])
        if isinstance(level, int) and level >= 0:
            fixed.append((h, level))
    splits = [_by_levels(ev, f, group) for f in factors]
    out: list[NDArray[np.int64]] = []
    for choice in product(*splits):
        ev.watch.check()
        vector: Levels = tuple(sorted([*fixed, *(pair for levels, _ in choice for pair in levels)]))
        for segment, there in _filled(ev, context, group, measures, vector):
            keep = there
            column_of = dict(zip((h for h, _ in segment.levels), segment.columns, strict=True))
            ev.watch.check()
            for h in column_of.keys() & dict(fixed).keys():
                keep = keep & (column_of[h] == context.coordinates[h])
            position = np.zeros(len(segment.keys), dtype=np.int64)
            for f, (levels, rows) in zip(factors, choice, strict=True):
                place = _places(f, rows, levels, column_of, len(segment.keys))
                keep = keep & (place >= 0)
                position = position * len(f) + np.maximum(place, 0)
            out.append(position[keep])
    return np.concatenate(out) if out else np.zeros(0, dtype=np.int64)


def _filled(
    ev: Evaluation, context: Context, group: BoundGroup, measures: Sequence[str], vector: Levels
) -> list[tuple[Segment, NDArray[np.bool_]]]:
    """The segments of some measures, with the rows of which one has a value: one segment for all with the same keys."""
    out: list[tuple[Segment, NDArray[np.bool_]]] = []
    filters = ev.space.without(int(ev.space.of_rows(context, ev.lifted_here)))
    for measure in measures:
        segment = ev.segments(group, measure, [vector], context, filters)[vector]
        there = ~np.isnan(segment.values[measure])
        same = next((k for s, k in out if s.levels == segment.levels and np.array_equal(s.keys, segment.keys)), None)
        if same is None:
            out.append((segment, there))
        else:
            same |= there
    return out


def _by_levels(
    ev: Evaluation, factor: TupleSet, group: BoundGroup
) -> list[tuple[tuple[tuple[int, int], ...], NDArray[np.int64]]]:
    """The factor's rows by the levels that its members group by; none below All of a dimension that the group lacks."""
    there = np.ones(len(factor), dtype=np.bool_)
    vectors: dict[tuple[tuple[int, int], ...], list[int]] = {}
    columns = []
    for h, c in zip(factor.hierarchies, factor.columns, strict=True):
        if h not in group.linked:
            there &= c == ev.cube.hierarchies[h].root
            columns.append(np.full(len(factor), -1))
            continue
        level = ev.cube.hierarchies[h].table.level[c]
        columns.append(np.where((level == 0) & ev.cube.hierarchies[h].has_all, -1, level))
    stacked = np.stack(columns) if columns else np.zeros((0, len(factor)), dtype=np.int64)
    unique, inverse = np.unique(stacked, axis=1, return_inverse=True)
    inverse = inverse.reshape(-1)
    for i, levels in enumerate(unique.T.tolist()):
        pairs = tuple((h, n) for h, n in zip(factor.hierarchies, levels, strict=True) if n >= 0)
        vectors.setdefault(pairs, []).extend(np.flatnonzero((inverse == i) & there).tolist())
    return [(pairs, np.array(rows, dtype=np.int64)) for pairs, rows in vectors.items() if rows]


def _places(
    factor: TupleSet,
    rows: NDArray[np.int64],
    levels: tuple[tuple[int, int], ...],
    column_of: dict[int, NDArray[np.int32]],
    size: int,
) -> NDArray[np.int64]:
    """For every fact combination the factor's row it belongs to, -1 for none."""
    names = [h for h, _ in levels]
    if not names:
        return np.full(size, rows[0], dtype=np.int64)
    mine = TupleSet(tuple(names), tuple(factor.columns[factor.hierarchies.index(h)][rows] for h in names))
    theirs = TupleSet(tuple(names), tuple(column_of[h] for h in names))
    a, b = codes([mine, theirs])
    order = np.argsort(a, kind="stable")
    at = np.minimum(np.searchsorted(a[order], b), len(a) - 1)
    return np.where(a[order][at] == b, rows[order[at]], -1)


def _from_positions(
    factors: Sequence[TupleSet], spots: Sequence[TupleSet], position: NDArray[np.int64], ev: Evaluation
) -> TupleSet:
    """Tuples from their places; a factor of measures is crossed in again."""
    rows: dict[int, NDArray[np.int64]] = {}
    rest = position
    for f in reversed(spots):
        rows[id(f)] = rest % len(f)
        rest = rest // len(f)
    if all(f.hierarchies != (MEASURES,) for f in factors):
        hierarchies = tuple(h for f in factors for h in f.hierarchies)
        return TupleSet(hierarchies, tuple(c[rows[id(f)]] for f in factors for c in f.columns))
    where = next(i for i, f in enumerate(factors) if f.hierarchies == (MEASURES,))
    measures = factors[where]
    width = len(measures)
    ev.watch.limits.hold("tuples", len(position) * width)
    before = [c[rows[id(f)]] for f in factors[:where] for c in f.columns]
    after = [c[rows[id(f)]] for f in factors[where + 1 :] for c in f.columns]
    n = len(position)
    columns = (
        [np.repeat(c, width) for c in before] + [np.tile(measures.columns[0], n)] + [np.repeat(c, width) for c in after]
    )
    made = TupleSet(tuple(h for f in factors for h in f.hierarchies), tuple(columns))
    if not after or n < 2:
        return made
    outer = np.zeros(n, dtype=np.int64)
    inner = np.zeros(n, dtype=np.int64)
    for f in factors[:where]:
        outer = outer * len(f) + rows[id(f)]
    for f in factors[where + 1 :]:
        inner = inner * len(f) + rows[id(f)]
    order = np.lexsort((np.repeat(inner, width), np.tile(np.arange(width), n), np.repeat(outer, width)))
    return made.take(order)


def with_facts(ev: Evaluation, context: Context, left: TupleSet, right: TupleSet | None, group: BoundGroup) -> TupleSet:
    """The tuples of the left that have facts of a measure group, together with a tuple of the right if there is one."""
    ordinal = next(i for i, (g, _) in enumerate(ev.cube.measures) if g is group)
    wide, _ = ev.inner(context.put({MEASURES: ordinal}), left)
    if right is None:
        return left.take(~ev.cells(wide).null)
    deep, back = ev.inner(wide, right if right.rows is None else TupleSet(right.hierarchies, right.columns))
    there = ~ev.cells(deep).null
    return left.take(np.bincount(back[there], minlength=wide.size) > 0)
