"""A guard against log(0) is no fault of a gradient, and hides none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from subject_zoo import Wrapped, ask, build, conventions_of

from nnkit.diagnosis.guard import check_gradients_past_guard
from nnkit.gradients import check_gradients

Array = np.ndarray


def clipped(guard: float) -> Callable[[Array], tuple[Array, Array]]:
    return lambda p: (np.clip(p, guard, 1 - guard), 1 - np.clip(p, guard, 1 - guard))


def added(guard: float) -> Callable[[Array], tuple[Array, Array]]:
    return lambda p: (p + guard, 1 - p + guard)


class Guarded(Wrapped):
    """The cross-entropy of p and 1 - p kept away from 0; the gradient is that of the plain one."""

    kept_away = staticmethod(clipped(1e-12))

    def loss(self, x: Array, y: Array) -> Any:
        p, rest = self.kept_away(self.network.forward(x))
        return -np.mean(np.sum(y * np.log(p) + (0 if p.shape[1] > 1 else 1 - y) * np.log(rest), axis=1))


def guarded(how: Callable[[Array], tuple[Array, Array]], fault: type[Wrapped] = Guarded) -> Callable[..., Any]:
    def make(sizes: tuple[int, ...], seed: int) -> Any:
        network = fault(build(sizes, seed, hidden="tanh"))
        network.kept_away = how  # type: ignore[attr-defined]
        return network

    return make


GUARDS = {f"clipped at {guard:g}": clipped(guard) for guard in (1e-15, 1e-12, 1e-8, 1e-7)} | {
    f"{guard:g} added": added(guard) for guard in (1e-300, 1e-12, 1e-7)
}


@pytest.mark.parametrize("guard", GUARDS)
@pytest.mark.parametrize("number, name", [(4, "analytic-matches-numerical"), (5, "gradients")])
def test_an_honest_guard_is_no_fault(number: int, name: str, guard: str) -> None:
    outcome = ask(number, name, guarded(GUARDS[guard]))
    assert outcome.holds, outcome.message


def test_it_is_said_where_the_loss_was_taken_without_its_guard() -> None:
    outcome = ask(4, "analytic-matches-numerical", guarded(clipped(1e-7)))
    assert "'saturated' outputs are so near 0 or 1" in outcome.message


@pytest.mark.parametrize("guard", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("number, name", [(4, "analytic-matches-numerical"), (5, "gradients")])
def test_what_bends_more_of_the_loss_than_a_guard_is_a_fault(number: int, name: str, guard: float) -> None:
    assert not ask(number, name, guarded(clipped(guard))).holds


class NothingWhereSure(Guarded):
    """The gradient is zero where the answer is sure and wrong, and the loss is not flat there."""

    def loss(self, x: Array, y: Array) -> Any:
        return self.network.loss(x, y)

    def gradients(self, x: Array, y: Array) -> list[Array]:
        lost = np.abs(self.network.forward(x) - y).max(axis=1) > 1 - 1e-5
        return self.network.gradients(x, np.where(lost[:, None], self.network.forward(x), y))  # type: ignore[no-any-return]


class WrongWhereSaturated(Guarded):
    def gradients(self, x: Array, y: Array) -> list[Array]:
        gradients = self.network.gradients(x, y)
        if np.abs(self.network.forward(x) - y).max() > 1 - 1e-5:
            gradients[0] = 1.001 * gradients[0]
        return gradients  # type: ignore[no-any-return]


class NotANumberWhereSaturated(Guarded):
    def gradients(self, x: Array, y: Array) -> list[Array]:
        gradients = self.network.gradients(x, y)
        return [g * np.nan for g in gradients] if np.abs(self.network.forward(x) - y).max() > 1 - 1e-5 else gradients


@pytest.mark.parametrize("fault", [NothingWhereSure, WrongWhereSaturated, NotANumberWhereSaturated])
def test_a_fault_in_saturation_is_still_found(fault: type[Wrapped]) -> None:
    outcome = ask(4, "analytic-matches-numerical", guarded(clipped(1e-12), fault))
    assert not outcome.holds
    assert "'saturated'" in outcome.message


def test_the_conventions_are_asked_for_only_where_something_is_wrong() -> None:
    rng = np.random.default_rng(0)
    network, x, y = build((3, 4, 2), 0), rng.normal(size=(5, 3)), np.eye(2)[rng.integers(0, 2, 5)]

    def read() -> Any:
        raise AssertionError("asked")

    check, points = check_gradients_past_guard(network, read, x, y)
    assert check.passed and not points


def test_the_network_gets_its_parameters_back() -> None:
    rng = np.random.default_rng(0)
    network = guarded(clipped(1e-7))((3, 4, 2), 0)
    network.parameters()[2][...] *= 30
    x, y = rng.normal(size=(5, 3)), np.eye(2)[rng.integers(0, 2, 5)]
    before = [np.array(p) for p in network.parameters()]
    assert not check_gradients(network, x, y).passed
    check, points = check_gradients_past_guard(network, lambda: conventions_of(network), x, y)
    assert check.passed and points
    assert all(np.array_equal(a, b) for a, b in zip(before, network.parameters(), strict=True))
