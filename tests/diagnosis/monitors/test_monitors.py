"""Each monitor speaks because of its fault, and all are silent on healthy trainings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from small_programs import clouds, program

from nnkit.diagnosis.monitors import symptoms
from nnkit.diagnosis.record import record
from nnkit.diagnosis.trace import Trace

#: what a plain network reaches on the clouds
ATTAINABLE = 0.9


def trace_of(*args: Any, **options: Any) -> Trace:
    trace = record(program(*args, **options)).trace
    trace.attainable = ATTAINABLE
    return trace


def seen(*args: Any, **options: Any) -> set[str]:
    return {symptom.name for symptom in symptoms(trace_of(*args, **options))}


HEALTHY: dict[str, dict[str, Any]] = {
    "as it is": {},
    "one row at a time": {"batch_size": 1, "epochs": 3, "rate": 0.05},
    "all rows at once": {"batch_size": 240, "epochs": 150},
    "relu": {"hidden": "relu", "initialiser": "he", "rate": 0.2},
    "squared error": {"output": "sigmoid", "loss": "mse", "rate": 3.0, "epochs": 20},
    "no hidden layer": {"sizes": (6, 3)},
    "deep": {"sizes": (6, 12, 12, 12, 3), "rate": 0.2},
    "up and down": {"rate": lambda epoch: (0.05, 0.8)[epoch % 2]},
    "falling": {"rate": lambda epoch: 0.5 / (1 + epoch)},
    "large weights that learn all the same": {"start": lambda W: 2 * W},
}


@pytest.mark.parametrize("options", HEALTHY.values(), ids=HEALTHY)
def test_healthy_trainings_are_met_with_silence(options: dict[str, Any]) -> None:
    assert seen(**options) == set()


FAULTS: dict[str, dict[str, Any]] = {
    "not-finite": {"output": "identity", "loss": "mse", "rate": 5.0},
    "diverging": {"sizes": (6, 12, 12, 12, 3), "rate": 5.0},
    "exploding": {"sizes": (6, 12, 12, 12, 3), "rate": 5.0},
    "saturated": {"start": lambda W: 300 * W, "rate": 1e-3},
    "dead": {"hidden": "relu", "start": lambda W: -np.abs(W), "data": (np.abs(clouds()[0]), clouds()[1])},
    "vanishing": {"hidden": "sigmoid", "sizes": (6, *[12] * 6, 3), "start": lambda W: 0.1 * W},
    "stuck": {"start": lambda W: 0 * W},
    "oscillating": {"sizes": (6, 12, 12, 12, 3), "rate": 5.0},
    "collapsed": {"start": lambda W: 0 * W},
    "no-learning": {"rate": 1e-6, "start": lambda W: 0.1 * W},
    "slow": {"rate": 3e-3},
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_each_speaks_because_of_its_fault(name: str) -> None:
    assert name in seen(**FAULTS[name])


def test_the_first_operation_that_was_not_finite_is_told() -> None:
    x, y = clouds()
    x[7, 2] = np.nan
    found = symptoms(trace_of((x, y), batch_size=240))
    assert (found[0].name, found[0].operation, found[0].step) == ("not-finite", "data", 0)
    assert "row" in found[0].summary


def test_twenty_rows_are_learned_by_heart() -> None:
    x, y = clouds(12)
    rng = np.random.default_rng(0)
    assert "overfitting" in seen((x, y[rng.permutation(12)]), epochs=300, batch_size=4)


def test_what_was_known_and_is_lost_is_forgotten() -> None:
    def fit(network: Any, x: Any, y: Any, seed: int) -> None:
        for _ in range(300):
            network.train_step(x, y, 0.5)
        for _ in range(300):
            network.train_step(x[y[:, 0] > 0], y[y[:, 0] > 0], 0.5)

    assert "forgetting" in seen(fit=fit)


def test_a_measure_that_counts_something_else_is_noticed() -> None:
    assert "metric-and-loss-disagree" in seen(accuracy=lambda p, y: float(np.mean(np.round(p[0]) == y)))
    assert seen(accuracy=lambda p, y: float(np.mean(p.argmax(axis=1) == y.argmax(axis=1)))) == set()
    assert seen(accuracy=lambda p, y: 100 * float(np.mean(p.argmax(axis=1) == y.argmax(axis=1)))) == set()
    assert seen(accuracy=lambda p, y: float(np.mean(p.argmax(axis=1) != y.argmax(axis=1)))) == set()


def test_a_trace_of_losses_alone_is_enough_for_some() -> None:
    steps = list(range(20))
    falling, rising = [1 / (1 + k) for k in steps], [1.0 + k for k in steps]
    assert symptoms(Trace(steps=steps, loss=falling)) == []
    assert {symptom.name for symptom in symptoms(Trace(steps=steps, loss=rising))} == {
        "diverging",
        "no-learning",
        "stuck",
    }
    assert symptoms(Trace()) == []


def test_a_loss_that_was_not_finite_for_a_while_is_forgiven() -> None:
    trace = trace_of()
    assert symptoms(replace(trace, loss=[trace.loss[0], np.inf, *trace.loss[2:]])) == []
