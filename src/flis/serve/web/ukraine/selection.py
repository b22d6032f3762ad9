"""What a reader asks for in the address: area, day, as known on, compared with, order of the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flis.catalog.reference import municipalities
from flis.errors import NotFoundError, UsageError, suggest
from flis.serve.web.ukraine.figures import AREAS, COUNTRY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import QueryParams

    from flis.serve.web.site.texts import Texts
    from flis.serve.web.ukraine.figures import Figures, Known

__all__ = ["COMPARED", "ORDERS", "Selection", "area_name", "select"]

COMPARED = 3  # how many other municipalities may stand beside the chosen one
SINGLE = ("kommune", "dato", "kendt", "orden", "tabel", "form")  # one answer shows one of each
FRIDAY = 4
ORDERS = ("pr_1000", "antal", "uge", "navn")
NAMES = {m.code: m.name for m in municipalities()} | {f"L{m.landsdel_code}": m.landsdel for m in municipalities()}
BY_NAME = {m.name.casefold(): m.code for m in municipalities()}


@dataclass(frozen=True, slots=True)
class Selection:
    """A checked question: everything in it exists and is covered.

    `asked` is a day of the weekend that no delivery covers yet: `day` is then the last one that is covered.
    """

    area: str
    day: date
    known: date
    compared: tuple[str, ...] = ()
    order: str = ORDERS[0]
    day_given: bool = False
    known_given: bool = False
    asked: date | None = None

    @property
    def is_country(self) -> bool:
        """Whether the whole country is asked for."""
        return self.area == COUNTRY

    def query(self, **changes: str | None) -> str:
        """The part of the address after the question mark, with changes (None takes a part away)."""
        parts: dict[str, str | None] = {
            "kommune": None if self.is_country else self.area,
            "dato": self.day.isoformat() if self.day_given else None,
            "kendt": self.known.isoformat() if self.known_given else None,
            "sammenlign": ",".join(self.compared) or None,
            "orden": self.order if self.order != ORDERS[0] else None,
        }
        parts |= changes
        given = {k: v for k, v in parts.items() if v}
        return f"?{urlencode(given, safe=',')}" if given else ""


def area_name(code: str, texts: Texts) -> str:
    """The name of a municipality, of a landsdel (DST's code after an L), or of the country in the language."""
    return texts("country") if code == COUNTRY else NAMES[code]


def select(query: QueryParams, figures: Figures, texts: Texts) -> tuple[Selection, Known]:
    """The question in an address, and what was known on its day.

    Raises:
        UsageError: a date that is no date, a part given twice, or too many municipalities to compare.
        NotFoundError: a municipality that does not exist, or a day that is not covered; the hint says what is.
    """
    for name in SINGLE:
        if len(query.getlist(name)) > 1:
            raise UsageError(texts("error.repeated", name=name), hint=texts("error.repeated_hint"))
    area = _area(query.get("kommune", "").strip(), texts)
    known_day = _day("kendt", query.get("kendt"), texts) or figures.newest
    if figures.delivery(known_day) is None:
        first = figures.deliveries[0].produced
        raise NotFoundError(
            texts("error.known_early", kendt=texts.date(known_day)),
            hint=texts("error.known_range", first=texts.date(first), last=texts.date(figures.newest)),
        )
    known = figures.known(known_day)
    day = _day("dato", query.get("dato"), texts)
    asked = day if day and _comes_with_monday(day, known.last) else None
    if day and not asked and not known.first <= day <= known.last:
        key = "error.day_range_known" if query.get("kendt") else "error.day_range"
        span = {"first": texts.date(known.first), "last": texts.date(known.last)}
        raise NotFoundError(
            texts("error.day_outside", dato=texts.date(day)), hint=texts(key, kendt=texts.date(known_day), **span)
        )
    compared = _compared(query.getlist("sammenlign"), area, texts)
    order = query.get("orden", ORDERS[0])
    selection = Selection(
        area=area,
        day=day if day and not asked else known.last,
        known=known_day,
        compared=compared,
        order=order if order in ORDERS else ORDERS[0],
        day_given=day is not None,
        known_given=bool(query.get("kendt")),
        asked=asked,
    )
    return selection, known


def _comes_with_monday(day: date, last: date) -> bool:
    """Whether a day lies in the weekend that follows the last covered day: its figures come with Monday's file."""
    return last < day <= last + timedelta(days=2) and day.weekday() > FRIDAY and last.weekday() >= FRIDAY


def _area(text: str, texts: Texts) -> str:
    """A code (with or without leading zero) or a name; nothing means the country."""
    if not text:
        return COUNTRY
    code = text.zfill(4) if text.isdigit() else BY_NAME.get(text.casefold(), text)
    if code in AREAS:
        return code
    near = suggest(text, [m.name for m in municipalities()], language=texts.language)
    raise NotFoundError(texts("error.municipality", kommune=text[:40]), hint=near or texts("error.municipality_hint"))


def _compared(values: Sequence[str], area: str, texts: Texts) -> tuple[str, ...]:
    wanted = [part.strip() for value in values for part in value.split(",")]
    codes = dict.fromkeys(_area(part, texts) for part in wanted if part)
    others = tuple(c for c in codes if c not in {area, COUNTRY})
    if len(others) > COMPARED:
        raise UsageError(texts("error.compared", count=COMPARED))
    return others


def _day(name: str, text: str | None, texts: Texts) -> date | None:
    if not text or not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(texts("error.date", name=name), hint=texts("error.date_form")) from None
