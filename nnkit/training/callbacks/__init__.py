"""Callbacks: how one steps into a training that goes on (sources S4.3, S4.9).

    train(network, x, y, steps=1000, learning_rate=0.5, callbacks=[TerminateOnNaN(), EarlyStopping(patience=5)])

What several of them do at a moment, they do in the order of the list.
"""

from nnkit.training.callbacks.callback import Callback
from nnkit.training.callbacks.early_stopping import EarlyStopping
from nnkit.training.callbacks.history import History
from nnkit.training.callbacks.model_checkpoint import ModelCheckpoint
from nnkit.training.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau
from nnkit.training.callbacks.tensorboard import TensorBoard
from nnkit.training.callbacks.terminate_on_nan import TerminateOnNaN

__all__ = [
    "Callback",
    "EarlyStopping",
    "History",
    "ModelCheckpoint",
    "ReduceLROnPlateau",
    "TensorBoard",
    "TerminateOnNaN",
]
