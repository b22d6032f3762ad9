"""Pivot components for browsers, in headless Chromium, against served cubes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flis.access import Grant, Principals
from tests.clients.serving import serving
from tests.release.sample import build_sample
from tests.shared import shared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.config import State

pytestmark = pytest.mark.client

BROWSERS = Path(__file__).parent / "browsers"
FOODMART = Path(__file__).parents[1] / "foodmart" / "catalog"
PASSWORD = "a long enough password"
SCREENSHOTS = os.environ.get("FLIS_SCREENSHOTS", "")  # a folder for pictures of the pivots


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    if not (BROWSERS / "node_modules").is_dir() or shutil.which("chromium") is None:
        reason = "the browser clients are not installed: make test-clients"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="module")
def flis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    state: State = build_sample(tmp_path_factory.mktemp("state"))
    Principals(state).add("national", PASSWORD, (Grant(),))
    with serving("--state", state.root, log=tmp_path_factory.mktemp("log") / "serve.log") as url:
        yield url


def use(kind: str, url: str) -> dict[str, dict[str, Any]]:
    """What a component shows when built, when a row is opened or closed, and when filtered."""
    asked = {
        "url": url,
        "catalog": "FLIS",
        "cube": "Ukraine Statistik",
        "measure": "[Measures].[Antal personer]",
        "rows": "[Køn].[Køn]",
        "inner": "[Civilstand].[Civilstand]",
        "user": "national",
        "password": PASSWORD,
        "locale": 1033,
        "open": "Women",
        "opened": "Unmarried",
        "filter": ["[Køn].[Køn].&[K]"],
        "chromium": shutil.which("chromium"),
    }
    picture = [str(Path(SCREENSHOTS) / f"{kind}.png")] if SCREENSHOTS else []
    done = subprocess.run(
        ["node", str(BROWSERS / "drive.mjs"), kind, json.dumps(asked), *picture],
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found = {said["step"]: said for said in map(json.loads, done.stdout.splitlines())}
    for said in found.values():
        said["cells"] = [cell.replace(",", "") for cell in said["cells"]]
        assert said["errors"] == []
        assert set(said["answers"]) <= {200, 204}
    return found


FIELDS = {"[Dato].[Kalender]", "[Kommune].[Geografi]", "[Alder].[Alder]", "[Køn].[Køn]", "[Measures].[Indrejste]"}


@pytest.mark.parametrize("kind", ["devextreme", "syncfusion"])
def test_a_component_lists_builds_drills_and_filters(flis: str, kind: str) -> None:
    found = use(kind, flis)
    assert set(found["built"]["fields"]) >= FIELDS
    assert {"Women", "Men", "1354", "585", "1939"} <= set(found["built"]["cells"])
    # one begins with its inner rows closed, the other with all of them open: a click on a row is the other way round
    inside, outside = ("drilled", "built") if kind == "devextreme" else ("built", "drilled")
    assert {"Married", "Unmarried", "190", "1164"} <= set(found[inside]["cells"])
    assert not {"190", "1164"} & set(found[outside]["cells"])
    assert "Men" not in found["filtered"]["cells"]
    assert {"Women", "1354"} <= set(found["filtered"]["cells"])


DIMENSIONS = ("[Gender]", "[Marital Status]")
HIERARCHIES = ("[Gender].[Gender]", "[Marital Status].[Marital Status]")


@pytest.mark.parametrize(
    ("kind", "rows", "inner"),
    # Syncfusion looks its fields up by the hierarchies' unique names, so it takes no others
    [("devextreme", *DIMENSIONS), ("devextreme", *HIERARCHIES), ("syncfusion", *HIERARCHIES)],
)
def test_the_kit_on_foodmart(kind: str, rows: str, inner: str, tmp_path: Path) -> None:
    for file in shared("xmla/browser").glob("*.*js*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "node_modules").symlink_to(BROWSERS / "node_modules")
    chromium = shutil.which("chromium") or ""
    with serving("--catalog", FOODMART, "--data", shared("foodmart/parquet"), log=tmp_path / "log") as url:
        done = subprocess.run(
            ["node", "drive.mjs", kind, url, "--rows", rows, "--inner", inner, "--chromium", chromium],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
