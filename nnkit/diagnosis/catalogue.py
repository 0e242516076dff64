"""The catalogue of causes: what can be wrong with a network, under the names by which nnkit speaks of it.

A file in `causes/` for each area, a table in it for each cause. Running text may be wrapped there as one likes: line
breaks count as spaces. Code is kept line for line, and short enough that wrong and right fit side by side.
"""

from __future__ import annotations

import difflib
import textwrap
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

#: in the order in which a network is built, run and trained
AREAS = (
    "forward",
    "numerics",
    "state",
    "loss",
    "gradient",
    "update",
    "optimiser",
    "initialisation",
    "architecture",
    "data",
    "training",
)

_TEXTS = ("title", "what", "looks", "fix", "source")
_CODE = ("wrong", "right")


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One kind of bug.

    title: what is wrong, in a few words that can stand as a heading, without a full stop. what: a paragraph on what
    happens and why it hurts, for somebody who meets it for the first time. wrong, right: the same lines of NumPy with
    and without the bug, in the letters of the pages (x one sample in each row, W (inputs, outputs), z = x W + b,
    a = f(z), delta = dL/dz, p the output, n samples). looks: what one sees, in gradient checks and in training. fix:
    one sentence that says what to do. source: ids of the founding documents or places in the literature, parted by
    semicolons; empty where it is from experience.
    """

    id: str
    area: str
    title: str
    what: str
    wrong: str
    right: str
    looks: str
    fix: str
    source: str

    @property
    def sources(self) -> list[str]:
        return [part.strip() for part in self.source.split(";") if part.strip()]


@cache
def causes() -> Mapping[str, Cause]:
    """All causes by id, in the order of AREAS and within an area of its file."""
    folder = resources.files("nnkit.diagnosis") / "causes"
    found: dict[str, Cause] = {}
    for area in AREAS:
        for name, fields in tomllib.loads((folder / f"{area}.toml").read_text(encoding="utf-8")).items():
            if name in found:
                raise ValueError(f"the cause {name} is told twice, in {found[name].area}.toml and in {area}.toml")
            texts = {field: " ".join(fields.pop(field).split()) for field in _TEXTS}
            code = {field: textwrap.dedent(fields.pop(field)).strip("\n") for field in _CODE}
            if fields:
                raise ValueError(f"the cause {name} in {area}.toml has unknown fields: {', '.join(fields)}")
            found[name] = Cause(id=name, area=area, **texts, **code)
    return MappingProxyType(found)


def cause(name: str) -> Cause:
    """The cause with this id. Raises KeyError with a sentence that names similar ids."""
    known = causes()
    if name not in known:
        near = similar(name)
        raise KeyError(f"there is no cause {name!r}" + (f"; did you mean {' or '.join(near)}?" if near else ""))
    return known[name]


def similar(name: str, most: int = 3) -> list[str]:
    """Ids that are spelled like `name`, the nearest first, and then those that contain all of its words."""
    name = name.lower().replace("_", "-").replace(" ", "-")
    words = [word for word in name.split("-") if word]
    containing = [known for known in causes() if words and all(word in known for word in words)]
    return list(dict.fromkeys([*difflib.get_close_matches(name, causes(), most), *containing]))[:most]
