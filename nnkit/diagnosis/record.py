"""Recording a training: it is run once as it is, looked at on the way, and measured at some fifty of its moments.

On the way only what costs next to nothing is done: parameters are copied now and then, rows are noted by their
fingerprints. All measuring waits for the end, on the network itself with the kept parameters written into it, so that a
network with a memory (a velocity, random numbers for dropout) is trained as it would be alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis import clock
from nnkit.diagnosis.inside import Inside, read_inside
from nnkit.diagnosis.layout import write
from nnkit.diagnosis.loop import Fingerprints, LoopAccount, account_of_rows
from nnkit.diagnosis.not_finite import first_not_finite
from nnkit.diagnosis.observed import Deadline, Enough, Step, chance_kept, fit_observed
from nnkit.diagnosis.score import Kind, accuracy, kind_of, score
from nnkit.diagnosis.trace import FirstNotFinite, LayerTrace, Trace
from nnkit.subjects.program import Program

Array = npt.NDArray[Any]

#: moments that are kept at most, half of them after thinning; and the memory they may take, in bytes
MOMENTS, MEMORY = 48, 200e6
#: and of the first steps and of each doubling of their number
EARLY = 26
#: how often it is noted what a loop asks its network about
LOOKS = 50
#: rows on which things are measured along the way, and at the end
PROBE, LARGE_PROBE = 300, 2000
#: steps that are still done after the first NaN: nothing follows from them, but an author's loop may mend it
AFTER_NAN = 30


@dataclass(eq=False)
class Moment:
    """step: updates done before. parameters: then. x, y, rate: what the next update was asked to do; moved: by how much
    it changed each parameter array (Euclidean norms); network: which one it was."""

    step: int
    parameters: list[Array]
    x: Array | None = None
    y: Array | None = None
    rate: float = float("nan")
    moved: list[float] = field(default_factory=list)
    network: Any = None
    #: whether x and y are the first rows of the batch only
    cut: bool = False


@dataclass(eq=False)
class Recording:
    """All that was seen of one run. probe: rows of the training set with their targets (as they were fed where the loop
    makes rows of its own); kind: what the targets are; moments: in their order, the last after the last step; network: as
    it was when the loop had ended; inside: what is known of its layers; score, test_score: at the recorded moments."""

    program: Program
    trace: Trace
    loop: LoopAccount
    moments: list[Moment]
    network: Any
    kind: Kind
    probe: tuple[Array, Array]
    test_probe: tuple[Array, Array] | None
    inside: Inside
    score: list[float] = field(default_factory=list)
    test_score: list[float] = field(default_factory=list)
    not_finite: FirstNotFinite | None = None
    fed: tuple[Array, Array] | None = None


def record(program: Program, seconds: float = 8.0) -> Recording:
    """Run the program for at most so long, and measure what was kept."""
    watcher = _Watcher(program, seconds)
    begin = clock.now()
    network, error = fit_observed(program, watcher)
    watcher.keep_last(network)
    account = LoopAccount(
        steps=watcher.steps, n=len(program.x), seconds=clock.now() - begin, cut=watcher.cut, error=error,
        networks=max(1, len(watcher.networks)), rates=watcher.rates, moved=watcher.moved, set_back=watcher.set_back,
    )  # fmt: skip
    prints, target_prints = watcher.prints, watcher.target_prints
    account_of_rows(
        account, watcher.fed, (prints.of(program.x), target_prints.of(program.y)), program.y,
        None if program.x_test is None else prints.of(program.x_test),
        np.concatenate(watcher.looked_at) if watcher.looked_at else np.zeros(0),
    )  # fmt: skip
    return _measured(program, network, watcher, account)


class _Watcher:
    """Keeps moments: each of the first, then fewer and fewer."""

    def __init__(self, program: Program, seconds: float) -> None:
        self.steps, self.cut = 0, False
        self.moments: list[Moment] = []
        self.early: list[Moment] = []
        self.fed: list[tuple[Array, Array]] = []
        self.kept_rows: list[tuple[Array, Array]] = []
        self.rates: list[float] = []
        self.moved: list[int] = []
        self.set_back = 0
        self.listening, self.looks, self.x = True, 0, program.x
        self.looked_at: list[Array] = []
        self.first: list[Array] = []
        self.networks: list[Any] = []
        self.bad: Moment | None = None
        self.prints = Fingerprints(int(np.prod(program.x.shape[1:])))
        self.target_prints = Fingerprints(program.y.shape[1])
        self._deadline = Deadline(seconds)
        self._before: list[Array] = []
        self._every, self._most = 1, MOMENTS
        self._kept_rows = 0

    def step(self, network: Any, own: Step, x: Array, y: Array, rate: Any) -> Any:
        if self._deadline.reached(self.steps):
            self.cut = True  # by time, or soon after the first NaN
            raise Enough
        if not self.networks or self.networks[-1] is not network:
            self.networks.append(network)
        self._note_rows(x, y)
        number = _number(rate)
        self.rates.append(number)
        now = [np.asarray(array) for array in network.parameters()]
        self.first = self.first or [array.copy() for array in now]
        self._look_for_moves(now)
        moment = None
        early = self.steps < 16 or (self.steps & (self.steps - 1)) == 0
        if early or self.steps % self._every == 0:
            moment = Moment(
                self.steps, [a.copy() for a in now], *_some(x, y), number, network=network, cut=len(x) > PROBE
            )
            self._keep(moment, early)
        before = self._copied(now)
        answer = own(x, y, rate)
        self.steps += 1
        after = [np.asarray(array) for array in network.parameters()]
        if moment is not None:
            moment.moved = [_norm(b.astype(float) - a) for b, a in zip(after, before, strict=False)]
        if self.bad is None and not all(_finite(array) for array in after):
            self.bad = Moment(self.steps - 1, [a.copy() for a in before], *_some(x, y, len(x)), number, network=network)
            self._deadline = Deadline(1.0, self.steps + AFTER_NAN)
        self._before = self._copied(after)
        return answer

    def looked(self, x: Array) -> None:
        x = np.asarray(x)
        if self.listening and x.ndim > 1 and self.looks < LOOKS and len(x) < len(self.x):
            self.looks += 1
            self.looked_at.append(self.prints.of(x))

    def keep_last(self, network: Any) -> None:
        self.listening = False
        if self.steps:
            self._look_for_moves([np.asarray(array) for array in network.parameters()])
        parameters = [np.array(array) for array in network.parameters()]
        self.moments.append(Moment(self.steps, parameters, network=network))

    def _note_rows(self, x: Array, y: Array) -> None:
        x, y = np.asarray(x), np.asarray(y)
        if x.ndim < 2:
            x = x.reshape(1, -1)
        targets = y.reshape(len(x), -1) if y.size and y.size % len(x) == 0 else np.full((len(x), 1), np.nan)
        self.fed.append((self.prints.of(x), self.target_prints.of(targets)))
        if self._kept_rows < PROBE * 2 and y.size and y.size % len(x) == 0:
            self.kept_rows.append((np.array(x[:PROBE]), np.array(targets[:PROBE])))
            self._kept_rows += len(self.kept_rows[-1][0])

    def _look_for_moves(self, now: Sequence[Array]) -> None:
        if self._before and len(self._before) == len(now):
            same = all(np.array_equal(a, b, equal_nan=True) for a, b in zip(self._before, now, strict=True))
            if not same:
                self.moved.append(self.steps)
                first = self.first
                self.set_back += all(np.array_equal(a, b) for a, b in zip(now, first, strict=False))

    def _copied(self, arrays: Sequence[Array]) -> list[Array]:
        if [a.shape for a in arrays] != [b.shape for b in self._before]:
            self._before = [a.copy() for a in arrays]
        for mine, theirs in zip(self._before, arrays, strict=True):
            np.copyto(mine, theirs, casting="unsafe")
        return self._before

    def _keep(self, moment: Moment, early: bool) -> None:
        size = sum(array.nbytes for array in moment.parameters)
        self._most = int(np.clip(MEMORY / max(size, 1), 8, MOMENTS))
        if early and len(self.early) < EARLY:
            self.early.append(moment)
        if self.steps % self._every == 0:
            self.moments.append(moment)
        if len(self.moments) > self._most:
            self._every *= 2
            self.moments = [moment for moment in self.moments if moment.step % self._every == 0]

    def in_order(self) -> list[Moment]:
        by_step = {moment.step: moment for moment in (*self.early, *self.moments)}
        return [by_step[step] for step in sorted(by_step)]


def _measured(program: Program, network: Any, watcher: _Watcher, account: LoopAccount) -> Recording:
    moments, kind = watcher.in_order(), kind_of(program.y)
    rng = np.random.default_rng(0)
    probe = _sample(program.x, program.y, PROBE, rng)
    fed: tuple[Array, Array] | None = None
    if watcher.kept_rows:
        xs, ys = zip(*watcher.kept_rows, strict=True)
        fed = np.concatenate(xs)[: 2 * PROBE], np.concatenate(ys)[: 2 * PROBE]
        strange = account.known + account.test < 0.5
        if strange and fed[1].shape[1] == program.y.shape[1]:  # rows that the loop makes are what it has to be good at
            probe = fed
    test = None
    if program.x_test is not None and program.y_test is not None:
        test = _sample(program.x_test, program.y_test, PROBE, rng)
    inside = read_inside(program, moments[0].parameters)
    if kind == "numbers" and (inside.conventions is None or inside.conventions.loss != "mse"):
        kind = "amounts"
    trace = Trace(classes=program.y.shape[1] if kind == "classes" else 2 if kind == "yes-no" else 1)
    recording = Recording(program, trace, account, moments, network, kind, probe, test, inside, fed=fed)
    with chance_kept(), np.errstate(all="ignore"):
        if watcher.bad is not None:
            recording.not_finite = first_not_finite(network, inside, watcher.bad)
        _fill(recording)
    return recording


def _fill(recording: Recording) -> None:
    trace, network, moments = recording.trace, recording.network, recording.moments
    kind, (x, y) = recording.kind, recording.probe
    trace.layers = [LayerTrace(name) for name in recording.inside.names]
    for index, moment in enumerate(moments):
        _write(network, moment)
        p = _asked(network.forward, x)
        trace.steps.append(moment.step)
        trace.loss.append(_number(_asked(network.loss, x, y)))
        trace.loss_of_others.append(_number(_asked(network.loss, x, np.roll(y, len(y) // 2 + 1, axis=0))))
        trace.accuracy.append(accuracy(p, y, kind) if p is not None else float("nan"))
        recording.score.append(score(p, y, kind) if p is not None else float("nan"))
        if recording.program.accuracy is not None:
            trace.metric.append(_number(_asked(recording.program.accuracy, p, y)) if p is not None else float("nan"))
        rate = moment.rate if index < len(moments) - 1 else (recording.loop.rates or [float("nan")])[-1]
        trace.rates.append(rate)
        trace.outputs_spread.append(_spread(p, y))
        if recording.test_probe is not None:
            tx, ty = recording.test_probe
            q = _asked(network.forward, tx)
            trace.test_loss.append(_number(_asked(network.loss, tx, ty)))
            trace.test_accuracy.append(accuracy(q, ty, kind) if q is not None else float("nan"))
            recording.test_score.append(score(q, ty, kind) if q is not None else float("nan"))
        gradients = _asked(getattr(network, "gradients", None), x, y)
        recording.inside.note(trace.layers, moment, gradients, x)
    trace.score, trace.test_score = recording.score, recording.test_score
    trace.not_finite = recording.not_finite
    moments[-1].moved = moments[-2].moved if len(moments) > 1 else []


def _write(network: Any, moment: Moment) -> None:
    try:
        write(network, moment.parameters)
    except Exception:  # parameters that cannot be written are as they are
        return


def _asked(method: Any, *given: Any) -> Any:
    """What it answers; None where it raises."""
    if method is None:
        return None
    try:
        answer = method(*(np.array(part) for part in given))
    except Exception:
        return None
    return np.asarray(answer) if not isinstance(answer, (list, tuple)) else list(answer)


def _sample(x: Array, y: Array, most: int, rng: np.random.Generator) -> tuple[Array, Array]:
    rows = np.sort(rng.permutation(len(x))[:most])
    return x[rows], y[rows]


def _some(x: Array, y: Array, most: int = PROBE) -> tuple[Array, Array]:
    return np.array(x[:most]), np.array(y[:most])


def _spread(p: Array | None, y: Array) -> float:
    """How much outputs differ between samples, beside how much targets do: standard deviations, over all columns."""
    if p is None or p.shape != y.shape:
        return float("nan")
    of_targets = float(np.sqrt(np.nanvar(y, axis=0).mean()))
    return float(np.sqrt(np.var(p, axis=0).mean())) / of_targets if of_targets > 0 else float("nan")


def _norm(array: Array) -> float:
    return float(np.sqrt(np.sum(array * array)))


def _finite(array: Array) -> bool:
    # A sum is finite where all are, but for overflow: then they are looked at one by one
    return bool(np.isfinite(array.sum()) or np.isfinite(array).all())


def _number(value: Any) -> float:
    try:
        return float(np.asarray(value).reshape(-1)[0]) if np.size(value) else float("nan")
    except (TypeError, ValueError):
        return float("nan")
