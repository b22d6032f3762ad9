"""Draw the newest day's charts when a release has been published, before the first reader asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.serve.web.site.drawing_cache import Drawings
from flis.serve.web.ukraine.chart_specifications import charts
from flis.serve.web.ukraine.current_figures import CurrentFigures
from flis.serve.web.ukraine.figures import AREAS
from flis.serve.web.ukraine.report import Report
from flis.serve.web.ukraine.selection import Selection

if TYPE_CHECKING:
    from flis.config import Settings

__all__ = ["draw_newest_charts"]


def draw_newest_charts(settings: Settings) -> int:
    """Draw the charts of the newest day for the country and each municipality; drop those of older releases.

    One drawing serves all languages. Returns how many charts there are.
    """
    figures = CurrentFigures(settings.folders).figures()
    if figures is None:
        return 0
    known = figures.known(figures.newest)
    drawings = Drawings(settings.folders)
    specifications = [
        specification
        for area in AREAS
        for specification in charts(Report(figures, known, Selection(area, known.last, figures.newest))).values()
    ]
    drawings.draw(specifications, figures.release)
    drawings.drop(keep=figures.release)
    return len(specifications)
