"""A writer of long names, whose editor breaks the lines."""

import numpy as np


class FeedForwardClassifier:
    hidden = "relu"
    output = "sigmoid"
    loss_function = "mse"

    def __init__(self, sizes, seed):
        random_generator = np.random.default_rng(seed)
        self.number_of_layers = len(sizes) - 1
        self.parameter_values = {}
        for number, (incoming, outgoing) in enumerate(zip(sizes[:-1], sizes[1:]), start=1):
            self.parameter_values[f"weights_{number}"] = random_generator.normal(
                0.0, np.sqrt(2.0 / incoming), (outgoing, incoming)
            )
            self.parameter_values[f"biases_{number}"] = np.zeros((outgoing, 1))

    def parameters(self):
        return list(self.parameter_values.values())

    def propagate_forward(self, samples):
        signal = samples.T
        signals, pre_activations = [signal], []
        for number in range(1, self.number_of_layers + 1):
            pre_activation = np.matmul(self.parameter_values[f"weights_{number}"], signal)
            +self.parameter_values[f"biases_{number}"]
            if number < self.number_of_layers:
                signal = np.maximum(0.0, pre_activation)
            else:
                signal = 1.0 / (1.0 + np.exp(-np.clip(pre_activation, -500.0, 500.0)))
            pre_activations.append(pre_activation)
            signals.append(signal)
        return signals, pre_activations

    def forward(self, samples):
        return self.propagate_forward(samples)[0][-1].T

    def loss(self, samples, targets):
        return float(np.mean(np.square(self.forward(samples) - targets)))

    def gradients(self, samples, targets):
        signals, pre_activations = self.propagate_forward(samples)
        prediction = signals[-1]
        error_signal = 2.0 * (prediction - targets.T) / targets.size * prediction * (1.0 - prediction)
        collected = {}
        for number in range(self.number_of_layers, 0, -1):
            collected[f"weights_{number}"] = np.matmul(error_signal, signals[number - 1].T)
            collected[f"biases_{number}"] = np.sum(error_signal, axis=1, keepdims=True)
            if number > 1:
                error_signal = np.matmul(self.parameter_values[f"weights_{number}"].T, error_signal)
                error_signal[pre_activations[number - 2] <= 0.0] = 0.0
        return [collected[name] for name in self.parameter_values]

    def train_step(self, samples, targets, learning_rate):
        for value, slope in zip(self.parameters(), self.gradients(samples, targets)):
            value -= learning_rate * slope


build = FeedForwardClassifier
