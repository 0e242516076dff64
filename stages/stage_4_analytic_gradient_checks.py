"""Backpropagation computes all slopes at once, and a slip in it rarely stops training: it makes training bad. A missing
derivative, a sum over the wrong axis, a forgotten 1/n change the numbers a little, the network still learns something,
and days go by. So here every entry of the gradient is compared with what the loss itself does.

First come the deltas, one number a unit, because from them every other gradient is made, and they localise a fault: the
first wrong delta below the last right one is where to look. Then the gradient of every weight, by hand and numerically,
at three places (start, trained, saturated) and for batches of 1, 2 and 7. Then the update: whatever rule the network
uses, its steps must be the ones that the formula of that rule gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from nnkit.curriculum.evidence import (
    Bars,
    Caption,
    Curves,
    Evidence,
    Group,
    Line,
    Mark,
    Matrices,
    Panel,
    Scatter,
    Table,
)
from nnkit.curriculum.gradient_pictures import worst_entries
from nnkit.curriculum.lab import Lab
from nnkit.curriculum.stage import Outcome, Stage, at_least, at_most
from nnkit.datasets import truth_table
from nnkit.diagnosis import Conventions, get_parameters, oracle, set_parameters
from nnkit.diagnosis.descent import Beside, Descent, descend_beside
from nnkit.diagnosis.differences import relative_difference
from nnkit.diagnosis.guard import check_gradients_past_guard, where_without_guard
from nnkit.diagnosis.hidden_units import hidden_activations
from nnkit.diagnosis.update_rule import LIMIT, RATES, SAMPLES, RuleFit, Trace, record
from nnkit.diagnosis.update_rule_verdict import Verdict, judge_update
from nnkit.gradients import GradientCheck, check_gradients, parameter_names

stage = Stage(
    number=4,
    name="analytic-gradient-checks",
    title="Analytic gradient checks",
    claim="The network's own gradients are the slopes of its loss, entry by entry, and its updates use them as they should.",
    not_yet="It does not show that a deep network learns: a right gradient of a badly started network is still right.",
    hints=(
        "Which is the first wrong parameter, going from the output down? What is used there for the first time?",
        "Look at that layer's delta: is it multiplied by the slope of the right activation at the right z, is it "
        "propagated with W transposed, is the sum for b over the samples (axis 0), is it divided by n once?",
        "delta of the output is dL/dz there (p - y over n for a cross-entropy with its own activation; with squared "
        "error times the activation's slope). Below: delta = (delta above @ W above.T) * f'(z). Then dL/dW = x.T @ delta "
        "and dL/db = delta summed over the samples. A constant ratio n or 1/n in all parameters is the mean; a ratio that "
        "varies from unit to unit is a slope; a wrong matrix with a right bias is the wrong activation cached below.",
    ),
    references=("S2.0b", "S2.3", "S3.5", "S4.6", "S0.2", "S1.4", "Nocedal and Wright 2006"),
)

#: pairwise distinct, so that a transposed product cannot fit by accident
SIZES = (3, 5, 4, 2)
BATCHES = (1, 2, 7)
#: two hidden layers of one width, where a product with a matrix that lies the wrong way round fits, and is wrong
SQUARE = (3, 4, 4, 2)
NEURON = (2, 1)
NAMES = parameter_names(2 * (len(SIZES) - 1))
#: how many steps analytic and numerical training are followed side by side
FOLLOWED = 30
#: Slopes that differ by less than this train as well: those that a network takes from differences of its loss do.
SLIGHT = 1e-7


@stage.check("Every neuron's delta is the one worked out by hand")
def deltas_match_by_hand(lab: Lab) -> Outcome:
    """For a single sample the slope of the loss with respect to a bias is that unit's delta, dL/dz. The hand values are
    computed in fifty digits from the formulas of the declared activations and loss."""
    found = lab.once(_by_hand, lab, 1)
    deltas = [k for k in found.from_the_output if k % 2]
    wrong = [k for k in deltas if not found.errors[k] <= found.limit]
    outcome = at_most(
        max(found.errors[k] for k in deltas),
        found.limit,
        unit="relative error",
        because=found.because,
        message=_first_wrong(found, wrong, "delta"),
        evidence=[_delta_table(found)],
        harmless=found.limit < max(found.errors) <= SLIGHT,
    )
    return lab.in_own_words(outcome, lab.fitted(SIZES))


@stage.check("Every weight's gradient is the one worked out by hand")
def gradients_match_by_hand(lab: Lab) -> Outcome:
    """The same for all weights. Where the deltas are right and a weight's gradient is wrong, the fault is in the product
    of what comes in with the delta: the wrong activation, or the wrong axis."""
    found = lab.once(_by_hand, lab, 3)
    wrong = [k for k in found.from_the_output if not found.errors[k] <= found.limit]
    outcome = at_most(
        max(found.errors),
        found.limit,
        unit="relative error",
        because=found.because,
        message=_first_wrong(found, wrong, "gradient"),
        evidence=[_error_bars(found), _heat_maps(found)],
        harmless=found.limit < max(found.errors) <= SLIGHT,
    )
    return lab.in_own_words(outcome, lab.fitted(SIZES))


@stage.check(
    "The analytic gradient is the slope of the loss: at the start, after training, saturated; batches of 1, 2, 7"
)
def analytic_matches_numerical(lab: Lab) -> Outcome:
    """One point is not enough: a loss with log(p + 1e-5) has next to the right gradient at the start and a wrong one where
    the output is saturated (what keeps it clear of log(0) by at most 1e-7 is no fault, and looked past). One batch size is
    not enough: a forgotten 1/n is right for n = 1. Nor is one shape: in the batch of 2 two layers are equally wide, and
    transposed products fit. One positive factor on all slopes alike, such as that between a sum and a mean, is a warning,
    and is taken out in all checks."""
    found = lab.once(_check_numerically, lab)
    checks = {n: check for n, (check, _) in found.items()}
    # Each batch has the limit that the noise of its loss allows.
    worst_batch = max(checks, key=lambda n: checks[n].relative_error / checks[n].limit)
    check = checks[worst_batch]
    if check.passed:
        compared = sum(
            p.analytic.size - p.kinks for c in checks.values() for point in c.points for p in point.parameters
        )
        message = f"{compared} slopes compared; the largest relative error is {check.relative_error:.1e}."
        if kinks := sum(c.kinks for c in checks.values()):
            message += f" {kinks} lie at a kink and were judged by their one-sided slopes."
        message += where_without_guard(name for _, names in found.values() for name in names)
    else:
        square = ", two layers of one width" if _sizes_of(worst_batch) == SQUARE else ""
        message = f"Batch of {worst_batch}{square}: {check.fault()}{_factor(check, worst_batch)}"
    outcome = at_most(
        check.relative_error,
        check.limit,
        unit="relative error",
        because="central differences of a correct float64 network stay below 3e-10, and below 1e-7 where the slopes are "
        "small (saturated); every fault of a formula reaches 1e-4. Networks that compute with fewer digits get the limit "
        "that their measured noise allows.",
        message=message,
        headline=f"{sum(p.analytic.size for c in checks.values() for point in c.points for p in point.parameters)} "
        f"slopes agree with the loss, the worst to {check.relative_error:.0e}",
        evidence=[
            _scatter(checks[7]),
            _point_bars(checks[7]),
            _comparison(checks[7]),
            worst_entries(check, f"batch of {worst_batch}"),
        ],
    )
    sizes = lab.fitted(_sizes_of(worst_batch))
    return lab.with_factor_named(lab.in_own_words(outcome, sizes), sizes, BATCHES)


@stage.check("Asking again gives the same gradient")
def gradients_do_not_remember(lab: Lab) -> Outcome:
    """Gradients that are added up from call to call, or computed from activations kept from an earlier batch, are right
    the first time only."""
    network, (x, y), (x2, y2) = lab.build(lab.fitted(SIZES), 1), _batch(lab, 7, 0), _batch(lab, 3, 1)
    eps = lab.read(network, lab.fitted(SIZES)).eps
    first = [np.array(g) for g in network.gradients(x, y)]
    again = [np.array(g) for g in network.gradients(x, y)]
    network.gradients(x2, y2)
    network.forward(x2)
    third = [np.array(g) for g in network.gradients(x, y)]
    network.forward(x2)
    network.loss(x2, y2)
    fourth = [np.array(g) for g in network.gradients(x, y)]
    calls = {
        "called twice": again,
        "called after another batch": third,
        "called after a forward of another batch": fourth,
    }
    errors = {
        what: max(relative_difference(g, f) for g, f in zip(other, first, strict=True)) for what, other in calls.items()
    }
    worst = max(errors, key=lambda what: errors[what])
    limit = 100 * eps
    message = "The gradient of a batch is the same whatever was asked before."
    if not all(np.isfinite(g).all() for g in first):
        message = "gradients(x, y) holds NaN or infinite numbers, which are not the same as anything."
    elif not errors[worst] <= limit:
        before, now = (float(np.linalg.norm(np.concatenate([g.ravel() for g in gs]))) for gs in (first, calls[worst]))
        message = (
            f"{worst}, gradients(x, y) is {now / before:.4g} times as long as the first time: something is kept between "
            "calls."
        )
    return at_most(
        errors[worst],
        limit,
        unit="relative difference",
        because="the same numbers in the same order give the same result; the hundred roundings are for threads that add "
        "in another order.",
        message=message,
    )


@stage.check("Training by the analytic gradient follows training by the numerical one, step by step")
def analytic_training_follows_numerical(lab: Lab) -> Outcome:
    """Two copies of the AND neuron go down side by side, the one by its own gradients, the other by differences of its
    loss; each step begins where the other is. This is where a gradient that is right at one point and wrong on the way
    shows."""
    beside = lab.once(_side_by_side, lab)
    eps = lab.read(lab.build(NEURON), NEURON).eps
    limit = 1000 * eps ** (2 / 3)
    largest, first = float(beside.distance.max()), beside.first_beyond(limit)
    steps = np.arange(len(beside.distance))
    return at_most(
        largest,
        limit,
        unit="of the parameters' length",
        because="a numerical gradient is off by about eps^(2/3) in each entry, and a step by the rate times that, for which "
        "a factor 1000 is ample.",
        message=f"In {FOLLOWED} steps the two part by at most {largest:.2g} of their length a step."
        if first is None
        else f"After step {first} the two are {beside.distance[first]:.2g} of their length apart, at most {largest:.2g}.",
        evidence=[
            Curves(
                title="How far apart analytic and numerical training are",
                caption=Caption(
                    "How far apart one step takes the two, from the same place.",
                    "It stays near 1e-10 in float64.",
                    "A jump at the first step: the gradient is wrong. A jump on the way: it is wrong only there.",
                ),
                x_label="step",
                y_label="relative distance",
                lines=[Line("analytic against numerical", steps[1:], np.maximum(beside.distance[1:], eps / 100))],
                marks=[Mark("limit", "y", limit)],
                log_y=True,
            )
        ],
    )


@stage.check("Its updates are those of an update rule's formula")
def update_follows_its_formula(lab: Lab) -> Outcome:
    """A right gradient can still be used wrongly: added instead of subtracted, left out for one parameter, or from the
    step before. Eight steps of the network's own on changing batches and rates are predicted from its own gradients by
    each rule that nnkit knows: descent, momentum, Nesterov, Adagrad, RMSProp, Adam and their kin, with decaying weights,
    decaying rates or clipping. A rule that is none of these is no fault as long as it goes downhill."""
    trace, verdict = lab.once(_judge_updates, lab)
    return at_most(
        verdict.fit.error,
        LIMIT,
        unit="roundings",
        because="a formula evaluated in another order differs by a few roundings of the parameters, and a gradient summed "
        "in another order by a few dozen where a rule divides by it; a wrong rule differs by the step itself, some 1e13 "
        "roundings in float64 and 1e4 in float32.",
        message=verdict.words,
        evidence=[_update_bars(lab, trace, verdict.fit)],
        harmless=verdict.kind == "harmless",
    )


@stage.check("No known fault gives the network's own numbers")
def no_known_fault(lab: Lab) -> Outcome:
    """Some faults hide from every comparison above: they show with other batch sizes, in later calls, in a second network,
    or make steps that still go downhill. So the network's outputs, losses, gradients and steps are computed again with
    each fault that nnkit knows put in, on networks of other shapes; where one of them gives the network's own numbers to
    rounding, and the right formula does not, it is that fault."""
    findings = lab.examine().findings
    wrong = [finding for finding in findings if finding.known and finding.severity == "error"]
    # One factor on all gradients has been told already, by the comparison with the loss.
    named = wrong or [finding for finding in findings if finding.known and finding.cause != "gradient-scaled"]
    return at_most(
        len(named),
        0,
        unit="faults",
        because="the right formulas give the numbers of a right network, and then no fault is looked for.",
        message=" ".join(finding.summary for finding in named) or "Its numbers are those of right formulas.",
        harmless=bool(named) and not wrong,
    )


@stage.check("The gradient check finds a fault that is put there on purpose")
def the_check_finds_planted_faults(lab: Lab) -> Outcome:
    """A check that cannot fail proves nothing. In each parameter in turn one entry of the network's gradient is made
    wrong by one part in a thousand (doubled where the network computes in float32, whose loss has too few digits for
    that), and the comparison with the loss must notice, in that parameter and no other."""
    x, y = _batch(lab, 3, 2)
    network = lab.build(lab.fitted(SIZES), 2)
    _start_anywhere(lab, network)
    names = _names(network)
    count = len(names)

    def wrong(subject: object) -> set[str]:
        return {p.name for p in check_gradients(subject, x, y, points=("start",), names=names).wrong}

    before = wrong(network)
    missed = [name for k, name in enumerate(names) if wrong(_Planted(network, k)) != before | {name}]
    found = count - len(missed)
    noisy = lab.read(lab.build(lab.fitted(SIZES)), lab.fitted(SIZES)).dtype != "float64"
    return at_least(
        found,
        count,
        unit=f"of {count} planted faults",
        because=f"the largest entry times {_planted_factor(noisy):g} is far outside the error bars of its slope.",
        message=f"{found} of {count} planted faults found in their place"
        + ("." if not missed else f"; not found, or not there alone: {', '.join(missed)}."),
    )


# The experiments, each run once for all checks -----------------------------------------------------------------------


@dataclass
class ByHand:
    """Gradients by the network and by hand, in the order of the parameters."""

    conventions: Conventions
    analytic: list[np.ndarray]
    exact: list[np.ndarray]

    @property
    def errors(self) -> list[float]:
        return [relative_difference(a, e) for a, e in zip(self.analytic, self.exact, strict=True)]

    @property
    def from_the_output(self) -> list[int]:
        """Bias before weight, last layer first: the order in which backpropagation makes them."""
        return [k for layer in reversed(range(len(self.exact) // 2)) for k in (2 * layer + 1, 2 * layer)]

    @property
    def limit(self) -> float:
        return 1e4 * self.conventions.eps + self.conventions.guard_error

    @property
    def because(self) -> str:
        return (
            f"a few dozen roundings of {self.conventions.eps:.1g} each, and up to a few hundred times as much where terms "
            "cancel; a fault of a formula is a thousand times larger."
        )


def _by_hand(lab: Lab, n: int) -> ByHand:
    network = lab.build(lab.fitted(SIZES), 0)
    conventions = lab.read(network, lab.fitted(SIZES))
    x, y = _batch(lab, n, 0)
    for draw in range(50):
        _start_anywhere(lab, network, draw)
        # A ReLU that is off hides its weights, so a start is wanted in which most hidden units are on for each sample.
        on = [z > 0 for z, _ in hidden_activations(get_parameters(network), conventions, x)]
        if np.mean(np.hstack(on), axis=1).min() > 0.7:
            break
    analytic = [np.array(g, dtype=float) for g in network.gradients(x, y)]
    exact = oracle.loss_gradient(get_parameters(network), conventions, x.astype(conventions.dtype), y)
    if [a.shape for a in analytic] != [e.shape for e in exact]:
        raise ValueError(
            f"gradients(x, y) must return arrays of the shapes of parameters(), {[e.shape for e in exact]}; "
            f"got {[a.shape for a in analytic]}"
        )
    return ByHand(conventions, analytic, exact)


def _start_anywhere(lab: Lab, network: object, draw: int = 0) -> None:
    """Weights and biases that are all different and not small, so that no slope is hidden by a zero or a symmetry."""
    rng = lab.rng(9, draw)
    set_parameters(
        network, [rng.choice([-1, 1], p.shape) * rng.uniform(0.2, 0.9, p.shape) for p in get_parameters(network)]
    )


def _batch(lab: Lab, n: int, key: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs of all sizes, and labels that are one-hot and not balanced (two in three are of the first class)."""
    rng = lab.rng(5, key, n)
    labels = np.where(rng.random(n) < 2 / 3, 0, rng.integers(0, SIZES[-1], n))
    x, k = rng.normal(0, 1, (n, SIZES[0])), lab.fitted(SIZES)[-1]
    return x, np.eye(k)[labels] if k > 1 else labels.astype(float)[:, None]


def _sizes_of(n: int) -> tuple[int, ...]:
    """Of the network that is given a batch of n: one of the three is square."""
    return SQUARE if n == 2 else SIZES


def _check_numerically(lab: Lab) -> dict[int, tuple[GradientCheck, tuple[str, ...]]]:
    """For each batch size what was found, and the points at which the loss was taken without its guard."""
    checks = {}
    for n in lab.progress(BATCHES, "analytic against numerical"):
        sizes = lab.fitted(_sizes_of(n))
        network = lab.build(sizes, n)
        # biases away from zero, so that no ReLU sits on its kink: those are stage 5's
        _start_anywhere(lab, network)
        conventions = partial(lab.read, network, sizes)
        checks[n] = check_gradients_past_guard(network, conventions, *_batch(lab, n, 3), names=_names(network), seed=n)
    return checks


def _first_wrong(found: ByHand, wrong: list[int], what: str) -> str:
    if not wrong:
        return f"All agree; the largest relative error is {max(found.errors):.1e}."
    k = wrong[0]
    a, e = found.analytic[k], found.exact[k]
    at = np.unravel_index(int(np.argmax(np.abs(a - e))), a.shape)
    cosine = float(a.ravel() @ e.ravel() / (np.linalg.norm(a) * np.linalg.norm(e))) if np.any(a) else 0.0
    right = [NAMES[j] for j in found.from_the_output[: found.from_the_output.index(k)] if j not in wrong]
    name = f"delta of layer {k // 2 + 1}, the gradient of {NAMES[k]}" if what == "delta" else f"gradient of {NAMES[k]}"
    if k % 2 and found.errors[k - 1] <= found.limit:
        # dL/dW is made from the same delta, so that one is right
        name = f"gradient of {NAMES[k]} (not its delta: {NAMES[k - 1]} is right; look at the sum over samples)"
    return (
        f"Going down from the output, the first wrong one is the {name}: at {tuple(int(i) for i in at)} by hand "
        f"{e[at]:.6g}, the network says {a[at]:.6g} (length {np.linalg.norm(a) / np.linalg.norm(e):.4g} times the right one, "
        f"cosine {cosine:.4f})" + (f"; still right: {', '.join(right)}." if right else ".")
    )


def _factor(check: GradientCheck, n: int) -> str:
    """Words for a gradient of the right direction whose length is off by a factor that has a name."""
    found = check.first_wrong
    if found is None or not found.cosine > 1 - 1e-6:
        return ""
    named = {f"the batch size {n}": n, f"one over the batch size {n}": 1 / n, "two": 2.0, "one half": 0.5}
    return "".join(
        f" Its direction is right and its length off by a factor of {words}."
        for words, factor in named.items()
        if factor != 1 and abs(found.norm_ratio - factor) < 1e-6 * factor
    )


def _side_by_side(lab: Lab, rate: float = 0.3) -> Beside:
    x, y = truth_table("and")
    numerical = Descent(lab.build(NEURON, 3), "numerical")
    path = [numerical.theta]
    for _ in range(FOLLOWED):
        numerical.train_step(x, y, rate)
        path.append(numerical.theta)
    return descend_beside(lab.build(NEURON, 3), path, x, y, rate=rate)


def _judge_updates(lab: Lab) -> tuple[Trace, Verdict]:
    network = lab.build(lab.fitted(SIZES), 4)
    _start_anywhere(lab, network)
    trace = record(network, [_batch(lab, n, 10 + k) for k, n in enumerate(SAMPLES)], RATES)
    return trace, judge_update(trace, _names(network))


def _names(network: Any) -> list[str]:
    """W1, b1, W2, ..., or numbers where it has other parameters than those."""
    count = len(network.parameters())
    return NAMES if count == len(NAMES) else [f"parameter {k}" for k in range(count)]


class _Planted:
    """The network, with one entry of one gradient made slightly wrong: the one that is largest at first."""

    def __init__(self, network: object, k: int) -> None:
        self.network, self.k = network, k
        self.entry: int | None = None
        for name in ("parameters", "set_parameters", "forward", "loss", "train_step"):
            if hasattr(network, name):
                setattr(self, name, getattr(network, name))

    def gradients(self, x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
        gradients = [np.array(g) for g in self.network.gradients(x, y)]  # type: ignore[attr-defined]
        g = gradients[self.k]
        if self.entry is None:
            self.entry = int(np.argmax(np.abs(g)))
        g.flat[self.entry] *= _planted_factor(g.dtype != np.float64)
        return gradients


def _planted_factor(noisy: bool) -> float:
    """One part in a thousand; a float32 loss has too few digits for that, so there it is doubled."""
    return 2.0 if noisy else 1.001


# Pictures ------------------------------------------------------------------------------------------------------------


def _delta_table(found: ByHand) -> Evidence:
    rows, wrong = [], []
    for k in found.from_the_output:
        if k % 2:
            for unit, (a, e) in enumerate(zip(found.analytic[k], found.exact[k], strict=True)):
                if not abs(a - e) <= found.limit * float(np.abs(found.exact[k]).max()):
                    wrong.append(len(rows))
                rows.append([k // 2 + 1, unit + 1, f"{e:+.12f}", f"{a:+.12f}", f"{a - e:+.1e}"])
    return Table(
        title="The deltas, from the output down",
        caption=Caption(
            "dL/dz of each unit for one sample: by hand, and as the network has it.",
            "They agree to some fifteen digits.",
            "The first wrong row names the layer: what is used there for the first time is wrong.",
        ),
        header=["layer", "unit", "delta by hand", "delta of the network", "difference"],
        rows=rows,
        wrong_rows=wrong,
    )


def _error_bars(found: ByHand) -> Evidence:
    tiny = found.conventions.eps / 100
    return Bars(
        title="Relative error of each parameter's gradient, against the hand value",
        caption=Caption(
            "One bar a parameter, from the output down, and the limit line.",
            "All far below the line, at the level of rounding.",
            "All bars from one layer down: its delta. A single bar: that product. Only biases: the sum over samples.",
        ),
        value_label="relative error",
        labels=[NAMES[k] for k in found.from_the_output],
        values=np.array([max(found.errors[k], tiny) for k in found.from_the_output]),
        marks=[Mark("limit", "y", found.limit)],
        log=True,
    )


def _heat_maps(found: ByHand) -> Evidence:
    panels = []
    for k in range(0, len(found.exact), 2):
        scale = float(np.abs(found.exact[k]).max()) or 1.0
        error = np.abs(found.analytic[k] - found.exact[k]) / scale
        panels.append(Panel(f"{NAMES[k]} {found.exact[k].shape}", np.maximum(error, found.conventions.eps / 100)))
    return Matrices(
        title="Where the weights' gradients differ from the hand values",
        caption=Caption(
            "The error of every entry, relative to the largest entry of its matrix.",
            "All at the level of rounding, without a pattern.",
            "A wrong row: that input or activation. A wrong column: that unit's delta. All: a factor.",
        ),
        panels=panels,
        row_label="unit below",
        column_label="unit",
        value_label="relative error",
        scale="log",
    )


def _scatter(check: GradientCheck) -> Evidence:
    start = check.points[0]
    return Scatter(
        title="Analytic against numerical, every entry (batch of 7, start)",
        caption=Caption(
            "One point an entry: what gradients() says (up) against what the loss does (across).",
            "All on the diagonal.",
            "A line of another slope: a factor. A cloud: a wrong slope or axis. Points on the horizontal line: no gradient.",
        ),
        x_label="slope of the loss (numerical)",
        y_label="gradients() (analytic)",
        groups=[Group(p.name, p.numeric.ravel(), p.analytic.ravel()) for p in start.parameters],
        diagonal=True,
        log=True,
    )


def _point_bars(check: GradientCheck) -> Evidence:
    labels, values = [], []
    for point in check.points:
        for p in point.parameters:
            labels.append(f"{p.name} {point.name}")
            values.append(max(p.largest_error, 1e-16))
    return Bars(
        title="Relative error at three points: start, trained, saturated (batch of 7)",
        caption=Caption(
            "One bar for each parameter at each point, and the limit line.",
            "All below the line; saturated ones higher, since their slopes are small.",
            "Wrong only when saturated: a logarithm that is clipped or shifted, in the loss or in the gradient alone.",
        ),
        value_label="relative error",
        labels=labels,
        values=np.array(values),
        marks=[Mark("limit", "y", check.limit)],
        log=True,
    )


def _comparison(check: GradientCheck) -> Evidence:
    rows, wrong = [], []
    for point in check.points:
        for p in point.parameters:
            if not p.passed:
                wrong.append(len(rows))
            rows.append(
                [
                    point.name,
                    p.name,
                    str(p.shape),
                    f"{p.relative_error:.1e}",
                    f"{p.cosine:.6f}",
                    f"{p.norm_ratio:.6f}",
                    p.verdict,
                ]
            )
    return Table(
        title="Direction and length of each gradient (batch of 7)",
        caption=Caption(
            "The cosine between analytic and numerical gradient, and the ratio of their lengths.",
            "Both 1 to six digits.",
            "Cosine 1 and another ratio: a factor (n, 1/n, 2). Ratio 1 and another cosine: entries swapped, or a sign.",
        ),
        header=["point", "parameter", "shape", "relative error", "cosine", "length ratio", "verdict"],
        rows=rows,
        wrong_rows=wrong,
    )


def _update_bars(lab: Lab, trace: Trace, best: RuleFit) -> Evidence:
    """The error of the best rule's prediction per parameter, relative to the length of what it predicts."""
    network = lab.build(lab.fitted(SIZES))
    ends = np.cumsum([p.size for p in get_parameters(network)])[:-1]
    off, size = (np.split(v, ends, axis=1) for v in (trace.moves - best.predicted, best.predicted))
    values = [
        max(float(np.linalg.norm(o)) / (float(np.linalg.norm(s)) or 1.0), trace.eps / 100)
        for o, s in zip(off, size, strict=True)
    ]
    return Bars(
        title=f"{len(trace.rates)} updates against the formula of {best}",
        caption=Caption(
            "How far each parameter's steps are from the predicted ones, relative to their length.",
            "All at the level of rounding.",
            "One bar high: that parameter is left out or updated with something else. All high: the rule itself.",
        ),
        value_label="relative error of the update",
        labels=_names(network),
        values=np.array(values),
        log=True,
    )
