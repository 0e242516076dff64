"""Does a network keep the contract of the five methods? What breaks it makes everything after it lie.

Each rule is tried out on a small network: what was done, what happened, and which line it is likely to be. The rules say
nothing about right or wrong numbers; those are the stages' business.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.gradients import Parameters

Array = npt.NDArray[Any]
Build = Callable[[int], Any]


def breaches(build: Build, inputs: int, outputs: int) -> list[str]:
    """What the networks of `build(seed)` do against the contract, the gravest first; empty where they keep it.

    An exception of the network comes out as it is; so do the TypeErrors of `Parameters`, whose words are for its author.
    """
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (3, inputs))
    y = np.eye(outputs)[[0, 1, 0]] if outputs > 1 else np.array([[0.0], [1.0], [0.0]])
    found: list[str] = []
    for rule in (_live, _shapes, _own_answers, _fresh_gradients, _in_the_way, _seeds):
        found += rule(build, x, y)
        if found and rule in (_live, _shapes):  # what follows would only repeat it
            break
    return found


def _live(build: Build, x: Array, y: Array) -> Iterator[str]:
    network = build(0)
    try:
        Parameters(network).require_live()
    except ValueError as copies:
        yield str(copies)
        return
    parameters = Parameters(network)
    before, rng = np.array(network.forward(x)), np.random.default_rng(0)
    theta = parameters.read()
    same = []
    for _ in range(2):  # random numbers of both signs: a network that says the same for all of them does not listen
        parameters.write((rng.choice([-1, 1], theta.size) * rng.uniform(0.2, 1.0, theta.size)).astype(theta.dtype))
        same.append(np.array_equal(before, np.asarray(network.forward(x)), equal_nan=True))
    if all(same) and not np.isnan(before).any():
        yield (
            "all numbers of parameters() were changed, and forward() gives the same outputs: it computes with other "
            "arrays than those that parameters() returns"
        )
    parameters.write(theta)


def _shapes(build: Build, x: Array, y: Array) -> Iterator[str]:
    network, k = build(0), y.shape[1]
    for n in (len(x), 1):
        p = np.asarray(network.forward(x[:n]))
        if p.shape != (n, k):
            rows = f"{n} row{'s' * (n > 1)}"
            alone = ": is something squeezed or summed when there is one row?" if n == 1 else ""
            yield f"forward(x) for {rows} should give outputs of shape ({n}, {k}); it gave {p.shape}{alone}"
        loss = np.asarray(network.loss(x[:n], y[:n]))
        if loss.size != 1:
            yield f"loss(x, y) for {n} samples should give one number; it gave an array of shape {loss.shape}"


def _own_answers(build: Build, x: Array, y: Array) -> Iterator[str]:
    """An array that the network goes on writing into changes in its caller's hands."""
    network = build(0)
    p = network.forward(x)
    if isinstance(p, np.ndarray):
        before = p.copy()
        network.forward(x[::-1] + 1.0)
        if not np.array_equal(before, p, equal_nan=True):
            yield "an output of forward() changed when forward() was called again: return a new array, or a copy"


def _fresh_gradients(build: Build, x: Array, y: Array) -> Iterator[str]:
    if not hasattr(build(0), "gradients"):
        return
    network = build(0)
    gradients = network.gradients(x, y)
    if not isinstance(gradients, (list, tuple)):
        return  # stage 1 has a check of its own for what does not fit the parameters
    before = [np.array(gradient) for gradient in gradients]
    network.gradients(x[::-1] + 1.0, y)
    if any(not np.array_equal(a, g, equal_nan=True) for a, g in zip(before, gradients, strict=True)):
        yield (
            "gradients that were handed out changed when gradients() was called again: return new arrays, not those "
            "that the network goes on computing with"
        )
    again = network.gradients(x, y)
    if any(not np.array_equal(a, g, equal_nan=True) for a, g in zip(before, again, strict=True)):
        yield (
            "gradients() gives other numbers for the same x and y when it was called in between: are gradients added up "
            "from call to call, and never set to zero?"
        )


def _in_the_way(build: Build, x: Array, y: Array) -> Iterator[str]:
    """Arrays of the caller belong to the caller."""
    network = build(0)
    calls: dict[str, Callable[[Array, Array], Any]] = {
        "forward": lambda x, y: network.forward(x),
        "loss": network.loss,
        "gradients": getattr(network, "gradients", lambda x, y: None),
        "train_step": lambda x, y: getattr(network, "train_step", lambda *_: None)(x, y, 1e-3),
    }
    for name, call in calls.items():
        given = x.copy(), y.copy()
        before = Parameters(network).read()
        with contextlib.suppress(
            *([] if name != "train_step" else [Exception])
        ):  # it says what it says in a later check
            call(*given)
        if not (np.array_equal(given[0], x) and np.array_equal(given[1], y)):
            yield f"{name}() changes the arrays x and y that it is given: copy them before you change them"
        if name != "train_step" and not np.array_equal(before, Parameters(network).read(), equal_nan=True):
            yield f"{name}() changes the parameters: only train_step() may"


def _seeds(build: Build, x: Array, y: Array) -> Iterator[str]:
    first, again = (Parameters(build(3)).read() for _ in range(2))
    if not np.array_equal(first, again, equal_nan=True):
        yield (
            "two networks built with the same seed have different parameters: draw them from "
            "np.random.default_rng(seed), so that a run can be repeated"
        )
