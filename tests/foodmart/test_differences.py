"""The file of differences from Mondrian: its form, and that each entry is one."""

from __future__ import annotations

import re

from tests.foodmart import harness
from tests.foodmart.differences import differences, recorded
from tests.shared import shared

MOST = 27
PARTS = {"case", "answer", "proof", "sentence", "source"}
PAGE = re.compile(r"MicrosoftDocs/[\w-]+ docs/[\w/.-]+\.md")
ANSWERS = ({"error"}, {"formatted"}, {"axis"}, {"axes", "cells"})


def test_each_difference_says_what_proves_it_and_what_decides() -> None:
    found = differences()
    ids = [d["case"] for d in found]
    assert len(ids) == len(set(ids)) <= MOST
    for d in found:
        assert set(d) == PARTS, d["case"]
        assert set(d["answer"]) in ANSWERS, d["case"]
        assert all(isinstance(d[part], str) and d[part].strip() for part in PARTS - {"answer"}), d["case"]
        assert PAGE.fullmatch(d["source"]), d["source"]


def test_each_difference_is_one() -> None:
    """The recorded answer is not ours; that ours is the one in the file is tested with all other cases."""
    folder = shared("foodmart")
    kit, base = harness.runner(folder / "run_cases.py"), harness.database(folder / "parquet")
    theirs = {c["id"]: c for c in recorded(folder)}
    entered = [d["case"] for d in differences()]
    assert set(entered) <= set(theirs), "there is no such case"
    alike = [i for i in entered if harness.run(theirs[i], base, kit).state == "ok"]
    assert not alike, f"answered as recorded: {', '.join(alike)}"
