"""What a gradient check found: per point, per parameter, per entry, and in words.

Two numbers are compared everywhere, and both are always named: `analytic` is what the network's gradients(x, y) says,
`numeric` is what its loss(x, y) does when the parameter changes. Weights are never shown beside gradients (S2.0b).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnkit.gradients.directions import Directions
from nnkit.gradients.entries import Status

Verdict = Literal["ok", "wrong", "kinked", "unresolved"]
_WORDS: dict[Status, Verdict] = {
    Status.OK: "ok",
    Status.WRONG: "wrong",
    Status.KINKED: "kinked",
    Status.UNRESOLVED: "unresolved",
}


@dataclass(frozen=True)
class EntryCheck:
    """One entry: gradients(x, y) says `analytic`, the loss itself says `numeric`, give or take `error`."""

    point: str
    parameter: str
    index: tuple[int, ...]
    analytic: float
    numeric: float
    error: float
    verdict: Verdict

    @property
    def difference(self) -> float:
        """analytic minus numeric."""
        return self.analytic - self.numeric

    @property
    def relative_error(self) -> float:
        """|analytic - numeric| / max(|analytic|, |numeric|); inf where one of them is not finite."""
        return _relative(abs(self.difference), max(abs(self.analytic), abs(self.numeric)))


@dataclass(frozen=True, eq=False)
class ParameterCheck:
    """One parameter at one point.

    relative_error: |a - n| / max(|a|, |n|) of the analytic (a) and numerical (n) gradients in Euclidean norm, cosine:
    of the angle between them, norm_ratio: |a| / |n|; all three over the entries without kinks. verdict: "ok" within the
    limit; "wrong" if at least one entry (or a random direction) differs by more than its error bars and the limit;
    "kinked" if nothing but kinks was there to compare, all of them fine; "unresolved" if differences beyond the limit
    lie within the error bars: too small a gradient, or too noisy a loss, to say more.
    wrong, kinks: how many entries. analytic, numeric, errors, statuses: in the parameter's shape, or, where the network
    was too large to visit all, vectors that belong to the flat indices `entries`. directions: what random directions
    said, for large networks.
    """

    name: str
    shape: tuple[int, ...]
    point: str
    relative_error: float
    cosine: float
    norm_ratio: float
    verdict: Verdict
    wrong: int
    kinks: int
    analytic: NDArray[np.float64]
    numeric: NDArray[np.float64]
    errors: NDArray[np.float64]
    statuses: NDArray[np.int8]
    entries: NDArray[np.intp] | None = None
    directions: Directions | None = None

    @property
    def passed(self) -> bool:
        return self.verdict != "wrong"

    @property
    def wrong_entries(self) -> list[tuple[int, ...]]:
        """The indices of the wrong entries."""
        return [self._index(k) for k in np.flatnonzero(self.statuses.reshape(-1) == Status.WRONG)]

    @property
    def kinked_entries(self) -> list[tuple[int, ...]]:
        """The indices of the entries at a kink of the loss."""
        return [self._index(k) for k in np.flatnonzero(self.statuses.reshape(-1) == Status.KINKED)]

    @property
    def largest_error(self) -> float:
        """The relative error that decided: of the whole where it is ok, of the worst entry or direction where wrong."""
        if self.verdict != "wrong":
            return self.relative_error if self.verdict == "ok" else 0.0
        each = [entry.relative_error for entry in self.worst(self.wrong)]
        each += [self.directions.relative_error] if self.directions is not None else []
        return max([*each, self.relative_error])

    def worst(self, k: int = 5) -> list[EntryCheck]:
        """The k entries that differ most, wrong ones first, kinked ones last."""
        analytic, numeric = self.analytic.reshape(-1), self.numeric.reshape(-1)
        errors, statuses = self.errors.reshape(-1), self.statuses.reshape(-1)
        rank = np.select([statuses == Status.WRONG, statuses == Status.KINKED], [0, 2], 1)
        difference = np.abs(analytic - numeric)
        order = np.lexsort((-np.where(np.isfinite(difference), difference, np.inf), rank))[:k]
        return [
            EntryCheck(
                self.point,
                self.name,
                self._index(m),
                float(analytic[m]),
                float(numeric[m]),
                float(errors[m]),
                _WORDS[Status(int(statuses[m]))],
            )
            for m in order
        ]

    def where_wrong(self) -> str:
        """The wrong entries in words: "all 6 entries", "row 2", "column 0", "entry (1, 2)"."""
        wrong = self.wrong_entries
        if not wrong:
            return "somewhere (random directions disagree, no single entry does)" if self.verdict == "wrong" else ""
        if len(wrong) == math.prod(self.shape):
            return f"all {len(wrong)} entries" if len(wrong) > 1 else "its only entry"
        if len(self.shape) == 2 and len(wrong) > 1 and self.entries is None:
            for axis, word in ((0, "row"), (1, "column")):
                places = sorted({index[axis] for index in wrong})
                if len(wrong) == len(places) * self.shape[1 - axis] and len(places) <= 3:
                    return f"{word}{'s' if len(places) > 1 else ''} {', '.join(map(str, places))}"
        shown = ", ".join(_index_word(index) for index in wrong[:3])
        least = "at least " if self.entries is not None else ""
        if len(wrong) == 1:
            return f"{least}entry {shown}"
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        return f"{least}entries {shown}{more} of {math.prod(self.shape)}"

    def _index(self, k: int | np.intp) -> tuple[int, ...]:
        flat = int(k) if self.entries is None else int(self.entries[int(k)])
        return tuple(int(i) for i in np.unravel_index(flat, self.shape)) if self.shape else ()


@dataclass(frozen=True, eq=False)
class PointCheck:
    """One point: the parameters there (flat), the loss, its noise, and what each parameter's gradient was like.

    problem: why nothing could be compared here (a loss that is not finite); empty otherwise.
    """

    name: str
    parameters: tuple[ParameterCheck, ...]
    theta: NDArray[Any]
    loss: float
    noise: float
    problem: str = ""

    @property
    def passed(self) -> bool:
        return not self.problem and all(parameter.passed for parameter in self.parameters)


@dataclass(frozen=True)
class Cost:
    """What a check cost."""

    loss_evaluations: int
    gradient_calls: int
    seconds: float


@dataclass(frozen=True, eq=False)
class GradientCheck:
    """The result of check_gradients. limit: the largest relative error that counts as right; text: str(check)."""

    points: tuple[PointCheck, ...]
    limit: float
    cost: Cost

    @property
    def passed(self) -> bool:
        """No gradient is wrong anywhere, and at least one could be compared. The same as relative_error <= limit."""
        return self.relative_error <= self.limit

    @property
    def relative_error(self) -> float:
        """The largest relative error of all that could be resolved; inf where a point failed or nothing was resolved.

        Of a parameter as a whole where its gradient is right, of the worst single entry where it is wrong, and then
        always above the limit.
        """
        parameters = [parameter for point in self.points for parameter in point.parameters]
        if any(point.problem for point in self.points) or all(
            p.verdict in ("kinked", "unresolved") for p in parameters
        ):
            return math.inf
        largest = max(parameter.largest_error for parameter in parameters)
        return max(largest, math.nextafter(self.limit, math.inf)) if self.wrong else largest

    @property
    def kinks(self) -> int:
        """Entries at kinks, over all points."""
        return sum(parameter.kinks for point in self.points for parameter in point.parameters)

    @property
    def wrong(self) -> tuple[ParameterCheck, ...]:
        """Every parameter that is wrong, at every point where it is."""
        return tuple(p for point in self.points for p in point.parameters if p.verdict == "wrong")

    @property
    def first_wrong(self) -> ParameterCheck | None:
        """Of the first point where one is wrong, the last wrong parameter: where backpropagation goes wrong first."""
        here = self._wrong_together()
        return here[0] if here else None

    def fault(self) -> str:
        """What is wrong and where, in one or two sentences; empty where the check passed."""
        if self.passed:
            return ""
        for point in self.points:
            if point.problem:
                return f"at the point '{point.name}' {point.problem}."
        here = self._wrong_together()
        if not here:
            return "no slope could be compared: all lie at kinks or below the noise of the loss."
        first = here[0]
        words = (
            f"at the point '{first.point}', going down from the output, the first wrong gradient is that of {first.name} "
            f"{first.shape}, in {first.where_wrong()}: "
        )
        if entries := first.worst(1):
            entry = entries[0]
            words += (
                f"at {entry.index} gradients() says {entry.analytic:.6g}, the loss says {entry.numeric:.6g} (relative error "
                f"of the whole {first.relative_error:.3g}, length {first.norm_ratio:.4g} times the right one, cosine "
                f"{first.cosine:.4f}). "
            )
        return f"{words}Wrong there: {', '.join(p.name for p in here)}."

    def _wrong_together(self) -> list[ParameterCheck]:
        """The wrong parameters of the first point that has some, from the last to the first."""
        wrong = self.wrong
        return [p for p in reversed(wrong) if p.point == wrong[0].point]

    def worst(self, k: int = 5) -> list[EntryCheck]:
        """The k entries that differ most, over all points and parameters: wrong ones first, kinked ones last."""
        entries = [entry for point in self.points for p in point.parameters for entry in p.worst(k)]
        rank = {"wrong": 0, "ok": 1, "unresolved": 1, "kinked": 2}
        # Among wrong entries the relative difference counts: a wrong sign is worse than 1 % of a larger entry.
        return sorted(
            entries,
            key=lambda e: (rank[e.verdict], -(e.relative_error if e.verdict == "wrong" else abs(e.difference))),
        )[:k]

    def describe(self) -> str:
        """The result in words and two tables, every column named."""
        lines = [self._verdict()]
        lines += [f"At the point '{point.name}': {point.problem}." for point in self.points if point.problem]
        for parameter in self.wrong:
            lines.append(
                f"At the point '{parameter.point}', the gradient of {parameter.name} {parameter.shape} is wrong in "
                f"{parameter.where_wrong()}."
            )
        if self.wrong:
            lines += ["", "Entries that differ most (slope of the loss with respect to that entry):"]
            lines += _table(
                ["point", "parameter", "entry", "gradients(x, y) says", "the loss says", "difference", "error bar"],
                [
                    [
                        entry.point,
                        entry.parameter,
                        _index_word(entry.index),
                        f"{entry.analytic:.9g}",
                        f"{entry.numeric:.9g}",
                        f"{entry.difference:.2g}",
                        f"{entry.error:.1g}",
                    ]
                    for entry in self.worst(5)
                    if entry.verdict == "wrong"
                ],
            )
        lines += ["", "Gradient from gradients(x, y) against differences of the loss, parameter by parameter:"]
        lines += _table(
            ["point", "parameter", "shape", "relative error", "cosine", "norm ratio", "wrong", "at kinks", "verdict"],
            [
                [
                    point.name,
                    p.name,
                    str(p.shape),
                    f"{p.relative_error:.1e}",
                    f"{p.cosine:.6f}",
                    f"{p.norm_ratio:.6g}",
                    str(p.wrong),
                    str(p.kinks),
                    p.verdict,
                ]
                for point in self.points
                for p in point.parameters
            ],
        )
        lines += [
            "",
            f"Cost: {self.cost.loss_evaluations} evaluations of the loss, {self.cost.gradient_calls} of the gradients, "
            f"{self.cost.seconds:.2g} s.",
        ]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.describe()

    def _verdict(self) -> str:
        if self.passed:
            return (
                f"The gradients agree with the loss: largest relative error {self.relative_error:.1e}, limit "
                f"{self.limit:.1e}, at {len(self.points)} point{'s' if len(self.points) > 1 else ''}."
            )
        if self.wrong:
            names = list(dict.fromkeys(p.name for p in self.wrong))
            return (
                f"The gradients are wrong: {', '.join(names)} by up to {self.relative_error:.1e} relative to the entry "
                f"or the whole; limit {self.limit:.1e}."
            )
        if any(point.problem for point in self.points):
            return "The gradients could not be checked everywhere."
        return "Nothing could be resolved: every difference lies within the error bars of the loss, or at kinks."


def _relative(difference: float, size: float) -> float:
    if not (math.isfinite(difference) and math.isfinite(size)):
        return math.inf
    return difference / size if size > 0 else 0.0


def _index_word(index: tuple[int, ...]) -> str:
    return str(index[0]) if len(index) == 1 else str(index)


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[c]) for row in [head, *rows]) for c in range(len(head))]
    return ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in [head, *rows]]  # fmt: skip
