"""JSON: an object a line, or one document; rows that belong to others are lists in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from flis.catalog.contract import FieldType
from flis.delivery.readers.control import totals_of
from flis.delivery.readers.json import place_of
from flis.delivery.readers.paths import steps_of
from flis.simulate.writers.column_texts import header_of, sums_of
from flis.simulate.writers.nesting import nested
from flis.simulate.writers.places import homes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from flis.catalog.contract import Contract, Field
    from flis.simulate.writers.nesting import Row
    from flis.simulate.writers.places import Home

__all__ = ["document", "lines"]


def lines(contract: Contract, tables: Mapping[str, Any], told: Mapping[str, str], day: date | None) -> bytes:
    """The bytes of a file with an object a line: what it says of itself first, its control totals last.

    Raises:
        UsageError: a row takes over what no row around it says.
    """
    objects = _objects(contract, tables, day, is_list=True)
    records = [made for _, made in objects]
    header = _header(contract, told)
    control = _control(contract, tables, len(records))
    every = [*([header] if header else []), *records, *([control] if control else [])]
    return _bytes(contract, b"".join(msgspec.json.encode(one) + b"\n" for one in every))


def document(contract: Contract, tables: Mapping[str, Any], told: Mapping[str, str], day: date | None) -> bytes:
    """The bytes of a file that is one document: a list, or an object where it says something of itself, too.

    Raises:
        UsageError: a row takes over what no row around it says.
    """
    first = contract.tables[0]
    is_list = (
        len(contract.tables) == 1 and first.path is None and not contract.control and not any(_header_places(contract))
    )
    objects = _objects(contract, tables, day, is_list=is_list)
    if is_list:
        return _bytes(contract, msgspec.json.encode([made for _, made in objects]))
    whole: dict[str, Any] = _header(contract, told)
    _merge(whole, _control(contract, tables, tables[first.name].num_rows))
    for home, made in objects:
        _append(whole, home.steps, made)
    return _bytes(contract, msgspec.json.encode(whole))


def _objects(
    contract: Contract, tables: Mapping[str, Any], day: date | None, *, is_list: bool
) -> list[tuple[Home, Any]]:
    first = contract.tables[0]
    found = homes(contract, {t.name: place_of(t, first=is_list and t is first) for t in contract.tables}, day)
    inside = {name: (home.table, home.taken) for name, home in found.items() if home.table}
    return [(found[row.table], _object(contract, found, row)) for row in nested(contract, tables, inside)]


def _object(contract: Contract, found: Mapping[str, Home], row: Row) -> Any:
    table = next(t for t in contract.tables if t.name == row.table)
    home, made = found[row.table], dict[str, Any]()
    if table.where:
        _put(made, steps_of(table.where.path), table.where.value)
    for name, steps in home.own.items():
        field = table.field(name)
        if not row.cells[name] or field is None:
            continue
        value = _value(contract, field, row.cells[name])
        if not steps:
            return value  # the row is the value
        _put(made, steps, value)
    for one in row.inside:
        _append(made, found[one.table].steps, _object(contract, found, one))
    return made


def _value(contract: Contract, field: Field, text: str) -> Any:
    dialect = contract.dialect
    plain = dialect.decimal == "." and not dialect.thousands
    if field.type is FieldType.INTEGER or (field.type is FieldType.NUMBER and plain):
        return msgspec.Raw(text.encode())
    if field.type is FieldType.BOOLEAN and text in ("true", "false"):
        return text == "true"
    return text


def _put(made: dict[str, Any], steps: Sequence[str], value: Any) -> None:
    for step in steps[:-1]:
        made = made.setdefault(step, {})
    made[steps[-1]] = value


def _append(made: dict[str, Any], steps: Sequence[str], value: Any) -> None:
    for step in steps[:-1]:
        made = made.setdefault(step, {})
    made.setdefault(steps[-1], []).append(value)


def _merge(made: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(made.get(name), dict):
            _merge(made[name], value)
        else:
            made[name] = value


def _header_places(contract: Contract) -> tuple[str, str, str]:
    return contract.header.sender, contract.header.period, contract.header.produced


def _header(contract: Contract, told: Mapping[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for at, value in zip(_header_places(contract), header_of(contract, told), strict=True):
        if at:
            _put(made, steps_of(at), value)
    return made


def _control(contract: Contract, tables: Mapping[str, Any], records: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    totals = totals_of(contract)
    for wanted, value in zip(totals, sums_of(contract, totals, tables, records), strict=True):
        if wanted.at:
            _put(made, steps_of(wanted.at), value)
    return made


def _bytes(contract: Contract, content: bytes) -> bytes:
    dialect = contract.dialect
    encoded = content.decode().encode(dialect.encoding)
    return b"\xef\xbb\xbf" + encoded if dialect.bom else encoded
