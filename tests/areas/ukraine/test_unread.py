"""Nobody leaves the figures in silence: who would be counted but for a place or a date that cannot be read is told."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flis.catalog.codes import load as codes
from flis.delivery import deliveries
from flis.operations import as_json, status
from flis.release import PUBLIC, apply
from flis.validation import report
from flis.warehouse import load
from tests.areas.ukraine.figures import CODES, rows, warehoused
from tests.warehouse.arrange import accept, new_state, write_chain
from tests.warehouse.lives import RUSSIA, UKRAINE, Life

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flis.config import State
    from tests.warehouse.lives import Row

FIRST, LAST = date(2022, 1, 3), date(2022, 2, 21)
ENTERED = date(2022, 2, 1)
UNKNOWN = ("0998", "0009", "0105", "    ", "9999", "0000")
UNREADABLE = ("202202301200", "202213011200", "202200311200", "2022x2011200", "000000000000")
SPLIT = [code for code, told in codes("borger", "successors").items() if not told.more["successor"]]


@dataclass
class Spoiled(Life):
    """A life some fields of whose records are written otherwise: record type and field -> characters."""

    fields: dict[tuple[str, str], str] = field(default_factory=dict)

    def records(self, day: date) -> list[Row]:
        return [
            (code, told | {name: said for (of, name), said in self.fields.items() if of == code})
            for code, told in super().records(day)
        ]


def person(n: int, fields: dict[tuple[str, str], str] | None = None, *, country: str = UKRAINE) -> Spoiled:
    life = Spoiled(f"010190{n:04}", date(1990, 1, 1), country=country, fields=fields or {})
    life.add("enter", ENTERED, "0461")
    return life


def loaded(folder: Path, people: Sequence[Life], days: tuple[date, ...] = (FIRST, LAST)) -> State:
    state = new_state(folder / "state")
    accept(state, write_chain(folder / "files", days, people))
    load(state)
    return state


def told(state: State) -> dict[str, int]:
    """How many persons each rule tells, by the newest delivery's report."""
    newest = deliveries(state)[-1]
    return {f.rule: f.persons for f in report(newest).findings if f.persons is not None}


def counted(state: State, day: date = LAST) -> int:
    """The country's published number at the end of `day`."""
    found, totals = warehoused(state)
    (now,) = [r["antal"] for r in totals if r["dato"] == day and r["kommune"] == "0000" and not r["known_to"]]
    assert now == sum(n for (d, *_), n in found.stock.items() if d == day)
    return int(now)


def place(code: str) -> dict[tuple[str, str], str]:
    return {("002", "KOMKOD"): code}


def entry(text: str) -> dict[tuple[str, str], str]:
    return {("024", "INDRDTO"): text}


@pytest.mark.parametrize("code", [*UNKNOWN, SPLIT[0]])
def test_a_place_that_is_no_municipality_is_told(code: str, tmp_path: Path) -> None:
    state = loaded(tmp_path, [person(1), person(2, place(code))])
    assert counted(state) == 1
    assert told(state) == {"cpr-unread-place": 1}


@pytest.mark.parametrize("text", [*UNREADABLE, "202209011200"])
def test_an_entry_without_a_day_that_can_be_is_told(text: str, tmp_path: Path) -> None:
    state = loaded(tmp_path, [person(1), person(2, entry(text))])
    assert counted(state) == 1
    assert told(state) == {"cpr-unread-date": 1}


@pytest.mark.parametrize("text", ["202202012400", "202202011260", "20220201    ", "202202010x00"])
def test_a_time_that_no_clock_has_keeps_its_day(text: str, tmp_path: Path) -> None:
    state = loaded(tmp_path, [person(1, entry(text))])
    assert counted(state) == 1
    assert counted(state, ENTERED - timedelta(1)) == 0
    assert told(state) == {}
    assert [f.rule for f in report(deliveries(state)[-1]).findings if f.rule == "cpr-no-clock"] == ["cpr-no-clock"]


def test_who_does_not_meet_the_definition_is_not_told(tmp_path: Path) -> None:
    strange = place("0998")
    abroad = person(3, strange)
    abroad.add("leave", date(2022, 2, 10))
    abroad.fields[("023", "KOMKOD")] = "0461"
    people = [
        person(1, strange, country=RUSSIA),
        person(2, place("0956")),
        abroad,
        person(4, strange | entry("201905011200")),
    ]
    state = loaded(tmp_path, people)
    assert counted(state) == 0
    assert told(state) == {}


def test_an_address_that_is_over_is_told_for_the_days_that_lack_it(tmp_path: Path) -> None:
    gone = person(1, {("023", "KOMKOD"): "0998"}).add("leave", date(2022, 2, 10))
    state = loaded(tmp_path, [gone])
    assert told(state) == {"cpr-unread-earlier": 1}


def test_what_was_mended_is_told_no_longer_and_what_was_not_still_is(tmp_path: Path) -> None:
    """Two are told on the second day; the third delivery knows one of them better and does not hold the other."""
    days = (FIRST, LAST, LAST + timedelta(1))
    mended, other = person(1, place("0998")), person(2, place("0998"))
    files = write_chain(tmp_path / "files", days[:2], [mended, other])
    state = new_state(tmp_path / "state")
    accept(state, files)
    load(state)
    assert told(state) == {"cpr-unread-place": 2}
    mended.fields.clear()
    mended.add("civil_state", days[2], "G")
    accept(state, write_chain(tmp_path / "more", days, [mended, other])[2:])
    load(state)
    assert told(state) == {"cpr-unread-place": 1}
    assert counted(state, days[2]) == 1
    row = next(a for a in as_json(status(state, days[2]))["areas"] if a["id"] == "ukraine")
    assert [s["delivery"] for s in row["states"] if s["rule"] == "cpr-unread-place"] == [deliveries(state)[-1].id]


@pytest.mark.parametrize(
    ("many", "public", "own"), [(1, "Færre end fem personer", "1 person "), (5, "5 personer", "5 personer")]
)
def test_the_overview_tells_it_and_no_small_number(many: int, public: str, own: str, tmp_path: Path) -> None:
    state = loaded(tmp_path, [person(n, place("0998")) for n in range(many)])
    for shown, words in ((True, public), (False, own)):
        row = next(a for a in as_json(status(state, LAST, public=shown))["areas"] if a["id"] == "ukraine")
        (notice,) = [s for s in row["states"] if s["rule"] == "cpr-unread-place"]
        assert words in notice["text"]
        assert notice["delivery"] == deliveries(state)[-1].id
        assert notice["kind"] == "part-missing"


def test_municipalities_of_before_2007_are_their_successors(tmp_path: Path) -> None:
    """Ledøje-Smørum is a part of Egedal since 2007, Allinge-Gudhjem of Bornholm since 2003."""
    state = loaded(tmp_path, [person(1, place("0171")), person(2, place("0401"))])
    found, _ = warehoused(state)
    assert {k for (day, k, *_) in found.stock if day == LAST} == {"0240", "0400"}
    assert told(state) == {}


def test_a_birth_date_of_zeros_is_no_age(tmp_path: Path) -> None:
    state = loaded(tmp_path, [person(1, {("001", "FOED_DT"): "0000-00-00"})])
    found, _ = warehoused(state)
    assert {age for (day, _, age, *_), n in found.stock.items() if n} == {None}
    assert counted(state) == 1


def test_the_public_age_groups_add_up_to_the_total_with_who_has_no_age(tmp_path: Path) -> None:
    people = [person(n, {("001", "FOED_DT"): "0000-00-00"} if n < 7 else None) for n in range(30)]
    state = loaded(tmp_path, people)
    release = apply(state)
    assert release is not None
    sums: Counter[tuple[date, str]] = Counter()
    for row in rows(release, PUBLIC, "breakdown"):
        if row["kommune"] == "0000" and row["dato"] >= ENTERED:
            sums[row["dato"], row["dimension"]] += row["antal"]
    assert {dimension for _, dimension in sums} >= {"aldersgruppe", "koen"}
    assert set(sums.values()) == {30}


@st.composite
def populations(draw: st.DrawFn) -> list[tuple[Spoiled, bool]]:
    """Persons, and whether each meets the definition on the last day, as far as one can know."""
    people = []
    for n in range(draw(st.integers(4, 12))):
        told = place(draw(st.sampled_from((*UNKNOWN, *SPLIT, "0461", "0101", "0171", "0411"))))
        told |= draw(
            st.sampled_from([{}, {}, *(entry(text) for text in (*UNREADABLE, "202202012400", "202209011200"))])
        )
        country = draw(st.sampled_from((UKRAINE, UKRAINE, RUSSIA)))
        life = person(n, told, country=country)
        fate = draw(st.sampled_from(("stays", "stays", "civil_state", "die", "leave", "vanish")))
        if fate != "stays":
            life.add(fate, date(2022, 2, 10), "G" if fate == "civil_state" else "")
        people.append((life, country == UKRAINE and fate in ("stays", "civil_state")))
    return people


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(people=populations())
def test_published_and_told_are_all(people: list[tuple[Spoiled, bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        state = loaded(Path(folder), [life for life, _ in people])
        missing = told(state)
        missing.pop("cpr-unread-earlier", None)
        assert counted(state) + sum(missing.values()) == sum(meets for _, meets in people)


def test_every_ended_municipality_has_its_place_in_the_table_of_successors() -> None:
    ended = {
        c
        for c, told in codes("borger", "municipalities").items()
        if (told.valid_to and "0101" <= c <= "0860") or c == "0861"
    }
    known = codes("borger", "successors")
    assert ended <= set(known)
    for code, told in known.items():
        later = [told.more["successor"]] if told.more["successor"] else told.more["shared_with"].split()
        assert set(later) <= set(CODES), code
        assert (len(later) > 1) is not bool(told.more["successor"]), code
        assert code not in CODES
