"""The ledger: the record of results on disk that the gate reads.

`reports/ledger/` holds one file a stage and `runs.json`, the last runs. Everything else in `reports/` is drawn from it
and can be drawn again. So when a record changes, the pages that showed the old one are withdrawn first: whatever is
killed when, no page says "passed" of a stage that is no longer known to pass. The folder of a network of one's own is
listed on the page of the folder above, which is withdrawn, too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from nnkit.curriculum.encode import DamagedResult, decode, encode
from nnkit.curriculum.folders import TRAINING_JSON, TRAINING_PAGE, one_at_a_time, owner_of
from nnkit.curriculum.results import StageResult
from nnkit.curriculum.storage import write_atomically, writing

_RUNS_KEPT = 20


class LedgerBusy(Exception):
    """Another run held the ledger for longer than this one would wait."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run, for the list of recent runs.

    when: ISO 8601 in UTC; command: as typed; network: its name; stopped_at: the stage that did not pass, or None;
    seconds: of wall time; options: what finds the same ladder again ("network", "stages", "data_dir" where given).
    """

    when: str
    command: str
    network: str
    seed: int
    passed: bool
    stopped_at: int | None
    seconds: float
    options: dict[str, str] = field(default_factory=dict)


class Ledger:
    """The records of one reports folder. `notes` collects what could not be read, in words for the user."""

    def __init__(self, reports: Path) -> None:
        self.reports = reports
        self.folder = reports / "ledger"
        self.notes: list[str] = []

    @property
    def above(self) -> Path:
        """The reports folder that lists this one; itself where it is the folder of no other network than nnkit's own."""
        return self.reports.parent if owner_of(self.reports) else self.reports

    def read(self, number: int) -> StageResult | None:
        """The record of a stage. A damaged one counts as none, and stays until the stage's next result replaces it."""
        try:
            return decode(self._path(number).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError, DamagedResult) as error:
            self._note(f"{self._path(number)} cannot be used: {error}. Stage {number} counts as not run.")
            return None

    def read_all(self) -> dict[int, StageResult]:
        """Number to record, for every stage that has one."""
        found = [path.stem.removeprefix("stage-") for path in self.folder.glob("stage-*.json")]
        numbers = sorted(int(number) for number in found if number.isdecimal())
        return {number: record for number in numbers if (record := self.read(number)) is not None}

    def write(self, result: StageResult) -> None:
        """Make a result the stage's record, withdrawing the pages that show the old one. May raise CannotWrite."""
        text = encode(result)
        with one_at_a_time(self.above):  # nobody draws the page above from the old record in between
            self._withdraw(f"stage-{result.stage.number}.html")
            write_atomically(self._path(result.stage.number), text)

    def withdraw_page(self, number: int) -> None:
        """Remove the page of a stage, and what sums up all stages, because they are no longer true."""
        with one_at_a_time(self.above):
            self._withdraw(f"stage-{number}.html")

    def withdraw_training(self) -> None:
        """Remove the page of a training and its figures, which are no longer true, and what lists them."""
        with one_at_a_time(self.above):
            for path in (self.reports / TRAINING_PAGE, self.reports / TRAINING_JSON, self.above / "index.html"):
                with writing(path):
                    path.unlink(missing_ok=True)

    def _withdraw(self, *pages: str) -> None:
        names = (*pages, "index.html", "results.json")
        for path in (*(self.reports / name for name in names), self.above / "index.html"):
            with writing(path):
                path.unlink(missing_ok=True)

    def runs(self) -> list[Run]:
        """The last runs, oldest first."""
        path = self.folder / "runs.json"
        try:
            return [Run(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError) as error:
            self._note(f"{path} cannot be used: {error}. The list of recent runs starts anew.")
            return []

    def last_run(self) -> Run | None:
        return next(reversed(self.runs()), None)

    def add_run(self, run: Run) -> None:
        runs = [*self.runs(), run][-_RUNS_KEPT:]
        write_atomically(self.folder / "runs.json", json.dumps([asdict(entry) for entry in runs], indent=1) + "\n")

    def reset(self) -> None:
        """Forget every result: the records, the list of runs, and the pages. May raise CannotWrite."""
        with one_at_a_time(self.above):
            pages = [path.name for path in self.reports.glob("stage-*.html")]
            self._withdraw(*pages, "causes.html", TRAINING_PAGE, TRAINING_JSON)
            for path in self.folder.glob("*.json"):
                with writing(path):
                    path.unlink(missing_ok=True)

    @contextmanager
    def locked(self, wait: float, on_wait: Callable[[str], None]) -> Iterator[None]:
        """Be the only run that writes here. `on_wait` is told who is in the way, once, before waiting `wait` seconds.

        Raises LedgerBusy, or CannotWrite. The system frees the lock of a run that was killed.
        """
        from filelock import FileLock, Timeout

        holder = self.folder / "holder"
        lock = FileLock(self.folder / ".lock")
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                on_wait(_who(holder))
                try:
                    lock.acquire(timeout=wait, poll_interval=0.1)
                except Timeout as error:
                    raise LedgerBusy(
                        f"{_who(holder)} is using {self.folder} and has not finished within {wait:g} s: "
                        "try again later, wait longer with --wait SECONDS, or work elsewhere with --reports DIR"
                    ) from error
        try:
            for leftover in self.folder.glob(".*.tmp"):  # of a run that was killed while writing
                leftover.unlink(missing_ok=True)
            write_atomically(holder, str(os.getpid()))
            yield
        finally:
            with suppress(OSError):
                holder.unlink(missing_ok=True)
            lock.release()

    def _path(self, number: int) -> Path:
        return self.folder / f"stage-{number}.json"

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)


def _who(holder: Path) -> str:
    try:
        return f"another nnkit (process {holder.read_text(encoding='utf-8')})"
    except OSError:
        return "another nnkit"
