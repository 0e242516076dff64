import numpy as np
from nnkit.datasets import digits

SIZES = (64, 40, 40, 40, 10)


def build(sizes, seed):
    rng = np.random.default_rng(seed)
    depth = len(sizes) - 1
    theta = []
    for n_in, n_out in zip(sizes, sizes[1:]):
        theta += [0.001 * rng.standard_normal((n_in, n_out)), np.zeros((1, n_out))]

    def run(x):
        hs = [x]
        for k in range(depth):
            z = hs[-1].dot(theta[2 * k]) + theta[2 * k + 1]
            hs.append(np.tanh(z) if k < depth - 1 else z)
        return hs

    def log_softmax(z):
        z = z - z.max(1, keepdims=True)
        return z - np.log(np.exp(z).sum(1, keepdims=True))

    class net:
        parameters = staticmethod(lambda: theta)

        @staticmethod
        def forward(x):
            return np.exp(log_softmax(run(x)[-1]))

        @staticmethod
        def loss(x, y):
            return -(y * log_softmax(run(x)[-1])).sum() / len(x)

        @staticmethod
        def gradients(x, y):
            hs = run(x)
            d = (np.exp(log_softmax(hs[-1])) - y) / len(x)
            out = []
            for k in range(depth - 1, -1, -1):
                out = [hs[k].T.dot(d), d.sum(0, keepdims=True)] + out
                d = d.dot(theta[2 * k].T) * (1 - hs[k] * hs[k])
            return out

        @staticmethod
        def train_step(x, y, learning_rate):
            for p, g in zip(theta, net.gradients(x, y)):
                p -= learning_rate * g

    return net


def data():
    d = digits.load()
    one_hot = np.eye(10)
    return d.x_train - 0.3, one_hot[d.labels_train], d.x_test - 0.3, one_hot[d.labels_test]


def fit(network, x, y, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(12):
        for rows in np.array_split(rng.permutation(len(x)), 45):
            network.train_step(x[rows], y[rows], 0.2)
