"""What a release is on disk: a manifest that lists files by hash, in a numbered folder.

The manifest may name the moment of publishing and the version of the software; the data files may not, so that
the same content has the same bytes in every release that holds it.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

__all__ = ["Delivered", "Entry", "Manifest", "Tables"]


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One data file: SHA-256 in hexadecimal, rows, size in bytes."""

    sha256: str
    rows: int
    size: int


class Delivered(msgspec.Struct, frozen=True, order=True):
    """A delivery that a release counts from: its production date (which is the known time) and its id."""

    produced: date
    id: str


Tables = dict[str, dict[str, Entry]]
"""Of one store: table -> partition ('2022-08', or '' where the table is one file) -> file."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The content of `manifest.json`.

    `data_through` is the last day covered, `delivery` the newest one counted, `previous` the number of the release
    that was current when this one was built, `policy` the hash of the disclosure policy it followed, `rules` that of
    the rules by which the warehouse counted ('': of a version that did not note them), `shown` the hash of the
    register's newest block when it was made: what it shows was noted before. A release without `shown` was made by an
    earlier version, and its public store is not served.
    """

    number: int
    areas: tuple[str, ...]
    data_through: date
    delivery: Delivered
    deliveries: int
    applied: datetime
    previous: int | None
    version: str
    policy: str
    rules: str = ""
    stores: dict[str, Tables]
    shown: str = ""
