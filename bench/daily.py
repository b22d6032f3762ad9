"""A day's run, from receiving to publishing, after one month and after three years of history.

Both states hold the same population; the measured days (10,000 changed persons each, nothing of older days corrected)
fall on the same days of a month, five in a row, run in turn: one month, three years, one month …
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from flis import delivery, release, validation, warehouse
from flis.catalog.reference import municipalities
from flis.config import State
from flis.delivery.readers.cpr.writer import Block, encode, end_record, start_record, write

__all__ = ["run"]

PERSONS = int(os.environ.get("FLIS_BENCH_PERSONS", "200000"))
CHANGED = int(os.environ.get("FLIS_BENCH_CHANGED", "10000"))
EVERY = int(os.environ.get("FLIS_BENCH_EVERY", "1"))
"""The history has a delivery for each so many weekdays, with as many changes as those together."""
UKRAINIANS = 0.15
DAILY = 0.0017  # of the population, on a day of the history: ten thousand of the country's 5.9 million
START = date(2021, 12, 31)
SHORT, LONG = date(2022, 2, 4), date(2025, 4, 4)  # the Mondays after both are the 7th of a month
MEASURED = 5
EPOCH = np.datetime64("1970-01-01", "D")


@dataclass
class Register:
    """People in columns: where each lives since when, and former addresses as rows."""

    rng: np.random.Generator
    home: np.ndarray
    since: np.ndarray
    birth: np.ndarray
    woman: np.ndarray
    ukrainian: np.ndarray
    former: list[np.ndarray] = field(default_factory=list)

    @classmethod
    def begin(cls) -> Register:
        """The population on the day of the establishment."""
        rng = np.random.default_rng(1)
        codes = np.array([int(m.code) for m in municipalities()])
        weights = np.array([m.inhabitants for m in municipalities()], float)
        entered = np.datetime64("2022-01-01", "D").astype(int)
        return cls(
            rng,
            rng.choice(codes, PERSONS, p=weights / weights.sum()),
            np.full(PERSONS, entered),
            rng.integers(-14_000, 18_000, PERSONS),
            rng.random(PERSONS) < 0.5,
            np.arange(PERSONS) < PERSONS * UKRAINIANS,
        )

    def move(self, day: date, count: int) -> np.ndarray:
        """Let `count` persons move to the municipality of somebody else; who they are, in order."""
        today = np.datetime64(day, "D").astype(int)
        who = np.sort(self.rng.choice(PERSONS, count, replace=False))
        self.former.append(np.stack([who, self.home[who], self.since[who], np.full(count, today)]))
        self.home[who], self.since[who] = self.home[self.rng.integers(0, PERSONS, count)], today
        return who

    def deliver(self, path: Path, produced: date, previous: date | None, who: np.ndarray) -> Path:
        """Write the delivery of `produced` about some persons."""
        blocks, former = self._blocks(who), self._former(who)
        blocks += [former] if former else []
        count = sum(len(block.rows) for block in blocks)
        head, tail = write([start_record("110901", produced, previous)]), write([end_record(count)])
        path.write_bytes(head + write(blocks) + tail)
        return path

    def _blocks(self, who: np.ndarray) -> list[Block]:
        number, sex = _numbers(who), np.where(self.woman[who], "K", "M")
        entered = who[self.ukrainian[who]]
        country = np.where(self.ukrainian[who], "5704", "5100")
        columns = {
            "001": {"STATUS": "01", "KOEN": sex, "FOED_DT": _days(self.birth[who])},
            "002": {"KOMKOD": self.home[who], "TILFLYDTO": _times(self.since[who])},
            "010": {"LANDEKOD": country, "HAENSTART-STATSBORGERSKAB": _times(self.birth[who])},
            "012": {"CIVST": "U"},
        }
        blocks = [Block(code, encode(code, {"PNR": number} | of), who * 10) for code, of in columns.items()]
        first = np.full(len(entered), np.datetime64("2022-01-01T12:00", "m"))
        rows = encode("024", {"PNR": _numbers(entered), "INDRDTO": first, "INDR_LANDEKOD": "5704"})
        return [*blocks, Block("024", rows, entered * 10 + 2)]

    def _former(self, who: np.ndarray) -> Block | None:
        if not self.former:
            return None
        self.former = [np.concatenate(self.former, axis=1)]
        person, kommune, start, end = self.former[0][:, np.isin(self.former[0][0], who)]
        columns = {"PNR": _numbers(person), "KOMKOD": kommune, "TILFLYDTO": _times(start), "FRAFLYDTO": _times(end)}
        return Block("023", encode("023", columns), person * 10 + 1)


@dataclass
class Chain:
    """A register, the state that its deliveries go to, and the days that are left to deliver."""

    folder: Path
    state: State
    register: Register
    days: list[date]
    previous: date

    @classmethod
    def begin(cls, folder: Path, through: date) -> Chain:
        """Deliver the establishment and the weekdays through a day; then publish once."""
        folder.mkdir()
        state = State(folder / "state", folder / "state" / "keys")
        days = [START + timedelta(n) for n in range(1, (through - START).days + MEASURED + 3)]
        chain = cls(folder, state, Register.begin(), [d for d in days if d.isoweekday() <= 5], START)
        chain.take(chain.register.deliver(folder / "file", START, None, np.arange(PERSONS)))
        warehouse.load(state)
        while chain.days[0] <= through:
            chain.take(chain.next(int(PERSONS * DAILY * EVERY)))
            warehouse.load(state)
            passed = sum(day <= through for day in chain.days[: EVERY - 1])
            del chain.days[:passed]
        release.apply(state)
        return chain

    def next(self, count: int) -> Path:
        """The file of the next day, with so many persons changed."""
        day = self.days.pop(0)
        who = self.register.move(day, count)
        path = self.register.deliver(self.folder / "file", day, self.previous, who)
        self.previous = day
        return path

    def take(self, path: Path) -> None:
        """Receive and judge one file."""
        judged = validation.judge(self.state, delivery.receive(self.state, path))
        assert judged.state is delivery.DeliveryState.VALIDATED, judged.state

    def measure(self) -> dict[str, float]:
        """One day's run: seconds of each step and of the whole, and the processor seconds of the whole."""
        path = self.next(CHANGED)
        size = path.stat().st_size
        seconds: dict[str, float] = {}
        processor: dict[str, float] = {}
        for name, step in (
            ("receive", lambda: self.take(path)),
            ("load", lambda: warehouse.load(self.state)),
            ("release", lambda: release.apply(self.state)),
        ):
            began, cpu = time.perf_counter(), time.process_time()
            step()
            seconds[name], processor[name] = time.perf_counter() - began, time.process_time() - cpu
        return seconds | {"whole": sum(seconds.values()), "processor": sum(processor.values()), "size": size}


def run() -> dict[str, object]:
    """Medians of five days' runs on both histories, by step, and the ratio of the whole."""
    with tempfile.TemporaryDirectory(prefix="flis-bench-") as folder:
        short, long = (Chain.begin(Path(folder) / name, end) for name, end in (("short", SHORT), ("long", LONG)))
        runs = [(short.measure(), long.measure()) for _ in range(MEASURED)]
    measured: dict[str, object] = {
        "persons": PERSONS,
        "changed persons a day": CHANGED,
        "days of history": f"{(SHORT - START).days} and {(LONG - START).days}",
    }
    for name in ("receive", "load", "release", "whole"):
        first, second = (statistics.median(pair[place][name] for pair in runs) for place in (0, 1))
        measured[f"{name}, one month (s)"] = round(first, 3)
        measured[f"{name}, three years (s)"] = round(second, 3)
    compared = {
        "whole": "three years against one month",
        "processor": "the same in processor time",
        "size": "the same of the bytes delivered: people have moved more often",
    }
    for name, what in compared.items():
        measured[f"{what}, median of pairs"] = round(statistics.median(b[name] / a[name] for a, b in runs), 3)
    return measured


def _numbers(who: np.ndarray) -> np.ndarray:
    return 101_000_000 + who * 10


def _days(number: np.ndarray) -> np.ndarray:
    return EPOCH + number.astype("timedelta64[D]")


def _times(number: np.ndarray) -> np.ndarray:
    return _days(number).astype("datetime64[m]") + np.timedelta64(720, "m")
