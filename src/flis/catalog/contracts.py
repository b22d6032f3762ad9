"""Source contracts, in the Open Data Contract Standard (ODCS 3.1): one for each interface of an area.

The files are `areas/<id>/contract*.yaml`. Of the standard's fields those are read that say how a file looks, what is
kept of it and what must hold; what the standard has no field for stands in its `customProperties`. Texts are Danish,
their English stands in the custom properties `…English`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from flis.catalog.area_folders import area_folders, folder_of, remembered
from flis.catalog.areas import Phrase
from flis.catalog.contract import (
    PLACEHOLDERS,
    Breach,
    Chain,
    Classification,
    Contract,
    ControlTotal,
    Every,
    Expectation,
    Field,
    FieldType,
    FileFormat,
    HeaderPlaces,
    Parent,
    Quality,
    Recognition,
    Rename,
    Table,
    Unpivot,
    Where,
)
from flis.catalog.dialects import DIALECT
from flis.catalog.forms import DAY, WHOLE, WORD, Record, choice, listing, plain
from flis.catalog.yaml import Entry, read
from flis.errors import CatalogError, NotFoundError, suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from enum import StrEnum
    from importlib.resources.abc import Traversable

__all__ = [
    "Classification",
    "Contract",
    "Field",
    "FieldType",
    "Table",
    "all_contracts",
    "by_interface",
    "load",
    "of_area",
    "parse",
]

ENGLISH = "English"
TITLES = ("name", "purpose", "usage", "limitations", "businessName", "description")

Named = TypeVar("Named", Table, Field)
Choice = TypeVar("Choice", bound="StrEnum")


def load(area: str) -> Contract:
    """The contract of an area that has one interface; the first by its file's name where there are more.

    Raises:
        CatalogError: there is none, or it is wrong; names file and line.
    """
    found = of_area(area)
    if not found:
        raise CatalogError("the file cannot be read.", file=f"areas/{area}/contract.yaml")
    return found[0]


@remembered
def of_area(area: str) -> tuple[Contract, ...]:
    """The contracts of an area by the names of their files; none where it receives nothing.

    Raises:
        NotFoundError: there is no such area.
        CatalogError: one is wrong, or two describe one interface; names file and line.
    """
    folder = folder_of(area)
    names = sorted(f.name for f in folder.iterdir() if f.name.startswith("contract") and f.name.endswith(".yaml"))
    found: dict[str, Contract] = {}
    for name in names:
        place = f"areas/{area}/{name}"
        contract = parse(folder / name, place)
        if contract.area != area:
            raise CatalogError(f"the domain {contract.area} is not the area's folder, {area}.", file=place)
        if contract.interface in found:
            raise CatalogError(f"the interface {contract.interface} has another contract.", file=place)
        found[contract.interface] = contract
    return tuple(found.values())


@remembered
def all_contracts() -> tuple[Contract, ...]:
    """The contracts of all areas.

    Raises:
        CatalogError: one is wrong, or two areas have one interface; names the file.
    """
    found: dict[str, Contract] = {}
    for area in area_folders():
        for contract in of_area(area):
            other = found.setdefault(contract.interface, contract)
            if other is not contract:
                problem = f"the interface {contract.interface} is one of the area {other.area}, too."
                raise CatalogError(problem, file=f"areas/{area}")
    return tuple(found.values())


def by_interface(interface: str) -> Contract:
    """The contract of an interface.

    Raises:
        NotFoundError: there is none.
    """
    known = {c.interface: c for c in all_contracts()}
    if interface not in known:
        raise NotFoundError(f"No contract describes the interface {interface}.", hint=suggest(interface, known))
    return known[interface]


def parse(path: Traversable, name: str = "") -> Contract:
    """The contract in a file that errors call `name`.

    Raises:
        CatalogError: what the file says is no contract; names file and line.
    """
    entry = read(path, name)
    fields = entry.fields()
    if _text(entry, fields, "kind") != "DataContract" or not _text(entry, fields, "apiVersion").startswith("v3."):
        raise entry.error("this is no data contract of the standard's version 3.")
    description = _wanted(entry, fields, "description")
    contract = Contract(
        id=_text(entry, fields, "id"),
        area=_text(entry, fields, "domain"),
        name=_text(entry, fields, "name"),
        version=_text(entry, fields, "version"),
        purpose=_phrase(description, "purpose"),
        usage=_phrase(description, "usage"),
        limitations=_phrase(description, "limitations"),
        tables=_unique([_table(item) for item in _wanted(entry, fields, "schema").items()], entry),
        **_server(_wanted(entry, fields, "servers")),
    )
    _check(contract, entry)
    return contract


def _server(servers: Entry) -> dict[str, Any]:
    """What the one server of the contract says of its files."""
    listed = servers.items()
    if len(listed) != 1:
        raise servers.error("one server was expected here: a contract describes one interface.")
    fields = listed[0].fields()
    file_format = _one_of(FileFormat, _wanted(listed[0], fields, "format"))
    custom = _custom(listed[0], SERVER)
    if "recognise" not in custom:
        raise listed[0].error("recognise is missing among the custom properties.", "For example its name's pattern.")
    found = {name: SERVER[name](value) for name, value in custom.items()}
    recognition = found.pop("recognise")
    return {"format": file_format, "recognition": recognition, **found}


def _table(entry: Entry) -> Table:
    fields = entry.fields()
    custom = _custom(entry, TABLE)
    table = Table(
        name=_identifier(_wanted(entry, fields, "name")),
        source=_text(entry, fields, "physicalName"),
        title=_phrase(entry, "businessName"),
        description=_phrase(entry, "description"),
        fields=_unique([_field(item) for item in _wanted(entry, fields, "properties").items()], entry),
        quality=tuple(_quality(item) for item in fields["quality"].items()) if "quality" in fields else (),
        **{name: TABLE[name](value) for name, value in custom.items()},
    )
    if table.unpivot:
        for name in (table.unpivot.name, table.unpivot.value):
            if table.field(name) is None:
                hint = suggest(name, [f.name for f in table.fields])
                raise custom["unpivot"].error(f"the table {table.name} has no field {name}.", hint)
    return table


def _field(entry: Entry) -> Field:
    fields = entry.fields()
    custom = {name: FIELD[name](value) for name, value in _custom(entry, FIELD).items()}
    field = Field(
        name=_identifier(_wanted(entry, fields, "name")),
        source=_text(entry, fields, "physicalName"),
        type=_one_of(FieldType, _wanted(entry, fields, "logicalType")),
        classification=_one_of(Classification, _wanted(entry, fields, "classification")),
        description=_phrase(entry, "description"),
        required=fields["required"].flag() if "required" in fields else False,
        key=fields["primaryKey"].flag() if "primaryKey" in fields else False,
        decimal=_decimal(fields["physicalType"]) if "physicalType" in fields else None,
        **custom,
    )
    if field.classification is Classification.PSEUDONYM and field.type is not FieldType.STRING:
        problem = f"the person number {field.name} is a {field.type}: a number or date loses its first zero."
        raise fields["logicalType"].error(problem, "Write `logicalType: string`.")
    return field


def _decimal(entry: Entry) -> tuple[int, int] | None:
    found = re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", entry.text(), re.IGNORECASE)
    if not found:
        return None
    digits, behind = int(found[1]), int(found[2])
    if not behind <= digits <= 38:
        raise entry.error("a decimal has 38 digits at most, and no more of them behind the point than in all.")
    return digits, behind


def _quality(entry: Entry) -> Quality:
    fields = entry.fields()
    if _text(entry, fields, "type") != "custom" or _text(entry, fields, "engine") != "flis":
        raise entry.error("a quality rule here has `type: custom` and `engine: flis`.", "Its implementation is SQL.")
    custom = _custom(entry, QUALITY)
    return Quality(
        id=_text(entry, fields, "name"),
        condition=_text(entry, fields, "implementation"),
        breach=QUALITY["breach"](custom["breach"]) if "breach" in custom else Breach.WARN,
        message=_phrase(entry, "description"),
    )


def _check(contract: Contract, entry: Entry) -> None:
    """Complain of names that the contract refers to and does not have."""
    names = {f.name for t in contract.tables for f in t.fields}
    given = set(PLACEHOLDERS) if contract.recognition.name else set()
    # the records of CPR carry their person as a column of its own
    referred = [("part", n) for n in contract.part] + [("dialect", n) for n in contract.dialect.sums]
    for what, name in referred:
        if name not in names | given:
            where = _custom(_wanted(entry, entry.fields(), "servers").items()[0], SERVER)[what]
            raise where.error(f"no field is called {name}.", suggest(name, names))
    if contract.chain is Chain.LINKED and contract.format is not FileFormat.CPR:
        where = _custom(_wanted(entry, entry.fields(), "servers").items()[0], SERVER)["chain"]
        raise where.error("only CPR files name the delivery before their own.", "Write `newest` or `once`.")


def _recognition(entry: Entry, **found: str) -> Recognition:
    if not found:
        raise entry.error("a file is recognised by its name or its head.", "name: …, head: …")
    for name in re.findall(r"\{(\w*)\}", found.get("name", "")):
        if name not in PLACEHOLDERS:
            hint = suggest(name, PLACEHOLDERS) or f"One of: {', '.join(PLACEHOLDERS)}."
            raise entry.fields()["name"].error(f"a file's name cannot tell {{{name}}}.", hint)
    return Recognition(**found)


def _unpivot(entry: Entry, **found: str) -> Unpivot:
    try:
        groups = re.compile(found["columns"]).groups
    except re.error:
        raise entry.fields()["columns"].error("this is no regular expression.") from None
    if groups != 1:
        raise entry.fields()["columns"].error("the pattern has one group, which becomes the value of `name`.")
    return Unpivot(**found)


def _position(entry: Entry) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)-(\d+)", entry.text())
    if not found or not 0 < int(found[1]) <= int(found[2]):
        raise entry.error("a position is its first and last character, from 1.", "For example 3-12.")
    return int(found[1]), int(found[2])


def _share(entry: Entry) -> float:
    try:
        share = float(entry.text())
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise entry.error("a share lies between 0 and 1.")
    return share


EXPECTS = Record(
    "expectation",
    Expectation,
    {
        "each": "What the senders are: kommune; left out, there is one national sender.",
        "every": (choice(Every), "How often."),
        "months": (WHOLE, "Due on the last working day of the month so many months after the period's last."),
        "grace": (WHOLE, "Working days that it may be later."),
    },
    plain(Expectation),
)
RECOGNITION = Record(
    "recognition",
    Recognition,
    {"name": "The pattern of the file's name.", "head": "How the file begins."},
    _recognition,
)
RENAME = Record(
    "rename",
    Rename,
    {"valid": (DAY, "The first day of the periods that it holds for."), "name": "Its name at the source."},
    plain(Rename),
)
UNPIVOT = Record(
    "unpivot",
    Unpivot,
    {
        "columns": "A pattern of the names of the columns.",
        "name": "The field that the first group of the pattern goes into.",
        "value": "The field that the cell goes into.",
    },
    _unpivot,
)
WHERE = Record(
    "where",
    Where,
    {"path": "Where the value stands in the row.", "value": "What it is in the rows of the table."},
    plain(Where),
)
PARENT = Record(
    "parent",
    Parent,
    {
        "table": "The table of the record that it belongs to.",
        "key": "The field that names the parent's key; left out, the parent is the record above.",
    },
    plain(Parent),
)
HEADER = Record(
    "header",
    HeaderPlaces,
    {
        "sender": "Where the sender stands: a position as 3-6, or a path.",
        "period": "Where the period stands.",
        "produced": "Where the production date stands.",
    },
    plain(HeaderPlaces),
)
CONTROL = Record(
    "control total",
    ControlTotal,
    {
        "at": "Where the number stands: a position of the end record, or a path.",
        "count": "The table whose rows it counts; left out, all records.",
        "sum": "The field whose sum it is.",
    },
    plain(ControlTotal),
)
SERVER: dict[str, Callable[[Entry], Any]] = {
    "recognise": RECOGNITION.read,
    "dialect": DIALECT.read,
    "known": WORD.read,
    "part": listing(WORD).read,
    "chain": choice(Chain).read,
    "expects": EXPECTS.read,
    "sender": WORD.read,
    "header": HEADER.read,
    "control": listing(CONTROL.form).read,
    "held": _share,
}
TABLE: dict[str, Callable[[Entry], Any]] = {
    "unpivot": UNPIVOT.read,
    "path": WORD.read,
    "where": WHERE.read,
    "parent": PARENT.read,
    "length": WHOLE.read,
}
FIELD: dict[str, Callable[[Entry], Any]] = {
    "codes": WORD.read,
    "path": WORD.read,
    "position": _position,
    "scale": WHOLE.read,
    "renamed": listing(RENAME.form).read,
}
QUALITY = {"breach": choice(Breach).read}


def _custom(entry: Entry, known: Iterable[str]) -> dict[str, Entry]:
    """The custom properties of ours that the entry has, by name."""
    known, found = list(known), {}
    custom = entry.fields().get("customProperties")
    for item in custom.items() if custom else []:
        pair = item.known_fields("a custom property", ("property", "value", "description"))
        name = _text(item, pair, "property")
        if name.endswith(ENGLISH) and name.removesuffix(ENGLISH) in TITLES:
            continue
        if name not in known:
            hint = suggest(name, known) or (f"One of: {', '.join(known)}." if known else "")
            raise pair["property"].error(f"there is no custom property {name} here.", hint)
        if name in found:
            raise pair["property"].error(f"{name} is given twice.")
        found[name] = _wanted(item, pair, "value")
    return found


def _unique(found: list[Named], entry: Entry) -> tuple[Named, ...]:
    for names in ([item.name for item in found], [item.source for item in found]):
        twice = next((name for name in names if names.count(name) > 1), "")
        if twice:
            raise entry.error(f"{twice} is given twice.")
    return tuple(found)


def _identifier(entry: Entry) -> str:
    """A name of a table or column: small letters, digits and `_`, so that it needs no quotes in SQL."""
    if not re.fullmatch(r"[a-zæøå_][a-zæøå0-9_]*", entry.text()):
        raise entry.error("a name of small letters, digits and _ was expected here.")
    return entry.text()


def _wanted(entry: Entry, fields: Mapping[str, Entry], name: str) -> Entry:
    if name not in fields:
        raise entry.error(f"{name} is missing here.")
    return fields[name]


def _text(entry: Entry, fields: Mapping[str, Entry], name: str) -> str:
    return _wanted(entry, fields, name).text()


def _one_of(kind: type[Choice], entry: Entry) -> Choice:
    try:
        return kind(entry.text())
    except ValueError:
        hint = suggest(entry.text(), list(kind))
        raise entry.error(f"one of these was expected: {', '.join(kind)}.", hint) from None


def _phrase(entry: Entry, name: str) -> Phrase:
    """A text of the entry, and its English among the custom properties."""
    fields = entry.fields()
    english = name + ENGLISH
    custom = fields.get("customProperties")
    for item in custom.items() if custom else []:
        pair = item.known_fields("a custom property", ("property", "value", "description"))
        if _text(item, pair, "property") == english:
            return Phrase(_text(entry, fields, name), _text(item, pair, "value"))
    raise entry.error(f"{english} is missing among the custom properties.")
