"""Stage 4: each check fails on its own fault, and passes on correct networks of other conventions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from subject_zoo import VARIANTS, Wrapped, ask, breaking, build, check_names, stage_number


@pytest.mark.parametrize("name", check_names(4))
@pytest.mark.parametrize("variant", VARIANTS)
def test_passes_on_correct_networks(variant: str, name: str) -> None:
    outcome = ask(4, name, VARIANTS[variant])
    assert outcome.holds, outcome.message


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", check_names(4))
def test_passes_whatever_the_seed(name: str, seed: int) -> None:
    outcome = ask(4, name, seed=seed)
    assert outcome.holds, outcome.message


class FaultyGradient(Wrapped):
    """One parameter's gradient goes wrong; the update uses it, too, by plain descent."""

    which = 0

    def spoil(self, g: np.ndarray, x: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def gradients(self, x: Any, y: Any) -> list[Any]:
        gradients = self.network.gradients(x, y)
        if self.which < len(gradients):
            gradients[self.which] = self.spoil(gradients[self.which], x)
        return gradients  # type: ignore[no-any-return]

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        for p, g in zip(self.parameters(), self.gradients(x, y), strict=True):
            p[...] -= learning_rate * g


class WrongBias(FaultyGradient):
    which = 3

    def spoil(self, g: np.ndarray, x: np.ndarray) -> np.ndarray:
        return 1.01 * g


class WrongEntry(FaultyGradient):
    which = 2

    def spoil(self, g: np.ndarray, x: np.ndarray) -> np.ndarray:
        g[np.unravel_index(np.argmax(np.abs(g)), g.shape)] = 0
        return g


class SumsOverSamples(FaultyGradient):
    """The 1/n is forgotten for one bias: right for a batch of one."""

    which = 5

    def spoil(self, g: np.ndarray, x: np.ndarray) -> np.ndarray:
        return g * len(x)


class SlightlyWrong(FaultyGradient):
    """On the AND neuron, too: the step of the first weight is three per cent too long."""

    def spoil(self, g: np.ndarray, x: np.ndarray) -> np.ndarray:
        return 1.03 * g


class TransposedWhereItFits(FaultyGradient):
    """A product that tries both ways round, and takes the wrong one where both fit."""

    which = 2

    def spoil(self, g: np.ndarray, x: np.ndarray) -> np.ndarray:
        return g.T.copy() if g.shape[0] == g.shape[1] else g


class Accumulates(Wrapped):
    kept: list[Any] | None = None

    def gradients(self, x: Any, y: Any) -> list[Any]:
        fresh = self.network.gradients(x, y)
        self.kept = fresh if self.kept is None else [k + f for k, f in zip(self.kept, fresh, strict=True)]
        return [k.copy() for k in self.kept]


class UsesStaleInputs(Wrapped):
    """The gradient is that of the inputs of the last forward pass, if there was one of the same size."""

    last: Any = None

    def forward(self, x: Any) -> Any:
        self.last = np.array(x)
        return self.network.forward(x)

    def gradients(self, x: Any, y: Any) -> list[Any]:
        stale = x if self.last is None else np.resize(self.last, np.shape(x))
        return self.network.gradients(stale, y)  # type: ignore[no-any-return]


class StepsUphill(Wrapped):
    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        self.network.train_step(x, y, -learning_rate)


class LeavesOneOut(Wrapped):
    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        parameters = self.network.parameters()
        before = parameters[-1].copy()
        self.network.train_step(x, y, learning_rate)
        parameters[-1][...] = before


class DividesAgain(Wrapped):
    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        self.network.train_step(x, y, learning_rate / len(x))


class RootMeanSquare(Wrapped):
    """RMSProp with eps in the root: nothing that the shared network has."""

    squares: list[Any] | None = None

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        gradients = self.network.gradients(x, y)
        self.squares = self.squares or [np.zeros_like(g) for g in gradients]
        for p, g, c in zip(self.parameters(), gradients, self.squares, strict=True):
            c[...] = 0.95 * c + 0.05 * g**2
            p[...] -= learning_rate * g / np.sqrt(c + 1e-6)


class BySign(Wrapped):
    """A rule that nnkit does not know, and that goes downhill."""

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        for p, g in zip(self.parameters(), self.network.gradients(x, y), strict=True):
            p[...] -= learning_rate * (np.sign(g) + 0.01 * p)


class UsesPreviousGradient(Wrapped):
    previous: list[Any] | None = None

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        g = self.network.gradients(x, y)
        for p, d in zip(self.network.parameters(), self.previous or g, strict=True):
            p[...] -= learning_rate * d
        self.previous = g


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("deltas-match-by-hand", WrongBias),
        ("gradients-match-by-hand", WrongEntry),
        ("gradients-match-by-hand", WrongBias),
        ("analytic-matches-numerical", WrongBias),
        ("analytic-matches-numerical", WrongEntry),
        ("analytic-matches-numerical", SumsOverSamples),
        ("gradients-do-not-remember", Accumulates),
        ("gradients-do-not-remember", UsesStaleInputs),
        ("analytic-matches-numerical", TransposedWhereItFits),
        ("analytic-training-follows-numerical", SlightlyWrong),
        ("update-follows-its-formula", StepsUphill),
        ("update-follows-its-formula", LeavesOneOut),
        ("update-follows-its-formula", DividesAgain),
        ("update-follows-its-formula", UsesPreviousGradient),
    ],
)
def test_fails_on_its_own_fault(name: str, fault: type[Wrapped]) -> None:
    outcome = ask(4, name, breaking(fault))
    assert not outcome.holds, outcome.message


@pytest.mark.parametrize(
    ("name", "fault", "words"),
    [
        ("deltas-match-by-hand", WrongBias, "gradient of b2 (not its delta: W2 is right"),
        ("gradients-match-by-hand", WrongEntry, "gradient of W2: at ("),
        ("analytic-matches-numerical", WrongEntry, "that of W2 (4, 4), in entry ("),
        ("analytic-matches-numerical", SumsOverSamples, "length 7 times the right one"),
        ("gradients-do-not-remember", Accumulates, "something is kept between calls"),
        ("update-follows-its-formula", LeavesOneOut, "never moved: b3"),
        ("update-follows-its-formula", StepsUphill, "goes up the gradient"),
    ],
)
def test_message_says_where_and_how(name: str, fault: type[Wrapped], words: str) -> None:
    assert words in ask(4, name, breaking(fault)).message


@pytest.mark.parametrize(
    ("network", "holds", "harmless", "words"),
    [
        (RootMeanSquare, True, False, "RMSProp, eps in the root (rho 0.95, eps 1e-06)"),
        (DividesAgain, False, True, "divided by the batch size n once more"),
        (BySign, False, True, "none of the rules that nnkit knows"),
        (UsesPreviousGradient, False, False, "the gradient of the step before"),
        (LeavesOneOut, False, False, "W1, b1, W2, b2, W3 follow momentum (decay 0.9)"),
    ],
)
def test_an_update_is_right_or_harmless_or_wrong(
    network: type[Wrapped], holds: bool, harmless: bool, words: str
) -> None:
    outcome = ask(4, "update-follows-its-formula", breaking(network))
    assert (outcome.holds, outcome.harmless) == (holds, harmless), outcome.message
    assert words in outcome.message


class HidesPlantedFaults(Wrapped):
    """A loss so noisy that no comparison with it can find anything: the check of the check must say so."""

    def __init__(self, network: Any) -> None:
        super().__init__(network)
        self.rng = np.random.default_rng(0)

    def loss(self, x: Any, y: Any) -> Any:
        return self.network.loss(x, y) + 0.05 * self.rng.normal()


def test_planted_faults_need_a_loss_that_can_tell() -> None:
    assert not ask(4, "the-check-finds-planted-faults", breaking(HidesPlantedFaults)).holds


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu", "leaky_relu", "softplus"])
def test_a_missing_slope_in_the_backward_pass_is_found(hidden: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The classic: the delta is propagated and not multiplied by f'(z)."""
    from nnkit.network.dense import Dense

    monkeypatch.setattr(Dense, "delta_below", lambda self, delta, below, z, a: delta @ self.W.T)

    def faulty(sizes: tuple[int, ...], seed: int) -> Any:
        return build(sizes, seed, hidden=hidden)

    outcome = ask(4, "gradients-match-by-hand", faulty)
    assert not outcome.holds
    assert "still right: b3, W3" in outcome.message


def test_shapes_of_gradients_are_named() -> None:
    class Transposed(Wrapped):
        def gradients(self, x: Any, y: Any) -> list[Any]:
            return [g.T for g in self.network.gradients(x, y)]

    with pytest.raises(ValueError, match=r"gradients\(x, y\) must return arrays of the shapes"):
        ask(4, "gradients-match-by-hand", breaking(Transposed))


class NotANumber(FaultyGradient):
    which = 2

    def spoil(self, g: np.ndarray, x: np.ndarray) -> np.ndarray:
        return g * np.nan


class NotANumberOnTheWay(Wrapped):
    """The gradient is not finite once the first weight has moved."""

    start: Any = None

    def gradients(self, x: Any, y: Any) -> list[Any]:
        first = self.parameters()[0].flat[0]
        self.start = first if self.start is None else self.start
        return [g * (1 if first == self.start else np.nan) for g in self.network.gradients(x, y)]


@pytest.mark.parametrize(
    ("name", "fault", "words"),
    [
        ("gradients-match-by-hand", NotANumber, "the network says nan"),
        ("analytic-matches-numerical", NotANumber, "gradients() says nan"),
        ("gradients-do-not-remember", NotANumber, "NaN or infinite"),
        ("analytic-training-follows-numerical", NotANumberOnTheWay, "After step 2 the two are inf"),
        ("update-follows-its-formula", NotANumber, "No rule fits"),
    ],
)
def test_not_a_number_fails_in_words(name: str, fault: type[Wrapped], words: str) -> None:
    outcome = ask(4, name, breaking(fault))
    assert not outcome.holds
    assert words in outcome.message


def test_the_batch_that_speaks_is_the_one_furthest_beyond_its_own_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A noisy loss gets a wide limit: 0.02 of 0.1 is right, 0.01 of 1e-7 is not."""

    class Found:
        def __init__(self, relative_error: float, limit: float) -> None:
            self.relative_error, self.limit = relative_error, limit
            self.passed = relative_error <= limit
            self.points: list[Any] = []
            self.first_wrong = None

        def fault(self) -> str:
            return "b1 is wrong."

    names = stage_number(4).checks[0].run.__globals__
    monkeypatch.setitem(
        names,
        "check_gradients_past_guard",
        lambda network, read, x, y, **_: (Found(*{1: (0.02, 0.1)}.get(len(x), (0.01, 1e-7))), ()),
    )
    for picture in ("_scatter", "_point_bars", "_comparison", "worst_entries"):
        monkeypatch.setitem(names, picture, lambda *_: None)
    outcome = ask(4, "analytic-matches-numerical")
    assert not outcome.holds
    assert outcome.message == "Batch of 2, two layers of one width: b1 is wrong."
