"""Somebody in the race."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Contestant:
    """`run(steps)` makes that many updates, with all that belongs to them; threads: how many it may use."""

    name: str
    threads: int
    run: Callable[[int], None]
