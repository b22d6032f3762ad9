"""What only a whole contract shows: names that it does not have, and places that its format cannot read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flis.catalog.contract import PLACE, PLACEHOLDERS, Chain, Contract, FieldType, FileFormat, Table
from flis.errors import suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from flis.catalog.yaml import YamlEntry

__all__ = ["check"]

HEADER = "header"
MUNICIPALITIES = "kommune"
"""The code list that every area has."""
POSITION = re.compile(r"[1-9]\d*-[1-9]\d*")
DAYS = (FieldType.DATE, FieldType.TIMESTAMP)
PERIODS = frozenset({"maaned", "dato", "aar", "udtraek"})
"""The placeholders of a name that stand for days, or for what begins on one."""
TREES = (FileFormat.XML, FileFormat.JSON, FileFormat.NDJSON)


def check(contract: Contract, places: Mapping[str, YamlEntry], codes: Collection[str] | None = None) -> None:
    """Complain of the first thing that is wrong.

    `places` are the custom properties by name (`part`, `table.parent`, `table.field.path`), and tables and fields;
    `codes` the code lists that there are, where they are known.

    Raises:
        CatalogError: names file and line.
    """
    _check_names(contract, places)
    _check_period(contract, places)
    for table in contract.tables:
        _check_rules(contract, table, places)
        coded = [*((f"{table.name}.{f.name}", f.codes) for f in table.fields)]
        coded += [(f"{table.name} {rule.id}", rule.codes) for rule in table.quality]
        for place, listed in coded if codes is not None else ():
            known = {*(codes or ()), MUNICIPALITIES}
            _among(f"{place}.codes", [listed] if listed else [], known, places, "code list")
    if contract.chain is Chain.LINKED and contract.format is not FileFormat.CPR:
        raise places["chain"].error("only CPR files name the delivery before their own.", "Write `newest` or `once`.")
    if contract.format is FileFormat.CSV and len(contract.tables) > 1:
        raise places[contract.tables[1].name].error("a CSV file has one table.", "Describe another interface.")
    if contract.window is not None and not _days_of_part(contract):
        hint = "A window is of days that rows tell: name their column in `part`."
        raise places["window"].error("no column of the part is a field with the type date.", hint)
    if contract.format is FileFormat.FIXED:
        _check_fixed(contract, places)
    if contract.format in (FileFormat.JSON, FileFormat.NDJSON):
        _check_objects(contract, places)


def _check_rules(contract: Contract, table: Table, places: Mapping[str, YamlEntry]) -> None:
    """The rules of a table name columns that it has, and their messages nothing that a sender may have written."""
    columns = contract.columns_of(table)
    for rule in table.quality:
        place = f"{table.name} {rule.id}"
        _among(f"{place}.each", rule.each, columns, places, "column")
        if rule.each and rule.codes:
            raise places[f"{place}.codes"].error("a rule is about groups, or about codes.", "Write two rules.")
        if rule.valid_on and not rule.codes:
            raise places[f"{place}.valid_on"].error("without codes nothing is valid on a day.", "Name the code list.")
        days = [f.name for f in table.fields if f.type is FieldType.DATE]
        _among(f"{place}.valid_on", filter(None, [rule.valid_on]), days, places, "day")
        shown = {f.name for f in table.fields if f.type is FieldType.DATE or f.codes} & {*rule.each}
        for name in PLACE.findall(f"{rule.message.da} {rule.message.en}") if rule.each else ():
            if name not in shown:
                hint = f"Days and codes of `each` alone: {', '.join(sorted(shown)) or 'there are none'}."
                raise places[place].error(f"the message cannot name {{{name}}}.", hint)


def _days_of_part(contract: Contract) -> list[str]:
    fields = [f for table in contract.tables for f in table.fields]
    return [f.name for f in fields if f.name in contract.part and f.type is FieldType.DATE]


def _check_names(contract: Contract, places: Mapping[str, YamlEntry]) -> None:
    fields = {f.name for t in contract.tables for f in t.fields}
    tables = {t.name for t in contract.tables}
    whole = {f"{t.name}.{f.name}" for t in contract.tables for f in t.fields}
    told = _told(contract)
    periods = PERIODS if told & PERIODS else frozenset()  # each has a first day, whatever the name calls it
    _among("part", contract.part, fields | told | periods, places)
    _among("dialect", contract.dialect.sums, fields | whole, places)
    _among("control", (total.sum for total in contract.control if total.sum), fields | whole, places)
    _among("control", (total.count for total in contract.control if total.count), tables, places, "table")
    _among("known", filter(None, [contract.known]), fields | told | {HEADER}, places)
    days = {f.name for t in contract.tables for f in t.fields if f.type in DAYS} | (told & PERIODS) | {HEADER}
    if contract.known and contract.known not in days:
        hint = suggest(contract.known, days) or "A date, a day in the name of the file, or header."
        raise places["known"].error(f"{contract.known} is no day.", hint)


def _told(contract: Contract) -> set[str]:
    """What a file tells beside its rows: by its name, and in other formats than CSV perhaps within."""
    if contract.format is not FileFormat.CSV:
        return set(PLACEHOLDERS) if contract.recognition.name else set()
    return {name for name in PLACEHOLDERS if f"{{{name}}}" in contract.recognition.name}


def _check_period(contract: Contract, places: Mapping[str, YamlEntry]) -> None:
    """A CSV file tells by its name alone whose it is and of which period, where that is expected of it."""
    if contract.expects is None or contract.format is not FileFormat.CSV:
        return
    told = _told(contract)
    if contract.expects.each and contract.expects.each not in told:
        raise places["recognise"].error("the name does not tell the municipality.", "{kommune} stands for it.")
    if not told & PERIODS:
        raise places["recognise"].error(
            "the name does not tell the period.", "{maaned}, {dato} or {aar} stands for it."
        )


def _among(
    place: str, names: Iterable[str], known: Iterable[str], places: Mapping[str, YamlEntry], what: str = "field"
) -> None:
    known = set(known)
    for name in names:
        if name not in known:
            raise places[place].error(f"no {what} is called {name}.", suggest(name, known))


def _check_fixed(contract: Contract, places: Mapping[str, YamlEntry]) -> None:
    if len("Æ".encode(contract.dialect.encoding, "replace")) != 1:
        hint = "For example iso-8859-1."
        raise places["dialect"].error("in records of fixed width a letter is one byte.", hint)
    header = contract.header
    for key, position in (*((HEADER, p) for p in (header.sender, header.period, header.produced)), *_totals(contract)):
        first, _, last = position.partition("-")
        if position and not (POSITION.fullmatch(position) and int(first) <= int(last)):
            raise places[key].error(f"{position} is no position.", "It is the first and last character, as 3-12.")
    before: list[Table] = []
    for table in contract.tables:
        _check_positions(table, places)
        above = _parent(table, before, places)
        for field in table.fields:
            asked = field.path.removeprefix("../")
            if field.position or (above and any(asked in (f.name, f.source) for f in above.fields)):
                continue
            raise places[f"{table.name}.{field.name}"].error(
                f"{field.name} has no position.", "Or a path to a field of the parent record, as ../NR."
            )
        before.append(table)


def _check_positions(table: Table, places: Mapping[str, YamlEntry]) -> None:
    """Fields lie beside each other, within the record, and behind the record type with which it begins."""
    end, last = len(table.source), f"the record type {table.source}"
    for field in sorted((f for f in table.fields if f.position), key=lambda f: f.position or (0, 0)):
        first, until = field.position or (0, 0)
        place = places[f"{table.name}.{field.name}.position"]
        if first <= end:
            raise place.error(
                f"{field.name} overlaps with {last}.", f"Characters {first}-{until} begin before {end + 1}."
            )
        if table.length and until > table.length:
            raise place.error(f"{field.name} ends behind the record.", f"A record has {table.length} characters.")
        end, last = until, field.name


def _totals(contract: Contract) -> list[tuple[str, str]]:
    return [("control", total.at) for total in contract.control]


def _parent(table: Table, before: list[Table], places: Mapping[str, YamlEntry]) -> Table | None:
    """The table of the parent records, which stands above; None where records have none."""
    if table.parent is None:
        return None
    place, wanted = places[f"{table.name}.parent"], table.parent
    found = next((other for other in before if other.name == wanted.table), None)
    if found is None:
        raise place.error(f"no table above is called {wanted.table}.", suggest(wanted.table, [t.name for t in before]))
    if wanted.key and table.field(wanted.key) is None:
        raise place.error(f"no field is called {wanted.key}.", suggest(wanted.key, [f.name for f in table.fields]))
    if wanted.key and len(found.keys) != 1:
        raise place.error(
            f"{found.name} has not one key field.", "Write `primaryKey: true` at the field that is named."
        )
    return found


def _check_objects(contract: Contract, places: Mapping[str, YamlEntry]) -> None:
    """In objects of JSON, a value has nothing below it."""
    for table in contract.tables:
        values = {f.name: f.path or f.source for f in table.fields}
        for name, path in values.items():
            under = next(
                (n for n, other in values.items() if other.startswith(f"{path}/") and not path.endswith("..")), ""
            )
            if under and path != ".":
                place = places[f"{table.name}.{under}"]
                raise place.error(f"{under} lies in {name}, which is a value itself.", "Give both a path to a value.")
