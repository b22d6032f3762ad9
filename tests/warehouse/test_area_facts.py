"""What a release is told of an area that no code knows: coverage, gaps, the places that changed, facts and checks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from flis import release
from flis.catalog.reference import municipalities
from flis.errors import CatalogError
from flis.warehouse import area_facts, ledger, load
from flis.warehouse.coverage import MissingPeriod, Why
from flis.warehouse.database import opened
from flis.warehouse.graph import ordered
from flis.warehouse.places import goes_by_row
from flis.warehouse.step import step_named
from tests.warehouse.arrange import new_state
from tests.warehouse.gardens import FACT, KEPT, garden_area, put

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State
    from tests.made_areas import AreasIn

AREA = "haver"
ALL = {m.code for m in municipalities()}
KINDS = """\
-- The kinds of hedges.
-- in codes_haek: code VARCHAR, da VARCHAR
-- out haek: haek VARCHAR, navn VARCHAR
-- kind fact
-- store municipal, national
SELECT code AS haek, da AS navn
FROM codes_haek
"""
RUNNING = """\
-- Metres cut so far.
-- in klippet: kommune VARCHAR, dag DATE, meter BIGINT
-- out hidtil: dag DATE, kommune VARCHAR, meter BIGINT
-- kind fact
-- place kommune, dag by year
-- store municipal by kommune, national
SELECT dag, kommune, CAST(sum(meter) OVER (PARTITION BY kommune ORDER BY dag) AS BIGINT) AS meter
FROM klippet
"""
CHECK = """\
-- No day has more than 90 metres.
-- in meter: dato DATE, kommune VARCHAR, meter BIGINT
-- out for_meget: dato DATE, kommune VARCHAR
-- kind check
SELECT dato, kommune
FROM meter
WHERE meter > 90
"""
SHOWN = """\
-- Metres of the country by day, for the public.
-- in klippet: dag DATE, meter BIGINT
-- out landet: dag DATE, meter BIGINT
-- kind fact
-- place dag by month
-- store public
SELECT dag, CAST(sum(meter) AS BIGINT) AS meter
FROM klippet
GROUP BY dag
"""

CUTS = """\
-- Different kinds of hedge by municipality and day, by day, and in all.
-- in klippet: kommune VARCHAR, haek VARCHAR, dag DATE
-- out slags: snit VARCHAR, kommune VARCHAR, dag DATE, slags BIGINT
-- kind fact
-- place kommune, dag by year
-- store municipal, national
SELECT
    CASE grouping(kommune, dag) WHEN 0 THEN 'kommune' WHEN 2 THEN 'dag' ELSE 'i alt' END AS snit, kommune, dag,
    count(DISTINCT haek) AS slags
FROM klippet
GROUP BY GROUPING SETS ((kommune, dag), (dag), ())
"""


@pytest.fixture
def state(tmp_path: Path, areas_in: AreasIn) -> State:
    files = {
        "steps/haek.sql": KINDS,
        "steps/hidtil.sql": RUNNING,
        "steps/for_meget.sql": CHECK,
        "steps/landet.sql": SHOWN,
        "codes/haek.csv": "code,valid_from,valid_to,da,en\nbøg,,,Bøg,Beech\n",
    }
    garden_area(tmp_path / "areas", files=files)
    areas_in(tmp_path / "areas")
    return new_state(tmp_path / "state")


def deliver(state: State, name: str, *rows: str) -> None:
    put(state, f"HAVER_{name}.csv", *rows)
    assert len(load(state, AREA)) == 1


def test_nothing_is_there_before_a_load(state: State) -> None:
    with area_facts(state, AREA) as known:
        assert known is None


def test_facts_lie_in_their_periods_sorted_by_place(state: State) -> None:
    deliver(state, "0461_202508_2025-09-10_1", "tjørn;2025-08-02;3", "bøg;2025-08-02;4", "bøg;2025-08-01;91")
    deliver(state, "0101_202508_2025-09-11_1", "bøg;2025-08-02;5", "bøg;2025-08-02;6")
    deliver(state, "0101_202507_2025-09-12_1", "bøg;2025-07-31;7")
    with area_facts(state, AREA) as known:
        assert known is not None
        assert known.touched(None) == {
            "": ALL,
            "2025": {"0101", "0461"},
            "2025-07": {"0101"},
            "2025-08": {"0101", "0461"},
        }
        august = known.lay_out("2025-08")
        assert list(august) == ["meter"]
        assert [tuple(row.values()) for row in august["meter"].to_pylist()] == [
            (date(2025, 8, 2), "0101", "bøg", 11),
            (date(2025, 8, 1), "0461", "bøg", 91),
            (date(2025, 8, 2), "0461", "bøg", 4),
            (date(2025, 8, 2), "0461", "tjørn", 3),
        ]
        assert known.check() == [("for_meget", "2025-08-01", "0461")]
        assert known.lay_out("2025-07")["meter"].num_rows == 1
        assert known.check() == []
        assert [(r["kommune"], r["meter"]) for r in known.lay_out("2025")["hidtil"].to_pylist()][:3] == [
            ("0101", 7),
            ("0101", 18),
            ("0101", 18),
        ]
        assert known.lay_out("")["haek"].to_pylist() == [{"haek": "bøg", "navn": "Bøg"}]
        assert {p: t.num_rows for p, t in known.figures(None)["landet"].items()} == {"2025-07": 1, "2025-08": 2}
        assert known.fingerprints().keys() == {"delivery", "step", "contract", "codes"}


def test_rows_without_a_day_lie_in_a_part_of_their_own(state: State, tmp_path: Path, areas_in: AreasIn) -> None:
    """A grouping set of everything cuts by no day, though the fact is cut by years."""
    garden_area(tmp_path / "cut", files={"steps/slags.sql": CUTS})
    areas_in(tmp_path / "cut")
    deliver(state, "0461_202508_2025-09-10_1", "bøg;2025-08-02;4", "tjørn;2025-08-03;5")
    deliver(state, "0101_202412_2025-09-10_1", "elm;2024-12-31;5")

    def laid_out(since: int | None) -> dict[str, list[tuple[Any, ...]]]:
        with area_facts(state, AREA) as known:
            assert known is not None
            periods = known.touched(since)
            assert periods.get("") == ALL
            found = {period: known.lay_out(period) for period in periods}
        rows = {p: of["slags"].to_pylist() for p, of in found.items() if "slags" in of}
        return {p: [tuple(row.values()) for row in of] for p, of in rows.items()}

    first = laid_out(None)
    assert first[""] == [("i alt", None, None, 3)]
    assert {row[0] for period in ("2024", "2025") for row in first[period]} == {"dag", "kommune"}
    deliver(state, "0101_202412_2025-09-20_2", "bøg;2024-12-31;5")
    assert laid_out(2)[""] == [("i alt", None, None, 2)]
    assert release.apply(state, areas=[AREA])
    assert release.verify(state, areas=[AREA]).problems == []


WRONG = FACT.replace("kommune, haek,", "kommune, haek::INTEGER::VARCHAR AS haek,", 1)
READING = """\
-- Metres once more.
-- in meter: dato DATE, kommune VARCHAR, meter BIGINT
-- out mere: dato DATE, kommune VARCHAR, meter BIGINT
-- kind fact
-- place kommune, dato by month
-- store municipal, national
SELECT dato, kommune, meter
FROM meter
"""


@pytest.mark.parametrize(
    "files",
    [
        {"meter": WRONG, "mere": READING},
        {"for_meget": CHECK.replace("meter > 90", "CAST(kommune AS DATE) > dato")},
    ],
    ids=["fact", "check"],
)
def test_a_step_that_fails_over_the_data_is_named_and_no_value_is(
    state: State, tmp_path: Path, areas_in: AreasIn, files: dict[str, str]
) -> None:
    garden_area(tmp_path / "broken", files={f"steps/{name}.sql": text for name, text in files.items()})
    areas_in(tmp_path / "broken")
    deliver(state, "0461_202508_2025-09-10_1", "bøg;2025-08-02;4")
    told = next(iter(files))
    with pytest.raises(CatalogError, match=f"areas/haver/steps/{told}.sql:[0-9]+: .*step {told} of haver") as caught:
        release.plan(state, [AREA])
    assert "bøg" not in str(caught.value)


def test_a_correction_touches_the_places_of_its_rows(state: State) -> None:
    deliver(state, "0461_202508_2025-09-10_1", "bøg;2025-08-02;4", "bøg;2025-08-03;5")
    deliver(state, "0101_202508_2025-09-10_1", "bøg;2025-08-02;14")
    deliver(state, "0461_202507_2025-09-10_1", "bøg;2025-07-02;4")
    deliver(state, "0461_202508_2025-09-20_2", "bøg;2025-08-02;4")
    with area_facts(state, AREA) as known:
        assert known is not None
        assert known.touched(3) == {"2025": {"0101", "0461"}, "2025-08": {"0461"}}
        assert known.touched(4) == {}
        assert known.figures(3).keys() == {"landet"}
        assert list(known.figures(3)["landet"]) == ["2025-08"]
    deliver(state, "0461_202508_2025-09-21_3")
    deliver(state, "0461_202507_2025-09-22_2", "bøg;2025-07-03;4")
    with area_facts(state, AREA) as known:
        assert known is not None
        assert known.touched(4) == {"2025": {"0101", "0461"}, "2025-07": {"0461"}, "2025-08": {"0461"}}


def test_a_file_that_repeats_what_is_known_touches_nothing(state: State) -> None:
    deliver(state, "0461_202508_2025-09-10_1", "bøg;2025-08-02;4", "bøg;2025-08-03;4")
    deliver(state, "0461_202508_2025-09-20_2", "bøg;2025-08-03;4", "bøg;2025-08-02;4")
    with area_facts(state, AREA) as known:
        assert known is not None
        assert known.touched(1) == {}


def test_a_load_is_known_by_the_loads_before_it(state: State, tmp_path: Path) -> None:
    """Loaded in another order, the same numbers stand for other loads."""
    files = {"0461_202508_2025-09-10_1": "bøg;2025-08-02;4", "0101_202508_2025-09-10_1": "bøg;2025-08-02;14"}
    series = []
    for name, row in files.items():
        deliver(state, name, row)
        with area_facts(state, AREA) as known:
            assert known is not None
            series.append(known.fingerprints()["delivery"][AREA])
    other = new_state(tmp_path / "other")
    for name, row in reversed(files.items()):
        deliver(other, name, row)
    with area_facts(state, AREA) as known, area_facts(other, AREA) as turned:
        assert known is not None
        assert turned is not None
        assert [known.has_loaded(n, mark) for n in (1, 2) for mark in series] == [True, False, False, True]
        assert not known.has_loaded(3, series[1])
        assert not any(turned.has_loaded(n, mark) for n in (1, 2) for mark in series)


def test_a_fact_reads_a_kept_table_as_it_is_known_now(tmp_path: Path, areas_in: AreasIn) -> None:
    """Since when figures are known is kept by steps of kind `revised`."""
    garden_area(
        tmp_path / "areas", files={"steps/meter.sql": FACT.replace("meter BIGINT", "meter BIGINT, known_from DATE", 1)}
    )
    areas_in(tmp_path / "areas")
    with pytest.raises(CatalogError, match=r"meter\.sql:2: klippet has no column known_from"):
        ordered(AREA)


STANDING = """\
-- Metres that stand at the end of each month.
-- in klippet: kommune VARCHAR, dag DATE, meter BIGINT
-- in month: maaned DATE, after DATE
-- out staaende: dato DATE, kommune VARCHAR, meter BIGINT
-- kind fact
-- place kommune, dato by month
-- store municipal, national
SELECT last_day(maaned) AS dato, kommune, CAST(sum(meter) AS BIGINT) AS meter
FROM klippet
JOIN month ON dag < after
GROUP BY last_day(maaned), kommune
"""


def test_a_period_that_is_newly_covered_is_touched_for_everybody(tmp_path: Path, areas_in: AreasIn) -> None:
    """Whoever says the same again has a stock in the new month, too."""
    garden_area(
        tmp_path / "areas",
        part=("kommune",),
        files={
            "steps/klippet.sql": KEPT.replace("maaned DATE, ", "").replace("maaned, ", ""),
            "steps/staaende.sql": STANDING,
            "senders.csv": "kom,interface,valid_from,valid_to\n0101,haver-csv/1,,\n0461,haver-csv/1,,\n",
        },
    )
    areas_in(tmp_path / "areas")
    state = new_state(tmp_path / "state")
    same = "bøg;2025-06-02;4"
    deliver(state, "0461_202507_2025-08-10_1", same)
    deliver(state, "0101_202507_2025-08-10_1", "bøg;2025-07-02;5")
    deliver(state, "0461_202508_2025-09-10_1", same)
    with area_facts(state, AREA) as known:
        assert known is not None
        assert known.touched(2) == {"2025-08": ALL}
        assert known.touched(3) == {}
        august = known.lay_out("2025-08")["staaende"].to_pylist()
        assert [(r["kommune"], r["meter"]) for r in august] == [("0101", 5), ("0461", 4)]


def test_which_facts_go_row_by_row(state: State) -> None:
    del state
    assert goes_by_row(step_named(AREA, "meter"))
    assert goes_by_row(step_named(AREA, "landet"))
    assert not goes_by_row(step_named(AREA, "hidtil"))


@pytest.mark.parametrize(
    ("select", "by_row"),
    [
        ("SELECT dag AS dato, kommune, haek, meter FROM klippet WHERE meter > 1", True),
        (
            "WITH k AS (SELECT * FROM klippet) SELECT dag AS dato, kommune, haek, sum(meter) FROM k GROUP BY 1, 2, 3",
            True,
        ),
        ("SELECT dag AS dato, kommune, haek, sum(meter) FROM klippet GROUP BY 1, 2, 3 HAVING count(*) > 1", False),
        ("SELECT max(dag) AS dato, kommune, haek, sum(meter) FROM klippet GROUP BY 2, 3", False),
        ("SELECT a.dag AS dato, a.kommune, a.haek, b.meter FROM klippet a JOIN klippet b ON a.haek = b.haek", False),
        ("SELECT dag AS dato, kommune, haek, meter FROM klippet WHERE meter > (SELECT avg(meter) FROM klippet)", False),
        (
            "SELECT dato, kommune, haek, n FROM (SELECT dag dato, kommune, haek, max(meter) n FROM klippet GROUP BY 1)",
            False,
        ),
        ("SELECT dag AS dato, kommune, haek, meter FROM klippet EXCEPT SELECT DATE '2025-01-01', '', '', 0", False),
    ],
)
def test_what_compares_rows_does_not(tmp_path: Path, areas_in: AreasIn, select: str, by_row: Any) -> None:
    head = FACT[: FACT.index("SELECT")]
    garden_area(tmp_path / "others", files={"steps/meter.sql": f"{head}{select}\n"})
    areas_in(tmp_path / "others")
    assert goes_by_row(step_named(AREA, "meter")) is by_row


def test_coverage_and_gaps(state: State) -> None:
    """The area reaches the newest month that half of the municipalities have; one has not sent, one is refused."""
    first, *most, last = sorted(ALL)
    deliver(state, f"{first}_202507_2025-08-10_1", "bøg;2025-07-02;4")
    deliver(state, f"{first}_202508_2025-09-10_1", "bøg;2025-08-02;4")
    put(state, f"HAVER_{last}_202507_2025-08-10_1.csv", *["bøg;x;4"] * 3)
    with opened(state, AREA) as connection:
        entry = ledger.newest(connection)
        assert entry is not None
        for n, kommune in enumerate(most):
            for m, period in enumerate(("2025-06", "2025-07")):
                made = replace(entry, load=3 + 2 * n + m, id=f"made-{n}-{m}", sender=kommune, period=period)
                ledger.note(connection, made)
    with area_facts(state, AREA) as known:
        assert known is not None
        assert (known.coverage.first, known.coverage.last) == (date(2025, 6, 1), date(2025, 7, 31))
        assert known.coverage.load == 2 + 2 * len(most)
        covered = known.covered["dap-cube"]
        assert covered[first] == (date(2025, 7, 1), date(2025, 8, 31))
        assert covered[most[0]] == (date(2025, 6, 1), date(2025, 7, 31))
        assert last not in covered
        assert set(known.gaps) == {
            MissingPeriod(first, "2025-06", Why.NOT_DELIVERED),
            MissingPeriod(last, "2025-06", Why.NOT_DELIVERED),
            MissingPeriod(last, "2025-07", Why.QUARANTINED),
        }
