"""YAML is read with lines: whatever a file holds, it is read as it is written, or the complaint names a place."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flis.catalog.area_file import AREA
from flis.catalog.yaml import YamlEntry, read
from flis.errors import CatalogError

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
VALUES = st.recursive(TEXTS, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(TEXTS, inside, max_size=3))


def read_bytes(content: bytes) -> YamlEntry:
    with TemporaryDirectory() as folder:
        (Path(folder) / "area.yaml").write_bytes(content)
        return read(Path(folder) / "area.yaml", "areas/x/area.yaml")


def plain(entry: YamlEntry) -> object:
    if entry.is_text:
        return entry.text()
    if isinstance(entry.node, yaml.SequenceNode):
        return [plain(item) for item in entry.items()]
    return {name: plain(value) for name, value in entry.fields().items()}


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4), st.booleans())
def test_what_was_written_is_read(written: dict[str, object], flow: bool) -> None:
    text = yaml.safe_dump(written, allow_unicode=True, default_flow_style=flow, sort_keys=False)
    entry = read_bytes(text.encode())
    assert plain(entry) == written
    assert list(entry.keys()) == list(written)
    lines = text.splitlines()
    assert all(1 <= leaf.line <= len(lines) for leaf in entry.leaves())


@given(st.binary(max_size=60) | st.text("abc:{}[]-&*!|>\n '\"#", max_size=40).map(str.encode))
def test_whatever_a_file_holds_a_complaint_names_it(content: bytes) -> None:
    with pytest.raises(CatalogError) as raised:  # nothing so short is a whole area
        AREA.read(read_bytes(content))
    assert raised.value.file == "areas/x/area.yaml"
    assert raised.value.line <= content.count(b"\n") + content.count(b"\r") + 2
