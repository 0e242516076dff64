"""An activation without a name: measured as it is, right networks with it are found right, and wrong ones in place."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnkit.diagnosis.form import read_form
from nnkit.diagnosis.formulas import formula
from nnkit.diagnosis.replay.finding import Finding
from nnkit.diagnosis.replay.own_activation import is_own, measure_hidden, measure_output
from nnkit.diagnosis.replay.replay import UNLIKE, replay_sizes

Array = Any
GRID = np.linspace(-3, 3, 25).reshape(5, 5)


def bent(z: Array) -> Array:
    return np.arctan(z) + 0.1 * z


def bent_slope(z: Array) -> Array:
    return 1 / (1 + z * z) + 0.1


class Bent:
    """Hidden layers of that, a sigmoid on the output, half the squared error."""

    slope = staticmethod(bent_slope)

    def __init__(self, sizes: tuple[int, ...], seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.arrays = [a for m, n in itertools.pairwise(sizes) for a in (rng.normal(size=(m, n)), np.zeros(n))]

    def parameters(self) -> list[Array]:
        return self.arrays

    def passes(self, x: Array) -> tuple[list[Array], list[Array]]:
        a, z = [x], []
        for k in range(0, len(self.arrays), 2):
            z.append(a[-1] @ self.arrays[k] + self.arrays[k + 1])
            a.append(bent(z[-1]) if k < len(self.arrays) - 2 else 1 / (1 + np.exp(-z[-1])))
        return a, z

    def forward(self, x: Array) -> Array:
        return self.passes(x)[0][-1]

    def loss(self, x: Array, y: Array) -> float:
        return float(((self.forward(x) - y) ** 2).sum() / (2 * len(x)))

    def gradients(self, x: Array, y: Array) -> list[Array]:
        a, z = self.passes(x)
        delta = (a[-1] - y) * a[-1] * (1 - a[-1]) / len(x)
        found: list[Array] = []
        for k in range(len(z) - 1, -1, -1):
            found = [a[k].T @ delta, delta.sum(axis=0), *found]
            if k:
                delta = delta @ self.arrays[2 * k].T * self.slope(z[k - 1])
        return found

    def train_step(self, x: Array, y: Array, learning_rate: float) -> None:
        for parameter, gradient in zip(self.arrays, self.gradients(x, y), strict=True):
            parameter[...] -= learning_rate * gradient


def found_in(build: Callable[..., Any]) -> list[Finding]:
    replay = replay_sizes(build, lambda sizes: read_form(lambda probe: build(probe, 0), sizes), UNLIKE)
    assert replay is not None and replay.forward is not None and replay.forward.known
    return list(replay.findings)


def test_what_it_is_is_measured() -> None:
    name = measure_hidden(Bent((3, 4, 2)), (3, 4, 2), "sigmoid")
    assert name is not None and is_own(name)
    assert np.allclose(formula(name).value(GRID), bent(GRID), rtol=1e-12, atol=1e-12)
    assert np.allclose(formula(name).slope(GRID), bent_slope(GRID), rtol=1e-7, atol=1e-7)
    output = measure_output(Bent((3, 4, 2)), (3, 4, 2))
    assert output is not None
    assert np.allclose(formula(output).value(GRID), 1 / (1 + np.exp(-GRID)), rtol=1e-14)


def test_an_output_that_is_no_function_of_one_number_is_none() -> None:
    class Joined(Bent):
        def forward(self, x: Array) -> Array:
            p = super().forward(x)
            return p / p.sum(axis=1, keepdims=True)

    assert measure_output(Joined((3, 4, 2)), (3, 4, 2)) is None


def test_a_right_network_has_no_fault() -> None:
    assert found_in(Bent) == []


@pytest.mark.parametrize(
    ("slope", "cause"),
    [
        (np.ones_like, "activation-derivative-missing"),
        (lambda z: bent_slope(z) / 2, "delta-scaled"),
        (lambda z: 1 / (1 + z * z) - 0.1, "unknown"),
    ],
)
def test_a_wrong_slope_is_found_in_its_place(slope: Any, cause: str) -> None:
    class Wrong(Bent):
        pass

    Wrong.slope = staticmethod(slope)  # type: ignore[assignment]
    (finding,) = found_in(Wrong)
    assert (finding.cause, finding.operation, finding.layer) == (cause, "delta", 2)
