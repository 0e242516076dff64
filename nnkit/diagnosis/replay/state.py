"""Faults of state: what a call leaves behind, and what then answers in place of the question.

A network's answer is to depend on its parameters and on the data that it is asked about, on nothing else. Each
experiment is a history: a few calls on a network just built, and the answer of the last one. Two histories that end
with the same question, at the same parameters, must give the same answer; where they do not, what lies between them is
the cause, and a third history that gives the wrong answer in another way says which. The promises of
`nnkit.subjects.contract` are such experiments too, and come first.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.diagnosis.replay.experiments import ROUNDINGS, away_from_zero, distance
from nnkit.diagnosis.replay.finding import UNKNOWN, Finding, unnamed
from nnkit.gradients import Parameters
from nnkit.subjects import contract

Array = npt.NDArray[Any]
Build = Callable[[int], Any]

METHODS = {"forward": "forward", "loss": "loss", "gradients": "gradient"}
#: after these, equal calls are not equal experiments
_NOTHING_ELSE_TELLS = {"parameters-are-copies", "reinitialised-every-call", "parameters-modified", "parameters-aliased"}


def replay_state(build: Build, sizes: Sequence[int], without: Set[str] = frozenset()) -> list[Finding]:
    """What is wrong with the state of the networks of `build(seed)`, of these sizes and as their author wrote them.

    Those in `without` are told without a name. Empty where nothing is proved; networks that raise are left to the checks.
    """
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = list(_findings(build, tuple(sizes)))
    known = [finding for finding in found if finding.known]
    return [unnamed(finding, without) for finding in known or found]


def _findings(build: Build, sizes: tuple[int, ...]) -> Iterator[Finding]:
    seen = set()
    for finding in _broken_promises(build, sizes):
        if finding.cause not in seen:  # forward() is called by loss() and gradients(): the first says it
            seen.add(finding.cause)
            yield finding
    if seen & _NOTHING_ELSE_TELLS:
        return
    try:
        histories = Histories(build, sizes, "gradients-accumulate" in seen)
        if not histories.after("forward a").said:
            return
    except Exception:
        return
    noise = _noise(histories)
    if noise:
        yield noise
        return
    if "input-modified" in seen or "targets-modified" in seen:
        return
    experiments: list[Callable[[Histories], Iterator[Finding]]] = [_stale, _batch_size, _mixed]
    if "seed-ignored" not in seen:
        experiments.append(_seed_unused)
    if "state-shared-between-networks" not in seen:
        experiments.append(_flow)
    for experiment in experiments:
        with contextlib.suppress(Exception):  # what raises is told by the check that it raised in
            for finding in experiment(histories):
                if finding.cause not in seen:
                    seen.add(finding.cause)
                    yield finding


def _broken_promises(build: Build, sizes: tuple[int, ...]) -> Iterator[Finding]:
    """The rules of the contract that have a cause."""
    x, y = contract.samples(sizes[0], sizes[-1])
    for rule in contract.RULES:
        try:
            for breach in rule(build, x, y):
                if breach.cause:
                    claim, _, advice = breach.words.partition(": ")
                    yield Finding(
                        breach.cause, breach.operation, f"{claim}.",
                        f"Tried out on a network {_name(sizes)} with three samples; found after each call by comparing, "
                        f"bit by bit, with what was there before it{f' ({advice})' if advice else ''}.",
                    )  # fmt: skip
                    if breach.cause in _NOTHING_ELSE_TELLS:
                        return
        except Exception:  # what raises is told by the check that it raised in
            continue


# Histories -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """values (anything, flat); None where the call raised, in the words of the exception."""

    values: Array | None
    raised: str = ""

    @property
    def said(self) -> bool:
        return self.values is not None and bool(np.isfinite(self.values).all())


class Histories:
    """Fresh networks of one build and seed, with parameters "A", asked about batches of their own.

    Calls are written "forward a", "loss b", "gradients a", "train a" and "write B". Batches a, b and c have three
    samples; ba has the inputs of b and the targets of a; one and long have 1 and 5.
    """

    def __init__(self, build: Build, sizes: tuple[int, ...], accumulate: bool = False) -> None:
        self.build, self.sizes, self.accumulate = build, sizes, accumulate
        parameters = Parameters(build(0))
        self.eps = float(np.finfo(parameters.dtype).eps)
        rng = np.random.default_rng(len(sizes))
        dtype = parameters.dtype
        self.thetas = {name: away_from_zero(rng, (parameters.size,), dtype) for name in ("A", "B", "C")}
        self._known: dict[tuple[str, ...], Answer] = {}
        self.batches: dict[str, tuple[Array, Array]] = {}
        for name, n in {"a": 3, "b": 3, "c": 3, "one": 1, "long": 5}.items():
            x, k = rng.uniform(-1, 1, (n, sizes[0])).astype(dtype), rng.integers(max(sizes[-1], 2), size=n)
            y = np.eye(sizes[-1])[k] if sizes[-1] > 1 else k[:, None]
            self.batches[name] = x, y.astype(dtype)
        (_, ya), (xb, yb) = self.batches["a"], self.batches["b"]
        if np.array_equal(ya, yb):
            self.batches["b"] = xb, np.roll(yb, 1, axis=1) if sizes[-1] > 1 else 1 - yb
        self.batches["ba"] = xb, ya

    def fresh(self, seed: int = 0, theta: str = "A") -> Any:
        network = self.build(seed)
        Parameters(network).write(self.thetas[theta])
        return network

    def after(self, *calls: str, anew: bool = False) -> Answer:
        """What a fresh network says to the last of these calls; asked once, where it is not to be asked `anew`."""
        if anew or calls not in self._known:
            self._known[calls] = self._ask(calls)
        return self._known[calls]

    def _ask(self, calls: tuple[str, ...]) -> Answer:
        network = self.fresh()
        # People hand in the same array again and again, and some networks know it by that.
        handed = {name: (x.copy(), y.copy()) for name, (x, y) in self.batches.items()}
        for call in calls[:-1]:
            with contextlib.suppress(Exception):  # it is the last one that is asked for
                self.call(network, call, handed)
        try:
            return Answer(self.call(network, calls[-1], handed))
        except Exception as error:
            return Answer(None, f"{type(error).__name__}: {error}")

    def call(self, network: Any, call: str, handed: Mapping[str, tuple[Array, Array]] | None = None) -> Array:
        """What this network says to one call; after "train" and "write", its parameters. handed: the arrays that it gets;
        copies where there are none."""
        method, name = call.split()
        if method == "write":
            Parameters(network).write(self.thetas[name])
            return Parameters(network).read()
        x, y = handed[name] if handed else (array.copy() for array in self.batches[name])
        if method == "forward":
            return np.array(network.forward(x), dtype=float)
        if method == "loss":
            return np.array(network.loss(x, y), dtype=float).reshape(-1)
        if method == "gradients":
            return np.concatenate([np.array(gradient, dtype=float).ravel() for gradient in network.gradients(x, y)])
        network.train_step(x, y, 0.05)
        return Parameters(network).read()

    def usual(self, method: str, name: str) -> list[str]:
        """The calls that people make one after another on one batch, up to this one."""
        return [f"{each} {name}" for each in list(METHODS)[: list(METHODS).index(method) + 1]]

    def same(self, a: Answer, b: Answer) -> bool:
        return (
            a.values is not None and b.values is not None and distance(a.values, b.values) <= ROUNDINGS * self.eps
        ) or (a.values is None and b.values is None)

    def numbers(self, a: Answer, b: Answer) -> str:
        """The first beside the second, at the entry where they differ most."""
        if a.values is None:
            return f"raised {a.raised}"
        if b.values is None or a.values.shape != b.values.shape or not a.said:
            return f"gave {_shown(a.values)}"
        at = np.unravel_index(int(np.argmax(np.abs(a.values - b.values))), a.values.shape)
        return f"gave {a.values[at]:.6g} where {b.values[at]:.6g} is right"

    @cached_property
    def methods(self) -> list[str]:
        """Those that answer in the usual order."""
        return [method for method in METHODS if self.after(*self.usual(method, "a")).said]


# Experiments ---------------------------------------------------------------------------------------------------------


def _noise(histories: Histories) -> Finding | None:
    """The same question again and again, of one network: random answers, of which masks of units can give a few only."""
    for method, operation in METHODS.items():
        if method == "gradients" and histories.accumulate:
            continue
        network = histories.fresh()
        ask = partial(histories.call, network)
        try:
            for call in histories.usual(method, "long")[:-1]:
                ask(call)
            first = ask(f"{method} long")
            alike = all(np.array_equal(first, ask(f"{method} long"), equal_nan=True) for _ in range(12))
        except Exception:
            return None
        if alike:
            continue
        if distance(first, ask(f"{method} long")) <= ROUNDINGS * histories.eps and _rounding(
            histories, network, method
        ):
            continue
        answers = []
        x, y = histories.batches["long"]
        for i in range(
            len(x)
        ):  # of some samples, those whose hidden units are all silent, the answer is one and the same
            histories.batches["row"] = x[i : i + 1], y[i : i + 1]
            answers = [tuple(np.round(ask(f"{method} row").ravel(), 9)) for _ in range(500)]
            if len(set(answers)) > 1:
                break
        distinct = set(answers)
        successors: dict[Any, set[Any]] = {}
        for answer, following in pairwise(answers):
            successors.setdefault(answer, set()).add(following)
        random = any(len(each) > 1 for each in successors.values())
        counted = f"the same question about one sample, at the same parameters, was asked {len(answers)} times"
        if random and len(distinct) <= len(answers) / 2:
            return Finding(
                "dropout-left-on", operation,
                f"{method}() leaves out units at random: two calls with the same numbers give different answers.",
                f"{counted}; the answers, in random order, are {len(distinct)} different ones, each again and again, as "
                "leaving units out or not gives them; noise on numbers would never give one twice.",
            )  # fmt: skip
        return Finding(
            UNKNOWN, operation,
            f"{method}() gives another answer each time, for the same inputs at the same parameters.",
            f"{counted}; {len(distinct)} different answers came."
            if len(distinct) > 1
            else "One sample alone gets one and the same answer; five samples together do not.",
        )  # fmt: skip
    return None


def _rounding(histories: Histories, network: Any, method: str) -> bool:
    """Whether answers to one question stay within rounding of each other."""
    answers = [histories.call(network, f"{method} long") for _ in range(12)]
    return all(distance(answer, answers[0]) <= ROUNDINGS * histories.eps for answer in answers)


def _stale(h: Histories) -> Iterator[Finding]:
    """The question about a, after calls about b or at other parameters: nothing of those may be in the answer."""
    for method in h.methods:
        question = f"{method} a"
        right = h.after(*h.usual(method, "a"))
        others = [["forward b"], ["forward b", "loss b"], *([] if h.accumulate else [["gradients b"]])]
        for before in others:
            got = h.after(*before, question)
            if h.same(got, right) or not h.same(got, h.after(*before, question, anew=True)):
                continue
            said = f"{_calls(before, question)} {h.numbers(got, right)}"
            for name, words in (
                ("b", "of the earlier batch"),
                ("ba", "of the inputs of the earlier batch with the new targets"),
            ):
                if got.said and h.same(got, h.after(*h.usual(method, name))):
                    yield Finding(
                        "stale-cache", METHODS[method],
                        f"{method}(x, y) computes with what an earlier call left behind, not with the x that it is given.",
                        f"On one network, {said}: to rounding, all {got.values.size if got.values is not None else 0} numbers are those "
                        f"{words}, asked of a fresh network.",
                    )  # fmt: skip
                    return
            if h.same(h.after(*before, *h.usual(method, "a")), right):
                yield Finding(
                    "stale-cache", METHODS[method],
                    f"{method}() is right only directly after the calls before it on the same data: it computes with what they left "
                    "behind.",
                    f"On one network, {said}; after {_calls(h.usual(method, 'a')[:-1], None)} in between it is right.",
                )  # fmt: skip
                return
            yield Finding(
                UNKNOWN, METHODS[method], f"The answer of {method}() depends on the calls before it.", f"{said}."
            )
            return
        yield from _stale_parameters(h, method, question, right)


def _stale_parameters(h: Histories, method: str, question: str, old: Answer) -> Iterator[Finding]:
    earlier = [call for call in h.usual("gradients", "a") if not (h.accumulate and call.startswith("gradients"))]
    if method == "gradients" and h.accumulate:
        return
    right = h.after("write B", *h.usual(method, "a"))
    got = h.after(*earlier, "write B", question)
    if not right.said or not got.said or h.same(got, right):
        return
    said = (
        f"parameters were changed after calls about the same data, and {question.split()[0]}() {h.numbers(got, right)}"
    )
    if h.same(got, old):
        proof = f"{said}: all numbers are those of the parameters before the change."
    elif h.same(h.after(*earlier, "write B", *h.usual(method, "a")), right):
        proof = f"{said}; after {_calls(h.usual(method, 'a')[:-1], None)} in between it is right."
    elif h.same(h.after(*(call.replace(" a", " b") for call in earlier), "write B", question), right):
        proof = f"{said}; after the same calls about other data it is right: what was computed of these data was kept."
    else:
        yield Finding(UNKNOWN, METHODS[method], f"The answer of {method}() depends on earlier parameters.", f"{said}.")
        return
    yield Finding(
        "stale-cache", METHODS[method],
        f"{method}() computes with what an earlier call left behind, from before the parameters were changed.", proof,
    )  # fmt: skip


def _batch_size(h: Histories) -> Iterator[Finding]:
    """The first batch had three samples; the next has another number of them, or, to compare with, three again."""
    first = [call for call in h.usual("gradients", "a") if not (h.accumulate and call.startswith("gradients"))]
    for method in h.methods:
        if method == "gradients" and h.accumulate:
            continue
        again = h.usual(method, "b")
        if not h.same(h.after(*first, *again), h.after(*again)):
            continue
        for name in ("long", "one"):
            question = h.usual(method, name)
            got, right = h.after(*first, *question), h.after(*question)
            if not right.said or h.same(got, right):
                continue
            n = len(h.batches[name][0])
            yield Finding(
                "first-batch-size-remembered", METHODS[method],
                f"{method}() keeps the number of samples of the first batch, and goes wrong for a batch of another size.",
                f"After a batch of 3 samples, {method}() of {n} {h.numbers(got, right)}; a fresh network gives that for the same {n} "
                "samples at the same parameters, and for 3 other samples the used network is right, too.",
            )  # fmt: skip
            return


def _mixed(h: Histories) -> Iterator[Finding]:
    """One row of the inputs is replaced; the outputs of the other rows must stay."""
    before = h.after("forward a")
    x, y = h.batches["a"]
    if before.values is None or before.values.ndim != 2 or len(before.values) != len(x):
        return
    p = before.values
    if _sums_to_one(p, h.eps):
        return  # a softmax along the wrong axis has a name of its own
    moved = np.zeros((len(x), len(x)), dtype=bool)
    change, words = 0.0, ""
    for i in range(len(x)):
        replaced = x.copy()
        replaced[i] = 2.5 * h.batches["b"][0][i]
        h.batches["replaced"] = replaced, y
        after = h.after("forward replaced", anew=True)
        if after.values is None or not after.said:
            return
        if after.values.shape != p.shape or _sums_to_one(after.values, h.eps):
            return
        difference = np.abs(after.values - p)
        moved[i] = difference.max(axis=1) > 10 * ROUNDINGS * h.eps * np.abs(p).max()
        moved[i, i] = False
        difference[i] = 0
        if moved[i].any() and difference.max() > change:
            change = float(difference.max())
            j, k = (int(index) for index in np.unravel_index(int(difference.argmax()), difference.shape))
            words = (
                f"When row {i + 1} of the inputs was replaced, output {k + 1} of row {j + 1} went from {p[j, k]:.6g} to "
                f"{after.values[j, k]:.6g}"
            )
    if not moved.any():
        return
    others = ~np.eye(len(x), dtype=bool)
    pattern = ""
    if moved[others].all():
        pattern = "; every row moves all others, as a mean, a sum or a maximum over the batch does"
    elif (moved == np.triu(moved, 1)).all():
        pattern = "; rows move those after them only, as something that is carried from row to row does"
    yield Finding(
        "samples-mixed", "forward", "Samples of a batch influence one another: the output of a row depends on other rows.",
        f"{words}; nothing but that row was changed{pattern}.",
    )  # fmt: skip


def _sums_to_one(p: Array, eps: float) -> bool:
    """Over the samples of each output, or over everything, as a softmax along the wrong axis does."""
    return any(bool(np.abs(sums - 1).max() <= ROUNDINGS * eps) for sums in (p.sum(axis=0), np.atleast_1d(p.sum())))


def _seed_unused(h: Histories) -> Iterator[Finding]:
    """Different seeds, the same numbers, and these are no constants."""
    first, *others = (Parameters(h.build(seed)).read() for seed in (0, 1, 2))
    drawn = [np.unique(array).size >= 3 for array in Parameters(h.build(0)).split(first)]
    if any(drawn) and all(np.array_equal(first, other) for other in others):
        yield Finding(
            "seed-ignored", "initialisation", "Every seed gives the same parameters: the seed is not used.",
            f"build was called with the seeds 0, 1 and 2, and all {first.size} parameters are the same; they begin with "
            f"{_shown(first)}.", severity="warning",
        )  # fmt: skip


def _flow(h: Histories) -> Iterator[Finding]:
    """What a second network was told must not be found in the first: neither its parameters nor its data.

    The second does the same calls in both histories, with other numbers; so a generator of random numbers that both
    draw from goes on in the same way, and makes no difference.
    """
    what = ["parameters", *METHODS, "a step of training"]

    def first_network(theta: str, batch: str, settle: int) -> list[Answer]:
        for _ in range(settle):
            h.after("train a", anew=True)
        first, second = h.fresh(0), h.fresh(1, theta)
        answers = []
        try:
            for call in (*h.usual("gradients", batch), f"train {batch}"):
                h.call(second, call)
            answers = [Answer(Parameters(first).read())]
            for call in h.usual("gradients", "a"):
                answers.append(Answer(h.call(first, call)))
            before = Parameters(first).read()
            answers.append(Answer(h.call(first, "train a") - before))
        except Exception as error:
            answers.append(Answer(None, f"{type(error).__name__}: {error}"))
        return answers

    settle, slack = 0, ROUNDINGS * h.eps
    one, again = (first_network("B", "b", settle) for _ in range(2))
    if not _alike(one, again, slack):
        # State that outlives networks fades away, where the same step is done often enough; chance does not.
        settle, slack = 100, 1e-2
        one, again = (first_network("B", "b", settle) for _ in range(2))
        if not _alike(one, again, slack / 10):
            return
    other = first_network("C", "c", settle)
    for name, a, b in zip(what, one, other, strict=False):
        if _alike([a], [b], slack):
            continue
        yield Finding(
            "state-shared-between-networks", {"gradients": "gradient", "a step of training": "update"}.get(name, "state"),
            "Networks share their state: what one of them was told is found in another.",
            f"Twice the same was asked of one network, after another one had been given other parameters and data: {name}"
            f"{'()' if name in METHODS else ''} of the first {h.numbers(a, b).replace('where', 'after one, and').replace('is right', 'after the other')}.",
        )  # fmt: skip
        return


def _alike(some: list[Answer], others: list[Answer], slack: float) -> bool:
    """Whether all answers are the same; what raised says nothing."""
    return all(
        distance(a.values, b.values) <= slack
        for a, b in zip(some, others, strict=False)
        if a.values is not None and b.values is not None
    )


# Words ---------------------------------------------------------------------------------------------------------------


def _calls(before: Sequence[str], question: str | None) -> str:
    """ "forward(b), then gradients(a)" """
    calls = [f"{method}({name})" for method, name in (call.split() for call in before)]
    words = " and ".join(calls) if calls else "nothing"
    return words if question is None else f"after {words}, {question.replace(' ', '(')})"


def _shown(values: Array) -> str:
    return ", ".join(f"{value:.4g}" for value in values.ravel()[:3]) + (", ..." if values.size > 3 else "")


def _name(sizes: Sequence[int]) -> str:
    return "-".join(map(str, sizes))
