import numpy as np

SIZES = (2, 1)
LEARNING_RATE = 1.0
BATCH_SIZE = 4
EPOCHS = 4000


class ANN:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.theta = [rng.normal(0, 1, (m + 1, n)) for m, n in zip(sizes, sizes[1:])]

    def parameters(self):
        return self.theta

    def run(self, x):
        a = []
        for t in self.theta:
            a.append(np.hstack([np.ones((len(x), 1)), x]))
            x = 1 / (1 + np.exp(-(a[-1] @ t)))
        return a, x

    def forward(self, x):
        return self.run(x)[1]

    def loss(self, x, y):
        p = self.forward(x)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    def gradients(self, x, y):
        a, p = self.run(x)
        d = (p - y) / len(x)
        g = []
        for t, inputs in zip(reversed(self.theta), reversed(a)):
            g = [inputs.T @ d] + g
            d = ((d @ t.T) * inputs * (1 - inputs))[:, 1:]
        return g

    def train_step(self, x, y, learning_rate):
        for t, g in zip(self.theta, self.gradients(x, y)):
            t -= learning_rate * g


def build(sizes, seed):
    return ANN(sizes, seed)


def data():
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
    y = np.array([[0], [1], [1], [0]], dtype=float)
    return x, y
