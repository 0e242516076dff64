"""The shared network: dense layers, a loss, backpropagation and an update rule, behind the five-method contract.

All parameters lie in one flat vector, and every W and b is a window on it: the optimiser then makes one pass over one
array, and saving, restoring or perturbing the whole network is one assignment.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from nnkit.network.activations import ACTIVATIONS, IDENTITY
from nnkit.network.dense import Dense
from nnkit.network.initialisers import INITIALISERS
from nnkit.network.losses import head
from nnkit.network.penalties import Penalty

Array = npt.NDArray[Any]


class UpdateRule(Protocol):
    """One update of theta, in place, from the gradient of the loss, which it may use up. See `nnkit.training`."""

    def step(self, theta: Array, gradient: Array, learning_rate: float) -> None: ...


class Network:
    """A fully connected network.

    sizes: (d_in, hidden ..., d_out), at least two; hidden: activation of the hidden layers; output and loss: see
    `nnkit.network.losses.head`; initialiser: zero, normal, glorot or he; update_rule: what `train_step` does with the
    gradient; rng: draws the weights; dtype: float64 or float32.

    huber_delta: see `head`; l1, l2: factors of the penalties on weights that are part of the loss and of the gradient
    (`nnkit.network.penalties`); dropout: the probability with which `train_step`, and nothing else, leaves out a hidden
    unit of a sample.

        Network((2, 3, 1), hidden="tanh", output="sigmoid", loss="binary_cross_entropy", initialiser="glorot",
                update_rule=GradientDescent(), rng=np.random.default_rng(0))
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        hidden: str,
        output: str,
        loss: str,
        initialiser: str,
        update_rule: UpdateRule,
        rng: np.random.Generator,
        dtype: npt.DTypeLike = np.float64,
        huber_delta: float = 1.0,
        l1: float = 0.0,
        l2: float = 0.0,
        dropout: float = 0.0,
    ) -> None:
        if len(sizes) < 2 or min(sizes) < 1:
            raise ValueError(f"sizes are (inputs, hidden ..., outputs), at least two numbers from 1 up; got {sizes}")
        if hidden not in ACTIVATIONS:
            raise ValueError(f"hidden activation is one of {', '.join(ACTIVATIONS)}; got {hidden!r}")
        if initialiser not in INITIALISERS:
            raise ValueError(f"initialiser is one of {', '.join(INITIALISERS)}; got {initialiser!r}")
        if np.dtype(dtype) not in (np.float64, np.float32):
            raise ValueError(f"dtype is float64 or float32; got {np.dtype(dtype)}")
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout is a probability from 0 up to but not including 1; got {dropout}")
        self.sizes = tuple(sizes)
        self.hidden, self.output, self.loss_function = hidden, output, loss
        self.update_rule = update_rule
        self._head = head(output, loss, huber_delta=huber_delta)
        self._penalty = Penalty(l1, l2) if l1 or l2 else None
        self.dropout = dropout
        # A generator of its own: which units are left out is a matter of the seed and the steps taken alone.
        self._dropout_rng = rng.spawn(1)[0] if dropout else None
        self._shapes = [shape for d_in, d_out in pairwise(sizes) for shape in ((d_in, d_out), (d_out,))]
        weights = [INITIALISERS[initialiser](rng, d_in, d_out) for d_in, d_out in pairwise(sizes)]
        self._store(np.concatenate([part for W in weights for part in (W.ravel(), np.zeros(W.shape[1]))]).astype(dtype))

    # The contract -----------------------------------------------------------------------------------------------------

    def parameters(self) -> list[Array]:
        """[W1, b1, W2, b2, ...], live: writing into them changes the network."""
        return list(self._parameters)

    def set_parameters(self, arrays: Sequence[Array]) -> None:
        """Take over these values. Arrays of another float type, complex ones too, change the type of the network.

        The update rule keeps its state (velocity, moments), as it does when somebody writes into `parameters`.
        """
        if [np.shape(array) for array in arrays] != self._shapes:
            raise ValueError(f"expected arrays of shapes {self._shapes}, got {[np.shape(array) for array in arrays]}")
        flat = np.concatenate([np.ravel(array) for array in arrays])
        if flat.dtype != self._theta.dtype and np.issubdtype(flat.dtype, np.inexact):
            self._store(flat)
        else:
            self._theta[...] = flat

    def forward(self, x: Array) -> Array:
        """(n, d_in) to (n, d_out)."""
        return self._head.predict(self._logits(self._inputs(x)))

    def activations(self, x: Array) -> list[Array]:
        """What each layer gives for x, (n, units), the outputs last."""
        a, each = self._inputs(x), []
        for layer in self._layers[:-1]:
            a = layer.activate(layer.weighted_input(a))
            each.append(a)
        return [*each, self._head.predict(self._layers[-1].weighted_input(a))]

    def loss(self, x: Array, y: Array) -> Any:
        """The mean loss over the batch, and the penalty if there is one: a float, or complex where the parameters are."""
        x, y = self._batch(x, y)
        value = self._head.value(self._logits(x), y)
        if self._penalty is not None:
            value = value + self._penalty.value(self._parameters[::2])
        return complex(value) if np.iscomplexobj(value) else float(value)

    def gradients(self, x: Array, y: Array) -> list[Array]:
        """d loss / d parameter by backpropagation: fresh arrays, in the order of `parameters`."""
        gradient = np.empty_like(self._theta)
        self._backpropagate(x, y, self._windows(gradient))
        return self._windows(gradient)

    def train_step(self, x: Array, y: Array, learning_rate: float) -> None:
        """One update of all parameters by the update rule."""
        self._backpropagate(x, y, self._gradient_windows, self._dropout_rng)
        # As a plain float: a NumPy float64 would make the arithmetic of a float32 network float64, and slow.
        self.update_rule.step(self._theta, self._gradient, float(learning_rate))

    # ------------------------------------------------------------------------------------------------------------------

    def _logits(self, a: Array) -> Array:
        for layer in self._layers[:-1]:
            a = layer.activate(layer.weighted_input(a))
        return self._layers[-1].weighted_input(a)

    def _backpropagate(
        self, x: Array, y: Array, gradient: list[Array], dropout: np.random.Generator | None = None
    ) -> None:
        """Forward, keeping every z and a; then delta from the loss downwards, leaving dW and db on the way.

        With `dropout`, each hidden unit of each sample is left out at random, with the probability `self.dropout`, and
        the others are made larger by what that takes away on average. So nothing need be scaled where all units take
        part, in `forward`, `loss` and `gradients` (inverted dropout; Srivastava et al. 2014, section 10).
        """
        x, y = self._batch(x, y)
        inputs, zs, activations, masks = [x], [], [], []
        for layer in self._layers[:-1]:
            zs.append(layer.weighted_input(inputs[-1], reuse=True))
            a = layer.activate(zs[-1], reuse=True)
            activations.append(a)
            if dropout is not None:
                kept = dropout.random(a.shape, np.float32) >= self.dropout
                # 0 or 1 / (1 - p): it multiplies a on the way up, and therefore delta on the way down.
                masks.append(np.multiply(kept, 1 / (1 - self.dropout), dtype=a.dtype))
                a = a * masks[-1]
            inputs.append(a)
        delta = self._head.delta(self._layers[-1].weighted_input(inputs[-1], reuse=True), y)
        for index in reversed(range(len(self._layers))):
            layer = self._layers[index]
            layer.gradient(inputs[index], delta, gradient[2 * index], gradient[2 * index + 1])
            if index > 0:
                delta = layer.delta_below(delta, self._layers[index - 1], zs[index - 1], activations[index - 1])
                if dropout is not None:
                    delta *= masks[index - 1]
        if self._penalty is not None:
            self._penalty.add_slopes(self._parameters[::2], gradient[::2])

    def _inputs(self, x: Array) -> Array:
        """x in the network's float type, its shape checked."""
        x = np.asarray(x, self._theta.dtype)
        if x.ndim != 2 or x.shape[1] != self.sizes[0]:
            raise ValueError(f"expected x of shape (n, {self.sizes[0]}), one sample a row; got {x.shape}")
        return x

    def _batch(self, x: Array, y: Array) -> tuple[Array, Array]:
        """x and y likewise: y of shape (n,) beside outputs (n, 1) would broadcast to (n, n), and train on nonsense."""
        x, y = self._inputs(x), np.asarray(y, self._theta.dtype)
        expected = (len(x), self.sizes[-1])
        if y.shape != expected or len(y) == 0:
            advice = "; use y.reshape(-1, 1)" if y.shape == (len(x),) and expected[1] == 1 else ""
            raise ValueError(
                f"expected y of shape {expected}, a row for each row of x, at least one; got {y.shape}{advice}"
            )
        return x, y

    def __getstate__(self) -> dict[str, Any]:
        """For copies and pickles: all but the windows, which would come out as arrays of their own."""
        windows = ("_gradient", "_parameters", "_gradient_windows", "_layers")
        return {name: value for name, value in vars(self).items() if name not in windows}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._store(self._theta)

    def _store(self, theta: Array) -> None:
        self._theta = theta
        # The last layer's activation belongs to the head, which computes it together with the loss.
        self._layers = [Dense(ACTIVATIONS[self.hidden]) for _ in self.sizes[2:]] + [Dense(IDENTITY)]
        self._gradient = np.zeros_like(theta)
        self._parameters = self._windows(theta)
        self._gradient_windows = self._windows(self._gradient)
        for layer, W, b in zip(self._layers, self._parameters[::2], self._parameters[1::2], strict=True):
            layer.look_at(W, b)

    def _windows(self, flat: Array) -> list[Array]:
        windows, start = [], 0
        for shape in self._shapes:
            size = int(np.prod(shape))
            windows.append(flat[start : start + size].reshape(shape))
            start += size
        return windows

    def __repr__(self) -> str:
        layers = ", ".join(map(repr, self._layers[:-1])) + (", " if len(self._layers) > 1 else "")
        return f"Network({layers}{self.sizes[-2]} -> {self.sizes[-1]} {self.output}; {self.loss_function})"
