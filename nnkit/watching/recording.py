"""A training as it is seen: looks are put in, a trace, its symptoms and a page come out."""

from __future__ import annotations

import atexit
import math
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.score import Kind
from nnkit.diagnosis.trace import LayerTrace, Symptom, Trace
from nnkit.watching.moments import SHARE, Moments
from nnkit.watching.seen import Layer, Look

Array = npt.NDArray[Any]

_LAYER = ("weight_norm", "gradient_norm", "update_norm", "activation_mean", "activation_spread", "saturated", "dead")  # fmt: skip
_WHOLE = ("loss", "test_loss", "accuracy", "test_accuracy", "score", "test_score", "outputs_spread")
#: batches over which the loss at a look is averaged, where it is not measured for itself
_LATEST = 100
#: entries of which a histogram is made: more would look no different
_ENTRIES = 100_000


class Recording:
    """page: where the page goes in the end, None for none; what: the name of what is trained.

    share: of the time of the training, for looks.

    Whoever watches puts in the loss of each step (`losses`) and, when `moments` says so, a look (`add`).
    """

    def __init__(self, page: str | Path | None, what: str, share: float = SHARE) -> None:
        Look(0).see_answers(np.eye(4), np.eye(4))  # whatever is slow for the first time is so before the training
        self.page = None if page is None else Path(page)
        self.what = what
        self.steps = 0
        self.losses: list[float] = []
        self.looks: list[Look] = []
        self.kind: Kind | None = None  # of the targets, once they have been seen
        self._histograms: dict[str, dict[str, Array]] = {}
        self._closed = False
        self._started, self._begin = datetime.now(UTC), time.perf_counter()
        self.moments = Moments(share)
        atexit.register(self.close)

    def arrays(self) -> dict[str, Array]:
        """What is to be drawn as histograms, at the start and at the end. Name to numbers."""
        return {}

    def look_back(self) -> None:
        """A last look, when the last step has been made."""

    def detach(self) -> None:
        """Leave what is watched as it was."""

    def add(self, look: Look) -> None:
        """Looks come in the order of their steps."""
        self.looks.append(look)

    def keep_arrays(self, moment: str) -> None:
        """Keep what will be drawn. moment: "start" or "end"."""
        self._histograms[moment] = {
            name: np.array(np.ravel(array)[:: 1 + np.size(array) // _ENTRIES], dtype=np.float64)
            for name, array in self.arrays().items()
        }

    @property
    def trace(self) -> Trace:
        """What has been seen so far. What no look could see is left empty."""
        trace = Trace(steps=[look.step for look in self.looks], batch_loss=list(self.losses))
        for name in _WHOLE:
            setattr(trace, name, _known(_carried_on([getattr(look, name) for look in self.looks])))
        if not trace.loss and self.losses:
            trace.loss = self._means_of_losses()
        trace.rates = _known([look.rate for look in self.looks])
        trace.classes = max((look.classes for look in self.looks), default=0)
        for name in dict.fromkeys(layer.name for look in self.looks for layer in look.layers):
            seen = [next((one for one in look.layers if one.name == name), Layer(name)) for look in self.looks]
            values = {key: _known([getattr(layer, key) for layer in seen]) for key in _LAYER}
            trace.layers.append(LayerTrace(name, **values, not_finite=[layer.not_finite for layer in seen]))
        return trace

    def _means_of_losses(self) -> list[float]:
        """At each look, of the batches since the one before, which stand for one number better than the last alone."""
        means, before = [], -1
        for look in self.looks:
            latest = self.losses[max(before + 1, look.step - _LATEST + 1, 0) : look.step + 1] or self.losses[-1:]
            means.append(float(np.mean(latest)))
            before = look.step
        return means

    @property
    def symptoms(self) -> list[Symptom]:
        """What looks wrong so far, the gravest first; empty where nothing does."""
        from nnkit.diagnosis.monitors import symptoms

        return list(symptoms(self.trace))

    def close(self) -> None:
        """Write the page, and say in a line what is on it. `with` does it, and so does the end of the program."""
        atexit.unregister(self.close)
        if self._closed:
            return
        self._closed = True
        if self.steps and not self.moments.gave_up:
            with self.moments.looking():
                self.look_back()
                self.keep_arrays("end")
        self.detach()
        if self.page is None or not self.steps:
            return
        from nnkit.curriculum.training_pictures import histograms_picture
        from nnkit.curriculum.training_results import watched
        from nnkit.report.training import write_training

        result = watched(
            self.trace, self.symptoms, self.what,
            started=self._started.isoformat(timespec="seconds"), seconds=time.perf_counter() - self._begin,
            histograms=histograms_picture(self._histograms.get("start", {}), self._histograms.get("end", {})),
        )  # fmt: skip
        write_training(result, self.page)
        print(f"nnkit: {result.headline} {self.page}", file=sys.stderr)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _carried_on(values: list[float | None]) -> list[float | None]:
    """What a look did not see is taken to be as it was last seen: a training is judged by its end."""
    found: list[float | None] = []
    for value in values:
        found.append(found[-1] if value is None and found else value)
    return found


def _known(values: list[float | None]) -> list[float]:
    """NaN where a value was not seen; nothing at all where none was."""
    return [math.nan if value is None else value for value in values] if any(v is not None for v in values) else []
