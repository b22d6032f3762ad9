"""The report and its downloads, the front page: from a request to an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.catalog.reference import municipalities
from flis.errors import NotFoundError, UsageError
from flis.serve.web.site.answers import Kept, answer, page, texts_for
from flis.serve.web.site.drawing_cache import Drawings
from flis.serve.web.site.municipality_choices import CHOICES
from flis.serve.web.site.page_frame import ServedRelease
from flis.serve.web.ukraine.chart_panels import panels
from flis.serve.web.ukraine.current_figures import CurrentFigures
from flis.serve.web.ukraine.downloads import as_csv, as_csv_for_excel, as_json
from flis.serve.web.ukraine.municipality_map import shade
from flis.serve.web.ukraine.report import SPANS, Report
from flis.serve.web.ukraine.report_tables import TABLES, table
from flis.serve.web.ukraine.selection import COMPARED, ORDERS, area_name, select
from flis.serve.web.ukraine.workbook import as_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from flis.config import State
    from flis.serve.web.site.texts import Texts
    from flis.serve.web.ukraine.figures import Figures

__all__ = ["ReportPages"]

CSV_FORMS = {"": as_csv, "excel": as_csv_for_excel}
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ReportPages:
    """The endpoints that read figures; one instance per server, so that what was read and drawn is shared."""

    def __init__(self, state: State) -> None:
        self.newest = CurrentFigures(state)
        self.drawings = Drawings(state)
        self._kept = Kept()

    def front(self, request: Request) -> Response:
        """What is here, and how fresh it is."""
        texts, figures = texts_for(request), self.newest.figures()
        report = _report(request, figures, texts, plain=True) if figures else None
        return page(
            request,
            "ukraine/front.html",
            _served(figures),
            report=report,
            host=request.url.netloc,
            scheme=request.url.scheme,
        )

    def report(self, request: Request) -> Response:
        """The Ukraine report."""
        texts, figures = texts_for(request), self.newest.figures()
        if figures is None:
            return page(request, "ukraine/empty.html", None, path="/ukraine", why=self._why(texts))
        return self._kept.answer(request, figures.mark, lambda: self._page(request, figures, texts))

    def _why(self, texts: Texts) -> str:
        """Why there are no figures."""
        return texts("report.empty.withheld") if self.newest.withheld() else texts("report.empty.text")

    def _page(self, request: Request, figures: Figures, texts: Texts) -> Response:
        report = _report(request, figures, texts)
        return page(
            request,
            "ukraine/report.html",
            _served(figures),
            path="/ukraine" + report.selection.query(),
            report=report,
            selection=report.selection,
            panels=panels(report, texts, self.drawings),
            map=shade(report.municipalities),
            table=lambda name: table(name, report, texts),
            name=area_name,
            here_name=area_name(report.selection.area, texts),
            choices=CHOICES,
            compared=COMPARED,
            orders=ORDERS,
            spans=SPANS,
            inhabitants_date=municipalities()[0].inhabitants_date,
        )

    def file(self, form: str) -> Callable[[Request], Response]:
        """The endpoint that gives the chosen figures as `form`: json, csv or xlsx."""

        def download(request: Request) -> Response:
            texts, figures = texts_for(request), self.newest.figures()
            if figures is None:
                raise NotFoundError(texts("report.empty.title"), hint=self._why(texts))
            return self._kept.answer(request, figures.mark, lambda: _file(request, figures, texts, form))

        return download


def _served(figures: Figures | None) -> ServedRelease | None:
    """The release whose figures a page shows, also where another one has become current meanwhile."""
    return ServedRelease(figures.release, figures.applied) if figures else None


def _report(request: Request, figures: Figures, texts: Texts, *, plain: bool = False) -> Report:
    query = type(request.query_params)("") if plain else request.query_params
    selection, known = select(query, figures, texts)
    return Report(figures, known, selection)


def _file(request: Request, figures: Figures, texts: Texts, form: str) -> Response:
    report = _report(request, figures, texts)
    name = f"ukraine-{report.selection.area}-{report.selection.day}-release-{figures.release}"
    if figures.simulated:
        name += "-simuleret"
    if form == "json":
        return answer(as_json(report, texts), "application/json")
    if form == "xlsx":
        return answer(as_xlsx(report, texts), WORKBOOK, headers=_saved(f"{name}.xlsx"))
    wanted, kind = request.query_params.get("tabel", "kommuner"), request.query_params.get("form", "")
    if wanted not in TABLES:
        raise NotFoundError(texts("error.table"), hint=", ".join(TABLES))
    if kind not in CSV_FORMS:
        raise UsageError(texts("error.form"), hint=", ".join(filter(None, CSV_FORMS)))
    saved = _saved(f"{'-'.join(filter(None, (name, wanted, kind)))}.csv")
    return answer(CSV_FORMS[kind](report, wanted, texts), "text/csv; charset=utf-8", headers=saved)


def _saved(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
