"""How the networks of one builder are written, for one number of layers and of outputs: read once, then used for all.

What the author declares (attributes `hidden`, `output`, `loss_function`) is what the network is held to. What is not
declared is read off what it does. What can be neither declared by a name that nnkit knows nor read stays `UNREAD`: that
is no fault, but what needs the formula cannot be checked by hand.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from nnkit.diagnosis.conventions import CannotRead, Conventions, declared
from nnkit.diagnosis.formulas import UNREAD
from nnkit.diagnosis.gradient_factor import NO_FACTOR, GradientFactor, InUnitsOfItsLoss, read_gradient_factor
from nnkit.diagnosis.layout import PROBES, Layout, UnknownLayout, read_layout
from nnkit.diagnosis.reading import (
    LossReading,
    bias_gradient_points_uphill,
    read_guard,
    read_hidden,
    read_inputs,
    read_loss,
    read_output,
)
from nnkit.diagnosis.standard import StandardNetwork

Build = Callable[[tuple[int, ...]], Any]

#: two computations of the same number are further apart than this only if they are different computations: some
#: thousand roundings of float64, some hundred of float32 (which a float64 network may use for its loss, too)
SLACKS = (1e-9, 3e-5)


@dataclass(frozen=True)
class Form:
    """layout: None where it is unknown, and then `why_not` says so; hidden, output: names, or UNREAD; measured: what the
    network does, where that could be read, beside what it declares."""

    layout: Layout | None
    why_not: str
    hidden: str
    output: str
    loss: str
    reading: LossReading | None
    measured: dict[str, str]
    #: what the author declares of hidden activation, output activation and loss; "" where nothing
    said: tuple[str, ...] = ("", "", "")
    #: (scale, shift), where the network computes with scale (x - shift)
    inputs: tuple[float, float] = (1.0, 0.0)
    #: its neurons take thresholds off their sums where others add biases
    subtracted: bool = False
    #: what its gradients are times the slopes of its loss
    gradient_factor: GradientFactor = NO_FACTOR

    def standard(self, network: Any, sizes: Sequence[int]) -> Any:
        """The network in standard form; itself where it is. Where its layout is unknown, only its gradients are."""
        network = self._in_standard_layout(network, sizes)
        return InUnitsOfItsLoss(network, self.gradient_factor) if self.gradient_factor else network

    def _in_standard_layout(self, network: Any, sizes: Sequence[int]) -> Any:
        if self.layout is None:
            return network
        shapes = [np.shape(array) for array in network.parameters()]
        if not self.layout.fits(shapes, sizes):
            return network
        reading = self.reading or LossReading(self.loss)
        plain = replace(reading, squares=(), absolutes=(), per_sample=False, guard=0.0) == LossReading(reading.loss)
        plain = plain and self.inputs == (1.0, 0.0) and not self.subtracted
        if plain and self.layout.is_standard and shapes == _standard_shapes(sizes):
            return network
        return StandardNetwork(
            network, self.layout, sizes, logits=reading.logits, factor=reading.factor, summed=reading.summed,
            recoded=reading.recoded, inputs=self.inputs, subtracted=self.subtracted,
        )  # fmt: skip

    def words(self) -> dict[str, str]:
        """How the network is read, for people: only what is known, and where from."""
        said = dict(zip(("hidden", "output", "loss"), self.said, strict=True))
        names = {"hidden": self.hidden, "output": self.output, "loss": self.loss}
        if self.layout is not None and self.layout.layers == 1 and not said["hidden"]:
            del names["hidden"]
        found = {"parameters": self.layout.words() if self.layout else "a layout that nnkit does not know"}
        for what, name in names.items():
            known = "none that nnkit knows by name" if name == UNREAD else name.replace("_", " ")
            found[what] = known if said[what] or name == UNREAD else f"{known} (by what it does)"
        if self.reading is not None:
            found["loss"] += self.reading.words()
        if self.inputs != (1.0, 0.0):
            scale, shift = self.inputs
            found["inputs"] = f"{scale:.6g} (x - {shift:.6g})" if shift else f"{scale:.6g} x"
        if self.subtracted:
            found["biases"] = "subtracted: thresholds"
        if self.gradient_factor:
            found["gradient"] = f"{self.gradient_factor} times the slopes of the loss"
        return found

    def conventions(self, network: Any, sizes: Sequence[int]) -> Conventions:
        """Of one network of these sizes, whose float type is its own.

        Raises CannotRead where that is none to compute with, or where weights or biases are missing.
        """
        arrays = [np.asarray(array) for array in network.parameters()]
        needed, there = sum((a + 1) * b for a, b in pairwise(sizes)), sum(array.size for array in arrays)
        if self.layout is None and there < needed:
            shapes = ", ".join(str(array.shape) for array in arrays)
            raise CannotRead(
                f"a network of sizes {tuple(sizes)} has {needed} weights and biases, for example [W1, b1, ...] of shapes "
                f"{_standard_shapes(sizes)}; parameters() holds {there} numbers, of shapes {shapes}. Return all of them."
            )
        kinds = {array.dtype.name for array in arrays}
        if len(kinds) != 1 or not kinds <= {"float64", "float32"}:
            raise CannotRead(f"parameters should all be float64, or all float32; got {', '.join(sorted(kinds))}.")
        reading = self.reading or LossReading(self.loss)
        return Conventions(
            self.hidden, self.output, self.loss, kinds.pop(),
            squares=reading.squares, absolutes=reading.absolutes, per_sample=reading.per_sample,
            guard=reading.guard,
        )  # fmt: skip


def read_form(build: Build, sizes: Sequence[int]) -> Form:
    """The form of the networks that `build(sizes)` makes with this number of layers and of outputs.

    Nothing that the network raises on the way comes out: a network that cannot be read is left to the checks.
    """
    layers, outputs = len(sizes) - 1, sizes[-1]
    probe = (*PROBES.get(layers, tuple(sizes))[:-1], outputs)
    layout, why_not = None, ""
    try:
        network = build(probe)
    except Exception:  # it can have the sizes of the stages only
        probe = tuple(sizes)
        network = None
    try:
        network = build(probe) if network is None else network
        layout = read_layout(build, layers, sizes)
    except UnknownLayout as unknown:
        why_not = str(unknown)
    except Exception as error:
        why_not = f"a network of sizes {probe} raised {type(error).__name__}: {error}"
    said = {name: declared(network, name) for name in ("hidden", "output", "loss_function")}
    measured: dict[str, str] = {}
    if layout is None:
        hidden, output, loss = (said[name] or UNREAD for name in said)
        return _with_gradient_factor(
            Form(None, why_not, hidden, output, loss, None, measured, tuple(said.values())), network, probe
        )
    if layers == 1:
        measured["hidden"] = said["hidden"] or "identity"  # nothing depends on it
    inputs, subtracted = (1.0, 0.0), False
    with _tolerant():
        inputs, subtracted = _read_inputs_and_biases(build, probe[-1])
    standard = StandardNetwork(network, layout, probe, inputs=inputs, subtracted=subtracted)
    kept = standard.parameters()
    reading = None
    for slack in SLACKS:
        with _tolerant():
            if "output" not in measured and (name := read_output(standard, probe, slack)):
                measured["output"] = name
        with _tolerant():
            if not said["hidden"] and "hidden" not in measured and (name := _read_all_hidden(standard, probe, slack)):
                measured["hidden"] = name
        with _tolerant():
            reading = reading or _read_loss(standard, probe, measured.get("output"), slack, said["loss_function"])
    with contextlib.suppress(Exception):
        standard.set_parameters(kept)
    if reading is not None:
        measured["loss_function"] = reading.loss
        if reading.logits:
            measured["output"] = reading.logits
    hidden, output, loss = (said[name] or measured.get(name, UNREAD) for name in said)
    if reading is not None and reading.fault:
        measured["loss_function"] = f"{reading.loss}: {reading.fault}"
        reading = None  # it is held to the loss that it was meant to be
    elif reading is not None and reading.logits and said["output"] not in ("", reading.logits, "identity"):
        reading = None  # what it declares is not what it does: for the hand check to say
    elif reading is not None and reading.logits:
        output = reading.logits
    elif reading is not None and reading.recoded and output != UNREAD:
        output = f"half_of_1_plus_{output}"
    form = Form(layout, why_not, hidden, output, loss, reading, measured, tuple(said.values()), inputs, subtracted)
    return _with_gradient_factor(form, network, probe)


def _with_gradient_factor(form: Form, network: Any, sizes: tuple[int, ...]) -> Form:
    with _tolerant():
        unit = form.reading.factor if form.reading is not None else 1.0
        return replace(form, gradient_factor=read_gradient_factor(form.standard(network, sizes), sizes, unit))
    return form


def _read_loss(network: Any, sizes: tuple[int, ...], output: str | None, slack: float, only: str) -> LossReading | None:
    """The loss, with the guard in its logarithm where only that makes it fit."""
    reading = read_loss(network, sizes, output, slack, only)
    loose = reading or read_loss(network, sizes, output, SLACKS[-1], only)
    if reading is None and loose is not None and not loose.logits and loose.loss != "mse":
        guard = read_guard(network, sizes, loose)
        return read_loss(network, sizes, output, slack, only, guard) if guard else None
    return reading


def _read_inputs_and_biases(build: Build, outputs: int) -> tuple[tuple[float, float], bool]:
    """How inputs are rescaled, and whether thresholds are subtracted where biases are added.

    An input through a weight of 1 gives what a bias of its size gives, and what a threshold of minus its size gives. A
    gradient that has a threshold as added is that of another network: there is no saying which of the two is meant, and
    it is taken for the usual one.
    """
    as_added = _read_inputs(build, outputs, False)
    if as_added is None:
        as_subtracted = _read_inputs(build, outputs, True)
        if as_subtracted is not None and as_subtracted[0] > 0 and _knows_its_biases(build, outputs):
            return as_subtracted, True
    return as_added or (1.0, 0.0), False


def _read_inputs(build: Build, outputs: int, subtracted: bool) -> tuple[float, float] | None:
    """How inputs are rescaled, seen on networks without hidden layers; None where that cannot be seen, or depends on how
    many inputs there are."""
    layout, found = read_layout(build, 1), set()
    for width in (5, 3):
        neuron, sizes = build((width, outputs)), (width, outputs)
        standard = StandardNetwork(neuron, layout, sizes, subtracted=subtracted)
        kept = standard.parameters()
        found.add(read_inputs(standard, sizes, SLACKS[0 if kept[0].dtype == np.float64 else 1]))
        standard.set_parameters(kept)
    inputs = found.pop()
    return None if found else inputs


def _knows_its_biases(build: Build, outputs: int) -> bool:
    neuron, sizes = build((5, outputs)), (5, outputs)
    standard = StandardNetwork(neuron, read_layout(build, 1), sizes)
    kept = standard.parameters()
    uphill = bias_gradient_points_uphill(standard, sizes)
    standard.set_parameters(kept)
    return uphill


@contextlib.contextmanager
def _tolerant() -> Iterator[None]:
    """Whatever a network raises while it is read, it will raise again where a check asks the same of it."""
    with contextlib.suppress(Exception), np.errstate(all="ignore"):
        yield


def _read_all_hidden(network: StandardNetwork, sizes: tuple[int, ...], slack: float) -> str | None:
    """The activation of all hidden layers; None where they are unlike, or have no name."""
    names = {read_hidden(network, sizes, slack, layer) for layer in range(1, len(sizes) - 1)}
    return names.pop() if len(names) == 1 else None


def _standard_shapes(sizes: Sequence[int]) -> list[tuple[int, ...]]:
    return [shape for d_in, d_out in pairwise(sizes) for shape in ((d_in, d_out), (d_out,))]
