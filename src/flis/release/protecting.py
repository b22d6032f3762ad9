"""What a release shows in its public store: figures as the policy has it, protected, and those shown before."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flis.catalog.reference import municipalities
from flis.disclosure import (
    Level,
    Moment,
    Shown,
    Truth,
    audit,
    disclosure_key,
    protect,
    register,
    truth_of,
)
from flis.disclosure.changes import seen, together
from flis.disclosure.model import SHOWN, place_numbers
from flis.disclosure.register import new_key
from flis.release.reader import releases
from flis.release.tables import PUBLIC_TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.config import State
    from flis.disclosure import Fault, Policy, Register
    from flis.disclosure.model import Numbers
    from flis.disclosure.policy import Flows, LevelPolicy
    from flis.warehouse import Facts

__all__ = ["COUNTRY", "Protection", "breakdowns", "months", "noted", "protection"]

COUNTRY = "0000"
COUNTRY_LEVEL = Level("country", (COUNTRY,))
LEVELS = (COUNTRY_LEVEL, Level("municipality", tuple(m.code for m in municipalities())))
PERIODS = {"country": ("flow_day", "dato", 0), "municipality": ("flow_week", "uge", 6)}
"""Of each level: the table of its exact flows, the day that a row names, and how many days later its period ends."""
MONTH, FLOW = "month", "flow"


@dataclass(frozen=True, slots=True)
class Protection:
    """What a release adds to the register, and what the auditor says against it."""

    before: Register
    figures: pa.Table
    through: dict[str, date]
    known: date
    policy: str
    faults: list[Fault]
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


def protection(state: State, known: Facts, rules: Policy, *, make_key: bool) -> Protection:
    """The figures that the warehouse adds to those shown before.

    Raises:
        StateError: the register is missing or was changed.
        ConfigError: the key is missing, or another.
    """
    before = noted(state)
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
        truth = _truth(known, level, rules, past, [Moment(day, last) for day in days])
        for dimension in rules.dimensions:
            new = protect(truth, dimension, past[dimension.name], rules.rules, key)
            faults += audit(truth, dimension, past[dimension.name], new, rules.rules)
            tables.append(new.rows(level, dimension))
        through[level.name] = days[-1]
    rare = known.months(before.through.get(MONTH))
    periods = _periods(rare, rules.levels[COUNTRY_LEVEL.name].flows)
    if periods:
        tables.append(_month_rows(periods, last))
        through[MONTH] = max(periods)
    return Protection(before, pa.concat_tables(tables), through, last, rules.sha256, faults, key)


def breakdowns(shown: pa.Table, through: date) -> dict[str, pa.Table]:
    """The breakdowns shown of days up to `through`, by month, as the public store holds them."""
    rows = shown.filter(pc.and_(pc.not_equal(shown["dimension"], FLOW), pc.less_equal(shown["day"], through)))
    table = pa.table(
        {
            "dato": rows["day"],
            "kommune": rows["place"],
            "dimension": rows["dimension"],
            "gruppe": rows["group"],
            "antal": rows["count"],
            "opgjort": rows["known"],
        }
    ).cast(PUBLIC_TABLES["breakdown"])
    return _by_month(table.sort_by([(n, "ascending") for n in ("dato", "kommune", "dimension", "gruppe")]))


def months(shown: pa.Table, first: date, through: date, names: tuple[str, ...]) -> dict[str, pa.Table]:
    """The rare flows shown of months from `first` up to `through`, by month, as the public store holds them."""
    rows = shown.filter(pc.and_(pc.equal(shown["dimension"], FLOW), pc.less_equal(shown["day"], through)))
    made: dict[date, dict[str, object]] = {}
    for row in rows.to_pylist():
        month = made.setdefault(row["day"], {"maaned": row["day"], "opgjort": row["known"]})
        month[row["group"]] = row["count"]
    begins = first.replace(day=1)
    for day in sorted(made):
        made[day]["fra"], begins = begins, (day + timedelta(32)).replace(day=1)
    listed = [made[day] for day in sorted(made) if set(names) <= made[day].keys()]
    return {f"{row['maaned']:%Y-%m}": pa.Table.from_pylist([row], PUBLIC_TABLES["flow_month"]) for row in listed}


def _by_month(table: pa.Table) -> dict[str, pa.Table]:
    months = pc.strftime(table["dato"], "%Y-%m")
    return {month: table.filter(pc.equal(months, month)) for month in sorted(pc.unique(months).to_pylist())}


def _days(level: LevelPolicy, first: date, last: date, done: date | None) -> list[date]:
    """The days of which figures are due: all since the newest considered one, fewer before the first release."""
    begin = done + timedelta(1) if done else first
    every = level.every if done else level.before
    days = [begin + timedelta(n) for n in range((last - begin).days + 1)]
    return [d for d in days if every in {None, d.isoweekday()} or (d == last and level.every is None)]


def _truth(known: Facts, level: Level, rules: Policy, past: dict[str, Shown], fresh: list[Moment]) -> Truth:
    """The truth at the fresh moments, and at those of the newest figures that stand."""
    old = sorted({moment for shown in past.values() for moment in _standing(shown)})
    moments = [*old, *fresh]
    at = np.array([(_number(m.day), _number(m.known)) for m in moments], np.int64).reshape(-1, 2)
    stays = known.stays(m.known for m in old if m.known < known.coverage.last)
    stayed = together(
        _places(stays["kommune"], level),
        stays["person"].to_numpy().astype(np.int64),
        np.stack([_day_numbers(stays, "fra"), _day_numbers(stays, "til")], 1),
        np.stack([_day_numbers(stays, "known_from"), _day_numbers(stays, "known_to")], 1),
        moments=at,
        places=len(level.places),
    )
    divided = known.breakdown([m.day for m in fresh])
    counts = {d.name: _counts(divided, level, d.name, d.groups, fresh) for d in rules.dimensions}
    return truth_of(level, moments, len(old), counts, stayed=stayed, seen=_seen(known, level, rules, moments))


def _standing(shown: Shown) -> Iterator[Moment]:
    """The moments of the newest figure of each place."""
    last = np.append(np.diff(shown.place) != 0, True)[: len(shown.place)]
    for day, made in set(zip(shown.day[last].tolist(), shown.known[last].tolist(), strict=True)):
        yield Moment(date(1970, 1, 1) + timedelta(day), date(1970, 1, 1) + timedelta(made))


def _counts(divided: pa.Table, level: Level, dimension: str, groups: tuple[str, ...], fresh: list[Moment]) -> Numbers:
    """Moment × place × group."""
    rows = divided.filter(pc.equal(divided["dimension"], dimension))
    made = np.zeros((len(fresh), len(level.places), len(groups)), np.int64)
    days = np.array([_number(m.day) for m in fresh])
    at = (
        np.searchsorted(days, _day_numbers(rows, "dato")),
        _places(rows["kommune"], level),
        place_numbers(rows["gruppe"], groups),
    )
    np.add.at(made, at, rows["antal"].to_numpy())
    return made


def _seen(known: Facts, level: Level, rules: Policy, moments: list[Moment]) -> Numbers:
    table, day, length = PERIODS[level.name]
    flows = known.flows(table)
    period = "day" if level is COUNTRY_LEVEL else "week"
    names = rules.levels[level.name].flows.periods[period]
    starts, at = np.unique(_day_numbers(flows, day), return_inverse=True)
    ends = starts + length
    places = len(level.places)
    place = _places(flows["kommune"], level) if "kommune" in flows.column_names else np.zeros(len(at), np.int64)
    moved = np.zeros((2, places, len(ends)), np.int64)
    for n, name in enumerate(names):
        moved[n, place, at] = flows[name].to_numpy()
    now = [(date(1970, 1, 1) + timedelta(int(end)), known.coverage.last) for end in ends]
    return seen(
        ends,
        moved,
        _totals(known, level, now).T,
        np.array([_number(m.day) for m in moments], np.int64),
        _totals(known, level, moments),
    )


def _totals(known: Facts, level: Level, moments: list[Moment] | list[tuple[date, date]]) -> Numbers:
    """Moment × place."""
    rows = known.totals(moments)
    made = np.zeros((len(moments), len(level.places)), np.int64)
    codes = pc.index_in(rows["kommune"], pa.array(level.places))
    inside = pc.is_valid(codes).to_numpy()
    made[rows["n"].to_numpy()[inside], codes.drop_null().to_numpy()] = rows["antal"].to_numpy()[inside]
    return made


def _places(names: pa.ChunkedArray, level: Level) -> Numbers:
    """The place of each row in its level; the country is everywhere."""
    if level is COUNTRY_LEVEL:
        return np.zeros(len(names), np.int64)
    return np.asarray(pc.fill_null(pc.index_in(names, pa.array(level.places)), -1).to_numpy(), np.int64)


def _periods(rare: pa.Table, flows: Flows) -> dict[date, dict[str, int]]:
    """Flows of whole months, by the last month; those that have few of the first flow are counted together."""
    names = flows.periods["month"]
    made: dict[date, dict[str, int]] = {}
    sums = dict.fromkeys(names, 0)
    for row in rare.to_pylist():
        sums = {name: n + row[name] for name, n in sums.items()}
        if sums[names[0]] >= flows.month_from:
            made[row["maaned"]] = sums
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


def _day_numbers(table: pa.Table, column: str) -> Numbers:
    return np.asarray(table[column].cast(pa.date32()).cast(pa.int32()).to_numpy(), np.int64)


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days
