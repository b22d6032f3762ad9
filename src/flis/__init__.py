"""An open platform for Danish municipal management information: deliveries in, cubes and reports out."""

from importlib.metadata import version

__all__ = ["__version__"]

__version__ = version("flis")
