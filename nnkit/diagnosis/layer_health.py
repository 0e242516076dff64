"""The health of weights, as numbers: how they are spread, what goes through them, and how fast they change.

Draw what happens in training: weights should look like those of networks that work (source S3.7), their updates be small
beside them (source S4.6), and the first loss be that of somebody who knows nothing. Here is what there is to draw, layer
by layer, for monitors, pages and event files alike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.conventions import Conventions
from nnkit.diagnosis.hidden_units import output_activation
from nnkit.diagnosis.loss_levels import blind_loss
from nnkit.diagnosis.reading import standard_losses
from nnkit.diagnosis.start import MODERATE
from nnkit.diagnosis.update_size import update_ratios

Array = npt.NDArray[Any]

BINS = 40


@dataclass(frozen=True, eq=False)
class Histogram:
    """counts (bins,) between edges (bins + 1,), and how many numbers are NaN or infinite and in no bin."""

    counts: Array
    edges: Array
    not_finite: int = 0


def histogram(values: Array, *, edges: Array | None = None) -> Histogram:
    """Of all the numbers of an array, in `BINS` bins from the smallest to the largest, or between `edges`."""
    values = np.asarray(values, dtype=np.float64).ravel()
    finite = values[np.isfinite(values)]
    if edges is None:
        edges = common_edges([finite])
    return Histogram(np.histogram(finite, edges)[0], edges, len(values) - len(finite))


def common_edges(arrays: Sequence[Array], *, around_zero: bool = False) -> Array:
    """The edges of `BINS` bins that hold all finite numbers of these arrays; around_zero: as far to either side."""
    values = np.concatenate([np.asarray(array, dtype=np.float64).ravel() for array in arrays])
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    if around_zero:
        low, high = -max(-low, high), max(-low, high)
    if high - low < 4 * BINS * np.spacing(max(abs(low), abs(high))):  # all alike, but for roundings
        middle, half = (low + high) / 2, max(0.5, 1e-3 * abs(high))
        low, high = middle - half, middle + half
    return np.linspace(low, high, BINS + 1)


@dataclass(frozen=True, eq=False)
class LayerHealth:
    """One layer at one moment; layer: from 1. What was not given is None, or NaN.

    weights, gradient: of W, the biases left out, since they start at zero. weighted_inputs, activations: over units and
    samples. gradient_ratio, update_ratio: the norm of W's gradient, and of the change of W by one update, beside the norm
    of W (the former times the rate is the latter under plain descent).
    """

    layer: int
    weights: Histogram
    gradient: Histogram | None = None
    weighted_inputs: Histogram | None = None
    activations: Histogram | None = None
    gradient_ratio: float = math.nan
    update_ratio: float = math.nan


def layer_health(
    parameters: Sequence[Array],
    *,
    gradients: Sequence[Array] | None = None,
    inner: Sequence[tuple[Array, Array]] = (),
    before: Sequence[Array] | None = None,
) -> list[LayerHealth]:
    """All layers of a network in standard form: parameters, and with them gradients, are [W1, b1, W2, b2, ...].

    inner: (z, a) of the layers, from the first, as far as they are known (`hidden_units.hidden_activations` gives those of
    the hidden ones). before: the parameters one update earlier.
    """
    weights = parameters[::2]
    slopes: Sequence[Array | None] = [None] * len(weights) if gradients is None else gradients[::2]
    ratios = [math.nan] * len(weights) if before is None else update_ratios(before, parameters)
    layers = []
    for index, (W, slope, ratio) in enumerate(zip(weights, slopes, ratios, strict=True)):
        z, a = inner[index] if index < len(inner) else (None, None)
        size = float(np.linalg.norm(W))
        layers.append(
            LayerHealth(
                index + 1,
                histogram(W),
                None if slope is None else histogram(slope),
                None if z is None else histogram(z),
                None if a is None else histogram(a),
                math.nan if slope is None else float(np.linalg.norm(slope)) / (size or 1.0),
                ratio,
            )
        )
    return layers


@dataclass(frozen=True)
class FirstLoss:
    """The loss before the first step, beside two landmarks, all of k classes.

    guess: of saying 1/k to everything, ln k for softmax with cross-entropy. careless: the mean where the last layer's z
    are random numbers of size `MODERATE`: who is above it, is sure of wrong answers before having seen anything.
    """

    loss: float
    guess: float
    careless: float

    @property
    def moderate(self) -> bool:
        return self.loss <= self.careless


def first_loss(loss: float, conventions: Conventions, k: int = 10) -> FirstLoss:
    """The landmarks for a network with these conventions; `loss`: in the units of its standard formula, no penalty in it.

    `careless` is inf or NaN where output and loss do not go together, so that most such losses are no numbers. Raises
    NotRead where the formula of the output or of the loss is not known.
    """
    rng = np.random.default_rng(0)
    z = rng.normal(0.0, MODERATE, (20_000, k))
    y = np.eye(k)[rng.integers(0, k, len(z))]
    careless = standard_losses(conventions.loss, output_activation(conventions, z), y)
    return FirstLoss(loss, blind_loss(conventions.loss, k), float(careless.mean()))
