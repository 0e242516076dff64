"""Is a function fit for the complex step?

f(theta + i h) = f(theta) + i h f'(theta) + ..., so the imaginary part over h is the slope, without any subtraction
(Squire and Trapp 1998; Martins, Sturdza and Alonso 2003). It is exact to rounding, but only if every operation inside f
is analytic: abs, norm, hypot, logaddexp and writing into real buffers drop the imaginary part, silently or with a
warning. So f is tried out first, and a refusal says why.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

_STEP = 1e-20


class ComplexStepUnavailable(Exception):
    """The function does not survive complex numbers; `reason` says where it fails, in one sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def complex_slope(
    f: Callable[[NDArray[Any]], Any], theta: NDArray[np.complex128], direction: NDArray[np.float64], step: float
) -> float:
    """The slope of f at theta along a direction, Im f(theta + i step direction) / step.

    Raises ComplexStepUnavailable where f raises, discards imaginary parts, or returns a real number.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            value = f(theta + 1j * step * direction)
    except np.exceptions.ComplexWarning as warning:
        raise ComplexStepUnavailable(f"it discards the imaginary part somewhere ({warning})") from warning
    except Exception as error:
        raise ComplexStepUnavailable(f"it raises {type(error).__name__} for complex numbers: {error}") from error
    if np.asarray(value).dtype.kind != "c":
        raise ComplexStepUnavailable(f"it returns a real number ({type(value).__name__}) for complex parameters")
    return float(np.imag(value)) / step


def require_complex_step(f: Callable[[NDArray[Any]], Any], theta: NDArray[Any]) -> None:
    """Try f out near theta; raises ComplexStepUnavailable(reason) where complex steps would not give its slopes.

    Two random directions at points close to theta, not at theta itself: whether a program is analytic does not depend
    on the point, while theta may sit on a kink (a ReLU at 0), where there is no slope to agree on. The slope must agree
    with a central difference within the latter's error bar.
    """
    rng = np.random.default_rng(0)
    # float32 parameters are checked in float64, where the complex computation takes place too.
    theta = theta.astype(np.float64)
    # With steps of 1e-5 and 2e-5 a float64 central difference is good to about 1e-10; 1e-6 is what a dropped part of
    # any weight exceeds, and what a function that rounds to float32 inside does not.
    h, slack = 1e-5, 1e-6
    for _ in range(2):
        point = theta + 1e-3 * rng.uniform(-1, 1, theta.size) * np.maximum(1.0, np.abs(theta))
        direction = rng.choice([-1.0, 1.0], theta.size) * rng.uniform(0.5, 1.0, theta.size) / max(1.0, theta.size**0.5)
        slope = complex_slope(f, point.astype(np.complex128), direction, _STEP)
        near, far = (
            (_real(f, point + k * h * direction) - _real(f, point - k * h * direction)) / (2 * k * h) for k in (1, 2)
        )
        bar = abs(far - near) + slack * max(abs(near), abs(slope))
        rounding = 10 * np.finfo(np.float64).eps * abs(_real(f, point)) / h
        if not abs(slope - near) <= 8 * bar + rounding:
            raise ComplexStepUnavailable(
                f"its complex slope is {slope:.6g} where central differences give {near:.6g} +- {bar + rounding:.1g}: "
                "part of it loses the imaginary part"
            )


def _real(f: Callable[[NDArray[Any]], Any], theta: NDArray[np.float64]) -> float:
    return float(np.real(f(theta)))
