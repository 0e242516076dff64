"""JAX inside a class, with what is slow compiled."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)


def network(params, x):
    for W, b in params[:-1]:
        x = jnp.tanh(x @ W + b)
    W, b = params[-1]
    return jax.nn.sigmoid(x @ W + b)


def mean_square(params, x, y):
    return jnp.mean((network(params, x) - y) ** 2)


class build:
    def __init__(self, sizes, seed):
        keys = jax.random.split(jax.random.key(seed), len(sizes) - 1)
        self.params = [
            (jax.random.normal(key, (m, n), jnp.float64) / m**0.5, jnp.zeros(n, jnp.float64))
            for key, m, n in zip(keys, sizes[:-1], sizes[1:])
        ]

    def parameters(self):
        return [np.asarray(leaf) for leaf in jax.tree.leaves(self.params)]

    def set_parameters(self, arrays):
        self.params = jax.tree.unflatten(jax.tree.structure(self.params), [jnp.asarray(a) for a in arrays])

    @partial(jax.jit, static_argnums=0)
    def slope(self, x, y):
        return jax.grad(mean_square)(self.params, x, y)

    def forward(self, x):
        return np.asarray(network(self.params, x))

    def loss(self, x, y):
        return float(np.mean((self.forward(x) - y) ** 2))

    def gradients(self, x, y):
        return [np.asarray(g) for g in jax.tree.leaves(self.slope(x, y))]

    def train_step(self, x, y, learning_rate):
        grads = self.slope(x, y)
        self.params = jax.tree.map(lambda p, g: p - learning_rate * g, self.params, grads)
