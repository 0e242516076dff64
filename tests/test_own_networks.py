"""The networks in own_networks/ are what they say they are: exact gradients, a loss as declared, a step that learns.

Where something in nnkit accuses one of them, nnkit is wrong: that is what they are for. So they must be right themselves.
"""

from __future__ import annotations

import importlib.util
import warnings
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from subject_zoo import stage_number
from threadpoolctl import threadpool_limits

from nnkit.curriculum.lab import Lab
from nnkit.datasets import truth_table
from nnkit.diagnosis import read_form
from nnkit.diagnosis.formulas import UNREAD, NotRead
from nnkit.gradients import check_gradients

FILES = sorted((Path(__file__).parent / "own_networks").glob("[0-9]*.py"))


@cache
def own_network(file: Path) -> ModuleType:
    """The file as a module; the test is skipped where its framework is not installed."""
    spec = importlib.util.spec_from_file_location(f"own_network_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        # A framework may warn of itself when it is imported.
        warnings.simplefilter("ignore")
        try:
            spec.loader.exec_module(module)
        except ImportError as error:
            pytest.skip(f"{file.name} needs what is not installed here: {error}")
    return module


def conventions(module: ModuleType, outputs: int) -> dict[str, Any] | None:
    """What the file declares for so many outputs; None where it refuses them."""
    if outputs == 1 or module.SEVERAL is None or module.CONVENTIONS is None:
        declared = module.CONVENTIONS if outputs == 1 else module.SEVERAL
    else:
        declared = module.CONVENTIONS | module.SEVERAL
    return None if declared is None else dict(declared)


def cases(n: int, sizes: tuple[int, ...], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """n random samples with 0/1 targets for one output, one-hot rows for several."""
    rng = np.random.default_rng(seed)
    x, k = rng.normal(size=(n, sizes[0])), rng.integers(max(2, sizes[-1]), size=n)
    return x, (k[:, None].astype(float) if sizes[-1] == 1 else np.eye(sizes[-1])[k])


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def module(request: pytest.FixtureRequest) -> Any:
    with threadpool_limits(limits=1), np.errstate(all="ignore"):
        yield own_network(request.param)


@pytest.mark.parametrize("sizes", [(2, 3, 1), (5, 7, 3), (3, 5, 4, 2)], ids=str)
def test_gradients_are_the_slopes_of_the_loss(module: ModuleType, sizes: tuple[int, ...]) -> None:
    if conventions(module, sizes[-1]) is None:
        with pytest.raises(ValueError, match=r"output|class|yes or no"):
            module.build(sizes, 0)
        return
    x, y = cases(6, sizes)
    check = check_gradients(module.build(sizes, 0), x, y)
    assert check.passed, str(check)


@pytest.mark.parametrize("sizes", [(3, 1), (64, 30, 10)], ids=str)
def test_it_is_built_as_declared(module: ModuleType, sizes: tuple[int, ...]) -> None:
    """Any sizes, another network for another seed, and the loss that its outputs and its conventions say."""
    declared = conventions(module, sizes[-1])
    if declared is None:
        return
    network, x, y = module.build(sizes, 1), *cases(6, sizes)
    again, other = module.build(sizes, 1), module.build(sizes, 2)
    assert all(np.array_equal(p, q) for p, q in zip(network.parameters(), again.parameters(), strict=True))
    assert any(not np.array_equal(p, q) for p, q in zip(network.parameters(), other.parameters(), strict=True))
    assert sum(np.size(p) for p in network.parameters()) == sum((m + 1) * n for m, n in pairwise(sizes))
    out = network.forward(x)
    assert out.shape == y.shape
    # float32 in 784 sums at worst; the guards inside logarithms are smaller.
    tolerance = 1e-5 if out.dtype == np.float32 or "guard" in declared else 1e-10
    rest = network.loss(x, y) - data_loss(declared, np.asarray(out, dtype=float), y)
    if declared["penalty"] is None:
        assert abs(rest) < tolerance
    else:
        # A penalty depends on the parameters alone, so other data of the same number leave it as it is.
        x, y = cases(6, sizes, seed=5)
        assert rest > 0
        assert rest == pytest.approx(network.loss(x, y) - data_loss(declared, network.forward(x), y), abs=1e-9)


def test_two_hundred_own_steps_on_and_lower_its_loss(module: ModuleType) -> None:
    outputs = 2 if module.CONVENTIONS is None else 1
    declared = conventions(module, outputs)
    assert declared is not None
    network = module.build((2, 3, outputs), 0)
    x, y = truth_table("and")
    y = y if outputs == 1 else np.hstack([1 - y, y])
    # A sum over four cases is four times as steep as a mean; what divides by the size of the gradient needs small rates.
    rate = 0.05 if declared["reduction"] == "sum" else 0.2
    if declared["update"].split()[0] in {"adam", "adamw", "rmsprop", "adagrad"}:
        rate = 0.01
    before = network.loss(x, y)
    for _ in range(200):
        network.train_step(x, y, rate)
    # Two hundred small steps go far beyond rounding, yet some losses have a floor (a penalty) not far below.
    assert network.loss(x, y) < 0.95 * before


@pytest.mark.parametrize("sizes", [(2, 3, 1), (5, 7, 3)], ids=str)
def test_a_step_is_the_declared_update(module: ModuleType, sizes: tuple[int, ...]) -> None:
    declared = conventions(module, sizes[-1])
    if declared is None:
        return
    network, x, y = module.build(sizes, 3), *cases(6, sizes)
    rule = Textbook(declared["update"], len(network.parameters()))
    for _ in range(3):
        before = [np.array(p) for p in network.parameters()]
        slopes = [np.array(g) for g in network.gradients(x, y)]
        network.train_step(x, y, 0.01)
        for k, after in enumerate(network.parameters()):
            expected = before[k] + rule.change(k, before[k], slopes[k], 0.01)
            # float32 keeps seven digits of parameters near 1.
            assert np.asarray(after) == pytest.approx(expected, abs=1e-6 if after.dtype == np.float32 else 1e-12)
        rule.t += 1


class Textbook:
    """The update that the words of a convention mean, per parameter; t counts the steps from 1."""

    def __init__(self, words: str, parameters: int) -> None:
        self.words, self.t = words, 1
        self.name, *rest = words.replace(",", "").split()
        self.constants = [float(word) for word in rest if word[0].isdigit()]
        self.first: list[Any] = [0.0] * parameters
        self.second: list[Any] = [0.0] * parameters

    def change(self, k: int, p: np.ndarray, g: np.ndarray, rate: float) -> np.ndarray:
        if self.name == "gradient":
            return -g * (rate / (1 + 0.001 * (self.t - 1)) if "rate /" in self.words else rate)
        if self.name in {"momentum", "nesterov"}:
            g = g + 1e-4 * p if "gradient +" in self.words else g
            v = self.first[k] = self.constants[0] * self.first[k] + (0.1 if "dampened" in self.words else 1.0) * g
            return -rate * (g + self.constants[0] * v if self.name == "nesterov" else v)
        if self.name == "adagrad":
            self.second[k] = self.second[k] + g * g
            return -rate * g / (np.sqrt(self.second[k]) + self.constants[0])
        if self.name == "rmsprop":
            keep, eps = self.constants
            self.second[k] = keep * self.second[k] + (1 - keep) * g * g
            return -rate * g / (np.sqrt(self.second[k]) + eps)
        assert self.name in {"adam", "adamw"}
        b1, b2, eps = self.constants[:3]
        m = self.first[k] = b1 * self.first[k] + (1 - b1) * g
        v = self.second[k] = b2 * self.second[k] + (1 - b2) * g * g
        c1, c2 = 1 - b1**self.t, 1 - b2**self.t
        eps = eps / np.sqrt(c2) if "in the rate" in self.words else eps
        decayed = "decay" in self.words and (p.ndim >= 2 or "biases" in self.words)
        return -rate * (m / c1 / (np.sqrt(v / c2) + eps) + (self.constants[3] * p if decayed else 0.0))


def data_loss(declared: dict[str, Any], out: np.ndarray, y: np.ndarray) -> float:
    """The loss without penalty, computed from the outputs by the textbook."""
    if declared["loss"] == "mse":
        if "targets" in declared:
            y = 2 * y - 1
            out = 2 * out - 1 if "mapped" in declared["output"] else out
        each = (out - y) ** 2
    elif declared["loss"] == "binary_cross_entropy":
        logits = out if declared["output"] == "identity" else np.log(out) - np.log1p(-out)
        each = np.logaddexp(0, logits) - y * logits
    else:
        log_p = {"identity": lambda: out - np.logaddexp.reduce(out, axis=1, keepdims=True),
                 "log_softmax": lambda: out, "softmax": lambda: np.log(out)}[declared["output"]]()  # fmt: skip
        each = -y * log_p
    parts = {"sum": 1, "mean": len(y), "mean of all": y.size}[declared["reduction"]]
    return float(declared["factor"] * each.sum() / parts)


# How nnkit reads them ------------------------------------------------------------------------------------------------

#: what the files call what nnkit calls otherwise; a network of which one output is seen as a probability says so
NAMES = {
    "lecun_tanh": "scaled_tanh",
    "leaky_relu 0.01": "leaky_relu",
    "leaky_relu 0.2": "leaky_relu(0.2)",
    "leaky_relu 0.1": "leaky_relu(0.1)",
    "gelu (tanh formula)": "gelu_tanh",
    "sin": "sine",
    "tanh": "tanh",
    "log_softmax": "softmax",
    "tanh, mapped to 0..1 as (t + 1) / 2": "half_of_1_plus_tanh",
}


@pytest.mark.parametrize("sizes", [(2, 3, 1), (4, 5, 3)], ids=str)
def test_conventions_are_read_off(module: ModuleType, sizes: tuple[int, ...]) -> None:
    declared = conventions(module, sizes[-1])
    if declared is None:
        return
    form = read_form(lambda probe: module.build(probe, 0), sizes)
    assert form.layout is not None
    assert form.hidden == (UNREAD if "home-made" in declared["hidden"] else named(declared["hidden"]))
    assert form.loss == declared["loss"]
    output = named(declared["output"])
    if declared["loss"] != "mse" and output == "identity":  # forward returns logits
        output = "softmax" if declared["loss"] == "cross_entropy" else "sigmoid"
    if declared["loss"] == "mse" and output == "tanh":  # the only one with targets of -1 and 1
        output = "half_of_1_plus_tanh"
    assert form.output == output
    assert form.reading is not None
    assert form.reading.summed == (declared["reduction"] == "sum")
    assert bool(form.reading.squares) == bool(declared["penalty"])


def test_their_numbers_are_worked_out_by_hand(module: ModuleType) -> None:
    for name, outcome in ask_all(2, module.build).items():
        assert outcome is None or outcome.holds, f"{name}: {outcome.message}"


def named(name: str) -> str:
    return NAMES.get(name, name)


def ask_all(number: int, build: Any) -> dict[str, Any]:
    """The outcomes of the checks of a stage; None where nnkit has no formula, which is no fault."""
    lab, outcomes = Lab(build, stage=number), {}
    for check in stage_number(number).checks:
        try:
            outcomes[check.name] = check.run(lab)
        except NotRead:
            outcomes[check.name] = None
    return outcomes
