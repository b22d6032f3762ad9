"""The records of what is closed (022 to 030), of custody (016) and of events (099)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flis.simulate.cpr.records import floors, house, numbers, spouses, unsure
from flis.simulate.cpr.values import days, letters, stars, times
from flis.simulate.society import census
from flis.simulate.society.byte_texts import texts
from flis.simulate.society.day_numbers import MINUTES
from flis.simulate.society.register import ABROAD, Event, FormerRecord
from flis.simulate.society.table import Rows, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flis.delivery.readers.cpr.writer import Block
    from flis.simulate.cpr.records import Page

__all__ = ["custody", "events", "former"]

MARKS = texts(["", "K", "A", "Æ"])
CUSTODY_SINCE = 56394
"""2004-05-27: the day from which CPR knows custody."""


def former(page: Page) -> list[Block]:
    """022 to 030: all rows of history of the persons, oldest first within each type."""
    history = page.register.history
    at, rows = walk(page.people.history[page.rows], history.before)
    kinds = history.kind[rows]
    blocks = []
    for kind, columns in COLUMNS.items():
        chosen = kinds == kind
        past, place = rows[chosen], at[chosen]
        found = columns(page, past) if len(past) else {}
        if kind is FormerRecord.NUMBER:
            found["PNRGAELD"] = numbers(page.people, page.rows[place])
        elif kind is not FormerRecord.CHURCH:
            found["ANNKOR"] = MARKS[history.mark[past]]
        block = page.block(f"{int(kind):03}", place, found, numbered=kind is not FormerRecord.NUMBER)
        if kind is FormerRecord.CITIZENSHIP and len(past):
            block = unsure(block, "HAENSTART-STATSBORGERSKAB", history.start_mark[past])
        blocks.append(block)
    return blocks


def custody(page: Page) -> Block:
    """016: who has custody of a child: its mother (0003) and its father (0004), where CPR knows them."""
    p, r = page.people, page.rows
    minor = (p.birth[r] > page.day - 18 * 365) & (p.status[r] < 30) & (p.birth[r] >= CUSTODY_SINCE)
    both = [np.flatnonzero(minor & (parent[r] >= 0)) for parent in (p.mother, p.father)]
    at = np.concatenate(both)
    kind = np.repeat([3, 4], [len(part) for part in both])
    order = np.argsort(at, kind="stable")
    at, kind = at[order], kind[order]
    return page.block("016", at, {"RELTYP-FORÆLDREMYN": kind, "START_DT-FORÆLDREMYN": days(p.birth[r[at]])})


def events(page: Page, happened: Sequence[Event]) -> Block:
    """099: what was registered about the persons; a person of an establishment has the one code for being asked for."""
    if not happened:
        return page.block("099", page.all(), {"TIMESTAMPU": b" " * 12, "HAENDELSE": b"A74"})
    rows = np.concatenate([event.rows for event in happened])
    time = np.concatenate([event.time for event in happened])
    code = np.repeat(texts([e.code for e in happened]), [len(e.rows) for e in happened])
    role = np.repeat(texts([e.role for e in happened]), [len(e.rows) for e in happened])
    order = np.argsort(page.rows)
    place = np.minimum(np.searchsorted(page.rows, rows, sorter=order), len(order) - 1)
    at = order[place]
    here = np.flatnonzero(page.rows[at] == rows)
    here = here[np.lexsort((time[here], at[here]))]
    columns = {"TIMESTAMPU": times(time[here]), "HAENDELSE": code[here], "AFLEDTMRK": role[here]}
    return page.block("099", at[here], columns)


def _number(page: Page, rows: Rows) -> dict[str, Any]:
    history = page.register.history
    return {
        "PNR": numbers(page.people, history.ref[rows]),
        "START_DT-PERSON": days(history.start[rows] // MINUTES),
        "SLUT_DT-PERSON": days(history.stop[rows] // MINUTES),
    }


def _address(page: Page, rows: Rows) -> dict[str, Any]:
    history = page.register.history
    return {
        "KOMKOD": history.a[rows],
        "VEJKOD": history.b[rows],
        "HUSNR": house(history.b[rows], history.c[rows]),
        "TILFLYDTO": times(history.start[rows]),
        "TILFLYDTO_UMRK": stars(history.start_mark[rows]),
        "FRAFLYDTO": times(history.stop[rows]),
        "FRAFLYDTO_UMRK": stars(history.stop_mark[rows]),
    } | floors(history.d[rows])


def _entry(page: Page, rows: Rows) -> dict[str, Any]:
    history = page.register.history
    return {
        "UDR_LANDEKOD": history.a[rows],
        "UDRDTO": times(history.start[rows]),
        "UDRDTO_UMRK": stars(history.start_mark[rows]),
        "INDR_LANDEKOD": history.b[rows],
        "INDRDTO": times(history.stop[rows]),
        "INDRDTO_UMRK": stars(history.stop_mark[rows]),
    }


def _lost(page: Page, rows: Rows) -> dict[str, Any]:
    history = page.register.history
    return {
        "FORSVINDDTO": times(history.start[rows]),
        "FORSVINDDTO_UMRK": stars(history.start_mark[rows]),
        "GENFINDDTO": times(history.stop[rows]),
        "GENFINDDTO_UMRK": stars(history.stop_mark[rows]),
    }


def _name(page: Page, rows: Rows) -> dict[str, Any]:
    history = page.register.history
    return {
        "FORNVN": census.names().given[history.a[rows]],
        "EFTERNVN": census.names().family[history.b[rows]],
        "NVNHAENSTART": times(history.start[rows]),
        "NVNHAENSLUT": times(history.stop[rows]),
    }


def _citizenship(page: Page, rows: Rows) -> dict[str, Any]:
    history = page.register.history
    return {
        "LANDEKOD": history.a[rows],
        "HAENSTART-STATSBORGERSKAB": times(history.start[rows]),
        "HAENSTART_UMRK-STATSBORGERSKAB": stars(history.start_mark[rows]),
        "HAENSLUT-STATSBORGERSKAB": times(history.stop[rows]),
    }


def _church(page: Page, rows: Rows) -> dict[str, Any]:
    history = page.register.history
    return {
        "FKIRK": letters(history.a[rows]),
        "START_DT-FOLKEKIRKE": days(history.start[rows] // MINUTES),
        "SLUT_DT-FOLKEKIRKE": days(history.stop[rows] // MINUTES),
    }


def _civil(page: Page, rows: Rows) -> dict[str, Any]:
    history = page.register.history
    spouse = history.ref[rows]
    return {
        "CIVST": letters(history.a[rows]),
        "AEGTEPNR": spouses(page.people, spouse),
        "AEGTENVN": np.where(spouse == ABROAD, b"Ukendt", b""),
        "HAENSTART-CIVILSTAND": times(history.start[rows]),
        "HAENSTART_UMRK-CIVILSTAND": stars(history.start_mark[rows]),
        "HAENSLUT-CIVILSTAND": times(history.stop[rows]),
    }


def _separation(page: Page, rows: Rows) -> dict[str, Any]:
    history = page.register.history
    return {
        "SEP_HENVIS-SEPARATION": times(history.start[rows]),
        "START_DT-SEPARATION": days(history.start[rows] // MINUTES),
        "SLUT_DT-SEPARATION": days(history.stop[rows] // MINUTES),
    }


COLUMNS: dict[FormerRecord, Callable[[Page, Rows], dict[str, Any]]] = {
    FormerRecord.NUMBER: _number,
    FormerRecord.ADDRESS: _address,
    FormerRecord.ENTRY: _entry,
    FormerRecord.LOST: _lost,
    FormerRecord.NAME: _name,
    FormerRecord.CITIZENSHIP: _citizenship,
    FormerRecord.CHURCH: _church,
    FormerRecord.CIVIL: _civil,
    FormerRecord.SEPARATION: _separation,
}
