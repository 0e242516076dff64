"""The schematic of a training step: which boxes are marked, and which are said to be right."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import samples

from nnkit.curriculum.results import Diagnosis
from nnkit.report.schematic import schematic


def at(operation: str, layer: int | None = None, parameter: str | None = None, layers: int = 3) -> Diagnosis:
    where = {"layer": layer, "layers": layers, "parameter": parameter, "operation": operation}
    return replace(samples.DIAGNOSIS, where=where)


def boxes(diagnosis: Diagnosis, *others: Diagnosis) -> dict[str, str]:
    """What stands in each box -> how it is drawn."""
    sketch = schematic(diagnosis, [diagnosis, *others])
    assert sketch is not None
    drawn = ET.fromstring(f"<svg>{sketch.picture.svg}</svg>")
    found: dict[str, str] = {}
    for rect, text in zip(drawn, list(drawn)[1:], strict=False):
        if rect.tag == "rect" and rect.get("stroke"):
            style = "wrong" if rect.get("stroke-width") == "3" else "open" if rect.get("stroke-dasharray") else "right"
            found[str(text.text)] = style
    return found


def named(diagnosis: Diagnosis, style: str, *others: Diagnosis) -> str:
    return " ".join(name for name, how in boxes(diagnosis, *others).items() if how == style)


@pytest.mark.parametrize(
    ("where", "wrong", "right"),
    [
        (("forward", 2), "a₂", "x a₁"),
        (("forward",), "a₁ a₂ p", "x"),
        (("loss",), "loss", "x a₁ a₂ p"),
        (("delta", 3), "δ₃", "x a₁ a₂ p loss"),
        (("delta", 2), "δ₂", "x a₁ a₂ p loss δ₃ dW₃ db₃"),
        (("weight-gradient", 3, "W3"), "dW₃", "x a₁ a₂ p loss δ₃"),
        (("bias-gradient", 1, "b1"), "db₁", "x a₁ a₂ p loss δ₃ dW₃ db₃ δ₂ dW₂ db₂ δ₁ dW₁"),
        (("batch",), "dW₃ db₃ dW₂ db₂ dW₁ db₁", "x a₁ a₂ p loss δ₃"),
        (("batch", 2, "b2"), "db₂", "x a₁ a₂ p loss δ₃ dW₃ db₃ δ₂ dW₂"),
        (("update",), "update", ""),
    ],
)
def test_the_place_is_marked_and_what_comes_before_it_is_quiet(where: Any, wrong: str, right: str) -> None:
    assert named(at(*where), "wrong") == wrong
    assert named(at(*where), "right") == right


def test_nothing_that_another_fault_concerns_is_called_right() -> None:
    assert named(at("delta", 2), "right", at("weight-gradient", 3, "W3")) == "x a₁ a₂ p loss δ₃ db₃"
    harmless = replace(at("loss"), severity="warning")
    assert named(at("delta", 3), "right", harmless) == "x a₁ a₂ p loss"


def test_without_a_known_cause_nothing_is_called_right() -> None:
    assert named(replace(at("delta", 2), cause="unknown"), "right") == ""


def test_the_mark_is_a_word_too() -> None:
    for where in (at("delta", 2), at("loss"), at("batch"), at("update")):
        sketch = schematic(where, [where])
        assert sketch is not None
        assert re.findall("wrong here", sketch.picture.svg) == ["wrong here"]
        assert sketch.words.startswith("Wrong: the ")


@pytest.mark.parametrize(
    "diagnosis",
    [
        at("state"),
        at("initialisation"),
        at("delta", 1, layers=0),
        at("delta", 1, layers=9),
        at("delta", 7),
        replace(at("delta"), where={"layer": "<script>", "layers": "3", "operation": "delta"}),
        replace(at("delta"), where={}),
    ],
)
def test_what_has_no_place_in_it_gets_no_picture(diagnosis: Diagnosis) -> None:
    assert schematic(diagnosis, [diagnosis]) is None
