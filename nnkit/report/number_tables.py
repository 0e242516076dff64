"""The plotted numbers as tables: what a picture shows, for those who want to read, copy or check it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nnkit.curriculum.evidence import (
    Bars,
    Curves,
    Diagram,
    Histograms,
    Images,
    Matrices,
    Panel,
    Scatter,
    Surface,
    Table,
)
from nnkit.report.drawing import MOST_ROWS, Numbers, thinned, thinning_note
from nnkit.report.numbers import number

Floats = npt.NDArray[np.float64]

#: plotted numbers carry four digits: enough to draw the picture again
_DIGITS = 4


def curves_numbers(evidence: Curves) -> Numbers | None:
    lines = [(line.label, _flat(line.x), _flat(line.y)) for line in evidence.lines]
    if not lines:
        return None
    first = lines[0][1]
    if all(np.array_equal(x, first, equal_nan=True) for _, x, _ in lines):
        rows = thinned(len(first))
        return Numbers(
            [evidence.x_label, *(label for label, _, _ in lines)],
            [[_text(first[i]), *(_text(y[i]) for _, _, y in lines)] for i in rows],
            thinning_note(len(rows), len(first)),
        )
    return _long_form("line", evidence.x_label, evidence.y_label, lines)


def scatter_numbers(evidence: Scatter) -> Numbers | None:
    groups = [(g.label, _flat(g.x), _flat(g.y)) for g in evidence.groups]
    return _long_form("group", evidence.x_label, evidence.y_label, groups) if groups else None


def bars_numbers(evidence: Bars) -> Numbers | None:
    values = _flat(evidence.values)
    if values.size == 0:
        return None
    columns = [("value", values)]
    columns += [
        (name, _flat(ends)) for name, ends in (("from", evidence.low), ("to", evidence.high)) if ends is not None
    ]
    rows = thinned(len(values))
    return Numbers(
        ["bar", *(evidence.value_label if name == "value" else name for name, _ in columns)],
        [[str(evidence.labels[i]), *(_text(column[i]) for _, column in columns)] for i in rows],
        thinning_note(len(rows), len(values)),
    )


def surface_numbers(evidence: Surface) -> Numbers | None:
    x, y, values = _flat(evidence.x), _flat(evidence.y), np.asarray(evidence.values, dtype=float)
    if values.ndim != 2 or values.size == 0:
        return None
    columns, rows = thinned(len(x), 7), thinned(len(y), 8)
    note = thinning_note(len(columns) * len(rows), values.size).replace("rows", "values")
    table = [[_text(y[r]), *(_text(values[r, c]) for c in columns)] for r in rows]
    return Numbers([f"{evidence.y_label} \\ {evidence.x_label}", *(_text(x[c]) for c in columns)], table, note)


def matrices_numbers(evidence: Matrices) -> Numbers | None:
    """Small matrices entry by entry, large ones by their largest entries, which is where a bug shows."""
    rows: list[list[str]] = []
    total = 0
    for panel in evidence.panels:
        values = np.atleast_2d(np.asarray(panel.values, dtype=float))
        total += values.size
        sizes = np.where(np.isfinite(values), np.abs(values), np.inf).ravel()
        share = max(4, MOST_ROWS // max(1, len(evidence.panels)))
        order = np.argsort(-sizes, kind="stable")[:share]
        where = [divmod(int(i), values.shape[1]) for i in (np.sort(order) if values.size <= share else order)]
        rows += [[panel.label, str(r), str(c), _text(values[r, c])] for r, c in where]
    if not rows:
        return None
    note = f"The {len(rows)} largest of {total:,} entries." if len(rows) < total else ""
    return Numbers(["panel", evidence.row_label, evidence.column_label, evidence.value_label], rows, note)


def histograms_numbers(evidence: Histograms) -> Numbers | None:
    rows: list[list[str]] = []
    total = 0
    for panel in evidence.panels:
        values, edges = _flat(panel.values), bin_edges(panel)
        if edges.size != values.size + 1:
            continue
        kept = thinned(values.size, max(6, MOST_ROWS // max(1, len(evidence.panels))))
        total += values.size
        rows += [[panel.label, _text(edges[i]), _text(edges[i + 1]), _text(values[i])] for i in kept]
    if not rows:
        return None
    return Numbers(["panel", f"{evidence.x_label}, from", "to", "count"], rows, thinning_note(len(rows), total))


def images_numbers(evidence: Images) -> Numbers | None:
    """One row a picture: a page is no place for 784 pixel values each."""
    values = np.asarray(evidence.values, dtype=float)
    if values.ndim != 3 or values.shape[0] == 0:
        return None
    rows = thinned(values.shape[0])
    table = [
        [
            str(i + 1),
            str(evidence.labels[i]) if i < len(evidence.labels) else "",
            *map(_text, _low_mean_high(values[i])),
        ]
        for i in rows
    ]
    return Numbers(["picture", "label", "lowest", "mean", "highest"], table, thinning_note(len(rows), values.shape[0]))


def diagram_numbers(evidence: Diagram) -> Numbers:
    rows = [["x", f"({i + 1})", _text(v)] for i, v in enumerate(_flat(evidence.x))]
    layers = zip(evidence.weights, evidence.biases, evidence.z, evidence.a, strict=False)
    for layer, (weights, bias, z, a) in enumerate(layers, start=1):
        matrix = np.atleast_2d(np.asarray(weights, dtype=float))
        rows += [[f"W{layer}", f"({r + 1}, {c + 1})", _text(v)] for (r, c), v in np.ndenumerate(matrix)]
        for name, vector in (("b", bias), ("z", z), ("a", a)):
            rows += [[f"{name}{layer}", f"({i + 1})", _text(v)] for i, v in enumerate(_flat(vector))]
    kept = rows[:MOST_ROWS]
    return Numbers(
        ["symbol", "entry", "value"],
        kept,
        f"The first {MOST_ROWS} of {len(rows)} rows." if len(rows) > MOST_ROWS else "",
    )


def table_numbers(evidence: Table) -> Numbers:
    """A table is its own figure: all wrong rows, and as many others as fit."""
    wrong = {i for i in evidence.wrong_rows if 0 <= i < len(evidence.rows)}
    kept = sorted(set(thinned(len(evidence.rows)).tolist()) | set(sorted(wrong)[:MOST_ROWS]))
    rows = [[cell if isinstance(cell, str) else number(cell, 6) for cell in evidence.rows[i]] for i in kept]
    marked = frozenset(place for place, i in enumerate(kept) if i in wrong)
    return Numbers([str(h) for h in evidence.header], rows, thinning_note(len(kept), len(evidence.rows)), marked)


def bin_edges(panel: Panel) -> Floats:
    """The edges of a histogram's bins; 0, 1, 2, ... where it has none of its own."""
    return _flat(panel.edges) if panel.edges is not None else np.arange(np.size(panel.values) + 1, dtype=float)


def _long_form(name: str, x_label: str, y_label: str, series: Sequence[tuple[str, Floats, Floats]]) -> Numbers:
    share = max(4, MOST_ROWS // max(1, len(series)))
    rows: list[list[str]] = []
    total = 0
    for label, x, y in series:
        kept = thinned(len(x), share)
        total += len(x)
        rows += [[label, _text(x[i]), _text(y[i])] for i in kept]
    return Numbers([name, x_label, y_label], rows, thinning_note(len(rows), total))


def _low_mean_high(values: Floats) -> tuple[float, float, float]:
    shown = values[np.isfinite(values)]
    return (float(shown.min()), float(shown.mean()), float(shown.max())) if shown.size else (np.nan, np.nan, np.nan)


def _flat(values: object) -> Floats:
    return np.asarray(values, dtype=float).ravel()


def _text(value: float) -> str:
    return number(int(value)) if float(value).is_integer() and abs(value) < 1e6 else number(value, _DIGITS)
