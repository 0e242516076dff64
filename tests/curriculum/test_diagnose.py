"""What is found behind a fault: the climb goes on with the mended network, and says how far it came."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnkit.curriculum import diagnose
from nnkit.curriculum.collect import read_stage
from nnkit.curriculum.lab import Lab
from nnkit.curriculum.results import StageResult
from nnkit.curriculum.run_stage import run_stage
from nnkit.curriculum.stage import Outcome, Stage, at_most
from nnkit.network import Network
from nnkit.subjects.load import locate
from nnkit.training import GradientDescent

#: the check of a stage that is left of it
QUICK = {4: "deltas-match-by-hand", 5: "forward-by-hand"}
HERE = Path(__file__).parents[2]


class Uphill(Network):
    """The deltas of the hidden layers have the wrong sign."""

    def __init__(self, sizes: tuple[int, ...], seed: int) -> None:
        super().__init__(
            sizes, hidden="tanh", output="sigmoid", loss="binary_cross_entropy", initialiser="glorot",
            update_rule=GradientDescent(), rng=np.random.default_rng(seed),
        )  # fmt: skip

    def gradients(self, x: Any, y: Any) -> list[Any]:
        gradients = super().gradients(x, y)
        return [-g for g in gradients[:-2]] + gradients[-2:]

    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        for parameter, gradient in zip(self.parameters(), self.gradients(x, y), strict=True):
            parameter[...] -= learning_rate * gradient


def stage(number: int) -> Stage:
    """One of its checks alone, which is enough to stop at."""
    (file,) = (HERE / "stages").glob(f"stage_{number}_*.py")
    whole = read_stage(file)
    return replace(whole, checks=[check for check in whole.checks if check.name == QUICK[number]])


def climbed(build: type[Any], *later: int) -> StageResult:
    network = locate(f"{__name__}:{build.__name__}")
    return run_stage(
        stage(4), build, network, seed=0, fingerprint={}, later=[stage(number) for number in later]
    )  # fmt: skip


def test_the_climb_goes_on_with_the_mended_network() -> None:
    result = climbed(Uphill, 5)
    assert result.status == "failed"
    assert [(d.cause, d.behind) for d in result.diagnoses] == [("gradient-sign-flipped", None)]
    assert result.cure == "With this mended from outside, stages 4 and 5 pass."


class SmallAndUphill(Uphill):
    """Besides, its first weights are small."""

    def __init__(self, sizes: tuple[int, ...], seed: int) -> None:
        super().__init__(sizes, seed)
        for parameter in self.parameters():
            parameter[...] = 1e-3 * parameter


def test_what_is_behind_the_first_fault_is_found_where_it_shows() -> None:
    of_size = replace(stage(4), number=6, checks=[])

    @of_size.check("Its first weights are not small")
    def not_small(lab: Lab) -> Outcome:
        size = float(np.linalg.norm(lab.build((2, 8, 1)).parameters()[0]))
        return at_most(1 / size, 1.0, because="", message="")

    network = locate(f"{__name__}:SmallAndUphill")
    result = run_stage(stage(4), SmallAndUphill, network, seed=0, fingerprint={}, later=[of_size])
    found = [(d.cause, d.where["parameter"], d.behind) for d in result.diagnoses]
    assert found == [("gradient-sign-flipped", None, None), ("initialised-too-small", "W1", 6)]
    assert "With this mended from outside, stage 4 passes, and then stage 6 does not." in result.cure
    assert "With this mended too, stage 6 passes" in result.cure


def test_nobody_waits_for_more_than_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnose, "PATIENCE", 0.0)
    assert climbed(Uphill, 5).cure == ""
