"""Credentials: right, wrong, remembered, revoked, and tried too often."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import TYPE_CHECKING

import argon2
import pytest
from argon2.exceptions import VerificationError

from flis.access import Authenticator, Grant, Principals
from flis.config import State
from flis.errors import AuthenticationError, BusyError

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


def fail(who: Authenticator, user: str, address: str) -> None:
    with pytest.raises(AuthenticationError):
        who.basic(user, "wrong", address)


def refused(who: Authenticator, user: str, address: str) -> int:
    """After how many seconds the answer says to try again."""
    with pytest.raises(BusyError) as caught:
        who.basic(user, PASSWORD, address)
    assert str(caught.value.seconds) in str(caught.value)
    return caught.value.seconds


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords verified at once, for tests that try hundreds."""
    known = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("flis.access.authentication.HASHER", known)
    monkeypatch.setattr("flis.access.principals.HASHER", known)


def test_five_tries_are_free_and_then_each_waits_twice_as_long(state: State) -> None:
    who, clock = authenticator(state)
    for _ in range(5):
        fail(who, "anna", "10.0.0.1")
    for wait in (2, 4, 8):
        assert refused(who, "Anna", "10.0.0.1") == wait
        clock.now += wait
        fail(who, "anna", "10.0.0.1")
    clock.now += 16
    assert who.basic("anna", PASSWORD, "10.0.0.1").name == "anna"
    for _ in range(5):
        fail(who, "anna", "10.0.0.1")


def test_nobody_locks_out_another_by_name_or_address(quick: None, state: State) -> None:
    Principals(state).add("berit", PASSWORD, (Grant("0101"),))
    who, clock = authenticator(state)
    who.basic("anna", PASSWORD, "10.0.0.1")
    for n in range(50):
        fail(who, "anna", f"10.1.0.{n}")
        fail(who, f"guess{n}", "10.0.0.1")
    clock.now += 301  # what was verified is remembered no more
    fail(who, "anna", "10.1.1.1")
    fail(who, "guess", "10.0.0.1")
    assert refused(who, "anna", "10.2.0.1") <= 30
    assert refused(who, "berit", "10.0.0.1") <= 30
    for n in range(50):
        clock.now += 31
        fail(who, "anna", f"10.3.0.{n}")
    assert who.basic("anna", PASSWORD, "10.0.0.1").name == "anna"


def test_tries_in_parallel_are_counted_before_they_are_verified(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    who, _ = authenticator(state)
    verified: list[int] = []
    running: list[int] = []

    class Slow:
        def verify(self, _: str, __: str) -> None:
            running.append(1)
            verified.append(len(running))
            time.sleep(0.01)
            running.pop()
            raise VerificationError

    monkeypatch.setattr("flis.access.authentication.HASHER", Slow())

    def attempt(n: int) -> type[Exception]:
        try:
            who.basic("anna", f"wrong {n}", "10.0.0.1")
        except (AuthenticationError, BusyError) as error:
            return type(error)
        raise AssertionError

    with ThreadPoolExecutor(40) as pool:
        answers = Counter(pool.map(attempt, range(120)))
    assert answers == {AuthenticationError: 5, BusyError: 115}
    assert len(verified) == 5
    assert max(verified) <= 2


@pytest.mark.parametrize("right", [True, False])
def test_many_connections_that_sign_in_at_once_are_one_try(state: State, right: bool) -> None:
    """As spreadsheets and pivot tables open them."""
    who, _ = authenticator(state)
    together = threading.Barrier(20)

    def attempt(_: int) -> str:
        together.wait()
        try:
            return who.basic("anna", PASSWORD if right else "wrong", "10.0.0.1").name
        except AuthenticationError:
            return "no"

    with ThreadPoolExecutor(20) as pool:
        assert {*pool.map(attempt, range(20))} == {"anna" if right else "no"}
    for _ in range(3):  # of five that are free
        fail(who, "anna", "10.0.0.1")


def test_a_right_password_is_no_try(quick: None, state: State) -> None:
    who, clock = authenticator(state)
    for _ in range(60):
        who.basic("anna", PASSWORD, "10.0.0.1")
        clock.now += 301
    for _ in range(5):
        fail(who, "anna", "10.0.0.1")


def test_a_new_password_ends_the_tokens(state: State) -> None:
    who, _ = authenticator(state)
    token = Principals(state).token("anna", DAY)
    assert who.bearer(token).name == "anna"
    Principals(state).password("anna", "another long one")
    with pytest.raises(AuthenticationError):
        who.bearer(token)


def test_tokens(state: State) -> None:
    who, _ = authenticator(state)
    token = Principals(state).token("anna", DAY)
    assert who.bearer(token).name == "anna"
    ended = Principals(state).token("anna", DAY - timedelta(days=1))
    for wrong in (ended, "flis_unknown"):
        with pytest.raises(AuthenticationError):
            who.bearer(wrong)
    Principals(state).revoke("anna")
    with pytest.raises(AuthenticationError):
        who.bearer(token)


def test_no_clear_secret_lies_on_disk(state: State) -> None:
    token = Principals(state).token("anna", DAY)
    stored = (state.access / "principals.json").read_text("utf-8")
    assert PASSWORD not in stored
    assert token not in stored
    assert (state.access / "principals.json").stat().st_mode & 0o777 == 0o600
