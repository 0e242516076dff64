"""JAX without an adapter: value and gradient compiled, the update a tree map, two inputs and a curved border."""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)

SIZES = (2, 24, 24, 1)
LEARNING_RATE = 0.2
BATCH_SIZE = 50
EPOCHS = 80


def logits(params, x):
    for w, b in params[:-1]:
        x = jnp.tanh(x @ w + b)
    w, b = params[-1]
    return x @ w + b


@jax.jit
def nll(params, x, y):
    z = logits(params, x)
    return jnp.mean(jax.nn.softplus(z) - y * z)


@jax.jit
def probability(params, x):
    return jax.nn.sigmoid(logits(params, x))


slopes = jax.jit(jax.grad(nll))


@jax.jit
def update(params, x, y, rate):
    return jax.tree.map(lambda p, g: p - rate * g, params, slopes(params, x, y))


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.params = [
            (jnp.asarray(rng.normal(0, 1.5 / np.sqrt(m), (m, n))), jnp.asarray(rng.normal(0, 0.5, n)))
            for m, n in zip(sizes[:-1], sizes[1:])
        ]

    def parameters(self):
        return [np.asarray(a) for a in jax.tree.leaves(self.params)]

    def set_parameters(self, arrays):
        self.params = jax.tree.unflatten(jax.tree.structure(self.params), [jnp.asarray(a) for a in arrays])

    def forward(self, x):
        return np.asarray(probability(self.params, x))

    def loss(self, x, y):
        return float(nll(self.params, x, y))

    def gradients(self, x, y):
        return [np.asarray(a) for a in jax.tree.leaves(slopes(self.params, x, y))]

    def train_step(self, x, y, learning_rate):
        self.params = update(self.params, x, y, learning_rate)


def data():
    rng = np.random.default_rng(10)
    x = rng.uniform(-1, 1, (1500, 2))
    y = (x[:, 1] > 0.5 * np.sin(3 * x[:, 0])).astype(float)[:, None]
    return x[:1000], y[:1000], x[1000:], y[1000:]
