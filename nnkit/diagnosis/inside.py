"""The layers of a network whose parameters alone are known: which arrays make which layer, and what goes through it.

Where the layout and the activation can be read (`nnkit.diagnosis.form`), values are worked out from the parameters. Where
not, arrays are taken in their order, a layer for each matrix, and of what goes through them nothing is said.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.conventions import Conventions
from nnkit.diagnosis.form import Form, read_form
from nnkit.diagnosis.formulas import UNREAD, formula
from nnkit.diagnosis.hidden_units import output_activation
from nnkit.diagnosis.layout import standard_positions
from nnkit.diagnosis.trace import LayerTrace
from nnkit.subjects.program import Program

Array = npt.NDArray[Any]

#: of the steepest slope: a tanh has it beyond 1.8, a sigmoid beyond 3.6; and what is far beyond that
FLAT, FAR = 0.1, 30.0
#: a layer of so many numbers per sample is not worked out again
LARGEST = 3e6


@dataclass(eq=False)
class Inside:
    """names: of the layers, "W1", ...; of_layer: the layer (from 0) of each array of parameters(); form, conventions: how
    the network is written, None where that could not be read; order: of the flattened own numbers in the standard ones."""

    names: list[str]
    of_layer: list[int]
    sizes: tuple[int, ...]
    form: Form | None = None
    conventions: Conventions | None = None
    shapes: list[tuple[int, ...]] = field(default_factory=list)
    order: Array | None = None

    def layer_of(self, array: int) -> int | None:
        return self.of_layer[array] + 1 if array < len(self.of_layer) else None

    @property
    def readable(self) -> bool:
        return self.order is not None and self.conventions is not None and self.conventions.hidden != UNREAD

    def standard(self, parameters: Sequence[Array]) -> list[Array]:
        """[W1, b1, ...] in float64; empty where the layout is unknown."""
        if self.order is None:
            return []
        flat = np.concatenate([np.asarray(array, dtype=np.float64).ravel() for array in parameters])[self.order]
        parts, begin = [], 0
        for d_in, d_out in pairwise(self.sizes):
            for shape in ((d_in, d_out), (d_out,)):
                size = int(np.prod(shape))
                parts.append(flat[begin : begin + size].reshape(shape))
                begin += size
        if self.form is not None and self.form.subtracted:
            parts[1::2] = [-b for b in parts[1::2]]
        return parts

    def own(self, standard: Sequence[Array], like: Sequence[Array]) -> list[Array]:
        """The arrays of parameters() that mean these [W1, b1, ...]."""
        assert self.order is not None
        values = [-v if k % 2 and self.form is not None and self.form.subtracted else v for k, v in enumerate(standard)]
        flat = np.empty(len(self.order))
        flat[self.order] = np.concatenate([np.asarray(value).ravel() for value in values])
        pieces = np.split(flat, np.cumsum([np.size(array) for array in like])[:-1])
        return [
            piece.reshape(np.shape(array)).astype(np.asarray(array).dtype)
            for piece, array in zip(pieces, like, strict=True)
        ]

    def layers(self, parameters: Sequence[Array], x: Array) -> list[tuple[Array, Array]]:
        """(z, a) of each layer, the last included; empty where they cannot be worked out."""
        if not self.readable or self.conventions is None:
            return []
        values = self.standard(parameters)
        scale, shift = self.form.inputs if self.form is not None else (1.0, 0.0)
        a = (np.asarray(x, dtype=np.float64).reshape(len(x), -1) - shift) * scale
        f = formula(self.conventions.hidden)
        found: list[tuple[Array, Array]] = []
        if a.shape[1] != self.sizes[0]:
            return []
        for W, b in zip(values[::2], values[1::2], strict=True):
            z = a @ W + b
            last = len(found) == len(values) // 2 - 1
            if not last:
                a = f.value(z)
            elif self.conventions.output == UNREAD:
                a = z
            else:
                a = output_activation(self.conventions, z)
            found.append((z, a))
        return found

    def slopes(self, z: Array) -> Array:
        assert self.conventions is not None
        return formula(self.conventions.hidden).slope(z)

    def note(self, traces: Sequence[LayerTrace], moment: Any, gradients: Any, x: Array) -> None:
        """Add an entry for this moment to each layer's trace."""
        parameters = moment.parameters
        known = gradients is not None and [np.shape(g) for g in gradients] == [np.shape(p) for p in parameters]
        moved = moment.moved if len(moment.moved) == len(parameters) else None
        norms = [_norm(p) for p in parameters]
        slopes = [_norm(g) for g in gradients] if known else [np.nan] * len(parameters)
        if self.order is not None and len(set(self.of_layer)) < len(traces):  # layers share an array
            norms, slopes, moved, of_layer = *self._apart(parameters, gradients if known else None), None, None
            groups = list(range(len(traces)))
            del of_layer
        else:
            groups = self.of_layer
        inner = self.layers(parameters, x[:200]) if sum(np.size(p) for p in parameters) < LARGEST else []
        for index, layer in enumerate(traces):
            mine = [k for k, group in enumerate(groups) if group == index]
            layer.weight_norm.append(_together([norms[k] for k in mine]))
            layer.gradient_norm.append(_together([slopes[k] for k in mine]))
            layer.update_norm.append(_together([moved[k] for k in mine]) if moved else float("nan"))
            bad = [what for what, numbers in (("parameters", norms), ("gradient", slopes)) if _bad(numbers, mine)]
            layer.not_finite.append(bad[0] if bad and (known or bad[0] == "parameters") else "")
            if index < len(inner):
                z, a = inner[index]
                layer.activation_mean.append(float(a.mean()))
                layer.activation_spread.append(float(a.std()))
                hidden = index < len(inner) - 1
                layer.saturated.append(self._saturated(z) if hidden else float("nan"))
                layer.dead.append(self._dead(z) if hidden else float("nan"))

    def _apart(self, parameters: Sequence[Array], gradients: Any) -> tuple[list[float], list[float]]:
        """Norms by layer, of arrays that hold several layers."""
        per: list[list[float]] = []
        for arrays in (parameters, gradients):
            standard = self.standard(arrays) if arrays is not None else []
            pairs = zip(standard[::2], standard[1::2], strict=True)
            per.append([_together([_norm(W), _norm(b)]) for W, b in pairs] or [np.nan] * len(self.names))
        return per[0], per[1]

    def _saturated(self, z: Array) -> float:
        """The share of the activations at a flat end, of an activation that is flat at both."""
        if not self._flat_at_both_ends():
            return float("nan")
        assert self.conventions is not None
        f = formula(self.conventions.hidden)
        return float((np.abs(f.slope(z)) < FLAT * f.steepest).mean())

    def _dead(self, z: Array) -> float:
        """The share of the units without slope for every sample, of an activation that is flat at one end at most."""
        return float("nan") if self._flat_at_both_ends() else float((self.slopes(z) == 0).all(axis=0).mean())

    def _flat_at_both_ends(self) -> bool:
        assert self.conventions is not None
        f = formula(self.conventions.hidden)
        return bool(np.abs(f.slope(np.array([-FAR, FAR]))).max() < FLAT * f.steepest)


def read_inside(program: Program, parameters: Sequence[Array]) -> Inside:
    """What can be known of this program's networks. Whatever they raise while they are read, they are then not read."""
    layers = len(program.sizes) - 1
    inside = Inside(*_by_matrices(parameters), program.sizes, shapes=[np.shape(p) for p in parameters])
    with contextlib.suppress(Exception), np.errstate(all="ignore"):
        form = read_form(lambda sizes: program.build(tuple(sizes), program.seed), program.sizes)
        inside.form = form
        inside.conventions = form.conventions(program.network(), program.sizes)
        if form.layout is not None and form.layout.fits(inside.shapes, program.sizes):
            # number k of the own flat list is number order[k] of the standard one
            order = np.argsort(form.layout.order(program.sizes))
            inside.order = order
            inside.names = [f"layer {k}" for k in range(1, layers + 1)]
            inside.of_layer = _owners(inside.shapes, form.layout.order(program.sizes), program.sizes)
    if inside.order is None and (by_shapes := _order_by_shapes(inside.shapes, program.sizes)) is not None:
        inside.order = np.argsort(by_shapes)
        inside.names = [f"layer {k}" for k in range(1, layers + 1)]
        inside.of_layer = _owners(inside.shapes, by_shapes, program.sizes)
    return inside


def _order_by_shapes(shapes: Sequence[tuple[int, ...]], sizes: Sequence[int]) -> Array | None:
    """The standard position of each own number, where each array can be told by its shape: matrices in the order of the
    layers, all (d_in, d_out) or all (d_out, d_in), and as many biases in their order. Square matrices are taken as the
    others are, or as (d_in, d_out). None where that does not come out."""
    positions = standard_positions(sizes)
    matrices = [k for k, shape in enumerate(shapes) if len(shape) == 2 and shape[0] > 1 and len(shapes) >= 2]
    wide = [k for k, shape in enumerate(shapes) if len(shape) == 2]
    for chosen in (wide, matrices):
        biases = [k for k in range(len(shapes)) if k not in chosen]
        if not len(chosen) == len(biases) == len(positions):
            continue
        for turned in (False, True):
            pieces: dict[int, Array] = {}
            for (plain, b), matrix, bias in zip(positions, chosen, biases, strict=True):
                W = plain.T if turned else plain
                if shapes[matrix] == W.shape and int(np.prod(shapes[bias])) == b.size:
                    pieces[matrix], pieces[bias] = W.ravel(), b.ravel()
            if len(pieces) == len(shapes):
                return np.concatenate([pieces[k] for k in range(len(shapes))])
    return None


def _owners(shapes: Sequence[tuple[int, ...]], order: Array, sizes: Sequence[int]) -> list[int]:
    """The layer, from 0, that most numbers of each own array belong to."""
    ends = np.cumsum([(d_in + 1) * d_out for d_in, d_out in pairwise(sizes)])
    layer = np.searchsorted(ends, order, side="right")
    owners, begin = [], 0
    for shape in shapes:
        size = int(np.prod(shape))
        owners.append(int(np.bincount(layer[begin : begin + size]).argmax()))
        begin += size
    return owners


def _by_matrices(parameters: Sequence[Array]) -> tuple[list[str], list[int]]:
    """A layer for each array of more than one dimension; the others belong to the one before, or the first."""
    matrices = [k for k, array in enumerate(parameters) if np.ndim(array) > 1 and 1 not in np.shape(array)[:1]]
    if not matrices:
        return ["all parameters"], [0] * len(parameters)
    biases_after = matrices[-1] == len(matrices) - 1 and len(parameters) == 2 * len(matrices)  # [W1, W2, b1, b2]
    of_layer, layer = [], -1
    for k in range(len(parameters)):
        layer += k in matrices
        of_layer.append(k - len(matrices) if biases_after and k not in matrices else max(layer, 0))
    return [f"layer {k}" for k in range(1, len(matrices) + 1)], of_layer


def _norm(array: Any) -> float:
    array = np.asarray(array, dtype=np.float64)
    return float(np.sqrt(np.sum(array * array)))


def _together(norms: Sequence[float]) -> float:
    return float(np.sqrt(np.sum(np.square(norms)))) if norms else float("nan")


def _bad(numbers: Sequence[float], mine: Sequence[int]) -> bool:
    return any(not np.isfinite(numbers[k]) for k in mine)
