"""Ask a cube in MDX over XMLA, and read the answer as keys of members and a number."""

from __future__ import annotations

import re
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING

from lxml import etree

from flis.serve.xmla.names import DATASET
from tests.leakage.asking import of_state, principal
from tests.serve.xmla.asking import discover, execute, root_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from flis.access import Principal
    from flis.config import State

__all__ = ["Asking", "as_known", "askers", "pivot_of"]

KEY = re.compile(r"&\[([^\]]*)\]$")
D = f"{{{DATASET}}}"


class Asking:
    """A server of a state folder, asked as one principal."""

    def __init__(self, state: State, sessions: Path, who: Principal) -> None:
        self._server = of_state(state, sessions)
        self._who = who

    def cells(self, statement: str) -> dict[tuple[str, ...], Decimal]:
        """The cells of a statement with one axis of rows and one measure; by the keys of the row's members."""
        root = root_of(etree.fromstring(self._server.ask(execute(statement), self._who)))
        assert root.tag == f"{D}root", etree.tostring(root)[:500]
        columns, rows = (self._tuples(root, name) for name in ("Axis0", "Axis1"))
        assert len(columns) == 1
        values = {
            int(cell.get("CellOrdinal", "")): Decimal(cell.findtext(f"{D}Value") or "")
            for cell in root.iterfind(f"{D}CellData/{D}Cell")
            if cell.findtext(f"{D}Value") is not None
        }
        return {key: values[n] for n, key in enumerate(rows) if n in values}

    def rowset(self, name: str, **restrictions: str) -> list[dict[str, str]]:
        """A schema rowset."""
        return rows_of(etree.fromstring(self._server.ask(discover(name, restrictions), self._who)))

    def fault(self, statement: str) -> str:
        """The text of the answer to a statement that is refused."""
        answer = self._server.ask(execute(statement), self._who).decode()
        assert "faultstring" in answer or "Error" in answer, answer[:500]
        return answer

    def close(self) -> None:
        """Close the server's files."""
        self._server.close()

    @staticmethod
    def _tuples(root: etree._Element, axis: str) -> list[tuple[str, ...]]:
        found = root.iterfind(f"{D}Axes/{D}Axis[@name='{axis}']/{D}Tuples/{D}Tuple")
        names = [[member.findtext(f"{D}UName") or "" for member in one] for one in found]
        return [tuple(key[1] if (key := KEY.search(name)) else name for name in one) for one in names]


@contextmanager
def askers(state: State, folder: Path) -> Iterator[Callable[..., Asking]]:
    """Makes somebody who asks, with the rights of some municipalities ('' or none: of the whole country)."""
    open_: list[Asking] = []

    def ask(*municipalities: str) -> Asking:
        open_.append(Asking(state, folder / f"{len(open_)}.db", principal(*(municipalities or ("",)))))
        return open_[-1]

    yield ask
    for one in open_:
        one.close()


def pivot_of(cube: str, measure: str, *levels: str) -> str:
    """A measure by members of levels, without the empty rows; `cube` stands in brackets."""
    rows = f"CrossJoin({', '.join(levels)})" if len(levels) > 1 else levels[0]
    return f"SELECT {{[Measures].[{measure}]}} ON COLUMNS, NON EMPTY {{{rows}}} ON ROWS FROM {cube}"


def as_known(asking: Asking, cube: str, statement: str, on: date) -> dict[tuple[str, ...], Decimal]:
    """The cells of a statement as known on a day: of what was known by then, and not only until then.

    The cube has the dimensions `Kendt fra` and `Kendt til`, and the statement no WHERE.
    """
    days = {
        way: [
            row["MEMBER_UNIQUE_NAME"]
            for row in asking.rowset("MDSCHEMA_MEMBERS", CUBE_NAME=cube, LEVEL_UNIQUE_NAME=f"[Kendt {way}].[Dag].[Dag]")
        ]
        for way in ("fra", "til")
    }
    by_then = [name for name in days["fra"] if name.rpartition("[")[2][:10] <= str(on)]
    after = [name for name in days["til"] if name.rpartition("[")[2][:10] > str(on)]
    if not by_then or not after:
        return {}
    return asking.cells(f"{statement} WHERE ({{{', '.join(by_then)}}}, {{{', '.join(after)}}})")
