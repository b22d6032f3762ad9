"""What can go wrong with deliveries, by name: in the register, in the file, or on its way.

Where a file is broken or withheld, the right one is put aside in `held-back/`, so that it can be delivered later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from flis.delivery.readers.cpr.form import Shape
from flis.delivery.readers.cpr.layout import RECORDS
from flis.delivery.readers.cpr.writer import Block, encode, write
from flis.errors import UsageError, suggest
from flis.simulate.cpr.files import file_name, pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from flis.simulate.cpr.files import SimulatedFile

__all__ = ["FAULTS", "HELD_BACK", "SimulatedFault", "break_file", "faults_by_day"]

HELD_BACK = "held-back"
RECORD = re.compile(rb"099\d{10}")
"""The beginning of a record of events: every person has one."""
CITIZENSHIP = re.compile(rb"010\d{10}")
UKRAINE, FEW = b"5704", 3
LENGTHY = b"OVERLONG"


@dataclass(frozen=True, slots=True)
class SimulatedFault:
    """A fault: what it does, and how it spoils the bytes of a file, if that is what it does; `harmless` where the file
    is accepted all the same.
    """

    text: str
    spoil: Callable[[bytes, SimulatedFile], bytes] | None = None
    in_register: bool = False
    harmless: bool = False


def _truncated(content: bytes, delivery: SimulatedFile) -> bytes:  # noqa: ARG001
    return content[: len(content) * 6 // 10].rstrip(b"\r\n")[:-3]


def _wrong_count(content: bytes, delivery: SimulatedFile) -> bytes:  # noqa: ARG001
    at = content.rindex(b"999" + b"9" * 10) + 13
    return content[:at] + b"%08d" % (int(content[at : at + 8]) + 7) + content[at + 8 :]


def _wrong_encoding(content: bytes, delivery: SimulatedFile) -> bytes:
    changed = content.decode("iso-8859-1").encode("utf-8")
    return changed if changed != content else _byte_order_mark(content, delivery)


def _byte_order_mark(content: bytes, delivery: SimulatedFile) -> bytes:  # noqa: ARG001
    return b"\xef\xbb\xbf" + content


def _bad_length(content: bytes, delivery: SimulatedFile) -> bytes:
    start, width = _middle(content), RECORDS["099"].length
    if delivery.form.shape is Shape.UNBROKEN:
        return content[: start + width - 3] + content[start + width :]
    end = content.index(delivery.form.newline, start)
    return content[:start] + content[start:end].ljust(width) + LENGTHY + content[end:]


def _unknown_type(content: bytes, delivery: SimulatedFile) -> bytes:  # noqa: ARG001
    start = _middle(content)
    return content[:start] + b"077" + content[start + 3 :]


def _errors(content: bytes, delivery: SimulatedFile) -> bytes:
    rows = encode(
        "910",
        {
            "SORTFELT-10": [b"0101010000", b"0202020000", b"0303030000"],
            "INDDATA": b"01",
            "FEJLNR": [8451, 8452, 8494],
            "FEJLTXT-UDTRÆK": [
                "Personnummer er forkert",
                "Personnummer findes ikke i CPR",
                "Personnummeret er slettet",
            ],
        },
    )
    ending = delivery.form.ending
    return content.removesuffix(ending) + write([Block("910", rows)], delivery.form) + ending


def _other_product(content: bytes, delivery: SimulatedFile) -> bytes:
    """Every record of a person two characters longer, as in a product with further fields."""
    start, end = content.index(b"001"), content.rindex(b"999" + b"9" * 10)
    widths = {code.encode(): record.length for code, record in RECORDS.items()}
    if delivery.form.shape is Shape.UNBROKEN:
        joined = bytearray()
        while start < end:
            after = start + widths[content[start : start + 3]]
            joined += content[start:after] + b"07"
            start = after
        return content[: content.index(b"001")] + joined + content[end:]
    line = delivery.form.newline
    told = content[start:end].split(line)
    longer = [row.ljust(widths.get(row[:3], 0)) + b"07" if row else row for row in told]
    return content[:start] + line.join(longer) + content[end:]


def _unknown_place(content: bytes, delivery: SimulatedFile) -> bytes:  # noqa: ARG001
    return _written(content, "002", "KOMKOD", b"0998")


def _impossible_entry(content: bytes, delivery: SimulatedFile) -> bytes:  # noqa: ARG001
    return _written(content, "024", "INDRDTO", b"202202301200")


def _hour_24(content: bytes, delivery: SimulatedFile) -> bytes:  # noqa: ARG001
    return _written(content, "024", "INDRDTO", b"2400", last=True)


def _entry_without_day(content: bytes, delivery: SimulatedFile) -> bytes:  # noqa: ARG001
    return _written(content, "024", "INDRDTO", b"000000", last=True)


def _written(content: bytes, code: str, name: str, value: bytes, *, last: bool = False) -> bytes:
    """The field of three Ukrainian citizens written otherwise (its last characters alone, if asked)."""
    changed, country, field = bytearray(content), RECORDS["010"].field("LANDEKOD"), RECORDS[code].field(name)
    done = 0
    for found in CITIZENSHIP.finditer(content):
        if content[found.start() + country.offset : found.start() + country.end] != UKRAINE:
            continue
        own = content.rfind(b"001" + found[0][3:], 0, found.start())
        place = content.find(code.encode() + found[0][3:], max(own, 0))
        if place >= 0:
            end = place + field.end
            changed[end - len(value) if last else place + field.offset : end] = value
            done += 1
        if done == FEW:
            break
    return bytes(changed)


FAULTS: Mapping[str, SimulatedFault] = {
    "missing": SimulatedFault("the day's file does not come"),
    "repeated": SimulatedFault("the day's file comes twice, byte for byte"),
    "other-content": SimulatedFault(
        "a second file with the same production date, but one person less, follows the first"
    ),
    "truncated": SimulatedFault("the file ends in the middle of a record", _truncated),
    "wrong-count": SimulatedFault("record 999 counts seven records too many", _wrong_count),
    "wrong-encoding": SimulatedFault("the file is UTF-8 instead of ISO-8859-1", _wrong_encoding),
    "byte-order-mark": SimulatedFault("the file begins with the mark of UTF-8", _byte_order_mark),
    "bad-record-length": SimulatedFault("one record has another length than its layout", _bad_length),
    "unknown-record-type": SimulatedFault("one record is of a type that does not exist (077)", _unknown_type),
    "other-product": SimulatedFault("the file is another product of CPR's, with longer records", _other_product),
    "errors-910": SimulatedFault("three error records (910) stand after the end record", _errors, harmless=True),
    "unknown-place": SimulatedFault(
        "three Ukrainian citizens live in a municipality 0998", _unknown_place, harmless=True
    ),
    "impossible-entry": SimulatedFault(
        "three Ukrainian citizens entered on a 30 February", _impossible_entry, harmless=True
    ),
    "hour-24": SimulatedFault("three Ukrainian citizens entered at hour 24", _hour_24, harmless=True),
    "entry-without-day": SimulatedFault(
        "three Ukrainian citizens entered on no day of a month", _entry_without_day, harmless=True
    ),
    "late-correction": SimulatedFault("many refugees' dates of entry are corrected at once", in_register=True),
    "municipality-zero": SimulatedFault(
        "everybody in one municipality is moved away, and back by the next delivery", in_register=True
    ),
}
"""All faults by name, with a sentence on each."""


def faults_by_day(names: Sequence[str], days: Sequence[date]) -> dict[date, list[str]]:
    """Which faults strike on which delivery: `NAME@DATE`, or `NAME` for the delivery in the middle.

    Raises:
        UsageError: no such fault, or a day without a change extract.
    """
    found: dict[date, list[str]] = {}
    for text in names:
        name, _, when = text.partition("@")
        if name not in FAULTS:
            raise UsageError(f"There is no fault {name}.", hint=suggest(name, FAULTS))
        found.setdefault(_day(when, days), []).append(name)
    return found


def break_file(delivery: SimulatedFile, path: Path, names: Sequence[str]) -> list[Path]:
    """Let faults of files happen to a delivery that is already written; returns what arrives, in order."""
    right = path.read_bytes()
    content, broken = right, False
    for name in names:
        spoil = FAULTS[name].spoil
        if spoil is not None:
            content = spoil(content, delivery)
            broken |= not FAULTS[name].harmless
    path.write_bytes(content)
    if broken or "missing" in names:
        aside = path.parent / HELD_BACK / path.name
        aside.parent.mkdir(exist_ok=True)
        aside.write_bytes(right)
    arrives = [path]
    if "repeated" in names:
        arrives.append(_copy(delivery, path, content, 2))
    if "other-content" in names:
        fewer = delivery.without_last()
        arrives.append(_copy(delivery, path, b"".join(pieces(fewer)), 3))
    if "missing" in names:
        path.unlink()
        arrives.remove(path)
    return arrives


def _copy(delivery: SimulatedFile, path: Path, content: bytes, number: int) -> Path:
    copy = path.with_name(file_name(delivery.produced, number))
    copy.write_bytes(content)
    return copy


def _day(when: str, days: Sequence[date]) -> date:
    if not days:
        raise UsageError("The period has no delivery for a fault to strike.")
    if not when:
        return days[len(days) // 2]
    try:
        day = date.fromisoformat(when)
    except ValueError:
        raise UsageError("The day of a fault is a date: NAME@2022-03-04.") from None
    if day not in days:
        raise UsageError(f"There is no change extract on {day}.", hint="CPR delivers Monday to Friday.")
    return day


def _middle(content: bytes) -> int:
    """Where a record in the middle of the file begins."""
    places = [match.start() for match in RECORD.finditer(content)]
    return places[np.searchsorted(places, len(content) // 3).clip(max=len(places) - 1)]
