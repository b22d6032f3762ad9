"""What is written is read again, whatever the persons, the form, and the size of the pieces."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from flis.delivery.readers.cpr.defects import DefectKind
from flis.delivery.readers.cpr.form import PhysicalForm, Shape
from flis.delivery.readers.cpr.hashes import person_hash
from flis.delivery.readers.cpr.layout import PERSON, RECORDS, FieldLayout
from flis.delivery.readers.cpr.persons import MODULUS_11
from flis.delivery.readers.cpr.reading import read
from flis.delivery.readers.cpr.unbroken import follow
from flis.delivery.readers.cpr.writer import Block, encode, end_record, start_record, write
from tests.delivery.readers.cpr.files import EVERYTHING, FORMS, KEY, chunks, own, rebuild, tables

CONTENT = sorted(EVERYTHING)
LETTERS = st.characters(max_codepoint=255, min_codepoint=32, exclude_characters="\x7f", exclude_categories=["Cc"])
Row = dict[str, Any]


def value(field: FieldLayout) -> st.SearchStrategy[Any]:
    """Any value of a field."""
    if field.is_person_number:
        return st.integers(1, 10**10 - 1).map(lambda n: f"{n:010}") | st.just("")
    if field.is_date:
        days = st.dates(date(1800, 1, 1), date(2199, 12, 31)) | st.none()
        return days.map(lambda day: np.datetime64(day, "D"))
    if field.kind == "N":
        return st.integers(0, 10**field.length - 1).map(lambda n: f"{n:0{field.length}}")
    return st.text(LETTERS, max_size=field.length)


def row(code: str) -> st.SearchStrategy[Row]:
    """Any values for a record's fields behind its person."""
    return st.fixed_dictionaries({field.name: value(field) for field in RECORDS[code].fields[2:]})


PERSONS = st.dictionaries(
    st.integers(1, 10**10 - 1).map(lambda n: f"{n:010}"),
    st.lists(
        st.sampled_from(CONTENT).flatmap(lambda code: st.tuples(st.just(code), row(code))), min_size=1, max_size=4
    ),
    max_size=6,
)


def blocks(persons: dict[str, list[tuple[str, Row]]]) -> list[Block]:
    """The persons' records between a start and an end record, each a block of its own."""
    found: list[Block] = []
    for number, records in persons.items():
        for code, values in sorted(records, key=lambda record: record[0]):
            found.append(Block(code, encode(code, {own(code): number} | values), np.array([len(found)])))
    return [
        start_record("000001", date(2022, 3, 1), None),
        *(Block(block.record_type, block.rows, np.array([n])) for n, block in enumerate(found, 1)),
        Block("999", end_record(len(found)).rows, np.array([len(found) + 1])),
    ]


def expected(persons: dict[str, list[tuple[str, Row]]]) -> dict[str, list[Row]]:
    """What reading should give, by record type in the order of the file."""
    tables: dict[str, list[Row]] = {}
    ordinal = 1
    for number, records in persons.items():
        for code, values in sorted(records, key=lambda record: record[0]):
            ordinal += 1
            read = {RECORDS[code].field(name).column: _read(code, name, given) for name, given in values.items()}
            tables.setdefault(code, []).append({"person": person_hash(number, KEY), "ordinal": ordinal} | read)
    return tables


def _read(code: str, name: str, given: Any) -> Any:
    field = RECORDS[code].field(name)
    if field.is_person_number:
        return person_hash(given, KEY) if given else None
    return given.astype(object) if field.is_date else given.rstrip(" ")


@settings(deadline=None)
@given(PERSONS, st.sampled_from(FORMS), st.integers(1, 400), st.sampled_from([600, 1 << 20]))
def test_what_is_written_is_read(
    persons: dict[str, list[tuple[str, Row]]], form: PhysicalForm, chunk: int, window: int
) -> None:
    data = write(blocks(persons), form)
    if form.open_end:
        data = data.removesuffix(form.newline)
    found, reading = tables(data + form.ending, chunk=chunk, window=window)
    assert {code: table.to_pylist() for code, table in found.items()} == expected(persons)
    assert reading.summary.persons == len(persons) - sum({c for c, _ in r} == {"003"} for r in persons.values())
    structural = {DefectKind.RECORD_LENGTH, DefectKind.UNKNOWN_TYPE, DefectKind.WRONG_COUNT, DefectKind.INVALID_DATE}
    assert not structural & set(reading.totals)


@settings(deadline=None)
@given(PERSONS)
def test_check_digits_are_weighed_as_by_hand(persons: dict[str, list[tuple[str, Row]]]) -> None:
    _, reading = tables(write(blocks(persons), PhysicalForm(Shape.FULL)))
    wrong = [
        number
        for number, records in persons.items()
        if {code for code, _ in records} != {"003"}  # addresses are no part of a person
        and sum(int(digit) * weight for digit, weight in zip(number, MODULUS_11.tolist(), strict=True)) % 11
    ]
    assert reading.totals.get(DefectKind.MODULUS_11, 0) == len(wrong)


def test_a_batch_holds_no_memory_of_its_window() -> None:
    day = np.datetime64("2022-03-01", "D")
    people = [("025", {"FORSVINDDTO": day})] * 500 + [("007", {"FORSVINDDTO": day})]
    data = write(blocks({f"{n:010}": [person] for n, person in enumerate(people, 1)}), PhysicalForm(Shape.FULL))
    for _, batch in read([data], EVERYTHING, KEY).batches():
        assert batch.get_total_buffer_size() <= 2 * batch.nbytes + 64 * batch.num_columns


@settings(deadline=None)
@given(PERSONS, st.sampled_from(FORMS), st.integers(1, 400))
def test_what_is_written_is_rebuilt(persons: dict[str, list[tuple[str, Row]]], form: PhysicalForm, chunk: int) -> None:
    data = write(blocks(persons), form)
    if form.open_end:
        data = data.removesuffix(form.newline)
    data += form.ending
    assert rebuild(data, chunk=chunk) == data


@given(st.integers(1, 3000), st.binary(max_size=3000))
def test_pieces_make_the_whole(size: int, data: bytes) -> None:
    assert b"".join(chunks(data, size)) == data


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from(CONTENT), min_size=1, max_size=3000), st.integers(0, 2**32 - 1))
def test_walkers_find_the_chain_that_one_would(codes: list[str], seed: int) -> None:
    """Long files without line breaks, whose text fields hold what looks like records."""
    random = np.random.default_rng(seed)
    records = [random.choice(list(b"0123456789 "), RECORDS[code].length).astype(np.uint8) for code in codes]
    for code, one in zip(codes, records, strict=True):
        one[:3] = list(code.encode())
    lengths = [len(one) for one in records]
    buffer = np.concatenate([*records, np.full(700, ord(" "), np.uint8)])
    starts, end = follow(buffer, 0, sum(lengths))
    assert starts.tolist() == np.cumsum([0, *lengths[:-1]]).tolist()
    assert end == sum(lengths)


def test_the_own_number_is_no_column_of_its_own() -> None:
    data = write([start_record("000001", date(2022, 3, 1), None), end_record(0)], PhysicalForm(Shape.FULL))
    found, _ = tables(data, {"022": [field.name for field in RECORDS["022"].fields]})
    assert found == {}
    assert PERSON.offset == 3
