from __future__ import annotations

import numpy as np
import pytest
from bowl import Bowl

from nnkit.training import compare_batch_sizes

X = np.arange(12.0).reshape(12, 1)


class Mean(Bowl):
    """Each step goes towards the mean of its batch: noise that larger batches have less of."""

    def loss(self, x, y):
        return float(0.5 * np.mean((self.theta[0] - x) ** 2))

    def train_step(self, x, y, learning_rate):
        self.seen.append((x, y))
        self.rates.append(learning_rate)
        self.theta = self.theta - learning_rate * np.mean(self.theta[0] - x)


def test_every_size_sees_each_sample_once_an_epoch_in_the_same_order():
    networks = []

    def build():
        networks.append(Mean((1.0,)))
        return networks[-1]

    runs = compare_batch_sizes(build, X, X, sizes=(1, 5, 6), epochs=2, seed=3)
    assert [(run.batch_size, run.steps) for run in runs] == [(1, 24), (5, 6), (6, 4)]
    orders = [np.concatenate([batch for batch, _ in network.seen]).ravel() for network in networks]
    assert sorted(orders[0][:12]) == sorted(orders[0][12:]) == X.ravel().tolist()
    np.testing.assert_array_equal(orders[0], orders[1])
    np.testing.assert_array_equal(orders[0], orders[2])


def test_training_and_test_loss_are_those_before_and_after_each_epoch():
    run = compare_batch_sizes(lambda: Mean((1.0,)), X, X, sizes=(12,), epochs=3, learning_rate=0.5, test=(X + 1, X))[0]
    theta = 5.5 - 4.5 * 0.5 ** np.arange(4)  # from 1 half way to the mean of 5.5, each time
    np.testing.assert_allclose(run.train_loss, [0.5 * np.mean((t - X) ** 2) for t in theta])
    np.testing.assert_allclose(run.test_loss, [0.5 * np.mean((t - X - 1) ** 2) for t in theta])
    assert run.seconds > 0


def test_small_batches_are_noisy_and_large_ones_need_more_epochs():
    small, large = compare_batch_sizes(lambda: Mean((1.0,)), X, X, sizes=(1, 12), epochs=4, learning_rate=0.2)
    assert small.train_loss[1] < large.train_loss[1]
    assert np.all(np.diff(large.train_loss) < 0)
    assert np.any(np.diff(small.train_loss) > 0)


def test_a_rate_for_each_size_and_sizes_beyond_the_samples_are_one():
    rates = []
    runs = compare_batch_sizes(
        lambda: Mean((1.0,)),
        X,
        X,
        sizes=(3, 12, 64, 128),
        epochs=1,
        learning_rate=lambda size: rates.append(size) or 0.01 * size,
    )
    assert rates == [3, 12]
    assert [(run.batch_size, run.learning_rate) for run in runs] == [(3, 0.03), (12, 0.12)]
    assert np.isnan(runs[0].test_loss).all()


def test_a_training_that_breaks_ends_there():
    run = compare_batch_sizes(lambda: Mean((1.0,)), X, X, sizes=(6,), epochs=50, learning_rate=1e30)[0]
    assert not np.isfinite(run.train_loss[-1])
    assert len(run.train_loss) < 51


def test_a_batch_of_none_is_refused():
    with pytest.raises(ValueError, match="at least one sample"):
        compare_batch_sizes(lambda: Mean((1.0,)), X, X, sizes=(0, 4))
