from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nnkit

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
nn = torch.nn


def train(watched: bool, page: Path | None = None, *, functional: bool = False) -> tuple[Any, Any]:
    torch.manual_seed(0)
    x = torch.randn(60, 4)
    y = (x[:, 0] > x[:, 1]).long()
    module = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Dropout(0.1), nn.Linear(6, 2))
    optimiser, criterion = torch.optim.Adam(module.parameters(), lr=0.02), nn.CrossEntropyLoss()
    seen = nnkit.watch(module, optimiser, None if functional else criterion, page=page) if watched else None
    for _ in range(40):
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(module(x), y) if functional else criterion(module(x), y)
        if functional and seen is not None:
            seen.tell(loss)
        loss.backward()
        optimiser.step()
        with torch.no_grad():  # a validation is not the training
            criterion(module(x[:10]), y[:10])
    if seen is not None:
        seen.close()
        assert "forward" not in vars(criterion)
        assert not optimiser._optimizer_step_pre_hooks and not optimiser._optimizer_step_post_hooks
        assert not any(part._forward_pre_hooks for part in module)
    return module, seen


def test_a_module_is_seen_by_its_optimiser_and_criterion_alone(tmp_path: Path) -> None:
    module, seen = train(True, tmp_path / "t.html")
    trace = seen.trace
    assert len(trace.batch_loss) == 40 and trace.steps[-1] == 40 and set(trace.rates) == {0.02}
    assert [layer.name for layer in trace.layers] == ["0 (Linear)", "3 (Linear)"]
    first = trace.layers[0]
    assert np.isfinite(first.gradient_norm).all() and np.isfinite(first.update_norm[:-1]).all()
    assert (
        np.isfinite(first.dead[:-1]).all() and trace.classes == 2 and trace.accuracy[-1] > 0.8 and seen.symptoms == []
    )
    assert "Sequential" in (tmp_path / "t.html").read_text(encoding="utf-8")
    for watched, alone in zip(module.parameters(), train(False)[0].parameters(), strict=True):
        assert torch.equal(watched, alone)


def test_the_loss_of_a_plain_function_is_told() -> None:
    assert len(train(True, functional=True)[1].losses) == 40


def test_wrong_arguments_are_told() -> None:
    module = nn.Linear(2, 1)
    optimiser = torch.optim.SGD(module.parameters(), lr=0.1)
    with pytest.raises(TypeError, match="made already"):
        nnkit.watch(module, torch.optim.SGD)
    with pytest.raises(TypeError, match=r"call tell\(loss\)"):
        nnkit.watch(module, optimiser, nn.functional.mse_loss)
