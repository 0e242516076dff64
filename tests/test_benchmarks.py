"""The race and its tables, on contestants that take no time; nothing here times anything."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import learning_rates
from benchmarks import line_up as line_up_module
from benchmarks.contestant import Contestant
from benchmarks.learning_rates import Trained, judge
from benchmarks.line_up import line_up, missing
from benchmarks.race import WARM_UP, Times, race
from benchmarks.table import columns, epochs_table, findings
from benchmarks.task import BATCH, Task, made_up_images
from benchmarks.xor_escapes import each_run, kinds_table, measure


def times(name: str, threads: int, *wall: float) -> Times:
    seconds = dict(enumerate(wall))
    return Times(Contestant(name, threads, lambda steps: None), seconds, dict(seconds))


def test_each_has_its_turn_every_round_and_another_begins(monkeypatch):
    monkeypatch.setattr("benchmarks.race.PAUSE", 0)
    order: list[str] = []

    def contestant(name):
        return Contestant(name, 1, lambda steps: order.append(name) if steps == 5 else None)

    table = race([contestant("a"), contestant("b")], 5, rounds=3, seconds=1e9)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert [sorted(times.wall) for times in table] == [[0, 1, 2]] * 2


def test_out_of_time_one_thread_still_has_its_turn_and_two_are_left_out(monkeypatch):
    monkeypatch.setattr("benchmarks.race.PAUSE", 0)
    ran: list[tuple[int, int]] = []
    contestants = [Contestant("a", threads, lambda steps, t=threads: ran.append((t, steps))) for threads in (2, 1)]
    table = race(contestants, 5, rounds=3, seconds=-1.0)
    assert ran == [(1, WARM_UP), (1, 5)]
    assert [times.contestant.threads for times in table] == [1]


def test_ratios_are_medians_of_ratios_within_a_round():
    ours, theirs = times("nnkit", 1, 1.0, 10.0, 3.0), times("bare products", 1, 0.5, 5.0, 3.0)
    assert ours.over(theirs) == 2.0
    assert times("nnkit", 1, 1.0).over(theirs) == 2.0


def test_what_is_said():
    table = [
        times("bare products", 1, 1.0), times("nnkit", 1, 1.5), times("PyTorch plain", 1, 4.0),
        times("PyTorch fused", 1, 3.0), times("bare products", 2, 1.0), times("nnkit", 2, 1.2),
        times("PyTorch plain", 2, 2.0), times("PyTorch fused", 2, 2.4),
    ]  # fmt: skip
    assert list(findings(table)) == [
        "1 thread(s): nnkit takes 1.50 times (1.50 by processor time) its bare matrix products, "
        "0.50 times (0.50 by processor time) PyTorch fused.",
        "2 thread(s): nnkit takes 1.20 times its bare matrix products, 0.60 times PyTorch plain.",
        "Each at its best: nnkit (2 thread(s)) takes 0.60 times PyTorch plain (2 thread(s)).",
    ]
    rows = [line.split() for line in epochs_table(table).splitlines()]
    assert rows[4] == ["PyTorch", "fused", "1", "3000", "3000", "3.00", "2.00"]


def test_without_pytorch_only_the_bare_products_are_compared():
    assert list(findings([times("bare products", 1, 1.0), times("nnkit", 1, 1.5)])) == [
        "1 thread(s): nnkit takes 1.50 times (1.50 by processor time) its bare matrix products."
    ]


def test_a_busy_machine_is_told():
    waits = times("nnkit", 1, 2.0)
    waits.cpu[0] = 1.0
    assert "stood still for up to 50% of the time" in list(findings([times("bare products", 1, 1.0), waits]))[-1]


@pytest.mark.parametrize("rule", ["momentum", "adam"])
def test_nnkit_and_the_products_run_without_the_others(monkeypatch, rule):
    monkeypatch.setattr(line_up_module, "find_spec", lambda package: None)
    x, labels = made_up_images(2 * BATCH + 10)
    task = Task(4, rule, x, labels)
    assert missing() == ["PyTorch", "scikit-learn"]
    assert (task.steps, task.sizes) == (3, (784, 4, 10))
    contestants = line_up(task, 1)
    assert [contestant.name for contestant in contestants] == ["bare products", "nnkit"]
    for contestant in contestants:
        contestant.run(task.steps)


def test_twenty_networks_are_held_to_the_grid():
    named = learning_rates.networks(every=False)
    assert len(named) == len(learning_rates.CHOSEN) + len(learning_rates.RULES) == 20


def test_a_chosen_rate_is_judged_by_the_best_of_the_grid(monkeypatch):
    """Of rates 1, 10 and 100 the loss falls by 4, 10 and, above trouble, 1; of 2, that a tool chose, by 8."""
    falls = {1.0: 4.0, 10.0: 10.0, 100.0: 1.0, 2.0: 8.0}

    class Starts:
        def loss(self, x, y):
            return 20.0

    monkeypatch.setattr(learning_rates, "GRID", np.array([1.0, 10.0, 100.0]))
    monkeypatch.setattr(learning_rates, "trained", lambda build, rate, data: Trained(20.0 - falls[rate], 0.5))
    monkeypatch.setattr(learning_rates, "TOOLS", {"two": lambda *given: 2.0, "none": lambda *given: float("nan")})
    best, trouble, (two, none) = judge(Starts, (np.zeros(1),) * 4)
    assert (best, trouble) == (10.0, 100.0)
    assert (two.fall, two.right, two.enough, two.within) == (0.8, 1.0, False, False)
    assert (none.fall, none.enough, none.within) == (0.0, False, False)


def test_columns():
    assert columns([("a", "bb"), ("ccc", "d")]) == "a    bb\nccc   d"


def test_runs_freed_from_outside_are_no_success_of_the_network():
    result = measure("mse", "momentum", 2)
    assert (result.unaided, [found.kind for found in result.found]) == (1, ["valley"])
    assert result.by == ["re-opened unit"]
    assert (result.share(result.curvature), result.share(result.all_ways)) == (50, 100)
    assert kinds_table(result).splitlines()[1].split()[:4] == ["valley", "1", "1", "0"]
    assert len(each_run(result).split("eigenvalues")[1].split(";")[0].split()) == 9
