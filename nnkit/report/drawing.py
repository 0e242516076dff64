"""What a piece of evidence becomes on a page: pictures, a key to them, words, and the plotted numbers.

A `Drawing` holds strings of SVG and plain data; the template `figure.html.j2` sets it. Identifiers inside the SVG
begin with `FIGURE_ID`, a character that cannot occur in text, which the page replaces by something unique on it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.report.palette import SERIES

FIGURE_ID = "\ue000"

#: the table of plotted numbers shows at most so many rows
MOST_ROWS = 60

#: dash patterns in units of line width; glyphs as the plotting library names them
DASHES: tuple[tuple[float, ...], ...] = ((), (4, 1.6), (1, 1.5), (6, 1.5, 1, 1.5), (2.5, 1.2), (8, 2))
GLYPHS = ("o", "s", "^", "D", "v", "P")
LINE_WIDTH = 1.8

_GLYPH_PATHS = {
    "o": "M14 2.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7z",
    "s": "M11 3h6v6h-6z",
    "^": "M14 2l4 7h-8z",
    "D": "M14 1.6l4.2 4.4l-4.2 4.4l-4.2-4.4z",
    "v": "M14 10l4-7h-8z",
    "P": "M12.7 2.2h2.6v2.5h2.5v2.6h-2.5v2.5h-2.6v-2.5h-2.5v-2.6h2.5z",
}


@dataclass(frozen=True)
class Look:
    """Colour, dash and glyph of the nth line or group: each of the three alone tells it from the others."""

    colour: str
    dash: tuple[float, ...]
    glyph: str

    @staticmethod
    def of(index: int) -> Look:
        n = index % len(SERIES)
        return Look(SERIES[n], DASHES[n], GLYPHS[n])


@dataclass(frozen=True)
class Picture:
    """`svg` is what stands inside the `<svg>` element; `frame` the plotting area (x, y, width, height) in its units.

    A picture with `cells` is a mosaic: each cell (x, y, width, height, label) is shown as a window onto it.
    """

    svg: str
    width: float
    height: float
    frame: tuple[float, float, float, float]
    label: str = ""
    cells: Sequence[tuple[float, float, float, float, str]] = ()
    columns: int = 10


@dataclass(frozen=True)
class KeyEntry:
    """One line of the key under a picture: a swatch (the inside of a 28 by 12 `<svg>`) and its meaning."""

    swatch: str
    label: str


@dataclass(frozen=True)
class Numbers:
    """The plotted numbers as a table. `marked` rows are set as wrong; `note` says what was left out."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    marked: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Drawing:
    words: str
    pictures: Sequence[Picture] = ()
    key: Sequence[KeyEntry] = ()
    numbers: Numbers | None = None
    #: the table is the figure itself, not an appendix to it
    table_first: bool = False
    #: several small pictures beside one another instead of one large one
    panels: bool = False
    #: the picture needs the full width of the page
    wide: bool = False


def line_swatch(look: Look, *, line: bool = True, glyph: bool = True, fill: str = "") -> str:
    """`fill` makes a glyph of two colours: the look's own around it, the other inside."""
    parts = []
    if line:
        dash = ",".join(f"{LINE_WIDTH * d:.1f}" for d in look.dash)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        parts.append(f'<path d="M1 6h26" fill="none" stroke="var(--{look.colour})" stroke-width="2"{dashed}/>')
    if glyph:
        edge = f' stroke="var(--{look.colour})" stroke-width="1.2"' if fill else ""
        parts.append(f'<path d="{_GLYPH_PATHS[look.glyph]}" fill="var(--{fill or look.colour})"{edge}/>')
    return "".join(parts)


def mark_swatch(tag: str) -> str:
    return (
        '<path d="M1 6h14" fill="none" stroke="var(--ink)" stroke-width="1.4" stroke-dasharray="3,2.5"/>'
        f'<text x="22" y="10" text-anchor="middle" font-size="12" fill="var(--ink)">{tag}</text>'
    )


def ring_swatch(tag: str) -> str:
    return (
        '<circle cx="8" cy="6" r="4.6" fill="none" stroke="var(--ink)" stroke-width="1.2"/>'
        f'<text x="22" y="10" text-anchor="middle" font-size="12" fill="var(--ink)">{tag}</text>'
    )


def bad_swatch() -> str:
    return '<path d="M10 2l8 8M18 2l-8 8" fill="none" stroke="var(--bad)" stroke-width="2.2"/>'


def thinned(n: int, most: int = MOST_ROWS) -> npt.NDArray[np.int64]:
    """At most `most` row numbers out of n, evenly spread, first and last among them."""
    if n <= most:
        return np.arange(n)
    return np.unique(np.linspace(0, n - 1, most).round().astype(np.int64))


def thinning_note(shown: int, n: int) -> str:
    return f"{shown} of {n:,} rows, evenly spread." if shown < n else ""


def label_text(text: Any, most: int = 48) -> str:
    """A label for inside a picture: one line, no control characters, cut at `most` characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return line if len(line) <= most else line[: most - 3].rstrip() + "..."


def finite(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    data = np.asarray(values, dtype=np.float64).ravel()
    return data[np.isfinite(data)]


def tag(index: int) -> str:
    """a, b, c, ...: the letter that joins a reference line with its entry in the key."""
    return chr(ord("a") + index % 26)


def text_width(text: str, size: float) -> float:
    """An upper estimate: the widest common sans-serif digits take 0.64 of the type size."""
    return 0.64 * size * len(text)


def spread(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Positions as near as possible to `wanted` that are at least `apart` from one another and, room allowing, in
    [low, high].
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [0.0] * len(wanted)
    edge = -math.inf
    for i in order:
        placed[i] = max(min(max(wanted[i], low), high), edge + apart)
        edge = placed[i]
    edge = high
    for i in reversed(order):
        placed[i] = min(placed[i], edge)
        edge = placed[i] - apart
    return placed
