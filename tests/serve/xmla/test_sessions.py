"""Sessions: begun, kept, shared by processes, bound to their owner, ended, expired."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lxml import etree

from flis.access import Principal
from flis.errors import NameStatementError, SessionError, StatementError, UsageError
from flis.serve.xmla import Call, Service, Sessions
from flis.serve.xmla.names import ENGINE, XMLA
from flis.serve.xmla.sessions import IDLE_SECONDS, MOST
from flis.serve.xmla.soap import read
from tests.serve.xmla.asking import discover, envelope, execute, rows_of

if TYPE_CHECKING:
    from pathlib import Path

    from flis.serve.xmla import FolderBackend
    from tests.serve.xmla.asking import Asker

BEGIN = f'<BeginSession xmlns="{XMLA}" e:mustUnderstand="1"/>'


def within(session: str, end: str = "") -> str:
    return f'<X:{end}Session xmlns:X="{XMLA}" e:mustUnderstand="1" SessionId="{session}"/>'


def begun(answer: etree._Element) -> str:
    found = answer.find(f".//{{{XMLA}}}Session")
    assert found is not None
    return found.get("SessionId", "")


@pytest.fixture
def session(ask: Asker) -> str:
    return begun(ask.post(execute("", header=BEGIN, Catalog="SALES_ANALYTICS", LocaleIdentifier=1033)))


def test_a_session_begins_and_ends(ask: Asker, session: str) -> None:
    assert begun(ask.post(discover("DISCOVER_KEYWORDS", header=within(session)))) == session
    assert begun(ask.post(execute("SELECT FROM [Sales]", header=within(session)))) == session
    ask.post(execute("", header=within(session, "End")))
    for header in (within(session), within(session, "End"), within("no-such-session"), within("")):
        with pytest.raises(SessionError):
            ask.post(execute("", header=header))


def test_a_rowset_can_be_the_last_that_is_asked_of_a_session(ask: Asker, session: str) -> None:
    answer = ask.post(discover("DISCOVER_SESSIONS", header=within(session, "End")))
    assert [r["SESSION_ID"] for r in rows_of(answer)] == [session]
    assert answer.find(f".//{{{XMLA}}}Session") is None
    with pytest.raises(SessionError):
        ask.rows("DISCOVER_KEYWORDS", header=within(session))


def test_sessions_have_ids_of_128_bits(sessions: Sessions) -> None:
    ids = {sessions.begin("").id for _ in range(100)}
    assert len(ids) == 100
    assert all(len(i.replace("-", "")) == 32 for i in ids)


def test_the_session_keeps_database_and_language(ask: Asker, session: str) -> None:
    def value(name: str) -> str:
        return ask.rows("DISCOVER_PROPERTIES", {"PropertyName": name}, header=within(session))[0]["Value"]

    assert value("Catalog") == "SALES_ANALYTICS"
    assert value("LocaleIdentifier") == "1033"
    measures = ask.rows("MDSCHEMA_MEASURES", {"MEASURE_NAME": "Revenue"}, header=within(session))
    assert measures[0]["MEASURE_CAPTION"] == "Revenue"


def test_members_and_sets_of_a_session(ask: Asker, session: str) -> None:
    def run(statement: str, header: str = within(session)) -> etree._Element:
        return ask.post(execute(statement, header=header, LocaleIdentifier=1033))

    use = "SELECT [Top] ON 0, {[Measures].[Double]} ON 1 FROM [Sales]"
    with pytest.raises(NameStatementError):
        run(use)
    run("CREATE SESSION MEMBER [Sales].[Measures].[Double] AS [Measures].[Orders] * 2, FORMAT_STRING = '0.0'")
    run("CREATE SET [Sales].[Top] AS {[Segment].[Segment].&[Consumer]}")
    assert "96.0" in etree.tostring(run(use)).decode()
    scopes = {r["SET_NAME"]: r["SCOPE"] for r in ask.rows("MDSCHEMA_SETS", header=within(session))}
    assert scopes == {"Big Segments": "1", "Top Segments": "1", "Top": "2"}
    assert "Double" in {r["MEASURE_NAME"] for r in ask.rows("MDSCHEMA_MEASURES", header=within(session))}
    other = begun(ask.post(execute("", header=BEGIN)))
    with pytest.raises(NameStatementError):
        run(use, within(other))
    run("DROP SET [Sales].[Top]")
    with pytest.raises(StatementError):
        run(use)


def test_a_comment_may_stand_before_a_definition(ask: Asker, session: str) -> None:
    use = execute("SELECT Top ON 0 FROM [Sales]", header=within(session))
    ask.post(execute("-- mine\nCREATE SET [Sales].[Top] AS {[Segment].[Segment].&[Corporate]}", header=within(session)))
    assert "96.0" not in etree.tostring(ask.post(use)).decode()
    ask.post(execute("/* no more */ DROP SET [Sales].[Top]", header=within(session)))
    with pytest.raises(NameStatementError):
        ask.post(use)


def test_hidden_members_and_sets_are_not_listed(ask: Asker, session: str) -> None:
    header = within(session)
    ask.post(execute("CREATE SESSION HIDDEN SET [Sales].[Top] AS {[Segment].[Segment].&[Corporate]}", header=header))
    ask.post(execute("CREATE HIDDEN MEMBER [Sales].[Measures].[One] AS 1", header=header))
    assert "Top" not in {r["SET_NAME"] for r in ask.rows("MDSCHEMA_SETS", header=header)}
    assert "One" not in {r["MEASURE_NAME"] for r in ask.rows("MDSCHEMA_MEASURES", header=header)}
    hidden = ask.rows("MDSCHEMA_MEASURES", {"MEASURE_VISIBILITY": 2, "MEASURE_NAME": "One"}, header=header)
    assert [r["MEASURE_IS_VISIBLE"] for r in hidden] == ["false"]
    assert ask.table("SELECT [Measures].[One] ON 0, Top ON 1 FROM [Sales]", header=header, Format="Tabular")


def test_another_process_takes_the_session_up(
    backend: FolderBackend, sessions: Sessions, session: str, tmp_path: Path
) -> None:
    there = Service(backend, Sessions(tmp_path / "sessions.db"))
    create = "CREATE MEMBER [Sales].[Measures].[Half] AS [Measures].[Orders] / 2, CAPTION = 'Halvt'"
    b"".join(there.answer(read(execute(create, header=within(session))), Call(None)))
    here = Service(backend, sessions)
    use = execute("SELECT {[Measures].[Half]} ON 0 FROM [Sales]", header=within(session))
    assert b"Halvt" in b"".join(here.answer(read(use), Call(None)))


def test_a_session_is_its_owners_alone(service: Service) -> None:
    anna, bent = Call(Principal("anna", "")), Call(Principal("bent", ""))
    mine = begun(etree.fromstring(b"".join(service.answer(read(execute("", header=BEGIN)), anna))))
    with pytest.raises(SessionError):
        service.answer(read(execute("", header=within(mine))), bent)
    asked = discover("DISCOVER_SESSIONS", header=within(mine))
    assert [r["SESSION_ID"] for r in rows_of(etree.fromstring(b"".join(service.answer(read(asked), anna))))] == [mine]
    theirs = begun(etree.fromstring(b"".join(service.answer(read(execute("", header=BEGIN)), bent))))
    listed = rows_of(
        etree.fromstring(b"".join(service.answer(read(discover("DISCOVER_SESSIONS", header=within(theirs))), bent)))
    )
    assert [r["SESSION_ID"] for r in listed] == [theirs]


def cancel(inside: str = "") -> str:
    return f'<Execute xmlns="{XMLA}"><Command><Cancel xmlns="{ENGINE}">{inside}</Cancel></Command></Execute>'


def test_cancel_marks_the_session(ask: Asker, sessions: Sessions, session: str) -> None:
    ask.post(envelope(cancel(), within(session)))
    assert sessions.cancels(session) == 1
    spid = sessions.find(session, "").spid
    ask.post(envelope(cancel(f"<SPID>{spid}</SPID>")))
    ask.post(envelope(cancel(f"<SessionID>{session}</SessionID>")))
    ask.post(envelope(cancel(f"<ConnectionID>{spid}</ConnectionID>")))
    assert sessions.cancels(session) == 4
    for call in (cancel(), cancel("<SPID>9999</SPID>")):
        with pytest.raises(UsageError):
            ask.post(envelope(call))


def test_nobody_cancels_the_work_of_others(service: Service, sessions: Sessions) -> None:
    mine = sessions.begin("anna")
    b"".join(service.answer(read(envelope(cancel(f"<SessionID>{mine.id}</SessionID>"))), Call(Principal("bent", ""))))
    assert sessions.cancels(mine.id) == 0


def test_activity_is_listed(ask: Asker, session: str) -> None:
    ask.post(execute("SELECT FROM [Sales]", header=within(session)))
    [row] = ask.rows("DISCOVER_SESSIONS", header=within(session))
    assert row["SESSION_LAST_COMMAND"] == "SELECT FROM [Sales]"
    assert row["SESSION_COMMAND_COUNT"] == "1"
    assert row["SESSION_STATUS"] == "0"
    [command] = ask.rows("DISCOVER_COMMANDS", header=within(session))
    assert command["COMMAND_TEXT"] == "SELECT FROM [Sales]"
    assert len(ask.rows("DISCOVER_CONNECTIONS", header=within(session))) == 1


def test_expired_and_surplus_sessions_are_dropped(tmp_path: Path) -> None:
    now = [1_000_000.0]
    sessions = Sessions(tmp_path / "other.db", clock=lambda: now[0])
    old = sessions.begin("anna")
    now[0] += IDLE_SECONDS + 1
    with pytest.raises(SessionError):
        sessions.find(old.id, "anna")
    for _ in range(MOST + 5):
        now[0] += 1
        sessions.begin("anna")
    assert len(sessions.of("anna")) == MOST
    assert sessions.cancels(old.id) == -1
    sessions.close()


def test_session_numbers_do_not_tell_what_others_do(sessions: Sessions) -> None:
    first = sessions.begin("anna")
    for _ in range(5):
        sessions.begin("berit")
    assert (first.spid, sessions.begin("anna").spid) == (1, 2)
    assert [s.spid for s in sessions.of("berit")] == [1, 2, 3, 4, 5]
