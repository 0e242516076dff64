"""Replay of the step from single samples to a batch: with which weight does each sample enter the gradient?

In standard form the gradient of n samples is the mean of the gradients of each alone. Where it is not, it is still mostly a
sum of those with other weights, and the weights (n numbers, from hundreds of equations) tell what was done: one for
each sample where nothing was divided by n, zero for a sample that was dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.conventions import Conventions
from nnkit.diagnosis.layout import write
from nnkit.diagnosis.replay.experiments import ROUNDINGS, Experiments, distance
from nnkit.diagnosis.replay.finding import UNKNOWN, Finding, in_numbers

Array = npt.NDArray[Any]
Ask = Callable[[list[Array], Array, Array], list[Array] | None]


@dataclass(frozen=True)
class Batches:
    """Gradients of batches, and of their samples one by one: for each parameter array (m, size) and (m, n, size)."""

    together: list[Array]
    alone: list[Array]
    eps: float
    #: the same as `alone`, each sample with the mean of the batch's targets: asked for only where it is needed
    with_mean_targets: Callable[[], list[Array]]

    @property
    def samples(self) -> int:
        return self.alone[0].shape[1]


def ask_one_by_one(build: Callable[[int], Any], seen: Experiments, conventions: Conventions) -> Batches | None:
    """The samples of these experiments, asked about alone; None where the network does not answer. Penalties, which have
    nothing to do with samples, are taken off."""
    network = build(0)
    dtype = np.asarray(network.parameters()[0]).dtype
    thetas = [
        [array[i] for pair in zip(seen.weights, seen.biases, strict=True) for array in pair] for i in range(len(seen.x))
    ]

    def ask(y: Array) -> list[Array]:
        answers = []
        for i, theta in enumerate(thetas):
            write(network, [array.astype(dtype) for array in theta])
            penalties = conventions.penalty_slopes(theta, 1)
            for j in range(seen.samples):
                row = network.gradients(seen.x[i, [j]].astype(dtype), y[i, [j]].astype(dtype))
                answers.append([np.array(g, float) - p for g, p in zip(row, penalties, strict=True)])
        shape = (len(thetas), seen.samples, -1)
        return [np.array(arrays).reshape(shape) for arrays in zip(*answers, strict=True)]

    try:
        alone = ask(seen.y)
    except Exception:  # a network that cannot do with one sample is told so by the contract
        return None
    whole = [g for pair in zip(seen.weight_gradients, seen.bias_gradients, strict=True) for g in pair]
    penalties = zip(*(conventions.penalty_slopes(theta, seen.samples) for theta in thetas), strict=True)
    together = [(g - np.array(p)).reshape(len(thetas), -1) for g, p in zip(whole, penalties, strict=True)]
    mean = np.broadcast_to(seen.y.mean(axis=1, keepdims=True), seen.y.shape)
    return Batches(together, alone, seen.eps, lambda: ask(mean))


def replay_batches(
    batches: Sequence[Batches], names: Sequence[str], without: frozenset[str] = frozenset()
) -> list[Finding]:
    """What is wrong with the gradients of batches whose single samples are as they are; of several sizes n."""
    ways = [_way(batches, k) for k in range(len(names))]
    if None not in ways and len({way.kind for way in ways if way}) == 1 and ways[0] is not None:
        return list(_of_all(batches, ways[0], without))
    if ways == [None] * len(names) and "gradient-broadcast" not in without:
        mixed = [replace(one, alone=one.with_mean_targets()) for one in batches]
        other = [_way(mixed, k) for k in range(len(names))]
        if None not in other:
            return [_broadcast(batches[0], mixed[0], other[0])]
    findings: list[Finding] = []
    for k, name in enumerate(names):
        way = ways[k]
        if way is None:
            findings.append(_unexplained(batches, k, name))
        elif way.kind != "mean":
            findings += _of_one(batches, k, name, way, without)
    return findings


def _broadcast(batch: Batches, mixed: Batches, way: BatchWay | None) -> Finding:
    assert way is not None
    k = int(np.argmax([array.shape[1] for array in batch.together]))
    mean = batch.alone[k].mean(axis=1)
    return Finding(
        "gradient-broadcast", "batch",
        "In a batch every output is compared with the targets of all samples: (n, 1) minus (n,) makes (n, n).",
        in_numbers(f"a gradient of a batch, n = {batch.samples}", batch.together[k], mean, _mixed(mixed, k, way)),
    )  # fmt: skip


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
        if all(_near(_mixed(b, k, way), b.together[k], b.eps) for b in batches):
            return way
    return None


def _mixed(batch: Batches, k: int, way: BatchWay) -> Array:
    return np.einsum("n,mns->ms", way.weights(batch.samples), batch.alone[k])


def _near(a: Array, b: Array, eps: float) -> bool:
    return distance(a, b) <= ROUNDINGS * eps


def _of_all(batches: Sequence[Batches], way: BatchWay, without: frozenset[str]) -> Iterator[Finding]:
    if way.kind == "mean":
        return
    cause = "gradient-scaled" if way.cause == "scaled" else way.cause
    k = int(np.argmax([array.shape[1] for array in batches[0].together]))
    words = (
        f"All gradients are {way.words}: the same positive factor for all parameters."
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
    left = distance(columns @ weights, batch.together[k].ravel())
    words = f"The gradient of {name} of a batch is not the mean of those of its samples"
    if left <= ROUNDINGS * batch.eps:
        words += f": they enter with the weights {', '.join(f'{w:.4g}' for w in weights)}"
    mean = batch.alone[k].mean(axis=1)
    return Finding(UNKNOWN, "batch", words + ".", in_numbers(f"gradient of {name}, n = {n}", batch.together[k], mean),
                   int(name[1:]), name)  # fmt: skip


def _numbers(batch: Batches, k: int, way: BatchWay, what: str) -> str:
    mean = batch.alone[k].mean(axis=1)
    return in_numbers(f"{what}, n = {batch.samples}", batch.together[k], mean, _mixed(batch, k, way))
