from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from falling import Falling, X
from killed_training import run

from nnkit.training import Callback, ModelCheckpoint, checkpoint, restore_network, train

ROOT = Path(__file__).parents[3]


def test_a_training_that_is_killed_again_and_again_ends_at_the_same_weights(tmp_path):
    """`python -m benchmarks.kill` does that at random moments."""
    file = tmp_path / "file"
    script, environment = Path(__file__).with_name("killed_training.py"), os.environ | {"PYTHONPATH": str(ROOT)}
    for moment in ("step 1", "half of 5", "all of 16"):
        child = subprocess.run(
            [sys.executable, script, file, moment], env=environment, capture_output=True, check=False
        )
        assert child.returncode != 0
        assert not child.stderr
        assert len(list(tmp_path.glob(".*.tmp"))) == (not moment.startswith("step"))
    assert run(file) == run(None)
    assert list(tmp_path.iterdir()) == [file]


class Counts(Callback):
    """At which steps the file changed."""

    def __init__(self, file):
        self.file, self.saved, self.content = file, [], b""

    def on_settled(self, training):
        content = self.file.read_bytes() if self.file.exists() else b""
        if content != self.content:
            self.saved.append(training.step)
            self.content = content


@pytest.mark.parametrize(
    ("options", "steps"),
    [
        ({"every": 3}, [0, 3, 6, 7]),
        ({"every": 1}, [0, 1, 2, 3, 4, 5, 6, 7]),
        ({}, [0, 2, 4, 6, 7]),
        ({"best_only": True}, [0, 2, 5]),
        ({"best_only": True, "monitor": lambda network: abs(network.theta[0] - 3)}, [0, 1, 2, 3]),
    ],
)
def test_when_it_saves(tmp_path, options, steps):
    file = tmp_path / "folder" / "file"
    counts = Counts(file)
    train(
        Falling([9, 9, 7, 8, 7, 6, 6]), X, X, steps=7, learning_rate=1, batch_size=5, rng=np.random.default_rng(0),
        callbacks=[ModelCheckpoint(file, **options), counts],
    )  # fmt: skip
    assert counts.saved == steps


def test_it_saves_where_another_callback_stops_whatever_their_order(tmp_path):
    class Stops(Callback):
        def on_step(self, training):
            if training.step == 5:
                training.stop("enough")

    file = tmp_path / "file"
    for callbacks in ([ModelCheckpoint(file), Stops()], [Stops(), ModelCheckpoint(file)]):
        file.unlink(missing_ok=True)
        train(Falling(), X, X, steps=9, learning_rate=1, callbacks=callbacks)
        history = train(Falling(), X, X, steps=9, learning_rate=1, callbacks=callbacks, resume=file)
        assert (history.steps[-1], history.stopped) == (5, "enough")


def test_the_best_network_can_be_had_back(tmp_path):
    file, network = tmp_path / "file", Falling([5, 4, 3, 4, 5])
    train(network, X, X, steps=4, learning_rate=1, callbacks=[ModelCheckpoint(file, best_only=True)])
    assert network.theta[0] == 4
    restore_network(file, network)
    assert network.theta[0] == 2


def test_a_folder_in_the_way_is_told_before_the_first_step(tmp_path):
    network = Falling()
    with pytest.raises(OSError, match=r"directory|denied"):
        train(network, X, X, steps=4, learning_rate=1, callbacks=[ModelCheckpoint(tmp_path)])
    assert not network.rates


def test_a_disk_that_fills_up_leaves_the_last_checkpoint(tmp_path, monkeypatch):
    file = tmp_path / "file"
    dump = checkpoint._Pickler.dump

    def full(pickler, state):
        dump(pickler, state)
        if state["steps done"] == 4:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint._Pickler, "dump", full)
    with pytest.raises(OSError, match="No space"):
        train(Falling(), X, X, steps=9, learning_rate=1, callbacks=[ModelCheckpoint(file)])
    monkeypatch.undo()
    network = Falling()
    restore_network(file, network)
    assert network.theta[0] == 3
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("every", [0, -3])
def test_nonsense_is_refused(every):
    with pytest.raises(ValueError, match="from 1 up"):
        ModelCheckpoint("file", every=every)
