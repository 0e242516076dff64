"""A compiled Keras 3 model as a network under test, on the backends JAX and PyTorch.

The model is used as in fit(): loss and gradients are those of training, regularisers included, and forward, too, is
called with training=True, since Keras keeps no mode. Dropout then gives another output at each call, and BatchNorm lets
the rows of a batch influence one another: `training=False` asks for the model as predict() uses it.

Keras computes in float32. On these backends it does so even in a float64 model: keras.backend.result_type makes float32
of two float64 (so in Keras 3.15, see github.com/keras-team/keras/issues/23223), and the products of a Dense layer and
the mean in a loss go that way. So float32 is what the adapter returns, and what nnkit then expects of the gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class KerasNetwork:
    """The five methods for a model that has been compiled with an optimizer and a loss.

    training: what the model is called with by forward, loss and gradients; train_step is train_on_batch, always.
    Sparse categorical cross-entropy is given numbers of classes instead of one-hot rows.

    Raises ValueError where the model is not compiled or has no parameters yet, NotImplementedError for other backends.
    """

    def __init__(self, model: keras.Model, *, training: bool = True) -> None:
        if not model.compiled or model.optimizer is None or model.loss is None:
            raise ValueError("compile the model first: model.compile(optimizer=..., loss=...)")
        if not model.built or not model.trainable_variables:
            raise ValueError("the model has no parameters to train yet: begin it with keras.Input((sizes[0],))")
        self.model, self.training = model, training
        self._gradients = _gradients_of(keras.config.backend())
        self._precision = keras.backend.result_type(self._dtype(), self._dtype())
        name = model.loss if isinstance(model.loss, str) else getattr(model.loss, "name", "")
        self._wants_classes = name == "sparse_categorical_crossentropy"

    def parameters(self) -> list[Array]:
        """Copies of the trainable variables, in the model's order: write through `set_parameters`."""
        return [_array(variable.value) for variable in self.model.trainable_variables]

    def set_parameters(self, arrays: Sequence[Array]) -> None:
        """Take over these values in the float type that the variables have. The optimizer keeps its state.

        Raises ValueError for wrong shapes, TypeError for complex numbers.
        """
        variables = self.model.trainable_variables
        if [np.shape(array) for array in arrays] != [tuple(variable.shape) for variable in variables]:
            raise ValueError(
                f"expected arrays of shapes {[tuple(v.shape) for v in variables]}, got {[np.shape(a) for a in arrays]}"
            )
        if any(np.iscomplexobj(array) for array in arrays):
            raise TypeError("the parameters are real; complex numbers cannot be put in their place")
        for variable, array in zip(variables, arrays, strict=True):
            # A copy: a backend may otherwise share the memory of what the caller goes on writing into.
            variable.assign(np.array(array, dtype=variable.dtype))

    def forward(self, x: Array) -> Array:
        """(n, d_in) to what the model returns, (n, d_out): logits, where the loss has from_logits=True."""
        return _array(self.model(self._cast(x), training=self.training)).astype(self._precision)

    def loss(self, x: Array, y: Array) -> Any:
        """The model's loss with its regularisers: one number."""
        return _array(self._loss(x, y)).astype(self._precision)[()]

    def gradients(self, x: Array, y: Array) -> list[Array]:
        """d loss / d trainable variable: fresh arrays. Raises ValueError naming a variable that is not reached."""
        variables = self.model.trainable_variables
        gradients = self._gradients(lambda: self._loss(x, y), variables)
        for variable, gradient in zip(variables, gradients, strict=True):
            if gradient is None:
                raise ValueError(
                    f"variable {variable.path} of shape {tuple(variable.shape)} has no gradient: the loss does not "
                    "depend on it. Either call() does not use it, or stop_gradient() cuts the way to it"
                )
        return [_array(gradient).astype(self._precision) for gradient in gradients]

    def train_step(self, x: Array, y: Array, learning_rate: float) -> None:
        """One train_on_batch with this rate. Raises TypeError where the optimizer has a schedule instead of a rate."""
        self.model.optimizer.learning_rate = float(learning_rate)
        self.model.train_on_batch(self._cast(x), self._targets(y))

    def get_state(self) -> dict[str, Any]:
        """For a checkpoint: all variables of the model and its optimizer, and PyTorch's generator on that backend."""
        state: dict[str, Any] = {"variables": [_array(variable.value) for variable in self._variables()]}
        if keras.config.backend() == "torch":  # where dropout without a seed draws from the global generator
            import torch

            state["generator"] = torch.get_rng_state()
        return state

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from the state of another one of the same model."""
        for variable, array in zip(self._variables(), state["variables"], strict=True):
            variable.assign(array)
        if "generator" in state:
            import torch

            torch.set_rng_state(state["generator"])

    def _variables(self) -> list[Any]:
        if not self.model.optimizer.built:
            self.model.optimizer.build(self.model.trainable_variables)
        return [*self.model.variables, *self.model.optimizer.variables]

    def _loss(self, x: Array, y: Array) -> Any:
        inputs = self._cast(x)
        outputs = self.model(inputs, training=self.training)
        return self.model.compute_loss(inputs, keras.ops.convert_to_tensor(self._targets(y)), outputs)

    def _targets(self, y: Array) -> Array:
        if not self._wants_classes:
            return self._cast(y)
        if y.ndim != 2 or y.shape[1] < 2:
            raise ValueError(
                f"a loss over classes needs at least two outputs; the targets have shape {y.shape}. For one output "
                "take binary_crossentropy: the softmax of a single number is always 1"
            )
        return np.asarray(np.argmax(y, axis=1))

    def _cast(self, array: Array) -> Array:
        return np.array(array, dtype=self._dtype())

    def _dtype(self) -> str:
        return str(self.model.trainable_variables[0].dtype)


def _array(tensor: Any) -> Array:
    # A copy, since a backend may share the tensor's memory. PyTorch gives no array of a tensor that wants gradients.
    return np.array(tensor.detach().numpy() if hasattr(tensor, "detach") else tensor)


def _gradients_of(backend: str) -> Callable[[Callable[[], Any], list[Any]], list[Any]]:
    """How a backend differentiates: gradients(loss, variables). Keras itself has no word for it."""
    if backend == "torch":
        return _by_torch
    if backend == "jax":
        return _by_jax
    raise NotImplementedError(
        f"nnkit takes gradients of Keras models on the backends jax and torch; this is {backend}. Set the environment "
        "variable KERAS_BACKEND=torch before keras is imported"
    )


def _by_torch(loss: Callable[[], Any], variables: list[Any]) -> list[Any]:
    import torch

    return list(torch.autograd.grad(loss(), [variable.value for variable in variables], allow_unused=True))


def _by_jax(loss: Callable[[], Any], variables: list[Any]) -> list[Any]:
    import jax

    def of_values(values: list[Any]) -> Any:
        # Within the scope the variables have these values, and what the model would write (averages) is dropped.
        with keras.StatelessScope(state_mapping=list(zip(variables, values, strict=True))):
            return loss()

    return list(jax.grad(of_values)([variable.value for variable in variables]))
