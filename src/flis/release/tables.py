"""The tables of the released stores: columns, types and order of rows."""

from __future__ import annotations

import pyarrow as pa

from flis.warehouse.dimensions import AGE, CITIZENSHIP, CIVIL_STATE, DAY, ENTERED_FROM, MUNICIPALITY, SEX

__all__ = ["FLOWS", "PUBLIC_TABLES", "STAR_TABLES"]

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

_CELL = [
    ("dato", pa.date32()),
    ("kommune", pa.string()),
    ("alder", pa.int16()),
    ("koen", pa.string()),
    ("civilstand", pa.string()),
    ("statsborgerskab", pa.string()),
    ("indrejseland", pa.string()),
]
_FLOWS = [(name, pa.int32()) for name in FLOWS]
_DAILY = [(name, pa.int32()) for name in FLOWS[:2]]
_RARE = [(name, pa.int32()) for name in FLOWS[2:]]
_KNOWN = [("known_from", pa.date32()), ("known_to", pa.date32())]

STAR_TABLES = {
    "stock": pa.schema([*_CELL, ("antal", pa.int32()), ("foedt_i_danmark", pa.int32())]),
    "flow": pa.schema([*_CELL, *_FLOWS]),
    "crossing": pa.schema(
        [
            *_CELL,
            ("registrerede_indrejser", pa.int32()),
            ("registrerede_udrejser", pa.int32()),
            ("indrejste_minus_udrejste", pa.int32()),
        ]
    ),
    "dato": DAY,
    "kommune": MUNICIPALITY,
    "alder": AGE,
    "koen": SEX,
    "civilstand": CIVIL_STATE,
    "statsborgerskab": CITIZENSHIP,
    "indrejseland": ENTERED_FROM,
}
"""Of every municipal store and of the national one; the first three have a file per month."""

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
