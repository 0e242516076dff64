"""A network that cannot learn AND will not learn anything else. AND of two inputs is the simplest task there is: one
neuron can do it, a straight line separates its cases, and nothing can get stuck on the way. So whatever goes wrong here
is wrong in the neuron itself: in its output, its bias, its step or the sign of that step.

The stage looks first whether the network keeps the contract: whether its arrays are live, its calls without side
effects. It then sets the weights by hand, to see that the neuron can compute AND at all, looks whether the gradients fit
the parameters, takes one small step, and trains from ten random starts. At last it asks the same neuron
for XOR, which no straight line can separate: a neuron that got that right would not be one neuron.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from nnkit.curriculum.evidence import Caption, Curves, Evidence, Group, Line, Mark, Surface, Table
from nnkit.curriculum.lab import Lab
from nnkit.curriculum.stage import Blocked, Outcome, Stage, at_least, at_most
from nnkit.datasets import truth_table
from nnkit.diagnosis import get_parameters, set_parameters
from nnkit.diagnosis.attempts import MARGIN, decides, from_every_start, guess_at_and, right_answers
from nnkit.gradients.parameters import Parameters, flat_gradient
from nnkit.subjects.contract import breaches, starts_alike
from nnkit.training import History, RateSearch, divide_by_3, train

stage = Stage(
    number=1,
    name="and-one-neuron",
    title="AND on one neuron",
    claim="One neuron computes AND with the right weights, and finds such weights by its own training.",
    not_yet="It does not show that the numbers in between are right, nor that backpropagation works.",
    hints=(
        "With W = (10, 10) and b = -15, which of the four inputs should push the neuron above one half?",
        "Look at three places: is b added to x W, are the arrays that parameters() returns the ones that forward() "
        "uses, and does train_step subtract the gradient (not add it)?",
        "z = x W + b is -15, -5, -5 and +5 for the four cases, so only (1, 1) ends above one half. If that is right but "
        "training fails, take one step by hand: the loss must fall for a small rate. If it rises, the sign is wrong; if "
        "it stays, the update reaches a copy of the parameters; if only W moves, the bias gradient is missing.",
    ),
    references=("S2.1", "S3.2"),
)

SIZES = (2, 1)
SEEDS = 10
STEPS = 3000


@stage.check("It keeps the contract of the five methods")
def keeps_the_contract(lab: Lab) -> Outcome:
    """Everything after this rests on a few promises: parameters() hands out the arrays that the network computes with,
    one row is treated like many, what was handed out is not changed later, and only train_step() changes anything."""
    found = lab.once(_breaches, lab)
    because = "each promise is kept or not; no rounding comes into it."
    if not found and starts_alike(partial(lab.build_as_it_is, _contract_sizes(lab))):
        return at_most(
            1,
            0,
            unit="broken",
            because=because,
            message="Every seed gives the same parameters, so what the stages say of many starts is said of one. That is "
            "harmless to the training: all other promises are kept.",
            harmless=True,
        )
    return at_most(
        len(found),
        0,
        unit="broken",
        because=because,
        message=f"{found[0]}." + (f" And {len(found) - 1} more: {'; '.join(found[1:])}." if found[1:] else "")
        if found
        else "Its arrays are live and its own, its shapes fit, and calls have no side effects.",
    )


@stage.check("Hand-set weights compute the truth table of AND")
def hand_set_weights_compute_and(lab: Lab) -> Outcome:
    """With W = (10, 10) and b = -15 the weighted input is positive for (1, 1) alone. If the outputs do not follow, then
    forward() does not use the parameters that parameters() hands out, or does not use all of them."""
    _contract_must_be_kept(lab)
    x, y = truth_table("and")
    network = lab.build(SIZES)
    conventions = lab.read(network, SIZES)
    set_parameters(network, [np.array([[10.0], [10.0]]), np.array([-15.0])])
    p = np.asarray(network.forward(x), dtype=float)
    right = [right_answers(p[i], y[i]) for i in range(4)]
    rows = [[*map(int, x[i]), int(y[i, 0]), float(x[i].sum() * 10 - 15), f"{p[i, 0]:.6f}"] for i in range(4)]
    wrong = [i for i in range(4) if not right[i]]
    where = ", ".join(f"({x[i, 0]:.0f}, {x[i, 1]:.0f}) gives {p[i, 0]:.4g}" for i in wrong)
    if np.isnan(p).any():
        where += ". Not-a-number is no answer: look for 0 / 0, the logarithm of a negative number, or unset values"
    elif conventions.output in ("sigmoid", "softmax") and not np.all((p >= 0) & (p <= 1)):
        where += f". A {conventions.output} stays between 0 and 1: is something added after it?"
    return at_least(
        sum(right),
        4,
        unit="of 4 cases",
        because="z is -15, -5, -5 and 5: no case is near the line, so rounding cannot decide one.",
        message=f"With W = (10, 10) and b = -15 the output is not on the right side of one half: {where}."
        if wrong
        else "All four outputs are on their side of one half.",
        evidence=[
            Table(
                title="The truth table with W = (10, 10), b = -15",
                caption=Caption(
                    "The output beside the weighted input z, worked out by hand.",
                    "Only the last row is above one half.",
                    "Equal outputs everywhere: the weights do not arrive. Row 1 at one half: the bias is missing.",
                ),
                header=["x1", "x2", "AND", "z by hand", "output of the network"],
                rows=rows,
                wrong_rows=wrong,
            )
        ],
    )


@stage.check("Each parameter has a gradient of its own shape")
def gradients_fit_the_parameters(lab: Lab) -> Outcome:
    """A gradient holds one slope for every number of its parameter. One that is transposed, that was not summed over the
    samples, or that is left out makes an update fail, or worse: it reaches other numbers than it should."""
    _contract_must_be_kept(lab)
    misfit = lab.once(_misfit, lab)
    return at_most(
        bool(misfit),
        0,
        unit="misfit",
        because="gradients(x, y) has the order and the shapes of parameters(): shapes fit, or they do not.",
        message=f"{misfit}." if misfit else "W1 and b1 have gradients of their own shapes.",
    )


@stage.check("One small step of its own lowers the loss")
def one_small_step_lowers_the_loss(lab: Lab) -> Outcome:
    """The gradient points uphill and the step goes the other way, so for a small enough rate the loss must fall. This
    is the quickest test of the sign of an update."""
    _contract_must_be_kept(lab)
    _gradients_must_fit(lab)
    x, y = truth_table("and")
    changes, moved = [], []
    for seed in range(SEEDS):
        network = lab.build(SIZES, seed)
        before, start = float(network.loss(x, y)), _weights(network).copy()
        network.train_step(x, y, 1e-3)
        changes.append((float(network.loss(x, y)) - before) / before)
        moved.append(not np.array_equal(_weights(network), start))
    eps = lab.read(network, SIZES).eps
    worst = int(np.argmax(changes)) if np.isfinite(changes).all() else int(np.argmin(np.isfinite(changes)))
    return at_most(
        changes[worst],
        -4 * eps,
        unit="relative change",
        because="the fall must be more than the rounding of two losses; a step of rate 0.001 is too short to overshoot.",
        message=f"From start {worst} of {SEEDS} {_what_one_step_does(changes[worst], sum(c < 0 for c in changes), moved[worst])}",
    )


@stage.check("Its own training learns AND from every start")
def own_training_learns_and(lab: Lab) -> Outcome:
    """AND can be separated by a line and one neuron has no bad minima, so that training must succeed from everywhere.
    The learning rate is found by dividing by 3 until training is stable, not chosen by taste."""
    _contract_must_be_kept(lab)
    _gradients_must_fit(lab)
    search = lab.once(_rate, lab, 0)
    runs = lab.once(_train, lab)
    learned = [run.learned for run in runs]
    slowest = max(run.learned_at for run in runs)
    missed = learned.index(False) if False in learned else None
    if missed is None:
        message = f"All {SEEDS} starts learn AND at rate {runs[0].rate:.3g}, the slowest in {slowest} steps."
    elif np.isnan(search.best):
        message = (
            f"No learning rate from {search.trials[0].rate:.3g} down to {search.trials[-1].rate:.1g} lowers the loss."
        )
    else:
        run = runs[missed]
        message = (
            f"Start {missed} fails at rate {run.rate:.3g} and above (the starts after it were not tried): it ends after "
            f"{run.history.steps[-1]} steps with outputs {', '.join(f'{v:.3f}' for v in run.p[:, 0])} for 00, 01, 10, 11."
            f"{_what_never_moved(run)}"
        )
    return at_least(
        sum(learned),
        SEEDS,
        unit=f"of {SEEDS} starts",
        because=f"the four cases are separable by a line; learned means every output at least {MARGIN} on its side of "
        f"one half within {STEPS} steps, and still so when training goes on.",
        message=message,
        headline=f"{sum(learned)} of {SEEDS} starts learn AND, the slowest in {slowest} steps",
        evidence=_pictures(lab, search, runs[missed or 0]),
    )


@stage.check("Negative control: the same neuron cannot do XOR")
def one_neuron_cannot_do_xor(lab: Lab) -> Outcome:
    """No line separates XOR, so one neuron gets at most 3 of 4. This control shows that the check above can fail: what
    passes it is a neuron learning AND, not a test that everything passes."""
    _contract_must_be_kept(lab)
    _gradients_must_fit(lab)
    x, y = truth_table("xor")
    rate = lab.once(_rate, lab, 0).best
    rights: list[float] = []
    for seed in range(SEEDS):
        network = lab.build(SIZES, seed)
        train(network, x, y, steps=200, learning_rate=_or_small(rate), record_every=200)
        p = np.asarray(network.forward(x), dtype=float)
        rights.append(np.nan if np.isnan(p).any() else right_answers(p, y))
    best = float(np.max(rights))  # NaN if one of them is
    if np.isnan(best):
        message = (
            f"Start {int(np.isnan(rights).argmax())} of {SEEDS} ends with outputs that are not a number (NaN), which is no "
            "answer, right or wrong."
        )
    else:
        message = f"The best of {SEEDS} starts gets {best:.0f} of 4 cases of XOR" + (
            ", as it must be." if best <= 3 else ": this is more than one neuron. What else is in the network?"
        )
    return at_most(
        best,
        3,
        unit="of 4 cases",
        because="a line leaves at least one case of XOR on the wrong side (Minsky and Papert 1969).",
        message=message,
    )


# The experiments, each run once for all checks -----------------------------------------------------------------------


def _breaches(lab: Lab) -> list[str]:
    inputs, outputs = sizes = _contract_sizes(lab)
    return [breach.words for breach in breaches(partial(lab.build_as_it_is, sizes), inputs, outputs)]


def _contract_sizes(lab: Lab) -> tuple[int, int]:
    return 3, 1 if lab.one_output else 2


@dataclass
class Run:
    """The rate, the outputs p at the end, whether they are AND, the step at which they first were, the loss, and
    (w1, w2, b) after every step."""

    rate: float
    p: np.ndarray
    learned: bool
    learned_at: int
    history: History
    path: np.ndarray


def _misfit(lab: Lab) -> str:
    """In which way gradients() does not fit parameters(); nothing where it does."""
    network = lab.build(SIZES)
    lab.read(network, SIZES)
    gradients = network.gradients(*truth_table("and"))
    try:
        shapes = Parameters(network).shapes
        flat_gradient(gradients, shapes, ("W1", "b1") if len(shapes) == 2 else None)
    except (TypeError, ValueError) as problem:
        return str(problem)
    return ""


def _contract_must_be_kept(lab: Lab) -> None:
    """Whoever breaks the contract fails everywhere, and in ways that say nothing of why."""
    try:
        broken = bool(lab.once(_breaches, lab))
    except Exception:  # told by the check itself
        broken = False
    if broken:
        raise Blocked("the contract is not kept, which the first check tells; nothing after it would mean anything.")


def _gradients_must_fit(lab: Lab) -> None:
    """An update with gradients of other shapes is an error in NumPy's words, or one that nobody notices."""
    if hasattr(lab.build(SIZES), "gradients") and (misfit := lab.once(_misfit, lab)):
        raise Blocked(f"there is no sense in training before the gradients fit the parameters: {misfit}.")


def _what_never_moved(run: Run) -> str:
    """The parameters that training left exactly as they were, in words."""
    names = ("w1", "w2", "b") if run.path.shape[1] == 3 else tuple(f"number {k}" for k in range(run.path.shape[1]))
    still = [name for name, values in zip(names, run.path.T, strict=True) if np.ptp(values) == 0]
    return f" {' and '.join(still)} never moved from where it started: does train_step reach it?" if still else ""


def _rate(lab: Lab, start: int) -> RateSearch:
    x, y = truth_table("and")
    goal = guess_at_and(lab.read(lab.build(SIZES), SIZES))
    return divide_by_3(partial(lab.build, SIZES, start), x, y, goal=goal)


def _or_small(rate: float) -> float:
    """Where no rate was stable, something is to be seen all the same."""
    return 0.1 if np.isnan(rate) else rate


def _train(lab: Lab) -> list[Run]:
    """One run per start, all at one rate, up to the first that does not learn."""
    return from_every_start(
        lambda start: _or_small(lab.once(_rate, lab, start).best),
        lambda: lab.progress(range(SEEDS), "AND from ten starts"),
        partial(_train_from, lab),
        lambda run: run.learned,
    )


def _train_from(lab: Lab, rate: float, seed: int) -> Run:
    """Train one neuron, and for a while on after AND is learned, since a rate that is too high may lose it again."""
    x, y = truth_table("and")
    network = lab.build(SIZES, seed)
    history, path, end, learned_at = History(), [_weights(network)], STEPS, STEPS
    history.steps.append(0)
    history.loss.append(float(network.loss(x, y)))
    for step in range(1, STEPS + 1):
        if step > end:
            break
        network.train_step(x, y, rate)
        path.append(_weights(network))
        history.steps.append(step)
        history.loss.append(float(network.loss(x, y)))
        if not np.isfinite(history.loss[-1]):
            break
        if not history.reached and decides(np.asarray(network.forward(x)), y):
            history.reached, end, learned_at = True, max(200, 3 * step), step
    p = np.asarray(network.forward(x), dtype=float)
    return Run(rate, p, decides(p, y), learned_at, history, np.array(path))


def _weights(network: object) -> np.ndarray:
    return np.concatenate([np.ravel(array) for array in get_parameters(network)])


def _what_one_step_does(change: float, falls: int, moved: bool) -> str:
    """falls: from how many starts it falls; moved: whether any parameter changed."""
    if not np.isfinite(change):
        return "the loss is no finite number, before or after one step of rate 0.001."
    if change == 0 and moved:
        return (
            "the parameters move in one step of rate 0.001, and the loss stays exactly as it was: it has too few digits to "
            "show so small a change. Is it rounded, or computed in a type smaller than that of the parameters?"
        )
    if change == 0:
        return "no parameter moves in one step of rate 0.001: does train_step write into the arrays of parameters()?"
    words = f"the loss changes by {change:+.3g} of itself in one step of rate 0.001"
    if change < 0:
        return words + "."
    if 2 * falls > SEEDS:
        return (
            f"{words}: it does not fall. It does from {falls} of the starts, so the sign is right, and the direction is "
            "not: is what gradients(x, y) returns the slope of this loss? Stage 4 compares the two entry by entry, and "
            "can be run at once (--stage 4)."
        )
    return f"{words}: it does not fall. Does train_step subtract the gradient?"


# Pictures ------------------------------------------------------------------------------------------------------------


def _pictures(lab: Lab, search: RateSearch, run: Run) -> list[Evidence]:
    x, y = truth_table("and")
    p, history, path = run.p, run.history, run.path
    network = lab.build(SIZES)
    set_parameters(network, [path[-1][:2].reshape(2, 1), path[-1][2:]])
    axis = np.linspace(-0.5, 1.5, 61)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    values = np.asarray(network.forward(grid), dtype=float).reshape(61, 61)
    conventions = lab.read(network, SIZES)
    marks = [Mark("ln 2, a coin toss", "y", float(np.log(2)))] if "cross_entropy" in conventions.loss else []
    keep = np.unique(np.linspace(0, len(path) - 1, min(len(path), 200)).astype(int))
    steps = np.array(history.steps)[keep]
    return [
        Surface(
            title="What was learned: the output over the input plane",
            caption=Caption(
                "The line where the output is one half, and on which side of it each of the four points lies.",
                "(1, 1) alone is on the high side, with room between line and points.",
                "A line through the origin: the bias does not learn. No line: the weights hardly moved.",
            ),
            x_label="x1",
            y_label="x2",
            value_label="output p",
            x=axis,
            y=axis,
            values=values,
            levels=(0.5,),
            points=[
                Group("AND = 0", x[y[:, 0] == 0, 0], x[y[:, 0] == 0, 1]),
                Group("AND = 1", x[y[:, 0] == 1, 0], x[y[:, 0] == 1, 1]),
            ],
        ),
        Curves(
            title="The loss while it learns",
            caption=Caption(
                "Where the loss starts, and whether it falls all the way.",
                "A smooth fall from near the loss of a coin toss.",
                "A flat line: nothing is updated. A rise: the sign of the step. Jumps: the rate is too high.",
            ),
            x_label="step",
            y_label=f"loss ({conventions.loss})",
            lines=[Line("loss", steps, np.array(history.loss)[keep])],
            marks=marks,
        ),
        Curves(
            title="The two weights and the bias while it learns",
            caption=Caption(
                "w1 and w2 come together, and b goes down.",
                "AND treats both inputs alike, so that the difference of the weights dies out; b ends below zero.",
                "One that never moves has no gradient, or is not updated.",
            ),
            x_label="step",
            y_label="value",
            lines=[Line(name, steps, path[keep, k]) for k, name in enumerate(("w1", "w2", "b"))],
            marks=[Mark("0", "y", 0.0)],
        ),
        Table(
            title="The truth table after training",
            caption=Caption(
                "The output, and how far it is on its side of one half.",
                f"Every margin is at least {MARGIN}.",
                "A negative margin is a wrong answer.",
            ),
            header=["x1", "x2", "AND", "output p", "margin"],
            rows=[
                [
                    *map(int, x[i]),
                    int(y[i, 0]),
                    f"{p[i, 0]:.4f}",
                    f"{(p[i, 0] - 0.5) * (1 if y[i, 0] else -1):+.4f}",
                ]
                for i in range(4)
            ],
            wrong_rows=[i for i in range(4) if not right_answers(p[i], y[i])],
        ),
        Table(
            title="The search for a learning rate: divide by 3",
            caption=Caption(
                "The rates tried on a fresh neuron for 100 steps each, and where trouble ends.",
                "High rates are unstable, low ones slow; the best lies between.",
                "No stable rate at all: the step does not go downhill.",
            ),
            header=["rate", "loss at first", "largest loss", "loss at last", "verdict"],
            rows=[[t.rate, t.first, t.largest, t.last, "stable" if t.stable else "unstable"] for t in search.trials],
        ),
    ]
