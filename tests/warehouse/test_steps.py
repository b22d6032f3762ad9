"""Every step is what its head says: typed, portable, fed by what others put out or the contract keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from flis.catalog.area_paths import area_folders
from flis.errors import CatalogError
from flis.warehouse.graph import downstream, followers, ordered
from flis.warehouse.lineage import check_sql
from flis.warehouse.step import Place, StepKind, area_steps, parse, step_named
from tests.made_areas import write_area
from tests.made_contracts import contract, field, table

if TYPE_CHECKING:
    from pathlib import Path

    from flis.warehouse.step import Step
    from tests.made_areas import AreasIn

AREAS = [area for area in area_folders() if area_steps(area)]
ALL = [step for area in AREAS for step in ordered(area)]
HEAD = """\
-- Hours.
-- in told: kommune VARCHAR, maaned DATE, timer DECIMAL(18,2),
--    borger BLOB
-- out hours: maaned DATE, kommune VARCHAR, timer DOUBLE
-- kind fact
-- place kommune, maaned by year
-- store municipal, national
SELECT maaned, kommune, CAST(sum(timer) AS DOUBLE) AS timer FROM told GROUP BY maaned, kommune
"""


def name(step: Step) -> str:
    return f"{step.area}/{step.name}"


@pytest.mark.parametrize("step", ALL, ids=name)
def test_what_comes_out_has_the_declared_types(step: Step) -> None:
    connection = duckdb.connect()
    for named, columns in step.inputs.items():
        declared = ", ".join(f"{c} {t}" for c, t in columns.items())
        area, _, table = named.rpartition(".")
        connection.execute(f"CREATE TABLE {table} ({declared})")
        if area:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {area}")
            connection.execute(f"CREATE VIEW {area}.{table} AS FROM memory.main.{table}")
    connection.execute(f"CREATE TABLE made AS {step.select}")
    made = {row[0]: row[1] for row in connection.execute("DESCRIBE made").fetchall()}
    assert list(made.items()) == list(step.output.items())


@pytest.mark.parametrize("step", ALL, ids=name)
def test_the_sql_reads_what_the_head_names_and_is_portable(step: Step) -> None:
    check_sql(step)


@pytest.mark.parametrize("area", AREAS)
def test_a_step_runs_after_those_that_it_reads(area: str) -> None:
    steps = list(ordered(area))
    assert sorted(step.name for step in steps) == sorted(step.name for step in area_steps(area))
    for place, step in enumerate(steps):
        later = {other.name for other in steps[place:]}
        assert not later & {table for table in step.inputs if "." not in table}, step.name


def test_areas_made_of_the_deliveries_of_another_follow_it() -> None:
    assert followers("borger") == ["borger", "ukraine"]
    assert followers("ukraine") == []


def test_what_depends_on_a_table() -> None:
    steps = ordered("ukraine")
    assert {step.name for step in downstream(steps, {"flow"})} == {"flow", "flows", "moves"}
    assert {step.name for step in downstream(steps, {"grouping"})} == {"breakdown"}
    assert "total" in {step.name for step in downstream(steps, {"borger.residence"})}


def test_a_head_says_kind_place_and_store() -> None:
    step = parse("area", "hours", HEAD)
    assert (step.kind, step.place, step.stores) == (
        StepKind.FACT,
        Place(("kommune", "maaned"), "year"),
        ("municipal", "national"),
    )
    assert step.inputs["told"] == {
        "kommune": "VARCHAR",
        "maaned": "DATE",
        "timer": "DECIMAL(18,2)",
        "borger": "BLOB",
    }


@pytest.mark.parametrize(
    ("said", "owner"),
    [
        ("municipal, national", "kommune"),
        ("municipal by ejer, national", "ejer"),
        ("national, municipal by ejer", "ejer"),
        ("national, public", "kommune"),
    ],
)
def test_a_row_belongs_to_the_municipality_in_one_column(said: str, owner: str) -> None:
    head = HEAD.replace("kommune VARCHAR, timer DOUBLE", "kommune VARCHAR, ejer VARCHAR, timer DOUBLE")
    step = parse("area", "hours", head.replace("municipal, national", said))
    assert step.owner == owner
    assert step.stores == tuple(part.split()[0] for part in said.split(", "))


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("-- kind fact\n", "", 1, "does not say the kind"),
        ("fact", "fakt", 5, "no kind fakt"),
        ("kind fact", "kind kept", 6, "Facts alone lie in places"),
        ("kind fact\n-- place kommune, maaned by year", "kind kept", 6, "Facts alone go to stores"),
        ("kind fact", "kind revised", 5, "`revised` names its keys"),
        ("kind fact", "kind revised by", 5, "no column by"),
        ("kind fact", "kind rule faulty", 5, "no status faulty. One of: as-planned"),
        ("kommune, maaned by", "kommunen, maaned by", 6, "no column kommunen"),
        ("by year", "by decade", 6, "by month` or `by year"),
        ("kommune, maaned by", "maaned, kommune by", 6, "kommune is cut by year and is no DATE"),
        ("municipal,", "municipality,", 7, "no store municipality"),
        ("municipal,", "municipal by komune,", 7, "no column komune"),
        ("national", "national by kommune", 7, "Only the municipal store"),
        ("-- out hours", "-- out other", 4, "called as the file"),
        ("timer DOUBLE", "timer", 4, "`name TYPE`"),
        ("-- kind fact", "-- kind fact\n-- kind fact", 6, "twice"),
        ("-- kind", "-- kinds", 5, "not understood"),
    ],
)
def test_a_head_that_says_something_else_is_refused(old: str, new: str, line: int, said: str) -> None:
    with pytest.raises(CatalogError) as raised:
        parse("area", "hours", HEAD.replace(old, new, 1))
    assert said in str(raised.value)
    assert f"areas/area/steps/hours.sql:{line}" in str(raised.value) or raised.value.line == line


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ("SELECT date_diff('day', a, a) AS a FROM day", "datediff"),
        ("SELECT hash(a) AS a FROM day", "hash"),
        ("SELECT substr(a, 0, 2) AS a FROM day", "substring"),
        ("SELECT list(a) AS a FROM day", "arrayagg"),
        ("SELECT dayofweek(a) AS a FROM day", "dayofweek"),
        ("SELECT * EXCLUDE (b) FROM day", "star"),
        ("SELECT a FROM day QUALIFY row_number() OVER (ORDER BY a) = 1", "qualify"),
        ("SELECT a FROM other", "reads other"),
        ("SELECT 1 AS a", "names day"),
        ("DELETE FROM day", "one SELECT"),
        ("SELECT a FROM day; SELECT a FROM day", "one SELECT"),
        ("SELECT FROM WHERE", "cannot be read"),
    ],
)
def test_sql_that_engines_do_differently_is_refused(select: str, said: str) -> None:
    with pytest.raises(CatalogError, match=said):
        check_sql(parse("area", "one", f"-- in day: a DATE\n-- out one: a DATE\n-- kind fact\n{select}"))


def made(reads: str, out: str, kind: str = "told") -> str:
    return f"-- Made.\n-- in {reads}: a DATE\n-- out {out}: a DATE\n-- kind {kind}\nSELECT a FROM {reads}\n"


def test_steps_that_read_each_other_are_named(tmp_path: Path, areas_in: AreasIn) -> None:
    write_area(tmp_path, "circle", **{"steps/one.sql": made("two", "one"), "steps/two.sql": made("one", "two")})
    areas_in(tmp_path)
    with pytest.raises(CatalogError, match="circle: one, two") as raised:
        ordered("circle")
    assert (raised.value.file, raised.value.line) == ("areas/circle/steps/one.sql", 2)


@pytest.mark.parametrize(
    ("reads", "said"),
    [
        ("nothing", "Nothing makes the table nothing"),
        ("municipality", "no column a"),
        ("nowhere.person", "no data area nowhere"),
        ("borger.member", "Nothing makes the table borger.member"),
        ("borger.whereabouts", "Nothing makes the table borger.whereabouts"),  # told, and not kept
        ("borger.record_001", "Nothing makes the table borger.record_001"),
        ("codes_colours", "no code list colours"),
        ("one_first", "Nothing makes the table one_first"),  # what was told before is for rules
    ],
)
def test_an_input_that_nobody_makes_is_named(reads: str, said: str, tmp_path: Path, areas_in: AreasIn) -> None:
    write_area(tmp_path, "lacking", **{"steps/one.sql": made(reads, "one")})
    areas_in(tmp_path)
    with pytest.raises(CatalogError, match=said) as raised:
        ordered("lacking")
    assert (raised.value.file, raised.value.line) == ("areas/lacking/steps/one.sql", 2)


def test_an_input_of_another_type_is_named(tmp_path: Path, areas_in: AreasIn) -> None:
    write_area(tmp_path, "typed", **{"steps/one.sql": made("day", "one").replace("a DATE", "dato VARCHAR")})
    areas_in(tmp_path)
    with pytest.raises(CatalogError, match=r"day\.dato is DATE, not VARCHAR"):
        ordered("typed")


def test_an_unknown_step_is_named() -> None:
    with pytest.raises(CatalogError, match="nonsense"):
        step_named("borger", "nonsense")


@pytest.mark.parametrize("place", ["one.sql", "steps/one.sql"])
def test_an_error_names_the_file_where_it_lies(place: str, tmp_path: Path, areas_in: AreasIn) -> None:
    write_area(tmp_path, "area", **{place: "-- out one: a DATE\nSELECT 1"})
    areas_in(tmp_path)
    with pytest.raises(CatalogError) as problem:
        step_named("area", "one")
    assert problem.value.file == f"areas/area/{place}"


@pytest.mark.parametrize(
    ("classification", "kind", "said"),
    [("public", "BLOB", "no pseudonym"), ("pseudonym", "VARCHAR", "is BLOB, not VARCHAR"), ("pseudonym", "BLOB", "")],
)
def test_a_step_reads_as_a_person_what_the_contract_makes_a_pseudonym(
    tmp_path: Path, areas_in: AreasIn, *, classification: str, kind: str, said: str
) -> None:
    told = contract(
        "haver", "csv", table("besoeg", field("gaest", classification=classification)), recognise={"head": "A"}
    )
    step = f"-- in besoeg: gaest {kind}\n-- out gaest: gaest {kind}\n-- kind kept\nSELECT gaest FROM besoeg"
    write_area(tmp_path, "haver", **{"contract.yaml": told, "steps/gaest.sql": step})
    areas_in(tmp_path)
    if not said:
        assert len(ordered("haver")) == 1
        return
    with pytest.raises(CatalogError, match=said) as refused:
        ordered("haver")
    assert (refused.value.file, refused.value.line) == ("areas/haver/steps/gaest.sql", 1)
