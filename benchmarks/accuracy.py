"""How long until 98 % of the test images are named rightly: nnkit and PyTorch from the same weights, on one thread.

Momentum 0.9, batch 128, rate 0.2 at its peak, warm-up then cosine over six epochs. The network has 256 hidden units,
because one with 128 ends so near to 98 % that chance would decide. Only training is timed, not the looking after each
epoch.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.task import BATCH
from nnkit.datasets import Dataset, one_hot
from nnkit.subjects.shared import build
from nnkit.training import train, warm_up_then_cosine

SIZES = (784, 256, 10)
TARGET = 0.98
EPOCHS = 6
PEAK = 0.2

#: seconds of training until the target was reached, None where it never was; epochs begun; accuracy at the end
Outcome = tuple[float | None, int, float]


class _Clock:
    """Runs while the network trains; `look` stops it, asks for the accuracy, and lets it run again."""

    def __init__(self, accuracy: Callable[[], float]) -> None:
        self._accuracy = accuracy
        self._seconds, self._since = 0.0, time.perf_counter()
        self._epochs = 0
        self.outcome: Outcome = (None, 0, 0.0)

    def look(self) -> None:
        self._seconds += time.perf_counter() - self._since
        self._epochs += 1
        reached, epochs, _ = self.outcome
        accuracy = self._accuracy()
        if reached is None:
            epochs, reached = self._epochs, self._seconds if accuracy >= TARGET else None
        self.outcome = (reached, epochs, accuracy)
        self._since = time.perf_counter()


def nnkit_to_target(data: Dataset, seed: int) -> Outcome:
    network, y = build(SIZES, seed, "float32", optimiser="momentum"), one_hot(data.labels_train, dtype=np.float32)
    clock = _Clock(lambda: float((network.forward(data.x_test).argmax(axis=1) == data.labels_test).mean()))
    per_epoch = -(-len(y) // BATCH)

    def on_step(step: int) -> None:
        if step % per_epoch == 0:
            clock.look()

    with threadpool_limits(1):
        train(
            network, data.x_train, y, steps=EPOCHS * per_epoch, learning_rate=warm_up_then_cosine(PEAK),
            batch_size=BATCH, rng=np.random.default_rng(seed), record_every=EPOCHS * per_epoch,
            watched=(data.x_train[:BATCH], y[:BATCH]), on_step=on_step,
        )  # fmt: skip
    return clock.outcome


def torch_to_target(data: Dataset, seed: int, build_of_optimiser: str) -> Outcome:
    import torch

    from benchmarks.with_torch import module, optimiser, train_epoch

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    model = module(SIZES)
    with torch.no_grad():
        for tensor, start in zip(model.parameters(), build(SIZES, seed, "float32").parameters(), strict=True):
            tensor.copy_(torch.from_numpy(np.ascontiguousarray(start.T)))
    rule = optimiser(model, "momentum", build_of_optimiser)
    arrays: list[Any] = [data.x_train, data.labels_train, data.x_test, data.labels_test]
    x, labels, x_test, labels_test = map(torch.from_numpy, arrays)

    def accuracy() -> float:
        with torch.no_grad():
            return float((model(x_test).argmax(dim=1) == labels_test).float().mean())

    schedule, per_epoch = warm_up_then_cosine(PEAK), -(-len(x) // BATCH)
    clock = _Clock(accuracy)
    for epoch in range(EPOCHS):

        def rate(step: int, before: int = epoch * per_epoch) -> float:
            return schedule((before + step) / (EPOCHS * per_epoch))

        train_epoch(model, rule, x, labels, per_epoch, rate)
        clock.look()
    return clock.outcome


def runners(with_torch: str | None) -> dict[str, Callable[[Dataset, int], Outcome]]:
    """Name to what trains a network; `with_torch` is the build of PyTorch's optimiser, None where it is missing."""
    found: dict[str, Callable[[Dataset, int], Outcome]] = {"nnkit": nnkit_to_target}
    if with_torch is not None:
        found[f"PyTorch {with_torch}"] = partial(torch_to_target, build_of_optimiser=with_torch)
    return found
