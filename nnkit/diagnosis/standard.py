"""A network under test in standard form, so that stages need to know one way of writing networks.

Its parameters are [W1, b1, W2, b2, ...] with W (d_in, d_out), its outputs are what is compared with y, and its loss is a
mean over samples (and outputs, as the oracle has it) with the factor 1. What the network itself says differs from that
by its conventions alone: the order of numbers, a sigmoid or softmax that it leaves to the loss, targets of -1 and 1, inputs
that it rescales, one positive factor. Updates are its own: `train_step` is passed on as it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.layout import Layout, write
from nnkit.network.activations import ACTIVATIONS, softmax

Array = npt.NDArray[Any]


class StandardNetwork:
    """The five methods of `network`, of these sizes, in standard form.

    logits: forward() returns the weighted inputs of the output layer, and this ("sigmoid" or "softmax") makes outputs
    of them; "" where forward() returns outputs. recoded: the loss compares its outputs with -1 and 1. factor, summed: the
    network's loss is `factor` times the standard one, and a sum over samples. inputs: (scale, shift), where the network
    computes with scale (x - shift); it is given what makes x of that. subtracted: its neurons take thresholds off their
    sums, so a bias is minus a threshold.
    """

    def __init__(
        self,
        network: Any,
        layout: Layout,
        sizes: Sequence[int],
        *,
        logits: str = "",
        factor: float = 1.0,
        summed: bool = False,
        recoded: bool = False,
        inputs: tuple[float, float] = (1.0, 0.0),
        subtracted: bool = False,
    ) -> None:
        self.network = network
        self.logits, self.factor, self.summed = logits, factor, summed
        self.recoded, self.inputs, self.subtracted = recoded, inputs, subtracted
        #: raw[k] of the flattened raw parameters is number order[k] of the standard ones
        self._order = layout.order(sizes)
        self._back = np.argsort(self._order)
        self._shapes = [shape for d_in, d_out in pairwise(sizes) for shape in ((d_in, d_out), (d_out,))]

    def parameters(self) -> list[Array]:
        """Copies; written back by `set_parameters`."""
        return self._to_standard([np.asarray(array) for array in self.network.parameters()])

    def set_parameters(self, values: Sequence[Array]) -> None:
        """Raises TypeError for complex values where the network itself has no set_parameters to take them."""
        current = [np.asarray(array) for array in self.network.parameters()]
        flat = _joined(self._with_signs(values))[self._order]
        if flat.dtype.kind == "c" and not hasattr(self.network, "set_parameters"):
            raise TypeError("complex parameters need a set_parameters(list) that accepts complex arrays")
        pieces = _parted(flat, [array.shape for array in current])
        if flat.dtype.kind == "c":
            self.network.set_parameters(pieces)
        else:
            write(self.network, pieces)

    def forward(self, x: Array) -> Array:
        p = self._asked(self.network.forward, x)
        if self.recoded:
            return (np.asarray(p) + 1) / 2
        if not self.logits:
            return p  # type: ignore[no-any-return]
        z = np.asarray(p)
        return softmax(z) if self.logits == "softmax" else ACTIVATIONS[self.logits].value(z, None)

    def loss(self, x: Array, y: Array) -> Any:
        loss = self._asked(self.network.loss, x, y)
        share = self.own_share(len(x))
        return loss if share == 1.0 else loss / share

    def gradients(self, x: Array, y: Array) -> list[Array]:
        raw = self._asked(self.network.gradients, x, y)
        wanted = [np.shape(array) for array in self.network.parameters()]
        came = [np.shape(array) for array in raw]
        if came != wanted:
            raise ValueError(_unlike(wanted, came))
        gradients = self._to_standard([np.asarray(array) for array in raw])
        share = self.own_share(len(x))
        return gradients if share == 1.0 else [gradient / share for gradient in gradients]

    def train_step(self, x: Array, y: Array, learning_rate: float) -> None:
        self._asked(self.network.train_step, x, y, learning_rate)

    def where(self, name: str) -> str:
        """Where its author finds the parameter that is called "W1" or "b1" here, such as "parameters()[3], shape (4, 1)";
        empty where the network itself has [W1, b1, W2, b2, ...]."""
        raw = [np.asarray(array) for array in self.network.parameters()]
        minus = "minus " if self.subtracted and name[0] == "b" else ""
        in_order = np.array_equal(self._order, np.arange(len(self._order)))
        if not minus and in_order and [array.shape for array in raw] == self._shapes:
            return ""
        k = 2 * (int(name[1:]) - 1) + "Wb".index(name[0])
        if k >= len(self._shapes):
            return ""
        begin = sum(math.prod(shape) for shape in self._shapes[:k])
        mine = self._back[begin : begin + math.prod(self._shapes[k])]
        ends = np.cumsum([array.size for array in raw])
        held_in = np.unique(np.searchsorted(ends, mine, side="right"))
        first = int(held_in[0])
        if len(held_in) > 1:
            return f"{minus}in parameters()[{first}] to [{int(held_in[-1])}]"
        part = "" if len(mine) == raw[first].size else "part of "
        return f"{minus}{part}parameters()[{first}], shape {raw[first].shape}"

    def _asked(self, method: Any, x: Array, *more: Any) -> Any:
        """What the method answers when it is given what makes the network compute with x."""
        if self.inputs == (1.0, 0.0):
            return method(x, *more)
        scale, shift = self.inputs
        given = np.asarray(x / scale + shift, dtype=x.dtype)
        before = given.copy()
        answer = method(given, *more)
        if not np.array_equal(given, before):  # it has changed its input, and whoever looks shall see that
            x[...] = (given - shift) * scale
        return answer

    def own_share(self, n: int) -> float:
        """How many times the standard loss the network's own is, for n samples."""
        return self.factor * n if self.summed else self.factor

    def _to_standard(self, raw: Sequence[Array]) -> list[Array]:
        return self._with_signs(_parted(_joined(raw)[self._back], self._shapes))

    def _with_signs(self, values: Sequence[Array]) -> list[Array]:
        """From thresholds to biases, and back."""
        return [-value if k % 2 else value for k, value in enumerate(values)] if self.subtracted else list(values)


def in_own_words(text: str, network: Any) -> str:
    """`text`, which calls parameters W1, b1, W2, ..., with a word on where each is, where it is first named."""
    if not isinstance(network, StandardNetwork):
        return text
    named: set[str] = set()

    def with_place(found: re.Match[str]) -> str:
        name = found[0]
        place = "" if name in named else network.where(name)
        named.add(name)
        return f"{name} ({place})" if place else name

    return re.sub(r"\b[Wb][1-9]\d*\b", with_place, text)


# As quick as can be: numerical gradients go through these at every single loss.


def _joined(arrays: Sequence[Array]) -> Array:
    return np.concatenate([np.asarray(array).reshape(-1) for array in arrays])


def _parted(flat: Array, shapes: Sequence[tuple[int, ...]]) -> list[Array]:
    parts, begin = [], 0
    for shape in shapes:
        end = begin + math.prod(shape)
        parts.append(flat[begin:end].reshape(shape))
        begin = end
    return parts


def _unlike(wanted: Sequence[tuple[int, ...]], came: Sequence[tuple[int, ...]]) -> str:
    if len(wanted) != len(came):
        return (
            f"gradients(x, y) must return one array for each of the {len(wanted)} parameters; it returned {len(came)}"
        )
    k = next(k for k, (a, b) in enumerate(zip(wanted, came, strict=True)) if a != b)
    hint = ": it is transposed" if came[k] == wanted[k][::-1] else ""
    return f"gradients()[{k}] must have the shape of parameters()[{k}], {wanted[k]}; it has {came[k]}{hint}"


class OneOfTwo:
    """A network with two outputs that sum to 1, seen as one with a single output: that of the second class.

    `two` is in standard form, with softmax and sizes (..., 2). Only the difference of its two last columns of weights
    counts: the single output's weights are that difference, and setting them sets the two columns to plus and minus half
    of it. The gradient follows by the chain rule.
    """

    def __init__(self, two: Any) -> None:
        self.two = two
        # What both columns have in common changes no output, but would count in a penalty.
        self.set_parameters(self.parameters())

    @staticmethod
    def targets(y: Array) -> Array:
        """One-hot rows (n, 2) for y (n, 1)."""
        return np.concatenate([1 - y, y], axis=1)

    def parameters(self) -> list[Array]:
        *below, W, b = self.two.parameters()
        return [*below, W[:, 1:] - W[:, :1], b[1:] - b[:1]]

    def set_parameters(self, values: Sequence[Array]) -> None:
        *below, W, b = values
        both = [np.concatenate([-last / 2, last / 2], axis=-1) for last in (W, b)]
        write(self.two, [*below, *both])

    def forward(self, x: Array) -> Array:
        return np.asarray(self.two.forward(x))[:, 1:]

    def loss(self, x: Array, y: Array) -> Any:
        return self.two.loss(x, self.targets(y))

    def gradients(self, x: Array, y: Array) -> list[Array]:
        *below, W, b = self.two.gradients(x, self.targets(y))
        return [*below, (W[:, 1:] - W[:, :1]) / 2, (b[1:] - b[:1]) / 2]

    def train_step(self, x: Array, y: Array, learning_rate: float) -> None:
        self.two.train_step(x, self.targets(y), learning_rate)
