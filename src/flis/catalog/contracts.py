"""Source contracts, in the Open Data Contract Standard (ODCS 3.1): one for each interface of an area.

The files are `areas/<id>/contract*.yaml`; `contract_file` reads them.
"""

from __future__ import annotations

from flis.catalog.area_folders import area_folders, folder_of, remembered
from flis.catalog.contract import Classification, Contract, Field, FieldType, Table
from flis.catalog.contract_file import parse
from flis.errors import CatalogError, NotFoundError, suggest

__all__ = [
    "Classification",
    "Contract",
    "Field",
    "FieldType",
    "Table",
    "all_contracts",
    "by_interface",
    "load",
    "of_area",
    "parse",
]


def load(area: str) -> Contract:
    """The contract of an area that has one interface; the first by its file's name where there are more.

    Raises:
        CatalogError: there is none, or it is wrong; names file and line.
    """
    found = of_area(area)
    if not found:
        raise CatalogError("the file cannot be read.", file=f"areas/{area}/contract.yaml")
    return found[0]


@remembered
def of_area(area: str) -> tuple[Contract, ...]:
    """The contracts of an area by the names of their files; none where it receives nothing.

    Raises:
        NotFoundError: there is no such area.
        CatalogError: one is wrong, or two describe one interface; names file and line.
    """
    folder = folder_of(area)
    names = sorted(f.name for f in folder.iterdir() if f.name.startswith("contract") and f.name.endswith(".yaml"))
    found: dict[str, Contract] = {}
    for name in names:
        place = f"areas/{area}/{name}"
        contract = parse(folder / name, place)
        if contract.area != area:
            raise CatalogError(f"the domain {contract.area} is not the area's folder, {area}.", file=place)
        if contract.interface in found:
            raise CatalogError(f"the interface {contract.interface} has another contract.", file=place)
        found[contract.interface] = contract
    return tuple(found.values())


@remembered
def all_contracts() -> tuple[Contract, ...]:
    """The contracts of all areas.

    Raises:
        CatalogError: one is wrong, or two areas have one interface; names the file.
    """
    found: dict[str, Contract] = {}
    for area in area_folders():
        for contract in of_area(area):
            other = found.setdefault(contract.interface, contract)
            if other is not contract:
                problem = f"the interface {contract.interface} is one of the area {other.area}, too."
                raise CatalogError(problem, file=f"areas/{area}")
    return tuple(found.values())


def by_interface(interface: str) -> Contract:
    """The contract of an interface.

    Raises:
        NotFoundError: there is none.
    """
    known = {c.interface: c for c in all_contracts()}
    if interface not in known:
        raise NotFoundError(f"No contract describes the interface {interface}.", hint=suggest(interface, known))
    return known[interface]
