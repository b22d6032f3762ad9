"""A small but realistic release of made-up facts, for tests of whatever reads releases.

2,200 persons enter in June to August 2022, move, leave, die, marry; the last covered day is Tuesday 2022-08-16. All 99
municipalities have a store; the small ones are empty. The figures are the same in every run.
"""

from __future__ import annotations

import atexit
import shutil
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from flis.catalog.reference import municipalities
from flis.config import State
from flis.release.files import Files
from flis.release.policies import policy
from flis.release.publishing import publish
from flis.release.shapes import facts_of, schema
from flis.release.shared_store import shared_tables
from flis.release.stores import Content, Fact, lay_out
from flis.release.tables import public_municipalities, public_tables
from flis.release.tree import Root, Tree, encoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flis.release.tree import Stores

__all__ = [
    "FIRST", "FLOWS", "LAST", "PUBLIC_TABLES", "build_sample", "crossing_rows", "publish_tree", "star", "tree",
]  # fmt: skip

AREA = "ukraine"
FLOWS = tuple(name for period in ("day", "month") for name in policy(AREA).levels["country"].flows.periods[period])
PUBLIC_TABLES = public_tables(AREA)
FIRST = date(2022, 6, 1)
LAST = date(2022, 8, 16)
PERSONS = 2200
GROUPS = {"00-06": 0, "07-16": 7, "17-19": 17, "20-66": 20, "67+": 67}
COUNTRIES = {"statsborgerskab": "5704", "indrejseland": "5704"}
CIVIL_GROUPS = {"U": "ugift", "G": "gift", "P": "gift", "F": "andet", "E": "andet", "O": "andet", "L": "andet"}

DIVIDED = {"aldersgruppe": tuple(GROUPS), "koen": ("K", "M"), "civilstand": ("ugift", "gift", "andet")}
BALANCE = {"aldersgruppe": "20-66", "koen": "K", "civilstand": "gift"}

Row = dict[str, Any]
Cell = tuple[str, int, str, str]


def build_sample(state_root: Path, *, releases: int = 2) -> State:
    """Publish the sample under `state_root`: `releases` releases, of the last production dates in turn.

    The newest counts through Tuesday 2022-08-16, the one before through the 15th, and so on. The first that a process
    makes is copied for the next ones.
    """
    state = State(state_root, state_root / "keys")
    if state.releases.exists():
        return _published(state, releases)
    shutil.copytree(_made(releases), state_root, symlinks=True, dirs_exist_ok=True)
    return state


@cache
def _made(releases: int) -> Path:
    folder = Path(mkdtemp(prefix="flis-sample-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return _published(State(folder, folder / "keys"), releases).root


def _published(state: State, releases: int) -> State:
    stores: Stores = {}
    for back in range(releases - 1, -1, -1):
        stores = _publish(state, releases - back, LAST - timedelta(back), stores)
    return state


def _publish(state: State, number: int, last: date, before: Stores) -> Stores:
    stock, flow = _facts(last)
    since = FIRST if not before else last.replace(day=1)
    content = Content(
        municipalities={f"{d:%Y-%m}": {m.code for m in municipalities()} for d in _workdays(last)},
        facts={
            name: Fact(_by_month([r for r in rows if r["dato"] >= since], star(name), "dato"), "kommune")
            for name, rows in (("stock", stock), ("flow", flow), ("crossing", crossing_rows(flow, last)))
        },
        public=_public(stock, flow, last) | {"kommune": {"": public_municipalities()}},
        shared=shared_tables(AREA, FIRST, last),
    )
    stores = lay_out(Files(state.releases / "stores", AREA), content, before)
    applied = datetime(last.year, last.month, last.day, 3, 30, tzinfo=UTC) + timedelta(days=1)
    publish_tree(state, number, tree(stores, FIRST, last, deliveries=len(_workdays(last))), applied)
    return stores


def star(name: str) -> pa.Schema:
    """The columns of a fact of the sample's area."""
    return schema(facts_of(AREA)[name])


def tree(stores: Stores, first: date, last: date, deliveries: int = 1) -> Tree:
    """A tree of the area `ukraine` over `stores`, whose figures reach from `first` to `last`."""
    return Tree(
        area=AREA,
        coverage={"report": {"": (first, last)}},
        known=last,
        delivery=f"cpr-110901-{last:%Y%m%d}-00000000",
        deliveries=deliveries,
        load=deliveries,
        policy="sample",
        fingerprints={},
        stores=stores,
    )


def publish_tree(state: State, number: int, made: Tree, applied: datetime, shown: str = "sample") -> None:
    """Publish a release that holds one tree."""
    root = Root(
        number=number,
        previous=number - 1 or None,
        applied=applied,
        version="sample",
        areas={made.area: encoded(made)[0]},
        shown=shown,
    )
    publish(state, root, [made])


@cache
def _facts(last: date) -> tuple[list[Row], list[Row]]:
    """Rows of stock and flow through `last`, made person by person from a fixed seed."""
    draw = np.random.default_rng(20220224)
    codes = [m.code for m in municipalities()]
    weights = np.array([m.inhabitants if m.inhabitants > 12_000 else 0 for m in municipalities()], float)
    weights /= weights.sum()
    stock: dict[tuple[date, Cell], list[int]] = {}
    flow: dict[tuple[date, Cell], Row] = {}

    def count(day: date, cell: Cell, name: str) -> None:
        if day <= last:
            row = flow.setdefault((day, cell), dict.fromkeys(FLOWS, 0))
            row[name] += 1

    for person in range(PERSONS):
        home, next_home = (codes[i] for i in draw.choice(len(codes), 2, p=weights))
        age, woman, married = int(draw.gamma(3.2, 9.5)), draw.random() < 0.69, draw.random() < 0.22
        fate, stay = draw.random(), int(draw.integers(1, 40))
        enters = FIRST + timedelta(int((LAST - FIRST).days * draw.random() ** 1.3))
        cell = (home, min(age, 95), "K" if woman else "M", "G" if married and age > 19 else "U")
        if person % 150 == 0:
            _stay(stock, (*cell[:1], 0, *cell[2:3], "U"), enters, last, measure=1)
            continue
        count(enters, cell, "indrejste")
        leaves = enters + timedelta(stay)
        if fate < 0.10 and next_home != home:
            moved = (next_home, *cell[1:])
            count(leaves, cell, "fraflyttede")
            count(leaves, moved, "tilflyttede")
            _stay(stock, cell, enters, min(last, leaves - timedelta(1)))
            _stay(stock, moved, leaves, last)
        elif fate < 0.24:
            name = {0: "doede", 1: "forsvundne", 2: "statsborgerskab_mistet"}.get(person % 25, "udrejste")
            count(leaves, cell, name)
            _stay(stock, cell, enters, min(last, leaves - timedelta(1)))
        else:
            _stay(stock, cell, enters, last)
    return _stock_rows(stock), _flow_rows(flow)


def _stay(stock: dict[tuple[date, Cell], list[int]], cell: Cell, start: date, end: date, measure: int = 0) -> None:
    for n in range((end - start).days + 1):
        stock.setdefault((start + timedelta(n), cell), [0, 0])[measure] += 1


def _stock_rows(stock: dict[tuple[date, Cell], list[int]]) -> list[Row]:
    rows = [
        {
            "dato": day,
            "kommune": k,
            "alder": a,
            "koen": s,
            "civilstand": c,
            **COUNTRIES,
            "antal": n,
            "foedt_i_danmark": b,
        }
        for (day, (k, a, s, c)), (n, b) in stock.items()
    ]
    return sorted(rows, key=_order)


def _flow_rows(flow: dict[tuple[date, Cell], Row]) -> list[Row]:
    rows = [
        {"dato": day, "kommune": k, "alder": a, "koen": s, "civilstand": c} | COUNTRIES | counts
        for (day, (k, a, s, c)), counts in flow.items()
    ]
    return sorted(rows, key=_order)


def crossing_rows(flow: list[Row], last: date) -> list[Row]:
    """Entries and exits (here on the days on which the stock moves too) and their running sum, cell by cell."""
    events: dict[tuple[Any, ...], dict[date, Row]] = {}
    for row in flow:
        if row["indrejste"] or row["udrejste"]:
            events.setdefault((row["kommune"], row["alder"], row["koen"], row["civilstand"]), {})[row["dato"]] = row
    rows: list[Row] = []
    for (kommune, age, sex, state), days in events.items():
        running = 0
        for n in range((last - min(days)).days + 1):
            day = min(days) + timedelta(n)
            row = days.get(day, {"indrejste": 0, "udrejste": 0})
            running += row["indrejste"] - row["udrejste"]
            cell = {"dato": day, "kommune": kommune, "alder": age, "koen": sex, "civilstand": state} | COUNTRIES
            rows.append(
                cell
                | {"registrerede_indrejser": row["indrejste"], "registrerede_udrejser": row["udrejste"]}
                | {"indrejste_minus_udrejste": running}
            )
    return sorted(rows, key=_order)


def _order(row: Row) -> tuple[Any, ...]:
    return row["kommune"], row["dato"], row["alder"], row["koen"], row["civilstand"]


def _by_month(rows: Sequence[Row], schema: pa.Schema, day: str) -> dict[str, pa.Table]:
    months: dict[str, list[Row]] = {}
    for row in rows:
        months.setdefault(f"{row[day]:%Y-%m}", []).append(row)
    return {month: pa.Table.from_pylist(listed, schema) for month, listed in months.items()}


def _public(stock: list[Row], flow: list[Row], last: date) -> dict[str, dict[str, pa.Table]]:
    deliveries = [{"produced": d, "id": f"cpr-110901-{d:%Y%m%d}-00000000"} for d in _workdays(last)]
    sunday = last - timedelta(last.isoweekday() % 7)
    parts = _by_month(_breakdown(stock, sunday, last), PUBLIC_TABLES["breakdown"], "dato")
    return {
        "total": _by_month(_totals(stock, flow, last), PUBLIC_TABLES["total"], "dato"),
        "flow_day": _by_month(_flow_days(flow), PUBLIC_TABLES["flow_day"], "dato"),
        "flow_week": _by_month(_flow_weeks(flow, sunday), PUBLIC_TABLES["flow_week"], "uge"),
        "flow_month": _by_month(_flow_months(flow, last), PUBLIC_TABLES["flow_month"], "maaned"),
        "breakdown": parts,
        "delivery": {"": pa.Table.from_pylist(deliveries, PUBLIC_TABLES["delivery"])},
    }


def _workdays(last: date) -> list[date]:
    listed = [FIRST + timedelta(n) for n in range((last - FIRST).days + 1)]
    return [d for d in listed if d.isoweekday() <= 5 or d == last]


def _known(day: date) -> date:
    """The first workday on or after `day`: the delivery that covered it."""
    return day + timedelta({6: 2, 7: 1}.get(day.isoweekday(), 0))


def _totals(stock: list[Row], flow: list[Row], last: date) -> list[Row]:
    """Totals, and one revision: on known day `day` + 2 each Friday's total of København falls by one."""
    antal: dict[tuple[date, str], int] = {}
    net: dict[tuple[date, str], int] = {}
    for row in stock:
        for place in ("0000", row["kommune"]):
            antal[row["dato"], place] = antal.get((row["dato"], place), 0) + row["antal"]
    for row in flow:
        for place in ("0000", row["kommune"]):
            net[row["dato"], place] = net.get((row["dato"], place), 0) + row["indrejste"] - row["udrejste"]
    rows: list[Row] = []
    for place in ("0000", *(m.code for m in municipalities())):
        running = 0
        for n in range((last - FIRST).days + 1):
            day = FIRST + timedelta(n)
            running += net.get((day, place), 0)
            base = {"dato": day, "kommune": place, "indrejste_minus_udrejste": running if place == "0000" else None}
            rows += _versions(base, antal.get((day, place), 0), last)
    return sorted(rows, key=lambda r: (r["kommune"], r["dato"], r["known_from"]))


def _versions(base: Row, antal: int, last: date) -> Iterable[Row]:
    day = base["dato"]
    known, revised = _known(day), _known(day + timedelta(4))
    if day.isoweekday() == 5 and base["kommune"] in ("0000", "0101") and revised <= last:
        yield base | {"antal": antal + 1, "known_from": known, "known_to": revised}
        known = revised
    yield base | {"antal": antal, "known_from": min(known, last), "known_to": None}


def _flow_days(flow: list[Row]) -> list[Row]:
    return _summed(flow, lambda r: {"dato": r["dato"]}, lambda r: _known(r["dato"]))


def _flow_weeks(flow: list[Row], sunday: date) -> list[Row]:
    """Whole weeks; a count of one to four is left out."""
    whole = [r for r in flow if r["dato"] <= sunday]
    rows = _summed(
        whole,
        lambda r: {"uge": _monday(r["dato"]), "kommune": r["kommune"]},
        lambda r: _monday(r["dato"]) + timedelta(7),
    )
    return [row | {name: None for name in FLOWS[:2] if 1 <= row[name] <= 4} for row in rows]


def _flow_months(flow: list[Row], last: date) -> list[Row]:
    """Whole months."""
    whole = [r for r in flow if f"{r['dato']:%Y-%m}" < f"{last + timedelta(1):%Y-%m}"]
    rows = _summed(whole, lambda r: {"maaned": r["dato"].replace(day=1)}, lambda r: _known(r["dato"]))
    return [row | {"fra": row["maaned"], "opgjort": last} for row in rows]


def _monday(day: date) -> date:
    return day - timedelta(day.weekday())


def _summed(flow: list[Row], key: Any, known: Any) -> list[Row]:
    sums: dict[tuple[Any, ...], Row] = {}
    for row in flow:
        named = key(row)
        total = sums.setdefault(
            tuple(named.values()), named | dict.fromkeys(FLOWS, 0) | {"known_from": known(row), "known_to": None}
        )
        for name in FLOWS:
            total[name] += row[name]
    return [sums[k] for k in sorted(sums)]


def _groups(row: Row) -> dict[str, str]:
    return {
        "aldersgruppe": [name for name, first in GROUPS.items() if first <= row["alder"]][-1],
        "koen": row["koen"],
        "civilstand": CIVIL_GROUPS[row["civilstand"]],
    }


def _breakdown(stock: list[Row], sunday: date, last: date) -> list[Row]:
    """The country on every day, the municipalities with 20 persons on the last Sunday."""
    sums: dict[tuple[date, str, str, str], int] = {}
    for row in stock:
        for place in ("0000", row["kommune"])[: 1 + (row["dato"] == sunday)]:
            for dimension, group in _groups(row).items():
                key = (row["dato"], place, dimension, group)
                sums[key] = sums.get(key, 0) + row["antal"]
    rows: list[Row] = []
    for day, place, dimension in sorted({key[:3] for key in sums}):
        counts = {group: sums.get((day, place, dimension, group), 0) for group in DIVIDED[dimension]}
        if sum(counts.values()) >= 20:
            base = {"dato": day, "kommune": place, "dimension": dimension, "opgjort": last}
            rows += [base | {"gruppe": g, "antal": n} for g, n in _rounded(counts, BALANCE[dimension]).items()]
    return rows


def _rounded(counts: dict[str, int], balance: str) -> dict[str, int]:
    made = {group: 5 * ((n + 2) // 5) for group, n in counts.items()}
    made[balance] = sum(counts.values()) - sum(n for group, n in made.items() if group != balance)
    return made
