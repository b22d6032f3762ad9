"""Refused deliveries are judged again after a contract or `senders.csv` changed, without being sent again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from flis.catalog.area_paths import look_in
from flis.cli.deliveries import deliveries as command
from flis.delivery import deliveries, expire
from flis.errors import NotFoundError
from flis.validation import rejudge, report
from tests.validation.made_files import put, rows, state_in, visits, write_areas

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State
    from tests.made_areas import AreasIn

NAME, OTHER = "HAVER_0101_202508_1.csv", "HAVER_0147_202508_1.csv"
FILES = {NAME: rows(visits("202508")), OTHER: rows(visits("202508", sender="0147")).replace(b";TIMER;", b";TID;")}
UNREAD = ["g-02-column-missing", "g-03-column-added", "g-05-wrong-sum"]
STEPS = [
    pytest.param("reread.read", marks=pytest.mark.slow),
    "reread.put",
    pytest.param("reread.noted", marks=pytest.mark.slow),
    "reread.moved",
    pytest.param("judge.examined", marks=pytest.mark.slow),
    pytest.param("judge.held", marks=pytest.mark.slow),
    pytest.param("judge.reported", marks=pytest.mark.slow),
]


@pytest.fixture
def refused(tmp_path: Path, areas_in: AreasIn) -> State:
    """A state with two refused deliveries: the sender of one is not listed, a column of the other is renamed."""
    write_areas(tmp_path / "areas", senders="0147,haver/1,2020-01-01,\n")
    areas_in(tmp_path / "areas")
    state = state_in(tmp_path)
    put(state, FILES)
    assert told(state) == {
        NAME: ("quarantined", ["g-07-sender-not-allowed"]),
        OTHER: ("quarantined", UNREAD),
    }
    return state


def told(state: State) -> dict[str, tuple[str, list[str]]]:
    return {d.manifest.file: (d.state.value, [f.rule for f in report(d).findings]) for d in deliveries(state)}


def mended(state: State) -> None:
    """The area as its contract and senders should have been, known from now on."""
    folder = state.root.parent / "areas"
    write_areas(folder, senders="0101,haver/1,2020-01-01,\n0147,haver/1,2020-01-01,\n")
    look_in([folder])


def kept(state: State) -> dict[str, Any]:
    """All that deliveries are, but for the times at which files were written and for ciphertext."""
    found = {}
    for delivery in deliveries(state):
        inside = (f for f in delivery.folder.rglob("*") if f.is_file() and f.name != "file.enc")
        found[delivery.manifest.file] = {
            str(f.relative_to(delivery.folder)): b"" if f.name == "manifest.json" else f.read_bytes() for f in inside
        }
        found[delivery.manifest.file]["state"] = delivery.state.value.encode()
    return found


def test_a_listed_sender_comes_through(refused: State) -> None:
    mended(refused)
    done = rejudge(refused, "haver")
    assert sorted(d.state.value for d in done.judged) == ["quarantined", "validated"]
    assert told(refused) == {NAME: ("validated", []), OTHER: ("quarantined", UNREAD)}
    again = rejudge(refused, "haver")
    assert [d.manifest.file for d in again.judged] == [OTHER]


def test_it_is_as_if_it_had_been_sent_now(refused: State, tmp_path: Path) -> None:
    mended(refused)
    rejudge(refused, "haver")
    fresh = state_in(tmp_path / "fresh")
    shutil.copytree(refused.keys, fresh.keys)
    put(fresh, FILES)
    assert kept(refused) == kept(fresh)


def test_a_changed_contract_reads_it_otherwise(refused: State) -> None:
    folder = refused.root.parent / "areas" / "haver"
    contract = (folder / "contract.yaml").read_text("utf-8").replace("physicalName: TIMER", "physicalName: TID")
    (folder / "contract.yaml").write_text(contract, "utf-8")
    look_in([folder.parent])
    rejudge(refused, "haver")
    assert told(refused)[OTHER] == ("validated", [])
    assert told(refused)[NAME][0] == "quarantined"


def test_what_is_no_longer_kept_is_named(refused: State) -> None:
    expire(refused, date(2100, 1, 1), archive_days=1, quarantine_days=1)
    mended(refused)
    done = rejudge(refused, "haver")
    assert (done.judged, len(done.gone)) == ([], 2)


def test_no_such_area(refused: State) -> None:
    with pytest.raises(NotFoundError):
        rejudge(refused, "have")


def test_the_command_says_what_became_of_each(refused: State) -> None:
    mended(refused)
    environment = {"FLIS_AREAS": str(refused.root.parent / "areas")}
    shown = CliRunner().invoke(command, ["rejudge", "haver", "--state", str(refused.root), "--json"], env=environment)
    assert shown.exit_code == 1
    found = json.loads(shown.output)
    assert [row["state"] for row in found["judged"]] == ["validated", "quarantined"]
    assert "column" in found["judged"][1]["reason"]


@pytest.mark.parametrize("at", STEPS)
def test_killed_anywhere_and_run_again_it_comes_to_the_same(refused: State, tmp_path: Path, at: str) -> None:
    write_areas(refused.root.parent / "areas", senders="0101,haver/1,2020-01-01,\n0147,haver/1,2020-01-01,\n")
    other = tmp_path / "other"
    shutil.copytree(refused.root, other / "state")
    environment = {**os.environ, "FLIS_AREAS": str(refused.root.parent / "areas"), "FLIS_CRASH_AT": at}
    call = [sys.executable, "-m", "flis", "deliveries", "rejudge", "haver", "--state", str(refused.root)]
    assert subprocess.run(call, env=environment, check=False, capture_output=True).returncode == -signal.SIGKILL
    look_in([refused.root.parent / "areas"])
    rejudge(refused, "haver")
    undisturbed = state_in(other)
    rejudge(undisturbed, "haver")
    assert kept(refused) == kept(undisturbed)
    assert told(refused)[NAME] == ("validated", [])
    assert not [p for p in refused.root.rglob(".*") if p.name not in {".lock", ".index"}]
