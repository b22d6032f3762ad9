"""Statements whose right answer is Analysis Services' documentation or plain SQL: over XMLA, in the process."""

from __future__ import annotations

import json
import urllib.error
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.request import Request

import pytest
import yaml
from lxml import etree

from flis.config import Settings
from flis.serve.app import create_app
from flis.serve.served_state import Served
from tests.foodmart.harness import CATALOG, runner
from tests.serve.xmla.client import Client
from tests.shared import shared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

FILES = {"analysis_services_cases.json": 38, "documented_cases.json": 349}
LISTED: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("open_statements.yaml").read_text("utf-8"))
MOST_STAY = 7
XML = {"Content-Type": "text/xml"}


def cases(file: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(shared(f"xmla/{file}").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The kit's own way to compare, with FoodMart behind it instead of an address."""
    state = tmp_path_factory.mktemp("documented")
    what = Served(Settings(state=state), CATALOG, shared("foodmart/parquet"), state / "sessions.db", users=False)
    client = Client(create_app(what))
    found = runner(shared("xmla/analysis_services_check.py"))
    asking = SimpleNamespace(Request=Request, urlopen=lambda request, timeout: _Answer(client, request.data))  # noqa: ARG005
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(found, "urllib", SimpleNamespace(request=asking, error=urllib.error))
        yield found
    client.close()


class _Answer:
    """What `urlopen` gives: an answer that can be read."""

    def __init__(self, client: Client, body: bytes) -> None:
        self._content = client.post("/xmla", content=body, headers=XML).content

    def read(self) -> bytes:
        return self._content


def verdict(kit: ModuleType, case: dict[str, Any]) -> str | None:
    """What is wrong with the answer to a case; None where it is right."""
    try:
        found: str | None = kit.verdict("http://localhost/xmla", case)
    except (etree.XMLSyntaxError, ValueError, TypeError, IndexError, AttributeError) as e:
        return f"the answer cannot be read: {type(e).__name__} {e}"
    return found


@pytest.mark.parametrize("file", FILES)
def test_statements_are_answered_as_documented(kit: ModuleType, file: str) -> None:
    asked = cases(file)
    assert len(asked) == FILES[file]
    listed = {*LISTED["open"], *LISTED["stays"]}
    wrong = {c["id"]: why for c in asked if (why := verdict(kit, c))}
    surprise = [f"{i}: {why}" for i, why in wrong.items() if i not in listed]
    assert not surprise, "\n".join(surprise)
    mended = sorted(listed & {c["id"] for c in asked} - set(wrong))
    assert not mended, f"answered now, to be taken off the list: {', '.join(mended)}"


def test_what_is_listed_is_asked_and_little_stays() -> None:
    ids = {c["id"] for file in FILES for c in cases(file)}
    assert {*LISTED["open"], *LISTED["stays"]} <= ids
    assert len(LISTED["open"]) == len(set(LISTED["open"]))
    assert not set(LISTED["open"]) & set(LISTED["stays"])
    assert len(LISTED["stays"]) <= MOST_STAY
