"""Each promise of the contract, broken alone, is named; and networks that keep it are left in peace."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from subject_zoo import VARIANTS, Build, Wrapped, build

from nnkit.subjects.contract import breaches


def found(network: Any) -> list[str]:
    return [breach.words for breach in breaches(lambda seed: network(build((3, 2), seed)), 3, 2)]


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_correct_networks_keep_it(variant: Build) -> None:
    assert breaches(lambda seed: variant((3, 1), seed), 3, 1) == []
    assert breaches(lambda seed: build((3, 2), seed), 3, 2) == []


class HandsOutCopies(Wrapped):
    def parameters(self) -> list[Any]:
        return [array.copy() for array in super().parameters()]


class ComputesWithOthers(Wrapped):
    def __init__(self, network: Any) -> None:
        super().__init__(network)
        self.shown = [array.copy() for array in network.parameters()]

    def parameters(self) -> list[Any]:
        return self.shown


class SqueezesOneRow(Wrapped):
    def forward(self, x: Any) -> Any:
        return np.squeeze(super().forward(x))


class LossOfEachSample(Wrapped):
    def loss(self, x: Any, y: Any) -> Any:
        return np.array([self.network.loss(x[i : i + 1], y[i : i + 1]) for i in range(len(x))])


class KeepsItsOutput(Wrapped):
    def forward(self, x: Any) -> Any:
        if not hasattr(self, "buffer"):
            self.buffer = np.zeros((3, 2))
        self.buffer[: len(x)] = super().forward(x)
        return self.buffer[: len(x)]


class AddsGradientsUp(Wrapped):
    total: Any = 0

    def gradients(self, x: Any, y: Any) -> Any:
        self.total = [g + t for g, t in zip(super().gradients(x, y), self.total or [0, 0], strict=True)]
        return [array.copy() for array in self.total]


class KeepsItsGradients(Wrapped):
    def gradients(self, x: Any, y: Any) -> Any:
        if not hasattr(self, "kept"):
            self.kept = [np.zeros_like(array) for array in self.parameters()]
        for array, gradient in zip(self.kept, super().gradients(x, y), strict=True):
            array[...] = gradient
        return self.kept


class CentresInPlace(Wrapped):
    def forward(self, x: Any) -> Any:
        x -= 0.5
        return super().forward(x)


class TrainsWhenLooking(Wrapped):
    def loss(self, x: Any, y: Any) -> Any:
        self.network.train_step(x, y, 0.1)
        return super().loss(x, y)


class KeepsWeightsShort(Wrapped):
    def forward(self, x: Any) -> Any:
        for array in self.network.parameters():
            np.clip(array, -9, 9, out=array)
        return super().forward(x)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (HandsOutCopies, "does not stay there"),
        (ComputesWithOthers, "forward() gives the same outputs"),
        (SqueezesOneRow, "forward(x) for 1 row should give outputs of shape (1, 2); it gave (2,)"),
        (LossOfEachSample, "should give one number; it gave an array of shape (3,)"),
        (KeepsItsOutput, "an output of forward() changed"),
        (AddsGradientsUp, "added up"),
        (KeepsItsGradients, "gradients that were handed out changed"),
        (CentresInPlace, "forward() changes the array x"),
        (TrainsWhenLooking, "loss() changes the parameters"),
        (KeepsWeightsShort, "forward() changes large parameters"),
    ],
)
def test_what_breaks_it_is_named(fault: type[Wrapped], words: str) -> None:
    assert words in found(fault)[0]


def test_seeds_that_are_not_used() -> None:
    counter = iter(range(100))
    assert "the same seed" in breaches(lambda seed: build((3, 2), next(counter)), 3, 2)[0].words


def test_a_method_that_is_not_there_yet_is_for_the_stages_to_miss() -> None:
    class WithoutGradients(Wrapped):
        gradients = property()  # type: ignore[assignment]
        train_step = property()  # type: ignore[assignment]

    assert found(WithoutGradients) == []
