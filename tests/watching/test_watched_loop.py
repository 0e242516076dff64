from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nnkit
from nnkit.watching.loop import LoopWatch
from nnkit.watching.seen import grouped


def train(seen: LoopWatch | None, *, rate: float = 0.3, steps: int = 60, tell: bool = True) -> list[np.ndarray]:
    """Rows above and below a line, by one hidden layer of tanh and a sigmoid; the last weights."""
    rng = np.random.default_rng(0)
    W1, b1, W2, b2 = rng.normal(0, 0.7, (2, 5)), np.zeros(5), rng.normal(0, 0.4, (5, 1)), np.zeros(1)
    for _ in range(steps):
        x = rng.normal(size=(20, 2))
        y = (x[:, :1] > x[:, 1:]).astype(float)
        a = np.tanh(x @ W1 + b1)
        p = 1 / (1 + np.exp(-(a @ W2 + b2)))
        delta = (p - y) / len(x)
        hidden = delta @ W2.T * (1 - a * a)
        slopes = [x.T @ hidden, hidden.sum(0), a.T @ delta, delta.sum(0)]
        for parameter, slope in zip((W1, b1, W2, b2), slopes, strict=True):
            np.subtract(parameter, rate * slope, out=parameter)
        if seen is not None and tell:
            loss = -np.mean(np.log(np.where(y == 1, p, 1 - p) + 1e-300))
            seen.step(
                loss=loss, parameters=[W1, b1, W2, b2], gradients=slopes, activations=[a], outputs=p, targets=y,
                learning_rate=rate,
            )  # fmt: skip
    return [W1, b1, W2, b2]


def test_a_loop_is_seen_and_a_page_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "deep" / "training.html"
    with nnkit.watch(page) as seen:
        train(seen)
    trace = seen.trace
    assert len(trace.batch_loss) == 60 and trace.steps[-1] == 60
    assert trace.classes == 2 and trace.accuracy[-1] > 0.8
    assert [layer.name for layer in trace.layers] == ["layer 1", "layer 2"]
    first, second = trace.layers
    assert len(first.gradient_norm) == len(first.saturated) == len(trace.steps) and not second.saturated
    # The update is the rate times the gradient, except after the last step, when there is none.
    np.testing.assert_allclose(first.update_norm[:-1], 0.3 * np.array(first.gradient_norm[:-1]))
    assert seen.symptoms == []
    text = page.read_text(encoding="utf-8")
    assert "Nothing odd was seen" in text and "<script" not in text and "causes.html" not in text
    assert str(page) in capsys.readouterr().err


def test_being_watched_changes_no_number() -> None:
    for alone, watched in zip(train(None), train(nnkit.watch(page=None)), strict=True):
        np.testing.assert_array_equal(alone, watched)


def test_a_training_that_ends_in_nan_says_so(tmp_path: Path) -> None:
    with np.errstate(all="ignore"), nnkit.watch(tmp_path / "t.html") as seen:
        train(seen, rate=1e300)
    assert seen.symptoms[0].name == "not-finite"
    assert "not finite" in (tmp_path / "t.html").read_text(encoding="utf-8")


def test_an_exception_in_the_training_comes_out_and_leaves_the_page(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="mine"), nnkit.watch(tmp_path / "t.html") as seen:
        seen.step(loss=1.0)
        raise RuntimeError("mine")
    assert (tmp_path / "t.html").is_file()


def test_answers_that_are_told_now_and_then_are_judged_by_the_last() -> None:
    with nnkit.watch(page=None) as seen:
        for step in range(20):
            answers = {"outputs": np.array([[0.9], [0.2]]), "targets": np.array([[1.0], [0.0]])} if step < 15 else {}
            seen.step(loss=1.0 / (1 + step), **answers)
    assert set(seen.trace.accuracy) == {1.0} and seen.symptoms == []


def test_nothing_is_written_where_nothing_was_trained(tmp_path: Path) -> None:
    with nnkit.watch(tmp_path / "t.html"):
        pass
    assert not (tmp_path / "t.html").exists()


def test_what_is_wrongly_told_ends_the_looking_and_not_the_training() -> None:
    seen = nnkit.watch(page=None, parameters=lambda: [np.zeros((2, 2))])
    with pytest.warns(UserWarning, match="looks no further"):
        seen.step(gradients=7)
    seen.step(gradients=7, loss=0.5)
    assert seen.steps == 2 and seen.losses == [0.5]


def test_parameters_are_grouped_into_layers_in_any_layout() -> None:
    W1, W2 = np.ones((2, 3)), np.ones((3, 1))
    flat, rows, columns = (
        [np.ones(3), np.ones(1)],
        [np.ones((1, 3)), np.ones((1, 1))],
        [np.ones((3, 1)), np.ones((1, 1))],
    )
    for b1, b2, W in ((*flat, (W1, W2)), (*rows, (W1, W2)), (*columns, (W1.T, W2.T)), (*flat, (W1.T, W2.T))):
        assert [len(group) for group in grouped([W[0], b1, W[1], b2]).values()] == [2, 2]
    assert [len(group) for group in grouped([W1, W2]).values()] == [1, 1]
    assert [[a.size for a in group] for group in grouped([W1, W2, *flat]).values()] == [[6, 3], [3, 1]]
    assert list(grouped({"first": [W1], "second": W2})) == ["first", "second"]


def test_importing_nnkit_imports_nothing_for_it() -> None:
    code = "import sys, nnkit; assert not [m for m in sys.modules if m.startswith(('nnkit.watching', 'nnkit.report', 'matplotlib'))]"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_cannot_be_watched_is_told() -> None:
    with pytest.raises(TypeError, match="a network with train_step"):
        nnkit.watch(3.0)
