"""Dates without day or month: the best known day, else the first possible one, and a warning that counts them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flis.delivery import deliveries
from flis.operations import as_json, status
from flis.validation import report
from flis.warehouse import load
from tests.areas.ukraine.figures import expected, warehoused
from tests.areas.ukraine.test_unread import counted, told
from tests.warehouse.arrange import accept, new_state, write_chain
from tests.warehouse.lives import Life

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State
    from tests.warehouse.lives import Row

FIRST, LAST = date(2022, 1, 3), date(2022, 5, 30)
BORN = date(1990, 1, 1)


def d(month: int, day: int) -> date:
    return date(2022, month, day)


@dataclass
class Blurred(Life):
    """A life some of whose dates lack day or month: (record type, field, day) -> what is written instead."""

    blurs: dict[tuple[str, str, date], str] = field(default_factory=dict)

    def records(self, day: date) -> list[Row]:
        return [(code, {n: self._written(code, n, v) for n, v in row.items()}) for code, row in super().records(day)]

    def _written(self, code: str, name: str, value: object) -> object:
        at = next(
            (w for (c, n, day), w in self.blurs.items() if (c, n) == (code, name) and str(value)[:10] == str(day)), None
        )
        return value if at is None else at


MARCH, YEAR = "202203000000", "202200000000"


def entry(day: date, text: str = MARCH) -> dict[tuple[str, str, date], str]:
    return {("024", "INDRDTO", day): text}


def address(day: date, text: str = MARCH) -> dict[tuple[str, str, date], str]:
    return {(code, "TILFLYDTO", day): text for code in ("002", "023")}


def end(day: date, text: str = MARCH) -> dict[tuple[str, str, date], str]:
    return {("023", "FRAFLYDTO", day): text}


def leaving(day: date, text: str = MARCH) -> dict[tuple[str, str, date], str]:
    return {(code, "UDRDTO", day): text for code in ("005", "024")}


@dataclass
class Case:
    """A life, and in how many places it is counted on some days: day -> municipality, or none."""

    name: str
    events: list[tuple[str, date, str]]
    blurs: dict[tuple[str, str, date], str]
    where: dict[date, str | None]
    entry: date
    exits: list[date] = field(default_factory=list)
    guessed: bool = False
    left: dict[date, str] = field(default_factory=dict)


CASES = [
    Case(
        "an entry of March takes the start of the address",
        [("arrive", d(3, 10), ""), ("move", d(3, 20), "0461")],
        entry(d(3, 10)),
        {d(3, 19): None, d(3, 20): "0461"},
        d(3, 20),
    ),
    Case(
        "an entry of 2022 takes the first address of the year, not the second",
        [("arrive", d(2, 10), ""), ("move", d(2, 14), "0461"), ("move", d(4, 1), "0101")],
        entry(d(2, 10), YEAR),
        {d(2, 13): None, d(2, 14): "0461", d(4, 1): "0101"},
        d(2, 14),
    ),
    Case(
        "an address that begins after the month says nothing",
        [("arrive", d(3, 10), ""), ("move", d(4, 5), "0461")],
        entry(d(3, 10)),
        {d(4, 4): None, d(4, 5): "0461"},
        d(3, 1),
        guessed=True,
    ),
    Case(
        "entry and address of March: the first possible day",
        [("enter", d(3, 10), "0461")],
        entry(d(3, 10)) | address(d(3, 10)),
        {d(2, 28): None, d(3, 1): "0461"},
        d(3, 1),
        guessed=True,
    ),
    Case(
        "an entry of March is not after an address of 2022",
        [("enter", d(3, 10), "0461")],
        entry(d(3, 10)) | address(d(3, 10), YEAR),
        {d(2, 28): None, d(3, 1): "0461"},
        d(3, 1),
        guessed=True,
    ),
    Case(
        "an address of 2022 begins no earlier than the entry",
        [("enter", d(3, 10), "0461")],
        address(d(3, 10), YEAR),
        {d(3, 9): None, d(3, 10): "0461"},
        d(3, 10),
    ),
    Case(
        "the second address takes the end of the first",
        [("enter", d(2, 10), "0461"), ("move", d(3, 15), "0101")],
        address(d(3, 15)),
        {d(3, 14): "0461", d(3, 15): "0101"},
        d(2, 10),
    ),
    Case(
        "the end of the first address takes the start of the second",
        [("enter", d(2, 10), "0461"), ("move", d(3, 15), "0101")],
        end(d(3, 15)),
        {d(3, 14): "0461", d(3, 15): "0101"},
        d(2, 10),
    ),
    Case(
        "a move of March, no day anywhere: the first of March",
        [("enter", d(2, 10), "0461"), ("move", d(3, 15), "0101")],
        end(d(3, 15)) | address(d(3, 15)),
        {d(2, 28): "0461", d(3, 1): "0101"},
        d(2, 10),
    ),
    Case(
        "a move in the month of the entry is not before the entry",
        [("enter", d(3, 10), "0461"), ("move", d(3, 15), "0101")],
        end(d(3, 15)) | address(d(3, 15)),
        {d(3, 9): None, d(3, 10): "0101"},
        d(3, 10),
    ),
    Case(
        "the end of an address takes the exit",
        [("enter", d(2, 10), "0461"), ("leave", d(3, 15), "")],
        end(d(3, 15)),
        {d(3, 14): "0461", d(3, 15): None},
        d(2, 10),
        [d(3, 15)],
    ),
    Case(
        "an exit takes the end of the address",
        [("enter", d(2, 10), "0461"), ("leave", d(3, 15), "")],
        leaving(d(3, 15)),
        {d(3, 14): "0461", d(3, 15): None},
        d(2, 10),
        [d(3, 15)],
    ),
    Case(
        "an exit and the end of the address: the first possible day",
        [("enter", d(2, 10), "0461"), ("leave", d(3, 15), "")],
        leaving(d(3, 15)) | end(d(3, 15)),
        {d(2, 28): "0461", d(3, 1): None},
        d(2, 10),
        [d(3, 1)],
    ),
    Case(
        "who comes back in the year takes the address after the exit",
        [("enter", d(1, 10), "0461"), ("leave", d(2, 15), ""), ("enter", d(4, 5), "0101")],
        entry(d(4, 5), YEAR),
        {d(2, 14): "0461", d(2, 15): None, d(4, 4): None, d(4, 5): "0101"},
        d(4, 5),
        [d(2, 15)],
    ),
    Case(
        "an entry is before the exit that follows it, whatever address begins later",
        [
            ("enter", d(1, 5), "0461"),
            ("leave", d(1, 6), ""),
            ("arrive", d(1, 7), ""),
            ("leave", d(1, 8), ""),
            ("enter", d(1, 9), "0101"),
        ],
        entry(d(1, 7), YEAR),
        {d(1, 5): "0461", d(1, 6): None, d(1, 8): None, d(1, 9): "0101"},
        d(1, 9),
        [d(1, 6), d(1, 8)],
        left={d(1, 6): "0461", d(1, 8): "uden"},
    ),
]


def lived(case: Case, number: str = "0101900001") -> Blurred:
    life = Blurred(number, BORN, blurs=case.blurs)
    for kind, day, value in case.events:
        life.add(kind, day, value)
    return life


def loaded(folder: Path, *lives: Life) -> tuple[State, list[Path]]:
    state, files = new_state(folder / "state"), write_chain(folder / "files", [FIRST, LAST], lives)
    accept(state, files)
    load(state)
    return state, files


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_best_known_day(case: Case, tmp_path: Path) -> None:
    state, files = loaded(tmp_path, lived(case))
    found, _ = warehoused(state)
    for day, place in case.where.items():
        assert {k for (at, k, *_), n in found.stock.items() if at == day and n} == ({place} if place else set()), day
    assert max(day for (day, *_), n in found.entries.items() if n) == case.entry
    assert sorted(day for (day, *_), n in found.exits.items() if n) == case.exits
    if case.left:
        assert {day: k for (day, k, *_), n in found.exits.items() if n} == case.left
    assert found == expected(files)
    assert told(state) == ({"cpr-imprecise-entry": 1} if case.guessed else {})


def test_a_warning_counts_them_by_record_type_and_field(tmp_path: Path) -> None:
    people = [lived(CASES[0], f"010190{n:04}") for n in range(3)] + [lived(CASES[6], "0101900009")]
    state, _ = loaded(tmp_path, *people)
    found = [f for f in report(deliveries(state)[-1]).findings if f.rule == "cpr-imprecise-date"]
    assert [(f.field, f.message_en.split(":")[1].split(".")[0]) for f in found] == [
        ("TILFLYDTO", " 1 in record 002, field TILFLYDTO"),
        ("INDRDTO", " 3 in record 024, field INDRDTO"),
    ]
    assert report(deliveries(state)[-1]).counts.warning >= 2
    assert counted(state, LAST) == 4


def test_who_counts_only_since_the_first_possible_day_reaches_the_overview(tmp_path: Path) -> None:
    state, _ = loaded(tmp_path, lived(CASES[2]), lived(CASES[0], "0101900002"))
    row = next(a for a in as_json(status(state, LAST, public=True))["areas"] if a["id"] == "ukraine")
    (notice,) = [s for s in row["states"] if s["rule"] == "cpr-imprecise-entry"]
    assert "Færre end fem personer tæller" in notice["text"]


def test_precise_dates_give_no_finding(tmp_path: Path) -> None:
    case = CASES[0]
    state, _ = loaded(tmp_path, lived(Case(case.name, case.events, {}, {}, case.entry)))
    assert not [f for f in report(deliveries(state)[-1]).findings if "imprecise" in f.rule]


@st.composite
def lives(draw: st.DrawFn) -> list[Blurred]:
    """Comings, moves and goings; each date of an address blurred or not by itself, and one coming or going at most.

    Where several are blurred, their best known days can contradict each other, and no day is the right one.
    """
    people = []
    for n in range(draw(st.integers(1, 4))):
        days = sorted(draw(st.sets(st.integers(0, 130), min_size=2, max_size=5)))
        life, here, crossed = Blurred(f"010190{n:04}", BORN), False, False
        for offset in days:
            day = date.fromordinal(d(1, 5).toordinal() + offset)
            if not here:
                kind = draw(st.sampled_from(("enter", "arrive")))
                life.add(kind, day, "0461" if kind == "enter" else "")
                here = True
            elif draw(st.booleans()):
                life.add("move", day, draw(st.sampled_from(("0101", "0461", "0740"))))
            else:
                life.add("leave", day)
                here = False
            for make in (entry, address, end, leaving):
                text = draw(st.sampled_from(("", "", f"{day:%Y%m}000000", YEAR)))
                if text and (make in (address, end) or not crossed):
                    life.blurs |= make(day, text)
                    crossed = crossed or make in (entry, leaving)
        people.append(life)
    return people


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(people=lives())
def test_the_oracle_counts_the_same(people: list[Blurred], tmp_path_factory: pytest.TempPathFactory) -> None:
    state, files = loaded(tmp_path_factory.mktemp("blurred"), *people)
    assert warehoused(state)[0] == expected(files)
