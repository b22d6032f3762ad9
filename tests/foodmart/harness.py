"""Runs the known answers of FoodMart in process, without HTTP, and says which of them agree."""

from __future__ import annotations

import collections
import importlib.util
import json
import re
import sys
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flis.access import open_scope
from flis.catalog.cubes import load
from flis.errors import FlisError
from flis.query.database import Database, Databases, Options, execute
from flis.query.result import CellSet
from tests.foodmart.differences import known

if TYPE_CHECKING:
    from types import ModuleType

CATALOG = Path(__file__).parent / "catalog"


@dataclass(frozen=True)
class Outcome:
    """One case: `ok`, or what was wrong."""

    id: str
    state: str
    why: str
    seconds: float


@cache
def database(data: Path) -> Database:
    """The FoodMart catalogue over its Parquet files."""
    return Databases().of_folder(open_scope(), data, load(CATALOG))


@cache
def runner(path: Path) -> ModuleType:
    """The kit's own runner, for its way of comparing."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def ask(base: Database, mdx: str) -> tuple[list[Any], list[Any], dict[int, str]]:
    """Axes and slicer as (unique name, caption) per member, and texts by ordinal."""
    cells = execute(open_scope(), base, mdx, Options(lcid=1033))
    assert isinstance(cells, CellSet), "no cell set"

    def tuples(axis: Any) -> list[list[tuple[str, str]]]:
        axis.display_info()  # what is written to clients besides
        for i in range(len(axis.hierarchies)):
            axis.level_names(i)
        columns = [
            list(zip(axis.unique_names(i), axis.captions(i, "en"), strict=True)) for i in range(len(axis.hierarchies))
        ]
        return [list(row) for row in zip(*columns, strict=True)]

    texts = {i: "#ERR" if i in cells.cells.errors else t for i, t in enumerate(cells.cells.texts)}
    return [tuples(a) for a in cells.axes], tuples(cells.slicer), texts


def run(case: dict[str, Any], base: Database, kit: ModuleType) -> Outcome:
    """One case against its known answer."""
    throws = case["kind"].endswith("_error")
    begun = time.perf_counter()
    try:
        axes, _, cells = ask(base, case["mdx"])
    except FlisError as e:
        state = "ok" if throws else "fault"
        return Outcome(case["id"], state, f"{type(e).__name__}: {e}", time.perf_counter() - begun)
    except Exception as e:  # noqa: BLE001
        return Outcome(case["id"], "broken", f"{type(e).__name__}: {e}", time.perf_counter() - begun)
    spent = time.perf_counter() - begun
    if throws:
        told = any(v.startswith("#ERR") for v in cells.values())
        return Outcome(case["id"], "ok" if told else "no fault", "no fault for an error case", spent)
    bad = _difference(case, axes, cells, kit)
    return Outcome(case["id"], "wrong" if bad else "ok", bad or "", spent)


def _difference(case: dict[str, Any], axes: list[Any], cells: dict[int, str], kit: ModuleType) -> str | None:
    if case["kind"] == "expr":
        got, want = cells.get(0, ""), case["expected"]["formatted"]
        return None if kit.same(want, got) else f"{got!r} for {want!r}"
    if case["kind"] == "axis":
        mine = [[(kit.last(u), c) for u, c in t] for t in (axes[0] if axes else [])]
        theirs = [[kit.last(m) for m in t] for t in case["expected"]["axis"]]
        same = len(mine) == len(theirs) and all(
            len(w) == len(g) and all(x in pair for x, pair in zip(w, g, strict=True))
            for w, g in zip(theirs, mine, strict=True)
        )
        return None if same else f"{len(mine)} for {len(theirs)}: {mine[:4]} for {theirs[:4]}"
    found: str | None = kit.compare(case, axes, None, cells)
    return found


def main(argv: list[str]) -> None:
    """Run all cases of a folder and print the differences."""
    folder = Path(argv[0])
    cases = known(folder)
    kit = runner(folder / "run_cases.py")
    base = database(folder / "parquet")
    if len(argv) > 1:
        cases = [c for i, c in enumerate(cases) if argv[1] in c["id"] or argv[1] == str(i)]
    outcomes = [run(c, base, kit) for c in cases]
    for c, o in zip(cases, outcomes, strict=True):
        if o.state != "ok":
            print(f"{o.state:8s} {o.id} {o.why[:200]}")
            if len(argv) > 1:
                print(c["mdx"], "\n", json.dumps(c["expected"])[:1500])
    groups = collections.Counter(re.sub(r"[\d']+", "#", o.why)[:90] for o in outcomes if o.state != "ok")
    for why, n in groups.most_common(25):
        print(f"{n:4d} {why}")
    good = sum(o.state == "ok" for o in outcomes)
    times = sorted(o.seconds for o in outcomes)
    print(collections.Counter(o.state for o in outcomes))
    print(f"median {times[len(times) // 2] * 1e3:.1f} ms, p95 {times[int(len(times) * 0.95)] * 1e3:.1f} ms")
    print(f"agreed {good} of {len(cases)}")


if __name__ == "__main__":
    main(sys.argv[1:])
