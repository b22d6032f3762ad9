"""Run benchmarks in turn, print what they measured and keep it in bench/results.

Figures are medians of pairs measured side by side in one run; compare ratios, not milliseconds of two machines.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
from pathlib import Path

HERE = Path(__file__).parent
NAMES = sorted(f.stem for f in HERE.glob("*.py") if not f.stem.startswith("_") and "def run(" in f.read_text("utf-8"))


def main() -> int:
    """Run those named on the command line, or all."""
    asked = [a for a in sys.argv[1:] if not a.startswith("-")]
    if unknown := set(asked) - set(NAMES):
        print(f"No such benchmark: {', '.join(sorted(unknown))}. There are: {', '.join(NAMES)}.")
        return 2
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    for name in asked or NAMES:
        print(f"== {name}", flush=True)
        measured = importlib.import_module(f"bench.{name}").run()
        kept = {"machine": f"{os.cpu_count()} cores, Python {platform.python_version()}", **measured}
        (results / f"{name}.json").write_text(json.dumps(kept, indent=1, default=str) + "\n", "utf-8")
        for what, value in measured.items():
            print(f"{what:60} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
