"""Source contracts, in the Open Data Contract Standard (ODCS 3.1): one for each interface of an area.

The files are `areas/<id>/contract*.yaml`; `contract_file` reads them.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flis.catalog.area_file import area as area_named
from flis.catalog.area_paths import area_folders, folder_of, remembered
from flis.catalog.contract import Classification, Contract, Field, FieldType, Table
from flis.catalog.contract_file import parse
from flis.catalog.yaml import read
from flis.errors import CatalogError, NotFoundError, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    "unreadable",
]

LOG = logging.getLogger("flis.catalog")


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
            domain = read(folder / name, place).fields()["domain"]
            raise domain.error(f"the domain {contract.area} is not the area's folder, {area}.", f"Write {area}.")
        if contract.interface in found:
            raise CatalogError(f"the interface {contract.interface} has another contract.", file=place)
        found[contract.interface] = contract
    return tuple(found.values())


@remembered
def all_contracts() -> tuple[Contract, ...]:
    """The contracts of all areas that can be read."""
    return tuple(_read_all()[0].values())


@remembered
def unreadable() -> Mapping[str, CatalogError]:
    """The areas whose own file or contracts cannot be read, each with what is wrong: they stand still, others go on."""
    found = _read_all()[1]
    for name, problem in found.items():
        LOG.warning("The data area %s stands still: %s", name, problem)
    return found


@remembered
def _read_all() -> tuple[dict[str, Contract], dict[str, CatalogError]]:
    """The contracts by interface, and what is wrong by area; of two with one interface the first area has it."""
    found: dict[str, Contract] = {}
    wrong: dict[str, CatalogError] = {}
    for name in area_folders():
        try:
            area_named(name)
            own = of_area(name)
            for contract in own:
                if contract.interface in found:
                    other = found[contract.interface].area
                    told = f"the interface {contract.interface} is one of the area {other}, too."
                    raise CatalogError(told, file=f"areas/{name}", hint="Give the contract another id.")  # noqa: TRY301
            found |= {contract.interface: contract for contract in own}
        except CatalogError as problem:
            wrong[name] = problem
    return found, wrong


def by_interface(interface: str) -> Contract:
    """The contract of an interface.

    Raises:
        NotFoundError: there is none.
    """
    known = {c.interface: c for c in all_contracts()}
    if interface not in known:
        raise NotFoundError(f"No contract describes the interface {interface}.", hint=suggest(interface, known))
    return known[interface]
