"""A network in JAX: what `nnkit run examples/jax_network.py` climbs with (pip install "nnkit[jax]").

To try your own, change the three functions and the optimiser. With Flax, `init` is model.init(key, x) and `apply` is
model.apply. Keep the functions outside `build`: JAX then compiles them once for all the networks that nnkit asks for.
"""

import jax
import jax.numpy as jnp
import optax

from nnkit.adapters.jax import JaxNetwork

jax.config.update("jax_enable_x64", True)  # gradients are checked in float64, where rounding hides little


def init(sizes, seed, dtype):
    """The parameters: lists, tuples and dicts of arrays, in any depth. The same seed must give the same."""
    keys = jax.random.split(jax.random.key(seed), len(sizes) - 1)
    return [
        (jax.random.normal(key, (m, n), dtype) / m**0.5, jnp.zeros(n, dtype))
        for key, m, n in zip(keys, sizes[:-1], sizes[1:])
    ]


def apply(params, x):
    """(n, inputs) to logits (n, outputs); probabilities would do as well."""
    for W, b in params[:-1]:
        x = jnp.tanh(x @ W + b)
    W, b = params[-1]
    return x @ W + b


def loss(params, x, y):
    """One number. y is (n, outputs): 0 and 1 for one output, one-hot rows for several."""
    logits = apply(params, x)
    if y.shape[1] == 1:
        return optax.sigmoid_binary_cross_entropy(logits, y).mean()
    return optax.softmax_cross_entropy(logits, y).mean()


def optimiser(learning_rate):
    return optax.sgd(learning_rate, momentum=0.9)


def build(sizes, seed, dtype="float64"):
    return JaxNetwork(init(sizes, seed, dtype), apply, loss, optimiser)
