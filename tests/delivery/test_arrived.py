"""Simulated state folders: deliveries that are said to arrive on a day."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from flis.cli.deliveries import deliveries as listed
from flis.cli.deliveries import receive as command
from flis.cli.run import run
from flis.clock import day_of
from flis.clock import today as real_today
from flis.delivery import deliveries, mend, receive
from flis.errors import RefusedError
from flis.operations import simulated, stop, today
from tests.delivery.extracts import day, extract

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    made = []
    for n in range(1, 5):
        file = tmp_path / f"sent{n}"
        file.write_bytes(extract(day(n), day(n - 1) if n > 1 else None))
        made.append(file)
    return made


def taken(state: State, *arguments: object) -> Result:
    return CliRunner().invoke(command, [*map(str, arguments), "--state", str(state.root), "--json"])


def arrivals(state: State) -> list[date]:
    return [day_of(d.manifest.received) for d in deliveries(state)]


def test_the_first_delivery_with_a_day_of_arrival_makes_the_state_simulated(state: State, files: list[Path]) -> None:
    assert taken(state, files[0], "--arrived", "2022-01-04").exit_code == 0
    assert simulated(state)
    assert today(state) == date(2022, 1, 4)
    assert arrivals(state) == [date(2022, 1, 4)]
    told = CliRunner().invoke(listed, ["--state", str(state.root), "--json"])
    assert json.loads(told.output)[0]["arrived"].startswith("2022-01-04T11:00:00")


def test_today_is_the_newest_day_that_was_told(state: State, files: list[Path]) -> None:
    receive(state, files[0], date(2022, 1, 6))
    receive(state, files[1], date(2022, 1, 5))
    assert today(state) == date(2022, 1, 6)
    receive(state, files[2])
    assert arrivals(state) == [date(2022, 1, 6), date(2022, 1, 5), date(2022, 1, 6)]
    CliRunner().invoke(run, ["daily", "--date", "2022-01-09", "--state", str(state.root)])
    assert today(state) == date(2022, 1, 9)
    CliRunner().invoke(run, ["daily", "--date", "2022-01-07", "--state", str(state.root)])
    assert today(state) == date(2022, 1, 9)


def test_it_never_becomes_a_real_one(state: State, files: list[Path]) -> None:
    receive(state, files[0], date(2022, 1, 4))
    receive(state, files[1])
    assert simulated(state)
    receive(state, files[2], date(2022, 1, 8))
    assert today(state) == date(2022, 1, 8)


def test_the_order_of_receipt_of_one_day_is_kept(state: State, files: list[Path]) -> None:
    for file in files:
        receive(state, file, date(2022, 1, 9))
    moments = [d.manifest.received for d in deliveries(state)]
    assert moments == sorted(set(moments))


def test_no_day_is_taken_where_deliveries_came_as_they_came(state: State, files: list[Path]) -> None:
    receive(state, files[0])
    with pytest.raises(RefusedError):
        receive(state, files[1], date(2022, 1, 4))
    told = taken(state, files[1], "--arrived", "2022-01-04")
    assert told.exit_code == 1
    assert not simulated(state)
    assert today(state) == real_today()
    assert len(deliveries(state)) == 1
    CliRunner().invoke(run, ["daily", "--date", "2022-01-09", "--state", str(state.root)])
    assert today(state) == real_today()


def test_a_damaged_delivery_counts_too(state: State, files: list[Path]) -> None:
    first = receive(state, files[0])
    (first.folder / "manifest.json").unlink()
    with pytest.raises(RefusedError):
        receive(state, files[1], date(2022, 1, 4))
    assert mend(state) == [first.id]


def test_a_state_of_the_demo_takes_days(state: State, files: list[Path]) -> None:
    state.root.mkdir(parents=True)
    (state.root / "demo.json").write_text("{}")
    receive(state, files[0])
    stop(state, date(2022, 1, 5))
    receive(state, files[1], date(2022, 1, 7))
    receive(state, files[2])
    assert arrivals(state)[1:] == [date(2022, 1, 7)] * 2
