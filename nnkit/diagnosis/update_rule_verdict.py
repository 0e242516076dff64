"""Is the update right? A rule that nnkit does not know is no fault; a wrong update is.

Where a rule predicts some arrays and not the others, or the moves go by another gradient than the network's own, the fault
is named by the change to the rule that predicts the moves: none at all, the wrong sign, twice, the gradient of the step
before, of weights that were updated already, or a rule gone wrong in a usual way. Where no rule predicts any array, it is
enough that the moves go downhill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.update_rule import LIMIT, RuleFit, fit_rules, judged, roundings
from nnkit.diagnosis.update_rule_faults import (
    UNKNOWN,
    WRONG_RULES,
    UpdateFault,
    WrongRule,
    alike,
    decays_exchanged,
    grows,
    sharing,
)
from nnkit.diagnosis.update_rule_formulas import COMMON, LOCAL, RULES, Trace
from nnkit.diagnosis.update_rule_lengths import path_to_come

__all__ = ["UNKNOWN", "UpdateFault", "Verdict", "judge_update"]

Array = npt.NDArray[Any]
Causes = AbstractSet[str]

#: An eps beside a root: with more than this the rule goes by the gradient's length again where gradients are usual
_LARGE_EPS = 1e-2
#: all the first steps that there will ever be: XOR, the least that asks for a hidden layer, takes more at a good rate
_SHORT = 100
#: A rate that grows for as long as the loss falls is a known heuristic ("bold driver"), with up to a tenth at a step.
_BOLD = 1.1
#: clipping that leaves less than this of the longest gradient makes another rate of the one given
_TIGHT = 1e-2
#: Where every step is cut, and half of them to less than this, training takes ten times as many.
_ALWAYS_TIGHT = 0.1
#: significant bits of half precision, those of bfloat16, and the share of the moves that rounding explains (but for ties)
_HALF_BITS, _BRAIN_BITS, _BUT_FOR_TIES = 11, 8, 0.98


@dataclass(frozen=True)
class Verdict:
    """kind: a known "rule"; "harmless" where the moves are sensible and no known rule as it stands; or a "fault".

    fit: the nearest rule. Unless the kind is "rule", as it stands in books: no factors, no growing weights, and the
    network's own gradients, so that its errors show how far the network is from it.
    faults: what is wrong, by cause. A rule may have harmless ones; whatever is not harmless makes the kind "fault".
    """

    kind: Literal["rule", "harmless", "fault"]
    words: str
    fit: RuleFit
    faults: tuple[UpdateFault, ...] = ()


def judge_update(trace: Trace, names: Sequence[str], without: Causes = frozenset()) -> Verdict:
    """What `train_step` does; names: those of the parameter arrays, in their order; without: causes not to think of."""
    with np.errstate(all="ignore"):
        best = fit_rules(trace)[0]
        if not (np.isfinite(trace.theta).all() and np.isfinite(trace.gradient).all()):
            return _of_no_numbers(trace, best, without)
        if not trace.moves.any() and trace.gradient.any():
            words = "train_step moves no parameter at all: never moved: " + ", ".join(names) + "."
            cause = "update-missing" if "update-missing" not in without else UNKNOWN
            still = judged(trace, RULES[0], {})
            return Verdict("fault", words, still, (UpdateFault(cause, words, (), np.zeros_like(trace.moves)),))
        if unmoved := _standing_still(trace):
            return _of_arrays_standing_still(trace, unmoved, names, without)
        if (
            best.error > LIMIT
            and "half-precision" not in without
            and (verdict := _of_half_precision(trace, best, names))
        ):
            return verdict
        if best.lengths and best.lengths.kind == "own" and (verdict := _of_a_wrong_rule(trace, without)):
            return verdict  # one that explains the lengths of the steps
        if best.error <= LIMIT and (verdict := _of_one_rule(trace, best, without)):
            return verdict
        if verdict := _of_a_wrong_rule(trace, without):
            return verdict
        some = best.error > LIMIT and (not best.formula.own_lengths or 2 * len(best.right) >= len(names))
        if best.right and some:
            return _of_some_arrays(trace, best, names, without)
        return _of_another_gradient(trace, names, without) or _of_no_rule(trace, best, names, without)


def _not_a_rule(words: str, book: RuleFit, faults: Sequence[UpdateFault]) -> Verdict:
    kind: Literal["harmless", "fault"] = "harmless" if all(fault.harmless for fault in faults) else "fault"
    return Verdict(kind, words, book, tuple(faults))


def _by_the_book(trace: Trace, fit: RuleFit) -> RuleFit:
    plain = {name: 1.0 if name in fit.factors else value for name, value in fit.constants.items()}
    for name in _DECAYS:
        if name in plain:
            plain[name] = max(plain[name], 0.0)
    if decays_exchanged(plain):
        plain |= {"beta1": 0.9, "beta2": 0.999}
    if "clip" in plain:
        plain["clip"] = np.inf
    return judged(trace, fit.formula, plain)


def _of_one_rule(trace: Trace, fit: RuleFit, without: Causes) -> Verdict | None:
    """None where its fault is left out: something else may explain the moves."""

    def fault(cause: str, words: str, harmless: bool = False) -> Verdict | None:
        if cause in without:
            return None
        return _not_a_rule(words, _by_the_book(trace, fit), [UpdateFault(cause, words, (), fit.predicted, harmless)])

    if grows(fit.constants):
        words = f"The moves are {fit}: a decay below 0 makes the parameters grow."
        return fault("weight-decay-sign-flipped", words)
    if decays_exchanged(fit.constants):
        words = f"The moves are {fit}: its decays are exchanged, the mean of g is over more steps than that of g^2."
        return fault("adam-moments-swapped", words)
    words = f"{len(trace.rates)} steps are {fit}, to {fit.error:.2g} roundings"
    kind = fit.lengths.kind if fit.lengths else "schedule"
    if kind == "uphill":
        return fault("update-uphill", f"The moves are {fit}.")
    if kind == "ignored":
        return fault("update-ignores-learning-rate", f"The moves are {fit}.")
    if kind in ("factor", "samples"):
        by_another = ". That is harmless: it only makes another learning rate of the one given."
        return fault("update-scaled", words + by_another, harmless=True)
    cause, why, harmless = _of_lengths(trace, fit)
    if cause and not harmless:
        return fault(cause, f"The moves are {fit}: {why}.")
    if kind == "own":
        words += ". That is harmless: it only makes another learning rate of the one given."
        return _not_a_rule(words, _by_the_book(trace, fit), [UpdateFault(UNKNOWN, words, (), fit.predicted, True)])
    if not cause and (small := _of_small_print(fit)):
        cause, why = small
    if not cause or cause in without:
        return Verdict("rule", words + ".", fit)
    return Verdict("rule", f"{words}: {why}.", fit, (UpdateFault(cause, f"{words}: {why}.", (), fit.predicted, True),))


def _of_small_print(fit: RuleFit) -> tuple[str, str] | None:
    """What is wrong on paper in a rule that works."""
    if fit.rule.startswith("adam without bias correction"):
        return "adam-without-bias-correction", "its first steps are longer than the rate says"
    if fit.rule.startswith("adam") and fit.constants.get("eps", 0.0) >= _LARGE_EPS:
        return (
            "adam-epsilon-large",
            "an eps that large outweighs the root beside it, and steps shrink with the gradient",
        )
    return None


def _of_lengths(trace: Trace, fit: RuleFit) -> tuple[str, str, bool]:
    """What is wrong with the lengths of the steps: cause, why, harmless; an empty cause where nothing is."""
    if fit.lengths is None:
        # Adam's steps have the same length whatever the gradient's.
        if "clip" in fit.constants and "beta2" not in fit.constants:
            asked = np.linalg.norm(_by_the_book(trace, fit).predicted, axis=1)
            kept = np.linalg.norm(fit.predicted, axis=1) / np.maximum(asked, np.finfo(float).tiny)
            if _tight(kept):
                return "clipping-too-tight", _always_cut(kept), False
        return "", "", True
    s = fit.lengths.factors
    if fit.lengths.slope > 0:
        return (
            "rate-grows",
            f"the rate grows by {fit.lengths.slope:.4g} of itself at each step, and nothing ends it",
            False,
        )
    if s[0] >= 1 - 1e-6 and (np.diff(s) >= -1e-9).all() and s[-1] > 1.01:
        # No warm-up goes beyond the rate that is given.
        growth = float((s[1:] / s[:-1]).max())
        return (
            "rate-grows",
            f"the rate grows, by up to {growth:.4g} times at a step, and nothing ends it",
            growth <= _BOLD,
        )
    if fit.lengths.clip is not None and _tight(s):
        return "clipping-too-tight", _always_cut(s), False
    if fit.lengths.clip is not None and fit.lengths.clip < _TIGHT * np.linalg.norm(trace.gradient, axis=1).max():
        return (
            "clipping-too-tight",
            f"clipping leaves {s.min():.2g} to {s.max():.2g} of the gradients",
            True,
        )
    # With momentum each step goes on in those after it, 1 / (1 - decay) times as far in all.
    path = path_to_come(fit.lengths) / (1 - min(fit.constants.get("decay", 0.0), 0.999))
    if path < _SHORT:
        why = f"all steps to come, however many, are together as long as {path:.4g} of the first"
        return "rate-decays-too-fast", why, False
    return "", "", True


def _tight(kept: Array) -> bool:
    """Whether a limit, which is meant for the gradient that is once too long, cuts them all."""
    return bool(kept.max() < 1 - 1e-6 and np.median(kept) < _ALWAYS_TIGHT)


def _always_cut(kept: Array) -> str:
    return (
        f"clipping cuts every step, and leaves {kept.min():.2g} to {kept.max():.2g} of what the gradient asks for: training "
        f"takes {1 / np.median(kept):.0f} times as many steps"
    )


# Arrays that never move ----------------------------------------------------------------------------------------------


def _standing_still(trace: Trace) -> list[int]:
    """The arrays that never move although they have a gradient."""
    return [k for k, part in enumerate(trace.arrays) if not trace.moves[:, part].any() and _asks_to_move(trace, part)]


def _of_arrays_standing_still(trace: Trace, still: Sequence[int], names: Sequence[str], without: Causes) -> Verdict:
    """Those are said first, and the others are judged without them."""
    moving = [k for k in range(len(names)) if k not in still]
    others = judge_update(_where_the_others_stand(trace, moving), [names[k] for k in moving], without)
    predicted = np.zeros_like(trace.moves)
    cause = "update-skips-parameter" if "update-skips-parameter" not in without else UNKNOWN
    unmoved = _listed(names, still)
    faults = [UpdateFault(cause, f"Never moved: {unmoved}", tuple(names[k] for k in still), predicted)]
    for fault in others.faults:
        whole = None if fault.predicted is None else _among_all(trace, moving, fault.predicted)
        faults.append(replace(fault, predicted=whole, arrays=fault.arrays or tuple(names[k] for k in moving)))
    book = replace(others.fit, predicted=_among_all(trace, moving, others.fit.predicted))
    # What the rule of the others says of them is seen where that rule can be asked.
    with suppress(NotImplementedError, ValueError, IndexError):
        book = judged(trace, others.fit.formula, others.fit.constants)
    how = f"{_listed(names, moving)} follow {others.fit}." if others.kind == "rule" else f"The others: {others.words}"
    return _not_a_rule(f"No rule fits all parameters; never moved: {unmoved}. {how}", book, faults)


def _where_the_others_stand(trace: Trace, chosen: Sequence[int]) -> Trace:
    """The trace of these arrays. The others stand still, so that there is a gradient wherever these may be."""
    index = _columns(trace, chosen)

    def gradient_at(step: int, theta: Array, row: int | None = None) -> Array:
        whole = np.array(trace.theta[step])
        whole[index] = theta
        return np.asarray(trace.gradient_at(step, whole, row)[index])

    return replace(trace.of(chosen), gradient_at=gradient_at)


def _columns(trace: Trace, chosen: Sequence[int]) -> Array:
    return np.concatenate([np.arange(trace.arrays[k].start, trace.arrays[k].stop) for k in chosen])


def _among_all(trace: Trace, chosen: Sequence[int], moves: Array) -> Array:
    """The moves of these arrays, where all others have none."""
    whole = np.zeros_like(trace.moves)
    whole[:, _columns(trace, chosen)] = moves
    return whole


# Half precision ------------------------------------------------------------------------------------------------------


def _of_half_precision(trace: Trace, best: RuleFit, names: Sequence[str]) -> Verdict | None:
    """Whatever moves has eleven bits after it has moved, as no sum of random numbers of more bits has."""
    if trace.eps >= 2.0**-_HALF_BITS:
        return None
    rounded = [k for k, part in enumerate(trace.arrays) if _has_few_bits(trace, part)]
    if not rounded:
        return None
    arrays = () if len(rounded) == len(names) else tuple(names[k] for k in rounded)
    words = f"After each step the parameters {_listed(names, rounded)} have no more than {_HALF_BITS} bits, as by half precision"
    # A rule's constants cannot be fitted to moves that are rounded so, so that the usual ones are tried.
    for rule in (rule for rule in RULES if rule.has_usual_constants):
        for start in rule.all_starts(trace):
            fit = judged(trace, rule, start)
            for rounding in (_to_half, _to_few_bits, partial(_to_few_bits, bits=_BRAIN_BITS)):
                moves = np.array(fit.predicted)
                for part in (trace.arrays[k] for k in rounded):
                    moves[:, part] = rounding(trace.before + fit.predicted)[:, part] - trace.before[:, part]
                if np.mean(roundings(trace, moves) <= LIMIT) >= _BUT_FOR_TIES:
                    words = f"{words}; the moves are {fit} otherwise."
                    return _not_a_rule(words, fit, [UpdateFault("half-precision", words, arrays, moves)])
    return _not_a_rule(f"{words}.", best, [UpdateFault("half-precision", f"{words}.", arrays)])


def _has_few_bits(trace: Trace, part: slice) -> bool:
    """Whether the numbers that have just moved are those of half precision, and are not mere integers."""
    moved = trace.moves[:, part] != 0
    after = trace.theta[1:, part][moved]
    few = np.array_equal(_to_few_bits(after), after) and not np.array_equal(np.rint(after), after)
    return bool(moved.any(axis=0).all() and few)


def _to_few_bits(theta: Array, bits: int = _HALF_BITS) -> Array:
    fraction, exponent = np.frexp(theta)
    return np.asarray(np.ldexp(np.rint(np.ldexp(fraction, bits)), exponent - bits))


def _to_half(theta: Array) -> Array:
    return theta.astype(np.float16).astype(float)


# A rule gone wrong ---------------------------------------------------------------------------------------------------


def _of_a_wrong_rule(trace: Trace, without: Causes) -> Verdict | None:
    """One that predicts all the moves."""
    groups = bool(alike(trace))
    found = _wrong_fit(trace, [w for w in WRONG_RULES if groups or not w.words.endswith("of one shape")], without)
    if found is None:
        return None
    wrong, fit = found
    words = f"The moves are {wrong.words}{_constants(fit)}, to {fit.error:.2g} roundings."
    book = judged(trace, wrong.right, wrong.meant(fit.constants))
    cause, harmless = wrong.cause_of(fit.constants), wrong.is_harmless(fit.constants)
    return _not_a_rule(words, book, [UpdateFault(cause, words, (), fit.predicted, harmless)])


def _wrong_fit(trace: Trace, rules: Sequence[WrongRule], without: Causes) -> tuple[WrongRule, RuleFit] | None:
    """The simplest of the wrong rules that predicts all moves of the trace."""
    rules = [wrong for wrong in rules if wrong.can_be_proved(trace)]
    for wrong in rules:
        fit = fit_rules(trace, [wrong.rule])[0]
        if not (fit.error <= LIMIT and wrong.holds(fit.constants)) or wrong.cause_of(fit.constants) in without:
            continue
        if wrong.chosen is None or judged(trace, wrong.rule, {**fit.constants, **wrong.chosen}).error > LIMIT:
            return wrong, fit
    return None


def _constants(fit: RuleFit) -> str:
    shown = ", ".join(f"{name.replace('_', ' ')} {value:.6g}" for name, value in fit.constants.items())
    return f" ({shown})" if shown else ""


def _of_no_numbers(trace: Trace, best: RuleFit, without: Causes) -> Verdict:
    """NaN or infinite. The step that made them out of numbers may still show why: by which parameters became none."""
    words = "No rule fits: parameters or gradients are NaN or infinite."
    ends = np.flatnonzero(~np.isfinite(trace.theta[1:]).all(axis=1))
    step = int(ends[0]) if ends.size else -1
    if step < 0 or not np.isfinite(trace.gradient[: step + 1]).all():
        return _not_a_rule(words, best, [UpdateFault(UNKNOWN, words)])
    seen = replace(
        trace, theta=trace.theta[: step + 2], gradient=trace.gradient[: step + 1], rates=trace.rates[: step + 1],
        samples=trace.samples[: step + 1],
    )  # fmt: skip
    numbers: Array = np.asarray(np.isfinite(seen.moves).all(axis=0))
    sound = _of_columns(seen, numbers)
    for wrong in WRONG_RULES if numbers.any() else ():
        if not wrong.local or wrong.cause in without or not wrong.can_be_proved(sound):
            continue
        fit = fit_rules(sound, [wrong.rule])[0]
        predicted = wrong.rule.formula(seen, **fit.constants)
        if fit.error <= LIMIT and (np.isfinite(predicted).all(axis=0) == numbers).all():
            words = (
                f"Parameters became NaN at step {step + 1}. It is {wrong.words}: that makes NaN of just these "
                f"{int((~numbers).sum())} of {numbers.size} parameters, and moves the others as they moved."
            )
            right = judged(seen, wrong.right, wrong.meant(fit.constants))
            book = replace(right, predicted=_padded(right.predicted, trace), errors=np.full(len(trace.arrays), np.inf))
            return _not_a_rule(words, book, [UpdateFault(wrong.cause, words, (), _padded(predicted, trace))])
    words = f"{words} Step {step + 1} made them, out of parameters and a gradient that were numbers."
    return _not_a_rule(words, best, [UpdateFault(UNKNOWN, words)])


def _of_columns(trace: Trace, chosen: Array) -> Trace:
    """The same steps of these parameters (P,), as if they were one array."""
    return replace(
        trace,
        theta=trace.theta[:, chosen],
        gradient=trace.gradient[:, chosen],
        weights=trace.weights[chosen],
        arrays=(slice(0, int(chosen.sum())),),
        shapes=(),
    )


def _padded(moves: Array, trace: Trace) -> Array:
    """Of the first steps only: the others are NaN."""
    return np.concatenate([moves, np.full((len(trace.rates) - len(moves), moves.shape[1]), np.nan)])


# Some arrays are right, others are not -------------------------------------------------------------------------------


def _of_some_arrays(
    trace: Trace, fit: RuleFit, names: Sequence[str], without: Causes, first: UpdateFault | None = None
) -> Verdict:
    """What is wrong with the arrays that `fit` does not predict; `first`: what is wrong with the others, if anything is."""
    wrong = [k for k in range(len(names)) if k not in fit.right]
    biases = [k for k, part in enumerate(trace.arrays) if not trace.weights[part].any()]
    if wrong == biases or fit.right == biases:
        # One rule for weights and another for biases is a choice that people make: twice the rate, no momentum.
        own = fit_rules(trace.of(wrong), [rule for rule in RULES if rule in LOCAL or rule.own_lengths])[0]
        by_n = own.lengths is not None and own.lengths.kind == "samples"  # a mean forgotten, or taken twice: no choice
        verdict = _of_one_rule(trace.of(wrong), own, without) if own.error <= LIMIT and not by_n else None
        if verdict and verdict.kind != "fault" and first is None:
            return _of_weights_and_biases(trace, fit, own, wrong, names, without)
    faults: dict[tuple[str, str, bool], list[int]] = {}
    predicted, unsure = np.array(fit.predicted), set()
    for k in wrong:
        cause, why, harmless, moves = _fault_of(trace, fit, k, without)
        faults.setdefault((cause, why, harmless), []).append(k)
        if moves is None:
            unsure.add(k)
        else:
            predicted[:, trace.arrays[k]] = moves
    said, named = [f"No rule fits all parameters. {_listed(names, fit.right)} follow {fit}"], [first] if first else []
    for (cause, why, harmless), which in faults.items():
        said.append(f"{why}: {_listed(names, which)}" if why == _STILL else f"{_listed(names, which)}: {why}")
        # With this one the others are descent, and those that have a memory are the ones that are right.
        memory = cause == _WITHOUT_MEMORY
        concerned = fit.right if memory else which
        named.append(
            UpdateFault(
                "momentum-missing-for-some" if memory else cause,
                said[-1],
                tuple(names[k] for k in concerned),
                None if unsure & set(concerned) else predicted,
                harmless,
            )
        )
    if fit.right == biases and all(fault.cause == UNKNOWN for fault in named) and _downhill(trace, wrong):
        # Rules for matrices alone are published: by their norm (LARS), made orthogonal (Muon).
        named = [replace(fault, harmless=True) for fault in named]
    return _not_a_rule("; ".join(said) + ".", _by_the_book(trace, fit), named)


def _of_weights_and_biases(
    trace: Trace, fit: RuleFit, own: RuleFit, others: Sequence[int], names: Sequence[str], without: Causes
) -> Verdict:
    """The weights have one rule and the biases another, `own` being that of the `others`."""
    kinds = ("biases", "weights") if trace.weights[trace.arrays[others[0]]].any() else ("weights", "biases")
    words = f"The {kinds[0]} follow {fit}, the {kinds[1]} {own}."
    predicted = np.array(fit.predicted)
    predicted[:, _columns(trace, others)] = own.predicted
    of_fit = tuple(names[k] for k in range(len(names)) if k not in others)
    of_others = tuple(names[k] for k in others)

    def verdict(cause: str, arrays: tuple[str, ...]) -> Verdict:
        cause = UNKNOWN if cause in without else cause
        return _not_a_rule(words, _by_the_book(trace, fit), [UpdateFault(cause, words, arrays, predicted, True)])

    one_family = _SECOND_MOMENT.isdisjoint(fit.constants) == _SECOND_MOMENT.isdisjoint(own.constants)
    if one_family and has_memory(fit) != has_memory(own):
        return verdict("momentum-missing-for-some", of_others if has_memory(fit) else of_fit)
    if own.lengths and own.lengths.kind == "factor":
        for factor, arrays in ((2.0, of_others), (0.5, of_fit)):
            if np.allclose(own.lengths.factors, factor, rtol=1e-3):
                return verdict("update-applied-twice", arrays)
    return verdict(UNKNOWN, ())


def _downhill(trace: Trace, which: Sequence[int]) -> bool:
    """Whether each of these arrays goes down at its first step, which has no memory, and over all steps together."""
    slopes = [np.sum((trace.moves * trace.gradient)[:, trace.arrays[k]], axis=1) for k in which]
    return all(of[0] < 0 and of.sum() < 0 for of in slopes)


_STILL = "never moved"
#: the array has a memory, and those that are predicted have none
_WITHOUT_MEMORY = "momentum-missing-for-the-others"


def _fault_of(trace: Trace, fit: RuleFit, k: int, without: Causes) -> tuple[str, str, bool, Array | None]:
    """What predicts the moves of array k, which the rule of the others does not: cause, words, harmless, the moves."""
    part = trace.arrays[k]
    moves, predicted = trace.moves[:, part], fit.predicted[:, part]

    def fits(other: Array) -> bool:
        whole = np.array(fit.predicted)
        whole[:, part] = other
        return bool(roundings(trace, whole)[:, part].max() <= LIMIT)

    if not moves.any():
        return (
            "update-skips-parameter" if "update-skips-parameter" not in without else UNKNOWN,
            _STILL,
            False,
            0 * moves,
        )
    for cause, words, harmless, guess in _guesses(trace, fit, k):
        if cause not in without and fits(guess):
            return cause, words, harmless, guess
    alone = trace.of([k])
    own = fit_rules(alone, LOCAL)[0]
    if own.error <= LIMIT and 3 * len(own.constants) <= moves.size:
        other = own.predicted
        if grows(own.constants):
            if "weight-decay-sign-flipped" not in without:
                return "weight-decay-sign-flipped", f"follows {own}: a decay below 0 makes it grow", False, other
        else:
            cause = UNKNOWN
            if has_memory(fit) and own.rule == "gradient_descent" and "momentum-missing-for-some" not in without:
                cause = "momentum-missing-for-some"
            if has_memory(own) and fit.rule == "gradient_descent" and "momentum-missing-for-some" not in without:
                cause = _WITHOUT_MEMORY
            if cause == UNKNOWN and _differ_in_decay(trace, fit, own, k):
                return cause, f"follows {own}, a decay of its own", True, other
            return cause, f"follows {own} instead", False, other if cause != UNKNOWN else None
    found = _wrong_fit(alone, [wrong for wrong in WRONG_RULES if wrong.local], without)
    if found:
        rule, gone = found
        words = f"follows {rule.words}{_constants(gone)}"
        return rule.cause_of(gone.constants), words, rule.is_harmless(gone.constants), gone.predicted
    off = (roundings(trace, fit.predicted)[:, part] > LIMIT).any(axis=0)
    where = "" if off.all() else f" in {int(off.sum())} of its {off.size} entries"
    if not moves[:, off].any():
        stays = np.where(off, 0.0, predicted)
        cause = "update-skips-parameter" if "update-skips-parameter" not in without else UNKNOWN
        return cause, f"never moves{where}", False, stays
    far = np.linalg.norm(moves - predicted) / np.linalg.norm(moves)
    return UNKNOWN, f"is off{where}, by {far:.2g} of the length of its moves", False, None


def _differ_in_decay(trace: Trace, fit: RuleFit, own: RuleFit, k: int) -> bool:
    """Whether array k has the rule of the others but for how it decays: people choose that for each layer."""

    def bare(of: RuleFit, seen: Trace) -> Array:
        return of.formula.formula(seen, **of.constants | {name: 0.0 for name in of.constants if name in _DECAYS})

    difference = bare(own, trace.of([k])) - bare(fit, trace)[:, trace.arrays[k]]
    return bool(np.linalg.norm(difference) <= 1e-6 * np.linalg.norm(own.predicted))


_DECAYS = ("weight_decay", "bias_decay")
#: constants of rules that divide by the root of a mean of g^2
_SECOND_MOMENT = frozenset({"beta2", "rho", "eps"})


def has_memory(fit: RuleFit) -> bool:
    return bool({"decay", "beta1"} & set(fit.constants))


def _guesses(trace: Trace, fit: RuleFit, k: int) -> Iterator[tuple[str, str, bool, Array]]:
    """What may be wrong with array k alone: cause, words, harmless, its moves."""
    part = trace.arrays[k]
    moves, predicted = trace.moves[:, part], fit.predicted[:, part]
    factor = float(np.sum(moves * predicted) / np.sum(predicted**2)) if predicted.any() else 0.0
    uphill, twice = "update-uphill", "update-applied-twice"
    if factor < 0:
        far = "" if abs(factor + 1) < 1e-3 else f", {-factor:.4g} times as far"
        yield uphill, f"wrong sign, goes up the gradient{far}", False, factor * predicted
    elif abs(factor - 2) < 1e-3:
        yield twice, "updated twice", False, factor * predicted
    elif factor > 0:
        # Rates that differ from layer to layer are a choice that people make.
        yield "update-scaled", f"moves {factor:.4g} times as far as the rule says", True, factor * predicted
    yield (
        uphill,
        "wrong sign, goes up the gradient",
        False,
        _predict(fit, replace(trace, gradient=-trace.gradient))[:, part],
    )
    samples = trace.samples[:, None]
    yield "update-scaled", "divided by the batch size n", False, predicted / samples
    yield "update-scaled", "multiplied by the batch size n", False, predicted * samples
    yield twice, "updated twice in each step", False, _twice(trace, fit)[:, part]
    for cause, words, gradient in _other_gradients(trace):
        yield cause, f"uses {words}", False, _predict(fit, replace(trace, gradient=gradient))[:, part]
    for j, other in _of_other_arrays(trace, k):
        gradient = np.array(trace.gradient)
        gradient[:, part] = other
        words = f"moves by the gradient of array {j + 1} of parameters() in place of its own"
        yield "update-with-wrong-gradient", words, False, _predict(fit, replace(trace, gradient=gradient))[:, part]
    for which, other in _of_sums(trace, k):
        gradient = np.array(trace.gradient)
        gradient[:, part] = other
        words = f"moves by {which} in place of its own"
        yield "update-with-wrong-gradient", words, False, _predict(fit, replace(trace, gradient=gradient))[:, part]
    if alike(trace) and not fit.formula.own_lengths and has_memory(fit):
        shared = "adam-state-shared" if "beta1" in fit.constants else "momentum-shared"
        together = sharing(fit.formula.formula)(trace, **fit.constants)[:, part]
        yield shared, "has one memory with the other arrays of its shape", False, together


def _of_other_arrays(trace: Trace, k: int) -> Iterator[tuple[int, Array]]:
    """The gradient of each other array that can stand in the place of that of array k, as NumPy stretches it."""
    size = trace.arrays[k].stop - trace.arrays[k].start
    for j, part in enumerate(trace.arrays):
        g = trace.gradient[:, part]
        if j == k or not g.any():
            continue
        if g.shape[1] == size:
            yield j, g
        elif trace.shapes:
            try:
                stretched = np.broadcast_to(
                    g.reshape(-1, *_leading(trace.shapes[j], trace.shapes[k])), (len(g), *trace.shapes[k])
                )
            except ValueError:
                continue
            yield j, stretched.reshape(len(g), size)


def _of_sums(trace: Trace, k: int) -> Iterator[tuple[str, Array]]:
    """The sums and means, over rows or columns, of the gradient of each matrix, where array k has as many entries."""
    size = trace.arrays[k].stop - trace.arrays[k].start
    for j, (part, shape) in enumerate(zip(trace.arrays, trace.shapes, strict=False)):
        if j == k or len(shape) != 2:
            continue
        whose = (
            "its own layer's weights" if _weights_and_biases(trace) and j == k - 1 else f"array {j + 1} of parameters()"
        )
        g = trace.gradient[:, part].reshape(-1, *shape)
        for axis, of in ((1, "columns"), (2, "rows")):
            if shape[2 - axis] == size and g.any():
                yield f"the sums of the {of} of the gradient of {whose}", g.sum(axis=axis)
                yield f"the means of the {of} of the gradient of {whose}", g.mean(axis=axis)


def _weights_and_biases(trace: Trace) -> bool:
    """Whether the parameters are W1, b1, W2, b2, ..."""
    kinds = [bool(trace.weights[part].all()) for part in trace.arrays]
    return kinds == [k % 2 == 0 for k in range(len(kinds))]


def _leading(shape: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    """The shape with ones in front, as many as broadcasting to the other one gives it."""
    return (1,) * (len(other) - len(shape)) + shape


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


def _of_another_gradient(trace: Trace, names: Sequence[str], without: Causes) -> Verdict | None:
    for cause, words, gradient in _whole_gradients(trace):
        if cause in without:
            continue
        rules = LOCAL if cause == "update-uphill" else COMMON
        fit = fit_rules(replace(trace, gradient=gradient), rules)[0]
        if 2 * len(fit.right) < len(trace.arrays) or decays_exchanged(fit.constants) or grows(fit.constants):
            continue
        if not any((gradient != trace.gradient)[:, trace.arrays[k]].any() for k in fit.right):
            continue  # it explains nothing that the network's own gradients do not
        said = f"No rule fits the network's gradients; {fit} does with {words}."
        book = _by_the_book(trace, fit)
        if fit.error <= LIMIT:
            return _not_a_rule(said, book, [UpdateFault(cause, said, (), fit.predicted)])
        right = tuple(names[k] for k in fit.right)
        first = UpdateFault(cause, said, right, fit.predicted)
        more = _of_some_arrays(replace(trace, gradient=gradient), fit, names, without, first)
        return _not_a_rule(f"{said} {more.words}", book, more.faults)
    return None


def _whole_gradients(trace: Trace) -> Iterator[tuple[str, str, Array]]:
    """Those that a whole step may go by."""
    if np.sum(trace.moves * trace.gradient) > 0:
        yield "update-uphill", "the wrong sign: it goes up the gradient", -trace.gradient
    yield from _other_gradients(trace)
    if (misplaced := _from_the_end(trace)) is not None:
        words = "the gradients in the order from the last array to the first, where shapes allow it"
        yield "update-with-wrong-gradient", words, misplaced
    if (averaged := _before_and_after(trace)) is not None:
        yield "update-applied-twice", "that at the start and that after a first step added: it is made twice", averaged


def _other_gradients(trace: Trace) -> Iterator[tuple[str, str, Array]]:
    g = trace.gradient
    late = "the gradient after other weights were updated already"
    previous, through = "update-uses-previous-gradient", "update-through-updated-weights"
    yield previous, "the gradient of the step before", np.concatenate([g[:1], g[:-1]])
    yield previous, "the gradient of the step before", np.concatenate([0 * g[:1], g[:-1]])
    yield "gradients-accumulate", "the sum of all gradients so far, which are never set to zero", np.cumsum(g, axis=0)
    moved = _through_updated_weights(trace)
    if moved is not None:
        yield through, "deltas propagated through weights that were updated already", moved
    count = len(trace.arrays)
    yield through, late, _one_after_the_other(trace, range)
    yield through, late, _one_after_the_other(trace, lambda k: range(k + 1, count))
    yield from _of_few_samples(trace)


def _of_few_samples(trace: Trace) -> Iterator[tuple[str, str, Array]]:
    """The gradient of one sample of the batch alone, or of all but one, divided by their number or by that of all."""
    rows, n = trace.of_samples, trace.samples[:, None]
    # The gradient of a batch is the mean over the samples or their sum, or whatever multiple of them the network takes.
    sums = np.array([of.sum(axis=0) for of in rows])
    scale = np.array([g @ s / (s @ s) if s.any() else 0.0 for g, s in zip(trace.gradient, sums, strict=True)])[:, None]
    for which, k in (("first", 0), ("last", -1)):
        one = np.array([of[k] for of in rows])
        words = f"the gradient of the {which} sample of the batch alone"
        yield "update-of-one-sample-only", words, one
        yield "update-of-one-sample-only", f"{words}, divided as that of all is", scale * one
        words = f"the gradient of the batch without its {which} sample"
        yield "last-sample-dropped", words, scale * (sums - one)
        yield "last-sample-dropped", f"{words}, as its mean", scale * (sums - one) * n / np.maximum(n - 1, 1)


def _from_the_end(trace: Trace) -> Array | None:
    """Each array has the gradient of the one that stands as far from the other end. None where no shapes are alike."""
    gradient, parts = np.array(trace.gradient), trace.arrays
    for part, other in zip(parts, parts[::-1], strict=True):
        if part.stop - part.start == other.stop - other.start:
            gradient[:, part] = trace.gradient[:, other]
    return gradient if (gradient != trace.gradient).any() else None


def _before_and_after(trace: Trace) -> Array | None:
    """Plain descent made twice in a step, the second time by the gradient where the first has led."""
    after = [
        trace.gradient_at(k, theta - rate * g)
        for k, (theta, rate, g) in enumerate(zip(trace.before, trace.rates, trace.gradient, strict=True))
    ]
    return np.asarray(trace.gradient + np.array(after))


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
    if not _weights_and_biases(trace) or len(trace.arrays) % 2:
        return None
    late = np.array(trace.gradient)
    for step, n in enumerate(trace.samples):
        right, wrong = (np.zeros(late.shape[1]) for _ in range(2))
        for row in range(n):
            g = trace.of_samples[step][row]
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


def _of_no_rule(trace: Trace, best: RuleFit, names: Sequence[str], without: Causes) -> Verdict:
    """Downhill to first order is what can be asked of any rule. One with a memory may go uphill for a step: then all
    steps together, and an array alone is accused only where its first step, which has no memory, goes uphill too."""
    moves, g = trace.moves, trace.gradient
    uphill, still = [], []
    for k, part in enumerate(trace.arrays):
        slopes = np.sum(moves[:, part] * g[:, part], axis=1)
        if slopes[0] > 0 and slopes.sum() > 0:
            uphill.append(k)
        if not moves[:, part].any() and _asks_to_move(trace, part):
            still.append(k)
    length, steepness = np.linalg.norm(moves, axis=1), np.linalg.norm(g, axis=1)
    cosines = -np.sum(moves * g, axis=1) / np.maximum(length * steepness, np.finfo(float).tiny)
    ratios = length / np.maximum(trace.rates * steepness, np.finfo(float).tiny)
    how = (
        f"the cosine of the steps with -g is {cosines.min():.3f} to {cosines.max():.3f}, and their length "
        f"{ratios.min():.3g} to {ratios.max():.3g} times rate * |g|"
    )
    book = _by_the_book(trace, best)

    def verdict(cause: str, words: str, which: Sequence[int] = (), harmless: bool = False) -> Verdict:
        cause = UNKNOWN if cause in without else cause
        return _not_a_rule(words, book, [UpdateFault(cause, words, tuple(names[k] for k in which), None, harmless)])

    if still:
        return verdict("update-skips-parameter", f"No rule fits; never moved: {_listed(names, still)}; {how}.", still)
    if uphill and len(uphill) < len(names) and np.sum(moves * g) < 0:
        words = f"No rule fits; {_listed(names, uphill)} goes up the gradient, not down; {how}."
        return verdict(UNKNOWN, words, uphill)
    if not np.sum(moves * g) < 0:
        # Where no rule is known, the sign is to blame only if every array goes up at every step.
        always = all((np.sum((moves * g)[:, part], axis=1) >= 0).all() for part in trace.arrays)
        return verdict(
            "update-uphill" if always else UNKNOWN, f"No rule fits, and it goes up the gradient, not down: {how}."
        )
    words = f"The steps follow none of the rules that nnkit knows, and go downhill: {how}."
    return verdict(UNKNOWN, words, harmless=True)


def _listed(names: Sequence[str], which: Sequence[int]) -> str:
    return ", ".join(names[k] for k in which)


def _asks_to_move(trace: Trace, part: slice) -> bool:
    """Whether the gradient is more than what roundings leave of a zero: rate times it would change the parameters."""
    asked = np.abs(trace.eta * trace.gradient[:, part]).max()
    return bool(asked > 10 * trace.eps * np.abs(trace.before[:, part]).max())
