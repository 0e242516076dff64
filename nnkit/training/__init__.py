"""Training: update rules, the loop, and the search for a learning rate."""

from nnkit.training.loop import History, Schedule, minibatches, train, warm_up_then_cosine
from nnkit.training.optimisers import OPTIMISERS, Adam, GradientDescent, Momentum
from nnkit.training.rate_search import RateSearch, RateTrial, divide_by_3

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
