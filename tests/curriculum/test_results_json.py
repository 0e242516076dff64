from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import jsonschema
import numpy as np
import pytest
from workshop import Workshop

from nnkit.curriculum.results import Diagnosis, Passage, StageResult
from nnkit.curriculum.results_json import SCHEMA_FILE, results_json

SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


def strict(results: Any, **options: Any) -> dict[str, Any]:
    """What a strict reader makes of the results; they satisfy the schema."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    given: dict[str, Any] = {"network": "n.py:build", "seed": 0, "stopped_at": None, **options}
    content: dict[str, Any] = json.loads(results_json(results, **given), parse_constant=refuse)
    jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(content)
    return content


@pytest.fixture
def results(workshop: Workshop) -> list[StageResult]:
    """One stage that passed, one that failed, two that are blocked."""
    workshop.write_stage(2, limit=0.5)
    return list(workshop.climb().results)


def test_the_schema_is_a_schema_and_describes_every_field() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for part in (SCHEMA, *SCHEMA["$defs"].values()):
        assert set(part.get("required", ())) == set(part.get("properties", {}))


def test_what_the_design_promises_is_there(results: list[StageResult]) -> None:
    content = strict(results, seed=5, stopped_at=2)
    head = {key: content[key] for key in ("schema", "network", "passed", "stopped_at", "seed", "conventions")}
    assert head == {
        "schema": 1, "network": "n.py:build", "passed": False, "stopped_at": 2, "seed": 5, "conventions": {},
    }  # fmt: skip
    assert [stage["status"] for stage in content["stages"]] == ["passed", "failed", "blocked", "blocked"]
    (check,) = content["stages"][1]["checks"]
    assert check["seconds"] > 0
    assert {key: check[key] for key in check if key != "seconds"} == {
        "name": "value", "status": "failed", "measured": 1.0, "limit": 0.5, "relation": "<=", "unit": "",
        "claim": "the value is at most 0.5", "because": "the limit is given", "message": "the value is 1.0",
            "printed": "", "printed_bytes": 0, "not_checked": False,
    }  # fmt: skip
    assert content["stages"][2]["reason"] == "stage 2 failed"
    assert content["seconds"] == pytest.approx(sum(stage["seconds"] for stage in content["stages"]), abs=1e-5)


def test_every_stage_field_is_in_the_schema(results: list[StageResult]) -> None:
    content = strict(results)
    assert set(content) == set(SCHEMA["properties"])
    for name, part in (("stage", content["stages"][1]), ("check", content["stages"][1]["checks"][0])):
        assert set(part) == set(SCHEMA["$defs"][name]["properties"])


@pytest.mark.parametrize(("value", "written"), [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")])
def test_a_number_that_json_lacks_is_written_as_a_string(
    results: list[StageResult], value: float, written: str
) -> None:
    check = replace(results[1].checks[0], measured=value)
    (told,) = strict([replace(results[1], checks=(check,))])["stages"][0]["checks"]
    assert told["measured"] == written
    assert float(told["measured"]) == value or math.isnan(value)


def test_numpy_numbers_are_numbers(results: list[StageResult]) -> None:
    check = replace(results[1].checks[0], measured=np.float32(0.5), limit=np.float64(1e-7))
    (told,) = strict([replace(results[1], checks=(check,))])["stages"][0]["checks"]
    assert (told["measured"], told["limit"]) == (0.5, 1e-7)


def test_an_error_a_diagnosis_and_conventions_are_there(workshop: Workshop) -> None:
    workshop.write_stage(1, "@stage.check('c')\ndef c(lab):\n    raise ValueError('</script>')\n")
    result = workshop.climb().results[0]
    diagnosis = Diagnosis(cause="c", where={"layer": 1}, summary="s", proof="p", fix="f", source="o")
    passage = Passage(file="n.py", function="loss", first=3, last=9, line=4, shown=("a", "b"), shown_from=3)
    diagnosis = replace(diagnosis, lines=(passage,), behind=6)
    content = strict([replace(result, diagnoses=(diagnosis,), cure="It passes.", conventions={"hidden": "tanh"})])
    (stage,) = content["stages"]
    assert content["conventions"] == {"hidden": "tanh"}
    told = {"cause": "c", "severity": "error", "where": {"layer": 1}, "summary": "s", "proof": "p", "fix": "f"}
    told["behind"] = 6
    lines = {"file": "n.py", "function": "loss", "first": 3, "last": 9, "line": 4, "called_by": "", "called_at": None}
    assert stage["diagnoses"] == [{**told, "source": "o", "lines": [lines]}] and stage["cure"] == "It passes."
    assert (stage["failure"]["kind"], stage["failure"]["message"]) == ("ValueError", "</script>")
    assert stage["checks"][0]["measured"] is None and stage["checks"][0]["limit"] is None


def test_a_pass_on_the_digits_and_one_out_of_order_say_so(workshop: Workshop) -> None:
    content = strict(workshop.climb([3]).results)
    stage = content["stages"][2]
    assert (stage["status"], stage["dataset"], stage["out_of_order"]) == ("passed", "digits", True)


def test_the_schema_refuses_what_is_wrong(results: list[StageResult]) -> None:
    content = strict(results)
    content["stages"][0]["status"] = "perfect"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, SCHEMA)
