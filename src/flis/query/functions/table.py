"""The one table of MDX functions: each is declared once, with its signatures, kind and documentation.

Signatures are written as people read them: `Filter(set, logical) -> set`, `member.Children -> set`,
`set.Item(number) -> tuple`; `[x]` may be left out, `x...` may be repeated, `{A|B}` is one of these words,
`value/{A|B}` a value or one of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from flis.query.binding.nodes import Binding, ResultKind

if TYPE_CHECKING:
    from collections.abc import Callable


Looks: TypeAlias = "Callable[[Binding, list[Any]], frozenset[int]]"

__all__ = ["FUNCTIONS", "Function", "Parameter", "Signature", "everything", "function"]

SIGNATURE = re.compile(r"(?:(?P<target>\w+)\.)?(?P<name>[\w!]+)(?P<call>\((?P<parameters>.*)\))?\s*->\s*(?P<kind>\w+)$")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `words` are the words it takes, if it takes words."""

    kind: ResultKind
    optional: bool = False
    repeated: bool = False
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a function.

    `over`: the arguments whose hierarchies the result has; `iterates`: the set argument in whose contexts the
    scalar arguments after it are evaluated, -1 for none; `looks`: the hierarchies whose current members it looks at
    beyond those that its arguments do; `binds`: `run` makes the node itself, from (binder, expression, arguments).
    """

    name: str
    style: str  # function, method or property
    parameters: tuple[Parameter, ...]
    result: ResultKind
    run: Callable[..., Any]
    text: str
    over: tuple[int, ...] | Callable[..., tuple[int, ...]] = (0,)
    iterates: int = -1
    looks: Looks | None = None
    binds: bool = False


@dataclass(slots=True)
class Function:
    """A function with all its signatures, and a sentence in English and Danish."""

    name: str
    group: str
    english: str
    danish: str
    signatures: list[Signature]

    def doc(self, language: str) -> str:
        """What it does."""
        return self.danish if language == "da" else self.english


FUNCTIONS: dict[str, Function] = {}
"""All functions by name in upper case."""


def everything(binder: Binding, _arguments: object) -> frozenset[int]:
    """All hierarchies: what a cell looks at."""
    return frozenset(range(binder.count))


def function(
    *signatures: str,
    group: str,
    en: str = "",
    da: str = "",
    over: tuple[int, ...] | Callable[..., tuple[int, ...]] = (0,),
    iterates: int = -1,
    looks: Looks | None = None,
    binds: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a function, or further signatures of one.

    The decorated callable gets (evaluator, context, *nodes) for every block; with `binds` it gets (binder, expression,
    arguments) once and gives the node.
    """

    def declare(run: Callable[..., Any]) -> Callable[..., Any]:
        for text in signatures:
            signature = replace(_parse(text, run), over=over, iterates=iterates, looks=looks, binds=binds)
            key = signature.name.upper()
            known = FUNCTIONS.setdefault(key, Function(signature.name, group, en, da, []))
            known.english, known.danish = known.english or en, known.danish or da
            known.signatures.append(signature)
        return run

    return declare


def _parse(text: str, run: Callable[..., Any]) -> Signature:
    match = SIGNATURE.match(text)
    assert match, text  # noqa: S101
    parameters = [_parameter(p.strip()) for p in _split(match["parameters"] or "")]
    style = "function"
    if match["target"]:
        parameters.insert(0, Parameter(ResultKind(match["target"])))
        style = "method" if match["call"] else "property"
    return Signature(match["name"], style, tuple(parameters), ResultKind(match["kind"]), run, text)


def _split(text: str) -> list[str]:
    return re.findall(r"(?:\{[^}]*\}|[^,{])+", text) if text.strip() else []


def _parameter(text: str) -> Parameter:
    optional = text.startswith("[")
    text = text.strip("[] ")
    repeated = text.endswith("...")
    text = text.removesuffix("...").strip()
    if "{" in text:
        kind, _, words = text.partition("{")
        return Parameter(
            ResultKind(kind.strip("/ ") or "word"), optional, repeated, tuple(words.strip("} ").split("|"))
        )
    return Parameter(ResultKind(text), optional, repeated)
