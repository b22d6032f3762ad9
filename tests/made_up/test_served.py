"""The made-up areas over the server as it runs: signed in, over HTTP, each with the rows of its own municipality."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import httpx
import pytest
from lxml import etree

from flis.access import Grant, Principals
from flis.serve.xmla.names import DATASET
from tests.made_up import nurseries, rides
from tests.made_up.conftest import OWN
from tests.made_up.walk import AREAS, state_of
from tests.serve.web.served import serving
from tests.serve.xmla.asking import execute, root_of

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "correct horse battery"


@pytest.mark.slow
def test_two_areas_over_the_running_server(both: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLIS_AREAS", str(AREAS))
    state = tmp_path / "state"
    shutil.copytree(both, state)
    people = Principals(state_of(state))
    people.add("anna", PASSWORD, (Grant(OWN),))
    people.add("boss", PASSWORD, (Grant(""),))
    kept = rides.known(rides.files())
    placed = nurseries.counted(nurseries.places(nurseries.files()), nurseries.month_ends()[-1:])
    expected = {
        "anna": (sum(r.kommune == OWN for r in kept), sum(row.kommune == OWN for _, row in placed)),
        "boss": (len(kept), len(placed)),
    }
    with serving(state) as address:
        for name, (ridden, places) in expected.items():
            for cube, measure, value in (("Kørsel", "Ture", ridden), ("Børnehaver", "Pladser", places)):
                body = execute(f"SELECT {{[Measures].[{measure}]}} ON 0 FROM [{cube}]", Catalog="FLIS")
                answer = httpx.post(f"{address}/xmla", content=body, auth=(name, PASSWORD), timeout=30)
                assert answer.status_code == 200
                cells = root_of(etree.fromstring(answer.content)).iterfind(f".//{{{DATASET}}}Cell/{{{DATASET}}}Value")
                assert [int(cell.text or "") for cell in cells] == [value], (name, cube)
        assert httpx.post(f"{address}/xmla", content=body, timeout=30).status_code == 401
