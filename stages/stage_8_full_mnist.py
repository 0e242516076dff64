"""The whole problem: sixty thousand handwritten digits to learn from, ten thousand others to be asked about. Everything
that the earlier stages proved comes together here, and new things can go wrong: inputs on another scale, labels that do
not belong to their images, units that die on the way, a rate that suits ten images and not a thousand batches.

So the stage looks at the data before it trains, at the training while it runs, and at the answers afterwards: not only
how many are right, but which are wrong, how sure the network was of them, and what its weights look like. A share of
right answers means little by itself, so it stands beside what can be had without a hidden layer, and without a look.

There are choices on the way, such as the learning rate, and whoever makes them by a look at the test images has learned
from these, too. So the last twelfth of the training images, 5,000 of 60,000, is held out: no weight learns from it, and
it alone decides. The test images are asked once, about the network that was chosen.

The network computes in single precision here, since nothing depends on the last digits any more and it is quicker.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from nnkit.curriculum.evidence import (
    Bars,
    Caption,
    Curves,
    Evidence,
    Histograms,
    Images,
    Line,
    Mark,
    Matrices,
    Panel,
    Table,
)
from nnkit.curriculum.lab import Lab
from nnkit.curriculum.pictures import range_test_picture, rate_search_picture, update_ratios_picture
from nnkit.curriculum.stage import Blocked, Outcome, Stage, at_least, at_most
from nnkit.datasets import Dataset, linear_softmax, linear_squares, majority_accuracy, one_hot
from nnkit.diagnosis import Conventions, get_parameters
from nnkit.diagnosis.answers import NO_ANSWER, named_classes, share_right
from nnkit.diagnosis.formulas import UNREAD
from nnkit.diagnosis.hidden_units import (
    dead_units,
    hidden_activations,
    saturated_units,
    unit_slopes,
)
from nnkit.diagnosis.layer_health import FirstLoss, common_edges, first_loss, histogram, layer_health
from nnkit.diagnosis.loss_levels import blind_loss, loss_unit
from nnkit.diagnosis.proportions import wilson_interval
from nnkit.diagnosis.start import MODERATE, moderate_start, was_changed
from nnkit.diagnosis.update_rule import LIMIT, RuleFit, fit_rules, record
from nnkit.diagnosis.update_size import update_ratios
from nnkit.training import RateSearch, divide_by_3, range_test, train, warm_up_then_cosine

stage = Stage(
    number=8,
    name="full-mnist",
    title="Full MNIST",
    claim="The network learns to read handwritten digits that it has not seen, as well as its kind can.",
    not_yet="It does not show how it does on other data, nor that this is the best that can be had.",
    hints=(
        "Does the network do badly on the images that it was trained on, too, or only on new ones?",
        "Go down the page in order: the images as they arrive, their labels, the loss at the start, the search for a "
        "rate, the units that are still alive. The first one that looks odd is the one to follow.",
        "Bad on both: training does not get anywhere (rate, start, dead or saturated units, inputs on a wrong scale). Good "
        "in training and bad on new images: images and labels of the test set do not belong together, or are scaled "
        "otherwise. Better on new images than in training: many training labels are wrong. Right answers with a high "
        "loss: the network is too sure of its mistakes. One class missing: look at its row in the confusion matrix.",
    ),
    references=("S3.6", "S3.7", "S4.6", "S4.7", "S4.8"),
    uses_data=True,
)

#: epochs on MNIST, and on the small digits, of which there are forty times fewer: about 2,500 steps on either
EPOCHS = {"mnist": 6, "digits": 60}
#: of the training images, one in so many is held out
ONE_IN = 12


# The data ------------------------------------------------------------------------------------------------------------


@stage.check("The images arrive on a scale of 0 to 1")
def images_arrive_on_their_scale(lab: Lab) -> Outcome:
    """Gradient descent is not indifferent to the scale of its inputs: with pixels of 0 to 255 the first layer's gradient
    is 255 times as large, and the rate that suits it lets all other weights stand still."""
    data = lab.dataset()
    # The extremes of an array that holds a NaN are NaN, so they tell that, too.
    ends = [float(end) for x in (data.x_train, data.x_test) for end in (x.min(), x.max())]
    finite = bool(np.isfinite(ends).all())
    return at_most(
        max(abs(end) for end in ends) if finite else math.nan,
        1.0,
        because="a pixel is a share of ink, from none to all.",
        message=f"pixels lie between {min(ends):g} and {max(ends):g}."
        if finite
        else "some pixels are not finite numbers; nothing that is computed from them will be.",
        evidence=_data_pictures(data),
    )


@stage.check("Test images look like training images")
def test_images_look_like_training_images(lab: Lab) -> Outcome:
    """A network that is trained on one scale and asked on another gives nonsense with confidence. So the amount of ink
    must be the same on both sides, but for the hands that wrote them."""
    data = lab.dataset()
    sizes = [float(np.linalg.norm(x[:10_000])) / math.sqrt(x[:10_000].size) for x in (data.x_train, data.x_test)]
    difference = abs(sizes[1] / sizes[0] - 1) if sizes[0] > 0 else math.nan
    return at_most(
        difference,
        0.2,
        unit="relative difference in root mean square",
        because="writers differ by a few per cent in how much ink they use; a forgotten division by 255, or a mean that "
        "was subtracted on one side only, changes far more.",
        message=f"the root mean square of a pixel is {sizes[0]:.3f} in training and {sizes[1]:.3f} in the test.",
    )


@stage.check("All ten classes are there")
def all_classes_are_there(lab: Lab) -> Outcome:
    """What never occurs in training cannot be learned, and what occurs a hundred times as often as the rest is learned
    instead of it."""
    data = lab.dataset()
    counts = [np.bincount(labels, minlength=10) for labels in (data.labels_train, data.labels_test)]
    shares = [c / c.sum() for c in counts]
    rarest = int(np.argmin(np.minimum(*shares)))
    return at_least(
        min(float(s.min()) for s in shares),
        0.05,
        unit="share of the rarest class",
        because="with ten classes a fair share is 1/10; half of it is still far from being neglected.",
        message=f"the rarest digit is {rarest}: {_percent(shares[0][rarest])} of training, "
        f"{_percent(shares[1][rarest])} of the test.",
        evidence=[
            Bars(
                title="How often each digit occurs in training",
                caption=Caption(
                    "The length of the bars.",
                    "All near the mark of a fair share.",
                    "A class far below: reading the labels went wrong, or the data was cut in sorted order.",
                ),
                value_label="share of the training images",
                labels=[str(k) for k in range(10)],
                values=shares[0],
                marks=[Mark("a fair share", "x", 0.1), Mark("half of it", "x", 0.05)],
            )
        ],
    )


@stage.check("Images and labels belong together")
def images_and_labels_belong_together(lab: Lab) -> Outcome:
    """Images that look alike should carry the same label. The nearest neighbour of an image, found without any network,
    tells whether they do; if somebody shuffled the images and not the labels, neighbours agree by chance only, and no
    network will ever learn it."""
    agreement, shuffled, examples = lab.once(_neighbours, lab)
    data = lab.dataset()
    worst = min(agreement, key=lambda side: agreement[side])
    return at_least(
        agreement[worst],
        0.75,
        unit="share of neighbours with the same label",
        because="by chance one in ten agrees; the nearest neighbour errs at most twice as often as the best that can be "
        "done (Cover and Hart 1967), so where three in four do not agree there is little to be learned.",
        message=", ".join(f"{side} images: {_percent(share)}" for side, share in agreement.items())
        + f" have the label of their nearest training image; with shuffled labels {_percent(shuffled)}.",
        evidence=[
            Images(
                title="Images, and the training image nearest to each",
                caption=Caption(
                    "Pairs side by side: a test image, then its nearest neighbour, each with its label.",
                    "The same digit in two hands, with the same label.",
                    "Alike, with other labels: images and labels were shuffled apart, or many labels are wrong.",
                ),
                values=examples[0],
                labels=examples[1],
                columns=8,
            ),
            Table(
                title="How often neighbours agree, and images that are on both sides",
                caption=Caption(
                    "The first two rows against the third; the last row against the number of test images.",
                    "Nine in ten against one in ten, and no or hardly any image that is on both sides.",
                    "Many test images that are also training images: the test asks for memory, and is too easy.",
                ),
                header=["what", "how many"],
                rows=[
                    *(
                        [f"{side} images with the label of their neighbour", _percent(share)]
                        for side, share in agreement.items()
                    ),
                    ["the same with shuffled labels", _percent(shuffled)],
                    ["test images that are also training images", f"{_on_both_sides(data)} of {len(data.x_test):,}"],
                ],
            ),
        ],
    )


# The training --------------------------------------------------------------------------------------------------------


@stage.check("It starts as a guess")
def it_starts_as_a_guess(lab: Lab) -> Outcome:
    """An untrained network knows nothing, and should not pretend to. A loss far above that of a guess means that the
    first outputs are very sure and wrong: the weights or the inputs are too large."""
    run, conventions = lab.once(_trained, lab), lab.once(_conventions, lab)
    first = _first_loss(run, conventions)
    return at_most(
        first.loss,
        first.careless,
        unit=loss_unit(conventions.loss),
        because=f"random logits of size {MODERATE:g} cost this much on average; a guess costs "
        f"{first.guess:.3g}, and larger logits are a start to be avoided.",
        message=f"the loss before the first step is {first.loss:.3g}; a guess has {first.guess:.3g}"
        + (
            "."
            if first.moderate
            else ", so it is sure of wrong answers before it has seen anything. Draw smaller weights."
        ),
        harmless=True,
    )


@stage.check("Dividing by 3 finds a rate for minibatches")
def a_rate_is_found(lab: Lab) -> Outcome:
    """Each rate is tried in a miniature of the training to come: 100 minibatches, the rate rising to its peak and
    falling again. Too low, and it does not get far; too high, and the loss jumps."""
    search, conventions = lab.once(_search, lab), lab.once(_conventions, lab)
    blind = _guess(conventions)
    last = min((trial.last for trial in search.trials if trial.stable), default=math.nan)
    if math.isnan(last):
        message = f"none of {len(search.trials)} rates from {search.trials[0].rate:g} down brings the loss down."
    else:
        message = f"100 steps at rate {search.best:.3g} bring the loss to {last:.3g}" + (
            "." if blind is None else f"; a guess has {blind:.3g}."
        )
    if blind is None:
        return at_least(
            sum(trial.stable for trial in search.trials),
            1,
            unit="rates that bring the loss down",
            because="what a guess costs cannot be told for a loss that nnkit does not know; whoever sees the images gets "
            "below the start.",
            message=message,
            evidence=_rate_pictures(lab, search, conventions),
        )
    return at_most(
        last,
        blind,
        unit=loss_unit(conventions.loss),
        because="this is the loss of saying 1/10 to everything; whoever sees the images falls below it.",
        message=message,
        evidence=_rate_pictures(lab, search, conventions),
    )


@stage.check("It reads new images as well as its kind can")
def reads_new_images(lab: Lab) -> Outcome:
    """The number that everything was for: the share of test images that are named rightly, after training on others. It
    stands beside two simple baselines: always saying the most frequent class, and weighing pixels without a hidden
    layer."""
    run, data = lab.once(_trained, lab), lab.dataset()
    linear, majority = lab.once(_linear, lab).test, majority_accuracy(data.labels_train, data.labels_test)
    limit, because = _required(lab, linear, data.labels_test)
    accuracy = run.test_accuracy
    message = (
        f"{_percent(accuracy, 2)} of {len(data.labels_test):,} test images are right after {run.epochs} epochs "
        f"at a peak rate of {run.peak:.3g}; without a hidden layer {_percent(linear)}, without a look {_percent(majority)}. "
        f"The rate was chosen by {run.held_out:,} images held out, {_percent(run.held_out_accuracy, 2)} of which are right."
    )
    if accuracy < limit:
        message += f" On the training images it is {_percent(run.train_accuracy)}: " + (
            "it learned those, and that does not help with new ones."
            if run.train_accuracy - accuracy > 1 - limit
            else "it did not learn those either."
        )
    # How much it may cost depends on how strong it is; whoever is beyond chance has learned to read.
    held_back = accuracy < limit and lab.once(_held_back, lab) and accuracy >= _beyond_blind(lab, data.labels_test)
    if held_back:
        message += " The penalty in its loss, or the decay in its update, may be too strong."
    return at_least(
        accuracy,
        limit,
        unit="share of test images right",
        because=because,
        message=message,
        headline=f"{_percent(accuracy)} of {len(data.labels_test):,} test images right",
        evidence=[_curves(run, "loss", lab), _curves(run, "accuracy", lab), _baselines(lab), *_mistakes(lab)],
        harmless=held_back,
    )


@stage.check("No class is left out")
def no_class_is_left_out(lab: Lab) -> Outcome:
    """Ninety per cent can mean that everything is a little wrong, or that one digit is never named at all. The rows of
    the confusion matrix tell which."""
    run, data = lab.once(_trained, lab), lab.dataset()
    said, total = named_classes(run.p_test), np.bincount(data.labels_test, minlength=10)
    counts = np.zeros((10, 10), dtype=int)
    np.add.at(counts, (data.labels_test[said != NO_ANSWER], said[said != NO_ANSWER]), 1)
    shares = np.diag(counts) / np.maximum(total, 1)
    worst = int(np.argmin(shares))
    taken_for = int(np.argmax(np.where(np.arange(10) == worst, -1, counts[worst])))
    return at_least(
        float(shares[worst]),
        0.5,
        unit="share right of the worst class",
        because="a class that is left out has none right. Handwriting differs, so that some digits are harder than "
        "others, but not so much that most of one are taken for something else.",
        message=f"the hardest digit is {worst}: {_percent(shares[worst])} right, most often taken for a {taken_for} "
        f"({counts[worst, taken_for]} times).",
        evidence=[_confusion(counts), _by_class(np.diag(counts), total)],
    )


@stage.check("It does not do better on new images than on those it learned")
def training_agrees_with_test(lab: Lab) -> Outcome:
    """A network knows the images that it was trained on better than new ones, or at least as well. If it seems to do
    better on new ones, then the training labels are worse than the test labels, or the two are not measured alike."""
    run, data = lab.once(_trained, lab), lab.dataset()
    chance = 3 * _standard_error(run.test_accuracy, len(data.labels_test))
    return at_least(
        run.train_accuracy - run.test_accuracy,
        -chance,
        unit="share right in training less in test",
        because="the test may be a little easier by chance: this is three of its standard errors.",
        message=f"{_percent(run.train_accuracy, 2)} right in training, {_percent(run.test_accuracy, 2)} in the test"
        + ("." if run.train_accuracy - run.test_accuracy >= -chance else ": look for wrong labels in training."),
        evidence=[_calibration(lab)],
    )


# The network afterwards ----------------------------------------------------------------------------------------------


@stage.check("Its hidden units are alive")
def hidden_units_are_alive(lab: Lab) -> Outcome:
    """A unit that is off, or flat, for every image passes no gradient and takes part in nothing. A few of them are
    usual, and Adam at high rates switches off up to half; when nearly all are gone, too little is left to tell ten
    classes apart."""
    run, conventions, data = lab.once(_trained, lab), lab.once(_conventions, lab), lab.dataset()
    parameters, x = get_parameters(run.network), data.x_test[:1000]
    dead, flat = dead_units(parameters, conventions, x), saturated_units(parameters, conventions, x)
    lost = sum(int(np.isnan(slopes).any(axis=0).sum()) for slopes in unit_slopes(parameters, conventions, x))
    units = sum(len(b) for b in parameters[1:-2:2])
    return at_least(
        units - len(dead) - len(flat) - lost,
        9,
        unit="hidden units at work",
        because="which of ten outputs is the largest is a matter of nine differences. Each unit at work gives them one way "
        "to go; with fewer than nine, pixels alone could say more.",
        message=f"{len(dead)} of {units} units are dead and {len(flat)} are saturated, for each of {len(x)} test images"
        + (f"; {lost} more are not finite." if lost else "."),
        evidence=[_first_layer(parameters, data), _weights(lab, run), _activations(parameters, conventions, x)],
    )


@stage.check("Its updates are of a healthy size")
def updates_are_of_a_healthy_size(lab: Lab) -> Outcome:
    """The size of an update beside the size of the weights tells whether the rate suits the weights: far smaller, and
    training takes ages; as large, and every step throws away what was there. It is a rule of thumb, and so a warning."""
    run = lab.once(_trained, lab)
    ratios = np.array(run.ratios)
    middle = np.median(ratios, axis=0)
    distance = np.abs(np.log10(np.where(middle > 0, middle, np.nan)) + 3)
    worst = int(np.argmax(distance))
    return at_most(
        float(distance.max()),
        2.0,
        unit="powers of ten from 1/1000",
        because="about a thousandth of the weights a step is usual (source S4.6 and practice); a hundred times more or "
        "less is not.",
        message=f"the median update is {middle[worst]:.2g} of the weights in W{worst + 1}.",
        evidence=[_norms(run), _gradients(lab, run), _update_picture(run)],
        harmless=True,
    )


@stage.check("Everything stays finite")
def everything_stays_finite(lab: Lab) -> Outcome:
    """One number that is not finite spreads through all weights with the next step. Losses, gradients, weights and
    outputs are all looked at."""
    run = lab.once(_trained, lab)
    bad = {
        "parameters": sum(int((~np.isfinite(p)).sum()) for p in get_parameters(run.network)),
        "losses": int((~np.isfinite([*run.train_loss, *run.held_out_loss])).sum()),
        "gradient norms": int((~np.isfinite(run.norms)).sum()),
        "outputs": int((~np.isfinite(run.p_test)).sum()),
    }
    found = ", ".join(f"{count} {what}" for what, count in bad.items() if count)
    return at_most(
        sum(bad.values()),
        0,
        unit="numbers that are not finite",
        because="none is acceptable: all of them are computed from finite pixels by finite weights.",
        message=f"not finite: {found}." if found else "all parameters, losses, gradients and outputs are finite.",
    )


# The experiments, each run once for all checks -----------------------------------------------------------------------

#: images on which the training is watched on its way
SAMPLE = 1000


@dataclass(frozen=True, eq=False)
class Part:
    """Images x (n, d) with their labels (n,), and the labels one-hot, y (n, 10); x and y in the network's float type."""

    x: np.ndarray
    labels: np.ndarray
    y: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray, labels: np.ndarray, dtype: str) -> Part:
        return cls(x.astype(dtype, copy=False), labels, one_hot(labels, dtype=dtype))


@dataclass(eq=False)
class Run:
    """A training: what was seen at `steps`, and the network. own_first_loss: of its outputs alone, before its start was
    made moderate. What the test images say of it stays empty until it is chosen."""

    network: Any
    peak: float
    epochs: int
    own_first_loss: float
    steps: list[int] = field(default_factory=list)
    train_loss: list[float] = field(default_factory=list)
    held_out_loss: list[float] = field(default_factory=list)
    train_right: list[float] = field(default_factory=list)
    held_out_right: list[float] = field(default_factory=list)
    #: norm of the gradient of one batch, and size of the update over size of the weights for each W, at each of `looked`
    looked: list[int] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    ratios: list[list[float]] = field(default_factory=list)
    weights_before: list[np.ndarray] = field(default_factory=list)
    train_accuracy: float = math.nan
    #: how many images were held out, and the share of them that is right at the end
    held_out: int = 0
    held_out_accuracy: float = math.nan
    p_test: np.ndarray = field(default_factory=lambda: np.zeros((0, 10)))
    test_accuracy: float = math.nan


@dataclass(frozen=True)
class Shares:
    """Right answers among the images held out and among the test images."""

    held_out: float
    test: float


def _plan(lab: Lab) -> tuple[tuple[int, int, int], int]:
    """Sizes of the network and of a batch: as large as the data asks for."""
    data = lab.dataset()
    hidden, batch = (256, 128) if data.is_mnist else (64, 32)
    return (data.x_train.shape[1], hidden, 10), batch


def _conventions(lab: Lab) -> Conventions:
    sizes, _ = _plan(lab)
    return lab.read(lab.build(sizes, dtype="float32"), sizes)


def _parts(lab: Lab) -> tuple[Part, Part]:
    """The training images to learn from, and those held out: the last of them.

    Some libraries multiply numbers of one float type only, so a network that keeps to float64 gets its images in it.
    """
    data, dtype = lab.dataset(), lab.once(_conventions, lab).dtype
    kept = len(data.x_train) - len(data.x_train) // ONE_IN
    return (
        Part.of(data.x_train[:kept], data.labels_train[:kept], dtype),
        Part.of(data.x_train[kept:], data.labels_train[kept:], dtype),
    )


def _fresh(lab: Lab) -> Any:
    """The network at its start, made moderate where its own start is too wide for so many pixels (see stage 7)."""
    sizes, _ = _plan(lab)
    network = lab.build(sizes, dtype="float32")
    moderate_start(network, lab.once(_conventions, lab), lab.dataset().x_train[:200])
    return network


def _search(lab: Lab) -> RateSearch:
    learned, _ = lab.once(_parts, lab)
    _, batch = _plan(lab)
    return divide_by_3(
        lambda: _fresh(lab), learned.x, learned.y, batch_size=batch, seed=lab.seed, stable_trials=3, past_best=1,
        schedule=warm_up_then_cosine, watched=(learned.x[:500], learned.y[:500]), give_up=1.05, smallest=1e-6,
        goal=_guess(lab.once(_conventions, lab)) or math.inf,
    )  # fmt: skip


def _peaks(search: RateSearch) -> list[float]:
    """The two best rates of the search in rising order, the middle between them, and a further step on either side.

    The middle is the best guess: the valley is flat, and 100 steps cannot tell neighbours apart.
    """
    stable = sorted((trial for trial in search.trials if trial.stable), key=lambda trial: trial.last)
    low, high = sorted([*(trial.rate for trial in stable[:2]), search.best / 3][:2])
    return [low / 3, low, math.sqrt(low * high), high, 3 * high]


def _trained(lab: Lab) -> Run:
    """Train at the peak between the two best rates; the test images are asked when all is decided.

    Update rules differ in what suits a long training beside a hundred steps: Adam wants less, plain descent more. So a
    network that has learned something but is short of what can be hoped for gets another go at the best rate, and then
    one further in the direction in which it got better; above all rates of the search with twice the time. What is
    short, and what is better, is decided by the images held out.
    """
    run, data = _chosen(lab), lab.dataset()
    run.p_test = np.asarray(run.network.forward(data.x_test.astype(lab.once(_conventions, lab).dtype, copy=False)))
    run.test_accuracy = share_right(run.p_test, data.labels_test)
    return run


def _chosen(lab: Lab) -> Run:
    search, epochs = lab.once(_search, lab), EPOCHS[lab.dataset().name]
    if math.isnan(search.best):
        return _train(lab, 0.01, epochs=1)
    peaks = _peaks(search)
    runs = {2: _train(lab, peaks[2], epochs)}

    def better() -> int:
        # By the loss, which tells neighbours apart where the share of 117 images does not.
        losses = {k: run.held_out_loss[-1] for k, run in runs.items()}
        return min(losses, key=lambda k: losses[k] if math.isfinite(losses[k]) else math.inf)

    def short_of_it() -> bool:
        return _learned_something(lab) <= runs[better()].held_out_accuracy < _hoped_for(lab)

    if short_of_it():
        best = peaks.index(search.best)
        runs[best] = _train(lab, peaks[best], epochs)
        if short_of_it():
            onward = better() + (1 if (better() == 2) == (best == 1) else -1)
            runs[onward] = _train(lab, peaks[onward], 2 * epochs if onward == 4 else epochs)
    return runs[better()]


def _train(lab: Lab, peak: float, epochs: int) -> Run:
    learned, held_out = lab.once(_parts, lab)
    x_train, y_train = learned.x, learned.y
    sizes, batch = _plan(lab)
    own = lab.build(sizes, dtype="float32")
    network = _fresh(lab)
    penalty = lab.once(_conventions, lab).penalty(get_parameters(own), len(x_train[:SAMPLE]))
    run = Run(network, peak, epochs, float(own.loss(x_train[:SAMPLE], y_train[:SAMPLE])) - penalty)
    run.weights_before, run.held_out = get_parameters(network)[::2], len(held_out.x)
    epoch = -(-len(x_train) // batch)
    steps = epochs * epoch
    early = {round(epoch * share) for share in (0.02, 0.05, 0.1, 0.2, 0.5)}
    looks = np.unique(np.linspace(1, steps, 50).round())
    tick = lab.progress(range(steps), f"training on {len(x_train):,} images", total=steps)
    before: list[np.ndarray] = []

    def look(step: int) -> None:
        run.steps.append(step)
        for part, losses, rights in (
            (learned, run.train_loss, run.train_right),
            (held_out, run.held_out_loss, run.held_out_right),
        ):
            x, y = part.x[:SAMPLE], part.y[:SAMPLE]
            losses.append(float(network.loss(x, y)))
            rights.append(share_right(network.forward(x), part.labels[:SAMPLE]))

    def on_step(step: int) -> None:
        nonlocal before
        next(tick, None)
        if step in looks and before:
            run.looked.append(step)
            run.ratios.append(update_ratios(before, get_parameters(network)))
            gradients = network.gradients(x_train[:256], y_train[:256])
            run.norms.append(math.hypot(*(float(np.linalg.norm(g)) for g in gradients)))
        if step + 1 in looks:
            before = get_parameters(network)
        if step % epoch == 0 or step in early:
            look(step)

    look(0)
    train(
        network, x_train, y_train, steps=steps, learning_rate=warm_up_then_cosine(peak), batch_size=batch,
        rng=lab.rng(1), record_every=steps, watched=(x_train[:100], y_train[:100]), on_step=on_step,
    )  # fmt: skip
    for _ in tick:
        pass
    run.held_out_accuracy = share_right(network.forward(held_out.x), held_out.labels)
    run.train_accuracy = share_right(network.forward(x_train[:10_000]), learned.labels[:10_000])
    return run


def _linear(lab: Lab) -> Shares:
    """What can be had without a hidden layer, from the same images: by the same loss, where that is squared error of
    linear outputs, which reads far less well than all that bends its outputs."""
    data, (learned, held_out) = lab.dataset(), lab.once(_parts, lab)
    kept = len(learned.labels)
    conventions = lab.once(_conventions, lab)
    if (conventions.output, conventions.loss) == ("identity", "mse"):
        W, b = linear_squares(data.x_train[:kept], learned.labels)
    else:
        W, b = linear_softmax(data.x_train[:kept], learned.labels, lab.rng(2))
    return Shares(
        share_right(data.x_train[kept:] @ W + b, held_out.labels),
        share_right(data.x_test @ W + b, data.labels_test),
    )


def _percent(share: float, digits: int = 1) -> str:
    return f"{100 * share:.{digits}f} %"


def _standard_error(share: float, n: int) -> float:
    return math.sqrt(share * (1 - share) / n)


def _learned_something(lab: Lab) -> float:
    """The share of the images held out below which another rate is not worth a try: no better than without a look."""
    _, held_out = lab.once(_parts, lab)
    return _beyond_blind(lab, held_out.labels)


def _beyond_blind(lab: Lab, labels: np.ndarray) -> float:
    """The share of the images with these labels that nobody gets right without a look at them, but for chance."""
    blind = majority_accuracy(lab.dataset().labels_train, labels)
    return blind + 3 * _standard_error(blind, len(labels))


def _hoped_for(lab: Lab) -> float:
    """The share of the images held out from which no other rate is tried.

    What can be had without a hidden layer; on MNIST half of the mistakes made without one should go, too. It is more than
    is asked for in the end, so that a choice by a few images and a verdict by others do not quarrel.
    """
    linear, (_, held_out) = lab.once(_linear, lab).held_out, lab.once(_parts, lab)
    required, _ = _required(lab, linear, held_out.labels)
    return max(required, (1 + linear) / 2 if _hidden_layer_should_show(lab) else linear)


def _hidden_layer_should_show(lab: Lab) -> bool:
    """Whether a hidden layer must do better than none: if it bends, if nothing holds its weights back, and if there are
    images enough to tell. On the 382 of the embedded digits three standard errors of a difference are 6 %, most of what
    there is to win."""
    bends = lab.once(_conventions, lab).hidden != "identity"
    return lab.dataset().is_mnist and bends and not lab.once(_held_back, lab)


def _held_back(lab: Lab) -> bool:
    """Whether the loss has a penalty in it, or the update a decay: with 0.01 of the weights in each gradient, right
    answers fall from 98 % to 93, near those without a hidden layer, though nothing is wrong."""
    rule = lab.once(_update_rule, lab)
    decays = rule.error <= LIMIT and any(rule.constants.get(name) for name in ("weight_decay", "bias_decay"))
    return lab.once(_conventions, lab).penalised or decays


def _required(lab: Lab, linear: float, labels: np.ndarray) -> tuple[float, str]:
    """The share asked for of the images with these labels, and why; `linear` is the share without a hidden layer."""
    if lab.dataset().is_mnist and lab.once(_of_the_measured_kind, lab):
        return 0.98, (
            "256 ReLU units with softmax, cross-entropy, momentum 0.9 and a moderate start reach 98.2 to 98.4 % in six "
            "epochs, from each of ten starts."
        )
    chance = 3 * math.sqrt(2) * _standard_error(linear, len(labels))  # of the difference of two shares
    if _hidden_layer_should_show(lab):
        return linear + chance, (
            f"without a hidden layer it is {_percent(linear)}; three standard errors of a difference more are beyond chance, so the hidden "
            "layer is of use. How far it gets beyond that in this time depends on its units, loss and update rule."
        )
    blind = majority_accuracy(lab.dataset().labels_train, labels)
    return max(linear - chance, _beyond_blind(lab, labels)), (
        f"a network with a hidden layer can do what one without can: {_percent(linear)} of these images, less three "
        f"standard errors of a difference for chance; and beyond chance it beats the {_percent(blind)} to be had without a look."
    )


def _of_the_measured_kind(lab: Lab) -> bool:
    """Whether this network makes the choices for which 98 % was measured. The update rule is found from a few updates.

    With the same units and loss, Adam came to 97.8 %, plain descent to 98.0, and from weights narrowed by `moderate_start`
    momentum to 98.1: too near to ask for.
    """
    sizes, kind = _plan(lab)[0], lab.once(_conventions, lab)
    if (kind.hidden, kind.output, kind.loss) != ("relu", "softmax", "cross_entropy") or lab.once(_held_back, lab):
        return False
    if was_changed(moderate_start(lab.build(sizes, dtype="float32"), kind, lab.dataset().x_train[:200])):
        return False
    rule = lab.once(_update_rule, lab)
    exact = rule.error <= LIMIT and rule.lengths is None
    return exact and rule.rule == "momentum" and abs(rule.constants["decay"] - 0.9) < 0.01


def _update_rule(lab: Lab) -> RuleFit:
    """The rule that explains a few updates best."""
    batch = (lab.rng(5).random((5, 4)), one_hot(np.arange(5)))
    return fit_rules(record(lab.build((4, 3, 10)), [batch] * 6, (0.01, 0.01, 0.02, 0.005, 0.01, 0.03)))[0]


def _neighbours(lab: Lab) -> tuple[dict[str, float], float, tuple[np.ndarray, list[str]]]:
    """Agreement of labels with those of the nearest training image, for training and test; the same when shuffled."""
    data, rng = lab.dataset(), lab.rng(4)
    order = rng.permutation(len(data.x_train))
    known, asked = order[300:3300], order[:300]
    tests = rng.permutation(len(data.x_test))[:300]
    base, labels = data.x_train[known], data.labels_train[known]
    squares = np.einsum("ij,ij->i", base, base)

    def nearest(x: np.ndarray) -> np.ndarray:
        return np.asarray((squares - 2 * x @ base.T).argmin(axis=1))

    of_train, of_test = nearest(data.x_train[asked]), nearest(data.x_test[tests])
    agreement = {
        "training": float(np.mean(labels[of_train] == data.labels_train[asked])),
        "test": float(np.mean(labels[of_test] == data.labels_test[tests])),
    }
    shuffled = float(np.mean(rng.permutation(labels)[of_test] == data.labels_test[tests]))
    pairs, words = [], []
    for i in range(8):
        pairs += [data.x_test[tests[i]], base[of_test[i]]]
        words += [f"test: {data.labels_test[tests[i]]}", f"nearest: {labels[of_test[i]]}"]
    return agreement, shuffled, (np.array(pairs).reshape(-1, *data.image_shape), words)


def _on_both_sides(data: Dataset) -> int:
    """Test images that occur, pixel for pixel, in the training set. Equal images have equal sums of weighted pixels."""
    weights = np.random.default_rng(0).random(data.x_train.shape[1]).astype(np.float32)
    keys, asked = data.x_train @ weights, data.x_test @ weights
    order = np.argsort(keys)
    keys = keys[order]
    slack = 1e-5 * np.abs(asked)  # products of matrices of different shapes are rounded differently
    first, last = np.searchsorted(keys, asked - slack), np.searchsorted(keys, asked + slack)
    return sum(
        bool((data.x_train[order[first[i] : last[i]]] == data.x_test[i]).all(axis=1).any())
        for i in np.flatnonzero(last > first)
    )


def _guess(conventions: Conventions) -> float | None:
    """The loss of saying 1/10 to everything; None for a loss that nnkit does not know."""
    return None if conventions.loss == UNREAD else blind_loss(conventions.loss)


def _first_loss(run: Run, conventions: Conventions) -> FirstLoss:
    """Raises NotRead where the formula of the output or of the loss is not known, Blocked where the two do not go together."""
    first = first_loss(run.own_first_loss, conventions)
    if not math.isfinite(first.careless):
        raise Blocked(f"{conventions.loss} of outputs behind {conventions.output} is not a finite number everywhere")
    return first


# Pictures ------------------------------------------------------------------------------------------------------------


def _data_pictures(data: Dataset) -> list[Evidence]:
    shown = [int(np.flatnonzero(data.labels_train == k)[j]) for j in range(2) for k in range(10)]
    edges = np.linspace(min(0.0, float(data.x_train.min())), max(1.0, float(data.x_train.max())), 33)
    return [
        Images(
            title="The images as the network receives them",
            caption=Caption(
                "Whether they are digits, upright, and carry the right label.",
                "A person reads all of them.",
                "Stripes or snow: rows and columns were mixed up by a reshape. Wrong labels: shuffled apart.",
            ),
            values=np.round(data.x_train[shown].reshape(-1, *data.image_shape), 3),
            labels=[str(data.labels_train[i]) for i in shown],
            columns=10,
        ),
        Histograms(
            title="The values of the pixels",
            caption=Caption(
                "The ends of the axis, and whether both sides look alike.",
                "Most pixels are empty, the rest lie between 0 and 1; training and test have the same shape.",
                "Another range, or two different shapes: training and test were scaled differently.",
            ),
            x_label="pixel",
            panels=[
                Panel(name, np.histogram(x[:5000], edges)[0], edges)
                for name, x in (("training images", data.x_train), ("test images", data.x_test))
            ],
            log_y=True,
        ),
    ]


def _rate_pictures(lab: Lab, search: RateSearch, conventions: Conventions) -> list[Evidence]:
    """The search that decides, and the range test beside it, which sees the same in one run."""
    (learned, _), (_, batch) = lab.once(_parts, lab), _plan(lab)
    seen = range_test(
        lambda: _fresh(lab), learned.x, learned.y, low=1e-5, high=30.0, steps=150, batch_size=batch, seed=lab.seed,
        watched=(learned.x[:300], learned.y[:300]),
    )  # fmt: skip
    unit, taken = loss_unit(conventions.loss), _peaks(search)[2] if math.isfinite(search.best) else None
    return [
        rate_search_picture(search, steps=100, unit=unit, guess=_guess(conventions), taken=taken),
        range_test_picture(seen, unit=unit, taken=taken),
    ]


def _curves(run: Run, what: str, lab: Lab) -> Evidence:
    _, batch = _plan(lab)
    conventions = lab.once(_conventions, lab)
    x = np.array(run.steps) * batch / len(lab.once(_parts, lab)[0].x)
    if what == "loss":
        guess, lines = _guess(conventions), (run.train_loss, run.held_out_loss)
        marks = [] if guess is None else [Mark("a guess", "y", guess)]
    else:
        lines = (run.train_right, run.held_out_right)
        marks = [Mark("without a hidden layer", "y", lab.once(_linear, lab).held_out)]
    return Curves(
        title="The loss in training and on images held out" if what == "loss" else "The share of right answers",
        caption=Caption(
            "The two lines, and the gap that opens between them.",
            "Both improve together; then training goes on improving and the images held out no longer do."
            if what == "loss"
            else "Both rise steeply in the first epoch and level off well above the mark.",
            "Held out getting worse while training improves: overfitting. Both flat: no training. Jumps: the rate.",
        ),
        x_label="epoch",
        y_label=f"loss ({loss_unit(conventions.loss)})" if what == "loss" else "share right",
        lines=[Line(name, x, np.array(y)) for name, y in zip(("training", "held out"), lines, strict=True)],
        marks=marks,
        log_y=what == "loss",
    )


def _baselines(lab: Lab) -> Evidence:
    run, data = lab.once(_trained, lab), lab.dataset()
    values = np.array(
        [majority_accuracy(data.labels_train, data.labels_test), lab.once(_linear, lab).test, run.test_accuracy]
    )
    return Bars(
        title="Beside simpler answers",
        caption=Caption(
            "How much the hidden layer adds.",
            "Far above the most frequent class, and above the weighing of pixels.",
            "No better than without a hidden layer: the hidden layer does nothing. At the first bar: nothing was learned.",
        ),
        value_label="share of test images right",
        labels=["most frequent class", "no hidden layer", "this network"],
        values=values,
    )


def _confusion(counts: np.ndarray) -> Evidence:
    return Matrices(
        title="What each digit is taken for",
        caption=Caption(
            "Cells off the diagonal.",
            "Few, and between digits that look alike: 4 and 9, 3 and 5, 7 and 2.",
            "A full column: the network's favourite answer. An empty diagonal cell: a class that it never names.",
        ),
        panels=[Panel("test images", counts)],
        row_label="true digit",
        column_label="answer",
        value_label="images",
        scale="counts",
    )


def _by_class(right: np.ndarray, total: np.ndarray) -> Evidence:
    ends = [wilson_interval(int(r), int(t)) if t else (0.0, 1.0) for r, t in zip(right, total, strict=True)]
    return Bars(
        title="How often each digit is read rightly",
        caption=Caption(
            "The bars with their 95 % intervals.",
            "All near one another; where intervals overlap, the difference may be chance.",
            "One far below the others: few examples of it, wrong labels, or an output unit that does not learn.",
        ),
        value_label="share right",
        labels=[str(k) for k in range(10)],
        values=right / np.maximum(total, 1),
        low=np.array([low for low, _ in ends]),
        high=np.array([high for _, high in ends]),
    )


def _mistakes(lab: Lab) -> list[Evidence]:
    run, data = lab.once(_trained, lab), lab.dataset()
    said = named_classes(run.p_test)
    mistaken = (said != data.labels_test) & (said != NO_ANSWER)
    sure = np.where(mistaken, run.p_test.max(axis=1), -np.inf)
    wrong = np.argsort(-sure, kind="stable")[: min(20, int(mistaken.sum()))]
    if len(wrong) == 0:
        return []
    return [
        Images(
            title="The mistakes it was most sure of",
            caption=Caption(
                "What it said, what is right, and how sure it was.",
                "Digits that a person would hesitate over, too, and a few whose label is wrong.",
                "Clear digits: the network misses something simple.",
            ),
            values=np.round(data.x_test[wrong].reshape(-1, *data.image_shape), 3),
            labels=[f"{said[i]}, not {data.labels_test[i]} ({run.p_test[i].max():.2f})" for i in wrong],
            columns=10,
        )
    ]


def _calibration(lab: Lab) -> Evidence:
    run, data = lab.once(_trained, lab), lab.dataset()
    sure = np.clip(run.p_test.max(axis=1), 0, 1)
    right = named_classes(run.p_test) == data.labels_test
    # The groups grow narrower towards 1, where most images are; a group of fewer than ten says nothing.
    ends = [0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0]
    members = [(sure > low) & (sure <= high) for low, high in pairwise(ends)]
    members = [group for group in members if group.sum() >= 10] or [np.ones(len(sure), dtype=bool)]
    x, y = (np.array([float(values[group].mean()) for group in members]) for values in (sure, right))
    return Curves(
        title="Is it as sure as it is right?",
        caption=Caption(
            "The test images in groups from least to most sure: how sure, and how often right.",
            "The two lines lie close together.",
            "Right less often than sure: overconfident, as networks are that were trained for long.",
        ),
        x_label="how sure: mean output for the answer given",
        y_label="share right",
        lines=[
            Line("this network", x, y),
            Line("as right as it is sure", x, x),
        ],
    )


def _first_layer(parameters: list[np.ndarray], data: Dataset) -> Evidence:
    W = parameters[0]
    strongest = np.argsort(-np.linalg.norm(W, axis=0))[:24]
    return Images(
        title="What the hidden units look for",
        caption=Caption(
            "The weights of the 24 strongest hidden units, laid out like the pixels that they belong to.",
            "Strokes, edges and blobs of both signs; little where there is never ink.",
            "Snow all over: not learned. All alike: the units never came apart. Empty: dead from the start.",
        ),
        values=np.round(W.T[strongest].reshape(-1, *data.image_shape).astype(np.float64), 4),
        labels=[f"unit {k + 1}" for k in strongest],
        columns=8,
        diverging=True,
    )


def _weights(lab: Lab, run: Run) -> Evidence:
    panels = []
    for layer, (before, after) in enumerate(zip(run.weights_before, get_parameters(run.network)[::2], strict=True), 1):
        edges = common_edges([before, after], around_zero=True)
        panels += [
            Panel(f"W{layer} {when}", histogram(W, edges=edges).counts, edges)
            for when, W in (("before", before), ("after", after))
        ]
    return Histograms(
        title="The weights before and after",
        caption=Caption(
            "The shape, before and after training, on the same axis.",
            "A single hump around zero that grew longer tails.",
            "No change: no training. Two humps or a pile at the ends: weights ran away, the rate was too high.",
        ),
        x_label="weight",
        panels=panels,
        log_y=True,
    )


def _activations(parameters: list[np.ndarray], conventions: Conventions, x: np.ndarray) -> Evidence:
    panels = []
    for layer in layer_health(parameters, inner=hidden_activations(parameters, conventions, x)):
        for name, values in (("z", layer.weighted_inputs), ("a", layer.activations)):
            if values is not None:
                panels.append(Panel(f"{name} of layer {layer.layer}", values.counts, values.edges))
    return Histograms(
        title="What goes through the hidden layer",
        caption=Caption(
            "Where the weighted inputs z and the activations a lie, over 1,000 test images.",
            f"z on both sides of zero; a of {conventions.hidden} units using its range.",
            "Everything at one end: saturated or dead. A single spike: the input does not matter.",
        ),
        x_label="value",
        panels=panels,
        log_y=True,
    )


def _gradients(lab: Lab, run: Run) -> Evidence:
    learned, _ = lab.once(_parts, lab)
    gradients = [np.asarray(g) for g in run.network.gradients(learned.x[:256], learned.y[:256])]
    panels = [
        Panel(f"gradient of W{layer.layer}", layer.gradient.counts, layer.gradient.edges)
        for layer in layer_health(get_parameters(run.network), gradients=gradients)
        if layer.gradient is not None
    ]
    return Histograms(
        title="The gradient after training, layer by layer",
        caption=Caption(
            "The width of each, on 256 training images; the number of exact zeros.",
            "A sharp hill at zero with tails to both sides; layers within a factor of a hundred of one another.",
            "The first layer far narrower than the last: the gradient vanishes on its way. All zero: nothing is trained.",
        ),
        x_label="slope of the loss",
        panels=panels,
        log_y=True,
    )


def _norms(run: Run) -> Evidence:
    return Curves(
        title="The norm of the gradient",
        caption=Caption(
            "Its size on the same 256 training images, as training goes on.",
            "It falls several times over as the images are learned, and is quiet at the end.",
            "Growing: exploding, or about to. Zero from the start: vanished.",
        ),
        x_label="step",
        y_label="norm of the gradient",
        lines=[Line("all parameters", np.array(run.looked), np.array(run.norms))],
        log_y=True,
    )


def _update_picture(run: Run) -> Evidence:
    return update_ratios_picture(
        run.looked,
        run.ratios,
        Caption(
            "Size of one update of W over the size of W.",
            "About 1/1000 in the middle of training; it rises with the rate and falls with it.",
            "Above 1/10: unstable. Below 1/100,000: nothing moves. One layer far from the other: its rate does not fit.",
        ),
    )
