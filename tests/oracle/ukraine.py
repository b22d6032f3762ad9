"""The Ukraine figures, slowly and plainly: straight from the delivery files, person by person and day by day.

It shares nothing with the package but the official layout table. It reads the lines of the files itself, keeps each
person's newest records, and asks of every day: where did the person live this evening and last evening, and what do
the records say happened today? The literal reading (entries minus exits) is counted beside it, stay by stay.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["FLOWS", "Facts", "Register", "facts", "residents"]

LAYOUT = Path(__file__).parents[2] / "src/flis/delivery/readers/cpr/layout.json"
START = date(2022, 1, 1)
EVER, NEVER = date(1, 1, 1), date(9999, 12, 31)
UKRAINE = "5704"
WITHOUT = "uden"
"""Where the literal reading counts who has no address in a municipality."""
FLOWS = {
    "indrejste": 1,
    "udrejste": -1,
    "tilflyttede": 1,
    "fraflyttede": -1,
    "doede": -1,
    "forsvundne": -1,
    "genfundne": 1,
    "statsborgerskab_opnaaet": 1,
    "statsborgerskab_mistet": -1,
}
"""Which way each flow moves the count."""

Record = dict[str, str]
Cell = tuple[date, str, int | None, str, str, str]
Span = tuple[date, date, str]


@dataclass
class Person:
    """The newest records of one number, by record type, in the order of the file."""

    records: dict[str, list[Record]] = field(default_factory=dict)
    memory: dict[str, list[Any]] = field(default_factory=dict)
    """Addresses and times abroad, worked out once."""

    def of(self, code: str) -> list[Record]:
        """The records of a type that were not corrected away."""
        return [r for r in self.records.get(code, []) if not r.get("ANNKOR", "").strip()]

    def last(self, d: date, spans: list[Span]) -> str | None:
        """The value of the last span that began by `d`, if it still lasts."""
        begun = [s for s in sorted(spans, key=lambda s: s[:2]) if s[0] <= d]
        return begun[-1][2] if begun and begun[-1][1] > d else None


@dataclass
class Register:
    """What the deliveries read so far say: the newest records of each number, and the numbers given up."""

    persons: dict[str, Person] = field(default_factory=dict)
    former: dict[str, str] = field(default_factory=dict)
    produced: date = START

    def read(self, path: Path) -> Register:
        """Take in one delivery file (lines, any line end)."""
        told: dict[str, Person] = {}
        for code, record in _records(path):
            if code == "000":
                self.produced = _day(record["PRODDTO"]) or START
            elif code == "022":
                self.former[record["PNR"]] = record["PNRGAELD"]
                told[record["PNRGAELD"]].records.setdefault(code, []).append(record)
            elif code not in {"910", "997", "999"}:
                told.setdefault(record["PNR"], Person()).records.setdefault(code, []).append(record)
                if code == "001" and record["STATUS"] in {"50", "60"}:
                    self.former[record["PNR"]] = record["PNRGAELD"]
        self.persons |= told
        return self

    def living(self) -> Iterator[tuple[str, Person]]:
        """The numbers that stand for a person: not cancelled, deleted or changed."""
        for number, person in self.persons.items():
            if number not in self.former and person.of("001")[-1]["STATUS"] not in {"30", "50", "60"}:
                yield number, person


@dataclass
class Facts:
    """Counts by (day, municipality, age, sex, civil state, country entered from), as the released tables hold them."""

    stock: Counter[Cell] = field(default_factory=Counter)
    born: Counter[Cell] = field(default_factory=Counter)
    flows: dict[str, Counter[Cell]] = field(default_factory=lambda: {name: Counter() for name in (*FLOWS, "oevrige")})
    entries: Counter[Cell] = field(default_factory=Counter)
    exits: Counter[Cell] = field(default_factory=Counter)

    def net(self, d: date, kommune: str = "") -> int:
        """Entries minus exits through a day, in a municipality (WITHOUT: in none) or the country."""
        return sum(
            way * n
            for way, events in ((1, self.entries), (-1, self.exits))
            for (day, place, *_), n in events.items()
            if day <= d and kommune in ("", place)
        )


def facts(register: Register, municipalities: Iterable[str], *, first: date = START) -> Facts:
    """All figures from `first` through the register's production date."""
    counted, known = Facts(), set(municipalities)
    for _, person in register.living():
        if any(r["LANDEKOD"] == UKRAINE for code in ("010", "027") for r in person.of(code)):
            _follow(person, counted, known, first, register.produced)
            _cross(person, counted, known, register.produced)
    return counted


def residents(register: Register, kommune: str, d: date) -> set[str]:
    """The numbers resident in a municipality at the end of a day."""
    return {number for number, person in register.living() if lives_in(person, d) == kommune}


def _follow(person: Person, counted: Facts, known: set[str], first: date, last: date) -> None:
    d = first
    while d <= last:
        eve = d - timedelta(1)
        before, after = _member(person, eve, known), _member(person, d, known)
        cell = (age(person, d), person.of("001")[-1]["KOEN"], civil_state(person, d), entered_from(person, d))
        if after:
            counted.stock[d, after, *cell] += 1
        here = lives_in(person, d)
        if here in known and _is_ukrainian(person, d) and _born_here(person, d):
            counted.born[d, here, *cell] += 1
        for place, flow, n in _flows(person, d, before, after, known):
            counted.flows[flow][d, place, *cell] += n
        d += timedelta(1)


def _cross(person: Person, counted: Facts, known: set[str], last: date) -> None:
    """Entries and exits by their own day: those of the stay's first and last address."""
    entered = False
    for start, end in _stays(person):
        if start and start >= START:
            entered = True
            if start <= last and _is_ukrainian(person, start):
                _count_crossing(person, counted.entries, start, _place(person, start, end, known))
        if end and entered and START <= end <= last and _is_ukrainian(person, end - timedelta(1)):
            _count_crossing(person, counted.exits, end, _place(person, start, end, known, newest=True))


def _count_crossing(person: Person, events: Counter[Cell], d: date, place: str | None) -> None:
    if place is not None:
        cell = (age(person, d), person.of("001")[-1]["KOEN"], civil_state(person, d), entered_from(person, d))
        events[d, place, *cell] += 1


def _stays(person: Person) -> list[tuple[date | None, date | None]]:
    """From each entry to the next exit; None where the records know of none. Events of one day take turns."""
    told = [("out", out) for out, _, _ in _abroad(person)]
    told += [("in", back) for _, back, _ in _abroad(person)]
    from_outside = {back for out, back, _ in _abroad(person) if out != back}
    stays: list[tuple[date | None, date | None]] = []
    here: bool | None = None
    for d in sorted({d for _, d in told if d}):
        waiting = Counter(way for way, day in told if day == d)
        if here is None:
            here = d not in from_outside
        while sum(waiting.values()):
            way = "out" if here else "in"
            if not waiting[way]:
                way = "in" if here else "out"
            waiting[way] -= 1
            if way == "in":
                stays.append((d, None))
            elif stays and stays[-1][1] is None:
                stays[-1] = (stays[-1][0], d)
            else:
                stays.append((None, d))
            here = way == "in"
    return stays


def _place(
    person: Person, start: date | None, end: date | None, known: set[str], *, newest: bool = False
) -> str | None:
    """The municipality of a stay's first (newest) address; None: in Greenland, which is no stay in Denmark."""
    spans = _addresses(person)
    first = start or min((s for s, _, _ in spans), default=START)
    days = {d for s, _, _ in spans for d in (s, first) if first <= d and (end is None or d < end or d == first)}
    if newest and end:
        days |= {end - timedelta(1), *(e - timedelta(1) for _, e, _ in spans if first < e < end)} - {
            first - timedelta(1)
        }
    for d in sorted(days, reverse=newest):
        begun = [k for s, _, k in spans if s == d]
        here = person.last(d, spans)
        if here is None and begun:
            here = begun[-1]
        if here is not None:
            return None if "0901" <= here <= "0961" else here if here in known else WITHOUT
    return WITHOUT


def _flows(
    person: Person, d: date, before: str | None, after: str | None, known: set[str]
) -> Iterator[tuple[str, str, int]]:
    """The flows of one person on one day, `oevrige` last."""
    came = {"indrejste": len([e for e in _entries(person) if e == d]), "genfundne": _times(person, d, "found")}
    went = {
        "udrejste": len([e for e in _exits(person) if e == d]),
        "doede": int(_died(person) == d),
        "forsvundne": _times(person, d, "lost"),
    }
    moves = sum(came.values()) + sum(went.values())
    eve = d - timedelta(1)
    passed = None
    if not lives_in(person, eve) and not lives_in(person, d) and _is_ukrainian(person, d) and _entered(person, d):
        passed = max((k for start, _, k in _addresses(person) if start == d and k in known), default=None)
    passed = passed if sum(came.values()) and sum(went.values()) else None
    found: list[tuple[str, str, int]] = []
    if after or passed or (before and sum(went.values()) > sum(came.values())):
        found += [(after or before or passed or "", name, n) for name, n in came.items() if n]
    if before or passed or (after and sum(came.values()) > sum(went.values())):
        found += [(before or passed or after or "", name, n) for name, n in went.items() if n]
    if before and after and before != after and not moves and (d, after) in {(s, k) for s, _, k in _addresses(person)}:
        found += [(after, "tilflyttede", 1), (before, "fraflyttede", 1)]
    if after and not before and lives_in(person, eve) and not _is_ukrainian(person, eve) and not sum(came.values()):
        found.append((after, "statsborgerskab_opnaaet", 1))
    if before and not after and lives_in(person, d) and not _is_ukrainian(person, d) and not sum(went.values()):
        found.append((before, "statsborgerskab_mistet", 1))
    if after and not before and not sum(came.values()) and _lived_nowhere_since_entry(person, d):
        found.append((after, "indrejste", 1))
    if before and not after and not sum(went.values()) and _lives_nowhere_until_exit(person, d):
        found.append((before, "udrejste", 1))
    yield from found
    for place in sorted({p for p in (before, after, passed) if p}):
        change = (after == place) - (before == place)
        rest = change - sum(FLOWS[name] * n for where, name, n in found if where == place)
        if rest:
            yield place, "oevrige", rest


def _lived_nowhere_since_entry(person: Person, d: date) -> bool:
    """Whether an entry before `d` had no address until then."""
    entry = max((e for e in _entries(person) if e < d), default=None)
    return entry is not None and not any(lives_in(person, day) for day in _days(entry, d))


def _lives_nowhere_until_exit(person: Person, d: date) -> bool:
    """Whether an exit after `d` has no address from then on."""
    departure = min((e for e in _exits(person) if e > d), default=None)
    return departure is not None and not any(lives_in(person, day) for day in _days(d, departure))


def _days(first: date, after: date) -> Iterator[date]:
    return (first + timedelta(n) for n in range((after - first).days))


def _member(person: Person, d: date, known: set[str]) -> str | None:
    """Where the person counts in the evening of `d`; None: nowhere."""
    place = lives_in(person, d)
    return place if place in known and _is_ukrainian(person, d) and _entered(person, d) else None


def lives_in(person: Person, d: date) -> str | None:
    """The Danish municipality in which the person lived in the evening of `d`."""
    gone = [(out, back or NEVER) for out, back, _ in _abroad(person)]
    gone += [(_day(r["FORSVINDDTO"]), NEVER) for r in person.of("007")]
    gone += [(_day(r["FORSVINDDTO"]), _day(r["GENFINDDTO"]) or NEVER) for r in person.of("025")]
    gone.append((_died(person), NEVER))
    if any(start and start <= d < end for start, end in gone):
        return None
    place = person.last(d, _addresses(person))
    return place if place and "0101" <= place <= "0860" else None


def age(person: Person, d: date) -> int | None:
    """Full years in the evening of `d`; None without a day of birth."""
    birth = _birth(person)
    if birth is None:
        return None
    return d.year - birth.year - ((d.month, d.day) < (birth.month, birth.day))


def civil_state(person: Person, d: date) -> str:
    """The civil state in the evening of `d`; unmarried before any other, and never dead."""
    spans = [(_day(r["HAENSTART-CIVILSTAND"]) or EVER, r["CIVST"]) for r in person.of("029")]
    ends = [_day(r["HAENSLUT-CIVILSTAND"]) or EVER for r in person.of("029")]
    spans += [(max([_day(r["HAENSTART-CIVILSTAND"]) or EVER, *ends]), r["CIVST"]) for r in person.of("012")]
    begun = [state for start, state in sorted(spans, key=lambda s: s[0]) if start <= d and state != "D"]
    return begun[-1] if begun else "U"


def entered_from(person: Person, d: date) -> str:
    """The country of the last entry up to the evening of `d`; 0000 where there was none, 5999 where it is not told."""
    entries = [(back, country.strip() or "5999") for _, back, country in _abroad(person) if back]
    return max((e for e in entries if e[0] <= d), default=(d, "0000"))[1]


def _addresses(person: Person) -> list[Span]:
    """All addresses; a start or end without day or month is the nearest of what else is known to be around it."""
    if "addresses" not in person.memory:
        person.memory["addresses"] = _dated_addresses(person)
    return person.memory["addresses"]


def _dated_addresses(person: Person) -> list[Span]:
    told = [(r["TILFLYDTO"], r["FRAFLYDTO"], r["KOMKOD"]) for r in person.of("023")]
    status = person.of("001")[-1]["STATUS"]
    for r in person.of("002") if status in {"01", "03", "05", "07"} else []:
        greenland = "0901" <= r["KOMKOD"] <= "0961"
        told.append((r["TILFLYDTO"], "", r["KOMKOD"] if greenland or status in {"01", "03"} else ""))
    entries = [d for r in person.of("024") if (d := _day(r["INDRDTO"]))]
    changes = [r["UDRDTO"] for code in ("005", "024") for r in person.of(code)] + [start for start, _, _ in told]
    known = [d for text in changes if (d := _day(text) or date(1900, 1, 1)) == _last_day(text)]
    found = []
    for mine, (start, end, place) in enumerate(told):
        begins, ends = _day(start) or date(1900, 1, 1), _day(end) or NEVER
        others = [max(_day(s) or EVER, _day(e) or NEVER) for n, (s, e, _) in enumerate(told) if n != mine]
        before = [d for d in others if d < ends] + [d for d in entries if d < _last_day(end)]
        begins = max((d for d in before if begins <= d <= _last_day(start)), default=begins)
        after = min((d for d in known if ends <= d <= _last_day(end) and d > begins), default=max(ends, begins))
        found.append((begins, ends if _last_day(end) == ends else after, place))
    return found


def _abroad(person: Person) -> list[tuple[date | None, date | None, str]]:
    """Times abroad: exit, entry, country entered from; an imprecise day is the nearest of what is known around it."""
    if "abroad" not in person.memory:
        person.memory["abroad"] = _dated_abroad(person)
    return person.memory["abroad"]


def _dated_abroad(person: Person) -> list[tuple[date | None, date | None, str]]:
    told = [(r["UDRDTO"], "", "") for r in person.of("005")]
    told += [(r["UDRDTO"], r["INDRDTO"], r["INDR_LANDEKOD"]) for r in person.of("024")]
    homes = _addresses(person)
    outs = []
    for mine, (out_text, back_text, _) in enumerate(told):
        out, back = _day(out_text), _day(back_text)
        if out and _last_day(out_text) != out:
            entries = [d for n, (_, text, _) in enumerate(told) if n != mine and (d := _day(text))]
            days = [d for d in [*entries, *(end for _, end, _ in homes)] if out <= d <= _last_day(out_text)]
            out = max((d for d in days if back is None or d <= _last_day(back_text)), default=out)
        outs.append(out)
    found = []
    for mine, (_, back_text, country) in enumerate(told):
        out, back, others = outs[mine], _day(back_text), outs[:mine] + outs[mine + 1 :]
        if back and _last_day(back_text) != back:
            first = max(back, out or back)
            leaves = min((d for d in others if d and d > first), default=NEVER)
            days = [start for start, _, _ in homes if first <= start <= _last_day(back_text) and start < leaves]
            back = min(days, default=min(first, _last_day(back_text)))
        found.append((out, back, country))
    return found


def _is_ukrainian(person: Person, d: date) -> bool:
    former = [
        (
            _day(r["HAENSTART-STATSBORGERSKAB"]) or EVER,
            _day(r["HAENSLUT-STATSBORGERSKAB"]) or NEVER,
            r["LANDEKOD"],
        )
        for r in person.of("027")
    ]
    ended = [end for _, end, _ in former if end != NEVER]
    current = [
        (max([_day(r["HAENSTART-STATSBORGERSKAB"]) or EVER, *ended]), NEVER, r["LANDEKOD"]) for r in person.of("010")
    ]
    return person.last(d, former + current) == UKRAINE


def _entries(person: Person) -> list[date]:
    return [back for _, back, _ in _abroad(person) if back]


def _exits(person: Person) -> list[date]:
    return [out for out, _, _ in _abroad(person) if out]


def _times(person: Person, d: date, way: str) -> int:
    if way == "found":
        return sum(_day(r["GENFINDDTO"]) == d for r in person.of("025"))
    return sum(_day(r["FORSVINDDTO"]) == d for code in ("007", "025") for r in person.of(code))


def _entered(person: Person, d: date) -> bool:
    return any(START <= e <= d for e in _entries(person))


def _born_here(person: Person, d: date) -> bool:
    birth = _birth(person)
    return birth is not None and birth >= START and not any(e <= d for e in _entries(person))


def _birth(person: Person) -> date | None:
    return _day(person.of("001")[-1]["FOED_DT"])


def _died(person: Person) -> date | None:
    record = person.of("001")[-1]
    return _day(record["STATUSHAENSTART"]) if record["STATUS"] == "90" else None


def _day(text: str) -> date | None:
    digits = text.replace("-", "").strip()[:8]
    if not digits or not int(digits):
        return None
    year, month, day = int(digits[:4]), int(digits[4:6]) or 1, int(digits[6:8]) or 1
    return date(year, month, day)


def _last_day(text: str) -> date:
    """The last day that a date can be: of its month or year where day or month are zeros; no date never ends."""
    first, digits = _day(text), text.strip()[:8]
    if first is None:
        return NEVER
    if digits[4:6] == "00":
        return date(first.year, 12, 31)
    return (first + timedelta(31)).replace(day=1) - timedelta(1) if digits[6:8] == "00" else first


def _records(path: Path) -> Iterator[tuple[str, Record]]:
    layout = json.loads(LAYOUT.read_text("utf-8"))["records"]
    for line in path.read_bytes().decode("iso-8859-1").replace("\x1a", "").splitlines():
        code = line[:3]
        if code in layout:
            full = line.ljust(layout[code]["length"])
            yield (
                code,
                {name: full[start - 1 : start - 1 + length] for name, start, length, *_ in layout[code]["fields"]},
            )
