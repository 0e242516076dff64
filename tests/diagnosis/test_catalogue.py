"""The catalogue of causes is whole, its code is Python that runs, and a slip in an id is answered with the right one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnkit.diagnosis import catalogue
from nnkit.diagnosis.catalogue import AREAS, Cause, cause, causes, similar
from nnkit.report.references import resolve

EVERY = [pytest.param(one, id=one.id) for one in causes().values()]

#: wider lines do not fit side by side in a terminal of 132 columns
WIDEST = 62


def softmax(z: Any) -> Any:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def names() -> dict[str, Any]:
    """What the snippets take for granted: a batch of three-fold inputs, square layers, and one step's worth of state."""
    rng = np.random.default_rng(0)
    x, y = rng.random((5, 3)), np.eye(3)[[0, 1, 2, 1, 0]]
    W1, W2 = rng.normal(size=(2, 3, 3))
    b1, b2 = rng.normal(size=(2, 3))
    z1 = x @ W1 + b1
    z = sigmoid(z1) @ W2 + b2
    p = softmax(z)
    delta1, delta2 = rng.normal(size=(2, 5, 3))
    return {
        "np": np, "rng": rng, "sigmoid": sigmoid, "softmax": softmax,
        "x": x, "y": y, "n": len(x), "W1": W1, "W2": W2, "b1": b1, "b2": b2, "z1": z1, "a1": sigmoid(z1), "z": z, "p": p,
        "a2": sigmoid(z), "error": p - y, "delta1": delta1, "delta2": delta2, "dW1": x.T @ delta1, "dW2": x.T @ delta2,
        "db1": delta1.sum(axis=0), "db2": delta2.sum(axis=0), "rate": 0.1, "decay": 0.01, "w": 0.3, "f": np.sin,
        "W": W1.copy(), "g": W2.copy(), "v": 0.0, "vW": 0.0, "vb": 0.0, "m": 0.0, "s": 0.0, "beta": 0.9, "beta1": 0.9,
        "beta2": 0.999, "eps": 1e-8, "t": 1, "m_hat": 0.1, "s_hat": 0.01,
        "batches": [(x[:2], y[:2]), (x[2:], y[2:])], "gradient": lambda W, x, y: x.T @ (softmax(x @ W) - y) / len(x),
        "loss_of": lambda W, x, y: float(np.mean((softmax(x @ W) - y) ** 2)), "x_valid": x[:2], "y_valid": y[:2],
        "images": rng.integers(0, 255, (5, 3)), "labels": np.array([0, 1, 2, 1, 0]), "train": x[2:], "test": x[:2],
    }  # fmt: skip


def test_there_are_at_least_a_hundred_causes_in_every_area() -> None:
    assert len(causes()) >= 100
    assert list(dict.fromkeys(one.area for one in causes().values())) == list(AREAS)
    files = Path(catalogue.__file__).parent / "causes"
    assert {file.stem for file in files.glob("*.toml")} == set(AREAS)


@pytest.mark.parametrize("one", EVERY)
def test_each_cause_is_told_whole(one: Cause) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", one.id)
    assert one.title[0].isupper() and not one.title.endswith(".") and len(one.title) <= 95
    assert all(text.endswith(".") for text in (one.what, one.looks, one.fix))
    assert one.fix.count(". ") == 0, "one sentence"
    assert 60 <= len(one.what) <= 600 and len(one.looks) <= 260
    text = " ".join((one.title, one.what, one.wrong, one.right, one.looks, one.fix, one.source))
    assert text.isascii() and text.count("`") % 2 == 0


@pytest.mark.parametrize("one", EVERY)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_its_code_runs_with_the_bug_and_without(one: Cause) -> None:
    assert one.wrong != one.right
    for code in (one.wrong, one.right):
        assert max(map(len, code.splitlines())) <= WIDEST
        exec(compile(code, one.id, "exec"), names())


@pytest.mark.parametrize("one", EVERY)
def test_ids_of_the_founding_documents_are_known(one: Cause) -> None:
    for source in one.sources:
        assert resolve(source)[0] or not re.match(r"S\d", source), source


def test_a_wrong_id_is_answered_with_near_ones() -> None:
    with pytest.raises(KeyError, match="did you mean bias-not-added"):
        cause("bias-not-aded")
    with pytest.raises(KeyError, match="there is no cause 'qqqq'"):
        cause("qqqq")
    assert "softmax-over-wrong-axis" in similar("softmax axis")
    assert cause("bias-not-added").area == "forward"
