"""Is the update right? A rule that nnkit does not know is no fault; a wrong update is.

Where a rule predicts some arrays and not the others, or the moves go by another gradient than the network's own, the fault
is named by the change to the rule that predicts the moves: none at all, the wrong sign, twice, the gradient of the step
before, of weights that were updated already. Where no rule predicts any array, it is enough that the moves go downhill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.update_rule import LIMIT, RuleFit, fit_rules, judged, roundings
from nnkit.diagnosis.update_rule_formulas import COMMON, LOCAL, RULES, Trace

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Verdict:
    """kind: a known "rule"; "harmless" where the moves are sensible and no known rule as it stands; or a "fault".

    fit: the nearest rule. Unless the kind is "rule", as it stands in books: no factors, no growing weights, and the
    network's own gradients, so that its errors show how far the network is from it.
    """

    kind: Literal["rule", "harmless", "fault"]
    words: str
    fit: RuleFit


def judge_update(trace: Trace, names: Sequence[str]) -> Verdict:
    """What `train_step` does; names: those of the parameter arrays, in their order."""
    with np.errstate(all="ignore"):
        best = fit_rules(trace)[0]
        if not (np.isfinite(trace.theta).all() and np.isfinite(trace.gradient).all()):
            return _not_a_rule(trace, "fault", "No rule fits: parameters or gradients are NaN or infinite.", best)
        if not trace.moves.any() and trace.gradient.any():
            return Verdict(
                "fault", "train_step moves no parameter at all: never moved: " + ", ".join(names) + ".", best
            )
        if best.error <= LIMIT:
            return _of_one_rule(trace, best)
        if best.right and (not best.formula.own_lengths or 2 * len(best.right) >= len(names)):
            return _of_some_arrays(trace, best, names)
        return _of_another_gradient(trace) or _of_no_rule(trace, best, names)


def _not_a_rule(trace: Trace, kind: Literal["harmless", "fault"], words: str, fit: RuleFit) -> Verdict:
    plain = {name: 1.0 if name in fit.factors else value for name, value in fit.constants.items()}
    for name in ("weight_decay", "bias_decay"):
        if name in plain:
            plain[name] = max(plain[name], 0.0)
    return Verdict(kind, words, judged(trace, fit.formula, plain))


def _of_one_rule(trace: Trace, fit: RuleFit) -> Verdict:
    growing = [name for name in ("weight_decay", "bias_decay") if fit.constants.get(name, 0.0) < 0]
    if growing:
        return _not_a_rule(trace, "fault", f"The moves are {fit}: a decay below 0 makes the parameters grow.", fit)
    kind = fit.lengths.kind if fit.lengths else "schedule"
    if kind in ("uphill", "ignored"):
        return _not_a_rule(trace, "fault", f"The moves are {fit}.", fit)
    words = f"{len(trace.rates)} steps are {fit}, to {fit.error:.2g} roundings"
    if kind == "schedule":
        return Verdict("rule", words + ".", fit)
    return _not_a_rule(
        trace, "harmless", words + ". That is harmless: it only makes another learning rate of the one given.", fit
    )


# Some arrays are right, others are not -------------------------------------------------------------------------------


def _of_some_arrays(trace: Trace, fit: RuleFit, names: Sequence[str]) -> Verdict:
    wrong = [k for k in range(len(names)) if k not in fit.right]
    biases = [k for k, part in enumerate(trace.arrays) if not trace.weights[part].any()]
    if wrong == biases or fit.right == biases:
        # One rule for weights and another for biases is a choice that people make: twice the rate, no momentum.
        own = fit_rules(trace.of(wrong), [rule for rule in RULES if rule in LOCAL or rule.own_lengths])[0]
        by_n = own.lengths is not None and own.lengths.kind == "samples"  # a mean forgotten, or taken twice: no choice
        if own.error <= LIMIT and not by_n and _of_one_rule(trace.of(wrong), own).kind != "fault":
            kinds = ("weights", "biases") if wrong == biases else ("biases", "weights")
            return _not_a_rule(trace, "harmless", f"The {kinds[0]} follow {fit}, the {kinds[1]} {own}.", fit)
    still = [k for k in wrong if not trace.moves[:, trace.arrays[k]].any()]
    words = [f"No rule fits all parameters. {_listed(names, fit.right)} follow {fit}"]
    if still:
        words.append(f"never moved: {_listed(names, still)}")
    faults: dict[str, list[int]] = {}
    for k in wrong:
        if k not in still:
            faults.setdefault(_fault_of(trace, fit, k), []).append(k)
    words += [f"{_listed(names, which)}: {fault}" for fault, which in faults.items()]
    return _not_a_rule(trace, "fault", "; ".join(words) + ".", fit)


def _fault_of(trace: Trace, fit: RuleFit, k: int) -> str:
    """What predicts the moves of array k, which the rule of the others does not."""
    part = trace.arrays[k]
    moves, predicted = trace.moves[:, part], fit.predicted[:, part]

    def fits(other: Array) -> bool:
        whole = np.array(fit.predicted)
        whole[:, part] = other
        return bool(roundings(trace, whole)[:, part].max() <= LIMIT)

    factor = float(np.sum(moves * predicted) / np.sum(predicted**2)) if predicted.any() else 0.0
    if fits(factor * predicted):
        if factor < 0:
            return (
                f"wrong sign, goes up the gradient{'' if abs(factor + 1) < 1e-3 else f', {-factor:.4g} times as far'}"
            )
        return "updated twice" if abs(factor - 2) < 1e-3 else f"moves {factor:.4g} times as far as the rule says"
    if fits(_predict(fit, replace(trace, gradient=-trace.gradient))[:, part]):
        return "wrong sign, goes up the gradient"
    samples = trace.samples[:, None]
    for words, by in (("divided by the batch size n", 1 / samples), ("multiplied by the batch size n", samples)):
        if fits(by * predicted):
            return words
    if fits(_twice(trace, fit)[:, part]):
        return "updated twice in each step"
    for words, gradient in _other_gradients(trace):
        if fits(_predict(fit, replace(trace, gradient=gradient))[:, part]):
            return f"uses {words}"
    own = fit_rules(trace.of([k]), LOCAL)[0]
    if own.error <= LIMIT:
        return f"follows {own} instead"
    off = (roundings(trace, fit.predicted)[:, part] > LIMIT).any(axis=0)
    where = "" if off.all() else f" in {int(off.sum())} of its {off.size} entries"
    if not moves[:, off].any():
        return f"never moves{where}"
    return (
        f"is off{where}, by {np.linalg.norm(moves - predicted) / np.linalg.norm(moves):.2g} of the length of its moves"
    )


def _predict(fit: RuleFit, trace: Trace) -> Array:
    return fit.formula.formula(trace, **fit.constants)


def _twice(trace: Trace, fit: RuleFit) -> Array:
    """The moves where every update is made twice, the second with the memory that the first left."""
    if fit.formula.own_lengths:
        return np.full_like(trace.gradient, np.inf)
    run = replace(
        trace,
        gradient=np.repeat(trace.gradient, 2, axis=0),
        rates=np.repeat(trace.rates, 2),
        samples=np.repeat(trace.samples, 2),
        theta=np.concatenate([np.repeat(trace.before, 2, axis=0), trace.theta[-1:]]),
        gradient_at=lambda step, theta, row=None: trace.gradient_at(step // 2, theta, row),
    )
    moves = _predict(fit, run)
    # A decay makes the second update depend on where the first one went: an effect of second order, soon settled.
    for _ in range(5 if "weight_decay" in fit.constants else 0):
        run.theta[1:-1:2] = trace.before + moves[::2]
        moves = _predict(fit, run)
    return np.asarray(moves[::2] + moves[1::2])


# Another gradient than the network's own -----------------------------------------------------------------------------


def _of_another_gradient(trace: Trace) -> Verdict | None:
    for words, gradient in _other_gradients(trace):
        fit = fit_rules(replace(trace, gradient=gradient), COMMON)[0]
        if 2 * len(fit.right) >= len(trace.arrays):
            return _not_a_rule(trace, "fault", f"No rule fits the network's gradients; {fit} does with {words}.", fit)
    return None


def _other_gradients(trace: Trace) -> Iterator[tuple[str, Array]]:
    g = trace.gradient
    late = "the gradient after other weights were updated already"
    yield "the gradient of the step before", np.concatenate([g[:1], g[:-1]])
    yield "the gradient of the step before", np.concatenate([0 * g[:1], g[:-1]])
    yield "the sum of all gradients so far, which are never set to zero", np.cumsum(g, axis=0)
    through = _through_updated_weights(trace)
    if through is not None:
        yield "deltas propagated through weights that were updated already", through
    count = len(trace.arrays)
    yield late, _one_after_the_other(trace, range)
    yield late, _one_after_the_other(trace, lambda k: range(k + 1, count))


def _one_after_the_other(trace: Trace, done: Callable[[int], range]) -> Array:
    """The gradient of each array k at the place where the arrays done(k) have made their step."""
    gradient = np.array(trace.gradient)
    for step in range(len(gradient)):
        for k, part in enumerate(trace.arrays):
            theta = np.array(trace.theta[step])
            for other in done(k):
                theta[trace.arrays[other]] = trace.theta[step + 1, trace.arrays[other]]
            gradient[step, part] = trace.gradient_at(step, theta)[part]
    return gradient


def _through_updated_weights(trace: Trace) -> Array | None:
    """The gradient where a layer's weights make their step before the delta goes down through them.

    Activations are those of the old weights, so no place has this gradient. But for a single sample the gradient of a bias
    is its delta, delta_below = (W delta) f'(z), and that of W is the outer product of what came in with delta: the known
    deltas give f'(z) and the inputs, and from them follow the deltas through the new W. None where the parameters are not
    W1, b1, W2, b2, ...
    """
    kinds = [bool(trace.weights[part].all()) for part in trace.arrays]
    if kinds != [k % 2 == 0 for k in range(len(kinds))]:
        return None
    late = np.array(trace.gradient)
    for step, n in enumerate(trace.samples):
        right, wrong = (np.zeros(late.shape[1]) for _ in range(2))
        for row in range(n):
            g = trace.gradient_at(step, trace.theta[step], row)
            right += g
            wrong += _one_sample(trace, g, trace.theta[step], trace.theta[step + 1])
        # The gradient of a batch is the mean over the samples, or whatever multiple of it the network takes.
        scale = float(late[step] @ right) / float(right @ right) if right.any() else 0.0
        late[step] = trace.gradient[step] + scale * (wrong - right)
    return late


def _one_sample(trace: Trace, g: Array, old: Array, new: Array) -> Array:
    late = np.array(g)
    above: tuple[Array, Array, Array, Array] | None = None
    for k in range(len(trace.arrays) - 2, -1, -2):
        of_w, of_b = trace.arrays[k], trace.arrays[k + 1]
        delta = g[of_b]
        moved = delta
        if above is not None:
            w_old, w_new, delta_above, moved_above = above
            was = w_old @ delta_above
            moved = (w_new @ moved_above) * np.divide(delta, was, out=np.zeros_like(delta), where=was != 0)
        came_in = g[of_w].reshape(-1, delta.size) @ delta / (float(delta @ delta) or 1.0)
        late[of_b], late[of_w] = moved, np.outer(came_in, moved).ravel()
        above = old[of_w].reshape(-1, delta.size), new[of_w].reshape(-1, delta.size), delta, moved
    return late


# No rule at all ------------------------------------------------------------------------------------------------------


def _of_no_rule(trace: Trace, best: RuleFit, names: Sequence[str]) -> Verdict:
    """Downhill to first order is what can be asked of any rule. One with a memory may go uphill for a step: then all
    steps together, and an array alone is accused only where its first step, which has no memory, goes uphill too."""
    moves, g = trace.moves, trace.gradient
    uphill, still = [], []
    for k, part in enumerate(trace.arrays):
        slopes = np.sum(moves[:, part] * g[:, part], axis=1)
        if slopes[0] > 0 and slopes.sum() > 0:
            uphill.append(k)
        if not moves[:, part].any() and g[:, part].any():
            still.append(k)
    length, steepness = np.linalg.norm(moves, axis=1), np.linalg.norm(g, axis=1)
    cosines = -np.sum(moves * g, axis=1) / np.maximum(length * steepness, np.finfo(float).tiny)
    ratios = length / np.maximum(trace.rates * steepness, np.finfo(float).tiny)
    how = (
        f"the cosine of the steps with -g is {cosines.min():.3f} to {cosines.max():.3f}, and their length "
        f"{ratios.min():.3g} to {ratios.max():.3g} times rate * |g|"
    )
    if still:
        return _not_a_rule(trace, "fault", f"No rule fits; never moved: {_listed(names, still)}; {how}.", best)
    if uphill and len(uphill) < len(names) and np.sum(moves * g) < 0:
        return _not_a_rule(
            trace, "fault", f"No rule fits; {_listed(names, uphill)} goes up the gradient, not down; {how}.", best
        )
    if not np.sum(moves * g) < 0:
        return _not_a_rule(trace, "fault", f"No rule fits, and it goes up the gradient, not down: {how}.", best)
    return _not_a_rule(
        trace, "harmless", f"The steps follow none of the rules that nnkit knows, and go downhill: {how}.", best
    )


def _listed(names: Sequence[str], which: Sequence[int]) -> str:
    return ", ".join(names[k] for k in which)
