"""The data areas are those of the operations overview."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from flis.catalog import codes
from flis.catalog.area_file import Frequency, Product, area, areas
from flis.catalog.area_paths import look_in
from flis.cli import root
from flis.config import Settings
from flis.errors import CatalogError, ConfigError, NotFoundError
from flis.serve.served_state import Served, served
from tests.made_areas import AREA, write_area
from tests.shared import shared

if TYPE_CHECKING:
    from tests.made_areas import AreasIn


def listed() -> list[list[str]]:
    text = shared("domain/areas.md").read_text("utf-8")
    rows = [[cell.strip() for cell in line.strip("| \n").split("|")] for line in text.splitlines() if line[:2] == "| "]
    return [row for row in rows if re.fullmatch(r"[a-z_]+", row[0]) and row[0] != "id"]


def test_all_areas_are_there_in_order() -> None:
    assert [a.id for a in areas()] == [row[0] for row in listed()]


@pytest.mark.parametrize("column", ["name", "group", "source"])
def test_names_are_spelled_as_in_the_overview(column: str) -> None:
    rows = {row[0]: row for row in listed()}
    for a in areas():
        place = {"name": 1, "group": 2, "source": 6}[column]
        value = getattr(a, column)
        written = rows[a.id][place].split(" (delivered")[0].removesuffix(" (cube) and the public Ukraine report")
        assert (value.da if value else "–") == written.replace("– (derived)", "–")


def test_lags_are_those_of_the_overview() -> None:
    for row in listed():
        numbers = [int(n) for n in re.findall(r"\d+", row[4])]
        lag = area(row[0]).lag
        assert (sorted({lag.least, lag.most}) if lag else []) == numbers


def test_every_area_speaks_two_languages_and_has_products() -> None:
    for a in areas():
        phrases = [a.name, a.frequency.text, *a.exceptions, *filter(None, [a.group, a.source])]
        assert all(p.da.strip() and p.en.strip() for p in phrases)
        assert a.products
        assert all(p.text["da"] and p.text["en"] for p in a.products)


def test_ukraine_is_daily_and_made_from_deliveries_of_borger() -> None:
    ukraine = area("ukraine")
    assert ukraine.frequency is Frequency.DAILY
    assert ukraine.delivered_as == "borger" == area("borger").delivered_as
    assert Product.REPORT in ukraine.products


def test_an_unknown_area_gets_a_suggestion() -> None:
    with pytest.raises(NotFoundError, match="Did you mean borger"):
        area("borgere")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id: }", r"areas/x/area\.yaml:1: not YAML"),
        ("\nid: x", r"areas/x/area\.yaml:2: .*no order"),
        ("order: first", r"areas/x/area\.yaml:2: a whole number"),
        ("name: {da: X}", r"areas/x/area\.yaml:2: this text has no en"),
        ("name: {da: X, en: ''}", r"areas/x/area\.yaml:2: the text is empty"),
        ("frequency: monthy", r"areas/x/area\.yaml:2: monthy is not known here\. Did you mean monthly"),
        ("products: [cube]", r"areas/x/area\.yaml:2: cube is not known here\. Did you mean dap-cube"),
        ("sources: {da: X, en: X}", r"areas/x/area\.yaml:2: a data area has no field sources\. Did you mean source"),
        ("lag: {unit: day, from: 2, to: 1}", r"areas/x/area\.yaml:2: a lag from 2 to 1 is none"),
        ("id: y", r"areas/x/area\.yaml:2: the id y is not the folder's name, x"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(text: str, says: str, tmp_path: Path, areas_in: AreasIn) -> None:
    field, _, value = text.partition(":")
    kept = [line for line in AREA.format(id="x").splitlines() if not line.startswith(field)]
    whole = text if value in {" }", " x"} else "\n".join(["# made by hand", text, *kept])
    write_area(tmp_path, "x", **{"area.yaml": whole})
    areas_in(tmp_path)
    with pytest.raises(CatalogError, match=says):
        area("x")
    assert "x" not in {one.id for one in areas()}


def test_an_area_may_lie_outside_the_package(tmp_path: Path, areas_in: AreasIn) -> None:
    folder = write_area(tmp_path, "haver", **{"codes/plante.csv": "code,da,en,valid_from,valid_to\n1,Bede,Beet,,\n"})
    areas_in(tmp_path)
    assert areas()[-1].id == "haver"
    assert area("haver").folder == folder
    assert codes.load("haver", "plante")["1"].text["en"] == "Beet"
    assert codes.load("borger", "countries")["5704"].text["da"] == "Ukraine"


def test_what_another_folder_holds_is_not_remembered(tmp_path: Path, areas_in: AreasIn) -> None:
    for number in ("1", "2"):
        text = AREA.format(id="haver").replace("Area haver", f"Area {number}")
        write_area(tmp_path / number, "haver", **{"area.yaml": text})
        areas_in(tmp_path / number)
        assert area("haver").name.en == f"Area {number}"
    areas_in()
    with pytest.raises(NotFoundError, match="no data area haver"):
        area("haver")


def test_a_changed_file_is_read_again(tmp_path: Path, areas_in: AreasIn) -> None:
    for name in ("Have", "Park"):
        write_area(tmp_path, "haver", **{"area.yaml": AREA.format(id="haver").replace("Område haver", name)})
        areas_in(tmp_path)
        assert area("haver").name.da == name


def test_nothing_is_read_again_where_nothing_changed(tmp_path: Path, areas_in: AreasIn) -> None:
    write_area(tmp_path, "haver")
    areas_in(tmp_path)
    before = areas()
    areas_in(tmp_path)
    assert areas() is before


@pytest.mark.parametrize("area", ["borger", "haver"])
def test_an_id_that_two_folders_have_names_both(area: str, tmp_path: Path, areas_in: AreasIn) -> None:
    outside = [tmp_path / "one", tmp_path / "two"]
    for shelf in outside:
        write_area(shelf, area)
    with pytest.raises(CatalogError, match=f"{area}: .+{area} and .+{area}") as told:
        areas_in(*outside)
    assert str(outside[area == "haver"] / area) in str(told.value)


def test_a_folder_that_is_not_there_or_is_an_area_itself_is_told(tmp_path: Path, areas_in: AreasIn) -> None:
    with pytest.raises(ConfigError, match=r"no folder of areas .*nowhere"):
        areas_in(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match="is a single area") as told:
        areas_in(write_area(tmp_path, "haver"))
    assert told.value.hint.endswith(str(tmp_path))


@pytest.mark.parametrize("way", ["file", "environment"])
def test_the_setting_reaches_the_overview(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for shelf, name in (("a", "haver"), ("b", "parker")):
        write_area(tmp_path / shelf, name)
    (tmp_path / "state").mkdir()
    monkeypatch.chdir(tmp_path)
    if way == "file":
        (tmp_path / "flis.toml").write_text('areas = ["a", "b"]', "utf-8")
    else:
        monkeypatch.setenv("FLIS_AREAS", f"a:{tmp_path / 'b'}")
    done = CliRunner().invoke(root, ["status", "--json"], catch_exceptions=False)
    assert [row["id"] for row in json.loads(done.stdout)["areas"]][-2:] == ["haver", "parker"]
    look_in()


def test_a_setting_that_is_no_list_of_folders_is_refused(tmp_path: Path) -> None:
    (tmp_path / "flis.toml").write_text("areas = 7", "utf-8")
    with pytest.raises(ConfigError, match=r"areas in .* takes a list of folders"):
        Settings.load(tmp_path / "flis.toml")


def test_a_server_looks_where_its_workers_are_told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_area(tmp_path / "a", "haver")
    monkeypatch.chdir(tmp_path)
    given = Served(Settings(areas=(Path("a"),))).environment
    monkeypatch.chdir("/")
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    served()
    assert area("haver").folder == tmp_path / "a" / "haver"
    look_in()
