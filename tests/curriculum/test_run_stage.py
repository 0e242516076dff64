from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from workshop import Workshop

from nnkit.curriculum.events import Event, Working
from nnkit.curriculum.results import StageResult

GOOD = """
@stage.check("good")
def good(lab):
    return at_most(1, 2, because="b", message="m", headline="all good")
"""


def run(workshop: Workshop, body: str, **options: Any) -> StageResult:
    workshop.write_stage(1, body)
    workshop.climb([1], **options)
    record = workshop.ledger.read(1)
    assert record is not None
    return record


def test_a_pass_is_complete(workshop: Workshop) -> None:
    record = run(workshop, "")
    (check,) = record.checks
    assert (record.status, record.network, record.seed, record.headline) == (
        "passed",
        "my_network.py:build",
        0,
        "small",
    )
    assert (check.measured, check.limit, check.relation, check.claim) == (1.0, 2.0, "<=", "the value is at most 2.0")
    assert check.why == "Why the value matters."
    assert record.seconds >= check.seconds > 0
    assert record.started.endswith("+00:00")
    assert record.environment["dtype"] == "float32"
    assert record.environment["threads"] == "1"
    assert record.dataset is None and record.failure is None


def test_data_is_named_in_the_result(workshop: Workshop) -> None:
    body = GOOD.replace("    return", "    assert lab.dataset().name == 'digits'\n    return")
    workshop.write_stage(1, body, uses_data=True)
    workshop.climb([1])
    record = workshop.ledger.read(1)
    assert record is not None
    assert (record.status, record.dataset, record.dataset_source) == ("passed", "digits", "inside nnkit")


def test_a_check_that_does_not_hold_fails_and_a_harmless_one_warns(workshop: Workshop) -> None:
    assert run(workshop, GOOD.replace("at_most(1", "at_most(3")).status == "failed"
    assert run(workshop, GOOD.replace("at_most(1", "at_most(float('nan')")).status == "failed"
    record = run(workshop, GOOD.replace("at_most(1", "at_most(3").replace("headline", "harmless=True, headline"))
    assert (record.status, record.checks[0].status) == ("passed", "warning")
    record = run(
        workshop, GOOD.replace("at_most(1", "at_most(float('nan')").replace("headline", "harmless=True, headline")
    )
    assert (record.status, record.checks[0].status) == ("failed", "failed")


def test_an_exception_names_the_users_own_line_and_the_other_checks_still_run(workshop: Workshop) -> None:
    workshop.write_network(
        text="import numpy as np\n\nclass build:\n    def __init__(self, sizes, seed):\n        pass\n\n"
        "    def forward(self, x):\n        return np.ones(2) @ np.ones(3)\n"
    )
    body = "@stage.check('raises')\ndef raises(lab):\n    lab.build((2, 1)).forward(1)\n"
    record = run(workshop, body + GOOD)
    assert record.status == "error" and record.failure is not None
    assert (record.failure.kind, record.failure.check) == ("ValueError", "raises")
    assert record.failure.place == "my_network.py:8 in forward"
    lines = record.failure.traceback.splitlines()
    assert lines[0].startswith("stages/stage_1.py:") and lines[2] == "my_network.py:8 in forward"
    assert lines[-1].startswith("ValueError: matmul")
    assert "run_stage.py" not in record.failure.traceback and str(workshop.folder) not in record.failure.traceback
    assert [check.status for check in record.checks] == ["failed", "passed"]
    assert record.checks[0].unanswered and not record.checks[1].unanswered
    assert record.checks[0].message.startswith("raised ValueError at my_network.py:8 in forward: matmul")


def test_an_endless_recursion_leaves_a_short_traceback(workshop: Workshop) -> None:
    workshop.write_network(text="def build(sizes, seed):\n    return build(sizes, seed)\n")
    failure = run(workshop, "").failure
    assert failure is not None and failure.kind == "RecursionError"
    assert "frames more)" in failure.traceback and len(failure.traceback) < 2000


def test_a_network_that_cannot_be_built_ends_the_stage_at_once(workshop: Workshop) -> None:
    workshop.write_network(text="def build(sizes, seed):\n    raise RuntimeError('no weights')\n")
    record = run(workshop, "@stage.check('a')\ndef a(lab):\n    lab.build((2, 1))\n" + GOOD)
    assert record.status == "error" and record.failure is not None
    assert record.failure.place == "my_network.py:2 in build"
    assert [check.name for check in record.checks] == ["a"]


def test_a_failed_building_that_a_check_made_on_purpose_ends_nothing(workshop: Workshop) -> None:
    workshop.write_network(text="def build(sizes, seed):\n    assert sizes[0] < 3\n")
    body = "    try:\n        lab.build((3, 1))\n    except AssertionError:\n        raise ValueError('on purpose')\n"
    record = run(workshop, "@stage.check('a')\ndef a(lab):\n" + body + GOOD)
    assert [check.name for check in record.checks] == ["a", "good"]


def test_what_nnkit_lacks_a_formula_for_is_said_and_is_no_fault(workshop: Workshop) -> None:
    lacking = (
        "from nnkit.diagnosis.formulas import NotRead\n@stage.check('a')\ndef a(lab):\n    raise NotRead('its loss')\n"
    )
    record = run(workshop, lacking + GOOD)
    assert (record.status, record.failure, record.not_checked) == ("passed", None, 1)
    assert record.how_many_hold == "1 of 2 checks hold, 1 not checked"
    unmade = record.checks[0]
    assert (unmade.status, unmade.not_checked, unmade.blocked, unmade.unanswered) == ("warning", True, False, True)
    assert unmade.message.startswith("not checked: nnkit does not know its loss")
    assert run(workshop, lacking).status == "blocked"  # nothing was shown at all


def test_something_missing_blocks_and_says_what_to_add(workshop: Workshop) -> None:
    body = "@stage.check('a')\ndef a(lab):\n    raise Blocked('add gradients(x, y)')\n"
    record = run(workshop, body + GOOD)
    assert record.status == "blocked" and record.failure is not None
    assert (record.failure.kind, record.failure.message) == ("Blocked", "add gradients(x, y)")
    assert [(check.name, check.status) for check in record.checks] == [("a", "failed"), ("good", "passed")]
    assert record.checks[0].message == "cannot run: add gradients(x, y)"
    assert record.checks[0].blocked and record.checks[0].unanswered and not record.checks[1].blocked
    assert record.failed_claim == "a"


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ("    raise Blocked('m')\n@stage.check('b')\ndef b(lab):\n    raise KeyError('k')\n", "error", "KeyError"),
        ("    raise Blocked('m')\n" + GOOD.replace("at_most(1", "at_most(3"), "failed", "Blocked"),
        ("    raise SystemExit(0)\n", "error", "SystemExit"),
        ("    return 3\n", "error", "TypeError"),
        ("    return at_most(1, float('nan'), because='b', message='m')\n", "error", "ValueError"),
    ],
)
def test_what_is_worst_decides(workshop: Workshop, body: str, status: str, kind: str) -> None:
    record = run(workshop, "@stage.check('a')\ndef a(lab):\n" + body)
    assert record.failure is not None
    assert (record.status, record.failure.kind) == (status, kind)


def test_overflow_in_the_network_neither_raises_nor_floods(
    workshop: Workshop, capfd: pytest.CaptureFixture[str]
) -> None:
    body = "import numpy as np\nimport warnings\n" + GOOD.replace(
        "    return", "    np.exp(np.array([1e4])) / np.zeros(1); warnings.warn('w', RuntimeWarning)\n    return"
    )
    with warnings.catch_warnings(), np.errstate(all="raise"):  # as a network may set for itself
        warnings.simplefilter("error")
        assert run(workshop, body).status == "passed"
    assert capfd.readouterr() == ("", "")


def test_progress_is_passed_on(workshop: Workshop) -> None:
    events: list[Event] = []
    run(
        workshop,
        GOOD.replace("    return", "    list(lab.progress('ab', 'training'))\n    return"),
        watch=events.append,
    )
    shown = [(event.label, event.done, event.total) for event in events if isinstance(event, Working)]
    assert shown == [("training", 0, 2), ("training", 1, 2), ("training", 2, 2)]


@pytest.mark.parametrize("kind", ["class", "function"])
def test_a_builder_is_given_a_float_type_only_where_it_takes_one(workshop: Workshop, kind: str) -> None:
    made = "class build:\n    def __init__(self, sizes, seed, dtype='none'):\n        self.dtype = dtype\n"
    if kind == "function":
        made = f"from types import SimpleNamespace as N\n{made.replace('build', 'Net')}"
        made += "def build(sizes, seed):\n    return N(dtype='as it is')\n"
    workshop.write_network(text=made)
    body = GOOD.replace("'m'", "m").replace('message="m"', "message=lab.build((2, 1), dtype='float32').dtype")
    assert run(workshop, body).checks[0].message == ("float32" if kind == "class" else "as it is")


def test_a_seed_gives_the_same_numbers_again(workshop: Workshop) -> None:
    body = GOOD.replace("at_most(1", "at_most(float(lab.rng(1).random())")
    first, second = (run(workshop, body, force=True).checks[0].measured for _ in range(2))
    workshop.seed = 1
    assert first == second != run(workshop, body).checks[0].measured


def test_what_is_not_written_yet_blocks_and_names_the_line(workshop: Workshop) -> None:
    record = run(workshop, "@stage.check('a')\ndef a(lab):\n    raise NotImplementedError('compute the outputs')\n")
    assert record.status == "blocked" and record.failure is not None
    assert record.failure.message.startswith("a() is not written yet (stage_1.py, line ")
    assert record.failure.message.endswith(": compute the outputs.")


def test_what_needs_a_formula_that_nnkit_has_not_is_a_warning(workshop: Workshop) -> None:
    lacking = (
        "from nnkit.diagnosis.formulas import NotRead\n@stage.check('a')\ndef a(lab):\n    raise NotRead('its loss')\n"
    )
    record = run(workshop, lacking + GOOD)
    assert (record.status, record.checks[0].status) == ("passed", "warning")
    assert record.checks[0].message == "not checked: nnkit does not know its loss, so this cannot be worked out by hand"
    # where nothing at all could be checked, nothing is shown
    assert run(workshop, lacking).status == "blocked"
