"""`python -m benchmarks.watch`: what it costs to be watched by `nnkit.watch`, in NumPy, PyTorch and Keras.

Trainings on images of MNIST's size, in pairs: one alone and one watched, now this first, now the other. What is printed is
the median of the ratios of their times. The page is drawn after the training, and its time stands by itself.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

import nnkit
from benchmarks import task
from benchmarks.table import columns
from nnkit.datasets import load_dataset, one_hot
from nnkit.training import GradientDescent

Array = np.ndarray
RATE = 0.1
#: changed by the options --hidden and --batch
HIDDEN, BATCH = 128, task.BATCH
#: trains for so many epochs of x, labels; the last argument is whether to be watched, and it returns what draws the page
Training = Callable[[Array, Array, int, bool], Callable[[], None]]


def numpy_loop(x: Array, labels: Array, epochs: int, watched: bool) -> Callable[[], None]:
    """A loop as people write it, which tells all that it has at hand."""
    rng = np.random.default_rng(0)
    y = one_hot(labels, dtype=x.dtype)
    W1 = rng.normal(0, x.shape[1] ** -0.5, (x.shape[1], HIDDEN)).astype(x.dtype)
    W2 = rng.normal(0, HIDDEN**-0.5, (HIDDEN, 10)).astype(x.dtype)
    b1, b2 = np.zeros(HIDDEN, x.dtype), np.zeros(10, x.dtype)
    seen = nnkit.watch(_page(), parameters=lambda: [W1, b1, W2, b2]) if watched else None
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), BATCH):
            rows = order[start : start + BATCH]
            xb, yb = x[rows], y[rows]
            a = np.maximum(0, xb @ W1 + b1)
            z = a @ W2 + b2
            z -= z.max(axis=1, keepdims=True)
            e = np.exp(z)
            total = e.sum(axis=1, keepdims=True)
            p = e / total
            loss = float((np.log(total[:, 0]) - (yb * z).sum(axis=1)).mean())
            delta = (p - yb) / len(rows)
            dW2, db2 = a.T @ delta, delta.sum(axis=0)
            delta = (delta @ W2.T) * (a > 0)
            dW1, db1 = xb.T @ delta, delta.sum(axis=0)
            for parameter, gradient in ((W1, dW1), (b1, db1), (W2, dW2), (b2, db2)):
                np.subtract(parameter, RATE * gradient, out=parameter)
            if seen is not None:
                seen.step(
                    loss=loss,
                    gradients=[dW1, db1, dW2, db2],
                    activations=[a],
                    outputs=p,
                    targets=yb,
                    learning_rate=RATE,
                )
    return seen.close if seen is not None else _nothing


def five_methods(x: Array, labels: Array, epochs: int, watched: bool) -> Callable[[], None]:
    """A network whose train_step is seen."""
    y = one_hot(labels, dtype=x.dtype)
    rng = np.random.default_rng(0)
    network = nnkit.Network(
        (x.shape[1], HIDDEN, 10), hidden="relu", output="softmax", loss="cross_entropy", initialiser="he",
        update_rule=GradientDescent(), rng=rng, dtype=x.dtype,
    )  # fmt: skip
    seen = nnkit.watch(network, x, y, page=_page()) if watched else None
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), BATCH):
            rows = order[start : start + BATCH]
            network.train_step(x[rows], y[rows], RATE)
    return seen.close if seen is not None else _nothing


def pytorch(x: Array, labels: Array, epochs: int, watched: bool) -> Callable[[], None]:
    import torch
    from torch import nn

    torch.manual_seed(0)
    torch.set_num_threads(1)
    module = nn.Sequential(nn.Linear(x.shape[1], HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 10))
    optimiser, criterion = torch.optim.SGD(module.parameters(), lr=RATE), nn.CrossEntropyLoss()
    inputs, targets = torch.from_numpy(x), torch.from_numpy(labels)
    seen = nnkit.watch(module, optimiser, criterion, page=_page()) if watched else None
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(BATCH):
            optimiser.zero_grad()
            criterion(module(inputs[rows]), targets[rows]).backward()
            optimiser.step()
    return seen.close if seen is not None else _nothing


def keras_fit(x: Array, labels: Array, epochs: int, watched: bool) -> Callable[[], None]:
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras

    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(HIDDEN, activation="relu"), keras.layers.Dense(10, activation="softmax")]
    model = keras.Sequential([keras.Input((x.shape[1],)), *layers])
    model.compile(keras.optimizers.SGD(RATE), "sparse_categorical_crossentropy", metrics=["accuracy"])
    seen = nnkit.watch(model, x, labels, page=_page()) if watched else None
    close = _nothing
    if seen is not None:  # fit would draw the page, and that is not the training
        close, seen.close = seen.close, _nothing
    model.fit(x, labels, batch_size=BATCH, epochs=epochs, verbose=0, callbacks=[seen] if seen is not None else [])
    return close


KINDS: dict[str, tuple[Training, int]] = {  # with the number of epochs that makes a training of seconds
    "NumPy loop": (numpy_loop, 5),
    "five methods": (five_methods, 5),
    "PyTorch": (pytorch, 3),
    "Keras": (keras_fit, 1),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.watch", description=__doc__)
    parser.add_argument("--pairs", type=int, default=7, metavar="N", help="pairs of trainings of each kind (default 7)")
    parser.add_argument("--quick", action="store_true", help="few images, two pairs: does it run at all?")
    parser.add_argument("--hidden", type=int, default=HIDDEN, help=f"units of the hidden layer (default {HIDDEN})")
    parser.add_argument("--batch", type=int, default=BATCH, help=f"images in a batch (default {BATCH})")
    parser.add_argument("--only", metavar="WORD", default="", help="kinds with this word in their name")
    parser.add_argument("--data-dir", metavar="DIR", help="where MNIST lies")
    options = parser.parse_args()
    globals().update(HIDDEN=options.hidden, BATCH=options.batch)
    dataset = load_dataset(options.data_dir, allow_download=False)
    x, labels = (dataset.x_train, dataset.labels_train) if dataset.is_mnist else task.made_up_images(60_000)
    if options.quick:
        x, labels = x[:3200], labels[:3200]
    rows: list[tuple[str, ...]] = [("", "seconds alone", "watched / alone", "between", "looks", "seconds for the page")]
    for name, (train, epochs) in KINDS.items():
        if options.only.lower() not in name.lower():
            continue
        try:
            rows.append(measured(name, train, x, labels, epochs, 2 if options.quick else options.pairs))
        except ImportError as error:
            print(f"{name} does not take part: {error}")
    print(f"{x.shape[1]}-{HIDDEN}-10, batches of {BATCH}, one thread, {len(x):,} images")
    print(columns(rows))


def measured(name: str, train: Training, x: Array, labels: Array, epochs: int, pairs: int) -> tuple[str, ...]:
    """A line of the table."""
    alone, ratios, pages, looks = [], [], [], 0
    with threadpool_limits(limits=1):
        train(x[:640], labels[:640], 1, True)  # imports, and whatever else is done once
        for pair in range(pairs):
            seconds = {}
            for watched in (False, True) if pair % 2 else (True, False):
                begin = time.process_time()
                close = train(x, labels, epochs, watched)
                seconds[watched] = time.process_time() - begin
                if watched:
                    looks = len(close.__self__.trace.steps)  # type: ignore[attr-defined]
                    with _page_drawn(close) as took:
                        pages.append(took)
            alone.append(seconds[False])
            ratios.append(seconds[True] / seconds[False])
    spread = f"{min(ratios):.3f} and {max(ratios):.3f}"
    return (name, f"{np.median(alone):.2f}", f"{np.median(ratios):.3f}", spread, str(looks), f"{np.median(pages):.2f}")


@contextlib.contextmanager
def _page_drawn(close: Callable[[], None]) -> Iterator[float]:
    begin = time.process_time()
    with contextlib.redirect_stderr(io.StringIO()):
        close()
    yield time.process_time() - begin


def _page() -> Path:
    return Path(tempfile.gettempdir()) / "nnkit-benchmark" / "training.html"


def _nothing() -> Any:
    """Nothing is to be drawn."""


if __name__ == "__main__":
    main()
