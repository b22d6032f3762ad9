"""What is true of one level of figures, told by the steps that the area's policy names. It never leaves the process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flis.disclosure import FigureTable, Moment, truth_of
from flis.disclosure.changes import seen, together
from flis.disclosure.model import place_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.disclosure import Policy, Shown, Truth
    from flis.disclosure.model import Numbers
    from flis.release.counting import CountingSteps
    from flis.warehouse import ProtectableFacts

__all__ = ["COUNTRY", "COUNTRY_LEVEL", "LevelTruth"]

COUNTRY = "0000"
COUNTRY_LEVEL = FigureTable("country", (COUNTRY,))
PERIODS = {"day": 0, "week": 6}
"""Of each period of exact flows: how many days after the first it ends."""


@dataclass(frozen=True, slots=True)
class LevelTruth:
    """What the steps of an area tell of one level."""

    known: ProtectableFacts
    steps: CountingSteps
    rules: Policy
    level: FigureTable

    def at(self, past: dict[str, Shown], fresh: list[Moment]) -> Truth:
        """The truth at the fresh moments, and at those of the newest figures that stand."""
        old = sorted({moment for shown in past.values() for moment in _standing(shown)})
        moments = [*old, *fresh]
        at = np.array([(_number(m.day), _number(m.known)) for m in moments], np.int64).reshape(-1, 2)
        last = self.known.coverage.last
        stays = self.known.stays(
            self.steps.stays.name, self.steps.former_stays.name, [m.known for m in old if m.known < last]
        )
        place, person, first, after, since, until = stays.columns
        stayed = together(
            self._places(place),
            person.to_numpy().astype(np.int64),
            np.stack([_day_numbers(first), _day_numbers(after)], 1),
            np.stack([_day_numbers(since), _day_numbers(until)], 1),
            moments=at,
            places=len(self.level.places),
        )
        divided = self.known.fact(self.steps.breakdown.name, [m.day for m in fresh])
        counts = {d.name: self._counts(divided, d.name, d.groups, fresh) for d in self.rules.dimensions}
        return truth_of(self.level, moments, len(old), counts, stayed=stayed, seen=self._seen(moments))

    def _counts(self, divided: pa.Table, dimension: str, groups: tuple[str, ...], fresh: list[Moment]) -> Numbers:
        """Moment × place × group."""
        rows = divided.filter(pc.equal(divided.column(2), dimension))
        made = np.zeros((len(fresh), len(self.level.places), len(groups)), np.int64)
        days = np.array([_number(m.day) for m in fresh])
        day, place, _, group, count = rows.columns
        at = (np.searchsorted(days, _day_numbers(day)), self._places(place), place_numbers(group, groups))
        np.add.at(made, at, count.to_numpy())
        return made

    def _seen(self, moments: list[Moment]) -> Numbers:
        step = self.steps.flows[self.level.name]
        flows, shown = self.known.known_now(step.name), self.rules.levels[self.level.name].flows
        period = next(period for period in PERIODS if period in shown.periods)
        day, *further = step.keys
        starts, at = np.unique(_day_numbers(flows[day]), return_inverse=True)
        ends = starts + PERIODS[period]
        places = len(self.level.places)
        place = self._places(flows[further[0]]) if further else np.zeros(len(at), np.int64)
        moved = np.zeros((2, places, len(ends)), np.int64)
        for n, name in enumerate(shown.periods[period]):
            moved[n, place, at] = flows[name].to_numpy()
        now = [(date(1970, 1, 1) + timedelta(int(end)), self.known.coverage.last) for end in ends]
        return seen(
            ends,
            moved,
            self._totals(now).T,
            np.array([_number(m.day) for m in moments], np.int64),
            self._totals([(m.day, m.known) for m in moments]),
        )

    def _totals(self, moments: list[tuple[date, date]]) -> Numbers:
        """Moment × place."""
        moment, _, place, count, *_ = self.known.as_known(self.steps.totals.name, moments).columns
        made = np.zeros((len(moments), len(self.level.places)), np.int64)
        codes = pc.index_in(place, pa.array(self.level.places))
        inside = pc.is_valid(codes).to_numpy()
        made[moment.to_numpy()[inside], codes.drop_null().to_numpy()] = count.to_numpy()[inside]
        return made

    def _places(self, names: pa.ChunkedArray) -> Numbers:
        """The place of each row in the level; the country is everywhere."""
        if self.level is COUNTRY_LEVEL:
            return np.zeros(len(names), np.int64)
        return np.asarray(pc.fill_null(pc.index_in(names, pa.array(self.level.places)), -1).to_numpy(), np.int64)


def _standing(shown: Shown) -> Iterator[Moment]:
    """The moments of the newest figure of each place."""
    last = np.append(np.diff(shown.place) != 0, True)[: len(shown.place)]
    for day, made in set(zip(shown.day[last].tolist(), shown.known[last].tolist(), strict=True)):
        yield Moment(date(1970, 1, 1) + timedelta(day), date(1970, 1, 1) + timedelta(made))


def _day_numbers(days: pa.ChunkedArray) -> Numbers:
    return np.asarray(days.cast(pa.date32()).cast(pa.int32()).to_numpy(), np.int64)


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days
