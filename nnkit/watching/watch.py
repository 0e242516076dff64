"""`nnkit.watch`: one word for every kind of training."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

_WHAT = (
    "a network with train_step(x, y, learning_rate) and its data, a PyTorch module and its optimiser, a compiled Keras "
    "model, or nothing (for a loop of your own, which calls step(...))"
)


def watch(what: Any = None, *more: Any, page: str | Path | None = "training.html", **options: Any) -> Any:
    """Watch a training while it runs, and write one page about it at its end.

        with nnkit.watch() as seen:                        # your own loop in NumPy, which tells what it does
            ...
            seen.step(loss=loss, parameters=[W1, b1, W2, b2], gradients=[dW1, db1, dW2, db2], activations=[a1])

        with nnkit.watch(network, x, y):                   # your network, whose train_step(x, y, learning_rate) is seen
            ...

        nnkit.watch(module, optimiser, criterion)          # PyTorch; criterion: an nn.Module such as CrossEntropyLoss()

        model.fit(x, y, callbacks=[nnkit.watch(model)])    # Keras

    The page is written at the end of the `with` block, of `fit`, or of the program, whichever comes first, and it is
    written as well when an exception ends the training. It says what looks wrong (gradients that vanish or explode, dead
    and saturated units, a loss that stands still or is NaN), and draws the loss, and for each layer gradients, updates,
    activations and histograms. page=None: none; `trace` and `symptoms` of what is returned hold what was seen.

    It costs less than three hundredths of the time of the training, since it looks the more seldom the longer a look takes.
    Nothing of the training is changed: the same numbers come out with and without it.
    """
    if isinstance(what, (str, Path)):  # watch("page.html"), as one opens a file
        what, page = None, what
    if what is None:
        from nnkit.watching.loop import LoopWatch

        return LoopWatch(page, *more, **options)
    if _is(what, "keras", "Model"):
        from nnkit.watching.keras import KerasWatch

        return KerasWatch(what, page, *more, **options)
    if _is(what, "torch.nn", "Module"):
        from nnkit.watching.pytorch import ModuleWatch

        return ModuleWatch(what, page, *more, **options)
    if callable(getattr(what, "train_step", None)):
        from nnkit.watching.network import NetworkWatch

        return NetworkWatch(what, page, *more, **options)
    raise TypeError(f"nnkit.watch is given {_WHAT}; this is a {type(what).__qualname__}")


def _is(what: Any, module: str, name: str) -> bool:
    """Whether it is one of these, without an import: where the framework was never imported, nothing is of it."""
    known = getattr(sys.modules.get(module), name, None)
    return isinstance(known, type) and isinstance(what, known)
