"""The attacker finds what it should in releases of before, and nothing in what is published now."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flis.config import State
from flis.release import PUBLIC, releases
from tests import demo
from tests.disclosure import attack
from tests.soak import TIMES

if TYPE_CHECKING:
    from collections.abc import Sequence

BEFORE = Path(__file__).parent / "before"
"""The public stores of two releases of the demo, made before figures were protected (totals from May 2022 on), and what
some municipalities' figures of every Sunday were then."""


@pytest.fixture(scope="module")
def before() -> list[attack.Files]:
    return [attack.read({f.stem: [f] for f in sorted((BEFORE / n).glob("*.parquet"))}) for n in ("3", "4")]


def test_it_places_single_entries_and_exits_by_daily_sums(before: Sequence[attack.Files]) -> None:
    assert len(attack.placed(before[-1])) > 20


def test_it_tells_corrected_persons_by_comparing_releases(before: Sequence[attack.Files]) -> None:
    """One of them is a man or woman of known age group and civil state, in a known municipality."""
    told = attack.differing(before)
    assert len(told) > 5
    assert [t for t in told if t[1] and set(t[2]) == {"aldersgruppe", "koen", "civilstand"}]


def test_it_finds_days_on_which_all_who_came_were_of_one_sex(before: Sequence[attack.Files]) -> None:
    assert attack.one_sex(before[-1])


def test_it_solves_cells_that_were_rounded_to_the_nearest(before: Sequence[attack.Files]) -> None:
    municipal = [c for c in attack.chains(before[-1:], rounding="nearest") if c.area != attack.COUNTRY]
    sexes = sorted((c for c in municipal if c.dimension == "koen"), key=lambda c: c.totals[-1])
    assert [cell for of in sexes[:20] for cell in attack.narrow(of, cells=0) if cell[-2] == cell[-1]]


def test_it_solves_small_cells_from_the_figures_of_all_sundays() -> None:
    files = attack.read({f.stem: [f] for f in sorted((BEFORE / "sundays").glob("*.parquet"))})
    ages = [c for c in attack.chains([files], rounding="nearest") if (c.area, c.dimension) == ("0163", "aldersgruppe")]
    assert [n for of in ages for *_, n, most in attack.narrow(of, cells=6) if n == most and 1 <= n <= 4]


@pytest.fixture(scope="module", params=range(1, TIMES.seeds + 1), ids=lambda s: f"seed {s}")
def published(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[attack.Files]:
    """The public stores of all releases of a demo with all its refugees."""
    folder = tmp_path_factory.mktemp("demo")
    scales = ("--scale", "0.0005", "--seed", str(request.param))
    ended = demo.flis("demo", "--state", str(folder), *scales, "--no-serve", "--json")
    assert ended.returncode == 0, ended.stderr
    found = releases(State(folder, folder / "keys"))
    assert len(found) == 4
    return [attack.read(r.area("ukraine").store(PUBLIC).tables) for r in found]


@pytest.mark.slow
def test_it_finds_nothing_in_what_is_published(published: list[attack.Files]) -> None:
    newest = published[-1]
    assert not attack.refrozen(published)
    assert not attack.differing(published)
    assert not attack.placed(newest)
    assert not attack.one_sex(newest)
    assert {day.isoweekday() for area, _, day in newest.figures if area != attack.COUNTRY} == {7}
    assert {"doede", "tilflyttede"}.isdisjoint(newest.tables["flow_day"][0])
    told = []
    of = sorted(attack.chains(published), key=lambda c: (c.area == attack.COUNTRY, c.totals[-1]))
    areas = [*[*dict.fromkeys(c.area for c in of)][: TIMES.areas - 1], attack.COUNTRY]
    asked = [c for c in of if c.area in areas and len(c.days) > 1]
    assert len(asked) >= 2 * len(areas)
    for chain in asked:
        told += attack.narrow(chain, cells=TIMES.quiet)
    assert not told
    assert date(2022, 7, 1) in {m["maaned"] for m in newest.tables["flow_month"]}
    for month in newest.tables["flow_month"][-2:]:
        assert not attack.placed_in_month(newest, month)
