from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from contract import (
    BINARY,
    CLASSES,
    EXAMPLES,
    ONE_HOT,
    SIZES,
    X,
    assert_descends,
    assert_keeps_contract,
    assert_resumes,
    example,
)

from nnkit.gradients import check_gradients

# A process has one backend: the other one is tried in a process of its own.
os.environ.setdefault("KERAS_BACKEND", "torch")
try:
    import keras
except ImportError:
    pytest.skip("Keras, or its backend, is not installed", allow_module_level=True)

from nnkit.adapters.keras import KerasNetwork

#: Keras computes in float32; a sum over seven rows adds a few roundings more.
ROUNDING = 16 * float(np.finfo("float32").eps)


def network(*extra, loss="mse", outputs=2, training=True, **options):
    keras.utils.set_random_seed(0)
    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((4,)), *extra, dense(3, "tanh", **options), dense(outputs, "sigmoid")])
    model.compile(optimizer="sgd", loss=loss)
    return KerasNetwork(model, training=training)


def test_example_keeps_the_contract():
    build = example("keras_network")
    assert_keeps_contract(build((4, 3, 1), 0), X, BINARY, "float32")
    assert_keeps_contract(build(SIZES, 0), X, ONE_HOT, "float32")


@pytest.mark.parametrize(
    "loss, options",
    [("mse", {}), ("binary_crossentropy", {}), ("mse", {"kernel_regularizer": "l2"})],
)
def test_gradients_agree_with_the_loss(loss, options):
    subject = network(loss=loss, **options)
    assert check_gradients(subject, X, ONE_HOT, points=("start",)).passed
    assert_descends(subject, X, ONE_HOT, 0.25)


def test_example_is_right_and_learns():
    subject = example("keras_network")(SIZES, 0)
    assert check_gradients(subject, X, ONE_HOT, points=("start",)).passed
    before = subject.loss(X, ONE_HOT)
    for _ in range(50):
        subject.train_step(X, ONE_HOT, 0.1)
    assert subject.loss(X, ONE_HOT) < before / 2


def test_sparse_losses_are_given_classes():
    subject = network(loss="sparse_categorical_crossentropy")
    p = subject.forward(X)
    p /= p.sum(axis=1, keepdims=True)
    assert subject.loss(X, ONE_HOT) == pytest.approx(-np.log(p[np.arange(7), CLASSES]).mean(), rel=ROUNDING)
    assert_descends(subject, X, ONE_HOT, 0.25)
    with pytest.raises(ValueError, match="at least two outputs"):
        network(loss=keras.losses.SparseCategoricalCrossentropy(), outputs=1).loss(X, BINARY)


def test_parameters_are_copies_and_set_parameters_copies_too():
    subject = network()
    subject.parameters()[0][...] = 9
    assert not (subject.parameters()[0] == 9).any()
    given = [np.ones(array.shape) for array in subject.parameters()]
    subject.set_parameters(given)
    given[0][...] = 5
    assert (subject.parameters()[0] == 1).all()
    with pytest.raises(ValueError, match="expected arrays of shapes"):
        subject.set_parameters([array.T for array in subject.parameters()])
    with pytest.raises(TypeError, match="the parameters are real"):
        subject.set_parameters([array + 0j for array in subject.parameters()])


def test_dropout_is_used_as_in_training_unless_asked():
    subject = network(keras.layers.Dropout(0.5))
    assert not np.array_equal(subject.forward(X), subject.forward(X))
    subject = network(keras.layers.Dropout(0.5), training=False)
    assert np.array_equal(subject.forward(X), subject.forward(X))
    assert subject.loss(X, ONE_HOT) == subject.loss(X, ONE_HOT)


def test_what_is_missing_is_said_in_words():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match="compile the model first"):
        KerasNetwork(model)
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(loss="mse")
    with pytest.raises(ValueError, match=r"begin it with keras\.Input"):
        KerasNetwork(model)

    class Unused(keras.layers.Layer):
        def build(self, shape):
            self.spare = self.add_weight(shape=(5,), name="spare")

        def call(self, x):
            return x

    with pytest.raises(ValueError, match=r"spare of shape \(5,\) has no gradient"):
        network(Unused()).gradients(X, ONE_HOT)


def test_example_with_probabilities_as_logits_cannot_reach_zero():
    subject = example("keras_probabilities_as_logits")((2, 1), 0)
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = np.array([[0.0], [0.0], [0.0], [1.0]])
    assert check_gradients(subject, x, y, points=("start",)).passed
    # Sure and right: outputs 0, 0, 0, 1 to exp(-40). As logits they cost ln 2 three times, and ln(1 + 1/e).
    subject.set_parameters([np.full((2, 1), 80.0), np.array([-120.0])])
    np.testing.assert_allclose(subject.forward(x), y, rtol=0, atol=1e-15)
    assert subject.loss(x, y) == pytest.approx((3 * np.log(2) + np.log1p(np.exp(-1))) / 4, rel=ROUNDING)


def test_a_float64_model_does_not_claim_more_than_keras_computes():
    subject = network(dtype="float64", kernel_regularizer="l2")
    assert subject.parameters()[0].dtype == "float64"
    assert subject.forward(X).dtype == subject.loss(X, ONE_HOT).dtype == subject.gradients(X, ONE_HOT)[0].dtype
    assert subject.loss(X, ONE_HOT).dtype == keras.backend.result_type("float64", "float64")
    assert check_gradients(subject, X, ONE_HOT, points=("start",)).passed


def test_gradients_on_jax_are_those_of_keras_s_own_step():
    pytest.importorskip("jax")
    code = (
        "import runpy, numpy as np\n"
        f"network = runpy.run_path({str(EXAMPLES / 'keras_network.py')!r})['build']((2, 3, 1), 0)\n"
        "x, y = np.array([[0.5, -1.0], [2.0, 0.3]]), np.array([[0.0], [1.0]])\n"
        "before, gradients = network.parameters(), network.gradients(x, y)\n"
        "network.train_step(x, y, 0.25)\n"
        "for p, q, g in zip(before, network.parameters(), gradients, strict=True):\n"
        "    np.testing.assert_allclose(q - p, -0.25 * g, rtol=0, atol=1e-6)  # roundings of p, near 1\n"
    )
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    ran = subprocess.run([sys.executable, "-c", code], check=False, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


# Without a seed, dropout draws one by chance, or on PyTorch from the generator that the test seeds.
@pytest.mark.parametrize("seed", [1, None] if keras.config.backend() == "torch" else [1])
def test_a_training_is_resumed_with_the_optimizers_state_and_dropout(tmp_path, seed):
    def build():
        subject = network(keras.layers.Dropout(0.3, seed=seed))
        subject.model.compile(optimizer="adam", loss="mse")
        return subject

    assert_resumes(build, ONE_HOT, tmp_path / "file")
