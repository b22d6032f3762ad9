from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from flis.delivery.readers.cpr.form import PhysicalForm, Shape
from flis.delivery.readers.cpr.writer import Block, encode, end_record, start_record, write


def line(code: str, **columns: object) -> str:
    """One encoded record; `_` in a name stands for `-`."""
    return encode(code, columns).tobytes().decode("latin-1")


def test_start_and_end() -> None:
    start = start_record("000042", date(2022, 1, 4), date(2022, 1, 3))
    assert write([start]) == b"00000000000000000422022010420220103\n"
    assert write([start_record("000042", date(2022, 1, 4), None)])[-9:] == b"00000000\n"
    assert write([end_record(1098)], PhysicalForm(carriage_return=True)) == b"999999999999900001098\r\n"


def test_what_is_not_given_is_zeros_in_fields_of_digits_and_blank_elsewhere() -> None:
    assert line("010", PNR="0101900001") == "0100101900001" + "0" * 16 + " "
    assert line("013", PNR="0101900001") == "0130101900001" + "0" * 12 + " " * 11
    assert line("014") == "014" + " " * 20


def test_values_of_every_kind() -> None:
    moved = np.datetime64("2022-02-03T14:05")
    address = line("002", PNR=101900001, KOMKOD="0101", TILFLYDTO=moved, TILFLYDTO_UMRK="*")
    assert address[:17] == "00201019000010101"
    assert address[69:82] == "202202031405*"
    assert line("004", **{"START_DT-BESKYTTELSE": np.datetime64("2022-02-03")})[17:] == "2022-02-03" + " " * 10
    assert line("024", ANNKOR="Æ")[13] == "Æ"
    assert line("010", LANDEKOD=b"1")[13:17] == "0001"


def test_missing_dates() -> None:
    never = np.datetime64("NaT", "D")
    assert line("004", **{"START_DT-BESKYTTELSE": never})[17:27] == " " * 10
    assert line("002", TILFLYDTO=never)[69:81] == "0" * 12


def test_columns_and_single_values() -> None:
    rows = encode("010", {"PNR": np.array([b"0101900001", b"0202900002"]), "LANDEKOD": 5704})
    assert [row.tobytes()[3:17] for row in rows] == [b"01019000015704", b"02029000025704"]
    assert encode("010", {"PNR": np.array([], "S10")}).shape == (0, 30)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"LANDEKOD": 12345}, "does not fit into field LANDEKOD"),
        ({"LANDEKOD": -1}, "does not fit into field LANDEKOD"),
        ({"LANDEKOD": "12345"}, "longer than field LANDEKOD"),
        ({"LANDEKOD": np.datetime64("2022-01-01")}, "field LANDEKOD holds no date"),
        ({"HAENSTART-STATSBORGERSKAB": np.datetime64("1799-12-31")}, "outside the years 1800 to 2199"),
        ({"LANDEKOD": [1, 2], "PNR": [1, 2, 3]}, "shape"),
    ],
)
def test_values_that_do_not_fit(columns: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        encode("010", columns)


def test_unknown_names() -> None:
    with pytest.raises(KeyError):
        encode("010", {"KOMKOD": 1})
    with pytest.raises(KeyError):
        encode("555", {})


def test_blocks_are_laid_in_the_order_of_their_places() -> None:
    persons = np.arange(3)
    first = Block("001", encode("001", {"PNR": persons}), persons)
    children = Block("014", encode("014", {"PNR": [2, 0, 2], "PNRBARN": [7, 8, 9]}), np.array([2, 0, 2]))
    lines = write([first, children], PhysicalForm(Shape.TRIMMED)).decode().splitlines()
    assert [(one[:3], int(one[3:13]), one[13:]) for one in lines if one.startswith("014")] == [
        ("014", 0, "0000000008"),
        ("014", 2, "0000000007"),
        ("014", 2, "0000000009"),
    ]
    assert [one[:3] for one in lines] == ["001", "014", "001", "001", "014", "014"]


@pytest.mark.parametrize("shape", list(Shape))
def test_nothing_and_blank_records(shape: Shape) -> None:
    assert write([], PhysicalForm(shape)) == b""
    assert write([Block("014", encode("014", {"PNR": np.array([], "S10")}))], PhysicalForm(shape)) == b""
    blank = Block("014", np.full((2, 23), ord(" "), np.uint8))
    expected = {Shape.TRIMMED: b"\n\n", Shape.FULL: (b" " * 23 + b"\n") * 2, Shape.UNBROKEN: b" " * 46}
    assert write([blank], PhysicalForm(shape)) == expected[shape]


def test_forms_in_words() -> None:
    assert str(PhysicalForm()) == "full"
    assert str(PhysicalForm(Shape.TRIMMED, carriage_return=True, end_mark=True)) == "trimmed, CRLF, 0x1A"
    assert str(PhysicalForm(Shape.UNBROKEN, carriage_return=True)) == "unbroken"
    assert str(PhysicalForm(Shape.TRIMMED, open_end=True)) == "trimmed, no last line break"
