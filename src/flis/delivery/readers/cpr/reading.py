"""Reading a delivery: bytes in, typed columns out, and what was noticed on the way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from flis.delivery.readers.cpr.decoding import Decoding, FieldKind
from flis.delivery.readers.cpr.defects import Defect, DefectKind, Defects
from flis.delivery.readers.cpr.digits import CODES, NUMBERS
from flis.delivery.readers.cpr.frames import WINDOW, Frames, Window
from flis.delivery.readers.cpr.hashes import HASH, NO_PERSON
from flis.delivery.readers.cpr.layout import LATEST, PERSON, RECORDS, FieldLayout, column_name
from flis.delivery.readers.cpr.persons import PersonSearch
from flis.delivery.readers.cpr.structure import Structure
from flis.errors import CatalogError, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from flis.delivery.readers.cpr.form import PhysicalForm
    from flis.delivery.readers.cpr.structure import StartRecord

__all__ = ["Reading", "Summary", "read", "schema"]


@dataclass(frozen=True, slots=True)
class Summary:
    """What came: records and persons, records by type, and what the end record says about it."""

    records: int
    persons: int
    types: Mapping[str, int]
    imprecise: Mapping[
        str, int
    ]  # dates without day or month, by record type and field ("024 INDRDTO"), where `:LATEST` is kept
    errors910: int
    receipts997: int
    counted: int | None  # records between start and end, by the end record


def read(
    chunks: Iterable[bytes], keep: Mapping[str, Sequence[str]], person_key: bytes, *, window: int = WINDOW
) -> Reading:
    """Read a change extract in any physical form, keeping the fields named per record type.

    Memory is bounded by the window (and 16 bytes per person); nothing that the bytes hold makes it raise.

    Raises:
        CatalogError: a record type or field to keep that the layout does not have.
    """
    return Reading(chunks, keep, person_key, window)


def schema(record_type: str, fields: Sequence[str]) -> Any:
    """The Arrow schema of a record type's batches: the person's hash, the record's number, the fields kept."""
    kept = [pa.field(field.column, _arrow_type(field)) for field in _kept(record_type, fields)]
    latest = [pa.field(column_name(name + LATEST), pa.date32()) for name in _spans(record_type, fields)]
    return pa.schema([pa.field("person", HASH), pa.field("ordinal", pa.int64(), nullable=False), *kept, *latest])


class Reading:
    """A delivery being read: first all `batches`, then everything that is known about it."""

    def __init__(
        self, chunks: Iterable[bytes], keep: Mapping[str, Sequence[str]], person_key: bytes, window: int
    ) -> None:
        self._defects = Defects()
        self._frames = Frames(chunks, self._defects, window)
        self._structure = Structure(self._defects)
        self._people = PersonSearch(self._defects)
        self._plans = [_Plan(code, fields) for code, fields in keep.items()]
        self._key = person_key
        self._imprecise: Counter[str] = Counter()

    def batches(self) -> Iterator[tuple[str, Any]]:
        """The records as (record type, Arrow record batch), per window of the file in the order of `keep`."""
        for window in self._frames:
            self._structure.add(window, self._frames.form)
            self._people.add(window)
            yield from self._decode(window)
        self._structure.finish()
        self._people.finish()
        self._structure.explain()

    @property
    def form(self) -> PhysicalForm:
        """The physical form, recognised."""
        return self._frames.form

    @property
    def header(self) -> StartRecord | None:
        """The start record; None where none came."""
        return self._structure.header

    @property
    def summary(self) -> Summary:
        """The counts."""
        types = {code: int(n) for code, n in zip(CODES, self._structure.counts[:-1], strict=True) if n}
        return Summary(
            records=self._structure.records,
            persons=self._people.count,
            types=types,
            imprecise=dict(self._imprecise),
            errors910=types.get("910", 0),
            receipts997=types.get("997", 0),
            counted=self._structure.counted,
        )

    @property
    def defects(self) -> list[Defect]:
        """The defects found, at most `LISTED` of each kind, in the order of the file."""
        return self._defects.listed

    @property
    def totals(self) -> Mapping[DefectKind, int]:
        """How many defects of each kind there are."""
        return dict(self._defects.totals)

    def _decode(self, window: Window) -> Iterator[tuple[str, Any]]:
        decoding = Decoding(self._key, self._defects)
        persons = window.persons
        begins = np.append(True, persons[1:] != persons[:-1])
        run = np.cumsum(begins) - 1
        kept = np.zeros(len(window), np.bool_)
        drafts = []
        ends = np.cumsum(np.bincount(window.types, minlength=len(CODES)))
        by_type = np.split(np.argsort(window.types, kind="stable"), ends)
        for plan in self._plans:
            records = by_type[plan.number]
            if len(records):
                runs, ordinals = run[records], window.first + records
                kept[runs] = True
                rows = window.rows(records, plan.width)
                columns = [decoding.add(kind, field, rows, ordinals) for kind, field in plan.fields]
                drafts.append((plan, runs, ordinals, columns))
        numbers = persons[begins]
        own = decoding.hashes.add(np.where(kept[: len(numbers)], numbers, NO_PERSON))
        decoding.resolve()
        for plan, runs, ordinals, columns in drafts:
            spans = {name: decoding.latest(columns[place]) for name, place in plan.spans.items()}
            told = {f"{plan.code} {name}": len(days) - days.null_count for name, days in spans.items()}
            self._imprecise.update({field: count for field, count in told.items() if count})
            arrays = [own(runs), pa.array(ordinals), *map(decoding.column, columns), *spans.values()]
            yield plan.code, pa.RecordBatch.from_arrays(arrays, schema=plan.schema)


class _Plan:
    """What is kept of a record type."""

    def __init__(self, code: str, fields: Sequence[str]) -> None:
        kept = _kept(code, fields)
        self.fields = [(FieldKind.of(field), field) for field in kept]
        self.spans = {name: [field.name for field in kept].index(name) for name in _spans(code, fields)}
        self.schema = schema(code, fields)
        self.code = code
        self.number = NUMBERS[code]
        self.width = max((field.end for _, field in self.fields), default=PERSON.end)


def _kept(code: str, fields: Sequence[str]) -> list[FieldLayout]:
    """The layouts of the fields kept; the person's own number is the column `person` of every type."""
    if code not in RECORDS:
        raise CatalogError(f"The layout has no record type {code}.", hint=suggest(code, RECORDS))
    layouts = {field.name: field for field in RECORDS[code].fields}
    plain = [name for name in fields if not name.endswith(LATEST)]
    for name in plain:
        if name not in layouts:
            raise CatalogError(f"Record type {code} has no field {name}.", hint=suggest(name, layouts))
    return [layouts[name] for name in plain if layouts[name].offset >= PERSON.end]


def _spans(code: str, fields: Sequence[str]) -> list[str]:
    """The date fields whose last possible day is kept too."""
    names = [name.removesuffix(LATEST) for name in fields if name.endswith(LATEST)]
    dates = [field.name for field in _kept(code, fields) if field.is_date]
    for name in names:
        if name not in dates:
            raise CatalogError(f"Record type {code} keeps no date {name}.", hint=suggest(name, dates))
    return names


def _arrow_type(field: FieldLayout) -> Any:
    if field.is_person_number:
        return HASH
    return pa.date32() if field.is_date else pa.string()
