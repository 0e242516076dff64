"""One ladder and the folder that its results go to: found from the options, and everything written there.

The records themselves are the ledger's; here are the things that are made from them: the list of runs, `results.json`,
JUnit XML, and the pages.
"""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nnkit.curriculum.collect import CollectError, collect_stages, default_folder
from nnkit.curriculum.data import Data
from nnkit.curriculum.folders import (
    TRAINING_JSON,
    TRAINING_PAGE,
    claim,
    folder_of,
    listed,
    one_at_a_time,
    owned_folders,
    trainings,
)
from nnkit.curriculum.gate import Ladder
from nnkit.curriculum.junit import junit_xml
from nnkit.curriculum.ledger import Ledger, Run
from nnkit.curriculum.results import StageResult
from nnkit.curriculum.results_json import results_json
from nnkit.curriculum.runner import Climb
from nnkit.curriculum.storage import write_atomically, writing
from nnkit.curriculum.training_results import TrainingResult, training_json
from nnkit.subjects.load import SHARED, LoadError, NetworkSource, locate

#: options that name folders
_FOLDERS = ("data_dir", "stages")


@dataclass(frozen=True)
class Site:
    """`options`: what finds the same ladder again, as text ("" for the default): network, data_dir, stages."""

    ladder: Ladder
    ledger: Ledger
    options: dict[str, str]

    @staticmethod
    def of(
        reports: Path,
        *,
        network: str | None = None,
        seed: int = 0,
        data_dir: Path | None = None,
        stages: Path | None = None,
        require_mnist: bool = False,
        into: Path | None = None,
        to_write: bool = False,
    ) -> Site:
        """What the options name; None is nnkit's own.

        Results are in the network's folder in `reports`, or in `into`. `to_write`: that folder is to be this network's
        from now on. Raises LoadError or CollectError, and CannotWrite.
        """
        source = locate(network or SHARED)
        options = {
            "network": source.argument if source.argument != SHARED else "",
            "data_dir": str(data_dir.resolve()) if data_dir else "",
            "stages": str(stages.resolve()) if stages else "",
        }
        collected = collect_stages(stages or default_folder())
        folder = into or (claim if to_write else folder_of)(reports, source)
        return Site(Ladder(collected, source, seed, Data(data_dir, require_mnist)), Ledger(folder), options)

    @staticmethod
    def of_last_run(reports: Path, network: str | None = None) -> Site:
        """What the last run climbed, or nnkit's own where there was none; another network only where one is named."""
        folders = [folder_of(reports, locate(network))] if network else [reports, *owned_folders(reports)]
        runs = [(run, folder) for folder in folders if (run := Ledger(folder).last_run()) is not None]
        if not runs:
            return Site.of(reports, network=network)
        last, folder = max(runs, key=lambda found: found[0].when)
        data_dir, stages = (Path(last.options[name]) if last.options.get(name) else None for name in _FOLDERS)
        chosen = network or last.options.get("network") or None
        return Site.of(reports, network=chosen, seed=last.seed, data_dir=data_dir, stages=stages, into=folder)

    def standing(self) -> list[StageResult]:
        """Where every stage stands now, by the files on disk."""
        return self.ladder.standing(self.ledger.read_all(), self.ladder.fingerprints())

    def command(self, number: int | str) -> str:
        """The words to type to climb to a stage of this ladder."""
        network, data, stages = (_near(self.options[name]) for name in ("network", *_FOLDERS))
        seed = str(self.ladder.seed or "")
        if os.environ.get("NNKIT_MAKE"):
            variables = {"NETWORK": network, "SEED": seed, "DATA": data}
            given = [f"{name}={shlex.quote(value)}" for name, value in variables.items() if value]
            return " ".join([f"make stage-{number}", *given])
        reports, own = self.ledger.above, self.options["network"] and self.ledger.above == self.ledger.reports
        place = "" if reports == Path("reports") and not own else str(reports)
        flags = {"--seed": seed, "--data-dir": data, "--stages": stages, "--into" if own else "--reports": place}
        given = [f"{flag} {shlex.quote(value)}" for flag, value in flags.items() if value]
        return " ".join(
            [f"{_program()} run", *([shlex.quote(network)] if network else []), *given, f"--until {number}"]
        )

    def add_run(self, outcome: Climb, typed: str, seconds: float) -> None:
        """Put a climb, typed as these words, on the list of recent runs."""
        run = Run(
            when=datetime.now(UTC).isoformat(timespec="milliseconds"),
            command=typed,
            network=self.ladder.network.name,
            seed=self.ladder.seed,
            passed=outcome.passed,
            stopped_at=outcome.stopped_at,
            seconds=round(seconds, 3),
            options=self.options,
        )
        self.ledger.add_run(run)

    def write_results(self, outcome: Climb, json_file: Path | None = None, junit_file: Path | None = None) -> None:
        """Write `results.json`, and the same to `json_file` and as JUnit XML to `junit_file` where named."""
        name, seed = self.ladder.network.name, self.ladder.seed
        text = results_json(outcome.results, network=name, seed=seed, stopped_at=outcome.stopped_at)
        write_atomically(self.ledger.reports / "results.json", text)
        if json_file is not None:
            write_atomically(json_file, text)
        if junit_file is not None:
            write_atomically(junit_file, junit_xml(outcome.results, name))

    def withdraw_pages(self, outcome: Climb) -> None:
        """Where none are to be drawn: remove what earlier pages say of stages that do not pass any more."""
        for result in outcome.results:
            if not result.passed:
                self.ledger.withdraw_page(result.stage.number)

    def write_pages(self, outcome: Climb) -> None:
        """Draw the pages that are not up to date, and remove those of stages that this ladder does not have."""
        from nnkit.report import write_index, write_stage_pages

        reports, above = self.ledger.reports, self.ledger.above
        own = {f"stage-{result.stage.number}.html" for result in outcome.results}
        for page in reports.glob("stage-*.html"):
            if page.name not in own:
                with writing(page):
                    page.unlink(missing_ok=True)
        command = self.command("{stage}")
        listed_above = above != reports
        write_stage_pages(outcome.results, reports, command=command, above=listed_above)
        if listed_above:
            write_index(outcome.results, reports, runs=self._runs(), command=command, above=True)
            _write_page_above(above)
        else:
            self._write_first_page()

    def _write_first_page(self) -> None:
        """The index of the reports folder: where nnkit's own network stands, and the table of the others."""
        from nnkit.report import write_index

        reports = self.ledger.reports
        with one_at_a_time(reports):
            write_index(
                self.standing(), reports, runs=self._runs(), command=self.command("{stage}"),
                networks=listed(reports), trainings=trainings(reports),
            )  # fmt: skip

    def _runs(self) -> list[dict[str, Any]]:
        return [asdict(run) for run in self.ledger.runs()]


@dataclass(frozen=True)
class TrainingSite:
    """A training program and the folder that its page goes to, beside the pages of the climb where there are any."""

    program: NetworkSource
    ledger: Ledger
    seed: int

    @staticmethod
    def of(reports: Path, file: str, seed: int) -> TrainingSite:
        """Raises LoadError where there is no such file, and CannotWrite."""
        program = locate(f"{file}:build")
        return TrainingSite(program, Ledger(claim(reports, program)), seed)

    @property
    def page(self) -> Path:
        return self.ledger.reports / TRAINING_PAGE

    def command(self) -> str:
        """The words to type to train again."""
        file, reports = _near(str(self.program.file)), self.ledger.above
        flags = {"--seed": str(self.seed or ""), "--reports": "" if reports == Path("reports") else str(reports)}
        given = [f"{flag} {shlex.quote(value)}" for flag, value in flags.items() if value]
        return " ".join([f"{_program()} train", shlex.quote(file), *given])

    def write(self, result: TrainingResult, json_file: Path | None = None, *, pages: bool = True) -> None:
        """Write `training.json`, the same to `json_file` where named, and the pages."""
        text = training_json(result)
        write_atomically(self.ledger.reports / TRAINING_JSON, text)
        if json_file is not None:
            write_atomically(json_file, text)
        if pages:
            from nnkit.report.training import write_training

            write_training(result, self.page, command=self.command(), above=True)
            self.list_all()

    def list_all(self) -> None:
        """Draw the page above, which lists what has a folder beside this one."""
        _write_page_above(self.ledger.above)


def _program() -> str:
    return "python -m nnkit" if Path(sys.argv[0]).name == "__main__.py" else "nnkit"


def _write_page_above(reports: Path) -> None:
    """The index of the reports folder after another network than nnkit's own has run there."""
    from nnkit.report import write_table

    if Ledger(reports).last_run() is not None:
        with suppress(LoadError, CollectError):  # the stages that it climbed are gone
            return Site.of_last_run(reports, SHARED)._write_first_page()
    with one_at_a_time(reports):
        write_table(reports, listed(reports), trainings(reports))


def _near(path: str) -> str:
    """A path as short as it can be said from the current folder."""
    return path.removeprefix(f"{Path.cwd()}{os.sep}")
