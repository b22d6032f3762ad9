"""`flis run daily` says, and returns 1, while a delivery that the chain needs is refused or waits."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from flis import validation
from flis.cli import root
from flis.config import Settings
from flis.delivery import DeliveryState, deliveries
from flis.errors import RefusedError
from tests.delivery import extracts

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State

DAYS = [date(2022, 1, n) for n in (10, 11, 12, 13)]
FILES = [extracts.extract(day, before) for day, before in zip(DAYS, [None, *DAYS[:-1]], strict=True)]


@pytest.fixture
def state(tmp_path: Path) -> State:
    made = Settings(state=tmp_path / "state").folders
    made.inbox.mkdir(parents=True)
    run(made, FILES[0], needed=[])
    return made


def run(state: State, *files: bytes, needed: list[tuple[str, str | None]], code: int | None = None) -> dict[str, Any]:
    """A day with these files in the inbox; what is needed afterwards, by state and production date."""
    for number, content in enumerate(files):
        (state.inbox / f"{number}.txt").write_bytes(content)
    done = CliRunner().invoke(root, ["run", "daily", "--json", "--state", str(state.root)])
    told: dict[str, Any] = json.loads(done.stdout)
    assert [(n["state"], n["produced"]) for n in told["needed"]] == needed
    assert [d.id for d in validation.needed(state)] == [n["id"] for n in told["needed"]]
    wanted = code if code is not None else int(bool(needed))
    assert isinstance(done.exception, RefusedError if wanted else type(None)), done.exception
    return told


def test_a_refused_delivery_is_needed_until_it_is_replaced(state: State) -> None:
    for files in ((extracts.wrong_count(FILES[1]),), (), ()):  # said at every run, not only at the first
        told = run(state, *files, needed=[("quarantined", "2022-01-11")])
    assert told["needed"][0]["reason"]
    run(state, FILES[2], needed=[("quarantined", "2022-01-11"), ("waiting", "2022-01-12")])
    run(state, FILES[1], needed=[])
    assert len(deliveries(state, DeliveryState.SUPERSEDED)) == 1


def test_what_waits_behind_a_gap_is_needed(state: State) -> None:
    told = run(state, FILES[2], FILES[3], needed=[("waiting", "2022-01-12"), ("waiting", "2022-01-13")])
    assert {n["missing"] for n in told["needed"]} == {"2022-01-11"}
    run(state, needed=[("waiting", "2022-01-12"), ("waiting", "2022-01-13")])
    words = CliRunner().invoke(root, ["run", "daily", "--state", str(state.root)])
    assert "waits for the delivery with the production date 2022-01-11" in words.output
    assert "2 deliveries that the chain needs are refused or waiting" in str(words.exception)
    run(state, FILES[1], needed=[])


def test_what_the_chain_has_passed_is_not_needed(state: State) -> None:
    run(state, FILES[1], needed=[])
    run(state, extracts.extract(DAYS[1], DAYS[0], persons=range(5)), needed=[], code=1)  # its date is taken
    run(state, needed=[])
    run(state, extracts.extract(date(2022, 1, 7), None), needed=[], code=1)  # older than the chain
    run(state, needed=[])


def test_a_file_of_unknown_form_is_of_no_chain(state: State) -> None:
    run(state, b"something else", needed=[], code=1)
    run(state, needed=[])


def test_a_file_too_broken_to_tell_its_date_is_needed_until_another_is_accepted(state: State) -> None:
    broken = FILES[1].replace(b"20220111", b"20221399")
    found = run(state, broken, needed=[("quarantined", None)])
    assert found["needed"][0]["produced"] is None
    run(state, FILES[1], needed=[])


def test_the_first_delivery_is_needed_as_well(tmp_path: Path) -> None:
    made = Settings(state=tmp_path / "state").folders
    made.inbox.mkdir(parents=True)
    run(made, extracts.wrong_count(FILES[0]), needed=[("quarantined", "2022-01-10")])
    run(made, FILES[0], needed=[])
