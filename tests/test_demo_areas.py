"""The demo with all areas: killed half-way and called again, it shows the figures of the files, Økonomi's too."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.areas.okonomi.ledger import read_all
from tests.demo import SCALES, flis

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

DEMO = ("demo", "--from", "2022-08-01", "--to", "2022-08-16", *SCALES, "--no-serve", "--json")
ASKED = (
    "SELECT {[Measures].[Nettodriftsudgift]} ON 0, NON EMPTY [Kommune].[Kommune].[Kommune].Members ON 1 "
    "FROM [Økonomi Statistik]"
)


def run(*arguments: str) -> str:
    ended = flis(*arguments)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_a_demo_killed_half_way_goes_on_and_shows_every_area(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    state = str(tmp_path / "state")
    begun = subprocess.Popen([sys.executable, "-m", "flis", *DEMO, "--state", state], stdout=subprocess.DEVNULL)
    kept = tmp_path / "state" / "deliveries" / "validated"
    until = time.monotonic() + 120
    while not list(kept.glob("oko-*")) and time.monotonic() < until:
        time.sleep(0.05)
    begun.kill()
    begun.wait()
    assert list(kept.glob("oko-*"))
    assert list(temporary.glob("flis-simulated-*")), "simulated files that nobody takes any more"

    told = json.loads(run(*DEMO, "--state", state))
    assert told["cubes"] == ["Økonomi Statistik", "Ukraine Statistik"]
    assert list(temporary.iterdir()) == []

    areas = {area["id"]: area for area in json.loads(run("areas", "--state", state, "--json"))}
    assert areas["okonomi"]["deliveries"] == {"loaded": 98, "waiting": 0, "quarantined": 0}
    assert areas["okonomi"]["data_through"] == "2022-07-31"
    assert areas["okonomi"]["gaps"] == []
    assert areas["ukraine"]["data_through"] == "2022-08-16"

    out = tmp_path / "files"
    run("simulate", "okonomi", "--from", "2022-07-01", "--to", "2022-07-01", "--scale", SCALES[1], "--out", str(out))
    spent = {
        kommune: sum(one.booked for one in file.postings if one.account[0] < "7" and one.account[5] in "12")
        for kommune, file in read_all(out.iterdir()).items()
    }
    answer = json.loads(run("query", "Økonomi Statistik", "--state", state, "--mdx", ASKED, "--json"))
    cells = [Decimal(str(cell["value"])) for cell in answer["cells"]]
    assert dict(zip((name[-5:-1] for (name,) in answer["axes"][1]), cells, strict=True)) == spent
