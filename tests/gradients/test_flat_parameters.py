"""Parameters as one flat vector: reading, writing and giving back, whatever the subject's layout and habits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnkit.gradients import Parameters, gradient_of, loss_of, numerical_gradient


class InPlace:
    """Live arrays in odd layouts: column order, a view with a stride, a scalar, float32 or float64."""

    def __init__(self, dtype: Any = np.float64) -> None:
        rng = np.random.default_rng(0)
        self.w = np.asfortranarray(rng.standard_normal((3, 2)).astype(dtype))
        self.b = rng.standard_normal(8).astype(dtype)[::2]
        self.scale = np.array(0.5, dtype=dtype)

    def parameters(self) -> list[Any]:
        return [self.w, self.b, self.scale]

    def loss(self, x: Any, y: Any) -> Any:
        return np.sum(np.sin(self.w)) * self.scale + np.sum(self.b**2)

    def gradients(self, x: Any, y: Any) -> Any:
        return [np.cos(self.w) * self.scale, 2 * self.b, np.sum(np.sin(self.w))]


class Rebinding(InPlace):
    """Immutable arrays, replaced through set_parameters, which takes over whatever it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.seal()

    def seal(self) -> None:
        for array in self.parameters():
            array.flags.writeable = False

    def set_parameters(self, arrays: list[Any]) -> None:
        self.w, self.b, self.scale = arrays
        self.seal()


@pytest.fixture(params=[InPlace, Rebinding])
def subject(request: Any) -> Any:
    return request.param()


def test_flat_order_and_shapes(subject: Any) -> None:
    parameters = Parameters(subject)
    assert parameters.size == 6 + 4 + 1
    assert parameters.shapes == ((3, 2), (4,), ())
    assert parameters.dtype == np.float64
    np.testing.assert_array_equal(parameters.read()[:6].reshape(3, 2), subject.w)
    assert parameters.read()[-1] == 0.5


def test_written_is_read(subject: Any) -> None:
    parameters = Parameters(subject)
    theta = np.arange(11.0)
    parameters.write(theta)
    np.testing.assert_array_equal(parameters.read(), theta)
    np.testing.assert_array_equal(subject.w, [[0, 1], [2, 3], [4, 5]])
    theta[0] = 99.0
    assert parameters.read()[0] == 0.0, "the subject must not see later changes of the vector"


def test_reading_is_a_copy(subject: Any) -> None:
    parameters = Parameters(subject)
    parameters.read()[:] = 7
    assert not np.any(parameters.read() == 7)


def test_split_is_the_inverse_of_flat(subject: Any) -> None:
    parameters = Parameters(subject)
    pieces = parameters.split(parameters.read())
    for piece, array in zip(pieces, subject.parameters(), strict=True):
        np.testing.assert_array_equal(piece, array)


@pytest.mark.parametrize("size", [10, 12])
def test_wrong_size(subject: Any, size: int) -> None:
    with pytest.raises(ValueError, match="flat vector of 11 parameters"):
        Parameters(subject).write(np.zeros(size))


def test_kept_restores_bit_for_bit_after_an_exception(subject: Any) -> None:
    parameters = Parameters(subject)
    subject.loss(None, None)
    before = [array.tobytes() for array in subject.parameters()]
    with pytest.raises(RuntimeError, match="halfway"), parameters.kept():
        parameters.write(np.full(11, np.nan))
        raise RuntimeError("halfway")
    assert [array.tobytes() for array in subject.parameters()] == before


def test_kept_restores_the_float_type_too() -> None:
    subject = Rebinding()
    subject.set_parameters([array.astype(np.float32) for array in subject.parameters()])
    parameters = Parameters(subject)
    before = [(array.dtype, array.tobytes()) for array in subject.parameters()]
    with parameters.kept():
        parameters.write(parameters.read().astype(np.complex128) * 1j)
        assert subject.w.dtype == np.complex128
    assert [(array.dtype, array.tobytes()) for array in subject.parameters()] == before


def test_negative_zero_and_nan_survive(subject: Any) -> None:
    parameters = Parameters(subject)
    theta = parameters.read()
    theta[:3] = [-0.0, np.nan, 5e-324]
    parameters.write(theta)
    before = parameters.read().tobytes()
    with parameters.kept():
        parameters.write(np.zeros(11))
    assert parameters.read().tobytes() == before


def test_complex_parameters_need_set_parameters() -> None:
    with pytest.raises(TypeError, match="complex parameters need a set_parameters"):
        Parameters(InPlace()).write(np.zeros(11, dtype=complex))


def test_loss_and_gradient_as_functions_of_the_flat_vector(subject: Any) -> None:
    f, g = loss_of(subject, None, None), gradient_of(subject, None, None)
    theta = np.linspace(-1, 1, 11)
    with Parameters(subject).kept():
        numeric = numerical_gradient(f, theta)
        np.testing.assert_allclose(g(theta), numeric.values, atol=1e-8)


def test_the_complex_step_goes_through_set_parameters() -> None:
    subject = Rebinding()
    theta = np.linspace(-1, 1, 11)
    with Parameters(subject).kept():
        exact = numerical_gradient(loss_of(subject, None, None), theta, "complex-step")
        np.testing.assert_allclose(gradient_of(subject, None, None)(theta), exact.values, rtol=0, atol=1e-14)
    assert subject.w.dtype == np.float64


def test_float32_stays_float32() -> None:
    parameters = Parameters(InPlace(np.float32))
    assert parameters.read().dtype == np.float32 == parameters.dtype


class Odd:
    def __init__(self, parameters: Any = None, loss: Any = 1.0, gradients: Any = None) -> None:
        self._parameters = [np.zeros(2)] if parameters is None else parameters
        self._loss, self._gradients = loss, gradients

    def parameters(self) -> Any:
        return self._parameters

    def loss(self, x: Any, y: Any) -> Any:
        return self._loss

    def gradients(self, x: Any, y: Any) -> Any:
        return self._gradients


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ([], "must return a list of float arrays"),
        (np.zeros(3), "must return a list of float arrays"),
        ([np.zeros(2), np.zeros(2, dtype=int)], r"parameters\(\)\[1\] must be a NumPy array of floats; .* int64"),
        ([[0.0, 1.0]], r"parameters\(\)\[0\] must be a NumPy array of floats; it is a list"),
    ],
)
def test_parameters_that_are_none(parameters: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        Parameters(Odd(parameters))


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (np.zeros((4, 1)), r"one number; it returned ndarray of shape \(4, 1\)"),
        (None, "one number"),
        ("x", "one number"),
    ],
)
def test_a_loss_that_is_no_number(loss: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        loss_of(Odd(loss=loss), None, None)(np.zeros(2))


@pytest.mark.parametrize("loss", [1, 1.0, np.float32(1), np.ones((1, 1)), np.array(1.0)])
def test_a_loss_that_is_a_number_in_any_wrapping(loss: Any) -> None:
    assert loss_of(Odd(loss=loss), None, None)(np.zeros(2)) == 1


@pytest.mark.parametrize(
    ("gradients", "error", "words"),
    [
        (None, TypeError, "must return a list of arrays; it returned NoneType"),
        ([], ValueError, "one array for each of the 1 parameters; it returned 0"),
        ([np.zeros(2), np.zeros(2)], ValueError, "it returned 2"),
        ([[0.0, 1.0]], TypeError, "the gradient of parameter 0 must be an array of floats; it is a list"),
        ([None], TypeError, "parameter 0 must be an array of floats; it is a NoneType"),
        ([np.zeros(3)], ValueError, r"parameter 0 must have its shape \(2,\); it has \(3,\)"),
    ],
)
def test_gradients_out_of_shape(gradients: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        gradient_of(Odd(gradients=gradients), None, None)(np.zeros(2))
