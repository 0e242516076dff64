"""The shared network as a network under test: `build(sizes, seed)`, as anybody's own network is written.

One output: sigmoid and binary cross-entropy. Several: softmax and cross-entropy. Hidden layers are ReLU in every
stage, so that what the early stages prove is what the late ones rest on.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nnkit.network import Network
from nnkit.training import OPTIMISERS


def build(
    sizes: tuple[int, ...],
    seed: int,
    dtype: npt.DTypeLike = "float64",
    *,
    hidden: str = "relu",
    output: str | None = None,
    loss: str | None = None,
    initialiser: str | None = None,
    optimiser: str = "momentum",
) -> Network:
    """A new network. Only `sizes`, `seed` and `dtype` are asked for by the stages; the rest is for trying others out.

    An output or loss left out follows from the other and from the number of outputs; an initialiser left out, from the
    hidden activation (He for the ReLU family, Glorot else).
    """
    if output is None:
        output = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}.get(
            loss or "", "sigmoid" if sizes[-1] == 1 else "softmax"
        )
    if loss is None:
        loss = {"sigmoid": "binary_cross_entropy", "softmax": "cross_entropy"}.get(output, "mse")
    if initialiser is None:
        initialiser = "he" if hidden in ("relu", "leaky_relu", "softplus") else "glorot"
    if optimiser not in OPTIMISERS:
        raise ValueError(f"optimiser is one of {', '.join(OPTIMISERS)}; got {optimiser!r}")
    return Network(
        sizes,
        hidden=hidden,
        output=output,
        loss=loss,
        initialiser=initialiser,
        update_rule=OPTIMISERS[optimiser](),
        rng=np.random.default_rng(seed),
        dtype=dtype,
    )
