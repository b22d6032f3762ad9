"""The algebra of sets: union, cross join, parts of sets, calculated members, what exists together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flis.errors import StatementError, SyntaxStatementError
from flis.query.binding.nodes import Binding, Evaluation, Node, ResultKind
from flis.query.binding.set_operators import cross_join as crossing
from flis.query.binding.set_operators import existing_in
from flis.query.cubes.names import MemberName
from flis.query.evaluation.exists import existing_together, shown
from flis.query.evaluation.nonempty import with_facts
from flis.query.evaluation.setwork import concatenated, distinct, matched, single, sliced, within
from flis.query.evaluation.values import Context, TupleSet
from flis.query.evaluation.visual import shown_by, totalled, without_calculated
from flis.query.functions.model import measure_group
from flis.query.functions.table import everything, function
from flis.query.languages.mdx import parse_expression
from flis.query.languages.mdx import syntax as s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


__all__: list[str] = []

GROUP = "Set"


# algebra


@function(
    "CrossJoin(set...) -> set",
    group=GROUP,
    en="Every tuple of each set with every tuple of the others.",
    da="Hver tupel i hver mængde sammen med hver tupel i de andre.",
    binds=True,
)
def cross_join(binder: Binding, e: s.SyntaxNode, arguments: list[Node | None]) -> Node:
    """`CrossJoin(set...)`."""
    return crossing(binder, e, [a for a in arguments if a is not None])


@function(
    "Union(set, set, [{ALL}]) -> set",
    "Union(set, set, set/{ALL}...) -> set",
    group=GROUP,
    en="The tuples of all sets, once each; with ALL duplicates stay.",
    da="Alle mængders tupler, hver én gang; med ALL bliver gengangere.",
)
def union(ev: Evaluation, context: Context, *parts: Node | None) -> TupleSet:
    """`Union(a, b)`."""
    words = [p for p in parts[:-1] if p is not None and p.kind is ResultKind.WORD]
    if words:
        raise StatementError("ALL is the last word of Union.", line=words[0].line, column=words[0].column)
    keep = any(p is not None and p.kind is ResultKind.WORD for p in parts)
    sets = [ev.tuples(p, context) for p in parts if p is not None and p.kind is ResultKind.SET]
    full = [x for x in sets if len(x)] or sets[:1]
    _alike("Union", full)
    found = concatenated(full, context.size)
    return found if keep else distinct(found)


def _alike(name: str, sets: Sequence[TupleSet]) -> None:
    if any(x.hierarchies != sets[0].hierarchies for x in sets):
        raise StatementError(f"The sets of {name} must have the same hierarchies.")


@function(
    "Except(set, set, [{ALL}]) -> set",
    group=GROUP,
    en="The tuples of the first set that are not in the second.",
    da="Den første mængdes tupler som ikke er i den anden.",
)
def except_(ev: Evaluation, context: Context, left: Node, right: Node, every: Node | None = None) -> TupleSet:
    """`Except(a, b)`."""
    a, b = ev.tuples(left, context), ev.tuples(right, context)
    if not len(b) or not len(a):
        return a if every is not None else distinct(a)
    _alike("Except", (a, b))
    a = a if b.rows is None else a.spread(context.size)
    found = a.take(~within(shown_by(ev, a), shown_by(ev, b), context.size))
    return found if every is not None else distinct(found)


@function(
    "Intersect(set, set, [{ALL}]) -> set",
    group=GROUP,
    en="The tuples that are in both sets; with ALL duplicates are matched one to one.",
    da="De tupler som er i begge mængder; med ALL parres gengangere en for en.",
)
def intersect(ev: Evaluation, context: Context, left: Node, right: Node, every: Node | None = None) -> TupleSet:
    """`Intersect(a, b)`."""
    a, b = ev.tuples(left, context), ev.tuples(right, context)
    if not len(a) or not len(b):
        return TupleSet.none(left.hierarchies or right.hierarchies)
    _alike("Intersect", (a, b))
    a = a if b.rows is None else a.spread(context.size)
    if every is None:
        return distinct(totalled(ev, a.take(within(shown_by(ev, a), shown_by(ev, b), context.size)), b))
    return totalled(ev, a.take(matched(shown_by(ev, a), shown_by(ev, b), context.size)), b)


@function("Distinct(set) -> set", group=GROUP, en="A set without duplicates.", da="En mængde uden gengangere.")
def distinct_(ev: Evaluation, context: Context, of: Node) -> TupleSet:
    """`Distinct(s)`."""
    return distinct(ev.tuples(of, context))


@function(
    "Unorder(set) -> set",
    group=GROUP,
    en="A set whose order does not matter.",
    da="En mængde hvis orden er ligegyldig.",
)
def unorder(ev: Evaluation, context: Context, of: Node) -> TupleSet:
    """`Unorder(s)`: the set as it is."""
    return ev.tuples(of, context)


def _count(ev: Evaluation, context: Context, number: Node | None, default: float) -> NDArray[np.float64]:
    if number is None:
        return np.full(1, default)
    values = ev.values(number, context)
    return values.whole().astype(np.float64)


@function("Head(set, [number]) -> set", group=GROUP, en="The first tuples.", da="De første tupler.")
def head(ev: Evaluation, context: Context, of: Node, number: Node | None = None) -> TupleSet:
    """`Head(s, n)`."""
    found = ev.tuples(of, context)
    return sliced(found, np.zeros(1), _count(ev, context, number, 1.0), context.size)


@function("Tail(set, [number]) -> set", group=GROUP, en="The last tuples.", da="De sidste tupler.")
def tail(ev: Evaluation, context: Context, of: Node, number: Node | None = None) -> TupleSet:
    """`Tail(s, n)`."""
    found = ev.tuples(of, context)
    count = np.maximum(_count(ev, context, number, 1.0), 0)
    total = found.counts(context.size)
    first = np.maximum(total - count, 0)
    return sliced(found, first.astype(np.float64), np.broadcast_to(count, first.shape), context.size)


@function(
    "Subset(set, number, [number]) -> set",
    group=GROUP,
    en="The tuples from a position on, counted from 0.",
    da="Tuplerne fra en plads, talt fra 0.",
)
def subset(ev: Evaluation, context: Context, of: Node, start: Node, number: Node | None = None) -> TupleSet:
    """`Subset(s, start, n)`."""
    found = ev.tuples(of, context)
    return sliced(found, _count(ev, context, start, 0.0), _count(ev, context, number, 1e18), context.size)


@function(
    "set.Item(number) -> tuple",
    group="Tuple",
    en="The tuple at a position, counted from 0.",
    da="Tuplen på en plads, talt fra 0.",
)
def item(ev: Evaluation, context: Context, of: Node, number: Node) -> dict[int, Any]:
    """`set.Item(n)`."""
    found = ev.tuples(of, context)
    at = ev.values(number, context).whole()
    if found.rows is None and len(at) == 1:
        n = int(at[0])
        return {
            h: int(c[n]) if 0 <= n < len(found) else -1 for h, c in zip(of.hierarchies, found.columns, strict=False)
        }
    spread = sliced(
        found.spread(context.size), np.broadcast_to(at, (context.size,)).astype(float), np.ones(1), context.size
    )
    out = {}
    for h, c in zip(of.hierarchies, spread.columns, strict=True):
        column = np.full(context.size, -1, dtype=np.int32)
        column[spread.rows] = c
        out[h] = column
    return out


@function("tuple.Item(number) -> member", group="Member", over=lambda _b, e, a: _item_hierarchy(e, a))
def tuple_item(ev: Evaluation, context: Context, of: Node, number: Node) -> Any:
    """`tuple.Item(n)`."""
    at = int(ev.values(number, context).whole()[0])
    if not 0 <= at < len(of.hierarchies):
        return -1
    if at != _written(number):
        raise StatementError(
            "The number of a tuple's Item has to be written out: it decides the hierarchy.",
            line=of.line,
            column=of.column,
        )
    return ev.point(of, context)[of.hierarchies[at]]


def _written(number: Node | None) -> int:
    return int(number.constant) if number is not None and isinstance(number.constant, (int, float)) else 0


def _item_hierarchy(e: s.SyntaxNode, arguments: list[Node | None]) -> tuple[int, ...]:
    of, number = arguments[0], arguments[1]
    assert of is not None  # noqa: S101
    if not of.hierarchies:
        raise StatementError("A tuple of the empty set has no members.", line=e.line, column=e.column)
    at = max(_written(number), 0)
    return of.hierarchies[at : at + 1] or of.hierarchies[:1]


@function(
    "set.Item(string...) -> tuple",
    group="Tuple",
)
def item_by_name(ev: Evaluation, context: Context, of: Node, *names: Node) -> dict[int, Any]:
    """`set.Item("name", …)`: one text that names the tuple, or one for each of its members."""
    found = ev.tuples(of, context)
    said = [ev.values(n, context).strings() for n in names]
    if found.rows is None and all(len(texts) == 1 for texts in said):
        return _first(of, found, _named(ev, found, [texts[0] for texts in said]))
    out = {h: np.full(context.size, -1, dtype=np.int32) for h in of.hierarchies}
    for row in range(context.size):
        mine = found if found.rows is None else found.take(found.rows == row)
        texts = [x[row if len(x) > 1 else 0] for x in said]
        for h, member in _first(of, mine, _named(ev, mine, texts)).items():
            out[h][row] = member
    return out


def _first(of: Node, found: TupleSet, keep: NDArray[np.bool_]) -> dict[int, int]:
    at = np.flatnonzero(keep)
    columns = found.columns or [np.zeros(0, dtype=np.int32)] * len(of.hierarchies)
    return {h: int(c[at[0]]) if len(at) else -1 for h, c in zip(of.hierarchies, columns, strict=True)}


def _named(ev: Evaluation, found: TupleSet, texts: Sequence[str]) -> NDArray[np.bool_]:
    """The tuples that have what the texts name: by the name of a member of each hierarchy in turn, else by paths."""
    keep = np.ones(len(found), dtype=bool)
    for h, column, text in zip(found.hierarchies, found.columns, texts, strict=False):
        members, name = ev.members[h], text.casefold()
        pairs = zip(members.names(column), members.spoken_names(column), strict=True)
        alike = np.fromiter((name in (a.casefold(), b.casefold()) for a, b in pairs), np.bool_, len(column))
        keep &= alike if alike.any() else _at_paths(ev, found, text)
    return keep


def _at_paths(ev: Evaluation, found: TupleSet, text: str) -> NDArray[np.bool_]:
    """The tuples that have every member whose path a text has, alone or in parentheses; none if it has other things."""
    keep = np.ones(len(found), dtype=bool)
    try:
        written = parse_expression(text)
    except SyntaxStatementError:
        return ~keep
    for path in written.elements if isinstance(written, s.Parenthesis) else (written,):
        segments = path.segments if isinstance(path, s.Identifier) else ()
        known = ev.binder.names.resolve(segments) if segments else None
        named = known[0] if known is not None and known[1] == len(segments) else None
        if not isinstance(named, MemberName) or named.hierarchy.index not in found.hierarchies:
            return np.zeros(len(found), dtype=bool)
        h = named.hierarchy.index
        keep &= ev.members[h].shown(found.columns[found.hierarchies.index(h)]) == named.ordinal
    return keep


def _extracted(binder: Binding, e: s.SyntaxNode, arguments: list[Node | None]) -> tuple[int, ...]:
    of = arguments[0]
    assert of is not None  # noqa: S101
    out: list[int] = []
    for w in arguments[1:]:
        assert w is not None  # noqa: S101
        name = binder.cube.hierarchies[w.hierarchies[0]].unique_name
        if "computed" in w.notes:
            raise StatementError(f"Extract needs the name of a hierarchy, not a calculation of {name}.", line=e.line)
        if w.hierarchies[0] not in of.hierarchies:
            raise StatementError(f"The set of Extract does not have hierarchy {name}.", line=e.line, column=e.column)
        if w.hierarchies[0] in out:
            raise StatementError(f"Extract names hierarchy {name} twice.", line=e.line, column=e.column)
        out.append(w.hierarchies[0])
    return tuple(out)


@function(
    "Extract(set, hierarchy...) -> set",
    group=GROUP,
    en="The tuples of a set cut to some hierarchies, once each.",
    da="En mængdes tupler skåret ned til nogle hierarkier, hver én gang.",
    over=_extracted,
)
def extract(ev: Evaluation, context: Context, of: Node, *wanted: Node) -> TupleSet:
    """`Extract(s, h, …)`."""
    found = ev.tuples(of, context)
    at = [of.hierarchies.index(w.hierarchies[0]) for w in wanted]
    if not found.columns:
        return TupleSet.none(tuple(w.hierarchies[0] for w in wanted))
    cut = TupleSet(tuple(of.hierarchies[i] for i in at), tuple(found.columns[i] for i in at), found.rows)
    return distinct(cut)


# calculated members


@function(
    "AddCalculatedMembers(set) -> set",
    group=GROUP,
    en="A set with the calculated siblings of its members.",
    da="En mængde med medlemmernes beregnede søskende.",
)
def add_calculated(ev: Evaluation, context: Context, of: Node) -> TupleSet:
    """`AddCalculatedMembers(s)`."""
    if len(of.hierarchies) > 1:
        raise StatementError("AddCalculatedMembers needs a set of one hierarchy.", line=of.line, column=of.column)
    found = ev.tuples(of, context)
    if not len(found):
        return found
    h = of.hierarchies[0]
    members = ev.members[h]
    parents = set(members.parents(found.columns[0]).tolist())
    have = set(found.columns[0].tolist())
    more = [
        members.size + i
        for i, c in enumerate(members.calculated)
        if c.listed and c.rule is None and c.parent in parents and members.size + i not in have
    ]
    return concatenated([found, shown(ev, single(h, np.array(more, dtype=np.int32)))], context.size) if more else found


@function(
    "StripCalculatedMembers(set) -> set",
    group=GROUP,
    en="A set without calculated members.",
    da="En mængde uden beregnede medlemmer.",
)
def strip_calculated(ev: Evaluation, context: Context, of: Node) -> TupleSet:
    """`StripCalculatedMembers(s)`."""
    return without_calculated(ev, ev.tuples(of, context))


# existence


@function(
    "Existing(set) -> set",
    group=GROUP,
    en="The tuples of a set that exist with the current members.",
    da="En mængdes tupler som findes sammen med de aktuelle medlemmer.",
    looks=everything,
)
def existing_function(ev: Evaluation, context: Context, of: Node) -> TupleSet:
    """`Existing(s)`."""
    return existing_in(ev, context, of)


@function(
    "Exists(set, [set], [string]) -> set",
    group=GROUP,
    en="The tuples of the first set that exist with one of the second, or that have facts of a measure group with one.",
    da="Den første mængdes tupler som findes sammen med en af den andens, eller som har fakta i en målegruppe med en.",
)
def exists(
    ev: Evaluation, context: Context, of: Node, other: Node | None = None, group: Node | None = None
) -> TupleSet:
    """`Exists(a, b)`; with the name of a measure group: those that have facts of it together, or with no `b` at all."""
    left = ev.tuples(of, context)
    right = ev.tuples(other, context) if other is not None else None
    if group is not None:
        named = measure_group(ev.cube, ev.values(group, context).strings()[0], group)
        return with_facts(ev, context, left, right, named)
    if right is None:
        raise StatementError(
            "Exists needs a second set or a measure group.",
            line=of.line,
            column=of.column,
            hint='Write Exists(set, set) or Exists(set, , "measure group").',
        )
    return existing_together(ev, context, left, right)
