"""A gradient can be had without backpropagation: move one parameter a little, see how the loss changes, divide. It is
slow, and it is nearly impossible to get wrong, which makes it the yardstick for everything after it. A yardstick must be
checked first.

So this stage holds the numerical gradient of the network's loss against a gradient worked out in fifty digits, looks at
how its error depends on the step, and lets four methods measure the same slopes. Then it trains the AND neuron with the
numerical gradient alone. No line of the network's own backpropagation or update runs here: if training fails now, the
loss does not belong to the outputs, or it is too noisy to be differentiated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from nnkit.curriculum.evidence import Bars, Caption, Curves, Evidence, Group, Line, Mark, Surface, Table
from nnkit.curriculum.lab import Lab
from nnkit.curriculum.pictures import rate_search_picture
from nnkit.curriculum.stage import Outcome, Stage, at_least, at_most
from nnkit.datasets import truth_table
from nnkit.diagnosis import Conventions, get_parameters, oracle, set_parameters
from nnkit.diagnosis.attempts import MARGIN, decides, from_every_start, guess_at_and
from nnkit.diagnosis.conventions import has_standard_layout
from nnkit.diagnosis.descent import Descent
from nnkit.diagnosis.loss_levels import loss_unit
from nnkit.gradients import (
    ComplexStepUnavailable,
    NumericalGradient,
    Parameters,
    loss_of,
    numerical_gradient,
)
from nnkit.training import History, RateSearch, divide_by_3, train

stage = Stage(
    number=3,
    name="numerical-gradient-training",
    title="Training with the numerical gradient",
    claim="The loss can be differentiated numerically, the derivative is right, and descending along it learns AND.",
    not_yet="It does not use the network's own gradients or updates: those come next.",
    hints=(
        "If moving a parameter by 0.00001 changes the loss by 0.000003, what is the slope?",
        "Look at loss(x, y): does it use the same forward() as everything else, is it the same number when called "
        "twice, is it computed in float64 without rounding anything on the way?",
        "The slope is (L(theta + h) - L(theta - h)) / 2h. Its error is h^2 times the third derivative plus the rounding "
        "of L divided by h; near h = 6e-6 both are about 1e-11. A V curve without its right branch belongs to a quadratic "
        "loss, which has no third derivative; a floor that is far too high, to a loss computed with few digits.",
    ),
    references=("S2.2", "S3.2", "S4.6", "Squire and Trapp 1998"),
)

SIZES = (2, 1)
SEEDS = 5
STEPS = 1000
#: steps at each rate of the search: half of the usual, since a step takes six losses and more
SEARCHED = 50
NAMES = ("w1", "w2", "b")


@stage.check("The numerical gradient of the AND neuron is the one worked out by hand")
def numerical_gradient_matches_the_closed_form(lab: Lab) -> Outcome:
    """The slopes of the loss of one neuron on the four cases of AND can be worked out. For a sigmoid with cross-entropy
    they are the means of (p - y) x1, (p - y) x2 and (p - y). The hand value here is computed in fifty digits from the
    formula of the loss that the network declares, so it also shows whether the loss is that one."""
    found = lab.once(_measure, lab)
    central = found.methods["central"]
    relative = _relative(central.values, found.exact)
    limit = 100 * found.conventions.eps ** (2 / 3) + found.conventions.guard_error
    worst = int(np.argmax(np.abs(central.values - found.exact)))  # the first that is not a number, where one is not
    by_hand, numerical = found.exact[worst], central.values[worst]
    if np.isfinite(relative):
        message = f"Largest difference at {NAMES[worst]}: by hand {by_hand:.10g}, numerically {numerical:.10g}"
        message += "." if relative <= limit else f", {relative:.3g} of the gradient's length."
    else:
        message = (
            f"By hand the slope at {NAMES[worst]} is {by_hand:.4g}, numerically {numerical:.4g}: is the loss a number?"
        )
    return at_most(
        relative,
        limit,
        unit="relative error",
        because="a central difference at its best step is off by about eps^(2/3), "
        f"{found.conventions.eps ** (2 / 3):.1g} in {found.conventions.dtype}; a hundred times that is room, and every "
        "fault of the loss changes it by far more.",
        message=message,
        evidence=[_table(found)],
    )


@stage.check("At its best step it is as exact as the float type allows")
def exact_at_its_best_step(lab: Lab) -> Outcome:
    """Too large a step cuts corners, too small a one drowns in rounding; in between lies a valley. Its depth says how
    many digits the loss really has: a loss computed in half precision somewhere has a shallow one. If the check above
    fails and this one holds, the loss is right, and only the step was chosen badly. The two branches are drawn but not
    judged, since a right loss can lack one: a quadratic loss has no corners to cut."""
    found = lab.once(_measure, lab)
    steps, errors = found.v_curve
    best = _lowest(errors)
    limit = 100 * found.conventions.eps ** (2 / 3) + found.conventions.guard_error
    return at_most(
        errors[best],
        limit,
        unit="relative error",
        because=f"the error at the best step is near eps^(2/3), {found.conventions.eps ** (2 / 3):.1g} in "
        f"{found.conventions.dtype}; the factor 100 allows for a loss that adds up a few dozen roundings.",
        message=f"The smallest error is {errors[best]:.2g}, at a step of {steps[best]:.1g}."
        if np.isfinite(errors[best])
        else "At no step is there a finite slope: is the loss a number at all?",
        headline=f"numerical gradient right to {errors[best]:.0e} of its length",
        evidence=[_v_curve(found)],
    )


@stage.check("Different methods measure the same slopes")
def methods_agree(lab: Lab) -> Outcome:
    """Forward, central and fourth-order differences and, where the network takes complex parameters, the complex step
    share neither step nor formula. Each comes with an error bar; that they agree within these bars shows that the bars,
    on which the verdicts of the next stage rest, can be trusted."""
    found = lab.once(_measure, lab)
    known = 4 * found.conventions.eps + found.conventions.guard_error
    excess = {
        name: float(np.max(np.abs(g.values - found.exact) / (g.errors + known * np.abs(found.exact))))
        for name, g in found.methods.items()
    }
    worst = max(excess, key=lambda name: excess[name] if np.isfinite(excess[name]) else np.inf)
    skipped = f" The complex step was left out: {found.no_complex}" if found.no_complex else ""
    return at_most(
        excess[worst],
        10,
        unit="error bars",
        because="an error bar is an estimate; ten of them are never reached unless the loss is not smooth or not the "
        "declared one.",
        message=f"{len(excess)} methods; the worst is {worst}, {excess[worst]:.2g} error bars from the hand value.{skipped}",
        evidence=[_method_bars(found)],
    )


@stage.check("Descending along the numerical gradient alone learns AND")
def numerical_training_learns_and(lab: Lab) -> Outcome:
    """If this fails, it is not backpropagation's fault: either the loss is not about the outputs, or the step is too
    large. The rate is therefore divided by 3 until training is stable; then it must converge (source S2.2)."""
    search, runs = lab.once(_train, lab)
    learned = [run.learned for run in runs]
    unit = loss_unit(lab.read(lab.build(SIZES), SIZES).loss)
    taken = None if runs[0].rate == search.best else runs[0].rate
    missed = learned.index(False) if False in learned else None
    if missed is None:
        message = f"All {SEEDS} starts learn AND at rate {runs[0].rate:.3g}, in at most {max(r.history.steps[-1] for r in runs)} steps."
    elif not np.isfinite(runs[missed].history.loss[0]):
        message = f"The loss is {runs[missed].history.loss[0]} before the first step: there is nothing to go down."
    elif np.isnan(search.best):
        message = "No learning rate lowers the loss: it does not fall along its own numerical gradient."
    else:
        run = runs[missed]
        message = (
            f"Start {missed} ends with outputs {', '.join(f'{v:.3f}' for v in run.p[:, 0])} for 00, 01, 10, 11; the loss "
            f"goes from {run.history.loss[0]:.3g} to {run.history.loss[-1]:.3g}, but not towards AND."
        )
    return at_least(
        sum(learned),
        SEEDS,
        unit=f"of {SEEDS} starts",
        because=f"the cases are separable by a line; learned means every output at least {MARGIN} on its side of one half "
        f"within {STEPS} steps.",
        message=message,
        evidence=[
            _loss_curves(runs, unit),
            rate_search_picture(search, steps=SEARCHED, unit=unit, taken=taken),
            *_landscapes(lab, runs[0]),
        ],
    )


# The experiments, each run once for all checks -----------------------------------------------------------------------


@dataclass
class Measured:
    """The same three slopes by hand and by each method, at one random point."""

    conventions: Conventions
    exact: np.ndarray
    methods: dict[str, NumericalGradient]
    #: step -> relative error of the central difference
    v_curve: tuple[np.ndarray, np.ndarray]
    no_complex: str


def _measure(lab: Lab) -> Measured:
    x, y = truth_table("and")
    network = lab.build(SIZES)
    conventions = lab.read(network, SIZES)
    rng = lab.rng(0)
    # Away from zero on purpose: at zero the three slopes of AND are as symmetric as the task and hide a swap.
    set_parameters(network, [rng.uniform(0.3, 0.9, (2, 1)), rng.uniform(0.1, 0.5, 1)])
    exact = np.concatenate([g.ravel() for g in oracle.loss_gradient(get_parameters(network), conventions, x, y)])
    parameters, f = Parameters(network), loss_of(network, x, y)
    with parameters.kept():
        theta = parameters.read()
        methods = {name: numerical_gradient(f, theta, name) for name in ("forward", "central", "fourth-order")}
        no_complex = ""
        try:
            methods["complex-step"] = numerical_gradient(f, theta, "complex-step")
        except ComplexStepUnavailable as reason:
            no_complex = str(reason)
        lowest = np.log10(conventions.eps)
        steps = np.logspace(max(lowest + 2, -12), 0, 45)
        errors = [
            _relative(numerical_gradient(f, theta, "central", step=float(h), noise=0.0).values, exact) for h in steps
        ]
    return Measured(conventions, exact, methods, (steps, np.array(errors)), no_complex)


def _relative(found: np.ndarray, exact: np.ndarray) -> float:
    return float(np.linalg.norm(found - exact) / np.linalg.norm(exact))


@dataclass
class Run:
    """The rate, the outputs p at the end, whether they are AND, the loss, and (w1, w2, b) from the start on."""

    rate: float
    p: np.ndarray
    learned: bool
    history: History
    path: np.ndarray


def _train(lab: Lab) -> tuple[RateSearch, list[Run]]:
    """The search, and one run per start, all at one rate, up to the first that does not learn."""
    runs = from_every_start(
        lambda start: _or_small(lab.once(_search, lab, start).best),
        lambda: lab.progress(range(SEEDS), "AND by numerical gradients"),
        partial(_descend, lab),
        lambda run: run.learned,
    )
    return lab.once(_search, lab, 0), runs


def _search(lab: Lab, start: int) -> RateSearch:
    x, y = truth_table("and")
    goal = guess_at_and(lab.read(lab.build(SIZES), SIZES))
    return divide_by_3(lambda: Descent(lab.build(SIZES, start), "numerical"), x, y, steps=SEARCHED, goal=goal)


def _or_small(rate: float) -> float:
    """Where no rate was stable, something is to be seen all the same."""
    return 0.1 if np.isnan(rate) else rate


def _descend(lab: Lab, rate: float, seed: int) -> Run:
    x, y = truth_table("and")
    descent = Descent(lab.build(SIZES, seed), "numerical")
    history, path = History(), [_weights(descent)]
    for _ in range(STEPS // 50):
        part = train(descent, x, y, steps=50, learning_rate=rate, on_step=lambda _: path.append(_weights(descent)))
        done = history.steps[-1] if history.steps else 0
        history.steps += [done + step for step in part.steps[bool(done) :]]
        history.loss += part.loss[bool(done) :]
        p = descent.forward(x).astype(float)
        if decides(p, y) or not np.isfinite(part.loss[-1]):
            break
    return Run(rate, p, decides(p, y), history, np.array(path))


def _weights(descent: Descent) -> np.ndarray:
    return np.concatenate([array.ravel() for array in get_parameters(descent.network)])


def _lowest(errors: np.ndarray) -> int:
    return int(np.nanargmin(errors)) if np.isfinite(errors).any() else 0


# Pictures ------------------------------------------------------------------------------------------------------------


def _table(found: Measured) -> Evidence:
    central = found.methods["central"]
    return Table(
        title="The gradient of the AND neuron: by hand and numerically",
        caption=Caption(
            "Two columns of slopes, by two ways that share nothing: the hand value and the central difference.",
            "They agree to about ten digits in float64.",
            "A constant factor: the loss is a sum, or has a factor. All wrong: the loss is not the declared one.",
        ),
        header=["parameter", "d loss by hand", "d loss numerically", "difference", "error bar", "step"],
        rows=[
            [name, f"{e:.12f}", f"{v:.12f}", f"{v - e:+.1e}", f"{bar:.1e}", f"{h:.1e}"]
            for name, e, v, bar, h in zip(
                NAMES, found.exact, central.values, central.errors, central.steps, strict=True
            )
        ],
    )


def _v_curve(found: Measured) -> Evidence:
    steps, errors = found.v_curve
    chosen = float(found.methods["central"].steps[0])
    # the two branches as theory has them, through the bottom of the measured curve
    best = _lowest(errors)
    bottom, at = float(errors[best]), float(steps[best])
    return Curves(
        title="The V curve: error of the central difference against its step",
        caption=Caption(
            "A falling branch (rounding, slope -1), a rising branch (truncation, slope +2), and the chosen step near the bottom.",
            "A clean V whose bottom is near 1e-11 in float64.",
            "No rising branch: a quadratic loss (identity or ReLU outputs with squared errors), which is no fault. A high "
            "floor: a loss with few digits, with noise or with a kink.",
        ),
        x_label="step h",
        y_label="relative error",
        lines=[
            Line("central difference", steps, errors),
            Line("truncation, slope +2", steps[steps >= at], bottom * (steps[steps >= at] / at) ** 2),
            Line("rounding, slope -1", steps[steps <= at], bottom * (at / steps[steps <= at])),
        ],
        marks=[Mark("chosen step", "x", chosen)],
        log_x=True,
        log_y=True,
    )


def _method_bars(found: Measured) -> Evidence:
    tiny = found.conventions.eps / 100  # an error of exactly zero has no place on a logarithmic axis
    return Bars(
        title="How far each method is from the hand value",
        caption=Caption(
            "The relative error of each method, on a logarithmic axis.",
            "Forward about 1e-8, central 1e-10, fourth order 1e-12, complex step at rounding (float64).",
            "One out of line points to that method; all out of line, to the loss.",
        ),
        value_label="relative error",
        labels=list(found.methods),
        values=np.array([max(_relative(g.values, found.exact), tiny) for g in found.methods.values()]),
        log=True,
    )


def _loss_curves(runs: Sequence[Run], unit: str) -> Evidence:
    return Curves(
        title="The loss along the numerical gradient",
        caption=Caption(
            "One line for each random start.",
            "All fall and end low.",
            "A rise or jumps: the rate is too high. A fall that ends high: the loss is not about the outputs.",
        ),
        x_label="step",
        y_label=f"loss ({unit})",
        lines=[
            Line(f"start {k}", np.array(run.history.steps), np.array(run.history.loss)) for k, run in enumerate(runs)
        ],
    )


def _landscapes(lab: Lab, run: Run) -> list[Evidence]:
    """One, or none where it is not known which of the network's numbers is which weight."""
    known = has_standard_layout(lab.build(SIZES), SIZES)
    return [_landscape(lab, run)] if known else []


def _landscape(lab: Lab, run: Run) -> Evidence:
    """The loss over w = w1 = w2 and b, with the way that training took (the mean of w1 and w2 is drawn)."""
    x, y = truth_table("and")
    network: Any = lab.build(SIZES)
    w, b = run.path[:, :2].mean(axis=1), run.path[:, 2]
    w_axis, b_axis = _axis(w), _axis(b)
    values = np.empty((len(b_axis), len(w_axis)))
    for i, bias in enumerate(b_axis):
        for j, weight in enumerate(w_axis):
            set_parameters(network, [np.full((2, 1), weight), np.array([bias])])
            values[i, j] = network.loss(x, y)
    return Surface(
        title="The way down, on a slice of the loss surface",
        caption=Caption(
            "The path from the start, over the loss as a function of the bias and of both weights held equal.",
            "It runs downhill, across the contour lines, into the open valley.",
            "A path along the contours or uphill: the slopes are wrong. A zigzag: the rate is too high.",
        ),
        x_label="w1 = w2",
        y_label="b",
        value_label="loss",
        x=w_axis,
        y=b_axis,
        values=values,
        path=Line("training", w, b),
        points=[Group("start", w[:1], b[:1]), Group("end", w[-1:], b[-1:])],
    )


def _axis(values: np.ndarray) -> np.ndarray:
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
    room = max(1.0, 0.3 * (high - low))
    return np.linspace(low - room, high + room, 30)
