"""Faults of numerics: formulas that are right on paper, and go wrong in floating point.

Huge weighted inputs are made in one layer alone, by its biases, while the layer above does not listen: what is no
number then was made in that layer. Numbers that are kept with too few digits show in answers that do not change when
what they are made from does, or that have no more digits than float16 holds. A derivative that the network takes by
differences of its loss is taken again, with every step that people use.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.conventions import Conventions
from nnkit.diagnosis.formulas import UNREAD, formula
from nnkit.diagnosis.layout import read_layout
from nnkit.diagnosis.reading import read_hidden, read_output
from nnkit.diagnosis.replay.experiments import away_from_zero, distance
from nnkit.diagnosis.replay.finding import UNKNOWN, Finding, unnamed
from nnkit.diagnosis.standard import StandardNetwork
from nnkit.gradients import Parameters, loss_of

Array = npt.NDArray[Any]
Build = Callable[[int], Any]
Change = Callable[[Array], Array]

#: activations that are computed with e^-z and may overflow in it
_SIGMOIDS = {"sigmoid", "silu", "half_of_1_plus_tanh"}
#: activations are read with these: exactly, in float32, and in float16
_SLACKS = (1e-9, 3e-5, 2e-3)
#: steps for differences that people take, from coarse to fine; finer ones do no harm that can be seen
_STEPS = sorted({m * 10.0**-k for m in (1, 2, 5) for k in range(5)} | {0.25, 0.125}, reverse=True)
#: from where on a gradient by differences is too coarse
_COARSE = 1e-4


def replay_numerics(
    build: Build, sizes: Sequence[int], conventions: Conventions | None, without: Set[str] = frozenset()
) -> list[Finding]:
    """What is wrong with the arithmetic of the networks of `build(seed)`, of these sizes, as their author wrote them.

    conventions: how they are read, where that is known. Those in `without` are told without a name. Empty where nothing is
    proved; networks that raise are left to the checks.
    """
    asked = Asked(build, tuple(sizes), conventions)
    found: list[Finding] = []
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for experiment in (_whole_numbers, _half, _huge_sums, _sure, _large_step):
            try:
                for finding in experiment(asked):
                    if finding.cause not in {other.cause for other in found}:
                        found.append(finding)
            except Exception:  # what raises is told by the check that it raised in
                continue
            if found and experiment is _whole_numbers:  # then nothing else is what it seems
                break
    known = [finding for finding in found if finding.known]
    return [unnamed(finding, without) for finding in known or found]


# Few digits ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """Networks of one kind, and numbers to ask them about: none is whole, and none is one of float16."""

    build: Build
    sizes: tuple[int, ...]
    conventions: Conventions | None

    @cached_property
    def network(self) -> Any:
        return self.build(0)

    @cached_property
    def standard(self) -> StandardNetwork:
        """A network in standard arrangement, but with its own outputs and losses. Raises where its layout is unknown."""

        def own(probe: tuple[int, ...]) -> Any:
            if tuple(probe) != self.sizes:
                raise ValueError("only these sizes are at hand")
            return self.build(0)

        return StandardNetwork(self.build(0), read_layout(own, len(self.sizes) - 1, self.sizes), self.sizes)

    @cached_property
    def activations(self) -> list[str]:
        """The name of each layer's, as far as it is known or can be read; UNREAD elsewhere."""
        known, layers = self.conventions, len(self.sizes) - 1
        names = [known.hidden if known else UNREAD] * (layers - 1) + [known.output if known else UNREAD]
        for (k, name), slack in product(enumerate(names), _SLACKS):
            if names[k] == UNREAD == name:
                with contextlib.suppress(Exception):
                    ask = self.standard, self.sizes, slack
                    read = read_output(*ask) if k == layers - 1 else read_hidden(*ask, k + 1)
                    names[k] = read or names[k]
        return names

    def data(self, key: int, n: int = 3) -> tuple[Array, Array]:
        rng = np.random.default_rng([key, n])
        k = rng.integers(max(2, self.sizes[-1]), size=n)
        y = np.eye(self.sizes[-1])[k] if self.sizes[-1] > 1 else k[:, None].astype(float)
        # Between 1 and 3, so that whole parts are not zero, and there is something to cut off
        x = rng.choice([-1, 1], (n, self.sizes[0])) * rng.uniform(1.1, 2.9, (n, self.sizes[0]))
        single = any(getattr(array, "dtype", None) == np.float32 for array in self.network.parameters())
        return (x.astype(np.float32), y.astype(np.float32)) if single else (x, y)

    def theta(self, key: int, parameters: Parameters, largest: float = 0.9) -> Array:
        rng = np.random.default_rng([key, parameters.size])
        return away_from_zero(rng, (parameters.size,), parameters.dtype, largest)

    def forward(self, x: Array) -> Array:
        return np.array(self.network.forward(x.copy()))


def _whole_numbers(asked: Asked) -> Iterator[Finding]:
    cause = "integer-arrays"
    for k, array in enumerate(asked.network.parameters()):
        dtype = getattr(array, "dtype", None)
        if isinstance(dtype, np.dtype) and dtype.kind in "iu":
            yield Finding(
                cause, "state", f"parameters()[{k}] is an array of {dtype}: what is after the decimal point is cut off.",
                f"Its type is {dtype}, so that an update of 0.3 written into it leaves what was there.",
            )  # fmt: skip
            return
    parameters = Parameters(asked.network)
    theta = asked.theta(0, parameters, 2.9)
    parameters.write(theta)
    read = parameters.read()
    if (read != theta).any() and np.array_equal(read, np.trunc(theta)):
        yield Finding(
            cause, "state", "What is written into the parameters is kept in integers, without what is after the decimal point.",
            f"{theta[0]:.6g} was written into them, and {read[0]:.6g} is read, and so for all {theta.size} numbers.",
        )  # fmt: skip
        return
    yield from _cut_off(asked, parameters)
    outputs = np.concatenate([_forward_at(asked, parameters, key) for key in range(4)])
    if (outputs == np.rint(outputs)).all():
        kind = asked.forward(asked.data(0)[0]).dtype
        # Only 0 and 1 may be classes; and all zero is what rounding down leaves of numbers below 1.
        values = np.unique(outputs)
        if (kind.kind in "iu" and np.array_equal(values, [0])) or (len(values) > 2 and not set(values) <= {-1, 0, 1}):
            yield Finding(
                cause, "forward", "forward() gives whole numbers only: its outputs are put into an array of integers.",
                f"{outputs.size} outputs of networks with random numbers, of type {kind}, are all whole: "
                f"{', '.join(f'{value:g}' for value in values[:6])}.",
            )  # fmt: skip
    if hasattr(asked.network, "gradients"):
        for k, gradient in enumerate(asked.network.gradients(*asked.data(0))):
            if getattr(gradient, "dtype", np.dtype(float)).kind in "iu":
                yield Finding(
                    cause, "gradient", f"gradients()[{k}] is an array of {gradient.dtype}: what is after the decimal point is cut off.",
                    f"Its type is {gradient.dtype}; its largest number is {np.abs(gradient).max()}.",
                )  # fmt: skip
                return


def _forward_at(asked: Asked, parameters: Parameters, key: int) -> Array:
    parameters.write(asked.theta(key, parameters, 2.9))
    return np.asarray(asked.forward(asked.data(key)[0]), dtype=float).ravel()


_CUTS: dict[str, Callable[[Array], Array]] = {"cut off": np.trunc, "rounded": np.rint, "rounded down": np.floor}


def _cut_off(asked: Asked, parameters: Parameters) -> Iterator[Finding]:
    for how, cut in _CUTS.items():
        if name := _coarse(asked, parameters, cut, lambda values: values + 1, 2.9):
            yield Finding(
                "integer-arrays", "forward", f"forward() computes with integers: what is after the decimal point of {name} is {how}.",
                f"With {name} made whole ({how}), three networks with random numbers give the same outputs, bit for bit; with 1 "
                "added they give others, and so they do when a millionth is added to everything else.",
            )  # fmt: skip
            return


def _coarse(asked: Asked, parameters: Parameters, cut: Change, step: Change, largest: float) -> str | None:
    """What the network computes with only as `cut` leaves it: the inputs, or one of the parameters.

    Outputs do not change at all when this is cut. They do when it makes a step, and when everything else is changed by
    a millionth; so it is not the outputs that are coarse.
    """
    parts = {"the inputs": None} | {f"parameters()[{k}]": part for k, part in enumerate(parameters.slices)}

    def only_coarse(part: slice | None, key: int) -> bool:
        (x, _), theta = asked.data(key), asked.theta(key, parameters, largest)

        def outputs(change: Change, elsewhere: Change) -> Array:
            changed = elsewhere(theta)
            if part is not None:
                changed[part] = change(theta[part])
            parameters.write(changed.astype(parameters.dtype))
            return asked.forward(change(x) if part is None else elsewhere(x))

        before = outputs(np.copy, np.copy)
        return (
            bool(np.isfinite(before).all())
            and np.array_equal(before, outputs(cut, np.copy))
            and not np.array_equal(before, outputs(step, np.copy))
            and not np.array_equal(before, outputs(np.copy, lambda values: values * (1 + 1e-6)))
        )

    return next((name for name, part in parts.items() if all(only_coarse(part, key) for key in range(3))), None)


def _half(asked: Asked) -> Iterator[Finding]:
    cause = "half-precision"
    parameters = Parameters(asked.network)
    if parameters.dtype == np.float16:
        yield Finding(
            cause,
            "state",
            "The parameters are arrays of float16, which holds three to four decimal digits.",
            "Their type is float16.",
        )
        return
    written = asked.theta(0, parameters)
    parameters.write(written)
    read = parameters.read()
    if (read != written).any() and np.array_equal(read, _to_half(written)):
        yield Finding(
            cause, "state", "What is written into the parameters is kept in float16, with three to four decimal digits.",
            f"{written[0]:.9g} was written into them, and {read[0]:.9g} is read, and so for all {read.size} numbers.",
        )  # fmt: skip
        return
    said: dict[str, list[Array]] = {}
    for key in range(6):
        x, y = asked.data(key, 1 + key % 2)
        parameters.write(asked.theta(key, parameters))
        said.setdefault("forward", []).append(asked.forward(x).ravel())
        said.setdefault("loss", []).append(np.array(asked.network.loss(x.copy(), y.copy()), dtype=float).ravel())
        if hasattr(asked.network, "gradients"):
            for k, gradient in enumerate(asked.network.gradients(x.copy(), y.copy())):
                said.setdefault(f"gradients {k}", []).append(np.array(gradient, dtype=float).ravel())
    for name, answers in said.items():
        values = np.unique(np.concatenate(answers).astype(float))
        # Eighths are what numbers written down by somebody may be, too; of others, one in thousands is one of float16.
        generic = values[np.isfinite(values) & (values * 8 != np.rint(values * 8))]
        if len(generic) < 5 or not np.array_equal(generic, _to_half(generic)):
            continue
        method, *index = name.split()
        what = f"{method}()" + (f"[{index[0]}]" if index else "")
        yield Finding(
            cause, {"gradients": "gradient"}.get(method, method),
            f"{what} is computed in half precision: its numbers have three to four decimal digits.",
            f"Networks with random numbers of {parameters.dtype} gave {len(generic)} different numbers, and every one of them, such as "
            f"{generic[0]:.12g}, is exactly one that float16 can hold; that happens by chance to one of some thousand.",
        )  # fmt: skip
        return
    yield from _rounded_to_half(asked, parameters)
    yield from _replayed_in_half(asked)


def _to_half(values: Array) -> Array:
    return values.astype(np.float16).astype(values.dtype)


def _rounded_to_half(asked: Asked, parameters: Parameters) -> Iterator[Finding]:
    def next_one(values: Array) -> Array:
        return np.nextafter(values.astype(np.float16), np.float16(np.inf)).astype(values.dtype)

    if name := _coarse(asked, parameters, _to_half, next_one, 0.9):
        yield Finding(
            "half-precision", "forward", f"forward() rounds {name} to float16, which holds three to four decimal digits.",
            f"With {name} rounded to float16, three networks with random numbers give the same outputs, bit for bit; with the "
            "next number of float16 they give others, and so they do when a millionth is added to everything else.",
        )  # fmt: skip


def _replayed_in_half(asked: Asked) -> Iterator[Finding]:
    """The forward pass by the formulas, with the weighted inputs or the activations of hidden layers put into float16."""
    if len(asked.sizes) == 2:
        return
    standard, sizes = asked.standard, asked.sizes
    names = asked.activations
    rng = np.random.default_rng(5)
    places = ["weighted inputs", "activations"]
    fits = {(place, layer): 0.0 for place in places for layer in (*range(1, len(sizes) - 1), 0)}
    plain = 0.0
    for _ in range(3):
        theta = [away_from_zero(rng, a.shape, a.dtype) for a in standard.parameters()]
        standard.set_parameters(theta)
        x = rng.uniform(-1, 1, (3, sizes[0]))
        p = np.array(standard.forward(x.copy()), dtype=float)

        def computed(place: str, at: int, theta: list[Array] = theta, x: Array = x) -> Array:
            a = x
            for layer in range(1, len(sizes)):
                here = layer < len(sizes) - 1 and at in (0, layer)
                z = a @ theta[2 * layer - 2] + theta[2 * layer - 1]
                z = _to_half(z) if here and place == "weighted inputs" else z
                a = _activate(names[layer - 1], z)
                a = _to_half(a) if here and place == "activations" else a
            return a

        plain = max(plain, distance(p, computed("", 0)))
        for place, layer in fits:
            fits[place, layer] = max(fits[place, layer], distance(p, computed(place, layer)))
    slack = 1e4 * float(np.finfo(standard.parameters()[0].dtype).eps)
    best = min(fits, key=lambda key: fits[key])
    if fits[best] <= slack and plain > 100 * max(fits[best], 1e-12) and plain > 1e-6:
        place, layer = best
        where = f"hidden layer {layer}" if layer else "the hidden layers"
        yield Finding(
            "half-precision", "forward", f"The {place} of {where} are put into float16, which holds three to four decimal digits.",
            f"With that the formulas give the network's outputs to {fits[best]:.1g}; without it they are {plain:.1g} apart.",
            layer or None,
        )  # fmt: skip


def _activate(name: str, z: Array) -> Array:
    if name == "softmax":
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return np.asarray(e / e.sum(axis=1, keepdims=True))
    return np.asarray(formula(name).value(z))


# Huge numbers --------------------------------------------------------------------------------------------------------


def _quiet(standard: StandardNetwork, sizes: tuple[int, ...], layer: int, z: Array) -> None:
    """Weighted inputs z (d_out,) in `layer` whatever comes from below, and a layer above that does not listen."""
    parameters = [np.full_like(array, 0.25) for array in standard.parameters()]
    parameters[2 * layer - 2][...] = 0
    parameters[2 * layer - 1][...] = z
    if 2 * layer < len(parameters):
        parameters[2 * layer][...] = 0
    standard.set_parameters(parameters)


def _huge_sums(asked: Asked) -> Iterator[Finding]:
    standard, sizes = asked.standard, asked.sizes
    names = asked.activations
    layers = len(sizes) - 1
    # One row: in a batch of equal ones whatever mixes rows may overflow, too.
    x = np.full((1, sizes[0]), 0.5, dtype=standard.parameters()[0].dtype)
    y = np.eye(sizes[-1])[[0]] if sizes[-1] > 1 else np.zeros((1, 1))
    for layer in range(layers, 0, -1):
        d = sizes[layer]
        _quiet(standard, sizes, layer, np.resize([1.0, -0.5], d))
        if not _finite(lambda: standard.forward(x.copy())):
            continue
        patterns = {"1000": np.full(d, 1000.0), "-1000": np.full(d, -1000.0)}
        if d > 1:
            patterns["1000 and -1000"] = np.resize([1000.0, -1000.0], d)
        name = names[layer - 1]
        cause = "unstable-softmax" if name == "softmax" else "unstable-sigmoid" if name in _SIGMOIDS else UNKNOWN
        shown = name.replace("_", " ") if name != UNREAD else "activation"
        for value, z in patterns.items():
            _quiet(standard, sizes, layer, z)
            if answer := _not_finite(lambda: standard.forward(x.copy())):
                yield Finding(
                    cause, "forward", f"The {shown} of layer {layer} overflows for weighted inputs of {value}.",
                    f"All weights into and out of layer {layer} were zero and its biases {value}, so that these are its weighted inputs and "
                    f"the layer above does not listen: forward() {answer}; with biases of 1 and -0.5 its outputs are finite.",
                    layer,
                )  # fmt: skip
                break
            if name in _SIGMOIDS and layer < layers and hasattr(standard.network, "gradients"):
                if not _finite(lambda: standard.loss(x.copy(), y.copy())):
                    continue
                if answer := _not_finite(lambda: _flat(standard.gradients(x.copy(), y.copy()))):
                    yield Finding(
                        cause, "gradient", f"The derivative of the {shown} of layer {layer} overflows for weighted inputs of {value}.",
                        f"With weighted inputs of {value} in layer {layer} alone, outputs and loss are finite and gradients() {answer}.",
                        layer,
                    )  # fmt: skip
                    break
    if names[-1] == "softmax":
        yield from _largest_of_the_batch(asked)


def _largest_of_the_batch(asked: Asked) -> Iterator[Finding]:
    """A softmax that takes the largest logit of the whole batch off spoils the rows that are small beside it."""
    standard, layers = asked.standard, len(asked.sizes) - 1
    rng = np.random.default_rng(1)
    parameters = [away_from_zero(rng, array.shape, array.dtype) for array in standard.parameters()]
    parameters[-2] *= 1e4  # what comes in differs from row to row, and so logits are thousands apart
    standard.set_parameters(parameters)
    x, _ = asked.data(1, 6)
    alone = all(_finite(lambda k=k: standard.forward(x[k : k + 1].copy())) for k in range(len(x)))  # type: ignore[misc]
    if alone and (answer := _not_finite(lambda: standard.forward(x.copy()))):
        yield Finding(
            "unstable-softmax", "forward", "The softmax takes the largest sum of the whole batch off, in place of that of each row.",
            f"{len(x)} rows with logits that are thousands apart are finite when each is alone; together forward() {answer}.",
            layers,
        )  # fmt: skip


def _sure(asked: Asked) -> Iterator[Finding]:
    """Answers that are as sure as can be: outputs round to 0 or 1, but no weighted input is too large for e^z."""
    standard, sizes = asked.standard, asked.sizes
    dtype = standard.parameters()[0].dtype
    name = asked.activations[-1]
    k, layer = sizes[-1], len(sizes) - 1
    x = np.full((1, sizes[0]), 0.5, dtype=dtype)
    # Where 1 - p is no number but 0; half the distance at which e^-z is no number but 0, so that e^z is one
    one, apart = (20.0, 54.0) if dtype == np.float32 else (40.0, 380.0)
    rows = [np.array([1.0, *[-1.0] * (k - 1)]), -np.array([1.0, *[-1.0] * (k - 1)])]
    targets = np.eye(k) if k > 1 else np.array([[0.0], [1.0]])
    for size in (one, apart, 1e4):
        for sign, y in product(rows, targets):
            _quiet(standard, sizes, layer, size * sign)
            if not _finite(lambda: standard.forward(x.copy())):
                return  # that has another name
            if answer := _not_finite(lambda y=y: standard.loss(x.copy(), y[None].astype(dtype))):  # type: ignore[misc]
                p = np.asarray(standard.forward(x.copy()), dtype=float)[0]
                overflow = size == 1e4 and name == "softmax"
                if asked.conventions is not None and asked.conventions.loss == UNREAD:
                    return  # nobody knows what its loss should be
                yield Finding(
                    "unstable-softmax" if overflow else "unstable-logarithm", "loss",
                    "The loss overflows in e^z for sure answers." if overflow
                    else "The loss takes the logarithm of 0 for sure answers, and is no finite number there.",
                    f"With weighted inputs of {', '.join(f'{z:g}' for z in (size * sign)[:3])} in the output layer the outputs are finite, "
                    f"{', '.join(f'{value:.6g}' for value in p[:3])}; for the target {', '.join(f'{t:g}' for t in y[:3])} loss() {answer}.",
                )  # fmt: skip
                return


def _flat(arrays: Sequence[Any]) -> Array:
    return np.concatenate([np.asarray(array, dtype=float).ravel() for array in arrays])


def _not_finite(ask: Callable[[], Any]) -> str:
    """What is no finite number in the answer, in words; "" where all are."""
    try:
        values = np.asarray(ask(), dtype=float).ravel()
    except (OverflowError, FloatingPointError, ZeroDivisionError) as error:
        return f"raised {type(error).__name__}: {error}"
    wrong = values[~np.isfinite(values)]
    return f"gave {wrong[0]:g}".replace("nan", "NaN").replace("inf", "infinity") if wrong.size else ""


def _finite(ask: Callable[[], Any]) -> bool:
    return not _not_finite(ask)


# Own derivatives -----------------------------------------------------------------------------------------------------


def _large_step(asked: Asked) -> Iterator[Finding]:
    network = asked.network
    if not hasattr(network, "gradients"):
        return
    parameters = Parameters(network)
    theta = asked.theta(7, parameters).astype(float)
    theta = theta.astype(parameters.dtype).astype(float)
    x, y = asked.data(7)
    x, y = (array.astype(parameters.dtype) for array in (x / 2, y))
    parameters.write(theta.astype(parameters.dtype))
    theirs = _flat(network.gradients(x.copy(), y.copy()))
    if theirs.size != theta.size or not np.isfinite(theirs).all():
        return
    parameters.write(theta.astype(parameters.dtype))
    f = loss_of(network, x, y)
    eps = float(np.finfo(parameters.dtype).eps)
    level = max(1.0, abs(float(f(theta.astype(parameters.dtype)))))

    def at(i: int, h: float) -> float:
        moved = theta.copy()
        moved[i] += h
        return float(f(moved.astype(parameters.dtype)))

    def slope(i: int, h: float, form: str) -> float:
        if form == "central":
            return (at(i, h) - at(i, -h)) / (2 * h)
        return (at(i, h) - at(i, 0.0)) / h if form == "forward" else (at(i, 0.0) - at(i, -h)) / h

    fine = eps ** (1 / 3)
    for part in parameters.slices:
        entries = range(part.start, part.stop)
        largest = float(np.abs(theirs[part]).max())
        if largest == 0:
            continue
        few = sorted(entries, key=lambda i: -abs(theirs[i]))[:3]
        right = np.array([slope(i, fine, "central") for i in few])
        off = distance(theirs[few], right)
        if not off > _COARSE:
            continue
        for h, form in product(_STEPS, ("central", "forward", "backward")):
            slack = 100 * eps * level / h / largest + 1e3 * eps
            if off < max(_COARSE, 30 * slack) or abs(slope(few[0], h, form) - theirs[few[0]]) > slack * largest:
                continue
            replayed = np.array([slope(i, h, form) for i in entries])
            if float(np.abs(replayed - theirs[part]).max()) <= slack * largest:
                yield Finding(
                    "derivative-by-large-step", "gradient",
                    f"The gradient is a {form} difference of the network's own loss with a step of {h:g}, which is too coarse.",
                    f"With this step all {len(entries)} differences are the network's gradient to {slack:.1g} of the largest; the slope at "
                    f"one entry is {right[0]:.8g} and the network says {theirs[few[0]]:.8g}, and the gradient is off by {off:.2g}.",
                )  # fmt: skip
                return
