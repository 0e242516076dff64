"""Which update rule does `train_step` follow? Found by predicting what it does.

Recorded are the parameters before and after each of a few steps, with the network's own gradient at each. Every rule
that nnkit knows then predicts the same steps from the same gradients. The rule is the one that predicts them to rounding.
Constants that a rule leaves open (a decay, an eps) are fitted: a handful of numbers, which must then predict some
hundreds of moves. One wrong array must not spoil them for the others, so arrays that fit badly weigh little.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.update_rule_formulas import RULES, Rule, Trace
from nnkit.diagnosis.update_rule_lengths import Lengths, name_lengths
from nnkit.gradients import Parameters, gradient_of

__all__ = ["LIMIT", "RATES", "SAMPLES", "RuleFit", "Trace", "fit_rules", "record"]

Array = npt.NDArray[Any]
Batch = tuple[Array, Array]

#: rates and numbers of samples that change, so that rules differ that are the same while these stand still
RATES = (0.03, 0.03, 0.06, 0.015, 0.03, 0.09, 0.03, 0.06)
SAMPLES = (5, 5, 3, 7, 1, 5, 2, 6)
#: Roundings by which a formula evaluated in another order (about one), or from a gradient summed in another order (a few
#: dozen, where a rule divides by a small one), may differ. A wrong rule differs by 1e4 in float32, 1e13 in float64.
LIMIT = 100
#: no other rule can do better than this by more than chance
_EXACT = 8
#: the fit of constants ends where a step of them gains less than this share of what one array leaves unexplained
_GAIN = 0.1
_STEPS = 15
#: Where constants make sense. A mean of g^2 over next to nothing is a rule that goes by the sign of g, one over all
#: times or with a large eps is plain descent: other rules, which these would imitate.
_WITHIN = {"decay": (0.0, 0.9995), "dampening": (0.0, 0.9995), "rho": (0.5, 0.99999), "beta1": (0.0, 0.9995),
           "beta2": (0.5, 0.99999), "eps": (0.0, 0.1), "clip": (0.0, np.inf), "epsilon": (1e-12, 0.1),
           # of rules gone wrong, in update_rule_faults.py
           "coefficient": (1.0, 3.0), "growth": (1.001, 3.0), "large_eps": (1e-2, np.inf),
           "factor": (0.0, np.inf), "constant_rate": (0.0, np.inf)}  # fmt: skip


@dataclass(frozen=True)
class RuleFit:
    """How well a rule predicts the moves (K, P).

    errors: for each parameter array the largest difference, in units of the rounding of theta; error: the largest.
    distance: the median over the arrays of |moves - predicted| / |moves|. lengths: where each step has a factor of its own.
    """

    rule: str
    constants: dict[str, float]
    predicted: Array
    errors: Array
    distance: float
    formula: Rule
    lengths: Lengths | None = None

    @property
    def error(self) -> float:
        return float(self.errors.max())

    @property
    def right(self) -> list[int]:
        """The arrays whose moves it predicts."""
        return [k for k, error in enumerate(self.errors) if error <= LIMIT]

    @property
    def factors(self) -> dict[str, float]:
        """Those of the steps, s0, s1, ..., where the rule has them."""
        return {name: value for name, value in self.constants.items() if name[0] == "s" and name[1:].isdigit()}

    def __str__(self) -> str:
        known = {name: value for name, value in self.constants.items() if name not in self.factors}
        constants = ", ".join(f"{name.replace('_', ' ')} {value:.6g}" for name, value in known.items())
        words = self.rule.replace("_", " ") + (f" ({constants})" if constants else "")
        return words + (f", {self.lengths.words}" if self.lengths else "")


def record(network: Any, batches: Sequence[Batch], rates: Sequence[float], twin: Any = None) -> Trace:
    """Let the network take one step of its own on each batch, with these rates, and note what happens.

    twin: another network of the same build, which is asked for the gradients at the same parameters. Then the network is
    asked for nothing but its steps, and whatever calls leave behind is left by these alone.
    """
    parameters = Parameters(network)
    asked = network if twin is None else twin
    kept = Parameters(asked).kept
    thetas, gradients = [parameters.read()], []
    share = getattr(network, "own_share", None)

    def gradient_at(step: int, theta: Array, row: int | None = None) -> Array:
        """What the network's own step goes by, which may be a multiple of the gradient of the mean loss."""
        rows = slice(None) if row is None else slice(row, row + 1)
        x, y = (part[rows] for part in batches[step])
        own = 1.0 if share is None else float(share(len(x)))
        with kept():
            return np.asarray(own * np.asarray(gradient_of(asked, x, y)(theta.astype(parameters.dtype)), float))

    for k, ((x, y), rate) in enumerate(zip(batches, rates, strict=True)):
        gradients.append(gradient_at(k, thetas[-1]))
        network.train_step(x, y, rate)
        thetas.append(parameters.read())
    is_weight = [
        np.full(part.stop - part.start, len(s) > 1)
        for part, s in zip(parameters.slices, parameters.shapes, strict=True)
    ]
    return Trace(
        theta=np.array(thetas, float),
        gradient=np.array(gradients),
        rates=np.array(rates, float),
        samples=np.array([len(x) for x, _ in batches]),
        arrays=parameters.slices,
        weights=np.concatenate(is_weight),
        eps=float(np.finfo(thetas[0].dtype).eps),
        gradient_at=gradient_at,
        shapes=tuple(tuple(shape) for shape in parameters.shapes),
    )


def fit_rules(trace: Trace, rules: Iterable[Rule] = RULES) -> list[RuleFit]:
    """The rules, the one that fits best first; the search ends with the first that fits to rounding."""
    found: list[RuleFit] = []
    near: dict[str, float] = {}
    rules = tuple(rules)
    if not (np.isfinite(trace.theta).all() and np.isfinite(trace.gradient).all()):
        rules = rules[:1]
    with np.errstate(all="ignore"):
        # Most networks use a known rule with the usual constants.
        for rule in (rule for rule in rules if rule.has_usual_constants):
            for start in rule.all_starts(trace):
                if roundings(trace, rule.formula(trace, **start)).max() <= _EXACT:
                    return [judged(trace, rule, start)]
        for rule in rules:
            # A variant of a rule that is off by more than its own length is no better.
            if rule.like and not near.get(rule.like, 0.0) < 0.5:
                continue
            starts = sorted(rule.all_starts(trace), key=lambda start: _left(trace, rule.formula(trace, **start)))
            best = min((_fitted(trace, rule, start) for start in starts[:2]), key=lambda fit: fit.error)
            near.setdefault(rule.name, best.distance)
            found.append(best)
            if best.error <= _EXACT and not rule.own_lengths:
                break
        least = min(fit.error for fit in found)
        # The simplest (they stand in this order) of those that are as good as the best; then whatever fits most arrays.
        good = [fit for fit in found if fit.error <= max(min(LIMIT, 4 * least), _EXACT)]
        others = sorted((fit for fit in found if fit not in good), key=_merit)
        return [_rounded(trace, fit) for fit in good[:1]] + good[1:] + others


def judged(trace: Trace, rule: Rule, constants: Mapping[str, float]) -> RuleFit:
    """What the rule predicts with these constants, and how far that is from what happened."""
    predicted = rule.formula(trace, **constants)
    off = roundings(trace, predicted)
    errors = np.maximum.reduceat(off.max(axis=0), trace.starts)
    distances = trace.lengths(trace.moves - predicted) / np.maximum(trace.lengths(trace.moves), 1e-300)
    return RuleFit(rule.name, dict(constants), predicted, errors, float(np.median(distances)), rule)


def roundings(trace: Trace, predicted: Array) -> Array:
    """How far each predicted move (K, P) is from what happened, in units of the rounding of theta."""
    # theta is rounded at every step, and a move is the difference of two thetas; the predicted move has a rounding of
    # its own. Both are relative to what they round.
    unit, floor = trace.rounding
    off = np.abs(trace.moves - predicted) / (trace.eps * (unit + np.abs(predicted)) + floor)
    return np.asarray(np.where(np.isfinite(off), off, np.inf))


def _merit(fit: RuleFit) -> tuple[int, float]:
    """The simplest of those that predict most arrays, the nearest where none predicts any. Factors of the steps fit a
    small array by chance, so few right arrays say nothing there."""
    right = len(fit.right) if not fit.formula.own_lengths or 2 * len(fit.right) >= len(fit.errors) else 0
    return (-right, 0.0 if right else fit.distance)


def _fitted(trace: Trace, rule: Rule, start: Mapping[str, float]) -> RuleFit:
    """Gauss-Newton: each constant is moved a little to see what it does, and then all of them by least squares."""
    constants, predicted = dict(start), rule.formula(trace, **start)
    unexplained = _unexplained(trace, predicted)
    left = _total(unexplained)
    for _ in range(_STEPS if constants else 0):
        # The more, the better an array is fitted already: least squares with these weights goes down with `left`.
        weight = np.repeat(1 / unexplained, trace.sizes)
        columns = []
        for name, value in constants.items():
            a_little = 1e-4 * (abs(value) or abs(start[name]) or 1.0)
            effect = (rule.formula(trace, **constants | {name: value + a_little}) - predicted) / a_little
            columns.append((weight * effect).ravel())
        basis, target = np.array(columns), (weight * (trace.moves - predicted)).ravel()
        size = np.linalg.norm(basis, axis=1)
        size[size == 0] = 1
        if not (np.isfinite(basis).all() and np.isfinite(target).all()):
            break
        step = np.linalg.lstsq((basis / size[:, None]).T, target, rcond=1e-12)[0] / size
        before = left
        for part in (1.0, 0.25):
            trial = {c: _kept_within(c, v + part * float(s)) for (c, v), s in zip(constants.items(), step, strict=True)}
            after = rule.formula(trace, **trial)
            unexplained = _unexplained(trace, after)
            left = _total(unexplained)
            if left < before:
                break
        else:
            break
        constants, predicted = trial, after
        if before - left < _GAIN:
            break
    return judged(trace, rule, constants)


def _left(trace: Trace, predicted: Array) -> float:
    """What the rule leaves unexplained: the sum over the arrays of log |moves - predicted|.

    With logarithms, what one wrong array leaves is a constant, and the others still gain by each better digit.
    """
    return _total(_unexplained(trace, predicted))


def _total(unexplained: Array) -> float:
    total = float(np.log(unexplained).sum())
    return total if np.isfinite(total) else np.inf


def _unexplained(trace: Trace, predicted: Array) -> Array:
    """|moves - predicted| for each array, and no less than its rounding."""
    return np.asarray(trace.lengths(trace.moves - predicted) + trace.precision)


def _rounded(trace: Trace, fit: RuleFit) -> RuleFit:
    """The same with the shortest constants that fit as well: 0.9 where the fit gave 0.90000001."""
    allowed = max(2 * fit.error, _EXACT)
    for name in fit.constants:
        if name in fit.factors:
            continue
        usual = fit.formula.starts[name]
        for short in [
            *(() if callable(usual) else usual),
            0.0,
            *(float(f"{fit.constants[name]:.{digits}g}") for digits in (1, 2, 3, 4, 5, 6)),
        ]:
            trial = judged(trace, fit.formula, fit.constants | {name: short})
            if trial.error <= allowed:
                fit = trial
                break
    if not fit.formula.own_lengths:
        return fit
    return replace(fit, lengths=name_lengths(trace, np.array(list(fit.factors.values()))))


def _kept_within(name: str, value: float) -> float:
    least, most = _WITHIN.get(name, (-np.inf, np.inf))
    return min(max(value, least), most)
