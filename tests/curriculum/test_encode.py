from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nnkit.curriculum.encode import DamagedResult, decode, encode
from nnkit.curriculum.evidence import (
    KINDS,
    Bars,
    Caption,
    Curves,
    Diagram,
    Evidence,
    Group,
    Histograms,
    Images,
    Line,
    Mark,
    Matrices,
    Panel,
    Scatter,
    Surface,
    Table,
)
from nnkit.curriculum.results import CheckResult, Diagnosis, Failure, Passage, StageResult, StageText

WORDS: dict[str, Any] = {"title": "t", "caption": Caption("look", "healthy", "suspect")}
LINE = Line("loss", np.arange(3), np.array([1.0, np.nan, np.inf]))
EVIDENCE: tuple[Evidence, ...] = (
    Curves(**WORDS, x_label="x", y_label="y", lines=(LINE,), marks=(Mark("ln 2", "y", math.log(2)),), log_y=True),
    Surface(
        **WORDS, x_label="x", y_label="y", value_label="p", x=np.zeros(2), y=np.zeros(3, dtype=np.float32),
        values=np.ones((3, 2)), levels=(0.5,), points=(Group("ones", np.ones(1), np.ones(1)),), path=LINE,
    ),
    Scatter(**WORDS, x_label="x", y_label="y", groups=(), annotations=(("here", 1.0, 2.0),)),
    Bars(**WORDS, value_label="v", labels=("a", "b"), values=np.array([1, 2]), low=np.zeros(2), high=None),
    Matrices(**WORDS, panels=(Panel("W1", np.eye(2)),), row_label="r", column_label="c", value_label="v"),
    Histograms(**WORDS, x_label="x", panels=(Panel("a", np.array([1, 2]), np.array([0.0, 1.0, 2.0])),)),
    Images(**WORDS, values=np.zeros((1, 8, 8), dtype=np.uint8), labels=("7",)),
    Table(**WORDS, header=("a", "b"), rows=(("x", 1.5), (2, "y")), wrong_rows=(1,)),
    Diagram(
        **WORDS, weights=(np.ones((2, 1)),), biases=(np.zeros(1),), x=np.ones(2), z=(np.zeros(1),), a=(np.zeros(1),),
        activations=("sigmoid",),
    ),
)  # fmt: skip


def result(**changes: Any) -> StageResult:
    text = StageText(
        number=4, name="n", title="t", claim="c", not_yet="ny", text="\u00e9\u2264\U0001f600", hints=("a", "b", "c"),
        references=("S2.1",), source="stages/stage_4.py",
    )  # fmt: skip
    check = CheckResult(
        name="k", claim="c", status="failed", measured=math.inf, limit=1e-7, relation="<=", because="b", message="m",
        seconds=0.1, evidence=EVIDENCE,
    )  # fmt: skip
    given: dict[str, Any] = {
        "stage": text, "status": "failed", "network": "n.py:build", "seed": 3, "checks": (check,),
        "diagnoses": (
            Diagnosis(
                cause="c", where={"layer": 1}, summary="s", proof="p", fix="f", source="o",
                lines=(Passage(file="n.py", function="loss", first=3, last=9, line=4, shown=("a", "b"), shown_from=3),), behind=6,
            ),
        ),
        "cure": "With this mended from outside, stage 4 passes.",
        "failure": Failure(kind="ValueError", message="\x1b[31m\ud800"), "conventions": {"hidden": "tanh", "$": 1},
        "fingerprint": {"network": "ab"}, "environment": {"python": "3"}, "started": "2026-01-01", "headline": "h",
    }  # fmt: skip
    return StageResult(**(given | changes))


def same(a: Any, b: Any) -> bool:
    """Equality that looks into dataclasses, tells array types apart, and takes NaN to equal NaN."""
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if hasattr(a, "__dataclass_fields__"):
        return type(a) is type(b) and all(same(getattr(a, name), getattr(b, name)) for name in a.__dataclass_fields__)
    if isinstance(a, (tuple, list)):
        return isinstance(b, tuple) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return type(a) is type(b) and (a == b or (isinstance(a, float) and math.isnan(a) and math.isnan(b)))


def test_every_kind_of_evidence_comes_back_as_it_was() -> None:
    assert {type(piece) for piece in EVIDENCE} == set(KINDS.values())
    assert same(decode(encode(result())), result())


def test_the_text_is_strict_json() -> None:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    assert json.loads(encode(result()), parse_constant=refuse)["schema"] == 1


@given(st.floats(), st.floats(width=32))
def test_every_float_comes_back_bit_for_bit(wide: float, narrow: float) -> None:
    back = decode(encode(result(seconds=wide, conventions={"narrow": np.float32(narrow)})))
    assert same(back.seconds, wide)
    assert same(back.conventions["narrow"], float(np.float32(narrow)))


DTYPES = st.one_of(
    arrays.floating_dtypes(), arrays.integer_dtypes(), arrays.boolean_dtypes(), arrays.complex_number_dtypes(),
    arrays.unicode_string_dtypes(max_len=5),
)  # fmt: skip


@given(arrays.arrays(DTYPES, arrays.array_shapes(min_dims=0, min_side=0)))
def test_every_array_comes_back_bit_for_bit_and_can_be_written_to(array: Any) -> None:
    for given_array in (array, array.T):
        panel = Panel("p", np.asarray(given_array))
        evidence = Matrices(**WORDS, panels=(panel,), row_label="", column_label="", value_label="")
        check = CheckResult(
            name="k", claim="c", status="passed", measured=0.0, limit=1.0, relation="<=", because="b", message="m",
            evidence=(evidence,),
        )  # fmt: skip
        back = decode(encode(result(checks=(check,)))).checks[0].evidence[0].panels[0].values  # type: ignore[attr-defined]
        assert same(np.asarray(given_array), back)
        assert back.flags.writeable


@given(st.integers(0, len(encode(result())) - 1))
def test_a_cut_text_is_damaged(length: int) -> None:
    with pytest.raises(DamagedResult):
        decode(encode(result())[:length])


@given(st.integers(0, len(encode(result())) - 1), st.sampled_from('x0"{\n\u00e9'))
def test_an_altered_text_is_damaged(place: int, character: str) -> None:
    text = encode(result())
    if text[place] != character:
        with pytest.raises(DamagedResult):
            decode(text[:place] + character + text[place + 1 :])


def test_a_result_of_another_schema_or_of_unknown_parts_is_refused_in_words() -> None:
    from nnkit.curriculum.encode import digest

    def envelope(content: str) -> str:
        return f'{{"schema":1,"sha256":"{digest(content)}","result":{content}}}\n'

    with pytest.raises(DamagedResult, match="schema 2"):
        decode(encode(result()).replace('"schema":1', '"schema":2', 1))
    with pytest.raises(DamagedResult, match="another version"):
        decode(envelope('{"$":"Hologram","title":"t"}'))
    with pytest.raises(DamagedResult, match="another version"):
        decode(envelope('{"$":"Mark","label":"a","axis":"x","value":1.0,"colour":"red"}'))
    with pytest.raises(DamagedResult, match="something else"):
        decode(envelope('{"$":"Mark","label":"a","axis":"x","value":1.0}'))
    with pytest.raises(DamagedResult, match="not a whole"):
        decode("[]")


@pytest.mark.parametrize("value", [{1, 2}, object(), np.array([object()]), lambda: 0])
def test_what_cannot_be_stored_is_refused_at_once(value: Any) -> None:
    with pytest.raises(TypeError, match="cannot hold"):
        encode(result(conventions={"thing": value}))
