"""Readers: one folder per format, from the bytes of a delivery to typed columns."""

__all__: list[str] = []
