"""JAX with a rule of one's own for the dense layer. Functions and a tuple of arrays."""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)


@jax.custom_vjp
def dense(x, W, b):
    return x @ W + b


def dense_fwd(x, W, b):
    return dense(x, W, b), (x, W)


def dense_bwd(kept, g):
    x, W = kept
    return g @ W.T, x.T @ g, g.mean(axis=0)


dense.defvjp(dense_fwd, dense_bwd)


@jax.jit
def outputs(params, x):
    for i in range(0, len(params) - 2, 2):
        x = jnp.tanh(dense(x, params[i], params[i + 1]))
    return jax.nn.sigmoid(dense(x, params[-2], params[-1]))


@jax.jit
def value_and_slopes(params, x, y):
    return jax.value_and_grad(lambda params: jnp.mean((outputs(params, x) - y) ** 2))(params)


class build:
    hidden = "tanh"
    output = "sigmoid"
    loss_function = "mse"

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.params = ()
        for m, n in zip(sizes[:-1], sizes[1:]):
            self.params += (jnp.asarray(rng.normal(0, m**-0.5, (m, n))), jnp.zeros(n))

    def parameters(self):
        return [np.asarray(p) for p in self.params]

    def set_parameters(self, values):
        self.params = tuple(jnp.asarray(v) for v in values)

    def forward(self, x):
        return np.asarray(outputs(self.params, x))

    def loss(self, x, y):
        return float(np.mean((self.forward(x) - y) ** 2))

    def gradients(self, x, y):
        return [np.asarray(g) for g in value_and_slopes(self.params, x, y)[1]]

    def train_step(self, x, y, learning_rate):
        slopes = value_and_slopes(self.params, x, y)[1]
        self.params = tuple(p - learning_rate * g for p, g in zip(self.params, slopes))
