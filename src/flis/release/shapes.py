"""The shape of facts in stores: their columns and types, and the column that says whose a row is, from steps' heads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyarrow as pa

from flis.catalog.area_file import area as area_of
from flis.catalog.area_paths import area_folders, remembered
from flis.errors import CatalogError
from flis.warehouse.step import StepKind, all_of_kind, area_steps

if TYPE_CHECKING:
    from flis.warehouse.step import Step

__all__ = ["facts_of", "has_facts", "is_shared", "made_of", "owner", "releasable", "schema", "shaped"]

MUNICIPAL = "municipal"
_TYPES = {
    "BOOLEAN": pa.bool_(),
    "TINYINT": pa.int8(),
    "SMALLINT": pa.int16(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "FLOAT": pa.float32(),
    "REAL": pa.float32(),
    "DOUBLE": pa.float64(),
    "VARCHAR": pa.string(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
}
_DECIMAL = re.compile(r"DECIMAL\((\d+), ?(\d+)\)")


@remembered
def facts_of(area: str) -> dict[str, Step]:
    """The steps of an area that put something into a store, by name."""
    return {step.name: step for step in all_of_kind(area_steps(area), StepKind.FACT) if step.stores}


def has_facts(area: str) -> bool:
    """Whether an area has anything that can be released; also where a step cannot be read: its release says why."""
    try:
        return bool(facts_of(area))
    except CatalogError:
        return True


def releasable() -> tuple[str, ...]:
    """The areas that have something to release once their deliveries are loaded, sorted by id."""
    return tuple(sorted(filter(has_facts, area_folders())))


def made_of(name: str) -> list[str]:
    """The areas that are released when `name` is meant: itself, and those made of its deliveries."""
    return [area for area in releasable() if name in {area, _delivered_as(area)}]


def _delivered_as(area: str) -> str:
    """The area whose deliveries it is made of; itself where its file cannot be read."""
    try:
        return area_of(area).delivered_as
    except CatalogError:
        return area


def owner(step: Step) -> str:
    """The column of a fact that says which municipality a row belongs to; empty where municipal stores hold none.

    Raises:
        CatalogError: the step is to go to municipal stores, and nothing says whose a row is.
    """
    if MUNICIPAL not in step.stores or is_shared(step):
        return ""
    if not step.owner:
        raise step.error(
            "Municipal stores are to hold this fact, and nothing says whose a row is.",
            "store",
            "A column kommune, or `store municipal by COLUMN`.",
        )
    return step.owner


def is_shared(step: Step) -> bool:
    """Whether every store holds all of it: rows of no municipality and no period, as the names of codes are."""
    return MUNICIPAL in step.stores and step.place is None and not step.owner


def schema(step: Step) -> pa.Schema:
    """The columns of a fact as its files have them.

    Raises:
        CatalogError: a column has a type that no store holds: a person's number above all.
    """
    return pa.schema([(column, _type(step, column, kind)) for column, kind in step.output.items()])


def shaped(step: Step, rows: pa.Table) -> pa.Table:
    """The rows of a fact with the types that its files have.

    Raises:
        CatalogError: a column has a type that no store holds, or a value that its type does not.
    """
    shape = schema(step)
    try:
        return rows.cast(shape)
    except pa.ArrowException:  # its words would tell a value
        raise step.error(
            f"the step {step.name} of {step.area} puts out a value that the declared type of its column does not hold.",
            "out",
            "Declare the type that holds all values, or let the SELECT put out others.",
        ) from None


def _type(step: Step, column: str, kind: str) -> pa.DataType:
    if found := _DECIMAL.fullmatch(kind):
        return pa.decimal128(int(found[1]), int(found[2]))
    if kind not in _TYPES:
        raise step.error(
            f"{column} is {kind}: a store holds counts and their dimensions.", "out", f"One of: {', '.join(_TYPES)}."
        )
    return _TYPES[kind]
