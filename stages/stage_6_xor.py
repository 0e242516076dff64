"""XOR is the smallest task that needs a hidden layer: no straight line separates its cases, so the hidden units have to
find a space in which one does. It is also the first task on which even a perfect network can fail: its loss surface has
saddles, flat stretches, and valleys that fall for ever without leading anywhere. That is why it comes only now, when
every part of the network has been checked on tasks that cannot get stuck.

So a failure here proves nothing, and neither does a success. What is measured is how often the network succeeds, beside
the reference network, which is known to be right, with the same activations, loss and sizes. And of every run that got
stuck in the smallest network of all, two hidden units, the reason is found: the curvature of the loss tells a saddle
from a minimum, and following the run shows where it was heading.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from nnkit.curriculum.evidence import (
    Array,
    Bars,
    Caption,
    Curves,
    Evidence,
    Group,
    Histograms,
    Line,
    Mark,
    Panel,
    Scatter,
    Surface,
    Table,
)
from nnkit.curriculum.lab import Lab
from nnkit.curriculum.stage import Blocked, Outcome, Stage, at_least, at_most
from nnkit.datasets import sign_function, truth_table
from nnkit.diagnosis import Conventions, get_parameters, set_parameters
from nnkit.diagnosis.attempts import MARGIN, Attempt, attempt, chance_level, outputs, search_rate, target
from nnkit.diagnosis.formulas import UNREAD, NotRead
from nnkit.diagnosis.hidden_units import hidden_activations, output_activation
from nnkit.diagnosis.proportions import fewest_successes, share_caught, wilson_interval
from nnkit.diagnosis.saddle import hand_made_saddle
from nnkit.diagnosis.stuck import Explanation, explain, with_ways_out
from nnkit.gradients import Parameters, gradient_of, loss_of, stationary_point
from nnkit.gradients.hessian import STATIONARY

stage = Stage(
    number=6,
    name="xor",
    title="XOR",
    claim="With a hidden layer the network learns XOR about as often as a network known to be right, and whenever its "
    "smallest version gets stuck, the reason is known.",
    not_yet="It does not show that training works with many inputs, several outputs or minibatches.",
    hints=(
        "What do the four outputs look like at the end: all near one half, three right and one wrong, or two stuck in "
        "the middle?",
        "All near one half: the hidden layer does nothing (its activation is missing, or its weights do not move). Three "
        "right, in most runs: the hidden weights move the wrong way, or too fast. Look at the table of the stuck runs.",
        "XOR needs two hidden units that bend at different places, so the gradient has to reach the first layer with the "
        "right sign: delta1 = (delta2 W2^T) * f'(z1). If W1 is not updated, the network lives off the random features "
        "it started with; if all hidden units start alike, they stay alike. A few stuck runs are normal, and more of "
        "them with fewer hidden units, with ReLU, and with a high learning rate.",
    ),
    references=(
        "S1.1", "S1.2", "S1.5", "S2.0", "S2.1", "S2.5", "Sprinkhuizen-Kuyper and Boers 1999", "Bland 1998",
        "Clopper and Pearson 1934", "Wilson 1927",
    ),
)  # fmt: skip

LINEAR, SMALLEST, WIDE, LINE = (2, 1), (2, 2, 1), (2, 8, 1), (1, 8, 1)
LINEAR_SEEDS, SMALLEST_SEEDS, WIDE_SEEDS, REFERENCE_SEEDS, LINE_SEEDS = 5, 12, 100, 50, 5
LINEAR_STEPS = 500
#: on how many of the stuck runs ways out are tried, and for how many steps each: to show them, a few do
TREATED, TREATMENT = 5, 2000
#: how often a correct network may be accused of learning XOR less often than the reference
FALSE_ALARM = 1e-4
#: the seeds on which networks are tried; the learning rate is searched on the first few
FIRST_SEED = 100


@dataclass(eq=False)
class Trained:
    """Networks of the same sizes, trained on the same task from different seeds."""

    conventions: Conventions
    rate: float
    runs: list[Attempt]

    @property
    def floor(self) -> float:
        return chance_level(self.conventions.loss)

    @property
    def learned(self) -> list[Attempt]:
        """Those whose loss leaves no room for a wrong output, and whose outputs are right indeed."""
        x, y = truth_table("xor")
        return [run for run in self.low if answers_right(outputs(run.network, x), y) == len(x)]

    @property
    def low(self) -> list[Attempt]:
        return [run for run in self.runs if run.learned]

    @property
    def stuck(self) -> list[Attempt]:
        return [run for run in self.runs if not run.learned]


@stage.check("Without a hidden layer, no run gets more than three of the four cases of XOR right")
def no_hidden_layer_no_xor(lab: Lab) -> Outcome:
    """The negative control. A single neuron draws one straight line, and no line separates XOR. A network that gets it
    right without a hidden layer is not what it says it is, and its success with one would prove nothing."""
    controls = lab.once(control_runs, lab)
    most = max(control.most_right for control in controls)
    message = f"at best {most} of 4 right, over {len(controls)} seeds and {LINEAR_STEPS} steps each"
    if most > 3:
        message += ": without a hidden layer this cannot be, so something hidden computes a product of the inputs"
    best = max(controls, key=lambda control: control.most_right)
    network = lab.build(LINEAR)
    set_parameters(network, best.best)
    surface = decision_surface(
        network, f"One neuron on XOR, at its best: {best.most_right} of 4",
        Caption(
            "one straight border, wherever it lies",
            "at least one of the four cases on the wrong side; training then makes all outputs one half",
            "a border with a bend, and four cases right: the network has more than one layer",
        ),
    )  # fmt: skip
    floor = chance_level(lab.once(read, lab, LINEAR).loss)
    losses = Curves(
        title="Loss without a hidden layer",
        caption=Caption(
            "where the curves end",
            "at the floor, the loss of always saying one half; not below",
            "a curve below the floor: the loss is not that of the outputs",
        ),
        x_label="step",
        y_label="loss",
        lines=[Line(f"seed {k}", np.array(c.steps), np.array(c.loss)) for k, c in enumerate(controls)],
        marks=[Mark("floor", "y", floor)],
    )
    return at_most(
        most, 3, unit="of 4 cases",
        because="a line that has (0, 1) and (1, 0) on one side has their midpoint there, which is also the midpoint of "
        "(0, 0) and (1, 1), so these two cannot both lie on the other side",
        message=message, evidence=[surface, losses],
    )  # fmt: skip


@stage.check("Without a hidden layer, training takes the loss down to its floor, and never below")
def loss_has_a_floor(lab: Lab) -> Outcome:
    """The best that one neuron can do on XOR is to say one half to everything: ln 2 for cross-entropy, 1/4 for squared
    error. Its training has to get near that, or the control shows nothing; and a lower loss would be a wrong loss."""
    controls = lab.once(control_runs, lab)
    c = lab.once(read, lab, LINEAR)
    floor = chance_level(c.loss)
    lowest = min(min(control.loss) for control in controls)
    starts = math.fsum(control.loss[0] - floor for control in controls)
    ends = math.fsum(control.loss[-1] - floor for control in controls)
    left = 0.0 if starts <= floor * 1e-6 else ends / starts
    message = (
        f"from {starts / len(controls):.3f} above the floor of {floor:.4f} to {ends / len(controls):.3f} above it, "
        f"on average over {len(controls)} seeds"
    )
    if not all(math.isfinite(loss) for control in controls for loss in control.loss):
        left = math.inf
        message = "the loss became NaN or infinite, or was so from the start"
    elif not lowest >= floor * (1 - 100 * c.eps - c.guard_error):
        left = math.inf
        message = (
            f"the loss fell to {lowest:.4f}, below the floor of {floor:.4f}: it is not the mean loss of the outputs"
        )
    elif left > 0.5:
        message += ": training hardly lowers the loss"
    return at_most(
        left, 0.5,
        because="cross-entropy is convex in one neuron's weights, so training gets down to the floor; squared error "
        "behind a curved output has flat regions where single seeds may stay, but most of the way is gone on average",
        message=message, unit="of the way left",
    )  # fmt: skip


@stage.check("With a hidden layer, XOR is learned as often as by the reference network")
def learns_xor_as_often_as_the_reference(lab: Lab) -> Outcome:
    """A hundred networks with eight hidden units each, against fifty reference networks with the same activations and
    loss, each kind with a learning rate found in the same way. Learned means a loss so low that no case can be wrong."""
    own, reference = lab.once(subject_runs, lab, WIDE, WIDE_SEEDS), lab.once(reference_runs, lab)
    n, m = len(own.runs), len(reference.runs)
    fewest = fewest_successes(len(reference.learned), m, among=n, false_alarm=FALSE_ALARM)
    if fewest == 0:
        raise Blocked(
            f"the reference network with this network's activations and loss ({own.conventions.hidden}, "
            f"{own.conventions.output}, {own.conventions.loss}) learns XOR from only {len(reference.learned)} of {m} seeds, "
            "so no number of successes would be too few: another activation or loss is needed to compare with"
        )
    steps = [run.steps[-1] for run in own.learned]
    message = f"{len(own.learned)} of {n} seeds learned XOR; the reference network: {len(reference.learned)} of {m}"
    if steps:
        message += f"; half of them within {np.median(steps):.0f} steps"
    if len(own.learned) < fewest:
        message += ". " + where_they_end(own)
    return at_least(
        len(own.learned), fewest, unit=f"of {n} seeds",
        because=f"a network as good as the reference, of which {len(reference.learned)} of {m} succeeded, has fewer with "
        f"a chance of at most {FALSE_ALARM:g} (two exact binomial tails); one that succeeds in less than "
        f"{100 * share_caught(fewest, n):.0f} % of its runs is caught 99 times in 100",
        message=message,
        headline=f"XOR learned from {len(own.learned)} of {n} seeds",
        evidence=success_pictures(lab, own, reference, fewest),
    )  # fmt: skip


@stage.check("What was learned is in the hidden layer, too")
def hidden_layer_takes_part(lab: Lab) -> Outcome:
    """Eight random hidden units often do for XOR, even if they never change: then only the output layer learns, and
    nobody notices until the task is harder. So the hidden layer's starting weights are put back into the trained
    networks. If training changed what matters there, the networks no longer know XOR."""
    x, y = truth_table("xor")
    own = lab.once(subject_runs, lab, WIDE, WIDE_SEEDS)
    bound = own.floor / 4
    trained, put_back, moved = [], [], []
    for run in own.learned:
        values = get_parameters(run.network)
        set_parameters(run.network, run.start[:-2] + values[-2:])
        trained.append(run.loss[-1])
        put_back.append(float(run.network.loss(x, y)))
        set_parameters(run.network, values)
        moved.append(
            float(np.linalg.norm(values[0] - run.start[0]) / max(np.linalg.norm(run.start[0]), own.conventions.eps))
        )
    lost = sum(not loss <= bound for loss in put_back)
    share = lost / len(put_back) if put_back else 0.0
    message = f"with the hidden weights that they started from, {lost} of {len(put_back)} no longer know XOR"
    if put_back:
        message += f"; training changed W1 by {100 * np.median(moved):.0f} % of its size in half of the runs"
    if not share >= 0.5:
        message += ": the hidden layer hardly takes part in learning" if put_back else ", as none had learned it"
    evidence = [hidden_part_picture(trained, put_back)] if put_back else []
    return at_least(
        share, 0.5, unit="of the runs",
        because="output weights made for the trained hidden units fit the untrained ones only by chance: with four "
        "cases, each on one of two sides of one half, that is one in sixteen for unrelated units",
        message=message, evidence=evidence,
    )  # fmt: skip


@stage.check("The outputs part while the loss falls")
def outputs_part(lab: Lab) -> Outcome:
    """A classic symptom: the cost falls and falls, while all outputs stay nearly equal. Then the cost is not the cost of
    these outputs, or a bias does all the work. So the outputs are looked at, not only the loss."""
    x, y = truth_table("xor")
    own = lab.once(subject_runs, lab, WIDE, WIDE_SEEDS)
    chosen = own.low or own.runs
    gaps = [parting(outputs(run.network, x), y) for run in chosen]
    worst = float(np.min(gaps))  # NaN where one of them is
    seed = chosen[int(np.argmin(gaps))].seed
    goal = target(own.conventions, 4)
    limit = 2 * MARGIN if goal is None else 0.5 - 100 * own.conventions.eps
    by_loss = "have their outputs on the right side" if goal is None else f"got below {goal:.3g}"
    of = f"the {len(chosen)} runs that {by_loss}" if own.low else "all runs, none of which got its loss that low"
    message = f"in {of}, the outputs for 1 lie at least {worst:.2f} above those for 0 on average (seed {seed})"
    if math.isnan(worst):
        message = f"in {of}, outputs are NaN (seed {seed})"
    elif not worst >= limit:
        message = (
            f"in {of}, the outputs for 1 lie only {worst:.3f} above those for 0 (seed {seed}): they are nearly equal, or "
            "the wrong way round"
        )
    return at_least(
        worst, limit,
        because=f"each output is {MARGIN} from one half at least" if goal is None else "where the loss is below a quarter of the floor, the outputs must differ by more than this: a mean "
        "squared error of 1/16 means a mean error of at most 1/4, and a mean cross-entropy of (ln 2)/4 means 0.84 for "
        "the right answer, on average (both by Jensen's inequality)",
        message=message, unit="between the outputs", evidence=[case_curves(lab, own)],
    )  # fmt: skip


@stage.check("Every stuck run of the smallest network is explained")
def every_stuck_run_is_explained(lab: Lab) -> Outcome:
    """Two hidden units are the least that XOR needs, and with two, training often gets stuck though nothing is wrong. So
    here the success rate says little, but every failure has a reason that can be measured: a saddle, a minimum, a
    plateau, a valley that falls towards infinity. A run that stands still for no such reason points to a bug.

    On a few of them ways out are tried. What learns by these has not learned by itself, and is not counted as that."""
    small = lab.once(subject_runs, lab, SMALLEST, SMALLEST_SEEDS)
    found = lab.once(explanations, lab)
    unexplained = [e for e in found if not e.explained]
    kinds = Counter(e.kind for e in found)
    counted = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    message = f"{len(small.learned)} of {len(small.runs)} seeds learned XOR with two hidden units"
    message += f"; stuck: {counted}" if found else "; none is stuck"
    treated = [e for e in found if e.tries]
    if treated:
        freed = sum(e.freed for e in treated)
        message += f" ({freed} of {len(treated)} learn when ways out are tried on them, and are not counted as learned)"
    if unexplained:
        message += f". Seed {unexplained[0].seed}: {unexplained[0].words}"
    return at_most(
        len(unexplained), 0, unit="stuck runs unexplained",
        because="a correct network comes to rest only where its loss surface lets it; each rest has a kind that its own "
        "gradients show",
        message=message, evidence=stuck_pictures(lab, small, found),
    )  # fmt: skip


@stage.check("At a saddle, a step along negative curvature lowers the loss")
def a_step_along_negative_curvature_escapes(lab: Lab) -> Outcome:
    """A saddle made by hand: one hidden unit sees only the first input, the other only the second, and the output says
    one half whatever they do. The gradient is zero there, so training stands still, as at a minimum. But the curvature
    along one direction is negative, and a step that way is the way out."""
    x, y = truth_table("xor")
    network = lab.build(SMALLEST, FIRST_SEED)
    c = lab.read(network, SMALLEST)
    try:
        set_parameters(network, hand_made_saddle(c))
    except ValueError as error:
        raise Blocked(f"no saddle can be made by hand for this network: {error}") from error
    parameters, f, g = Parameters(network), loss_of(network, x, y), gradient_of(network, x, y)
    theta = parameters.read()
    with parameters.kept():
        point = stationary_point(g, theta)
        if c.hidden == UNREAD and not point.gradient_norm <= STATIONARY:
            raise NotRead("its activation function")  # one that looks at more than its own z has its saddles elsewhere
        direction = point.escape if point.escape is not None else np.zeros(theta.size)
        distances = np.linspace(-1.5, 1.5, 61)
        loss = np.array([float(f((theta + s * direction).astype(theta.dtype))) for s in distances])
        before = float(f(theta))
        # The quadratic form of the second-order expansion, averaged over both sides to leave out what is odd in s.
        s = 0.25
        fall = before - float(np.mean([f((theta + t * direction).astype(theta.dtype)) for t in (-s, s)]))
    expected = -0.5 * float(point.eigenvalues[0]) * s * s
    off = abs(fall / expected - 1) if point.negative else math.inf
    lowest = float(loss.min())
    set_parameters(network, parameters.split((theta + distances[int(np.argmin(loss))] * direction).astype(theta.dtype)))
    rate = lab.once(subject_runs, lab, SMALLEST, SMALLEST_SEEDS).rate
    after = attempt(network, x, y, rate=rate, target_loss=target(c, 4), seed=FIRST_SEED)
    if not point.negative:
        message = (
            f"the curvature is nowhere negative (least eigenvalue {point.eigenvalues[0]:.1e}), although hidden units "
            "that bend make a saddle of this point: the hidden activation or the gradient of the first layer is missing"
        )
    elif not after.loss[-1] < 0.99 * lowest:
        off = math.inf
        message = (
            f"a step along the negative curvature lowers the loss from {before:.3f} to {lowest:.3f}, but training does "
            f"not go on from there: it ends at {after.loss[-1]:.3f}"
        )
    else:
        message = (
            f"slope {point.gradient_norm:.1g}, curvature {point.eigenvalues[0]:.3f} one way and "
            f"{point.eigenvalues[-1]:.3f} another: a {point.kind}; a step of {s} along the first changes the loss by "
            f"{-fall:.1e}, where {-expected:.1e} is predicted, and training takes it on from the lowest point, "
            f"{lowest:.3f}, to {after.loss[-1]:.3f}"
        )
    picture = Curves(
        title="The way out of a saddle",
        caption=Caption(
            "the loss along the direction of most negative curvature, through the saddle in the middle",
            "a hill: level at the top, where the gradient is zero, and falling to both sides as the parabola says",
            "a level line or a valley: the curvature that the gradients show is not that of the loss",
        ),
        x_label="distance along the direction",
        y_label="loss",
        lines=[
            Line("loss", distances, loss),
            Line("parabola of the curvature", distances, before + 0.5 * float(point.eigenvalues[0]) * distances**2),
        ],
        marks=[Mark("saddle", "x", 0.0)],
    )
    return at_most(
        off, 0.5,
        because="near the saddle the loss falls by half the curvature times the square of the distance; at a quarter of "
        "the size of the weights the next terms of the expansion are smaller by a factor of ten or so",
        message=message, unit="of the predicted fall", evidence=[picture],
    )  # fmt: skip


@stage.check("The sign of a number is learned from examples, and holds for fresh ones")
def learns_the_sign_function(lab: Lab) -> Outcome:
    """A second task: 1 for a positive number, 0 for a negative one, from 200 examples. It has real inputs of both signs,
    and is judged on a thousand numbers that were not among them."""
    line = lab.once(line_runs, lab)
    x, y = sign_function(1000, lab.rng(2))
    shares = [float(np.mean((outputs(run.network, x) > 0.5) == (y[:, 0] > 0.5))) for run in line.runs]
    share = float(np.median(shares))
    message = f"{100 * share:.1f} % of 1,000 fresh numbers right, with the median of {len(shares)} seeds"
    grid = np.linspace(-1, 1, 201)[:, None]
    p = outputs(line.runs[0].network, grid)
    if share < 0.95:
        message += f"; over the whole range the outputs go from {p.min():.3f} to {p.max():.3f}"
    picture = Curves(
        title="The sign function as learned",
        caption=Caption(
            "the step at zero",
            "near 0 on the left, near 1 on the right, and through one half close to zero",
            "a level line: all outputs are alike; a shifted step: the bias does not learn",
        ),
        x_label="x",
        y_label="output",
        lines=[Line(f"seed {k}", grid[:, 0], outputs(run.network, grid)) for k, run in enumerate(line.runs)],
        marks=[Mark("x = 0", "x", 0.0), Mark("one half", "y", 0.5)],
    )
    return at_least(
        100 * share, 95, unit="%",
        because="numbers within 0.1 of zero are 10 % of all; a step that lies wrong by as much as 0.1 gets half of them "
        "wrong, and of 200 examples ten lie between 0 and 0.1 on average, to say where it belongs",
        message=message, evidence=[picture],
    )  # fmt: skip


# The runs -------------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Control:
    """A network without a hidden layer, trained on XOR."""

    network: Any
    steps: list[int]
    loss: list[float]
    most_right: int
    #: the parameters when most were right, for the first time
    best: list[Array]


def read(lab: Lab, sizes: tuple[int, ...]) -> Conventions:
    return lab.read(lab.build(sizes), sizes)


def control_runs(lab: Lab) -> list[Control]:
    x, y = truth_table("xor")
    c = lab.once(read, lab, LINEAR)
    rate, _ = search_rate(partial(lab.build, LINEAR), x, y)
    controls = []
    for seed in lab.progress(range(LINEAR_SEEDS), "XOR without a hidden layer"):
        control = Control(lab.build(LINEAR, FIRST_SEED + seed), [], [], -1, [])
        for step in range(LINEAR_STEPS + 1):
            if step % 10 == 0:
                p = outputs(control.network, x)
                control.steps.append(step)
                control.loss.append(float(control.network.loss(x, y)) - c.penalty(get_parameters(control.network), 4))
                right = answers_right(p, y)
                if right > control.most_right:
                    control.most_right, control.best = right, get_parameters(control.network)
            if step < LINEAR_STEPS and math.isfinite(rate):
                control.network.train_step(x, y, rate)
        controls.append(control)
    return controls


def train_many(
    lab: Lab, build: Callable[..., Any], conventions: Conventions, x: Array, y: Array, seeds: int, label: str, part: int
) -> Trained:  # fmt: skip
    """Train `seeds` networks until the loss is below a `part`-th of the floor, or they are stuck."""
    rate, _ = search_rate(build, x, y)
    goal = target(conventions, part)
    runs = [
        # Without any stable rate nothing can be learned; a rate of 0 shows it.
        attempt(build(FIRST_SEED + seed), x, y, rate=0.0 if math.isnan(rate) else rate, target_loss=goal, seed=seed)
        for seed in lab.progress(range(seeds), label)
    ]
    return Trained(conventions, rate, runs)


def subject_runs(lab: Lab, sizes: tuple[int, ...], seeds: int) -> Trained:
    x, y = truth_table("xor")
    label = f"XOR with {sizes[1]} hidden units"
    return train_many(lab, partial(lab.build, sizes), lab.once(read, lab, sizes), x, y, seeds, label, 4)


def reference_runs(lab: Lab) -> Trained:
    """The reference network, with momentum, whatever the rule of the network under test."""
    x, y = truth_table("xor")
    c = lab.once(read, lab, WIDE)
    return train_many(lab, lab.reference(c, WIDE), c, x, y, REFERENCE_SEEDS, "the reference network on XOR", 4)


def line_runs(lab: Lab) -> Trained:
    x, y = sign_function(200, lab.rng(1))
    c = lab.once(read, lab, LINE)
    rate, _ = search_rate(partial(lab.build, LINE), x, y)
    runs = [
        attempt(
            lab.build(LINE, FIRST_SEED + seed), x, y, rate=0.0 if math.isnan(rate) else rate,
            target_loss=target(c, 20), steps=1000, seed=seed,
        )
        for seed in lab.progress(range(LINE_SEEDS), "the sign function")
    ]  # fmt: skip
    return Trained(c, rate, runs)


def explanations(lab: Lab) -> list[Explanation]:
    x, y = truth_table("xor")
    small = lab.once(subject_runs, lab, SMALLEST, SMALLEST_SEEDS)
    explain_one = partial(explain, x=x, y=y, conventions=small.conventions, rate=small.rate, target=small.floor / 4)
    found = [explain_one(run) for run in lab.progress(small.stuck, "explaining the stuck runs")]
    goal = target(small.conventions, 4)
    for k in lab.progress(each_kind_first([e.kind for e in found])[:TREATED], "ways out"):
        found[k] = with_ways_out(
            found[k], small.stuck[k], x, y, small.conventions, rate=small.rate, target_loss=goal, steps=TREATMENT
        )
    return found


def each_kind_first(kinds: list[str]) -> list[int]:
    """The indices, the first of each kind before all second ones, and so on."""
    return sorted(range(len(kinds)), key=lambda k: kinds[:k].count(kinds[k]))


def answers_right(p: Array, y: Array) -> int:
    """How many outputs are on the right side of one half. What is exactly one half, or no number, is no answer."""
    return int(np.sum(((p > 0.5) & (y[:, 0] > 0.5)) | ((p < 0.5) & (y[:, 0] < 0.5))))


def parting(p: Array, y: Array) -> float:
    """Mean output for the cases of 1 minus that for the cases of 0."""
    return float(np.mean(p[y[:, 0] == 1]) - np.mean(p[y[:, 0] == 0]))


def where_they_end(own: Trained) -> str:
    """What the runs that did not learn have in common, in words."""
    x, _ = truth_table("xor")
    learned = own.learned
    others = [run for run in own.runs if run not in learned]
    kinds = Counter("a low loss but wrong outputs" if run.learned else run.ending for run in others)
    parts = [f"{what}: {count}" for what, count in kinds.items()]
    equal = sum(float(np.ptp(outputs(run.network, x))) < 0.1 for run in others)
    return f"How the other {len(others)} ended: " + ", ".join([*parts, f"the same output in all four cases: {equal}"])


# The pictures ---------------------------------------------------------------------------------------------------------


def decision_surface(network: Any, title: str, caption: Caption) -> Surface:
    x, y = truth_table("xor")
    side = np.linspace(-0.5, 1.5, 60)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    values = outputs(network, grid).reshape(60, 60)
    return Surface(
        title=title, caption=caption, x_label="x1", y_label="x2", value_label="output", x=side, y=side, values=values,
        levels=(0.5,), points=[Group(f"y = {t}", *x[y[:, 0] == t].T) for t in (0, 1)],
    )  # fmt: skip


def success_pictures(lab: Lab, own: Trained, reference: Trained, fewest: int) -> list[Evidence]:
    n, m = len(own.runs), len(reference.runs)
    intervals = np.array([wilson_interval(len(t.learned), len(t.runs)) for t in (own, reference)])
    bars = Bars(
        title="How often XOR is learned",
        caption=Caption(
            "the two bars, with their 95 % intervals, and the line",
            "the network under test reaches past the line; differences of a few per cent are chance, or the update rule",
            "a bar that ends before the line: something that a correct network does is missing",
        ),
        value_label="share of seeds that learned XOR",
        labels=[f"under test, {n}", f"reference, {m}"],
        values=np.array([len(own.learned) / n, len(reference.learned) / m]),
        low=intervals[:, 0],
        high=intervals[:, 1],
        marks=[Mark("required", "x", fewest / n)],
    )
    pictures: list[Evidence] = [bars]
    if own.learned:
        shown = own.learned[0]
        pictures.append(decision_surface(
            shown.network, "XOR as learned with eight hidden units",
            Caption(
                "the border at one half",
                "the two cases of 1 on one side, the two of 0 on the other: the border has two parts, or a bend",
                "a single straight border: the hidden layer does not bend anything",
            ),
        ))  # fmt: skip
    pictures.append(loss_picture(own))
    longest = max((run.steps[-1] for t in (own, reference) for run in t.learned), default=10)
    edges = np.linspace(0, longest + 10, 21)
    pictures.append(Histograms(
        title="Steps until XOR is learned",
        caption=Caption(
            "how the two histograms lie",
            "both to the left, with a short tail; their steps differ where the update rules do",
            "a long tail to the right: learning hangs on luck, as with hidden weights that do not move",
        ),
        x_label="steps",
        panels=[
            Panel(label, np.histogram([run.steps[-1] for run in t.learned], edges)[0], edges)
            for label, t in (("network under test", own), ("reference", reference))
        ],
    ))  # fmt: skip
    return pictures


def loss_picture(own: Trained) -> Curves:
    """The slowest, the middle and the quickest run, and some stuck ones, against a logarithmic step axis."""
    ordered = sorted(own.learned, key=lambda run: run.steps[-1])
    shown = [ordered[k] for k in sorted({0, len(ordered) // 2, len(ordered) - 1})] if ordered else []
    lines = [thin(f"seed {run.seed}", run) for run in shown]
    lines += [thin(f"seed {run.seed}, stuck", run) for run in own.stuck[:3]]
    return Curves(
        title="Loss on the way to XOR",
        caption=Caption(
            "the level stretch at the floor, and what comes after it",
            "each curve stays near the floor for a while, where all outputs are one half, then falls through the bound",
            "curves that end level: halfway down, two cases are learned and two stay at one half; at the floor, none is",
        ),
        x_label="step",
        y_label="loss",
        lines=lines,
        marks=[Mark("floor", "y", own.floor), Mark("learned", "y", own.floor / 4)],
        log_x=True,
    )


def thin(label: str, run: Attempt, most: int = 150) -> Line:
    """The loss curve of a run with at most about `most` points, evenly spaced on a logarithmic axis."""
    steps, loss = np.array(run.steps), np.array(run.loss)
    keep = np.unique(np.geomspace(1, len(steps), most).astype(int)) - 1
    keep = keep[steps[keep] > 0] if len(steps) > 1 else keep
    return Line(label, steps[keep], loss[keep])


def hidden_part_picture(trained: list[float], put_back: list[float]) -> Scatter:
    return Scatter(
        title="The same networks with the hidden weights that they started from",
        caption=Caption(
            "how far the points lie above the diagonal",
            "well above: without what the hidden layer learned, the loss is several times as high",
            "on the diagonal: putting the start back changes nothing, so the hidden layer has not learned",
        ),
        x_label="loss as trained",
        y_label="loss with the starting hidden weights",
        groups=[Group("networks that learned XOR", np.array(trained), np.array(put_back))],
        diagonal=True,
        log=True,
    )


def case_curves(lab: Lab, own: Trained) -> Curves:
    """The four outputs over the steps of the run that took the middle number of steps, trained once more."""
    x, y = truth_table("xor")
    ordered = sorted(own.learned or own.runs, key=lambda run: run.steps[-1])
    chosen = ordered[len(ordered) // 2]
    network = lab.build(WIDE, FIRST_SEED + chosen.seed)
    last = min(max(2 * chosen.steps[-1], 20), 2000)
    every = max(1, last // 100)
    steps, p = [0], [outputs(network, x)]
    for step in range(1, last + 1):
        network.train_step(x, y, own.rate if math.isfinite(own.rate) else 0.0)
        if step % every == 0:
            steps.append(step)
            p.append(outputs(network, x))
    names = [f"({a:.0f}, {b:.0f}), y = {t:.0f}" for (a, b), t in zip(x, y[:, 0], strict=True)]
    return Curves(
        title=f"The four outputs while XOR is learned (seed {chosen.seed})",
        caption=Caption(
            "how the four lines part",
            "together near one half at first, then two go to 1 and two to 0",
            "four lines that stay together while the loss falls: the loss is not the loss of these outputs",
        ),
        x_label="step",
        y_label="output",
        lines=[Line(name, np.array(steps), np.array(p)[:, k]) for k, name in enumerate(names)],
        marks=[Mark("one half", "y", 0.5)],
    )


def stuck_pictures(lab: Lab, small: Trained, found: list[Explanation]) -> list[Evidence]:
    pictures: list[Evidence] = []
    if found:
        pictures.append(stuck_table(found))
        if any(e.tries for e in found):
            pictures.append(ways_out_table(found))
        pictures.append(eigenvalue_picture(found))
    losses = loss_picture(small)
    pictures.append(losses)
    if small.learned:
        pictures.append(hidden_space(small))
    saddles = [e for e in found if e.escape is not None]
    if saddles:
        pictures.append(escape_picture(saddles))
    return pictures


def stuck_table(found: list[Explanation]) -> Table:
    rows: list[list[str | float | int]] = []
    for e in found:
        signs, least = "", ""
        if e.point is not None:
            signs = f"{e.point.negative} / {e.point.flat} / {e.point.positive}"
            least = f"{e.point.eigenvalues[0]:.1e}" if e.point.eigenvalues.size else ""
        rows.append([e.seed, e.kind, f"{e.loss:.4f}", f"{e.slope:.1e}", signs, least, leads_to(e), units_in_words(e)])
    return Table(
        title="The runs that got stuck with two hidden units, and why",
        caption=Caption(
            "the kind of each, and what was measured for it: the slope, how many curvatures are below, at and above zero "
            "(without the parameters of dead units), and where the run leads when it is followed with better steps",
            "every run has a kind; valleys and plateaus are common with two hidden units, dead units with ReLU",
            "a run marked as unexplained: its gradient is not that of its loss, or its steps do not follow it",
        ),
        header=("seed", "kind", "loss", "slope", "curvatures < / = / > 0", "least", "leads to", "hidden units"),
        rows=rows,
        wrong_rows=[k for k, e in enumerate(found) if not e.explained],
    )


def ways_out_table(found: list[Explanation]) -> Table:
    return Table(
        title="What was tried on stuck runs, and what came of it",
        caption=Caption(
            "the loss where the run was stuck, right after the change, and after so many steps of its own training more",
            "valleys are left by a hidden unit that is opened again (its weighted inputs centred and shrunk, so that its "
            "activation bends, and what leaves it set to zero), saddles by a step along negative curvature, dead ReLU units "
            "by either, or by being drawn anew; a few are not left at all",
            "no way out of any run: not the loss surface but something else holds them",
        ),
        header=("seed", "kind", "tried", "loss", "changed to", "trained to", "in steps", "learned"),
        rows=[
            [e.seed, e.kind, str(t), f"{t.before:.4f}", f"{t.changed:.4f}", f"{t.after:.4f}", t.steps,
             "yes" if t.learned else "no"]
            for e in found for t in e.tries
        ],
    )  # fmt: skip


def leads_to(e: Explanation) -> str:
    if e.escape is not None:
        return f"{e.escape.after:.4f} by a step of {abs(e.escape.step):.2g}, then {e.escape.trained:.4f}"
    if e.ahead is None:
        return ""
    grown = f", parameters {e.ahead.size[0]:.1f} to {e.ahead.size[-1]:.1f}" if e.kind == "valley" else ""
    return f"loss {e.ahead.loss[-1]:.4f}{grown}"


def units_in_words(e: Explanation) -> str:
    kinds = (("dead", e.dead), ("saturated", e.saturated), ("no bend", e.straight))
    return ", ".join(f"{unit} {word}" for word, units in kinds for _, unit in units)


def eigenvalue_picture(found: list[Explanation]) -> Scatter:
    groups = []
    for kind in sorted({e.kind for e in found}):
        pairs = [(e.slope, value) for e in found if e.kind == kind and e.point for value in e.point.eigenvalues]
        if pairs:
            groups.append(Group(kind, *np.array(pairs).T))
    return Scatter(
        title="Curvature where the runs are stuck",
        caption=Caption(
            "the eigenvalues of the Hessian of each stuck run, over the slope that is left",
            "a saddle has one further below zero than its slope is large; in a valley all are tiny, or above zero",
            "a point far below zero in a run that is not called a saddle",
        ),
        x_label="slope",
        y_label="eigenvalue",
        groups=groups,
        log=True,
    )


def escape_picture(saddles: list[Explanation]) -> Curves:
    lines = []
    for e in saddles[:5]:
        assert e.escape is not None
        near = np.abs(e.escape.distances) <= 3
        lines.append(Line(f"seed {e.seed}", e.escape.distances[near], e.escape.along[near]))
    return Curves(
        title="Off the saddles of the stuck runs",
        caption=Caption(
            "the loss along the direction of most negative curvature, from where each run was stuck",
            "falling to at least one side of the middle",
            "rising to both sides: the curvature is not that of the loss",
        ),
        x_label="distance along the direction",
        y_label="loss",
        lines=lines,
        marks=[Mark("stuck here", "x", 0.0)],
    )


def hidden_space(small: Trained) -> Surface:
    """What the output unit sees: the four cases as the two hidden units put them."""
    x, y = truth_table("xor")
    network, c = small.learned[0].network, small.conventions
    W1, b1, W2, b2 = get_parameters(network)
    _, a = hidden_activations([W1, b1, W2, b2], c, x)[0]
    low, high = a.min(axis=0), a.max(axis=0)
    room = 0.25 * np.maximum(high - low, 0.1)
    first, second = (np.linspace(low[k] - room[k], high[k] + room[k], 60) for k in (0, 1))
    grid = np.stack(np.meshgrid(first, second), axis=-1).reshape(-1, 2)
    values = output_activation(c, grid @ W2.astype(np.float64) + b2).reshape(60, 60)
    return Surface(
        title="Where XOR becomes separable: the four cases in the space of the hidden units",
        caption=Caption(
            "the four cases and the straight border between them",
            "a straight line separates the two kinds, which it cannot in the space of the inputs; cases of one kind may "
            "fall onto one point",
            "cases of different kinds on one point: the hidden units cannot tell them apart",
        ),
        x_label="hidden unit 1", y_label="hidden unit 2", value_label="output", x=first, y=second, values=values,
        levels=(0.5,), points=[Group(f"y = {t}", *a[y[:, 0] == t].T) for t in (0, 1)],
    )  # fmt: skip
