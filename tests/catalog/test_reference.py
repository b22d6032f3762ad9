from __future__ import annotations

import csv
from datetime import date

from flis.catalog.reference import municipalities
from tests.shared import shared


def test_municipalities_are_all_there() -> None:
    places = municipalities()
    assert [place.code for place in places] == sorted({place.code for place in places})
    assert len(places) == 99
    assert len({place.region_code for place in places}) == 5
    assert len({place.landsdel_code for place in places}) == 11
    assert sum(place.inhabitants for place in places) == 5_822_763
    assert {place.inhabitants_date for place in places} == {date(2020, 1, 1)}
    assert [place.code for place in places if not place.has_council] == ["0411"]


def test_they_agree_with_the_official_lists() -> None:
    official = csv.DictReader(shared("reference/municipalities.csv").read_text("utf-8").splitlines())
    expected = {row["code"]: (row["name"], row["region"], row["landsdel"]) for row in official if row["region_code"]}
    assert {place.code: (place.name, place.region, place.landsdel) for place in municipalities()} == expected
