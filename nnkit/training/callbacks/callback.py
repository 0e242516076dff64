"""What a callback is: something that is told how a training goes, and may step in.

A callback overrides the hooks it needs; each is given the `Training`, whose `stop`, `factor` and network it may use:

    class Stopwatch(Callback):
        def on_step(self, training):
            if time.monotonic() > self.end:
                training.stop("time is up")
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnkit.training.loop import Training

#: a number of the network that is to fall, such as its loss on other data, or minus its accuracy
Monitor = Callable[[Any], float]


class Callback:
    """Hooks that do nothing. After a step they come in the order in which they stand here."""

    #: the attributes that change in the course of a training: what a checkpoint keeps of this callback
    remembers: tuple[str, ...] = ()

    def on_train_begin(self, training: Training) -> None:
        """Before the first step: forget earlier trainings. One that is resumed gets its memory back after this."""

    def on_step(self, training: Training) -> None:
        """After each update."""

    def on_record(self, training: Training) -> None:
        """Whenever `training.loss` was recorded: before the first step too, and after the last one."""

    def on_epoch_end(self, training: Training) -> None:
        """When each sample was trained on once more; without minibatches that is every step."""

    def on_settled(self, training: Training) -> None:
        """When everything else of a step has happened, for every callback: the moment to save, and to change nothing.

        Also before the first step, and after going on from a checkpoint.
        """

    def on_train_end(self, training: Training) -> None:
        """After the last step, whatever ended the training, unless it was an exception."""

    def get_state(self) -> dict[str, Any]:
        """What `set_state` needs to make a new callback go on as this one would."""
        return {name: getattr(self, name) for name in self.remembers}

    def set_state(self, state: dict[str, Any]) -> None:
        """Take over the state of another one, of an earlier process as a rule."""
        for name, value in state.items():
            setattr(self, name, value)


def watched_value(monitor: Monitor | None, training: Training) -> float:
    """What a callback goes by: its monitor's number, or the loss that was just recorded."""
    return training.loss if monitor is None else float(monitor(training.network))
