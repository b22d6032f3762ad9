"""Whether an area's `simulate.yaml` names what there is: statements, which run, tables, interfaces, senders."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from flis.catalog.area_paths import folder_of
from flis.catalog.contracts import of_area
from flis.catalog.sender_file import expected, senders
from flis.catalog.yaml import read
from flis.errors import CatalogError, suggest
from flis.simulate.drawing.plan_file import FILE, FOLDER, drawing
from flis.simulate.drawing.tables import DrawnTables
from flis.simulate.society.residing import residents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flis.catalog.yaml import YamlEntry
    from flis.simulate.drawing.plan_file import Drawing

__all__ = ["drawing_problems"]

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
TRIED = date(2025, 1, 1)
"""The month for which statements are tried, without anybody living anywhere."""


def drawing_problems(area: str) -> list[CatalogError]:
    """What is wrong with `simulate.yaml` of an area, whose contracts and senders are sound.

    Raises:
        CatalogError: the file itself is not as it should be; names file and line.
    """
    plan = drawing(area)
    named = read(folder_of(area) / FILE, f"areas/{area}/{FILE}").fields()
    return [*_statements(area, named), *_tables(area, named), *_faults(area, named)] or _tried(plan)


def _statements(area: str, named: Mapping[str, YamlEntry]) -> Iterator[CatalogError]:
    """Statements that are named and not there, and the other way round."""
    there = _files(area)
    used = list(_used(named))
    for entry in used:
        if entry.text() not in there:
            hint = suggest(entry.text(), there) or f"There are: {', '.join(there)}." if there else ""
            yield entry.error(f"there is no statement {FOLDER}/{entry.text()}.sql.", hint)
    for name in sorted(set(there) - {entry.text() for entry in used}):
        place = f"areas/{area}/{FOLDER}/{name}.sql"
        yield CatalogError(f"{FILE} names no statement {name}.", file=place, hint="It is never run: name or remove it.")


def _used(named: Mapping[str, YamlEntry]) -> Iterator[YamlEntry]:
    """Every place where a statement is named."""
    for what in ("once", "monthly"):
        yield from named[what].items() if what in named else ()
    for file in named["files"].items():
        yield from file.fields()["rows"].fields().values()
    yield from (fault["sql"] for fault in _each_fault(named) if "sql" in fault)


def _tables(area: str, named: Mapping[str, YamlEntry]) -> Iterator[CatalogError]:
    """Tables whose rows are said, and that the contract of the interface does not have."""
    contracts = {name: contract for contract in of_area(area) for name in (contract.id, contract.interface)}
    for file in named["files"].items():
        fields = file.fields()
        contract = contracts[fields["interface"].text()]
        known = [table.name for table in contract.tables]
        for name, entry in fields["rows"].keys().items():
            if name not in known:
                hint = suggest(name, known) or f"It has: {', '.join(known)}."
                yield entry.error(f"{contract.interface} has no table {name}.", hint)


def _faults(area: str, named: Mapping[str, YamlEntry]) -> Iterator[CatalogError]:
    """Tables that no month makes, senders that nobody expects, months that are none."""
    monthly = [entry.text() for entry in named["monthly"].items()] if "monthly" in named else []
    known = _senders(area)
    for fault in _each_fault(named):
        if "table" in fault and (name := fault["table"].text()) not in monthly:
            hint = suggest(name, monthly) or f"Statements of a month: {', '.join(monthly) or 'none'}."
            yield fault["table"].error(f"no month makes a table {name}.", hint)
        if (code := fault["sender"].text()) not in known:
            hint = suggest(code, known) or "Its deliveries are drawn for those of senders.csv, or of the contract."
            yield fault["sender"].error(f"nobody who delivers is called {code}.", hint)
        months = [fault[name] for name in ("first", "last") if name in fault]
        wrong = [month for month in months if not MONTH.fullmatch(month.text())]
        yield from (month.error(f"{month.text()} is no month.", "Write it as 2025-08.") for month in wrong)
        if len(months) > 1 and not wrong and months[0].text() > months[1].text():
            yield months[1].error("the last month lies before the first one.")


def _each_fault(named: Mapping[str, YamlEntry]) -> list[dict[str, YamlEntry]]:
    faults = named["faults"].fields().values() if "faults" in named else ()
    return [fault.fields() for fault in faults]


def _senders(area: str) -> set[str]:
    """Who delivers in any period."""
    listed = senders(area)
    if listed is not None:
        return {one.code for one in listed}
    return {code for contract in of_area(area) for code in expected(contract, f"{TRIED:%Y-%m}")}


def _files(area: str) -> list[str]:
    folder = folder_of(area) / FOLDER
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(file.name.removesuffix(".sql") for file in found if file.name.endswith(".sql"))


def _tried(plan: Drawing) -> list[CatalogError]:
    """The first statement that DuckDB refuses, or that lacks a column of its contract."""
    try:
        tables = DrawnTables(plan, 1, 1, residents(1).slice(0, 0))
        tables.month(TRIED, [fault for fault in plan.faults.values() if fault.sql])
        for file in plan.files:
            contract = plan.contract(file)
            for table in contract.tables:
                name = file.rows[table.name]
                given, wanted = tables.columns(name), ["sender", *(field.name for field in table.fields)]
                if lacking := [column for column in wanted if column not in given]:
                    told = f"the statement gives no column {lacking[0]}, which rows of {table.name} of "
                    place = f"areas/{plan.area}/{FOLDER}/{name}.sql"
                    return [
                        CatalogError(f"{told}{contract.interface} have.", file=place, hint=suggest(lacking[0], given))
                    ]
                list(tables.rows(table, name, ["0101"]))
    except CatalogError as problem:
        return [problem]
    return []
