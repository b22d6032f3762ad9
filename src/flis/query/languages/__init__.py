"""Languages that clients ask in, each a front end to the one query engine."""

__all__: list[str] = []
