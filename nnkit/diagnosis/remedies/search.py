"""From symptoms to a proved cause: suspects are tried one by one, those with the most to speak for them first.

What speaks for a suspect is a fact about this training (inputs up to 255, first weights of 0); the proof is that the one
change that takes it away cures the training. Rates, sizes and steps have no fact of their own and come last, since a
smaller rate hides many a fault that it does not mend. The first that cures is named; what cures nothing is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from nnkit.diagnosis.monitors.suffering import BLIND, last
from nnkit.diagnosis.remedies import (
    architecture,
    data,
    formulas,
    labels,
    loop,
    measure,
    noise,
    optimiser,
    rates,
    start,
    steps,
)
from nnkit.diagnosis.remedies.case import Case
from nnkit.diagnosis.remedies.suspect import Suspect
from nnkit.diagnosis.remedies.trial import try_out
from nnkit.diagnosis.replay.finding import Finding
from nnkit.diagnosis.runs import Run

#: A change cures where it closes half of the gap between what there was and what can be had, and at least so much.
HALF, AT_LEAST = 0.5, 0.12
#: Of what can be had: what has nothing odd about it has to bring that much, or is named only where nothing brings more.
WHOLE = 0.7
#: a gain in score that is no chance, though no cure
HELPS = 0.15
#: between scores of one and the same training, on some hundred rows
SAME = 0.1
#: seconds for one trial: at least, and at most as a share of what is left
SHORTEST, SHARE = 0.8, 0.3

Suspects = Callable[[Case], Iterator[Suspect]]


@dataclass(frozen=True, eq=False)
class Proof:
    """suspect: what was found; after: the run with the change, None where the fact is the proof. gained: the difference in
    score; partly: it helps, but does not cure alone."""

    suspect: Suspect
    before: Run
    after: Run | None
    gained: float = 0.0
    partly: bool = False

    def finding(self) -> Finding:
        suspect = self.suspect
        if self.after is None:
            proof = "What is seen leaves no other explanation."
        else:
            mine = self.after.test_score if suspect.on == "test" else self.after.score
            theirs = self.before.test_score if suspect.on == "test" else self.before.score
            where = "new" if suspect.on == "test" else "training"
            at = _at(self.before, self.after.steps[-1])
            words = "as well" if suspect.proves == "no-difference" else "and"
            proof = (
                f"A score of {max(theirs[at], 0):.2f} on {where} data as it is, {words} of {max(mine[-1], 0):.2f} with "
                f"{suspect.change}, after {self.after.steps[-1]} steps (0: blind, 1: all right)."
            )
        return Finding(
            suspect.cause, suspect.operation, suspect.evidence, proof, layer=suspect.layer, parameter=suspect.parameter,
            severity="warning" if suspect.harmless else "error",
        )  # fmt: skip


#: what is tried where a training ends badly, in this order: the loop and the data as they are fed, then what is odd about
#: data, start, formulas and rule, then sizes; and what is looked at in any training
OF_FACTS: tuple[Suspects, ...] = (data.broken_rows, loop.order_of_rows, loop.rows_in_sequence, loop.rows_left_out)
OF_FORM: tuple[Suspects, ...] = (
    labels.one_class, labels.one_output_of_softmax, data.no_information, data.rows_standardised, start.first_weights,
    data.scale, labels.out_of_range, labels.outliers, labels.wide, rates.schedule, noise.dropout, formulas.wrong_formulas,
    optimiser.bounds, optimiser.constants, optimiser.penalty, architecture.softmax_twice,
    architecture.logarithm_of_scores, architecture.linear_hidden, architecture.no_hidden_layer, architecture.too_deep,
    architecture.loss_on_saturated_outputs, labels.shuffled,
)  # fmt: skip
LAST: tuple[Suspects, ...] = (rates.size, architecture.too_narrow, architecture.loss_against_output, steps.too_few)
SILENT: tuple[Suspects, ...] = (
    loop.test_rows, loop.rows_in_both, measure.wrong, labels.one_class, data.no_information, data.rows_standardised,
    labels.noisy,
)  # fmt: skip
OF_TEST: tuple[Suspects, ...] = (data.test_scale, labels.coded_otherwise, labels.pairing_of_test)


def of_training(case: Case) -> list[Proof]:
    """Why it ends badly on its own data: the first cause that is proved; empty where none is."""
    at_last = LAST
    if steps.few(case):
        at_last = (steps.too_few, *LAST[:-1])
    return _first(case, chain.from_iterable(of(case) for of in (*OF_FACTS, *OF_FORM, *at_last)))


def silent(case: Case, known: set[str], suffers: bool) -> list[Proof]:
    """What is wrong although the training itself goes well, or besides: in the measure, in the loop, with the test data."""
    facts = [
        suspect
        for suspect in chain.from_iterable(of(case) for of in (*SILENT, *(() if suffers else (loop.rows_left_out,))))
        if suspect.fact or suspect.cause in ("last-batch-dropped", "rows-never-used")
    ]
    if not suffers:
        facts += start.same_in_all_layers(case)
    found = [Proof(suspect, case.before, None) for suspect in facts if suspect.cause not in known]
    if known or any(not proof.suspect.harmless for proof in found):
        return found
    if _nothing_belongs_together(case):
        return found + _first(case, labels.shuffled(case))
    if case.has("overfitting") or _worse_on_new(case) or data.far_apart(case):
        by_heart = [Proof(suspect, case.before, None) for suspect in measure.by_heart(case)]
        return found + (_first(case, chain.from_iterable(of(case) for of in OF_TEST)) or by_heart)
    return found


def _nothing_belongs_together(case: Case) -> bool:
    """Whether the nearest rows agree no more often than any, or more often when the targets are moved; and nobody can do
    well on rows that were not seen. (In a parity the nearest rows never agree, and it can be learned.)"""
    if len(case.program.x) < 60:
        return False
    found = case.pairing
    moved = found.shifted > max(found.agreement, found.by_chance) + 3 * found.error
    new = case.before.test_score
    blind = last(new) < BLIND if new else case.score < 0.6
    return moved or (found.at_chance and case.attainable < BLIND and blind)


def _worse_on_new(case: Case) -> bool:
    """Clearly below what a plain network reaches on rows that it has not seen."""
    new = case.before.test_score
    return bool(new) and case.score - last(new) > 0.2 and last(new) < 0.75 * case.attainable


def _first(case: Case, suspects: Iterator[Suspect]) -> list[Proof]:
    facts: list[Proof] = []
    partly: list[Proof] = []
    odd: list[Suspect] = []
    for suspect in suspects:
        if case.seconds_left < 0.3:
            break
        if suspect.odd and suspect.rate is None and (suspect.start or suspect.program) and suspect.on == "training":
            odd.append(suspect)
        proof = prove(case, suspect)
        if proof is None:
            continue
        if proof.partly:
            partly.append(proof)
            continue
        if proof.after is not None or not suspect.change:
            return [proof]
        facts.append(proof)
    # Nothing cures alone: of what is odd in itself and helps, what helps most; or with it another rate.
    return facts[:1] or sorted(partly, key=lambda proof: proof.gained)[-1:] or _with_another_rate(case, odd)


def _with_another_rate(case: Case, odd: list[Suspect]) -> list[Proof]:
    """A suspect that cures together with a larger or a smaller rate, which alone does not: then both are at fault."""
    for factor in (rates.HIGHER[1], rates.HIGHER[2], rates.LOWER[1]):
        for suspect in odd[:3]:
            if case.seconds_left < 0.3:
                return []
            other = rates.times(case, factor)
            both = replace(suspect, rate=other.rate, change=f"{suspect.change} and {other.change}", odd=False)
            proof = prove(case, both)
            if proof is not None and proof.after is not None:
                return [proof, replace(proof, suspect=replace(other, change=both.change))]
    return []


def prove(case: Case, suspect: Suspect) -> Proof | None:
    """Try the suspect; None where the change does not cure."""
    changes = (suspect.program, suspect.start, suspect.rate, suspect.update)
    if all(change is None for change in changes) and suspect.steps == 1.0:
        return Proof(suspect, case.before, None) if suspect.fact else None
    now = case.before.test_score if suspect.on == "test" else case.before.score
    seconds = max(SHORTEST, SHARE * case.seconds_left)

    def good(steps: int) -> float:
        return max(_needed(now[_at(case.before, steps)] if now else 0.0, case.attainable), 0.9 * case.attainable)

    own_rows = suspect.program is None and case.loop.known + case.loop.test < 0.5
    run = try_out(
        case.program,
        suspect,
        steps=case.steps,
        seconds=min(seconds, case.seconds_left),
        good=good,
        own_rows=own_rows,
        kind=case.recording.kind,
    )
    case.runs.append(run)
    mine = run.test_score if suspect.on == "test" else run.score
    if not mine:
        return Proof(suspect, case.before, None) if suspect.fact else None
    before = now[_at(case.before, run.steps[-1])] if now else 0.0
    if suspect.proves == "no-difference":
        return Proof(suspect, case.before, run) if mine[-1] > before - SAME else None
    gained = float(np.nan_to_num(mine[-1], nan=-1.0)) - max(float(np.nan_to_num(before)), 0.0)
    if gained >= _gap(before, case.attainable):
        whole = suspect.odd or mine[-1] >= WHOLE * case.attainable
        return Proof(suspect, case.before, run, gained, partly=not whole)
    if suspect.odd and gained >= HELPS:
        return Proof(suspect, case.before, run, gained, partly=True)
    return Proof(suspect, case.before, None) if suspect.fact else None


def _needed(before: float, attainable: float) -> float:
    """The score that is a cure."""
    return max(float(np.nan_to_num(before)), 0.0) + _gap(before, attainable)


def _gap(before: float, attainable: float) -> float:
    """What has to be gained for a cure."""
    return max(AT_LEAST, HALF * (attainable - max(float(np.nan_to_num(before)), 0.0)))


def _at(run: Run, steps: int) -> int:
    """The last entry of the run at or before so many steps."""
    return max(0, int(np.searchsorted(run.steps, steps, side="right")) - 1)
