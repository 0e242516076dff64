"""Who takes part: nnkit and the bare products always, the others where they are installed."""

from __future__ import annotations

from importlib.util import find_spec

from benchmarks.contestant import Contestant
from benchmarks.task import Task
from benchmarks.with_nnkit import nnkit_contestant
from benchmarks.with_products import products_contestant

OTHERS = {"torch": "PyTorch", "sklearn": "scikit-learn"}


def missing() -> list[str]:
    """Names of the libraries that are not installed."""
    return [name for package, name in OTHERS.items() if find_spec(package) is None]


def line_up(task: Task, threads: int) -> list[Contestant]:
    contestants = [products_contestant(task, threads), nnkit_contestant(task, threads)]
    absent = missing()
    if "PyTorch" not in absent:
        from benchmarks.with_torch import BUILDS, torch_contestant

        contestants += [torch_contestant(task, build, threads) for build in BUILDS]
    if "scikit-learn" not in absent:
        from benchmarks.with_sklearn import sklearn_contestant

        contestants.append(sklearn_contestant(task, threads))
    return contestants
