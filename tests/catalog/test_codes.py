from __future__ import annotations

import csv
import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from flis.catalog import codes
from flis.catalog.codes import CodeList
from flis.errors import CatalogError, NotFoundError
from tests.shared import shared

if TYPE_CHECKING:
    from pathlib import Path

LISTS = ("status", "civil_state", "sex", "correction", "countries", "municipalities")


@pytest.mark.parametrize("name", LISTS)
def test_every_code_has_a_text_in_both_languages(name: str) -> None:
    for code in codes.load("borger", name).values():
        assert code.text.da
        assert code.text.en


@pytest.mark.parametrize(
    ("name", "official"), [("status", "STATUS"), ("civil_state", "CIVST"), ("sex", "KOEN"), ("correction", "ANNKOR")]
)
def test_the_codes_are_the_official_ones(name: str, official: str) -> None:
    tables = json.loads(shared("cpr/codes.json").read_text("utf-8"))
    assert set(codes.load("borger", name)) == set(tables[official]["codes"])


def test_who_is_resident_by_status() -> None:
    status = codes.load("borger", "status")
    assert [code for code in status if status[code].more["resident"] == "yes"] == ["01", "03"]


@pytest.mark.parametrize(("name", "file"), [("countries", "countries"), ("municipalities", "municipalities_cpr")])
def test_the_register_is_kept_whole_with_its_last_days(name: str, file: str) -> None:
    with shared(f"cpr/{file}.csv").open(encoding="utf-8") as lines:
        official = {row["code"]: row for row in csv.DictReader(lines)}
    kept = codes.load("borger", name)
    assert set(official) == {code for code in kept if code not in {"0010", "0011", "0012", "0019"}}
    for code, row in official.items():
        assert kept[code].text.da == row["name_da"]
        assert str(kept[code].valid_to or "") == row["end"]


def test_validity() -> None:
    countries = codes.load("borger", "countries")
    assert countries["5704"].more["alpha2"] == "UA"
    assert not countries["5704"].valid(date(1992, 2, 6))
    assert countries["5704"].valid(date(2022, 8, 12))
    assert countries["5162"].valid(date(1992, 2, 1))
    assert not countries["5162"].valid(date(1992, 2, 2))
    municipalities = codes.load("borger", "municipalities")
    assert municipalities["0461"].valid(date(1970, 1, 1))
    assert not municipalities["0171"].valid(date(2007, 1, 1))


def test_texts_by_code() -> None:
    countries = codes.load("borger", "countries")
    assert countries.text("5110") == "Norge"
    assert countries.text("5180", "en") == "Germany"
    assert countries.text("0000") == "0000"
    assert len(countries) == 213


def test_an_unknown_list_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="Did you mean countries"):
        codes.load("borger", "country")
    with pytest.raises(NotFoundError):
        codes.load("atlantis", "status")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code,da,en,valid_from\n", r"list.csv:1: the column valid_to is missing"),
        ("code,da,en,valid_from,valid_to\nA,a,a,,\nA,b,b,,\n", r"list.csv:3: the code A is given twice"),
        ("code,da,en,valid_from,valid_to\nA,a,a,2022-02-30,\n", r"list.csv:2: a day is no date"),
        ("code,da,en,valid_from,valid_to\nA,a,a\n", r"list.csv:2: a row has more or fewer"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(CatalogError, match=message):
        codes.parse(path, "list")


def test_a_list_keeps_its_order(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("code,da,en,valid_from,valid_to\nB,b,b,,\nA,a,a,,\n", "utf-8")
    found = codes.parse(path, "list")
    assert isinstance(found, CodeList)
    assert list(found) == ["B", "A"]
