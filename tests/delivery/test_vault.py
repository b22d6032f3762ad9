"""What is sealed comes out unchanged, or not at all."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flis.delivery import vault
from flis.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = bytes(range(32))
HEADER = len(vault.MAGIC) + vault.SALT
SMALL = 64  # chunks of the tests: every border is met often


@pytest.fixture(scope="module", autouse=True)
def small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vault, "CHUNK", SMALL)
        yield


def sealed(chunks: list[bytes], key: bytes = KEY) -> bytes:
    out = io.BytesIO()
    vault.seal(key, chunks, out)
    return out.getvalue()


def opened(content: bytes, key: bytes = KEY) -> bytes:
    return b"".join(vault.unseal(key, io.BytesIO(content)))


CHUNKS = st.lists(st.binary(max_size=3 * SMALL), max_size=6)


@given(CHUNKS)
def test_comes_back_however_it_was_cut(chunks: list[bytes]) -> None:
    assert opened(sealed(chunks)) == b"".join(chunks)


@pytest.mark.parametrize("size", [0, 1, SMALL - 1, SMALL, SMALL + 1, 3 * SMALL])
def test_borders(size: int) -> None:
    content = bytes(i % 251 for i in range(size))
    assert opened(sealed([content])) == content
    assert len(sealed([content])) == HEADER + size + vault.TAG * max(1, -(-size // SMALL))


@given(CHUNKS, st.data())
def test_any_changed_bit_is_noticed(chunks: list[bytes], data: st.DataObject) -> None:
    content = bytearray(sealed(chunks))
    bit = data.draw(st.integers(0, 8 * len(content) - 1))
    content[bit // 8] ^= 1 << bit % 8
    with pytest.raises(StateError):
        opened(bytes(content))


@given(CHUNKS, st.data())
def test_any_lost_end_is_noticed(chunks: list[bytes], data: st.DataObject) -> None:
    content = sealed(chunks)
    with pytest.raises(StateError):
        opened(content[: data.draw(st.integers(0, len(content) - 1))])


@given(CHUNKS, st.binary(min_size=1, max_size=2 * SMALL))
def test_anything_added_is_noticed(chunks: list[bytes], more: bytes) -> None:
    with pytest.raises(StateError):
        opened(sealed(chunks) + more)


@given(st.permutations(range(4)), st.integers(1, SMALL))
def test_chunks_keep_their_places(order: list[int], last: int) -> None:
    content = sealed([bytes(SMALL) * 3 + bytes(last)])
    step = SMALL + vault.TAG
    parts = [content[HEADER + n * step : HEADER + (n + 1) * step] for n in range(4)]
    moved = content[:HEADER] + b"".join(parts[n] for n in order)
    if moved == content:
        assert opened(moved) == bytes(3 * SMALL + last)
    else:
        with pytest.raises(StateError):
            opened(moved)


def test_a_chunk_of_another_file_does_not_fit() -> None:
    one, other = sealed([bytes(SMALL) + b"one"]), sealed([bytes(SMALL) + b"two"])
    cut = HEADER + SMALL + vault.TAG
    with pytest.raises(StateError):
        opened(one[:cut] + other[cut:])


def test_another_key_opens_nothing() -> None:
    with pytest.raises(StateError, match="another key"):
        opened(sealed([b"text"]), bytes(32))


def test_the_same_text_never_looks_the_same() -> None:
    assert sealed([b"text"]) != sealed([b"text"])


def test_the_first_chunks_come_before_the_rest_is_read() -> None:
    content = sealed([bytes(10 * SMALL)])
    source = io.BytesIO(content)
    next(vault.unseal(KEY, source))
    assert source.tell() < len(content)
