"""Plots: curves, scatter, bars and histograms, drawn by matplotlib."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nnkit.curriculum.evidence import Bars, Curves, Histograms, Line, Mark, Panel, Scatter
from nnkit.report import words
from nnkit.report.canvas import HEIGHT, TYPE_SIZE, WIDTH, Plot, colour, marks_with_tags
from nnkit.report.drawing import (
    DASHES,
    LINE_WIDTH,
    Drawing,
    KeyEntry,
    Look,
    Picture,
    bad_swatch,
    label_text,
    line_swatch,
    mark_swatch,
    ring_swatch,
    tag,
    text_width,
    thinned,
)
from nnkit.report.number_tables import bars_numbers, bin_edges, curves_numbers, histograms_numbers, scatter_numbers
from nnkit.report.numbers import count, number
from nnkit.report.scales import Scale, Tick

Floats = npt.NDArray[np.float64]

#: a line of more points is thinned, keeping the lowest and highest of each piece, so that no spike is lost
MOST_LINE_POINTS = 1600
#: more points than this become pixels
MOST_VECTOR_POINTS = 1500
#: more bars than this do not fit a page: the largest are drawn
MOST_BARS = 32

Style = dict[str, object]


def curves(evidence: Curves) -> Drawing:
    """Lines over a common axis, with tagged reference lines.

    Tells apart: a quantity that falls from one that stands still, jumps, or stops being finite.
    """
    lines = [
        (line, np.asarray(line.x, dtype=float).ravel(), np.asarray(line.y, dtype=float).ravel())
        for line in evidence.lines
    ]
    what = words.curves(evidence)
    numbers = curves_numbers(evidence)
    x = Scale(_joined([a for _, a, _ in lines], evidence.marks, "x"), "log" if evidence.log_x else "linear", pad=0.02)
    y = Scale(_joined([b for _, _, b in lines], evidence.marks, "y"), "log" if evidence.log_y else "linear")
    if not any(np.isfinite(x.of(a) + y.of(b)).any() for _, a, b in lines):
        return Drawing(words=what, numbers=numbers)
    plot = Plot(
        x,
        y,
        x_label=evidence.x_label,
        y_label=evidence.y_label,
        x_marks=marks_with_tags(evidence.marks, "x"),
        y_marks=marks_with_tags(evidence.marks, "y"),
    )
    key: list[KeyEntry] = []
    several = len(lines) > 1
    for index, (line, line_x, line_y) in enumerate(lines):
        look = Look.of(index)
        at, height = x.of(line_x), y.of(line_y)
        _draw_line(plot, line, look, at, height, glyphs=several)
        if not np.isfinite(line_y).all():
            _sign_of_not_finite(plot, at, height, line_y)
            key.append(
                KeyEntry(
                    bad_swatch(),
                    f"{label_text(line.label)}: {words.not_finite_from(line_x, line_y, label_text(evidence.x_label))}",
                )
            )
        dots_only = line.style == "points"
        key.append(KeyEntry(line_swatch(look, line=not dots_only, glyph=dots_only or several), line.label))
    return Drawing(words=what, pictures=[plot.picture()], key=key + _mark_entries(evidence.marks), numbers=numbers)


def _draw_line(plot: Plot, line: Line, look: Look, x: Floats, y: Floats, *, glyphs: bool) -> None:
    style: Style = {"color": colour(look.colour), "linewidth": LINE_WIDTH, "markeredgewidth": 0, "markersize": 6.5}
    shown = np.isfinite(x + y)
    if line.style == "points":
        style |= {"linestyle": "none", "marker": look.glyph, "markersize": 6.0 if shown.sum() <= 100 else 4.0}
        style["rasterized"] = bool(shown.sum() > MOST_VECTOR_POINTS)
    else:
        x, y = _thinned_line(x, y)
        style["linestyle"] = (0, DASHES[DASHES.index(look.dash)]) if look.dash else "-"
        style["drawstyle"] = "steps-post" if line.style == "steps" else "default"
        style |= {"solid_capstyle": "round", "solid_joinstyle": "round"}
        if shown.sum() == 1:
            style["marker"] = look.glyph
        elif (
            glyphs
        ):  # a few glyphs along the line; each line starts at another place, so that they do not cover one another
            style |= {"marker": look.glyph, "markevery": (0.02 + 0.025 * DASHES.index(look.dash), 0.16)}
    plot.axes.plot(x, y, **style)  # type: ignore[arg-type]


def _thinned_line(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    n = len(x)
    if n <= MOST_LINE_POINTS:
        return x, y
    kept: set[int] = {0, n - 1}
    for piece in np.array_split(np.arange(n), MOST_LINE_POINTS // 2):
        values = y[piece]
        if np.isfinite(values).any():
            kept |= {int(piece[np.nanargmin(values)]), int(piece[np.nanargmax(values)])}
        else:
            kept.add(int(piece[0]))
    index = np.array(sorted(kept))
    return x[index], y[index]


def _sign_of_not_finite(plot: Plot, x: Floats, y: Floats, values: Floats) -> None:
    """A cross where a line stops: at the first value that is not finite, as high as the last one before it."""
    first = int(np.flatnonzero(~np.isfinite(values))[0])
    before = y[:first][np.isfinite(y[:first])]
    height = before[-1] if before.size else plot.y.low
    style: Style = {"marker": "x", "markersize": 8, "markeredgewidth": 2.2, "color": colour("bad"), "zorder": 4}
    if np.isfinite(x[first]):
        plot.axes.plot([x[first]], [height], clip_on=False, **style)  # type: ignore[arg-type]


def scatter(evidence: Scatter) -> Drawing:
    """Points in groups. Tells apart: agreement (on the diagonal), one constant factor (a parallel), and disorder."""
    kind = "symlog" if evidence.log else "linear"
    xs = [np.asarray(g.x, dtype=float).ravel() for g in evidence.groups]
    ys = [np.asarray(g.y, dtype=float).ravel() for g in evidence.groups]
    what, numbers = words.scatter(evidence), scatter_numbers(evidence)
    if not any(np.isfinite(a + b).any() for a, b in zip(xs, ys, strict=True)):
        return Drawing(words=what, numbers=numbers)
    notes = [(x, y) for _, x, y in evidence.annotations]
    all_x = np.concatenate([*xs, np.array([x for x, _ in notes])])
    all_y = np.concatenate([*ys, np.array([y for _, y in notes])])
    if evidence.diagonal:
        all_x = all_y = np.concatenate([all_x, all_y])
    x, y = Scale(all_x, kind, room=4), Scale(all_y, kind)
    height = 330.0 if evidence.diagonal else HEIGHT
    plot = Plot(x, y, x_label=evidence.x_label, y_label=evidence.y_label, height=height)
    key: list[KeyEntry] = []
    if evidence.diagonal:
        ends = np.array([max(x.low, y.low), min(x.high, y.high)])
        plot.axes.plot(ends, ends, color=colour("ink"), linewidth=1.1, linestyle=(0, (3, 2.2)), zorder=1)
    many = sum(len(a) for a in xs) > MOST_VECTOR_POINTS
    for index, (group, group_x, group_y) in enumerate(zip(evidence.groups, xs, ys, strict=True)):
        look = Look.of(index)
        plot.axes.plot(
            x.of(group_x),
            y.of(group_y),
            linestyle="none",
            marker=look.glyph,
            color=colour(look.colour),
            markersize=4.0 if many else 6.5,
            markeredgewidth=0,
            alpha=0.6 if many else 0.85,
            rasterized=many,
            clip_on=False,
        )
        key.append(KeyEntry(line_swatch(look, line=False), group.label))
    drawn = np.stack([x.of(np.concatenate(xs)), y.of(np.concatenate(ys))], axis=1)
    key += _annotate(plot, evidence.annotations, drawn[np.isfinite(drawn).all(axis=1)])
    if evidence.diagonal:
        key.append(KeyEntry(mark_swatch(""), "where both are equal"))
    return Drawing(words=what, pictures=[plot.picture()], key=key, numbers=numbers)


def _annotate(plot: Plot, annotations: Sequence[tuple[str, float, float]], points: Floats) -> list[KeyEntry]:
    """A ring and a letter for each, joined by a line; the words stand in the key, where they cannot cover anything.

    points: (n, 2) everything drawn, in drawing coordinates; a letter goes where none of them is near.
    """
    key = []
    scale = np.array([plot.frame[2] / (plot.x.high - plot.x.low), plot.frame[3] / (plot.y.high - plot.y.low)])
    corner = np.array([plot.x.low, plot.y.low])
    angles = np.arange(16) / 8 * np.pi + np.pi / 4
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    spots = np.concatenate([radius * ring for radius in (20.0, 32.0, 44.0)])
    taken = (points[thinned(len(points), 2000)] - corner) * scale
    for index, (text, at_x, at_y) in enumerate(annotations):
        at = np.array([float(plot.x.of(at_x)), float(plot.y.of(at_y))])
        if not np.isfinite(at).all():
            continue
        candidates = np.clip((at - corner) * scale + spots, 8.0, np.array(plot.frame[2:]) - 8.0)
        room = np.minimum(np.abs(candidates[:, None, :] - taken[None, :, :]).max(axis=2).min(axis=1), 12.0)
        spot = candidates[int(room.argmax())]
        taken = np.vstack([taken, spot])
        letter = spot / scale + corner
        plot.axes.plot(*np.stack([at, letter], axis=1), color=colour("ink"), linewidth=0.7, zorder=3, clip_on=False)
        plot.axes.plot(*at[:, None], marker="o", markersize=11, fillstyle="none", color=colour("ink"), clip_on=False)
        plot.axes.text(
            float(letter[0]),
            float(letter[1]),
            tag(index),
            ha="center",
            va="center",
            size=TYPE_SIZE,
            color=colour("ink"),
            zorder=5,
            bbox={"boxstyle": "circle,pad=0.12", "facecolor": colour("paper"), "edgecolor": "none"},
        )
        key.append(KeyEntry(ring_swatch(tag(index)), text))
    return key


def bars(evidence: Bars) -> Drawing:
    """Horizontal bars with intervals and limit lines, each value at the right.

    Tells apart: within and beyond the limit.
    """
    values = np.asarray(evidence.values, dtype=float).ravel()
    what, numbers = words.bars(evidence), bars_numbers(evidence)
    if not np.isfinite(values).any():
        return Drawing(words=what, numbers=numbers)
    chosen = np.arange(len(values))
    if len(values) > MOST_BARS:
        largest = np.argsort(np.where(np.isfinite(values), -np.abs(values), -np.inf), kind="stable")[:MOST_BARS]
        chosen = np.sort(largest)
        what += f" Only the {MOST_BARS} largest of {len(values)} are drawn."
    ends = [np.asarray(v, dtype=float).ravel() for v in (evidence.low, evidence.high) if v is not None]
    limits = [m.value for m in evidence.marks]
    base = [] if evidence.log else [0.0]
    x = Scale(
        np.concatenate([values[chosen], *(e[chosen] for e in ends), base, limits]),
        "log" if evidence.log else "linear",
        pad=0.0,
    )
    if evidence.log and x.low > -290:  # a bar needs a foot: one decade below the smallest value
        x = Scale([10.0 ** (x.low - 1.0), 10.0**x.high], "log", pad=0.0)
    x.high += 0.03 * (x.high - x.low)
    labels = [label_text(evidence.labels[i], 22) for i in chosen.tolist()]
    texts = [number(values[i]) if np.isfinite(values[i]) else "not finite" for i in chosen]
    row = 22.0
    right = max(text_width(t, TYPE_SIZE) for t in texts) + 14.0
    y = _rows_scale(labels)
    marks = [(tag(i), float(m.value)) for i, m in enumerate(evidence.marks) if np.isfinite(x.of(m.value))]
    plot = Plot(
        x,
        y,
        x_label=evidence.value_label,
        height=row * len(chosen) + 55.0 + (15.0 if marks else 0.0),
        right=right,
        x_marks=marks,
        grid=False,
    )
    plot.axes.grid(True, axis="x", color=colour("rule"), linewidth=0.7)
    foot = x.low if evidence.log else 0.0
    lengths = np.nan_to_num(x.of(values[chosen]), nan=foot)
    over = _beyond(values[chosen], evidence.marks)
    places = -np.arange(len(chosen), dtype=float)
    plot.axes.barh(places, lengths - foot, left=foot, height=0.62, color=[colour("s2" if o else "s1") for o in over])
    if len(ends) == 2:
        low, high = (x.of(e[chosen]) for e in ends)
        low = np.where(np.isfinite(low), low, foot)
        plot.axes.hlines(places, low, high, color=colour("ink"), linewidth=1.4)
        for end in (low, high):
            plot.axes.plot(end, places, linestyle="none", marker="|", markersize=8, color=colour("ink"))
    for place, text in zip(places, texts, strict=True):
        plot.axes.text(
            1.0 + 8.0 / plot.frame[2],
            place,
            text,
            transform=plot.axes.get_yaxis_transform(),
            ha="left",
            va="center",
            size=TYPE_SIZE,
            color=colour("ink"),
        )
    key = _mark_entries(evidence.marks)
    if over.any() and not over.all():
        key.insert(0, KeyEntry('<path d="M4 2h20v8h-20z" fill="var(--s2)"/>', "beyond the limit"))
        key.insert(0, KeyEntry('<path d="M4 2h20v8h-20z" fill="var(--s1)"/>', "within the limit"))
    if len(ends) == 2:
        key.append(
            KeyEntry(
                '<path d="M3 6h22M3 2v8M25 2v8" fill="none" stroke="var(--ink)" stroke-width="1.4"/>', "its interval"
            )
        )
    return Drawing(words=what, pictures=[plot.picture()], key=key, numbers=numbers)


def _rows_scale(labels: Sequence[str]) -> Scale:
    """A scale with one row for each label, the first at the top."""
    scale = Scale([-0.5 - (len(labels) - 1), 0.5], pad=0.0)
    scale.ticks = [Tick(-float(i), text) for i, text in enumerate(labels)]
    return scale


def _beyond(values: Floats, marks: Sequence[Mark]) -> npt.NDArray[np.bool_]:
    """Bars longer than the only limit line; with no line, or several, all look alike."""
    if len(marks) != 1 or not np.isfinite(marks[0].value):
        return np.zeros(len(values), dtype=bool)
    return np.asarray(values > marks[0].value)


def histograms(evidence: Histograms) -> Drawing:
    """One small histogram a panel. Tells apart: a healthy spread from all in one place, or piled up at the ends."""
    pictures = []
    for panel in evidence.panels:
        picture = _histogram(panel, evidence)
        if picture is not None:
            pictures.append(picture)
    return Drawing(
        words=words.histograms(evidence), pictures=pictures, numbers=histograms_numbers(evidence), panels=True
    )


def _histogram(panel: Panel, evidence: Histograms) -> Picture | None:
    heights = np.asarray(panel.values, dtype=float).ravel()
    edges = bin_edges(panel)
    if heights.size == 0 or edges.size != heights.size + 1 or not np.isfinite(edges).all():
        return None
    heights = np.where(np.isfinite(heights) & (heights > 0), heights, 0.0)
    if evidence.log_y:
        smallest = heights[heights > 0].min() if (heights > 0).any() else 1.0
        y = Scale([smallest / 2, max(heights.max(), smallest)], "log", room=4, pad=0.0)
    else:
        y = Scale([0.0, heights.max() or 1.0], room=4, pad=0.0)
        y.high *= 1.05
    x = Scale(edges, room=3, pad=0.0)
    plot = Plot(x, y, x_label=evidence.x_label, width=WIDTH / 2, height=150.0)
    tops = np.nan_to_num(y.of(heights), nan=y.low)
    plot.axes.stairs(np.maximum(tops, y.low), x.of(edges), baseline=y.low, fill=True, color=colour("s1"), alpha=0.85)
    if edges[0] < 0 < edges[-1]:
        plot.axes.axvline(0.0, color=colour("ink"), linewidth=0.9, linestyle=(0, (3, 2.2)))
    total = heights.sum()
    suffix = f" ({count(int(total), 'value')})" if 1 < total < 1e15 and total == int(total) else ""
    return plot.picture(label=f"{panel.label}{suffix}")


def _joined(arrays: Sequence[Floats], marks: Sequence[Mark], axis: str) -> Floats:
    return np.concatenate([*arrays, np.array([m.value for m in marks if m.axis == axis], dtype=float)])


def _mark_entries(marks: Sequence[Mark]) -> list[KeyEntry]:
    return [KeyEntry(mark_swatch(tag(i)), f"{m.label} ({number(m.value)})") for i, m in enumerate(marks)]
