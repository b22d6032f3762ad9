"""The report as a workbook: notes, one sheet per table with one head row and typed cells, and what the columns are."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING

import xlsxwriter

from flis.serve.web.ukraine.downloads import notes, safe
from flis.serve.web.ukraine.report_tables import ReportTable, TableColumn, tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from flis.serve.web.site.texts import Texts
    from flis.serve.web.ukraine.report import Report

__all__ = ["as_xlsx"]

DAYS = {"da": "dd-mm-yyyy", "en": "yyyy-mm-dd", "uk": "dd.mm.yyyy"}
FORMS = {"count": "#,##0", "rank": "0", "share": "0%", "rate": "0.00", "change": "+#,##0;-#,##0;0"}
WIDEST = 40  # characters; longer texts are wrapped by the reader
NARROWEST = 12
COLUMNS = (TableColumn("ark", "text"), TableColumn("kolonne", "text"), TableColumn("id", "text"))


def as_xlsx(report: Report, texts: Texts) -> bytes:
    """A workbook in the language: notes, one sheet per table, the ids of the columns."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as book:
        told = [f"release {report.figures.release}", *([texts("simulated")] if report.figures.simulated else [])]
        made_at = {"created": report.figures.applied}  # not now: the same question has the same bytes in every process
        book.set_properties({"title": texts("report.title"), "comments": ". ".join(told), **made_at})
        _notes(book, report, texts)
        made = tables(report, texts)
        for shown in (*made, _columns(made, texts)):
            sheet = _sheet(book, shown, texts)
            if report.figures.simulated:
                sheet.set_header(f"&C{texts('simulated')}")
    return content.getvalue()


def _notes(book: Workbook, report: Report, texts: Texts) -> None:
    sheet = book.add_worksheet(texts("report.sheet.noter"))
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 100)
    sheet.write_string(0, 0, texts("report.title"), book.add_format({"bold": True, "font_size": 14}))
    for row, line in enumerate(notes(report, texts), 2):
        sheet.write_string(row, 0, line, wrap)


def _columns(made: list[ReportTable], texts: Texts) -> ReportTable:
    """What each column is called here, and its id, which no language changes."""
    rows = ((texts(f"report.sheet.{t.name}"), texts(f"column.{c.name}"), c.name) for t in made for c in t.columns)
    return ReportTable("kolonner", COLUMNS, tuple(rows))


def _sheet(book: Workbook, made: ReportTable, texts: Texts) -> Worksheet:
    sheet = book.add_worksheet(texts(f"report.sheet.{made.name}"))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(made.rows), len(made.columns) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A2:C{len(made.rows) + 1}"})
    forms = _forms(book, texts)
    for n, column in enumerate(made.columns):
        heading = texts(f"column.{column.name}")
        longest = max((len(row[n]) for row in made.rows if isinstance(row[n], str)), default=0)  # type: ignore[arg-type]
        sheet.set_column(n, n, min(WIDEST, max(NARROWEST, longest + 2)))
        sheet.write_string(0, n, heading, forms["heading"])
        for r, row in enumerate(made.rows, 1):
            _cell(sheet, r, n, row[n], forms[column.kind])
    return sheet


def _cell(sheet: Worksheet, row: int, column: int, value: object, form: Format) -> None:
    if isinstance(value, str):
        sheet.write_string(row, column, safe(value), form)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, form)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, form)


def _forms(book: Workbook, texts: Texts) -> Mapping[str, Format]:
    """A format per kind of column, and that of the head row."""
    day = DAYS[texts.language]
    forms = FORMS | {"date": day, "week": day, "text": "@", "code": "@"}
    made = {kind: book.add_format({"num_format": form}) for kind, form in forms.items()}
    return made | {"heading": book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"})}
