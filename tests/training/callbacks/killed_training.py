"""A training in a process of its own that kills itself: `python killed_training.py FILE MOMENT`.

MOMENT says when: "step 7", or while the checkpoint of step 7 is written: "half of 7", with half of it in the temporary
file, or "all of 7", with all of it there and not yet in its place. "never": it prints a digest of the weights.
"""

from __future__ import annotations

import hashlib
import os
import sys

import numpy as np
import psutil

from nnkit.subjects.shared import build
from nnkit.training import Callback, ModelCheckpoint, ReduceLROnPlateau, checkpoint, train


def die(*_):
    psutil.Process().kill()  # SIGKILL, and on Windows what there is in its place


class Dies(Callback):
    def __init__(self, moment):
        self.how, _, step = moment.rpartition(" ")
        self.when = int(step) if self.how else None

    def on_step(self, training):
        if training.step != self.when:
            return
        if self.how == "step":
            die()
        if self.how == "half of":
            pickler = checkpoint._Pickler
            checkpoint._Pickler = lambda stream, training: pickler(Half(stream), training)
        if self.how == "all of":
            os.fsync = die


class Half:
    """A stream that takes half of what it is given, and then the process is gone."""

    def __init__(self, stream):
        self.stream = stream

    def write(self, text):
        self.stream.write(text[: len(text) // 2])
        self.stream.flush()
        die()


def run(file, moment="never"):
    x = np.random.default_rng(0).normal(size=(50, 4))
    y = np.eye(3)[np.arange(50) % 3]
    network = build((4, 5, 3), 0)
    history = train(
        network, x, y, steps=40, learning_rate=0.1, batch_size=8, rng=np.random.default_rng(1), resume=file,
        callbacks=[ReduceLROnPlateau(2, 1), *([ModelCheckpoint(file, every=1), Dies(moment)] if file else [])],
    )  # fmt: skip
    numbers = [np.array(history.loss), *network.parameters()]
    return hashlib.sha256(b"".join(array.tobytes() for array in numbers)).hexdigest()


if __name__ == "__main__":
    print(run(*sys.argv[1:]))
