"""All replays of one network: its forward pass, its loss, its gradients, its batches.

They are made on several sizes: all different, so that nothing fits by accident, and all equal, where a transposed matrix
goes unnoticed by shapes. What one of them explains, the others need not explain again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from nnkit.diagnosis.conventions import CannotRead, Conventions
from nnkit.diagnosis.form import Form
from nnkit.diagnosis.formulas import UNREAD, formula
from nnkit.diagnosis.gradient_factor import NO_FACTOR
from nnkit.diagnosis.layout import write
from nnkit.diagnosis.reading import GRID
from nnkit.diagnosis.replay.batch import replay_batches, take_apart
from nnkit.diagnosis.replay.experiments import Experiments, measured_output_deltas, perform
from nnkit.diagnosis.replay.finding import UNKNOWN, Finding, in_numbers
from nnkit.diagnosis.replay.forward import ForwardReplay, linear_by_mistake, replay_forward
from nnkit.diagnosis.replay.gradient import replay_gradient
from nnkit.diagnosis.replay.loss import LossReplay, loss_of_singles, replay_loss
from nnkit.diagnosis.replay.loss import standard as standard_loss
from nnkit.diagnosis.replay.own_activation import is_own, measure_hidden, measure_output
from nnkit.diagnosis.replay.place import first_wrong

Sizes = tuple[int, ...]
#: (sizes, seed) -> a network as its author wrote it
Build = Callable[[Sizes, int], Any]
#: sizes -> how such networks are written
FormOf = Callable[[Sizes], Form]

#: All widths differ; all are equal; and no hidden layer. Three outputs: for two, half of softmax's Jacobian is all of it.
UNLIKE, SQUARE, ONE_OUTPUT, FLAT = (5, 4, 2, 3), (3, 3, 3, 3), (5, 4, 2, 1), (4, 3)


#: wrong losses whose slopes are others than those of the loss that was meant, up to a factor
OTHER_SLOPES = frozenset(
    {"softmax-twice", "loss-half-missing", "loss-arguments-swapped", "loss-of-rounded-outputs", "loss-sign-flipped"}
)


@dataclass(frozen=True)
class Replay:
    """What the networks of one shape do. findings: in the order of the computation; forward, loss: as they were explained;
    None where the networks could not be asked at all."""

    sizes: Sizes
    findings: tuple[Finding, ...]
    forward: ForwardReplay | None = None
    loss: LossReplay | None = None


@dataclass(frozen=True)
class Meant:
    """What networks are meant to compute: activation of the hidden layers and of the output, and the loss."""

    hidden: str
    output: str
    loss: str


@dataclass(frozen=True)
class Numbers:
    """findings: every fault of the forward pass, the loss and the gradients, in the order of the computation, each once.

    meant: what networks with one output (True) and with several (False) are meant to compute, where that is known.
    """

    findings: tuple[Finding, ...] = ()
    meant: Mapping[bool, Meant] = field(default_factory=dict)


def replay_numbers(build: Build, form_of: FormOf, without: frozenset[str] = frozenset()) -> Numbers:
    """The replays of all shapes together."""
    found: list[Finding] = []
    meant: dict[bool, Meant] = {}
    first: ForwardReplay | None = None
    for sizes in (UNLIKE, SQUARE, ONE_OUTPUT, FLAT):
        one_output = sizes[-1] == 1
        if sizes == FLAT and first is not None:
            break
        if any(f.operation == "forward" and not f.known for f in found):
            break  # nobody knows what comes out of it in any shape
        # What is wrong with the forward pass shows in every shape; the others then only have to say what was meant.
        told_all = any(f.operation == "forward" for f in found)
        if told_all and one_output in meant:
            continue
        replay = replay_sizes(build, form_of, sizes, without, first if sizes == SQUARE else None)
        if replay is None:
            continue
        if replay.forward is not None and replay.forward.known:
            first = first or replay.forward
            if replay.loss is not None and replay.loss.known:
                hidden, output = replay.forward.names[0], replay.forward.names[-1]
                if not is_own(hidden) and not is_own(output):  # to ask the network at every step would take too long
                    meant.setdefault(one_output, Meant(hidden, output, replay.loss.name))
        if told_all:
            continue
        # What one shape has shown, the others need not show again, and what one explains is no longer unknown.
        told = {finding.cause for finding in found} | {finding.operation for finding in found}
        new = [f for f in replay.findings if f.cause not in told and (f.known or f.operation not in told)]
        if any(finding.operation == "loss" for finding in found):
            # The gradient of the loss that was meant is another one than that of the wrong loss: told already.
            new = [finding for finding in new if finding.cause != "gradient-of-another-loss"]
        if any(finding.cause.startswith("penalty") for finding in found):
            new = [finding for finding in new if not finding.cause.startswith("penalty")]
        explained = {finding.operation for finding in new if finding.known}
        found = [f for f in found if f.known or f.operation not in explained] + new
    return Numbers(tuple(found), meant)


def replay_sizes(
    build: Build,
    form_of: FormOf,
    sizes: Sizes,
    without: frozenset[str] = frozenset(),
    like: ForwardReplay | None = None,
) -> Replay | None:
    """The replays of networks of these sizes; None where there are none. like: a replay of another shape, whose activations
    these networks have, too."""
    try:
        # One factor on all gradients is for the replay to name.
        form = replace(form_of(sizes), gradient_factor=NO_FACTOR)
        raw = build(sizes, 0)
        if form.layout is None:
            return None
        conventions = form.conventions(raw, sizes)
    except (CannotRead, Exception):
        return None

    def standard(seed: int) -> Any:
        return form.standard(build(sizes, seed), sizes)

    # The first shape is looked at closely; the others have to show what it cannot.
    close = sizes in (UNLIKE, FLAT)
    one, four = perform(standard, sizes, 1, 6 if close else 4), perform(standard, sizes, 4, 3 if close else 2)
    batches = [four, perform(standard, sizes, 5, 3)] if close else [four]
    if not np.isfinite(one.outputs).all():
        return Replay(sizes, ())
    layers = len(sizes) - 1
    names = (*([form.hidden] * (layers - 1)), form.output)
    if like is not None:
        names = tuple(known if name == UNREAD else name for name, known in zip(names, like.names, strict=True))
    forward = replay_forward([one, four], names, without)
    if not forward.known and form.inputs != (1.0, 0.0):
        # Inputs that seem to be rescaled may be biases that count twice.
        return replay_sizes(build, lambda sizes: replace(form_of(sizes), inputs=(1.0, 0.0)), sizes, without, like)
    said = (*([form.said[0] or UNREAD] * (layers - 1)), form.said[1] or UNREAD)
    if not forward.known and said != names:
        # What was read off a network with a fault may have been read wrongly: only what is declared counts.
        forward = replay_forward([one, four], said, without)
    if not forward.known and UNREAD in names:
        own = _own_names(names, build, form_of, sizes[-1])
        measured_forward = replay_forward([one, four], own, without)
        if measured_forward.known and not measured_forward.faults:  # else any fault could be its own activation
            forward = measured_forward
    if not forward.known:
        with suppress(Exception):
            if wrong := first_wrong(standard(0), sizes, names):
                return Replay(sizes, (replace(wrong, layers=layers),), forward)
        return Replay(sizes, (), forward)
    if any(f.cause == "softmax-not-normalised" for f in forward.faults.values()) and _exponential(build, form_of):
        return Replay(sizes, (), replace(forward, known=False))
    loss = LossReplay(form.loss)
    if form.reading is None:
        loss = replay_loss([one, *batches], form.loss, without)
    of_loss, of_gradient = _of_loss(loss, four), list[Finding]()
    alone = one.gradients_said and any(g.any() for g in (*one.weight_gradients, *one.bias_gradients))
    if not loss.known and np.isfinite(one.losses).all():
        if single := loss_of_singles(one, form.loss):
            of_loss = [
                Finding(
                    UNKNOWN, "loss", f"loss() of one sample is the {single.replace('_', ' ')}; that of a batch is neither the "
                    "mean nor the sum of these, and no known fault gives its numbers.",
                    in_numbers("loss of a batch, but for a factor", four.losses, standard_loss(single, four.outputs, four.y)),
                )
            ]  # fmt: skip
        elif alone:
            of_loss, of_gradient = _beside_measured(standard, one, forward, conventions, without)
    overflowing = _not_finite(one)
    if overflowing is not None:
        of_loss, of_gradient = _of_loss(loss, four), [overflowing]
    elif loss.known and alone:
        of_gradient = _of_gradient(one, forward, loss, conventions, without)
        if any(f.layer != layers for f in of_gradient) and "activation-missing" not in without:
            # A linear layer may be meant: then the gradient says so, too.
            for mistaken in linear_by_mistake(forward):
                other = _of_gradient(one, mistaken, loss, conventions, without)
                if len(other) < len(of_gradient):
                    forward, of_gradient = mistaken, other
                    break
    skipped = max((n for n, fault in forward.faults.items() if fault.skips), default=0)
    # Through a layer that the forward pass skips there is no right way down.
    of_gradient = [f for f in of_gradient if not (f.operation == "delta" and (f.layer or layers) <= skipped)]
    # What is cut, or out of its place, for one sample is so for several.
    if loss.known and not any(f.cause in ("gradient-clipped", "gradients-in-wrong-order") for f in of_gradient):
        # A penalty that is wrong for one sample is so for several.
        told = any(finding.cause.startswith("penalty") for finding in of_gradient)
        unknown = max((f.layer or 0 for f in of_gradient if not f.known), default=None)
        of_batches = _of_batches(standard, batches, conventions, forward, loss.name, without, unknown)
        of_gradient += [f for f in of_batches if not (told and f.cause.startswith("penalty"))]
    if form.reading is None:  # a factor between a loss whose own factor is not known and its gradient says nothing
        of_gradient = [finding for finding in of_gradient if finding.severity == "error"]
    if loss.fault is not None and loss.fault.cause.startswith("penalty"):
        of_gradient = [finding for finding in of_gradient if not finding.cause.startswith("penalty")]
    factor = form_of(sizes).gradient_factor
    if factor:
        reason = factor.reason(form.reading.summed if form.reading is not None else None)
        words = f"gradients(x, y) is {factor} times the slope of loss(x, y), in all parameters alike{': ' * bool(reason)}{reason}."
        of_gradient = [replace(f, summary=words) if f.cause == "gradient-scaled" else f for f in of_gradient]
    findings = [*_of_forward(forward, [one, four]), *of_loss, *of_gradient]
    return Replay(sizes, tuple(replace(f, layers=layers) for f in _together(findings)), forward, loss)


def _exponential(build: Build, form_of: FormOf) -> bool:
    """Whether a single output is e^z, too: then it is no softmax that lacks its sum."""
    sizes = (3, 4, 1)
    with suppress(Exception):
        name = measure_output(form_of(sizes).standard(build(sizes, 0), sizes), sizes)
        return name is not None and np.allclose(formula(name).value(GRID), np.exp(GRID))
    return False


def _own_names(names: Sequence[str], build: Build, form_of: FormOf, outputs: int) -> tuple[str, ...]:
    """The names, with what has none measured on networks with one hidden layer; as they are where that cannot be done."""
    probe = (3, 4, outputs)
    *hidden, output = names
    with suppress(Exception):
        form = form_of(probe)
        if output == UNREAD:
            output = measure_output(form.standard(build(probe, 0), probe), probe) or UNREAD
        if UNREAD in hidden:
            own = measure_hidden(form.standard(build(probe, 0), probe), probe, output) or UNREAD
            hidden = [own if name == UNREAD else name for name in hidden]
    return (*hidden, output)


def _beside_measured(
    standard: Callable[[int], Any],
    one: Experiments,
    forward: ForwardReplay,
    conventions: Conventions,
    without: frozenset[str],
) -> tuple[list[Finding], list[Finding]]:
    """Where the loss is none that is known: what is wrong with it, and with the gradients, going by its measured slopes.

    Gradients that differ from these may be right, and the loss wrong. It is, if gradients draw each output to its target,
    and the loss does not, or is not low where all outputs are at theirs.
    """
    measured = measured_output_deltas(standard, one)
    found = list(replay_gradient(one, forward, UNREAD, conventions, without, measured=measured).findings)
    away = np.sign(one.outputs - one.y)
    theirs = one.bias_gradients[-1][:, None]
    # What is known to 1e-7 is none where it is less than some times that.
    drawn = (np.sign(measured) == away) & (np.abs(measured) > 1e-6 * np.abs(measured).max())
    if not found:
        return [], []
    words = "loss() is none that is known, and no known fault of one"
    if any(finding.cause.startswith("penalty") for finding in found):
        words = f"{words}; gradients() have multiples of the weights in them, and perhaps it has a penalty."
    elif not (np.sign(theirs) == away).all() or (drawn.all() and _low_at_targets(standard(0), forward.names[-1])):
        return [], found
    else:
        words = f"{words}: it does not draw each output to its target, as gradients() do."
    return [
        Finding(UNKNOWN, "loss", words, in_numbers("slope of the loss along z of the output layer", measured, theirs))
    ], []  # fmt: skip


#: weighted inputs with which a sigmoid or a softmax is sure
_SURE = 12.0


def _low_at_targets(network: Any, output: str) -> bool:
    """Whether the loss of outputs that are right is next to nothing beside that of a guess; True where these cannot be set.

    network: in standard form.
    """
    if output not in ("sigmoid", "softmax"):
        return True
    parameters = [np.zeros_like(array) for array in network.parameters()]
    dtype, k = parameters[0].dtype, len(parameters[-1])
    x, y = np.zeros((1, len(parameters[0])), dtype), np.eye(1, k, dtype=dtype)
    losses = []
    for sure in (0.0, _SURE):
        parameters[-1][...] = sure * (2 * y[0] - 1)
        write(network, parameters)
        losses.append(float(np.asarray(network.loss(x.copy(), y.copy())).reshape(())))
    return losses[1] < 0.01 * losses[0]


def _of_gradient(
    seen: Experiments, forward: ForwardReplay, loss: LossReplay, conventions: Conventions, without: frozenset[str]
) -> list[Finding]:
    return list(
        replay_gradient(
            seen, forward, loss.name, conventions, without, loss.fault is not None and loss.fault.cause in OTHER_SLOPES
        ).findings
    )


def _not_finite(seen: Experiments) -> Finding | None:
    """The delta of single samples that is the first to be no finite number, from the output down: outputs and losses of
    moderate numbers are finite."""
    raised = all(np.isnan(gradient).all() for gradient in seen.bias_gradients)
    if raised or not np.isfinite(seen.losses).all():
        return None
    for number in range(seen.layers, 0, -1):
        delta = seen.bias_gradients[number - 1]
        if not np.isfinite(delta).all():
            bad = int((~np.isfinite(delta)).sum())
            return Finding(
                UNKNOWN, "delta",
                f"The delta of layer {number} is no finite number for ordinary samples, though the loss is: what is divided "
                "by there, or taken the logarithm of?",
                f"{bad} of {delta.size} entries of the gradient of b{number} are NaN or infinite.", number,
            )  # fmt: skip
    return None


def _together(findings: Sequence[Finding]) -> list[Finding]:
    """One finding for each cause and operation: that of the place where it shows first, the others in its summary."""
    kept: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        kept.setdefault((finding.cause, finding.operation), []).append(finding)
    together = []
    for same in kept.values():
        # Where it goes wrong first: a forward pass from its input, a backward pass from the output.
        first, *others = sorted(same, key=lambda f: (f.layer or 0) * (1 if f.operation == "forward" else -1))
        places = [f.parameter or f"layer {f.layer}" for f in sorted(others, key=lambda f: f.layer or 0)]
        if places:
            first = replace(first, summary=f"{first.summary} The same in {', '.join(places)}.")
        together.append(first)
    return together


def _of_forward(replay: ForwardReplay, seen: Sequence[Experiments]) -> list[Finding]:
    if not replay.known:
        return []  # an activation of one's own is no fault, and nothing more is known
    findings = []
    last = seen[-1]
    trace, mended = replay.run(last), replay.run(last, mended=True)
    for number, fault in sorted(replay.faults.items()):
        layer = "the output layer" if number == len(replay.names) else f"layer {number}"
        meant = replay.names[number - 1].replace("_", " ")
        instead = f" in place of {meant}" if fault.cause == "wrong-activation" and "(-z)" not in fault.words else ""
        findings.append(
            Finding(
                fault.cause, "forward", f"forward(): {layer} computes {fault.words}{instead}.",
                in_numbers("output", last.outputs, mended.a[-1], trace.a[-1]), number, fault.parameter,
            )
        )  # fmt: skip
    return findings


def _of_loss(replay: LossReplay, seen: Experiments) -> list[Finding]:
    if replay.fault is None:
        return []
    return [
        Finding(
            replay.fault.cause, "loss", f"loss() {replay.fault.words}.",
            in_numbers("loss of a batch", seen.losses, replay.meant(seen), replay.predicted(seen)),
        )
    ]  # fmt: skip


def _of_batches(
    standard: Callable[[int], Any],
    batches: Sequence[Experiments],
    conventions: Conventions,
    forward: ForwardReplay,
    loss: str,
    without: frozenset[str],
    unknown: int | None,
) -> list[Finding]:
    """unknown: the highest layer where the gradients of single samples are not explained; None where all are."""
    if any(fault.cause in ("samples-mixed", "softmax-over-wrong-axis") for fault in forward.faults.values()):
        return []  # then a batch is no sum of its samples
    names = [f"{kind}{layer}" for layer in range(1, batches[0].layers + 1) for kind in "Wb"]
    said = [seen for seen in batches if seen.gradients_said]
    apart = [take_apart(standard, seen, conventions, forward, loss) for seen in said]
    findings = replay_batches(apart, names, without) if apart else []
    if unknown is None:
        return findings
    # Numbers that are not understood one by one may add up to anything; what holds above them still counts.
    return [f for f in findings if not f.parameter and (f.layer is None or f.layer > unknown)]


__all__ = ["UNKNOWN", "Meant", "Numbers", "Replay", "replay_numbers", "replay_sizes"]
