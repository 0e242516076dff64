from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import nnkit

os.environ.setdefault("KERAS_BACKEND", "torch")
keras = pytest.importorskip("keras", reason="Keras is not installed")
if keras.config.backend() not in ("torch", "jax"):
    pytest.skip("no backend that is tested here", allow_module_level=True)

from nnkit.adapters.keras import KerasNetwork  # noqa: E402


def fitted(page: Path | None, watched: bool) -> tuple[np.ndarray, object, list[float]]:
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 4)).astype("float32")
    y = (x[:, 0] > x[:, 1]).astype("int64")
    layers = [keras.layers.Dense(5, activation="tanh"), keras.layers.Dense(2, activation="softmax")]
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.compile(keras.optimizers.SGD(0.3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    seen = nnkit.watch(model, x, y, page=page) if watched else None
    told = model.fit(
        x, y, batch_size=16, epochs=3, verbose=0, shuffle=False, validation_data=(x[:20], y[:20]),
        callbacks=[seen] if seen else [],
    )  # fmt: skip
    weights = KerasNetwork(model).parameters()
    return weights, seen, told.history["loss"]


def test_a_fit_is_seen_by_its_callback(tmp_path: Path) -> None:
    weights, seen, history = fitted(tmp_path / "t.html", True)
    trace = seen.trace
    assert trace.steps[-1] == 12 and len(trace.batch_loss) == 12
    # The mean of an epoch's batches is what Keras says of the epoch.
    np.testing.assert_allclose(np.reshape(trace.batch_loss, (3, 4)).mean(axis=1), history, rtol=1e-4)
    assert len(trace.layers) == 2 and np.isfinite(trace.layers[0].saturated).all()
    assert np.isfinite(trace.layers[0].update_norm[:-1]).all() and np.isfinite(trace.test_loss[-1])
    assert set(np.round(trace.rates, 5)) == {0.3} and trace.classes == 2
    if keras.config.backend() == "torch":
        assert np.isfinite(trace.layers[0].gradient_norm[:-1]).all()
    assert (tmp_path / "t.html").is_file()
    for watched, alone in zip(weights, fitted(None, False)[0], strict=True):
        np.testing.assert_array_equal(watched, alone)
