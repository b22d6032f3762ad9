"""Which fault strikes when and whom: `NAME`, `NAME@2025-03` or `NAME@2025-03/0461`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flis.errors import UsageError, suggest
from flis.simulate.drawing.mutations import MUTATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from flis.simulate.drawing.mutations import Mutation
    from flis.simulate.drawing.plan_file import Drawing, DrawnFault

__all__ = ["Strike", "strikes"]

STRIKE = re.compile(r"(?P<name>[\w-]+)(@(?P<month>\d{4}-\d{2})(/(?P<sender>\S+))?)?")


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault that was asked for: of the area's own, or of every file; months and sender as far as they were said."""

    name: str
    month: str
    sender: str
    own: DrawnFault | None
    mutation: Mutation | None

    def strikes_rows(self, month: date) -> DrawnFault | None:
        """The area's own fault, if it strikes in a month."""
        text = f"{month:%Y-%m}"
        if self.own is None or (self.month and self.month != text):
            return None
        return self.own if self.own.first <= text and (not self.own.last or text <= self.own.last) else None

    def strikes_file(self, month: date, sender: str, first: str) -> Mutation | None:
        """The mutation, if it strikes the file of a sender; without a sender it strikes the interface's first."""
        hit = self.month == f"{month:%Y-%m}" and sender == (self.sender or first)
        return self.mutation if hit else None


def strikes(drawing: Drawing, faults: Sequence[str], months: Sequence[date]) -> list[Strike]:
    """The faults by what was asked for; a mutation strikes in the middle month where no month is said.

    Raises:
        UsageError: there is no such fault, or no such month among those that are made.
    """
    known = {**drawing.faults, **MUTATIONS}
    made = {f"{month:%Y-%m}" for month in months}
    found = []
    for asked in faults:
        parts = STRIKE.fullmatch(asked)
        name = parts["name"] if parts else asked
        if parts is None or name not in known:
            raise UsageError(f"There is no fault {name} of {drawing.area}.", hint=suggest(name, known))
        month, own = parts["month"] or "", drawing.faults.get(name)
        if month and month not in made:
            raise UsageError(f"No file of {month} is made that {name} could strike.")
        if own and parts["sender"]:
            raise UsageError(f"The fault {name} has its own sender.", hint=f"Write {name}@{month}.")
        middle = f"{months[len(months) // 2]:%Y-%m}"
        found.append(Strike(name, month or ("" if own else middle), parts["sender"] or "", own, MUTATIONS.get(name)))
    return found
