"""A JAX user: parameters are a list of dicts, value and gradient of a pure function, float64 switched on at the top."""

import jax
import jax.numpy as jnp
import numpy as np

CONVENTIONS = {
    "layout": "b (out,) then w (in, out) of each layer (dict order), immutable, set_parameters",
    "hidden": "silu",
    "output": "identity",
    "loss": "binary_cross_entropy",
    "factor": 1,
    "reduction": "mean",
    "penalty": None,
    "update": "gradient descent",
}
SEVERAL = {"loss": "cross_entropy"}

jax.config.update("jax_enable_x64", True)


def init(key, sizes):
    params = []
    for m, n in zip(sizes[:-1], sizes[1:]):
        key, sub = jax.random.split(key)
        params.append({"w": jax.random.normal(sub, (m, n), jnp.float64) / np.sqrt(m), "b": jnp.zeros(n, jnp.float64)})
    return params


@jax.jit
def apply(params, x):
    for layer in params[:-1]:
        x = jax.nn.silu(x @ layer["w"] + layer["b"])
    return x @ params[-1]["w"] + params[-1]["b"]


@jax.jit
def objective(params, x, y):
    logits = apply(params, x)
    if logits.shape[1] == 1:
        return jnp.mean(jax.nn.softplus(logits) - y * logits)
    return -jnp.mean(jnp.sum(y * jax.nn.log_softmax(logits), axis=1))


slope = jax.jit(jax.grad(objective))


@jax.jit
def update(params, x, y, rate):
    return jax.tree.map(lambda p, g: p - rate * g, params, jax.grad(objective)(params, x, y))


class build:
    def __init__(self, sizes, seed):
        self.params = init(jax.random.key(seed), sizes)

    def parameters(self):
        return [np.asarray(leaf) for leaf in jax.tree.leaves(self.params)]

    def set_parameters(self, arrays):
        self.params = jax.tree.unflatten(jax.tree.structure(self.params), arrays)

    def forward(self, x):
        return np.asarray(apply(self.params, x))

    def loss(self, x, y):
        return float(objective(self.params, x, y))

    def gradients(self, x, y):
        return [np.asarray(g) for g in jax.tree.leaves(slope(self.params, x, y))]

    def train_step(self, x, y, learning_rate):
        self.params = update(self.params, x, y, learning_rate)
