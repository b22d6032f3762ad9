"""Names of a package that are imported when they are first asked for (PEP 562).

`flis status` reads what deliveries and releases say of themselves; PyArrow, DuckDB and cryptography, which it does not
need, take a second to import.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["on_demand"]


def on_demand(package: str, **modules: tuple[str, ...]) -> Callable[[str], Any]:
    """The `__getattr__` of a package whose `modules` are imported when one of their names is first asked for."""
    places = {name: module for module, names in modules.items() for name in names}

    def found(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{places[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return found
