"""The schema of MDDataSet, the same for every answer: `schema.xsd` without the white space between its tags."""

from __future__ import annotations

import re
from importlib.resources import files

__all__ = ["SCHEMA"]

SCHEMA = re.sub(r">\s+<", "><", files(__package__).joinpath("schema.xsd").read_text("utf-8")).strip()
"""The schema as text."""
