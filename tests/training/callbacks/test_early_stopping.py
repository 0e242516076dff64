from __future__ import annotations

import numpy as np
import pytest
from falling import Falling, X

from nnkit.training import EarlyStopping, train


def run(losses, **options):
    network, stopping = Falling(losses), EarlyStopping(**options)
    history = train(network, X, X, steps=20, learning_rate=1, callbacks=[stopping])
    return network, stopping, history


def test_it_stops_after_the_first_value_too_many_and_gives_the_best_parameters_back():
    network, stopping, history = run([5, 4, 3, 3.5, 3.5, 3.5, 1], patience=2)
    assert history.steps[-1] == 5
    assert history.stopped == "no improvement on 3 since step 2"
    assert (stopping.best, stopping.best_step, network.theta[0]) == (3, 2, 2)


def test_each_improvement_starts_the_count_again():
    network, _, history = run([5, 6, 4, 6, 6, 3, 6, 6, 6], patience=2)
    assert (history.steps[-1], network.theta[0]) == (8, 5)


def test_parameters_can_be_left_where_they_stopped():
    network, _, _ = run([5, 4, 3, 3.5, 3.5, 3.5], patience=2, restore_best=False)
    assert network.theta[0] == 5


def test_the_best_is_given_back_however_it_ends():
    network, _, history = run([5, 4, 3, np.nan], patience=9)
    assert (history.stopped, network.theta[0]) == ("the loss is nan", 2)


def test_too_small_an_improvement_is_none():
    _, stopping, history = run([5, 4, 3.9, 3.8, 3.7], patience=1, min_delta=0.5)
    assert (history.steps[-1], stopping.best) == (3, 4)


def test_a_value_that_is_no_number_is_no_improvement():
    network, stopping, history = run([5], patience=1, monitor=lambda network: np.nan)
    assert (history.steps[-1], stopping.parameters, network.theta[0]) == (1, None, 1)


def test_another_number_can_be_monitored():
    network, _, history = run([5], patience=0, monitor=lambda network: abs(network.theta[0] - 4))
    assert (history.steps[-1], network.theta[0]) == (5, 4)


@pytest.mark.parametrize("options", [{"patience": -1}, {"min_delta": -0.1}, {"min_delta": np.nan}])
def test_negative_numbers_are_refused(options):
    with pytest.raises(ValueError, match="from 0 up"):
        EarlyStopping(**options)
