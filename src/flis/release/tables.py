"""The tables of the public store: columns, types and order of rows."""

from __future__ import annotations

import pyarrow as pa

from flis.catalog.reference import municipalities
from flis.warehouse.dimensions import MUNICIPALITY, municipality_rows

__all__ = ["FLOWS", "PUBLIC_TABLES", "public_municipalities"]

FLOWS = (
    "indrejste",
    "udrejste",
    "tilflyttede",
    "fraflyttede",
    "doede",
    "forsvundne",
    "genfundne",
    "statsborgerskab_opnaaet",
    "statsborgerskab_mistet",
    "oevrige",
)
"""The flows, in the order in which every table and page shows them."""

_DAILY = [(name, pa.int32()) for name in FLOWS[:2]]
_RARE = [(name, pa.int32()) for name in FLOWS[2:]]
_KNOWN = [("known_from", pa.date32()), ("known_to", pa.date32())]

PUBLIC_TABLES = {
    "total": pa.schema(
        [
            ("dato", pa.date32()),
            ("kommune", pa.string()),
            ("antal", pa.int32()),
            ("indrejste_minus_udrejste", pa.int32()),
            *_KNOWN,
        ]
    ),
    "flow_day": pa.schema([("dato", pa.date32()), *_DAILY, *_KNOWN]),
    "flow_week": pa.schema([("uge", pa.date32()), ("kommune", pa.string()), *_DAILY, *_KNOWN]),
    "flow_month": pa.schema([("maaned", pa.date32()), ("fra", pa.date32()), *_RARE, ("opgjort", pa.date32())]),
    "breakdown": pa.schema(
        [
            ("dato", pa.date32()),
            ("kommune", pa.string()),
            ("dimension", pa.string()),
            ("gruppe", pa.string()),
            ("antal", pa.int32()),
            ("opgjort", pa.date32()),
        ]
    ),
    "delivery": pa.schema([("produced", pa.date32()), ("id", pa.string())]),
    "kommune": pa.schema(
        [
            *MUNICIPALITY,
            ("indbyggere", pa.int32()),
            ("indbyggere_dato", pa.date32()),
        ]
    ),
}
"""Of the public store. Municipality '0000' is the country. The first five have a file per month (of `dato`, `maaned`,
or the week's Monday). `indrejste_minus_udrejste` is the country's alone, null elsewhere; in `flow_week` null is a small
count, shown as a range; `opgjort` is the production date of the delivery that a frozen figure was counted from."""


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
    return pa.Table.from_pylist([country, *rows], PUBLIC_TABLES["kommune"])
