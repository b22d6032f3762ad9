"""One rate, one number: the same in every place, rounded once from whole numbers."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from html import unescape
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from flis.catalog.reference import municipalities
from flis.serve.web.site.rounding import per_thousand, share
from flis.serve.web.site.texts import texts_of
from flis.serve.web.ukraine.report import Report
from flis.serve.web.ukraine.selection import select
from tests.release.sample import FIRST, LAST

if TYPE_CHECKING:
    from flis.serve.web.ukraine.figures import Figures
    from tests.serve.web.asking import Web

NAMES = {m.name: m.code for m in municipalities()}


def exact(numerator: int, denominator: int) -> Decimal:
    """Two decimals by arithmetic of its own: a half goes up."""
    with localcontext() as context:
        context.prec = 60
        return (Decimal(numerator) / Decimal(denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def report(figures: Figures, day: str) -> Report:
    selection, known = select(QueryParams(f"dato={day}"), figures, texts_of("da"))
    return Report(figures, known, selection)


@given(st.integers(0, 10**6), st.integers(1, 10**7))
def test_rates_and_shares_are_rounded_once(people: int, inhabitants: int) -> None:
    assert Decimal(str(per_thousand(people, inhabitants))) == exact(people * 1000, inhabitants)
    count = min(people, inhabitants)
    assert Decimal(str(share(count, inhabitants))) == exact(count, inhabitants)


def test_every_municipality_on_every_day(figures: Figures) -> None:
    for n in range((LAST - FIRST).days + 1):
        made = report(figures, (FIRST + timedelta(n)).isoformat())
        for s in (made.country, *made.landsdele, *made.municipalities):
            assert Decimal(str(s.rate)) == exact(s.people * 1000, s.inhabitants)


def days_of_two_roundings(figures: Figures) -> list[str]:
    """Days on which some area's rate differs where it is rounded to three decimals first."""
    found = []
    for n in range((LAST - FIRST).days + 1):
        day = (FIRST + timedelta(n)).isoformat()
        for s in report(figures, day).municipalities:
            once, twice = s.people * 1000 / s.inhabitants, round(s.people * 1000 / s.inhabitants, 3)
            if f"{once:.2f}" != str(Decimal(str(twice)).quantize(Decimal("0.01"))):
                found.append(day)
                break
    return found


def shown_everywhere(web: Web, day: str) -> dict[str, dict[str, str]]:
    """Per place, the rate of each municipality with two decimals and a point."""
    page = unescape(web.get(f"/ukraine?dato={day}").text)
    data = web.get(f"/ukraine.json?dato={day}").json()
    machine = csv.DictReader(io.StringIO(web.get(f"/ukraine.csv?dato={day}").text))
    people = csv.reader(io.StringIO(web.get(f"/ukraine.csv?dato={day}&form=excel").text), delimiter=";")
    head = next(people)
    place = head.index("Pr. 1.000 indb.")
    sheet = openpyxl.load_workbook(io.BytesIO(web.get(f"/ukraine.xlsx?dato={day}").content))["Kommunerne"]
    titles = re.findall(r"<title>([^:<]+): [\d.]+ personer, ([\d.,]+) pr\.", page)
    table = re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a></th>\s*(?:<td class="number">([^<]*)</td>\s*){3}', page)
    return {
        "map": {NAMES[name]: rate.replace(",", ".") for name, rate in titles},
        "table": {NAMES[name]: rate.replace(",", ".") for name, rate in table if name in NAMES},
        "JSON": {k["kode"]: f"{Decimal(str(k['pr_1000'])):.2f}" for k in data["kommuner"]},
        "CSV": {r["kode"]: f"{Decimal(r['pr_1000']):.2f}" for r in machine},
        "CSV for Excel": {r[0][:4]: r[place].replace(",", ".") for r in people},
        "workbook": {str(r[0]): f"{r[6]:.2f}" for r in sheet.iter_rows(min_row=2, values_only=True)},
    }


def test_one_rate_is_one_number_in_every_place(web: Web, figures: Figures) -> None:
    days = days_of_two_roundings(figures)
    assert days, "the sample must have a rate that two roundings make wrong"
    for day in (*days[-2:], LAST.isoformat()):
        wanted = {s.code: str(exact(s.people * 1000, s.inhabitants)) for s in report(figures, day).municipalities}
        for place, shown in shown_everywhere(web, day).items():
            assert len({c for c in shown if c != "0000"}) >= 98, place
            assert {c: r for c, r in shown.items() if c != "0000"}.items() <= wanted.items(), place


@pytest.mark.parametrize("code", ["0101", "0461", "0751", "0760", "0851"])
def test_headline_and_chart_of_a_municipality_show_the_rate_of_its_table(web: Web, figures: Figures, code: str) -> None:
    for day in (*days_of_two_roundings(figures)[-1:], LAST.isoformat()):
        own = next(s for s in report(figures, day).municipalities if s.code == code)
        wanted = str(exact(own.people * 1000, own.inhabitants)).replace(".", ",")
        text = unescape(web.get(f"/ukraine?kommune={code}&dato={day}").text)
        assert f"<dt>pr. 1.000 indbyggere</dt><dd>{wanted}</dd>" in text
        chart, table = text.split('id="sammenligning"')[1].split("</section>")[0].split("<table>")
        assert f">{wanted}</text>" in chart
        assert f'<td class="number">{wanted}</td>' in table


def test_shares_in_chart_and_table_are_the_same(web: Web) -> None:
    for address in ("/ukraine", "/ukraine?kommune=0101", "/ukraine?dato=2022-07-02"):
        section = unescape(web.get(address).text).split('id="fordeling"')[1].split("</section>")[0]
        charts = re.findall(r">\d[\d.]*  ?\((\d+)\s%\)</text>", section)
        tables = re.findall(r'<td class="number">(\d+)\s%</td>', section)
        assert len(charts) == 10
        assert charts == tables
