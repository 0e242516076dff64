"""scikit-learn's MLPClassifier: `partial_fit` is one epoch with its own shuffling and batches.

It always computes the loss as well, and takes labels.
"""

from __future__ import annotations

from sklearn.neural_network import MLPClassifier  # type: ignore[import-untyped]

from benchmarks.contestant import Contestant
from benchmarks.task import BATCH, LEARNING_RATE, Task


def sklearn_contestant(task: Task, threads: int) -> Contestant:
    model = MLPClassifier(
        hidden_layer_sizes=(task.hidden,), activation="relu", solver="adam" if task.rule == "adam" else "sgd",
        alpha=0.0, batch_size=BATCH, learning_rate_init=LEARNING_RATE[task.rule], momentum=0.9,
        nesterovs_momentum=False, random_state=0,
    )  # fmt: skip
    classes = list(range(10))

    def run(steps: int) -> None:
        n = min(steps * BATCH, len(task.x))
        model.partial_fit(task.x[:n], task.labels[:n], classes=classes)

    return Contestant("scikit-learn", threads, run)
