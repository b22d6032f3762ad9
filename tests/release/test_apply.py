"""Releases of a small chain: what they hold, what they share, what a plan says, what the public may see."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flis.config import State
from flis.disclosure.policy import Flows
from flis.errors import NotFoundError, ReleaseError, StateError
from flis.release import PUBLIC, apply, current, plan, protecting, release, releases, resume, rollback, verify
from flis.release.planning import Reason
from flis.release.policies import policy
from flis.release.publishing import publish
from flis.release.tree import encoded
from flis.warehouse import FactProblem, load
from flis.warehouse.fact_tables import FactsByHeads
from tests.areas.ukraine.figures import CODES, counted, expected, rows
from tests.release.sample import FLOWS
from tests.warehouse.arrange import accept, new_state, write_chain
from tests.warehouse.lives import Life

if TYPE_CHECKING:
    from pathlib import Path

DAYS = [date(2022, 1, 31), date(2022, 2, 21), date(2022, 2, 28), date(2022, 3, 8)]


def d(month: int, day: int) -> date:
    return date(2022, month, day)


def lives() -> list[Life]:
    made = []
    for n in range(13):
        life = Life(f"010190{n:04}", date(1950 + n * 5, 6, 1), "KKM"[n % 3])
        life.add("enter", d(1, 5 + n), "0461" if n % 2 else "0101")
        made.append(life)
    made[0].add("leave", d(2, 3))
    made[1].add("move", d(2, 24), "0751")
    made[2].add("civil_state", d(3, 2), "G").add("die", d(3, 3))
    made.append(Life("0102900000", date(1980, 1, 1)).add("enter", d(2, 10), "0461", known=d(3, 8)))
    made.append(Life("0201220000", d(1, 2)).add("born", d(1, 2), "0461"))
    return made


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[State, list[Path]]:
    """Four deliveries; a release after the second, the third and the fourth."""
    root = tmp_path_factory.mktemp("finished")
    files = write_chain(root / "files", DAYS, lives())
    state = new_state(root / "state")
    for place, file in enumerate(files):
        accept(state, [file])
        load(state)
        if place:
            assert apply(state) is not None
    return state, files


@pytest.fixture
def state(finished: tuple[State, list[Path]], tmp_path: Path) -> State:
    """A copy that a test may change."""
    shutil.copytree(finished[0].root, tmp_path / "state")
    return State(tmp_path / "state", tmp_path / "state" / "keys")


def test_releases_are_numbered_and_the_newest_serves(finished: tuple[State, list[Path]]) -> None:
    state, _ = finished
    assert [r.number for r in releases(state)] == [1, 2, 3]
    serving = current(state)
    assert serving is not None
    assert serving.number == 3
    assert serving.root.previous == 2
    assert serving.data_through == DAYS[-1]
    assert serving.area("ukraine").tree.deliveries == 4
    assert serving.area("ukraine").tree.policy == policy("ukraine").sha256


def test_the_national_store_is_what_the_oracle_counts(finished: tuple[State, list[Path]]) -> None:
    state, files = finished
    for place, published in enumerate(releases(state), start=2):
        assert counted(published, "national") == expected(files[:place])


def test_the_municipal_stores_are_the_national_one_in_parts(finished: tuple[State, list[Path]]) -> None:
    serving = current(finished[0])
    assert serving is not None
    for table in ("stock", "flow", "crossing"):
        national = rows(serving, "national", table)
        parts = {code: rows(serving, f"kommune-{code}", table) for code in CODES}
        assert all(row["kommune"] == code for code, part in parts.items() for row in part)
        assert sorted(map(str, national)) == sorted(str(row) for part in parts.values() for row in part)
    assert [row["kommune"] for row in rows(serving, "kommune-0461", "dim.kommune")] == ["0461"]
    assert len(rows(serving, "national", "dim.kommune")) == 99
    assert len(rows(serving, "shared", "dim.dato")) == (DAYS[-1] - date(2022, 1, 1)).days + 1


def test_unchanged_partitions_are_shared(finished: tuple[State, list[Path]]) -> None:
    first, second, third = (r.area("ukraine").tree.stores for r in releases(finished[0]))
    assert first["national"]["stock"]["2022-01"] == second["national"]["stock"]["2022-01"]
    assert second["national"]["stock"]["2022-02"] != third["national"]["stock"]["2022-02"]
    assert second["kommune-0101"]["flow"]["2022-02"] == third["kommune-0101"]["flow"]["2022-02"]
    assert second["kommune-0461"]["flow"]["2022-02"] != third["kommune-0461"]["flow"]["2022-02"]


def test_nothing_new_makes_no_release(state: State) -> None:
    before = sorted(p.as_posix() for p in state.releases.rglob("*"))
    assert not plan(state)[0].changes
    assert apply(state) is None
    assert sorted(p.as_posix() for p in state.releases.rglob("*")) == before


def test_a_plan_says_what_changes(state: State) -> None:
    rollback(state, 2)
    (made,) = plan(state)
    assert made.changes
    assert made.reasons == [Reason("delivery", made.delivery, ["2022-02", "2022-03"])]
    assert made.base == 2
    assert made.new_days == 8
    assert made.deliveries == 1
    assert made.periods == ["2022-02", "2022-03"]
    assert made.municipalities == ["0101", "0461"]
    assert made.revised == 19
    assert [day.day for day in made.revised_days] == [date(2022, 2, n) for n in range(10, 29)]
    assert all(day.after == day.before + 1 for day in made.revised_days)
    assert not made.failed
    assert made.unexplained == 0


def test_roll_back_and_apply_again(state: State) -> None:
    newest = current(state)
    assert newest is not None
    assert rollback(state).number == 2
    assert [r.number for r in releases(state)] == [1, 2, 3]
    assert resume(state)
    again = apply(state)
    assert again is not None
    assert again.number == 4
    assert again.area("ukraine").tree.stores == newest.area("ukraine").tree.stores
    assert rollback(state, 1).number == 1
    with pytest.raises(ReleaseError, match="no earlier release"):
        rollback(state)
    with pytest.raises(NotFoundError, match="no release 9"):
        rollback(state, 9)


def test_each_move_of_the_pointer_is_later_than_the_one_before(state: State) -> None:
    """Also within a second; an old pointer that says no time is none to be later than."""
    moved = []
    for number in (1, 2, 3, 1):
        rollback(state, number)
        serving = current(state)
        assert serving
        moved.append(serving.since)
    assert all(moved)
    assert moved == sorted(set(moved))  # type: ignore[type-var]
    (state.releases / "current").write_text('{"current": 2, "newest": 3}', "utf-8")
    assert current(state).since is None  # type: ignore[union-attr]
    assert rollback(state, 1).number == 1


def test_verify_finds_what_was_changed(state: State) -> None:
    for published in releases(state):
        done = verify(state, published.number)
        assert done.problems == []
        assert done.figures == 99 * len(done.days)
    serving = current(state)
    assert serving is not None
    victim = serving.area("ukraine").store("kommune-0461").tables["stock"][0]
    victim.write_bytes(victim.read_bytes()[:-1] + b"?")
    assert verify(state).problems == [f"kommune-0461/stock: the file {victim.stem[:12]} was changed."]
    victim.unlink()
    assert verify(state).problems == [f"kommune-0461/stock: the file {victim.stem[:12]} is missing."]


def test_verify_counts_from_the_history(state: State) -> None:
    """A store that agrees with its manifest, and not with the history."""
    first, last = release(state, 1), release(state, 3)
    right = last.area("ukraine").tree
    stores = {**right.stores, PUBLIC: first.area("ukraine").tree.stores[PUBLIC]}
    wrong = msgspec.structs.replace(right, stores=stores)
    publish(state, msgspec.structs.replace(last.root, areas={"ukraine": encoded(wrong)[0]}), [wrong])
    assert any("0461" in problem for problem in verify(state).problems)


def test_a_failing_check_stops_the_release(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    rollback(state, 2)
    resume(state)
    monkeypatch.setattr(FactsByHeads, "check", lambda _: [FactProblem("flows", "2022-03-08", "0461")])
    with pytest.raises(ReleaseError, match=r"Checks fail in ukraine: flows \(2022-03-08 0461"):
        apply(state)
    serving = current(state)
    assert serving is not None
    assert serving.number == 2


def test_no_delivery_no_release(tmp_path: Path) -> None:
    state = new_state(tmp_path)
    assert current(state) is None
    assert releases(state) == []
    with pytest.raises(ReleaseError, match="no delivery is loaded"):
        apply(state)
    with pytest.raises(NotFoundError, match="no release yet"):
        verify(state)


def test_a_damaged_manifest_or_pointer_is_named(state: State) -> None:
    (state.releases / "3" / "release.json").write_text("{}")
    with pytest.raises(StateError, match="manifest of release 3"):
        current(state)
    (state.releases / "current").write_text("?")
    with pytest.raises(StateError, match="pointer"):
        current(state)


def public(state: State, table: str) -> list[dict[str, Any]]:
    serving = current(state)
    assert serving is not None
    return rows(serving, PUBLIC, table)


def test_the_public_store_keeps_totals_as_they_were_known(finished: tuple[State, list[Path]]) -> None:
    entered_late = [r for r in public(finished[0], "total") if r["kommune"] == "0461" and r["dato"] == d(2, 20)]
    assert [(r["antal"], r["known_from"], r["known_to"]) for r in entered_late] == [
        (6, d(2, 21), d(3, 8)),
        (7, d(3, 8), None),
    ]
    keys = [(r["dato"], r["kommune"]) for r in public(finished[0], "total") if r["known_to"] is None]
    assert len(keys) == len(set(keys)) == 100 * (31 + 28 + 8)


def test_the_public_store_shows_municipal_flows_in_whole_weeks_only(finished: tuple[State, list[Path]]) -> None:
    state, files = finished
    weeks = public(state, "flow_week")
    assert all(r["uge"].isoweekday() == 1 for r in weeks)
    assert max(r["uge"] for r in weeks) == d(2, 28)
    told = expected(files)
    for name in FLOWS[:2]:
        exact: Counter[tuple[date, str]] = Counter()
        for (day, kommune, *_), n in told.flows[name].items():
            exact[day - timedelta(day.weekday()), kommune] += n if day <= d(3, 6) else 0
        now = {(r["uge"], r["kommune"]): r[name] for r in weeks if r["known_to"] is None}
        assert {key: n for key, n in now.items() if n} == {key: n for key, n in exact.items() if n > 4}
        assert {key for key, n in now.items() if n is None} == {key for key, n in exact.items() if 0 < n < 5}
    assert {r["kommune"] for r in public(state, "total")} == {"0000", *CODES}
    assert set(weeks[0]) == {"uge", "kommune", "indrejste", "udrejste", "known_from", "known_to"}
    assert set(public(state, "flow_day")[0]) == {"dato", "indrejste", "udrejste", "known_from", "known_to"}


def test_months_with_few_moves_are_counted_with_the_next(finished: tuple[State, list[Path]]) -> None:
    """A death in a month of one move could be placed: with one move in all, no month is shown yet."""
    serving = current(finished[0])
    assert serving is not None
    assert "flow_month" not in serving.area("ukraine").store(PUBLIC).tables


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3)), max_size=24))
def test_shown_months_have_enough_moves_and_lose_none(months: list[tuple[int, int]]) -> None:
    names = ("tilflyttede", "doede")
    days = [date(2022 + n // 12, n % 12 + 1, 1) for n in range(len(months))]
    listed = [
        {"maaned": day, "tilflyttede": moves, "doede": dead} for day, (moves, dead) in zip(days, months, strict=True)
    ]
    schema = pa.schema([("maaned", pa.date32()), *((name, pa.int32()) for name in names)])
    made = protecting._periods(pa.Table.from_pylist(listed, schema), Flows({"month": names}, month_from=20))
    assert all(sums["tilflyttede"] >= 20 for sums in made.values())
    last = max(made, default=date.min)
    for name, place in (("tilflyttede", 0), ("doede", 1)):
        counted = [m[place] for day, m in zip(days, months, strict=True) if day <= last]
        assert sum(sums[name] for sums in made.values()) == sum(counted)
    assert sum(m[0] for day, m in zip(days, months, strict=True) if day > last) < 20


def test_a_municipalitys_daily_sum_of_entries_and_departures_is_nowhere(finished: tuple[State, list[Path]]) -> None:
    for row in public(finished[0], "total"):
        assert (row["indrejste_minus_udrejste"] is None) == (row["kommune"] != "0000")


def test_the_public_store_has_no_breakdown_of_few_persons(finished: tuple[State, list[Path]]) -> None:
    """Of a country with 14 persons no group is shown."""
    serving = current(finished[0])
    assert serving is not None
    assert "breakdown" not in serving.area("ukraine").store(PUBLIC).tables
