"""A panel: a chart, the words that say what it shows, and the table of the same figures beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from flis.serve.web.ukraine.chart_specifications import charts, label
from flis.serve.web.ukraine.report_tables import ReportTable, TableColumn, table
from flis.serve.web.ukraine.selection import area_name
from flis.serve.web.ukraine.spans import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flis.serve.web.site.drawing_cache import Drawings
    from flis.serve.web.site.texts import Texts
    from flis.serve.web.ukraine.report import Report
    from flis.serve.web.ukraine.spans import Count

__all__ = ["Panel", "panels"]

LONG = 12  # rows; a longer table is folded away under its chart


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart with everything that belongs to it."""

    name: str
    svg: Markup
    description: str
    table: ReportTable

    @property
    def long(self) -> bool:
        """Whether the table is folded away."""
        return len(self.table.rows) > LONG


def panels(report: Report, texts: Texts, drawings: Drawings) -> Mapping[str, Panel]:
    """All panels of a report by name; what has no figures has no panel."""
    found = {}
    for name, specification in charts(report).items():
        svg = Markup(label(drawings.svg(specification, report.figures.release), texts))  # noqa: S704
        found[name] = Panel(name, svg, _description(name, report, texts), _table(name, report, texts))
    return found


def _table(name: str, report: Report, texts: Texts) -> ReportTable:
    if not name.startswith("fordeling_"):
        return table(name, report, texts)
    dimension = name.removeprefix("fordeling_")
    whole = table("fordeling", report, texts)
    rows = tuple((r[2], r[4], r[5]) for r in whole.rows if r[0] == dimension)
    return ReportTable(
        "fordeling", (TableColumn("gruppe", "text"), TableColumn("antal"), TableColumn("andel", "share")), rows
    )


def _description(name: str, report: Report, texts: Texts) -> str:
    """What a chart says, for those who do not see it."""
    if name == "udvikling":
        (first, low, _), (last, high, _) = report.series[0], report.series[-1]
        return texts("report.chart.udvikling_label", first=texts.date(first), low=low, last=texts.date(last), high=high)
    if name == "bevaegelser":
        week = report.weeks[-1]
        return texts(
            "report.chart.bevaegelser_label",
            uge=texts.date(week.start),
            entered=_told(week.entered),
            left=_told(week.left),
        )
    if name == "bevaegelser_dag":
        day, row = report.flow_days[-1]
        return texts("report.chart.bevaegelser_dag_label", dato=texts.date(day), entered=row[0], left=row[1])
    if name == "sammenligning":
        content = "; ".join(f"{area_name(s.code, texts)} {texts.number(s.rate or 0.0, 2)}" for s in report.beside)
        return texts("report.chart.sammenligning_label", content=content)
    rows = _table(name, report, texts).rows
    content = "; ".join(f"{r[0]} {texts.number(r[1])}" for r in rows if isinstance(r[1], int))
    return texts("report.chart.fordeling_label", content=content)


def _told(count: Count) -> int | str:
    return str(count) if isinstance(count, Span) else count
