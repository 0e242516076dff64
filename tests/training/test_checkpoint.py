"""What a checkpoint keeps of networks as people write them."""

from __future__ import annotations

import pickle
import random

import numpy as np
import pytest

from nnkit.network import Network
from nnkit.subjects.shared import build
from nnkit.training import (
    OPTIMISERS,
    Averaged,
    Callback,
    ClipByNorm,
    EarlyStopping,
    ModelCheckpoint,
    Momentum,
    checkpoint,
    restore_network,
    train,
)

X = np.random.default_rng(0).normal(size=(20, 3))
Y = np.eye(2)[(X[:, 0] * X[:, 1] > 0).astype(int)]


class Own:
    """Views of one flat vector, a dict that is made at the first step, dropout by a generator that is handed in."""

    def __init__(self, rng=None):
        self.theta = np.random.default_rng(0).normal(size=6)
        self.W = self.theta.reshape(3, 2)
        self.velocity = {}
        self.rng = rng

    def parameters(self):
        return [self.W]

    def loss(self, x, y):
        return float(((x @ self.W - y) ** 2).mean())

    def kept(self, n):
        return 1.0 if self.rng is None else self.rng.random((n, 3)) < 0.7

    def train_step(self, x, y, learning_rate):
        self.x = x * self.kept(len(x))
        gradient = 2 * self.x.T @ (self.x @ self.W - y) / y.size
        self.velocity["theta"] = 0.9 * self.velocity.get("theta", 0) - learning_rate * gradient.ravel()
        self.theta += self.velocity["theta"]


class DropsByNumPysOwn(Own):
    def kept(self, n):
        return np.random.random((n, 3)) < 0.7  # noqa: NPY002


class DropsByPythons(Own):
    def kept(self, n):
        return random.random() < 0.7


class Slots(Own):
    __slots__ = ("theta", "velocity")


class Speaks(Own):
    """Keeps what it says itself; the rest, which pickle cannot write, is made anew."""

    def __init__(self, rng=None):
        super().__init__(rng)
        self.slope = lambda z: z

    def get_state(self):
        return self.theta, self.velocity

    def set_state(self, state):
        self.theta[...], self.velocity = state


class Larger(Own):
    def parameters(self):
        return [self.W, np.zeros(2)]


Larger.__name__ = "Own"


class Power(Exception):
    """It was cut."""


class Cut(Callback):
    def __init__(self, step):
        self.step = step

    def on_settled(self, training):
        if training.step == self.step:
            raise Power


def run(make, file=None, cut=None, every=1, **options):
    """The training from the start, or from the file, to its end or to the step at which the power is cut."""
    np.random.seed(0)  # noqa: NPY002
    random.seed(0)
    rng = np.random.default_rng(3)
    network = make(rng)
    callbacks = [EarlyStopping(patience=99, restore_best=False)]
    if file is not None:
        callbacks += [ModelCheckpoint(file, every=every), Cut(cut)]
    options = {"steps": 23, "learning_rate": 0.05, "batch_size": 6, "rng": rng} | options
    history = train(network, X, Y, resume=file, callbacks=callbacks, **options)
    return network, history


def dropping(rng):
    return Network(
        (3, 4, 2), hidden="relu", output="softmax", loss="cross_entropy", initialiser="he", dropout=0.3, l2=0.01,
        update_rule=Momentum(), rng=rng,
    )  # fmt: skip


def assert_same(one, other):
    (network, history), (network_too, history_too) = one, other
    assert (history.steps, history.loss) == (history_too.steps, history_too.loss)
    for array, array_too in zip(network.parameters(), network_too.parameters(), strict=True):
        assert array.tobytes() == array_too.tobytes()


@pytest.mark.parametrize(
    "make",
    [Own, lambda rng: Own(), DropsByNumPysOwn, DropsByPythons, Slots, Speaks]
    + [lambda rng, name=name: build((3, 4, 2), 0, optimiser=name) for name in OPTIMISERS]
    + [lambda rng: build((3, 4, 2), 0, "float32"), dropping],
    ids=["shares-generator", "plain", "numpy", "python", "slots", "speaks", *OPTIMISERS, "float32", "dropout"],
)
@pytest.mark.parametrize("options", [{}, {"batch_size": None}], ids=["minibatches", "full"])
def test_the_resumed_training_is_the_same_bit_for_bit(tmp_path, make, options):
    whole, file = run(make, **options), tmp_path / "file"
    for cut in (1, 4, 13):  # in the first epoch, at the end of it, later on
        with pytest.raises(Power):
            run(make, file, cut, every=2, **options)
    assert_same(run(make, file, every=2, **options), whole)


@pytest.mark.parametrize("rule", [lambda: Averaged(Momentum(), decay=0.9), lambda: ClipByNorm(Momentum(), 0.01)])
def test_rules_about_rules_go_on_as_they_were(tmp_path, rule):
    def make(rng):
        network = build((3, 4, 2), 0)
        network.update_rule = rule()
        return network

    with pytest.raises(Power):
        run(make, tmp_path / "file", 9)
    whole, resumed = run(make), run(make, tmp_path / "file")
    assert_same(resumed, whole)
    for name, value in vars(whole[0].update_rule).items():
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(getattr(resumed[0].update_rule, name), value)


@pytest.mark.parametrize("lost", ["generator", "global generators", "place", "network"])
def test_each_thing_that_is_kept_is_needed(tmp_path, monkeypatch, lost):
    """Without one of them the resumed training is another: the comparison can fail."""
    file = tmp_path / "file"
    with pytest.raises(Power):
        run(DropsByNumPysOwn, file, 9)
    read = checkpoint._read

    def without(file, training=None):
        state = read(file, training)
        fresh = {
            "generator": np.random.default_rng(8).bit_generator.state,
            "global generators": (np.random.get_state(), random.getstate()),  # noqa: NPY002
            "place": (None, 0),
            "network": {**state["network"], "velocity": {}},
        }
        return {**state, lost: fresh[lost]}

    monkeypatch.setattr(checkpoint, "_read", without)
    with pytest.raises(AssertionError):
        assert_same(run(DropsByNumPysOwn, file), run(DropsByNumPysOwn))


def test_a_finished_training_ends_at_once_and_a_longer_one_goes_on(tmp_path):
    file = tmp_path / "file"
    first = run(Own, file)
    assert_same(run(Own, file), first)
    assert_same(run(Own, file, steps=40), run(Own, steps=40))


def test_views_are_views_of_the_same_memory_afterwards(tmp_path):
    with pytest.raises(Power):
        run(Own, tmp_path / "file", 5)
    network = Own()
    restore_network(tmp_path / "file", network)
    network.theta[:] = np.arange(6)
    np.testing.assert_array_equal(network.W, [[0, 1], [2, 3], [4, 5]])


@pytest.mark.parametrize("order", ["C", "F"])
def test_windows_of_every_shape_come_back_as_they_were(tmp_path, order):
    class Views(Own):
        def __init__(self):
            super().__init__()
            base = np.asarray(np.arange(24.0).reshape(4, 6), order=order)
            self.base = base
            self.views = [base.T, base[1:3, ::2], base[::-1, 2:], base[2], base[:, None, :], base[0:0], base[1:][1:]]

    network = Views()
    train(network, X, Y, steps=0, learning_rate=1, callbacks=[ModelCheckpoint(tmp_path / "file")])
    other = Views()
    restore_network(tmp_path / "file", other)
    for array in (network, other):
        array.base *= 10
    for view, restored in zip(network.views, other.views, strict=True):
        np.testing.assert_array_equal(restored, view)
        assert np.shares_memory(restored, other.base) or restored.size == 0


def test_the_data_are_not_in_the_file(tmp_path):
    class KeepsItsBatch(Own):
        def train_step(self, x, y, learning_rate):
            super().train_step(x, y, learning_rate)
            self.batch = x

    x = np.random.default_rng(0).normal(size=(10_000, 3))
    train(KeepsItsBatch(), x, x[:, :2].copy(), steps=2, learning_rate=0.1, callbacks=[ModelCheckpoint(tmp_path / "f")])
    assert (tmp_path / "f").stat().st_size < 500_000


def test_what_cannot_be_saved_is_known_at_once_with_advice_and_the_old_file_stands(tmp_path):
    class Closes(Own):
        def __init__(self, rng=None):
            super().__init__()
            self.slope = lambda z: z

    file = tmp_path / "file"
    run(Own, file)
    old, network = file.read_bytes(), Closes()
    with pytest.raises((AttributeError, pickle.PicklingError)) as caught:
        train(network, X, Y, steps=3, learning_rate=0.1, callbacks=[ModelCheckpoint(file)])
    assert "get_state() and set_state(state)" in caught.value.__notes__[0]
    assert not network.velocity
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_bytes() == old


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"batch_size": 7}, "of batch size 6; this one is of batch size 7"),
        ({"callbacks": []}, r"of callbacks \['History', 'EarlyStopping', 'ModelCheckpoint', 'Cut'\]; this"),
        ({"network": build((3, 2), 0)}, "of class Own; this one is of class Network"),
        ({"network": Larger()}, r"of parameters of shapes \[\(3, 2\)\]; this one is of .* \[\(3, 2\), \(2,\)\]"),
        ({"x": X[:19], "y": Y[:19]}, "of samples 20; this one is of samples 19"),
    ],
)
def test_another_training_is_refused(tmp_path, change, words):
    file = tmp_path / "file"
    run(Own, file)
    arguments = {
        "network": Own(), "x": X, "y": Y, "batch_size": 6, "rng": np.random.default_rng(0), "steps": 3, "learning_rate": 0.1,
        "callbacks": [EarlyStopping(), ModelCheckpoint(file), Cut(None)],
    }  # fmt: skip
    with pytest.raises(ValueError, match=words):
        train(**arguments | change, resume=file)


@pytest.mark.parametrize("content", [b"", b"not a pickle", pickle.dumps([1, 2])])
def test_another_file_is_refused(tmp_path, content):
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="is not a checkpoint"):
        train(Own(), X, Y, steps=3, learning_rate=0.1, resume=file)
