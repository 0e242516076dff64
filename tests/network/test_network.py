from __future__ import annotations

import copy
import pickle
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnkit.network import ACTIVATIONS, INITIALISERS, Network
from nnkit.training import OPTIMISERS, GradientDescent

PAIRS = [("softmax", "cross_entropy"), ("sigmoid", "binary_cross_entropy"), ("softmax", "mse"), ("tanh", "mse")]
TINY = 1e-30  # the step of a complex-step derivative: no difference is taken, so nothing cancels


def make(sizes=(3, 5, 2), *, hidden="tanh", pair=PAIRS[0], initialiser="glorot", rule=GradientDescent, seed=0, **more):
    output, loss = pair
    network = Network(
        sizes, hidden=hidden, output=output, loss=loss, initialiser=initialiser, update_rule=rule(),
        rng=np.random.default_rng(seed), **more,
    )  # fmt: skip
    rng = np.random.default_rng(seed + 1)
    # Biases off zero, so that no ReLU sits on its kink.
    for bias in network.parameters()[1::2]:
        bias[...] = 0.1 * rng.normal(size=bias.shape)
    return network


def batch(sizes, n, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, sizes[0])), np.eye(sizes[-1])[rng.integers(0, sizes[-1], n)]


def copies(network):
    return [parameter.copy() for parameter in network.parameters()]


def assert_all_equal(these, those):
    for this, that in zip(these, those, strict=True):
        np.testing.assert_array_equal(this, that)


def complex_step_gradients(network, x, y):
    """d loss / d parameter, from `loss` and `set_parameters` alone."""
    values = copies(network)
    gradients = [np.empty_like(value) for value in values]
    for number, gradient in enumerate(gradients):
        for index in np.ndindex(gradient.shape):
            nudged = [value.astype(complex) for value in values]
            nudged[number][index] += TINY * 1j
            network.set_parameters(nudged)
            gradient[index] = network.loss(x, y).imag / TINY
    network.set_parameters(values)
    return gradients


# What it computes -----------------------------------------------------------------------------------------------------


def test_a_forward_pass_worked_by_hand():
    network = make((2, 2, 1), hidden="relu", pair=("identity", "mse"))
    network.set_parameters(
        [np.array([[1.0, -1.0], [2.0, 3.0]]), np.array([0.5, 0.25]), np.array([[2.0], [4.0]]), [0.125]]
    )
    # z1 = [1*1 + 2*2 + 0.5, -1*1 + 3*2 + 0.25] = [5.5, 5.25]; and [1 - 2 + 0.5, -1 - 3 + 0.25] = [-0.5, -3.75]
    assert network.forward(np.array([[1.0, 2.0], [1.0, -1.0]])).tolist() == [[2 * 5.5 + 4 * 5.25 + 0.125], [0.125]]
    assert network.loss(np.array([[1.0, -1.0]]), np.array([[1.125]])) == 1.0


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    sizes=st.lists(st.integers(1, 5), min_size=2, max_size=5).map(tuple),
    hidden=st.sampled_from(sorted(ACTIVATIONS)),
    pair=st.sampled_from([*PAIRS, *((name, loss) for name in sorted(ACTIVATIONS) for loss in ("mse", "huber"))]),
    initialiser=st.sampled_from(["glorot", "he", "normal"]),
    options=st.fixed_dictionaries({}, optional={"l1": st.just(0.1), "l2": st.just(0.3), "dropout": st.just(0.5)}),
    n=st.integers(1, 5),
    seed=st.integers(0, 2**16),
)
def test_gradients_are_the_derivatives_of_the_loss(sizes, hidden, pair, initialiser, options, n, seed):
    network = make(sizes, hidden=hidden, pair=pair, initialiser=initialiser, seed=seed, **options)
    x, y = batch(sizes, n, seed)
    gradients, expected = network.gradients(x, y), complex_step_gradients(network, x, y)
    # 1 - a^2 of a saturated unit is off by a rounding of 1, which weights of several layers then multiply.
    for gradient, exact in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(gradient, exact, rtol=1e-10, atol=1e-12)


def test_the_check_of_gradients_can_fail():
    network = make()
    x, y = batch((3, 5, 2), 4)
    wrong = [1.0001 * gradient for gradient in network.gradients(x, y)]
    assert np.abs(wrong[0] / complex_step_gradients(network, x, y)[0] - 1).min() > 0.9e-4


def test_huber_delta_is_where_the_loss_turns_straight():
    network = make((2, 1), pair=("identity", "huber"), huber_delta=3.0)
    network.set_parameters([np.array([[1.0], [1.0]]), np.array([0.0])])
    # errors of 3 and 7: 3^2 / 2 and 3 (7 - 1.5), of which the mean
    assert network.loss(np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros((2, 1))) == (4.5 + 16.5) / 2


# The contract ---------------------------------------------------------------------------------------------------------


def test_parameters_are_live_and_in_order():
    network = make((3, 5, 2))
    assert [parameter.shape for parameter in network.parameters()] == [(3, 5), (5,), (5, 2), (2,)]
    x, _ = batch((3, 5, 2), 4)
    network.parameters()[2][...] = 0
    network.parameters()[3][...] = [0, 1]
    np.testing.assert_allclose(network.forward(x)[:, 1], np.e / (1 + np.e), rtol=1e-15)
    network.parameters().clear()
    assert len(network.parameters()) == 4


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("call", ["forward", "loss", "gradients", "train_step"])
def test_nothing_but_training_changes_anything(call, pair):
    network = make(pair=pair)
    x, y = batch((3, 5, 2), 7)
    x.flags.writeable = y.flags.writeable = False
    before = copies(network)
    arguments = {"forward": (x,), "train_step": (x, y, 0.1)}.get(call, (x, y))
    getattr(network, call)(*arguments)
    if call == "train_step":
        assert all((old != new).any() for old, new in zip(before, network.parameters(), strict=True))
    else:
        assert_all_equal(before, network.parameters())


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda network: pickle.loads(pickle.dumps(network))])
@pytest.mark.parametrize("rule", sorted(OPTIMISERS))
def test_a_copy_trains_on_as_the_network_itself_would_and_leaves_it_alone(duplicate, rule):
    network = make(rule=OPTIMISERS[rule], dropout=0.3, l2=0.01)
    for step in range(3):
        network.train_step(*batch((3, 5, 2), 4, seed=step), 0.1)
    before, other = copies(network), duplicate(network)
    for step in range(3, 6):
        other.train_step(*batch((3, 5, 2), 4, seed=step), 0.1)
    assert_all_equal(network.parameters(), before)
    for step in range(3, 6):
        network.train_step(*batch((3, 5, 2), 4, seed=step), 0.1)
    assert all((old != new).any() for old, new in zip(before, other.parameters(), strict=True))
    assert_all_equal(network.parameters(), other.parameters())
    assert network.loss(*batch((3, 5, 2), 4)) == other.loss(*batch((3, 5, 2), 4))


def test_results_are_fresh_arrays():
    network = make()
    x, y = batch((3, 5, 2), 7)
    outputs, gradients = network.forward(x), network.gradients(x, y)
    kept_outputs, kept_gradients = outputs.copy(), [gradient.copy() for gradient in gradients]
    network.train_step(x[::-1], y, 1.0)
    again = [network.forward(x), *network.gradients(x, y)]
    np.testing.assert_array_equal(outputs, kept_outputs)
    assert_all_equal(gradients, kept_gradients)
    for new in again:
        for old in (x, y, outputs, *gradients, *network.parameters()):
            assert not np.shares_memory(new, old)


@pytest.mark.parametrize("output", ["identity", "relu"])
def test_one_neuron_returns_neither_its_input_nor_its_work(output):
    network = make((2, 2), pair=(output, "mse"))
    network.set_parameters([np.eye(2), np.zeros(2)])
    x = np.ones((3, 2))
    first = network.forward(x)
    network.train_step(x, np.zeros((3, 2)), 0.5)
    network.forward(2 * x)
    assert first.tolist() == [[1, 1]] * 3
    assert not np.shares_memory(first, x)


def test_batches_of_changing_size_do_as_in_a_fresh_network():
    worn = make(rule=OPTIMISERS["gradient_descent"])
    for n in (7, 1, 2, 7, 2, 1, 7):
        x, y = batch((3, 5, 2), n, seed=n)
        fresh = make()
        fresh.set_parameters(copies(worn))
        assert_all_equal(worn.gradients(x, y), fresh.gradients(x, y))
        fresh.train_step(x, y, 0.3)
        worn.train_step(x, y, 0.3)
        assert_all_equal(worn.parameters(), fresh.parameters())


@pytest.mark.parametrize("rule", sorted(OPTIMISERS))
def test_looking_does_not_disturb_training(rule):
    watched, alone = make(rule=OPTIMISERS[rule]), make(rule=OPTIMISERS[rule])
    for step in range(6):
        x, y = batch((3, 5, 2), 4, seed=step)
        alone.train_step(x, y, 0.1)
        watched.forward(x[:3])
        watched.loss(x, y)
        watched.gradients(x[:2], y[:2])
        watched.train_step(x, y, 0.1)
    assert_all_equal(watched.parameters(), alone.parameters())


def test_a_step_of_plain_descent_is_minus_rate_times_gradient():
    network = make()
    x, y = batch((3, 5, 2), 4)
    expected = [p - 0.3 * g for p, g in zip(copies(network), network.gradients(x, y), strict=True)]
    network.train_step(x, y, 0.3)
    for parameter, value in zip(network.parameters(), expected, strict=True):
        np.testing.assert_allclose(parameter, value, rtol=1e-15, atol=1e-17)


def test_n_samples_are_the_mean_of_single_ones():
    network = make(pair=("sigmoid", "binary_cross_entropy"))
    x, y = batch((3, 5, 2), 7)
    ones = [network.loss(x[i : i + 1], y[i : i + 1]) for i in range(7)]
    assert network.loss(x, y) == pytest.approx(np.mean(ones), rel=1e-14)
    single = [network.gradients(x[i : i + 1], y[i : i + 1]) for i in range(7)]
    for index, gradient in enumerate(network.gradients(x, y)):
        np.testing.assert_allclose(gradient, np.mean([g[index] for g in single], axis=0), rtol=1e-12, atol=1e-15)


# Types ----------------------------------------------------------------------------------------------------------------


def test_complex_parameters_and_back_bit_for_bit():
    network = make()
    x, y = batch((3, 5, 2), 4)
    before, loss, gradients = copies(network), network.loss(x, y), network.gradients(x, y)
    network.set_parameters([value + 1e-30j for value in before])
    assert isinstance(network.loss(x, y), complex)
    assert network.loss(x, y).real == pytest.approx(loss, rel=1e-14)
    assert all(np.iscomplexobj(array) for array in [network.forward(x), *network.gradients(x, y)])
    network.set_parameters(before)
    assert_all_equal(network.parameters(), before)
    assert network.loss(x, y) == loss
    assert_all_equal(network.gradients(x, y), gradients)
    assert type(network.loss(x, y)) is float
    assert network.forward(x).dtype == np.float64


@pytest.mark.parametrize("rule", sorted(OPTIMISERS))
def test_a_visit_to_complex_numbers_leaves_training_as_it_was(rule):
    visited, other = make(rule=OPTIMISERS[rule]), make(rule=OPTIMISERS[rule])
    for step in range(4):
        x, y = batch((3, 5, 2), 4, seed=step)
        if step == 2:
            complex_step_gradients(visited, x, y)
        visited.train_step(x, y, 0.1)
        other.train_step(x, y, 0.1)
    assert_all_equal(visited.parameters(), other.parameters())


@pytest.mark.parametrize("rule", sorted(OPTIMISERS))
@pytest.mark.parametrize(("first", "then"), [("float32", "float64"), ("float64", "float32")])
def test_training_goes_on_in_another_float_type(rule, first, then):
    """The state of the update rule is kept, so the path is that of one type throughout, to float32's rounding."""
    switched, steady = make(rule=OPTIMISERS[rule], dtype=first), make(rule=OPTIMISERS[rule])
    steady.set_parameters([parameter.astype("f8") for parameter in switched.parameters()])
    for step in range(6):
        x, y = batch((3, 5, 2), 4, seed=step)
        if step == 3:
            switched.set_parameters([parameter.astype(then) for parameter in switched.parameters()])
        switched.train_step(x, y, 0.1)
        steady.train_step(x, y, 0.1)
    for one, other in zip(switched.parameters(), steady.parameters(), strict=True):
        assert one.dtype == then
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_float32_throughout():
    network = make(dtype="float32")
    x, y = batch((3, 5, 2), 4)
    assert {array.dtype.name for array in [network.forward(x), *network.gradients(x, y)]} == {"float32"}
    network.train_step(x, y, np.float64(1000.1))
    assert {parameter.dtype.name for parameter in network.parameters()} == {"float32"}
    # A large rate, so that its rounding shows in the parameters.
    other = make(dtype="float32")
    other.train_step(x, y, 1000.1)
    assert_all_equal(network.parameters(), other.parameters())


def test_whole_numbers_are_taken_as_floats():
    network, other = make(), make()
    x, y = np.array([[0, 1, 0], [1, 1, 1]]), np.array([[0, 1], [1, 0]])
    network.train_step(x, y, 1)
    other.train_step(x.astype(float), y.astype(float), 1.0)
    assert_all_equal(network.parameters(), other.parameters())
    network.set_parameters([np.ones(parameter.shape, dtype=int) for parameter in network.parameters()])
    assert {parameter.dtype.name for parameter in network.parameters()} == {"float64"}


# Making one -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(INITIALISERS))
def test_biases_start_at_zero_and_weights_as_the_initialiser_draws_them(name):
    network = Network(
        (3, 4, 2), hidden="relu", output="softmax", loss="cross_entropy", initialiser=name,
        update_rule=GradientDescent(), rng=np.random.default_rng(5),
    )  # fmt: skip
    rng = np.random.default_rng(5)
    weights = [INITIALISERS[name](rng, d_in, d_out) for d_in, d_out in pairwise((3, 4, 2))]
    assert_all_equal(network.parameters(), [weights[0], np.zeros(4), weights[1], np.zeros(2)])


def test_it_says_what_it_is():
    assert repr(make((3, 5, 4, 2))) == "Network(3 -> 5 tanh, 5 -> 4 tanh, 4 -> 2 softmax; cross_entropy)"
    assert repr(make((2, 1), pair=PAIRS[1])) == "Network(2 -> 1 sigmoid; binary_cross_entropy)"
    network = make()
    assert (network.sizes, network.hidden, network.output) == ((3, 5, 2), "tanh", "softmax")
    assert network.loss_function == "cross_entropy"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sizes": (3,)}, "at least two numbers"),
        ({"sizes": (3, 0, 2)}, r"from 1 up; got \(3, 0, 2\)"),
        ({"hidden": "sine"}, "hidden activation is one of .*tanh.*got 'sine'"),
        ({"initialiser": "xavier"}, "initialiser is one of .*glorot.*got 'xavier'"),
        ({"pair": ("sigmoid", "cross_entropy")}, "no such pair"),
        ({"dtype": "int64"}, "float64 or float32; got int64"),
        ({"l1": -0.1}, "a penalty's factors are numbers from 0 up; got l1=-0.1, l2=0.0"),
        ({"l2": np.nan}, "a penalty's factors are numbers from 0 up; got l1=0.0, l2=nan"),
        ({"dropout": 1.0}, "up to but not including 1; got 1.0"),
        ({"dropout": -0.1}, "up to but not including 1; got -0.1"),
        ({"pair": ("identity", "huber"), "huber_delta": 0.0}, "at a positive error; got 0.0"),
    ],
)
def test_what_cannot_be_made_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        make(**options)


# Wrong shapes ---------------------------------------------------------------------------------------------------------


def calls(network, x, y):
    return [partial(network.loss, x, y), partial(network.gradients, x, y), partial(network.train_step, x, y, 0.1)]


@pytest.mark.parametrize("x", [np.zeros(3), np.zeros((4, 2)), np.zeros((4, 3, 1)), np.float64(0)])
def test_x_of_a_wrong_shape(x):
    network, (_, y) = make(), batch((3, 5, 2), 4)
    for call in [partial(network.forward, x), *calls(network, x, y)]:
        with pytest.raises(ValueError, match=r"expected x of shape \(n, 3\), one sample a row; got"):
            call()


@pytest.mark.parametrize("shape", [(4,), (4, 1), (3, 2), (2, 4), (4, 2, 1), ()])
def test_y_of_a_wrong_shape(shape):
    network, (x, _) = make(), batch((3, 5, 2), 4)
    before = copies(network)
    for call in calls(network, x, np.zeros(shape)):
        with pytest.raises(ValueError, match=r"expected y of shape \(4, 2\), a row for each row of x") as caught:
            call()
        assert str(shape) in str(caught.value)
    assert_all_equal(network.parameters(), before)


def test_a_flat_y_is_refused_and_told_how_to_stand_up():
    """It would broadcast to (n, n), and train on nonsense."""
    network = make((3, 1), pair=PAIRS[1])
    for call in calls(network, np.zeros((4, 3)), np.zeros(4)):
        with pytest.raises(ValueError, match=r"expected y of shape \(4, 1\).*got \(4,\); use y.reshape\(-1, 1\)"):
            call()


def test_no_samples_have_no_mean():
    network = make()
    assert network.forward(np.zeros((0, 3))).shape == (0, 2)
    for call in calls(network, np.zeros((0, 3)), np.zeros((0, 2))):
        with pytest.raises(ValueError, match="at least one"):
            call()


def test_parameters_of_wrong_shapes():
    network = make()
    before = copies(network)
    with pytest.raises(ValueError, match=r"expected arrays of shapes \[\(3, 5\), .* got \[\(5, 3\)"):
        network.set_parameters([before[0].T, *before[1:]])
    with pytest.raises(ValueError, match="expected arrays of shapes"):
        network.set_parameters(before[:-1])
    assert_all_equal(network.parameters(), before)
