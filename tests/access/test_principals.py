"""The store of principals: what it takes, what it refuses, several processes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from flis.access import Grant, Principals
from flis.config import State
from flis.errors import NotFoundError, StateError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "a long enough one"


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path, tmp_path / "keys")


def test_add_list_find(state: State) -> None:
    people = Principals(state)
    people.add("bo", PASSWORD)
    people.add("Anna", PASSWORD, (Grant("0101"),))
    assert [p.name for p in people.all()] == ["Anna", "bo"]
    assert Principals(state).find("ANNA") == people.find("anna")


@pytest.mark.parametrize("name", ["", "a b", ".anna", "x" * 65, "anna\n"])
def test_names_of_another_form_are_refused(state: State, name: str) -> None:
    with pytest.raises(UsageError):
        Principals(state).add(name, PASSWORD)


def test_a_name_is_taken_once_and_a_password_is_long(state: State) -> None:
    people = Principals(state)
    people.add("anna", PASSWORD)
    with pytest.raises(UsageError):
        people.add("ANNA", PASSWORD)
    with pytest.raises(UsageError):
        people.add("bo", "short")


def test_grants_are_added_replaced_and_revoked(state: State) -> None:
    people = Principals(state)
    people.add("anna", PASSWORD)
    people.grant("anna", (Grant("0101"), Grant("0461")))
    people.grant("anna", (Grant("0101"),))
    assert people.revoke("anna", ("0461",)).grants == (Grant("0101"),)
    assert people.revoke("anna").grants == ()


def test_an_unknown_name_is_answered_with_a_near_one(state: State) -> None:
    Principals(state).add("anna", PASSWORD)
    with pytest.raises(NotFoundError, match="Did you mean anna"):
        Principals(state).grant("ana", (Grant(),))


def test_changes_of_many_at_once_are_all_kept(state: State) -> None:
    Principals(state).add("anna", PASSWORD)
    codes = [f"{n:04}" for n in range(101, 121)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda code: Principals(state).grant("anna", (Grant(code),)), codes))
    found = Principals(state).find("anna")
    assert found is not None
    assert {g.municipality for g in found.grants} == set(codes)


def test_a_damaged_store_is_said_so(state: State) -> None:
    state.access.mkdir()
    (state.access / "principals.json").write_text("[{")
    with pytest.raises(StateError, match="damaged"):
        Principals(state).all()


def test_another_password(state: State) -> None:
    people = Principals(state)
    before = people.add("anna", PASSWORD).password
    assert people.password("anna", PASSWORD + "!").password != before
    with pytest.raises(UsageError):
        people.password("anna", "short")
