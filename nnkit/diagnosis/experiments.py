"""An experiment with the start: first weights that look odd are changed, and what failed is tried again.

A bad start is in no formula. What the first weights look like suggests what may be wrong with them; the proof is that the
same network, with that one thing changed in the layers that have it, passes the stage that it failed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.conventions import get_parameters, set_parameters

Array = npt.NDArray[Any]
#: (sizes, seed) -> a network in standard form
Build = Callable[[tuple[int, ...], int], Any]

#: a layer is odd if it is so from each of so many seeds
SEEDS = 8
#: first weights that are so many times smaller or larger than 1 / sqrt(inputs) are small or large; honest
#: initialisers differ by a factor of 3 at most
FAR = 5.0


@dataclass(frozen=True)
class Oddity:
    """cause: what it may be; words: what such first weights are like; odd: whether the weights (d_in, d_out) of a layer
    are so; usual: the weights to try in their place."""

    cause: str
    words: str
    odd: Callable[[Array], bool]
    usual: Callable[[Array, np.random.Generator], Array]

    def take_away(self, network: Any, seed: int) -> None:
        """Give the layers of this network (in standard form) that have it other first weights; leave all else."""
        parameters, rng = get_parameters(network), np.random.default_rng(seed)
        for k, W in enumerate(parameters[::2]):
            if self.odd(W):
                parameters[2 * k] = self.usual(W, rng).astype(W.dtype)
        set_parameters(network, parameters)


@dataclass(frozen=True)
class OddStart:
    """An oddity, and where it shows first: the layer (from 1), of so many, and how large the weights are there, in units of
    1 / sqrt(inputs)."""

    oddity: Oddity
    layer: int
    layers: int
    size: float

    @property
    def words(self) -> str:
        return self.oddity.words.format(size=f"{self.size:.2g}")


def find_odd_starts(build: Build, shapes: Sequence[tuple[int, ...]]) -> Iterator[OddStart]:
    """What is odd about the first weights of these networks: the worst oddity first, each where it shows first."""
    starts = [[get_parameters(build(sizes, seed))[::2] for seed in range(SEEDS)] for sizes in shapes]
    for oddity in ODDITIES:
        for networks in starts:
            odd = [k for k, layer in enumerate(zip(*networks, strict=True)) if all(map(oddity.odd, layer))]
            if odd:
                yield OddStart(oddity, odd[0] + 1, len(networks[0]), _size(networks[0][odd[0]]))
                break


def _size(W: Array) -> float:
    """The root mean square of the weights, in units of 1 / sqrt(inputs)."""
    return float(np.linalg.norm(W) / math.sqrt(W.shape[1]))


def _drawn(W: Array, rng: np.random.Generator) -> Array:
    return rng.normal(0, W.shape[0] ** -0.5, W.shape)


def _with_signs(W: Array, rng: np.random.Generator) -> Array:
    return np.asarray(W * rng.choice([-1, 1], W.shape))


def _of_usual_size(W: Array, rng: np.random.Generator) -> Array:
    return np.asarray(W / _size(W))


ODDITIES = (
    Oddity("initialised-to-zero", "all zero in a layer", lambda W: not W.any(), _drawn),
    Oddity(
        "initialised-symmetric", "the same for all units of a layer, which so stay alike for ever",
        lambda W: W.shape[1] > 1 and bool(W.any()) and np.allclose(W, W[:, :1], rtol=1e-6, atol=0), _drawn,
    ),
    Oddity("initialised-positive-only", "all positive", lambda W: bool((W > 0).all()), _with_signs),
    Oddity(
        "initialised-too-small", "small: of size {size} / sqrt(inputs)", lambda W: 0 < _size(W) < 1 / FAR,
        _of_usual_size,
    ),
    Oddity(
        "initialised-too-large", "large: of size {size} / sqrt(inputs)", lambda W: FAR < _size(W) < math.inf,
        _of_usual_size,
    ),
)  # fmt: skip
