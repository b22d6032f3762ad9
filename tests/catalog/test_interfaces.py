"""What a contract says of an interface: how its files look, what they replace, when they are due."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from flis.catalog import contracts
from flis.catalog.contract import Breach, Chain, Every, FileFormat
from flis.errors import CatalogError, NotFoundError
from tests.made_areas import write_area
from tests.made_contracts import contract, field, table

if TYPE_CHECKING:
    from pathlib import Path

    from tests.made_areas import AreasIn

SERVER: dict[str, Any] = {
    "recognise": {"name": "HAVER_{kommune}_{maaned}_{sekvens}.csv"},
    "dialect": {"profile": "kom-csv", "sums": ["timer"]},
    "part": ["kommune", "maaned"],
    "expects": {"each": "kommune", "every": "month"},
}
HELP = table(
    "besoeg",
    field("person", classification="pseudonym", primaryKey=True, required=True),
    field("ydelse", codes="ydelse", renamed=[{"valid": "2025-07-01", "name": "FORLOEB"}]),
    field("timer", "number", physicalType="DECIMAL(8,2)"),
    quality=[
        {
            "name": "timer-positive",
            "type": "custom",
            "engine": "flis",
            "implementation": "timer >= 0",
            "description": "Timer er negative.",
            "customProperties": [
                {"property": "descriptionEnglish", "value": "Hours are negative."},
                {"property": "breach", "value": "hold"},
            ],
        }
    ],
)


def _parsed(folder: Path, text: str) -> contracts.Contract:
    file = folder / "contract.yaml"
    file.write_text(text, "utf-8")
    return contracts.parse(file)


def test_a_contract_says_how_its_files_look_and_what_they_replace(tmp_path: Path) -> None:
    found = _parsed(tmp_path, contract("haver", "csv", HELP, **SERVER))
    assert (found.area, found.interface, found.format) == ("haver", "haver-csv/1", FileFormat.CSV)
    assert (found.part, found.chain) == (("kommune", "maaned"), Chain.NEWEST)
    assert found.expects
    assert (found.expects.each, found.expects.every, found.expects.months, found.expects.grace) == (
        "kommune", Every.MONTH, 1, 3,
    )  # fmt: skip
    dialect = found.dialect
    assert (dialect.encoding, dialect.decimal, dialect.dates, dialect.end) == ("iso-8859-1", ",", "%d-%m-%Y", "SLUT")
    (visits,) = found.tables
    assert visits.keys == ("person",)
    assert visits.quality[0].breach is Breach.HOLD
    hours, service = visits.field("timer"), visits.field("ydelse")
    assert hours
    assert service
    assert hours.decimal == (8, 2)
    assert [service.source_on(date(2025, m, 1)) for m in (6, 7)] == ["YDELSE", "FORLOEB"]


def test_a_file_name_tells_what_its_pattern_names(tmp_path: Path) -> None:
    found = _parsed(tmp_path, contract("haver", "csv", HELP, **SERVER)).recognition
    told = {"kommune": "0101", "maaned": "202508", "sekvens": "2"}
    assert found.match("HAVER_0101_202508_2.csv") == told
    assert found.match("haver_0101_202508_2.CSV") == told
    assert found.match("HAVER_0101_202508_2.csv.bak") is None
    assert found.match("HAVER_Hansen_202508_2.csv") is None


def test_the_cpr_contract_is_a_chain_that_replaces_persons() -> None:
    found = contracts.load("borger")
    assert (found.area, found.interface, found.format) == ("borger", "borger-cpr/1", FileFormat.CPR)
    assert (found.part, found.chain) == (("person",), Chain.LINKED)


def test_an_area_may_have_several_interfaces(tmp_path: Path, areas_in: AreasIn) -> None:
    other = contract("haver", "ndjson", HELP, interface="haver-ny", recognise={"name": "NY_{kommune}_{maaned}.json"})
    texts = {"contract.yaml": contract("haver", "csv", HELP, **SERVER), "contract-ny.yaml": other}
    write_area(tmp_path, "haver", **texts)
    areas_in(tmp_path)
    assert [c.interface for c in contracts.of_area("haver")] == ["haver-ny/1", "haver-csv/1"]
    assert contracts.by_interface("haver-ny/1").area == "haver"
    assert {"borger-cpr/1", "haver-csv/1"} <= {c.interface for c in contracts.all_contracts()}
    with pytest.raises(NotFoundError, match=r"haver-nu/1.*"):
        contracts.by_interface("haver-nu/1")


def test_two_contracts_of_one_interface_are_refused(tmp_path: Path, areas_in: AreasIn) -> None:
    text = contract("haver", "csv", HELP, **SERVER)
    write_area(tmp_path, "haver", **{"contract.yaml": text, "contract-2.yaml": text})
    areas_in(tmp_path)
    with pytest.raises(CatalogError, match=r"areas/haver/contract\.yaml: the interface haver-csv/1 has another"):
        contracts.of_area("haver")


@pytest.mark.parametrize(
    ("server", "message"),
    [
        ({"recognise": {"name": "A_{kommun}.csv"}}, r":\d+: a file's name cannot tell {kommun}\. .*kommune"),
        ({"recognise": {}}, r":\d+: a file is recognised by its name or its head"),
        ({"dialect": {"profil": "kom-csv"}}, r":\d+: a dialect has no field profil\. .*profile"),
        ({"dialect": {"profile": "kom-cvs"}}, r":\d+: kom-cvs is not known here\. .*kom-csv"),
        ({"dialect": {"encoding": "iso-9999"}}, r":\d+: there is no encoding iso-9999"),
        ({"dialect": {"decimal": ";"}}, r":\d+: the decimal sign is the delimiter"),
        ({"dialect": {"sums": ["timre"]}}, r":\d+: no field is called timre\. .*timer"),
        ({"part": ["kommun"]}, r":\d+: no field is called kommun"),
        ({"chain": "linked"}, r":\d+: only CPR files name the delivery before their own"),
        ({"chain": "latest"}, r":\d+: latest is not known here"),
        ({"expects": {"every": "moon"}}, r":\d+: moon is not known here"),
        ({"held": "2 %"}, r":\d+: a share lies between 0 and 1"),
        ({"recognize": 1}, r":\d+: there is no custom property recognize here\. .*recognise"),
    ],
)
def test_a_wrong_server_is_said_with_file_and_line(tmp_path: Path, server: dict[str, Any], message: str) -> None:
    with pytest.raises(CatalogError) as problem:
        _parsed(tmp_path, contract("haver", "csv", HELP, **(SERVER | server)))
    assert problem.match(r"contract\.yaml" + message.partition(r"\. ")[0])
    if r"\. .*" in message:
        assert message.partition(r"\. .*")[2] in problem.value.hint


@pytest.mark.parametrize("kind", ["integer", "number", "date"])
def test_a_person_number_is_a_text(tmp_path: Path, kind: str) -> None:
    wrong = table("besoeg", field("person", kind, classification="pseudonym"))
    with pytest.raises(CatalogError, match=r"contract\.yaml:\d+: the person number person is a "):
        _parsed(tmp_path, contract("haver", "csv", wrong, recognise={"head": "A"}))
