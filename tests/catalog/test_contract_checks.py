"""A contract that contradicts itself, or asks what its format cannot give, is refused with file and line."""

from __future__ import annotations

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from flis.catalog.contract_file import CONTRACT
from flis.catalog.forms import schema_of
from flis.errors import CatalogError
from tests.delivery.readers.formats import TEXTS
from tests.delivery.readers.made import parsed
from tests.made_contracts import contract, field, table

HEAD: dict[str, Any] = {"recognise": {"head": "00"}}
FIXED: dict[str, Any] = {**HEAD, "dialect": {"profile": "fixed"}}
HOME = table("hjem", field("nr", position="3-4", primaryKey=True), source="10")


def visit(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return table("besoeg", *(fields or (field("ydelse", position="5-8"),)), source="20", **more)


def ruled(told: str = "", **more: Any) -> str:
    """A contract with a rule of whose message `told` is the end."""
    rule = {
        "name": "regel", "type": "custom", "engine": "flis", "implementation": "nr > '0'",
        "description": f"Regel{told}",
        "customProperties": [
            {"property": name, "value": value} for name, value in {"descriptionEnglish": "Rule", **more}.items()
        ],
    }  # fmt: skip
    return contract("h", "csv", table("hjem", field("nr"), field("dag", "date"), quality=[rule]), **HEAD)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (contract("h", "csv", HOME, visit(), **HEAD), "a CSV file has one table", ""),
        (contract("h", "fixed", table("hjem", field("nr")), **FIXED), "nr has no position", "../NR"),
        (contract("h", "fixed", HOME, visit(field("nr", path="../NUMMER")), **FIXED), "nr has no position", ""),
        (contract("h", "fixed", HOME, visit(parent={"table": "hjm"}), **FIXED), "no table above is called hjm", "hjem"),
        (contract("h", "fixed", visit(parent={"table": "hjem"}), HOME, **FIXED), "no table above is called hjem", ""),
        (
            contract("h", "fixed", HOME, visit(parent={"table": "hjem", "key": "ydlse"}), **FIXED),
            "no field is called ydlse", "ydelse",
        ),
        (
            contract("h", "fixed", table("hjem", field("nr", position="3-4"), source="10"),
                     visit(parent={"table": "hjem", "key": "ydelse"}), **FIXED),
            "hjem has not one key field", "primaryKey",
        ),
        (
            contract("h", "fixed", HOME, **HEAD, dialect={"profile": "fixed", "encoding": "utf-8"}),
            "a letter is one byte", "",
        ),
        (contract("h", "fixed", HOME, **FIXED, header={"sender": "3"}), "3 is no position", "3-12"),
        (contract("h", "fixed", HOME, **FIXED, control=[{"at": "antal"}]), "antal is no position", ""),
        (contract("h", "csv", HOME, **HEAD, control=[{"at": "1", "sum": "nmr"}]), "no field is called nmr", "nr"),
        (contract("h", "csv", HOME, **HEAD, control=[{"at": "1", "count": "hjm"}]), "no table is called hjm", "hjem"),
        (contract("h", "csv", HOME, **HEAD, known="dagen"), "no field is called dagen", ""),
        (contract("h", "csv", HOME, **HEAD, window="24"), "no column of the part is a field", "part"),
        (contract("h", "csv", HOME, **HEAD, window="yaer"), "a window is a number of months", "24"),
        (
            contract("h", "json", table("hjem", field("a", path="x"), field("b", path="x/y")), **HEAD),
            "b lies in a, which is a value itself", "",
        ),
        (contract("h", "xml", HOME, **HEAD, header={"afsender": "@x"}), "a header has no field afsender", "sender"),
        (ruled(each=["nmr"]), "no column is called nmr", "nr"),
        (ruled(each=["nr"], codes="arter"), "a rule is about groups, or about codes", "two rules"),
        (ruled(valid_on="dag"), "without codes nothing is valid on a day", "code list"),
        (ruled(codes="arter", valid_on="nr"), "no day is called nr", ""),
        (ruled(told=" {nr}", each=["nr", "dag"]), "the message cannot name {nr}", "dag"),
        (ruled(told=" {dag}", each=["nr"]), "the message cannot name {dag}", "there are none"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_with_file_and_line(text: str, message: str, hint: str) -> None:
    with pytest.raises(CatalogError, match=rf"contract\.yaml:\d+: .*{message}") as problem:
        parsed(text)
    assert hint in problem.value.hint


def test_a_part_may_be_any_period_that_begins_with_that_of_the_name() -> None:
    home = table("hjem", field("nr"))
    name, part = {"name": "H_{kommune}_{dato}.csv"}, ["kommune", "maaned"]
    assert parsed(contract("h", "csv", home, recognise=name, part=part)).part == ("kommune", "maaned")


def _assumed(value: bool, why: str) -> str:
    made: dict[str, Any] = yaml.safe_load(contract("h", "csv", table("hjem", field("nr"), field("sted")), **HEAD))
    pair = {"property": "assumed", "value": value} | ({"description": why} if why else {})
    made["schema"][0]["properties"][1]["customProperties"].append(pair)
    return yaml.safe_dump(made, sort_keys=False)


def test_what_is_assumed_says_why() -> None:
    (hjem,) = parsed(_assumed(True, "No source names it.")).tables
    assert [f.assumed for f in hjem.fields] == ["", "No source names it."]


@pytest.mark.parametrize(("value", "why"), [(True, ""), (False, "No source names it.")])
def test_an_assumption_without_a_reason_is_refused(value: bool, why: str) -> None:
    with pytest.raises(CatalogError, match=r"contract\.yaml:\d+: .*says `value: true`, and why"):
        parsed(_assumed(value, why))


def test_a_field_may_write_its_dates_otherwise_than_the_others() -> None:
    home = table("hjem", field("aar", "date", dates="YYYY"), field("dag", "date"))
    (made,) = parsed(contract("h", "csv", home, **HEAD)).tables
    assert [f.dates for f in made.fields] == ["%Y", ""]
    with pytest.raises(CatalogError, match=r"contract\.yaml:\d+: a date is written with YYYY"):
        parsed(contract("h", "csv", table("hjem", field("aar", "date", dates="MM")), **HEAD))


@pytest.mark.parametrize("known", ["", "header", "dag", "udtraek"])
def test_what_is_known_by_is_a_day(known: str) -> None:
    home = table("hjem", field("nr"), field("dag", "date"))
    text = contract("h", "csv", home, recognise={"name": "H_{kommune}_{udtraek}.csv"}, known=known)
    assert parsed(text).known == known


@pytest.mark.parametrize(
    ("name", "server", "message", "hint"),
    [
        ("H_{maaned}.csv", {"known": "nr"}, "nr is no day", "header"),
        ("H_{kommune}_{maaned}.csv", {"known": "kommune"}, "kommune is no day", "header"),
        ("H_{maaned}.csv", {"known": "udtraek"}, "no field is called udtraek", ""),
        ("H_{maaned}.csv", {"part": ["kommune", "maaned"]}, "no field is called kommune", ""),
        ("H.csv", {"expects": {"every": "month"}}, "does not tell the period", "{maaned}"),
        ("H_{sekvens}.csv", {"expects": {"every": "month"}}, "does not tell the period", "{maaned}"),
        ("H_{maaned}.csv", {"expects": {"each": "kommune"}}, "does not tell the municipality", "{kommune}"),
        ("H_{maaned}.csv", {"expects": {"each": "komune"}}, "komune is not known here", "kommune"),
        ("H_{maaned}.csv", {"expects": {"months": -1}}, "a whole number from 0 on", ""),
        ("H_{maaned}.csv", {"expects": {"grace": -2}}, "a whole number from 0 on", ""),
    ],
)
def test_what_a_name_tells_is_asked_of_it(name: str, server: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(CatalogError, match=rf"contract\.yaml:\d+: .*{message}") as problem:
        parsed(contract("h", "csv", table("hjem", field("nr")), recognise={"name": name}, **server))
    assert hint in problem.value.hint


@pytest.mark.parametrize(
    ("positions", "more", "message"),
    [
        (["3-12", "10-19"], {}, "b overlaps with a"),
        (["13-19", "3-13"], {}, "a overlaps with b"),
        (["2-4", "5-6"], {}, "a overlaps with the record type 10"),
        (["3-12", "13-20"], {"length": 19}, "b ends behind the record"),
    ],
)
def test_the_fields_of_a_record_lie_beside_each_other(positions: list[str], more: dict[str, Any], message: str) -> None:
    fields = [field(name, position=at) for name, at in zip("ab", positions, strict=True)]
    with pytest.raises(CatalogError, match=message):
        parsed(contract("h", "fixed", table("hjem", *fields, source="10", **more), **FIXED))


def test_the_second_of_two_fields_of_one_name_is_told() -> None:
    text = contract("h", "csv", table("hjem", field("nr"), field("nr", physicalName="ANDEN")), **HEAD)
    with pytest.raises(CatalogError, match="nr is given twice") as problem:
        parsed(text)
    assert problem.value.line == [n for n, line in enumerate(text.splitlines(), 1) if line.endswith("name: nr")][1]


def test_a_position_of_the_header_begins_before_it_ends() -> None:
    with pytest.raises(CatalogError, match="6-3 is no position"):
        parsed(contract("h", "fixed", HOME, **FIXED, header={"sender": "6-3"}))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  primaryKey: true", "  primarykey: true", "a field has no field primarykey"),
        ("  logicalType:", "  logicalTyp:", "a field has no field logicalTyp"),
        ("businessName:", "bussinessName:", "a table has no field bussinessName"),
        ("servers:", "server:", "a contract has no field server"),
    ],
)
def test_a_field_that_the_standard_does_not_have_is_told_with_its_line(old: str, new: str, message: str) -> None:
    text = contract("h", "csv", table("hjem", field("nr", primaryKey=True), field("dag", "date")), **HEAD)
    assert old in text
    wrong = text.replace(old, new, 1)
    with pytest.raises(CatalogError, match=message) as problem:
        parsed(wrong)
    at = [n for n, line in enumerate(wrong.splitlines(), 1) if new.strip() in line]
    assert problem.value.line == at[0]


@pytest.mark.parametrize("form", TEXTS)
def test_the_schema_takes_contracts_of_every_format(form: str) -> None:
    jsonschema.Draft202012Validator(schema_of(CONTRACT, "contract")).validate(yaml.safe_load(TEXTS[form]))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("profile: fixed", "profil: fixed"),
        ("property: position", "property: postion"),
        ("logicalType: date", "logicalType: day"),
        ("kind: DataContract", "kind: Recipe"),
        ("format: fixed", "format: punched"),
        ("table: hjem", "tabel: hjem"),
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(old: str, new: str) -> None:
    text = TEXTS["fixed"]
    assert old in text
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema_of(CONTRACT, "contract")).validate(
            yaml.safe_load(text.replace(old, new))
        )
    with pytest.raises(CatalogError):
        parsed(text.replace(old, new))


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("laaner", {"physicalType": "PNR"}),
        ("laaner", {"physicalType": "pnr", "classification": "personal"}),
        ("laaner", {"physicalName": "PNR", "classification": "quasi-identifier"}),
        ("laaner", {"physicalName": "CPR-nr."}),
        ("laaner", {"physicalName": "Personnummer"}),
        ("laaner", {"physicalName": "AEGTEPNR"}),
        ("laaner", {"path": "borger/cprNummer"}),
        ("cpr", {}),
        ("borger_cpr", {"physicalName": "B"}),
    ],
)
def test_a_person_number_is_always_a_pseudonym(name: str, more: dict[str, Any]) -> None:
    text = contract("h", "csv", table("hjem", field("nr"), field(name, **more)), **HEAD)
    line = [n for n, line in enumerate(text.splitlines(), 1) if "classification:" in line][1]
    with pytest.raises(CatalogError, match=f"{name} is a person number, and is classified as") as problem:
        parsed(text)
    assert (problem.value.line, "pseudonym" in problem.value.hint) == (line, True)
    parsed(contract("h", "csv", table("hjem", field(name, **{**more, "classification": "pseudonym"})), **HEAD))


@pytest.mark.parametrize("source", ["CPRTYPE", "CPRTJEK", "P-nr", "CVRNR", "Sagsnummer", "prnr", "personale"])
def test_a_field_that_is_only_called_like_one_is_no_person(source: str) -> None:
    parsed(contract("h", "csv", table("hjem", field("felt", physicalName=source)), **HEAD))


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("DECIMAL(18;2)", "no exact number"),
        ("DECIMAL 18", "no exact number"),
        ("PNRR", "not known here"),
        ("DECIMAL(2,8)", "38 digits"),
    ],
)
def test_a_physical_type_is_one_that_is_read(kind: str, message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        parsed(contract("h", "csv", table("hjem", field("beloeb", "number", physicalType=kind)), **HEAD))


@pytest.mark.parametrize(("kind", "decimal"), [("numeric(8, 2)", (8, 2)), ("DECIMAL(9)", (9, 0)), ("VARCHAR(4)", None)])
def test_the_digits_of_an_exact_number(kind: str, decimal: tuple[int, int] | None) -> None:
    read = parsed(contract("h", "csv", table("hjem", field("beloeb", "number", physicalType=kind)), **HEAD))
    assert read.tables[0].fields[0].decimal == decimal
