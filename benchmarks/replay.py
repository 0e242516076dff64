"""`python -m benchmarks.replay`: how long the replays of forward pass, loss and gradients take as networks grow.

The shared network, whose numbers are all right, and the same with a wrong derivative, which must be searched for.
"""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

from nnkit.diagnosis.form import read_form
from nnkit.diagnosis.replay.replay import replay_sizes
from nnkit.network import Network
from nnkit.subjects import shared

SIZES = (
    (4, 3, 3, 2),
    (16, 12, 8, 3),
    (64, 30, 20, 10),
    (196, 100, 50, 10),
    (784, 30, 20, 10),
    (784, 100, 50, 10),
    (784, 300, 100, 10),
)
ROUNDS = 3
BAR = 60  # characters for the longest


class WithoutSlopes:
    """A network whose backward pass leaves out the derivatives of the hidden activation."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.parameters, self.forward, self.loss = network.parameters, network.forward, network.loss

    def gradients(self, x: Any, y: Any) -> list[Any]:
        a = [x]
        *below, _, _ = parameters = self.parameters()
        for W, b in zip(below[::2], below[1::2], strict=True):
            z = a[-1] @ W + b
            a.append(z * (z > 0))
        delta = (self.forward(x) - y) / len(x)
        gradients: list[Any] = []
        for layer in range(len(a) - 1, -1, -1):
            gradients = [a[layer].T @ delta, delta.sum(axis=0), *gradients]
            delta = delta @ parameters[2 * layer].T
        return gradients


def right(sizes: tuple[int, ...], seed: int) -> Any:
    return shared.build(sizes, seed, hidden="relu", output="softmax", loss="cross_entropy")


def wrong(sizes: tuple[int, ...], seed: int) -> Any:
    return WithoutSlopes(right(sizes, seed))


def seconds(build: Any, sizes: tuple[int, ...]) -> tuple[float, str]:
    """The best of a few rounds, and what was found."""
    form = read_form(lambda probe: build(probe, 0), sizes)
    best, found = float("inf"), ""
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        replay = replay_sizes(build, lambda _: form, sizes)
        best = min(best, time.perf_counter() - begin)
        found = ", ".join(finding.cause for finding in replay.findings) if replay else "not replayed"
    return best, found


def main() -> None:
    rows = [(sizes, seconds(right, sizes), seconds(wrong, sizes)) for sizes in SIZES]
    longest = max(took for _, _, (took, _) in rows)
    print(f"{'network':<18} {'parameters':>10} {'right':>9} {'wrong':>9}  found")
    for sizes, (healthy, _), (faulty, found) in rows:
        count = sum((a + 1) * b for a, b in pairwise(sizes))
        name = "-".join(map(str, sizes))
        print(f"{name:<18} {count:>10,} {healthy:>7.3f} s {faulty:>7.3f} s  {found}")
    print("\nseconds of the wrong one, # for each", f"{longest / BAR:.2g} s:")
    for sizes, _, (faulty, _) in rows:
        print(f"{'-'.join(map(str, sizes)):<18} {'#' * max(1, round(BAR * faulty / longest))}")


if __name__ == "__main__":
    main()
