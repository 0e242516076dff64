"""Replay of the loss: which formula gives the losses that the network gives, from its own outputs?

A positive factor and a sum in place of a mean are conventions. They are left out of account here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.replay.experiments import ROUNDINGS, Experiments
from nnkit.diagnosis.replay.forward import activate

Array = npt.NDArray[np.float64]
#: the losses (m,) of batches, from outputs and targets (m, n, k)
Loss = Callable[[Array, Array], Array]

#: what people add inside a logarithm
GUARDS = (0.0, 1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5)


def each(name: str, p: Array, y: Array) -> Array:
    """The standard loss of each sample (m, n), as the oracle defines it."""
    if name == "mse":
        return np.asarray(((p - y) ** 2).mean(axis=-1))
    if name == "binary_cross_entropy":
        return np.asarray(-(y * np.log(p) + (1 - y) * np.log1p(-p)).mean(axis=-1))
    return np.asarray(-(y * np.log(np.where(y > 0, p, 1.0))).sum(axis=-1))


def slope(name: str, p: Array, y: Array) -> Array:
    """d loss of each sample / d p, (m, n, k)."""
    k = p.shape[-1]
    if name == "mse":
        return np.asarray(2 * (p - y) / k)
    if name == "binary_cross_entropy":
        return np.asarray((p - y) / (p * (1 - p)) / k)
    return np.asarray(-y / p)


@dataclass(frozen=True)
class LossFault:
    """cause: id; words: what the loss is; of: the loss that was meant; wrong: the losses (m,), up to a positive factor."""

    cause: str
    words: str
    of: str
    wrong: Loss = field(compare=False)


def _faults() -> Iterator[LossFault]:
    for name in ("mse", "binary_cross_entropy", "cross_entropy"):

        def mean(p: Array, y: Array, name: str = name) -> Array:
            return each(name, p, y).mean(axis=-1)

        yield LossFault("loss-sign-flipped", "minus what it should be", name, lambda p, y, f=mean: -f(p, y))
    yield LossFault(
        "loss-half-missing", "-y log p alone, without (1 - y) log(1 - p)", "binary_cross_entropy",
        lambda p, y: -(y * np.log(p)).mean(axis=(-1, -2)),
    )  # fmt: skip
    yield LossFault(
        "loss-half-missing", "-(1 - y) log(1 - p) alone, without y log p", "binary_cross_entropy",
        lambda p, y: -((1 - y) * np.log1p(-p)).mean(axis=(-1, -2)),
    )  # fmt: skip
    yield LossFault(
        "softmax-twice", "the cross-entropy of softmax(p), where p has been through softmax already", "cross_entropy",
        lambda p, y: each("cross_entropy", activate("softmax", p), y).mean(axis=-1),
    )  # fmt: skip
    yield LossFault(
        "softmax-twice", "the cross-entropy of sigmoid(p), where p has been through the sigmoid already",
        "binary_cross_entropy",
        lambda p, y: each("binary_cross_entropy", activate("sigmoid", p), y).mean(axis=-1),
    )  # fmt: skip
    for guard in GUARDS[1:]:
        yield LossFault(
            "loss-arguments-swapped", "-p log y in place of -y log p", "cross_entropy",
            lambda p, y, g=guard: -(p * np.log(y + g)).sum(axis=-1).mean(axis=-1),
        )  # fmt: skip
        yield LossFault(
            "loss-arguments-swapped", "-p log y in place of -y log p", "cross_entropy",
            lambda p, y, g=guard: -(p * np.log(np.clip(y, g, 1 - g))).sum(axis=-1).mean(axis=-1),
        )  # fmt: skip
        for change in (lambda y, g: y + g, lambda y, g: np.clip(y, g, 1 - g)):
            yield LossFault(
                "loss-arguments-swapped", "the binary cross-entropy with p and y exchanged", "binary_cross_entropy",
                lambda p, y, g=guard, c=change: -(p * np.log(c(y, g)) + (1 - p) * np.log(c(1 - y, g))).mean(axis=(-1, -2)),
            )  # fmt: skip
    for name in ("mse", "binary_cross_entropy"):
        yield LossFault(
            "loss-broadcast", "the loss of every output with every target: (n,) against (n, 1) makes (n, n)", name,
            lambda p, y, name=name: each(
                name,
                np.broadcast_to(p[:, :, None], (*p.shape[:2], *p.shape[1:])).reshape(len(p), -1, p.shape[-1]),
                np.broadcast_to(y[:, None], (*y.shape[:2], *y.shape[1:])).reshape(len(y), -1, y.shape[-1]),
            ).mean(axis=-1),
        )  # fmt: skip
    for name in ("mse", "binary_cross_entropy", "cross_entropy"):
        for words, part in (
            ("that of the last sample only", slice(-1, None)),
            ("that of the first sample only", slice(0, 1)),
            ("that of all samples but the last", slice(0, -1)),
            ("that of all samples but the first", slice(1, None)),
        ):
            for total in (False, True):
                yield LossFault("loss-drops-samples", words, name, _of_part(name, part, total))
        yield LossFault(
            "loss-of-rounded-outputs", "that of the outputs rounded to 0 or 1", name,
            lambda p, y, name=name: each(name, np.round(p), y).mean(axis=-1),
        )  # fmt: skip
        yield LossFault(
            "loss-divided-twice", "divided by the number of samples twice", name,
            lambda p, y, name=name: each(name, p, y).mean(axis=-1) / p.shape[1],
        )  # fmt: skip
    yield LossFault(
        "loss-of-rounded-outputs", "the share of wrong answers", "cross_entropy",
        lambda p, y: (p.argmax(axis=-1) != y.argmax(axis=-1)).mean(axis=-1),
    )  # fmt: skip
    yield LossFault(
        "loss-of-rounded-outputs", "the share of wrong answers", "mse",
        lambda p, y: ((p > 0.5) != (y > 0.5)).mean(axis=(-1, -2)),
    )  # fmt: skip


def _of_part(name: str, part: slice, total: bool) -> Loss:
    def wrong(p: Array, y: Array) -> Array:
        chosen = each(name, p, y)[:, part].sum(axis=-1)
        return np.asarray(chosen if total else chosen / p.shape[1])

    return wrong


@dataclass(frozen=True)
class LossReplay:
    """name: of the loss that was meant; fault: what it is in its place; factor: the network's own. None fits: not known."""

    name: str
    fault: LossFault | None = None
    factor: float = 1.0
    known: bool = True
    #: the wrong sign's multiple of the sum of squared weights, where the fault is that
    penalty: float = 0.0

    def predicted(self, seen: Experiments) -> Array:
        """What the fault makes of the losses."""
        assert self.fault is not None
        return self.factor * self.fault.wrong(seen.outputs, seen.y) + self.penalty * _squares(seen)

    def meant(self, seen: Experiments) -> Array:
        """What the losses should be."""
        return self.factor * each(self.name, seen.outputs, seen.y).mean(axis=-1) - self.penalty * _squares(seen)


def _squares(seen: Experiments) -> Array:
    return np.asarray(sum((W * W).sum(axis=(1, 2)) for W in seen.weights))


def replay_loss(experiments: Sequence[Experiments], name: str, without: frozenset[str] = frozenset()) -> LossReplay:
    """The wrong formula that gives the losses of all experiments, of several numbers of samples.

    name: the loss where it is declared or read, else "unread".
    """
    meant = ("mse", "binary_cross_entropy", "cross_entropy") if name == "unread" else (name,)
    seen = [e for e in experiments if np.isfinite(e.losses).all()]
    if len({e.samples for e in seen}) < 2:
        return LossReplay(name, known=False)
    with np.errstate(all="ignore"):
        for formula in meant:
            if _factor(seen, lambda p, y, f=formula: each(f, p, y).mean(axis=-1)) is not None:
                return LossReplay(formula)
            if _factor(seen, lambda p, y, f=formula: each(f, p, y).sum(axis=-1)) is not None:
                return LossReplay(formula)
        for fault in _faults():
            if fault.of in meant and fault.cause not in without:
                factor = _factor(seen, fault.wrong)
                if factor is not None:
                    return LossReplay(fault.of, fault, factor)
        if "penalty-sign-flipped" not in without:
            for formula in meant:
                if found := _penalised(seen, formula):
                    fault = LossFault(
                        "penalty-sign-flipped", "less for larger weights: the penalty is taken off, not added", formula,
                        lambda p, y, f=formula: each(f, p, y).mean(axis=-1),
                    )  # fmt: skip
                    return LossReplay(formula, fault, found[0], penalty=found[1])
    return LossReplay(name, known=False)


def _penalised(seen: Sequence[Experiments], formula: str) -> tuple[float, float] | None:
    """(factor, c) of losses = factor * standard + c * sum of squared weights, for a c below 0; None where there is none."""
    said = np.concatenate([e.losses for e in seen])
    standard = np.concatenate([each(formula, e.outputs, e.y).mean(axis=-1) for e in seen])
    squares = np.concatenate([_squares(e) for e in seen])
    if not np.isfinite(standard).all():
        return None
    (factor, c), *_ = np.linalg.lstsq(np.stack([standard, squares], axis=1), said, rcond=None)
    close = np.abs(said - factor * standard - c * squares).max() <= ROUNDINGS * seen[0].eps * np.abs(said).max()
    return (float(factor), float(c)) if close and factor > 0 and c < 0 else None


def _factor(seen: Sequence[Experiments], formula: Loss) -> float | None:
    """The positive c of losses = c formula; None where there is none."""
    said = np.concatenate([e.losses for e in seen])
    standard = np.concatenate([formula(e.outputs, e.y) for e in seen])
    if not np.isfinite(standard).all() or np.ptp(standard) == 0:
        return None
    c = float(said @ standard / (standard @ standard))
    close = np.abs(said - c * standard).max() <= ROUNDINGS * seen[0].eps * np.abs(said).max()
    return c if c > 0 and close else None
