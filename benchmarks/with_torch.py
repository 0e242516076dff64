"""PyTorch, eager: a module, a loss and an optimiser as its tutorials have them; no DataLoader, which would be slower.

Its optimisers come in three builds: plain, `foreach` (tensors joined) and `fused` (one kernel).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from benchmarks.contestant import Contestant
from benchmarks.task import BATCH, LEARNING_RATE, Task

BUILDS: dict[str, dict[str, bool]] = {
    "plain": {"foreach": False, "fused": False},
    "foreach": {"foreach": True},
    "fused": {"fused": True},
}


def module(sizes: tuple[int, int, int]) -> nn.Sequential:
    d_in, hidden, d_out = sizes
    return nn.Sequential(nn.Linear(d_in, hidden), nn.ReLU(), nn.Linear(hidden, d_out))


def optimiser(model: nn.Module, rule: str, build: str) -> torch.optim.Optimizer:
    options: dict[str, Any] = {"lr": LEARNING_RATE[rule], **BUILDS[build]}
    if rule == "adam":
        return torch.optim.Adam(model.parameters(), **options)
    return torch.optim.SGD(model.parameters(), momentum=0.9, **options)


def train_epoch(
    model: nn.Module,
    rule: torch.optim.Optimizer,
    x: Any,
    labels: Any,
    steps: int,
    rate: Callable[[int], float] | None = None,
) -> None:
    """`steps` updates on shuffled batches, at most one pass over x; `rate(step)` sets the rate, where it changes."""
    loss_function = nn.CrossEntropyLoss()
    for step, batch in enumerate(torch.split(torch.randperm(len(x)), BATCH)[:steps]):
        if rate is not None:
            rule.param_groups[0]["lr"] = rate(step)
        rule.zero_grad()
        loss_function(model(x[batch]), labels[batch]).backward()
        rule.step()


def torch_contestant(task: Task, build: str, threads: int) -> Contestant:
    torch.manual_seed(0)
    model = module(task.sizes)
    rule = optimiser(model, task.rule, build)
    x, labels = torch.from_numpy(task.x), torch.from_numpy(task.labels)

    def run(steps: int) -> None:
        torch.set_num_threads(threads)
        train_epoch(model, rule, x, labels, steps)

    return Contestant(f"PyTorch {build}", threads, run)
