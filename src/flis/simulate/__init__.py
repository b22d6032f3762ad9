"""Simulated deliveries in their real formats, from a society that lives day by day."""

from flis.simulate.cpr.faults import FAULTS
from flis.simulate.cpr.files import FORMS
from flis.simulate.cpr.production_days import delivery_days
from flis.simulate.cpr.simulation import SCALE, SEED
from flis.simulate.drawing.mutations import MUTATIONS
from flis.simulate.drawing.plan_file import drawing, drawn_areas
from flis.simulate.streams import SimulationOptions, areas, simulate, stream

__all__ = [
    "FAULTS",
    "FORMS",
    "MUTATIONS",
    "SCALE",
    "SEED",
    "SimulationOptions",
    "areas",
    "delivery_days",
    "drawing",
    "drawn_areas",
    "simulate",
    "stream",
]
