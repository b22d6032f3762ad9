"""Numbers by a section such as `#,##0.00`: digits are put into places from the decimal sign outwards."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flis.query.formats.locales import Locale
    from flis.query.formats.tokens import Sign

__all__ = ["Number", "NumberSection", "exact", "general"]

Number = int | float | Decimal
CONTEXT = Context(prec=700, rounding=ROUND_HALF_UP, Emax=10**6, Emin=-(10**6))
SIGNIFICANT = 15  # of a double: further digits are not the number's own
LARGEST_EXPONENT = 15
LARGEST_DECIMAL = 300
POINT, LITERAL, ZERO, DIGIT = ".", "literal", "0", "#"


def exact(value: Number) -> Decimal | str:
    """The number as it is written with 15 significant digits; whole numbers and decimals keep all of theirs.

    What is infinite or no number is said in a word.
    """
    if isinstance(value, Decimal) and not (value.is_finite() and abs(value.adjusted()) < LARGEST_DECIMAL):
        value = math.nan if value.is_nan() else float(value)
    if not isinstance(value, float):
        return Decimal(value) or Decimal(0)  # no negative zero
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return Decimal(f"{value:.{SIGNIFICANT}g}") or Decimal(0)


def general(number: Decimal, locale: Locale, *, double: bool) -> str:
    """A number without format: no groups, no more decimals than it has; a very large double with an exponent."""
    if double and number and number.adjusted() >= LARGEST_EXPONENT:
        mantissa, _, power = f"{number.normalize():E}".partition("E")
        return f"{mantissa}E{int(power):+03d}".replace(".", locale.decimal)
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace(".", locale.decimal)


@dataclass(frozen=True, slots=True)
class Piece:
    """A literal, or a place for a digit."""

    kind: str
    text: str = ""


class NumberSection:
    """One section of a number format, read once."""

    def __init__(self, signs: list[Sign]) -> None:
        self.whole: list[Piece] = []
        self.fraction: list[Piece] = []
        self.after: list[Piece] = []  # the exponent and what follows it
        self.point = False
        self.grouped = False
        self.power = 0  # of ten, by which the number is multiplied first
        self.exponent = 0  # digits of the exponent; 0 for none
        self.exponent_sign = ""
        self.mark = "E"
        self._read(signs)
        places = [piece for piece in self.whole if piece.kind != LITERAL]
        zeros = [nth for nth, piece in enumerate(places) if piece.kind == ZERO]
        self.places = len(places)
        self.least = len(places) - zeros[0] if zeros else 0
        self.decimals = sum(piece.kind != LITERAL for piece in self.fraction)
        self.empty = not signs

    def _read(self, signs: list[Sign]) -> None:
        place = 0
        commas = 0
        while place < len(signs):
            sign = signs[place]
            text = "" if sign.literal else sign.text
            target = self.after if self.exponent else self.fraction if self.point else self.whole
            if text == "," and not self.point and any(p.kind != LITERAL for p in self.whole):
                commas += 1
            elif text in (ZERO, DIGIT) and text:
                self.grouped = self.grouped or (commas > 0 and not self.point)
                commas = commas if self.point else 0
                target.append(Piece(text))
            elif text == "." and not self.point and not self.exponent:
                self.point = True
            elif text == "%":
                self.power += 2
                target.append(Piece(LITERAL, "%"))
            elif text in ("E", "e") and self._is_exponent(signs, place):
                place = self._read_exponent(signs, place)
                continue
            elif text != ",":
                target.append(Piece(LITERAL, sign.text))
            place += 1
        self.power -= 3 * commas  # commas right before the decimal sign divide by a thousand each

    def _is_exponent(self, signs: list[Sign], place: int) -> bool:
        after = [sign.text for sign in signs[place + 1 : place + 3] if not sign.literal]
        digits = any(piece.kind != LITERAL for piece in (*self.whole, *self.fraction))
        return digits and not self.exponent and after[:1] in (["+"], ["-"]) and after[1:] in (["0"], ["#"])

    def _read_exponent(self, signs: list[Sign], place: int) -> int:
        self.mark, self.exponent_sign = signs[place].text, signs[place + 1].text
        place += 2
        while place < len(signs) and not signs[place].literal and signs[place].text in (ZERO, DIGIT):
            self.exponent += 1
            place += 1
        return place

    def digits(self, number: Decimal) -> tuple[str, str, int]:
        """The digits before and after the decimal sign and the exponent of a number that is not negative."""
        number = number.scaleb(self.power, CONTEXT)
        exponent = 0
        if self.exponent and number:
            wanted = max(self.places, 1)
            exponent = number.adjusted() - wanted + 1
            rounded = self._rounded(number.scaleb(-exponent, CONTEXT))
            if rounded.adjusted() >= wanted:  # 9.99 became 10.0
                exponent += 1
            number = number.scaleb(-exponent, CONTEXT)
        whole, _, fraction = f"{self._rounded(number):f}".partition(".")
        return whole.lstrip("0"), fraction, exponent

    def _rounded(self, number: Decimal) -> Decimal:
        return number.quantize(Decimal(1).scaleb(-self.decimals), context=CONTEXT)

    def text(self, number: Decimal, locale: Locale) -> tuple[str, bool]:
        """A number that is not negative as text, and whether anything but zeros is left of it."""
        whole, fraction, exponent = self.digits(number)
        shown = self._whole(whole, locale)
        if self.point:
            shown += locale.decimal + self._fraction(fraction)
        if self.exponent:
            sign = "-" if exponent < 0 else "+" if self.exponent_sign == "+" else ""
            shown += f"{self.mark}{sign}{abs(exponent):0{self.exponent}d}"
        shown += "".join(piece.text for piece in self.after)
        return shown, bool(whole) or bool(fraction.strip("0"))

    def _whole(self, digits: str, locale: Locale) -> str:
        digits = digits.rjust(self.least, "0")
        out: list[str] = []
        used = 0
        left = self.places
        for piece in reversed(self.whole):
            if piece.kind == LITERAL:
                out.append(piece.text)
                continue
            left -= 1
            take = len(digits) - used if left == 0 else min(1, len(digits) - used)
            for _ in range(take):
                if self.grouped and used and used % 3 == 0:
                    out.append(locale.group)
                used += 1
                out.append(digits[-used])
        if not self.places and self.point and digits:  # a format without place before the decimal sign
            out.append(digits)
        return "".join(reversed(out))

    def _fraction(self, digits: str) -> str:
        kept = len(digits.rstrip("0"))
        forced = [nth for nth, p in enumerate(q for q in self.fraction if q.kind != LITERAL) if p.kind == ZERO]
        kept = max(kept, forced[-1] + 1 if forced else 0)
        out = []
        place = 0
        for piece in self.fraction:
            if piece.kind == LITERAL:
                out.append(piece.text)
            elif place < kept:
                out.append(digits[place])
                place += 1
        return "".join(out)
