"""Every known answer of FoodMart, and every statement of Excel, in process."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.foodmart import excel, harness
from tests.foodmart.differences import known
from tests.shared import shared

AT_A_TIME = 50


def cases() -> list[dict[str, Any]]:
    return known(shared("foodmart"))


@pytest.mark.parametrize("part", range(13))
def test_the_known_answers_agree(part: int) -> None:
    kit = harness.runner(shared("foodmart/run_cases.py"))
    base = harness.database(shared("foodmart/parquet"))
    mine = cases()[part * AT_A_TIME : (part + 1) * AT_A_TIME]
    wrong = [f"{o.id}: {o.state} {o.why}" for o in (harness.run(c, base, kit) for c in mine) if o.state != "ok"]
    assert not wrong, "\n".join(wrong)


def test_all_parts_are_asked() -> None:
    assert (len(cases()) - 1) // AT_A_TIME + 1 == 13


def test_formatted_answers_are_equal_as_text() -> None:
    base = harness.database(shared("foodmart/parquet"))
    differs = []
    for case in cases():
        if case["kind"] != "expr":
            continue
        _, _, texts = harness.ask(base, case["mdx"])
        if texts.get(0, "") != case["expected"]["formatted"]:
            differs.append(f"{case['id']}: {texts.get(0)!r} for {case['expected']['formatted']!r}")
    assert not differs, "\n".join(differs)


def test_excels_statements_agree() -> None:
    data = json.loads(shared("xmla/excel_statements.json").read_text("utf-8"))
    kit = harness.runner(shared("xmla/excel_check.py"))
    base = harness.database(shared("foodmart/parquet"))
    asked = [c for c in data["cases"] + data["unanswered"] if c["id"] != "excel.nocube"]
    wrong = [f"{c['id']}: {why}" for c in asked if (why := excel.difference(c, base, kit))]
    assert not wrong, "\n".join(wrong)
