from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workshop import Workshop

from nnkit.curriculum.junit import junit_xml
from nnkit.curriculum.results import CheckResult, Diagnosis, Failure, StageResult, StageText

BODY = """
@stage.check("holds")
def holds(lab):
    return at_most(1, 2, because="b", message="m")

@stage.check("warns")
def warns(lab):
    return at_most(3, 2, because="b", message="a little", harmless=True)

@stage.check("fails")
def fails(lab):
    return at_most(3, 2, because="b", message="too much")

@stage.check("raises")
def raises(lab):
    raise ValueError("no")

@stage.check("lacks")
def lacks(lab):
    raise Blocked("add gradients")
"""


def parse(text: str) -> ET.Element:
    return ET.fromstring(text.encode("utf-8"))


def outcomes(suite: ET.Element) -> dict[str, list[str]]:
    return {case.attrib["name"]: [child.tag for child in case] for case in suite}


def test_every_outcome_has_its_element(workshop: Workshop) -> None:
    workshop.write_stage(2, BODY)
    root = parse(junit_xml(workshop.climb().results, "my_network.py:build"))
    assert [suite.attrib["name"] for suite in root] == [f"stage-{n}-stage-{n}" for n in (1, 2, 3, 4)]
    assert outcomes(root[0]) == {"value": []}
    assert outcomes(root[1]) == {
        "holds": [], "warns": ["system-out"], "fails": ["failure"], "raises": ["error"], "lacks": ["skipped"],
    }  # fmt: skip
    assert outcomes(root[2]) == {"stage": ["skipped"]}
    assert root[2][0][0].attrib["message"] == "stage 2 raised an error"
    assert root[1].find("testcase/error").attrib["type"] == "ValueError"  # type: ignore[union-attr]
    failure = root[1].find("testcase/failure")
    assert failure is not None and failure.text == "fails\nmeasured 3, required <= 2"


def test_totals_add_up(workshop: Workshop) -> None:
    workshop.write_stage(2, BODY)
    root = parse(junit_xml(workshop.climb().results, "n"))
    totals = {key: int(root.attrib[key]) for key in ("tests", "failures", "errors", "skipped")}
    assert totals == {"tests": 8, "failures": 1, "errors": 1, "skipped": 3}
    for suite in root:
        assert int(suite.attrib["tests"]) == len(suite)
        assert float(suite.attrib["time"]) >= 0


def test_a_check_that_cannot_run_is_skipped(workshop: Workshop) -> None:
    workshop.write_stage(1, BODY[BODY.index('@stage.check("lacks")') :])
    root = parse(junit_xml(workshop.climb().results, "n"))
    assert outcomes(root[0]) == {"lacks": ["skipped"]}
    assert root[0][0][0].attrib["message"] == "cannot run: add gradients"


def test_a_stale_stage_is_skipped(workshop: Workshop) -> None:
    workshop.climb()
    workshop.write_network(0.5)
    root = parse(junit_xml(workshop.climb([1]).results, "n"))
    assert outcomes(root[0]) == {"value": []}
    assert outcomes(root[1]) == {"stage": ["skipped"]}


@pytest.mark.parametrize("status", ["error", "failed", "blocked", "stale"])
@given(text=st.text())
def test_any_text_makes_valid_xml_and_survives_but_for_what_xml_cannot_hold(status: str, text: str) -> None:
    words = StageText(
        number=1, name=text, title=text, claim=text, not_yet="", text="", hints=("", "", ""), references=(), source=""
    )
    check = CheckResult(
        name="k", claim=text, status="failed", measured=1.0, limit=0.0, relation="<=", because="", message=text
    )
    failure = Failure(kind=text, message=text, check="k", traceback=text)
    result = StageResult(
        stage=words, status=status, network=text, seed=0, checks=(check,), failure=failure, reason=text or "r"
    )  # type: ignore[arg-type]
    for given_result in (result, replace(result, checks=(replace(check, limit=float("nan")),))):
        root = parse(junit_xml([given_result], text))
        assert root.attrib["tests"] == "1"
        legal = "".join(
            c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff")
        )
        assert root.attrib["name"] == f"nnkit {legal}"


def test_diagnoses_stand_with_the_first_check_that_does_not_hold(workshop: Workshop) -> None:
    cause = Diagnosis(
        cause="update-uphill", where={"parameter": "W1"}, summary="uphill", proof="+1", fix="-=", source=""
    )
    told = "Cause: Uphill\nWhere: W1\nProof: +1\nFix: -=\nMore: nnkit explain update-uphill"
    workshop.write_stage(2, BODY)
    results = [replace(result, diagnoses=(cause, cause), cure="Mended.") for result in workshop.climb().results[:2]]
    passed, failed = parse(junit_xml(results, "my_network.py:build"))
    assert failed.findtext("testcase/failure") == f"fails\nmeasured 3, required <= 2\n\n{told}\n\n{told}\n\nMended."
    assert passed.findtext("system-out") == f"{told}\n\n{told}\n\nMended." and passed.attrib["tests"] == "1"
    assert failed.find("system-out") is None
