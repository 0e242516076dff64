"""A PyTorch module and its optimiser: the end of each `optimiser.step()` is seen, by PyTorch's own hooks.

What comes out of a hidden layer is taken where it goes into the next layer that has weights, behind the activation,
be that a module or a function. Hooks that look at activations are there for the one step that is looked at, and no other.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nnkit.watching.recording import Recording
from nnkit.watching.seen import ROWS, Layer, Look

Array = NDArray[Any]


#: of the time, for looks: hooks take some of it at every step
SHARE = 0.007


class ModuleWatch(Recording):
    """criterion: the loss as an nn.Module, nn.CrossEntropyLoss() or your own, called as criterion(outputs, targets); with it
    the loss of every step is seen, and how many answers are right. Where your loss is a plain function, `tell` it.
    """

    def __init__(
        self,
        module: nn.Module,
        page: str | Path | None,
        optimiser: torch.optim.Optimizer,
        criterion: nn.Module | None = None,
    ) -> None:
        if not isinstance(optimiser, torch.optim.Optimizer):
            raise TypeError(
                "nnkit.watch(module, optimiser) wants an optimiser of torch.optim, made already; "
                f"this is a {type(optimiser).__name__}"
            )
        if criterion is not None and not isinstance(criterion, nn.Module):
            raise TypeError(
                "the third argument of nnkit.watch is the loss as an nn.Module, such as nn.CrossEntropyLoss(); of a plain "
                "function leave it out, and call tell(loss) in the loop, on what nnkit.watch returned"
            )
        super().__init__(page, type(module).__name__, SHARE)
        self._optimiser, self._criterion = optimiser, criterion
        self._layers = _layers(module)
        self._waiting: list[Tensor] = []  # losses on a device: to ask for each as a number would make it wait
        self._at_once: bool | None = None  # whether to ask for it is cheap; known with the first
        self._answers: tuple[Any, ...] = ()  # what the criterion was last given
        self._inputs: dict[str, Tensor] = {}
        self._before: dict[str, list[Array]] | None = None
        self._hooks: list[Any] = []  # of the step that is looked at
        self._lasting = optimiser.register_step_post_hook(self._after_step)
        if criterion is not None:
            # In the place of a forward hook, which makes the whole call several times as slow.
            self._own_forward = criterion.forward
            criterion.forward = self._forward
        self._prepare()

    def tell(self, loss: Tensor | float) -> None:
        """The loss of this step's batch. Call it before `optimiser.step()`."""
        if isinstance(loss, Tensor) and loss.device.type != "cpu":
            self._waiting.append(loss.detach())
        else:
            self.losses.append(loss.item() if isinstance(loss, Tensor) else float(loss))

    def detach(self) -> None:
        for hook in (*self._hooks, self._lasting):
            hook.remove()
        if self._criterion is not None:
            del self._criterion.forward
        self._fetch()

    def arrays(self) -> dict[str, Array]:
        return {
            f"weights of {name}": _array(next(iter(layer.parameters(recurse=False)))) for name, layer in self._layers
        }

    # ------------------------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        """If the next step is to be looked at, install what sees it."""
        if not self.moments.due(self.steps):
            return
        with self.moments.looking():
            if self.steps == 0:
                self.keep_arrays("start")
            self._hooks = [
                layer.register_forward_pre_hook(lambda _, given, name=name: self._see_input(name, given))
                for name, layer in self._layers
            ]
            self._hooks.append(self._optimiser.register_step_pre_hook(self._before_step))

    def _see_input(self, name: str, given: tuple[Any, ...]) -> None:
        if torch.is_grad_enabled() and given and isinstance(given[0], Tensor):  # else it is a validation's
            self._inputs[name] = given[0].detach()[:ROWS]

    def _forward(self, *given: Any, **named: Any) -> Any:
        """In the place of the criterion's own, at every step: nothing is asked twice here."""
        loss = self._own_forward(*given, **named)
        if loss.requires_grad:  # else it is a validation's
            if self._at_once is None:
                self._at_once = loss.ndim == 0 and loss.device.type == "cpu"
            if self._at_once:
                self.losses.append(loss.item())
            elif loss.ndim == 0:
                self._waiting.append(loss.detach())
            self._answers = given
        return loss

    def _before_step(self, optimiser: torch.optim.Optimizer, args: Any, named: Any) -> None:
        with self.moments.looking(first=False):
            self._before = {name: [_array(p).copy() for p in _parameters(layer)] for name, layer in self._layers}

    def _after_step(self, optimiser: torch.optim.Optimizer, args: Any, named: Any) -> None:
        step = self.steps
        self.steps = step + 1
        if self._before is not None:
            with self.moments.looking(first=False):
                self._look(step)
        elif len(self._waiting) >= 256:
            self._fetch()
        if step + 1 >= self.moments.next:
            self._prepare()

    def look_back(self) -> None:
        self._before = {name: [_array(p) for p in _parameters(layer)] for name, layer in self._layers}
        self._look(self.steps, last=True)

    def _look(self, step: int, last: bool = False) -> None:
        before = self._before or {}
        self._before = None
        for hook in self._hooks:
            hook.remove()
        self._hooks = []
        self._fetch()
        rate = self._optimiser.param_groups[0].get("lr")
        look = Look(step, rate=None if rate is None else float(rate))
        for number, (name, module) in enumerate(self._layers):
            layer = Layer(name)
            after = _parameters(module)
            slopes = [_array(p.grad) for p in after if p.grad is not None]
            layer.see(before[name], slopes, [] if last else [_array(p) for p in after])
            following = self._layers[number + 1][0] if number + 1 < len(self._layers) else ""
            if following in self._inputs:
                layer.see_activations(_array(self._inputs[following]))
            look.layers.append(layer)
        if len(self._answers) > 1:
            outputs, targets = self._answers[:2]
            self.kind = look.see_answers(_array(outputs), _array(targets), self.kind)
        self._inputs.clear()
        self.add(look)

    def _fetch(self) -> None:
        if self._waiting:
            self.losses += torch.stack([loss.reshape(()).float() for loss in self._waiting]).tolist()
            self._waiting.clear()


def _layers(module: nn.Module) -> list[tuple[str, nn.Module]]:
    """The parts that have weights of their own (matrices, kernels), in their order, with readable names."""
    found = [
        (name, part)
        for name, part in module.named_modules()
        if any(parameter.ndim >= 2 for parameter in part.parameters(recurse=False))
    ]
    return [(f"{name or 'module'} ({type(part).__name__})", part) for name, part in found]


def _parameters(layer: nn.Module) -> list[nn.Parameter]:
    return [parameter for parameter in layer.parameters(recurse=False) if parameter.requires_grad]


def _array(tensor: Tensor) -> Array:
    tensor = tensor.detach().cpu()
    return np.asarray((tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy())
