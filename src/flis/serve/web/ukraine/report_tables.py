"""The report's tables as data: the page, the CSV file and the workbook show the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from flis.serve.web.site.municipality_choices import danish
from flis.serve.web.site.rounding import share
from flis.serve.web.ukraine.figures import COUNTRY, DAILY, RARE
from flis.serve.web.ukraine.selection import area_name
from flis.serve.web.ukraine.spans import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flis.serve.web.site.texts import Texts
    from flis.serve.web.ukraine.report import Report, Standing
    from flis.serve.web.ukraine.spans import Count

__all__ = ["COLUMNS", "STANDING", "TABLES", "ReportTable", "TableColumn", "standing_row", "table", "tables"]

Value: TypeAlias = date | int | float | str | None


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column's stable name and the kind that decides how a value is written."""

    name: str
    kind: str = "count"  # text, code, date, week, count, change, rate, share, rank

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers, which stand to the right."""
        return self.kind not in {"text", "code", "date", "week"}


@dataclass(frozen=True, slots=True)
class ReportTable:
    """Rows under a stable name; `title` and column headings are texts of the language."""

    name: str
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Value, ...], ...]

    def shown(self, skip: Sequence[str] = ()) -> list[tuple[int, TableColumn]]:
        """The columns without those to skip, each with its place in a row."""
        return [(n, column) for n, column in enumerate(self.columns) if column.name not in skip]


STANDING = (
    TableColumn("kode", "code"),
    TableColumn("navn", "text"),
    TableColumn("antal"),
    TableColumn("aendring_1", "change"),
    TableColumn("aendring_7", "change"),
    TableColumn("aendring_30", "change"),
    TableColumn("pr_1000", "rate"),
    TableColumn("rang_pr_1000", "rank"),
    TableColumn("rang_antal", "rank"),
    TableColumn("indrejste_minus_udrejste"),
    TableColumn("indrejste_uge"),
    TableColumn("udrejste_uge"),
    TableColumn("indbyggere"),
)
COLUMNS: Mapping[str, tuple[TableColumn, ...]] = {
    "kommuner": STANDING,
    "udvikling": (TableColumn("dato", "date"), TableColumn("antal"), TableColumn("indrejste_minus_udrejste")),
    "bevaegelser": (TableColumn("uge", "week"), TableColumn("indrejste"), TableColumn("udrejste")),
    "bevaegelser_dag": (TableColumn("dato", "date"), *(TableColumn(name) for name in DAILY)),
    "bevaegelser_maaned": (
        TableColumn("fra", "date"),
        TableColumn("maaned", "date"),
        *(TableColumn(name) for name in RARE),
        TableColumn("opgjort", "date"),
    ),
    "fordeling": (
        TableColumn("dimension", "code"),
        TableColumn("gruppe", "code"),
        TableColumn("navn", "text"),
        TableColumn("dato", "date"),
        TableColumn("antal"),
        TableColumn("andel", "share"),
    ),
    "sammenligning": STANDING,
    "revisioner": (
        TableColumn("dato", "date"),
        TableColumn("foerst_offentliggjort", "date"),
        TableColumn("antal_foerst"),
        TableColumn("antal_nu"),
        TableColumn("aendring", "change"),
        TableColumn("senest_aendret", "date"),
    ),
}
"""The columns of every table, in their order; ids that do not change. A municipality's `udvikling` lacks the last."""


def standing_row(s: Standing, texts: Texts) -> tuple[Value, ...]:
    """An area's row under the columns of STANDING."""
    return (
        s.code, area_name(s.code, texts), s.people, *s.changes, s.rate, s.rank_rate, s.rank_people,
        s.net, _shown(s.entered_week), _shown(s.left_week), s.inhabitants,
    )  # fmt: skip


def _municipalities(report: Report, texts: Texts) -> ReportTable:
    """The country, the chosen municipality, then the others in the order asked for."""
    keys: Mapping[str, Callable[[Standing], tuple[float | str, ...]]] = {
        "pr_1000": lambda s: (-(s.rate or 0), s.code),
        "antal": lambda s: (-s.people, s.code),
        "uge": lambda s: (-(s.changes[1] or 0), s.code),
        "navn": lambda s: (danish(area_name(s.code, texts)),),
    }
    chosen = report.selection.area
    found = sorted(report.municipalities, key=lambda s: (s.code != chosen, keys[report.selection.order](s)))
    return ReportTable("kommuner", STANDING, tuple(standing_row(s, texts) for s in [report.country, *found]))


def _beside(report: Report, texts: Texts) -> ReportTable:
    return ReportTable("sammenligning", STANDING, tuple(standing_row(s, texts) for s in report.beside))


def _series(report: Report, texts: Texts) -> ReportTable:  # noqa: ARG001
    width = 3 if report.selection.is_country else 2
    return ReportTable("udvikling", COLUMNS["udvikling"][:width], tuple(row[:width] for row in report.series))


def _weeks(report: Report, texts: Texts) -> ReportTable:  # noqa: ARG001
    rows = tuple((w.start, _shown(w.entered), _shown(w.left)) for w in report.weeks)
    return ReportTable("bevaegelser", COLUMNS["bevaegelser"], rows)


def _flow_days(report: Report, texts: Texts) -> ReportTable:  # noqa: ARG001
    rows: tuple[tuple[Value, ...], ...] = tuple((day, *row) for day, row in report.flow_days)
    return ReportTable("bevaegelser_dag", COLUMNS["bevaegelser_dag"], rows if report.selection.area == COUNTRY else ())


def _months(report: Report, texts: Texts) -> ReportTable:  # noqa: ARG001
    rows: tuple[tuple[Value, ...], ...] = tuple((m.first, m.last, *m.flows, m.made) for m in report.months)
    return ReportTable("bevaegelser_maaned", COLUMNS["bevaegelser_maaned"], rows if report.selection.is_country else ())


def _breakdowns(report: Report, texts: Texts) -> ReportTable:
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (
            b.dimension,
            group,
            texts(f"group.{group}"),
            b.day,
            count,
            share(count, sum(b.counts)),
        )
        for b in report.breakdowns
        for group, count in zip(b.groups, b.counts, strict=True)
    )
    return ReportTable("fordeling", COLUMNS["fordeling"], rows)


def _revisions(report: Report, texts: Texts) -> ReportTable:  # noqa: ARG001
    rows = tuple((r.day, r.published, r.first, r.now, r.now - r.first, r.changed) for r in report.revisions)
    return ReportTable("revisioner", COLUMNS["revisioner"], rows)


TABLES: Mapping[str, Callable[[Report, Texts], ReportTable]] = {
    "kommuner": _municipalities,
    "udvikling": _series,
    "bevaegelser": _weeks,
    "bevaegelser_dag": _flow_days,
    "bevaegelser_maaned": _months,
    "fordeling": _breakdowns,
    "sammenligning": _beside,
    "revisioner": _revisions,
}


def _shown(count: Count | None) -> int | str | None:
    return str(count) if isinstance(count, Span) else count


def table(name: str, report: Report, texts: Texts) -> ReportTable:
    """One of `TABLES`, worked out."""
    return TABLES[name](report, texts)


def tables(report: Report, texts: Texts) -> list[ReportTable]:
    """All tables that have rows for this question."""
    made = [table(name, report, texts) for name in TABLES]
    return [t for t in made if t.rows]
