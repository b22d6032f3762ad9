"""A made-up area of municipal deliveries: gardens, one file per municipality and month."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from flis.delivery import deliveries, receive
from flis.operations import stop
from flis.validation import settle
from tests.made_areas import write_area
from tests.made_contracts import contract, field, table

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State
    from flis.delivery import Delivery

__all__ = ["AREA", "INTERFACE", "Gardens", "write_gardens"]

AREA, INTERFACE = "haver", "haver-csv/1"
STOPPED = date(2020, 1, 1)
"""The day at which the clock of the installation stands, so that production dates count as days of arrival."""


def write_gardens(shelf: Path, *, senders: str = "", area: str = AREA, **server: Any) -> Path:
    """The folder of the area in `shelf`; `senders` are the rows of its list, without a list where empty."""
    given: dict[str, Any] = {
        "recognise": {"name": area.upper() + "_{kommune}_{maaned}_{sekvens}_{udtraek}.csv"},
        "part": ["kommune", "maaned"],
        "known": "udtraek",
        "expects": {"each": "kommune"},
    }
    text = contract(area, "csv", table("have", field("nr", required=True)), **(given | server))
    files = {"contract.yaml": text}
    if senders:
        files["senders.csv"] = "kom,interface,valid_from,valid_to\n" + senders
    return write_area(shelf, area, **files)


class Gardens:
    """Who sends gardens to an installation."""

    def __init__(self, state: State) -> None:
        self.state = state
        stop(state, STOPPED)

    def sends(
        self,
        sender: str,
        period: str,
        on: str,
        *,
        number: int = 1,
        broken: bool = False,
        rows: int = 2,
        area: str = AREA,
    ) -> Delivery:
        """A sound or broken file of a municipality (or '', the national sender) and month, which comes `on` a day."""
        name = f"{area.upper()}{sender and f'_{sender}'}_{period.replace('-', '')}_{number}_{on.replace('-', '')}.csv"
        header = "NUMMER" if broken else "NR"
        self.state.inbox.mkdir(parents=True, exist_ok=True)
        lines = [header, *(f"{area}{sender}{period}{on}{n}" for n in range(rows))]
        (self.state.inbox / name).write_text("\n".join(lines) + "\n", "utf-8")
        taken = receive(self.state, self.state.inbox / name)
        settle(self.state)
        return next(d for d in deliveries(self.state) if d.id == taken.id)
