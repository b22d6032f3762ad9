"""One catalogue's data in an open DuckDB instance: dimensions numbered, facts held by dimension row.

A store belongs to one source (one tree and the stores of one scope, or one folder). Dimensions and facts are loaded
when first asked for and stay; a fact row then holds small integers in place of keys.
"""

from __future__ import annotations

import logging
import re
import shutil
import tempfile
import threading
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

import duckdb
import numpy as np
import pyarrow as pa

from flis.catalog.cube import Aggregate
from flis.engine import open_database
from flis.errors import CancelledError, CatalogError
from flis.query.cubes.dimension import DimensionRows, NumberedHierarchy, columns_of, number
from flis.query.cubes.level_columns import SMALL, Place, first_level, levels_held
from flis.query.cubes.source import PublishedSource, TableSource
from flis.warehouse.reach import reads_of_scalar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from flis.catalog.cube import Dimension, Measure, MeasureGroup
    from flis.query.limits import Watch

__all__ = ["CubeStore", "LoadedDimension", "LoadedFacts", "column_sql", "name_sql", "text_sql", "value_sql"]

LOG = logging.getLogger("flis.query")
MEMORY = "1GB"
THREADS = 2
DECIMAL = re.compile(r"DECIMAL\(\d+,\s*(\d+)\)")


def name_sql(name: str) -> str:
    """A catalogue name as an SQL name."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def text_sql(text: str) -> str:
    """A text of the catalogue as SQL."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def column_sql(column: str, table: str) -> str:
    """A catalogue column (`column` of `table`, or `other.column`) as SQL."""
    other, dot, rest = column.partition(".")
    return f"{name_sql(other)}.{name_sql(rest)}" if dot else f"{name_sql(table)}.{name_sql(column)}"


@dataclass(frozen=True, slots=True)
class LoadedDimension:
    """A dimension's lookup table in DuckDB: `idx`, key columns `k…`, `h0` own member, `h0_1` at level 1.

    One of time also has `day`, by which days are in order; an unknown day has none.
    """

    table: str
    keys: tuple[str, ...]  # the columns of dimension or fact that find a row, k0, k1 … in the lookup table
    rows: int  # the one of the unknown members too
    hierarchies: tuple[NumberedHierarchy, ...]
    unknown: int = -1  # the row of the unknown members, which has no key; -1 for none
    dates: NDArray[np.datetime64] | None = None  # of time: the date of each row, where the catalogue says which it is

    @property
    def number_type(self) -> str:
        """The SQL type of `idx`, small where it can be: a large part of what facts take is numbers of rows."""
        return "SMALLINT" if self.rows <= SMALL else "INTEGER"

    def matches(self, columns: Sequence[str], alias: str) -> str:
        """The condition on which columns of a fact, as SQL, find their row of this table under an alias."""
        same = [f"{c} IS NOT DISTINCT FROM {alias}.k{n}" for n, c in enumerate(columns)]
        return " AND ".join(same + ([f"{alias}.idx <> {self.unknown}"] if self.unknown >= 0 else []))

    def member(self, place: Place) -> str:
        """The number of a fact's member at a level, as SQL where the lookup table is `d0 …`."""
        at, nth, number = place
        hierarchy = self.hierarchies[nth]
        unknown = int(hierarchy.levels[number - first_level(hierarchy)][self.unknown]) if self.unknown >= 0 else -1
        return f"CAST(coalesce(d{at}.h{nth}_{number}, {unknown}) AS SMALLINT)"

    def closure(self, hierarchy: int) -> str:
        """The table of (ancestor, own) pairs of a parent-child hierarchy."""
        return f"{self.table}_closure{hierarchy}"


@dataclass(frozen=True, slots=True)
class LoadedFacts:
    """A measure group in DuckDB: `d0 …` rows of its dimensions, `l0 …` members, `m0 …` the values of its measures."""

    table: str
    dimensions: tuple[str, ...]  # cube dimension names in order of d0, d1 …
    columns: Mapping[str, str]  # m0 … of each measure; those that add up the same values share one
    levels: Mapping[Place, str]  # l0 … of each level that they carry
    rows: int
    unknown: Mapping[str, int]  # how many facts are under a dimension's unknown member: their key is not in its table
    decimals: Mapping[str, int]  # of measures whose values are decimal numbers, and no floating ones
    weights: Mapping[str, str]  # m0 … of the weights of weighted averages, whose own column is of the products


class LinkedDimension(Protocol):
    """A dimension of a cube, as facts are loaded with the numbers of its rows."""

    @property
    def name(self) -> str:
        """Its name in the cube."""
        ...

    @property
    def definition(self) -> Dimension | None:
        """What the catalogue says of it; None of that of the measures."""
        ...

    def loaded(self) -> LoadedDimension:
        """Its rows."""
        ...


class CubeStore:
    """The open data of one source."""

    def __init__(self, source: TableSource, null_name: str = "") -> None:
        self.source = source
        self.null_name = null_name  # of members without key, and of none
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._local = threading.local()
        self._lock = threading.RLock()
        self._dimensions: dict[object, LoadedDimension] = {}
        self._facts: dict[object, LoadedFacts] = {}
        self._published: CubeStore | None = None
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes held, as they were when something was loaded last."""
        return self._size + (self._published.size if self._published is not None else 0)

    def _weigh(self) -> None:
        query = "SELECT sum(memory_usage_bytes + temporary_storage_bytes) FROM duckdb_memory()"
        self._size = int(self.cursor().execute(query).fetchall()[0][0])

    def _open(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            with self._lock:
                if self._connection is None:
                    # What finds no room in memory goes to a folder that nobody else can read.
                    aside = tempfile.mkdtemp(prefix="flis-store-")
                    self._cleared = weakref.finalize(self, shutil.rmtree, aside, ignore_errors=True)
                    self._connection = open_database(threads=THREADS, memory_limit=MEMORY, temp_directory=aside)
        return self._connection

    @property
    def published(self) -> CubeStore:
        """The tables that everybody may read, beside those of this store that they do not replace."""
        with self._lock:
            if self._published is None:
                self._published = CubeStore(PublishedSource(self.source))
            return self._published

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """This thread's cursor."""
        cursor: duckdb.DuckDBPyConnection | None = getattr(self._local, "cursor", None)
        if cursor is None:
            cursor = self._local.cursor = self._open().cursor()
        return cursor

    def close(self) -> None:
        """Free the data."""
        with self._lock:
            if self._published is not None:
                self._published.close()
            if self._connection is not None:
                self._connection.close()
                self._connection = None
                self._cleared()

    def query(self, sql: str, parameters: Sequence[Any] = (), watch: Watch | None = None) -> dict[str, NDArray[Any]]:
        """Run one statement; its columns as arrays (masked where there is no value). `watch` can stop it.

        Raises:
            CancelledError: it was stopped.
        """
        cursor = self.cursor()
        if watch is None:
            return cast("dict[str, NDArray[Any]]", cursor.execute(sql, list(parameters)).fetchnumpy())
        watch.check()
        with watch.stops(cursor.interrupt):
            try:
                return cast("dict[str, NDArray[Any]]", cursor.execute(sql, list(parameters)).fetchnumpy())
            except duckdb.InterruptException:
                watch.check()
                raise CancelledError("The work was cancelled.") from None

    def read(self, table: str) -> str:
        """A table of the source as SQL; the files are a literal list made by this program, never by a request."""
        files = ", ".join("'" + str(f).replace("'", "''") + "'" for f in self.source.files(table))
        if files:
            return f"read_parquet([{files}])"
        columns = self.source.columns(table).items()
        return (
            f"(SELECT {', '.join(f'CAST(NULL AS {kind}) AS {name_sql(name)}' for name, kind in columns)} WHERE false)"
        )

    def fact_rows(self, group: MeasureGroup) -> str:
        """The rows of a measure group that count, as SQL under its table's name, with a column for each expression.

        So an expression sees the columns of its fact alone, whatever the tables of the dimensions call theirs.
        """
        base = name_sql(group.table)
        expressions = dict.fromkeys(m.expression for m in group.measures if m.expression)
        picked = "".join(f", ({text}) AS {name_sql(f'={text}')}" for text in expressions)
        where = f" WHERE {group.where}" if group.where else ""
        return f"(SELECT {base}.*{picked} FROM {self.read(group.table)} AS {base}{where}) AS {base}"

    def dimension(self, dimension: Dimension, tables: tuple[str, ...]) -> LoadedDimension:
        """A dimension, loaded on first use, from its table or, a degenerate one, from those of the facts."""
        at = id(dimension), tables
        if (found := self._dimensions.get(at)) is not None:
            return found
        with self._lock:
            if at not in self._dimensions:
                self._dimensions[at] = self._load_dimension(dimension, tables, f"dim{len(self._dimensions)}")
                self._weigh()
            return self._dimensions[at]

    def _load_dimension(self, dimension: Dimension, tables: tuple[str, ...], table: str) -> LoadedDimension:
        columns = columns_of(dimension)
        keys = (dimension.key,) if dimension.table else tuple(columns)
        parts = [self._rows_of(dimension, columns, base) for base in tables]
        self._alike(dimension, columns, tables, parts)
        found = self.cursor().sql(f"{' UNION '.join(parts)} ORDER BY ALL").to_arrow_table()
        read = {c: _whole(found.column(i)) for i, c in enumerate(columns)}
        rows = DimensionRows(read, found.num_rows)
        unknown = dimension.unknown_member if dimension.table else None
        hierarchies = tuple(number(h, rows, unknown, self.null_name) for h in dimension.hierarchies)
        size = rows.size + (1 if unknown else 0)
        lookup = {"idx": pa.array(range(size), pa.int16() if size <= SMALL else pa.int32())}
        for i, k in enumerate(keys):
            lookup[f"k{i}"] = pa.concat_arrays([read[k], pa.nulls(size - rows.size, read[k].type)])
        if dimension.time:
            own = hierarchies[0].own
            lookup["day"] = pa.array(own, mask=np.arange(size) >= rows.size)
        for i, h in enumerate(hierarchies):
            lookup[f"h{i}"] = pa.array(h.own)
            lookup |= {f"h{i}_{n}": pa.array(at) for n, at in enumerate(h.levels, start=first_level(h))}
        dates = self._dates(dimension, rows, size)
        loaded = LoadedDimension(table, keys, size, hierarchies, rows.size if unknown else -1, dates)
        self._create(table, pa.table(lookup))
        for i, h in enumerate(hierarchies):
            if h.closure is not None:
                pairs = {"ancestor": pa.array(h.closure[0]), "own": pa.array(h.closure[1])}
                self._create(loaded.closure(i), pa.table(pairs))
        return loaded

    def keys(self, loaded: LoadedDimension) -> dict[object, int]:
        """The rows of a dimension by key, in order; the unknown one is the last, under no key."""
        columns = ", ".join(f"k{n}" for n in range(len(loaded.keys)))
        rows = self.cursor().execute(f"SELECT {columns} FROM {loaded.table} ORDER BY idx").fetchall()
        return {key: place for place, key in enumerate(rows)}

    def _dates(self, dimension: Dimension, rows: DimensionRows, size: int) -> NDArray[np.datetime64] | None:
        """The date of each row of time, none of the unknown one; None where the catalogue names no column of dates."""
        column = dimension.date_column if dimension.time else ""
        if not column:
            return None
        out = np.full(size, np.datetime64("NaT"), dtype="datetime64[D]")
        try:
            out[: rows.size] = rows.dates(column)
        except pa.ArrowInvalid:
            hint = "`date:` names a column of dates, or of texts like 2024-01-31."
            raise CatalogError(f"Dimension {dimension.name}: its column {column} holds no dates.", hint=hint) from None
        return out

    def _rows_of(self, dimension: Dimension, columns: Sequence[str], base: str) -> str:
        """The dimension's rows in one table, as SQL."""
        picked = ", ".join(f"{column_sql(c, base)} AS c{i}" for i, c in enumerate(columns))
        joins = "".join(
            f" LEFT JOIN {self.read(j.table)} AS {name_sql(j.table)}"
            f" ON {column_sql(j.left, base)} = {column_sql(j.right, j.table)}"
            for j in dimension.joins
        )
        return f"SELECT DISTINCT {picked} FROM {self.read(base)} AS {name_sql(base)}{joins}"

    def _alike(self, dimension: Dimension, columns: Sequence[str], tables: Sequence[str], parts: Sequence[str]) -> None:
        """Raise CatalogError where a column of a degenerate dimension is text in some tables only."""
        types = [self.cursor().sql(part).types for part in parts] if len(parts) > 1 else []
        for column, kinds in zip(columns, zip(*types, strict=True), strict=bool(types)):
            if len({kind == "VARCHAR" for kind in kinds}) > 1:
                told = ", ".join(f"{kind} in {base}" for kind, base in zip(kinds, tables, strict=True))
                raise CatalogError(
                    f"Dimension {dimension.name}: its column {column} is {told}.",
                    hint="Give it one type in all of them, or link a dimension of its own to each measure group.",
                )

    def _create(self, table: str, content: pa.Table) -> None:
        cursor = self.cursor()
        cursor.register("incoming", content)
        cursor.execute(f"CREATE TABLE {table} AS SELECT * FROM incoming")
        cursor.unregister("incoming")

    def facts(self, group: MeasureGroup, dimensions: Sequence[LinkedDimension]) -> LoadedFacts:
        """A measure group's facts, loaded on first use."""
        at = id(group)
        if (found := self._facts.get(at)) is not None:
            return found
        with self._lock:
            if at not in self._facts:
                self._facts[at] = self._load_facts(group, dimensions, f"fact{len(self._facts)}")
                self._weigh()
            return self._facts[at]

    def _check_reach(self, group: MeasureGroup) -> None:
        """Raise CatalogError where SQL of a measure group reads more than the columns of its facts."""
        texts = [text for text in (group.where, *(m.expression for m in group.measures)) if text]
        if texts:
            columns = frozenset(self.cursor().sql(f"FROM {self.read(group.table)}").columns)
            for told in filter(None, (reads_of_scalar(text, columns) for text in texts)):
                raise CatalogError(f"{group.name}: {told}", hint="`flis catalog check` names the line.")

    def _load_facts(self, group: MeasureGroup, dimensions: Sequence[LinkedDimension], table: str) -> LoadedFacts:
        linked = [(d, d.definition) for d in dimensions if d.name in group.links and d.definition]
        all_loaded = [d.loaded() for d, _ in linked]
        picked: list[str] = []
        joins: list[str] = []
        unknown: list[int] = []
        for i, ((d, definition), loaded) in enumerate(zip(linked, all_loaded, strict=True)):
            own = [group.links[d.name]] if definition.table else list(loaded.keys)
            same = loaded.matches([column_sql(c, group.table) for c in own], f"d{i}")
            joins.append(f" LEFT JOIN {loaded.table} AS d{i} ON {same}")
            picked.append(f"coalesce(d{i}.idx, CAST({loaded.unknown} AS {loaded.number_type})) AS d{i}")
            unknown.append(loaded.unknown)
        cursor = self.cursor()
        [(size,)] = cursor.execute(f"SELECT count(*) FROM {self.read(group.table)}").fetchall()
        levels = {
            place: f"l{n}" for n, place in enumerate(levels_held([loaded.hierarchies for loaded in all_loaded], size))
        }
        picked += [f"{all_loaded[place[0]].member(place)} AS {column}" for place, column in levels.items()]
        self._check_reach(group)
        added, weighing = _values(group)
        values = {value: f"m{n}" for n, value in enumerate(dict.fromkeys([*added.values(), *weighing.values()]))}
        columns = {name: values[value] for name, value in added.items()}
        weights = {name: values[weight] for name, weight in weighing.items()}
        picked += [f"{value} AS {column}" for value, column in values.items()]
        cursor.execute(
            f"CREATE TABLE {table} AS SELECT {', '.join(picked)} FROM {self.fact_rows(group)}{''.join(joins)}"
        )
        counts = ["count(*)", *(f"count_if(d{i} = {row})" for i, row in enumerate(unknown))]
        rows, *without = cursor.execute(f"SELECT {', '.join(counts)} FROM {table}").fetchall()[0]
        names = tuple(d.name for d, _ in linked)
        strangers = {name: int(n) for name, n in zip(names, without, strict=True) if n}
        hidden = {d.name for d, definition in linked if not definition.unknown_member.visible}
        told_of = (
            {} if group.grouping_sets else strangers
        )  # a row lacks the keys of dimensions that its set does not cut
        for name, n in told_of.items():
            told = "which is hidden: only All counts them" if name in hidden else "which is listed"
            LOG.warning("%s: %d of %d facts are under the unknown member of %s, %s.", group.name, n, rows, name, told)
        types = {column: str(said) for column, said, *_ in cursor.execute(f"DESCRIBE {table}").fetchall()}
        decimals = {
            name: int(found.group(1)) for name, column in columns.items() if (found := DECIMAL.fullmatch(types[column]))
        }
        return LoadedFacts(table, names, columns, levels, int(rows), strangers, decimals, weights)


def value_sql(measure: Measure, table: str) -> str:
    """What a measure adds up, as SQL over `fact_rows`."""
    if measure.expression:
        return f"{name_sql(table)}.{name_sql(f'={measure.expression}')}"
    return column_sql(measure.column, table) if measure.column else "1"


def _values(group: MeasureGroup) -> tuple[dict[str, str], dict[str, str]]:
    """What the measures of a group add up, and the weights of those that are averages, as SQL by name."""
    weighted = {m.name: _weighted(m, group) for m in group.measures if m.weight}
    own = {m.name: weighted[m.name][0] if m.weight else value_sql(m, group.table) for m in group.measures}
    return own, {name: weight for name, (_, weight) in weighted.items()}


def _weighted(measure: Measure, group: MeasureGroup) -> tuple[str, str]:
    """The product and the weight of a row, as SQL; neither where it lacks the value or the weight."""
    weigher = next(m for m in group.measures if m.name == measure.weight)
    value, weight = value_sql(measure, group.table), value_sql(weigher, group.table)
    if weigher.aggregate is Aggregate.COUNT and weight != "1":
        weight = f"CASE WHEN {weight} IS NOT NULL THEN 1 END"
    return f"CAST({value} AS DOUBLE) * {weight}", f"CASE WHEN {value} IS NOT NULL THEN {weight} END"


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
