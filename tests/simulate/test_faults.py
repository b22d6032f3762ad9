from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from flis.delivery.readers.cpr.layout import RECORDS
from flis.errors import UsageError
from flis.simulate import FAULTS, FORMS, simulate
from tests.simulate.oracle import fold, people, persons_of

if TYPE_CHECKING:
    from pathlib import Path

START, END, STRUCK = date(2022, 1, 3), date(2022, 1, 12), date(2022, 1, 11)
NAME, AT = "D220111.L431101", 7
BROKEN = [name for name, fault in FAULTS.items() if fault.spoil and not fault.harmless]


def run(out: Path, *faults: str, form: str = "trimmed") -> list[Path]:
    return simulate("borger", out, START, END, scale=0.001, refugee_scale=0.5, faults=faults, form=form)


def in_may(out: Path, *faults: str) -> list[Path]:
    """When there are refugees enough for a fault to show."""
    return simulate("borger", out, date(2022, 5, 2), date(2022, 5, 6), scale=0.0005, refugee_scale=0.03, faults=faults)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in run(tmp_path_factory.mktemp("clean"))}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("form", FORMS)
def test_a_broken_file_comes_in_place_of_the_right_one(tmp_path: Path, name: str, form: str) -> None:
    right = {path.name: path.read_bytes() for path in run(tmp_path / "right", form=form)}
    paths = run(tmp_path / "wrong", f"{name}@{STRUCK}", form=form)
    assert [path.name for path in paths] == list(right)
    differ = [path.name for path in paths if path.read_bytes() != right[path.name]]
    assert differ == [NAME]
    assert (tmp_path / "wrong" / "held-back" / NAME).read_bytes() == right[NAME]


def test_what_breaks(tmp_path: Path, clean: dict[str, bytes]) -> None:
    content = {name: run(tmp_path / name, f"{name}@{STRUCK}")[AT].read_bytes() for name in BROKEN}
    lines = {name: text.splitlines() for name, text in content.items()}
    right = clean[NAME].splitlines()
    assert content["truncated"] == clean[NAME][: len(content["truncated"])]
    assert int(lines["wrong-count"][-1][13:]) == int(right[-1][13:]) + 7
    assert content["wrong-encoding"].decode("utf-8") == clean[NAME].decode("iso-8859-1")
    assert content["byte-order-mark"].startswith(b"\xef\xbb\xbf0")
    too_long = [line for line in lines["bad-record-length"] if len(line) > RECORDS[line[:3].decode()].length]
    assert len(too_long) == 1
    assert [line[:3].decode() not in RECORDS for line in lines["unknown-record-type"]].count(True) == 1


def test_files_that_do_not_come_or_come_twice(tmp_path: Path, clean: dict[str, bytes]) -> None:
    missing = run(tmp_path / "missing", f"missing@{STRUCK}")
    assert [path.name for path in missing] == [name for name in clean if name != NAME]
    assert (tmp_path / "missing" / "held-back" / NAME).read_bytes() == clean[NAME]
    first, second = run(tmp_path / "repeated", f"repeated@{STRUCK}")[AT : AT + 2]
    assert (first.name, second.name) == (NAME, "D220111.L431102")
    assert first.read_bytes() == second.read_bytes() == clean[NAME]
    first, second = run(tmp_path / "other", f"other-content@{STRUCK}")[AT : AT + 2]
    assert first.read_bytes() == clean[NAME]
    assert len(persons_of(second)) == len(persons_of(first)) - 1
    assert first.read_bytes().splitlines()[0] == second.read_bytes().splitlines()[0]


def test_error_records_stand_after_the_end_and_are_not_counted(tmp_path: Path, clean: dict[str, bytes]) -> None:
    content = run(tmp_path, f"errors-910@{STRUCK}")[AT].read_bytes()
    assert content.startswith(clean[NAME])
    assert [line[:3] for line in content.splitlines()[-4:]] == [b"999", b"910", b"910", b"910"]


def test_a_late_correction_changes_many_entries(tmp_path: Path) -> None:
    path = in_may(tmp_path, "late-correction@2022-05-05")[4]
    assert path.name == "D220505.L431101"
    corrected = [p for p in persons_of(path).values() if any(row["ANNKOR"] == "K" for row in p["024"])]
    assert len(corrected) > 50


def test_a_municipality_empties_for_a_day(tmp_path: Path) -> None:
    paths = in_may(tmp_path, "municipality-zero@2022-05-04")
    before, during, after = (
        fold(people(paths[: 1 + number]), date(2022, 5, 1 + number)).stock[date(2022, 5, 1 + number)]
        for number in (2, 3, 4)
    )
    emptied = [place for place, count in before.items() if count >= 5 and not during[place]]
    assert len(emptied) == 1
    assert after[emptied[0]] >= before[emptied[0]] - 2


def test_without_a_day_the_middle_delivery_is_struck(tmp_path: Path, clean: dict[str, bytes]) -> None:
    paths = run(tmp_path, "missing")
    assert [name for name in clean if name not in {path.name for path in paths}] == ["D220107.L431101"]


@pytest.mark.parametrize("fault", ["trunkated", "truncated@2022-01-08", "truncated@2022-06-01", "truncated@soon"])
def test_faults_that_cannot_be(tmp_path: Path, fault: str) -> None:
    with pytest.raises(UsageError):
        run(tmp_path, fault)


def test_every_fault_says_what_it_does() -> None:
    assert all(fault.text and fault.text[0].islower() for fault in FAULTS.values())
