"""What a light user waits for while another principal asks the worst statements known, eight at a time."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench._server import milliseconds, percentile
from tests.attack.crowd import neighbours

SECONDS = 60
AT_ONCE = 8  # as many as one principal may


def run() -> dict[str, object]:
    """Milliseconds of the light user's answers."""
    with tempfile.TemporaryDirectory() as folder:
        light, noisy = neighbours(Path(folder), SECONDS, AT_ONCE)
    return {
        "answers": len(light.seconds),
        "answers to the neighbour": sum(len(n.seconds) for n in noisy),
        "errors": len(light.errors) + sum(len(n.errors) for n in noisy),
        "ms, median": milliseconds(percentile(light.seconds, 0.5)),
        "ms, 95 % (figure: under 300)": milliseconds(percentile(light.seconds, 0.95)),
        "ms, longest (figure: under 2,000)": milliseconds(max(light.seconds)),
    }
