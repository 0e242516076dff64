"""Suspects in the update rule's constants: a velocity that never dies, clipping to nothing, a decay that eats the weights.

Of some steps in sequence the network's own gradients and its updates are known. Least squares tell how much of an update
is the gradient, how much the update before, and how much the weights themselves; where that explains it, the constants
are known, and the trial takes the suspected one away by making plain steps along the network's own gradient.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.layout import write
from nnkit.diagnosis.observed import chance_kept
from nnkit.diagnosis.remedies.case import Case
from nnkit.diagnosis.remedies.suspect import Suspect

Array = npt.NDArray[Any]

#: a velocity that keeps this much of itself sums up the gradients of more than thirty steps
HEAVY = 0.97
#: an update of less than this share of rate times gradient has been cut
CUT = 0.2
#: of the squares of the updates: a rule of this kind explains them to rounding, any other leaves a part
EXPLAINED = 0.999
#: of an array: two weights of one size to the last digit are a rare chance
AT_BOUND = 0.05
#: of the weights, in all steps together: more than that, and a decay is what decides about them
EATEN = 0.5


@dataclass(frozen=True)
class Rule:
    """An update as momentum * the one before - length * rate * gradient - decay * rate * weights; explained: how much of
    the updates that is. norms: of the gradients, lengths: of rate * gradient in each update, along it."""

    momentum: float
    length: float
    decay: float
    explained: float
    norms: list[float]
    lengths: list[float]


def constants(case: Case) -> Iterator[Suspect]:
    rule = read_rule(case)
    if rule is None:
        return
    plain = "plain steps along its own gradient, at the same rate"
    if rule.explained > EXPLAINED and rule.momentum > HEAVY:
        yield Suspect(
            "momentum-undamped", "optimiser",
            f"Each update keeps {rule.momentum:.4g} of the one before: it sums up some "
            f"{1 / max(1 - rule.momentum, 1e-6):.0f} gradients.", plain, "a momentum of 0.9", update=plain_step,
        )  # fmt: skip
    along = [length for length, norm in zip(rule.lengths, rule.norms, strict=True) if norm > 0]
    steps = [length * norm for length, norm in zip(rule.lengths, rule.norms, strict=True)]
    alike = len(steps) > 4 and max(steps) < 1.2 * min(steps) and max(rule.norms) > 1.02 * min(rule.norms)
    if along and max(along) < CUT and alike:
        yield Suspect(
            "clipping-too-tight", "optimiser",
            f"All updates have the length {np.median(steps):.2g} times the rate, whatever the gradient is (its norm: "
            f"{min(rule.norms):.2g} to {max(rule.norms):.2g}).", plain, "clip at a norm that few gradients have",
            update=plain_step,
        )  # fmt: skip
    total = float(np.sum(np.abs(case.rates))) * rule.decay
    if rule.explained > EXPLAINED and (total > EATEN or total < -EATEN / 5) and abs(rule.decay) > 1e-4:
        yield Suspect(
            "weight-decay-sign-flipped" if rule.decay < 0 else "penalty-too-strong", "optimiser",
            f"Besides its gradient, each update takes {rule.decay:.2g} times the rate off the weights themselves.", plain,
            "a weight decay of about 1e-4", update=plain_step,
        )  # fmt: skip


def bounds(case: Case) -> Iterator[Suspect]:
    """Weights that stand at one and the same bound, to the last digit."""
    parameters = [np.asarray(array) for array in case.recording.moments[-1].parameters if np.size(array) > 20]
    if not parameters or not all(np.isfinite(array).all() for array in parameters):
        return
    limit = max(float(np.abs(array).max()) for array in parameters)
    first = case.recording.moments[0].parameters
    share = [float((np.abs(array) == limit).mean()) for array in parameters]
    before = max(float((np.abs(np.asarray(array)) == limit).mean()) for array in first)
    if limit > 0 and max(share) > AT_BOUND > before:
        yield Suspect(
            "weights-clipped", "update",
            f"{max(share):.0%} of the weights of one array are exactly {limit:.4g} in size: something holds them there.",
            "plain steps along its own gradient, at the same rate", "leave the weights free, or use a small weight decay",
            update=plain_step,
        )  # fmt: skip


def penalty(case: Case) -> Iterator[Suspect]:
    """A penalty in the loss that is known: taken out of the gradient, with plain steps."""
    conventions = case.inside.conventions
    if conventions is None or not any((*conventions.squares, *conventions.absolutes)) or not case.start:
        return
    inside = case.inside
    share = 1.0
    if inside.form is not None and inside.form.reading is not None:
        share = inside.form.reading.factor

    def without(network: Any, x: Array, y: Array, rate: float) -> None:
        own = [np.asarray(array) for array in network.parameters()]
        slopes = conventions.penalty_slopes(inside.standard(own), len(x))
        gradients = network.gradients(x, y)
        moved = [
            p - rate * (np.asarray(g) - share * s)
            for p, g, s in zip(own, gradients, inside.own(slopes, own), strict=True)
        ]
        write(network, moved)

    values = [*conventions.squares, *conventions.absolutes]
    yield Suspect(
        "penalty-too-strong", "loss",
        f"The loss has a penalty on the weights, of {max(values):.2g} times their "
        f"{'squares' if max(conventions.squares, default=0) >= max(conventions.absolutes, default=0) else 'sizes'}.",
        "the penalty taken out of the gradient", "a penalty of about 1e-4", update=without,
    )  # fmt: skip


def plain_step(network: Any, x: Array, y: Array, rate: float) -> None:
    own = [np.asarray(array) for array in network.parameters()]
    gradients = network.gradients(x, y)
    write(network, [p - rate * np.asarray(g) for p, g in zip(own, gradients, strict=True)])


def read_rule(case: Case) -> Rule | None:
    """From the moments that follow one another; None where there are none."""
    moments, network = case.recording.moments, case.recording.network
    updates: list[Array] = []
    gradients: list[Array] = []
    weights: list[Array] = []
    rates: list[float] = []
    with chance_kept(), np.errstate(all="ignore"):
        for here, after in pairwise(moments):
            if after.step != here.step + 1 or here.x is None or here.cut or not np.isfinite(here.rate):
                if updates:
                    break
                continue
            try:
                write(network, here.parameters)
                gradient = _flat(network.gradients(here.x.copy(), np.array(here.y)))
            except Exception:
                return None
            updates.append(_flat(after.parameters) - _flat(here.parameters))
            gradients.append(gradient)
            weights.append(_flat(here.parameters))
            rates.append(here.rate)
    rows = [k for k in range(1, len(updates)) if np.isfinite(updates[k]).all() and np.isfinite(gradients[k]).all()]
    if len(rows) < 4:
        return None
    rng = np.random.default_rng(0)
    some = rng.permutation(len(updates[0]))[:2000]
    target = np.concatenate([updates[k][some] for k in rows])
    columns = np.stack(
        [
            np.concatenate([part[k - back][some] * factor[k] for k in rows])
            for part, back, factor in (
                (updates, 1, np.ones(len(rates))), (gradients, 0, -np.array(rates)), (weights, 0, -np.array(rates))
            )
        ],
        axis=1,
    )  # fmt: skip
    scales = np.sqrt((columns**2).sum(axis=0))
    if not np.isfinite(scales).all() or not scales[1] > 0 or not np.isfinite(target).all():
        return None
    scales[scales == 0] = 1.0
    found, *_ = np.linalg.lstsq(columns / scales, target, rcond=1e-9)
    left = target - (columns / scales) @ found
    total = float((target**2).sum())
    momentum, length, decay = (float(v) for v in found / scales)
    norms = [float(np.linalg.norm(gradients[k])) for k in rows]
    lengths = [
        float(-(updates[k] @ gradients[k]) / max(abs(rates[k]) * (gradients[k] @ gradients[k]), 1e-300)) for k in rows
    ]
    explained = 1 - float((left**2).sum()) / total if total > 0 else 0.0
    return Rule(momentum, length, decay, explained, norms, lengths)


def _flat(arrays: Any) -> Array:
    return np.concatenate([np.asarray(array, dtype=np.float64).ravel() for array in arrays])
