"""Somebody's own loop, which tells after each update what it did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.watching.recording import Recording
from nnkit.watching.seen import Layer, Look, grouped

Array = npt.NDArray[Any]


class LoopWatch(Recording):
    """parameters: a function that returns them, `lambda: [W1, b1, W2, b2]`, or the list itself where the arrays are only
    written into; with it, `step` need not be given them.

    Parameters and gradients come as a flat list in the order of the layers, as a list of lists (one a layer), or as a
    mapping of names to arrays.
    """

    def __init__(self, page: str | Path | None, *, parameters: Callable[[], Any] | Any = None) -> None:
        super().__init__(page, "a loop")
        self._ask = parameters if callable(parameters) else None
        self._given = None if callable(parameters) else parameters
        self._before: dict[str, list[Array]] | None = None
        self._told: tuple[Any, ...] = (None, (), None, None, None)  # of the step before
        if parameters is not None and self.moments.due(0):
            self._keep()

    def step(
        self,
        *,
        loss: Any = None,
        parameters: Any = None,
        gradients: Any = None,
        activations: Sequence[Any] = (),
        outputs: Any = None,
        targets: Any = None,
        learning_rate: float | None = None,
    ) -> None:
        """One update has been made. Whatever you have at hand is welcome, and only what you give can be judged.

        loss: of this batch; gradients: from which the update was made, in the order of the parameters; activations (n,
        units): what came out of each hidden layer; outputs, targets (n, k): for the share of right answers.
        """
        step = self.steps
        self.steps = step + 1
        if loss is not None:
            self.losses.append(float(loss))
        if parameters is not None:
            self._given = parameters
        self._told = (gradients, activations, outputs, targets, learning_rate)
        if self._before is not None:
            with self.moments.looking(first=False):
                before, self._before = self._before, None
                self._look(step, before, self._layers(), *self._told)
        if step + 1 >= self.moments.next and self.moments.due(step + 1):
            self._keep()

    def _layers(self) -> dict[str, list[Array]]:
        now = self._ask() if self._ask is not None else self._given
        return {} if now is None else grouped(now)

    def _keep(self) -> None:
        """The next step will be looked at: keep what it starts from."""
        with self.moments.looking():
            self._before = {name: [array.copy() for array in arrays] for name, arrays in self._layers().items()}
            if not self.looks:
                self.keep_arrays("start")

    def look_back(self) -> None:
        self._look(self.steps, self._layers(), {}, *self._told)

    def _look(
        self, step: int, before: dict[str, list[Array]], after: dict[str, list[Array]], gradients: Any,
        activations: Sequence[Any], outputs: Any, targets: Any, rate: float | None,
    ) -> None:  # fmt: skip
        slopes = {} if gradients is None else grouped(gradients)
        if len(slopes) == len(before):  # they may be named otherwise, or not at all
            slopes = dict(zip(before, slopes.values(), strict=True))
        look = Look(step, rate=None if rate is None else float(rate))
        names = list(before or slopes) or [f"layer {number}" for number in range(1, len(activations) + 1)]
        for number, name in enumerate(names):
            layer = Layer(name)
            layer.see(before.get(name, []), slopes.get(name, []), after.get(name, []))
            if number < len(activations):
                layer.see_activations(np.asarray(activations[number]))
            look.layers.append(layer)
        if outputs is not None:
            self.kind = look.see_answers(
                np.asarray(outputs), None if targets is None else np.asarray(targets), self.kind
            )
        self.add(look)

    def arrays(self) -> dict[str, Array]:
        return {f"weights of {name}": arrays[0] for name, arrays in self._layers().items()}
