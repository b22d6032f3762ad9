"""The data areas: what each one is called, where it comes from, how often, and how late it is expected.

One file per area, `areas/<id>/area.yaml`. Nothing here says what has come; that is read from deliveries and releases.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources.abc import Traversable  # noqa: TC003 -- records read the types of their fields
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from flis.catalog.area_paths import MARK, area_folders, folder_of, remembered
from flis.catalog.forms import WHOLE, Record, choice, listing, word
from flis.catalog.yaml import read
from flis.errors import CatalogError, suggest

if TYPE_CHECKING:
    from flis.catalog.yaml import YamlEntry

__all__ = ["AREA", "PHRASE", "Area", "Frequency", "Lag", "Phrase", "Product", "area", "areas", "read_area"]


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


@dataclass(frozen=True, slots=True)
class Lag:
    """How far behind the newest complete period is expected to be, in days or calendar months: only an expectation."""

    unit: Literal["day", "month"]
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Area:
    """A data area; `area.yaml` has the same fields, and `folder` is where it lies."""

    id: str
    order: int
    name: Phrase
    frequency: Frequency
    products: tuple[Product, ...]
    folder: Traversable
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


@remembered
def areas() -> tuple[Area, ...]:
    """All data areas whose file can be read, in the order of the operations overview.

    >>> [a.id for a in areas()][:2]
    ['borger', 'borger_flex']
    """
    found = []
    for name in area_folders():
        with suppress(CatalogError):  # `contracts.unreadable` tells of it
            found.append(area(name))
    return tuple(sorted(found, key=lambda a: (a.order, a.id)))


@remembered
def area(name: str) -> Area:
    """The area with the id `name`.

    Raises:
        NotFoundError: there is none.
        CatalogError: its file is wrong; names file and line.
    """
    return read_area(folder_of(name), f"areas/{name}")


def read_area(folder: Traversable, name: str) -> Area:
    """The area in a folder that errors call `name`.

    Raises:
        CatalogError: its file is missing or wrong; names file and line.
    """
    entry = read(folder / MARK, f"{name}/{MARK}")
    found = AREA.read(entry)
    if found["id"] != folder.name:
        raise entry.fields()["id"].error(f"the id {found['id']} is not the folder's name, {folder.name}.")
    if source := found.get("deliveries", ""):
        _check_source(entry.fields()["deliveries"], source, folder.name)
    return Area(**found, folder=folder)


def _check_source(entry: YamlEntry, source: str, name: str) -> None:
    """The deliveries that an area is made of are those of an area that has its own."""
    if source not in area_folders():
        raise entry.error(f"there is no data area {source}.", suggest(source, area_folders()))
    if source != name and (further := area(source).deliveries) and further != source:
        raise entry.error(f"{source} is itself made of the deliveries of {further}.", f"Write {further}.")


def _phrase(entry: YamlEntry, **texts: str) -> Phrase:
    for language, text in texts.items():
        if not text.strip():
            raise entry.fields()[language].error("the text is empty.")
    return Phrase(**texts)


def _lag(entry: YamlEntry, **found: Any) -> Lag:
    lag = Lag(found["unit"], found["from"], found["to"])
    if not 0 <= lag.least <= lag.most:
        raise entry.error(f"a lag from {lag.least} to {lag.most} is none.", "The smaller number stands under `from`.")
    return lag


def _area(_: YamlEntry, **found: Any) -> dict[str, Any]:
    return found


PHRASE: Record[Phrase] = Record(
    "text",
    Phrase,
    {"da": "In Danish.", "en": "In English.", "uk": "In Ukrainian, where the public pages need it."},
    _phrase,
    required=("da", "en"),
)
LAG: Record[Lag] = Record(
    "lag",
    Lag,
    {
        "unit": (word("day", "month"), "What it is counted in."),
        "from": (WHOLE, "The least that is usual."),
        "to": (WHOLE, "The most that is usual."),
    },
    _lag,
    required=("unit", "from", "to"),
)
AREA: Record[dict[str, Any]] = Record(
    "data area",
    Area,
    {
        "id": "The area's id, which is the name of its folder.",
        "order": "Its place in the operations overview; areas of the same place stand by their ids.",
        "name": (PHRASE.form, "What it is called."),
        "frequency": (choice(Frequency), "How often it is updated."),
        "products": (listing(choice(Product)), "What it is published as."),
        "group": (PHRASE.form, "The heading that it stands under in the overview."),
        "source": (PHRASE.form, "Where its data come from."),
        "lag": (LAG.form, "How far behind the newest complete period is expected to be: only an expectation."),
        "deliveries": "The area whose deliveries this one is made from; left out, it has its own.",
        "exceptions": (listing(PHRASE.form), "What a reader must know of the calendar of this area."),
    },
    _area,
    required=("id", "order", "name", "frequency", "products"),
)
