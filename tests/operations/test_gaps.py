"""How far the data of an area reach, and what the release that serves lacks."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import msgspec
import pytest

from flis.operations import AreaState, Gap, Lack, area_states, stop
from tests.operations.gardens import AREA, INTERFACE, Gardens, write_gardens
from tests.release.sample import publish_tree, tree

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State
    from tests.made_areas import AreasIn

FOUR = "".join(f"{code},{INTERFACE},,\n" for code in ("0101", "0147", "0461", "0751"))
JULY, AUGUST, SEPTEMBER = date(2025, 7, 31), date(2025, 8, 31), date(2025, 9, 30)


@pytest.fixture
def gardens(state: State, tmp_path: Path, areas_in: AreasIn) -> Gardens:
    write_gardens(tmp_path / "areas", senders=FOUR)
    areas_in(tmp_path / "areas")
    return Gardens(state)


def release(state: State, reached: dict[str, date], number: int = 1) -> None:
    """A release of gardens that reaches to these days, by municipality, or for all of them ('')."""
    places = {name: (date(2025, 1, 1), last) for name, last in reached.items()}
    made = msgspec.structs.replace(tree({}, JULY, JULY), area=AREA, coverage={"dap-cube": places})
    publish_tree(state, number, made, datetime(2025, 10, number, tzinfo=UTC))


def shown(state: State, on: str) -> AreaState:
    stop(state, date.fromisoformat(on))
    return next(one for one in area_states(state) if one.area.id == AREA)


@pytest.mark.parametrize(
    ("reached", "through"),
    [
        ({"0101": SEPTEMBER, "0147": AUGUST, "0461": AUGUST, "0751": JULY}, AUGUST),  # one early bird
        ({"0101": SEPTEMBER, "0147": SEPTEMBER, "0461": AUGUST, "0751": JULY}, SEPTEMBER),  # half
        ({"0101": AUGUST, "0147": AUGUST, "0461": AUGUST}, AUGUST),  # one is not there at all
        ({"0101": AUGUST}, None),  # fewer than half
        ({"": AUGUST}, AUGUST),  # of all
        ({"0101": SEPTEMBER, "": AUGUST}, None),  # the whole area's is told beside, and counts for nobody
        ({"9999": SEPTEMBER, "0101": AUGUST, "0147": AUGUST}, AUGUST),  # nobody expects it of that one
    ],
)
def test_data_reach_as_far_as_half_of_the_senders(
    gardens: Gardens, reached: dict[str, date], through: date | None
) -> None:
    release(gardens.state, reached)
    assert shown(gardens.state, "2025-10-10").data_through == through


def test_gaps_are_what_others_have_delivered(gardens: Gardens) -> None:
    for sender in ("0101", "0147"):
        gardens.sends(sender, "2025-08", "2025-09-15")
    gardens.sends("0461", "2025-08", "2025-09-15", broken=True)
    gardens.sends("0101", "2025-09", "2025-10-05")
    release(gardens.state, {"0101": SEPTEMBER, "0147": AUGUST, "0461": JULY, "0751": JULY})
    # nothing of August is overdue before 4 October, yet the release has it; September is an early bird's alone
    found = shown(gardens.state, "2025-10-01").gaps
    assert found == (Gap("0461", "2025-08", Lack.REFUSED), Gap("0751", "2025-08", Lack.NOT_DELIVERED))


def test_what_is_overdue_is_a_gap_before_any_release(gardens: Gardens) -> None:
    gardens.sends("0101", "2025-08", "2025-09-15")
    assert shown(gardens.state, "2025-10-03").gaps == ()
    missing = tuple(Gap(code, "2025-08", Lack.NOT_DELIVERED) for code in ("0147", "0461", "0751"))
    assert shown(gardens.state, "2025-10-04").gaps == missing


def test_what_came_after_the_release_is_a_gap_until_the_next(gardens: Gardens) -> None:
    for sender in ("0101", "0147", "0461", "0751"):
        gardens.sends(sender, "2025-08", "2025-09-15")
    release(gardens.state, {"0101": AUGUST, "0147": AUGUST, "0461": AUGUST, "0751": JULY})
    assert shown(gardens.state, "2025-10-01").gaps == (Gap("0751", "2025-08", Lack.NOT_RELEASED),)
    release(gardens.state, {"": AUGUST}, 2)
    assert shown(gardens.state, "2025-10-01").gaps == ()
