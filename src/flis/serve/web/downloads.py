"""The report's figures to take away: JSON, CSV and a workbook, with release and delivery in each."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
import xlsxwriter

from flis.catalog.reference import municipalities
from flis.serve.web.tables import STANDING, standing_row, table, tables

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

    from flis.serve.web.report import Report, Standing
    from flis.serve.web.tables import Table
    from flis.serve.web.texts import Texts

__all__ = ["as_csv", "as_json", "as_xlsx", "safe"]

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
WIDTHS = {"text": 26, "date": 13, "week": 13}
FORMS = {"date": "yyyy-mm-dd", "week": "yyyy-mm-dd", "share": "0%", "rate": "0.00", "change": "+#,##0;-#,##0;0"}


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula.

    >>> safe("=1+1"), safe("Odense")
    ("'=1+1", 'Odense')
    """
    return f"'{text}" if text.startswith(DANGEROUS) else text


def provenance(report: Report) -> dict[str, Any]:
    """What stands in every file: day, known on, delivery, release."""
    return {
        "dato": report.selection.day,
        "kendt": report.selection.known,
        "levering": report.delivery.id,
        "release": report.figures.release,
    }


def as_json(report: Report, texts: Texts) -> bytes:
    """The chosen day: the country with its flows, the municipalities, and the chosen area's tables."""
    chosen = {report.selection.area, *report.selection.compared}
    every = report.selection.is_country
    content = provenance(report) | {
        "leveret": report.delivery.produced,
        "sat_i_drift": report.figures.applied,
        "daekker": {"fra": report.known.first, "til": report.known.last},
        "indbyggertal_pr": _inhabitants_date(),
        "land": _standing(report.country, texts) | report.flows_today,
        "kommuner": [_standing(s, texts) for s in report.municipalities if every or s.code in chosen],
        "omraade": report.selection.area,
        **{
            t.name: [dict(zip((c.name for c in t.columns), row, strict=True)) for row in t.rows]
            for t in tables(report, texts)
            if t.name != "kommuner"
        },
    }
    return msgspec.json.encode(content)


def as_csv(report: Report, name: str, texts: Texts) -> bytes:
    """One table, comma separated; day, known on, delivery and release are the last columns of every row."""
    made = table(name, report, texts)
    source = {f"opgjort_{k}" if k == "dato" else k: v for k, v in provenance(report).items()}
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*(c.name for c in made.columns), *source])
    ending = [_plain(v) for v in source.values()]
    writer.writerows([*(_plain(v) for v in row), *ending] for row in made.rows)
    return text.getvalue().encode()


def as_xlsx(report: Report, texts: Texts) -> bytes:
    """A workbook: a sheet that says what the figures are, then one per table."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "default_date_format": "0"}
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties({"title": texts("report.title"), "comments": f"release {report.figures.release}"})
        _cover(book, report, texts)
        for made in tables(report, texts):
            _sheet(book, made, texts)
    return content.getvalue()


def _cover(book: Workbook, report: Report, texts: Texts) -> None:
    sheet = book.add_worksheet(texts("report.title")[:31])
    bold = book.add_format({"bold": True, "font_size": 14})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 100)
    sheet.write_string(0, 0, texts("report.title"), bold)
    lines = [
        texts(
            "report.stamp",
            dato=texts.date(report.selection.day),
            levering=report.delivery.id,
            release=str(report.figures.release),
        ),
        *(texts(f"definition.{key}") for key in ("who", "entered", "births", "flows", "people", "net", "clock")),
        texts("definition.policy"),
        texts("definition.inhabitants", dato=texts.date(_inhabitants_date())),
        texts("site.footer.source"),
    ]
    for row, line in enumerate(lines, 2):
        sheet.write_string(row, 0, line, wrap)


def _sheet(book: Workbook, made: Table, texts: Texts) -> None:
    sheet = book.add_worksheet(texts(f"report.section.{made.name}")[:31])
    heading = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
    sheet.freeze_panes(1, 0)
    for n, column in enumerate(made.columns):
        form = book.add_format({"num_format": FORMS.get(column.kind, "#,##0")})
        sheet.set_column(n, n, WIDTHS.get(column.kind, 12), form)
        sheet.write_string(0, n, texts(f"column.{column.name}"), heading)
    for r, row in enumerate(made.rows, 1):
        for n, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(r, n, safe(value))
            elif isinstance(value, date):
                sheet.write_datetime(r, n, value)
            elif value is not None:
                sheet.write_number(r, n, value)


def _standing(s: Standing, texts: Texts) -> dict[str, Any]:
    return dict(zip((c.name for c in STANDING), standing_row(s, texts), strict=True))


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return safe(value) if isinstance(value, str) else value


def _inhabitants_date() -> date:
    return municipalities()[0].inhabitants_date
