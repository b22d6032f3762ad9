"""Every request is under one watch, whatever it asks: bounds, time limit, cancel, and how many run at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.errors import CancelledError, LimitError
from flis.query.limits import CancelToken, Limits
from flis.serve.xmla import Call, FolderBackend, Service
from flis.serve.xmla.soap import read
from tests.serve.xmla.asking import discover, execute

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMBERS = "SELECT * FROM $SYSTEM.MDSCHEMA_MEMBERS"
REQUESTS = {
    "discover": discover("MDSCHEMA_MEMBERS"),
    "rowset statement": execute(f"{MEMBERS} WHERE MEMBER_NAME <> 'x'"),
    "sorted rowset": execute(f"{MEMBERS} ORDER BY MEMBER_NAME"),
    "mdx": execute("SELECT [Date].[Date].Members ON 0 FROM [Sales]"),
    "drillthrough": execute("DRILLTHROUGH SELECT {[Measures].[Revenue]} ON 0 FROM [Sales]"),
}


def answer(service: Service, body: bytes, call: Call | None = None) -> bytes:
    return b"".join(service.answer(read(body), call or Call(None)))


@pytest.mark.parametrize("body", REQUESTS.values(), ids=REQUESTS)
def test_a_cancelled_request_ends(service: Service, body: bytes) -> None:
    token = CancelToken()
    token.cancel()
    assert answer(service, body)
    with pytest.raises(CancelledError, match="cancelled"):
        answer(service, body, Call(None, token=token))


@pytest.mark.parametrize("body", REQUESTS.values(), ids=REQUESTS)
def test_a_request_ends_at_its_time_limit(
    service: Service,
    backend: FolderBackend,
    body: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backend, "limits", Limits(seconds=1e-9))
    with pytest.raises(CancelledError, match="time limit"):
        answer(service, body)


@pytest.mark.parametrize("body", REQUESTS.values(), ids=REQUESTS)
def test_requests_of_one_principal_are_counted_until_their_answer_is_written(
    service: Service,
    backend: FolderBackend,
    body: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backend, "limits", Limits(concurrent=2))
    held: list[Iterator[bytes]] = []
    for _ in range(2):
        held.append(service.answer(read(REQUESTS["discover"]), Call(None)))
        next(held[-1])
    with pytest.raises(LimitError, match="2 at a time"):
        answer(service, body)
    held.pop().close()  # type: ignore[attr-defined]
    assert answer(service, body)
    assert answer(service, body), "a request that has ended is not counted"


@pytest.mark.parametrize("word", ["OR", "AND"])
def test_conditions_are_bounded(service: Service, word: str) -> None:
    def statement(count: int) -> bytes:
        return execute(f"{MEMBERS} WHERE {f' {word} '.join(f'MEMBER_NAME <> {n}' for n in range(count))}")

    assert answer(service, statement(1000))
    for count in (1001, 12_000):
        with pytest.raises(LimitError, match="1,000"):
            answer(service, statement(count))


def test_values_of_a_restriction_are_bounded(service: Service) -> None:
    assert answer(service, discover("MDSCHEMA_CUBES", {"CUBE_NAME": ["Sales"] * 1000}))
    with pytest.raises(LimitError, match="1,000"):
        answer(service, discover("MDSCHEMA_CUBES", {"CUBE_NAME": ["Sales"] * 1001}))
