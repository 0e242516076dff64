"""Experiments: fresh random networks of one kind, fresh random data, and everything that they say about it.

Each of the m experiments has parameters of its own and a batch of n samples of its own, so that one formula over arrays
with m in front replays them all. With n = 1 nothing is summed over samples: the gradient of a bias is the delta itself,
and that of a weight matrix has rank one. That is what lets a wrong gradient be taken apart, operation by operation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.layout import write

Array = npt.NDArray[Any]

#: Two computations of one number differ by some roundings of what enters it; wrong ones differ by a per cent and more.
#: The entries compared are some tens of random numbers, so that none agree to within this by chance.
ROUNDINGS = 3e4
#: Slopes that differ by less than this share of the largest train as well: what people take from differences of the
#: loss does. Such a difference may have a known cause; that it has none is no finding.
SLIGHT = 1e-7


@dataclass(frozen=True)
class Experiments:
    """What networks of `sizes` said: x (m, n, sizes[0]), y (m, n, sizes[-1]); weights, biases: one array per layer,
    (m, d_in, d_out) and (m, d_out). Answers are NaN where the network raised or gave another shape.

    outputs (m, n, k), losses (m,), weight_gradients and bias_gradients as weights and biases.
    """

    sizes: tuple[int, ...]
    x: Array
    y: Array
    weights: list[Array]
    biases: list[Array]
    outputs: Array
    losses: Array
    weight_gradients: list[Array]
    bias_gradients: list[Array]
    eps: float
    #: the weights as they were when the network was built, (1, d_in, d_out)
    initial: list[Array]

    @property
    def layers(self) -> int:
        return len(self.weights)

    @property
    def samples(self) -> int:
        return int(self.x.shape[1])

    @cached_property
    def gradients_said(self) -> bool:
        """Whether gradients() gave numbers at all."""
        return all(np.isfinite(g).all() for g in (*self.weight_gradients, *self.bias_gradients))

    def same(self, a: Array, b: Array) -> bool:
        """Whether the arrays are the same computation, of numbers of the size of those in b."""
        return distance(a, b) <= ROUNDINGS * self.eps


def distance(a: Array, b: Array) -> float:
    """The largest difference, in units of the largest of the numbers; infinite where shapes differ or a number is none."""
    if a.shape != b.shape or not a.size:
        return np.inf
    difference = np.abs(a - b)
    largest = max(float(np.abs(b).max()), float(np.abs(a).max()))
    if not np.isfinite(difference).all():
        return np.inf
    return float(difference.max()) / largest if largest > 0 else 0.0


def perform(
    build: Callable[[int], Any], sizes: Sequence[int], n: int, m: int, key: int = 0, positive: bool = False
) -> Experiments:
    """Ask networks in standard form, `build(seed)`, about m batches of n samples, each with parameters of its own.

    positive: inputs from 0 to 1, as most people's are, in place of both signs.
    """
    rng = np.random.default_rng([len(sizes), n, m, key])
    network = build(0)
    kinds = [np.asarray(array).dtype for array in network.parameters()]
    dtype = kinds[0] if kinds and kinds[0].kind == "f" else np.dtype(np.float64)
    k = sizes[-1]
    x = rng.uniform(0.05 if positive else -1.0, 1.0, (m, n, sizes[0])).astype(dtype)
    classes = rng.integers(0, max(k, 2), (m, n))
    y = np.eye(k)[classes] if k > 1 else classes[..., None].astype(float)
    initial = [np.array(array, float)[None] for array in network.parameters()][::2]
    thetas, answers = [], []
    for i in range(m):
        theta = [_moderate(rng, np.shape(array), dtype) for array in network.parameters()]
        write(network, theta)
        thetas.append(theta)
        answers.append(_answers(network, x[i], y[i].astype(dtype), theta))
    parameters = [np.array(arrays, dtype=float) for arrays in zip(*thetas, strict=True)]
    outputs, losses, gradients = zip(*answers, strict=True)
    stacked = [np.array(arrays, dtype=float) for arrays in zip(*gradients, strict=True)]
    return Experiments(
        tuple(sizes), x.astype(float), y, parameters[::2], parameters[1::2], np.array(outputs), np.array(losses),
        stacked[::2], stacked[1::2], float(np.finfo(dtype).eps), initial,
    )  # fmt: skip


def measured_output_deltas(build: Callable[[int], Any], seen: Experiments) -> Array:
    """dL/dz of the output layer (m, n, k) of single samples, where the loss has no formula: differences of the loss itself,
    along the biases of that layer. Right to about the square of the step, 1e-7 in float64."""
    network = build(0)
    dtype = np.asarray(network.parameters()[0]).dtype
    step = float(np.finfo(dtype).eps) ** (1 / 3)
    deltas = np.full(seen.outputs.shape, np.nan)
    for i in range(len(seen.x)):
        theta = [a[i].astype(dtype) for pair in zip(seen.weights, seen.biases, strict=True) for a in pair]
        x, y = seen.x[i].astype(dtype), seen.y[i].astype(dtype)
        for k in range(seen.outputs.shape[-1]):
            sides = []
            for sign in (1, -1):
                moved = [*theta[:-1], theta[-1].copy()]
                moved[-1][k] += sign * step
                write(network, moved)
                sides.append(float(np.asarray(network.loss(x, y)).reshape(())))
            deltas[i, 0, k] = (sides[0] - sides[1]) / (2 * step)
    return deltas


def _moderate(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> Array:
    """Such numbers, and no larger than that nothing saturates, however many inputs a unit has."""
    inputs = shape[0] if len(shape) == 2 else 1
    size = min(1.0, 2.0 / np.sqrt(inputs))
    return np.asarray(size * away_from_zero(rng, shape, np.float64), dtype=dtype)


def away_from_zero(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any, largest: float = 0.9) -> Array:
    """Numbers of both signs, none of them near zero: nothing that is made of them is too small to be seen."""
    return np.asarray(rng.choice([-1.0, 1.0], shape) * rng.uniform(0.2, largest, shape), dtype=dtype)


def _answers(network: Any, x: Array, y: Array, theta: Sequence[Array]) -> tuple[Array, float, list[Array]]:
    """Outputs, loss and gradients; NaN for what raised. Copies are handed in: some networks write into what they get."""
    nothing = [np.full(array.shape, np.nan) for array in theta]
    outputs = _tried(lambda: np.array(network.forward(x.copy()), float), np.full(y.shape, np.nan))
    if outputs.shape != y.shape:
        outputs = np.full(y.shape, np.nan)
    loss = _tried(lambda: float(np.asarray(network.loss(x.copy(), y.copy())).reshape(())), np.nan)
    gradients = _tried(lambda: [np.array(g, float) for g in network.gradients(x.copy(), y.copy())], nothing)
    if [g.shape for g in gradients] != [array.shape for array in theta]:
        gradients = nothing
    return outputs, loss, gradients


def _tried(ask: Callable[[], Any], otherwise: Any) -> Any:
    try:
        with np.errstate(all="ignore"):
            return ask()
    except Exception:  # what raises is told by the check that it raised in
        return otherwise
