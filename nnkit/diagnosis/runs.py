"""One training, as it is drawn beside another."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(eq=False)
class Run:
    """label: "as it is", or what was changed. steps: numbers of updates done; an entry of the others for each.

    loss: the network's own, on rows of the training set (not comparable where loss or targets were changed); score,
    test_score: 0 for who never looks at the input, 1 for all right (see `nnkit.diagnosis.score`), comparable always.
    """

    label: str
    steps: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    score: list[float] = field(default_factory=list)
    test_score: list[float] = field(default_factory=list)
