"""Which levels facts carry themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.query.cubes import level_columns
from tests.soundness.foodmart import base

if TYPE_CHECKING:
    from flis.query.cubes.dimension import NumberedHierarchy

    Dimensions = list[tuple[NumberedHierarchy, ...]]


@pytest.fixture(scope="module")
def dimensions() -> Dimensions:
    """Those of FoodMart's cube HR: a parent-child one among them."""
    return [d.loaded().hierarchies for d in base().cube("HR").dimensions if d.definition]


def test_every_dimension_has_its_first_before_any_has_its_second(dimensions: Dimensions) -> None:
    found = level_columns.levels_held(dimensions, 1)
    firsts = [at for n, (at, _, _) in enumerate(found) if at not in [other for other, _, _ in found[:n]]]
    assert [at for at, _, _ in found[: len(firsts)]] == firsts
    assert len(found) > len(firsts)


def test_there_is_no_more_room_than_there_is(dimensions: Dimensions, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = level_columns.levels_held(dimensions, 0)
    monkeypatch.setattr(level_columns, "ROOM", 12_000)
    assert level_columns.levels_held(dimensions, 1000) == everything[:6]
    assert level_columns.levels_held(dimensions, 10**9) == everything[: level_columns.LEAST]


def test_what_does_not_fit_in_16_bits_is_left_to_joins(dimensions: Dimensions, monkeypatch: pytest.MonkeyPatch) -> None:
    ways = {(at, nth): h for at, d in enumerate(dimensions) for nth, h in enumerate(d)}
    assert {way for way, h in ways.items() if h.closure is None} == {
        p[:2] for p in level_columns.levels_held(dimensions, 1)
    }
    monkeypatch.setattr(level_columns, "SMALL", 20)
    small = {p[:2] for p in level_columns.levels_held(dimensions, 1)}
    assert small == {way for way, h in ways.items() if h.closure is None and h.members.size <= 20}
    assert len(small) < len(ways)
