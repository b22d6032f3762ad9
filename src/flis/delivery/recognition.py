"""What a received file is, by the contracts of all areas: its interface, and what its name tells."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from flis.catalog import contracts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flis.catalog.contract import Contract

__all__ = ["Recognised", "first_day", "recognise", "tried"]

GZIP = b"\x1f\x8b"
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True, slots=True)
class Recognised:
    """The contract of a file, and what the file's name tells by placeholder."""

    contract: Contract
    told: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    """The file's name; one that the contract's pattern knows tells of no person."""

    @property
    def sender(self) -> str:
        """Who sends it: the municipality in its name, or the interface's one sender."""
        return self.told.get("kommune", "") or self.contract.sender

    @property
    def period(self) -> str:
        """The month, day or year in its name."""
        plain = next((self.told[k] for k in ("maaned", "dato", "aar") if k in self.told), "").replace("-", "")
        return "-".join(filter(None, (plain[:4], plain[4:6], plain[6:])))

    @property
    def first(self) -> date | None:
        """The first day of the period; None where there is no such day."""
        return first_day(self.period.replace("-", ""))

    @property
    def extracted(self) -> date | None:
        """The day of the read-out in its name; None where there is no such day."""
        return first_day(self.told.get("udtraek", "").replace("-", ""))

    @property
    def given(self) -> dict[str, Any]:
        """The columns of a part that rows lack and the file's name gives."""
        names = {f.name for table in self.contract.tables for f in table.fields}
        values = {"kommune": self.told.get("kommune"), "maaned": self.first, "dato": self.first, "aar": self.first}
        return {name: values[name] for name in self.contract.part if name in values and name not in names}


def first_day(digits: str) -> date | None:
    """The first day of a year, month or day, written in digits; None where no calendar has it."""
    year, month, day = digits[:4], digits[4:6] or "01", digits[6:] or "01"
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def recognise(head: bytes, name: str = "") -> Recognised | None:
    """What a file that begins as `head` and is called `name` is, by the contracts of all areas; None: nobody's.

    A file in a wrong encoding is recognised too: it is to be refused with a reason. A packed file is known by what is
    in it, and `.gz` may stand behind its name.

    >>> found = recognise(b"00000000000000001109012001111920011116")
    >>> found.contract.chain.value, recognise(b"%PDF-1.7")
    ('linked', None)
    """
    plain = _unpacked(head) if head.startswith(GZIP) else head
    encoding = next((known for mark, known in MARKS.items() if plain.startswith(mark)), "latin-1")
    text = plain.decode(encoding, "replace")
    for contract in contracts.all_contracts():
        told = contract.recognition.match(name)
        if told is None and name.lower().endswith(".gz"):
            told = contract.recognition.match(name[:-3])
        if told is not None and text.startswith(contract.recognition.head):
            return Recognised(contract, told, name)
    return None


def _unpacked(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(head, len(head))
    except zlib.error:
        return b""


def tried() -> str:
    """By what the contracts would recognise a file, for who has one that none does."""
    names = [c.recognition.name or f"{c.name} (by its first record)" for c in contracts.all_contracts()]
    return f"These are recognised: {', '.join(names)}." if names else "No area has a contract."
