from __future__ import annotations

import mpmath
import numpy as np
import pytest

from nnkit.network import ACTIVATIONS
from nnkit.network.losses import head

PAIRS = [("softmax", "cross_entropy"), ("sigmoid", "binary_cross_entropy"), ("softmax", "mse")]
PAIRS += [(name, loss) for loss in ("mse", "huber") for name in ACTIVATIONS]
each = pytest.mark.parametrize(("output", "loss"), PAIRS)


def targets(loss: str, n: int, k: int) -> np.ndarray:
    rng = np.random.default_rng(1)
    if loss == "cross_entropy":
        return np.eye(k)[rng.integers(0, k, n)]
    return rng.integers(0, 2, (n, k)).astype(float)


def exact_output(output, z):
    if output == "softmax":
        e = [mpmath.exp(value) for value in z]
        return [value / mpmath.fsum(e) for value in e]
    formula = {
        "sigmoid": lambda v: 1 / (1 + mpmath.exp(-v)),
        "tanh": mpmath.tanh,
        "relu": lambda v: max(v, mpmath.mpf(0)),
        "leaky_relu": lambda v: v if v > 0 else mpmath.mpf(0.01) * v,
        "softplus": lambda v: mpmath.log(1 + mpmath.exp(v)),
        "identity": lambda v: v,
    }[output]
    return [formula(value) for value in z]


def exact_loss(output, loss, z, y):
    """The textbook's formula as it stands; digits enough for 1 - e^-1e4 to differ from 1."""
    with mpmath.workdps(4400):
        total = mpmath.mpf(0)
        for z_row, y_row in zip(z, y, strict=True):
            p = exact_output(output, [mpmath.mpf(float(value)) for value in z_row])
            for a, t in zip(p, y_row, strict=True):
                if loss == "mse":
                    total += (a - t) ** 2
                elif loss == "huber":
                    r = abs(a - t)
                    total += r**2 / 2 if r <= 1 else r - mpmath.mpf(1) / 2
                else:
                    total -= t * mpmath.log(a) if t else 0
                    if loss == "binary_cross_entropy" and t < 1:
                        total -= (1 - t) * mpmath.log(1 - a)
        return float(total / (len(z) if loss == "cross_entropy" else y.size))


@each
@pytest.mark.parametrize("scale", [1.0, 30.0, 1e4])
def test_value_is_the_textbook_formula_however_large_the_logits(output, loss, scale):
    z = scale * np.array([[1.0, -0.7, 0.2], [-0.3, 0.9, -1.0]])
    y = targets(loss, 2, 3)
    assert head(output, loss).value(z, y) == pytest.approx(
        exact_loss(output, loss, z, y), rel=1e-14, abs=4 * np.finfo(float).eps
    )


def test_cross_entropies_keep_small_losses():
    one = np.array([[1.0]])
    small = head("sigmoid", "binary_cross_entropy").value(np.array([[50.0]]), one)
    assert small == pytest.approx(np.exp(-50.0), rel=1e-14, abs=0)
    assert head("sigmoid", "binary_cross_entropy").value(np.array([[-1e4]]), one) == 1e4
    assert head("sigmoid", "binary_cross_entropy").value(np.array([[1e4]]), one) == 0
    assert head("softmax", "cross_entropy").value(np.array([[1e4, -1e4]]), np.array([[0.0, 1.0]])) == 2e4
    assert head("softmax", "cross_entropy").value(np.array([[1e4, -1e4]]), np.array([[1.0, 0.0]])) == 0


@each
def test_soft_targets_are_taken(output, loss):
    z, y = np.array([[0.4, -1.1]]), np.array([[0.3, 0.7]])
    assert head(output, loss).value(z, y) == pytest.approx(exact_loss(output, loss, z, y), rel=1e-14)


@each
@pytest.mark.parametrize("n", [1, 2, 7])
def test_delta_is_the_derivative_of_value(output, loss, n):
    """By complex step, entry by entry."""
    the = head(output, loss)
    z = np.random.default_rng(n).normal(size=(n, 3))
    y = targets(loss, n, 3)
    expected = np.empty_like(z)
    for index in np.ndindex(z.shape):
        nudged = z.astype(complex)
        nudged[index] += 1e-30j
        expected[index] = the.value(nudged, y).imag / 1e-30
    np.testing.assert_allclose(the.delta(z, y), expected, rtol=1e-13, atol=1e-16)


def test_huber_is_half_the_squared_error_up_to_its_knee_and_straight_beyond():
    """Worked by hand, with delta = 2: 1^2/2; 2^2/2 at the knee; 2 (5 - 1) beyond, on either side of the target."""
    the, y = head("identity", "huber", huber_delta=2.0), np.array([[10.0]])
    for z, value, slope in ((11, 0.5, 1), (12, 2, 2), (15, 8, 2), (5, 8, -2), (10, 0, 0)):
        assert the.value(np.array([[float(z)]]), y) == value
        assert the.delta(np.array([[float(z)]]), y).tolist() == [[slope]]


def test_an_outlier_pulls_at_huber_no_harder_than_the_knee():
    z, y = np.array([[0.0], [0.0]]), np.array([[0.5], [1e200]])
    np.testing.assert_allclose(head("identity", "huber").delta(z, y), [[-0.25], [-0.5]])
    assert head("identity", "huber").value(z, y) == pytest.approx(5e199)


def test_huber_with_a_large_delta_is_half_the_squared_error():
    z, y = np.random.default_rng(0).normal(size=(2, 4, 3))
    assert head("tanh", "huber", huber_delta=1e9).value(z, y) == pytest.approx(head("tanh", "mse").value(z, y) / 2)


@pytest.mark.parametrize("knee", [0.0, -1.0, np.nan])
def test_huber_without_a_knee_is_refused(knee):
    with pytest.raises(ValueError, match="at a positive error; got"):
        head("identity", "huber", huber_delta=knee)


@each
def test_delta_of_huge_logits_is_finite(output, loss):
    z = np.array([[1e4, -1e4, 0.0]])
    assert np.isfinite(head(output, loss).delta(z, targets(loss, 1, 3))).all()


@each
def test_inputs_are_left_alone_and_float32_stays(output, loss):
    the = head(output, loss)
    z, y = np.linspace(-1, 1, 6, dtype="f4").reshape(2, 3), targets(loss, 2, 3).astype("f4")
    z_before, y_before = z.copy(), y.copy()
    p, delta = the.predict(z), the.delta(z, y)
    assert p.dtype == delta.dtype == the.value(z, y).dtype == np.float32
    assert not np.shares_memory(p, z) and not np.shares_memory(delta, z)
    np.testing.assert_array_equal(z, z_before)
    np.testing.assert_array_equal(y, y_before)


@each
def test_it_says_what_it_is(output, loss):
    assert (head(output, loss).output, head(output, loss).loss) == (output, loss)


@pytest.mark.parametrize(
    ("output", "loss"),
    [
        ("sigmoid", "cross_entropy"),
        ("softmax", "binary_cross_entropy"),
        ("sine", "mse"),
        ("sigmoid", "hinge"),
        ("softmax", "huber"),
    ],
)
def test_a_pair_that_does_not_exist_is_refused_with_those_that_do(output, loss):
    with pytest.raises(ValueError, match=rf"output='{output}', loss='{loss}'.*softmax with\s+cross_entropy"):
        head(output, loss)
