"""Activation functions that nnkit knows by name: in floats, with their slopes, and in fifty digits.

The shared network has a handful of its own; people use more. Each is here written
once with NumPy's functions for arrays, and once with those of `mpmath` for the hand check.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import mpmath
import numpy as np
import numpy.typing as npt

from nnkit.network.activations import ACTIVATIONS, LEAK

Array = npt.NDArray[Any]
Number = Any  # an mpmath number

#: those of single networks, which have no name of their own
_OWN: dict[str, Formula] = {}

#: in the place of a name: the network does something that nnkit has no name for
UNREAD = "unread"


class NotRead(Exception):
    """This needs a formula that nnkit has not got, since the network does something of its own: no fault."""

    def __init__(self, what: str) -> None:
        super().__init__(f"nnkit does not know {what}, so this cannot be worked out by hand")


@dataclass(frozen=True)
class Formula:
    """An activation f. value, slope: of arrays z, in float64; exact: of one mpmath number; steepest: sup |f'|.

    kinks: the z where there is no slope. times_z: it is a product of z and something bounded, which may cancel.
    """

    name: str
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    exact: Callable[[Number], Number]
    steepest: float = 1.0
    kinks: tuple[float, ...] = ()
    times_z: bool = False


@cache
def formula(name: str) -> Formula:
    """The activation of this name, such as "tanh" or "leaky_relu(0.2)".

    Raises NotRead where there is none, KeyError for an unknown name.
    """
    if name == UNREAD:
        raise NotRead("its activation function")
    if match := re.fullmatch(r"half_of_1_plus_(.+)", name):
        return _between_0_and_1(formula(match[1]))
    match = re.fullmatch(r"(leaky_relu|elu)\(([0-9.e+-]+)\)", name)
    if match:
        return {"leaky_relu": _leaky, "elu": _elu}[match[1]](float(match[2]))
    return _OWN[name] if name in _OWN else _KNOWN[name]


def _between_0_and_1(f: Formula) -> Formula:
    """(1 + f) / 2: what a network with targets of -1 and 1 says in terms of 0 and 1."""
    return Formula(
        f"half_of_1_plus_{f.name}",
        lambda z: (1 + f.value(z)) / 2,
        lambda z: f.slope(z) / 2,
        lambda z: (1 + f.exact(z)) / 2,
        f.steepest / 2,
        f.kinks,
        f.times_z,
    )


def add_formula(own: Formula) -> str:
    """Make a formula known under its name, which `formula` then finds, as long as this process lives."""
    _OWN[own.name] = own
    return own.name


def known_names() -> tuple[str, ...]:
    """The activations that have one formula, the commonest first."""
    return tuple(_KNOWN)


def _of_network(name: str, exact: Callable[[Number], Number], steepest: float = 1.0, *kinks: float) -> Formula:
    """One that the shared network has, too."""
    activation = ACTIVATIONS[name]

    def value(z: Array) -> Array:
        return activation.value(z, None)

    def slope(z: Array) -> Array:
        return activation.slope(z, activation.value(z, None), None)

    return Formula(name, value, slope, exact, steepest, kinks)


def _leaky(leak: float) -> Formula:
    return Formula(
        f"leaky_relu({leak:.6g})",
        lambda z: np.where(z > 0, z, leak * z),
        lambda z: np.where(z > 0, 1.0, leak),
        lambda z: z if z > 0 else mpmath.mpf(leak) * z,
        max(1.0, abs(leak)),
        (0.0,),
    )


def _elu(alpha: float) -> Formula:
    return Formula(
        "elu" if alpha == 1.0 else f"elu({alpha:.6g})",
        lambda z: np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0))),
        lambda z: np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0))),
        lambda z: z if z > 0 else alpha * mpmath.expm1(z),
        max(1.0, abs(alpha)),
        () if alpha == 1.0 else (0.0,),
    )


def _sigmoid(z: Array) -> Array:
    return ACTIVATIONS["sigmoid"].value(z, None)


def _exact_sigmoid(z: Number) -> Number:
    return 1 / (1 + mpmath.exp(-z))


_erf = np.vectorize(math.erf, otypes=[float])


def _normal_cdf(z: Array) -> Array:
    return np.asarray(0.5 * (1 + _erf(z / math.sqrt(2))))


_ROOT = math.sqrt(2 / math.pi)


def _gelu_tanh(z: Array) -> Array:
    return np.asarray(0.5 * z * (1 + np.tanh(_ROOT * (z + 0.044715 * z**3))))


def _gelu_tanh_slope(z: Array) -> Array:
    t = np.tanh(_ROOT * (z + 0.044715 * z**3))
    return np.asarray(0.5 * (1 + t) + 0.5 * z * (1 - t * t) * _ROOT * (1 + 3 * 0.044715 * z * z))


#: LeCun's scaled tanh (LeCun et al. 1998, "Efficient BackProp") and the constants of SELU (Klambauer et al. 2017)
_A, _S = 1.7159, 2 / 3
_LAMBDA, _ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717

_KNOWN: dict[str, Formula] = {
    f.name: f
    for f in (
        _of_network("sigmoid", _exact_sigmoid, 0.25),
        _of_network("tanh", mpmath.tanh),
        _of_network("relu", lambda z: z if z > 0 else z * 0, 1.0, 0.0),
        _of_network("leaky_relu", lambda z: z if z > 0 else mpmath.mpf(LEAK) * z, 1.0, 0.0),
        _of_network("softplus", lambda z: mpmath.log(1 + mpmath.exp(z))),
        _of_network("identity", lambda z: z),
        _elu(1.0),
        Formula(
            "gelu",
            lambda z: z * _normal_cdf(z),
            lambda z: _normal_cdf(z) + z * np.exp(-z * z / 2) / math.sqrt(2 * math.pi),
            lambda z: z * mpmath.ncdf(z),
            1.13,
            times_z=True,
        ),
        Formula(
            "gelu_tanh",
            _gelu_tanh,
            _gelu_tanh_slope,
            lambda z: z / 2 * (1 + mpmath.tanh(mpmath.sqrt(2 / mpmath.pi) * (z + mpmath.mpf(0.044715) * z**3))),
            1.13,
            times_z=True,
        ),
        Formula(
            "silu",
            lambda z: z * _sigmoid(z),
            lambda z: _sigmoid(z) * (1 + z * (1 - _sigmoid(z))),
            lambda z: z * _exact_sigmoid(z),
            1.1,
            times_z=True,
        ),
        Formula(
            "selu",
            lambda z: _LAMBDA * np.where(z > 0, z, _ALPHA * np.expm1(np.minimum(z, 0))),
            lambda z: _LAMBDA * np.where(z > 0, 1.0, _ALPHA * np.exp(np.minimum(z, 0))),
            lambda z: mpmath.mpf(_LAMBDA) * (z if z > 0 else mpmath.mpf(_ALPHA) * mpmath.expm1(z)),
            1.76,
            (0.0,),
        ),
        Formula(
            "softsign",
            lambda z: z / (1 + np.abs(z)),
            lambda z: 1 / (1 + np.abs(z)) ** 2,
            lambda z: z / (1 + abs(z)),
        ),
        Formula(
            "scaled_tanh",
            lambda z: _A * np.tanh(_S * z),
            lambda z: _A * _S * (1 - np.tanh(_S * z) ** 2),
            lambda z: mpmath.mpf(_A) * mpmath.tanh(2 * z / 3),
            1.15,
        ),
        Formula(
            "hard_tanh",
            lambda z: np.clip(z, -1.0, 1.0),
            lambda z: (np.abs(z) < 1).astype(float),
            lambda z: min(max(z, mpmath.mpf(-1)), mpmath.mpf(1)),
            1.0,
            (-1.0, 1.0),
        ),
        Formula(
            "relu6",
            lambda z: np.clip(z, 0.0, 6.0),
            lambda z: ((z > 0) & (z < 6)).astype(float),
            lambda z: min(max(z, mpmath.mpf(0)), mpmath.mpf(6)),
            1.0,
            (0.0, 6.0),
        ),
        Formula("sine", np.sin, np.cos, mpmath.sin),
        Formula("arctan", np.arctan, lambda z: 1 / (1 + z * z), mpmath.atan),
        Formula("gaussian", lambda z: np.exp(-z * z), lambda z: -2 * z * np.exp(-z * z), lambda z: mpmath.exp(-z * z), 0.86),
        Formula("cube", lambda z: z**3, lambda z: 3 * z * z, lambda z: z**3, math.inf),
        Formula("square", lambda z: z * z, lambda z: 2 * z, lambda z: z * z, math.inf),
    )
}  # fmt: skip


#: f'(z) as people write it, in z and a = f(z)
_SLOPES_IN_CODE = {
    "sigmoid": "a * (1 - a)",
    "tanh": "1 - a**2",
    "relu": "(z > 0)",
    "leaky_relu": f"np.where(z > 0, 1, {LEAK:g})",
    "elu": "np.where(z > 0, 1, a + 1)",
    "softplus": "1 / (1 + np.exp(-z))",
    "silu": "a + (1 - a) / (1 + np.exp(-z))",
    "softsign": "1 / (1 + np.abs(z))**2",
    "scaled_tanh": "1.7159 * 2 / 3 * (1 - np.tanh(2 * z / 3)**2)",
    "hard_tanh": "(np.abs(z) < 1)",
    "relu6": "((z > 0) & (z < 6))",
    "sine": "np.cos(z)",
    "arctan": "1 / (1 + z**2)",
    "gaussian": "-2 * z * a",
    "cube": "3 * z**2",
    "square": "2 * z",
}


def slope_in_code(name: str) -> str:
    """f'(z) of the activation of this name as one writes it with NumPy, in z and a = f(z); empty where it is long."""
    match = re.fullmatch(r"(leaky_relu|elu)\(([0-9.e+-]+)\)", name)
    if match:
        return f"np.where(z > 0, 1, {'a + ' if match[1] == 'elu' else ''}{match[2]})"
    return _SLOPES_IN_CODE.get(name, "")


def measured_name(z: Array, a: Array, slack: float) -> str | None:
    """The name of the activation that has the values a at z, both (m,), to within `slack`; None where it is none.

    z should reach from about -3 to 3, both signs and both sides of 1.
    """
    if not np.isfinite(a).all():
        return None
    for name, known in _KNOWN.items():
        if _near(a, known.value(z), slack):
            return name
    if _near(a, formula("half_of_1_plus_tanh").value(z), slack):
        return "half_of_1_plus_tanh"
    below = z < -0.1
    if below.any() and _near(a[z > 0], z[z > 0], slack):
        leaks = a[below] / z[below]
        if np.ptp(leaks) <= slack * 10:
            return _rounded("leaky_relu", float(np.median(leaks)), z, a, slack)
        alphas = a[below] / np.expm1(z[below])
        if np.ptp(alphas) <= slack * 10:
            return _rounded("elu", float(np.median(alphas)), z, a, slack)
    return None


def _rounded(family: str, constant: float, z: Array, a: Array, slack: float) -> str | None:
    """The name with the fewest digits of its constant that still gives the values."""
    for digits in range(1, 8):
        name = f"{family}({constant:.{digits}g})"
        if _near(a, formula(name).value(z), slack):
            return name
    return None


def _near(a: Array, b: Array, slack: float) -> bool:
    return bool(np.all(np.abs(a - b) <= slack * np.maximum(1.0, np.abs(b))))
