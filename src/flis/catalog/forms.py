"""Forms of YAML values: each can read a value and say what it looks like as JSON Schema, so the two cannot disagree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, get_args, get_origin, get_type_hints

from flis.catalog.cube import WrittenPlace
from flis.catalog.yaml import YamlEntry
from flis.errors import suggest

__all__ = [
    "COUNT",
    "DAY",
    "FLAG",
    "MAPPING",
    "WHOLE",
    "WORD",
    "Form",
    "HasSchema",
    "Record",
    "RecordField",
    "choice",
    "either",
    "form_of",
    "lines",
    "listing",
    "named",
    "optional",
    "place_of",
    "placed",
    "plain",
    "schema_of",
    "word",
]

if TYPE_CHECKING:
    from datetime import date

T = TypeVar("T")
Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """How a value is read, and its JSON Schema; records that the schema refers to are put into the mapping given."""

    read: Callable[[YamlEntry], T]
    schema: Callable[[dict[str, Schema]], Schema]


@dataclass(frozen=True, slots=True)
class RecordField:
    """One name of a record: its form, what it means, and whether it must be there."""

    form: Form[Any]
    meaning: str
    required: bool


class Record(Generic[T]):
    """A mapping with known names that becomes one thing.

    `meanings` tells every field in a sentence; fields that are not among those of the dataclass `kind`, or have
    another form than their type says, come with their form. `make` gets the entry and what was read.
    """

    def __init__(
        self,
        name: str,
        kind: type[Any],
        meanings: Mapping[str, str | tuple[Form[Any], str]],
        make: Callable[..., T],
        *,
        required: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.make = make
        hints = get_type_hints(kind) if any(isinstance(meaning, str) for meaning in meanings.values()) else {}
        parts = fields(kind) if is_dataclass(kind) else ()
        needed = {f.name for f in parts if f.default is MISSING and f.default_factory is MISSING}
        self.fields: dict[str, RecordField] = {}
        for field, meaning in meanings.items():
            must = field in required
            if isinstance(meaning, str):
                self.fields[field] = RecordField(form_of(hints[field], field), meaning, must or field in needed)
            else:
                self.fields[field] = RecordField(*meaning, must)

    def read(self, entry: YamlEntry) -> T:
        """What the mapping describes; raises CatalogError with file and line."""
        found = entry.known_fields(f"a {self.name}", self.fields)
        for name, field in self.fields.items():
            if field.required and name not in found:
                raise entry.error(f"this {self.name} has no {name}.", f"{name}: {field.meaning}")
        return self.make(entry, **{name: self.fields[name].form.read(value) for name, value in found.items()})

    def schema(self, known: dict[str, Schema]) -> Schema:
        """A reference to the record's schema, which is put into `known`."""
        if self.name not in known:
            known[self.name] = {}  # a record may hold itself
            known[self.name] = {
                "type": "object",
                "additionalProperties": False,
                "required": [name for name, field in self.fields.items() if field.required],
                "properties": {
                    name: {**field.form.schema(known), "description": field.meaning}
                    for name, field in self.fields.items()
                },
            }
        return {"$ref": f"#/$defs/{self.name.replace(' ', '%20')}"}

    @property
    def form(self) -> Form[T]:
        """The record as a form."""
        return Form(self.read, self.schema)


# A text; one that looks like a number to YAML stays as it is written.
WORD: Form[str] = Form(YamlEntry.text, lambda _: {"type": ["string", "number", "boolean"]})
FLAG: Form[bool] = Form(YamlEntry.flag, lambda _: {"type": "boolean"})
WHOLE: Form[int] = Form(YamlEntry.whole_number, lambda _: {"type": "integer"})
COUNT: Form[int] = Form(YamlEntry.count, lambda _: {"type": "integer", "minimum": 0})
DAY: Form[date] = Form(YamlEntry.day, lambda _: {"type": "string", "format": "date"})


def plain(kind: Callable[..., T]) -> Callable[..., T]:
    """What makes a record into `kind` without looking at its place."""

    def make(_: YamlEntry, **found: Any) -> T:
        return kind(**found)

    return make


def placed(kind: Callable[..., T]) -> Callable[..., T]:
    """What makes a record into `kind`, which keeps the lines of its fields."""

    def make(entry: YamlEntry, **found: Any) -> T:
        return kind(**found, place=place_of(entry))

    return make


def place_of(entry: YamlEntry) -> WrittenPlace:
    """The file of a record and the lines of its fields."""
    return WrittenPlace(entry.file, {name: value.line for name, value in entry.fields().items()})


def listing(form: Form[T]) -> Form[tuple[T, ...]]:
    """A list."""
    return Form(
        lambda entry: tuple(form.read(item) for item in entry.items()),
        lambda known: {"type": "array", "items": form.schema(known)},
    )


def named(form: Form[T]) -> Form[dict[str, T]]:
    """A mapping whose names anybody may choose, and whose values are of one form."""
    return Form(
        lambda entry: {name: form.read(value) for name, value in entry.fields().items()},
        lambda known: {"type": "object", "additionalProperties": form.schema(known)},
    )


def lines(form: Form[T]) -> Form[tuple[tuple[YamlEntry, T], ...]]:
    """A list whose values keep their place."""
    return Form(
        lambda entry: tuple((item, form.read(item)) for item in entry.items()),
        lambda known: {"type": "array", "items": form.schema(known)},
    )


def optional(form: Form[T]) -> Form[T | None]:
    """Something, or null."""
    return Form(
        lambda entry: None if entry.is_null else form.read(entry),
        lambda known: {"anyOf": [{"type": "null"}, form.schema(known)]},
    )


def either(text: Form[Any], record: Form[Any]) -> Form[Any]:
    """One form for a single value, another for a mapping."""
    return Form(
        lambda entry: (text if entry.is_text else record).read(entry),
        lambda known: {"anyOf": [text.schema(known), record.schema(known)]},
    )


def word(*known: str) -> Form[str]:
    """One word of several."""

    def read(entry: YamlEntry) -> str:
        if entry.text() not in known:
            hint = suggest(entry.text(), known) or f"One of: {', '.join(known)}."
            raise entry.error(f"{entry.text()} is not known here.", hint)
        return entry.text()

    return Form(read, lambda _: {"enum": list(known)})


def choice(kind: type[StrEnum]) -> Form[Any]:
    """One word of an enumeration."""
    known = word(*(member.value for member in kind))
    return Form(lambda entry: kind(known.read(entry)), known.schema)


def _mapping(entry: YamlEntry) -> dict[str, str]:
    return {name: value.text() for name, value in entry.fields().items()}


MAPPING: Form[dict[str, str]] = Form(
    _mapping, lambda known: {"type": "object", "additionalProperties": WORD.schema(known)}
)
LANGUAGES: Form[dict[str, str]] = Form(
    lambda entry: {"": entry.text()} if entry.is_text else _mapping(entry),
    lambda _: {"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]},
)
TEXTS = frozenset({"caption", "description", "folder", "all_caption"})
"""Fields that clients show: one text for all languages, or one for each."""


def form_of(hint: Any, name: str = "") -> Form[Any]:
    """The form of a field of plain type: text, number, flag, word of an enumeration, mapping of texts."""
    if name in TEXTS:
        return LANGUAGES
    if hint in (bool, int):
        return FLAG if hint is bool else WHOLE
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return choice(hint)
    if get_origin(hint) is Mapping:
        return MAPPING
    if get_origin(hint) is tuple:
        return listing(form_of(get_args(hint)[0]))
    return optional(WORD) if type(None) in get_args(hint) else WORD


class HasSchema(Protocol):
    """What files of a kind look like."""

    def schema(self, known: dict[str, Schema]) -> Schema:
        """The schema of the whole file; what it refers to is put into `known`."""


def schema_of(record: HasSchema, title: str) -> Schema:
    """The JSON Schema of a whole file."""
    known: dict[str, Schema] = {}
    top = record.schema(known)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **top, "$defs": known}
