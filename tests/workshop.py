"""Small stages and networks on disk, and the ladder over them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from nnkit.curriculum.collect import collect_stages
from nnkit.curriculum.data import Data
from nnkit.curriculum.gate import Ladder
from nnkit.curriculum.ledger import Ledger
from nnkit.curriculum.runner import Climb, climb
from nnkit.subjects.load import locate

STAGE = '''"""What stage {number} is for."""

from nnkit.curriculum.stage import Blocked, Stage, at_least, at_most

stage = Stage(
    number={number}, name="stage-{number}", title="Title {number}", claim="Claim {number}", not_yet="Not yet {number}",
    hints=("Question?", "Pointer.", "Explanation."), references=("S2.1",), uses_data={uses_data},
)

'''
CHECK = '''
@stage.check("the value is at most {limit}")
def value(lab):
    """Why the value matters."""
    found = lab.build((2, 1)).value
    return at_most(found, {limit}, because="the limit is given", message=f"the value is {{found}}", headline="small")
'''
NETWORK = """import numpy as np

class build:
    value = {value}

    def __init__(self, sizes, seed):
        self.sizes, self.seed = sizes, seed
        self.W = np.zeros((2, 1), dtype=np.float32)

    def parameters(self):
        return [self.W]
"""


@dataclass
class Workshop:
    """A folder with stages, a network, a stand-in for nnkit's own source, and reports."""

    folder: Path
    seed: int = 0
    data: Any = None

    @property
    def reports(self) -> Path:
        return self.folder / "reports" / "my_network"

    @property
    def stages(self) -> Path:
        return self.folder / "stages"

    @property
    def network(self) -> Path:
        return self.folder / "my_network.py"

    def write_network(self, value: float = 1.0, text: str = "") -> None:
        self.network.write_text(text or NETWORK.format(value=value), encoding="utf-8")

    def write_stage(self, number: int, body: str = "", *, limit: float = 2.0, uses_data: bool = False) -> Path:
        self.stages.mkdir(exist_ok=True)
        file = self.stages / f"stage_{number}.py"
        text = STAGE.format(number=number, uses_data=uses_data) + (body or CHECK.format(limit=limit))
        file.write_text(text, encoding="utf-8")
        return file

    def write_nnkit(self, text: str) -> None:
        package = self.folder / "nnkit"
        package.mkdir(exist_ok=True)
        (package / "numbers.py").write_text(text, encoding="utf-8")

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.reports)

    def ladder(self) -> Ladder:
        data = self.data if self.data is not None else Data()
        stages = collect_stages(self.stages)
        return Ladder(stages, locate(f"{self.network}:build"), self.seed, data, self.folder / "nnkit")

    def climb(self, asked: list[int] | None = None, **options: Any) -> Climb:
        return climb(self.ladder(), self.ledger, asked, **options)

    def standing(self) -> dict[int, str]:
        """Number to status, as the gate sees it now."""
        ladder = self.ladder()
        results = ladder.standing(self.ledger.read_all(), ladder.fingerprints())
        return {result.stage.number: result.status for result in results}

    def on_disk(self) -> dict[int, str]:
        return {number: record.status for number, record in self.ledger.read_all().items()}


class FakeData:
    """Images that are found at once; `mark` is their fingerprint."""

    def __init__(self) -> None:
        self.mark = "digits 1"
        self.require_mnist = False
        self.error: Exception | None = None

    def fingerprint(self) -> str:
        return self.mark

    def load(self) -> Any:
        if self.error is not None:
            raise self.error
        return SimpleNamespace(name="digits", source="inside nnkit")
