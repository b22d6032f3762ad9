"""The worst statements known for memory: each is refused by name, or answered, and the process stays small."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from flis.query.limits import Limits

if TYPE_CHECKING:
    from pathlib import Path

HIGHEST = 3 << 30  # bytes of the process, whatever one principal asks

# statements over the small catalogue of tests/serve/xmla; D is a set of 33 members, which multiplies quickly
D = "[Date].[Date].AllMembers"
CUBED = f"{D} * [Segment].[Segment].AllMembers * [Territory].[Territory].AllMembers"
LETTERS = 'String(1000000, "x")'


def member(formula: str, *more: str, axis: str = "{[Measures].[X]}") -> str:
    made = " ".join((f"MEMBER [Measures].[X] AS {formula}", *more))
    return f"WITH {made} SELECT {axis} ON 0 FROM [Sales]"


def doubling(times: int) -> str:
    steps = [f"MEMBER [Measures].[A0] AS {LETTERS}"]
    steps += [f"MEMBER [Measures].[A{n}] AS [Measures].[A{n - 1}] || [Measures].[A{n - 1}]" for n in range(1, times)]
    return f"WITH {' '.join(steps)} SELECT {{[Measures].[A{times - 1}]}} ON 0 FROM [Sales]"


def sets(times: int) -> str:
    """Sets of one member each, which are all crossed."""
    made = [f"SET [S{n}] AS Generate({D}, {D}, ALL)" for n in range(times)]
    counted = " * ".join(f"Count([S{n}])" for n in range(times))
    return f"WITH {' '.join(made)} MEMBER [Measures].[X] AS {counted} SELECT {{[Measures].[X]}} ON 0 FROM [Sales]"


SQUARE = f"Generate({D}, {D}, ALL)"
CUBE = f"Generate({D}, {SQUARE}, ALL)"
FOURTH = f"Generate({D}, {CUBE}, ALL)"
FIFTH = f"Generate({D}, {FOURTH}, ALL)"
WORST = {
    "long text on every cell": member(LETTERS, axis=f"{CUBED} * {{[Measures].[X]}}"),
    "text that doubles": doubling(40),
    "a hundred long texts joined": member(" || ".join([LETTERS] * 120)),
    "long texts added": member(" + ".join([LETTERS] * 120)),
    "text of a large set": member(f"SetToStr({FOURTH})"),
    "text of a huge set": member(f"SetToStr({FIFTH})"),
    "text of tuples": member(f"SetToStr(Generate({CUBED}, {{{CUBED}}}, ALL))"),
    "length of a large text": member(f"Len(SetToStr({FOURTH}))"),
    "generate joins texts": member(f'Generate({CUBE}, {LETTERS}, ",")'),
    "generate with a long mark": member(f'Generate({FOURTH}, "a", {LETTERS})'),
    "replace makes it long": member(f'Replace({LETTERS}, "x", {LETTERS})'),
    "replace in both cases": member(f'Replace({LETTERS}, "X", {LETTERS}, 1, -1, 1)'),
    "long format": member("1", axis=f"{CUBED} * {{[Measures].[X]}}").replace(
        " SELECT", f", FORMAT_STRING = {LETTERS} SELECT"
    ),
    "format function": member(f"Format(1, {LETTERS})", axis=f"{CUBED} * {{[Measures].[X]}}"),
    "space": member("Space(1000000)", axis=f"{CUBED} * {{[Measures].[X]}}"),
    "upper": member(f"UCase({LETTERS})", axis=f"{CUBED} * {{[Measures].[X]}}"),
    "reverse": member(f"StrReverse({LETTERS})", axis=f"{CUBED} * {{[Measures].[X]}}"),
    "fourth power on an axis": f"SELECT {FOURTH} ON 0 FROM [Sales]",
    "fifth power on an axis": f"SELECT {FIFTH} ON 0 FROM [Sales]",
    "two powers on two axes": f"SELECT {CUBE} ON 0, {SQUARE} ON 1 FROM [Sales]",
    "cross join of powers": f"SELECT {CUBE} * [Segment].[Segment].AllMembers * [Territory].[Territory].AllMembers "
    "ON 0 FROM [Sales]",
    "ordered power": f"SELECT Order({FOURTH}, [Measures].[Revenue], BDESC) ON 0 FROM [Sales]",
    "top of a power": f"SELECT TopCount({FOURTH}, 10, [Measures].[Revenue]) ON 0 FROM [Sales]",
    "filter of a power": member(f"Count(Filter({FOURTH}, [Measures].[Revenue] > 0))"),
    "sum over a power in every cell": member(
        f"Sum({CUBE}, [Measures].[Revenue])", axis=f"{CUBED} * {{[Measures].[X]}}"
    ),
    "distinct of a power": member(f"Count(Distinct({FOURTH}))"),
    "rank in a power": member(f"Rank([Date].[Date].CurrentMember, {FOURTH})", axis=f"{D} * {{[Measures].[X]}}"),
    "union of powers": member(f"Count(Union({FOURTH}, {FOURTH}, ALL))"),
    "median of a power": member(f"Median({FOURTH}, [Measures].[Revenue])"),
    "nested calculations": member(
        f"Sum({CUBE}, [Measures].[Y])", f"MEMBER [Measures].[Y] AS Sum({SQUARE}, [Measures].[Revenue])"
    ),
    "many sets": sets(30),
}

ASK = """
import sys
from pathlib import Path
from concurrent.futures import ThreadPoolExecutor
from flis.errors import CancelledError, LimitError, StatementError
from flis.serve.xmla import Call, FolderBackend, Service, Sessions
from flis.serve.xmla.soap import read
from tests.attack.test_memory import WORST
from tests.serve.xmla.asking import execute
from tests.serve.xmla.conftest import CATALOG, write_data

folder = Path(sys.argv[1])
write_data(folder)
service = Service(FolderBackend(CATALOG, folder), Sessions(folder / "sessions.db"))

def ask(name):
    try:
        size = sum(map(len, service.answer(read(execute(WORST[name], Timeout=10)), Call(None))))
        return f"{name}: {size} bytes"
    except (LimitError, StatementError, CancelledError) as error:
        return f"{name}: {error}"

with ThreadPoolExecutor(int(sys.argv[2])) as pool:
    for said in pool.map(ask, WORST):
        print(said)
most = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(int(most.split()[1]) << 10)
"""


def test_there_are_thirty() -> None:
    assert len(WORST) >= 30
    assert Limits().process < HIGHEST


@pytest.mark.slow
@pytest.mark.parametrize("at_once", [1, 16])
def test_the_worst_statements_leave_the_process_small(tmp_path: Path, at_once: int) -> None:
    command = [sys.executable, "-c", ASK, str(tmp_path), str(at_once)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    *said, most = done.stdout.splitlines()
    assert len(said) == len(WORST)
    assert int(most) < HIGHEST, "\n".join(said)
