"""The deliveries that CPR would send of the simulated register: records, bytes, files, and what can go wrong."""

__all__: list[str] = []
