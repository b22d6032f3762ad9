"""Cubes that cannot be read: asked over HTTP, each answers for itself, and the others are as they are without it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING
from unittest.mock import patch

import httpx
import pytest
from click.testing import CliRunner
from lxml import etree

from flis.access import Grant, Principals
from flis.cli import root
from flis.serve.xmla.names import DATASET
from tests.made_areas import write_area
from tests.release.sample import build_sample
from tests.serve.web.served import serving
from tests.serve.xmla.asking import discover, execute, root_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flis.config import State

USER = ("anna", "a password of her own")
CUBE = """
cube: {name}
dimensions: [{dimension}]
measure_groups:
  - name: Alt
    table: visits
    links: {{{dimension}: kommune}}
    measures: [{{name: Besøg, aggregate: sum, column: n}}]
"""
BORROWING = "cube: Lånende\ndimensions: [Kommune]\nmeasure_groups: [{cube: Ukendt felt}]\n"
WRONG = {
    # area: (its cube file, the cube's name, what its answer says)
    "kolon": ("cube: Kolon\n  dimensions: [", "Kolon", "not YAML"),
    "tom": ("", "tom", "the file is empty"),
    "citeret": ("cube: 'Uden felter' # endnu\n", "Uden felter", "dimensions"),
    "felt": (CUBE.format(name="Ukendt felt", dimension="Kommune") + "mesures: []\n", "Ukendt felt", "mesures"),
    "dimension": (CUBE.format(name="Ukendt dimension", dimension="Komune"), "Ukendt dimension", "dimension Komune"),
    "plante": (CUBE.format(name="Planter", dimension="Plante"), "Planter", "attributter"),
    "laan": (BORROWING, "Lånende", "mesures"),
    "samme": (CUBE.format(name="Ukraine Statistik", dimension="Kommune"), "", ""),
}
PLANT = "dimension: Plante\ntable: plante\nkey: plante\nattributter: []\n"
ROWSETS = ("MDSCHEMA_CUBES", "MDSCHEMA_DIMENSIONS", "MDSCHEMA_LEVELS", "MDSCHEMA_MEASURES", "MDSCHEMA_FUNCTIONS")
FIGURES = "SELECT [Measures].[Antal personer] ON 0, [Køn].[Køn].Members ON 1 FROM [Ukraine Statistik]"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> State:
    made = build_sample(tmp_path_factory.mktemp("wrong") / "state", releases=1)
    Principals(made).add(*USER, (Grant(),))
    return made


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of areas whose cubes are all wrong, and of a dimension that is."""
    folder = tmp_path_factory.mktemp("areas")
    for area, (cube, _, _) in WRONG.items():
        write_area(folder, area, **{"cube.yaml": cube})
    write_area(folder, "bytes")
    (folder / "bytes" / "cube.yaml").write_bytes(b"cube: Bytes\ncaption: \xff\xfe\n")
    write_area(folder, "dimensions", **{"area.yaml": "", "plante.yaml": PLANT})
    (folder / "dimensions" / "area.yaml").unlink()
    return folder


@pytest.fixture(scope="module")
def alone(state: State) -> Iterator[str]:
    with serving(state.root) as address:
        yield address


@pytest.fixture(scope="module")
def beside(state: State, shelf: Path) -> Iterator[str]:
    """The server of the same state, with the wrong cubes among its areas."""
    with patch.dict(os.environ, {"FLIS_AREAS": str(shelf)}), serving(state.root, shelf.parent / "log") as address:
        yield address


def answer(address: str, request: bytes) -> str:
    return httpx.post(f"{address}/xmla", content=request, auth=USER, timeout=30).text


def test_the_others_are_as_they_are_without_them(alone: str, beside: str) -> None:
    for name in ROWSETS:
        one, other = (rows_of(etree.fromstring(answer(at, discover(name)).encode())) for at in (alone, beside))
        assert one
        assert other == one
    answers = (root_of(etree.fromstring(answer(at, execute(FIGURES)).encode())) for at in (alone, beside))
    values = [[v.text for v in found.iter(f"{{{DATASET}}}Value")] for found in answers]
    assert values[0]
    assert values[1] == values[0]


@pytest.mark.parametrize("area", [area for area, (_, name, _) in WRONG.items() if name])
def test_each_answers_by_its_name_with_what_is_wrong(area: str, beside: str, shelf: Path) -> None:
    _, name, told = WRONG[area]
    found = answer(beside, execute(f"SELECT FROM [{name}]"))
    assert "faultstring" in found
    assert told in found
    for place in (str(shelf), f"areas/{area}", "cube.yaml", "plante.yaml", "dimensions/"):
        assert place not in found


def test_a_file_that_is_no_text_is_told(beside: str) -> None:
    assert "not UTF-8" in answer(beside, execute("SELECT FROM [Bytes]"))


def test_the_watchdog_names_them_and_stays_calm(beside: str) -> None:
    found = httpx.get(f"{beside}/readyz")
    assert found.status_code == 200
    assert found.text.splitlines()[0] == "release 1"
    assert {f"{name} cannot be read" for _, name, _ in WRONG.values() if name} < set(found.text.splitlines())
    assert ".yaml" not in found.text


@pytest.mark.usefixtures("areas_in")
def test_who_can_mend_them_is_told_file_and_line(state: State, shelf: Path) -> None:
    environment = {"FLIS_AREAS": str(shelf)}
    ran = CliRunner().invoke(root, ["doctor", "--port", "0", "--json", "--state", str(state.root)], env=environment)
    checks = [c["found"] for c in json.loads(ran.output) if c["name"] == "cubes"]
    assert len(checks) == len(WRONG) + 1
    for area, named in (("felt", "Ukendt felt"), ("plante", "Planter"), ("samme", "Ukraine Statistik")):
        (told,) = (one for one in checks if one.startswith(f"{named} is not served"))
        assert ("areas/dimensions/plante.yaml:" if area == "plante" else f"areas/{area}/cube.yaml:") in told
    (shelf / "dimensions" / "plante.yaml").rename(shelf / "plante.kept")
    try:
        ran = CliRunner().invoke(root, ["catalog", "check", "--json"], env=environment)
    finally:
        (shelf / "plante.kept").rename(shelf / "dimensions" / "plante.yaml")
    folders = {finding["file"].split("/")[-2] for finding in json.loads(ran.output)["findings"]}
    assert {*WRONG, "bytes"} <= folders
