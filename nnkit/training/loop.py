"""The training loop, for anything with `train_step(x, y, learning_rate)` and `loss(x, y)`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.training import checkpoint
from nnkit.training.callbacks.callback import Callback
from nnkit.training.callbacks.history import History
from nnkit.training.schedules import Schedule

Array = npt.NDArray[Any]


@dataclass
class Place:
    """Where in an epoch a training is: the order of its samples, and how many of them have been given out."""

    order: Array | None = None
    given: int = 0


def minibatches(
    n: int, batch_size: int | None, rng: np.random.Generator, place: Place | None = None
) -> Iterator[slice | Array]:
    """The indices of batch after batch, for ever: every epoch in a new order, each sample once.

    A batch size of None means all samples in their order. What is left over at the end of an epoch makes a smaller
    batch. `place` is kept up to date; with that of another time, the batches go on from there.
    """
    if n < 1 or (batch_size is not None and batch_size < 1):
        raise ValueError(f"expected at least one sample, in batches of at least one; got {n} and {batch_size}")
    place = Place() if place is None else place
    if batch_size is None or batch_size >= n:
        while True:
            place.given = n
            yield slice(None)
    while True:
        if place.order is None or place.given >= n:
            place.order, place.given = rng.permutation(n), 0
        batch = place.order[place.given : place.given + batch_size]
        place.given = min(place.given + batch_size, n)
        yield batch


@dataclass(eq=False)
class Training:
    """A training as it goes on: what callbacks look at, and may change.

    x (n, d_in), y (n, d_out): what it trains on; watched: the x and y whose loss is recorded. step: how many steps are
    done, of `steps`. loss: the one recorded last, NaN before the first. factor: what the rate of the schedule is
    multiplied by.
    """

    network: Any
    x: Array
    y: Array
    watched: tuple[Array, Array]
    steps: int
    schedule: Schedule
    batch_size: int | None
    rng: np.random.Generator
    history: History
    callbacks: Sequence[Callback]
    step: int = 0
    loss: float = float("nan")
    factor: float = 1.0
    place: Place = field(default_factory=Place)

    @property
    def learning_rate(self) -> float:
        """The rate of the step that comes next."""
        return self.schedule(self.step / self.steps) * self.factor

    @property
    def epoch(self) -> int:
        """How many epochs are over: times that each sample was trained on."""
        n = len(self.x)
        return self.step // -(-n // (self.batch_size or n))

    @property
    def stopped(self) -> str:
        """Why it is to end before its steps are done; "" while it is not."""
        return self.history.stopped

    def stop(self, why: str) -> None:
        """End it after this step. The first reason given is the one that counts."""
        self.history.stopped = self.history.stopped or why


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
    callbacks: Sequence[Callback] = (),
    resume: str | Path | None = None,
) -> History:
    """Train for `steps` updates, or until the recorded loss is at most `target_loss`.

    The loss of `watched` (default: all of x, y) is recorded before the first step and after every `record_every`-th. A
    loss that is not finite ends the training, since nothing after it means anything; so does one of more than `give_up`
    times the first. `rng` is needed where there are minibatches.

    A training cannot be halted to change something by hand; `callbacks` are how one steps in (source S4.9): see
    `nnkit.training.callbacks`. `on_step(step)`, called after each step, is the short way to look inside. A `History`
    among the callbacks is the one that is filled and returned.

    resume: the file of a `ModelCheckpoint`. The training goes on from there, and ends at the same weights, bit for bit,
    as if it had never been interrupted: network, data and arguments must be made as they were the first time. Where
    there is no such file yet, it begins at the beginning.
    """
    if batch_size is not None and batch_size < len(x) and rng is None:
        raise ValueError("minibatches are drawn at random: pass rng=np.random.default_rng(seed)")
    history = next((callback for callback in callbacks if isinstance(callback, History)), None)
    if history is None:
        history = History()
        callbacks = (history, *callbacks)
    training = Training(
        network, x, y, (x, y) if watched is None else watched, steps,
        learning_rate if callable(learning_rate) else lambda _: learning_rate,
        batch_size, rng if rng is not None else np.random.default_rng(0), history, callbacks,
    )  # fmt: skip
    schedule, place = training.schedule, training.place
    batches = minibatches(len(x), batch_size, training.rng, place)
    after_step = _hooks(callbacks, "on_step")
    after_record = _hooks(callbacks, "on_record")
    after_epoch = _hooks(callbacks, "on_epoch_end")
    when_settled = _hooks(callbacks, "on_settled")

    def record() -> None:
        """Note the loss, and whether to stop for it."""
        loss = training.loss = float(network.loss(*training.watched))
        for hook in after_record:
            hook(training)
        if target_loss is not None and loss <= target_loss:
            history.reached = True
            training.stop(f"the loss of {loss:.4g} is the target of {target_loss:.4g} or less")
        elif not np.isfinite(loss):
            training.stop(f"the loss is {loss}")
        elif loss > give_up * abs(history.loss[0]):
            training.stop(f"the loss of {loss:.4g} is more than {give_up:g} times the first")

    for hook in _hooks(callbacks, "on_train_begin"):
        hook(training)
    if resume is not None and Path(resume).exists():
        checkpoint.load(resume, training)
    else:
        record()
    for hook in when_settled:
        hook(training)
    while training.step < steps and not history.stopped:
        batch = next(batches)
        rate = schedule(training.step / steps) * training.factor
        network.train_step(_rows(x, batch), _rows(y, batch), rate)
        step = training.step = training.step + 1
        if on_step is not None:
            on_step(step)
        for hook in after_step:
            hook(training)
        if step % record_every == 0 or step == steps or history.stopped:
            record()
        if place.given == len(x):
            for hook in after_epoch:
                hook(training)
        for hook in when_settled:
            hook(training)
    for hook in _hooks(callbacks, "on_train_end"):
        hook(training)
    return history


def _hooks(callbacks: Sequence[Callback], name: str) -> list[Callable[[Training], None]]:
    """Those that do something: a step of a small network takes little longer than a call."""
    return [
        getattr(callback, name)
        for callback in callbacks
        if getattr(type(callback), name) is not getattr(Callback, name)
    ]


def _rows(array: Array, batch: slice | Array) -> Array:
    """array[batch]; where the batch is a list of indices, `take` is the quicker way to say it."""
    return array[batch] if isinstance(batch, slice) else array.take(batch, axis=0)
