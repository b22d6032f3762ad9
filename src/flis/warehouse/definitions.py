"""The numbers in an area's definition of its population, from `areas/<id>/definition.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flis.catalog.area_paths import folder_of, remembered
from flis.catalog.forms import DAY, WHOLE, WORD, Record, named
from flis.catalog.yaml import read

if TYPE_CHECKING:
    from datetime import date
    from importlib.resources.abc import Traversable

    from flis.catalog.yaml import YamlEntry

__all__ = ["DEFINITION", "Definition", "definition", "read_definition"]


@dataclass(frozen=True, slots=True)
class Definition:
    """Whose citizenship counts, from which day of entry on, and the first age of each age group in order."""

    citizenship: str
    entered_from: date
    ages: dict[str, int]

    def ages_through(self, oldest: int) -> dict[str, range]:
        """The ages of each group; the last group ends with `oldest`."""
        firsts = [*self.ages.values(), oldest + 1]
        return {group: range(firsts[n], firsts[n + 1]) for n, group in enumerate(self.ages)}


@remembered
def definition(area: str) -> Definition:
    """The definition of `area`.

    Raises:
        CatalogError: the file is not as it should be; names file and line.
    """
    return read_definition(folder_of(area) / "definition.yaml", f"areas/{area}/definition.yaml")


def read_definition(file: Traversable, name: str) -> Definition:
    """The definition in a file that errors call `name`; raises CatalogError with file and line."""
    return DEFINITION.read(read(file, name))


def _definition(entry: YamlEntry, **found: Any) -> Definition:
    place, firsts = entry.fields()["ages"], list(found["ages"].values())
    if not firsts:
        raise place.error("there are no age groups.")
    if firsts != sorted(set(firsts)) or firsts[0] != 0:
        raise place.error("the first ages of the groups do not rise from 0.", "Each group ends where the next begins.")
    return Definition(**found)


DEFINITION: Record[Definition] = Record(
    "definition",
    Definition,
    {
        "citizenship": (WORD, "The country code of those whose citizenship counts."),
        "entered_from": (DAY, "The first day of entry that counts, and the first day covered."),
        "ages": (named(WHOLE), "The age groups in order, each with its first age."),
    },
    _definition,
    required=("citizenship", "entered_from", "ages"),
)
