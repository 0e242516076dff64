"""Save a training, so that it can go on where it was (sources S4.3, S4.9)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nnkit.atomic import remove_leftovers
from nnkit.training import checkpoint
from nnkit.training.callbacks.callback import Callback, Monitor, watched_value

if TYPE_CHECKING:
    from nnkit.training.loop import Training


class ModelCheckpoint(Callback):
    """Writes the whole training into one file; `train(..., resume=file)` goes on from it, bit for bit.

    every: how many steps lie between two savings; None: an epoch. It is saved before the first step, too, so that what
    cannot be saved is known at once, and after the last. best_only: saved instead whenever the recorded loss, or
    `monitor(network)`, is lower than ever before, for `nnkit.training.checkpoint.restore_network`.

    The file is whole at every moment, whenever the process is killed. What is in it, and what cannot be, says
    `nnkit.training.checkpoint`.
    """

    remembers = ("best", "_due")

    def __init__(
        self, file: str | Path, *, every: int | None = None, best_only: bool = False, monitor: Monitor | None = None
    ) -> None:
        if every is not None and every < 1:
            raise ValueError(f"every is a number of steps from 1 up, or None for an epoch; got {every}")
        self.file, self.every, self.best_only, self.monitor = Path(file), every, best_only, monitor
        self.best = float("inf")
        self._due = False

    def on_train_begin(self, training: Training) -> None:
        self.best, self._due = float("inf"), not self.best_only
        remove_leftovers(self.file)

    def on_step(self, training: Training) -> None:
        if self.every is not None and not self.best_only:
            self._due = training.step % self.every == 0

    def on_record(self, training: Training) -> None:
        if self.best_only:
            value = watched_value(self.monitor, training)
            if value < self.best:
                self.best, self._due = value, True

    def on_epoch_end(self, training: Training) -> None:
        if self.every is None and not self.best_only:
            self._due = True

    def on_settled(self, training: Training) -> None:
        over = training.step == training.steps or training.stopped
        if self._due or (over and not self.best_only):
            self._due = False
            checkpoint.save(self.file, training)
