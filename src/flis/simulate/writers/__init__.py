"""Rows become the bytes of a file as a contract describes it: the other way round of the readers of `delivery`."""

from flis.simulate.writers.files import write

__all__ = ["write"]
