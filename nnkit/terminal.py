"""A climb as a terminal shows it: one line a stage, and for the first stage that does not pass, what to do about it.

ASCII only, because pipes and terminals on Windows choke on anything else. Results go to standard output; progress goes
to standard error, as a bar that moves where that is a terminal, as a plain line now and then where it is not.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from nnkit.curriculum import diagnosis_words
from nnkit.curriculum.events import Event, StageFinished, StageStarted, Working
from nnkit.curriculum.results import CheckResult, StageResult
from nnkit.curriculum.training_results import TrainingResult

if TYPE_CHECKING:
    from rich.live import Live

_COLOURS = {"passed": "green", "not-run": None, "stale": "yellow", "blocked": "yellow"}
_REDRAW_SECONDS = 0.1  # as often as an eye needs
_LINE_SECONDS = 5.0  # often enough for the reader of a log, and seldom enough not to fill it
_BAR_WIDTH = 30
#: of a training: most of what is seen besides follows from the first
MOST_SYMPTOMS = 3


def plain(text: str) -> str:
    """The text in printable ASCII: a network's name or message may hold anything, escape sequences included."""
    escaped = text.encode("ascii", "backslashreplace").decode("ascii")
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in escaped)


def say(text: str = "", colour: str | None = None, error: bool = False) -> None:
    """Print a line of plain text."""
    styled = click.style(plain(text), fg=colour) if colour else plain(text)
    click.echo(styled, err=error, color=False if os.environ.get("NO_COLOR") else None)


class ClimbView:
    """Draws the events of a climb. Use it as a context, so that the bar is taken away whatever happens."""

    def __init__(self) -> None:
        self._bar: Live | None = None
        self._last = time.monotonic()

    def __enter__(self) -> ClimbView:
        return self

    def __exit__(self, *_: object) -> None:
        self._take_bar_away()

    def watch(self, event: Event) -> None:
        match event:
            case StageStarted():
                self._last = time.monotonic()
            case Working():
                self._show_progress(event)
            case StageFinished():
                self._take_bar_away()
                stage_line(event.result, ran=event.ran)

    def _show_progress(self, event: Working) -> None:
        terminal = sys.stderr.isatty()
        now = time.monotonic()
        if now - self._last < (_REDRAW_SECONDS if terminal else _LINE_SECONDS):
            return
        self._last = now
        count = f"{event.done} of {event.total}"
        if not terminal:  # a line among others, in a log: it must say what it is about
            say(f"{event.stage.number:>3}  running   {event.stage.title}: {event.label}: {count}", error=True)
            return
        from rich.console import Console
        from rich.live import Live
        from rich.text import Text

        full = _BAR_WIDTH * event.done // max(event.total, 1)
        line = Text(
            plain(f"{event.stage.number:>3}  {event.label}  [{'#' * full}{'.' * (_BAR_WIDTH - full)}]  {count}"),
            no_wrap=True,
        )
        if self._bar is None:
            console = Console(stderr=True, highlight=False)
            # What the network prints goes above the bar, unless standard output goes elsewhere anyway.
            self._bar = Live(
                line, console=console, transient=True, auto_refresh=False, redirect_stdout=sys.stdout.isatty()
            )
            self._bar.start()
        self._bar.update(line, refresh=True)

    def _take_bar_away(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def stage_line(result: StageResult, ran: bool = True) -> None:
    """One line: number, status, seconds, title, headline or reason."""
    took = f"{result.seconds:6.2f} s" if ran and result.started else " " * 8
    about = _about(result)
    images = " [digits, not MNIST]" if result.dataset == "digits" else ""
    title = f"{result.stage.title}{images}{f': {about}' if about else ''}"
    colour = "yellow" if result.out_of_order else _COLOURS.get(result.status, "red")
    say(f"{result.stage.number:>3}  {result.status:<8}{took}  {title}", colour)
    for message, count in Counter(c.message for c in result.checks if ran and c.status == "warning").items():
        say(f"     warning{f' of {count} checks' if count > 1 else ''}: {message}", "yellow")
    for diagnosis in result.diagnoses if ran and result.status == "passed" else ():
        say(f"     warning: {diagnosis_words.in_one_line(diagnosis)}", "yellow")
    printed = sum(check.printed_bytes for check in result.checks) if ran else 0
    if printed:
        say(f"     it printed {printed:,} bytes, kept with the result of each check")


def _about(result: StageResult) -> str:
    """What to say of a stage in a few words: a headline is written for a pass, and would be a lie beside a failure."""
    if result.status == "passed":
        held = result.how_many_hold if result.not_checked else ""
        headline = f"{'out of order, ' if result.out_of_order else ''}{result.headline}".removesuffix(", ")
        return "; ".join(words for words in (headline, held) if words)
    if result.reason:
        return result.reason
    if result.status == "blocked":
        return "something is missing"
    if result.status == "error" and result.failure is not None:
        return result.failure.kind
    if result.status in ("timeout", "crashed") and result.failure is not None:
        return result.failure.message.partition(";")[0]
    wrong = sum(check.status == "failed" and not check.blocked for check in result.checks)
    return f"{wrong} of {len(result.checks)} checks failed"


def explain(result: StageResult, *, page: str, again: str) -> None:
    """Why a stage does not pass: the first thing that is wrong, its causes or else the first hint, and where to go on."""
    rows: list[tuple[str, str]] = []
    failed = [check for check in result.checks if check.status == "failed" and not check.blocked]
    blocked = [check for check in result.checks if check.blocked]
    not_checked = [check for check in result.checks if check.not_checked]
    failure = result.failure
    if result.status == "failed" and failed:  # it measured something: that says more than what else is missing
        rows += [("Claim", failed[0].claim), ("Measured", _measured(failed[0])), ("Found", failed[0].message)]
    elif failure is not None:
        what = "Missing" if failure.kind == "Blocked" else failure.kind
        what = {"timeout": "Timed out", "crashed": "Crashed"}.get(result.status, what)
        rows += [("Claim", result.failed_claim), (what, failure.message), ("At", failure.place)]
    # What was proved to stop it comes first, then what is merely worth knowing.
    causes = sorted(result.diagnoses, key=lambda diagnosis: diagnosis.severity != "error")
    rows += [row for diagnosis in causes for row in diagnosis_words.told(diagnosis)]
    rows.append(("Mended", result.cure))
    besides = [
        f"{len(others)} more of {len(result.checks)} checks {what}"
        for others, what in ((failed[1:], "failed"), (blocked[0 if failed else 1 :], "cannot run"))
        if others
    ]
    besides += [f"{len(not_checked)} not checked"] if not_checked else []
    rows.append(("Besides", "; ".join(besides)))
    # An exception says more than a hint about numbers, and a cause says more than a hint.
    if result.status == "failed" and not diagnosis_words.proved(result.diagnoses):
        rows.append(("Hint", result.stage.hints[0]))
    rows += [("Page", page), ("Again", again)]
    say()
    _say_rows(rows)


def training(result: TrainingResult, *, page: str, again: str) -> None:
    """What came out of a training program, in a few lines."""
    state = {"passed": "healthy", "failed": "unwell"}.get(result.status, result.status)
    went = f": {result.went}" if result.went else ""
    say(f"     {state:<8}{result.seconds:6.2f} s  {result.name}{went}", "green" if result.status == "passed" else "red")
    failure = result.failure
    rows = [] if failure is None else [(failure.kind, failure.message), ("At", failure.place)]
    rows += [("Seen", symptom.summary) for symptom in result.symptoms[:MOST_SYMPTOMS]]
    more = len(result.symptoms) - MOST_SYMPTOMS
    rows += [("Besides", f"{more} more symptom{'s' if more > 1 else ''}, on the page")] if more > 0 else []
    for cause in sorted(result.causes, key=lambda cause: cause.diagnosis.severity != "error"):
        # The change is what mends this very program; where there is one, the fix in general can wait for the page.
        rows += [
            ("Change", cause.change) if label == "Fix" and cause.change else (label, text)
            for label, text in diagnosis_words.told(cause.diagnosis)
        ]
    rows += [("Page", page)] if result.status == "passed" else [("Page", page), ("Again", again)]
    if result.printed_bytes:
        say(f"     it printed {result.printed_bytes:,} bytes{', kept on its page' if page else ''}")
    say()
    _say_rows(rows)


def _say_rows(rows: Sequence[tuple[str, str]]) -> None:
    for label, text in rows:
        if text:
            say(f"  {label + ':':<10} {text}".replace("\n", "\n" + " " * 13))


def _measured(check: CheckResult) -> str:
    if not math.isfinite(check.measured):
        return f"no finite number, required {check.relation} {check.limit:.4g}"
    unit = f" {check.unit}" if check.unit else ""
    return f"{check.measured:.4g}{unit}, required {check.relation} {check.limit:.4g}{unit}"


def summary(results: Sequence[StageResult]) -> str:
    """How far the climb is, in one sentence, and which stages ran on other images than MNIST."""
    held = sum(result.passed for result in results)
    text = f"{held} of {len(results)} stages pass"
    if held == len(results):
        text = f"All {held} stages pass, and hold together"
    digits = [str(result.stage.number) for result in results if result.passed and result.dataset == "digits"]
    if digits:
        stages = f"stage{'s' if len(digits) > 1 else ''} {' and '.join(digits)}"
        text += f", {stages} on the embedded 8x8 digits, not on MNIST (nnkit data fetch gets MNIST)"
    return f"{text}."
