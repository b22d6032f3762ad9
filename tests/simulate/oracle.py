"""What a file says, read slowly and obviously: no code of the reader, only its layout table."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from flis.delivery.readers.cpr.layout import RECORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["Count", "Person", "fold", "people", "persons_of", "records_of"]

SLICES = {
    code: {f.name: slice(f.start - 1, f.start - 1 + f.length) for f in record.fields}
    for code, record in RECORDS.items()
}
FIRST = date(2022, 1, 1)
UKRAINE = "5704"
Record = dict[str, str]
Person = dict[str, list[Record]]


def records_of(path: Path) -> Iterator[tuple[str, Record]]:
    """Record type and fields, stripped, of every line."""
    for line in path.read_bytes().decode("iso-8859-1").splitlines():
        code = line[:3]
        yield code, {name: line[part].rstrip() for name, part in SLICES[code].items()}


def persons_of(path: Path) -> dict[str, Person]:
    """The records of a file by person number."""
    found: dict[str, Person] = defaultdict(lambda: defaultdict(list))
    for code, record in records_of(path):
        if code not in {"000", "910", "997", "999"}:
            number = record["PNRGAELD"] if code == "022" else record["PNR"]
            found[number][code].append(record)
    return found


def people(paths: Iterable[Path]) -> dict[str, Person]:
    """Everybody as the newest file that has them says."""
    known: dict[str, Person] = {}
    for path in paths:
        known |= persons_of(path)
    return known


def day(text: str) -> date | None:
    """The day of a time or date; none for zeros and blanks."""
    digits = text.replace("-", "")
    if not digits.strip("0 "):
        return None
    return date(int(digits[:4]), int(digits[4:6]) or 1, int(digits[6:8]) or 1)


@dataclass
class Count:
    """Stock and flows of the population, per day and municipality."""

    stock: dict[date, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    flows: dict[str, dict[date, Counter[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Counter))
    )
    who: dict[str, Person] = field(default_factory=dict)


def fold(known: dict[str, Person], last: date) -> Count:
    """Stock and flows of Ukrainians who entered since 2022 and live in Denmark, day by day through `last`."""
    count = Count()
    for number, person in known.items():
        if person["001"][0]["STATUS"] in {"50", "60", "30"}:
            continue
        citizen = _citizen(person)
        if not citizen:
            continue
        entries = sorted(d for d in (day(r["INDRDTO"]) for r in person["024"] if not r["ANNKOR"]) if d)
        entries = [d for d in entries if d >= FIRST]
        if not entries:
            continue
        count.who[number] = person
        _follow(count, person, citizen, entries, last)
    return count


def _citizen(person: Person) -> list[tuple[date, date]]:
    spans = []
    current = person["010"][0]
    if current["LANDEKOD"] == UKRAINE:
        spans.append((day(current["HAENSTART-STATSBORGERSKAB"]) or date.min, date.max))
    for row in person["027"]:
        if row["LANDEKOD"] == UKRAINE and not row["ANNKOR"]:
            start, stop = row["HAENSTART-STATSBORGERSKAB"], row["HAENSLUT-STATSBORGERSKAB"]
            spans.append((day(start) or date.min, day(stop) or date.max))
    return spans


def _homes(person: Person) -> list[tuple[date, date, str]]:
    homes = []
    if person["002"] and person["001"][0]["STATUS"] in {"01", "03"}:
        row = person["002"][0]
        homes.append((day(row["TILFLYDTO"]) or date.min, date.max, row["KOMKOD"]))
    for row in person["023"]:
        if not row["ANNKOR"]:
            homes.append((day(row["TILFLYDTO"]) or date.min, day(row["FRAFLYDTO"]) or date.max, row["KOMKOD"]))
    return homes


def _follow(count: Count, person: Person, citizen: list[tuple[date, date]], entries: list[date], last: date) -> None:
    homes = _homes(person)
    status, since = person["001"][0]["STATUS"], day(person["001"][0]["STATUSHAENSTART"])
    exits = {day(r["UDRDTO"]) for r in [*person["005"], *(r for r in person["024"] if not r["ANNKOR"])]}
    lost = {day(r["FORSVINDDTO"]) for r in [*person["007"], *(r for r in person["025"] if not r["ANNKOR"])]}
    found = {day(r["GENFINDDTO"]) for r in person["025"] if not r["ANNKOR"]}
    became = {start for start, _ in citizen}
    ceased = {stop for _, stop in citizen}
    before: str | None = None
    today = entries[0]
    while today <= last:
        at = [k for a, b, k in homes if a <= today < b]
        assert len(at) <= 1, "two addresses on one day"
        here = at[0] if at and any(a <= today < b for a, b in citizen) else None
        if here:
            count.stock[today][here] += 1
        if here != before:
            causes = []
            if here and before:
                causes = [("tilflyttede", here, 1), ("fraflyttede", before, -1)]
            elif here:
                for name, days in (("indrejste", entries), ("genfundne", found), ("opnaaet", became)):
                    if today in days:
                        causes = [(name, here, 1)]
                        break
            elif before:
                dead = {since} if status == "90" else set()
                for name, days in (("udrejste", exits), ("doede", dead), ("forsvundne", lost), ("mistet", ceased)):
                    if today in days:
                        causes = [(name, before, -1)]
                        break
            for name, where, _ in causes:
                count.flows[name][today][where] += 1
            if not causes:
                count.flows["oevrige"][today][here or before or ""] += 1
        before = here
        today += timedelta(days=1)
