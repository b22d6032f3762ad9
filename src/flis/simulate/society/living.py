"""The simulated society: the register when it begins, and what is registered day by day."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from flis.simulate.society import arrivals, corrections, life, renumbering, unions
from flis.simulate.society.day_numbers import day_number
from flis.simulate.society.population import populate
from flis.simulate.society.refugees import Refugees
from flis.simulate.society.register import PopulationRegister
from flis.simulate.society.renumbering import Doubles
from flis.simulate.society.today import Today, generator

__all__ = ["BEGIN", "Society"]

BEGIN = date(2022, 1, 1)
"""The first simulated day: a delivery that begins later holds what has happened since then."""

EVENTS = (
    life.births,
    life.deaths,
    life.departures,
    life.losses,
    life.findings,
    life.returns,
    life.moves,
    unions.marriages,
    unions.divorces,
    unions.separations,
    unions.citizenships,
    unions.churches,
    corrections.entry_dates,
    corrections.move_dates,
    corrections.annulments,
    corrections.technical,
    renumbering.changes,
)


class Society:
    """Everybody in the register, living from day to day."""

    def __init__(self, first: date, scale: float, refugee_scale: float, seed: int) -> None:
        """The register at the end of the day before `first`."""
        self.register = PopulationRegister()
        self.scale = scale
        self.seed = seed
        self._refugees = Refugees(refugee_scale)
        self._doubles = Doubles()
        eve = day_number(first - timedelta(days=1))
        populate(self.register, scale, eve, generator(seed, "population", 0))

    def live(self, day: date) -> Today:
        """Register what is registered on a day."""
        today = Today(self.register, day, self.seed)
        with np.errstate(all="raise", under="ignore"):
            for event in EVENTS:
                event(today)
            self._refugees.live(today)
            arrivals.immigration(today, self.scale)
            self._doubles.live(today)
        return today
