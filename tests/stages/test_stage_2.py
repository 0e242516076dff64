"""Stage 2: each check fails on its own fault, and passes on correct networks of other conventions."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from subject_zoo import VARIANTS, Build, Wrapped, ask, ask_all, breaking, build, check_names

TANH = partial(build, hidden="tanh")
SIGMOIDS = VARIANTS["sigmoid, MSE, N(0, 1)"]


class Plain(Wrapped):
    """The forward pass and the loss as a beginner writes them, from probabilities. Faults override one step of it."""

    smallest = 1e-12

    def forward(self, x: Any) -> Any:
        a, parameters = np.asarray(x), self.parameters()
        count = len(parameters) // 2
        for layer in range(count):
            a = self.layer(a, parameters[2 * layer], parameters[2 * layer + 1], layer, layer == count - 1)
        return a

    def layer(self, a: Any, W: Any, b: Any, layer: int, last: bool) -> Any:
        z = self.weigh(a, W, b)
        return self.output_of(z) if last else self.activate(z)

    def weigh(self, a: Any, W: Any, b: Any) -> Any:
        return a @ W + b

    def activate(self, z: Any) -> Any:
        return _function(self.hidden, z)

    def output_of(self, z: Any) -> Any:
        return _function(self.output, z)

    def loss(self, x: Any, y: Any) -> Any:
        return self.loss_of(self.forward(x), y)

    def loss_of(self, p: Any, y: Any) -> Any:
        if self.loss_function == "mse":
            return np.mean((p - y) ** 2)
        return np.mean(self.terms(p, y).sum(axis=1))

    def terms(self, p: Any, y: Any) -> Any:
        if self.loss_function == "cross_entropy":
            return -y * self.log(p)
        return -(y * self.log(p) + (1 - y) * self.log(1 - p)) / y.shape[1]

    def log(self, p: Any) -> Any:
        return np.log(np.clip(p, self.smallest, None))


def _function(name: str, z: Any) -> Any:
    if name == "softmax":
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)
    return {
        "sigmoid": lambda: 1 / (1 + np.exp(-z)),
        "tanh": lambda: np.tanh(z),
        "relu": lambda: z * (z > 0),
        "leaky_relu": lambda: np.where(z > 0, z, 0.01 * z),
        "softplus": lambda: np.logaddexp(0, z),
        "identity": lambda: z,
    }[name]()


# Correct networks ----------------------------------------------------------------------------------------------------


class ClipsAt1e7(Plain):
    smallest = 1e-7


class ClipsBothEnds(Plain):
    def log(self, p: Any) -> Any:
        return np.log(np.clip(p, 1e-7, 1 - 1e-7))


class AddsInsideTheLog(Plain):
    def log(self, p: Any) -> Any:
        return np.log(p + 1e-8)


class SigmoidByTanh(Plain):
    def output_of(self, z: Any) -> Any:
        return 0.5 * (1 + np.tanh(z / 2)) if self.output == "sigmoid" else super().output_of(z)


class SumsBackwards(Plain):
    def weigh(self, a: Any, W: Any, b: Any) -> Any:
        return b + sum(a[:, [i]] * W[i] for i in reversed(range(len(W))))


HONEST: dict[str, Build] = VARIANTS | {
    "MSE behind sigmoid, ReLU": partial(build, output="sigmoid", loss="mse"),
    "MSE behind softmax": partial(build, output="softmax", loss="mse"),
    "ReLU output, tanh hidden": partial(build, hidden="tanh", output="relu", loss="mse"),
    "softplus output": partial(build, hidden="sigmoid", output="softplus", loss="mse"),
    "leaky ReLU output": partial(build, hidden="identity", output="leaky_relu", loss="mse"),
    "sigmoid outputs with binary cross-entropy": partial(build, output="sigmoid", loss="binary_cross_entropy"),
    "zero weights": partial(build, initialiser="zero"),
    "float32, sigmoids, MSE": partial(SIGMOIDS, dtype="float32"),
    "float32, identity output": partial(build, dtype="float32", output="identity", loss="mse"),
}


@pytest.mark.parametrize("name", check_names(2))
@pytest.mark.parametrize("variant", HONEST)
def test_passes_on_correct_networks(variant: str, name: str) -> None:
    outcome = ask(2, name, HONEST[variant])
    assert outcome.holds, outcome.message


@pytest.mark.parametrize("name", check_names(2))
@pytest.mark.parametrize("of", ["default", "float32", "tanh, gradient descent", "sigmoid, MSE, N(0, 1)"])
@pytest.mark.parametrize("plain", [Plain, ClipsAt1e7, ClipsBothEnds, AddsInsideTheLog, SigmoidByTanh, SumsBackwards])
def test_passes_on_other_ways_to_write_it(plain: type[Plain], of: str, name: str) -> None:
    outcome = ask(2, name, breaking(plain, VARIANTS[of]))
    assert outcome.holds, outcome.message


@pytest.mark.parametrize("name", check_names(2))
def test_passes_whatever_the_seed(name: str) -> None:
    for seed in range(1, 6):
        outcome = ask(2, name, seed=seed)
        assert outcome.holds, outcome.message


# Faults --------------------------------------------------------------------------------------------------------------


class BiasAfterOutput(Plain):
    def layer(self, a: Any, W: Any, b: Any, layer: int, last: bool) -> Any:
        return self.output_of(a @ W) + b if last else self.activate(a @ W + b)


class OutputTurnedRound(Plain):
    def output_of(self, z: Any) -> Any:
        return super().output_of(-z)


class BiasAfterActivation(Plain):
    def layer(self, a: Any, W: Any, b: Any, layer: int, last: bool) -> Any:
        return self.output_of(a @ W + b) if last else self.activate(a @ W) + b


class NoBiasInSecondLayer(Plain):
    def layer(self, a: Any, W: Any, b: Any, layer: int, last: bool) -> Any:
        return super().layer(a, W, b * (layer != 1 or last), layer, last)


class NoActivationInLastHiddenLayer(Plain):
    def layer(self, a: Any, W: Any, b: Any, layer: int, last: bool) -> Any:
        before_last = 2 * (layer + 2) == len(self.parameters())
        return a @ W + b if before_last else super().layer(a, W, b, layer, last)


class ActivatesTwice(Plain):
    def activate(self, z: Any) -> Any:
        return super().activate(super().activate(z))


class OtherActivation(Plain):
    def activate(self, z: Any) -> Any:
        return np.tanh(z) if self.hidden != "tanh" else 1 / (1 + np.exp(-z))


class LeakIsTenTimesTooLarge(Plain):
    def activate(self, z: Any) -> Any:
        return np.where(z > 0, z, 0.1 * z)


class SoftmaxInside(Plain):
    def activate(self, z: Any) -> Any:
        return _function("softmax", z)


class TransposesSquareMatrices(Plain):
    def weigh(self, a: Any, W: Any, b: Any) -> Any:
        return a @ (W.T if W.shape[0] == W.shape[1] else W) + b


class OutputBiasForgotten(Plain):
    def layer(self, a: Any, W: Any, b: Any, layer: int, last: bool) -> Any:
        deep = len(self.parameters()) > 2
        return super().layer(a, W, b * (not last or not deep), layer, last)


class SumsTheLoss(Plain):
    def loss_of(self, p: Any, y: Any) -> Any:
        return super().loss_of(p, y) * len(y)


class LogarithmToBaseTwo(Plain):
    def log(self, p: Any) -> Any:
        return super().log(p) / np.log(2)


class HalfTheLoss(Plain):
    def loss_of(self, p: Any, y: Any) -> Any:
        return super().loss_of(p, y) / 2


class DividesTwice(Plain):
    def loss_of(self, p: Any, y: Any) -> Any:
        return super().loss_of(p, y) / len(y)


class TurnsTheSign(Plain):
    def loss_of(self, p: Any, y: Any) -> Any:
        return -super().loss_of(p, y)


class ForgetsTheLastSample(Plain):
    def loss_of(self, p: Any, y: Any) -> Any:
        return super().loss_of(p[: max(1, len(p) - 1)], y[: max(1, len(y) - 1)])


class ForgetsOneMinusY(Plain):
    def terms(self, p: Any, y: Any) -> Any:
        return -y * self.log(p)


class SwapsLabelsAndOutputs(Plain):
    def terms(self, p: Any, y: Any) -> Any:
        return super().terms(y, p)


class AddsAPenalty(Plain):
    def loss_of(self, p: Any, y: Any) -> Any:
        return super().loss_of(p, y) + 1e-5 * sum(float((W**2).sum()) for W in self.parameters()[::2])


class SubtractsTheBatchMean(Plain):
    def weigh(self, a: Any, W: Any, b: Any) -> Any:
        return (a - (a.mean(axis=0) if len(a) > 1 else 0)) @ W + b


class SoftmaxOverTheBatch(Plain):
    def output_of(self, z: Any) -> Any:
        return _function(self.output, z.T).T if len(z) > 1 else _function(self.output, z)


class BiasAlongTheBatch(Plain):
    def weigh(self, a: Any, W: Any, b: Any) -> Any:
        return a @ W + (b[:, None] if len(a) == len(b) else b)


class RemembersTheFirstRow(Plain):
    """The loss weighs the first sample of a batch more than the others."""

    def loss_of(self, p: Any, y: Any) -> Any:
        return super().loss_of(p, y) + 0.1 * super().loss_of(p[:1], y[:1])


class CentresASingleOutput(Plain):
    """The faulty line is used only where there is one output."""

    def output_of(self, z: Any) -> Any:
        return super().output_of(z - 0.1 * z.mean(axis=0) * (len(z) > 1) if z.shape[1] == 1 else z)


class SubtractsTheLargestInput(Plain):
    """A scaling to the largest input of the batch: all alone a row of ordinary size is left as it is."""

    def forward(self, x: Any) -> Any:
        largest = np.abs(x).max()
        return super().forward(x / largest if largest > 100 else x)


class CentresItsInput(Plain):
    def forward(self, x: Any) -> Any:
        x -= 1e-3
        return super().forward(x)


class ChangesLabels(Plain):
    def gradients(self, x: Any, y: Any) -> Any:
        y += 1
        return super().gradients(x, y)


class Drifts(Plain):
    calls = 0

    def forward(self, x: Any) -> Any:
        self.calls += 1
        return super().forward(x) * (1 + 1e-9 * self.calls)


class StartsAnewAtEachGradient(Plain):
    def gradients(self, x: Any, y: Any) -> Any:
        gradients = super().gradients(x, y)
        self.parameters()[0][...] = 0.1
        return gradients


class SoftmaxWithoutShift(Plain):
    def output_of(self, z: Any) -> Any:
        if self.output != "softmax":
            return super().output_of(z)
        e = np.exp(z)
        return e / e.sum(axis=1, keepdims=True)


class ShiftsByTheLargestOfAll(Plain):
    def output_of(self, z: Any) -> Any:
        if self.output != "softmax":
            return super().output_of(z)
        e = np.exp(z - z.max())
        return e / e.sum(axis=1, keepdims=True)


class SigmoidThatOverflows(Plain):
    def output_of(self, z: Any) -> Any:
        return np.exp(z) / (1 + np.exp(z)) if self.output == "sigmoid" else super().output_of(z)


class TanhThatOverflows(Plain):
    def activate(self, z: Any) -> Any:
        return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))


class TakesLogOfZero(Plain):
    def log(self, p: Any) -> Any:
        return np.log(p)


class TakesLogOfZeroButHidesNaN(Plain):
    def terms(self, p: Any, y: Any) -> Any:
        return np.nan_to_num(super().terms(p, y), nan=0.0, posinf=np.inf)

    def log(self, p: Any) -> Any:
        return np.log(p)


class ClipsFarTooEarly(Plain):
    smallest = 0.001


class TurnsNaNIntoZero(Plain):
    def terms(self, p: Any, y: Any) -> Any:
        return np.nan_to_num(super().terms(p, y), nan=0.0, posinf=0.0, neginf=0.0)

    def log(self, p: Any) -> Any:
        return np.log(p)


class DoesNotSumToOne(Plain):
    def output_of(self, z: Any) -> Any:
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / (1e-6 + e.sum(axis=1, keepdims=True))


class DependsOnShifts(Plain):
    """The row is normalised by its absolute sum: it sums to 1, and is no softmax."""

    def output_of(self, z: Any) -> Any:
        return np.abs(z) / np.abs(z).sum(axis=1, keepdims=True)


class Falls(Plain):
    def output_of(self, z: Any) -> Any:
        return 0.5 + 0.4 * np.sin(z)


class LeavesItsRange(Plain):
    def output_of(self, z: Any) -> Any:
        return 1.2 * super().output_of(z) - 0.1


class StartsWild(Plain):
    def __init__(self, network: Any) -> None:
        super().__init__(network)
        for W in self.parameters()[::2]:
            W[...] *= 1000


class SoftmaxOfEachColumn(Plain):
    """The sum is taken over the samples, for single rows too."""

    def output_of(self, z: Any) -> Any:
        return _function(self.output, z.T).T


class AnswersNaN(Plain):
    def forward(self, x: Any) -> Any:
        return super().forward(x) * np.nan


@pytest.mark.parametrize(
    ("name", "network"),
    [
        ("one-neuron", breaking(BiasAfterOutput)),
        ("one-neuron", breaking(OutputTurnedRound)),
        ("hidden-units", breaking(BiasAfterActivation)),
        ("hidden-units", breaking(NoActivationInLastHiddenLayer)),
        ("hidden-units", breaking(ActivatesTwice, TANH)),
        ("hidden-units", breaking(OtherActivation)),
        ("hidden-units", breaking(OtherActivation, TANH)),
        ("hidden-units", breaking(SoftmaxInside)),
        ("hidden-units", breaking(LeakIsTenTimesTooLarge, VARIANTS["leaky ReLU, Adam"])),
        ("hidden-units", breaking(TransposesSquareMatrices)),
        ("outputs", breaking(TransposesSquareMatrices)),
        ("outputs", breaking(OutputBiasForgotten)),
        ("outputs", breaking(NoBiasInSecondLayer)),
        ("loss-of-a-batch", breaking(ForgetsOneMinusY)),
        ("loss-of-a-batch", breaking(DividesTwice)),
        ("loss-of-a-batch", breaking(TurnsTheSign)),
        ("loss-of-a-batch", breaking(ForgetsTheLastSample)),
        ("loss-of-a-batch", breaking(SwapsLabelsAndOutputs)),
        ("batch-equals-one-by-one", breaking(SubtractsTheBatchMean)),
        ("batch-equals-one-by-one", breaking(SoftmaxOverTheBatch)),
        ("batch-equals-one-by-one", breaking(BiasAlongTheBatch)),
        ("batch-equals-one-by-one", breaking(CentresASingleOutput)),
        ("rows-leave-each-other-alone", breaking(CentresASingleOutput)),
        ("rows-leave-each-other-alone", breaking(SubtractsTheBatchMean)),
        ("rows-leave-each-other-alone", breaking(SubtractsTheLargestInput)),
        ("rows-leave-each-other-alone", breaking(RemembersTheFirstRow)),
        ("looking-changes-nothing", breaking(CentresItsInput)),
        ("looking-changes-nothing", breaking(ChangesLabels)),
        ("looking-changes-nothing", breaking(Drifts)),
        ("looking-changes-nothing", breaking(StartsAnewAtEachGradient)),
        ("huge-numbers", breaking(SoftmaxWithoutShift)),
        ("huge-numbers", breaking(ShiftsByTheLargestOfAll)),
        ("huge-numbers", breaking(SigmoidThatOverflows)),
        ("huge-numbers", breaking(TanhThatOverflows, TANH)),
        ("sure-of-itself", breaking(TakesLogOfZero)),
        ("sure-of-itself", breaking(TakesLogOfZeroButHidesNaN)),
        ("sure-of-itself", breaking(TurnsNaNIntoZero)),
        ("sure-of-itself", breaking(ClipsFarTooEarly)),
        ("sure-of-itself", breaking(ClipsFarTooEarly, VARIANTS["float32"])),
        ("output-function", breaking(DoesNotSumToOne)),
        ("output-function", breaking(DependsOnShifts)),
        ("output-function", breaking(Falls, SIGMOIDS)),
        ("output-function", breaking(LeavesItsRange, SIGMOIDS)),
        ("loss-of-a-guess", breaking(StartsWild)),
    ],
)
def test_fails_on_its_fault(name: str, network: Build) -> None:
    outcome = ask(2, name, network)
    assert not outcome.holds, outcome.message


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (breaking(SubtractsTheBatchMean), "rows of a batch influence each other: in network"),
        (breaking(SoftmaxOverTheBatch), "rows of a batch influence each other: in network"),
        (breaking(SoftmaxOfEachColumn), "rows of a batch influence each other: in network"),
        (breaking(BiasAlongTheBatch), "rows of a batch influence each other: in network"),
        (breaking(RemembersTheFirstRow), "the loss changes from"),
        (breaking(SubtractsTheLargestInput), "outputs of other rows change when row 1 becomes 1000 (network 2-1)"),
        (breaking(DoesNotSumToOne), "the rows of the output should sum to 1, and sum to 0.99999"),
        (
            breaking(SoftmaxWithoutShift),
            "adding -1000 to all logits should change nothing, and gives outputs that are not",
        ),
        (breaking(Drifts), "forward of network 2-3-1 answers otherwise the second time"),
        (breaking(AnswersNaN), "outputs are not numbers: in network"),
        (breaking(AnswersNaN, SIGMOIDS), "outputs are not numbers: in network"),
    ],
)
def test_the_first_check_that_fails_says_what_is_wrong_in_plain_words(network: Build, words: str) -> None:
    """What disturbs every hand calculation is said before any of them."""
    first = next(outcome for outcome in ask_all(2, network).values() if not outcome.holds)
    assert first.message.startswith(words), first.message
    assert "ulps" not in first.unit


def test_outputs_that_are_not_numbers_fail_every_check_but_that_of_looking() -> None:
    held = [name for name, outcome in ask_all(2, breaking(AnswersNaN)).items() if outcome.holds]
    assert held == ["looking-changes-nothing"]
    assert "the output shows no such value" in ask(2, "hidden-units", breaking(AnswersNaN)).message


@pytest.mark.parametrize(
    ("name", "network", "words"),
    [
        ("one-neuron", breaking(BiasAfterOutput), ["x = (0.5, -1.5)", "sigmoid(2.5)", "too large by"]),
        ("hidden-units", breaking(BiasAfterActivation), ["network 2-3-1", "unit 2 of hidden layer 1", "z = -1.45"]),
        (
            "hidden-units",
            breaking(NoBiasInSecondLayer),
            ["hidden layer 2", "the layers before it are right"],
        ),
        ("outputs", breaking(TransposesSquareMatrices), ["3-3-3", "Only the square network is wrong"]),
        ("loss-of-a-batch", breaking(DividesTwice), ["divided by their number twice"]),
        ("loss-of-a-batch", breaking(TurnsTheSign), ["the sign is turned round"]),
        ("batch-equals-one-by-one", breaking(BiasAlongTheBatch), ["in a batch of 3", "when the row is alone"]),
        ("looking-changes-nothing", breaking(CentresItsInput), ["forward changes the inputs"]),
        ("huge-numbers", breaking(SoftmaxWithoutShift), ["network 2-3:", "nan"]),
        ("sure-of-itself", breaking(TakesLogOfZero), ["between 16.1181 and 10000.5", "and is inf"]),
        ("output-function", breaking(Falls, SIGMOIDS), ["it falls to"]),
    ],
)
def test_says_where_and_how_much(name: str, network: Build, words: list[str]) -> None:
    message = ask(2, name, network).message
    for word in words:
        assert word in message, message


@pytest.mark.parametrize("convention", [SumsTheLoss, HalfTheLoss, LogarithmToBaseTwo, AddsAPenalty])
@pytest.mark.parametrize("of", [build, SIGMOIDS], ids=["default", "sigmoids"])
def test_a_convention_of_the_loss_is_no_fault(convention: type[Plain], of: Build) -> None:
    for name in ("loss-of-a-batch", "loss-of-a-guess"):
        outcome = ask(2, name, breaking(convention, of))
        assert outcome.holds, outcome.message


def test_marks_the_first_wrong_row_of_the_hand_calculation() -> None:
    outcome = ask(2, "outputs", breaking(BiasAfterActivation))
    table = next(piece for piece in outcome.evidence if piece.title.startswith("The hand calculation"))
    (wrong,) = table.wrong_rows  # type: ignore[attr-defined]
    assert table.rows[wrong][0] == "a1[2]"  # type: ignore[attr-defined]
