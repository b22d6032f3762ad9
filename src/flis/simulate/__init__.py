"""Simulated deliveries in their real formats, from a society that lives day by day."""

from flis.simulate.cpr.faults import FAULTS
from flis.simulate.cpr.files import FORMS
from flis.simulate.cpr.production_days import delivery_days
from flis.simulate.cpr.simulation import AREAS, SCALE, SEED, SimulationOptions, simulate, stream

__all__ = ["AREAS", "FAULTS", "FORMS", "SCALE", "SEED", "SimulationOptions", "delivery_days", "simulate", "stream"]
