"""Whatever happens to people, and whenever CPR learns it: the platform counts what the plain oracle counts."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flis.release import apply, current
from flis.warehouse import load
from tests.areas.ukraine.figures import CODES, expected, identity_holds, warehoused
from tests.areas.ukraine.test_causes import CASES
from tests.warehouse.arrange import accept, new_state, weekdays, write_chain
from tests.warehouse.lives import DENMARK, RUSSIA, UKRAINE, Life

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST, LAST = date(2022, 1, 3), date(2022, 2, 18)
HOMES = ("0101", "0461", "0411", "0956")
ENTRIES = (*HOMES, *(f"{home} from 5154" for home in HOMES))
# what may happen to a person who lives here, is abroad, or has disappeared, and what becomes of them
NEXT = {
    "here": [
        ("leave", "away"),
        ("move", "here"),
        ("vanish", "missing"),
        ("die", "gone"),
        ("citizen", "here"),
        ("civil_state", "here"),
        ("administrative", "gone"),
        ("annulled", "here"),
    ],
    "away": [("enter", "here"), ("arrive", "here"), ("citizen", "away")],
    "missing": [("found", "here"), ("leave", "away")],
    "gone": [],
}


@st.composite
def lives(draw: st.DrawFn) -> list[Life]:
    return [draw(life(n)) for n in range(draw(st.integers(5, 25)))]


@st.composite
def life(draw: st.DrawFn, n: int) -> Life:
    born_here = draw(st.integers(0, 5)) == 0
    days = draw(st.lists(st.integers(-20, 48), min_size=1, max_size=6).map(sorted))
    start = FIRST + timedelta(days[0])
    birth = start if born_here else start - timedelta(draw(st.integers(100, 30_000)))
    later = FIRST + timedelta(draw(st.integers(20, 46))) if draw(st.integers(0, 6)) == 0 else None
    made = Life(
        f"010190{n:04}",
        birth,
        draw(st.sampled_from("KM")),
        draw(st.sampled_from((UKRAINE, UKRAINE, RUSSIA))),
        later=(f"020190{n:04}", later) if later else None,
    )
    first = "born" if born_here else draw(st.sampled_from(("enter", "enter", "arrive")))
    made.add(first, start, draw(_value(first)), _known(draw, start))
    here = "here"
    for offset in days[1:]:
        if not NEXT[here]:
            break
        kind, here = draw(st.sampled_from(NEXT[here]))
        day = FIRST + timedelta(offset)
        known = max(_known(draw, day), made.events[-1].known or day)
        made.add(kind, day, draw(_value(kind)), known)
    return made


def _known(draw: st.DrawFn, day: date) -> date:
    return day + timedelta(draw(st.sampled_from((0, 0, 0, 1, 4, 30))))


def _value(kind: str) -> st.SearchStrategy[str]:
    return {
        "born": st.sampled_from(HOMES),
        "enter": st.sampled_from(ENTRIES),
        "arrive": st.sampled_from(("5704", "5154")),
        "move": st.sampled_from(HOMES),
        "found": st.sampled_from(HOMES),
        "citizen": st.sampled_from((UKRAINE, RUSSIA, DENMARK)),
        "civil_state": st.sampled_from("GFE"),
    }.get(kind, st.just(""))


def check_against_the_oracle(people: list[Life]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, days = Path(folder), weekdays(FIRST, LAST)[::8]
        files = write_chain(root / "files", days, people)
        state = new_state(root / "state")
        accept(state, files)
        load(state)
        found, _ = warehoused(state)
        assert found == expected(files)
        assert identity_holds(found, date(2022, 1, 1), days[-1])
        assert sum(found.flows["tilflyttede"].values()) == sum(found.flows["fraflyttede"].values())


def check_every_known_day(people: list[Life]) -> None:
    """The totals as known on each production date are those that the oracle counts from the files up to it."""
    with tempfile.TemporaryDirectory() as folder:
        root, days = Path(folder), weekdays(FIRST, LAST)[::7]
        files = write_chain(root / "files", days, people)
        state = new_state(root / "state")
        accept(state, files)
        load(state)
        _, rows = warehoused(state)
        for place, known in enumerate(days):
            shown = {
                (r["dato"], r["kommune"]): (r["antal"], r["indrejste_minus_udrejste"])
                for r in rows
                if r["known_from"] <= known and (r["known_to"] is None or r["known_to"] > known)
            }
            assert {day for day, _ in shown} == set(_through(known))
            told = expected(files[: place + 1])
            right: Counter[tuple[date, str]] = Counter()
            for (day, kommune, *_), n in told.stock.items():
                right[day, kommune] += n
                right[day, "0000"] += n
            assert {k: antal for k, (antal, _) in shown.items() if antal} == dict(right)
            for kommune in ("0101", "0461"):
                assert shown[known, kommune][1] == told.net(known, kommune)
            assert shown[known, "0000"][1] == told.net(known)


def check_one_by_one(people: list[Life]) -> None:
    """Loaded and released one by one, or all in one batch: the same data files in the newest release.

    But for the public breakdowns: they stay as they were shown first, so they depend on when releases were made.
    """
    with tempfile.TemporaryDirectory() as folder:
        root, days = Path(folder), weekdays(FIRST, LAST)[::11]
        files = write_chain(root / "files", days, people)
        batch, single = new_state(root / "batch"), new_state(root / "single")
        accept(batch, files)
        load(batch)
        apply(batch)
        for file in files:
            accept(single, [file])
            load(single)
            apply(single)
        first, second = current(batch), current(single)
        assert first is not None
        assert second is not None
        assert second.number == len(days)
        stores = [dict(release.area("ukraine").tree.stores) for release in (first, second)]
        public = [dict(held.pop("public")) for held in stores]
        for tables in public:
            tables.pop("breakdown", None)
        assert stores[0] == stores[1]
        assert public[0] == public[1]
        assert len(first.stores) == len(CODES) + len(("national", "public", "shared"))


def _through(last: date) -> list[date]:
    start = date(2022, 1, 1)
    return [start + timedelta(n) for n in range((last - start).days + 1)]


CHECKS = (check_against_the_oracle, check_every_known_day, check_one_by_one)


@pytest.mark.parametrize("check", CHECKS[:2], ids=lambda c: c.__name__)
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(people=lives())
def test_some_lives(check: Callable[[list[Life]], None], people: list[Life]) -> None:
    check(people)


def test_one_by_one_or_in_one_batch() -> None:
    check_one_by_one([case.life for case in CASES])


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(people=lives())
def test_many_lives(check: Callable[[list[Life]], None], people: list[Life]) -> None:
    check(people)
