"""A network in standard form says the same as in its own, in the standard order and scale."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from raw_network import PACKINGS, RawNetwork, softmax

from nnkit.diagnosis import set_parameters
from nnkit.diagnosis.layout import read_layout
from nnkit.diagnosis.standard import OneOfTwo, StandardNetwork, in_own_words
from nnkit.gradients import check_gradients

SIZES = (2, 3, 2)
X = np.array([[0.5, -1.0], [1.0, 0.25], [-0.5, 2.0]])
Y = np.eye(2)[[0, 1, 1]]


def both(packing: str) -> tuple[RawNetwork, StandardNetwork]:
    build = partial(RawNetwork, packing=packing)
    raw = build(SIZES)
    return raw, StandardNetwork(raw, read_layout(build, 2), SIZES)


@pytest.mark.parametrize("packing", PACKINGS)
def test_parameters_are_read_and_written(packing: str) -> None:
    raw, standard = both(packing)
    for a, b in zip(standard.parameters(), raw.standard(), strict=True):
        assert np.array_equal(a, b)
    values = [np.random.default_rng(0).normal(size=array.shape) for array in standard.parameters()]
    standard.set_parameters(values)
    for a, b in zip(values, raw.standard(), strict=True):
        assert np.array_equal(a, b)


class Backwards(RawNetwork):
    """Its arrays in another order."""

    def parameters(self) -> list[np.ndarray]:
        return super().parameters()[::-1]


def test_words_say_once_where_a_parameter_is_unless_it_is_where_it_is_said_to_be() -> None:
    text = "b2 is wrong: b2, after W1"
    plain = RawNetwork(SIZES)
    assert in_own_words(text, StandardNetwork(plain, read_layout(RawNetwork, 2), SIZES)) == text
    assert in_own_words(text, plain) == text
    turned = StandardNetwork(Backwards(SIZES), read_layout(Backwards, 2), SIZES)
    assert in_own_words(text, turned) == (
        "b2 (parameters()[0], shape (2,)) is wrong: b2, after W1 (parameters()[3], shape (2, 3))"
    )


@pytest.mark.parametrize("packing", PACKINGS)
def test_every_packing_has_words_for_where_its_numbers_are(packing: str) -> None:
    raw, standard = both(packing)
    for k, name in enumerate(("W1", "b1", "W2", "b2")):
        place = standard.where(name)
        if not place:
            assert raw.parameters()[k].shape == standard.parameters()[k].shape
        else:
            assert "parameters()[" in place
    assert standard.where("W3") == ""


@pytest.mark.parametrize("packing", PACKINGS)
def test_gradients_are_those_of_the_standard_parameters(packing: str) -> None:
    _, standard = both(packing)
    assert check_gradients(standard, X, Y).passed


def test_logits_become_outputs() -> None:
    build = partial(RawNetwork, output=lambda z: z)
    raw = build(SIZES)
    standard = StandardNetwork(raw, read_layout(build, 2), SIZES, logits="softmax")
    assert np.allclose(standard.forward(X), softmax(raw.forward(X)))


@pytest.mark.parametrize(("summed", "share"), [(False, 0.5), (True, 1.5)])
def test_losses_and_gradients_in_standard_units(summed: bool, share: float) -> None:
    raw = RawNetwork(SIZES)
    standard = StandardNetwork(raw, read_layout(RawNetwork, 2), SIZES, factor=0.5, summed=summed)
    assert standard.loss(X, Y) == pytest.approx(raw.loss(X, Y) / share)
    assert np.allclose(standard.gradients(X, Y)[0], raw.gradients(X, Y)[0] / share)


def test_complex_parameters_only_where_the_network_takes_them() -> None:
    _raw, standard = both("W, b")
    values = [array + 0j for array in standard.parameters()]
    with pytest.raises(TypeError, match="set_parameters"):
        standard.set_parameters(values)

    class Taking(RawNetwork):
        def set_parameters(self, arrays: list[np.ndarray]) -> None:
            self.arrays = arrays

    standard = StandardNetwork(Taking(SIZES), read_layout(RawNetwork, 2), SIZES)
    standard.set_parameters(values)
    assert standard.parameters()[0].dtype.kind == "c"


def test_gradients_of_other_shapes_are_told() -> None:
    class Transposed(RawNetwork):
        def gradients(self, x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
            return [gradient.T for gradient in super().gradients(x, y)]

    class Few(RawNetwork):
        def gradients(self, x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
            return super().gradients(x, y)[:2]

    layout = read_layout(RawNetwork, 2)
    with pytest.raises(ValueError, match=r"gradients\(\)\[0\].*transposed"):
        StandardNetwork(Transposed(SIZES), layout, SIZES).gradients(X, Y)
    with pytest.raises(ValueError, match="each of the 4 parameters; it returned 2"):
        StandardNetwork(Few(SIZES), layout, SIZES).gradients(X, Y)


@pytest.mark.parametrize("inputs", [(1.0, 0.5), (2.0, 0.0), (1 / 255, 127.5)])
def test_inputs_that_are_rescaled_inside(inputs: tuple[float, float]) -> None:
    scale, shift = inputs

    class Rescaling(RawNetwork):
        def forward(self, x: np.ndarray) -> np.ndarray:
            return super().forward(scale * (x - shift))

    standard = StandardNetwork(Rescaling(SIZES), read_layout(Rescaling, 2), SIZES, inputs=inputs)
    assert np.allclose(standard.forward(X), RawNetwork(SIZES).forward(X))
    assert standard.loss(X, Y) == pytest.approx(RawNetwork(SIZES).loss(X, Y))


@pytest.mark.parametrize("packing", ["W, b", "b as first column", "one vector, all W then all b"])
def test_thresholds_are_biases_with_the_other_sign(packing: str) -> None:
    build = partial(RawNetwork, packing=packing, thresholds=True)
    raw = build(SIZES)
    standard = StandardNetwork(raw, read_layout(build, 2), SIZES, subtracted=True)
    for k, (bias, threshold) in enumerate(zip(standard.parameters(), raw.standard(), strict=True)):
        assert np.array_equal(bias, -threshold if k % 2 else threshold)
    adding = RawNetwork(SIZES)
    set_parameters(adding, standard.parameters())
    assert np.allclose(standard.forward(X), adding.forward(X))
    assert check_gradients(standard, X, Y, limit=1e-4).passed
    values = [np.random.default_rng(0).normal(size=array.shape) for array in standard.parameters()]
    standard.set_parameters(values)
    assert all(np.array_equal(a, b) for a, b in zip(values, standard.parameters(), strict=True))
    assert in_own_words("b1", standard).startswith("b1 (minus ")


def test_a_change_of_the_inputs_is_not_hidden() -> None:
    class Centring(RawNetwork):
        def forward(self, x: np.ndarray) -> np.ndarray:
            x -= 0.5
            return super().forward(x)

    standard = StandardNetwork(Centring(SIZES), read_layout(RawNetwork, 2), SIZES, inputs=(1.0, 0.5))
    x = X.copy()
    standard.forward(x)
    assert not np.array_equal(x, X)


def test_targets_of_minus_one_and_one() -> None:
    raw = RawNetwork(SIZES, output=np.tanh)
    standard = StandardNetwork(raw, read_layout(RawNetwork, 2), SIZES, recoded=True)
    assert np.allclose(standard.forward(X), (1 + raw.forward(X)) / 2)


class TestOneOfTwo:
    """Two outputs of a softmax, of which the second is taken."""

    sizes = (2, 3, 2)

    def make(self) -> OneOfTwo:
        def entropy(p: np.ndarray, y: np.ndarray) -> np.ndarray:
            return -(y * np.log(p)).sum(axis=1)

        build = partial(RawNetwork, packing="W transposed, b", output=softmax, loss_of=entropy)
        return OneOfTwo(StandardNetwork(build(self.sizes), read_layout(build, 2), self.sizes))

    def test_it_is_a_network_with_one_sigmoid_output(self) -> None:
        one, single = self.make(), RawNetwork((2, 3, 1))
        values = [np.random.default_rng(0).normal(size=a.shape) for a in single.standard()]
        for network in (one, single):
            set_parameters(network, values)
        for a, b in zip(one.parameters(), values, strict=True):
            assert np.allclose(a, b)
        assert np.allclose(one.forward(X), single.forward(X))

    def test_its_gradients_are_the_slopes_of_its_loss(self) -> None:
        assert check_gradients(self.make(), X, np.array([[0.0], [1.0], [1.0]])).passed
