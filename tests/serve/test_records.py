"""The first two requests may come at the same time."""

from __future__ import annotations

import subprocess
import sys

import pytest

FIRST_USE = """
import sys, threading
import msgspec
from flis.operations import Incident
from flis.serve.records import learn

sys.setswitchinterval(1e-6)
text = {"da": "Forsinket", "en": "Late", "uk": ""}
data = {"kind": "late-at-source", "areas": ["ukraine"], "text": text, "since": "2025-08-01", "product": "dap-cube"}
learn()
together = threading.Barrier(16)
seen = []

def read():
    together.wait()
    seen.append(msgspec.convert(data, Incident))

threads = [threading.Thread(target=read) for _ in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(seen) == 16
"""


@pytest.mark.slow
def test_records_of_a_kind_are_first_read_by_many_threads_at_once() -> None:
    """Without `learn` a process in four ends here with a segmentation fault."""
    for _ in range(12):
        done = subprocess.run([sys.executable, "-c", FIRST_USE], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
