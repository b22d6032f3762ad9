"""Keep: history with two clocks, conformed dimensions, and the facts that areas make of them."""

from flis.warehouse.area_facts import AreaFacts, FactProblem, area_facts
from flis.warehouse.coverage import Coverage, MissingPeriod, Why
from flis.warehouse.definition import Definition, definition
from flis.warehouse.facts import MONTHLY, Facts, Problem, Revision, facts
from flis.warehouse.history import residents
from flis.warehouse.loading import Loaded, load, loadable, loader

__all__ = [
    "MONTHLY",
    "AreaFacts",
    "Coverage",
    "Definition",
    "FactProblem",
    "Facts",
    "Loaded",
    "MissingPeriod",
    "Problem",
    "Revision",
    "Why",
    "area_facts",
    "definition",
    "facts",
    "load",
    "loadable",
    "loader",
    "residents",
]
