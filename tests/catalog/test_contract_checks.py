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
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_with_file_and_line(text: str, message: str, hint: str) -> None:
    with pytest.raises(CatalogError, match=rf"contract\.yaml:\d+: .*{message}") as problem:
        parsed(text)
    assert hint in problem.value.hint


@pytest.mark.parametrize("known", ["", "header", "nr"])
def test_what_is_known_by_is_a_field_or_the_header(known: str) -> None:
    assert parsed(contract("h", "csv", HOME, **HEAD, known=known)).known == known


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
