"""A level of a million members through HTTP: search as Excel's filter box does it, look-up, children, pages, metadata.

Every question is asked three times with other words or places; the first time and the median are told apart, since the
first one makes what the others use.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench._sales import make, serve
from bench._server import Connection, free_port, milliseconds, peak_memory, started

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS, CUSTOMERS = 1_000_000, 1_000_000
LEVEL = "[Customer].[Customer].[Customer]"
NOW = "[Customer].[Customer].CurrentMember"
STATEMENTS: dict[str, Callable[[int], str]] = {
    "search in captions": lambda n: (
        f"SELECT Head(Filter({LEVEL}.Members, InStr({NOW}.Caption, '{9137 + n}') > 0), 100) ON 0 FROM [Sales]"
    ),
    "member by key": lambda n: f"SELECT {LEVEL}.&[{700_000 + n}] ON 0 FROM [Sales]",
    "member by name": lambda n: f"SELECT [Customer].[Customer].[Kunde {500_000 + n} & Søn] ON 0 FROM [Sales]",
    "first page": lambda n: f"SELECT Head({LEVEL}.Members, {100 + n}) ON 0 FROM [Sales]",
    "a page in the middle": lambda n: f"SELECT Subset({LEVEL}.Members, {600_000 + n}, 100) ON 0 FROM [Sales]",
    "children, counted": lambda n: (
        f"WITH MEMBER [Measures].[X] AS Count([Customer].[Customer].[All].Children) + {n} "
        "SELECT [Measures].[X] ON 0 FROM [Sales]"
    ),
    "ten largest": lambda n: f"SELECT TopCount({LEVEL}.Members, {10 + n}, [Measures].[Units]) ON 0 FROM [Sales]",
}
RESTRICTIONS: dict[str, Callable[[int], dict[str, str]]] = {
    "one member by unique name": lambda n: {"MEMBER_UNIQUE_NAME": f"{LEVEL}.&[{400_000 + n}]"},
    "one member by caption": lambda n: {"LEVEL_UNIQUE_NAME": LEVEL, "MEMBER_CAPTION": f"Kunde {123_456 + n} & Søn"},
    "parent of a member": lambda n: {"MEMBER_UNIQUE_NAME": f"{LEVEL}.&[{n}]", "TREE_OP": "4"},
}


def run() -> dict[str, object]:
    """Milliseconds of each kind of question, and the server's memory."""
    result: dict[str, object] = {"members": CUSTOMERS}
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), ROWS, CUSTOMERS)
        port = free_port()
        began = time.monotonic()
        with started(serve(Path(folder), port), port) as pid:
            connection = Connection(port, "Bench")
            connection.ask("SELECT FROM [Sales]")
            result["from start to first answer s"] = round(time.monotonic() - began, 1)
            for what, statement in STATEMENTS.items():
                result |= _times(what, [connection.ask(statement(n)) for n in range(4)])
            for what, asked in RESTRICTIONS.items():
                found = [connection.discover("MDSCHEMA_MEMBERS", {"CUBE_NAME": "Sales", **asked(n)}) for n in range(4)]
                result |= _times(f"MDSCHEMA_MEMBERS: {what}", found)
            result["MB of server memory at most"] = round(peak_memory(pid) / 1e6)
    return result


def _times(what: str, answers: list[tuple[float, bytes]]) -> dict[str, object]:
    if failed := [a for _, a in answers if b"Fault" in a or (b"<Tuple>" not in a and b"<row>" not in a)]:
        raise RuntimeError(f"{what}: {failed[0][:500]!r}")
    seconds = [s for s, _ in answers]
    return {f"{what}, first and median ms": (milliseconds(seconds[0]), milliseconds(statistics.median(seconds[1:])))}
