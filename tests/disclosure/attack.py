"""An outsider who keeps every public file of every release, and solves for what they do not say.

Shares no code with what it attacks. Reads Parquet files of the public store by the names that are in the docs. What it
finds: figures that were published twice and differ, cells with too few possible values, single events placed on a day
in a municipality, rare events placed in a municipality, days on which all who came were of one sex.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["Chain", "Files", "chains", "differing", "narrow", "one_sex", "placed", "placed_in_month", "read"]

COUNTRY = "0000"
BASE, FEWEST, MANY, SMALL = 5, 3, 20, 4
BALANCE = {"aldersgruppe": "20-66", "koen": "K", "civilstand": "gift"}
RARE_OUT = ("doede", "forsvundne", "statsborgerskab_mistet")
RARE_IN = ("genfundne", "statsborgerskab_opnaaet", "oevrige")
Row = dict[str, Any]


@dataclass(frozen=True)
class Files:
    """The public tables of one release, as rows."""

    tables: Mapping[str, list[Row]]

    @cached_property
    def totals(self) -> dict[tuple[str, date], int]:
        """Persons by area and day, as known now."""
        return {(r["kommune"], r["dato"]): r["antal"] for r in self.tables["total"] if r.get("known_to") is None}

    @cached_property
    def weeks(self) -> dict[tuple[str, date], tuple[int | None, int | None]]:
        """Entries and exits by municipality and Monday; None is a range."""
        now = (r for r in self.tables["flow_week"] if r.get("known_to") is None)
        return {(r["kommune"], r["uge"]): (r["indrejste"], r["udrejste"]) for r in now}

    @cached_property
    def days(self) -> dict[date, Row]:
        """The country's flows by day."""
        return {r["dato"]: r for r in self.tables["flow_day"] if r.get("known_to") is None}

    @cached_property
    def figures(self) -> dict[tuple[str, str, date], dict[str, int]]:
        """Breakdowns by area, dimension and day."""
        found: dict[tuple[str, str, date], dict[str, int]] = defaultdict(dict)
        for r in self.tables.get("breakdown", []):
            found[r["kommune"], r["dimension"], r["dato"]][r["gruppe"]] = r["antal"]
        return dict(found)


def read(tables: Mapping[str, Sequence[Path]]) -> Files:
    """The public store of a release, from its files by table."""
    return Files({name: pa.concat_tables([pq.read_table(f) for f in fs]).to_pylist() for name, fs in tables.items()})


def differing(releases: Sequence[Files]) -> list[tuple[date, str, dict[str, str]]]:
    """Persons told by comparing releases: day, municipality ('' where it stays open), their group by dimension."""
    found = []
    for before, after in pairwise(releases):
        days = {d for (a, _, d) in before.figures.keys() & after.figures.keys() if a == COUNTRY}
        for day in sorted(days):
            groups = {}
            for dimension in BALANCE:
                one, two = (files.figures.get((COUNTRY, dimension, day), {}) for files in (before, after))
                changed = {g: two.get(g, 0) - n for g, n in one.items() if two.get(g, 0) != n}
                if len(changed) == 1 and set(changed.values()) <= {1, -1}:
                    groups[dimension] = next(iter(changed))
            if groups:
                moved = [
                    area
                    for (area, d), n in before.totals.items()
                    if d == day and area != COUNTRY and after.totals.get((area, d)) != n
                ]
                found.append((day, moved[0] if len(moved) == 1 else "", groups))
    return found


def refrozen(releases: Sequence[Files]) -> list[tuple[str, str, date]]:
    """Figures of one day that two releases show differently."""
    return [
        key
        for before, after in pairwise(releases)
        for key in before.figures.keys() & after.figures.keys()
        if before.figures[key] != after.figures[key]
    ]


def placed(files: Files) -> list[tuple[str, date, int]]:
    """Single entries (1) and exits (-1) placed on a day: the week has one, and the daily sum moves by it."""
    net = {
        (r["kommune"], r["dato"]): r["indrejste_minus_udrejste"]
        for r in files.tables["total"]
        if r["kommune"] != COUNTRY and r.get("known_to") is None and r["indrejste_minus_udrejste"] is not None
    }
    found = []
    for (area, day), now in net.items():
        before = net.get((area, day - timedelta(1)))
        week = files.weeks.get((area, day - timedelta(day.weekday())))
        if before is None or week is None:
            continue
        if (now - before == 1 and week[0] == 1) or (now - before == -1 and week[1] == 1):
            found.append((area, day, now - before))
    return found


def one_sex(files: Files) -> list[date]:
    """Days on which all who came, or all who left, are surely of one sex, by the country's daily figures.

    Of men who came and left only the difference is known: it is exact where figures are, else off by the base.
    """
    found = []
    for day, flows in files.days.items():
        now, before = (files.figures.get((COUNTRY, "koen", d)) for d in (day, day - timedelta(1)))
        if not now or not before:
            continue
        came = flows["indrejste"] + sum(flows.get(name, 0) for name in RARE_IN)
        left = flows["udrejste"] + sum(flows.get(name, 0) for name in RARE_OUT)
        off = 0 if "doede" in flows else BASE - 1
        least, most = now["M"] - before["M"] - off, now["M"] - before["M"] + off
        if flows.get("tilflyttede", 0) or not came + left:
            continue
        men_came = max(0, least), min(came, most + left)
        men_left = max(0, -most), min(left, came - least)
        sure = [
            n > 0 and (least_of == n or most_of == 0) for n, (least_of, most_of) in ((came, men_came), (left, men_left))
        ]
        if any(sure):
            found.append(day)
    return found


@dataclass(frozen=True)
class Chain:
    """The figures of one area and dimension, oldest first, and how many can have come and left between them."""

    area: str
    dimension: str
    days: tuple[date, ...]
    groups: tuple[str, ...]
    shown: np.ndarray
    came: np.ndarray
    left: np.ndarray
    rounding: str = "offset"
    """'offset': down, after adding a secret offset, but for the balance group; 'nearest': every group."""
    totals: np.ndarray = field(default_factory=lambda: np.zeros(0))


def chains(releases: Sequence[Files], *, rounding: str = "offset") -> Iterator[Chain]:
    """All chains of what was ever shown."""
    newest = releases[-1]
    figures = {key: value for files in releases for key, value in files.figures.items()}
    by: dict[tuple[str, str], list[date]] = defaultdict(list)
    for area, dimension, day in sorted(figures):
        if rounding == "offset" or (area, day) in newest.totals:
            by[area, dimension].append(day)
    for (area, dimension), days in by.items():
        groups = tuple(sorted(figures[area, dimension, days[0]]))
        shown = np.array([[figures[area, dimension, d][g] for g in groups] for d in days])
        totals = shown.sum(1) if rounding == "offset" else np.array([newest.totals[area, d] for d in days])
        steps = [_moved(newest, area, a, b, int(totals[n + 1] - totals[n])) for n, (a, b) in enumerate(pairwise(days))]
        came, left = (np.array([s[i] for s in steps], float) for i in (0, 1))
        yield Chain(area, dimension, tuple(days), groups, shown, came, left, rounding, totals)


def _moved(files: Files, area: str, first: date, last: date, change: int) -> tuple[int, int]:
    """At most how many came and left between two days: named flows, ranges at their end, and what they leave over."""
    came = left = 0
    if area == COUNTRY:
        for n in range(1, (last - first).days + 1):
            day = files.days[first + timedelta(n)]
            came, left = came + int(day["indrejste"]), left + int(day["udrejste"])
    else:
        for n in range(1, (last - first).days, 7):
            entered, exited = files.weeks.get((area, first + timedelta(n)), (0, 0))
            came, left = came + (SMALL if entered is None else entered), left + (SMALL if exited is None else exited)
    return int(max(came, change + left)), int(max(left, came - change))


class _Programme:
    """The programme of one chain: x, came and left per figure and group, offsets, and changes of group."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.figures: int = chain.shown.shape[0]
        self.groups: int = chain.shown.shape[1]
        cells = self.figures * self.groups
        steps = (self.figures - 1) * self.groups
        self.start: dict[str, int] = {
            "x": 0,
            "in": cells,
            "out": cells + steps,
            "up": cells + 2 * steps,
            "down": cells + 3 * steps,
        }
        self.offset = cells + 4 * steps
        self.size = self.offset + self.groups
        self.rest = chain.groups.index(BALANCE[chain.dimension])
        self.rows: list[tuple[dict[int, float], float, float]] = []
        self._constrain()

    def at(self, what: str, figure: int, group: int) -> int:
        """The column of a variable."""
        return self.start[what] + figure * self.groups + group

    def _constrain(self) -> None:
        chain = self.chain
        for n in range(self.figures):
            whole = float(chain.totals[n])
            self.rows.append(({self.at("x", n, g): 1 for g in range(self.groups)}, whole, whole))
            for g in range(self.groups):
                shown, cell = float(chain.shown[n, g]), self.at("x", n, g)
                if chain.rounding == "nearest":
                    self.rows.append(({cell: 1}, shown - 2, shown + 2))
                elif g != self.rest:
                    self.rows.append(({cell: 1, self.offset + g: 1}, shown, shown + BASE - 1))
        for n in range(self.figures - 1):
            for g in range(self.groups):
                parts = {"in": -1.0, "out": 1.0, "up": -1.0, "down": 1.0}
                row = {self.at(what, n, g): sign for what, sign in parts.items()}
                self.rows.append((row | {self.at("x", n + 1, g): 1, self.at("x", n, g): -1}, 0, 0))
            for what, most in (("in", chain.came[n]), ("out", chain.left[n])):
                self.rows.append(({self.at(what, n, g): 1 for g in range(self.groups)}, 0, float(most)))

    def solved(self, objective: Mapping[int, float], *, whole: bool) -> float | None:
        """The least value of the objective; None where there is no solution, or none was found in time."""
        entries = [(r, c, v) for r, (row, _, _) in enumerate(self.rows) for c, v in row.items()]
        r, c, v = zip(*entries, strict=True)
        matrix = sparse.csr_array((v, (r, c)), shape=(len(self.rows), self.size))
        cost = np.zeros(self.size)
        for column, weight in objective.items():
            cost[column] = weight
        top = np.full(self.size, np.inf)
        top[self.offset :] = BASE - 1
        integral = np.zeros(self.size)
        integral[self.offset :] = whole
        answer = milp(
            cost,
            constraints=LinearConstraint(matrix, [x[1] for x in self.rows], [x[2] for x in self.rows]),
            bounds=Bounds(np.zeros(self.size), top),
            integrality=integral,
            options={"time_limit": 20},
        )
        return float(answer.fun) if answer.status == 0 else None

    def settle_changes(self) -> None:
        """Nobody changes groups, or as few as the figures allow."""
        changes = dict.fromkeys(range(self.start["up"], self.offset), 1.0)
        fewest = self.solved(changes, whole=False)
        assert fewest is not None, "even with changes of groups the figures contradict each other"
        self.rows.append((changes, 0, np.ceil(fewest - 1e-6)))


def narrow(chain: Chain, *, cells: int) -> list[tuple[str, str, date, str, int, int]]:
    """Cells, and changes of cells, with fewer than three possible values: area, dimension, day, group, least, most.

    Asked are, of each group, the newest figure and those around the `cells` steps with the fewest changes.
    """
    fewest = MANY if chain.rounding == "offset" else BASE
    programme = _Programme(chain)
    programme.settle_changes()
    known = np.flatnonzero(chain.totals[:-1] >= fewest)
    quiet = known[np.argsort((chain.came + chain.left)[known], kind="stable")[:cells]].tolist()
    wanted = sorted({programme.figures - 1, *quiet, *(n + 1 for n in quiet)})
    questions: list[tuple[int, int, dict[int, float]]] = [
        (n, g, {programme.at("x", n, g): 1.0}) for n in wanted for g in range(programme.groups)
    ]
    if chain.rounding == "offset":
        questions += [
            (n + 1, g, {programme.at("x", n + 1, g): 1.0, programme.at("x", n, g): -1.0})
            for n in quiet
            for g in range(programme.groups)
        ]
    found = []
    for n, g, question in questions:
        least = programme.solved(question, whole=True)
        most = programme.solved({c: -v for c, v in question.items()}, whole=True)
        if least is None or most is None:
            continue
        low, high = int(np.ceil(least - 1e-6)), int(np.floor(-most + 1e-6))
        if high - low + 1 < FEWEST and chain.totals[n] >= fewest:
            found.append((chain.area, chain.dimension, chain.days[n], chain.groups[g], low, high))
    return found


def placed_in_month(files: Files, month: Row) -> list[str]:
    """Municipalities in which a rare departure of a month surely lies: none has it in every solution, else it is told.

    Variables per municipality and day: entries, exits, moves in and out, rare arrivals and departures.
    """
    first = max(month["fra"], min(files.days))
    days = [first + timedelta(n) for n in range(((month["maaned"] + timedelta(31)).replace(day=1) - first).days)]
    areas = sorted({a for a, _ in files.totals} - {COUNTRY})
    kinds = ("in", "out", "from", "to", "plus", "minus")
    signs = {"in": 1, "out": -1, "to": 1, "from": -1, "plus": 1, "minus": -1}
    count = len(areas) * len(days)
    column = {k: n * count for n, k in enumerate(kinds)}

    def at(kind: str, area: int, day: int) -> int:
        return column[kind] + area * len(days) + day

    rows: list[tuple[list[int], list[float], float, float]] = []
    for d, day in enumerate(days):
        for a, area in enumerate(areas):
            change = files.totals[area, day] - files.totals.get((area, day - timedelta(1)), 0)
            rows.append(([at(k, a, d) for k in kinds], [signs[k] for k in kinds], change, change))
        every = range(len(areas))
        for kind, name in (("in", "indrejste"), ("out", "udrejste")):
            rows.append(([at(kind, a, d) for a in every], [1.0] * len(areas), *[files.days[day][name]] * 2))
        rows.append(
            ([at(k, a, d) for k in ("to", "from") for a in every], [1.0] * len(areas) + [-1.0] * len(areas), 0, 0)
        )
    for (area, monday), told in files.weeks.items():
        inside = [n for n, day in enumerate(days) if 0 <= (day - monday).days < 7]
        if area in areas and len(inside) == 7:
            for kind, n in zip(("in", "out"), told, strict=True):
                low, high = (1, 4) if n is None else (n, n)
                rows.append(([at(kind, areas.index(area), d) for d in inside], [1.0] * 7, low, high))
    whole = [(k, a, d) for k in kinds for a in range(len(areas)) for d in range(len(days))]
    for kind, names in (("to", ("tilflyttede",)), ("plus", RARE_IN), ("minus", RARE_OUT)):
        total = sum(month[name] for name in names)
        rows.append(([at(*w) for w in whole if w[0] == kind], [1.0] * count, total, total))
    return _certain(rows, areas, lambda a: [at("minus", a, d) for d in range(len(days))], count * len(kinds))


def _certain(rows: list[Any], areas: list[str], columns: Any, size: int) -> list[str]:
    r = np.repeat(np.arange(len(rows)), [len(x[0]) for x in rows])
    c, v = (np.concatenate([np.asarray(x[i], float) for x in rows]) for i in (0, 1))
    matrix = sparse.csr_array((v, (r, c.astype(int))), shape=(len(rows), size))
    low, high = (np.array([x[i] for x in rows], float) for i in (2, 3))
    exact = low == high
    upper = sparse.vstack([matrix[~exact], -matrix[~exact]]) if (~exact).any() else None
    limit = np.concatenate([high[~exact], -low[~exact]]) if (~exact).any() else None
    left = list(range(len(areas)))
    while left:
        cost = np.zeros(size)
        for a in left:
            cost[columns(a)] = 1
        answer = linprog(cost, A_ub=upper, b_ub=limit, A_eq=matrix[exact], b_eq=low[exact], method="highs")
        assert answer.status == 0, answer.message
        still = [a for a in left if answer.x[columns(a)].sum() > 1e-6]
        if len(still) == len(left) or answer.fun < 1e-6:
            return [areas[a] for a in still] if answer.fun > 1e-6 else []
        left = still
    return []
