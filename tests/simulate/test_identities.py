"""Clean data explain themselves: every change of the Ukrainian population has a record of its own."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from flis.simulate import simulate
from tests.simulate.conftest import END
from tests.simulate.oracle import Count, fold, people

if TYPE_CHECKING:
    from pathlib import Path


def check(count: Count) -> None:
    assert not count.flows["oevrige"]
    days = sorted(count.stock)
    for before, after in pairwise(days):
        change = Counter(count.stock[after])
        change.subtract(count.stock[before])
        for name, flow in count.flows.items():
            leaves = name in {"udrejste", "fraflyttede", "doede", "forsvundne", "mistet"}
            (change.update if leaves else change.subtract)(flow.get(after, Counter()))
        assert not any(change.values()), after
    for day, moved in count.flows["tilflyttede"].items():
        assert sum(moved.values()) == sum(count.flows["fraflyttede"][day].values())


def test_flows_explain_the_stock(delivered: list[Path]) -> None:
    count = fold(people(delivered), END)
    check(count)
    assert {"indrejste", "udrejste", "tilflyttede", "fraflyttede"} <= set(count.flows)


def test_flows_explain_the_stock_of_a_lively_society(lively: list[Path]) -> None:
    count = fold(people(lively), END)
    check(count)
    assert {"forsvundne", "genfundne", "opnaaet", "mistet"} <= set(count.flows)


def test_flows_explain_the_stock_as_known_on_earlier_days(lively: list[Path]) -> None:
    for many in (30, 70):
        produced = lively[many - 1].name
        check(fold(people(lively[:many]), date(2022, int(produced[3:5]), int(produced[5:7]))))


@pytest.mark.slow
def test_flows_explain_the_stock_of_three_years(tmp_path: Path) -> None:
    end = date(2024, 12, 31)
    paths = simulate("borger", tmp_path, date(2022, 1, 1), end, scale=0.0005, refugee_scale=0.1, seed=7)
    count = fold(people(paths), end)
    check(count)
    every = {"indrejste", "udrejste", "tilflyttede", "fraflyttede", "doede", "forsvundne", "genfundne"}
    assert every | {"opnaaet", "mistet"} <= set(count.flows)
    entries: Counter[int] = Counter()
    for day, came in count.flows["indrejste"].items():
        entries[day.year] += came.total()
    assert entries[2022] == pytest.approx(3138, rel=0.05)
    assert entries[2023] == pytest.approx(823, rel=0.1)


def test_children_born_here_are_ukrainian_and_have_no_entry(delivered: list[Path]) -> None:
    born = [
        person
        for person in people(delivered).values()
        if person["010"][0]["LANDEKOD"] == "5704" and person["001"][0]["FOED_DT"] >= "2022" and not person["024"]
    ]
    assert born
    assert all(person["015"][0]["PNRMOR"].strip("0") for person in born)
