"""Figures: one drawing function for each kind of evidence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nnkit.curriculum import evidence as kinds
from nnkit.report import plots, rasters, words
from nnkit.report.diagram import diagram
from nnkit.report.drawing import Drawing
from nnkit.report.number_tables import table_numbers

DRAW: dict[str, Callable[[Any], Drawing]] = {
    kinds.Curves.kind: plots.curves,
    kinds.Scatter.kind: plots.scatter,
    kinds.Bars.kind: plots.bars,
    kinds.Histograms.kind: plots.histograms,
    kinds.Surface.kind: rasters.surface,
    kinds.Matrices.kind: rasters.matrices,
    kinds.Images.kind: rasters.images,
    kinds.Diagram.kind: diagram,
    kinds.Table.kind: lambda e: Drawing(words=words.table(e), numbers=table_numbers(e), table_first=True),
}


def draw(evidence: kinds.Evidence) -> Drawing:
    """The drawing of a piece of evidence; a sentence where there is nothing to draw or it does not fit together.

    Call it within `canvas.drawing_settings()`. A page must never fail for the sake of a picture: evidence comes from
    networks with bugs, and stored evidence from older versions. What went wrong is said where the picture would be.
    """
    try:
        return DRAW[evidence.kind](evidence)
    except Exception as error:
        return Drawing(words=f"This picture could not be drawn ({type(error).__name__}: {error}).")
