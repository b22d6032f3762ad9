"""The FoodMart cases through HTTP on one connection, side by side with Mondrian 3.11 from Debian's packages.

Mondrian needs Debian's libmondrian-java, libjetty9-java, libolap4j-java, libhsqldb-java, libcommons-collections3-java,
libslf4j-java and openjdk-17-jdk-headless; without them only our own figures are measured.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from pathlib import Path

from bench._server import ROOT, SHARED, Connection, flis_command, free_port, milliseconds, percentile, started

ROUNDS = 3


def run() -> dict[str, object]:
    """Fresh, warm, and warm with statements that never repeat; both servers, in turn within one run."""
    cases = json.loads((SHARED / "foodmart" / "cases.json").read_text("utf-8"))["cases"]
    statements = [c["mdx"] for c in cases if not c["kind"].endswith("_error")]
    result: dict[str, object] = {"statements": len(statements)}
    port = free_port()
    catalog, data = ROOT / "tests" / "foodmart" / "catalog", SHARED / "foodmart" / "parquet"
    with started(flis_command("--catalog", str(catalog), "--data", str(data), port=port), port):
        result |= {f"flis {k}": v for k, v in _measure(port, statements).items()}
    if Path("/usr/share/java/mondrian.jar").exists():
        port = free_port()
        with tempfile.TemporaryDirectory() as work:
            runner = str(SHARED / "xmla" / "mondrian" / "run.sh")
            python = {"PYTHON": str(ROOT / ".venv" / "bin" / "python")}
            with started(["bash", runner, str(port), work], port, seconds=300, environment=python):
                result |= {f"mondrian {k}": v for k, v in _measure(port, statements).items()}
        for what in ("warm median ms", "warm p95 ms", "fresh p95 ms"):
            ours, theirs = result[f"flis {what}"], result[f"mondrian {what}"]
            assert isinstance(ours, float)
            assert isinstance(theirs, float)
            result[f"ratio flis : mondrian, {what}"] = round(ours / theirs, 3)
    return result


def _measure(port: int, statements: list[str]) -> dict[str, object]:
    connection = Connection(port, "FoodMart")
    fresh = [connection.ask(mdx)[0] for mdx in statements]
    warm = [[connection.ask(mdx)[0] for mdx in statements] for _ in range(ROUNDS)]
    varied = [
        [connection.ask(f"{mdx} /* {turn}.{n} */")[0] for n, mdx in enumerate(statements)] for turn in range(ROUNDS)
    ]
    return {
        "fresh median ms": milliseconds(statistics.median(fresh)),
        "fresh p95 ms": milliseconds(percentile(fresh, 0.95)),
        "fresh max ms": milliseconds(max(fresh)),
        "warm median ms": milliseconds(statistics.median(statistics.median(r) for r in warm)),
        "warm p95 ms": milliseconds(statistics.median(percentile(r, 0.95) for r in warm)),
        "varied median ms": milliseconds(statistics.median(statistics.median(r) for r in varied)),
        "varied p95 ms": milliseconds(statistics.median(percentile(r, 0.95) for r in varied)),
    }
