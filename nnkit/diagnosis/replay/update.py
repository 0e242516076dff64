"""Replay of updates: the moves of some steps, made again by a rule with a known fault in it, until they agree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.replay.finding import Finding
from nnkit.diagnosis.update_rule import LIMIT, roundings
from nnkit.diagnosis.update_rule_formulas import Trace
from nnkit.diagnosis.update_rule_verdict import UpdateFault, Verdict, judge_update

__all__ = ["findings", "replay_update"]

Array = npt.NDArray[Any]


def replay_update(trace: Trace, names: Sequence[str], without: AbstractSet[str] = frozenset()) -> list[Finding]:
    """What is wrong with the updates in the trace, one finding for each cause; none where a known rule is followed. An
    unknown one that goes downhill is a warning.

    names: of the parameter arrays, "W1", "b1", ...; without: causes that are not thought of.
    """
    return findings(trace, names, judge_update(trace, names, without))


def findings(trace: Trace, names: Sequence[str], verdict: Verdict) -> list[Finding]:
    """What the verdict on these updates comes to."""
    return [_finding(trace, names, verdict, fault) for fault in verdict.faults]


def _finding(trace: Trace, names: Sequence[str], verdict: Verdict, fault: UpdateFault) -> Finding:
    layer, parameter = _place(fault.arrays)
    return Finding(
        cause=fault.cause,
        operation="update",
        summary=fault.words.rstrip(".") + ".",
        proof=_proof(trace, names, verdict, fault),
        layer=layer,
        parameter=parameter,
        severity="warning" if fault.harmless else "error",
        layers=len(names) // 2,
    )


def _place(arrays: Sequence[str]) -> tuple[int | None, str | None]:
    """The layer that all the arrays belong to, or the lowest of several that are concerned as a whole; and the one parameter
    that is concerned."""
    found = [re.fullmatch(r"[Wb](\d+)", name) for name in arrays]
    layers = {int(match[1]) for match in found if match}
    if not all(found) or not layers or (len(layers) > 1 and 2 * len(layers) != len(set(arrays))):
        return None, arrays[0] if len(arrays) == 1 else None
    return min(layers), arrays[0] if len(arrays) == 1 else None


def _proof(trace: Trace, names: Sequence[str], verdict: Verdict, fault: UpdateFault) -> str:
    """The move that differs most from the rule, beside what the rule says and what the fault makes of it."""
    which = [k for k, name in enumerate(names) if not fault.arrays or name in fault.arrays]
    columns = np.concatenate([np.arange(trace.arrays[k].start, trace.arrays[k].stop) for k in which])
    moves, rule = trace.moves[:, columns], verdict.fit.predicted[:, columns]
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.abs(moves - rule)
    seen = np.isfinite(difference)
    if not seen.any():
        return "No move is a number."
    step, entry = np.unravel_index(int(np.argmax(np.where(seen, difference, -1.0))), seen.shape)
    k = next(k for k in which if trace.arrays[k].start <= columns[entry] < trace.arrays[k].stop)
    words = (
        f"Step {step + 1}, {names[k]} entry {columns[entry] - trace.arrays[k].start}: moved by {moves[step, entry]:.6g}, "
        f"the rule says {rule[step, entry]:.6g}"
    )
    if fault.predicted is None:
        return f"{words} (the largest difference of {seen.sum()} moves)."
    with np.errstate(invalid="ignore", over="ignore"):
        off = roundings(trace, fault.predicted)[:, columns]
    agree = off[seen]
    said = f"{words}, with the fault {fault.predicted[step, columns[entry]]:.6g}"
    if not agree.max() <= LIMIT:
        return f"{said}."
    return f"{said}; all {agree.size} moves of {len(trace.rates)} steps agree to {agree.max():.2g} roundings."
