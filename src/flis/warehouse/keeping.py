"""Keep what a delivery tells of any area: its steps over the delivery's records, then its parts with two clocks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flis.catalog import contracts
from flis.catalog.area_paths import remembered
from flis.validation import Load
from flis.warehouse import parts, volumes
from flis.warehouse.database import copy, create, failing, run
from flis.warehouse.given import PART_COLUMNS, give
from flis.warehouse.graph import FIRST, KNOWN, contract_tables, downstream, followers, ordered
from flis.warehouse.ledger import known_since, of_same_period
from flis.warehouse.parts import PartedTable, Telling
from flis.warehouse.periods import first_day, last_day
from flis.warehouse.revisions import keep, revise
from flis.warehouse.step import StepKind, all_of_kind, columns_read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from flis.catalog.contract import Contract, Table
    from flis.delivery import Delivery
    from flis.warehouse.database import Connection
    from flis.warehouse.ledger import LedgerEntry
    from flis.warehouse.step import Columns, Step

__all__ = ["parted_table", "parted_tables", "prepare", "show", "take", "tell", "weight"]

TOLD, OUTRANKED, REMOVED = "parts told", "parts outranked", "parts removed"
"""What is counted of the parts of a load; no step can give its counts such a name."""

NAMED = "named_"
"""How the name of the temporary table begins that has the parts of the records that a kept table is made of."""
TOLD_PARTS = "told_"
"""How the name of the one begins that has the parts of a kept table that a delivery tells."""


def parted_tables(source: str) -> list[PartedTable]:
    """The tables that are kept of the deliveries of an area, those of the areas made of them too.

    Raises:
        CatalogError: a kept table lacks a column that the contract calls one of a part; names file and line.
    """
    return [
        parted_table(step, source) for area in followers(source) for step in all_of_kind(ordered(area), StepKind.KEPT)
    ]


def prepare(connection: Connection, source: str) -> None:
    """Make the tables that the steps keep where they are missing, and what the steps are given."""
    for area in followers(source):
        steps = ordered(area)
        give(connection, area, source, steps)
        for step in all_of_kind(steps, StepKind.REVISED):
            keep(connection, step.name, step.output)
        for step in all_of_kind(steps, StepKind.TOUCHED):
            create(connection, f"touched_{step.name}", step.output | {"load": "INTEGER"})
    for table in parted_tables(source):
        parts.prepare(connection, table)
    volumes.prepare(connection)


def show(connection: Connection, source: str, day: date | None = None) -> None:
    """Let a view of each kept table's name show what is known now, or was known on a day."""
    for table in parted_tables(source):
        parts.view(connection, table, day)


def tell(connection: Connection, delivery: Delivery) -> None:
    """Make the temporary tables of what a delivery tells; it asks nothing of what is kept, and keeps nothing.

    Raises:
        StateError: its records lack a column that a step reads, a value is none of the column's type, or it tells of a
            part that is not its own.
        CatalogError: a step fails over its records.
    """
    manifest = delivery.manifest
    source, contract = manifest.area, contracts.by_interface(manifest.interface)
    steps = [step for area in followers(source) for step in ordered(area)]
    for area in followers(source):
        give(connection, area, source, ordered(area))
    told, tables = _kept_of(contract)
    kept = [(table, _naming(contract, table, steps)) for table in tables]
    fixed = _fixed(contract, manifest.sender, manifest.period)
    _tell(connection, delivery, fixed, _wanted(contract, steps, kept))
    for table, names in kept:
        _name_parts(connection, table, names)
    for step in told:
        run(connection, step)
    for table in tables:
        named = f"temp.{NAMED}{table.name}"
        parts.tell(connection, table, f"temp.{table.name}", f"{TOLD_PARTS}{table.name}", fixed=fixed, named=named)


def _kept_of(contract: Contract) -> tuple[list[Step], list[PartedTable]]:
    """The steps that make what is kept of the deliveries of a contract, in their order, and the tables kept."""
    steps = [step for area in followers(contract.area) for step in ordered(area)]
    told = all_of_kind(downstream(steps, [table.name for table in contract.tables]), StepKind.TOLD, StepKind.KEPT)
    return told, [parted_table(step, contract.area) for step in all_of_kind(told, StepKind.KEPT)]


def take(connection: Connection, entry: LedgerEntry) -> None:
    """Keep what a delivery tells that was told to this connection, and note what it changed."""
    source, contract = entry.area, contracts.by_interface(entry.interface)
    steps = [step for area in followers(source) for step in ordered(area)]
    reached = downstream(steps, [table.name for table in contract.tables])
    others = tuple(Telling(e.load, e.produced, e.rank) for e in of_same_period(connection, entry))
    window = contract.window_of(last_day(entry.period)) if entry.period else None
    fixed = _fixed(contract, entry.sender, entry.period)
    telling = Telling(entry.load, entry.produced, entry.rank, fixed, others, window)
    _, tables = _kept_of(contract)
    for table in tables:
        parts.replace(connection, table, f"temp.{table.name}", f"temp.{TOLD_PARTS}{table.name}", telling)
    _note_effect(connection, tables, entry.load)
    _find(connection, tables, all_of_kind(reached, StepKind.RULE), telling)
    for table in tables:
        connection.execute(f"DROP TABLE temp.{table.name}")
    _touch(connection, tables, all_of_kind(reached, StepKind.TOUCHED), entry.load)
    revised = all_of_kind(downstream(steps, [table.name for table in tables]), StepKind.REVISED)
    if revised:
        _revise(connection, source, revised, parts.first_known(connection, tables, entry.load - 1) or entry.produced)
    if counted := all_of_kind(steps, StepKind.VOLUME):
        show(connection, source)
        volumes.count(connection, entry.load, counted)
        _hide(connection, source)


def _find(connection: Connection, tables: Sequence[PartedTable], rules: Sequence[Step], telling: Telling) -> None:
    """Keep what rules find in what a delivery tells, beside what earlier ones told of the same places."""
    read = {name for rule in rules for name in rule.inputs}
    past = [(table, end) for table in tables for end in (KNOWN, FIRST) if f"{table.name}{end}" in read]
    for table, end in past:
        parts.told_before(connection, table, telling, f"{table.name}{end}", first=end == FIRST)
    volumes.find(connection, telling.load, rules)
    _drop(connection, (f"{table.name}{end}" for table, end in past))


def _note_effect(connection: Connection, tables: Iterable[PartedTable], load: int) -> None:
    """Note what a load did to the parts of all its tables."""
    effects = [parts.effect(connection, table, load) for table in tables]
    counted = [sum(of_all) for of_all in zip(*effects, strict=True)]
    volumes.note(connection, load, dict(zip((TOLD, OUTRANKED, REMOVED), counted, strict=False)))


def weight(connection: Connection, delivery: Delivery, source: str) -> Load:
    """What loading a delivery did to the parts that it tells, and what the rules of the area found."""
    noted = volumes.of_delivery(connection, delivery.id)
    told, outranked, removed = (noted.get(what, 0) for what in (TOLD, OUTRANKED, REMOVED))
    rules = [rule for area in followers(source) for rule in all_of_kind(ordered(area), StepKind.RULE)]
    steps = volumes.found(connection, delivery.id, rules)
    return Load({}, {}, told=told, outranked=outranked, removed=removed, steps=steps)


def parted_table(step: Step, source: str) -> PartedTable:
    """The table that a kept step becomes: by the parts of the contracts whose deliveries it is made of.

    Raises:
        CatalogError: it lacks a column that a contract calls one of a part, or its contracts call other ones so; names
            file and line.
    """
    first, *others = _contracts_of(step.area, step.name, source)
    for other in others:
        if _dividing(other, step) != _dividing(first, step):
            problem = f"{first.id} and {other.id}, of which it is made, divide deliveries otherwise into parts."
            raise step.error(problem, "out", "Keep them by a step each.")
    for name in first.part:
        if name not in step.output:
            raise step.error(
                f"The output has no column {name}, by which the contract divides deliveries into parts.", "out"
            )
    clock, windowed = _clock(first, step), any(one.window is not None for one in (first, *others))
    resource = bool(clock) and first.by_resource
    return PartedTable(step.area, step.name, step.output, first.part, clock, resource, windowed)


def _dividing(contract: Contract, step: Step) -> tuple[object, ...]:
    """What has to be the same of all contracts of a kept table."""
    return set(contract.part), _clock(contract, step), contract.by_resource


def _clock(contract: Contract, step: Step) -> str:
    """The column that says of each row since when it is known."""
    return contract.known if contract.known in step.output else ""


@remembered
def _contracts_of(area: str, name: str, source: str) -> tuple[Contract, ...]:
    """The contracts whose deliveries a kept step is made of; all of them where it reads no table of any."""
    steps = [step for other in followers(source) for step in ordered(other)]
    every = tuple(contracts.of_area(source))
    found = (
        contract
        for contract in every
        for step in downstream(steps, [table.name for table in contract.tables])
        if (step.area, step.name) == (area, name)
    )
    return tuple(found) or every


def _naming(contract: Contract, table: PartedTable, steps: Sequence[Step]) -> list[str]:
    """The tables of the delivery that a kept one is made of and whose records say of which part they are.

    A delivery tells the parts of its records, whatever the steps make of them: a record that a step leaves out, because
    it says that something is no longer there, leaves a part without rows.
    """
    if not table.part:
        return []
    columns = table.keys_and_clock.keys()
    return [
        one.name
        for one in contract.tables
        if columns <= {*(f.name for f in one.fields), *PART_COLUMNS}
        and any(step.name == table.name for step in downstream(steps, [one.name]))
    ]


def _wanted(
    contract: Contract, steps: Sequence[Step], kept: Sequence[tuple[PartedTable, Sequence[str]]]
) -> dict[str, Columns]:
    """The columns of the tables of a delivery that steps read, or that say of which part a record is."""
    readers = [step for step in steps if step.kind.of_a_delivery]
    found: dict[str, Columns] = {}
    for name in contract_tables(contract.area):
        wanted: Columns = {}
        for table in (table for table, names in kept if name in names):
            wanted |= table.keys_and_clock
        if wanted := wanted | columns_read(readers, name):
            found[name] = wanted
    return found


def _name_parts(connection: Connection, table: PartedTable, names: Sequence[str]) -> None:
    """Make the temporary table of the parts that the records are of, before a step makes anything of them."""
    keys = [f"CAST({name} AS {kind}) AS {name}" for name, kind in table.keys.items()]
    columns = ", ".join([*keys, f"CAST({table.clock or 'NULL'} AS TIMESTAMP) AS clock"])
    selected = [f"SELECT {columns} FROM temp.{name}" for name in names]
    nothing = ", ".join(
        [*(f"CAST(NULL AS {kind}) AS {name}" for name, kind in table.keys.items()), "CAST(NULL AS TIMESTAMP) AS clock"]
    )
    found = " UNION ".join([f"SELECT {nothing} WHERE false", *selected])
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {NAMED}{table.name} AS {found}")


def _fixed(contract: Contract, sender: str, period: str) -> dict[str, object]:
    """The columns of a part that a delivery has one value of, by its sender and period.

    They are those that its file's name tells, and those that its rows have no field for.
    """
    told = set(re.findall(r"\{(\w+)\}", contract.recognition.name)) | (PART_COLUMNS.keys() - _fields(contract))
    first = first_day(period) if period else None
    values: dict[str, object] = {"kommune": sender, "maaned": first, "dato": first, "aar": first}
    return {name: values[name] for name in contract.part if name in told and values.get(name)}


def _optional(table: Table) -> list[str]:
    """The columns of the fields that a row may lack: one that came into the contract later, earlier records lack."""
    return [column for f in table.fields if not f.required for column in (f.name, f"{f.name}_latest")]


def _fields(contract: Contract) -> set[str]:
    return {field.name for table in contract.tables for field in table.fields}


def _tell(
    connection: Connection, delivery: Delivery, fixed: Mapping[str, object], wanted: Mapping[str, Columns]
) -> None:
    """Make temporary tables of the columns of its records; those of other interfaces are empty."""
    contract = contracts.by_interface(delivery.manifest.interface)
    mine = {table.name: table for table in contract.tables}
    records = delivery.records
    for name, columns in wanted.items():
        path = records.get(mine[name].source, records.get(name)) if name in mine else None
        given = {column: fixed[column] for column in fixed.keys() & columns.keys() - _fields(contract)}
        copy(connection, name, columns, path, optional=[*given, *(_optional(mine[name]) if name in mine else ())])
        for column, value in given.items():  # a header told it, and no name
            connection.execute(f"UPDATE temp.{name} SET {column} = $value WHERE {column} IS NULL", {"value": value})
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE production AS SELECT CAST($produced AS DATE) AS produced",
        {"produced": known_since(delivery)},
    )


def _touch(connection: Connection, kept: Sequence[PartedTable], steps: Sequence[Step], load: int) -> None:
    """Note the places that a load changed, by the steps that compare its parts as they were and as they are."""
    if not steps:
        return
    for table in kept:
        for name, through in ((f"{table.name}{KNOWN}", load - 1), (table.name, load)):
            parts.changed_by(connection, table, load, through=through, name=name)
    for step in steps:
        with failing(step):
            connection.execute(
                f"INSERT INTO touched_{step.name} SELECT DISTINCT *, CAST($load AS INTEGER) FROM ({step.select})",
                {"load": load},
            )
    for table in kept:
        _drop(connection, (table.name, f"{table.name}{KNOWN}"))


def _revise(connection: Connection, source: str, steps: Sequence[Step], known: date) -> None:
    """Count figures anew as known on the first day of which a delivery tells, and on all later ones."""
    days = parts.known_days(connection, parted_tables(source), known)
    for step in steps:
        connection.execute(f"DELETE FROM warehouse.main.{step.name} WHERE known_from >= $known", {"known": known})
        connection.execute(
            f"UPDATE warehouse.main.{step.name} SET known_to = NULL WHERE known_to >= $known", {"known": known}
        )
        for day in sorted({known, *days}):
            show(connection, source, day)
            run(connection, step)
            revise(connection, step.name, step.output, step.keys, day, whole=True)
    _hide(connection, source)


def _hide(connection: Connection, source: str) -> None:
    """Drop the views of the kept tables, so that what a delivery tells can have their names."""
    _drop(connection, [table.name for table in parted_tables(source)])


def _drop(connection: Connection, views: Iterable[str]) -> None:
    for view in views:
        connection.execute(f"DROP VIEW IF EXISTS temp.{view}")
