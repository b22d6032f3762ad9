"""From grants to stores: default deny, ended grants, several municipalities."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

import pytest

import flis
from flis.access import Grant, Principal, open_scope, operator_scope, scope
from flis.errors import ForbiddenError

DAY = date(2022, 8, 16)


def who(*grants: Grant) -> Principal:
    return Principal("anna", "", grants)


def test_without_a_grant_nothing_is_opened() -> None:
    with pytest.raises(ForbiddenError):
        scope(who(), 1)


def test_an_ended_grant_is_none() -> None:
    with pytest.raises(ForbiddenError):
        scope(who(Grant("0101", date(2022, 8, 15))), 1, today=DAY)
    assert scope(who(Grant("0101", DAY)), 1, today=DAY).stores == ("kommune-0101",)


def test_several_municipalities_open_their_own_stores_only() -> None:
    held = scope(who(Grant("0461"), Grant("0101")), 7)
    assert held.stores == ("kommune-0101", "kommune-0461")
    assert (held.kind, held.release, held.municipalities) == ("municipal", 7, ("0101", "0461"))


def test_national() -> None:
    assert scope(who(Grant("0101"), Grant()), 7).stores == ("national",)
    assert operator_scope(3).kind == "national"
    assert open_scope().stores == ("*",)


def test_only_access_makes_a_scope() -> None:
    root = Path(flis.__file__).parent
    makers = [
        file.relative_to(root).as_posix()
        for file in root.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Scope"
    ]
    assert set(makers) == {"access/scopes.py"}
