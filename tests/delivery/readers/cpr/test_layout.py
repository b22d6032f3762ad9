from __future__ import annotations

import json

import pytest

from flis.delivery.readers.cpr.layout import PERSON, RECORDS, column_name
from tests.shared import shared


def test_the_layout_is_the_official_one() -> None:
    official = json.loads(shared("cpr/records.json").read_text("utf-8"))["layouts"]["U12170-P"]["records"]
    assert set(RECORDS) == set(official)
    for code, record in RECORDS.items():
        assert (record.title, record.length) == (official[code]["title"], official[code]["record_length"])
        assert [(f.name, f.start, f.length, f.kind, f.date_format) for f in record.fields] == [
            (f["name"], f["start"], f["length"], f["type"], f.get("date_format")) for f in official[code]["fields"]
        ]


def test_there_are_35_record_types_with_304_fields() -> None:
    assert len(RECORDS) == 35
    assert sum(len(record.fields) for record in RECORDS.values()) == 304


@pytest.mark.parametrize("code", RECORDS)
def test_the_fields_of_a_record_follow_each_other_without_gaps(code: str) -> None:
    record = RECORDS[code]
    assert record.fields[0].name == "RECORDTYPE"
    end = 0
    for field in record.fields:
        assert field.offset == end
        end = field.end
    assert end == record.length
    assert record.shortest <= record.length


@pytest.mark.parametrize("code", RECORDS)
def test_column_names_are_unique_and_plain(code: str) -> None:
    names = [field.column for field in RECORDS[code].fields]
    assert len(set(names)) == len(names)
    assert all(name.isascii() and name.isidentifier() for name in names)


def test_person_numbers_are_known_as_such() -> None:
    found = {(code, f.name) for code, r in RECORDS.items() for f in r.fields if f.is_person_number and f.start != 4}
    assert found == {
        ("001", "PNRGAELD"),
        ("012", "AEGTEPNR"),
        ("014", "PNRBARN"),
        ("015", "PNRMOR"),
        ("015", "PNRFAR"),
        ("016", "RELPNR"),
        ("017", "RELPNR"),
        ("022", "PNR"),
        ("029", "AEGTEPNR"),
    }


def test_the_own_number_stands_in_one_place_in_all_records_of_persons() -> None:
    for code, record in RECORDS.items():
        field = record.fields[1]
        assert (field.start, field.length) == (PERSON.start, PERSON.length)
        assert field.is_person_number == (code not in {"000", "910", "999"})


def test_letters_beyond_ascii_are_written_out_in_column_names() -> None:
    assert column_name("START_DT-FLYTTEPÅBUD") == "start_dt_flyttepaabud"
    assert column_name("RELTYP-FORÆLDREMYN") == "reltyp_foraeldremyn"
    with pytest.raises(KeyError):
        RECORDS["001"].field("NO-SUCH")
