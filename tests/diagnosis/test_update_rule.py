"""Each update rule is recognised as textbooks and PyTorch write it, each fault of an update is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnkit.diagnosis.update_rule import LIMIT, RuleFit, Trace, fit_rules, record
from nnkit.diagnosis.update_rule_verdict import judge_update
from nnkit.gradients import parameter_names
from nnkit.subjects.shared import build

RATES = (0.03, 0.03, 0.06, 0.015, 0.03, 0.09, 0.03, 0.06)
SAMPLES = (5, 5, 3, 7, 1, 5, 2, 6)
SIZES = (3, 5, 4, 2)
NAMES = parameter_names(6)

#: step(parameter, gradient, rate, t, memory) changes the parameter in place; t counts from 1, memory is a dict of its own
Step = Callable[[Any, Any, float, int, dict[str, Any]], None]


class Net:
    """A network that is right in all but, perhaps, its train_step."""

    def __init__(self, seed: int, dtype: str, hidden: str = "tanh") -> None:
        self.network = build(SIZES, seed, hidden=hidden, dtype=dtype)
        rng = np.random.default_rng(seed)
        for p in self.network.parameters():
            p[...] = rng.choice([-1, 1], p.shape) * rng.uniform(0.2, 0.9, p.shape)
        self.t = 0

    def parameters(self) -> list[Any]:
        return self.network.parameters()  # type: ignore[no-any-return]

    def gradients(self, x: Any, y: Any) -> list[Any]:
        return [g.copy() for g in self.network.gradients(x, y)]

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        raise NotImplementedError


class Stepping(Net):
    def __init__(self, step: Step, seed: int = 0, dtype: str = "float64", hidden: str = "tanh") -> None:
        super().__init__(seed, dtype, hidden)
        self.step = step
        self.memory: list[dict[str, Any]] = [{} for _ in self.parameters()]

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        self.t += 1
        for p, g, memory in zip(self.parameters(), self.gradients(x, y), self.memory, strict=True):
            self.step(p, g, learning_rate, self.t, memory)


def traced(network: Any, seed: int = 0) -> Trace:
    rng = np.random.default_rng([seed, 1])
    batches = [(rng.normal(size=(n, 3)), np.eye(2)[rng.integers(0, 2, n)]) for n in SAMPLES]
    return record(network, batches, RATES)


def best(network: Any, seed: int = 0) -> RuleFit:
    return fit_rules(traced(network, seed))[0]


# Rules, as they are written in books and libraries -------------------------------------------------------------------


def descent(p: Any, g: Any, lr: float, t: int, memory: dict[str, Any]) -> None:
    p -= lr * g


def polyak(p: Any, g: Any, lr: float, t: int, memory: dict[str, Any], mu: float = 0.9) -> None:
    v = mu * memory.get("v", np.zeros_like(p)) - lr * g
    memory["v"] = v
    p += v


def sgd(
    p: Any, g: Any, lr: float, t: int, memory: dict[str, Any],
    momentum: float = 0.9, dampening: float = 0.0, nesterov: bool = False, weight_decay: float = 0.0,
) -> None:  # fmt: skip
    """torch.optim.SGD"""
    d = g + weight_decay * p
    memory["buf"] = d if t == 1 else momentum * memory["buf"] + (1 - dampening) * d
    p -= lr * (d + momentum * memory["buf"] if nesterov else memory["buf"])


def averaged(p: Any, g: Any, lr: float, t: int, memory: dict[str, Any]) -> None:
    memory["v"] = 0.8 * memory.get("v", 0) + 0.2 * g
    p -= lr * memory["v"]


def nesterov(p: Any, g: Any, lr: float, t: int, memory: dict[str, Any]) -> None:
    """CS231n"""
    before = memory.get("v", np.zeros_like(p))
    memory["v"] = 0.95 * before - lr * g
    p += -0.95 * before + 1.95 * memory["v"]


def adagrad(
    p: Any,
    g: Any,
    lr: float,
    t: int,
    memory: dict[str, Any],
    eps: float = 1e-8,
    start: float = 0.0,
    inside: bool = False,
) -> None:
    memory["h"] = memory.get("h", start) + g**2
    p -= lr * g / (np.sqrt(memory["h"] + eps) if inside else np.sqrt(memory["h"]) + eps)


def rmsprop(
    p: Any, g: Any, lr: float, t: int, memory: dict[str, Any], rho: float = 0.9, eps: float = 1e-8, inside: bool = False
) -> None:
    memory["c"] = rho * memory.get("c", 0) + (1 - rho) * g**2
    p -= lr * g / (np.sqrt(memory["c"] + eps) if inside else np.sqrt(memory["c"]) + eps)


def rmsprop_with_momentum(p: Any, g: Any, lr: float, t: int, memory: dict[str, Any]) -> None:
    """torch.optim.RMSprop(momentum=0.5)"""
    memory["c"] = 0.99 * memory.get("c", 0) + 0.01 * g**2
    memory["buf"] = 0.5 * memory.get("buf", 0) + g / (np.sqrt(memory["c"]) + 1e-8)
    p -= lr * memory["buf"]


def adam(
    p: Any, g: Any, lr: float, t: int, memory: dict[str, Any], b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8,
    how: str = "outside", decay: float = 0.0, decoupled: float = 0.0, largest: bool = False,
) -> None:  # fmt: skip
    p -= lr * decoupled * p
    g = g + decay * p
    memory["m"] = m = b1 * memory.get("m", 0) + (1 - b1) * g
    memory["v"] = v = b2 * memory.get("v", 0) + (1 - b2) * g * g
    if largest:
        memory["top"] = v = np.maximum(memory.get("top", 0), v)
    c1, c2 = 1 - b1**t, 1 - b2**t
    match how:
        case "outside":
            p -= lr * (m / c1) / (np.sqrt(v / c2) + eps)
        case "inside":
            p -= lr * (m / c1) / np.sqrt(v / c2 + eps)
        case "hat":
            p -= lr * np.sqrt(c2) / c1 * m / (np.sqrt(v) + eps)
        case "uncorrected":
            p -= lr * m / (np.sqrt(v) + eps)


def adamax(p: Any, g: Any, lr: float, t: int, memory: dict[str, Any]) -> None:
    memory["m"] = 0.9 * memory.get("m", 0) + 0.1 * g
    memory["u"] = np.maximum(0.999 * memory.get("u", 0), np.abs(g) + 1e-8)
    p -= lr / (1 - 0.9**t) * memory["m"] / memory["u"]


def nadam(p: Any, g: Any, lr: float, t: int, memory: dict[str, Any]) -> None:
    memory["m"] = m = 0.9 * memory.get("m", 0) + 0.1 * g
    memory["v"] = v = 0.999 * memory.get("v", 0) + 0.001 * g * g
    ahead = 0.9 * m / (1 - 0.9 ** (t + 1)) + 0.1 * g / (1 - 0.9**t)
    p -= lr * ahead / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)


def decoupled_momentum(p: Any, g: Any, lr: float, t: int, memory: dict[str, Any]) -> None:
    p *= 1 - lr * 0.03
    polyak(p, g, lr, t, memory)


def with_(step: Callable[..., None], **options: Any) -> Callable[..., None]:
    return lambda *args, **more: step(*args, **options, **more)


def on_weights(step: Callable[..., None], **options: Any) -> Step:
    """These options for matrices alone."""
    return lambda p, g, lr, t, memory: step(p, g, lr, t, memory, **(options if p.ndim > 1 else {}))


def scheduled(step: Step, factor: Callable[[int], float]) -> Step:
    return lambda p, g, lr, t, memory: step(p, g, lr * factor(t), t, memory)


RULES: dict[str, tuple[Step, str, dict[str, float]]] = {
    "descent": (descent, "gradient_descent", {}),
    "momentum": (polyak, "momentum", {"decay": 0.9}),
    "momentum 0.37": (with_(polyak, mu=0.37), "momentum", {"decay": 0.37}),
    "torch momentum": (sgd, "momentum, rate outside", {"decay": 0.9}),
    "torch dampening": (
        with_(sgd, dampening=0.3, momentum=0.8), "momentum, dampened", {"decay": 0.8, "dampening": 0.3},
    ),
    "torch Nesterov": (with_(sgd, nesterov=True), "Nesterov momentum, rate outside", {"decay": 0.9}),
    "averaged": (averaged, "momentum, averaged", {"decay": 0.8}),
    "Nesterov": (nesterov, "Nesterov momentum", {"decay": 0.95}),
    "Adagrad": (adagrad, "Adagrad", {}),
    "Adagrad inside": (with_(adagrad, eps=1e-5, inside=True), "Adagrad, eps in the root", {"eps": 1e-5}),
    "Adagrad keras": (with_(adagrad, start=0.1, eps=1e-7, inside=True), "Adagrad from 0.1, eps in the root", {}),
    "RMSProp": (rmsprop, "RMSProp", {"rho": 0.9}),
    "RMSProp 0.95": (with_(rmsprop, rho=0.95), "RMSProp", {"rho": 0.95}),
    "RMSProp inside": (with_(rmsprop, eps=1e-6, inside=True), "RMSProp, eps in the root", {"rho": 0.9, "eps": 1e-6}),
    "RMSProp with momentum": (rmsprop_with_momentum, "RMSProp with momentum", {"rho": 0.99, "decay": 0.5}),
    "Adam": (adam, "adam", {"beta1": 0.9, "beta2": 0.999}),
    "Adam 0.5, 0.99": (with_(adam, b1=0.5, b2=0.99), "adam", {"beta1": 0.5, "beta2": 0.99}),
    "Adam, large eps": (with_(adam, eps=1e-3), "adam", {"beta1": 0.9, "beta2": 0.999, "eps": 1e-3}),
    "Adam inside": (with_(adam, how="inside", eps=1e-6), "adam, eps in the root", {"eps": 1e-6}),
    "Adam hat": (with_(adam, how="hat", eps=1e-5), "adam, eps before the correction", {"eps": 1e-5}),
    "Adam uncorrected": (with_(adam, how="uncorrected"), "adam without bias correction", {"beta1": 0.9}),
    "AdamW": (with_(adam, decoupled=0.01), "AdamW", {"weight_decay": 0.01, "bias_decay": 0.01}),
    "AdamW on weights": (on_weights(adam, decoupled=0.05), "AdamW", {"weight_decay": 0.05, "bias_decay": 0.0}),
    "Adam with L2": (with_(adam, decay=0.02), "adam with weight decay in the gradient", {"weight_decay": 0.02}),
    "Adamax": (adamax, "Adamax", {}),
    "Nadam": (nadam, "Nadam", {}),
    "momentum, decoupled decay": (
        decoupled_momentum, "momentum, with decoupled weight decay", {"decay": 0.9, "weight_decay": 0.03, "bias_decay": 0.03},
    ),
    "descent with L2": (
        on_weights(with_(sgd, momentum=0), weight_decay=0.01),
        "gradient descent with weight decay",
        {"weight_decay": 0.01, "bias_decay": 0.0},
    ),
    "torch momentum with L2": (
        with_(sgd, weight_decay=0.005),
        "momentum, rate outside, with weight decay",
        {"decay": 0.9, "weight_decay": 0.005, "bias_decay": 0.005},
    ),
    "torch Nesterov with L2": (
        with_(sgd, weight_decay=0.005, nesterov=True),
        "Nesterov momentum, rate outside, with weight decay",
        {"decay": 0.9, "weight_decay": 0.005},
    ),
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", RULES)
def test_rules_are_recognised(name: str, dtype: str) -> None:
    step, rule, constants = RULES[name]
    fit = best(Stepping(step, dtype=dtype))
    assert fit.error <= LIMIT, str(fit)
    # With seven digits the place of a tiny eps does not show.
    assert fit.rule == rule or (dtype == "float32" and fit.rule.split(",")[0] == rule.split(",")[0]), str(fit)
    for constant, value in constants.items():
        if constant != "eps" or dtype == "float64":
            assert fit.constants[constant] == pytest.approx(value, rel=1e-3 if dtype == "float64" else 0.05, abs=1e-9)


SCHEDULES: dict[str, tuple[Step, str]] = {
    "1/(1 + k t)": (scheduled(descent, lambda t: 1 / (1 + 0.1 * t)), "rate / (1 + 0.1 t)"),
    "exponential": (scheduled(polyak, lambda t: 0.97 ** (t - 1)), "rate times 0.97^t"),
    "steps, rate outside": (scheduled(sgd, lambda t: 0.9 ** ((t - 1) // 3)), "rate times 0.9 every 3 steps"),
    "1/sqrt(t)": (scheduled(descent, lambda t: t**-0.5), "rate / sqrt(t)"),
    "Adam, exponential": (scheduled(adam, lambda t: 0.992 ** (t - 1)), "rate times 0.992^t"),
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_are_recognised(name: str, dtype: str) -> None:
    step, words = SCHEDULES[name]
    verdict = judge_update(traced(Stepping(step, dtype=dtype)), NAMES)
    assert verdict.kind == "rule", verdict.words
    if dtype == "float64":
        assert words in verdict.words


class Clipping(Stepping):
    limit = 0.3

    def gradients_used(self, x: Any, y: Any) -> list[Any]:
        gradients = self.gradients(x, y)
        norm = np.sqrt(sum(float((g**2).sum()) for g in gradients))
        return [g * min(1, self.limit / norm) for g in gradients]

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        self.t += 1
        for p, g, memory in zip(self.parameters(), self.gradients_used(x, y), self.memory, strict=True):
            self.step(p, g, learning_rate, self.t, memory)


class ClippingValues(Clipping):
    limit = 0.05

    def gradients_used(self, x: Any, y: Any) -> list[Any]:
        return [np.clip(g, -self.limit, self.limit) for g in self.gradients(x, y)]


class ClippingArrays(Clipping):
    limit = 0.1

    def gradients_used(self, x: Any, y: Any) -> list[Any]:
        return [g * min(1, self.limit / float(np.linalg.norm(g))) for g in self.gradients(x, y)]


@pytest.mark.parametrize("kind", [Clipping, ClippingValues, ClippingArrays])
@pytest.mark.parametrize("step", [descent, polyak, sgd])
def test_clipping_is_recognised(kind: type[Clipping], step: Step) -> None:
    verdict = judge_update(traced(kind(step)), NAMES)
    assert verdict.kind == "rule", verdict.words
    assert "clip" in verdict.words
    assert f"{kind.limit:.4g}" in verdict.words


@pytest.mark.parametrize("limit", [0.2, 0.6])
def test_adam_with_a_clipped_gradient_is_recognised(limit: float) -> None:
    network = Clipping(adam)
    network.limit = limit
    verdict = judge_update(traced(network), NAMES)
    assert verdict.kind == "rule"
    assert "adam, clipped by norm" in verdict.words


def test_the_largest_mean_square_is_recognised_where_it_matters() -> None:
    """AMSGrad and Adam part ways once g^2 falls below its running mean."""
    trace = traced(Stepping(with_(adam, largest=True, b2=0.8)))
    fit = fit_rules(trace)[0]
    assert fit.rule == "AMSGrad"
    assert fit.constants["beta2"] == pytest.approx(0.8, rel=1e-6)


class LookingAhead(Stepping):
    """Sutskever's Nesterov: the gradient is that of theta + mu v."""

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        for p, memory in zip(self.parameters(), self.memory, strict=True):
            memory["at"] = p.copy()
            p[...] += 0.8 * memory.get("v", 0)
        for p, g, memory in zip(self.parameters(), self.gradients(x, y), self.memory, strict=True):
            memory["v"] = 0.8 * memory.get("v", 0) - learning_rate * g
            p[...] = memory["at"] + memory["v"]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_gradient_at_the_point_ahead_is_recognised(dtype: str) -> None:
    fit = best(LookingAhead(descent, dtype=dtype))
    assert fit.rule == "Nesterov momentum, gradient ahead"
    assert fit.constants["decay"] == pytest.approx(0.8, rel=1e-3)


def test_what_its_own_step_goes_by_may_be_a_multiple_of_the_mean_gradient() -> None:
    class Sums(Stepping):
        """Its loss is a sum; it is seen through one that shows the mean."""

        def own_share(self, n: int) -> float:
            return 1.0 * n

        def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
            super().train_step(x, y, learning_rate * len(x))

    verdict = judge_update(traced(Sums(descent)), NAMES)
    assert verdict.kind == "rule", verdict.words


# What is named, and does not stop ------------------------------------------------------------------------------------


class Averaging(Stepping):
    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        super().train_step(x, y, learning_rate / len(x))


def biases_twice_as_fast(p: Any, g: Any, lr: float, t: int, memory: dict[str, Any]) -> None:
    polyak(p, g, lr * (2 if p.ndim == 1 else 1), t, memory)


def sign_with_decay(p: Any, g: Any, lr: float, t: int, memory: dict[str, Any]) -> None:
    p -= lr * (np.sign(g) + 0.01 * p)


def lion(p: Any, g: Any, lr: float, t: int, memory: dict[str, Any]) -> None:
    m = memory.get("m", 0)
    p -= lr * np.sign(0.9 * m + 0.1 * g)
    memory["m"] = 0.99 * m + 0.01 * g


def rprop(p: Any, g: Any, lr: float, t: int, memory: dict[str, Any]) -> None:
    same = np.sign(g * memory.get("g", np.zeros_like(g)))
    memory["d"] = np.clip(
        memory.get("d", np.full_like(p, lr)) * np.where(same > 0, 1.2, np.where(same < 0, 0.5, 1)), 1e-6, 1
    )
    memory["g"] = g
    p -= memory["d"] * np.sign(g)


def preconditioned(p: Any, g: Any, lr: float, t: int, memory: dict[str, Any]) -> None:
    """A fixed positive definite matrix before the gradient, as of a quasi-Newton rule."""
    root = np.random.default_rng(g.size).normal(size=(g.size, g.size))
    p -= lr * ((root @ root.T / g.size + 0.5 * np.eye(g.size)) @ g.ravel()).reshape(g.shape)


def lars(p: Any, g: Any, lr: float, t: int, memory: dict[str, Any]) -> None:
    p -= lr * np.linalg.norm(p) / np.linalg.norm(g) * g


def normalised(p: Any, g: Any, lr: float, t: int, memory: dict[str, Any]) -> None:
    p -= lr * (1 + 0.3 * np.sin(3 * t)) * g


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("network", "step", "words"),
    [
        (Averaging, descent, "gradient descent, but divided by the batch size n once more"),
        (Averaging, polyak, "divided by the batch size n"),
        (Stepping, scheduled(descent, lambda t: 0.5), "but 0.5 times as long"),
        (Stepping, scheduled(adam, lambda t: 3.0), "but 3 times as long"),
        (Stepping, normalised, "with steps of its own length"),
        (Stepping, biases_twice_as_fast, "the biases momentum (decay 0.9), but 2 times as long"),
        (Stepping, sign_with_decay, "none of the rules"),
        (Stepping, lion, "none of the rules"),
        (Stepping, rprop, "none of the rules"),
        (Stepping, preconditioned, "none of the rules"),
        (Stepping, lars, "none of the rules"),
    ],
)
def test_what_cannot_hurt_is_named(network: type[Stepping], step: Step, words: str, dtype: str) -> None:
    verdict = judge_update(traced(network(step, dtype=dtype)), NAMES)
    assert verdict.kind == "harmless", verdict.words
    assert words in verdict.words


# Faults --------------------------------------------------------------------------------------------------------------


class Faulty(Stepping):
    """All but one array follow the rule."""

    which = 2

    def wrongly(self, p: Any, g: Any, rate: float, memory: dict[str, Any]) -> None:
        raise NotImplementedError

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        self.t += 1
        for k, (p, g, memory) in enumerate(zip(self.parameters(), self.gradients(x, y), self.memory, strict=True)):
            if k == self.which:
                self.wrongly(p, g, learning_rate, memory)
            else:
                self.step(p, g, learning_rate, self.t, memory)


class NeverUpdated(Faulty):
    def wrongly(self, p: Any, g: Any, rate: float, memory: dict[str, Any]) -> None:
        pass


class WrongSign(Faulty):
    def wrongly(self, p: Any, g: Any, rate: float, memory: dict[str, Any]) -> None:
        self.step(p, -g, rate, self.t, memory)


class Twice(Faulty):
    def wrongly(self, p: Any, g: Any, rate: float, memory: dict[str, Any]) -> None:
        self.step(p, g, rate, 2 * self.t - 1, memory)
        self.step(p, g, rate, 2 * self.t, memory)


class StepBefore(Faulty):
    def wrongly(self, p: Any, g: Any, rate: float, memory: dict[str, Any]) -> None:
        self.step(p, memory.get("last", g), rate, self.t, memory)
        memory["last"] = g


class NoMemory(Faulty):
    def wrongly(self, p: Any, g: Any, rate: float, memory: dict[str, Any]) -> None:
        p -= 0.5 * rate * np.sign(g)


class OneColumnStands(Faulty):
    def wrongly(self, p: Any, g: Any, rate: float, memory: dict[str, Any]) -> None:
        before = p.copy()
        self.step(p, g, rate, self.t, memory)
        p[..., -1] = before[..., -1]


@pytest.mark.parametrize(
    ("step", "dtype"),
    [
        (descent, "float64"),
        (polyak, "float32"),
        (sgd, "float64"),
        (with_(adam, b1=0.8), "float64"),
        (adam, "float32"),
        (with_(sgd, weight_decay=0.01), "float64"),
        (rmsprop, "float64"),
    ],
)
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (NeverUpdated, "never moved: W2"),
        (WrongSign, "W2: wrong sign"),
        (Twice, "W2: updated twice"),
        (StepBefore, "W2: uses the gradient of the step before"),
        (NoMemory, "W2: is off, by"),
        (OneColumnStands, "W2: never moves in 5 of its 20 entries"),
    ],
)
def test_the_array_at_fault_is_named(fault: type[Faulty], words: str, step: Step, dtype: str) -> None:
    verdict = judge_update(traced(fault(step, dtype=dtype)), NAMES)
    assert verdict.kind == "fault", verdict.words
    assert words in verdict.words, verdict.words


class ThroughNewWeights(Stepping):
    """Backpropagation written out, where a layer is updated before the delta goes down through it."""

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        parameters = self.parameters()
        a = [np.asarray(x, parameters[0].dtype)]
        for k in range(0, len(parameters) - 2, 2):
            a.append(np.tanh(a[-1] @ parameters[k] + parameters[k + 1]))
        scores = a[-1] @ parameters[-2] + parameters[-1]
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        delta = (p / p.sum(axis=1, keepdims=True) - y) / len(x)
        self.t += 1
        for k in range(len(parameters) - 2, -1, -2):
            slope = 1 - a[k // 2] ** 2
            gradients = a[k // 2].T @ delta, delta.sum(axis=0)
            for j, g in enumerate(gradients):
                self.step(parameters[k + j], g.astype(a[0].dtype), learning_rate, self.t, self.memory[k + j])
            delta = (delta @ parameters[k].T) * slope


class OneAfterTheOther(Stepping):
    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        self.t += 1
        for k, p in enumerate(self.parameters()):
            self.step(p, self.gradients(x, y)[k], learning_rate, self.t, self.memory[k])


class AlwaysTheStepBefore(Stepping):
    last: Any = None

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        now = self.gradients(x, y)
        self.t += 1
        for p, g, memory in zip(self.parameters(), self.last or now, self.memory, strict=True):
            self.step(p, g, learning_rate, self.t, memory)
        self.last = now


class NeverZeroed(Stepping):
    total: Any = None

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        now = self.gradients(x, y)
        self.total = now if self.total is None else [a + b for a, b in zip(self.total, now, strict=True)]
        self.t += 1
        for p, g, memory in zip(self.parameters(), self.total, self.memory, strict=True):
            self.step(p, g, learning_rate, self.t, memory)


@pytest.mark.parametrize(
    ("step", "dtype"),
    [
        (descent, "float64"),
        (descent, "float32"),
        (polyak, "float64"),
        (with_(sgd, momentum=0.8), "float32"),
        (adam, "float64"),
    ],
)
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (ThroughNewWeights, "deltas propagated through weights that were updated already"),
        (OneAfterTheOther, "the gradient after other weights were updated already"),
        (AlwaysTheStepBefore, "with the gradient of the step before"),
        (NeverZeroed, "never set to zero"),
    ],
)
def test_another_gradient_is_named(fault: type[Stepping], words: str, step: Step, dtype: str) -> None:
    verdict = judge_update(traced(fault(step, dtype=dtype)), NAMES)
    assert verdict.kind == "fault", verdict.words
    assert words in verdict.words


def uphill(step: Step) -> Step:
    return lambda p, g, lr, t, memory: step(p, -g, lr, t, memory)


@pytest.mark.parametrize("step", [descent, polyak, sgd, adam, rmsprop, adagrad, lion, sign_with_decay, nesterov])
def test_uphill_is_a_fault(step: Step) -> None:
    verdict = judge_update(traced(Stepping(uphill(step))), NAMES)
    assert verdict.kind == "fault"
    assert "up the gradient" in verdict.words


def test_no_move_and_growing_weights_are_faults() -> None:
    assert "never moved: W1" in judge_update(traced(Stepping(lambda *_: None)), NAMES).words
    verdict = judge_update(traced(Stepping(with_(sgd, momentum=0, weight_decay=-0.01))), NAMES)
    assert verdict.kind == "fault"
    assert "makes the parameters grow" in verdict.words


def test_a_number_that_is_none_is_a_fault() -> None:
    def breaks(p: Any, g: Any, lr: float, t: int, memory: dict[str, Any]) -> None:
        p -= lr * g * (np.nan if t == 3 else 1)

    assert judge_update(traced(Stepping(breaks)), NAMES).kind == "fault"


def test_a_step_that_does_not_use_the_rate_it_is_given() -> None:
    verdict = judge_update(traced(Stepping(lambda p, g, lr, t, memory: descent(p, g, 0.02, t, memory))), NAMES)
    assert verdict.kind == "fault"
    assert "does not use the learning rate" in verdict.words


class BiasesOnceMore(Net):
    """The gradient of the biases is divided by n once more."""

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        for p, g in zip(self.parameters(), self.gradients(x, y), strict=True):
            p[...] -= learning_rate * (g / len(x) if p.ndim == 1 else g)


def test_a_mean_taken_twice_for_the_biases_alone_is_no_choice() -> None:
    verdict = judge_update(traced(BiasesOnceMore(0, "float64")), NAMES)
    assert verdict.kind == "fault"
    assert "divided by the batch size n" in verdict.words
