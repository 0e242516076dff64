"""Stop when it gets no better, and keep the best that there was (source S4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nnkit.gradients import Parameters
from nnkit.training.callbacks.callback import Callback, Monitor, watched_value

if TYPE_CHECKING:
    from nnkit.training.loop import Training


class EarlyStopping(Callback):
    """Ends the training when more than `patience` recorded values in a row were no improvement.

    The value is the recorded loss (of `watched`: give `train` data held out for it), or `monitor(network)`, which is
    to fall. An improvement is a value below the best so far by more than `min_delta`; what is not a number is none.
    restore_best: however the training ends, the network gets back the parameters that it had at the best value. The
    update rule keeps its state.
    """

    remembers = ("best", "best_step", "waited", "parameters")

    def __init__(
        self, patience: int = 10, *, monitor: Monitor | None = None, min_delta: float = 0.0, restore_best: bool = True
    ) -> None:
        if patience < 0 or not min_delta >= 0:
            raise ValueError(f"patience and min_delta are numbers from 0 up; got {patience} and {min_delta}")
        self.patience, self.monitor, self.min_delta, self.restore_best = patience, monitor, min_delta, restore_best
        self._forget()

    def _forget(self) -> None:
        #: the best value so far, and the step it was recorded at
        self.best, self.best_step = float("inf"), 0
        #: how many values in a row were no improvement
        self.waited = 0
        #: the parameters then, as a flat vector
        self.parameters: npt.NDArray[Any] | None = None

    def on_train_begin(self, training: Training) -> None:
        self._forget()

    def on_record(self, training: Training) -> None:
        value = watched_value(self.monitor, training)
        if np.isfinite(value) and value < self.best - self.min_delta:
            self.best, self.best_step, self.waited = value, training.step, 0
            if self.restore_best:
                self.parameters = Parameters(training.network).read()
            return
        self.waited += 1
        if self.waited > self.patience:
            training.stop(f"no improvement on {self.best:.4g} since step {self.best_step}")

    def on_train_end(self, training: Training) -> None:
        if self.parameters is not None and self.best_step < training.step:
            Parameters(training.network).write(self.parameters)
