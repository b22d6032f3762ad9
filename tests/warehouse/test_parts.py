"""Parts against an oracle in plain Python that shares no code: any deliveries, in any order, as known on any day."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flis.errors import StateError
from flis.warehouse.parts import PartedTable, Telling, differing, effect, known_days, prepare, replace, tell, view

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flis.warehouse.database import Connection

COLUMNS = {"kommune": "VARCHAR", "maaned": "DATE", "navn": "VARCHAR", "antal": "INTEGER"}
MONTHS = [date(2025, month, 1) for month in (1, 2, 3, 4)]
MUNICIPALITIES = ["0101", "0461"]
KNOWN = [date(2025, 6, day) for day in (1, 2, 3, 4)]
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Told:
    """A delivery: what it is called, since when it is known, and its rows; `fixed` is what one part it tells.

    Deliveries of one `period` are a file and its corrections.
    """

    rank: str
    known: date
    rows: tuple[Row, ...]
    fixed: dict[str, object] = field(default_factory=dict, hash=False)
    period: str = ""


@cache
def opened() -> Connection:
    """One database for all trials: opening one takes longer than a trial."""
    return duckdb.connect(config={"threads": 1})


@contextmanager
def warehouse(table: PartedTable, deliveries: Sequence[Told]) -> Iterator[Connection]:
    """The deliveries loaded in the order given, numbered from 1."""
    connection = opened()
    connection.execute("DROP SCHEMA IF EXISTS trial CASCADE")
    prepare(connection, table)
    for number, told in enumerate(deliveries, 1):
        others = [
            Telling(n, one.known, one.rank)
            for n, one in enumerate(deliveries[: number - 1], 1)
            if told.period and one.period == told.period
        ]
        load(connection, table, told, number, others=others)
    yield connection


def load(
    connection: Connection,
    table: PartedTable,
    told: Told,
    number: int,
    named: str = "",
    *,
    others: Sequence[Telling] = (),
) -> None:
    declared = ", ".join(f"{name} {kind}" for name, kind in table.columns.items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE source ({declared})")
    marks = ", ".join("?" * len(table.columns))
    if told.rows:
        connection.executemany(f"INSERT INTO source VALUES ({marks})", told.rows)
    telling = Telling(number, told.known, told.rank, told.fixed, tuple(others))
    tell(connection, table, "source", "told", fixed=told.fixed, named=named)
    replace(connection, table, "source", "told", telling)


def shown(connection: Connection, table: PartedTable, *day: date, through: int | None = None) -> Counter[Row]:
    view(connection, table, *day, through=through)
    return Counter(connection.execute(f"FROM {table.name}").fetchall())


def expected(
    deliveries: Sequence[Told], part: Sequence[str], day: date | None = None, *, windowed: bool = False
) -> Counter[Row]:
    """What a reader of all deliveries would say: of each part the rows of the delivery that counts."""
    names = list(COLUMNS)
    places = [names.index(name) for name in part]

    def key(row: Row) -> Row:
        return tuple(row[place] for place in places)

    seen = [told for told in deliveries if day is None or told.known <= day]
    keys = {key(row) for told in deliveries for row in told.rows}
    keys |= {tuple(told.fixed[name] for name in part) for told in deliveries if set(part) <= set(told.fixed)}
    found: Counter[Row] = Counter()
    for one in keys:
        direct = [told for told in seen if tells(told, one, part, key, windowed=windowed)]
        whole = windowed or is_of_periods(part)
        tellers = [told for told in seen if told in direct or (whole and corrects(told, direct))]
        if tellers:
            counts = max(tellers, key=lambda told: told.rank)
            found.update(row for row in counts.rows if key(row) == one)
    return found


def is_of_periods(part: Sequence[str]) -> bool:
    return set(part) <= {"kommune", "maaned"}


def corrects(told: Told, others: Sequence[Told]) -> bool:
    return any(told.period and told.period == other.period and told.rank > other.rank for other in others)


def tells(told: Told, one: Row, part: Sequence[str], key: Any, *, windowed: bool = False) -> bool:
    if all(name in told.fixed for name in part):
        return one == tuple(told.fixed[name] for name in part)
    mine = {key(row) for row in told.rows}
    if "maaned" not in part or "maaned" in told.fixed:
        return one in mine
    at = list(part).index("maaned")
    places = [n for n, name in enumerate(part) if n != at and (name == "kommune" or not windowed)]
    others = [k[at] for k in mine if all(k[n] == one[n] for n in places)]
    return bool(others) and min(others) <= one[at] <= max(others)


rows_of = st.tuples(st.sampled_from(["a", "b, c", None, ""]), st.sampled_from([0, 1, None]))


@st.composite
def whole_months(draw: st.DrawFn) -> list[Told]:
    """One file per municipality and month, some of them corrected, each perhaps without rows."""
    ids = draw(
        st.lists(
            st.tuples(st.sampled_from(MUNICIPALITIES), st.sampled_from(MONTHS[:2]), st.integers(1, 3)),
            unique=True,
            min_size=1,
            max_size=7,
        )
    )
    return [
        Told(
            f"{month:%Y-%m}/{sequence}/{kommune}",
            draw(st.sampled_from(KNOWN)),
            tuple((kommune, month, *draw(rows_of)) for _ in range(draw(st.integers(0, 2)))),
            {"kommune": kommune, "maaned": month},
        )
        for kommune, month, sequence in ids
    ]


@st.composite
def any_rows(draw: st.DrawFn, *, fixed: bool) -> list[Told]:
    """Files with rows of any month, of one municipality each or of all."""
    found = []
    for rank in range(draw(st.integers(1, 5))):
        kommune = draw(st.sampled_from(MUNICIPALITIES))
        period = draw(st.sampled_from(["1", "2"]))
        rows = tuple(
            (kommune if fixed else draw(st.sampled_from(MUNICIPALITIES)), draw(st.sampled_from(MONTHS)), *draw(rows_of))
            for _ in range(draw(st.integers(0, 4)))
        )
        given_by_name: dict[str, object] = {"kommune": kommune} if fixed else {}
        sender = kommune if fixed else "all"
        known = draw(st.sampled_from(KNOWN))
        found.append(Told(f"{period}/{rank:03}", known, rows, given_by_name, f"{period} of {sender}"))
    return found


def holds(deliveries: list[Told], order: list[int], part: tuple[str, ...], *, windowed: bool = False) -> None:
    """In any order: every day's rows, what differs since each load, and no row written twice."""
    arrived = [deliveries[n] for n in order]
    table = PartedTable("trial", "kept", COLUMNS, part, windowed=windowed)
    with warehouse(table, arrived) as connection:
        for day in (*KNOWN, KNOWN[0] - timedelta(1)):
            assert shown(connection, table, day) == expected(deliveries, part, day, windowed=windowed)
        now = expected(deliveries, part, windowed=windowed)
        assert shown(connection, table) == now
        for since in range(len(arrived) + 1):
            then = expected(arrived[:since], part, windowed=windowed)
            assert shown(connection, table, through=since) == then
            differing(connection, table, since)
            assert Counter(connection.execute("FROM kept").fetchall()) == (now - then) + (then - now)
        kept = connection.execute(f"SELECT count(*) FROM {table.rows}").fetchall()
    assert kept == [(sum(len(rows) for rows in contents(deliveries, part)),)]


def contents(deliveries: list[Told], part: tuple[str, ...]) -> set[tuple[Row, ...]]:
    """What any delivery ever said of a part, each once."""
    places = [list(COLUMNS).index(name) for name in part]
    found = set()
    for told in deliveries:
        by_part: dict[Row, list[Row]] = {}
        for row in told.rows:
            by_part.setdefault(tuple(row[place] for place in places), []).append(row)
        found |= {tuple(sorted(rows, key=repr)) for rows in by_part.values()}
    return found


orders = st.randoms(use_true_random=False)
few = settings(deadline=None, max_examples=15)


def shuffled(deliveries: list[Told], random: Any) -> list[int]:
    order = list(range(len(deliveries)))
    random.shuffle(order)
    return order


@few
@given(whole_months(), orders)
def test_a_file_replaces_its_month(deliveries: list[Told], random: Any) -> None:
    holds(deliveries, shuffled(deliveries, random), ("kommune", "maaned"))


@few
@given(any_rows(fixed=True), orders)
def test_a_window_replaces_its_months(deliveries: list[Told], random: Any) -> None:
    holds(deliveries, shuffled(deliveries, random), ("kommune", "maaned"))


@few
@given(any_rows(fixed=True), orders)
def test_a_window_replaces_all_that_its_months_are_divided_into(deliveries: list[Told], random: Any) -> None:
    """A name that no row has any more, in any month, has no rows: as an accounting period of a ledger."""
    holds(deliveries, shuffled(deliveries, random), ("kommune", "maaned", "navn"), windowed=True)


@few
@given(any_rows(fixed=False), orders)
def test_a_national_window_replaces_the_months_of_those_it_tells_of(deliveries: list[Told], random: Any) -> None:
    holds(deliveries, shuffled(deliveries, random), ("kommune", "maaned"))


@few
@given(any_rows(fixed=True), orders)
def test_a_register_replaces_its_senders(deliveries: list[Told], random: Any) -> None:
    holds(deliveries, shuffled(deliveries, random), ("kommune",))


@few
@given(any_rows(fixed=False), orders)
def test_a_national_register_replaces_all(deliveries: list[Told], random: Any) -> None:
    holds(deliveries, shuffled(deliveries, random), ())


@few
@given(any_rows(fixed=False), orders)
def test_a_person_is_replaced_by_the_files_with_rows_of_it(deliveries: list[Told], random: Any) -> None:
    holds(deliveries, shuffled(deliveries, random), ("navn",))


def test_a_resource_is_known_by_its_own_clock() -> None:
    """The newest update counts, in whatever order the bundles come; two of a day are told apart by the hour."""
    table = PartedTable("trial", "kept", {"id": "VARCHAR", "opdateret": "TIMESTAMP"}, ("id",), clock="opdateret")
    hours = ("2025-06-01T09", "2025-06-01T10", "2025-06-03T00")
    updates = [("a", datetime.fromisoformat(hour)) for hour in hours]
    told = [Told("", date(2025, 7, 1), (update,)) for update in updates]
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        with warehouse(table, [told[n] for n in order]) as connection:
            assert shown(connection, table) == Counter([updates[2]])
            assert shown(connection, table, date(2025, 6, 2)) == Counter([updates[1]])
            assert shown(connection, table, date(2025, 5, 31)) == Counter()


UPDATES = {"id": "VARCHAR", "opdateret": "TIMESTAMP", "antal": "INTEGER"}
MOMENTS = [datetime.fromisoformat(f"2025-06-0{day}T{hour}:00") for day in (1, 2, 4) for hour in ("00", "09", "23")]
versions_of = st.dictionaries(
    st.tuples(st.sampled_from("ab"), st.sampled_from(MOMENTS)), st.integers(0, 2) | st.none(), min_size=1, max_size=8
)


@settings(deadline=None, max_examples=25)
@given(versions_of, st.lists(st.integers(0, 3), min_size=16, max_size=16), orders)
def test_a_file_tells_any_versions_of_any_resources(
    versions: dict[tuple[str, datetime], int | None], places: list[int], random: Any
) -> None:
    """Some come again in another file; one without a number says that there is no such thing any more."""
    table = PartedTable("trial", "kept", UPDATES, ("id",), clock="opdateret", resource=True)
    listed = [*versions.items(), *list(versions.items())[:2]]
    files: dict[int, dict[tuple[str, datetime], int | None]] = {}
    for place, (key, value) in zip(places, listed, strict=False):
        files.setdefault(place, {})[key] = value
    arrived = shuffled([Told("", KNOWN[0], ()) for _ in files], random)
    connection = opened()
    connection.execute("DROP SCHEMA IF EXISTS trial CASCADE")
    prepare(connection, table)
    for number, at in enumerate(arrived, 1):
        rows = list(files.values())[at]
        connection.execute("CREATE OR REPLACE TEMP TABLE named (id VARCHAR, clock TIMESTAMP)")
        connection.executemany("INSERT INTO named VALUES (?, ?)", list(rows))
        kept = tuple((*key, value) for key, value in rows.items() if value is not None)
        load(connection, table, Told(f"2025-06/{number}", date(2025, 7, 1), kept), number, "named")
        for through, day in ((number, None), (None, date(2025, 6, 1)), (None, date(2025, 6, 3))):
            seen = [files[list(files)[n]] for n in arrived[:number]]
            newest: dict[str, tuple[datetime, int | None]] = {}
            for one in seen:
                for (name, moment), value in one.items():
                    known = day is None or moment.date() <= day
                    if known and (name not in newest or newest[name][0] <= moment):
                        newest[name] = (moment, value)
            expects = Counter((name, *of) for name, of in newest.items() if of[1] is not None)
            assert shown(connection, table, *([day] if day else []), through=through) == expects
    assert known_days(connection, [table], date(2025, 6, 2)) == {
        moment.date() for _, moment in versions if moment.date() > date(2025, 6, 1)
    }


def test_what_a_file_outranks_itself_is_as_another_delivery_tells_it_for_nobody() -> None:
    """Several versions of a resource in one file are no parts that change nothing; an older one in a later file is."""
    table = PartedTable("trial", "kept", UPDATES, ("id",), clock="opdateret", resource=True)
    rows = [("a", moment, n) for n, moment in enumerate(MOMENTS[:3])]
    told = [Told("1", KNOWN[0], (rows[1], rows[2])), Told("2", KNOWN[1], (rows[0],))]
    with warehouse(table, told) as connection:
        assert [effect(connection, table, load) for load in (1, 2)] == [(2, 0, 0), (1, 1, 0)]


def test_a_part_of_whose_records_a_step_leaves_none_has_no_rows_any_more() -> None:
    table = PartedTable("trial", "kept", COLUMNS, ("navn",))
    first = Told("1", KNOWN[0], (("0101", MONTHS[0], "a", 1), ("0101", MONTHS[0], "b", 1)))
    with warehouse(table, [first]) as connection:
        connection.execute("CREATE OR REPLACE TEMP TABLE named AS SELECT 'a' AS navn, CAST(NULL AS TIMESTAMP) AS clock")
        load(connection, table, Told("2", KNOWN[1], ()), 2, "named")
        assert shown(connection, table) == Counter([("0101", MONTHS[0], "b", 1)])
        assert shown(connection, table, KNOWN[0]) == Counter(first.rows)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), min_size=2, max_size=5),
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), min_size=2, max_size=5),
)
def test_parts_have_one_digest_where_they_have_the_same_rows(one: list[Row], other: list[Row]) -> None:
    """Also rows that swapped a value, or that come twice."""
    table = PartedTable("trial", "kept", COLUMNS, ("kommune", "maaned"))
    told = [
        Told(f"{number}", KNOWN[number], tuple(("0101", MONTHS[0], *row) for row in rows))
        for number, rows in enumerate((one, other))
    ]
    with warehouse(table, told) as connection:
        ((digests,),) = connection.execute(f"SELECT count(DISTINCT digest) FROM {table.versions}").fetchall()
    assert (digests == 1) == (Counter(one) == Counter(other))


def test_rows_of_another_municipality_are_refused() -> None:
    told = Told("1", KNOWN[0], (("0461", MONTHS[0], "a", 1),), {"kommune": "0101", "maaned": MONTHS[0]})
    with (
        pytest.raises(StateError, match="another kommune than its own"),
        warehouse(PartedTable("trial", "kept", COLUMNS, ("kommune", "maaned")), [told]),
    ):
        pass


def test_an_unchanged_window_writes_nothing() -> None:
    rows = tuple(("0101", month, "a", n) for n, month in enumerate(MONTHS))
    table = PartedTable("trial", "kept", COLUMNS, ("kommune", "maaned"))
    fixed: dict[str, object] = {"kommune": "0101"}
    windows = [Told("1", KNOWN[0], rows, fixed), Told("2", KNOWN[1], ((*rows[0][:3], 9), *rows[1:]), fixed)]
    with warehouse(table, windows) as connection:
        written = connection.execute(f"SELECT load, count(*) FROM {table.rows} GROUP BY load ORDER BY load").fetchall()
        differing(connection, table, 1)
        assert connection.execute("SELECT DISTINCT maaned FROM kept").fetchall() == [(MONTHS[0],)]
    assert written == [(1, 4), (2, 1)]
