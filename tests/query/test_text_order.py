"""Texts in order: by the Danish alphabet, in runs that are merged, and no further once a statement is cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flis.errors import CancelledError
from flis.query.evaluation.values import Values
from flis.query.functions import order
from flis.query.limits import CancelToken, Limits, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

ALPHABET = "abcdefghijklmnopqrstuvwxyzæøå"


@pytest.fixture(autouse=True)
def short_runs() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order, "RUN", 3)
        yield


def test_the_last_letters_are_last() -> None:
    texts = ["Århus", "Ærø", "Øster", "zoo", "ål", "B", "a"]
    codes = order.sort_codes(Watch(Limits()), Values.texts(texts))
    assert [texts[i] for i in np.argsort(codes)] == ["a", "B", "zoo", "Ærø", "Øster", "ål", "Århus"]


@given(st.lists(st.one_of(st.none(), st.text(ALPHABET + ALPHABET.upper(), max_size=3)), max_size=40))
def test_any_texts(texts: list[str | None]) -> None:
    codes = order.sort_codes(Watch(Limits()), Values.texts(texts)).tolist()
    key = [[] if t is None else [-1, *(ALPHABET.index(c) for c in t.lower())] for t in texts]
    for i, mine in enumerate(key):
        for j, other in enumerate(key):
            assert (codes[i] < codes[j]) == (mine < other)


def test_a_cancelled_statement_sorts_no_further() -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        order.sort_codes(Watch(Limits(), token), Values.texts(["a", "b"]))
