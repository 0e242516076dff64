"""The programs of gallery/ are what their tables say: each has one fault, one edit mends it, and the fault changes numbers.

The gradient check here is a small one of its own, so that the gallery does not rest on the code that it is there to test.
"""

from __future__ import annotations

import re
import sys
import tomllib
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

GALLERY = Path(__file__).parents[2] / "gallery"
TABLES = sorted(GALLERY.glob("*/expected.toml"))
SIZES = (4, 5, 3, 2)
#: beside SIZES: a square network in which transposes hide, one output, no hidden layer
OTHER_SIZES = ((3, 3, 3, 3), (4, 5, 3, 1), (2, 1))
KEYS = {"cause", "also", "layer", "parameter", "operation", "stage", "harmless", "note", "wrong", "right", "sizes"}

Program = tuple[Path, dict[str, Any]]


@cache
def programs() -> list[Program]:
    return [
        (table.parent / f"{name}.py", entry)
        for table in TABLES
        for name, entry in tomllib.loads(table.read_text(encoding="utf-8")).items()
    ]


def sources(program: Program) -> tuple[str, str]:
    """The source as it is, and mended."""
    path, entry = program
    faulty = path.read_text(encoding="utf-8")
    return faulty, faulty.replace(entry["wrong"], entry["right"])


def module(source: str, name: str) -> ModuleType:
    """The source as a module; the test is skipped where its framework is not installed."""
    found = ModuleType(name)
    sys.modules[name] = found  # dataclasses look their module up
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(compile(source, name, "exec"), found.__dict__)
        except ImportError as error:
            pytest.skip(f"{name} needs what is not installed here: {error}")
    return found


def cases(n: int, sizes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """n random samples with 0/1 targets for one output, one-hot rows for several; all classes occur."""
    x, k = np.random.default_rng(n).normal(size=(n, sizes[0])), (np.arange(n) * 2 % 3) % max(2, sizes[-1])
    return x, (k[:, None].astype(float) if sizes[-1] == 1 else np.eye(sizes[-1])[k])


def read(network: Any) -> list[np.ndarray]:
    return [np.array(p) for p in network.parameters()]


def write(network: Any, values: list[np.ndarray]) -> None:
    if hasattr(network, "set_parameters"):
        network.set_parameters([np.array(v) for v in values])
    else:
        for parameter, value in zip(network.parameters(), values, strict=True):
            parameter[...] = value


def numerical_gradients(network: Any, x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Central differences of the loss, one parameter after another, at a step that suits the float type."""
    theta = read(network)
    found = [np.zeros(p.shape) for p in theta]
    for gradient, p in zip(found, theta, strict=True):
        step = np.finfo(p.dtype).eps ** (1 / 3)
        for at in np.ndindex(p.shape):
            losses, value = [], p[at]
            for p[at] in (value - step, value + step):
                write(network, theta)
                losses.append(float(network.loss(x, y)))
            p[at] = value
            gradient[at] = (losses[1] - losses[0]) / (2 * step)
    write(network, theta)
    return found


def _shaken(network: Any) -> list[np.ndarray]:
    """The parameters moved a little, so that biases of zero do not hide what becomes of them."""
    rng = np.random.default_rng(7)
    return [p + 0.3 * rng.normal(size=p.shape).astype(p.dtype) for p in read(network)]


def doings(built: ModuleType, sizes: tuple[int, ...]) -> Iterator[Any]:
    """Numbers of all kinds that a fault could show in, from two networks of one seed and one of another."""
    network, other, third = built.build(sizes, 1), built.build(sizes, 1), built.build(sizes, 2)
    yield read(network)
    yield read(third)
    write(network, _shaken(network))
    yield read(network)
    for n in (7, 3, 1):
        x, y = cases(n, sizes)
        yield np.array(network.forward(x))
        yield float(network.loss(x, y))
        yield float(network.loss(x, y))
        handed_out = network.gradients(x, y)
        yield [np.array(g) for g in handed_out]
        yield np.array(network.forward(-x))
        network.gradients(-x, y)
        yield [np.array(g) for g in handed_out]
        yield [x, y, *read(network)]
    x, y = cases(7, sizes)
    for scale in (1e2, 1e4):
        yield np.array(network.forward(scale * x))
        yield float(network.loss(scale * x, y))
    for _ in range(5):
        network.train_step(x, y, 0.1)
        yield read(network)
        yield [np.array(g) for g in network.gradients(x, y)]
    yield read(other)
    other.train_step(x[:3], y[:3], 0.1)
    yield read(other)


def transcript(built: ModuleType, sizes: tuple[int, ...]) -> Iterator[Any]:
    """What the network does, up to an exception, which is part of it."""
    try:
        yield from doings(built, sizes)
    except Exception as error:
        yield type(error).__name__


def alike(a: Any, b: Any) -> bool:
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, str) or isinstance(b, str):
        return bool(isinstance(a, str) and isinstance(b, str) and a == b)
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-7, atol=1e-12, equal_nan=True)


def differ(one: ModuleType, two: ModuleType, sizes: tuple[int, ...]) -> bool:
    """Whether they do anything differently, up to the first such thing: frameworks compile for long."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return not all(map(alike, transcript(one, sizes), transcript(two, sizes)))


def each_program(function: Any) -> Any:
    return pytest.mark.parametrize(
        "program", programs(), ids=[f"{path.parent.name}/{path.stem}" for path, _ in programs()]
    )(function)


@pytest.mark.parametrize("table", TABLES, ids=[t.parent.name for t in TABLES])
def test_each_file_has_a_table_and_each_table_a_file(table: Path) -> None:
    assert set(tomllib.loads(table.read_text(encoding="utf-8"))) == {f.stem for f in table.parent.glob("*.py")}


@each_program
def test_tables_are_complete(program: Program) -> None:
    _, entry = program
    assert set(entry) <= KEYS
    for id in [entry["cause"], *entry.get("also", [])]:
        assert re.fullmatch("[a-z]+(-[a-z]+)*", id)
    assert entry["stage"] in range(1, 9)
    assert entry["note"].endswith(".")


@each_program
def test_one_edit_mends_it(program: Program) -> None:
    """The mended network has the gradients of its loss, and a few small steps take the loss down."""
    path, entry = program
    faulty, right = sources(program)
    assert faulty.count(entry["wrong"]) == 1
    network = module(right, f"mended_{path.stem}").build(tuple(entry.get("sizes", SIZES)), 3)
    x, y = cases(7, tuple(entry.get("sizes", SIZES)))
    write(network, _shaken(network))
    parameters = read(network)
    eps = max(np.finfo(p.dtype).eps for p in parameters)
    for got, numerical in zip(network.gradients(x, y), numerical_gradients(network, x, y), strict=True):
        assert np.shape(got) == numerical.shape
        assert np.linalg.norm(got - numerical) <= 10 * eps ** (1 / 2) * (np.linalg.norm(numerical) + eps ** (1 / 6))
    before = network.loss(x, y)
    for _ in range(30):
        network.train_step(x, y, 0.003)
    assert network.loss(x, y) < before


@each_program
def test_the_fault_changes_numbers(program: Program) -> None:
    path, entry = program
    faulty, mended = (module(s, f"program_{path.stem}") for s in sources(program))
    tried = dict.fromkeys((tuple(entry.get("sizes", SIZES)), *OTHER_SIZES))
    assert any(differ(faulty, mended, sizes) for sizes in tried)
