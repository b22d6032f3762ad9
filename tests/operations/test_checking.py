"""`flis catalog check`: every finding has the file, the line and what was meant; a sound folder has none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from flis.catalog.area_folders import OWN, area_folders
from flis.cli import root
from flis.operations.checking import CatalogFinding, check, check_folder
from tests.made_areas import write_area
from tests.made_contracts import contract, field, table

if TYPE_CHECKING:
    from collections.abc import Callable

FOODMART = Path(__file__).parents[1] / "foodmart" / "catalog"
STEP = """\
-- Beds by kind.
-- in reported: maaned DATE, plante VARCHAR, antal INTEGER
-- out bede: maaned DATE, plante VARCHAR,
--    antal INTEGER
-- kind fact
-- store national
SELECT maaned, plante, sum(antal)::INTEGER AS antal
FROM reported GROUP BY maaned, plante
"""
CUBE = """\
cube: Haver
dimensions:
  - name: Plante
    attributes: [{name: Plante, key: plante}]
measure_groups:
  - name: Bede
    table: bede
    links: {Plante: ''}
    where: antal > 0
    measures:
      - {name: Antal, aggregate: sum, column: antal}
      - {name: Dobbelt, aggregate: sum, expression: 2 * antal}
"""
CODES = "code,da,en,valid_from,valid_to\n1,Bede,Beet,,\n"
WHOLE = {"steps/bede.sql": STEP, "cube.yaml": CUBE, "codes/plante.csv": CODES}


def line_of(text: str, part: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if part in line)


def test_the_areas_of_the_package_are_sound() -> None:
    assert check() == []


def test_a_sound_area_has_no_findings(tmp_path: Path) -> None:
    folder = write_area(tmp_path, "haver", **WHOLE)
    assert check_folder(tmp_path) == check_folder(folder) == []
    assert "haver" not in area_folders()


def test_a_dimension_may_lie_over_a_code_list(tmp_path: Path) -> None:
    named = "- {name: Plante, table: plante, key: code, attributes: [{name: Plante, key: code, name_column: da}]}"
    lines = "- name: Plante\n    attributes: [{name: Plante, key: plante}]"
    cube = CUBE.replace(lines, named).replace("{Plante: ''}", "{Plante: plante}")
    folder = write_area(tmp_path, "haver", **{**WHOLE, "cube.yaml": cube})
    assert check_folder(folder) == []
    write_area(tmp_path, "haver", **{"cube.yaml": cube.replace("name_column: da", "name_column: dansk")})
    (finding,) = check_folder(folder)
    assert "plante has no column dansk" in str(finding)


def test_the_dimension_that_owns_the_rows_is_linked_to_the_column_that_the_step_says(tmp_path: Path) -> None:
    step = STEP.replace("-- store national", "-- store municipal by ejer, national")
    step = step.replace("plante VARCHAR", "plante VARCHAR, ejer VARCHAR, betaler VARCHAR")
    step = step.replace("maaned, plante,", "maaned, plante, ejer, betaler,").replace("BY maaned, plante", "BY ALL")
    roles = "  - {dimension: Kommune, role: ejer, own: true}\n  - {dimension: Kommune, role: betaling}\nmeasure_groups"
    cube = CUBE.replace("measure_groups", roles)
    linked = cube.replace("{Plante: ''}", "{Plante: '', Ejerkommune: ejer, Betalingskommune: betaler}")
    folder = write_area(tmp_path, "haver", **{**WHOLE, "steps/bede.sql": step, "cube.yaml": linked})
    assert check_folder(folder) == []
    crossed = cube.replace("{Plante: ''}", "{Plante: '', Ejerkommune: betaler, Betalingskommune: ejer}")
    write_area(tmp_path, "haver", **{"cube.yaml": crossed})
    (finding,) = check_folder(folder)
    assert finding.file.endswith("haver/cube.yaml")
    assert finding.line == line_of(crossed, "links:")
    assert "Ejerkommune owns the rows, but whose a row of bede is, its step says by ejer." in finding.message
    assert "store municipal by betaler" in finding.hint


@pytest.mark.parametrize(
    ("file", "old", "new", "part", "message", "hint"),
    [
        ("cube.yaml", "    where:", "    set_column: snitt\n    where:", "snitt", "bede has no column snitt", "It has"),
        ("cube.yaml", "table: bede", "table: bedde", "table: bedde", "no step puts out a table bedde", "bede"),
        ("cube.yaml", "column: antal", "column: antall", "antall", "bede has no column antall", "antal"),
        ("cube.yaml", "2 * antal", "2 * antla", "antla", "DuckDB refuses it", ""),
        ("cube.yaml", "where: antal > 0", "where: antal >", "where:", "DuckDB refuses it", ""),
        ("cube.yaml", "{Plante: ''}", "{Plamte: ''}", "links:", "", "Plante"),
        ("cube.yaml", "aggregate: sum, column", "aggregat: sum, column", "aggregat:", "no field aggregat", "aggregate"),
        ("steps/bede.sql", "FROM reported", "FRM reported", "FRM", "DuckDB refuses it", ""),
        ("steps/bede.sql", "sum(antal)::INTEGER", "sum(antl)::INTEGER", "antl", "DuckDB refuses it", ""),
        ("steps/bede.sql", "::INTEGER", "", "SELECT", "declares the column antal INTEGER", ""),
        ("steps/bede.sql", "-- out bede", "-- out bed", "-- out", "called as the file", ""),
        ("steps/bede.sql", "maaned DATE, plante VARCHAR, antal", "maaned, plante VARCHAR, antal", "-- in", "TYPE", ""),
        ("codes/plante.csv", "1,Bede,Beet,,", "1,Bede,Beet,,\n1,Bede,Beet,,", "zzz", "the code 1 is given twice", ""),
        ("area.yaml", "frequency: monthly", "frequency: monthy", "frequency", "monthy is not known", "monthly"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(
    tmp_path: Path, *, file: str, old: str, new: str, part: str, message: str, hint: str
) -> None:
    folder = write_area(tmp_path, "haver", **WHOLE)
    text = (folder / file).read_text("utf-8")
    assert old in text
    wrong = text.replace(old, new, 1)
    (folder / file).write_text(wrong, "utf-8")
    finding = next(f for f in check_folder(tmp_path) if f.file.endswith(file))
    assert finding.line == (3 if part == "zzz" else line_of(wrong, part))
    assert message in finding.message
    assert hint in finding.hint


REPORTED = table("reported", field("plante"), field("antal", "integer"))
OF_DELIVERIES = {
    "contract.yaml": contract(
        "haver", "csv", REPORTED, recognise={"name": "HAVER_{kommune}_{maaned}.csv"}, part=["kommune", "maaned"]
    ),
    "steps/kept.sql": """\
-- What was told.
-- in reported: kommune VARCHAR, maaned DATE, plante VARCHAR, antal BIGINT
-- out kept: kommune VARCHAR, maaned DATE, plante VARCHAR, antal BIGINT
-- kind kept
SELECT kommune, maaned, plante, antal FROM reported
""",
    "steps/bede.sql": """\
-- Beds by kind.
-- in kept: maaned DATE, plante VARCHAR, antal BIGINT
-- in codes_plante: code VARCHAR
-- out bede: maaned DATE, plante VARCHAR, antal BIGINT
-- kind fact
SELECT maaned, plante, antal FROM kept JOIN codes_plante ON code = plante
""",
}


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "message", "hint"),
    [
        ("steps/bede.sql", "kept", "keptt", 2, "Nothing makes the table keptt", "kept"),
        ("steps/bede.sql", "antal", "antall", 2, "kept has no column antall", "antal"),
        ("steps/bede.sql", "BIGINT", "INTEGER", 2, "kept.antal is BIGINT, not INTEGER", ""),
        ("steps/bede.sql", "codes_plante", "codes_planter", 3, "There is no code list planter", ""),
        ("steps/bede.sql", "kept", "reported", 2, "reported is what deliveries tell", "kind kept"),
        ("steps/kept.sql", "reported", "reportedd", 2, "Nothing makes the table reportedd", "reported"),
        ("steps/kept.sql", "maaned", "maned", 2, "reported has no column maned", "maaned"),
        ("steps/kept.sql", "plante", "plant", 2, "reported has no column plant", "plante"),
    ],
)
def test_what_steps_read_of_each_other_is_checked(
    tmp_path: Path, *, file: str, old: str, new: str, line: int, message: str, hint: str
) -> None:
    folder = write_area(tmp_path, "haver", **WHOLE | OF_DELIVERIES | {"cube.yaml": ""})
    (folder / "cube.yaml").unlink()
    assert check_folder(tmp_path) == []
    text = (folder / file).read_text("utf-8").replace(old, new)
    (folder / file).write_text(text, "utf-8")
    finding = next(f for f in check_folder(tmp_path) if f.file.endswith(file))
    assert (finding.line, message in finding.message, hint in finding.hint) == (line, True, True), finding


def test_a_kept_table_has_the_columns_of_its_parts(tmp_path: Path) -> None:
    kept = OF_DELIVERIES["steps/kept.sql"].replace(
        "maaned DATE, plante VARCHAR, antal BIGINT\n-- kind", "plante VARCHAR\n-- kind"
    )
    kept = kept.replace("SELECT kommune, maaned, plante, antal", "SELECT kommune, plante")
    write_area(tmp_path, "haver", **{"contract.yaml": OF_DELIVERIES["contract.yaml"], "steps/kept.sql": kept})
    (finding,) = check_folder(tmp_path)
    assert (finding.line, "no column maaned, by which the contract" in finding.message) == (3, True)


def test_steps_that_read_each_other_are_told(tmp_path: Path) -> None:
    circle = {
        f"steps/{name}.sql": f"-- Round.\n-- in {other}: antal BIGINT\n-- out {name}: antal BIGINT\n-- kind fact\n"
        f"SELECT antal FROM {other}\n"
        for name, other in (("ene", "anden"), ("anden", "ene"))
    }
    write_area(tmp_path, "haver", **WHOLE | OF_DELIVERIES | circle)
    assert any("in a circle: anden, ene" in f.message for f in check_folder(tmp_path))


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("cubes.yaml", "nothing reads a file of this name", "Did you mean cube.yaml"),
        ("area.py", "an area holds no Python", ""),
        ("step/one.sql", "no folder of this name", "Did you mean steps"),
        ("codes/plante.txt", "nothing reads a file of this name", "*.csv"),
    ],
)
def test_a_file_that_nothing_reads_is_told(tmp_path: Path, name: str, message: str, hint: str) -> None:
    write_area(tmp_path, "haver", **WHOLE, **{name: "x"})
    (finding,) = check_folder(tmp_path)
    assert message in finding.message
    assert hint in finding.hint


def test_a_folder_that_is_no_area_is_told(tmp_path: Path) -> None:
    write_area(tmp_path, "haver", **WHOLE)
    (tmp_path / "parker").mkdir()
    (tmp_path / "parker" / "area.yml").write_text("id: parker", "utf-8")
    (finding,) = check_folder(tmp_path)
    assert (finding.file, finding.hint) == (str(tmp_path / "parker"), "Did you mean area.yml?")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "no data area" in check_folder(empty)[0].message


def test_a_copy_of_an_own_area_is_looked_at_in_its_place(tmp_path: Path) -> None:
    shutil.copytree(str(OWN / "ukraine"), tmp_path / "ukraine")
    assert check_folder(tmp_path) == []
    file = tmp_path / "ukraine" / "definition.yaml"
    file.write_text(file.read_text("utf-8").replace("20-66: 20", "20-65: 20"), "utf-8")
    (finding,) = check_folder(tmp_path / "ukraine")
    policy = tmp_path / "ukraine" / "policy.yaml"
    assert finding == CatalogFinding(
        str(policy),
        line_of(policy.read_text("utf-8"), "groups: {00-06:"),
        "the area's definition has no group 20-66.",
        "Did you mean 20-65 or 07-16 or 00-06?",
    )


def test_every_file_with_a_fault_is_told_at_once(tmp_path: Path) -> None:
    broken = {"cube.yaml": "cube: }", "steps/bede.sql": "SELECT 1", "codes/plante.csv": "code\n"}
    write_area(tmp_path, "haver", **broken, **{"area.yaml": "id: haver"})
    assert len({finding.file for finding in check_folder(tmp_path)}) == 4


def test_a_cube_catalogue_is_checked_too(tmp_path: Path) -> None:
    assert check_folder(FOODMART) == []
    shutil.copytree(FOODMART, tmp_path / "foodmart")
    file = next((tmp_path / "foodmart" / "cubes").glob("*.yaml"))
    file.write_text(file.read_text("utf-8") + "\ncolour: 1\n", "utf-8")
    (finding,) = check_folder(tmp_path / "foodmart")
    assert finding.file == str(file)
    assert "no field colour" in finding.message


@pytest.fixture
def ask() -> Callable[..., tuple[int, Any]]:
    def asked(*words: str) -> tuple[int, Any]:
        done = CliRunner().invoke(root, ["catalog", "check", *words], catch_exceptions=False)
        return done.exit_code, json.loads(done.stdout) if "--json" in words else done.stdout

    return asked


def test_the_command_says_so_and_ends_with_one(tmp_path: Path, ask: Callable[..., tuple[int, Any]]) -> None:
    write_area(tmp_path, "haver", **WHOLE)
    assert ask(str(tmp_path), "--json") == (0, {"ok": True, "findings": []})
    assert ask(str(tmp_path)) == (0, f"{tmp_path}: nothing is wrong.\n")
    write_area(tmp_path, "haver", **{"cube.yaml": CUBE.replace("table: bede", "table: bedde")})
    code, told = ask(str(tmp_path), "--json")
    file = str(tmp_path / "haver" / "cube.yaml")
    message, hint = "no step puts out a table bedde.", "Did you mean bede?"
    line = line_of(CUBE, "table: bede")
    finding = {"file": file, "line": line, "message": message, "hint": hint}
    assert (code, told) == (1, {"ok": False, "findings": [finding]})
    code, text = ask(str(tmp_path))
    assert (code, text) == (1, f"{file}:{line}: {message}\n      {hint}\n{tmp_path}: 1 finding\n")


def test_a_fact_that_goes_to_no_store_is_told(tmp_path: Path) -> None:
    """Nothing of it would be published, and no run would say so. A fact that another step reads needs no store."""
    alone = STEP.replace("-- store national\n", "")
    folder = write_area(tmp_path, "haver", **WHOLE, **{"steps/alene.sql": alone.replace("out bede", "out alene")})
    (finding,) = check_folder(folder)
    assert (finding.file[-9:], finding.line) == ("alene.sql", line_of(alone, "-- kind"))
    assert finding.message == "the fact alene goes to no store, so nothing of it is published."
    assert "`-- store municipal, national`" in finding.hint
    reading = STEP.replace("reported", "alene").replace("-- in alene: maaned DATE", "-- in alene: maaned DATE")
    write_area(tmp_path, "haver", **{"steps/bede.sql": reading})
    assert check_folder(folder) == []


def test_who_sends_what_and_whose_deliveries_are_names_that_there_are(tmp_path: Path) -> None:
    """Otherwise every file is refused, and the list of areas is an error without a place."""
    text = contract("haver", "csv", table("bed", field("plante")), recognise={"name": "HAVER_{kommune}_{maaned}.csv"})
    head = "kom,interface,valid_from,valid_to\n"
    listed = f"{head}0101,haver-csv,,\n0101,haver-csv/1,,\n0102,haver-csv/1,,\n"
    folder = write_area(tmp_path, "haver", **WHOLE, **{"contract.yaml": text, "senders.csv": listed})
    first, second = check_folder(folder)
    assert (first.file[-11:], first.line, second.line) == ("senders.csv", 2, 4)
    assert first.message == "no contract of haver describes the interface haver-csv."
    assert first.hint == "Did you mean haver-csv/1?"
    assert second.message == "0102 is no municipality, and no contract names it as its sender."
    write_area(tmp_path, "haver", **{"senders.csv": f"{head}0101,haver-csv/1,,\n"})
    assert check_folder(folder) == []
    area = (folder / "area.yaml").read_text("utf-8") + "deliveries: borgr\n"
    write_area(tmp_path, "haver", **{"area.yaml": area, "contract.yaml": text.replace("domain: haver", "domain: have")})
    found = {(Path(finding.file).name, finding.line): finding for finding in check_folder(folder)}
    unknown = found["area.yaml", line_of(area, "deliveries")]
    assert (unknown.message, unknown.hint) == ("there is no data area borgr.", "Did you mean borger or borger_flex?")
    assert "the domain have is not the area's folder" in found["contract.yaml", 0].message


def test_a_contract_names_code_lists_that_are_there(tmp_path: Path) -> None:
    beds = table("bed", field("plante", codes="plante"), field("art", codes="plnte"))
    text = contract("haver", "csv", beds, recognise={"name": "HAVER_{kommune}_{maaned}.csv"})
    folder = write_area(tmp_path, "haver", **WHOLE, **{"contract.yaml": text})
    (finding,) = check_folder(folder)
    assert (finding.file[-13:], finding.line) == ("contract.yaml", line_of(text, "plnte"))
    assert finding.message == "no code list is called plnte."
    assert "plante" in finding.hint
