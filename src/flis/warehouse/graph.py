"""The order of an area's steps, derived from their heads, and what depends on what."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from flis.catalog import contracts
from flis.catalog.area_file import area as area_named
from flis.catalog.area_file import areas
from flis.catalog.area_paths import area_folders, folder_of, remembered
from flis.catalog.contract import Chain, Every
from flis.errors import CatalogError, suggest
from flis.warehouse.given import CODES, GIVEN, PART_COLUMNS, code_list
from flis.warehouse.step import StepKind, area_steps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flis.warehouse.step import Columns, Step

__all__ = [
    "FIRST",
    "KNOWN",
    "contract_tables",
    "downstream",
    "followers",
    "input_problems",
    "is_daily",
    "linked",
    "ordered",
    "source_of",
]

TYPES = {contracts.FieldType.STRING: "VARCHAR", contracts.FieldType.DATE: "DATE"}
"""Text and days are read as what they are."""
PERSON = "BLOB"
"""The type of a column of persons: the hash that stands for one."""
KNOWN, FIRST = "_known", "_first"
"""A step of kind `touched` reads what was known of the parts that a delivery replaces as `<table>_known`; one of kind
`rule` reads what deliveries of lower rank told of the same places so, and what the earliest period's did as
`<table>_first`.
"""
_PAST = {StepKind.TOUCHED: (KNOWN,), StepKind.RULE: (KNOWN, FIRST)}
_PHASE = {
    **dict.fromkeys((StepKind.TOLD, StepKind.KEPT, StepKind.TOUCHED), 0),
    **dict.fromkeys((StepKind.RULE, StepKind.REVISED, StepKind.VOLUME), 1),
    StepKind.FACT: 2,
    StepKind.CHECK: 3,
}
_READ_BY_OTHERS = (StepKind.TOLD, StepKind.KEPT)
CLOCKS = {"known_from": "DATE", "known_to": "DATE"}
"""What a figure with known time says beside its output. A kept table is read as it is known now."""


def source_of(area: str) -> str:
    """The area whose deliveries an area is made from: its own, where nothing else is said."""
    return area_named(area).delivered_as


def linked(source: str) -> bool:
    """Whether the deliveries of an area are links of a chain, each of which replaces persons."""
    return any(contract.chain is Chain.LINKED for contract in contracts.of_area(source))


def is_daily(source: str) -> bool:
    """Whether deliveries of an area are expected every day."""
    return any(c.expects is not None and c.expects.every is Every.DAY for c in contracts.of_area(source))


def followers(area: str) -> list[str]:
    """The areas with steps that are made from the deliveries of `area`, itself first."""
    found = [other.id for other in areas() if other.delivered_as == area and area_steps(other.id)]
    return sorted(found, key=lambda other: (other != area, other))


@remembered
def ordered(area: str) -> tuple[Step, ...]:
    """The steps of an area, each after those that it reads; by name where that leaves it open.

    Raises:
        CatalogError: a step reads a table that nobody makes or that has other columns, or the steps go in a circle;
            names file and line.
    """
    steps = {step.name: step for step in area_steps(area)}
    for step in steps.values():
        for name in step.inputs:
            _check_input(step, name, steps)
    sorter = TopologicalSorter({name: sorted(_own_inputs(step, steps)) for name, step in sorted(steps.items())})
    try:
        sorter.prepare()
    except CycleError as e:
        *circle, _ = e.args[1]
        first = steps[min(circle)]
        read = next(name for name in first.inputs if _maker(name) in circle)
        raise first.error(f"These steps read each other in a circle: {', '.join(sorted(circle))}.", read) from None
    found: list[Step] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        found += [steps[name] for name in ready]
        sorter.done(*ready)
    return tuple(found)


def input_problems(area: str) -> list[CatalogError]:
    """What is wrong with the inputs of an area's steps, each by itself: tables that nobody makes, other columns.

    Nothing is known of the inputs of an area without deliveries: who makes its tables is not described yet.
    """
    steps = {step.name: step for step in area_steps(area)}
    found: list[CatalogError] = []
    for step in steps.values() if contracts.of_area(source_of(area)) else ():
        for name in step.inputs:
            try:
                _check_input(step, name, steps)
            except CatalogError as problem:
                found.append(problem)
    return found


def downstream(steps: Iterable[Step], tables: Iterable[str]) -> list[Step]:
    """The steps that read any of the tables, or what such a step puts out; `steps` are in their order."""
    reached, found = set(tables), []
    for step in steps:
        own = {*step.inputs, *(name.removeprefix(f"{source_of(step.area)}.") for name in step.inputs)}
        if step.name in reached or any(_maker(name) in reached or name in reached for name in own):
            reached.add(step.name)
            found.append(step)
    return found


def _own_inputs(step: Step, steps: dict[str, Step]) -> set[str]:
    return {_maker(name) for name in step.inputs if "." not in name and _maker(name) in steps}


def _maker(name: str) -> str:
    return name.removesuffix(KNOWN).removesuffix(FIRST)


def _check_input(step: Step, name: str, steps: dict[str, Step]) -> None:
    has = _columns_of(step, name, steps)
    for column, kind in step.inputs[name].items():
        if column not in has:
            raise step.error(f"{name} has no column {column}.", name, suggest(column, has))
        if kind == PERSON and has[column] != PERSON:
            raise step.error(f"{name}.{column} is no pseudonym, and is read as one.", name, "See its contract.")
        if has[column] not in {kind, ""}:
            raise step.error(f"{name}.{column} is {has[column]}, not {kind}.", name)


def _columns_of(step: Step, name: str, steps: dict[str, Step]) -> Columns:
    other, _, table = name.rpartition(".")
    source = other or step.area
    if other and other not in area_folders():
        raise step.error(f"There is no data area {other}.", name, suggest(other, area_folders()))
    if other and other != step.area and other == source_of(step.area) and not linked(other):
        problem = (
            f"{other} is the area whose deliveries this one is made of: its tables have no area in their names here."
        )
        raise step.error(problem, name, f"Read {table}.")
    if table in GIVEN and not other:
        return GIVEN[table]
    if code_list(table):
        return _code_columns(step, name)
    makers = steps if not other else {s.name: s for s in area_steps(other)}
    made = makers.get(table)
    if made is None and table.endswith(_PAST.get(step.kind, ())):
        made = makers.get(_maker(table))
    if made and _may_read(step, made):
        return made.output | (CLOCKS if made.kind is StepKind.REVISED else {})
    told = contract_tables(source)
    if table in told and source_of(step.area) == source and step.kind.of_a_delivery:
        return told[table]
    if table in told and not other and not step.kind.of_a_delivery:
        raise step.error(
            f"{name} is what deliveries tell, and a step of kind {step.kind} reads what is kept of it.",
            name,
            f"Keep it by a step with `-- kind kept` that reads {table}, and read what that puts out.",
        )
    if made and made.area == step.area:
        told_by = f"{name} is put out by a step of kind {made.kind}, which a step of kind {step.kind} does not read."
        raise step.error(told_by, name, "A rule reads what is kept; a fact reads that, and other facts of its area.")
    near = suggest(table, [*makers, *told, *(GIVEN if not other else ())])
    raise step.error(f"Nothing makes the table {name} that this step reads.", name, near)


def _may_read(step: Step, made: Step) -> bool:
    if made.area == step.area:
        return _PHASE[made.kind] <= _PHASE[step.kind] and made.name != step.name
    if source_of(step.area) == made.area and step.kind.of_a_delivery:
        return made.kind in _READ_BY_OTHERS
    apart = source_of(step.area) != source_of(made.area)
    return made.kind is StepKind.KEPT or (made.kind is StepKind.REVISED and apart)


def _code_columns(step: Step, name: str) -> Columns:
    table = name.rpartition(".")[2]
    for area in (step.area, source_of(step.area)):
        file = folder_of(area) / "codes" / f"{code_list(table)}.csv"
        if file.is_file():
            header = file.read_text("utf-8").split("\n", 1)[0].strip().split(",")
            return {column: "DATE" if column.startswith("valid_") else "VARCHAR" for column in header}
    raise step.error(f"There is no code list {code_list(table)}.", name, f"{CODES}NAME is codes/NAME.csv of the area.")


def contract_tables(area: str) -> dict[str, Columns]:
    """The tables that the deliveries of an area tell; the type of a column of numbers or times is empty: a step may
    read it as it needs it.
    """
    found: dict[str, Columns] = {}
    for contract in contracts.of_area(area):
        for table in contract.tables:
            pseudonym = contracts.Classification.PSEUDONYM
            columns = {f.name: PERSON if f.classification is pseudonym else TYPES.get(f.type, "") for f in table.fields}
            columns |= {f"{f.name}_latest": "DATE" for f in table.fields if f.type is contracts.FieldType.DATE}
            columns |= {
                name: kind for name, kind in PART_COLUMNS.items() if name in contract.part and name not in columns
            }
            found.setdefault(table.name, {"person": "BLOB", "ordinal": "BIGINT"}).update(columns)
    return found
