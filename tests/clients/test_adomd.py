"""Microsoft's own client libraries against a served state and against a served catalogue."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from flis.access import Grant, Principals
from flis.release import current
from tests.clients.serving import kit, need, serving
from tests.release.sample import LAST, build_sample
from tests.shared import shared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.config import State

pytestmark = pytest.mark.client

HERE = Path(__file__).parent
PASSWORD = "a long enough password"
CUBE = "Ukraine Statistik"
OTHERS = "known_total,known_pivot,known_flattened,known_members,known_properties,kpis,named_sets,cancel"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> State:
    """The made-up release, with two users."""
    need("semantic-link-sempy")
    found = build_sample(tmp_path_factory.mktemp("state"))
    users = Principals(found)
    users.add("national", PASSWORD, (Grant(),))
    users.add("odense", PASSWORD, (Grant("0461"),))
    return found


@pytest.fixture(scope="module")
def flis(state: State, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """FLIS's own cube, served by two workers."""
    log = tmp_path_factory.mktemp("log") / "serve.log"
    with serving("--state", state.root, "--workers", "2", log=log) as url:
        yield url


@pytest.mark.parametrize("user", ["national", "odense"])
def test_the_kit_on_our_cube(flis: str, user: str) -> None:
    done = kit(
        "adomd_check.py", flis, "--catalog", "FLIS", "--cube", CUBE, "--skip", OTHERS, "--user", user,
        "--password", PASSWORD,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def figures(url: str, user: str, statements: list[str], lcid: int = 1033) -> list[dict[str, list[object]]]:
    """What ADOMD.NET says to the statements."""
    script = HERE / "adomd_figures.py"
    environment = {"PYTHONPATH": str(shared("xmla")), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, str(script), url, user, PASSWORD, str(lcid)],
        input="\n".join(statements),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def stock(state: State, store: str) -> int:
    """The persons of the last day, straight from the released file."""
    release = current(state)
    assert release is not None
    tables = [pq.read_table(f) for f in release.area("ukraine").store(store).tables["stock"]]
    return sum(pc.sum(t.filter(pc.equal(t["dato"], LAST))["antal"]).as_py() or 0 for t in tables)


def test_known_figures_of_our_cube(flis: str, state: State) -> None:
    total = "SELECT {[Measures].[Antal personer]} ON 0 FROM [Ukraine Statistik]"
    places = (
        "SELECT {Measures.[Antal personer]} ON 0, [Kommune].[Kommune].[Kommune].Members ON 1 FROM [Ukraine Statistik] "
        f"WHERE [Dato].[Dag].&[{LAST.isoformat()}]"
    )
    whole, each = figures(flis, "national", [total, places])
    assert whole["values"] == [stock(state, "national")]
    assert len(each["axes"][1]) == 99  # type: ignore[arg-type]
    assert sum(v or 0 for v in each["values"]) == stock(state, "national")  # type: ignore[misc]
    [own] = figures(flis, "odense", [places])
    assert own["axes"][1] == [["[Kommune].[Kommune].&[0461]"]]
    assert own["values"] == [stock(state, "kommune-0461")]


def test_captions_follow_the_language(flis: str) -> None:
    statement = (
        "SELECT {[Measures].[Antal personer]} ON 0, {[Kommune].[Geografi].DefaultMember} ON 1 FROM [Ukraine Statistik]"
    )
    danish, english = (figures(flis, "odense", [statement], lcid)[0]["captions"] for lcid in (1030, 1033))
    assert danish == [[["Antal personer"]], [["Egne kommuner"]]]
    assert english[1] == [["Own municipalities"]]


@pytest.mark.parametrize("user", ["national", "odense"])
def test_the_object_model_connects(flis: str, user: str) -> None:
    done = kit(HERE / "tom_connect.py", flis, user, PASSWORD)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FLIS" in done.stdout.splitlines()[2:]


def test_the_whole_kit_on_foodmart(state: State, tmp_path: Path) -> None:
    """All steps, with a user and two workers."""
    arguments = ("--catalog", HERE.parent / "foodmart" / "catalog", "--data", shared("foodmart/parquet"))
    with serving(*arguments, "--state", state.root, "--workers", "2", log=tmp_path / "log") as url:
        done = kit("adomd_check.py", url, "--optional", "--user", "odense", "--password", PASSWORD)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "46 passed, 0 failed"


def test_the_object_model_reads_every_object(tmp_path: Path) -> None:
    need("semantic-link-sempy")
    arguments = ("--catalog", HERE.parent / "foodmart" / "catalog", "--data", shared("foodmart/parquet"))
    with serving(*arguments, log=tmp_path / "log") as url:
        done = kit(HERE / "amo_objects.py", url, "anyone", "none")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line.split("|") for line in done.stdout.splitlines()]
    assert {line[2] for line in lines} == {"Processed"}
    cubes = ["Sales", "Warehouse", "Store", "HR", "Sales Ragged", "Sales 2", "Warehouse and Sales"]
    assert [name for kind, name, *_ in lines if kind == "cube"] == cubes
    assert [
        "group",
        "Store",
        "Processed",
        "['Store Sqft', 'Grocery Sqft']",
        "['Store Type', 'Store', 'Has coffee bar']",
    ] in lines
    assert ["dimension", "Gender", "Processed", "['Gender']", "[]"] in lines


def test_the_usual_steps_without_sign_in(tmp_path: Path) -> None:
    need("semantic-link-sempy")
    arguments = ("--catalog", HERE.parent / "foodmart" / "catalog", "--data", shared("foodmart/parquet"))
    with serving(*arguments, log=tmp_path / "log") as url:
        done = kit("adomd_check.py", url)
    assert done.returncode == 0, done.stdout + done.stderr
