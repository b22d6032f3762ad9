"""What the overview says of an area: its states, each with a scope, a kind and a text in two languages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import msgspec

from flis.catalog.area_file import Area, Phrase, Product

__all__ = ["AreaStatus", "Notice", "Overview", "StatusKind"]


class StatusKind(StrEnum):
    """What can be said of an area or a part of it."""

    AS_PLANNED = "as-planned"
    LATE = "late-at-source"
    FAULTY = "faulty-delivery"
    PART_MISSING = "part-missing"
    BENCHMARK = "benchmark-not-representative"
    RETIRED = "retired"
    ACCESS_CLOSED = "access-closed"
    PENDING = "pending-first-delivery"
    SET_BACK = "earlier-release"
    DAMAGED = "damaged"

    @property
    def text(self) -> Phrase:
        """The kind in words."""
        return _KINDS[self]


_KINDS = {
    StatusKind.AS_PLANNED: Phrase("Kører efter planen", "As planned", "За планом"),
    StatusKind.LATE: Phrase("Forsinket hos kilden", "Late at the source", "Затримка в джерелі"),
    StatusKind.FAULTY: Phrase("Fejlbehæftet levering", "Faulty delivery", "Помилкова поставка"),
    StatusKind.PART_MISSING: Phrase("En del af kilden mangler", "Part of the source missing", "Частини джерела бракує"),
    StatusKind.BENCHMARK: Phrase("Benchmark ikke retvisende", "Benchmark not representative", "Порівняння непоказове"),
    StatusKind.RETIRED: Phrase("Udfaset", "Retired", "Більше не ведеться"),
    StatusKind.ACCESS_CLOSED: Phrase("Lukket for adgang", "Access closed", "Доступ закрито"),
    StatusKind.PENDING: Phrase("Afventer første levering", "Pending first delivery", "Очікується перша поставка"),
    StatusKind.DAMAGED: Phrase("Beskadiget", "Damaged", "Пошкоджено"),
    StatusKind.SET_BACK: Phrase("Tidligere udgivelse vises", "Earlier release serves", "Показується попередній випуск"),
}


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One state of an area, or of a product, municipalities, a period or an interface (`subject`) of it.

    It comes from an incident, from a delivery (and a rule of its validation), whose id it then has, or from comparing
    the data with the calendar.
    """

    kind: StatusKind
    text: Phrase
    product: Product | None = None
    municipalities: tuple[str, ...] = ()
    period: str = ""
    subject: str = ""
    link: str = ""
    since: date | None = None
    until: date | None = None
    incident: str = ""
    delivery: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class AreaStatus:
    """An area, the last day of its released data (None: nothing is released), and at least one state."""

    area: Area
    data_through: date | None
    states: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The operations overview of a day, and the number of the release that serves (None: nothing is released).

    `simulated` says that all persons behind it are.
    """

    at: date
    release: int | None
    areas: tuple[AreaStatus, ...]
    simulated: bool = False
