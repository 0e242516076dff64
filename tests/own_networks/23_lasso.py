"""A statistician: an L1 penalty on the weights, coefficients and intercepts, the loss as a deviance per observation."""

import numpy as np

CONVENTIONS = {
    "layout": "all coefficients (in, out), then all intercepts (out,)",
    "hidden": "tanh",
    "output": "sigmoid",
    "loss": "binary_cross_entropy",
    "factor": 2,
    "reduction": "mean",
    "penalty": "l1 1e-3 on weights",
    "update": "gradient descent",
}
SEVERAL = {"output": "softmax", "loss": "cross_entropy"}

PENALTY = 1e-3


class DevianceNet:
    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.coefficients = [rng.normal(0, 1 / np.sqrt(p), (p, q)) for p, q in zip(sizes, sizes[1:])]
        self.intercepts = [np.zeros(q) for q in sizes[1:]]

    def parameters(self):
        return self.coefficients + self.intercepts

    def linear_predictor(self, x):
        layers = [x]
        for beta, alpha in zip(self.coefficients[:-1], self.intercepts[:-1]):
            layers.append(np.tanh(alpha + layers[-1] @ beta))
        return layers, self.intercepts[-1] + layers[-1] @ self.coefficients[-1]

    def log_partition(self, eta):
        if eta.shape[1] == 1:
            return np.logaddexp(0, eta[:, 0])
        return np.logaddexp.reduce(eta, axis=1)

    def forward(self, x):
        _, eta = self.linear_predictor(x)
        return np.exp(eta - self.log_partition(eta)[:, None])

    def loss(self, x, y):
        _, eta = self.linear_predictor(x)
        deviance = 2 * np.sum(self.log_partition(eta) - (y * eta).sum(axis=1))
        return deviance / len(x) + PENALTY * sum(np.abs(beta).sum() for beta in self.coefficients)

    def gradients(self, x, y):
        layers, _ = self.linear_predictor(x)
        score = 2 * (self.forward(x) - y) / len(x)
        of_coefficients, of_intercepts = [], []
        for beta, h in zip(reversed(self.coefficients), reversed(layers)):
            of_coefficients.append(h.T @ score + PENALTY * np.sign(beta))
            of_intercepts.append(score.sum(axis=0))
            score = score @ beta.T * (1 - h**2)
        return of_coefficients[::-1] + of_intercepts[::-1]

    def train_step(self, x, y, learning_rate):
        for parameter, slope in zip(self.parameters(), self.gradients(x, y)):
            parameter -= learning_rate * slope


build = DevianceNet
