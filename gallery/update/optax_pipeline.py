"""A JAX user who likes to chain the transformations of gradients from single parts."""

import jax
import jax.numpy as jnp
import numpy as np
import optax

jax.config.update("jax_enable_x64", True)


def predict(params, x):
    for W, b in params[:-1]:
        x = jnp.tanh(x @ W + b)
    W, b = params[-1]
    return x @ W + b


@jax.jit
def objective(params, x, y):
    logits = predict(params, x)
    if logits.shape[-1] == 1:
        return optax.sigmoid_binary_cross_entropy(logits, y).mean()
    return optax.softmax_cross_entropy(logits, y).mean()


slopes = jax.jit(jax.grad(objective))


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.params = [
            (jnp.asarray(rng.normal(0, 1 / np.sqrt(m), (m, n))), jnp.zeros(n)) for m, n in zip(sizes[:-1], sizes[1:])
        ]
        self.state = optax.trace(decay=0.5).init(self.params)

    def parameters(self):
        return [np.asarray(leaf) for leaf in jax.tree.leaves(self.params)]

    def set_parameters(self, arrays):
        self.params = jax.tree.unflatten(jax.tree.structure(self.params), [jnp.asarray(a) for a in arrays])

    def forward(self, x):
        return np.asarray(predict(self.params, x))

    def loss(self, x, y):
        return float(objective(self.params, x, y))

    def gradients(self, x, y):
        return [np.asarray(g) for g in jax.tree.leaves(slopes(self.params, x, y))]

    def train_step(self, x, y, learning_rate):
        grads = slopes(self.params, x, y)
        updates, self.state = optax.trace(decay=0.5).update(grads, self.state)
        updates = jax.tree.map(lambda u: learning_rate * u, updates)
        self.params = optax.apply_updates(self.params, updates)
