"""A PyTorch module, its loss function and its optimiser as a network under test.

The module is used as it is: its float type, its layout (a Linear holds W as (outputs, inputs)), its mode. Dropout in a
module in train mode gives another output at each call, and BatchNorm lets the rows of a batch influence one another:
call `module.eval()` before, if that is not what is to be tested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

Array = NDArray[Any]
#: the body of somebody's training loop: step(module, loss, optimiser, x, y)
Step = Callable[[nn.Module, Callable[..., Tensor], torch.optim.Optimizer, Tensor, Tensor], object]

_WANT_CLASSES = (nn.CrossEntropyLoss, nn.NLLLoss, nn.MultiMarginLoss)
_WANT_CLASSES_TOO = (functional.cross_entropy, functional.nll_loss, functional.multi_margin_loss)


def one_step(
    module: nn.Module, loss: Callable[..., Tensor], optimiser: torch.optim.Optimizer, x: Tensor, y: Tensor
) -> None:
    """The usual training step of PyTorch."""
    optimiser.zero_grad()
    loss(module(x), y).backward()
    optimiser.step()


class PyTorchNetwork:
    """The five methods for `module`, in its own float type, on the CPU.

    loss: loss(outputs, targets), a function or a module such as nn.BCEWithLogitsLoss(). optimiser: a class or function
    that is given the parameters (torch.optim.SGD, lambda p: torch.optim.Adam(p, betas=(0.8, 0.99))), or an optimiser
    made already; every train_step sets the learning rate of all its groups. step: the body of your own training loop,
    step(module, loss, optimiser, x, y), where it is not `one_step`. dtype: "float32" or "float64" converts the module;
    None leaves it. class_indices: whether the loss wants numbers of classes (n,) instead of one-hot rows (n, k); None:
    cross-entropy, NLL and multi-margin losses of PyTorch do, others do not.

    A module whose outputs are (n,) is given targets (n,) too. Raises TypeError or ValueError for a module with
    parameters that NumPy cannot share: not on the CPU, or not float32 or float64.
    """

    def __init__(
        self,
        module: nn.Module,
        loss: Callable[..., Tensor],
        optimiser: torch.optim.Optimizer | Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer],
        *,
        step: Step = one_step,
        dtype: str | None = None,
        class_indices: bool | None = None,
    ) -> None:
        if dtype not in (None, "float32", "float64"):
            raise ValueError(f'dtype is "float32", "float64" or None; got {dtype!r}')
        self.module = module if dtype is None else module.to(getattr(torch, dtype))
        _require_shareable(self.module)
        self.loss_of_outputs = loss
        # `optimiser` is made after the conversion, as PyTorch asks for.
        made = isinstance(optimiser, torch.optim.Optimizer)
        self.optimiser: torch.optim.Optimizer = optimiser if made else optimiser(self.module.parameters())
        self.step = step
        if class_indices is None:
            class_indices = isinstance(loss, _WANT_CLASSES) or loss in _WANT_CLASSES_TOO
        self.class_indices = class_indices

    def parameters(self) -> list[Array]:
        """Live arrays in the order of module.parameters(): they share their memory with the tensors."""
        return [parameter.detach().numpy() for parameter in self.module.parameters()]

    def forward(self, x: Array) -> Array:
        """(n, d_in) to what the module returns, (n, d_out): logits, where the loss wants logits."""
        with torch.no_grad():
            outputs = self.module(self._tensor(x))
        return np.asarray(outputs[:, None] if outputs.ndim == 1 else outputs)

    def loss(self, x: Array, y: Array) -> float:
        """The loss function's value. Raises ValueError where that is not one number."""
        with torch.no_grad():
            return float(self._loss(x, y))

    def gradients(self, x: Array, y: Array) -> list[Array]:
        """d loss / d parameter by autograd: fresh arrays, which neither read nor change the tensors' own `.grad`.

        Raises ValueError naming a parameter that autograd does not reach.
        """
        named = list(self.module.named_parameters())
        for name, parameter in named:
            if not parameter.requires_grad:
                raise ValueError(
                    f"parameter {name} of shape {tuple(parameter.shape)} is frozen (requires_grad=False), so PyTorch "
                    "gives it no gradient and never trains it: set requires_grad to True, or make it a buffer"
                )
        loss = self._loss(x, y)
        if not loss.requires_grad:
            raise ValueError(
                "the loss is cut off from all parameters: look for detach(), .data, .item(), numpy(), no_grad() or a "
                "step such as argmax or round between the inputs and the loss"
            )
        gradients = torch.autograd.grad(loss, [parameter for _, parameter in named], allow_unused=True)
        for (name, parameter), gradient in zip(named, gradients, strict=True):
            if gradient is None:
                raise ValueError(
                    f"parameter {name} of shape {tuple(parameter.shape)} has no gradient: the loss does not depend on "
                    "it. Either forward() does not use it, or detach(), .data or no_grad() cuts the way to it"
                )
        return [np.array(gradient.numpy()) for gradient in gradients]

    def train_step(self, x: Array, y: Array, learning_rate: float) -> None:
        """One step of the optimiser with this rate; `.grad` is what the training step makes of it."""
        for group in self.optimiser.param_groups:
            group["lr"] = float(learning_rate)
        self.step(self.module, self._loss_of, self.optimiser, self._tensor(x), self._targets(y))

    def get_state(self) -> dict[str, Any]:
        """For a checkpoint: module, optimiser and PyTorch's generator (dropout). Not what `step` keeps for itself."""
        return {
            "module": self.module.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "generator": torch.get_rng_state(),
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from the state of another of the same module and optimiser."""
        self.module.load_state_dict(state["module"])
        self.optimiser.load_state_dict(state["optimiser"])
        torch.set_rng_state(state["generator"])

    # ------------------------------------------------------------------------------------------------------------------

    def _loss(self, x: Array, y: Array) -> Tensor:
        loss = self._loss_of(self.module(self._tensor(x)), self._targets(y))
        if loss.numel() != 1:
            raise ValueError(
                f"the loss must be one number; it has shape {tuple(loss.shape)}: reduce it, say by reduction='mean'"
            )
        return loss

    def _loss_of(self, outputs: Tensor, y: Tensor) -> Tensor:
        # (n,) beside (n, 1) would be broadcast to (n, n): a module with outputs (n,) is trained with targets (n,).
        return self.loss_of_outputs(outputs, y[:, 0] if outputs.ndim == 1 and y.ndim == 2 else y)

    def _targets(self, y: Array) -> Tensor:
        return _classes(self._tensor(y)) if self.class_indices else self._tensor(y)

    def _tensor(self, array: Array) -> Tensor:
        """Shares its memory where the type agrees: a module that writes into its inputs is to be found out."""
        dtype = next(self.module.parameters()).detach().numpy().dtype
        return torch.from_numpy(np.require(array, dtype, ["C", "W"]))


def _classes(y: Tensor) -> Tensor:
    """One-hot rows (n, k) as numbers of classes (n,). Raises ValueError for anything else, which has none."""
    if y.ndim != 2 or y.shape[1] < 2:
        raise ValueError(
            f"a loss over classes needs at least two outputs; the targets have shape {tuple(y.shape)}. For one output "
            "take BCEWithLogitsLoss: the softmax of a single number is always 1"
        )
    if not bool((((y == 0) | (y == 1)).all(dim=1) & (y.sum(dim=1) == 1)).all()):
        raise ValueError("the loss wants classes, and not every row of y is one-hot: see the option class_indices")
    return y.argmax(dim=1)


def _require_shareable(module: nn.Module) -> None:
    named: Sequence[tuple[str, nn.Parameter]] = list(module.named_parameters())
    if not named:
        raise ValueError(f"{type(module).__name__} has no parameters: keep layers as attributes or in a ModuleList")
    for name, parameter in named:
        if parameter.device.type != "cpu":
            raise ValueError(f"parameter {name} is on {parameter.device}; nnkit works on the CPU: call module.cpu()")
        if parameter.dtype not in (torch.float32, torch.float64):
            raise TypeError(f"parameter {name} is {parameter.dtype}; give dtype='float64', or call module.double()")
