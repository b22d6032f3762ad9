"""What every file must be, whoever reads it."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from flis.delivery.readers.cpr.layout import RECORDS
from flis.simulate import delivery_days
from tests.simulate.conftest import END, START
from tests.simulate.oracle import people, persons_of, records_of

if TYPE_CHECKING:
    from pathlib import Path

ONCE = ("001", "003", "008", "009", "010", "011", "012", "015")
HISTORY = {"023": ("TILFLYDTO", "FRAFLYDTO"), "024": ("UDRDTO", "INDRDTO"), "025": ("FORSVINDDTO", "GENFINDDTO")}


def test_names_and_chain(delivered: list[Path]) -> None:
    days = delivery_days(START, END)
    assert [path.name for path in delivered] == [f"D{day:%y%m%d}.L431101" for day in days]
    heads = [next(records_of(path))[1] for path in delivered]
    assert [head["PRODDTO"] for head in heads] == [f"{day:%Y%m%d}" for day in days]
    assert heads[0]["PRODDTOFORRIG"] == "00000000"
    for before, after in pairwise(heads):
        assert after["PRODDTOFORRIG"] == before["PRODDTO"]


def test_the_end_record_counts_all_records_between_start_and_end(delivered: list[Path]) -> None:
    for path in delivered:
        lines = path.read_bytes().splitlines()
        assert (lines[0][:3], lines[-1][:13]) == (b"000", b"999" + b"9" * 10)
        assert int(lines[-1][13:]) == len(lines) - 2


def test_every_line_is_of_the_layout(delivered: list[Path], lively: list[Path]) -> None:
    for path in [*delivered, *lively[1:]]:
        for line in path.read_bytes().decode("iso-8859-1").splitlines():
            record = RECORDS[line[:3]]
            assert record.shortest <= len(line) <= record.length
            assert line == line.rstrip()
            for field in record.fields:
                if field.kind == "N":
                    assert line[field.offset : field.end].isdigit(), (record.code, field.name)


def test_records_come_in_order_and_a_person_once(delivered: list[Path]) -> None:
    for path in delivered:
        seen: list[tuple[str, list[str]]] = []
        addresses: list[str] = []
        for code, record in records_of(path):
            if code in {"000", "999"}:
                continue
            number = record["PNRGAELD"] if code == "022" else record["PNR"]
            if code == "003":
                addresses.append(number)
                continue
            assert not addresses, "003 stands after all other records"
            if code == "001":
                seen.append((number, []))
            assert seen[-1][0] == number
            seen[-1][1].append(code)
        numbers = [number for number, _ in seen]
        assert len(set(numbers)) == len(numbers)
        assert addresses == numbers
        assert all(codes == sorted(codes) for _, codes in seen)
        assert all(codes[-1] == "099" for _, codes in seen)


def test_who_has_which_records(delivered: list[Path], lively: list[Path]) -> None:
    for path in [*delivered, *lively[1:]]:
        for person in persons_of(path).values():
            status = int(person["001"][0]["STATUS"])
            assert status in {1, 3, 20, 30, 50, 60, 70, 80, 90}
            assert all(len(person[code]) == 1 for code in ONCE)
            assert len(person["002"]) == (status < 30)
            assert len(person["005"]) == (status == 80)
            assert len(person["007"]) == (status == 70)
            assert not person["006"] or status in {20, 70, 80, 90}
            assert bool(person["001"][0]["PNRGAELD"]) == (status in {50, 60})
            assert (person["001"][0]["STATUSHAENSTART"] == "0" * 12) == (status in {1, 3})
            assert (person["012"][0]["CIVST"] == "D") == (status == 90)


def test_marked_rows_begin_and_end_at_the_same_time(lively: list[Path]) -> None:
    marks: Counter[str] = Counter()
    for person in people(lively).values():
        for code, (start, stop) in HISTORY.items():
            for row in person[code]:
                marks[row["ANNKOR"]] += 1
                if row["ANNKOR"]:
                    assert row[start] == row[stop]
                else:
                    assert row[start] < row[stop]
    assert set(marks) == {"", "K", "A", "Æ"}


def test_relatives_are_in_the_register(lively: list[Path]) -> None:
    known = people(lively)
    couples: Counter[bool] = Counter()
    for number, person in known.items():
        assert all(child["PNRBARN"] in known for child in person["014"])
        parents = {person["015"][0]["PNRMOR"], person["015"][0]["PNRFAR"]} - {"0" * 10}
        assert parents <= set(known)
        if person["001"][0]["STATUS"] in {"50", "60"}:
            continue
        for parent in parents:
            assert number in {child["PNRBARN"] for child in known[parent]["014"]}
        spouse = person["012"][0]["AEGTEPNR"]
        assert not spouse.strip("0") or spouse in known
        if person["012"][0]["CIVST"] == "G" and spouse.strip("0"):
            assert known[spouse]["012"][0]["CIVST"] in {"G", "D"}
            couples[known[spouse]["012"][0]["AEGTEPNR"] == number] += 1
    assert couples[False] == 0


def test_a_number_given_up_points_to_one_that_knows_it(lively: list[Path]) -> None:
    known = people(lively)
    given_up: defaultdict[str, int] = defaultdict(int)
    for number, person in known.items():
        if current := person["001"][0]["PNRGAELD"]:
            given_up[person["001"][0]["STATUS"]] += 1
            assert number in {row["PNR"] for row in known[current]["022"]}
    assert set(given_up) == {"50", "60"}


def test_nothing_is_valid_before_it_is_registered(lively: list[Path]) -> None:
    for path in lively[1:]:
        produced = path.name[1:7]
        for person in persons_of(path).values():
            for event in person["099"]:
                assert event["TIMESTAMPU"][2:8] <= produced
            for row in [*person["002"], *person["005"], *person["007"]]:
                for name in ("TILFLYDTO", "UDRDTO", "FORSVINDDTO"):
                    assert row.get(name, "20" + produced)[:8] <= "20" + produced
