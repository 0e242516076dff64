from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from bowl import Bowl

from nnkit.subjects.shared import build
from nnkit.training import minibatches, train

X = np.arange(10.0).reshape(10, 1)
Y = -X


# Minibatches ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "batch_size"), [(10, 3), (10, 5), (10, 1), (10, 9), (2, 1)])
def test_every_sample_comes_once_an_epoch_each_time_in_another_order(n, batch_size):
    batches = minibatches(n, batch_size, np.random.default_rng(0))
    steps = -(-n // batch_size)
    epochs = [list(islice(batches, steps)) for _ in range(4)]
    for epoch in epochs:
        assert sorted(np.concatenate(epoch)) == list(range(n))
        assert [len(batch) for batch in epoch[:-1]] == [batch_size] * (steps - 1)
        assert len(epoch[-1]) == n - (steps - 1) * batch_size
    if n == 10:
        assert len({tuple(np.concatenate(epoch)) for epoch in epochs}) == 4


@pytest.mark.parametrize("batch_size", [None, 10, 11])
def test_a_batch_of_everything_is_taken_as_it_lies(batch_size):
    for batch in islice(minibatches(10, batch_size, np.random.default_rng(0)), 3):
        np.testing.assert_array_equal(X[batch], X)


def test_the_seed_decides_the_order():
    orders = [np.concatenate(list(islice(minibatches(50, 8, np.random.default_rng(seed)), 7))) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(orders[0], orders[1])
    assert (orders[0] != orders[2]).any()


@pytest.mark.parametrize(("n", "batch_size"), [(0, None), (0, 3), (10, 0), (10, -1)])
def test_batches_of_nothing_are_refused(n, batch_size):
    with pytest.raises(ValueError, match=f"at least one sample.*got {n} and {batch_size}"):
        next(minibatches(n, batch_size, np.random.default_rng(0)))


# The loop -------------------------------------------------------------------------------------------------------------


def test_each_step_gets_rows_of_x_with_their_rows_of_y():
    bowl = Bowl()
    train(bowl, X, Y, steps=8, learning_rate=0.1, batch_size=3, rng=np.random.default_rng(0))
    assert [len(x) for x, _ in bowl.seen] == [3, 3, 3, 1] * 2
    for x, y in bowl.seen:
        np.testing.assert_array_equal(y, -x)
    assert sorted(np.concatenate([x for x, _ in bowl.seen[4:]]).ravel()) == list(range(10))


def test_the_loss_is_recorded_before_the_first_step_every_few_and_after_the_last():
    bowl = Bowl((1.0,))
    history = train(bowl, X, Y, steps=8, learning_rate=0.1, record_every=3)
    assert history.steps == [0, 3, 6, 8]
    np.testing.assert_allclose(history.loss, [0.5 * 0.9 ** (2 * step) for step in history.steps])
    assert not history.reached


def test_it_stops_at_the_target():
    history = train(Bowl((1.0,)), X, Y, steps=100, learning_rate=0.5, target_loss=0.5**5)
    assert history.reached
    assert history.steps == [0, 1, 2]  # the losses are 1/2, 1/8, 1/32


def test_nothing_is_done_where_the_target_is_reached_already():
    bowl = Bowl()
    history = train(bowl, X, Y, steps=100, learning_rate=0.5, target_loss=10.0)
    assert (history.steps, history.reached, bowl.seen) == ([0], True, [])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_it_stops_where_the_loss_is_no_number(bad):
    class Breaks(Bowl):
        def loss(self, x, y):
            return bad if len(self.seen) >= 3 else 1.0

    history = train(Breaks(), X, Y, steps=100, learning_rate=0.1, target_loss=0.0)
    assert history.steps == [0, 1, 2, 3]
    assert not history.reached


def test_it_gives_up_where_the_loss_has_grown_too_much():
    history = train(Bowl((1.0,)), X, Y, steps=100, learning_rate=3.0, give_up=20.0)
    assert history.steps == [0, 1, 2, 3]  # each step makes it 4 times as large: 1, 4, 16, 64


def test_another_set_can_be_watched():
    class Watches(Bowl):
        def loss(self, x, y):
            return float(x.sum() + y.sum())

    assert train(Watches(), X, Y, steps=1, learning_rate=0.1, watched=(X, X)).loss == [90, 90]


def test_steps_are_told_and_rates_follow_the_schedule():
    bowl, told = Bowl(), []
    train(bowl, X, Y, steps=4, learning_rate=lambda done: 0.1 * done, on_step=told.append)
    assert told == [1, 2, 3, 4]
    np.testing.assert_allclose(bowl.rates, [0, 0.025, 0.05, 0.075])


def test_minibatches_without_a_generator_are_refused():
    with pytest.raises(ValueError, match=r"pass rng=np\.random\.default_rng\(seed\)"):
        train(Bowl(), X, Y, steps=1, learning_rate=0.1, batch_size=3)
    train(Bowl(), X, Y, steps=1, learning_rate=0.1, batch_size=10)


def test_the_same_seeds_train_the_same_network():
    x, y = np.random.default_rng(0).normal(size=(20, 3)), np.eye(2)[np.arange(20) % 2]
    runs = []
    for _ in range(2):
        network = build((3, 4, 2), 1)
        history = train(network, x, y, steps=30, learning_rate=0.1, batch_size=6, rng=np.random.default_rng(2))
        runs.append([np.array(history.loss), *network.parameters()])
    for one, other in zip(*runs, strict=True):
        np.testing.assert_array_equal(one, other)
