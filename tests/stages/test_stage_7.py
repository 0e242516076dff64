"""Stage 7: checks fail on their own faults, and pass on correct networks of other conventions (embedded digits)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from subject_zoo import VARIANTS, Build, NeverLearns, Wrapped, ask, breaking, build, check_names

from nnkit.datasets.digits import load as load_digits


@pytest.mark.parametrize("variant", ["default", "tanh, gradient descent", "leaky ReLU, Adam", "float32"])
def test_passes_on_correct_networks(variant: str) -> None:
    for name in check_names(7):
        outcome = ask(7, name, VARIANTS[variant], dataset=load_digits())
        assert outcome.holds or outcome.harmless, f"{name}: {outcome.message}"


class SumsTheGradient(Wrapped):
    """The gradient is a sum over the samples, while the loss is their mean."""

    def gradients(self, x: Any, y: Any) -> list[Any]:
        return [len(x) * g for g in self.network.gradients(x, y)]


class MixesUpLabels(Wrapped):
    """In training every batch is paired with its labels in another order: nothing can be learned by heart."""

    def __init__(self, network: Any) -> None:
        super().__init__(network)
        self.rng = np.random.default_rng(0)

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        self.network.train_step(x, y[self.rng.permutation(len(y))], learning_rate)


class SeesTheLabels(Wrapped):
    """Blank images are told apart all the same: a row's number leaks into what the network sees."""

    def _leaky(self, x: Any) -> Any:
        x = np.array(x, dtype=float)
        x[:, 0] += np.arange(len(x))
        x[:, 1] += np.cos(np.arange(len(x)))
        x[:, 2] += np.sin(2.0 * np.arange(len(x)))
        return x

    def forward(self, x: Any) -> Any:
        return self.network.forward(self._leaky(x))

    def loss(self, x: Any, y: Any) -> Any:
        return self.network.loss(self._leaky(x), y)

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        self.network.train_step(self._leaky(x), y, learning_rate)


@pytest.mark.parametrize(
    ("name", "network"),
    [
        ("dividing-by-3-finds-a-rate", breaking(NeverLearns)),
        ("loss-goes-towards-zero", breaking(NeverLearns)),
        ("each-digit-is-named", breaking(NeverLearns)),
        ("one-at-a-time-works", breaking(NeverLearns)),
        ("shuffled-labels-are-learned", breaking(NeverLearns)),
        ("a-hundred-digits-are-learned", breaking(NeverLearns)),
        ("loss-goes-towards-zero", breaking(MixesUpLabels)),
        ("batch-gradient-is-the-mean", breaking(SumsTheGradient)),
        ("blank-images-stay-a-guess", breaking(SeesTheLabels)),
    ],
)
def test_fails_on_its_own_fault(name: str, network: Build) -> None:
    outcome = ask(7, name, network, dataset=load_digits())
    assert not outcome.holds, outcome.message


def test_one_check_has_the_headline() -> None:
    headlines = [ask(7, name, build, dataset=load_digits()).headline for name in check_names(7)]
    assert sum(map(bool, headlines)) == 1
