"""Every function with arguments that nobody gives on purpose: an answer or an error that is told, never another one."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from flis.errors import FlisError
from flis.query.binding.nodes import ResultKind
from flis.query.functions import functions
from tests.soundness.foodmart import ask

if TYPE_CHECKING:
    from flis.query.functions import Function, Parameter, Signature

TRIES = 8
ODD = {
    ResultKind.NUMBER: ["null", "0", "-1", "1.5", "1e300", "2", "[Measures].[Unit Sales]"],
    ResultKind.STRING: ["null", "''", "'x'", "'12'", "[Gender].CurrentMember.Name"],
    ResultKind.VALUE: ["null", "1", "'x'", "Now()", "True", "[Measures].[Unit Sales]"],
    ResultKind.LOGICAL: ["null", "True", "1 = 0"],
    ResultKind.SET: ["{}", "[Gender].Members", "{[Store].[USA]}", "[Time].Members"],
    ResultKind.MEMBER: ["[Store].[USA]", "[Store].[USA].Parent.Parent", "[Gender].CurrentMember", "[Time].[1997].[Q1]"],
    ResultKind.TUPLE: ["([Store].[USA], [Gender].[F])", "[Store].[USA]"],
    ResultKind.LEVEL: ["[Store].[Store City]", "[Time].[Month]"],
    ResultKind.HIERARCHY: ["[Store]", "[Time]"],
    ResultKind.DIMENSION: ["[Store]"],
}
FUNCTIONS = sorted({f.name: f for f in functions().values()}.values(), key=lambda f: f.name)


def argument(parameter: Parameter, chance: random.Random) -> str:
    if parameter.kind is ResultKind.WORD:
        return chance.choice(sorted(parameter.words))
    return chance.choice(ODD.get(parameter.kind, ["null"]))


def written(function: Function, signature: Signature, chance: random.Random) -> str:
    given: list[str] = []
    for parameter in signature.parameters:
        if parameter.optional and chance.random() < 0.5:
            break
        given += [argument(parameter, chance) for _ in range(1 + (parameter.repeated and chance.random() < 0.5))]
    if signature.style == "property":
        return f"{given[0]}.{function.name}"
    if signature.style == "method":
        return f"{given[0]}.{function.name}({', '.join(given[1:])})"
    return f"{function.name}({', '.join(given)})"


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_odd_arguments_are_answered_or_told(function: Function) -> None:
    chance = random.Random(function.name)
    for signature in function.signatures:
        for _ in range(TRIES):
            text = written(function, signature, chance)
            if signature.result in (ResultKind.SET, ResultKind.MEMBER, ResultKind.TUPLE):
                statement = f"SELECT {{{text}}} ON 0 FROM [Sales]"
            else:
                statement = (
                    f"WITH MEMBER [Measures].[Foo] AS {text} SELECT [Gender].Members ON 0 FROM [Sales] WHERE Foo"
                )
            with suppress(FlisError):
                ask(statement)
