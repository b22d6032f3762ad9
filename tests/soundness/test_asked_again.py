"""A statement that is asked again has the answer that it had: what is kept of it changes nothing."""

from __future__ import annotations

import json

from flis.errors import FlisError
from tests.shared import shared
from tests.soundness.foodmart import answer, base


def outcome(text: str) -> str:
    """The answer with nine digits of its numbers (sums differ in the last ones), or what was said of it."""
    try:
        names, values = answer(text)
        return f"{names} {[f'{v:.9g}' if isinstance(v, float) else v for v in values]}"
    except FlisError as e:
        return str(e)


def test_the_third_answer_is_the_first() -> None:
    files = ("foodmart/cases.json", "xmla/excel_statements.json")
    texts = [case["mdx"] for file in files for case in json.loads(shared(file).read_text("utf-8"))["cases"]]
    base().statements._known.clear()
    base().forget()
    first = {text: outcome(text) for text in texts}
    for _ in range(2):
        assert {text: outcome(text) for text in texts} == first
