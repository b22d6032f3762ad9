"""Whatever a statement says, it is answered or told what is wrong with it: never an error of the server."""

from __future__ import annotations

import random

import pytest

from flis.access import open_scope
from flis.errors import FlisError
from flis.query.database import Options, execute
from flis.query.limits import Limits
from flis.query.result import CellSet
from flis.serve.xmla.dataset import Layout, dataset
from flis.serve.xmla.rowsets.writer import SentContent
from tests.soundness.foodmart import base
from tests.soundness.random_statements import Writer

LIMITS = Limits(cells=20_000, tuples=20_000, seconds=5.0, memory=64 << 20)
DEEPEST = 4
PARTS = 8


def crash(text: str) -> str | None:
    """What is wrong with the server where a statement is neither answered, as XML to the end, nor told to be wrong."""
    try:
        found = execute(open_scope(), base(), text, Options(lcid=1033, limits=LIMITS))
        if isinstance(found, CellSet):
            "".join(dataset(found, SentContent.named("SchemaData"), Layout()))
    except FlisError:
        return None
    except Exception as e:  # noqa: BLE001 - that is what is looked for
        return f"{type(e).__name__}: {e}"
    return None


def found_by(seed: int, count: int) -> list[str]:
    writer = Writer(random.Random(seed))
    texts = [writer.statement(n % DEEPEST + 1) for n in range(count)]
    return [f"{why}\n  {text}" for text in texts if (why := crash(text))]


@pytest.mark.parametrize("part", range(PARTS))
def test_random_statements_are_answered_or_told(part: int) -> None:
    crashes = found_by(part, 40)
    assert not crashes, "\n".join(crashes)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_many_random_statements_are_answered_or_told(part: int) -> None:
    crashes = found_by(1000 + part, 1500)
    assert not crashes, "\n".join(crashes[:20])
