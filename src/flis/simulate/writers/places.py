"""Where in XML and JSON the rows of each table lie, and which of their values are those of what they lie in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flis.delivery.readers.paths import field_path
from flis.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from flis.catalog.contract import Contract

__all__ = ["Home", "homes"]

Steps = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Home:
    """Where the rows of a table lie: the table whose rows they lie in ('': none), the steps from there, what they say.

    `own` are the steps from a row to each of its values, `taken` the fields that are those of the row around it.
    """

    table: str
    steps: Steps
    own: Mapping[str, Steps]
    taken: Mapping[str, str]


def homes(contract: Contract, places: Mapping[str, Steps], day: date | None) -> dict[str, Home]:
    """By table; `places` are the steps from the outermost place to its rows.

    Raises:
        UsageError: a row takes over what no row around it says.
    """
    found: dict[str, Home] = {}
    values = {
        t.name: {f.name: (path.up, path.steps) for f in t.fields for path in [field_path(f, day)]}
        for t in contract.tables
    }
    for table in contract.tables:
        place = places[table.name]
        around = [name for name, other in places.items() if name != table.name and other == place[: len(other)]]
        around = [name for name in around if len(places[name]) < len(place)]
        home = max(around, key=lambda name: len(places[name]), default="")
        told = {_at(places[home], *where): name for name, where in values[home].items()} if home else {}
        taken = {}
        for name, (up, steps) in values[table.name].items():
            if up:
                at = _at(place, up, steps)
                if at not in told:
                    raise UsageError(f"{table.name}.{name} is taken over from a row that does not say it.")
                taken[name] = told[at]
        own = {name: steps for name, (up, steps) in values[table.name].items() if not up}
        found[table.name] = Home(home, place[len(places[home]) if home else 0 :], own, taken)
    return found


def _at(place: Steps, up: int, steps: Steps) -> Steps:
    return (*place[: len(place) - up], *steps)
