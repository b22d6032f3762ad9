"""The report's figures to take away: JSON and CSV, with release and delivery in each; a workbook has its own module."""

from __future__ import annotations

import csv
import io
import unicodedata
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from flis.catalog.reference import municipalities
from flis.serve.web.site.rounding import RATE_DIGITS, SHARE_DIGITS
from flis.serve.web.ukraine.report_tables import STANDING, ReportTable, TableColumn, standing_row, table, tables

if TYPE_CHECKING:
    from flis.serve.web.site.texts import Texts
    from flis.serve.web.ukraine.report import Report, Standing

__all__ = ["as_csv", "as_csv_for_excel", "as_json", "notes", "safe"]

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
DIGITS = {"rate": RATE_DIGITS, "share": SHARE_DIGITS}
INVISIBLE = {"Cc", "Cf", "Zs", "Zl", "Zp"}


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula, also where it begins with blanks or in full width.

    >>> safe("=1+1"), safe("\uff1d1+1"), safe("Odense")
    ("'=1+1", "'＝1+1", 'Odense')
    """
    begins = next((c for c in text if unicodedata.category(c) not in INVISIBLE), "")
    tricks = text.startswith(DANGEROUS) or unicodedata.normalize("NFKC", begins).startswith(DANGEROUS)
    return f"'{text}" if tricks else text


def provenance(report: Report) -> dict[str, Any]:
    """What stands in every file: day, known on, delivery, release; then what is not so in most."""
    return {
        "dato": report.selection.day,
        "kendt": report.selection.known,
        "levering": report.delivery.id,
        "release": report.figures.release,
    }


def exceptions(report: Report) -> dict[str, Any]:
    """What stands in a file only where it is so: another day was asked for, the persons are simulated."""
    asked, made_up = report.selection.asked, report.figures.simulated
    return ({"spurgt_dato": asked} if asked else {}) | ({"simuleret": True} if made_up else {})


def as_json(report: Report, texts: Texts) -> bytes:
    """The chosen day: the country with its flows, the municipalities, and the chosen area's tables."""
    chosen = {report.selection.area, *report.selection.compared}
    every = report.selection.is_country
    content = provenance(report) | {
        "spurgt_dato": report.selection.asked,
        "simuleret": report.figures.simulated,
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
    if report.figures.simulated:
        content["bemaerkning"] = texts("simulated")
    return msgspec.json.encode(content)


def as_csv(report: Report, name: str, texts: Texts) -> bytes:
    """One table for programs: comma, decimal point, ids of columns; where a row is from stands at its end."""
    made = _with_source(table(name, report, texts), report)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(c.name for c in made.columns)
    writer.writerows(map(_plain, row) for row in made.rows)
    return text.getvalue().encode()


def as_csv_for_excel(report: Report, name: str, texts: Texts) -> bytes:
    """The same table for a spreadsheet with Danish settings: semicolon, decimal comma, headings, codes with names."""
    made = _with_source(_spoken(table(name, report, texts), texts), report)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(safe(texts(f"column.{c.name}")) for c in made.columns)
    writer.writerows([_danish(v, c, texts) for v, c in zip(row, made.columns, strict=True)] for row in made.rows)
    return text.getvalue().encode("utf-8-sig")


def notes(report: Report, texts: Texts) -> list[str]:
    """What a reader must know of the figures, a paragraph each."""
    day, asked = report.selection.day, report.selection.asked
    told = [texts("simulated")] if report.figures.simulated else []
    if asked:
        told.append(texts("report.covered", spurgt=texts.date(asked, "full"), dato=texts.date(day, "full")))
    return [
        *told,
        texts(
            "report.stamp",
            dato=texts.date(day),
            levering=report.delivery.id,
            release=str(report.figures.release),
        ),
        *(texts(f"definition.{key}") for key in ("who", "entered", "births", "flows", "people", "net", "clock")),
        texts("definition.policy"),
        texts("definition.breakdowns"),
        texts("definition.inhabitants", dato=texts.date(_inhabitants_date())),
        texts("site.footer.source"),
    ]


def _with_source(made: ReportTable, report: Report) -> ReportTable:
    """A table whose last columns say where each row is from."""
    source = {f"opgjort_{k}" if k == "dato" else k: v for k, v in (provenance(report) | exceptions(report)).items()}
    kinds = {"release": "rank", "simuleret": "flag", "levering": "text"}
    columns = (TableColumn(name, kinds.get(name, "date")) for name in source)
    return ReportTable(made.name, (*made.columns, *columns), tuple((*row, *source.values()) for row in made.rows))


def _spoken(made: ReportTable, texts: Texts) -> ReportTable:
    """A table in which no code stands alone: a spreadsheet would take 0760 for a number and 07-16 for a day."""
    ids, rows = tuple(c.name for c in made.columns), made.rows
    if ids[:2] == ("kode", "navn"):
        area = TableColumn("omraade", "text")
        return ReportTable(made.name, (area, *made.columns[2:]), tuple((f"{r[0]} {r[1]}", *r[2:]) for r in rows))
    if ids[:3] == ("dimension", "gruppe", "navn"):
        division = TableColumn("dimension", "text")
        spoken = tuple((texts(f"report.chart.fordeling_{r[0]}"), *r[2:]) for r in rows)
        return ReportTable(made.name, (division, *made.columns[2:]), spoken)
    return made


def _standing(s: Standing, texts: Texts) -> dict[str, Any]:
    return dict(zip((c.name for c in STANDING), standing_row(s, texts), strict=True))


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    return safe(value) if isinstance(value, str) else value


def _danish(value: object, column: TableColumn, texts: Texts) -> object:
    """A value as a spreadsheet with Danish settings reads it; days in the one form that all settings read alike."""
    if value is True:
        return texts("simulated")
    if isinstance(value, float):
        return f"{value:.{DIGITS[column.kind]}f}".replace(".", ",")
    return _plain(value)


def _inhabitants_date() -> date:
    return municipalities()[0].inhabitants_date
