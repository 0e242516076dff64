"""A Keras 3 model with a bug: it returns probabilities, and its loss takes them for logits (from_logits=True).

The loss puts them through sigmoid or softmax once more. A sure and right answer, probability 1, then counts as
sigmoid(1) = 0.73, so that the loss can never come near 0, and learning is slow. Nothing is raised, the accuracy may even
be fine, and the gradients agree with the loss: it is the wrong loss.
"""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras

from nnkit.adapters.keras import KerasNetwork


def build(sizes, seed):
    keras.utils.set_random_seed(seed)

    model = keras.Sequential([keras.Input((sizes[0],))])
    for units in sizes[1:-1]:
        model.add(keras.layers.Dense(units, activation="tanh"))
    model.add(keras.layers.Dense(sizes[-1], activation="sigmoid" if sizes[-1] == 1 else "softmax"))

    # The fix: leave from_logits=True out, or the activation of the last layer.
    if sizes[-1] == 1:
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
    else:
        loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="sgd", loss=loss)

    return KerasNetwork(model)
