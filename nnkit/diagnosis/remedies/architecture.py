"""Suspects in what is built: too deep, too narrow, no hidden layer, an activation or a loss in the way.

Where the author's own `build` makes networks of other sizes, these are tried as they are; another activation or loss is
tried on a replica: the same sizes and the same loop, in the shared network of nnkit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.formulas import UNREAD
from nnkit.diagnosis.layout import write
from nnkit.diagnosis.remedies import labels
from nnkit.diagnosis.remedies.case import Case
from nnkit.diagnosis.remedies.suspect import Suspect
from nnkit.network.activations import ACTIVATIONS, softmax
from nnkit.network.network import Network
from nnkit.subjects.program import Program
from nnkit.training.optimisers import GradientDescent

Array = npt.NDArray[Any]

#: an answer that is off by so much is at the flat end, and of this share of samples: many
NEARLY_ONE, SURELY = 0.97, 0.25
#: outputs that are no probabilities
UNBOUNDED = ("identity", "relu", "leaky_relu", "softplus", "elu", "tanh")
#: outputs at which a loss shows whether it is a logarithm
LEVELS = (0.2, 0.4, 0.8)
#: units of the hidden layers that are tried in the place of too few
ENOUGH = 32


def too_deep(case: Case) -> Iterator[Suspect]:
    sizes = case.program.sizes
    if len(sizes) < 5:
        return
    name = case.inside.conventions.hidden if case.inside.conventions is not None else UNREAD
    squashing = name in ("sigmoid", "tanh", "softsign") or name == UNREAD
    if case.has("vanishing") or name == "sigmoid":
        shallow = (sizes[0], sizes[1], sizes[-1])
        cause = "too-deep-for-sigmoid" if squashing and name != "tanh" else "vanishing-gradient"
        yield Suspect(
            cause, "forward", f"The gradient has {len(sizes) - 1} layers{f' of {name}s' if name != UNREAD else ''} to go "
            "down through.", "one hidden layer in their place", f"SIZES = {shallow}, or ReLU with He's start",
            replace(case.program, sizes=shallow),
        )  # fmt: skip


def too_narrow(case: Case) -> Iterator[Suspect]:
    sizes = case.program.sizes
    if len(sizes) < 3:
        return
    narrow = min(sizes[1:-1])
    if narrow >= ENOUGH // 2:
        return
    wider = (sizes[0], *(max(ENOUGH, size) for size in sizes[1:-1]), sizes[-1])
    yield Suspect(
        "too-few-hidden-units", "forward", f"All has to pass through a layer of {narrow} unit{'s' * (narrow > 1)}.",
        f"at least {ENOUGH} units in each hidden layer", f"SIZES = {wider}", replace(case.program, sizes=wider),
        layer=sizes.index(narrow, 1), odd=False,
    )  # fmt: skip


def no_hidden_layer(case: Case) -> Iterator[Suspect]:
    sizes = case.program.sizes
    if len(sizes) == 2:
        deeper = (sizes[0], ENOUGH, sizes[-1])
        yield Suspect(
            "no-hidden-layer", "forward", "There is no hidden layer: only what a straight line separates can be learned.",
            f"a hidden layer of {ENOUGH} units", f"SIZES = {deeper}", replace(case.program, sizes=deeper),
        )  # fmt: skip


def linear_hidden(case: Case) -> Iterator[Suspect]:
    conventions = case.inside.conventions
    if conventions is not None and conventions.hidden == "identity" and len(case.program.sizes) > 2:
        built = replica(case, hidden="tanh")
        if built is not None:
            yield Suspect(
                "hidden-layer-linear", "forward", "The hidden layers have no activation: all layers together are one.",
                "tanh in the hidden layers", "a = np.tanh(z)", built,
            )  # fmt: skip


def loss_on_saturated_outputs(case: Case) -> Iterator[Suspect]:
    """Squared error, with answers that are surely wrong: there is the flat end that it cannot leave."""
    return _loss_against_output(case, surely=True)


def loss_against_output(case: Case) -> Iterator[Suspect]:
    """Squared error without such answers, where nothing else helps."""
    return _loss_against_output(case, surely=False)


def softmax_twice(case: Case) -> Iterator[Suspect]:
    """Outputs that are probabilities already, in a loss that makes probabilities of them once more: at every moment it is
    one and the same multiple of that, and none of the loss with one softmax."""
    network, (x, y) = case.recording.network, case.recording.probe
    if case.recording.kind != "classes":
        return
    once, twice = [], []
    try:
        for moment in case.recording.moments[:: max(1, len(case.recording.moments) // 6)]:
            write(network, moment.parameters)
            p = np.asarray(network.forward(x.copy()), dtype=np.float64)
            loss = float(np.asarray(network.loss(x.copy(), y.copy())))
            if p.shape != y.shape or p.min() < 0 or np.abs(p.sum(axis=1) - 1).max() > 1e-5:
                return
            once.append(loss / -float((y * np.log(p + 1e-300)).sum(axis=1).mean()))
            twice.append(loss / -float((y * np.log(softmax(p))).sum(axis=1).mean()))
    except Exception:
        return
    if not (np.isfinite(twice).all() and np.ptp(twice) < 1e-4 * abs(twice[0])) or np.ptp(once) < 1e-2 * abs(once[0]):
        return
    built = replica(case, output="softmax", loss="cross_entropy")
    if built is not None:
        yield Suspect(
            "softmax-twice", "loss",
            "The outputs are probabilities, and the loss takes a softmax of them once more: it cannot fall below "
            f"{-np.log(np.e / (np.e + y.shape[1] - 1)):.3g}, and its slopes are weak.",
            "one softmax", "leave out the softmax at the output where the loss has one", built,
        )  # fmt: skip


def logarithm_of_scores(case: Case) -> Iterator[Suspect]:
    """-log of an output that is no probability: nothing keeps it between 0 and 1, or ties the classes together."""
    conventions, inside, program = case.inside.conventions, case.inside, case.program
    name = labels.output_name(case)
    if conventions is None or not case.start or name not in UNBOUNDED or case.recording.kind != "classes":
        return
    if conventions.loss == "mse" or not _is_a_logarithm(case):
        return
    built = replica(case, output="softmax", loss="cross_entropy")
    if built is not None and inside.order is not None:
        yield Suspect(
            "cross-entropy-of-unnormalised-outputs", "loss",
            f"The loss is -log of {name} outputs, which are no probabilities: nothing makes the classes compete.",
            "softmax at the output", "p = softmax(z); delta = (p - y) / n", replace(built, sizes=program.sizes),
        )  # fmt: skip


def _is_a_logarithm(case: Case) -> bool:
    """With all outputs at 0.2, 0.4 and 0.8 the loss changes as -log p does, or as -log p - (k - 1) log(1 - p)."""
    network, (x, y) = case.recording.network, case.recording.probe
    own, losses = case.recording.moments[0].parameters, []
    try:
        for value in LEVELS:
            standard = [np.zeros_like(array) for array in case.start]
            standard[-1][...] = value
            write(network, case.inside.own(standard, own))
            losses.append(float(np.asarray(network.loss(x[:20].copy(), y[:20].copy()))))
    except Exception:
        return False
    seen, p = -np.diff(losses), np.array(LEVELS)
    for others in (0, y.shape[1] - 1):
        wanted = np.diff(np.log(p) + others * np.log(1 - p))
        factor = seen[0] / wanted[0]
        if factor > 0 and np.allclose(seen, factor * wanted, rtol=0.02):
            return True
    return False


def _loss_against_output(case: Case, surely: bool) -> Iterator[Suspect]:
    """Squared error behind an output that saturates, on targets that are classes."""
    conventions = case.inside.conventions
    if conventions is None or conventions.loss != "mse" or conventions.output not in ("sigmoid", "softmax", "tanh"):
        return
    if case.recording.kind in ("numbers", "amounts") or conventions.output == "tanh":
        return
    loss = "cross_entropy" if conventions.output == "softmax" else "binary_cross_entropy"
    built, wrong = replica(case, loss=loss), _surely_wrong(case)
    if built is not None and (wrong > SURELY) is surely:
        yield Suspect(
            "mse-on-saturated-outputs", "loss",
            f"The loss is the squared error of {conventions.output} outputs, whose gradient dies where they saturate.",
            "cross-entropy in its place", "delta = (p - y) / n, which is cross-entropy's", built, odd=surely,
        )  # fmt: skip


def _surely_wrong(case: Case) -> float:
    """The share of samples whose answer is off by nearly 1, the median over the first half of the training."""
    moments, (x, y) = case.recording.moments, case.recording.probe
    shares = []
    for moment in moments[1 : max(2, len(moments) // 2) : 4]:
        layers = case.inside.layers(moment.parameters, x)
        if layers and layers[-1][1].shape == y.shape:
            shares.append(float((np.abs(layers[-1][1] - y).max(axis=1) > NEARLY_ONE).mean()))
    return float(np.median(shares)) if shares else 0.0


def replica(
    case: Case, *, hidden: str = "", output: str = "", loss: str = "", own_start: bool = True
) -> Program | None:
    """The program with nnkit's network in the place of the author's: the same sizes, first weights, activations and loss
    but for what is named, and plain steps. None where the author's are not known, or nnkit's network has none such."""
    conventions, program = case.inside.conventions, case.program
    if conventions is None or not case.start:
        return None
    names = hidden or conventions.hidden, output or conventions.output, loss or conventions.loss
    if names[0] not in ACTIVATIONS or UNREAD in names:
        return None
    start = case.start

    def build(sizes: tuple[int, ...], seed: int) -> Any:
        network = Network(
            sizes, hidden=names[0], output=names[1], loss=names[2], initialiser="glorot",
            update_rule=GradientDescent(), rng=np.random.default_rng(seed),
        )  # fmt: skip
        if own_start and tuple(sizes) == tuple(program.sizes):
            network.set_parameters(start)
        return network

    try:
        build(program.sizes, program.seed)
    except (ValueError, KeyError):
        return None
    return replace(program, build=build)
