"""A diagnosis in words: what it is, where, why that is certain, and what to do, for terminals and reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnkit.curriculum.results import Diagnosis
from nnkit.diagnosis.catalogue import causes


def place(diagnosis: Diagnosis) -> str:
    """Where it is, such as "layer 1, W1, weight gradient". What is not known of the place is left out."""
    return place_in_words(diagnosis.where)


def place_in_words(where: Mapping[str, Any]) -> str:
    """The same of a place alone."""
    known = {key: str(value) for key, value in where.items() if value not in (None, "")}
    words = {"operation": known.get("operation", "").replace("-", " "), "parameter": known.get("parameter", "")}
    return ", ".join(words.get(key, f"{key} {value}") for key, value in known.items())


def told(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    """At most five pairs of label and text, each text on one line. Of a cause in the catalogue, the last names the
    command that tells all about it."""
    known = diagnosis.cause in causes()
    rows = [
        ("Cause" if diagnosis.severity == "error" else "Harmless", diagnosis.summary or title(diagnosis)),
        ("Where", place(diagnosis)),
        ("Proof", diagnosis.proof),
        ("Fix", diagnosis.fix),
        ("More", f"nnkit explain {diagnosis.cause}" if known else ""),
    ]
    return [(label, " ".join(text.split())) for label, text in rows if text]


def in_one_line(diagnosis: Diagnosis) -> str:
    """What it is, and the command that tells more."""
    rows = dict(told(diagnosis))
    return next(iter(rows.values()), "") + (f" ({rows['More']})" if "More" in rows else "")


def title(diagnosis: Diagnosis) -> str:
    """What the catalogue calls the cause; what the diagnosis itself says of one that is not in it."""
    known = causes().get(diagnosis.cause)
    return known.title if known else diagnosis.summary
