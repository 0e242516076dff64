"""How a network lays out its parameters: which of its numbers is which weight.

Weights are kept as (inputs, outputs) or the other way round; biases as vectors, rows or columns, or folded into the
weights as a first or last row or column; one array for each, or one flat vector for all; in any order. All of these are
the same numbers in another order, so a layout is a permutation: the *standard* one is [W1, b1, W2, b2, ...] with W
(d_in, d_out) and b (d_out,), row by row.

The permutation is found in two steps. Shapes leave few candidates, if the probed network's sizes all differ. Which of
them is right is tried out, and needs no formula: units have no order, so renaming them, in all the weights that belong
to them, changes no output. Only the right layout knows which weights belong to a unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise, product
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Shape = tuple[int, ...]
#: "Wb": weights and biases in one array, the biases as an additional input, whose value is always 1
Kind = Literal["W", "b", "Wb"]

#: widths of the probed network, by the number of its layers of weights: all differ, from one another and from one
#: another plus one, so that shapes tell arrays apart
PROBES: dict[int, tuple[int, ...]] = {1: (5, 3), 2: (5, 7, 3), 3: (5, 9, 7, 3), 4: (5, 9, 11, 7, 3)}
#: more candidates than a network of any sense has
MOST = 200


class UnknownLayout(Exception):
    """No standard arrangement of weights and biases has these shapes; the message says which were found."""


@dataclass(frozen=True)
class Piece:
    """The weights or biases of one layer (from 1), as they lie in an array.

    transposed: (d_out, d_in) in place of (d_in, d_out). first: folded biases come before the weights, not after.
    """

    kind: Kind
    layer: int
    transposed: bool = False
    first: bool = False

    def numbers(self, labels: Sequence[tuple[Array, Array]]) -> Array:
        """The standard positions of its entries, arranged as the piece arranges them."""
        W, b = labels[self.layer - 1]
        if self.kind == "b":
            return b
        if self.kind == "Wb":
            W = np.concatenate([b[None], W] if self.first else [W, b[None]])
        return W.T if self.transposed else W

    def __str__(self) -> str:
        W, b = f"W{self.layer}", f"b{self.layer}"
        inner = {"W": W, "b": b, "Wb": f"{b} over {W}" if self.first else f"{W} over {b}"}[self.kind]
        return (
            f"({inner}) transposed"
            if self.transposed and self.kind == "Wb"
            else f"{inner}{' transposed' * self.transposed}"
        )


@dataclass(frozen=True)
class Layout:
    """What each of the arrays of `parameters()` holds: one piece, or several one after another in a flat array.

    joined: it is all arrays together that hold the pieces one after another, as where each neuron has arrays of its own.
    """

    arrays: tuple[tuple[Piece, ...], ...]
    joined: bool = False

    @property
    def is_standard(self) -> bool:
        """Whether it is [W1, b1, W2, b2, ...], given that shapes are standard too."""
        return self.arrays == _standard(len(self.arrays) // 2)

    @cached_property
    def layers(self) -> int:
        return max(piece.layer for pieces in self.arrays for piece in pieces)

    def order(self, sizes: Sequence[int]) -> Array:
        """The standard position of each number of the flattened `parameters()` of a network of these sizes (P,)."""
        labels = standard_positions(sizes)
        return np.concatenate([piece.numbers(labels).ravel() for pieces in self.arrays for piece in pieces])

    def fits(self, shapes: Sequence[Shape], sizes: Sequence[int]) -> bool:
        """Whether arrays of these shapes can hold the pieces, for a network of these sizes."""
        labels = standard_positions(sizes)
        if self.layers != len(sizes) - 1:
            return False
        if self.joined:
            return sum(int(np.prod(shape)) for shape in shapes) == sum(W.size + b.size for W, b in labels)
        if len(shapes) != len(self.arrays):
            return False
        return all(
            _holds(shape, [piece.numbers(labels).shape for piece in pieces])
            for shape, pieces in zip(shapes, self.arrays, strict=True)
        )

    def odd(self, shapes: Sequence[Shape], sizes: Sequence[int]) -> int:
        """How many arrays have a shape that is possible, but not that of a piece: a flat matrix, a bias as a matrix."""
        labels = standard_positions(sizes)
        return (
            0
            if self.joined
            else sum(
                shape not in [piece.numbers(labels).shape for piece in pieces]
                for shape, pieces in zip(shapes, self.arrays, strict=True)
            )
        )

    def words(self) -> str:
        """For people: what parameters() holds, in order."""
        if len(self.arrays) == 1:
            start = "arrays that make up, one after another: " if self.joined else "one array: "
            return start + ", ".join(map(str, self.arrays[0]))
        return "[" + ", ".join(" then ".join(map(str, pieces)) for pieces in self.arrays) + "]"


def read_layout(build: Callable[[tuple[int, ...]], Any], layers: int, own: Sequence[int] = ()) -> Layout:
    """The layout of networks with so many layers of weights, from one that `build(sizes)` makes.

    A network that cannot have the probed sizes is looked at in its `own`, where these are given. Raises UnknownLayout
    where no arrangement has the shapes that are found, and whatever `build` raises.
    """
    widths = PROBES.get(layers) or (5, *(9 + 2 * k for k in range(layers - 1)), 3)
    trials = [widths, (*widths[:-1], 1), *([tuple(own)] if own else [])]
    for sizes in trials:  # there are networks that can have one output only
        try:
            network = build(sizes)
            found = _candidates(_shapes(network), sizes)
            break
        except Exception:
            if sizes == trials[-1]:
                raise
    unlike: dict[bytes, Layout] = {}
    for layout in islice(
        found, MOST
    ):  # the same permutation may be described in several ways; the first is the usual one
        unlike.setdefault(layout.order(sizes).tobytes(), layout)
    candidates = sorted(unlike.values(), key=lambda layout: layout.odd(_shapes(network), sizes))
    if not candidates:
        raise UnknownLayout(
            f"a network of sizes {sizes} has parameters of shapes {', '.join(map(str, _shapes(network)))}: no arrangement "
            "of one weight matrix and one bias vector for each layer that nnkit knows"
        )
    if len(candidates) == 1:
        return candidates[0]
    kept = [np.array(array) for array in network.parameters()]
    try:
        holding = {k: _holding(network, layout, sizes) for k, layout in enumerate(candidates)}
    finally:
        write(network, kept)
    best = max(holding, key=lambda k: holding[k])  # the first of the best
    if candidates[best].joined and holding[best] < 2 * len(sizes) - 1:
        # Arrays that fit nowhere one by one tell nothing by themselves: then all must hold.
        raise UnknownLayout(
            "its arrays together hold as many numbers as there are weights and biases, but in no known order"
        )
    return candidates[best]


def write(network: Any, arrays: Sequence[Array]) -> None:
    """Write these arrays, in the order and shapes of `parameters()`, in their float types (real again, after complex)."""
    current = network.parameters()
    if hasattr(network, "set_parameters"):
        kinds = [np.asarray(old).real.dtype for old in current]
        network.set_parameters([np.array(new, dtype=kind) for new, kind in zip(arrays, kinds, strict=True)])
        return
    for old, new in zip(current, arrays, strict=True):
        old[...] = new


def standard_positions(sizes: Sequence[int]) -> list[tuple[Array, Array]]:
    """(W, b) of each layer, each entry being its own position in the flattened standard parameters."""
    labels, begin = [], 0
    for d_in, d_out in pairwise(sizes):
        W = begin + np.arange(d_in * d_out).reshape(d_in, d_out)
        b = begin + d_in * d_out + np.arange(d_out)
        labels.append((W, b))
        begin += (d_in + 1) * d_out
    return labels


def _standard(layers: int) -> tuple[tuple[Piece, ...], ...]:
    return tuple((Piece(kind, layer),) for layer in range(1, layers + 1) for kind in ("W", "b"))


def _shapes(network: Any) -> list[Shape]:
    return [np.shape(array) for array in network.parameters()]


def _holds(shape: Shape, pieces: Sequence[Shape]) -> bool:
    """Several pieces lie flat, one after another; one may have its own shape, and a bias that of a row or column.

    Further axes of length 1 do not count.
    """
    if len(shape) > 2:
        shape = tuple(length for length in shape if length != 1)
    size = sum(int(np.prod(piece)) for piece in pieces)
    if len(shape) == 1:
        return shape[0] == size
    if len(pieces) > 1 or len(shape) != 2:
        return False
    (piece,) = pieces
    return shape == piece or (len(piece) == 1 and shape in ((1, *piece), (*piece, 1)))


# Candidates ----------------------------------------------------------------------------------------------------------


def _candidates(shapes: Sequence[Shape], sizes: Sequence[int]) -> Iterator[Layout]:
    """Every layout in which arrays of these shapes hold each weight and bias once; the usual ones first."""
    if len(shapes) == 1 and len(shapes[0]) == 1:
        yield from _flat(shapes[0][0], sizes)
        return
    several = False
    for layout in _array_by_array(shapes, sizes):
        several = True
        yield layout
    if not several:
        for layout in _flat(sum(int(np.prod(shape)) for shape in shapes), sizes):
            yield Layout(layout.arrays, joined=True)


def _array_by_array(shapes: Sequence[Shape], sizes: Sequence[int]) -> Iterator[Layout]:
    layers = range(1, len(sizes))
    labels = standard_positions(sizes)
    choices: list[list[tuple[Piece, ...]]] = []
    for shape in shapes:
        possible = [
            pieces
            for layer in layers
            for pieces in _of_layer(layer)
            if _holds(shape, [piece.numbers(labels).shape for piece in pieces])
        ]
        choices.append(possible)
    seen: set[tuple[tuple[Piece, ...], ...]] = set()
    for arrays in _covers(choices, len(sizes) - 1):
        # One habit for the whole network: biases come first everywhere, or last everywhere.
        if (
            len({piece.first for pieces in arrays for piece in pieces if piece.kind == "Wb"}) <= 1
            and arrays not in seen
        ):
            seen.add(arrays)
            yield Layout(arrays)


def _of_layer(layer: int) -> Iterator[tuple[Piece, ...]]:
    """What one array may hold of one layer."""
    for transposed in (False, True):
        yield (Piece("W", layer, transposed),)
    yield (Piece("b", layer),)
    for transposed, first in product((False, True), repeat=2):
        yield (Piece("Wb", layer, transposed, first),)
    for transposed in (False, True):
        yield (Piece("W", layer, transposed), Piece("b", layer))
        yield (Piece("b", layer), Piece("W", layer, transposed))


def _covers(choices: Sequence[Sequence[tuple[Piece, ...]]], layers: int) -> Iterator[tuple[tuple[Piece, ...], ...]]:
    """One choice for each array, such that each layer's weights and biases occur once."""

    def holds(pieces: tuple[Piece, ...]) -> frozenset[tuple[str, int]]:
        return frozenset((kind, piece.layer) for piece in pieces for kind in piece.kind)

    def extend(chosen: tuple[tuple[Piece, ...], ...], taken: frozenset[tuple[str, int]]) -> Iterator[Any]:
        if len(chosen) == len(choices):
            if len(taken) == 2 * layers:
                yield chosen
            return
        for pieces in choices[len(chosen)]:
            if not holds(pieces) & taken:
                yield from extend((*chosen, pieces), taken | holds(pieces))

    return extend((), frozenset())


def _flat(size: int, sizes: Sequence[int]) -> Iterator[Layout]:
    """One vector for everything: layer by layer or all weights first, upwards or downwards."""
    layers = range(1, len(sizes))
    if size != sum((d_in + 1) * d_out for d_in, d_out in pairwise(sizes)):
        return
    for downwards, transposed in product((False, True), repeat=2):
        order = list(reversed(layers)) if downwards else list(layers)
        W = {layer: Piece("W", layer, transposed) for layer in layers}
        b = {layer: Piece("b", layer) for layer in layers}
        yield Layout((tuple(piece for layer in order for piece in (W[layer], b[layer])),))
        yield Layout((tuple(piece for layer in order for piece in (b[layer], W[layer])),))
        yield Layout(((*(W[layer] for layer in order), *(b[layer] for layer in order)),))
        yield Layout(((*(b[layer] for layer in order), *(W[layer] for layer in order)),))
        for first in (False, True):
            yield Layout((tuple(Piece("Wb", layer, transposed, first) for layer in order),))


# Trying a layout out -------------------------------------------------------------------------------------------------


def _holding(network: Any, layout: Layout, sizes: Sequence[int]) -> int:
    """How much of what every network obeys holds if this is its layout.

    Renaming inputs, hidden units or outputs leaves what it says as it was; and with the weights of one layer at zero,
    the inputs do not matter (which tells weights from biases).
    """
    rng = np.random.default_rng(0)
    labels, order = standard_positions(sizes), layout.order(sizes)
    # Moderate numbers without a zero among them, biases too; all of one sign would let a renaming pass unseen.
    theta = rng.choice([-1.0, 1.0], len(order)) * rng.uniform(0.2, 0.6, len(order))
    x = rng.normal(size=(6, sizes[0]))
    before = _outputs(network, theta[order], x)
    if before is None:
        return 0
    holding = 0
    for level in range(len(sizes)):
        turn = np.roll(np.arange(sizes[level]), 1)
        renamed, inputs, expected = theta.copy(), x, before
        if level > 0:
            W, b = labels[level - 1]
            renamed[W], renamed[b] = theta[W[:, turn]], theta[b[turn]]
        if level < len(sizes) - 1:
            W, _ = labels[level]
            renamed[W] = theta[W[turn]]
        if level == 0:
            inputs = x[:, turn]
        if level == len(sizes) - 1:
            expected = before[:, turn]
        after = _outputs(network, renamed[order], inputs)
        # A wrong renaming changes outputs by a hundredth and more; float32 and reordered sums change them by 1e-6.
        holding += after is not None and bool(np.allclose(after, expected, rtol=1e-4, atol=1e-4 * np.abs(before).max()))
    for W, _ in labels:
        without = theta.copy()
        without[W] = 0.0
        after = _outputs(network, without[order], x)
        holding += after is not None and bool(np.ptp(after, axis=0).max() <= 1e-6 * max(1.0, np.abs(after).max()))
    return holding


def _outputs(network: Any, flat: Array, x: Array) -> Array | None:
    """What the network says with these numbers as its parameters; None where it says nothing of use."""
    shapes, begin, arrays = _shapes(network), 0, []
    for shape in shapes:
        size = int(np.prod(shape))
        arrays.append(flat[begin : begin + size].reshape(shape))
        begin += size
    write(network, arrays)
    try:
        p = np.asarray(network.forward(x), dtype=np.float64)
    except Exception:
        return None
    return p if p.shape == (len(x), p.shape[-1]) and np.isfinite(p).all() else None
