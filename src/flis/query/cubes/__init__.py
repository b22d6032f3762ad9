"""Cubes bound to data: their dimensions, members in columns, names, and the store that holds the tables."""

from __future__ import annotations

__all__: list[str] = []
