"""MDSCHEMA_FUNCTIONS: one row for each way to call a function, from the table that declares them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.query.functions import Signature
    from flis.serve.xmla.rowsets.asking import Asked, Asking, Row

__all__ = ["listed_functions"]

MDX = 1
# VARTYPE of what a function returns; whatever is no scalar counts as a variant
RETURNS = {"number": 5, "string": 8, "logical": 11, "value": 12}
VARIANT = 12


def listed_functions(asking: Asking, asked: Asked) -> Iterator[Row]:  # noqa: ARG001 - restricted afterwards
    """The rows, sorted by group and name."""
    from flis.query.functions import functions as known

    for function in sorted(known().values(), key=lambda f: (f.group, f.name)):
        for signature in function.signatures:
            yield {
                "FUNCTION_NAME": function.name,
                "DESCRIPTION": function.doc(asking.language),
                "PARAMETER_LIST": _parameters(signature),
                "RETURN_TYPE": RETURNS.get(str(signature.result), VARIANT),
                "ORIGIN": MDX,
                "INTERFACE_NAME": function.group,
                "OBJECT": str(signature.parameters[0].kind).capitalize() if signature.style != "function" else None,
                "CAPTION": function.name,
            }


def _parameters(signature: Signature) -> str:
    taken = signature.parameters if signature.style == "function" else signature.parameters[1:]
    parts = []
    for parameter in taken:
        text = " | ".join(parameter.words) if parameter.words else str(parameter.kind)
        text += "..." if parameter.repeated else ""
        parts.append(f"[{text}]" if parameter.optional else text)
    return ", ".join(parts) or "(none)"
