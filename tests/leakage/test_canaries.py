"""Who a person is stays in the encrypted files: no number, name or address of anybody is found anywhere else.

Deliveries of persons who are easy to find go all the way to a release and to every page and answer, and broken ones
as far as they come. Then the state folder, all that was printed, logged, shown or answered is searched.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from flis import delivery as deliveries
from flis.cli import main
from flis.config import Settings, State
from flis.errors import FlisError
from flis.release import current
from flis.validation import judge, page, report
from tests.delivery import extracts
from tests.delivery.extracts import FIRST_NAME, LAST_NAME, STREET, day, person_number
from tests.leakage.asking import of_state, principal
from tests.leakage.canaries import CANARIES, PERSONS, content_of, delivery, found_in
from tests.leakage.requests import CONVERSATION, DISCOVERS, EXECUTES
from tests.serve.web.asking import Web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAYS = [day(n) for n in (1, 2, 3)]
COMMANDS = (
    ["deliveries", "list"],
    ["deliveries", "show", "{id}"],
    ["deliveries", "report", "{id}"],
    ["deliveries", "report", "{id}", "--language", "en"],
    ["deliveries", "show", "{bad}"],
    ["deliveries", "report", "{bad}"],
    ["deliveries", "report", "cpr-unknown"],
    ["status"],
    ["release", "list"],
    ["release", "show"],
    ["release", "plan"],
    ["release", "verify"],
    ["incident", "list"],
    ["user", "list"],
    ["doctor"],
    ["query", "Ukraine Statistik", "--mdx", "SELECT [Kommune].[Kommune].Members ON 0 FROM"],
    ["query", "Ukraine Statistik", "--mdx", "DRILLTHROUGH SELECT [Measures].[Antal personer] ON 0 FROM"],
    ["query", "Ukraine Statistik", "--mdx", "SELECT [Nothing] ON 0 FROM"],
)
PAGES = (
    *("/", "/ukraine", "/ukraine.json", "/ukraine.csv", "/ukraine.xlsx", "/drift", "/drift.json", "/en/ukraine"),
    *("/ukraine?kommune=0101", "/ukraine?kommune=9999", "/ukraine?dato=2022-01-03", "/ukraine?dato=1800-01-01"),
    *("/nowhere", "/drift/nowhere", "/en/drift", "/healthz", "/readyz", "/static/nowhere"),
)


@dataclass
class Chain:
    """A state folder through which everything has gone, and what was said on the way."""

    state: State
    said: list[str] = field(default_factory=list)

    def flis(self, *arguments: str) -> str:
        """Run a command; all that it wrote is kept."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), contextlib.suppress(SystemExit):
            main([*arguments, "--state", str(self.state.root)])
        self.said.append(out.getvalue())
        return out.getvalue()


class Written(logging.Handler):
    """A log in which everything is written, tracebacks too."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(scope="module")
def log() -> Iterator[list[str]]:
    """All that is logged while the tests of this module run."""
    handler = Written()
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler.lines
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory, log: list[str]) -> Chain:
    """Three good deliveries, the broken ones, a release; by the commands that an operator uses."""
    root = tmp_path_factory.mktemp("canaries")
    found = Chain(Settings(state=root / "state").folders)
    sent = root / "sent"
    sent.mkdir()
    for n, (produced, previous) in enumerate(zip(DAYS, [None, *DAYS], strict=False)):
        file = sent / f"D{n} {person_number(n)} {person_number(n)[:6]}-{person_number(n)[6:]}"
        file.write_bytes(delivery(produced, previous, PERSONS if n == 0 else range(n, n + 5)))
        found.flis("receive", str(file), "--json")
    good = delivery(day(5), day(4))
    broken = [spoil(good) for spoil in extracts.REFUSED] + [good[7:], good[3000:]]
    broken.append(extracts.error_records(delivery(day(4), day(3))))
    for n, content in enumerate(broken):
        file = sent / f"{FIRST_NAME} {n} {person_number(n)}.{LAST_NAME}"
        file.write_bytes(content)
        found.flis("receive", str(file), *(["--json"] if n % 2 else []))
    found.state.inbox.mkdir(exist_ok=True)
    (found.state.inbox / f"late {person_number(1)}").write_bytes(delivery(day(9), day(8)))
    (found.state.inbox / f"{FIRST_NAME} {LAST_NAME}.txt").write_bytes(f"{FIRST_NAME} {person_number(2)}".encode())
    found.flis("load")
    found.flis("release", "apply")
    found.flis("run", "daily", "--json")
    return found


def search(name: str, content: bytes | str) -> None:
    """Fail where some text holds a canary; the failure names the place."""
    leaks = found_in(content.encode() if isinstance(content, str) else content)
    assert not leaks, f"{name} holds {len(leaks)} canaries"


def test_the_chain_ran(chain: Chain) -> None:
    """The search is no empty one: the persons are counted in the release, and every kind of delivery is there."""
    serving = current(chain.state)
    assert serving is not None
    states = {d.state.value for d in deliveries.deliveries(chain.state)}
    assert states >= {"loaded", "quarantined", "waiting"}
    found = chain.flis("query", "Ukraine Statistik", "--mdx", "SELECT [Measures].[Antal personer] ON 0 FROM", "--json")
    assert [cell["value"] for cell in json.loads(found)["cells"]] == [len(PERSONS)]


def test_the_canaries_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "leak").write_bytes(delivery(day(1), None))
    found = b"".join(content for _, content in content_of(tmp_path))
    numbers = {c for c in CANARIES if c.isdecimal()}
    assert all(canary.encode("latin-1") in found for canary in numbers | {FIRST_NAME, LAST_NAME, STREET})
    assert found_in(f"{person_number(1)[:6]}-{person_number(1)[6:]}".encode())
    assert found_in(STREET.encode("utf-16"))


def test_the_state_folder(chain: Chain) -> None:
    searched = 0
    for name, content in content_of(chain.state.root):
        search(name, content)
        searched += 1
    assert searched > 500


def test_encrypted_files_are_encrypted(chain: Chain) -> None:
    files = list(chain.state.root.rglob("*.enc"))
    assert len(files) > len(DAYS)
    for file in files:
        search(file.name, file.read_bytes())


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["words", "json"])
def test_commands(chain: Chain, form: list[str]) -> None:
    known = deliveries.deliveries(chain.state)
    names = {d.state.value: d.id for d in known}
    for command in COMMANDS:
        words = [w.format(id=names["loaded"], bad=names["quarantined"]) if "{" in w else w for w in command]
        search(" ".join(command), chain.flis(*words, *form))


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["words", "json"])
def test_what_no_reader_knows_does_not_stay_in_the_inbox(
    tmp_path: Path, form: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    """Encrypted into quarantine, exit 1, and the report says what to do; also from a folder within the inbox."""
    state = Settings(state=tmp_path / "state").folders
    secret = f"{FIRST_NAME} {LAST_NAME}; {person_number(2)}".encode()
    for name in ("letter", f"{FIRST_NAME}.{LAST_NAME}", f"from the sender/{FIRST_NAME}.docx"):
        (state.inbox / name).parent.mkdir(parents=True, exist_ok=True)
        (state.inbox / name).write_bytes(secret + name.encode())
    with pytest.raises(SystemExit) as ended:
        main(["run", "daily", "--state", str(state.root), *form])
    assert ended.value.code == 1
    assert not [f for f in state.inbox.rglob("*") if f.is_file()]
    refused = deliveries.deliveries(state)
    assert [d.state.value for d in refused] == ["quarantined"] * 3
    assert all("ask its sender" in report(d).findings[0].message_en for d in refused)
    printed = capfd.readouterr()
    for name, content in [*content_of(state.root), ("what was printed", (printed.out + printed.err).encode())]:
        search(name, content)


def test_what_the_commands_said_on_the_way(chain: Chain) -> None:
    assert len(chain.said) > len(DAYS)
    for said in chain.said:
        search("a command", said)


def test_reports(chain: Chain) -> None:
    for found in deliveries.deliveries(chain.state):
        for language in ("da", "en"):
            search(f"the report of {found.id}", page(report(found), language))


def test_pages(chain: Chain) -> None:
    web = Web.of(chain.state)
    for address in PAGES:
        answer = web.get(address)
        search(address, answer.content + repr(answer.headers).encode())
        if address.endswith(".xlsx"):
            with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
                for name in packed.namelist():
                    search(f"{address}, {name}", packed.read(name))
    for name, content in content_of(chain.state.cache):
        search(name, content)


def test_answers_to_clients(chain: Chain, tmp_path: Path) -> None:
    server = of_state(chain.state, tmp_path / "sessions.db")
    for who in (principal(""), principal("0101")):
        for name, body in {**DISCOVERS, **EXECUTES}.items():
            search(name, server.ask(body, who))
        for answer in server.talk(CONVERSATION, who):
            search("a session", answer)
    server.close()


@pytest.mark.parametrize("spoil", extracts.REFUSED, ids=lambda f: f.__name__)
def test_errors_quote_nothing(tmp_path: Path, spoil: object, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither the error of a broken file, nor what it was raised from, nor the report."""
    state = Settings(state=tmp_path / "state").folders
    file = tmp_path / person_number(3)
    file.write_bytes(spoil(delivery(day(1), None)))  # type: ignore[operator]
    told: list[str] = []
    try:
        judged = judge(state, deliveries.receive(state, file))
        told += [repr(judged), repr(report(judged)), page(report(judged), "da")]
    except FlisError as error:
        seen: BaseException | None = error
        while seen is not None:
            told.append(repr(seen) + str(seen) + repr(vars(seen)))
            seen = seen.__cause__ or seen.__context__
    assert told
    captured = capfd.readouterr()
    for text in (*told, captured.out, captured.err):
        search("an error", text)


def test_the_log(chain: Chain, log: list[str]) -> None:
    search("the log", "\n".join(log))
