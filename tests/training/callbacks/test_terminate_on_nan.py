from __future__ import annotations

import numpy as np
import pytest
from falling import Falling, X

from nnkit.subjects.shared import build
from nnkit.training import TerminateOnNaN, train


class Breaks(Falling):
    def __init__(self, step, value):
        super().__init__()
        self.step, self.value, self.W, self.b = step, value, np.zeros((2, 3)), np.zeros(3)

    def parameters(self):
        return [self.W, self.b]

    def train_step(self, x, y, learning_rate):
        self.step -= 1
        if self.step == 0:
            self.b[1] = self.value


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_it_stops_at_the_step_and_says_where(value):
    callback = TerminateOnNaN()
    history = train(Breaks(4, value), X, X, steps=50, learning_rate=1, record_every=50, callbacks=[callback])
    assert (history.steps, callback.step, callback.parameter) == ([0, 4], 4, 1)
    assert history.stopped == "step 4 left a number that is not finite in parameters()[1]"


def test_numbers_whose_sum_overflows_are_numbers():
    network = Breaks(4, 1.5e308)
    network.b[2] = 1.5e308
    callback = TerminateOnNaN()
    assert train(network, X, X, steps=9, learning_rate=1, callbacks=[callback]).steps[-1] == 9
    assert callback.step is None


def test_a_rate_far_too_high_is_noticed_long_before_the_next_record():
    network = build((1, 3, 1), 0, output="identity", hidden="identity", optimiser="gradient_descent")
    with np.errstate(all="ignore"):
        history = train(network, X, X, steps=500, learning_rate=10, record_every=500, callbacks=[TerminateOnNaN()])
    assert history.steps[-1] < 100
    assert history.stopped.startswith("step ")
