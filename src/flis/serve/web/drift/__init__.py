"""The operations overview (driftsoversigt), its notices, and the two questions of a watchdog."""

__all__: list[str] = []
