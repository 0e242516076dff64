"""The table of a gradient check that several stages show, as evidence."""

from __future__ import annotations

from nnkit.curriculum.evidence import Caption, Table
from nnkit.gradients import GradientCheck


def worst_entries(check: GradientCheck, of: str) -> Table:
    """The ten entries that differ most, with what was decided about each; `of` says which check this is."""
    entries = check.worst(10)
    return Table(
        title=f"The ten entries that differ most ({of})",
        caption=Caption(
            "Both numbers of each entry, and the error bar of the numerical one.",
            "Differences within a few error bars, or a kink.",
            "A difference many error bars wide is a fault of that entry.",
        ),
        header=["point", "parameter", "entry", "gradients() says", "the loss says", "difference", "error bar", "verdict"],
        rows=[
            [e.point, e.parameter, str(e.index), f"{e.analytic:.9g}", f"{e.numeric:.9g}", f"{e.difference:+.1e}",
             f"{e.error:.1e}", e.verdict]
            for e in entries
        ],
        wrong_rows=[k for k, e in enumerate(entries) if e.verdict == "wrong"],
    )  # fmt: skip
