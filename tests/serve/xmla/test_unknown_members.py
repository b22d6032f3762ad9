"""Unknown members in MDSCHEMA_MEMBERS: listed ones with the others, without a key; hidden ones by their name only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lxml import etree

from flis.serve.xmla import Call, FolderBackend, Service, Sessions
from flis.serve.xmla.soap import read
from tests.oracle import tiny
from tests.serve.xmla.asking import Asker, discover, validate

if TYPE_CHECKING:
    from pathlib import Path

COUNTRY, YEAR = "[Place].[Geography].[Country]", "[Time].[Calendar].[Year]"
LISTED, HIDDEN = "[Place].[Geography].[All].UNKNOWNMEMBER", "[Time].[Calendar].[All].UNKNOWNMEMBER"
SELF_AND_DESCENDANTS = 8 + 16


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Asker:
    folder: Path = tmp_path_factory.mktemp("tiny")
    service = Service(FolderBackend(tiny.CATALOG, tiny.write(folder, tiny.rows(1))), Sessions(folder / "sessions.db"))
    return Asker(lambda body: etree.fromstring(b"".join(service.answer(read(body), Call(None)))))


def listed(ask: Asker, **restrictions: str | int) -> list[str]:
    return [row["MEMBER_UNIQUE_NAME"] for row in ask.rows("MDSCHEMA_MEMBERS", restrictions)]


def test_a_listed_one_is_a_row_like_the_others(ask: Asker) -> None:
    assert listed(ask, LEVEL_UNIQUE_NAME=COUNTRY)[-1] == LISTED
    row = ask.rows("MDSCHEMA_MEMBERS", {"MEMBER_UNIQUE_NAME": LISTED}, LocaleIdentifier=1030)[0]
    assert (row["MEMBER_NAME"], row["MEMBER_CAPTION"], row["MEMBER_TYPE"]) == ("Unknown", "Ukendt", "1")
    assert (row["PARENT_UNIQUE_NAME"], row["CHILDREN_CARDINALITY"]) == ("[Place].[Geography].[All]", "1")
    assert "MEMBER_KEY" not in row
    assert row["IS_DATAMEMBER"] == "false"
    validate(ask.post(discover("MDSCHEMA_MEMBERS", {"MEMBER_UNIQUE_NAME": LISTED})))
    below = [LISTED + ".UNKNOWNMEMBER" * n for n in range(3)]  # country, city, shop: a state called so is hidden
    assert listed(ask, MEMBER_UNIQUE_NAME=LISTED, TREE_OP=SELF_AND_DESCENDANTS) == below
    levels = ask.rows("MDSCHEMA_LEVELS", {"LEVEL_UNIQUE_NAME": COUNTRY})
    assert [row["LEVEL_CARDINALITY"] for row in levels] == ["5"]


def test_a_hidden_one_is_found_by_its_name_only(ask: Asker) -> None:
    assert HIDDEN not in listed(ask, HIERARCHY_UNIQUE_NAME="[Time].[Calendar]")
    assert listed(ask, LEVEL_UNIQUE_NAME=YEAR) == [f"{YEAR}.&[2021]", f"{YEAR}.&[2022]"]
    everything = listed(ask, MEMBER_UNIQUE_NAME="[Time].[Calendar].[All]", TREE_OP=SELF_AND_DESCENDANTS)
    assert HIDDEN not in everything
    assert listed(ask, MEMBER_UNIQUE_NAME=HIDDEN, TREE_OP=SELF_AND_DESCENDANTS) == [HIDDEN]
