"""Each check of stage 6 fails on its own fault, and passes on correct networks of every kind.

The stage trains a hundred and more networks. The same checks on fewer seeds show the same here, in a tenth of the time.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from subject_zoo import VARIANTS, NeverLearns, Wrapped, ask, breaking, stage_number

from nnkit.curriculum.evidence import Table
from nnkit.curriculum.lab import Lab
from nnkit.curriculum.stage import Blocked
from nnkit.subjects.shared import build

SUCCESS = "learns-xor-as-often-as-the-reference"
EXPLAINED = "every-stuck-run-is-explained"
SADDLE = "a-step-along-negative-curvature-escapes"


@pytest.fixture(autouse=True)
def _fewer_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    names = stage_number(6).checks[0].run.__globals__
    for name, seeds in (("WIDE_SEEDS", 10), ("REFERENCE_SEEDS", 10), ("SMALLEST_SEEDS", 3), ("FALSE_ALARM", 1e-2)):
        monkeypatch.setitem(names, name, seeds)


class BendsTheInputs(Wrapped):
    """A hidden layer nobody sees: the second input is replaced by (x1 - x2)^2, which is XOR."""

    def _bent(self, x: Any) -> Any:
        x = np.asarray(x)
        return np.stack([x[:, 0], (x[:, 0] - x[:, -1]) ** 2], axis=1) if x.shape[1] == 2 else x

    def forward(self, x: Any) -> Any:
        return super().forward(self._bent(x))

    def loss(self, x: Any, y: Any) -> Any:
        return super().loss(self._bent(x), y)

    def gradients(self, x: Any, y: Any) -> list[Any]:
        return super().gradients(self._bent(x), y)

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        super().train_step(self._bent(x), y, learning_rate)


class ForgetsACase(Wrapped):
    """Loss, gradients and updates leave the last of the four cases out: the other three can be separated by a line."""

    def loss(self, x: Any, y: Any) -> Any:
        return super().loss(x[:3], y[:3])

    def gradients(self, x: Any, y: Any) -> list[Any]:
        return super().gradients(x[:3], y[:3])

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        super().train_step(x[:3], y[:3], learning_rate)


class LastLayerOnly(Wrapped):
    """`train_step` leaves the hidden layer where it was."""

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        hidden = [array.copy() for array in self.parameters()[:-2]]
        super().train_step(x, y, learning_rate)
        for array, before in zip(self.parameters(), hidden, strict=False):
            array[...] = before


class HiddenGradientTimes(Wrapped):
    """The gradient of the hidden layer is multiplied by `factor`, and trained with."""

    factor = -1.0

    def gradients(self, x: Any, y: Any) -> list[Any]:
        gradients = super().gradients(x, y)
        return [g * self.factor for g in gradients[:-2]] + gradients[-2:]

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        for array, gradient in zip(self.parameters(), self.gradients(x, y), strict=True):
            array[...] = array - learning_rate * gradient


class NoHiddenGradient(HiddenGradientTimes):
    factor = 0.0


class CostOfSomethingElse(Wrapped):
    """The cost falls with every step, and the outputs stay as they are."""

    steps = 0

    def loss(self, x: Any, y: Any) -> Any:
        return super().loss(x, y) / (1 + self.steps)

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        self.steps += 1


class DeafToInputs(Wrapped):
    """The inputs get lost on the way in."""

    def forward(self, x: Any) -> Any:
        return super().forward(0 * np.asarray(x))

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        super().train_step(0 * np.asarray(x), y, learning_rate)


def claims_to_bend(sizes: tuple[int, ...], seed: int, dtype: str = "float64") -> Any:
    """A network without its hidden activation, which says that it has one."""
    network = build(sizes, seed, dtype, hidden="identity")
    network.hidden = "relu"
    return network


def all_alike(sizes: tuple[int, ...], seed: int, dtype: str = "float64") -> Any:
    """All hidden units start with the same weights."""
    network = build(sizes, seed, dtype)
    if len(sizes) > 2:
        W1, _, W2, _ = network.parameters()
        W1[...] = W1[:, :1]
        W2[...] = W2[:1]
    return network


FAULTS = [
    ("no-hidden-layer-no-xor", breaking(BendsTheInputs)),
    ("loss-has-a-floor", breaking(ForgetsACase)),
    (SUCCESS, claims_to_bend),
    (SUCCESS, all_alike),
    (SUCCESS, partial(build, initialiser="zero")),
    (SUCCESS, breaking(HiddenGradientTimes)),
    (SUCCESS, breaking(CostOfSomethingElse, of=partial(build, initialiser="zero"))),
    ("hidden-layer-takes-part", breaking(LastLayerOnly)),
    ("outputs-part", breaking(CostOfSomethingElse)),
    ("outputs-part", claims_to_bend),
    (EXPLAINED, breaking(NoHiddenGradient)),
    (EXPLAINED, breaking(HiddenGradientTimes)),
    (EXPLAINED, breaking(LastLayerOnly)),
    (SADDLE, claims_to_bend),
    (SADDLE, breaking(HiddenGradientTimes)),
    (SADDLE, breaking(NoHiddenGradient)),
    ("learns-the-sign-function", breaking(DeafToInputs)),
]


def _name(value: Any) -> str:
    return value if isinstance(value, str) else getattr(value, "__name__", "")


@pytest.mark.parametrize(("check", "faulty"), FAULTS, ids=_name)
def test_each_check_fails_on_its_fault(check: str, faulty: Any) -> None:
    outcome = ask(6, check, faulty)
    assert not outcome.holds, outcome.message


class LossIsNaN(Wrapped):
    def loss(self, x: Any, y: Any) -> Any:
        return np.nan


class NoNumbersOut(Wrapped):
    """Trains as it should, and says NaN to the first case."""

    def forward(self, x: Any) -> Any:
        p = np.array(super().forward(x))
        p[0] = np.nan
        return p


@pytest.mark.parametrize(
    ("check", "fault", "words"),
    [
        ("loss-has-a-floor", LossIsNaN, "the loss became NaN or infinite"),
        ("outputs-part", NoNumbersOut, "outputs are NaN"),
        (SUCCESS, NoNumbersOut, "a low loss but wrong outputs"),
    ],
)
def test_not_a_number_fails_in_words(check: str, fault: type[Wrapped], words: str) -> None:
    outcome = ask(6, check, breaking(fault))
    assert not outcome.holds
    assert words in outcome.message


def test_no_wrong_outputs_are_called_unlearned() -> None:
    """A loss below the bound with wrong outputs is not "none of which learned": the message says which runs were judged."""
    message = ask(6, "outputs-part", breaking(CostOfSomethingElse)).message
    assert message.startswith("in the 10 runs that got below")


class Declares(Wrapped):
    """Says that its output activation is another one than it is."""

    output_activation = "tanh"

    def __init__(self, network: Any) -> None:
        super().__init__(network)
        self.output = self.output_activation


class DeclaresSoftmax(Declares):
    output_activation = "softmax"


@pytest.mark.parametrize(
    ("check", "network", "words"),
    [
        (SUCCESS, breaking(Declares), "no reference network to compare with"),
        (SUCCESS, partial(build, hidden="identity"), "from only 0 of 10 seeds"),
        (SADDLE, breaking(DeclaresSoftmax), "no saddle can be made by hand"),
    ],
)
def test_what_cannot_be_judged_is_blocked_with_the_reason(check: str, network: Any, words: str) -> None:
    with pytest.raises(Blocked, match=words):
        ask(6, check, network)


def test_what_is_freed_from_outside_is_shown_and_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shared network's ReLUs are stuck in most runs, and mostly freed."""
    shown = ask(6, EXPLAINED, build)
    tables = {evidence.title: evidence for evidence in shown.evidence if isinstance(evidence, Table)}
    ways = tables["What was tried on stuck runs, and what came of it"]
    assert "yes" in {row[-1] for row in ways.rows}
    monkeypatch.setitem(stage_number(6).checks[0].run.__globals__, "TREATED", 0)
    alone = ask(6, EXPLAINED, build)
    assert "ways out" not in alone.message
    assert shown.message.startswith(alone.message)
    assert shown.measured == alone.measured


TRAINING = [
    "loss-has-a-floor",
    SUCCESS,
    "hidden-layer-takes-part",
    "outputs-part",
    EXPLAINED,
    SADDLE,
    "learns-the-sign-function",
]


@pytest.mark.parametrize("check", TRAINING)
def test_training_checks_fail_where_nothing_is_learned(check: str) -> None:
    assert not ask(6, check, breaking(NeverLearns)).holds


OTHERS = {
    "sigmoid, cross-entropy, Glorot": partial(build, hidden="sigmoid"),
    "Adam, MSE": partial(build, hidden="tanh", loss="mse", output="sigmoid", optimiser="adam"),
}


@pytest.mark.parametrize("name", [*VARIANTS, *OTHERS])
def test_correct_networks_pass(name: str) -> None:
    lab = Lab((VARIANTS | OTHERS)[name], stage=6)
    with np.errstate(all="ignore"):
        outcomes = {check.name: check.run(lab) for check in stage_number(6).checks}
    assert not {name: outcome.message for name, outcome in outcomes.items() if not outcome.holds}
    assert [name for name, outcome in outcomes.items() if outcome.headline] == [SUCCESS]
