"""Which update rule does `train_step` follow? Found by predicting what it does.

Recorded are the parameters before and after each of a few steps, with the network's own gradient at each. Every rule
that nnkit knows then predicts the same steps from the same gradients. The rule is the one that predicts them to rounding;
a decay that a rule leaves open is fitted to one step and must then predict the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.gradients import Parameters, gradient_of

Array = npt.NDArray[Any]
Batch = tuple[Array, Array]


@dataclass(frozen=True)
class Trace:
    """What `train_step` did: theta (K + 1, P) before, between and after K steps, the gradient (K, P) before each, and
    the rates (K,)."""

    theta: Array
    gradient: Array
    rates: Array
    eps: float

    @property
    def moves(self) -> Array:
        return np.diff(self.theta, axis=0)


@dataclass(frozen=True)
class RuleFit:
    """How well a rule predicts the moves (K, P). `error`: the largest difference, in units of the rounding of theta."""

    rule: str
    constants: dict[str, float]
    predicted: Array
    error: float

    def __str__(self) -> str:
        constants = ", ".join(f"{name} {value:.6g}" for name, value in self.constants.items())
        return self.rule.replace("_", " ") + (f" ({constants})" if constants else "")


def record(network: Any, batches: Sequence[Batch], rates: Sequence[float]) -> Trace:
    """Let the network take one step of its own on each batch, with these rates, and note what happens."""
    parameters = Parameters(network)
    thetas, gradients = [parameters.read()], []
    for (x, y), rate in zip(batches, rates, strict=True):
        gradients.append(gradient_of(network, x, y)(thetas[-1]))
        network.train_step(x, y, rate)
        thetas.append(parameters.read())
    eps = float(np.finfo(thetas[0].dtype).eps)
    return Trace(np.array(thetas, float), np.array(gradients, float), np.array(rates), eps)


def fit_rules(trace: Trace) -> list[RuleFit]:
    """All known rules, the one that fits best first."""
    g, eta = trace.gradient, trace.rates[:, None]
    found = [_judged(trace, "gradient_descent", {}, -eta * g)]
    # m <- decay m - eta g; theta <- theta + m (source S1.4), and the same with the rate outside: v <- decay v + g.
    decay = _fit(trace.moves[1] + eta[1] * g[1], trace.moves[0])
    found.append(_judged(trace, "momentum", {"decay": decay}, _accumulated(-eta * g, decay)))
    decay = _fit(-trace.moves[1] / eta[1] - g[1], -trace.moves[0] / eta[0])
    found.append(_judged(trace, "momentum_rate_outside", {"decay": decay}, -eta * _accumulated(g, decay)))
    for eps in (1e-8, 1e-7):
        found.append(_judged(trace, "adam", {"beta1": 0.9, "beta2": 0.999, "eps": eps}, _adam(g, eta, 0.9, 0.999, eps)))
    return sorted(found, key=lambda fit: fit.error)


def _fit(target: Array, basis: Array) -> float:
    """The factor c for which c basis is nearest to target, 0 where there is nothing to fit, and never past stability."""
    length = float(basis @ basis)
    factor = float(target @ basis) / length if length > 0 else 0.0
    return min(max(factor, 0.0), 1.0) if np.isfinite(factor) else 0.0


def _accumulated(terms: Array, decay: float) -> Array:
    total, all_of_them = np.zeros_like(terms[0]), []
    for term in terms:
        total = decay * total + term
        all_of_them.append(total)
    return np.array(all_of_them)


def _adam(g: Array, eta: Array, beta1: float, beta2: float, eps: float) -> Array:
    """Kingma and Ba 2015, Algorithm 1, as printed."""
    m, v, moves = np.zeros_like(g[0]), np.zeros_like(g[0]), []
    for t in range(1, len(g) + 1):
        m = beta1 * m + (1 - beta1) * g[t - 1]
        v = beta2 * v + (1 - beta2) * g[t - 1] ** 2
        moves.append(-eta[t - 1] * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps))
    return np.array(moves)


def _judged(trace: Trace, rule: str, constants: dict[str, float], predicted: Array) -> RuleFit:
    # theta is rounded at every step, and a move is the difference of two thetas; the predicted move has a rounding of
    # its own. Both are relative to what they round.
    rounding = trace.eps * (
        np.abs(trace.theta[:-1]) + np.abs(trace.theta[1:]) + np.abs(trace.moves) + np.abs(predicted)
    )
    # A parameter near zero still feels the roundings of the gradient, which come from its neighbours.
    floor = trace.eps * float(np.abs(trace.theta).mean())
    error = float(np.max(np.abs(trace.moves - predicted) / (rounding + floor)))
    return RuleFit(rule, constants, predicted, error if np.isfinite(error) else float("inf"))
