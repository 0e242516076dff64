"""Every kind of evidence becomes a picture that is small, the same every time, and true to its data."""

from __future__ import annotations

import io
import re

import matplotlib
import numpy as np
import pytest
import samples
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from nnkit.curriculum import evidence as kinds
from nnkit.curriculum.evidence import Curves, Line, Matrices, Panel
from nnkit.report import pixels
from nnkit.report.canvas import drawing_settings
from nnkit.report.drawing import FIGURE_ID, MOST_ROWS, Drawing, spread, thinned
from nnkit.report.figures import DRAW, draw
from nnkit.report.plots import _thinned_line
from nnkit.report.rasters import _largest_of_blocks


def drawn(evidence: kinds.Evidence) -> Drawing:
    """Without the net that catches what goes wrong in a picture."""
    with drawing_settings():
        return DRAW[evidence.kind](evidence)


def svg_of(drawing: Drawing) -> str:
    return "".join(picture.svg for picture in drawing.pictures)


def curve(y: np.ndarray, **changes: object) -> Curves:
    options = {"title": "t", "caption": samples.CAPTION, "x_label": "step", "y_label": "loss", **changes}
    return Curves(lines=[Line("loss", np.arange(len(y)), y)], **options)  # type: ignore[arg-type]


KIND_IDS = [f"{i}-{e.kind}" for i, e in enumerate(samples.every_kind())]


@pytest.mark.parametrize("evidence", samples.every_kind(), ids=KIND_IDS)
def test_every_kind_becomes_a_picture_with_words_and_numbers(evidence: kinds.Evidence) -> None:
    drawing = drawn(evidence)
    assert drawing.pictures or drawing.table_first
    assert len(drawing.words) > 5
    assert drawing.numbers is not None and 0 < len(drawing.numbers.rows) <= MOST_ROWS
    assert len(svg_of(drawing)) < 130_000


def test_the_samples_hold_every_kind() -> None:
    assert {evidence.kind for evidence in samples.every_kind()} == set(kinds.KINDS) == set(DRAW)


@pytest.mark.parametrize("evidence", samples.every_kind(), ids=KIND_IDS)
def test_a_picture_brings_no_style_of_its_own(evidence: kinds.Evidence) -> None:
    """A style sheet or an identifier inside one picture would reach the whole page; a fixed colour is lost in one
    mode.
    """
    svg = svg_of(drawn(evidence))
    assert "<style" not in svg and "<metadata" not in svg and "font-family" not in svg
    assert all(name.startswith(FIGURE_ID) for name in re.findall(r'\bid="([^"]*)"', svg))
    assert all(name.startswith(FIGURE_ID) for name in re.findall(r"url\(#([^)]*)\)", svg))
    assert not re.findall(r"(?:fill|stroke): ?#[0-9a-f]+", svg)


def test_the_same_data_give_the_same_bytes_whatever_the_users_own_style() -> None:
    plain = [svg_of(drawn(evidence)) for evidence in samples.every_kind()]
    with matplotlib.rc_context({"lines.linewidth": 9.0, "font.size": 30.0, "axes.grid": True, "svg.fonttype": "path"}):
        assert [svg_of(drawn(evidence)) for evidence in samples.every_kind()] == plain


@pytest.mark.parametrize("evidence", samples.empty_evidence(), ids=lambda e: f"{e.kind}-{e.title}".replace(" ", "-"))
def test_nothing_to_draw_is_said_in_a_sentence(evidence: kinds.Evidence) -> None:
    drawing = drawn(evidence)
    assert drawing.words.endswith(".")
    assert "nan" not in re.sub(r"base64,[^\"]*", "", svg_of(drawing))


def test_evidence_that_does_not_fit_together_does_not_break_the_page() -> None:
    broken = samples.decision_surface()
    object.__setattr__(broken, "values", np.zeros((3, 4)))
    with drawing_settings():
        assert "could not be drawn (ValueError" in draw(broken).words


def test_a_line_that_stops_being_finite_says_from_where() -> None:
    drawing = drawn(samples.nan_curve())
    assert "rate 3: rises from 0.7 to 3,113 (step 0 to 42); not finite from step 43." in drawing.words
    assert "rate 0.3" in drawing.words and "not finite at 1 of 60 points, first at step 20" in drawing.words
    assert any("not finite from step 43" in entry.label for entry in drawing.key)


def test_words_say_where_a_line_crosses_a_mark() -> None:
    y = np.array([1.0, 0.8, 0.6, 0.4, 0.2])
    marked = curve(y, marks=[kinds.Mark("half", "y", 0.5), kinds.Mark("none", "y", -1.0)])
    words = drawn(marked).words
    assert words.startswith("loss: falls from 1 to 0.2 (step 0 to 4); ")
    assert words.endswith("; falls below \u201chalf\u201d at step 3; always above \u201cnone\u201d.")


def test_words_name_the_extremes() -> None:
    assert "lowest -3 at 1, highest 9 at 2" in drawn(curve(np.array([0.0, -3.0, 9.0, 1.0]))).words


def test_words_of_a_confusion_matrix_name_the_most_frequent_mistake() -> None:
    counts = np.diag([50.0, 40.0, 30.0])
    counts[2, 0] = 7
    panel = Matrices(
        title="t",
        caption=samples.CAPTION,
        panels=[Panel("test", counts)],
        row_label="label",
        column_label="prediction",
        value_label="images",
        scale="counts",
    )
    words = drawn(panel).words
    assert (
        words == "test (3 by 3): 127 in all, 94.5 % of them on the diagonal; most off it: 7 at label 2, prediction 0."
    )


def test_a_spike_survives_thinning() -> None:
    y = np.zeros(100_000)
    y[77_777] = 5.0
    y[33_333] = np.nan
    _, kept = _thinned_line(np.arange(100_000.0), y)
    assert len(kept) < 2_000 and np.nanmax(kept) == 5.0
    assert len(svg_of(drawn(curve(y)))) < 30_000


def test_a_single_wrong_entry_of_a_large_matrix_survives() -> None:
    matrix = np.full((784, 300), 1e-3)
    matrix[501, 123] = -4.0
    matrix[3, 3] = np.nan
    small = _largest_of_blocks(matrix)
    assert small.shape == (160, 160) and np.nanmin(small) == -4.0 and np.isnan(small).sum() == 1


def test_tick_labels_and_marks_do_not_use_formula_markup() -> None:
    hostile = curve(np.array([1.0, 2.0]), x_label=r"$\frac{$ <b>", y_label="\x00\u202e" + "x" * 500)
    svg = svg_of(drawn(hostile))
    assert r"$\frac{$ &lt;b&gt;" in svg and "x" * 60 not in svg


def test_a_cloud_of_points_becomes_pixels() -> None:
    svg = svg_of(drawn(samples.many_points()))
    assert "data:image/png;base64," in svg and svg.count("<use") < 50


def test_bars_beyond_the_limit_differ_by_more_than_place() -> None:
    drawing = drawn(samples.error_bars(0.3))
    assert [entry.label for entry in drawing.key] == ["within the limit", "beyond the limit", "limit (1e-7)"]
    assert "1 above \u201climit\u201d" in drawing.words


def test_a_diagram_carries_every_number() -> None:
    evidence = samples.network_diagram()
    svg = svg_of(drawn(evidence))
    for weight in np.concatenate([w.ravel() for w in evidence.weights]):
        assert f">{weight:g}</text>" in svg
    assert svg.count(">z ") == svg.count(">b ") == 4


def test_a_network_too_large_for_a_diagram_is_a_table() -> None:
    drawing = drawn(samples.network_diagram((4, 9, 2)))
    assert not drawing.pictures and "Too large to draw" in drawing.words
    assert drawing.numbers is not None and "of 91 rows" in drawing.numbers.note


def test_a_table_keeps_its_wrong_rows_when_it_is_thinned() -> None:
    table = kinds.Table(
        title="t", caption=samples.CAPTION, header=["i"], rows=[[i] for i in range(1000)], wrong_rows=[17, 501]
    )
    numbers = drawn(table).numbers
    assert numbers is not None and len(numbers.rows) <= MOST_ROWS + 2
    assert sorted(numbers.rows[i] for i in numbers.marked) == [["17"], ["501"]]
    assert "of 1,000 rows" in numbers.note


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32))
def test_png_pictures_hold_the_palette_entries_they_were_made_from(height: int, width: int, seed: int) -> None:
    entries = np.random.default_rng(seed).integers(0, pixels.COLOURS + 1, (height, width)).astype(np.uint8)
    for palette in (pixels.sequential(), pixels.diverging(), pixels.shading(), pixels.grey()):
        picture = np.asarray(Image.open(io.BytesIO(pixels.png(entries, palette))).convert("RGBA"))
        expected = np.vstack([palette, np.zeros((1, 4), np.uint8)])[entries]
        assert np.array_equal(picture[..., 3], expected[..., 3])
        visible = expected[..., 3] > 0
        assert np.array_equal(picture[visible], expected[visible])


def test_values_that_are_not_finite_are_blank() -> None:
    assert pixels.indices([np.nan, np.inf, 0.0, 1.0], 0.0, 1.0).tolist() == [64, 64, 0, 63]


@given(st.lists(st.floats(0, 100), max_size=12), st.floats(1, 20))
def test_spread_keeps_labels_apart_and_in_order(wanted: list[float], apart: float) -> None:
    placed = spread(wanted, apart, 0.0, 300.0)
    order = np.argsort(wanted, kind="stable")
    assert np.all(np.diff(np.array(placed)[order]) >= apart - 1e-9)


@given(st.integers(0, 10_000), st.integers(2, 100))
def test_thinning_keeps_first_and_last(n: int, most: int) -> None:
    rows = thinned(n, most)
    assert len(rows) <= max(most, 0) or n <= most
    assert n == 0 or (rows[0] == 0 and rows[-1] == n - 1)


ANY_FLOATS = st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=6).map(np.array)


@settings(max_examples=12, deadline=None)
@given(x=ANY_FLOATS, y=ANY_FLOATS, log=st.booleans())
def test_any_numbers_at_all_can_be_drawn(x: np.ndarray, y: np.ndarray, log: bool) -> None:
    n = min(len(x), len(y))
    x, y = x[:n], y[:n]
    common = {"title": "t", "caption": samples.CAPTION}
    xy = {"x_label": "x", "y_label": "y"}
    group = kinds.Group("g", x, y)
    matrix = np.outer(np.ones(3), y)
    labels = [str(i) for i in range(n)]
    pieces: list[kinds.Evidence] = [
        Curves(lines=[Line("l", x, y)], marks=[kinds.Mark("m", "y", x[0])], log_x=log, log_y=log, **common, **xy),
        kinds.Scatter(groups=[group], diagonal=True, log=log, annotations=[("a", x[0], y[0])], **common, **xy),
        kinds.Bars(value_label="v", labels=labels, values=y, low=x, high=y, log=log, **common),
        kinds.Histograms(x_label="x", panels=[Panel("p", y[1:], np.sort(x)), Panel("q", y)], log_y=log, **common),
        kinds.Images(values=matrix[None], diverging=log, **common),
        kinds.Surface(
            x=np.arange(n), y=np.arange(3), values=matrix, value_label="v", levels=[x[0]], points=[group],
            path=Line("p", x, y), log_values=log, **common, **xy,
        ),
        *(
            Matrices(panels=[Panel("m", matrix)], row_label="", column_label="", value_label="", scale=scale, **common)
            for scale in ("diverging", "log", "counts")
        ),
    ]  # fmt: skip
    for piece in pieces:
        drawing = drawn(piece)
        geometry = re.sub(r"data:image/png;base64,[^\"]*|<text.*?</text>", "", svg_of(drawing))
        assert drawing.words.endswith(".") and "nan" not in geometry.lower() and "inf" not in geometry.lower()
