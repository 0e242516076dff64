"""Training: update rules, the loop, and the search for a learning rate."""

from nnkit.training.loop import History, minibatches, train
from nnkit.training.optimisers import OPTIMISERS, Adam, GradientDescent, Momentum
from nnkit.training.rate_search import RateSearch, RateTrial, divide_by_3
from nnkit.training.schedules import Schedule, warm_up_then_cosine

__all__ = [
    "OPTIMISERS",
    "Adam",
    "GradientDescent",
    "History",
    "Momentum",
    "RateSearch",
    "RateTrial",
    "Schedule",
    "divide_by_3",
    "minibatches",
    "train",
    "warm_up_then_cosine",
]
