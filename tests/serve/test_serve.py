"""`flis serve`: what it refuses before it starts, and a real start with two workers and TLS."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from flis.cli.listening import claim
from flis.cli.serve import start
from flis.config import Settings
from flis.errors import ConfigError, RefusedError, UsageError
from flis.serve.served_state import Served, served
from tests.serve.xmla.asking import discover
from tests.serve.xmla.conftest import CATALOG, write_data

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def port() -> int:
    """A port that nobody listens on: tests run beside each other."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def test_an_open_catalogue_stays_on_loopback(tmp_path: Path) -> None:
    with socket.socket() as other:  # refused for what it is, whether its port is free or not
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = Settings(host="0.0.0.0", port=other.getsockname()[1], state=tmp_path)
        with pytest.raises(UsageError, match="loopback"):
            start(taken, catalog=CATALOG, data=tmp_path)


@pytest.mark.parametrize("proxies", ["*", "proxy.example", "127.0.0.1,*"])
def test_a_trusted_proxy_is_an_address(tmp_path: Path, proxies: str) -> None:
    with pytest.raises(ConfigError, match="no address or network"):
        start(Settings(state=tmp_path, trusted_proxies=proxies))


@pytest.mark.parametrize(
    "origin",
    [
        "foo",
        "b.example",
        "https://",
        "https://a.example/",
        "https://a.example/x",
        "ftp://a.example",
        "https://a.example,b",
        "*",
    ],
)
def test_an_origin_is_one(tmp_path: Path, origin: str) -> None:
    with pytest.raises(UsageError, match="no web origin") as told:
        start(Settings(state=tmp_path), origins=("https://a.example:8443", origin))
    assert "scheme://host" in told.value.hint


@pytest.mark.parametrize(
    ("host", "flag"), [("999.1.1.1", "--host"), ("192.0.2.1", "--host"), ("a..b", "--host"), ("127.0.0.1", "--port")]
)
def test_the_hint_names_the_setting_that_is_wrong(host: str, flag: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(RefusedError) as told:
            claim(Settings(host=host, port=other.getsockname()[1]))
    assert flag in told.value.hint


def test_a_certificate_needs_its_key(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="key"):
        start(Settings(tls_certificate=tmp_path / "c.pem"))


def test_a_certificate_has_to_be_one(tmp_path: Path, port: int) -> None:
    for name in ("c.pem", "k.pem"):
        (tmp_path / name).write_text("no certificate")
    with pytest.raises(UsageError, match="cannot be used"):
        start(Settings(port=port, tls_certificate=tmp_path / "c.pem", tls_key=tmp_path / "k.pem"))


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_that_cannot_begin_ends(tmp_path: Path, port: int, workers: str) -> None:
    write_data(tmp_path)
    (tmp_path / "catalogue.yaml").write_text("catalogue: Broken\ncubes: [none]\n")
    command = [
        *(sys.executable, "-m", "flis", "serve", "--port", str(port), "--workers", workers),
        *("--catalog", str(tmp_path), "--data", str(tmp_path)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "flis: " in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""  # no address that nobody answers at


def test_catalog_and_data_belong_together(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flis", "serve", "--catalog", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--data" in done.stderr


def test_workers_come_to_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    what = Served(
        Settings(state=tmp_path), tmp_path, tmp_path, tmp_path / "s.db", users=False, origins=("https://a.example", "b")
    )
    monkeypatch.chdir(tmp_path)
    for name, value in what.environment.items():
        monkeypatch.setenv(name, value)
    assert served() == what


@pytest.mark.slow
def test_two_workers_over_tls(tmp_path: Path, port: int) -> None:
    write_data(tmp_path)
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate of this test, and is not installed")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-days", "2",
         "-keyout", "key.pem", "-out", "cert.pem", "-addext", "subjectAltName=IP:127.0.0.1"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    command = [
        *(sys.executable, "-m", "flis", "serve", "--port", str(port), "--workers", "2", "--catalog", str(CATALOG)),
        *("--data", str(tmp_path), "--tls-certificate", str(tmp_path / "cert.pem")),
        *("--tls-key", str(tmp_path / "key.pem")),
    ]
    context = ssl.create_default_context(cafile=tmp_path / "cert.pem")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            _wait(process, port, context)
            connection = http.client.HTTPSConnection("127.0.0.1", port, context=context)
            for _ in range(20):
                connection.request("POST", "/xmla", discover("MDSCHEMA_CUBES"), {"Content-Type": "text/xml"})
                answer = connection.getresponse()
                assert answer.status == 200
                assert b"SALES_ANALYTICS" in answer.read()
            connection.close()
        finally:
            process.terminate()
        said, _ = process.communicate(timeout=60)
    assert f"https://127.0.0.1:{port}/xmla" in said


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_stopped_leaves_nothing(tmp_path: Path, port: int, workers: str, sign: signal.Signals) -> None:
    data, temporary = tmp_path / "data", tmp_path / "temporary"
    data.mkdir()
    temporary.mkdir()
    write_data(data)
    command = [
        *(sys.executable, "-m", "flis", "serve", "--port", str(port), "--workers", workers),
        *("--catalog", str(CATALOG), "--data", str(data)),
    ]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _wait(process, port)
        folders = {"flis-sessions": 1, "flis-store": int(workers)}
        for _ in range(100):  # the other worker may need a while longer
            if all(len(list(temporary.glob(f"{name}-*"))) == count for name, count in folders.items()):
                break
            time.sleep(0.1)
        assert list(temporary.iterdir())
        process.send_signal(sign)
        assert process.wait(60) == 0
    assert not list(temporary.iterdir())


def _wait(process: subprocess.Popen[Any], port: int, context: ssl.SSLContext | None = None) -> None:
    for _ in range(600):
        plain = http.client.HTTPConnection("127.0.0.1", port)
        with closing(
            http.client.HTTPSConnection("127.0.0.1", port, context=context) if context else plain
        ) as connection:
            try:
                connection.request("GET", "/healthz")
                connection.getresponse().read()
            except OSError:
                assert process.poll() is None
                time.sleep(0.1)
            else:
                return
    pytest.fail("the server did not start")
