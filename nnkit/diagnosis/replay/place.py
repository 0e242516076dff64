"""Where does a forward pass go wrong that no known fault explains? In the first layer that is seen not to compute f(a W + b).

A layer cannot be looked at from outside, but it can be asked the same thing in two ways. Two parameters that give it the
same weighted inputs must give the network the same outputs, whatever the layers above make of them. So, going up:

    W + N with a N = 0, in the place of W:         holds if W is used rightly, and the activations a below are what they seem
    W + R with equal column sums, equal inputs:    holds if W is used rightly, whatever the activation below is
    W + R and b - a R, in the place of W and b:    holds if b is used rightly, too
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.formulas import UNREAD, known_names
from nnkit.diagnosis.layout import write
from nnkit.diagnosis.replay.experiments import away_from_zero, distance
from nnkit.diagnosis.replay.finding import UNKNOWN, Finding, in_numbers
from nnkit.diagnosis.replay.forward import activate

Array = npt.NDArray[Any]
#: outputs that should be the same
Pair = tuple[Array, Array]

#: what is wrong changes outputs by a per cent and more; roundings of float32, grown in some layers, by less than this
_LIMIT = 1e-4
#: random networks that must all pass; a unit of ReLU that is off hides what is wrong with it in some of them
DRAWS = 4


@dataclass(frozen=True)
class _Drawn:
    """A random network and a batch: theta [W1, b1, ...], x (n, d). a: activations as they should be, a[0] = x; up to where
    the names are known."""

    network: Any
    theta: list[Array]
    x: Array
    a: list[Array]
    rng: np.random.Generator

    def outputs(self, changed: Mapping[int, Array] = MappingProxyType({})) -> Array:
        """With these arrays in the place of those of theta."""
        write(self.network, [changed.get(k, array).astype(array.dtype) for k, array in enumerate(self.theta)])
        return np.array(self.network.forward(self.x.copy()), dtype=float)

    def random(self, k: int) -> Array:
        return away_from_zero(self.rng, self.theta[k].shape, self.theta[k].dtype)


def first_wrong(network: Any, sizes: Sequence[int], names: Sequence[str]) -> Finding | None:
    """The finding that some layer is wrong, the first that is seen to be; None where none is.

    network: in standard form; batches are looked at where all layers below the output are wider than two. names: of the
    activations, UNREAD where they are not known.
    """
    if UNREAD in names[:-1]:
        return _with_some_activation(network, sizes, names)
    layers = len(sizes) - 1
    for n in (1, 2) if min(sizes[:-1]) > 2 else (1,):
        drawn = [_drawn(network, sizes, names, n, key) for key in range(DRAWS)]
        if all(
            np.ptp([one.outputs(), *(one.outputs({k: one.random(k)}) for k in range(2 * layers))]) == 0 for one in drawn
        ):
            words = f"outputs {'for one sample' if n == 1 else 'of a batch'} are always the same"
            return (
                _finding(layers, None, (drawn[0].outputs(), drawn[0].a[-1]), words)
                if len(drawn[0].a) > layers
                else None
            )
        for layer in range(1, layers + 1):
            if found := _of_layer(drawn, layer, names):
                return found
        if len(drawn[0].a) > layers:
            outputs = _differing([(one.outputs(), one.a[-1]) for one in drawn])
            if outputs:
                words = f"its inputs are right, and its outputs {'' if n == 1 else 'of a batch '}are not"
                return _finding(layers, None, outputs, words)
    return None


def _with_some_activation(network: Any, sizes: Sequence[int], names: Sequence[str]) -> Finding | None:
    """The same, where any known activation may be that of the hidden layers. What an activation of one's own explains is no
    fault: so it must be one with which all hidden layers are right up to the place."""
    for name in known_names():
        completed = [name if one == UNREAD else one for one in names]
        found = first_wrong(network, sizes, completed)
        if found and found.parameter and (found.layer or 0) > 1:
            return found
    return None


def _drawn(network: Any, sizes: Sequence[int], names: Sequence[str], n: int, key: int) -> _Drawn:
    rng = np.random.default_rng([n, key])
    theta = [away_from_zero(rng, array.shape, array.dtype) for array in network.parameters()]
    x = away_from_zero(rng, (n, sizes[0]), theta[0].dtype)
    a = [x]
    for W, b, name in zip(theta[::2], theta[1::2], names, strict=True):
        if name == UNREAD:
            break
        a.append(activate(name, a[-1] @ W + b))
    return _Drawn(network, theta, x, a, rng)


def _of_layer(drawn: Sequence[_Drawn], layer: int, names: Sequence[str]) -> Finding | None:
    W, b = f"W{layer}", f"b{layer}"
    for k, name in ((2 * layer - 2, W), (2 * layer - 1, b)):
        pairs = [(one.outputs(), one.outputs({k: one.random(k)})) for one in drawn]
        if all(_same(*pair) for pair in pairs):
            return _finding(layer, name, pairs[0], f"outputs do not depend on {name}")
    sums = _differing([_with_equal_sums(one, layer) for one in drawn]) if layer > 1 else None
    if len(drawn[0].a) < layer:  # what should come in is not known
        words = f"outputs change with {W} where all that comes in is equal, and the columns of {W} keep their sums"
        return _finding(layer, W, sums, words) if sums else None
    if wrong := _differing([_without_effect(one, layer) for one in drawn]):
        if layer > 1 and not sums:
            below = names[layer - 2].replace("_", " ")
            return _finding(
                layer - 1, None, wrong, f"W{layer} is used rightly, but not on activations that are those of {below}"
            )
        return _finding(layer, W, wrong, f"outputs change with {W} where a {W} does not")
    if len(drawn[0].x) == 1 and (wrong := _differing([_with_bias(one, layer) for one in drawn])):
        return _finding(layer, b, wrong, f"outputs change with {W} and {b} where a {W} + {b} does not")
    return None


# Each gives the outputs of two networks that should be the same ------------------------------------------------------


def _without_effect(one: _Drawn, layer: int) -> Pair:
    k, a = 2 * layer - 2, one.a[layer - 1]
    R = one.random(k)
    return one.outputs(), one.outputs({k: one.theta[k] + R - np.linalg.pinv(a) @ (a @ R)})


def _with_bias(one: _Drawn, layer: int) -> Pair:
    k, a = 2 * layer - 2, one.a[layer - 1]
    R = one.random(k)
    return one.outputs(), one.outputs({k: one.theta[k] + R, k + 1: one.theta[k + 1] - (a @ R)[0]})


def _with_equal_sums(one: _Drawn, layer: int) -> Pair:
    k = 2 * layer - 2
    W, b = one.theta[k - 2 : k]
    below = {k - 2: np.repeat(W[:, :1], W.shape[1], axis=1), k - 1: np.full_like(b, b[0])}
    R = one.random(k)
    return one.outputs(below), one.outputs(below | {k: one.theta[k] + R - R.mean(axis=0)})


def _differing(pairs: Sequence[Pair]) -> Pair | None:
    return next((pair for pair in pairs if not _same(*pair)), None)


def _same(a: Array, b: Array) -> bool:
    return distance(a, b) <= _LIMIT


def _finding(layer: int, parameter: str | None, outputs: Pair, words: str) -> Finding:
    return Finding(
        UNKNOWN, "forward", f"Layer {layer} is the first wrong one in forward(), and no known fault gives its numbers: {words}.",
        in_numbers("output", *outputs), layer, parameter,
    )  # fmt: skip
