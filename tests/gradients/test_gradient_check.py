"""The gradient check as a tool: its points, its results entry by entry, its words, and what it cannot check."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
from dense_network import Dense, Faulty, data, sigmoid, truth_table
from planted_faults import factor, is_accused_alone, one_entry

from nnkit.gradients import Parameters, Status, check_gradients, parameter_names

# --- points, parameters, results


def test_the_points_are_what_they_say() -> None:
    network, (x, y) = Dense((2, 3, 1), "tanh"), data((2, 3, 1), 7, "bce", 0)
    before = np.concatenate([p.ravel() for p in network.parameters()])
    start, trained, saturated = check_gradients(network, x, y).points
    np.testing.assert_array_equal(start.theta, before)
    assert trained.loss < start.loss
    # the last weight matrix (3, 1) and its bias
    np.testing.assert_array_equal(saturated.theta[:-4], before[:-4])
    np.testing.assert_allclose(saturated.theta[-4:], 30 * before[-4:], rtol=1e-15)


def test_the_last_layer_can_be_told() -> None:
    network, (x, y) = Dense((2, 3, 1), "tanh"), data((2, 3, 1), 7, "bce", 0)
    (point,) = check_gradients(network, x, y, points=("saturated",), last_layer=[0]).points
    np.testing.assert_allclose(point.theta[:6], 30 * network.weights[0].ravel(), rtol=1e-15)
    np.testing.assert_array_equal(point.theta[9:12], network.weights[1].ravel())


def test_biases_kept_as_rows_belong_to_their_matrix() -> None:
    class Rows(Dense):
        def parameters(self) -> Any:
            return [p.reshape(1, -1) if p.ndim == 1 else p for p in super().parameters()]

        def gradients(self, x: Any, y: Any) -> Any:
            return [g.reshape(1, -1) if g.ndim == 1 else g for g in super().gradients(x, y)]

    network, (x, y) = Rows((2, 3, 2), "tanh", "ce"), data((2, 3, 2), 7, "ce", 0)
    (point,) = check_gradients(network, x, y, points=("saturated",)).points
    np.testing.assert_allclose(point.theta[-8:-2], 30 * network.weights[1].ravel(), rtol=1e-15)
    assert point.passed


def test_points_of_ones_own() -> None:
    network, (x, y) = Dense((2, 3, 1), "tanh"), data((2, 3, 1), 7, "bce", 0)
    check = check_gradients(network, x, y, points=[("all ones", np.ones(13)), "start"])
    assert [point.name for point in check.points] == ["all ones", "start"]
    assert check.passed
    with pytest.raises(ValueError, match=r"points may be 'start'.*got 'begin'"):
        check_gradients(network, x, y, points=["begin"])  # type: ignore[list-item]


def test_a_gradient_of_wrong_sign_does_not_carry_the_descent_away() -> None:
    network, (x, y) = Dense((2, 3, 1), "tanh"), data((2, 3, 1), 7, "bce", 0)
    for by in (-1.0, 1e12, 1e-12):
        check = check_gradients(Faulty(network, lambda g, _, by=by: [a.__imul__(by) for a in g]), x, y)  # type: ignore[misc]
        assert not check.passed
        assert len(check.wrong) == 12
        assert all(math.isfinite(point.loss) for point in check.points)


class FailsAfter(Dense):
    """Raises in loss or gradients at a given call, and rebinding its arrays is a habit of it."""

    def __init__(self, calls: int, where: str) -> None:
        super().__init__((2, 3, 1), "tanh")
        self.left, self.where = calls, where

    def _count(self, where: str) -> None:
        self.left -= where == self.where
        if self.left < 0:
            raise RuntimeError("out of order")
        self.weights = [w.copy() for w in self.weights]

    def loss(self, x: Any, y: Any) -> Any:
        self._count("loss")
        return super().loss(x, y)

    def gradients(self, x: Any, y: Any) -> Any:
        self._count("gradients")
        return super().gradients(x, y)


@pytest.mark.parametrize(
    ("calls", "where"), [(0, "loss"), (5, "loss"), (60, "loss"), (150, "loss"), (0, "gradients"), (3, "gradients")]
)
def test_parameters_are_restored_bit_for_bit_after_an_exception(calls: int, where: str) -> None:
    network = FailsAfter(calls, where)
    before = [p.tobytes() for p in network.parameters()]
    with pytest.raises(RuntimeError, match="out of order"):
        check_gradients(network, *truth_table("xor"))
    assert [p.tobytes() for p in network.parameters()] == before


def test_parameters_are_restored_bit_for_bit_at_the_end() -> None:
    network = Dense((2, 3, 1), "relu", zero_biases=True)
    network.biases[0][0] = -0.0
    before = [p.tobytes() for p in network.parameters()]
    check_gradients(network, *truth_table("xor"))
    assert [p.tobytes() for p in network.parameters()] == before


class Immutable(Dense):
    """Arrays that cannot be written into, behind set_parameters."""

    def parameters(self) -> Any:
        arrays = super().parameters()
        for array in arrays:
            array.flags.writeable = False
        return arrays

    def set_parameters(self, arrays: list[Any]) -> None:
        self.weights, self.biases = list(arrays[0::2]), list(arrays[1::2])


def test_a_subject_with_set_parameters() -> None:
    network, (x, y) = Immutable((2, 3, 1), "tanh"), data((2, 3, 1), 7, "bce", 0)
    before = Parameters(network).read().tobytes()
    assert check_gradients(network, x, y).passed
    assert Parameters(network).read().tobytes() == before
    faulty = Faulty(network, factor(2))
    faulty.set_parameters = network.set_parameters  # type: ignore[attr-defined]
    assert is_accused_alone(check_gradients(faulty, x, y), 2)


def test_results_entry_by_entry() -> None:
    network, (x, y) = Dense((2, 3, 1), "tanh"), data((2, 3, 1), 7, "bce", 0)
    faulty = Faulty(network, one_entry(0, lambda g: g + 0.125))
    check = check_gradients(faulty, x, y, names=["W1", "b1", "W2", "b2"])
    w1 = check.points[0].parameters[0]
    assert (w1.name, w1.shape, w1.verdict, w1.wrong, w1.kinks) == ("W1", (2, 3), "wrong", 1, 0)
    assert w1.analytic.shape == w1.numeric.shape == w1.errors.shape == w1.statuses.shape == (2, 3)
    assert w1.entries is None
    np.testing.assert_array_equal(w1.analytic, faulty.gradients(x, y)[0])
    np.testing.assert_allclose(w1.numeric, network.gradients(x, y)[0], atol=1e-9)
    assert w1.statuses[1, 0] == Status.WRONG
    right, wrong = network.gradients(x, y)[0].ravel(), w1.analytic.ravel()
    assert w1.relative_error == pytest.approx(0.125 / max(np.linalg.norm(right), np.linalg.norm(wrong)), rel=1e-6)
    assert w1.norm_ratio == pytest.approx(np.linalg.norm(wrong) / np.linalg.norm(right), rel=1e-6)
    assert w1.cosine == pytest.approx(right @ wrong / np.linalg.norm(right) / np.linalg.norm(wrong), rel=1e-6)
    entry = w1.worst(1)[0]
    assert (entry.point, entry.parameter, entry.index, entry.verdict) == ("start", "W1", (1, 0), "wrong")
    assert entry.difference == pytest.approx(0.125, rel=1e-6)
    assert entry.error < 1e-9
    assert [e.verdict for e in check.worst(4)] == ["wrong"] * 3 + ["ok"]
    assert not check.points[0].passed
    assert check.points[0].parameters[1].passed


def test_errors_of_single_entries_cover_the_truth() -> None:
    network, (x, y) = Dense((3, 4, 2), "tanh", "ce"), data((3, 4, 2), 7, "ce", 0)
    for point in check_gradients(network, x, y).points:
        for parameter in point.parameters:
            # the analytic gradient is right here, so it is the truth
            assert np.all(np.abs(parameter.analytic - parameter.numeric) <= 8 * parameter.errors)


def test_the_cost_is_counted_and_small() -> None:
    network, (x, y) = Dense((3, 4, 2), "tanh", "ce"), data((3, 4, 2), 7, "ce", 0)
    calls = {"loss": 0, "gradients": 0}
    for name in calls:
        method = getattr(network, name)

        def counted(x: Any, y: Any, name: str = name, method: Any = method) -> Any:
            calls[name] += 1
            return method(x, y)

        setattr(network, name, counted)
    cost = check_gradients(network, x, y, points=("start",)).cost
    assert (cost.loss_evaluations, cost.gradient_calls) == (calls["loss"], calls["gradients"])
    # two evaluations an entry, the noise, and little else where all is well
    assert cost.loss_evaluations < 2 * 26 + 120
    assert cost.seconds > 0


def test_a_fault_far_from_kinks_costs_one_thorough_measurement_an_entry() -> None:
    for hidden in ("tanh", "relu"):
        network, (x, y) = Dense((3, 4, 2), hidden, "ce"), data((3, 4, 2), 7, "ce", 0)
        faulty = Faulty(network, lambda gradients, _: [g.__imul__(7) for g in gradients])
        check = check_gradients(faulty, x, y, points=("start",))
        assert not check.passed
        # 11 steps to both sides for each entry and for three directions in which kinks are looked for
        assert check.cost.loss_evaluations < 2 * 26 + 120 + 22 * (26 + 3)


def test_the_same_seed_gives_the_same_numbers() -> None:
    network, (x, y) = Dense((2, 3, 2, 1), "relu", zero_biases=True), data((2, 3, 2, 1), 7, "bce", 0, zero_rows=True)
    first, second = (check_gradients(network, x, y, seed=3) for _ in range(2))
    assert first.cost.loss_evaluations == second.cost.loss_evaluations
    assert re.sub(r"Cost.*", "", str(first)) == re.sub(r"Cost.*", "", str(second))


# --- words


def test_it_says_which_parameter_which_entry_where_and_by_how_much() -> None:
    network, (x, y) = Dense((2, 3, 1), "tanh"), data((2, 3, 1), 7, "bce", 0)
    text = str(check_gradients(Faulty(network, one_entry(2, lambda g: -g)), x, y, names=["W1", "b1", "W2", "b2"]))
    assert text.splitlines()[0].startswith("The gradients are wrong: W2 by up to 2.0e+00 relative")
    assert "At the point 'start', the gradient of W2 (3, 1) is wrong in entry (1, 0)." in text
    assert "At the point 'saturated', the gradient of W2 (3, 1) is wrong in entry (1, 0)." in text
    for column in ("gradients(x, y) says", "the loss says", "difference", "error bar", "relative error", "norm ratio"):
        assert column in text
    assert text.isascii()


def test_it_says_so_when_all_is_well() -> None:
    text = check_gradients(Dense((2, 3, 1), "tanh"), *data((2, 3, 1), 7, "bce", 0)).describe()
    assert text.startswith("The gradients agree with the loss: largest relative error")
    assert "wrong in" not in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda g, _: g[0].__imul__(2), "is wrong in all 6 entries."),
        (lambda g, _: g[3].__imul__(2), "is wrong in its only entry."),
        (lambda g, _: g[0][1].__imul__(2), "is wrong in row 1."),
        (lambda g, _: g[0][:, 2].__imul__(2), "is wrong in column 2."),
        (lambda g, _: g[0][:, ::2].__imul__(2), "is wrong in columns 0, 2."),
        (lambda g, _: g[1][:2].__imul__(2), "is wrong in entries 0, 1 of 3."),
    ],
)
def test_places_in_words(change: Any, words: str) -> None:
    network, (x, y) = Dense((2, 3, 1), "tanh"), data((2, 3, 1), 7, "bce", 0)
    assert words in check_gradients(Faulty(network, change), x, y, points=("start",)).describe()


def test_the_fault_is_told_from_the_output_down() -> None:
    network, (x, y) = Dense((2, 3, 1), "tanh"), data((2, 3, 1), 7, "bce", 0)
    faulty = Faulty(network, lambda g, _: [a.__imul__(2) for a in g[:2]])
    check = check_gradients(faulty, x, y, names=parameter_names(4))
    assert check.first_wrong is not None
    assert (check.first_wrong.name, check.first_wrong.point) == ("b1", "start")
    assert (
        "at the point 'start', going down from the output, the first wrong gradient is that of b1 (3,)" in check.fault()
    )
    assert "length 2 times the right one, cosine 1.0000" in check.fault()
    assert check.fault().endswith("Wrong there: b1, W1.")
    right = check_gradients(network, x, y)
    assert (right.first_wrong, right.fault()) == (None, "")


def test_parameters_are_named_by_layer() -> None:
    assert parameter_names(4) == ["W1", "b1", "W2", "b2"]


# --- what cannot be checked


def test_a_gradient_that_is_not_finite_is_wrong() -> None:
    network, (x, y) = Dense((2, 3, 1), "tanh"), data((2, 3, 1), 7, "bce", 0)
    for value in (math.nan, math.inf):
        check = check_gradients(Faulty(network, one_entry(2, lambda g, v=value: v)), x, y)  # type: ignore[misc]
        assert is_accused_alone(check, 2)
        assert check.relative_error == math.inf
        assert all(p.wrong_entries == [(1, 0)] for p in check.wrong)
        assert "entry (1, 0)" in str(check)


def test_a_loss_that_is_not_finite_is_reported_with_its_point() -> None:
    class NaiveLog(Dense):
        def loss(self, x: Any, y: Any) -> Any:
            p = sigmoid(self._pass(x)[0][-1])
            return -np.mean(np.log(np.where(y == 1, p, 1 - p)))

    network = NaiveLog((2, 1), "tanh")
    network.weights[0][:], network.biases[0][:] = 3.0, 2.0
    check = check_gradients(network, *truth_table("xor"), points=("start", "saturated"))
    assert not check.passed
    assert check.relative_error == math.inf
    assert [bool(point.problem) for point in check.points] == [False, True]
    assert "At the point 'saturated': the loss is inf" in str(check)
    assert check.fault().startswith("at the point 'saturated' the loss is inf")


def test_where_nothing_can_be_resolved_it_is_no_pass() -> None:
    network, (x, y) = Dense((2, 3, 1), "tanh"), data((2, 3, 1), 7, "bce", 0)
    network.loss = lambda x, y, loss=network.loss: round(float(loss(x, y)), 2)  # type: ignore[method-assign]
    check = check_gradients(network, x, y, points=("start",), limit=1e-7)
    assert not check.passed
    assert not check.wrong
    assert check.fault().startswith("no slope could be compared")
    assert str(check).startswith("Nothing could be resolved")


def test_parameters_that_are_copies() -> None:
    class Copies(Dense):
        def parameters(self) -> Any:
            return [p.copy() for p in super().parameters()]

    with pytest.raises(ValueError, match="does not stay there: return the network's own arrays"):
        check_gradients(Copies((2, 3, 1)), *truth_table("and"))


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda g: g[:3], ValueError, "each of the 4 parameters; it returned 3"),
        (lambda g: [g[0].T, *g[1:]], ValueError, r"gradient of W1 must have its shape \(2, 3\); .*it is transposed"),
        (lambda g: [*g[:3], None], TypeError, "gradient of b2 must be an array of floats; it is a NoneType"),
        (lambda g: None, TypeError, "must return a list of arrays"),
    ],
)
def test_gradients_out_of_shape_name_the_parameter(change: Any, error: Any, words: str) -> None:
    network = Dense((2, 3, 1))
    network.gradients = lambda x, y, own=network.gradients: change(own(x, y))  # type: ignore[method-assign]
    with pytest.raises(error, match=words):
        check_gradients(network, *truth_table("and"), names=["W1", "b1", "W2", "b2"])


def test_as_many_names_as_parameters() -> None:
    with pytest.raises(ValueError, match="expected one for each of 4 parameters; got 2"):
        check_gradients(Dense((2, 3, 1)), *truth_table("and"), names=["W", "b"])
