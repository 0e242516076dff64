"""What was recorded in the course of a training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nnkit.training.callbacks.callback import Callback, Monitor

if TYPE_CHECKING:
    from nnkit.training.loop import Training


@dataclass
class History(Callback):
    """The numbers of steps done, and at each of them the loss (of all that is watched).

    metrics: further numbers of the network to record, as {"accuracy": lambda network: ...}; they are in `values`.
    """

    metrics: Mapping[str, Monitor] = field(default_factory=dict)
    steps: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=dict)
    #: the target was reached, so training stopped early
    reached: bool = False
    #: why training stopped before its steps were done; "" if it did not
    stopped: str = ""

    remembers = ("steps", "loss", "values", "reached", "stopped")

    def on_train_begin(self, training: Training) -> None:
        self.steps, self.loss, self.values = [], [], {name: [] for name in self.metrics}
        self.reached, self.stopped = False, ""

    def on_record(self, training: Training) -> None:
        self.steps.append(training.step)
        self.loss.append(training.loss)
        for name, metric in self.metrics.items():
            self.values[name].append(float(metric(training.network)))
