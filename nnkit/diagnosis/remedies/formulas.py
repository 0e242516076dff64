"""Suspects in the network's own formulas: what the replay of the ladder names, tried by mending it from outside."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from nnkit.diagnosis.catalogue import causes
from nnkit.diagnosis.form import read_form
from nnkit.diagnosis.layout import write
from nnkit.diagnosis.observed import chance_kept
from nnkit.diagnosis.remedies.case import Case
from nnkit.diagnosis.remedies.suspect import Suspect
from nnkit.diagnosis.replay.faults import examine

#: what would show in the slopes of the loss
OF_GRADIENT = ("delta", "weight-gradient", "bias-gradient", "gradient")
#: between a slope and its difference quotient, relative; the faults are far larger
SLOPE = 0.01


def wrong_formulas(case: Case) -> Iterator[Suspect]:
    """All of them mended at once; each is a suspect of its own, since together they are what is wrong."""
    program = case.program
    known: dict[tuple[int, int], Any] = {}

    def build(sizes: Any, seed: int) -> Any:
        if sizes[-1] == 1 < program.sizes[-1]:  # a softmax of one output is none, and not what was built
            raise ValueError("several outputs are meant")
        return program.build(tuple(sizes), seed)

    def form_of(sizes: Any) -> Any:
        key = (len(sizes), sizes[-1])
        if key not in known:
            known[key] = read_form(lambda probe: build(probe, 0), sizes)
        return known[key]

    examination = None
    with contextlib.suppress(Exception), chance_kept(), np.errstate(all="ignore"):
        examination = examine(build, form_of, min(3, max(2, program.sizes[-1])))
    if examination is None:
        return
    errors = [finding for finding in examination.findings if finding.severity == "error" and finding.known]
    if errors and _gradient_is_right(case):
        errors = [finding for finding in errors if finding.operation not in OF_GRADIENT]
    if not errors:
        return
    mended = None
    with contextlib.suppress(Exception):
        mended = examination.mended()
    for finding in errors:
        entry = causes().get(finding.cause)
        yield Suspect(
            finding.cause, finding.operation, finding.summary,
            "the right formula in its place" if mended is not None else "", entry.fix if entry else "",
            replace(program, build=mended) if mended is not None else None, fact=mended is None,
            layer=finding.layer, parameter=finding.parameter,
        )  # fmt: skip


def _gradient_is_right(case: Case) -> bool:
    """Whether, on rows of this program and at its first weights, all slopes have the loss's own proportions: along random
    directions in each array, one positive factor between them and difference quotients."""
    network, (x, y) = case.recording.network, case.recording.probe
    x, y = x[:16], y[:16]
    rng = np.random.default_rng(0)
    ratios = []
    try:
        own = [np.asarray(array, dtype=np.float64) for array in case.recording.moments[0].parameters]
        write(network, own)
        gradients = [np.array(g, dtype=np.float64) for g in network.gradients(x.copy(), y.copy())]
        for k, gradient in enumerate(gradients):
            # along the gradient, slightly turned, so that the slope is large beside its error
            size = float(np.linalg.norm(gradient))
            if size == 0:
                continue
            direction = gradient / size + 0.5 * rng.normal(size=gradient.shape) / np.sqrt(gradient.size)
            step = 1e-4 * max(1.0, float(np.linalg.norm(own[k]))) / float(np.linalg.norm(direction))
            losses = []
            for sign in (1, -1):
                write(network, [p + sign * step * direction if j == k else p for j, p in enumerate(own)])
                losses.append(float(np.asarray(network.loss(x.copy(), y.copy()))))
            slope = (losses[0] - losses[1]) / (2 * step)
            ratios.append(float((gradient * direction).sum()) / slope if slope else np.inf)
    except Exception:
        return False
    return bool(ratios) and min(ratios) > 0 and max(ratios) / min(ratios) < 1 + 2 * SLOPE
