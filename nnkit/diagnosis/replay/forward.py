"""Replay of the forward pass: which computation gives the outputs that the network gives?

First the right one; then with one fault in one layer; then with two. What is not declared of its activations is searched
for too, so a fault is only believed where the outputs of several experiments, in batches of one and of several, agree
with it to rounding, and none with fewer faults do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations, product

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.formulas import UNREAD, formula, known_names
from nnkit.diagnosis.replay.experiments import ROUNDINGS, Experiments

Array = npt.NDArray[np.float64]

#: the activations that are tried together with a fault, where the author has declared none
COMMON = ("sigmoid", "tanh", "relu", "identity", "leaky_relu")

#: the faults that are looked for in pairs
USUAL = frozenset(
    {"bias-not-added", "bias-after-activation", "activation-missing", "activation-applied-twice", "bias-added-twice",
     "weights-transposed-in-forward", "softmax-over-wrong-axis"}
)  # fmt: skip


def softmax(z: Array) -> Array:
    """Over the last axis, of any number of axes."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def activate(name: str, z: Array) -> Array:
    """f(z) of an activation of `formulas`, or softmax over the last axis."""
    return softmax(z) if name == "softmax" else np.asarray(formula(name).value(z))


@dataclass(frozen=True)
class Layer:
    """One layer while it computes: number (from 1), its activation's name, what comes in, a (m, n, d_in)."""

    number: int
    name: str
    a: Array
    weights: Sequence[Array]
    biases: Sequence[Array]

    @property
    def W(self) -> Array:
        return self.weights[self.number - 1]

    @property
    def b(self) -> Array:
        return self.biases[self.number - 1][:, None, :]

    @property
    def z(self) -> Array:
        return self.a @ self.W + self.b

    def f(self, z: Array) -> Array:
        return activate(self.name, z)


#: (weighted inputs, activations) of a layer
Step = Callable[[Layer], tuple[Array, Array]]


@dataclass(frozen=True)
class LayerFault:
    """cause: id; words: what the layer computes, after "it computes"; step: the wrong computation. It may raise
    ValueError or IndexError where shapes do not allow it."""

    cause: str
    words: str
    step: Step = field(compare=False)
    #: "W3" or "b1", where it is one parameter that is used wrongly
    parameter: str | None = None
    #: each row of the outputs is divided by a number of its own, of which nothing is known
    divided: bool = False
    #: what the line of code says, where the words say more: in a loop it is the same for all layers
    line: str = ""

    @property
    def skips(self) -> bool:
        """Whether the layer passes on what came in."""
        return self.step is _skipped


def right(layer: Layer) -> tuple[Array, Array]:
    z = layer.z
    return z, layer.f(z)


def _of_z(change: Callable[[Layer], Array]) -> Step:
    def step(layer: Layer) -> tuple[Array, Array]:
        z = change(layer)
        return z, layer.f(z)

    return step


def _of_input(change: Callable[[Array], Array]) -> Step:
    return _of_z(lambda layer: change(layer.a) @ layer.W + layer.b)


def _of_a(change: Callable[[Layer, Array], Array]) -> Step:
    return lambda layer: (layer.z, change(layer, layer.z))


def _exponentials(largest: tuple[int, ...], summed: tuple[int, ...]) -> Callable[[Layer, Array], Array]:
    """e^(z - the largest over some axes), divided by its sum over others."""

    def change(layer: Layer, z: Array) -> Array:
        e = np.exp(z - z.max(axis=largest, keepdims=True))
        return np.asarray(e / e.sum(axis=summed, keepdims=True)) if summed else e

    return change


def _with_other(number: int, what: str) -> Step:
    def step(layer: Layer) -> tuple[Array, Array]:
        W = layer.weights[number - 1] if what == "W" else layer.W
        b = layer.biases[number - 1][:, None, :] if what == "b" else layer.b
        z = layer.a @ W + b
        return z, layer.f(z)

    return step


def _standardised(of: Array) -> Array:
    return np.asarray((of - of.mean(axis=-2, keepdims=True)) / of.std(axis=-2, keepdims=True))


def _reshaped(a: Array) -> Array:
    if a.shape[-2] == 1:
        return a
    return a.reshape(*a.shape[:-2], a.shape[-1], a.shape[-2]).swapaxes(-1, -2)


def _skipped(layer: Layer) -> tuple[Array, Array]:
    if layer.a.shape[-1] != layer.W.shape[-1]:
        raise ValueError("another width")
    return layer.a, layer.a


def layer_faults(layers: int, number: int, name: str) -> Iterator[LayerFault]:
    """What may go wrong in the layer of this number, whose activation should be `name`; the commonest first."""
    W, b = f"W{number}", f"b{number}"
    yield LayerFault("bias-not-added", "f(a W), without the bias", _of_z(lambda s: s.a @ s.W), b)
    yield LayerFault(
        "bias-after-activation", "f(a W) + b, in place of f(a W + b)", lambda s: (s.a @ s.W, s.f(s.a @ s.W) + s.b), b
    )
    yield LayerFault("activation-missing", "a W + b, without the activation", _of_a(lambda s, z: z))
    yield LayerFault("activation-applied-twice", "f(f(a W + b))", _of_a(lambda s, z: s.f(s.f(z))))
    yield LayerFault("bias-added-twice", "f(a W + 2 b)", _of_z(lambda s: s.z + s.b), b)
    yield LayerFault("bias-sign-flipped", "f(a W - b)", _of_z(lambda s: s.z - 2 * s.b), b)
    yield LayerFault(
        "weights-transposed-in-forward", "f(a W^T + b)", _of_z(lambda s: s.a @ s.W.swapaxes(-1, -2) + s.b), W
    )
    yield LayerFault(
        "weights-transposed-in-forward", "f(a W' + b), with W^T reshaped in the place of W",
        _of_z(lambda s: s.a @ s.W.swapaxes(-1, -2).reshape(s.W.shape) + s.b), W,
    )  # fmt: skip
    if name == "softmax":
        over = "softmax-over-wrong-axis"
        for largest in ((-2,), (-1,), (-1, -2)):  # softmax over the right axis does not depend on what is taken off
            yield LayerFault(
                over, "softmax over the samples, not over the classes", _of_a(_exponentials(largest, (-2,)))
            )
            yield LayerFault(over, "softmax over the whole batch at once", _of_a(_exponentials(largest, (-1, -2))))
            yield LayerFault(
                "softmax-not-normalised", "e^z without the division by the sum", _of_a(_exponentials(largest, ()))
            )
        yield LayerFault("softmax-not-normalised", "e^z without the division by the sum", _of_a(lambda s, z: np.exp(z)))
        if number == layers:
            yield LayerFault(
                "softmax-not-normalised", "e^z divided by something else than the sum of e^z",
                _of_a(lambda s, z: softmax(z)), divided=True,
            )  # fmt: skip
    for other in range(1, layers + 1):
        if other != number:
            for what in "Wb":
                yield LayerFault(
                    "wrong-layer-weights-in-forward", f"f(a W + b) with {what}{other} in place of {what}{number}",
                    _with_other(other, what), f"{what}{number}", line=f"{what}{other}",
                )  # fmt: skip
    yield LayerFault("wrong-layer-weights-in-forward", "nothing: the layer is skipped", _skipped)
    yield LayerFault(
        "input-ignored", "f(a W + b) without its last input", _of_z(lambda s: s.a[..., :-1] @ s.W[:, :-1] + s.b), W
    )
    yield LayerFault(
        "input-ignored", "f(a W + b) without its first input", _of_z(lambda s: s.a[..., 1:] @ s.W[:, 1:] + s.b), W
    )
    for words, change in (
        (
            "f(a W + b) after taking the mean of the batch off what comes in",
            lambda a: a - a.mean(axis=-2, keepdims=True),
        ),
        ("f(a W + b) after standardising what comes in over the batch", _standardised),
        (
            "f(a W + b) after dividing what comes in by the largest number of the batch",
            lambda a: a / np.abs(a).max((-1, -2), keepdims=True),
        ),
        ("f(a W + b) of what comes in, reshaped where it should be transposed", _reshaped),
    ):
        yield LayerFault("samples-mixed", words, _of_input(change))
    yield LayerFault(
        "samples-mixed", "f(z - mean of z over the batch)", _of_z(lambda s: s.z - s.z.mean(axis=-2, keepdims=True))
    )
    yield LayerFault("samples-mixed", "f of z standardised over the batch", _of_z(lambda s: _standardised(s.z)))
    yield LayerFault(
        "samples-mixed", "activations divided by their sum over the batch",
        _of_a(lambda s, z: s.f(z) / s.f(z).sum(axis=-2, keepdims=True)),
    )  # fmt: skip
    yield LayerFault(
        "samples-mixed", "activations divided by the largest of the batch",
        _of_a(lambda s, z: s.f(z) / s.f(z).max(axis=(-1, -2), keepdims=True)),
    )  # fmt: skip
    if name in ("sigmoid", "tanh", "softmax"):
        yield LayerFault(
            "wrong-activation", f"{name}(-z), with the wrong sign in the exponential", _of_a(lambda s, z: s.f(-z))
        )
    for known in known_names():
        if known not in (name, "identity"):
            yield LayerFault("wrong-activation", known.replace("_", " "), _as_other(known))


def _as_other(name: str) -> Step:
    return lambda layer: (layer.z, activate(name, layer.z))


@dataclass(frozen=True)
class Trace:
    """Of all experiments: a[0] is x, a[l] the activations (m, n, d_l) of layer l; z[l - 1] its weighted inputs."""

    a: list[Array]
    z: list[Array]


@dataclass(frozen=True)
class ForwardReplay:
    """names: the activation of each layer; faults: by layer (from 1), what it computes wrongly.

    known: whether this gives the outputs. Where nothing does, names are those declared or read, UNREAD where unknown.
    """

    names: tuple[str, ...]
    faults: Mapping[int, LayerFault] = field(default_factory=dict)
    known: bool = True

    def run(self, seen: Experiments, *, mended: bool = False) -> Trace:
        """The trace of the computation; `mended`: without its faults."""
        a, z = [seen.x], []
        for number, name in enumerate(self.names, 1):
            fault = None if mended else self.faults.get(number)
            layer = Layer(number, name, a[-1], seen.weights, seen.biases)
            with np.errstate(all="ignore"):
                before, after = (fault.step if fault else right)(layer)
            if after.shape != (*layer.a.shape[:-1], layer.b.shape[-1]):
                raise ValueError("another shape")
            if fault and fault.divided:
                if after.shape[-1] == 1:
                    raise ValueError("a number of its own for each output explains anything")
                after = after * (seen.outputs / after).mean(axis=-1, keepdims=True)
            z.append(before)
            a.append(after)
        return Trace(a, z)

    def gives(self, seen: Experiments) -> bool:
        """Whether it gives the outputs of these experiments."""
        try:
            return seen.same(self.run(seen).a[-1], seen.outputs)
        except (ValueError, IndexError):
            return False


class _Sieve:
    """Whether a computation may give the outputs of one experiment: what it has in common with those asked about before
    is not computed again, and many are computed at once. What passes is to be tried on all experiments."""

    def __init__(self, seen: Experiments) -> None:
        self._seen = seen
        self._kept: dict[tuple[tuple[str, int], ...], Array | None] = {}

    def passes(self, replay: ForwardReplay) -> bool:
        *below, last = self._steps(replay)
        a = self._after(tuple(below))
        return a is not None and bool(self._same(self._through(a, len(below) + 1, *last)))

    def singles(self, names: Sequence[str], i: int, faults: Sequence[LayerFault]) -> Array:
        """Which of these faults in layer i pass."""
        passed = np.zeros(len(faults), bool)
        sound, a = self._begun(names, i, faults)
        passed[sound] = self._same(self._on(a, names, i + 1, len(names)))
        return passed

    def pairs(
        self, names: Sequence[str], i: int, j: int, ones: Sequence[LayerFault], twos: Sequence[LayerFault]
    ) -> Array:
        """Which pairs of a fault in layer i and one in layer j > i pass: (ones, twos)."""
        passed = np.zeros((len(ones), len(twos)), bool)
        sound, a = self._begun(names, i, ones)
        a = self._on(a, names, i + 1, j - 1)
        for column, two in enumerate(twos):
            after = self._through(a, j, names[j - 1], two)
            passed[sound, column] = self._same(self._on(after, names, j + 1, len(names)))
        return passed

    def _begun(self, names: Sequence[str], i: int, faults: Sequence[LayerFault]) -> tuple[list[int], Array | None]:
        """Which of the faults in layer i can be computed, and the activations after each of these."""
        begun = [self._after(tuple(self._steps(ForwardReplay(tuple(names[:i]), {i: one})))) for one in faults]
        sound = [k for k, a in enumerate(begun) if a is not None]
        return sound, np.array([begun[k] for k in sound]) if sound else None

    def _on(self, a: Array | None, names: Sequence[str], first: int, last: int) -> Array | None:
        """Through these layers, without a fault."""
        for number in range(first, last + 1):
            a = self._through(a, number, names[number - 1], None)
        return a

    def _steps(self, replay: ForwardReplay) -> list[tuple[str, LayerFault | None]]:
        return [(name, replay.faults.get(number)) for number, name in enumerate(replay.names, 1)]

    def _after(self, steps: tuple[tuple[str, LayerFault | None], ...]) -> Array | None:
        """The activations after these layers; None where shapes do not allow them."""
        if not steps:
            return self._seen.x
        key = tuple((name, id(fault)) for name, fault in steps)
        if key not in self._kept:
            if len(self._kept) > _KEPT:
                self._kept.clear()
            self._kept[key] = self._through(self._after(steps[:-1]), len(steps), *steps[-1])
        return self._kept[key]

    def _through(self, a: Array | None, number: int, name: str, fault: LayerFault | None) -> Array | None:
        if a is None:
            return None
        layer = Layer(number, name, a, self._seen.weights, self._seen.biases)
        try:
            after = (fault.step if fault else right)(layer)[1]
        except (ValueError, IndexError):
            return None
        return after if after.shape == (*a.shape[:-1], layer.b.shape[-1]) else None

    def _same(self, outputs: Array | None) -> Array:
        """Whether these are the outputs, each of them where there are several, with room for another rounding."""
        if outputs is None:
            return np.array(False)
        axes = tuple(range(outputs.ndim - self._seen.outputs.ndim, outputs.ndim))
        off = np.abs(outputs - self._seen.outputs).max(axis=axes)
        largest = np.maximum(np.abs(outputs).max(axis=axes), np.abs(self._seen.outputs).max())
        return np.asarray(off <= 2 * ROUNDINGS * self._seen.eps * largest)


#: so many activations of some layer are kept, a kilobyte each
_KEPT = 10_000


@cache
def _listed(layers: int, number: int, name: str) -> tuple[LayerFault, ...]:
    return tuple(layer_faults(layers, number, name))


def replay_forward(
    experiments: Sequence[Experiments], names: Sequence[str], without: frozenset[str] = frozenset()
) -> ForwardReplay:
    """The simplest computation that gives the outputs of all experiments, which are of the same sizes.

    names: of the activations, UNREAD where none was declared or read. without: causes to leave out of the search.
    """
    with np.errstate(all="ignore"):
        return next(_fitting(experiments, names, without), ForwardReplay(tuple(names), known=False))


def _fitting(
    experiments: Sequence[Experiments], names: Sequence[str], without: frozenset[str]
) -> Iterator[ForwardReplay]:
    layers = len(names)
    sieve = _Sieve(experiments[-1])

    def fits(replay: ForwardReplay) -> bool:
        return sieve.passes(replay) and all(replay.gives(seen) for seen in experiments)

    for chosen in _completed(names, known_names()):
        replay = ForwardReplay(chosen)
        if fits(replay):
            yield replay
    # With a fault, one activation for all hidden layers: else there are a hundred thousand things to try.
    for chosen in _completed(names, COMMON, mixed=False):
        lists = [[f for f in _listed(layers, k, chosen[k - 1]) if f.cause not in without] for k in range(1, layers + 1)]
        alike = [{fault.line or fault.words: fault for fault in reversed(faults)} for faults in lists]
        # The same line of a loop over all layers or all hidden ones, then one layer.
        for first, last in ((1, layers), (1, layers - 1)):
            for fault in lists[first - 1] if last > first else ():
                # Not in a layer where that is right: a sigmoid at the output, say.
                same = {
                    k: found
                    for k in range(first, last + 1)
                    if (found := alike[k - 1].get(fault.line or fault.words)) is not None
                }
                replay = ForwardReplay(chosen, same)
                if _possible(replay, names) and fits(replay):
                    yield replay
        for number in range(1, layers + 1):
            for k in np.flatnonzero(sieve.singles(chosen, number, lists[number - 1])):
                replay = ForwardReplay(chosen, {number: lists[number - 1][k]})
                if _possible(replay, names) and all(replay.gives(seen) for seen in experiments):
                    yield replay
    for chosen in _completed(names, COMMON[:4], mixed=False):
        lists = [
            [f for f in _listed(layers, k, chosen[k - 1]) if f.cause in USUAL - without] for k in range(1, layers + 1)
        ]
        for i, j in combinations(range(1, layers + 1), 2):
            for one, two in np.argwhere(sieve.pairs(chosen, i, j, lists[i - 1], lists[j - 1])):
                replay = ForwardReplay(chosen, {i: lists[i - 1][one], j: lists[j - 1][two]})
                if all(replay.gives(seen) for seen in experiments):
                    yield replay


def linear_by_mistake(replay: ForwardReplay) -> Iterator[ForwardReplay]:
    """The same computation, told as one whose linear hidden layers have lost their activation: that of the others, or
    where all are linear, any."""
    hidden = replay.names[:-1]
    others = {name for name in hidden if name != "identity"}
    if len(others) > 1 or "identity" not in hidden:
        return
    for meant in others or [name for name in known_names() if name != "identity"]:
        missing = {
            number: next(f for f in layer_faults(len(replay.names), number, meant) if f.cause == "activation-missing")
            for number, name in enumerate(hidden, 1)
            if name == "identity"
        }
        yield ForwardReplay((*([meant] * len(hidden)), replay.names[-1]), {**replay.faults, **missing})


def _possible(replay: ForwardReplay, said: Sequence[str]) -> bool:
    """Another activation is a fault only where one was declared or read; else it is the network's own choice."""
    return all(
        fault.cause != "wrong-activation" or "(-z)" in fault.words or said[k - 1] != UNREAD
        for k, fault in replay.faults.items()
    )


def _completed(names: Sequence[str], candidates: Sequence[str], *, mixed: bool = True) -> Iterator[tuple[str, ...]]:
    """The names, with each unread one replaced by candidates: one for all hidden layers first, then,
    if they may be `mixed`, any."""
    output = [names[-1]] if names[-1] != UNREAD else ["softmax", *(name for name in candidates if name != "leaky_relu")]
    if UNREAD not in names[:-1]:
        for last in output:
            yield (*names[:-1], last)
        return
    hidden = len(names) - 1
    for last in output:
        for one in candidates:
            yield (*(one if name == UNREAD else name for name in names[:-1]), last)
    if mixed and 1 < hidden <= 2:
        for last in output:
            for several in product(COMMON, repeat=hidden):
                if len(set(several)) > 1:
                    yield (*several, last)
