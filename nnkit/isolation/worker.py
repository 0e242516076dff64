"""The process that the network under test runs in: it loads the network, the data and the stages itself.

Its standard input brings requests (pickled, from nnkit), its standard output takes messages back (a line of JSON each,
since a pickled message would need the network's classes to be read), its standard error takes what the network prints.
The network sees none of that: for it, standard input is empty, and output and error are one stream.

It ends itself where nobody else would: when a check is over its time, by a watchdog that needs no help from Python's
interpreter, and when the climb that started it is gone.
"""

from __future__ import annotations

import faulthandler
import json
import os
import pickle
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from nnkit.curriculum.collect import CollectError, read_stage
from nnkit.curriculum.data import Data
from nnkit.curriculum.encode import plain
from nnkit.curriculum.lab import Builder
from nnkit.curriculum.results import CheckResult, StageResult
from nnkit.curriculum.run_stage import Attendant, run_stage
from nnkit.curriculum.stage import Check, Stage
from nnkit.curriculum.train_program import train_program
from nnkit.datasets import DataDamaged, Dataset, MnistUnavailable
from nnkit.isolation.side_effects import SideEffects
from nnkit.subjects.load import LoadError, NetworkSource

_SHOW_SECONDS = 0.05  # as often as the terminal draws, about


class Worker:
    """log: the file for stacks; mark: what ends a passage of output; timeout: seconds for a check."""

    def __init__(self, messages: BinaryIO, output: int, log: str, mark: bytes, timeout: float) -> None:
        self._messages, self._output, self._mark = messages, output, mark
        self.timeout = timeout
        self.log = Path(log).open("w", encoding="utf-8")  # noqa: SIM115 (open as long as the process lives)
        self._pid = os.getpid()
        self._shown = 0.0
        self._network: NetworkSource | None = None
        self._build: Builder | None = None
        self._dataset: Dataset | None = None
        self.effects: SideEffects | None = None

    def load_network(self, network: NetworkSource) -> None:
        files = {str(path): str(path.relative_to(network.root)) for path in network.files().values()}
        self.effects = SideEffects(files)  # before the file runs: it may take functions from their modules
        self.begin_watch()
        try:
            self._network, self._build = network, self.effects.builder(network.load())
        except LoadError as error:
            self.send("load_error", error.problem, error.expected, error.came, error.where, error.remedy)
        else:
            self.send("loaded")
        finally:
            self.end_watch()

    def train(self, program: NetworkSource, seed: int) -> None:
        """Run and diagnose a training program."""
        self.begin_watch()
        try:
            result = train_program(program, seed, lambda words: self.send("doing", words))
        except LoadError as error:
            self.send("load_error", error.problem, error.expected, error.came, error.where, error.remedy)
        else:
            self.end_passage()
            self.send("trained", plain(result))
        finally:
            self.end_watch()

    def load_data(self, data: Data) -> None:
        try:
            self._dataset = data.load()
        except (DataDamaged, MnistUnavailable) as error:
            self.send(type(error).__name__, *map(str, error.args))
        else:
            self.send("loaded", self._dataset.name, self._dataset.source)

    def run(
        self, path: Path, later: Sequence[Path], seed: int, fingerprint: Mapping[str, str], dataset_source: str
    ) -> None:
        try:
            stage, *others = map(_read, [path, *later])
        except CollectError as error:
            self.send("collect_error", str(error))
            return
        assert self._network is not None and self._build is not None
        dataset = self._dataset if stage.uses_data else None
        if dataset is not None and dataset_source:
            dataset = replace(dataset, source=dataset_source)
        result = run_stage(
            stage, self._build, self._network, seed=seed, fingerprint=fingerprint, dataset=dataset,
            show=self._show, attendant=_Beside(self), later=others,
        )  # fmt: skip
        self.send("end", plain(replace(result, checks=())))

    def send(self, kind: str, *content: Any) -> None:
        try:
            self._messages.write(json.dumps([kind, *content], allow_nan=False).encode() + b"\n")
            self._messages.flush()
        except OSError:  # the network closed the pipe, or the climb has gone: either way nobody hears it any more
            threading.Event().wait()

    def begin_watch(self) -> None:
        """From now on the time runs: when it is over, the stacks of all threads are written, and the process ends."""
        faulthandler.dump_traceback_later(self.timeout, exit=True, file=self.log)

    def end_watch(self) -> None:
        if os.getpid() != self._pid:  # a fork of the network's that came back to here: nobody waits for its answers
            os._exit(0)
        faulthandler.cancel_dump_traceback_later()

    def end_passage(self) -> None:
        """What is printed from now on belongs to the next check. Mends what the network may have closed."""
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):
                stream.flush()
        with suppress(OSError):
            for number in (1, 2):
                os.dup2(self._output, number)
            os.write(self._output, self._mark)

    def _show(self, label: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._shown >= _SHOW_SECONDS or done >= total:
            self._shown = now
            self.send("working", label, done, total)


class _Beside(Attendant):
    """Tells of each check as it begins and ends, sets its time, and looks at what it leaves behind."""

    # Ctrl-C never reaches this process: a KeyboardInterrupt here is the network's own.
    caught = (BaseException,)

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    @contextmanager
    def beside(self, check: Check, so_far: StageResult, noticed: list[str]) -> Iterator[None]:
        worker = self._worker
        assert worker.effects is not None
        worker.send("begin", check.name, plain(replace(so_far, checks=())))
        worker.begin_watch()
        try:
            with worker.effects.noticed(noticed):
                yield
        finally:
            worker.end_watch()

    @contextmanager
    def diagnosing(self, so_far: StageResult) -> Iterator[None]:
        self._worker.send("diagnosing", plain(replace(so_far, checks=())))
        self._worker.begin_watch()
        try:
            yield
        finally:
            self._worker.end_watch()

    def answered(self, result: CheckResult) -> None:
        self._worker.end_passage()
        self._worker.send("check", plain(result))


def _read(path: Path) -> Stage:
    """The stage in this file, which may import what lies beside it."""
    folder = str(path.parent)
    sys.path.insert(0, folder)
    try:
        return read_stage(path)
    finally:
        sys.path.remove(folder)


def main(log: str, mark: str, timeout: float) -> NoReturn:
    """Serves until standard input ends, and then is gone, with every process that the network started."""
    requests, messages, output = (os.dup(number) for number in (0, 1, 2))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(output, 1)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]
    worker = Worker(os.fdopen(messages, "wb"), output, log, bytes.fromhex(mark), timeout)
    faulthandler.enable(worker.log)
    if hasattr(faulthandler, "register"):
        faulthandler.register(signal.SIGUSR1, worker.log, all_threads=True)
    os._exit = _telling(os._exit, worker)  # type: ignore[assignment]
    worker.send("ready", threading.get_ident())
    waiting: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(os.fdopen(requests, "rb"), waiting), daemon=True).start()
    while True:
        name, *arguments = waiting.get()
        try:
            getattr(worker, name)(*arguments)
        except BaseException:  # a bug of nnkit's or of a stage's, for the climb to tell
            worker.send("broken", traceback.format_exc())


def _receive(requests: BinaryIO, waiting: queue.SimpleQueue[tuple[Any, ...]]) -> None:
    try:
        while True:
            waiting.put(pickle.load(requests))
    except BaseException:  # the climb has ended, however it did
        if hasattr(os, "killpg"):
            os.killpg(0, signal.SIGKILL)  # the group is this process's own: see `isolated`
        os.kill(os.getpid(), signal.SIGTERM)


def _telling(leave: Callable[[int], NoReturn], worker: Worker) -> Callable[[int], NoReturn]:
    """os._exit, but it leaves word of where it was called."""
    pid = os.getpid()

    def telling(status: int) -> NoReturn:
        if os.getpid() == pid:
            faulthandler.dump_traceback(worker.log, all_threads=False)
        leave(status)

    return telling
