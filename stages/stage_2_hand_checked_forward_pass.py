"""A network that computes the wrong thing can still train: gradient descent makes the best of whatever it is given. A
bias that comes after the activation, a transposed square matrix, a loss with one term too few: none of them
raises an error, and all of them show up much later as "it learns badly".

This stage begins with what must hold before any number is worth a look: that looking changes nothing, that the rows
of a batch leave each other alone, and that the output function gives what its name promises.

It then does what one would do with pencil and paper. It takes small networks with chosen weights, writes out every
product and every sum in fifty digits, and puts the network's own numbers beside them. The difference is measured in
units in the last place (ulps): the size of one rounding of the numbers involved. A right network is off by a few; a
wrong formula is off by millions of millions. At last come huge inputs, certain answers and a fresh start, whose numbers
must make sense, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import mpmath
import numpy as np

from nnkit.curriculum.evidence import Bars, Caption, Curves, Diagram, Evidence, Group, Line, Mark, Scatter, Table
from nnkit.curriculum.lab import Lab
from nnkit.curriculum.stage import Outcome, Stage, at_most
from nnkit.diagnosis import Conventions, get_parameters, oracle, set_parameters
from nnkit.diagnosis.conventions import has_standard_layout, require_known_layout
from nnkit.diagnosis.formulas import UNREAD, NotRead, formula
from nnkit.diagnosis.loss_levels import require_known
from nnkit.diagnosis.oracle import ROUNDINGS, WHY_ROUNDINGS

stage = Stage(
    number=2,
    name="hand-checked-forward-pass",
    title="Hand-checked forward pass",
    claim="Outputs and losses are what the formulas say, to the last digits, for ordinary numbers and for huge ones.",
    not_yet="It does not show that the network can learn: neither gradients nor updates have been looked at.",
    hints=(
        "Which row of the hand calculation is the first that differs, and what goes into that row?",
        "Right hidden units and a wrong output point to the last layer; one wrong hidden layer, to its activation or to "
        "the place where its bias is added; only the square network wrong, to a transposed matrix; only the loss wrong, "
        "to its formula.",
        "z = x W + b comes first and a = f(z) after it, in every layer, whichever way W lies. The loss is the mean or "
        "the sum over the samples, with a factor of your own if you like. Compute softmax from z minus the largest z of the same row, and cross-entropy from z (or clip "
        "the probabilities), so that no number overflows and no logarithm of 0 is taken.",
    ),
    references=("S2.2", "S3.3", "S3.5", "S4.5"),
)

#: One neuron; a hidden layer; two, with sizes that no transpose survives; and a square one, in which transposes hide.
NETWORKS = NEURON, SHALLOW, DEEP, SQUARE = (2, 1), (2, 3, 1), (3, 4, 2, 3), (3, 3, 3)

#: [W1, b1, W2, b2, ...]: irregular, of both signs, small enough to follow by hand
WEIGHTS: dict[tuple[int, ...], list[Any]] = {
    NEURON: [[[0.7], [-1.3]], [0.2]],
    SHALLOW: [
        [[0.8, -0.6, 1.1], [-1.2, 0.5, 0.9]], [0.3, -0.4, 0.1],
        [[1.4], [-0.7], [0.6]], [-0.2],
    ],
    DEEP: [
        [[0.5, -0.9, 0.3, 1.2], [-0.4, 0.6, 0.8, -0.7], [1.1, 0.2, -0.5, 0.4]], [0.1, -0.3, 0.6, -0.2],
        [[0.9, -0.8], [-0.5, 1.3], [0.7, 0.4], [-1.1, 0.6]], [0.25, -0.15],
        [[1.2, -0.6, 0.3], [-0.7, 0.9, 1.5]], [-0.1, 0.35, 0.05],
    ],
    SQUARE: [
        [[0.6, -1.1, 0.4], [0.9, 0.3, -0.8], [-0.2, 1.3, 0.7]], [0.15, -0.35, 0.2],
        [[-0.5, 1.2, 0.8], [0.4, -0.9, 1.1], [1.4, 0.2, -0.6]], [-0.25, 0.1, 0.3],
    ],
}  # fmt: skip
#: inputs by their width: of both signs, of several sizes, one row of zeros
INPUTS = {
    2: [[0.5, -1.5], [2.0, 1.0], [-1.1, 0.4], [0.0, 0.0], [-2.5, -0.7], [1.3, 1.9]],
    3: [[0.4, -1.2, 0.9], [-0.8, 0.3, 1.7], [1.5, 2.1, -0.6], [0.0, 0.0, 0.0], [-1.9, -0.5, -1.0]],
}
#: the right answer for each row: unbalanced, so that a mean over the wrong things shows
CLASSES = [1, 0, 0, 0, 1, 0]


@stage.check("Looking does not change anything")
def looking_changes_nothing(lab: Lab) -> Outcome:
    """forward, loss and gradients only look: the same question again gives the same answer, bit for bit, and neither the
    inputs nor the parameters are touched."""
    changed = []
    for sizes in (SHALLOW, DEEP):
        work = lab.once(_work, lab, sizes)
        x, y = work.x.copy(), work.y.copy()
        first = np.array(_forward(work.network, x))
        loss = _loss(work.network, x, y)
        for name, look in (
            ("forward", lambda net, x, y: net.forward(x)),
            ("loss", lambda net, x, y: net.loss(x, y)),
            ("gradients", lambda net, x, y: net.gradients(x, y)),
        ):
            look(work.network, x, y)
            same = zip(get_parameters(work.network), work.parameters, strict=True)
            if not all(np.array_equal(now, then) for now, then in same):
                changed.append(f"{name} changes the parameters of network {_name(sizes)}")
                set_parameters(work.network, work.parameters)
            if not (np.array_equal(x, work.x) and np.array_equal(y, work.y)):
                changed.append(f"{name} changes the inputs or labels it is given")
                x, y = work.x.copy(), work.y.copy()
        again = _forward(work.network, x)
        if not np.array_equal(first, again, equal_nan=True):
            changed.append(f"forward of network {_name(sizes)} answers otherwise the second time: {_off(again, first)}")
        if not np.array_equal(loss, _loss(work.network, x, y), equal_nan=True):
            changed.append(f"loss of network {_name(sizes)} answers otherwise the second time")
    return at_most(
        len(changed),
        0,
        unit="changes",
        because="the same numbers through the same operations give the same bits; there is no rounding to excuse.",
        message=f"{'; '.join(changed)}." if changed else "the same answers twice; inputs and parameters untouched.",
    )


@stage.check("A batch gives what its rows give one by one")
def batch_equals_one_by_one(lab: Lab) -> Outcome:
    """Each sample is a calculation of its own. Batches of 1 to 6 rows are compared with the same rows alone; where a
    batch is as long as a layer is wide, a bias or a sum along the wrong axis raises no error."""
    worst, place, moved, what = 0.0, "", 0, ""
    alone_all, batch_all = [], []
    for sizes in NETWORKS:
        work = lab.once(_work, lab, sizes)
        alone = np.concatenate([_forward(work.network, work.x[i : i + 1]) for i in range(len(work.x))])
        for n in range(1, len(work.x) + 1):
            batch = _forward(work.network, work.x[:n])
            ulps = oracle.ulps(batch, alone[:n], work.condition[:n], work.eps)
            moved += int((~(ulps <= ROUNDINGS)).any(axis=1).sum())
            if not ulps.max() <= worst:
                i, j = np.unravel_index(int(ulps.argmax()), ulps.shape)
                worst = float(ulps.max())
                what = (
                    "outputs are not numbers"
                    if not np.isfinite(alone[i, j])
                    else "rows of a batch influence each other"
                )
                place = (
                    f"in network {_name(sizes)}, output {j + 1} of row {i + 1} is {_long(alone[i, j])} when the row is "
                    f"alone and {_long(batch[i, j])} in a batch of {n}, {_off(batch[i, j], alone[i, j])}"
                )
        alone_all.append(alone)
        batch_all.append(batch)
    return at_most(
        moved,
        0,
        unit="rows changed by the others",
        because=f"a row is unchanged when its outputs are within {ROUNDINGS} ulps: {WHY_ROUNDINGS}",
        message=f"{what}: {place}." if moved else f"rows in batches of 1 to 6 and alone agree to {worst:.2g} ulps.",
        evidence=[
            Scatter(
                title="Outputs of rows in a batch against the same rows alone",
                caption=Caption(
                    "Whether every point lies on the diagonal.",
                    "All do: a row does not know that there are others.",
                    "Points beside it: a mean, a maximum or a softmax over the batch, or a bias along the wrong axis.",
                ),
                x_label="output of the row alone",
                y_label="output in the batch",
                groups=[
                    Group(_name(sizes), a.ravel(), b.ravel())
                    for sizes, a, b in zip(NETWORKS, alone_all, batch_all, strict=True)
                ],
                diagonal=True,
            )
        ],
    )


@stage.check("Rows may change places, and a new row leaves the others as they were")
def rows_leave_each_other_alone(lab: Lab) -> Outcome:
    """The same rows in another order give the same outputs in that order, and the loss of the batch stays. When one row
    is replaced by a huge one, the outputs of the others must not move."""
    found: list[tuple[float, str]] = []
    for sizes in NETWORKS:
        work = lab.once(_work, lab, sizes)
        name, n = _name(sizes), len(work.x)
        if not np.isfinite(work.p).all():
            found.append((np.inf, f"network {name} gives outputs that are not numbers, so that none can be compared"))
            continue
        order = np.roll(np.arange(n), 2)[::-1]
        turned = oracle.ulps(_forward(work.network, work.x[order]), work.p[order], work.condition[order], work.eps)
        found.append((float(turned.max()), f"outputs change when the rows change places (network {name})"))
        before, after = (_loss(work.network, work.x[k], work.y[k]) for k in (np.arange(n), order))
        change = float(oracle.ulps(np.array(after), np.array(before), work.loss_condition, work.eps))
        words = f"the loss changes from {before:.6g} to {after:.6g} when the rows change places (network {name})"
        found.append((change, words))
        for replaced in (0, n - 1):
            x = work.x.copy()
            x[replaced] = 1000
            others = np.arange(n) != replaced
            ulps = oracle.ulps(_forward(work.network, x)[others], work.p[others], work.condition[others], work.eps)
            words = f"outputs of other rows change when row {replaced + 1} becomes 1000 (network {name})"
            found.append((float(ulps.max()), words))
    moved = [words for ulps, words in found if not ulps <= ROUNDINGS]
    return at_most(
        len(moved),
        0,
        unit="changes",
        because=f"nothing has changed that is within {ROUNDINGS} ulps of what it was: {WHY_ROUNDINGS}",
        message=f"{moved[0]}." if moved else f"nothing moves by more than {max(ulps for ulps, _ in found):.2g} ulps.",
    )


@stage.check("The output function keeps its promises")
def output_function(lab: Lab) -> Outcome:
    """A softmax promises that each row sums to 1 and that only differences of logits count. Any other output function
    promises to stay within its range and never to fall when z rises. What is neither known by name nor one that went
    wrong in a known way is taken for the author's own."""
    work = lab.once(_work, lab, DEEP)
    if work.conventions.output == "softmax":
        return _softmax_promises(work)
    if work.conventions.output == UNREAD:
        wrong = [f for f in lab.examine().findings if f.known and f.operation == "forward" and f.severity == "error"]
        if wrong:
            return at_most(
                len(wrong),
                0,
                unit="faults",
                because="with the fault put in, the formulas give the network's outputs to rounding.",
                message=" ".join(finding.summary for finding in wrong),
            )
    return _monotone_promises(lab)


@stage.check("One neuron gives the output that was worked out by hand")
def one_neuron(lab: Lab) -> Outcome:
    """Two products, a sum, one activation function: the smallest calculation in which a missing bias, a bias added after
    the activation, or another function than the declared one can be seen."""
    work = lab.once(_work, lab, NEURON)
    ulps = oracle.ulps(work.p, work.hand, work.condition, work.eps)
    rows, wrong = [], []
    for i, row in enumerate(work.passes):
        unit = row.layers[0][0]
        rows.append([_vector(work.x[i]), _sum(work, 0, i, 0), _short(unit.z), _long(unit.a), _long(work.p[i, 0]),
                     _difference(ulps[i, 0])])  # fmt: skip
        if not ulps[i, 0] <= ROUNDINGS:
            wrong.append(i)
    function = work.conventions.output
    message = f"the outputs for {len(rows)} inputs agree to {ulps.max():.2g} ulps."
    if wrong:
        i, z = wrong[0], work.passes[wrong[0]].layers[0][0].z
        message = (
            f"for x = {_vector(work.x[i])}, z = {_sum(work, 0, i, 0)} = {_short(z)}, so that the output should be "
            f"{function}({_short(z)}) = {_long(work.hand[i, 0])}; the network gives {_long(work.p[i, 0])}, "
            f"{_off(work.p[i, 0], work.hand[i, 0])}. Wrong for {len(wrong)} of {len(rows)} inputs."
        )
    return at_most(
        ulps.max(),
        ROUNDINGS,
        unit="ulps",
        because=WHY_ROUNDINGS,
        message=message,
        evidence=[
            Table(
                title="One neuron, worked out for each input",
                caption=Caption(
                    "The output by hand beside the output of the network.",
                    f"Every difference is below {ROUNDINGS} ulps: rounding, nothing else.",
                    "All rows wrong: another activation. Right only where b hardly counts: the bias is missing.",
                ),
                header=["x", "z = x W + b", "z", f"{function}(z) by hand", "by the network", "difference (ulps)"],
                rows=rows,
                wrong_rows=wrong,
            )
        ],
    )


@stage.check("Every hidden unit gives the activation that was worked out by hand")
def hidden_units(lab: Lab) -> Outcome:
    """A hidden unit cannot be looked at from outside, but it can be led to the output: a network that ends after its
    layer, with an output weight of 1 for this unit and 0 for all others, shows f(z) through the output function. Layer
    by layer, the first wrong number is then the place of the fault, and not a consequence of it."""
    readings = [
        lab.once(_read_layer, lab, sizes, layer)
        for sizes in (SHALLOW, SQUARE, DEEP)
        for layer in range(1, len(sizes) - 1)
    ]
    _require_no_links(readings)
    worst = max(readings, key=lambda reading: float(reading.ulps.max()))
    first = next((reading for reading in readings if not reading.ulps.max() <= ROUNDINGS), None)
    if first is None:
        count = sum(reading.hand.size for reading in readings)
        message = f"{count} activations in {len(readings)} hidden layers agree to {worst.ulps.max():.2g} ulps."
    else:
        message = _first_wrong_unit(first)
    return at_most(
        worst.ulps.max(),
        ROUNDINGS,
        unit="ulps",
        because=WHY_ROUNDINGS,
        message=message,
        evidence=[_activation_curve(lab, readings)],
    )


@stage.check("Deeper networks give the outputs that were worked out by hand")
def outputs(lab: Lab) -> Outcome:
    """Now the layers together: the order of sum, bias and activation, which matrix comes where, and whether a matrix is
    transposed. In the square network a transposed matrix raises no error; only its numbers are wrong."""
    works = [lab.once(_work, lab, sizes) for sizes in (SHALLOW, DEEP, SQUARE)]
    _require_no_links([lab.once(_read_layer, lab, SQUARE, 1)] if works[-1].laid_out else [])
    ulps = [oracle.ulps(work.p, work.hand, work.condition, work.eps) for work in works]
    worst = max(float(each.max()) for each in ulps)
    wrong = [k for k, each in enumerate(ulps) if not each.max() <= ROUNDINGS]
    message = (
        f"the outputs of three networks, {', '.join(_name(work.sizes) for work in works)}, agree to {worst:.2g} ulps."
    )
    if wrong:
        work, each = works[wrong[0]], ulps[wrong[0]]
        i, j = (int(k[0]) for k in np.nonzero(~(each <= ROUNDINGS)))
        message = (
            f"network {_name(work.sizes)}: output {j + 1} for x = {_vector(work.x[i])} should be {_long(work.hand[i, j])} and "
            f"is {_long(work.p[i, j])}, {_off(work.p[i, j], work.hand[i, j])}. "
            + (
                "Only the square network is wrong: in a square matrix a transpose raises no error."
                if [works[k].sizes for k in wrong] == [SQUARE]
                else f"Wrong in {len(wrong)} of {len(works)} networks."
            )
        )
    return at_most(
        worst,
        ROUNDINGS,
        unit="ulps",
        because=WHY_ROUNDINGS,
        message=message,
        headline=f"outputs agree with the hand calculation to {worst:.2g} units in the last place",
        evidence=[_diagram(works[0]), _calculation(lab, works[0])],
    )


@stage.check("The loss of a batch is the one worked out by hand")
def loss_of_a_batch(lab: Lab) -> Outcome:
    """Batches of 1, 2 and 5 with unbalanced labels. A factor, or a sum over the samples in place of their mean, is a
    convention and is taken out first; what is left must be the formula, for every number of samples. A guard against
    log(0) of up to 1e-7 is allowed for."""
    rows: list[list[str | float | int]] = []
    ulps, messages = [], []
    for sizes in (SHALLOW, DEEP):
        work = lab.once(_work, lab, sizes)
        require_known(work.conventions.loss)
        for batch in [[i] for i in range(5)] + [[0, 1], [0, 1, 2, 3, 4]]:
            code = _loss(work.network, work.x[batch], work.y[batch])
            hand = np.mean([work.passes[i].loss for i in batch]) + work.penalty(len(batch))
            ulps.append(work.loss_ulps(code, batch))
            numbers = ", ".join(str(i + 1) for i in batch)
            rows.append([_name(sizes), numbers, len(batch), _long(hand), _long(code), _difference(ulps[-1])])
            if not ulps[-1] <= ROUNDINGS:
                messages.append((len(batch), sizes, numbers, code, hand))
    message = f"{len(rows)} losses agree to {max(ulps):.2g} ulps."
    if messages:
        n, sizes, numbers, code, hand = messages[-1]
        message = (
            f"network {_name(sizes)}, samples {numbers}: the loss should be {_long(hand)} and is {_long(code)}, "
            f"{_off(code, hand)}{_ratio(code / hand, n)}. Wrong for {len(messages)} of {len(rows)} batches."
        )
    return at_most(
        max(ulps),
        ROUNDINGS,
        unit="ulps",
        because=WHY_ROUNDINGS + " An honest guard in the logarithm is no difference.",
        message=message,
        evidence=[
            Table(
                title="The loss, sample by sample and for batches",
                caption=Caption(
                    "The loss by hand beside the network's, for single samples, for two and for five.",
                    "The loss of a batch is the mean of those of its samples, times the network's own factor.",
                    "Wrong for a single sample: the formula. Right for one and wrong for more: how the samples come together.",
                ),
                header=["network", "samples", "n", "loss by hand", "by the network", "difference (ulps)"],
                rows=rows,
                wrong_rows=[k for k, each in enumerate(ulps) if not each <= ROUNDINGS],
            )
        ],
    )


@stage.check("Huge inputs and logits give right outputs")
def huge_numbers(lab: Lab) -> Outcome:
    """Inputs of 1000 and logits of 10,000 are far beyond what e^z can hold (it overflows at 710), and what they mean is
    simple: a certain answer. An ordinary row stands among them, since a softmax that takes off the largest logit of
    the whole batch, not of the row, spoils only that one."""
    cases = lab.once(_huge, lab)
    ulps = [oracle.ulps(case.p, case.hand, case.condition, case.eps) for case in cases]
    worst = max(float(each.max()) for each in ulps)
    message = f"outputs at inputs of 1000 and logits of 10,000 are finite and agree to {worst:.2g} ulps."
    for case, each in zip(cases, ulps, strict=True):
        if worst > ROUNDINGS and each.max() > ROUNDINGS:
            i, j = np.unravel_index(int(each.argmax()), each.shape)
            z = case.passes[i].layers[-1][j].z
            message = (
                f"network {_name(case.sizes)}: for x = {_vector(case.x[i])} output {j + 1} has z = {z:.6g} and should be "
                f"{_long(case.hand[i, j])}; the network gives {_long(case.p[i, j])}."
            )
            break
    return at_most(worst, ROUNDINGS, unit="ulps", because=WHY_ROUNDINGS, message=message)


@stage.check("Being sure costs nothing when right, and much but not infinity when wrong")
def sure_of_itself(lab: Lab) -> Outcome:
    """At p = 0 and p = 1 a cross-entropy meets log(0). Computed from the logits it is exact; with clipped probabilities it
    stops at -ln(clip), 16 for 1e-7 and 35 for 1e-15, which is honest too. What must not come out is NaN, infinity, or a
    small loss for a sure and wrong answer."""
    worst, message, right, wrong = 0.0, "", 0.0, 0.0
    for case in lab.once(_huge, lab):
        require_known(case.conventions.loss)
        for i, hand in enumerate(case.by_class):
            for label, row in enumerate(hand):
                y = _targets([label], case.sizes[-1], case.conventions.dtype)
                code = _loss(case.network, case.x[i : i + 1], y)
                ulps = _loss_ulps(code, [row], case.eps)
                if case.sizes == NEURON and abs(row.layers[-1][0].z) >= 1e4:
                    right, wrong = (code, wrong) if (row.layers[-1][0].z > 0) == (label == 1) else (right, code)
                if not ulps <= worst:
                    low, high = row.loss_range
                    bounds = f"{low:.6g}" if low == high else f"between {low:.6g} and {high:.6g}"
                    worst, message = ulps, (
                        f"network {_name(case.sizes)}, x = {_vector(case.x[i])}, right answer {label}: the loss should be "
                        f"{bounds} and is {code:.6g}."
                    )  # fmt: skip
    if worst <= ROUNDINGS:
        message = (
            f"with a logit of 10,000 one neuron pays {right:.3g} when it is right and {wrong:.6g} when it is wrong."
        )
    return at_most(
        worst,
        ROUNDINGS,
        unit="ulps",
        because=f"{WHY_ROUNDINGS} The loss may lie between that of clipping at {oracle.LARGEST_GUARD:g} and the exact one.",
        message=message,
        evidence=[_price_of_being_wrong(lab)],
    )


@stage.check("A fresh network knows nothing: its loss is that of a guess")
def loss_of_a_guess(lab: Lab) -> Outcome:
    """With small inputs, biases of zero and every label once, a fresh network has no reason to prefer a class: the loss
    starts at that of z = 0, which is ln 10 = 2.303 for ten classes and ln 2 = 0.693 for two. The network's own
    factor (that of another logarithm, or of a sum) is taken out first; another value then means weights that start far
    too large, or another formula."""
    labels, hands, codes = [], [], []
    for k in (10, 1) if lab.several_outputs else (1,):
        sizes = (4, k)
        network = lab.build(sizes)
        conventions = lab.read(network, sizes)
        require_known(conventions.loss)
        require_known_layout(has_standard_layout(network, sizes))
        W, b = get_parameters(network)
        set_parameters(network, [W, np.zeros_like(b)])
        classes = list(range(max(k, 2)))
        y = _targets(classes, k, conventions.dtype)
        x = np.full((len(classes), 4), 0.01, conventions.dtype)
        codes.append(_loss(network, x, y))
        guess = [np.zeros_like(W), np.zeros_like(b)]
        hands.append(oracle.loss(guess, conventions, x, y))
        labels.append(f"{k} outputs" if k > 1 else "1 output")
    ratios = np.array(codes) / np.array(hands)
    off = np.abs(np.where(np.isfinite(ratios), ratios, np.inf) - 1)
    worst = int(off.argmax())
    return at_most(
        off[worst],
        0.25,
        unit="of the loss of a guess",
        because="four inputs of 0.01 and weights from N(0, 1), the largest honest start, give logits of 0.02: six times "
        "that (one start in 500 million) moves no loss by a quarter.",
        message="; ".join(
            f"{label}: {code:.4f}, a guess costs {hand:.4f}"
            for label, code, hand in zip(labels, codes, hands, strict=True)
        )
        + (
            "."
            if off[worst] <= 0.25
            else f". With {labels[worst]} that is {ratios[worst]:.3g} times the loss of a guess."
        ),
        evidence=[
            Bars(
                title="The loss of a fresh network beside that of a guess",
                caption=Caption(
                    "Whether each pair of bars is equally long.",
                    "The fresh network pays what a guess pays.",
                    "Longer, and differently so for each label: weights that start too large.",
                ),
                value_label="loss",
                labels=[f"{label}, {what}" for label in labels for what in ("by hand", "network")],
                values=np.array([value for pair in zip(hands, codes, strict=True) for value in pair]),
            )
        ],
    )


# The calculations, each made once for all checks ---------------------------------------------------------------------


@dataclass
class Work:
    """A network with the chosen weights, a batch, and what the oracle says about each row.

    x (n, d_in) and y (n, k) in the network's float type; p (n, k): what forward(x) gives.
    """

    sizes: tuple[int, ...]
    network: Any
    conventions: Conventions
    parameters: list[np.ndarray]
    x: np.ndarray
    y: np.ndarray
    p: np.ndarray
    laid_out: bool

    @cached_property
    def passes(self) -> list[oracle.Pass]:
        """Raises NotRead where there is no formula to work with."""
        require_known_layout(self.laid_out)
        pairs = zip(self.x, self.y, strict=True)
        return [oracle.work_out(self.parameters, self.conventions, row, target) for row, target in pairs]

    @property
    def eps(self) -> float:
        return self.conventions.eps

    @property
    def hand(self) -> np.ndarray:
        return np.array([row.output for row in self.passes])

    @property
    def condition(self) -> np.ndarray:
        """Of the outputs. Without a formula: weights and inputs are of size 1, ten of them to a sum, in three layers."""
        try:
            return np.array([row.output_condition for row in self.passes])
        except NotRead:
            return 30 * np.maximum(1.0, np.abs(self.p))

    @property
    def loss_condition(self) -> float:
        """Of the loss of the batch, as above."""
        try:
            require_known(self.conventions.loss)
            return float(np.mean([row.loss_condition for row in self.passes]))
        except NotRead:
            return 30 * max(1.0, abs(_loss(self.network, self.x, self.y)))

    def loss_ulps(self, code: float, rows: Sequence[int]) -> float:
        """How far the loss of a batch of these rows lies outside of what it may be."""
        return _loss_ulps(code, [self.passes[i] for i in rows], self.eps, self.penalty(len(rows)))

    def penalty(self, n: int) -> float:
        """By how much the penalty in the loss of n samples differs from that in the loss of one."""
        return self.conventions.penalty(self.parameters, n) - self.conventions.penalty(self.parameters, 1)


@dataclass
class Huge(Work):
    """As `Work`, and for each row what the loss would be for each right answer."""

    by_class: list[list[oracle.Pass]]


@dataclass
class Reading:
    """The units of one hidden layer as seen through the output: arrays (n, units).

    code and hand are activations; ulps compares them where they can be seen, in the output. z is by hand.
    """

    sizes: tuple[int, ...]
    layer: int
    x: np.ndarray
    z: np.ndarray
    hand: np.ndarray
    code: np.ndarray
    ulps: np.ndarray
    function: str


def _prepare(lab: Lab, sizes: tuple[int, ...], weights: Sequence[Any], x: Any, classes: Sequence[int]) -> Work:
    network = lab.build(sizes)
    conventions = lab.read(network, sizes)
    laid_out = True
    try:
        set_parameters(network, [np.array(value, conventions.dtype) for value in weights])
    except NotRead:  # what needs no hand calculation is checked with the weights that it has
        laid_out = False
    parameters = get_parameters(network)
    x = np.array(x, conventions.dtype)
    y = _targets(classes, sizes[-1], conventions.dtype)
    return Work(sizes, network, conventions, parameters, x, y, _forward(network, x), laid_out)


def _work(lab: Lab, sizes: tuple[int, ...]) -> Work:
    x = INPUTS[sizes[0]]
    sizes, weights = _fitted(lab, sizes, WEIGHTS[sizes])
    return _prepare(lab, sizes, weights, x, CLASSES[: len(x)] if sizes[-1] == 1 else [2, 0, 0, 1, 0])


def _fitted(lab: Lab, sizes: tuple[int, ...], weights: Sequence[Any]) -> tuple[tuple[int, ...], Sequence[Any]]:
    """The first output alone, where the networks can have one output only."""
    *below, W, b = weights
    k = lab.fitted(sizes)[-1]
    return lab.fitted(sizes), [*below, [row[:k] for row in W], np.atleast_1d(b)[:k]]


def _huge(lab: Lab) -> list[Huge]:
    """Logits of 1e4 in one layer, for one output and for three; inputs of 1e3 into a hidden layer."""
    x = [[1000.0, 1000.0], [-1000.0, -1000.0], [1000.0, -1000.0], [0.5, -0.25]]
    cases = []
    for chosen, numbers in (
        (NEURON, [[[6.0], [4.0]], [0.5]]),
        ((2, 3), [[[6.0, -4.0, 1.0], [4.0, -5.0, -2.0]], [0.5, -0.25, 0.75]]),
        (SHALLOW, WEIGHTS[SHALLOW]),
    ):
        sizes, weights = _fitted(lab, chosen, numbers)
        work = _prepare(lab, sizes, weights, x, [0] * len(x))
        require_known_layout(work.laid_out)
        classes = range(max(2, sizes[-1]))
        targets = [_targets([label], sizes[-1], work.conventions.dtype)[0] for label in classes]
        by_class = [[oracle.work_out(work.parameters, work.conventions, row, y) for y in targets] for row in work.x]
        known = (work.sizes, work.network, work.conventions, work.parameters, work.x, work.y, work.p, work.laid_out)
        cases.append(Huge(*known, by_class))
    return cases


def _read_layer(lab: Lab, sizes: tuple[int, ...], layer: int) -> Reading:
    """Lead each unit of hidden layer `layer` to the output of a network that ends after it.

    It is read with weight 1 and with weight -1, since an output function such as ReLU shows one sign only; the value
    comes from the steeper of the two.
    """
    ends = (*sizes[: layer + 1], 1)
    network = lab.build(ends)
    conventions = lab.read(network, ends)
    below = WEIGHTS[sizes][: 2 * layer]
    x = np.array(INPUTS[sizes[0]], conventions.dtype)
    units = sizes[layer]
    z, hand, ulps = (np.zeros((len(x), units)) for _ in range(3))
    code = np.full((len(x), units), np.nan)
    for unit in range(units):
        steepest = np.zeros(len(x))
        for sign in (1.0, -1.0):
            pick = np.zeros((units, 1))
            pick[unit] = sign
            set_parameters(network, [np.array(value, conventions.dtype) for value in (*below, pick, [0.0])])
            parameters = get_parameters(network)
            p = _forward(network, x)[:, 0]
            for i, row in enumerate(x):
                worked = oracle.work_out(parameters, conventions, row, np.zeros(1))
                seen, out = worked.layers[layer - 1][unit], worked.layers[-1][0]
                z[i, unit], hand[i, unit] = seen.z, seen.a
                difference = float(oracle.ulps(p[i], np.array(out.a), out.a_condition, conventions.eps))
                ulps[i, unit] = max(ulps[i, unit], difference)
                back, slope = _invert(conventions.output, float(p[i]))
                if slope >= steepest[i]:
                    steepest[i], code[i, unit] = slope, sign * back
    return Reading(ends, layer, x, z, hand, code, ulps, conventions.hidden)


def _require_no_links(readings: Sequence[Reading]) -> None:
    """Raises NotRead where a layer as wide as its input adds that to its activations, as residual networks do."""
    for reading in readings:
        if reading.layer == 1 and reading.x.shape == reading.code.shape:
            more = reading.code - reading.hand
            close = np.sqrt(np.finfo(reading.x.dtype).eps)
            if np.abs(more - reading.x).max() <= close < np.abs(more).max():
                raise NotRead("what its layers pass on beside what they compute")


def _invert(name: str, p: float) -> tuple[float, float]:
    """The z at which the output function gives p, and its slope there; slope 0 where p does not tell."""
    if name == "identity":
        return p, 1.0
    if name == "softmax":  # of one output, which is always 1
        return float("nan"), 0.0
    f = formula(name)
    low, high = f.value(np.array([-40.0, 40.0]))
    if not low < p < high:
        return float("nan"), 0.0
    below, above = -40.0, 40.0
    for _ in range(60):
        middle = (below + above) / 2
        below, above = (middle, above) if f.value(np.array([middle]))[0] < p else (below, middle)
    at = np.array([(below + above) / 2])
    return float(at[0]), abs(float(f.slope(at)[0]))


def _forward(network: Any, x: np.ndarray) -> np.ndarray:
    p = np.array(network.forward(x), dtype=float)
    if p.ndim != 2 or len(p) != len(x):
        raise ValueError(f"forward(x) of an x of shape {x.shape} should give ({len(x)}, outputs); it gave {p.shape}")
    return p


def _loss(network: Any, x: np.ndarray, y: np.ndarray) -> float:
    loss = np.asarray(network.loss(x, y), dtype=float)
    if loss.size != 1:
        raise ValueError(f"loss(x, y) should give one number; it gave an array of shape {loss.shape}")
    return float(loss.reshape(()))


def _targets(classes: Sequence[int], k: int, dtype: str) -> np.ndarray:
    """(n, k): one-hot rows, or the class itself where there is one output."""
    if k == 1:
        return np.array(classes, dtype).reshape(-1, 1)
    return np.eye(k, dtype=dtype)[list(classes)]


def _loss_ulps(code: float, passes: Sequence[oracle.Pass], eps: float, extra: float = 0.0) -> float:
    """How far the loss of a batch lies outside of what it may be; `extra` is to be added to the mean of the samples."""
    low, high = np.mean([row.loss_range for row in passes], axis=0) + extra
    nearest = float(np.clip(code, low, high))
    return float(oracle.ulps(code, nearest, np.mean([row.loss_condition for row in passes]), eps))


def _softmax_promises(work: Work) -> Outcome:
    sums = work.p.sum(axis=1)
    ulps = float(oracle.ulps(sums, 1.0, 1.0, work.eps).max())
    found = [(ulps, f"the rows of the output should sum to 1, and sum to {sums.min():.9g} up to {sums.max():.9g}")]
    for shift in (-1000.0, -1.0, 10.0, 1000.0):
        parameters = [*work.parameters[:-1], work.parameters[-1] + np.array(shift, work.conventions.dtype)]
        set_parameters(work.network, parameters)
        change = _forward(work.network, work.x) - work.p
        # b + shift is rounded to eps times the shift, and the logits are known no better than that
        ulps = float(oracle.ulps(change, 0.0, 1 + abs(shift), work.eps).max())
        moved = float(np.abs(change).max())
        what = f"moves outputs by up to {moved:.3g}"
        if np.isnan(moved):
            what = "gives outputs that are not numbers (take the largest logit of each row off before e^z)"
        found.append((ulps, f"adding {shift:g} to all logits should change nothing, and {what}"))
    set_parameters(work.network, work.parameters)
    broken = [words for ulps, words in found if not ulps <= ROUNDINGS]
    return at_most(
        len(broken),
        0,
        unit="broken promises",
        because="e^(z + c) / sum e^(z + c) is the same for every c, and sums to 1; a promise is kept within "
        f"{ROUNDINGS} roundings of z + c.",
        message=f"{broken[0]}."
        if broken
        else f"rows sum to 1, and shifts by up to 1000 move no output, to {max(ulps for ulps, _ in found):.2g} ulps.",
    )


def _monotone_promises(lab: Lab) -> Outcome:
    network = lab.build(NEURON)
    conventions = lab.read(network, NEURON)
    z = np.linspace(-30, 30, 121)
    p = []
    for value in z:
        set_parameters(network, [np.zeros((2, 1), conventions.dtype), np.array([value], conventions.dtype)])
        p.append(float(_forward(network, np.zeros((1, 2), conventions.dtype))[0, 0]))
    low, high = {"sigmoid": (0, 1), "tanh": (-1, 1), "relu": (0, np.inf), "softplus": (0, np.inf)}.get(
        conventions.output, (-np.inf, np.inf)
    )
    values = np.array(p)
    size = np.maximum(1.0, np.abs(values))
    fall = oracle.ulps(np.maximum(values[:-1] - values[1:], 0), 0.0, size[1:], conventions.eps)
    outside = oracle.ulps(np.maximum(np.maximum(low - values, values - high), 0), 0.0, size, conventions.eps)
    worst = max(float(fall.max()), float(outside.max()))
    message = f"from z = -30 to 30 the output rises from {values[0]:.4g} to {values[-1]:.4g}."
    if worst > ROUNDINGS:
        k = int(np.argmax(np.maximum(outside, np.append(fall, 0))))
        message = f"at z = {z[k]:g} the output {conventions.output} is {values[k]:.6g}: " + (
            f"outside of its range {low:g} to {high:g}."
            if outside[k] > ROUNDINGS
            else f"it falls to {values[k + 1]:.6g} as z rises."
        )
    return at_most(
        worst,
        ROUNDINGS,
        unit="ulps",
        because="the function itself never falls and never leaves its range; only rounding may.",
        message=message,
    )


# Words ---------------------------------------------------------------------------------------------------------------


def _first_wrong_unit(reading: Reading) -> str:
    i, unit = (int(k[0]) for k in np.nonzero(~(reading.ulps <= ROUNDINGS)))
    hand, code, z = reading.hand[i, unit], reading.code[i, unit], reading.z[i, unit]
    wrong = int((~(reading.ulps <= ROUNDINGS)).any(axis=0).sum())
    seen = (
        f"the network gives {_long(code)}, {_off(code, hand)}"
        if np.isfinite(code)
        else "the output shows no such value"
    )
    return (
        f"network {_name(reading.sizes)}: the first wrong number is unit {unit + 1} of hidden layer {reading.layer}. For x = "
        f"{_vector(reading.x[i])} it has z = {_short(z)} and should be {reading.function}(z) = {_long(hand)}; {seen}. "
        f"Wrong in {wrong} of {reading.hand.shape[1]} units of that layer"
        + ("; the layers before it are right." if reading.layer > 1 else ".")
    )


def _vector(values: np.ndarray) -> str:
    return "(" + ", ".join(f"{float(value):.7g}" for value in values) + ")"


def _short(value: float) -> str:
    return f"{value:.6g}"


def _long(value: float) -> str:
    return f"{float(value) + 0.0:.12g}"  # + 0.0 turns -0 into 0


def _difference(ulps: float) -> str:
    return f"{ulps:.2g}" if np.isfinite(ulps) else "not a number"


def _off(code: Any, hand: Any) -> str:
    difference = float(np.max(np.asarray(code, dtype=float) - hand))
    if not np.isfinite(difference):
        return "which is no finite number"
    return f"too {'large' if difference > 0 else 'small'} by {abs(difference):.3g}"


def _ratio(ratio: float, n: int) -> str:
    """What a simple ratio of the loss to its hand value looks like: what to look at, not yet a cause."""
    words = {
        float(n): "the number of samples: is it a sum of what is a sum already?",
        1.0 / n: "one part in the number of samples: is it divided by their number twice?",
        -1.0: "the sign is turned round.",
    }
    for value, meaning in words.items():
        if value != 1 and abs(ratio - value) < 1e-4 * abs(value):
            return f" ({ratio:.4g} times the hand value, {meaning})"
    return ""


def _sum(work: Work, layer: int, i: int, unit: int) -> str:
    """The weighted input of a unit with its numbers filled in."""
    W, b = work.parameters[2 * layer], work.parameters[2 * layer + 1]
    a = work.x[i] if layer == 0 else [unit_below.a for unit_below in work.passes[i].layers[layer - 1]]
    products = [f"{_factor(value)} * {_factor(weight)}" for value, weight in zip(a, W[:, unit], strict=True)]
    return " + ".join([*products, _factor(b[unit])])


def _factor(value: float) -> str:
    text = f"{float(value):.4g}"
    return f"({text})" if text.startswith("-") else text


def _name(sizes: tuple[int, ...]) -> str:
    return "-".join(map(str, sizes))


# Pictures ------------------------------------------------------------------------------------------------------------


def _diagram(work: Work) -> Diagram:
    units = work.passes[0].layers
    return Diagram(
        title=f"The network {_name(work.sizes)} with the numbers worked out by hand",
        caption=Caption(
            "Follow one path: x times its weight, all such products and b added up to z, and the activation of z.",
            "These are the numbers that the network must have inside for this input.",
            "Compare them with what your own code prints, from left to right; the first difference is the fault.",
        ),
        weights=work.parameters[::2],
        biases=work.parameters[1::2],
        x=work.x[0],
        z=[np.array([unit.z for unit in layer]) for layer in units],
        a=[np.array([unit.a for unit in layer]) for layer in units],
        activations=(*[work.conventions.hidden] * (len(units) - 1), work.conventions.output),
    )


def _calculation(lab: Lab, work: Work) -> Table:
    """Every sum and activation of the first row, in the order in which they are computed."""
    worked = work.passes[0]
    rows: list[list[str | float | int]] = []
    wrong: list[int] = []
    functions = (*[work.conventions.hidden] * (len(worked.layers) - 1), work.conventions.output)

    def add(name: str, how: str, hand: float, code: float | None, ulps: float) -> None:
        seen = ["cannot be seen", ""] if code is None else [_long(code), _difference(ulps)]
        if code is not None and not ulps <= ROUNDINGS and not wrong:
            wrong.append(len(rows))
        rows.append([name, how, _long(hand), *seen])

    for index, layer in enumerate(worked.layers, start=1):
        last = index == len(worked.layers)
        reading = None if last else lab.once(_read_layer, lab, work.sizes, index)
        for j, unit in enumerate(layer):
            add(f"z{index}[{j + 1}]", _sum(work, index - 1, 0, j), unit.z, None, 0.0)
            how = f"{functions[index - 1]}({_short(unit.z)})"
            if reading is None:
                ulps = float(oracle.ulps(work.p[0, j], unit.a, unit.a_condition, work.eps))
                add(f"p[{j + 1}]", how, unit.a, work.p[0, j], ulps)
            else:
                add(f"a{index}[{j + 1}]", how, unit.a, reading.code[0, j], float(reading.ulps[0, j]))
    code = _loss(work.network, work.x[:1], work.y[:1])
    add("L", f"{work.conventions.loss} for y = {_vector(work.y[0])}", worked.loss, code,
        _loss_ulps(code, [worked], work.eps))  # fmt: skip
    return Table(
        title="The hand calculation in the order of evaluation",
        caption=Caption(
            "The last column, from top to bottom, down to the first number that is not a rounding error.",
            f"Nothing above {ROUNDINGS} ulps. Hidden units are read through the output; z lies inside and cannot be seen.",
            "What stands in the first wrong row goes wrong there: everything above it is right.",
        ),
        header=["quantity", "calculation", "by hand", "by the network", "difference (ulps)"],
        rows=rows,
        wrong_rows=wrong,
    )


def _activation_curve(lab: Lab, readings: Sequence[Reading]) -> Evidence:
    function = readings[0].function
    z = np.linspace(-4, 4, 81)
    with mpmath.workdps(20):
        a = np.array([float(value) for value in oracle.activate(function, [mpmath.mpf(float(each)) for each in z])])
    right = np.concatenate([(reading.ulps <= ROUNDINGS).ravel() for reading in readings])
    at = np.concatenate([reading.z.ravel() for reading in readings])
    code = np.concatenate([reading.code.ravel() for reading in readings])
    lines = [Line(f"{function}(z) by hand", z, a), Line("hidden units, read", at[right], code[right], "points")]
    if not right.all():
        lines.append(Line("hidden units, wrong", at[~right], code[~right], "points"))
    return Curves(
        title="The hidden activation, and the units that were read",
        caption=Caption(
            "Whether the points lie on the curve, on both sides of z = 0.",
            "Each point is one hidden unit for one input, and all are on the curve.",
            "All points on another curve: another function. Points shifted sideways: the bias is added elsewhere.",
        ),
        x_label="z (by hand)",
        y_label="a",
        lines=lines,
        marks=[Mark("z = 0", "x", 0.0)],
    )


def _price_of_being_wrong(lab: Lab) -> Evidence:
    """The loss of one neuron that is sure of 1 where 0 is right, for logits up to 10,000."""
    network = lab.build(NEURON)
    conventions = lab.read(network, NEURON)
    size = np.geomspace(0.1, 1e4, 26)
    x, y = np.zeros((1, 2), conventions.dtype), np.zeros((1, 1), conventions.dtype)
    code, hand = [], []
    for value in size:
        set_parameters(network, [np.zeros((2, 1), conventions.dtype), np.array([value], conventions.dtype)])
        code.append(_loss(network, x, y))
        hand.append(oracle.work_out(get_parameters(network), conventions, x[0], y[0]).loss)
    return Curves(
        title="What it costs to be sure and wrong",
        caption=Caption(
            "The loss for a right answer of 0 while the logit goes up to 10,000.",
            "It follows the curve by hand to the end, or levels off at -ln(clip) where probabilities are clipped.",
            "It stops (not a number, or infinite), or it turns down: log(0) is taken, or the wrong clip.",
        ),
        x_label="logit z",
        y_label=f"loss ({conventions.loss})",
        lines=[Line("by hand", size, np.array(hand)), Line("network", size, np.array(code), "points")],
        log_x=True,
        log_y=True,
    )
