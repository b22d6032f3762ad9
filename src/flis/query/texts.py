"""Cells as clients get them: formatted texts, format strings, colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flis.catalog.cube import Aggregate, DerivedMeasure
from flis.errors import StatementError
from flis.query.cubes.structure import MEASURES
from flis.query.evaluation.cell_values import calculated_hierarchies
from flis.query.evaluation.precedence import by_precedence
from flis.query.evaluation.values import TupleSet, codes
from flis.query.formats import format_array
from flis.query.result import Cells

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from flis.query.cubes.calculations import Calculation
    from flis.query.evaluation.evaluate import Evaluator
    from flis.query.evaluation.values import Context, Coordinate, Values

__all__ = ["formatted"]

BLOCK = 1 << 16  # cells formatted between two looks whether to stop
LONG = 200  # letters of a format string, whose texts are counted
WHOLE = "#,##0"  # of formulas that count
DEEPEST = 20  # formulas looked through for a format
EXTRA = ("FORE_COLOR", "BACK_COLOR", "FONT_FLAGS", "FONT_NAME", "FONT_SIZE", "SOLVE_ORDER", "UPDATEABLE")
BY_FORMULA, NO_SUM, AS_ALL = 0x10000001, 0x10000002, 0x10000007  # why a cell cannot be updated, as OLE DB numbers it
HIGHEST_LANGUAGE = 1 << 20


def formatted(
    ev: Evaluator, context: Context, values: Values, *, errors: dict[int, str], lcid: int, wanted: Sequence[str]
) -> Cells:
    """Values with their texts; each group of cells with the same calculations and measure has one format."""
    size = context.size
    texts = np.empty(size, dtype=object)
    formats = np.empty(size, dtype=object)
    whole = np.zeros(size, dtype=bool)
    languages: NDArray[np.int64] | None = None  # of every cell, where any is not in the statement's
    extras: dict[str, list[Any]] = {p: [None] * size for p in wanted if p in EXTRA}
    for rows, measure, calculations in _groups(ev, context):
        cut = context.take(rows) if len(rows) != size else context
        language = _language(ev, cut, calculations)
        if language is not None:
            languages = np.full(size, lcid) if languages is None else languages
            languages[rows] = np.where((language > 0) & (language < HIGHEST_LANGUAGE), language, lcid)
        for pattern, mine in _patterns(ev, cut, measure, calculations, rows):
            for spoken, in_lcid in _by_language(mine, languages, lcid):
                _write(ev, pattern, in_lcid, texts=texts, values=values, rows=spoken)
            formats[mine] = pattern
        if measure < ev.sizes[MEASURES] and not calculations:
            whole[rows] = ev.cube.measures[measure][1].counts
        for name, out in extras.items():
            _extra(ev, cut, measure, calculations, name, rows=rows, out=out)
    if values.is_text:
        ev.watch.texts(sum(len(v) for v in values.data.tolist() if isinstance(v, str)))
    for at in errors:
        texts[at] = "#Error"
    used: dict[str, Sequence[Any]] = {n: o for n, o in extras.items() if any(v is not None for v in o)}
    if languages is not None and (languages != lcid).any():
        used["LANGUAGE"] = languages.tolist()
    return Cells(values.data, values.null, texts.tolist(), formats.tolist(), whole, lcid, used, errors)


def _by_language(
    rows: NDArray[np.int64], languages: NDArray[np.int64] | None, lcid: int
) -> Iterator[tuple[NDArray[np.int64], int]]:
    """Rows that are written in the same language, and that."""
    if languages is None:
        yield rows, lcid
        return
    mine = languages[rows]
    for language in np.unique(mine).tolist():
        yield rows[mine == language], language


def _write(
    ev: Evaluator, pattern: str, lcid: int, *, texts: NDArray[np.object_], values: Values, rows: NDArray[np.int64]
) -> None:
    """Write the texts of some rows by one format string."""
    if len(pattern) > LONG:
        ev.watch.texts(len(pattern) * len(rows))
    for start in range(0, len(rows), BLOCK):
        ev.watch.check()
        block = rows[start : start + BLOCK]
        texts[block] = _written(values.take(block), pattern, lcid)


def _groups(ev: Evaluator, context: Context) -> Iterator[tuple[NDArray[np.int64], int, list[Calculation]]]:
    """Rows by measure and calculated members: (rows, measure, calculations by solve order, highest first)."""
    looked = sorted({MEASURES, *calculated_hierarchies(ev, context)})
    members = {h: context.coordinates[h] for h in looked}
    varying = {h: c for h, c in members.items() if isinstance(c, np.ndarray)}
    if not varying:
        yield np.arange(context.size), *_of(ev, members)
        return
    stored = [c if h == MEASURES else np.where(c >= ev.sizes[h], c, -1) for h, c in varying.items()]
    code = stored[0] if len(stored) == 1 else codes([TupleSet(tuple(varying), tuple(stored))])[0]
    for one in np.unique(code).tolist():
        rows = np.flatnonzero(code == one)
        here = {h: int(c[rows[0]]) for h, c in zip(varying, stored, strict=True)}
        yield rows, *_of(ev, {**members, **here})


def _of(ev: Evaluator, members: Mapping[int, Coordinate]) -> tuple[int, list[Calculation]]:
    calculations = [ev.calculation(h, int(m)) for h, m in members.items() if m >= ev.sizes[h]]
    return int(members[MEASURES]), by_precedence(c for c in calculations if c.rule is None)


def _patterns(
    ev: Evaluator, context: Context, measure: int, calculations: list[Calculation], rows: NDArray[np.int64]
) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """The format strings of a group, and the rows of each: usually one."""
    for c in calculations:
        node = ev.binder.property(c, "FORMAT_STRING")
        if node is None:
            if "whole" in ev.binder.formula(c).notes:
                yield WHOLE, rows
                return
            if inherited := _of_formula(ev, c):
                yield inherited, rows
                return
            continue
        if isinstance(node.constant, str):
            yield node.constant, rows
            return
        try:
            said = np.array(ev.values(node, context).spread(context.size).strings(), dtype=object)
        except StatementError:
            break
        for pattern in dict.fromkeys(said.tolist()):
            yield pattern, rows[said == pattern]
        return
    yield _inherited(ev, measure), rows


def _of_formula(ev: Evaluator, calculation: Calculation) -> str:
    """The format of the first measure in the formula of a calculated member that has none."""
    try:
        formula = ev.binder.formula(calculation)
    except StatementError:
        return ""
    return _inherited(ev, formula.measure) if formula.measure is not None else ""


def _inherited(ev: Evaluator, measure: int, depth: int = 0) -> str:  # noqa: PLR0911 - one result per case
    """The measure's own format; a calculated one takes that of the first measure in its formula."""
    if measure < 0 or depth > DEEPEST:
        return ""
    if measure < ev.sizes[MEASURES]:
        return ev.cube.measures[measure][1].format
    calculation = ev.calculation(MEASURES, measure)
    if calculation.rule is not None:
        return ""
    try:
        own = ev.binder.property(calculation, "FORMAT_STRING")
        if own is not None and isinstance(own.constant, str):
            return own.constant
        formula = ev.formula(MEASURES, measure)
    except StatementError:
        return ""
    if "whole" in formula.notes:
        return WHOLE
    return _inherited(ev, formula.measure, depth + 1) if formula.measure is not None else ""


def _written(values: Values, pattern: str, lcid: int) -> list[str]:
    data, null = values.data, values.null
    if data.dtype == bool:
        return ["" if n else "true" if v else "false" for v, n in zip(data.tolist(), null.tolist(), strict=True)]
    if data.dtype == object:
        return _mixed(data, null, pattern, lcid)
    return format_array(data, pattern, lcid, null)


def _mixed(data: NDArray[Any], null: NDArray[np.bool_], pattern: str, lcid: int) -> list[str]:
    out = []
    for v, n in zip(data.tolist(), null.tolist(), strict=True):
        if n:
            out.append(format_array(np.zeros(1), pattern, lcid, np.ones(1, dtype=bool))[0])
        elif isinstance(v, bool):
            out.append("true" if v else "false")
        elif isinstance(v, float):
            out.append(format_array(np.array([v]), pattern, lcid)[0])
        else:
            out.append(format_array(np.array([v], dtype=object), pattern, lcid)[0])
    return out


def _extra(
    ev: Evaluator,
    context: Context,
    measure: int,
    calculations: list[Calculation],
    name: str,
    *,
    rows: NDArray[np.int64],
    out: list[Any],
) -> None:
    """Write the cell property `name` of a group."""
    if name == "UPDATEABLE":
        _set(out, rows, _updateable(ev, measure, calculations))
        return
    if name == "SOLVE_ORDER" and calculations:
        _set(out, rows, int(calculations[0].solve_order))
        return
    for c in calculations:
        node = ev.binder.property(c, name)
        if node is not None:
            found = ev.values(node, context).spread(context.size)
            for at, v, n in zip(rows.tolist(), found.data.tolist(), found.null.tolist(), strict=True):
                out[at] = None if n else int(v) if isinstance(v, float) else v
            return


def _set(out: list[Any], rows: NDArray[np.int64], value: int) -> None:
    for at in rows.tolist():
        out[at] = value


def _updateable(ev: Evaluator, measure: int, calculations: list[Calculation]) -> int:
    """Why a cell cannot be updated: it is calculated, its measure is no sum, or as all cells here."""
    if calculations:
        return BY_FORMULA
    stored = ev.cube.measures[measure][1] if 0 <= measure < ev.sizes[MEASURES] else None
    if isinstance(stored, DerivedMeasure):
        return BY_FORMULA
    return AS_ALL if stored is None or (stored.aggregate is Aggregate.SUM and not stored.weight) else NO_SUM


def _language(ev: Evaluator, context: Context, calculations: list[Calculation]) -> NDArray[np.int64] | None:
    """The locale identifiers that LANGUAGE of the member that decides asks for; None where no member has any."""
    for c in calculations:
        node = ev.binder.property(c, "LANGUAGE")
        if node is None:
            continue
        try:
            return ev.values(node, context).spread(context.size).whole()
        except StatementError:
            return None
    return None
