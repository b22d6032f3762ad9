"""Rules: complete, distinct, bilingual, and silent about values."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flis.delivery import Manifest
from flis.delivery.readers.cpr.defects import DefectKind
from flis.validation import RULES, Load, Rule, rule
from flis.validation.faults import COUNTED_ONLY, FAULT_RULES
from flis.validation.model import Facts
from flis.validation.rules import LARGE_FALL, LATE_LEAST, LATE_SHARE, LOAD_RULES, SMALL_MUNICIPALITY

MANIFEST = Manifest(
    id="x", area="borger", sender="", file="f", sha256="", size=0, received=datetime(2022, 1, 1, tzinfo=UTC), form=""
)


def loaded(load: Load, persons: int = 1000) -> list[tuple[str, str | None, str]]:
    facts = Facts(Manifest(**{n: getattr(MANIFEST, n) for n in MANIFEST.__struct_fields__} | {"persons": persons}))
    facts = Facts(facts.manifest, load=load)
    return [(f.rule, f.municipality, f.message_en) for r in LOAD_RULES for f in r.findings(facts)]


def test_every_defect_of_the_reader_has_a_rule_or_is_counted_only() -> None:
    ruled = {r.kind for r in FAULT_RULES}
    assert ruled | COUNTED_ONLY == set(DefectKind)
    assert not ruled & COUNTED_ONLY


def test_ids_are_distinct_and_speak() -> None:
    ids = [r.id for r in RULES]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"(cpr|file|g-\d\d|row|volume|late)(-[a-z0-9]+)+", i) for i in ids)
    assert rule(ids[3]) is RULES[3]
    assert rule("of an older version") is None


WORDS = {
    *("produced", "previous", "newest", "missing", "name", "percent", "corrected", "persons", "type", "count"),
    *("number", "period", "sender", "interface", "held", "before", "rows", "usual", "among", "rule", "arrived"),
}
"""What messages may tell: counts, dates, who sends through what; never a value of a row."""


@pytest.mark.parametrize("one", RULES, ids=lambda r: r.id)
def test_messages_are_sentences_in_both_languages_with_the_same_words(one: Rule) -> None:
    words = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (one.da, one.en)]
    assert words[0] == words[1]
    assert words[0] <= WORDS
    assert one.da != one.en
    assert one.da.endswith(".")
    assert one.en.endswith(".")


def test_only_warnings_reach_the_status_by_themselves() -> None:
    assert all(not r.severity.refuses for r in RULES if r.reaches_status)


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_fall_is_noticed_from_twenty_persons_and_ten_percent_on(before: int, after: int) -> None:
    found = loaded(Load(before={"0101": before}, after={"0101": after}))
    large = before >= SMALL_MUNICIPALITY == 20 and before - after > LARGE_FALL * before
    assert [name for name, *_ in found] == ([] if not large else ["volume-zero"] if after == 0 else ["volume-fall"])


def test_a_municipality_that_is_gone_fell_to_zero() -> None:
    assert loaded(Load(before={"0101": 20}, after={})) == [
        ("volume-zero", "0101", "København fell to zero persons in Ukraine Statistics in a day.")
    ]


def test_a_new_municipality_is_no_fall() -> None:
    assert loaded(Load(before={}, after={"0101": 500})) == []


@given(st.integers(0, 300), st.integers(1, 5000))
def test_many_late_corrections_are_noticed(corrected: int, persons: int) -> None:
    found = loaded(Load({}, {}, corrected), persons)
    assert bool(found) is (corrected > LATE_LEAST and corrected > LATE_SHARE * persons)
