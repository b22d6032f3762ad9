"""Every public address answers with the bytes that are on record: pages, files and errors, in three languages.

The overview is left out: it says today's date and the state of every area. After a change that is meant, write the
record again: `python -m tests.serve.web.test_unmoved`.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path

from flis.serve.web.site.texts import LANGUAGES
from tests.release.sample import build_sample
from tests.serve.web.asking import Web

RECORD = Path(__file__).with_name("pages.json")
QUESTIONS = (
    "",
    "?kommune=0101",
    "?kommune=0411",
    "?kommune=Odense&sammenlign=0101,0751",
    "?kommune=0461&orden=navn",
    "?orden=antal",
    "?orden=uge",
    "?kommune=Odens",
    "?kommune=Nowhere",
    "?dato=1999-01-01",
    "?dato=none",
    "?kendt=1999-01-01",
    "?kommune=0101&kommune=0147",
    "?sammenlign=0101,0147,0151,0153",
)
FILES = (
    *("json", "json?kommune=0101&sammenlign=0147", "json?kommune=Odens", "xlsx", "xlsx?kommune=0461"),
    *(f"csv?tabel={table}{form}" for table in ("kommuner", "udvikling", "fordeling") for form in ("", "&form=excel")),
    *("csv?tabel=bevaegelser&kommune=0101", "csv?tabel=bevaegelser_dag", "csv?tabel=bevaegelser_maaned"),
    *("csv?tabel=sammenligning&kommune=0101", "csv?tabel=revisioner", "csv?tabel=none", "csv?form=none"),
)
SITE = ("", "/drift/none", "/none", "/ukraine/none", "/ukraine.none")
ONCE = (
    *("/healthz", "/readyz", "/robots.txt", "/favicon.ico", "/static/none"),
    *("/static/flis.css", "/static/mark.svg", "/static/fonts/LICENSE.txt"),
    *(f"/static/fonts/IBMPlexSans-{w}-{s}.woff2" for w in ("Regular", "SemiBold") for s in ("Latin1", "Cyrillic")),
)


def addresses() -> list[str]:
    """All that is asked: `/` in each language, the other pages, the report's questions and its files."""
    found = list(ONCE)
    for language in LANGUAGES:
        start = "" if language == "da" else f"/{language}"
        found += [f"{start}{path}" or "/" for path in SITE]
        found += [f"{start}/ukraine{question}" for question in QUESTIONS]
        found += [f"{start}/ukraine.{file}" for file in FILES]
    return found


def answers(web: Web) -> dict[str, str]:
    """Status, headers and a digest of the bytes of each answer."""
    found = {}
    for address in addresses():
        told = web.get(address)
        headers = sorted(f"{name}: {value}" for name, value in told.headers.items())
        digest = hashlib.sha256("\n".join(headers).encode() + told.content).hexdigest()
        found[address] = f"{told.status_code} {digest[:32]}"
    return found


def test_every_address_answers_as_on_record(web: Web) -> None:
    found, record = answers(web), json.loads(RECORD.read_text("utf-8"))
    assert [a for a in found if found[a] != record.get(a)] == []
    assert set(found) == set(record)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        made = answers(Web.of(build_sample(Path(folder), releases=2)))
    RECORD.write_text(json.dumps(made, indent=1) + "\n", "utf-8")
