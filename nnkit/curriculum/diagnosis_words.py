"""A diagnosis in words: what it is, where, why that is certain, and what to do, for terminals and reports."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from nnkit.curriculum.results import Diagnosis, Passage
from nnkit.diagnosis.catalogue import causes

#: a line of code in a terminal
_LONGEST = 90


def place(diagnosis: Diagnosis) -> str:
    """Where it is, such as "layer 1 of 3, W1, weight gradient". What is not known of the place is left out."""
    return place_in_words(diagnosis.where)


def place_in_words(where: Mapping[str, Any]) -> str:
    """The same of a place alone."""
    known = {key: str(value) for key, value in where.items() if value not in (None, "")}
    layers = known.pop("layers", "")
    words = {
        "layer": f"layer {known.get('layer')}{layers and f' of {layers}'}",
        "operation": known.get("operation", "").replace("-", " "),
        "parameter": known.get("parameter", ""),
    }
    return ", ".join(words.get(key, f"{key} {value}") for key, value in known.items())


def in_file(passage: Passage) -> str:
    """Where to look, such as "my_network.py:31 in gradients", or "my_network.py:27-44 in backward, called by gradients"."""
    lines = f"{passage.first}-{passage.last}" if passage.first < passage.last else f"{passage.first}"
    words = f"{passage.file}:{passage.line or lines} in {passage.function}"
    if not passage.called_by or passage.called_by == passage.function:
        return words
    return f"{words}, called by {passage.called_by}{f' in line {passage.called_at}' if passage.called_at else ''}"


def line_of(passage: Passage) -> str:
    """The line that is to be looked at first, as it stands there; empty where that is not known."""
    at = -1 if passage.line is None else passage.line - passage.shown_from
    return passage.shown[at].strip() if 0 <= at < len(passage.shown) else ""


def told(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    """At most five pairs of label and text, each text on one line. Of a cause in the catalogue, the last names the
    command that tells all about it."""
    known = diagnosis.cause in causes()
    named = "Behind it" if diagnosis.behind else "Cause" if known else "Wrong"
    text = _capital(diagnosis.summary or title(diagnosis))
    rows = [
        (
            named if diagnosis.severity == "error" else "Harmless" if known else "Odd",
            f"At stage {diagnosis.behind}: {text}" if diagnosis.behind else text,
        ),
        ("Where", _where(diagnosis)),
        ("Proof", _capital(diagnosis.proof)),
        ("Fix", diagnosis.fix),
        ("More", f"nnkit explain {diagnosis.cause}" if known else ""),
    ]
    return [(label, " ".join(text.split())) for label, text in rows if text]


def _where(diagnosis: Diagnosis) -> str:
    """The place in the network, and that in its files."""
    # Where no line is known, it may be in any of them.
    lines = diagnosis.lines[:1] if diagnosis.lines and diagnosis.lines[0].line else diagnosis.lines
    words = "; ".join(filter(None, [place(diagnosis), " or ".join(map(in_file, lines))]))
    code = line_of(diagnosis.lines[0]) if diagnosis.lines else ""
    return f"{words}: {code if len(code) <= _LONGEST else code[: _LONGEST - 4] + ' ...'}" if code else words


def _capital(text: str) -> str:
    """A capital to begin with, unless the first word is a name, such as loss() or b1."""
    return text[:1].upper() + text[1:] if re.match(r"[a-z]{2,}([ :,.]|$)|a ", text) else text


def in_one_line(diagnosis: Diagnosis) -> str:
    """What it is, and the command that tells more."""
    rows = dict(told(diagnosis))
    return next(iter(rows.values()), "") + (f" ({rows['More']})" if "More" in rows else "")


def title(diagnosis: Diagnosis) -> str:
    """What the catalogue calls the cause; what the diagnosis itself says of one that is not in it."""
    known = causes().get(diagnosis.cause)
    return known.title if known else diagnosis.summary.rstrip(".")


def proved(diagnoses: Sequence[Diagnosis]) -> bool:
    """Whether one of them is a cause that nnkit knows by name, and no mere warning."""
    return any(diagnosis.severity == "error" and diagnosis.cause in causes() for diagnosis in diagnoses)
