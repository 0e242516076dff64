"""One positive factor on all gradients: what is between gradients(x, y) and the slopes of loss(x, y), and hurts nobody.

People write a loss as a sum and its gradient as a mean, or leave out the 2 that squares bring. The loss then is another
multiple of the same function than the gradient is the gradient of: every step has the right direction, and its length is
a matter of the learning rate. So that such a network can be looked at further, its gradients are read in units of the
loss's own slopes, here and nowhere else; what is wrong besides the factor stays wrong. A factor that is negative, that
differs between parameters or that varies with the samples is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.gradients import Parameters, gradient_of, loss_of, noise_level, numerical_gradient

Array = npt.NDArray[Any]

#: numbers of samples at which it is looked for, one unlike the number of outputs of any network of the stages
SAMPLES = (7, 4)
#: draws of weights and samples: a kink of ReLU within a difference spoils one
DRAWS = 3
#: a ratio known to less than this is not known
KNOWN = 0.01
#: people's factors are fractions; the largest denominator is beyond 784, the number of pixels
LARGEST_DENOMINATOR = 1000


@dataclass(frozen=True)
class GradientFactor:
    """gradients(x, y) is `value` times n to the `power` times the slopes of loss(x, y), for n samples."""

    value: float = 1.0
    power: int = 0

    def __bool__(self) -> bool:
        return (self.value, self.power) != (1.0, 0)

    def of(self, n: int) -> float:
        return self.value * float(n) ** self.power

    def __str__(self) -> str:
        """Such as "2", "1/n", "n/2" or "0.693147 n"."""
        for denominator in range(1, LARGEST_DENOMINATOR + 1):
            numerator = round(self.value * denominator)
            if self.value == numerator / denominator:
                break
        else:
            return f"{self.value:.6g}{('/n', '', ' n')[self.power + 1]}"
        above = [str(numerator)] if numerator != 1 or self.power < 1 else []
        above += ["n"] if self.power == 1 else []
        below = [str(denominator)] if denominator != 1 else []
        below += ["n"] if self.power == -1 else []
        bottom = f"({' '.join(below)})" if len(below) > 1 else "".join(below)
        return " ".join(above) + (f"/{bottom}" if bottom else "")

    def reason(self, summed: bool | None) -> str:
        """Where it comes from, in words, for a loss that is a sum over the samples, a mean, or (None) neither is known."""
        if summed and self.power == -1:
            return "the loss is a sum over the samples, the gradient a mean"
        if summed is False and self.power == 1:
            return "the loss is a mean over the samples, the gradient a sum"
        return ""


NO_FACTOR = GradientFactor()


class InUnitsOfItsLoss:
    """A network under test whose gradients are the slopes of its loss, where its own are a multiple of these.

    Everything else is passed on as it is.
    """

    def __init__(self, network: Any, factor: GradientFactor) -> None:
        self.network, self.factor = network, factor

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # asked for by copy and pickle, before there is a network
            raise AttributeError(name)
        return getattr(self.network, name)

    def gradients(self, x: Array, y: Array) -> list[Array]:
        return [np.asarray(gradient) / self.factor.of(len(x)) for gradient in self.network.gradients(x, y)]

    def own_share(self, n: int) -> float:
        """How many times the gradient seen here is the one that the network's own steps go by, for n samples."""
        share = getattr(self.network, "own_share", None)
        return self.factor.of(n) * (1.0 if share is None else float(share(n)))


def read_gradient_factor(network: Any, sizes: Sequence[int], unit: float = 1.0) -> GradientFactor:
    """The factor of a network of these sizes; 1 where there is none. The network gets its parameters back.

    unit: the network's loss is this times a loss of plain numbers, of which its gradient may be a plain multiple (a loss
    in bits with the gradient of one in nats).
    """
    parameters = Parameters(network)
    ratios = []
    with parameters.kept():
        for n in SAMPLES:
            found = next(
                (ratio for draw in range(DRAWS) if (ratio := _ratio(network, parameters, sizes, n, draw))), None
            )
            if found is None or abs(found[0] - 1) <= found[1]:
                return NO_FACTOR
            ratios.append(found)
    (many, error), (few, other) = ratios
    for power in (0, -1, 1):
        if abs(many / few / (SAMPLES[0] / SAMPLES[1]) ** power - 1) <= error + other:
            value = _as_written(many / SAMPLES[0] ** power, error, unit)
            return NO_FACTOR if value is None else GradientFactor(value, power)
    return NO_FACTOR


def _ratio(network: Any, parameters: Parameters, sizes: Sequence[int], n: int, draw: int) -> tuple[float, float] | None:
    """(the one number that all gradients are times the slopes of the loss, its relative error), at one random place; None
    where there is no such number, or none above 0.

    One random direction for each parameter array: its slope is measured by differences, however large the array is.
    """
    rng = np.random.default_rng([draw, n])
    dtype = parameters.dtype
    x = rng.uniform(-1.0, 1.0, (n, sizes[0])).astype(dtype)
    k = sizes[-1]
    y = (np.eye(k)[rng.integers(0, k, n)] if k > 1 else rng.permutation(np.arange(n) % 2.0)[:, None]).astype(dtype)
    theta = (rng.choice([-1, 1], parameters.size) * rng.uniform(0.3, 0.9, parameters.size)).astype(dtype)
    directions = np.zeros((len(parameters.slices), parameters.size))
    for direction, part in zip(directions, parameters.slices, strict=True):
        direction[part] = rng.normal(size=part.stop - part.start)
    loss = loss_of(network, x, y)

    def along(steps: Array) -> Any:
        return loss((theta + steps @ directions).astype(dtype))

    here = np.zeros(len(directions), dtype)
    terms = directions * gradient_of(network, x, y)(theta)
    own = terms.sum(axis=1)
    base = abs(float(along(here)))
    noise = noise_level(along, here, rng)
    slopes = numerical_gradient(along, here, noise=noise)
    if not (np.isfinite(own).all() and np.isfinite(slopes.values).all() and np.any(slopes.values)):
        return None
    # The network's own arithmetic is as rough as its loss; ten error bars are never reached.
    rounding = 100 * max(float(np.finfo(dtype).eps), noise / base if base else 0.0) * np.abs(terms).sum(axis=1)
    errors = 10 * slopes.errors
    with np.errstate(all="ignore"):
        relative = errors / np.abs(slopes.values) + rounding / np.abs(own)
    best = int(np.argmin(np.where(np.isfinite(relative), relative, np.inf)))
    ratio, error = float(own[best] / slopes.values[best]), float(relative[best])
    if not (ratio > 0 and error < KNOWN):
        return None
    off = np.abs(own - ratio * slopes.values)
    fits = off <= ratio * (errors + error * np.abs(slopes.values)) + rounding
    return (ratio, error) if fits.all() else None


def _as_written(value: float, error: float, unit: float) -> float | None:
    """The number that the author wrote: a fraction, or one over the unit; None where it is neither."""
    for base in dict.fromkeys((1.0, 1 / unit)):
        for denominator in range(1, LARGEST_DENOMINATOR + 1):
            numerator = round(value / base * denominator)
            if numerator and abs(base * numerator / denominator / value - 1) <= error:
                return base * numerator / denominator
    return None


__all__ = ["NO_FACTOR", "GradientFactor", "InUnitsOfItsLoss", "read_gradient_factor"]
