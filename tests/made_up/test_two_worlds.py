"""Who may see one municipality cannot tell what the others have sent: two worlds of made-up areas, one set of answers.

The worlds hold the same rows of Odense and other rows of everybody else. Each answer is compared as bytes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.leakage.asking import Server, of_state, principal
from tests.made_up import nurseries, rides
from tests.made_up.conftest import OWN
from tests.made_up.walk import AREAS, state_of
from tests.serve.xmla.asking import discover, execute

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.made_areas import AreasIn

pytestmark = pytest.mark.slow
OWNER, OTHER, BOSS = principal(OWN), principal("0147"), principal("", name="boss")
APPLIED = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?")
"""When a release was made goes by the clock, and is of no municipality."""
RIDES, PLACES = "[Kørsel]", "[Børnehaver]"
MONTH = "[Dato].[Måned].[Måned].Members"
STATEMENTS = {
    "rides": f"SELECT {{[Measures].Members}} ON 0, NON EMPTY {MONTH} ON 1 FROM {RIDES}",
    "all members": f"SELECT {{[Measures].[Ture]}} ON 0, [Betalingskommune].[Kommune].Members ON 1 FROM {RIDES}",
    "purposes": f"SELECT {{[Measures].[Pris]}} ON 0, [Formål].[Formål].Members ON 1 FROM {RIDES}",
    "known days": f"SELECT {{[Measures].[Ture som kendt]}} ON 0, [Kendt fra].[Dag].Members ON 1 FROM {RIDES}",
    "known until": f"SELECT {{[Measures].[Ture som kendt]}} ON 0, [Kendt til].[Dag].Members ON 1 FROM {RIDES}",
    "persons": f"SELECT {{[Measures].[Rejsende]}} ON 0, {MONTH} ON 1 FROM {RIDES}",
    "no such cut": f"SELECT {{[Measures].[Rejsende]}} ON 0, [Dato].[År].Members ON 1 FROM {RIDES}",
    "ratio": f"SELECT {{[Measures].[Pris pr. kilometer]}} ON 0 FROM {RIDES}",
    "homes": f"SELECT {{[Measures].[Pladser]}} ON 0, [Bopælskommune].[Kommune].Members ON 1 FROM {PLACES}",
    "payers": f"SELECT {{[Measures].[Pladser]}} ON 0, [Betalingskommune].[Kommune].Members ON 1 FROM {PLACES}",
    "stocks": f"SELECT {{[Measures].Members}} ON 0, {MONTH} ON 1 FROM {PLACES}",
    "ages": f"SELECT {{[Measures].[Pladser]}} ON 0, [Alder].[Aldersgruppe].Members ON 1 FROM {PLACES}",
    "somebody else": f"SELECT {{[Bopælskommune].[Kommune].&[0147]}} ON 0 FROM {PLACES}",
    "drill": f"DRILLTHROUGH SELECT {{[Measures].[Pladser]}} ON 0 FROM {PLACES}",
    "drill rides": f"DRILLTHROUGH SELECT {{[Measures].[Ture]}} ON 0 FROM {RIDES}",
}
REQUESTS = {name: execute(text, Catalog="FLIS") for name, text in STATEMENTS.items()} | {
    rowset: discover(rowset, {})
    for rowset in (
        "MDSCHEMA_CUBES",
        "MDSCHEMA_DIMENSIONS",
        "MDSCHEMA_HIERARCHIES",
        "MDSCHEMA_LEVELS",
        "DBSCHEMA_TABLES",
    )
}
REQUESTS |= {
    f"members of {cube}": discover("MDSCHEMA_MEMBERS", {"CUBE_NAME": cube}) for cube in ("Kørsel", "Børnehaver")
}


@pytest.fixture(scope="module")
def servers(both: Path, elsewhere: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    root = tmp_path_factory.mktemp("worlds")
    found = of_state(state_of(both), root / "one.db"), of_state(state_of(elsewhere), root / "other.db")
    yield found
    for server in found:
        server.close()


@pytest.fixture(autouse=True)
def _area(areas_in: AreasIn) -> None:
    areas_in(AREAS)


def test_the_worlds_hold_the_same_rows_of_one_municipality_and_other_ones_elsewhere() -> None:
    for on in (None, *rides.known_days(rides.files())[::20]):
        one, other = rides.known(rides.files(), on), rides.known(rides.files(OWN, "elsewhere"), on)
        assert [r for r in one if r.kommune == OWN] == [r for r in other if r.kommune == OWN]
        assert one != other
    places, others = nurseries.places(nurseries.files()), nurseries.places(nurseries.files(OWN, "elsewhere"))
    assert [p for p in places if p.kommune == OWN] == [p for p in others if p.kommune == OWN]
    assert {p for p in places if p.payer == OWN} != {p for p in others if p.payer == OWN}


@pytest.mark.parametrize("name", REQUESTS)
def test_the_answers_are_the_same(servers: tuple[Server, Server], name: str) -> None:
    one, other = (APPLIED.sub(b"then", server.ask(REQUESTS[name], OWNER)) for server in servers)
    assert one == other


@pytest.mark.parametrize("name", [n for n in STATEMENTS if n not in {"somebody else", "no such cut"}])
def test_whoever_sees_the_country_sees_two_worlds(servers: tuple[Server, Server], name: str) -> None:
    one, other = (server.ask(REQUESTS[name], BOSS) for server in servers)
    assert b"Fault" not in one
    assert one != other
    assert one not in {servers[0].ask(REQUESTS[name], who) for who in (OWNER, OTHER)}
