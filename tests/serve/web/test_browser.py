"""The pages in a real browser: accessible, whole without scripts, at home on a telephone and on paper.

Chromium and axe come with `make test-clients`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import sync_playwright

from flis.catalog.area_file import Phrase
from flis.operations import Incident, StatusKind, add, today
from tests.clients.needed import need
from tests.release.sample import build_sample
from tests.serve.web.served import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.client

ROOT = Path(__file__).parents[3]
CHROMIUM = Path("/usr/bin/chromium")
AXE = ROOT / "tests/clients/web/node_modules/axe-core/axe.min.js"
REPORTS = ("/ukraine", "/ukraine?kommune=0101&dato=2022-08-15&kendt=2022-08-17&sammenlign=0461,0751")
OTHERS = ("/", "/drift", "/drift/{incident}", "/ukraine?kommune=Odence", "/ukraine?kommune=0411&kendt=2022-08-12")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a served sample, and the id of an incident in it."""
    state = build_sample(tmp_path_factory.mktemp("site"), releases=2)
    text = Phrase("Sager mangler for to kommuner.", "Cases of two municipalities are missing.")
    told = add(
        state,
        Incident(kind=StatusKind.FAULTY, areas=("ky",), text=text, since=today(state), municipalities=("0101", "0461")),
    )
    with serving(state.root) as address:
        yield address, told.id


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    need(CHROMIUM)
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, site: tuple[str, str]) -> Iterator[Page]:
    """A page with scripts on (only axe brings one), that fails on any message and any request elsewhere."""
    context = browser.new_context(base_url=site[0], viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    told: list[str] = []
    opened.on("console", lambda m: told.append(m.text))
    opened.on("pageerror", lambda e: told.append(str(e)))
    opened.on("request", lambda r: None if r.url.startswith((site[0], "data:")) else told.append(r.url))
    yield opened
    context.close()
    assert [t for t in told if "404 (Not Found)" not in t] == []


def violations(page: Page) -> list[str]:
    need(AXE)
    page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, preload: false, resultTypes: ['violations']})", RULES
    )
    return [f"{v['id']}: {v['help']}: {n['html'][:200]}" for v in found["violations"] for n in v["nodes"]]


@pytest.mark.parametrize(("language", "scheme"), [("", "light"), ("/en", "light"), ("/uk", "light"), ("", "dark")])
@pytest.mark.parametrize("address", REPORTS)
def test_the_report_has_no_violations(page: Page, address: str, language: str, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(language + address)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert violations(page) == []


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("address", OTHERS)
def test_other_pages_have_no_violations(page: Page, site: tuple[str, str], address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(address.format(incident=site[1]))
    assert violations(page) == []


@pytest.mark.parametrize("language", ["", "/en", "/uk"])
@pytest.mark.parametrize("address", [*REPORTS, *OTHERS])
def test_nothing_runs_off_a_narrow_screen(page: Page, site: tuple[str, str], address: str, language: str) -> None:
    """WCAG 1.4.10: 320 pixels without scrolling in two directions."""
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto((language + address.format(incident=site[1])).rstrip("/") or "/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("language", ["", "/en", "/uk"])
def test_the_report_works_with_scripts_off(browser: Browser, site: tuple[str, str], language: str) -> None:
    context = browser.new_context(base_url=site[0], java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{language}/ukraine")
    whole = page.locator(".big").inner_text()
    page.locator(".choose summary").click()
    page.locator("#kommune").select_option("0461")
    page.locator("#sammenlign0").select_option("0751")
    page.locator("#kendt").fill("2022-08-15")
    page.locator("#dato").fill("2022-08-12")
    page.locator(".choose button").click()
    assert "Odense" in page.locator("h1").inner_text()
    assert page.locator(".big").inner_text() != whole
    assert page.locator("#dato").input_value() == "2022-08-12"
    assert page.locator(".notice").is_visible()
    assert "Aarhus" in page.locator("#sammenligning table").inner_text()
    page.locator("#udvikling summary").click()
    assert page.locator("#udvikling tbody tr").count() == 73
    page.locator("#kommuner tbody a", has_text="Viborg").click()
    assert "Viborg" in page.locator("h1").inner_text()
    context.close()


def test_the_keyboard_is_enough(page: Page) -> None:
    page.goto("/ukraine")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "indhold"
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    assert reached[0] == "kommune"
    assert "BUTTON" in reached
    assert "SUMMARY" in reached


def test_what_is_focused_is_seen(page: Page) -> None:
    page.goto("/ukraine")
    for _ in range(4):
        page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"


def test_on_paper_there_is_the_report_and_no_form(page: Page) -> None:
    page.goto("/ukraine?kommune=0101")
    page.emulate_media(media="print")
    assert page.locator(".big").is_visible()
    assert page.locator(".chart.udvikling").is_visible()
    assert not page.locator(".choose").is_visible()
    assert page.locator("#kommuner .tall").evaluate("e => e.scrollHeight <= e.clientHeight + 1")
