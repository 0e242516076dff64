"""Suspect: it simply ends too early."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnkit.diagnosis.monitors.suffering import BLIND
from nnkit.diagnosis.remedies.case import Case
from nnkit.diagnosis.remedies.suspect import Suspect

#: how many times as long it is given
LONGER = 6.0
#: a training of so few passes over its data has not had the time to show what it can
FEW_EPOCHS, FEW_STEPS = 5.0, 60


def too_few(case: Case) -> Iterator[Suspect]:
    loss = np.array(case.trace.loss)
    if len(loss) < 3 or not np.isfinite(loss).all() or not loss[-1] < loss[0]:
        return
    loop = case.loop
    for longer in (LONGER, LONGER**2) if few(case) else (LONGER,):
        yield Suspect(
            "too-few-steps", "loop",
            f"The loop ends after {loop.steps} steps ({loop.epochs:.2g} passes over the data), while the loss is still "
            "falling.", f"{longer:g} times as many steps", "train until the loss stops falling", steps=longer, odd=False,
        )  # fmt: skip


def few(case: Case) -> bool:
    """Whether that is what comes to mind first: hardly any steps; or few passes, in which it has begun to learn, calmly."""
    restless = case.has("not-finite", "diverging", "exploding", "oscillating", "dead", "forgetting")
    begun = case.score > BLIND and case.loop.epochs <= FEW_EPOCHS
    return not restless and (begun or case.loop.steps < FEW_STEPS)
