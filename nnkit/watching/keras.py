"""A Keras 3 model: a callback for `fit`, on any backend.

What Keras tells a callback in the middle of an epoch are means since its beginning; the loss of a single batch is what
the mean of one batch more differs by. Gradients are seen on the backend PyTorch alone, which leaves them lying about.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from nnkit.diagnosis.trace import Symptom, Trace
from nnkit.watching.network import some_rows
from nnkit.watching.recording import Recording
from nnkit.watching.seen import Layer, Look

Array = NDArray[Any]


class KerasWatch(keras.callbacks.Callback):  # type: ignore[misc]
    """x, y: the training data; some rows of it are what activations and answers are measured on, and without them neither
    is seen. The page is written when `fit` ends.
    """

    def __init__(self, model: keras.Model, page: str | Path | None, x: Any = None, y: Any = None) -> None:
        super().__init__()
        self._recording = _OfModel(model, page)
        self._probe = None if x is None or y is None else some_rows(x, y)
        self._before: dict[str, list[Array]] | None = None
        self._means: list[
            tuple[int, Any]
        ] = []  # (batches, their mean loss) since the epoch began, to be made numbers later
        self._told = (0, 0.0)  # the last of them that has been
        self._validated: dict[str, float] = {}

    @property
    def trace(self) -> Trace:
        """What has been seen so far."""
        return self._recording.trace

    @property
    def symptoms(self) -> list[Symptom]:
        """What looks wrong so far, the gravest first; empty where nothing does."""
        return self._recording.symptoms

    def close(self) -> None:
        """Write the page, if the end of `fit` has not."""
        self._recording.close()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._flush()
        self._told = (0, 0.0)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        recording = self._recording
        if recording.steps < recording.moments.next or not recording.moments.due(recording.steps):
            return
        with recording.moments.looking():
            recording.model = (
                self.model
            )  # asking for it brings its variables up to date, where a backend keeps them apart
            if recording.steps == 0:
                recording.keep_arrays("start")
            self._before = {name: _arrays(layer) for name, layer in recording.layers}

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        recording = self._recording
        step = recording.steps
        recording.steps = step + 1
        if logs and "loss" in logs:
            self._means.append((batch + 1, logs["loss"]))
        if self._before is not None:
            with recording.moments.looking(first=False):
                self._look(step)
        elif len(self._means) >= 256:
            self._flush()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._validated = {name: float(value) for name, value in (logs or {}).items() if name.startswith("val_")}

    def on_train_end(self, logs: Any = None) -> None:
        self._flush()
        recording = self._recording
        recording.model = self.model
        with recording.moments.looking():
            self._before = {name: _arrays(layer) for name, layer in recording.layers}
            self._look(recording.steps, last=True)
        self.close()

    def _look(self, step: int, last: bool = False) -> None:
        self._flush()
        recording, model = self._recording, self.model
        before, self._before = self._before or {}, None
        look = Look(step, rate=_rate(model))
        look.test_loss = self._validated.get("val_loss")
        look.test_accuracy = next((v for name, v in self._validated.items() if "accuracy" in name), None)
        inner, outputs = self._values(model)
        for number, (name, layer) in enumerate(recording.layers):
            seen = Layer(name)
            seen.see(before[name], _gradients(layer), [] if last else _arrays(layer))
            if number < len(inner):
                seen.see_activations(inner[number])
            look.layers.append(seen)
        if outputs is not None and self._probe is not None:
            recording.kind = look.see_answers(outputs, self._probe[1], recording.kind)
        recording.add(look)

    def _values(self, model: keras.Model) -> tuple[list[Array], Array | None]:
        """What goes from each layer with weights to the next, and what comes out at the end."""
        if self._probe is None:
            return [], None
        between = self._recording.between
        if between is None:
            return [], _numbers(model(self._probe[0], training=False))
        *inner, outputs = (_numbers(value) for value in between(self._probe[0], training=False))
        return inner, outputs

    def _flush(self) -> None:
        count, mean = self._told
        for batches, tensor in self._means:
            now = float(tensor)
            if batches > count:
                self._recording.losses.append((batches * now - count * mean) / (batches - count))
            count, mean = batches, now
        self._told = (count, mean)
        self._means.clear()


class _OfModel(Recording):
    def __init__(self, model: keras.Model, page: str | Path | None) -> None:
        super().__init__(page, model.name)
        self.model = model
        self._layers: list[tuple[str, keras.Layer]] = []

    @property
    def layers(self) -> list[tuple[str, keras.Layer]]:
        """Those with weights, in their order. A model may be built by its first batch, and has none before."""
        if not self._layers:
            self._layers = [
                (layer.name, layer)
                for layer in self.model.layers
                if any(len(variable.shape) >= 2 for variable in layer.trainable_variables)
            ]
        return self._layers

    @property
    def between(self) -> keras.Model | None:
        """From the input to what each layer with weights but the first gets, and the output; None where the model is no
        graph of layers."""
        if not hasattr(self, "_between"):
            try:
                inputs = [layer.input for _, layer in self.layers[1:]]
                self._between = keras.Model(_one(self.model.inputs), [*inputs, *self.model.outputs])
            except (AttributeError, ValueError, TypeError):
                self._between = None
        return self._between

    def arrays(self) -> dict[str, Array]:
        return {f"weights of {name}": _arrays(layer)[0] for name, layer in self.layers}


def _one(tensors: list[Any]) -> Any:
    return tensors[0] if len(tensors) == 1 else tensors


def _arrays(layer: keras.Layer) -> list[Array]:
    return [np.array(_numbers(variable.value)) for variable in layer.trainable_variables]


def _numbers(tensor: Any) -> Array:
    return np.asarray(tensor.detach().cpu().numpy() if hasattr(tensor, "detach") else tensor)


def _gradients(layer: keras.Layer) -> list[Array]:
    found = (getattr(variable.value, "grad", None) for variable in layer.trainable_variables)
    return [_numbers(gradient) for gradient in found if gradient is not None]


def _rate(model: keras.Model) -> float | None:
    try:
        return float(_numbers(model.optimizer.learning_rate.value))
    except (AttributeError, TypeError, ValueError):
        return None
