"""Replay names what is wrong with a network's numbers, with its place, and says nothing of right ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from plain_network import PlainNetwork, sigmoid

from nnkit.diagnosis.form import read_form
from nnkit.diagnosis.replay.faults import Examination, examine
from nnkit.diagnosis.replay.finding import UNKNOWN

Found = tuple[str, int | None, str | None]


def examined(without: frozenset[str] = frozenset(), **wrong: Callable[..., Any]) -> Examination:
    def build(sizes: tuple[int, ...], seed: int) -> PlainNetwork:
        return PlainNetwork(sizes, seed, **wrong)

    known: dict[tuple[int, int], Any] = {}

    def form_of(sizes: tuple[int, ...]) -> Any:
        key = (len(sizes), sizes[-1])
        if key not in known:
            known[key] = read_form(lambda probe: build(probe, 0), sizes)
        return known[key]

    return examine(build, form_of, 2, without)


def found(examination: Examination) -> list[Found]:
    return [(f.cause, f.layer, f.parameter) for f in examination.findings]


# Wrong operations -----------------------------------------------------------------------------------------------------


def only_in(number: int, wrong: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The wrong operation in one layer (from 1), the right one in the others."""
    right = getattr(PlainNetwork, name)

    def method(self: PlainNetwork, layer: int, *more: Any) -> Any:
        return (wrong if layer == number - 1 else right)(self, layer, *more)

    return method


def weighted(change: Callable[[PlainNetwork, int, Any], Any], number: int) -> dict[str, Any]:
    return {"weighted": only_in(number, change, "weighted")}


def activation(change: Callable[..., Any], number: int) -> dict[str, Any]:
    return {"activation": only_in(number, lambda self, layer, z: change(z), "activation")}


def slope(change: Callable[..., Any]) -> dict[str, Any]:
    return {"slope": lambda self, layer, a, z: change(a, z)}


def output_delta(change: Callable[..., Any]) -> dict[str, Any]:
    return {"output_delta": lambda self, p, y: change(p, y)}


def weight_gradient(number: int, change: Callable[..., Any]) -> dict[str, Any]:
    return {"weight_gradient": only_in(number, change, "weight_gradient")}


def bias_gradient(number: int, change: Callable[..., Any]) -> dict[str, Any]:
    return {"bias_gradient": only_in(number, lambda self, layer, delta: change(delta), "bias_gradient")}


def loss(change: Callable[..., Any]) -> dict[str, Any]:
    return {"loss": lambda self, x, y: float(change(self.forward(x), y))}


def batches(change: Callable[..., Any]) -> dict[str, Any]:
    right = PlainNetwork.gradients
    return {"gradients": lambda self, x, y: change(partial(right, self), x, y)}


def mse(p: np.ndarray, y: np.ndarray) -> float:
    return float(np.mean((p - y) ** 2))


def own_delta(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.asarray(2 * (p - y) / p.size * p * (1 - p))


CASES: list[tuple[dict[str, Any], Found]] = [
    (weighted(lambda self, k, a: a @ self.W[k], 2), ("bias-not-added", 2, "b2")),
    (weighted(lambda self, k, a: a @ self.W[k] + 2 * self.b[k], 3), ("bias-added-twice", 3, "b3")),
    (weighted(lambda self, k, a: a @ self.W[k] - self.b[k], 1), ("bias-sign-flipped", 1, "b1")),
    (weighted(lambda self, k, a: a[:, 1:] @ self.W[k][1:] + self.b[k], 1), ("input-ignored", 1, "W1")),
    ({"weighted": lambda self, k, a: a @ self.W[k] + self.b[-1]}, ("wrong-layer-weights-in-forward", 1, "b1")),
    (activation(lambda z: z, 1), ("activation-missing", 1, None)),
    (activation(lambda z: sigmoid(sigmoid(z)), 3), ("activation-applied-twice", 3, None)),
    (loss(lambda p, y: -mse(p, y)), ("loss-sign-flipped", None, None)),
    (loss(lambda p, y: np.sum((p - y)[:-1] ** 2) / p.size), ("loss-drops-samples", None, None)),
    (loss(lambda p, y: mse(p, y) / len(p)), ("loss-divided-twice", None, None)),
    (output_delta(lambda p, y: 2 * (p - y) / p.size), ("output-derivative-missing", 3, None)),
    (output_delta(lambda p, y: -own_delta(p, y)), ("gradient-sign-flipped", 3, None)),
    (output_delta(lambda p, y: own_delta(p, np.roll(y, 1, axis=1))), ("wrong-targets-in-gradient", 3, None)),
    (slope(lambda a, z: 1.0), ("activation-derivative-missing", 2, None)),
    (slope(lambda a, z: 1 - np.tanh(a) ** 2), ("derivative-at-wrong-argument", 2, None)),
    (slope(lambda a, z: 1 - z**2), ("derivative-at-wrong-argument", 2, None)),
    (slope(lambda a, z: a * (1 - a)), ("derivative-of-wrong-function", 2, None)),
    (slope(lambda a, z: (1 - a**2) ** 2), ("derivative-applied-twice", 2, None)),
    (slope(lambda a, z: (1 - a**2) / 2), ("delta-scaled", 2, None)),
    (weight_gradient(2, lambda self, k, a, z, d: z[k - 1].T @ d), ("wrong-activation-in-weight-gradient", 2, "W2")),
    (weight_gradient(2, lambda self, k, a, z, d: 0 * a[k].T @ d), ("weight-gradient-missing", 2, "W2")),
    (weight_gradient(3, lambda self, k, a, z, d: a[k].T @ d + 0.01 * self.W[k]), ("penalty-only-in-gradient", 3, "W3")),
    (bias_gradient(1, lambda d: 0 * d.sum(axis=0)), ("bias-gradient-missing", 1, "b1")),
    (bias_gradient(2, lambda d: d.mean(axis=0)), ("bias-gradient-scaled", 2, "b2")),
    (bias_gradient(3, lambda d: d.sum() * np.ones(d.shape[1])), ("bias-gradient-over-wrong-axis", 3, "b3")),
    (batches(lambda g, x, y: g(x[-1:], y[-1:])), ("one-sample-only", None, None)),
    (batches(lambda g, x, y: [v * len(x) for v in g(x, y)]), ("gradient-scaled", None, None)),
    (batches(lambda g, x, y: [np.clip(v, -0.01, 0.01) for v in g(x, y)]), ("gradient-clipped", None, None)),
    (batches(lambda g, x, y: g(x, y[::-1])), ("wrong-targets-in-gradient", 3, None)),
    (
        {"down": lambda self, k, d: d @ (self.W[k] if self.W[k].shape[0] == self.W[k].shape[1] else self.W[k].T)},
        ("weights-transposed-in-backpropagation", 2, None),
    ),
    ({"down": lambda self, k, d: d[:, :1] @ self.W[k][:, :1].T}, ("delta-of-one-output-only", 2, None)),
]


@pytest.mark.parametrize(("wrong", "expected"), CASES, ids=[f"{case[1][0]}-{k}" for k, case in enumerate(CASES)])
def test_a_fault_is_named_with_its_place_and_proved(wrong: dict[str, Any], expected: Found) -> None:
    examination = examined(**wrong)
    assert expected in found(examination)
    named = next(finding for finding in examination.findings if finding.cause == expected[0])
    assert named.summary.endswith(".") and named.proof
    assert [f for f in found(examination) if f[0] != expected[0]] == []


def test_a_right_network_has_no_findings() -> None:
    assert found(examined()) == []


def from_differences(self: PlainNetwork, x: Any, y: Any) -> list[Any]:
    """Right to about ten digits."""
    slopes = [np.zeros_like(p) for p in self.parameters()]
    for p, g in zip(self.parameters(), slopes, strict=True):
        for place in np.ndindex(p.shape):
            here, losses = p[place], []
            for there in (here + 1e-5, here - 1e-5):
                p[place] = there
                losses.append(self.loss(x, y))
            p[place], g[place] = here, (losses[0] - losses[1]) / 2e-5
    return slopes


def test_gradients_from_differences_of_the_loss_are_no_fault() -> None:
    assert found(examined(gradients=from_differences)) == []


@pytest.mark.parametrize(
    ("wrong", "expected"), CASES[::2], ids=[f"{case[1][0]}-{k}" for k, case in enumerate(CASES[::2])]
)
def test_a_cause_that_is_not_known_gets_no_other_name(wrong: dict[str, Any], expected: Found) -> None:
    """Some have two right names: the same numbers come of other mistakes."""
    equal = {
        "activation-missing": {"derivative-of-wrong-function"},
        "output-derivative-missing": {"gradient-of-another-loss"},
        "loss-sign-flipped": {"gradient-sign-flipped"},
        "loss-drops-samples": {"gradient-scaled"},
        "delta-of-one-output-only": {"wrong-weights-in-backpropagation"},
        "one-sample-only": {"last-sample-dropped"},
    }
    names = {cause for cause, _, _ in found(examined(frozenset({expected[0]}), **wrong))}
    assert expected[0] not in names
    assert names <= {UNKNOWN, *equal.get(expected[0], set())}


def test_faults_of_two_operations_are_both_named() -> None:
    both = examined(**output_delta(lambda p, y: 2 * (p - y) / p.size), **slope(lambda a, z: 1.0))
    assert {cause for cause, _, _ in found(both)} == {"output-derivative-missing", "activation-derivative-missing"}


UNHEARD_OF: list[tuple[dict[str, Any], Found]] = [
    (slope(lambda a, z: np.cos(3 * z)), (UNKNOWN, 2, None)),
    (weighted(lambda self, k, a: a @ self.W[k] + self.b[k] ** 2, 1), (UNKNOWN, 1, "b1")),
    (weighted(lambda self, k, a: a @ self.W[k] ** 3 + self.b[k], 2), (UNKNOWN, 2, "W2")),
    (weighted(lambda self, k, a: a**2 @ self.W[k] + self.b[k], 1), (UNKNOWN, 1, "W1")),
    (activation(lambda z: np.sin(3 * z), 2) | {"hidden": "tanh"}, (UNKNOWN, 2, None)),
    (activation(lambda z: sigmoid(z) ** 3, 3) | {"output": "sigmoid"}, (UNKNOWN, 3, None)),
    (loss(lambda p, y: mse(p, y) * (1 + (len(p) > 1) * p[0, 0])), (UNKNOWN, None, None)),
    (loss(lambda p, y: np.mean(p - y) ** 2), (UNKNOWN, None, None)),
]


@pytest.mark.parametrize(("wrong", "expected"), UNHEARD_OF)
def test_an_unknown_fault_has_its_place(wrong: dict[str, Any], expected: Found) -> None:
    strange = examined(**wrong)
    assert found(strange) == [expected]


def test_activations_of_ones_own_are_no_fault() -> None:
    def bent(z: np.ndarray) -> np.ndarray:
        return np.sin(3 * z) + z

    right = slope(lambda a, z: 3 * np.cos(3 * z) + 1)
    assert found(examined(activation=lambda self, k, z: bent(z) if k < len(self.W) - 1 else sigmoid(z), **right)) == []


@pytest.mark.parametrize("case", [10, 13, 0, 7, 22])
def test_mended_networks_are_right(case: int) -> None:
    mended = examined(**CASES[case][0]).mended()
    assert mended is not None
    sizes = (4, 5, 3, 2)
    network, reference = mended(sizes, 0), PlainNetwork(sizes, 0)
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(6, 4)), np.eye(2)[[0, 1, 1, 0, 1, 0]]
    assert np.allclose(network.forward(x), reference.forward(x), rtol=1e-12)
    assert np.isclose(network.loss(x, y), reference.loss(x, y), rtol=1e-12)
    for mine, right in zip(network.gradients(x, y), reference.gradients(x, y), strict=True):
        assert np.allclose(mine, right, rtol=1e-9, atol=1e-12)
