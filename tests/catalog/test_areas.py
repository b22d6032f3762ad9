"""The data areas are those of the operations overview."""

from __future__ import annotations

import re

import pytest

from flis.catalog import areas as module
from flis.catalog.areas import Frequency, Product, area, areas
from flis.errors import CatalogError, NotFoundError
from tests.shared import shared


def listed() -> list[list[str]]:
    text = shared("domain/areas.md").read_text("utf-8")
    rows = [[cell.strip() for cell in line.strip("| \n").split("|")] for line in text.splitlines() if line[:2] == "| "]
    return [row for row in rows if re.fullmatch(r"[a-z_]+", row[0]) and row[0] != "id"]


def test_all_areas_are_there_in_order() -> None:
    assert [a.id for a in areas()] == [row[0] for row in listed()]


@pytest.mark.parametrize("column", ["name", "group", "source"])
def test_names_are_spelled_as_in_the_overview(column: str) -> None:
    rows = {row[0]: row for row in listed()}
    for a in areas():
        place = {"name": 1, "group": 2, "source": 6}[column]
        value = getattr(a, column)
        written = rows[a.id][place].split(" (delivered")[0].removesuffix(" (cube) and the public Ukraine report")
        assert (value.da if value else "–") == written.replace("– (derived)", "–")


def test_lags_are_those_of_the_overview() -> None:
    for row in listed():
        numbers = [int(n) for n in re.findall(r"\d+", row[4])]
        lag = area(row[0]).lag
        assert (sorted({lag.least, lag.most}) if lag else []) == numbers


def test_every_area_speaks_two_languages_and_has_products() -> None:
    for a in areas():
        phrases = [a.name, a.frequency.text, *a.exceptions, *filter(None, [a.group, a.source])]
        assert all(p.da.strip() and p.en.strip() for p in phrases)
        assert a.products
        assert all(p.text["da"] and p.text["en"] for p in a.products)


def test_ukraine_is_daily_and_made_from_deliveries_of_borger() -> None:
    ukraine = area("ukraine")
    assert ukraine.frequency is Frequency.DAILY
    assert ukraine.delivered_as == "borger" == area("borger").delivered_as
    assert Product.REPORT in ukraine.products


def test_an_unknown_area_gets_a_suggestion() -> None:
    with pytest.raises(NotFoundError, match="Did you mean borger"):
        area("borgere")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id: }", r"areas/x/area\.yaml:1: not YAML"),
        ("id: x", r"areas/x/area\.yaml: .*order"),
        ("{id: x, order: 1, name: {da: X}, frequency: daily, products: []}", r"missing required field `en`"),
        ("{id: x, order: 1, name: {da: X, en: X}, frequency: hourly, products: []}", r"hourly"),
        ("{id: x, order: 1, name: {da: X, en: X}, frequency: daily, products: [], owner: me}", r"owner"),
        ("{id: y, order: 1, name: {da: X, en: X}, frequency: daily, products: []}", r"id y is not the folder"),
    ],
)
def test_a_wrong_file_is_named(text: str, says: str) -> None:
    with pytest.raises(CatalogError, match=says):
        module._area("x", text)
