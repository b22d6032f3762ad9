"""*Indrejste minus udrejste*, counted by hand: entries and exits on their own day, whether or not the stock moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pytest

from flis.release import NATIONAL, PUBLIC, current, municipal
from tests.areas.ukraine.figures import expected, published, rows, run, warehoused
from tests.areas.ukraine.test_causes import d, life
from tests.warehouse.arrange import write_chain
from tests.warehouse.lives import DENMARK, RUSSIA, UKRAINE, Life

if TYPE_CHECKING:
    from pathlib import Path

FIRST, SECOND, LAST = date(2022, 1, 3), date(2022, 2, 21), date(2022, 3, 31)
DAYS = [FIRST, SECOND, LAST]


@dataclass
class Case:
    """A life; its entries and exits as (day, municipality, +1 or -1); and the stock that it gives on the last day."""

    name: str
    life: Life
    counts: set[tuple[date, str, int]]
    ends_in: str = ""


CASES = [
    Case("entry", life().add("enter", d(2, 1), "0461"), {(d(2, 1), "0461", 1)}, "0461"),
    Case(
        "exit",
        life().add("enter", d(2, 1), "0461").add("leave", d(3, 1)),
        {(d(2, 1), "0461", 1), (d(3, 1), "0461", -1)},
    ),
    Case(
        "an entry whose address begins later counts on its own day, where the address will be",
        life().add("arrive", d(2, 1), UKRAINE).add("move", d(2, 10), "0461"),
        {(d(2, 1), "0461", 1)},
        "0461",
    ),
    Case("an entry that no address follows", life().add("arrive", d(2, 1), UKRAINE), {(d(2, 1), "uden", 1)}),
    Case(
        "an entry and an exit without any address",
        life().add("arrive", d(2, 1), UKRAINE).add("leave", d(3, 1)),
        {(d(2, 1), "uden", 1), (d(3, 1), "uden", -1)},
    ),
    Case(
        "disappeared, then emigrated (70, 80): the exit counts though the stock had lost the person before",
        life().add("enter", d(2, 1), "0461").add("vanish", d(2, 10)).add("leave", d(3, 1)),
        {(d(2, 1), "0461", 1), (d(3, 1), "0461", -1)},
    ),
    Case(
        "an exit counts in the last municipality, an entry in the first",
        life().add("enter", d(2, 1), "0461").add("move", d(2, 10), "0101").add("leave", d(3, 1)),
        {(d(2, 1), "0461", 1), (d(3, 1), "0101", -1)},
    ),
    Case(
        "who comes back counts each time",
        life().add("enter", d(2, 1), "0461").add("leave", d(2, 10)).add("enter", d(3, 1), "0101"),
        {(d(2, 1), "0461", 1), (d(2, 10), "0461", -1), (d(3, 1), "0101", 1)},
        "0101",
    ),
    Case(
        "an address of a later stay says nothing of an earlier one",
        life().add("arrive", d(2, 1), UKRAINE).add("leave", d(2, 10)).add("enter", d(3, 1), "0101"),
        {(d(2, 1), "uden", 1), (d(2, 10), "uden", -1), (d(3, 1), "0101", 1)},
        "0101",
    ),
    Case(
        "an address of an earlier stay says nothing of a later one",
        life()
        .add("enter", date(2020, 5, 1), "0461")
        .add("leave", date(2021, 5, 1))
        .add("arrive", d(2, 1), UKRAINE)
        .add("leave", d(2, 10)),
        {(d(2, 1), "uden", 1), (d(2, 10), "uden", -1)},
    ),
    Case(
        "the exit of an earlier resident is none of the population's, the return is an entry",
        life().add("enter", date(2020, 5, 1), "0461").add("leave", d(2, 1)).add("enter", d(2, 20), "0461"),
        {(d(2, 20), "0461", 1)},
        "0461",
    ),
    Case(
        "out and in on one day",
        life().add("enter", date(2020, 5, 1), "0461").add("leave", d(2, 1)).add("enter", d(2, 1), "0101"),
        {(d(2, 1), "0101", 1)},
        "0101",
    ),
    Case(
        "in and out on one day",
        life().add("enter", d(2, 1), "0461").add("leave", d(2, 1)),
        {(d(2, 1), "0461", 1), (d(2, 1), "0461", -1)},
    ),
    Case("death is no exit", life().add("enter", d(2, 1), "0461").add("die", d(2, 10)), {(d(2, 1), "0461", 1)}),
    Case(
        "citizenship gained is no entry, but the exit after it is one",
        life(country=RUSSIA).add("enter", d(2, 1), "0461").add("citizen", d(2, 10), UKRAINE).add("leave", d(3, 1)),
        {(d(3, 1), "0461", -1)},
    ),
    Case(
        "citizenship lost is no exit, nor is the exit after it",
        life().add("enter", d(2, 1), "0461").add("citizen", d(2, 10), DENMARK).add("leave", d(3, 1)),
        {(d(2, 1), "0461", 1)},
    ),
    Case("an entry into Greenland is none into Denmark", life().add("enter", d(2, 1), "0956"), set()),
    Case("an annulled entry", life().add("enter", date(2021, 5, 1), "0461").add("annulled", d(2, 1)), set()),
    Case("an entry before the first day that counts", life().add("enter", date(2021, 12, 31), "0461"), set()),
    Case(
        "an entry that comes to be known late counts on its day",
        life().add("enter", d(2, 1), "0461", known=d(3, 20)),
        {(d(2, 1), "0461", 1)},
        "0461",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_the_oracle_counts_as_by_hand(case: Case, tmp_path: Path) -> None:
    found = expected(write_chain(tmp_path, DAYS, [case.life]))
    told = {(day, k, n) for (day, k, *_), n in found.entries.items()}
    told |= {(day, k, -n) for (day, k, *_), n in found.exits.items()}
    assert told == case.counts
    assert {k for (day, k, *_) in found.stock if day == LAST} == ({case.ends_in} - {""})


def test_all_stores_hold_the_running_sum(tmp_path: Path) -> None:
    """Each life has its own year of birth, and so its own cells: no two mistakes can cancel."""
    state, files = run(tmp_path, DAYS, [case.life for case in CASES])
    right = expected(files)
    assert published(state).entries == right.entries
    assert published(state).exits == right.exits
    release = current(state)
    assert release is not None
    by_hand = [n for case in CASES for _, _, n in case.counts]
    total = {
        (r["dato"], r["kommune"]): r["indrejste_minus_udrejste"]
        for r in rows(release, PUBLIC, "total")
        if not r["known_to"]
    }
    assert total[LAST, "0000"] == sum(by_hand) == right.net(LAST)
    for place in ("0461", "0101"):
        here = sum(n for case in CASES for _, k, n in case.counts if k == place)
        own = [r for r in rows(release, municipal(place), "crossing") if r["dato"] == LAST]
        assert here == sum(r["indrejste_minus_udrejste"] for r in own)
        assert total[LAST, place] in (here, None)  # few persons' number is not public
        assert {r["kommune"] for r in own} == {place}
    without = [r for r in rows(release, NATIONAL, "crossing") if r["kommune"] == "uden"]
    assert {r["dato"] for r in without} >= {d(2, 1), LAST}
    names = {r["kommune"]: r["navn"] for r in rows(release, NATIONAL, "dim.kommune")}
    assert names["uden"] == "Uden kommune"
    assert "uden" not in {r["kommune"] for r in rows(release, PUBLIC, "total")}


def test_a_correction_changes_the_days_since_and_what_was_known_stays(tmp_path: Path) -> None:
    """An exit of 10 February is known on 31 March: on 21 February two were said to be here, now it is one."""
    people = [
        life().add("enter", d(2, 1), "0461"),
        life().add("enter", d(2, 1), "0461").add("leave", d(2, 10), known=d(3, 20)),
    ]
    state, _ = run(tmp_path, DAYS, people)
    _, totals = warehoused(state)
    told = {(r["dato"], r["known_from"]): r["indrejste_minus_udrejste"] for r in totals if r["kommune"] == "0461"}
    assert told[d(2, 20), SECOND] == 2
    assert told[d(2, 20), LAST] == 1
    assert told[d(2, 9), SECOND] == 2
    assert (d(2, 9), LAST) not in told
