"""Look through the rows of a general delivery, in columns: which are faulty, and what is counted of them.

The SQL of a contract sees the columns of one table and nothing else: files and extensions are closed to it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from flis.catalog.contract import FieldType
from flis.delivery.model import Fault
from flis.delivery.readers.notice_kinds import LISTED, NoticeKind
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
            look = _Look(connection, contract, table, rows.schema.names)
            asked = look.conditions(at)
            for condition, is_met in zip(asked, look.are_met(asked), strict=True):
                if is_met:
                    continue
                numbers = look.ordinals(condition)
                if numbers is None:
                    broken.append(condition.rule)
                    continue
                room = max(LISTED - totals[condition.kind], 0)
                faults += [Fault(condition.kind, n, None, condition.field or None) for n in numbers[:room].to_pylist()]
                totals[condition.kind] += len(numbers)
                if condition.holds:
                    wrong.append(_faulty(table.name, numbers, condition.kind, condition.field))
            seen[table.name] = look.profile(at, person_key)
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
    all_mine = all_theirs = both = 0
    for table in contract.tables:
        if table.name in mine and table.name in theirs:
            fields = ", ".join(f'"{f.name}"' for f in table.fields)
            with _connection(mine=mine[table.name], theirs=theirs[table.name]) as connection:
                asked = f"SELECT {fields} FROM mine INTERSECT ALL SELECT {fields} FROM theirs"
                both += connection.execute(f"SELECT count(*) FROM ({asked})").fetchall()[0][0]
        all_mine += mine[table.name].count_rows() if table.name in mine else 0
        all_theirs += theirs[table.name].count_rows() if table.name in theirs else 0
    return all_mine, all_theirs, both


class _Look:
    """One table of a delivery, asked in SQL as `rows`."""

    def __init__(self, connection: Any, contract: Contract, table: Table, columns: Sequence[str]) -> None:
        self._connection = connection
        self._contract = contract
        self._table = table
        self._columns = columns

    def conditions(self, at: Period | None) -> list[Condition]:
        """All conditions on the rows."""
        found = list(conditions(self._contract, self._table, self._columns, at))
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

    def are_met(self, conditions: Sequence[Condition]) -> Sequence[bool]:
        """By condition whether all rows meet it, asked at once; False, too, where one of them is none on the rows."""
        marked = "".join(f", {condition.wrong} AS wrong_{n}" for n, condition in enumerate(conditions))
        counted = ", ".join(f"count(*) FILTER (wrong_{n}) = 0" for n in range(len(conditions)))
        if not conditions:
            return []
        try:
            (found,) = self._connection.execute(f"SELECT {counted} FROM (SELECT ordinal{marked} FROM rows)").fetchall()
        except duckdb.Error:
            return [False] * len(conditions)
        return [bool(is_met) for is_met in found]

    def ordinals(self, condition: Condition) -> Any:
        """The numbers of the rows that a condition finds faulty, in order; None where it is no condition on them."""
        marked = f"SELECT ordinal, {condition.wrong} AS wrong FROM rows"
        try:
            found = self._connection.sql(f"SELECT DISTINCT ordinal FROM ({marked}) WHERE wrong ORDER BY 1")
            return found.to_arrow_table()["ordinal"]
        except duckdb.Error:
            if condition.rule:
                return None
            raise

    def profile(self, at: Period | None, person_key: bytes) -> TableProfile:
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
            known = known_codes(self._contract.area, listed, at) or []
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
        is_known = is_in("code", known)
        found = self._connection.execute(
            f"WITH counted AS MATERIALIZED ({counted} GROUP BY 1) (SELECT true, * FROM counted WHERE {is_known}) "
            f"UNION ALL (SELECT false, * FROM counted WHERE NOT {is_known} ORDER BY many DESC, code LIMIT {UNKNOWN})"
        ).fetchall()
        mine = {code: many for listed, code, many in sorted(found) if listed}
        other = sorted(((code, many) for listed, code, many in found if not listed), key=lambda one: (-one[1], one[0]))
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
    return [(t, _rows(files[t.name])) for t in contract.tables if t.name in files]


def _rows(file: Path) -> Any:
    """The rows of a file: in memory where they are few, else read anew whenever they are asked."""
    is_small = pq.read_metadata(file).num_rows <= FEW
    return ds.dataset(pq.read_table(file, use_threads=False)) if is_small else ds.dataset(file, format="parquet")


@contextmanager
def _connection(**tables: Any) -> Iterator[Any]:
    """DuckDB that sees the tables given, no file and no extension; small ones are its own, which is asked faster."""
    with _database().cursor() as connection:
        for name, rows in tables.items():
            connection.register(name, rows)
            if isinstance(rows, ds.InMemoryDataset):
                connection.execute(f"CREATE TEMP TABLE its_own AS FROM {name}")
                connection.unregister(name)
                connection.execute(f"ALTER TABLE its_own RENAME TO {name}")
        yield connection
        for name, rows in tables.items():
            if not isinstance(rows, ds.InMemoryDataset):
                connection.unregister(name)


@cache
def _database() -> Any:
    """One database in memory for the process: to open one takes longer than most files."""
    return duckdb.connect(config={"enable_external_access": "false", "threads": "2"})


def _token(code: str, person_key: bytes) -> str:
    """What stands for a code that no list has."""
    return hashlib.blake2b(code.encode(), key=person_key, digest_size=8).hexdigest()
