"""The catalogue of causes as a terminal shows it: a list to look through, and one cause told whole."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import groupby, zip_longest

from nnkit.diagnosis.catalogue import AREAS, Cause, causes
from nnkit.report.references import resolve

#: longer lines of running text are hard to read, however wide the terminal is
_WIDEST = 100


def find(word: str) -> list[Cause]:
    """The causes of an area, or those that have a word in their id or text; of no word, all."""
    if word in AREAS:
        return [one for one in causes().values() if one.area == word]
    low = word.lower()
    return [one for one in causes().values() if low in f"{one.id} {one.title} {one.what} {one.looks}".lower()]


def listed(found: Sequence[Cause]) -> list[str]:
    """A line for each cause, id and title, under the name of its area."""
    width = max(len(one.id) for one in found)
    lines: list[str] = []
    for area, members in groupby(found, key=lambda one: one.area):
        lines += ["", area, *(f"  {one.id:<{width}}  {one.title}" for one in members)]
    return lines[1:]


def told(cause: Cause, width: int) -> list[str]:
    """Everything about a cause; wrong and right code side by side where `width` columns are enough for both."""
    text_width = min(width, _WIDEST)
    lines = [cause.title, f"{cause.id}, {cause.area}", "", *textwrap.wrap(cause.what, text_width), ""]
    lines += _pair(cause, width)
    rows = [("Looks like", cause.looks), ("Fix", cause.fix)]
    rows += [("Source", f"{name}: {fact}" if name else fact) for name, fact in map(resolve, cause.sources)]
    for label, text in rows:
        head = f"{label + ':':<12}"
        lines += ["", *textwrap.wrap(text, text_width, initial_indent=head, subsequent_indent=" " * len(head))]
    return lines


def _pair(cause: Cause, width: int) -> list[str]:
    left, right = ["Wrong", *cause.wrong.splitlines()], ["Right", *cause.right.splitlines()]
    column = max(map(len, left))
    if 2 + column + 4 + max(map(len, right)) <= width:
        return [f"  {a:<{column}}    {b}".rstrip() for a, b in zip_longest(left, right, fillvalue="")]
    return ["  Wrong", *(f"    {line}" for line in left[1:]), "  Right", *(f"    {line}" for line in right[1:])]
