"""A training program: what is trained, on what, and how, so that nnkit can watch it, change one thing, and run it again.

    SIZES = (64, 30, 10)

    def build(sizes, seed): ...          the network, by its five methods, as for the ladder
    def data(): ...                      (x, y) or (x, y, x_test, y_test), as the network is to get them
    def fit(network, x, y): ...          the training loop, which calls network.train_step(xb, yb, learning_rate)

In place of `fit`, the constants LEARNING_RATE (a number, or a function of the epoch, from 0), BATCH_SIZE and EPOCHS do.
`accuracy(outputs, y)`, where the author has one, is the author's own measure of success. `seed` may be an argument of
`data` and of `fit`.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nnkit.subjects.load import LoadError, NetworkSource, locate

Array = npt.NDArray[Any]
Fit = Callable[[Any, Array, Array, int], None]
Rate = float | Callable[[int], float]

CONSTANTS = ("LEARNING_RATE", "BATCH_SIZE", "EPOCHS")


@dataclass(frozen=True, eq=False)
class Program:
    """One training. To change one thing in it is `dataclasses.replace`.

    build(sizes, seed): a fresh network. x (n, d_in), y (n, d_out): what it is trained on; x_test, y_test: what it is
    tried on, None where there is nothing. fit(network, x, y, seed): the loop; `network` may be a proxy that watches it.
    own_loop: whether the author wrote it; else learning_rate, batch_size and epochs say what it does.
    accuracy(outputs, y): the author's own measure, None where there is none. file: where it was written; scope: the names
    in that file, by which its loop finds `build` where it makes networks of its own.
    """

    build: Callable[[tuple[int, ...], int], Any]
    sizes: tuple[int, ...]
    x: Array
    y: Array
    fit: Fit
    x_test: Array | None = None
    y_test: Array | None = None
    own_loop: bool = False
    learning_rate: Rate | None = None
    batch_size: int | None = None
    epochs: int | None = None
    accuracy: Callable[[Array, Array], float] | None = None
    name: str = ""
    file: Path | None = None
    seed: int = 0
    scope: dict[str, Any] = field(default_factory=dict, repr=False)

    def network(self) -> Any:
        """A fresh one, from this program's seed."""
        return self.build(self.sizes, self.seed)


def plain_fit(learning_rate: Rate, batch_size: int | None, epochs: int) -> Fit:
    """The loop as everybody means it: every epoch all samples, once each, in a new order; rate by the epoch, from 0."""
    from nnkit.training.loop import minibatches

    def fit(network: Any, x: Array, y: Array, seed: int) -> None:
        batches = minibatches(len(x), batch_size, np.random.default_rng(seed))
        for epoch in range(epochs):
            rate = learning_rate(epoch) if callable(learning_rate) else learning_rate
            for _ in range(-(-len(x) // (batch_size or len(x)))):
                batch = next(batches)
                network.train_step(x[batch], y[batch], rate)

    return fit


def load_program(file: str | Path, seed: int = 0) -> Program:
    """The program in this file, with its data made.

    Raises LoadError: what was expected, what came, where, and what to do.
    """
    source = locate(f"{file}:build")
    scope = vars(source.run())
    build = _callable(scope, "build", source, "build(sizes, seed), which makes a network")
    sizes = _sizes(scope, source)
    data = _callable(scope, "data", source, "data(), which returns (x, y) or (x, y, x_test, y_test)")
    try:
        made = _asked(data, seed)
    except Exception as error:
        raise _raised(source, error) from error
    x, y, x_test, y_test = _data(made, sizes, source)
    program = Program(
        build, sizes, x, y, _nothing, x_test, y_test,
        accuracy=scope.get("accuracy") if callable(scope.get("accuracy")) else None,
        name=source.file.stem, file=source.file, seed=seed, scope=scope,
    )  # fmt: skip
    return _with_loop(program, source)


def _nothing(network: Any, x: Array, y: Array, seed: int) -> None:
    """In the place of a loop that is not known yet."""


def _with_loop(program: Program, source: NetworkSource) -> Program:
    scope = program.scope
    if "fit" in scope:
        fit = _callable(scope, "fit", source, "fit(network, x, y), the training loop")
        seeded = _takes_seed(fit)

        def own(network: Any, x: Array, y: Array, seed: int) -> None:
            fit(network, x, y, **({"seed": seed} if seeded else {}))

        return replace(program, fit=own, own_loop=True)
    missing = [name for name in CONSTANTS if name not in scope]
    if missing:
        raise _wrong(
            source, f"{source.file.name} does not say how to train.",
            "a function fit(network, x, y), or the constants LEARNING_RATE, BATCH_SIZE and EPOCHS",
            f"a file without {' and '.join(['fit', *missing])}",
            f"add {' and '.join(missing)}, for example LEARNING_RATE = 0.1, or write the loop as fit(network, x, y)",
        )  # fmt: skip
    rate, batch_size, epochs = (scope[name] for name in CONSTANTS)
    if not callable(rate) and not _is_number(rate):
        raise _not_a(source, "LEARNING_RATE", "a number, or a function of the epoch", rate, "LEARNING_RATE = 0.1")
    for name, value, example in (("BATCH_SIZE", batch_size, 32), ("EPOCHS", epochs, 10)):
        whole = _is_number(value) and float(value).is_integer() and value >= 1
        if not (whole or (name == "BATCH_SIZE" and value is None)):
            raise _not_a(source, name, "a whole number of at least 1", value, f"{name} = {example}")
    batch_size, epochs = None if batch_size is None else int(batch_size), int(epochs)
    return replace(
        program, fit=plain_fit(rate, batch_size, epochs), learning_rate=rate, batch_size=batch_size, epochs=epochs
    )


def _sizes(scope: dict[str, Any], source: NetworkSource) -> tuple[int, ...]:
    expected = "SIZES = (64, 30, 10): the number of inputs, of units in each hidden layer, and of outputs"
    if "SIZES" not in scope:
        raise _wrong(source, f"{source.file.name} has no SIZES.", expected, "a file without it", f"add {expected}")
    came = scope["SIZES"]
    try:
        sizes = tuple(int(size) for size in came)
    except (TypeError, ValueError):
        sizes = ()
    if len(sizes) < 2 or min(sizes) < 1:
        raise _not_a(source, "SIZES", "at least two whole numbers from 1 up", came, "SIZES = (64, 30, 10)")
    return sizes


def _data(came: Any, sizes: tuple[int, ...], source: NetworkSource) -> tuple[Array, Array, Array | None, Array | None]:
    """The arrays, as they came. What makes training impossible is refused; what makes it bad is for the diagnosis."""
    where = f"data() in {source.file.name}"
    parts = list(came) if isinstance(came, (tuple, list)) else []
    if len(parts) not in (2, 4):
        raise _wrong(
            source, f"{where} does not return data.", "(x, y) or (x, y, x_test, y_test)",
            f"{len(parts)} values" if parts else f"an object of type {type(came).__name__}",
            "end it with: return x, y",
        )  # fmt: skip
    arrays = [None if part is None else np.asarray(part) for part in parts] + [None] * (4 - len(parts))
    if arrays[0] is None or arrays[1] is None:
        raise _wrong(source, f"{where} returns None for x or y.", "two arrays", "None", "return the training data")
    for x, y, which in ((arrays[0], arrays[1], ""), (arrays[2], arrays[3], "_test")):
        if x is None or y is None:
            continue
        if x.dtype.kind not in "fiub" or y.dtype.kind not in "fiub":
            raise _wrong(
                source, f"{where} returns something else than numbers.", f"arrays of numbers x{which} and y{which}",
                f"x{which} of {x.dtype}, y{which} of {y.dtype}", "convert them: np.array(rows, dtype=float)",
            )  # fmt: skip
        if x.ndim < 2 or y.ndim != 2 or y.shape[1] != sizes[-1]:
            outputs = sizes[-1]
            raise _wrong(
                source, f"{where} returns arrays of other shapes than SIZES asks for.",
                f"x{which} (n, {sizes[0]}) and y{which} (n, {outputs}), a row for each sample",
                f"x{which} {x.shape} and y{which} {y.shape}",
                "y.reshape(-1, 1)" if outputs == 1 else f"for class numbers 0 to {outputs - 1}: y = np.eye({outputs})[y]",
            )  # fmt: skip
        if len(x) != len(y) or not len(x):
            raise _wrong(
                source, f"{where} returns {len(x)} rows of x{which} and {len(y)} of y{which}.",
                "as many rows of x as of y, at least one", f"{x.shape} and {y.shape}", "give each sample its target",
            )  # fmt: skip
    x, y = arrays[0], arrays[1]
    both = arrays[2] is not None and arrays[3] is not None
    return x, y, arrays[2] if both else None, arrays[3] if both else None


def _asked(function: Callable[..., Any], seed: int) -> Any:
    return function(seed=seed) if _takes_seed(function) else function()


def _raised(source: NetworkSource, error: Exception) -> LoadError:
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(source.file)]
    where = f"{source.file}, line {own[-1].lineno}" if own else str(source.file)
    reason = f"{type(error).__name__}: {error}"
    return LoadError(
        f"data() in {source.file.name} raised {type(error).__name__}.",
        expected="(x, y) or (x, y, x_test, y_test)",
        came=f"{reason}{f', at: {own[-1].line}' if own else ''}",
        where=where,
        remedy="correct that line; data() is called without arguments, or with seed",
    )


def _takes_seed(function: Callable[..., Any]) -> bool:
    try:
        return "seed" in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


def _callable(scope: dict[str, Any], name: str, source: NetworkSource, expected: str) -> Callable[..., Any]:
    if name not in scope:
        raise _wrong(
            source, f"{source.file.name} has no {name}.", expected, f"a file without {name}", f"add {expected}"
        )
    if not callable(scope[name]):
        raise _not_a(source, name, expected, scope[name], f"def {name}(...): ...")
    return scope[name]  # type: ignore[no-any-return]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def _not_a(source: NetworkSource, name: str, expected: str, came: Any, example: str) -> LoadError:
    return _wrong(
        source, f"{name} in {source.file.name} is not what it should be.", expected,
        f"{came!r:.80} of type {type(came).__name__}", f"write, for example, {example}",
    )  # fmt: skip


def _wrong(source: NetworkSource, problem: str, expected: str, came: str, remedy: str) -> LoadError:
    return LoadError(problem, expected=expected, came=came, where=str(source.file), remedy=remedy)
