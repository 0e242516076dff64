"""Evidence: what a check measured, as plain arrays and numbers, never a picture.

There is a handful of kinds, and `nnkit.report.figures` has one drawing function for each. Evidence is stored with the
result, so that a page can be drawn again at any time without running anything.

Every piece of evidence carries a caption in three parts, because a picture that does not say what it tells apart is
decoration: what to look for, what healthy looks like, and what to suspect otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Caption:
    look_for: str
    healthy: str
    suspect: str


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What all kinds share. `kind` is the tag under which a kind is stored."""

    kind: ClassVar[str]
    title: str
    caption: Caption


@dataclass(frozen=True)
class Line:
    """One line of `Curves`. `style` is "line", "points" or "steps"; x and y are equally long."""

    label: str
    x: Array
    y: Array
    style: str = "line"


@dataclass(frozen=True)
class Mark:
    """A straight reference line across a plot: `axis` "x" is a vertical line at x = value, "y" a horizontal one."""

    label: str
    axis: str
    value: float


@dataclass(frozen=True, kw_only=True)
class Curves(Evidence):
    kind: ClassVar[str] = "curves"
    x_label: str
    y_label: str
    lines: Sequence[Line]
    marks: Sequence[Mark] = ()
    log_x: bool = False
    log_y: bool = False


@dataclass(frozen=True)
class Group:
    """A named set of points, drawn with one glyph and one colour."""

    label: str
    x: Array
    y: Array


@dataclass(frozen=True, kw_only=True)
class Surface(Evidence):
    """A scalar field `values (rows, columns)` over a grid: rows run along y, columns along x.

    `levels` are drawn as contour lines (0.5: the decision line), `points` on top, `path` as a connected trace.
    """

    kind: ClassVar[str] = "surface"
    x_label: str
    y_label: str
    value_label: str
    x: Array
    y: Array
    values: Array
    levels: Sequence[float] = ()
    points: Sequence[Group] = ()
    path: Line | None = None
    log_values: bool = False


@dataclass(frozen=True, kw_only=True)
class Scatter(Evidence):
    """Points in groups. `diagonal` draws y = x; `log` uses symmetric-log axes (values of both signs, many decades)."""

    kind: ClassVar[str] = "scatter"
    x_label: str
    y_label: str
    groups: Sequence[Group]
    diagonal: bool = False
    log: bool = False
    #: a small number of labels drawn beside points: (text, x, y)
    annotations: Sequence[tuple[str, float, float]] = ()


@dataclass(frozen=True, kw_only=True)
class Bars(Evidence):
    """One bar for each label; `low` and `high` are the ends of its interval; `marks` are limit lines."""

    kind: ClassVar[str] = "bars"
    value_label: str
    labels: Sequence[str]
    values: Array
    low: Array | None = None
    high: Array | None = None
    marks: Sequence[Mark] = ()
    log: bool = False


@dataclass(frozen=True)
class Panel:
    """A named matrix of `Matrices`, or a named histogram (`edges` one longer than `values`)."""

    label: str
    values: Array
    edges: Array | None = None


@dataclass(frozen=True, kw_only=True)
class Matrices(Evidence):
    """Heat maps side by side. `scale` is "diverging" (zero in the middle), "log" or "counts" (cells are labelled)."""

    kind: ClassVar[str] = "matrices"
    panels: Sequence[Panel]
    row_label: str
    column_label: str
    value_label: str
    scale: str = "diverging"


@dataclass(frozen=True, kw_only=True)
class Histograms(Evidence):
    kind: ClassVar[str] = "histograms"
    x_label: str
    panels: Sequence[Panel]
    log_y: bool = False


@dataclass(frozen=True, kw_only=True)
class Images(Evidence):
    """Pictures `values (n, height, width)` in one mosaic with a short label each. `diverging`: signed values."""

    kind: ClassVar[str] = "images"
    values: Array
    labels: Sequence[str] = ()
    columns: int = 10
    diverging: bool = False


@dataclass(frozen=True, kw_only=True)
class Table(Evidence):
    """A worked calculation or any table: a header, rows of strings or numbers, and the rows to mark as wrong."""

    kind: ClassVar[str] = "table"
    header: Sequence[str]
    rows: Sequence[Sequence[str | float | int]]
    wrong_rows: Sequence[int] = ()


@dataclass(frozen=True, kw_only=True)
class Diagram(Evidence):
    """The network drawn with numbers on it, for one input.

    weights: one `(d_in, d_out)` matrix a layer; biases: one `(d_out,)` vector a layer; x: `(d_in,)`;
    z, a: one `(d_out,)` vector a layer.
    """

    kind: ClassVar[str] = "diagram"
    weights: Sequence[Array]
    biases: Sequence[Array]
    x: Array
    z: Sequence[Array]
    a: Sequence[Array]
    activations: Sequence[str] = field(default_factory=tuple)


KINDS: Mapping[str, type[Evidence]] = {
    kind.kind: kind for kind in (Curves, Surface, Scatter, Bars, Matrices, Histograms, Images, Table, Diagram)
}

__all__ = [
    "KINDS",
    "Bars",
    "Caption",
    "Curves",
    "Diagram",
    "Evidence",
    "Group",
    "Histograms",
    "Images",
    "Line",
    "Mark",
    "Matrices",
    "Panel",
    "Scatter",
    "Surface",
    "Table",
]
