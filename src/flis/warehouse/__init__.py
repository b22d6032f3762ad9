"""Keep: history with two clocks, conformed dimensions, and the facts that areas make of them."""

from flis.warehouse.definition import Definition, definition
from flis.warehouse.facts import MONTHLY, Coverage, Facts, Problem, Revision, facts
from flis.warehouse.history import residents
from flis.warehouse.loading import Loaded, load, loader
from flis.warehouse.rulebook import rules

__all__ = [
    "MONTHLY",
    "Coverage",
    "Definition",
    "Facts",
    "Loaded",
    "Problem",
    "Revision",
    "definition",
    "facts",
    "load",
    "loader",
    "residents",
    "rules",
]
