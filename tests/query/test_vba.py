"""Functions of Visual Basic: the figures of its documentation, figures by hand, and what holds for all numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from flis.query.database import Options, execute
from flis.query.functions import functions
from flis.query.result import CellSet
from tests.query import tiny

if TYPE_CHECKING:
    from flis.query.database import Database

ENGLISH, DANISH = 1033, 1030
DAYS = "[Day].[Calendar].[Day].Members"
MISSING_BEFORE = (
    "DateValue TimeValue TimeSerial Time Timer MonthName WeekdayName FormatDateTime AscW ChrW AscB ChrB StrConv CByte "
    "CCur CSng CVar CVDate TypeName IsNull IsMissing IsArray IsObject Choose Switch Partition Nz Rnd DDB FV IPmt IRR "
    "MIRR NPer NPV Pmt PPmt PV Rate SLN SYD"
)
MOMENT = 'CVDate("2006-04-29 17:05:09")'
TEXTS = {
    'Replace("abcabc", "b", "x", 3)': "caxc",
    'Replace("abcabc", "b", "x", 1, 1)': "axcabc",
    'Replace("aBcb", "B", "x", 1, -1, 1)': "axcx",
    'Format(CDate("April 29, 2006"), "yyyy-mm-dd")': "2006-04-29",
    'Format(CDate("4:35:47 PM"), "hh:nn:ss")': "16:35:47",
    "MonthName(1)": "January",
    "MonthName(10, True)": "Oct",
    "WeekdayName(1)": "Sunday",
    "WeekdayName(1, False, 2)": "Monday",
    "WeekdayName(7, True, 2)": "Sun",
    "WeekdayName(Weekday(DateSerial(2006, 4, 29)))": "Saturday",
    f"FormatDateTime({MOMENT})": "4/29/2006 5:05:09 PM",
    f"FormatDateTime({MOMENT}, 1)": "Saturday, April 29, 2006",
    f"FormatDateTime({MOMENT}, 2)": "4/29/2006",
    f"FormatDateTime({MOMENT}, 3)": "5:05:09 PM",
    f"FormatDateTime({MOMENT}, 4)": "17:05",
    "FormatDateTime(DateSerial(2006, 4, 29))": "4/29/2006",
    'FormatDateTime("17:05")': "5:05:00 PM",
    'Format(DateValue("February 12, 1969"), "yyyy-mm-dd")': "1969-02-12",
    'Format(DateValue("12 feb 1969 4:35 PM"), "yyyy-mm-dd hh:nn")': "1969-02-12 00:00",
    'Format(DateValue("2006-04-29T13:05:00"), "yyyy-mm-dd hh:nn")': "2006-04-29 00:00",
    'Format(TimeValue("4:35:17 PM"), "hh:nn:ss")': "16:35:17",
    'Format(TimeValue("12 AM"), "hh:nn:ss")': "00:00:00",
    'Format(TimeValue("2006-04-29 13:05"), "yyyy-mm-dd hh:nn")': "1899-12-30 13:05",
    'Format(TimeSerial(12 - 6, -15, 0), "hh:nn:ss")': "05:45:00",
    'Format(CVDate(38836.5), "yyyy-mm-dd hh:nn")': "2006-04-29 12:00",
    'Format(CVDate("29-04-2006"), "yyyy-mm-dd")': "2006-04-29",
    "ChrW(8364)": "€",
    "ChrW(-256)": "\uff00",
    "ChrB(65)": "A",
    'StrConv("the ice-cold o\'neil", 1)': "THE ICE-COLD O'NEIL",
    'StrConv("ÆBLE", 2)': "æble",
    'StrConv("the ICE-cold  o\'neil", 3)': "The Ice-cold  O'neil",
    "TypeName(1)": "Double",
    "TypeName(null)": "Empty",
    'TypeName("x")': "String",
    "TypeName(1 = 1)": "Boolean",
    "TypeName(Now())": "Date",
    'Choose(2, "a", "b", "c")': "b",
    'Switch(1 = 2, "a", 1 = 1, "b", 1 = 1, "c")': "b",
    'Nz(null, "x")': "x",
    "Nz(UserName())": "",
    "Partition(-1, 0, 99, 5)": "   : -1",
    "Partition(0, 0, 99, 5)": "  0:  4",
    "Partition(99, 0, 99, 5)": " 95: 99",
    "Partition(100, 0, 99, 5)": "100:   ",
    "Partition(2000, 100, 1010, 20)": "1011:    ",
    "Partition(1001, 100, 1010, 20)": "1000:1010",
}
NUMBERS = {
    'Val("12abc")': 12,
    'Val(" 12 34")': 1234,
    'Val("-1.5e2x")': -150,
    'Val("&HFF")': 255,
    'Val("&o17")': 15,
    'Val("abc")': 0,
    'InStr(1, "XXpXXpXXPXXP", "P", 0)': 3,  # always without regard to case, as instr-mdx.md of Analysis Services says
    'InStr(4, "XXpXXpXXPXXP", "P", 1)': 6,
    'InStrRev("abcabc", "b", 4)': 2,
    'InStrRev("abcabc", "B", -1, 1)': 5,
    'StrComp("a", "A", 1)': 0,
    'StrComp("a", "A", 0)': 1,
    "Weekday(DateSerial(2006, 4, 30))": 1,
    "Weekday(DateSerial(2006, 4, 30), 2)": 7,
    'DatePart("w", DateSerial(2006, 4, 29), 2)': 6,
    'DatePart("ww", DateSerial(2006, 1, 1), 2)': 1,
    'DatePart("ww", DateSerial(2006, 1, 2), 2)': 2,
    'DateDiff("ww", DateSerial(2006, 4, 1), DateSerial(2006, 4, 30))': 5,
    'DateDiff("w", DateSerial(2006, 4, 1), DateSerial(2006, 4, 30))': 4,
    'DateDiff("w", DateSerial(2006, 4, 30), DateSerial(2006, 4, 1))': -4,
    'CDbl(CVDate("2006-04-29 12:00"))': 38836.5,
    'CByte(CVDate("1900-01-01"))': 2,
    'AscW("€uro")': 8364,
    'AscB("€uro")': 0xAC,
    'AscW("")': 0,
    "CByte(125.5678)": 126,
    "CByte(2.5)": 2,
    "CCur(0.12345)": 0.1234,
    'CDec("12.345")': 12.345,
    "QBColor(1)": 0x800000,
    "QBColor(4)": 0x000080,
    "QBColor(7)": 0xC0C0C0,
    "QBColor(15)": 0xFFFFFF,
    "CCur(543.214588 * 2)": 1086.4292,
    "CSng(75.3421115)": 75.34210968017578,
    "Rnd(-1)": 0.224007010459899,
    "Choose(2.5, 1, 2, 3)": 2,
    "Nz(null)": 0,
    "Nz(5, 6)": 5,
    'Choose(1, 1, Error("not chosen"))': 1,
    'Switch(1 = 1, 7, 1 = 1, Error("not chosen"))': 7,
    "DDB(2400, 300, 3650, 1)": 1.3150685,
    "DDB(2400, 300, 120, 1, 2)": 40,
    "DDB(2400, 300, 10, 2, 1.5)": 306,
    "DDB(2400, 300, 10, 10)": 22.1225472,
    "DDB(1000, 900, 2, 2)": 0,
    "SLN(30000, 7500, 10)": 2250,
    "SYD(30000, 7500, 10, 1)": 4090.909091,
    "SYD(30000, 7500, 10, 10)": 409.0909091,
    "FV(0.06 / 12, 10, -200, -500, 1)": 2581.403374,
    "FV(0.12 / 12, 12, -1000)": 12682.503013,
    "FV(0.11 / 12, 35, -2000, , 1)": 82846.246372,
    "FV(0, 3, -5, -1)": 16,
    "PV(0.08 / 12, 240, 500)": -59777.145851,
    "Pmt(0.08 / 12, 10, 10000)": -1037.032089,
    "Pmt(0.08 / 12, 10, 10000, 0, 1)": -1030.164327,
    "Pmt(0, 10, 10000)": -1000,
    "NPer(0.12 / 12, -100, -1000, 10000, 1)": 59.673865674,
    "NPer(0.12 / 12, -100, -1000, 10000)": 60.082122853,
    "NPer(0.12 / 12, -100, -1000)": -9.578594040,
    "NPer(0, -100, 1000)": 10,
    "Rate(48, -200, 8000)": 0.007701472488,
    "Rate(10, 0, -100, 200)": 0.071773462536,
    "IPmt(0.1 / 12, 1, 36, 8000)": -66.666666667,
    "IPmt(0.1, 3, 3, 8000)": -292.447129909,
    "IPmt(0.1, 1, 3, 8000, 0, 1)": 0,
    "PPmt(0.1 / 12, 1, 24, 2000)": -75.623186008,
    "PPmt(0.08, 10, 10, 200000)": -27598.053462421,
    "NPV(0.1, -10000, 3000, 4200, 6800)": 1188.443412335,
    "NPV(0.1, null, 121)": 100,
    "IRR(-70000, 12000, 15000, 18000, 21000)": -0.021244848,
    "IRR(-70000, 22000, 25000, 28000, 31000)": 0.177435884,
    "IRR(-100, 110)": 0.1,
    "IRR(-1600, 10000, -10000)": 0.25,
    "MIRR(0.1, 0.12, -120000, 39000, 30000, 21000, 37000, 46000)": 0.126094130,
    "MIRR(0.1, 0.12, -70000, 22000, 25000, 28000, 31000)": 0.155127063,
}
TRUTHS = {"IsNull(null)": True, "IsNull(0)": False, "IsMissing(1)": False, 'IsArray("x")': False, "IsObject(1)": False}
EMPTY = [
    "DateValue(null)",
    "MonthName(null)",
    "FormatDateTime(null)",
    "CByte(null)",
    "CDec(null)",
    "CVar(null)",
    'Choose(0, "a")',
    'Choose(3, "a", "b")',
    'Switch(1 = 2, "a")',
    "Partition(null, 0, 9, 2)",
    "Pmt(0.1, 12, null)",
    "NPV(0.1, null, null)",
]
WRONG = {
    'TimeValue("soon")': "date or time",
    'DateValue("30 February 2006")': "date or time",
    'CVDate("25:00")': "date or time",
    "MonthName(13)": "1 to 12",
    "MonthName(CVar('x'))": "number",
    "WeekdayName(0)": "1 to 7",
    "FormatDateTime(0, 5)": "0 to 4",
    "ChrW(70000)": "65535",
    "ChrW(55296)": "letter",
    "ChrB(256)": "255",
    'StrConv("x", 64)': "StrConv knows",
    "CByte(256)": "0 to 255",
    "CByte(-1)": "0 to 255",
    "CDec(1e30)": "CDec takes",
    "QBColor(16)": "0 to 15",
    "CCur(1e15)": "CCur takes",
    "CSng(1e39)": "CSng takes",
    "Partition(1, 2, 2, 1)": "Partition needs",
    "Switch(1 = 1, 2, 1 = 2)": "pairs",
    "Pmt(0.1, 0, 100)": "no result",
    "PV(-1, 3, 100)": "no result",
    "NPer(0.1, -1, 100)": "no result",
    "Rate(3, 100, 100)": "no result",
    "IPmt(0.1, 4, 3, 100)": "no result",
    "IRR(1, 2, 3)": "no result",
    "MIRR(0.1, 0.1, 1, 2)": "no result",
    "SYD(100, 10, 5, 6)": "no result",
    "DDB(100, 10, 5, 6)": "no result",
    "SLN(100, 10, 0)": "no result",
}
DANISH_TEXTS = {
    "MonthName(5)": "maj",
    "MonthName(10, True)": "okt",
    "WeekdayName(1)": "søndag",
    f"FormatDateTime({MOMENT}, 1)": "29. april 2006",
    f"FormatDateTime({MOMENT})": "29-04-2006 17:05:09",
    'Format(DateValue("12. februar 1969"), "yyyy-mm-dd")': "1969-02-12",
}
AMOUNTS = some.floats(1, 1e6)
SIGNED = AMOUNTS | AMOUNTS.map(lambda x: -x)
RATES = some.floats(-0.2, 0.5)
PERIODS = some.integers(1, 60)
KINDS = some.sampled_from([0, 1])
SCALARS = some.one_of(some.integers(-99, 99).map(float), some.text("aæ€ ", max_size=3), some.none())


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """The small catalogue."""
    return tiny.database(tmp_path_factory.mktemp("tiny"))


def asked(base: Database, formula: str, rows: str = "", lcid: int = ENGLISH, **given_values: Any) -> CellSet:
    """The cells of a formula, one or one per row; `@name` in it stands for a value given."""
    behind = f", {rows} ON 1" if rows else ""
    text = f"WITH MEMBER [Measures].[X] AS {formula} SELECT [Measures].[X] ON 0{behind} FROM [Tiny]"
    found = execute(base.scope, base, text, Options(lcid=lcid, parameters=given_values))
    assert isinstance(found, CellSet)
    return found


def value(base: Database, formula: str, **given_values: Any) -> Any:
    found = asked(base, formula, **given_values)
    assert not found.cells.errors
    return found.cells.value(0)


def column(base: Database, formula: str) -> list[Any]:
    found = asked(base, formula, DAYS)
    assert not found.cells.errors
    return [found.cells.value(n) for n in range(len(found))]


def number(base: Database, formula: str, **given_values: Any) -> float:
    found = value(base, formula, **given_values)
    assert isinstance(found, float)
    return found


def test_none_is_missing() -> None:
    assert not [name for name in MISSING_BEFORE.split() if name.upper() not in functions()]


@pytest.mark.parametrize("formula", TEXTS)
def test_a_text(base: Database, formula: str) -> None:
    assert value(base, formula) == TEXTS[formula]


@pytest.mark.parametrize("formula", DANISH_TEXTS)
def test_a_danish_text(base: Database, formula: str) -> None:
    assert asked(base, formula, lcid=DANISH).cells.value(0) == DANISH_TEXTS[formula]


@pytest.mark.parametrize("formula", NUMBERS)
def test_a_number(base: Database, formula: str) -> None:
    assert value(base, formula) == pytest.approx(NUMBERS[formula], rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("formula", TRUTHS)
def test_a_truth(base: Database, formula: str) -> None:
    assert value(base, formula) is TRUTHS[formula]


@pytest.mark.parametrize("formula", EMPTY)
def test_no_value(base: Database, formula: str) -> None:
    assert value(base, formula) is None


@pytest.mark.parametrize("formula", WRONG)
def test_an_error_that_says_what_is_wrong(base: Database, formula: str) -> None:
    found = asked(base, formula)
    assert WRONG[formula] in found.cells.errors[0]


def test_the_time_of_day(base: Database) -> None:
    assert 0 <= number(base, "Timer()") < 86400
    assert value(base, "TypeName(Time())") == "Date"
    assert value(base, 'Format(Time(), "yyyy-mm-dd")') == "1899-12-30"


# rows by rows

AMOUNT = "[Measures].[Amount]"
PLACED = f"({AMOUNT}, [Place].[Place].&[A])"


def test_every_row_has_its_own_number_by_chance(base: Database) -> None:
    drawn = column(base, "Rnd()")
    assert len(set(drawn)) == len(drawn) > 1
    assert all(0 <= x < 1 for x in drawn)
    assert set(column(base, "Rnd(-3)")) == {number(base, "Rnd(-3)")}


def test_columns_are_calculated_where_they_have_values(base: Database) -> None:
    amounts = column(base, PLACED)
    assert None in amounts
    assert column(base, f"FV(0, 2, {PLACED})") == [None if a is None else -2 * a for a in amounts]
    assert column(base, f"Rate(1, -2 * {PLACED}, {PLACED})") == [
        None if a is None else pytest.approx(1.0) for a in amounts
    ]
    assert column(base, f"IRR(-{PLACED}, {PLACED} + {PLACED})") == [
        None if a is None else pytest.approx(1.0) for a in amounts
    ]
    assert column(base, f"Nz({PLACED}, -1)") == [-1 if a is None else a for a in amounts]
    assert column(base, f"TypeName({PLACED})") == ["Empty" if a is None else "Double" for a in amounts]


def test_every_row_chooses_by_itself(base: Database) -> None:
    amounts = column(base, PLACED)
    chosen = column(base, f"Choose({PLACED} / 5, 'five', {PLACED}, Error('three'), 'twenty')")
    assert chosen == [{None: None, 5: "five", 10: 10.0, 20: "twenty"}[a] for a in amounts]
    switched = column(base, f"Switch({PLACED} > 10, 'much', {PLACED} > 5, {PLACED})")
    assert switched == ["much" if a and a > 10 else a if a and a > 5 else None for a in amounts]


# what holds for all numbers


@given(RATES, PERIODS, SIGNED, SIGNED, KINDS)
@settings(max_examples=60, deadline=None)
def test_the_payments_are_worth_the_principal(  # noqa: PLR0917 - one for every argument
    base: Database, rate: float, periods: int, present: float, future: float, kind: int
) -> None:
    terms = {"r": rate, "n": float(periods), "p": present, "f": future, "k": float(kind)}
    scale = (abs(present) + abs(future)) * max(1, (1 + rate) ** -periods)
    assert number(base, "PV(@r, @n, Pmt(@r, @n, @p, @f, @k), @f, @k)", **terms) == pytest.approx(
        present, abs=1e-9 * scale
    )
    scale = (abs(present) + abs(future)) * max(1, (1 + rate) ** periods)
    assert number(base, "FV(@r, @n, @p, PV(@r, @n, @p, @f, @k), @k)", **terms) == pytest.approx(
        future, abs=1e-9 * scale * max(1, periods * (1 + rate) ** -periods)
    )


@given(some.floats(-0.05, 0.3), some.integers(1, 40), AMOUNTS, KINDS)
@settings(max_examples=60, deadline=None)
def test_interest_and_repayments_are_the_payments(
    base: Database, rate: float, periods: int, present: float, kind: int
) -> None:
    terms = {"r": rate, "n": float(periods), "p": present, "k": float(kind)}
    repaid = 0.0
    payment = number(base, "Pmt(@r, @n, @p, 0, @k)", **terms)
    for period in range(1, periods + 1):
        parts = [number(base, f"{f}(@r, @i, @n, @p, 0, @k)", i=float(period), **terms) for f in ("IPmt", "PPmt")]
        assert sum(parts) == pytest.approx(payment, rel=1e-9)
        repaid += parts[1]
    assert repaid == pytest.approx(-present, rel=1e-6)


@given(some.floats(0.0001, 0.4), some.integers(2, 360), AMOUNTS, KINDS)
@settings(max_examples=60, deadline=None)
def test_the_rate_and_the_periods_come_back(
    base: Database, rate: float, periods: int, present: float, kind: int
) -> None:
    terms = {"r": rate, "n": float(periods), "p": present, "k": float(kind)}
    payment = number(base, "Pmt(@r, @n, @p, 0, @k)", **terms)
    assert number(base, "Rate(@n, @y, @p, 0, @k)", y=payment, **terms) == pytest.approx(rate, rel=1e-6)
    assume((1 + rate) ** periods < 1e6)  # beyond, the payments are the interest alone
    assert number(base, "NPer(@r, @y, @p, 0, @k)", y=payment, **terms) == pytest.approx(periods, rel=1e-6)


@given(AMOUNTS, some.lists(AMOUNTS, min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_flows_are_worth_nothing_at_their_internal_rate(base: Database, paid: float, received: list[float]) -> None:
    flows = {f"f{n}": x for n, x in enumerate([-paid, *received])}
    names = ", ".join(f"@{name}" for name in flows)
    rate = number(base, f"IRR({names})", **flows)
    left = number(base, f"NPV(@r, {names})", r=rate, **flows)
    assert left * (1 + rate) == pytest.approx(0, abs=1e-6 * paid)


@given(some.floats(-2, 8), some.lists(SCALARS, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_choose_is_a_list(base: Database, place: float, values: list[Any]) -> None:
    named = {f"v{n}": v for n, v in enumerate(values)}
    found = value(base, f"Choose(@at, {', '.join(f'@{name}' for name in named)})", at=place, **named)
    at = round(place)
    assert found == (values[at - 1] if 1 <= at <= len(values) else None)


@given(some.lists(some.tuples(some.booleans(), SCALARS), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_switch_is_the_first_that_holds(base: Database, pairs: list[tuple[bool, Any]]) -> None:
    named = {f"{kind}{n}": v for n, pair in enumerate(pairs) for kind, v in zip("cv", pair, strict=True)}
    found = value(base, f"Switch({', '.join(f'@{name}' for name in named)})", **named)
    assert found == next((v for holds, v in pairs if holds), None)


@given(some.integers(-5, 130), some.integers(0, 20), some.integers(1, 99), some.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_a_number_lies_in_its_range(base: Database, at: int, start: int, length: int, interval: int) -> None:
    stop = start + length
    low, high = value(base, f"Partition({at}, {start}, {stop}, {interval})").split(":")
    assert len(low) == len(high)
    bottom, top = (int(x) if x.strip() else None for x in (low, high))
    assert bottom is None or bottom <= at
    assert top is None or at <= top
    assert (bottom is None) == (at < start)
    assert (top is None) == (at > stop)


@given(some.floats(0, 1e6), some.floats(0, 1e6), some.integers(1, 30), some.floats(0.1, 5))
@settings(max_examples=60, deadline=None)
def test_a_declining_balance_stops_at_the_salvage_value(
    base: Database, cost: float, salvage: float, life: int, factor: float
) -> None:
    terms = {"c": cost, "s": salvage, "l": float(life), "f": factor}
    parts = [number(base, "DDB(@c, @s, @l, @i, @f)", i=float(n), **terms) for n in range(1, life + 1)]
    assert min(parts) >= 0
    assert cost - sum(parts) >= min(salvage, cost) - 1e-6
