"""Loading an area that no code knows: from its files, by its contract and its steps, in whatever order they come."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from flis.delivery import DeliveryState, deliveries
from flis.errors import CatalogError
from flis.validation.report import report
from flis.warehouse import load
from flis.warehouse.database import opened
from flis.warehouse.graph import ordered
from flis.warehouse.keeping import show
from flis.warehouse.loading import prepare
from tests.warehouse.arrange import new_state
from tests.warehouse.gardens import KEPT, garden_area, put

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State
    from tests.made_areas import AreasIn

AREA = "haver"
FILES = {
    "HAVER_0101_202508_2025-09-10_1.csv": ("bøg;2025-08-01;5", "tjørn;2025-08-31;7"),
    "HAVER_0461_202508_2025-09-11_1.csv": ("bøg;2025-08-02;3",),
    "HAVER_0101_202507_2025-09-12_1.csv": ("bøg;2025-07-02;1",),
    "HAVER_0101_202508_2025-09-20_2.csv": ("tjørn;2025-08-31;8",),
    "HAVER_0461_202508_2025-09-21_2.csv": (),
}
"""A correction that takes a row away, one that takes all away, and a month that comes late."""
NOW = [("0101", "2025-07-02", 1), ("0101", "2025-08-31", 8)]
ON_15 = [("0101", "2025-07-02", 1), ("0101", "2025-08-01", 5), ("0101", "2025-08-31", 7), ("0461", "2025-08-02", 3)]


@pytest.fixture
def shelf(tmp_path: Path, areas_in: AreasIn) -> Path:
    garden_area(tmp_path / "areas")
    areas_in(tmp_path / "areas")
    return tmp_path / "areas"


def kept(state: State, day: date | None = None) -> list[tuple[Any, ...]]:
    """Municipality, day and metres, as known on a day."""
    with opened(state, AREA) as connection:
        prepare(connection, AREA)
        show(connection, AREA, day)
        return connection.execute("SELECT kommune, CAST(dag AS VARCHAR), meter FROM klippet ORDER BY ALL").fetchall()


def loads(state: State) -> list[tuple[Any, ...]]:
    with opened(state, AREA) as connection:
        return connection.execute("SELECT load, sender, period, sequence FROM delivery ORDER BY load").fetchall()


def test_files_become_a_history_as_known_on_any_day(tmp_path: Path, shelf: Path) -> None:
    state = new_state(tmp_path / "state")
    for name, rows in FILES.items():
        put(state, name, *rows)
    done = load(state)
    assert [(d.area, d.load) for d in done] == [(AREA, n) for n in range(1, 6)]
    assert {d.state for d in deliveries(state)} == {DeliveryState.LOADED}
    assert kept(state) == NOW
    assert kept(state, date(2025, 9, 15)) == ON_15
    assert kept(state, date(2025, 9, 9)) == []
    assert loads(state)[0] == (1, "0101", "2025-08", 1)
    assert load(state) == []


def test_months_come_in_any_order(tmp_path: Path, shelf: Path) -> None:
    """Each file loaded before the next one comes; of one month a lower sequence after a higher is refused."""
    first, second, third, *corrections = FILES
    for n, order in enumerate(((third, second, first), (second, third, first))):
        state = new_state(tmp_path / f"state{n}")
        for name in (*order, *corrections):
            put(state, name, *FILES[name])
            assert len(load(state, AREA)) == 1
        assert kept(state) == NOW
        assert kept(state, date(2025, 9, 15)) == ON_15


RULE = """\
-- A hedge of more than six metres in a municipality's whole history.
-- in klippet: kommune VARCHAR, meter BIGINT
-- out for_lang: kommune VARCHAR, da VARCHAR, en VARCHAR
-- kind rule
SELECT DISTINCT kommune, 'En hæk er over seks meter.' AS da, 'A hedge is over six metres.' AS en
FROM klippet
WHERE meter > 6
"""


def test_what_a_rule_finds_stands_in_the_report_of_its_delivery(tmp_path: Path, areas_in: AreasIn) -> None:
    garden_area(tmp_path / "areas", files={"steps/for_lang.sql": RULE})
    areas_in(tmp_path / "areas")
    state = new_state(tmp_path / "state")
    for name, rows in FILES.items():
        put(state, name, *rows)
    load(state)
    told = {d.manifest.file: report(d).findings for d in deliveries(state)}
    long = [name for name, findings in told.items() if "for_lang" in {f.rule for f in findings}]
    assert sorted(long) == ["HAVER_0101_202508_2025-09-10_1.csv", "HAVER_0101_202508_2025-09-20_2.csv"]
    (found,) = (f for f in told[long[0]] if f.rule == "for_lang")
    assert (found.municipality, found.message_en) == ("0101", "A hedge is over six metres.")


def test_a_rule_without_a_message_is_named(tmp_path: Path, areas_in: AreasIn) -> None:
    garden_area(tmp_path / "areas", files={"steps/for_lang.sql": RULE.replace("da VARCHAR, ", "")})
    areas_in(tmp_path / "areas")
    with pytest.raises(CatalogError, match=r"for_lang\.sql.*message in the columns da and en"):
        ordered(AREA)


@pytest.mark.parametrize("at", ["load.written", "load.committed", "load.moved"])
def test_killed_anywhere_it_goes_on(tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    class Killed(BaseException):
        pass

    def die(name: str) -> None:
        if name == at:
            raise Killed

    state = new_state(tmp_path / "state")
    for name, rows in FILES.items():
        put(state, name, *rows)
    monkeypatch.setattr("flis.warehouse.loading.step", die)
    with pytest.raises(Killed):
        load(state)
    monkeypatch.undo()
    load(state)
    assert [row[0] for row in loads(state)] == [1, 2, 3, 4, 5]
    assert kept(state) == NOW
    assert {d.state for d in deliveries(state)} == {DeliveryState.LOADED}


def test_a_changed_step_builds_the_history_of_its_area_anew(
    tmp_path: Path, shelf: Path, areas_in: AreasIn, caplog: pytest.LogCaptureFixture
) -> None:
    state = new_state(tmp_path / "state")
    for name, rows in FILES.items():
        put(state, name, *rows)
    load(state)
    (shelf / AREA / "steps" / "meter.sql").write_text(
        (shelf / AREA / "steps" / "meter.sql").read_text("utf-8").replace("sum(meter)", "2 * sum(meter)"), "utf-8"
    )
    areas_in(shelf)
    assert load(state) == []  # a fact is made for a release; the history does not depend on it
    (shelf / AREA / "steps" / "klippet.sql").write_text(
        KEPT.replace("dag, meter\nFROM", "dag, 2 * meter AS meter\nFROM"), "utf-8"
    )
    areas_in(shelf)
    assert len(load(state)) == len(FILES)
    assert "built anew from 5 deliveries" in caplog.text
    assert kept(state) == [(kommune, dag, 2 * meter) for kommune, dag, meter in NOW]


def test_a_kept_table_without_a_column_of_its_part_is_named(tmp_path: Path, areas_in: AreasIn) -> None:
    without = KEPT.replace("out klippet: kommune VARCHAR, maaned DATE,", "out klippet: kommune VARCHAR,").replace(
        "SELECT kommune, maaned,", "SELECT kommune,"
    )
    garden_area(tmp_path / "areas", files={"steps/klippet.sql": without})
    areas_in(tmp_path / "areas")
    state = new_state(tmp_path / "state")
    put(state, "HAVER_0101_202508_2025-09-10_1.csv", "bøg;2025-08-01;5")
    with pytest.raises(CatalogError, match=r"klippet\.sql.*no column maaned"):
        load(state)
