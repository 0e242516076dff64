"""The examination of a network: all faults that replay can name, and the network with these mended."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nnkit.diagnosis.form import read_form
from nnkit.diagnosis.gradient_factor import NO_FACTOR
from nnkit.diagnosis.layout import write
from nnkit.diagnosis.replay.finding import Finding
from nnkit.diagnosis.replay.mended import MENDABLE, Mended
from nnkit.diagnosis.replay.replay import Build, FormOf, Numbers, Sizes, replay_numbers

#: what makes later calls lie: then each question is put to a network of its own
FORGOTTEN = frozenset(
    {
        "gradients-accumulate", "stale-cache", "parameters-modified", "reinitialised-every-call", "input-modified",
        "targets-modified", "gradient-buffer-reused", "first-batch-size-remembered", "state-shared-between-networks",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Examination:
    """findings: in the order in which they act: state, forward pass, loss, gradients, update."""

    findings: tuple[Finding, ...]
    numbers: Numbers
    build: Build
    form_of: FormOf

    def mended(self) -> Build | None:
        """A builder of the same networks with every fault mended; None where one cannot be mended from outside."""
        errors = [finding for finding in self.findings if finding.severity == "error"]
        of_state = [finding for finding in errors if finding.cause in FORGOTTEN]
        others = [finding for finding in errors if finding.cause not in FORGOTTEN]
        if not errors or any(finding.operation not in MENDABLE for finding in others):
            return None
        if of_state:  # a network without a past keeps no step, so that is replaced too
            others.append(Finding("", "update", ""))

        def build(sizes: Sizes, seed: int) -> Any:
            raw = self.build(sizes, seed)
            # Its gradients as they are, a harmless factor included: the climb reads that of the mended network, too.
            form = replace(self.form_of(sizes), gradient_factor=NO_FACTOR)
            meant = self.numbers.meant[sizes[-1] == 1]
            conventions = replace(
                form.conventions(raw, sizes), hidden=meant.hidden, output=meant.output, loss=meant.loss
            )
            names = (*[meant.hidden] * (len(sizes) - 2), meant.output)
            return Mended(form.standard(raw, sizes), names, conventions, others)

        return build


def examine(
    build: Build, form_of: FormOf, sizes: Sizes = (4, 5, 2), without: frozenset[str] = frozenset()
) -> Examination:
    """What is wrong with the networks of `build(sizes, seed)`.

    sizes: of those asked about state and update; without: causes that are not to be known. Whatever a network raises ends only the
    replay that it was raised in.
    """
    findings: list[Finding] = []
    numbers = Numbers()
    with suppress(Exception):
        findings += _state(build, sizes, without)
    asked, asked_form = build, form_of
    if any(finding.cause in FORGOTTEN for finding in findings):
        asked = _forgetful(build)
        asked_form = _forms(asked)
    with suppress(Exception):
        numbers = replay_numbers(asked, asked_form, without)
        findings += numbers.findings
    with suppress(Exception):
        findings += _update(build, form_of, sizes, without)
    return Examination(tuple(findings), numbers, asked, asked_form)


def _state(build: Build, sizes: Sizes, without: frozenset[str]) -> list[Finding]:
    return []


def _update(build: Build, form_of: FormOf, sizes: Sizes, without: frozenset[str]) -> list[Finding]:
    return []


def _forms(build: Build) -> FormOf:
    known: dict[tuple[int, int], Any] = {}

    def form_of(sizes: Sizes) -> Any:
        key = (len(sizes), sizes[-1])
        if key not in known:
            known[key] = read_form(lambda probe: build(probe, 0), sizes)
        return known[key]

    return form_of


class Forgetful:
    """A network that is built anew for every question, and so has no past."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build
        network = build()
        self._parameters = [np.array(array) for array in network.parameters()]
        for name in ("hidden", "output", "loss_function"):
            with suppress(Exception):
                setattr(self, name, getattr(network, name))

    def _fresh(self) -> Any:
        network = self._build()
        write(network, self._parameters)
        return network

    def parameters(self) -> list[Any]:
        return self._parameters

    def forward(self, x: Any) -> Any:
        return self._fresh().forward(x.copy())

    def loss(self, x: Any, y: Any) -> Any:
        return self._fresh().loss(x.copy(), y.copy())

    def gradients(self, x: Any, y: Any) -> Any:
        return self._fresh().gradients(x.copy(), y.copy())


def _forgetful(build: Build) -> Build:
    return lambda sizes, seed: Forgetful(lambda: build(sizes, seed))
