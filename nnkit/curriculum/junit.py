"""JUnit XML, as CI systems read it: a test suite for each stage, a test case for each check.

A failed check is a failure; one that gave no answer (it raised, timed out or crashed) is an error. A check that cannot run
because something is missing, or is not checked for want of a formula, is skipped; so is a whole stage that is blocked,
stale or not run. Diagnoses stand with the first check that does not hold, where CI systems show them; of a stage that
passes, in its system-out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from nnkit.curriculum import diagnosis_words
from nnkit.curriculum.results import CheckResult, StageResult

#: what XML 1.0 cannot hold, not even escaped
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(results: Sequence[StageResult], network: str) -> str:
    """The results as a JUnit XML document."""
    root = ET.Element("testsuites", name=_legal(f"nnkit {network}"))
    for result in results:
        root.append(_suite(result))
    for total in ("tests", "failures", "errors", "skipped"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in root)))
    root.set("time", f"{sum(result.seconds for result in results):.6f}")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(result: StageResult) -> ET.Element:
    name = f"stage-{result.stage.number}-{result.stage.name}"
    suite = ET.Element("testsuite", name=_legal(name))
    if result.status in ("stale", "not-run") or (result.status == "blocked" and result.failure is None):
        case = _case(suite, name, "stage", 0.0)
        ET.SubElement(case, "skipped", message=_legal(result.reason or result.status))
    else:
        for check in result.checks:
            _add_check(suite, name, check, result)
        if result.failure is not None and not result.failure.check:  # the stage never reached its checks
            case = _case(suite, name, "stage", 0.0)
            ET.SubElement(case, "skipped", message=_legal(result.failure.message))
    suite.set("tests", str(len(suite)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("time", f"{result.seconds:.6f}")
    if result.started:
        suite.set("timestamp", result.started.partition("+")[0])  # CI systems expect no time zone here; it is UTC
    _add_diagnoses(suite, result)
    return suite


def _add_check(suite: ET.Element, stage: str, check: CheckResult, result: StageResult) -> None:
    case = _case(suite, stage, check.name, check.seconds)
    failure = result.failure
    if check.blocked or check.not_checked:
        ET.SubElement(case, "skipped", message=_legal(check.message))
    elif check.unanswered:
        error = ET.SubElement(case, "error", message=_legal(check.message))
        if failure is not None and failure.check == check.name:
            error.set("type", _legal(failure.kind))
            error.text = _legal(failure.traceback)
    elif check.status == "failed":
        element = ET.SubElement(case, "failure", message=_legal(check.message), type="check")
        element.text = _legal(f"{check.claim}\nmeasured {check.measured:g}, required {check.relation} {check.limit:g}")
    printed = [f"warning: {check.message}"] if check.status == "warning" and not check.not_checked else []
    if check.printed:
        printed.append(check.printed)
    if printed:
        ET.SubElement(case, "system-out").text = _legal("\n".join(printed))


def _add_diagnoses(suite: ET.Element, result: StageResult) -> None:
    told = [
        "\n".join(f"{label}: {text}" for label, text in diagnosis_words.told(diagnosis))
        for diagnosis in result.diagnoses
    ]
    if not told:
        return
    told += [result.cure] if result.cure else []
    wrong = next((outcome for case in suite for outcome in case if outcome.tag in ("failure", "error")), None)
    element = ET.SubElement(suite, "system-out") if wrong is None else wrong
    element.text = "\n\n".join([*filter(None, [element.text]), *map(_legal, told)])


def _case(suite: ET.Element, stage: str, name: str, seconds: float) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=_legal(stage), name=_legal(name), time=f"{seconds:.6f}")


def _legal(text: str) -> str:
    return _ILLEGAL.sub("", text)
