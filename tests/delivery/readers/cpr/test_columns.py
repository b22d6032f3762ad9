"""The vectorised decoding against slow and obvious Python, value by value."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flis.delivery.readers.cpr import columns
from flis.delivery.readers.cpr.cells import FieldCells
from flis.delivery.readers.cpr.digits import CODES, UNKNOWN, record_types
from flis.delivery.readers.cpr.hashes import HASH, NO_PERSON, PersonHashes, person_hash
from flis.delivery.readers.cpr.layout import FieldLayout
from tests.delivery.readers.cpr.files import KEY

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONG = FieldLayout("TIME", 4, 12, "N", "yyyyMMddHHmm")
DASHED = FieldLayout("DATE", 4, 10, "A", "yyyy-MM-dd")
SHORT = FieldLayout("DAY", 4, 8, "N", "yyyyMMdd")
NUMBER = FieldLayout("PNR", 4, 10, "A")
DIGITS = FieldLayout("CODE", 4, 4, "N")
NAME = FieldLayout("NAME", 4, 12, "A")


def rows(values: list[bytes], field: FieldLayout) -> NDArray[np.uint8]:
    """Records that hold nothing but the values."""
    whole = b"".join(b"123" + value.ljust(field.length) + b"99" for value in values)
    return np.frombuffer(whole, np.uint8).reshape(len(values), 5 + field.length)


def cells(values: list[bytes], field: FieldLayout) -> FieldCells:
    """The values as two fields of one kind, the first record's and the others'."""
    found = FieldCells()
    for part, first in ((values[:1], 1), (values[1:], 2)):
        if part:
            found.add(field, rows(part, field), first + np.arange(len(part)))
    return found


def oracle(value: str) -> tuple[date | None, str]:
    """What a written date means: its first possible day, and `invalid`, `uncertain`, `no clock` or nothing."""
    written = value
    if len(value) == 10:
        if value[4] != "-" or value[7] != "-":
            return None, "" if not value.strip() else "invalid"
        value = value[:4] + value[5:7] + value[8:]
    if not written.strip() or not value.strip("0"):
        return None, ""
    try:
        return _possible(value)
    except ValueError:
        return None, "invalid"


def _possible(value: str) -> tuple[date, str]:
    written, clock = value[:8], value[8:]
    if not (written.isascii() and written.isdigit()):
        raise ValueError
    year, month, day = int(written[:4]), int(written[4:6]), int(written[6:])
    shown = clock.isascii() and clock.isdigit() and int(clock[:2]) < 24 and (int(clock[2:]) < 60 or clock[2:] == "99")
    if not 1800 <= year <= 2199 or (month == 0 and day > 0):
        raise ValueError
    state = "uncertain" if day == 0 or (shown and clock[2:] == "99") else ""
    return date(year, month or 1, day or 1), state + ("no clock" if clock and not shown else "")


def check(values: list[bytes], field: FieldLayout) -> None:
    """Compare both ways of reading."""
    read = columns.dates(cells(values, field))
    states = [""] * len(values)
    for place in read.invalid:
        states[place] += "invalid"
    for place in read.uncertain:
        states[place] += "uncertain"
    for place in read.no_clock:
        states[place] += "no clock"
    expected = [oracle(value.decode("latin-1")) for value in values]
    assert list(zip(read.column.to_pylist(), states, strict=True)) == expected
    read.column.validate(full=True)
    read.latest.validate(full=True)
    written = [value.decode("latin-1").replace("-", "") for value in values]
    days = [day for day, _ in expected]
    assert read.latest.to_pylist() == [latest(text) if day else None for text, day in zip(written, days, strict=True)]


def latest(text: str) -> date | None:
    """The last day of the month or year, where no day is told."""
    if text[6:8] != "00":
        return None
    year, month = int(text[:4]), int(text[4:6]) or 12
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(1)


def test_dates_as_the_official_files_write_them() -> None:
    check([b"189601010924", b"199103201299", b"194100001299", b"196100000000", b"000000000000", b" " * 12], LONG)
    check([b"1896-01-01", b"          ", b"0000-00-00", b"1941-00-00", b"1941-09-00", b"2000-02-29"], DASHED)
    check([b"2020-02-00", b"2022-12-00", b"2021-02-00", b"2022-02-01"], DASHED)
    check([b"20011119", b"00000000", b"20010229"], SHORT)


def test_dates_that_no_calendar_has() -> None:
    check([b"202202300000", b"202213010000", b"202200150000", b"202201012400", b"202201010060", b"00000000:000"], LONG)
    check([b"202201010000", b"179912310000", b"220001010000", b"999999999999", b"2022010100 0", b"000000000001"], LONG)
    check([b"2022/01/01", b"2022-1-01 ", b"1900-02-29", b"\xb22022-0101", b"2022-01-0\xb2", b"0000-00-01"], DASHED)


@given(st.lists(st.text("0123456789- \xc6:/", min_size=12, max_size=12).map(lambda s: s.encode("latin-1")), min_size=1))
def test_any_twelve_characters(values: list[bytes]) -> None:
    check(values, LONG)


@given(st.lists(st.text("0129-", min_size=10, max_size=10).map(str.encode), min_size=1))
def test_any_ten_characters(values: list[bytes]) -> None:
    check(values, DASHED)


@given(st.lists(st.dates(date(1800, 1, 1), date(2199, 12, 31)), min_size=1), st.integers(0, 1439))
def test_every_date_in_every_format(days: list[date], minutes: int) -> None:
    clock = str(timedelta(minutes=minutes)).rjust(8, "0")[:5].replace(":", "")
    check([f"{day:%Y%m%d}{clock}".encode().rjust(12, b"0") for day in days], LONG)
    check([day.isoformat().encode() for day in days], DASHED)


def test_every_day_of_four_centuries() -> None:
    first = date(1800, 1, 1)
    days = [first + timedelta(n) for n in range((date(2200, 1, 1) - first).days)]
    read = columns.dates(cells([day.isoformat().encode() for day in days], DASHED))
    assert read.column.to_pylist() == days


@given(st.lists(st.text(st.characters(max_codepoint=255, exclude_characters="\0"), max_size=12), min_size=1))
def test_text_is_the_field_without_blanks_at_the_right(values: list[str]) -> None:
    read = columns.text(cells([value.encode("latin-1") for value in values], NAME).characters())
    read.validate(full=True)
    assert read.to_pylist() == [value.rstrip(" ") for value in values]


@pytest.mark.parametrize(
    ("value", "strange"),
    [
        (b"0101", False),
        (b"    ", False),
        (b"01 1", True),
        (b"1   ", True),
        (b"010X", True),
        (b"010/", True),
        (b"010:", True),
    ],
)
def test_fields_of_digits(value: bytes, strange: bool) -> None:
    assert columns.not_digits(cells([value, b"9999"], DIGITS).characters()).tolist() == [0] * strange


@given(st.lists(st.text("0123456789 A", min_size=10, max_size=10), min_size=1))
def test_person_numbers(values: list[str]) -> None:
    read, strange = columns.numbers(cells([value.encode() for value in values], NUMBER))
    for place, (value, number) in enumerate(zip(values, read.tolist(), strict=True)):
        assert (place in strange) == (not value.isdigit() and bool(value.strip()))
        assert number == (int(value) if value.isdigit() and int(value) else NO_PERSON)


def test_each_place_has_its_field_and_record() -> None:
    found = FieldCells()
    day = FieldLayout("OTHER", 6, 4, "N")
    starts = [
        found.add(field, rows([b"0101"] * len(records), DIGITS), np.array(records))
        for field, records in ((DIGITS, [4, 7]), (day, [4, 7]), (DIGITS, [9]), (day, [1, 2, 3]))
    ]
    assert starts == [0, 2, 4, 5]
    owners = [(field, records.tolist()) for field, records in found.owners(np.array([1, 4, 5, 7]))]
    assert owners == [("CODE", [7]), ("CODE", [9]), ("OTHER", [1, 3])]


@given(st.lists(st.sampled_from(CODES).map(str.encode) | st.binary(min_size=3, max_size=3), min_size=1), st.binary())
def test_record_types_by_their_codes(codes: list[bytes], rest: bytes) -> None:
    words = np.frombuffer(b"".join((code + rest + b"0")[:4] for code in codes), "<u4")
    known = {code.encode(): number for number, code in enumerate(CODES)}
    assert record_types(words).tolist() == [known.get(code, UNKNOWN) for code in codes]


@given(st.lists(st.lists(st.integers(0, 10**10 - 1) | st.just(NO_PERSON))))
def test_hashes_are_those_of_the_single_numbers(lists: list[list[int]]) -> None:
    hashes = PersonHashes(KEY)
    makes = [hashes.add(np.array(numbers, np.int64)) for numbers in lists]
    hashes.resolve()
    for numbers, make in zip(lists, makes, strict=True):
        column = make()
        column.validate(full=True)
        assert column.type == HASH
        expected = [None if n == NO_PERSON else person_hash(f"{n:010}", KEY) for n in numbers]
        assert column.to_pylist() == expected


def test_another_key_gives_other_hashes() -> None:
    assert person_hash("0707614285", KEY) != person_hash("0707614285", KEY[::-1])
    assert len(person_hash("0707614285", KEY)) == 16
