"""Small change extracts for tests, and what can go wrong with them; written out plainly from the layout table."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from flis.delivery.readers.cpr.layout import RECORDS

TASK = "110901"
FIRST_NAME, LAST_NAME, STREET = "Kanariefugl", "Øjenåbner", "Æblestræde"
"""Canaries: none of them may be found anywhere after intake."""


def day(n: int) -> date:
    """The `n`th day of the tests' calendar."""
    return date(2022, 1, 2) + timedelta(n)


@cache
def person_number(n: int) -> str:
    """The `n`th of some person numbers with a valid check digit."""
    weights = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
    born = date(1960, 5, 1) + timedelta(37 * n)
    for serial in range(n % 7, 10_000):
        number = f"{born:%d%m%y}{serial:04}"
        if sum(int(d) * w for d, w in zip(number, weights, strict=True)) % 11 == 0:
            return number
    raise AssertionError


def line(code: str, **fields: str) -> bytes:
    """A record at full width; `_` in a name stands for `-`."""
    text = [*code, *" " * (RECORDS[code].length - 3)]
    for field in RECORDS[code].fields[1:]:
        empty = "0" if field.kind == "N" or field.length == 12 else " "
        value = fields.pop(field.name.replace("-", "_"), empty * field.length)
        text[field.offset : field.end] = value.ljust(field.length)
    assert not fields
    return "".join(text).encode("latin-1")


def person(n: int, municipality: str = "0101") -> list[bytes]:
    """The records of a person who lives somewhere."""
    pnr = person_number(n)
    return [
        line("001", PNR=pnr, STATUS="01", KOEN="K", FOED_DT="1960-05-01", STATUSHAENSTART="202201010000"),
        line("002", PNR=pnr, KOMKOD=municipality, VEJKOD="0001", HUSNR="001", TILFLYDTO="202201010000"),
        line("008", PNR=pnr, FORNVN=FIRST_NAME, EFTERNVN=LAST_NAME, ADRNVN=f"{FIRST_NAME} {LAST_NAME}"),
        line("010", PNR=pnr, LANDEKOD="5704", HAENSTART_STATSBORGERSKAB="202201010000"),
        line("099", PNR=pnr, TIMESTAMPU="202201010000", HAENDELSE="A01"),
    ]


def addresses(n: int) -> bytes:
    """The address record of a person."""
    return line("003", PNR=person_number(n), STANDARDADR=f"{STREET} 1", VEJADRNVN=STREET, KOMKOD="0101")


def extract(produced: date, previous: date | None, *, persons: range = range(3), task: str = TASK) -> bytes:
    """A whole delivery in lines of full width."""
    records = [r for n in persons for r in person(n)] + [addresses(n) for n in persons]
    end = line("999", SORTFELT_10="9999999999", TAELLER=f"{len(records):08}")
    return b"\n".join([start(produced, previous, task), *records, end]) + b"\n"


def start(produced: date, previous: date | None, task: str = TASK) -> bytes:
    """A start record."""
    before = f"{previous:%Y%m%d}" if previous else "00000000"
    return line("000", SORTFELT_10="0000000000", OPGAVENR=task, PRODDTO=f"{produced:%Y%m%d}", PRODDTOFORRIG=before)


def truncated(content: bytes) -> bytes:
    """Cut off within a record."""
    return content[: len(content) * 2 // 3]


def without_end(content: bytes) -> bytes:
    """Cut off after a whole record."""
    return content[: content.rindex(b"\n999") + 1]


def wrong_count(content: bytes) -> bytes:
    """One record fewer than the end record counts."""
    lines = content.splitlines(keepends=True)
    return b"".join(lines[:5] + lines[6:])


def bad_length(content: bytes) -> bytes:
    """One record longer than its type."""
    lines = content.splitlines()
    lines[3] += b"X"
    return b"\n".join(lines) + b"\n"


def unknown_type(content: bytes) -> bytes:
    """One record of a type that the layout does not have."""
    lines = content.splitlines()
    lines[4] = b"077" + lines[4][3:]
    return b"\n".join(lines) + b"\n"


def byte_order_mark(content: bytes) -> bytes:
    """As some editors save it."""
    return b"\xef\xbb\xbf" + content


def utf_8(content: bytes) -> bytes:
    """Every letter written as UTF-8; the lines keep their length, the blanks at their end give way."""
    return b"\n".join(_utf_8(x) for x in content.splitlines()) + b"\n"


def error_records(content: bytes, count: int = 2) -> bytes:
    """Errors that CPR sends after the end record."""
    error = line("910", SORTFELT_10="9999999999", INDDATA=person_number(0), FEJLNR="0040")
    return content + b"".join(error + b"\n" for _ in range(count))


def _utf_8(record: bytes) -> bytes:
    return record.decode("latin-1").encode()[: len(record)]


REFUSED = (truncated, without_end, wrong_count, bad_length, unknown_type, byte_order_mark, utf_8)
"""Every fault that sends a delivery to quarantine."""
