"""What is kept of a delivery's rows for judging it and later ones: counts and sums, never a person's values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from flis.delivery.model import Fault
from flis.disk import cached_by_stamp, write

if TYPE_CHECKING:
    from pathlib import Path

    from flis.delivery.model import Delivery

__all__ = ["Examined", "Profile", "TableProfile", "examined", "keep", "resemblance"]

FILE = "examined.json"
SKETCH = 256
"""So many of the smallest hashes of rows stand for all of them."""


class TableProfile(msgspec.Struct, frozen=True, kw_only=True):
    """The rows of a table, counted: in all, empty ones by field, sums of measures, rows by code of a list."""

    rows: int
    empty: dict[str, int] = {}
    sums: dict[str, float] = {}
    sizes: dict[str, float] = {}
    """The sums of the measures without their signs: what a row amounts to, where plus and minus cancel out."""
    codes: dict[str, dict[str, int]] = {}
    """By field the rows of each code that its list has."""
    unknown: dict[str, dict[str, int]] = {}
    """By field the rows of codes that no list has, each code as a keyed hash: a value may be anything."""


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """The tables of a delivery, and the smallest hashes of its rows, by which it is known again."""

    tables: dict[str, TableProfile] = {}
    sketch: list[int] = []

    @property
    def rows(self) -> int:
        """How many rows there are in all tables."""
        return sum(t.rows for t in self.tables.values())


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    """What looking through the rows of a delivery showed, before any were held back.

    `faults` are the first of each kind and `totals` all of them; `held` counts the rows that have to be held back.
    In a file of many municipalities `municipalities` are those of whom too many rows have faults, `among` how many
    there are, and `held` counts the rows of the others.
    """

    faults: tuple[Fault, ...] = ()
    totals: dict[str, int] = {}
    held: int = 0
    unread: dict[str, float] = {}
    """By field the share of rows whose value cannot be read as what the contract says, where there are any."""
    broken: tuple[str, ...] = ()
    """The rules of the contract that are no conditions on their table."""
    municipalities: tuple[str, ...] = ()
    among: int = 0
    profile: Profile = Profile()


def examined(delivery: Delivery) -> Examined | None:
    """What was kept of a delivery's examination; None where it has none."""
    try:
        return _read(delivery.folder / FILE)
    except FileNotFoundError:
        return None


def keep(delivery: Delivery, found: Examined) -> None:
    """Keep an examination beside the delivery."""
    write(delivery.folder / FILE, msgspec.json.encode(found))


def resemblance(one: Profile, other: Profile) -> float:
    """About how large a share of the rows of two deliveries together is in both (bottom-k sketches)."""
    mine, theirs = set(one.sketch), set(other.sketch)
    union = sorted(mine | theirs)[:SKETCH]
    return sum(h in mine and h in theirs for h in union) / len(union) if union else 0.0


@cached_by_stamp(1 << 12)
def _read(file: Path) -> Examined:
    return msgspec.json.decode(file.read_bytes(), type=Examined)
