from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from lxml import html  # type: ignore[import-untyped, unused-ignore]

from flis.catalog.area_file import Phrase, areas
from flis.operations import Incident, StatusKind, add, status, stop, today
from flis.release import current
from tests.operations.gardens import AREA, Gardens, write_gardens
from tests.release.sample import build_sample
from tests.serve.web.asking import Web

if TYPE_CHECKING:
    from pathlib import Path

    from tests.made_areas import AreasIn

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
        Incident(kind=StatusKind.FAULTY, areas=("ky",), text=TOLD, since=since, municipalities=("0101", "0461")),
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
    add(empty.state, Incident(kind=StatusKind.FAULTY, areas=("ky",), text=TOLD, since=today(empty.state)))
    main = html.document_fromstring(empty.get("/uk/drift").text).find(".//main")
    assert main is not None
    assert {element.text for element in main.iter() if element.get("lang")} == {TOLD.en}
    shown = "".join(str(text) for text in main.itertext())
    for said in ("Очікується перша поставка", "Помилкова поставка", "Щомісяця", "Мешканці", "Реєстр населення CPR"):
        assert said in shown
    assert not any(row.area.name.en in shown for row in status(empty.state).areas if " " in row.area.name.en)


def test_a_notice_names_the_release(tmp_path: Path) -> None:
    web = Web.of(build_sample(tmp_path, releases=1))
    told = add(web.state, Incident(kind=StatusKind.FAULTY, areas=("ky",), text=TOLD, since=today(web.state)))
    assert "Release 1, sat i drift" in web.get(f"/drift/{told.id}").text


def test_a_made_up_area_is_in_the_overview(empty: Web, tmp_path: Path, areas_in: AreasIn) -> None:
    """97 of 98 municipalities are late: their number is told, their names unfold."""
    write_gardens(tmp_path / "areas")
    areas_in(tmp_path / "areas")
    Gardens(empty.state).sends("0101", "2025-08", "2025-09-15")
    stop(empty.state, date(2025, 10, 10))
    due = {
        "": "for 2025-08 fra 97 kommuner skulle være kommet senest 2025-09-30",
        "/en": "from 97 municipalities was due",
    }
    for prefix, says in due.items():
        main: Any = html.document_fromstring(empty.get(f"{prefix}/drift").text)
        (row,) = main.xpath(f"//tr[@id='{AREA}']")
        shown = " ".join(row.text_content().split())
        assert says in shown
        (more,) = row.xpath(".//details")
        assert ("97 kommuner" if not prefix else "97 municipalities") in more.find("summary").text_content()
        assert "Frederiksberg" in more.text_content()
        assert "København" not in more.text_content()


def test_before_the_first_release_the_overview_says_so(empty: Web, web: Web) -> None:
    said = {
        "/drift": "endnu ikke udgivet data",
        "/en/drift": "No data are published yet",
        "/uk/drift": "ще не опубліковано",
    }
    for address, words in said.items():
        assert words in empty.get(address).text
        assert words not in web.get(address).text
