"""The training loop, for anything with `train_step(x, y, learning_rate)` and `loss(x, y)`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.training.schedules import Schedule

Array = npt.NDArray[Any]


@dataclass
class History:
    """What was recorded on the way: the numbers of steps done, and the loss (of all that is watched) at each."""

    steps: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    #: the target was reached, so training stopped early
    reached: bool = False


def minibatches(n: int, batch_size: int | None, rng: np.random.Generator) -> Iterator[slice | Array]:
    """The indices of batch after batch, for ever: every epoch in a new order, each sample once.

    A batch size of None means all samples in their order. What is left over at the end of an epoch makes a smaller
    batch.
    """
    if n < 1 or (batch_size is not None and batch_size < 1):
        raise ValueError(f"expected at least one sample, in batches of at least one; got {n} and {batch_size}")
    if batch_size is None or batch_size >= n:
        while True:
            yield slice(None)
    while True:
        order = rng.permutation(n)
        for start in range(0, n, batch_size):
            yield order[start : start + batch_size]


def train(
    network: Any,
    x: Array,
    y: Array,
    *,
    steps: int,
    learning_rate: float | Schedule,
    batch_size: int | None = None,
    rng: np.random.Generator | None = None,
    record_every: int = 1,
    target_loss: float | None = None,
    watched: tuple[Array, Array] | None = None,
    give_up: float = float("inf"),
    on_step: Callable[[int], None] | None = None,
) -> History:
    """Train for `steps` updates, or until the recorded loss is at most `target_loss`.

    The loss of `watched` (default: all of x, y) is recorded before the first step and after every `record_every`-th. A
    loss that is not finite ends the training, since nothing after it means anything; so does one of more than `give_up`
    times the first. `on_step(step)` is called after each step (for a progress bar, or to look inside). `rng` is needed
    where there are minibatches.
    """
    rate: Schedule = learning_rate if callable(learning_rate) else lambda _: learning_rate
    if batch_size is not None and batch_size < len(x) and rng is None:
        raise ValueError("minibatches are drawn at random: pass rng=np.random.default_rng(seed)")
    batches = minibatches(len(x), batch_size, rng if rng is not None else np.random.default_rng(0))
    history = History()
    watched = (x, y) if watched is None else watched

    def record(step: int) -> bool:
        """Note the loss; whether to stop."""
        loss = float(network.loss(*watched))
        history.steps.append(step)
        history.loss.append(loss)
        history.reached = target_loss is not None and loss <= target_loss
        return history.reached or not np.isfinite(loss) or loss > give_up * abs(history.loss[0])

    if record(0):
        return history
    for step in range(1, steps + 1):
        batch = next(batches)
        network.train_step(_rows(x, batch), _rows(y, batch), rate((step - 1) / steps))
        if on_step is not None:
            on_step(step)
        if (step % record_every == 0 or step == steps) and record(step):
            break
    return history


def _rows(array: Array, batch: slice | Array) -> Array:
    """array[batch]; where the batch is a list of indices, `take` is the quicker way to say it."""
    return array[batch] if isinstance(batch, slice) else array.take(batch, axis=0)
