"""Checkpoints: everything that the rest of a training depends on, in one file.

In it are the network, the place in the epoch with the order of its samples, the state of the loop's random generator
and of the global ones of NumPy and Python, the factor on the rate, and what the callbacks remember, the history among
them. Not in it are the data and the arguments of `train`, which are given again.

Of the network, a checkpoint keeps what `get_state()` returns, and gives it to `set_state(state)` of a network newly
built: write the two where you want a say in it; the adapters have them. A network without them is kept as pickle keeps
it, which is as a rule by its attributes, and all that is reached from them: arrays, layers, an optimiser. Windows on
common memory (a flat vector of parameters, and matrices that are views of it) stay that. What lies elsewhere is not
kept: variables of a module or of a class, what a function closes over, the generator of another library. A network that
needs these goes on differently, and nothing says so.

The file is a pickle: loading it runs what its writer put there, so load your own only.
"""

from __future__ import annotations

import pickle
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt

from nnkit.atomic import replacing

if TYPE_CHECKING:
    from nnkit.training.loop import Training

Array = npt.NDArray[Any]


def save(file: str | Path, training: Training) -> None:
    """Write the training as it is between two steps; the file is the old one or the new one at every moment.

    Raises the error of pickle, with advice, where the network holds what cannot be saved, and OSError; the old file
    then stands.
    """
    network = training.network
    place, bits = training.place, training.rng.bit_generator
    state = {
        "steps done": training.step,
        **_kind(training),
        "place": (place.order, place.given),
        "loss": training.loss,
        "factor": training.factor,
        "generator": bits.state,
        # The global generators, which people's own networks use, for dropout say.
        "global generators": (np.random.get_state(), random.getstate()),  # noqa: NPY002
        "memories": [callback.get_state() for callback in training.callbacks],
        "network": network.get_state() if _has_own_state(network) else network.__getstate__(),
    }
    with replacing(Path(file), durable=True) as stream:
        try:
            _Pickler(stream, training).dump(state)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            error.add_note(
                "A checkpoint keeps the attributes of the network and of the callbacks, and this one cannot be pickled. "
                "Give the network get_state() and set_state(state), which say what to keep in its place."
            )
            raise


def load(file: str | Path, training: Training) -> None:
    """Make `training`, which has just begun, the one that was saved.

    Raises ValueError where the file is no checkpoint, or one of a training of another kind.
    """
    state = _read(file, training)
    for what, now in _kind(training).items():
        if state[what] != now:
            raise ValueError(
                f"{file} is a checkpoint of another training, of {what} {state[what]}; this one is of {what} {now}. "
                "Go on with the same arguments, or remove the file to begin anew."
            )
    _restore_network(training.network, state["network"])
    training.step, training.loss, training.factor = state["steps done"], state["loss"], state["factor"]
    training.place.order, training.place.given = state["place"]
    training.rng.bit_generator.state = state["generator"]
    for callback, memory in zip(training.callbacks, state["memories"], strict=True):
        callback.set_state(memory)
    # The last, since what came before may have drawn from them.
    of_numpy, of_python = state["global generators"]
    np.random.set_state(of_numpy)  # noqa: NPY002
    random.setstate(of_python)


def restore_network(file: str | Path, network: Any) -> None:
    """Make `network` the one that was saved, outside of any training. Raises ValueError where there is none in the file.

    Of what it shared with the training (its data, its generator) it gets None.
    """
    _restore_network(network, _read(file)["network"])


def _kind(training: Training) -> dict[str, Any]:
    """What must be the same where a training goes on."""
    return {
        "class": type(training.network).__name__,
        "parameters of shapes": [np.shape(array) for array in training.network.parameters()],
        "samples": len(training.x),
        "batch size": training.batch_size,
        "callbacks": [type(callback).__name__ for callback in training.callbacks],
    }


def _has_own_state(network: Any) -> bool:
    return callable(getattr(network, "get_state", None)) and callable(getattr(network, "set_state", None))


def _restore_network(network: Any, state: Any) -> None:
    if _has_own_state(network):
        network.set_state(state)
    elif hasattr(network, "__setstate__"):
        network.__setstate__(state)
    else:  # what Python itself would do: attributes, or a pair of attributes and slots
        attributes, slots = state if isinstance(state, tuple) else (state, None)
        if attributes is not None:
            vars(network).clear()
            vars(network).update(attributes)
        for name, value in (slots or {}).items():
            setattr(network, name, value)


def _read(file: str | Path, training: Training | None = None) -> dict[str, Any]:
    with Path(file).open("rb") as stream:
        try:
            state = _Unpickler(stream, training).load()
        except (pickle.UnpicklingError, EOFError) as error:
            raise ValueError(f"{file} is not a checkpoint of nnkit: {error}") from error
    if not (isinstance(state, dict) and "steps done" in state):
        raise ValueError(f"{file} is not a checkpoint of nnkit")
    return state


# Pickles in which arrays that share memory go on sharing it ------------------------------------------------------------


class _Pickler(pickle.Pickler):
    """Names what the training is given again (its data and its generator) in place of saving it."""

    def __init__(self, stream: BinaryIO, training: Training) -> None:
        super().__init__(stream, protocol=5)
        self._given = {id(getattr(training, name)): name for name in _GIVEN_AGAIN}

    def persistent_id(self, obj: Any) -> str | None:
        return self._given.get(id(obj))

    def reducer_override(self, obj: Any) -> Any:
        """A view of an array becomes a window on that array, which is saved once for all of its views."""
        if type(obj) is not np.ndarray or type(obj.base) is not np.ndarray or obj.dtype.hasobject:
            return NotImplemented
        base = obj.base
        while type(base.base) is np.ndarray:
            base = base.base
        if not (base.flags.c_contiguous or base.flags.f_contiguous):
            return NotImplemented
        return _window, (base, _address(obj) - _address(base), obj.shape, obj.strides, obj.dtype)


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: BinaryIO, training: Training | None) -> None:
        super().__init__(stream)
        self._training = training

    def persistent_load(self, name: str) -> Any:
        return getattr(self._training, name, None)


_GIVEN_AGAIN = ("x", "y", "rng")


def _window(base: Array, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    return np.ndarray(shape, dtype, base.ravel(order="K"), offset, strides)


def _address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])
