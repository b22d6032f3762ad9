"""What a delivery is: its state, its manifest, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Broken", "Counts", "Delivery", "DeliveryState", "Fault", "Header", "Manifest"]


class DeliveryState(StrEnum):
    """How far a delivery has come; also the name of the folder that it lies in."""

    RECEIVED = "received"  # encrypted and read, not judged yet
    WAITING = "waiting"  # sound, but the delivery before it has not come
    VALIDATED = "validated"  # accepted, not in the warehouse yet
    LOADED = "loaded"  # accepted, in the warehouse
    QUARANTINED = "quarantined"  # refused; its report says why
    SUPERSEDED = "superseded"  # refused, and another file of its production date was accepted later

    @property
    def accepted(self) -> bool:
        """Whether the delivery is a link of its chain."""
        return self in {DeliveryState.VALIDATED, DeliveryState.LOADED}


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that the reader found, by place; never with a value.

    `record` counts the records of the file and `line` its lines, both from 1; None where the fault has no place. A
    fault of a group of rows has its first record, and in `group` the days and listed codes by which it is known.
    """

    kind: str
    record: int | None = None
    line: int | None = None
    field: str | None = None
    group: dict[str, str] = {}


class Counts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What judging found, by severity."""

    fatal: int = 0
    error: int = 0
    warning: int = 0


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of itself, and what was counted while reading it."""

    form: str = ""
    """The physical form, as the reader recognised it."""
    interface: str = ""
    """The interface that the file came through, by its contract."""
    sender: str = ""
    period: str = ""
    """What the content is about: a month (2025-08), a year or a day; never the day of receipt."""
    number: int = 1
    """Which version of the period it is: the sequence that the sender gave it."""
    sequence: str = ""
    """The series in which production dates follow each other: OPGAVENR in CPR files."""
    produced: date | None = None
    previous: date | None = None
    """The production date before this one in the sequence; None for an establishment."""
    records: int = 0
    persons: int = 0
    types: dict[str, int] = {}
    """Records per record type."""
    error_records: int = 0
    receipts: int = 0
    faults: dict[str, int] = {}
    """How many faults of each kind the reader noticed."""
    imprecise: dict[str, int] = {}
    """How many dates lack day or month, by record type and field ("024 INDRDTO"), of those that places depend on."""
    awaits: str = ""
    """The ending of the name of the companion file that is still to come."""


class Manifest(Header, frozen=True, kw_only=True):
    """What is known of a delivery without opening it: what its file says, and what it is here."""

    id: str
    area: str
    file: str
    """The sender's name of the file where it is CPR's or one of a contract; of any other only the extension."""
    sha256: str
    size: int
    """Bytes, as received."""
    received: datetime
    findings: Counts = Counts()
    held: int = 0
    """How many rows judging held back."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A delivery whose manifest is lost or damaged; what its id tells is all that is known of it.

    Its place in the chain is known by that, so that nothing takes it.
    """

    id: str
    folder: Path
    state: DeliveryState

    @property
    def sequence(self) -> str:
        """The series of its production date, '' where its file told none."""
        return self.id.split("-")[1] if self.produced else ""

    @property
    def produced(self) -> date | None:
        """Its production date."""
        parts = self.id.split("-")
        if parts[0] != "cpr":
            return None
        try:
            return datetime.strptime(parts[2], "%Y%m%d").date()  # noqa: DTZ007 - a day of the calendar
        except (IndexError, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery in the state in which it was found; `again`: this very file had come before."""

    id: str
    folder: Path
    manifest: Manifest
    state: DeliveryState
    again: bool = False

    @property
    def encrypted(self) -> Path:
        """The received file, encrypted; gone once its retention is over."""
        return self.folder / "file.enc"

    @property
    def companion(self) -> Path:
        """The companion of the file, encrypted, where it has one that has come."""
        return self.folder / "companion.enc"

    @property
    def report(self) -> Path:
        """What judging found, as JSON."""
        return self.folder / "report.json"

    @property
    def noticed_rows(self) -> Path:
        """Which rows the reader found something wrong in: table, row, kind and field, without values."""
        return self.folder / "rows.parquet"

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The first faults of each kind, in the order of the file."""
        return msgspec.json.decode((self.folder / "faults.json").read_bytes(), type=tuple[Fault, ...])

    @property
    def records(self) -> dict[str, Path]:
        """The Parquet file of each record type or table that was read."""
        return {f.stem: f for f in sorted((self.folder / "records").glob("*.parquet"))}
