"""What the hidden units of a network do, worked out from its parameters and conventions alone.

A unit is *dead* where its slope is exactly zero for every case (a ReLU that is always off): no gradient passes it, so it
never changes again. It is *saturated* where every slope is below a hundredth of the largest that its activation has. It
is *straight* where the slope is the same in every case and not zero (a ReLU that is always on): such a unit bends
nothing, and a network of straight units is a network without a hidden layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.conventions import Conventions
from nnkit.diagnosis.formulas import formula
from nnkit.network.activations import softmax

Array = npt.NDArray[Any]
#: (layer, unit), both counted from 1
Unit = tuple[int, int]

#: of the steepest slope that the activation has
SATURATED = 0.01


def hidden_activations(parameters: Sequence[Array], conventions: Conventions, x: Array) -> list[tuple[Array, Array]]:
    """(z, a) of each hidden layer, (n, units) each, in float64."""
    layers, a = [], np.asarray(x, dtype=np.float64)
    f = formula(conventions.hidden)
    for W, b in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
        z = a @ np.asarray(W, dtype=np.float64) + b
        a = f.value(z)
        layers.append((z, a))
    return layers


def unit_slopes(parameters: Sequence[Array], conventions: Conventions, x: Array) -> list[Array]:
    """f'(z) of each hidden layer, (n, units) each."""
    f = formula(conventions.hidden)
    return [f.slope(z) for z, _ in hidden_activations(parameters, conventions, x)]


def dead_units(parameters: Sequence[Array], conventions: Conventions, x: Array) -> list[Unit]:
    """(layer, unit), from 1, of those that let no gradient through for any of the cases."""
    return _where(parameters, conventions, x, lambda slope: slope == 0)


def saturated_units(parameters: Sequence[Array], conventions: Conventions, x: Array) -> list[Unit]:
    """(layer, unit), from 1, of those whose slope is small for every case, but not dead."""
    limit = SATURATED * min(1.0, formula(conventions.hidden).steepest)
    small = _where(parameters, conventions, x, lambda slope: np.abs(slope) < limit)
    dead = set(dead_units(parameters, conventions, x))
    return [unit for unit in small if unit not in dead]


def straight_units(parameters: Sequence[Array], conventions: Conventions, x: Array) -> list[Unit]:
    """(layer, unit), from 1, of those whose slope is the same for every case, and not zero."""
    return _where(parameters, conventions, x, lambda slope: (slope == slope[0]) & (slope != 0))


def _where(parameters: Sequence[Array], conventions: Conventions, x: Array, quiet: Any) -> list[Unit]:
    slopes = unit_slopes(parameters, conventions, x)
    return [
        (layer, int(unit) + 1)
        for layer, slope in enumerate(slopes, start=1)
        for unit in np.flatnonzero(np.all(quiet(slope), axis=0))
    ]


def output_activation(conventions: Conventions, z: Array) -> Array:
    """The output layer's activations (n, d_out) from its weighted inputs."""
    return softmax(z) if conventions.output == "softmax" else formula(conventions.output).value(z)
