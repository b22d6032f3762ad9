"""Values as XML Schema text, with the name of their type."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flis.serve.xmla.escaping import text

__all__ = ["element_name", "lexical", "typed"]

# Names keep ASCII and the letters of Latin-1, which every edition of XML takes.
NOT_IN_NAMES = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[^A-Za-z0-9_.\-À-ÖØ-öø-ÿ]|^[0-9.\-]")


def element_name(name: str) -> str:
    """`name` as an XML element's name, every character that cannot stand there as `_xHHHH_`.

    >>> element_name("[Store].[Store Type]")
    '_x005B_Store_x005D_._x005B_Store_x0020_Type_x005D_'
    """
    return NOT_IN_NAMES.sub(lambda m: "".join(f"_x{ord(c):04X}_" for c in m.group()), name)


def lexical(value: Any) -> str:
    """A value as XML Schema writes it, escaped.

    >>> lexical(266773.0), lexical(True), lexical(float("inf"))
    ('266773', 'true', 'INF')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S")
    if isinstance(value, date):
        return f"{value.isoformat()}T00:00:00"
    return text(str(value))


def typed(value: Any) -> tuple[str, str]:
    """The schema type of a value, and the value as text.

    >>> typed(5), typed(2.5), typed("a")
    (('xsd:int', '5'), ('xsd:double', '2.5'), ('xsd:string', 'a'))
    """
    return _type(value), lexical(value)


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "xsd:boolean"
    if isinstance(value, int):
        return "xsd:int" if -(1 << 31) <= value < 1 << 31 else "xsd:long"
    if isinstance(value, float):
        return "xsd:double"
    if isinstance(value, Decimal):
        return "xsd:decimal"
    if isinstance(value, date):
        return "xsd:dateTime"
    return "xsd:string"


def _number(value: float) -> str:
    if math.isfinite(value):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    return "NaN" if math.isnan(value) else "INF" if value > 0 else "-INF"
