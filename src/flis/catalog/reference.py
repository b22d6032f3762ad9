"""Official reference data that several parts need: the municipalities and what they belong to.

The files lie in `reference/` beside this module; `PROVENANCE.md` there says where they come from.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Municipality", "closed_municipalities", "municipalities"]


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality, its place in the country, and its official inhabitants on a day."""

    code: str
    name: str
    region_code: str
    region: str
    landsdel_code: str
    landsdel: str
    inhabitants: int
    inhabitants_date: date
    has_council: bool
    """Whether it is one of the 98 municipalities, which deliver and receive data."""


@cache
def municipalities() -> tuple[Municipality, ...]:
    """The 98 municipalities and Christiansø (0411), by code.

    >>> municipalities()[0].name, len(municipalities())
    ('København', 99)
    """
    return tuple(_municipality(row) for row in _rows("municipalities.csv"))


@cache
def closed_municipalities() -> Mapping[str, date]:
    """The last day of each municipality that is no more, by its code.

    >>> closed_municipalities()["0171"].isoformat()
    '2006-12-31'
    """
    return MappingProxyType(
        {row["code"]: date.fromisoformat(row["valid_to"]) for row in _rows("closed_municipalities.csv")}
    )


def _rows(name: str) -> csv.DictReader[str]:
    return csv.DictReader((files("flis.catalog") / "reference" / name).read_text("utf-8").splitlines())


def _municipality(row: dict[str, str]) -> Municipality:
    return Municipality(
        code=row["code"],
        name=row["name"],
        region_code=row["region_code"],
        region=row["region"],
        landsdel_code=row["landsdel_code"],
        landsdel=row["landsdel"],
        inhabitants=int(row["inhabitants"]),
        inhabitants_date=date.fromisoformat(row["inhabitants_date"]),
        has_council=row["council"] == "1",
    )
