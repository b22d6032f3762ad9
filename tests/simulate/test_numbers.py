from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from flis.simulate.society.byte_texts import birth_digits, digits, join
from flis.simulate.society.day_numbers import day_number
from flis.simulate.society.person_numbers import WEIGHTS, Series

BIRTHS = st.lists(st.tuples(st.dates(date(1905, 1, 1), date(2035, 12, 31)), st.integers(0, 1)), min_size=1, max_size=60)


def century(year_of_century: int, seventh: int) -> int:
    """The official table, of those who can be alive."""
    if seventh <= 3 or (seventh in {4, 9} and year_of_century >= 37):
        return 1900
    return 2000


@settings(deadline=None)
@given(births=BIRTHS, copies=st.integers(1, 300), cut=st.integers(0, 60))
def test_numbers_are_unique_and_say_birth_and_sex(births: list[tuple[date, int]], copies: int, cut: int) -> None:
    births = births + births[:1] * copies
    days = np.array([day_number(born) for born, _ in births])
    sex = np.array([sex for _, sex in births])
    serial = Series().take(days, sex)
    numbers = [text.decode() for text in join(birth_digits(days), digits(serial, 4))]
    assert len(set(numbers)) == len(numbers)
    for number, (born, man) in zip(numbers, births, strict=True):
        assert (int(number[:2]), int(number[2:4])) == (born.day, born.month)
        assert century(int(number[4:6]), int(number[6])) + int(number[4:6]) == born.year
        assert int(number[9]) % 2 == man
    if len(births) < 100:
        assert all(np.array([int(c) for c in number]) @ WEIGHTS % 11 == 0 for number in numbers)
    series = Series()
    parts = [series.take(days[:cut], sex[:cut]), series.take(days[cut:], sex[cut:])]
    assert np.array_equal(np.concatenate(parts), serial)
