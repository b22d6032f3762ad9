"""`flis status` and `flis incident`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from flis.cli.operations import incident, status

if TYPE_CHECKING:
    from click import Command

    from flis.config import State

ADD = ["add", "--area", "ky", "--kind", "faulty-delivery", "--da", "Sager mangler.", "--en", "Cases missing."]


def run(command: Command, state: State, *arguments: str) -> str:
    words = [*arguments, "--state", str(state.root)]
    result = CliRunner(env={"COLUMNS": "240"}).invoke(command, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def shown(command: Command, state: State, *arguments: str) -> Any:
    return json.loads(run(command, state, *arguments, "--json"))


def test_status_as_table_and_json(state: State) -> None:
    assert "Udsatte" in run(status, state)
    assert "Vulnerable" in run(status, state, "--language", "en", "--at", "2025-10-10")
    assert shown(status, state, "--at", "2025-10-10")["at"] == "2025-10-10"
    assert len(shown(status, state)["areas"]) == 19


def test_the_life_of_an_incident(state: State) -> None:
    scope = ["--kommune", "0101", "--kommune", "0147", "--product", "data-package", "--from", "2025-10-10"]
    told = shown(incident, state, *ADD, *scope)
    assert told["id"] == "2025-10-10-ky"
    assert (told["text"], told["text_en"], told["municipalities"]) == (
        "Sager mangler.",
        "Cases missing.",
        ["0101", "0147"],
    )
    changed = shown(incident, state, "update", told["id"], "--da", "Sager er på vej.", "--until", "2099-01-01")
    assert (changed["text"], changed["text_en"], changed["until"]) == (
        "Sager er på vej.",
        "Cases missing.",
        "2099-01-01",
    )
    assert changed["municipalities"] == ["0101", "0147"]
    (ky,) = (a for a in shown(status, state, "--at", "2025-10-11")["areas"] if a["id"] == "ky")
    assert ky["states"][0]["incident"] == "2025-10-10-ky"
    assert ky["states"][0]["municipalities"] == ["0101", "0147"]
    assert [i["id"] for i in shown(incident, state, "list")] == ["2025-10-10-ky"]
    assert shown(incident, state, "list", "--area", "kp") == []
    assert shown(incident, state, "close", told["id"], "--date", "2025-10-12")["closed"] == "2025-10-12"
    assert shown(incident, state, "list") == []
    assert "Sager er på" in run(incident, state, "list", "--all")


def test_brackets_in_a_text_are_no_markup(state: State) -> None:
    run(incident, state, *ADD[:-4], "--da", "[bold]x[/] [a]", "--en", "y")
    assert "[bold]x[/]" in run(incident, state, "list")


@pytest.mark.parametrize("missing", ["--area", "--kind", "--da", "--en"])
def test_what_an_incident_needs(state: State, missing: str) -> None:
    at = ADD.index(missing)
    arguments = [*ADD[:at], *ADD[at + 2 :], "--state", str(state.root)]
    result = CliRunner().invoke(incident, arguments)
    assert result.exit_code == 2
    assert missing in result.output
