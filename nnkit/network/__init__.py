"""The shared network: activations, losses, initialisers, dense layers."""

from nnkit.network.activations import ACTIVATIONS, Activation, softmax
from nnkit.network.initialisers import INITIALISERS
from nnkit.network.losses import head
from nnkit.network.network import Network

__all__ = ["ACTIVATIONS", "INITIALISERS", "Activation", "Network", "head", "softmax"]
