"""What of the language is known and not answered, each with the reason; the code that refuses takes its words here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flis.errors import UnsupportedStatementError

if TYPE_CHECKING:
    from flis.query.languages.mdx.syntax import SyntaxNode

__all__ = ["BY_NAME", "UNSUPPORTED", "Unsupported", "refused", "unsupported"]


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A construct by its name, why it is not answered, and what does the same where something does."""

    construct: str
    why: str
    instead: str = ""


READ_ONLY = "cubes are read only; figures come from releases"
CATALOGUE = "cubes and what is in them are written in the catalogue's files"
SESSIONS = "a session holds members and sets only"
OTHER_LANGUAGE = "it belongs to another language than MDX"
TABULAR = "it belongs to tabular models"
SCRIPT = "it belongs to the script of a cube, and cubes have none here"
TRANSACTIONS = "nothing is written, so there are no transactions"

UNSUPPORTED: tuple[Unsupported, ...] = (
    Unsupported("UPDATE CUBE", READ_ONLY),
    Unsupported("UPDATE MEMBER", "a member is made anew instead", "Use DROP MEMBER and CREATE MEMBER."),
    Unsupported("UPDATE DIMENSION", CATALOGUE),
    Unsupported("UPDATE", READ_ONLY),
    Unsupported("INSERT", READ_ONLY),
    Unsupported("DELETE", READ_ONLY),
    Unsupported("CLEAR CALCULATIONS", SESSIONS, "Use DROP MEMBER and DROP SET."),
    Unsupported("CLEAR", SESSIONS),
    Unsupported("ALTER CUBE", CATALOGUE),
    Unsupported("ALTER", CATALOGUE),
    Unsupported(
        "CREATE CUBE", CATALOGUE, "To group items of a pivot, make a named set or a calculated member of them."
    ),
    Unsupported("CREATE CELL", "cells are calculated by members only", "Use a calculated member."),
    Unsupported("CREATE KPI", CATALOGUE),
    Unsupported("CREATE MEASURE", TABULAR, "Use CREATE MEMBER."),
    Unsupported("WITH MEASURE", TABULAR, "Use WITH MEMBER."),
    Unsupported("CREATE ACTION", "there are no actions", "Use DRILLTHROUGH."),
    Unsupported("CREATE CACHE", "what was read is kept by itself"),
    Unsupported("DROP", SESSIONS),
    Unsupported("EVALUATE", OTHER_LANGUAGE + " (DAX)", "Use SELECT."),
    Unsupported("DEFINE", OTHER_LANGUAGE + " (DAX)", "Use WITH."),
    Unsupported("VAR", OTHER_LANGUAGE + " (DAX)", "Use WITH."),
    Unsupported("IF", SCRIPT, "Use IIf in a calculated member."),
    Unsupported("CALL", "there are no stored procedures"),
    Unsupported("SCOPE", SCRIPT, "Use a calculated member."),
    Unsupported("FREEZE", SCRIPT),
    Unsupported("USE", "the database is chosen with the property Catalog"),
    Unsupported("BEGIN", TRANSACTIONS),
    Unsupported("COMMIT", TRANSACTIONS),
    Unsupported("ROLLBACK", TRANSACTIONS),
    Unsupported("CELL CALCULATION", "cells are calculated by members only", "Use a calculated member."),
    Unsupported("CELL_FORMATTER", "no code of others is run", "Use FORMAT_STRING."),
    Unsupported(
        "SELECT NON VISUAL", "NON VISUAL stands before a subselect", "Write SELECT … FROM NON VISUAL (SELECT … FROM …)."
    ),
    Unsupported("RollupChildren", "hierarchies have no operators of their own to roll up by", "Use Sum or Aggregate."),
    Unsupported("SetToArray", "arrays are for functions of others, and no code of others is run"),
    Unsupported("Predict", "there are no mining models"),
    Unsupported("Leaves", SCRIPT),
    Unsupported("This", SCRIPT, "Use a calculated member."),
    Unsupported(
        "Excel's functions",
        "no code of others is run",
        "Use the function of the same purpose in MDX, where there is one.",
    ),
    Unsupported("Procedures", "no code of others is run"),
    Unsupported("A rowset here", "rowsets are answered by the XMLA endpoint", "Send the statement to /xmla."),
    Unsupported(
        "This condition on a rowset",
        "it is made of columns, literals, comparisons, IS NULL, AND, OR and NOT; functions are not called in it",
        "Compare a column with a text or a number.",
    ),
    Unsupported(
        "DISCOVER_XML_METADATA in a statement",
        "its one value is a document",
        "Ask for it by Discover, as for a rowset.",
    ),
)
"""Every construct; the words of a statement are looked up from the longest beginning to the shortest."""

BY_NAME = {u.construct.upper(): u for u in UNSUPPORTED}
ADDED = frozenset({"SESSION", "GLOBAL", "LOCAL", "HIDDEN", "CALCULATED"})


def unsupported(construct: str, at: SyntaxNode, *, said: str = "") -> UnsupportedStatementError:
    """The error for a construct of the table, at its place in the statement; `said` is how the statement names it."""
    entry = BY_NAME[construct.upper()]
    text = f"{said or entry.construct} is not supported: {entry.why}."
    return UnsupportedStatementError(text, line=at.line, column=at.column, hint=entry.instead)


def refused(name: str, at: SyntaxNode) -> UnsupportedStatementError:
    """The error for a statement that is known by its first words, such as `ALTER SESSION`."""
    words = [w for n, w in enumerate(name.upper().split()) if n == 0 or w not in ADDED]
    while " ".join(words) not in BY_NAME:
        words.pop()
    return unsupported(" ".join(words), at, said=name)
