"""The map of the municipalities: outlines from package data, a class per municipality by persons per 1,000."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flis.serve.web.ukraine.report import Standing

__all__ = ["MapPlace", "Shading", "outlines", "shade"]

CLASSES = 5


@dataclass(frozen=True, slots=True)
class MapPlace:
    """One municipality on the map: its outline, its class (0: nobody, 1 to 5), its standing."""

    outline: str
    level: int
    standing: Standing


@dataclass(frozen=True, slots=True)
class Shading:
    """A drawn map: the places, and for each class from 1 its lowest and highest rate."""

    view_box: str
    places: tuple[MapPlace, ...]
    ranges: tuple[tuple[float, float], ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The municipalities that are on the map."""
        return tuple(p.standing.code for p in self.places)

    @property
    def capital(self) -> tuple[str, ...]:
        """The municipalities that the map shows once more, larger: those around København."""
        return tuple(code for code in self.codes if code < "0260")


@cache
def outlines() -> tuple[str, Mapping[str, str]]:
    """The map's view box, and the outline (an SVG path) of every municipality that has one."""
    data = json.loads((files("flis.serve.web.ukraine") / "data" / "outlines.json").read_text("utf-8"))
    return " ".join(str(n) for n in data["view_box"]), data["outlines"]


def shade(standings: Sequence[Standing]) -> Shading:
    """Five classes with about as many municipalities each; equal rates share a class."""
    view_box, paths = outlines()
    drawn = [s for s in standings if s.code in paths]
    rates = sorted(s.rate for s in drawn if s.rate is not None and s.people)
    bounds = [rates[len(rates) * n // CLASSES] for n in range(1, CLASSES)] if rates else []
    places = tuple(MapPlace(paths[s.code], _level(s, bounds), s) for s in drawn)
    ranges = []
    for level in range(1, CLASSES + 1):
        within = [p.standing.rate or 0.0 for p in places if p.level == level]
        if within:
            ranges.append((min(within), max(within)))
    return Shading(view_box, places, tuple(ranges))


def _level(standing: Standing, bounds: Sequence[float]) -> int:
    rate = standing.rate
    return 1 + sum(rate >= b for b in bounds) if rate is not None and standing.people else 0
