"""Answers of 500,000 cells in different shapes: seconds until the last byte is read, and the server's memory at most.

Each is asked of a server of its own, which has answered a small pivot before, so that the facts are loaded.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench._sales import make, serve
from bench._server import Connection, free_port, peak_memory, started

ROWS, CUSTOMERS = 1_000_000, 250_000
SMALL = "SELECT {[Measures].[Units]} ON 0, [Store].[Store].[Region].Members ON 1 FROM [Sales]"
STORES, PRODUCTS = "[Store].[Store].[Store].Members", "[Product].[Product].[Product].Members"
SHAPES = {
    "500 x 1,000": f"SELECT {STORES} ON 0, {PRODUCTS} ON 1 FROM [Sales] WHERE [Measures].[Units]",
    "2 x 250,000": "SELECT {[Measures].[Units], [Measures].[Amount]} ON 0, "
    "[Customer].[Customer].[Customer].Members ON 1 FROM [Sales]",
    "1 x 500,000, two hierarchies": f"SELECT {{[Measures].[Units]}} ON 0, {STORES} * {PRODUCTS} ON 1 FROM [Sales]",
    "1 x 500,000, three hierarchies": "SELECT {[Measures].[Units]} ON 0, "
    f"[Store].[Store].[Region].Members * {PRODUCTS} * Head([Day].[Day].[Month].Members, 20) ON 1 FROM [Sales]",
}


def run() -> dict[str, object]:
    """Seconds, megabytes of answer, and megabytes of server memory, by shape."""
    result: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), ROWS, CUSTOMERS)
        for shape, mdx in SHAPES.items():
            port = free_port()
            with started(serve(Path(folder), port), port) as pid:
                connection = Connection(port, "Bench")
                connection.ask(SMALL)
                before = peak_memory(pid)
                seconds, answer = connection.ask(mdx)
                result[f"{shape}: seconds (figure: under 3)"] = round(seconds, 2)
                result[f"{shape}: MB of server memory at most (figure: under 600)"] = round(peak_memory(pid) / 1e6)
                result[f"{shape}: MB of server memory before"] = round(before / 1e6)
                result[f"{shape}: MB of answer"] = round(len(answer) / 1e6, 1)
                result[f"{shape}: cells"] = answer.count(b"<Cell ")
    return result
