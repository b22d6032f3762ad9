"""Loading an area that no code knows: from its files, by its contract and its steps, in whatever order they come."""

from __future__ import annotations

import random
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import yaml

from flis.delivery import DeliveryState, deliveries
from flis.errors import CatalogError, StateError
from flis.operations.checking import check_folder
from flis.validation.reports import report
from flis.warehouse import load, parts
from flis.warehouse.database import opened
from flis.warehouse.graph import ordered
from flis.warehouse.keeping import show
from flis.warehouse.loading import prepare
from tests.made_contracts import contract, field, table
from tests.warehouse.arrange import new_state
from tests.warehouse.gardens import FACT, KEPT, garden_area, put

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


def second_interface(area: Path, known: str) -> None:
    """Files of another vendor, which say the same in other columns."""
    cut = table("klip_b", field("haek"), field("dag", "date"), field("meter", "integer"))
    text = contract(
        AREA, "csv", cut, interface="haver-b", part=["maaned", "kommune"],
        recognise={"name": "B_{kommune}_{maaned}_{udtraek}_{sekvens}.csv"}, known=known,
    )  # fmt: skip
    (area / "contract-b.yaml").write_text(text, "utf-8")


TOGETHER = """\
-- The hedges as either vendor delivered them.
-- in klip: kommune VARCHAR, maaned DATE, haek VARCHAR, dag DATE, meter BIGINT
-- in klip_b: kommune VARCHAR, maaned DATE, haek VARCHAR, dag DATE, meter BIGINT
-- out klippet: kommune VARCHAR, maaned DATE, haek VARCHAR, dag DATE, meter BIGINT
-- kind kept
SELECT kommune, maaned, haek, dag, meter
FROM klip
UNION ALL
SELECT kommune, maaned, haek, dag, meter
FROM klip_b
"""


def test_two_vendors_tell_one_table(tmp_path: Path, areas_in: AreasIn) -> None:
    second_interface(garden_area(tmp_path / "areas", files={"steps/klippet.sql": TOGETHER}), "udtraek")
    areas_in(tmp_path / "areas")
    state = new_state(tmp_path / "state")
    put(state, "HAVER_0101_202508_2025-09-10_1.csv", "bøg;2025-08-02;4")
    put(state, "B_0461_202508_2025-09-10_1.csv", "bøg;2025-08-02;5")
    put(state, "B_0101_202509_2025-10-10_1.csv", "bøg;2025-09-02;6")
    assert len(load(state)) == 3
    found = [("0101", "2025-08-02", 4), ("0101", "2025-09-02", 6), ("0461", "2025-08-02", 5)]
    assert kept(state) == found
    assert kept(state, date(2025, 9, 15)) == [found[0], found[2]]


def test_contracts_that_divide_otherwise_keep_no_table_together(tmp_path: Path, areas_in: AreasIn) -> None:
    second_interface(garden_area(tmp_path / "areas", files={"steps/klippet.sql": TOGETHER}), "dag")
    areas_in(tmp_path / "areas")
    state = new_state(tmp_path / "state")
    put(state, "HAVER_0101_202508_2025-09-10_1.csv", "bøg;2025-08-02;4")
    with pytest.raises(CatalogError, match=r"klippet\.sql:4: .* divide deliveries otherwise into parts"):
        load(state)


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


def test_a_rule_that_fails_is_named_and_tells_no_value(tmp_path: Path, areas_in: AreasIn) -> None:
    broken = RULE.replace("meter BIGINT", "haek VARCHAR").replace("meter > 6", "CAST(haek AS INTEGER) > 6")
    garden_area(tmp_path / "areas", files={"steps/for_lang.sql": broken})
    areas_in(tmp_path / "areas")
    state = new_state(tmp_path / "state")
    put(state, "HAVER_0101_202508_2025-09-10_1.csv", "bøg;2025-08-01;3")
    put(state, "HAVER_0461_202508_2025-09-11_1.csv", "7;2025-08-02;3")
    with pytest.raises(StateError, match=r"steps/for_lang\.sql.*fails") as told:
        load(state)
    assert "bøg" not in str(told.value)
    assert [row[0] for row in kept(state)] == ["0461"]


def test_what_a_rule_found_goes_with_the_rule(tmp_path: Path, areas_in: AreasIn) -> None:
    folder = garden_area(tmp_path / "areas", files={"steps/for_lang.sql": RULE})
    areas_in(tmp_path / "areas")
    state = new_state(tmp_path / "state")
    put(state, "HAVER_0101_202508_2025-09-10_1.csv", "bøg;2025-08-01;7")
    load(state)
    (delivery,) = deliveries(state)
    assert "for_lang" in {f.rule for f in report(delivery).findings}
    warnings = report(delivery).counts.warning
    (folder / "steps" / "for_lang.sql").unlink()
    areas_in(tmp_path / "areas")
    load(state)
    (delivery,) = deliveries(state)
    assert "for_lang" not in {f.rule for f in report(delivery).findings}
    assert report(delivery).counts.warning == warnings - 1


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


def test_where_the_engine_hashes_rows_otherwise_the_history_is_built_anew(
    tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    state = new_state(tmp_path / "state")
    for name, rows in FILES.items():
        put(state, name, *rows)
    load(state)
    assert load(state) == []
    monkeypatch.setattr(parts, "_hashed", lambda cells: f"hash({', '.join(cells)}, 'of another release')")
    assert len(load(state)) == len(FILES)
    assert "built anew from 5 deliveries" in caplog.text
    assert load(state) == []
    assert kept(state) == NOW


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


REGISTER = """\
-- The gardens of the country.
-- in have: kommune VARCHAR, maaned DATE, navn VARCHAR
-- out haver_kendt: kommune VARCHAR, maaned DATE, navn VARCHAR
-- kind kept
SELECT kommune, maaned, navn
FROM have
"""


def register(part: list[str], step: str = REGISTER) -> dict[str, str]:
    """A second interface of the area, before its first one by name, and the step that keeps it."""
    text = contract(
        AREA,
        "csv",
        table("have", field("kommune"), field("navn")),
        interface="aalborgs-register",
        recognise={"name": "REGISTER_{maaned}_{sekvens}.csv"},
        dialect={"delimiter": ";"},
        sender="Registret",
        part=part,
        expects={"every": "month"},
    )
    return {"contract-a.yaml": text, "steps/haver_kendt.sql": step}


def test_each_interface_divides_its_deliveries_by_its_own_columns(tmp_path: Path, areas_in: AreasIn) -> None:
    """What one contract calls a part is no part of another one's tables."""
    garden_area(tmp_path / "areas", files=register(["maaned"]))
    areas_in(tmp_path / "areas")
    state = new_state(tmp_path / "state")
    for name, rows in FILES.items():
        put(state, name, *rows)
    load(state)
    assert kept(state) == NOW


def test_a_step_that_mixes_two_ways_of_dividing_is_named(tmp_path: Path, areas_in: AreasIn) -> None:
    both = REGISTER.replace("-- out", "-- in klip: kommune VARCHAR, maaned DATE, haek VARCHAR\n-- out")
    both += "UNION ALL SELECT kommune, maaned, haek FROM klip\n"
    garden_area(tmp_path / "areas", files=register(["maaned"], both))
    areas_in(tmp_path / "areas")
    (found,) = check_folder(tmp_path / "areas")
    assert found.file.endswith("steps/haver_kendt.sql")
    assert "divide deliveries otherwise into parts" in found.message


def test_a_fact_over_what_deliveries_tell_is_named(tmp_path: Path, areas_in: AreasIn) -> None:
    garden_area(tmp_path / "areas", files={"steps/meter.sql": FACT.replace("klippet", "klip")})
    areas_in(tmp_path / "areas")
    (found,) = check_folder(tmp_path / "areas")
    assert (found.file[-9:], found.line) == ("meter.sql", 2)
    assert "klip is what deliveries tell" in found.message
    assert "kind kept" in found.hint


WINDOW = KEPT.replace("maaned DATE, ", "").replace("maaned, ", "")
YEAR = ("bøg;2025-01-31;1", "bøg;2025-02-28;2", "bøg;2025-03-31;3")


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_correction_replaces_what_it_corrects_as_a_whole(tmp_path: Path, areas_in: AreasIn, gone: int) -> None:
    """Also at the edges of its window, where the first and last row do not tell that a day is gone."""
    garden_area(tmp_path / "areas", part=("kommune", "dag"), files={"steps/klippet.sql": WINDOW})
    areas_in(tmp_path / "areas")
    state = new_state(tmp_path / "state")
    put(state, "HAVER_0101_202503_2025-04-10_1.csv", *YEAR)
    put(state, "HAVER_0461_202503_2025-04-10_1.csv", *YEAR)
    load(state)
    put(state, "HAVER_0101_202503_2025-04-20_2.csv", *(row for n, row in enumerate(YEAR) if n != gone))
    load(state)
    meters = [meter for kommune, _, meter in kept(state) if kommune == "0101"]
    assert meters == [n for n in (1, 2, 3) if n != gone + 1]
    assert [meter for kommune, _, meter in kept(state) if kommune == "0461"] == [1, 2, 3]
    assert [row[2] for row in kept(state, date(2025, 4, 15)) if row[0] == "0101"] == [1, 2, 3]
    told = {d.manifest.file: {f.rule: f.message_en for f in report(d).findings} for d in deliveries(state)}
    assert told["HAVER_0101_202503_2025-04-20_2.csv"]["volume-parts-removed"].startswith("1 parts that had rows")
    assert "volume-parts-removed" not in told["HAVER_0461_202503_2025-04-10_1.csv"]


def test_a_window_is_what_its_contract_says(tmp_path: Path, areas_in: AreasIn) -> None:
    """A stray row of another year is held back and takes nothing away; without rows the window is empty."""
    garden_area(tmp_path / "areas", part=("kommune", "dag"), window="year", files={"steps/klippet.sql": WINDOW})
    areas_in(tmp_path / "areas")
    state = new_state(tmp_path / "state")
    put(state, "HAVER_0101_202412_2025-01-10_1.csv", "bøg;2024-01-31;7", "bøg;2024-11-30;8")
    rows = [*YEAR, *(f"bøg;2025-{month:02}-{day:02};1" for month in (2, 3) for day in range(1, 28))]
    put(state, "HAVER_0101_202503_2025-04-10_1.csv", "bøg;2024-01-31;9", *rows)
    load(state)
    known = kept(state)
    assert known[:2] == [("0101", "2024-01-31", 7), ("0101", "2024-11-30", 8)]
    assert len(known) == 2 + len(rows)
    told = {d.manifest.file: {f.rule for f in report(d).findings} for d in deliveries(state)}
    assert "g-17-outside-window" in told["HAVER_0101_202503_2025-04-10_1.csv"]
    put(state, "HAVER_0101_202504_2025-05-10_1.csv", "bøg;2025-04-30;4")
    load(state)
    assert [row[1] for row in kept(state)] == ["2024-01-31", "2024-11-30", "2025-04-30"]
    put(state, "HAVER_0101_202505_2025-06-10_1.csv")
    load(state)
    assert [row[1] for row in kept(state)] == ["2024-01-31", "2024-11-30"]


def test_a_delivery_that_changes_nothing_says_so(tmp_path: Path, areas_in: AreasIn) -> None:
    """A correction of a window, where the window of a newer period tells of the same days."""
    garden_area(tmp_path / "areas", part=("kommune", "dag"), files={"steps/klippet.sql": WINDOW})
    areas_in(tmp_path / "areas")
    state = new_state(tmp_path / "state")
    put(state, "HAVER_0101_202503_2025-04-10_1.csv", *YEAR)
    put(state, "HAVER_0101_202504_2025-05-10_1.csv", *YEAR, "bøg;2025-04-30;4")
    put(state, "HAVER_0101_202503_2025-05-20_2.csv", "bøg;2025-01-31;9", *YEAR[1:])
    load(state)
    assert [meter for _, _, meter in kept(state)] == [1, 2, 3, 4]
    told = {d.manifest.file: {f.rule: f.message_en for f in report(d).findings} for d in deliveries(state)}
    late = told["HAVER_0101_202503_2025-05-20_2.csv"]["volume-parts-outranked"]
    assert late.startswith("1 of the delivery's 3 parts")
    assert "volume-parts-outranked" not in told["HAVER_0101_202504_2025-05-10_1.csv"]


def test_a_value_that_fits_no_column_stops_its_own_delivery_alone(tmp_path: Path, areas_in: AreasIn) -> None:
    narrow = {
        "steps/klippet.sql": KEPT.replace("BIGINT", "INTEGER"),
        "steps/meter.sql": FACT.replace("meter BIGINT", "meter INTEGER", 1),
    }
    garden_area(tmp_path / "areas", files=narrow)
    areas_in(tmp_path / "areas")
    state = new_state(tmp_path / "state")
    put(state, "HAVER_0101_202508_2025-09-10_1.csv", "bøg;2025-08-01;3000000000")
    put(state, "HAVER_0461_202508_2025-09-11_1.csv", "bøg;2025-08-02;3")
    with pytest.raises(StateError, match=r"0101.*0101 2025-08\).*1 of meter \(INTEGER\)") as told:
        load(state)
    assert "3000000000" not in str(told.value)
    assert kept(state) == [("0461", "2025-08-02", 3)]


def test_a_value_that_fits_no_column_is_named_beside_a_field_that_its_records_lack(
    tmp_path: Path, areas_in: AreasIn
) -> None:
    """The field came into the contract after the delivery was read."""
    folder = garden_area(tmp_path / "areas")
    areas_in(tmp_path / "areas")
    state = new_state(tmp_path / "state")
    put(state, "HAVER_0101_202508_2025-09-10_1.csv", "bøg;2025-08-01;3000000000")
    more = table("klip", field("haek"), field("dag", "date"), field("meter", "integer"), field("note"))
    contract_file, step = folder / "contract.yaml", folder / "steps" / "klippet.sql"
    said = yaml.safe_load(contract_file.read_text("utf-8")) | {"schema": [more]}
    contract_file.write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")
    text = (
        KEPT.replace("BIGINT", "INTEGER")
        .replace("INTEGER\n", "INTEGER, note VARCHAR\n")
        .replace("meter\n", "meter, note\n")
    )
    step.write_text(text, "utf-8")
    (folder / "steps" / "meter.sql").write_text(FACT.replace("meter BIGINT", "meter INTEGER", 1), "utf-8")
    areas_in(tmp_path / "areas")
    with pytest.raises(StateError, match=r"do not fit .*: 1 of meter \(INTEGER\)"):
        load(state)


def test_a_step_that_fails_is_named_and_tells_no_value(tmp_path: Path, areas_in: AreasIn) -> None:
    broken = KEPT.replace(
        "SELECT kommune, maaned, haek", "SELECT kommune, maaned, CAST(CAST(haek AS INTEGER) AS VARCHAR) AS haek"
    )
    garden_area(tmp_path / "areas", files={"steps/klippet.sql": broken})
    areas_in(tmp_path / "areas")
    state = new_state(tmp_path / "state")
    put(state, "HAVER_0101_202508_2025-09-10_1.csv", "bøg;2025-08-01;3")
    put(state, "HAVER_0461_202508_2025-09-11_1.csv", "7;2025-08-02;3")
    with pytest.raises(StateError, match=r"steps/klippet\.sql.*fails") as told:
        load(state)
    assert "bøg" not in str(told.value)
    assert [row[0] for row in kept(state)] == ["0461"]


def test_a_step_that_has_too_little_memory_is_not_said_to_be_wrong(
    tmp_path: Path, areas_in: AreasIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine runs out of memory itself; its temporary files have no room either."""
    names, many = (
        "CAST(hash(range) AS VARCHAR) AS haek, dag, meter",
        "FROM klip CROSS JOIN range(2000000) ORDER BY haek",
    )
    large = KEPT.replace("haek, dag, meter\nFROM klip", f"{names}\n{many}")
    garden_area(tmp_path / "areas", files={"steps/klippet.sql": large})
    areas_in(tmp_path / "areas")
    state = new_state(tmp_path / "state")
    put(state, "HAVER_0101_202508_2025-09-10_1.csv", "bøg;2025-08-01;3")
    connect, small = duckdb.connect, {"memory_limit": "20MB", "max_temp_directory_size": "1KB"}
    monkeypatch.setattr(duckdb, "connect", lambda *place, **how: connect(*place, **(how | {"config": small})))
    with pytest.raises(StateError, match="klippet of haver could not be finished: it needs more memory") as told:
        load(state)
    assert "SQL" not in f"{told.value} {told.value.hint}"
    monkeypatch.setattr(duckdb, "connect", connect)
    (tmp_path / "areas" / "haver" / "steps" / "klippet.sql").write_text(KEPT, "utf-8")
    areas_in(tmp_path / "areas")
    assert load(state), "nothing is lost"


def test_an_area_whose_step_cannot_be_read_stops_no_other_load(tmp_path: Path, areas_in: AreasIn) -> None:
    for area in ("haver", "parker"):
        garden_area(tmp_path / "areas", area)
    areas_in(tmp_path / "areas")
    state = new_state(tmp_path / "state")
    for area in ("HAVER", "PARKER"):
        put(state, f"{area}_0101_202508_2025-09-10_1.csv", "bøg;2025-08-01;3")
    (tmp_path / "areas" / "haver" / "steps" / "meter.sql").write_text("-- no head\nSELECT 1\n", "utf-8")
    areas_in(tmp_path / "areas")
    with pytest.raises(CatalogError, match=r"haver/steps/meter\.sql:1"):
        load(state)
    assert [d.manifest.area for d in deliveries(state, DeliveryState.LOADED)] == ["parker"]


def test_records_of_a_table_that_was_renamed_are_not_taken_for_none(tmp_path: Path, areas_in: AreasIn) -> None:
    folder = garden_area(tmp_path / "areas")
    areas_in(tmp_path / "areas")
    state = new_state(tmp_path / "state")
    put(state, "HAVER_0101_202508_2025-09-10_1.csv", "bøg;2025-08-01;3")
    for file in (folder / "contract.yaml", folder / "steps" / "klippet.sql"):
        file.write_text(
            file.read_text("utf-8").replace("klip\n", "klippe\n").replace("in klip:", "in klippe:"), "utf-8"
        )
    areas_in(tmp_path / "areas")
    with pytest.raises(StateError, match="of a table that no contract of its area has any more: klip"):
        load(state)


@pytest.mark.parametrize("largest", [500_000, 0])
def test_deliveries_leave_the_same_history_whether_they_are_loaded_together_or_one_by_one(
    tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch, largest: int
) -> None:
    chance = random.Random(1)
    sent = [
        (
            f"HAVER_{kommune}_2025{month:02}_2025-{month + 1:02}-{10 + number}_{number}.csv",
            [
                f"h{n};2025-{month:02}-{chance.randint(1, 28):02};{chance.randint(1, 3)}"
                for n in range(chance.randint(0, 4))
            ],
        )
        for kommune in ("0101", "0147", "0461", "0561")
        for month in (6, 7)
        for number in (1, 2)
    ]
    chance.shuffle(sent)
    one_by_one, together = new_state(tmp_path / "one"), new_state(tmp_path / "together")
    for name, rows in sent:
        put(one_by_one, name, *rows)
        load(one_by_one)
        put(together, name, *rows)
    monkeypatch.setattr("flis.warehouse.loading.LARGE", largest)
    assert [done.load for done in load(together)] == [row[0] for row in loads(one_by_one)]
    assert loads(together) == loads(one_by_one)
    for day in (None, date(2025, 7, 11), date(2025, 8, 11), date(2025, 8, 12)):
        assert kept(together, day) == kept(one_by_one, day)
    assert kept(together)
