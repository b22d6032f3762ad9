"""The functions of MDX, by family; `functions()` is the table of them all."""

from __future__ import annotations

import importlib
from functools import cache

from flis.query.functions.table import FUNCTIONS, Function, Parameter, Signature, functions

__all__ = ["FAMILIES", "FUNCTIONS", "Function", "Parameter", "Signature", "functions", "load"]

FAMILIES = (
    "members",
    "levels",
    "relatives",
    "sets",
    "order",
    "drill",
    "time",
    "numeric",
    "statistics",
    "strings",
    "vba",
    "logic",
    "model",
)


@cache
def load() -> None:
    """Import every family, so that each declares its functions."""
    for family in FAMILIES:
        importlib.import_module(f"flis.query.functions.{family}")
