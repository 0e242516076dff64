"""Where the stages of a climb run: in this process, as here, or in one of their own (`nnkit.isolation`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from nnkit.curriculum.data import Data
from nnkit.curriculum.lab import Builder, ShowProgress
from nnkit.curriculum.results import CheckResult, StageResult
from nnkit.curriculum.run_stage import Attendant, run_stage
from nnkit.curriculum.stage import Stage
from nnkit.datasets import Dataset
from nnkit.subjects.load import NetworkSource

#: told of the result of each check as it comes
Answered = Callable[[CheckResult], None]


def unheard(result: CheckResult) -> None:
    """Nobody wants to know before the stage has ended."""


class Execution(Protocol):
    """What a climb asks for. The network, and the data where the stage uses them, are loaded before a stage runs."""

    def load_network(self, network: NetworkSource) -> None:
        """Raises LoadError."""

    def load_data(self, data: Data) -> None:
        """Raises DataDamaged or MnistUnavailable."""

    def run(
        self,
        stage: Stage,
        *,
        seed: int,
        fingerprint: Mapping[str, str],
        show: ShowProgress,
        answered: Answered = unheard,
        later: Sequence[Stage] = (),
    ) -> StageResult:
        """The stage's result, whatever the network does. later: the stages to try with it mended, if it does not pass."""

    def close(self) -> None:
        """End what runs for it, at once. May be called twice."""


class _Listening(Attendant):
    def __init__(self, answered: Answered) -> None:
        self._answered = answered

    def answered(self, result: CheckResult) -> None:
        self._answered(result)


class InProcess:
    """The network runs in this very process: a debugger can stop in it, and it can stop the climb."""

    def __init__(self) -> None:
        self._network: NetworkSource | None = None
        self._build: Builder | None = None
        self._dataset: Dataset | None = None

    def load_network(self, network: NetworkSource) -> None:
        self._network, self._build = network, network.load()

    def load_data(self, data: Data) -> None:
        self._dataset = data.load()

    def run(
        self,
        stage: Stage,
        *,
        seed: int,
        fingerprint: Mapping[str, str],
        show: ShowProgress,
        answered: Answered = unheard,
        later: Sequence[Stage] = (),
    ) -> StageResult:
        assert self._network is not None and self._build is not None
        dataset = self._dataset if stage.uses_data else None
        return run_stage(
            stage, self._build, self._network, seed=seed, fingerprint=fingerprint, dataset=dataset, show=show,
            attendant=_Listening(answered), later=later,
        )  # fmt: skip

    def close(self) -> None:
        pass
