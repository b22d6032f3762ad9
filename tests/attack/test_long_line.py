"""A file that is one long line, in which every guess of where a record starts is wrong."""

from __future__ import annotations

import numpy as np

from flis.delivery.readers.cpr import unbroken
from tests.delivery.extracts import day, extract


def test_one_walker_goes_where_many_go() -> None:
    """Who walks alone stands at the same places as in company."""
    text = extract(day(1), None).replace(b"\r", b"").replace(b"\n", b"")[:35] + b"0" * 100_000
    buffer = np.frombuffer(text + b" " * 4096, np.uint8)
    places = np.array([0, 3, 7])
    stops = np.array([70_000, 50_000, len(text)])
    together = unbroken._walk(buffer, places, stops)
    for n in range(len(places)):
        alone = unbroken._walk(buffer, places[n : n + 1], stops[n : n + 1])
        assert alone[0].tolist() == together[n, : alone.shape[1]].tolist()
        assert set(together[n, alone.shape[1] :].tolist()) <= {int(alone[0, -1])}
