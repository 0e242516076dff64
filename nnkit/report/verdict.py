"""The verdict of a stage in words: what happened, what it proves, and what to do next."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nnkit.curriculum.results import CheckResult, StageResult
from nnkit.report.numbers import apart, count, with_unit

#: standing -> the word that stands for it everywhere; the glyph and the colour have the standing's own name
WORDS = {
    "passed": "Passed",
    "failed": "Failed",
    "error": "Error",
    "timeout": "Timed out",
    "crashed": "Crashed",
    "blocked": "Blocked",
    "stale": "Stale",
    "not-run": "Not run",
    "out-of-order": "Out of order",
}

_SAID = {
    "passed": "passed",
    "failed": "failed",
    "error": "raised an error",
    "timeout": "timed out",
    "crashed": "crashed",
    "blocked": "is blocked",
    "stale": "is stale",
    "not-run": "has not run",
    "out-of-order": "passed out of order",
}

#: what each status means, for the index
MEANINGS = {
    "passed": "Every check held, for exactly these sources, this data and this seed.",
    "failed": "At least one check was answered no.",
    "error": "The network under test raised an exception.",
    "timeout": "The network under test did not answer within the time allowed.",
    "crashed": "The process that ran the network under test ended without an answer.",
    "blocked": "It cannot run yet: a stage before it does not pass, or something it needs is missing.",
    "stale": "There is a result, but something it rests on has changed since. It no longer counts and will run again.",
    "not-run": "It has not run yet.",
    "out-of-order": "Every check held, but a stage before it has no valid pass, so it does not count yet.",
}

#: the order in which checks are shown: what needs attention first
_FIRST = {"failed": 0, "blocked": 1, "warning": 2, "not-checked": 3, "passed": 4}


def standing(result: StageResult) -> str:
    """The status, but for a pass that does not count because a stage before it does not hold."""
    return "out-of-order" if result.status == "passed" and result.out_of_order else result.status


def ordered_checks(result: StageResult) -> list[CheckResult]:
    return sorted(result.checks, key=lambda check: _FIRST[check_standing(check)])


def check_standing(check: CheckResult) -> str:
    """The status, but for a check that was never made because something is missing, of the network or of nnkit."""
    return "blocked" if check.blocked else "not-checked" if check.not_checked else check.status


def shows_failure(result: StageResult) -> bool:
    """Whether the failure needs a place of its own: not where the sentence of the verdict says all of it already."""
    return result.failure is not None and not (result.status == "blocked" and not result.reason)


def failing(result: StageResult) -> list[CheckResult]:
    """The checks that measured something and did not hold; one that raised is told by the failure itself."""
    return [check for check in result.checks if check.status == "failed" and not check.unanswered]


def headline(result: StageResult) -> str:
    """The number beside the verdict. What failed comes before the stage's own headline, which is written for a pass."""
    bad = failing(result)
    if result.status == "failed" and bad:
        return measured_and_required(bad[0])
    if result.status == "error" and result.failure is not None:
        return result.failure.kind + (f" at {result.failure.place}" if result.failure.place else "")
    if result.status in ("timeout", "crashed") and result.failure is not None:
        return result.failure.place and f"at {result.failure.place}"
    if result.status in ("passed", "stale") and result.headline:
        return result.headline
    if result.status == "passed":
        return result.how_many_hold
    return ""


def said(result: StageResult) -> str:
    """The verdict as the subject of the page's title: "Stage 4 failed"."""
    return f"Stage {result.stage.number} {_SAID[standing(result)]}"


def measured_and_required(check: CheckResult) -> str:
    """What was found beside what was asked: "0.3 relative error, required at most 1e-7"."""
    measured, limit = measured_limit(check)
    return f"{measured}, required {relation_words(check)} {limit}"


def measured_limit(check: CheckResult) -> tuple[str, str]:
    """What was found, in its unit, beside the limit. What is no number has no unit."""
    measured, limit = apart(check.measured, check.limit)
    return with_unit(measured, check.unit) if math.isfinite(check.measured) else "no finite number", limit


def nothing_measured(check: CheckResult, result: StageResult) -> str:
    """Why there is no number, for a check without an answer."""
    if check.blocked or check.not_checked:
        return "nothing"
    here = result.failure is not None and result.failure.check == check.name
    return f"nothing: it {_SAID[result.status] if here and result.status in ('timeout', 'crashed') else 'raised'}"


def relation_words(check: CheckResult) -> str:
    return "at most" if check.relation == "<=" else "at least"


def sentence(result: StageResult) -> str:
    """What happened, in one sentence."""
    bad, total = len(failing(result)), len(result.checks)
    match result.status:
        case "passed":
            text = f"All {count(total, 'check')} hold." if total > 1 else "Its check holds."
            if any(check.status == "warning" for check in result.checks):
                text = f"{result.how_many_hold}."
            return text + (f" But {result.reason}." if result.out_of_order else "")
        case "failed":
            return f"{bad} of {count(total, 'check')} {'does' if bad == 1 else 'do'} not hold."
        case "error":
            return f"The network under test raised an exception{_during(result)}."
        case "timeout":
            return f"The network under test did not answer in time{_during(result)}."
        case "crashed":
            return f"The process that ran the network under test ended without an answer{_during(result)}."
        case "blocked":
            reason = result.reason or (result.failure.message if result.failure else "something it needs is missing")
            return f"It cannot run: {_end(reason)}"
        case "stale":
            reason = _end(result.reason or "what it rests on has changed")
            return f"This result no longer counts: {reason} It will run again."
        case _:
            return "It has not run yet." if not result.reason else f"There is no result: {_end(result.reason)}"


def climb_headline(results: Sequence[StageResult]) -> str:
    """How far the climb is, such as "5 of 8 stages pass; next: stage 6 (XOR)"."""
    following = next_stage(results)
    if following is None:
        return f"All {count(len(results), 'stage')} pass" if results else "There are no stages"
    state = "" if following.status == "not-run" else f", {WORDS[standing(following)].lower()}"
    done = f"{sum(result.passed for result in results)} of {count(len(results), 'stage')} pass"
    return f"{done}; next: stage {following.stage.number} ({following.stage.title}{state})"


def next_stage(results: Sequence[StageResult]) -> StageResult | None:
    """The first stage that does not hold."""
    return next((result for result in results if not result.passed), None)


def next_step(result: StageResult, results: Sequence[StageResult], command: str) -> tuple[str, str]:
    """(what to do next, the command for it): on the way up if this stage holds, here or below if not."""
    if result.passed:
        following = next_stage(results)
        if following is None:
            return "The climb is complete. To confirm it again:", command_for(results[-1], command)
        if following.stage.number > result.stage.number:
            return f"Next, stage {following.stage.number} ({following.stage.title}):", command_for(following, command)
        return f"Stage {following.stage.number} before it does not hold. Next:", command_for(following, command)
    if result.status in ("failed", "error", "timeout", "crashed"):
        return "Mend the network, then:", command_for(result, command)
    earlier = next_stage(results) or result
    if earlier.stage.number < result.stage.number and earlier.status in ("failed", "error", "timeout", "crashed"):
        return f"Stage {earlier.stage.number} comes first. Mend the network, then:", command_for(earlier, command)
    if result.status == "blocked" and result.failure is not None:
        return "Add what is missing, then:", command_for(result, command)
    return "To run it, and whatever has to run before it:", command_for(result, command)


def command_for(result: StageResult, command: str) -> str:
    """The command that climbs up to this stage.

    `command` says how the climb is started: `{stage}` in it stands for the stage's number. Without it, or with none
    at all, the command line that always works is made from the result.
    """
    number_text = str(result.stage.number)
    if "{stage}" in command:
        return command.replace("{stage}", number_text)
    return f"nnkit run {result.network} --until {number_text} --seed {result.seed}"


def _during(result: StageResult) -> str:
    return f' in the check "{result.failed_claim}"' if result.failed_claim else ""


def _end(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else text + "."
