"""A Keras 3 model: what `nnkit run examples/keras_network.py` climbs with (pip install "nnkit[keras,torch]").

To try your own: make and compile your model where it says so. Keras computes in float32, so that gradients are
checked to three or four digits only.
"""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")  # before keras is imported; "jax" works, too

import keras

from nnkit.adapters.keras import KerasNetwork


def build(sizes, seed):
    keras.utils.set_random_seed(seed)  # the same seed must give the same weights

    # your model
    model = keras.Sequential([keras.Input((sizes[0],))])
    for units in sizes[1:-1]:
        model.add(keras.layers.Dense(units, activation="tanh"))
    model.add(keras.layers.Dense(sizes[-1]))  # logits, and so from_logits=True below

    # your loss and optimizer; nnkit sets the learning rate
    if sizes[-1] == 1:
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
    else:
        loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.SGD(momentum=0.9), loss=loss)

    return KerasNetwork(model)
