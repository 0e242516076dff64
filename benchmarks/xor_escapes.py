"""`python -m benchmarks.xor_escapes 500`: how often the smallest XOR network gets stuck, why, and what frees it.

2-2-1 with sigmoids from so many seeds, with both losses, by plain descent and with momentum, at a rate found by dividing
by 3. Every run that is stuck is explained, and then treated, each time from where it got stuck and with as many steps as
a run has from the start:

    unaided       as it is, no steps more: the network's own success rate, and the only one that counts as that
    more steps    nothing is changed, and training goes on (what a way out has to beat)
    curvature     steps along negative curvature only, as often as there is such
    all ways out  what `nnkit.diagnosis.escapes` tries, one after the other
    new seeds     thrown away, and begun again from other seeds (what is easier, where throwing away costs nothing)
"""

from __future__ import annotations

import argparse
import copy
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from benchmarks.table import columns
from nnkit.datasets import truth_table
from nnkit.diagnosis import Conventions
from nnkit.diagnosis.attempts import attempt, search_rate, target
from nnkit.diagnosis.escapes import STEPS, ways_out
from nnkit.diagnosis.stuck import Explanation, explain
from nnkit.subjects import shared

LOSSES = ("binary_cross_entropy", "mse")
RULES = ("gradient_descent", "momentum")
#: seeds on which the rate is searched come before
FIRST_SEED = 100
X, Y = truth_table("xor")


@dataclass
class Treated:
    """What came of the stuck runs under one treatment: whether each learned, and in how many steps."""

    learned: list[bool] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)

    def note(self, learned: bool, steps: int) -> None:
        self.learned.append(learned)
        self.steps.append(steps)


@dataclass
class Result:
    """found, by: why each stuck run is stuck, and the way out by which it learned (empty where it did not)."""

    seeds: int
    unaided: int = 0
    found: list[Explanation] = field(default_factory=list)
    by: list[str] = field(default_factory=list)
    more_steps: Treated = field(default_factory=Treated)
    curvature: Treated = field(default_factory=Treated)
    all_ways: Treated = field(default_factory=Treated)
    new_seeds: Treated = field(default_factory=Treated)

    def share(self, treated: Treated) -> float:
        return 100 * (self.unaided + sum(treated.learned)) / self.seeds


def measure(loss: str, rule: str, seeds: int) -> Result:
    build = partial(shared.build, (2, 2, 1), hidden="sigmoid", output="sigmoid", loss=loss, optimiser=rule)
    conventions = Conventions("sigmoid", "sigmoid", loss, "float64")
    rate, _ = search_rate(build, X, Y)
    goal = target(conventions, 4)
    assert goal is not None
    result = Result(seeds)
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        run = attempt(build(seed), X, Y, rate=rate, target_loss=goal, seed=seed)
        if run.learned:
            result.unaided += 1
            continue
        stuck = copy.deepcopy(run.network)
        found = explain(run, X, Y, conventions, rate=rate, target=goal)
        result.found.append(found)

        on = attempt(copy.deepcopy(stuck), X, Y, rate=rate, target_loss=goal)
        result.more_steps.note(on.learned, on.steps[-1])
        treat = partial(
            ways_out, x=X, y=Y, conventions=conventions, kind=found.kind, start=run.start, rate=rate, target_loss=goal
        )
        # A fresh copy for each, whose velocity is that of the stuck run.
        tries = treat(copy.deepcopy(stuck), rng=np.random.default_rng(seed), among=("negative curvature",))
        result.curvature.note(bool(tries) and tries[-1].learned, sum(each.steps for each in tries))
        tries = treat(copy.deepcopy(stuck), rng=np.random.default_rng(seed))
        result.all_ways.note(bool(tries) and tries[-1].learned, sum(each.steps for each in tries))
        result.by.append(tries[-1].way if tries and tries[-1].learned else "")
        result.new_seeds.note(*begin_again(build, seed, rate, goal))
    return result


def begin_again(build: Callable[[int], Any], seed: int, rate: float, goal: float) -> tuple[bool, int]:
    """From one new seed after the other: whether one learned, and the steps of all."""
    steps, learned, fresh = 0, False, 1_000_000 + 100 * seed
    while steps < STEPS and not learned:
        run = attempt(build(fresh), X, Y, rate=rate, target_loss=goal, steps=STEPS - steps)
        steps, learned, fresh = steps + run.steps[-1], run.learned, fresh + 1
    return learned, steps


def kinds_table(result: Result) -> str:
    """A row for each kind of stuck run: how many, their curvatures, and how many were freed by what."""
    rows = [("", "runs", "freed", "curvatures < / = / > 0", "least, median", "greatest, median")]
    for kind, count in Counter(found.kind for found in result.found).most_common():
        points = [found.point for found in result.found if found.kind == kind and found.point is not None]
        signs = Counter(f"{p.negative} / {p.flat} / {p.positive}" for p in points)
        usual, times = signs.most_common(1)[0]
        freed = Counter(by for by, found in zip(result.by, result.found, strict=True) if found.kind == kind and by)
        rows.append((
            kind, str(count), str(freed.total()), f"{usual} in {times}",
            *(f"{np.median([p.eigenvalues[end] for p in points]):.1e}" for end in (0, -1)),
        ))  # fmt: skip
    return columns(rows)


def each_run(result: Result) -> str:
    """A line for each stuck run, with all its eigenvalues."""
    return "\n".join(
        f"seed {found.seed}: {found.kind}, loss {found.loss:.4f}, slope {found.slope:.0e}, eigenvalues "
        + (" ".join(f"{value:.1e}" for value in found.point.eigenvalues) if found.point else "not finite")
        + f"; {'freed by ' + by if by else 'not freed'}"
        for found, by in zip(result.found, result.by, strict=True)
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.xor_escapes", description=__doc__.split("\n")[0])
    parser.add_argument("seeds", type=int, nargs="?", default=500)
    parser.add_argument("--each", action="store_true", help="a line for each stuck run, with its eigenvalues")
    arguments = parser.parse_args()
    rows = [("per cent learned", "unaided", "more steps", "curvature", "all ways out", "new seeds")]
    steps = [("steps, mean of the stuck", "", "more steps", "curvature", "all ways out", "new seeds")]
    for loss in LOSSES:
        for rule in RULES:
            with np.errstate(all="ignore"):
                result = measure(loss, rule, arguments.seeds)
            name = f"{loss.replace('_', ' ')}, {rule.replace('_', ' ')}"
            treatments = (result.more_steps, result.curvature, result.all_ways, result.new_seeds)
            shares = [100 * result.unaided / result.seeds, *map(result.share, treatments)]
            rows.append((name, *(f"{share:.1f}" for share in shares)))
            steps.append((name, "", *(f"{np.mean(each.steps or [0]):.0f}" for each in treatments)))
            print(f"{name}: {len(result.found)} of {result.seeds} stuck", kinds_table(result), sep="\n", flush=True)
            by = ", ".join(f"{n} by {way}" for way, n in Counter(filter(None, result.by)).most_common())
            print(f"freed: {by or 'none'}", *([each_run(result)] if arguments.each else []), "", sep="\n", flush=True)
    print(columns(rows), "", columns(steps), sep="\n")


if __name__ == "__main__":
    main()
