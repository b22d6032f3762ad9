"""Deliveries of areas that say in `simulate.yaml` and SQL how their rows are drawn out of the simulated society."""

__all__: list[str] = []
