"""Training programs are loaded with their data, or refused with a word on what to write."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnkit.subjects.load import LoadError
from nnkit.subjects.program import load_program

WHOLE = """
import numpy as np
SIZES = (3, 2)
def build(sizes, seed):
    return None
def data():
    return np.ones((5, 3)), np.ones((5, 2))
LEARNING_RATE = 0.1
BATCH_SIZE = 2
EPOCHS = 3
"""


class Counter:
    def __init__(self) -> None:
        self.seen: list[tuple[int, float]] = []

    def train_step(self, x: object, y: object, learning_rate: float) -> None:
        self.seen.append((len(x), learning_rate))  # type: ignore[arg-type]


def load(folder: Path, text: str):
    file = folder / "my_training.py"
    file.write_text(text, encoding="utf-8")
    return load_program(file)


def test_the_constants_make_the_plain_loop(tmp_path: Path) -> None:
    program = load(tmp_path, WHOLE + "LEARNING_RATE = lambda epoch: 1.0 / (1 + epoch)")
    counter = Counter()
    program.fit(counter, program.x, program.y, 0)
    assert [n for n, _ in counter.seen] == [2, 2, 1] * 3
    assert [rate for _, rate in counter.seen] == [1.0] * 3 + [0.5] * 3 + [1 / 3] * 3
    assert (program.name, program.own_loop, program.epochs, program.x_test) == ("my_training", False, 3, None)


def test_an_own_loop_may_ask_for_the_seed(tmp_path: Path) -> None:
    text = WHOLE + "def fit(network, x, y, seed):\n    network.train_step(x[:4], y[:4], seed)"
    program = load(tmp_path, text)
    counter = Counter()
    program.fit(counter, program.x, program.y, 7)
    assert program.own_loop and counter.seen == [(4, 7)]
    program = load(tmp_path, WHOLE + "def fit(network, x, y):\n    network.train_step(x, y, 0.5)")
    program.fit(counter, program.x, program.y, 7)
    assert counter.seen[1] == (5, 0.5)


def test_data_may_have_a_test_set(tmp_path: Path) -> None:
    program = load(tmp_path, WHOLE.replace("(5, 2))", "(5, 2)), np.zeros((1, 3)), np.zeros((1, 2))"))
    assert program.x_test is not None and program.x_test.shape == (1, 3)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("SIZES = (3, 2)", "", "has no SIZES"),
        ("SIZES = (3, 2)", "SIZES = 3", "SIZES in my_training.py is not what it should be"),
        ("def build", "def make", "has no build"),
        ("def data()", "def datas()", "has no data"),
        ("EPOCHS = 3", "", "add EPOCHS, for example"),
        ("EPOCHS = 3", "EPOCHS = 0", "a whole number of at least 1"),
        ("LEARNING_RATE = 0.1", "LEARNING_RATE = 'fast'", "a number, or a function of the epoch"),
        ("np.ones((5, 2))", "np.ones(5)", "y = np.eye(2)[y]"),
        ("np.ones((5, 2))", "np.ones((4, 2))", "5 rows of x and 4 of y"),
        ("return np.ones((5, 3)), ", "return ", "does not return data"),
        ("np.ones((5, 2))", "np.array([['a', 'b']] * 5)", "something else than numbers"),
        ("np.ones((5, 2))", "np.ones(1) / nothing", "line 7"),
        ("EPOCHS = 3", "fit = 3", "fit in my_training.py is not what it should be"),
    ],
)
def test_what_is_missing_is_told_in_four_parts(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(LoadError) as told:
        load(tmp_path, WHOLE.replace(old, new))
    text = str(told.value)
    assert words in text
    assert all(part in text for part in ("expected:", "came:", "where:", "do:"))


def test_arrays_come_as_they_are(tmp_path: Path) -> None:
    text = WHOLE.replace("np.ones((5, 3))", "np.full((5, 3), np.nan, dtype=np.float32)")
    program = load(tmp_path, text)
    assert program.x.dtype == np.float32 and np.isnan(program.x).all()
