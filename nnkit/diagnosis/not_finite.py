"""Where the first NaN or infinity came from: the step is done once more, operation by operation."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.inside import Inside
from nnkit.diagnosis.layout import write
from nnkit.diagnosis.trace import FirstNotFinite

Array = npt.NDArray[Any]


def first_not_finite(network: Any, inside: Inside, before: Any) -> FirstNotFinite:
    """`before`: the moment before the step, with the whole batch."""
    x, y, step = before.x, before.y, before.step
    for array, what in ((x, "input"), (y, "target")):
        if (row := _bad_row(array)) is not None:
            return FirstNotFinite(step, what, row=row)
    try:
        write(network, before.parameters)
    except Exception:
        return FirstNotFinite(step, "update")
    for layer, (z, a) in enumerate(inside.layers(before.parameters, x), start=1):
        for array, what in ((z, "weighted input"), (a, "activation")):
            if (row := _bad_row(array)) is not None:
                return FirstNotFinite(step, what, layer, row)
    try:
        if (row := _bad_row(network.forward(x.copy()))) is not None:
            return FirstNotFinite(step, "output", row=row)
        if not np.isfinite(np.asarray(network.loss(x.copy(), y.copy()))).all():
            return FirstNotFinite(step, "loss")
        gradients = [np.asarray(g) for g in network.gradients(x.copy(), y.copy())]
    except Exception:
        return FirstNotFinite(step, "update")
    bad = [index for index, g in enumerate(gradients) if not np.isfinite(g).all()]
    if bad:  # backpropagation goes down: the highest is the first
        return FirstNotFinite(step, "gradient", inside.layer_of(bad[-1]))
    return FirstNotFinite(step, "update")


def _bad_row(array: Any) -> int | None:
    array = np.asarray(array)
    rows = ~np.isfinite(array.reshape(len(array), -1)).all(axis=1)
    return int(np.argmax(rows)) if rows.any() else None
