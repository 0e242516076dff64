import numpy as np
from nnkit.datasets import digits

SIZES = (64, 50, 50, 10)
LEARNING_RATE = 15.0
BATCH_SIZE = 32
EPOCHS = 14


def build(sizes, seed):
    return Classifier(sizes, np.random.default_rng(seed))


class Classifier:
    def __init__(self, sizes, rng):
        self.theta = []
        for m, n in zip(sizes, sizes[1:]):
            self.theta.append(rng.normal(scale=np.sqrt(2 / m), size=(m, n)))
            self.theta.append(np.zeros(n))

    def parameters(self):
        return self.theta

    def logits(self, x, keep=None):
        pairs = list(zip(self.theta[::2], self.theta[1::2]))
        for i, (w, b) in enumerate(pairs):
            if keep is not None:
                keep.append(x)
            x = x @ w + b
            if i + 1 < len(pairs):
                x = np.where(x > 0, x, 0)
        return x

    def forward(self, x):
        z = self.logits(x)
        z = np.exp(z - z.max(axis=-1, keepdims=True))
        return z / z.sum(axis=-1, keepdims=True)

    def loss(self, x, y):
        return -np.log(np.maximum((self.forward(x) * y).sum(axis=1), 1e-12)).mean()

    def gradients(self, x, y):
        inputs = []
        self.logits(x, inputs)
        g = (self.forward(x) - y) / len(x)
        grads = []
        for k in range(len(inputs) - 1, -1, -1):
            grads += [g.sum(axis=0), inputs[k].T @ g]
            g = (g @ self.theta[2 * k].T) * (inputs[k] > 0)
        return grads[::-1]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.theta, self.gradients(x, y)):
            p -= learning_rate * g


def data():
    d = digits.load()
    return d.x_train, np.eye(10)[d.labels_train], d.x_test, np.eye(10)[d.labels_test]
