"""The examination of a network: all faults that replay can name, and the network with these mended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nnkit.diagnosis.form import read_form
from nnkit.diagnosis.gradient_factor import NO_FACTOR
from nnkit.diagnosis.layout import write
from nnkit.diagnosis.replay.experiments import away_from_zero
from nnkit.diagnosis.replay.finding import UNKNOWN, Finding, unnamed
from nnkit.diagnosis.replay.mended import MENDABLE, Mended
from nnkit.diagnosis.replay.numerics import replay_numerics
from nnkit.diagnosis.replay.replay import Build, FormOf, Numbers, Sizes, replay_numbers
from nnkit.diagnosis.replay.state import replay_state
from nnkit.diagnosis.replay.update import replay_update
from nnkit.diagnosis.start import layers_alike
from nnkit.diagnosis.update_rule import RATES, SAMPLES, record

#: what makes later calls lie: then each question is put to a network of its own
FORGOTTEN = frozenset(
    {
        "gradients-accumulate", "stale-cache", "parameters-modified", "reinitialised-every-call", "input-modified",
        "targets-modified", "gradient-buffer-reused", "first-batch-size-remembered", "state-shared-between-networks",
    }
)  # fmt: skip


#: one sample's answer depends on the others
MIXING = frozenset({"samples-mixed", "softmax-over-wrong-axis"})

#: activations that overflow; what else they are is read off their values for moderate numbers
UNSTABLE = frozenset({"unstable-sigmoid", "unstable-softmax"})

#: parameters that cannot be set as one likes, or answers left to chance: nothing can be replayed
UNWRITABLE = frozenset({"parameters-are-copies", "parameters-aliased", "dropout-left-on"})

#: parameters that move otherwise than by steps, so that moves say nothing of the rule
UNSTEADY = UNWRITABLE | {"parameters-modified", "reinitialised-every-call"}


@dataclass(frozen=True)
class Examination:
    """findings: in the order in which they act: state, forward pass, loss, gradients, update. odd: what follows nothing
    that nnkit knows, and need not be wrong."""

    findings: tuple[Finding, ...]
    numbers: Numbers
    build: Build
    form_of: FormOf
    odd: tuple[Finding, ...] = ()

    def mended(self) -> Build | None:
        """A builder of the same networks with every fault mended; None where one cannot be mended from outside."""
        errors = [finding for finding in self.findings if finding.severity == "error"]
        of_state = [finding for finding in errors if finding.cause in FORGOTTEN]
        others = [finding for finding in errors if finding.cause not in FORGOTTEN]
        if not errors or any(finding.operation not in MENDABLE for finding in others):
            return None
        if not self.numbers.meant and any(finding.operation != "update" for finding in others):
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


def examine(build: Build, form_of: FormOf, outputs: int = 2, without: frozenset[str] = frozenset()) -> Examination:
    """What is wrong with the networks of `build(sizes, seed)`, which may have so many outputs.

    without: causes that are not to be known. Whatever a network raises ends only the replay that it was raised in.
    """
    findings: list[Finding] = []
    odd: list[Finding] = []
    if not _answers(build, (3, 4, outputs)):
        return Examination((), Numbers(), build, form_of)
    # Dropout and shared biases need a hidden layer to show; a few faults need a single output.
    for sizes in dict.fromkeys([(3, 4, outputs), (3, 4, 1)]):
        with suppress(Exception):
            findings += _of_state(build, form_of, sizes)
        if findings:
            break
    asked, asked_form = build, form_of
    if any(finding.cause in FORGOTTEN for finding in findings):
        asked = _forgetful(build)
        asked_form = _forms(asked)
    numbers = Numbers()
    if not any(finding.cause in UNWRITABLE for finding in findings):
        with suppress(Exception):
            numbers = replay_numbers(asked, asked_form, without)
    with suppress(Exception):
        findings = _settled(findings, numbers.findings, bool(numbers.meant))
    if not any(finding.cause in UNSTEADY for finding in findings):
        with suppress(Exception):
            of_update = _of_update(build, form_of, (3, 4, 2, outputs), without, asked, asked_form)
            if any(f.operation == "delta" and f.cause in ("gradient-sign-flipped", UNKNOWN) for f in findings):
                # The step may add what gradients() has with the wrong sign: then it goes downhill.
                of_update = [finding for finding in of_update if finding.cause != "update-uphill"]
            odd = [f for f in of_update if not f.known and f.severity == "warning"]
            of_update = [f for f in of_update if f not in odd]
            if any(f.operation == "delta" and not f.known for f in findings):
                of_update = [f for f in of_update if f.known]  # steps along gradients that nobody understands
            # What is left behind by a call is found in the steps, too.
            findings += [
                finding for finding in of_update if finding.cause not in {f.cause for f in findings if f.known}
            ]
    findings = [unnamed(finding, without) for finding in findings]
    # Of a fault that is known, what is not known may come, if it comes after it; if not, it is found when that is mended.
    known = [finding.stands for finding in findings if finding.known and finding.severity == "error"]
    if known:
        findings = [finding for finding in findings if finding.known or finding.stands < min(known)]
    return Examination(tuple(_said_once(findings)), numbers, asked, asked_form, tuple(odd))


def _answers(build: Build, sizes: Sizes) -> bool:
    """Whether forward() answers as it should in shape; else whatever is found comes of that."""
    for n in (1, 3):
        with suppress(Exception):  # for some numbers of samples it may fail: there is a name for that
            if np.shape(build(sizes, 0).forward(np.full((n, sizes[0]), 0.5))) != (n, sizes[-1]):
                return False
    return True


def _said_once(findings: Sequence[Finding]) -> list[Finding]:
    """A factor on all gradients shows for one sample and for several, and is the same."""
    words = [finding.summary for finding in findings]
    return [finding for at, finding in enumerate(findings) if finding.summary not in words[:at]]


def _of_state(build: Build, form_of: FormOf, sizes: Sizes) -> list[Finding]:
    def own(seed: int) -> Any:
        return build(sizes, seed)

    findings = replay_state(own, sizes)
    conventions = None
    with suppress(Exception):
        conventions = form_of(sizes).conventions(own(0), sizes)
    findings = findings + replay_numerics(own, sizes, conventions)
    with suppress(Exception):
        findings += _of_start(form_of(sizes).standard(own(0), sizes))
    return [replace(finding, layers=len(sizes) - 1) for finding in findings]


def _of_start(network: Any) -> list[Finding]:
    """The finding that layers start with the same random numbers; network: in standard form."""
    weights = [np.asarray(W) for W in network.parameters()[::2]]
    alike = layers_alike(weights)
    if alike is None:
        return []
    first, second = (f"W{layer} begins with {_shown(weights[layer - 1])}" for layer in alike)
    return [
        Finding(
            "initialised-layers-alike", "initialisation",
            f"Layers {alike[0]} and {alike[1]} start with the same random numbers, up to a factor.",
            f"{first}; {second}; and so on.", alike[1], f"W{alike[1]}", "warning",
        )
    ]  # fmt: skip


def _shown(W: Any) -> str:
    return ", ".join(f"{value:.4g}" for value in W.ravel()[:3])


def _of_update(
    build: Build, form_of: FormOf, sizes: Sizes, without: frozenset[str], asked: Build, asked_form: FormOf
) -> list[Finding]:
    """What train_step makes of the network's own gradients, right or wrong. They are asked of networks of their own."""
    network = form_of(sizes).standard(build(sizes, 0), sizes)
    rng = np.random.default_rng(0)
    dtype = np.asarray(network.parameters()[0]).dtype
    theta = [away_from_zero(rng, p.shape, dtype) for p in network.parameters()]
    write(network, theta)
    k, batches = sizes[-1], []
    for n in SAMPLES:
        classes = rng.integers(0, max(k, 2), n)
        y = np.eye(k)[classes] if k > 1 else classes[:, None].astype(float)
        batches.append((rng.uniform(-1, 1, (n, sizes[0])).astype(dtype), y.astype(dtype)))
    names = [f"{kind}{layer}" for layer in range(1, len(sizes)) for kind in "Wb"]
    twins = [asked_form(sizes).standard(asked(sizes, 0), sizes) for _ in range(2)]
    twin = twins[0] if _agree(twins, theta, batches[0]) else None
    return replay_update(record(network, batches, RATES, twin), names, without)


def _agree(networks: Sequence[Any], theta: Sequence[Any], batch: tuple[Any, Any]) -> bool:
    """Whether networks of one build have the same gradients at theta: else none of them can speak for another."""
    answers = []
    for network in networks:
        write(network, theta)
        answers.append([np.array(g) for g in network.gradients(*(part.copy() for part in batch))])
    first, *others = answers
    return all(np.array_equal(g, h) for other in others for g, h in zip(first, other, strict=True))


def _settled(before: Sequence[Finding], numbers: Sequence[Finding], understood: bool) -> list[Finding]:
    """The findings of state and numerics and those of the replays, without what one of them explains for the other.

    understood: the outputs for moderate numbers have been reproduced."""
    # Of a layer that computes something else than it should, that it overflows says nothing.
    mixing = any(finding.operation == "forward" and finding.cause in (*MIXING, UNKNOWN) for finding in numbers)
    if not understood:  # who knows whether it is a sigmoid that overflows
        before = [replace(f, cause=UNKNOWN) if f.cause in UNSTABLE else f for f in before]
    if any(finding.operation == "delta" and not finding.known for finding in numbers):
        # What overflows in a wrong formula comes of that.
        before = [f for f in before if f.operation != "gradient" or f.cause not in (*UNSTABLE, UNKNOWN)]
    kept = [f for f in before if not (mixing and f.cause in (*MIXING, "unstable-softmax", UNKNOWN))]
    return [*kept, *numbers]


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
