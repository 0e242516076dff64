"""Large networks: a sample of entries, and random directions that cover all the others.

A slope along a random +-1 direction feels every entry at once: it shows that something is wrong somewhere with a few
dozen evaluations, however many entries there are. It does not say where. So when a direction disagrees, the parameter
is cut in halves (blocks of rows first, then pieces of one row) and the half that disagrees is followed to an entry.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnkit.gradients.entries import Status, Surface, Vector, Verdicts, judge_entries
from nnkit.gradients.slopes import BARS

#: random directions per parameter; one already found a wrong bias in 2,000 of 2,000 draws, the second is for luck
_DIRECTIONS = 2
#: wrong entries to name per parameter before the search stops: enough to see a pattern
_NAMED = 4
#: sampled entries per parameter at most; rows and columns of larger matrices are covered by the directions alone
_SAMPLED = 1000


@dataclass(frozen=True)
class Directions:
    """What random directions said about one parameter: how many disagreed, and the largest relative difference."""

    tried: int
    disagreed: int
    relative_error: float


def sample_entries(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.intp]:
    """Flat indices (sorted) that visit every row and every column once or more, 1,000 at most."""
    size = math.prod(shape)
    if len(shape) < 2 or size <= 1:
        return np.sort(rng.permutation(size)[:_SAMPLED])
    rows, columns = shape[0], size // shape[0]
    longest = max(rows, columns)
    # Two shuffled lists, the shorter repeated: pairs that meet each row and each column.
    row = np.resize(rng.permutation(rows), longest)
    column = np.resize(rng.permutation(columns), longest)
    return np.unique(row * columns + column)[rng.permutation(longest) if longest > _SAMPLED else slice(None)][:_SAMPLED]


def try_directions(
    surface: Surface, analytic: Vector, rounding: Vector, part: slice, limit: float, known: NDArray[np.intp]
) -> tuple[Directions, list[Verdicts]]:
    """Random directions within one parameter (part of the flat vector), and the wrong entries that they led to.

    known: entries already found wrong, left out of the directions; when there are enough of them nothing is searched.
    """
    members = np.setdiff1d(np.arange(part.start, part.stop), known)
    disagreed, worst = 0, 0.0
    found: list[Verdicts] = []
    for _ in range(_DIRECTIONS if members.size else 0):
        relative = _disagreement(surface, analytic, rounding, members, limit)
        if relative == 0.0:
            continue
        disagreed, worst = disagreed + 1, max(worst, relative)
        while members.size and known.size + len(found) < _NAMED:
            culprit = _follow(surface, analytic, rounding, members, limit)
            if culprit is None:
                break
            found.append(culprit)
            members = members[members != culprit.entries[0]]
    return Directions(_DIRECTIONS, disagreed, worst), found


def _disagreement(
    surface: Surface, analytic: Vector, rounding: Vector, members: NDArray[np.intp], limit: float
) -> float:
    """Relative difference along a random direction over these entries; 0.0 where within the error bars or the limit."""
    direction = np.zeros(surface.theta.size)
    # about 1/sqrt(m), so that the whole direction is about 1 long, but a power of two
    direction[members] = surface.rng.choice([-1.0, 1.0], members.size) * 2.0 ** -round(math.log2(members.size) / 2)
    slope = surface.directional_slope(direction)
    own = float(analytic[members] @ direction[members])
    low, high = slope.interval
    outside = max(low - own, own - high)
    bar = BARS * slope.error + float(np.linalg.norm(rounding[members] * direction[members]))
    size = max(abs(own), abs(low), abs(high))
    if not math.isfinite(own):
        return math.inf
    return outside / size if outside > bar and outside > limit * size else 0.0


def _follow(
    surface: Surface, analytic: Vector, rounding: Vector, members: NDArray[np.intp], limit: float
) -> Verdicts | None:
    """Halve the entries again and again, keeping a half that disagrees; the wrong entry at the end, or None."""
    while members.size > 1:
        halves = members[: members.size // 2], members[members.size // 2 :]
        # Twice, since a random direction may by chance hide what another shows.
        for half in (*halves, *halves):
            if _disagreement(surface, analytic, rounding, half, limit) > 0.0:
                members = half
                break
        else:
            return None
    verdicts = judge_entries(surface, analytic, rounding, members, limit)
    return verdicts if verdicts.status[0] == Status.WRONG else None
