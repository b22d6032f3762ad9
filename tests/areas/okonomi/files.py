"""Accounts of six municipalities in the three forms of Økonomi, and what they say, in plain Python.

Files of June to August 2025, read out on the 10th of the next month. Every file has 2024 whole and 2025 so far.
Silkeborg changes from ØS Indsigt to OPUS in July, August corrects March, and Frederiksberg's August lacks all income.
The bytes are written by hand here, and `told` reads them back by nothing but the words of the contracts.
"""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from tests.made_up.files import SentFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "CHANGED",
    "CORRECTED",
    "FORMS",
    "LACKING",
    "MONTHS",
    "Row",
    "accounts_of",
    "counted",
    "files",
    "newest",
    "told",
    "written",
]

MONTHS = (6, 7, 8)
CHANGED, LACKING, CORRECTED = "0740", "0147", "0101"
FORMS = {"0101": "koer", "0147": "koer", "0155": "oes", "0161": "oes", "0151": "opus", CHANGED: ""}
PLAN = (
    "32201-1-1-0001-000-10", "32201-1-1-0001-000-79", "52514-1-2-0002-000-10", "52514-1-1-0000-000-72",
    "55773-1-1-0000-007-52", "55773-2-1-0000-001-86", "22811-3-1-0000-000-45", "64551-1-1-0000-950-91",
    "55771-1-1-0000-001-52", "02511-1-1-0000-000-71", "53026-1-4-0003-000-49", "76890-7-1-0000-001-80",
    "64551-1-1-0004-950-91",
)  # fmt: skip
CASH, EQUITY = "92205-8-1-0000-000-00", "97599-9-1-0000-000-00"
NOTHING = Decimal(0)


class Row(NamedTuple):
    """The amounts of an account in a period."""

    kommune: str
    year: int
    period: int
    account: str
    actual: Decimal
    original: Decimal
    revised: Decimal

    @property
    def parts(self) -> list[str]:
        """Function, dranst, ownership, cost centre, grouping and art."""
        return self.account.split("-")


def _amount(chance: random.Random, account: str) -> Decimal:
    income = account[-2] in "78" or account[6] == "2" or account[10:14] == "0004"
    return Decimal(chance.randint(35_000_000, 65_000_000)) / 100 * (-1 if income else 1)


@cache
def _accounts(kommune: str, month: int) -> tuple[Row, ...]:
    rows: list[Row] = []
    balance = Decimal(random.Random(f"cash {kommune}").randint(1, 10**9)) / 100
    for year, last in ((2024, 16), (2025, month)):
        rows += [Row(kommune, year, 0, CASH, balance, NOTHING, NOTHING)]
        rows += [Row(kommune, year, 0, EQUITY, -balance, NOTHING, NOTHING)]
        for period in range(1, 17):
            again = "again" if (year, period, month) == (2025, 3, 8) else ""
            chance, sum_of_period = random.Random(f"{kommune} {year} {period} {again}"), NOTHING
            for account in PLAN:
                actual, original, revised = (_amount(chance, account) for _ in range(3))
                lacks = (kommune, month, year) == (LACKING, 8, 2025) and account[-2] in "78"
                if period > last or lacks:
                    actual = NOTHING
                if period > 12:
                    original = revised = NOTHING
                if (actual, original, revised) != (NOTHING,) * 3:
                    rows.append(Row(kommune, year, period, account, actual, original, revised))
                sum_of_period += actual
            if sum_of_period:
                rows.append(Row(kommune, year, period, CASH, -sum_of_period, NOTHING, NOTHING))
                balance -= sum_of_period
    return tuple(rows)


def accounts_of(kommune: str, month: int) -> list[Row]:
    """The accounts that a municipality sends for a month of 2025."""
    return list(_accounts(kommune, month))


def _danish(value: Decimal, *, thousands: bool = False) -> str:
    return f"{value:{',' if thousands else ''}.2f}".translate(str.maketrans(",.", ".,"))


def _sums(rows: Iterable[Row], *, thousands: bool = False) -> list[str]:
    found = [sum((row[place] for row in rows), NOTHING) for place in (4, 5, 6)]
    return [_danish(Decimal(one), thousands=thousands) for one in found]


def _opus(rows: list[Row]) -> str:
    head = (
        "ZIKOM;COMP_CODE0;FISCYEAR0;FISCPER30;VERSION0;VTYPE0;ZIHKTO;ZIHFUNK;ZIFUNKT;ZIGRUPP;FUNC_AREA0;ZIEJER;ZIART;"
    )
    lines, total = [head + "COSTCENTER0;AC_DOC_TYP0;BELOEB"], NOTHING
    for row in rows:
        function, dranst, owner, centre, group, art = row.parts
        for version, kind, amount in (("0", "010", row.actual), ("10", "020", row.original), ("0", "020", row.revised)):
            if amount:
                total += amount
                path, area = f"0{function}/{dranst}/{int(group)}", f"0{function}-{dranst}-{group}_{group[1:]}"
                lines.append(
                    f"{row.kommune};{row.kommune};{row.year};{row.period:02};{version};{kind};0{function[0]};"
                    f"0{function[:3]};0{function};{path};{area};{owner};{art};{centre};SA;{_danish(amount)}"
                )
    lines.append(f"SLUT;{len(lines) - 1};{_danish(total)}")
    return "".join(f"{line}\r\n" for line in lines)


def _koer(rows: list[Row]) -> str:
    head = "SYS_KommuneId;funkniv1;funkniv2;funkniv3;dranst;ejer;grupniv1;artniv1;artniv2;sted;regnaar;periode;"
    lines = [head + "regnskab;opr_budget;korr_budget"]
    for row in rows:
        function, dranst, owner, centre, group, art = row.parts
        dotted = f"{function[0]}.{function[1:3]}.{function[3:]}"
        amounts = ";".join(_danish(value) for value in row[4:])
        lines.append(
            f"{row.kommune};{function[0]};{dotted[:4]};{dotted};{dranst};{owner};{group};{art[0]};{art[0]}.{art[1]};"
            f"{centre};{row.year};{row.period:02};{amounts}"
        )
    lines.append(";".join(["SLUT", str(len(rows)), *_sums(rows)]))
    return "".join(f"{line}\r\n" for line in lines)


def _oes(rows: list[Row]) -> str:
    lines = ["KTONR;RGNAAR;PERIODE;BudgetDato;OPRBUDGET;BUDGET;SALDO;TEKST"]
    for row in rows:
        amounts = ";".join(_danish(value, thousands=True) for value in (row.original, row.revised, row.actual))
        lines.append(f"{''.join(row.parts)};{row.year};{row.period:02};{row.year}-01-01;{amounts};Løn, øvrigt")
    return "\ufeff" + "".join(f"{line}\n" for line in lines)


def written(form: str, kommune: str, month: int, rows: list[Row], sequence: int = 1) -> list[SentFile]:
    """The files of a municipality and month in one of the forms."""
    arrived = date(2025, month + 1, 10)
    name = {"opus": "OPUS", "oes": "OESINDSIGT", "koer": "KOER"}[form]
    name = f"OKO_{name}_{kommune}_2025{month:02}_{sequence}_{arrived:%Y%m%d}.csv"
    if form != "oes":
        text = (_opus if form == "opus" else _koer)(rows)
        return [SentFile(name, text.encode("latin-1"), arrived)]
    line = ";".join([name, str(len(rows)), *_sums(rows, thousands=True)]) + "\n"
    return [SentFile(name, _oes(rows).encode(), arrived), SentFile(f"{name}.kontrol", line.encode(), arrived)]


@cache
def files() -> tuple[SentFile, ...]:
    """All files, by the day on which they arrive."""
    found = []
    for month in MONTHS:
        for kommune, form in FORMS.items():
            mine = form or ("oes" if month < 7 else "opus")
            found += written(mine, kommune, month, accounts_of(kommune, month))
    return tuple(found)


def newest() -> tuple[SentFile, ...]:
    """The files that count: of each municipality those of August."""
    return tuple(file for file in files() if "_202508_" in file.name and not file.name.endswith(".kontrol"))


def told(sent: Iterable[SentFile]) -> list[Row]:
    """The rows in files, each read by the words of its contract."""
    return [row for file in sent for row in _READ[file.name.split("_")[1]](file)]


def _table(file: SentFile, encoding: str) -> list[dict[str, str]]:
    head, *lines = file.content.decode(encoding).splitlines()
    names = head.split(";")
    return [dict(zip(names, line.split(";"), strict=True)) for line in lines if not line.startswith("SLUT")]


def _number(text: str) -> Decimal:
    return Decimal(text.replace(".", "").replace(",", "."))


def _from_opus(file: SentFile) -> list[Row]:
    found = []
    for line in _table(file, "latin-1"):
        area, amount = line["FUNC_AREA0"], _number(line["BELOEB"])
        account = [area[1:6], area[7], line["ZIEJER"], line["COSTCENTER0"], area[9:12], line["ZIART"]]
        place = ["010 0", "020 10", "020 0"].index(f"{line['VTYPE0']} {line['VERSION0']}")
        amounts = [amount if n == place else NOTHING for n in range(3)]
        year, period = int(line["FISCYEAR0"]), int(line["FISCPER30"])
        found.append(Row(line["ZIKOM"], year, period, "-".join(account), *amounts))
    return found


def _from_koer(file: SentFile) -> list[Row]:
    found = []
    for line in _table(file, "latin-1"):
        parts = [line["funkniv3"].replace(".", ""), line["dranst"], line["ejer"], line["sted"], line["grupniv1"]]
        account = "-".join([*parts, line["artniv2"].replace(".", "")])
        amounts = [_number(line[name]) for name in ("regnskab", "opr_budget", "korr_budget")]
        found.append(Row(line["SYS_KommuneId"], int(line["regnaar"]), int(line["periode"]), account, *amounts))
    return found


def _from_oes(file: SentFile) -> list[Row]:
    found = []
    for line in _table(file, "utf-8-sig"):
        k = line["KTONR"]
        account = "-".join([k[:5], k[5], k[6], k[7:11], k[11:14], k[14:]])
        amounts = [_number(line[name]) for name in ("SALDO", "OPRBUDGET", "BUDGET")]
        found.append(Row(file.name.split("_")[2], int(line["RGNAAR"]), int(line["PERIODE"]), account, *amounts))
    return found


_READ: dict[str, Callable[[SentFile], list[Row]]] = {"OPUS": _from_opus, "KOER": _from_koer, "OESINDSIGT": _from_oes}


def counted(
    rows: Iterable[Row], key: Callable[[Row], tuple[str, ...] | None], value: Callable[[Row], Decimal]
) -> dict[tuple[str, ...], Decimal]:
    """Sums of a value by a key; rows without a key do not count."""
    found: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for row in rows:
        if (of := key(row)) is not None:
            found[of] += value(row)
    return dict(found)
