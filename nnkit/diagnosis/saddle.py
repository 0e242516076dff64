"""A saddle made by hand, of the loss of XOR with two hidden units, for every activation that bends.

Hidden unit 1 sees only the first input, hidden unit 2 only the second, and the output weights are zero, so that the
output is one half for every case. Then no parameter has a slope: an output weight's is the sum of (p - y) a over the
four cases, and a takes the same value once with y = 0 and once with y = 1; a hidden weight's is multiplied by an output
weight, 0. But the mixed second derivative of hidden unit 1's output weight and its weight for the *second* input is
proportional to f'(w + b) - f'(b): not zero wherever the unit bends. A pair with a mixed derivative, one of which has no
curvature of its own, has a direction of negative curvature.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.conventions import Conventions
from nnkit.diagnosis.formulas import NotRead, formula

Array = npt.NDArray[Any]

#: z of a hidden unit is -1/2 where its input is 0 and 3/2 where it is 1: not symmetric, since slopes of sigmoid and
#: tanh are, and on both sides of a ReLU's kink, at some distance from it
WEIGHT, BIAS = 2.0, -0.5


def hand_made_saddle(conventions: Conventions) -> list[Array]:
    """[W1 (2, 2), b1 (2,), W2 (2, 1), b2 (1,)] in the network's float type.

    Raises ValueError where no output of one half can be made, NotRead where the output activation is not known or the
    loss has a penalty, whose slope is not zero there.
    """
    if conventions.squares:
        raise NotRead("where the saddles of a loss with a penalty lie")
    values = [WEIGHT * np.eye(2), np.full(2, BIAS), np.zeros((2, 1)), np.array([_one_half(conventions.output)])]
    return [value.astype(conventions.dtype) for value in values]


def _one_half(output: str) -> float:
    """The weighted input that makes an output of one half, by bisection; activations rise from one side of it to the
    other between -5 and 5."""
    low, high = -5.0, 5.0
    if output == "softmax" or not _value(output, low) < 0.5 < _value(output, high):
        raise ValueError(f"a single output with {output} is never one half")
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _value(output, middle) < 0.5 else (low, middle)
    return (low + high) / 2


def _value(output: str, z: float) -> float:
    return float(formula(output).value(np.array([z]))[0])
