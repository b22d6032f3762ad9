"""Conditions and choices: IIf, IsEmpty, IsAncestor …, key performance indicators, other cubes, dates."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.errors import NameStatementError, StatementError, suggest
from flis.query.binding.choices import choice
from flis.query.binding.nodes import Binding, Evaluation, Node, ResultKind
from flis.query.evaluation.cell_values import bisected, gather, pointed
from flis.query.evaluation.values import Context, Values
from flis.query.functions.table import function
from flis.query.languages.mdx import parse_expression

if TYPE_CHECKING:
    from collections.abc import Callable

    from flis.query.languages.mdx import syntax as s

__all__ = ["as_day", "as_objects"]

GROUP = "Logical"


@function(
    "IIf(logical, any, any) -> any",
    group="Value",
    en="One of two results by a condition; they may be of different kinds: values, members, sets, NULL.",
    da="Et af to resultater efter en betingelse; de kan være af forskellig art: værdier, medlemmer, mængder, NULL.",
    binds=True,
)
def iif(binder: Binding, e: s.SyntaxNode, arguments: list[Node | None]) -> Node:
    """`IIf(logical, any, any)`."""
    condition, yes, no = arguments[:3]
    assert condition is not None and yes is not None and no is not None  # noqa: S101, PT018
    return choice(binder, e, [condition], [yes, no])


@function("IsEmpty(value) -> logical", group=GROUP, en="Whether there is no value.", da="Om der ingen værdi er.")
def is_empty(ev: Evaluation, context: Context, of: Node) -> Values:
    """`IsEmpty(x)`; an error is not empty."""
    errors: dict[int, str] = {}
    asked = context if of.depends else context.take(np.zeros(1, dtype=np.int64))
    found = bisected(ev, asked, errors, lambda part: ev.values(of, part))
    empty = found.null.copy()
    empty[list(errors)] = False
    return Values.logicals(empty)


@function(
    "IsAncestor(member, member) -> logical",
    group=GROUP,
    en="Whether the first member lies above the second.",
    da="Om det første medlem ligger over det andet.",
)
def is_ancestor(ev: Evaluation, context: Context, above: Node, below: Node) -> Values:
    """`IsAncestor(a, b)`."""
    if above.hierarchies != below.hierarchies:
        return Values.logicals(np.zeros(context.size, dtype=bool))
    table = ev.members[above.hierarchies[0]].table
    a, b = ev.column(above, context), ev.column(below, context)
    stored = (a >= 0) & (a < table.visible)
    return Values.logicals(stored & (b > a) & (b <= table.last[np.where(stored, a, 0)]))


@function(
    "IsLeaf(member) -> logical",
    group=GROUP,
    en="Whether a member has no children.",
    da="Om et medlem ingen underordnede har.",
)
def is_leaf(ev: Evaluation, context: Context, of: Node) -> Values:
    """`IsLeaf(m)`."""
    column = ev.column(of, context)
    return Values.logicals((ev.members[of.hierarchies[0]].children_counts(column) == 0) & (column >= 0))


@function(
    "IsSibling(member, member) -> logical",
    group=GROUP,
    en="Whether two members have the same parent.",
    da="Om to medlemmer har samme overordnede.",
)
def is_sibling(ev: Evaluation, context: Context, left: Node, right: Node) -> Values:
    """`IsSibling(a, b)`."""
    if left.hierarchies != right.hierarchies:
        return Values.logicals(np.zeros(context.size, dtype=bool))
    members = ev.members[left.hierarchies[0]]
    return Values.logicals(members.parents(ev.column(left, context)) == members.parents(ev.column(right, context)))


@function(
    "IsGeneration(member, number) -> logical",
    group=GROUP,
    en="Whether a member stands so many steps above the leaves.",
    da="Om et medlem står så mange trin over bladene.",
)
def is_generation(ev: Evaluation, context: Context, of: Node, number: Node) -> Values:
    """`IsGeneration(m, n)`."""
    members = ev.members[of.hierarchies[0]]
    deepest = len(members.table.by_depth) - 1
    return Values.logicals(deepest - members.depths(ev.column(of, context)) == ev.number(number, context))


@function(
    "CoalesceEmpty(value, [value...]) -> value",
    group="Value",
    en="The first that has a value.",
    da="Den første som har en værdi.",
)
def coalesce_empty(ev: Evaluation, context: Context, *parts: Node | None) -> Values:
    """`CoalesceEmpty(a, b, …)`."""
    kinds = {part.kind for part in parts if part is not None}
    if kinds >= {ResultKind.NUMBER, ResultKind.STRING}:
        raise StatementError("CoalesceEmpty takes numbers or texts, and does not mix them.")
    left = np.arange(context.size)
    out: list[tuple[Any, Values]] = []
    for part in (p for p in parts if p is not None):
        found = ev.values(part, context.take(left)).spread(len(left))
        out.append((left[~found.null], found.take(~found.null)))
        left = left[found.null]
        if not len(left):
            break
    return gather([(rows, v) for rows, v in out if len(rows)], context.size)


# key performance indicators


def _kpi(part: str) -> Callable[..., Node]:
    def bind(binder: Binding, e: s.SyntaxNode, arguments: list[Node | None]) -> Node:
        name = str(arguments[0].constant if arguments[0] is not None else "")
        kpis = {k.name.casefold(): k for k in binder.cube.kpis}
        kpi = kpis.get(name.casefold())
        if kpi is None:
            said = f"Cube {binder.cube.name} has no key performance indicator {name}."
            hint = suggest(name, [k.name for k in binder.cube.kpis])
            return binder.failing(NameStatementError(said, line=e.line, column=e.column, hint=hint))
        text = getattr(kpi, part)
        if not text:
            said = f"Key performance indicator {name} has no {part}."
            return binder.failing(NameStatementError(said, line=e.line, column=e.column))
        return binder.kpi_member(kpi, part, parse_expression(text))

    return bind


for _name, _which, _en, _da in (
    ("KPIValue", "value", "The value of a key performance indicator.", "Et nøgletals værdi."),
    ("KPIGoal", "goal", "The goal of a key performance indicator.", "Et nøgletals mål."),
    ("KPIStatus", "status", "The status of a key performance indicator.", "Et nøgletals status."),
    ("KPITrend", "trend", "The trend of a key performance indicator.", "Et nøgletals tendens."),
    ("KPIWeight", "weight", "The weight of a key performance indicator.", "Et nøgletals vægt."),
    (
        "KPICurrentTimeMember",
        "current_time_member",
        "The current period of a key performance indicator.",
        "Et nøgletals aktuelle periode.",
    ),
):
    function(f"{_name}(string) -> member", group="KPI", en=_en, da=_da, binds=True)(_kpi(_which))


# another cube


@function(
    "LookupCube(string, string) -> value",
    group="Value",
    en="An expression's value in another cube of the same database.",
    da="Et udtryks værdi i en anden kube i samme database.",
)
def lookup_cube(ev: Evaluation, context: Context, cube: Node, expression: Node) -> Values:
    """`LookupCube("cube", "expression")`."""
    names, texts = ev.values(cube, context).strings(), ev.values(expression, context).strings()
    size = max(len(names), len(texts))
    pairs = [(names[i if len(names) > 1 else 0], texts[i if len(texts) > 1 else 0]) for i in range(size)]
    found: dict[tuple[str, str], Any] = {}
    for pair in pairs:
        if pair not in found:
            value = ev.elsewhere(*pair)
            found[pair] = None if value.null[0] else value.data[0]
    out = [found[p] for p in pairs]
    if all(v is None or isinstance(v, float) for v in out):
        return Values.nan_is_null(np.array([np.nan if v is None else v for v in out], dtype=np.float64))
    return Values.texts([None if v is None else str(v) for v in out])


# who asks


@function("UserName() -> string", group="String", en="The name of who asks.", da="Navnet på den som spørger.")
def user_name(ev: Evaluation, _context: Context) -> Values:
    """`UserName()`."""
    ev.looked = True
    return Values.of(ev.user)


@function("CustomData() -> string", group="String", en="Empty here.", da="Tom her.")
def custom_data(_ev: Evaluation, _context: Context) -> Values:
    """`CustomData()`."""
    return Values.of("")


# dates


def as_day(value: Any) -> date | None:
    """A value as a day, None where it is none."""
    if isinstance(value, date):
        return value
    text = str(value).replace("/", "-")
    for form in ("%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y"):
        try:
            return datetime.strptime(text[:10], form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None


def as_objects(parts: list[Any]) -> Values:
    """Values of any kind."""
    data = np.empty(len(parts), dtype=object)
    data[:] = parts
    return Values(data, np.array([p is None for p in parts], dtype=bool))


@function(
    "DateSerial(number, number, number) -> value",
    group="Date",
    en="A date by year, month and day.",
    da="En dato efter år, måned og dag.",
)
def date_serial(ev: Evaluation, context: Context, year: Node, month: Node, day: Node) -> Values:
    """`DateSerial(y, m, d)`."""
    found = [ev.values(n, context).whole() for n in (year, month, day)]
    size = max(len(f) for f in found)
    out = []
    for y, m, d in zip(*(np.broadcast_to(f, (size,)).tolist() for f in found), strict=True):
        months = y * 12 + m - 1
        if not MINYEAR <= months // 12 <= MAXYEAR:
            raise StatementError(f"Years go from {MINYEAR} to {MAXYEAR}.")
        out.append(datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC).replace(tzinfo=None) + timedelta(d - 1))
    return as_objects(out)


@function("Now() -> value", group="Date", en="Now.", da="Nu.")
def now(ev: Evaluation, _context: Context) -> Values:
    """`Now()`."""
    return as_objects([ev.now()])


@function("Date() -> value", group="Date", en="Today.", da="I dag.")
def today(ev: Evaluation, _context: Context) -> Values:
    """`Date()`."""
    return as_objects([datetime.combine(ev.now().date(), datetime.min.time())])


def _part(name: str, pick: Callable[[date], int], en: str, da: str) -> None:
    def run(ev: Evaluation, context: Context, of: Node) -> Values:
        days = [as_day(v) for v in ev.values(of, context).data.tolist()]
        return Values.nan_is_null(np.array([np.nan if d is None else float(pick(d)) for d in days]))

    function(f"{name}(value) -> number", group="Date", en=en, da=da)(run)


_part("Year", lambda d: d.year, "The year of a date.", "En datos år.")
_part("Month", lambda d: d.month, "The month of a date.", "En datos måned.")
_part("Day", lambda d: d.day, "The day of a date.", "En datos dag.")

# values of sets in tests


@function("CalculationCurrentPass() -> number", group="Numeric", en="Always 0.", da="Altid 0.")
def current_pass(_ev: Evaluation, _context: Context) -> Values:
    """`CalculationCurrentPass()`."""
    return Values.of(0.0)


@function(
    "member.Value -> value",
    "tuple.Value -> value",
    group="Value",
    en="The value of a cell.",
    da="En celles værdi.",
    looks=lambda binder, a: frozenset(range(binder.count)) - frozenset(a[0].hierarchies),
)
def value_of(ev: Evaluation, context: Context, of: Node) -> Values:
    """`.Value`."""
    return pointed(ev, context, ev.point(of, context))
