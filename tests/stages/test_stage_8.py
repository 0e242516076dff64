"""Stage 8 on the embedded digits: checks of the data fail on broken data, checks of training on broken networks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from subject_zoo import Build, NeverLearns, Wrapped, ask, breaking, build, check_names

from nnkit.datasets import Dataset
from nnkit.datasets.digits import load as load_digits


def test_passes_on_the_shared_network() -> None:
    for name in check_names(8):
        outcome = ask(8, name, dataset=load_digits())
        assert outcome.holds or outcome.harmless, f"{name}: {outcome.message}"


def unscaled(data: Dataset) -> Dataset:
    return replace(data, x_train=255 * data.x_train, x_test=255 * data.x_test)


def scaled_on_one_side(data: Dataset) -> Dataset:
    return replace(data, x_test=data.x_test / 4)


def without_nines(data: Dataset) -> Dataset:
    kept = data.labels_train != 9
    return replace(data, x_train=data.x_train[kept], labels_train=data.labels_train[kept])


def shuffled_apart(data: Dataset) -> Dataset:
    rng = np.random.default_rng(0)
    return replace(data, labels_train=rng.permutation(data.labels_train), labels_test=rng.permutation(data.labels_test))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("images-arrive-on-their-scale", unscaled),
        ("test-images-look-like-training-images", scaled_on_one_side),
        ("all-classes-are-there", without_nines),
        ("images-and-labels-belong-together", shuffled_apart),
    ],
)
def test_fails_on_broken_data(name: str, change: Any) -> None:
    outcome = ask(8, name, build, dataset=change(load_digits()))
    assert not outcome.holds, outcome.message


class StartsTooSure(Wrapped):
    def __init__(self, network: Any) -> None:
        super().__init__(network)
        for p in network.parameters():
            p[...] *= 40


class GoesToPieces(Wrapped):
    """After a while a weight is not a number."""

    steps = 0

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        self.network.train_step(x, y, learning_rate)
        self.steps += 1
        if self.steps > 120:
            self.network.parameters()[0][0, 0] = np.nan


class KillsItsUnits(Wrapped):
    """Biases far below zero: every ReLU is off."""

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        self.network.train_step(x, y, learning_rate)
        self.network.parameters()[1][...] = -100


@pytest.mark.parametrize(
    ("name", "network"),
    [
        ("it-starts-as-a-guess", breaking(StartsTooSure)),
        ("a-rate-is-found", breaking(NeverLearns)),
        ("reads-new-images", breaking(NeverLearns)),
        ("reads-new-images", breaking(KillsItsUnits)),
        ("no-class-is-left-out", breaking(KillsItsUnits)),
        ("hidden-units-are-alive", breaking(KillsItsUnits)),
        ("everything-stays-finite", breaking(GoesToPieces)),
        ("updates-are-of-a-healthy-size", breaking(NeverLearns)),
    ],
)
def test_fails_on_its_own_fault(name: str, network: Build) -> None:
    outcome = ask(8, name, network, dataset=load_digits())
    assert not outcome.holds, outcome.message
