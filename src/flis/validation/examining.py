"""Look through the rows of a general delivery, in columns: which are faulty, and what is counted of them.

The SQL of a contract sees the columns of one table and nothing else: files and extensions are closed to it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from flis.catalog.contract import PERIODS, FieldType
from flis.delivery.model import Fault
from flis.delivery.readers.notice_kinds import LISTED, NoticeKind
from flis.engine import open_database
from flis.validation import groups
from flis.validation.general import HELD_KINDS
from flis.validation.history import Period, period
from flis.validation.profile import SKETCH, Examined, Profile, TableProfile
from flis.validation.row_conditions import MUNICIPALITY, Condition, RowKind, conditions, is_in, known_codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from flis.catalog.contract import Contract, Field, Table
    from flis.delivery.model import Delivery

__all__ = ["common_rows", "examine"]

FAULTY = pa.schema([("table", pa.string()), ("ordinal", pa.int64()), ("kind", pa.string()), ("field", pa.string())])
"""A faulty row: its table, its number in the file, the kind of fault and the field; no values."""
FEW = 1_000_000
"""So many rows are read into memory to be asked."""
UNKNOWN = 50
"""So many codes of a field that no list has are told apart."""
UNREAD_KINDS = frozenset({NoticeKind.TYPE, NoticeKind.PERSON_NUMBER, RowKind.CODE})
MEASURES = (FieldType.NUMBER, FieldType.INTEGER)


def examine(delivery: Delivery, contract: Contract, person_key: bytes) -> tuple[Examined, Any]:
    """What the rows of a delivery show, and those that have to be held back (`FAULTY`)."""
    at = period(delivery.manifest.period)
    faults: list[Fault] = []
    totals: Counter[str] = Counter()
    seen: dict[str, TableProfile] = {}
    sketch: list[int] = []
    broken: list[str] = []
    wrong = [_noticed(delivery)]
    for table, rows in _opened(delivery, contract):
        with _connection(rows=rows) as connection:
            look = _Look(connection, contract, table, rows.schema.names, at)
            for condition in look.broken():
                room = max(LISTED - totals[condition.kind], 0)
                found_here = look.groups(condition, room) if condition.each else look.rows(condition, room)
                if found_here is None:
                    broken.append(condition.rule)
                    continue
                faults += found_here.faults
                totals[condition.kind] += found_here.many
                if condition.holds:
                    wrong.append(_faulty(table.name, found_here.rows, condition.kind, condition.field))
            seen[table.name] = look.profile(person_key)
            if contract.replaces_periods:
                sketch += look.sketch()
    held = pa.concat_tables(wrong)
    found = Examined(
        faults=tuple(faults),
        totals={kind: count for kind, count in totals.items() if count},
        held=_count(held),
        broken=tuple(broken),
        unread=_unread(held, seen),
        profile=Profile(tables=seen, sketch=sorted(sketch)[:SKETCH]),
    )
    national = MUNICIPALITY not in contract.recognition.name
    return _by_municipality(delivery, contract, found, held) if national else (found, held)


def common_rows(one: Delivery, other: Delivery, contract: Contract) -> tuple[int, int, int]:
    """The rows of one delivery, those of another, and how many are equal in both, by all fields of the contract."""
    mine, theirs = ({table.name: rows for table, rows in _opened(d, contract)} for d in (one, other))
    both = 0
    for table in contract.tables:
        if table.name in mine and table.name in theirs:
            fields = ", ".join(f'"{f.name}"' for f in table.fields)
            with _connection(mine=mine[table.name], theirs=theirs[table.name]) as connection:
                asked = f"SELECT {fields} FROM mine INTERSECT ALL SELECT {fields} FROM theirs"
                both += connection.execute(f"SELECT count(*) FROM ({asked})").fetchall()[0][0]
    return _many(one, contract), _many(other, contract), both


def _many(delivery: Delivery, contract: Contract) -> int:
    files = delivery.records
    return sum(pq.read_metadata(files[t.name]).num_rows for t in contract.tables if t.name in files)


class _Found(NamedTuple):
    """What breaks a condition: the first as faults, how many rows or groups, and the numbers of the rows."""

    faults: list[Fault]
    many: int
    rows: Any


class _Look:
    """One table of a delivery, asked in SQL as `rows`."""

    def __init__(
        self, connection: Any, contract: Contract, table: Table, columns: Sequence[str], at: Period | None
    ) -> None:
        self._connection = connection
        self._contract = contract
        self._table = table
        self._columns = columns
        self._at = at
        first = f"DATE '{at.first}'" if at else "CAST(NULL AS DATE)"
        told = [name for name in contract.columns_of(table) if name in PERIODS and name not in columns]
        listed = ", ".join(f'{first} AS "{name}"' for name in told)
        self._asked = f"(SELECT *, {listed} FROM rows)" if told else "rows"
        """The rows with the period that the name of their file tells."""
        self._single = self._asked

    def broken(self) -> Iterator[Condition]:
        """The conditions that some rows do not meet, or that are none on the rows; then all those of groups."""
        conditions = self._conditions()
        rare = self._rare(conditions)
        of_rows = [c for c in conditions if not c.each and (rare or not c.rare)]
        yield from (c for c, is_met in zip(of_rows, self._are_met(of_rows), strict=True) if not is_met)
        yield from (c for c in conditions if c.each)

    def rows(self, condition: Condition, most: int) -> _Found | None:
        """The rows that a condition finds faulty; None where it is no condition on them."""
        source = f"(SELECT ordinal, {condition.once} FROM {self._asked})" if condition.once else self._asked
        marked = f"SELECT ordinal, {condition.wrong} AS wrong FROM {source}"
        try:
            found = self._connection.sql(f"SELECT DISTINCT ordinal FROM ({marked}) WHERE wrong ORDER BY 1")
            numbers = found.to_arrow_table()["ordinal"]
        except duckdb.Error:
            if condition.rule:
                return None
            raise
        if condition.kind == RowKind.KEY_TWICE:
            twice = f"SELECT ordinal FROM ({marked}) WHERE wrong"
            self._connection.execute(f"CREATE OR REPLACE TEMP TABLE twice AS {twice}")
            self._single = f"(SELECT * FROM {self._asked} WHERE ordinal NOT IN (FROM twice))"
        faults = [Fault(condition.kind, n, None, condition.field or None) for n in numbers[:most].to_pylist()]
        return _Found(faults, len(numbers), numbers)

    def groups(self, condition: Condition, most: int) -> _Found | None:
        """The groups that a condition finds faulty, a row that stands twice counted once; None where it is none."""
        try:
            count = groups.broken_groups(self._connection, condition, self._single)
            faults = groups.faults_of(self._connection, condition, self._contract.area, self._at, most) if count else []
            numbers = groups.rows_of(self._connection, condition, "rows") if count and condition.holds else None
        except duckdb.Error:
            return None
        return _Found(faults, count, numbers if numbers is not None else pa.array([], pa.int64()))

    def _conditions(self) -> list[Condition]:
        """All conditions on the rows."""
        found = list(conditions(self._contract, self._table, self._columns, self._at))
        keys = [f for f in self._table.fields if f.key and f.name in self._columns]
        if keys and self._contract.by_resource:  # each row is a version, told apart by its time
            keys += [f for f in self._table.fields if f.name == self._contract.known and f.name in self._columns]
        if keys:
            # of rows that are wholly equal one goes on; where rows of a key differ, nobody knows which is right
            listed = ", ".join(f'"{f.name}"' for f in keys)
            whole = f"hash({', '.join(self._names(self._table.fields))})"
            of_key = f"OVER (PARTITION BY {listed})"
            twice = (
                f"min({whole}) {of_key} <> max({whole}) {of_key} "
                f"OR row_number() OVER (PARTITION BY {listed} ORDER BY ordinal) > 1"
            )
            filled = " AND ".join(f'"{f.name}" IS NOT NULL' for f in keys)
            found.append(Condition(RowKind.KEY_TWICE, ", ".join(f.source for f in keys), f"({filled}) AND ({twice})"))
        return found

    def _rare(self, conditions: Sequence[Condition]) -> bool:
        """Whether any row may break one of the conditions that hardly any row breaks."""
        asked = " OR ".join(condition.rare for condition in conditions if condition.rare)
        return bool(asked and self._connection.execute(f"SELECT 1 FROM rows WHERE {asked} LIMIT 1").fetchall())

    def _are_met(self, conditions: Sequence[Condition]) -> Sequence[bool]:
        """By condition whether all rows meet it; False, too, where one of those asked at once is none on the rows."""
        together = [c for c in conditions if not c.once]
        met = dict(zip(map(id, together), self._are_met_at_once(together), strict=True))
        return [met[id(c)] if id(c) in met else self._is_met(c) for c in conditions]

    def _are_met_at_once(self, conditions: Sequence[Condition]) -> Sequence[bool]:
        marked = "".join(f", {condition.wrong} AS wrong_{n}" for n, condition in enumerate(conditions))
        counted = ", ".join(f"coalesce(NOT bool_or(wrong_{n}), TRUE)" for n in range(len(conditions)))
        if not conditions:
            return []
        asked = f"SELECT {counted} FROM (SELECT ordinal{marked} FROM {self._asked})"
        try:
            (found,) = self._connection.execute(asked).fetchall()
        except duckdb.Error:
            return [False] * len(conditions)
        return tuple(found)

    def _is_met(self, condition: Condition) -> bool:
        asked = f"SELECT DISTINCT {condition.once} FROM {self._asked}"
        try:
            ((found,),) = self._connection.execute(f"SELECT count(*) FROM ({asked}) WHERE {condition.wrong}").fetchall()
        except duckdb.Error:
            return False
        return not found

    def profile(self, person_key: bytes) -> TableProfile:
        """What is counted of the rows."""
        fields = [f for f in self._table.fields if f.name in self._columns]
        measures = [f for f in fields if f.type in MEASURES and not f.key and not f.codes]
        asked = ["count(*)", *(f'count("{f.name}")' for f in fields)]
        for field in measures:
            asked += [f'sum(CAST("{field.name}" AS DOUBLE))', f'sum(abs(CAST("{field.name}" AS DOUBLE)))']
        rows, *counts = self._connection.execute(f"SELECT {', '.join(asked)} FROM rows").fetchall()[0]
        filled, summed = counts[: len(fields)], counts[len(fields) :]
        codes, unknown = {}, {}
        for name, listed in self._coded():
            known = known_codes(self._contract.area, listed, self._at) or []
            codes[name], unknown[name] = self._codes(name, known, person_key)
        return TableProfile(
            rows=rows,
            empty={f.name: rows - n for f, n in zip(fields, filled, strict=True)},
            sums={f.name: summed[2 * n] or 0.0 for n, f in enumerate(measures)},
            sizes={f.name: summed[2 * n + 1] or 0.0 for n, f in enumerate(measures)},
            codes=codes,
            unknown={name: found for name, found in unknown.items() if found},
        )

    def sketch(self) -> list[int]:
        """The smallest hashes of the rows."""
        whole = ", ".join(self._names(self._table.fields))
        # `md5_number_lower` is the upper half, and takes several times as long
        hashed = f"CAST(md5_number(concat('{self._table.name} ', CAST(row({whole}) AS VARCHAR))) >> 64 AS UBIGINT)"
        asked = f"SELECT DISTINCT {hashed} AS h FROM rows ORDER BY h LIMIT {SKETCH}"
        return [h for (h,) in self._connection.execute(asked).fetchall()]

    def _coded(self) -> Iterator[tuple[str, str]]:
        """The columns that hold codes, and the lists of those."""
        names = {f.name: f.codes for f in self._table.fields if f.name in self._columns and f.codes}
        if MUNICIPALITY in self._columns:
            names.setdefault(MUNICIPALITY, MUNICIPALITY)
        yield from names.items()

    def _codes(self, name: str, known: Sequence[str], person_key: bytes) -> tuple[dict[str, int], dict[str, int]]:
        """The rows of each code, and those of codes that the list does not have, by their keyed hashes."""
        counted = f'SELECT CAST("{name}" AS VARCHAR) AS code, count(*) AS many FROM rows WHERE "{name}" IS NOT NULL'
        found = self._connection.execute(
            f"SELECT list_contains(CAST($known AS VARCHAR[]), code) AS listed, code, many FROM ({counted} GROUP BY 1) "
            f"ORDER BY listed DESC, many DESC, code LIMIT {len(known) + UNKNOWN}",
            {"known": known},
        ).fetchall()
        mine = {code: many for listed, code, many in sorted(found) if listed}
        other = [(code, many) for listed, code, many in found if not listed][:UNKNOWN]
        return mine, {_token(code, person_key): many for code, many in other}

    def _names(self, fields: Sequence[Field]) -> list[str]:
        return [f'"{f.name}"' for f in fields if f.name in self._columns]


def _by_municipality(delivery: Delivery, contract: Contract, found: Examined, held: Any) -> tuple[Examined, Any]:
    """Of a national file, all rows of a municipality that has more faulty ones than the contract allows are held."""
    bad: set[str] = set()
    among: set[str] = set()
    more = [held]
    for table, rows in _opened(delivery, contract):
        if MUNICIPALITY not in rows.schema.names:
            continue
        wrong = held.filter(pc.equal(held["table"], table.name)).select(["ordinal"])
        with _connection(rows=rows, wrong=wrong) as connection:
            asked = (
                f"SELECT {MUNICIPALITY} AS code, count(*) AS many, count(*) FILTER (ordinal IN (FROM wrong)) AS faulty "
                f"FROM rows WHERE {is_in(MUNICIPALITY, known_codes(contract.area, MUNICIPALITY, None) or [])} "
                f"AND {MUNICIPALITY} IS NOT NULL GROUP BY 1 ORDER BY 1"
            )
            counted = connection.execute(asked).fetchall()
            among |= {code for code, _, _ in counted}
            mine = {code for code, many, faulty in counted if faulty > contract.held * many}
            if mine:
                chosen = (
                    f"SELECT ordinal FROM rows WHERE {is_in(MUNICIPALITY, sorted(mine))} AND {MUNICIPALITY} IS NOT NULL"
                )
                numbers = connection.sql(f"{chosen} ORDER BY 1").to_arrow_table()["ordinal"]
                more.append(_faulty(table.name, numbers, RowKind.MUNICIPALITY_HELD, MUNICIPALITY))
            bad |= mine
    if not bad:
        return found, held
    whole = pa.concat_tables(more)
    others = _count(held) - _count_of_kind(held, more[1:])
    changed = {"held": others, "municipalities": tuple(sorted(bad)), "among": len(among)}
    return Examined(**{n: getattr(found, n) for n in found.__struct_fields__} | changed), whole


def _unread(held: Any, seen: Mapping[str, TableProfile]) -> dict[str, float]:
    """By field the share of the rows of its table whose value is no such value."""
    kinds = pa.array(sorted(UNREAD_KINDS))
    counted = (
        held.filter(pc.is_in(held["kind"], value_set=kinds)).group_by(["table", "field"]).aggregate([([], "count_all")])
    )
    rows = ((r["table"], r["field"], r["count_all"]) for r in counted.to_pylist())
    return {field: many / seen[table].rows for table, field, many in rows if table in seen and seen[table].rows}


def _count(held: Any) -> int:
    return int(held.group_by(["table", "ordinal"]).aggregate([]).num_rows)


def _count_of_kind(held: Any, of_bad: list[Any]) -> int:
    """How many faulty rows are those of a municipality of whom all are held."""
    theirs = pa.concat_tables(of_bad).select(["table", "ordinal"])
    return int(_count(held.join(theirs, ["table", "ordinal"], join_type="left semi")))


def _faulty(table: str, numbers: Any, kind: str, field: str) -> Any:
    many = len(numbers)
    columns = [pa.array([text] * many, pa.string()) for text in (table, kind, field)]
    return pa.Table.from_arrays([columns[0], numbers, *columns[1:]], schema=FAULTY)


def _noticed(delivery: Delivery) -> Any:
    """The rows that the reader found something wrong in for which they are held back."""
    if not delivery.noticed_rows.exists():
        return FAULTY.empty_table()
    noticed = pq.read_table(delivery.noticed_rows)
    return noticed.filter(pc.is_in(noticed["kind"], value_set=pa.array(sorted(HELD_KINDS)))).cast(FAULTY)


def _opened(delivery: Delivery, contract: Contract) -> list[tuple[Table, Any]]:
    """The tables of a delivery, to be asked."""
    files = delivery.records
    return [(t, _rows(files[t.name], t)) for t in contract.tables if t.name in files]


def _rows(file: Path, table: Table) -> Any:
    """The rows of a file: in memory where they are few, else read anew whenever they are asked.

    Codes are read as a list of them and the place of each row's in it, on which SQL goes through the list alone.
    """
    coded = [f.name for f in table.fields if f.codes and f.type is FieldType.STRING]
    if pq.read_metadata(file).num_rows <= FEW:
        return pq.read_table(file, use_threads=False, read_dictionary=coded)
    return ds.dataset(file, format=ds.ParquetFileFormat(read_options=ds.ParquetReadOptions(dictionary_columns=coded)))


@contextmanager
def _connection(**tables: Any) -> Iterator[Any]:
    """DuckDB that sees the tables given, no file and no extension."""
    with _database().cursor() as connection:
        for name, rows in tables.items():
            connection.register(name, rows)
        yield connection
        for name in tables:
            connection.unregister(name)


@cache
def _database() -> Any:
    """One database in memory for the process: to open one takes longer than most files."""
    return open_database(enable_external_access="false", threads=2)


def _token(code: str, person_key: bytes) -> str:
    """What stands for a code that no list has."""
    return hashlib.blake2b(code.encode(), key=person_key, digest_size=8).hexdigest()
