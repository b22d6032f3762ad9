"""The cells of *Økonomi Statistik*, counted in plain Python from delivered rows; it shares no code with the package."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tests.areas.okonomi.files import Row

__all__ = ["Cell", "Ledger", "day", "gross", "net"]

Number = Decimal | None
Period = tuple[int, int]
PERIODS = [(year, period) for year in (2024, 2025) for period in range(17)]


def day(year: int, period: int) -> str:
    """The key of a period in the cube."""
    if period == 0:
        return f"{year}-01-01"
    return f"{year}-{period:02}-15" if period < 13 else f"{year}-12-{period + 15}"


def net(row: Row) -> bool:
    """Whether an amount is net operating expenditure."""
    return row.parts[1] in "12" and row.account[0] in "0123456"


def gross(row: Row) -> bool:
    """Whether an amount is gross expenditure."""
    return row.account[-2] in "0123456" or (row.account[-2] == "9" and row.actual > 0)


def income(row: Row) -> bool:
    """Whether an amount is income."""
    return row.account[-2] in "78" or (row.account[-2] == "9" and row.actual < 0)


@dataclass(frozen=True)
class Cell:
    """What a cell is of; None: everything."""

    places: frozenset[str] | None = None
    periods: frozenset[Period] = frozenset(PERIODS)
    functions: frozenset[str] | None = None
    kinds: frozenset[str] | None = None
    centres: frozenset[str] | None = None


@dataclass
class Ledger:
    """Delivered rows, and the inhabitants by municipality and year."""

    rows: list[Row]
    living: Mapping[tuple[str, int], int] = field(default_factory=dict)

    def values(self, cell: Cell) -> dict[str, Number]:
        """Every measure of a cell."""
        last = max(cell.periods)
        so_far = frozenset(p for p in PERIODS if p[0] == last[0] and p <= last)
        before = frozenset((year - 1, period) for year, period in cell.periods)
        return {
            "Regnskab": self._sum(cell, lambda r: r.actual),
            "Oprindeligt budget": self._sum(cell, lambda r: r.original),
            "Korrigeret budget": self._sum(cell, lambda r: r.revised),
            "Restbudget": self._sum(cell, lambda r: r.revised - r.actual),
            "Nettodriftsudgift": self._sum(cell, lambda r: r.actual, net),
            "Bruttoudgift": self._sum(cell, lambda r: r.actual, gross),
            "Indtægt": self._sum(cell, lambda r: r.actual, income),
            "Forbrugsprocent": _over(self._sum(cell, lambda r: r.actual), self._sum(cell, lambda r: r.revised)),
            "År til dato": self._sum(_of(cell, so_far), lambda r: r.actual),
            "Samme periode sidste år": self._sum(_of(cell, before), lambda r: r.actual),
            "Primo": self.balance(cell, first=True),
            "Ultimo": self.balance(cell, first=False),
            "Kr. pr. indbygger": self.per_inhabitant(cell),
        }

    def per_inhabitant(self, cell: Cell) -> Number:
        """Net operating expenditure over inhabitants, of the municipalities and years that have both."""
        found: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
        for row in self._of(cell, flows=True):
            if net(row):
                found[row.kommune, row.year] += row.actual
        both = [(kr, self.living[of]) for of, kr in found.items() if of in self.living]
        return _over(sum((kr for kr, _ in both), Decimal(0)), Decimal(sum(n for _, n in both)))

    def balance(self, cell: Cell, *, first: bool) -> Number:
        """The balance before the first, or after the last, period of which the cell has one."""
        told = sorted({(r.kommune, r.year, r.period) for r in self.rows if r.actual})
        rows = list(self._of(_of(cell, frozenset(PERIODS)), flows=False))
        have = {(r.kommune, r.year, r.account[:5]) for r in rows}
        periods = sorted({(y, p) for k, y, p in told if (y, p) in cell.periods and any(h[:2] == (k, y) for h in have)})
        if not periods:
            return None
        year, period = periods[0 if first else -1]
        there = {k for k, y, p in told if (y, p) == (year, period)}
        through = period - 1 if first and period else period
        return sum(
            (r.actual for r in rows if r.kommune in there and r.year == year and r.period <= through), Decimal(0)
        )

    def _sum(
        self, cell: Cell, value: Callable[[Row], Decimal], counts: Callable[[Row], bool] = lambda _: True
    ) -> Number:
        found = [value(row) for row in self._of(cell, flows=True) if counts(row)]
        return sum(found, Decimal(0)) if found else None

    def _of(self, cell: Cell, *, flows: bool) -> Iterable[Row]:
        """The rows of a cell; what art and cost centre say is nothing to the balance sheet."""
        for row in self.rows:
            function, _, _, centre, _, art = row.parts
            if (
                (row.account < "9") == flows
                and (row.year, row.period) in cell.periods
                and (cell.places is None or row.kommune in cell.places)
                and (cell.functions is None or function in cell.functions)
                and (not flows or cell.kinds is None or art in cell.kinds)
                and (not flows or cell.centres is None or f"{row.kommune}-{centre}" in cell.centres)
            ):
                yield row


def _of(cell: Cell, periods: frozenset[Period]) -> Cell:
    return Cell(cell.places, periods, cell.functions, cell.kinds, cell.centres)


def _over(above: Number, below: Number) -> Number:
    return above / below if above is not None and below else None
