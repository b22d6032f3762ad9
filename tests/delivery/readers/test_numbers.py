"""Numbers as files write them, beside plain Python that reads them one by one."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flis.catalog.contract import Dialect, FieldType
from flis.delivery.readers.column_types import number
from flis.delivery.readers.text import NO_LATIN, _is_no_latin
from tests.delivery.readers.made import parsed
from tests.made_contracts import contract, field, table

if TYPE_CHECKING:
    from flis.catalog.contract import Field

DANISH = Dialect(decimal=",", thousands=".")
PLAIN = ["1", "-17,25", "0,5", "00012,00"]


def _field(kind: str, **more: Any) -> Field:
    server: dict[str, Any] = {
        "recognise": {"name": "T_{kommune}_{maaned}_{sekvens}.csv"},
        "part": ["kommune", "maaned"],
    }
    made = parsed(contract("tal", "csv", table("tal", field("tal", kind, **more)), known="header", **server))
    return made.tables[0].fields[0]


FIELDS = {
    "integer": _field("integer"),
    "amount": _field("number", physicalType="DECIMAL(18,2)"),
    "whole": _field("number", physicalType="DECIMAL(5,0)"),
    "share": _field("number", physicalType="DECIMAL(2,2)"),
}


def _read(text: str, to: Field) -> Decimal | None:
    """What a number says, digit by digit; None where it is none of the field."""
    before, behind = (18, 0) if to.type is FieldType.INTEGER else _places(to)
    sign = ""
    if text[:1] in ("+", "-"):
        sign, text = text[0], text[1:]
    elif text[-1:] in ("+", "-"):
        sign, text = text[-1], text[:-1]
    whole, comma, rest = text.partition(",")
    if "." in whole and not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{3})+", whole):
        return None
    whole = whole.replace(".", "")
    digits = set("0123456789")
    if not set(whole + rest) <= digits or (comma and not rest) or not (whole or before == 0):
        return None
    if len(whole.lstrip("0")) > before or len(rest.rstrip("0")) > behind or (comma and not behind):
        return None
    if not whole and not comma:
        return None
    return Decimal(f"{'-' if sign == '-' else ''}{whole or '0'}.{rest or '0'}")


def _places(of: Field) -> tuple[int, int]:
    assert of.decimal
    return of.decimal[0] - of.decimal[1], of.decimal[1]


ODD = st.text("0123456789.,+- e", min_size=1, max_size=9).filter(lambda t: t == t.strip())
LIKE_PLAIN = st.text("0123456789,-", min_size=1, max_size=21) | st.from_regex(
    r"-?[0-9]{1,20}(,[0-9]{1,3})?", fullmatch=True
)


@pytest.mark.parametrize("kind", FIELDS)
@example(plain=["1"], odd=["0,0"])
@given(
    plain=st.sampled_from([PLAIN, PLAIN[:1], []]),
    odd=st.lists(ODD, max_size=6)
    | st.lists(LIKE_PLAIN, max_size=6)
    | st.lists(st.from_regex("-?[0-9]{1,19}", fullmatch=True)),
)
def test_a_column_reads_each_number_as_if_it_stood_alone(kind: str, plain: list[str], odd: list[str]) -> None:
    texts = [*plain, *odd, None]
    found, could = number(FIELDS[kind], pa.array(texts, pa.string()), DANISH)
    expected = [None if text is None else _read(text, FIELDS[kind]) for text in texts]
    assert [None if value is None else Decimal(value) for value in found.to_pylist()] == expected
    assert could.tolist() == [text is None or value is not None for text, value in zip(texts, expected, strict=True)]


def test_a_number_too_large_for_a_share_is_noticed_and_stops_no_file() -> None:
    found, could = number(FIELDS["share"], pa.array(["0,25", ",5", "1", "12,5"]), DANISH)
    assert found.to_pylist() == [Decimal("0.25"), Decimal("0.50"), None, None]
    assert could.tolist() == [True, True, False, False]


@given(st.lists(st.sampled_from([0x41, 0x0A, 0x80, 0x9F, 0xA0, 0xBF, 0xC0, 0xC3, 0xC5, 0xE5, 0xFF]), max_size=6))
def test_what_is_no_danish_text_is_told_quickly_as_the_pattern_tells_it(octets: list[int]) -> None:
    assert _is_no_latin(bytes(octets)) == bool(NO_LATIN.search(bytes(octets)))
