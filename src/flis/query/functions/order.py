"""Functions that choose from a set or sort it: Filter, Order, the Top and Bottom family, NonEmpty, Generate."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.errors import StatementError
from flis.query.binding.nodes import Binding, Evaluation, Node, ResultKind
from flis.query.binding.set_operators import cross_join
from flis.query.cubes.dimension import DANISH
from flis.query.evaluation.nonempty import non_empty_tuples
from flis.query.evaluation.setwork import distinct, sorted_by
from flis.query.evaluation.values import Context, TupleSet, Values, places
from flis.query.evaluation.visual import without_calculated
from flis.query.functions.members import at_depth
from flis.query.functions.table import everything, function

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flis.query.cubes.members import Members
    from flis.query.languages.mdx import syntax as s
    from flis.query.limits import Watch
    from flis.query.result import Ordinals

__all__ = ["hierarchized", "sort_codes", "top_positions"]

GROUP = "Set"
RUN = 1 << 17  # texts sorted without a look whether to stop
BEFORE_ZERO = -np.nextafter(0.0, 1.0)


@function(
    "Filter(set, logical) -> set",
    group=GROUP,
    en="The tuples for which a condition holds.",
    da="De tupler hvor en betingelse holder.",
    iterates=0,
)
def filter_(ev: Evaluation, context: Context, of: Node, condition: Node) -> TupleSet:
    """`Filter(s, condition)`."""
    found = ev.tuples(of, context)
    if not len(found):
        return found
    if found.rows is None and context.size > 1 and not condition.depends.isdisjoint(_varying(context)):
        found = found.spread(context.size)
    values, _ = ev.over(context if found.rows is not None else _first(context), found, condition)
    return found.take(values.truth())


def _varying(context: Context) -> frozenset[int]:
    return frozenset(h for h, c in enumerate(context.coordinates) if isinstance(c, np.ndarray))


def _first(context: Context) -> Context:
    return context if context.size == 1 else context.take(np.zeros(1, dtype=np.int64))


def _measured(ev: Evaluation, context: Context, found: TupleSet, by: Node) -> tuple[TupleSet, Values]:
    """A set and a scalar for each of its tuples; ragged only where the scalar differs between rows."""
    if found.rows is None and context.size > 1 and not by.depends.isdisjoint(_varying(context)):
        found = found.spread(context.size)
    values, _ = ev.over(context if found.rows is not None else _first(context), found, by)
    return found, values


def sort_codes(watch: Watch, values: Values, *, descending: bool = False) -> NDArray[np.float64]:
    """Numbers that sort as the values do: no value right before zero or the empty text, NaN right below infinity.

    Texts go by the Danish alphabet, without regard to case. Where what is empty stands: Microsoft, Working with Empty
    Values.
    """
    if values.is_text:
        numbers = np.where(values.null, -1.0, _text_places(watch, values))
    else:
        numbers = np.where(np.isnan(values.data), np.finfo(np.float64).max, values.data.astype(np.float64))
        numbers = np.where(values.null, BEFORE_ZERO, numbers)
    return -numbers if descending else numbers


def _text_places(watch: Watch, values: Values) -> NDArray[np.float64]:
    """The place of each text among the different ones; run by run, so that a statement that is cancelled ends soon."""
    runs = [slice(start, start + RUN) for start in range(0, len(values), RUN)]
    keys: list[list[str]] = []
    for run in runs:
        watch.check()
        keys.append([_text_key(text) for text in values.take(run).strings()])
    different: set[str] = set()
    for some in keys:
        watch.check()
        different.update(some)
    place = {text: n for n, text in enumerate(_in_order(watch, list(different)))}
    numbers = np.empty(len(values), dtype=np.float64)
    for run, some in zip(runs, keys, strict=True):
        watch.check()
        numbers[run] = [place[text] for text in some]
    return numbers


def _text_key(text: str) -> str:
    folded = text.casefold()
    return folded if folded.isascii() else folded.translate(DANISH)


def _in_order(watch: Watch, texts: list[str]) -> list[str]:
    """Texts sorted: in runs that are then merged two by two."""
    runs = []
    for start in range(0, len(texts), RUN):
        watch.check()
        runs.append(sorted(texts[start : start + RUN]))
    while len(runs) > 1:
        merged = []
        for n in range(0, len(runs), 2):
            watch.check()
            merged.append(sorted(chain.from_iterable(runs[n : n + 2])))
        runs = merged
    return runs[0] if runs else []


# Order

ORDER = "{ASC|DESC|BASC|BDESC}"


@function(
    f"Order(set, value, [value/{ORDER}...]) -> set",
    group=GROUP,
    en="A set sorted by values; ASC and DESC keep children below their parents, BASC and BDESC do not.",
    da="En mængde sorteret efter værdier; ASC og DESC holder underordnede under deres overordnede, BASC og BDESC ikke.",
    iterates=0,
)
def ordered(ev: Evaluation, context: Context, of: Node, *parts: Node | None) -> TupleSet:
    """`Order(s, value, flag, …)`."""
    found = ev.tuples(of, context)
    if not len(found):
        return found
    keys: list[tuple[Values, str]] = []
    for part in parts:
        if part is None:
            continue
        if part.kind is ResultKind.WORD:
            keys[-1] = (keys[-1][0], part.constant)
            continue
        spread, values = _measured(ev, context, found, part)
        if spread is not found:
            found = spread
            keys = [(v if len(v) == len(found) else _respread(v, context.size), f) for v, f in keys]
        keys.append((values, "ASC"))
    breaks = [flag.startswith("B") for _, flag in keys]
    if all(breaks):
        return sorted_by(found, [sort_codes(ev.watch, v, descending=flag == "BDESC") for v, flag in keys])
    tree = breaks.index(False)
    before = [sort_codes(ev.watch, v, descending=flag == "BDESC") for v, flag in keys[:tree]]
    by = [p for p in parts if p is not None and p.kind is not ResultKind.WORD][tree]
    looked = [i for i, h in enumerate(found.hierarchies) if h in by.depends]
    spot = looked[-1] if len(keys) > 1 and looked else len(found.hierarchies) - 1
    path = _path_keys(ev, context, found, spot, by, descending=keys[tree][1] == "DESC")
    after = [sort_codes(ev.watch, v, descending=flag.endswith("DESC")) for v, flag in keys[tree + 1 :]]
    return sorted_by(found, [*before, *path, *after])


def _respread(values: Values, size: int) -> Values:
    return Values(np.tile(values.data, size), np.tile(values.null, size))


def _path_keys(
    ev: Evaluation, context: Context, found: TupleSet, spot: int, by: Node, *, descending: bool
) -> list[NDArray[Any]]:
    """Sort keys that keep members below their ancestors: at every depth the value there, then the place.

    Ancestors count whether they are in the set or not. Of tuples only the members of the last hierarchy are sorted,
    those before stand as their hierarchies have them (Microsoft, Order); `spot` is another one where several values
    are given, which is Mondrian's form.
    """
    before = zip(found.hierarchies[:spot], found.columns[:spot], strict=True)
    keys: list[NDArray[Any]] = [ev.members[h].positions(c) for h, c in before]
    h, column = found.hierarchies[spot], found.columns[spot]
    outer, _ = ev.inner(_first(context) if found.rows is None else context, found)
    members = ev.members[h]
    depths = members.depths(column)
    for depth in range(int(depths.max(initial=0)) + 1):
        there = depths >= depth
        at = at_depth(members, column, depth)
        codes = np.zeros(len(column))
        if there.any():
            values = ev.values(by, outer.take(there).put({h: at[there]})).spread(int(there.sum()))
            codes[there] = sort_codes(ev.watch, values, descending=descending)
        keys += [there, codes, np.where(there, members.positions(at), -1)]
    return keys


@function(
    "Hierarchize(set, [{PRE|POST}]) -> set",
    group=GROUP,
    en="A set in the order of its hierarchies; with POST, children come before their parents.",
    da="En mængde i hierarkiernes orden; med POST kommer underordnede før deres overordnede.",
)
def hierarchize(ev: Evaluation, context: Context, of: Node, flag: Node | None = None) -> TupleSet:
    """`Hierarchize(s)`."""
    return hierarchized(ev, ev.tuples(of, context), post=flag is not None and flag.constant == "POST")


def hierarchized(ev: Evaluation, found: TupleSet, *, post: bool = False) -> TupleSet:
    """Sorted by place in the hierarchies."""
    if len(found) < 2:
        return found
    keys: list[NDArray[Any]] = []
    for h, column in zip(found.hierarchies, found.columns, strict=True):
        members = ev.members[h]
        if post:
            keys += _places_after_children(members, column)
        else:
            keys.append(members.positions(column))
    return sorted_by(found, keys)


def _places_after_children(members: Members, column: Ordinals) -> list[NDArray[Any]]:
    """Sort keys that put members behind their children, calculated ones behind the others of one parent."""
    positions = members.positions(column)
    column = members.shown(column)
    stored = column < members.size
    last = np.where(stored, members.table.last[np.where(stored, column, 0)], positions >> 12)
    return [last, -members.depths(column), positions]


# Top and Bottom


def top_positions(rows: NDArray[np.int64] | None, codes: NDArray[np.float64]) -> NDArray[np.int64]:
    """Positions sorted by code within each row."""
    return np.lexsort((codes, rows)) if rows is not None else np.argsort(codes, kind="stable")


def _counted(ev: Evaluation, context: Context, of: Node, number: Node, by: Node | None, *, top: bool) -> TupleSet:
    found = ev.tuples(of, context)
    count = np.trunc(ev.values(number, context).floats())
    if by is not None and len(found):
        found, values = _measured(ev, context, found, by)
        found = found.take(top_positions(found.rows, sort_codes(ev.watch, values, descending=top)))
    elif not top and by is None and len(found):
        found = found if found.rows is None and len(count) == 1 else found.spread(context.size)
        total = found.counts(context.size)
        rows = np.zeros(len(found), dtype=np.int64) if found.rows is None else found.rows
        return found.take(found.positions() >= (total[rows] - count[rows if len(count) > 1 else 0]))
    if len(count) > 1:
        found = found.spread(context.size)
    rows = np.zeros(len(found), dtype=np.int64) if found.rows is None or len(count) == 1 else found.rows
    return found.take(found.positions() < count[rows])


@function(
    "TopCount(set, number, [value]) -> set",
    group=GROUP,
    en="So many tuples with the highest values.",
    da="Så mange tupler med de højeste værdier.",
    iterates=0,
)
def top_count(ev: Evaluation, context: Context, of: Node, number: Node, by: Node | None = None) -> TupleSet:
    """`TopCount(s, n, value)`."""
    return _counted(ev, context, of, number, by, top=True)


@function(
    "BottomCount(set, number, [value]) -> set",
    group=GROUP,
    en="So many tuples with the lowest values.",
    da="Så mange tupler med de laveste værdier.",
    iterates=0,
)
def bottom_count(ev: Evaluation, context: Context, of: Node, number: Node, by: Node | None = None) -> TupleSet:
    """`BottomCount(s, n, value)`."""
    return _counted(ev, context, of, number, by, top=False)


def _summed(
    ev: Evaluation, context: Context, of: Node, number: Node, by: Node, *, top: bool, percent: bool
) -> TupleSet:
    """The fewest tuples from the top or bottom whose values sum up to a number, or to a share of the whole."""
    found = ev.tuples(of, context)
    if not len(found):
        return found
    found, values = _measured(ev, context, found, by)
    at = top_positions(found.rows, sort_codes(ev.watch, values, descending=top))
    found, numbers = found.take(at), values.floats()[at]
    rows = np.zeros(len(found), dtype=np.int64) if found.rows is None else found.rows
    goal = ev.values(number, context).floats()
    if percent and (goal < 0).any():
        raise StatementError("A share of less than 0 percent chooses nothing.", line=number.line, column=number.column)
    if len(goal) == 1:
        goal = np.full(max(context.size, 1), goal[0])
    one = goal > 0  # a share of nothing is one tuple still
    if percent:
        goal = goal / 100.0 * np.bincount(rows, weights=numbers, minlength=len(goal))
    running = np.cumsum(numbers)
    begins = places(rows) == 0
    offset = (running - numbers)[begins][np.cumsum(begins) - 1] if len(rows) else running
    return found.take((running - offset - numbers < goal[rows]) | (begins & one[rows]))


def _declare_sums() -> None:
    for name, top, percent, en, da in (
        (
            "TopSum",
            True,
            False,
            "The highest tuples that sum up to a value.",
            "De højeste tupler som tilsammen når en værdi.",
        ),
        (
            "BottomSum",
            False,
            False,
            "The lowest tuples that sum up to a value.",
            "De laveste tupler som tilsammen når en værdi.",
        ),
        (
            "TopPercent",
            True,
            True,
            "The highest tuples that sum up to a share.",
            "De højeste tupler som tilsammen når en andel.",
        ),
        (
            "BottomPercent",
            False,
            True,
            "The lowest tuples that sum up to a share.",
            "De laveste tupler som tilsammen når en andel.",
        ),
    ):

        def run(
            ev: Evaluation, context: Context, of: Node, number: Node, by: Node, *, _t: bool = top, _p: bool = percent
        ) -> TupleSet:
            return _summed(ev, context, of, number, by, top=_t, percent=_p)

        function(f"{name}(set, number, value) -> set", group=GROUP, en=en, da=da, iterates=0)(run)


_declare_sums()


# NonEmpty


@function(
    "NonEmpty(set, [set]) -> set",
    group=GROUP,
    en="The tuples that have a value for some tuple of the second set.",
    da="De tupler som har en værdi for en tupel i den anden mængde.",
    looks=everything,
)
def non_empty(ev: Evaluation, context: Context, of: Node, other: Node | None = None) -> TupleSet:
    """`NonEmpty(s, other)`."""
    return non_empty_tuples(ev, context, of, other)


def _all_hierarchies(_binder: Binding, _e: s.SyntaxNode, arguments: list[Node | None]) -> tuple[int, ...]:
    return tuple(h for a in arguments if a is not None and a.kind is ResultKind.SET for h in a.hierarchies)


@function(
    "NonEmptyCrossJoin(set...) -> set",
    "NonEmptyCrossJoin(set, set, number) -> set",
    "NonEmptyCrossJoin(set, set, set, number) -> set",
    "NonEmptyCrossJoin(set, set, set, set, number) -> set",
    group=GROUP,
    en="The cross join of sets without the tuples that have no facts.",
    da="Mængdernes krydsprodukt uden de tupler der ingen data har.",
    over=_all_hierarchies,
    binds=True,
)
def non_empty_cross_join(binder: Binding, e: s.SyntaxNode, arguments: list[Node | None]) -> Node:
    """`NonEmptyCrossJoin(set...)`."""
    sets = [_stored_only(binder, a) for a in arguments if a is not None and a.kind is ResultKind.SET]
    counts = [a for a in arguments if a is not None and a.kind is ResultKind.NUMBER]
    keep = int(counts[0].constant) if counts and counts[0].constant is not None else len(sets)
    joined = cross_join(binder, e, sets)

    def run(ev: Evaluation, context: Context) -> TupleSet:
        found = non_empty_tuples(ev, context, joined, None, facts=True)
        width = sum(len(x.hierarchies) for x in sets[:keep])
        if width < len(found.hierarchies):
            found = distinct(TupleSet(found.hierarchies[:width], found.columns[:width], found.rows))
        return found

    width = sum(len(x.hierarchies) for x in sets[:keep])
    return Node(ResultKind.SET, run, joined.hierarchies[:width], frozenset(range(binder.count)), measure=joined.measure)


def _stored_only(binder: Binding, of: Node) -> Node:
    """A set without calculated members, which NonEmptyCrossJoin leaves out. See Microsoft's page of it."""
    if not any(binder.names.calculations(binder.cube.hierarchies[h]) for h in of.hierarchies):
        return of
    return replace(
        of, run=lambda ev, context: without_calculated(ev, ev.tuples(of, context)), constant=None, factors=()
    )


# Generate


@function(
    "Generate(set, set, [{ALL}]) -> set",
    group=GROUP,
    en="The second set for every tuple of the first, put together.",
    da="Den anden mængde for hver tupel i den første, lagt sammen.",
    over=(1,),
    iterates=0,
)
def generate(ev: Evaluation, context: Context, of: Node, then: Node, every: Node | None = None) -> TupleSet:
    """`Generate(s, s2)`."""
    found = ev.tuples(of, context)
    if not len(found):
        return TupleSet.none(then.hierarchies)
    if found.rows is None and context.size > 1:
        found = found.spread(context.size)
    wide, outer = ev.inner(context, found)
    each = ev.tuples(then, wide).spread(wide.size)
    assert each.rows is not None  # noqa: S101
    if context.size == 1:
        out = TupleSet(each.hierarchies, each.columns)
    else:
        out = TupleSet(each.hierarchies, each.columns, outer[each.rows])
    return out if every is not None else distinct(out)


@function("Generate(set, string, [string]) -> string", group="String", iterates=0)
def generate_text(ev: Evaluation, context: Context, of: Node, text: Node, between: Node | None = None) -> Values:
    """`Generate(s, text, separator)`."""
    found = ev.tuples(of, context).spread(context.size)
    values, rows = ev.over(context, found, text) if context.size > 1 else ev.over(context, ev.tuples(of, context), text)
    mark = ev.values(between, context).strings()[0] if between is not None else ""
    said = values.strings()
    out: list[list[str]] = [[] for _ in range(context.size)]
    for row, part in zip(rows.tolist(), said, strict=True):
        out[row].append(part)
    return Values.texts([ev.joined(mark, parts) for parts in out])


def needs_one_hierarchy(of: Node, name: str) -> int:
    """The one hierarchy of a set. Raises: StatementError: it has several."""
    if len(of.hierarchies) != 1:
        raise StatementError(f"{name} needs a set of one hierarchy.", line=of.line, column=of.column)
    return of.hierarchies[0]
