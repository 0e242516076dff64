"""A network in JAX with a bug: it never learns anything, because its training step changes no parameter.

`W -= rate * dW` changes a NumPy array in place. Arrays of JAX cannot be changed: there the same line makes a new array,
calls it W, and forgets it at the end of the loop's turn. Nothing is raised, and the loss stays where it was.
"""

import jax
import jax.numpy as jnp

from nnkit.adapters.jax import JaxNetwork

jax.config.update("jax_enable_x64", True)


def init(sizes, seed, dtype):
    keys = jax.random.split(jax.random.key(seed), len(sizes) - 1)
    return [
        [jax.random.normal(key, (m, n), dtype) / m**0.5, jnp.zeros(n, dtype)]
        for key, m, n in zip(keys, sizes[:-1], sizes[1:])
    ]


def apply(params, x):
    for W, b in params[:-1]:
        x = jnp.tanh(x @ W + b)
    W, b = params[-1]
    return jax.nn.sigmoid(x @ W + b)


def loss(params, x, y):
    return jnp.mean((apply(params, x) - y) ** 2)


def step(params, state, x, y, learning_rate):
    """The training step. To try your own, write it here; `state` is there for what an optimiser remembers."""
    gradients = jax.grad(loss)(params, x, y)
    for (W, b), (dW, db) in zip(params, gradients):
        W -= learning_rate * dW
        b -= learning_rate * db
    return params, state
    # The fix: params = jax.tree.map(lambda p, g: p - learning_rate * g, params, gradients)


def build(sizes, seed, dtype="float64"):
    return JaxNetwork(init(sizes, seed, dtype), apply, loss, step=step)
