"""The race: one epoch of each in turn, round after round, so that whatever else the machine does hits all alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.contestant import Contestant

#: steps before the clock starts: the threads of whoever ran before go to sleep, and caches fill
WARM_UP = 10


@dataclass
class Times:
    """Seconds that a contestant took, by round: by the clock, and of processors at work."""

    contestant: Contestant
    wall: dict[int, float] = field(default_factory=dict)
    cpu: dict[int, float] = field(default_factory=dict)

    @property
    def median(self) -> float:
        return float(np.median(list(self.wall.values())))

    @property
    def median_cpu(self) -> float:
        return float(np.median(list(self.cpu.values())))

    def over(self, other: Times) -> float:
        """How many times as long as the other: the median over rounds of the ratio within a round."""
        return _median_ratio(self.wall, other.wall)

    def cpu_over(self, other: Times) -> float:
        """The same of processor time, which is the better measure of one thread on a busy machine."""
        return _median_ratio(self.cpu, other.cpu)


def _median_ratio(these: dict[int, float], those: dict[int, float]) -> float:
    return float(np.median([these[number] / those[number] for number in these if number in those]))


def race(
    contestants: Sequence[Contestant],
    steps: int,
    *,
    rounds: int,
    seconds: float,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Times]:
    """`rounds` epochs of `steps` steps of each, fewer where they take longer than `seconds` (but always one round).

    Who begins changes from round to round.
    """
    table = [Times(contestant) for contestant in contestants]
    begin = time.perf_counter()
    for number in range(rounds):
        shift = number % len(table)
        for times in table[shift:] + table[:shift]:
            if number > 0 and time.perf_counter() - begin > seconds:
                return table
            contestant = times.contestant
            tell(f"round {number + 1} of {rounds}: {contestant.name}, {contestant.threads} thread(s)")
            with threadpool_limits(contestant.threads):
                contestant.run(WARM_UP)
                wall, cpu = time.perf_counter(), time.process_time()
                contestant.run(steps)
                times.wall[number], times.cpu[number] = time.perf_counter() - wall, time.process_time() - cpu
    return table
