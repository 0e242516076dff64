"""Update rules, schedules, clipping and the Huber loss beside PyTorch's, to rounding error.

PyTorch counts schedules in steps, and nnkit in shares of the training: step t of T is the share t / T.
"""

from __future__ import annotations

import numpy as np
import pytest

from nnkit.network.losses import head
from nnkit.training import (
    Adagrad,
    Adam,
    AdamW,
    Averaged,
    GradientDescent,
    Momentum,
    Nesterov,
    Plateau,
    RAdam,
    RMSProp,
    clip_by_norm,
    clip_by_value,
    cosine,
    cyclical,
    exponential,
    one_cycle,
    step_decay,
)

torch = pytest.importorskip("torch")

EPS = np.finfo(float).eps
RATE = 0.05
STEPS = 40


def parameter(values):
    return torch.nn.Parameter(torch.tensor(values, dtype=torch.float64))


# Update rules ---------------------------------------------------------------------------------------------------------


# Where the rate is part of the velocity (source S1.4), it must not change on the way for PyTorch to agree.
FIXED = [
    (lambda: Momentum(0.8), lambda p: torch.optim.SGD(p, RATE, momentum=0.8)),
    (lambda: Nesterov(0.8), lambda p: torch.optim.SGD(p, RATE, momentum=0.8, nesterov=True)),
]
FREE = [
    (GradientDescent, lambda p: torch.optim.SGD(p, RATE)),
    (Adagrad, lambda p: torch.optim.Adagrad(p, RATE)),
    (lambda: RMSProp(0.99), lambda p: torch.optim.RMSprop(p, RATE)),
    (lambda: RMSProp(0.5, 1e-3), lambda p: torch.optim.RMSprop(p, RATE, alpha=0.5, eps=1e-3)),
    (Adam, lambda p: torch.optim.Adam(p, RATE)),
    (lambda: Adam(0.5, 0.9, 1e-3), lambda p: torch.optim.Adam(p, RATE, betas=(0.5, 0.9), eps=1e-3)),
    (AdamW, lambda p: torch.optim.AdamW(p, RATE)),
    (lambda: AdamW(weight_decay=0.3), lambda p: torch.optim.AdamW(p, RATE, weight_decay=0.3)),
    (RAdam, lambda p: torch.optim.RAdam(p, RATE)),
    (lambda: RAdam(0.5, 0.9, 1e-3), lambda p: torch.optim.RAdam(p, RATE, betas=(0.5, 0.9), eps=1e-3)),
]


@pytest.mark.parametrize(
    ("rule", "theirs", "changing"), [(*pair, False) for pair in FIXED] + [(*pair, True) for pair in FREE]
)
def test_update_rule(rule, theirs, changing):
    """The gradient of a bowl, with noise: each step depends on all before it."""
    rng, curvatures = np.random.default_rng(0), np.geomspace(0.1, 10, 12)
    theta = np.linspace(-1, 1, 12)
    rule, other = rule(), parameter(theta)
    optimiser = theirs([other])
    for step in range(STEPS):
        noise, rate = rng.normal(size=12), RATE * (1 + 0.5 * np.sin(step)) if changing else RATE
        optimiser.param_groups[0]["lr"] = rate
        other.grad = torch.from_numpy(curvatures * other.detach().numpy() + noise)
        optimiser.step()
        rule.step(theta, curvatures * theta + noise, rate)
        # Each step adds a few roundings, magnified a thousandfold by 1 - beta2 at first, as in the tests by hand.
        np.testing.assert_allclose(theta, other.detach().numpy(), rtol=0, atol=1000 * (step + 1) * EPS)


@pytest.mark.parametrize("decay", [None, 0.9])
def test_averaging(decay):
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

    model = torch.nn.Linear(3, 2).double()
    theirs = AveragedModel(model, multi_avg_fn=None if decay is None else get_ema_multi_avg_fn(decay))
    theta = torch.nn.utils.parameters_to_vector(model.parameters()).detach().numpy().copy()
    rule, optimiser = Averaged(GradientDescent(), decay), torch.optim.SGD(model.parameters(), RATE)
    rng = np.random.default_rng(0)
    for _ in range(STEPS):
        gradient = rng.normal(size=theta.size)
        start = 0
        for p in model.parameters():
            p.grad = torch.from_numpy(gradient[start : start + p.numel()].reshape(p.shape).copy())
            start += p.numel()
        optimiser.step()
        theirs.update_parameters(model)
        rule.step(theta, gradient, RATE)
        expected = torch.nn.utils.parameters_to_vector(theirs.module.parameters()).detach().numpy()
        np.testing.assert_allclose(rule.average, expected, rtol=0, atol=STEPS * 10 * EPS)


# Schedules ------------------------------------------------------------------------------------------------------------


def rates_of(make, steps=STEPS, rate=RATE):
    optimiser = torch.optim.SGD([parameter([0.0])], rate)
    scheduler, rates = make(optimiser), []
    for _ in range(steps):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    return rates


S = torch.optim.lr_scheduler


@pytest.mark.parametrize(
    ("schedule", "theirs"),
    [
        (step_decay(RATE, 7 / STEPS, 7 / STEPS), lambda o: S.StepLR(o, 7, 1 / 1.5)),
        (step_decay(RATE, 10 / STEPS, 5 / STEPS, 10), lambda o: S.MultiStepLR(o, range(10, STEPS, 5), 0.1)),
        (exponential(RATE, RATE * 0.9**STEPS), lambda o: S.ExponentialLR(o, 0.9)),
        (cosine(RATE), lambda o: S.CosineAnnealingLR(o, STEPS)),
        (cosine(RATE, 0.01), lambda o: S.CosineAnnealingLR(o, STEPS, eta_min=0.01)),
        (cyclical(0.01, RATE, 4), lambda o: S.CyclicLR(o, 0.01, RATE, 5, cycle_momentum=False)),
        (
            cyclical(0.01, RATE, 4, shrink=0.5),
            lambda o: S.CyclicLR(o, 0.01, RATE, 5, mode="triangular2", cycle_momentum=False),
        ),
    ],
)
def test_schedule(schedule, theirs):
    np.testing.assert_allclose([schedule(step / STEPS) for step in range(STEPS)], rates_of(theirs), rtol=1e-12)


def test_one_cycle():
    """PyTorch has its peak at step 0.3 T - 1, and its end at step T - 1."""
    expected = rates_of(lambda o: S.OneCycleLR(o, RATE, total_steps=STEPS, cycle_momentum=False), STEPS - 1)
    schedule = one_cycle(RATE, warm_up=(0.3 * STEPS - 1) / (STEPS - 1))
    rates = [schedule(step / (STEPS - 1)) for step in range(STEPS - 1)]
    np.testing.assert_allclose(rates, expected, rtol=1e-12)
    assert schedule(1.0) == pytest.approx(RATE / 25 / 1e4)


@pytest.mark.parametrize("options", [{}, {"patience": 2}, {"patience": 0, "threshold": 0.1}])
def test_plateau(options):
    optimiser = torch.optim.SGD([parameter([0.0])], RATE)
    scheduler, plateau = S.ReduceLROnPlateau(optimiser, factor=0.5, eps=0.0, **options), Plateau(**options)
    rng = np.random.default_rng(0)
    for step in range(60):
        value = 1 / (1 + step) + 0.1 * rng.random()
        scheduler.step(value)
        assert RATE * plateau.update(value) == pytest.approx(optimiser.param_groups[0]["lr"], rel=1e-12)
    assert plateau.factor < 1


# Clipping and the Huber loss ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0.1, 1.0, 100.0])
def test_clipping_by_norm(limit):
    """PyTorch adds 1e-6 to the norm, against a division by zero that cannot come here; that is taken out again."""
    gradients = [np.random.default_rng(0).normal(size=shape) for shape in ((4, 3), (3,), (3, 2))]
    theirs = [parameter(np.zeros_like(gradient)) for gradient in gradients]
    for p, gradient in zip(theirs, gradients, strict=True):
        p.grad = torch.from_numpy(gradient.copy())
    expected = float(torch.nn.utils.clip_grad_norm_(theirs, limit))
    norm = clip_by_norm(gradients, limit)
    assert norm == pytest.approx(expected, rel=1e-14)
    factor = (norm + 1e-6) / norm if norm > limit else 1.0
    for p, gradient in zip(theirs, gradients, strict=True):
        np.testing.assert_allclose(gradient, factor * p.grad.numpy(), rtol=1e-14)


def test_clipping_by_value():
    gradients = [np.random.default_rng(0).normal(size=(4, 3))]
    theirs = parameter(gradients[0])
    theirs.grad = torch.from_numpy(gradients[0].copy())
    torch.nn.utils.clip_grad_value_([theirs], 0.5)
    clip_by_value(gradients, 0.5)
    np.testing.assert_array_equal(gradients[0], theirs.grad.numpy())


@pytest.mark.parametrize("delta", [0.3, 1.0, 5.0])
def test_huber(delta):
    z, y = np.random.default_rng(0).normal(scale=3, size=(2, 8, 3))
    logits = parameter(z)
    loss = torch.nn.HuberLoss(delta=delta)(torch.tanh(logits), torch.from_numpy(y))
    loss.backward()
    the = head("tanh", "huber", huber_delta=delta)
    assert the.value(z, y) == pytest.approx(loss.item(), rel=1e-14)
    np.testing.assert_allclose(the.delta(z, y), logits.grad.numpy(), rtol=1e-12, atol=1e-16)
