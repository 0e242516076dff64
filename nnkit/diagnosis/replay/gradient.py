"""Replay of the gradients for single samples: from the output downwards, one operation at a time.

For one sample the gradient of a bias is the delta of its layer, and that of the weights is what comes in times that
delta. So a network's own gradients show its own deltas, and each operation can be judged by what it made of what it was
given: several faults, in several places, do not hide one another.

Every array is explained as s times a known way to compute it, plus multiples of the parameters (a penalty's slopes).
Those are three unknown numbers for some hundred known ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.conventions import Conventions
from nnkit.diagnosis.formulas import UNREAD
from nnkit.diagnosis.replay.experiments import ROUNDINGS, SLIGHT, Experiments, distance
from nnkit.diagnosis.replay.finding import UNKNOWN, Finding, in_numbers, unnamed
from nnkit.diagnosis.replay.forward import ForwardReplay
from nnkit.diagnosis.replay.operations import Sample, Way, bias_gradients, deltas_below, output_deltas, weight_gradients
from nnkit.diagnosis.replay.own_activation import is_own

Array = npt.NDArray[Any]

#: what an operation that nothing explains costs, in faults: two known faults explain better than one unknown
_UNEXPLAINED = 2.5
#: slopes that are measured by differences, of the loss or of an activation, are right to 1e-7 and less; ten times that is a
#: margin
_MEASURED = 1e-6
#: the constants of a penalty are read off losses, and rounded to what people write: right to 1e-9 and a little
PENALTY_KNOWN = 1e-8
#: a factor is 1, or another's equal, to within this
_EQUAL = 3e-6
#: faults of the forward pass that leave the layer's activation, and so its delta, as they should be
_BEFORE_ACTIVATION = frozenset(
    {"bias-not-added", "bias-added-twice", "bias-sign-flipped", "weights-transposed-in-forward", "input-ignored",
     "wrong-layer-weights-in-forward"}
)  # fmt: skip
#: so many numbers are worth a glance at some of them first
_MANY = 10_000


@dataclass(frozen=True)
class Fit:
    """An array explained as scale * way + squares * parameter + absolutes * sign(parameter). way None: not explained."""

    way: Way | None
    scale: float = 1.0
    squares: float = 0.0
    absolutes: float = 0.0
    predicted: Array | None = field(default=None, compare=False)
    #: how many faults: 0 for what is right
    cost: float = 0.0

    @property
    def missing(self) -> bool:
        """Whether the gradient is zero."""
        return self.way is not None and self.predicted is None


@dataclass(frozen=True)
class LayerReplay:
    """How one layer's gradients came about: the way of its delta, those of W and b, and the delta as the network has it."""

    number: int
    delta: Way | None
    scale: float
    weights: Fit
    biases: Fit
    used: Array = field(compare=False)
    unsloped: Array | None = field(compare=False)

    @property
    def cost(self) -> float:
        return (
            (_UNEXPLAINED if self.delta is None else self.delta.faults * bool(self.delta.cause))
            + 0.5 * (abs(self.scale - 1) > _EQUAL)
            + self.weights.cost
            + self.biases.cost
        )


@dataclass(frozen=True)
class GradientReplay:
    """findings: from the output downwards, as the author meets them; layers: from the output downwards, too."""

    findings: tuple[Finding, ...]
    layers: tuple[LayerReplay, ...] = ()

    @property
    def right(self) -> bool:
        return not self.findings


def sample_of(
    seen: Experiments, forward: ForwardReplay, loss: str, *, mended: bool = False, measured: Array | None = None
) -> Sample:
    """The single samples of these experiments, with the activations that the network computes (or should)."""
    trace = forward.run(seen, mended=mended)
    return Sample(
        forward.names, loss, [a[:, 0] for a in trace.a], [z[:, 0] for z in trace.z], seen.y[:, 0], seen.weights, seen.biases,
        seen.initial,
        None if measured is None else measured[:, 0],
    )  # fmt: skip


def replay_gradient(
    seen: Experiments,
    forward: ForwardReplay,
    loss: str,
    conventions: Conventions,
    without: frozenset[str] = frozenset(),
    loss_is_wrong: bool = False,
    measured: Array | None = None,
) -> GradientReplay:
    """What gradients(x, y) of single samples does, layer by layer.

    measured: dL/dz of the output (m, 1, k), where the loss has no formula.

    forward: a known replay of the forward pass, whose faults are no faults of the gradient; loss: the loss that was meant.
    """
    replays: list[GradientReplay] = []
    # A network whose forward pass is wrong may go back through what it computed, or through what was meant.
    for mended in (False, True) if forward.faults else (False,):
        try:
            sample = sample_of(seen, forward, loss, mended=mended, measured=measured)
        except (ValueError, IndexError):
            continue
        solved = _Solver(seen, sample, forward, conventions, without, loss_is_wrong).solve()
        if solved.findings:
            right = right_gradients(sample, conventions)
            if not all(np.isfinite(g).all() for g in right):
                continue  # saturated beyond what formulas can follow: nothing can be said
            for other in (_in_wrong_order(seen, right), _clipped(seen, right)):
                if other is not None and other.cause not in without:
                    solved = GradientReplay((other,))
                    break
            else:
                if not any(finding.known for finding in solved.findings) and _nearly_right(seen, right):
                    solved = GradientReplay(())
        replays.append(solved)
        if replays[-1].right:
            break
    if not replays:
        return GradientReplay(())
    return min(replays, key=lambda replay: sum(1 if f.known else 3 for f in replay.findings))


def backpropagated(sample: Sample, delta: Array) -> list[Array]:
    """The gradients of single samples, W1, b1, W2, ... of each, (m, ...), from the delta of the output (m, k)."""
    found: list[Array] = []
    for number in range(sample.layers, 0, -1):
        W = next(iter(weight_gradients(sample, number, delta))).value
        found = [W, delta, *found]
        if number > 1:
            delta = next(iter(deltas_below(sample, number - 1, delta, None))).value
    return found


def right_gradients(sample: Sample, conventions: Conventions) -> list[Array]:
    """The gradients of single samples as they should be, in the same order, with the penalty's."""
    found = backpropagated(sample, next(iter(output_deltas(sample))).value)
    parameters = [array for pair in zip(sample.weights, sample.biases, strict=True) for array in pair]
    slopes = [conventions.penalty_slopes([array[i] for array in parameters], 1) for i in range(len(sample.y))]
    return [g + np.array(p) for g, p in zip(found, zip(*slopes, strict=True), strict=True)]


def _in_wrong_order(seen: Experiments, right: Sequence[Array]) -> Finding | None:
    """The finding that all numbers are right, and stand in wrong places."""
    theirs, ours = _flat(seen), np.concatenate([g.reshape(len(g), -1) for g in right], axis=1)
    arrays = [g for pair in zip(seen.weight_gradients, seen.bias_gradients, strict=True) for g in pair]
    for a, b in zip(arrays, right, strict=True):
        if not seen.same(np.sort(a.reshape(len(a), -1)), np.sort(b.reshape(len(b), -1))):
            break
    else:
        return None  # a transposed array holds its own numbers
    if seen.same(theirs, ours) or not seen.same(np.sort(theirs), np.sort(ours)):
        return None  # small differences of what stands in its place are no matter of order
    return Finding(
        "gradients-in-wrong-order", "gradient",
        "gradients() returns right numbers in wrong places: not in the order in which parameters() has them.",
        in_numbers("all gradients", theirs, ours)
        + f" Sorted by size, all {theirs.size} numbers agree to {distance(np.sort(theirs), np.sort(ours)):.1g}.",
    )  # fmt: skip


def _nearly_right(seen: Experiments, right: Sequence[Array]) -> bool:
    arrays = [g for pair in zip(seen.weight_gradients, seen.bias_gradients, strict=True) for g in pair]
    return all(distance(a, b) <= SLIGHT for a, b in zip(arrays, right, strict=True))


def _flat(seen: Experiments) -> Array:
    pairs = zip(seen.weight_gradients, seen.bias_gradients, strict=True)
    return np.concatenate([g.reshape(len(g), -1) for pair in pairs for g in pair], axis=1)


def _clipped(seen: Experiments, right: Sequence[Array]) -> Finding | None:
    """The finding that gradients are right, and cut to a limit: each value, or the norm of all."""
    theirs = _flat(seen)
    ours = np.concatenate([g.reshape(len(g), -1) for g in right], axis=1)
    largest = float(np.abs(theirs).max())
    norms, length = np.linalg.norm(ours, axis=1), float(np.linalg.norm(theirs, axis=1).max())
    for words, cut in (
        (f"each value to {largest:.4g}", np.clip(ours, -largest, largest)),
        (f"their norm to {length:.4g}", ours * np.minimum(1, length / norms)[:, None]),
    ):
        if seen.same(theirs, cut) and not seen.same(ours, cut):
            return Finding("gradient-clipped", "weight-gradient", f"gradients() cuts right gradients: {words}.",
                           in_numbers("all gradients", theirs, ours, cut))  # fmt: skip
    return None


class _Solver:
    def __init__(
        self,
        seen: Experiments,
        sample: Sample,
        forward: ForwardReplay,
        conventions: Conventions,
        without: frozenset[str],
        loss_is_wrong: bool,
    ) -> None:
        self.seen, self.sample, self.forward, self.conventions = seen, sample, forward, conventions
        self.without, self.loss_is_wrong = without, loss_is_wrong
        self.limit = max(ROUNDINGS * seen.eps, conventions.guard_error)
        if sample.measured is not None or any(map(is_own, sample.names)):
            self.limit = max(self.limit, _MEASURED)
        if conventions.penalised:
            self.limit = max(self.limit, PENALTY_KNOWN)

    def solve(self) -> GradientReplay:
        layers: list[LayerReplay] = []
        for number in range(self.sample.layers, 0, -1):
            layers.append(self._layer(number, layers[-1] if layers else None))
        return GradientReplay(tuple(unnamed(f, self.without) for f in self._findings(layers)), tuple(layers))

    # One layer -------------------------------------------------------------------------------------------------------

    def _layer(self, number: int, above: LayerReplay | None) -> LayerReplay:
        best: LayerReplay | None = None
        if above is not None and (vanished := self._vanished(number, above)):
            return vanished
        for way in self._deltas(number, above):
            if not np.isfinite(way.value).all() or not way.value.any():
                continue
            replay = self._with_delta(number, way, above)
            if best is None or replay.cost < best.cost - 1e-9:
                best = replay
            if best.cost == 0:
                break
        unexplained = self._without_delta(number)
        return best if best is not None and best.cost < unexplained.cost else unexplained

    def _vanished(self, number: int, above: LayerReplay) -> LayerReplay | None:
        """The layer, where nothing comes down to it: because nothing came to the layer above, or perhaps because a wrong
        way to pass it on makes nothing of it, as the sum of a softmax's deltas does."""
        gradients = self.seen.weight_gradients[number - 1], self.seen.bias_gradients[number - 1]
        scale = max(float(np.abs(above.used).max()), np.finfo(float).tiny)
        if any(np.abs(gradient).max() > self.limit * scale for gradient in gradients):
            return None
        zeros = np.zeros_like(gradients[1])
        right = Fit(Way("", "", gradients[0]), predicted=gradients[0]), Fit(Way("", "", zeros), predicted=gradients[1])
        nothing = LayerReplay(number, Way("", "", zeros), 1.0, *right, zeros, zeros)
        if not above.used.any():
            return nothing
        # Where a wrong way would make nothing of these deltas too, zeros do not tell which it is; other outputs do.
        ways = [way for way in self._deltas(number, above) if way.cause]
        return nothing if any(np.abs(way.value).max() <= self.limit * scale for way in ways) else None

    def _deltas(self, number: int, above: LayerReplay | None) -> Iterator[Way]:
        with np.errstate(all="ignore"):
            ways = (
                output_deltas(self.sample)
                if above is None
                else deltas_below(self.sample, number, above.used, above.unsloped)
            )
            for way in ways:
                if not set(way.cause.split()) & self.without:
                    yield way

    def _with_delta(self, number: int, way: Way, above: LayerReplay | None) -> LayerReplay:
        weights = self._explain_weights(number, way.value)
        biases = self._explain_biases(number, way.value)
        scales = [fit.scale for fit in (weights, biases) if fit.way is not None and not fit.way.cause and fit.scale]
        # The delta's own factor is that which both have, or that of the two which is nearer to none.
        scale = min(scales, key=lambda s: abs(np.log(abs(s))) + (s < 0), default=1.0)
        weights, biases = self._relative(weights, scale), self._relative(biases, scale)
        frozen = weights.missing and biases.missing
        known = way if scales or frozen else None
        unsloped = None if way.unsloped is None else scale * way.unsloped
        return LayerReplay(number, known, scale, weights, biases, scale * way.value, unsloped)

    def _without_delta(self, number: int) -> LayerReplay:
        """The delta is what the gradient of the bias says, or that of the weights."""
        seen, a = self.seen, self.sample.a[number - 1]
        of_b = seen.bias_gradients[number - 1]
        with np.errstate(all="ignore"):  # where nothing comes in, the weights' gradient tells nothing
            of_w = np.einsum("mi,mij->mj", a, seen.weight_gradients[number - 1]) / (a * a).sum(axis=1, keepdims=True)
        options = []
        for delta in (of_b, of_w):
            weights, biases = self._explain_weights(number, delta), self._explain_biases(number, delta)
            options.append(LayerReplay(number, None, 1.0, weights, biases, delta, None))
        return min(options, key=lambda replay: replay.cost)

    def _explain_weights(self, number: int, delta: Array) -> Fit:
        seen = self.seen.weight_gradients[number - 1]
        squares, absolutes = self._penalty(2 * number - 2)
        if self._nothing(seen, delta):
            return self._missing("weight-gradient-missing")
        ways = weight_gradients(self.sample, number, delta)
        return self._explain(seen, ways, self.sample.weights[number - 1], squares, absolutes)

    def _explain_biases(self, number: int, delta: Array) -> Fit:
        seen = self.seen.bias_gradients[number - 1]
        squares, absolutes = self._penalty(2 * number - 1)
        ways = bias_gradients(self.sample, number, delta)
        if self._nothing(seen, delta):
            # The deltas of a softmax add up to zero.
            zero = next((way for way in ways if self._nothing(way.value, delta)), None)
            if zero is None:
                return self._missing("bias-gradient-missing")
            return (
                Fit(None, cost=_UNEXPLAINED)
                if zero.cause in self.without
                else Fit(zero, predicted=zero.value, cost=1.0)
            )
        return self._explain(seen, ways, self.sample.biases[number - 1], squares, absolutes)

    def _nothing(self, gradient: Array, delta: Array) -> bool:
        """Whether it is zero but for roundings of the deltas."""
        return bool(np.abs(gradient).max() <= self.limit * np.abs(delta).max())

    def _missing(self, cause: str) -> Fit:
        if cause in self.without:
            return Fit(None, cost=_UNEXPLAINED)
        return Fit(Way(cause, "zeros", np.zeros(1)), 1.0, predicted=None, cost=1.0)

    def _penalty(self, k: int) -> tuple[float, float]:
        """The multiples of the parameter array k and of its signs that the loss's penalty adds to its gradient."""
        c = self.conventions
        return (2 * c.squares[k] if c.squares else 0.0, c.absolutes[k] if c.absolutes else 0.0)

    def _explain(self, seen: Array, ways: Iterator[Way], parameter: Array, squares: float, absolutes: float) -> Fit:
        for way in ways:
            if way.cause in self.without or not np.isfinite(way.value).all() or not way.value.any():
                continue
            fit = self._fitted(seen, way, parameter, squares, absolutes)
            if fit is not None:
                return fit
        return Fit(None, cost=_UNEXPLAINED)

    def _fitted(self, seen: Array, way: Way, parameter: Array, squares: float, absolutes: float) -> Fit | None:
        """The scale and penalty with which the way gives what is seen; None where it does not."""
        if seen.size > _MANY:  # what some of the numbers do not do, all of them do not
            few = slice(None, None, seen.size // (_MANY // 10))
            glance = replace(way, value=way.value.ravel()[few])
            if not glance.value.any() or self._fitted(
                seen.ravel()[few], glance, parameter.ravel()[few], squares, absolutes
            ) is None:  # fmt: skip
                return None
        right = squares * parameter + absolutes * np.sign(parameter)
        rest, base = seen - right, way.value
        scale = float((rest * base).sum() / (base * base).sum())
        predicted = scale * base + right
        if abs(scale) > _EQUAL and self._near(predicted, seen):
            return Fit(way, scale, squares, absolutes, predicted, float(bool(way.cause)))
        if way.cause:
            return None
        columns = np.stack([base.ravel(), parameter.ravel(), np.sign(parameter).ravel()])
        # First plain squares, then absolute values too: the fewer unknowns, the more it says.
        for count in (2, 3):
            solution = np.linalg.lstsq(columns[:count].T, seen.ravel(), rcond=None)[0]
            predicted = (solution @ columns[:count]).reshape(seen.shape)
            if abs(solution[0]) > _EQUAL and self._near(predicted, seen):
                s, p, q = (*map(float, solution), 0.0)[:3]
                return Fit(way, s, p, q, predicted, 1.0)
        return None

    def _near(self, a: Array, b: Array) -> bool:
        return distance(a, b) <= self.limit

    @staticmethod
    def _relative(fit: Fit, scale: float) -> Fit:
        """The fit of an array with the delta's own factor taken out."""
        if fit.way is None or fit.predicted is None:
            return fit
        own = fit.scale / scale
        if abs(own - 1) <= _EQUAL:
            return Fit(fit.way, 1.0, fit.squares, fit.absolutes, fit.predicted, fit.cost)
        # A wrong way of its own brings its own factor.
        extra = 0.0 if fit.way.cause else 1.0
        return Fit(fit.way, own, fit.squares, fit.absolutes, fit.predicted, fit.cost + extra)

    # In words --------------------------------------------------------------------------------------------------------

    def _findings(self, layers: Sequence[LayerReplay]) -> Iterator[Finding]:
        right = self._right()
        for replay in layers:
            of_delta = list(self._of_delta(replay, layers, right))
            yield from of_delta
            if not all(finding.known for finding in of_delta):
                continue  # a way to use a delta that nobody knows may explain anything
            yield from self._of_array(replay, replay.weights, "W", right)
            yield from self._of_array(replay, replay.biases, "b", right)

    def _right(self) -> dict[int, Array]:
        """The delta that each layer should have."""
        deltas: dict[int, Array] = {}
        above: Array | None = None
        for number in range(self.sample.layers, 0, -1):
            ways = output_deltas(self.sample) if above is None else deltas_below(self.sample, number, above, None)
            above = next(iter(ways)).value
            deltas[number] = above
        return deltas

    def _consequence(self, number: int) -> bool:
        """Whether a wrong delta there may come of a fault that the forward pass or the loss has got already."""
        fault = self.forward.faults.get(number)
        at_output = number == self.sample.layers
        return (fault is not None and fault.cause not in _BEFORE_ACTIVATION) or (at_output and self.loss_is_wrong)

    def _of_wrong_forward(self, number: int, kind: str, fit: Fit) -> bool:
        """Whether a wrong gradient of W or b may come of a fault of the forward pass in that layer: what is not added, or
        what a batch of one takes off itself, has no slope."""
        fault = self.forward.faults.get(number)
        if fault is None:
            return False
        times = {"bias-not-added": 0.0, "bias-sign-flipped": -1.0, "bias-added-twice": 2.0}.get(fault.cause)
        if times is None:
            return fault.cause != "wrong-activation" and (fit.missing or fit.way is None)
        return kind == "b" and (fit.missing if times == 0.0 else abs(fit.scale - times) <= _EQUAL)

    def _of_delta(
        self, replay: LayerReplay, layers: Sequence[LayerReplay], right: dict[int, Array]
    ) -> Iterator[Finding]:
        number, scale = replay.number, replay.scale
        if self._consequence(number):
            return
        theirs = self._delta_seen(replay)
        if replay.delta is None:
            if replay.weights.way is None or replay.biases.way is None or self._differs(theirs, right[number]):
                yield self._unknown(replay, theirs, right[number])
            return
        for cause in replay.delta.cause.split():
            yield Finding(
                cause, "delta", f"The delta of layer {number} is computed with {replay.delta.words}."
                if not replay.delta.words.startswith("without") else f"The delta of layer {number} is computed {replay.delta.words}.",
                in_numbers(f"delta of layer {number}", theirs, right[number], replay.used), number,
            )  # fmt: skip
        if abs(scale - 1) <= _EQUAL:
            return
        whole = number == self.sample.layers
        operation = "delta"
        if scale < 0:
            where = "everywhere" if whole else f"from layer {number} downwards"
            yield Finding("gradient-sign-flipped", operation, f"The gradient has the wrong sign {where}.",
                          in_numbers(f"delta of layer {number}", theirs, right[number], replay.used), number)  # fmt: skip
        if abs(abs(scale) - 1) > _EQUAL:
            if whole and replay.delta.cause:
                return  # what is computed in a wrong way has a factor of its own
            if whole:
                yield Finding(
                    "gradient-scaled", operation,
                    f"All gradients are {_number(abs(scale))} times the slopes of the loss, for single samples: one positive "
                    "factor changes no direction, it only makes another learning rate of the one given.",
                    in_numbers(f"delta of layer {number}", theirs, right[number], replay.used), severity="warning",
                )  # fmt: skip
            else:
                yield Finding(
                    "delta-scaled", operation,
                    f"The delta of layer {number} is {_number(abs(scale))} times what it should be, and all below it with it.",
                    in_numbers(f"delta of layer {number}", theirs, right[number], replay.used), number,
                )  # fmt: skip

    def _delta_seen(self, replay: LayerReplay) -> Array:
        gradient = self.seen.bias_gradients[replay.number - 1]
        return replay.used if replay.biases.way is None or replay.biases.cost else gradient

    def _of_array(self, replay: LayerReplay, fit: Fit, kind: str, right: dict[int, Array]) -> Iterator[Finding]:
        number = replay.number
        name = f"{kind}{number}"
        operation = "weight-gradient" if kind == "W" else "bias-gradient"
        seen = (self.seen.weight_gradients if kind == "W" else self.seen.bias_gradients)[number - 1]
        parameter = (self.sample.weights if kind == "W" else self.sample.biases)[number - 1]
        squares, absolutes = self._penalty(2 * number - 2 + (kind == "b"))
        ways = weight_gradients if kind == "W" else bias_gradients
        base = next(iter(ways(self.sample, number, replay.used))).value
        should = base + squares * parameter + absolutes * np.sign(parameter)

        def finding(cause: str, words: str, predicted: Array | None) -> Finding:
            return Finding(
                cause, operation, words, in_numbers(f"gradient of {name}", seen, should, predicted), number, name
            )

        if fit.way is None:
            if replay.delta is not None and not self._of_wrong_forward(number, kind, fit):
                yield finding(UNKNOWN, f"The gradient of {name} is wrong, and no known fault gives its numbers; the delta that "
                              f"it comes from is right.{_pattern(seen, should)}", None)  # fmt: skip
            return
        if fit.missing:
            if kind == "b" and replay.weights.missing:
                return  # a layer that is left out as a whole is told once
            # A bias that is not added, or what a batch of one takes off itself, has no slope.
            if not self._of_wrong_forward(number, kind, fit) and self._differs(np.zeros_like(should), should):
                yield finding(fit.way.cause, f"The gradient of {name} is zero, always.", np.zeros_like(seen))
            return
        if self._of_wrong_forward(number, kind, fit):
            return
        if fit.way.cause:
            yield finding(fit.way.cause, f"The gradient of {name} is computed with {fit.way.words}.", fit.predicted)
        elif abs(fit.scale - 1) > _EQUAL:
            yield from self._scaled(finding, fit, name, kind)
        if kind == "b" and replay.delta is None:
            return  # a delta that is not understood is read off the biases' gradient, with what penalty it may have
        here, there = (fit.squares, fit.absolutes), (squares, absolutes)
        if max(abs(a - b) for a, b in zip(here, there, strict=True)) > 1e-9 + 1e-6 * max(map(abs, there)):
            yield from self._of_penalty(finding, fit, here, there, name)

    def _scaled(self, finding: Any, fit: Fit, name: str, kind: str) -> Iterator[Finding]:
        cause = "weight-gradient-scaled" if kind == "W" else "bias-gradient-scaled"
        if fit.scale < 0:
            yield finding("gradient-sign-flipped", f"The gradient of {name} has the wrong sign.", fit.predicted)
        if abs(abs(fit.scale) - 1) > _EQUAL:
            yield finding(
                cause,
                f"The gradient of {name} alone is {_number(abs(fit.scale))} times what it should be.",
                fit.predicted,
            )

    def _of_penalty(
        self, finding: Any, fit: Fit, here: tuple[float, float], there: tuple[float, float], name: str
    ) -> Iterator[Finding]:
        over_n = " and divided by the number of samples" if self.conventions.per_sample else ""
        if not any(there):
            what = "times the weight itself" if here[0] else "times its sign"
            value = here[0] or here[1]
            yield finding(
                "penalty-only-in-gradient",
                f"The gradient of {name} has {value:.4g} {what} in it, and the loss no penalty.",
                fit.predicted,
            )
        elif not any(abs(value) > 1e-9 for value in here):
            yield finding(
                "penalty-only-in-loss",
                f"The loss has a penalty on {name}, in proportion to its {'squares' if there[0] else 'absolute values'}"
                f"{over_n}, and the gradient leaves it out.",
                fit.predicted,
            )
        else:
            k = 0 if there[0] else 1
            ratio = here[k] / there[k]
            cause = "penalty-gradient-scaled" if ratio > 0 else "penalty-sign-flipped"
            yield finding(
                cause,
                f"The penalty's part in the gradient of {name} is {_number(ratio)} times the slope of the loss's penalty"
                f"{', for single samples' if over_n else ''}.",
                fit.predicted,
            )

    def _differs(self, a: Array, b: Array) -> bool:
        return not self._near(a, b)

    def _unknown(self, replay: LayerReplay, theirs: Array, right: Array) -> Finding:
        number = replay.number
        if not self.seen.weight_gradients[number - 1].any() and not self.seen.bias_gradients[number - 1].any():
            words = f"The gradients of layer {number} are zero, and those above are not."
            return Finding(UNKNOWN, "weight-gradient", words, "", number, f"W{number}")
        above = "the loss and the output" if number == self.sample.layers else f"the delta of layer {number + 1}"
        return Finding(
            UNKNOWN, "delta",
            f"The delta of layer {number} is the first wrong quantity: it does not follow from {above}, and no known "
            f"fault gives its numbers.{_pattern(theirs, right)}",
            in_numbers(f"delta of layer {number}", theirs, right), number,
        )  # fmt: skip


def _pattern(theirs: Array, right: Array) -> str:
    """How theirs differ: length, direction, and whether units have factors of their own."""
    if theirs.shape != right.shape or not np.isfinite(theirs).all() or not right.any() or not theirs.any():
        return ""
    ratio = float(np.linalg.norm(theirs) / np.linalg.norm(right))
    cosine = float((theirs * right).sum() / np.linalg.norm(theirs) / np.linalg.norm(right))
    words = f" It is {ratio:.4g} times as long as it should be, with a cosine of {cosine:.4f}"
    units = [k for k in range(right.shape[-1]) if distance(theirs[..., k], right[..., k]) > 1e-8]
    if len(units) < right.shape[-1]:
        words += f"; only unit{'s' if len(units) > 1 else ''} {', '.join(str(k + 1) for k in units)} of {right.shape[-1]} differ{'s' if len(units) == 1 else ''}"
    return words + "."


def _number(value: float) -> str:
    """A factor, as a fraction where it is a simple one."""
    for denominator in range(1, 13):
        numerator = round(value * denominator)
        if numerator and abs(value - numerator / denominator) <= 1e-6 * abs(value):
            return f"{numerator}" if denominator == 1 else f"{numerator}/{denominator}"
    return f"{value:.6g}"


__all__ = ["UNREAD", "GradientReplay", "LayerReplay", "replay_gradient", "sample_of"]
