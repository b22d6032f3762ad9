"""Reports can be read by people and programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest
from lxml import html  # type: ignore[import-untyped, unused-ignore]

from flis.config import Settings
from flis.delivery import DeliveryState, advance, receive
from flis.errors import NotFoundError, StateError
from flis.validation import judge, page, report
from tests.delivery import extracts
from tests.delivery.extracts import day, extract

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    file = tmp_path / "<script>alert(1)</script>.txt".replace("/", "∕")
    file.write_bytes(extracts.wrong_count(extracts.bad_length(extract(day(1), None))))
    return tmp_path


def test_json_has_the_lasting_shape(folder: Path) -> None:
    state = Settings(state=folder / "state").folders
    delivery = judge(state, receive(state, next(folder.glob("<*"))))
    told = json.loads(delivery.report.read_bytes())
    assert told["id"] == delivery.id
    assert {"rule", "severity", "file", "record", "line", "field", "message"} <= set(told["findings"][0])
    assert told["findings"][0]["severity"] == "fatal"


@pytest.mark.parametrize(("language", "title"), [("da", "Valideringsrapport"), ("en", "Validation report")])
def test_the_page_stands_alone_and_escapes(folder: Path, language: str, title: str) -> None:
    state = Settings(state=folder / "state").folders
    told = report(judge(state, receive(state, next(folder.glob("<*")))))
    assert "script" not in told.file
    text = page(msgspec.structs.replace(told, file="<script>alert(1)</script>"), language)
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    tree = html.document_fromstring(text)
    assert tree.get("lang") == language
    assert title in (tree.findtext(".//h1") or "")
    rows = [["".join(map(str, cell.itertext())).strip() for cell in row] for row in tree.findall(".//tbody/tr")]
    assert {row[1] for row in rows} >= {"cpr-record-length", "cpr-wrong-count"}
    assert not [e for e in tree.iter() if e.get("src") or e.get("href")]


def test_a_page_without_findings_says_so(tmp_path: Path) -> None:
    state = Settings(state=tmp_path / "state").folders
    (tmp_path / "file").write_bytes(extract(day(1), None))
    delivery = judge(state, receive(state, tmp_path / "file"))
    text = page(report(delivery))
    assert "Ingen fund." in text
    assert "<table" not in text
    loaded = advance(state, delivery, DeliveryState.LOADED)
    assert "indlæst" in page(report(loaded))


def test_no_report_and_a_damaged_one(tmp_path: Path) -> None:
    state = Settings(state=tmp_path / "state").folders
    (tmp_path / "file").write_bytes(extract(day(1), None))
    delivery = receive(state, tmp_path / "file")
    with pytest.raises(NotFoundError, match="not been judged"):
        report(delivery)
    delivery = judge(state, delivery)
    delivery.report.write_bytes(b"{")
    with pytest.raises(StateError, match="damaged"):
        report(delivery)
