from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from lxml import html  # type: ignore[import-untyped, unused-ignore]

from flis.catalog.areas import Phrase, areas
from flis.operations import Incident, Kind, add, status, today
from flis.release import current
from tests.release.sample import build_sample
from tests.serve.web.asking import Web

if TYPE_CHECKING:
    from pathlib import Path

TOLD = Phrase("To kommuners sager <mangler>.", "The cases of two municipalities are missing.")


def test_every_area_is_in_the_overview(empty: Web) -> None:
    page, data = empty.get("/drift").text, empty.get("/drift.json").json()
    assert [a["id"] for a in data["areas"]] == [a.id for a in areas()]
    assert data["release"] is None
    for area in areas():
        assert f'id="{area.id}"' in page


def test_the_overview_shows_how_far_the_data_reach(web: Web) -> None:
    release = current(web.state)
    assert release
    assert "16. august 2022" in web.get("/drift").text
    assert web.get("/drift.json").json()["release"] == release.number
    row = next(a for a in web.get("/drift.json").json()["areas"] if a["id"] == "ukraine")
    assert row["data_through"] == release.data_through.isoformat()


def test_an_incident_is_told_in_the_readers_language(empty: Web) -> None:
    since = today(empty.state) - timedelta(days=1)
    told = add(
        empty.state,
        Incident(kind=Kind.FAULTY, areas=("ky",), text=TOLD, since=since, municipalities=("0101", "0461")),
    )
    assert isinstance(told.since, date)
    danish, english = empty.get("/drift").text, empty.get("/en/drift").text
    assert "To kommuners sager &lt;mangler&gt;." in danish
    assert "København, Odense" in danish
    assert TOLD.en in english
    assert f'href="/en/drift/{told.id}"' in english
    for prefix, says in (("", "KY"), ("/en", TOLD.en), ("/uk", TOLD.en)):
        answer = empty.get(f"{prefix}/drift/{told.id}")
        assert answer.status_code == 200
        assert says in answer.text


def test_the_ukrainian_overview_is_ukrainian(empty: Web) -> None:
    """What the platform says itself; what people wrote is marked as the English that it is."""
    add(empty.state, Incident(kind=Kind.FAULTY, areas=("ky",), text=TOLD, since=today(empty.state)))
    main = html.document_fromstring(empty.get("/uk/drift").text).find(".//main")
    assert main is not None
    assert {element.text for element in main.iter() if element.get("lang")} == {TOLD.en}
    shown = "".join(str(text) for text in main.itertext())
    for said in ("Очікується перша поставка", "Помилкова поставка", "Щомісяця", "Мешканці", "Реєстр населення CPR"):
        assert said in shown
    assert not any(row.area.name.en in shown for row in status(empty.state).areas if " " in row.area.name.en)


def test_a_notice_names_the_release(tmp_path: Path) -> None:
    web = Web.of(build_sample(tmp_path, releases=1))
    told = add(web.state, Incident(kind=Kind.FAULTY, areas=("ky",), text=TOLD, since=today(web.state)))
    assert "Release 1, sat i drift" in web.get(f"/drift/{told.id}").text
