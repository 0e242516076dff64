"""Your network, by five methods. Fill them in from above to below, and run `nnkit run` on this file after each.

Stage 1 wants all five; it says what is missing next. Nothing of nnkit is imported here, and nothing is asked of your
conventions: nnkit reads off how you lay out the weights, which activation and loss you use, whether you take sums or
means. With several outputs y has a row for each sample with a single 1 in it, and any output activation and loss that
suit that will do.
"""

import numpy as np


class build:
    def __init__(self, sizes, seed):
        """sizes: (2, 1) is two inputs and one output; (2, 3, 1) has a hidden layer of 3; (784, 30, 10) reads digits.
        The same seed must give the same weights."""
        self.sizes = sizes
        self.rng = np.random.default_rng(seed)
        # for example, for each layer: self.rng.normal(size=(inputs, outputs)) / np.sqrt(inputs), and np.zeros(outputs)

    def parameters(self):
        """The list of the arrays of floats that the network computes with: not copies, so that writing into them
        changes the network."""
        raise NotImplementedError("return the arrays made in __init__, for example [W1, b1, W2, b2]")

    def forward(self, x):
        """x (n, inputs) to outputs (n, outputs): for each row of x, what the network says."""
        raise NotImplementedError("compute the outputs, layer by layer")

    def loss(self, x, y):
        """The number that training is meant to reduce. y (n, outputs): 0 or 1, or for several outputs one 1 in each row."""
        raise NotImplementedError("compare self.forward(x) with y")

    def gradients(self, x, y):
        """d loss / d parameter, by backpropagation: one array for each of parameters(), in its order and shape."""
        raise NotImplementedError("go back from the output, layer by layer")

    def train_step(self, x, y, learning_rate):
        """One update of the parameters by your own rule."""
        raise NotImplementedError(
            "for example: for p, g in zip(self.parameters(), self.gradients(x, y)): p -= learning_rate * g"
        )
