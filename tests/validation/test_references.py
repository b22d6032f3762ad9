"""Rows that name a municipality: one of today, or one that there still was in the period (g-16)."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from flis.catalog.reference import closed_municipalities, municipalities
from flis.delivery import deliveries
from flis.validation import report
from tests.validation.made_files import national, put, state_in, write_areas

if TYPE_CHECKING:
    from pathlib import Path

    from tests.made_areas import AreasIn

COUNTIES = {"0101": 60, "0147": 40, "0151": 30}
LEDOEJE_SMOERUM = "0171"


@pytest.mark.parametrize(
    ("period", "code", "faulty"),
    [
        ("202508", LEDOEJE_SMOERUM, 2),
        ("200701", LEDOEJE_SMOERUM, 2),
        ("200612", LEDOEJE_SMOERUM, 0),
        ("200612", "0998", 2),
        ("202508", "0153", 0),
    ],
)
def test_a_municipality_counts_as_long_as_it_was_there(
    tmp_path: Path, areas_in: AreasIn, period: str, code: str, faulty: int
) -> None:
    write_areas(tmp_path / "areas")
    areas_in(tmp_path / "areas")
    state = state_in(tmp_path)
    put(state, {f"LAND_{period}_1.csv": national(period, {**COUNTIES, code: 2})})
    (delivery,) = deliveries(state)
    told = [f for f in report(delivery).findings if f.rule == "g-16-municipality"]
    assert (len(told), delivery.manifest.held) == (faulty, faulty)


def test_those_that_are_closed_are_the_ones_that_have_a_successor() -> None:
    listed = (files("flis.areas") / "borger/codes/successors.csv").read_text("utf-8").splitlines()
    expected = {row["code"]: date.fromisoformat(row["valid_from"]) - timedelta(1) for row in csv.DictReader(listed)}
    assert dict(closed_municipalities()) == expected
    assert not expected.keys() & {m.code for m in municipalities()}
