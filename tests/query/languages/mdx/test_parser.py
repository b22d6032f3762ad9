"""MDX text to tree: fixture pairs, errors with their place, positions, limits, and statements of real clients."""

from __future__ import annotations

import dataclasses
import html
import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from flis.errors import SyntaxStatementError
from flis.query.languages.mdx import parse, parse_expression, to_text
from flis.query.languages.mdx import syntax as s
from tests.query.languages.mdx.grammar import expressions, statements
from tests.query.languages.mdx.pairs import pairs
from tests.shared import shared

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize(("text", "canonical"), pairs("statements.mdx"))
def test_statement(text: str, canonical: str) -> None:
    tree = parse(text)
    assert to_text(tree) == canonical
    if not isinstance(tree, s.Refused):
        assert parse(canonical) == tree


@pytest.mark.parametrize(("text", "expected"), pairs("errors.mdx"))
def test_error(text: str, expected: str) -> None:
    with pytest.raises(SyntaxStatementError) as raised:
        parse(text)
    assert f"{raised.value.line}:{raised.value.column} {raised.value}" == expected


@settings(max_examples=150)
@given(statements)
def test_every_statement_of_the_grammar_survives_the_way_to_text_and_back(text: str) -> None:
    tree = parse(text)
    assert parse(to_text(tree)) == tree


@settings(max_examples=150)
@given(expressions)
def test_every_expression_survives_the_way_to_text_and_back(text: str) -> None:
    tree = parse_expression(text)
    assert parse_expression(to_text(tree)) == tree


def nodes(node: s.SyntaxNode) -> Iterator[s.SyntaxNode]:
    yield node
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, s.SyntaxNode):
                yield from nodes(part)


@given(statements)
def test_every_node_knows_its_place(text: str) -> None:
    lines = text.count("\n") + 1
    assert all(1 <= node.line <= lines and node.column >= 1 for node in nodes(parse(text)))


def test_places_point_at_what_was_written() -> None:
    text = "WITH MEMBER [m] AS '[a] + ''t'' +\r\n [b].[c]'\r SELECT\n {[x].[y]} ON 0 FROM [c]"
    tree = parse(text)
    lines = re.split(r"\r\n|\r|\n", text)
    found = [node for node in nodes(tree) if isinstance(node, s.NameSegment)]
    assert [node.text for node in found] == ["m", "a", "b", "c", "x", "y", "c"]
    for node in found:
        assert lines[node.line - 1][node.column - 1 :].startswith(f"[{node.text}]")
    string = next(node for node in nodes(tree) if isinstance(node, s.String))
    assert lines[string.line - 1][string.column - 1 :].startswith("''t''")


def test_a_path_is_one_identifier_and_a_call_on_it_a_method() -> None:
    assert parse_expression("[Store].[USA].Children") == s.Identifier(
        (s.NameSegment("Store"), s.NameSegment("USA"), s.NameSegment("Children", quoted=False))
    )
    store = s.Identifier((s.NameSegment("Store"),))
    levels = s.FunctionCall("Levels", (store, s.Number(0)), s.CallStyle.METHOD)
    assert parse_expression("[Store].Levels(0)") == levels
    assert parse_expression("[Store].Levels(0).Members") == s.FunctionCall("Members", (levels,), s.CallStyle.PROPERTY)


def test_associative_operators_hold_a_whole_chain() -> None:
    a, b, c = (s.Identifier((s.NameSegment(name, quoted=False),)) for name in "abc")
    assert parse_expression("a * b * c") == s.Operation("*", (a, b, c))
    assert parse_expression("a - b - c") == s.Operation("-", (s.Operation("-", (a, b)), c))
    assert parse_expression("a : b * c") == s.Operation("*", (s.Operation(":", (a, b)), c))
    assert len(parse_expression(" OR ".join(["a = 1"] * 5000)).operands) == 5000  # type: ignore[union-attr]


def test_a_line_ends_however_it_ends() -> None:
    assert parse("SELECT {} ON 0 -- to the end\r, {} ON 1 FROM [S] // x\r\n WHERE a") == parse(
        "SELECT {} ON 0, {} ON 1 FROM [S] WHERE a"
    )


@pytest.mark.parametrize("text", ["", " ", ";", " ; ;\n", "-- nothing", "/* nothing */"])
def test_nothing_is_a_statement(text: str) -> None:
    assert parse(text) == s.EmptyStatement()


DEEP = [
    "(" * 5000 + "1",
    "{" * 5000,
    "- " * 5000 + "1",
    "NOT " * 5000 + "1",
    "f(" * 5000,
    "a" + ".b()" * 5000,
    "a()" + ".b" * 5000,
    "1" + " - 1" * 5000,
    "1" + " = 1" * 5000,
    "CASE WHEN " * 5000,
    "a" + " AS x" * 5000,
    "a" + " - 1 + 1" * 5000,
]


@pytest.mark.parametrize("text", DEEP, ids=lambda text: text[:9])
def test_depth_is_an_error_and_not_the_end_of_the_stack(text: str) -> None:
    with pytest.raises(SyntaxStatementError, match="nested deeper than 128 levels"):
        parse_expression(text)
    with pytest.raises(SyntaxStatementError, match="nested deeper than 128 levels"):
        parse(f"WITH MEMBER a AS '{text}' SELECT FROM c")


def test_subselects_have_a_depth_too() -> None:
    with pytest.raises(SyntaxStatementError, match="nested deeper than 128 levels"):
        parse("SELECT FROM " + "(SELECT FROM " * 1000)


def test_what_is_at_the_limit_can_be_used() -> None:
    tree = parse_expression("{" * 127 + "}" * 127)
    assert parse_expression(to_text(tree)) == tree
    hash(tree)


def client_statements() -> list[tuple[str, str, str]]:
    found = []
    for name in ("foodmart/cases.json", "xmla/excel_statements.json"):
        content = json.loads(shared(name).read_text("utf-8"))
        cases = [*content["cases"], *content.get("unanswered", [])]
        found += [(case["id"], case["kind"], case["mdx"]) for case in cases]
    for file in sorted(shared("xmla/captures").rglob("*.xml")):
        text = file.read_text("utf-8-sig")
        written = re.findall(r"<Statement>(.*?)</Statement>", text, re.DOTALL)
        found += [(file.name, "query", html.unescape(one)) for one in written]
    return found


MAY_FAIL = {"BasicQueryTest.testBadComments.481", "CompatibilityTest.testReservedWord.79", "excel.error.syntax"}


def test_statements_of_real_clients_are_read() -> None:
    failed = set()
    for name, _, text in client_statements():
        try:
            tree = parse(text)
        except SyntaxStatementError:
            failed.add(name)
            continue
        assert parse(to_text(tree)) == tree, name
    assert failed == MAY_FAIL
