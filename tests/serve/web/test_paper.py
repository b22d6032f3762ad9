"""The report on paper: no text lies over another, and nothing runs off the page, in what Chromium prints."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from lxml import html  # type: ignore[import-untyped, unused-ignore]
from playwright.sync_api import sync_playwright

from flis.operations import mark_simulated
from tests.clients.needed import need
from tests.release.sample import build_sample
from tests.serve.web.served import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.client

CHROMIUM = Path("/usr/bin/chromium")
AREAS = ("", "?kommune=0101&sammenlign=0461,0751")
REVISED = """() => {
    const body = document.querySelector('#revisioner tbody');
    while (body && body.rows.length < 30) body.append(body.rows[0].cloneNode(true));
}"""
"""Every one of the last 30 days is revised: the longest table that the section can have."""
OVERLAP = 0.25  # of a line's height: ascenders and descenders of close lines share a little


class Word(NamedTuple):
    """A printed word: its page, its box in points, its text."""

    page: int
    left: float
    top: float
    right: float
    bottom: float
    text: str


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], Path]]:
    """The report as PDF by language and area; the persons are marked as simulated."""
    need(CHROMIUM)
    folder = tmp_path_factory.mktemp("paper")
    state = build_sample(folder / "state", releases=2)
    mark_simulated(state)
    with serving(state.root) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        made: dict[tuple[str, str], Path] = {}
        for language in ("", "/en", "/uk"):
            for area in AREAS:
                page = browser.new_page()
                page.goto(f"{address}{language}/ukraine{area}")
                page.evaluate(REVISED)
                file = folder / f"{len(made)}.pdf"
                page.pdf(path=str(file), format="A4", prefer_css_page_size=True)
                made[language, area] = file
                page.close()
        browser.close()
        yield made


def words(file: Path) -> list[Word]:
    tool = shutil.which("pdftotext")
    need(Path(tool or "pdftotext"))
    told = subprocess.run(["pdftotext", "-bbox", str(file), "-"], capture_output=True, check=True, timeout=60)
    found = []
    for number, page in enumerate(html.document_fromstring(told.stdout).iter("page"), 1):
        width, height = _number(page, "width"), _number(page, "height")
        for word in page.iter("word"):
            left, top, right, bottom = (_number(word, side) for side in ("xmin", "ymin", "xmax", "ymax"))
            assert 0 <= left < right <= width, word.text
            assert 0 <= top < bottom <= height, word.text
            found.append(Word(number, left, top, right, bottom, word.text or ""))
    return found


def _number(element: html.HtmlElement, name: str) -> float:
    return float(element.get(name) or "nan")


def lying_over(found: list[Word]) -> list[tuple[Word, Word]]:
    """Pairs of words on one page whose boxes share more than a little in both directions."""
    pairs = []
    for page in range(1, found[-1].page + 1):
        ordered = sorted((w for w in found if w.page == page), key=lambda w: w.top)
        for n, a in enumerate(ordered):
            for b in ordered[n + 1 :]:
                if b.top >= a.bottom:
                    break
                least = OVERLAP * min(a.bottom - a.top, b.bottom - b.top)
                if min(a.bottom, b.bottom) - b.top > least and min(a.right, b.right) - max(a.left, b.left) > 1:
                    pairs.append((a, b))
    return pairs


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("language", ["", "/en", "/uk"])
def test_no_text_lies_over_another(printed: dict[tuple[str, str], Path], language: str, area: str) -> None:
    found = words(printed[language, area])
    assert len(found) > 1000
    assert lying_over(found) == []


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("language", ["", "/en", "/uk"])
def test_every_printed_page_says_that_persons_are_simulated(
    printed: dict[tuple[str, str], Path], language: str, area: str
) -> None:
    found = words(printed[language, area])
    pages = {w.page for w in found}
    assert pages == {w.page for w in found if w.text == "Simulerede"}
    last = max(pages)
    numbers = sorted(
        (a.page, a.text)
        for a, b, c in zip(found[:-2], found[1:-1], found[2:], strict=True)
        if b.text == "/" and c.text == str(last)
    )
    assert numbers == sorted((n, str(n)) for n in pages)


def test_a_heading_is_not_left_alone_at_the_foot(printed: dict[tuple[str, str], Path]) -> None:
    """Below the words of a heading, larger than text, there is text on the same page."""
    for file in printed.values():
        found = words(file)
        for page in {w.page for w in found}:
            own = sorted((w for w in found if w.page == page and w.text != "Simulerede"), key=lambda w: w.bottom)
            large = [w for w in own if w.bottom - w.top > 20]
            assert all(any(o.top > w.bottom and o.bottom < 800 for o in own) for w in large), page
