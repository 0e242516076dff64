"""Derivatives from function values alone: forward, central and fourth-order differences, and the complex step.

Every value comes with an error bar. A difference quotient with step h has two errors that pull in opposite directions:

    truncation   the next term of the Taylor series, c h^p      (grows with h)
    rounding     the noise of f, divided by the step            (grows as h shrinks)

Their sum is the V curve of error against step. The bottom of the V gives the step: with eps the relative noise of f,
eps^(1/2) for forward, eps^(1/3) for central, eps^(1/5) for fourth-order differences. The complex step subtracts
nothing, so it has no rounding branch and may be as small as 1e-20.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from nnkit.gradients.complex_step import complex_slope, require_complex_step
from nnkit.gradients.noise import machine_epsilon, noise_level

Method = Literal["forward", "central", "fourth-order", "complex-step"]
Function = Callable[[NDArray[Any]], Any]

#: relative noise above which a larger step helps no more: the step would leave the neighbourhood of theta
_NOISIEST = 1e-4
_COMPLEX_STEP = 1e-20


@dataclass(frozen=True, eq=False)
class NumericalGradient:
    """Slopes of a function with their error bars, one per entry asked for.

    values (m,): df/dtheta_i. errors (m,): how far off each value may be (truncation plus rounding), same unit.
    entries (m,): the indices i. steps (m,): the steps really taken, after rounding to theta's float type.
    evaluations: how often f was called, noise measurement and complex self-test included.
    """

    values: NDArray[np.float64]
    errors: NDArray[np.float64]
    entries: NDArray[np.intp]
    steps: NDArray[np.float64]
    method: Method
    evaluations: int


def numerical_gradient(
    f: Function,
    theta: NDArray[Any],
    method: Method = "central",
    *,
    step: float | None = None,
    entries: Sequence[int] | NDArray[np.intp] | None = None,
    noise: float | None = None,
) -> NumericalGradient:
    """The slopes of f at theta by differences, each with an error estimate.

    f: function of a flat float array; it gets a work array that changes between calls, so it must not keep it.
    theta (P,): float32 or float64. step: a fixed absolute step instead of the one that theory gives (times
    max(1, |theta_i|)). entries: the indices wanted, all by default. noise: the noise of f, measured when not given.

    The truncation error is estimated from a second step twice as large, the rounding error from the noise. That makes
    2 evaluations an entry for "forward", 4 for "central", 6 for "fourth-order" and 2 (complex) for "complex-step".
    Where f is not finite at a point that is needed, the value is nan and the error inf.

    Raises ValueError for an unknown method, a step that is not positive, or a theta that is not a flat float array;
    ComplexStepUnavailable where f cannot be continued into the complex plane.
    Sources: Squire and Trapp (1998) for the complex step; Nocedal and Wright (2006, section 8.1) for the steps.
    """
    if method not in get_args(Method):
        raise ValueError(f"method must be one of {', '.join(get_args(Method))}; got {method!r}")
    if step is not None and not (step > 0 and math.isfinite(step)):
        raise ValueError(f"step must be a positive number; got {step!r}")
    theta = flat_floats(theta)
    index = np.arange(theta.size) if entries is None else np.asarray(entries, dtype=np.intp)
    counted = _Counted(f)
    if method == "complex-step":
        values, errors, steps = _by_complex_step(counted, theta, index, step)
    else:
        values, errors, steps = _by_differences(counted, theta, index, method, step, noise)
    return NumericalGradient(values, errors, index, steps, method, counted.calls)


def central_slopes(f: Function, theta: NDArray[Any], noise: float) -> NDArray[np.float64]:
    """The central differences of `numerical_gradient` without their error bars, at half the price: 2 evaluations an entry.

    f, theta (P,), noise: as there. nan or inf where f is not finite.
    """
    counted = _Counted(f)
    base = abs(float(counted(theta)))
    work, values = theta.copy(), np.empty(theta.size)
    for i, h in enumerate(best_steps(theta, noise / base if base else 0.0, 1 / 3)):
        values[i] = _central(_along(counted, work, i, float(h)), 1)
    return values


def best_steps(theta: NDArray[Any], relative_noise: float, power: float) -> NDArray[np.float64]:
    """The step of theory for each entry: relative_noise ** power, times max(1, |theta_i|)."""
    smallest = float(np.finfo(np.float64).eps)
    scale = np.maximum(1.0, np.abs(theta)).astype(np.float64)
    # A float32 theta near 1 has points only every 1.2e-7: a step below some of these would be mostly rounding.
    least = 8 * np.spacing(np.abs(theta)).astype(np.float64)
    steps: NDArray[np.float64] = np.maximum(min(max(relative_noise, smallest), _NOISIEST) ** power * scale, least)
    return steps


def flat_floats(theta: NDArray[Any]) -> NDArray[Any]:
    """theta as it is, after making sure that it is a flat array of floats. Raises ValueError otherwise."""
    theta = np.asarray(theta)
    if theta.ndim != 1 or theta.dtype.kind != "f":
        raise ValueError(f"theta must be a 1-D array of floats; got {theta.dtype} of shape {theta.shape}")
    return theta


class _Counted:
    """A function that counts its calls."""

    def __init__(self, f: Function) -> None:
        self.f = f
        self.calls = 0

    def __call__(self, theta: NDArray[Any]) -> Any:
        self.calls += 1
        return self.f(theta)


_Columns = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def _by_differences(
    f: _Counted, theta: NDArray[Any], index: NDArray[np.intp], method: Method, step: float | None, noise: float | None
) -> _Columns:
    centre = f(theta)
    base = float(centre)
    if noise is None:
        noise = noise_level(f, theta, np.random.default_rng(0))
    power = {"forward": 1 / 2, "central": 1 / 3, "fourth-order": 1 / 5}[method]
    chosen = best_steps(theta[index], noise / abs(base) if base else 0.0, power)
    if step is not None:
        # At least one spacing of theta's float type, else theta + step would be theta.
        chosen = np.maximum(step, np.spacing(np.abs(theta[index])).astype(np.float64))
    epsilon = machine_epsilon(centre)
    work = theta.copy()
    values, errors, steps = np.empty(index.size), np.empty(index.size), np.empty(index.size)
    for m, (i, h) in enumerate(zip(index, chosen, strict=True)):
        at = _along(f, work, int(i), float(h))
        values[m], truncation, weight, largest = _quotient(method, at, base)
        steps[m] = at(1)[0]
        errors[m] = truncation + weight * (noise + epsilon * largest) / steps[m]
        # the quotient itself is rounded, too
        errors[m] += 2 * np.finfo(np.float64).eps * abs(values[m])
        if not (math.isfinite(values[m]) and math.isfinite(errors[m])):
            values[m], errors[m] = math.nan, math.inf
    return values, errors, steps


_At = Callable[[int], tuple[float, float]]


def _along(f: _Counted, work: NDArray[Any], i: int, h: float) -> _At:
    """k -> (the displacement really taken towards theta_i + k h, f there), each evaluated once."""
    known: dict[int, tuple[float, float]] = {}
    here = work[i]

    def at(k: int) -> tuple[float, float]:
        if k not in known:
            work[i] = float(here) + k * h
            # The difference of two neighbouring floats is exact in float64, so this is the step really taken.
            known[k] = (float(work[i]) - float(here), float(f(work)))
            work[i] = here
        return known[k]

    return at


def _quotient(method: Method, at: _At, base: float) -> tuple[float, float, float, float]:
    """(slope, its truncation error, how many noises a step divides, the largest |f| used)."""
    if method == "forward":
        near, far = _one_sided(at, 1, base), _one_sided(at, 2, base)
        # F(h) = f' + h f''/2, so F(2h) - F(h) is the error of F(h).
        return near, abs(far - near), 1.5, max(abs(at(1)[1]), abs(base))
    near, far = _central(at, 1), _central(at, 2)
    largest = max(abs(at(k)[1]) for k in (-1, 1))
    if method == "central":
        # D(h) = f' + h^2 f'''/6, so D(2h) - D(h) is three times the error of D(h).
        return near, abs(far - near) / 3, 1.0, largest
    farther = _central(at, 4)
    fourth, fourth_far = (4 * near - far) / 3, (4 * far - farther) / 3
    # The error of a fourth-order difference grows 16-fold when the step doubles, where the step is small enough for
    # that; a third of the advantage is given up for the steps of float32, which are not.
    return fourth, abs(fourth_far - fourth) / 5, 1.5, largest


def _one_sided(at: _At, k: int, base: float) -> float:
    displacement, value = at(k)
    return (value - base) / displacement


def _central(at: _At, k: int) -> float:
    (right, above), (left, below) = at(k), at(-k)
    return (above - below) / (right - left)


def _by_complex_step(f: _Counted, theta: NDArray[Any], index: NDArray[np.intp], step: float | None) -> _Columns:
    require_complex_step(f, theta)
    steps = np.full(index.size, step) if step is not None else _COMPLEX_STEP * np.maximum(1.0, np.abs(theta[index]))
    steps = steps.astype(np.float64)
    work = theta.astype(np.complex128)
    values, errors = np.empty(index.size), np.empty(index.size)
    for m, (i, h) in enumerate(zip(index, steps, strict=True)):
        direction = np.zeros(theta.size)
        direction[i] = 1.0
        values[m] = complex_slope(f, work, direction, float(h))
        # Three times the step rounds differently everywhere (twice would not): their difference shows the rounding. The
        # truncation, h^2 f'''/6, is eight ninths of the same difference where the step was chosen large.
        errors[m] = abs(values[m] - complex_slope(f, work, direction, 3 * float(h)))
    # A sum of many terms may be as imprecise as its largest term, of which the other entries give an idea.
    errors += 32 * np.finfo(np.float64).eps * (np.max(np.abs(values)) if index.size else 0.0)
    return values, errors, steps
