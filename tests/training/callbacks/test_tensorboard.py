"""Event files, read back by TensorBoard's own reader."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from nnkit.subjects.shared import build
from nnkit.training import Callback, ModelCheckpoint, TensorBoard, cosine, train

X = np.random.default_rng(0).normal(size=(40, 3))
Y = np.eye(2)[(X[:, 0] > 0).astype(int)]


def read(folder):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    pytest.importorskip("tensorboardX")
    everything = dict.fromkeys(("scalars", "histograms"), 0)
    return accumulator.EventAccumulator(str(folder), size_guidance=everything).Reload()


def run(folder, network=None, callbacks=(), resume=None, **options):
    pytest.importorskip("tensorboardX")
    network = build((3, 4, 2), 0) if network is None else network
    board = TensorBoard(folder, metrics={"accuracy": right}, **options)
    history = train(
        network, X, Y, steps=12, learning_rate=cosine(0.5), batch_size=10, rng=np.random.default_rng(0), record_every=3,
        callbacks=[board, *callbacks], resume=resume,
    )  # fmt: skip
    return network, history


def right(network):
    return float((network.forward(X).argmax(axis=1) == Y.argmax(axis=1)).mean())


def test_the_curves_are_those_of_the_training(tmp_path):
    network, history = run(tmp_path)
    events = read(tmp_path)
    assert set(events.Tags()["scalars"]) == {"loss", "learning_rate", "accuracy"}
    losses = events.Scalars("loss")
    assert [event.step for event in losses] == history.steps == [0, 3, 6, 9, 12]
    np.testing.assert_array_equal([event.value for event in losses], np.float32(history.loss))
    rates = [event.value for event in events.Scalars("learning_rate")]
    np.testing.assert_allclose(rates, [cosine(0.5)(step / 12) for step in history.steps], rtol=1e-6, atol=1e-9)
    assert events.Scalars("accuracy")[-1].value == np.float32(right(network))


def test_the_histograms_count_weights_gradients_and_activations(tmp_path):
    network, history = run(tmp_path, histogram_every=2, samples=25)
    events = read(tmp_path)
    arrays = {
        "parameters": network.parameters(),
        "gradients": network.gradients(X[:25], Y[:25]),
        "activations": network.activations(X[:25]),
    }
    assert set(events.Tags()["histograms"]) == {f"{kind}/{k}" for kind in arrays for k in range(len(arrays[kind]))}
    for kind, of_layers in arrays.items():
        for k, array in enumerate(of_layers):
            found = events.Histograms(f"{kind}/{k}")
            assert [event.step for event in found] == history.steps[::2]
            last = found[-1].histogram_value
            assert (last.num, last.min, last.max) == (array.size, array.min(), array.max())
            np.testing.assert_allclose(last.sum, array.sum(), atol=1e-12)


class Power(Exception):
    """It was cut."""


class Cut(Callback):
    def __init__(self, step=None):
        self.step = step

    def on_settled(self, training):
        if training.step == self.step:
            for callback in training.callbacks:
                if isinstance(callback, TensorBoard):
                    callback.on_train_end(training)  # or its open file would be a warning
            raise Power


def test_a_resumed_training_leaves_each_step_once(tmp_path):
    file = tmp_path / "file"
    with pytest.raises(Power):
        run(tmp_path / "a", callbacks=[ModelCheckpoint(file, every=5), Cut(11)], resume=file)
    assert [event.step for event in read(tmp_path / "a").Scalars("loss")] == [0, 3, 6, 9]
    run(tmp_path / "a", callbacks=[ModelCheckpoint(file, every=5), Cut()], resume=file)
    run(tmp_path / "b")
    cut, whole = (
        [(event.step, event.value) for event in read(tmp_path / folder).Scalars("loss")] for folder in ("a", "b")
    )
    assert cut == whole


def test_networks_without_activations_and_numbers_that_are_none(tmp_path):
    class Own:
        def __init__(self):
            self.activations, self.W = [], np.zeros((3, 2))

        def parameters(self):
            return [self.W, np.full(2, np.nan)]

        def forward(self, x):
            return x @ self.W

        def loss(self, x, y):
            return 1.0

        def gradients(self, x, y):
            return [np.array([1.0, np.inf, 3.0]), np.zeros(2)]

        def train_step(self, x, y, learning_rate):
            pass

    run(tmp_path / "a", Own())
    events = read(tmp_path / "a")
    assert set(events.Tags()["histograms"]) == {"parameters/0", "gradients/0", "gradients/1"}
    assert events.Histograms("gradients/0")[0].histogram_value.num == 2
    run(tmp_path / "b", Own(), activations=lambda network, x: [network.forward(x)], samples=7)
    assert read(tmp_path / "b").Histograms("activations/0")[0].histogram_value.num == 14


def test_without_the_library_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ImportError, match=r"pip install \"nnkit\[tensorboard\]\""):
        TensorBoard()
