"""Networks for the tests of the stages: the shared one in other conventions, and the means to break one thing of it."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from functools import cache, partial
from itertools import pairwise
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from nnkit.curriculum.collect import default_folder, read_stage
from nnkit.curriculum.lab import Lab
from nnkit.curriculum.stage import Outcome, Stage
from nnkit.datasets import Dataset
from nnkit.diagnosis import Conventions
from nnkit.subjects.shared import build

Build = Callable[..., Any]

#: correct networks unlike the default one: each must pass every check
VARIANTS: dict[str, Build] = {
    "default": build,
    "tanh, gradient descent": partial(build, hidden="tanh", optimiser="gradient_descent"),
    "sigmoid, MSE, N(0, 1)": partial(
        build, hidden="sigmoid", output="sigmoid", loss="mse", initialiser="normal", optimiser="gradient_descent"
    ),
    "leaky ReLU, Adam": partial(build, hidden="leaky_relu", optimiser="adam"),
    "softplus, identity output, MSE": partial(build, hidden="softplus", output="identity", loss="mse"),
    "tanh output, MSE": partial(build, hidden="tanh", output="tanh", loss="mse", initialiser="glorot"),
    "float32": partial(build, dtype="float32"),
    "float32, tanh, Adam": partial(build, dtype="float32", hidden="tanh", optimiser="adam"),
}


class Wrapped:
    """A network under test that passes the five methods on to another; a fault overrides one of them."""

    def __init__(self, network: Any) -> None:
        self.network = network
        self.hidden, self.output, self.loss_function = network.hidden, network.output, network.loss_function

    def parameters(self) -> list[Any]:
        return self.network.parameters()  # type: ignore[no-any-return]

    def forward(self, x: Any) -> Any:
        return self.network.forward(x)

    def loss(self, x: Any, y: Any) -> Any:
        return self.network.loss(x, y)

    def gradients(self, x: Any, y: Any) -> list[Any]:
        return self.network.gradients(x, y)  # type: ignore[no-any-return]

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        self.network.train_step(x, y, learning_rate)


def breaking(fault: type[Wrapped], of: Build = build) -> Build:
    """A builder like `of` whose networks have the fault."""

    @functools.wraps(of, updated=())
    def faulty(*args: Any, **options: Any) -> Any:
        return fault(of(*args, **options))

    return faulty


class NeverLearns(Wrapped):
    """`train_step` does nothing: learning rate 0."""

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        pass


class LogCosh:
    """Tanh units, linear outputs, and the mean of ln cosh of the errors for a loss: correct, and none that nnkit knows."""

    hidden, output, loss_function = "tanh", "identity", None

    def __init__(self, sizes: tuple[int, ...], seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.layers = [rng.normal(0, i**-0.5, (i, j)) for i, j in pairwise(sizes)]
        self.biases = [np.zeros(j) for j in sizes[1:]]

    def parameters(self) -> list[Any]:
        return [array for layer in zip(self.layers, self.biases, strict=True) for array in layer]

    def activations(self, x: Any) -> list[Any]:
        a = [x]
        for k, (W, b) in enumerate(zip(self.layers, self.biases, strict=True), 1):
            z = a[-1] @ W + b
            a.append(np.tanh(z) if k < len(self.layers) else z)
        return a

    def forward(self, x: Any) -> Any:
        return self.activations(x)[-1]

    def loss(self, x: Any, y: Any) -> Any:
        e = self.forward(x) - y
        return np.mean(np.logaddexp(e, -e) - np.log(2))

    def gradients(self, x: Any, y: Any) -> list[Any]:
        a = self.activations(x)
        delta, found = np.tanh(a[-1] - y) / y.size, []
        for W, below in zip(reversed(self.layers), reversed(a[:-1]), strict=True):
            found = [below.T @ delta, delta.sum(axis=0), *found]
            delta = delta @ W.T * (1 - below**2)
        return found

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        for array, gradient in zip(self.parameters(), self.gradients(x, y), strict=True):
            np.subtract(array, learning_rate * gradient, out=array)


class MappedBack(Wrapped):
    """Its outputs and targets of -1 and 1 stand for 0 and 1: mapped back by forward(), recoded by the rest."""

    def __init__(self, network: Any) -> None:
        self.network = network

    def forward(self, x: Any) -> Any:
        return (1 + self.network.forward(x)) / 2

    def loss(self, x: Any, y: Any) -> Any:
        return self.network.loss(x, 2 * y - 1)

    def gradients(self, x: Any, y: Any) -> list[Any]:
        return self.network.gradients(x, 2 * y - 1)  # type: ignore[no-any-return]

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        self.network.train_step(x, 2 * y - 1, learning_rate)


def mapped_back(sizes: tuple[int, ...], seed: int, optimiser: str = "momentum") -> Any:
    """Tanh outputs and squared error of targets -1 and 1: a correct network whose outputs the shared one has not got."""
    return MappedBack(build(sizes, seed, hidden="tanh", output="tanh", loss="mse", optimiser=optimiser))


def conventions_of(network: Any) -> Conventions:
    """What a shared network declares, in its float type."""
    return Conventions(network.hidden, network.output, network.loss_function, network.parameters()[0].dtype.name)


@cache
def stage_number(number: int) -> Stage:
    (file,) = default_folder().glob(f"stage_{number}_*.py")
    return read_stage(file)


def check_names(number: int) -> list[str]:
    return [check.name for check in stage_number(number).checks]


def ask(number: int, name: str, network: Build = build, *, seed: int = 0, dataset: Dataset | None = None) -> Outcome:
    """The outcome of one check of a stage on networks from this builder, run as the runner runs it."""
    return ask_some([name], number, network, seed=seed, dataset=dataset)[name]


def ask_all(
    number: int, network: Build = build, *, seed: int = 0, dataset: Dataset | None = None
) -> dict[str, Outcome]:
    """The outcomes of all checks of a stage, in one lab, so that what they share is computed once."""
    return ask_some(check_names(number), number, network, seed=seed, dataset=dataset)


def ask_some(
    names: list[str], number: int, network: Build = build, *, seed: int = 0, dataset: Dataset | None = None
) -> dict[str, Outcome]:
    """As `ask_all`, for the checks of these names."""
    lab = Lab(network, stage=number, seed=seed, load_data=None if dataset is None else lambda: dataset)
    # One BLAS thread, as in a run: two of them wait for each other on matrices of this size.
    with np.errstate(all="ignore"), warnings.catch_warnings(), threadpool_limits(limits=1):
        warnings.simplefilter("ignore", RuntimeWarning)
        return {check.name: check.run(lab) for check in stage_number(number).checks if check.name in names}
