"""How areas stand, and what is retired, closed and opened again."""

from __future__ import annotations

import json
import threading
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from flis.catalog.area_file import Phrase, Product
from flis.cli import root
from flis.errors import FlisError, NotFoundError, StateError, UsageError
from flis.operations import AreaEvent, Change, StatusKind, area_states, closed, events, record, status

if TYPE_CHECKING:
    from flis.config import State

OCTOBER = date(2025, 10, 1)


def event(change: Change, since: date = OCTOBER, **fields: Any) -> AreaEvent:
    given: dict[str, Any] = {"area": "ubu", "text": Phrase("Erstattet.", "Replaced.")}
    return AreaEvent(change=change, since=since, **(given | fields))


def kinds(state: State, day: date, area: str = "ubu") -> list[tuple[StatusKind, Product | None]]:
    row = next(row for row in status(state, day).areas if row.area.id == area)
    return [(n.kind, n.product) for n in row.states]


def test_a_retired_area_is_so_from_its_first_day_on(state: State) -> None:
    record(state, event(Change.RETIRE))
    assert kinds(state, date(2025, 9, 30)) == [(StatusKind.PENDING, None)]
    assert kinds(state, OCTOBER) == kinds(state, date(2026, 1, 1)) == [(StatusKind.RETIRED, None)]
    assert kinds(state, OCTOBER, "vh") == [(StatusKind.PENDING, None)]


def test_the_overview_says_the_text_that_was_given(state: State) -> None:
    record(state, event(Change.CLOSE, text=Phrase("Lukket.", "")))
    (notice,) = next(row for row in status(state, OCTOBER).areas if row.area.id == "ubu").states
    assert (notice.text.da, notice.text.en, notice.since) == ("Lukket.", "Access closed.", OCTOBER)


def test_a_product_is_retired_and_the_area_goes_on(state: State) -> None:
    record(state, event(Change.RETIRE, product=Product.DAP_CUBE))
    assert kinds(state, OCTOBER) == [(StatusKind.RETIRED, Product.DAP_CUBE), (StatusKind.PENDING, None)]
    assert next(a.kind for a in area_states(state) if a.area.id == "ubu") is StatusKind.PENDING


def test_only_the_newest_event_is_the_same_when_it_is_said_again(state: State) -> None:
    cube: dict[str, Any] = {"product": Product.DAP_CUBE}
    first = record(state, event(Change.CLOSE))
    assert record(state, event(Change.CLOSE)) == first
    record(state, event(Change.REOPEN))
    again = record(state, event(Change.CLOSE))
    assert [e.change for e in events(state)] == [Change.CLOSE, Change.REOPEN, Change.CLOSE]
    assert closed(state, OCTOBER) == {"ubu": [again]}
    # an event of another area or of a product lies beside it, one of the whole area lies between
    record(state, event(Change.CLOSE, area="vh"))
    assert record(state, event(Change.CLOSE)) == again
    part = record(state, event(Change.RETIRE, **cube))
    assert record(state, event(Change.RETIRE, **cube)) == part
    record(state, event(Change.REOPEN))
    record(state, event(Change.RETIRE, **cube))
    assert [e.product for e in closed(state, OCTOBER)["ubu"]] == [Product.DAP_CUBE]


def test_what_was_written_last_counts_of_one_day_and_the_later_day_of_two(state: State) -> None:
    record(state, event(Change.RETIRE))
    record(state, event(Change.REOPEN))
    assert closed(state, OCTOBER) == {"ubu": []}
    record(state, event(Change.CLOSE, date(2025, 9, 1)))
    assert [e.change for e in closed(state, date(2025, 9, 30))["ubu"]] == [Change.CLOSE]
    assert closed(state, OCTOBER) == {"ubu": []}


def test_an_event_of_the_whole_area_ends_those_of_its_products(state: State) -> None:
    record(state, event(Change.CLOSE, product=Product.DAP_CUBE))
    record(state, event(Change.REOPEN, date(2025, 11, 1)))
    assert [e.product for e in closed(state, OCTOBER)["ubu"]] == [Product.DAP_CUBE]
    assert closed(state, date(2025, 11, 1)) == {"ubu": []}


def test_events_are_added_and_never_changed(state: State) -> None:
    first = record(state, event(Change.RETIRE))
    folder = state.operations / "areas"
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert record(state, event(Change.RETIRE)) == first  # the same again
    second = record(state, event(Change.RETIRE, text=Phrase("Udgået.", "Gone.")))
    assert [e.id for e in events(state)] == [first.id, second.id] == ["0001", "0002"]
    assert {name: (folder / name).read_bytes() for name in before} == before


def test_what_is_said_again_after_something_else_is_said_anew(state: State) -> None:
    for change in (Change.CLOSE, Change.REOPEN, Change.CLOSE, Change.CLOSE):
        record(state, event(change))
    assert [e.change for e in events(state)] == [Change.CLOSE, Change.REOPEN, Change.CLOSE]
    assert [e.id for e in closed(state, OCTOBER)["ubu"]] == ["0003"]
    for product in (Product.DAP_CUBE, None, Product.DAP_CUBE):
        record(state, event(Change.REOPEN, product=product))
    assert len(events(state)) == 6


def test_two_who_write_at_once_get_two_numbers(state: State) -> None:
    new = [event(Change.CLOSE, date(2025, 10, day)) for day in range(1, 9)]
    threads = [threading.Thread(target=record, args=(state, one)) for one in new]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(e.since for e in events(state)) == [e.since for e in new]


@pytest.mark.parametrize(
    ("fields", "error", "says"),
    [
        ({"area": "ubv"}, NotFoundError, "Did you mean ubu"),
        ({"product": Product.REPORT}, UsageError, "ubu is not published as report"),
        ({"text": Phrase(" ", "Gone.")}, UsageError, "--text"),
    ],
)
def test_what_cannot_be_is_refused(state: State, fields: dict[str, Any], error: type[FlisError], says: str) -> None:
    with pytest.raises(error, match=says):
        record(state, event(Change.RETIRE, **fields))
    assert not events(state)


def test_a_damaged_event_is_named(state: State) -> None:
    record(state, event(Change.RETIRE))
    (state.operations / "areas" / "0001.json").write_text("{", "utf-8")
    with pytest.raises(StateError, match="event 0001"):
        status(state)


def ask(state: State, *words: str) -> Any:
    done = CliRunner().invoke(root, [*words, "--json", "--state", str(state.root)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_the_commands_write_and_list(state: State) -> None:
    words = ("--from", "2020-01-01", "--text", "Erstattet af DUBU 3.", "--text-en", "Replaced by DUBU 3.")
    told = ask(state, "area", "retire", "ubu", *words)
    assert (told["area"], told["change"], told["text"]) == ("ubu", "retire", "Erstattet af DUBU 3.")
    rows = {row["id"]: row for row in ask(state, "areas")}
    assert rows["ubu"] == {
        "id": "ubu",
        "name": "Udsatte børn og unge",
        "state": "retired",
        "data_through": None,
        "deliveries": {"loaded": 0, "waiting": 0, "quarantined": 0},
        "gaps": [],
    }
    assert rows["vh"]["state"] == "pending-first-delivery"
    ask(state, "area", "reopen", "ubu", *words)
    assert {row["id"]: row for row in ask(state, "areas")}["ubu"]["state"] == "pending-first-delivery"


def test_the_list_needs_no_state_folder_and_says_so(state: State) -> None:
    done = CliRunner(env={"COLUMNS": "120"}).invoke(root, ["areas", "--state", str(state.root / "none")])
    assert done.exit_code == 0
    assert "Afventer første levering" in done.stdout
    assert "There is no state folder" in done.stdout
