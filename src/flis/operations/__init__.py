"""Run the platform: the overview from real states, incidents, the run log; see CONTEXT.md."""

from flis.operations.clock import stop, today
from flis.operations.incidents import Incident, add, close, incident, incidents, update
from flis.operations.model import AreaStatus, Kind, Notice, Overview
from flis.operations.overview import as_json, status
from flis.operations.runs import Run, logged, runs
from flis.operations.simulation import mark_simulated, simulated

__all__ = [
    "AreaStatus",
    "Incident",
    "Kind",
    "Notice",
    "Overview",
    "Run",
    "add",
    "as_json",
    "close",
    "incident",
    "incidents",
    "logged",
    "mark_simulated",
    "runs",
    "simulated",
    "status",
    "stop",
    "today",
    "update",
]
