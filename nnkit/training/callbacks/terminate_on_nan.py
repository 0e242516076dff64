"""Stop at the first step that leaves a number that is none (sources S4.3, S3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnkit.training.callbacks.callback import Callback

if TYPE_CHECKING:
    from nnkit.training.loop import Training


class TerminateOnNaN(Callback):
    """Looks at all parameters after each step, and ends the training where one is NaN or infinite.

    A recorded loss that is not finite ends every training; this one does not wait for the next record. Within the first
    hundred steps it means that the rate is too high: divide it by 3 until it does not happen (source S3.2;
    `nnkit.training.divide_by_3` does that).
    """

    remembers = ("step", "parameter")

    def __init__(self) -> None:
        #: the step that made it, and which of parameters() it is in; None where all went well
        self.step: int | None = None
        self.parameter: int | None = None

    def on_train_begin(self, training: Training) -> None:
        self.step = self.parameter = None

    def on_step(self, training: Training) -> None:
        for k, array in enumerate(training.network.parameters()):
            # The sum, the quicker question, is finite only if all its terms are; but it may also overflow by itself.
            with np.errstate(all="ignore"):
                total = np.sum(array)
            if not np.isfinite(total) and not np.isfinite(array).all():
                self.step, self.parameter = training.step, k
                training.stop(f"step {training.step} left a number that is not finite in parameters()[{k}]")
                return
