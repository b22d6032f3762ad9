"""Simulated deliveries in their real formats, from a society that lives day by day."""

from flis.simulate.clock import delivery_days
from flis.simulate.faults import FAULTS
from flis.simulate.files import FORMS
from flis.simulate.simulation import AREAS, SCALE, SEED, Options, simulate, stream

__all__ = ["AREAS", "FAULTS", "FORMS", "SCALE", "SEED", "Options", "delivery_days", "simulate", "stream"]
