"""The data areas: one folder each, with YAML and SQL and no Python."""

__all__: list[str] = []
