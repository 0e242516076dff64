"""What can be seen of a training that goes wrong: symptoms. Each file has one, with its limit and why it is that."""

from __future__ import annotations

import warnings

import numpy as np

from nnkit.diagnosis.monitors.collapsed import collapsed
from nnkit.diagnosis.monitors.dead import dead
from nnkit.diagnosis.monitors.diverging import diverging
from nnkit.diagnosis.monitors.exploding import exploding
from nnkit.diagnosis.monitors.forgetting import forgetting
from nnkit.diagnosis.monitors.metric import metric
from nnkit.diagnosis.monitors.no_learning import no_learning
from nnkit.diagnosis.monitors.not_finite import not_finite
from nnkit.diagnosis.monitors.overfitting import overfitting
from nnkit.diagnosis.monitors.saturated import saturated
from nnkit.diagnosis.monitors.stands_still import stands_still
from nnkit.diagnosis.monitors.suffering import suffers
from nnkit.diagnosis.monitors.vanishing import vanishing
from nnkit.diagnosis.trace import Symptom, Trace

#: the gravest first
MONITORS = (
    not_finite, diverging, exploding, no_learning, collapsed, dead, saturated, vanishing, stands_still, forgetting,
    overfitting, metric,
)  # fmt: skip


def symptoms(trace: Trace) -> list[Symptom]:
    """All that the monitors say of this trace, the gravest first; empty where nothing is wrong."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # of what was never seen, the median is NaN
        return [symptom for monitor in MONITORS for symptom in monitor(trace)]


__all__ = ["MONITORS", "suffers", "symptoms"]
