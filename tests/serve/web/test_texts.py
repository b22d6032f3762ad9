from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from string import Formatter

import pytest
import yaml

import flis.serve.web
from flis.serve.web.site.texts import LANGUAGES, _flat, texts_of

FOLDER = Path(flis.serve.web.__file__).parent
PLURALS = re.compile(r"\.(one|few|many|other)$")
MADE = (  # keys that are put together where they are used
    "column.", "section.", "group.", "definition.", "order.", "report.section.", "report.sheet.", "report.download.",
    "report.headline.since_", "report.headline.people.", "report.revisions.count.", "report.chart.fordeling_",
    "error.title_",
)  # fmt: skip


def keys(language: str) -> set[str]:
    return {PLURALS.sub("", key) for key in texts_of(language).words}


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_languages_have_the_same_keys(language: str) -> None:
    assert keys(language) == keys("da")


def test_no_key_has_a_text_in_two_rooms() -> None:
    rooms = [file.parent for file in FOLDER.rglob("texts/da.yaml")]
    told = [
        [key for key, _ in _flat("", yaml.safe_load(room.joinpath("da.yaml").read_text("utf-8")))] for room in rooms
    ]
    assert len(rooms) == 3
    assert sorted(key for keys in told for key in keys) == sorted(texts_of("da").words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_languages_fill_the_same_blanks(language: str) -> None:
    def blanks(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    danish = texts_of("da").words
    for key, text in texts_of(language).words.items():
        same = danish.get(key) or danish[PLURALS.sub(".other", key)]
        assert blanks(text) == blanks(same), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_has_the_forms_of_its_language(language: str) -> None:
    texts = texts_of(language)
    forms = {texts.locale.plural_form(n) for n in range(200)}
    for key in {PLURALS.sub("", k) for k in texts.words if PLURALS.search(k)}:
        assert {f for f in forms if f"{key}.{f}" in texts.words} == forms, key


def test_every_text_is_used() -> None:
    source = "".join(f.read_text("utf-8") for kind in ("*.py", "*.html") for f in FOLDER.rglob(kind))
    unused = [k for k in keys("da") if f'"{k}"' not in source and not k.startswith(MADE)]
    assert not unused


def test_numbers_and_dates_are_written_as_the_language_does() -> None:
    da, en, uk = (texts_of(language) for language in LANGUAGES)
    assert (da.number(23135), en.number(23135), uk.number(23135)) == ("23.135", "23,135", "23\N{NO-BREAK SPACE}135")
    assert (da.number(3.97, 2), en.number(3.97, 2)) == ("3,97", "3.97")
    assert (da.change(-12), da.change(0), da.change(1200)) == ("\N{MINUS SIGN}12", "±0", "+1.200")
    day = date(2022, 8, 15)
    assert (da.date(day), en.date(day), uk.date(day)) == ("15. august 2022", "15 August 2022", "15 серпня 2022")
    assert da.time(datetime(2022, 8, 15, 22, 30, tzinfo=UTC)) == "16. august 2022 kl. 00:30"
    assert [uk.counted("report.headline.people", n) for n in (1, 2, 5, 21)] == ["особа", "особи", "осіб", "особа"]
