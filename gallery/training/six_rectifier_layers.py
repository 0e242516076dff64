import numpy as np
from nnkit.datasets import load_dataset

SIZES = (784, 100, 100, 100, 100, 100, 10)
LEARNING_RATE = 0.05
BATCH_SIZE = 50
EPOCHS = 5


class DeepNet:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W = [rng.standard_normal((m, n)).astype(np.float32) for m, n in zip(sizes, sizes[1:])]
        self.b = [np.zeros(n, np.float32) for n in sizes[1:]]

    def parameters(self):
        return self.W + self.b

    def layers(self, x):
        h = [np.asarray(x, np.float32)]
        for W, b in zip(self.W[:-1], self.b[:-1]):
            h.append(np.maximum(0, h[-1] @ W + b))
        return h, h[-1] @ self.W[-1] + self.b[-1]

    def probabilities(self, z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def forward(self, x):
        return self.probabilities(self.layers(x)[1])

    def loss(self, x, y):
        return -np.mean(np.sum(y * np.log(self.forward(x) + 1e-9), axis=1))

    def gradients(self, x, y):
        h, z = self.layers(x)
        d = ((self.probabilities(z) - y) / len(x)).astype(np.float32)
        dW, db = [], []
        for k in range(len(self.W) - 1, -1, -1):
            dW = [h[k].T @ d] + dW
            db = [d.sum(axis=0)] + db
            if k > 0:
                d = (d @ self.W[k].T) * (h[k] > 0)
        return dW + db

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= np.float32(learning_rate) * g


def build(sizes, seed):
    return DeepNet(sizes, seed)


def data():
    mnist = load_dataset()
    eye = np.eye(10, dtype=np.float32)
    return mnist.x_train[:5000], eye[mnist.labels_train[:5000]], mnist.x_test[:1000], eye[mnist.labels_test[:1000]]
