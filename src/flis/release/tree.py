"""What a release is on disk: a small root that names one tree per area, and trees that list files by hash.

The root names the moment of publishing and the version of the software. A tree and the data files name neither number
nor moment, so the same content has the same bytes in every release that holds it.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime

import msgspec

__all__ = ["Entry", "Root", "Stores", "Tables", "Tree", "Uncovered", "Unplaced", "encoded", "folder_of"]

DIMENSION = "dim."
"""Before the name of a table of the conformed dimensions, which belongs to no area."""


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One data file: SHA-256 in hexadecimal, rows, size in bytes."""

    sha256: str
    rows: int
    size: int


Tables = dict[str, dict[str, Entry]]
"""Of one store: table -> partition ('2022-08', or '' where the table is one file) -> file."""

Stores = dict[str, Tables]
"""Of one area: store -> its tables. A name without a dot is a table of the area; `dim.` begins a shared dimension."""


Unplaced = dict[str, dict[str, int]]
"""How many rows have a key that no row of the dimension has, by `table.column: dimension` and partition."""


class Uncovered(msgspec.Struct, frozen=True):
    """A period of a municipality ('': of all) that the area covers and has no data of, and why."""

    kommune: str
    periode: str
    why: str


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """One area as it was released: the content of `trees/<sha256>.json`, which is named by its own hash.

    `coverage` is the first and the last day covered, by product and municipality ('': all that are not named), `known`
    the known time of the newest delivery counted, `delivery` its id, `load` the number of the load that brought it and
    `deliveries` how many are counted. `fingerprints` are hashes of all that the figures depend on, by kind and name.
    `without_member` counts the rows that no member of a dimension has.
    """

    area: str
    coverage: dict[str, dict[str, tuple[date, date]]]
    known: date
    delivery: str
    deliveries: int
    load: int
    policy: str
    fingerprints: dict[str, dict[str, str]]
    gaps: tuple[Uncovered, ...] = ()
    without_member: Unplaced = {}
    stores: Stores

    @property
    def first(self) -> date:
        """The first day that anything in it covers."""
        return min(first for places in self.coverage.values() for first, _ in places.values())

    @property
    def data_through(self) -> date:
        """The last day that anything in it covers."""
        return max(last for places in self.coverage.values() for _, last in places.values())


class Root(msgspec.Struct, frozen=True, kw_only=True):
    """One release: the content of `<number>/release.json`.

    `areas` names the tree of each area by its hash, `previous` is the number of the release that served when this one
    was built, `shown` the hash of the register's newest block then: what the release shows was noted before. A release
    without `shown` was made by an earlier version, and its public store is not served.
    """

    number: int
    previous: int | None
    applied: datetime
    version: str
    areas: dict[str, str]
    shown: str = ""


def encoded(tree: Tree) -> tuple[str, bytes]:
    """The hash of a tree, and the bytes that it is the hash of."""
    data = msgspec.json.encode(tree)
    return hashlib.sha256(data).hexdigest(), data


def folder_of(area: str, table: str) -> str:
    """The folder of a table in its store.

    >>> folder_of("skole", "elever"), folder_of("skole", "dim.kommune")
    ('skole.elever', 'dim.kommune')
    """
    return table if table.startswith(DIMENSION) else f"{area}.{table}"
