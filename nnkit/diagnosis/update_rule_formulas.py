"""The update rules that nnkit knows: from the gradients at each step to the moves of the parameters.

Every formula takes the record of some steps, and its constants, and says how far each parameter moves at each step, (K, P).
The state of a rule is a running sum of what came before, decaying by a constant factor a step. For K steps that is one
product with a lower triangular matrix of powers (`accumulated`), which is why none of these loops over the steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from itertools import pairwise, product
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Formula = Callable[..., Array]


class GradientAt(Protocol):
    """The network's gradient (P,) at theta (P,) on the batch of a step, or on one row of it alone."""

    def __call__(self, step: int, theta: Array, row: int | None = None) -> Array: ...


@dataclass(frozen=True)
class Trace:
    """What `train_step` did: theta (K + 1, P) before, between and after K steps, the gradient (K, P) before each, the
    rates and numbers of samples (K,). arrays: where each parameter array lies in P; weights (P,): what is no bias."""

    theta: Array
    gradient: Array
    rates: Array
    samples: Array
    arrays: tuple[slice, ...]
    weights: Array
    eps: float
    gradient_at: GradientAt = field(repr=False)
    shapes: tuple[tuple[int, ...], ...] = ()

    @cached_property
    def moves(self) -> Array:
        return np.diff(self.theta, axis=0)

    @cached_property
    def starts(self) -> list[int]:
        """Where each parameter array begins."""
        return [part.start for part in self.arrays]

    @cached_property
    def sizes(self) -> list[int]:
        return [part.stop - part.start for part in self.arrays]

    @cached_property
    def _means(self) -> dict[tuple[int, float], Array]:
        return {}

    def mean(self, power: int, decay: float) -> Array:
        """v <- decay v + (1 - decay) g^power, kept for a while: a fit moves one constant at a time."""
        if (power, decay) not in self._means:
            if len(self._means) >= 8:
                del self._means[next(iter(self._means))]
            terms = self.gradient if power == 1 else self.gradient**power
            self._means[power, decay] = mean = (1 - decay) * accumulated(terms, decay)
            mean.setflags(write=False)
        return self._means[power, decay]

    @cached_property
    def rounding(self) -> tuple[Array, float]:
        """By how much theta is rounded at each step (K, P), and in any case: a parameter near zero still feels the
        roundings of the gradient, which come from its neighbours."""
        known = np.abs(self.theta[np.isfinite(self.theta)])
        unit = np.abs(self.before) + np.abs(self.theta[1:]) + np.abs(self.moves)
        return unit, self.eps * float(known.sum()) / max(known.size, 1) + np.finfo(float).tiny

    @cached_property
    def precision(self) -> Array:
        """What roundings leave unexplained of each array at least."""
        return self.eps * self.lengths(self.theta) + 1e-300

    def lengths(self, of: Array) -> Array:
        """The Euclidean norm of each parameter array's part of (K, P)."""
        squares = np.einsum("kp,kp->p", of, of)
        return np.sqrt(np.add.reduceat(squares, self.starts))

    @property
    def before(self) -> Array:
        return self.theta[:-1]

    @property
    def eta(self) -> Array:
        return self.rates[:, None]

    def of(self, chosen: Sequence[int]) -> Trace:
        """The same steps as seen by some of the parameter arrays."""
        index = np.concatenate([np.arange(self.arrays[k].start, self.arrays[k].stop) for k in chosen])
        ends = np.cumsum([self.arrays[k].stop - self.arrays[k].start for k in chosen])

        def gradient_at(step: int, theta: Array, row: int | None = None) -> Array:
            raise NotImplementedError("the gradient of some parameters depends on all of them")

        return replace(
            self,
            theta=self.theta[:, index],
            gradient=self.gradient[:, index],
            weights=self.weights[index],
            arrays=tuple(slice(int(a), int(b)) for a, b in pairwise([0, *ends])),
            gradient_at=gradient_at,
            shapes=tuple(self.shapes[k] for k in chosen) if self.shapes else (),
        )

    @cached_property
    def of_samples(self) -> list[Array]:
        """For each step the gradients (n, P) of its samples, each alone, at the place where the step begins."""
        return [
            np.array([self.gradient_at(step, self.theta[step], row) for row in range(n)])
            for step, n in enumerate(self.samples)
        ]


def accumulated(terms: Array, decay: float) -> Array:
    """s_t = decay s_(t-1) + term_t for all steps: terms (K, P) to sums (K, P)."""
    return np.asarray(_powers(len(terms), float(decay)) @ terms)


@lru_cache(maxsize=64)  # a fit moves one constant at a time, so most decays are those of the time before
def _powers(steps: int, decay: float) -> Array:
    """decay^(t - s) where s <= t, and 0 elsewhere: (steps, steps)."""
    lag, past = _lags(steps)
    return np.where(past, decay**lag, 0.0)


@lru_cache(maxsize=8)
def _lags(steps: int) -> tuple[Array, Array]:
    lag = np.subtract.outer(np.arange(steps), np.arange(steps))
    return np.maximum(lag, 0), lag >= 0


def descent(run: Trace) -> Array:
    """theta <- theta - eta g."""
    return np.asarray(-run.eta * run.gradient)


def momentum(run: Trace, decay: float) -> Array:
    """m <- decay m - eta g; theta <- theta + m (Polyak 1964; source S1.4)."""
    return accumulated(-run.eta * run.gradient, decay)


def momentum_outside(run: Trace, decay: float) -> Array:
    """v <- decay v + g; theta <- theta - eta v. Another path than `momentum` as soon as the rate changes."""
    return np.asarray(-run.eta * accumulated(run.gradient, decay))


def momentum_average(run: Trace, decay: float) -> Array:
    """v <- decay v + (1 - decay) g; theta <- theta - eta v."""
    return (1 - decay) * momentum_outside(run, decay)


def momentum_dampened(run: Trace, decay: float, dampening: float) -> Array:
    """v <- decay v + (1 - dampening) g from the second step on, and v = g at the first, as PyTorch's SGD has it."""
    weight = np.full_like(run.eta, 1 - dampening)
    weight[0] = 1
    return np.asarray(-run.eta * accumulated(weight * run.gradient, decay))


def nesterov(run: Trace, decay: float) -> Array:
    """m <- decay m - eta g; theta <- theta + decay m - eta g: the gradient is that of the point where theta is."""
    return np.asarray(decay * momentum(run, decay) - run.eta * run.gradient)


def nesterov_outside(run: Trace, decay: float) -> Array:
    """v <- decay v + g; theta <- theta - eta (g + decay v)."""
    return np.asarray(-run.eta * (run.gradient + decay * accumulated(run.gradient, decay)))


def nesterov_ahead(run: Trace, decay: float) -> Array:
    """m <- decay m - eta gradient(theta + decay m); theta <- theta + m (Sutskever et al. 2013)."""
    m, moves = np.zeros_like(run.gradient[0]), []
    for k, rate in enumerate(run.rates):
        m = decay * m - rate * run.gradient_at(k, run.before[k] + decay * m)
        moves.append(m)
    return np.array(moves)


def adagrad(run: Trace, eps: float, *, inside: bool = False, start: float = 0.0) -> Array:
    """theta <- theta - eta g / (sqrt(sum of g^2) + eps), or eps inside the root (Duchi, Hazan and Singer 2011)."""
    return -run.eta * divided(run.gradient, start + np.cumsum(run.gradient**2, axis=0), eps, inside)


def rmsprop(run: Trace, rho: float, eps: float, *, inside: bool = False) -> Array:
    """v <- rho v + (1 - rho) g^2; theta <- theta - eta g / (sqrt(v) + eps), or eps inside the root (source S1.6)."""
    return -run.eta * divided(run.gradient, run.mean(2, rho), eps, inside)


def rmsprop_momentum(run: Trace, rho: float, eps: float, decay: float, *, inside: bool = False) -> Array:
    """RMSProp's steps, gathered by momentum with the rate outside."""
    steps = rmsprop(replace(run, rates=np.ones_like(run.rates)), rho, eps, inside=inside)
    return np.asarray(run.eta * accumulated(steps, decay))


def adam(
    run: Trace,
    beta1: float,
    beta2: float,
    eps: float,
    *,
    inside: bool = False,
    corrected: bool = True,
    largest: bool = False,
) -> Array:
    """theta <- theta - eta m / (sqrt(v) + eps), with m and v the means of g and g^2 (Kingma and Ba 2015, Algorithm 1).

    corrected: divided by 1 - beta^t. inside: eps stands in the root. largest: AMSGrad, the largest v so far (Reddi et
    al. 2018), as PyTorch takes it, before the correction.
    """
    m, v, c1, c2 = moments(run, beta1, beta2)
    v = np.maximum.accumulate(v, axis=0) if largest else v
    return -run.eta * (divided(m / c1, v / c2, eps, inside) if corrected else divided(m, v, eps, inside))


def adam_early_eps(run: Trace, beta1: float, beta2: float, eps: float) -> Array:
    """Adam in the order of section 2 of the paper: eps is added to the root of v before that is corrected."""
    m, v, c1, c2 = moments(run, beta1, beta2)
    return -run.eta * np.sqrt(c2) / c1 * divided(m, v, eps, False)


def adamax(run: Trace, beta1: float, beta2: float, eps: float) -> Array:
    """Adam with the largest |g|, decaying, in the place of sqrt(v) (Kingma and Ba 2015, Algorithm 2)."""
    m, _, c1, _ = moments(run, beta1, beta2)
    u, norms = np.zeros_like(m[0]), []
    for g in run.gradient:
        u = np.maximum(beta2 * u, np.abs(g) + eps)
        norms.append(u)
    return np.asarray(-run.eta * m / c1 / np.array(norms))


def nadam(run: Trace, beta1: float, beta2: float, eps: float) -> Array:
    """Adam with Nesterov's step (Dozat 2016), without the schedule for beta1."""
    m, v, c1, c2 = moments(run, beta1, beta2)
    ahead = beta1 * m / (1 - (1 - c1) * beta1) + (1 - beta1) * run.gradient / c1
    return -run.eta * divided(ahead, v / c2, eps, False)


def adadelta(run: Trace, rho: float, epsilon: float, *, by_rate: bool = True) -> Array:
    """theta <- theta - eta g sqrt(u + eps) / sqrt(v + eps), u and v the means of the squares of the steps and of g (Zeiler
    2012, who has no rate)."""
    v = run.mean(2, rho)
    # Of epsilon = 0 nothing would ever move, so it has bounds of its own.
    u, steps = np.zeros_like(v[0]), []
    for g, below in zip(run.gradient, v, strict=True):
        steps.append(-g * np.sqrt(u + epsilon) / np.sqrt(below + epsilon))
        u = rho * u + (1 - rho) * steps[-1] ** 2
    return np.asarray(run.eta * np.array(steps) if by_rate else np.array(steps))


def radam(run: Trace, beta1: float, beta2: float, eps: float) -> Array:
    """Adam that goes by m alone while v rests on few steps, and is rectified later (Liu et al. 2020)."""
    m, v, c1, c2 = moments(run, beta1, beta2)
    t = np.arange(1, len(run.rates) + 1)[:, None]
    most = 2 / np.float64(1 - beta2) - 1
    rho = most - 2 * t * beta2**t / c2
    share = (rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho)
    rectified = np.sqrt(np.maximum(share, 0)) * divided(m / c1, v / c2, eps, False)
    return np.asarray(-run.eta * np.where(rho > 5, rectified, m / c1))


def moments(run: Trace, beta1: float, beta2: float) -> tuple[Array, Array, Array, Array]:
    """The running means of g and g^2, and how much of a mean each of them is by now."""
    t = np.arange(1, len(run.rates) + 1)[:, None]
    return run.mean(1, beta1), run.mean(2, beta2), 1 - beta1**t, 1 - beta2**t


def divided(m: Array, v: Array, eps: float, inside: bool) -> Array:
    below = np.sqrt(v + eps) if inside else np.sqrt(v) + eps
    # 0 / 0 where a parameter never had a gradient and eps is 0: it does not move.
    return np.divide(m, below, out=np.zeros_like(m), where=below > 0)


# What goes with any rule ---------------------------------------------------------------------------------------------


def decaying(formula: Formula) -> Formula:
    """Weight decay in the gradient, g + w theta: w for weights and another one (mostly the same, or 0) for biases."""

    def moved(run: Trace, *, weight_decay: float, bias_decay: float, **constants: float) -> Array:
        w = np.where(run.weights, weight_decay, bias_decay)
        return formula(replace(run, gradient=run.gradient + w * run.before), **constants)

    return moved


def decaying_apart(formula: Formula) -> Formula:
    """Decoupled weight decay: theta shrinks by eta w theta beside the rule's step (Loshchilov and Hutter 2019)."""

    def moved(run: Trace, *, weight_decay: float, bias_decay: float, **constants: float) -> Array:
        w = np.where(run.weights, weight_decay, bias_decay)
        return np.asarray(formula(run, **constants) - run.eta * w * run.before)

    return moved


def decaying_by_share(formula: Formula) -> Formula:
    """Weight decay in the gradient as a share of the batch, g + w theta / n: the slope of a penalty w |theta|^2 / (2 n)."""

    def moved(run: Trace, *, weight_decay: float, bias_decay: float, **constants: float) -> Array:
        w = np.where(run.weights, weight_decay, bias_decay) / run.samples[:, None]
        return formula(replace(run, gradient=run.gradient + w * run.before), **constants)

    return moved


def clipped(formula: Formula, by: str) -> Formula:
    """The gradient is cut to a limit before it is used: its norm, the norm of each array, or each value."""

    def moved(run: Trace, *, clip: float, **constants: float) -> Array:
        g = run.gradient
        if by == "value":
            return formula(replace(run, gradient=np.clip(g, -clip, clip)), **constants)
        cut = np.array(g)
        for part in run.arrays if by == "array" else (slice(None),):
            norm = np.linalg.norm(g[:, part], axis=1, keepdims=True)
            cut[:, part] *= np.minimum(1, clip / np.where(norm > 0, norm, 1))
        return formula(replace(run, gradient=cut), **constants)

    return moved


def with_factors(formula: Formula, of: str) -> Formula:
    """Each step has a factor of its own, s0, s1, ..., common to all parameters: of the rate, or of the gradient."""

    def moved(run: Trace, **constants: float) -> Array:
        s = np.array([constants.pop(f"s{k}") for k in range(len(run.rates))])
        if of == "rate":
            return formula(replace(run, rates=run.rates * s), **constants)
        return formula(replace(run, gradient=run.gradient * s[:, None]), **constants)

    return moved


# The table -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """A formula, and the values from which its constants are fitted: several of one are tried in turn.

    like: the rule that has to come near the moves before it is worth while to try this one. own_lengths: with factors.
    """

    name: str
    formula: Formula
    starts: Mapping[str, tuple[float, ...] | Callable[[Trace], tuple[float, ...]]] = field(default_factory=dict)
    like: str = ""
    own_lengths: bool = False

    @property
    def has_usual_constants(self) -> bool:
        """Whether some network may well use just the values of the starts: no decay of weights is usual, nor a limit."""
        return not (self.own_lengths or {"weight_decay", "clip"} & set(self.starts) or self.formula is nesterov_ahead)

    def all_starts(self, trace: Trace) -> list[dict[str, float]]:
        values = [start(trace) if callable(start) else start for start in self.starts.values()]
        plain = [dict(zip(self.starts, chosen, strict=True)) for chosen in product(*values)]
        ones = {f"s{k}": 1.0 for k in range(len(trace.rates))} if self.own_lengths else {}
        return [start | ones for start in plain]


def _largest_norm(trace: Trace) -> tuple[float, ...]:
    """The first step is without memory, so what was clipped at once shows there (not with Adam, whose steps have the
    same length whatever the gradient's). Else the limit lies between the norms of two gradients, or below them all."""
    at_once = np.linalg.norm(trace.moves[0]) / trace.rates[0]
    norms = np.linalg.norm(trace.gradient, axis=1)
    later = [0.5 * norms.min(), *np.quantile(norms, (0.2, 0.5, 0.8))]
    return float(at_once), *(float(norm) for norm in later)


def _largest_array(trace: Trace) -> tuple[float, ...]:
    return (max(float(np.linalg.norm(trace.moves[0, part])) for part in trace.arrays) / float(trace.rates[0]),)


def _largest_value(trace: Trace) -> tuple[float, ...]:
    return (float(np.abs(trace.moves[0]).max() / trace.rates[0]),)


_DECAY: dict[str, tuple[float, ...]] = {"decay": (0.9,)}
_DAMPENED: dict[str, tuple[float, ...]] = {"decay": (0.9,), "dampening": (0.5,)}
_EPS: dict[str, tuple[float, ...]] = {"eps": (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-10)}
_ADAM: dict[str, tuple[float, ...]] = {"beta1": (0.9,), "beta2": (0.999,)} | _EPS
_ADADELTA: dict[str, tuple[float, ...]] = {"rho": (0.95, 0.9), "epsilon": (1e-6, 1e-7, 1e-8)}
_W: dict[str, tuple[float, ...]] = {"weight_decay": (0.0,), "bias_decay": (0.0,)}
_RHO: dict[str, tuple[float, ...]] = {"rho": (0.9, 0.99)} | _EPS
# Beside a root of g^2 a decay acts on small gradients almost like a change of sign, so it is looked for in decades, too.
_W_OF_ADAM: dict[str, tuple[float, ...]] = {"weight_decay": (0.0, 1e-3, 1e-2, 1e-1), "bias_decay": (0.0,)}

_MOMENTA = {
    "momentum": momentum,
    "momentum, rate outside": momentum_outside,
    "momentum, averaged": momentum_average,
    "Nesterov momentum": nesterov,
    "Nesterov momentum, rate outside": nesterov_outside,
}

#: the simple before the general: what fits is named by the first that does
RULES: tuple[Rule, ...] = (
    Rule("gradient_descent", descent),
    *(Rule(name, formula, _DECAY) for name, formula in _MOMENTA.items()),
    Rule("adam", adam, _ADAM),
    Rule("adam, eps before the correction", adam_early_eps, _ADAM, like="adam"),
    Rule("adam, eps in the root", partial(adam, inside=True), _ADAM, like="adam"),
    Rule("AMSGrad", partial(adam, largest=True), _ADAM, like="adam"),
    Rule("RMSProp", rmsprop, _RHO),
    Rule("RMSProp, eps in the root", partial(rmsprop, inside=True), _RHO, like="RMSProp"),
    Rule("Adagrad", adagrad, _EPS),
    Rule("Adagrad, eps in the root", partial(adagrad, inside=True), _EPS, like="Adagrad"),
    Rule("Adagrad from 0.1", partial(adagrad, start=0.1), _EPS),
    Rule("Adagrad from 0.1, eps in the root", partial(adagrad, start=0.1, inside=True), _EPS),
    Rule("gradient descent with weight decay", decaying(descent), _W),
    Rule("gradient descent with weight decay over n", decaying_by_share(descent), _W),
    *(Rule(f"{name}, with weight decay", decaying(formula), _DECAY | _W) for name, formula in _MOMENTA.items()),
    *(
        Rule(f"{name}, with decoupled weight decay", decaying_apart(formula), _DECAY | _W, like=name)
        for name, formula in _MOMENTA.items()
    ),
    Rule("AdamW", decaying_apart(adam), _ADAM | _W),
    Rule("adam with weight decay in the gradient", decaying(adam), _ADAM | _W_OF_ADAM),
    Rule("momentum, dampened", momentum_dampened, _DAMPENED),
    Rule(
        "momentum, dampened, with weight decay",
        decaying(momentum_dampened),
        _DAMPENED | _W,
    ),
    Rule("adam without bias correction", partial(adam, corrected=False), _ADAM),
    Rule(
        "adam without bias correction, eps in the root",
        partial(adam, corrected=False, inside=True),
        _ADAM,
        like="adam without bias correction",
    ),
    Rule("RMSProp with momentum", rmsprop_momentum, _RHO | {"decay": (0.9, 0.5)}),
    Rule(
        "RMSProp with momentum, eps in the root",
        partial(rmsprop_momentum, inside=True),
        _RHO | {"decay": (0.9, 0.5)},
        like="RMSProp with momentum",
    ),
    Rule("RMSProp with weight decay", decaying(rmsprop), _RHO | _W_OF_ADAM, like="RMSProp"),
    Rule("Adamax", adamax, _ADAM),
    Rule("Nadam", nadam, _ADAM),
    Rule("RAdam", radam, _ADAM),
    Rule("Adadelta", adadelta, _ADADELTA),
    Rule("Adadelta without a rate", partial(adadelta, by_rate=False), _ADADELTA),
    *(
        Rule(f"{name}, clipped by {words}", clipped(formula, by), constants | {"clip": start})
        for by, words, start in (
            ("all", "norm", _largest_norm),
            ("array", "the norm of each array", _largest_array),
            ("value", "value", _largest_value),
        )
        for name, formula, constants in (
            ("gradient descent", descent, {}),
            ("momentum", momentum, _DECAY),
            ("momentum, rate outside", momentum_outside, _DECAY),
            ("adam", adam, _ADAM),
        )
    ),
    Rule("Nesterov momentum, gradient ahead", nesterov_ahead, _DECAY),
    Rule("gradient descent", with_factors(descent, "rate"), {}, own_lengths=True),
    Rule("momentum", with_factors(momentum, "rate"), _DECAY, own_lengths=True),
    Rule("momentum, rate outside", with_factors(momentum_outside, "rate"), _DECAY, own_lengths=True),
    Rule("momentum, rate outside", with_factors(momentum_outside, "gradient"), _DECAY, own_lengths=True),
    Rule("adam", with_factors(adam, "rate"), _ADAM, own_lengths=True),
)
#: those that need nothing but the arrays in question: a norm is that of all parameters, and so is a gradient elsewhere
LOCAL: tuple[Rule, ...] = tuple(
    rule for rule in RULES if not rule.own_lengths and "clip" not in rule.starts and rule.formula is not nesterov_ahead
)
#: those that are tried with a gradient other than the network's, to find out which one it uses
COMMON: tuple[Rule, ...] = tuple(
    rule
    for rule in RULES
    if not rule.own_lengths and rule.name in ("gradient_descent", "momentum", "momentum, rate outside", "adam")
)
