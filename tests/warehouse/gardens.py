"""A made-up area with two interfaces: hedges that municipalities cut, by month, and a register of gardens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.delivery import receive
from flis.validation import settle
from tests.made_areas import write_area
from tests.made_contracts import contract, field, table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flis.config import State

__all__ = ["FACT", "KEPT", "garden_area", "put"]

HEDGES = table(
    "klip",
    field("haek"),
    field("dag", "date"),
    field("meter", "integer"),
)
KEPT = """\
-- The hedges as they were delivered.
-- in klip: kommune VARCHAR, maaned DATE, haek VARCHAR, dag DATE, meter BIGINT
-- out klippet: kommune VARCHAR, maaned DATE, haek VARCHAR, dag DATE, meter BIGINT
-- kind kept
SELECT kommune, maaned, haek, dag, meter
FROM klip
"""
FACT = """\
-- Metres of hedge by municipality and day.
-- in klippet: kommune VARCHAR, haek VARCHAR, dag DATE, meter BIGINT
-- out meter: dato DATE, kommune VARCHAR, haek VARCHAR, meter BIGINT
-- kind fact
-- place kommune, dato by month
-- store municipal, national
SELECT dag AS dato, kommune, haek, CAST(sum(meter) AS BIGINT) AS meter
FROM klippet
GROUP BY dag, kommune, haek
"""


def garden_area(
    shelf: Path,
    area: str = "haver",
    *,
    part: tuple[str, ...] = ("kommune", "maaned"),
    window: str = "",
    files: Mapping[str, str] | None = None,
) -> Path:
    """The folder of the area; `files` by their names stand beside its own or in their place."""
    text = contract(
        area,
        "csv",
        HEDGES,
        recognise={"name": f"{area.upper()}_{{kommune}}_{{maaned}}_{{udtraek}}_{{sekvens}}.csv"},
        dialect={"delimiter": ";"},
        known="udtraek",
        part=list(part),
        expects={"each": "kommune", "every": "month"},
        **({"window": window} if window else {}),
    )
    steps = {"contract.yaml": text, "steps/klippet.sql": KEPT, "steps/meter.sql": FACT}
    return write_area(shelf, area, **{**steps, **(files or {})})


def put(state: State, name: str, *rows: str) -> None:
    """Take a file in, and judge it."""
    state.inbox.mkdir(parents=True, exist_ok=True)
    lines = ["HAEK;DAG;METER", *rows]
    (state.inbox / name).write_text("".join(f"{line}\n" for line in lines), "utf-8")
    receive(state, state.inbox / name)
    settle(state)
