"""Replay of the step from single samples to a batch: with which weight does each sample enter the gradient?

In standard form the gradient of n samples is the mean of the gradients of each alone. Where it is not, it is still mostly a
sum of those with other weights, and the weights (n numbers, from hundreds of equations) tell what was done: one for
each sample where nothing was divided by n, zero for a sample that was dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.conventions import Conventions
from nnkit.diagnosis.layout import write
from nnkit.diagnosis.replay.experiments import ROUNDINGS, SLIGHT, Experiments, distance
from nnkit.diagnosis.replay.finding import UNKNOWN, Finding, in_numbers, unnamed
from nnkit.diagnosis.replay.forward import ForwardReplay
from nnkit.diagnosis.replay.gradient import PENALTY_KNOWN, backpropagated
from nnkit.diagnosis.replay.operations import Sample, output_deltas

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Rival:
    """Gradients of single samples as a wrong way to handle a batch has them; laid out as `Batches.alone`."""

    cause: str
    words: str
    alone: list[Array]


@dataclass(frozen=True)
class Batches:
    """Gradients of batches, and of their samples one by one: for each parameter array (m, size) and (m, n, size).

    parameters: (m, size). rivals: made only where they are needed.
    """

    together: list[Array]
    alone: list[Array]
    parameters: list[Array]
    eps: float
    rivals: Callable[[], Iterator[Rival]]
    #: to how much of the gradients a penalty is known that was taken off
    slack: float = 0.0

    @property
    def samples(self) -> int:
        return int(self.alone[0].shape[1])

    def near(self, a: Array, b: Array) -> bool:
        """Whether gradients agree to the roundings of all of them: a softmax's deltas add up to zero, but for roundings."""
        largest = max(float(np.abs(array).max()) for array in self.alone)
        return bool(np.abs(a - b).max() <= max(ROUNDINGS * self.eps, self.slack) * largest)


def take_apart(
    build: Callable[[int], Any], seen: Experiments, conventions: Conventions, forward: ForwardReplay, loss: str
) -> Batches:
    """The batches of these experiments and their samples, asked about alone. Where the network has no gradient for one
    sample (it raises, or leaves out the last), the formula's stand in.

    Penalties, which have nothing to do with samples, are taken off.
    """
    network = build(0)
    dtype = np.asarray(network.parameters()[0]).dtype
    pairs = list(zip(seen.weights, seen.biases, strict=True))
    arrays = [array for pair in pairs for array in pair]
    m, n = len(seen.x), seen.samples

    def ask(y: Array) -> list[Array]:
        answers = []
        for i in range(m):
            theta = [array[i] for array in arrays]
            write(network, [array.astype(dtype) for array in theta])
            penalties = conventions.penalty_slopes(theta, 1)
            for j in range(n):
                row = network.gradients(seen.x[i, [j]].astype(dtype), y[i, [j]].astype(dtype))
                answers.append([np.array(g, float) - p for g, p in zip(row, penalties, strict=True)])
        return [np.array(answer).reshape(m, n, -1) for answer in zip(*answers, strict=True)]

    by_formula = _ByFormula(seen, forward, loss)
    try:
        alone = ask(seen.y)
        asked = any(np.abs(array).max() > 0 for array in alone)
    except Exception:  # a network that cannot do with one sample is told so by the contract
        asked = False
    if not asked:
        alone = by_formula.gradients()

    def rivals() -> Iterator[Rival]:
        for words, change in _OTHER_TARGETS:
            y = change(seen.y)
            yield Rival("wrong-targets-in-gradient", words, ask(y) if asked else by_formula.gradients(targets=y))
        broadcast = "every output is compared with the targets of all samples: (n, 1) minus (n,) makes (n, n)"
        mean = np.broadcast_to(seen.y.mean(axis=1, keepdims=True), seen.y.shape)
        yield Rival("gradient-broadcast", broadcast, ask(mean) if asked else by_formula.gradients(targets=mean))
        if seen.y.shape[-1] == 1:
            for alone in by_formula.broadcasts():
                yield Rival("gradient-broadcast", broadcast, alone)

    whole = [g for pair in zip(seen.weight_gradients, seen.bias_gradients, strict=True) for g in pair]
    penalties = zip(*(conventions.penalty_slopes([a[i] for a in arrays], n) for i in range(m)), strict=True)
    together = [(g - np.array(p)).reshape(m, -1) for g, p in zip(whole, penalties, strict=True)]
    return Batches(together, alone, [array.reshape(m, -1) for array in arrays], seen.eps, rivals,
        PENALTY_KNOWN if conventions.penalised else 0.0,
    )  # fmt: skip


_OTHER_TARGETS: tuple[tuple[str, Callable[[Array], Array]], ...] = (
    ("the targets in the opposite order", lambda y: y[:, ::-1]),
    ("the targets of the next sample", lambda y: np.roll(y, -1, axis=1)),
    ("the targets of the sample before", lambda y: np.roll(y, 1, axis=1)),
    ("the target of the first sample for all", lambda y: np.broadcast_to(y[:, :1], y.shape)),
    ("the target of the last sample for all", lambda y: np.broadcast_to(y[:, -1:], y.shape)),
)


class _ByFormula:
    """Gradients of single samples as backpropagation has them, from deltas of the output that may be changed."""

    def __init__(self, seen: Experiments, forward: ForwardReplay, loss: str) -> None:
        trace = forward.run(seen)
        self.m, self.n = len(seen.x), seen.samples

        def flat(array: Array) -> Array:
            return array.reshape(self.m * self.n, *array.shape[2:])

        self.sample = Sample(
            forward.names, loss, [flat(a) for a in trace.a], [flat(z) for z in trace.z], flat(seen.y),
            [np.repeat(W, self.n, axis=0) for W in seen.weights], [np.repeat(b, self.n, axis=0) for b in seen.biases],
        )  # fmt: skip

    def gradients(self, targets: Array | None = None) -> list[Array]:
        sample = self.sample
        if targets is not None:
            sample = replace(sample, y=targets.reshape(sample.y.shape))
        return self._from(sample, next(iter(output_deltas(sample))).value)

    def broadcasts(self) -> Iterator[list[Array]]:
        """delta = s (p - y) of one output, where s, p and y are those of the sample itself or of any in the batch."""
        p, y = (array.reshape(self.m, self.n) for array in (self.sample.a[-1], self.sample.y))
        delta = next(iter(output_deltas(self.sample))).value.reshape(self.m, self.n)
        s = delta / (p - y)
        for own_s, own_p, own_y in product((True, False), repeat=3):
            if own_s == own_p == own_y:
                continue
            parts = [a[:, :, None] if own else a[:, None] for a, own in ((s, own_s), (p, own_p), (y, own_y))]
            mixed = (parts[0] * (parts[1] - parts[2])).mean(axis=2)
            yield self._from(self.sample, mixed.reshape(-1, 1))

    def _from(self, sample: Sample, delta: Array) -> list[Array]:
        return [gradient.reshape(self.m, self.n, -1) for gradient in backpropagated(sample, delta)]


def replay_batches(
    batches: Sequence[Batches], names: Sequence[str], without: frozenset[str] = frozenset()
) -> list[Finding]:
    """What is wrong with the gradients of batches whose single samples are as they are; of several sizes n."""
    every = range(len(names))
    ways = [_way(batches, k) for k in every]
    known = [way for way in ways if way is not None]
    if len(known) == len(ways) and len({way.words for way in known}) == 1:
        return list(_of_all(batches, known[0], without))
    if not known or all(len(names[k]) > 1 and names[k][0] == "b" for k in every if ways[k] is not None):
        for rivals in zip(*(one.rivals() for one in batches), strict=True):
            mixed = [replace(one, alone=rival.alone) for one, rival in zip(batches, rivals, strict=True)]
            others = [way for k in every if (way := _way(mixed, k)) is not None]
            if len(others) == len(ways) and rivals[0].cause not in without:
                return [_of_rival(batches[0], mixed[0], rivals[0], others)]
    findings: list[Finding] = []
    scaled = _scaled_from(ways, names)
    if scaled:
        way = ways[2 * scaled - 2]
        assert way is not None
        words = f"The delta of layer {scaled}, and with it all below, is {way.words}."
        numbers = _numbers(batches[0], 2 * scaled - 2, way, f"gradient of W{scaled}")
        findings.append(unnamed(Finding("delta-scaled", "batch", words, numbers, scaled), without))
    for k, name in enumerate(names):
        way = ways[k]
        if way is None:
            decay = _of_decay(batches, k, name, without)
            slight = all(distance(one.together[k], one.alone[k].mean(axis=1)) <= SLIGHT for one in batches)
            findings += decay or ([] if slight else [_unexplained(batches, k, name)])
        elif way.cause and name[0] == "b" and not any(ways[::2]):
            continue  # where nobody knows what the weights have, what biases have may come of the same
        elif way.kind != "mean" and not (scaled and int(name[1:]) <= scaled):
            findings += _of_one(batches, k, name, way, without)
    return findings


def _scaled_from(ways: Sequence[BatchWay | None], names: Sequence[str]) -> int:
    """The layer (from 1) from which downwards all gradients are scaled, both of each layer alike; 0 where there is none."""
    layers = len(names) // 2
    alike = [
        (a := ways[2 * k]) is not None
        and a.cause == "scaled"
        and (b := ways[2 * k + 1]) is not None
        and a.kind == b.kind
        for k in range(layers)
    ]
    count = next((k for k in range(layers) if not alike[k]), layers)
    return count if count < layers else 0


def _of_rival(batch: Batches, mixed: Batches, rival: Rival, ways: Sequence[BatchWay]) -> Finding:
    k = int(np.argmax([array.shape[1] for array in batch.together]))
    mean = batch.alone[k].mean(axis=1)
    return Finding(
        rival.cause, "batch", f"In a batch, the gradient is computed with {rival.words}."
        if rival.cause.startswith("wrong") else f"In a batch, {rival.words}.",
        in_numbers(f"a gradient of a batch, n = {batch.samples}", batch.together[k], mean, _mixed(mixed, k, ways[k])),
        len(batch.together) // 2,
    )  # fmt: skip


def _of_decay(batches: Sequence[Batches], k: int, name: str, without: frozenset[str]) -> list[Finding]:
    """The finding that what is too much is a multiple of the parameter: a penalty that counts samples in another way."""
    if "penalty-gradient-scaled" in without:
        return []
    predicted = []
    for batch in batches:
        mean, W = batch.alone[k].mean(axis=1), batch.parameters[k]
        rest = batch.together[k] - mean
        c = float((rest * W).sum() / (W * W).sum())
        predicted.append(mean + c * W)
        if not batch.near(predicted[-1], batch.together[k]):
            return []
    words = (
        f"The penalty's part in the gradient of {name} depends on the number of samples in another way than the loss's."
    )
    mean = batches[0].alone[k].mean(axis=1)
    numbers = in_numbers(f"gradient of {name}, n = {batches[0].samples}", batches[0].together[k], mean, predicted[0])
    return [Finding("penalty-gradient-scaled", "batch", words, numbers, int(name[1:]), name)]


@dataclass(frozen=True)
class BatchWay:
    """kind: "mean" is right; words: how samples enter; weights: n -> (n,)."""

    kind: str
    cause: str
    words: str
    weights: Callable[[int], Array]
    harmless: bool = False


def _ways() -> Iterator[BatchWay]:
    def constant(share: Callable[[int], float], keep: slice = slice(None)) -> Callable[[int], Array]:
        def weights(n: int) -> Array:
            w = np.zeros(n)
            w[keep] = share(n)
            return w

        return weights

    yield BatchWay("mean", "", "the mean over the samples", constant(lambda n: 1 / n))
    yield BatchWay(
        "n^2", "scaled", "n^2 times too large: multiplied by the number of samples", constant(lambda n: 1.0 * n), True
    )
    yield BatchWay(
        "n^-2",
        "scaled",
        "n^2 times too small: divided by the number of samples three times",
        constant(lambda n: n**-3.0),
        True,
    )
    yield BatchWay(
        "n^-3",
        "scaled",
        "n^3 times too small: divided by the number of samples four times",
        constant(lambda n: n**-4.0),
        True,
    )
    yield BatchWay(
        "sum",
        "scaled",
        "n times too large: a sum over the samples, where the loss is a mean",
        constant(lambda n: 1.0),
        True,
    )
    yield BatchWay(
        "twice",
        "scaled",
        "n times too small: divided by the number of samples once more",
        constant(lambda n: 1 / n**2),
        True,
    )
    yield BatchWay("n - 1", "scaled", "divided by n - 1 in place of n", constant(lambda n: 1 / max(n - 1, 1)), True)
    yield BatchWay("n + 1", "scaled", "divided by n + 1 in place of n", constant(lambda n: 2 / (n + 1)), True)
    for words, keep in (
        ("the last sample left out", slice(0, -1)),
        ("the first sample left out", slice(1, None)),
        ("the last two samples left out", slice(0, -2)),
    ):
        cause = "last-sample-dropped"
        for share in (lambda n: 1 / n, lambda n: 1 / max(n - 1, 1), lambda n: 1.0):
            yield BatchWay(words, cause, words, constant(share, keep))
    for words, keep in (("the last sample only", slice(-1, None)), ("the first sample only", slice(0, 1))):
        for share in (lambda n: 1.0, lambda n: 1 / n, lambda n: 1 / n**2):
            yield BatchWay(words, "one-sample-only", words, constant(share, keep))


def _way(batches: Sequence[Batches], k: int) -> BatchWay | None:
    """How samples enter the gradient of parameter array k."""
    for way in _ways():
        if all(b.near(_mixed(b, k, way), b.together[k]) for b in batches):
            return way
    return None


def _mixed(batch: Batches, k: int, way: BatchWay) -> Array:
    mixed: Array = np.einsum("n,mns->ms", way.weights(batch.samples), batch.alone[k])
    return mixed


def _of_all(batches: Sequence[Batches], way: BatchWay, without: frozenset[str]) -> Iterator[Finding]:
    if way.kind == "mean":
        return
    cause = "gradient-scaled" if way.cause == "scaled" else way.cause
    k = int(np.argmax([array.shape[1] for array in batches[0].together]))
    words = (
        f"All gradients are {way.words}. One positive factor on all parameters changes no direction."
        if way.harmless
        else f"The gradient of a batch is that of {way.words}."
        if cause == "one-sample-only"
        else f"The gradient of a batch is computed with {way.words}."
    )
    if cause in without:
        cause, words = UNKNOWN, "The gradient of a batch is not the mean of those of its samples."
    yield Finding(
        cause, "batch", words, _numbers(batches[0], k, way, "a gradient of a batch"),
        severity="warning" if way.harmless and cause != UNKNOWN else "error",
    )  # fmt: skip


def _of_one(batches: Sequence[Batches], k: int, name: str, way: BatchWay, without: frozenset[str]) -> Iterator[Finding]:
    of_bias = name.startswith("b")
    cause = way.cause if way.cause != "scaled" else "bias-gradient-scaled" if of_bias else "weight-gradient-scaled"
    words = (
        f"The gradient of {name} is {way.words}."
        if way.harmless
        else f"The gradient of {name} is computed with {way.words}."
    )
    if cause in without:
        cause, words = UNKNOWN, f"The gradient of {name} of a batch is not the mean of those of its samples."
    yield Finding(cause, "batch", words, _numbers(batches[0], k, way, f"gradient of {name}"), int(name[1:]), name)


def _unexplained(batches: Sequence[Batches], k: int, name: str) -> Finding:
    """Weights by least squares, for people to look at."""
    batch = batches[0]
    m, n, size = batch.alone[k].shape
    columns = batch.alone[k].transpose(0, 2, 1).reshape(m * size, n)
    weights, *_ = np.linalg.lstsq(columns, batch.together[k].ravel(), rcond=None)
    words = f"The gradient of {name} of a batch is not the mean of those of its samples"
    if batch.near(columns @ weights, batch.together[k].ravel()):
        words += f": they enter with the weights {', '.join(f'{w:.4g}' for w in weights)}"
    mean = batch.alone[k].mean(axis=1)
    return Finding(UNKNOWN, "batch", words + ".", in_numbers(f"gradient of {name}, n = {n}", batch.together[k], mean),
                   int(name[1:]), name)  # fmt: skip


def _numbers(batch: Batches, k: int, way: BatchWay, what: str) -> str:
    mean = batch.alone[k].mean(axis=1)
    return in_numbers(f"{what}, n = {batch.samples}", batch.together[k], mean, _mixed(batch, k, way))
