"""How a network is to be read: its honest choices, without which nobody can check its numbers by hand.

So far a network declares its activations and its loss (attributes `hidden`, `output`, `loss_function`), and its
parameters are [W1, b1, W2, b2, ...] with W (d_in, d_out) and b (d_out,). The loss is the mean that
`nnkit.diagnosis.oracle` describes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

HIDDEN = ("sigmoid", "tanh", "relu", "leaky_relu", "softplus", "identity")
OUTPUT = (*HIDDEN, "softmax")
LOSSES = ("mse", "binary_cross_entropy", "cross_entropy")


class CannotRead(Exception):
    """nnkit does not know how to read this network; the message says what to declare."""


@dataclass(frozen=True)
class Conventions:
    """hidden, output, loss: names as in `HIDDEN`, `OUTPUT` and `LOSSES`; dtype: float type of the parameters.

    A network without hidden layers has a `hidden` too: what it declares, for the networks with some that its builder
    makes, or "identity" where it declares nothing that nnkit knows; there, nothing depends on it.
    """

    hidden: str
    output: str
    loss: str
    dtype: str

    @property
    def eps(self) -> float:
        """Relative rounding error of one operation in the network's float type."""
        return float(np.finfo(self.dtype).eps)

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def read_conventions(network: Any, sizes: Sequence[int]) -> Conventions:
    """What the network declares, once its parameters have the shapes that these sizes ask for.

    Raises CannotRead, with the lines to add, where something is undeclared or the parameters are laid out otherwise.
    """
    parameters = [np.asarray(array) for array in network.parameters()]
    expected = [shape for d_in, d_out in pairwise(sizes) for shape in ((d_in, d_out), (d_out,))]
    shapes = [array.shape for array in parameters]
    if shapes != expected:
        raise CannotRead(
            f"parameters() of a network of sizes {tuple(sizes)} should be [W1, b1, ...] of shapes {expected}; "
            f"got {shapes}. Return them in this order, W as (inputs, outputs)."
        )
    kinds = {array.dtype.name for array in parameters}
    if len(kinds) != 1 or not kinds <= {"float64", "float32"}:
        raise CannotRead(f"parameters should all be float64, or all float32; got {', '.join(sorted(kinds))}.")
    hidden = _declared(network, "hidden", HIDDEN, None if len(sizes) > 2 else "identity")
    output = _declared(network, "output", OUTPUT)
    return Conventions(hidden, output, _declared(network, "loss_function", LOSSES), kinds.pop())


def _declared(network: Any, attribute: str, known: Sequence[str], default: str | None = None) -> str:
    """The name that the network gives; the default, where there is one, for any other value.

    Authors keep anything under such a name (a list of layers, a function, an array), so that it is a string comes first.
    """
    value = getattr(network, attribute, None)
    if isinstance(value, str) and value in known:
        return known[known.index(value)]
    if default is not None:
        return default
    what = {"hidden": "hidden activation", "output": "output activation"}.get(attribute, "loss")
    came = "it has no such attribute" if value is None else f"it says {value!r}"
    if value is not None and not isinstance(value, str):
        came = f"its {attribute} is no string, but of type {type(value).__name__}"
    raise CannotRead(
        f'the network should say what its {what} is, for example `self.{attribute} = "{known[0]}"` in its __init__ '
        f"(one of {', '.join(known)}); {came}."
    )


def set_parameters(network: Any, values: Sequence[Array]) -> None:
    """Write these values, in the order and shapes of `parameters()`."""
    if hasattr(network, "set_parameters"):
        network.set_parameters(
            [np.array(value, dtype=p.dtype) for value, p in zip(values, network.parameters(), strict=True)]
        )
        return
    for parameter, value in zip(network.parameters(), values, strict=True):
        parameter[...] = value


def get_parameters(network: Any) -> list[Array]:
    """Copies of the parameters as they are now."""
    return [np.array(parameter) for parameter in network.parameters()]
