"""Each fault of state is named on networks of several conventions, and correct networks are left in peace."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from subject_zoo import VARIANTS, Build

from nnkit.diagnosis.replay.finding import Finding
from nnkit.diagnosis.replay.state import replay_state

OWN = Path(__file__).parents[2] / "own_networks"
#: correct networks of other people: columns, one vector, a row of biases in the weights, float32, neurons one by one
BASES = [
    "01_columns_and_lists",
    "05_one_flat_theta",
    "07_bias_last_row",
    "09_float32_relu_momentum",
    "04_layer_objects",
]


@cache
def own_network(name: str) -> Build:
    spec = importlib.util.spec_from_file_location(f"state_{name}", OWN / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.build  # type: ignore[no-any-return]


def causes(build: Build, sizes: tuple[int, ...] = (3, 4, 2), **options: Any) -> list[str]:
    return [finding.cause for finding in replay_state(lambda seed: build(sizes, seed), sizes, **options)]


@pytest.mark.parametrize("sizes", [(3, 1), (2, 3, 1), (3, 4, 2), (3, 4, 2, 3)], ids=str)
@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_the_shared_network_is_left_in_peace(variant: Build, sizes: tuple[int, ...]) -> None:
    if sizes[-1] == 1 or variant is VARIANTS["default"]:
        assert causes(variant, sizes) == []


NUMPY_ONLY = sorted(file.stem for file in OWN.glob("[0-3]*.py") if "scipy" not in file.stem)


@pytest.mark.parametrize("name", NUMPY_ONLY)
@pytest.mark.parametrize("sizes", [(2, 3, 1), (3, 4, 2)], ids=str)
def test_networks_of_other_people_are_left_in_peace(name: str, sizes: tuple[int, ...]) -> None:
    build = own_network(name)
    try:
        build(sizes, 0)
    except ValueError:  # it refuses so many outputs
        return
    assert causes(build, sizes) == []


# Faults around any network -------------------------------------------------------------------------------------------


class Around:
    """The five methods of another network; a fault overrides one."""

    def __init__(self, network: Any) -> None:
        self.network = network

    def parameters(self) -> Any:
        return self.network.parameters()

    def forward(self, x: Any) -> Any:
        return self.network.forward(x)

    def loss(self, x: Any, y: Any) -> Any:
        return self.network.loss(x, y)

    def gradients(self, x: Any, y: Any) -> Any:
        return self.network.gradients(x, y)

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        self.network.train_step(x, y, learning_rate)


class HandsOutCopies(Around):
    def parameters(self) -> Any:
        return [array.copy() for array in self.network.parameters()]


class ShowsWhatItStartedWith(Around):
    def __init__(self, network: Any) -> None:
        super().__init__(network)
        self.shown = [array.copy() for array in network.parameters()]

    def parameters(self) -> Any:
        return self.shown


class DrawnAnewInForward(Around):
    rng = np.random.default_rng(0)

    def forward(self, x: Any) -> Any:
        for array in self.network.parameters():
            array[...] = self.rng.normal(size=array.shape)
        return self.network.forward(x)


class SetBackBeforeGradients(Around):
    def __init__(self, network: Any) -> None:
        super().__init__(network)
        self.start = [array.copy() for array in network.parameters()]

    def gradients(self, x: Any, y: Any) -> Any:
        for array, start in zip(self.network.parameters(), self.start, strict=True):
            array[...] = start
        return self.network.gradients(x, y)


class DecaysWhenAskedForTheLoss(Around):
    def loss(self, x: Any, y: Any) -> Any:
        for array in self.network.parameters():
            array[...] = 0.999 * array
        return self.network.loss(x, y)


class StandardisesItsWeights(Around):
    """Ordinary numbers come out whatever was written; but they depend on it."""

    def forward(self, x: Any) -> Any:
        for array in self.network.parameters():
            if array.size > 2:
                array[...] = (array - array.mean()) / (array.std() + 1e-9)
        return self.network.forward(x)


class CentresInPlace(Around):
    def forward(self, x: Any) -> Any:
        x -= 0.5
        return self.network.forward(x)


class OverwritesTargets(Around):
    def loss(self, x: Any, y: Any) -> Any:
        loss = self.network.loss(x, y)
        y -= self.network.forward(x)
        return loss


class AddsGradientsUp(Around):
    total: Any = None

    def gradients(self, x: Any, y: Any) -> Any:
        new = [np.array(g) for g in self.network.gradients(x, y)]
        self.total = new if self.total is None else [t + g for t, g in zip(self.total, new, strict=True)]
        return [t.copy() for t in self.total]


class AddsUpInPlace(Around):
    def __init__(self, network: Any) -> None:
        super().__init__(network)
        self.total = [np.zeros_like(array) for array in network.parameters()]

    def gradients(self, x: Any, y: Any) -> Any:
        for total, gradient in zip(self.total, self.network.gradients(x, y), strict=True):
            total[...] += gradient
        return self.total


class KeepsItsGradients(Around):
    def __init__(self, network: Any) -> None:
        super().__init__(network)
        self.kept = [np.zeros_like(array) for array in network.parameters()]

    def gradients(self, x: Any, y: Any) -> Any:
        for kept, gradient in zip(self.kept, self.network.gradients(x, y), strict=True):
            kept[...] = gradient
        return self.kept


class GradientsOfTheLastForward(Around):
    last: Any = None

    def forward(self, x: Any) -> Any:
        self.last = x.copy()
        return self.network.forward(x)

    def gradients(self, x: Any, y: Any) -> Any:
        return self.network.gradients(self.last, y)


class GradientsOfTheFirstCall(Around):
    first: Any = None

    def gradients(self, x: Any, y: Any) -> Any:
        if self.first is None:
            self.first = [g.copy() for g in self.network.gradients(x, y)]
        return [g.copy() for g in self.first]


class LossOfTheLastOutputs(Around):
    last: Any = None

    def forward(self, x: Any) -> Any:
        self.last = x.copy()
        return self.network.forward(x)

    def loss(self, x: Any, y: Any) -> Any:
        return self.network.loss(x if self.last is None else self.last, y)


class ForwardRemembersInputs(Around):
    """Right for every x, as long as the parameters stay."""

    def __init__(self, network: Any) -> None:
        super().__init__(network)
        self.seen: dict[bytes, Any] = {}

    def forward(self, x: Any) -> Any:
        return self.seen.setdefault(x.tobytes(), self.network.forward(x)).copy()


class KnowsTheArrayAgain(Around):
    """Whatever the parameters are by then."""

    seen: Any = None

    def gradients(self, x: Any, y: Any) -> Any:
        if self.seen is not x:
            self.seen, self.left = x, self.network.loss(x, y)
        return [g * (1 + self.left - self.network.loss(x, y)) for g in self.network.gradients(x, y)]


class DividesByTheFirstNumber(Around):
    n: Any = None

    def gradients(self, x: Any, y: Any) -> Any:
        self.n = self.n or len(x)
        return [g * len(x) / self.n for g in self.network.gradients(x, y)]


class MakesRoomOnce(Around):
    room: Any = None

    def forward(self, x: Any) -> Any:
        if self.room is None:
            self.room = np.zeros_like(self.network.forward(x))
        self.room[...] = self.network.forward(x)
        return self.room.copy()


class TakesOffTheMean(Around):
    def forward(self, x: Any) -> Any:
        return self.network.forward(x - x.mean(axis=0))


class AddsTheRowsUp(Around):
    def forward(self, x: Any) -> Any:
        return self.network.forward(np.cumsum(x, axis=0))


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (HandsOutCopies, "parameters-are-copies"),
        (ShowsWhatItStartedWith, "parameters-are-copies"),
        (DrawnAnewInForward, "reinitialised-every-call"),
        (SetBackBeforeGradients, "reinitialised-every-call"),
        (DecaysWhenAskedForTheLoss, "parameters-modified"),
        (StandardisesItsWeights, "parameters-modified"),
        (CentresInPlace, "input-modified"),
        (OverwritesTargets, "targets-modified"),
        (AddsGradientsUp, "gradients-accumulate"),
        (AddsUpInPlace, "gradients-accumulate"),
        (KeepsItsGradients, "gradient-buffer-reused"),
        (GradientsOfTheLastForward, "stale-cache"),
        (GradientsOfTheFirstCall, "stale-cache"),
        (LossOfTheLastOutputs, "stale-cache"),
        (ForwardRemembersInputs, "stale-cache"),
        (KnowsTheArrayAgain, "stale-cache"),
        (DividesByTheFirstNumber, "first-batch-size-remembered"),
        (MakesRoomOnce, "first-batch-size-remembered"),
        (TakesOffTheMean, "samples-mixed"),
        (AddsTheRowsUp, "samples-mixed"),
    ],
)
def test_a_fault_around_any_network_is_named(fault: Callable[[Any], Any], cause: str, base: str) -> None:
    build = own_network(base)

    def faulty(sizes: tuple[int, ...], seed: int) -> Any:
        return fault(build(sizes, seed))

    assert causes(faulty) == [cause]
    assert causes(faulty, (2, 3, 1)) == [cause]
    assert causes(faulty, without={cause}) == ["unknown"]


# Faults inside -------------------------------------------------------------------------------------------------------


class Plain:
    """Sigmoid units, mean squared error; written so that one line can be made wrong."""

    keep = 1.0

    def __init__(self, sizes: tuple[int, ...], seed: int) -> None:
        self.sizes, self.rng = sizes, np.random.default_rng(seed)
        self.start()

    def start(self) -> None:
        self.W = [self.rng.normal(size=(m, n)) for m, n in zip(self.sizes, self.sizes[1:], strict=False)]
        self.b = [np.zeros(n) for n in self.sizes[1:]]

    def parameters(self) -> Any:
        return [*self.W, *self.b]

    def mask(self, a: Any, method: str) -> Any:
        return 1.0

    def trace(self, x: Any, method: str) -> Any:
        activations = [x]
        for k, (W, b) in enumerate(zip(self.W, self.b, strict=True)):
            a = 1 / (1 + np.exp(-(activations[-1] @ W + b)))
            activations.append(a * self.mask(a, method) if k < len(self.W) - 1 else a)
        return activations

    def forward(self, x: Any) -> Any:
        return self.trace(x, "forward")[-1]

    def loss(self, x: Any, y: Any) -> Any:
        return np.mean((self.trace(x, "loss")[-1] - y) ** 2)

    def gradients(self, x: Any, y: Any) -> Any:
        a = self.trace(x, "gradients")
        delta = 2 * (a[-1] - y) / y.size * a[-1] * (1 - a[-1])
        W, b = [], []
        for k in reversed(range(len(self.W))):
            W, b = [a[k].T @ delta, *W], [delta.sum(axis=0), *b]
            delta = delta @ self.W[k].T * a[k] * (1 - a[k])
        return [*W, *b]

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        for p, g in zip(self.parameters(), self.gradients(x, y), strict=True):
            p[...] -= learning_rate * g


class OneArrayForTwo(Plain):
    def start(self) -> None:
        super().start()
        self.b = [np.zeros(3)] * 2


class ClassWeights(Plain):
    W: Any = ()
    b: Any = ()

    def start(self) -> None:
        super().start()
        type(self).W, type(self).b = self.W, self.b
        del self.W, self.b


_LAYERS: list[Any] = []


class GrowingList(Plain):
    """What a mutable default argument does."""

    def start(self) -> None:
        super().start()
        _LAYERS.extend(self.W)
        self.W = _LAYERS


class SharedVelocity(Plain):
    velocity: Any = {}  # noqa: RUF012

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        for k, (p, g) in enumerate(zip(self.parameters(), self.gradients(x, y), strict=True)):
            self.velocity[k] = 0.9 * self.velocity.get(k, 0) + g
            p[...] -= learning_rate * self.velocity[k]


class VelocityOfTheClass(SharedVelocity):
    def start(self) -> None:
        super().start()
        type(self).velocity = {}


class DrawsFromElsewhere(Plain):
    elsewhere = np.random.default_rng(0)

    def start(self) -> None:
        self.rng = self.elsewhere
        super().start()


class AlwaysTheSame(Plain):
    def start(self) -> None:
        self.rng = np.random.default_rng(42)
        super().start()


class ZerosAtFirst(Plain):
    """Bad, but not for its seed."""

    def start(self) -> None:
        super().start()
        self.W = [np.zeros_like(W) for W in self.W]


class Dropout(Plain):
    def mask(self, a: Any, method: str) -> Any:
        return self.rng.random(a.shape) < 0.5


class DropoutOfSilentUnits(Dropout):
    """For the first sample that is asked about alone all units may be silent, and then nothing is random."""

    def trace(self, x: Any, method: str) -> Any:
        if len(x) == 1 and x[0, 0] < 0:
            return Plain.trace(Plain(self.sizes, 0), x, method)
        return super().trace(x, method)


class NoiseBetweenRows(Plain):
    """Random in company only: no dropout."""

    def forward(self, x: Any) -> Any:
        return super().forward(x) + 0.1 * self.rng.normal() * (len(x) > 1)


class DropoutInGradients(Plain):
    def mask(self, a: Any, method: str) -> Any:
        return (self.rng.random(a.shape[1]) < 0.8) / 0.8 if method == "gradients" else 1.0


class DropoutInTraining(Plain):
    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        kept = self.rng.random(x.shape) < 0.5
        super().train_step(x * kept, y, learning_rate)


class Noise(Plain):
    def mask(self, a: Any, method: str) -> Any:
        return 1 + 0.1 * self.rng.normal(size=a.shape)


class SoftmaxOverTheBatch(Plain):
    def forward(self, x: Any) -> Any:
        z = super().forward(x)
        return np.exp(z) / np.exp(z).sum(axis=0)


@pytest.mark.parametrize(
    ("network", "cause"),
    [
        (Plain, None),
        (OneArrayForTwo, "parameters-aliased"),
        (ClassWeights, "state-shared-between-networks"),
        (GrowingList, "state-shared-between-networks"),
        (SharedVelocity, "state-shared-between-networks"),
        (VelocityOfTheClass, "state-shared-between-networks"),
        (DrawsFromElsewhere, "seed-ignored"),
        (AlwaysTheSame, "seed-ignored"),
        (ZerosAtFirst, None),
        (Dropout, "dropout-left-on"),
        (DropoutOfSilentUnits, "dropout-left-on"),
        (NoiseBetweenRows, "unknown"),
        (DropoutInGradients, "dropout-left-on"),
        (DropoutInTraining, None),
        (Noise, "unknown"),
        (SoftmaxOverTheBatch, None),
    ],
)
def test_a_fault_inside_is_named(network: Build, cause: str | None) -> None:
    assert causes(network, (3, 3, 3)) == ([cause] if cause else [])


def test_two_faults_at_once() -> None:
    def faulty(sizes: tuple[int, ...], seed: int) -> Any:
        return GradientsOfTheLastForward(AlwaysTheSame(sizes, seed))

    assert set(causes(faulty)) == {"stale-cache", "seed-ignored"}


def test_what_raises_is_left_to_the_checks() -> None:
    class Raises(Plain):
        def forward(self, x: Any) -> Any:
            raise RuntimeError("not today")

    assert causes(Raises) == []


def test_the_proof_holds_numbers() -> None:
    found = replay_state(lambda seed: GradientsOfTheLastForward(Plain((2, 3, 1), seed)), (2, 3, 1))
    assert [(finding.cause, finding.operation) for finding in found] == [("stale-cache", "gradient")]
    assert isinstance(found[0], Finding)
    assert "numbers are those of the inputs of the earlier batch" in found[0].proof
