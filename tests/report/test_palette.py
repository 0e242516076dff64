"""Contrast as the Web Content Accessibility Guidelines (2.2) define it: 4.5 for text, 3 for lines and glyphs."""

from __future__ import annotations

import pytest

from nnkit.report.palette import PALETTE, SERIES, css_variables

TEXT = ("ink", "muted", "link", "good", "bad", "warn", "idle")


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", TEXT)
@pytest.mark.parametrize("ground", ["paper", "raised"])
def test_text_can_be_read_in_both_modes(name: str, ground: str) -> None:
    assert contrast(PALETTE[name].light, PALETTE[ground].light) >= 4.5
    assert contrast(PALETTE[name].dark, PALETTE[ground].dark) >= 4.5


@pytest.mark.parametrize("name", SERIES)
def test_lines_and_baked_pixels_can_be_seen_in_both_modes(name: str) -> None:
    colour, paper = PALETTE[name], PALETTE["paper"]
    assert contrast(colour.light, paper.light) >= 4.5 and contrast(colour.dark, paper.dark) >= 4.5
    assert contrast(colour.both, paper.light) >= 3 and contrast(colour.both, paper.dark) >= 3


def test_the_colours_that_stand_for_variables_are_all_different() -> None:
    assert len({colour.both for colour in PALETTE.values()}) == len(PALETTE)


def test_every_colour_is_defined_without_light_dark_too() -> None:
    plain, _, modern = css_variables().partition("@supports")
    assert all(f"--{name}:#" in plain and f"--{name}:light-dark(" in modern for name in PALETTE)
