"""`flis load` and `flis release` from the command line."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from flis.cli import root
from tests.release.sample import build_sample
from tests.release.test_apply import DAYS, finished, lives, state
from tests.warehouse.arrange import accept, new_state, write_chain

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State

__all__ = ["finished", "state"]


def call(state: State, *words: str, code: int = 0) -> str:
    result = CliRunner().invoke(root, [*words, "--state", str(state.root)])
    assert result.exit_code == code, result.output
    return result.output


def call_json(state: State, *words: str, code: int = 0) -> Any:
    return json.loads(call(state, *words, "--json", code=code))


def test_load_and_apply(tmp_path: Path) -> None:
    state = new_state(tmp_path / "state")
    accept(state, write_chain(tmp_path / "files", DAYS[:2], lives()))
    assert [found["produced"] for found in call_json(state, "load")] == ["2022-01-31", "2022-02-21"]
    assert "Nothing new" in call(state, "load")
    assert "The first release" in call(state, "release", "plan", "ukraine")
    assert call_json(state, "release", "apply")["number"] == 1
    assert "Nothing new: release 1 serves" in call(state, "release", "apply")


def test_deliveries_stay_copyable_in_a_narrow_terminal(state: State) -> None:
    listed = CliRunner(env={"COLUMNS": "80"}).invoke(root, ["release", "list", "--state", str(state.root)])
    assert all(row["delivery"] in listed.output for row in call_json(state, "release", "list"))


def test_an_answer_as_csv_holds_values_and_as_table_texts(state: State) -> None:
    mdx = "WITH MEMBER [Measures].[Mange] AS 1234567.0, FORMAT_STRING = '#,##0' SELECT [Measures].[Mange] ON 0 FROM"
    asked = ("query", "Ukraine Statistik", "--mdx", mdx)
    assert call(state, *asked, "--format", "csv") == "Mange\n1234567\n"
    assert "1.234.567" in call(state, *asked)


@pytest.mark.parametrize(
    ("formula", "printed"),
    [
        ("[Measures].[Antal personer]", r"\d+"),
        ("[Measures].[Indrejste minus udrejste]", r"-?\d+"),
        ("[Measures].[Antal personer] - 1", r"-?\d+"),
        ("24 / 2", "12"),
        ("-24 / 2", "-12"),
        ("25 / 2", r"12\.5"),
        ("1e20", r"1e\+20"),
        ('"12.0"', r"12\.0"),
    ],
)
def test_csv_prints_whole_numbers_as_such(state: State, formula: str, printed: str) -> None:
    mdx = f"WITH MEMBER [Measures].[Tal] AS {formula} SELECT [Measures].[Tal] ON 0 FROM"
    rows = call(state, "query", "Ukraine Statistik", "--mdx", mdx, "--format", "csv").splitlines()
    assert re.fullmatch(printed, rows[1]), rows


def test_csv_prints_days_and_counts_of_a_drillthrough(state: State) -> None:
    mdx = "DRILLTHROUGH SELECT FROM [Ukraine Statistik] WHERE [Measures].[Antal personer]"
    rows = list(csv.DictReader(call(state, "query", "Ukraine Statistik", "--mdx", mdx, "--format", "csv").splitlines()))
    assert rows
    for row in rows:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", row["Dato"])
        assert row["Antal personer"].isdigit()


def test_lists(state: State) -> None:
    listed = call_json(state, "release", "list")
    assert [(r["number"], r["current"], r["areas"]) for r in listed] == [
        (1, False, ["ukraine"]),
        (2, False, ["ukraine"]),
        (3, True, ["ukraine"]),
    ]
    assert {"number", "applied", "current", "areas"} <= set(listed[0])
    assert "2022-03-08" in call(state, "release")
    shown = call_json(state, "release", "show")
    assert shown["deliveries"] == 4
    assert len(shown["stores"]) == 102  # 99 municipalities, national, public, shared
    assert "99 stores" in call(state, "release", "show", "1")


def test_rollback_plan_and_verify(state: State) -> None:
    assert call_json(state, "release", "rollback")["number"] == 2
    made = call_json(state, "release", "plan")
    assert made["base"] == 2
    assert made["new_days"] == 8
    words = call(state, "release", "plan")
    assert "8 new days, through 2022-03-08" in words
    assert "municipalities that change: 0101, 0461" in words
    assert "holds: moves between municipalities cancel in the country" in words
    assert "All as published." in call(state, "release", "verify")
    for victim in (state.releases / "stores" / "public" / "ukraine.delivery").iterdir():
        victim.write_bytes(b"")
    assert len(call_json(state, "release", "verify", code=1)["problems"]) == 1
    assert "was changed" in call(state, "release", "verify", "1", code=1)


@pytest.mark.parametrize("words", [("release", "apply", "aula"), ("load", "nonsense")])
def test_unknown_areas(words: tuple[str, ...], tmp_path: Path) -> None:
    result = CliRunner().invoke(root, [*words, "--state", str(tmp_path)])
    assert result.exit_code != 0
    assert words[-1] in str(result.exception)


def test_the_sample_is_listed_too(tmp_path: Path) -> None:
    assert len(call_json(build_sample(tmp_path), "release", "list")) == 2
