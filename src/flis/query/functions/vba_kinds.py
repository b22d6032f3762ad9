"""Values as other types of Visual Basic, and what type a value is of; numbers are doubles throughout."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.errors import StatementError
from flis.query.evaluation.values import Context, Values
from flis.query.functions.table import function
from flis.query.functions.vba import row_by_row

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from flis.query.binding.nodes import Evaluation, Node

__all__: list[str] = []

BYTE = 255
CURRENCY = 922_337_203_685_477.5807  # the largest amount: 64 bits of ten thousandths
DECIMAL = float(2**96 - 1)
SINGLE = float(np.finfo(np.float32).max)
NUMERIC, LOGICAL = "Numeric", "Logical"


def _declare(
    name: str,
    convert: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    between: tuple[float, float],
    en: str,
    da: str,
) -> None:
    """A conversion to a type of numbers; what the type cannot hold is an error."""
    lowest, highest = between

    def run(ev: Evaluation, context: Context, of: Node) -> Values:
        found = ev.values(of, context)
        made = convert(found.floats())
        if not ((made >= lowest) & (made <= highest)).all():
            raise StatementError(
                f"{name} takes numbers from {lowest:.15g} to {highest:.15g}.", line=of.line, column=of.column
            )
        return Values(made, found.null)

    function(f"{name}(value) -> number", group=NUMERIC, en=en, da=da)(run)


def _single(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):
        return numbers.astype(np.float32).astype(np.float64)


_declare("CByte", np.rint, (0, BYTE), "As a whole number from 0 to 255.", "Som heltal fra 0 til 255.")
_declare(
    "CDec",
    lambda numbers: numbers,
    (-DECIMAL, DECIMAL),
    "As a decimal number, which is as exact as any other number here.",
    "Som decimaltal, der er lige så nøjagtigt som andre tal her.",
)
_declare(
    "CCur",
    lambda numbers: np.round(numbers, 4),
    (-CURRENCY, CURRENCY),
    "As an amount with four decimals, halves to the even one.",
    "Som beløb med fire decimaler, halve til den lige.",
)
_declare(
    "CSng",
    _single,
    (-SINGLE, SINGLE),
    "As a number of single precision.",
    "Som tal med enkelt præcision.",
)


@function("CVar(value) -> value", group="Value", en="The value as it is.", da="Værdien som den er.")
def as_it_is(ev: Evaluation, context: Context, of: Node) -> Values:
    """`CVar(x)`: every value is a variant already."""
    return ev.values(of, context)


def _type_name(value: Any) -> str:
    if value is None:
        return "Empty"
    if isinstance(value, str):
        return "String"
    if isinstance(value, date):
        return "Date"
    return "Boolean" if isinstance(value, bool) else "Double"


@function(
    "TypeName(value) -> string",
    group="String",
    en="The type of a value: Double, String, Boolean, Date or Empty.",
    da="En værdis type: Double, String, Boolean, Date eller Empty.",
)
def type_name(ev: Evaluation, context: Context, of: Node) -> Values:
    """`TypeName(x)`."""
    return row_by_row(ev, context, [of], _type_name)


@function("IsNull(value) -> logical", group=LOGICAL, en="Whether there is no value.", da="Om der ingen værdi er.")
def is_null(ev: Evaluation, context: Context, of: Node) -> Values:
    """`IsNull(x)`: an empty cell is the only null there is."""
    return Values.logicals(ev.values(of, context).null.copy())


def _never(name: str, en: str, da: str) -> None:
    """A question that always has the answer no; the argument is calculated, so that its errors are told."""

    def run(ev: Evaluation, context: Context, of: Node) -> Values:
        return Values.logicals(np.zeros(len(ev.values(of, context)), dtype=np.bool_))

    function(f"{name}(value) -> logical", group=LOGICAL, en=en, da=da)(run)


_never(
    "IsMissing",
    "Whether an argument was left out: never, since only procedures have such arguments.",
    "Om et argument er udeladt: aldrig, da kun procedurer har sådanne argumenter.",
)
_never(
    "IsArray",
    "Whether a value is an array: never, since cells hold none.",
    "Om en værdi er et array: aldrig, da celler ikke kan indeholde dem.",
)
_never(
    "IsObject",
    "Whether a value is an object: never, since cells hold none.",
    "Om en værdi er et objekt: aldrig, da celler ikke kan indeholde dem.",
)
