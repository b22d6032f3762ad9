from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from flis import release
from flis.catalog.reference import municipalities
from flis.errors import NotFoundError, UsageError
from flis.release.policies import policy
from flis.serve.web.site.texts import texts_of
from flis.serve.web.ukraine.figures import AREAS, COUNTRY, DAILY, RARE
from flis.serve.web.ukraine.municipality_map import outlines, shade
from flis.serve.web.ukraine.report import Report
from flis.serve.web.ukraine.report_tables import TABLES, table
from flis.serve.web.ukraine.rules import AREA
from flis.serve.web.ukraine.selection import Selection, select
from flis.serve.web.ukraine.spans import Span
from tests.release.sample import FIRST, LAST

if TYPE_CHECKING:
    from flis.config import State
    from flis.serve.web.ukraine.figures import Figures

DA = texts_of("da")
covered = st.dates(FIRST, LAST)


def report(figures: Figures, query: str = "") -> Report:
    selection, known = select(QueryParams(query), figures, DA)
    return Report(figures, known, selection)


def public(state: State, name: str) -> list[dict[str, Any]]:
    current = release.current(state)
    assert current
    rows: list[dict[str, Any]] = []
    for path in current.area("ukraine").store(release.PUBLIC).tables[name]:
        rows += pq.read_table(path).to_pylist()
    return rows


@settings(max_examples=30, deadline=None)
@given(data=st.data(), area=st.sampled_from(list(AREAS)), known=covered)
def test_any_day_as_known_on_any_day_is_what_the_store_says(
    sample: State, figures: Figures, data: st.DataObject, area: str, known: date
) -> None:
    """Against a plain search through the rows of the public store."""
    last = figures.known(known).last
    day = data.draw(st.dates(FIRST, last))
    made = report(figures, f"kommune={area if area != COUNTRY else ''}&dato={day}&kendt={known}")
    found = [
        (r["antal"], r["indrejste_minus_udrejste"])
        for r in public(sample, "total")
        if r["kommune"] == area
        and r["dato"] == day
        and r["known_from"] <= known
        and (r["known_to"] is None or known < r["known_to"])
    ]
    assert [(made.here.people, made.here.net)] == (found or [(0, 0)])


def test_the_country_is_the_sum_of_its_municipalities_and_of_its_parts(figures: Figures) -> None:
    made = report(figures)
    assert made.here.people == sum(s.people for s in made.municipalities) == sum(s.people for s in made.landsdele)
    assert made.here.inhabitants == sum(m.inhabitants for m in municipalities())
    assert len(made.municipalities) == 99
    assert len(made.landsdele) == 11


def test_changes_are_differences_of_the_series(figures: Figures) -> None:
    made = report(figures, "kommune=0461")
    by_day = {day: people for day, people, _ in made.series}
    for span, change in zip((1, 7, 30), made.here.changes, strict=True):
        assert change == by_day[LAST] - by_day[LAST - timedelta(days=span)]


def test_before_the_first_days_a_change_is_unknown(figures: Figures) -> None:
    made = report(figures, f"dato={FIRST + timedelta(days=3)}")
    assert made.here.changes[0] is not None
    assert made.here.changes[1:] == (None, None)


def test_weeks_are_whole_and_add_up_to_the_days(figures: Figures) -> None:
    made = report(figures)
    assert all(w.start.weekday() == 0 for w in made.weeks)
    assert made.weeks[-1].start + timedelta(days=6) <= LAST
    last = made.weeks[-1]
    days = [row for day, row in made.flow_days if 0 <= (day - last.start).days < 7]
    assert (last.entered, last.left) == (sum(r[0] for r in days), sum(r[1] for r in days))
    ours = [report(figures, f"kommune={m.code}").weeks[-1] for m in municipalities()]
    assert isinstance(last.entered, int)
    low, high = (sum(n[end] if isinstance(n, Span) else n for n in (w.entered for w in ours)) for end in (0, 1))
    assert low < last.entered < high
    assert any(w.entered == Span(1, 4) for w in ours)


def test_a_running_week_is_not_shown_early(figures: Figures) -> None:
    """The 13th is a Saturday: its week is over only on the Sunday."""
    assert report(figures, "kommune=0101&dato=2022-08-13").weeks[-1].start == date(2022, 8, 1)
    assert report(figures, "kommune=0101&dato=2022-08-14").weeks[-1].start == date(2022, 8, 8)


def test_breakdowns_of_a_municipality_are_the_newest_up_to_the_day(figures: Figures) -> None:
    made = report(figures, "kommune=0101&dato=2022-08-16")
    assert [b.dimension for b in made.breakdowns] == ["aldersgruppe", "koen", "civilstand"]
    assert {b.day for b in made.breakdowns} == {date(2022, 8, 14)}
    total = report(figures, "kommune=0101&dato=2022-08-14").here.people
    assert {sum(b.counts) for b in made.breakdowns} == {total}
    assert not report(figures, "kommune=0101&dato=2022-08-06").breakdowns


def test_breakdowns_of_the_country_add_up_on_every_day(figures: Figures) -> None:
    for day in ("2022-08-16", "2022-07-01"):
        made = report(figures, f"dato={day}")
        assert all(sum(b.counts) == made.here.people and b.day.isoformat() == day for b in made.breakdowns)


def test_revisions_show_what_was_published_first(sample: State, figures: Figures) -> None:
    found = report(figures, "kommune=0101").revisions
    rows = [r for r in public(sample, "total") if r["kommune"] == "0101" and r["known_to"] is not None]
    recent = [r for r in rows if r["dato"] > LAST - timedelta(days=30)]
    assert [(r.day, r.first, r.published, r.changed) for r in found] == [
        (r["dato"], r["antal"], r["known_from"], r["known_to"]) for r in sorted(recent, key=lambda r: r["dato"])[::-1]
    ]
    assert all(r.now != r.first for r in found)
    assert not report(figures, "kommune=0461").revisions


def test_a_revision_is_not_seen_before_it_was_known(figures: Figures) -> None:
    revision = report(figures, "kommune=0101").revisions[0]
    before = revision.changed - timedelta(days=1)
    assert revision.day not in [r.day for r in report(figures, f"kommune=0101&kendt={before}").revisions]
    assert report(figures, f"kommune=0101&dato={revision.day}&kendt={before}").here.people == revision.first


def test_ranks_cover_the_98_and_share_places(figures: Figures) -> None:
    made = report(figures)
    assert next(s for s in made.municipalities if s.code == "0411").rank_rate is None
    by_rate = sorted((s for s in made.municipalities if s.rank_rate), key=lambda s: s.rank_rate or 0)
    assert len(by_rate) == 98
    assert by_rate[0].rank_rate == 1
    for a, b in itertools.pairwise(by_rate):
        assert (a.rate or 0) >= (b.rate or 0)
        assert (a.rank_rate == b.rank_rate) == (a.rate == b.rate)


def test_a_municipality_stands_beside_its_part_the_country_and_others(figures: Figures) -> None:
    made = report(figures, "kommune=0101&sammenlign=0461,0751&sammenlign=0851")
    assert [s.code for s in made.beside] == ["0101", "L01", COUNTRY, "0461", "0751", "0851"]


@pytest.mark.parametrize(
    ("query", "code"), [("kommune=Odense", "0461"), ("kommune=461", "0461"), ("kommune=aarhus", "0751")]
)
def test_names_and_short_codes_are_understood(figures: Figures, query: str, code: str) -> None:
    assert report(figures, query).here.code == code


@pytest.mark.parametrize(
    ("query", "error", "says"),
    [
        ("kommune=Odence", NotFoundError, "Odense"),
        ("kommune=9999", NotFoundError, "9999"),
        ("dato=2022-13-01", UsageError, "2022-08-15"),
        ("dato=2021-12-31", NotFoundError, "1. juni 2022 til 16. august 2022"),
        ("dato=2022-08-17", NotFoundError, "16. august 2022"),
        ("dato=2022-08-15&kendt=2022-08-10", NotFoundError, "10. august 2022"),
        ("kendt=2022-05-31", NotFoundError, "1. juni 2022"),
        ("kendt=i går", UsageError, "kendt"),
        ("sammenlign=0101,0461,0751,0851", UsageError, "3"),
        ("sammenlign=Narnia", NotFoundError, "Narnia"),
    ],
)
def test_wrong_questions_are_refused_with_what_is_right(
    figures: Figures, query: str, error: type[Exception], says: str
) -> None:
    with pytest.raises(error) as refused:
        report(figures, query)
    assert says in str(refused.value)


def test_known_later_than_the_newest_delivery_is_the_newest(figures: Figures) -> None:
    later = report(figures, "kendt=2030-01-01")
    assert later.here == report(figures).here
    assert later.delivery == figures.deliveries[-1]


@given(
    st.builds(
        Selection,
        st.sampled_from(list(AREAS)),
        covered,
        st.just(LAST),
        st.lists(st.sampled_from([m.code for m in municipalities()]), max_size=3, unique=True).map(tuple),
        st.sampled_from(["pr_1000", "antal", "uge", "navn"]),
        st.just(True),
        st.booleans(),
    )
)
def test_an_address_leads_back_to_its_question(figures: Figures, asked: Selection) -> None:
    found, _ = select(QueryParams(asked.query().lstrip("?")), figures, DA)
    others = tuple(c for c in asked.compared if c != asked.area)
    assert (found.area, found.day, found.compared, found.order) == (asked.area, asked.day, others, asked.order)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("query", ["", "kommune=0101&sammenlign=0461", "kommune=0411", f"dato={FIRST}"])
def test_tables_are_rectangular(figures: Figures, name: str, query: str) -> None:
    made = table(name, report(figures, query), DA)
    assert all(len(row) == len(made.columns) for row in made.rows)


def test_every_municipality_has_an_outline_but_one() -> None:
    _, paths = outlines()
    assert {m.code for m in municipalities()} - set(paths) == {"0411"}


def test_shades_are_ordered_and_nobody_is_the_palest(figures: Figures) -> None:
    shading = shade(report(figures).municipalities)
    assert len(shading.places) == 98
    assert [low <= high for low, high in shading.ranges] == [True] * len(shading.ranges)
    by_level = sorted((p.level, p.standing.rate or 0.0) for p in shading.places)
    assert [rate for _, rate in by_level] == sorted(rate for _, rate in by_level)
    assert all((p.level == 0) == (p.standing.people == 0) for p in shading.places)


def test_the_flows_of_the_report_are_those_of_the_policy() -> None:
    """Its tables are laid out before any data is there, so the names stand in the code, too."""
    levels = policy(AREA).levels
    assert levels["country"].flows.periods == {"day": DAILY, "month": RARE}
    assert levels["municipality"].flows.periods == {"week": DAILY}
