"""`flis status` tells many late periods in one line, a few one by one, and everything as JSON."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from flis.catalog.area_file import Phrase
from flis.cli.operations import status
from flis.cli.status_lines import lines
from flis.operations import Notice, StatusKind
from flis.operations import status as overview
from tests.operations.gardens import AREA, INTERFACE, Gardens, write_gardens
from tests.operations.test_command import run, shown

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State
    from tests.made_areas import AreasIn

FOUR = "".join(f"{code},{INTERFACE},,\n" for code in ("0101", "0147", "0461", "0751"))


@pytest.fixture
def gardens(state: State, tmp_path: Path, areas_in: AreasIn, monkeypatch: pytest.MonkeyPatch) -> Gardens:
    write_gardens(tmp_path / "areas", senders=FOUR)
    monkeypatch.setenv("FLIS_AREAS", str(tmp_path / "areas"))
    areas_in(tmp_path / "areas")
    return Gardens(state)


def told(state: State, at: str, language: str = "da") -> list[str]:
    """The lines of the area."""
    found = overview(state, date.fromisoformat(at), public=False)
    return next(lines(row.states, language) for row in found.areas if row.area.id == AREA)


def test_many_late_periods_are_one_line(gardens: Gardens) -> None:
    """Of four senders one has sent January: seven months from January to July are overdue on 10 September."""
    gardens.sends("0101", "2025-01", "2025-02-15")
    (line, *_) = told(gardens.state, "2025-09-10")
    assert line == (f"Forsinket hos kilden ({INTERFACE}): 7 perioder, 4 kommuner: 2025-01, 2025-02, 2025-03 og 4 til")
    (line, *_) = told(gardens.state, "2025-09-10", "en")
    assert line == (
        f"Late at the source ({INTERFACE}): 7 periods, 4 municipalities: 2025-01, 2025-02, 2025-03 and 4 more"
    )
    assert "2025-05" not in run(status, gardens.state, "--at", "2025-09-10")
    (area,) = (a for a in shown(status, gardens.state, "--at", "2025-09-10")["areas"] if a["id"] == AREA)
    late = [s for s in area["states"] if s["kind"] == "late-at-source"]
    assert [(s["period"], len(s["municipalities"])) for s in late] == [
        ("2025-01", 3),
        *((f"2025-{month:02}", 4) for month in range(2, 8)),
    ]


def test_a_few_have_a_line_each(gardens: Gardens) -> None:
    gardens.sends("0101", "2025-06", "2025-07-15")
    first, second, *_ = told(gardens.state, "2025-09-10")
    assert first.startswith("Forsinket hos kilden (0147, 0461, 0751): Leveringen for 2025-06 fra 3 kommuner")
    assert second.startswith("Forsinket hos kilden (0101, 0147, 0461 og 1 til): Leveringen for 2025-07")


def test_deliveries_without_periods_are_counted_and_what_people_wrote_is_told() -> None:
    def notice(number: int, **more: str) -> Notice:
        return Notice(kind=StatusKind.PART_MISSING, text=Phrase(f"Tekst {number}.", f"Text {number}."), **more)  # type: ignore[arg-type]

    states = [*(notice(n, delivery=f"d{n}", subject="a/1") for n in range(5)), *(notice(n) for n in range(5, 9))]
    states += [notice(n, period=f"{n}", incident="i") for n in range(9, 13)]
    assert lines(states, "en") == [
        "Part of the source missing (a/1): 5 deliveries: d0, d1, d2 and 2 more",
        *(f"Part of the source missing: Text {n}." for n in range(5, 13)),
    ]
