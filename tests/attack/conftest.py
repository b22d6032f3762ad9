"""Fixtures of the attacks."""

from __future__ import annotations

from tests.serve.web.conftest import sample, web
from tests.serve.xmla.conftest import backend, data, service, sessions

__all__ = ["backend", "data", "sample", "service", "sessions", "web"]
