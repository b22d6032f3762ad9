"""The reader and writer of CPR change extracts (U12170-P)."""

__all__: list[str] = []
