"""`flis receive` and `flis deliveries`, as programs and people see them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from flis import operations
from flis.cli.deliveries import deliveries, receive
from tests.delivery import extracts
from tests.delivery.extracts import day, extract

if TYPE_CHECKING:
    from pathlib import Path

    from click import Command
    from click.testing import Result

    from flis.config import State


class Terminal:
    def __init__(self, state: State, folder: Path) -> None:
        self.state, self.folder = state, folder
        state.root.mkdir(exist_ok=True)

    def run(self, command: Command, *arguments: object) -> Result:
        words = [*map(str, arguments), "--state", str(self.state.root)]
        return CliRunner(env={"COLUMNS": "240"}).invoke(command, words, catch_exceptions=False)

    def shown(self, command: Command, *arguments: object) -> Any:
        return json.loads(self.run(command, *arguments, "--json").output)

    def file(self, name: str, content: bytes) -> Path:
        (self.folder / name).write_bytes(content)
        return self.folder / name


@pytest.fixture
def terminal(state: State, tmp_path: Path) -> Terminal:
    return Terminal(state, tmp_path)


def test_received_again_and_refused(terminal: Terminal) -> None:
    good = terminal.file("good", extract(day(1), None))
    first = terminal.run(receive, good)
    assert first.exit_code == 0
    assert first.output.startswith("…: cpr-110901-20220103-")
    assert first.output.endswith(" validated\n")
    again = terminal.run(receive, good)
    assert again.exit_code == 0
    assert "already received as cpr-110901-20220103-" in again.output
    bad = terminal.run(receive, terminal.file("bad", extracts.truncated(extract(day(2), day(1)))))
    assert bad.exit_code == 1
    assert "quarantined. " in bad.output


def test_the_same_file_twice_in_one_call(terminal: Terminal) -> None:
    content = extract(day(1), None)
    files = terminal.file("one", content), terminal.file("two", content)
    first, second = terminal.run(receive, *files).output.splitlines()
    assert first.endswith(" validated")
    assert "already received as cpr-110901-20220103-" in second


def test_an_id_stays_copyable_in_a_narrow_terminal(terminal: Terminal) -> None:
    terminal.run(receive, terminal.file("good", extract(day(1), None)))
    shown = CliRunner(env={"COLUMNS": "80"}).invoke(deliveries, ["list", "--state", str(terminal.state.root)])
    assert terminal.shown(deliveries)[0]["id"] in shown.output


def test_waiting_says_what_is_missing_and_goes_on(terminal: Terminal) -> None:
    terminal.run(receive, terminal.file("1", extract(day(1), None)))
    waits = terminal.run(receive, terminal.file("3", extract(day(3), day(2))))
    assert waits.exit_code == 0
    assert "waiting. The delivery with the production date 2022-01-04 is missing" in waits.output
    goes_on = terminal.run(receive, terminal.file("2", extract(day(2), day(1))))
    assert "validated now" in goes_on.output


def test_files_of_one_call_are_judged_together(terminal: Terminal) -> None:
    files = [terminal.file(str(n), extract(day(n), day(n - 1) if n > 1 else None)) for n in (3, 2, 1)]
    assert [row["state"] for row in terminal.shown(receive, *files)] == ["validated"] * 3


def test_one_bad_file_stops_no_other(terminal: Terminal) -> None:
    other = terminal.file("other", b"something else")
    good = terminal.file("good.txt", extract(day(1), None))
    result = terminal.run(receive, other, good, terminal.folder / "none")
    assert result.exit_code == 1
    told = result.output.splitlines()
    assert told[0].startswith("…: The form of the file is unknown.")
    assert any(line.startswith("….txt: cpr-110901-20220103-") for line in told)
    assert told[-1] == f"{terminal.folder / 'none'}: There is no such file."


def test_a_path_that_was_mistyped_is_shown_as_it_was_typed(terminal: Terminal) -> None:
    typed = str(terminal.folder / "typo" / "D220103.txt")
    (row,) = terminal.shown(receive, typed)
    assert (row["file"], row["reason"]) == (typed, "There is no such file.")
    kept = [f for f in terminal.state.root.rglob("*") if f.is_file()]
    assert not [f for f in kept if b"typo" in f.read_bytes()]


def test_an_empty_file_is_called_empty(terminal: Terminal) -> None:
    result = terminal.run(receive, terminal.file("nothing.txt", b""))
    assert result.exit_code == 1
    assert result.output.startswith("….txt: The file is empty.")


def test_a_new_state_folder_is_told(terminal: Terminal) -> None:
    words = [str(terminal.file("good", extract(day(1), None))), "--json", "--state", str(terminal.folder / "new")]
    first, second = (CliRunner().invoke(receive, words) for _ in range(2))
    assert first.stderr == f"A new state folder is made: {terminal.folder / 'new'}\n"
    assert second.stderr == ""
    assert json.loads(first.stdout)[0]["state"] == "validated"


def test_the_inbox_and_a_folder(terminal: Terminal) -> None:
    assert terminal.run(receive).output == "Nothing lies in the inbox.\n"
    terminal.state.inbox.mkdir(parents=True)
    (terminal.state.inbox / "D220103.L431101").write_bytes(extract(day(1), None))
    assert [row["file"] for row in terminal.shown(receive)] == ["D220103.L431101"]
    folder = terminal.folder / "sent"
    folder.mkdir()
    (folder / "2").write_bytes(extract(day(2), day(1)))
    assert [row["state"] for row in terminal.shown(receive, folder)] == ["validated"]
    assert [r.command for r in operations.runs(terminal.state)] == ["receive"] * 3


def test_the_list_has_the_lasting_shape(terminal: Terminal) -> None:
    terminal.run(receive, terminal.file("1", extracts.error_records(extract(day(1), None))))
    (row,) = terminal.shown(deliveries, "list")
    assert {"id", "area", "state", "produced", "records", "warnings", "errors"} <= row.keys()
    assert (row["area"], row["state"], row["produced"]) == ("borger", "validated", "2022-01-03")
    assert (row["warnings"], row["errors"]) == (2, 0)
    assert terminal.shown(deliveries) == [row]
    assert terminal.shown(deliveries, "list", "--only", "waiting") == []
    assert "validated" in terminal.run(deliveries, "list").output


def test_the_report_has_the_lasting_shape(terminal: Terminal) -> None:
    content = extracts.bad_length(extract(day(1), None))
    (row,) = terminal.shown(receive, terminal.file("1", content))
    told = terminal.shown(deliveries, "report", row["id"])
    assert told["id"] == row["id"]
    (finding,) = told["findings"]
    assert {"rule", "severity", "file", "record", "line", "field", "message"} <= finding.keys()
    assert (finding["rule"], finding["line"]) == ("cpr-record-length", 4)
    page = terminal.folder / "report.html"
    text = terminal.run(deliveries, "report", row["id"], "--html", page, "--language", "en").output
    assert "cpr-record" in text
    assert "Validation report" in page.read_text("utf-8")


def test_show_takes_the_beginning_of_an_id(terminal: Terminal) -> None:
    terminal.run(receive, terminal.file("1", extract(day(1), None)))
    assert terminal.shown(deliveries, "show", "cpr-110901-2022")["persons"] == 3
    assert "sha256" in terminal.run(deliveries, "show", "cpr-110901-2022").output


def test_expire(terminal: Terminal) -> None:
    terminal.run(receive, terminal.file("1", extracts.truncated(extract(day(1), None))))
    assert terminal.shown(deliveries, "expire") == []
    assert len(terminal.shown(deliveries, "expire", "--date", "2099-01-01")) == 1
