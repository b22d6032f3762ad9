"""Each way into the population and out of it, one life at a time: which flow, where, on which day."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pytest

from flis.release import NATIONAL, SHARED, current, municipal, verify
from tests.areas.ukraine.figures import expected, flows_of, identity_holds, published, rows, run
from tests.warehouse.arrange import write_chain
from tests.warehouse.lives import DENMARK, RUSSIA, UKRAINE, Life

if TYPE_CHECKING:
    from pathlib import Path

FIRST, LAST = date(2022, 1, 3), date(2022, 3, 31)
DAYS = [FIRST, date(2022, 2, 15), date(2022, 2, 21), date(2022, 3, 20), LAST]


def d(month: int, day: int) -> date:
    return date(2022, month, day)


@dataclass
class Case:
    """A life, the flows that it makes, and where it is counted at the end ('': nowhere)."""

    name: str
    life: Life
    flows: set[tuple[date, str, str, int]]
    ends_in: str = ""
    born: str = ""


_numbers = itertools.count()


def life(*, birth: date | None = None, country: str = UKRAINE, later: date | None = None) -> Life:
    """A life with its own number and, unless it is given, its own year of birth."""
    n = next(_numbers)
    number = f"150690{n:04}"
    return Life(
        number, birth or date(1940 + n, 6, 15), country=country, later=(f"160690{n:04}", later) if later else None
    )


CASES = [
    Case("entry", life().add("enter", d(2, 1), "0461"), {(d(2, 1), "0461", "indrejste", 1)}, "0461"),
    Case("entry before the first day that counts", life().add("enter", date(2021, 12, 31), "0461"), set()),
    Case(
        "entry on the first day that counts",
        life().add("enter", d(1, 1), "0461"),
        {(d(1, 1), "0461", "indrejste", 1)},
        "0461",
    ),
    Case("another citizenship", life(country=RUSSIA).add("enter", d(2, 1), "0461"), set()),
    Case("annulled entry", life().add("enter", date(2021, 5, 1), "0461").add("annulled", d(2, 1)), set()),
    Case("Greenland", life().add("enter", d(2, 1), "0956"), set()),
    Case("Christiansø", life().add("enter", d(2, 1), "0411"), {(d(2, 1), "0411", "indrejste", 1)}, "0411"),
    Case(
        "departure",
        life().add("enter", d(2, 1), "0461").add("leave", d(2, 20)),
        {(d(2, 1), "0461", "indrejste", 1), (d(2, 20), "0461", "udrejste", 1)},
    ),
    Case(
        "departure and return elsewhere",
        life().add("enter", d(2, 1), "0461").add("leave", d(2, 20)).add("enter", d(3, 5), "0101"),
        {
            (d(2, 1), "0461", "indrejste", 1),
            (d(2, 20), "0461", "udrejste", 1),
            (d(3, 5), "0101", "indrejste", 1),
        },
        "0101",
    ),
    Case(
        "departure and return elsewhere on one day is no move",
        life().add("enter", d(2, 1), "0461").add("leave", d(2, 20)).add("enter", d(2, 20), "0101"),
        {
            (d(2, 1), "0461", "indrejste", 1),
            (d(2, 20), "0461", "udrejste", 1),
            (d(2, 20), "0101", "indrejste", 1),
        },
        "0101",
    ),
    Case(
        "there and gone on one day counts both ways",
        life().add("enter", d(2, 1), "0461").add("leave", d(2, 1)),
        {(d(2, 1), "0461", "indrejste", 1), (d(2, 1), "0461", "udrejste", 1)},
    ),
    Case(
        "an earlier resident who comes back",
        life().add("enter", date(2020, 5, 1), "0461").add("leave", d(2, 1)).add("enter", d(2, 20), "0461"),
        {(d(2, 20), "0461", "indrejste", 1)},
        "0461",
    ),
    Case(
        "an earlier resident who leaves and comes back on one day",
        life().add("enter", date(2020, 5, 1), "0461").add("leave", d(2, 1)).add("enter", d(2, 1), "0461"),
        {(d(2, 1), "0461", "indrejste", 1)},
        "0461",
    ),
    Case(
        "an earlier resident who only moves, vanishes and is found",
        life()
        .add("enter", date(2020, 5, 1), "0461")
        .add("move", d(2, 1), "0101")
        .add("vanish", d(2, 5))
        .add("found", d(2, 9), "0101"),
        set(),
    ),
    Case(
        "move",
        life().add("enter", d(2, 1), "0461").add("move", d(2, 20), "0101"),
        {
            (d(2, 1), "0461", "indrejste", 1),
            (d(2, 20), "0461", "fraflyttede", 1),
            (d(2, 20), "0101", "tilflyttede", 1),
        },
        "0101",
    ),
    Case(
        "move within the municipality",
        life().add("enter", d(2, 1), "0461").add("move", d(2, 20), "0461"),
        {(d(2, 1), "0461", "indrejste", 1)},
        "0461",
    ),
    Case(
        "two moves on one day are one from evening to evening",
        life().add("enter", d(2, 1), "0461").add("move", d(2, 20), "0751").add("move", d(2, 20), "0101"),
        {
            (d(2, 1), "0461", "indrejste", 1),
            (d(2, 20), "0461", "fraflyttede", 1),
            (d(2, 20), "0101", "tilflyttede", 1),
        },
        "0101",
    ),
    Case(
        "moved and left on one day leaves from yesterday's municipality",
        life().add("enter", d(2, 1), "0461").add("move", d(2, 20), "0101").add("leave", d(2, 20)),
        {(d(2, 1), "0461", "indrejste", 1), (d(2, 20), "0461", "udrejste", 1)},
    ),
    Case(
        "death",
        life().add("enter", d(2, 1), "0461").add("die", d(2, 20)),
        {(d(2, 1), "0461", "indrejste", 1), (d(2, 20), "0461", "doede", 1)},
    ),
    Case(
        "death on the day of entry",
        life().add("enter", d(2, 1), "0461").add("die", d(2, 1)),
        {(d(2, 1), "0461", "indrejste", 1), (d(2, 1), "0461", "doede", 1)},
    ),
    Case(
        "disappeared and found elsewhere",
        life().add("enter", d(2, 1), "0461").add("vanish", d(2, 20)).add("found", d(3, 1), "0101"),
        {
            (d(2, 1), "0461", "indrejste", 1),
            (d(2, 20), "0461", "forsvundne", 1),
            (d(3, 1), "0101", "genfundne", 1),
        },
        "0101",
    ),
    Case(
        "citizenship obtained",
        life(country=RUSSIA).add("enter", d(2, 1), "0461").add("citizen", d(2, 20), UKRAINE),
        {(d(2, 20), "0461", "statsborgerskab_opnaaet", 1)},
        "0461",
    ),
    Case(
        "citizenship obtained on the day of entry is an entry",
        life(country=RUSSIA).add("enter", d(2, 1), "0461").add("citizen", d(2, 1), UKRAINE),
        {(d(2, 1), "0461", "indrejste", 1)},
        "0461",
    ),
    Case(
        "citizenship lost",
        life().add("enter", d(2, 1), "0461").add("citizen", d(2, 20), DENMARK),
        {(d(2, 1), "0461", "indrejste", 1), (d(2, 20), "0461", "statsborgerskab_mistet", 1)},
    ),
    Case(
        "citizenship lost on the day of a move stays with yesterday's municipality",
        life().add("enter", d(2, 1), "0461").add("move", d(2, 20), "0101").add("citizen", d(2, 20), DENMARK),
        {(d(2, 1), "0461", "indrejste", 1), (d(2, 20), "0461", "statsborgerskab_mistet", 1)},
    ),
    Case(
        "citizenship lost on the day of departure is a departure",
        life().add("enter", d(2, 1), "0461").add("citizen", d(2, 20), DENMARK).add("leave", d(2, 20)),
        {(d(2, 1), "0461", "indrejste", 1), (d(2, 20), "0461", "udrejste", 1)},
    ),
    Case(
        "an entry whose address begins later moves the count with the address",
        life().add("arrive", d(2, 1), UKRAINE).add("move", d(2, 10), "0461"),
        {(d(2, 10), "0461", "indrejste", 1)},
        "0461",
    ),
    Case(
        "no longer resident without a record that says why",
        life().add("enter", d(2, 1), "0461").add("administrative", d(2, 20)),
        {(d(2, 1), "0461", "indrejste", 1), (d(2, 20), "0461", "oevrige", -1)},
    ),
    Case(
        "disappeared, then emigrated, moves the count once",
        life().add("enter", d(2, 1), "0461").add("vanish", d(2, 10)).add("leave", d(2, 20)),
        {(d(2, 1), "0461", "indrejste", 1), (d(2, 10), "0461", "forsvundne", 1)},
    ),
    Case("a cancelled number counts on no day", life().add("enter", d(2, 1), "0461").add("cancelled", d(2, 20)), set()),
    Case("born here", life(birth=d(2, 3)).add("born", d(2, 3), "0461"), set(), born="0461"),
    Case(
        "born here, left and came back",
        life(birth=d(1, 3)).add("born", d(1, 3), "0461").add("leave", d(2, 1)).add("enter", d(3, 1), "0461"),
        {(d(3, 1), "0461", "indrejste", 1)},
        "0461",
    ),
    Case(
        "a changed number stays one person",
        life(later=d(2, 20)).add("enter", d(2, 1), "0461").add("civil_state", d(2, 2), "G"),
        {(d(2, 1), "0461", "indrejste", 1)},
        "0461",
    ),
    Case(
        "a birthday on the 29th of February, and a wedding",
        life(birth=date(2004, 2, 29)).add("enter", d(2, 1), "0461").add("civil_state", d(3, 10), "G"),
        {(d(2, 1), "0461", "indrejste", 1)},
        "0461",
    ),
    Case(
        "an entry that comes to be known late counts on its day",
        life().add("enter", d(2, 1), "0461", known=d(3, 20)),
        {(d(2, 1), "0461", "indrejste", 1)},
        "0461",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_the_oracle_gives_a_life_its_flows(case: Case, tmp_path: Path) -> None:
    found = expected(write_chain(tmp_path, DAYS, [case.life]))
    assert flows_of(found) == case.flows
    assert {k for (day, k, *_) in found.stock if day == LAST} == ({case.ends_in} - {""})
    assert {k for (day, k, *_) in found.born if day == LAST} == ({case.born} - {""})
    assert identity_holds(found, d(1, 1), LAST)


def test_the_platform_gives_all_lives_together_what_the_oracle_gives_them(tmp_path: Path) -> None:
    """Each life has its own year of birth, and so its own cells: no two mistakes can cancel."""
    state, files = run(tmp_path, DAYS, [case.life for case in CASES])
    found = published(state)
    assert found == expected(files)
    assert identity_holds(found, d(1, 1), LAST)
    assert verify(state).problems == []


def test_age_and_civil_state_are_those_of_the_day(tmp_path: Path) -> None:
    one = life(birth=date(2004, 2, 29)).add("enter", d(2, 1), "0461").add("civil_state", d(3, 10), "G")
    found = expected(write_chain(tmp_path, DAYS, [one]))
    assert found.stock[d(2, 28), "0461", 17, "K", "U", "5704"] == 1
    assert found.stock[d(3, 1), "0461", 18, "K", "U", "5704"] == 1
    assert found.stock[d(3, 10), "0461", 18, "K", "G", "5704"] == 1


def test_the_country_entered_from_is_that_of_the_last_entry(tmp_path: Path) -> None:
    """From Poland, later from a country that no list has; and from none where the person was born here."""
    moving = (
        life().add("enter", d(2, 1), "0461 from 5154").add("leave", d(2, 20)).add("enter", d(3, 5), "0461 from 5998")
    )
    born = Life("0201220000", d(1, 2)).add("born", d(1, 2), "0461")
    state, _ = run(tmp_path, DAYS, [moving, born])
    release = current(state)
    assert release
    stock = {(r["dato"], r["indrejseland"], r["antal"]) for r in rows(release, NATIONAL, "stock") if r["antal"]}
    assert {(d(2, 19), "5154", 1), (d(3, 5), "5999", 1)} <= stock
    assert {country for _, country, _ in stock} == {"5154", "5999"}
    flow = {(r["dato"], r["indrejseland"], r["udrejste"]) for r in rows(release, NATIONAL, "flow")}
    assert (d(2, 20), "5154", 1) in flow
    never = {r["indrejseland"] for r in rows(release, NATIONAL, "stock") if r["foedt_i_danmark"]}
    assert never == {"0000"}
    for store in (NATIONAL, municipal("0461")):
        for table in ("stock", "flow"):
            for key in ("statsborgerskab", "indrejseland"):
                named = {r[key]: r for r in rows(release, SHARED, f"dim.{key}")}
                assert {r[key] for r in rows(release, store, table)} <= named.keys()
                assert named["5704"]["navn_da"] == "Ukraine"
                assert named["5999"]["gyldig_fra"] == date(1990, 9, 21)
