"""Stage 1: each check fails on its own fault, and passes on correct networks of other conventions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from subject_zoo import VARIANTS, Build, NeverLearns, Wrapped, ask, breaking, build, check_names


@pytest.mark.parametrize("name", check_names(1))
@pytest.mark.parametrize("variant", VARIANTS)
def test_passes_on_correct_networks(variant: str, name: str) -> None:
    outcome = ask(1, name, VARIANTS[variant])
    assert outcome.holds, outcome.message


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", check_names(1))
def test_passes_whatever_the_seed(name: str, seed: int) -> None:
    outcome = ask(1, name, seed=seed)
    assert outcome.holds, outcome.message


class IgnoresBias(Wrapped):
    def forward(self, x: Any) -> Any:
        b = self.network.parameters()[1]
        kept = b.copy()
        b[...] = 0
        try:
            return self.network.forward(x)
        finally:
            b[...] = kept


class HandsOutCopies(Wrapped):
    def parameters(self) -> list[Any]:
        return [p.copy() for p in self.network.parameters()]


class ClimbsInstead(Wrapped):
    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        self.network.train_step(x, y, -learning_rate)


class FreezesBias(Wrapped):
    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        b = self.network.parameters()[1].copy()
        self.network.train_step(x, y, learning_rate)
        self.network.parameters()[1][...] = b


class HasProductInput(Wrapped):
    """More than a neuron: the second input is secretly replaced by (x1 - x2)^2, which makes XOR separable."""

    def _changed(self, x: Any) -> Any:
        x = np.array(x, dtype=float)
        x[:, 1] = (x[:, 0] - x[:, 1]) ** 2
        return x

    def forward(self, x: Any) -> Any:
        return self.network.forward(self._changed(x))

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        self.network.train_step(self._changed(x), y, learning_rate)


@pytest.mark.parametrize(
    ("name", "network"),
    [
        ("hand-set-weights-compute-and", breaking(IgnoresBias)),
        ("hand-set-weights-compute-and", breaking(HandsOutCopies)),
        ("one-small-step-lowers-the-loss", breaking(ClimbsInstead)),
        ("one-small-step-lowers-the-loss", breaking(NeverLearns)),
        ("own-training-learns-and", breaking(NeverLearns)),
        ("own-training-learns-and", breaking(ClimbsInstead)),
        ("own-training-learns-and", breaking(FreezesBias)),
        ("one-neuron-cannot-do-xor", breaking(HasProductInput)),
    ],
)
def test_fails_on_its_own_fault(name: str, network: Build) -> None:
    assert not ask(1, name, network).holds


def test_message_names_the_wrong_case() -> None:
    assert "(0, 1) gives 1, (1, 0) gives 1" in ask(1, "hand-set-weights-compute-and", breaking(IgnoresBias)).message


def test_only_the_main_check_has_the_headline() -> None:
    assert [bool(ask(1, name, build).headline) for name in check_names(1)].count(True) == 1
