"""The official test files, in the forms in which they come and in all others."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from flis.catalog import contracts
from flis.delivery.readers.cpr.defects import DefectKind
from flis.delivery.readers.cpr.form import PhysicalForm, Shape
from flis.delivery.readers.cpr.hashes import person_hash
from flis.delivery.readers.cpr.layout import LATEST, RECORDS
from flis.delivery.readers.cpr.structure import StartRecord
from tests.delivery.readers.cpr.files import FORMS, KEY, in_form, official, rebuild, tables
from tests.shared import shared

FILES = ("u12170-p-110901.txt", "u12170-p-110901-ftp.txt")


def test_the_two_files_hold_the_same_records() -> None:
    assert in_form(official(), PhysicalForm(Shape.TRIMMED)) == shared(f"cpr/testdata/{FILES[0]}").read_bytes()
    assert in_form(official(), PhysicalForm(Shape.UNBROKEN)) == shared(f"cpr/testdata/{FILES[1]}").read_bytes()


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(("chunk", "window"), [(1 << 20, 1 << 20), (997, 5000)])
def test_a_file_is_rebuilt_byte_for_byte(file: str, chunk: int, window: int) -> None:
    data = shared(f"cpr/testdata/{file}").read_bytes()
    assert rebuild(data, chunk=chunk, window=window) == data


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize(("chunk", "window"), [(1 << 20, 1 << 20), (101, 3000)])
def test_every_form_is_rebuilt_byte_for_byte(form: PhysicalForm, chunk: int, window: int) -> None:
    data = in_form(official(), form)
    assert rebuild(data, chunk=chunk, window=window) == data


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize(("chunk", "window"), [(1 << 20, 1 << 20), (13, 2000)])
def test_every_form_gives_the_same_tables(form: PhysicalForm, chunk: int, window: int) -> None:
    expected, _ = tables(shared(f"cpr/testdata/{FILES[0]}").read_bytes())
    found, reading = tables(in_form(official(), form), chunk=chunk, window=window)
    assert reading.form == form
    assert found.keys() == expected.keys()
    for code, table in expected.items():
        assert found[code].combine_chunks().equals(table.combine_chunks()), code
    assert dict(reading.totals) == {DefectKind.UNCERTAIN_DATE: 79}


@pytest.mark.parametrize("file", FILES)
def test_what_a_file_says_of_itself(file: str) -> None:
    _, reading = tables(shared(f"cpr/testdata/{file}").read_bytes())
    assert reading.header == StartRecord("110901", date(2001, 11, 19), date(2001, 11, 16))
    summary = reading.summary
    assert (summary.records, summary.persons, summary.counted) == (1100, 80, 1098)
    assert (summary.types["001"], summary.types["099"], summary.types["024"]) == (80, 116, 21)
    assert (summary.errors910, summary.receipts997) == (0, 0)
    assert {defect.kind for defect in reading.defects} == {DefectKind.UNCERTAIN_DATE}
    assert all(defect.line == (defect.record if "ftp" not in file else 0) for defect in reading.defects)


def test_dates_without_day_or_month_are_counted_by_record_type_and_field() -> None:
    """Counted from the text of the records that the contract keeps the last possible day of."""
    wanted = {
        table.source: [f.source.removesuffix(LATEST) for f in table.fields if f.source.endswith(LATEST)]
        for table in contracts.load("borger").tables
    }
    counted: Counter[str] = Counter()
    for row in official():
        code = row[:3].decode()
        for name in wanted.get(code, []):
            field = RECORDS[code].field(name)
            text = row[field.offset : field.end].decode("latin-1")
            counted[f"{code} {name}"] += text[:4] != "0000" and text[6:8] == "00"
    _, reading = tables(shared(f"cpr/testdata/{FILES[1]}").read_bytes(), dict(contracts.load("borger").kept))
    assert reading.summary.imprecise == +counted
    assert +counted == {"010 HAENSTART-STATSBORGERSKAB": 2, "027 HAENSTART-STATSBORGERSKAB": 1}


def test_known_values() -> None:
    found, _ = tables(shared(f"cpr/testdata/{FILES[1]}").read_bytes())
    first = found["001"].slice(0, 1).to_pylist()[0]
    assert first["person"] == person_hash("0101965058", KEY)
    assert first["ordinal"] == 2
    assert (first["status"], first["koen"], first["pnrgaeld"]) == ("01", "K", None)
    assert (first["statushaenstart"], first["foed_dt"]) == (None, date(1896, 1, 1))
    entry = found["024"].slice(0, 1).to_pylist()[0]
    assert (entry["udr_landekod"], entry["udrdto"]) == ("0000", None)
    assert (entry["indr_landekod"], entry["indrdto"]) == ("5180", date(1997, 9, 9))
    assert set(found["023"]["annkor"].to_pylist()) <= {"", "A", "K", "Æ"}
    assert {"ÆG", ""} <= set(found["099"]["afledtmrk"].to_pylist())


def test_a_changed_number_leads_to_the_current_one() -> None:
    found, _ = tables(shared(f"cpr/testdata/{FILES[1]}").read_bytes())
    persons = found["001"].to_pylist()
    numbers = {row["person"] for row in persons}
    changed = [row for row in persons if row["status"] in {"50", "60"}]
    assert len(changed) == 4
    assert all(row["pnrgaeld"] in numbers for row in changed)
    assert all(row["pnrgaeld"] is None for row in persons if row["status"] not in {"50", "60"})
    former = {(row["pnr"], row["person"]) for row in found["022"].to_pylist()}
    assert {(row["person"], row["pnrgaeld"]) for row in changed} <= former
