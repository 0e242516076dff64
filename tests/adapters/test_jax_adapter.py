from __future__ import annotations

import numpy as np
import pytest
from contract import BINARY, ONE_HOT, SIZES, X, assert_descends, assert_keeps_contract, assert_resumes, changes, example

from nnkit.gradients import check_gradients

jax = pytest.importorskip("jax")
import jax.numpy as jnp  # noqa: E402

from nnkit.adapters.jax import JaxNetwork  # noqa: E402


@pytest.fixture(autouse=True)
def double_precision():
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def apply(params, x):
    return jnp.tanh(x @ params["first"]["W"]) @ params["last"][0] + params["last"][1]


def loss(params, x, y):
    return jnp.mean((apply(params, x) - y) ** 2)


def params(dtype="float64"):
    rng = np.random.default_rng(0)
    return {
        "last": [jnp.array(rng.normal(size=(3, 2)), dtype), jnp.array(rng.normal(size=2), dtype)],
        "first": {"W": jnp.array(rng.normal(size=(4, 3)), dtype)},
    }


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_tree_of_parameters_keeps_the_contract(dtype):
    subject = JaxNetwork(params(dtype), apply, loss)
    assert [array.shape for array in subject.parameters()] == [(4, 3), (3, 2), (2,)]
    assert_keeps_contract(subject, X, ONE_HOT, dtype)
    assert_descends(subject, X, ONE_HOT, 0.25)
    assert check_gradients(subject, X, ONE_HOT, points=("start",)).passed


def test_functions_need_not_be_compiled():
    subject, compiled = (JaxNetwork(params(), apply, loss, jit=jit) for jit in (False, True))
    np.testing.assert_allclose(subject.loss(X, ONE_HOT), compiled.loss(X, ONE_HOT), rtol=1e-14)
    assert_descends(subject, X, ONE_HOT, 0.25)


def test_parameters_are_written_through_set_parameters_alone():
    subject = JaxNetwork(params(), apply, loss)
    with pytest.raises(ValueError, match="read-only"):
        subject.parameters()[0][...] = 0
    with pytest.raises(ValueError, match="expected arrays of shapes"):
        subject.set_parameters([array.T for array in subject.parameters()])
    with pytest.raises(TypeError, match="the parameters are real"):
        subject.set_parameters([array + 0j for array in subject.parameters()])
    given = [np.ones(array.shape) for array in subject.parameters()]
    subject.set_parameters(given)
    given[0][...] = 5
    assert (subject.parameters()[0] == 1).all()


def test_only_float_arrays_are_parameters():
    with pytest.raises(TypeError, match=r"params\['n'\] is an array of int64"):
        JaxNetwork({"n": jnp.arange(3)}, apply, loss)
    with pytest.raises(TypeError, match=r"params\[1\] is a float"):
        JaxNetwork([jnp.ones(3), 1.0], apply, loss)


def test_own_step_carries_its_state():
    def counting(params, state, x, y, rate):
        state = (state or 0) + 1
        return jax.tree.map(lambda p: p + rate * state, params), state

    subject = JaxNetwork(params(), apply, loss, step=counting, jit=False)
    for expected in (0.5, 1.0, 1.5):
        assert all(np.allclose(change, expected) for change in changes(subject, X, ONE_HOT, 0.5))


def test_optimisers_of_optax_keep_their_state_while_the_rate_changes():
    optax = pytest.importorskip("optax")
    subject = JaxNetwork(params(), apply, loss, lambda rate: optax.sgd(rate, momentum=0.5))
    velocity = [np.zeros_like(array) for array in subject.parameters()]
    for rate in (0.1, 0.01, 0.2):
        gradients = subject.gradients(X, ONE_HOT)
        velocity = [0.5 * v + g for v, g in zip(velocity, gradients, strict=True)]
        for change, v in zip(changes(subject, X, ONE_HOT, rate), velocity, strict=True):
            # Roundings of parameters and velocities near 1.
            np.testing.assert_allclose(change, -rate * v, rtol=0, atol=1e-14)


def test_modules_of_flax_are_functions_enough():
    linen = pytest.importorskip("flax.linen")
    model = linen.Sequential([linen.Dense(3, param_dtype="float64"), jnp.tanh, linen.Dense(2, param_dtype="float64")])
    variables = model.init(jax.random.key(0), X[:1])
    subject = JaxNetwork(variables, model.apply, lambda v, x, y: jnp.mean((model.apply(v, x) - y) ** 2))
    assert_keeps_contract(subject, X, ONE_HOT, "float64")
    assert_descends(subject, X, ONE_HOT, 0.25)


def test_example_is_right_and_learns():
    pytest.importorskip("optax")
    build = example("jax_network")
    for subject, y in ((build(SIZES, 0), ONE_HOT), (build((4, 3, 1), 0), BINARY)):
        assert_keeps_contract(subject, X, y, "float64")
        assert check_gradients(subject, X, y, points=("start",)).passed
        before = subject.loss(X, y)
        for _ in range(50):
            subject.train_step(X, y, 0.1)
        assert subject.loss(X, y) < before / 2


def test_example_with_an_update_in_place_changes_nothing():
    subject = example("jax_in_place_update")(SIZES, 0)
    assert check_gradients(subject, X, ONE_HOT, points=("start",)).passed
    assert any(gradient.any() for gradient in subject.gradients(X, ONE_HOT))
    assert not any(change.any() for change in changes(subject, X, ONE_HOT, 10.0))


def test_a_training_is_resumed_with_the_optimisers_state(tmp_path):
    optax = pytest.importorskip("optax")
    assert_resumes(lambda: JaxNetwork(params(), apply, loss, optax.adam), ONE_HOT, tmp_path / "file")
