"""A `StageResult` as JSON text and back, without loss.

JSON has no arrays of a given type, no NaN and no infinity, and tells no dataclass from another, so these are objects
with a tag under "$": {"$": "array", "dtype", "shape", "base64"}, {"$": "float", "value": "nan"}, {"$": "Curves",
...fields}.
Sequences come back as tuples.

The text carries its schema number and a SHA-256 of its content, so that a cut, altered or foreign file is never taken
for a result.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nnkit.curriculum import evidence, results, training_results
from nnkit.curriculum.results import SCHEMA, StageResult

_TAG = "$"
_CLASSES: dict[str, type[Any]] = {
    name: member
    for module in (evidence, results, training_results)
    for name, member in vars(module).items()
    if isinstance(member, type) and dataclasses.is_dataclass(member)
}
_ENVELOPE = re.compile(r'\{"schema":(\d+),"sha256":"([0-9a-f]{64})","result":(.*)\}\n', re.DOTALL)


class DamagedResult(Exception):
    """A stored result that cannot be read; the message says what is wrong with it."""


def encode(result: StageResult) -> str:
    """The result as one line of strict JSON. Raises TypeError for a value of a kind that no result should hold."""
    content = json.dumps(plain(result), allow_nan=False, separators=(",", ":"))
    return f'{{"schema":{SCHEMA},"sha256":"{digest(content)}","result":{content}}}\n'


def decode(text: str) -> StageResult:
    """The result in a text that `encode` made. Raises DamagedResult for any other text."""
    envelope = _ENVELOPE.fullmatch(text)
    if envelope is None:
        raise DamagedResult("it is not a whole stored result")
    schema, sha256, content = envelope.groups()
    if int(schema) != SCHEMA:
        raise DamagedResult(f"it has schema {schema}, and this nnkit reads schema {SCHEMA}")
    if digest(content) != sha256:
        raise DamagedResult("its checksum does not fit its content")
    try:
        result = rich(json.loads(content))
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedResult(f"another version of nnkit wrote it ({type(error).__name__}: {error})") from error
    if not isinstance(result, StageResult):
        raise DamagedResult("it holds something else than the result of a stage")
    return result


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def plain(value: Any) -> Any:
    """`value` in the types of JSON. Raises TypeError for a value of a kind that no result should hold."""
    match value:
        case None | bool() | str():
            return value
        case int() | np.integer():
            return int(value)
        case np.bool_():
            return bool(value)
        case float() | np.floating():
            number = float(value)
            return number if math.isfinite(number) else {_TAG: "float", "value": str(number)}
        case np.ndarray():
            return _plain_array(value)
        case Mapping():
            return _plain_mapping(value)
        case Sequence():
            return [plain(item) for item in value]
    name = type(value).__name__
    if _CLASSES.get(name) is not type(value):
        raise TypeError(f"a result cannot hold a {type(value).__qualname__}: {value!r}")
    fields = {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return {_TAG: name, **fields}


def _plain_array(array: np.ndarray[Any, Any]) -> dict[str, Any]:
    if array.dtype.kind not in "biufcU":  # numbers, truth values and strings: what has a fixed size and needs no pickle
        raise TypeError(f"a result cannot hold an array of {array.dtype}")
    data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
    return {_TAG: "array", "dtype": array.dtype.str, "shape": list(array.shape), "base64": data}


def _plain_mapping(mapping: Mapping[Any, Any]) -> dict[str, Any]:
    if _TAG in mapping or not all(isinstance(key, str) for key in mapping):
        return {_TAG: "mapping", "items": [[plain(key), plain(value)] for key, value in mapping.items()]}
    return {key: plain(value) for key, value in mapping.items()}


def rich(value: Any) -> Any:
    """What `plain` was given; `value` is used up."""
    if isinstance(value, list):
        return tuple(rich(item) for item in value)
    if not isinstance(value, dict):
        return value
    tag = value.pop(_TAG, None)
    match tag:
        case None:
            return {key: rich(item) for key, item in value.items()}
        case "float":
            return float(value["value"])
        case "array":
            flat = np.frombuffer(base64.b64decode(value["base64"], validate=True), dtype=np.dtype(value["dtype"]))
            return flat.reshape(value["shape"]).copy()  # a copy can be written to; the buffer cannot
        case "mapping":
            return {rich(key): rich(item) for key, item in value["items"]}
    return _CLASSES[tag](**{key: rich(item) for key, item in value.items()})
