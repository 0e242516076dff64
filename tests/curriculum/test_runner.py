from __future__ import annotations

from pathlib import Path

import pytest
from workshop import Workshop

from nnkit.curriculum.events import Event, StageFinished, StageStarted
from nnkit.curriculum.ledger import Ledger
from nnkit.curriculum.results import StageResult
from nnkit.curriculum.runner import climb
from nnkit.curriculum.storage import CannotWrite
from nnkit.datasets import MnistUnavailable
from nnkit.subjects.load import LoadError

ALL = dict.fromkeys((1, 2, 3, 4), "passed")


def test_earlier_stages_run_first_and_later_ones_not_at_all(workshop: Workshop) -> None:
    outcome = workshop.climb([1, 2])
    assert outcome.passed and list(outcome.ran) == [1, 2]
    assert workshop.on_disk() == {1: "passed", 2: "passed"}
    assert list(workshop.climb([1, 2, 3]).ran) == [3]
    assert list(workshop.climb().ran) == [4]
    assert list(workshop.climb().ran) == []


def test_the_climb_stops_at_the_first_failure_and_blocks_the_rest_on_disk(workshop: Workshop) -> None:
    workshop.climb()
    workshop.write_stage(2, limit=0.5)
    outcome = workshop.climb([1, 2])
    assert not outcome.passed and outcome.stopped_at == 2
    assert workshop.on_disk() == {1: "passed", 2: "failed", 3: "blocked", 4: "blocked"}
    record = workshop.ledger.read(4)
    assert record is not None and record.reason == "stage 2 failed" and not record.checks


def test_after_a_failure_is_mended_exactly_what_is_stale_runs_again(workshop: Workshop) -> None:
    workshop.climb()
    workshop.write_network(5.0)
    assert workshop.climb().stopped_at == 1
    workshop.write_network(1.0)
    assert workshop.standing() == {1: "stale", 2: "not-run", 3: "not-run", 4: "not-run"}
    assert list(workshop.climb().ran) == [1, 2, 3, 4]
    assert workshop.standing() == ALL


def test_a_failed_stage_is_asked_again(workshop: Workshop) -> None:
    workshop.write_stage(2, limit=0.5)
    workshop.climb()
    outcome = workshop.climb()
    assert outcome.stopped_at == 2 and list(outcome.ran) == [2]


def test_force_runs_what_was_asked_for_again(workshop: Workshop) -> None:
    workshop.climb()
    assert list(workshop.climb([1, 2], force=True).ran) == [1, 2]
    assert list(workshop.climb([3], force=True).ran) == [3]
    assert workshop.standing() == ALL


def test_a_stage_alone_passes_out_of_order_and_counts_when_the_others_do(workshop: Workshop) -> None:
    outcome = workshop.climb([2])
    result = outcome.results[1]
    assert outcome.passed and result.status == "passed"
    assert result.out_of_order and not result.passed
    assert result.reason == "it ran out of order: stage 1 before it has no valid pass, so this one does not count yet"
    assert list(workshop.climb([2]).ran) == []
    assert list(workshop.climb([1, 2, 3]).ran) == [1, 3]
    result = workshop.climb([1, 2, 3]).results[1]
    assert result.passed and not result.out_of_order and not result.reason


def test_a_stage_alone_that_fails_blocks_the_later_ones(workshop: Workshop) -> None:
    workshop.climb()
    workshop.write_stage(3, limit=0.5, uses_data=True)
    assert workshop.climb([3]).stopped_at == 3
    assert workshop.standing() == {1: "passed", 2: "passed", 3: "failed", 4: "blocked"}


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_climb_that_is_cut_off_anywhere_leaves_no_false_pass(workshop: Workshop, number: int) -> None:
    """Every write of the ledger is a moment at which the run may be killed: what is on disk then is true."""
    workshop.climb()
    workshop.write_stage(number, limit=0.5, uses_data=number == 3)
    truth = {n: "passed" if n < number else "anything else" for n in ALL}
    moments: list[dict[int, str]] = []
    write = Ledger.write

    def note(self: Ledger, result: StageResult) -> None:
        write(self, result)
        moments.append(workshop.standing())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "write", note)
        workshop.climb()
    assert len(moments) == 2 + (4 - number)  # stale, failed, and one block for each later stage
    for moment in moments:
        assert [n for n in ALL if moment[n] == "passed"] == [n for n in ALL if truth[n] == "passed"]


def test_an_interrupted_stage_is_stale_and_the_others_keep_their_results(workshop: Workshop) -> None:
    workshop.climb()
    workshop.write_stage(2, "@stage.check('c')\ndef stop(lab):\n    raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        workshop.climb()
    assert workshop.on_disk() == {1: "passed", 2: "stale", 3: "passed", 4: "passed"}
    assert workshop.standing() == {1: "passed", 2: "stale", 3: "stale", 4: "stale"}
    record = workshop.ledger.read(2)
    assert record is not None and record.reason == "its last run did not end"


def test_pages_that_are_no_longer_true_are_gone_before_anything_runs(workshop: Workshop) -> None:
    workshop.climb()
    for number in ALL:
        (workshop.reports / f"stage-{number}.html").write_text("passed", encoding="utf-8")
    workshop.write_stage(2, "@stage.check('c')\ndef stop(lab):\n    raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        workshop.climb()
    assert [path.name for path in workshop.reports.glob("*.html")] == ["stage-1.html"]


def test_a_source_that_changes_during_the_climb_is_noticed_at_its_end(workshop: Workshop) -> None:
    workshop.write_stage(
        4,
        "from pathlib import Path\n\n@stage.check('c')\ndef edit(lab):\n"
        f"    with Path({str(workshop.network)!r}).open('a') as file:\n        file.write('# edited')\n"
        "    return at_most(0, 1, because='b', message='m')\n",
    )
    outcome = workshop.climb()
    assert list(outcome.ran) == [1, 2, 3, 4]
    assert outcome.stopped_at == 1
    assert outcome.results[0].reason == "the network's source changed since"


def test_an_edit_between_import_and_climb_is_no_pass_of_the_new_source(workshop: Workshop) -> None:
    """As while waiting for another climb: what runs is what was imported, and that alone is what passes."""
    ladder = workshop.ladder()
    workshop.write_stage(2, limit=0.5)
    outcome = climb(ladder, workshop.ledger)
    assert list(outcome.ran) == [1, 2, 3, 4] and outcome.stopped_at == 2
    assert outcome.results[1].reason == "this stage's source changed since"
    assert [result.passed for result in outcome.results] == [True, False, False, False]
    assert workshop.standing()[2] == "stale"
    assert workshop.climb().stopped_at == 2  # the new source does fail
    workshop.write_stage(2, limit=2.0)
    assert list(workshop.climb().ran) == [2, 3, 4]


def test_an_edit_of_nnkit_between_import_and_climb_makes_what_ran_stale(workshop: Workshop) -> None:
    ladder = workshop.ladder()
    workshop.write_nnkit("precision = 2")
    assert climb(ladder, workshop.ledger).stopped_at == 1
    assert workshop.standing() == dict.fromkeys(ALL, "stale")
    workshop.write_nnkit("precision = 1")
    assert workshop.standing() == ALL


def test_a_pass_of_the_new_source_is_kept_by_a_climb_that_imported_the_old_one(workshop: Workshop) -> None:
    ladder = workshop.ladder()
    workshop.write_stage(2, limit=3.0)
    assert workshop.climb().passed
    outcome = climb(ladder, workshop.ledger)
    assert outcome.passed and not outcome.ran


def test_a_stage_file_that_is_removed_meanwhile_is_no_pass(workshop: Workshop) -> None:
    ladder = workshop.ladder()
    (workshop.stages / "stage_4.py").unlink()
    assert climb(ladder, workshop.ledger).stopped_at == 4


def test_data_that_is_downloaded_when_it_is_loaded_makes_an_older_pass_on_other_data_stale(workshop: Workshop) -> None:
    workshop.write_stage(4, uses_data=True)
    workshop.climb([1, 2, 3])
    load = workshop.data.load

    def download() -> object:
        workshop.data.mark = "mnist 1"
        return load()

    workshop.data.load = download
    outcome = workshop.climb()
    assert outcome.passed and list(outcome.ran) == [3, 4]


def test_data_is_not_loaded_where_every_pass_on_it_is_valid(workshop: Workshop) -> None:
    workshop.climb()
    workshop.data.error = AssertionError("loaded for nothing")
    assert list(workshop.climb([1, 2, 3, 4]).ran) == []
    workshop.write_stage(4, limit=3.0)
    assert list(workshop.climb().ran) == [4]


def test_data_that_cannot_be_had_blocks_its_stage_and_the_later_ones(workshop: Workshop) -> None:
    workshop.climb()
    workshop.data.mark = "none"
    workshop.data.error = MnistUnavailable("looked everywhere")
    outcome = workshop.climb()
    assert outcome.no_data == "looked everywhere" and outcome.stopped_at == 3
    assert workshop.on_disk() == {1: "passed", 2: "passed", 3: "blocked", 4: "blocked"}
    failure = outcome.results[2].failure
    assert failure is not None and failure.kind == "MnistUnavailable"
    workshop.data.error = None
    assert list(workshop.climb().ran) == [3, 4]


def test_a_network_that_cannot_be_imported_changes_no_record(workshop: Workshop) -> None:
    workshop.climb()
    workshop.write_network(text="import nowhere_to_be_found\n")
    with pytest.raises(LoadError):
        workshop.climb()
    assert workshop.on_disk() == ALL
    assert workshop.standing() == dict.fromkeys(ALL, "stale")


def test_a_disk_that_fills_up_loses_no_earlier_result(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.name == "stage-3.json":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(CannotWrite, match=r"stage-3\.json"):
        workshop.climb()
    monkeypatch.undo()
    assert workshop.on_disk() == {1: "passed", 2: "passed"}
    assert list(workshop.climb().ran) == [3, 4]


def test_whoever_watches_is_told_in_order_and_why(workshop: Workshop) -> None:
    workshop.climb([1])
    workshop.write_stage(3, limit=0.5, uses_data=True)
    events: list[Event] = []
    workshop.climb(watch=events.append)
    told = [
        (type(event).__name__, event.stage.number if isinstance(event, StageStarted) else event.result.stage.number)
        for event in events
        if isinstance(event, (StageStarted, StageFinished))
    ]
    assert told == [
        ("StageFinished", 1),
        ("StageStarted", 2),
        ("StageFinished", 2),
        ("StageStarted", 3),
        ("StageFinished", 3),
    ]
    assert [event.ran for event in events if isinstance(event, StageFinished)] == [False, True, True]
    assert [event.reason for event in events if isinstance(event, StageStarted)] == ["it has not run yet"] * 2
