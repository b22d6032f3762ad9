"""Ports and settings: what cannot be is one line before anything is done, and a second demo disturbs no first one."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from flis.cli import main
from flis.config import Settings
from flis.serve.running_servers import noted, running
from tests.demo import PERIOD, SCALES, flis

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.demo import Demo


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """The same in this process, which starts at once: exit code, output, errors."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    said = capsys.readouterr()
    return int(str(ended.value.code)), said.out, said.err


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which the commands run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


WRONG = [
    (("serve", "--port", "99999"), {}, "--port takes a whole number from 0 to 65535."),
    (("serve", "--port", "-1"), {}, "--port takes a whole number from 0 to 65535."),
    (("doctor", "--port", "65536"), {}, "--port takes a whole number from 0 to 65535."),
    (("demo", "--port", "70000"), {}, "--port takes a whole number from 0 to 65535."),
    (("serve",), {"FLIS_PORT": "99999"}, "FLIS_PORT takes a whole number from 0 to 65535."),
    (("serve",), {"FLIS_PORT": "http"}, "FLIS_PORT takes a whole number from 0 to 65535."),
    (("serve",), {"FLIS_PORT": ""}, "FLIS_PORT takes a whole number from 0 to 65535."),
    (("status",), {"FLIS_PORT": "8000.5"}, "FLIS_PORT takes a whole number from 0 to 65535."),
    (("serve",), {"FLIS_WORKERS": "0"}, "FLIS_WORKERS takes a whole number from 1 to 64."),
    (("serve",), {"FLIS_WORKERS": "two"}, "FLIS_WORKERS takes a whole number from 1 to 64."),
    (("run", "daily"), {"FLIS_ARCHIVE_DAYS": "-5"}, "FLIS_ARCHIVE_DAYS takes a whole number from 0 to 36500."),
    (("run", "daily"), {"FLIS_QUARANTINE_DAYS": "9e9"}, "FLIS_QUARANTINE_DAYS takes a whole number"),
    (("status",), {"FLIS_STATE": ""}, "FLIS_STATE is empty."),
    (("serve",), {"FLIS_HOST": " "}, "FLIS_HOST is empty."),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda w: " ".join((*w[0], *w[1].values())))
def test_wrong_settings_are_one_line(
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    wrong: tuple[tuple[str, ...], dict[str, str], str],
) -> None:
    words, variables, text = wrong
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    code, out, err = told(capsys, *words)
    assert (code, out) == (2, "")
    assert err.startswith(f"flis: {text}")
    assert len(err.splitlines()) == 1
    assert not list(here.iterdir())


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"port = 99999", "port in flis.toml takes a whole number from 0 to 65535."),
        (b"port = 80.5", "port in flis.toml takes a whole number"),
        (b"port = true", "port in flis.toml takes a whole number"),
        (b"port = [8000]", "port in flis.toml takes a whole number"),
        (b"workers = 2022-08-16", "workers in flis.toml takes a whole number"),
        (b"host = 5", "host in flis.toml takes a text."),
        (b"state = ['a']", "state in flis.toml takes a text."),
        (b"tls_key = 7", "tls_key in flis.toml takes a text."),
        (b"keys = ''", "keys in flis.toml is empty."),
        (b"prot = 8000", "prot is no setting."),
        (b"port = = 8000", "flis.toml is not TOML"),
        (b"host = '\xff'", "flis.toml is not TOML"),
    ],
)
def test_a_wrong_file_of_settings_is_one_error(
    here: Path, capsys: pytest.CaptureFixture[str], content: bytes, text: str
) -> None:
    (here / "flis.toml").write_bytes(content)
    code, _, err = told(capsys, "status")
    assert code == 2
    assert err.startswith(f"flis: {text}")


def test_a_file_of_settings_that_is_a_folder(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "flis.toml").mkdir()
    assert "flis.toml cannot be read" in told(capsys, "status")[2]


@pytest.mark.parametrize("host", ["no such host", "a..b", "192.0.2.1"])
def test_an_address_that_cannot_be_had(here: Path, capsys: pytest.CaptureFixture[str], host: str) -> None:
    (here / "state").mkdir()
    code, _, err = told(capsys, "serve", "--host", host, "--port", "0")
    assert code == 1
    assert f"Cannot serve on {host}" in err


LOOKING = [
    ("status",), ("deliveries", "list"), ("release", "list"), ("release", "plan"), ("release", "verify"),
    ("release", "apply"), ("release", "rollback"), ("release", "resume"), ("run", "daily"), ("load",), ("serve",),
    ("incident", "list"), ("user", "list"), ("user", "token", "x"), ("query", "Ukraine Statistik", "--mdx", "SELECT"),
    ("incident", "add", "--area", "ukraine", "--kind", "faulty-delivery", "--da", "x", "--en", "x"),
    ("deliveries", "expire"),
]  # fmt: skip


@pytest.mark.parametrize("words", LOOKING, ids=" ".join)
def test_a_state_that_is_not_there(here: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    code, out, err = told(capsys, *words, "--state", "nowhere")
    assert (code, out) == (1, "")
    assert err.startswith("flis: There is no state folder nowhere.")
    assert not list(here.iterdir())


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another programme listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


def test_a_demo_finds_a_taken_port_before_it_simulates(tmp_path: Path, taken: int) -> None:
    """It takes the next free port and names it, and serves there."""
    command = [sys.executable, "-m", "flis", "demo", "--state", "state", "--port", str(taken), *PERIOD, *SCALES]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        first = process.stdout.readline()
        named = int(first.rpartition("takes ")[2].rstrip(".\n"))
        process.kill()
        process.wait()
    assert first == f"Port {taken} is taken: this demo takes {named}.\n"
    assert taken < named <= taken + 100


def test_serve_refuses_a_taken_port(here: Path, capsys: pytest.CaptureFixture[str], taken: int) -> None:
    (here / "state").mkdir()
    code, _, err = told(capsys, "serve", "--port", str(taken))
    assert code == 1
    assert f"port {taken}" in err


@pytest.mark.slow
def test_a_second_demo_leaves_the_first_alone(demo: Demo, tmp_path: Path, taken: int) -> None:
    """It changes no password and says where the state is served, whoever else listens on the wanted port."""
    shutil.copytree(demo.state, tmp_path / "state")
    again = [sys.executable, "-m", "flis", "demo", "--state", "state", *PERIOD, *SCALES]
    with subprocess.Popen(
        [*again, "--port", "0", "--json"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        lines: list[str] = []
        while not lines or lines[-1] != "}\n":
            lines.append(process.stdout.readline())
        first = json.loads("".join(lines))
        front = first["pages"]["front"]
        national = next(u["password"] for u in first["users"] if u["name"] == "national")
        before = (tmp_path / "state" / "access" / "principals.json").read_bytes()
        for further in ((), ("--no-serve",)):
            second = flis(*again[3:], "--port", str(taken), *further, folder=tmp_path)
            assert second.returncode == 0
            assert f"A server of this state folder runs already: {front.rstrip('/')}" in second.stdout
            assert str(taken) not in second.stdout
            assert "password " not in second.stdout
        assert json.loads(flis(*again[3:], "--json", folder=tmp_path).stdout)["running"]
        assert (tmp_path / "state" / "access" / "principals.json").read_bytes() == before
        found = flis("doctor", "--state", "state", "--port", front.rstrip("/").rpartition(":")[2], folder=tmp_path)
        assert "taken" in found.stdout or "Cannot" in found.stdout
        for _ in range(100):
            try:
                assert httpx.get(f"{front}healthz").text == "ok\n"
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                break
        assert httpx.post(f"{front}xmla", content=b"", auth=("national", national)).status_code != 401
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert running(Settings(state=tmp_path / "state").folders) == []


def test_the_note_of_a_killed_server_is_none(tmp_path: Path) -> None:
    state = Settings(state=tmp_path).folders
    with noted(state, "http://here.example:1"):
        assert running(state) == ["http://here.example:1"]
        left = state.operations / "serving" / "1"
        left.write_text("http://there.example:2")
        assert running(state) == ["http://here.example:1"]
        assert not left.exists()
    assert running(state) == []


def test_two_demos_do_not_make_one_folder(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    holds = (
        "import fcntl, os, sys; fcntl.flock(os.open('state/.lock', os.O_RDWR | os.O_CREAT), 2); print(flush=True)"
        "; sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holds], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "\n"
        done = flis("demo", "--no-serve", *PERIOD, *SCALES, folder=tmp_path)
        other.kill()
    assert done.returncode == 1
    assert "Another demo is being made in this folder." in done.stderr
