"""Surfaces, heat maps and mosaics: fields of values drawn as pixels, with lines and text as SVG on top."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nnkit.curriculum.evidence import Images, Matrices, Panel, Surface
from nnkit.report import pixels, words
from nnkit.report.canvas import TYPE_SIZE, WIDTH, Plot, colour
from nnkit.report.drawing import (
    FIGURE_ID,
    LINE_WIDTH,
    Drawing,
    KeyEntry,
    Look,
    Picture,
    finite,
    label_text,
    line_swatch,
)
from nnkit.report.number_tables import images_numbers, matrices_numbers, surface_numbers
from nnkit.report.numbers import number
from nnkit.report.scales import Scale, Tick

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]

#: a surface is drawn with at most so many pixels a side
_SURFACE_SIDE = 160
#: a heat map of more rows or columns is drawn by the largest entry of each block, so that a single wrong one stays
#: visible
_MATRIX_SIDE = 160
#: cells of a counts matrix carry their number up to this size
_MOST_LABELLED = 12
#: points lie on colour, so the first two groups are told apart by hollow and full: (glyph and edge, fill)
_POINT_LOOKS = ((Look("ink", (), "o"), "paper"), (Look("paper", (), "s"), "ink"))
#: a page is no place for more pictures than this
_MOST_IMAGES = 200


def surface(evidence: Surface) -> Drawing:
    """A field over two axes, with contour lines, points and a path on it.

    Where one level lies inside the range (0.5: the decision line), colours diverge from it: the two sides are told
    apart at once.
    """
    values = np.asarray(evidence.values, dtype=float)
    x, y = (np.asarray(v, dtype=float).ravel() for v in (evidence.x, evidence.y))
    if values.shape != (y.size, x.size):
        raise ValueError(f"values has shape {values.shape}, expected (len(y), len(x)) = {(y.size, x.size)}")
    what, numbers = words.surface(evidence), surface_numbers(evidence)
    if not np.isfinite(values).any() or min(values.shape) < 2:
        return Drawing(words=what, numbers=numbers)
    x_scale, y_scale = (Scale(_cell_ends(v), pad=0.0) for v in (x, y))
    plot = Plot(
        x_scale, y_scale, x_label=evidence.x_label, y_label=evidence.y_label, height=340.0, grid=False, right=20.0
    )
    columns = _evenly(x, _SURFACE_SIDE)
    rows = _evenly(y, _SURFACE_SIDE)[::-1]  # the first row of a picture is at the top, the last of an axis
    shown = values[np.ix_(rows, columns)]
    field, low, high, palette = _surface_colours(shown, evidence)
    entries = pixels.indices(field, low, high)
    under = pixels.image(entries, palette, plot.frame, smooth=bool(np.isfinite(shown).all()))
    key = [_colour_bar(palette, low, high, shown, evidence)]
    for level in evidence.levels:
        if np.nanmin(values) < level < np.nanmax(values):
            _contour(plot, x, y, values, level)
    if evidence.levels:
        swatch = '<path d="M1 6h26" stroke="var(--ink)" stroke-width="1.8"/>'
        key.append(KeyEntry(swatch, f"{evidence.value_label} = {', '.join(number(v) for v in evidence.levels)}"))
    if evidence.path is not None and np.size(evidence.path.x):
        path_x, path_y = _near(evidence.path.x, x_scale), _near(evidence.path.y, y_scale)
        _haloed(plot, path_x, path_y, "s4")
        plot.axes.plot(
            path_x[-1:], path_y[-1:], marker="*", markersize=13, color=colour("s4"), markeredgecolor=colour("paper")
        )
        swatch = '<path d="M1 6h26" stroke="var(--s4)" stroke-width="2"/>'
        key.append(KeyEntry(swatch, f"{evidence.path.label} (star: its end)"))
    for index, group in enumerate(evidence.points):
        look, fill = _POINT_LOOKS[index] if index < len(_POINT_LOOKS) else (Look.of(index), Look.of(index).colour)
        group_x, group_y = (np.asarray(v, dtype=float).ravel() for v in (group.x, group.y))
        inside = (
            (group_x >= x_scale.low) & (group_x <= x_scale.high) & (group_y >= y_scale.low) & (group_y <= y_scale.high)
        )
        plot.axes.plot(
            group_x[inside],
            group_y[inside],
            linestyle="none",
            marker=look.glyph,
            markerfacecolor=colour(fill),
            markersize=10.0 if inside.sum() <= 50 else 5.0,
            markeredgecolor=colour(look.colour),
            markeredgewidth=1.4,
            clip_on=False,
        )
        key.append(KeyEntry(line_swatch(look, line=False, fill=fill), group.label))
    return Drawing(words=what, pictures=[plot.picture(under=under)], key=key, numbers=numbers)


def _surface_colours(values: Floats, evidence: Surface) -> tuple[Floats, float, float, Bytes]:
    """What is coloured (the values or their logarithm), between which ends, and with which palette."""
    if evidence.log_values:
        field = np.where(values > 0, np.log10(np.where(values > 0, values, 1.0)), np.nan)
        shown = finite(field)
        low, high = (float(shown.min()), float(shown.max())) if shown.size else (0.0, 1.0)
        return field, low, high, pixels.sequential()
    shown = finite(values)
    low, high = float(shown.min()), float(shown.max())
    if len(evidence.levels) == 1 and low < evidence.levels[0] < high:
        level = float(evidence.levels[0])
        reach = max(high - level, level - low)
        return values, level - 1.3 * reach, level + 1.3 * reach, pixels.diverging()
    return values, low, high, pixels.sequential()


def _colour_bar(palette: Bytes, low: float, high: float, values: Floats, evidence: Surface | Matrices) -> KeyEntry:
    """The part of the palette that occurs, with the range of the values themselves."""
    logarithmic = evidence.log_values if isinstance(evidence, Surface) else evidence.scale == "log"
    data = finite(values)
    data = data[data > 0] if logarithmic else data
    ends = (float(data.min()), float(data.max())) if data.size else (np.nan, np.nan)
    used = pixels.indices(np.log10(ends) if logarithmic else np.array(ends), low, high).astype(int)
    part = palette[used[0] : used[1] + 1] if used[1] > used[0] else palette
    note = ", logarithmic" if logarithmic else ""
    label = f"{evidence.value_label}: {number(ends[0])} to {number(ends[1])}{note}"
    return KeyEntry(pixels.gradient_swatch(part, FIGURE_ID + "bar"), label)


def _contour(plot: Plot, x: Floats, y: Floats, values: Floats, level: float) -> None:
    above = np.ma.masked_invalid(values / 2 - level / 2)  # halves: the difference of two finite numbers may be none
    above /= np.abs(above).max()
    for shade, width in (("paper", 4.5), ("ink", LINE_WIDTH)):
        plot.axes.contour(x, y, above, levels=[0.0], colors=[colour(shade)], linewidths=[width])


def _near(values: object, scale: Scale) -> Floats:
    """Coordinates of a path; what is far outside the picture is brought nearer, or it could not be drawn at all."""
    span = scale.high - scale.low
    coordinates: Floats = np.asarray(values, dtype=float).ravel()
    return np.clip(coordinates, scale.low - 20 * span, scale.high + 20 * span)


def _haloed(plot: Plot, x: Floats, y: Floats, shade: str) -> None:
    plot.axes.plot(x, y, color=colour("paper"), linewidth=4.5)
    plot.axes.plot(x, y, color=colour(shade), linewidth=LINE_WIDTH)


def _cell_ends(centres: Floats) -> Floats:
    """The outer edges of a row of cells with these centres."""
    return np.array([1.5 * centres[0] - 0.5 * centres[1], 1.5 * centres[-1] - 0.5 * centres[-2]])


def _evenly(centres: Floats, most: int) -> npt.NDArray[np.int64]:
    """For each of at most `most` pixels along an axis, the nearest grid value; the axis may run either way, or
    unevenly.
    """
    ends = np.sort(_cell_ends(centres))
    n = min(most, centres.size)
    at = ends[0] + (np.arange(n) + 0.5) / n * (ends[1] - ends[0])
    return np.asarray(np.abs(at[:, None] - centres[None, :]).argmin(axis=1), dtype=np.int64)


def matrices(evidence: Matrices) -> Drawing:
    """Heat maps side by side. Rows or columns that stand out show a bug along one axis, a single cell a wrong entry."""
    panels = [(p, np.atleast_2d(np.asarray(p.values, dtype=float))) for p in evidence.panels]
    shown = [(p, m) for p, m in panels if m.size and m.ndim == 2]
    what, numbers = words.matrices(evidence), matrices_numbers(evidence)
    ends = _shared_ends([m for _, m in shown], evidence.scale)
    if evidence.scale == "counts":
        key = [
            KeyEntry(
                pixels.gradient_swatch(pixels.shading(), FIGURE_ID + "bar"),
                f"{evidence.value_label}: the stronger the colour, the more",
            )
        ]
    elif evidence.scale == "log":
        every = np.concatenate([m.ravel() for _, m in shown]) if shown else np.zeros(0)
        key = [_colour_bar(pixels.sequential(), *ends, every, evidence)]
    else:
        label = f"{evidence.value_label}: from minus to plus the largest size, for each panel by itself"
        key = [KeyEntry(pixels.gradient_swatch(pixels.diverging(), FIGURE_ID + "bar"), label)]
    pictures = [_heat_map(panel, matrix, evidence, ends, len(shown) == 1) for panel, matrix in shown]
    return Drawing(words=what, pictures=pictures, key=key if pictures else [], numbers=numbers, panels=len(shown) > 1)


def _shared_ends(matrices: Sequence[Floats], scale: str) -> tuple[float, float]:
    """The range of a logarithmic colour scale, in powers of ten, over all panels, so that they can be compared."""
    values = np.concatenate([finite(m) for m in matrices]) if matrices else np.zeros(0)
    values = values[values > 0]
    if scale != "log" or values.size == 0:
        return 0.0, 1.0
    low, high = float(np.log10(values.min())), float(np.log10(values.max()))
    return (low, high) if high > low else (low - 1.0, high)


def _heat_map(panel: Panel, matrix: Floats, evidence: Matrices, ends: tuple[float, float], alone: bool) -> Picture:
    rows, columns = matrix.shape
    width = WIDTH if alone else WIDTH / 2
    labelled = evidence.scale == "counts" and max(rows, columns) <= _MOST_LABELLED
    cell = 30.0 if labelled and alone else 22.0
    height = 60.0 + min(max(rows * cell, 44.0), 1.2 * (width - 50.0))
    x, y = _index_scale(columns), _index_scale(rows, downwards=True)
    plot = Plot(x, y, x_label=evidence.column_label, y_label=evidence.row_label, width=width, height=height, grid=False)
    small = _largest_of_blocks(matrix)
    label = f"{panel.label}: {rows} by {columns}"
    if evidence.scale == "counts":
        most = float(finite(small).max(initial=0.0)) or 1.0
        entries = pixels.indices(np.sqrt(np.clip(small, 0, None)), 0.0, float(np.sqrt(most)))
        palette = pixels.shading()
        if labelled:
            for (r, c), value in np.ndenumerate(matrix):
                shade = colour("ink" if value else "muted")
                plot.axes.text(c, -r, number(value), ha="center", va="center", size=TYPE_SIZE - 1, color=shade)
    elif evidence.scale == "log":
        field = np.where(small > 0, np.log10(np.where(small > 0, small, 1.0)), np.where(small == 0, ends[0], np.nan))
        entries, palette = pixels.indices(field, *ends), pixels.sequential()
    else:
        reach = float(np.abs(finite(small)).max(initial=0.0)) or 1.0
        entries, palette = pixels.indices(small, -reach, reach), pixels.diverging()
        label += f", within \u00b1{number(reach)}"
    missing = int((~np.isfinite(matrix)).sum())
    if missing:
        label += f", {missing} not finite (blank)"
    x0, y0, w, h = plot.frame
    border = f'<rect x="{x0:.2f}" y="{y0:.2f}" width="{w:.2f}" height="{h:.2f}" fill="none" stroke="var(--rule)"/>'
    return plot.picture(under=pixels.image(entries, palette, plot.frame) + border, label=label)


def _index_scale(n: int, *, downwards: bool = False) -> Scale:
    """Cells 0 to n - 1, counted as in the code; a few of them are labelled."""
    scale = Scale([-0.5, n - 0.5], pad=0.0, room=5)
    step = 1 if n <= _MOST_LABELLED else max(1, int(round(n / 4, -int(np.log10(n / 4)))))
    scale.ticks = [Tick(float(i), str(i)) for i in range(0, n, step)]
    if downwards:
        scale.low, scale.high = 0.5 - n, 0.5
        scale.ticks = [Tick(-t.at, t.label) for t in scale.ticks]
    return scale


def _largest_of_blocks(matrix: Floats) -> Floats:
    """The matrix, or, where it is large, the entry of largest size of each block; not finite counts as largest."""
    for axis in (0, 1):
        n = matrix.shape[axis]
        if n > _MATRIX_SIDE:
            pieces = np.array_split(matrix, _MATRIX_SIDE, axis=axis)
            matrix = np.stack([_largest(piece, axis) for piece in pieces], axis=axis)
    return matrix


def _largest(piece: Floats, axis: int) -> Floats:
    sizes = np.where(np.isfinite(piece), np.abs(piece), np.inf)
    index = np.expand_dims(sizes.argmax(axis=axis), axis)
    return np.take_along_axis(piece, index, axis=axis).squeeze(axis)


def images(evidence: Images) -> Drawing:
    """All pictures in one mosaic of pixels; the page shows each through a window of its own, with its label beneath."""
    values = np.asarray(evidence.values, dtype=float)
    what, numbers = words.images(evidence), images_numbers(evidence)
    if values.ndim != 3 or values.size == 0 or not np.isfinite(values).any():
        return Drawing(words=what, numbers=numbers)
    if len(values) > _MOST_IMAGES:
        what += f" The first {_MOST_IMAGES} of {len(values)} are drawn."
        values = values[:_MOST_IMAGES]
    n, height, width = values.shape
    columns = max(1, min(n, evidence.columns))
    rows = -(-n // columns)
    mosaic = np.full((rows * (height + 1), columns * (width + 1)), pixels.BLANK, dtype=np.uint8)
    cells = []
    for i, picture in enumerate(values):
        if evidence.diverging:  # each by itself: the shape of a weight is what one looks for
            reach = float(np.abs(finite(picture)).max(initial=0.0)) or 1.0
            entries = pixels.indices(picture, -reach, reach)
        else:
            shown = finite(values)
            entries = pixels.indices(picture, float(shown.min()), float(shown.max()))
        r, c = divmod(i, columns)
        top, left = r * (height + 1), c * (width + 1)
        mosaic[top : top + height, left : left + width] = entries
        label = label_text(evidence.labels[i], 40) if i < len(evidence.labels) else ""
        cells.append((float(left), float(top), float(width), float(height), label))
    palette = pixels.diverging() if evidence.diverging else pixels.grey()
    frame = (0.0, 0.0, float(mosaic.shape[1]), float(mosaic.shape[0]))
    svg = pixels.image(mosaic, palette, frame, name=FIGURE_ID + "mosaic")
    picture = Picture(svg, frame[2], frame[3], frame, cells=cells, columns=columns)
    return Drawing(words=what, pictures=[picture], numbers=numbers, wide=n > 6)
