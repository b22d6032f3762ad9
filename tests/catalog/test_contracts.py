from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from flis.catalog import contracts
from flis.catalog.contracts import Classification, Field, FieldType
from flis.errors import CatalogError, NotFoundError
from tests.made_areas import write_area

if TYPE_CHECKING:
    from pathlib import Path

    from tests.made_areas import AreasIn

BORGER = (files("flis.areas") / "borger" / "contract.yaml").read_text("utf-8")


def _all_fields() -> list[Field]:
    return [field for table in contracts.load("borger").tables for field in table.fields]


def test_borger_keeps_what_population_and_the_ukraine_statistics_need() -> None:
    kept = contracts.load("borger").kept
    assert {"STATUS", "STATUSHAENSTART", "KOEN", "FOED_DT", "PNRGAELD"} <= set(kept["001"])
    assert {"KOMKOD", "TILFLYDTO", "TILFLYKOMDTO", "FRAFLYKOMKOD", "FRAFLYKOMDTO"} <= set(kept["002"])
    assert set(kept["023"]) == {
        "PNR", "ANNKOR", "KOMKOD", "TILFLYDTO", "TILFLYDTO:LATEST", "TILFLYDTO_UMRK",
        "FRAFLYDTO", "FRAFLYDTO:LATEST", "FRAFLYDTO_UMRK",
    }  # fmt: skip
    assert {"ANNKOR", "UDR_LANDEKOD", "UDRDTO", "INDR_LANDEKOD", "INDRDTO", "INDRDTO_UMRK"} <= set(kept["024"])
    assert ",".join(kept) == "001,002,005,007,010,012,013,014,015,022,023,024,025,027,029,030,099"


def test_every_pseudonym_is_a_person_and_nothing_else_is() -> None:
    for field in _all_fields():
        is_number = "PNR" in field.source
        assert (field.classification is Classification.PSEUDONYM) == is_number, field.source
        assert field.classification is not Classification.PUBLIC


def test_no_name_address_or_free_text_is_kept() -> None:
    dropped = ("NVN", "ADR", "VEJ", "HUSNR", "ETAGE", "SIDEDOER", "BNR", "STILLING", "TXT", "POST", "NGLKONST")
    for field in _all_fields():
        assert not any(part in field.source for part in dropped), field.source


def test_texts_are_there_in_both_languages() -> None:
    contract = contracts.load("borger")
    phrases = [contract.purpose, contract.usage, contract.limitations]
    phrases += [phrase for table in contract.tables for phrase in (table.title, table.description)]
    phrases += [field.description for field in _all_fields()]
    for phrase in phrases:
        assert phrase.da
        assert phrase.en


def test_a_table_by_its_source() -> None:
    table = contracts.load("borger").table("010")
    assert table.name == "record_010"
    assert [field.type for field in table.fields[:3]] == [FieldType.STRING, FieldType.STRING, FieldType.DATE]
    with pytest.raises(NotFoundError, match="nothing of 008"):
        contracts.load("borger").table("008")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kind: DataContract", "kind: Recipe", r"contract.yaml:4: this is no data contract"),
        ("apiVersion: v3.1.0", "apiVersion: v2.2.2", r"contract.yaml:4: this is no data contract"),
        ("logicalType: date", "logicalType: day", r"contract.yaml:\d+: one of these was expected: string, date"),
        ("classification: personal", "classification: hush", r"contract.yaml:\d+: one of these was expected: pseudo"),
        ("name: koen", "name: status", r"contract.yaml:\d+: status is given twice"),
        ("physicalName: KOEN", "physicalName: STATUS", r"contract.yaml:\d+: STATUS is given twice"),
        ("property: purposeEnglish", "property: purposeGerman", r"purposeEnglish is missing among the custom"),
        ("version: 1.0.0\n", "", r"version is missing here"),
        ("schema:", "schemas:", r"a contract has no field schemas\. Did you mean schema"),
        ("kind: DataContract\n", "", r"kind is missing here"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(BORGER.replace(old, new, 1), "utf-8")
    with pytest.raises(CatalogError, match=message):
        contracts.parse(path)


def test_an_area_without_contract_is_a_catalogue_error(tmp_path: Path, areas_in: AreasIn) -> None:
    write_area(tmp_path, "haver")
    areas_in(tmp_path)
    with pytest.raises(CatalogError, match=r"areas/haver/contract\.yaml: the file cannot be read"):
        contracts.load("haver")
