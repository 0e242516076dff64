"""Functions in JAX with optax: Adam under an exponential decay that the loop computes."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
from nnkit.adapters.jax import JaxNetwork
from nnkit.datasets import one_hot
from nnkit.datasets.digits import load

jax.config.update("jax_enable_x64", True)

SIZES = (64, 50, 10)


def init(sizes, seed):
    keys = jax.random.split(jax.random.key(seed), len(sizes) - 1)
    start = jax.nn.initializers.glorot_normal()
    return [{"w": start(k, (m, n), jnp.float64), "b": jnp.zeros(n)} for k, m, n in zip(keys, sizes[:-1], sizes[1:])]


def apply(params, x):
    for layer in params[:-1]:
        x = jax.nn.gelu(x @ layer["w"] + layer["b"])
    return x @ params[-1]["w"] + params[-1]["b"]


def loss(params, x, y):
    return optax.softmax_cross_entropy(apply(params, x), y).mean()


def build(sizes, seed):
    return JaxNetwork(init(sizes, seed), apply, loss, optax.adam)


def fit(network, x, y, seed):
    rng = np.random.default_rng(seed)
    step = 0
    for _ in range(25):
        order = rng.permutation(len(x))
        for start in range(0, len(x) - 31, 32):
            rows = order[start : start + 32]
            network.train_step(x[rows], y[rows], 0.004 * 0.998**step)
            step += 1


def data():
    d = load()
    return d.x_train.astype(float), one_hot(d.labels_train), d.x_test.astype(float), one_hot(d.labels_test)
