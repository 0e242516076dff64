"""`results.json`: the part of the results that scripts read, documented in `schema.json` beside this file.

JSON has no NaN and no infinity, so a measured value or limit that is one of these is the string "NaN", "Infinity" or
"-Infinity" (`float()` in Python and `Number()` in JavaScript read all three). A check without an answer has measured
nothing: null.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nnkit.curriculum.results import SCHEMA, CheckResult, StageResult

#: the JSON Schema (2020-12) that every results.json satisfies
SCHEMA_FILE = Path(__file__).with_name("schema.json")


def results_json(results: Sequence[StageResult], *, network: str, seed: int, stopped_at: int | None) -> str:
    """The results as JSON text. `stopped_at` is the first stage asked for that does not pass, or None."""
    conventions: dict[str, Any] = {}
    for result in results:
        conventions |= result.conventions
    content = {
        "schema": SCHEMA,
        "network": network,
        "passed": stopped_at is None,
        "stopped_at": stopped_at,
        "seconds": round(sum(result.seconds for result in results), 6),
        "seed": seed,
        "conventions": conventions,
        "stages": [_stage(result) for result in results],
    }
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def _stage(result: StageResult) -> dict[str, Any]:
    failure = result.failure
    return {
        "number": result.stage.number,
        "name": result.stage.name,
        "title": result.stage.title,
        "claim": result.stage.claim,
        "status": result.status,
        "out_of_order": result.out_of_order,
        "reason": result.reason,
        "headline": result.headline,
        "seconds": round(result.seconds, 6),
        "started": result.started or None,
        "dataset": result.dataset,
        "dataset_source": result.dataset_source,
        "not_checked": result.not_checked,
        "checks": [_check(check) for check in result.checks],
        "diagnoses": [
            {
                "cause": diagnosis.cause,
                "severity": diagnosis.severity,
                "where": dict(diagnosis.where),
                "summary": diagnosis.summary,
                "proof": diagnosis.proof,
                "fix": diagnosis.fix,
                "source": diagnosis.source,
                "behind": diagnosis.behind,
                "lines": [
                    {
                        "file": passage.file,
                        "function": passage.function,
                        "first": passage.first,
                        "last": passage.last,
                        "line": passage.line,
                        "called_by": passage.called_by,
                        "called_at": passage.called_at,
                    }
                    for passage in diagnosis.lines
                ],
            }
            for diagnosis in result.diagnoses
        ],
        "cure": result.cure,
        "failure": None
        if failure is None
        else {
            "kind": failure.kind,
            "message": failure.message,
            "check": failure.check,
            "place": failure.place,
            "traceback": failure.traceback,
        },
        "fingerprint": dict(result.fingerprint),
        "environment": dict(result.environment),
    }


def _check(check: CheckResult) -> dict[str, Any]:
    return {
        "name": check.name,
        "claim": check.claim,
        "status": check.status,
        "not_checked": check.not_checked,
        "measured": None if check.unanswered else _number(check.measured),
        "relation": check.relation,
        "limit": None if check.unanswered else _number(check.limit),
        "unit": check.unit,
        "because": check.because,
        "message": check.message,
        "seconds": round(check.seconds, 6),
        "printed": check.printed,
        "printed_bytes": check.printed_bytes,
    }


def _number(value: float) -> float | str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return float(value)
