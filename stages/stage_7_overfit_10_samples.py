"""Before a network gets sixty thousand images, it gets ten. A network with a few hundred weights for each image can
learn ten images by heart in a few hundred steps, whatever they show. If it cannot, then more data, more layers and more
time will not help: something between the pixels and the update is broken.

Learning by heart proves little by itself, so the stage asks the opposite questions too. With blank images there is
nothing to tell the digits apart by, and the loss must stay at that of a guess. With shuffled labels there is no sense to
be found, and the ten must be learned all the same, which shows that it was memory and not luck. Learning from one image
at a time must work like learning from ten at once. Then come a hundred images.

No rate is chosen by taste. The stage tries a high one and divides by 3 until training is stable.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np

from nnkit.curriculum.evidence import Bars, Caption, Curves, Evidence, Images, Line, Mark
from nnkit.curriculum.lab import Lab
from nnkit.curriculum.pictures import rate_search_picture, update_ratios_picture
from nnkit.curriculum.stage import Outcome, Stage, at_least, at_most
from nnkit.datasets import one_hot
from nnkit.diagnosis import Conventions, get_parameters
from nnkit.diagnosis.answers import NO_ANSWER, named_classes
from nnkit.diagnosis.attempts import at_lower_rates
from nnkit.diagnosis.conventions import has_standard_layout, require_known_layout
from nnkit.diagnosis.formulas import UNREAD
from nnkit.diagnosis.loss_levels import blind_loss, certain_loss, loss_unit
from nnkit.diagnosis.start import MODERATE, moderate_start, was_changed
from nnkit.diagnosis.update_size import update_ratios
from nnkit.training import RateSearch, divide_by_3, train

stage = Stage(
    number=7,
    name="overfit-10-samples",
    title="Overfit 10 samples",
    claim="The network can learn ten and a hundred digits by heart, from single images as well as from batches.",
    not_yet="It does not show that images and labels belong together, nor that anything is learned about new images.",
    hints=(
        "Which of the ten digits stay wrong, and what does the network say for them: always the same?",
        "Compare the loss on the page with its marks. At the level of a guess nothing arrives from the pixels; on a "
        "level in between some digits were learned and others given up. Then look at the batch of one: does it work?",
        "A loss that stays at a guess means that the input does not matter: a layer that is dead or saturated, or rows "
        "of x and y that are paired anew at every step. If one by one works and the batch does not, the sum or mean over "
        "the batch is wrong. If the real labels are learned and shuffled ones are not, the labels used are not those "
        "given. If no rate is stable, the step goes uphill.",
    ),
    references=("S3.2", "S3.4", "S3.5", "S3.6"),
    uses_data=True,
)

HIDDEN = 30
STEPS = 300
#: squared error falls more slowly than cross-entropy, since its gradient fades with the error; it may take longer
MOST_STEPS = 3000
BEFORE, SHUFFLED, BLANK = "images and labels as they are", "shuffled labels", "blank images"


@stage.check("Dividing by 3 finds a learning rate")
def dividing_by_3_finds_a_rate(lab: Lab) -> Outcome:
    """A rate that is too high makes the loss jump or overflow, one that is too low makes every network look broken. So
    the first thing to find is where training becomes stable, and which stable rate gets furthest in 100 steps."""
    task, search = lab.once(_ten, lab), lab.once(_search, lab)
    last = min((trial.last for trial in search.trials if trial.stable), default=float("nan"))
    if np.isnan(search.best):
        message = (
            f"none of {len(search.trials)} rates from {search.trials[0].rate:g} down to {search.trials[-1].rate:.1g} "
            "lowers the loss without lifting it first."
        )
    else:
        message = (
            f"100 steps at rate {search.best:.3g} bring the loss to {last:.3g}{_guess_in_words(task)}. "
            f"{_boundary_in_words(search)}"
        )
    return at_least(
        _stable_in_a_row(search),
        3,
        unit="stable rates in a row",
        because="steps that go downhill lower the loss once they are small enough, so below some rate all are stable.",
        message=message,
        evidence=[
            rate_search_picture(search, steps=100, unit=task.unit, guess=task.blind if task.has_landmarks else None)
        ],
    )


@stage.check("The loss on ten digits goes towards zero")
def loss_goes_towards_zero(lab: Lab) -> Outcome:
    """Ten images and thousands of weights: there is room to learn each by heart. The limit is the loss below which no
    digit can be wrong, so that whoever is below it has learned all ten. Where the loss has no formula that nnkit knows,
    nobody can say what that is; then the other checks of this stage count right answers."""
    task = lab.once(_ten, lab)
    certain, run = task.certain, lab.once(_as_they_are, lab)
    reached = run.steps[int(np.argmax(np.array(run.loss) <= certain))]
    if run.learned:
        message = f"below {certain:.3g} after {reached} steps at rate {run.rate:.3g}; {run.loss[-1]:.2g} at the end"
        message += ". " + START_WAS_CHANGED if run.moderated else "."
        if run.seed:
            message += f" That took {run.seed + 1} starts: before, the output for a digit began on the wrong flat end."
    else:
        message = (
            f"after {run.steps[-1]} steps at rate {run.rate:.3g} the loss is {run.loss[-1]:.3g}, "
            f"{run.loss[-1] / certain:.3g} times the limit; {_wrong_in_words(run, task)}"
        )
    return at_most(
        run.loss[-1],
        certain,
        unit=task.unit,
        because=task.why_certain,
        message=message,
        headline=f"all ten digits learned by heart in {reached} steps"
        if run.learned
        else f"the loss on ten digits stays at {run.loss[-1]:.3g}, where {certain:.3g} would do",
        evidence=_pictures(lab, task, run),
    )


@stage.check("Each of the ten digits is named rightly")
def each_digit_is_named(lab: Lab) -> Outcome:
    """The loss is a number that training is meant to reduce; what we want is right answers. Here the outputs of
    forward() are looked at themselves: a small loss with wrong answers means that the two do not belong together."""
    task, run = lab.once(_ten, lab), lab.once(_as_they_are, lab)
    right = task.right(run.p[-1])
    return at_least(
        right,
        10,
        unit="of 10 digits",
        because="a loss below the limit above leaves no digit wrong, if loss() and forward() are of one mind."
        if task.has_landmarks
        else ROOM_FOR_TEN,
        message=f"{right} of 10 are right; {_wrong_in_words(run, task)}",
        # The headline and the pictures of this stage stand at the check of the loss, unless that cannot be made.
        headline="" if task.has_landmarks else f"{right} of ten digits learned by heart in {run.steps[-1]} steps",
        evidence=[] if task.has_landmarks else _pictures(lab, task, run),
    )


@stage.check("It learns from its own start")
def learns_from_its_own_start(lab: Lab) -> Outcome:
    """With weights too large for the number of pixels the units start out saturated, and squared error passes them next
    to no gradient. Then the stage makes the start moderate and trains again, to tell a bad start from a bug. That is no
    bug, so it is a warning; but it costs accuracy in the next stage."""
    run = lab.once(_as_they_are, lab)
    require_known_layout(bool(run.start))
    layer = int(np.argmax(run.start))  # a layer whose z is not a number counts as the largest, and fails
    size = run.start[layer]
    return at_most(
        size,
        MODERATE,
        unit="root mean square of z at the start",
        because="beyond 3 most sigmoid and tanh units are flat; sqrt(d_in) comes from weights of N(0, 1).",
        message=f"the weighted inputs of layer {layer + 1} are of size {size:.3g}"
        + (
            ", within the range of its units."
            if size <= MODERATE
            else ": some of its weights or biases are not finite numbers."
            if not math.isfinite(size)
            else f": draw its weights from a range about {size:.2g} times as narrow (Glorot or He). The experiments of "
            "this stage use such a start."
        ),
        harmless=True,
    )


@stage.check("The gradient of a batch is the mean of its single gradients")
def batch_gradient_is_the_mean(lab: Lab) -> Outcome:
    """The loss of a batch is the mean of the losses of its samples, so the gradient is the mean of theirs. Errors in sums
    over the batch, in the shape of biases or in the division by n show here and nowhere else."""
    task = lab.once(_ten, lab)
    network = _fresh(lab, task)
    conventions, parameters = lab.read(network, task.sizes), get_parameters(network)
    eps = conventions.eps
    batch = [np.array(g, dtype=np.float64) for g in network.gradients(task.x, task.y)]
    single = [
        [np.array(g, dtype=np.float64) for g in network.gradients(task.x[i : i + 1], task.y[i : i + 1])]
        for i in range(len(task.x))
    ]
    # A penalty over n weighs less in a batch.
    one, many = (conventions.penalty_slopes(parameters, n) for n in (1, len(task.x)))
    batch = [whole + alone - together for whole, alone, together in zip(batch, one, many, strict=True)]
    differences = []
    for index, whole in enumerate(batch):
        parts = np.stack([gradients[index] for gradients in single])
        size = np.linalg.norm(np.abs(parts).mean(axis=0))
        difference = np.linalg.norm(whole - parts.mean(axis=0))
        differences.append(float(difference / size) if size > 0 else float(difference))
    limit = sum(task.sizes) * eps
    names = [f"{kind}{layer + 1}" for layer in range(len(batch) // 2) for kind in "Wb"]
    worst = int(np.nanargmax(differences)) if not np.isnan(differences).all() else 0
    return at_most(
        differences[worst] if not np.isnan(differences).any() else float("nan"),
        limit,
        unit="of the size of the single gradients",
        because=f"a sum of d products is off by at most d eps; here d adds up to {sum(task.sizes)} and eps is {eps:.1g}.",
        message=f"the largest difference is {differences[worst]:.2g} of the gradient's size, in {names[worst]}"
        + ("." if differences[worst] <= limit else _ratio_in_words(batch[worst], single, worst)),
        evidence=[
            Bars(
                title="Gradient of the batch against the mean of ten single gradients",
                caption=Caption(
                    "How far the two are apart, for each parameter, as a share of the gradient's size.",
                    "Rounding only: all bars end left of the limit.",
                    "One long bar among the biases: their sum over the batch. All alike and long: the division by n.",
                ),
                value_label="difference, relative",
                labels=names,
                values=np.maximum(differences, eps / 100),
                marks=[Mark("limit", "x", limit)],
                log=True,
            )
        ],
    )


@stage.check("One image at a time works as well")
def one_at_a_time_works(lab: Lab) -> Outcome:
    """Ten updates from one image each, in a new order every time, instead of one from all ten. What works here and not
    in the batch is broken in the batch; what works only in the batch relies on there being one."""
    task, run = lab.once(_ten, lab), lab.once(_one_by_one, lab)
    return _all_ten_learned(
        task,
        run,
        because="as for the batch: below this loss no digit can be wrong.",
        message=f"single images at rate {run.rate:.3g} bring the loss of the ten to {run.loss[-1]:.2g} in "
        f"{run.steps[-1]} steps" + ("." if run.learned else f"; {_wrong_in_words(run, task)}"),
    )


@stage.check("Negative control: blank images stay a guess")
def blank_images_stay_a_guess(lab: Lab) -> Outcome:
    """With all pixels zero the ten images are the same image, so the best that anyone can do is to say 1/10 for each
    class. A loss below that would mean that something else than the pixels tells the digits apart, and that the success
    above says nothing."""
    task, run = lab.once(_ten, lab), lab.once(_blank, lab)
    if not task.has_landmarks:
        most = max(task.right(p) for p in run.p)
        return at_most(
            most,
            1,
            unit="of 10 digits",
            because="ten times the same image gets ten times the same answer, which is right for one of them.",
            message=f"at most {most} of 10 blank images are named rightly" + ("." if most <= 1 else BEATEN_BLINDLY),
        )
    lowest = min(run.loss) if np.isfinite(run.loss).all() else float("nan")
    limit = task.blind * (1 - 1e-5)
    return at_least(
        lowest,
        limit,
        unit=task.unit,
        because=f"{task.blind:.4g} is the least that a constant output can have; 1e-5 of it is left for rounding and for "
        "a guard against log(0).",
        message=f"the lowest loss on blank images is {lowest:.4g}, a guess has {task.blind:.4g}"
        + ("." if lowest >= limit else BEATEN_BLINDLY),
    )


@stage.check("Shuffled labels are learned, too")
def shuffled_labels_are_learned(lab: Lab) -> Outcome:
    """Every image gets the label of another one. There is nothing to understand, but ten pairs to remember. A network
    that learns the true labels only does not use the labels that it is given."""
    task, run = lab.once(_ten, lab), lab.once(_shuffled, lab)
    true_ones = task.right(run.p[-1])
    return _all_ten_learned(
        lab.once(_shuffled_ten, lab),
        run,
        because="ten pairs are ten pairs: as for the true labels, below this loss none can be wrong.",
        message=f"with shuffled labels the loss is {run.loss[-1]:.2g} after {run.steps[-1]} steps at rate {run.rate:.3g}"
        + (
            "."
            if run.learned
            else f"; {true_ones} of the answers are the true labels, which it was not given. Which ones does it use?"
            if true_ones > 5
            else ": there are pairs that it cannot remember."
        ),
    )


@stage.check("A hundred digits are learned")
def a_hundred_digits_are_learned(lab: Lab) -> Outcome:
    """When ten work, try a hundred: now digits of one class differ, and of different classes look alike."""
    task, run = lab.once(_hundred, lab), lab.once(_learn_hundred, lab)
    right = task.right(run.p[-1])
    return at_least(
        right,
        _fewest_of_hundred(task.conventions),
        unit="of 100 digits",
        because="there are far more weights than images, and squared error may leave out an odd digit, but not half a "
        "class: of 290 trainings of correct networks 12 left out one digit, and none two."
        if task.conventions.loss == "mse"
        else "there are far more weights than images; a loss that nnkit does not know may leave out an odd digit, as "
        "squared error does, but not half a class."
        if not task.has_landmarks
        else "there are far more weights than images, and cross-entropy pushes as long as a digit is wrong.",
        message=f"{right} of 100 are right after {run.steps[-1]} steps at rate {run.rate:.3g}; the loss is "
        f"{run.loss[-1]:.2g}{_guess_in_words(task)}.",
        evidence=[_ten_to_hundred(lab)],
    )


def _fewest_of_hundred(conventions: Conventions) -> int:
    """Of the ten digits of each class. Squared error takes long over an odd one among many; cross-entropy never did."""
    return 95 if conventions.loss in ("mse", UNREAD) else 100


def _all_ten_learned(task: Task, run: Run, *, because: str, message: str) -> Outcome:
    """Whether the run ended below the loss that leaves none wrong; where nnkit does not know it, with all answers right."""
    if task.has_landmarks:
        return at_most(run.loss[-1], task.certain, unit=task.unit, because=because, message=message)
    right = task.right(run.p[-1])
    return at_least(right, len(task.x), unit=f"of {len(task.x)} digits", because=ROOM_FOR_TEN, message=message)


START_WAS_CHANGED = "Its own start was too wide, so its weights were narrowed first."
ROOM_FOR_TEN = (
    "there are thousands of weights for ten pairs; what loss leaves none wrong cannot be told, so answers are counted."
)
BEATEN_BLINDLY = ": it is beaten without a look. Do rows of a batch know of one another, or of their place in it?"


# The experiments, each run once for all checks -----------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Task:
    """Images x (n, d) with their labels, y (n, 10) one-hot, and the landmarks of the loss on them."""

    name: str
    x: np.ndarray
    labels: np.ndarray
    sizes: tuple[int, ...]
    conventions: Conventions
    shape: tuple[int, int]
    #: right answers that are asked for; None asks for the loss at which no answer can be wrong, or where that has no
    #: landmarks, for all of them
    rights: int | None = None

    @property
    def y(self) -> np.ndarray:
        return one_hot(self.labels)

    @property
    def has_landmarks(self) -> bool:
        """Whether nnkit knows a formula of the loss, from which its landmarks follow; without one, answers are counted."""
        return self.conventions.loss != UNREAD

    @property
    def blind(self) -> float:
        return blind_loss(self.conventions.loss)

    @property
    def certain(self) -> float:
        """The loss at which all are learned; with a penalty in it, all that can be asked is less than that of a guess."""
        return self.blind if self.conventions.penalised else certain_loss(self.conventions.loss, len(self.x))

    @property
    def why_certain(self) -> str:
        if self.conventions.penalised:
            return (
                "the penalty in this loss may keep it up, however well all digits do; but who sees them beats a guess."
            )
        return "a digit that is wrong adds at least this much to the mean, however well the other nine do."

    def learned(self, loss: float, p: np.ndarray) -> bool:
        if self.rights is not None:
            return self.right(p) >= self.rights
        all_right = self.right(p) == len(self.x)
        if not self.has_landmarks:
            return all_right
        return loss <= self.certain and (all_right or not self.conventions.penalised)

    def right(self, p: np.ndarray) -> int:
        """How many of the outputs p (n, 10) name the digit."""
        return int((named_classes(p) == self.labels).sum())

    @property
    def starts(self) -> int:
        """From how many starts it may be tried. One is enough where the loss pushes harder the more wrong an output is.

        Squared error behind a sigmoid, tanh or softmax does not: a digit whose output begins on the wrong flat end gets
        no gradient and is given up, at any rate; of a hundred digits, a whole class may be. One start in a hundred did so,
        three in a row are no longer chance. What a loss that nnkit does not know pushes, nobody can say.
        """
        return 3 if self.conventions.loss in ("mse", UNREAD) and self.conventions.output != "identity" else 1

    @property
    def unit(self) -> str:
        return loss_unit(self.conventions.loss)


@dataclass(eq=False)
class Run:
    """One training, from the network of this seed: what was seen at each of `steps`. start: size of z in each layer
    before the first step."""

    rate: float
    seed: int
    start: list[float] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    #: loss of each sample and outputs p, at each of `steps`
    losses: list[np.ndarray] = field(default_factory=list)
    p: list[np.ndarray] = field(default_factory=list)
    #: size of the last update over size of the weights, for each W, at each of `steps` but the first
    ratios: list[list[float]] = field(default_factory=list)
    learned: bool = False

    @property
    def moderated(self) -> bool:
        return was_changed(self.start)


def _digits(lab: Lab, name: str, of_each: int, rights: int | None = None) -> Task:
    """`of_each` digits of each class, in a random order."""
    data, rng = lab.dataset(), lab.rng(of_each)
    chosen = [rng.choice(np.flatnonzero(data.labels_train == label), of_each, replace=False) for label in range(10)]
    rows = rng.permutation(np.concatenate(chosen))
    sizes = (data.x_train.shape[1], HIDDEN, 10)
    conventions = lab.read(lab.build(sizes), sizes)
    x = data.x_train[rows].astype(np.float64)
    return Task(name, x, data.labels_train[rows], sizes, conventions, data.image_shape, rights)


def _ten(lab: Lab) -> Task:
    return _digits(lab, BEFORE, 1)


def _hundred(lab: Lab) -> Task:
    conventions = lab.once(_ten, lab).conventions
    return _digits(lab, "a hundred digits", 10, rights=_fewest_of_hundred(conventions))


def _fresh(lab: Lab, task: Task) -> Any:
    """The network under test at its start, moderate where its own is not."""
    network = lab.build(task.sizes)
    _moderated(network, task)
    return network


def _moderated(network: Any, task: Task) -> Sequence[float]:
    """As `moderate_start`; the start stays as it is where nobody knows which of its numbers is which weight."""
    known = has_standard_layout(network, task.sizes)
    return moderate_start(network, task.conventions, task.x) if known else []


def _search(lab: Lab) -> RateSearch:
    return _search_for(lab, lab.once(_ten, lab))


def _search_for(lab: Lab, task: Task, batch_size: int | None = None) -> RateSearch:
    return divide_by_3(
        lambda: _fresh(lab, task), task.x, task.y, batch_size=batch_size, seed=lab.seed, stable_trials=3, past_best=2,
        goal=task.blind if task.has_landmarks else math.inf,
    )  # fmt: skip


def _as_they_are(lab: Lab) -> Run:
    return _learn(lab, lab.once(_ten, lab), lab.once(_search, lab).best)


def _shuffled_ten(lab: Lab) -> Task:
    ten = lab.once(_ten, lab)
    # Moved along by one to nine places: no image keeps its label, since each label occurs once.
    labels = np.roll(ten.labels, int(lab.rng(2).integers(1, 10)))
    return Task(SHUFFLED, ten.x, labels, ten.sizes, ten.conventions, ten.shape)


def _shuffled(lab: Lab) -> Run:
    return _learn(lab, lab.once(_shuffled_ten, lab), lab.once(_search, lab).best)


def _blank(lab: Lab) -> Run:
    ten = lab.once(_ten, lab)
    task = Task(BLANK, np.zeros_like(ten.x), ten.labels, ten.sizes, ten.conventions, ten.shape)
    return _train(lab, task, _or_small(lab.once(_search, lab).best), most=STEPS)


def _one_by_one(lab: Lab) -> Run:
    ten = lab.once(_ten, lab)
    return _learn(lab, ten, _search_for(lab, ten, batch_size=1).best, batch_size=1)


def _learn_hundred(lab: Lab) -> Run:
    # The rate of the ten is a good first guess, and quicker than another search.
    return _learn(lab, lab.once(_hundred, lab), lab.once(_search, lab).best)


def _or_small(rate: float) -> float:
    """Where no rate was stable, something is to be seen all the same."""
    return 0.01 if np.isnan(rate) else rate


def _learn(lab: Lab, task: Task, rate: float, batch_size: int | None = None) -> Run:
    """Train at this rate or, where that does not learn the task, at lower ones, and where none of them does, from the
    next start: the run that learned it, else the one that got lowest."""
    if np.isnan(rate):
        return _train(lab, task, _or_small(rate), most=STEPS, batch_size=batch_size)
    runs: list[Run] = []
    for start in range(task.starts):
        work = partial(_train, lab, task, most=MOST_STEPS, batch_size=batch_size, seed=start)
        runs += at_lower_rates(rate, work, lambda run: run.learned)
        if runs[-1].learned:
            return runs[-1]
    return min(runs, key=lambda run: run.loss[-1] if np.isfinite(run.loss[-1]) else np.inf)


def _train(lab: Lab, task: Task, rate: float, *, most: int, batch_size: int | None = None, seed: int = 0) -> Run:
    """`STEPS` steps; then on, up to `most`, while a digit may still be wrong."""
    network, x, y = lab.build(task.sizes, seed), task.x, task.y
    run = Run(rate, seed, start=_moderated(network, task))
    before = get_parameters(network)

    def look(step: int) -> None:
        run.steps.append(step)
        run.loss.append(float(network.loss(x, y)))
        run.losses.append(np.array([float(network.loss(x[i : i + 1], y[i : i + 1])) for i in range(min(len(x), 10))]))
        run.p.append(np.asarray(network.forward(x), dtype=np.float64))

    def on_step(step: int) -> None:
        nonlocal before
        if step in _LOOKS:
            look(step)
            run.ratios.append(update_ratios(before, get_parameters(network)))
        if step + 1 in _LOOKS:
            before = get_parameters(network)

    look(0)
    rng = lab.rng(3)
    train(network, x, y, steps=STEPS, learning_rate=rate, batch_size=batch_size, rng=rng, record_every=STEPS,
          on_step=on_step)  # fmt: skip
    done = STEPS
    while done < most and math.isfinite(run.loss[-1]) and not task.learned(run.loss[-1], run.p[-1]):
        train(network, x, y, steps=STEPS, learning_rate=rate, batch_size=batch_size, rng=rng, record_every=STEPS,
              on_step=lambda step, done=done: on_step(done + step))  # fmt: skip
        done += STEPS
    run.learned = task.learned(run.loss[-1], run.p[-1])
    return run


#: steps at which a training is looked at: each of the first twenty, then ever fewer, and the end of every 300
_LOOKS = frozenset(
    {*range(1, 21), *(round(float(step)) for step in np.geomspace(20, STEPS, 40))}
    | {*range(STEPS, MOST_STEPS + 1, STEPS // 10)}
)


# Words ---------------------------------------------------------------------------------------------------------------


def _stable_in_a_row(search: RateSearch) -> int:
    """The longest row of neighbouring rates that lowered the loss without lifting it first."""
    return max(
        len(list(row)) if stable else 0 for stable, row in groupby(search.trials, key=lambda trial: trial.stable)
    )


def _boundary_in_words(search: RateSearch) -> str:
    if np.isinf(search.boundary):
        return "No rate tried was too high."
    return f"From {search.boundary:.3g} up training is unstable."


def _guess_in_words(task: Task) -> str:
    return f"; a guess has {task.blind:.3g}" if task.has_landmarks else ""


def _wrong_in_words(run: Run, task: Task) -> str:
    said = named_classes(run.p[-1])
    wrong = np.flatnonzero(said != task.labels)
    if len(wrong) == 0:
        return "no digit is wrong."
    if (said == NO_ANSWER).any():
        return f"{int((said == NO_ANSWER).sum())} of the outputs are not finite numbers, and name nothing."
    if len(set(said.tolist())) == 1:
        return f"it says {said[0]} to all of them."
    return ", ".join(f"the {task.labels[i]} is taken for a {said[i]}" for i in wrong[:3]) + "."


def _ratio_in_words(whole: np.ndarray, single: Sequence[Sequence[np.ndarray]], index: int) -> str:
    mean = np.mean([gradients[index] for gradients in single], axis=0)
    ratio = float(np.sum(whole * mean) / np.sum(mean * mean)) if np.any(mean) else float("nan")
    return f": the batch's is {ratio:.3g} times the mean of the single ones."


# Pictures ------------------------------------------------------------------------------------------------------------


def _on_log_axis(steps: Sequence[int]) -> np.ndarray:
    """Most happens in the first few steps, so they get a logarithmic axis. It has no 0: the start is drawn at 1/2."""
    return np.maximum(np.array(steps, dtype=float), 0.5)


def _pictures(lab: Lab, task: Task, run: Run) -> list[Evidence]:
    shuffled, blank = lab.once(_shuffled, lab), lab.once(_blank, lab)
    marks = []
    if task.has_landmarks:
        marks = [Mark("a guess", "y", task.blind), Mark("below: no digit can be wrong", "y", task.certain)]
    return [
        Curves(
            title="The loss goes to zero, and the two controls",
            caption=Caption(
                "The three lines: true labels, shuffled labels, blank images. The start is drawn at step 1/2.",
                "True and shuffled labels both fall far below the lower mark; blank images stay on the upper one.",
                "All three at a guess: nothing is learned. Blank ones falling: something other than pixels is used.",
            ),
            x_label="step",
            y_label=f"loss ({task.unit})",
            lines=[
                Line(name, _on_log_axis(r.steps), np.array(r.loss))
                for name, r in ((BEFORE, run), (SHUFFLED, shuffled), (BLANK, blank))
            ],
            marks=marks,
            log_x=True,
            log_y=True,
        ),
        _digits_picture(task, run),
        Curves(
            title="The loss of each digit: the six that were hardest",
            caption=Caption(
                "Which digit is learned last.",
                "All fall together, more or less, and the other four lie below them.",
                "A line that stays up while the others fall is a digit that was given up: its output is saturated.",
            ),
            x_label="step",
            y_label=f"loss of one digit ({task.unit})",
            lines=[
                Line(f"the {task.labels[i]}", _on_log_axis(run.steps), np.array(run.losses)[:, i])
                for i in np.argsort(-np.nan_to_num(run.losses[-1], nan=np.inf), kind="stable")[:6]
            ],
            log_x=True,
            log_y=True,
        ),
        update_ratios_picture(
            run.steps[1:],
            run.ratios,
            Caption(
                "Size of one update of W over the size of W.",
                "Between 0.0001 and 0.1 at first, then less and less as the loss goes to zero.",
                "Far less from the start: learning takes for ever. Near 1: every step throws away what was learned.",
            ),
        ),
    ]


def _digits_picture(task: Task, run: Run) -> Evidence:
    order = np.argsort(task.labels)
    half = task.blind / 2 if task.has_landmarks else run.loss[0] / 2
    halfway = int(np.argmax(np.array(run.loss) <= half))
    moments = sorted({0, halfway, len(run.steps) - 1})
    labels = []
    for moment in moments:
        for i in order:
            said = named_classes(run.p[moment])[i]
            words = "not finite" if said == NO_ANSWER else f"{said}, p {run.p[moment][i, said]:.2f}"
            labels.append(f"step {run.steps[moment]}: {words}")
    return Images(
        title="The ten digits, and what the network says: " + ", ".join(f"step {run.steps[m]}" for m in moments),
        caption=Caption(
            "Under each digit the class that the network names, with its output p for it. The digits stand in the order "
            "0 to 9, once for each moment.",
            "At first all kinds of answers with little confidence, at the end 0 to 9 with p near 1.",
            "The same answer under all digits: the input does not arrive. One wrong to the end: it was given up.",
        ),
        values=np.concatenate([task.x[order].reshape(10, *task.shape)] * len(moments)),
        labels=labels,
        columns=10,
    )


def _ten_to_hundred(lab: Lab) -> Evidence:
    ten, hundred = lab.once(_as_they_are, lab), lab.once(_learn_hundred, lab)
    tasks = (lab.once(_ten, lab), lab.once(_hundred, lab))
    return Curves(
        title="From ten digits to a hundred",
        caption=Caption(
            "The share of digits that are named rightly, for as long as each was trained.",
            "Both come to 1, or very near; a hundred take longer.",
            "Ten learned and a hundred not: too few hidden units, units that died, or a rate that suits ten only.",
        ),
        x_label="step",
        y_label="share right",
        lines=[
            Line(f"{len(task.x)} digits", _on_log_axis(run.steps),
                 np.array([task.right(p) / len(task.x) for p in run.p]))
            for task, run in zip(tasks, (ten, hundred), strict=True)
        ],
        log_x=True,
    )  # fmt: skip
