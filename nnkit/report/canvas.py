"""From a matplotlib figure to a small piece of SVG that lives inside a page.

The page owns fonts and colours: the figure is drawn in colours that stand for CSS variables, its text stays text, and
all that a page does not need (metadata, style sheet, identifiers) is taken out. The same data give the same bytes.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from nnkit.report.drawing import FIGURE_ID, Picture, label_text, spread, tag, text_width
from nnkit.report.palette import PALETTE
from nnkit.report.scales import Scale

#: one unit is one CSS pixel at the width of a phone's text column or a little more; type is set in the same units
WIDTH = 420.0
HEIGHT = 250.0
TYPE_SIZE = 13.0

#: pictures made of pixels inside a drawing are made at this many dots for 72 units
_PIXELS = 110

_SETTINGS = {
    "svg.fonttype": "none",
    "svg.hashsalt": "nnkit",
    "text.parse_math": False,
    "path.simplify": True,
    "path.simplify_threshold": 0.25,
}


@contextmanager
def drawing_settings() -> Iterator[None]:
    """matplotlib's own defaults, whatever the user's style file says, and no warnings: the page tells what is not
    finite.
    """
    with matplotlib.rc_context(), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        matplotlib.rcParams.update({k: v for k, v in matplotlib.rcParamsDefault.items() if "backend" not in k})
        matplotlib.rcParams.update(_SETTINGS)  # type: ignore[arg-type]
        yield


def colour(name: str) -> str:
    return PALETTE[name].both


class Plot:
    """Axes with round ticks, labels that do not touch, and room in the margins for tagged reference lines.

    The y label stands upright above the axes, at the left, where it can be read. `x_marks` and `y_marks` are values
    at which a reference line is drawn; its letter stands outside the frame.
    """

    def __init__(
        self,
        x: Scale,
        y: Scale,
        *,
        x_label: str = "",
        y_label: str = "",
        width: float = WIDTH,
        height: float = HEIGHT,
        x_marks: Sequence[tuple[str, float]] = (),
        y_marks: Sequence[tuple[str, float]] = (),
        right: float = 16.0,
        grid: bool = True,
        y_ticks: bool = True,
        x_ticks: bool = True,
    ) -> None:
        self.x, self.y, self.width, self.height = x, y, width, height
        labels = [t.label for t in y.ticks] if y_ticks else []
        left = max((text_width(t, TYPE_SIZE) for t in labels), default=0.0) + 12.0
        top = 10.0 + (19.0 if y_label else 0.0) + (15.0 if x_marks else 0.0)
        bottom = 8.0 + (20.0 if x_ticks else 0.0) + (19.0 if x_label else 0.0)
        right = max(right, 22.0 if y_marks else 0.0)
        self.frame = (left, top, width - left - right, height - top - bottom)
        self.figure = Figure(figsize=(width / 72, height / 72), dpi=72)
        FigureCanvasSVG(self.figure)
        self.axes: Axes = self.figure.add_axes(
            (left / width, bottom / height, self.frame[2] / width, self.frame[3] / height)
        )
        axes = self.axes
        axes.set_xlim(x.low, x.high)
        axes.set_ylim(y.low, y.high)
        axes.patch.set_visible(False)
        self.figure.patch.set_visible(False)
        axes.set_axisbelow(True)
        for name, spine in axes.spines.items():
            spine.set_visible(name in ("left", "bottom") and grid)
            spine.set_color(colour("rule"))
        axes.set_xticks([t.at for t in x.ticks] if x_ticks else [], [t.label for t in x.ticks] if x_ticks else [])
        axes.set_yticks([t.at for t in y.ticks] if y_ticks else [], labels)
        axes.tick_params(length=0, pad=5, labelsize=TYPE_SIZE, labelcolor=colour("muted"))
        axes.tick_params(axis="x", pad=8)  # in the lower left corner the first labels of both axes meet
        if grid:
            axes.grid(True, axis="y", color=colour("rule"), linewidth=0.7)
        middle = left + self.frame[2] / 2
        room = 2 * min(middle, width - middle)
        self._text(middle, 11.0, label_text(x_label, int(room / text_width("x", TYPE_SIZE))), ha="center")
        self._text(2.0, height - 12.0, label_text(y_label, int(width / text_width("x", TYPE_SIZE))), ha="left")
        self._reference_lines(x_marks, y_marks)

    def _reference_lines(self, x_marks: Sequence[tuple[str, float]], y_marks: Sequence[tuple[str, float]]) -> None:
        style: dict[str, Any] = {"color": colour("ink"), "linewidth": 1.1, "linestyle": (0, (3, 2.2)), "zorder": 2.5}
        left, top, width, height = self.frame
        for marks, scale, extent, draw in (
            (x_marks, self.x, width, self.axes.axvline),
            (y_marks, self.y, height, self.axes.axhline),
        ):
            at = [(float(scale.of(v)) - scale.low) / (scale.high - scale.low) * extent for _, v in marks]
            for (letter, value), where in zip(marks, spread(at, 14.0, 0.0, extent), strict=True):
                draw(float(scale.of(value)), **style)
                if scale is self.x:
                    self._text(left + where, self.height - top + 9.0, letter, ha="center", shade="ink")
                else:
                    self._text(
                        left + width + 11.0, self.height - top - height + where, letter, ha="center", shade="ink"
                    )

    def _text(self, x: float, y: float, text: str, *, ha: str, shade: str = "muted") -> None:
        """Text at (x, y) in units from the lower left corner of the picture."""
        if text:
            self.figure.text(
                x / self.width, y / self.height, text, ha=ha, va="center", size=TYPE_SIZE, color=colour(shade)
            )  # fmt: skip

    def picture(self, *, under: str = "", label: str = "") -> Picture:
        """The drawing as SVG; `under` is SVG that lies beneath it."""
        stream = io.StringIO()
        self.figure.savefig(stream, format="svg", dpi=_PIXELS, transparent=True, metadata={"Date": None})
        return Picture(under + bare(stream.getvalue()), self.width, self.height, self.frame, label)


def marks_with_tags(marks: Sequence[object], axis: str) -> list[tuple[str, float]]:
    """(letter, value) of the finite marks of one axis; letters count over the marks of both axes."""
    return [
        (tag(i), float(m.value))  # type: ignore[attr-defined]
        for i, m in enumerate(marks)
        if m.axis == axis and np.isfinite(m.value)  # type: ignore[attr-defined]
    ]


_VARIABLES = {c.both: f"var(--{name})" for name, c in PALETTE.items()}
_COLOUR = re.compile(r"((?:stroke|fill): ?)(#[0-9a-f]{6})")
_LONG_NUMBER = re.compile(r"(-?\d+\.\d\d)\d+")
_GEOMETRY = re.compile(r' (d|x|y)="([^"]*)"')
_UNUSED_ID = re.compile(r'(<(?:g|image|text)) id="[^"]*"')
_FONT = re.compile(r"font: ?([\d.]+px)[^;\"]*|font-family:[^;\"]*;? ?")
_NO_ROTATION = re.compile(r' transform="rotate\(-?0(?:\.0+)? [^"]*\)"')
#: a browser complains of a path with a coordinate that is no number, and does not draw it
_BROKEN_PATH = re.compile(r'<path[^>]* d="[^"]*(?:nan|inf)[^"]*"[^>]*/>')
_IDENTIFIER = re.compile(r'(\bid="|(?:xlink:)?href="#|url\(#)')


def bare(svg: str) -> str:
    """The drawing inside a whole SVG file of matplotlib's, without what a page does not need."""
    body = svg[svg.index('<g id="figure_1"') : svg.rindex("</svg>")]
    body = _UNUSED_ID.sub(r"\1", _BROKEN_PATH.sub("", body))
    body = _FONT.sub(lambda m: f"font-size: {m.group(1)}" if m.group(1) else "", body)
    body = _NO_ROTATION.sub("", body)
    body = _COLOUR.sub(lambda m: m.group(1) + _VARIABLES.get(m.group(2), m.group(2)), body)
    body = _GEOMETRY.sub(lambda m: f' {m.group(1)}="{_rounded(m.group(2))}"', body)
    body = _IDENTIFIER.sub(lambda m: m.group(1).replace("xlink:", "") + FIGURE_ID, body)
    return re.sub(r">\s+<", "><", body).replace("<g/>", "").strip()


def _rounded(geometry: str) -> str:
    return _LONG_NUMBER.sub(r"\1", " ".join(geometry.split()))
