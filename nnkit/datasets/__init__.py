"""Data for the stages: truth tables, the sign function, MNIST, and the real digits that stand in for it."""

from __future__ import annotations

from nnkit.datasets.baselines import linear_softmax, linear_squares, majority_accuracy
from nnkit.datasets.choice import Location, MnistUnavailable, load_dataset, locate_dataset
from nnkit.datasets.dataset import Dataset, one_hot
from nnkit.datasets.download import DownloadFailed, fetch
from nnkit.datasets.idx import DataDamaged
from nnkit.datasets.logic import sign_function, truth_table
from nnkit.datasets.verification import FileReport, verify

__all__ = [
    "DataDamaged",
    "Dataset",
    "DownloadFailed",
    "FileReport",
    "Location",
    "MnistUnavailable",
    "fetch",
    "linear_softmax",
    "linear_squares",
    "load_dataset",
    "locate_dataset",
    "majority_accuracy",
    "one_hot",
    "sign_function",
    "truth_table",
    "verify",
]
