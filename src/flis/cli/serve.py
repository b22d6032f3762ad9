"""`flis serve`: the public pages and the cubes on one port."""

from __future__ import annotations

import os
import re
import resource
import signal
import ssl
import sys
import tempfile
import traceback
from contextlib import ExitStack, suppress
from ipaddress import ip_network
from multiprocessing import parent_process
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flis.cli import existing, settled, shared_options, tell
from flis.cli.listening import address, claim
from flis.errors import ConfigError, FlisError, UsageError
from flis.serve.running_servers import noted
from flis.serve.served_state import Served

if TYPE_CHECKING:
    import socket

    from flis.config import Settings
    from flis.serve.app import Guarded

__all__ = ["application", "serve", "start"]

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
STOPPING = 10  # seconds that running requests have to end when the server is stopped
IDLE = 75  # seconds that a connection is kept between two requests: spreadsheets are slow to ask again
BUSY = 120  # seconds after which a worker that says nothing is taken for dead; a long sort lets nobody speak
OPEN_FILES = 1 << 16
STARTUP_FAILURE = 3  # how a process ends that Uvicorn shall not start again
ORIGIN = re.compile(r"https?://([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
"""As a browser writes it (RFC 6454): small letters, and nothing after the port."""
FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.option("--host", help="Address to serve on (default 127.0.0.1).")
@click.option("--port", type=int, help="Port to serve on (default 8000).")
@click.option("--workers", type=click.IntRange(1, 64), help="Server processes (default 1).")
@click.option("--catalog", type=FOLDER, help="Serve the cubes described in this folder instead of FLIS's own.")
@click.option("--data", type=FOLDER, help="The Parquet files of --catalog, one per table.")
@click.option("--tls-certificate", type=FILE, help="PEM certificate: serve HTTPS.")
@click.option("--tls-key", type=FILE, help="PEM private key of the certificate.")
@click.option("--origin", "origins", multiple=True, help="A web origin whose pages may ask for cubes from a browser.")
@shared_options
def serve(  # noqa: PLR0917 - click gives the options by name
    host: str | None,
    port: int | None,
    workers: int | None,
    catalog: Path | None,
    data: Path | None,
    tls_certificate: Path | None,
    tls_key: Path | None,
    origins: tuple[str, ...],
    state: Path | None,
    as_json: bool,
) -> None:
    """Serve the report, the overview and the cubes until stopped.

    With --catalog and --data any cube catalogue is served, without sign-in and on loopback addresses only, unless
    --state names a state folder with users.
    """
    load = settled if catalog or data else existing
    settings = load(
        host=host, port=port, workers=workers, state=state, tls_certificate=tls_certificate, tls_key=tls_key
    )
    if (catalog is None) != (data is None):
        raise UsageError("--catalog and --data belong together.")
    start(settings, catalog=catalog, data=data, origins=origins, users=state is not None, quiet=as_json)


def start(
    settings: Settings,
    *,
    catalog: Path | None = None,
    data: Path | None = None,
    origins: tuple[str, ...] = (),
    users: bool = True,
    quiet: bool = False,
    listening: socket.socket | None = None,
) -> None:
    """Serve until stopped, on a socket that is bound already where one is given; prints where.

    Raises:
        RefusedError: the address or port cannot be had.
        UsageError: an open catalogue on an address that others can reach, or one of the two TLS files missing.
    """
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        raise UsageError("A certificate needs its key, and a key its certificate.")
    signed = catalog is None or (users and _has_users(settings))
    if not signed and settings.host not in LOOPBACK:
        raise UsageError(
            f"A catalogue without sign-in is served on loopback addresses only, not on {settings.host}.",
            hint="Name a state folder with users: --state DIR (flis user add).",
        )
    _secure(settings)
    _trusted(settings.trusted_proxies)
    _addresses(origins)
    with listening or claim(settings) as bound, ExitStack() as stack:
        at = address(settings, bound.getsockname()[1])
        sessions = None
        if not signed or not _can_write(settings):
            sessions = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="flis-sessions-"))) / "sessions.db"
        if catalog is None:
            stack.enter_context(noted(settings.folders, at))
        what = Served(settings, catalog, data, sessions, signed, origins)
        _run(settings, what, bound, "" if quiet else at)


def _can_write(settings: Settings) -> bool:
    """Whether sessions can be kept in the state folder, as they are by default."""
    folder = settings.folders.access
    return os.access(folder if folder.is_dir() else settings.folders.root, os.W_OK)


def _secure(settings: Settings) -> None:
    """Refuse a certificate and key that no connection could be made with."""
    if settings.tls_certificate is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_certificate, settings.tls_key)
    except (OSError, ValueError):
        raise UsageError(
            "The TLS certificate and its key cannot be used.", hint="Both are PEM files, and belong to each other."
        ) from None


def _has_users(settings: Settings) -> bool:
    """Whether anybody can sign in with the state folder's principals."""
    from flis.access import Principals

    return settings.folders.access.is_dir() and bool(Principals(settings.folders).all())


def _run(settings: Settings, what: Served, bound: socket.socket, at: str) -> None:
    """Serve; the address `at` is told (empty: not) when what is served has been read."""
    import uvicorn

    from flis.catalog.cubes import load
    from flis.cli.workers import Workers
    from flis.serve.connection import Connection

    os.environ.update(what.environment)
    _open_files()
    config = uvicorn.Config(
        "flis.cli.serve:application",
        factory=True,
        workers=settings.workers,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
        http=Connection,
        loop="flis.serve.listening:Loop" if settings.workers > 1 else "auto",
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=STOPPING,
        timeout_worker_healthcheck=BUSY,
    )
    if settings.workers == 1:
        signal.signal(signal.SIGTERM, _end)
        with suppress(KeyboardInterrupt):  # by which it was stopped
            config.load()
            _say(settings, what, at)
            uvicorn.Server(config).run(sockets=[bound])
        return
    if what.catalog is not None:
        load(what.catalog)  # each worker reads it for itself; a wrong one is told before any address
    _say(settings, what, at)
    workers = Workers(config, [bound])
    workers.run()
    if any(p.exitcode == STARTUP_FAILURE for p in workers.processes):
        sys.exit(1)


def _open_files() -> None:
    """Take as many open files as the system allows: every connection is one."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(allowed, min(most, OPEN_FILES)), most))


def _trusted(proxies: str) -> None:
    """Refuse what is no address: a name or a star would believe whoever comes."""
    for text in filter(None, proxies.split(",")):
        try:
            ip_network(text.strip())
        except ValueError:
            raise ConfigError(
                f"trusted_proxies holds {text.strip()[:60]}, which is no address or network.",
                hint="Write for example 127.0.0.1 or 10.1.2.0/24.",
            ) from None


def _addresses(origins: tuple[str, ...]) -> None:
    """Refuse what no browser sends as an origin: it would be let in never, without a word."""
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            raise UsageError(
                f"--origin {origin[:60]} is no web origin.",
                hint="Write scheme://host or scheme://host:port, without a path: https://intranet.example.",
            )


def _end(*_: object) -> None:
    """End as if all were done, so that whatever is only there for the server leaves with it."""
    raise SystemExit


def application() -> Guarded:
    """What each process serves. A worker that cannot begin ends them all: Uvicorn would start it again for ever."""
    from flis.serve.app import create_app

    try:
        return create_app()
    except Exception as error:
        if parent_process() is None:
            raise
        if isinstance(error, FlisError):
            tell(error)
        else:
            traceback.print_exc()
        raise SystemExit(STARTUP_FAILURE) from None


def _say(settings: Settings, what: Served, at: str) -> None:
    if not at:
        return
    if what.catalog is None:
        click.echo(f"The Ukraine report: {at}/ukraine")
        click.echo(f"Operations:         {at}/drift")
    click.echo(f"Cubes (XMLA):       {at}/xmla")
    if not what.users:
        click.echo(
            "Nobody signs in: whoever can reach this machine's loopback address sees all of the catalogue.", err=True
        )
    elif settings.tls_certificate is None and settings.host not in LOOPBACK:
        click.echo("Passwords travel in clear: give --tls-certificate and --tls-key.", err=True)
