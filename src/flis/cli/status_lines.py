"""The states of an area in lines: many of one kind and interface stand together, counted, with the first few."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flis.operations import Notice

__all__ = ["lines"]

FEW = 3
"""So many states of one kind have a line each, and so many periods or municipalities are named."""
WORDS = {
    "da": ("perioder", "leveringer", "kommuner", "og {} til"),
    "en": ("periods", "deliveries", "municipalities", "and {} more"),
}


def lines(states: Iterable[Notice], language: str) -> list[str]:
    """A line for each state, and one for all of a kind, product and interface that are more than a few."""
    groups: dict[tuple[object, ...], list[Notice]] = {}
    for notice in states:
        groups.setdefault(_together(notice), []).append(notice)
    return [line for of in groups.values() for line in _of_group(of, language)]


def _together(notice: Notice) -> tuple[object, ...]:
    """What states share that may stand in one line: those of periods or deliveries, and none that people wrote."""
    many = (notice.period or notice.delivery) and not notice.incident
    return (notice.kind, notice.product, notice.subject) if many else (id(notice),)


def _of_group(of: Sequence[Notice], language: str) -> list[str]:
    if len(of) <= FEW:
        return [_told(notice, language) for notice in of]
    first, (periods, deliveries, municipalities, _) = of[0], WORDS[language]
    told = list(dict.fromkeys(notice.period for notice in of if notice.period))
    towns = {code for notice in of for code in notice.municipalities}
    counts = [f"{len(told)} {periods}"] if told else [f"{len(of)} {deliveries}"]
    counts += [f"{len(towns)} {municipalities}"] if towns else []
    scope = [first.product.text[language]] if first.product else []
    scope += [first.subject] if first.subject else []
    where = f" ({'; '.join(scope)})" if scope else ""
    named = told or [notice.delivery for notice in of]
    return [f"{first.kind.text[language]}{where}: {', '.join(counts)}: {_few(named, language)}"]


def _told(notice: Notice, language: str) -> str:
    """One state: its kind, where its text does not say the same, scope and text."""
    kind, text = notice.kind.text[language], notice.text[language]
    scope = [notice.product.text[language]] if notice.product else []
    scope += [_few(notice.municipalities, language)] if notice.municipalities else []
    where = f" ({'; '.join(scope)})" if scope else ""
    return text if kind == text and not where else f"{kind}{where}: {text}"


def _few(names: Sequence[str], language: str) -> str:
    """The first few names, and how many more there are."""
    more = f" {WORDS[language][-1].format(len(names) - FEW)}" if len(names) > FEW else ""
    return ", ".join(names[:FEW]) + more
