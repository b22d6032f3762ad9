"""The report's charts: Vega specifications as data (`charts/*.json`), filled with numbers.

A chart holds no words. Where a label belongs it holds a blank such as `{{n:1500}}` or `{{m:2022-03-01}}`, which
`label` fills in the reader's language when the drawing is put into a page: one drawing serves all languages.
"""

from __future__ import annotations

import json
import math
import re
from datetime import date, timedelta
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from flis.serve.web.site.rounding import share
from flis.serve.web.ukraine.known_versions import day_number, number_day
from flis.serve.web.ukraine.report import Week
from flis.serve.web.ukraine.selection import area_name
from flis.serve.web.ukraine.spans import middle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flis.serve.web.site.texts import Texts
    from flis.serve.web.ukraine.report import Report, Standing

__all__ = ["charts", "label", "specification"]

BLANK = re.compile(r"\{\{(\w):([^}]*)\}\}")
STEPS = (1, 2, 5)


def charts(report: Report) -> dict[str, dict[str, Any]]:
    """The specifications of all charts of a report, by the name of the table that each stands beside."""
    made = {"udvikling": _line(report.series)}
    if report.weeks:
        made["bevaegelser"] = _bars(report.weeks, 7)
    if report.selection.is_country and report.flow_days:
        made["bevaegelser_dag"] = _bars([_day(day, row) for day, row in report.flow_days], 1)
    for b in report.breakdowns:
        total = sum(b.counts) or 1
        rows = [(f"{{{{g:{g}}}}}", n, f"{{{{s:{n}/{total}}}}}") for g, n in zip(b.groups, b.counts, strict=True)]
        made[f"fordeling_{b.dimension}"] = _groups(rows, own=None)
    if not report.selection.is_country:
        made["sammenligning"] = _beside(report.beside)
    return made


def label(svg: str, texts: Texts) -> str:
    """A drawing with its blanks filled in a language."""
    return BLANK.sub(lambda blank: escape(WORDS[blank[1]](blank[2], texts)), svg)


@cache
def _text(name: str) -> str:
    return (files("flis.serve.web.ukraine") / "charts" / f"{name}.json").read_text("utf-8")


def specification(name: str, data: dict[str, list[Any]], **signals: Any) -> dict[str, Any]:
    """The specification `name` with its data sets, signals, `width` and `height` filled."""
    made: dict[str, Any] = json.loads(_text(name))
    made |= {size: signals.pop(size) for size in ("width", "height") if size in signals}
    for part in made["data"]:
        part["values"] = data[part["name"]]
    for signal in made["signals"]:
        if signal["name"] in signals:
            signal["value"] = signals[signal["name"]]
    return made


def _line(series: Sequence[tuple[date, int, int]]) -> dict[str, Any]:
    days = [{"x": day_number(day), "y": people} for day, people, _ in series]
    steps = _steps(0, max(d["y"] for d in days))
    first, last = series[0][0], series[-1][0]
    return specification(
        "line", {"days": days, "chosen": days[-1:]}, ticks=_months(first, last), steps=steps, top=steps[-1]
    )


def _bars(weeks: Sequence[Week], step: int) -> dict[str, Any]:
    bars = [{"x": day_number(w.start), "in": middle(w.entered), "out": -middle(w.left)} for w in weeks]
    low = min(b["out"] for b in bars)
    steps = _steps(low, max(b["in"] for b in bars))
    first, last = weeks[0].start, weeks[-1].start
    ticks = _months(first, last) if step > 1 else [day_number(w.start) for w in weeks[::-1] if w.start.weekday() == 0]
    return specification(
        "bars",
        {"bars": bars},
        ticks=ticks,
        steps=[s for s in steps if s >= low * 1.25],
        top=steps[-1],
        bottom=max(steps[0], low * 1.25),
        span=[day_number(first), day_number(last) + step],
        step=step,
        form="m" if step > 1 else "d",
    )


def _groups(rows: Sequence[tuple[str, float, str]], own: int | None, **sizes: int) -> dict[str, Any]:
    values = [
        {"n": n, "label": label, "value": value, "text": text, "own": own is None or n == own, "bold": n == own}
        for n, (label, value, text) in enumerate(rows)
    ]
    return specification(
        "groups", {"rows": values}, top=max(1e-9, *(v for _, v, _ in rows)), height=34 * len(rows), **sizes
    )


def _beside(standings: Sequence[Standing]) -> dict[str, Any]:
    rows = [(f"{{{{a:{s.code}}}}}", s.rate or 0.0, f"{{{{r:{s.rate or 0.0}}}}}") for s in standings]
    return _groups(rows, own=0, width=640, label=160, room=50)


def _day(day: date, row: Sequence[int]) -> Week:
    return Week(day, row[0], row[1])


def _steps(low: float, high: float) -> list[int]:
    """Four or so round values from at most `low` to at least `high`, zero among them."""
    rough = max(1.0, (high - low) / 4)
    scale = 10 ** math.floor(math.log10(rough))
    step = int(next(s * scale for s in (*STEPS, 10) if s * scale >= rough))
    first, last = math.floor(low / step), max(1, math.ceil(high / step))
    return [n * step for n in range(first, last + 1)]


def _months(first: date, last: date) -> list[int]:
    """The first days of months between two days, thinned to at most nine."""
    months, day = [], date(first.year, first.month, 1)
    while day <= last:
        if day >= first:
            months.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    every = -(-len(months) // 9)
    return [day_number(m) for m in months if not (m.year * 12 + m.month - 1) % every] or [day_number(first)]


def _share(value: str, texts: Texts) -> str:
    count, total = (int(part) for part in value.split("/"))
    return f"{texts.number(count)}  ({texts.percent(share(count, total))})"


def _month(value: str, texts: Texts) -> str:
    month = number_day(int(value))
    return texts.date(month, "LLL y" if month.month == 1 else "LLL")


WORDS: Mapping[str, Callable[[str, Texts], str]] = {
    "n": lambda value, texts: texts.number(float(value)),
    "r": lambda value, texts: texts.number(float(value), 2),
    "s": _share,
    "m": _month,
    "d": lambda value, texts: texts.date(number_day(int(value)), "d. MMM" if texts.language == "da" else "d MMM"),
    "g": lambda value, texts: texts(f"group.{value}"),
    "a": area_name,
}
"""The blanks of a chart: number, rate, count with share, month, day, group, area."""
