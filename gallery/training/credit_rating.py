"""Who pays back? Age in decades, years in the job, number of loans, and the yearly income."""

import numpy as np

SIZES = (4, 16, 1)
LEARNING_RATE = 0.1
BATCH_SIZE = 25
EPOCHS = 40


class build:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.W1 = rng.normal(0, sizes[0] ** -0.5, sizes[:2])
        self.b1 = np.zeros(sizes[1])
        self.W2 = rng.normal(0, sizes[1] ** -0.5, sizes[1:])
        self.b2 = np.zeros(sizes[2])

    def parameters(self):
        return [self.W1, self.b1, self.W2, self.b2]

    def hidden(self, x):
        return np.tanh(x @ self.W1 + self.b1)

    def forward(self, x):
        return 1 / (1 + np.exp(-(self.hidden(x) @ self.W2 + self.b2)))

    def loss(self, x, y):
        p = np.clip(self.forward(x), 1e-12, 1 - 1e-12)
        return np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p))

    def gradients(self, x, y):
        h = self.hidden(x)
        d = (self.forward(x) - y) / len(x)
        dh = (d @ self.W2.T) * (1 - h**2)
        return [x.T @ dh, dh.sum(0), h.T @ d, d.sum(0)]

    def train_step(self, x, y, learning_rate):
        for p, g in zip(self.parameters(), self.gradients(x, y)):
            p -= learning_rate * g


def customers(n, rng):
    age = rng.uniform(2, 7, n)
    job = rng.uniform(0, 10, n)
    loans = rng.integers(0, 6, n)
    income = rng.uniform(15_000, 90_000, n)
    score = (income / 20_000 - 2.6) + 1.2 * (3 - loans) + 0.5 * (job - 5) + (age - 4.5) * (loans - 2.5) * 0.5
    return np.column_stack([age, job, loans, income]), (score > 0).astype(float)[:, None]


def preprocess(x):
    return x


def data():
    rng = np.random.default_rng(42)
    x, y = customers(600, rng)
    x_test, y_test = customers(300, rng)
    return preprocess(x), y, preprocess(x_test), y_test
