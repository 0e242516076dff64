"""`python -m benchmarks.learning_rates`: do the learning-rate tools find the rate that a fine grid finds?

Networks that have little in common, each correct, are trained on the embedded digits for twenty epochs at every rate of
a grid with six rates to the decade. The yardstick of a rate is the fall of its training loss, as a share of the fall at the
best rate of the grid. Held to it are three ways to choose a rate beforehand: `range_test` alone, `divide_by_3` alone, and
`suggest_rate`, which makes one of the two.

Source S3.2 says that the best rate is one to one tenth of that where trouble begins. That is, in the grid: the smallest
rate above the best one at which training is no longer a number, or falls less than half as far, or names less than half
as many test images rightly, as at its best.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from benchmarks.table import columns
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load
from nnkit.subjects import shared
from nnkit.subjects.load import locate
from nnkit.training import divide_by_3, range_test, suggest_rate, train

Array = npt.NDArray[Any]
Build = Callable[[], Any]

FOLDER = Path(__file__).parents[1] / "tests" / "own_networks"
#: Of those that need NumPy alone: other activations, losses, reductions, penalties, update rules, layouts, float types.
CHOSEN = (
    "02_cost_objects", "03_dict_of_params", "04_layer_objects", "07_bias_last_row", "09_float32_relu_momentum",
    "11_immutable_tuples_silu", "12_views_adam_softplus", "14_rmsprop_leaky_02", "15_nesterov_leaky_01",
    "16_adagrad_softsign", "19_tanh_targets_as_they_are", "23_lasso", "24_adamw", "25_clipped_by_norm", "30_own_autodiff",
    "33_views_of_one_matrix", "36_three_dimensional",
)  # fmt: skip
#: update rules of the shared network, ReLU with softmax and cross-entropy
RULES = ("gradient_descent", "adam", "radam")
SIZES, BATCH, EPOCHS = (64, 30, 10), 32, 20
GRID = 10.0 ** (np.arange(-30, 13) / 6)
#: A rate that is held leaves the loss restless, and where it stands depends on the step at which one stops. So what
#: counts is the median of the ends of so many last epochs.
LAST = 5
#: of the fall of the loss at the best rate
ENOUGH = 0.95


@dataclass(frozen=True)
class Trained:
    """What came of a training at one rate: the loss on the training images, NaN where it broke; test images right."""

    loss: float
    right: float


@dataclass(frozen=True)
class Judged:
    """A rate that a tool chose: the fall of the loss and the share right, as shares of the best of the grid."""

    rate: float
    fall: float
    right: float
    trouble: float

    @property
    def enough(self) -> bool:
        return self.fall >= ENOUGH

    @property
    def within(self) -> bool:
        """One to one tenth of where trouble begins (source S3.2)."""
        return self.trouble / 10 <= self.rate <= self.trouble


def watched(x: Array, y: Array) -> tuple[Array, Array]:
    return x[:300], y[:300]


TOOLS: dict[str, Callable[..., float]] = {
    "range_test": lambda build, x, y: range_test(build, x, y, batch_size=BATCH).suggestion,
    # Behind outputs that are bounded nothing overflows, and wild rates look stable: one rate below the best one, too.
    "divide_by_3": lambda build, x, y: (
        divide_by_3(build, x, y, batch_size=BATCH, watched=watched(x, y), past_best=1).middle
    ),
    "suggest_rate": lambda build, x, y: suggest_rate(build, x, y, batch_size=BATCH).rate,
}


def networks(every: bool, seed: int = 0) -> dict[str, Build]:
    """By name; `every`: of all files that take ten classes and whose framework is installed."""
    named: dict[str, Build] = {}
    for file in sorted(FOLDER.glob("[0-9]*.py")):
        if every or file.stem in CHOSEN:
            try:
                build = locate(str(file)).load()
                build(SIZES, seed)
            except Exception as error:
                print(f"{file.stem} is left out: {str(error).splitlines()[0]}", file=sys.stderr)
                continue
            named[file.stem] = lambda build=build: build(SIZES, seed)  # type: ignore[misc]
    for rule in RULES:
        named[f"shared, {rule}"] = lambda rule=rule: shared.build(SIZES, seed, optimiser=rule)  # type: ignore[misc]
    return named


def trained(build: Build, rate: float, data: tuple[Array, Array, Array, Array]) -> Trained:
    x, y, x_test, labels = data
    network, epoch = build(), -(-len(x) // BATCH)
    steps = EPOCHS * epoch
    ends: list[Trained] = []

    def look(step: int) -> None:
        if step % epoch == 0 and step > steps - LAST * epoch:
            answers = np.asarray(network.forward(x_test)).argmax(axis=1)
            ends.append(Trained(float(network.loss(x, y)), float(np.mean(answers == labels))))

    with np.errstate(all="ignore"):
        history = train(
            network, x, y, steps=steps, learning_rate=rate, batch_size=BATCH, rng=np.random.default_rng(1),
            record_every=50, watched=watched(x, y), give_up=1e3, on_step=look,
        )  # fmt: skip
    if history.stopped or not np.isfinite([end.loss for end in ends]).all():
        return Trained(float("nan"), 0.0)
    return Trained(float(np.median([end.loss for end in ends])), float(np.median([end.right for end in ends])))


def judge(build: Build, data: tuple[Array, Array, Array, Array]) -> tuple[float, float, list[Judged]]:
    """The best rate of the grid, the rate where trouble begins, and what came of each tool's choice."""
    x, y, *_ = data
    start = float(build().loss(x, y))
    grid = [trained(build, rate, data) for rate in GRID]
    falls = np.array([start - run.loss if np.isfinite(run.loss) else -np.inf for run in grid])
    rights = np.array([run.right for run in grid])
    best = int(falls.argmax())
    half = np.minimum(falls / falls[best], rights / rights.max()) < 0.5
    trouble = next((float(rate) for rate in GRID[best:][half[best:]]), float("inf"))
    judged = []
    for tool in TOOLS.values():
        with np.errstate(all="ignore"):
            rate = tool(build, x, y)
        run = trained(build, rate, data) if np.isfinite(rate) else Trained(float("nan"), 0.0)
        fall = (start - run.loss) / falls[best] if np.isfinite(run.loss) else 0.0
        judged.append(Judged(rate, fall, run.right / rights.max(), trouble))
    return float(GRID[best]), trouble, judged


def row(name: str, best: float, trouble: float, judged: Sequence[Judged]) -> tuple[str, ...]:
    cells = [f"{trouble:.2g}", f"{best:.2g}", f"{trouble / best:.1f}"]
    for each in judged:
        cells += [f"{each.rate:.2g}", f"{trouble / each.rate:.1f}", f"{each.fall:.3f}", f"{each.right:.3f}"]
    return (name, *cells)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning_rates", description=__doc__)
    parser.add_argument("--all", action="store_true", help="all networks of tests/own_networks, not twenty of them")
    parser.add_argument("--seed", type=int, default=0, help="of the networks' first weights")
    options = parser.parse_args()
    digits = load()
    data = (
        digits.x_train.astype(np.float64), one_hot(digits.labels_train),
        digits.x_test.astype(np.float64), digits.labels_test,
    )  # fmt: skip
    header = ("", "trouble", "best", "x", *(cell for tool in TOOLS for cell in (tool, "x", "fall", "right")))
    rows, verdicts, within = [header], [], 0
    with threadpool_limits(limits=1):
        for name, build in networks(options.all, options.seed).items():
            best, trouble, judged = judge(build, data)
            within += trouble / 10 <= best <= trouble
            verdicts.append(judged)
            rows.append(row(name, best, trouble, judged))
            print(f"\r{len(verdicts)} {name:<50}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(columns(rows))
    n = len(verdicts)
    print(
        f"\nx: how many times lower than where trouble begins. The best rate of the grid is 1 to 10 on {within} of {n}."
    )
    for k, tool in enumerate(TOOLS):
        mine = [judged[k] for judged in verdicts]
        print(
            f"{tool}: at least {ENOUGH:.0%} of the best fall of the loss on {sum(each.enough for each in mine)} of {n}, "
            f"least {min(each.fall for each in mine):.3f}; 1 to 10 times below trouble on "
            f"{sum(each.within for each in mine)}; at least {ENOUGH:.0%} of the best share of right answers on "
            f"{sum(each.right >= ENOUGH for each in mine)}."
        )
    return int(not all(judged[-1].enough for judged in verdicts))


if __name__ == "__main__":
    sys.exit(main())
