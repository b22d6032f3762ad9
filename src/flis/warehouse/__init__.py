"""Keep: history with two clocks, conformed dimensions, and the facts that areas make of them."""

from flis.warehouse.coverage import Coverage, MissingPeriod, Why
from flis.warehouse.definitions import Definition, definition
from flis.warehouse.fact_tables import area_facts
from flis.warehouse.facts import AreaFacts, FactProblem, ProtectableFacts
from flis.warehouse.figures import Revision
from flis.warehouse.history import residents
from flis.warehouse.loading import Loaded, load, loadable, loader

__all__ = [
    "AreaFacts",
    "Coverage",
    "Definition",
    "FactProblem",
    "Loaded",
    "MissingPeriod",
    "ProtectableFacts",
    "Revision",
    "Why",
    "area_facts",
    "definition",
    "load",
    "loadable",
    "loader",
    "residents",
]
