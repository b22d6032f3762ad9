"""The server's processes, as Uvicorn looks after them."""

from __future__ import annotations

from uvicorn.supervisors import Multiprocess

__all__ = ["Workers"]


class Workers(Multiprocess):
    """Processes whose death is noticed at once, also by who waits for a sign of life from one that just died."""

    def init_processes(self) -> None:
        """Start them; each then has its end of the pipe for itself, so that its death closes the pipe."""
        super().init_processes()
        for process in self.processes:
            process.child_conn.close()
