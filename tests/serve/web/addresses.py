"""Addresses of the public pages by chance, over the figures of `tests.release.sample`, with what each is to answer."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Addresses"]

OK, WRONG, NOWHERE = 200, 400, 404
LANGUAGES = ("", "", "/en", "/uk")
REPORTS = ("/ukraine", "/ukraine.json", "/ukraine.csv", "/ukraine.xlsx")
OTHERS: Mapping[int, tuple[str, ...]] = {
    OK: ("", "/drift"),
    NOWHERE: ("/drift/nothing", "/ukraine.pdf", "/ukraine/0101", "/Ukraine", "/%00", "/drift/%2e%2e%2fkeys"),
}
ALONE: Mapping[int, tuple[str, ...]] = {
    OK: ("/drift.json", "/healthz", "/readyz", "/robots.txt", "/static/mark.svg"),
    NOWHERE: ("/static/", "/static/../app.py", "/static/%2e%2e/texts.py", "/static/fonts/", "/x" * 2000, "/en/healthz"),
}
MARKS = ("'", '"', "<script>", "\0", "\r\nX: y", "%", "æ" * 300, "../../keys", "{{7*7}}", "0101;", "-1", "１０１", "😀")
VALUES: Mapping[str, Mapping[int, Sequence[str]]] = {
    "kommune": {
        OK: ("0101", "101", "København", " odense ", "0751", "0000", ""),
        NOWHERE: ("9999", "Atlantis", "01010", "L99", *MARKS),
    },
    "dato": {
        OK: ("2022-07-04", "2022-07-10", "2022-06-20", "", " 2022-07-01 ", "20220705", "2022-W27-1"),
        WRONG: ("4. juli", "2022-13-01", "2022-07-04T10", "0000-00-00", *MARKS),
        NOWHERE: ("1800-01-01", "2022-05-31", "2022-08-20", "9999-12-31", "0001-01-01"),
    },
    "kendt": {
        OK: ("2022-07-15", "2022-08-16", "2022-08-01", "", "2030-01-01", "9999-12-31"),
        WRONG: ("i går", "2022-02-30", "2022", *MARKS),
        NOWHERE: ("2022-05-31", "0001-01-01"),
    },
    "sammenlign": {
        OK: ("0461", "0461,0751", "Odense,Aarhus,Aalborg", ",,,", "", "0101", "0461,0461,0461,0461"),
        WRONG: ("0461,0751,0851,0265,0157", ",".join(f"{code:04}" for code in (147, 151, 153, 155, 157, 159))),
        NOWHERE: ("0461,9999", "Atlantis", *MARKS),
    },
    "orden": {OK: ("antal", "uge", "navn", "pr_1000", "", "x", *MARKS)},
    "tabel": {
        OK: ("kommuner", "udvikling", "bevaegelser", "bevaegelser_dag", "bevaegelser_maaned", "fordeling",
             "sammenligning", "revisioner"),
        NOWHERE: ("personer", "", *MARKS),
    },
    "form": {OK: ("", "excel"), WRONG: ("xls", "EXCEL", *MARKS)},
    "ukendt": {OK: ("1", *MARKS)},
}  # fmt: skip
"""The parameters of the report, by what each value alone leads to; `tabel` and `form` count in a CSV file only."""
CSV = ("tabel", "form")
REPEATED = {"kommune": "0101", "dato": "2022-07-04", "kendt": "2022-07-15", "orden": "navn", "form": "excel"}


class Addresses:
    """Draws addresses; the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def draw(self) -> tuple[str, set[int]]:
        """An address, and the statuses that are right for it: of two mistakes either may be told."""
        chance = self._chance
        if chance.random() < 0.1:
            single = chance.choice((OK, NOWHERE))
            alone = chance.random() < 0.5
            path = chance.choice(ALONE[single]) if alone else chance.choice(LANGUAGES) + chance.choice(OTHERS[single])
            return f"{path or '/'}{chance.choice(('', '?kommune=9999', '?%ff=%fe&=&&'))}", {single}
        path = chance.choice(REPORTS)
        given, status = [], {OK}
        for name in chance.sample(sorted(VALUES), chance.randint(0, 4)):
            values = VALUES[name]
            kind = chance.choice([OK] * 4 + [k for k in values if k != OK])
            given.append((name, chance.choice(values[kind])))
            if name not in CSV or path.endswith(".csv"):
                status.add(kind)
        if chance.random() < 0.05:
            name, value = chance.choice(sorted(REPEATED.items()))
            given += [(name, value), (name, value)]
            status.add(WRONG)
        chance.shuffle(given)
        return f"{chance.choice(LANGUAGES)}{path}?{self._written(given)}", status - {OK} if len(status) > 1 else status

    def _written(self, given: list[tuple[str, str]]) -> str:
        if self._chance.random() < 0.5:
            return urlencode(given)
        return "&".join(f"{name}={quote(value)}" for name, value in given)
