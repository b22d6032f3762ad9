"""YAML that remembers its lines, so that every complaint about a catalogue file names the place.

A value is read as what is wanted of it (`0101` asked for as text stays `0101`), not as what YAML guesses it to be.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import yaml

from flis.errors import CatalogError, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.resources.abc import Traversable

__all__ = ["YamlEntry", "read"]

NULL = "tag:yaml.org,2002:null"
FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def read(path: Traversable, name: str = "") -> YamlEntry:
    """The whole file; `name` is what errors call it (default: the file's name without its folder).

    Raises:
        CatalogError: there is no such file, it is empty, or it is not YAML; names file and line.
    """
    name = name or path.name
    try:
        text = path.read_text("utf-8")
    except OSError as problem:
        raise CatalogError("the file cannot be read.", file=name) from problem
    except UnicodeDecodeError as problem:
        raise CatalogError("the file is not UTF-8.", file=name) from problem
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 0
        raise CatalogError(f"not YAML: {problem.problem}.", file=name, line=line) from None
    except yaml.YAMLError:
        raise CatalogError("not YAML: it holds a character that may not be there.", file=name) from None
    if node is None:
        raise CatalogError("the file is empty.", file=name)
    return YamlEntry(node, name)


class YamlEntry:
    """A value in a YAML file, with its file and line."""

    __slots__ = ("file", "node")

    def __init__(self, node: yaml.Node, file: str) -> None:
        self.node = node
        self.file = file

    @property
    def line(self) -> int:
        """The line on which the value begins, from 1."""
        return int(self.node.start_mark.line) + 1

    def error(self, message: str, hint: str = "") -> CatalogError:
        """A complaint about this value."""
        return CatalogError(message, file=self.file, line=self.line, hint=hint)

    @property
    def is_text(self) -> bool:
        """Is it a single value?"""
        return isinstance(self.node, yaml.ScalarNode)

    @property
    def is_null(self) -> bool:
        """Is it `null`, or left empty?"""
        return self.node.tag == NULL

    def text(self) -> str:
        """The value as it is written."""
        if not isinstance(self.node, yaml.ScalarNode) or self.is_null:
            hint = "Between { and }, a text with a comma in it must be in quotes." if self.is_null else ""
            raise self.error("a text was expected here.", hint)
        return str(self.node.value)

    def whole_number(self) -> int:
        """The value as a whole number."""
        try:
            return int(self.text())
        except ValueError:
            raise self.error("a whole number was expected here.") from None

    def count(self) -> int:
        """The value as a whole number that is not negative."""
        found = self.whole_number()
        if found < 0:
            raise self.error("a whole number from 0 on was expected here.")
        return found

    def day(self) -> date:
        """The value as a date."""
        try:
            return date.fromisoformat(self.text())
        except ValueError:
            raise self.error("a date was expected here.", "Write it as 2025-08-31.") from None

    def flag(self) -> bool:
        """The value as true or false."""
        found = FLAGS.get(self.text().lower())
        if found is None:
            raise self.error("true or false was expected here.")
        return found

    def items(self) -> list[YamlEntry]:
        """The values of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error("a list was expected here.")
        return [YamlEntry(item, self.file) for item in self.node.value]

    def fields(self) -> dict[str, YamlEntry]:
        """The values of a mapping by their names, each of which may be there once."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error("names with values (`name: value`) were expected here.")
        found: dict[str, YamlEntry] = {}
        for key, value in self.node.value:
            name = YamlEntry(key, self.file).text()
            if name in found:
                raise YamlEntry(key, self.file).error(f"{name} is given twice.")
            found[name] = YamlEntry(value, self.file)
        return found

    def keys(self) -> dict[str, YamlEntry]:
        """The names of a mapping, each with its own place."""
        self.fields()
        return {str(key.value): YamlEntry(key, self.file) for key, _ in self.node.value}

    def leaves(self) -> Iterator[YamlEntry]:
        """Every single value in it, as it is written."""
        if isinstance(self.node, yaml.ScalarNode):
            yield self
        elif isinstance(self.node, yaml.SequenceNode | yaml.MappingNode):
            inside = self.items() if isinstance(self.node, yaml.SequenceNode) else self.fields().values()
            for entry in inside:
                yield from entry.leaves()

    def known_fields(self, what: str, known: Iterable[str]) -> dict[str, YamlEntry]:
        """`fields`, all of which must be among `known`; `what` is being read."""
        known = list(known)
        found = self.fields()
        for name in found:
            if name not in known:
                hint = suggest(name, known) or f"It may have: {', '.join(known)}."
                raise self.keys()[name].error(f"{what} has no field {name}.", hint)
        return found
