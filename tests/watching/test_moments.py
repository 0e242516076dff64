from __future__ import annotations

import pytest

from nnkit.watching.moments import AFTERMATH, ALLOWANCE, Moments


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def looks(step_seconds: float, look_seconds: float, steps: int, share: float = 0.01) -> tuple[list[int], float]:
    """(the steps that were looked at, the time that looking took) in a training that takes so long."""
    clock = Clock()
    moments, seen = Moments(share, clock, clock), []
    for step in range(steps):
        if moments.due(step):
            with moments.looking():
                clock.now += look_seconds
            seen.append(step)
        clock.now += step_seconds
    return seen, moments.spent


@pytest.mark.parametrize("look_seconds", [1e-6, 1e-4, 3e-3, 0.2])
def test_looking_keeps_to_its_share_whatever_a_look_costs(look_seconds: float) -> None:
    seen, spent = looks(1e-4, look_seconds, 50_000)
    assert seen[0] == 0
    # What the first looks cost is not known before them.
    assert spent <= ALLOWANCE + 0.01 * (50_000 * 1e-4 + spent) + 2 * AFTERMATH * look_seconds


def test_cheap_looks_are_a_few_dozen_spread_evenly_over_the_powers_of_ten() -> None:
    seen, _ = looks(1e-3, 1e-6, 10_000)
    assert 30 < len(seen) < 60
    assert seen[:5] == [0, 1, 2, 3, 4] and seen[-1] > 8000


def test_time_that_others_took_does_not_count() -> None:
    wall, work = Clock(), Clock()
    moments = Moments(0.01, wall, work)
    with moments.looking():
        wall.now += 5.0  # the processor was busy elsewhere
        work.now += 0.001
    assert moments.spent == pytest.approx(AFTERMATH * 0.001)
    assert moments.due(1)


def test_what_goes_wrong_in_a_look_ends_the_looking_and_not_the_training() -> None:
    moments = Moments()
    with pytest.warns(UserWarning, match="looks no further: ZeroDivisionError"), moments.looking():
        1 / 0  # noqa: B018
    assert not moments.due(10**9)
