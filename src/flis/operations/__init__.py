"""Run the platform: the overview from real states, incidents, the run log; see CONTEXT.md."""

from flis.delivery.simulation import go_on_to, mark_simulated, simulated, stop
from flis.operations.areas import AreaState, area_states, area_states_as_json
from flis.operations.clock import today
from flis.operations.incident_records import Incident, add, close, incident, incidents, update
from flis.operations.lifecycle import AreaEvent, Change, closed, closed_cubes, events, record, retired
from flis.operations.missing_periods import Gap, Lack
from flis.operations.model import AreaStatus, Notice, Overview, StatusKind
from flis.operations.overview import as_json, status
from flis.operations.run_log import Run, logged, runs

__all__ = [
    "AreaEvent",
    "AreaState",
    "AreaStatus",
    "Change",
    "Gap",
    "Incident",
    "Lack",
    "Notice",
    "Overview",
    "Run",
    "StatusKind",
    "add",
    "area_states",
    "area_states_as_json",
    "as_json",
    "close",
    "closed",
    "closed_cubes",
    "events",
    "go_on_to",
    "incident",
    "incidents",
    "logged",
    "mark_simulated",
    "record",
    "retired",
    "runs",
    "simulated",
    "status",
    "stop",
    "today",
    "update",
]
