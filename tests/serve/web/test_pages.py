from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest

from flis.serve.web.site.texts import LANGUAGES, texts_of
from tests.release.sample import build_sample
from tests.serve.web.asking import Web

if TYPE_CHECKING:
    from pathlib import Path

PAGES = ("/", "/ukraine", "/ukraine?kommune=0101&dato=2022-08-15&kendt=2022-08-17&sammenlign=0461,0751", "/drift")


def in_language(address: str, language: str) -> str:
    return address if language == "da" else f"/{language}{address}".rstrip("/")


class Outline(HTMLParser):
    """What a page links to, its headings, ids and labels."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        found = dict(attrs)
        if tag == "a" and found.get("href"):
            self.links.append(str(found["href"]))
        if found.get("id"):
            self.ids.append(str(found["id"]))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", PAGES)
def test_pages_answer_in_every_language(web: Web, address: str, language: str) -> None:
    answer = web.get(in_language(address, language))
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["content-language"] == language
    assert "{{" not in answer.text
    assert "None" not in re.sub(r">None</option>", "", answer.text)


@pytest.mark.parametrize("address", [*PAGES, "/nowhere", "/ukraine.json", "/healthz", "/static/flis.css"])
def test_every_answer_is_guarded(web: Web, address: str) -> None:
    headers = web.get(address).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("address", PAGES)
def test_pages_hold_no_script_and_no_style(web: Web, address: str) -> None:
    outline = Outline(web.get(address).text)
    assert "script" not in outline.tags
    assert "style" not in outline.tags
    assert not [name for name, _ in outline.attributes if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("address", PAGES)
def test_links_of_a_page_lead_somewhere(web: Web, address: str) -> None:
    outline = Outline(web.get(address).text)
    assert len(outline.ids) == len(set(outline.ids))
    seen = set()
    for link in outline.links:
        if link.startswith("#"):
            assert link[1:] in outline.ids, link
        elif (kind := re.sub(r"0\d{3}", "", link)) not in seen:
            seen.add(kind)
            assert web.get(urljoin(address, link)).status_code == 200, link


def test_the_report_says_what_it_counts(web: Web) -> None:
    text = web.get("/ukraine?kommune=0101").text
    da = texts_of("da")
    assert "Opgjort pr. 16. august 2022 efter levering cpr-110901-20220816-00000000, release 2." in text
    for key in ("who", "entered", "births", "flows", "people", "net", "clock", "policy", "breakdowns"):
        assert da(f"definition.{key}") in text
    assert "1. januar 2020" in text
    assert "Opgjort 14. august 2022" in text
    assert "Fordelinger efter disse regler er udgivet fra 16. august 2022." in text


@pytest.mark.parametrize("address", ["/ukraine", "/ukraine?kommune=0101&sammenlign=0461"])
def test_every_chart_has_a_name_and_a_table_of_its_figures(web: Web, address: str) -> None:
    text = web.get(address).text
    figures = re.findall(r"<figure.*?</figure>", text, re.DOTALL)
    assert len(figures) >= 7
    for figure in figures:
        assert "<figcaption" in figure
        if "map" not in figure[:30]:
            assert re.search(r'<div class="chart [^>]* role="img" aria-label="', figure)
            assert "<table>" in figure


def test_figures_as_known_earlier_are_marked_and_differ(web: Web) -> None:
    """The Friday's total of København was one higher until Tuesday's delivery."""
    now, earlier = (web.get(f"/ukraine.json?kommune=0101&dato=2022-08-12{k}").json() for k in ("", "&kendt=2022-08-12"))
    assert earlier["kommuner"][0]["antal"] == now["kommuner"][0]["antal"] + 1
    assert "Du ser tallene, som de var kendt den 12. august 2022." in web.get("/ukraine?kendt=2022-08-12").text
    assert "Du ser tallene, som de var kendt" not in web.get("/ukraine?kendt=2022-08-17").text


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/ukraine?kommune=Odence", 404, '<a href="/ukraine?kommune=0461">Odense</a>'),
        ("/en/ukraine?kommune=Odence", 404, '<a href="/en/ukraine?kommune=0461">Odense</a>'),
        ("/ukraine?dato=1999-01-01", 404, "Rapporten dækker 1. juni 2022 til 16. august 2022."),
        (
            "/ukraine?dato=2022-08-16&kendt=2022-08-12",
            404,
            "Som kendt den 12. august 2022 dækker rapporten 1. juni 2022",
        ),
        ("/en/ukraine?dato=2022-08-16&kendt=2022-08-12", 404, "As known on 12 August 2022, the report covers 1 June"),
        ("/uk/ukraine?dato=1999-01-01", 404, "16 серпня 2022"),
        ("/ukraine?dato=yesterday", 400, "Skriv datoer som 2022-08-15."),
        ("/ukraine?sammenlign=0101,0461,0751,0851", 400, "højst"),
        ("/ukraine?kommune=%3Cscript%3Ealert(1)%3C/script%3E", 404, "&lt;script&gt;"),
        ("/ukraine?kommune=0101&kommune=0147", 400, "“kommune” står flere gange i adressen."),
        ("/drift/2022-01-01-nothing", 404, "driftsinfo"),
        ("/nowhere", 404, "Der er ingen side"),
        ("/en/nowhere", 404, "no page"),
        ("/static/nothing.css", 404, "Der er ingen side"),
    ],
)
def test_wrong_addresses_get_a_page_that_helps(web: Web, address: str, status: int, says: str) -> None:
    answer = web.get(address)
    assert answer.status_code == status
    assert says in answer.text
    assert "/ukraine" in answer.text
    assert "<script" not in answer.text


def test_a_wrong_question_for_a_file_gets_json(web: Web) -> None:
    answer = web.get("/ukraine.csv?kommune=Odence")
    assert answer.status_code == 404
    assert answer.json()["error"] == {
        "code": "not_found", "message": "Der er ingen kommune “Odence”.", "hint": "Mente du Odense?"
    }  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_json_of_an_error_has_the_hint_of_the_page(web: Web, language: str) -> None:
    for asked in ("Odence", "9999"):
        page = web.get(in_language(f"/ukraine?kommune={asked}", language))
        error = web.get(in_language(f"/ukraine.json?kommune={asked}", language)).json()["error"]
        assert error["hint"]
        assert error["hint"] in unescape(re.sub(r"</?a\b[^>]*>", "", page.text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_can_be_sent_to_a_page(web: Web, language: str) -> None:
    answer, texts = web.get(in_language("/ukraine", language), method="POST"), texts_of(language)
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert f"<h1>{texts('error.title_405')}</h1>" in answer.text
    assert texts("error.method") in answer.text
    assert texts("error.page") not in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", [*PAGES, "/nowhere", "/ukraine?dato=yesterday", "/drift/nothing"])
def test_every_page_names_the_release(web: Web, address: str, language: str) -> None:
    foot = web.get(in_language(address, language)).text.partition("<footer")[2]
    assert texts_of(language)("site.footer.release", release="2", applied="").rstrip() in foot


@pytest.mark.parametrize("address", ["/", "/ukraine", "/drift", "/nowhere"])
def test_no_page_names_a_release_before_the_first(empty: Web, address: str) -> None:
    foot = empty.get(address).text.partition("<footer")[2]
    assert "Release" not in foot


INNER = ("Traceback", "SELECT", "parquet", "/somewhere")  # words that no answer may hold


def test_a_fault_of_ours_shows_nothing_of_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("SELECT secret FROM /somewhere")

    state = build_sample(tmp_path, releases=1)
    monkeypatch.setattr("flis.serve.web.ukraine.current_figures.Figures.read", broken)
    answer = Web.of(state).get("/ukraine")
    assert answer.status_code == 500
    assert "Fejlen ligger hos os." in answer.text
    for word in (*INNER, str(tmp_path)):
        assert word not in answer.text


def test_a_damaged_release_is_not_shown(tmp_path: Path) -> None:
    state = build_sample(tmp_path, releases=1)
    for path in (state.releases / "stores/public/ukraine.total").iterdir():
        path.write_bytes(b"SELECT secret FROM /somewhere")
    answer = Web.of(state).get("/ukraine")
    assert answer.status_code == 503
    for word in (*INNER, str(tmp_path)):
        assert word not in answer.text


def test_before_the_first_release(empty: Web) -> None:
    assert "Der er endnu ingen tal" in empty.get("/ukraine").text
    assert "Der er endnu ikke udgivet tal" in empty.get("/").text
    assert empty.get("/ukraine.json").status_code == 404
    assert empty.get("/healthz").text == "ok\n"
    assert empty.get("/readyz").status_code == 503


def test_ready_names_the_release(web: Web) -> None:
    assert web.get("/readyz").text == "release 2\n"


def test_a_new_release_is_seen_at_once(tmp_path: Path) -> None:
    web = Web.of(build_sample(tmp_path, releases=1))
    assert web.get("/ukraine.json").json()["release"] == 1
    pointer = web.state.releases / "current"
    build_sample(tmp_path, releases=2)
    assert pointer.exists()
    assert web.get("/ukraine.json").json()["release"] == 2
    assert "release 2" in web.get("/ukraine").text


def test_answers_are_compressed_and_known_again(web: Web) -> None:
    first = web.get("/ukraine", **{"accept-encoding": "gzip"})
    assert first.headers["content-encoding"] == "gzip"
    assert int(first.headers["content-length"]) < len(first.content) / 4
    assert web.get("/ukraine", **{"accept-encoding": "identity"}).content == first.content
    again = web.get("/ukraine", **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_static_files_may_be_kept_for_ever(web: Web) -> None:
    for address in re.findall(r"/static/[^\"]+", web.get("/ukraine").text):
        answer = web.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert web.get("/static/../pages.py").status_code == 404
    assert web.get("/static/%2e%2e/pages.py").status_code == 404
    assert web.get("/favicon.ico").headers["location"] == "/static/mark.svg"
    assert "/xmla" in web.get("/robots.txt").text


def test_the_whole_address_range_of_days_answers(web: Web) -> None:
    """The first day, when nothing is counted yet, and days before the first whole week."""
    for day in ("2022-06-01", "2022-06-04", "2022-06-05", "2022-06-12"):
        for area in ("", "0101", "0411"):
            assert web.get(f"/ukraine?kommune={area}&dato={day}").status_code == 200
