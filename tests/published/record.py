"""What the demo publishes, by hash: files of facts, and answers to stored statements.

`python -m tests.published.record` writes the record anew, which is right only where a published figure was wrong.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from flis.access import Grant, Principal
from flis.config import State
from flis.release import PUBLIC, releases
from flis.serve.xmla import Call, ReleaseBackend, Service, Sessions
from flis.serve.xmla.soap import read
from tests.demo import make
from tests.serve.xmla.asking import execute

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORD = Path(__file__).with_name("record.json")
FACTS = ("stock", "flow", "crossing")
NATIONAL = Principal("national", "", (Grant(),))
ODENSE = Principal("odense", "", (Grant("0461"),))
MOMENTS = re.compile(rb"<(LastDataUpdate|LastSchemaUpdate)[^>]*>[^<]*<")
"""When the release was made: the only thing in an answer that may differ."""
HIERARCHIES = (
    "[Dato].[Kalender].[År]",
    "[Dato].[Kalender].[Måned]",
    "[Dato].[Kalender].[Dag]",
    "[Kommune].[Geografi].[Region]",
    "[Kommune].[Geografi].[Landsdel]",
    "[Kommune].[Geografi].[Kommune]",
    "[Alder].[Aldersgrupper].[Aldersgruppe]",
    "[Alder].[Aldersgrupper].[Alder]",
    "[Køn].[Køn].[Køn]",
    "[Civilstand].[Civilstand].[Civilstand]",
)
MEASURES = (
    "[Measures].[Antal personer]",
    "[Measures].[Indrejste minus udrejste]",
    "[Measures].[Registrerede indrejser]",
    "[Measures].[Indrejste]",
    "[Measures].[Øvrige]",
    "[Measures].[Ændring på 7 dage]",
    "[Measures].[Andel af landet]",
)
FORMS = (
    "SELECT {{{m}}} ON 0, NON EMPTY {h}.Members ON 1 FROM [Ukraine Statistik]",
    (
        "SELECT {{{m}}} ON 0, Hierarchize({{DrilldownLevel({{{a}}})}}) DIMENSION PROPERTIES PARENT_UNIQUE_NAME ON 1 "
        "FROM (SELECT {{[Dato].[Kalender].[Dag].&[2022-08-05], [Dato].[Kalender].[Dag].&[2022-08-09]}} ON 0 "
        "FROM [Ukraine Statistik]) CELL PROPERTIES VALUE, FORMAT_STRING, LANGUAGE, BACK_COLOR, FORE_COLOR, FONT_FLAGS"
    ),
    "SELECT NON EMPTY {h}.Members * [Køn].[Køn].Members ON 0 FROM [Ukraine Statistik] WHERE ({m})",
)


def statements() -> Iterator[str]:
    """Two hundred statements and more, as pivot tables and people write them."""
    for form in FORMS:
        for hierarchy in HIERARCHIES:
            for measure in MEASURES:
                if form is FORMS[2] and hierarchy.startswith("[Køn]"):
                    continue
                yield form.format(m=measure, h=hierarchy, a=hierarchy.rsplit(".", 1)[0])


def facts(state: State) -> dict[str, dict[str, str]]:
    """By release and table of facts, the hash over the hashes of its files: every store, every partition."""
    found: dict[str, dict[str, str]] = {}
    for one in releases(state):
        for table in FACTS:
            files = {
                f"{store}/{part}": hashlib.sha256(path.read_bytes()).hexdigest()
                for store in one.stores
                if store != PUBLIC
                for part, path in one.area("ukraine").partitions(store, table).items()
            }
            said = json.dumps(files, sort_keys=True).encode()
            found.setdefault(str(one.number), {})[table] = hashlib.sha256(said).hexdigest()
    return found


def answers(state: State, sessions: Path) -> dict[str, list[str]]:
    """By principal, the hashes of the answers' bytes in the order of the statements."""
    held = Sessions(sessions)
    service = Service(ReleaseBackend(state), held)
    found = {p.name: [_answer(service, p, statement) for statement in statements()] for p in (NATIONAL, ODENSE)}
    held.close()
    return found


def _answer(service: Service, principal: Principal, statement: str) -> str:
    said = b"".join(service.answer(read(execute(statement)), Call(principal)))
    return hashlib.sha256(MOMENTS.sub(b"", said)).hexdigest()[:20]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        make(root / "state")
        state = State(root / "state", root / "state" / "keys")
        record = {"facts": facts(state), "answers": answers(state, root / "sessions.db")}
        RECORD.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
