"""`flis catalog check`: every finding has the file, the line and what was meant; a sound folder has none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from flis.catalog.area_paths import OWN, area_folders
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


def test_a_faulty_contract_hides_what_follows_from_it_beside_a_policy_too(tmp_path: Path) -> None:
    """Its tables are not known, so nothing is said of the steps that read them."""
    tables = table("reported", field("plante", codes="plnte"), field("antal", "integer"))
    name, part = {"name": "HAVER_{kommune}_{maaned}.csv"}, ["kommune", "maaned"]
    faulty = {"contract.yaml": contract("haver", "csv", tables, recognise=name, part=part)}
    beds = OF_DELIVERIES["steps/bede.sql"].replace("in kept", "in keptt").replace("FROM kept", "FROM keptt")
    policy = {file: (OWN / "ukraine" / file).read_text("utf-8") for file in ("definition.yaml", "policy.yaml")}
    write_area(tmp_path, "haver", **WHOLE | OF_DELIVERIES | policy | faulty | {"steps/bede.sql": beds})
    told = [Path(finding.file).name for finding in check_folder(tmp_path)]
    assert told == ["contract.yaml", "policy.yaml"]


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
-- store national
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
    alone = OF_DELIVERIES["steps/bede.sql"].replace("-- store national\n", "").replace("out bede", "out alene")
    folder = write_area(tmp_path, "haver", **WHOLE | OF_DELIVERIES | {"steps/alene.sql": alone, "cube.yaml": ""})
    (folder / "cube.yaml").unlink()
    (finding,) = check_folder(folder)
    assert (finding.file[-9:], finding.line) == ("alene.sql", line_of(alone, "-- kind"))
    assert finding.message == "the fact alene goes to no store, so nothing of it is published."
    assert "`-- store municipal, national`" in finding.hint
    reading = OF_DELIVERIES["steps/bede.sql"].replace("kept", "alene")
    write_area(tmp_path, "haver", **{"steps/bede.sql": reading})
    assert check_folder(folder) == []


def test_who_sends_what_and_whose_deliveries_are_names_that_there_are(tmp_path: Path) -> None:
    """Otherwise every file is refused, and the list of areas is an error without a place."""
    text = contract("haver", "csv", table("bed", field("plante")), recognise={"name": "HAVER_{kommune}_{maaned}.csv"})
    head = "kom,interface,valid_from,valid_to\n"
    listed = f"{head}0101,haver-csw,,\n0101,haver-csv/1,,\n0102,haver-csv/1,,\n"
    folder = write_area(tmp_path, "haver", **{"contract.yaml": text, "senders.csv": listed})
    first, second = check_folder(folder)
    assert (first.file[-11:], first.line, second.line) == ("senders.csv", 2, 4)
    assert first.message == "no contract describes the interface haver-csw."
    assert "haver-csv" in first.hint
    assert second.message == "nobody of haver-csv is called 0102."
    write_area(tmp_path, "haver", **{"senders.csv": f"{head}0101,haver-csv/1,,\n"})
    assert check_folder(folder) == []
    area = (folder / "area.yaml").read_text("utf-8") + "deliveries: borgr\n"
    write_area(tmp_path, "haver", **{"area.yaml": area, "contract.yaml": text.replace("domain: haver", "domain: have")})
    found = {(Path(finding.file).name, finding.line): finding for finding in check_folder(folder)}
    unknown = found["area.yaml", line_of(area, "deliveries")]
    assert (unknown.message, unknown.hint) == ("there is no data area borgr.", "Did you mean borger or borger_flex?")
    assert any(file == "contract.yaml" and "domain have" in finding.message for (file, _), finding in found.items())


def test_a_contract_names_code_lists_that_are_there(tmp_path: Path) -> None:
    beds = table("bed", field("plante", codes="plante"), field("art", codes="plnte"))
    text = contract("haver", "csv", beds, recognise={"name": "HAVER_{kommune}_{maaned}.csv"})
    folder = write_area(tmp_path, "haver", **WHOLE, **{"contract.yaml": text})
    (finding,) = check_folder(folder)
    assert (finding.file[-13:], finding.line) == ("contract.yaml", line_of(text, "plnte"))
    assert finding.message == "no code list is called plnte."
    assert "plante" in finding.hint


def test_conditions_of_contracts_and_expressions_of_cubes_read_their_row_alone(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret", "utf-8")
    reads = f"antal > (SELECT count(*) FROM read_text('{secret}'))"
    rule = {
        "name": "haver-01", "type": "custom", "engine": "flis", "implementation": reads, "description": "Regel.",
        "customProperties": [{"property": "descriptionEnglish", "value": "A rule."}],
    }  # fmt: skip
    text = contract(
        "haver", "csv", table("reported", field("antal", "integer"), quality=[rule]), recognise={"head": "A"}
    )
    cube = CUBE.replace("where: antal > 0", f'where: "{reads}"')
    folder = write_area(tmp_path / "areas", "haver", **{**WHOLE, "contract.yaml": text, "cube.yaml": cube})
    found = {Path(one.file).name: (one.line, one.message) for one in check_folder(folder)}
    assert found.keys() == {"contract.yaml", "cube.yaml"}
    assert all("reads a table" in message for _, message in found.values())
    assert found["cube.yaml"][0] == line_of(cube, "where:")


@pytest.mark.parametrize(
    ("condition", "each", "told"),
    [
        ("sum(antal) > 0", [], "aggregates are not allowed"),
        ("sum(antal) > 0", ["dag"], ""),
        ("antal > 0", ["dag"], "must appear in the GROUP BY clause"),
        ("year(dag) = year(maaned)", [], ""),
        ("year(antal) = 2025", [], "No function matches"),
    ],
)
def test_a_condition_is_one_over_a_row_or_over_a_group(
    tmp_path: Path, condition: str, each: list[str], told: str
) -> None:
    rule = {
        "name": "haver-01", "type": "custom", "engine": "flis", "implementation": condition, "description": "Regel.",
        "customProperties": [
            {"property": "descriptionEnglish", "value": "A rule."},
            *([{"property": "each", "value": each}] if each else []),
        ],
    }  # fmt: skip
    fields = (field("antal", "integer"), field("dag", "date"))
    text = contract("haver", "csv", table("reported", *fields, quality=[rule]), recognise={"name": "A_{maaned}.csv"})
    found = check_folder(write_area(tmp_path / "areas", "haver", **{"contract.yaml": text}))
    messages = [one.message for one in found if one.message.startswith("the rule haver-01")]
    assert len(messages) == bool(told)
    assert all(told in message for message in messages)


LISTED = "kom,interface,valid_from,valid_to\n0101,laan,,\nKatalogWeb,katalog/1,,\n"


def library(shelf: Path, senders: str) -> Path:
    """An area with an interface of municipalities and one of a national sender."""
    loans = contract(
        "bibliotek", "csv", table("laan", field("nr")), interface="laan",
        recognise={"name": "LAAN_{kommune}_{maaned}.csv"},
        expects={"each": "kommune"},
    )  # fmt: skip
    books = contract(
        "bibliotek", "csv", table("bog", field("nr")), interface="katalog", recognise={"name": "KAT_{maaned}.csv"},
        sender="KatalogWeb",
    )  # fmt: skip
    files = {"contract.yaml": loans, "contract-katalog.yaml": books, "senders.csv": senders}
    return write_area(shelf, "bibliotek", **files)


def test_senders_by_the_id_of_an_interface_or_by_one_version_of_it(tmp_path: Path) -> None:
    assert check_folder(library(tmp_path, LISTED)) == []
    assert check_folder(library(tmp_path, LISTED.replace("laan,", "laan/1,"))) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "message", "hint"),
    [
        ("0101,laan", "0101,lan", 2, "no contract describes the interface lan.", "laan"),
        ("0101,laan", "0101,laan/2", 2, "no contract describes the interface laan/2.", "laan/1"),
        ("0101,laan", "9999,laan", 2, "nobody of laan is called 9999.", "municipality"),
        ("0101,laan", "KatalogWeb,laan", 2, "nobody of laan is called KatalogWeb.", "municipality"),
        ("KatalogWeb", "KatalogVeb", 3, "nobody of katalog is called KatalogVeb.", "KatalogWeb"),
        ("KatalogWeb,katalog/1,,\n", "", 1, "nobody is listed for katalog/1", "List its senders"),
        ("laan,,", "laan,2025-02-01,2025-01-01", 2, "valid_to lies before valid_from.", ""),
        ("laan,,", "laan,01-02-2025,", 2, "a day is no date", ""),
    ],
)
def test_a_wrong_sender_is_told(tmp_path: Path, *, old: str, new: str, line: int, message: str, hint: str) -> None:
    finding, *_ = check_folder(library(tmp_path, LISTED.replace(old, new)))
    assert (finding.line, message in finding.message, hint in finding.hint) == (line, True, True)


@pytest.mark.parametrize(
    ("old", "new", "at", "message", "hint"),
    [
        ("-- in reported: maaned DATE", "-- in reported: maaned DAT", "-- in", "DAT does not exist", ""),
        ("-- out bede: maaned DATE", "-- out bede: maaned DAT", "-- out", "DAT does not exist", ""),
        ("-- kind fact", "-- kind facts", "-- kind", "There is no kind facts", "fact"),
        ("-- kind fact", "-- kind xyz", "-- kind", "There is no kind xyz", "told, kept"),
        ("-- kind fact", "-- kind kept\n-- place maaned by year", "-- place", "Facts alone lie in places", "part"),
        ("FROM reported", "FROM 'reported.csv'", "FROM", "reads reported.csv", "reported"),
        ("FROM reported", "FROM reporter", "FROM", "reads reporter", "reported"),
    ],
)
def test_what_is_wrong_with_a_head_is_told_at_its_line(
    tmp_path: Path, *, old: str, new: str, at: str, message: str, hint: str
) -> None:
    step = STEP.replace(old, new, 1)
    folder = write_area(tmp_path, "haver", **{**WHOLE, "steps/bede.sql": step})
    finding = next(f for f in check_folder(folder) if f.file.endswith("bede.sql"))
    assert (finding.line, message in finding.message, hint in finding.hint) == (line_of(step, at), True, True)


GROUPS = "code,da,en,valid_from,valid_to,over\n1,Bede,Beet,,,A\n2,Kål,Cabbage,,,B\n"
ABOVE = "code,da,en,valid_from,valid_to\nA,Rod,Root,,\nB,Blad,Leaf,,\n"
JOINED = """\
  - name: Plante
    table: plante
    key: code
    joins: [{table: over, left: over, right: code}]
    hierarchies:
      - name: Plante
        levels: [{name: Over, key: over.code}, {name: Plante, key: code}]
"""


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "message"),
    [
        ("cube.yaml", "left: over", "left: ovre", "joins:", "the table plante has no column ovre"),
        ("cube.yaml", "right: code", "right: kode", "joins:", "the table over has no column kode"),
        ("codes/plante.csv", ",,,B", ",,,QQ", "QQ", "over is QQ, which over does not have"),
        ("codes/plante.csv", "Beet,,", "Beet,2025-02-01,2025-01-31", "Beet", "valid_to lies before valid_from"),
        ("codes/plante.csv", "Kål,Cabbage", "Kål,", "Kål", "the column en is empty"),
        ("codes/plante.csv", "Kål,Cabbage", ",Cabbage", "Cabbage", "the column da is empty"),
        ("cube.yaml", "name: Dobbelt", "name: antal", "name: antal", "the cube has another measure antal"),
    ],
)
def test_what_lists_and_joins_say(tmp_path: Path, *, file: str, old: str, new: str, line: str, message: str) -> None:
    cube = CUBE.replace("  - name: Plante\n    attributes: [{name: Plante, key: plante}]\n", JOINED)
    cube = cube.replace("{Plante: ''}", "{Plante: plante}")
    files = {**WHOLE, "cube.yaml": cube, "codes/plante.csv": GROUPS, "codes/over.csv": ABOVE}
    folder = write_area(tmp_path, "haver", **files)
    assert check_folder(folder) == []
    assert old in files[file]
    wrong = files[file].replace(old, new, 1)
    write_area(tmp_path, "haver", **{file: wrong})
    found = [one for one in check_folder(folder) if message in one.message]
    assert [one.line for one in found] == [line_of(wrong, line)]


def loans(interface: str, name: str, area: str = "haver") -> str:
    fields = field("nr"), field("sted", codes="kommune")
    return contract(area, "csv", table("laan", *fields), interface=interface, recognise={"name": name})


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ("LAAN_{kommune}_{maaned}.csv", "laan_{kommune}_{maaned}.csv", True),
        ("LAAN_{maaned}.csv", "LAAN_{dato}.csv", False),
        ("LAAN_{dato}.csv", "LAAN_{udtraek}.csv", True),
        ("LAAN_{kommune}.csv", "LAAN_{aar}.csv", True),
        ("LAAN_{kommune}.csv", "LAAN_0147.csv", True),
        ("LAAN_{kommune}.csv", "LAANER_{kommune}.csv", False),
    ],
)
def test_no_interface_takes_the_files_of_another(tmp_path: Path, one: str, other: str, *, clash: bool) -> None:
    two = loans("laaner", other)
    write_area(tmp_path, "haver", **{"contract.yaml": loans("laan", one), "contract_two.yaml": two})
    found = check_folder(tmp_path)
    assert [Path(f.file).name for f in found] == (["contract_two.yaml"] if clash else [])
    assert not clash or found[0].line == line_of(two, other)


def test_the_contracts_of_an_area_are_of_it_and_its_breaks_name_their_fields(tmp_path: Path) -> None:
    broken = "breaks:\n  - day: 2025-01-01\n    reason: {da: Lov, en: Law}\n    fields: [nr, sdet]\n"
    files = {"contract.yaml": loans("laan", "LAAN_{maaned}.csv"), "breaks.yaml": broken}
    (finding,) = check_folder(write_area(tmp_path, "haver", **files))
    assert (finding.line, finding.message) == (4, "no contract has a field sdet.")
    assert "sted" in finding.hint
    other = loans("laan", "LAAN_{maaned}.csv", area="hver")
    (finding,) = check_folder(write_area(tmp_path, "haver", **{"contract.yaml": other}))
    assert (finding.line, finding.hint) == (line_of(other, "domain:"), "Write haver.")


COUNTED = """\
-- Gardeners by kind of plant.
-- in reported: maaned DATE, plante VARCHAR, gartner VARCHAR
-- out antal: maaned DATE, plante VARCHAR, snit VARCHAR, gartnere BIGINT
-- kind fact
SELECT maaned, plante, CASE WHEN plante IS NULL THEN 'land' ELSE 'par' END AS snit, count(DISTINCT gartner) AS gartnere
FROM reported GROUP BY GROUPING SETS ((maaned, plante), (maaned))
"""
SETS = """\
cube: Haver
dimensions:
  - name: Plante
    table: plante
    key: code
    attributes: [{name: Plante, key: code}]
  - name: Sted
    attributes: [{name: Sted, key: plante}]
measure_groups:
  - name: Gartnere
    table: antal
    links: {Plante: plante}
    set_column: snit
    grouping_sets:
      - {name: par, by: {Plante: Plante}}
      - {name: land, by: {}}
    measures:
      - {name: Gartnere, aggregate: distinct_stored, column: gartnere}
  - name: Rækker
    table: antal
    links: {Sted: ''}
    measures: [{name: Rækker, aggregate: count}]
"""


@pytest.mark.parametrize("link", ["''", "plante"])
def test_a_grouping_set_needs_a_dimension_with_a_table(tmp_path: Path, link: str) -> None:
    files = {"steps/antal.sql": COUNTED, "cube.yaml": SETS, "codes/plante.csv": CODES}
    folder = write_area(tmp_path, "haver", **files)
    assert check_folder(folder) == []
    by_place = SETS.replace("{Plante: plante}", f"{{Plante: plante, Sted: {link}}}")
    by_place = by_place.replace("by: {Plante: Plante}", "by: {Plante: Plante, Sted: Sted}")
    write_area(tmp_path, "haver", **{"cube.yaml": by_place})
    (finding,) = check_folder(folder)
    assert finding.message == "Sted has no table, and grouping sets cut by dimensions that have one."
    assert "`table`" in finding.hint
    write_area(tmp_path, "haver", **{"cube.yaml": SETS.replace("name: par,", "name: parr,")})
    (finding,) = check_folder(folder)
    assert (finding.line, finding.message) == (line_of(SETS, "name: par,"), "no row of antal is of a set parr.")
    assert "par" in finding.hint
