"""Where in its author's own file a fault is looked for: in networks of a few lines with a fault in a known one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from nnkit.curriculum.passages import LINES_SHOWN, passages
from nnkit.curriculum.results import Passage
from nnkit.diagnosis import read_form
from nnkit.diagnosis.replay.finding import Finding
from nnkit.subjects.load import locate

NETWORK = """\
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def slope(a):
    return a * (1 - a)


def squares(a, b):
    return ((a - b) ** 2).mean()


class build:
    hidden, output, loss_function = "sigmoid", "sigmoid", "mse"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.normal(size=shape) for shape in zip(sizes, sizes[1:])]
        self.b = [np.zeros(n) for n in sizes[1:]]

    def parameters(self):
        return [p for pair in zip(self.W, self.b) for p in pair]

    def run(self, x):
        self.a = [x]
        for W, b in zip(self.W, self.b):
            self.a.append(sigmoid(self.a[-1] @ W + b))
        return self.a[-1]

    def forward(self, x):
        return self.run(x)

    def loss(self, x, y):
        return squares(self.run(x), y)

    def gradients(self, x, y):
        return self.backward(self.run(x), y)

    def backward(self, p, y):
        error = 2 * (p - y) / y.size
        delta = error * slope(p)  # of the output
        found = []
        for l in range(len(self.W) - 1, -1, -1):
            of_weights = self.a[l].T @ delta
            of_biases = delta.sum(axis=0)
            found[:0] = [of_weights, of_biases]
            back = delta @ self.W[l].T
            delta = back * slope(self.a[l])  # of a hidden layer
        return found

    def train_step(self, x, y, rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            change = rate * g
            p -= change  # the step
"""


def looked_up(folder: Path, finding: Finding, text: str = NETWORK) -> tuple[Passage, ...]:
    folder.joinpath("net.py").write_text(text, encoding="utf-8")
    source = locate(str(folder / "net.py"))
    build: Any = source.load()
    files = {str(path): path.name for path in source.files().values()}
    return passages(finding, build, lambda sizes: read_form(lambda probe: build(probe, 0), sizes), files)


def code(passage: Passage) -> str:
    assert passage.line is not None
    return passage.shown[passage.line - passage.shown_from].strip()


@pytest.mark.parametrize(
    ("operation", "layer", "parameter", "function", "line"),
    [
        ("forward", 3, None, "sigmoid", "return 1 / (1 + np.exp(-z))"),
        ("loss", None, None, "squares", "return ((a - b) ** 2).mean()"),
        ("delta", 3, None, "backward", "delta = error * slope(p)  # of the output"),
        ("delta", 2, None, "backward", "delta = back * slope(self.a[l])  # of a hidden layer"),
        ("weight-gradient", 2, "W2", "backward", "of_weights = self.a[l].T @ delta"),
        ("bias-gradient", 1, "b1", "backward", "of_biases = delta.sum(axis=0)"),
        ("batch", 3, "W3", "backward", "of_weights = self.a[l].T @ delta"),
        ("update", None, None, "train_step", "p -= change  # the step"),
        ("update", 2, "W2", "train_step", "p -= change  # the step"),
    ],
)
def test_the_line_after_which_the_numbers_are_there(
    tmp_path: Path, operation: str, layer: int | None, parameter: str | None, function: str, line: str
) -> None:
    first, *_ = looked_up(tmp_path, Finding("c", operation, "s", layer=layer, parameter=parameter, layers=3))
    assert (first.file, first.function, code(first)) == ("net.py", function, line)
    assert NETWORK.splitlines()[(first.line or 0) - 1].strip() == line


def test_what_the_line_calls_comes_after_it_and_who_calls_is_said(tmp_path: Path) -> None:
    one, two = looked_up(tmp_path, Finding("c", "delta", "s", layer=3, layers=3))
    assert (one.called_by, NETWORK.splitlines()[(one.called_at or 0) - 1].strip()) == (
        "gradients", "return self.backward(self.run(x), y)"
    )  # fmt: skip
    assert (two.function, two.line, two.first, two.last) == ("slope", None, 8, 9)


def test_without_a_line_the_functions_that_do_the_work_and_nothing_else(tmp_path: Path) -> None:
    found = looked_up(tmp_path, Finding("c", "gradient", "s", layers=3))
    assert [(one.function, one.line) for one in found] == [("backward", None), ("slope", None)]
    found = looked_up(tmp_path, Finding("c", "forward", "s", layer=1, layers=3))
    assert [one.function for one in found] == ["run", "sigmoid"]
    found = looked_up(tmp_path, Finding("c", "initialisation", "s"))
    assert [one.function for one in found] == ["__init__"]


def test_zeros_are_known_by_nothing(tmp_path: Path) -> None:
    frozen = NETWORK.replace("of_biases = delta.sum(axis=0)", "of_biases = 0 * delta.sum(axis=0)")
    found = looked_up(tmp_path, Finding("c", "bias-gradient", "s", layer=2, parameter="b2", layers=3), frozen)
    assert found and all(one.line is None for one in found)


def test_of_a_long_function_the_lines_around_it_are_shown(tmp_path: Path) -> None:
    long = NETWORK.replace("        found = []\n", "        found = []\n" * 60)
    found, *_ = looked_up(tmp_path, Finding("c", "weight-gradient", "s", layer=1, parameter="W1", layers=3), long)
    assert len(found.shown) == LINES_SHOWN < found.last - found.first
    assert code(found) == "of_weights = self.a[l].T @ delta"


def test_whatever_goes_wrong_there_are_no_lines_and_no_trace_is_left(tmp_path: Path) -> None:
    before = sys.gettrace()
    raising = NETWORK.replace("        error = 2", "        raise RuntimeError('no')\n        error = 2")
    assert looked_up(tmp_path, Finding("c", "delta", "s", layer=3, layers=3), raising) == ()
    assert looked_up(tmp_path, Finding("c", "state", "s")) == ()
    assert sys.gettrace() is before


def test_a_network_that_never_answers_alike_has_no_line(tmp_path: Path) -> None:
    noisy = NETWORK.replace("* slope(p)  #", "* slope(p) * np.random.uniform()  #")
    found = looked_up(tmp_path, Finding("c", "delta", "s", layer=3, layers=3), noisy)
    assert found and all(one.line is None for one in found)
