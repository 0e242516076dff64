"""One neuron needs no backpropagation: its gradient can be read off. With a layer between inputs and output the error has
to be carried back through weights and activation functions, and that is where most hand-written networks go wrong. The
task stays AND, which needs no hidden layer at all, so whatever fails now is the hidden layer's fault.

Stages 2 to 4 are therefore repeated on networks with one hidden layer (2-3-1) and with two (2-4-3-1): outputs by hand,
training by numerical gradients, own gradients against numerical ones, own training. AND has a trap for the unwary: at
the input (0, 0) with biases of zero every ReLU sits exactly on its kink, where a slope does not exist. Such entries are
recognised and left out; the limit stays as strict as everywhere else.

Two questions are new. Does the gradient reach every layer? And do the hidden units ever become different from each
other? Units that start equal stay equal for ever, and then a layer of a hundred is a layer of one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from nnkit.curriculum.evidence import (
    Bars,
    Caption,
    Curves,
    Evidence,
    Group,
    Histograms,
    Line,
    Mark,
    Matrices,
    Panel,
    Surface,
    Table,
)
from nnkit.curriculum.gradient_pictures import worst_entries
from nnkit.curriculum.lab import Lab
from nnkit.curriculum.stage import Outcome, Stage, at_least, at_most
from nnkit.datasets import truth_table
from nnkit.diagnosis import Conventions, get_parameters, oracle, set_parameters
from nnkit.diagnosis.attempts import MARGIN, decides, guess_at_and
from nnkit.diagnosis.conventions import has_standard_layout, require_known_layout
from nnkit.diagnosis.descent import Beside, Descent, descend_beside
from nnkit.diagnosis.formulas import UNREAD, NotRead, formula
from nnkit.diagnosis.guard import check_gradients_past_guard, where_without_guard
from nnkit.diagnosis.hidden_units import hidden_activations, unit_slopes
from nnkit.diagnosis.oracle import ROUNDINGS, WHY_ROUNDINGS, ulps
from nnkit.diagnosis.proportions import fewest_of_share, fewest_successes, share_caught, wilson_interval
from nnkit.diagnosis.start import layers_alike
from nnkit.gradients import GradientCheck, Status, parameter_names
from nnkit.training import divide_by_3

stage = Stage(
    number=5,
    name="hidden-layer",
    title="Hidden layer",
    claim="Backpropagation works through hidden layers: gradients are right in every layer, and training reaches them all.",
    not_yet="It does not show that the hidden layer is of use: AND can be learned without one.",
    hints=(
        "Which is the lowest layer whose gradient is right, and what lies between it and the first wrong one?",
        "Look at the step from one layer's delta to the one below: W transposed of which layer, and the derivative of "
        "the activation at which z? If the gradients are right but hidden units stay alike, look at the initial weights.",
        "delta_below = (delta @ W.T) * f'(z_below), with the W of the layer above and the z of the layer below; then "
        "dL/dW = a_below.T @ delta and dL/db = delta summed over the samples. Weights must start different from each "
        "other, since equal hidden units get equal gradients; draw them at random.",
    ),
    references=("S2.4", "S2.3", "S0.3", "He et al. 2015", "Glorot and Bengio 2010"),
)

ONE, TWO = (2, 3, 1), (2, 4, 3, 1)
STARTS = 30
STEPS = 300
#: as many loss curves can be told apart in one picture
DRAWN = 12
#: a training that lowers the loss by less than this share of itself in 50 steps stands still, and is given up
STANDSTILL = 1e-3
#: The share of starts from which a correct network learns at least. Eleven kinds of correct networks, with the rates found
#: in twelve runs of the stage each: from 29 to 60 of 60 starts; a ReLU network with identity output was the lowest.
LEAST_SHARE = 0.45
#: how often a correct network may be accused of learning AND too rarely
FALSE_ALARM = 1e-5
#: how many steps analytic and numerical training are followed side by side
FOLLOWED = 15
NUMERICAL_STEPS = 150
#: starts from which that is tried: of one kind of correct network 14 of 24 starts failed, and 0.6^8 is 2 %, before patience
DESCENTS = 8
#: Two layers of sigmoids behind squared error stay on a plateau for some thousand steps before they part, and it is no
#: fault of theirs. So where few have learned, they get more steps, and are given up only when nothing moves at all.
PATIENT_STEPS = 3000
NEXT_TO_NOTHING = 1e-9
#: a slope counts as known when its error bar is at most this share of the largest slope
KNOWN = 0.05


@stage.check("Outputs and losses on AND are the ones worked out by hand")
def forward_by_hand(lab: Lab) -> Outcome:
    """The forward pass of stage 2 again, on the networks of this stage: with weights as they start, and with biases
    moved away from zero."""
    rows, found = [], []
    x, y = truth_table("and")
    for sizes in (ONE, TWO):
        network = lab.build(sizes)
        conventions = lab.read(network, sizes)
        for what in ("as it starts", "biases moved"):
            if what == "biases moved":
                _move_biases(lab, network)
            parameters = get_parameters(network)
            p = np.asarray(network.forward(x), dtype=float).reshape(4, -1)
            for i in range(4):
                hand = oracle.work_out(parameters, conventions, x[i], y[i])
                loss = float(network.loss(x[i : i + 1], y[i : i + 1]))
                off = max(
                    float(ulps(p[i, 0], hand.output[0], hand.output_condition[0], conventions.eps)),
                    0.0
                    if conventions.loss == UNREAD
                    else float(ulps(loss, np.clip(loss, *hand.loss_range), hand.loss_condition, conventions.eps)),
                )
                found.append(off)
                rows.append([_name(sizes), what, _case(x[i]), f"{hand.output[0]:.12g}", f"{p[i, 0]:.12g}",
                             f"{hand.loss:.12g}", f"{loss:.12g}", f"{off:.2g}"])  # fmt: skip
    wrong = [k for k, off in enumerate(found) if not off <= ROUNDINGS]
    message = f"{len(found)} outputs and losses agree to {max(found):.2g} ulps."
    if wrong:
        network_name, what, case, by_hand, code, loss_by_hand, loss, _ = rows[wrong[0]]
        message = (
            f"network {network_name}, {what}, input {case}: the output should be {by_hand} and is {code}, the loss should "
            f"be {loss_by_hand} and is {loss}. Wrong in {len(wrong)} of {len(rows)} cases."
        )
    return at_most(
        max(found),
        ROUNDINGS,
        unit="ulps",
        because=WHY_ROUNDINGS,
        message=message,
        evidence=[
            Table(
                title="Outputs and losses on AND, by hand and by the network",
                caption=Caption(
                    "Two columns by hand, two by the network, for both networks.",
                    "They differ by rounding only.",
                    "Wrong only with moved biases: a bias is not added where it belongs.",
                ),
                header=["network", "parameters", "input", "p by hand", "p", "loss by hand", "loss", "ulps"],
                rows=rows,
                wrong_rows=wrong,
            )
        ],
    )


@stage.check("Descending along the numerical gradient alone learns AND")
def numerical_training(lab: Lab) -> Outcome:
    """Neither backpropagation nor the network's own update runs here. If this fails, the loss does not depend on the
    hidden layers as it should; if it works and the rest fails, the fault is in the gradients."""
    descents = [lab.once(_descend, lab, sizes) for sizes in (ONE, TWO)]
    learned = sum(descent.learned for descent in descents)
    failed = next((descent for descent in descents if not descent.learned), None)
    if failed is None:
        steps = " and ".join(f"{_name(d.sizes)} in {len(d.loss) - 1} steps" for d in descents)
        message = f"learned by numerical gradients alone: {steps}."
    else:
        message = (
            f"network {_name(failed.sizes)} does not learn AND by its numerical gradient from any of {DESCENTS} "
            f"starts: the loss ends at {failed.loss[-1]:.4g}, with outputs {_outputs(failed.p)} for 00, 01, 10, 11."
        )
    return at_least(
        learned,
        2,
        unit="of 2 networks",
        because=f"AND is learned when every output is at least {MARGIN} on its side of one half. With biases above zero "
        "all hidden units start awake; where a start fails all the same, as more than half may do with ReLU and squared error, "
        f"up to {DESCENTS} are tried, at smaller rates, too.",
        message=message,
        evidence=[
            Curves(
                title="The loss along the numerical gradient",
                caption=Caption(
                    "One line for each network.",
                    "Both fall until AND is learned.",
                    "A loss that stays: the hidden layers do not change it.",
                ),
                x_label="step",
                y_label="loss",
                lines=[Line(_name(d.sizes), np.arange(len(d.loss)), np.array(d.loss)) for d in descents],
            )
        ],
    )


@stage.check("Analytic gradients are the slopes of the loss, in every layer, also beside a kink")
def gradients(lab: Lab) -> Outcome:
    """With biases of zero the input (0, 0) puts every ReLU exactly on its kink. There the loss has no slope but one to
    the left and one to the right, and any value between them is right. Everywhere else the analytic value must be the
    slope, at the start, after a short training, and with a saturated output."""
    found = [lab.once(_check_gradients, lab, sizes) for sizes in (ONE, TWO)]
    checks = [check for check, _ in found]
    worst = max(checks, key=lambda check: check.relative_error / check.limit)
    sizes = (ONE, TWO)[checks.index(worst)]
    name = _name(sizes)
    kinks = sum(check.kinks for check in checks)
    message = f"largest relative error {worst.relative_error:.1e}; {kinks} entries at kinks recognised and left out."
    message += where_without_guard(point for _, points in found for point in points)
    if not worst.passed:
        message = f"network {name}: {worst.fault()}"
    outcome = at_most(
        worst.relative_error,
        worst.limit,
        unit="relative error",
        because="central differences of a correct float64 network stay below 3e-10, and below 1e-7 where the slopes are "
        "small; every fault of a formula reaches 1e-4. A network with fewer digits gets the limit that its measured noise "
        "allows.",
        message=message,
        headline=f"gradients right to {worst.relative_error:.0e} through two hidden layers",
        evidence=[_gradient_maps(checks[1]), worst_entries(worst, name)],
    )
    return lab.with_factor_named(lab.in_own_words(outcome, sizes), ONE, [len(truth_table("and")[0])])


@stage.check("At least half of the entries were really compared")
def enough_was_compared(lab: Lab) -> Outcome:
    """A check that leaves out what it cannot judge could leave out everything. Here kinks are counted, and slopes that
    drown in the noise of the loss, so that a pass above means something."""
    shares, rows = [], []
    for sizes in (ONE, TWO):
        entries = all_compared = 0
        for point in lab.once(_check_gradients, lab, sizes)[0].points:
            largest = max((float(np.nanmax(np.abs(p.numeric))) for p in point.parameters), default=0.0)
            compared = [
                int(np.sum((p.statuses != Status.KINKED) & (p.errors <= KNOWN * largest))) * (p.verdict != "unresolved")
                for p in point.parameters
            ]
            size = sum(p.analytic.size for p in point.parameters)
            at_kinks = ", ".join(f"{p.kinks} in {p.name}" for p in point.parameters if p.kinks)
            rows.append([_name(sizes), point.name, size, sum(compared), at_kinks or "none"])
            entries, all_compared = entries + size, all_compared + sum(compared)
        shares.append(all_compared / max(1, entries))
    least = int(np.argmin(shares))
    return at_least(
        shares[least],
        0.5,
        unit="of all entries",
        because="at the kink of AND only biases of hidden units can be without a slope, 7 of the 31 entries of 2-4-3-1; "
        f"and slopes are known to {KNOWN:.0%} of the largest, in float32 too, unless the loss is noisy.",
        message=f"network {_name((ONE, TWO)[least])}: {shares[least]:.0%} of its entries were compared with the loss"
        + ("." if shares[least] >= 0.5 else ": the loss is too noisy, or lies at kinks everywhere."),
        evidence=[
            Table(
                title="What was compared, and what was left out",
                caption=Caption(
                    "How many entries were compared with the loss at each point, and how many lie at a kink.",
                    "Kinks only in the biases of hidden units, and only of ReLU and its like.",
                    "Kinks everywhere: the loss is made of steps, for instance by rounding.",
                ),
                header=["network", "point", "entries", "compared", "at kinks"],
                rows=rows,
            )
        ],
    )


@stage.check("Training by the analytic gradient follows training by the numerical one, step by step")
def analytic_follows_numerical(lab: Lab) -> Outcome:
    """Two copies of each network go down side by side, each step from where the numerical one is. A gradient that is right at the start but wrong on the way, for
    instance once a unit is saturated, parts the two."""
    found = {sizes: lab.once(_beside, lab, sizes) for sizes in (ONE, TWO)}
    limit = 1000 * lab.read(lab.build(ONE), ONE).eps ** (2 / 3)
    sizes, worst = max(found.items(), key=lambda item: item[1].distance.max())
    largest = float(worst.distance.max())
    first = worst.first_beyond(limit)
    kinks = sum(beside.kinks for beside in found.values())
    message = f"in {FOLLOWED} steps they part by at most {largest:.2g} of their length a step."
    if first is not None:
        message = f"network {_name(sizes)}: after step {first} the two are {worst.distance[first]:.3g} apart."
    if kinks:
        message += f" {kinks} steps began at a kink, and were left out."
    return at_most(
        largest,
        limit,
        unit="of the parameters' length",
        because="a numerical gradient is off by about eps^(2/3) in each entry, and a step by the rate times that, for which "
        "a factor 1000 is ample; a wrong formula is 1e6 times eps^(2/3).",
        message=message,
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
                lines=[
                    Line(_name(sizes), np.arange(1, len(beside.distance)), np.maximum(beside.distance[1:], 1e-18))
                    for sizes, beside in found.items()
                ],
                marks=[Mark("limit", "y", limit)],
                log_y=True,
            )
        ],
    )


@stage.check("Its own training learns AND often enough for its failures to be bad luck")
def own_training(lab: Lab) -> Outcome:
    """A hidden layer makes success a matter of the start: a ReLU whose weights are all negative is off for every input of
    AND, gets no gradient and never wakes up, and about one start in three fails that way. So the measure is the shared
    network with the same activations, loss and sizes, trained the same way from as many starts. A network with a rare
    fault may still learn as often as that: only one that learns much too rarely is caught here."""
    own, reference = lab.once(_own_training, lab), lab.once(_reference_training, lab)
    counts = [sum(run.learned for run in runs.runs) for runs in own]
    expected = [sum(run.learned for run in runs.runs) for runs in reference]
    total = 2 * STARTS
    # Half of the false alarms for each of the two limits.
    floor = fewest_of_share(LEAST_SHARE, total, FALSE_ALARM / 2)
    limit = max(floor, fewest_successes(sum(expected), total, among=total, false_alarm=FALSE_ALARM / 2))
    parts = "; ".join(
        f"{_name(runs.sizes)}: {count} of {STARTS} at rate {runs.rate:.3g}, the reference {wanted}"
        for runs, count, wanted in zip(own, counts, expected, strict=True)
    )
    why = (
        f"correct networks of every kind tried learn from more than {LEAST_SHARE:.0%} of their starts"
        if limit == floor
        else f"the reference learned from {sum(expected)} of {total}"
    )
    return at_least(
        sum(counts),
        limit,
        unit=f"of {total} starts",
        because=f"{why}; with a share like that, fewer than {limit} have a chance of at most {FALSE_ALARM:g}. A network "
        f"that learns from fewer than {100 * share_caught(limit, total):.0f} % of its starts is caught 99 times in 100.",
        message=f"{parts}." + ("" if sum(counts) >= limit else " Too few to be bad luck."),
        evidence=[_success_bars(own, reference), _loss_curves(own[0]), *_what_units_compute(lab, own[0])],
    )


@stage.check("Training reaches every parameter of every layer")
def every_layer_moves(lab: Lab) -> Outcome:
    """A propagation that stops, an update that forgets a layer, a bias that is written to the wrong place: the network
    learns with what is left, and nobody notices. Here every single weight and bias must have moved in at least one of
    the trainings above, and there must be a gradient in every layer."""
    own = lab.once(_own_training, lab)
    still: list[str] = []
    moved_share = []
    for runs in own:
        moved = [np.zeros(p.shape, bool) for p in runs.runs[0].start]
        for run in runs.runs:
            for k, (before, after) in enumerate(zip(run.start, run.end, strict=True)):
                moved[k] |= (before != after) & np.isfinite(after)
        for name, entries in zip(parameter_names(len(moved)), moved, strict=True):
            moved_share.append(float(entries.mean()))
            if not entries.all():
                where = f"in {int((~entries).sum())} of its {entries.size} entries" if entries.any() else "as a whole"
                still.append(f"{name} of {_name(runs.sizes)} stays where it started {where}")
    lost = sum(not run.finite for runs in own for run in runs.runs)
    message = f"{'; '.join(still)}, in all {STARTS} trainings." if still else "every weight and every bias has moved."
    if lost:
        message += f" {lost} of {2 * STARTS} trainings ended in NaN or infinite parameters, which is no move."
    return at_least(
        min(moved_share),
        1.0,
        unit="of a parameter's entries",
        because=f"a hidden unit of a ReLU network is dead from one start in four; from all {STARTS} starts with a chance "
        "of 1 in 10^18.",
        message=message,
        evidence=[_gradient_norms(lab, own[1]), _activation_histograms(lab, own[1])],
    )


@stage.check("Hidden units differ from each other")
def hidden_units_differ(lab: Lab) -> Outcome:
    """Two hidden units with the same weights compute the same, get the same gradient and take the same step, so they
    stay the same for ever. That is why weights start at random: zero or constant ones make a layer of twins."""
    own = lab.once(_own_training, lab)
    network = lab.build(ONE)
    require_known_layout(has_standard_layout(network, ONE))
    eps = lab.read(network, ONE).eps
    limit = float(np.sqrt(eps))
    pairs = [(*pair, runs.sizes) for runs in own if (pair := _closest_in_the_middle(runs)) is not None]
    closest, message = np.nan, "no training ended in parameters that are numbers, so no two units could be compared."
    if len(pairs) == len(own):
        closest, layer, i, j, seed, sizes = min(pairs)
        message = (
            f"units {i + 1} and {j + 1} of hidden layer {layer} of {_name(sizes)}, start {seed}, are {closest:.2g} of their "
            "length apart after training"
        )
        message += (
            "; in half of the starts all units are further apart."
            if closest >= limit
            else ", and so in half of the starts: twins. Do all weights start with the same value?"
        )
    return at_least(
        closest,
        limit,
        unit="relative distance",
        because="two units drawn at random in a plane come closer than this with a chance of its square, in float32 1 in 10 "
        "million, and never in half of the starts; equal ones are equal to the last digit.",
        message=message,
        evidence=[_symmetry(lab)],
    )


@stage.check("Each layer starts with numbers of its own")
def layers_start_apart(lab: Lab) -> Outcome:
    """A generator that is made anew from the same seed for each layer gives each the same numbers, only scaled. Training
    parts the layers, so this is a warning; but a start that seems drawn at random is not."""
    alike = layers_alike([np.asarray(W) for W in get_parameters(lab.build(TWO))[::2]])
    return at_most(
        0 if alike is None else 1,
        0,
        unit="pairs of layers alike",
        because="independent random numbers are not proportional to one another; constants are none.",
        message=f"the layers of {_name(TWO)} start with numbers of their own, or constants."
        if alike is None
        else f"layers {alike[0]} and {alike[1]} of {_name(TWO)} start with the same random numbers, up to a factor: make one "
        "generator, and draw all layers from it in turn. That is harmless to the training: its steps part them.",
        harmless=alike is not None,
    )


@stage.check("Negative control: units that start equal stay equal")
def equal_units_stay_equal(lab: Lab) -> Outcome:
    """The same network with all weights equal. By symmetry its hidden units must stay twins whatever is trained; if they
    part, something else than the gradient moves them. It also shows that the check above can fail."""
    traces = {sizes: lab.once(_symmetry_trace, lab, sizes, True) for sizes in (ONE, TWO)}
    sizes, widest = max(((sizes, trace.spread) for sizes, trace in traces.items()), key=lambda pair: pair[1])
    place, moved = _name(sizes), all(trace.moved for trace in traces.values())
    conventions = lab.read(lab.build(ONE), ONE)
    limit = float(np.sqrt(conventions.eps))
    if not moved and conventions.hidden == UNREAD:
        raise NotRead("its activation function")  # one that compares units says nothing where these are equal
    if not moved:
        message = "the parameters did not move at all, so that nothing was tested."
    elif not np.isfinite(widest):
        message = f"the parameters of {place} became NaN or infinite while it trained, so nothing was tested."
    elif widest > limit:
        message = (
            f"units of {place} that start equal are {widest:.2g} of their length apart: their updates differ though "
            "their gradients must not."
        )
    else:
        message = f"after {SYMMETRY_STEPS} steps the units are still twins, to {widest:.1g}."
    return at_most(
        widest if moved else np.inf,
        limit,
        unit="relative distance",
        because="equal numbers get equal gradients; sums in another order may differ by roundings, which a few steps do "
        "not blow up to the root of eps.",
        message=message,
    )


# The experiments, each run once for all checks -----------------------------------------------------------------------


@dataclass
class Descended:
    """Numerical descent to AND: whether it learned, at what rate, the loss after each step, p (4,): the
    outputs at the end, and the parameters before the first step and after each."""

    sizes: tuple[int, ...]
    rate: float
    loss: list[float]
    path: list[np.ndarray]
    learned: bool = False
    p: np.ndarray = field(default_factory=lambda: np.full(4, np.nan))


def _awake(lab: Lab, sizes: tuple[int, ...], seed: int) -> Any:
    network = lab.build(sizes, seed)
    _move_biases(lab, network)
    return network


def _descend(lab: Lab, sizes: tuple[int, ...]) -> Descended:
    """From several starts, up to the first that learns; if none does, with patience from the one that got lowest."""
    tries = [lab.once(_descend_from, lab, sizes, 0)]
    while not tries[-1].learned and len(tries) < DESCENTS:
        tries.append(_descend_from(lab, sizes, len(tries)))
    if tries[-1].learned:
        return tries[-1]
    lowest = min(range(DESCENTS), key=lambda seed: np.nan_to_num(tries[seed].loss[-1], nan=np.inf))
    return _descend_from(lab, sizes, lowest, patient=True)


def _descend_from(lab: Lab, sizes: tuple[int, ...], seed: int, patient: bool = False) -> Descended:
    """The rate is searched with the cheap analytic descent, or where that does not work with the numerical one, and made
    smaller for the second and the third of every three starts."""
    x, y = truth_table("and")

    def start(gradient: Any) -> Descent:
        return Descent(_awake(lab, sizes, seed), gradient)

    rate = divide_by_3(partial(start, "analytic"), x, y, steps=40).best
    if np.isnan(rate):
        rate = divide_by_3(partial(start, "numerical"), x, y, steps=10, smallest=1e-2, stable_trials=2).best
    rate = (0.1 if np.isnan(rate) else rate) / 3 ** (seed % 3)
    descent = start("numerical")
    found = Descended(sizes, rate, [descent.loss(x, y)], [descent.theta])
    for step in range(PATIENT_STEPS if patient else NUMERICAL_STEPS):
        descent.train_step(x, y, rate)
        found.loss.append(descent.loss(x, y))
        found.path.append(descent.theta)
        found.p = descent.forward(x).astype(float).ravel()
        found.learned = decides(found.p, y.ravel())
        still = step > 40 and not found.loss[-1] < (1 - (NEXT_TO_NOTHING if patient else STANDSTILL)) * found.loss[-40]
        if still or (found.learned and step >= FOLLOWED):
            break
    return found


def _beside(lab: Lab, sizes: tuple[int, ...]) -> Beside:
    """The first steps of the analytic descent beside the numerical one, from the first start."""
    x, y = truth_table("and")
    numerical = lab.once(_descend_from, lab, sizes, 0)
    return descend_beside(_awake(lab, sizes, 0), numerical.path[: FOLLOWED + 1], x, y, rate=numerical.rate)


def _check_gradients(lab: Lab, sizes: tuple[int, ...]) -> tuple[GradientCheck, tuple[str, ...]]:
    """At a start whose gradient is not zero in any layer (a ReLU layer may be dead as a whole), with biases of zero; and
    the points at which the loss was taken without its guard."""
    x, y = truth_table("and")
    for seed in (*range(20), 0):
        network = lab.build(sizes, seed)
        parameters = get_parameters(network)
        set_parameters(network, [p * (p.ndim > 1) for p in parameters])
        if all(np.any(g) for g in network.gradients(x, y)[::2]):
            break
    conventions = partial(lab.read, network, sizes)
    return check_gradients_past_guard(network, conventions, x, y, names=parameter_names(len(parameters)))


@dataclass
class Run:
    """One training by the network's own rule: the start, the end, and the loss every ten steps."""

    seed: int
    start: list[np.ndarray]
    end: list[np.ndarray]
    steps: list[int]
    loss: list[float]
    learned: bool

    @property
    def finite(self) -> bool:
        return all(bool(np.isfinite(p).all()) for p in self.end)


@dataclass
class Training:
    sizes: tuple[int, ...]
    rate: float
    runs: list[Run]


def _own_training(lab: Lab) -> list[Training]:
    return [
        _train(partial(lab.build, sizes), sizes, lab.read(lab.build(sizes), sizes))
        for sizes in lab.progress((ONE, TWO), "AND with hidden layers")
    ]


def _reference_training(lab: Lab) -> list[Training]:
    trainings = []
    for sizes in lab.progress((ONE, TWO), "the reference network on AND"):
        conventions = lab.read(lab.build(sizes), sizes)
        trainings.append(_train(lab.reference(conventions, sizes), sizes, conventions))
    return trainings


def _train(build: Callable[[int], Any], sizes: tuple[int, ...], conventions: Conventions) -> Training:
    """At a third of the rate found for one start, since a rate for many must suit harder ones as well."""
    x, y = truth_table("and")
    goal = guess_at_and(conventions)
    searches = (divide_by_3(partial(build, seed), x, y, steps=40, goal=goal).best for seed in range(3))
    rate = next((best / 3 for best in searches if np.isfinite(best)), 0.1)
    runs = [_train_from(build(seed), seed, rate, x, y) for seed in range(STARTS)]
    if sum(run.learned for run in runs) < STARTS / 2:  # slow, or wrong?
        runs = [
            run if run.learned else _train_from(build(run.seed), run.seed, rate, x, y, patient=True) for run in runs
        ]
    return Training(sizes, rate, runs)


def _train_from(network: Any, seed: int, rate: float, x: np.ndarray, y: np.ndarray, patient: bool = False) -> Run:
    start = get_parameters(network)
    run = Run(seed, start, start, [0], [float(network.loss(x, y))], False)
    for step in range(1, (PATIENT_STEPS if patient else STEPS) + 1):
        network.train_step(x, y, rate)
        if step % 10 == 0:
            run.steps.append(step)
            run.loss.append(float(network.loss(x, y)))
            run.learned = decides(np.asarray(network.forward(x), dtype=float).ravel(), y.ravel())
            still = step >= 100 and not run.loss[-1] < (1 - (NEXT_TO_NOTHING if patient else STANDSTILL)) * run.loss[-6]
            if run.learned or still:
                break
    run.end = get_parameters(network)
    return run


SYMMETRY_STEPS = 40


@dataclass
class Symmetry:
    """steps and the smallest and largest relative distance of two units of one layer at each (infinity where parameters
    are not finite); whether anything moved."""

    steps: np.ndarray
    closest: np.ndarray
    widest: np.ndarray
    moved: bool

    @property
    def spread(self) -> float:
        return float(np.max(self.widest))


def _symmetry_trace(lab: Lab, sizes: tuple[int, ...], equal: bool) -> Symmetry:
    x, y = truth_table("and")
    network = lab.build(sizes)
    require_known_layout(has_standard_layout(network, sizes))
    if equal:
        # the biases keep a ReLU awake
        set_parameters(network, [np.full(p.shape, 0.3 if p.ndim > 1 else 0.1) for p in get_parameters(network)])
    rate = next(runs.rate for runs in lab.once(_own_training, lab) if runs.sizes == sizes)
    start, closest, widest = get_parameters(network), [], []
    for step in range(SYMMETRY_STEPS + 1):
        if step:
            network.train_step(x, y, rate)
        distances = [distance for distance, *_ in _twins(get_parameters(network))]
        closest.append(min(distances))
        widest.append(max(distances))
    end = get_parameters(network)
    moved = all(not np.array_equal(before, after) for before, after in zip(start[:-2], end[:-2], strict=True))
    return Symmetry(np.arange(SYMMETRY_STEPS + 1), np.array(closest), np.array(widest), moved)


def _twins(parameters: Sequence[np.ndarray]) -> list[tuple[float, int, int, int]]:
    """(relative distance, layer, unit, unit) of each pair of hidden units, by the weights and the bias that enter them.

    Infinity where these are not finite.
    """
    found = []
    for layer, (W, b) in enumerate(zip(parameters[:-2:2], parameters[1:-2:2], strict=True), start=1):
        units = np.vstack([W, b]).astype(float).T
        length = float(np.max(np.linalg.norm(units, axis=1)))
        for i, j in combinations(range(len(units)), 2):
            apart = float(np.linalg.norm(units[i] - units[j]))
            distance = apart / length if length > 0 else 0.0 if length == 0 else np.inf
            found.append((distance if np.isfinite(distance) else np.inf, layer, i, j))
    return found


def _closest_in_the_middle(runs: Training) -> tuple[float, int, int, int, int] | None:
    """(relative distance, layer, unit, unit, start) of the closest pair of the start in the middle, when the starts are
    sorted by it: a few pairs may be close by chance. None where no training ended in numbers."""
    closest = sorted((*min(_twins(run.end)), run.seed) for run in runs.runs if run.finite)
    return closest[len(closest) // 2] if closest else None


def _move_biases(lab: Lab, network: Any) -> None:
    """Biases away from zero, where ReLU has its kink for the input (0, 0), and above it, so that all units are awake."""
    rng = lab.rng(1)
    set_parameters(
        network, [p if p.ndim > 1 else rng.uniform(0.1, 0.5, p.shape).astype(p.dtype) for p in get_parameters(network)]
    )


# Words ---------------------------------------------------------------------------------------------------------------


def _name(sizes: tuple[int, ...]) -> str:
    return "-".join(map(str, sizes))


def _case(x: np.ndarray) -> str:
    return f"({x[0]:.0f}, {x[1]:.0f})"


def _outputs(p: np.ndarray) -> str:
    return ", ".join(f"{value:.3f}" for value in p)


# Pictures ------------------------------------------------------------------------------------------------------------


def _gradient_maps(check: GradientCheck) -> Evidence:
    start = check.points[0]
    panels = []
    for p in start.parameters:
        if len(p.shape) == 2 and p.entries is None:
            panels += [Panel(f"{p.name} analytic", p.analytic), Panel(f"{p.name} numerical", p.numeric)]
    return Matrices(
        title="The gradient of each weight matrix of 2-4-3-1 at the start, twice",
        caption=Caption(
            "Pairs of maps: what gradients() says beside what the loss does.",
            "Both of a pair look alike; columns that are zero belong to units that are off for every input.",
            "Rows and columns exchanged: a transposed product. A matrix of zeros beside one that is not: no propagation.",
        ),
        panels=panels,
        row_label="unit below",
        column_label="unit",
        value_label="slope of the loss",
    )


def _success_bars(own: Sequence[Training], reference: Sequence[Training]) -> Evidence:
    labels, values, low, high = [], [], [], []
    for runs, others in zip(own, reference, strict=True):
        for who, training in (("network", runs), ("reference", others)):
            count = sum(run.learned for run in training.runs)
            below, above = wilson_interval(count, len(training.runs))
            labels.append(f"{_name(runs.sizes)} {who}")
            values.append(count / len(training.runs))
            low.append(below)
            high.append(above)
    return Bars(
        title=f"Starts of {STARTS} that learn AND, with their 95 % intervals",
        caption=Caption(
            "Whether the network learns as often as the reference of the same make.",
            "Intervals that overlap; with ReLU about two starts in three, with smooth activations nearly all.",
            "A network far below: the gradient does not reach its hidden layers, or the rate found is too wild.",
        ),
        value_label="share of starts",
        labels=labels,
        values=np.array(values),
        low=np.array(low),
        high=np.array(high),
    )


def _loss_curves(runs: Training) -> Evidence:
    return Curves(
        title=f"The loss of {_name(runs.sizes)} from the first {DRAWN} of {STARTS} starts",
        caption=Caption(
            "One line for each start.",
            "Most fall until AND is learned; a ReLU network with dead units stays on a shelf.",
            "All on the same shelf: what the output's bias alone can do.",
        ),
        x_label="step",
        y_label="loss",
        lines=[Line(f"start {run.seed}", np.array(run.steps), np.array(run.loss)) for run in runs.runs[:DRAWN]],
    )


def _what_units_compute(lab: Lab, runs: Training) -> list[Evidence]:
    """What each hidden unit of the first network that learned makes of the input plane."""
    run = next((run for run in runs.runs if run.learned), runs.runs[0])
    conventions = lab.read(lab.build(runs.sizes), runs.sizes)
    axis = np.linspace(-0.5, 1.5, 41)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    (_, a), *_ = hidden_activations(run.end, conventions, grid)
    x, y = truth_table("and")
    points = [Group(f"AND = {value}", x[y[:, 0] == value, 0], x[y[:, 0] == value, 1]) for value in (0, 1)]
    return [
        Surface(
            title=f"What hidden unit {unit + 1} of {runs.sizes[1]} computes after training",
            caption=Caption(
                "How the unit divides the input plane.",
                "Each unit has a line of its own, across which it turns on.",
                "The same picture for all units: twins. One colour all over: a unit that is off, or never bends.",
            ),
            x_label="x1",
            y_label="x2",
            value_label="activation a",
            x=axis,
            y=axis,
            values=a[:, unit].reshape(41, 41),
            points=points,
        )
        for unit in range(runs.sizes[1])
    ]


def _learned_run(runs: Training) -> Run:
    return next((run for run in runs.runs if run.learned), runs.runs[0])


def _gradient_norms(lab: Lab, runs: Training) -> Evidence:
    """Trained once more from the first start that learned, looking at the gradient on the way."""
    x, y = truth_table("and")
    network = lab.build(runs.sizes, _learned_run(runs).seed)
    steps, norms = [], []
    for step in range(101):
        if step % 4 == 0:
            steps.append(step)
            norms.append([float(np.linalg.norm(g)) for g in network.gradients(x, y)[::2]])
        network.train_step(x, y, runs.rate)
    return Curves(
        title=f"The length of each layer's gradient while {_name(runs.sizes)} learns",
        caption=Caption(
            "One line for each weight matrix, on a logarithmic axis.",
            "All layers have a gradient, of comparable length, that dies out together as the loss does.",
            "A lower layer a thousand times shorter: vanishing. A missing line: exactly zero, no propagation.",
        ),
        x_label="step",
        y_label="length of dL/dW",
        lines=[
            Line(f"W{layer}", np.array(steps), np.array(norm))
            for layer, norm in enumerate(zip(*norms, strict=True), start=1)
        ],
        log_y=True,
    )


def _activation_histograms(lab: Lab, runs: Training) -> Evidence:
    x, _ = truth_table("and")
    conventions = lab.read(lab.build(runs.sizes), runs.sizes)
    run = _learned_run(runs)
    panels = []
    for when, parameters in (("start", run.start), ("end", run.end)):
        layers = hidden_activations(parameters, conventions, x)
        slopes = unit_slopes(parameters, conventions, x)
        for layer, ((_, a), slope) in enumerate(zip(layers, slopes, strict=True), start=1):
            quiet = float(np.mean(np.abs(slope) < 0.01 * min(1.0, formula(conventions.hidden).steepest)))
            counts, edges = np.histogram(a[np.isfinite(a)], bins=12)
            panels.append(Panel(f"layer {layer}, {when}: {quiet:.0%} without slope", counts, edges))
    return Histograms(
        title=f"Activations of {_name(runs.sizes)} per hidden layer, with the share that has no slope",
        caption=Caption(
            "Where the activations lie, for all units and all four cases, before and after training.",
            "Spread out; with ReLU about half are off, with sigmoid or tanh few are saturated.",
            "All in one bar: a layer that says the same to everything. No slope in all: nothing gets through it.",
        ),
        x_label="activation a",
        panels=panels,
    )


def _symmetry(lab: Lab) -> Evidence:
    own, equal = (lab.once(_symmetry_trace, lab, ONE, which) for which in (False, True))
    return Curves(
        title="Do the hidden units of 2-3-1 ever differ?",
        caption=Caption(
            "The distance of the two units that are most alike, from the network's own start and from equal weights.",
            "From its own start the units differ; from equal weights they stay at zero, whatever is trained.",
            "The network's own line at zero: all weights start equal.",
        ),
        x_label="step",
        y_label="relative distance",
        lines=[
            Line("own start, closest pair", own.steps, own.closest),
            Line("own start, farthest pair", own.steps, own.widest),
            Line("all weights equal (control)", equal.steps, equal.widest),
        ],
    )
