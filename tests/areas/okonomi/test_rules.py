"""What is wrong with accounts is told by rule and place, never by value; what is refused changes no figure."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.areas.okonomi.files import FORMS, Row, accounts_of, written
from tests.made_up.files import SentFile
from tests.made_up.walk import flis, put, receive, told

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ARRIVED = date(2025, 7, 10)
OF = {"koer": "0101", "oes": "0155", "opus": "0151"}


def reported(folder: Path, sent: list[SentFile], *, load: bool = False) -> tuple[str, set[str], str]:
    """What became of the newest delivery of some files: its state, the rules that found something, the whole report."""
    receive(folder / "state", put(sent, folder / "sent"), ARRIVED, areas=folder)
    if load:
        done = flis("load", "--state", folder / "state", areas=folder)
        assert done.code == 0, done.err
    (delivery,) = told("deliveries", "list", "--state", folder / "state", areas=folder)
    report = told("deliveries", "report", delivery["id"], "--state", folder / "state", areas=folder)
    return delivery["state"], {finding["rule"] for finding in report["findings"]}, str(report)


def changed(sent: list[SentFile], change: Callable[[bytes], bytes]) -> list[SentFile]:
    """The files with the first one's bytes changed; its control file stays as it is."""
    first, *others = sent
    content = change(first.content)
    assert content != first.content
    return [SentFile(first.name, content, first.arrived), *others]


def _added(content: bytes) -> bytes:
    """A column more in each row, but in the end line."""
    return b"\n".join(
        line if line.startswith(b"SLUT") or not line else line.rstrip(b"\r") + b";X" for line in content.split(b"\n")
    )


def _doubled(content: bytes) -> bytes:
    lines = content.split(b"\n")
    return b"\n".join([*lines[:2], lines[1], *lines[2:]])


MUTATIONS: dict[str, tuple[Callable[[bytes], bytes], dict[str, str]]] = {
    "cut off": (
        lambda c: c[:-60],
        {"opus": "g-05-end-missing", "koer": "g-05-end-missing", "oes": "g-05-wrong-sum"},
    ),
    "a byte order mark that does not belong there, or is missing": (
        lambda c: c.removeprefix(b"\xef\xbb\xbf") if c.startswith(b"\xef") else b"\xef\xbb\xbf" + c,
        dict.fromkeys(OF, "g-01-encoding"),
    ),
    "commas between values": (lambda c: c.replace(b";", b"|"), dict.fromkeys(OF, "g-02-column-missing")),
    "a column renamed": (
        lambda c: c.replace(b"BELOEB", b"BELOB").replace(b"SALDO", b"SALD").replace(b";regnskab;", b";regnskb;"),
        dict.fromkeys(OF, "g-02-column-missing"),
    ),
    "a row twice": (_doubled, dict.fromkeys(OF, "g-05-wrong-count")),
    "periods without their zero": (
        lambda c: c.replace(b"2025;0", b"2025;"),
        dict.fromkeys(OF, "g-13-code"),
    ),
    "a point in place of the comma": (lambda c: c.replace(b",", b"."), dict.fromkeys(OF, "g-12-type")),
    "municipalities without their zero": (
        lambda c: c.replace(b"\n0101;", b"\n101;").replace(b"\n0151;", b"\n151;"),
        {"opus": "g-06-disagree", "koer": "g-06-disagree"},
    ),
    "another municipality's rows": (
        lambda c: c.replace(b"\n0101;", b"\n0147;").replace(b"\n0151;", b"\n0153;"),
        {"opus": "g-06-disagree", "koer": "g-06-disagree"},
    ),
    "rows of long ago": (
        lambda c: c.replace(b";2024;", b";2004;"),
        dict.fromkeys(OF, "g-17-outside-window"),
    ),
}


@pytest.mark.parametrize(("name", "form"), [(name, form) for name, (_, found) in MUTATIONS.items() for form in found])
def test_a_spoiled_file_is_refused_with_its_reason(tmp_path: Path, name: str, form: str) -> None:
    change, expected = MUTATIONS[name]
    rows = accounts_of(OF[form], 6)
    state, rules, report = reported(tmp_path, changed(written(form, OF[form], 6, rows), change))
    assert state == "quarantined"
    assert expected[form] in rules
    for row in rows[:50]:
        assert f"{abs(row.actual):.2f}".replace(".", ",") not in report


@pytest.mark.parametrize("form", OF)
def test_a_file_in_order_has_no_finding(tmp_path: Path, form: str) -> None:
    sent = written(form, OF[form], 6, accounts_of(OF[form], 6))
    assert reported(tmp_path, sent, load=True)[:2] == ("loaded", set())


@pytest.mark.parametrize("form", OF)
def test_a_column_more_is_told_and_the_file_goes_on(tmp_path: Path, form: str) -> None:
    state, rules, _ = reported(tmp_path, changed(written(form, OF[form], 6, accounts_of(OF[form], 6)), _added))
    assert (state, rules) == ("validated", {"g-03-column-added"})


def test_a_system_that_the_municipality_does_not_have_is_refused(tmp_path: Path) -> None:
    state, rules, _ = reported(tmp_path, written("opus", "0101", 6, accounts_of("0101", 6)))
    assert state == "quarantined"
    assert "g-07-sender-not-allowed" in rules


def _with(rows: list[Row], *more: tuple[str, int, str], year: int = 2025) -> list[Row]:
    """Rows with further ones of a year: account, period and amount; cash takes the other side of each."""
    kommune = rows[0].kommune
    found = list(rows)
    for account, period, amount in more:
        found.append(Row(kommune, year, period, account, Decimal(amount), Decimal(0), Decimal(0)))
        found.append(Row(kommune, year, period, "92201-8-1-0000-000-00", -Decimal(amount), Decimal(0), Decimal(0)))
    return found


def _balanced(rows: list[Row]) -> list[Row]:
    """Rows with what cash lacks in each period."""
    sums: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row.year, row.period] -= row.actual
    lacking = [
        Row(rows[0].kommune, year, period, "92201-8-1-0000-000-00", amount, Decimal(0), Decimal(0))
        for (year, period), amount in sums.items()
        if amount
    ]
    return rows + lacking


def _off_by(rows: list[Row], amount: str) -> list[Row]:
    """Rows of which one of May is another amount."""
    return [
        r._replace(actual=r.actual + Decimal(amount)) if (r.account[:5], r.year, r.period) == ("55773", 2025, 5) else r
        for r in rows
    ]


@pytest.mark.parametrize("form", OF)
def test_a_period_that_does_not_add_up_is_refused_before_it_is_loaded(tmp_path: Path, form: str) -> None:
    rows = accounts_of(OF[form], 6)
    state, rules, report = reported(tmp_path, written(form, OF[form], 6, _off_by(rows, "1.01")))
    assert (state, rules) == ("quarantined", {"oko-01-balance"})
    assert "periode 05 af 2025" in report
    assert "period 05 of 2025" in report


@pytest.mark.parametrize("form", OF)
def test_a_krone_is_no_difference(tmp_path: Path, form: str) -> None:
    sent = written(form, OF[form], 6, _off_by(accounts_of(OF[form], 6), "0.50"))
    assert reported(tmp_path, sent)[:2] == ("validated", set())


HELD = {
    "a function of before 2018": (("53232-1-1-0000-000-10", 5, "17.25"), "oko-02-funktion"),
    "a function that there is not": (("52599-1-1-0000-000-10", 5, "17.25"), "oko-02-funktion"),
    "a grouping that the function does not have": (("55773-1-1-0000-009-52", 5, "17.25"), "oko-04-gruppering"),
    "a grouping of another dranst": (("55773-2-1-0000-007-86", 5, "-17.25"), "oko-04-gruppering"),
}


@pytest.mark.parametrize("form", OF)
@pytest.mark.parametrize("name", HELD)
def test_a_row_outside_the_chart_of_accounts_is_held(tmp_path: Path, name: str, form: str) -> None:
    account, rule = HELD[name]
    rows = _with(accounts_of(OF[form], 6), account)
    state, rules, report = reported(tmp_path, written(form, OF[form], 6, rows))
    assert (state, rules) == ("validated", {rule})
    assert "17,25" not in report


@pytest.mark.parametrize("form", OF)
def test_too_many_rows_outside_the_chart_of_accounts_refuse_the_file(tmp_path: Path, form: str) -> None:
    more = [(f"53232-1-1-{n:04}-000-10", 5, "17.25") for n in range(1, 40)]
    state, rules, _ = reported(tmp_path, written(form, OF[form], 6, _with(accounts_of(OF[form], 6), *more)))
    assert state == "quarantined"
    assert {"oko-02-funktion", "row-held-too-many"} <= rules


def test_an_art_that_the_plan_does_not_have_is_held(tmp_path: Path) -> None:
    for form, rule in (("opus", "g-13-code"), ("koer", "oko-02-art"), ("oes", "oko-02-art")):
        rows = _with(accounts_of(OF[form], 6), ("32201-1-1-0001-000-19", 5, "17.25"))
        state, rules, _ = reported(tmp_path / form, written(form, OF[form], 6, rows))
        assert (state, rules) == ("validated", {rule}), form


@pytest.mark.parametrize("form", OF)
def test_what_is_booked_after_the_period_of_the_file_refuses_it(tmp_path: Path, form: str) -> None:
    rows = _with(accounts_of(OF[form], 6), ("32201-1-1-0001-000-45", 7, "17.25"))
    assert reported(tmp_path, written(form, OF[form], 6, rows))[:2] == ("quarantined", {"oko-09-period"})


@pytest.mark.parametrize("form", OF)
@pytest.mark.parametrize(("year", "rules"), [(2023, {"oko-09-year", "g-17-outside-window"}), (2026, {"oko-09-year"})])
def test_another_year_than_the_two_of_the_file_refuses_it(
    tmp_path: Path, form: str, year: int, rules: set[str]
) -> None:
    rows = _with(accounts_of(OF[form], 6), ("32201-1-1-0001-000-45", 5, "17.25"), year=year)
    state, found, _ = reported(tmp_path, written(form, OF[form], 6, rows))
    assert state == "quarantined"
    assert rules <= found


@pytest.mark.parametrize("form", OF)
@pytest.mark.parametrize(
    ("account", "rule"),
    [("32201-4-1-0000-000-10", "oko-03-dranst"), ("76890-1-1-0000-000-10", "oko-03-dranst")],
)
def test_a_dranst_that_the_main_account_does_not_have_is_held(
    tmp_path: Path, form: str, account: str, rule: str
) -> None:
    rows = _with(accounts_of(OF[form], 6), (account, 5, "17.25"))
    state, rules, _ = reported(tmp_path, written(form, OF[form], 6, rows))
    assert (state, rules) == ("validated", {rule})


@pytest.mark.parametrize("form", OF)
def test_an_account_with_letters_is_held(tmp_path: Path, form: str) -> None:
    rows = _with(accounts_of(OF[form], 6), ("3220X-1-1-0000-000-10", 5, "17.25"))
    state, rules, report = reported(tmp_path, written(form, OF[form], 6, rows))
    assert state == "validated"
    assert "oko-12-account" in rules
    assert "3220X" not in report


LOADED: dict[str, Callable[[list[Row]], list[Row]]] = {
    "oko_06_fortegn": lambda rows: _with(rows, ("33250-1-1-0000-000-72", 5, "1000000.01")),
    "oko_07_indtaegt": lambda rows: _balanced(
        [r._replace(actual=Decimal(0)) if r.account[-2] in "78" and r.year == 2025 else r for r in rows]
    ),
    "oko_10_loen": lambda rows: _balanced(
        [r for r in rows if not (r.account[-2] == "1" and (r.year, r.period) == (2025, 4))]
    ),
    "oko_11_primo": lambda rows: [
        r._replace(actual=r.actual + (1 if r.account[0:3] == "922" else -1)) if (r.year, r.period) == (2025, 0) else r
        for r in rows
    ],
    "oko_14_refusion": lambda rows: _with(rows, ("55771-2-1-0000-001-86", 5, "17.25")),
    "oko_05_egen_gruppering": lambda rows: _with(rows, ("64551-1-1-0000-950-45", 5, "9000000")),
    "oko_13_omkostningssted": lambda rows: _with(rows, ("32201-1-1-0099-000-45", 5, "17.25")),
}


@pytest.mark.parametrize("form", OF)
@pytest.mark.parametrize("rule", LOADED)
def test_what_shows_when_accounts_are_loaded(tmp_path: Path, rule: str, form: str) -> None:
    rows = LOADED[rule](accounts_of(OF[form], 6))
    state, rules, _ = reported(tmp_path, written(form, OF[form], 6, rows), load=True)
    assert state == "loaded"
    assert rules == {rule}


def test_the_forms_are_those_of_the_senders() -> None:
    assert {FORMS[kommune] for kommune in OF.values()} == set(OF)


def after(folder: Path, *sent: list[SentFile]) -> set[str]:
    """The rules that find something in the last of some deliveries, each loaded after the one before."""
    for number, files in enumerate(sent):
        receive(folder / "state", put(files, folder / f"{number}"), files[0].arrived, areas=folder)
        done = flis("load", "--state", folder / "state", areas=folder)
        assert done.code == 0, done.err
    deliveries = told("deliveries", "list", "--state", folder / "state", areas=folder)
    assert {delivery["state"] for delivery in deliveries} == {"loaded"}
    named = "-".join(sent[-1][0].name.split("_")[2:5])
    (last,) = [delivery["id"] for delivery in deliveries if f"-{named}-" in delivery["id"]]
    report = told("deliveries", "report", last, "--state", folder / "state", areas=folder)
    return {finding["rule"] for finding in report["findings"]}


def in_2024(form: str, rows: list[Row]) -> list[SentFile]:
    """The file of November 2024 with rows of 2025 and 2024 as those of the years before."""
    sent = written(form, OF[form], 11, [row._replace(year=row.year - 1) for row in rows])
    then, before = "_202511_1_20251210", "_202411_1_20241210"
    return [
        SentFile(
            file.name.replace(then, before), file.content.replace(then.encode(), before.encode()), date(2024, 12, 10)
        )
        for file in sent
    ]


def _scaled(rows: list[Row], year: int, factor: str) -> list[Row]:
    """Rows whose income of a year is so many times as large."""
    return _balanced(
        [
            r._replace(actual=(r.actual * Decimal(factor)).quantize(Decimal("0.01")))
            if r.account[-2] in "78" and r.year == year
            else r
            for r in rows
        ]
    )


@pytest.mark.parametrize("form", OF)
def test_income_is_what_it_was_in_the_two_years_before(tmp_path: Path, form: str) -> None:
    june = written(form, OF[form], 6, _scaled(accounts_of(OF[form], 6), 2025, "0.6"))
    assert "oko_07_indtaegt" not in after(tmp_path / "alone", june)
    much = in_2024(form, _scaled(accounts_of(OF[form], 11), 2024, "3"))
    found = after(tmp_path / "much", much, june)
    assert "oko_07_indtaegt" in found
    like = in_2024(form, accounts_of(OF[form], 11))
    assert "oko_07_indtaegt" not in after(tmp_path / "like", like, june)


def _budget(rows: list[Row], account: str, more: str) -> list[Row]:
    return [
        r._replace(original=r.original + Decimal(more)) if (r.account, r.year, r.period) == (account, 2025, 3) else r
        for r in rows
    ]


@pytest.mark.parametrize("form", OF)
def test_the_original_budget_is_that_of_the_first_delivery(tmp_path: Path, form: str) -> None:
    month = {n: accounts_of(OF[form], n) for n in (1, 5, 6)}
    january, june = (written(form, OF[form], n, month[n]) for n in (1, 6))
    changed = [written(form, OF[form], n, _budget(month[n], "32201-1-1-0001-000-10", "0.01")) for n in (5, 6)]
    assert after(tmp_path / "same", january, june) == set()
    assert after(tmp_path / "once", january, changed[0]) == {"oko_08_vedtaget_budget"}
    assert after(tmp_path / "still", january, *changed) == {"oko_08_vedtaget_budget"}
    assert after(tmp_path / "late", changed[1], january) == {"volume-parts-outranked"}
    assert after(tmp_path / "alone", changed[0]) == set()


@pytest.mark.parametrize("form", OF)
def test_a_year_is_closed_after_30_april(tmp_path: Path, form: str) -> None:
    month = {n: accounts_of(OF[form], n) for n in (1, 4, 5)}
    moved = {n: written(form, OF[form], n, _moved(month[n])) for n in (4, 5)}
    january = written(form, OF[form], 1, month[1])
    assert after(tmp_path / "before", january, moved[4]) == set()
    assert after(tmp_path / "after", january, moved[5]) == {"oko_15_lukket_aar"}
    assert after(tmp_path / "again", january, moved[4], moved[5]) == set()
    assert after(tmp_path / "this year", january, written(form, OF[form], 5, month[5])) == set()


def _moved(rows: list[Row]) -> list[Row]:
    """Rows of which an amount of December 2024 stands on another account."""
    more = [("32201-1-1-0001-000-10", "17.25"), ("52514-1-2-0002-000-10", "-17.25")]
    for account, amount in more:
        rows = [
            r._replace(actual=r.actual + Decimal(amount)) if (r.account, r.year, r.period) == (account, 2024, 12) else r
            for r in rows
        ]
    return rows


def test_missing_income_shows_in_the_overview_and_an_own_grouping_does_not(tmp_path: Path) -> None:
    for kommune, rule in (("0101", "oko_07_indtaegt"), ("0147", "oko_05_egen_gruppering")):
        sent = written("koer", kommune, 6, LOADED[rule](accounts_of(kommune, 6)))
        receive(tmp_path / "state", put(sent, tmp_path / kommune), ARRIVED, areas=tmp_path)
    assert flis("load", "--state", tmp_path / "state", areas=tmp_path).code == 0
    listed = told("status", "--at", ARRIVED, "--state", tmp_path / "state", areas=tmp_path)["areas"]
    (states,) = [area["states"] for area in listed if area["id"] == "okonomi"]
    shown = [(one["kind"], one["rule"], one["municipalities"]) for one in states if one["rule"]]
    assert shown == [("faulty-delivery", "oko_07_indtaegt", ["0101"])]
