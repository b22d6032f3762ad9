"""Records that few persons have (017 to 021): they follow from what the register holds, without chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flis.simulate.cpr.records import numbers
from flis.simulate.cpr.values import days
from flis.simulate.society import census
from flis.simulate.society.census import DENMARK
from flis.simulate.society.day_numbers import MINUTES

if TYPE_CHECKING:
    from flis.delivery.readers.cpr.writer import Block
    from flis.simulate.cpr.records import Page

__all__ = ["RARE", "guardian", "move_order", "municipal", "note", "vote"]

PENSION = 67 * 365


def guardian(page: Page) -> Block:
    """017: somebody under guardianship, whose guardian is a child of the own."""
    p = page.people
    at, children = page.register.children_of(page.rows)
    last = np.ones(len(at), bool)
    last[:-1] = at[1:] != at[:-1]
    grown = p.birth[children] < page.day - 25 * 365
    chosen = last & grown & (p.status[page.rows[at]] < 30) & (p.serial[page.rows[at]] % 400 == 7)
    at, child = at[chosen], children[chosen]
    since = np.minimum(p.birth[page.rows[at]] + 50 * 365, page.day - 100)
    columns = {
        "START_DT-UMYNDIG": days(since),
        "UMYN_RELTYP": 1,
        "RELPNR": numbers(p, child),
        "START_DT-RELPNR_PNR": days(since),
    }
    return page.block("017", at, columns)


def municipal(page: Page) -> Block:
    """018: retirement pension, where the municipality has registered it."""
    p = page.people
    old = (p.birth[page.rows] < page.day - PENSION) & (p.status[page.rows] < 30)
    at, r = page.where(old & (p.serial[page.rows] % 10 == 3))
    return page.block(
        "018", at, {"KOMFORHTYP": 3, "KOMFORHKOD": b"F", "START_DT-KOMMUNALE-FORHOLD": days(p.birth[r] + PENSION)}
    )


def note(page: Page) -> Block:
    """019: a note of the municipality."""
    p = page.people
    at, r = page.where((p.status[page.rows] < 30) & (p.serial[page.rows] % 300 == 11))
    begin = p.moved[r] // MINUTES
    columns = {
        "NOTATNR": 1,
        "NOTATLINIE": "Se sag i kommunen",
        "START_DT-NOTAT": days(begin),
        "SLET_DT-NOTAT": days(begin + 5 * 365),
    }
    return page.block("019", at, columns)


def vote(page: Page) -> Block:
    """020: the right to vote, kept by Danes for two years abroad."""
    p = page.people
    abroad = (p.status[page.rows] == 80) & (p.country[page.rows] == DENMARK)
    at, r = page.where(abroad & (p.serial[page.rows] % 4 == 1))
    left: Any = p.status_time[r] // MINUTES
    columns = {
        "VALGKODE": 1,
        "VALGRET_DT": days(left),
        "START_DT-VALGOPLYSNINGER": days(left),
        "SLET_DT-VALGOPLYSNINGER": days(left + 730),
    }
    return page.block("020", at, columns)


def move_order(page: Page) -> Block:
    """021: an order to leave a house that may not be lived in."""
    p = page.people
    at, r = page.where((p.status[page.rows] == 1) & (p.serial[page.rows] % 1500 == 17))
    columns = {
        "START_DT-FLYTTEPÅBUD": days(p.moved[r] // MINUTES + 30),
        "BEMAERK-FLYTTEPÅBUD": np.strings.add(b"Sommerhus, ", census.names().roads[p.road[r] % 30]),
    }
    return page.block("021", at, columns)


RARE = (guardian, municipal, note, vote, move_order)
