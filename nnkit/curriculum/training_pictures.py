"""Pictures of a training, from its trace: as evidence, not drawn. What could not be seen has no picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.curriculum.evidence import Caption, Curves, Evidence, Histograms, Line, Mark, Panel
from nnkit.diagnosis.runs import Run
from nnkit.diagnosis.trace import LayerTrace, Trace

Array = npt.NDArray[Any]

#: more lines than this cannot be told apart
_MOST_LAYERS = 6
#: a quantity that spans more than this is drawn on a logarithmic axis
_DECADES = 30.0
_BINS = 40
#: of two runs, the longer one is drawn as far as this many times the shorter one
_TIMES = 3


def training_pictures(trace: Trace) -> list[Evidence]:
    """All that this trace gives, in the order in which to look at them."""
    found = (
        _loss(trace),
        _accuracy(trace),
        _score(trace),
        _metric(trace),
        *_layers(trace),
        _outputs(trace),
        _rates(trace),
    )
    return [picture for picture in found if picture is not None]


def runs_picture(before: Run, after: Run, change: str) -> Curves:
    """The proof of a cause: the training as it is, and the same with one thing changed."""
    scored = bool(before.score and after.score)
    # A trial may be short, and would be a speck beside all of the training.
    until = _TIMES * min(max(run.steps, default=0) for run in (before, after))
    lines = []
    for label, run in ((before.label, before), (after.label or change, after)):
        steps, values = _points(run.steps, run.score if scored else run.loss)
        lines.append(Line(label, steps[steps <= until], values[steps <= until]))
    return Curves(
        title="The same training with one thing changed",
        caption=Caption(
            "The two lines: nothing differs between the trainings but the change that is named.",
            "The changed training gets away from the other early, and for good.",
            "Lines that stay together: the change is not the cure.",
        ),
        x_label="step",
        y_label="score (0: a guess, 1: all right)" if scored else "loss",
        lines=lines,
        log_y=not scored and _wide(lines),
    )


def histograms_picture(first: Mapping[str, Array], last: Mapping[str, Array]) -> Histograms | None:
    """Of the same arrays at the start and at the end: weights, activations. Not finite numbers are left out."""
    panels = [
        panel
        for name in [*last, *(name for name in first if name not in last)][
            : 2 * _MOST_LAYERS
        ]  # weights and activations
        for moment, arrays in (("start", first), ("end", last))
        if (panel := _histogram(f"{name}, {moment}", arrays.get(name))) is not None
    ]
    if not panels:
        return None
    return Histograms(
        title="How weights and activations are spread, at the start and at the end",
        caption=Caption(
            "The width of each, and how it changes from the start to the end.",
            "One hill around zero, a little wider at the end; activations over most of their range.",
            "Everything in one bin: a layer that says the same to everything. Piled up at both ends: saturated units. "
            "Exactly as at the start: a layer that is not trained.",
        ),
        x_label="value",
        panels=panels,
    )


def _histogram(label: str, values: Array | None) -> Panel | None:
    values = values[np.isfinite(values)] if values is not None else np.zeros(0)
    if not values.size:
        return None
    counts, edges = np.histogram(values, bins=_BINS)
    return Panel(label, counts, edges)


def _loss(trace: Trace) -> Curves | None:
    lines = []
    if trace.batch_loss:
        lines.append(Line("loss of each batch", *_points(range(len(trace.batch_loss)), trace.batch_loss)))
    # Where a loss at the recorded moments comes from the batches themselves, it is their mean.
    known = "mean of the latest batches" if trace.batch_loss else "training"
    lines += _lines(trace, {known: trace.loss, "test": trace.test_loss})
    return _curves(
        "The loss", lines, "loss", log=_wide(lines), caption=Caption(
            "A loss that falls, fast at first and then slower; the distance between training and test.",
            "Both fall, and the test stays close to the training. Single batches scatter about their mean.",
            "Flat from the start: the rate is far too small or too large, or no gradient arrives. Jumps that grow: the rate is "
            "too large. Training falls while the test rises: it is learned by heart. A line that stops: NaN.",
        ),
    )  # fmt: skip


def _accuracy(trace: Trace) -> Curves | None:
    return _curves(
        "The share of right answers", _lines(trace, {"training": trace.accuracy, "test": trace.test_accuracy}),
        "accuracy (share)", marks=[Mark("one in so many classes", "y", 1 / trace.classes)] if trace.classes > 1 else [],
        caption=Caption(
            "How far it gets above a guess, and whether it goes as the loss does.",
            "It rises as the loss falls; the test ends a little below the training.",
            "At a guess while the loss falls: the metric, the labels or the loss are not about the same thing.",
        ),
    )  # fmt: skip


def _score(trace: Trace) -> Curves | None:
    if trace.accuracy or trace.test_accuracy:
        return None
    return _curves(
        "How well it answers", _lines(trace, {"training": trace.score, "test": trace.test_score}),
        "score (0: a guess, 1: all right)", caption=Caption(
            "How far it gets from 0, which is the same answer to everything.",
            "It rises towards 1 as the loss falls.",
            "Near 0, or below: the inputs are not used, or outputs cannot reach the targets.",
        ),
    )  # fmt: skip


def _metric(trace: Trace) -> Curves | None:
    return _curves(
        "Your own measure", _lines(trace, {"training": trace.metric}), "accuracy(outputs, y)", caption=Caption(
            "Whether it goes the way of the loss and of the share of right answers.",
            "It rises as the loss falls.",
            "Another way than the share of right answers: the measure compares the wrong things (source S4.7).",
        ),
    )  # fmt: skip


def _layers(trace: Trace) -> Iterator[Curves | None]:
    layers = _some(trace.layers)

    def of_each(value: Callable[[LayerTrace], Sequence[float]]) -> list[Line]:
        return _lines(trace, {layer.name: value(layer) for layer in layers})

    yield _curves(
        "The size of the gradient, layer by layer", of_each(lambda layer: layer.gradient_norm), "norm of the gradient",
        log=True, caption=Caption(
            "The layers beside one another, and each over time.",
            "Within a factor of a hundred of one another; slowly smaller as the loss falls.",
            "The first layers thousands of times below the last: the gradient vanishes on its way. Lines that climb: it "
            "explodes. All tiny while the loss is high: nothing moves any more.",
        ),
    )  # fmt: skip
    yield _curves(
        "How large the updates are beside the weights", _without_gaps(of_each(_update_ratio)), "size of update / size of weights",
        log=True, marks=[Mark("1/1000", "y", 1e-3)], caption=Caption(
            "The height of the lines (source S4.6).",
            "About a thousandth, a tenfold up or down; falling towards the end.",
            "Near 1: each step undoes the one before, the rate is too large. Below a hundred-thousandth: training takes ages. "
            "One layer far below the others: it is hardly trained.",
        ),
    )  # fmt: skip
    units = {f"{layer.name}, saturated": layer.saturated for layer in layers if layer.saturated}
    units |= {f"{layer.name}, dead": layer.dead for layer in layers if any(share > 0 for share in layer.dead)}
    yield _curves(
        "Where no gradient passes", _lines(trace, dict(list(units.items())[:_MOST_LAYERS])), "share", caption=Caption(
            "Saturated: the share of a layer's activations at a flat end. Dead: the share of its units that are off for every "
            "row.",
            "Low at the start. It may rise as the answers get surer; a few dead units among many do no harm.",
            "A jump that stays: a step was too large. High from the start: first weights or inputs are too large.",
        ),
    )  # fmt: skip
    yield _curves(
        "How widely activations are spread", of_each(lambda layer: layer.activation_spread), "standard deviation",
        log=True, caption=Caption(
            "The layers beside one another, at the start above all.",
            "Alike from layer to layer.",
            "Each layer a fraction of the one before: first weights are too small, and nothing of the input arrives. A "
            "multiple: they are too large.",
        ),
    )  # fmt: skip


def _update_ratio(layer: LayerTrace) -> list[float]:
    """NaN where there was no update to be seen, as after the last step."""
    pairs = zip(layer.update_norm, layer.weight_norm, strict=False)
    return [update / weight if weight > 0 else float("nan") for update, weight in pairs]


def _outputs(trace: Trace) -> Curves | None:
    return _curves(
        "How much the outputs differ from row to row", _lines(trace, {"outputs": trace.outputs_spread}),
        "spread of outputs / of targets", caption=Caption(
            "Whether it answers different inputs differently.",
            "It rises from the start, for probabilities towards 1.",
            "Near 0 for long: the same answer to everything (source S2.0).",
        ),
    )  # fmt: skip


def _rates(trace: Trace) -> Curves | None:
    if len(set(trace.rates)) < 2:
        return None
    lines = _lines(trace, {"learning rate": trace.rates})
    return _curves(
        "The learning rate", lines, "learning rate", log=_wide(lines), caption=Caption(
            "When the rate changes, and what the loss does then.",
            "It falls towards the end, after a short rise if there is one.",
            "Near 0 long before the end: what comes after is not trained. Rising without an end: it will diverge.",
        ),
    )  # fmt: skip


def _curves(
    title: str, lines: list[Line], y_label: str, *, caption: Caption, marks: Sequence[Mark] = (), log: bool = False
) -> Curves | None:
    if not lines:
        return None
    # A picture on a logarithmic axis needs something above zero.
    log = log and any((line.y > 0).any() for line in lines)
    return Curves(
        title=title, caption=caption, x_label="step", y_label=y_label, lines=lines, marks=tuple(marks), log_y=log
    )


def _lines(trace: Trace, values: Mapping[str, Sequence[float]]) -> list[Line]:
    return [Line(label, *_points(trace.steps, series)) for label, series in values.items() if _any_known(series)]


def _without_gaps(lines: Sequence[Line]) -> list[Line]:
    return [Line(line.label, line.x[known], line.y[known]) for line in lines if (known := ~np.isnan(line.y)).any()]


def _any_known(series: Sequence[float]) -> bool:
    return any(value == value for value in series)


def _points(steps: Sequence[int], values: Sequence[float]) -> tuple[Array, Array]:
    n = min(len(steps), len(values))
    return np.array(steps[:n], dtype=float), np.array(values[:n], dtype=float)


def _wide(lines: Sequence[Line]) -> bool:
    """Whether the values span so much, and are all above zero, that only a logarithmic axis shows them."""
    values = np.concatenate([line.y for line in lines]) if lines else np.zeros(0)
    values = values[np.isfinite(values)]
    return bool(values.size and values.min() > 0 and values.max() > _DECADES * values.min())


def _some(layers: Sequence[LayerTrace]) -> list[LayerTrace]:
    """The first and the last, and others between them, evenly, where there are too many."""
    if len(layers) <= _MOST_LAYERS:
        return list(layers)
    return [layers[round(at)] for at in np.linspace(0, len(layers) - 1, _MOST_LAYERS)]
