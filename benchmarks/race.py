"""The race: one epoch of each in turn, round after round, so that whatever else the machine does hits all alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.contestant import Contestant

#: seconds before a contestant starts: threads of whoever ran before go on asking for work for a while
PAUSE = 0.1
#: steps before the clock starts: memory is asked for, and caches fill
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
    """`rounds` epochs of `steps` steps of each; who begins changes from round to round.

    After `seconds` no further lap begins, but for the first one of those with one thread. A number of threads with
    which not everybody had a turn is left out: two threads on a busy machine wait for each other, up to a minute a lap.
    """
    table = [Times(contestant) for contestant in sorted(contestants, key=lambda contestant: contestant.threads)]
    begin = time.perf_counter()
    for number in range(rounds):
        shift = number % len(table)
        for times in table[shift:] + table[:shift]:
            contestant = times.contestant
            if time.perf_counter() - begin > seconds and (number > 0 or contestant.threads > 1):
                continue
            tell(f"round {number + 1} of {rounds}: {contestant.name}, {contestant.threads} thread(s)")
            with threadpool_limits(contestant.threads):
                time.sleep(PAUSE)
                contestant.run(WARM_UP)
                wall, cpu = time.perf_counter(), time.process_time()
                contestant.run(steps)
                times.wall[number], times.cpu[number] = time.perf_counter() - wall, time.process_time() - cpu
    left_out = {times.contestant.threads for times in table if not times.wall}
    return [times for times in table if times.contestant.threads not in left_out]
