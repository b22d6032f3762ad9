"""The files that a national sender sends of the made-up area `koersel`, and what they say, in plain Python.

A file a month (June to September 2025), packed, with a ride a line: those that were entered or changed in the month.
A ride is changed in the file that told it first, or in a later one; it moves to another municipality; it was entered in
error, which a line says with nothing else in it. The bytes are written by hand here.
"""

from __future__ import annotations

import gzip
import json
import random
from collections import defaultdict
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.delivery.extracts import person_number
from tests.made_up.files import SENDERS, SentFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["ERROR", "MONTHS", "MOVED_FROM", "MOVED_TO", "Ride", "files", "grouped", "known", "known_days", "sums"]

MONTHS = [date(2025, month, 1) for month in (6, 7, 8, 9)]
PURPOSES = ("laege", "traening", "skole", "vaerested")
ERROR = "entered-in-error"
SUMMER = timezone(timedelta(hours=2))
PERSONS = 60
MOVED_FROM, MOVED_TO = "0101", "0147"


class Ride(NamedTuple):
    """A version of a ride: since when it is known, and what it says; `kommune` is empty where it was an error."""

    number: str
    changed: datetime
    kommune: str = ""
    person: str = ""
    day: date = date.min
    purpose: str = ""
    km: Decimal = Decimal(0)
    price: Decimal = Decimal(0)


def _line(ride: Ride) -> dict[str, Any]:
    told: dict[str, Any] = {"id": ride.number, "meta": {"lastUpdated": ride.changed.isoformat(), "source": "æ"}}
    if not ride.kommune:
        return told | {"status": ERROR}
    return told | {
        "status": "completed",
        "rider": {"cpr": ride.person},
        "payer": ride.kommune,
        "day": f"{ride.day:%Y-%m-%d}",
        "purpose": ride.purpose,
        "km": float(ride.km),
        "price": {"amount": str(ride.price), "currency": "DKK"},
    }


def _ride(kommune: str, number: int, month: date, chance: random.Random) -> Ride:
    day = month.replace(day=chance.randint(1, 20))
    # some are entered just after midnight, which is still the day before where the clock of the world stands
    hour = chance.choice((0, 1, 9, 15, 23))
    return Ride(
        f"T-{kommune}-{month:%m}-{number}",
        datetime(day.year, day.month, day.day, hour, chance.randint(0, 59), tzinfo=SUMMER) + timedelta(1),
        kommune,
        person_number(chance.randrange(PERSONS)),
        day,
        chance.choice(PURPOSES),
        Decimal(chance.randint(10, 900)) / 10,
        Decimal(chance.randint(5_000, 99_999)) / 100,
    )


@cache
def versions(own: str = "", elsewhere: str = "") -> dict[date, tuple[Ride, ...]]:
    """What each file tells; with `elsewhere` other things of all but `own` and who gives it rides."""
    found: dict[date, list[Ride]] = {month: [] for month in MONTHS}
    for place, kommune in enumerate(SENDERS):
        is_same = own in {kommune, SENDERS[(place + 1) % len(SENDERS)]}
        chance = random.Random(f"rides {kommune}{'' if is_same else elsewhere}")
        for nth, month in enumerate(MONTHS):
            for number in range(3 if (kommune, nth) == (MOVED_FROM, 0) else chance.randint(1, 3)):
                ride = _ride(kommune, number, month, chance)
                found[month].append(ride)
                kind = (place + nth + number) % 7
                if kind == 0:  # changed some days later, in the same file
                    found[month].append(ride._replace(km=ride.km + 1, changed=ride.changed + timedelta(3, 60)))
                if nth + 1 < len(MONTHS):
                    after = datetime(2025, MONTHS[nth + 1].month, 2 + place % 25, 12, tzinfo=SUMMER)
                    if kind == 1:  # a month later it was no ride at all
                        found[MONTHS[nth + 1]].append(Ride(ride.number, after))
                    if kind == 2:  # or another municipality pays
                        other = SENDERS[(place + 1) % len(SENDERS)]
                        found[MONTHS[nth + 1]].append(ride._replace(kommune=other, changed=after))
    # of all that 0101 had in June nothing is left: one was an error, and 0147 pays for the others
    june = [r for r in found[MONTHS[0]] if r.kommune == MOVED_FROM]
    late = datetime(2025, 9, 28, 8, tzinfo=SUMMER)
    for name in sorted({r.number for r in june}):
        newest = max((r for r in june if r.number == name), key=lambda r: r.changed)
        gone = name == june[0].number
        found[MONTHS[3]].append(Ride(name, late) if gone else newest._replace(kommune=MOVED_TO, changed=late))
    return {month: tuple(rides) for month, rides in found.items()}


def files(own: str = "", elsewhere: str = "") -> list[SentFile]:
    """The files of all months; in the newest one the lines lie in another order than that of their times."""
    sent = []
    for month, rides in versions(own, elsewhere).items():
        lines = [json.dumps(_line(ride), ensure_ascii=False) for ride in rides]
        if month == MONTHS[-1]:
            lines.reverse()
        content = gzip.compress("".join(line + "\n" for line in lines).encode(), mtime=0)
        sent.append(SentFile(f"ture-{month:%Y%m}-1.jsonl.gz", content, date(2025, month.month + 1, 3)))
    return sent


def _read(sent: Iterable[SentFile]) -> list[Ride]:
    """The versions in files, by nothing but the words of the contract."""
    rides = []
    for file in sent:
        for line in gzip.decompress(file.content).decode().splitlines():
            told = json.loads(line)
            changed = datetime.fromisoformat(told["meta"]["lastUpdated"])
            if told["status"] == ERROR:
                rides.append(Ride(told["id"], changed))
                continue
            rides.append(
                Ride(
                    told["id"],
                    changed,
                    told["payer"],
                    told["rider"]["cpr"],
                    date.fromisoformat(told["day"]),
                    told["purpose"],
                    Decimal(str(told["km"])),
                    Decimal(told["price"]["amount"]),
                )
            )
    return rides


def known(sent: Iterable[SentFile], on: date | None = None) -> list[Ride]:
    """The rides that count, as known at the end of a day: of each its latest version, unless that says it is none."""
    newest: dict[str, Ride] = {}
    for ride in sorted(_read(sent), key=lambda r: r.changed):
        if on is None or ride.changed.date() <= on:
            newest[ride.number] = ride
    return [ride for ride in newest.values() if ride.kommune]


def known_days(sent: Iterable[SentFile]) -> list[date]:
    """The days on which anything became known."""
    return sorted({ride.changed.date() for ride in _read(sent)})


def grouped(rides: Iterable[Ride], key: Callable[[Ride], tuple[str, ...]]) -> dict[tuple[str, ...], list[Ride]]:
    """The rides by a key."""
    found: dict[tuple[str, ...], list[Ride]] = defaultdict(list)
    for ride in rides:
        found[key(ride)].append(ride)
    return dict(found)


def sums(groups: dict[tuple[str, ...], list[Ride]], what: Callable[[Ride], Any]) -> dict[tuple[str, ...], Any]:
    """What adds up over the rides of each group."""
    return {key: sum(map(what, rides)) for key, rides in groups.items()}
