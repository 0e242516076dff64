"""An activation that nnkit has no name for, measured: the network itself says what it makes of any number.

With the weights of its last layer at zero, a network says what its output activation makes of the biases there. A hidden
unit that is fed z and passed on with a small weight says what the hidden activation makes of z, where the output
activation can be undone. Slopes are differences of that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.formulas import Formula, NotRead, add_formula
from nnkit.diagnosis.layout import write
from nnkit.diagnosis.reading import GRID

Array = npt.NDArray[Any]
Function = Callable[[Array], Array]

#: The values are right to some 1e-14, so a difference over this is right to 1e-8.
STEP = 1e-5
#: how far one-sided slopes may differ where the function is smooth: its curvature times the step, with room
_BEND = 1e-3
#: what a hidden unit is passed on with: it keeps the output where it answers to changes
_WEIGHT = 0.25
_NAME = "own_activation_"
_number = count(1)

#: how to undo an output activation: the weighted input of the first output from all of them, that of the others being 0
_UNDONE: dict[str, Function] = {
    "identity": lambda p: p[:, 0],
    "sigmoid": lambda p: np.log(p[:, 0]) - np.log1p(-p[:, 0]),
    "tanh": lambda p: np.arctanh(p[:, 0]),
    "half_of_1_plus_tanh": lambda p: np.arctanh(2 * p[:, 0] - 1),
    "softmax": lambda p: np.log(p[:, 0]) - np.log(p[:, -1]),
}


def is_own(name: str) -> bool:
    """Whether it is the name of a measured activation."""
    return name.startswith(_NAME)


def measure_output(network: Any, sizes: Sequence[int]) -> str | None:
    """The name, for `formula`, of what the outputs of a network in standard form are of their weighted inputs, each of its
    own; None where there is no such function of one number. The network is left with other parameters."""
    zeros = [np.zeros_like(array) for array in network.parameters()]
    x = np.zeros((1, sizes[0]), zeros[0].dtype)

    def said(z: Array) -> Array:
        zeros[-1] = z
        write(network, zeros)
        return np.array(network.forward(x), dtype=float).reshape(-1)

    def value(z: Array) -> Array:
        rows = np.resize(z.reshape(-1), (-(-z.size // sizes[-1]), sizes[-1]))
        return np.asarray(np.concatenate([said(row) for row in rows])[: z.size].reshape(z.shape))

    if sizes[-1] > 1:  # what the others say must not matter
        for z in GRID[:4]:
            together = said(np.resize(GRID, sizes[-1]))
            together[0], alone = 0, np.resize(GRID, sizes[-1])
            alone[0] = z
            if not np.array_equal(said(alone)[1:], together[1:]):
                return None
    return _known(value, zeros[0].dtype)


def measure_hidden(network: Any, sizes: Sequence[int], output: str) -> str | None:
    """The same of the hidden layer of a network with one, whose outputs have the activation of this name."""
    undone = _UNDONE.get(output)
    if undone is None or len(sizes) != 3:
        return None
    parameters = [np.zeros_like(array) for array in network.parameters()]
    parameters[0][0, 0], parameters[2][0, 0] = 1, _WEIGHT
    write(network, parameters)

    def value(z: Array) -> Array:
        write(network, parameters)
        x = np.zeros((z.size, sizes[0]), parameters[0].dtype)
        x[:, 0] = z.reshape(-1)
        return np.asarray(undone(np.asarray(network.forward(x), dtype=float)) / _WEIGHT).reshape(z.shape)

    return _known(value, parameters[0].dtype)


def _known(value: Function, dtype: Any) -> str | None:
    """A name for this function, if it has values and slopes, and is not the same everywhere."""
    if np.dtype(dtype) != np.float64:
        return None  # a difference of numbers with seven digits says nothing
    seen = value(GRID)
    if not np.isfinite(seen).all() or np.ptp(seen) == 0:
        return None

    def slope(z: Array) -> Array:
        below, here, above = value(np.stack([z - STEP, z, z + STEP]))
        left, right = (here - below) / STEP, (above - here) / STEP
        if not np.allclose(left, right, rtol=_BEND, atol=_BEND):
            raise ValueError("a kink of an activation of its own")
        return np.asarray((above - below) / (2 * STEP))

    def exact(z: Any) -> Any:
        raise NotRead("its activation function")

    return add_formula(Formula(f"{_NAME}{next(_number)}", value, slope, exact, np.inf))
