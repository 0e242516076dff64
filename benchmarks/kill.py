"""`python -m benchmarks.kill 50`: kill trainings at random moments, go on from the checkpoint, and compare the weights.

A training in a process of its own saves itself every few steps. It is killed (SIGKILL; on Windows TerminateProcess) at
a random moment, begun again with `resume`, perhaps killed again, and so on until it gets through. Its weights and its
recorded losses must then be, bit for bit, those of the same training that nobody killed and that saved nothing.
Exit status 1 where they are not.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nnkit.datasets import one_hot
from nnkit.datasets.digits import load
from nnkit.subjects import shared
from nnkit.training import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau, TerminateOnNaN, cosine, train

STEPS = 800


class OwnNetwork:
    """As people write them: no get_state, views of one flat vector, a velocity, and dropout by the global generator."""

    def __init__(self) -> None:
        self.theta = np.random.default_rng(0).normal(0, 0.1, 64 * 30 + 30 * 10)
        self.W1, self.W2 = self.theta[: 64 * 30].reshape(64, 30), self.theta[64 * 30 :].reshape(30, 10)
        self.velocity: dict[int, Any] = {}

    def parameters(self) -> list[Any]:
        return [self.W1, self.W2]

    def forward(self, x: Any, kept: Any = 1.0) -> Any:
        self.a = np.tanh(x @ self.W1) * kept
        e = np.exp(self.a @ self.W2)
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x: Any, y: Any) -> float:
        return float(-np.log((self.forward(x) * y).sum(axis=1)).mean())

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        kept = np.random.random((len(x), 30)) < 0.8  # noqa: NPY002
        delta = (self.forward(x, kept) - y) / len(x)
        below = (delta @ self.W2.T) * kept * (1 - self.a**2)
        for k, (W, gradient) in enumerate(zip(self.parameters(), (x.T @ below, self.a.T @ delta), strict=True)):
            self.velocity[k] = 0.9 * self.velocity.get(k, 0) - learning_rate * gradient
            np.add(W, self.velocity[k], out=W)


NETWORKS = {
    "shared, momentum": lambda: shared.build((64, 30, 10), 0, optimiser="momentum"),
    "shared, adam, float32": lambda: shared.build((64, 30, 10), 0, "float32", optimiser="adam"),
    "own class, dropout": OwnNetwork,
}


def run(name: str, folder: Path, checkpoints: bool) -> None:
    """The training: all of it, or what is left of it. Says "begun" first, and leaves a digest of what came of it."""
    data = load()
    x, y = data.x_train, one_hot(data.labels_train)
    np.random.seed(0)  # noqa: NPY002
    network: Any = NETWORKS[name]()
    print("begun", flush=True)
    file = folder / "training.checkpoint"
    history = train(
        network, x, y, steps=STEPS, learning_rate=cosine(0.002 if "adam" in name else 0.1), batch_size=32,
        rng=np.random.default_rng(1), record_every=20, watched=(x[:200], y[:200]), resume=file,
        callbacks=[
            ReduceLROnPlateau(2, patience=2), EarlyStopping(patience=1000), TerminateOnNaN(),
            *([ModelCheckpoint(file, every=3)] if checkpoints else []),
        ],
    )  # fmt: skip
    digest = hashlib.sha256(np.array(history.loss).tobytes())
    for parameter in network.parameters():
        digest.update(parameter.tobytes())
    (folder / "digest").write_text(f"{digest.hexdigest()} {history.steps[-1]}", encoding="utf-8")


@dataclass(frozen=True)
class Killed:
    """A training that got through at last: what came of it, how often it was killed, how often of these as it wrote."""

    digest: str
    kills: int
    writing: int


def start(name: str, folder: Path, checkpoints: bool = True) -> subprocess.Popen[bytes]:
    """The training in a process of its own, when it has loaded everything and begins."""
    command = [sys.executable, "-m", "benchmarks.kill", "--train", name, "--folder", str(folder)]
    child = subprocess.Popen(command + ["--no-checkpoints"] * (not checkpoints), stdout=subprocess.PIPE)
    assert child.stdout is not None
    if child.stdout.readline().strip() != b"begun":
        raise RuntimeError(f"the training of {name} did not begin")
    return child


def finish(child: subprocess.Popen[bytes], folder: Path) -> str:
    if child.wait() != 0:
        raise RuntimeError(f"the training ended with status {child.returncode}")
    assert child.stdout is not None
    child.stdout.close()
    return (folder / "digest").read_text(encoding="utf-8")


def undisturbed(name: str) -> tuple[str, float]:
    """What comes of it where nobody kills it, without checkpoints; and how long it takes with them (seconds)."""
    with tempfile.TemporaryDirectory() as folder:
        digest = finish(start(name, Path(folder), checkpoints=False), Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        child, began = start(name, Path(folder)), time.monotonic()
        finish(child, Path(folder))
        return digest, time.monotonic() - began


def killed(name: str, seconds: float, moments: random.Random, most: int) -> Killed:
    """Begin, kill, go on, kill again: until it gets through, or was killed `most` times and is then left alone."""
    kills = writing = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        while True:
            child = start(name, folder)
            if kills < most:
                try:
                    child.wait(moments.uniform(0, seconds))
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.communicate()
                    kills += 1
                    writing += any(folder.glob(".*.tmp"))
                    continue
            return Killed(finish(child, folder), kills, writing)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kill", description=__doc__)
    parser.add_argument("kills", nargs="?", type=int, default=50, help="how often to kill (default 50)")
    parser.add_argument("--seed", type=int, default=0, help="of the random moments")
    parser.add_argument("--train", choices=NETWORKS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--no-checkpoints", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.train:
        run(options.train, options.folder, not options.no_checkpoints)
        return 0

    moments, left, wrong = random.Random(options.seed), options.kills, 0
    references = {name: undisturbed(name) for name in NETWORKS}
    trainings: dict[str, list[Killed]] = {name: [] for name in NETWORKS}
    while left > 0:
        for name, (_, seconds) in references.items():
            trainings[name].append(killed(name, seconds, moments, left))
            left -= trainings[name][-1].kills
    for name, (digest, _) in references.items():
        tried = [each for each in trainings[name] if each.kills]
        same = sum(each.digest == digest for each in tried)
        wrong += len(tried) - same
        print(
            f"{name}: {sum(each.kills for each in tried)} kills, {sum(each.writing for each in tried)} of them while the "
            f"file was written; {same} of {len(tried)} trainings ended the same, bit for bit"
        )
    print(f"{options.kills} kills, {wrong or 'no'} difference{'s' * (wrong > 1)}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
