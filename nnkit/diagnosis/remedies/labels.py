"""Suspects in the targets: of other rows, out of reach of the outputs, of one class, coded otherwise than in the test set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.datasets import health
from nnkit.diagnosis.conventions import declared
from nnkit.diagnosis.formulas import UNREAD
from nnkit.diagnosis.layout import write
from nnkit.diagnosis.monitors.suffering import BLIND
from nnkit.diagnosis.remedies.case import Case
from nnkit.diagnosis.remedies.suspect import Suspect
from nnkit.subjects.program import Program

Array = npt.NDArray[Any]

#: A tenth of wrong targets takes a fifth of the agreement, and people live with that.
NOISY = 0.3
#: times the width in which four fifths of the targets lie; of a normal distribution none is beyond two
FAR_OUT = 10.0
#: what outputs can say
RANGES = {"sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0), "tanh": (-1.0, 1.0), "relu": (0.0, np.inf)}
#: the share of a single class beyond which always to say it is what is learned first
MOSTLY = 0.7
#: of the range of the output: classes that are so near to each other cost next to nothing to mix up
FAINT = 0.2
#: a spread of targets that usual starts and rates are not made for
WIDE = 8.0


def out_of_range(case: Case) -> Iterator[Suspect]:
    found, output = case.targets, output_name(case)
    if output not in RANGES or not np.isfinite(found.lowest):
        return
    low, high = RANGES[output]
    slack = 0.02 * (found.highest - found.lowest) + 1e-9
    reached = found.lowest >= low - slack and found.highest <= high + slack
    numbers = case.recording.kind in ("numbers", "amounts")
    faint = not numbers and found.highest - found.lowest < FAINT * (1.0 - low) and found.highest > found.lowest
    if reached and not faint:
        return
    to = (low, min(high, 1.0)) if np.isfinite(high) else (0.0, 1.0)
    room = 0.05 if numbers else 0.0

    def change(y: Array) -> Array:
        share = (y - found.lowest) / max(found.highest - found.lowest, 1e-300)
        return np.asarray(to[0] + (to[1] - to[0]) * (room + (1 - 2 * room) * share))

    words = (
        f"{output} outputs lie between {low:g} and {high:g}" if np.isfinite(high) else f"{output} outputs are positive"
    )
    if faint:
        words = "yes and no are hardly apart for it"
    yield Suspect(
        "output-cannot-reach-targets" if numbers else "targets-out-of-range", "data",
        f"The targets go from {found.lowest:.3g} to {found.highest:.3g}, but {words}.",
        f"the targets brought to {to[0]:g} .. {to[1]:g}",
        "use an output without activation, or scale the targets" if numbers else "code targets in the range of the output",
        _on_targets(case.program, change),
    )  # fmt: skip


def one_output_of_softmax(case: Case) -> Iterator[Suspect]:
    """A single output that is 1 whatever the parameters are."""
    if case.program.sizes[-1] != 1 or not case.trace.outputs_spread:
        return
    network, x = case.recording.network, case.recording.probe[0]
    said = []
    for moment in (case.recording.moments[0], case.recording.moments[-1]):
        try:
            write(network, moment.parameters)
            said.append(np.asarray(network.forward(x.copy()), dtype=np.float64))
        except Exception:
            return
    if all((p == 1).all() for p in said):
        yield Suspect(
            "softmax-of-one-output", "forward", "The output is exactly 1 for every row, before the training and after it: a "
            "softmax of one output divides it by itself.", "", "a sigmoid for one output, or two outputs and one-hot targets",
            fact=True,
        )  # fmt: skip


def wide(case: Case) -> Iterator[Suspect]:
    """Numbers to be learned that are far larger than outputs are at the start."""
    found = case.targets
    if case.recording.kind not in ("numbers", "amounts") or not np.isfinite(found.spread):
        return
    y = np.asarray(case.program.y, dtype=np.float64)
    mean, spread = np.nanmean(y, axis=0), np.nanstd(y, axis=0)
    largest = float(np.sqrt(np.nanmean(y * y)))
    if largest > WIDE or (spread.max() < 1 / (3 * WIDE) and spread.max() > 0):
        safe = np.where(spread > 0, spread, 1.0)
        yield Suspect(
            "targets-not-scaled", "data",
            f"The targets go from {found.lowest:.3g} to {found.highest:.3g}: the first gradients are "
            f"{'huge' if largest > WIDE else 'tiny'}.",
            "the targets standardised", "y = (y - y.mean(axis=0)) / y.std(axis=0), and turn the answers back",
            _on_targets(case.program, lambda y: np.asarray((y - mean) / safe)),
        )  # fmt: skip


def outliers(case: Case) -> Iterator[Suspect]:
    """A few numbers far outside of where all others are."""
    if case.recording.kind not in ("numbers", "amounts"):
        return
    y = np.asarray(case.program.y, dtype=np.float64)
    low, middle, high = np.nanpercentile(y, [10, 50, 90], axis=0)
    far = (np.abs(y - middle) > FAR_OUT * np.maximum(high - low, 1e-300)).any(axis=1)
    if 0 < far.sum() <= 0.05 * len(y):
        rows = np.flatnonzero(far)
        yield Suspect(
            "outliers-in-targets", "data",
            f"{len(rows)} targets are far outside of where the others are: row {rows[0]} has {np.abs(y[rows[0]]).max():.4g}, "
            f"and four fifths lie between {low.min():.3g} and {high.max():.3g}.", "these rows left out",
            "look at these rows; mend them, leave them out, or use Huber's loss",
            replace(case.program, x=case.program.x[~far], y=case.program.y[~far]),
        )  # fmt: skip


def one_class(case: Case) -> Iterator[Suspect]:
    found = case.targets
    if found.labels is None or not len(found.counts):
        if np.isfinite(found.spread) and found.highest == found.lowest:
            yield Suspect(
                "targets-all-alike", "data", f"All targets are {found.highest:g}.", "",
                "look at what data() returns as y: print(y[:5], y.std(axis=0))", fact=True,
            )  # fmt: skip
        return
    if (found.counts > 0).sum() == 1:
        yield Suspect(
            "targets-all-alike", "data", f"All {int(found.counts.sum())} rows are of class {int(found.counts.argmax())}.", "",
            "look at how y is made: np.bincount(y.argmax(axis=1)) should have numbers in all places", fact=True,
        )  # fmt: skip
    elif found.most_frequent > MOSTLY:
        labels, rng = found.labels, np.random.default_rng(0)
        each = [np.flatnonzero(labels == k) for k in np.flatnonzero(found.counts)]
        rows = rng.permutation(np.concatenate([rng.choice(some, len(labels) // len(each)) for some in each]))
        program = replace(case.program, x=case.program.x[rows], y=case.program.y[rows])
        yield Suspect(
            "classes-unbalanced", "data",
            f"{found.most_frequent:.0%} of the rows are of one class: always to say that is nearly right.",
            "all classes drawn equally often", "draw each class equally often, or weigh the rare ones more", program,
        )  # fmt: skip


def shuffled(case: Case) -> Iterator[Suspect]:
    """Targets of other rows. What belongs together cannot be found out, but for a shift; that nothing belongs together
    can: the nearest rows agree no more often than any, and the network fits other random targets as well."""
    found, program = case.pairing, case.program
    if len(program.x) < 60 or not np.isfinite(found.agreement):
        return
    if found.shifted > found.agreement + 3 * found.error and found.shifted > found.by_chance + 3 * found.error:
        shift = found.shift
        yield Suspect(
            "labels-shuffled", "data",
            f"The nearest rows have the same target in {found.agreement:.0%} of the cases ({found.by_chance:.0%} by "
            f"chance), and in {found.shifted:.0%} when the targets are moved by {shift:+d} row.",
            f"the targets moved by {shift:+d} row against the inputs", "take x and y from the same rows",
            replace(program, y=np.roll(program.y, shift, axis=0)), fact=True,
        )  # fmt: skip
        return
    if not found.at_chance or case.trace.attainable > BLIND:  # a plain network makes something of them
        return
    rng = np.random.default_rng(1)
    yield Suspect(
        "labels-shuffled", "data",
        f"The nearest rows have the same target in {found.agreement:.0%} of the cases, as by chance "
        f"({found.by_chance:.0%}): the targets do not belong to the inputs.",
        "the targets dealt out anew, at random", "shuffle x and y by one permutation: order = rng.permutation(len(x))",
        replace(program, y=program.y[rng.permutation(len(program.y))]), proves="no-difference",
    )  # fmt: skip


def coded_otherwise(case: Case) -> Iterator[Suspect]:
    """Test answers that are right under other names of the classes."""
    program, test = case.program, case.recording.test_probe
    if case.recording.kind != "classes" or test is None or case.score < 0.5:
        return
    network = case.recording.network
    try:
        write(network, case.recording.moments[-1].parameters)
        said = np.asarray(network.forward(test[0].copy())).argmax(axis=1)
    except Exception:
        return
    k = program.y.shape[1]
    table = np.zeros((k, k))
    np.add.at(table, (test[1].argmax(axis=1), said), 1)
    mapped = table.argmax(axis=1)  # to what is called class c in the training
    right, renamed = float(np.trace(table) / table.sum()), float(table.max(axis=1).sum() / table.sum())
    known = table.sum(axis=1) > 0
    if renamed > right + 0.3 and len(set(mapped[known])) >= 0.8 * known.sum():
        order = mapped
        y_test = np.zeros_like(np.asarray(program.y_test, dtype=np.float64))
        y_test[np.arange(len(y_test)), order[np.asarray(program.y_test).argmax(axis=1)]] = 1
        moved = ", ".join(f"{c} for {order[c]}" for c in range(min(k, 3)) if known[c] and order[c] != c)
        yield Suspect(
            "one-hot-wrong", "data",
            f"{renamed:.0%} of the test answers are right once the classes are renamed ({moved} ...), {right:.0%} as it is: "
            "the targets of training and test are coded differently.",
            "the test targets coded as those of the training", "make both with the same code: np.eye(k)[labels]",
            replace(program, y_test=y_test), on="test",
        )  # fmt: skip


def pairing_of_test(case: Case) -> Iterator[Suspect]:
    """Test targets that belong to other rows, beside training targets that do not."""
    program = case.program
    if program.x_test is None or program.y_test is None or len(program.x_test) < 60:
        return
    own = health.pairing(program.x_test, program.y_test)
    ours = case.pairing
    if own.at_chance and ours.agreement > ours.by_chance + 4 * ours.error:
        yield Suspect(
            "labels-shuffled", "data",
            f"The nearest rows of x_test have the same target in {own.agreement:.0%} of the cases ({own.by_chance:.0%} by "
            f"chance), those of x in {ours.agreement:.0%}: the test targets do not belong to the test inputs.",
            "", "take x_test and y_test from the same rows", fact=True, on="test",
        )  # fmt: skip


def noisy(case: Case) -> Iterator[Suspect]:
    """Training targets that agree with their neighbours' far less often than those of the test set do with theirs."""
    program = case.program
    if program.x_test is None or program.y_test is None or min(len(program.x), len(program.x_test)) < 60:
        return
    ours, theirs = case.pairing, health.pairing(program.x_test, program.y_test)
    if ours.at_chance or not np.isfinite(theirs.agreement) or case.recording.kind != "classes":
        return
    # Two neighbours agree where both are right: the share of wrong ones enters twice.
    if theirs.agreement - ours.agreement > NOISY + theirs.error:
        yield Suspect(
            "labels-noisy", "data",
            f"The nearest rows have the same target in {ours.agreement:.0%} of the cases in the training set, and in "
            f"{theirs.agreement:.0%} in the test set: many training targets are wrong.", "",
            "look at rows whose neighbours have other targets, and mend or leave out what is wrong", fact=True,
        )  # fmt: skip


def output_name(case: Case) -> str:
    inside = case.inside
    if inside.conventions is not None and inside.conventions.output != UNREAD:
        return inside.conventions.output
    return declared(case.recording.network, "output")


def _on_targets(program: Program, change: Callable[[Array], Array]) -> Program:
    y_test = None if program.y_test is None else change(np.asarray(program.y_test, dtype=np.float64))
    return replace(program, y=change(np.asarray(program.y, dtype=np.float64)), y_test=y_test)
