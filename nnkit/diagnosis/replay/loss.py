"""Replay of the loss: which formula gives the losses that the network gives, from its own outputs?

A positive factor and a sum in place of a mean are conventions. They are left out of account here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.formulas import UNREAD
from nnkit.diagnosis.replay.experiments import ROUNDINGS, Experiments
from nnkit.diagnosis.replay.forward import activate

Array = npt.NDArray[np.float64]
#: the losses (m,) of batches, from outputs and targets (m, n, k)
Loss = Callable[[Array, Array], Array]

LOSSES = ("mse", "binary_cross_entropy", "cross_entropy")
#: a loss that is not declared may be this one, too
ABSOLUTE = "mean_absolute_error"

#: what people add inside a logarithm
GUARDS = (1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5)


def each(name: str, p: Array, y: Array) -> Array:
    """The standard loss of each sample (m, n), as the oracle defines it."""
    if name == "mse":
        return np.asarray(((p - y) ** 2).mean(axis=-1))
    if name == ABSOLUTE:
        return np.asarray(np.abs(p - y).mean(axis=-1))
    if name == "binary_cross_entropy":
        return np.asarray(-(y * np.log(p) + (1 - y) * np.log1p(-p)).mean(axis=-1))
    return np.asarray(-(y * np.log(np.where(y > 0, p, 1.0))).sum(axis=-1))


def slope(name: str, p: Array, y: Array) -> Array:
    """d loss of each sample / d p, (m, n, k)."""
    k = p.shape[-1]
    if name == "mse":
        return np.asarray(2 * (p - y) / k)
    if name == ABSOLUTE:
        return np.asarray(np.sign(p - y) / k)
    if name == "binary_cross_entropy":
        return np.asarray((p - y) / (p * (1 - p)) / k)
    return np.asarray(-y / p)


@dataclass(frozen=True)
class LossFault:
    """cause: id; words: what the loss does, after "loss()"; of: the loss that was meant; wrong: the losses (m,), up to a positive factor."""

    cause: str
    words: str
    of: str
    wrong: Loss = field(compare=False)


def _faults() -> Iterator[LossFault]:
    for name in LOSSES:
        yield LossFault("loss-sign-flipped", "has the wrong sign", name, _changed(name, sign=-1.0))
    half = "loss-half-missing"
    yield LossFault(
        half, "leaves out (1 - y) log(1 - p): -y log p is all it has", "binary_cross_entropy", _half_for_ones
    )
    yield LossFault(
        half, "leaves out y log p: -(1 - y) log(1 - p) is all it has", "binary_cross_entropy", _half_for_zeros
    )
    for name, activation in (("cross_entropy", "softmax"), ("binary_cross_entropy", "sigmoid")):
        yield LossFault(
            "softmax-twice", f"takes the {activation} of p, which is the output of one already", name,
            _changed(name, outputs=partial(activate, activation)),
        )  # fmt: skip
    for guard in GUARDS:
        for guarded in (partial(_raised, by=guard), partial(_within, guard=guard)):
            swapped = "has p and y exchanged: p log y in place of y log p"
            yield LossFault("loss-arguments-swapped", swapped, "cross_entropy", partial(_swapped, guarded=guarded))
            yield LossFault(
                "loss-arguments-swapped", swapped, "binary_cross_entropy", partial(_swapped_binary, guarded=guarded)
            )
    for name in ("mse", "binary_cross_entropy"):
        yield LossFault(
            "loss-broadcast", "compares every output with every target: (n,) against (n, 1) makes (n, n)", name,
            partial(_all_pairs, name),
        )  # fmt: skip
        for power in (1, 2):  # a sum over one of the two, or over both
            yield LossFault(
                "loss-broadcast", "compares every output with every target: (n,) against (n, 1) makes (n, n)", name,
                partial(_all_pairs, name, power=power),
            )  # fmt: skip
    for name in LOSSES:
        for words, part in (
            ("counts the last sample only", slice(-1, None)),
            ("counts the first sample only", slice(0, 1)),
            ("leaves out the last sample", slice(0, -1)),
            ("leaves out the first sample", slice(1, None)),
        ):
            for summed in (False, True):
                yield LossFault("loss-drops-samples", words, name, _of_part(name, part, summed))
        rounded = "loss-of-rounded-outputs"
        yield LossFault(rounded, "rounds the outputs to 0 or 1 first", name, _changed(name, outputs=np.round))
        for guard in (1e-300, *GUARDS) if name != "mse" else ():
            yield LossFault(
                rounded,
                "rounds the outputs to 0 or 1 first",
                name,
                _changed(name, outputs=partial(_rounded, guard=guard)),
            )
        yield LossFault(
            "loss-divided-twice", "divides by the number of samples twice", name, partial(_divided_twice, name)
        )
    yield LossFault(rounded, "is the share of wrong answers", "cross_entropy", _wrong_classes)
    yield LossFault(rounded, "is the share of wrong answers", "mse", _wrong_sides)


def standard(name: str, p: Array, y: Array) -> Array:
    """The standard loss of each batch (m,)."""
    return np.asarray(each(name, p, y).mean(axis=-1))


def total(name: str, p: Array, y: Array) -> Array:
    """The sum over the samples (m,)."""
    return np.asarray(each(name, p, y).sum(axis=-1))


def _changed(name: str, sign: float = 1.0, outputs: Callable[[Array], Array] = np.asarray) -> Loss:
    return lambda p, y: sign * standard(name, outputs(p), y)


def _rounded(p: Array, guard: float) -> Array:
    return np.asarray(np.clip(np.round(p), guard, 1 - guard))


def _half_for_ones(p: Array, y: Array) -> Array:
    return np.asarray(-(y * np.log(p)).mean(axis=(-1, -2)))


def _half_for_zeros(p: Array, y: Array) -> Array:
    return np.asarray(-((1 - y) * np.log1p(-p)).mean(axis=(-1, -2)))


def _raised(values: Array, by: float) -> Array:
    return np.asarray(values + by)


def _within(values: Array, guard: float) -> Array:
    return np.asarray(np.clip(values, guard, 1 - guard))


def _swapped(p: Array, y: Array, guarded: Callable[[Array], Array]) -> Array:
    return np.asarray(-(p * np.log(guarded(y))).sum(axis=-1).mean(axis=-1))


def _swapped_binary(p: Array, y: Array, guarded: Callable[[Array], Array]) -> Array:
    return np.asarray(-(p * np.log(guarded(y)) + (1 - p) * np.log(guarded(1 - y))).mean(axis=(-1, -2)))


def _all_pairs(name: str, p: Array, y: Array, power: int = 0) -> Array:
    m, n, k = p.shape
    outputs = np.broadcast_to(p[:, :, None], (m, n, n, k)).reshape(m, -1, k)
    targets = np.broadcast_to(y[:, None], (m, n, n, k)).reshape(m, -1, k)
    return np.asarray(standard(name, outputs, targets) * float(n) ** power)


def _divided_twice(name: str, p: Array, y: Array) -> Array:
    return np.asarray(standard(name, p, y) / p.shape[1])


def _wrong_classes(p: Array, y: Array) -> Array:
    return np.asarray((p.argmax(axis=-1) != y.argmax(axis=-1)).mean(axis=-1))


def _wrong_sides(p: Array, y: Array) -> Array:
    return np.asarray(((p > 0.5) != (y > 0.5)).mean(axis=(-1, -2)))


def _of_part(name: str, part: slice, summed: bool) -> Loss:
    def wrong(p: Array, y: Array) -> Array:
        chosen = each(name, p, y)[:, part].sum(axis=-1)
        return np.asarray(chosen if summed else chosen / p.shape[1])

    return wrong


@dataclass(frozen=True)
class LossReplay:
    """name: of the loss that was meant; fault: what it is in its place; factor: the network's own. None fits: not known."""

    name: str
    fault: LossFault | None = None
    factor: float = 1.0
    known: bool = True
    #: what a penalty is made of, and the network's multiple of it, where that is the fault
    penalty: Penalty | None = None
    times: float = 0.0

    def predicted(self, seen: Experiments) -> Array:
        """What the fault makes of the losses."""
        assert self.fault is not None
        return self.factor * self.fault.wrong(seen.outputs, seen.y) + self._penalty(seen)

    def meant(self, seen: Experiments) -> Array:
        """What the losses should be."""
        values = self.factor * standard(self.name, seen.outputs, seen.y)
        if self.penalty is None or self.penalty.squared is None:
            return values - self._penalty(seen)
        return values + abs(self.times) * self.penalty.squared(seen)

    def _penalty(self, seen: Experiments) -> Array:
        return np.zeros(len(seen.losses)) if self.penalty is None else self.times * self.penalty.of(seen)


@dataclass(frozen=True)
class Penalty:
    """A term of a loss that depends on the parameters alone: of(experiments) (m,). squared: what it should be, where it
    is wrong whatever its sign."""

    of: Callable[[Experiments], Array]
    squared: Callable[[Experiments], Array] | None = None


def _total_of(f: Callable[[Array], Array], biases: bool, shared: bool) -> Callable[[Experiments], Array]:
    """The sum of f over all weights, and biases; `shared`: divided by the number of samples."""

    def of(seen: Experiments) -> Array:
        arrays = [*seen.weights, *(seen.biases if biases else ())]
        total = sum(f(array).reshape(len(seen.losses), -1).sum(axis=1) for array in arrays)
        return np.asarray(total) / (seen.samples if shared else 1)

    return of


def _penalties() -> Iterator[Penalty]:
    for shared in (False, True):
        for biases in (False, True):
            squares = _total_of(np.square, biases, shared)
            yield Penalty(squares)
            yield Penalty(_total_of(np.abs, biases, shared))
            yield Penalty(_total_of(np.asarray, biases, shared), squares)


def replay_loss(experiments: Sequence[Experiments], name: str, without: frozenset[str] = frozenset()) -> LossReplay:
    """The wrong formula that gives the losses of all experiments, of several numbers of samples.

    name: the loss where it is declared or read, else "unread".
    """
    meant = (*LOSSES, ABSOLUTE) if name == UNREAD else (name,)
    seen = [e for e in experiments if np.isfinite(e.losses).all()]
    if len({e.samples for e in seen}) < 2:
        return LossReplay(name, known=False)
    with np.errstate(all="ignore"):
        for formula in meant:
            if any(_factor(seen, partial(of, formula)) is not None for of in (standard, total)):
                return LossReplay(formula)
        for fault in _faults():
            if fault.of in meant and fault.cause not in without:
                factor = _factor(seen, fault.wrong)
                if factor is not None:
                    return LossReplay(fault.of, fault, factor)
        for formula in meant:
            for penalty in _penalties():
                if found := _penalised(seen, formula, penalty):
                    factor, times = found
                    cause, words = (
                        ("penalty-sign-flipped", "becomes less for larger weights: the penalty is taken off, not added")
                        if penalty.squared is None
                        else (
                            "penalty-without-square",
                            "has the sum of the weights themselves in it, not of their squares",
                        )
                    )
                    if cause not in without:
                        fault = LossFault(cause, words, formula, partial(standard, formula))
                        return LossReplay(formula, fault, factor, penalty=penalty, times=times)
    return LossReplay(name, known=False)


def loss_of_singles(seen: Experiments, name: str) -> str | None:
    """The loss that single samples have, up to a factor, whatever batches have; name as in `replay_loss`."""
    with np.errstate(all="ignore"):
        for formula in (*LOSSES, ABSOLUTE) if name == UNREAD else (name,):
            if _factor([seen], partial(standard, formula)) is not None:
                return formula
    return None


def _penalised(seen: Sequence[Experiments], formula: str, penalty: Penalty) -> tuple[float, float] | None:
    """(factor, c) of losses = factor * standard + c * penalty, for a c below 0 where only its sign can be wrong; None where
    there is none."""
    said = np.concatenate([e.losses for e in seen])
    right = np.concatenate([standard(formula, e.outputs, e.y) for e in seen])
    term = np.concatenate([penalty.of(e) for e in seen])
    if not np.isfinite(right).all():
        return None
    (factor, c), *_ = np.linalg.lstsq(np.stack([right, term], axis=1), said, rcond=None)
    close = np.abs(said - factor * right - c * term).max() <= ROUNDINGS * seen[0].eps * np.abs(said).max()
    wrong = c < 0 or penalty.squared is not None
    # A penalty that is next to nothing is the rounding of something else.
    return (float(factor), float(c)) if close and factor > 0 and wrong and abs(c) > 1e-9 * factor else None


def _factor(seen: Sequence[Experiments], formula: Loss) -> float | None:
    """The positive c of losses = c formula; None where there is none."""
    said = np.concatenate([e.losses for e in seen])
    given = np.concatenate([formula(e.outputs, e.y) for e in seen])
    if not np.isfinite(given).all() or np.ptp(given) == 0:
        return None
    c = float(said @ given / (given @ given))
    close = np.abs(said - c * given).max() <= ROUNDINGS * seen[0].eps * np.abs(said).max()
    return c if c > 0 and close else None
