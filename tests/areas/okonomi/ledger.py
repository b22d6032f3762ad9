"""The delivered files of Økonomi as plain Python reads them: bytes, lines and cells, with nothing of the platform."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["LedgerFile", "Posting", "read", "read_all"]

AMOUNT = re.compile(r"-?\d+,\d\d")
GROUPED = re.compile(r"-?\d{1,3}(\.\d{3})*,\d\d")


class Posting(NamedTuple):
    """What stands on an account of 16 digits in a period."""

    kommune: str
    year: int
    period: str
    account: str
    booked: Decimal
    adopted: Decimal
    corrected: Decimal

    @property
    def key(self) -> tuple[object, ...]:
        return self.kommune, self.year, self.period, self.account, self.is_budget

    @property
    def is_budget(self) -> bool:
        return bool(self.adopted or self.corrected)


class LedgerFile(NamedTuple):
    """The postings of a file, the number of its lines, and what it tells of lines and sums."""

    postings: list[Posting]
    lines: int
    told: list[str]


def read_all(files: Iterable[Path]) -> dict[str, LedgerFile]:
    """The files with rows, by municipality."""
    return {file.name.split("_")[2]: read(file) for file in files if file.suffix == ".csv"}


def read(file: Path) -> LedgerFile:
    """A file in any of the three forms, which its name tells."""
    _, form, kommune, *_ = file.name.split("_")
    if form == "OESINDSIGT":
        content = file.read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        lines = content.decode("utf-8-sig").split("\n")
        told = file.with_name(file.name + ".kontrol").read_text("utf-8").strip().split(";")
        assert told[0] == file.name
        rows = list(csv.DictReader(lines[:-1], delimiter=";"))
        found = [oesindsigt(kommune, row) for row in rows]
    else:
        lines = file.read_bytes().decode("iso-8859-1").split("\r\n")
        told = lines[-2].split(";")
        assert told[0] == "SLUT"
        rows = list(csv.DictReader(lines[:-2], delimiter=";"))
        found = opus(rows) if form == "OPUS" else [koer(row) for row in rows]
    assert lines[-1] == ""
    assert {posting.kommune for posting in found} == {kommune}
    return LedgerFile(found, len(rows), told[1:])


def opus(rows: list[dict[str, str]]) -> list[Posting]:
    """Three rows of an account and a period become one."""
    found: dict[tuple[str, int, str, str, bool], list[Decimal]] = {}
    for row in rows:
        function, dranst, grouping = row["FUNC_AREA0"].partition("_")[0].split("-")
        assert row["ZIGRUPP"] == f"{function}/{dranst}/{int(grouping)}"
        assert function == row["ZIFUNKT"]
        assert function.startswith(row["ZIHFUNK"])
        assert function.startswith(row["ZIHKTO"])
        account = f"{function[1:]}{dranst}{row['ZIEJER']}{row['COSTCENTER0']}{grouping}{row['ZIART']}"
        kind = {("0", "010"): 0, ("10", "020"): 1, ("0", "020"): 2}[row["VERSION0"], row["VTYPE0"]]
        key = row["ZIKOM"], year(row["FISCYEAR0"]), row["FISCPER30"], account, kind > 0
        found.setdefault(key, [Decimal(0)] * 3)[kind] += amount(row["BELOEB"])
    return [Posting(*key[:4], *amounts) for key, amounts in found.items()]


def koer(row: dict[str, str]) -> Posting:
    account = "".join((row["funkniv3"], row["dranst"], row["ejer"], row["sted"], row["grupniv1"], row["artniv2"]))
    assert row["funkniv3"].startswith(row["funkniv2"] + ".")
    assert row["funkniv2"].startswith(row["funkniv1"] + ".")
    assert row["artniv2"].startswith(row["artniv1"] + ".")
    amounts = (amount(row[name]) for name in ("regnskab", "opr_budget", "korr_budget"))
    return Posting(row["SYS_KommuneId"], year(row["regnaar"]), row["periode"], account.replace(".", ""), *amounts)


def oesindsigt(kommune: str, row: dict[str, str]) -> Posting:
    amounts = (amount(row[name], GROUPED) for name in ("SALDO", "OPRBUDGET", "BUDGET"))
    return Posting(kommune, year(row["RGNAAR"]), row["PERIODE"], row["KTONR"], *amounts)


def year(text: str) -> int:
    found = re.search(r"\d{4}", text)
    assert found
    return int(found[0])


def amount(text: str, form: re.Pattern[str] = AMOUNT) -> Decimal:
    assert form.fullmatch(text), text
    return Decimal(text.replace(".", "").replace(",", "."))
