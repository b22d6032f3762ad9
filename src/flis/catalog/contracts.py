"""Source contracts: what is kept of an area's deliveries, in the Open Data Contract Standard (ODCS 3).

One file per area, `areas/<id>/contract.yaml`. Of the standard's fields those are read that say what is kept; texts are
Danish, their English stands in the custom properties `…English`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from flis.catalog.area_folders import folder_of, remembered
from flis.catalog.areas import Phrase
from flis.catalog.yaml import Entry, read
from flis.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

__all__ = ["Classification", "Contract", "Field", "FieldType", "Table", "load", "parse"]

ENGLISH = "English"


class FieldType(StrEnum):
    """The logical types of ODCS that contracts here use."""

    STRING = "string"
    DATE = "date"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"


class Classification(StrEnum):
    """How near a field comes to a person."""

    PSEUDONYM = "pseudonym"
    """A keyed hash that stands for a person."""
    QUASI_IDENTIFIER = "quasi-identifier"
    """Together with others it can point at a person: birth date, municipality, days of moves."""
    PERSONAL = "personal"
    """About a person, pointing at nobody."""
    PUBLIC = "public"
    """About nobody."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is kept: its column, its name at the source, its type, and how near it comes to a person."""

    name: str
    source: str
    type: FieldType
    classification: Classification
    description: Phrase


@dataclass(frozen=True, slots=True)
class Table:
    """Fields that come together: a record type of a file, a sheet, a resource."""

    name: str
    source: str
    title: Phrase
    description: Phrase
    fields: tuple[Field, ...]


Named = TypeVar("Named", Table, Field)
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Contract:
    """What a source delivers, and what of it is kept."""

    id: str
    name: str
    version: str
    purpose: Phrase
    usage: Phrase
    limitations: Phrase
    tables: tuple[Table, ...]

    @property
    def kept(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the fields kept, by table; both as the source calls them."""
        return MappingProxyType({table.source: tuple(f.source for f in table.fields) for table in self.tables})

    def table(self, source: str) -> Table:
        """The table that the source calls so; raises NotFoundError where nothing of it is kept."""
        for table in self.tables:
            if table.source == source:
                return table
        raise NotFoundError(f"The contract {self.id} keeps nothing of {source}.")


@remembered
def load(area: str) -> Contract:
    """The contract of an area.

    Raises:
        CatalogError: there is none, or it is wrong; names file and line.
    """
    return parse(folder_of(area) / "contract.yaml", f"areas/{area}/contract.yaml")


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
    return Contract(
        id=_text(entry, fields, "id"),
        name=_text(entry, fields, "name"),
        version=_text(entry, fields, "version"),
        purpose=_phrase(description, "purpose"),
        usage=_phrase(description, "usage"),
        limitations=_phrase(description, "limitations"),
        tables=_unique([_table(item) for item in _wanted(entry, fields, "schema").items()], entry),
    )


def _table(entry: Entry) -> Table:
    fields = entry.fields()
    return Table(
        name=_text(entry, fields, "name"),
        source=_text(entry, fields, "physicalName"),
        title=_phrase(entry, "businessName"),
        description=_phrase(entry, "description"),
        fields=_unique([_field(item) for item in _wanted(entry, fields, "properties").items()], entry),
    )


def _field(entry: Entry) -> Field:
    fields = entry.fields()
    return Field(
        name=_text(entry, fields, "name"),
        source=_text(entry, fields, "physicalName"),
        type=_one_of(FieldType, _wanted(entry, fields, "logicalType")),
        classification=_one_of(Classification, _wanted(entry, fields, "classification")),
        description=_phrase(entry, "description"),
    )


def _unique(found: list[Named], entry: Entry) -> tuple[Named, ...]:
    for names in ([item.name for item in found], [item.source for item in found]):
        twice = next((name for name in names if names.count(name) > 1), "")
        if twice:
            raise entry.error(f"{twice} is given twice.")
    return tuple(found)


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
        raise entry.error(f"one of these was expected: {', '.join(kind)}.") from None


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
