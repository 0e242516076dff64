"""The command line: climb, look, draw again, forget.

Exit status: 0 passed (warnings included); 1 a stage did not pass; 2 what was asked could not be done (wrong use,
damaged data, a folder that cannot be written, another run in the way); 130 and 143 interrupted by Ctrl-C and SIGTERM.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from nnkit import challenge, gallery, grading, handbook, terminal
from nnkit.curriculum.collect import CollectError
from nnkit.curriculum.environment import nnkit_version
from nnkit.curriculum.events import Event
from nnkit.curriculum.execution import Execution, InProcess
from nnkit.curriculum.folders import owned_folders
from nnkit.curriculum.ledger import Ledger, LedgerBusy
from nnkit.curriculum.runner import Climb, climb
from nnkit.curriculum.starters import starter
from nnkit.curriculum.storage import CannotWrite, write_atomically
from nnkit.curriculum.train_program import train_program
from nnkit.datasets import DataDamaged, DownloadFailed, MnistUnavailable, fetch, locate_dataset, verify
from nnkit.diagnosis.catalogue import AREAS, cause, causes, similar
from nnkit.isolation.isolated import TIMEOUT, Isolated
from nnkit.report.ahead import Ahead
from nnkit.site import Site, TrainingSite
from nnkit.subjects.load import SHARED, LoadError, locate
from nnkit.terminal import ClimbView, explain, say, stage_line, summary

#: what a user can set right: told in words, exit status 2
PROBLEMS = (LoadError, CollectError, CannotWrite, LedgerBusy, DataDamaged, MnistUnavailable, DownloadFailed)


class Terminated(BaseException):
    """SIGTERM, on its way out through whatever is running. Like KeyboardInterrupt, no `except Exception` stops it."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.option("--version", is_flag=True, help="Show the version.")
@click.pass_context
def commands(context: click.Context, version: bool) -> None:
    """Find the bug in a neural network: stages from AND on one neuron to full MNIST, each with proof."""
    if version:
        say(f"nnkit {nnkit_version()}")
    elif context.invoked_subcommand is None:
        say(context.get_help())


_path = click.Path(path_type=Path)
_network = click.argument("network", required=False)
_data_dir = click.option("--data-dir", type=_path, help="Where MNIST lies.")
_reports = click.option(
    "--reports", type=_path, default=Path("reports"), help="Folder of the results of all networks. [reports]"
)
_wait = click.option("--wait", type=click.FloatRange(0), default=60.0, help="Seconds to wait for another run. [60]")


@commands.command()
@_network
@click.option("--stage", type=click.IntRange(1), help="Run this stage alone, whatever the stages before it are.")
@click.option("--until", type=click.IntRange(1), help="Climb to this stage and no further.")
@click.option("--seed", type=click.IntRange(0), default=0, help="Where all random numbers come from. [0]")
@click.option("--force", is_flag=True, help="Run again what has a valid pass, too.")
@_data_dir
@click.option("--json", "json_file", type=_path, help="Write the results here as JSON.")
@click.option("--junit", "junit_file", type=_path, help="Write them here as JUnit XML.")
@click.option("--no-report", is_flag=True, help="Draw no pages.")
@click.option("--require-mnist", is_flag=True, help="Do not fall back on the embedded digits.")
@click.option("--stages", type=_path, help="A folder of stages other than nnkit's own.")
@click.option(
    "--timeout", type=click.FloatRange(0, min_open=True), default=TIMEOUT, help="Seconds for one check. [300]"
)
@click.option("--memory", type=click.FloatRange(0, min_open=True), help="Gigabytes for the network. [3/4 of all]")
@click.option("--in-process", is_flag=True, help="Run the network in this process, as a debugger needs: no limits.")
@click.option("--into", type=_path, help="A folder for this network alone. [one called after it, in --reports]")
@_reports
@_wait
def run(
    network: str | None,
    stage: int | None,
    until: int | None,
    seed: int,
    force: bool,
    data_dir: Path | None,
    json_file: Path | None,
    junit_file: Path | None,
    no_report: bool,
    require_mnist: bool,
    stages: Path | None,
    timeout: float,
    memory: float | None,
    in_process: bool,
    into: Path | None,
    reports: Path,
    wait: float,
) -> int:
    """Climb with NETWORK: my_network.py:build, or package.module:build; nnkit's own network if none is named.

    Stages that passed and rest on the same sources, data and seed are not run again. The climb stops at the first stage
    that does not pass.
    """
    if stage is not None and until is not None:
        raise click.UsageError("--stage runs one stage alone, --until climbs up to one: give one of them")
    # It gets ready meanwhile, and is closed with the command, however that ends.
    execution = click.get_current_context().with_resource(closing(_execution(timeout, memory, in_process)))
    site = Site.of(
        reports,
        network=network,
        seed=seed,
        data_dir=data_dir,
        stages=stages,
        require_mnist=require_mnist,
        into=into,
        to_write=True,
    )
    last = len(site.ladder.stages)
    if (stage or until or 1) > last:
        raise click.UsageError(f"there is no stage {stage or until}: the last one is stage {last}")
    asked = [stage] if stage is not None else list(range(1, (until or last) + 1))
    begin = time.perf_counter()

    def publish(outcome: Climb) -> None:
        # A climb that found everything up to date is worth no line in the list of runs, and no index drawn anew.
        if outcome.ran or not outcome.passed:
            site.add_run(outcome, f"nnkit {shlex.join(sys.argv[1:])}", time.perf_counter() - begin)
        if no_report:
            site.withdraw_pages(outcome)
        site.write_results(outcome, json_file, junit_file)
        if not no_report:
            site.write_pages(outcome)

    folder = site.ledger.reports
    ahead = Ahead(folder)
    with site.ledger.locked(wait, _say_waiting):
        try:
            with ClimbView() as view:

                def watch(event: Event) -> None:
                    view.watch(event)
                    if not (no_report or in_process):
                        ahead.watch(event)

                outcome = climb(site.ladder, site.ledger, asked, force=force, watch=watch, execution=execution)
                execution.close()
                ahead.finish()
        except BaseException as stop:  # whatever it was: what is shown must be true of what is now on disk
            execution.close()
            ahead.stop()
            _say_notes(site)
            try:
                publish(Climb(site.standing(), asked, ran=()))
            except (CannotWrite, LoadError) as error:
                if type(error) is not type(stop):
                    say(f"nnkit: {error}", "red", error=True)
            raise
        _conclude(site, outcome, pages=not no_report)
        publish(outcome)
    if outcome.passed and not no_report:
        say(f"Pages: {folder / 'index.html'}")
    return 2 if outcome.no_data else 0 if outcome.passed else 1


@commands.command()
@click.argument("file")
@click.option(
    "--seed", type=click.IntRange(0), default=0, help="Given to build, and to data and fit if they want it. [0]"
)
@click.option("--json", "json_file", type=_path, help="Write the verdict here as JSON.")
@click.option("--no-report", is_flag=True, help="Draw no page.")
@click.option("--timeout", type=click.FloatRange(0, min_open=True), default=120.0, help="Seconds for all of it. [120]")
@click.option("--memory", type=click.FloatRange(0, min_open=True), help="Gigabytes for the program. [3/4 of all]")
@click.option("--in-process", is_flag=True, help="Run it in this process, as a debugger needs: no limits.")
@_reports
@_wait
def train(
    file: str,
    seed: int,
    json_file: Path | None,
    no_report: bool,
    timeout: float,
    memory: float | None,
    in_process: bool,
    reports: Path,
    wait: float,
) -> int:
    """Run the training program FILE, and say whether it trains as it should; if not, why, and what to change.

    FILE has SIZES, build(sizes, seed), data(), and fit(network, x, y) or LEARNING_RATE, BATCH_SIZE and EPOCHS: nnkit init
    FILE --training writes one. Exit status 0 where nothing is wrong, 1 where something was found.
    """
    site = TrainingSite.of(reports, file, seed)

    def tell(words: str) -> None:
        say(f"{words} ...", error=True)

    with site.ledger.locked(wait, _say_waiting):
        site.ledger.withdraw_training()
        try:
            if in_process:
                result = train_program(site.program, seed, tell)
            else:
                with closing(Isolated(timeout, None if memory is None else 1e9 * memory)) as isolated:
                    result = isolated.train(site.program, seed, tell)
        except BaseException:  # there is no verdict any more: the list is not to show the one before
            if not no_report:
                site.list_all()
            raise
        terminal.training(result, page="" if no_report else str(site.page), again=site.command())
        site.write(result, json_file, pages=not no_report)
    return 0 if result.status == "passed" else 1


@commands.command()
@click.argument("file", type=_path)
@click.option("--torch", "framework", flag_value="pytorch", help="A PyTorch module with loss and optimiser.")
@click.option("--jax", "framework", flag_value="jax", help="Functions in JAX.")
@click.option("--keras", "framework", flag_value="keras", help="A compiled Keras 3 model.")
@click.option("--training", "framework", flag_value="training", help="A training: network, data and how it is trained.")
def init(file: Path, framework: str | None) -> int:
    """Write a commented FILE to fill in: your network, by five methods or by a framework's adapter, or a training."""
    if file.suffix != ".py":
        raise click.UsageError(f"{file} is to be a Python file: give it a name that ends in .py")
    if file.exists():
        raise click.UsageError(f"{file} is there already, and is left as it is: give another name, or remove it")
    write_atomically(file, starter(framework or "blank"))
    command = "train" if framework == "training" else "run"
    say(f"{file} is written. Fill it in, then: nnkit {command} {shlex.quote(str(file))}")
    return 0


@commands.command()
@_network
@click.option("--until", type=click.IntRange(1), help="Climb to this stage and no further.")
@_data_dir
@_reports
def watch(network: str | None, until: int | None, data_dir: Path | None, reports: Path) -> int:
    """Climb with NETWORK, and again whenever one of its files is saved, until Ctrl-C."""
    from watchfiles import watch as changes

    source = locate(network or SHARED)
    given = {"--until": until, "--data-dir": data_dir, "--reports": reports}
    words = [word for flag, value in given.items() if value is not None for word in (flag, str(value))]
    command = [sys.executable, "-P", "-m", "nnkit", "run", source.argument, *words]
    climbed, files = "", source.files()
    while True:
        try:
            now, files = source.fingerprint(), source.files()
        except LoadError:  # an editor that saves by moving files leaves a moment without one
            now = climbed
        if now != climbed:  # what was saved while it climbed counts, too
            climbed = now
            subprocess.run(command, check=False)
            say(f"Watching {', '.join(sorted(file.name for file in files.values()))}. Ctrl-C ends it.")
        folders = {file.parent for file in files.values()}
        next(changes(*folders, recursive=False, rust_timeout=1000, yield_on_timeout=True))


@commands.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--until", type=click.IntRange(1), help="Climb to this stage and no further.")
@click.option("--seed", type=click.IntRange(0), default=0, help="Where all random numbers come from. [0]")
@click.option("--jobs", type=int, default=-1, help="Networks at once; -1: as many as there are cores. [-1]")
@click.option("--limit", type=click.FloatRange(1), default=1800.0, help="Seconds for one network. [1800]")
@click.option("--timeout", type=click.FloatRange(0, min_open=True), help="Seconds for one check, as for run.")
@_data_dir
@click.option("--stages", type=_path, help="A folder of stages other than nnkit's own.")
@click.option("--reports", type=_path, default=Path("grades"), help="Folder of the table and the pages. [grades]")
def grade(
    folder: Path,
    until: int | None,
    seed: int,
    jobs: int,
    limit: float,
    timeout: float | None,
    data_dir: Path | None,
    stages: Path | None,
    reports: Path,
) -> int:
    """Climb with every network in FOLDER, and write one table (HTML and CSV) of how far each came."""
    networks = grading.find_networks(folder)
    if not networks:
        raise click.UsageError(f"{folder} holds no Python file: each network is to be a file with build(sizes, seed)")
    given = {"--seed": seed, "--timeout": timeout, "--data-dir": data_dir, "--stages": stages}
    options = tuple(word for flag, value in given.items() if value is not None for word in (flag, str(value)))
    count = 0

    def done(one: grading.Grade) -> None:
        nonlocal count
        count += 1
        at = f" at stage {one.stopped_at}" if one.stopped_at else ""
        say(f"{count:>4} of {len(networks)}  {one.network}: {one.status}{at}")

    grades = grading.grade(networks, folder, reports, grading.Rules(until, limit, options), jobs, done)
    from nnkit.report.setting import grades_page

    write_atomically(reports / "grades.csv", grading.as_csv(grades))
    write_atomically(reports / "index.html", grades_page(grades, folder.name or str(folder), until))
    passed = sum(one.status == "passed" for one in grades)
    say(f"{passed} of {len(grades)} networks pass. Table: {reports / 'index.html'}, {reports / 'grades.csv'}")
    return 0


@commands.command("gallery")
@click.argument("areas", metavar="[AREA]...", nargs=-1)
@click.option("--jobs", type=int, default=1, help="Programs at once; -1: as many as there are cores. [1]")
@click.option(
    "--leave-one-out", is_flag=True, help="Take the right names away from the diagnosis: what does it say then?"
)
@click.option("--html", "page", type=_path, help="Write the comparison here as a page.")
def try_gallery(areas: tuple[str, ...], jobs: int, leave_one_out: bool, page: Path | None) -> int:
    """Climb with the faulty networks that nnkit brings along, and compare what is found with what is wrong with them.

    One line for each that is not fully right, then the figures: caught in time, named, placed, wrongly named.
    """
    programs = gallery.read_gallery(gallery.default_gallery(), areas)
    known = {program.area for program in programs}
    if missing := [area for area in areas if area not in known]:
        every = dict.fromkeys(program.area for program in gallery.read_gallery(gallery.default_gallery()))
        raise click.UsageError(f"the gallery has no area {missing[0]!r} (areas are {', '.join(every)})")
    if leave_one_out and page is not None:
        raise click.UsageError("--html is for the comparison itself: --leave-one-out has no page")
    count = 0

    def progress(one: gallery.Found | gallery.Left) -> None:
        nonlocal count
        count += 1
        say(f"{count:>4} of {len(programs)}  {one.program.name}", error=True)

    if leave_one_out:
        for line in gallery.told_left(gallery.examine_all(gallery.leave_out, programs, jobs, progress)):
            say(line)
        return 0

    def done(one: gallery.Found) -> None:
        progress(one)
        if one.shortfalls:
            say(f"{one.program.name}: {', '.join(one.shortfalls)}")
            say(f"    expected: {one.expected_in_words}")
            say(f"    found:    {one.found_in_words}")

    found = gallery.examine_all(gallery.climb_with, programs, jobs, done)
    for line in gallery.told_tallies(found):
        say(line)
    if page is not None:
        from nnkit.report.pages import write_causes
        from nnkit.report.setting import faulty_networks_page

        write_causes(page.parent)
        write_atomically(page, faulty_networks_page(found, gallery.tallies(found)))
        say(f"Page: {page}")
    return 0


@commands.command("challenge")
@click.argument("file", type=_path, default=Path("challenge.py"))
@click.option("--seed", type=click.IntRange(0), help="The same seed, the same network. [any]")
@click.option("--answer", metavar="CAUSE-ID", help="Say what is wrong with FILE. Exit status 1 if that is not it.")
@click.option("--reveal", is_flag=True, help="Tell what is wrong with FILE.")
def set_challenge(file: Path, seed: int | None, answer: str | None, reveal: bool) -> int:
    """Write a network with a bug to FILE, and check the ANSWER when you have found it."""
    programs = gallery.read_gallery(gallery.default_gallery())
    if answer is None and not reveal:
        if file.suffix != ".py":
            raise click.UsageError(f"{file} is to be a Python file: give it a name that ends in .py")
        if there := next((path for path in (file, challenge.record_of(file)) if path.exists()), None):
            raise click.UsageError(f"{there} is there already, and is left as it is: give another name, or remove it")
        challenge.set_challenge(programs, file, seed)
        words = shlex.quote(str(file))
        given = "" if file == Path("challenge.py") else f" {words}"
        say(f"{file} has one bug. Find it: nnkit run {words}")
        say(f"Then name it (nnkit causes lists the names): nnkit challenge{given} --answer CAUSE-ID")
        return 0
    program = challenge.challenged(programs, file)
    if program is None:
        raise click.UsageError(f"there is no challenge {file}: nnkit challenge writes one")
    if answer is not None and answer not in causes():
        near = f"; did you mean {' or '.join(similar(answer))}?" if similar(answer) else ""
        raise click.UsageError(f"there is no cause {answer!r}{near} (nnkit causes lists all of them)")
    right = answer in program.causes
    if answer is not None:
        say("Right." if right else f"No: it is not {answer}.", "green" if right else "red")
    if right or reveal:
        for line in challenge.revealed(program):
            say(line)
    return 0 if right or answer is None else 1


@commands.command("list")
@_network
@_reports
def list_stages(network: str | None, reports: Path) -> int:
    """Show the ladder and where NETWORK (default: that of the last run) stands on it."""
    site = Site.of_last_run(reports, network)
    results = site.standing()
    _say_notes(site)
    say(f"{site.ladder.network.name}, seed {site.ladder.seed}")
    for result in results:
        stage_line(result)
    say(summary(results))
    following = next((result.stage.number for result in results if not result.passed), None)
    if following is not None:
        say(f"Next: {site.command(following)}")
    return 0


@commands.command()
@_network
@_reports
@_wait
def report(network: str | None, reports: Path, wait: float) -> int:
    """Draw the pages again from the stored results, without running anything."""
    site = Site.of_last_run(reports, network)
    with site.ledger.locked(wait, _say_waiting):
        outcome = Climb(site.standing(), [stage.number for stage in site.ladder.stages], ran=())
        _say_notes(site)
        site.write_results(outcome)
        site.write_pages(outcome)
    say(f"Pages: {site.ledger.reports / 'index.html'}")
    return 0


@commands.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@_reports
@_wait
def reset(yes: bool, reports: Path, wait: float) -> int:
    """Forget every result and page, of all networks."""
    try:
        agreed = yes or click.confirm(f"Forget every result in {reports}?")
    except click.Abort as error:
        if isinstance(error.__context__, EOFError):  # not Ctrl-C: there is nobody to ask
            raise click.UsageError(
                "nobody answered, and nothing was forgotten: --yes forgets without asking"
            ) from error
        raise
    if not agreed:
        say("Nothing was forgotten.")
        return 1
    for folder in (reports, *owned_folders(reports)):
        ledger = Ledger(folder)
        with ledger.locked(wait, _say_waiting):
            ledger.reset()
    say(f"Every result in {reports} is forgotten.")
    return 0


@commands.command("causes")
@click.argument("word", metavar="[AREA|WORD]", required=False)
def list_causes(word: str | None) -> int:
    """List the causes that nnkit knows by name: all, those of an AREA, or those that mention a WORD."""
    found = handbook.find(word or "")
    if not found:
        near = f"; did you mean {' or '.join(similar(word))}?" if word and similar(word) else ""
        raise click.UsageError(f"no cause mentions {word!r}{near} (areas are {', '.join(AREAS)})")
    for line in handbook.listed(found):
        say(line)
    return 0


@commands.command("explain")
@click.argument("name", metavar="ID")
def explain_cause(name: str) -> int:
    """Tell all about a cause: what goes wrong, the code with and without it, what it looks like, and the fix."""
    try:
        known = cause(name)
    except KeyError as error:
        raise click.UsageError(f"{error.args[0]} (nnkit causes lists all of them)") from error
    for line in handbook.told(known, shutil.get_terminal_size().columns):
        say(line)
    return 0


@commands.group()
def data() -> None:
    """MNIST: get it, prove it, find it."""


@data.command("fetch")
@_data_dir
def data_fetch(data_dir: Path | None) -> int:
    """Download MNIST, unless it is there already."""
    say(f"MNIST is in {fetch(data_dir)}.")
    return 0


@data.command("verify")
@_data_dir
def data_verify(data_dir: Path | None) -> int:
    """Prove each of MNIST's four files by its checksum. Exit status 1 where one is missing or damaged."""
    files = verify(data_dir)
    for file in files:
        size = "" if file.size is None else f"{file.size:,} bytes"
        problem = f": {file.problem}" if file.problem else ""
        say(f"{file.status:<8}{size:>18}  {file.path}{problem}", "green" if file.status == "ok" else "red")
    return 0 if all(file.status == "ok" for file in files) else 1


@data.command("where")
@_data_dir
def data_where(data_dir: Path | None) -> int:
    """Say which images the stages would use, and where they come from."""
    location = locate_dataset(data_dir)
    say(f"{location.name}: {location.source}")
    for file in location.files:
        say(f"  {file}")
    return 0


def _execution(timeout: float, memory: float | None, in_process: bool) -> Execution:
    """Where the network runs."""
    if in_process:
        return InProcess()
    isolated = Isolated(timeout, None if memory is None else 1e9 * memory)
    isolated.start()
    return isolated


def _conclude(site: Site, outcome: Climb, *, pages: bool) -> None:
    """The last lines of a run."""
    _say_notes(site)
    number = outcome.stopped_at
    if number is None:
        for result in outcome.results:
            if result.out_of_order:
                say(f"Stage {result.stage.number} passes, but {result.reason}.", "yellow")
        say(summary(outcome.results))
        return
    stopped = next(result for result in outcome.results if result.stage.number == number)
    if stopped.status == "stale":  # it passed a moment ago
        say(f"Stage {number} passed, but does not hold any more: {stopped.reason}.", "red")
    elif number < len(outcome.results):
        later = f"stages {number + 1} to {len(outcome.results)} are"
        say(f"     {f'stage {number + 1} is' if number + 1 == len(outcome.results) else later} blocked by this")
    page = str(site.ledger.reports / f"stage-{number}.html") if pages else ""
    explain(stopped, page=page, again=site.command(number))


def _say_notes(site: Site) -> None:
    for note in site.ledger.notes:
        say(f"note: {note}", "yellow", error=True)


def _say_waiting(who: str) -> None:
    say(f"waiting for {who} ...", error=True)


def _terminate(signal_number: int, frame: FrameType | None) -> NoReturn:
    raise Terminated


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The command `nnkit`. Ends the process with the exit status."""
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(_status(lambda: commands.main(arguments, prog_name="nnkit", standalone_mode=False)))


def _status(command: Callable[[], Any]) -> int:
    try:
        return int(command() or 0)
    except (click.Abort, KeyboardInterrupt):
        say("interrupted; the results of the stages that ended are kept", error=True)
        return 130
    except Terminated:
        say("terminated; the results of the stages that ended are kept", error=True)
        return 143
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except PROBLEMS as error:
        say(f"nnkit: {error}", "red", error=True)
        return 2
    except BrokenPipeError:  # whoever read the output, such as head, has gone: what is left of it goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception:  # a bug in nnkit, and so no verdict on a network: not status 1, which Python would give
        traceback.print_exc()
        return 2
