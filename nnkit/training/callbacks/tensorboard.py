"""Event files for TensorBoard: curves and histograms (source S4.3).

tensorboardX writes them: the format is protocol buffers in checksummed records, and a histogram a message with a
hundred fields' worth of conventions, which a library follows better. It needs NumPy and protobuf alone, where
`torch.utils.tensorboard` needs PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nnkit.training.callbacks.callback import Callback, Monitor

if TYPE_CHECKING:
    from nnkit.training.loop import Training

Array = npt.NDArray[Any]


class TensorBoard(Callback):
    """Writes the loss, the learning rate and histograms whenever the loss is recorded; `pip install "nnkit[tensorboard]"`.

    metrics: further numbers of the network, as {"accuracy": lambda network: ...}. Every `histogram_every`-th time
    (0: never) come histograms of the weights, of the gradients and of the activations, the latter two over the first
    `samples` of what is watched. activations(network, x): the arrays (n, units) of the layers; left out, the network's
    own `activations(x)` is used where it has one. NaN and infinite numbers are left out of a histogram.

    A training that is resumed goes on in a second file, which takes back what the first one had written beyond that
    step. Look with `tensorboard --logdir DIR`.
    """

    remembers = ("_records",)

    def __init__(
        self,
        log_dir: str | Path = "logs",
        *,
        metrics: Mapping[str, Monitor] | None = None,
        histogram_every: int = 1,
        samples: int = 256,
        activations: Callable[[Any, Array], Sequence[Array]] | None = None,
    ) -> None:
        try:
            import tensorboardX  # noqa: F401
        except ImportError as error:
            raise ImportError('event files need tensorboardX: pip install "nnkit[tensorboard]"') from error
        self.log_dir, self.metrics = Path(log_dir), dict(metrics or {})
        self.histogram_every, self.samples, self.activations = histogram_every, samples, activations
        self._records = 0
        self._writer: Any = None

    def on_train_begin(self, training: Training) -> None:
        self._records = 0

    def on_record(self, training: Training) -> None:
        writer, step = self._open(training.step), training.step
        writer.add_scalar("loss", training.loss, step)
        writer.add_scalar("learning_rate", training.learning_rate, step)
        for name, metric in self.metrics.items():
            writer.add_scalar(name, float(metric(training.network)), step)
        if self.histogram_every and self._records % self.histogram_every == 0:
            for tag, array in self._arrays(training):
                finite = array[np.isfinite(array)]
                if finite.size:
                    writer.add_histogram(tag, finite, step)
        self._records += 1
        writer.flush()

    def on_train_end(self, training: Training) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _open(self, step: int) -> Any:
        """The writer of this run. A new one begins at `step`: whatever earlier files say from there on is void."""
        if self._writer is None:
            from tensorboardX import SummaryWriter

            # Files are read in the order of their names, which begin with the second they were made in.
            self._writer = SummaryWriter(str(self.log_dir), purge_step=step, filename_suffix=f".{step:012d}")
        return self._writer

    def _arrays(self, training: Training) -> list[tuple[str, Array]]:
        network, (x, y) = training.network, training.watched
        x, y = x[: self.samples], y[: self.samples]
        if self.activations is not None:
            activations = self.activations(network, x)
        else:
            own = getattr(network, "activations", None)  # in many networks the name of a list
            activations = own(x) if callable(own) else []
        return [
            (f"{kind}/{k}", np.asarray(array))
            for kind, arrays in (
                ("parameters", network.parameters()),
                ("gradients", network.gradients(x, y)),
                ("activations", activations),
            )
            for k, array in enumerate(arrays)
        ]
