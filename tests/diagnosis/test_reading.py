"""Conventions are read off what a network does."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from raw_network import RawNetwork, sigmoid, softmax

from nnkit.diagnosis.formulas import formula, known_names
from nnkit.diagnosis.layout import read_layout
from nnkit.diagnosis.reading import LossReading, read_guard, read_hidden, read_inputs, read_loss, read_output
from nnkit.diagnosis.standard import StandardNetwork

EXACT, SINGLE = 1e-9, 3e-5


def standard(sizes: tuple[int, ...], **choices: Any) -> StandardNetwork:
    build = partial(RawNetwork, packing="b as first column", **choices)
    return StandardNetwork(build(sizes), read_layout(build, len(sizes) - 1), sizes)


@pytest.mark.parametrize("name", [*known_names(), "leaky_relu(0.2)", "elu(0.5)"])
def test_activations(name: str) -> None:
    f = formula(name).value
    assert read_output(standard((5, 1), output=f), (5, 1), EXACT) == name
    assert read_hidden(standard((5, 7, 1), hidden=f, output=sigmoid), (5, 7, 1), EXACT) == name
    assert read_hidden(standard((5, 7, 3), hidden=f, output=softmax), (5, 7, 3), EXACT) == name


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "gelu", "identity", "gaussian", "leaky_relu(0.2)"])
def test_each_of_several_hidden_layers(name: str) -> None:
    network = standard((5, 9, 7, 2), hidden=formula(name).value)
    assert [read_hidden(network, (5, 9, 7, 2), EXACT, layer) for layer in (1, 2)] == [name, name]


def test_hidden_activations_are_seen_through_an_output_activation_without_a_name() -> None:
    network = standard((5, 7, 1), output=lambda z: 0.3 + 0.2 * np.arctan(z) + 0.01 * z)
    assert read_hidden(network, (5, 7, 1), EXACT) == "tanh"


@pytest.mark.parametrize("k", [2, 3])
def test_softmax(k: int) -> None:
    assert read_output(standard((5, k), output=softmax), (5, k), EXACT) == "softmax"


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "softplus", "identity"])
def test_float32(name: str) -> None:
    f = formula(name).value
    assert read_output(standard((5, 1), output=f, dtype="float32"), (5, 1), SINGLE) == name
    assert read_hidden(standard((5, 7, 1), hidden=f, dtype="float32"), (5, 7, 1), SINGLE) == name


def test_what_has_no_name_is_left_unread() -> None:
    def bent(z: np.ndarray) -> np.ndarray:
        return z + 0.3 * np.sin(3 * z)

    assert read_output(standard((5, 1), output=bent), (5, 1), EXACT) is None
    assert read_hidden(standard((5, 7, 1), hidden=bent), (5, 7, 1), EXACT) is None


def entropy(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


def categorical(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    return -(y * np.log(p)).sum(axis=1)


def logit_entropy(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))


def logit_categorical(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    return categorical(softmax(z), y)


def identity(z: np.ndarray) -> np.ndarray:
    return z


CASES: list[tuple[str, int, dict[str, Any], LossReading]] = [
    ("mean squared error", 1, {}, LossReading("mse")),
    ("half of it", 1, {"reduce": lambda v: v.mean() / 2}, LossReading("mse", factor=0.5)),
    ("half its sum", 1, {"reduce": lambda v: v.sum() / 2}, LossReading("mse", factor=0.5, summed=True)),
    ("1/(2n), summed over outputs", 3, {"reduce": lambda v: v.sum() / (2 * len(v))}, LossReading("mse", factor=1.5)),
    ("sum over all", 3, {"reduce": np.sum}, LossReading("mse", factor=3.0, summed=True)),
    ("binary cross-entropy", 1, {"loss_of": entropy}, LossReading("binary_cross_entropy")),
    ("summed", 1, {"loss_of": entropy, "reduce": np.sum}, LossReading("binary_cross_entropy", summed=True)),
    ("in bits", 1, {"loss_of": lambda p, y: entropy(p, y) / np.log(2)},
     LossReading("binary_cross_entropy", factor=1 / np.log(2))),
    ("binary, three outputs", 3, {"loss_of": entropy, "reduce": lambda v: v.sum() / len(v)},
     LossReading("binary_cross_entropy", factor=3.0)),
    ("softmax", 3, {"output": softmax, "loss_of": categorical}, LossReading("cross_entropy")),
    ("softmax and squares", 3, {"output": softmax}, LossReading("mse")),
    ("guarded", 3, {"output": softmax, "loss_of": lambda p, y: categorical(p + 1e-12, y)}, LossReading("cross_entropy")),
    ("logits", 3, {"output": identity, "loss_of": logit_categorical}, LossReading("cross_entropy", logits="softmax")),
    ("one logit", 1, {"output": identity, "loss_of": logit_entropy},
     LossReading("binary_cross_entropy", logits="sigmoid")),
    ("straight", 1, {"output": identity}, LossReading("mse")),
    ("tanh and squares", 1, {"output": np.tanh}, LossReading("mse")),
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize(("k", "choices", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_losses(k: int, choices: dict[str, Any], expected: LossReading, layers: int, dtype: str) -> None:
    sizes = (5, k) if layers == 1 else (5, 7, k)
    slack = EXACT if dtype == "float64" else SINGLE
    network = standard(sizes, dtype=dtype, **choices)
    found = read_loss(network, sizes, read_output(network, sizes, slack), slack)
    assert found is not None
    assert found.factor == pytest.approx(expected.factor, rel=100 * slack)
    assert (found.loss, found.logits, found.summed) == (expected.loss, expected.logits, expected.summed)
    assert found.squares == ()


def test_a_penalty_on_the_weights() -> None:
    def squares(W: list[Any], b: list[Any], n: int) -> float:
        return 0.5 * 1e-3 * sum(float((w**2).sum()) for w in W)

    found = read_loss(standard((5, 7, 1), loss_of=entropy, penalty=squares), (5, 7, 1), "sigmoid", EXACT)
    assert found is not None
    assert found.squares == pytest.approx((5e-4, 0, 5e-4, 0))
    assert found.absolutes == (0, 0, 0, 0)
    assert not found.per_sample


def test_a_penalty_over_n_and_absolute_values() -> None:
    def both(W: list[Any], b: list[Any], n: int) -> float:
        return (0.02 * float(np.abs(W[0]).sum()) + 0.01 * float((b[1] ** 2).sum())) / n

    found = read_loss(standard((5, 7, 3), penalty=both, reduce=lambda v: v.sum() / len(v)), (5, 7, 3), "sigmoid", EXACT)
    assert found is not None
    assert found.factor == 3
    assert found.absolutes == pytest.approx((0.02 / 3, 0, 0, 0))
    assert found.squares == pytest.approx((0, 0, 0, 0.01 / 3))
    assert found.per_sample


def test_a_sum_of_losses_with_a_constant_penalty_has_a_penalty_over_n() -> None:
    def squares(W: list[Any], b: list[Any], n: int) -> float:
        return 1e-3 * float((W[0] ** 2).sum())

    found = read_loss(standard((5, 1), loss_of=entropy, penalty=squares, reduce=np.sum), (5, 1), "sigmoid", EXACT)
    assert found is not None and found.summed and found.per_sample
    assert found.squares == pytest.approx((1e-3, 0))


@pytest.mark.parametrize(
    "loss_of",
    [
        lambda p, y: np.abs(p - y) ** 3,
        lambda p, y: np.abs(p - y),
        lambda p, y: entropy(p, y) * (1 - np.where(y > 0, p, 1 - p)) ** 2,
    ],
    ids=["cubes", "absolute values", "focal"],
)
def test_other_losses_are_left_unread(loss_of: Any) -> None:
    assert read_loss(standard((5, 7, 1), loss_of=loss_of), (5, 7, 1), "sigmoid", EXACT) is None


@pytest.mark.parametrize(
    ("k", "output", "of"), [(1, sigmoid, entropy), (3, softmax, categorical)], ids=["one", "three"]
)
def test_a_mean_with_weights_for_classes_is_left_unread(k: int, output: Any, of: Any) -> None:
    """For a sample alone the weight cancels, so that single losses are the usual ones."""

    def weighted(p: Any, y: Any) -> Any:
        weights = np.array([1.0, 3.0, 0.5])[y[:, 0].astype(int) if k == 1 else np.argmax(y, axis=1)]
        return np.average(np.reshape(of(p, y), -1), weights=weights)

    assert read_loss(standard((5, 7, k), output=output, loss_of=weighted), (5, 7, k), None, EXACT) is None


FAULTS: list[tuple[str, int, dict[str, Any], str]] = [
    ("sign", 1, {"loss_of": lambda p, y: -((p - y) ** 2)}, "mse: the sign is turned round"),
    ("twice", 3, {"output": softmax, "loss_of": lambda p, y: categorical(softmax(p), y)},
     "cross_entropy: softmax is applied twice"),
    ("sigmoid twice", 1, {"loss_of": logit_entropy}, "binary_cross_entropy: the sigmoid is applied twice"),
    ("half of it", 1, {"loss_of": lambda p, y: -y * np.log(p)},
     "binary_cross_entropy: the part for y = 0 is missing"),
    ("n twice", 1, {"loss_of": entropy, "reduce": lambda v: v.mean() / len(v)},
     "binary_cross_entropy: right for single samples, and neither sum nor mean for several"),
    ("rewarding weights", 1, {"loss_of": entropy, "penalty": lambda W, b, n: -0.01 * float((W[0] ** 2).sum())},
     "binary_cross_entropy: with a penalty of the wrong sign, which rewards large weights"),
]  # fmt: skip


@pytest.mark.parametrize(("k", "choices", "words"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS])
def test_a_loss_gone_wrong_is_no_convention(k: int, choices: dict[str, Any], words: str) -> None:
    sizes = (5, k)
    network = standard(sizes, **choices)
    found = read_loss(network, sizes, read_output(network, sizes, EXACT), EXACT)
    assert found is not None
    assert f"{found.loss}: {found.fault}" == words


def test_another_loss_than_the_declared_one_is_left_unread() -> None:
    assert read_loss(standard((5, 1), loss_of=entropy), (5, 1), "sigmoid", EXACT, only="mse") is None


@pytest.mark.parametrize(
    "inputs", [(1.0, 0.5), (2.0, 0.25), (0.1, 0.0), (1 / 255, 0.0), (1 / 0.3081, 0.1307), (2 / 255, 127.5)]
)
@pytest.mark.parametrize("output", [sigmoid, np.tanh, identity])
def test_inputs_rescaled_inside(inputs: tuple[float, float], output: Any) -> None:
    class Rescaling(RawNetwork):
        def forward(self, x: np.ndarray) -> np.ndarray:
            return super().forward(inputs[0] * (x - inputs[1]))

    network = Rescaling((5, 1), output=output)
    found = read_inputs(StandardNetwork(network, read_layout(RawNetwork, 1), (5, 1)), (5, 1), EXACT)
    assert found == pytest.approx(inputs, rel=1e-15, abs=0)


@pytest.mark.parametrize("inputs", [(0.5, 0.0), (1 / 255, 0.0), (1.0, 0.5)])
def test_inputs_rescaled_in_float32(inputs: tuple[float, float]) -> None:
    class Rescaling(RawNetwork):
        def forward(self, x: np.ndarray) -> np.ndarray:
            return super().forward(np.float32(inputs[0]) * (x - np.float32(inputs[1])))

    network = StandardNetwork(Rescaling((5, 1), dtype="float32"), read_layout(RawNetwork, 1), (5, 1))
    assert read_inputs(network, (5, 1), SINGLE) == pytest.approx(inputs, rel=1e-6, abs=0)


def test_inputs_as_they_are() -> None:
    assert read_inputs(standard((5, 1)), (5, 1), EXACT) == (1.0, 0.0)


def test_inputs_bent_inside_are_left_unread() -> None:
    class Bending(RawNetwork):
        def forward(self, x: np.ndarray) -> np.ndarray:
            return super().forward(x**3)

    network = StandardNetwork(Bending((5, 1)), read_layout(RawNetwork, 1), (5, 1))
    assert read_inputs(network, (5, 1), EXACT) is None


@pytest.mark.parametrize("guard", [1e-12, 1e-10, 1e-8, 1e-7])
@pytest.mark.parametrize(("k", "loss_of", "output"), [(1, entropy, sigmoid), (3, categorical, softmax)])
def test_a_guard_in_the_logarithm(guard: float, k: int, loss_of: Any, output: Any) -> None:
    def guarded(p: np.ndarray, y: np.ndarray) -> np.ndarray:
        if k == 1:
            return -(y * np.log(p + guard) + (1 - y) * np.log(1 - p + guard))
        return -(y * np.log(p + guard)).sum(axis=1)

    sizes = (5, k)
    network = standard(sizes, loss_of=guarded, output=output)
    plain = read_loss(network, sizes, None, SINGLE)
    assert plain is not None
    assert read_guard(network, sizes, plain) == pytest.approx(guard, rel=1e-2)
    found = read_loss(network, sizes, None, EXACT, guard=guard)
    assert found is not None and found.guard == guard and found.factor == 1


def test_targets_of_minus_one_and_one() -> None:
    network = standard((5, 1), output=np.tanh, loss_of=lambda p, y: (p - (2 * y - 1)) ** 2)
    assert read_loss(network, (5, 1), "tanh", EXACT) == LossReading("mse", factor=4.0, recoded=True)
