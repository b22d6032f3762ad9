"""XML: rows are elements, and values are elements or attributes in them; rows that belong to others lie in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from flis.delivery.readers.control import totals_of
from flis.delivery.readers.paths import steps_of
from flis.simulate.writers.column_texts import header_of, sums_of
from flis.simulate.writers.nesting import nested
from flis.simulate.writers.places import homes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from flis.catalog.contract import Contract
    from flis.simulate.writers.nesting import Row
    from flis.simulate.writers.places import Home

__all__ = ["document"]

ROOT = "udtraek"
ATTRIBUTE = "@"
RETURN = {"\r": "&#13;"}
WHITE = RETURN | {"\n": "&#10;", "\t": "&#9;"}


@dataclass(slots=True)
class Element:
    """An element: its attributes, its text, and those in it, in order."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    inside: list[Element] = field(default_factory=list)

    def at(self, steps: Sequence[str]) -> Element:
        """The element so many steps down, made where it is not there yet."""
        found = self
        for step in steps:
            there = next((one for one in found.inside if one.name == step), None)
            found = there or found.add(step)
        return found

    def add(self, name: str) -> Element:
        """A new element at the end."""
        self.inside.append(Element(name))
        return self.inside[-1]

    def put(self, steps: Sequence[str], value: str) -> None:
        """Put a value where steps lead: into an attribute, or as the text of an element."""
        *down, last = steps or (".",)
        if last.startswith(ATTRIBUTE):
            self.at(down).attributes[last.removeprefix(ATTRIBUTE)] = value
        else:
            self.at(steps).text = value

    def written(self) -> Iterator[str]:
        """The element as text."""
        named = "".join(f" {name}={quoteattr(value, WHITE)}" for name, value in self.attributes.items())
        yield f"<{self.name}{named}>{escape(self.text, RETURN)}"
        for one in self.inside:
            yield from one.written()
        yield f"</{self.name}>"


def document(contract: Contract, tables: Mapping[str, Any], told: Mapping[str, str], day: date | None) -> bytes:
    """The bytes of a file: its root says what it is of, and what its rows add up to.

    Raises:
        UsageError: a row takes over what no row around it says.
    """
    dialect = contract.dialect
    root = Element(dialect.root or ROOT)
    if dialect.namespace:
        root.attributes["xmlns"] = dialect.namespace
    if dialect.version:
        root.attributes["version"] = dialect.version
    header = contract.header
    for at, value in zip((header.sender, header.period, header.produced), header_of(contract, told), strict=True):
        if at:
            root.put(steps_of(at), value)
    found = homes(contract, {t.name: steps_of(t.path or t.source) for t in contract.tables}, day)
    inside = {name: (home.table, home.taken) for name, home in found.items() if home.table}
    for row in nested(contract, tables, inside):
        _add(root, contract, found, row)
    totals = totals_of(contract)
    records = tables[contract.tables[0].name].num_rows
    for wanted, value in zip(totals, sums_of(contract, totals, tables, records), strict=True):
        if wanted.at:
            root.put(steps_of(wanted.at), value)
    head = f'<?xml version="1.0" encoding="{dialect.encoding}"?>\n'
    content = "".join([head, *root.written(), "\n"]).encode(dialect.encoding)
    return b"\xef\xbb\xbf" + content if dialect.bom else content


def _add(around: Element, contract: Contract, found: Mapping[str, Home], row: Row) -> None:
    table = next(t for t in contract.tables if t.name == row.table)
    home = found[row.table]
    element = around.at(home.steps[:-1]).add(home.steps[-1])
    if table.where:
        element.put(steps_of(table.where.path), table.where.value)
    for name, steps in home.own.items():
        if row.cells[name]:
            element.put(steps, row.cells[name])
    for one in row.inside:
        _add(element, contract, found, one)
