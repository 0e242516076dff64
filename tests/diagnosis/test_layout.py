"""The layout of parameters is found, whatever it is, from shapes and from what may not matter."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from raw_network import PACKINGS, RawNetwork, softmax

from nnkit.diagnosis.layout import Layout, UnknownLayout, read_layout

#: networks of the stages, many of whose sizes are equal, so that their shapes alone would say little
SIZES = {1: [(2, 1), (4, 3)], 2: [(2, 2, 1), (2, 3, 1), (3, 3, 3)], 3: [(2, 2, 2, 1), (2, 4, 3, 1)]}


def flat(arrays: list[Any]) -> np.ndarray:
    return np.concatenate([np.ravel(array) for array in arrays])


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("packing", PACKINGS)
def test_each_number_is_found(packing: str, layers: int) -> None:
    build = partial(RawNetwork, packing=packing, output=softmax)
    layout = read_layout(build, layers)
    for sizes in SIZES[layers]:
        network = build(sizes)
        assert layout.fits([array.shape for array in network.parameters()], sizes)
        assert np.array_equal(flat(network.standard())[layout.order(sizes)], flat(network.parameters()))


@pytest.mark.parametrize("packing", PACKINGS)
def test_networks_that_can_have_one_output_only(packing: str) -> None:
    def build(sizes: tuple[int, ...]) -> RawNetwork:
        if sizes[-1] != 1:
            raise ValueError("one output only")
        return RawNetwork(sizes, packing)

    layout = read_layout(build, 2)
    network = build((2, 2, 1))
    assert np.array_equal(flat(network.standard())[layout.order((2, 2, 1))], flat(network.parameters()))


def test_each_neuron_with_arrays_of_its_own() -> None:
    class Neurons(RawNetwork):
        def __init__(self, sizes: Any) -> None:
            super().__init__(sizes, "b as last column")
            self.rows = [row for array in self.arrays for row in array]

        def parameters(self) -> list[np.ndarray]:
            return [part for row in self.rows for part in (row[:-1], row[-1:])]

    layout = read_layout(Neurons, 2)
    network = Neurons((2, 2, 1))
    assert layout.joined and layout.fits([a.shape for a in network.parameters()], (2, 2, 1))
    assert np.array_equal(flat(network.standard())[layout.order((2, 2, 1))], flat(network.parameters()))


def test_further_axes_of_length_one() -> None:
    class Blocks(RawNetwork):
        def parameters(self) -> list[np.ndarray]:
            return [array[None] for array in self.arrays]

    assert read_layout(lambda sizes: Blocks(sizes, "b as last column"), 2).words() == (
        "[(W1 over b1) transposed, (W2 over b2) transposed]"
    )


@pytest.mark.parametrize("hidden", [np.tanh, np.sin, lambda z: np.maximum(z, 0), lambda z: z, lambda z: z**3 - z])
def test_no_activation_need_be_known(hidden: Any) -> None:
    build = partial(RawNetwork, packing="one vector, W transposed", hidden=hidden, output=lambda z: z)
    assert "W1 transposed, b1" in read_layout(build, 2).words()


def test_the_networks_parameters_are_left_as_they_were() -> None:
    networks = []

    def build(sizes: tuple[int, ...]) -> RawNetwork:
        networks.append(RawNetwork(sizes, "one vector"))
        return networks[-1]

    read_layout(build, 2)
    assert np.array_equal(networks[0].arrays[0], RawNetwork((5, 7, 3), "one vector").arrays[0])


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_standard_layout_is_known_as_such(layers: int) -> None:
    assert read_layout(RawNetwork, layers).is_standard
    assert not read_layout(partial(RawNetwork, packing="W transposed, b"), layers).is_standard


@pytest.mark.parametrize(
    "shapes", [[(5, 7), (7, 3)], [(5, 7), (7,), (7, 3), (3,), (1,)], [(5, 7), (7,), (6, 3), (3,)], [(99,)], [()]]
)
def test_other_arrays_are_not_guessed_at(shapes: list[tuple[int, ...]]) -> None:
    class Other:
        def parameters(self) -> list[np.ndarray]:
            return [np.ones(shape) for shape in shapes]

    with pytest.raises(UnknownLayout, match="no arrangement"):
        read_layout(lambda sizes: Other(), 2)


def test_other_sizes_do_not_fit() -> None:
    layout: Layout = read_layout(RawNetwork, 2)
    assert not layout.fits([(2, 3), (3,), (3, 2), (1,)], (2, 3, 1))
    assert not layout.fits([(2, 1), (1,)], (2, 1))
