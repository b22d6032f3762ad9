"""What the report shows for one question: numbers only, no words and no markup."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from flis.catalog.reference import municipalities
from flis.serve.web.site.rounding import per_thousand
from flis.serve.web.ukraine.figures import AREAS, COUNTRY, DAILY
from flis.serve.web.ukraine.rules import groups_shown
from flis.serve.web.ukraine.spans import summed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flis.serve.web.ukraine.figures import Breakdown, Figures, Known, LoadedDelivery, Month
    from flis.serve.web.ukraine.selection import Selection
    from flis.serve.web.ukraine.spans import Count

__all__ = ["SPANS", "Report", "RevisedFigure", "Standing", "Week"]

SPANS = (1, 7, 30)  # the changes that stand beside the total, in days
UNRANKED = "0411"  # Christiansø is no municipality: shown, never ranked
BY_CODE = {m.code: m for m in municipalities()}
INHABITANTS = {m.code: m.inhabitants for m in municipalities()}
INHABITANTS[COUNTRY] = sum(INHABITANTS.values())


@dataclass(frozen=True, slots=True)
class Standing:
    """One area on the chosen day, beside its official inhabitants; `net` is the country's alone."""

    code: str
    people: int
    net: int | None
    inhabitants: int
    changes: tuple[int | None, ...]
    entered_week: Count | None
    left_week: Count | None
    rank_people: int | None = None
    rank_rate: int | None = None

    @property
    def rate(self) -> float | None:
        """Persons per 1,000 inhabitants as published; None where the official figures know no inhabitants."""
        return per_thousand(self.people, self.inhabitants) if self.inhabitants else None


@dataclass(frozen=True, slots=True)
class Week:
    """A whole week, Monday to Sunday, or a day where `days` is 1: entries and exits."""

    start: date
    entered: Count
    left: Count


@dataclass(frozen=True, slots=True)
class RevisedFigure:
    """A day whose figure has changed since it was first published."""

    day: date
    published: date
    first: int
    now: int
    changed: date


@dataclass(frozen=True)
class Report:
    """The answer to a `Selection`; every part is worked out when a page or download asks for it."""

    figures: Figures
    known: Known
    selection: Selection

    @property
    def delivery(self) -> LoadedDelivery:
        """The newest delivery that the figures count."""
        delivery = self.figures.delivery(self.selection.known)
        assert delivery  # noqa: S101  # select() has refused earlier days
        return delivery

    @cached_property
    def place(self) -> int:
        """The chosen day's index."""
        return self.known.place(self.selection.day)

    def day_at(self, distance: int) -> str:
        """The day so many days from the chosen one, as addresses write it."""
        return (self.selection.day + timedelta(days=distance)).isoformat()

    @cached_property
    def weeks_whole(self) -> int:
        """How many whole weeks lie up to the chosen day."""
        passed = (self.selection.day + timedelta(days=1) - self.known.first_week).days // 7
        return max(0, min(passed, len(self.known.flows_weekly)))

    @property
    def last_week(self) -> date | None:
        """The Monday of the newest whole week; None before the first."""
        return self.known.first_week + timedelta(weeks=self.weeks_whole - 1) if self.weeks_whole else None

    @cached_property
    def here(self) -> Standing:
        """The chosen area; a municipality with its ranks."""
        if self.selection.is_country:
            return self.standing(COUNTRY, [COUNTRY])
        return next(s for s in self.municipalities if s.code == self.selection.area)

    @cached_property
    def country(self) -> Standing:
        """The whole country."""
        return self.standing(COUNTRY, [COUNTRY])

    @cached_property
    def municipalities(self) -> list[Standing]:
        """Every municipality and Christiansø, by code, with ranks by number and by rate."""
        plain = [self.standing(code, [code]) for code in BY_CODE]
        ranked = [s for s in plain if s.code != UNRANKED]
        by_people = _ranks({s.code: float(s.people) for s in ranked})
        by_rate = _ranks({s.code: s.rate or 0.0 for s in ranked})
        return [
            Standing(
                s.code, s.people, s.net, s.inhabitants, s.changes, s.entered_week, s.left_week,
                by_people.get(s.code), by_rate.get(s.code),
            )
            for s in plain
        ]  # fmt: skip

    @cached_property
    def landsdele(self) -> list[Standing]:
        """The eleven parts of the country, each the sum of its municipalities; the code is DST's."""
        codes = sorted({m.landsdel_code for m in municipalities()})
        return [self._landsdel(code) for code in codes]

    @cached_property
    def beside(self) -> list[Standing]:
        """The chosen municipality, its landsdel, the country and the others that were asked for."""
        if self.selection.is_country:
            return [self.country, *self.landsdele]
        own = self._landsdel(BY_CODE[self.selection.area].landsdel_code)
        by_code = {s.code: s for s in self.municipalities}
        return [self.here, own, self.country, *(by_code[c] for c in self.selection.compared)]

    def _landsdel(self, code: str) -> Standing:
        return self.standing(f"L{code}", [m.code for m in municipalities() if m.landsdel_code == code])

    def standing(self, code: str, members: Sequence[str]) -> Standing:
        """The sum of some areas on the chosen day."""
        now, past, week = self._day
        index = [AREAS[m] for m in members]
        people = sum(now[i][0] for i in index)
        return Standing(
            code=code,
            people=people,
            net=now[AREAS[COUNTRY]][1] if code == COUNTRY else None,
            inhabitants=sum(INHABITANTS[m] for m in members),
            changes=tuple(people - sum(then[i] for i in index) if then else None for then in past),
            entered_week=summed(week[i][0] for i in index) if week else None,
            left_week=summed(week[i][1] for i in index) if week else None,
        )

    @cached_property
    def _day(self) -> tuple[list[list[int]], list[list[int] | None], list[list[int]] | None]:
        """By area: totals on the chosen day, persons one, seven and thirty days before, the newest whole week."""
        past = [self.known.people[self.place - span].tolist() if self.place >= span else None for span in SPANS]
        week = self.known.flows_weekly[self.weeks_whole - 1].tolist() if self.weeks_whole else None
        return self.known.totals[self.place].tolist(), past, week

    @cached_property
    def series(self) -> list[tuple[date, int, int]]:
        """Day by day up to the chosen one: Antal personer; Indrejste minus udrejste, the country's alone."""
        totals = self.known.totals[: self.place + 1, AREAS[self.selection.area]]
        return [(self.known.first + timedelta(days=n), int(people), int(net)) for n, (people, net) in enumerate(totals)]

    @cached_property
    def weeks(self) -> list[Week]:
        """Entries and exits per whole week up to the chosen day."""
        flows = self.known.flows_weekly[: self.weeks_whole, AREAS[self.selection.area]]
        return [
            Week(self.known.first_week + timedelta(weeks=n), summed([int(row[0])]), summed([int(row[1])]))
            for n, row in enumerate(flows)
        ]

    @cached_property
    def flow_days(self) -> list[tuple[date, tuple[int, ...]]]:
        """The country's entries and exits for the last 30 days up to the chosen one, newest last."""
        end = (self.selection.day - self.known.first_flow).days + 1
        start = max(0, end - 30)
        rows = self.known.flows_daily[start:end]
        return [
            (self.known.first_flow + timedelta(days=start + n), tuple(int(v) for v in row))
            for n, row in enumerate(rows)
        ]

    @cached_property
    def flows_today(self) -> dict[str, int]:
        """The country's entries and exits on the chosen day."""
        row = self.flow_days[-1][1] if self.flow_days else (0,) * len(DAILY)
        return dict(zip(DAILY, row, strict=True))

    @cached_property
    def months(self) -> list[Month]:
        """The country's rare flows of the whole months up to the chosen day."""
        after = self.selection.day + timedelta(days=1)
        return [m for m in self.figures.months if (m.last + timedelta(days=31)).replace(day=1) <= after]

    @cached_property
    def breakdowns(self) -> list[Breakdown]:
        """Age groups, sex and civil state: the newest published ones up to the day."""
        found = (self.figures.breakdown(self.selection.area, d, self.selection.day) for d in groups_shown())
        return [b for b in found if b]

    @cached_property
    def revisions(self) -> list[RevisedFigure]:
        """The last 30 days' figures that have changed since they were first published, newest first."""
        area = AREAS[self.selection.area]
        known = (self.selection.known - date(1970, 1, 1)).days
        published = self.figures.total.first_published(area, known)
        found = []
        for place in range(self.place, max(-1, self.place - 30), -1):
            if place not in published:
                continue
            values, first, changed = published[place]
            now = int(self.known.people[place, area])
            if changed > first and int(values[0]) != now:
                day = self.known.first + timedelta(days=place)
                epoch = date(1970, 1, 1)
                found.append(
                    RevisedFigure(
                        day, epoch + timedelta(days=first), int(values[0]), now, epoch + timedelta(days=changed)
                    )
                )
        return found


def _ranks(values: dict[str, float]) -> dict[str, int]:
    """Competition ranks, the highest first: equals share a place."""
    ordered = sorted(values.values(), reverse=True)
    places: dict[float, int] = {}
    for place, value in enumerate(ordered, 1):
        places.setdefault(value, place)
    return {code: places[value] for code, value in values.items()}
