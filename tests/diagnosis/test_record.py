"""A training is recorded without being disturbed, and what its loop does with its rows is known afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from small_programs import Plain, clouds, program

from nnkit.diagnosis import clock
from nnkit.diagnosis.loop import LoopAccount
from nnkit.diagnosis.observed import Enough
from nnkit.diagnosis.record import EARLY, MOMENTS, Recording, record

Loop = Callable[[Any, Any, Any, Any], None]


def recorded(loop: Loop | None = None, **options: Any) -> Recording:
    """loop(network, x, y, rng), or the plain one."""

    def fit(network: Any, x: Any, y: Any, seed: int) -> None:
        assert loop is not None
        loop(network, x, y, np.random.default_rng(seed))

    return record(program(fit=None if loop is None else fit, **options))


def account(loop: Loop, **options: Any) -> LoopAccount:
    return recorded(loop, **options).loop


def test_the_training_is_that_which_nobody_watches() -> None:
    plain = program()
    network = plain.network()
    plain.fit(network, plain.x, plain.y, plain.seed)
    watched = record(plain)
    for mine, theirs in zip(network.parameters(), watched.moments[-1].parameters, strict=True):
        assert np.array_equal(mine, theirs)


def test_moments_are_few_and_whole() -> None:
    seen = recorded(epochs=40, batch_size=4)
    trace = seen.trace
    assert trace.steps[:5] == [0, 1, 2, 3, 4] and trace.steps[-1] == seen.loop.steps == 40 * 60
    assert len(trace.steps) <= MOMENTS + EARLY
    for values in (trace.loss, trace.score, trace.test_loss, trace.rates, trace.layers[0].update_norm):
        assert len(values) == len(trace.steps)
    assert (
        trace.classes == 3
        and trace.score[-1] > 0.8
        and [layer.name for layer in trace.layers] == ["layer 1", "layer 2"]
    )
    assert np.isnan(trace.layers[0].dead).all() and not np.isnan(trace.layers[0].saturated).any()  # tanh


def test_the_plain_loop_uses_each_row_once_an_epoch() -> None:
    seen = recorded().loop
    assert (seen.known, seen.used, seen.paired, seen.test, seen.moved) == (1, 1, 1, 0, [])
    assert seen.epochs == 12 and not seen.same_order and abs(seen.windows - seen.windows_by_chance) < 0.1


def test_rows_and_targets_shuffled_apart() -> None:
    def loop(network: Any, x: Any, y: Any, rng: Any) -> None:
        for _ in range(30):
            network.train_step(rng.permutation(x), rng.permutation(y), 0.1)

    seen = account(loop)
    assert seen.known == 1 and seen.paired == pytest.approx(seen.paired_by_chance, abs=0.05)


def test_sorted_rows_in_one_order_without_the_last() -> None:
    def loop(network: Any, x: Any, y: Any, rng: Any) -> None:
        order = np.argsort(y.argmax(axis=1), kind="stable")
        for _ in range(3):
            for begin in range(0, 200, 20):
                rows = order[begin : begin + 20]
                network.train_step(x[rows], y[rows], 0.1)

    seen = account(loop)
    assert (
        seen.windows > seen.windows_by_chance + 0.2 and seen.used == pytest.approx(200 / 240) and len(seen.unused) == 40
    )


def test_test_rows_made_rows_and_a_rate_that_is_named() -> None:
    x_test, y_test = clouds(200, 1)

    def loop(network: Any, x: Any, y: Any, rng: Any) -> None:
        network.train_step(x_test[:60], y_test[:60], learning_rate=0.2)
        network.train_step(x[:40] + 0.01, y=y[:40], learning_rate=0.3)

    seen = account(loop)
    assert seen.test == pytest.approx(0.6) and seen.known == 0 and seen.rates == [0.2, 0.3]


def test_weights_that_somebody_else_changes() -> None:
    def set_back(network: Any, x: Any, y: Any, rng: Any) -> None:
        first = [p.copy() for p in network.parameters()]
        for _ in range(3):
            for p, q in zip(network.parameters(), first, strict=True):
                p[...] = q
            network.train_step(x, y, 0.1)

    def clipped(network: Any, x: Any, y: Any, rng: Any) -> None:
        for _ in range(3):
            network.train_step(x, y, 0.1)
            for p in network.parameters():
                np.clip(p, -0.01, 0.01, out=p)

    assert account(set_back).moved == [1, 2] and account(set_back).set_back == 2
    assert account(clipped).moved == [1, 2, 3] and account(clipped).set_back == 0


def test_networks_that_the_loop_builds_are_watched() -> None:
    plain = program()
    scope: dict[str, Any] = {"build": Plain}

    def fit(network: Any, x: Any, y: Any, seed: int) -> None:
        for turn in range(3):
            scope["build"](plain.sizes, turn).train_step(x, y, 0.1)

    from dataclasses import replace

    seen = record(replace(plain, fit=fit, scope=scope)).loop
    assert (seen.networks, seen.steps) == (3, 3)


def test_a_loop_that_raises_is_told_of() -> None:
    def loop(network: Any, x: Any, y: Any, rng: Any) -> None:
        network.train_step(x, y, 0.1)
        raise RuntimeError("out of patience")

    seen = account(loop)
    assert seen.steps == 1 and seen.error == "RuntimeError: out of patience"


def test_a_training_that_takes_too_long_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(10**6))
    monkeypatch.setattr(clock, "reading", lambda: float(next(ticks)))
    seen = record(program(), seconds=50).loop
    assert seen.cut and 40 < seen.steps < 60


def test_no_loop_can_hold_on() -> None:
    def loop(network: Any, x: Any, y: Any, rng: Any) -> None:
        for _ in range(10**4):
            try:
                network.train_step(x, y, np.nan)
            except Exception:  # as people do
                continue

    assert account(loop).steps < 100  # it ends soon after the first NaN
    assert not issubclass(Enough, Exception)


@pytest.mark.parametrize(
    ("spoil", "operation", "layer"),
    [
        (lambda x, y, n: x.__setitem__((3, 0), np.nan), "input", None),
        (lambda x, y, n: y.__setitem__((5, 1), np.nan), "target", None),
    ],
)
def test_where_the_first_nan_comes_from(spoil: Any, operation: str, layer: int | None) -> None:
    x, y = clouds()
    spoil(x, y, None)
    seen = recorded(data=(x, y), batch_size=240, epochs=2).not_finite
    assert seen is not None and (seen.step, seen.operation, seen.layer) == (0, operation, layer)


def test_an_update_that_makes_nan() -> None:
    def step(network: Any, gradients: Any, rate: float) -> None:
        for p, g in zip(network.parameters(), gradients, strict=True):
            p[...] -= rate * g / (0 * g)

    seen = recorded(step=step, epochs=1).not_finite
    assert seen is not None and (seen.step, seen.operation) == (0, "update")
