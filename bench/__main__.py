"""Run benchmarks in turn, print what they measured and keep it in bench/results.

Figures are medians of pairs measured side by side in one run; compare ratios, not milliseconds of two machines.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import os
import platform
import sys
from pathlib import Path

HERE = Path(__file__).parent
NAMES = sorted(f.stem for f in HERE.glob("*.py") if not f.stem.startswith("_") and "def run(" in f.read_text("utf-8"))


def arguments() -> argparse.Namespace:
    """What the command line says; the help lists every benchmark with its first sentence."""
    modules = {name: ast.parse((HERE / f"{name}.py").read_text("utf-8")) for name in NAMES}
    listed = [f"  {name:10} {(ast.get_docstring(tree) or '').splitlines()[0]}" for name, tree in modules.items()]
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        epilog="\n".join(["benchmarks:", *listed]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which to run (default: all)")
    found = parser.parse_args()
    if unknown := set(found.names) - set(NAMES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    return found


def main() -> int:
    """Run those named on the command line, or all."""
    asked = arguments().names
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
