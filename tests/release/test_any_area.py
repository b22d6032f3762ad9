"""Areas that no code knows: how their facts are laid out, and what one does to the others."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from flis.access import Grant, Principal, operator_scope, scope
from flis.catalog.area_file import Phrase
from flis.catalog.area_paths import look_in
from flis.catalog.cubes import own_catalogue
from flis.cli import root
from flis.config import State
from flis.errors import CatalogError, HeldError, ReleaseError, UsageError
from flis.operations import AreaEvent, Change, record, status
from flis.query.database import Databases, execute
from flis.query.result import CellSet
from flis.release import apply, attempt, current, plan, releases, resume, rollback, setback, verify
from flis.release.members import without_member
from flis.release.stores import Content
from flis.release.tree import Uncovered
from flis.warehouse import MissingPeriod
from tests.release.made_area import CODES, CUBE, VISITS, MadeWarehouse, contract_of, write_visits
from tests.release.sample import build_sample
from tests.release.test_commands import call, call_json

if TYPE_CHECKING:
    from pathlib import Path

    from flis.access import Scope
    from flis.release import Released
    from tests.made_areas import AreasIn

JAN, FEB, NEXT = date(2025, 1, 1), date(2025, 2, 1), date(2026, 1, 1)
FIRST = [("0101", JAN, "A", 2.0), ("0101", JAN, "B", 3.0), ("0461", JAN, "A", 5.0), ("0101", NEXT, "A", 7.0)]


@pytest.fixture
def shelf(tmp_path: Path, areas_in: AreasIn, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "areas"
    monkeypatch.setenv("FLIS_AREAS", str(folder))
    for area in ("haver", "parker"):
        write_visits(folder, area)
    areas_in(folder)
    return folder


@pytest.fixture
def made(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> MadeWarehouse:
    assert shelf
    warehouse = MadeWarehouse(monkeypatch)
    warehouse.of("haver").add(*FIRST)
    return warehouse


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> State:
    """One release of another area, which no warehouse stands behind."""
    return build_sample(tmp_path_factory.mktemp("sample"), releases=1)


@pytest.fixture
def state(sample: State, tmp_path: Path) -> State:
    shutil.copytree(sample.root, tmp_path / "state", copy_function=os.link)
    return State(tmp_path / "state", tmp_path / "state" / "keys")


def of(state: State, area: str = "haver") -> Released:
    found = current(state)
    assert found
    return found.area(area)


def rows(found: Released, store: str, table: str = "visits") -> dict[str, list[dict[str, Any]]]:
    return {part: pq.read_table(path).to_pylist() for part, path in found.partitions(store, table).items()}


def hours(found: Released, store: str) -> dict[str, float]:
    return {part: sum(row["timer"] for row in listed) for part, listed in rows(found, store).items()}


def asked(state: State, held: Scope, mdx: str) -> list[Any]:
    found = current(state)
    assert found
    base = Databases().of_release(held, found, own_catalogue())
    cells = execute(held, base, mdx)
    assert isinstance(cells, CellSet)
    return list(cells.cells.texts)


def test_facts_go_where_their_step_says(state: State, made: MadeWarehouse) -> None:
    made.of("haver").gaps = (MissingPeriod("0751", "2025-01", "not delivered"),)
    published = apply(state, areas=["haver"])
    assert published
    assert published.areas == ("haver", "ukraine")
    found = of(state)
    assert hours(found, "national") == {"2025": 10.0, "2026": 7.0}
    assert hours(found, "kommune-0101") == {"2025": 5.0, "2026": 7.0}
    assert hours(found, "kommune-0461") == {"2025": 5.0, "2026": 0}
    assert hours(found, "kommune-0751") == {"2025": 0, "2026": 0}
    assert {row["kommune"] for row in rows(found, "kommune-0461")["2025"]} == {"0461"}
    assert "public" not in found.stores
    assert [row["code"] for row in rows(found, "shared", "slags")[""]] == ["A", "B"]
    assert rows(found, "shared", "grupper") == {"": [{"gruppe": "A", "navn": "Pleje"}]}, "once, for all stores"
    assert rows(found, "national", "grupper") == rows(found, "kommune-0101", "grupper") == {}
    assert len(rows(found, "shared", "dim.dato")[""]) == 366
    assert found.tree.gaps == (Uncovered("0751", "2025-01", "not delivered"),)
    assert found.tree.coverage == {"dap-cube": {"0101": (JAN, NEXT), "0461": (JAN, JAN)}}
    assert (found.tree.load, found.tree.delivery, found.tree.policy) == (1, "d1", "")


def test_the_other_trees_are_taken_over_and_the_root_stays_small(state: State, made: MadeWarehouse) -> None:
    before = current(state)
    assert before
    published = apply(state)
    assert published
    assert published.root.areas["ukraine"] == before.root.areas["ukraine"]
    assert published.root.shown == before.root.shown
    root = json.loads((published.folder / "release.json").read_bytes())
    root["areas"] |= {f"area_{n:02}": "0" * 64 for n in range(17)}
    assert len(json.dumps(root)) < 3000
    assert apply(state) is None
    assert [r.number for r in releases(state)] == [1, 2]


def test_a_load_lays_out_what_it_touches(state: State, made: MadeWarehouse) -> None:
    apply(state)
    before = of(state).tree.stores
    made.of("haver").add(("0461", FEB, "A", 1.0))
    (planned,) = plan(state, ["haver"])
    assert [(r.kind, r.name, r.periods) for r in planned.reasons] == [("delivery", "d2", ["2025"])]
    assert planned.municipalities == ["0461"]
    apply(state)
    now = of(state).tree.stores
    changed = {s for s in now for t in now[s] for p in now[s][t] if before[s].get(t, {}).get(p) != now[s][t][p]}
    assert changed == {"national", "kommune-0461"}
    assert now["shared"] == before["shared"]
    assert now["national"]["visits"]["2026"] == before["national"]["visits"]["2026"]
    assert hours(of(state), "national") == {"2025": 11.0, "2026": 7.0}


def test_a_retired_area_stays_as_it_serves(state: State, made: MadeWarehouse, shelf: Path) -> None:
    assert shelf
    apply(state)
    record(state, AreaEvent(area="haver", change=Change.RETIRE, since=JAN, text=Phrase("Ophørt.", "Over.")))
    made.of("haver").add(("0461", FEB, "A", 1.0))
    for command in ("plan", "apply"):
        refused = CliRunner().invoke(root, ["release", command, "haver", "--state", str(state.root)])
        assert "haver is retired since 2025-01-01: its figures stand" in str(refused.exception)
    call(state, "release", "apply")
    assert hours(of(state), "national") == {"2025": 10.0, "2026": 7.0}
    record(state, AreaEvent(area="haver", change=Change.REOPEN, since=FEB, text=Phrase("Åben.", "Open.")))
    call(state, "release", "apply")
    assert hours(of(state), "national") == {"2025": 11.0, "2026": 7.0}


def test_a_correction_that_takes_rows_away_is_published(state: State, made: MadeWarehouse) -> None:
    apply(state)
    made.of("haver").loads.append({("0101", JAN): [("0101", JAN, "A", 2.0)]})
    (planned,) = plan(state, ["haver"])
    assert (planned.municipalities, planned.revised) == (["0101"], 1)
    apply(state)
    assert hours(of(state), "kommune-0101") == {"2025": 2.0, "2026": 7.0}


@pytest.mark.parametrize(
    ("file", "text", "kind", "name"),
    [
        ("steps/visits.sql", VISITS.replace("sum(timer)", "2 * sum(timer)"), "step", "visits"),
        ("codes/slags.csv", CODES + "C,Indkøb,Shopping,,\n", "codes", "slags"),
        ("contract.yaml", contract_of("haver", "sted"), "contract", "contract"),
        ("definition.yaml", "citizenship: '5100'\nentered_from: 2020-01-01\nages: {00-17: 0, 18+: 18}\n", "definition",
         "definition"),
    ],
)  # fmt: skip
def test_what_changed_is_named(  # noqa: PLR0917 - the file, what is written into it, and how the plan calls it
    state: State, made: MadeWarehouse, shelf: Path, areas_in: AreasIn, file: str, text: str, kind: str, name: str
) -> None:
    apply(state)
    (shelf / "haver" / file).write_text(text, "utf-8")
    areas_in(shelf)
    told = call_json(state, "release", "plan", "haver", code=0)["areas"]
    assert [(one["id"], one["changes"]) for one in told] == [("haver", True)]
    assert {"kind": kind, "name": name, "periods": ["2025", "2026"]} in told[0]["reasons"]
    assert f"{kind} {name} changed: 2 periods laid out anew" in call(state, "release", "plan", "haver")
    published = apply(state)
    assert published
    assert plan(state, ["haver"])[0].reasons == []


def test_deliveries_of_another_area_that_is_read_lay_everything_out(state: State, made: MadeWarehouse) -> None:
    made.of("haver").read["borger"] = "1"
    apply(state)
    made.of("haver").read["borger"] = "2"
    (planned,) = plan(state, ["haver"])
    assert [(r.kind, r.name, r.periods) for r in planned.reasons] == [("delivery", "borger", ["2025", "2026"])]


def test_a_warehouse_that_was_built_in_another_order_lays_everything_out(state: State, made: MadeWarehouse) -> None:
    apply(state)
    made.of("haver").series = "other "
    (planned,) = plan(state, ["haver"])
    assert [(r.kind, r.name, r.periods) for r in planned.reasons] == [("delivery", "haver", ["2025", "2026"])]


def test_loads_after_a_rebuild_in_another_order_lay_everything_out(state: State, made: MadeWarehouse) -> None:
    """The load that the release counts is another one now, so nobody knows what the later ones touched since."""
    apply(state)
    made.of("haver").series = "other "
    made.of("haver").add(("0461", FEB, "A", 1.0))
    (planned,) = plan(state, ["haver"])
    assert [(r.kind, r.name, r.periods) for r in planned.reasons] == [("delivery", "d2", ["2025", "2026"])]


def test_gaps_follow_without_a_load(state: State, made: MadeWarehouse) -> None:
    stays, closes = MissingPeriod("0751", "2025-01", "not delivered"), MissingPeriod("0461", "2025-02", "quarantined")
    made.of("haver").gaps = (stays, closes)
    apply(state)
    before = of(state).tree
    made.of("haver").gaps = (stays,)
    told = call_json(state, "release", "plan", "haver", code=0)["areas"][0]
    assert told["changes"]
    assert told["reasons"] == [{"kind": "gaps", "name": "coverage", "periods": ["2025-02"]}]
    assert (told["periods"], told["rows"]) == ([], {})
    assert "what is missing changed: 2025-02" in call(state, "release", "plan", "haver")
    assert apply(state)
    assert of(state).tree.gaps == (Uncovered("0751", "2025-01", "not delivered"),)
    assert of(state).tree.stores == before.stores
    assert apply(state) is None
    made.of("haver").gaps = (stays, closes)
    made.of("haver").add(("0461", FEB, "A", 1.0))
    assert [r.kind for r in plan(state, ["haver"])[0].reasons] == ["delivery"]


def test_a_comment_in_a_step_changes_nothing(state: State, made: MadeWarehouse, shelf: Path, areas_in: AreasIn) -> None:
    apply(state)
    (shelf / "haver" / "steps" / "visits.sql").write_text(VISITS.replace("by month", "by month, in hours"), "utf-8")
    areas_in(shelf)
    assert not plan(state, ["haver"])[0].changes


def test_a_check_that_fails_stops_its_area_and_no_other(state: State, made: MadeWarehouse) -> None:
    apply(state)
    made.of("haver").add(("0461", FEB, "A", -1.0))
    made.of("parker").add(*FIRST)
    assert [one.failed != [] for one in plan(state)] == [True, False]
    with pytest.raises(ReleaseError, match=r"Checks fail in haver: negative \(2025-02-01 0461\)"):
        apply(state)
    found = current(state)
    assert found
    assert found.areas == ("haver", "parker", "ukraine")
    assert found.area("haver").tree.load == 1
    call(state, "release", "plan", "parker")
    call(state, "release", "plan", "haver", code=1)


def test_an_area_whose_step_is_wrong_stops_no_other(
    state: State, made: MadeWarehouse, shelf: Path, areas_in: AreasIn
) -> None:
    """A row without an owner cannot be laid out in municipal stores; a person goes into none."""
    made.of("parker").add(*FIRST)
    step = shelf / "haver" / "steps" / "visits.sql"
    step.write_text(VISITS.replace("out visits: kommune VARCHAR, ", "out visits: kommune BLOB, "), "utf-8")
    areas_in(shelf)
    assert [(one.area, one.changes, "visits.sql:3" in one.fault) for one in plan(state)] == [
        ("haver", False, True),
        ("parker", True, False),
    ]
    assert "haver cannot be released: areas/haver/steps/visits.sql:3" in call(state, "release", "plan", code=1)
    with pytest.raises(CatalogError, match=r"visits.sql:3: kommune is BLOB"):
        apply(state)
    found = current(state)
    assert found
    assert found.areas == ("parker", "ukraine")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("steps/visits.sql", "-- no head\nSELECT 1\n"),
        ("steps/visits.sql", VISITS.replace("FROM reported", "FROM read_csv('visits.csv')")),
        ("area.yaml", "id: [\n"),
    ],
    ids=["head", "reach", "area"],
)
def test_an_area_that_cannot_be_read_stops_no_other(  # noqa: PLR0917 - what is broken, and the usual
    state: State, made: MadeWarehouse, shelf: Path, areas_in: AreasIn, file: str, text: str
) -> None:
    made.of("parker").add(*FIRST)
    (shelf / "haver" / file).write_text(text, "utf-8")
    areas_in(shelf)
    assert [one.area for one in plan(state, ["parker"])] == ["parker"]
    assert [(one.area, one.changes, f"areas/haver/{file}" in one.fault) for one in plan(state)] == [
        ("haver", False, True),
        ("parker", True, False),
    ]
    done = attempt(state)
    assert done.release
    assert done.release.areas == ("parker", "ukraine")
    assert list(done.faults) == ["haver"]


def test_areas_that_are_named(state: State, made: MadeWarehouse) -> None:
    made.of("parker").add(*FIRST)
    assert [one.area for one in plan(state)] == ["haver", "parker"]
    assert [one.area for one in plan(state, ["parker"])] == ["parker"]
    with pytest.raises(ReleaseError, match="nothing to release of ukraine"):
        plan(state, ["ukraine"])
    with pytest.raises(UsageError, match="aula has nothing to release"):
        plan(state, ["aula"])
    published = apply(state, areas=["parker"])
    assert published
    assert published.areas == ("parker", "ukraine")
    assert call_json(state, "release", "verify", "parker")["problems"] == []


def test_an_area_outside_the_package_is_known_to_a_process_that_begins(state: State, made: MadeWarehouse) -> None:
    """The command reads where areas lie before it looks for the one that is named."""
    for words in (("plan",), ("apply",), ("list",), ("verify",), ("resume",), ("rollback", "1")):
        look_in()
        code = 1 if words[0] == "rollback" else 0
        result = CliRunner().invoke(root, ["release", *words, "haver", "--state", str(state.root)])
        assert result.exit_code == code, result.output
    assert "holds nothing of the area haver" in str(result.exception)


def test_one_area_is_set_back_and_holds(state: State, made: MadeWarehouse) -> None:
    made.of("parker").add(*FIRST)
    apply(state)
    made.of("haver").add(("0461", FEB, "A", 1.0))
    apply(state)
    first, second = (r.area("haver").sha256 for r in releases(state)[1:])
    told = call_json(state, "release", "rollback", "haver", "--reason-en", "Wrong hours", "--reason", "Forkerte timer")
    assert (told["number"], told["held"]) == (4, True)
    assert of(state).sha256 == first
    assert of(state, "parker").sha256 == releases(state)[2].area("parker").sha256
    said = setback(state)
    assert said
    assert "Area haver serves since" in said.en
    assert "as of release 2 (data through 2026-01-01). Reason: Wrong hours." in said.en
    assert setback(state, area="parker") is None
    with pytest.raises(HeldError, match="Wrong hours"):
        apply(state, areas=["haver"])
    made.of("parker").add(("0461", FEB, "A", 1.0))
    published = apply(state)
    assert published, "an area that is not held is released"
    assert (published.number, of(state).sha256) == (5, first)
    assert of(state, "parker").tree.load == 2
    with pytest.raises(ReleaseError, match="no earlier release of haver"):
        rollback(state, areas=["haver"])
    assert resume(state, ["parker"]) == []
    assert resume(state, ["haver"]) == ["haver"]
    assert apply(state)
    assert of(state).sha256 == second
    assert setback(state) is None
    assert all(r.damage() == [] for r in releases(state))


def test_a_set_back_area_may_go_to_a_release_that_is_named(state: State, made: MadeWarehouse) -> None:
    for n in range(3):
        made.of("haver").add(("0461", FEB, "A", 1.0 + n))
        apply(state)
    trees = [r.area("haver").sha256 for r in releases(state)[1:]]
    assert call_json(state, "release", "rollback", "2", "haver")["number"] == 5
    assert of(state).sha256 == trees[0]
    assert call_json(state, "release", "rollback", "4", "haver")["held"] is False, "the newest is never held"
    assert of(state).sha256 == trees[2]
    rollback(state, areas=["haver"])
    assert of(state).sha256 == trees[1], "one step back, over the roll-backs in between"


def test_verify_counts_again_and_compares_the_stores(state: State, made: MadeWarehouse) -> None:
    apply(state)
    done = verify(state, areas=["haver"])
    assert (done.problems, done.figures) == ([], 4)
    made.of("haver").loads[0]["0101", JAN] = [("0101", JAN, "A", 99.0)]
    assert verify(state, areas=["haver"]).problems == ["visits 2025: the store and the warehouse count differently."]


def test_its_cube_answers_from_its_own_tree(state: State, made: MadeWarehouse) -> None:
    apply(state)
    mdx = "SELECT [Slags].[Slags].Members ON 0 FROM [haver] WHERE [Measures].[Timer]"
    whole, own = operator_scope(2), scope(Principal("x", "", (Grant("0461"),)), 2)
    assert asked(state, whole, mdx) == ["17", "14", "3"]
    assert asked(state, own, mdx) == ["5", "5", ""]


def test_a_fact_without_rows_is_an_empty_table_of_its_cube(
    state: State, made: MadeWarehouse, shelf: Path, areas_in: AreasIn
) -> None:
    group = "  - {name: Ture, table: ture, links: {Kommune: kommune}, measures: [{name: Ture, aggregate: count}]}\n"
    apply(state)
    none = VISITS.replace("-- out visits", "-- out ture") + "HAVING false\n"
    write_visits(shelf, "haver", **{"steps/ture.sql": none, "cube.yaml": CUBE.format(id="haver") + group})
    areas_in(shelf)
    for held in (operator_scope(2), scope(Principal("x", "", (Grant("0461"),)), 2)):
        mdx = "SELECT {[Measures].[Ture], [Measures].[Timer]} ON 0 FROM [haver]"
        assert asked(state, held, mdx)[0] == ""
        assert asked(state, held, mdx)[1] in {"17", "5"}
    write_visits(
        shelf,
        "haver",
        **{
            "steps/ture.sql": none.replace("-- store municipal, national\n", ""),
            "cube.yaml": CUBE.format(id="haver") + group,
        },
    )
    areas_in(shelf)
    with pytest.raises(CatalogError, match="no table ture"):
        asked(state, operator_scope(2), "SELECT [Measures].[Ture] ON 0 FROM [haver]")


def test_the_day_dimension_has_every_day_of_the_facts(state: State, made: MadeWarehouse) -> None:
    """A delivery of a month tells of earlier ones: their days are members, also when a later load touches others."""
    facts = made.of("haver")
    facts.begins = JAN
    facts.add(("0461", date(2023, 5, 1), "A", 9.0), ("0101", date(2024, 2, 1), "B", 1.0))
    mdx = "SELECT [Dato].[År].Members ON 0 FROM [haver] WHERE [Measures].[Timer]"
    apply(state)
    assert asked(state, operator_scope(2), mdx) == ["27", "9", "1", "10", "7"]
    facts.add(("0101", FEB, "A", 100.0))
    published = apply(state)
    assert published
    assert asked(state, operator_scope(published.number), mdx) == ["127", "9", "1", "110", "7"]
    days = pq.read_table(of(state).partitions("shared", "dim.dato")[""])["dato"].to_pylist()
    assert (days[0], days[-1], len(days)) == (date(2023, 5, 1), NEXT, (NEXT - date(2023, 5, 1)).days + 1)
    facts.add(("0461", date(2023, 5, 1), "A", 9.0), ("0461", date(1700, 1, 1), "A", 2.0))
    assert plan(state, ["haver"])[0].without_member == {"visits.maaned: Dato": 1}, "no table of days is so long"


def test_the_plan_counts_the_days_that_any_municipality_covers(state: State, made: MadeWarehouse, shelf: Path) -> None:
    """As the release does: laid out anew for another reason it has no new days, and never less than none."""
    made.of("haver").ends = JAN
    assert (plan(state, ["haver"])[0].new_days, plan(state, ["haver"])[0].data_through) == ((NEXT - JAN).days + 1, NEXT)
    apply(state)
    (shelf / "haver" / "codes" / "slags.csv").write_text(f"{CODES}C,Andet,Other,,\n", "utf-8")
    look_in([shelf])
    planned = plan(state, ["haver"])[0]
    assert (planned.new_days, planned.data_through, planned.changes) == (0, NEXT, True)


def test_the_plan_says_which_keys_have_no_member(state: State, made: MadeWarehouse) -> None:
    made.of("haver").add(("0461", FEB, "X", 3.0), ("9999", FEB, "A", 4.0), ("9999", JAN, "Y", 4.0))
    assert plan(state, ["haver"])[0].without_member == {"visits.kommune: Kommune": 2, "visits.slags: Slags": 2}
    assert "2 rows have no member: visits.slags: Slags" in call(state, "release", "plan", "haver")


def test_a_key_of_another_type_than_its_column_is_told_too(state: State, made: MadeWarehouse, shelf: Path) -> None:
    cube = shelf / "haver" / "cube.yaml"
    cube.write_text(cube.read_text("utf-8").replace("Slags: slags}", "Slags: timer}"), "utf-8")
    look_in([shelf])
    assert made.of("haver").rows
    assert plan(state, ["haver"])[0].without_member == {"visits.timer: Slags": 4}
    cube.write_text(cube.read_text("utf-8").replace("Dato: maaned", "Dato: dag"), "utf-8")
    look_in([shelf])
    assert plan(state, ["haver"])[0].without_member == {"visits.timer: Slags": 4}, (
        "a cube that is wrong stops no release"
    )


def counted(state: State) -> dict[str, dict[str, int]]:
    return {name: of for name, of in of(state).tree.without_member.items() if of}


def noted(state: State) -> list[str]:
    """What operators are told of it, in English."""
    row = next(row for row in status(state, date(2026, 2, 1), public=False).areas if row.area.id == "haver")
    assert not any("have a key" in n.text.en for r in status(state).areas for n in r.states), "the public is not told"
    return [notice.text.en for notice in row.states if "have a key" in notice.text.en]


def test_a_release_counts_keys_without_a_member_over_all_its_partitions(
    state: State, made: MadeWarehouse, shelf: Path, areas_in: AreasIn
) -> None:
    apply(state)
    assert counted(state) == {}
    assert noted(state) == []
    made.of("haver").add(("0461", FEB, "X", 3.0), ("9999", JAN, "A", 4.0), ("9999", JAN, "Y", 4.0))
    apply(state)
    expected = {"visits.kommune: Kommune": {"2025": 2}, "visits.slags: Slags": {"2025": 2}}
    assert counted(state) == expected
    told = "rows have a key that the dimension does not have (visits.kommune: Kommune 2; visits.slags: Slags 2)."
    assert noted(state) == [f"4 {told}"]
    # a later load lays out another year: those of the first stay in the count
    made.of("haver").add(("0101", NEXT, "Z", 1.0))
    assert plan(state, ["haver"])[0].without_member == {"visits.slags: Slags": 1}
    apply(state)
    assert counted(state) == {**expected, "visits.slags: Slags": {"2025": 2, "2026": 1}}
    # the list gets the codes: all is laid out, and none is left
    (shelf / "haver" / "codes" / "slags.csv").write_text(CODES + "X,Ekstra,Extra,,\nY,Y,Y,,\nZ,Z,Z,,\n", "utf-8")
    areas_in(shelf)
    apply(state)
    assert counted(state) == {"visits.kommune: Kommune": {"2025": 2}}


def test_files_that_stay_are_counted_again_where_the_dimension_changed(state: State, made: MadeWarehouse) -> None:
    """As where a step makes it of data: the count of rows follows what its table has become."""
    made.of("haver").add(("0101", FEB, "X", 3.0), ("0101", NEXT, "X", 3.0))
    apply(state)
    base, area = of(state), "haver"

    def with_codes(*codes: str) -> dict[str, dict[str, int]]:
        slags = pa.table({"code": pa.array(codes, pa.string())})
        days = pq.read_table(base.files("shared", "dim.dato")[0])
        return without_member(area, Content({}, shared={"slags": slags, "dim.dato": days}), base)

    assert with_codes("A", "B")["visits.slags: Slags"] == {"2025": 1, "2026": 1}
    assert with_codes("A", "B", "X")["visits.slags: Slags"] == {}
    assert with_codes("A", "X")["visits.slags: Slags"] == {"2025": 1}, "B of January 2025"
    assert with_codes()["visits.slags: Slags"] == {"2025": 4, "2026": 1}
