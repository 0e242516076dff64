"""Suspects in what is random inside the network: dropout that leaves next to nothing, or that is never switched off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.layout import write
from nnkit.diagnosis.remedies.architecture import replica
from nnkit.diagnosis.remedies.case import Case
from nnkit.diagnosis.remedies.suspect import Suspect

Array = npt.NDArray[Any]


def dropout(case: Case) -> Iterator[Suspect]:
    """Two calls with the same inputs and parameters differ. The trial is a replica without anything random."""
    network, (x, y) = case.recording.network, case.recording.probe
    x, y = x[:20], y[:20]
    try:
        write(network, case.recording.moments[0].parameters)  # at the end it may be that nothing comes through
        outputs = [np.array(network.forward(x.copy())) for _ in range(2)]
        gradients = [[np.array(g) for g in network.gradients(x.copy(), y.copy())] for _ in range(2)]
    except Exception:
        return
    left_on = not np.array_equal(outputs[0], outputs[1], equal_nan=True)
    differ = not all(np.array_equal(a, b, equal_nan=True) for a, b in zip(*gradients, strict=True))
    if not (left_on or differ):
        return
    first = gradients[0][0]
    share = float((first == 0).mean())
    words = f"; {share:.0%} of the first layer's gradient is 0" if first.ndim > 1 and share > 0.3 else ""
    yield Suspect(
        "dropout-left-on" if left_on else "dropout-too-strong", "forward",
        f"Two {'outputs' if left_on else 'gradients'} for the same data differ: there is something random in the network"
        f"{words}.", "the same network without anything random", "drop a half of the units at most, and none for outputs",
        replica(case), fact=left_on,
    )  # fmt: skip
