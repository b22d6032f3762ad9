"""What loading shows reaches the delivery's report: a municipality that empties, a past that is corrected."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from flis import operations, validation
from flis.config import State
from flis.delivery import deliveries
from flis.errors import StateError
from flis.validation.rules import LOAD_RULES
from flis.warehouse import load, residents
from flis.warehouse.database import opened
from tests.warehouse.arrange import accept, new_state, write_chain
from tests.warehouse.lives import DENMARK, UKRAINE, Life

if TYPE_CHECKING:
    from pathlib import Path

DAYS = [date(2022, 3, 1), date(2022, 4, 4), date(2022, 4, 5)]


def rules(folder: Path, lives: list[Life]) -> list[set[str]]:
    """The rules on loading that each delivery met, oldest first."""
    state = new_state(folder)
    accept(state, write_chain(folder.with_name("files"), DAYS, lives))
    load(state)
    mine = {rule.id for rule in LOAD_RULES}
    return [mine & {f.rule for f in validation.report(d).findings} for d in deliveries(state)]


def many(count: int, home: str, country: str = UKRAINE) -> list[Life]:
    return [Life(f"010190{n:04}", country=country).add("enter", date(2022, 2, 1), home) for n in range(count)]


def test_a_municipality_that_falls_or_empties(tmp_path: Path) -> None:
    falling, emptied, small = many(25, "0461"), many(20, "0101"), many(19, "0751")
    for life in falling[:5] + emptied + small:
        life.add("leave", DAYS[1])
    for n, life in enumerate(emptied + small):
        life.number = f"020290{n:04}"
    met = {"volume-fall", "volume-zero", "volume-inhabitants-fall", "volume-inhabitants-zero"}
    assert rules(tmp_path / "state", falling + emptied + small) == [set(), met, set()]


def test_inhabitants_are_weighed_whom_no_other_figure_counts(tmp_path: Path) -> None:
    """The area's own history: Danes leave, the count of Ukrainians stays; the warning reaches the overview."""
    leaving, staying = many(30, "0461", country=DENMARK), many(30, "0101")
    for n, life in enumerate(staying):
        life.number = f"020290{n:04}"
    for life in leaving[:4]:
        life.add("leave", DAYS[1])
    assert rules(tmp_path / "state", leaving + staying) == [set(), {"volume-inhabitants-fall"}, set()]
    told = operations.status(State(tmp_path / "state", tmp_path / "state" / "keys"), DAYS[2])
    for area in ("borger", "ukraine"):
        states = next(row for row in told.areas if row.area.id == area).states
        (warned,) = [notice for notice in states if notice.kind is operations.StatusKind.PART_MISSING]
        assert warned.municipalities == ("0461",)
        assert "Odense lost 13 % of its inhabitants in a day." in warned.text.en


def test_the_inhabitants_are_the_residents(tmp_path: Path) -> None:
    """Counted from delivery to delivery they are what the history says, moves, returns and new numbers included."""
    lives = many(6, "0461")
    lives[0].add("move", date(2022, 3, 20), "0101")
    lives[1].add("leave", date(2022, 3, 21)).add("enter", DAYS[1], "0751")
    lives[2].add("die", DAYS[2])
    lives[3].later = ("0303900001", DAYS[1])
    lives[4].add("move", date(2022, 2, 20), "0851", known=DAYS[2])
    state = new_state(tmp_path / "state")
    accept(state, write_chain(tmp_path / "files", DAYS, lives))
    load(state)
    with opened(state, "borger") as connection:
        rows = connection.execute("SELECT kommune, antal, known_from, known_to FROM inhabitants").fetchall()
    for day in DAYS:
        known = {k: n for k, n, since, until in rows if since <= day and (until is None or until > day)}
        assert {k for k, n in known.items() if n} <= {"0101", "0461", "0751", "0851"}
        assert known == {k: len(residents(state, k, day, day)) for k in known}


def test_a_warehouse_of_another_version_is_told(tmp_path: Path) -> None:
    state = new_state(tmp_path / "state")
    with opened(state, "borger") as connection:
        connection.execute("CREATE SCHEMA history; CREATE TABLE history.present (person BLOB, known_from DATE)")
    accept(state, write_chain(tmp_path / "files", DAYS[:1], many(1, "0461")))
    with pytest.raises(StateError, match="another version"):
        load(state)


def test_many_late_corrections(tmp_path: Path) -> None:
    late = [Life(f"010190{n:04}").add("enter", date(2022, 2, 1), "0461", known=DAYS[2]) for n in range(21)]
    assert rules(tmp_path / "state", late) == [set(), set(), {"late-corrections"}]
