"""Pixels: matrices as small PNG pictures inside a drawing.

Every pixel is one of 64 colours of a palette, so that a field of 200 by 200 values costs some 10 KB. Two kinds of
palette: `SEQUENTIAL` is viridis, which can be read in both modes, by everybody and in grey; `DIVERGING` goes from
blue over transparent to orange: zero is the page itself, light or dark, and the strength of the colour is the size of
the value.
"""

from __future__ import annotations

import base64
import struct
import zlib
from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]

COLOURS = 64
#: the palette entry after the last colour: nothing is drawn (a value that is not finite)
BLANK = COLOURS

#: viridis at eleven places (Smith and van der Walt 2015), linear between them
_VIRIDIS = (
    "440154", "482475", "414487", "355f8d", "2a788e", "21918c", "22a884", "44bf70", "7ad151", "bddf26", "fde725",
)  # fmt: skip
_BELOW, _ABOVE = (46, 128, 201), (222, 112, 24)


@cache
def sequential() -> Bytes:
    """`(64, 4)` RGBA: viridis."""
    stops = np.array([[int(c[i : i + 2], 16) for i in (0, 2, 4)] for c in _VIRIDIS], dtype=float)
    at = np.linspace(0, len(stops) - 1, COLOURS)
    rgb = np.stack([np.interp(at, np.arange(len(stops)), stops[:, i]) for i in range(3)], axis=1)
    return np.column_stack([rgb.round(), np.full(COLOURS, 255)]).astype(np.uint8)


@cache
def diverging() -> Bytes:
    """`(64, 4)` RGBA: blue where negative, orange where positive, transparent at zero."""
    strength = np.linspace(-1.0, 1.0, COLOURS)
    rgb = np.where(strength[:, None] < 0, np.array(_BELOW), np.array(_ABOVE))
    return np.column_stack([rgb, (255 * np.abs(strength)).round()]).astype(np.uint8)


@cache
def shading() -> Bytes:
    """`(64, 4)` RGBA: transparent to half blue. Text in the page's ink stays readable on each of them."""
    alpha = np.linspace(0.0, 115.0, COLOURS).round()
    return np.column_stack([np.tile(np.array(_BELOW), (COLOURS, 1)), alpha]).astype(np.uint8)


@cache
def grey() -> Bytes:
    """`(64, 4)` RGBA: black to white, as the pixels of a digit are."""
    level = np.linspace(0, 255, COLOURS).round()
    return np.column_stack([level, level, level, np.full(COLOURS, 255)]).astype(np.uint8)


def indices(values: npt.ArrayLike, low: float, high: float) -> Bytes:
    """Palette entries of `values` between low and high; BLANK where not finite."""
    data = np.asarray(values, dtype=np.float64)
    span = high - low if high > low else 1.0
    with np.errstate(invalid="ignore", over="ignore"):
        level = np.clip((data - low) / span, 0.0, 1.0) * (COLOURS - 1)
    return np.where(np.isfinite(data), np.nan_to_num(level).round(), BLANK).astype(np.uint8)


def png(pixels: Bytes, palette: Bytes) -> bytes:
    """An 8-bit palette PNG of `(height, width)` palette entries."""
    height, width = pixels.shape
    colours = np.vstack([palette, np.zeros((1, 4), dtype=np.uint8)])  # BLANK comes last: transparent
    lines = np.concatenate([np.zeros((height, 1), dtype=np.uint8), pixels], axis=1).tobytes()
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", colours[:, :3].tobytes()),
        (b"tRNS", colours[:, 3].tobytes()),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    ]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def image(
    pixels: Bytes, palette: Bytes, frame: tuple[float, float, float, float], *, smooth: bool = False, name: str = ""
) -> str:
    """An SVG `<image>` that fills `frame` (x, y, width, height); row 0 is at the top."""
    x, y, width, height = frame
    data = base64.b64encode(png(pixels, palette)).decode("ascii")
    rendering = "" if smooth else ' style="image-rendering:pixelated"'
    identity = f' id="{name}"' if name else ""
    return (
        f'<image{identity} x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" '
        f'preserveAspectRatio="none"{rendering} href="data:image/png;base64,{data}"/>'
    )


def gradient_swatch(palette: Bytes, name: str) -> str:
    """A colour bar for the key, with an identifier that must be unique on the page."""
    stops = "".join(
        f'<stop offset="{i / 8:.3g}" stop-color="rgb({r},{g},{b})" stop-opacity="{a / 255:.2f}"/>'
        for i, (r, g, b, a) in enumerate(palette[np.linspace(0, len(palette) - 1, 9).round().astype(int)].tolist())
    )
    return (
        f'<linearGradient id="{name}">{stops}</linearGradient>'
        f'<rect x="0.5" y="1" width="27" height="10" fill="url(#{name})" stroke="var(--rule)"/>'
    )
