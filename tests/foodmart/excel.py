"""Runs Excel's PivotTable statements in process and compares with their known answers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flis.access import open_scope
from flis.errors import FlisError
from flis.query.database import Options, execute
from flis.query.result import CellSet, Rowset
from tests.foodmart.harness import database, runner

if TYPE_CHECKING:
    from types import ModuleType

    from flis.query.database import Database
    from flis.query.result import Axis


def tuples(axis: Axis) -> list[list[tuple[str, str]]]:
    """Unique name and caption of every member."""
    columns = [
        list(zip(axis.unique_names(i), axis.captions(i, "en"), strict=True)) for i in range(len(axis.hierarchies))
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def difference(  # noqa: PLR0911 - one sentence per thing that can differ
    case: dict[str, Any], base: Database, kit: ModuleType
) -> str | None:
    """None, or what is not as it should be."""
    try:
        found = execute(open_scope(), base, case["mdx"], Options(lcid=1033))
    except FlisError as e:
        return None if case["kind"] == "query_error" else f"{type(e).__name__}: {e}"
    if case["kind"] == "statement":
        rows = len(found) if isinstance(found, Rowset) else 0
        return None if case.get("rows") in (None, rows) else f"{rows} rows for {case['rows']}"
    assert isinstance(found, CellSet)
    if case["kind"] == "query_error":
        return None if found.cells.errors else "no fault for an error case"
    want = case["expected"]["axes"][1:]
    got = [tuples(a) for a in found.axes]
    if len(want) != len(got):
        return f"{len(got)} axes for {len(want)}"
    for i, (w, g) in enumerate(zip(want, got, strict=True)):
        if len(w) != len(g):
            return f"axis {i}: {len(g)} tuples for {len(w)}"
        for wt, gt in zip(w, g, strict=True):
            if len(wt) != len(gt) or any(
                kit.last(x) != kit.last(u) and kit.last(x) != c for x, (u, c) in zip(wt, gt, strict=True)
            ):
                return f"axis {i}: {gt} for {wt}"
    on = {x for t in tuples(found.slicer) for u, c in t for x in (kit.last(u), c)}
    if missing := [m for t in case["expected"]["axes"][0] for m in t if kit.last(m) not in on]:
        return f"slicer lacks {missing}"
    texts = case["expected"]["cells"]
    for i, text in enumerate(texts):
        shown = "" if set(found.cell_properties) == {"CELL_ORDINAL"} else found.cells.texts[i]
        if not kit.same(text, shown):
            return f"cell {i}: {shown!r} for {text!r}"
    return None if len(texts) == len(found.cells) else f"{len(found.cells)} cells for {len(texts)}"


def main(argv: list[str]) -> None:
    """Run all and print the differences."""
    shared = Path(argv[0])
    data = json.loads((shared / "xmla" / "excel_statements.json").read_text("utf-8"))
    kit = runner(shared / "xmla" / "excel_check.py")
    base = database(shared / "foodmart" / "parquet")
    cases = [c for c in data["cases"] + data["unanswered"] if len(argv) < 2 or argv[1] in c["id"]]
    good = 0
    for c in cases:
        why = difference(c, base, kit)
        good += why is None
        if why:
            print(c["id"], why[:300])
            if len(argv) > 1:
                print(c["mdx"], json.dumps(c["expected"])[:1500])
    print(f"agreed {good} of {len(cases)}")


if __name__ == "__main__":
    main(sys.argv[1:])
