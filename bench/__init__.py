"""Benchmarks: `python -m bench [NAME …]`; each module has a `run() -> dict[str, object]` and is run in turn."""
