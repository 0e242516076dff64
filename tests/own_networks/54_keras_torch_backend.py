"""A Keras user: a Sequential model, losses from logits, the gradients taken through the torch backend, SGD by Keras."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
import torch

if keras.backend.backend() != "torch":
    raise ImportError("this network needs Keras on the torch backend (KERAS_BACKEND=torch)")

CONVENTIONS = {
    "layout": "kernel (in, out), bias (out,) of each layer, float32",
    "hidden": "relu",
    "output": "identity",
    "loss": "binary_cross_entropy",
    "factor": 1,
    "reduction": "mean of all",
    "penalty": None,
    "update": "gradient descent",
}
SEVERAL = {"loss": "cross_entropy", "reduction": "mean"}


class build:
    def __init__(self, sizes, seed):
        init = [keras.initializers.HeNormal(seed=100 * seed + k) for k in range(len(sizes) - 1)]
        layers = [
            keras.layers.Dense(n, activation="relu", kernel_initializer=i, bias_initializer="zeros")
            for n, i in zip(sizes[1:], init)
        ]
        layers[-1].activation = keras.activations.linear
        self.model = keras.Sequential([keras.Input((sizes[0],)), *layers])
        losses = keras.losses
        self.criterion = (losses.BinaryCrossentropy if sizes[-1] == 1 else losses.CategoricalCrossentropy)(
            from_logits=True
        )
        self.optimizer = keras.optimizers.SGD(0.1)
        self.optimizer.build(self.model.trainable_variables)

    def parameters(self):
        return [v.value.detach().numpy() for v in self.model.trainable_variables]

    def forward(self, x):
        return self.model(x).detach().numpy()

    def loss(self, x, y):
        return float(self.criterion(y, self.model(x)).detach())

    def gradients(self, x, y):
        tensors = [v.value for v in self.model.trainable_variables]
        return [g.numpy() for g in torch.autograd.grad(self.criterion(y, self.model(x)), tensors)]

    def train_step(self, x, y, learning_rate):
        self.optimizer.learning_rate = learning_rate
        grads = [torch.from_numpy(np.ascontiguousarray(g)) for g in self.gradients(x, y)]
        with torch.no_grad():
            self.optimizer.apply(grads, self.model.trainable_variables)
