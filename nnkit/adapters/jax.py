"""Functions in JAX as a network under test: parameters, apply(params, x) and loss(params, x, y).

They may come from Flax (`model.init(key, x)`, `model.apply`), Haiku or plain JAX. JAX computes in float32 unless
`jax.config.update("jax_enable_x64", True)` was called before the parameters were made. State beside the parameters
(BatchNorm's averages) and keys of dropout have no place here: what the functions need of them they bring along.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
#: somebody's training step: step(params, state, x, y, learning_rate) returns the new params and state
Step = Callable[[Any, Any, Any, Any, Any], tuple[Any, Any]]


class JaxNetwork:
    """The five methods for a tree of parameters and two functions.

    params: dicts, lists or tuples of float arrays, in any depth. apply(params, x): (n, d_in) to (n, d_out).
    loss(params, x, y): one number, with y as (n, d_out) floats. optimiser: a function that makes one of optax's for a
    learning rate, such as optax.adam, or lambda rate: optax.sgd(rate, momentum=0.9); None: plain gradient descent.
    step: your own training step, step(params, state, x, y, learning_rate) -> params, state, in the optimiser's place;
    its first state is the optimiser's, or None. jit: compile all these; functions of a module, unlike those made inside
    `build`, are then compiled once for all networks.

    Raises TypeError where a leaf of params is no float array.
    """

    def __init__(
        self,
        params: Any,
        apply: Callable[[Any, Any], Any],
        loss: Callable[[Any, Any, Any], Any],
        optimiser: Callable[[Any], Any] | None = None,
        *,
        step: Step | None = None,
        jit: bool = True,
    ) -> None:
        for path, leaf in jax.tree_util.tree_leaves_with_path(params):
            if not (hasattr(leaf, "dtype") and jnp.issubdtype(leaf.dtype, jnp.floating)):
                what = f"an array of {leaf.dtype}" if hasattr(leaf, "dtype") else f"a {type(leaf).__name__}"
                raise TypeError(f"params must hold float arrays; params{jax.tree_util.keystr(path)} is {what}")
        # Copies: a step that gives its buffers away (donate_argnums) must not take the caller's.
        self.params = jax.tree.map(jnp.array, params)
        self.state = optimiser(0.0).init(self.params) if optimiser is not None else None
        prepared = _compiled if jit else _as_they_are
        self._apply, self._loss, self._gradients, self._step = prepared(apply, loss, optimiser, step)

    def parameters(self) -> list[Array]:
        """The leaves in JAX's order (keys of a dict sorted), read-only: write through `set_parameters`."""
        return [np.asarray(leaf) for leaf in jax.tree.leaves(self.params)]

    def set_parameters(self, arrays: Sequence[Array]) -> None:
        """Take over these values in the float types that the parameters have. The optimiser keeps its state.

        Raises ValueError for wrong shapes, TypeError for complex numbers.
        """
        leaves, tree = jax.tree.flatten(self.params)
        if [np.shape(array) for array in arrays] != [leaf.shape for leaf in leaves]:
            raise ValueError(
                f"expected arrays of shapes {[leaf.shape for leaf in leaves]}, got {[np.shape(a) for a in arrays]}"
            )
        if any(np.iscomplexobj(array) for array in arrays):
            raise TypeError("the parameters are real; complex numbers cannot be put in their place")
        # jnp.array copies: the caller may go on writing into what it gave.
        self.params = tree.unflatten(
            jnp.array(array, dtype=leaf.dtype) for array, leaf in zip(arrays, leaves, strict=True)
        )

    def forward(self, x: Array) -> Array:
        """(n, d_in) to what `apply` returns, (n, d_out)."""
        return np.array(self._apply(self.params, self._cast(x)))

    def loss(self, x: Array, y: Array) -> Any:
        """What the loss function returns: one number in the float type of the network."""
        return np.asarray(self._loss(self.params, self._cast(x), self._cast(y)))[()]

    def gradients(self, x: Array, y: Array) -> list[Array]:
        """d loss / d parameter by jax.grad: fresh arrays, zeros for parameters that the loss does not depend on."""
        gradients = self._gradients(self.params, self._cast(x), self._cast(y))
        return [np.array(leaf) for leaf in jax.tree.leaves(gradients)]

    def train_step(self, x: Array, y: Array, learning_rate: float) -> None:
        """One training step; the optimiser's state is carried on."""
        self.params, self.state = self._step(
            self.params, self.state, self._cast(x), self._cast(y), float(learning_rate)
        )

    def get_state(self) -> Any:
        """For a checkpoint: the parameters, and the optimiser's state, as trees of NumPy arrays."""
        return jax.device_get((self.params, self.state))

    def set_state(self, state: Any) -> None:
        """Go on from the state of another one of the same functions."""
        self.params, self.state = jax.tree.map(jnp.asarray, state)

    def _cast(self, array: Array) -> Any:
        return jnp.asarray(array, dtype=jax.tree.leaves(self.params)[0].dtype)


def _as_they_are(
    apply: Callable[..., Any], loss: Callable[..., Any], optimiser: Callable[[Any], Any] | None, step: Step | None
) -> tuple[Callable[..., Any], ...]:
    """apply, loss, the gradients of loss, and the training step."""
    gradients = jax.grad(loss)

    def descend(params: Any, state: Any, x: Any, y: Any, rate: Any) -> tuple[Any, Any]:
        return jax.tree.map(lambda p, g: p - (rate * g).astype(p.dtype), params, gradients(params, x, y)), state

    def optimise(params: Any, state: Any, x: Any, y: Any, rate: Any) -> tuple[Any, Any]:
        # The state of an optimiser of optax does not hold a constant rate, so each call may have its own.
        updates, state = optimiser(rate).update(gradients(params, x, y), state, params)  # type: ignore[misc]
        return jax.tree.map(lambda p, u: (p + u).astype(p.dtype), params, updates), state

    return apply, loss, gradients, step or (descend if optimiser is None else optimise)


@lru_cache(maxsize=64)  # a stage builds a network for each of many seeds: they must not be compiled again
def _compiled(
    apply: Callable[..., Any], loss: Callable[..., Any], optimiser: Callable[[Any], Any] | None, step: Step | None
) -> tuple[Callable[..., Any], ...]:
    return tuple(jax.jit(function) for function in _as_they_are(apply, loss, optimiser, step))
