"""Stage 1: each check fails on its own fault, and passes on correct networks of other conventions."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import numpy as np
import pytest
from subject_zoo import VARIANTS, Build, NeverLearns, Wrapped, ask, breaking, build, check_names, mapped_back

from nnkit.curriculum.stage import Blocked


@pytest.mark.parametrize("name", check_names(1))
@pytest.mark.parametrize("variant", VARIANTS)
def test_passes_on_correct_networks(variant: str, name: str) -> None:
    outcome = ask(1, name, VARIANTS[variant])
    assert outcome.holds, outcome.message


@pytest.mark.parametrize(("optimiser", "seed"), [("momentum", 2), ("momentum", 3), ("adam", 1), ("adam", 2)])
def test_a_rate_that_throws_the_outputs_onto_their_flat_end_is_not_taken_for_a_good_one(
    optimiser: str, seed: int
) -> None:
    """All outputs at 0 are right in three of four cases, a lower loss than that of most starts: stable, and useless."""
    outcome = ask(1, "own-training-learns-and", partial(mapped_back, optimiser=optimiser), seed=seed)
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


class AnswersNaN(Wrapped):
    """Once one of its parameters has moved, the outputs are no numbers."""

    def forward(self, x: Any) -> Any:
        moved = self.network.parameters()[1][0] != 0
        return self.network.forward(x) * (np.nan if moved else 1.0)


class LosesItsLoss(Wrapped):
    """The loss is not a number, from the start."""

    def loss(self, x: Any, y: Any) -> Any:
        return np.nan


class ForgetsToSum(Wrapped):
    """The gradient of b has one row for each sample."""

    def gradients(self, x: Any, y: Any) -> list[Any]:
        W, b = self.network.gradients(x, y)
        return [W, np.full(len(x), b[0] / len(x))]

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        for parameter, gradient in zip(self.parameters(), self.gradients(x, y), strict=False):
            np.subtract(parameter, learning_rate * gradient, out=parameter)


class TransposesW(ForgetsToSum):
    def gradients(self, x: Any, y: Any) -> list[Any]:
        W, b = self.network.gradients(x, y)
        return [W.T, b]


class ForgetsBias(ForgetsToSum):
    def gradients(self, x: Any, y: Any) -> list[Any]:
        return self.network.gradients(x, y)[:1]  # type: ignore[no-any-return]


class ReturnsNothing(ForgetsToSum):
    def gradients(self, x: Any, y: Any) -> Any:
        return None


@pytest.mark.parametrize(
    ("name", "network"),
    [
        ("hand-set-weights-compute-and", breaking(IgnoresBias)),
        ("keeps-the-contract", breaking(HandsOutCopies)),
        ("hand-set-weights-compute-and", breaking(AnswersNaN)),
        ("gradients-fit-the-parameters", breaking(ForgetsToSum)),
        ("gradients-fit-the-parameters", breaking(TransposesW)),
        ("gradients-fit-the-parameters", breaking(ForgetsBias)),
        ("gradients-fit-the-parameters", breaking(ReturnsNothing)),
        ("one-small-step-lowers-the-loss", breaking(ClimbsInstead)),
        ("one-small-step-lowers-the-loss", breaking(NeverLearns)),
        ("one-small-step-lowers-the-loss", breaking(LosesItsLoss)),
        ("own-training-learns-and", breaking(NeverLearns)),
        ("own-training-learns-and", breaking(ClimbsInstead)),
        ("own-training-learns-and", breaking(FreezesBias)),
        ("own-training-learns-and", breaking(AnswersNaN)),
        ("one-neuron-cannot-do-xor", breaking(HasProductInput)),
        ("one-neuron-cannot-do-xor", breaking(AnswersNaN)),
    ],
)
def test_fails_on_its_own_fault(name: str, network: Build) -> None:
    assert not ask(1, name, network).holds


def test_one_start_for_all_seeds_is_harmless_and_said() -> None:
    outcome = ask(1, "keeps-the-contract", lambda sizes, seed: build(sizes, 42))
    assert outcome.harmless and not outcome.holds
    assert "Every seed gives the same parameters" in outcome.message


def test_constants_to_start_from_are_no_seed_ignored() -> None:
    def constant(sizes: tuple[int, ...], seed: int) -> Any:
        network = build(sizes, seed)
        for p in network.parameters():
            p[...] = 0.1 * (p.ndim > 1)
        return network

    assert ask(1, "keeps-the-contract", constant).holds


def test_message_names_the_wrong_case() -> None:
    assert "(0, 1) gives 1, (1, 0) gives 1" in ask(1, "hand-set-weights-compute-and", breaking(IgnoresBias)).message


@pytest.mark.parametrize("name", [name for name in check_names(1) if name != "keeps-the-contract"])
def test_nothing_else_is_asked_of_a_network_that_breaks_the_contract(name: str) -> None:
    with pytest.raises(Blocked, match="the contract is not kept"):
        ask(1, name, breaking(HandsOutCopies))


def test_a_parameter_that_never_moves_is_named() -> None:
    message = ask(1, "own-training-learns-and", breaking(FreezesBias)).message
    assert "b never moved from where it started" in message


@pytest.mark.parametrize("name", ["hand-set-weights-compute-and", "one-neuron-cannot-do-xor"])
def test_not_a_number_is_named(name: str) -> None:
    assert "not a number" in ask(1, name, breaking(AnswersNaN)).message.lower().replace("-", " ")


class RoundsItsLoss(Wrapped):
    def loss(self, x: Any, y: Any) -> float:
        return round(float(self.network.loss(x, y)), 2)


def test_a_loss_that_stays_exactly_as_it_was_says_whether_anything_moved() -> None:
    stays = ask(1, "one-small-step-lowers-the-loss", breaking(RoundsItsLoss))
    assert not stays.holds and "parameters move" in stays.message and "too few digits" in stays.message
    assert "no parameter moves" in ask(1, "one-small-step-lowers-the-loss", breaking(NeverLearns)).message


def test_a_loss_that_is_not_a_number_is_named() -> None:
    assert "the loss is no finite number" in ask(1, "one-small-step-lowers-the-loss", breaking(LosesItsLoss)).message


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (ForgetsToSum, "the gradient of b1 must have its shape (1,); it has (4,)"),
        (TransposesW, "the gradient of W1 must have its shape (2, 1); it has (1, 2): it is transposed"),
        (ForgetsBias, "one array for each of the 2 parameters; it returned 1"),
        (ReturnsNothing, "a list of arrays; it returned NoneType"),
    ],
)
def test_gradients_of_other_shapes_are_described(fault: type[Wrapped], words: str) -> None:
    """In the check about them, and again where training would otherwise fail in NumPy's words or not at all."""
    assert words in ask(1, "gradients-fit-the-parameters", breaking(fault)).message
    for name in ("one-small-step-lowers-the-loss", "own-training-learns-and", "one-neuron-cannot-do-xor"):
        with pytest.raises(Blocked, match=re.escape(words)):
            ask(1, name, breaking(fault))


class HasNoGradients(Wrapped):
    @property
    def gradients(self) -> Any:  # type: ignore[override]
        raise AttributeError("gradients")


def test_a_network_without_gradients_can_still_be_trained() -> None:
    for name in ("one-small-step-lowers-the-loss", "own-training-learns-and", "one-neuron-cannot-do-xor"):
        assert ask(1, name, breaking(HasNoGradients)).holds
    with pytest.raises(AttributeError):
        ask(1, "gradients-fit-the-parameters", breaking(HasNoGradients))


def test_only_the_main_check_has_the_headline() -> None:
    assert [bool(ask(1, name, build).headline) for name in check_names(1)].count(True) == 1
