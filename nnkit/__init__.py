"""nnkit: find the bug in a neural network, in eight stages from AND on one neuron to full MNIST.

The command line is `nnkit` (see `nnkit --help`). As a library:

    from nnkit import check_gradients       # does gradients(x, y) say how loss(x, y) changes?
    from nnkit import numerical_gradient    # slopes of any function, with error bars
    from nnkit import Network, train, divide_by_3
    from nnkit import watch                 # one page about your own training, in NumPy, PyTorch or Keras
"""

from typing import TYPE_CHECKING, Any

from nnkit.gradients import check_gradients, numerical_gradient
from nnkit.network import Network
from nnkit.training import divide_by_3, train

if TYPE_CHECKING:
    from nnkit.watching import watch

__all__ = ["Network", "check_gradients", "divide_by_3", "numerical_gradient", "train", "watch"]


def __getattr__(name: str) -> Any:
    if name == "watch":  # imported when it is asked for: the rest has no use for what it needs
        from nnkit.watching import watch

        return watch
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
