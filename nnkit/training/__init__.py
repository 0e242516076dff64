"""Training: update rules, schedules, clipping, averaging, the loop, its callbacks, and the search for a learning rate."""

from nnkit.training.averaging import Averaged
from nnkit.training.batch_sizes import BatchSizeRun, compare_batch_sizes
from nnkit.training.callbacks import (
    Callback,
    EarlyStopping,
    History,
    ModelCheckpoint,
    ReduceLROnPlateau,
    TensorBoard,
    TerminateOnNaN,
)
from nnkit.training.checkpoint import restore_network
from nnkit.training.clipping import ClipByNorm, ClipByValue, clip_by_norm, clip_by_value
from nnkit.training.loop import Training, minibatches, train
from nnkit.training.optimisers import (
    OPTIMISERS,
    Adagrad,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Nesterov,
    RAdam,
    RMSProp,
)
from nnkit.training.range_test import RangeTest, RateSuggestion, range_test, read_range_test, suggest_rate
from nnkit.training.rate_search import RateSearch, RateTrial, divide_by_3
from nnkit.training.schedules import (
    Plateau,
    Schedule,
    cosine,
    cyclical,
    exponential,
    one_cycle,
    step_decay,
    warm_up_then_cosine,
)

__all__ = [
    "OPTIMISERS",
    "Adagrad",
    "Adam",
    "AdamW",
    "Averaged",
    "BatchSizeRun",
    "Callback",
    "ClipByNorm",
    "ClipByValue",
    "EarlyStopping",
    "GradientDescent",
    "History",
    "ModelCheckpoint",
    "Momentum",
    "Nesterov",
    "Plateau",
    "RAdam",
    "RMSProp",
    "RangeTest",
    "RateSearch",
    "RateSuggestion",
    "RateTrial",
    "ReduceLROnPlateau",
    "Schedule",
    "TensorBoard",
    "TerminateOnNaN",
    "Training",
    "clip_by_norm",
    "clip_by_value",
    "compare_batch_sizes",
    "cosine",
    "cyclical",
    "divide_by_3",
    "exponential",
    "minibatches",
    "one_cycle",
    "range_test",
    "read_range_test",
    "restore_network",
    "step_decay",
    "suggest_rate",
    "train",
    "warm_up_then_cosine",
]
