"""Everything that can be wrong with a file, each named for what it is, in every form in which it shows."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flis.delivery.readers.cpr.defects import LISTED, Defect, DefectKind, Defects
from flis.delivery.readers.cpr.form import PhysicalForm, Shape
from flis.delivery.readers.cpr.layout import RECORDS
from tests.delivery.readers.cpr.files import FORMS, extract, in_form, person, record, tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from flis.delivery.readers.cpr.reading import Reading

FULL, TRIMMED, UNBROKEN = PhysicalForm(Shape.FULL), PhysicalForm(Shape.TRIMMED), PhysicalForm(Shape.UNBROKEN)
SHAPES = pytest.mark.parametrize("form", [FULL, TRIMMED, UNBROKEN], ids=str)
ADDRESS = ("002", {"KOMKOD": 461, "TILFLYDTO": np.datetime64("2022-02-01")})


def numbers(count: int) -> list[str]:
    """Person numbers with a valid check digit."""
    weights = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
    valid = (f"0302{n:06}" for n in range(900000, 999999))
    return [n for n, _ in zip((v for v in valid if _sum(v, weights) % 11 == 0), range(count), strict=False)]


def _sum(number: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True))


NUMBERS = numbers(12)
PEOPLE = [person(number, "01", ADDRESS) for number in NUMBERS]


def defects(records: list[bytes], form: PhysicalForm = FULL, **how: int) -> list[tuple[DefectKind, int, str]]:
    """What is found in a file of these records: kind, record, field."""
    return found(in_form(records, form), **how)


def found(data: bytes, **how: int) -> list[tuple[DefectKind, int, str]]:
    """What is found in a file."""
    return [(defect.kind, defect.record, defect.field) for defect in read(data, **how).defects]


def read(data: bytes, **how: int) -> Reading:
    """A file read to its end."""
    return tables(data, None, **how)[1]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_clean_file_has_none(form: PhysicalForm) -> None:
    assert defects(extract(*PEOPLE), form) == []


@SHAPES
def test_a_file_without_end(form: PhysicalForm) -> None:
    assert defects(extract(*PEOPLE)[:-1], form) == [(DefectKind.MISSING_END, 0, "")]


@SHAPES
@pytest.mark.parametrize("rest", [2, 12, 13, 24])
def test_a_file_that_ends_within_a_record(form: PhysicalForm, rest: int) -> None:
    records = extract(*PEOPLE)[:-1]
    defects = found(in_form([*records[:-1], records[-1][:rest]], form).rstrip(b"\n"))
    seen = form != TRIMMED or rest < 13  # a trimmed record without fields of digits may end behind its number
    assert ((DefectKind.CUT_RECORD, 37, "") in defects) == seen
    assert (DefectKind.MISSING_END, 0, "") in defects
    assert not {DefectKind.UNKNOWN_TYPE, DefectKind.RECORD_LENGTH} & {kind for kind, _, _ in defects}


@pytest.mark.parametrize("form", [FULL, TRIMMED], ids=str)
@pytest.mark.parametrize("blanks", [1, 40])
def test_blanks_at_the_right_are_left_out_and_told(form: PhysicalForm, blanks: int) -> None:
    lines = in_form(extract(*PEOPLE), form).splitlines(keepends=True)
    lines[7] = lines[7].rstrip(b"\n") + b" " * blanks + b"\n"
    assert found(b"".join(lines)) == [(DefectKind.TRAILING_BLANKS, 8, "")]
    content = {code: table.to_pydict() for code, table in tables(b"".join(lines), None)[0].items()}
    assert content == {
        code: table.to_pydict() for code, table in tables(in_form(extract(*PEOPLE), FULL), None)[0].items()
    }


def test_blanks_at_the_right_of_every_record() -> None:
    records = extract(*PEOPLE)
    assert read(b"".join(r + b"   \n" for r in records)).totals == {DefectKind.TRAILING_BLANKS: len(records)}


def test_something_behind_a_record_is_more_than_blanks() -> None:
    lines = in_form(extract(*PEOPLE), FULL).splitlines(keepends=True)
    lines[7] = lines[7].rstrip(b"\n") + b"  x\n"
    assert found(b"".join(lines)) == [(DefectKind.RECORD_LENGTH, 8, "")]


@pytest.mark.parametrize("form", [FULL, UNBROKEN], ids=str)
@pytest.mark.parametrize("change", [lambda r: r + b"07", lambda r: r[:-9]], ids=["longer", "shorter"])
def test_another_product_is_told_once(change: Callable[[bytes], bytes], form: PhysicalForm) -> None:
    start, *records, end = extract(*PEOPLE)
    other = [start, *map(change, records), end]
    assert found(in_form(other, form)) == [(DefectKind.OTHER_PRODUCT, 1, "")]


def test_another_product_of_which_some_types_are_as_long_as_ours() -> None:
    people = [person(n, "01", ADDRESS, ("010", {}), ("012", {})) for n in NUMBERS]
    records = [r + b"07" if r[:3] in (b"001", b"002", b"012", b"010") else r for r in extract(*people)]
    assert found(in_form(records, FULL)) == [(DefectKind.OTHER_PRODUCT, 1, "")]


@SHAPES
def test_a_file_that_ends_within_a_record_type(form: PhysicalForm) -> None:
    data = in_form(extract(*PEOPLE)[:-1], form) + b"99"
    assert {(DefectKind.CUT_RECORD, 38, ""), (DefectKind.MISSING_END, 0, "")} <= set(found(data))


@SHAPES
@pytest.mark.parametrize("count", [0, 35, 37, 99999999])
def test_a_wrong_count(form: PhysicalForm, count: int) -> None:
    assert defects(extract(*PEOPLE, count=count), form) == [(DefectKind.WRONG_COUNT, 38, "TAELLER")]


@pytest.mark.parametrize("count", [b"\xb2" * 8, b"0000036\xb9", b"      36", b"+0000036"])
def test_a_count_of_other_characters_than_digits(count: bytes) -> None:
    *records, end = extract(*PEOPLE)
    reading = read(in_form([*records, end[:-8] + count], FULL))
    assert [(d.kind, d.record, d.field) for d in reading.defects] == [(DefectKind.WRONG_COUNT, 38, "TAELLER")]
    assert reading.summary.counted is None


@pytest.mark.parametrize(
    ("place", "value", "field"),
    [
        ("OPGAVENR", b"11090\xb2", "OPGAVENR"),
        ("PRODDTO", b"202203\xb21", "PRODDTO"),
        ("PRODDTO", b"2022 3 1", "PRODDTO"),
        ("PRODDTOFORRIG", b"+0220228", "PRODDTOFORRIG"),
    ],
)
def test_a_start_of_other_characters_than_digits(place: str, value: bytes, field: str) -> None:
    start, *records = extract(*PEOPLE)
    at = RECORDS["000"].field(place)
    changed = start[: at.offset] + value + start[at.end :]
    assert (DefectKind.BAD_START, 1, field) in defects([changed, *records])


def test_the_count_leaves_errors_out_and_takes_receipts_in() -> None:
    start, *inside, end = extract(*PEOPLE[:1], count=4)
    receipt = record("997", {"PNR": NUMBERS[5], "TIMESTAMPU": np.datetime64("2022-03-01"), "HAENDELSE": "A45"})
    error = record("910", {"SORTFELT-10": NUMBERS[6], "INDDATA": "x", "FEJLNR": 8452, "FEJLTXT-UDTRÆK": "findes ikke"})
    reading = read(in_form([start, receipt, *inside, end, error, error], FULL))
    assert reading.totals == {DefectKind.RECEIPT: 1, DefectKind.ERROR_RECORD: 2}
    assert (reading.summary.receipts997, reading.summary.errors910, reading.summary.counted) == (1, 2, 4)


@SHAPES
def test_a_record_that_is_too_long(form: PhysicalForm) -> None:
    records = extract(*PEOPLE)
    records[8] = records[8] + b"X"
    assert set(defects(records, form)) == {(DefectKind.RECORD_LENGTH, 9, "")}


@pytest.mark.parametrize("form", [FULL, UNBROKEN], ids=str)
@pytest.mark.parametrize("cut", [1, 4, 60])
def test_a_record_that_is_too_short(form: PhysicalForm, cut: int) -> None:
    records = extract(*PEOPLE)
    records[8] = records[8][:-cut]
    assert set(defects(records, form)) == {(DefectKind.RECORD_LENGTH, 9, "")}


def test_without_line_breaks_a_short_record_may_show_in_the_next_one() -> None:
    records = extract(*PEOPLE)
    records[8] = records[8][:-5]  # the number behind 099 begins with 030, which is a record type too
    assert (DefectKind.RECORD_LENGTH, 10, "") in defects(records, UNBROKEN)


def test_a_trimmed_record_that_cannot_be_so_short() -> None:
    records = extract(*PEOPLE)
    records[8] = records[8][:90]
    assert (DefectKind.RECORD_LENGTH, 9, "") in defects(records, TRIMMED)


def test_a_trimmed_record_with_blanks_at_the_right() -> None:
    data = in_form(extract(*PEOPLE), TRIMMED).replace(b"A01\n", b"A01 \n", 1)
    assert found(data) == [(DefectKind.TRAILING_BLANKS, 4, "")]


@SHAPES
def test_an_unknown_record_type(form: PhysicalForm) -> None:
    start, *inside, end = extract(*PEOPLE, count=37)
    strange = b"777" + NUMBERS[0].encode() + b"whatever it may hold  and more"
    assert defects([start, *inside[:3], strange, *inside[3:], end], form) == [(DefectKind.UNKNOWN_TYPE, 5, "")]


@SHAPES
def test_lines_that_are_no_records(form: PhysicalForm) -> None:
    records = extract(*PEOPLE, count=37)
    records[5:5] = [b"Not found: -404"]
    kinds = {kind for kind, _, _ in defects(records, form)}
    assert kinds & {DefectKind.UNKNOWN_TYPE, DefectKind.RECORD_LENGTH}


@SHAPES
def test_a_byte_order_mark(form: PhysicalForm) -> None:
    data = b"\xef\xbb\xbf" + in_form(extract(*PEOPLE), form)
    assert found(data) == [(DefectKind.BYTE_ORDER_MARK, 1, "")]


@pytest.mark.parametrize("letter", ["æ", "€", "😀"])
@SHAPES
def test_letters_in_utf_8(form: PhysicalForm, letter: str) -> None:
    named = person(NUMBERS[0], "01", ("008", {"FORNVN": letter.encode(), "NVNHAENSTART": np.datetime64("2022-01-01")}))
    assert defects(extract(PEOPLE[1], named), form) == [(DefectKind.UTF_8, 6, "")]


def test_a_file_written_as_utf_8_by_a_careless_program() -> None:
    named = person(NUMBERS[0], "01", ("008", {"FORNVN": "Åse", "NVNHAENSTART": np.datetime64("2022-01-01")}))
    data = in_form(extract(named), FULL).decode("latin-1").encode("utf-8")
    assert {(DefectKind.UTF_8, 3, ""), (DefectKind.RECORD_LENGTH, 3, "")} <= set(found(data))


def test_danish_letters_in_latin_1_are_no_defect() -> None:
    name = {"FORNVN": "Åse-Kirstine Ærø Östling", "NVNHAENSTART": np.datetime64("2022-01-01")}
    assert defects(extract(person(NUMBERS[0], "01", ("008", name)))) == []


@SHAPES
def test_a_missing_start(form: PhysicalForm) -> None:
    assert defects(extract(*PEOPLE)[1:], form)[0] == (DefectKind.MISSING_START, 1, "")


@SHAPES
def test_a_file_twice_in_one(form: PhysicalForm) -> None:
    kinds = {kind for kind, _, _ in defects(extract(*PEOPLE) * 2, form)}
    assert {DefectKind.DUPLICATE_START, DefectKind.DUPLICATE_END, DefectKind.PERSON_TWICE} <= kinds


def test_a_start_that_cannot_be_read() -> None:
    records = extract(*PEOPLE)
    records[0] = b"000" + b"0" * 10 + b"12X456" + b"20220230" + b"20220299"
    assert defects(records) == [(DefectKind.BAD_START, 1, name) for name in ("OPGAVENR", "PRODDTO", "PRODDTOFORRIG")]


def test_the_start_of_an_establishment_has_no_previous_date() -> None:
    reading = read(in_form(extract(*PEOPLE), FULL))
    assert reading.header is not None
    assert (reading.header.produced, reading.header.previous) == (date(2022, 3, 1), None)


def test_nothing_at_all() -> None:
    assert set(found(b"")) == {(DefectKind.MISSING_START, 0, ""), (DefectKind.MISSING_END, 0, "")}
    assert set(found(b"\x1a")) == {(DefectKind.MISSING_START, 0, ""), (DefectKind.MISSING_END, 0, "")}


@SHAPES
def test_records_out_of_order_within_a_person(form: PhysicalForm) -> None:
    records = extract(*PEOPLE)
    records[2], records[3] = records[3], records[2]
    assert defects(records, form) == [(DefectKind.RECORD_ORDER, 4, "")]


def test_sections_out_of_order() -> None:
    start, *inside, end = extract(*PEOPLE)
    address = record("003", {"PNR": NUMBERS[3], "KOMKOD": 101})
    error = record("910", {"SORTFELT-10": NUMBERS[6], "FEJLNR": 8452})
    receipt = record("997", {"PNR": NUMBERS[5], "HAENDELSE": "A45"})
    order = (DefectKind.RECORD_ORDER,)
    assert defects([start, *inside, address, *extract(*PEOPLE, count=37)[-1:]]) == []
    assert [d[:1] for d in defects([start, *inside[:3], address, *inside[3:], record("999", {"TAELLER": 37})])] == [
        order
    ]
    assert (DefectKind.RECORD_ORDER, 5, "") in defects([start, *inside[:3], receipt, *inside[3:], end])
    assert (DefectKind.RECORD_ORDER, 4, "") in defects([start, *inside[:1], error, *inside[1:], end])
    assert (DefectKind.RECORD_ORDER, 3, "") in defects([start, end, *inside])


@SHAPES
@pytest.mark.parametrize("window", [300, 1 << 20])
def test_a_person_twice(form: PhysicalForm, window: int) -> None:
    records = extract(*PEOPLE, PEOPLE[3], PEOPLE[7])
    twice = [(DefectKind.PERSON_TWICE, 38, ""), (DefectKind.PERSON_TWICE, 41, "")]
    assert defects(records, form, window=window, chunk=100) == twice
    assert read(in_form(records, form)).summary.persons == 12


@pytest.mark.parametrize("window", [50, 300, 1 << 20])
def test_a_person_twice_in_a_row(window: int) -> None:
    records = extract(PEOPLE[0], PEOPLE[1], PEOPLE[1], PEOPLE[2])
    assert defects(records, window=window, chunk=100) == [(DefectKind.PERSON_TWICE, 8, "")]


@SHAPES
@pytest.mark.parametrize("window", [200, 400, 1 << 20])
def test_persons_without_what_always_comes(form: PhysicalForm, window: int) -> None:
    first, second, third = PEOPLE[:3]
    records = extract(first[1:], second[:-1], third, person(NUMBERS[4], "50"))
    assert defects(records, form, window=window, chunk=77) == [
        (DefectKind.MISSING_RECORD, 2, "001"),
        (DefectKind.MISSING_RECORD, 4, "099"),
        (DefectKind.MISSING_RECORD, 9, "PNRGAELD"),
    ]


def _with(status: str, code: str) -> list[bytes]:
    columns = {"PNRGAELD": NUMBERS[1]} if code == "PNRGAELD" or status in {"50", "60"} else {}
    return person(NUMBERS[0], status, *([(code, {})] if code in {"002", "005", "006", "007"} else []), **columns)


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("002", {"01", "03", "05", "07", "20"}),
        ("005", {"80"}),
        ("006", {"20", "30", "70", "80", "90"}),
        ("007", {"70"}),
        ("PNRGAELD", {"50", "60"}),
    ],
)
@pytest.mark.parametrize("status", ["01", "03", "05", "07", "20", "30", "50", "60", "70", "80", "90"])
def test_records_that_do_not_go_with_the_status(code: str, allowed: set[str], status: str) -> None:
    expected = [] if status in allowed else [(DefectKind.UNEXPECTED_RECORD, 2, code)]
    assert defects(extract(_with(status, code))) == expected


def test_a_number_without_check_digit_is_told() -> None:
    weak = f"{NUMBERS[0][:-1]}{(int(NUMBERS[0][-1]) + 1) % 10}"
    assert defects(extract(person(weak))) == [(DefectKind.MODULUS_11, 2, "PNR")]


@SHAPES
def test_numbers_that_are_none(form: PhysicalForm) -> None:
    spouse = ("012", {"CIVST": "G", "AEGTEPNR": b"01019X0000"})
    broken = person(NUMBERS[0], "01", spouse)
    lettered = [one[:3] + b"010190AB12" + one[13:] for one in PEOPLE[1]]
    assert defects(extract(broken, lettered), form) == [
        (DefectKind.PERSON_NUMBER, 3, "AEGTEPNR"),
        *((DefectKind.PERSON_NUMBER, n, "PNR") for n in (5, 6, 7)),
    ]


def test_fields_of_digits_and_dates_that_hold_something_else() -> None:
    address = ("002", {"KOMKOD": b"04B1", "TILFLYDTO": b"202202300000", "FRAFLYKOMDTO": b"199900001299"})
    one = person(NUMBERS[0], "01", address, FOED_DT=b"1990-13-01")
    assert defects(extract(one)) == [
        (DefectKind.INVALID_DATE, 2, "FOED_DT"),
        (DefectKind.INVALID_DATE, 3, "TILFLYDTO"),
        (DefectKind.NOT_DIGITS, 3, "KOMKOD"),
        (DefectKind.UNCERTAIN_DATE, 3, "FRAFLYKOMDTO"),
    ]


def test_no_defect_shows_a_value() -> None:
    canary = "1211101234"
    records = extract(person(canary), person(canary, "50", ("002", {"KOMKOD": b"9X9X"}), PNRGAELD="12111X1234"))
    shown = repr(read(in_form(records, FULL)).defects)
    assert "person_twice" in shown
    for value in (canary, "9X9X", "12111X1234", "121110"):
        assert value not in shown


def test_many_defects_are_counted_and_few_are_listed() -> None:
    records = extract(*([one[:-1] for one in PEOPLE[:1]] * (LISTED + 50)))
    reading = read(in_form(records, FULL))
    assert reading.totals[DefectKind.PERSON_TWICE] == LISTED + 49
    listed = [d for d in reading.defects if d.kind is DefectKind.PERSON_TWICE]
    assert len(listed) == LISTED
    assert listed[0] == Defect(4, 4, DefectKind.PERSON_TWICE)
    empty = Defects()
    empty.add(DefectKind.UTF_8, [], 0)
    assert (empty.listed, dict(empty.totals)) == ([], {})


@settings(deadline=None)
@given(st.binary(max_size=3000), st.sampled_from([50, 1000]))
def test_any_bytes_can_be_read(data: bytes, window: int) -> None:
    assert DefectKind.MISSING_START in read(data, window=window).totals


@settings(deadline=None)
@given(st.data(), st.sampled_from([FULL, TRIMMED, UNBROKEN]))
def test_any_damage_can_be_read(data: st.DataObject, form: PhysicalForm) -> None:
    whole = bytearray(in_form(extract(*PEOPLE), form))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
    read(bytes(whole), window=500, chunk=300)


def test_a_file_of_rubbish_without_line_breaks_is_given_up() -> None:
    one = PEOPLE[0]
    rubbish = [piece for _ in range(1200) for piece in (b"x" * 30, *one)]
    reading = read(in_form(extract(rubbish), UNBROKEN))
    assert reading.totals[DefectKind.GIVEN_UP] == 1
    assert reading.totals[DefectKind.MISSING_END] == 1
