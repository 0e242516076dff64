"""What one look at a training tells, as numbers: of each layer, and of the whole. All in NumPy, whoever looks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.inside import FLAT
from nnkit.diagnosis.score import Kind, accuracy, kind_of, score

Array = npt.NDArray[Any]

#: of a batch, so many rows are looked at: enough to tell a dead unit from one that is seldom on
ROWS = 128


@dataclass
class Layer:
    """One layer at one step: its weights before the step, the gradient of the step, what the step did to it, and what
    came out of it. None is what could not be seen; not_finite: what first was NaN or infinite in it."""

    name: str
    weight_norm: float | None = None
    gradient_norm: float | None = None
    update_norm: float | None = None
    activation_mean: float | None = None
    activation_spread: float | None = None
    saturated: float | None = None
    dead: float | None = None
    not_finite: str = ""

    def see(self, before: Sequence[Array], gradients: Sequence[Array], after: Sequence[Array] = ()) -> None:
        """Fill in what its parameters before and after the step, and their gradients, tell. Empty: not known."""
        if before:
            self.weight_norm = size(before)
            self._require_finite("parameters", self.weight_norm)
        if gradients:
            self.gradient_norm = size(gradients)
            self._require_finite("gradients", self.gradient_norm)
        if after:
            self.see_update(before, after)

    def see_update(self, before: Sequence[Array], after: Sequence[Array]) -> None:
        if before and [a.shape for a in before] == [a.shape for a in after]:
            with np.errstate(all="ignore"):
                self.update_norm = size([a - b for a, b in zip(after, before, strict=True)])
            self._require_finite("updates", self.update_norm)

    def see_activations(self, a: Array) -> None:
        """Fill in what its activations a (n, ...units) tell. Which function made them is seen from their values.

        Saturated: the share of them that is at a flat end, where all lie between 0 and 1 as those of a sigmoid, or between
        -1 and 1 as those of a tanh. Dead: the share of units that are exactly 0 for every row, where nothing is negative,
        as behind a ReLU.
        """
        a = a[:ROWS]
        if a.size == 0 or a.dtype.kind not in "fiu":
            return
        units = a.reshape(len(a), -1)
        low, high = float(units.min()), float(units.max())
        self._require_finite("activations", low + high)
        if not math.isfinite(low + high):
            return
        self.activation_mean = float(units.mean())
        self.activation_spread = float(units.std())
        self.dead = float((units.max(axis=0) == 0).mean()) if low == 0 else 0.0
        if low > 0 and high <= 1:
            self.saturated = float((4 * units * (1 - units) < FLAT).mean())
        elif -1 <= low < 0 and high <= 1:
            self.saturated = float((1 - units * units < FLAT).mean())

    def _require_finite(self, what: str, value: float) -> None:
        if not self.not_finite and not math.isfinite(value):
            self.not_finite = what


@dataclass
class Look:
    """A training at one step, counted from 0: loss and gradient are those from which the step was made. None: not seen."""

    step: int
    layers: list[Layer] = field(default_factory=list)
    loss: float | None = None
    test_loss: float | None = None
    accuracy: float | None = None
    test_accuracy: float | None = None
    score: float | None = None
    test_score: float | None = None
    rate: float | None = None
    outputs_spread: float | None = None
    classes: int = 0

    def see_answers(self, outputs: Array, targets: Array | None = None, kind: Kind | None = None) -> Kind | None:
        """Fill in how good the outputs (n, k) are. targets: (n, k), or numbers of classes (n,).

        kind: what the targets are, if that has been found out before; it is returned.
        """
        p = outputs[:ROWS].reshape(len(outputs[:ROWS]), -1).astype(np.float64)
        spread = self.outputs_spread = _spread(p)
        if targets is None:
            return kind
        y = targets[:ROWS]
        if y.shape == (len(p),) and p.shape[1] > 1 and y.dtype.kind in "iu":
            y = np.eye(p.shape[1])[np.clip(y, 0, p.shape[1] - 1)]
        if y.size != p.size or not y.size:
            return kind
        y = y.reshape(p.shape).astype(np.float64)
        self.outputs_spread = spread / (_spread(y) or 1.0)
        kind = kind or kind_of(y)
        self.classes = {"classes": y.shape[1], "yes-no": 2, "numbers": 1}[kind]
        self.accuracy, self.score = accuracy(p, y, kind), score(p, y, kind)
        return kind


def size(arrays: Sequence[Array]) -> float:
    """The Euclidean norm of all of them together."""
    with np.errstate(all="ignore"):
        # In single precision at least: squares overflow early in half of it.
        wide = (a if a.dtype.itemsize >= 4 else a.astype(np.float32) for a in arrays)
        return math.sqrt(sum(float(np.vdot(a, a).real) for a in wide))


def _spread(rows: Array) -> float:
    flat = np.asarray(rows, dtype=np.float64).reshape(len(rows), -1)
    with np.errstate(all="ignore"):
        return float(flat.std(axis=0).mean()) if flat.size else 0.0


def grouped(arrays: Any) -> dict[str, list[Array]]:
    """Parameters by layer: a mapping of names or a list of lists is taken as it is; of a flat list, each matrix begins a
    layer, and the bias after it belongs to it."""
    if isinstance(arrays, Mapping):
        return {str(name): _arrays(group) for name, group in arrays.items()}
    groups: list[list[Array]] = []
    for item in _beside_their_weights(list(arrays)):
        if isinstance(item, (list, tuple)):
            groups.append(_arrays(item))
        elif groups and len(groups[-1]) == 1 and _is_bias(np.asarray(item), groups[-1][0]):
            groups[-1].append(np.asarray(item))
        else:
            groups.append([np.asarray(item)])
    return {f"layer {number}": group for number, group in enumerate(groups, 1)}


def _beside_their_weights(arrays: list[Any]) -> list[Any]:
    """[W1, W2, b1, b2] as [W1, b1, W2, b2]."""
    half = len(arrays) // 2
    if (
        any(isinstance(array, (list, tuple)) for array in arrays)
        or [np.ndim(a) for a in arrays] != [2] * half + [1] * half
    ):
        return arrays
    return [array for pair in zip(arrays[:half], arrays[half:], strict=True) for array in pair]


def _arrays(group: Any) -> list[Array]:
    return [np.asarray(item) for item in group] if isinstance(group, (list, tuple)) else [np.asarray(group)]


def _is_bias(b: Array, W: Array) -> bool:
    """Whether b can be the bias of the layer with these weights, in either layout."""
    if W.ndim < 2 or b.ndim > 2:
        return False
    return (b.ndim < 2 and b.size in W.shape) or b.shape in ((1, W.shape[1]), (W.shape[0], 1))
