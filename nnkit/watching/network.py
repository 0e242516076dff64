"""A network by nnkit's five methods, or fewer: each call of its `train_step` is seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.watching.recording import Recording
from nnkit.watching.seen import ROWS, Layer, Look, grouped

Array = npt.NDArray[Any]


class NetworkWatch(Recording):
    """x, y: the training data, of which some rows, evenly spread, are what is measured on. x_test, y_test: others.

    `loss`, `forward`, `gradients` and `parameters` are asked where the network has them. A number that train_step
    returns is taken for the loss of its batch.
    """

    def __init__(
        self, network: Any, page: str | Path | None, x: Array, y: Array, x_test: Any = None, y_test: Any = None
    ) -> None:
        self._network, self._own = network, network.train_step
        self._probe = some_rows(x, y)
        self._test = None if x_test is None or y_test is None else some_rows(x_test, y_test)
        self._rate: float | None = None  # when it was last looked at
        self._was_set = "train_step" in getattr(network, "__dict__", {})
        try:
            network.train_step = self._step
        except AttributeError as error:
            raise TypeError(
                f"nothing can be set on a {type(network).__name__}, so its train_step cannot be seen: remove __slots__ from "
                "the class, or use nnkit.watch() without a network and call its step(...)"
            ) from error
        super().__init__(page, type(network).__name__)

    def detach(self) -> None:
        if self._was_set:
            self._network.train_step = self._own
        else:
            del self._network.train_step

    def _step(self, *args: Any, **named: Any) -> Any:
        step = self.steps
        self.steps = step + 1
        if step < self.moments.next or not self.moments.due(step):
            answer = self._own(*args, **named)
        else:
            look = None
            with self.moments.looking():
                before = {name: [a.copy() for a in arrays] for name, arrays in self._layers().items()}
                self._rate = _rate(args, named)
                look = self._look(step, before, self._rate)
                if step == 0:
                    self.keep_arrays("start")
            answer = self._own(*args, **named)
            if look is not None:
                with self.moments.looking(first=False):
                    after = self._layers()
                    for layer in look.layers:
                        layer.see_update(before[layer.name], after.get(layer.name, []))
                    self.add(look)
        if isinstance(answer, (float, np.floating)):
            self.losses.append(float(answer))
        return answer

    def look_back(self) -> None:
        self.add(self._look(self.steps, self._layers(), self._rate))

    def _look(self, step: int, before: dict[str, list[Array]], rate: float | None) -> Look:
        network, (x, y) = self._network, self._probe
        look = Look(step, rate=rate)
        slopes = grouped(network.gradients(x, y)) if hasattr(network, "gradients") and before else {}
        for name, arrays in before.items():
            layer = Layer(name)
            layer.see(arrays, slopes.get(name, []))
            look.layers.append(layer)
        if hasattr(network, "loss"):
            look.loss = float(network.loss(x, y))
        if hasattr(network, "forward"):
            self.kind = look.see_answers(np.asarray(network.forward(x)), y, self.kind)
        if self._test is not None:
            there = Look(step)
            if hasattr(network, "loss"):
                look.test_loss = float(network.loss(*self._test))
            if hasattr(network, "forward"):
                there.see_answers(np.asarray(network.forward(self._test[0])), self._test[1], self.kind)
                look.test_accuracy, look.test_score = there.accuracy, there.score
        return look

    def _layers(self) -> dict[str, list[Array]]:
        return grouped(self._network.parameters()) if hasattr(self._network, "parameters") else {}

    def arrays(self) -> dict[str, Array]:
        return {f"weights of {name}": arrays[0] for name, arrays in self._layers().items()}


def some_rows(x: Any, y: Any) -> tuple[Array, Array]:
    x, y = np.asarray(x), np.asarray(y)
    chosen = np.unique(np.linspace(0, len(x) - 1, min(ROWS, len(x))).astype(int))
    return x[chosen], y[chosen]


def _rate(args: tuple[Any, ...], named: dict[str, Any]) -> float | None:
    """The third argument of train_step(x, y, learning_rate), where it is a number."""
    rate = args[2] if len(args) > 2 else named.get("learning_rate")
    return float(rate) if isinstance(rate, (int, float, np.number)) else None
