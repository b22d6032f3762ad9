"""Columns of numbers by one format: the usual formats are written with templates instead of digit by digit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.query.formats.compiled import NO_FORMAT, WORDS, formatter
from flis.query.formats.languages import locale_of
from flis.query.formats.numbers import LITERAL, NumberSection
from flis.query.formats.tokens import FormatKind, kind_of, sections

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from flis.query.formats.locales import Locale
    from flis.query.formats.numbers import Piece

__all__ = ["format_array"]

LARGEST = 2.0**49  # above it, scaled doubles have no room for the decimals
NEARLY = 1e-14  # of the number: what fifteen digits cannot tell from half
FULL = 1e14  # a half above it is the sixteenth digit, which is rounded away first
BREAK = "\x1f"
FEW = 4  # values up to which the one by one way is quicker


@dataclass(frozen=True, slots=True)
class Template:
    """A section that needs no digit put by hand: its texts around the digits, and how many decimals it has."""

    before: str
    after: str
    grouped: bool
    decimals: int
    factor: float
    needs_one: bool  # it writes nothing for a whole part of zero
    trimmed: bool = False  # zeros at the end fall away, and the decimal sign with them

    @property
    def bare(self) -> bool:
        """Whether it is a whole number and nothing else."""
        return not (self.before or self.after or self.decimals or self.trimmed)

    def writer(self, sign: str, swap: dict[int, str] | None) -> Callable[[float], str]:
        """The function that writes one number that is not negative; separators are swapped later by `swap`."""
        before, after = (f"{sign}{self.before}".translate(swap), self.after.translate(swap)) if swap else (
            f"{sign}{self.before}", self.after)  # fmt: skip
        around = [text.replace("{", "{{").replace("}", "}}") for text in (before, after)]
        comma = "," if self.grouped else ""
        return f"{around[0]}{{:{comma}.{self.decimals}f}}{around[1]}".format


def format_array(
    values: NDArray[Any], text: str, lcid: int = 1030, empty: NDArray[np.bool_] | None = None
) -> list[str]:
    """Every value by the format, as `formatter(text, lcid)` writes it; where `empty` is true, an empty cell."""
    write = formatter(text, lcid)
    numbers = values.dtype.kind in "fiu"
    templates = _templates(text, locale_of(lcid)) if numbers and len(values) > FEW else None
    if templates is None:
        if empty is None:
            return [write(value) for value in values.tolist()]
        return [write(None if no else value) for value, no in zip(values.tolist(), empty.tolist(), strict=True)]
    out = _by_template(values if empty is None else np.where(empty, 0.0, values), templates, write, locale_of(lcid))
    if empty is not None:
        nothing = write(None)
        for place in np.flatnonzero(empty).tolist():
            out[place] = nothing
    return out


@lru_cache(maxsize=256)
def _templates(text: str, locale: Locale) -> tuple[Template, Template | None] | None:
    """The templates of positive and negative numbers, where every section that is there can be one."""
    name = text.strip().lower()
    if name in NO_FORMAT:
        return (Template("", "", True, 3, 1.0, needs_one=False, trimmed=True), None) if not name else None
    parts = sections(locale.named.get(name, text))
    if name in WORDS or len(parts) > 2 or BREAK in text or kind_of(parts) is not FormatKind.NUMBER:
        return None
    made = [_template(NumberSection(part)) for part in parts if part]
    if None in made or not parts[0]:
        return None
    return made[0], made[1] if len(made) > 1 else None  # type: ignore[return-value]


def _template(section: NumberSection) -> Template | None:
    places = [nth for nth, piece in enumerate(section.whole) if piece.kind != LITERAL]
    if not places or section.exponent or section.least > 1:
        return None
    middle = section.whole[places[0] :] if section.point else section.whole[places[0] : places[-1] + 1]
    fraction = [piece for piece in section.fraction if piece.kind != LITERAL]
    if LITERAL in {p.kind for p in middle} or section.fraction[: len(fraction)] != fraction:
        return None
    if {p.kind for p in fraction} - {"0"} or (section.point and not fraction):
        return None
    after = section.fraction[len(fraction) :] if section.point else section.whole[places[-1] + 1 :]
    return Template(
        _text(section.whole[: places[0]]),
        _text([*after, *section.after]),
        section.grouped,
        len(fraction),
        10.0**section.power,
        needs_one=section.least == 0,
    )


def _text(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def _by_template(
    values: NDArray[Any],
    templates: tuple[Template, Template | None],
    write: Callable[[object], str],
    locale: Locale,
) -> list[str]:
    positive, negative = templates
    swap = None if locale.decimal == "." else str.maketrans({".": locale.decimal, ",": locale.group})
    inverse = None if swap is None else str.maketrans({locale.decimal: ".", locale.group: ","})
    below = negative or positive
    numbers = values.astype(np.float64)
    minus = numbers < 0
    size = np.abs(numbers)
    rounded, by_hand = _rounded(size, positive)
    if negative and minus.any():
        other, unsure = _rounded(size, negative)
        rounded, by_hand = np.where(minus, other, rounded), np.where(minus, unsure, by_hand)
    room = LARGEST / (max(positive.factor, below.factor) * 10.0 ** max(positive.decimals, below.decimals))
    by_hand |= ~(size < room)
    by_hand |= np.where(minus, below.needs_one, positive.needs_one) & (rounded < 1)
    by_hand |= minus & (rounded < 0.5 * 10.0**-below.decimals)  # no minus before zeros
    if minus.any():
        over, under = positive.writer("", inverse), below.writer("" if negative else "-", inverse)
        out = [under(v) if m else over(v) for v, m in zip(rounded.tolist(), minus.tolist(), strict=True)]
    elif positive.bare and not by_hand.any():
        out = list(map(format, rounded.astype(np.int64).tolist(), repeat("," if positive.grouped else "d")))
    else:
        out = list(map(positive.writer("", inverse), rounded.tolist()))
    if positive.trimmed:
        out = [text.rstrip("0").rstrip(".") for text in out]
    if swap is not None:
        out = BREAK.join(out).translate(swap).split(BREAK)
    if by_hand.any():
        originals = values[by_hand].tolist()
        for place, value in zip(np.flatnonzero(by_hand).tolist(), originals, strict=True):
            out[place] = write(value)
    return out


def _rounded(size: NDArray[np.float64], template: Template) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Rounded to the decimals, and where that is not sure.

    Half goes up, as decimals are read: 0.285 is half, whatever its last bits are. So a number that is nearly half, and
    not just half, is looked at digit by digit.
    """
    if template.trimmed:
        return size, np.zeros(len(size), dtype=bool)
    scale = 10.0**template.decimals
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = size * (template.factor * scale)
        from_half = np.abs(scaled - np.floor(scaled) - 0.5)
        unsure = (from_half <= scaled * NEARLY) & ((from_half > 0) | (scaled >= FULL))
        return np.floor(scaled + 0.5) / scale, unsure
