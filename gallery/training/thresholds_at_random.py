import numpy as np
from nnkit.datasets import digits

SIZES = (64, 50, 10)
LEARNING_RATE = 0.5
BATCH_SIZE = 20
EPOCHS = 10

sigma = lambda z: 1 / (1 + np.exp(-z))


class build:
    def __init__(self, sizes, seed):
        r = np.random.RandomState(seed)
        n0, n1, n2 = sizes
        self.V = r.randn(n0, n1) / 8
        self.v = 30 * r.randn(n1)
        self.W = r.randn(n1, n2) / 7
        self.w = np.zeros(n2)

    def parameters(self):
        return [self.V, self.v, self.W, self.w]

    def hidden(self, x):
        return sigma(x @ self.V + self.v)

    def forward(self, x):
        o = self.hidden(x) @ self.W + self.w
        o = np.exp(o - np.max(o, axis=1, keepdims=True))
        return o / np.sum(o, axis=1, keepdims=True)

    def loss(self, x, y):
        return -np.mean(np.log(np.sum(self.forward(x) * y, axis=1) + 1e-30))

    def gradients(self, x, y):
        h = self.hidden(x)
        e = (self.forward(x) - y) / len(x)
        eh = (e @ self.W.T) * h * (1 - h)
        return [x.T @ eh, eh.sum(0), h.T @ e, e.sum(0)]

    def train_step(self, x, y, learning_rate):
        gV, gv, gW, gw = self.gradients(x, y)
        self.V -= learning_rate * gV
        self.v -= learning_rate * gv
        self.W -= learning_rate * gW
        self.w -= learning_rate * gw


def data():
    d = digits.load()
    eye = np.eye(10)
    return d.x_train, eye[d.labels_train], d.x_test, eye[d.labels_test]
