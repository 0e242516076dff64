"""Update rules gone wrong in their usual ways: each a formula, as the right ones are, and the name of what is wrong.

They are asked only where no right rule predicts the moves, and believed only where they predict them to rounding. What is
odd but published is no fault, and what cannot hurt training is `harmless`: a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise, product
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
#: With a larger eps beside its root, Adam's steps are less than a hundredth of rate * |g|.
_HOPELESS_EPS = 100.0
#: the decays of g^2 that people use
_USUAL_RHO = (0.9, 0.95, 0.99, 0.999)


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


def has_eps(constants: Constants) -> bool:
    """Whether an eps is seen beside |g|: a step that goes by the sign of g has none."""
    return constants["eps"] > 0


def forgets_nothing_usual(constants: Constants) -> bool:
    """Whether 1 - rho is that of a usual rho: what multiplies Adagrad then is no rate that somebody chose."""
    return any(abs(1 - constants["rho"] - (1 - rho)) < 1e-3 * (1 - rho) for rho in _USUAL_RHO)


def decays_exchanged(constants: Constants) -> bool:
    """A mean of g over a hundred steps and more, beside one of g^2 over less: Adam's theory needs beta1^2 < beta2."""
    return constants.get("beta1", 0.0) >= 0.99 and constants["beta1"] ** 2 > constants["beta2"]


@dataclass(frozen=True)
class WrongRule:
    """rule: what goes on; right: what was meant, with the same constants where it has them (`usual` where it has others).

    local: it needs nothing but the arrays in question. takes_first: the first step is taken
    as it is, and only those after it are predicted. holds: what the constants must be for the name to be true.
    chosen: constants with which it is a rule that people choose, so that it must not predict the moves with these.
    harmless: it cannot hurt training, or cannot with these constants.
    """

    cause: str
    words: str
    rule: Rule
    right: Rule
    usual: Constants = field(default_factory=dict)
    harmless: bool | Callable[[Constants], bool] = False
    local: bool = True
    takes_first: bool = False
    holds: Callable[[Constants], bool] = has_mean
    chosen: Constants | None = None

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
        return self.harmless(constants) if callable(self.harmless) else self.harmless

    def cause_of(self, constants: Constants) -> str:
        return "weight-decay-sign-flipped" if grows(constants) else self.cause


def grows(constants: Constants) -> bool:
    """Whether a decay is below zero, which makes parameters grow."""
    return any(constants.get(name, 0.0) < 0 for name in ("weight_decay", "bias_decay"))


def shrinks(constants: Constants) -> bool:
    """Whether a decay is one, and not growth, beside a rule whose constants make sense."""
    return has_mean(constants) and not grows(constants)


def outlived(constants: Constants) -> bool:
    """Whether weights outlive their decay by far."""
    return not grows(constants) and max(constants["weight_decay"], constants["bias_decay"]) < STRONG_DECAY


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
    run: Trace, beta1: float, beta2: float, eps: float, *, of: str = "g", corrected: bool = True
) -> Array:
    """v is the mean of g, or of |g|, or the size of the mean of g, in place of the mean of g^2."""
    m, _, c1, c2 = moments(run, beta1, beta2)
    v = (1 - beta2) * accumulated(np.abs(run.gradient) if of == "|g|" else run.gradient, beta2)
    v = np.abs(v) if of == "g, without its sign" else v
    m, v = (m / c1, v / c2) if corrected else (m, v)
    return np.asarray(-run.eta * m / (np.sqrt(v) + eps))


def adam_swapped(run: Trace, beta1: float, beta2: float, eps: float, *, size: bool = False) -> Array:
    """The mean of g^2 above, and the root of the mean of g (or of its size) below."""
    m, v, c1, c2 = moments(run, beta1, beta2)
    below = m / c1
    return np.asarray(-run.eta * v / c2 / (np.sqrt(np.abs(below) if size else below) + eps))


def adam_dominated(run: Trace, beta1: float, beta2: float, large_eps: float) -> Array:
    return adam(run, beta1, beta2, large_eps)


def adam_of_eps_alone(run: Trace, beta1: float, large_eps: float) -> Array:
    """eps is so large that no root shows beside it."""
    m, _, c1, _ = moments(run, beta1, 0.0)
    return np.asarray(-run.eta * m / c1 / large_eps)


def rmsprop_without_root(run: Trace, rho: float, eps: float) -> Array:
    return np.asarray(-run.eta * run.gradient / ((1 - rho) * accumulated(run.gradient**2, rho) + eps))


def rmsprop_swapped(run: Trace, rho: float, eps: float, *, inside: bool = False) -> Array:
    """v <- (1 - rho) v + rho g^2: almost without a memory."""
    return rmsprop(run, 1 - rho, eps, inside=inside)


def rmsprop_sum(run: Trace, rho: float, eps: float) -> Array:
    """v <- rho v + g^2: a sum where the mean is meant, which divides all steps by one number."""
    return -run.eta * divided(run.gradient, accumulated(run.gradient**2, rho), eps, inside=False)


def rmsprop_forgetting_nothing(run: Trace, rho: float, eps: float, *, inside: bool = False) -> Array:
    """v <- v + (1 - rho) g^2: Adagrad, times 1 / sqrt(1 - rho)."""
    return -run.eta * divided(run.gradient, (1 - rho) * np.cumsum(run.gradient**2, axis=0), eps, inside)


# What goes with any rule ---------------------------------------------------------------------------------------------


def shrinking(formula: Formula) -> Formula:
    """theta shrinks by w theta at each step, whatever the rate."""

    def moved(run: Trace, *, weight_decay: float, bias_decay: float, **constants: float) -> Array:
        return np.asarray(formula(run, **constants) - np.where(run.weights, weight_decay, bias_decay) * run.before)

    return moved


def decaying_by_size(formula: Formula, times: Callable[[Array], Array], *, apart: bool) -> Formula:
    """The decay is multiplied by something made of the batch size n: in the gradient, or apart from it."""

    def moved(run: Trace, *, weight_decay: float, bias_decay: float, **constants: float) -> Array:
        w = np.where(run.weights, weight_decay, bias_decay) * times(run.samples[:, None]) * run.before
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


def made_anew(formula: Formula) -> Formula:
    """The rule begins at every step, with an empty memory and a count of one."""

    def moved(run: Trace, **constants: float) -> Array:
        alone = [
            replace(
                run, theta=run.theta[k : k + 2], gradient=run.gradient[k : k + 1], rates=run.rates[k : k + 1],
                samples=run.samples[k : k + 1],
            )
            for k in range(len(run.rates))
        ]  # fmt: skip
        return np.concatenate([formula(step, **constants) for step in alone])

    return moved


Groups = Callable[[Trace], list[list[Array]]]


def of_one_shape(run: Trace) -> list[list[Array]]:
    """The places of arrays of one shape."""
    return [[np.arange(run.arrays[k].start, run.arrays[k].stop) for k in group] for group in alike(run)]


def overlapping(run: Trace, *, weights_first: bool, columns: bool) -> list[list[Array]]:
    """The places that are one entry of a flat buffer, of which each array uses as many entries as it has, from the first.

    weights_first: weights come before biases; columns: matrices are the other way round (d_out, d_in).
    """
    places = []
    for k, part in enumerate(run.arrays):
        place = np.arange(part.start, part.stop)
        if columns and run.shapes and len(run.shapes[k]) == 2:
            place = place.reshape(run.shapes[k]).T.ravel()
        places.append(place)
    if weights_first:
        places.sort(key=lambda place: not run.weights[place[0]])
    ends = sorted({len(place) for place in places})
    shared = [[place[a:b] for place in places if len(place) >= b] for a, b in pairwise([0, *ends])]
    return [group for group in shared if len(group) > 1]


def sharing(formula: Formula, groups: Groups = of_one_shape) -> Formula:
    """Arrays have one memory between them: each of their updates uses it as the one before left it."""

    def moved(run: Trace, **constants: float) -> Array:
        moves = formula(run, **constants)
        for parts in groups(run):
            one_after_the_other = replace(
                run,
                gradient=_interleaved([run.gradient[:, part] for part in parts]),
                theta=np.concatenate(
                    [_interleaved([run.before[:, part] for part in parts]), run.theta[-1:, parts[-1]]]
                ),
                rates=np.repeat(run.rates, len(parts)),
                samples=np.repeat(run.samples, len(parts)),
                weights=run.weights[parts[0]],
                arrays=(slice(0, len(parts[0])),),
                shapes=(),
            )
            together = formula(one_after_the_other, **constants)
            for k, part in enumerate(parts):
                moves[:, part] = together[k :: len(parts)]
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
_BETA2: Starts = {"beta2": (0.999,)} | _EPS
_W: Starts = {"weight_decay": (0.0,), "bias_decay": (0.0,)}


def _large_eps(trace: Trace) -> tuple[float, ...]:
    """Adam's first step is rate * g / (|g| + eps)."""
    g, move = np.abs(trace.gradient[0]), np.abs(trace.moves[0])
    seen = (g > 0) & (move > 0)
    return (float(np.median((trace.rates[0] * g / move - g)[seen])),) if seen.any() else (1.0,)


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


#: a decay of weights and the batch size n: what is wrong, what the decay is multiplied by, and whether that is so
_OF_SIZE: tuple[tuple[str, Callable[[Array], Array], Callable[[Constants], bool]], ...] = (
    ("that is multiplied by the batch size n", lambda n: n, has_mean),
    # gradients() have a decay of their own here, and what shows is the difference.
    ("that lacks the 1/n of the network's own gradients", lambda n: 1 - 1 / n, shrinks),
    ("that is 1/n of that of the network's own gradients", lambda n: 1 / n - 1, shrinks),
)

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
        "adam-state-shared", "adam whose count of steps goes up at each array", adam_count_shared, local=False,
    ),
    _adam(
        "adam-state-shared", "adam whose count of steps goes up at each array, from the last to the first",
        partial(adam_count_shared, backwards=True), local=False,
    ),
    _adam("adam-without-root", "adam divided by the mean of g^2, not by its root", adam_without_root),
    _adam(
        "adam-without-root", "adam without bias correction divided by the mean of g^2, not by its root",
        partial(adam_without_root, corrected=False),
    ),
    *(
        _adam(
            "adam-second-moment-not-squared", f"adam whose v is the mean of {of}, not of g^2",
            partial(adam_not_squared, of=of, corrected=corrected),
        )
        for of in ("g", "|g|", "g, without its sign")
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
        "adam-epsilon-large", "adam with an eps beside which its root is nothing", adam_of_eps_alone,
        {"beta1": (0.9,), "large_eps": _large_eps},
        harmless=lambda c: c["large_eps"] <= _HOPELESS_EPS,
    ),
    _adam(
        "adam-epsilon-large", "adam with an eps that outweighs the root beside it", adam_dominated,
        {"beta1": (0.9,), "beta2": (0.999,), "large_eps": lambda trace: (0.1, 1.0, *_large_eps(trace))},
        harmless=lambda c: c["large_eps"] <= _HOPELESS_EPS,
    ),
    *(
        WrongRule(
            "momentum-not-kept", f"{name} made anew in every step, without memory of those before",
            Rule(f"{name} made anew", made_anew(formula), starts), right,
            holds=has_eps, chosen={"eps": 0.0},
        )
        for name, formula, starts, right in (
            # Of Adam's decays a first step shows nothing.
            ("adam", partial(adam, beta1=0.9, beta2=0.999), _EPS, Rule("adam", adam, _ADAM)),
            ("adam, eps in the root,", partial(adam, beta1=0.9, beta2=0.999, inside=True), _EPS, Rule("adam", adam, _ADAM)),
            ("RMSProp", rmsprop, _RHO, Rule("RMSProp", rmsprop, _RHO)),
            (
                "adam without bias correction", partial(adam, beta1=0.9, corrected=False), _BETA2,
                Rule("adam", adam, _ADAM),
            ),
        )
    ),
    _rmsprop("rmsprop-without-root", "RMSProp divided by the mean of g^2, not by its root", rmsprop_without_root),
    # With a memory of one step in place of ten it is still a rule that works: it goes by the sign of g, nearly.
    _rmsprop(
        "rmsprop-decay-swapped", "RMSProp that keeps 1 - rho of its mean in place of rho", rmsprop_swapped, harmless=True
    ),
    _rmsprop(
        "rmsprop-decay-swapped", "RMSProp, eps in the root, that keeps 1 - rho of its mean in place of rho",
        partial(rmsprop_swapped, inside=True), harmless=True,
    ),
    *(
        WrongRule(
            "adagrad-in-place-of-rmsprop", f"RMSProp{words} that forgets nothing: v <- v + (1 - rho) g^2",
            Rule(f"RMSProp{words} that forgets nothing", partial(rmsprop_forgetting_nothing, inside=inside),
                 {"rho": _USUAL_RHO} | _EPS),
            Rule("RMSProp", partial(rmsprop, inside=inside), _RHO), harmless=True, holds=forgets_nothing_usual,
        )
        for words, inside in (("", False), (", eps in the root,", True))
    ),
    _rmsprop("update-scaled", "RMSProp by a sum of g^2 in place of the mean", rmsprop_sum, harmless=True),
    *_each("update-scaled", "times a constant", scaled, (*_ROOTS, *_NESTEROV), {"factor": (1.0,)}, harmless=True),
    *_each(
        "update-ignores-learning-rate", "with a rate of its own, whatever rate it is given", of_one_rate,
        (*_ROOTS, *_NESTEROV), {"constant_rate": _own_rate},
    ),
    *_each(
        "weight-decay-scaled", "with a decay of weights that is not multiplied by the rate", shrinking,
        (_PLAIN, *_MOMENTA, _ADAMS), _W, harmless=outlived,
    ),
    *(
        wrong
        for words, times, holds in _OF_SIZE
        for of, apart in (((_PLAIN, *_MOMENTA), False), ((*_MOMENTA, _ADAMS), True))
        for wrong in _each(
            "weight-decay-scaled", f"with a decay of weights{', apart,' if apart else ''} {words}",
            partial(decaying_by_size, times=times, apart=apart), of, _W, holds=holds,
        )
    ),
    *_each(
        "momentum-shared", "with one memory for all arrays of one shape", sharing,
        (*_MOMENTA, *_NESTEROV), local=False,
    ),
    *(
        wrong
        for weights_first, columns in product((False, True), repeat=2)
        for wrong in _each(
            "momentum-shared", "with one flat memory, of which each array uses the first entries",
            partial(sharing, groups=partial(overlapping, weights_first=weights_first, columns=columns)),
            _MOMENTA, local=False,
        )
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
