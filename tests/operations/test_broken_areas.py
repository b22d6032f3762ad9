"""An area whose files cannot be read stands still, and the others go on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from flis.catalog.area_file import areas
from flis.catalog.contracts import all_contracts, unreadable
from flis.catalog.cubes import own_catalogue
from flis.delivery import DeliveryState, deliveries, receive
from flis.errors import CatalogError, DeliveryError
from flis.operations import area_states, status
from flis.operations.checking import check_folder
from flis.validation import settle
from tests.made_areas import AREA, AreasIn, write_area
from tests.operations.gardens import Gardens, write_gardens

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State

BROKEN = {
    "no such source": {"area.yaml": AREA.format(id="parker") + "deliveries: borgr\n"},
    "a source without deliveries": {"area.yaml": AREA.format(id="parker") + "deliveries: ukraine\n"},
    "an area file": {"area.yaml": AREA.format(id="parker").replace("monthly", "montly")},
    "no YAML": {"area.yaml": "id: [parker\n"},
    "a contract": {"contract.yaml": "kind: Recipe\n"},
}


@pytest.fixture(params=BROKEN, ids=lambda name: name)
def shelf(request: pytest.FixtureRequest, tmp_path: Path, areas_in: AreasIn) -> Path:
    """Gardens, and a broken area of parks beside them."""
    write_gardens(tmp_path / "areas")
    write_area(tmp_path / "areas", "parker", **BROKEN[request.param])
    areas_in(tmp_path / "areas")
    return tmp_path / "areas"


def test_a_broken_area_disturbs_no_other(shelf: Path, state: State, caplog: pytest.LogCaptureFixture) -> None:
    gardens = Gardens(state)
    assert gardens.sends("0101", "2020-01", "2020-02-03").state is DeliveryState.VALIDATED
    assert "haver" in {one.area.id for one in area_states(state)}
    assert "haver" in {row.area.id for row in status(state).areas}
    assert "haver" in {contract.area for contract in all_contracts()}
    with caplog.at_level(logging.WARNING):
        assert list(unreadable()) == ["parker"]
    assert [r.getMessage()[:38] for r in caplog.records] in ([], ["The data area parker stands still: are"])
    (finding,) = check_folder(shelf)
    assert finding.file.partition("parker/")[2] in {"area.yaml", "contract.yaml"}


def test_what_was_meant_is_told(tmp_path: Path) -> None:
    write_area(tmp_path, "parker", **BROKEN["no such source"])
    (finding,) = check_folder(tmp_path)
    assert (finding.line, finding.message) == (6, "there is no data area borgr.")
    assert "borger" in finding.hint
    write_area(tmp_path, "parker", **BROKEN["a source without deliveries"])
    (finding,) = check_folder(tmp_path)
    assert (finding.message, finding.hint) == ("ukraine is itself made of the deliveries of borger.", "Write borger.")


def test_a_file_that_may_be_of_the_broken_area_waits_for_its_contract(
    tmp_path: Path, areas_in: AreasIn, state: State
) -> None:
    write_gardens(tmp_path)
    good = (tmp_path / "haver" / "contract.yaml").read_text("utf-8")
    gardens = Gardens(state)
    areas_in(tmp_path)
    assert gardens.sends("0101", "2020-01", "2020-02-03").state is DeliveryState.VALIDATED
    file = state.inbox / "HAVER_0147_202001_1_20200203.csv"
    file.write_text("NR\n1\n", "utf-8")
    receive(state, file)
    (tmp_path / "haver" / "contract.yaml").write_text("kind: Recipe\n", "utf-8")
    areas_in(tmp_path)
    assert settle(state) == []
    assert [d.manifest.sender for d in deliveries(state, DeliveryState.RECEIVED)] == ["0147"]
    file.write_text("NR\n2\n", "utf-8")
    with pytest.raises(DeliveryError, match="that of haver cannot be read"):
        receive(state, file)
    assert file.exists()
    (tmp_path / "haver" / "contract.yaml").write_text(good, "utf-8")
    areas_in(tmp_path)
    assert {d.state for d in settle(state)} == {DeliveryState.VALIDATED}


def test_of_two_areas_with_one_interface_the_first_has_it(tmp_path: Path, areas_in: AreasIn) -> None:
    write_gardens(tmp_path)
    (write_area(tmp_path, "parker") / "contract.yaml").write_text(
        (tmp_path / "haver" / "contract.yaml").read_text("utf-8").replace("domain: haver", "domain: parker"), "utf-8"
    )
    areas_in(tmp_path)
    assert list(unreadable()) == ["parker"]
    assert isinstance(unreadable()["parker"], CatalogError)
    assert {"haver", "parker"} <= {area.id for area in areas()}


@pytest.mark.parametrize("cube", ["cube: }", "cube: Parker\nmeasure_groups: []\n"])
def test_a_broken_cube_leaves_the_others_open(tmp_path: Path, areas_in: AreasIn, cube: str) -> None:
    sound = [one.name for one in own_catalogue().cubes]
    write_area(tmp_path, "parker", **{"cube.yaml": cube})
    areas_in(tmp_path)
    assert [one.name for one in own_catalogue().cubes] == sound
    assert len(check_folder(tmp_path)) == 1
