"""Update rules: what to do with a gradient. theta and gradient are flat vectors; theta is changed in place.

The gradient g is used up: it serves as work space, because memory, not arithmetic, is what an update costs. Each rule
keeps its state (velocity, moments) in arrays like theta, made at its first step. eta is the learning rate, which may
change from step to step.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class GradientDescent:
    """theta <- theta - eta g."""

    name = "gradient_descent"

    def step(self, theta: Array, gradient: Array, learning_rate: float) -> None:
        gradient *= learning_rate
        theta -= gradient


class Momentum:
    """m <- lambda m - eta g; theta <- theta + m (Polyak 1964; source S1.4)."""

    name = "momentum"

    def __init__(self, decay: float = 0.9) -> None:
        self.decay = decay
        self._steps = 0
        self._m: Array | None = None

    def step(self, theta: Array, gradient: Array, learning_rate: float) -> None:
        if self._m is None:
            self._m = np.zeros_like(theta)
        self._steps += 1
        _drop_vanished(self._m, self._steps)
        gradient *= learning_rate
        self._m *= self.decay
        self._m -= gradient
        theta += self._m


class Nesterov:
    """m <- lambda m - eta g; theta <- theta + lambda m - eta g (Nesterov 1983; Sutskever et al. 2013, eq. 3 and 4).

    That is momentum with the gradient taken where the velocity is about to lead, theta being that place: with
    phi = theta - lambda m, it reads m <- lambda m - eta g(phi + lambda m); phi <- phi + m.
    """

    name = "nesterov"

    def __init__(self, decay: float = 0.9) -> None:
        self.decay = decay
        self._steps = 0
        self._m: Array | None = None

    def step(self, theta: Array, gradient: Array, learning_rate: float) -> None:
        if self._m is None:
            self._m = np.zeros_like(theta)
        self._steps += 1
        _drop_vanished(self._m, self._steps)
        gradient *= learning_rate
        self._m *= self.decay
        self._m -= gradient
        theta -= gradient
        theta += np.multiply(self._m, self.decay, out=gradient)


class Adagrad:
    """s <- s + g^2; theta <- theta - eta g / (sqrt(s) + eps) (Duchi, Hazan and Singer 2011; source S1.6).

    s is a sum: t times the mean square of all t gradients so far. So the steps are eta / sqrt(t) for a gradient of its
    usual size, and training cools down by itself.
    """

    name = "adagrad"

    def __init__(self, eps: float = 1e-10) -> None:
        self.eps = eps
        self._s: Array | None = None

    def step(self, theta: Array, gradient: Array, learning_rate: float) -> None:
        if self._s is None:
            self._s, self._work = np.zeros_like(theta), np.empty_like(theta)
        work = self._work
        self._s += np.multiply(gradient, gradient, out=work)
        np.sqrt(self._s, out=work)
        work += self.eps
        gradient /= work
        gradient *= learning_rate
        theta -= gradient


class RMSProp:
    """v <- alpha v + (1 - alpha) g^2; theta <- theta - eta g / (sqrt(v) + eps) (Hinton 2012, lecture 6e; source S1.6).

    Unlike Adagrad it forgets, so that a long steep stretch does not slow down all that comes after. v starts from 0
    without a correction, so the first step is 1 / sqrt(1 - alpha) times as long as later ones. Stored is v / (1 - alpha).
    """

    name = "rmsprop"

    def __init__(self, decay: float = 0.9, eps: float = 1e-8) -> None:
        self.decay, self.eps = decay, eps
        self._steps = 0
        self._v: Array | None = None

    def step(self, theta: Array, gradient: Array, learning_rate: float) -> None:
        if self._v is None:
            self._v, self._work = np.zeros_like(theta), np.empty_like(theta)
        self._steps += 1
        v, work = self._v, self._work
        _drop_vanished(v, self._steps)
        v *= self.decay
        v += np.multiply(gradient, gradient, out=work)
        # As in Adam: eta g / (sqrt(c v) + eps) = (eta / sqrt(c)) g / (sqrt(v) + eps / sqrt(c)), with c = 1 - alpha.
        c = 1 - self.decay
        np.sqrt(v, out=work)
        work += self.eps / c**0.5
        gradient /= work
        gradient *= learning_rate / c**0.5
        theta -= gradient


class Adam:
    """theta <- theta - eta m^ / (sqrt(v^) + eps), with m^ and v^ the bias-corrected means of g and g^2.

    Kingma and Ba 2015, Algorithm 1, in the order of its section 2: RMSProp with momentum (source S1.6). Stored are
    m / (1 - beta1) and v / (1 - beta2), which saves two of twelve passes over memory; all constants are joined into the
    two numbers at the end.
    """

    name = "adam"

    def __init__(self, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> None:
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self._steps = 0
        self._m: Array | None = None

    def step(self, theta: Array, gradient: Array, learning_rate: float) -> None:
        m, v = self._moments(gradient)
        work = gradient
        # m^ = c1 m and v^ = c2 v, so eta m^ / (sqrt(v^) + eps) = (eta c1 / sqrt(c2)) m / (sqrt(v) + eps / sqrt(c2)).
        c1, c2 = self._corrections()
        np.sqrt(v, out=work)
        work += self.eps / c2**0.5
        np.divide(m, work, out=work)
        work *= learning_rate * c1 / c2**0.5
        theta -= work

    def _moments(self, gradient: Array) -> tuple[Array, Array]:
        """m / (1 - beta1) and v / (1 - beta2) with this gradient, which is used up, taken in."""
        if self._m is None:
            self._m, self._v = np.zeros_like(gradient), np.zeros_like(gradient)
        self._steps += 1
        m, v = self._m, self._v
        _drop_vanished(m, self._steps)
        m *= self.beta1
        m += gradient
        v *= self.beta2
        v += np.multiply(gradient, gradient, out=gradient)
        return m, v

    def _corrections(self) -> tuple[float, float]:
        """c1, c2: what makes m^ and v^ of the stored moments."""
        t = self._steps
        return (1 - self.beta1) / (1 - self.beta1**t), (1 - self.beta2) / (1 - self.beta2**t)


class AdamW(Adam):
    """theta <- (1 - eta lambda) theta, then a step of Adam (Loshchilov and Hutter 2019, Algorithm 2; source S4.8).

    The decay is decoupled: it does not pass through the moments, where a penalty in the loss would be divided by
    sqrt(v^), and so would hold back least those weights whose gradients are large. lambda is multiplied by eta, as
    PyTorch does (in the paper, only by what a schedule makes of eta), and all of theta decays, biases too.
    """

    name = "adamw"

    def __init__(self, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8, weight_decay: float = 0.01) -> None:
        super().__init__(beta1, beta2, eps)
        self.weight_decay = weight_decay

    def step(self, theta: Array, gradient: Array, learning_rate: float) -> None:
        theta *= 1 - learning_rate * self.weight_decay
        super().step(theta, gradient, learning_rate)


class RAdam(Adam):
    """Adam whose first steps are rectified, which spares it a warm-up (Liu et al. 2020, Algorithm 2; source S4.8).

    With rho_inf = 2 / (1 - beta2) - 1 and rho = rho_inf - 2 t beta2^t / (1 - beta2^t), the number of gradients that v^
    is worth: while rho <= 5, theta <- theta - eta m^, since v^ cannot be trusted yet; from then on
    theta <- theta - eta r m^ sqrt(1 - beta2^t) / (sqrt(v) + eps), with
    r^2 = (rho - 4) (rho - 2) rho_inf / ((rho_inf - 4) (rho_inf - 2) rho), which rises towards 1. The paper begins at
    rho > 4, where r is next to nothing, and has no eps; the 5 and the place of eps are PyTorch's.
    """

    name = "radam"

    def step(self, theta: Array, gradient: Array, learning_rate: float) -> None:
        m, v = self._moments(gradient)
        work = gradient
        c1, c2 = self._corrections()
        r = self._rectification()
        if r == 0:
            np.multiply(m, learning_rate * c1, out=work)
        else:
            np.sqrt(v, out=work)
            work += self.eps / (1 - self.beta2) ** 0.5
            np.divide(m, work, out=work)
            work *= learning_rate * r * c1 / c2**0.5
        theta -= work

    def _rectification(self) -> float:
        """r, or 0 where v^ cannot be trusted yet."""
        t, power = self._steps, self.beta2**self._steps
        most = 2 / (1 - self.beta2) - 1
        rho = most - 2 * t * power / (1 - power)
        if rho <= 5:
            return 0.0
        return float(((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho)) ** 0.5)


def _drop_vanished(m: Array, steps: int) -> None:
    """Every hundredth step, set to 0 what has decayed to next to nothing.

    A weight whose input is rarely anything but 0 (a pixel at the rim) has a velocity that decays by a tenth a step, into
    numbers below the smallest normal float. Those stay for ever, change no weight, and take a processor a hundred times
    as long: on MNIST they made the update two and a half times as slow within an epoch.
    """
    if steps % 100 == 0:
        m[np.abs(m) < 1e10 * np.finfo(m.dtype).tiny] = 0


OPTIMISERS = {rule.name: rule for rule in (GradientDescent, Momentum, Nesterov, Adagrad, RMSProp, Adam, AdamW, RAdam)}
