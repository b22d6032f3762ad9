"""The registers that some municipalities send of the made-up area `boernehave`, and what they say, in plain Python.

A register a month (June to September 2025), read on the 4th of the next month, but for

* one whose register never changes: that of Esbjerg says the same in all months;
* one that is out of order: Vejle's July comes after its August and September;
* one that corrects: Guldborgsund sends August again, with a higher sequence and fewer places;
* one that joins: Aarhus is on the list from July; what it sends of June is refused;
* one that is missing: Aalborg sends nothing of September;
* one without children: Roskilde's register of September is empty.

The bytes are written by hand here: letters of ISO-8859-1, amounts in øre with a sign behind, hours in tenths.
"""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.delivery.extracts import person_number
from tests.made_up.files import SentFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "CORRECTED",
    "EMPTY",
    "JOINING",
    "MISSING",
    "MONTHS",
    "OUT_OF_ORDER",
    "SENDERS",
    "UNCHANGED",
    "Place",
    "age_group",
    "counted",
    "files",
    "grouped",
    "month_ends",
    "places",
    "total",
]

MONTHS = [date(2025, month, 1) for month in (6, 7, 8, 9)]
UNCHANGED, OUT_OF_ORDER, CORRECTED, JOINING, MISSING, EMPTY = "0561", "0630", "0376", "0751", "0851", "0265"
SENDERS = ["0101", "0147", "0151", "0265", "0376", "0461", "0561", "0630", "0751", "0851"]
FORMS = ("BH", "VU", "SK")
NOBODY = date(1, 1, 1)


class Place(NamedTuple):
    """A place of a child."""

    kommune: str
    person: str
    born: date
    district: str
    form: str
    first: date
    last: date | None
    payer: str
    price: Decimal
    hours: Decimal


def _after(month: date) -> date:
    return (month + timedelta(32)).replace(day=1)


def _register(kommune: str, month: date, seed: str = "") -> list[Place]:
    """The register as it was read after a month: places that began until then, with the ends known then."""
    chance = random.Random(f"places {kommune}{seed}")
    found = []
    born, district = NOBODY, ""
    for number in range(6):
        if number % 2 == 0:  # each child has two places, or had
            born = date(2019 + chance.randrange(6), chance.randint(1, 12), chance.randint(1, 28))
            district = chance.choice(("Østerbro", "Ærø ø", "Å-vang", "Nord"))
        start = date(2025, chance.randint(3, 9), chance.randint(1, 28))
        length = chance.choice((20, 45, 90, 900))
        payer = chance.choice((kommune, kommune, SENDERS[(SENDERS.index(kommune) + 1) % len(SENDERS)]))
        # once in a while a price is taken back, and the register has it below nothing
        price = Decimal(chance.choice((312_550, 205_075, -40_000, 99_999))) / 100
        hours = Decimal(chance.choice((250, 375, 480))) / 10
        end = start + timedelta(length)
        told = end if end < _after(month) else None
        person = person_number(400 + 10 * SENDERS.index(kommune) + number // 2)
        place = Place(kommune, person, born, district, chance.choice(FORMS), start, told, payer, price, hours)
        if start < _after(month):
            found.append(place)
    return found


def _amount(value: Decimal) -> str:
    return f"{abs(int(value * 100)):08}{'-' if value < 0 else '+'}"


def _sent(kommune: str, month: date, rows: list[Place], arrived: date, sequence: int = 1) -> SentFile:
    lines = [f"00{kommune}{month:%Y%m}{arrived:%Y%m%d}"]
    above: tuple[object, ...] = ()
    for row in rows:
        child = (row.person, row.born, row.district)
        if child != above:
            lines.append(f"10{row.person}{row.born:%Y%m%d}{row.district:<12}")
            above = child
        until = f"{row.last:%Y%m%d}" if row.last else "0" * 8
        lines.append(f"20{row.form}{row.first:%Y%m%d}{until}{row.payer}{_amount(row.price)}{int(row.hours * 10):04}")
    total = sum((row.price for row in rows), Decimal(0))
    signed = f"{abs(int(total * 100)):017}{'-' if total < 0 else '+'}"
    lines.append(f"99{len(lines) - 1:010}{signed}")
    content = "".join(f"{line}\r\n" for line in lines).encode("latin-1")
    return SentFile(f"PL{kommune}{month:%Y%m}.{sequence}", content, arrived)


@cache
def files(own: str = "", elsewhere: str = "") -> tuple[SentFile, ...]:
    """All files, by the day on which they arrive; with `elsewhere` other ones of all municipalities but of `own`."""
    sent = []
    for month in MONTHS:
        for kommune in SENDERS:
            if (kommune, month) == (MISSING, MONTHS[3]):
                continue
            arrived = _after(month) + timedelta(3)
            if (kommune, month) == (OUT_OF_ORDER, MONTHS[1]):
                arrived = date(2025, 10, 6)
            seed = "" if kommune == own else elsewhere
            rows = _register(kommune, MONTHS[3] if kommune == UNCHANGED else month, seed)
            if (kommune, month) == (EMPTY, MONTHS[3]):
                rows = []
            sent.append(_sent(kommune, month, rows, arrived))
    corrected = _register(CORRECTED, MONTHS[2])[1:]
    sent.append(_sent(CORRECTED, MONTHS[2], corrected, date(2025, 9, 20), 2))
    return tuple(sorted(sent, key=lambda f: (f.arrived, f.name)))


def _read(file: SentFile) -> list[Place]:
    """The places in a file, by nothing but the words of the contract."""
    lines = file.content.decode("latin-1").splitlines()
    kommune, child, found = lines[0][2:6], ("", NOBODY, ""), []
    for line in lines[1:-1]:
        if line.startswith("10"):
            child = (line[2:12], _day(line[12:20]) or NOBODY, line[20:32].strip())
            continue
        sign = -1 if line[32] == "-" else 1
        found.append(
            Place(
                kommune,
                *child,
                line[2:4],
                _day(line[4:12]) or NOBODY,
                _day(line[12:20]),
                line[20:24],
                sign * Decimal(int(line[24:32])) / 100,
                Decimal(int(line[33:37])) / 10,
            )
        )
    assert len(lines) - 2 == int(lines[-1][2:12])
    return found


def _day(text: str) -> date | None:
    return date(int(text[:4]), int(text[4:6]), int(text[6:])) if int(text) else None


def places(sent: Iterable[SentFile], on: date | None = None) -> list[Place]:
    """The places that count, as known on a day: of each municipality those of the newest month and sequence."""
    newest: dict[str, tuple[tuple[str, int], list[Place]]] = {}
    for file in sent:
        head = file.content.decode("latin-1").splitlines()[0]
        kommune, month, read = head[2:6], head[6:12], _day(head[12:20])
        rank = (month, int(file.name.rpartition(".")[2]))
        refused = kommune == JOINING and month < "202507"
        if refused or read is None or (on is not None and read > on):
            continue
        if kommune not in newest or newest[kommune][0] < rank:
            newest[kommune] = (rank, _read(file))
    return [place for _, rows in newest.values() for place in rows]


def month_ends(months: Iterable[date] = MONTHS) -> list[date]:
    """The last days of months."""
    return [_after(month) - timedelta(1) for month in months]


def counted(rows: Iterable[Place], days: Iterable[date]) -> list[tuple[date, Place]]:
    """Each place once for each of the days on which the child has it."""
    return [(day, row) for row in rows for day in days if row.first <= day and (row.last is None or row.last >= day)]


def age_group(born: date, day: date) -> str:
    """The age group of a child on a day."""
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return next(code for code, last in (("00-02", 2), ("03-03", 3), ("04-05", 5), ("06-99", 99)) if years <= last)


def grouped(
    rows: Iterable[tuple[date, Place]], key: Callable[[date, Place], tuple[str, ...]]
) -> dict[tuple[str, ...], list[tuple[date, Place]]]:
    """The counted places by a key."""
    found: dict[tuple[str, ...], list[tuple[date, Place]]] = defaultdict(list)
    for day, row in rows:
        found[key(day, row)].append((day, row))
    return dict(found)


def total(rows: Iterable[tuple[date, Place]], what: Callable[[Place], Any]) -> Any:
    """What adds up over counted places."""
    return sum(what(row) for _, row in rows)
