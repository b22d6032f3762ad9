"""The conformed dimensions: day, municipality, age, sex, civil state, citizenship, country entered from.

They are the same for every area that uses them; names and validity of codes are those of the registers.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
from babel.dates import get_month_names

from flis.catalog import codes
from flis.catalog.reference import municipalities

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "AGE",
    "CITIZENSHIP",
    "CIVIL_STATE",
    "DAY",
    "ENTERED_FROM",
    "MUNICIPALITY",
    "NO_ENTRY",
    "NO_MUNICIPALITY",
    "OLDEST",
    "SEX",
    "ages",
    "citizenships",
    "civil_states",
    "days",
    "entry_countries",
    "municipality_rows",
    "sexes",
    "without_municipality",
]

OLDEST = 125
"""The highest single age; older ages are counted under it."""

DAY = pa.schema(
    [
        ("dato", pa.date32()),
        ("aar", pa.int16()),
        ("aar_navn", pa.string()),
        ("maaned", pa.string()),
        ("maaned_i_aar", pa.int16()),
        ("maaned_navn_da", pa.string()),
        ("maaned_navn_en", pa.string()),
        ("dag_navn_da", pa.string()),
        ("dag_navn_en", pa.string()),
    ]
)
MUNICIPALITY = pa.schema(
    [
        ("kommune", pa.string()),
        ("navn", pa.string()),
        ("landsdel", pa.string()),
        ("landsdel_navn", pa.string()),
        ("landsdel_navn_en", pa.string()),
        ("region", pa.string()),
        ("region_navn", pa.string()),
        ("region_navn_en", pa.string()),
        ("gyldig_fra", pa.date32()),
        ("gyldig_til", pa.date32()),
    ]
)
AGE = pa.schema(
    [
        ("alder", pa.int16()),
        ("alder_navn_da", pa.string()),
        ("alder_navn_en", pa.string()),
        ("aldersgruppe", pa.string()),
        ("aldersgruppe_orden", pa.int16()),
        ("aldersgruppe_navn_da", pa.string()),
        ("aldersgruppe_navn_en", pa.string()),
    ]
)
SEX = pa.schema([("koen", pa.string()), ("navn_da", pa.string()), ("navn_en", pa.string())])
CIVIL_STATE = pa.schema([("civilstand", pa.string()), ("navn_da", pa.string()), ("navn_en", pa.string())])
_COUNTRY = [
    ("navn_da", pa.string()),
    ("navn_en", pa.string()),
    ("gyldig_fra", pa.date32()),
    ("gyldig_til", pa.date32()),
]
CITIZENSHIP = pa.schema([("statsborgerskab", pa.string()), *_COUNTRY])
ENTERED_FROM = pa.schema([("indrejseland", pa.string()), *_COUNTRY])
NO_MUNICIPALITY = "uden"
"""The municipality of who has none, in the country's figures only."""
NO_ENTRY = "0000"
"""The country entered from of who never entered."""

_MONTHS_DA, _MONTHS_EN = (get_month_names("wide", locale=language) for language in ("da", "en"))
_REGIONS_EN = {
    "081": "North Denmark Region",
    "082": "Central Denmark Region",
    "083": "Region of Southern Denmark",
    "084": "Capital Region of Denmark",
    "085": "Region Zealand",
}
_SEXES = {"K": ("Kvinder", "Women"), "M": ("Mænd", "Men")}
_CIVIL_STATES = {
    "U": ("Ugift", "Unmarried"),
    "G": ("Gift", "Married"),
    "F": ("Fraskilt", "Divorced"),
    "E": ("Enke/enkemand", "Widowed"),
    "P": ("Registreret partnerskab", "Registered partnership"),
    "O": ("Ophævet partnerskab", "Dissolved partnership"),
    "L": ("Længstlevende partner", "Surviving partner"),
}


def days(first: date, last: date) -> pa.Table:
    """One row per day from `first` through `last`."""
    listed = [first + timedelta(n) for n in range((last - first).days + 1)]
    return pa.Table.from_pylist([_day(d) for d in listed], DAY)


def without_municipality() -> pa.Table:
    """The place of what belongs to no municipality, and is in the country's figures only."""
    return pa.Table.from_pylist(
        [
            {
                "kommune": NO_MUNICIPALITY,
                "navn": "Uden kommune",
                "landsdel": NO_MUNICIPALITY,
                "landsdel_navn": "Uden kommune",
                "landsdel_navn_en": "Without municipality",
                "region": NO_MUNICIPALITY,
                "region_navn": "Uden kommune",
                "region_navn_en": "Without municipality",
            }
        ],
        MUNICIPALITY,
    )


def municipality_rows(own: str = "") -> pa.Table:
    """All municipalities; or the `own` one alone, as its store shows it: landsdel and region are 'egne'.

    Validity is CPR's, first and last day; NULL where the register knows no limit.
    """
    register = codes.load("borger", "municipalities")
    rows = [
        {
            "kommune": m.code,
            "navn": m.name,
            "landsdel": "egne" if own else m.landsdel_code,
            "landsdel_navn": "Egne kommuner" if own else m.landsdel,
            "landsdel_navn_en": "Own municipalities" if own else m.landsdel,
            "region": "egne" if own else m.region_code,
            "region_navn": "Egne kommuner" if own else m.region,
            "region_navn_en": "Own municipalities" if own else _REGIONS_EN[m.region_code],
            "gyldig_fra": register[m.code].valid_from,
            "gyldig_til": register[m.code].valid_to,
        }
        for m in municipalities()
        if own in ("", m.code)
    ]
    return pa.Table.from_pylist(rows, MUNICIPALITY)


def ages(groups: Mapping[str, int]) -> pa.Table:
    """Single years of age, each in its age group; `groups` gives the first age of each group, in order."""
    starts = list(groups.items())
    rows = []
    for age in range(OLDEST + 1):
        place = max(i for i, (_, first) in enumerate(starts) if first <= age)
        name, first = starts[place]
        last = starts[place + 1][1] - 1 if place + 1 < len(starts) else None
        span = f"{first}–{last}" if last is not None else f"{first}+"
        rows.append(
            {
                "alder": age,
                "alder_navn_da": f"{age} år",
                "alder_navn_en": f"{age} years",
                "aldersgruppe": name,
                "aldersgruppe_orden": place + 1,
                "aldersgruppe_navn_da": f"{span} år",
                "aldersgruppe_navn_en": f"{span} years",
            }
        )
    return pa.Table.from_pylist(rows, AGE)


def sexes() -> pa.Table:
    """Women and men."""
    return _named(_SEXES, SEX)


def civil_states() -> pa.Table:
    """The civil states of CPR, but for 'dead', which nobody who is counted has."""
    return _named(_CIVIL_STATES, CIVIL_STATE)


def citizenships() -> pa.Table:
    """The countries of CPR as citizenships; no citizenship ('stateless') is one of them."""
    return pa.Table.from_pylist(_countries("statsborgerskab"), CITIZENSHIP)


def entry_countries() -> pa.Table:
    """The countries of CPR as those entered from, and `NO_ENTRY`."""
    none = {"indrejseland": NO_ENTRY, "navn_da": "Ikke indrejst", "navn_en": "Did not enter"}
    return pa.Table.from_pylist([none, *_countries("indrejseland")], ENTERED_FROM)


def _countries(key: str) -> list[dict[str, object]]:
    return [
        {
            key: code,
            "navn_da": country.text["da"],
            "navn_en": country.text["en"],
            "gyldig_fra": country.valid_from,
            "gyldig_til": country.valid_to,
        }
        for code, country in codes.load("borger", "countries").items()
    ]


def _named(names: Mapping[str, tuple[str, str]], schema: pa.Schema) -> pa.Table:
    rows = [{schema.names[0]: key, "navn_da": da, "navn_en": en} for key, (da, en) in names.items()]
    return pa.Table.from_pylist(rows, schema)


def _day(day: date) -> dict[str, object]:
    da, en = _MONTHS_DA[day.month], _MONTHS_EN[day.month]
    return {
        "dato": day,
        "aar": day.year,
        "aar_navn": str(day.year),
        "maaned": f"{day:%Y-%m}",
        "maaned_i_aar": day.month,
        "maaned_navn_da": f"{da} {day.year}",
        "maaned_navn_en": f"{en} {day.year}",
        "dag_navn_da": f"{day.day}. {da} {day.year}",
        "dag_navn_en": f"{day.day} {en} {day.year}",
    }
