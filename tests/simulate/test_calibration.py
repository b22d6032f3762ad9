"""The simulator against what was published; figures of the simulated platform follow from it."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from flis.simulate import simulate
from tests.simulate.oracle import Count, day, fold, people

CUT = date(2022, 8, 12)
MUNICIPALITIES = {"0101": 1786, "0461": 737, "0791": 658, "0760": 445, "0430": 230, "0420": 165}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Count:
    """Default seed and scales; whoever came, left or changed since 2022 stands in a change extract."""
    paths = simulate("borger", tmp_path_factory.mktemp("calibration"), date(2022, 1, 1), date(2022, 8, 16))
    return fold(people(paths[1:]), date(2022, 8, 16))


@pytest.fixture(scope="module")
def net(counted: Count) -> Counter[str]:
    total: Counter[str] = Counter()
    for name, sign in (("indrejste", 1), ("udrejste", -1)):
        for when, places in counted.flows[name].items():
            for place, persons in places.items():
                total[place] += sign * persons * (when <= CUT)
    return total


def test_the_country(net: Counter[str]) -> None:
    assert net.total() == pytest.approx(23_135, rel=0.02)


@pytest.mark.parametrize("code", MUNICIPALITIES)
def test_municipalities(net: Counter[str], code: str) -> None:
    assert net[code] == pytest.approx(MUNICIPALITIES[code], rel=0.10)


def test_who_they_are(counted: Count) -> None:
    here = [
        p for p in counted.who.values() if p["001"][0]["STATUS"] in {"01", "03"} and p["010"][0]["LANDEKOD"] == "5704"
    ]
    ages = Counter(_group(p["001"][0]["FOED_DT"]) for p in here)
    assert 0.67 <= sum(p["001"][0]["KOEN"] == "K" for p in here) / len(here) <= 0.71
    assert ages["7-16"] == pytest.approx(5600, rel=0.05)
    assert sum(p["012"][0]["CIVST"] == "U" for p in here) / len(here) > 0.80
    assert ages["20-66"] / len(here) > 0.5


def test_the_curve_over_time(counted: Count) -> None:
    month: Counter[str] = Counter()
    randers: Counter[str] = Counter()
    for when, places in counted.flows["indrejste"].items():
        month[f"{when:%m}"] += places.total()
        randers[f"{when:%m}"] += places["0730"]
    assert month["01"] + month["02"] + month["03"] == pytest.approx(1700, rel=0.25)
    assert month["04"] + month["05"] + month["06"] == pytest.approx(22_200, rel=0.12)
    assert month["05"] > month["04"] > month["06"] > 2 * month["07"]
    assert randers["04"] == pytest.approx(113, rel=0.25)
    assert randers["05"] == pytest.approx(212, rel=0.15)


def _group(born: str) -> str:
    birth = day(born)
    assert birth
    age = CUT.year - birth.year - ((CUT.month, CUT.day) < (birth.month, birth.day))
    return next(
        name for limit, name in ((7, "0-6"), (17, "7-16"), (20, "17-19"), (67, "20-66"), (200, "67+")) if age < limit
    )
