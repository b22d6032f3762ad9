"""One interface in every format, and writers of its files that share no code with the readers.

Homes have a person, a name, days and amounts; visits lie in homes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from flis.delivery.readers.cpr.hashes import person_hash
from tests.delivery.readers.made import KEY, parsed
from tests.made_contracts import contract, field, table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flis.catalog.contract import Contract

__all__ = ["CONTRACTS", "NAMES", "TEXTS", "WRITERS", "Home", "Visit", "expected"]


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit: what was done, for how much, when."""

    service: str
    amount: Decimal | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """A home, and the visits to it."""

    person: str
    name: str = ""
    since: date | None = None
    rooms: int | None = None
    own: bool | None = None
    visits: tuple[Visit, ...] = ()


PERSON: dict[str, Any] = {"classification": "pseudonym", "required": True, "primaryKey": True}
MONEY = {"physicalType": "DECIMAL(18,2)"}

FLAT = table(
    "hjem",
    field("person", **PERSON), field("navn"), field("siden", "date"), field("rum", "integer"), field("eget", "boolean"),
    field("beloeb", "number", **MONEY),
)  # fmt: skip
FIXED = (
    table(
        "hjem",
        field("person", position="3-12", **PERSON), field("navn", position="13-24"),
        field("siden", "date", position="25-32"),
        field("rum", "integer", position="33-37"), field("eget", "boolean", position="38-38"),
        source="10", length=40,
    ),
    table(
        "besoeg",
        field("person", classification="pseudonym", path="../PERSON"), field("ydelse", position="3-14"),
        field("beloeb", "number", position="15-26", scale=2, **MONEY),
        source="20", parent={"table": "hjem"},
    ),
)  # fmt: skip
TREE = (
    table(
        "hjem",
        field("person", path="part/nummer", **PERSON), field("navn", physicalName="Navn"),
        field("siden", "date", physicalName="Siden"), field("rum", "integer", path="@rum"),
        field("eget", "boolean", physicalName="Eget"),
        source="Hjem",
    ),
    table(
        "besoeg",
        field("person", classification="pseudonym", path="../../part/nummer"), field("ydelse", physicalName="Ydelse"),
        field("beloeb", "number", physicalName="Beloeb", **MONEY), field("tid", "timestamp", path="@tid"),
        source="Besoeg",
    ),
)  # fmt: skip
OBJECTS = (
    table(
        "hjem",
        field("person", path="part/nummer", **PERSON), field("navn", physicalName="navn"),
        field("siden", "date", physicalName="siden"),
        field("rum", "integer", physicalName="rum"), field("eget", "boolean", physicalName="eget"),
        source="hjemme",
    ),
    table(
        "besoeg",
        field("person", classification="pseudonym", path="../part/nummer"), field("ydelse", physicalName="ydelse"),
        field("beloeb", "number", physicalName="beloeb", **MONEY), field("tid", "timestamp", physicalName="tid"),
        source="besoeg",
    ),
)  # fmt: skip
DOCUMENT = ({**OBJECTS[0]}, {**OBJECTS[1], "physicalName": "hjemme/besoeg"})

NAMES = {
    "kom-csv": "HJEM_0101_202508_1.csv",
    "kom-csv-utf8": "HJEM_0101_202508_1.csv",
    "wide": "HJEM_0101_202508_1.csv",
    "fixed": "HJEM_0101_202508_1.dat",
    "xml": "HJEM_0101_202508_1.xml",
    "json": "HJEM_0101_202508_1.json",
    "ndjson": "HJEM_0101_202508_1.jsonl",
}


def _text(form: str, *tables: Any, profile: str, **server: Any) -> str:
    ending = NAMES[profile if profile in NAMES else form].rpartition(".")[2]
    dialect = {"profile": profile, **server.pop("dialect", {})}
    return contract(
        "hjem", form, *tables, recognise={"name": f"HJEM_{{kommune}}_{{maaned}}_{{sekvens}}.{ending}"}, dialect=dialect,
        part=["kommune", "maaned"], held=0.5, **server,
    )  # fmt: skip


TEXTS = {
    "kom-csv": _text("csv", FLAT, profile="kom-csv", dialect={"sums": ["beloeb"]}),
    "kom-csv-utf8": _text("csv", FLAT, profile="kom-csv-utf8", dialect={"sums": ["beloeb"], "companion": ""}),
    "fixed": _text("fixed", *FIXED, profile="fixed", dialect={"sums": ["beloeb"]}),
    "xml": _text(
        "xml", *TREE, profile="xml", dialect={"root": "Udtraek", "namespace": "urn:proeve:hjem", "version": "2"},
        header={"sender": "@kommune", "period": "@periode", "produced": "Dannet"},
        control=[{"at": "Kontrol/@hjem"}, {"at": "Kontrol/@sum", "sum": "beloeb"}],
    ),
    "json": _text(
        "json", *DOCUMENT, profile="jsonl.gz", header={"sender": "kommune", "period": "periode", "produced": "dannet"},
        control=[{"at": "kontrol/hjem"}, {"at": "kontrol/sum", "sum": "beloeb"}],
    ),
    "ndjson": _text(
        "ndjson", *OBJECTS, profile="jsonl.gz", control=[{"at": "kontrol/rows"}, {"at": "kontrol/sum", "sum": "beloeb"}]
    ),
}  # fmt: skip
CONTRACTS: dict[str, Contract] = {name: parsed(text) for name, text in TEXTS.items()}


def money(value: Decimal, decimal: str = ",", thousands: str = "") -> str:
    return f"{value:,.2f}".replace(",", "t").replace(".", decimal).replace("t", thousands)


def _first(home: Home) -> Decimal | None:
    return home.visits[0].amount if home.visits else None


def _sum(homes: Sequence[Home]) -> Decimal:
    return sum((v.amount for h in homes for v in h.visits if v.amount is not None), Decimal(0))


def _csv(homes: Sequence[Home], *, utf8: bool) -> bytes:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if set(text) & set(';"\n\r') else text

    day = "%Y-%m-%d" if utf8 else "%d-%m-%Y"
    thousands = "." if utf8 else ""
    end = "\n" if utf8 else "\r\n"
    lines = ["PERSON;NAVN;SIDEN;RUM;EGET;BELOEB"]
    for home in homes:
        first = _first(home)
        cells = [
            home.person, cell(home.name), home.since.strftime(day) if home.since else "",
            "" if home.rooms is None else str(home.rooms), {None: "", True: "Ja", False: "Nej"}[home.own],
            "" if first is None else money(first, thousands=thousands),
        ]  # fmt: skip
        lines.append(";".join(cells))
    if not utf8:
        total = sum((a for h in homes if (a := _first(h)) is not None), Decimal(0))
        lines.append(f"SLUT;{len(homes)};{money(total)}")
    text = end.join([*lines, ""])
    return b"\xef\xbb\xbf" + text.encode() if utf8 else text.encode("latin-1")


def signed(value: Decimal | int | None, width: int, scale: int = 0) -> str:
    if value is None:
        return " " * width
    units = int(abs(value) * 10**scale)
    return f"{units:0{width - 1}}" + ("-" if value < 0 else " ")


def _fixed(homes: Sequence[Home]) -> bytes:
    lines = ["000101" + "202508" + "20250905"]
    for home in homes:
        since = f"{home.since:%Y%m%d}" if home.since else "00000000"
        own = {None: " ", True: "J", False: "N"}[home.own]
        lines.append(f"10{home.person}{home.name:<12}{since}{signed(home.rooms, 5)}{own}  ")
        lines += [f"20{v.service:<12}{signed(v.amount, 12, 2)}" for v in home.visits]
    lines.append(f"99{len(lines) - 1:010}{signed(_sum(homes), 18, 2)}")
    return "".join(line + "\r\n" for line in lines).encode("latin-1")


def _xml(homes: Sequence[Home]) -> bytes:
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        '<p:Udtraek xmlns:p="urn:proeve:hjem" version="2" kommune="0101" periode="2025-08">\n',
        "<p:Dannet>2025-09-05</p:Dannet><p:Liste>\n",
    ]
    for home in homes:
        rooms = "" if home.rooms is None else f' rum="{home.rooms}"'
        parts.append(f"<p:Hjem{rooms}><p:part><p:nummer>{home.person}</p:nummer></p:part>")
        parts.append(f"<p:Navn>{escape(home.name)}</p:Navn><p:Fremmed><p:Navn>x</p:Navn></p:Fremmed>")
        if home.since:
            parts.append(f"<p:Siden>{home.since.isoformat()}</p:Siden>")
        if home.own is not None:
            parts.append(f"<p:Eget>{str(home.own).lower()}</p:Eget>")
        parts.append("<p:Alle>")
        for visit in home.visits:
            at = f" tid={quoteattr(visit.at.isoformat())}" if visit.at else ""
            amount = "" if visit.amount is None else f"<p:Beloeb>{visit.amount}</p:Beloeb>"
            parts.append(f"<p:Besoeg{at}><p:Ydelse>{escape(visit.service)}</p:Ydelse>{amount}</p:Besoeg>")
        parts.append("</p:Alle></p:Hjem>\n")
    parts.append(f'</p:Liste><p:Kontrol hjem="{len(homes)}" sum="{_sum(homes)}"/></p:Udtraek>')
    return "".join(parts).encode()


@dataclass(frozen=True, slots=True)
class _Exact:
    """A number that is written with all its digits."""

    value: Decimal


def _object(home: Home) -> dict[str, Any]:
    visits = [
        {
            "ydelse": v.service,
            "beloeb": None if v.amount is None else _Exact(v.amount),
            "tid": v.at.isoformat().replace("+00:00", "Z") if v.at else None,
            "kommentar": {"tekst": "læses aldrig"},
        }
        for v in home.visits
    ]
    found = {
        "part": {"nummer": home.person},
        "navn": home.name,
        "siden": home.since.isoformat() if home.since else None,
        "rum": home.rooms,
        "eget": home.own,
        "besoeg": visits,
    }
    return {name: value for name, value in found.items() if value is not None}


def _dump(value: Any) -> str:
    """JSON in which amounts stand as they are: `json` writes floats by `float.__repr__`."""
    if isinstance(value, _Exact):
        return str(value.value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)}: {_dump(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_dump, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _json(homes: Sequence[Home]) -> bytes:
    document = {
        "kommune": "0101",
        "periode": "2025-08",
        "dannet": "2025-09-05T01:00:00+02:00",
        "hjemme": [_object(home) for home in homes],
        "kontrol": {"hjem": len(homes), "sum": _Exact(_sum(homes))},
    }
    return _dump(document).encode()


def _ndjson(homes: Sequence[Home]) -> bytes:
    lines = [_dump(_object(home)) for home in homes]
    lines.append(_dump({"kontrol": {"rows": len(homes), "sum": _Exact(_sum(homes))}}))
    return "".join(line + "\n" for line in lines).encode()


WRITERS: dict[str, Callable[[Sequence[Home]], bytes]] = {
    "kom-csv": lambda homes: _csv(homes, utf8=False),
    "kom-csv-utf8": lambda homes: _csv(homes, utf8=True),
    "fixed": _fixed,
    "xml": _xml,
    "json": _json,
    "ndjson": _ndjson,
}


def _text_or_none(text: str) -> str | None:
    return text.strip() or None


def expected(form: str, homes: Sequence[Home]) -> dict[str, list[dict[str, Any]]]:
    """The rows that a reader is to find, without their numbers."""
    found: dict[str, list[dict[str, Any]]] = {"hjem": [], "besoeg": []}
    for home in homes:
        person = person_hash(home.person, KEY)
        row: dict[str, Any] = {
            "person": person, "navn": _text_or_none(home.name), "siden": home.since,
            "rum": home.rooms, "eget": home.own,
        }  # fmt: skip
        if form.startswith("kom-csv"):
            row["beloeb"] = _first(home)
        found["hjem"].append(row)
        for visit in home.visits:
            row = {"person": person, "ydelse": _text_or_none(visit.service), "beloeb": visit.amount}
            if form != "fixed":
                row["tid"] = visit.at.astimezone(UTC) if visit.at else None
            found["besoeg"].append(row)
    if form.startswith("kom-csv"):
        del found["besoeg"]
    for rows in found.values():
        for row in rows:
            row |= {"kommune": "0101", "maaned": date(2025, 8, 1)}
    return {table: rows for table, rows in found.items() if rows}
