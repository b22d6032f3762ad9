"""A roll-back holds: runs load and publish nothing until it is lifted, and everybody is told."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from click.testing import CliRunner

from flis import clock
from flis.cli import chain, root
from flis.config import Settings
from flis.delivery import DeliveryState, deliveries
from flis.errors import ReleaseError
from flis.operations import StatusKind, as_json, runs, status, stop
from flis.release import apply, current, held, releases, resume, rollback, setback
from flis.release.reader import Pointer
from tests.release.test_apply import DAYS, finished, lives, state
from tests.release.test_commands import call, call_json
from tests.serve.web.asking import Web
from tests.warehouse.arrange import accept, new_state, write_chain

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State

__all__ = ["finished", "state"]

REASON = ("--reason", "Forkerte tal for Odense", "--reason-en", "Wrong figures for Odense")


@pytest.fixture
def waiting(tmp_path: Path) -> State:
    """Two releases, and a further day's file in the inbox."""
    state = new_state(tmp_path / "state")
    files = write_chain(tmp_path / "files", DAYS[:3], lives())
    for file in files[:2]:
        accept(state, [file])
        chain.day(Settings(state=state.root), hooks=False)
    state.inbox.mkdir(exist_ok=True)
    shutil.copy(files[2], state.inbox / files[2].name)
    assert [r.number for r in releases(state)] == [1, 2]
    return state


def serving(state: State) -> int:
    found = current(state)
    assert found
    return found.number


def test_a_roll_back_holds_until_it_is_lifted(waiting: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "moment", lambda: datetime(2032, 3, 8, 23, 30, tzinfo=UTC))
    call(waiting, "release", "rollback", *REASON)
    done = call_json(waiting, "run", "daily")
    assert (done["loaded"], done["published"]) == (1, None)
    assert len(deliveries(waiting, DeliveryState.LOADED)) == 3
    assert serving(waiting) == 1
    through = releases(waiting)[0].data_through
    told = (
        f"Release 1 (data through {through}) serves since 2032-03-09 in place of release 2. "
        "Reason: Wrong figures for Odense. Nothing new is published until further notice."
    )
    assert done["held"] == told
    assert told in call(waiting, "run", "daily")
    assert runs(waiting)[0].did["held"] == told
    assert [r.did["held"] for r in runs(waiting) if r.command == "release rollback"] == [told]
    with pytest.raises(ReleaseError, match="Wrong figures for Odense"):
        apply(waiting)
    found = next(c for c in call_json(waiting, "doctor", "--port", "0") if c["name"] == "newest release")
    assert (found["result"], found["found"]) == ("warning", told)
    assert "flis release resume" in found["advice"]
    assert call_json(waiting, "release", "resume") == {"lifted": True, "areas": ["ukraine"]}
    assert serving(waiting) == 1
    assert "Nothing was held" in call(waiting, "release", "resume")
    done = call_json(waiting, "run", "daily")
    assert (done["published"], done["held"]) == (3, None)
    assert serving(waiting) == 3
    assert setback(waiting) is None


def test_a_roll_back_holds_through_a_day(waiting: State) -> None:
    stop(waiting, date(2022, 3, 1))
    assert "lies before today" in str(call_error(waiting, "release", "rollback", "--until", "2022-02-28"))
    call(waiting, "release", "rollback", "1", "--until", "2022-03-02")
    for day in (1, 2):
        stop(waiting, date(2022, 3, day))
        assert call_json(waiting, "run", "daily")["published"] is None
        (notice,) = [s for s in states(waiting) if s["kind"] == "earlier-release"]
        assert "Der udgives intet nyt til og med 2022-03-02." in notice["text"]
    stop(waiting, date(2022, 3, 3))
    (notice,) = [s for s in states(waiting) if s["kind"] == "earlier-release"]
    assert "Næste kørsel udgiver igen." in notice["text"]
    assert call_json(waiting, "run", "daily")["published"] == 3


def test_the_overview_says_it_in_three_languages(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "moment", lambda: datetime(2032, 7, 14, 22, 30, tzinfo=UTC))
    rollback(state, 2, reason="Forkerte tal.", reason_en="Wrong figures")
    (found,) = [
        n
        for row in status(state).areas
        if row.area.id == "ukraine"
        for n in row.states
        if n.kind is StatusKind.SET_BACK
    ]
    assert found.since == date(2032, 7, 15)
    assert "vises siden 2032-07-15 i stedet for udgivelse 3. Årsag: Forkerte tal. Der udgives" in found.text.da
    assert "serves since 2032-07-15 in place of release 3. Reason: Wrong figures. Nothing" in found.text.en
    assert "З 2032-07-15 показується випуск 2" in found.text.uk
    assert "Причина: Wrong figures. До подальшого" in found.text.uk
    assert not [s for s in states(state, date(2032, 7, 14)) if s["kind"] == "earlier-release"]
    web = Web.of(state)
    for path, text in (("/drift", "Forkerte tal."), ("/en/drift", "Wrong figures."), ("/uk/drift", "Причина:")):
        assert text in web.get(path).text


def test_the_newest_release_is_never_held(state: State) -> None:
    rollback(state, 1)
    assert held(state)
    rollback(state, 3)
    assert held(state) == ()
    assert setback(state) is None


def test_a_state_of_an_older_version_goes_on(waiting: State) -> None:
    """It was rolled back and knows no hold: the overview says what serves, and the next run publishes as it did."""
    (waiting.releases / "current").write_text('{"current":1,"newest":2,"since":"2022-03-01T10:00:00Z"}', "utf-8")
    (notice,) = [s for s in states(waiting) if s["kind"] == "earlier-release"]
    assert "serves since 2022-03-01 in place of release 2" in notice["text_en"]
    assert resume(waiting) == []
    assert call_json(waiting, "run", "daily")["published"] == 3


def test_the_pointer_without_a_hold_is_written_as_before(state: State) -> None:
    told = json.loads((state.releases / "current").read_bytes())
    assert set(told) == {"current", "newest", "since", "checksum"}
    assert msgspec.json.decode((state.releases / "current").read_bytes(), type=Pointer).holds == ()


def states(state: State, at: date | None = None) -> list[dict[str, Any]]:
    (found,) = [a for a in as_json(status(state, at))["areas"] if a["id"] == "ukraine"]
    shown: list[dict[str, Any]] = found["states"]
    return shown


def call_error(state: State, *words: str) -> BaseException | None:
    return CliRunner().invoke(root, [*words, "--state", str(state.root)]).exception
