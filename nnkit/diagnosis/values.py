"""The numbers that a network consists of at one moment of a training, by name: of each layer its weights, and what comes
out of it. They are looked at as a whole, as histograms.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.inside import LARGEST
from nnkit.diagnosis.record import Moment, Recording

Array = npt.NDArray[Any]


def values_of(recording: Recording, moment: Moment) -> dict[str, Array]:
    """Of a network whose layout could not be read, its arrays of more than one dimension alone."""
    inside, parameters = recording.inside, [np.asarray(array) for array in moment.parameters]
    standard = inside.standard(parameters)
    matrices = standard[::2] if standard else [array for array in parameters if array.ndim > 1]
    found = {f"weights of layer {number}": np.array(W) for number, W in enumerate(matrices, 1)}
    if sum(array.size for array in parameters) < LARGEST:
        for number, (_, a) in enumerate(inside.layers(parameters, recording.probe[0]), 1):
            found[f"activations of layer {number}"] = a
    return found
