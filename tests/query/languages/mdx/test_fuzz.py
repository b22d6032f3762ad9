"""Statements damaged at random: always a tree or a syntax error with a place, and never long."""

from __future__ import annotations

import random
import time

import pytest

from flis.errors import SyntaxStatementError
from flis.query.languages.mdx import parse, to_text
from tests.query.languages.mdx.pairs import pairs

SEEDS = [text for name in ("statements.mdx", "errors.mdx") for text, _ in pairs(name)]
PIECES = [
    *"[](){}'\".,;:&@!*+-/^=<>$ \n\t\r0179éÆ\x00\ufeff\u2028",
    "/*", "*/", "--", "//", "<>", "''", '""', "]]", "SELECT ", " FROM ", " AS ", " NOT ", "CASE ", " END", " WHERE ",
    " ON 0", "WITH MEMBER ", " NULL ", "&[", ".[", "1e9", "[" * 50, "(" * 200, "٣",
]  # fmt: skip
SECONDS = 4.0


def damage(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 4)):
        start = chance.randint(0, len(text))
        end = min(len(text), start + chance.choice([0, 0, 1, 2, 8, 30]))
        way = chance.randrange(4)
        if way == 0:
            text = text[:start] + text[end:]
        elif way == 1:
            text = text[:start] + chance.choice(PIECES) + text[end:]
        elif way == 2:
            text = text[:start] + text[start:end] * chance.randint(2, 20) + text[end:]
        else:
            other = chance.choice(SEEDS)
            cut = chance.randint(0, len(other))
            text = text[:start] + other[cut : cut + 40] + text[end:]
    return text


def check(error: SyntaxStatementError, text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert 1 <= error.line <= len(lines)
    assert 1 <= error.column <= len(lines[error.line - 1]) + 1
    assert len(str(error)) < 300


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_damaged_statements(seed: int) -> None:
    chance = random.Random(seed)
    end = time.monotonic() + SECONDS / 3
    read = refused = 0
    while time.monotonic() < end and read + refused < 4000:
        text = damage(chance.choice(SEEDS), chance)
        try:
            tree = parse(text)
        except SyntaxStatementError as error:
            check(error, text)
            refused += 1
        else:
            parse(to_text(tree))
            read += 1
    assert read
    assert refused


@pytest.mark.parametrize("piece", ["[", "'", '"', "/*", "]]", "''", "a.", "&[a]", "1,", "-", "NOT ", "a AS ", "{}*"])
def test_a_long_statement_takes_time_in_proportion(piece: str) -> None:
    text = "SELECT " + piece * 50_000
    with pytest.raises(SyntaxStatementError):
        parse(text)
