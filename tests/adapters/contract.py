"""What every adapter must keep, whatever the framework below it."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnkit.diagnosis import get_parameters, set_parameters
from nnkit.training import Callback, ModelCheckpoint, train

EXAMPLES = Path(__file__).parents[2] / "examples"
# Sizes and numbers of rows are pairwise distinct, so that a transposition raises. One row is all zero.
SIZES = (4, 3, 2)
X = np.vstack([np.random.default_rng(0).normal(size=(6, 4)), np.zeros((1, 4))])
CLASSES = np.array([0, 1, 1, 0, 1, 1, 1])
ONE_HOT = np.eye(2)[CLASSES]
BINARY = CLASSES[:, None].astype(float)


def example(name: str) -> Any:
    """The `build` of an example."""
    return runpy.run_path(str(EXAMPLES / f"{name}.py"))["build"]


def changes(network: Any, x: Any, y: Any, rate: float) -> list[Any]:
    """What one train_step adds to each parameter."""
    before = get_parameters(network)
    network.train_step(x, y, rate)
    return [now - then for now, then in zip(network.parameters(), before, strict=True)]


def assert_keeps_contract(network: Any, x: Any, y: Any, dtype: str) -> None:
    """Shapes and float types, parameters that are live, gradients that are fresh, calls that leave no trace."""
    start = get_parameters(network)
    assert {array.dtype.name for array in start} == {dtype}
    inputs, targets = x.copy(), y.copy()
    out, loss, gradients = network.forward(x), network.loss(x, y), network.gradients(x, y)
    assert out.shape == y.shape and out.dtype == dtype
    assert np.ndim(loss) == 0 and np.isfinite(loss)
    assert [g.shape for g in gradients] == [p.shape for p in start]
    assert all(g.dtype == dtype for g in gradients)

    for gradient in gradients:
        gradient[...] = 7.0
    assert not any((g == 7.0).all() for g in network.gradients(x, y))
    assert network.loss(x, y) == loss
    assert all(np.array_equal(p, q) for p, q in zip(network.parameters(), start, strict=True))
    assert np.array_equal(x, inputs) and np.array_equal(y, targets)

    # The last bias moves all outputs by as much, or not at all: it is written to, and the network must notice.
    moved = [*start[:-1], start[-1] + 0.5]
    set_parameters(network, moved)
    assert all(np.array_equal(p, q) for p, q in zip(network.parameters(), moved, strict=True))
    assert not np.array_equal(network.forward(x), out)
    set_parameters(network, start)
    assert np.array_equal(network.forward(x), out) and network.loss(x, y) == loss


def assert_descends(network: Any, x: Any, y: Any, rate: float) -> None:
    """One train_step of plain gradient descent is -rate times the gradient, to some roundings of the parameters."""
    dtype = network.parameters()[0].dtype
    start, gradients = get_parameters(network), network.gradients(x, y)
    for change, gradient, p in zip(changes(network, x, y, rate), gradients, start, strict=True):
        slack = 4 * np.finfo(dtype).eps * (np.abs(p).max() + rate * np.abs(gradient).max())
        np.testing.assert_allclose(change, -rate * gradient, rtol=0, atol=slack)


class Interrupted(Exception):
    """What ends the first half of a training that is to be resumed."""


class Interrupt(Callback):
    def __init__(self, step: int | None) -> None:
        self.step = step

    def on_settled(self, training: Any) -> None:
        if training.step == self.step:
            raise Interrupted


def assert_resumes(build: Any, y: Any, file: Path) -> None:
    """From a checkpoint, a network newly built ends where one ends that was not interrupted, bit for bit."""

    def run(interrupt: int | None, file: Path | None) -> Any:
        network = build()
        callbacks = [ModelCheckpoint(file, every=2), Interrupt(interrupt)] if file else []
        train(network, X, y, steps=9, learning_rate=0.1, callbacks=callbacks, resume=file)
        return network

    with pytest.raises(Interrupted):
        run(5, file)
    for resumed, whole in zip(run(None, file).parameters(), run(None, None).parameters(), strict=True):
        assert resumed.tobytes() == whole.tobytes()
