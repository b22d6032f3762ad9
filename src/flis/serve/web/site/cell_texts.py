"""How a table's values are written on a page, by the column's kind."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flis.serve.web.site.texts import Texts

__all__ = ["written"]

NOTHING = "\N{EN DASH}"


def written(value: object, kind: str, texts: Texts) -> str:
    """A cell's text in a language; a missing value is a dash."""
    if value is None:
        return NOTHING
    if isinstance(value, date):
        return texts.date(value, "medium")
    if isinstance(value, str):
        return value
    assert isinstance(value, int | float)  # noqa: S101
    match kind:
        case "change":
            text = texts.change(int(value))
        case "share":
            text = texts.percent(value)
        case _:
            text = texts.number(value, 2 if kind == "rate" else 0)
    return text
