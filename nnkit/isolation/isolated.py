"""The climb's side of isolation: one worker for all stages, started, asked, watched and, where it must be, killed.

Every end of the worker is a result: the check under way gets the reason and the place, the checks before it keep
theirs, and no process is left behind. The worker is a group of its own (POSIX), so that Ctrl-C reaches the climb alone,
and a kill reaches whatever the network started.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any, Literal, NoReturn

from nnkit.curriculum.collect import CollectError
from nnkit.curriculum.data import Data
from nnkit.curriculum.encode import rich
from nnkit.curriculum.execution import Answered, unheard
from nnkit.curriculum.failures import tell
from nnkit.curriculum.lab import ShowProgress
from nnkit.curriculum.results import CheckResult, Failure, StageResult
from nnkit.curriculum.run_stage import unanswered
from nnkit.curriculum.stage import Stage
from nnkit.curriculum.train_program import not_done
from nnkit.curriculum.training_results import TrainingResult
from nnkit.datasets import DataDamaged, Dataset, Location, MnistUnavailable, locate_dataset
from nnkit.isolation import preloaded
from nnkit.isolation.last_words import how_it_ended, stack, timed_out
from nnkit.isolation.printed import Passage, Printed
from nnkit.subjects.load import LoadError, NetworkSource

#: seconds for one check. The longest of the shared network takes four, on all of MNIST; a correct network fifty times as
#: slow is no hanging one. Progress does not count as an answer: a loop without end may well make some.
TIMEOUT = 300.0
#: what a network may use of the machine's memory: what is left is for the system, the climb and the pages
MEMORY_SHARE = 0.75

_LOOK_SECONDS = 0.1  # between two looks at its memory: time to fill a few hundred megabytes
_GRACE_SECONDS = 3.0  # its own watchdog comes first, and it knows where the network is
_LAST_SECONDS = 0.3  # to write down where it is, when asked to
_START = "import json, sys; sys.path[:] = json.loads(sys.argv.pop()); from nnkit.isolation.worker import main; "


class _Ended(Exception):
    """The worker is no more. kind: Timeout or Crash; message: why; status: the stage's."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind, self.message = kind, message

    @property
    def status(self) -> Literal["timeout", "crashed"]:
        return "timeout" if self.kind == "Timeout" else "crashed"


class Isolated:
    """Runs stages in a worker (`nnkit.curriculum.execution.Execution`). `close` it, whatever happened.

    timeout: seconds for one check, and for importing the network; memory: bytes that the worker may use (default: three
    quarters of the machine's).
    """

    def __init__(self, timeout: float = TIMEOUT, memory: float | None = None) -> None:
        self._timeout, self._memory = timeout, memory
        self._process: subprocess.Popen[bytes] | preloaded.Fork | None = None
        self._watched: Any = None  # the same as psutil sees it, once it has been asked for something
        self._network: NetworkSource | None = None
        self._dataset_source = ""

    def start(self) -> None:
        """Start the worker, and do not wait for it: the climb has other things to do meanwhile."""
        mark = secrets.token_bytes(16)
        self._folder = tempfile.TemporaryDirectory(prefix="nnkit-", ignore_cleanup_errors=True)
        self._log = Path(self._folder.name) / "stacks"
        arguments = (str(self._log), mark.hex(), self._timeout)
        self._process = preloaded.Fork(lambda: _work(arguments)) if preloaded.is_ready() else _started(arguments)
        self._looked = 0.0
        self._deadline = float("inf")
        self._main_thread = 0
        self._messages: queue.SimpleQueue[list[Any] | None] = queue.SimpleQueue()
        assert self._process.stdout is not None and self._process.stderr is not None
        self._printed = Printed(self._process.stderr, mark)  # type: ignore[arg-type]
        Thread(target=self._listen, args=(self._process.stdout,), daemon=True).start()

    def close(self) -> None:
        """End the worker at once, with everything that it started. May be called twice."""
        if self._process is None:
            return
        self._kill()
        self._printed.rest()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            with suppress(OSError):
                stream.close()  # type: ignore[union-attr]
        self._folder.cleanup()
        self._process = self._watched = None

    def load_network(self, network: NetworkSource) -> None:
        self._network = network
        try:
            self._ask("load_network", network)
            self._set_deadline()
            kind, *content = self._answer()
        except _Ended as end:
            log = self._read_log()
            own = {str(path) for path in network.files().values()}
            lines = [f"{at.filename}, line {at.lineno}" for at in stack(log, self._main_thread) if at.filename in own]
            raise LoadError(
                f"{network.file.name} cannot be imported: {end.message}",
                expected="a file that Python can import",
                came=end.message,
                where=lines[-1] if lines else str(network.file),
                remedy="correct that line; `python FILE` should run without an error",
            ) from end
        if kind == "load_error":
            problem, expected, came, where, remedy = content
            raise LoadError(problem, expected=expected, came=came, where=where, remedy=remedy)

    def train(self, program: NetworkSource, seed: int, say: Callable[[str], None]) -> TrainingResult:
        """Run and diagnose a training program, whatever it does. `say` is told what is being done. Raises LoadError.

        The timeout is for all of it.
        """
        self._network = program
        started, begin = datetime.now(UTC).isoformat(timespec="seconds"), time.perf_counter()
        try:
            self._ask("train", program, seed)
            self._set_deadline()
            while True:
                match self._answer():
                    case ["doing", words]:
                        say(words)
                    case ["load_error", problem, expected, came, where, remedy]:
                        raise LoadError(problem, expected=expected, came=came, where=where, remedy=remedy)
                    case ["trained", result]:
                        trained: TrainingResult = rich(result)
                        passage = self._printed.passage()
                        return replace(trained, printed=passage.text(), printed_bytes=passage.total)
        except _Ended as end:
            frames = stack(self._read_log(), self._main_thread)
            own = {str(path) for path in program.files().values()}
            first = next((n for n, frame in enumerate(frames) if frame.filename in own), len(frames))
            failure = tell(end.kind, end.message, "", frames[first:], None, program)
            result = not_done(program, failure, end.status, seed, started, time.perf_counter() - begin)
            passage = self._printed.rest()
            return replace(result, printed=passage.text(), printed_bytes=passage.total)

    def load_data(self, data: Data) -> None:
        """The images go to the worker from the disk, and never through a pipe. Only a download is this process's, which
        can show how far it is.
        """
        found: Location | Dataset = locate_dataset(data.directory)
        if found.name != "mnist":
            found = data.load()
        directory = None if data.directory is None else data.directory.resolve()
        self._ask("load_data", Data(directory, data.require_mnist, download=False))
        self._deadline = float("inf")
        try:
            kind, *content = self._answer()
        except _Ended:  # so will the stage that is to use the data, and that is where it is told
            return
        for error in (DataDamaged, MnistUnavailable):
            if kind == error.__name__:
                raise error(*content)
        name, source = content
        self._dataset_source = found.source if found.name == name else source

    def run(
        self,
        stage: Stage,
        *,
        seed: int,
        fingerprint: Mapping[str, str],
        show: ShowProgress,
        answered: Answered = unheard,
        later: Sequence[Stage] = (),
    ) -> StageResult:
        checks: list[CheckResult] = []
        # Until it begins: a thread of the network's that is left from before may end the process at any time.
        current, begin = stage.checks[0].name, time.perf_counter()
        so_far = self._nothing_yet(stage, seed, fingerprint)
        try:
            self._ask("run", stage.path, [other.path for other in later], seed, dict(fingerprint), self._dataset_source)
            self._set_deadline()
            while True:
                kind, *content = self._answer()
                match kind:
                    case "begin":
                        current, begin = content[0], time.perf_counter()
                        so_far = rich(content[1])
                        self._set_deadline()
                    case "diagnosing":
                        current, so_far = "", rich(content[0])
                        self._set_deadline()
                    case "working":
                        show(*content)
                    case "check":
                        checks.append(_with_printed(rich(content[0]), self._printed.passage()))
                        answered(checks[-1])
                    case "collect_error":
                        raise CollectError(*content)
                    case "end":
                        result: StageResult = rich(content[0])
                        return replace(result, checks=tuple(checks))
        except _Ended as end:
            if not current:  # all checks have their answers; only what is wrong could not be told
                return replace(so_far, checks=tuple(checks))
            return self._ended(stage, end, replace(so_far, checks=tuple(checks)), current, time.perf_counter() - begin)

    def _nothing_yet(self, stage: Stage, seed: int, fingerprint: Mapping[str, str]) -> StageResult:
        assert self._network is not None
        return StageResult(
            stage=stage.words(),
            status="not-run",
            network=self._network.name,
            seed=seed,
            fingerprint=dict(fingerprint),
            started=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def _ended(self, stage: Stage, end: _Ended, so_far: StageResult, current: str, seconds: float) -> StageResult:
        """The stage's result, where the worker ended during the check called `current`."""
        assert self._network is not None
        names = [check.name for check in stage.checks]
        at = names.index(current)
        left = len(names) - at - 1
        rest = f"; the {left} checks after it did not run" if left > 1 else "; the check after it did not run"
        message = end.message + (rest if left else "")
        frames = stack(self._read_log(), self._main_thread)
        files = {str(path) for path in (*self._network.files().values(), stage.path)}
        first = next((n for n, frame in enumerate(frames) if frame.filename in files), len(frames))
        failure: Failure = tell(end.kind, message, current, frames[first:], stage, self._network)
        how = "timed out" if end.status == "timeout" else "crashed"
        check = _with_printed(unanswered(stage.checks[at], failure, seconds, how), self._printed.rest())
        return replace(
            so_far,
            status=end.status,
            checks=(*so_far.checks, check),
            failure=failure,
            seconds=so_far.seconds + seconds,
        )

    def _ask(self, *request: Any) -> None:
        if self._process is None:
            self.start()
        assert self._process is not None and self._process.stdin is not None
        if self._watched is None:
            import psutil

            self._memory = self._memory or MEMORY_SHARE * psutil.virtual_memory().total
            with suppress(psutil.Error):  # it may have gone already: the answer will say how
                self._watched = psutil.Process(self._process.pid)
        try:
            pickle.dump(request, self._process.stdin)
            self._process.stdin.flush()
        except OSError:
            pass

    def _set_deadline(self) -> None:
        self._deadline = time.monotonic() + self._timeout + _GRACE_SECONDS

    def _answer(self) -> list[Any]:
        """The next message. Raises _Ended where there will be none."""
        while True:
            now = time.monotonic()
            if now - self._looked >= _LOOK_SECONDS:
                self._looked = now
                self._look()
            try:
                message = self._messages.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                continue
            if message is None:
                self._gone()
            if message[0] == "ready":
                self._main_thread = message[1]
            elif message[0] == "broken":
                raise RuntimeError(f"the worker failed:\n{message[1]}")
            else:
                return message

    def _look(self) -> None:
        """Whether it is over its limits, or gone while a process that it started keeps its pipes open."""
        assert self._process is not None and self._memory is not None
        if self._process.poll() is not None:
            time.sleep(_LAST_SECONDS)  # what it said last may be on its way
            if self._messages.empty():
                self._gone()
            return
        if time.monotonic() > self._deadline:
            self._kill(ask_where=True)
            raise _Ended("Timeout", self._late())
        used = 0
        with suppress(Exception):  # psutil's own, where it has just ended
            used = self._watched.memory_info().rss
        if used > self._memory:
            self._kill(ask_where=True)
            gigabytes = f"{used / 1e9:.2g} GB of memory, and {self._memory / 1e9:.2g} GB are allowed (--memory)"
            raise _Ended("Crash", f"it used {gigabytes}")

    def _gone(self) -> NoReturn:
        assert self._process is not None
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=_LAST_SECONDS)
        code = self._process.poll()
        self._kill()
        if timed_out(self._read_log()):
            raise _Ended("Timeout", self._late())
        raise _Ended("Crash", how_it_ended(code))

    def _late(self) -> str:
        return f"no answer within {self._timeout:g} s (--timeout gives more)"

    def _kill(self, *, ask_where: bool = False) -> None:
        """End the worker and what it started; `ask_where`: after it has written down where it is, where it can."""
        assert self._process is not None
        if ask_where and hasattr(signal, "SIGUSR1") and self._process.poll() is None:
            self._process.send_signal(signal.SIGUSR1)
            time.sleep(_LAST_SECONDS)
        family: Sequence[Any] = ()
        with suppress(Exception):  # psutil's own, where it has ended
            family = self._watched.children(recursive=True)
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        for child in family:
            with suppress(Exception):
                child.kill()
        self._process.wait()

    def _read_log(self) -> str:
        with suppress(OSError):
            return self._log.read_text(encoding="utf-8", errors="replace")
        return ""

    def _listen(self, stream: Any) -> None:
        """Put every whole message into the queue, and None at the end."""
        try:
            for line in stream:
                self._messages.put(json.loads(line))
        except ValueError:  # cut off, or not the worker's
            pass
        self._messages.put(None)


def _started(arguments: tuple[str, str, float]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", f"{_START}main(*{arguments!r})", json.dumps(sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=os.name == "posix",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def _work(arguments: tuple[str, str, float]) -> NoReturn:
    from nnkit.isolation.worker import main

    sys.argv[:] = ["-c"]  # as in a process that was started for it
    main(*arguments)


def _with_printed(check: CheckResult, passage: Passage) -> CheckResult:
    return replace(check, printed=passage.text(), printed_bytes=passage.total)
