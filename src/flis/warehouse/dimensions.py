"""The conformed dimensions: day and municipality, and the tables that `areas/dimensions/tables` describes.

They are the same for every area that uses them; names and validity of codes are those of the registers.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
from babel.dates import get_month_names

from flis.catalog import codes
from flis.catalog.dimension_table_file import dimension_tables
from flis.catalog.reference import municipalities

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flis.catalog.dimension_table_file import DimensionTable, Numbers

__all__ = [
    "DAY",
    "MUNICIPALITY",
    "NO_MUNICIPALITY",
    "columns",
    "days",
    "described",
    "municipality_rows",
    "numbered",
    "values",
    "without_municipality",
]

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
NO_MUNICIPALITY = "uden"
"""The municipality of who has none, in the country's figures only."""
_MONTHS_DA, _MONTHS_EN = (get_month_names("wide", locale=language) for language in ("da", "en"))
_REGIONS_EN = {
    "081": "North Denmark Region",
    "082": "Central Denmark Region",
    "083": "Region of Southern Denmark",
    "084": "Capital Region of Denmark",
    "085": "Region Zealand",
}
_NAMES = [("navn_da", pa.string()), ("navn_en", pa.string())]
_VALIDITY = [("gyldig_fra", pa.date32()), ("gyldig_til", pa.date32())]


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
    register = _codes(dimension_tables()["kommune"].validity)
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


def described(groups: Mapping[str, int] | None = None) -> dict[str, pa.Table]:
    """The tables that `areas/dimensions/tables` describes, by name.

    `groups` gives the first number of each group, in order, of an area that has groups of its own.
    """
    return {name: _rows(name, table, groups) for name, table in dimension_tables().items() if not table.validity}


def columns() -> dict[str, list[str]]:
    """The columns of each table that `areas/dimensions/tables` describes."""
    return {name: _schema(name, table).names for name, table in dimension_tables().items() if not table.validity}


def values() -> dict[str, list[str]]:
    """The values by which rows can be broken down, by the column of a dimension: its key, or the group of its key."""
    found = {}
    for name, rows in described().items():
        numbers = dimension_tables()[name].numbers
        known = [str(key) for key in rows[name].to_pylist()]
        found[numbers.groups.column if numbers else name] = [*known, numbers.unknown] if numbers else known
    return found


def numbered() -> dict[str, int]:
    """The columns that group numbers, each with the last number."""
    listed = (table.numbers for table in dimension_tables().values())
    return {numbers.groups.column: numbers.through for numbers in listed if numbers}


def _schema(name: str, table: DimensionTable) -> pa.Schema:
    if table.numbers is None:
        return pa.schema([(name, pa.string()), *_NAMES, *(_VALIDITY if table.codes else ())])
    group = table.numbers.groups.column
    named = [(f"{column}_navn_{language}", pa.string()) for column in (name, group) for language in ("da", "en")]
    return pa.schema(
        [(name, pa.int16()), *named[:2], (group, pa.string()), (f"{group}_orden", pa.int16()), *named[2:]],
    )


def _rows(name: str, table: DimensionTable, groups: Mapping[str, int] | None) -> pa.Table:
    schema = _schema(name, table)
    if table.numbers:
        return pa.Table.from_pylist(_numbers(name, table.numbers, groups or table.numbers.groups.first), schema)
    rows: list[dict[str, object]] = [
        {name: key, "navn_da": text["da"], "navn_en": text["en"]} for key, text in table.rows.items()
    ]
    rows += [
        {
            name: key,
            "navn_da": code.text["da"],
            "navn_en": code.text["en"],
            "gyldig_fra": code.valid_from,
            "gyldig_til": code.valid_to,
        }
        for key, code in (_codes(table.codes) if table.codes else {}).items()
    ]
    return pa.Table.from_pylist(rows, schema)


def _codes(named: str) -> codes.CodeList:
    """The list of codes that is named AREA/LIST."""
    area, _, name = named.partition("/")
    return codes.load(area, name)


def _numbers(key: str, table: Numbers, groups: Mapping[str, int]) -> list[dict[str, object]]:
    """The numbers, each in its group."""
    starts, of, unit = list(groups.items()), table.groups.column, table.unit
    rows: list[dict[str, object]] = []
    for number in range(table.through + 1):
        place = max(i for i, (_, first) in enumerate(starts) if first <= number)
        name, first = starts[place]
        last = starts[place + 1][1] - 1 if place + 1 < len(starts) else None
        span = f"{first}–{last}" if last is not None else f"{first}+"
        rows.append(
            {
                key: number,
                f"{key}_navn_da": f"{number} {unit['da']}",
                f"{key}_navn_en": f"{number} {unit['en']}",
                of: name,
                f"{of}_orden": place + 1,
                f"{of}_navn_da": f"{span} {unit['da']}",
                f"{of}_navn_en": f"{span} {unit['en']}",
            }
        )
    return rows


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
