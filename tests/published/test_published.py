"""Nothing published moves: the demo's facts and its answers are those that were published before, byte for byte."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flis.config import State
from tests.published.record import RECORD, answers, facts, statements

if TYPE_CHECKING:
    from pathlib import Path

    from tests.demo import Demo


def test_the_files_of_facts_are_those_published_before(demo: Demo) -> None:
    assert facts(State(demo.state, demo.state / "keys")) == json.loads(RECORD.read_text("utf-8"))["facts"]


def test_the_answers_are_those_published_before(demo: Demo, tmp_path: Path) -> None:
    found = answers(State(demo.state, demo.state / "keys"), tmp_path / "sessions.db")
    before = json.loads(RECORD.read_text("utf-8"))["answers"]
    for name, hashes in before.items():
        pairs = zip(statements(), found[name], hashes, strict=True)
        assert [statement for statement, now, then in pairs if now != then] == [], name
        assert len(set(hashes)) > 150, "the answers differ from each other"
