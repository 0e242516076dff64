"""Does a network keep the contract of the five methods? What breaks it makes everything after it lie.

Each rule is tried out on a small network: what was done, what happened, and which line it is likely to be. The rules say
nothing about right or wrong numbers; those are the stages' business.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.gradients import Parameters

Array = npt.NDArray[Any]
Build = Callable[[int], Any]

#: parameters so many times as large as first ones show limits that are kept by writing; trained ones get as large
LARGE = 30


@dataclass(frozen=True)
class Breach:
    """One promise that is not kept, in words for its author.

    cause: an id of the catalogue where the experiment leaves no other explanation, else "". operation: where it shows.
    """

    words: str
    cause: str = ""
    operation: str = "state"


def breaches(build: Build, inputs: int, outputs: int) -> list[Breach]:
    """What the networks of `build(seed)` do against the contract, the gravest first; empty where they keep it.

    An exception of the network comes out as it is; so do the TypeErrors of `Parameters`, whose words are for its author.
    """
    x, y = samples(inputs, outputs)
    found: list[Breach] = []
    for rule in RULES:
        found += rule(build, x, y)
        if found and rule in (_live, _shapes):  # what follows would only repeat it
            break
    return found


def samples(inputs: int, outputs: int) -> tuple[Array, Array]:
    """Three random rows and their targets, for the rules."""
    x = np.random.default_rng(0).uniform(-1, 1, (3, inputs))
    return x, np.eye(outputs)[[0, 1, 0]] if outputs > 1 else np.array([[0.0], [1.0], [0.0]])


def _live(build: Build, x: Array, y: Array) -> Iterator[Breach]:
    network = build(0)
    if not np.array_equal(Parameters(network).read(), Parameters(network).read(), equal_nan=True):
        yield Breach(
            "parameters() gives other numbers each time, with nothing done in between: are they drawn anew in it?",
            "reinitialised-every-call",
        )
        return
    try:
        Parameters(network).require_live()
    except ValueError as copies:
        yield Breach(str(copies), "parameters-are-copies")
        return
    if shared := _shared(network):
        i, j = shared
        yield Breach(
            f"parameters()[{i}] and parameters()[{j}] are the same numbers in memory, so that writing into one of them "
            "changes the other: make an array for each",
            "parameters-aliased",
        )
        return
    rng = np.random.default_rng(0)
    before = np.array(network.forward(x))
    same: list[bool] = []
    same_from_the_start: list[bool] = []
    for _ in range(2):  # random numbers of both signs: a network that says the same for all of them does not listen
        theta = Parameters(network).read()
        theta = (rng.choice([-1, 1], theta.size) * rng.uniform(0.2, 1.0, theta.size)).astype(theta.dtype)
        other = build(0)
        for each, alike in ((network, same), (other, same_from_the_start)):
            Parameters(each).write(theta)
            p = np.asarray(each.forward(x))
            if not np.array_equal(theta, Parameters(each).read()):  # a rule of its own tells it
                return
            alike.append(np.array_equal(before, p, equal_nan=True))
    if not all(same) or np.isnan(before).any():
        return
    if not all(same_from_the_start):
        yield Breach(
            "all numbers of parameters() were changed, and forward() gives the outputs of an earlier call, from before "
            "the change: a network that is asked for the first time gives others",
            "stale-cache",
            "forward",
        )
    elif len(before) and (before == before[0]).all():
        yield Breach("forward() gives the same outputs whatever the inputs and the parameters are")
    else:
        yield Breach(
            "all numbers of parameters() were changed, and forward() gives the same outputs: it computes with other "
            "arrays than those that parameters() returns",
            "parameters-are-copies",
        )


def _shared(network: Any) -> tuple[int, int] | None:
    """Two entries of parameters() that hold common numbers: different ones were written, and the same are read."""
    parameters = Parameters(network)
    with parameters.kept():
        # Whole numbers, of which float32 tells sixteen million apart
        written = np.arange(1, parameters.size + 1, dtype=parameters.dtype)
        parameters.write(written)
        read = parameters.split(parameters.read())
    for (i, a), (j, b) in combinations(enumerate(read), 2):
        if np.intersect1d(a, b).size:
            return i, j
    return None


def _shapes(build: Build, x: Array, y: Array) -> Iterator[Breach]:
    network, k = build(0), y.shape[1]
    for n in (len(x), 1):
        p = np.asarray(network.forward(x[:n]))
        if p.shape != (n, k):
            rows = f"{n} row{'s' * (n > 1)}"
            alone = ": is something squeezed or summed when there is one row?" if n == 1 else ""
            yield Breach(f"forward(x) for {rows} should give outputs of shape ({n}, {k}); it gave {p.shape}{alone}")
        loss = np.asarray(network.loss(x[:n], y[:n]))
        if loss.size != 1:
            yield Breach(f"loss(x, y) for {n} samples should give one number; it gave an array of shape {loss.shape}")


def _own_answers(build: Build, x: Array, y: Array) -> Iterator[Breach]:
    """An array that the network goes on writing into changes in its caller's hands."""
    network = build(0)
    p = network.forward(x)
    if isinstance(p, np.ndarray):
        before = p.copy()
        network.forward(x[::-1] + 1.0)
        if not np.array_equal(before, p, equal_nan=True):
            yield Breach(
                "an output of forward() changed when forward() was called again: return a new array, or a copy",
                "gradient-buffer-reused",
                "forward",
            )


def _fresh_gradients(build: Build, x: Array, y: Array) -> Iterator[Breach]:
    """Gradients belong to one call: they neither change later nor hold anything of the calls before."""
    if not hasattr(build(0), "gradients"):
        return
    network = build(0)
    gradients = network.gradients(x, y)
    if not isinstance(gradients, (list, tuple)):
        return  # stage 1 has a check of its own for what does not fit the parameters
    before = [np.array(gradient) for gradient in gradients]
    between = [np.array(gradient) for gradient in network.gradients(x[::-1] + 1.0, y)]
    changed = not _same(before, gradients)
    again = [np.array(gradient) for gradient in network.gradients(x, y)]
    if _added_up(before, between, build(0).gradients(x[::-1] + 1.0, y)):
        yield Breach(
            "gradients() gives other numbers for the same x and y when it was called in between: those of the second call "
            "are its own plus those of the first, which are added up from call to call and never set to zero",
            "gradients-accumulate",
            "gradient",
        )
    elif changed:
        yield Breach(
            "gradients that were handed out changed when gradients() was called again: return new arrays, not those "
            "that the network goes on computing with",
            "gradient-buffer-reused",
            "gradient",
        )
    elif not _same(before, again):
        yield Breach(
            "gradients() gives other numbers for the same x and y when it was called in between: is something kept from "
            "call to call, or random?"
        )


def _same(some: Any, others: Any) -> bool:
    return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(some, others, strict=True))


def _added_up(first: list[Array], second: list[Array], fresh: Any) -> bool:
    """Whether `second`, the answer of a network asked for the second time, is `first` plus what a fresh one answers.

    Arrays that are right may be among them, but at least one is such a sum.
    """
    sums = 0
    for a, b, g in zip(first, second, map(np.asarray, fresh), strict=True):
        if a.shape != b.shape or b.shape != g.shape:
            return False
        slack = (
            1e4 * float(np.finfo(b.dtype).eps if b.dtype.kind == "f" else 0) * float(np.abs([a, b, g]).max(initial=0))
        )
        if np.abs(b - g).max(initial=0) <= slack:
            continue
        if not np.abs(b - a - g).max() <= slack:
            return False
        sums += 1
    return sums > 0


def _in_the_way(build: Build, x: Array, y: Array) -> Iterator[Breach]:
    """Arrays of the caller belong to the caller."""
    network = build(0)
    calls: dict[str, Callable[[Array, Array], Any]] = {
        "forward": lambda x, y: network.forward(x),
        "loss": network.loss,
        "gradients": getattr(network, "gradients", lambda x, y: None),
        "train_step": lambda x, y: getattr(network, "train_step", lambda *_: None)(x, y, 1e-3),
    }
    parameters = Parameters(network)
    theta = parameters.read()
    for name, call in calls.items():
        operation = {"gradients": "gradient", "train_step": "update"}.get(name, name)
        # Away from where it started: else a network that is set back to its start would seem to stay
        theta = 0.75 * theta + 0.125
        for size in (1, LARGE):
            given = x.copy(), y.copy()
            parameters.write((size * theta).astype(parameters.dtype))
            before = parameters.read()
            # It says what it says in a later check, and need not bear large parameters.
            with contextlib.suppress(*([Exception] if name == "train_step" or size == LARGE else [])):
                call(*given)
            causes = ("x", "input-modified"), ("y", "targets-modified")
            broken = []
            for (array, cause), now, then in zip(causes, given, (x, y), strict=True):
                if not np.array_equal(now, then):
                    words = f"{name}() changes the array {array} that it is given: copy it before you change it"
                    broken.append(Breach(words, cause, operation))
            if name != "train_step" and not np.array_equal(before, Parameters(network).read(), equal_nan=True):
                if _forgets(network, partial(call, x.copy(), y.copy())):
                    words = (
                        f"{name}() changes the parameters: after it they are what they are after it whatever was written "
                        "into them before. Are they drawn anew at each call?"
                    )
                    broken.append(Breach(words, "reinitialised-every-call", operation))
                else:
                    words = f"{name}() changes {'large' if size == LARGE else 'the'} parameters: only train_step() may"
                    broken.append(Breach(words, "parameters-modified", operation))
            if broken:
                yield from broken
                break


def _forgets(network: Any, call: Callable[[], Any]) -> bool:
    """Whether the parameters that `call` changes do not depend, after it, on what was written before it.

    Numbers of size 1000 are written, twice the same and once others. What is drawn anew is ordinary, and either other
    numbers for the same written ones or the same for others; whatever is computed from the written ones is neither.
    """
    parameters, rng = Parameters(network), np.random.default_rng(0)
    some, others = (rng.choice([-1, 1], parameters.size) * rng.uniform(500, 1500, parameters.size) for _ in range(2))
    after, changed = [], np.zeros(parameters.size, dtype=bool)
    for written in (some, some, others):
        theta = written.astype(parameters.dtype)
        parameters.write(theta)
        try:
            call()
        except Exception:  # it need not bear such numbers
            return False
        after.append(parameters.read())
        changed |= after[-1] != theta
    first, again, other = (theta[changed] for theta in after)
    ordinary = changed.any() and np.abs(np.nan_to_num([first, again, other], nan=np.inf)).max() < 25
    return bool(ordinary and (np.array_equal(first, other) or not np.array_equal(first, again)))


def _seeds(build: Build, x: Array, y: Array) -> Iterator[Breach]:
    first, again = (Parameters(build(3)) for _ in range(2))
    if first.shapes == again.shapes and not np.array_equal(first.read(), again.read(), equal_nan=True):
        yield Breach(
            "two networks built with the same seed have different parameters: draw them from "
            "np.random.default_rng(seed), so that a run can be repeated",
            "seed-ignored",
            "initialisation",
        )


def _alone(build: Build, x: Array, y: Array) -> Iterator[Breach]:
    """What happens to one network is nothing to another: neither that it is built, nor that it is written into."""
    first = build(0)
    parameters = Parameters(first)
    theta = parameters.read()
    second = build(1)
    words = (
        "of a network changed when another one was {}: do they share arrays, through the class, a module or a default?"
    )
    if Parameters(first).shapes != parameters.shapes or not np.array_equal(theta, parameters.read(), equal_nan=True):
        yield Breach(f"the parameters {words.format('built')}", "state-shared-between-networks")
        return
    p, again = (np.array(first.forward(x)) for _ in range(2))
    theta = parameters.read()
    others = Parameters(second)
    others.write((others.read() + 1).astype(others.dtype))
    if not np.array_equal(theta, parameters.read(), equal_nan=True):
        yield Breach(f"the parameters {words.format('written into')}", "state-shared-between-networks")
    elif np.array_equal(p, again, equal_nan=True) and not np.array_equal(p, first.forward(x), equal_nan=True):
        yield Breach(f"the outputs {words.format('written into')}", "state-shared-between-networks")


def starts_alike(build: Build) -> bool:
    """Whether networks of other seeds start with the same numbers, and these are drawn at random: not all are constants.

    No promise is broken by it, and every run can be repeated; but many starts are one.
    """
    parameters = Parameters(build(0))
    first = parameters.read()
    drawn = any(np.unique(array).size >= 3 for array in parameters.split(first))
    return drawn and all(np.array_equal(first, Parameters(build(seed)).read()) for seed in (1, 2))


#: in the order in which they are told; each gets build, x and y
RULES: tuple[Callable[[Build, Array, Array], Iterator[Breach]], ...] = (
    _live, _shapes, _own_answers, _fresh_gradients, _in_the_way, _seeds, _alone,
)  # fmt: skip
