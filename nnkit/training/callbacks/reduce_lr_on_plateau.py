"""A smaller rate where a larger one gets no further (source S4.3)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from nnkit.training.callbacks.callback import Callback, Monitor, watched_value
from nnkit.training.schedules import Plateau

if TYPE_CHECKING:
    from nnkit.training.loop import Training


class ReduceLROnPlateau(Callback):
    """Divides the rate, whatever its schedule, by `divide_by` (2 to 10) when the recorded loss has stopped falling.

    That is when more than `patience` recorded values in a row were no improvement: see `nnkit.training.Plateau`, which
    decides it, for `threshold`; `smallest` is the smallest factor on the rate. monitor(network): a number to go by in
    place of the recorded loss.
    """

    def __init__(
        self,
        divide_by: float = 10.0,
        patience: int = 10,
        *,
        monitor: Monitor | None = None,
        threshold: float = 1e-4,
        smallest: float = 0.0,
    ) -> None:
        self.monitor = monitor
        self._new = partial(Plateau, divide_by, patience, threshold, smallest)
        self._plateau = self._new()

    def on_train_begin(self, training: Training) -> None:
        self._plateau = self._new()

    def on_record(self, training: Training) -> None:
        training.factor = self._plateau.update(watched_value(self.monitor, training))

    def get_state(self) -> dict[str, Any]:
        return {name: getattr(self._plateau, name) for name in ("best", "waited", "factor")}

    def set_state(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self._plateau, name, value)
