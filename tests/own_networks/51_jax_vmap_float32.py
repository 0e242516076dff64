"""Another JAX user: writes for one sample and maps over the batch; float32, (W, b) tuples with W (out, in), Adam by hand."""

import jax
import jax.numpy as jnp
import numpy as np

CONVENTIONS = {
    "layout": "W (out, in), b (out,) of each layer, float32, immutable, set_parameters",
    "hidden": "tanh",
    "output": "sigmoid",
    "loss": "mse",
    "factor": 0.5,
    "reduction": "mean",
    "penalty": None,
    "update": "adam 0.9 0.999 1e-8",
}
SEVERAL = {}


def predict(params, image):
    for W, b in params[:-1]:
        image = jnp.tanh(W @ image + b)
    W, b = params[-1]
    return jax.nn.sigmoid(W @ image + b)


batched_predict = jax.jit(jax.vmap(predict, in_axes=(None, 0)))


@jax.jit
def half_squared_error(params, images, targets):
    return jax.vmap(lambda i, t: jnp.sum((predict(params, i) - t) ** 2) / 2)(images, targets).mean()


slopes = jax.jit(jax.grad(half_squared_error))


@jax.jit
def adam(params, grads, m, v, t, rate):
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, grads)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, grads)

    def step(p, m, v):
        return p - rate * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8)

    return jax.tree.map(step, params, m, v), m, v


class build:
    def __init__(self, sizes, seed):
        rng = np.random.RandomState(seed)  # plain NumPy: nothing to compile just to begin
        self.params = [
            (np.float32(rng.randn(n, m) / np.sqrt(m)), np.float32(0.1 * rng.randn(n))) for m, n in zip(sizes, sizes[1:])
        ]
        self.m = jax.tree.map(np.zeros_like, self.params)
        self.v = jax.tree.map(np.zeros_like, self.params)
        self.t = np.float32(0)

    def parameters(self):
        return [np.asarray(a) for pair in self.params for a in pair]

    def set_parameters(self, arrays):
        arrays = [np.float32(a) for a in arrays]
        self.params = list(zip(arrays[::2], arrays[1::2]))

    def forward(self, x):
        return np.asarray(batched_predict(self.params, np.float32(x)))

    def loss(self, x, y):
        return half_squared_error(self.params, np.float32(x), np.float32(y)).item()

    def gradients(self, x, y):
        return [np.asarray(g) for pair in slopes(self.params, np.float32(x), np.float32(y)) for g in pair]

    def train_step(self, x, y, learning_rate):
        grads = slopes(self.params, np.float32(x), np.float32(y))
        self.t += np.float32(1)
        self.params, self.m, self.v = adam(self.params, grads, self.m, self.v, self.t, np.float32(learning_rate))
