"""The operations of backpropagation for one sample, right first and then gone wrong in every way that is known.

Of m experiments with one sample each: activations a[l] and weighted inputs z[l] of the layers are (m, d_l), weights
(m, d_in, d_out). Going down from the output:

    delta_L = f'(z_L) dL/dp       delta_l = f'(z_l) (W_{l+1} delta_{l+1})       dW_l = a_{l-1} delta_l^T       db_l = delta_l

Every wrong way is what one operation makes of right inputs; what came in wrong from above is somebody else's fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.formulas import formula, known_names
from nnkit.diagnosis.replay.forward import activate
from nnkit.diagnosis.replay.loss import LOSSES
from nnkit.diagnosis.replay.loss import slope as loss_slope

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Way:
    """One way to compute an operation, and what it gives. cause: "" for the right one."""

    cause: str
    words: str
    value: Array = field(compare=False)
    #: of a delta: what it would be without the derivative, (m, d)
    unsloped: Array | None = field(default=None, compare=False)
    #: how many things are wrong at once
    faults: int = 1


@dataclass(frozen=True)
class Sample:
    """What backpropagation works with: x is a[0], the output a[L]; y (m, k); names of the activations; the loss's name."""

    names: Sequence[str]
    loss: str
    a: Sequence[Array]
    z: Sequence[Array]
    y: Array
    weights: Sequence[Array]
    biases: Sequence[Array]
    #: weights as they were when the network was built, (1, d_in, d_out)
    initial: Sequence[Array] = ()
    #: dL/dz of the output (m, k), measured, where the loss has no formula
    measured: Array | None = None

    @property
    def layers(self) -> int:
        return len(self.weights)


#: derivatives as people write them, in terms of the activation a = f(z)
BY_VALUE: dict[str, Callable[[Array], Array]] = {
    "sigmoid": lambda a: a * (1 - a),
    "tanh": lambda a: 1 - a * a,
    "relu": lambda a: (a > 0).astype(float),
    "softplus": lambda a: 1 - np.exp(-a),
    "elu": lambda a: np.where(a > 0, 1.0, 1 + a),
    "half_of_1_plus_tanh": lambda a: 2 * a * (1 - a),
}


#: of differences in place of a derivative; a shorter step than these is hard to tell from rounding, and does no harm
_STEPS = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)


def pull_back(name: str, z: Array, g: Array) -> Array:
    """dL/dz from g = dL/da."""
    if name == "softmax":
        p = activate("softmax", z)
        return np.asarray(p * (g - (g * p).sum(axis=-1, keepdims=True)))
    return np.asarray(g * formula(name).slope(z))


def slopes(sample: Sample, layer: int) -> Iterator[Way]:
    """f'(z) of a layer, (m, d)."""
    name, z, a = sample.names[layer - 1], sample.z[layer - 1], sample.a[layer]
    f = formula(name)
    right = f.slope(z)
    what = name.replace("_", " ")
    yield Way("", f"the derivative of {what}", right)
    yield Way("activation-derivative-missing", "without the derivative of the activation", np.ones_like(z))
    yield Way("derivative-at-wrong-argument", f"the derivative of {what} at a, not at z", f.slope(a))
    if name in BY_VALUE:
        by = {"sigmoid": "a (1 - a)", "tanh": "1 - a^2"}.get(name, "the derivative written for a")
        yield Way("derivative-at-wrong-argument", f"{by} with z in the place of a", BY_VALUE[name](z))
    yield Way("derivative-applied-twice", "the derivative of the activation squared", right**2)
    for other in known_names():
        if other == name:
            continue
        ways = [formula(other).slope(z), *([BY_VALUE[other](a)] if other in BY_VALUE else [])]
        for value in ways:
            if np.ptp(value) > 0:  # where it is 1 throughout, it is none
                words = f"the derivative of {other.replace('_', ' ')}"
                yield Way("derivative-of-wrong-function", words, value)
    for step in _STEPS:
        for words, value in (
            ("forward", (f.value(z + step) - f.value(z)) / step),
            ("central", (f.value(z + step) - f.value(z - step)) / (2 * step)),
        ):
            yield Way("derivative-by-large-step", f"a {words} difference of {what} over a step of {step:g}", value)
    for words, value in (
        ("the activation itself in place of its derivative", a),
        ("z in place of the derivative", z),
        ("1 - a in place of the derivative", 1 - a),
        ("a^2 in place of the derivative", a * a),
        ("a (1 + a) in place of the derivative", a * (1 + a)),
        ("1 + a^2 in place of the derivative", 1 + a * a),
        ("1 - z in place of the derivative", 1 - z),
        ("the derivative's other side: 1 where z is negative", (z < 0).astype(float)),
        ("the slope of |z|: its sign", np.sign(z)),
    ):
        yield Way("derivative-of-wrong-function", words, value)
    for number in range(1, sample.layers + 1):
        for what, k in (("first", 0), ("last", -1)):
            at = f"z of the {what} unit of layer {number} alone, for all units"
            where = sample.z[number - 1][:, [k]]
            if z.shape[1] > 1:
                yield Way("derivative-of-wrong-layer", at, np.broadcast_to(f.slope(where), z.shape))
    for other_layer in range(1, sample.layers + 1):
        if other_layer != layer and sample.z[other_layer - 1].shape == z.shape:
            yield Way(
                "derivative-of-wrong-layer",
                f"the derivative at z of layer {other_layer}",
                f.slope(sample.z[other_layer - 1]),
            )
    if layer > 1 and sample.a[layer - 1].shape == z.shape:
        yield Way(
            "derivative-of-wrong-layer",
            f"the derivative at what comes in, a of layer {layer - 1}",
            f.slope(sample.a[layer - 1]),
        )
        if name in BY_VALUE:
            yield Way(
                "derivative-of-wrong-layer",
                f"the derivative at a of layer {layer - 1}",
                BY_VALUE[name](sample.a[layer - 1]),
            )


def output_deltas(sample: Sample) -> Iterator[Way]:
    """delta of the output layer, (m, k)."""
    name, z, p, y = sample.names[-1], sample.z[-1], sample.a[-1], sample.y
    k = p.shape[-1]
    if sample.measured is not None:
        yield Way("", "the slope of the loss", sample.measured)
        for loss in LOSSES:
            with np.errstate(all="ignore"):
                of_another = loss_slope(loss, p, y)
                words = f"that of the {loss.replace('_', ' ')}"
                yield Way("gradient-of-another-loss", words, pull_back(name, z, of_another), of_another)
        return
    g = loss_slope(sample.loss, p, y)
    right = pull_back(name, z, g)
    yield Way("", "the derivative of the loss times that of the activation", right, g)
    cancels = (sample.loss, name) in (("binary_cross_entropy", "sigmoid"), ("cross_entropy", "softmax"))
    if name == "softmax":
        yield Way("softmax-jacobian-diagonal", "p (1 - p) times the derivative of the loss: the diagonal of softmax's Jacobian alone",
                  g * p * (1 - p), g)  # fmt: skip
        yield Way(
            "softmax-jacobian-diagonal",
            "p times the derivative of the loss: a part of softmax's Jacobian alone",
            g * p,
            g,
        )
        if cancels:
            yield Way("output-derivative-not-cancelled", "(p - y) p (1 - p): p - y has that derivative in it already",
                      right * p * (1 - p), right)  # fmt: skip
            yield Way(
                "softmax-jacobian-diagonal",
                "(p - y) sent through softmax's Jacobian once more",
                pull_back(name, z, right),
                right,
            )
        yield Way("output-derivative-missing", "without the derivative of softmax", g, g)
    else:
        for way in slopes(sample, sample.layers):
            if way.cause:
                cause = "output-derivative-missing" if way.cause == "activation-derivative-missing" else way.cause
                words = way.words
                if cancels and cause == "derivative-applied-twice":
                    cause, words = (
                        "output-derivative-not-cancelled",
                        "(p - y) p (1 - p): p - y has that derivative in it already",
                    )
                yield Way(cause, words, g * way.value, g)
        if cancels:
            # p - y written down, and then multiplied with some derivative all the same.
            for way in slopes(sample, sample.layers):
                if way.cause not in ("", "activation-derivative-missing"):
                    yield Way("output-derivative-not-cancelled", f"p - y times {way.words}", right * way.value, right)
    for loss, f in (
        ("cross_entropy", "softmax"),
        ("binary_cross_entropy", "sigmoid"),
        ("mse", name),
        ("binary_cross_entropy", name),
        ("cross_entropy", name),
    ):
        if loss == sample.loss:
            continue
        with np.errstate(all="ignore"):
            other = loss_slope(loss, p, y)
            said = (
                p - y
                if (loss, f) in (("cross_entropy", "softmax"), ("binary_cross_entropy", "sigmoid"))
                else pull_back(f, z, other)
            )
        if (loss, f) == ("cross_entropy", "softmax") and name != "softmax":
            continue  # p - y without softmax is the squared error's, its derivative forgotten
        if (sample.loss, loss, f) == ("cross_entropy", "binary_cross_entropy", "sigmoid") and name == "sigmoid":
            yield Way(
                "loss-half-missing",
                "the gradient of the whole binary cross-entropy, of which the loss has y log p only",
                said,
                other,
            )
            continue
        yield Way(
            "gradient-of-another-loss",
            f"the gradient of the {loss.replace('_', ' ').replace('mse', 'squared error')}",
            said,
            other,
        )
    yield Way(
        "gradient-of-another-loss",
        "the gradient of the absolute error: the sign of p - y",
        pull_back(name, z, np.sign(p - y)),
        np.sign(p - y),
    )
    for words, targets in _wrong_targets(y):
        other = loss_slope(sample.loss, p, targets)
        yield Way("wrong-targets-in-gradient", words, pull_back(name, z, other), other)
    if np.isfinite(z).all() and name != "identity":
        for words, q in (
            ("the weighted input z in place of the output p", z),
            ("the rounded output in place of p", np.round(p)),
        ):
            yield Way(
                "wrong-activation-in-weight-gradient" if q is z else "wrong-targets-in-gradient",
                words,
                (q - y) * (2 / k if sample.loss == "mse" else 1 / k if sample.loss == "binary_cross_entropy" else 1.0),
                q - y,
            )


def _wrong_targets(y: Array) -> Iterator[tuple[str, Array]]:
    if y.shape[-1] > 1:
        yield "targets shifted by one class", np.roll(y, 1, axis=-1)
        yield "targets shifted by one class", np.roll(y, -1, axis=-1)
        yield "the order of the classes reversed", y[..., ::-1]
    yield "1 - y in place of y", 1 - y
    yield "the targets added, not taken off: p + y in place of p - y", -y
    yield "y left out", np.zeros_like(y)


def deltas_below(sample: Sample, layer: int, above: Array, unsloped: Array | None) -> Iterator[Way]:
    """delta of a hidden layer (m, d), from that of the layer above it, (m, d_above), as the network has it."""
    ways = list(propagated(sample, layer, above, unsloped))
    bends = list(slopes(sample, layer))
    right = bends[0].value
    for down in ways:
        yield Way(down.cause, down.words, down.value * right, down.value)
    for bend in bends[1:]:
        yield Way(bend.cause, bend.words, ways[0].value * bend.value, ways[0].value)
    for down in ways[1:]:
        for bend in bends[1:5]:
            yield Way(
                f"{down.cause} {bend.cause}",
                f"{down.words}; {bend.words}",
                down.value * bend.value,
                down.value,
                faults=2,
            )


def propagated(sample: Sample, layer: int, above: Array, unsloped: Array | None) -> Iterator[Way]:
    """W_{l+1} delta_{l+1}, (m, d)."""
    W, b = sample.weights[layer], sample.biases[layer]

    def through(W: Array, d: Array = above) -> Array:
        down: Array = np.einsum("mij,mj->mi", np.broadcast_to(W, (len(d), *W.shape[1:])), d)
        return down

    yield Way("", f"W{layer + 1} times the delta above", through(W))
    if W.shape[1] == W.shape[2]:
        yield Way(
            "weights-transposed-in-backpropagation",
            f"W{layer + 1}^T in place of W{layer + 1}",
            through(W.swapaxes(1, 2)),
        )
    if unsloped is not None:
        yield Way("activation-derivative-missing",
                  f"W{layer + 1} times the error above it, without the derivative of layer {layer + 1}", through(W, unsloped))  # fmt: skip
    for number, other in enumerate(sample.weights):
        if number == layer:
            continue
        if other.shape == W.shape:
            yield Way("wrong-weights-in-backpropagation", f"W{number + 1} in place of W{layer + 1}", through(other))
        if other.shape == W.swapaxes(1, 2).shape and other.shape[1] != other.shape[2]:
            yield Way(
                "wrong-weights-in-backpropagation",
                f"W{number + 1}^T in place of W{layer + 1}",
                through(other.swapaxes(1, 2)),
            )
    for number, other in enumerate(sample.initial):
        if other.shape[1:] == W.shape[1:]:
            yield Way(
                "wrong-weights-in-backpropagation", f"W{number + 1} as it was at the start, a copy that does not follow",
                through(other),
            )  # fmt: skip
    for number, other in enumerate(sample.weights):
        for what, one in (
            (f"the columns of W{number + 1}", other),
            (f"the rows of W{number + 1}", other.swapaxes(1, 2)),
        ):
            # Sums that stop at the shorter of two lists, as zip does.
            length = min(one.shape[1], above.shape[1])
            own = number == layer and (what.startswith("the rows") or W.shape[1] == W.shape[2])
            if one.shape[2] == W.shape[1] and not own:
                yield Way(
                    "wrong-weights-in-backpropagation", f"{what} in place of the rows of W{layer + 1}, as far as they go",
                    np.einsum("mji,mj->mi", one[:, :length], above[:, :length]),
                )  # fmt: skip
    shifted = (np.concatenate([b[:, None], W[:, :-1]], axis=1), np.concatenate([W[:, 1:], b[:, None]], axis=1))
    for one in shifted:
        yield Way(
            "wrong-weights-in-backpropagation",
            f"W{layer + 1} shifted by one row, with the bias among the weights",
            through(one),
        )
    d_in, d_out = W.shape[1:]
    if d_out > 1:
        for words, chosen in (("first", slice(0, 1)), ("last", slice(-1, None))):
            yield Way(
                "delta-of-one-output-only",
                f"W{layer + 1} times the delta of the {words} unit above alone",
                through(W[:, :, chosen], above[:, chosen]),
            )
    total = np.repeat(above.sum(axis=1, keepdims=True), d_in, axis=1)
    yield Way("delta-not-propagated", f"the sum of the deltas above, without W{layer + 1}", total)
    if d_in == d_out:
        yield Way("delta-not-propagated", f"the delta above as it is, without W{layer + 1}", above)
    yield Way("delta-not-propagated", f"the sum of W{layer + 1}, without the delta above", W.sum(axis=2))


def weight_gradients(sample: Sample, layer: int, delta: Array) -> Iterator[Way]:
    """dW of one layer, (m, d_in, d_out), from its delta (m, d_out)."""
    d_in = sample.weights[layer - 1].shape[1]

    def outer(a: Array, d: Array = delta) -> Array:
        product: Array = np.einsum("mi,mj->mij", a, d)
        return product

    right = outer(sample.a[layer - 1])
    yield Way("", "what comes in times delta", right)
    if layer > 1:
        yield Way(
            "wrong-activation-in-weight-gradient",
            f"z{layer - 1} in place of the activation a{layer - 1}",
            outer(sample.z[layer - 2]),
        )
    for number, other in enumerate(sample.a):
        if number != layer - 1 and other.shape[1] == d_in:
            what = "the input x" if number == 0 else f"a{number}"
            yield Way(
                "wrong-activation-in-weight-gradient",
                f"{what} in place of {'the input x' if layer == 1 else f'a{layer - 1}'}",
                outer(other),
            )
    yield Way(
        "wrong-activation-in-weight-gradient",
        "f of what comes in, activated once more",
        outer(activate(sample.names[0], sample.a[layer - 1])),
    )
    yield Way(
        "wrong-activation-in-weight-gradient", "1 in place of what comes in", outer(np.ones_like(sample.a[layer - 1]))
    )
    if right.shape[1] == right.shape[2]:
        yield Way("weight-gradient-transposed", "delta times what comes in: its transpose", right.swapaxes(1, 2))
    yield Way(
        "wrong-activation-in-weight-gradient",
        "what comes in, in the wrong order",
        outer(np.roll(sample.a[layer - 1], 1, axis=-1)),
    )
    yield Way(
        "wrong-activation-in-weight-gradient",
        "what comes in, in the wrong order",
        outer(np.roll(sample.a[layer - 1], -1, axis=-1)),
    )


def bias_gradients(sample: Sample, layer: int, delta: Array) -> Iterator[Way]:
    """db of one layer, (m, d_out), from its delta."""
    yield Way("", "delta", delta)
    total = np.repeat(delta.sum(axis=1, keepdims=True), delta.shape[1], axis=1)
    yield Way("bias-gradient-over-wrong-axis", "the sum of delta over the units, the same for each", total)
    yield Way("bias-gradient-scaled", "delta times the bias", delta * sample.biases[layer - 1])
    incoming = sample.a[layer - 1].sum(axis=1, keepdims=True)
    yield Way("bias-gradient-scaled", "the sum over the inputs of the weights' gradient", delta * incoming)
    yield Way(
        "bias-gradient-scaled",
        "the mean over the inputs of the weights' gradient",
        delta * incoming / sample.a[layer - 1].shape[1],
    )
