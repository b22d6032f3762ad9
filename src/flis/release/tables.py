"""The tables of the public store of an area: columns, types and order of rows."""

from __future__ import annotations

import pyarrow as pa

from flis.catalog.area_paths import remembered
from flis.catalog.reference import municipalities
from flis.release.counting import counting_steps
from flis.release.policies import is_protected, policy
from flis.release.shapes import facts_of, schema
from flis.warehouse.dimensions import MUNICIPALITY, municipality_rows

__all__ = ["DELIVERIES", "MUNICIPALITIES", "breakdown_schema", "month_schema", "public_municipalities", "public_tables"]

SINCE = ("fra", pa.date32())
"""The first day of the months that are counted together."""
KNOWN = ("opgjort", pa.date32())
"""The production date of the delivery that a frozen figure was counted from."""
DELIVERIES = pa.schema([("produced", pa.date32()), ("id", pa.string())])
MUNICIPALITIES = pa.schema([*MUNICIPALITY, ("indbyggere", pa.int32()), ("indbyggere_dato", pa.date32())])


@remembered
def public_tables(area: str) -> dict[str, pa.Schema]:
    """The tables of the public store of an area. Municipality '0000' is the country.

    Facts lie there as their steps say. Of an area with a policy there are besides the frozen figures, the deliveries
    and the municipalities with their inhabitants.
    """
    shown = {step.public or step.name: schema(step) for step in facts_of(area).values() if "public" in step.stores}
    if not is_protected(area):
        return shown
    steps = counting_steps(area)
    return {
        **shown,
        steps.months.name: month_schema(area),
        steps.breakdown.name: breakdown_schema(area),
        "delivery": DELIVERIES,
        "kommune": MUNICIPALITIES,
    }


def breakdown_schema(area: str) -> pa.Schema:
    """Day, municipality, dimension, group, persons, and from which delivery they were counted."""
    return schema(counting_steps(area).breakdown).append(pa.field(*KNOWN))


def month_schema(area: str) -> pa.Schema:
    """The last month, the first day, the flows of the policy, and from which delivery they were counted."""
    step = counting_steps(area).months
    (month, *_), flows = step.output, policy(area).levels["country"].flows.periods["month"]
    of = schema(step)
    return pa.schema([of.field(month), pa.field(*SINCE), *(of.field(name) for name in flows), pa.field(*KNOWN)])


def public_municipalities() -> pa.Table:
    """The municipalities and the country ('0000') with their inhabitants."""
    known = {m.code: m for m in municipalities()}
    rows = municipality_rows().to_pylist()
    for row in rows:
        row |= {
            "indbyggere": known[row["kommune"]].inhabitants,
            "indbyggere_dato": known[row["kommune"]].inhabitants_date,
        }
    country = {
        "kommune": "0000",
        "navn": "Danmark",
        "indbyggere": sum(m.inhabitants for m in municipalities()),
        "indbyggere_dato": municipalities()[0].inhabitants_date,
    }
    return pa.Table.from_pylist([country, *rows], MUNICIPALITIES)
