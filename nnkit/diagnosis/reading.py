"""Reading a network's conventions off what it does, where its author has not declared them.

The network is used as an instrument. With the weights of its last layer at zero and a bias of z, its output is g(z):
that shows the output activation. A hidden unit fed with t, and passed on with the weight 1, must give the output that
f(t) gives as a bias: that shows the hidden activation. Losses for different targets at one output differ by the loss
alone, so they show its formula and its factor, for one sample and for several; what is left over, and depends on the
parameters alone, is a penalty.

Nothing here judges: what is unlike every formula that nnkit knows is left unread (None).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.formulas import NotRead, formula, known_names, measured_name
from nnkit.network.activations import softmax

Array = npt.NDArray[Any]
#: the standard loss of each sample (n,), of outputs or logits and targets (n, k)
Kernel = Callable[[Array, Array], Array]

#: weighted inputs at which activations are looked at: both sides of 0, of 1 and of 6, and none of these themselves
GRID = np.concatenate([np.linspace(-7.9, -3.1, 8), np.linspace(-2.9, 2.9, 24), np.linspace(3.1, 7.9, 8)])


@dataclass(frozen=True)
class LossReading:
    """loss: "mse", "binary_cross_entropy" or "cross_entropy", as the oracle defines them; the network's own is
    `factor` times that, and a sum over the samples where `summed`. logits: forward() leaves this activation to the loss.
    recoded: it compares outputs with -1 and 1 in place of 0 and 1. guard: it adds this to outputs inside its logarithm.
    fault: it is this loss gone wrong in a known way, which no convention excuses; then nothing else is said of it.

    squares, absolutes: the penalty's factors of the sum of squares and of absolute values of each parameter array, in
    units of the standard loss; `per_sample`: for n samples they are an n-th of that.
    """

    loss: str
    logits: str = ""
    factor: float = 1.0
    summed: bool = False
    squares: tuple[float, ...] = ()
    absolutes: tuple[float, ...] = ()
    per_sample: bool = False
    recoded: bool = False
    guard: float = 0.0
    fault: str = ""

    def words(self) -> str:
        """What is to be added to the loss's name; "" for a plain mean."""
        parts = [", a sum over the samples"] if self.summed else []
        if self.factor != 1.0:
            parts.append(f", times {self.factor:.6g}")
        if self.logits:
            parts.append(f", with the {self.logits} in it: forward() returns logits")
        if self.guard:
            parts.append(f", of outputs + {self.guard:.2g}")
        if self.recoded:
            parts.append(", of targets -1 and 1")
        for values, what in ((self.squares, "squares"), (self.absolutes, "absolute values")):
            terms = [
                f"{value:.4g} for {name}" for value, name in zip(values, _names(len(values)), strict=True) if value
            ]
            if terms:
                over = ", over n" if self.per_sample else ""
                parts.append(f", and a penalty on the sum of {what}{over}: {', '.join(terms)}")
        return "".join(parts)


def _names(count: int) -> list[str]:
    return [f"{kind}{layer}" for layer in range(1, count // 2 + 1) for kind in "Wb"]


# Activations ---------------------------------------------------------------------------------------------------------


def read_output(network: Any, sizes: Sequence[int], slack: float) -> str | None:
    """The output activation of a network in standard form: "softmax", or a name from `formulas`; None where it is none.

    The network is left with other parameters.
    """
    k = sizes[-1]
    zeros = [np.zeros_like(array) for array in network.parameters()]
    x = np.linspace(0.2, 1.0, sizes[0])[None]
    rows = np.resize(GRID, (-(-len(GRID) // k), k))
    p = []
    for z in rows:
        zeros[-1] = z.astype(zeros[0].dtype)
        network.set_parameters(zeros)
        p.append(_row(network, x))
    seen = np.array(p)
    z = rows.astype(zeros[0].dtype).astype(np.float64)
    if k > 1 and np.isfinite(seen).all() and np.allclose(seen, softmax(z), rtol=slack, atol=slack):
        return "softmax"
    return measured_name(z.ravel(), seen.ravel(), slack)


def read_hidden(network: Any, sizes: Sequence[int], slack: float, layer: int = 1) -> str | None:
    """The activation of a hidden layer (from 1) of a network in standard form, whose hidden layers have two units at
    least. The network is left with other parameters."""
    parameters = [np.zeros_like(array) for array in network.parameters()]
    dtype = parameters[0].dtype
    grid = GRID.astype(dtype)
    x = np.zeros((1, sizes[0]), dtype)
    x[0, 0] = 1
    # Unit 0 of the layer is fed t and speaks to the layer above, twice if that is hidden: as it is, and turned over and
    # halved, since a ReLU hears one sign only and an even function cannot tell signs. All other weights are zero.
    feed = (parameters[0], (0, 0)) if layer == 1 else (parameters[2 * layer - 1], (0,))
    W, b = parameters[2 * layer], parameters[2 * layer + 1]
    voices = np.array([1.0, -0.5][: W.shape[1]] if layer + 1 < len(sizes) - 1 else [1.0], dtype)
    for above in parameters[2 * layer + 2 :: 2]:
        above[0, 0], above[1, 0] = 1, -1
        if above is not parameters[-2]:
            above[0, 1], above[1, 1] = -0.5, 0.5
    via = []
    W[0, : len(voices)] = voices
    for t in grid:
        feed[0][feed[1]] = t
        network.set_parameters(parameters)
        via.append(_row(network, x)[0])
    W[...] = 0
    feed[0][feed[1]] = 0
    seen, wanted = np.array(via), grid.astype(np.float64)

    def direct(a: Array) -> Array:
        """What the network says where the hidden unit's value a is put in its place."""
        said = []
        for value in a:
            b[: len(voices)] = value * voices
            network.set_parameters(parameters)
            said.append(_row(network, x)[0])
        b[...] = 0
        return np.array(said)

    if not np.isfinite(seen).all() or np.ptp(seen) == 0:
        return None
    for name in known_names():
        values = formula(name).value(wanted)
        few = slice(None, None, 9)
        if _alike(direct(values[few]), seen[few], slack) and _alike(direct(values), seen, slack):
            return name
    for leak in _leaks(seen, wanted, direct, slack):
        if _alike(direct(formula(leak).value(wanted)), seen, slack):
            return leak
    return None


def _leaks(seen: Array, z: Array, direct: Callable[[Array], Array], slack: float) -> list[str]:
    """Candidates leaky_relu(c) and elu(c), with c from the output at one negative z, found by bisection."""
    place = int(np.argmin(np.abs(z + 1)))
    low, high = 0.0, 1.0
    ends = direct(np.array([low, -high]))
    if not min(ends) <= seen[place] <= max(ends):
        return []
    for _ in range(60):
        middle = (low + high) / 2
        if (direct(np.array([-middle]))[0] - seen[place]) * (ends[0] - seen[place]) > 0:
            low = middle
        else:
            high = middle
    a = -(low + high) / 2
    names = []
    for family, constant in (("leaky_relu", a / z[place]), ("elu", a / np.expm1(z[place]))):
        names += [f"{family}({constant:.{digits}g})" for digits in (1, 2, 3, 6)]
    return list(dict.fromkeys(names))


def read_inputs(network: Any, sizes: Sequence[int], slack: float) -> tuple[float, float] | None:
    """(scale, shift) of a network without hidden layers, in standard form, that computes with scale (x - shift).

    Without any formula: an input fed through a weight of 1 must give the output that the rescaled input gives as a bias.
    None where no such pair does. The network is left with other parameters.
    """
    W, b = (np.zeros_like(array) for array in network.parameters())
    dtype = W.dtype

    def by_bias(z: float) -> float:
        W[...], b[...] = 0, 0
        b[0] = z
        network.set_parameters([W, b])
        return float(_row(network, np.zeros((1, sizes[0]), dtype))[0])

    def by_input(t: float) -> float:
        W[...], b[...] = 0, 0
        W[0, 0] = 1
        network.set_parameters([W, b])
        x = np.zeros((1, sizes[0]), dtype)
        x[0, 0] = t
        return float(_row(network, x)[0])

    few = (-2.3, -0.4, 0.7, 1.9)
    if all(abs(by_input(t) - by_bias(float(dtype.type(t)))) <= slack * max(1.0, abs(by_input(t))) for t in few):
        return 1.0, 0.0
    seen = []
    for t in (0.25, 0.75):
        low, high, wanted = -6.0, 6.0, by_input(t)
        if not by_bias(low) < wanted < by_bias(high):
            return None
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if by_bias(middle) < wanted else (low, middle)
        seen.append((low + high) / 2)
    # The numbers are known to some thousand roundings; people write them short, or the scale as a divisor.
    known = 1e4 * float(np.finfo(dtype).eps)
    scale = _as_written((seen[1] - seen[0]) / 0.5, known)
    if scale == 0.0:
        return None
    shift = _as_written(0.25 - seen[0] / scale, known * max(1.0, 1 / abs(scale)))
    good = 100 * float(np.finfo(dtype).eps)
    fits = all(
        abs(by_input(t) - by_bias(scale * (float(dtype.type(t)) - shift))) <= good * max(1.0, abs(by_input(t)))
        for t in (-0.4, 0.1, 0.6, 1.2)
    )
    return (scale, shift) if fits else None


def bias_gradient_points_uphill(network: Any, sizes: Sequence[int]) -> bool:
    """Whether the loss of a network without hidden layers, in standard form but perhaps for the sign of its biases, rises
    along its own gradient of them. The network is left with other parameters."""
    rng = np.random.default_rng(0)
    W, b = (rng.uniform(-0.5, 0.5, array.shape).astype(array.dtype) for array in network.parameters())
    x, k = rng.uniform(-1.0, 1.0, (4, sizes[0])).astype(b.dtype), sizes[-1]
    y = (np.eye(k)[np.arange(4) % k] if k > 1 else np.array([[0.0], [1.0], [1.0], [1.0]])).astype(b.dtype)
    network.set_parameters([W, b])
    slope = np.asarray(network.gradients(x, y)[1])
    ahead = 0.01 * slope / np.linalg.norm(slope)
    losses = []
    for there in (b - ahead, b + ahead):
        network.set_parameters([W, there.astype(b.dtype)])
        losses.append(float(np.asarray(network.loss(x, y)).reshape(())))
    return losses[0] < losses[1]


def _as_written(value: float, error: float) -> float:
    """The number, or 1 over the number, of fewest digits within `error` (relative, absolute below 1); 0 where that is."""
    if abs(value) <= error:
        return 0.0
    found = []
    for digits in range(1, 17):
        for plain, number in ((v := float(f"{value:.{digits}g}"), v), (u := float(f"{1 / value:.{digits}g}"), 1 / u)):
            if abs(number - value) <= error * abs(value):
                found.append((digits, abs(plain - round(plain)), number))
    return min(found)[2] if found else value


def _row(network: Any, x: Array) -> Array:
    return np.asarray(network.forward(x), dtype=np.float64).reshape(-1)


def _alike(a: Array, b: Array, slack: float) -> bool:
    return bool(np.all(np.abs(a - b) <= slack * np.maximum(1.0, np.abs(b))))


# The loss ------------------------------------------------------------------------------------------------------------


def read_loss(
    network: Any, sizes: Sequence[int], output: str | None, slack: float, only: str = "", guard: float = 0.0
) -> LossReading | None:
    """The loss of a network in standard layout (and nothing else standardised yet).

    only: what its author declares; guard: what it adds to outputs inside its logarithm. The network is left with other
    parameters.
    """
    rng = np.random.default_rng(0)
    k, shapes = sizes[-1], [array.shape for array in network.parameters()]
    dtype = network.parameters()[0].dtype
    x = rng.uniform(-1.0, 1.0, (8, sizes[0])).astype(dtype)
    targets = np.eye(k) if k > 1 else np.array([[0.0], [1.0]])

    def set_random() -> list[Array]:
        theta = [rng.choice([-1, 1], shape) * rng.uniform(0.3, 0.9, shape) for shape in shapes]
        theta = [array.astype(dtype) for array in theta]
        network.set_parameters(theta)
        return theta

    def loss(rows: Array, y: Array) -> float:
        return float(np.asarray(network.loss(rows, y.astype(dtype))).reshape(()))

    set_random()
    p = np.asarray(network.forward(x), dtype=np.float64)
    single = np.array([[loss(x[i : i + 1], t[None]) for t in targets] for i in range(len(x))])
    if not np.isfinite(single).all():
        return None
    fits: list[tuple[float, int, str, str, Kernel, float, Array]] = []
    for name, logits, plain in _KERNELS:
        if (only and name != only) or (logits and output not in ("identity", None)):
            continue
        # Behind a sigmoid the two cross-entropies of one output are told apart by y = 0 alone, where one of them is 0.
        if (k == 1 and name == "cross_entropy") or (guard and (logits or name == "mse")):
            continue
        kernel = _guarded(plain, guard) if guard else plain
        with np.errstate(all="ignore"):
            standard = np.array([[kernel(p[i : i + 1], t[None])[0] for t in targets] for i in range(len(x))])
        found = _factor(single, standard, slack)
        if found is not None:
            fits.append((found[1], len(fits), name, logits, kernel, found[0], standard))
    for _, _, name, logits, kernel, factor, standard in sorted(fits, key=lambda fit: fit[:2]):
        summed = _summed(loss, kernel, p, x, targets, factor, slack)
        if summed is None and _is_weighted_mean(loss, single, x, targets, slack):
            return None  # each class has a weight of its own: a choice, and no formula that is known here
        if summed is None:
            return LossReading(name, fault="right for single samples, and neither sum nor mean for several")
        reading = LossReading(name, logits, factor, summed, recoded=kernel is _recoded, guard=guard)
        if np.abs(single - factor * standard).max() <= slack * max(1.0, float(np.abs(single).max())):
            return reading
        return _with_penalty(reading, network, kernel, x, targets, set_random, loss, slack)
    for name, fault, kernel in _FAULTS:
        if only and name != only:
            continue
        with np.errstate(all="ignore"):
            wrong = np.array([[kernel(p[i : i + 1], t[None])[0] for t in targets] for i in range(len(x))])
        # Few functions fit sixteen numbers to rounding; and a penalty is not looked for here.
        if _factor(single, wrong, slack) is not None:
            return LossReading(name, fault=fault)
    return None


def read_guard(network: Any, sizes: Sequence[int], reading: LossReading) -> float:
    """What the network adds to its outputs inside the logarithm, from the loss of a right answer that it holds to be
    next to impossible; 0 where it adds nothing that can be seen there. The network is left with other parameters."""
    k = sizes[-1]
    values = [np.zeros_like(array) for array in network.parameters()]
    values[-1][0] = -34.0  # p is 2e-15
    network.set_parameters(values)
    x, y = np.zeros((1, sizes[0]), values[0].dtype), np.eye(1, k, dtype=values[0].dtype)
    p = float(np.asarray(network.forward(x), dtype=np.float64)[0, 0])
    # A mean over the outputs of a binary loss has k terms, of which the others are those of p = 1/2.
    others = (k - 1) * np.log(2.0) if reading.loss == "binary_cross_entropy" else 0.0
    share = k if reading.loss == "binary_cross_entropy" else 1
    loss = float(np.asarray(network.loss(x, y)).reshape(())) / reading.factor
    guard = float(np.exp(others - loss * share)) - p
    return _short(guard, 1e-3 * abs(guard)) if 1e-14 < guard <= 1e-4 else 0.0


def _guarded(kernel: Kernel, guard: float) -> Kernel:
    """The cross-entropy with the guard added inside its logarithms."""
    if kernel is _binary:
        return lambda p, y: np.asarray(-(y * np.log(p + guard) + (1 - y) * np.log(1 - p + guard)).mean(axis=1))
    return lambda p, y: np.asarray(-(y * np.log(p + guard)).sum(axis=1))


def _factor(seen: Array, standard: Array, slack: float) -> tuple[float, float] | None:
    """c of seen = c standard + a constant, over samples (rows) and targets (columns), and the largest difference that is
    left; None where there is no such c."""
    if not np.isfinite(standard).all() or np.ptp(standard) == 0:
        return None
    a, b = seen - seen.mean(), standard - standard.mean()
    c = float((a * b).sum() / (b * b).sum())
    left = float(np.abs(a - c * b).max())
    return (_plain(c, slack), left) if c > 0 and left <= slack * max(1.0, float(np.abs(seen).max())) else None


def _plain(c: float, slack: float) -> float:
    """A factor that is a small fraction, as people's factors are, without its rounding."""
    for denominator in range(1, 13):
        numerator = round(c * denominator)
        if numerator and abs(c - numerator / denominator) <= 10 * slack * c:
            return numerator / denominator
    return c


def _short(value: float, slack: float) -> float:
    """The number of fewest digits near the value, as people write their constants."""
    return next(
        short
        for digits in range(1, 18)
        if abs((short := float(f"{value:.{digits}g}")) - value) <= 10 * slack * max(1e-3, abs(value))
    )


def _summed(
    loss: Callable[[Array, Array], float],
    kernel: Kernel,
    p: Array,
    x: Array,
    targets: Array,
    factor: float,
    slack: float,
) -> bool | None:
    """Whether the loss of a batch is the sum of the losses of its samples, not their mean; None where it is neither."""
    n = len(x)
    first, second = (np.array([targets[(i + shift) % len(targets)] for i in range(n)]) for shift in (0, 1))
    change = loss(x, first) - loss(x, second)
    expected = factor * float((kernel(p, first) - kernel(p, second)).sum())
    for summed, share in ((False, 1 / n), (True, 1.0)):
        if abs(change - share * expected) <= slack * max(1.0, abs(expected)):
            return summed
    return None


def _is_weighted_mean(
    loss: Callable[[Array, Array], float], single: Array, x: Array, targets: Array, slack: float
) -> bool:
    """Whether the loss of a batch is a mean in which the samples of a class count as much as that class's weight.

    single: the losses (n, classes) of each sample alone with each target, in which the weight cancels.
    """
    n, classes = single.shape

    def batch(labels: Sequence[int]) -> float:
        return loss(x[: len(labels)], targets[list(labels)])

    weights = np.ones(classes)
    for c in range(1, classes):
        together = batch([0, c])
        weights[c] = (single[0, 0] - together) / (together - single[1, c])
    if not (np.isfinite(weights).all() and (weights > 0).all()):
        return False
    for key in range(4):
        labels = np.random.default_rng(key).integers(0, classes, size=(n,)).tolist()
        expected = float(np.average(single[np.arange(n), labels], weights=weights[labels]))
        if abs(batch(labels) - expected) > 1e3 * slack * max(1.0, abs(expected)):
            return False
    return True


def _with_penalty(
    reading: LossReading,
    network: Any,
    kernel: Kernel,
    x: Array,
    targets: Array,
    set_random: Callable[[], list[Array]],
    loss: Callable[[Array, Array], float],
    slack: float,
) -> LossReading | None:
    """The reading with what is left of the loss explained by squares and absolute values of the parameters."""
    n = len(x)
    y = np.array([targets[i % len(targets)] for i in range(n)])

    def rest(count: int) -> float:
        p = np.asarray(network.forward(x[:count]), dtype=np.float64)
        share = reading.factor * (1.0 if reading.summed else 1 / count)
        return loss(x[:count], y[:count]) - share * float(kernel(p, y[:count]).sum())

    rows, ones, many = [], [], []
    arrays = len(network.parameters())
    for _ in range(4 * arrays):
        theta = set_random()
        rows.append([float((t.astype(float) ** 2).sum()) for t in theta] + [float(np.abs(t).sum()) for t in theta])
        ones.append(rest(1))
        many.append(rest(n))
    features, one, batch = np.array(rows), np.array(ones), np.array(many)
    constants, *_ = np.linalg.lstsq(features, one, rcond=None)
    scale = max(1.0, float(np.abs(one).max()))
    if not np.isfinite(constants).all() or np.abs(features @ constants - one).max() > 10 * slack * scale:
        return None
    if (constants < -100 * slack).any():
        return LossReading(reading.loss, fault="with a penalty of the wrong sign, which rewards large weights")
    # In units of the standard loss the factor is divided out, with n of it where the loss is a sum.
    own = [_short(float(value), slack) / reading.factor if abs(value) > 100 * slack else 0.0 for value in constants]
    constant = np.abs(batch - one).max() <= 10 * slack * scale
    an_nth = np.abs(batch - one / n).max() <= 10 * slack * scale
    n_fold = np.abs(batch - one * n).max() <= 10 * slack * scale
    if reading.summed:
        per_sample = True if constant else False if n_fold else None
    else:
        per_sample = False if constant else True if an_nth else None
    if per_sample is None:
        return None
    return LossReading(
        reading.loss, reading.logits, reading.factor, reading.summed, recoded=reading.recoded, guard=reading.guard,
        squares=tuple(own[:arrays]), absolutes=tuple(own[arrays:]), per_sample=per_sample,
    )  # fmt: skip


def _squared(p: Array, y: Array) -> Array:
    return np.asarray(((p - y) ** 2).mean(axis=1))


def _recoded(p: Array, y: Array) -> Array:
    """Squared error of (1 + p) / 2, which is what p says in terms of 0 and 1."""
    return np.asarray((((1 + p) / 2 - y) ** 2).mean(axis=1))


def _binary(p: Array, y: Array) -> Array:
    return np.asarray(-(y * np.log(p) + (1 - y) * np.log1p(-p)).mean(axis=1))


def _categorical(p: Array, y: Array) -> Array:
    return np.asarray(-(y * np.log(np.where(y > 0, p, 1.0))).sum(axis=1))


def _binary_logits(z: Array, y: Array) -> Array:
    return np.asarray((np.logaddexp(0, z) - y * z).mean(axis=1))


def _categorical_logits(z: Array, y: Array) -> Array:
    return np.asarray(-(y * np.log(softmax(z))).sum(axis=1))


#: (loss, the output activation that it brings itself, its value (n,) for p or z and y (n, k))
_KERNELS: tuple[tuple[str, str, Kernel], ...] = (
    ("mse", "", _squared),
    ("mse", "", _recoded),
    ("binary_cross_entropy", "", _binary),
    ("cross_entropy", "", _categorical),
    ("binary_cross_entropy", "sigmoid", _binary_logits),
    ("cross_entropy", "softmax", _categorical_logits),
)

#: (loss, what is wrong, its value (n,) for what forward() returns and y): looked for where no formula fits
_FAULTS: tuple[tuple[str, str, Kernel], ...] = (
    ("cross_entropy", "softmax is applied twice", _categorical_logits),
    ("binary_cross_entropy", "the sigmoid is applied twice", _binary_logits),
    ("binary_cross_entropy", "the part for y = 0 is missing", lambda p, y: np.asarray(-(y * np.log(p)).mean(axis=1))),
    ("mse", "the sign is turned round", lambda p, y: -_squared(p, y)),
    ("binary_cross_entropy", "the sign is turned round", lambda p, y: -_binary(p, y)),
    ("cross_entropy", "the sign is turned round", lambda p, y: -_categorical(p, y)),
)


def standard_losses(loss: str, p: Array, y: Array) -> Array:
    """The loss (n,) of each sample by its standard formula, for outputs p and targets y (n, k).

    Raises NotRead where it has none.
    """
    kernel = next((kernel for name, _, kernel in _KERNELS if name == loss), None)
    if kernel is None:
        raise NotRead("its loss function")
    with np.errstate(all="ignore"):
        return kernel(p, y)
