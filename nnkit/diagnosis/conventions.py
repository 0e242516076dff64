"""How a network is to be read: its honest choices, without which nobody can check its numbers by hand.

These are the choices of a network in standard form (`nnkit.diagnosis.standard`): its parameters are [W1, b1, W2, b2, ...]
with W (d_in, d_out) and b (d_out,), and its loss is the mean that `nnkit.diagnosis.oracle` describes, with a penalty
where it has one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.formulas import UNREAD, NotRead, formula, known_names
from nnkit.diagnosis.layout import write

Array = npt.NDArray[Any]

HIDDEN = known_names()
OUTPUT = (*HIDDEN, "softmax")
LOSSES = ("mse", "binary_cross_entropy", "cross_entropy")

#: other words that people use for the same
ALIASES = {
    "logistic": "sigmoid",
    "expit": "sigmoid",
    "linear": "identity",
    "none": "identity",
    "leakyrelu": "leaky_relu",
    "lrelu": "leaky_relu",
    "swish": "silu",
    "mean_squared_error": "mse",
    "squared_error": "mse",
    "l2": "mse",
    "bce": "binary_cross_entropy",
    "binary_crossentropy": "binary_cross_entropy",
    "log_loss": "binary_cross_entropy",
    "ce": "cross_entropy",
    "crossentropy": "cross_entropy",
    "categorical_crossentropy": "cross_entropy",
    "categorical_cross_entropy": "cross_entropy",
    "softmax_cross_entropy": "cross_entropy",
}


class CannotRead(Exception):
    """nnkit cannot compute with this network at all; the message says what to change."""


@dataclass(frozen=True)
class Conventions:
    """hidden, output, loss: names as in `HIDDEN`, `OUTPUT` and `LOSSES`, or UNREAD; dtype: float type of the parameters.

    A network without hidden layers has a `hidden` too, for the networks with some that its builder makes; there, nothing
    depends on it. squares, absolutes: the penalty's factors of the sum of squares and of absolute values of each
    parameter array, empty where there is none; for n samples an n-th of that where it is `per_sample`. guard: what is
    added to outputs inside a logarithm, so that it stays finite.
    """

    hidden: str
    output: str
    loss: str
    dtype: str
    squares: tuple[float, ...] = ()
    absolutes: tuple[float, ...] = ()
    per_sample: bool = False
    guard: float = 0.0

    @property
    def eps(self) -> float:
        """Relative rounding error of one operation in the network's float type."""
        return float(np.finfo(self.dtype).eps)

    @property
    def penalised(self) -> bool:
        """Whether the loss has a penalty in it, so that it need not go to zero when all answers are right."""
        return bool(self.squares)

    @property
    def guard_error(self) -> float:
        """By how much of themselves slopes differ from those without the guard, where outputs are a few per cent at least:
        the guard over the output."""
        return 20 * self.guard

    def penalty(self, parameters: Sequence[Array], n: int) -> float:
        """What the loss of n samples has besides that of the outputs, for these parameters, in standard order."""
        if not self.squares:
            return 0.0
        terms = zip(parameters, self.squares, self.absolutes, strict=True)
        total = sum(s * float((p.astype(float) ** 2).sum()) + a * float(np.abs(p).sum()) for p, s, a in terms)
        return total / n if self.per_sample else total

    def penalty_slopes(self, parameters: Sequence[Array], n: int) -> list[Array]:
        """The slopes of that, in the shapes of the parameters; at 0 an absolute value has none, and 0 is taken."""
        share = 1 / n if self.per_sample else 1.0
        return [
            share * (2 * squares * parameter.astype(float) + absolutes * np.sign(parameter))
            for parameter, squares, absolutes in zip(
                parameters,
                self.squares or [0.0] * len(parameters),
                self.absolutes or [0.0] * len(parameters),
                strict=True,
            )
        ]


def declared(network: Any, attribute: str) -> str:
    """The name, among those that nnkit knows, that the network gives for `hidden`, `output` or `loss_function`; else "".

    Authors keep anything under such a name (a list of layers, a function, an array): what is no string says nothing.
    """
    try:
        value = getattr(network, attribute, None)
    except Exception:  # a property that fails is for whoever uses it to notice
        return ""
    if not isinstance(value, str):
        return ""
    plain = value.strip().lower().replace("-", "_").replace(" ", "_")
    name = ALIASES.get(plain, plain)
    if attribute == "loss_function":
        return name if name in LOSSES else ""
    if name == "softmax" and attribute == "output":
        return name
    try:
        return formula(name).name
    except (KeyError, ValueError, NotRead):
        return ""


def get_parameters(network: Any) -> list[Array]:
    """Copies of the parameters as they are now."""
    return [np.array(parameter) for parameter in network.parameters()]


def set_parameters(network: Any, values: Sequence[Array]) -> None:
    """Write these values, in the order and shapes of `parameters()`.

    Raises NotRead where they are those of a network in standard form, and this is one whose layout is unknown.
    """
    shapes, wanted = [np.shape(value) for value in values], [np.shape(array) for array in network.parameters()]
    if shapes != wanted:
        raise NotRead("which of its numbers is which weight")
    write(network, values)


def has_standard_layout(network: Any, sizes: Sequence[int]) -> bool:
    """Whether its arrays are those of a network in standard form of these sizes: W1, b1, W2, b2, ..."""
    standard = [shape for m, n in pairwise(sizes) for shape in ((m, n), (n,))]
    return [np.shape(array) for array in network.parameters()] == standard


def require_known_layout(known: bool) -> None:
    """Raises NotRead where it is not."""
    if not known:
        raise NotRead("which of its numbers is which weight")


__all__ = [
    "HIDDEN",
    "LOSSES",
    "OUTPUT",
    "UNREAD",
    "CannotRead",
    "Conventions",
    "declared",
    "get_parameters",
    "has_standard_layout",
    "require_known_layout",
    "set_parameters",
]
