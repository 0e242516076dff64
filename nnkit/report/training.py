"""The page of a training: verdict, causes with both runs drawn, symptoms, and the figures of the training."""

from __future__ import annotations

from pathlib import Path

from nnkit.curriculum.storage import write_atomically
from nnkit.curriculum.training_results import TrainingResult
from nnkit.report.gallery import drawing_of
from nnkit.report.pages import write_causes


def write_training(result: TrainingResult, path: Path, *, command: str = "", above: bool | None = None) -> None:
    """Write the page to `path`. command: what to type to train again.

    above: whether the folder above has a page that lists this training; None for a page that stands alone, and links to no
    other. Raises CannotWrite.
    """
    from nnkit.report.setting import training_page

    figures = [drawing_of(piece)["figure"] for piece in result.pictures]
    proofs = [drawing_of(cause.runs)["figure"] if cause.runs is not None else None for cause in result.causes]
    write_atomically(path, training_page(result, figures, proofs, command=command, above=above))
    if above is not None:
        write_causes(path.parent.parent if above else path.parent)
