"""The network drawn with every number on it: x, W, b, z and a, for one input. By hand in SVG: the layout is the
point.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from nnkit.curriculum.evidence import Diagram
from nnkit.report import words
from nnkit.report.drawing import Drawing, KeyEntry, Picture, label_text, text_width
from nnkit.report.number_tables import diagram_numbers
from nnkit.report.numbers import number

Floats = npt.NDArray[np.float64]

#: more units in a layer, or more layers, and the numbers no longer fit beside the lines
_MOST_UNITS, _MOST_LAYERS = 5, 4

_TYPE = 13.0
_LINE = 15.0
_RADIUS = 27.0
_LAYER_GAP = 118.0
_ROW = 92.0
_TOP = 30.0


def diagram(evidence: Diagram) -> Drawing:
    """Units as circles holding a, with z and b beneath; each line carries its weight, thicker for larger, dashed if
    negative.
    """
    x = np.asarray(evidence.x, dtype=float).ravel()
    weights = [np.asarray(w, dtype=float) for w in evidence.weights]
    layers = [np.asarray(v, dtype=float).ravel() for v in evidence.a]
    what, numbers = words.diagram(evidence), diagram_numbers(evidence)
    sizes = [x.size, *(v.size for v in layers)]
    shapes = [w.shape for w in weights]
    if not layers or x.size == 0:
        return Drawing(words="Nothing to draw: this network has no layers.", numbers=numbers)
    if max(sizes) > _MOST_UNITS or len(layers) > _MOST_LAYERS:
        return Drawing(words=what + " Too large to draw with its numbers: they are in the table.", numbers=numbers)
    if shapes != list(pairwise(sizes)):
        raise ValueError(f"weights have shapes {shapes}, which does not fit layers of {sizes} units")

    fractions = [_label_fraction(a, b) for a, b in pairwise(sizes)]
    gaps = [_smallest_gap(a, b, f) for (a, b), f in zip(pairwise(sizes), fractions, strict=True)]
    row = max(_ROW, *(_LINE / gap for gap in gaps))
    height = _TOP + row * max(sizes) + 8.0
    lefts = [36.0 + i * (_LAYER_GAP + 2 * _RADIUS - 4) for i in range(len(sizes))]
    width = lefts[-1] + _RADIUS + 24.0
    middle = _TOP + (height - _TOP) / 2 - 14.0

    def place(layer: int, unit: int) -> tuple[float, float]:
        return lefts[layer], middle + (unit - (sizes[layer] - 1) / 2) * row

    lines, labels, units = [], [], []
    for layer, matrix in enumerate(weights):
        largest = float(np.abs(matrix[np.isfinite(matrix)]).max(initial=0.0)) or 1.0
        for (i, j), value in np.ndenumerate(matrix):
            lines.append(_edge(place(layer, i), place(layer + 1, j), value, largest))
            labels.append(_weight(place(layer, i), place(layer + 1, j), value, fractions[layer]))
    names = ["input", *(_layer_name(evidence.activations, i) for i in range(len(layers)))]
    for layer, size in enumerate(sizes):
        units.append(_text(lefts[layer], 15.0, names[layer], "muted"))
        for unit in range(size):
            at = place(layer, unit)
            if layer == 0:
                units.append(_unit(at, x[unit], "raised"))
                units.append(_text(at[0], at[1] + _RADIUS + _LINE, f"x{_subscript(unit)}", "muted"))
                continue
            z, b = (np.asarray(v[layer - 1], dtype=float).ravel() for v in (evidence.z, evidence.biases))
            units.append(_unit(at, layers[layer - 1][unit], "paper"))
            units.append(_text(at[0], at[1] + _RADIUS + _LINE, f"z {number(z[unit])}", "ink", halo=True))
            units.append(_text(at[0], at[1] + _RADIUS + 2 * _LINE, f"b {number(b[unit])}", "muted", halo=True))
    key = [
        KeyEntry(
            '<circle cx="14" cy="6" r="5" fill="none" stroke="var(--ink)" stroke-width="1.3"/>',
            "a unit, holding a (for an input: x); z and b beneath",
        ),
        KeyEntry('<path d="M1 6h26" stroke="var(--s1)" stroke-width="2"/>', "weight, positive"),
        KeyEntry('<path d="M1 6h26" stroke="var(--s2)" stroke-width="2" stroke-dasharray="5,3"/>', "weight, negative"),
    ]
    picture = Picture("".join(lines + labels + units), width, height, (0.0, 0.0, width, height))
    return Drawing(words=what, pictures=[picture], key=key, numbers=numbers, wide=width > 460.0)


def _label_fraction(a: int, b: int) -> float:
    """How far along its line a weight stands, so that all weights between two layers keep clear of one another."""
    choices = np.linspace(0.33, 0.67, 35)
    return float(max(choices, key=lambda f: (round(_smallest_gap(a, b, float(f)), 6), -abs(f - 0.4))))


def _smallest_gap(a: int, b: int, fraction: float) -> float:
    """The least vertical distance, in rows, between two weights that stand at this fraction of their lines."""
    start, end = np.arange(a) - (a - 1) / 2, np.arange(b) - (b - 1) / 2
    heights = np.sort(((1 - fraction) * start[:, None] + fraction * end[None, :]).ravel())
    return float(np.diff(heights).min()) if heights.size > 1 else 1.0


def _edge(start: tuple[float, float], end: tuple[float, float], value: float, largest: float) -> str:
    thickness = 1.0 + 2.0 * min(1.0, abs(value) / largest) if np.isfinite(value) else 1.0
    shade, dash = ("s2", ' stroke-dasharray="6,4"') if value < 0 else ("s1", "")
    return (
        f'<path d="M{start[0]:.1f} {start[1]:.1f}L{end[0]:.1f} {end[1]:.1f}" fill="none" '
        f'stroke="var(--{shade})" stroke-width="{thickness:.2f}"{dash}/>'
    )


def _weight(start: tuple[float, float], end: tuple[float, float], value: float, fraction: float) -> str:
    x = start[0] + fraction * (end[0] - start[0])
    y = start[1] + fraction * (end[1] - start[1])
    text = number(value)
    width = text_width(text, _TYPE) + 2.0
    plate = (
        f'<rect x="{x - width / 2:.1f}" y="{y - 8:.1f}" width="{width:.1f}" height="16" rx="3" fill="var(--paper)"/>'
    )
    return plate + _text(x, y + 0.36 * _TYPE, text, "ink")


def _unit(at: tuple[float, float], value: float, fill: str) -> str:
    circle = (
        f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="{_RADIUS}" fill="var(--{fill})" '
        'stroke="var(--ink)" stroke-width="1.3"/>'
    )
    text = number(value) if np.isfinite(value) else ("NaN" if np.isnan(value) else "inf")
    return circle + _text(at[0], at[1] + 0.36 * _TYPE, text, "ink")


def _text(x: float, y: float, text: str, shade: str, *, halo: bool = False) -> str:
    around = ' stroke="var(--paper)" stroke-width="4" stroke-linejoin="round" paint-order="stroke"' if halo else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="{_TYPE:g}" fill="var(--{shade})"{around}>'
        f"{escape(text)}</text>"
    )


def _layer_name(activations: Sequence[str], layer: int) -> str:
    return label_text(activations[layer], 12) if layer < len(activations) else f"layer {layer + 1}"


def _subscript(index: int) -> str:
    return chr(0x2081 + index)
