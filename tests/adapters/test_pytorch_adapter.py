from __future__ import annotations

import numpy as np
import pytest
from contract import (
    BINARY,
    CLASSES,
    ONE_HOT,
    SIZES,
    X,
    assert_descends,
    assert_keeps_contract,
    assert_resumes,
    changes,
    example,
)

from nnkit.gradients import check_gradients

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

from nnkit.adapters.pytorch import PyTorchNetwork  # noqa: E402

SGD = torch.optim.SGD


def layers(*last, outputs=2):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, outputs), *last)


def network(module=None, loss=None, optimiser=SGD, **options):
    options = {"dtype": "float64"} | options
    return PyTorchNetwork(module or layers(), loss or nn.CrossEntropyLoss(), optimiser, **options)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_example_keeps_the_contract(dtype):
    build = example("pytorch_network")
    assert_keeps_contract(build((4, 3, 1), 0, dtype), X, BINARY, dtype)
    assert_keeps_contract(build(SIZES, 0, dtype), X, ONE_HOT, dtype)


@pytest.mark.parametrize(
    "module, loss, y",
    [
        (layers(outputs=1), nn.BCEWithLogitsLoss(), BINARY),
        (layers(nn.Sigmoid(), outputs=1), nn.BCELoss(), BINARY),
        (layers(), nn.CrossEntropyLoss(), ONE_HOT),
        (layers(), nn.CrossEntropyLoss(weight=torch.tensor([0.3, 0.7], dtype=torch.float64)), ONE_HOT),
        (layers(), functional.cross_entropy, ONE_HOT),
        (layers(nn.LogSoftmax(dim=1)), nn.NLLLoss(), ONE_HOT),
        (layers(nn.Softmax(dim=1)), nn.MSELoss(reduction="sum"), ONE_HOT),
        (layers(nn.Flatten(0), outputs=1), nn.MSELoss(), BINARY),
        (layers(), lambda out, y: ((out - y) ** 2).sum(dim=1).mean(), ONE_HOT),
    ],
)
def test_gradients_agree_with_the_loss(module, loss, y):
    subject = network(module, loss)
    assert check_gradients(subject, X, y, points=("start", "trained")).passed
    assert_descends(subject, X, y, 0.25)


def test_classes_are_what_the_loss_gets_of_one_hot_rows():
    # With weights of classes PyTorch's mean over classes is not its mean over rows of probabilities.
    loss = nn.CrossEntropyLoss(weight=torch.tensor([0.1, 0.9], dtype=torch.float64))
    subject = network(loss=loss)
    with torch.no_grad():
        expected = loss(subject.module(torch.from_numpy(X)), torch.from_numpy(CLASSES))
    assert subject.loss(X, ONE_HOT) == expected.item()
    as_rows = network(loss=loss, class_indices=False)
    assert abs(as_rows.loss(X, ONE_HOT) - expected.item()) > 0.01


def test_outputs_without_a_second_axis_are_not_broadcast():
    flat = network(layers(nn.Flatten(0), outputs=1), nn.MSELoss())
    column = network(layers(outputs=1), nn.MSELoss())
    assert flat.forward(X).shape == (7, 1)
    assert flat.loss(X, BINARY) == column.loss(X, BINARY)


def test_parameters_share_their_memory_with_the_module():
    subject = network()
    for array, (_, tensor) in zip(subject.parameters(), subject.module.named_parameters(), strict=True):
        assert np.shares_memory(array, tensor.detach().numpy())
    assert [array.shape for array in subject.parameters()] == [(3, 4), (3,), (2, 3), (2,)]


def test_float_type_is_the_module_s_own_unless_asked():
    assert network(dtype=None).parameters()[0].dtype == "float32"
    assert network(layers().double(), dtype=None).forward(X).dtype == "float64"
    assert network(layers().double(), dtype="float32").gradients(X, ONE_HOT)[0].dtype == "float32"
    with pytest.raises(ValueError, match='"float32", "float64" or None; got'):
        network(dtype="float16")


def test_rate_reaches_every_group_and_a_finished_optimiser_is_used():
    module = layers().double()
    optimiser = SGD([{"params": module[0].parameters(), "lr": 5.0}, {"params": module[2].parameters()}], lr=9.0)
    assert_descends(network(module, optimiser=optimiser), X, ONE_HOT, 0.125)
    assert not any(change.any() for change in changes(network(module, optimiser=optimiser), X, ONE_HOT, 0.0))


def test_optimiser_keeps_its_state_from_step_to_step():
    subject = network(optimiser=lambda p: torch.optim.Adam(p, betas=(0.5, 0.9)))
    twin = layers().double()
    adam = torch.optim.Adam(twin.parameters(), betas=(0.5, 0.9))
    for rate in (0.1, 0.01, 0.1):
        subject.train_step(X, ONE_HOT, rate)
        adam.param_groups[0]["lr"] = rate
        adam.zero_grad()
        nn.CrossEntropyLoss()(twin(torch.from_numpy(X)), torch.from_numpy(CLASSES)).backward()
        adam.step()
    for array, tensor in zip(subject.parameters(), twin.parameters(), strict=True):
        assert np.array_equal(array, tensor.detach().numpy())


def test_gradients_neither_read_nor_change_grad():
    subject = network()
    fresh = subject.gradients(X, ONE_HOT)
    assert all(parameter.grad is None for parameter in subject.module.parameters())
    for parameter in subject.module.parameters():
        parameter.grad = torch.ones_like(parameter)
    assert all(np.array_equal(g, h) for g, h in zip(subject.gradients(X, ONE_HOT), fresh, strict=True))
    assert all(bool((parameter.grad == 1).all()) for parameter in subject.module.parameters())


def test_what_autograd_does_not_reach_is_said_in_words():
    class Unused(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.spare = nn.Linear(4, 2), nn.Linear(5, 3)

        def forward(self, x):
            return self.used(x)

    with pytest.raises(ValueError, match=r"spare\.weight of shape \(3, 5\) has no gradient"):
        network(Unused()).gradients(X, ONE_HOT)

    class CutOff(nn.Sequential):
        def forward(self, x):
            return super().forward(x).detach()

    with pytest.raises(ValueError, match="cut off from all parameters"):
        network(CutOff(*layers())).gradients(X, ONE_HOT)

    frozen = layers()
    frozen[0].weight.requires_grad_(False)
    with pytest.raises(ValueError, match=r"parameter 0\.weight of shape \(3, 4\) is frozen"):
        network(frozen).gradients(X, ONE_HOT)


def test_what_a_loss_cannot_be_given_is_said_in_words():
    with pytest.raises(ValueError, match="at least two outputs"):
        network(layers(outputs=1)).loss(X, BINARY)
    with pytest.raises(ValueError, match="not every row of y is one-hot"):
        network().loss(X, np.full((7, 2), 0.5))
    with pytest.raises(ValueError, match=r"must be one number; it has shape \(7,\)"):
        network(loss=nn.CrossEntropyLoss(reduction="none")).loss(X, ONE_HOT)


def test_modules_that_numpy_cannot_share_are_refused():
    with pytest.raises(TypeError, match=r"0\.weight is torch\.bfloat16"):
        network(layers().bfloat16(), dtype=None)
    with pytest.raises(ValueError, match="on meta"):
        network(layers().to("meta"), dtype=None)
    with pytest.raises(ValueError, match="Tanh has no parameters"):
        network(nn.Tanh(), optimiser=SGD([torch.zeros(1)]))


def test_module_keeps_its_mode():
    subject = network(nn.Sequential(*layers(), nn.Dropout(0.5)))
    assert not np.array_equal(subject.forward(X), subject.forward(X))
    subject.module.eval()
    assert np.array_equal(subject.forward(X), subject.forward(X))
    subject.gradients(X, ONE_HOT)
    subject.train_step(X, ONE_HOT, 0.1)
    assert not subject.module.training

    normed = network(nn.Sequential(nn.BatchNorm1d(4), *layers()))
    assert not np.allclose(normed.forward(X)[:3], normed.forward(X[:3]))


def test_a_module_that_writes_into_its_inputs_is_not_covered_up():
    x = X.copy()
    network(nn.Sequential(nn.ReLU(inplace=True), *layers())).forward(x)
    assert not np.array_equal(x, X)
    x = X.copy()
    x.flags.writeable = False
    assert network().forward(x[::-1]).shape == (7, 2)


def test_example_without_zero_grad_adds_up_its_gradients():
    subject = example("pytorch_forgot_zero_grad")(SIZES, 0)
    assert check_gradients(subject, X, ONE_HOT, points=("start",)).passed
    assert_descends(subject, X, ONE_HOT, 0.5)
    # In the second step the first one's gradients are still there.
    second = subject.gradients(X, ONE_HOT)
    left = [parameter.grad.numpy().copy() for parameter in subject.module.parameters()]
    for change, g, h in zip(changes(subject, X, ONE_HOT, 0.5), second, left, strict=True):
        np.testing.assert_allclose(change, -0.5 * (g + h), rtol=0, atol=1e-14)
        assert not np.allclose(change, -0.5 * g, rtol=0.1)


@pytest.mark.parametrize("optimiser", [torch.optim.Adam, lambda p: SGD(p, 0.1, momentum=0.9)])
def test_a_training_is_resumed_with_the_optimisers_state_and_dropout(tmp_path, optimiser):
    assert_resumes(lambda: network(layers(nn.Dropout(0.3)), optimiser=optimiser), ONE_HOT, tmp_path / "file")
