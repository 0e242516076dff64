"""Update rules gone wrong in their usual ways: each a formula, as the right ones are, and the name of what is wrong.

They are asked only where no right rule predicts the moves, and believed only where they predict them to rounding. What is
odd but published is no fault, and what cannot hurt training is `harmless`: a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.update_rule_formulas import (
    Formula,
    Rule,
    Trace,
    accumulated,
    adagrad,
    adam,
    descent,
    divided,
    moments,
    momentum,
    momentum_average,
    momentum_outside,
    nesterov,
    nesterov_outside,
    rmsprop,
)

Array = npt.NDArray[Any]
Constants = Mapping[str, float]
Starts = dict[str, tuple[float, ...] | Callable[[Trace], tuple[float, ...]]]

UNKNOWN = "unknown"
#: Decay by a share of the weights that the rate has no part in is published (Loshchilov and Hutter 2019), with shares that
#: weights outlive by far. With this share a weight has lost a third of itself after forty steps, whatever it has learned.
STRONG_DECAY = 1e-2


@dataclass(frozen=True)
class UpdateFault:
    """cause: an id of the catalogue, or UNKNOWN. arrays: the parameters concerned, all of them where it is empty.

    predicted: the moves (K, P) with the fault, None where they are not predicted. harmless: it cannot hurt training.
    """

    cause: str
    words: str
    arrays: tuple[str, ...] = ()
    predicted: Array | None = field(default=None, repr=False, compare=False)
    harmless: bool = False


def has_mean(constants: Constants) -> bool:
    """Whether g is averaged at all: Adam without that is RMSProp. Exchanged decays are another cause."""
    return constants.get("beta1", 1.0) > 0.01 and not decays_exchanged(constants)


def decays_exchanged(constants: Constants) -> bool:
    """A mean of g over a hundred steps and more, beside one of g^2 over less: Adam's theory needs beta1^2 < beta2."""
    return constants.get("beta1", 0.0) >= 0.99 and constants["beta1"] ** 2 > constants["beta2"]


@dataclass(frozen=True)
class WrongRule:
    """rule: what goes on; right: what was meant, with the same constants where it has them (`usual` where it has others).

    local: it needs nothing but the arrays in question. takes_first: the first step is taken
    as it is, and only those after it are predicted. holds: what the constants must be for the name to be true.
    """

    cause: str
    words: str
    rule: Rule
    right: Rule
    usual: Constants = field(default_factory=dict)
    harmless: bool = False
    local: bool = True
    takes_first: bool = False
    holds: Callable[[Constants], bool] = has_mean

    def meant(self, constants: Constants) -> dict[str, float]:
        """The constants of the right rule."""
        first = {name: start[0] for name, start in self.right.starts.items() if not callable(start)}
        return {name: self.usual.get(name, constants.get(name, value)) for name, value in first.items()}

    @property
    def numbers(self) -> int:
        """How many constants it has to fit."""
        return len(self.rule.starts)

    def can_be_proved(self, trace: Trace) -> bool:
        """Whether it predicts some times as many moves as it has constants to fit."""
        predicted = trace.moves[2:] if self.takes_first else trace.moves
        return predicted.size > 0 and predicted.size >= 3 * self.numbers

    def is_harmless(self, constants: Constants) -> bool:
        if self.cause == "weight-decay-scaled" and self.harmless:
            return not grows(constants) and max(constants["weight_decay"], constants["bias_decay"]) < STRONG_DECAY
        return self.harmless

    def cause_of(self, constants: Constants) -> str:
        return "weight-decay-sign-flipped" if grows(constants) else self.cause


def grows(constants: Constants) -> bool:
    """Whether a decay is below zero, which makes parameters grow."""
    return any(constants.get(name, 0.0) < 0 for name in ("weight_decay", "bias_decay"))


# Momentum ------------------------------------------------------------------------------------------------------------


def _flipped(formula: Formula) -> Formula:
    """m <- -decay m - eta g: what was gathered pulls back."""
    return lambda run, *, decay: formula(run, decay=-decay)


def nesterov_flipped(run: Trace, decay: float) -> Array:
    """theta <- theta + decay m_before + (1 + decay) m, where it is minus the first of them."""
    m = momentum(run, decay)
    before = np.concatenate([np.zeros_like(m[:1]), m[:-1]])
    return np.asarray(decay * before + (1 + decay) * m)


def _undamped(formula: Formula, name: str) -> Formula:
    return lambda run, **constants: formula(run, decay=constants[name])


# Adam and RMSProp ----------------------------------------------------------------------------------------------------


def adam_not_counted(run: Trace, beta1: float, beta2: float, eps: float) -> Array:
    """The correction is that of the first step for ever: 1 - beta in place of 1 - beta^t."""
    m, v, _, _ = moments(run, beta1, beta2)
    return -run.eta * divided(m / (1 - beta1), v / (1 - beta2), eps, False)


def adam_count_shared(run: Trace, beta1: float, beta2: float, eps: float, *, backwards: bool = False) -> Array:
    """One count of steps, which goes up at each array."""
    m, v, _, _ = moments(run, beta1, beta2)
    count, moves = len(run.arrays), np.empty_like(m)
    for k, part in enumerate(run.arrays):
        t = count * np.arange(len(m))[:, None] + 1 + (count - 1 - k if backwards else k)
        moves[:, part] = -run.eta * divided(m[:, part] / (1 - beta1**t), v[:, part] / (1 - beta2**t), eps, inside=False)
    return moves


def adam_without_root(run: Trace, beta1: float, beta2: float, eps: float, *, corrected: bool = True) -> Array:
    m, v, c1, c2 = moments(run, beta1, beta2)
    return -run.eta * (m / c1 / (v / c2 + eps) if corrected else m / (v + eps))


def adam_not_squared(
    run: Trace, beta1: float, beta2: float, eps: float, *, size: bool = False, corrected: bool = True
) -> Array:
    """v is the mean of g, or of |g|, in place of g^2."""
    g = np.abs(run.gradient) if size else run.gradient
    m, _, c1, c2 = moments(run, beta1, beta2)
    v = (1 - beta2) * accumulated(g, beta2)
    m, v = (m / c1, v / c2) if corrected else (m, v)
    return np.asarray(-run.eta * m / (np.sqrt(v) + eps))


def adam_swapped(run: Trace, beta1: float, beta2: float, eps: float, *, size: bool = False) -> Array:
    """The mean of g^2 above, and the root of the mean of g (or of its size) below."""
    m, v, c1, c2 = moments(run, beta1, beta2)
    below = m / c1
    return np.asarray(-run.eta * v / c2 / (np.sqrt(np.abs(below) if size else below) + eps))


def adam_dominated(run: Trace, beta1: float, beta2: float, large_eps: float) -> Array:
    return adam(run, beta1, beta2, large_eps)


def rmsprop_without_root(run: Trace, rho: float, eps: float) -> Array:
    return np.asarray(-run.eta * run.gradient / ((1 - rho) * accumulated(run.gradient**2, rho) + eps))


def rmsprop_swapped(run: Trace, rho: float, eps: float, *, inside: bool = False) -> Array:
    """v <- (1 - rho) v + rho g^2: almost without a memory."""
    return rmsprop(run, 1 - rho, eps, inside=inside)


def rmsprop_sum(run: Trace, rho: float, eps: float) -> Array:
    """v <- rho v + g^2: a sum where the mean is meant, which divides all steps by one number."""
    return -run.eta * divided(run.gradient, accumulated(run.gradient**2, rho), eps, inside=False)


# What goes with any rule ---------------------------------------------------------------------------------------------


def shrinking(formula: Formula) -> Formula:
    """theta shrinks by w theta at each step, whatever the rate."""

    def moved(run: Trace, *, weight_decay: float, bias_decay: float, **constants: float) -> Array:
        return np.asarray(formula(run, **constants) - np.where(run.weights, weight_decay, bias_decay) * run.before)

    return moved


def decaying_n_times(formula: Formula, *, apart: bool) -> Formula:
    """The decay is multiplied by the batch size n: in the gradient, g + n w theta, or apart from it."""

    def moved(run: Trace, *, weight_decay: float, bias_decay: float, **constants: float) -> Array:
        w = np.where(run.weights, weight_decay, bias_decay) * run.samples[:, None] * run.before
        if apart:
            return np.asarray(formula(run, **constants) - run.eta * w)
        return formula(replace(run, gradient=run.gradient + w), **constants)

    return moved


def scaled(formula: Formula) -> Formula:
    return lambda run, *, factor, **constants: formula(replace(run, rates=factor * run.rates), **constants)


def of_one_rate(formula: Formula) -> Formula:
    """The rate is a constant, whatever rate is given."""
    return lambda run, *, constant_rate, **constants: formula(
        replace(run, rates=np.full_like(run.rates, constant_rate)), **constants
    )


def resetting(formula: Formula) -> Formula:
    """Each step begins at the same place, which the first of them gives away."""

    def moved(run: Trace, **constants: float) -> Array:
        steps = formula(run, **constants)
        return np.asarray(run.theta[1] - steps[0] + steps - run.before)

    return moved


def forgetting(run: Trace) -> Array:
    """After each step everything is put to where it was."""
    return np.asarray(run.theta[1] - run.before)


def sharing(formula: Formula) -> Formula:
    """Arrays of one shape have one memory between them: each of their updates uses it as the one before left it."""

    def moved(run: Trace, **constants: float) -> Array:
        moves = formula(run, **constants)
        for group in alike(run):
            parts = [run.arrays[k] for k in group]
            one_after_the_other = replace(
                run,
                gradient=_interleaved([run.gradient[:, part] for part in parts]),
                theta=np.concatenate(
                    [_interleaved([run.before[:, part] for part in parts]), run.theta[-1:, parts[-1]]]
                ),
                rates=np.repeat(run.rates, len(group)),
                samples=np.repeat(run.samples, len(group)),
                weights=run.weights[parts[0]],
                arrays=(slice(0, parts[0].stop - parts[0].start),),
            )
            together = formula(one_after_the_other, **constants)
            for k, part in enumerate(parts):
                moves[:, part] = together[k :: len(group)]
        return moves

    return moved


def adam_sharing(run: Trace, beta1: float, beta2: float, eps: float) -> Array:
    """m and v belong to all arrays of one shape, the count of steps to each alone."""
    means = [
        sharing(lambda part, power=power, beta=beta: (1 - beta) * accumulated(part.gradient**power, beta))(run)
        for power, beta in ((1, beta1), (2, beta2))
    ]
    _, _, c1, c2 = moments(run, beta1, beta2)
    return -run.eta * divided(means[0] / c1, means[1] / c2, eps, inside=False)


def alike(run: Trace) -> list[list[int]]:
    """The groups of two or more arrays that have one shape."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for k, part in enumerate(run.arrays):
        groups.setdefault(run.shapes[k] if run.shapes else (part.stop - part.start,), []).append(k)
    return [group for group in groups.values() if len(group) > 1]


def _interleaved(parts: list[Array]) -> Array:
    """(K, p) of each array to (K m, p), those of a step one after the other."""
    return np.stack(parts, axis=1).reshape(-1, parts[0].shape[1])


# The table -----------------------------------------------------------------------------------------------------------

_DECAY: Starts = {"decay": (0.9,)}
_EPS: Starts = {"eps": (1e-8, 1e-7, 1e-4)}
_ADAM: Starts = {"beta1": (0.9,), "beta2": (0.999,)} | _EPS
_RHO: Starts = {"rho": (0.9, 0.99)} | _EPS
_W: Starts = {"weight_decay": (0.0,), "bias_decay": (0.0,)}


def _own_rate(trace: Trace) -> tuple[float, ...]:
    return (float(np.median(trace.rates)),)


def _rules(name: str, formula: Formula, starts: Starts) -> tuple[str, Formula, Starts]:
    return name, formula, starts


_PLAIN = _rules("gradient_descent", descent, {})
_MOMENTA = (
    _rules("momentum", momentum, _DECAY),
    _rules("momentum, rate outside", momentum_outside, _DECAY),
    _rules("momentum, averaged", momentum_average, _DECAY),
)
_NESTEROV = (
    _rules("Nesterov momentum", nesterov, _DECAY),
    _rules("Nesterov momentum, rate outside", nesterov_outside, _DECAY),
)
_ADAMS = _rules("adam", adam, _ADAM)
_ROOTS = (_rules("RMSProp", rmsprop, _RHO), _rules("Adagrad", adagrad, _EPS))


def _each(
    cause: str,
    words: str,
    change: Callable[[Formula], Formula],
    of: tuple[tuple[str, Formula, Starts], ...],
    more: Starts | None = None,
    **options: Any,
) -> tuple[WrongRule, ...]:
    """The same mistake in each of these rules. `more`: the constants that it brings with it."""
    return tuple(
        WrongRule(
            cause,
            f"{name.replace('_', ' ')} {words}",
            Rule(f"{name} {words}", change(formula), {**starts, **(more or {})}),
            Rule(name, formula, starts),
            **options,
        )
        for name, formula, starts in of
    )


def _adam(cause: str, words: str, formula: Formula, starts: Starts | None = None, **options: Any) -> WrongRule:
    return WrongRule(cause, words, Rule(words, formula, starts or _ADAM), Rule("adam", adam, _ADAM), **options)


def _rmsprop(cause: str, words: str, formula: Formula, **options: Any) -> WrongRule:
    return WrongRule(cause, words, Rule(words, formula, _RHO), Rule("RMSProp", rmsprop, _RHO), **options)


#: the simple before the general
WRONG_RULES: tuple[WrongRule, ...] = (
    *_each(
        "momentum-sign-flipped", "whose memory has the wrong sign and pulls back", _flipped, (*_MOMENTA, *_NESTEROV)
    ),
    WrongRule(
        "momentum-sign-flipped",
        "Nesterov momentum whose correction by the memory before has the wrong sign",
        Rule("Nesterov momentum with its correction the wrong way", nesterov_flipped, _DECAY),
        Rule("Nesterov momentum", nesterov, _DECAY),
    ),
    *(
        WrongRule(
            "momentum-undamped", f"{name} whose memory {what}",
            Rule(f"{name} whose memory {what}", _undamped(formula, constant), {constant: starts}),
            Rule(name, formula, _DECAY),
        )
        for name, formula, what, constant, starts in (
            ("momentum", momentum, "is never damped", "coefficient", (1.0, 1.1)),
            ("Nesterov momentum", nesterov, "is never damped", "coefficient", (1.0, 1.1)),
            # With 1 it is the sum of all gradients: a cause of its own.
            ("momentum, rate outside", momentum_outside, "grows", "growth", (1.1,)),
        )
    ),
    _adam("adam-step-not-counted", "adam whose correction stays that of the first step", adam_not_counted),
    _adam(
        "adam-state-shared", "adam whose count of steps goes up at each array", adam_count_shared,
        local=False, harmless=True,
    ),
    _adam(
        "adam-state-shared", "adam whose count of steps goes up at each array, from the last to the first",
        partial(adam_count_shared, backwards=True), local=False, harmless=True,
    ),
    _adam("adam-without-root", "adam divided by the mean of g^2, not by its root", adam_without_root),
    _adam(
        "adam-without-root", "adam without bias correction divided by the mean of g^2, not by its root",
        partial(adam_without_root, corrected=False),
    ),
    *(
        _adam(
            "adam-second-moment-not-squared", f"adam whose v is the mean of {'|g|' if size else 'g'}, not of g^2",
            partial(adam_not_squared, size=size, corrected=corrected),
        )
        for size in (False, True)
        for corrected in (True, False)
    ),
    *(
        _adam(
            "adam-moments-swapped", "adam with the mean of g^2 above and the root of the mean of g below",
            partial(adam_swapped, size=size),
        )
        for size in (False, True)
    ),
    _adam(
        "adam-moments-swapped", "adam with its decays exchanged", partial(adam, inside=False),
        {**_EPS, "beta1": (0.999, 0.99), "beta2": (0.9,)},
        usual={"beta1": 0.9, "beta2": 0.999}, holds=decays_exchanged,
    ),
    _adam(
        "adam-epsilon-large", "adam with an eps that outweighs the root beside it", adam_dominated,
        {"beta1": (0.9,), "beta2": (0.999,), "large_eps": (0.1, 1.0)}, harmless=True,
    ),
    _rmsprop("rmsprop-without-root", "RMSProp divided by the mean of g^2, not by its root", rmsprop_without_root),
    _rmsprop("rmsprop-decay-swapped", "RMSProp that keeps 1 - rho of its mean in place of rho", rmsprop_swapped),
    _rmsprop(
        "rmsprop-decay-swapped", "RMSProp, eps in the root, that keeps 1 - rho of its mean in place of rho",
        partial(rmsprop_swapped, inside=True),
    ),
    _rmsprop("update-scaled", "RMSProp by a sum of g^2 in place of the mean", rmsprop_sum, harmless=True),
    *_each("update-scaled", "times a constant", scaled, (*_ROOTS, *_NESTEROV), {"factor": (1.0,)}, harmless=True),
    *_each(
        "update-ignores-learning-rate", "with a rate of its own, whatever rate it is given", of_one_rate,
        (*_ROOTS, *_NESTEROV), {"constant_rate": _own_rate},
    ),
    *_each(
        "weight-decay-scaled", "with a decay of weights that is not multiplied by the rate", shrinking,
        (_PLAIN, *_MOMENTA, _ADAMS), _W, harmless=True,
    ),
    *_each(
        "weight-decay-scaled", "with a decay of weights that is multiplied by the batch size n",
        lambda formula: decaying_n_times(formula, apart=False), (_PLAIN, *_MOMENTA), _W,
    ),
    *_each(
        "weight-decay-scaled", "with a decay of weights, apart, that is multiplied by the batch size n",
        lambda formula: decaying_n_times(formula, apart=True), (*_MOMENTA, _ADAMS), _W,
    ),
    *_each(
        "momentum-shared", "with one memory for all arrays of one shape", sharing,
        (*_MOMENTA, *_NESTEROV), local=False,
    ),
    _adam("adam-state-shared", "adam with one m and v for all arrays of one shape", adam_sharing, local=False),
    _adam(
        "adam-state-shared", "adam with one m, v and count of steps for all arrays of one shape", sharing(adam),
        local=False,
    ),
    WrongRule(
        "parameters-reset-in-update",
        "after each step all parameters are where they were after the first",
        Rule("put back after each step", forgetting, {}),
        Rule("gradient_descent", descent, {}),
        takes_first=True,
    ),
    *_each(
        "parameters-reset-in-update", "from the same first parameters at each step", resetting,
        (_PLAIN, *_MOMENTA, _ADAMS), takes_first=True,
    ),
)  # fmt: skip
