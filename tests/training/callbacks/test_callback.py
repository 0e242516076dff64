from __future__ import annotations

import numpy as np
import pytest
from falling import Falling, X

from nnkit.training import Callback, EarlyStopping, History, train


class Notes(Callback):
    def __init__(self, name, book):
        for hook in ("on_train_begin", "on_step", "on_record", "on_epoch_end", "on_settled", "on_train_end"):
            setattr(self, f"_{hook}", lambda training, hook=hook: book.append((training.step, hook, name)))

    def on_train_begin(self, training):
        self._on_train_begin(training)

    def on_step(self, training):
        self._on_step(training)

    def on_record(self, training):
        self._on_record(training)

    def on_epoch_end(self, training):
        self._on_epoch_end(training)

    def on_settled(self, training):
        self._on_settled(training)

    def on_train_end(self, training):
        self._on_train_end(training)


def test_the_hooks_come_in_their_order():
    book = []
    train(
        Falling(), X, X, steps=4, learning_rate=1, batch_size=6, rng=np.random.default_rng(0), record_every=3,
        callbacks=[Notes("a", book)],
    )  # fmt: skip
    assert [(step, hook.removeprefix("on_")) for step, hook, _ in book] == [
        (0, "train_begin"), (0, "record"), (0, "settled"),
        (1, "step"), (1, "settled"),
        (2, "step"), (2, "epoch_end"), (2, "settled"),
        (3, "step"), (3, "record"), (3, "settled"),
        (4, "step"), (4, "record"), (4, "epoch_end"), (4, "settled"), (4, "train_end"),
    ]  # fmt: skip


def test_several_callbacks_are_told_in_the_order_of_the_list():
    book = []
    train(Falling(), X, X, steps=1, learning_rate=1, callbacks=[Notes("a", book), Notes("b", book)])
    assert [name for _, _, name in book] == ["a", "b"] * (len(book) // 2)


def test_a_callback_can_stop_the_training_and_change_its_rate():
    class Meddles(Callback):
        def on_step(self, training):
            training.factor /= 2
            if training.step == 3:
                training.stop("three are enough")
                training.stop("another reason, too late")

    network = Falling()
    history = train(network, X, X, steps=10, learning_rate=8, record_every=10, callbacks=[Meddles()])
    assert network.rates == [8, 4, 2]
    assert (history.steps, history.stopped) == ([0, 3], "three are enough")


@pytest.mark.parametrize(
    ("losses", "options", "why"),
    [
        ((1.0, np.nan), {}, "the loss is nan"),
        ((1.0, 3.0), {"give_up": 2.0}, "the loss of 3 is more than 2 times the first"),
        ((1.0, 0.5), {"target_loss": 0.5}, "the loss of 0.5 is the target of 0.5 or less"),
        ((1.0, 0.5), {"steps": 1}, ""),
    ],
)
def test_the_history_says_why_it_ended(losses, options, why):
    history = train(Falling(losses), X, X, **{"steps": 5, "learning_rate": 1} | options)
    assert history.stopped == why
    assert history.reached == ("target" in why)


def test_epochs_are_counted():
    seen = []

    class Looks(Callback):
        def on_settled(self, training):
            seen.append((training.step, training.epoch, training.learning_rate))

    train(
        Falling(), X, X, steps=5, learning_rate=lambda done: done, batch_size=5, rng=np.random.default_rng(0),
        callbacks=[Looks()],
    )  # fmt: skip
    assert seen == [(0, 0, 0.0), (1, 0, 0.2), (2, 1, 0.4), (3, 1, 0.6), (4, 2, 0.8), (5, 2, 1.0)]


def test_a_history_among_the_callbacks_is_the_one_that_is_filled_and_has_metrics():
    mine, network = History(metrics={"theta": lambda network: network.theta[0]}), Falling((3.0, 2.0, 1.0))
    assert train(network, X, X, steps=4, learning_rate=1, record_every=2, callbacks=[mine]) is mine
    assert (mine.steps, mine.loss, mine.values) == ([0, 2, 4], [3, 2, 1], {"theta": [0, 2, 4]})
    train(network, X, X, steps=1, learning_rate=1, callbacks=[mine])
    assert (mine.steps, mine.values) == ([0, 1], {"theta": [4, 5]})


def test_a_callback_serves_a_second_training_as_the_first():
    stopping = EarlyStopping(patience=0)
    for _ in range(2):
        assert train(Falling((2, 1, 3)), X, X, steps=9, learning_rate=1, callbacks=[stopping]).steps == [0, 1, 2]
