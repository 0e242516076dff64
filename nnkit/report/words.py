"""A picture in words, computed from its data: from where to where a line goes, its extremes, which marks it crosses.

This is what somebody who does not see the picture gets, and what everybody can check the picture against.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nnkit.curriculum.evidence import Bars, Curves, Diagram, Histograms, Images, Mark, Matrices, Scatter, Surface, Table
from nnkit.report.drawing import label_text as short
from nnkit.report.number_tables import bin_edges
from nnkit.report.numbers import count, number

Floats = npt.NDArray[np.float64]

#: so many lines, groups or panels are told one by one
_MOST_TOLD = 4

NOTHING = "Nothing to draw: this measurement has no values."
NOT_FINITE = "Nothing to draw: none of the {} is finite."


def curves(evidence: Curves) -> str:
    lines = [(short(line.label), _flat(line.x), _flat(line.y)) for line in evidence.lines]
    if not any(y.size for _, _, y in lines):
        return NOTHING
    if not any(np.isfinite(y).any() for _, _, y in lines):
        return NOT_FINITE.format(count(sum(y.size for _, _, y in lines), "value"))
    told = [_line(label, x, y, evidence) for label, x, y in lines[:_MOST_TOLD]]
    if len(lines) > _MOST_TOLD:
        told.append(f"{count(len(lines) - _MOST_TOLD, 'more line')}; see the numbers.")
    return "\n".join(told)


def _line(label: str, x: Floats, y: Floats, evidence: Curves) -> str:
    good = np.isfinite(x) & np.isfinite(y)
    if not good.any():
        return f"{label}: no finite value."
    gx, gy = x[good], y[good]
    first, last = float(gy[0]), float(gy[-1])
    where = short(evidence.x_label)
    if gy.size == 1:
        text = f"{label}: a single value, {number(first)} at {where} {number(gx[0])}"
    else:
        span = float(gy.max() - gy.min())
        if span <= 1e-3 * max(abs(first), abs(last)):
            move = f"stays near {number(first)}"
        else:
            verb = "ends where it began, at" if first == last else "falls" if last < first else "rises"
            move = f"{verb} {number(last)}" if first == last else f"{verb} from {number(first)} to {number(last)}"
        text = f"{label}: {move} ({where} {number(gx[0])} to {number(gx[-1])})"
        low, high = int(gy.argmin()), int(gy.argmax())
        extremes = []
        if gy[low] < min(first, last):
            extremes.append(f"lowest {number(gy[low])} at {number(gx[low])}")
        if gy[high] > max(first, last):
            extremes.append(f"highest {number(gy[high])} at {number(gx[high])}")
        if extremes:
            text += "; " + ", ".join(extremes)
        text += "".join(_crossing(gx, gy, mark, where) for mark in evidence.marks)
    if not np.isfinite(y).all():
        text += "; " + not_finite_from(x, y, where)
    hidden = int((gy <= 0).sum()) if evidence.log_y else 0
    if hidden:
        text += f"; {count(hidden, 'value')} of zero or less cannot be shown on a log axis"
    return text + "."


def _crossing(x: Floats, y: Floats, mark: Mark, where: str) -> str:
    if mark.axis != "y" or not np.isfinite(mark.value):
        return ""
    above = y > mark.value
    change = np.flatnonzero(above[1:] != above[:-1])
    if change.size == 0:
        return f"; always {'above' if above[0] else 'at or below'} \u201c{short(mark.label)}\u201d"
    at = int(change[0]) + 1
    again = f", {change.size} crossings in all" if change.size > 1 else ""
    how = "rises above" if above[at] else "falls below"
    return f"; {how} \u201c{short(mark.label)}\u201d at {where} {number(x[at])}{again}"


def not_finite_from(x: Floats, y: Floats, where: str) -> str:
    """Where a line stops being finite, "not finite from step 31", or how many values are not where others follow."""
    bad = np.flatnonzero(~np.isfinite(y))
    start = number(x[bad[0]]) if np.isfinite(x[bad[0]]) else f"point {bad[0] + 1}"
    if bad[-1] == len(y) - 1 and bad.size == len(y) - bad[0]:
        return f"not finite from {where} {start}"
    return f"not finite at {bad.size} of {len(y)} points, first at {where} {start}"


def surface(evidence: Surface) -> str:
    values = np.asarray(evidence.values, dtype=float)
    x, y = _flat(evidence.x), _flat(evidence.y)
    if values.size == 0:
        return NOTHING
    good = np.isfinite(values)
    if not good.any():
        return NOT_FINITE.format(count(values.size, "value"))

    def at(index: int) -> str:
        row, column = divmod(index, values.shape[1])
        return f"({number(x[column])}, {number(y[row])})"

    low, high = int(np.nanargmin(np.where(good, values, np.nan))), int(np.nanargmax(np.where(good, values, np.nan)))
    text = (
        f"{short(evidence.value_label)} lies between {number(values.ravel()[low])} at {at(low)} and "
        f"{number(values.ravel()[high])} at {at(high)} ({short(evidence.x_label)}, {short(evidence.y_label)})."
    )
    for level in evidence.levels:
        share = float((values[good] > level).mean())
        text += f" {number(100 * share, 2)} % of the area lies above {number(level)}."
    for group in list(evidence.points)[:_MOST_TOLD]:
        text += f"\n{short(group.label)}: {_points(_flat(group.x), _flat(group.y))}."
    if evidence.path is not None and np.size(evidence.path.x):
        px, py = _flat(evidence.path.x), _flat(evidence.path.y)
        text += (
            f"\n{short(evidence.path.label)}: {count(px.size, 'point')}, from ({number(px[0])}, {number(py[0])}) "
            f"to ({number(px[-1])}, {number(py[-1])})."
        )
    missing = int((~good).sum())
    return text + (f" {count(missing, 'value')} not finite, left blank." if missing else "")


def _points(x: Floats, y: Floats) -> str:
    if x.size > 4:
        return count(x.size, "point")
    return " ".join(f"({number(a)}, {number(b)})" for a, b in zip(x, y, strict=False)) or "no point"


def scatter(evidence: Scatter) -> str:
    groups = [(short(g.label), _flat(g.x), _flat(g.y)) for g in evidence.groups]
    if not any(x.size for _, x, _ in groups):
        return NOTHING
    x = np.concatenate([x for _, x, _ in groups])
    y = np.concatenate([y for _, _, y in groups])
    good = np.isfinite(x) & np.isfinite(y)
    if not good.any():
        return NOT_FINITE.format(count(x.size, "point"))
    sizes = ", ".join(f"{label} {a.size:,}" for label, a, _ in groups[:_MOST_TOLD])
    more = f" and {count(len(groups) - _MOST_TOLD, 'more group')}" if len(groups) > _MOST_TOLD else ""
    text = (
        f"{count(x.size, 'point')} ({sizes}{more}): "
        f"{short(evidence.x_label)} from {number(x[good].min())} to {number(x[good].max())}, "
        f"{short(evidence.y_label)} from {number(y[good].min())} to {number(y[good].max())}."
    )
    if evidence.diagonal:
        gap = np.abs(x[good] - y[good])
        worst = int(gap.argmax())
        where = f"({number(x[good][worst])}, {number(y[good][worst])})"
        far = f"Largest distance from equality: {number(gap[worst])}, at {where}."
        text += f" {far}" if gap[worst] > 0 else " All points are exactly equal."
    missing = int((~good).sum())
    return text + (f" {count(missing, 'point')} not finite, left out." if missing else "")


def bars(evidence: Bars) -> str:
    values = _flat(evidence.values)
    if values.size == 0:
        return NOTHING
    good = np.isfinite(values)
    if not good.any():
        return NOT_FINITE.format(count(values.size, "value"))
    high = int(np.nanargmax(np.where(good, values, np.nan)))
    low = int(np.nanargmin(np.where(good, values, np.nan)))
    if values.size == 1:
        text = f"{short(evidence.labels[0])}: {number(values[0])}"
        if evidence.low is not None and evidence.high is not None:
            text += f" (interval {number(_flat(evidence.low)[0])} to {number(_flat(evidence.high)[0])})"
        text += "."
    else:
        text = (
            f"{count(values.size, 'bar')}: largest {short(evidence.labels[high])} with {number(values[high])}, "
            f"smallest {short(evidence.labels[low])} with {number(values[low])}."
        )
    for mark in evidence.marks:
        over = int((values[good] > mark.value).sum())
        amount = "None" if over == 0 else "All" if over == values.size else str(over)
        text += f" {amount} above \u201c{short(mark.label)}\u201d ({number(mark.value)})."
    missing = int((~good).sum())
    return text + (f" {count(missing, 'value')} not finite." if missing else "")


def matrices(evidence: Matrices) -> str:
    if not any(np.size(p.values) for p in evidence.panels):
        return NOTHING
    told = []
    for panel in list(evidence.panels)[:_MOST_TOLD]:
        values = np.atleast_2d(np.asarray(panel.values, dtype=float))
        told.append(_matrix(short(panel.label), values, evidence))
    if len(evidence.panels) > _MOST_TOLD:
        told.append(f"{count(len(evidence.panels) - _MOST_TOLD, 'more panel')}; see the numbers.")
    return "\n".join(told)


def _matrix(label: str, values: Floats, evidence: Matrices) -> str:
    shape = f"{label} ({values.shape[0]} by {values.shape[1]})"

    def at(row: int, column: int) -> str:
        return f"at {short(evidence.row_label)} {row}, {short(evidence.column_label)} {column}"

    if values.size == 0:
        return f"{shape}: empty."
    good = np.isfinite(values)
    if not good.any():
        return f"{shape}: no finite value."
    if evidence.scale == "counts":
        total = float(values[good].sum())
        text = f"{shape}: {number(total)} in all"
        if values.shape[0] == values.shape[1] and total > 0:
            aside = np.where(np.eye(len(values), dtype=bool) | ~good, -np.inf, values)
            text += f", {number(100 * float(np.trace(np.where(good, values, 0.0))) / total)} % of them on the diagonal"
            if np.isfinite(aside).any() and aside.max() > 0:
                r, c = divmod(int(aside.argmax()), values.shape[1])
                text += f"; most off it: {number(values[r, c])} {at(r, c)}"
        return text + "."
    r, c = divmod(int(np.where(good, np.abs(values), -1.0).argmax()), values.shape[1])
    text = f"{shape}: from {number(values[good].min())} to {number(values[good].max())}, "
    text += f"largest size {number(abs(values[r, c]))} {at(r, c)}"
    missing = int((~good).sum())
    return text + (f"; {count(missing, 'entry', 'entries')} not finite" if missing else "") + "."


def histograms(evidence: Histograms) -> str:
    told = []
    for panel in list(evidence.panels)[:_MOST_TOLD]:
        heights, edges = _flat(panel.values), bin_edges(panel)
        if heights.size == 0 or edges.size != heights.size + 1 or not np.isfinite(heights).any():
            told.append(f"{short(panel.label)}: no values.")
            continue
        top = int(np.nanargmax(np.where(np.isfinite(heights), heights, np.nan)))
        total = float(np.nansum(heights))
        share = f", {number(100 * heights[top] / total, 2)} % of all" if total > 0 else ""
        filled = np.flatnonzero(heights > 0)
        ends = (edges[filled[0]], edges[filled[-1] + 1]) if filled.size else (edges[0], edges[-1])
        told.append(
            f"{short(panel.label)}: from {number(ends[0])} to {number(ends[1])}, most between {number(edges[top])} and "
            f"{number(edges[top + 1])}{share}."
        )
    if len(evidence.panels) > _MOST_TOLD:
        told.append(f"{count(len(evidence.panels) - _MOST_TOLD, 'more panel')}; see the numbers.")
    return "\n".join(told) or NOTHING


def images(evidence: Images) -> str:
    values = np.asarray(evidence.values, dtype=float)
    if values.ndim != 3 or values.size == 0:
        return NOTHING
    n, height, width = values.shape
    good = values[np.isfinite(values)]
    if good.size == 0:
        return NOT_FINITE.format(count(values.size, "pixel"))
    ends = f"values from {number(good.min())} to {number(good.max())}"
    text = f"{count(n, 'picture')} of {height} by {width} pixels, {ends}."
    labels = [short(label) for label in evidence.labels[:12]]
    if labels:
        more = f" and {len(evidence.labels) - 12} more" if len(evidence.labels) > 12 else ""
        text += f" Labels: {'; '.join(labels)}{more}."
    return text


def table(evidence: Table) -> str:
    if not evidence.rows:
        return "Nothing to show: this table has no rows."
    wrong = len({i for i in evidence.wrong_rows if 0 <= i < len(evidence.rows)})
    text = f"{count(len(evidence.rows), 'row')}"
    return f"{text}, {wrong} of them wrong." if wrong else f"{text}."


def diagram(evidence: Diagram) -> str:
    def vector(values: object) -> str:
        flat = _flat(values)
        shown = ", ".join(number(v) for v in flat[:6])
        return f"({shown}{', ...' if flat.size > 6 else ''})"

    sizes = [_flat(evidence.x).size, *(_flat(b).size for b in evidence.biases)]
    text = f"A {'-'.join(map(str, sizes))} network with input x = {vector(evidence.x)}."
    for layer, (z, a) in enumerate(zip(evidence.z, evidence.a, strict=False), start=1):
        text += f"\nLayer {layer}: z = {vector(z)}, a = {vector(a)}."
    return text


def _flat(values: Sequence[float] | object) -> Floats:
    return np.asarray(values, dtype=float).ravel()
