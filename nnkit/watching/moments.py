"""When to look: at every one of the first steps, then at ever fewer, and never for more than a share of the time.

A look costs what it costs, be it for a large network or a slow machine. So what looking has taken is measured, and the
next look waits until it fits into the share: the bound on the whole holds whatever is watched.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: of the time of the training. With what is noted at every step, the whole stays below three hundredths.
SHARE = 0.01
#: seconds that looking may take in any case: nobody notices them, and a training of a second is seen too
ALLOWANCE = 0.005
#: What a look costs beside its own time: the steps after it find their data gone from the caches. Measured with PyTorch on a
#: network for MNIST, where they were slower by two thirds of it.
AFTERMATH = 1.7
#: steps from one look to the next, as a share of the steps so far: some thirty looks in a thousand steps, sixty in 100,000
GAP = 0.2


Clock = Callable[[], float]


class Moments:
    """`due(step)` says whether to look at this step, counted from 0; `looking()` surrounds the look, and takes its time.

    Time is that of the wall or of the processor, whichever went slower: what other programs took meanwhile is no time of
    this one, and threads side by side are no more time than one.
    """

    def __init__(self, share: float = SHARE, wall: Clock = time.perf_counter, work: Clock = time.process_time) -> None:
        self._share, self._clocks = share, (wall, work)
        self._begin = self._now()
        self._costs = (0.0, 0.0)  # of the latest two looks, of which the cheaper one was not held up by something else
        self.spent, self.gave_up = 0.0, False
        #: nothing is due before this step: whoever is in a hurry compares with it and asks no further
        self.next = 0

    def _now(self) -> tuple[float, ...]:
        return tuple(clock() for clock in self._clocks)

    def _since(self, begin: tuple[float, ...]) -> float:
        return min(now - then for now, then in zip(self._now(), begin, strict=True))

    def due(self, step: int) -> bool:
        if step < self.next:
            return False
        if self.spent + min(self._costs) > ALLOWANCE + self._share * self._since(self._begin):
            self.next = step + 1 + step // 100  # too soon: ask again a little later
            return False
        self.next = step + 1 + int(GAP * step)
        return True

    @contextmanager
    def looking(self, first: bool = True) -> Iterator[None]:
        """first: whether a look begins here; else this is the rest of it.

        What goes wrong in a look is told in a warning, and nothing is looked at any more: the training goes on.
        """
        begin = self._now()
        try:
            yield
        except Exception as error:
            self.next, self.gave_up = sys.maxsize, True
            warnings.warn(f"nnkit.watch looks no further: {type(error).__name__}: {error}", stacklevel=4)
        finally:
            took = AFTERMATH * self._since(begin)
            self.spent += took
            before, latest = self._costs
            self._costs = (latest, took) if first else (before, latest + took)
