"""How networks are read as a whole: what is declared, what is measured, and what is left unread."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from raw_network import PACKINGS, RawNetwork, softmax

from nnkit.diagnosis import CannotRead, Conventions, read_form
from nnkit.diagnosis.formulas import UNREAD
from nnkit.diagnosis.standard import StandardNetwork
from nnkit.subjects.shared import build as shared

SIZES = (2, 3, 1)


def test_the_shared_network_is_in_standard_form_already() -> None:
    form = read_form(lambda sizes: shared(sizes, 0), SIZES)
    network = shared(SIZES, 0)
    assert form.standard(network, SIZES) is network
    assert form.conventions(network, SIZES) == Conventions("relu", "sigmoid", "binary_cross_entropy", "float64")
    assert form.words() == {
        "parameters": "[W1, b1, W2, b2]", "hidden": "relu", "output": "sigmoid", "loss": "binary cross entropy",
    }  # fmt: skip


@pytest.mark.parametrize("packing", ["W transposed, b", "one vector", "b as first column"])
@pytest.mark.parametrize("sizes", [(2, 1), (2, 3, 1), (2, 4, 3, 1), (4, 3)])
def test_undeclared_networks(sizes: tuple[int, ...], packing: str) -> None:
    build = partial(RawNetwork, packing=packing, hidden=np.tanh, reduce=lambda v: v.sum() / 2)
    form = read_form(build, sizes)
    network = form.standard(build(sizes), sizes)
    assert isinstance(network, StandardNetwork)
    conventions = form.conventions(network, sizes)
    assert (conventions.output, conventions.loss) == ("sigmoid", "mse")
    assert conventions.hidden == ("identity" if len(sizes) == 2 else "tanh")
    x, y = np.ones((4, sizes[0])), np.zeros((4, sizes[-1]))
    assert network.loss(x, y) == pytest.approx(np.mean(network.forward(x) ** 2))


def test_logits_are_read_with_their_activation() -> None:
    def entropy(z: np.ndarray, y: np.ndarray) -> np.ndarray:
        return -(y * np.log(softmax(z))).sum(axis=1)

    build = partial(RawNetwork, output=lambda z: z, loss_of=entropy)
    form = read_form(build, (4, 3))
    network = form.standard(build((4, 3)), (4, 3))
    assert (form.output, form.loss) == ("softmax", "cross_entropy")
    assert np.allclose(network.forward(np.ones((2, 4))).sum(axis=1), 1)


def test_what_is_declared_counts_even_where_it_is_not_what_is_done() -> None:
    class Mistaken(RawNetwork):
        hidden, output, loss_function = "relu", "softmax", "cross_entropy"

        def __init__(self, sizes: Any) -> None:
            super().__init__(sizes, hidden=np.tanh)

    form = read_form(Mistaken, (4, 5, 3))
    assert (form.hidden, form.output, form.loss) == ("relu", "softmax", "cross_entropy")
    assert form.measured == {"output": "sigmoid"}


def test_a_loss_gone_wrong_is_held_to_what_it_was_meant_to_be() -> None:
    form = read_form(partial(RawNetwork, reduce=lambda v: -v.mean()), SIZES)
    assert (form.loss, form.reading) == ("mse", None)
    assert "turned round" in form.measured["loss_function"]


def test_scaling_by_the_number_of_inputs_is_no_rescaling_of_inputs() -> None:
    class PerInput(RawNetwork):
        def __init__(self, sizes: Any) -> None:
            super().__init__(sizes)
            self.width = sizes[0]

        def forward(self, x: np.ndarray) -> np.ndarray:
            return super().forward(x / np.sqrt(self.width))

    assert read_form(PerInput, SIZES).inputs == (1.0, 0.0)


@pytest.mark.parametrize("packing", ["W transposed, b a column", "b as last row"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("sizes", [SIZES, (2, 1), (4, 5, 1)])
def test_thresholds(packing: str, dtype: str, sizes: tuple[int, ...]) -> None:
    build = partial(RawNetwork, packing=packing, dtype=dtype, hidden=np.tanh, thresholds=True)
    form = read_form(build, sizes)
    assert form.subtracted
    assert (form.output, form.loss, form.inputs) == ("sigmoid", "mse", (1.0, 0.0))
    assert len(sizes) == 2 or form.hidden == "tanh"
    assert form.words()["biases"] == "subtracted: thresholds"


def test_thresholds_beside_rescaled_inputs() -> None:
    class Centring(RawNetwork):
        def forward(self, x: np.ndarray) -> np.ndarray:
            return super().forward(2 * x - 1)

    form = read_form(partial(Centring, thresholds=True), SIZES)
    assert form.subtracted and form.inputs == (2.0, 0.5)


def test_biases_subtracted_with_the_gradient_of_added_ones_are_no_thresholds() -> None:
    class Mistaken(RawNetwork):
        def gradients(self, x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
            return [-g if g.ndim == 1 else g for g in super().gradients(x, y)]

    assert not read_form(partial(Mistaken, thresholds=True), SIZES).subtracted


def test_a_gradient_of_the_wrong_sign_makes_no_thresholds_of_biases() -> None:
    class Mistaken(RawNetwork):
        def gradients(self, x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
            return [-g if g.ndim == 1 else g for g in super().gradients(x, y)]

    assert not read_form(Mistaken, SIZES).subtracted
    assert not read_form(RawNetwork, SIZES).subtracted


def test_attributes_that_raise_say_nothing() -> None:
    class Raising(RawNetwork):
        @property
        def hidden(self) -> str:
            raise RuntimeError("not yet")

        output = "elu(1e)"

    assert read_form(Raising, SIZES).hidden == "tanh"


def test_what_has_no_name_stays_unread() -> None:
    def bent(z: np.ndarray) -> np.ndarray:
        return z + 0.3 * np.sin(3 * z)

    form = read_form(partial(RawNetwork, hidden=bent, output=bent, loss_of=lambda p, y: abs(p - y) ** 3), SIZES)
    assert (form.hidden, form.output, form.loss) == (UNREAD, UNREAD, UNREAD)
    assert form.words()["hidden"] == "none that nnkit knows by name"
    assert form.layout is not None


def test_the_probed_networks_are_left_as_they_were() -> None:
    made: list[tuple[Any, RawNetwork]] = []

    def build(sizes: tuple[int, ...]) -> RawNetwork:
        made.append((sizes, RawNetwork(sizes, "one vector")))
        return made[-1][1]

    read_form(build, SIZES)
    for sizes, network in made:
        assert np.array_equal(network.arrays[0], RawNetwork(sizes, "one vector").arrays[0])


def test_networks_of_their_own_sizes_only() -> None:
    def build(sizes: tuple[int, ...]) -> RawNetwork:
        if sizes != SIZES:
            raise ValueError("two inputs, three hidden units, one output")
        return RawNetwork(sizes, "W transposed, b")

    form = read_form(build, SIZES)
    assert form.layout is not None and form.layout.words() == "[W1 transposed, b1, W2 transposed, b2]"


def test_a_network_that_raises_is_left_to_the_checks() -> None:
    def build(sizes: tuple[int, ...]) -> Any:
        raise RuntimeError("no")

    assert read_form(build, SIZES).layout is None

    class Raising(RawNetwork):
        def forward(self, x: np.ndarray) -> np.ndarray:
            raise RuntimeError("no")

    form = read_form(Raising, SIZES)
    assert form.layout is not None and form.output == UNREAD


def test_the_reading_in_words() -> None:
    def penalty(W: Any, b: Any, n: int) -> float:
        return 0.005 * float((W[0] ** 2).sum())

    build = partial(RawNetwork, packing="b as first row", reduce=lambda v: v.sum() / 2, penalty=penalty)
    assert read_form(build, SIZES).words() == {
        "parameters": "[b1 over W1, b2 over W2]",
        "hidden": "tanh (by what it does)",
        "output": "sigmoid (by what it does)",
        "loss": "mse (by what it does), a sum over the samples, times 0.5, and a penalty on the sum of squares, over n: "
        "0.01 for W1",
    }


@pytest.mark.parametrize("kinds", [("float64", "float32"), ("float16", "float16"), ("int64", "int64")])
def test_other_float_types_are_not_computed_with(kinds: tuple[str, str]) -> None:
    class Bare:
        def parameters(self) -> list[np.ndarray]:
            return [np.zeros((2, 1), kinds[0]), np.zeros(1, kinds[1])]

    form = read_form(lambda sizes: Bare(), (2, 1))
    with pytest.raises(CannotRead, match=kinds[1]):
        form.conventions(Bare(), (2, 1))


def test_missing_biases_are_told() -> None:
    class Unbiased:
        def parameters(self) -> list[np.ndarray]:
            return [np.zeros((2, 3)), np.zeros((3, 1))]

    form = read_form(lambda sizes: Unbiased(), SIZES)
    with pytest.raises(CannotRead, match=r"13 weights and biases.*holds 9 numbers"):
        form.conventions(Unbiased(), SIZES)


@pytest.mark.parametrize("packing", PACKINGS)
def test_every_packing_reads_the_same(packing: str) -> None:
    form = read_form(partial(RawNetwork, packing=packing), SIZES)
    assert (form.hidden, form.output, form.loss) == ("tanh", "sigmoid", "mse")
