from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnkit.report.scales import Scale

ANY = st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(ANY, max_size=8), st.sampled_from(["linear", "log", "symlog"]), st.integers(3, 6))
def test_any_values_give_a_usable_scale(values: list[float], kind: str, room: int) -> None:
    scale = Scale(values, kind, room=room)
    assert np.isfinite([scale.low, scale.high]).all() and scale.low < scale.high
    positions = [tick.at for tick in scale.ticks]
    assert positions == sorted(positions) and len(positions) <= room + 1
    assert all(
        scale.low - 1e-6 * (scale.high - scale.low) <= at <= scale.high + 1e-6 * (scale.high - scale.low)
        for at in positions
    )
    assert len({tick.label for tick in scale.ticks}) == len(scale.ticks)


@given(st.lists(ANY, max_size=8), st.sampled_from(["linear", "log", "symlog"]))
def test_what_can_be_shown_lies_on_the_scale_and_the_rest_is_nan(values: list[float], kind: str) -> None:
    scale = Scale(values, kind)
    data = np.array(values, dtype=float)
    drawn = scale.of(data)
    shown = np.isfinite(data) & ((data > 0) | (kind != "log"))
    assert np.array_equal(np.isfinite(drawn), shown)
    assert np.all((drawn[shown] >= scale.low) & (drawn[shown] <= scale.high))


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=8, unique=True), st.sampled_from(["linear", "symlog"]))
def test_scales_keep_the_order(values: list[float], kind: str) -> None:
    drawn = Scale(values, kind).of(sorted(values))
    assert np.all(np.diff(drawn) >= 0)


@pytest.mark.parametrize(
    ("values", "kind", "labels"),
    [
        ([0.0, 1.0], "linear", ["0.00", "0.25", "0.50", "0.75", "1.00"]),
        ([1.0, 400.0], "linear", ["0", "100", "200", "300", "400"]),
        ([1e-10, 1.0], "log", ["10\u207b\u2079", "10\u207b\u2076", "10\u207b\u00b3", "1"]),
        ([0.2, 0.9], "log", ["0.2", "0.4", "0.6", "0.8"]),
        ([-1.0, 1e-6, 1.0], "symlog", ["-1", "-10\u207b\u00b3", "0", "10\u207b\u00b3", "1"]),
    ],
)
def test_ticks_are_round(values: list[float], kind: str, labels: list[str]) -> None:
    assert [tick.label for tick in Scale(values, kind).ticks] == labels
