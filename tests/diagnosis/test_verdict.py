"""Causes are proved by the change that cures; healthy trainings get no verdict but that they are healthy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from small_programs import clouds, program

from nnkit.diagnosis import verdict
from nnkit.diagnosis.attainable import Attainable, attainable
from nnkit.diagnosis.catalogue import causes
from nnkit.diagnosis.verdict import Verdict, diagnose


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a plain network reaches on the clouds, which takes a second to find out."""
    monkeypatch.setattr(verdict, "attainable", lambda x, y: Attainable(0.9, 0.95))


def looped(loop: Callable[[Any, Any, Any, Any], None]) -> Any:
    def fit(network: Any, x: Any, y: Any, seed: int) -> None:
        loop(network, x, y, np.random.default_rng(seed))

    return fit


def shuffled_apart(network: Any, x: Any, y: Any, rng: Any) -> None:
    for _ in range(150):
        network.train_step(rng.permutation(x)[:16], rng.permutation(y)[:16], 0.5)


def by_class(network: Any, x: Any, y: Any, rng: Any) -> None:
    order = np.argsort(y.argmax(axis=1), kind="stable")
    for _ in range(3):
        for begin in range(0, len(x), 8):
            rows = order[begin : begin + 8]
            network.train_step(x[rows], y[rows], 1.0)


def started_anew(network: Any, x: Any, y: Any, rng: Any) -> None:
    first = [p.copy() for p in network.parameters()]
    for _ in range(40):
        for p, q in zip(network.parameters(), first, strict=True):
            p[...] = q
        for _ in range(3):
            rows = rng.permutation(len(x))[:16]
            network.train_step(x[rows], y[rows], 0.1)


def clipped_to(length: float) -> Callable[[Any, Any, float], None]:
    def step(network: Any, gradients: Any, rate: float) -> None:
        norm = np.sqrt(sum(float((g * g).sum()) for g in gradients))
        for p, g in zip(network.parameters(), gradients, strict=True):
            p[...] -= rate * g * min(1.0, length / norm)

    return step


def decayed(network: Any, gradients: Any, rate: float) -> None:
    for p, g in zip(network.parameters(), gradients, strict=True):
        p[...] -= rate * (g + 3.0 * p)


def bounded(network: Any, gradients: Any, rate: float) -> None:
    for p, g in zip(network.parameters(), gradients, strict=True):
        p[...] = np.clip(p - rate * g, -0.003, 0.003)


def heavy(momentum: float) -> Callable[[Any, Any, float], None]:
    def step(network: Any, gradients: Any, rate: float) -> None:
        moved = vars(network).setdefault("moved", [0 * g for g in gradients])
        for k, (p, g) in enumerate(zip(network.parameters(), gradients, strict=True)):
            moved[k] = momentum * moved[k] - rate * g
            p[...] += moved[k]

    return step


def a_few_rows_only(network: Any, x: Any, y: Any, rng: Any) -> None:
    for _ in range(100):
        network.train_step(x[:4], y[:4], 1.0)


X, Y = clouds()
WITH_NAN = X.copy()
WITH_NAN[7, 2] = np.nan

FAULTS: dict[str, dict[str, Any]] = {
    "rate-too-large": {"sizes": (6, 12, 12, 12, 3), "rate": 8.0},
    "rate-too-small": {"rate": 1e-4},
    "rate-decays-too-fast": {"rate": lambda epoch: 0.02 * 0.01**epoch},
    "initialised-to-zero": {"start": lambda W: 0 * W, "hidden": "relu"},
    "initialised-too-large": {"start": lambda W: 200 * W, "rate": 0.05},
    "inputs-not-scaled": {
        "data": (255 * X + 2000, Y),
        "test": (255 * clouds(50, 1)[0] + 2000, clouds(50, 1)[1]),
        "rate": 0.1,
    },
    "nan-in-data": {"data": (WITH_NAN, Y)},
    "constant-inputs": {"data": (0 * X + 0.5, Y)},
    "targets-all-alike": {"data": (X, 0 * Y + [1, 0, 0])},
    "inputs-shuffled-without-labels": {"fit": looped(shuffled_apart)},
    "batches-not-shuffled": {"fit": looped(by_class)},
    "network-rebuilt": {"fit": looped(started_anew)},
    "clipping-too-tight": {"step": clipped_to(1e-4)},
    "penalty-too-strong": {"step": decayed},
    "weights-clipped": {"step": bounded},
    "momentum-undamped": {"step": heavy(0.999), "rate": 1.0, "sizes": (6, 12, 12, 3)},
    "rate-negative": {"rate": lambda epoch: 0.5 * np.cos(np.pi * epoch / 12)},
    "one-hot-wrong": {"data": (X, np.roll(Y, 1, axis=1))},
    "accuracy-computed-wrongly": {"accuracy": lambda p, y: float(np.mean(np.round(p) == y))},
    "trained-on-test-data": {"test": (X[:100], Y[:100])},
    "rows-never-used": {"fit": looped(a_few_rows_only)},
    "overfitting": {"data": clouds(9), "test": (X + 1.0, Y), "epochs": 100},
    "targets-out-of-range": {
        "data": (X, 200 * Y),
        "test": (X, 200 * Y),
        "output": "sigmoid",
        "loss": "mse",
        "rate": 1.0,
    },
    "too-few-steps": {"epochs": 1, "batch_size": 60, "rate": 0.1},
    "test-data-differ": {"test": (300 * clouds(50, 1)[0] + 4, clouds(50, 1)[1])},
}


def proved(name: str) -> Verdict:
    return diagnose(program(**FAULTS[name]))


@pytest.fixture
def nobody_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdict, "attainable", lambda x, y: Attainable(0.0, 0.95))


@pytest.mark.parametrize("name", FAULTS)
def test_the_cause_is_named(name: str) -> None:
    found = proved(name)
    assert [finding.cause for finding in found.findings][:1] == [name], [run.label for run in found.runs]
    assert found.symptoms and not found.healthy
    assert name in causes()
    cure = found.cure_of(found.findings[0])
    assert cure is not None and cure.change
    if cure.after is not None:
        assert cure.after in found.runs and cure.after.label and cure.before is found.runs[0]


@pytest.mark.usefixtures("nobody_can")
def test_targets_that_belong_to_other_rows() -> None:
    found = diagnose(program((X, np.random.default_rng(3).permutation(Y))))
    assert [finding.cause for finding in found.findings] == ["labels-shuffled"]
    assert "as well" in found.findings[0].proof


HEALTHY: dict[str, dict[str, Any]] = {
    "as it is": {},
    "relu": {"hidden": "relu", "initialiser": "he", "rate": 0.2},
    "a hundred rows": {"data": clouds(100)},
    "all at once": {"batch_size": 240, "epochs": 150},
}


@pytest.mark.parametrize("options", HEALTHY.values(), ids=HEALTHY)
def test_a_healthy_training_is_left_alone(options: dict[str, Any]) -> None:
    found = diagnose(program(**options))
    assert found.healthy and not found.findings and not found.symptoms
    assert len(found.runs) == 1 and found.runs[0].label == "as it is"


def test_a_slip_that_did_not_hurt_is_a_warning() -> None:
    def alike(W: Any) -> Any:
        return np.resize(np.random.default_rng(5).normal(0, 0.4, 36), W.shape)

    found = diagnose(program(start=alike, sizes=(6, 6, 3)))
    assert [(finding.cause, finding.severity) for finding in found.findings] == [
        ("initialised-layers-alike", "warning")
    ]
    assert found.healthy and not found.symptoms


def test_a_loop_that_raises_is_a_symptom() -> None:
    def broken(network: Any, x: Any, y: Any, rng: Any) -> None:
        network.train_step(x, y, 0.5)
        raise ValueError("nothing left")

    found = diagnose(program(fit=looped(broken)))
    assert any(symptom.name == "loop" and "nothing left" in symptom.summary for symptom in found.symptoms)


def test_a_training_nobody_can_explain_stays_unknown() -> None:
    def lazy(network: Any, gradients: Any, rate: float) -> None:
        """Random moves: no change of one thing makes these learn."""
        rng = np.random.default_rng(int(abs(gradients[0].flat[0]) * 1e9) % 1000)
        for p in network.parameters():
            p[...] += rng.normal(0, 0.3, p.shape)

    found = diagnose(program(step=lazy), seconds=3.0)
    assert found.symptoms and {finding.cause for finding in found.findings} <= {
        "unknown",
        "update-ignores-learning-rate",
    }


def test_what_can_be_had_from_data() -> None:
    assert attainable(X, Y, seconds=0.3).score > 0.75
    order = np.random.default_rng(0).permutation(len(Y))
    assert attainable(X, Y[order], seconds=0.3).score < 0.3
    assert attainable(X, X[:, :2] * 1000, seconds=0.5).score > 0.5
    assert np.isnan(attainable(X[:1] * np.nan, Y[:1]).score)


def test_the_same_program_gets_the_same_verdict() -> None:
    first, again = (diagnose(program(rate=1e-4)) for _ in range(2))
    assert first.runs[0].loss == again.runs[0].loss and first.findings == again.findings


def test_no_time_no_experiments() -> None:
    slow = replace(program(rate=1e-4))
    found = diagnose(slow, seconds=0.0)
    assert len(found.runs) == 1 and [finding.cause for finding in found.findings] in ([], ["unknown"])
