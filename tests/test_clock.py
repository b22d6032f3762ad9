"""One clock, in Copenhagen: on a machine on UTC, around midnight and where the clocks change."""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING

import msgspec
import pytest

from flis import clock
from flis.access import Authenticator, Grant, Principals
from flis.access.scopes import scope
from flis.config import Settings, State
from flis.delivery import receive
from flis.errors import AuthenticationError, ForbiddenError
from flis.operations import logged, runs, status, today
from flis.operations.derive import by_deliveries
from flis.query.database import Options, execute
from flis.query.result import CellSet
from tests.query.tiny import database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flis.query.database import Database

# A moment in UTC, and the day and hour in Copenhagen: worked out from the rule (the last Sundays of March and October,
# at 01:00 UTC), not by the library that the clock uses.
Case = tuple[str, date, int]
MOMENTS: list[Case] = [
    ("2022-01-14T22:59:59Z", date(2022, 1, 14), 23),
    ("2022-01-14T23:00:00Z", date(2022, 1, 15), 0),
    ("2022-07-14T21:59:59Z", date(2022, 7, 14), 23),
    ("2022-07-14T22:00:00Z", date(2022, 7, 15), 0),
    ("2022-03-26T22:59:59Z", date(2022, 3, 26), 23),
    ("2022-03-26T23:00:00Z", date(2022, 3, 27), 0),
    ("2022-03-27T00:59:59Z", date(2022, 3, 27), 1),
    ("2022-03-27T01:00:00Z", date(2022, 3, 27), 3),
    ("2022-03-27T22:00:00Z", date(2022, 3, 28), 0),
    ("2022-10-29T22:00:00Z", date(2022, 10, 30), 0),
    ("2022-10-30T00:30:00Z", date(2022, 10, 30), 2),
    ("2022-10-30T01:30:00Z", date(2022, 10, 30), 2),
    ("2022-10-30T22:59:59Z", date(2022, 10, 30), 23),
    ("2022-10-30T23:00:00Z", date(2022, 10, 31), 0),
    ("2022-12-31T23:00:00Z", date(2023, 1, 1), 0),
]


@pytest.fixture(params=["UTC", "Pacific/Auckland"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The zone that the machine is set to."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts the clock to a moment in UTC."""
    return lambda moment: monkeypatch.setattr(clock, "moment", lambda: datetime.fromisoformat(moment))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return database(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def state(tmp_path: Path) -> State:
    return Settings(state=tmp_path / "state").folders


@pytest.mark.parametrize("case", MOMENTS, ids=itemgetter(0))
def test_the_day_and_hour(machine: str, at: Callable[[str], None], state: State, case: Case) -> None:
    moment, day, hour = case
    at(moment)
    assert os.environ["TZ"] == machine
    assert (clock.today(), clock.now().hour) == (day, hour)
    assert clock.day_of(datetime.fromisoformat(moment)) == day
    assert today(state) == status(state).at == day


@pytest.mark.parametrize("case", MOMENTS, ids=itemgetter(0))
def test_mdx_asks_the_same_clock(machine: str, at: Callable[[str], None], base: Database, case: Case) -> None:
    moment, day, hour = case
    at(moment)
    hours = ("Hour(Now())", "Hour(Time())", "Int(Timer() / 3600)")
    statement = "WITH MEMBER [Measures].[x] AS {} SELECT [Measures].[x] ON 0 FROM [Tiny]"
    said = [
        str(_value(base, statement.format(formula)))
        for formula in ('Format(Date(), "yyyy-mm-dd")', *(f"CStr({asked})" for asked in hours))
    ]
    assert said == [day.isoformat(), *[str(hour)] * 3], machine


def _value(base: Database, statement: str) -> object:
    found = execute(base.scope, base, statement, Options())
    assert isinstance(found, CellSet)
    return found.cells.value(0)


@pytest.mark.parametrize("case", MOMENTS[:4], ids=itemgetter(0))
def test_rights_end_with_the_day(machine: str, at: Callable[[str], None], state: State, case: Case) -> None:
    del machine
    moment, day, _ = case
    at(moment)
    people = Principals(state)
    people.add("anna", "long enough it is", (Grant("0101", day),))
    people.add("bo", "long enough it is", (Grant("0101", day - timedelta(1)),))
    good, bad = people.token("anna", day), people.token("bo", day - timedelta(1))
    (anna, bo) = people.all()
    assert scope(anna, 1).municipalities == ("0101",)
    with pytest.raises(ForbiddenError):
        scope(bo, 1)
    door = Authenticator(state)
    assert door.bearer(good).name == "anna"
    with pytest.raises(AuthenticationError):
        door.bearer(bad)


def test_what_is_received_after_midnight_is_of_that_day(machine: str, at: Callable[[str], None], state: State) -> None:
    """A file that names no production date is known from the day on which it came, and kept from that day on."""
    del machine
    at("2022-07-14T22:30:00Z")
    file = state.inbox / "odd"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"of no known form")
    found = receive(state, file)
    assert found.manifest.received == datetime(2022, 7, 14, 22, 30, tzinfo=UTC)
    assert by_deliveries(state, date(2022, 7, 14)) == {}
    assert list(by_deliveries(state, date(2022, 7, 15))) == [found.manifest.area]


def test_a_run_over_the_change_of_the_clocks_takes_as_long_as_it_takes(
    machine: str, at: Callable[[str], None], state: State
) -> None:
    del machine
    at("2022-10-30T00:59:59Z")
    with logged(state, "run daily"):
        at("2022-10-30T01:00:01Z")
    (run,) = runs(state)
    assert run.seconds < 60
    assert clock.day_of(run.started) == date(2022, 10, 30)
    line = msgspec.json.decode((state.operations / "runs.jsonl").read_bytes())
    assert line["started"].startswith("2022-10-30T02:59:59")
