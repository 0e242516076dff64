"""One training step as a row of boxes forward, one back, and an update, with the part that a diagnosis concerns marked.

By hand in SVG. What is wrong has a heavier border and a label, what comes before it and agrees with the formulas is
drawn quietly, and what comes after it is dashed: none of it by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from nnkit.curriculum.results import Diagnosis
from nnkit.diagnosis.catalogue import causes
from nnkit.report.drawing import Picture, text_width

#: kind ("a", "loss", "delta", "W", "b", "update") and layer, from 1; 0 where it belongs to none
Box = tuple[str, int]

_WIDTH, _HEIGHT = 66.0, 30.0
_ACROSS, _DOWN = 22.0, 26.0
_TOP, _EDGE = 22.0, 3.0
_TYPE = 13.0
#: more layers than this do not fit beside one another
_MOST_LAYERS = 5

#: the boxes that an operation is about; those of all layers where the diagnosis names none
_KINDS = {
    "forward": ("a",),
    "loss": ("loss",),
    "delta": ("delta",),
    "weight-gradient": ("W",),
    "bias-gradient": ("b",),
    "gradient": ("W", "b"),
    "batch": ("W", "b"),
    "update": ("update",),
}


@dataclass(frozen=True)
class Sketch:
    """The picture, and what it shows in words."""

    picture: Picture
    words: str


def schematic(diagnosis: Diagnosis, diagnoses: Sequence[Diagnosis]) -> Sketch | None:
    """The step with the place of this one of the diagnoses marked; None where its place is none of these boxes."""
    layers = _count(diagnosis)
    wrong = _boxes(diagnosis, layers)
    if not wrong or layers > _MOST_LAYERS:
        return None
    others = [d for d in diagnoses if d.severity == "error" and d is not diagnosis]
    suspected = {box for other in others for box in _boxes(other, layers)}
    right = {box for box in _before(wrong, layers) if box not in suspected} if diagnosis.cause in causes() else set()
    parts = [*_arrows(layers), *_row_names()]
    for box in _all(layers):
        parts.append(_drawn(box, "wrong" if box in wrong else "right" if box in right else "open", layers))
    parts.append(_label(wrong, layers))
    width = 2 * _EDGE + (layers + 2) * _WIDTH + (layers + 1) * _ACROSS
    height = _TOP + 4 * _HEIGHT + 3 * _DOWN + _EDGE
    words = f"Wrong: {_named(wrong, layers)}."
    if right:
        words += " Quiet boxes come before it and agree with the formulas; dashed ones come after it."
    return Sketch(Picture("".join(parts), width, height, (0.0, 0.0, width, height)), words)


def _count(diagnosis: Diagnosis) -> int:
    layers = diagnosis.where.get("layers")
    return layers if isinstance(layers, int) and layers > 0 else 0


def _boxes(diagnosis: Diagnosis, layers: int) -> set[Box]:
    """Those that the diagnosis is about, in a network of so many layers."""
    kinds = _KINDS.get(str(diagnosis.where.get("operation")), ())
    layer, parameter = diagnosis.where.get("layer"), str(diagnosis.where.get("parameter") or "")
    if _count(diagnosis) != layers or not layers:
        return set()
    if "W" in kinds and "b" in kinds and isinstance(layer, int):
        kinds = (parameter[:1],) if parameter[:1] in kinds else ("delta",)
    if kinds in (("loss",), ("update",)):
        return {(kinds[0], 0)}
    numbers = [layer] if isinstance(layer, int) else range(1, layers + 1)
    return {(kind, number) for kind in kinds for number in numbers if 1 <= number <= layers}


def _all(layers: int) -> Iterator[Box]:
    """In the order in which they are computed."""
    yield "a", 0
    yield from (("a", layer) for layer in range(1, layers + 1))
    yield "loss", 0
    for layer in range(layers, 0, -1):
        yield from (("delta", layer), ("W", layer), ("b", layer))
    yield "update", 0


def _before(wrong: set[Box], layers: int) -> list[Box]:
    """What is known to be right where these are the first that are wrong. An update is judged by itself: it says nothing
    of what came before.
    """
    if ("update", 0) in wrong:
        return []
    order = list(_all(layers))
    before = order[: min(order.index(box) for box in wrong)]
    return [box for box in before if not (box[0] in "Wb" and any(kind in "Wb" for kind, _ in wrong) and len(wrong) > 1)]


def _named(wrong: set[Box], layers: int) -> str:
    (kind, layer), *others = sorted(wrong)
    if kind in ("loss", "update"):
        return f"the {kind}"
    what = {"a": "the forward pass", "delta": "the delta", "W": "the gradient of W", "b": "the gradient of b"}[kind]
    if others:
        return {"a": "the forward pass", "delta": "the deltas"}.get(kind, "the gradients")
    return f"{what}{layer}" if kind in "Wb" else f"{what} of layer {layer} of {layers}"


def _place(box: Box, layers: int) -> tuple[float, float, float]:
    """Left edge, upper edge and width."""
    kind, layer = box
    column = layers + 1 if kind == "loss" else layer
    x = _EDGE + column * (_WIDTH + _ACROSS)
    row = {"a": 0, "loss": 0, "delta": 1, "W": 2, "b": 2, "update": 3}[kind]
    y = _TOP + row * (_HEIGHT + _DOWN)
    if kind == "update":
        return _EDGE + _WIDTH + _ACROSS, y, layers * _WIDTH + (layers - 1) * _ACROSS
    half = (_WIDTH - 4.0) / 2
    return (x + (half + 4.0) * (kind == "b"), y, half) if kind in "Wb" else (x, y, _WIDTH)


def _drawn(box: Box, standing: str, layers: int) -> str:
    x, y, width = _place(box, layers)
    kind, layer = box
    text = {"delta": f"\u03b4{_low(layer)}", "W": f"dW{_low(layer)}", "b": f"db{_low(layer)}"}.get(kind, kind)
    if kind == "a":
        text = "x" if layer == 0 else "p" if layer == layers else f"a{_low(layer)}"
    stroke, ink, weight = {
        "wrong": ('stroke="var(--bad)" stroke-width="3"', "bad", ' font-weight="700"'),
        "right": ('stroke="var(--rule)" stroke-width="1.2"', "muted", ""),
        "open": ('stroke="var(--idle)" stroke-width="1.2" stroke-dasharray="4,3"', "ink", ""),
    }[standing]
    rect = (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{_HEIGHT:g}" rx="4" fill="var(--paper)" {stroke}/>'
    )
    return rect + _text(x + width / 2, y + _HEIGHT / 2 + 0.36 * _TYPE, text, ink, weight)


def _arrows(layers: int) -> Iterator[str]:
    """Forward, from the loss back to the last delta, down through the deltas, to the gradients, to the update."""
    for layer in range(layers + 1):
        x, y, width = _place(("a", layer), layers)
        yield _arrow([(x + width, y + _HEIGHT / 2), (x + width + _ACROSS, y + _HEIGHT / 2)])
    x, y, width = _place(("loss", 0), layers)
    back = y + 1.5 * _HEIGHT + _DOWN
    yield _arrow([(x + width / 2, y + _HEIGHT), (x + width / 2, back), (x - _ACROSS, back)])
    for layer in range(layers, 0, -1):
        x, y, width = _place(("delta", layer), layers)
        if layer > 1:
            yield _arrow([(x, y + _HEIGHT / 2), (x - _ACROSS, y + _HEIGHT / 2)])
        for kind in "Wb":
            left, upper, half = _place((kind, layer), layers)
            yield _arrow([(left + half / 2, y + _HEIGHT), (left + half / 2, upper)])
            yield _arrow([(left + half / 2, upper + _HEIGHT), (left + half / 2, upper + _HEIGHT + _DOWN)])


def _arrow(points: Sequence[tuple[float, float]]) -> str:
    (x0, y0), (x1, y1) = points[-2:]
    dx, dy = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    head = (
        f"M{x1 - 6 * dx - 3.5 * dy:.1f} {y1 - 6 * dy - 3.5 * dx:.1f}L{x1:.1f} {y1:.1f}"
        f"L{x1 - 6 * dx + 3.5 * dy:.1f} {y1 - 6 * dy + 3.5 * dx:.1f}"
    )
    return f'<path d="M{line}{head}" fill="none" stroke="var(--idle)" stroke-width="1.2"/>'


def _row_names() -> Iterator[str]:
    for row, name in ((1, "backward"), (2, "gradients")):
        y = _TOP + row * (_HEIGHT + _DOWN) + _HEIGHT / 2 + 0.36 * _TYPE
        yield _text(_EDGE + _WIDTH / 2, y, name, "muted", size=11.5)


def _label(wrong: set[Box], layers: int) -> str:
    """Above the boxes that are wrong, in their middle; beside them where they take up a whole row of the way back."""
    places = [_place(box, layers) for box in wrong]
    left, right = min(x for x, _, _ in places), max(x + width for x, _, width in places)
    y = min(y for _, y, _ in places)
    text = "wrong here"
    width = text_width(text, 12.0)
    end = _EDGE + (layers + 2) * _WIDTH + (layers + 1) * _ACROSS
    middle = min((left + right) / 2, end - width / 2)
    if (len(wrong) > 1 and y > _TOP + _HEIGHT + _DOWN) or (
        "update",
        0,
    ) in wrong:  # arrows come down all along these rows
        middle, y = right + _ACROSS / 2 + width / 2, y + 12.0 + _HEIGHT / 2
    plate = f'<rect x="{middle - width / 2:.1f}" y="{y - 20:.1f}" width="{width:.1f}" height="16" fill="var(--paper)"/>'
    return plate + _text(middle, y - 7.5, text, "bad", ' font-weight="700"', size=12.0)


def _text(x: float, y: float, text: str, shade: str, more: str = "", size: float = _TYPE) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="{size:g}" fill="var(--{shade})"{more}>'
        f"{escape(text)}</text>"
    )


def _low(number: int) -> str:
    return "".join(chr(0x2080 + int(digit)) for digit in str(number))
