"""Colours: one name for each, a value for light pages, one for dark pages, and one that can be seen on both.

The third value is baked into pictures made of pixels, and it is what the plotting library is told: `canvas` replaces
it by the CSS variable of the same name, so that one drawing serves both modes. The lines are told apart by people who
do not see colours alike (blue, orange, green, purple, gold, grey differ in lightness too), and every line has a dash
and a glyph of its own.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Colour:
    light: str
    dark: str
    both: str


PALETTE: dict[str, Colour] = {
    # surfaces and text
    "paper": Colour("#fcfbf8", "#17191c", "#f4f4f1"),
    "raised": Colour("#f3f1eb", "#202328", "#eeeeeb"),
    "ink": Colour("#1d1c1a", "#e8e5de", "#7a7a7b"),
    "muted": Colour("#5d5a54", "#aaa69d", "#7d7d7e"),
    "rule": Colour("#d8d4ca", "#3a3e45", "#b9b9ba"),
    "link": Colour("#1f4e8c", "#8fb9f2", "#2d7fc9"),
    # lines and points
    "s1": Colour("#1561a9", "#6fb3f2", "#2e80c9"),
    "s2": Colour("#b44d08", "#f2a15c", "#c8691c"),
    "s3": Colour("#0c7a58", "#4ac49b", "#1f8f6b"),
    "s4": Colour("#85409c", "#cf9be4", "#9a5fb0"),
    "s5": Colour("#7a6100", "#dcc04a", "#94791a"),
    "s6": Colour("#585858", "#b4b4b4", "#7b7b7c"),
    # verdicts
    "good": Colour("#146539", "#77cf9b", "#1f8f57"),
    "bad": Colour("#ad1f1a", "#ff9389", "#d2483f"),
    "warn": Colour("#7d5200", "#edc061", "#a87412"),
    "idle": Colour("#5a5f66", "#a8aeb7", "#7a8088"),
}

#: the order in which lines and groups take their colours
SERIES = ("s1", "s2", "s3", "s4", "s5", "s6")


def css_variables() -> str:
    """Style rules that define every colour: light everywhere, both where the browser knows `light-dark()`."""
    light = "".join(f"--{name}:{c.light};" for name, c in PALETTE.items())
    both = "".join(f"--{name}:light-dark({c.light},{c.dark});" for name, c in PALETTE.items())
    return (
        f":root{{color-scheme:light;{light}}}"
        f"@supports (color:light-dark(#000,#fff)){{:root{{color-scheme:light dark;{both}}}"
        ":root:has(#theme-light:checked){color-scheme:light}"
        ":root:has(#theme-dark:checked){color-scheme:dark}"
        "@media print{:root,:root:has(input){color-scheme:light}}}"
    )
