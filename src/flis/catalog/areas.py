"""The data areas: what each one is called, where it comes from, how often, and how late it is expected.

One file per area, `areas/<id>/area.yaml`. Nothing here says what has come; that is read from deliveries and releases.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
import yaml

from flis.errors import CatalogError, NotFoundError, suggest

__all__ = ["Area", "Frequency", "Lag", "Phrase", "Product", "area", "areas"]


class Phrase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A text in Danish and English; in Ukrainian too, where the public pages need it."""

    da: str
    en: str
    uk: str = ""

    def __getitem__(self, language: str) -> str:
        """The text in the language that `spoken` says.

        >>> Phrase("Borger", "Citizens")["en"]
        'Citizens'
        """
        return {"en": self.en, "uk": self.uk}.get(self.spoken(language), self.da)

    def spoken(self, language: str) -> str:
        """The language in which this text can be had by who reads `language`: English where it lacks Ukrainian.

        >>> Phrase("Borger", "Citizens").spoken("uk")
        'en'
        """
        if language == "uk":
            return "uk" if self.uk else "en"
        return "en" if language == "en" else "da"


class Frequency(StrEnum):
    """How often an area is updated."""

    DAILY = "daily"
    MONTHLY = "monthly"
    MONTHLY_AND_YEARLY = "monthly-yearly"

    @property
    def text(self) -> Phrase:
        """The frequency in words."""
        return _FREQUENCIES[self]


_FREQUENCIES = {
    Frequency.DAILY: Phrase("Dagligt", "Daily", "Щодня"),
    Frequency.MONTHLY: Phrase("Månedligt", "Monthly", "Щомісяця"),
    Frequency.MONTHLY_AND_YEARLY: Phrase("Månedligt/årligt", "Monthly/yearly", "Щомісяця або щороку"),
}


class Product(StrEnum):
    """What an area is published as."""

    DATA_PACKAGE = "data-package"
    DAP_CUBE = "dap-cube"
    BENCHMARK = "benchmark"
    REPORT = "report"

    @property
    def text(self) -> Phrase:
        """The product in words."""
        return _PRODUCTS[self]


_PRODUCTS = {
    Product.DATA_PACKAGE: Phrase("Datapakke", "Data package", "Пакет даних"),
    Product.DAP_CUBE: Phrase("DAP-kube", "DAP cube", "Куб DAP"),
    Product.BENCHMARK: Phrase("Benchmark", "Benchmark", "Порівняння"),
    Product.REPORT: Phrase("Rapport", "Report", "Звіт"),
}


class Lag(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"least": "from", "most": "to"}):
    """How far behind the newest complete period is expected to be, in days or calendar months: only an expectation."""

    unit: Literal["day", "month"]
    least: int
    most: int


class Area(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A data area; `area.yaml` has the same fields."""

    id: str
    order: int
    name: Phrase
    frequency: Frequency
    products: tuple[Product, ...]
    group: Phrase | None = None
    source: Phrase | None = None
    lag: Lag | None = None
    deliveries: str = ""
    """The area whose deliveries this one is made from; its own where empty."""
    exceptions: tuple[Phrase, ...] = ()
    """What a reader must know of the calendar of this area."""

    @property
    def delivered_as(self) -> str:
        """The id of the area that deliveries come under."""
        return self.deliveries or self.id


@cache
def areas() -> tuple[Area, ...]:
    """All data areas, in the order of the operations overview.

    Raises:
        CatalogError: an area file is wrong; names the file.

    >>> [a.id for a in areas()][:2]
    ['borger', 'borger_flex']
    """
    found = [
        _area(folder.name, (folder / "area.yaml").read_text("utf-8"))
        for folder in files("flis.areas").iterdir()
        if (folder / "area.yaml").is_file()
    ]
    return tuple(sorted(found, key=lambda a: a.order))


def area(name: str) -> Area:
    """The area with the id `name`.

    Raises:
        NotFoundError: there is none.
    """
    known = {a.id: a for a in areas()}
    if name not in known:
        raise NotFoundError(f"There is no data area {name}.", hint=suggest(name, known))
    return known[name]


def _area(folder: str, text: str) -> Area:
    file = f"areas/{folder}/area.yaml"
    try:
        found = msgspec.convert(yaml.load(text, yaml.CSafeLoader), Area)
    except yaml.MarkedYAMLError as e:
        line = e.problem_mark.line + 1 if e.problem_mark else 0
        raise CatalogError(f"not YAML: {e.problem}", file=file, line=line) from None
    except msgspec.ValidationError as e:
        raise CatalogError(str(e), file=file) from None
    if found.id != folder:
        raise CatalogError(f"the id {found.id} is not the folder's name", file=file)
    return found
