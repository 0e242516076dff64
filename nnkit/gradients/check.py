"""The gradient check: does gradients(x, y) say how loss(x, y) changes?

The loss is the judge; the gradients are judged. It is done at three points, for every entry where the network is small
enough, else for a sample and random directions. The network is spoken to by its methods alone, and gets its parameters
back bit for bit. Sources: S2.3, S4.6; Nocedal and Wright (2006, section 8.1) for differences.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnkit.gradients.directions import Directions, sample_entries, try_directions
from nnkit.gradients.entries import PRECISE, Status, Surface, Vector, Verdicts, judge_entries, refine
from nnkit.gradients.findings import Cost, GradientCheck, ParameterCheck, PointCheck, Verdict
from nnkit.gradients.parameters import Parameters, flat_gradient, one_number
from nnkit.gradients.points import saturated_point, trained_point, turned_point

Point = Literal["start", "trained", "saturated"]

#: In float64, correct networks stay below 3e-10 and the faintest fault of interest (an L2 of 1e-6) reaches 2.5e-6.
_LIMIT = 1e-7
#: For noisier losses: a central difference is good to noise^(2/3) at best, and single networks reach ten times that.
_LIMIT_OVER_DIFFERENCES = 100.0


def check_gradients(
    subject: Any,
    x: NDArray[Any],
    y: NDArray[Any],
    *,
    points: Sequence[Point | tuple[str, NDArray[Any]]] = ("start", "trained", "saturated"),
    names: Sequence[str] | None = None,
    limit: float | None = None,
    exhaustive_up_to: int = 5000,
    seed: int = 0,
    last_layer: Sequence[int] | None = None,
) -> GradientCheck:
    """Compare the subject's gradients(x, y) with differences of its loss(x, y), entry by entry.

    subject: has parameters() (and perhaps set_parameters(list)), loss(x, y) and gradients(x, y). points: "start" as it
    is, "trained" after a short descent, "saturated" with the last layer times 30, or (name, flat parameters) of one's
    own. names: of the parameters, for the words. limit: largest relative error; 1e-7 for a float64 loss, more for a
    noisier one. exhaustive_up_to: number of parameters up to which every entry is visited. seed: of samples and
    directions. last_layer: positions of the parameters that "saturated" multiplies, by default the last matrix and what
    follows.

    An entry is wrong only if it differs by more than 8 error bars and by more than the limit, relative to itself.
    The subject's parameters are restored bit for bit, whatever happens.

    Raises TypeError or ValueError where the subject does not keep the contract: parameters that are no live float
    arrays, a loss that is no number, gradients of the wrong number, kind or shape (naming the parameter).
    """
    started = time.perf_counter()
    parameters = Parameters(subject)
    names = tuple(names) if names is not None else tuple(f"parameter {k}" for k in range(len(parameters.shapes)))
    if len(names) != len(parameters.shapes):
        raise ValueError(f"names: expected one for each of {len(parameters.shapes)} parameters; got {len(names)}")
    counts = {"loss": 0, "gradients": 0}

    def loss(theta: NDArray[Any]) -> Any:
        counts["loss"] += 1
        parameters.write(theta)
        return one_number(subject.loss(x, y))

    def gradient(theta: NDArray[Any]) -> NDArray[Any]:
        counts["gradients"] += 1
        parameters.write(theta)
        return flat_gradient(subject.gradients(x, y), parameters.shapes, names)

    rng = np.random.default_rng(seed)
    found: list[PointCheck] = []
    # Overflow on the way to a finite loss is no matter of gradients; a loss that is not finite is reported.
    with parameters.kept(), np.errstate(all="ignore"):
        parameters.require_live()
        start = parameters.read()
        precision = math.nan
        for point in points:
            name, theta = _place(point, start, gradient, parameters, last_layer)
            turned = turned_point(parameters.split(theta), last_layer)
            surface = Surface(loss, theta, turned, gradient, parameters.shapes, rng, precision)
            # How precisely a program computes does not depend on the point.
            precision = surface.precision
            if not math.isfinite(surface.base):
                problem = f"the loss is {surface.base}, so there is no slope to compare with"
                found.append(PointCheck(name, (), theta, surface.base, math.nan, problem))
                continue
            if limit is None:
                limit = max(_LIMIT, _LIMIT_OVER_DIFFERENCES * surface.precision ** (2 / 3))
            exhaustive = parameters.size <= exhaustive_up_to
            here, opposite = gradient(theta), gradient(turned)
            checks = _check_point(name, surface, here, opposite, parameters, names, limit, exhaustive)
            found.append(PointCheck(name, checks, theta, surface.base, surface.noise))
    seconds = time.perf_counter() - started
    return GradientCheck(tuple(found), limit if limit is not None else _LIMIT,
                         Cost(counts["loss"], counts["gradients"], seconds))  # fmt: skip


def _place(
    point: Any, start: NDArray[Any], gradient: Any, parameters: Parameters, last_layer: Sequence[int] | None
) -> tuple[str, NDArray[Any]]:
    """The name of a point and its flat parameters."""
    if point == "start":
        return "start", start
    if point == "trained":
        return "trained", trained_point(gradient, start)
    if point == "saturated":
        return "saturated", saturated_point(parameters.split(start), last_layer)
    if isinstance(point, tuple) and len(point) == 2:
        return str(point[0]), np.asarray(point[1]).astype(start.dtype)
    raise ValueError(f"points may be 'start', 'trained', 'saturated' or (name, flat parameters); got {point!r}")


def _check_point(
    name: str,
    surface: Surface,
    gradient: NDArray[Any],
    opposite: NDArray[Any],
    parameters: Parameters,
    names: Sequence[str],
    limit: float,
    exhaustive: bool,
) -> tuple[ParameterCheck, ...]:
    analytic = gradient.astype(np.float64)
    # The analytic gradient is rounded as well, relative to the largest terms it is summed from, of which the gradient
    # of the opposite network is a measure. The loss's noise tells how the network computes, whatever type it returns.
    own = float(np.finfo(gradient.dtype).eps) if gradient.dtype.kind == "f" else 0.0
    rounding = np.empty(analytic.size)
    for part in parameters.slices:
        terms = max(_largest(analytic[part]), _largest(opposite[part]))
        rounding[part] = 8 * max(own, surface.precision) * terms
    # All parameters at once: a kink that shows in one may be what another is accused of.
    chosen = [
        part.start + (np.arange(part.stop - part.start) if exhaustive else sample_entries(shape, surface.rng))
        for shape, part in zip(parameters.shapes, parameters.slices, strict=True)
    ]
    everything = judge_entries(surface, analytic, rounding, np.concatenate(chosen), limit)
    checks = []
    for parameter, shape, part in zip(names, parameters.shapes, parameters.slices, strict=True):
        verdicts = everything.within(part)
        directions = None
        if not exhaustive:
            known = verdicts.entries[verdicts.status == Status.WRONG]
            directions, named = try_directions(surface, analytic, rounding, part, limit, known)
            for one in named:
                verdicts = _merged(verdicts, one)
        checks.append(
            _judge_parameter(
                name, parameter, shape, surface, analytic, rounding, verdicts, part.start, limit, exhaustive, directions
            )
        )
    return tuple(checks)


def _judge_parameter(
    point: str,
    name: str,
    shape: tuple[int, ...],
    surface: Surface,
    analytic: Vector,
    rounding: Vector,
    verdicts: Verdicts,
    offset: int,
    limit: float,
    exhaustive: bool,
    directions: Directions | None,
) -> ParameterCheck:
    own = analytic[verdicts.entries]
    relative, cosine, ratio = _compare(own, verdicts)
    wrong = int(np.sum(verdicts.status == Status.WRONG))
    if relative > limit and not wrong:
        difference = np.abs(own - verdicts.numeric)
        goal = limit * float(np.linalg.norm(own)) / math.sqrt(own.size)
        # The thorough measurement reaches about noise / 2^-5; a gradient below that stays unresolved anyway.
        if goal > 32 * surface.noise:
            refine(surface, verdicts, np.flatnonzero(difference > goal / 2), analytic, rounding, limit)
            relative, cosine, ratio = _compare(own, verdicts)
            wrong = int(np.sum(verdicts.status == Status.WRONG))
    kinks = int(np.sum(verdicts.status == Status.KINKED))
    verdict: Verdict
    # Directions that disagree where no entry does: proof in a precise network, but in a noisy one (thousands of float32
    # kinks within a step) nothing is resolved by it.
    astray = directions is not None and directions.disagreed > 0 and not wrong
    if wrong or (astray and not kinks and surface.precision < PRECISE):
        verdict = "wrong"
    elif kinks and kinks == own.size:
        verdict = "kinked"
    else:
        verdict = "ok" if relative <= limit and not astray else "unresolved"
    laid_out = shape if exhaustive else own.shape
    return ParameterCheck(
        name,
        shape,
        point,
        relative,
        cosine,
        ratio,
        verdict,
        wrong,
        kinks,
        own.reshape(laid_out),
        verdicts.numeric.reshape(laid_out),
        verdicts.errors.reshape(laid_out),
        verdicts.status.reshape(laid_out),
        None if exhaustive else verdicts.entries - offset,
        directions,
    )


def _compare(own: Vector, verdicts: Verdicts) -> tuple[float, float, float]:
    """(relative error, cosine, norm ratio) of analytic and numerical gradient over the entries without kinks."""
    smooth = (verdicts.status != Status.KINKED) & np.isfinite(verdicts.numeric)
    a, n = own[smooth], verdicts.numeric[smooth]
    if not np.all(np.isfinite(a)):
        return math.inf, math.nan, math.nan
    size_a, size_n = float(np.linalg.norm(a)), float(np.linalg.norm(n))
    largest = max(size_a, size_n)
    if largest == 0.0:
        return 0.0, 1.0, 1.0
    relative = float(np.linalg.norm(a - n)) / largest
    if size_a == 0.0 or size_n == 0.0:
        return relative, 0.0, 0.0 if size_a == 0.0 else math.inf
    return relative, float(a @ n / size_a / size_n), size_a / size_n


def _largest(values: Vector) -> float:
    finite = values[np.isfinite(values)]
    return float(np.max(np.abs(finite), initial=0.0))


def _merged(first: Verdicts, second: Verdicts) -> Verdicts:
    """Both lists of entries as one, in order; what was measured twice counts as measured second."""
    keep = ~np.isin(first.entries, second.entries)
    entries = np.concatenate([first.entries[keep], second.entries])
    order = np.argsort(entries)
    return Verdicts(
        entries[order],
        np.concatenate([first.numeric[keep], second.numeric])[order],
        np.concatenate([first.errors[keep], second.errors])[order],
        np.concatenate([first.status[keep], second.status])[order],
    )
