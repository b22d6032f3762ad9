"""What a release shows in its public store: figures as the policy has it, protected, and those shown before."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from flis.catalog.reference import municipalities
from flis.disclosure import (
    FigureTable,
    Moment,
    Shown,
    audit,
    disclosure_key,
    protect,
    register,
)
from flis.disclosure.model import SHOWN
from flis.disclosure.shown_register import new_key
from flis.release.counting import counting_steps
from flis.release.policies import policy
from flis.release.reader import releases
from flis.release.tables import breakdown_schema, month_schema
from flis.release.truth import COUNTRY, COUNTRY_LEVEL, LevelTruth

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from flis.config import State
    from flis.disclosure import BrokenRule, Register
    from flis.disclosure.policy import Flows, LevelPolicy
    from flis.release.tree import Entry
    from flis.warehouse import ProtectableFacts

__all__ = ["Protection", "breakdowns", "months", "noted", "protection"]

LEVELS = (COUNTRY_LEVEL, FigureTable("municipality", tuple(m.code for m in municipalities())))
MONTH, FLOW = "month", "flow"


@dataclass(frozen=True, slots=True)
class Protection:
    """What a release adds to the register, and what the auditor says against it."""

    before: Register
    figures: pa.Table
    through: dict[str, date]
    known: date
    policy: str
    faults: list[BrokenRule]
    key: bytes | None

    @property
    def shown(self) -> pa.Table:
        """All figures that the public may have, those of this release included."""
        return pa.concat_tables([self.before.figures, self.figures])

    def written(self) -> Register:
        """The register with this release's figures, on the disk; the key is made where there was none."""
        if not self.through:
            return self.before
        assert self.key  # noqa: S101
        return self.before.added(self.figures, key=self.key, policy=self.policy, known=self.known, through=self.through)


def noted(state: State) -> Register:
    """The register of what was shown, whole, with the block that published releases name.

    Raises:
        StateError: a block is missing or was changed; says what to do.
        ConfigError: the key of disclosure is missing, or another.
    """
    named = next((r.root.shown for r in reversed(releases(state)) if r.root.shown), "")
    found = register(state, named)
    disclosure_key(state, found)
    return found


def protection(state: State, area: str, known: ProtectableFacts, *, make_key: bool) -> Protection:
    """The figures that the warehouse adds to those shown before.

    Raises:
        StateError: the register is missing or was changed.
        ConfigError: the key is missing, or another.
    """
    before, rules, steps = noted(state), policy(area), counting_steps(area)
    # a plan decides nothing, so it takes a key for the moment where none is there yet
    key = disclosure_key(state, before) or (new_key(state) if make_key else secrets.token_bytes(32))
    last = known.coverage.last
    through: dict[str, date] = {}
    tables, faults = [SHOWN.empty_table()], []
    for level in LEVELS:
        days = _days(rules.levels[level.name], known.coverage.first, last, before.through.get(level.name))
        if not days:
            continue
        past = {d.name: Shown.of(before.figures, level, d) for d in rules.dimensions}
        truth = LevelTruth(known, steps, rules, level).at(past, [Moment(day, last) for day in days])
        for dimension in rules.dimensions:
            new = protect(truth, dimension, past[dimension.name], rules.rules, key)
            faults += audit(truth, dimension, past[dimension.name], new, rules.rules)
            tables.append(new.rows(level, dimension))
        through[level.name] = days[-1]
    rare = known.fact(steps.months.name, _whole_months(known.coverage.first, last, before.through.get(MONTH)))
    periods = _periods(rare, rules.levels[COUNTRY_LEVEL.name].flows)
    if periods:
        tables.append(_month_rows(periods, last))
        through[MONTH] = max(periods)
    return Protection(before, pa.concat_tables(tables), through, last, rules.sha256, faults, key)


def breakdowns(area: str, shown: pa.Table, through: date, there: Mapping[str, Entry]) -> dict[str, pa.Table]:
    """The breakdowns shown of days up to `through`, by month, as the public store holds them; not months `there`.

    The register only grows: a month of as many rows as the release before has is the same.
    """
    rows = shown.filter(pc.and_(pc.not_equal(shown["dimension"], FLOW), pc.less_equal(shown["day"], through)))
    schema = breakdown_schema(area)
    columns = rows.select(["day", "place", "dimension", "group", "count", "known"])
    table = columns.rename_columns(schema.names).cast(schema)
    month = pc.strftime(table.column(0), "%Y-%m")
    counts = {one["values"]: one["counts"] for one in pc.value_counts(month).to_pylist()}
    order = [(name, "ascending") for name in schema.names[:4]]
    return {
        at: table.filter(pc.equal(month, at)).sort_by(order)
        for at, count in sorted(counts.items())
        if at not in there or there[at].rows != count
    }


def months(area: str, shown: pa.Table, first: date, through: date, there: Container[str]) -> dict[str, pa.Table]:
    """The rare flows shown of months from `first` up to `through`, by month, as the public store holds them.

    Not those `there`: each is a row that stays as it was shown.
    """
    schema = month_schema(area)
    month, since, *flows, known = schema.names
    rows = shown.filter(pc.and_(pc.equal(shown["dimension"], FLOW), pc.less_equal(shown["day"], through)))
    made: dict[date, dict[str, object]] = {}
    for row in rows.to_pylist():
        made.setdefault(row["day"], {month: row["day"], known: row["known"]})[row["group"]] = row["count"]
    begins = first.replace(day=1)
    for day in sorted(made):
        made[day][since], begins = begins, (day + timedelta(32)).replace(day=1)
    return {
        f"{day:%Y-%m}": pa.Table.from_pylist([made[day]], schema)
        for day in sorted(made)
        if set(flows) <= made[day].keys() and f"{day:%Y-%m}" not in there
    }


def _days(level: LevelPolicy, first: date, last: date, done: date | None) -> list[date]:
    """The days of which figures are due: all since the newest considered one, fewer before the first release."""
    begin = done + timedelta(1) if done else first
    every = level.every if done else level.before
    days = [begin + timedelta(n) for n in range((last - begin).days + 1)]
    return [d for d in days if every in {None, d.isoweekday()} or (d == last and level.every is None)]


def _whole_months(first: date, last: date, after: date | None) -> list[date]:
    """The days of the whole months from the one of `first` through the newest, after the one that begins on `after`."""
    begin = (after + timedelta(32) if after else first).replace(day=1)
    end = (last + timedelta(1)).replace(day=1)
    return [begin + timedelta(n) for n in range((end - begin).days)]


def _periods(rare: pa.Table, flows: Flows) -> dict[date, dict[str, int]]:
    """Flows of whole months, by the last month; those that have few of the first flow are counted together."""
    names = flows.periods["month"]
    made: dict[date, dict[str, int]] = {}
    sums = dict.fromkeys(names, 0)
    for row in rare.to_pylist():
        sums = {name: n + row[name] for name, n in sums.items()}
        if sums[names[0]] >= flows.month_from:
            made[row[rare.column_names[0]]] = sums
            sums = dict.fromkeys(names, 0)
    return made


def _month_rows(periods: dict[date, dict[str, int]], known: date) -> pa.Table:
    base = {"level": COUNTRY_LEVEL.name, "place": COUNTRY, "dimension": FLOW, "known": known, "came": 0, "went": 0}
    rows = [
        base | {"day": month, "group": name, "count": count}
        for month, sums in periods.items()
        for name, count in sums.items()
    ]
    return pa.Table.from_pylist(rows, SHOWN)
