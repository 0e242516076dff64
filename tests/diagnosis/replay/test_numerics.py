"""Each fault of numerics is named on networks of several conventions, and correct networks are left in peace."""

from __future__ import annotations

import importlib.util
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from subject_zoo import VARIANTS, Build

from nnkit.diagnosis.replay.finding import Finding
from nnkit.diagnosis.replay.numerics import replay_numerics

OWN = Path(__file__).parents[2] / "own_networks"


def findings(build: Build, sizes: tuple[int, ...] = (3, 4, 2), **options: Any) -> list[Finding]:
    return replay_numerics(lambda seed: build(sizes, seed), sizes, None, **options)


def causes(build: Build, sizes: tuple[int, ...] = (3, 4, 2)) -> list[str]:
    return [finding.cause for finding in findings(build, sizes)]


@pytest.mark.parametrize("sizes", [(3, 1), (2, 3, 1), (3, 4, 2)], ids=str)
@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_the_shared_network_is_left_in_peace(variant: Build, sizes: tuple[int, ...]) -> None:
    if sizes[-1] == 1 or variant is VARIANTS["default"]:
        assert causes(variant, sizes) == []


@pytest.mark.parametrize("name", sorted(file.stem for file in OWN.glob("[0-3]*.py") if "scipy" not in file.stem))
@pytest.mark.parametrize("sizes", [(2, 3, 1), (3, 4, 2)], ids=str)
def test_networks_of_other_people_are_left_in_peace(name: str, sizes: tuple[int, ...]) -> None:
    spec = importlib.util.spec_from_file_location(f"numerics_{name}", OWN / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    try:
        module.build(sizes, 0)
    except ValueError:  # it refuses so many outputs
        return
    assert causes(module.build, sizes) == []


def sigmoid(z: Any) -> Any:
    return 0.5 * (1 + np.tanh(z / 2))


def softmax(z: Any) -> Any:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


class Columns:
    """W (out, in) and b (out, 1); hidden and output activations and the loss are to be overridden."""

    kind: Any = float

    def __init__(self, sizes: tuple[int, ...], seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(size=(n, m)).astype(self.kind) for m, n in pairwise(sizes)]
        self.b = [np.full((n, 1), 0.5).astype(self.kind) for n in sizes[1:]]

    def parameters(self) -> Any:
        return [array for pair in zip(self.W, self.b, strict=True) for array in pair]

    def hidden(self, z: Any) -> Any:
        return sigmoid(z)

    def slope(self, z: Any) -> Any:
        return sigmoid(z) * (1 - sigmoid(z))

    def output(self, z: Any) -> Any:
        return sigmoid(z)

    def incoming(self, a: Any) -> Any:
        return a

    def trace(self, x: Any) -> Any:
        a, zs = [x.T], []
        for k, (W, b) in enumerate(zip(self.W, self.b, strict=True)):
            zs.append(W @ self.incoming(a[-1]) + b)
            last = k == len(self.W) - 1
            a.append(self.output(zs[-1].T).T if last else self.hidden(zs[-1]))
        return a, zs

    def forward(self, x: Any) -> Any:
        return self.trace(x)[0][-1].T

    def loss(self, x: Any, y: Any) -> Any:
        return np.mean((self.forward(x) - y) ** 2)

    def gradients(self, x: Any, y: Any) -> Any:
        a, zs = self.trace(x)
        delta = 2 * (a[-1] - y.T) / y.size * a[-1] * (1 - a[-1])
        found: list[Any] = []
        for k in reversed(range(len(self.W))):
            found = [delta @ a[k].T, delta.sum(axis=1, keepdims=True), *found]
            if k:
                delta = self.W[k].T @ delta * self.slope(zs[k - 1])
        return found

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        for p, g in zip(self.parameters(), self.gradients(x, y), strict=True):
            p[...] -= learning_rate * g


class HiddenOverflows(Columns):
    def hidden(self, z: Any) -> Any:
        return np.exp(z) / (1 + np.exp(z))


class OutputOverflows(Columns):
    def output(self, z: Any) -> Any:
        return np.exp(z) / (1 + np.exp(z))


class SlopeOverflows(Columns):
    def slope(self, z: Any) -> Any:
        return np.exp(-z) / (1 + np.exp(-z)) ** 2


class OverflowHarmless(Columns):
    """e^1000 is infinite, and 1 / infinity is the right 0."""

    def hidden(self, z: Any) -> Any:
        return 1 / (1 + np.exp(-z))

    output = hidden


class TanhOverflows(Columns):
    def hidden(self, z: Any) -> Any:
        return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))


class Softmax(Columns):
    """With the exact cross-entropy."""

    def output(self, z: Any) -> Any:
        return softmax(z)

    def loss(self, x: Any, y: Any) -> Any:
        z = self.trace(x)[1][-1].T
        return np.mean(np.logaddexp.reduce(z, axis=1) - (y * z).sum(axis=1))


class SoftmaxOverflows(Softmax):
    def output(self, z: Any) -> Any:
        return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


class SoftmaxOfTheBatch(Softmax):
    def output(self, z: Any) -> Any:
        e = np.exp(z - z.max())
        return e / e.sum(axis=1, keepdims=True)


class LogarithmOfSoftmax(Softmax):
    def loss(self, x: Any, y: Any) -> Any:
        return -np.mean(np.sum(y * np.log(self.forward(x)), axis=1))


class LossOverflows(Softmax):
    def loss(self, x: Any, y: Any) -> Any:
        z = self.trace(x)[1][-1].T
        return np.mean(np.log(np.exp(z).sum(axis=1)) - (y * z).sum(axis=1))


class LogarithmOfSigmoid(Columns):
    def loss(self, x: Any, y: Any) -> Any:
        p = self.forward(x)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


class LogarithmOfClipped(Columns):
    def loss(self, x: Any, y: Any) -> Any:
        p = np.clip(self.forward(x), 1e-12, 1 - 1e-12)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


class HalfOutputs(Columns):
    def forward(self, x: Any) -> Any:
        return super().forward(x).astype(np.float16).astype(float)

    def gradients(self, x: Any, y: Any) -> Any:
        return super().gradients(x, y)


class HalfParameters(Columns):
    kind = np.float16


class HalfGradients(Columns):
    def gradients(self, x: Any, y: Any) -> Any:
        return [g.astype(np.float16).astype(float) for g in super().gradients(x, y)]


class HalfLoss(Columns):
    def loss(self, x: Any, y: Any) -> Any:
        return float(np.float16(super().loss(x, y)))


class HalfWeights(Columns):
    def trace(self, x: Any) -> Any:
        kept = self.W
        try:
            self.W = [W.astype(np.float16).astype(float) for W in kept]
            return super().trace(x)
        finally:
            self.W = kept


class HalfInputs(Columns):
    def trace(self, x: Any) -> Any:
        return super().trace(x.astype(np.float16).astype(float))


class HalfActivations(Columns):
    def hidden(self, z: Any) -> Any:
        return sigmoid(z).astype(np.float16).astype(float)


class SingleActivations(Columns):
    """Seven digits are enough for many, and no fault."""

    def hidden(self, z: Any) -> Any:
        return sigmoid(z).astype(np.float32).astype(float)


class IntegerParameters(Columns):
    kind = np.int64


class IntegerInputs(Columns):
    def trace(self, x: Any) -> Any:
        return super().trace(x.astype(int))


class RoundedInputs(Columns):
    def trace(self, x: Any) -> Any:
        return super().trace(np.rint(x))


class IntegerBiases(Columns):
    def trace(self, x: Any) -> Any:
        kept = self.b
        try:
            self.b = [b.astype(int) for b in kept]
            return super().trace(x)
        finally:
            self.b = kept


class IntegerOutputs(Columns):
    def forward(self, x: Any) -> Any:
        p = np.zeros((len(x), len(self.W[-1])), dtype=int)
        p[...] = super().forward(x)
        return p


class IntegerGradients(Columns):
    def gradients(self, x: Any, y: Any) -> Any:
        return [g.astype(int) for g in super().gradients(x, y)]


class Classes(Columns):
    """Rounded to classes: a fault, but of another kind."""

    def forward(self, x: Any) -> Any:
        return (super().forward(x) > 0.5).astype(int)


class Differences(Columns):
    step, form = 0.1, "central"

    def gradients(self, x: Any, y: Any) -> Any:
        found = []
        for array in self.parameters():
            gradient = np.zeros_like(array)
            for index in np.ndindex(array.shape):
                kept, losses = array[index], []
                ends = {"central": (1, -1), "forward": (1, 0), "backward": (0, -1)}[self.form]
                for end in ends:
                    array[index] = kept + end * self.step
                    losses.append(self.loss(x, y))
                array[index] = kept
                gradient[index] = (losses[0] - losses[1]) / (self.step * (ends[0] - ends[1]))
            found.append(gradient)
        return found


class ForwardDifferences(Differences):
    step, form = 0.01, "forward"


class BackwardDifferences(Differences):
    step, form = 0.5, "backward"


class FineDifferences(Differences):
    step = 1e-5


class FineForwardDifferences(Differences):
    step, form = 1e-7, "forward"


@pytest.mark.parametrize("sizes", [(3, 4, 2), (3, 2, 4, 3)], ids=str)
@pytest.mark.parametrize(
    ("network", "cause", "operation"),
    [
        (Columns, None, None),
        (HiddenOverflows, "unstable-sigmoid", "forward"),
        (OutputOverflows, "unstable-sigmoid", "forward"),
        (SlopeOverflows, "unstable-sigmoid", "gradient"),
        (OverflowHarmless, None, None),
        (TanhOverflows, "unknown", "forward"),
        (Softmax, None, None),
        (SoftmaxOverflows, "unstable-softmax", "forward"),
        (LogarithmOfSoftmax, "unstable-logarithm", "loss"),
        (LossOverflows, "unstable-softmax", "loss"),
        (LogarithmOfSigmoid, "unstable-logarithm", "loss"),
        (LogarithmOfClipped, None, None),
        (HalfOutputs, "half-precision", "forward"),
        (HalfParameters, "half-precision", "state"),
        (HalfGradients, "half-precision", "gradient"),
        (HalfLoss, "half-precision", "loss"),
        (HalfWeights, "half-precision", "forward"),
        (HalfInputs, "half-precision", "forward"),
        (HalfActivations, "half-precision", "forward"),
        (SingleActivations, None, None),
        (IntegerParameters, "integer-arrays", "state"),
        (IntegerInputs, "integer-arrays", "forward"),
        (RoundedInputs, "integer-arrays", "forward"),
        (IntegerBiases, "integer-arrays", "forward"),
        (IntegerOutputs, "integer-arrays", "forward"),
        (IntegerGradients, "integer-arrays", "gradient"),
        (Classes, None, None),
        (Differences, "derivative-by-large-step", "gradient"),
        (ForwardDifferences, "derivative-by-large-step", "gradient"),
        (BackwardDifferences, "derivative-by-large-step", "gradient"),
        (FineDifferences, None, None),
        (FineForwardDifferences, None, None),
    ],
)
def test_the_fault_is_named(network: Build, cause: str | None, operation: str | None, sizes: tuple[int, ...]) -> None:
    found = [(finding.cause, finding.operation) for finding in findings(network, sizes)]
    assert found == ([(cause, operation)] if cause else [])
    if cause:
        assert {finding.cause for finding in findings(network, sizes, without={cause})} == {"unknown"}


def test_a_softmax_of_the_whole_batch() -> None:
    assert causes(SoftmaxOfTheBatch, (3, 3)) == ["unstable-softmax"]
    assert causes(Softmax, (3, 3)) == []


def test_the_layer_that_overflows_is_told() -> None:
    assert [finding.layer for finding in findings(HiddenOverflows, (3, 4, 2))] == [1]
    assert [finding.layer for finding in findings(OutputOverflows, (3, 4, 2))] == [2]


@pytest.mark.parametrize("step", [0.2, 0.05, 0.025 * 10])
def test_the_step_is_told(step: float) -> None:
    class Coarse(Differences):
        pass

    Coarse.step = step
    assert f"a step of {step:g}" in findings(Coarse)[0].summary


def test_an_exception_for_huge_numbers_is_an_overflow_too() -> None:
    class WithMath(Columns):
        def hidden(self, z: Any) -> Any:
            return np.vectorize(lambda value: 1 / (1 + math.exp(-value)))(z)

    found = findings(WithMath)
    assert [finding.cause for finding in found] == ["unstable-sigmoid"]
    assert "OverflowError" in found[0].proof
