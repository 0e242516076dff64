"""Plain text from stage files and messages, set as HTML: paragraphs, lists, indented blocks, `code`. Everything is
escaped.
"""

from __future__ import annotations

import re
import textwrap
from html import escape

from markupsafe import Markup

#: half of a surrogate pair cannot be written as UTF-8, a control character has no place in HTML
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ue000\ufffe\uffff]")
_CODE = re.compile(r"`([^`\n]+)`")
_ITEM = re.compile(r"(?:[-*]|\d+\.) ")


def clean(text: str) -> str:
    """`text` without the characters that a page cannot hold: each becomes the replacement character."""
    return _UNPRINTABLE.sub("\ufffd", text)


def inline(text: str) -> Markup:
    """One run of text; what stands between backticks is code."""
    return Markup(_CODE.sub(r"<code>\1</code>", escape(clean(text), quote=True)))


def sentence(text: str) -> Markup:
    """`inline`, with a capital at the start and a full stop at the end, whatever the stage's author did.

    A first word that is a name (x1, `code`, pH) keeps its letters.
    """
    text = text.strip()
    first = re.match(r"[a-z]{2,}\b|a\b", text)
    if first and not re.match(r"[a-z]+[0-9_(.]", text):
        text = text[0].upper() + text[1:]
    if text and text[-1] not in ".!?:":
        text += "."
    return inline(text)


def prose(text: str) -> Markup:
    """Paragraphs parted by blank lines; an indented one is kept line for line, one that begins with "- " is a list."""
    blocks = re.split(r"\n[ \t]*\n", textwrap.dedent(text.expandtabs(4)).strip("\n"))
    return Markup("".join(_block(block) for block in blocks if block.strip()))


def _block(block: str) -> str:
    lines = block.strip("\n").splitlines()
    if all(line.startswith("    ") or not line.strip() for line in lines):
        return f"<pre>{escape(clean(textwrap.dedent(block)), quote=True)}</pre>"
    if _ITEM.match(lines[0]):
        items: list[str] = []
        for line in lines:
            if _ITEM.match(line):
                items.append(_ITEM.sub("", line, count=1))
            else:
                items[-1] += " " + line.strip()
        name = "ol" if lines[0][0].isdigit() else "ul"
        return f"<{name}>{''.join(f'<li>{inline(item)}</li>' for item in items)}</{name}>"
    return f"<p>{inline(' '.join(line.strip() for line in lines))}</p>"
