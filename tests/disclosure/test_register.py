"""What was shown is never forgotten: not by a kill, a roll-back, a restored state, a lost file or another key."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flis.cli.doctor import _shown
from flis.config import Settings, State
from flis.delivery.keys import simulated_keys
from flis.disclosure import protector, register
from flis.errors import ConfigError, ReleaseError, StateError
from flis.release import PUBLIC, apply, current, release, resume, rollback, verify
from flis.release.files import Files
from flis.release.publishing import publish
from flis.release.tree import encoded
from flis.serve.web.ukraine.current_figures import CurrentFigures
from flis.warehouse import load
from tests.areas.ukraine.figures import rows
from tests.release.earlier import to_earlier_form
from tests.warehouse.arrange import accept, new_state, write_chain
from tests.warehouse.lives import Life

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAYS = [date(2022, 1, 31), date(2022, 2, 7), date(2022, 2, 14), date(2022, 2, 21)]
PUBLISH = "from pathlib import Path; from flis.config import State; from flis.release import apply; import sys; "
PUBLISH += "apply(State(Path(sys.argv[1]), Path(sys.argv[1]) / 'keys'))"


def lives() -> list[Life]:
    """Ninety persons in København, some more each week; some leave, and one was there earlier than was known."""
    made = []
    for n in range(90):
        life = Life(f"010190{n:04}", date(1950 + n % 60, 6, 1), "KKM"[n % 3])
        life.add("enter", date(2022, 1, 3) + timedelta(n // 2), "0101")
        if n % 9 == 0:
            life.add("leave", date(2022, 2, 16))
        made.append(life)
    late = Life("0102900000", date(1980, 1, 1)).add("enter", date(2022, 1, 10), "0101", known=date(2022, 2, 14))
    return [*made, late]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> State:
    """Four deliveries, of which the first three are released one by one; the fourth is loaded."""
    root = tmp_path_factory.mktemp("shown")
    state = new_state(root / "state")
    simulated_keys(state, 1)
    for number, file in enumerate(write_chain(root / "files", DAYS, lives())):
        accept(state, [file])
        load(state)
        if number < 3:
            assert apply(state)
    return state


@pytest.fixture
def state(finished: State, tmp_path: Path) -> State:
    """A copy that a test may change."""
    shutil.copytree(finished.root, tmp_path / "state")
    return State(tmp_path / "state", tmp_path / "state" / "keys")


def shown(state: State, number: int | None = None) -> dict[tuple[str, str, date], dict[str, int]]:
    found = release(state, number) if number else current(state)
    assert found
    figures: dict[tuple[str, str, date], dict[str, int]] = {}
    for row in rows(found, PUBLIC, "breakdown"):
        figures.setdefault((row["kommune"], row["dimension"], row["dato"]), {})[row["gruppe"]] = row["antal"]
    return figures


def blocks(state: State) -> list[bytes]:
    return [p.read_bytes() for p in sorted((state.releases / "shown").iterdir())]


def test_what_was_shown_stays_in_every_later_release(state: State) -> None:
    first, second, third = (shown(state, n) for n in (1, 2, 3))
    assert first
    assert first.items() <= second.items() <= third.items()
    assert len(third) > len(first)
    assert {d.isoweekday() for a, _, d in third if a != "0000"} == {7}
    country = {d for a, _, d in third if a == "0000" and d.isoweekday() != 7}
    assert {d for d in country if d <= DAYS[0]} <= {DAYS[0]}
    assert len({d for d in country if d > DAYS[0]}) > 3


def test_figures_add_up_to_the_total_as_it_was_known_then(state: State) -> None:
    published = current(state)
    assert published
    totals = rows(published, PUBLIC, "total")
    dates: dict[Any, Any] = {
        (r["kommune"], r["dimension"], r["dato"]): r["opgjort"] for r in rows(published, PUBLIC, "breakdown")
    }
    for (area, dimension, day), groups in shown(state).items():
        known = dates[area, dimension, day]
        (total,) = [
            t["antal"]
            for t in totals
            if (t["kommune"], t["dato"]) == (area, day)
            and t["known_from"] <= known
            and (t["known_to"] is None or t["known_to"] > known)
        ]
        assert sum(groups.values()) == total


def test_roll_back_forgets_nothing(state: State) -> None:
    figures, noted = shown(state), blocks(state)
    rollback(state, 1)
    assert blocks(state) == noted
    resume(state)
    again = apply(state)
    assert again
    assert figures.items() <= shown(state).items()
    assert verify(state).problems == []


def steps(state: State) -> list[str]:
    code = f"{PUBLISH}; from flis.steps import seen; print([s for s, n in seen.items() if s != '*'])"
    done = _run(state, code, "never")
    assert done.returncode == 0, done.stderr
    return [s for s in eval(done.stdout) if s.startswith("release.")]


def _run(state: State, code: str, crash_at: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, str(state.root)],
        env=os.environ | {"FLIS_CRASH_AT": crash_at},
        capture_output=True,
        text=True,
        check=False,
    )


def test_killed_at_each_step_and_run_again_the_bytes_are_the_same(state: State, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    shutil.copytree(state.root, whole)
    undisturbed = State(whole, whole / "keys")
    found = steps(undisturbed)
    assert {"release.noted", "release.root", "release.published"} <= set(found)
    right = current(undisturbed)
    assert right
    for step in (s for s in found if s != "release.published"):
        copy = tmp_path / "copy"
        shutil.copytree(state.root, copy)
        killed = State(copy, copy / "keys")
        assert _run(killed, PUBLISH, step).returncode != 0, step
        assert shown(killed) == shown(state)
        assert _run(killed, PUBLISH).returncode == 0, step
        serving = current(killed)
        assert serving
        assert serving.area("ukraine").tree.stores == right.area("ukraine").tree.stores, step
        assert serving.root.shown == right.root.shown, step
        assert blocks(killed) == blocks(undisturbed), step
        shutil.rmtree(copy)


def test_nothing_is_published_without_the_whole_register(state: State) -> None:
    folder = state.releases / "shown"
    files = sorted(folder.iterdir())
    assert len(files) == 3
    kept = {f: f.read_bytes() for f in files}

    def refused(match: str) -> None:
        with pytest.raises(StateError, match=match) as raised:
            apply(state)
        assert "safe copy" in str(raised.value)
        serving = current(state)
        assert serving
        assert serving.number == 3
        for file, data in kept.items():
            file.write_bytes(data)

    for file in files:
        file.unlink()
    refused("is missing")
    files[-1].unlink()
    refused("lacks what a release has shown")
    files[0].unlink()
    refused("missing|changed")
    files[1].write_bytes(kept[files[1]][:-20])
    refused("damaged|changed")
    table = pq.read_table(files[0])
    pq.write_table(table.slice(1), files[0])
    refused("changed")
    assert apply(state)


def test_a_release_that_the_auditor_refuses_is_not_published(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """The protector rounds no group: the fault names table and cells, and the release before goes on serving."""
    monkeypatch.setattr(protector, "rounded", lambda counts, _secret, _base, _rest: counts)
    noted = blocks(state)
    with pytest.raises(ReleaseError, match=r"disclosure \(country 0000 2022-02-1\d, \w+: groups are rounded"):
        apply(state)
    serving = current(state)
    assert serving
    assert serving.number == 3
    assert blocks(state) == noted
    monkeypatch.undo()
    assert apply(state)


def test_another_key_or_none_publishes_nothing(state: State) -> None:
    key = state.keys / "disclosure.key"
    right = key.read_bytes()
    assert key.stat().st_mode & 0o077 == 0
    key.write_bytes(bytes(32))
    with pytest.raises(ConfigError, match="another key"):
        apply(state)
    told = {c.name: c for c in _shown(Settings(state=state.root))}
    assert told["shown figures"].result == "wrong"
    key.unlink()
    with pytest.raises(ConfigError, match=r"disclosure\.key is missing"):
        apply(state)
    key.write_bytes(right)
    key.chmod(0o600)
    (check,) = _shown(Settings(state=state.root))
    assert (check.result, check.found) == ("ok", "the register is whole: 3 blocks, with their key")
    assert apply(state)


def test_a_state_of_before_begins_a_register_and_serves_no_old_figures(state: State) -> None:
    """As a state looks that another version published from: no register, no key of disclosure, no mark in manifests."""
    to_earlier_form(state)
    for number in (1, 2, 3):
        path = state.releases / str(number) / "manifest.json"
        manifest = msgspec.json.decode(path.read_bytes()) | {"shown": "", "policy": "old"}
        del manifest["checksum"]
        path.write_bytes(msgspec.json.encode(manifest))
    shutil.rmtree(state.releases / "shown")
    (state.keys / "disclosure.key").unlink()
    newest = CurrentFigures(state)
    assert newest.figures() is None
    assert newest.withheld()
    assert apply(state)
    figures = newest.figures()
    assert figures is not None
    assert figures.breakdowns_since == DAYS[-1]
    assert register(state).since == DAYS[-1]
    rollback(state, 3)
    assert newest.figures() is None


def test_the_same_inputs_give_the_same_bytes(state: State, tmp_path: Path) -> None:
    shutil.copytree(state.root, tmp_path / "other")
    other = State(tmp_path / "other", tmp_path / "other" / "keys")
    one, two = apply(state), apply(other)
    assert one
    assert two
    assert one.area("ukraine").tree.stores == two.area("ukraine").tree.stores
    assert blocks(state) == blocks(other)


def exchanged(state: State, table: str, change: Callable[[pa.Table], pa.Table]) -> None:
    """Publish the serving release again with another file in its public store: files, tree and root fit each other."""
    found = current(state)
    assert found
    one = found.area("ukraine")
    part, path = next(iter(one.partitions(PUBLIC, table).items()))
    other = change(pq.read_table(path))
    entry = Files(state.releases / "stores", "ukraine").put(PUBLIC, table, other)
    store = one.tree.stores[PUBLIC]
    stores = one.tree.stores | {PUBLIC: store | {table: store.get(table, {}) | {part: entry}}}
    made = msgspec.structs.replace(one.tree, stores=stores)
    root = msgspec.structs.replace(
        found.root, number=found.number + 1, previous=found.number, areas={"ukraine": encoded(made)[0]}
    )
    publish(state, root, [made])


def one_more(table: pa.Table) -> pa.Table:
    """Every count is one more."""
    at = max(n for n, kind in enumerate(table.schema.types) if pa.types.is_integer(kind))
    counts = [value + 1 for value in table.column(at).to_pylist()]
    return table.set_column(at, table.schema.field(at), pa.array(counts, table.schema.types[at]))


def with_names(table: pa.Table) -> pa.Table:
    return table.append_column("navn", pa.array(["x"] * table.num_rows))


@pytest.mark.parametrize(
    ("table", "change", "told"),
    [
        ("breakdown", one_more, "breakdown 2022-01: the public store and the register of what was shown differ."),
        (
            "breakdown",
            lambda table: table.slice(0, table.num_rows - 1),
            "breakdown 2022-01: the public store and the register of what was shown differ.",
        ),
        ("flow_day", one_more, "flow_day 2022-01: the public store and the warehouse count differently."),
        ("total", with_names, "total 2022-01: the public store has no column navn there."),
    ],
)
def test_a_public_store_that_was_exchanged_is_found(
    state: State, table: str, change: Callable[[pa.Table], pa.Table], told: str
) -> None:
    assert apply(state)
    assert verify(state).problems == []
    exchanged(state, table, change)
    assert told in verify(state).problems
    for number in (3, 4):
        assert verify(state, number).problems == []


def test_a_public_store_without_its_register_is_told(state: State) -> None:
    shutil.rmtree(state.releases / "shown")
    told = "The public figures cannot be compared with the register. The register of what was shown is missing."
    assert told in verify(state).problems
