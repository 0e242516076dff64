"""One trial: the program, with one thing changed, trained again and looked at on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.layout import write
from nnkit.diagnosis.observed import Deadline, Enough, Step, chance_kept, fit_observed
from nnkit.diagnosis.record import LARGE_PROBE, PROBE
from nnkit.diagnosis.remedies.suspect import Suspect
from nnkit.diagnosis.runs import Run
from nnkit.diagnosis.score import Kind, kind_of, score
from nnkit.subjects.program import Program

Array = npt.NDArray[Any]

#: steps after each twelfth of which a trial is looked at, where its length is not known
LONG = 3000
#: how often a trial is looked at, over its length
LOOKS = 12


def try_out(
    program: Program,
    suspect: Suspect,
    *,
    steps: int | None,
    seconds: float,
    good: Callable[[int], float],
    own_rows: bool = False,
    kind: Kind | None = None,
) -> Run:
    """Train with the change for so many steps, or so long; or until the score was twice in sequence at least what is `good`
    after so many steps, on the rows that matter for the suspect.

    steps counts those of the unchanged program, of which a suspect may do more; None: as many as
    there are. own_rows: the loop makes rows of its own,
    and those that it feeds first are what it is judged by. kind: of the targets, where that is known.
    """
    changed = suspect.program or program
    most = None if steps is None else max(1, round(steps * suspect.steps))
    looker = _Looker(changed, suspect, most, seconds, good, own_rows)
    looker.kind = kind or looker.kind
    run = looker.run
    run.label = suspect.change
    try:
        network, _ = fit_observed(_repeated(changed, suspect.steps), looker)
        looker.look(network)
    except Enough:
        pass
    except Exception as raised:  # a network that cannot be built so
        run.label += f" ({type(raised).__name__})"
    return run


def _repeated(program: Program, times: float) -> Program:
    """More steps than the loop does: the loop once more, on the same network."""
    if times <= 1:
        return program
    fit = program.fit

    def again(network: Any, x: Array, y: Array, seed: int) -> None:
        for turn in range(int(np.ceil(times))):
            fit(network, x, y, seed + turn)

    return replace(program, fit=again)


class _Looker:
    def __init__(
        self,
        program: Program,
        suspect: Suspect,
        steps: int | None,
        seconds: float,
        good: Callable[[int], float],
        own: bool,
    ) -> None:
        self.run = Run("")
        self._suspect, self._good = suspect, good
        self._deadline, self._steps, self._done = Deadline(seconds, steps), steps or LONG, 0
        rng = np.random.default_rng(0)
        self.kind: Kind = kind_of(program.y)
        self._sets = [_sample(program.x, program.y, rng)]
        if program.x_test is not None and program.y_test is not None:
            self._sets.append(_sample(program.x_test, program.y_test, rng))
        self._fed: list[tuple[Array, Array]] | None = [] if own else None
        self._started: list[Any] = []
        self._next = 0
        self._good_before = False

    def step(self, network: Any, own: Step, x: Array, y: Array, rate: Any) -> Any:
        suspect = self._suspect
        if suspect.start is not None and not any(network is known for known in self._started):
            self._started.append(network)
            write(network, suspect.start([np.array(array) for array in network.parameters()]))
        if self._fed is not None:
            self._note(x, y)
        if self._done >= self._next:
            self.look(network)
            # geometric at first, then a twelfth of the whole at a time
            self._next = max(self._done + 1, min(2 * self._done, self._done + max(1, self._steps // LOOKS)))
        if self._deadline.reached(self._done):
            raise Enough
        self._done += 1
        if suspect.rate is not None and rate is not None:
            rate = suspect.rate(self._done - 1, float(rate))
        if suspect.update is not None:
            return suspect.update(network, x, y, float(rate if rate is not None else 1.0))
        return own(x, y, rate)

    def looked(self, x: Array) -> None:
        """Nothing is made of that."""

    def _note(self, x: Array, y: Array) -> None:
        assert self._fed is not None
        if sum(len(rows) for rows, _ in self._fed) < PROBE and np.ndim(y) == 2:
            self._fed.append((np.array(x[:PROBE]), np.array(y[:PROBE])))
            self._sets[0] = tuple(np.concatenate(part) for part in zip(*self._fed, strict=True))  # type: ignore[assignment]

    def look(self, network: Any) -> None:
        if self.run.steps and self.run.steps[-1] == self._done:
            return
        with chance_kept(), np.errstate(all="ignore"):
            scores = [self._score(network, x, y) for x, y in self._sets]
            try:
                x, y = self._sets[0]
                loss = float(np.asarray(network.loss(x[:300].copy(), y[:300].copy())))
            except Exception:
                loss = float("nan")
        self.run.steps.append(self._done)
        self.run.loss.append(loss)
        self.run.score.append(scores[0])
        if len(scores) > 1:
            self.run.test_score.append(scores[1])
        now = scores[-1] if self._suspect.on == "test" else scores[0]
        good = now >= self._good(self._done)
        if good and self._good_before:
            raise Enough
        self._good_before = good
        parameters = [np.asarray(array) for array in network.parameters()]
        if not all(np.isfinite(array.sum()) for array in parameters):
            raise Enough

    def _score(self, network: Any, x: Array, y: Array) -> float:
        try:
            return score(network.forward(x.copy()), y, self.kind)
        except Exception:
            return float("nan")


def _sample(x: Array, y: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    rows = np.sort(rng.permutation(len(x))[: LARGE_PROBE // 4])
    return x[rows], y[rows]
