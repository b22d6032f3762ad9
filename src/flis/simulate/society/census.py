"""Tables that the simulation draws from: who lives in Denmark, names, countries. `data/PROVENANCE.md` says whence."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import yaml

from flis.catalog.reference import municipalities
from flis.simulate.society.byte_texts import texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "DENMARK",
    "UKRAINE",
    "NameLists",
    "PopulationCells",
    "cells",
    "codes",
    "countries",
    "inhabitants",
    "names",
    "place_names",
    "rows",
    "shares",
]

DENMARK = 5100
UKRAINE = 5704

INHABITANTS = 5_873_420
"""Denmark on 2022-01-01; the municipalities' shares are those of 2020-01-01."""


@dataclass(frozen=True, slots=True)
class PopulationCells:
    """The population by age, sex (0 women, 1 men) and civil state (its letter's code)."""

    age: NDArray[np.int64]
    sex: NDArray[np.int64]
    civil: NDArray[np.int64]
    count: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class NameLists:
    """Given and family names as ISO-8859-1, the numbers of those of each origin and sex, roads and jobs."""

    given: NDArray[np.bytes_]
    family: NDArray[np.bytes_]
    roads: NDArray[np.bytes_]
    jobs: NDArray[np.bytes_]
    given_range: dict[tuple[str, int], tuple[int, int]]
    family_range: dict[str, tuple[int, int]]


def rows(name: str) -> list[dict[str, str]]:
    """The lines of a CSV file of the simulation's data folder."""
    text = (files("flis.simulate.society") / "data" / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def cells() -> PopulationCells:
    """The population of Denmark by age, sex and civil state."""
    table = [
        (int(row["age"]), sex, ord(row["civst"]), float(row[name]))
        for row in rows("population.csv")
        for sex, name in enumerate(("women", "men"))
    ]
    age, sex, civil, count = (np.array(column) for column in zip(*table, strict=True))
    return PopulationCells(age, sex, civil, count)


@cache
def codes() -> NDArray[np.int64]:
    """The codes of all municipalities, in order."""
    return np.array([int(place.code) for place in municipalities()])


@cache
def place_names() -> NDArray[np.bytes_]:
    """The names of municipalities, by code."""
    by_code = {int(place.code): place.name for place in municipalities()}
    return texts([by_code.get(code, "") for code in range(1000)])


@cache
def inhabitants() -> NDArray[np.float64]:
    """Inhabitants of each municipality on 2022-01-01, estimated."""
    count = np.array([place.inhabitants for place in municipalities()], float)
    estimate: NDArray[np.float64] = count * INHABITANTS / count.sum()
    return estimate


@cache
def shares() -> NDArray[np.float64]:
    """Each municipality's share of the inhabitants."""
    part: NDArray[np.float64] = inhabitants() / inhabitants().sum()
    return part


@cache
def countries() -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Citizenships of foreigners living in Denmark, and their shares."""
    table = rows("countries.csv")
    share = np.array([float(row["share"]) for row in table])
    return np.array([int(row["code"]) for row in table]), share / share.sum()


@cache
def names() -> NameLists:
    """All names, roads and jobs."""
    data = yaml.load((files("flis.simulate.society") / "data" / "names.yaml").read_text("utf-8"), yaml.CSafeLoader)
    given: list[str] = []
    family: list[str] = []
    given_range: dict[tuple[str, int], tuple[int, int]] = {}
    family_range: dict[str, tuple[int, int]] = {}
    for origin in ("danish", "ukrainian"):
        for sex, key in enumerate("km"):
            given_range[origin, sex] = (len(given), len(given) + len(data[origin][key]))
            given += data[origin][key]
        family_range[origin] = (len(family), len(family) + len(data[origin]["family"]))
        family += data[origin]["family"]
    return NameLists(texts(given), texts(family), texts(data["roads"]), texts(data["jobs"]), given_range, family_range)
