"""One positive factor between gradients and loss is recognised and named; anything else is not one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from subject_zoo import Build, Wrapped, ask_all, breaking, build

from nnkit.diagnosis import read_form
from nnkit.diagnosis.gradient_factor import GradientFactor, InUnitsOfItsLoss, read_gradient_factor

SIZES = (3, 5, 4, 2)
TANH = partial(build, hidden="tanh", optimiser="gradient_descent")
FLOAT32 = partial(TANH, dtype="float32")


def multiplied(by: Callable[[int, int], float], of: Build = TANH) -> Build:
    """Networks whose gradient of array k for n samples is by(n, k) times the slope; their own steps go by that."""

    class Multiplied(Wrapped):
        def gradients(self, x: Any, y: Any) -> list[Any]:
            return [g * by(len(x), k) for k, g in enumerate(self.network.gradients(x, y))]

        def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
            for p, g in zip(self.parameters(), self.gradients(x, y), strict=True):
                p[...] -= learning_rate * g

    return breaking(Multiplied, of)


FACTORS: dict[str, tuple[Callable[[int, int], float], GradientFactor]] = {
    "1": (lambda n, k: 1.0, GradientFactor()),
    "2": (lambda n, k: 2.0, GradientFactor(2.0)),
    "1/2": (lambda n, k: 0.5, GradientFactor(0.5)),
    "1/3": (lambda n, k: 1 / 3, GradientFactor(1 / 3)),
    "10": (lambda n, k: 10.0, GradientFactor(10.0)),
    "n": (lambda n, k: float(n), GradientFactor(1.0, 1)),
    "1/n": (lambda n, k: 1 / n, GradientFactor(1.0, -1)),
    "2/n": (lambda n, k: 2 / n, GradientFactor(2.0, -1)),
    "n/2": (lambda n, k: n / 2, GradientFactor(0.5, 1)),
    "1/(784 n)": (lambda n, k: 1 / (784 * n), GradientFactor(1 / 784, -1)),
}
NO_FACTORS: dict[str, Callable[[int, int], float]] = {
    "a wrong sign": lambda n, k: -1.0,
    "a wrong sign and another size": lambda n, k: -1 / n,
    "nothing": lambda n, k: 0.0,
    "the biases summed over samples": lambda n, k: float(n) if k % 2 else 1.0,
    "one layer twice": lambda n, k: 2.0 if k < 2 else 1.0,
    "one array a thousandth off": lambda n, k: 2.002 if k == 3 else 2.0,
    "a root of n": lambda n, k: n**0.5,
}


@pytest.mark.parametrize("of", [TANH, FLOAT32], ids=["float64", "float32"])
@pytest.mark.parametrize("words", FACTORS)
def test_a_factor_is_read_and_said(words: str, of: Build) -> None:
    by, expected = FACTORS[words]
    if of is FLOAT32 and "784" in words:
        return  # its slopes are known to three digits
    found = read_gradient_factor(multiplied(by, of)(SIZES, 0), SIZES)
    assert found == expected
    assert str(found) == words
    assert bool(found) == (words != "1")


@pytest.mark.parametrize("what", NO_FACTORS)
def test_what_is_no_factor_stays(what: str) -> None:
    assert not read_gradient_factor(multiplied(NO_FACTORS[what])(SIZES, 0), SIZES)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "sigmoid"])
@pytest.mark.parametrize("sizes", [(2, 1), (2, 3, 1), (5, 7, 3)], ids=str)
def test_kinks_and_sizes_do_not_matter(activation: str, sizes: tuple[int, ...]) -> None:
    network = multiplied(lambda n, k: 1 / n, partial(TANH, hidden=activation))(sizes, 0)
    before = [p.copy() for p in network.parameters()]
    assert read_gradient_factor(network, sizes) == GradientFactor(1.0, -1)
    assert all(np.array_equal(a, b) for a, b in zip(before, network.parameters(), strict=True))


def test_a_loss_in_bits_with_the_gradient_of_one_in_nats() -> None:
    class InBits(Wrapped):
        def loss(self, x: Any, y: Any) -> Any:
            return self.network.loss(x, y) / np.log(2)

    form = read_form(lambda sizes: breaking(InBits, TANH)(sizes, 0), (2, 3, 1))
    assert form.gradient_factor.value == pytest.approx(np.log(2), rel=1e-15)
    assert form.words()["gradient"] == "0.693147 times the slopes of the loss"


@pytest.mark.parametrize("which", ["missing derivative of the output", "missing derivative inside"])
def test_a_missing_derivative_is_no_factor(which: str) -> None:
    class Missing(Wrapped):
        def gradients(self, x: Any, y: Any) -> list[Any]:
            W1, b1, W2, b2 = self.parameters()
            a = np.tanh(x @ W1 + b1)
            p = 1 / (1 + np.exp(-(a @ W2 + b2)))
            out = 2 * (p - y) / y.size * (1 if "output" in which else p * (1 - p))
            inside = out @ W2.T * ((1 - a * a) if "output" in which else 1)
            return [x.T @ inside, inside.sum(axis=0), a.T @ out, out.sum(axis=0)]

    network = breaking(Missing, partial(TANH, output="sigmoid", loss="mse"))((2, 3, 1), 0)
    assert not read_gradient_factor(network, (2, 3, 1))


def test_it_is_seen_in_units_of_its_loss() -> None:
    plain, network = TANH((2, 3, 1), 0), multiplied(lambda n, k: 3 / n)((2, 3, 1), 0)
    seen = InUnitsOfItsLoss(network, GradientFactor(3.0, -1))
    x, y = np.eye(2), np.array([[0.0], [1.0]])
    for a, b in zip(seen.gradients(x, y), plain.gradients(x, y), strict=True):
        assert a == pytest.approx(b, rel=1e-15)
    assert seen.own_share(2) == 1.5
    assert copy.deepcopy(seen).loss(x, y) == seen.loss(x, y) == plain.loss(x, y)


class UnknownLayout(Wrapped):
    """A number more than weights and biases: nobody knows which is which."""

    def __init__(self, network: Any) -> None:
        super().__init__(network)
        self.scale = np.ones(1)

    def parameters(self) -> list[Any]:
        return [self.scale, *self.network.parameters()]

    def forward(self, x: Any) -> Any:
        return self.network.forward(self.scale * x)

    def loss(self, x: Any, y: Any) -> Any:
        return self.network.loss(self.scale * x, y)

    def gradients(self, x: Any, y: Any) -> list[Any]:
        W1, *_ = self.network.parameters()
        dW1, *more = [2 * g for g in self.network.gradients(self.scale * x, y)]
        return [np.array([(dW1 * W1).sum() / self.scale[0]]), dW1, *more]


def test_a_layout_that_nobody_knows_may_have_a_factor() -> None:
    form = read_form(lambda sizes: breaking(UnknownLayout, TANH)(sizes, 0), (2, 3, 1))
    assert form.layout is None and form.gradient_factor == GradientFactor(2.0)


# In the stages --------------------------------------------------------------------------------------------------------

COMPARES = {4: "analytic-matches-numerical", 5: "gradients"}


@pytest.mark.parametrize("number", COMPARES)
@pytest.mark.parametrize("words", ["n", "1/n", "2", "1/2"])
def test_a_factor_is_a_warning_and_all_else_is_checked(words: str, number: int) -> None:
    outcomes = ask_all(number, multiplied(FACTORS[words][0]))
    warned = outcomes.pop(COMPARES[number])
    assert warned.harmless and not warned.holds
    assert f"gradients(x, y) is {words} times the slope" in warned.message and "harmless" in warned.headline
    if words == "n":
        assert warned.headline.startswith("the loss is a mean over the samples, the gradient a sum")
    for name, outcome in outcomes.items():
        assert outcome.holds and not outcome.harmless, f"{name}: {outcome.message}"


@pytest.mark.parametrize("number", COMPARES)
@pytest.mark.parametrize("what", ["a wrong sign", "the biases summed over samples", "one layer twice"])
def test_what_is_no_factor_fails_as_ever(what: str, number: int) -> None:
    outcome = ask_all(number, multiplied(NO_FACTORS[what]))[COMPARES[number]]
    assert not outcome.holds and not outcome.harmless


def test_a_fault_beside_a_factor_is_found() -> None:
    """Beyond what the reading of the factor can see, but not beyond the checks."""

    class OneEntry(Wrapped):
        def gradients(self, x: Any, y: Any) -> list[Any]:
            gradients = [2 * g for g in self.network.gradients(x, y)]
            g = gradients[-2]
            g.flat[np.argmax(np.abs(g))] *= 1 + 1e-5
            return gradients

    outcomes = ask_all(4, breaking(OneEntry, TANH))
    assert not outcomes["gradients-match-by-hand"].holds
    assert not outcomes["analytic-matches-numerical"].holds
    assert not outcomes["analytic-matches-numerical"].harmless
