"""The functions of MDX, by family; `functions()` is the table of them all."""

from __future__ import annotations

import importlib
from functools import cache

from flis.query.functions.table import FUNCTIONS, Function, Parameter, Signature

__all__ = ["FAMILIES", "FUNCTIONS", "Function", "Parameter", "Signature", "functions"]

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
    "from_texts",
    "vba",
    "vba_dates",
    "vba_texts",
    "vba_kinds",
    "vba_choices",
    "vba_annuities",
    "vba_returns",
    "logic",
    "model",
    "statement",
)


@cache
def functions() -> dict[str, Function]:
    """All functions by name; each family is imported, so that it declares its own."""
    for family in FAMILIES:
        importlib.import_module(f"flis.query.functions.{family}")
    return FUNCTIONS
