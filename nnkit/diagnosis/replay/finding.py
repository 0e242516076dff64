"""A finding: one fault, its place, and the numbers that prove it."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.catalogue import cause
from nnkit.diagnosis.replay.experiments import distance

Array = npt.NDArray[Any]

UNKNOWN = "unknown"
#: operations in the order in which they act; all others come first
_IN_ORDER: tuple[tuple[str, ...], ...] = (
    (), ("forward",), ("loss",), ("delta", "weight-gradient", "bias-gradient", "gradient", "batch"), ("update",)
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """cause: an id of the catalogue, or UNKNOWN. layer: from 1, of `layers` that the network has where it shows;
    parameter: "W1", "b2"; operation: what goes wrong there.

    summary: what it is, in one sentence; proof: the numbers. severity: a warning where it cannot hurt training.
    """

    cause: str
    operation: str
    summary: str
    proof: str = ""
    layer: int | None = None
    parameter: str | None = None
    severity: Literal["error", "warning"] = "error"
    layers: int | None = None

    @property
    def known(self) -> bool:
        return self.cause != UNKNOWN

    @property
    def stands(self) -> int:
        """How early its operation comes in a step of training: what is wrong there may show in all that come after it."""
        return next((k for k, operations in enumerate(_IN_ORDER) if self.operation in operations), 0)

    def where(self) -> dict[str, Any]:
        return {
            "layer": self.layer, "layers": self.layers, "parameter": self.parameter, "operation": self.operation
        }  # fmt: skip


def unnamed(finding: Finding, without: Set[str]) -> Finding:
    """The finding as it is told by whoever does not know these causes: its place, and that it is wrong."""
    if not finding.known or finding.cause not in without:
        return finding
    what = finding.parameter or (f"layer {finding.layer}" if finding.layer else "the whole network")
    operation = finding.operation.replace("-", " ")
    summary = f"The {operation} of {what} is wrong, and no known fault gives its numbers."
    if cause(finding.cause).area == "state" and finding.operation not in ("update", "initialisation"):
        summary = f"What is left behind, or changed, in {operation} is no known fault."
        finding = replace(finding, operation="state")
    return replace(finding, cause=UNKNOWN, summary=summary, severity="error")


def in_numbers(what: str, theirs: Array, right: Array, faulty: Array | None = None) -> str:
    """Theirs beside ours, at the entry that differs most, and over all entries; with the fault put in, if it is known."""
    difference = np.abs(np.nan_to_num(theirs, nan=np.inf, posinf=np.inf) - right)
    at = np.unravel_index(int(np.argmax(difference)), difference.shape)
    yours, should = _apart(float(theirs[at]), float(right[at]))
    words = f"{what}: yours {yours}, right {should}"
    if faulty is None:
        return f"{words} (the largest difference of {theirs.size} numbers)."
    off = distance(theirs, faulty)
    return (
        f"{words}, with the fault {_apart(float(faulty[at]), float(right[at]))[0]} (all {theirs.size} numbers agree "
        f"{f'to {off:.0e}' if off else 'exactly'}, without the fault only to {distance(theirs, right):.2g})."
    )


def _apart(first: float, second: float) -> tuple[str, str]:
    """Both, with as many digits as it takes to tell them apart: at least three."""
    for digits in range(3, 18):
        words = f"{first:.{digits}g}", f"{second:.{digits}g}"
        if words[0] != words[1]:
            break
    return words
