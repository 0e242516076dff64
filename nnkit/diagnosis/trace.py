"""What was seen of a training, as plain arrays: what monitors read, whoever recorded it.

A trace may come from a training program, from somebody's own NumPy loop, from a hook in PyTorch or a callback of Keras.
What could not be seen is left empty, and the monitors that need it are silent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class FirstNotFinite:
    """Where the first NaN or infinity came from. step: the update after which parameters were not finite, from 0.
    operation: what was not finite first: "input", "target", "weighted input", "activation", "output", "loss",
    "gradient" or "update". layer: from 1; row: of the batch."""

    step: int
    operation: str
    layer: int | None = None
    row: int | None = None

    def words(self) -> str:
        where = f" of layer {self.layer}" if self.layer is not None else ""
        row = f", in row {self.row} of the batch" if self.row is not None else ""
        return f"the {self.operation}{where} in step {self.step + 1}{row}"


@dataclass
class LayerTrace:
    """One layer at the recorded moments, a list entry for each: what went through it and what was done to it.

    weight_norm, gradient_norm, update_norm: Euclidean, of its weights and biases together. activation_mean,
    activation_spread: over units and samples of a probe batch; saturated: the share of its activations, over units and samples,
    that are at a flat end (NaN for an activation without two of them); dead: the share of its units that have no slope for
    any sample; not_finite: what first was NaN or infinite in it ("" so far).
    """

    name: str
    weight_norm: list[float] = field(default_factory=list)
    gradient_norm: list[float] = field(default_factory=list)
    update_norm: list[float] = field(default_factory=list)
    activation_mean: list[float] = field(default_factory=list)
    activation_spread: list[float] = field(default_factory=list)
    saturated: list[float] = field(default_factory=list)
    dead: list[float] = field(default_factory=list)
    not_finite: list[str] = field(default_factory=list)


@dataclass
class Trace:
    """A training as it was seen.

    steps: numbers of updates done at the recorded moments, ascending from 0; everything else has an entry for each.
    loss: on the probe batch (training data); test_loss; accuracy, test_accuracy: shares of right answers, 0 to 1.
    rates: the learning rate of the last step. outputs_spread: how much the outputs differ between the samples of the probe
    batch, beside how much the targets do. batch_loss: the loss of every single step's batch, before the step, where seen.
    classes: how many there are (1: a regression, 2: one output of 0 or 1).

    score, test_score: how well it answers, 0 for who never looks at the input and 1 for all right, with classes and with
    numbers alike (`nnkit.diagnosis.score`). loss_of_others: the loss with each sample's target exchanged for another
    sample's: outputs that do not depend on the input do not tell the two apart. attainable: the score that a plain
    network reached in a second on the same data, held-out rows; NaN where nobody tried. metric: the author's own measure. not_finite: where the first NaN
    or infinity came from.
    """

    steps: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    test_loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    test_accuracy: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    outputs_spread: list[float] = field(default_factory=list)
    batch_loss: list[float] = field(default_factory=list)
    layers: list[LayerTrace] = field(default_factory=list)
    classes: int = 0
    score: list[float] = field(default_factory=list)
    test_score: list[float] = field(default_factory=list)
    loss_of_others: list[float] = field(default_factory=list)
    metric: list[float] = field(default_factory=list)
    attainable: float = float("nan")
    not_finite: FirstNotFinite | None = None


#: what a monitor can say
SymptomName = Literal[
    "not-finite", "diverging", "exploding", "vanishing", "saturated", "dead", "oscillating", "stuck", "collapsed",
    "no-learning", "slow", "metric-and-loss-disagree", "overfitting", "forgetting", "data", "loop",
]  # fmt: skip


@dataclass(frozen=True)
class Symptom:
    """What a monitor saw: a symptom and where it began, no cause.

    layer: from 1, None for the whole network; step: when it was first seen; operation: where ("forward", "loss",
    "gradient", "update", "data", "loop"). measured against limit: the numbers; summary: in one sentence.
    """

    name: SymptomName
    summary: str
    measured: float = float(np.nan)
    limit: float = float(np.nan)
    layer: int | None = None
    step: int | None = None
    operation: str = ""
