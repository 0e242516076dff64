from __future__ import annotations

import numpy as np
import pytest
from falling import Falling, X

from nnkit.training import Plateau, ReduceLROnPlateau, train


def test_the_rate_is_divided_where_the_loss_stops_falling():
    network = Falling([4, 3, 3, 3, 2, 2, 2, 2, 1])
    train(network, X, X, steps=8, learning_rate=1, callbacks=[ReduceLROnPlateau(5, patience=1)])
    np.testing.assert_allclose(network.rates, [1, 1, 1, 0.2, 0.2, 0.2, 0.04, 0.04])


def test_it_divides_whatever_the_schedule_says():
    network = Falling([3])
    train(network, X, X, steps=4, learning_rate=lambda done: 8 * (1 - done), callbacks=[ReduceLROnPlateau(2, 1)])
    np.testing.assert_allclose(network.rates, [8, 6, 2, 1])


def test_it_goes_by_the_values_as_plateau_does():
    losses = [4, 3, 3, 3, 3, 3, 3, 3]
    network, plateau = Falling(losses), Plateau(10, 2, smallest=0.05)
    factors = [plateau.update(loss) for loss in losses]
    train(network, X, X, steps=7, learning_rate=1, callbacks=[ReduceLROnPlateau(10, 2, smallest=0.05)])
    np.testing.assert_allclose(network.rates, factors[:-1])


def test_another_number_can_be_monitored():
    network = Falling([3])
    train(network, X, X, steps=3, learning_rate=1, callbacks=[ReduceLROnPlateau(2, 0, monitor=lambda n: -n.theta[0])])
    assert network.rates == [1, 1, 1]


@pytest.mark.parametrize(("divide_by", "patience"), [(1, 3), (0.1, 3), (2, -1)])
def test_nonsense_is_refused(divide_by, patience):
    with pytest.raises(ValueError, match="got"):
        ReduceLROnPlateau(divide_by, patience)
