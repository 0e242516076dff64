"""The parameters of a network under test as one flat vector, and its loss and gradient as functions of that vector.

Numerical differentiation wants f(theta); a network has a list of arrays in any layout. This is the bridge. It knows a
subject by its methods alone: parameters() and optionally set_parameters(list), loss(x, y), gradients(x, y).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray


def parameter_names(count: int) -> list[str]:
    """W1, b1, W2, b2, ...: what the parameters of a network of dense layers are called, in their order."""
    return [f"{'Wb'[k % 2]}{k // 2 + 1}" for k in range(count)]


class Parameters:
    """Flat access to the live parameters of `subject`, in the order of parameters(), each array row by row.

    parameters() is asked afresh each time, so a subject may rebind its arrays. A subject with set_parameters(list) is
    written through it, and may then be given arrays of another float type or complex ones; any other is written in
    place. Raises TypeError where parameters() does not give float arrays, or where it gives none.
    """

    def __init__(self, subject: Any) -> None:
        self._subject = subject
        self._set = getattr(subject, "set_parameters", None)
        arrays = self._arrays()
        self.shapes: tuple[tuple[int, ...], ...] = tuple(array.shape for array in arrays)
        self.size: int = sum(array.size for array in arrays)
        self.dtype: np.dtype[Any] = np.result_type(*arrays)
        ends = np.cumsum([array.size for array in arrays])
        #: where each parameter lies in the flat vector
        self.slices: tuple[slice, ...] = tuple(
            slice(int(end) - array.size, int(end)) for end, array in zip(ends, arrays, strict=True)
        )

    def read(self) -> NDArray[Any]:
        """The parameters now, as a flat copy (P,)."""
        return np.concatenate([array.reshape(-1) for array in self._arrays()])

    def write(self, theta: NDArray[Any]) -> None:
        """Give the network the parameters theta (P,).

        Raises ValueError for a wrong size, TypeError for complex parameters where there is no set_parameters.
        """
        if self._set is not None:
            # Copies: a subject that keeps what it is given must not see theta change later.
            self._set([np.array(piece) for piece in self.split(theta)])
            return
        if theta.shape != (self.size,):
            raise ValueError(f"expected a flat vector of {self.size} parameters; got shape {theta.shape}")
        if theta.dtype.kind == "c":
            raise TypeError("complex parameters need a set_parameters(list) that accepts complex arrays")
        # The hot path of every numerical gradient, so without the checks of _arrays().
        for array, part, shape in zip(self._subject.parameters(), self.slices, self.shapes, strict=True):
            array[...] = theta[part].reshape(shape)

    def split(self, theta: NDArray[Any]) -> list[NDArray[Any]]:
        """theta (P,) as a list of arrays (views) with the parameters' shapes."""
        if theta.shape != (self.size,):
            raise ValueError(f"expected a flat vector of {self.size} parameters; got shape {theta.shape}")
        return [theta[part].reshape(shape) for part, shape in zip(self.slices, self.shapes, strict=True)]

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Within this block anything may happen to the parameters: they are restored bit for bit, float type too."""
        saved = [array.copy() for array in self._arrays()]
        try:
            yield
        finally:
            if self._set is not None:
                self._set(saved)
            else:
                for array, before in zip(self._arrays(), saved, strict=True):
                    array[...] = before

    def require_live(self) -> None:
        """Raise ValueError where writing does not reach the network, so that nothing later lies."""
        with self.kept():
            # Doubling changes every number but 0 without rounding.
            probe = self.read() * 2
            probe[probe == 0] = 1
            self.write(probe)
            if not np.array_equal(self.read(), probe):
                raise ValueError(
                    "what is written into parameters() does not stay there: return the network's own arrays, not "
                    "copies, or add set_parameters(list)"
                )

    def _arrays(self) -> list[NDArray[Any]]:
        arrays = self._subject.parameters()
        if not isinstance(arrays, (list, tuple)) or not arrays:
            raise TypeError(f"parameters() must return a list of float arrays; got {type(arrays).__name__}: {arrays!r}")
        if self._set is not None:
            arrays = [np.asarray(array) for array in arrays]
        for k, array in enumerate(arrays):
            if not isinstance(array, np.ndarray) or array.dtype.kind not in "fc":
                kind = f"an array of {array.dtype}" if isinstance(array, np.ndarray) else f"a {type(array).__name__}"
                raise TypeError(f"parameters()[{k}] must be a NumPy array of floats; it is {kind}")
        return list(arrays)


def loss_of(subject: Any, x: NDArray[Any], y: NDArray[Any]) -> Callable[[NDArray[Any]], Any]:
    """f(theta): the subject's loss on (x, y) with parameters theta (P,), as a number (complex for complex theta).

    f leaves theta in the subject: wrap its use in `Parameters(subject).kept()`.
    f raises TypeError where loss(x, y) is not one number.
    """
    parameters = Parameters(subject)

    def f(theta: NDArray[Any]) -> Any:
        parameters.write(theta)
        return one_number(subject.loss(x, y))

    return f


def gradient_of(subject: Any, x: NDArray[Any], y: NDArray[Any]) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """g(theta): the subject's gradients on (x, y) with parameters theta, as a flat vector (P,).

    g leaves theta in the subject: wrap its use in `Parameters(subject).kept()`.
    g raises TypeError or ValueError where gradients(x, y) has not the parameters' number and shapes.
    """
    parameters = Parameters(subject)

    def g(theta: NDArray[Any]) -> NDArray[Any]:
        parameters.write(theta)
        return flat_gradient(subject.gradients(x, y), parameters.shapes)

    return g


def one_number(loss: Any) -> Any:
    """A loss as a plain NumPy or Python number. Raises TypeError where it is anything else."""
    if isinstance(loss, (float, complex)):
        return loss
    array = np.asarray(loss)
    if array.size != 1 or array.dtype.kind not in "fciu":
        raise TypeError(
            f"loss(x, y) must return one number; it returned {type(loss).__name__}"
            + (f" of shape {array.shape}: take the mean over the samples" if array.size != 1 else f": {loss!r}")
        )
    return array.reshape(())[()]


def flat_gradient(
    gradients: Any, shapes: tuple[tuple[int, ...], ...], names: tuple[str, ...] | None = None
) -> NDArray[Any]:
    """A list of gradients as one flat copy (P,), after checking their number, kinds and shapes.

    Raises TypeError or ValueError naming the parameter at fault.
    """
    if names is None:
        names = tuple(f"parameter {k}" for k in range(len(shapes)))
    if not isinstance(gradients, (list, tuple)):
        raise TypeError(f"gradients(x, y) must return a list of arrays; it returned {type(gradients).__name__}")
    if len(gradients) != len(shapes):
        raise ValueError(
            f"gradients(x, y) must return one array for each of the {len(shapes)} parameters; it returned "
            f"{len(gradients)}"
        )
    arrays = []
    for name, gradient, shape in zip(names, gradients, shapes, strict=True):
        array = np.asarray(gradient) if hasattr(gradient, "__array__") or np.isscalar(gradient) else None
        if array is None or array.dtype.kind not in "fiu":
            raise TypeError(f"the gradient of {name} must be an array of floats; it is a {type(gradient).__name__}")
        if array.shape != shape:
            hint = ": it is transposed" if array.shape == shape[::-1] else ""
            raise ValueError(f"the gradient of {name} must have its shape {shape}; it has {array.shape}{hint}")
        arrays.append(array.reshape(math.prod(shape)))
    return np.concatenate(arrays)
