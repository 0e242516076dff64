"""Files to start one's own network from: the examples of the checkout, which the wheel carries along."""

from __future__ import annotations

from nnkit.curriculum.collect import PACKAGE


def starter(kind: str) -> str:
    """The text of an example: the network "blank", "numpy", "pytorch", "jax" or "keras", or the program "training"."""
    packaged = PACKAGE / "examples"
    folder = packaged if packaged.is_dir() else PACKAGE.parent / "examples"
    name = "training_program.py" if kind == "training" else f"{kind}_network.py"
    return (folder / name).read_text(encoding="utf-8")
