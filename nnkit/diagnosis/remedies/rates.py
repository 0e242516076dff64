"""Suspects in the learning rate: how it changes on the way, and its size."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnkit.diagnosis.remedies.case import Case
from nnkit.diagnosis.remedies.suspect import Suspect

#: beyond these a schedule changes what a training can do, not only how it ends
GROWN, SHRUNK = 3.0, 0.1
#: Factors that are tried, the usual ones of the divide-by-3 rule (source S3.2) in strides.
LOWER, HIGHER = (1 / 4, 1 / 16, 1 / 100, 1 / 1000), (8, 60, 500, 4000)


def schedule(case: Case) -> Iterator[Suspect]:
    """Rates that grow, and rates that have gone before the work is done."""
    rates = case.rates
    sign = np.sign(rates[np.argmax(np.abs(rates))]) if len(rates) else 0.0
    if len(rates) and (rates < 0).any() and (rates > 0).any():
        usual = float(rates[0])
        yield Suspect(
            "rate-negative", "loop",
            f"The learning rate is {rates.min():.3g} at step {int(np.argmin(rates)) + 1}, and {usual:.3g} at first: with the "
            "other sign every step goes uphill.", f"the rate held at {usual:.3g}, where it began",
            "a schedule that ends at 0: rate * (1 + np.cos(np.pi * t)) / 2", rate=lambda step, rate: usual,
        )  # fmt: skip
    rates = sign * rates  # whose sign is the author's convention
    if len(rates) < 10 or rates.max() <= 0:
        return
    first, typical = float(np.median(rates[: max(1, len(rates) // 50)])), float(np.median(rates))
    last = float(np.median(rates[-max(1, len(rates) // 20) :]))
    if first > 0 and rates.max() > GROWN * first and last > GROWN * first:
        yield Suspect(
            "rate-grows", "loop", f"The learning rate grows from {first:.3g} to {rates.max():.3g}.",
            f"the rate held at {first:.3g}, where it began", "let the rate fall, or leave it as it is",
            rate=lambda step, rate: sign * first,
        )  # fmt: skip
    small = float((rates < SHRUNK * first).mean())
    if small > 0.4 or typical < SHRUNK * first:
        gone = int(np.argmax(rates < SHRUNK * first))
        yield Suspect(
            "rate-decays-too-fast", "loop",
            f"The learning rate falls from {first:.3g} to {last:.3g}; it is below a tenth from step {gone + 1} of "
            f"{len(rates)} on.", f"the rate held at {first:.3g}, where it began", "let the rate fall more slowly",
            rate=lambda step, rate: sign * first,
        )  # fmt: skip


def size(case: Case) -> Iterator[Suspect]:
    """Smaller rates where it is restless, larger ones where it is slow, then the other way."""
    if not len(case.rates) or not np.abs(case.rates).max() > 0:
        return
    restless = case.has("not-finite", "diverging", "exploding", "oscillating", "dead", "saturated", "forgetting")
    quiet = _quiet(case)
    order = [LOWER, HIGHER] if restless and not quiet else [HIGHER, LOWER]
    for factors in order:
        for factor in factors:
            yield times(case, factor)


def _quiet(case: Case) -> bool:
    """Whether steps are small beside the weights: below a hundred-thousandth at the typical moment."""
    ratios = [
        update / weight
        for layer in case.trace.layers
        for update, weight in zip(layer.update_norm, layer.weight_norm, strict=False)
        if weight > 0 and np.isfinite(update)
    ]
    return bool(ratios) and float(np.median(ratios)) < 1e-4


def times(case: Case, factor: float) -> Suspect:
    """All rates times the factor."""
    typical = float(np.median(case.rates))
    words = f"the rate times {factor:g}" if factor > 1 else f"the rate divided by {1 / factor:g}"
    evidence = "The learning rate is too small." if factor > 1 else "The learning rate is too large."
    return Suspect(
        "rate-too-small" if factor > 1 else "rate-too-large", "update", f"{evidence[:-1]}: {typical:.3g}.", words,
        f"a learning rate of about {typical * factor:.2g}", rate=lambda step, rate: rate * factor, odd=False,
    )  # fmt: skip
