"""An open platform for Danish municipal management information: deliveries in, cubes and reports out."""

from typing import TYPE_CHECKING

from flis.lazy import on_demand

__all__ = ["__version__"]

if TYPE_CHECKING:
    from flis.version import __version__
else:
    __getattr__ = on_demand(__name__, version=("__version__",))
