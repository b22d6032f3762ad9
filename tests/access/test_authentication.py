"""Credentials: right, wrong, remembered, revoked, and tried too often."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from flis.access import Authenticator, Grant, Principals
from flis.config import State
from flis.errors import AuthenticationError, LimitError

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "a long enough one"
DAY = date(2022, 8, 16)


class Clock:
    """A clock that stands still until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def state(tmp_path: Path) -> State:
    found = State(tmp_path, tmp_path / "keys")
    Principals(found).add("anna", PASSWORD, (Grant("0101"),))
    return found


def authenticator(state: State) -> tuple[Authenticator, Clock]:
    clock = Clock()
    return Authenticator(state, clock=clock, today=lambda: DAY), clock


def refusal(who: Authenticator, user: str, password: str) -> str:
    with pytest.raises(AuthenticationError) as caught:
        who.basic(user, password, "127.0.0.1")
    return str(caught.value)


def test_right_password_gives_the_principal(state: State) -> None:
    who, _ = authenticator(state)
    assert who.basic("Anna", PASSWORD, "127.0.0.1").grants == (Grant("0101"),)


def test_wrong_name_and_wrong_password_are_answered_alike(state: State) -> None:
    who, _ = authenticator(state)
    assert refusal(who, "anna", "something else") == refusal(who, "nobody", PASSWORD)


def test_a_verified_credential_is_remembered_until_it_ends(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    who, clock = authenticator(state)
    who.basic("anna", PASSWORD, "127.0.0.1")
    asked: list[str] = []

    class Counting:
        def verify(self, stored: str, _: str) -> bool:
            asked.append(stored)
            return True

    monkeypatch.setattr("flis.access.authentication.HASHER", Counting())
    who.basic("anna", PASSWORD, "127.0.0.1")
    assert not asked
    clock.now += 301
    who.basic("anna", PASSWORD, "127.0.0.1")
    assert len(asked) == 1


def test_a_revoked_right_is_felt_at_once(state: State) -> None:
    who, _ = authenticator(state)
    assert who.basic("anna", PASSWORD, "127.0.0.1").grants
    Principals(state).revoke("anna")
    assert who.basic("anna", PASSWORD, "127.0.0.1").grants == ()


def test_back_off_per_name_and_then_free_again(state: State) -> None:
    who, clock = authenticator(state)
    for n in range(6):
        with pytest.raises(AuthenticationError):
            who.basic("anna", "wrong", f"10.0.0.{n}")
    with pytest.raises(LimitError):
        who.basic("anna", PASSWORD, "10.0.0.99")
    clock.now += 3
    assert who.basic("anna", PASSWORD, "10.0.0.99").name == "anna"
    for _ in range(5):
        with pytest.raises(AuthenticationError):
            who.basic("anna", "wrong", "10.0.1.1")


def test_back_off_per_address(state: State) -> None:
    who, _ = authenticator(state)
    for n in range(6):
        with pytest.raises(AuthenticationError):
            who.basic(f"guess{n}", "wrong", "10.0.0.1")
    with pytest.raises(LimitError):
        who.basic("anna", PASSWORD, "10.0.0.1")
    assert who.basic("anna", PASSWORD, "10.0.0.2").name == "anna"


def test_tokens(state: State) -> None:
    who, _ = authenticator(state)
    token = Principals(state).token("anna", DAY)
    assert who.bearer(token, "127.0.0.1").name == "anna"
    ended = Principals(state).token("anna", DAY - timedelta(days=1))
    for wrong in (ended, "flis_unknown"):
        with pytest.raises(AuthenticationError):
            who.bearer(wrong, "127.0.0.1")
    Principals(state).revoke("anna")
    with pytest.raises(AuthenticationError):
        who.bearer(token, "127.0.0.1")


def test_no_clear_secret_lies_on_disk(state: State) -> None:
    token = Principals(state).token("anna", DAY)
    stored = (state.access / "principals.json").read_text("utf-8")
    assert PASSWORD not in stored
    assert token not in stored
    assert (state.access / "principals.json").stat().st_mode & 0o777 == 0o600
