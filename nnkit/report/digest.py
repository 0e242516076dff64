"""A hash of plain data, arrays included: the name under which a drawing or a page is kept, and known to be up to
date.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np


def digest(*values: Any) -> str:
    """32 hex digits that depend on types, names, shapes and content of `values`, and on nothing else."""
    state = hashlib.blake2b(digest_size=16)
    for value in values:
        _feed(state.update, value)
    return state.hexdigest()


@cache
def report_source() -> str:
    """A hash of everything in this package that decides what a page looks like."""
    folder = Path(__file__).parent
    files = sorted([*folder.glob("*.py"), *folder.glob("templates/*")])
    return digest([(path.name, path.read_bytes()) for path in files])


@cache
def catalogue_source() -> str:
    """A hash of what the pages say of causes."""
    files = sorted((Path(__file__).parents[1] / "diagnosis" / "causes").glob("*.toml"))
    return digest([(path.name, path.read_bytes()) for path in files])


def _feed(update: Callable[[bytes], object], value: Any) -> None:
    if isinstance(value, bytes):
        update(b"b%d:" % len(value) + value)
    elif isinstance(value, str):
        encoded = value.encode("utf-8", "surrogatepass")
        update(b"s%d:" % len(encoded) + encoded)
    elif isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            _feed(update, value.tolist())
        else:
            update(f"a{value.dtype.str}{value.shape}:".encode())
            update(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, np.generic):  # a number is the same number after it was stored
        _feed(update, value.item())
    elif value is None or isinstance(value, (bool, int, float)):
        update(f"{type(value).__name__}{value!r};".encode())
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        update(f"d{type(value).__name__}(".encode())
        for name in _fields(type(value)):
            _feed(update, getattr(value, name))
        update(b")")
    elif isinstance(value, Mapping):
        update(b"m(")
        for key, item in value.items():
            _feed(update, str(key))
            _feed(update, item)
        update(b")")
    elif isinstance(value, Sequence):
        update(b"l(")
        for item in value:
            _feed(update, item)
        update(b")")
    else:
        raise TypeError(f"cannot take the digest of a {type(value).__name__}")


@cache
def _fields(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))
