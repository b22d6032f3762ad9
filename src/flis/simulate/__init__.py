"""Simulated deliveries in their real formats, from a society that lives day by day."""

from flis.simulate.clock import delivery_days
from flis.simulate.simulation import AREAS, simulate, stream

__all__ = ["AREAS", "delivery_days", "simulate", "stream"]
