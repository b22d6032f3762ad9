"""The socket that a server shall listen on, claimed before anything else is done."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

from flis.errors import RefusedError

if TYPE_CHECKING:
    from flis.config import Settings

__all__ = ["address", "claim"]

LAST = 65535
PORT = "Choose another one: --port."
HOST = "Give an address of this machine: --host."


def claim(settings: Settings, *, further: int = 0) -> socket.socket:
    """A socket that listens at the settings' address: on their port, or the next free one of so many `further` ones.

    Raises:
        RefusedError: the address cannot be had, or none of the ports is free.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    hint = PORT
    for port in range(settings.port, min(settings.port + further, LAST) + 1):
        found = socket.socket(family)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((settings.host, port))
            found.listen()  # or another process could have the same port, until one of both listens
        except (OSError, UnicodeError) as e:
            found.close()
            why = getattr(e, "strerror", None) or "this is no address"
            no_address = isinstance(e, socket.gaierror | UnicodeError) or e.errno == errno.EADDRNOTAVAIL
            hint = HOST if no_address else PORT
        else:
            found.set_inheritable(True)
            return found
    ports = f"port {settings.port}" if not further else f"ports {settings.port} to {port}"
    raise RefusedError(f"Cannot serve on {settings.host}, {ports}: {why}.", hint=hint)


def address(settings: Settings, port: int) -> str:
    """How the server on this port is reached."""
    scheme = "https" if settings.tls_certificate else "http"
    name = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{scheme}://{name}:{port}"
