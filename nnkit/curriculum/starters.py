"""Files to start one's own network from: the examples of the checkout, which the wheel carries along."""

from __future__ import annotations

from nnkit.curriculum.collect import PACKAGE


def starter(kind: str) -> str:
    """The text of an example: "blank", "numpy", "pytorch", "jax" or "keras"."""
    packaged = PACKAGE / "examples"
    folder = packaged if packaged.is_dir() else PACKAGE.parent / "examples"
    return (folder / f"{kind}_network.py").read_text(encoding="utf-8")
