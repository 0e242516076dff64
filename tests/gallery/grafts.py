"""Two faults at once: pairs of wrong lines, grafted onto one network that is right.

The gallery has one fault in each program, people's first programs have several. Here every edit puts one fault into the
same plain program, and pairs of edits show whether the second fault is found behind the first. Edits and exclusions were
written without a look at the code that names bugs.

    python -m tests.gallery.grafts 50           climbs with fifty pairs (--seed, default 0), and counts
    python -m tests.gallery.grafts --alone      with each edit by itself
    python -m tests.gallery.grafts --several    with the programs of gallery/several, which have three faults or more
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

from nnkit.curriculum.collect import collect_stages, default_folder
from nnkit.curriculum.results import Diagnosis
from nnkit.curriculum.run_stage import run_stage
from nnkit.subjects.load import locate

SEVERAL = Path(__file__).parents[2] / "gallery" / "several"

RIGHT = '''\
"""Layers of tanh; a sigmoid for one output, a softmax for several; cross-entropy; gradient descent with momentum."""

import numpy as np


def sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def log(p):
    return np.log(np.maximum(p, 1e-300))


def binary_cross_entropy(p, y):
    return -y * log(p) - (1 - y) * log(1 - p)


def cross_entropy(p, y):
    return -y * log(p)


class build:
    hidden = "tanh"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.output, self.loss_function = "softmax", "cross_entropy"
        self.last, self.cost = softmax, cross_entropy
        if sizes[-1] == 1:
            self.output, self.loss_function = "sigmoid", "binary_cross_entropy"
            self.last, self.cost = sigmoid, binary_cross_entropy
        self.layers = [
            (rng.normal(0, 1 / np.sqrt(m), (m, n)), np.zeros(n))
            for m, n in zip(sizes[:-1], sizes[1:])
        ]
        self.slopes = [np.zeros_like(p) for p in self.parameters()]
        self.velocities = [np.zeros_like(p) for p in self.parameters()]
        self.z = self.a = None

    def parameters(self):
        return [p for layer in self.layers for p in layer]

    def forward(self, x):
        self.z = []
        self.a = [x]
        for W, b in self.layers:
            self.z.append(self.a[-1] @ W + b)
            if len(self.z) < len(self.layers):
                self.a.append(np.tanh(self.z[-1]))
            else:
                self.a.append(self.last(self.z[-1]))
        return self.a[-1]

    def loss(self, x, y):
        p = self.forward(x)
        costs = self.cost(p, y)
        return np.mean(costs.sum(axis=1))

    def gradients(self, x, y):
        self.forward(x)
        n = len(x)
        for slope in self.slopes:
            slope[...] = 0
        delta = (self.a[-1] - y) / n
        for i in reversed(range(len(self.layers))):
            W, b = self.layers[i]
            dW, db = self.slopes[2 * i], self.slopes[2 * i + 1]
            dW += self.a[i].T @ delta
            db += delta.sum(axis=0)
            if i > 0:
                delta = delta @ W.T
                delta = delta * (1 - self.a[i] ** 2)
        return [slope.copy() for slope in self.slopes]

    def train_step(self, x, y, learning_rate):
        gradients = self.gradients(x, y)
        for p, v, g in zip(self.parameters(), self.velocities, gradients):
            v[...] = 0.9 * v - learning_rate * g
            p += v
'''


@dataclass(frozen=True)
class Edit:
    """One fault. right: occurs once in RIGHT; causes: all ids that are right names; layer: where that can be said, "last"
    for the highest one.

    shows: the only part of the program in which it shows, empty where it shows in several; hides: the parts in which
    nothing can be seen beside it.
    """

    name: str
    right: str
    wrong: str
    causes: tuple[str, ...]
    area: str
    operation: str
    layer: int | str | None = None
    shows: str = ""
    hides: frozenset[str] = frozenset()

    @property
    def place(self) -> dict[str, Any]:
        return {"layer": self.layer, "operation": self.operation}

    @property
    def lines(self) -> range:
        """Numbers of the lines of RIGHT that it replaces."""
        first = RIGHT[: RIGHT.index(self.right)].count("\n")
        return range(first, first + self.right.count("\n") + 1)


def _edit(name: str, right: str, wrong: str, causes: str, operation: str, area: str = "", **more: Any) -> Edit:
    return Edit(name, right, wrong, tuple(causes.split()), area or operation, operation, **more)


SUM = "self.z.append(self.a[-1] @ W + b)"
ACTIVATION = "self.a.append(np.tanh(self.z[-1]))"
FIRST = "self.a = [x]"
OUTPUTS = "p = self.forward(x)"
COSTS = "costs = self.cost(p, y)"
MEAN = "return np.mean(costs.sum(axis=1))"
START = "rng.normal(0, 1 / np.sqrt(m), (m, n))"
OUTPUT_DELTA = "delta = (self.a[-1] - y) / n"
DOWN = "delta = delta @ W.T"
SLOPE = "delta = delta * (1 - self.a[i] ** 2)"
WEIGHTS = "dW += self.a[i].T @ delta"
BIASES = "db += delta.sum(axis=0)"
RETURN = "return [slope.copy() for slope in self.slopes]"
VELOCITY = "v[...] = 0.9 * v - learning_rate * g"
MOVE = "p += v"
OWN_GRADIENTS = "gradients = self.gradients(x, y)"
EACH = "in zip(self.parameters(), self.velocities, gradients)"

_UPDATE = {"area": "update", "shows": "update"}
_OPTIMISER = {"area": "optimiser", "shows": "update"}
_HIDDEN_DELTA = {"area": "gradient", "shows": "hidden layers"}

EDITS = (
    _edit("no bias", SUM, "self.z.append(self.a[-1] @ W)", "bias-not-added", "forward"),
    _edit("bias subtracted", SUM, "self.z.append(self.a[-1] @ W - b)", "bias-sign-flipped", "forward"),
    _edit("bias twice", SUM, "self.z.append(self.a[-1] @ W + b + b)", "bias-added-twice", "forward"),
    _edit("no tanh", ACTIVATION, "self.a.append(self.z[-1])", "activation-missing hidden-layer-linear", "forward", layer=1,
          shows="hidden layers"),
    _edit("tanh twice", ACTIVATION, "self.a.append(np.tanh(np.tanh(self.z[-1])))", "activation-applied-twice", "forward",
          layer=1, shows="hidden layers"),
    _edit("sigmoid for tanh", ACTIVATION, "self.a.append(sigmoid(self.z[-1]))", "wrong-activation", "forward", layer=1,
          shows="hidden layers"),
    _edit("dropout", ACTIVATION, "self.a.append(np.tanh(self.z[-1]) * (np.random.rand(*self.z[-1].shape) < 0.8) / 0.8)",
          "dropout-left-on", "state", shows="hidden layers", hides=frozenset({"hidden layers"})),
    _edit("batch centred", FIRST, "self.a = [x - x.mean(axis=0)]", "samples-mixed", "forward"),
    _edit("first column blank", FIRST, "self.a = [np.column_stack([0 * x[:, 0], x[:, 1:]])]", "input-ignored", "forward"),
    _edit("scaled in place", FIRST, "x *= 2\n        x -= 1\n        self.a = [x]", "input-modified", "state"),
    _edit("softmax down the columns", "return e / e.sum(axis=1, keepdims=True)", "return e / e.sum(axis=0)",
          "softmax-over-wrong-axis", "forward", layer="last", shows="several outputs"),
    _edit("softmax without a sum", "return e / e.sum(axis=1, keepdims=True)", "return e", "softmax-not-normalised", "forward",
          layer="last", shows="several outputs"),
    _edit("softmax overflows", "e = np.exp(z - z.max(axis=1, keepdims=True))", "e = np.exp(z)", "unstable-softmax", "forward",
          area="numerics", layer="last", shows="several outputs"),
    _edit("sigmoid overflows", "return 0.5 * (1 + np.tanh(0.5 * z))", "return np.exp(z) / (1 + np.exp(z))",
          "unstable-sigmoid", "forward", area="numerics", layer="last", shows="one output"),
    _edit("minus lost", MEAN, "return np.mean(-costs.sum(axis=1))", "loss-sign-flipped", "loss"),
    _edit("mean of means", MEAN, "return np.mean(costs.sum(axis=1)) / len(x)", "loss-divided-twice gradient-scaled", "loss"),
    _edit("last cost lost", MEAN, "return costs[:-1].sum() / len(x)", "loss-drops-samples", "loss"),
    _edit("penalty in the loss", MEAN, "return np.mean(costs.sum(axis=1)) + 0.01 * sum((W**2).sum() for W, _ in self.layers)",
          "penalty-only-in-loss", "loss"),
    _edit("half of the entropy", "return -y * log(p) - (1 - y) * log(1 - p)", "return -y * log(p)  # both", "loss-half-missing",
          "loss", shows="one output"),
    _edit("targets first", COSTS, "costs = self.cost(y, p)", "loss-arguments-swapped", "loss"),
    _edit("output function again", OUTPUTS, "p = self.last(self.forward(x))", "softmax-twice", "loss"),
    _edit("rounded outputs", OUTPUTS, "p = np.round(self.forward(x))", "loss-of-rounded-outputs", "loss"),
    _edit("squeezed outputs", OUTPUTS, "p = self.forward(x).squeeze()", "loss-broadcast", "loss", shows="one output"),
    _edit("target minus output", OUTPUT_DELTA, "delta = (y - self.a[-1]) / n", "gradient-sign-flipped", "delta", "gradient"),
    _edit("slope not cancelled", OUTPUT_DELTA, "delta = (self.a[-1] - y) * self.a[-1] * (1 - self.a[-1]) / n",
          "output-derivative-not-cancelled gradient-of-another-loss", "delta", "gradient", layer="last"),
    _edit("sum for mean", OUTPUT_DELTA, "delta = self.a[-1] - y", "gradient-scaled", "batch", "gradient"),
    _edit("targets one row on", OUTPUT_DELTA, "delta = (self.a[-1] - np.roll(y, 1, axis=0)) / n", "wrong-targets-in-gradient",
          "delta", "gradient", layer="last"),
    _edit("last row zero", OUTPUT_DELTA, "delta = (self.a[-1] - y) / n\n        delta[-1] = 0", "last-sample-dropped", "batch",
          "gradient"),
    _edit("targets overwritten", OUTPUT_DELTA, "y -= self.a[-1]\n        delta = -y / n", "targets-modified", "state"),
    _edit("first output only", DOWN, "delta = np.outer(delta[:, 0], W[:, 0])", "delta-of-one-output-only", "delta",
          **_HIDDEN_DELTA),
    _edit("weights left out", DOWN, "delta = delta.sum(axis=1, keepdims=True)", "delta-not-propagated", "delta",
          **_HIDDEN_DELTA),
    _edit("mean at each layer", DOWN, "delta = delta @ W.T / n", "delta-scaled", "delta", **_HIDDEN_DELTA),
    _edit("no slope", SLOPE, "pass", "activation-derivative-missing", "delta", **_HIDDEN_DELTA),
    _edit("slope of the sigmoid", SLOPE, "delta = delta * self.a[i] * (1 - self.a[i])", "derivative-of-wrong-function",
          "delta", **_HIDDEN_DELTA),
    _edit("slope at z", SLOPE, "delta = delta * (1 - self.z[i - 1] ** 2)", "derivative-at-wrong-argument", "delta",
          **_HIDDEN_DELTA),
    _edit("slope twice", SLOPE, "delta = delta * (1 - self.a[i] ** 2) ** 2", "derivative-applied-twice", "delta",
          **_HIDDEN_DELTA),
    _edit("z for a", WEIGHTS, "dW += (self.z[i - 1] if i else x).T @ delta", "wrong-activation-in-weight-gradient",
          "weight-gradient", "gradient", layer="last", shows="hidden layers"),
    _edit("mean for weights", WEIGHTS, "dW += self.a[i].T @ delta / n", "weight-gradient-scaled", "weight-gradient", "gradient"),
    _edit("frozen layer", WEIGHTS, "dW += (i > 0) * (self.a[i].T @ delta)", "weight-gradient-missing", "weight-gradient",
          "gradient", layer=1),
    _edit("penalty in the gradient", WEIGHTS, "dW += self.a[i].T @ delta + 0.01 * W", "penalty-only-in-gradient",
          "weight-gradient", "gradient"),
    _edit("last row for weights", WEIGHTS, "dW += np.outer(self.a[i][-1], delta[-1])", "one-sample-only", "weight-gradient",
          "gradient"),
    _edit("mean for biases", BIASES, "db += delta.mean(axis=0)", "bias-gradient-scaled", "bias-gradient", "gradient"),
    _edit("biases left out", BIASES, "pass", "bias-gradient-missing", "bias-gradient", "gradient"),
    _edit("sum over all", BIASES, "db += delta.sum()", "bias-gradient-over-wrong-axis", "bias-gradient", "gradient"),
    _edit("biases uphill", BIASES, "db -= delta.sum(axis=0)", "gradient-sign-flipped", "bias-gradient", "gradient"),
    _edit("clipped", RETURN, "return [np.clip(slope, -0.1, 0.1) for slope in self.slopes]", "gradient-clipped", "gradient",
          "gradient"),
    _edit("buffers handed out", RETURN, "return self.slopes", "gradient-buffer-reused", "state"),
    _edit("never set to zero", "            slope[...] = 0\n", "            pass\n", "gradients-accumulate", "state"),
    _edit("kept from before", "        self.forward(x)\n",
          "        if self.a is None or len(self.a[0]) != len(x):\n            self.forward(x)\n", "stale-cache", "state"),
    _edit("first size kept", "n = len(x)\n", 'n = self.__dict__.setdefault("n", len(x))\n', "first-batch-size-remembered",
          "state"),
    _edit("layers of the class", "self.layers = [\n", "build.layers = [\n", "state-shared-between-networks", "state"),
    _edit("copies", "return [p for layer in self.layers for p in layer]",
          "return [p.copy() for layer in self.layers for p in layer]", "parameters-are-copies", "state",
          hides=frozenset({"update"})),
    _edit("one seed", "np.random.default_rng(seed)", "np.random.default_rng(0)", "seed-ignored", "state", shows="start"),
    _edit("start at zero", START, "np.zeros((m, n))", "initialised-to-zero", "initialisation", shows="start",
          hides=frozenset({"start"})),
    _edit("first sample only", OWN_GRADIENTS, "gradients = self.gradients(x[:1], y[:1])", "update-of-one-sample-only", "update",
          **_UPDATE),
    _edit("last bias left out", EACH, "in zip(self.parameters()[:-1], self.velocities, gradients)", "update-skips-parameter",
          "update", layer="last", **_UPDATE),
    _edit("own rate", VELOCITY, "v[...] = 0.9 * v - 0.2 * g", "update-ignores-learning-rate", "update", **_UPDATE),
    _edit("mean in the step", VELOCITY, "v[...] = 0.9 * v - learning_rate * g / len(x)", "update-scaled", "update", **_UPDATE),
    _edit("uphill", MOVE, "p -= v", "update-uphill", "update", **_UPDATE),
    _edit("name bound anew", MOVE, "p = p + v", "update-missing", "update", **_UPDATE, hides=frozenset({"update"})),
    _edit("moved twice", MOVE, "p += v\n            p += v", "update-applied-twice update-scaled", "update", **_UPDATE),
    _edit("swings back", VELOCITY, "v[...] = -0.9 * v - learning_rate * g", "momentum-sign-flipped", "update", **_OPTIMISER),
    _edit("no friction", VELOCITY, "v[...] = v - learning_rate * g", "momentum-undamped", "update", **_OPTIMISER),
    _edit("biases without velocity", MOVE, "p += v if p.ndim > 1 else -learning_rate * g", "momentum-missing-for-some", "update",
          **_OPTIMISER),
    _edit("weights grow", MOVE, "p += v + 0.01 * learning_rate * p", "weight-decay-sign-flipped", "update", **_OPTIMISER),
    _edit("decay without rate", MOVE, "p += v - 0.01 * p", "weight-decay-scaled", "update", **_OPTIMISER),
    _edit("cut to a thousandth", VELOCITY, "v[...] = 0.9 * v - learning_rate * np.clip(g, -1e-3, 1e-3)", "clipping-too-tight",
          "update", **_OPTIMISER),
)  # fmt: skip

BY_NAME = {edit.name: edit for edit in EDITS}

#: pairs that make one fault, or none: what the two lines do together is right, or is what a single wrong line does
ONE_TOGETHER = frozenset(
    map(
        frozenset,
        (
            ("no bias", "biases left out"),  # without a bias its gradient is zero
            ("bias subtracted", "biases uphill"),  # the gradient of a threshold that is subtracted
            ("no tanh", "no slope"),  # linear layers, with their gradient
            ("sigmoid for tanh", "slope of the sigmoid"),  # layers of sigmoids, with their gradient
            ("minus lost", "target minus output"),  # the gradient of minus the loss
            ("target minus output", "biases uphill"),  # the biases are right again: the weights are uphill
            ("target minus output", "uphill"),  # minus the gradient, added
            ("mean of means", "mean for weights"),  # the weights' gradient is the loss's: the biases' is too large
            ("sum for mean", "mean for weights"),  # as before
            ("sum for mean", "mean for biases"),  # the biases' gradient is the mean's: the weights' is too large
            ("sum for mean", "first size kept"),  # the size is not used
            ("sum for mean", "mean in the step"),  # a sum that the step divides by n
            ("mean for weights", "mean for biases"),  # all is divided by n once more: the gradient is scaled
            ("frozen layer", "biases left out"),  # with one layer nothing moves
            ("penalty in the loss", "penalty in the gradient"),  # a penalty of another strength in the gradient
            ("last row zero", "last row for weights"),  # the weights' gradient is zero
            ("last cost lost", "last row zero"),  # loss and gradient leave out the same sample
            ("mean in the step", "moved twice"),  # one factor
            ("own rate", "moved twice"),  # another rate of its own
        ),
    )
)


def grafted(*edits: Edit) -> str:
    """The program with these faults. Raises ValueError where one of them does not find its line."""
    source = RIGHT
    for edit in edits:
        if source.count(edit.right) != 1:
            raise ValueError(f"{edit.name!r} has not one place to go")
        source = source.replace(edit.right, edit.wrong)
    return source


def fit(one: Edit, two: Edit) -> bool:
    """Whether both can be seen beside each other, in lines of their own."""
    if set(one.lines) & set(two.lines) or frozenset({one.name, two.name}) in ONE_TOGETHER:
        return False
    return two.shows not in one.hides and one.shows not in two.hides


def pairs(seed: int, count: int) -> list[tuple[Edit, Edit]]:
    """Random pairs that fit; no pair twice."""
    possible = [pair for pair in combinations(EDITS, 2) if fit(*pair)]
    return random.Random(seed).sample(possible, count)


@dataclass(frozen=True)
class Climbed:
    """What a climb with a program came to.

    causes: for each fault the names that are right; told: what was named on the way; stopped_at: the stage that did not
    pass; cure: how the trial of the cure ended.
    """

    name: str
    causes: Sequence[Sequence[str]]
    told: Sequence[Diagnosis]
    stopped_at: int | None
    cure: str
    seconds: float

    @property
    def unnamed(self) -> list[str]:
        names = {one.cause for one in self.told}
        return [" or ".join(causes) for causes in self.causes if not names & set(causes)]

    @property
    def named(self) -> int:
        return len(self.causes) - len(self.unnamed)

    @property
    def wrong_names(self) -> list[str]:
        """Names of what is no fault here. That it is not known is none, and a warning that does not apply is no wrong one."""
        right = {"unknown"}.union(*self.causes)
        return [one.cause for one in self.told if one.severity == "error" and one.cause not in right]

    @property
    def in_words(self) -> str:
        names = (("harmless " if one.severity == "warning" else "") + one.cause + _place(one) for one in self.told)
        at = f"stage {self.stopped_at}" if self.stopped_at else "no failure"
        return f"{at}: {', '.join(names) or 'no diagnosis'}. {self.cure}"


def _place(one: Diagnosis) -> str:
    words = [str(one.where[key]) for key in ("layer", "parameter", "operation") if one.where.get(key)]
    return f" ({' '.join(words)})" if words else ""


def climb(name: str, file: Path, causes: Sequence[Sequence[str]]) -> Climbed:
    """The stages without images, until one does not pass."""
    begin, told, stopped_at, cure = time.perf_counter(), {}, None, ""
    source = locate(str(file))
    with redirect_stdout(StringIO()):
        build = source.load()
        for stage in collect_stages(default_folder()):
            if stage.uses_data or stopped_at:
                break
            result = run_stage(stage, build, source, seed=0, fingerprint={})
            # A fault that is a warning while the stage passes is told again where the climb stops.
            told.update({(one.cause, _place(one)): one for one in result.diagnoses})
            if result.status != "passed":
                stopped_at, cure = stage.number, result.cure
    return Climbed(name, causes, list(told.values()), stopped_at, cure, time.perf_counter() - begin)


def climb_with(*edits: Edit) -> Climbed:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.py"
        file.write_text(grafted(*edits), encoding="utf-8")
        return climb(" + ".join(edit.name for edit in edits) or "right", file, [edit.causes for edit in edits])


def several() -> list[tuple[Path, dict[str, Any]]]:
    """The programs of gallery/several with their tables."""
    tables = tomllib.loads((SEVERAL / "several.toml").read_text(encoding="utf-8"))
    return [(SEVERAL / f"{name}.py", table) for name, table in tables.items()]


def alternatives(table: dict[str, Any]) -> list[list[str]]:
    """For each fault of a program the names that are right."""
    return [[entry] if isinstance(entry, str) else entry for entry in table["causes"]]


def told(climbs: Sequence[Climbed]) -> list[str]:
    """How many faults were named, as a table of text."""
    most = max(len(one.causes) for one in climbs)
    lines = [f"{'faults named':<24}{'programs':>9}"]
    for faults in range(most, 0, -1):
        of = [one for one in climbs if len(one.causes) == faults]
        lines += [
            f"{f'{named} of {faults}':<24}{sum(one.named == named for one in of):>9}"
            for named in range(faults, -1, -1)
            if of
        ]
    lines.append(f"{'with a wrong name':<24}{sum(bool(one.wrong_names) for one in climbs):>9}")
    lines.append(f"{'never stopped':<24}{sum(one.stopped_at is None for one in climbs):>9}")
    seconds = [one.seconds for one in climbs]
    lines.append(f"median {median(seconds):.1f} s, at most {max(seconds):.1f} s, in all {sum(seconds):.0f} s")
    return lines


def main() -> None:
    arguments = argparse.ArgumentParser(description="climbs with programs that have several faults")
    arguments.add_argument("count", nargs="?", type=int, default=30, help="how many pairs (default: 30)")
    arguments.add_argument("--seed", type=int, default=0, help="which pairs (default: 0)")
    arguments.add_argument("--alone", action="store_true", help="each fault by itself")
    arguments.add_argument("--several", action="store_true", help="the programs of gallery/several")
    asked = arguments.parse_args()
    ask: Iterable[Callable[[], Climbed]]
    if asked.several:
        ask = [lambda p=path, t=table: climb(p.stem, p, alternatives(t)) for path, table in several()]
    elif asked.alone:
        ask = [lambda e=edit: climb_with(e) for edit in EDITS]
    else:
        ask = [lambda p=pair: climb_with(*p) for pair in pairs(asked.seed, asked.count)]
    climbs = []
    for one in (each() for each in ask):
        climbs.append(one)
        if one.unnamed or one.wrong_names:
            print(f"{one.name}\n    not named: {'; '.join(one.unnamed) or '-'}", flush=True)
            print(f"    wrong:     {', '.join(one.wrong_names) or '-'}\n    found:     {one.in_words}", flush=True)
    print("\n".join(told(climbs)))


if __name__ == "__main__":
    main()
