"""How a source contract is read, and its JSON Schema.

Of the standard's fields those are read that say how a file looks, what is kept of it and what must hold; what the
standard has no field for stands in its `customProperties`. Texts are Danish, their English stands in the custom
properties `…English`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from flis.catalog.area_file import Phrase
from flis.catalog.contract import (
    LONGEST_TEXT,
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
from flis.catalog.contract_checks import check
from flis.catalog.dialects import DIALECT, PATTERN
from flis.catalog.forms import COUNT, DAY, WORD, Form, Record, choice, listing, plain, word
from flis.catalog.yaml import YamlEntry, read
from flis.errors import suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from enum import StrEnum
    from importlib.resources.abc import Traversable

__all__ = ["CONTRACT", "CUSTOM_PROPERTIES", "parse"]

ENGLISH = "English"
COMMON = ("id", "name", "description", "tags", "authoritativeDefinitions", "customProperties")
IN_CONTRACT = (
    *("version", "apiVersion", "kind", "tenant", "status", "servers", "dataProduct", "domain", "schema", "support"),
    *("price", "team", "roles", "slaDefaultElement", "slaProperties", "contractCreatedTs"),
)
IN_TABLE = (
    *("physicalName", "physicalType", "logicalType", "businessName", "dataGranularityDescription", "quality"),
    *("properties", "relationships"),
)
IN_FIELD = (
    *("physicalName", "physicalType", "logicalType", "logicalTypeOptions", "businessName", "primaryKey"),
    *("primaryKeyPosition", "required", "unique", "partitioned", "partitionKeyPosition", "classification"),
    *("encryptedName", "transformSourceObjects", "transformLogic", "transformDescription", "examples"),
    *("criticalDataElement", "quality", "relationships", "items", "properties"),
)
"""The fields of the standard, version 3.1, beside those that all have."""
YEAR, LONGEST_WINDOW = "year", 1200
TITLES = ("name", "purpose", "usage", "limitations", "businessName", "description")

PERSON_NUMBER = "PNR"
"""The physical type of a person number."""
NAMED_PERSON = re.compile(r"(pnr(barn|mor|far)?|cpr([-_ ]?n(r|ummer)\.?)?|person[-_ ]?n(r|ummer)\.?)$", re.IGNORECASE)
"""How sources call a person number: PNR, AEGTEPNR, CPR-nr., personnummer."""

Named = TypeVar("Named", Table, Field)
Choice = TypeVar("Choice", bound="StrEnum")


def parse(path: Traversable, name: str = "", *, codes: Collection[str] | None = None) -> Contract:
    """The contract in a file that errors call `name`; with `codes`, its fields may name these code lists only.

    Raises:
        CatalogError: what the file says is no contract; names file and line.
    """
    entry = read(path, name)
    fields = entry.known_fields("a contract", (*COMMON, *IN_CONTRACT))
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
        tables=_unique(_wanted(entry, fields, "schema"), _table),
        **_server(_wanted(entry, fields, "servers")),
    )
    check(contract, _places(entry), codes)
    return contract


def _server(servers: YamlEntry) -> dict[str, Any]:
    """What the one server of the contract says of its files."""
    listed = servers.items()
    if len(listed) != 1:
        raise servers.error("one server was expected here: a contract describes one interface.")
    fields = listed[0].fields()
    file_format = _one_of(FileFormat, _wanted(listed[0], fields, "format"))
    custom = _custom(listed[0], SERVER)
    if "recognise" not in custom:
        raise listed[0].error("recognise is missing among the custom properties.", "For example its name's pattern.")
    found = {name: SERVER[name][0].read(value) for name, value in custom.items()}
    recognition = found.pop("recognise")
    return {"format": file_format, "recognition": recognition, **found}


def _table(entry: YamlEntry) -> Table:
    fields = entry.known_fields("a table", (*COMMON, *IN_TABLE))
    custom = _custom(entry, TABLE)
    table = Table(
        name=_identifier(_wanted(entry, fields, "name")),
        source=_text(entry, fields, "physicalName"),
        title=_phrase(entry, "businessName"),
        description=_phrase(entry, "description"),
        fields=_unique(_wanted(entry, fields, "properties"), _field),
        quality=tuple(_quality(item) for item in fields["quality"].items()) if "quality" in fields else (),
        **{name: TABLE[name][0].read(value) for name, value in custom.items()},
    )
    if table.unpivot:
        for name in (table.unpivot.name, table.unpivot.value):
            if table.field(name) is None:
                hint = suggest(name, [f.name for f in table.fields])
                raise custom["unpivot"].error(f"the table {table.name} has no field {name}.", hint)
    return table


def _field(entry: YamlEntry) -> Field:
    fields = entry.known_fields("a field", (*COMMON, *IN_FIELD))
    custom = {name: FIELD[name][0].read(value) for name, value in _custom(entry, FIELD).items()}
    if "logicalTypeOptions" in fields:
        custom |= _longest(fields["logicalTypeOptions"], _one_of(FieldType, _wanted(entry, fields, "logicalType")))
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
    _check_person(field, fields)
    return field


def _longest(options: YamlEntry, kind: FieldType) -> dict[str, int]:
    """How long a text may be; the other options of the standard are not read."""
    found = options.fields().get("maxLength")
    if found is None:
        return {}
    if kind is not FieldType.STRING:
        raise found.error("only a text has a maxLength.")
    longest = COUNT.read(found)
    if not longest:
        raise found.error("a text may have one character at least.")
    return {"longest": longest}


def _check_person(field: Field, fields: Mapping[str, YamlEntry]) -> None:
    """A person number is always pseudonymised, and is read as text."""
    calls_itself = "physicalType" in fields and fields["physicalType"].text().upper() == PERSON_NUMBER
    if field.classification is not Classification.PSEUDONYM and (calls_itself or _named_as_person(field)):
        problem = f"{field.name} is a person number, and is classified as {field.classification}."
        raise fields["classification"].error(
            problem, "Write `classification: pseudonym`: it is hashed when it is read."
        )
    if field.classification is Classification.PSEUDONYM and field.type is not FieldType.STRING:
        problem = f"the person number {field.name} is a {field.type}: a number or date loses its first zero."
        raise fields["logicalType"].error(problem, "Write `logicalType: string`.")


def _named_as_person(field: Field) -> bool:
    ten = field.position is None or field.position[1] - field.position[0] == 9
    return ten and any(NAMED_PERSON.search(name) for name in (field.name, field.source, field.path))


def _decimal(entry: YamlEntry) -> tuple[int, int] | None:
    """The digits of an exact number; other types say what the logical type says, or that it is a person number."""
    text = entry.text().upper()
    found = re.fullmatch(r"(?:DECIMAL|NUMERIC)\((\d+)(?:,\s*(\d+))?\)", text)
    if not found:
        if text.startswith(("DEC", "NUMERIC")):
            raise entry.error(f"{entry.text()} is no exact number.", "For example DECIMAL(18,2).")
        if text != PERSON_NUMBER and suggest(text, [PERSON_NUMBER]):
            raise entry.error(f"{entry.text()} is not known here.", suggest(text, [PERSON_NUMBER]))
        return None
    digits, behind = int(found[1]), int(found[2] or 0)
    if not behind <= digits <= 38:
        raise entry.error("a decimal has 38 digits at most, and no more of them behind the point than in all.")
    return digits, behind


def _quality(entry: YamlEntry) -> Quality:
    fields = entry.fields()
    if _text(entry, fields, "type") != "custom" or _text(entry, fields, "engine") != "flis":
        raise entry.error("a quality rule here has `type: custom` and `engine: flis`.", "Its implementation is SQL.")
    custom = {name: QUALITY[name][0].read(value) for name, value in _custom(entry, QUALITY).items()}
    return Quality(
        id=_text(entry, fields, "name"),
        condition=_text(entry, fields, "implementation"),
        message=_phrase(entry, "description"),
        line=entry.line,
        **{"breach": Breach.WARN, **custom},
    )


def _recognition(entry: YamlEntry, **found: str) -> Recognition:
    if not found:
        raise entry.error("a file is recognised by its name or its head.", "name: …, head: …")
    for name in re.findall(r"\{(\w*)\}", found.get("name", "")):
        if name not in PLACEHOLDERS:
            hint = suggest(name, PLACEHOLDERS) or f"One of: {', '.join(PLACEHOLDERS)}."
            raise entry.fields()["name"].error(f"a file's name cannot tell {{{name}}}.", hint)
    return Recognition(**found)


def _unpivot(entry: YamlEntry, **found: str) -> Unpivot:
    try:
        groups = re.compile(found["columns"]).groups
    except re.error:
        raise entry.fields()["columns"].error("this is no regular expression.") from None
    if groups != 1:
        raise entry.fields()["columns"].error("the pattern has one group, which becomes the value of `name`.")
    return Unpivot(**found)


def _position(entry: YamlEntry) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)-(\d+)", entry.text())
    if not found or not 0 < int(found[1]) <= int(found[2]):
        raise entry.error("a position is its first and last character, from 1.", "For example 3-12.")
    return int(found[1]), int(found[2])


def _share(entry: YamlEntry) -> float:
    try:
        share = float(entry.text())
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise entry.error("a share lies between 0 and 1.")
    return share


def _assumption(entry: YamlEntry) -> str:
    """Why something is assumed: the description of the property."""
    pair = entry.fields()
    if not pair["value"].flag() or "description" not in pair:
        raise entry.error("what is assumed says `value: true`, and why in its description.", "Leave out what is known.")
    return pair["description"].text()


def _window(entry: YamlEntry) -> int:
    """The months of a window; 0 for those of the year so far."""
    text = entry.text()
    if text == YEAR:
        return 0
    if not text.isdecimal() or not 0 < int(text) <= LONGEST_WINDOW:
        raise entry.error(
            "a window is a number of months that end with the file's period, or `year`, the year so far.",
            "For example 24.",
        )
    return int(text)


EXPECTS = Record(
    "expectation",
    Expectation,
    {
        "each": (word("kommune"), "What the senders are: kommune; left out, there is one national sender."),
        "every": (choice(Every), "How often."),
        "months": (COUNT, "Due on the last working day of the month so many months after the period's last."),
        "grace": (COUNT, "Working days that it may be later."),
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
TEXT = {"type": "string"}
Custom = dict[str, tuple[Form[Any], str]]
ASSUMED: Custom = {
    "assumed": (
        Form(_assumption, lambda _: {"const": True}),
        "That no source is known for it, so that it is our choice; the `description` of the property says why.",
    )
}
SERVER: Custom = {
    "recognise": (RECOGNITION.form, "By what a file of the interface is known."),
    "dialect": (DIALECT.form, "How values are written."),
    "known": (WORD, "Where the production date stands: header, a placeholder of the name, or a field."),
    "part": (listing(WORD), "The columns whose values one file replaces as a whole; none: all of the interface."),
    "window": (
        Form(_window, lambda _: {"type": ["integer", "string"]}),
        "The months of which a file tells all: how many, or `year`.",
    ),
    "chain": (choice(Chain), "How the deliveries of a sender follow each other."),
    "expects": (EXPECTS.form, "What must be there, and when."),
    "sender": (WORD, "The one national sender."),
    "header": (HEADER.form, "Where a file tells sender, period and production date."),
    "control": (listing(CONTROL.form), "What the end of a file tells about its rows."),
    "held": (Form(_share, lambda _: {"type": "number"}), "The largest share of rows that may be held back."),
    **ASSUMED,
}
TABLE: Custom = {
    "unpivot": (UNPIVOT.form, "Columns that become rows."),
    "path": (WORD, "XML and JSON: where the rows lie."),
    "where": (WHERE.form, "XML and JSON: which of the rows there belong to the table."),
    "parent": (PARENT.form, "Fixed width: the record that a record belongs to."),
    "length": (COUNT, "Fixed width: the characters of a record."),
    **ASSUMED,
}
FIELD: Custom = {
    "codes": (WORD, "The code list of the area that the value must be in; kommune: the municipalities."),
    "ten_digits": (
        WORD,
        "What numbers of ten digits in a text are, such as P-nummer; else those that pass for person numbers are held.",
    ),
    "path": (WORD, "XML, JSON and child records: where the value stands, seen from the row."),
    "position": (Form(_position, lambda _: TEXT), "Fixed width: the first and last character, as 3-12."),
    "scale": (COUNT, "How many digits stand behind a decimal sign that is not written."),
    "renamed": (listing(RENAME.form), "Later names at the source."),
    "dates": (PATTERN, "How its dates are written, where the dialect says otherwise: a year alone is YYYY."),
    **ASSUMED,
}
QUALITY: Custom = {
    "breach": (
        choice(Breach),
        "What breaking the rule does: `warn` says so, `hold` holds the rows back, `refuse` refuses the delivery.",
    ),
    "each": (
        listing(WORD),
        "The columns by which rows fall into groups: then the condition is about the sums and counts of each group.",
    ),
    "codes": (WORD, "The code list of the area that the value of the implementation must be in."),
    "valid_on": (WORD, "With codes: the field with the day, or year, on which the code must be valid."),
}
CUSTOM_PROPERTIES = {"server": SERVER, "table": TABLE, "field": FIELD, "quality rule": QUALITY}
"""The custom properties by what may have them."""


def _custom(entry: YamlEntry, known: Iterable[str]) -> dict[str, YamlEntry]:
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
        value = _wanted(item, pair, "value")
        found[name] = item if name in ASSUMED else value
    return found


def _unique(entry: YamlEntry, reading: Callable[[YamlEntry], Named]) -> tuple[Named, ...]:
    """The tables or fields of a list, each of another name, and of another name at the source."""
    found: list[Named] = []
    for item in entry.items():
        new = reading(item)
        for old in found:
            if new.name == old.name or new.source == old.source:
                raise item.error(f"{new.name if new.name == old.name else new.source} is given twice.")
        found.append(new)
    return tuple(found)


def _identifier(entry: YamlEntry) -> str:
    """A name of a table or column: small letters, digits and `_`, so that it needs no quotes in SQL."""
    if not re.fullmatch(r"[a-zæøå_][a-zæøå0-9_]*", entry.text()):
        raise entry.error("a name of small letters, digits and _ was expected here.")
    return entry.text()


def _wanted(entry: YamlEntry, fields: Mapping[str, YamlEntry], name: str) -> YamlEntry:
    if name not in fields:
        raise entry.error(f"{name} is missing here.")
    return fields[name]


def _text(entry: YamlEntry, fields: Mapping[str, YamlEntry], name: str) -> str:
    return _wanted(entry, fields, name).text()


def _one_of(kind: type[Choice], entry: YamlEntry) -> Choice:
    try:
        return kind(entry.text())
    except ValueError:
        hint = suggest(entry.text(), list(kind))
        raise entry.error(f"one of these was expected: {', '.join(kind)}.", hint) from None


def _phrase(entry: YamlEntry, name: str) -> Phrase:
    """A text of the entry, and its English among the custom properties."""
    fields = entry.fields()
    english = name + ENGLISH
    custom = fields.get("customProperties")
    for item in custom.items() if custom else []:
        pair = item.known_fields("a custom property", ("property", "value", "description"))
        if _text(item, pair, "property") == english:
            return Phrase(_text(entry, fields, name), _text(item, pair, "value"))
    raise entry.error(f"{english} is missing among the custom properties.")


def _places(entry: YamlEntry) -> dict[str, YamlEntry]:
    """Where the custom properties stand: `part`, `besoeg.parent`, `besoeg.timer.path`, `besoeg RULE.each`; and tables,
    fields and rules.
    """
    (server,) = entry.fields()["servers"].items()
    found = dict(_custom(server, SERVER))
    found[""] = entry
    for table in entry.fields()["schema"].items():
        name = table.fields()["name"].text()
        found[name] = table
        found |= {f"{name}.{key}": value for key, value in _custom(table, TABLE).items()}
        for rule in table.fields()["quality"].items() if "quality" in table.fields() else ():
            of = f"{name} {rule.fields()['name'].text()}"
            found[of] = rule
            found |= {f"{of}.{key}": value for key, value in _custom(rule, QUALITY).items()}
        for field in table.fields()["properties"].items():
            of = f"{name}.{field.fields()['name'].text()}"
            found[of] = field
            found |= {f"{of}.{key}": value for key, value in _custom(field, FIELD).items()}
    return found


class ContractForm:
    """What a contract looks like as JSON Schema; fields of the standard that are not read may be there, too."""

    def schema(self, known: dict[str, Any]) -> dict[str, Any]:
        """The schema of the whole file; what it refers to is put into `known`."""
        field = _object(
            {
                "name": TEXT,
                "physicalName": TEXT,
                "logicalType": {"enum": list(FieldType)},
                "physicalType": TEXT,
                "classification": {"enum": list(Classification)},
                "description": TEXT,
                "required": {"type": "boolean"},
                "primaryKey": {"type": "boolean"},
                "logicalTypeOptions": {
                    "type": "object",
                    "properties": {
                        "maxLength": {
                            "type": "integer",
                            "minimum": 1,
                            "description": f"The most characters of a text; left out, {LONGEST_TEXT}.",
                        }
                    },
                },
                "customProperties": _customs(FIELD, known),
            },
            ("name", "physicalName", "logicalType", "classification", "description"),
        )
        quality = _object(
            {
                "name": TEXT,
                "type": {"const": "custom"},
                "engine": {"const": "flis"},
                "implementation": TEXT,
                "description": TEXT,
                "customProperties": _customs(QUALITY, known),
            },
            ("name", "type", "engine", "implementation", "description"),
        )
        table = _object(
            {
                "name": TEXT,
                "physicalName": TEXT,
                "businessName": TEXT,
                "description": TEXT,
                "customProperties": _customs(TABLE, known),
                "properties": {"type": "array", "items": field},
                "quality": {"type": "array", "items": quality},
            },
            ("name", "physicalName", "businessName", "description", "properties"),
        )
        server = _object(
            {"format": {"enum": list(FileFormat)}, "customProperties": _customs(SERVER, known)},
            ("format", "customProperties"),
        )
        return _object(
            {
                "apiVersion": {"type": "string", "pattern": r"^v3\."},
                "kind": {"const": "DataContract"},
                **dict.fromkeys(("id", "domain", "name", "version"), TEXT),
                "description": _object(dict.fromkeys(TITLES[1:4], TEXT), TITLES[1:4]),
                "servers": {"type": "array", "items": server, "minItems": 1, "maxItems": 1},
                "schema": {"type": "array", "items": table},
            },
            ("apiVersion", "kind", "id", "domain", "name", "version", "description", "servers", "schema"),
        )


CONTRACT = ContractForm()


def _object(properties: Mapping[str, Any], required: tuple[str, ...]) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": dict(properties)}


def _customs(ours: Custom, known: dict[str, Any]) -> dict[str, Any]:
    """The custom properties: ours, each with its form, and English texts."""
    forms: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"const": name, "description": meaning}, form.schema(known)) for name, (form, meaning) in ours.items()
    ]
    forms.append(({"enum": [f"{title}{ENGLISH}" for title in TITLES], "description": "The text in English."}, TEXT))
    some = [
        _object({"property": name, "value": value, "description": TEXT}, ("property", "value")) for name, value in forms
    ]
    return {"type": "array", "items": {"anyOf": some}}
