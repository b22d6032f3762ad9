"""The JSON Schemas that editors use say what the readers read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from flis.catalog.area_paths import OWN
from flis.catalog.forms import schema_of
from tools.docs.pages import SCHEMAS

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

CONTRACT = re.compile(r"contract.*\.yaml")
FOODMART = Path(__file__).parents[1] / "foodmart" / "catalog"
KINDS = ["area", "cube", "definition", "policy"]
"""Files of an area that are called so."""


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_schema_is_one(kind: str) -> None:
    schema = schema_of(SCHEMAS[kind], kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    json.dumps(schema)
    for name, record in schema["$defs"].items():
        for field, form in record["properties"].items():
            assert form["description"].endswith((".", ")")), f"{name}.{field} is not explained"


def content(file: Traversable) -> object:
    """What a file says, with dates as texts: JSON has none."""
    return json.loads(json.dumps(yaml.safe_load(file.read_text("utf-8")), default=str))


def files() -> list[tuple[str, Traversable]]:
    found = [(k, f / f"{k}.yaml") for f in OWN.iterdir() for k in KINDS if (f / f"{k}.yaml").is_file()]
    found += [("contract", c) for f in OWN.iterdir() if f.is_dir() for c in f.iterdir() if CONTRACT.fullmatch(c.name)]
    found += [("cube", file) for file in FOODMART.glob("cubes/*.yaml")]
    found += [("dimension", file) for file in FOODMART.glob("dimensions/*.yaml")]
    found += [("catalogue", FOODMART / "catalogue.yaml"), ("catalogue", OWN / "catalogue.yaml")]
    return found


@pytest.mark.parametrize(("kind", "file"), files(), ids=str)
def test_files_are_of_their_schema(kind: str, file: Traversable) -> None:
    jsonschema.Draft202012Validator(schema_of(SCHEMAS[kind], kind)).validate(content(file))
