"""A finding: one fault, its place, and the numbers that prove it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.replay.experiments import distance

Array = npt.NDArray[Any]

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """cause: an id of the catalogue, or UNKNOWN. layer: from 1; parameter: "W1", "b2"; operation: what goes wrong there.

    summary: what it is, in one sentence; proof: the numbers. severity: a warning where it cannot hurt training.
    """

    cause: str
    operation: str
    summary: str
    proof: str = ""
    layer: int | None = None
    parameter: str | None = None
    severity: Literal["error", "warning"] = "error"

    @property
    def known(self) -> bool:
        return self.cause != UNKNOWN

    def where(self) -> dict[str, Any]:
        return {"layer": self.layer, "parameter": self.parameter, "operation": self.operation}


def in_numbers(what: str, theirs: Array, right: Array, faulty: Array | None = None) -> str:
    """Theirs beside ours, at the entry that differs most, and over all entries; with the fault put in, if it is known."""
    difference = np.abs(np.nan_to_num(theirs, nan=np.inf, posinf=np.inf) - right)
    at = np.unravel_index(int(np.argmax(difference)), difference.shape)
    words = f"{what}: yours is {theirs[at]:.6g}, the formula gives {right[at]:.6g}"
    if faulty is None:
        return f"{words} (the largest difference of {theirs.size} numbers)."
    return (
        f"{words}, and with this fault put in {faulty[at]:.6g}. All {theirs.size} numbers of fresh random networks and "
        f"data agree with the fault to {distance(theirs, faulty):.1g} of the largest; without it they are "
        f"{distance(theirs, right):.2g} apart."
    )
