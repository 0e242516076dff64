"""Suspects in the first weights. What they look like suggests what may be wrong; the trial takes just that away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.remedies.case import Case
from nnkit.diagnosis.remedies.suspect import Start, Suspect

Array = npt.NDArray[Any]

#: Spread times sqrt(inputs). Usual starts have 0.6 to 1.4; beyond, training still works for a while.
LARGE, SMALL = 2.5, 0.15
#: numbers: of fewer, all are small now and then
FEW = 8
#: biases of this size hold sigmoids and tanh at a flat end, and ReLUs on one side, whatever comes in
LARGE_BIAS = 2.0


def first_weights(case: Case) -> Iterator[Suspect]:
    start = case.start
    if not start or not all(np.isfinite(array).all() for array in start):
        return
    weights, hidden = start[::2], len(start) > 2
    if hidden:
        yield from _alike(case, weights)
    flat = np.concatenate([W.ravel() for W in weights])
    if (flat > 0).all() and len(flat) > 8:
        yield _suspect(
            case, "initialised-positive-only", "All first weights are positive, so that all sums have one sign.",
            "signs given to the first weights at random", "W = rng.normal(0, 1 / np.sqrt(m), (m, n))",
            lambda W, rng: W * rng.choice([-1, 1], W.shape),
        )  # fmt: skip
    sizes = [float(np.sqrt((W * W).mean() * W.shape[0])) for W in weights]
    conventions = case.inside.conventions
    # A ReLU lets half of the variance through (He et al. 2015).
    gain = np.sqrt(2.0) if conventions is not None and "relu" in conventions.hidden else 1.0
    large = [k for k, size in enumerate(sizes) if size > LARGE and weights[k].shape[0] > 1]
    small = [k for k, size in enumerate(sizes) if 0 < size < SMALL and weights[k].size >= FEW]
    for layers, cause, words in ((large, "initialised-too-large", "large"), (small, "initialised-too-small", "small")):
        if layers:
            worst = max(layers, key=lambda k: abs(np.log(sizes[k])))
            yield _suspect(
                case, cause, f"The first weights are {words}: those of layer {worst + 1} have a size of {sizes[worst]:.2g} / "
                "sqrt(inputs), where 1 keeps the size of what passes.",
                f"the first weights of layer {', '.join(str(k + 1) for k in layers)} brought to a size of {gain:.2g} / "
                "sqrt(inputs)",
                "W = rng.normal(0, 1 / np.sqrt(m), (m, n))",
                lambda W, rng: gain * W / (np.sqrt((W * W).mean() * W.shape[0]) or 1.0), layers,
            )  # fmt: skip
    biases = [float(np.sqrt((b * b).mean())) for b in start[1::2]]
    if max(biases) > LARGE_BIAS:
        layer = int(np.argmax(biases))
        below = bool((start[1::2][layer] < 0).all()) and case.has("dead")

        def without(own: list[Array]) -> list[Array]:
            standard = case.inside.standard(own)
            return case.inside.own([v if k % 2 == 0 else np.zeros_like(v) for k, v in enumerate(standard)], own)

        yield Suspect(
            "dead-units" if below else "initialised-too-large", "initialisation",
            f"The first biases of layer {layer + 1} have a size of {biases[layer]:.3g}: they decide whatever comes in.",
            "the first biases set to 0", "b = np.zeros(n)", start=without, layer=layer + 1, parameter=f"b{layer + 1}",
        )  # fmt: skip


def same_in_all_layers(case: Case) -> Iterator[Suspect]:
    """A slip that is certain, though it hurts only where layers are so small that they depend on it."""
    if len(case.start) > 2:
        for suspect in _alike(case, case.start[::2]):
            if suspect.cause == "initialised-layers-alike":
                yield replace(suspect, start=None, fact=True, harmless=True)


def _alike(case: Case, weights: list[Array]) -> Iterator[Suspect]:
    # An output layer of zeros alone is no fault: after one step it is none.
    zero = [k for k, W in enumerate(weights) if not W.any()]
    zero = zero if zero != [len(weights) - 1] else []
    anew = "W = rng.normal(0, 1 / np.sqrt(m), (m, n))"
    if zero:
        yield _suspect(
            case, "initialised-to-zero", f"All first weights of layer {zero[0] + 1} are 0.",
            "these weights drawn at random", anew, _anew, zero,
        )  # fmt: skip
    same = [
        k for k, W in enumerate(weights[:-1])
        if W.shape[1] > 1 and k not in zero and np.allclose(W, W[:, :1], rtol=1e-6, atol=0)
    ]  # fmt: skip
    if same:
        yield _suspect(
            case, "initialised-symmetric", f"All units of layer {same[0] + 1} start with the same weights, and so stay alike.",
            "the first weights drawn at random", anew, _anew,
        )  # fmt: skip
    smallest = min(W.size for W in weights)
    first = [W.ravel()[:smallest] for W in weights]
    if len(weights) > 1 and smallest > 3 and all(W.any() for W in weights) and not same:
        scaled = [one / np.abs(one).max() for one in first]
        if all(np.allclose(one, scaled[0]) for one in scaled[1:]):
            yield _suspect(
                case, "initialised-layers-alike", "All layers start with the same sequence of numbers.",
                "the first weights of each layer drawn anew", "make rng once, before the layers", _anew,
            )  # fmt: skip


def _anew(W: Array, rng: np.random.Generator) -> Array:
    return np.asarray(rng.normal(0, W.shape[0] ** -0.5, W.shape))


def _suspect(
    case: Case,
    cause: str,
    evidence: str,
    change: str,
    advice: str,
    of: Callable[[Array, np.random.Generator], Array],
    layers: list[int] | None = None,
) -> Suspect:
    def start(own: list[Array]) -> list[Array]:
        standard, rng = case.inside.standard(own), np.random.default_rng(case.program.seed)
        chosen = range(len(standard) // 2) if layers is None else layers
        return case.inside.own(
            [of(v, rng) if k % 2 == 0 and k // 2 in chosen else v for k, v in enumerate(standard)], own
        )

    changed: Start = start
    only = layers[0] + 1 if layers is not None and len(layers) == 1 else None
    return Suspect(
        cause, "initialisation", evidence, change, advice, start=changed, layer=only,
        parameter=f"W{only}" if only else None,
    )  # fmt: skip
