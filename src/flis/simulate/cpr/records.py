"""From rows of the register to the records of a delivery, type by type, in the order of a delivery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.delivery.readers.cpr.layout import RECORDS
from flis.delivery.readers.cpr.writer import Block, encode
from flis.simulate.cpr.values import days, letters, stars, times
from flis.simulate.society import census
from flis.simulate.society.byte_texts import birth_digits, digits, join, texts
from flis.simulate.society.day_numbers import MINUTES
from flis.simulate.society.register import ABROAD, PopulationRegister

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from flis.simulate.society.register import People
    from flis.simulate.society.table import Rows

__all__ = ["Page", "floors", "numbers"]

NO_NUMBER = b"0000000000"
FLOORS = texts(["", "st", "st", "01", "01", "01", "02", "02", "02", "03", "03", "03", "04", "04", "04", "05"])
DOORS = texts(
    [
        door and f"  {door}"
        for door in ["", "th", "tv", "th", "tv", "mf", "th", "tv", "mf", "th", "tv", "mf", "th", "tv", "mf", "th"]
    ]
)
HOMELESS = 9900
HALF_YEAR = 182


@dataclass(frozen=True, slots=True)
class Page:
    """Some persons, in the order of the delivery, as they are on a day; `at` are positions among them."""

    register: PopulationRegister
    rows: Rows
    day: int

    @property
    def people(self) -> People:
        """The register's persons."""
        return self.register.people

    def block(self, code: str, at: NDArray[Any], columns: Mapping[str, Any], *, numbered: bool = True) -> Block:
        """Records of one type about the persons at some positions."""
        named = {"PNR": numbers(self.people, self.rows[at])} if numbered else {}
        if not len(at):
            return Block(code, np.empty((0, RECORDS[code].length), np.uint8), at)
        rows = encode(code, named | dict(columns))
        return Block(code, rows if len(rows) == len(at) else np.repeat(rows, len(at), axis=0), at)

    def all(self) -> NDArray[np.int64]:
        """The positions of everybody."""
        return np.arange(len(self.rows))

    def where(self, chosen: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Rows]:
        """Positions and rows of those chosen."""
        at = np.flatnonzero(chosen)
        return at, self.rows[at]


def numbers(people: People, rows: NDArray[Any], *, none: bytes = b"") -> NDArray[np.bytes_]:
    """The person numbers of rows; `none` for a negative row."""
    known = np.maximum(rows, 0)
    text = join(birth_digits(people.birth[known]), digits(people.serial[known], 4))
    return np.where(rows >= 0, text, none).astype("S10") if (rows < 0).any() else text


def floors(code: NDArray[Any]) -> dict[str, NDArray[np.bytes_]]:
    """Floor and door."""
    return {"ETAGE": FLOORS[code], "SIDEDOER": DOORS[code]}


def house(road: NDArray[Any], number: NDArray[Any]) -> NDArray[np.bytes_]:
    """House number of an address; blank where the road is no road."""
    return np.where(road >= HOMELESS, b"", join(digits(number, 3))).astype("S3")


def person(page: Page) -> Block:
    """001: number, status, sex, birth."""
    p, r = page.people, page.rows
    columns = {
        "PNRGAELD": numbers(p, p.current[r]),
        "STATUS": p.status[r],
        "STATUSHAENSTART": times(p.status_time[r]),
        "STATUSDTO_UMRK": stars(p.status_mark[r]),
        "KOEN": np.where(p.sex[r] == 0, b"K", b"M"),
        "FOED_DT": days(p.birth[r]),
        "FOED_DT_UMRK": stars(p.birth_mark[r]),
        "START_DT-PERSON": days(p.start[r]),
        "SLUT_DT-PERSON": days(p.stop[r]),
        "STILLING": census.names().jobs[p.job[r]],
    }
    return page.block("001", page.all(), columns)


def address(page: Page) -> Block:
    """002: the current address, of those who live in Denmark or have a number for tax."""
    p = page.people
    at, r = page.where(p.status[page.rows] < 30)
    columns = {
        "KOMKOD": p.komkod[r],
        "VEJKOD": p.road[r],
        "HUSNR": house(p.road[r], p.house[r]),
        "TILFLYDTO": times(p.moved[r]),
        "TILFLYDTO_UMRK": stars(p.moved_mark[r]),
        "TILFLYKOMDTO": times(p.moved_in[r]),
        "FRAFLYKOMKOD": p.previous[r],
        "FRAFLYKOMDTO": times(p.previous_time[r]),
    } | floors(p.floor[r])
    return page.block("002", at, columns)


def plain_address(page: Page) -> Block:
    """003: name and address as on a letter; CPR sends them for all persons after all their other records."""
    p, r = page.people, page.rows
    here = page.register.resident(r)
    road = census.names().roads[p.road[r] % len(census.names().roads)]
    line = np.strings.add(np.strings.add(road, b" "), np.strings.lstrip(house(p.road[r], p.house[r]), b"0"))
    columns = {
        "ADRNVN": _name(p, r),
        "STANDARDADR": np.where(here & (p.road[r] < HOMELESS), line, b""),
        "POSTNR": np.where(here, 9999, 0),
        "POSTDISTTXT": np.where(here, _place_names()[p.komkod[r]], b""),
        "KOMKOD": np.where(here, p.komkod[r], 0),
        "VEJKOD": np.where(here, p.road[r], 0),
        "HUSNR": np.where(here, house(p.road[r], p.house[r]), b""),
    }
    floor = floors(np.where(here, p.floor[r], 0))
    return page.block("003", page.all(), columns | floor)


def protection(page: Page) -> Block:
    """004: protection of name and address (a year) and against advertising (a hundred years)."""
    p = page.people
    since = p.start[page.rows]
    kind = (p.serial[page.rows].astype(np.int64) * 7 + p.birth[page.rows]) % 40
    at, r = page.where((kind < 2) & (p.status[page.rows] < 50) & (since > 0))
    advertising = kind[at] == 1
    begin = np.maximum(p.start[r], p.moved[r] // MINUTES)
    columns = {
        "BESKYTTYPE": np.where(advertising, 3, 1),
        "START_DT-BESKYTTELSE": days(begin),
        "SLET_DT-BESKYTTELSE": days(np.where(advertising, 0, begin + 2 * HALF_YEAR)),
    }
    return page.block("004", at, columns)


def abroad(page: Page) -> Block:
    """005: where and when somebody emigrated, who has not come back."""
    p = page.people
    at, r = page.where(p.status[page.rows] == 80)
    columns = {
        "UDR_LANDEKOD": p.abroad[r],
        "UDRDTO": times(p.status_time[r]),
        "UDRDTO_UMRK": stars(p.status_mark[r]),
        "UDLANDADR1": _foreign_street(p, r),
    }
    return page.block("005", at, columns)


def contact(page: Page) -> Block:
    """006: an address in Denmark of some who do not live here."""
    p = page.people
    away = np.isin(p.status[page.rows], (20, 70, 80, 90)) & (p.house[page.rows] % 9 == 0)
    at, r = page.where(away)
    columns = {
        "ADR1-KONTAKTADR": np.strings.add(b"c/o ", _name(p, r)),
        "ADR2-KONTAKTADR": census.names().roads[p.road[r] % len(census.names().roads)],
        "START_DT-ADRTXT": days(p.status_time[r] // MINUTES),
    }
    return page.block("006", at, columns)


def lost(page: Page) -> Block:
    """007: since when somebody has disappeared."""
    p = page.people
    at, r = page.where(p.status[page.rows] == 70)
    return page.block("007", at, {"FORSVINDDTO": times(p.status_time[r]), "FORSVINDDTO_UMRK": stars(p.status_mark[r])})


def name(page: Page) -> Block:
    """008: the name."""
    p, r = page.people, page.rows
    columns = {
        "FORNVN": census.names().given[p.given[r]],
        "EFTERNVN": census.names().family[p.family[r]],
        "NVNHAENSTART": times(p.name_time[r]),
        "ADRNVN": _name(p, r),
    }
    return page.block("008", page.all(), columns)


def birthplace(page: Page) -> Block:
    """009: the parish or country of birth."""
    return page.block("009", page.all(), {"START_MYNKOD-FØDESTED": page.people.place[page.rows]})


def citizenship(page: Page) -> Block:
    """010: the one citizenship."""
    p, r = page.people, page.rows
    columns = {
        "LANDEKOD": p.country[r],
        "HAENSTART-STATSBORGERSKAB": times(p.country_time[r]),
        "HAENSTART_UMRK-STATSBORGERSKAB": stars(p.country_mark[r]),
    }
    return unsure(page.block("010", page.all(), columns), "HAENSTART-STATSBORGERSKAB", p.country_mark[r])


def church(page: Page) -> Block:
    """011: membership of the Church of Denmark."""
    p, r = page.people, page.rows
    return page.block("011", page.all(), {"FKIRK": letters(p.church[r]), "START_DT-FOLKEKIRKE": days(p.church_day[r])})


def civil(page: Page) -> Block:
    """012: civil state, and the spouse's number, or name where there is none."""
    p, r = page.people, page.rows
    separated = np.where(p.separated[r] > 0, p.separated[r], 0) * MINUTES
    columns = {
        "CIVST": letters(p.civil[r]),
        "AEGTEPNR": spouses(p, p.spouse[r]),
        "AEGTENVN": np.where(p.spouse[r] == ABROAD, _stranger(p, r), b""),
        "HAENSTART-CIVILSTAND": times(p.civil_time[r]),
        "HAENSTART_UMRK-CIVILSTAND": stars(p.civil_mark[r]),
        "SEP_HENVIS-CIVILSTAND": times(separated),
    }
    return page.block("012", page.all(), columns)


def separation(page: Page) -> Block:
    """013: legal separation of a married couple."""
    p = page.people
    at, r = page.where(p.separated[page.rows] > 0)
    since = p.separated[r]
    return page.block("013", at, {"SEP_HENVIS-SEPARATION": times(since * MINUTES), "START_DT-SEPARATION": days(since)})


def child(page: Page) -> Block:
    """014: one record per child."""
    at, children = page.register.children_of(page.rows)
    return page.block("014", at, {"PNRBARN": numbers(page.people, children)})


def parents(page: Page) -> Block:
    """015: mother and father; zeros and some names where they have no number."""
    p, r = page.people, page.rows
    named = (p.mother[r] < 0) & (p.country[r] != census.DENMARK)
    columns = {
        "MOR_DT": days(p.birth[r]),
        "PNRMOR": numbers(p, p.mother[r], none=NO_NUMBER),
        "MORNVN": np.where(named, _stranger(p, r), b""),
        "FAR_DT": days(p.birth[r]),
        "PNRFAR": numbers(p, p.father[r], none=NO_NUMBER),
    }
    return page.block("015", page.all(), columns)


def spouses(people: People, rows: NDArray[Any]) -> NDArray[np.bytes_]:
    """Numbers of spouses: blank where there is none, zeros for one without a number."""
    return np.where(rows == ABROAD, NO_NUMBER, numbers(people, rows)).astype("S10")


def unsure(block: Block, field: str, marks: NDArray[Any]) -> Block:
    """The block with uncertain parts of a time put to zeros, or its minutes to 99."""
    if marks.any():
        start = RECORDS[block.record_type].field(field).offset
        for mark, first, last, value in ((2, 6, 12, b"0"), (3, 4, 12, b"0"), (4, 10, 12, b"9")):
            block.rows[marks == mark, start + first : start + last] = ord(value)
    return block


def _name(people: People, rows: Rows) -> NDArray[np.bytes_]:
    names = census.names()
    return np.strings.add(np.strings.add(names.given[people.given[rows]], b" "), names.family[people.family[rows]])


def _stranger(people: People, rows: Rows) -> NDArray[np.bytes_]:
    """The name of somebody without a number, who bears the person's family name: family name, given name."""
    names = census.names()
    given = names.given[(people.given[rows].astype(np.int64) + people.house[rows]) % len(names.given)]
    return np.strings.add(np.strings.add(names.family[people.family[rows]], b","), given)


def _foreign_street(people: People, rows: Rows) -> NDArray[np.bytes_]:
    known = people.house[rows] % 3 > 0
    return np.where(known, np.strings.add(join(digits(people.house[rows], 3)), b" Main Street"), b"")


def _place_names() -> NDArray[np.bytes_]:
    return census.place_names()
