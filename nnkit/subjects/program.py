"""A training program: what is trained, on what, and how, so that nnkit can watch it, change one thing, and run it again.

    SIZES = (64, 30, 10)

    def build(sizes, seed): ...          the network, by its five methods, as for the ladder
    def data(): ...                      (x, y) or (x, y, x_test, y_test), as the network is to get them
    def fit(network, x, y): ...          the training loop, which calls network.train_step(xb, yb, learning_rate)

In place of `fit`, the constants LEARNING_RATE (a number, or a function of the epoch, from 0), BATCH_SIZE and EPOCHS do.
`accuracy(outputs, y)`, where the author has one, is the author's own measure of success. `seed` may be an argument of
`data` and of `fit`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Program:
    """One training. To change one thing in it is `dataclasses.replace`.

    build(sizes, seed): a fresh network. x (n, d_in), y (n, d_out): what it is trained on; x_test, y_test: what it is
    tried on, None where there is nothing. fit(network, x, y, seed): the loop; `network` may be a proxy that watches it.
    own_loop: whether the author wrote it; else learning_rate, batch_size and epochs say what it does.
    accuracy(outputs, y): the author's own measure, None where there is none. file: where it was written.
    """

    build: Callable[[tuple[int, ...], int], Any]
    sizes: tuple[int, ...]
    x: Array
    y: Array
    fit: Callable[[Any, Array, Array, int], None]
    x_test: Array | None = None
    y_test: Array | None = None
    own_loop: bool = False
    learning_rate: float | Callable[[int], float] | None = None
    batch_size: int | None = None
    epochs: int | None = None
    accuracy: Callable[[Array, Array], float] | None = None
    name: str = ""
    file: Path | None = None
    seed: int = 0

    def network(self) -> Any:
        """A fresh one, from this program's seed."""
        return self.build(self.sizes, self.seed)


def plain_fit(
    learning_rate: float | Callable[[int], float], batch_size: int | None, epochs: int
) -> Callable[[Any, Array, Array, int], None]:
    """The loop as everybody means it: every epoch all samples, once each, in a new order; rate by the epoch, from 0."""
    from nnkit.training.loop import minibatches

    def fit(network: Any, x: Array, y: Array, seed: int) -> None:
        batches = minibatches(len(x), batch_size, np.random.default_rng(seed))
        for epoch in range(epochs):
            rate = learning_rate(epoch) if callable(learning_rate) else learning_rate
            for _ in range(-(-len(x) // (batch_size or len(x)))):
                batch = next(batches)
                network.train_step(x[batch], y[batch], rate)

    return fit
