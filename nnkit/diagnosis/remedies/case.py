"""All that is known of one training when the question is asked why it went wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.datasets import health
from nnkit.diagnosis import clock
from nnkit.diagnosis.inside import Inside
from nnkit.diagnosis.loop import LoopAccount
from nnkit.diagnosis.monitors.suffering import last
from nnkit.diagnosis.record import Recording
from nnkit.diagnosis.runs import Run
from nnkit.diagnosis.trace import Symptom, Trace
from nnkit.subjects.program import Fit, Program

Array = npt.NDArray[Any]


#: through the data, where it is not known how often the author goes
EPOCHS = 10


@dataclass(eq=False)
class Case:
    """recording: the training as it is; symptoms: what the monitors said of it; before: its run, as it is drawn.

    ends: when time is up, by `nnkit.diagnosis.clock`.
    """

    recording: Recording
    symptoms: Sequence[Symptom]
    before: Run
    ends: float
    runs: list[Run] = field(default_factory=list)

    @property
    def program(self) -> Program:
        return self.recording.program

    @property
    def trace(self) -> Trace:
        return self.recording.trace

    @property
    def loop(self) -> LoopAccount:
        return self.recording.loop

    @property
    def inside(self) -> Inside:
        return self.recording.inside

    @property
    def seconds_left(self) -> float:
        return self.ends - clock.now()

    @property
    def attainable(self) -> float:
        return self.trace.attainable if np.isfinite(self.trace.attainable) else 1.0

    @property
    def score(self) -> float:
        """How well it answers at the end."""
        return float(np.nan_to_num(last(self.trace.score), nan=-1.0))

    def has(self, *names: str) -> bool:
        return any(symptom.name in names for symptom in self.symptoms)

    @cached_property
    def inputs(self) -> health.InputHealth:
        """Of the rows as they were fed, and as the network computes with them."""
        x = self.program.x
        if self.recording.fed is not None and self.loop.known + self.loop.test < 0.5:
            x = self.recording.fed[0]
        scale, shift = self.inside.form.inputs if self.inside.form is not None else (1.0, 0.0)
        return health.inputs(x, scale, shift)

    @cached_property
    def targets(self) -> health.TargetHealth:
        y = self.program.y
        if self.recording.fed is not None and self.loop.known + self.loop.test < 0.5:
            y = self.recording.fed[1]
        return health.targets(y)

    @cached_property
    def pairing(self) -> health.Pairing:
        return health.pairing(self.program.x, self.program.y)

    @cached_property
    def start(self) -> list[Array]:
        """[W1, b1, ...] before the first step; empty where it is not known which number is which."""
        return self.inside.standard(self.recording.moments[0].parameters)

    @cached_property
    def rates(self) -> Array:
        rates = np.array(self.loop.rates, dtype=np.float64)
        return np.asarray(rates[np.isfinite(rates)])

    @cached_property
    def batch_size(self) -> int:
        return int(np.median(self.loop.batch_sizes)) if self.loop.batch_sizes else 32

    @property
    def steps(self) -> int | None:
        """How many steps the author's loop does; None where it was not waited for."""
        return None if self.loop.cut else max(1, self.loop.steps)

    def plain_loop(self, rate: Callable[[int], float] | None = None) -> Fit:
        """As many steps as the author's loop does, with batches of the same size at the same rates, and nothing else: each
        epoch all rows once, each with its target, in a new order."""
        rates, size, steps = np.array(self.loop.rates or [0.1]), self.batch_size, self.steps
        total = EPOCHS * -(-len(self.program.x) // self.batch_size) if steps is None else steps

        def fit(network: Any, x: Array, y: Array, seed: int) -> None:
            rng, done = np.random.default_rng(seed), 0
            while done < total:
                order = rng.permutation(len(x))
                for begin in range(0, len(x), size):
                    rows = order[begin : begin + size]
                    given = rates[min(done, len(rates) - 1)] if rate is None else rate(done)
                    network.train_step(x[rows], y[rows], float(given))
                    done += 1
                    if done >= total:
                        break

        return fit
