"""The five methods that nnkit asks of a network, given to a model of another framework.

    from nnkit.adapters.pytorch import PyTorchNetwork   # a module, a loss function, an optimiser
    from nnkit.adapters.jax import JaxNetwork           # parameters, apply(params, x), loss(params, x, y)
    from nnkit.adapters.keras import KerasNetwork       # a compiled model (Keras 3)

Each module imports its framework, this package none. An adapter translates and mends nothing: weights keep their
layout, a model keeps its float type and its mode, so that what is wrong with a model is still there to be found. What
the author means to have built may be declared by attributes of the network made: `network.hidden = "tanh"`.

There is none for scikit-learn's MLPClassifier: its backward pass is not the user's own code, and its gradients and
learning rate can only be had through private methods that change from release to release.
"""
