"""What a network declares, and its parameters read and written."""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np
import pytest

from nnkit.diagnosis import Conventions, get_parameters, set_parameters
from nnkit.diagnosis.conventions import declared
from nnkit.diagnosis.formulas import NotRead


class Bare:
    """A network with nothing but parameters and declarations."""

    def __init__(self, *parameters: Any, **declarations: Any) -> None:
        self._parameters = list(parameters)
        for name, value in declarations.items():
            setattr(self, name, value)

    def parameters(self) -> list[Any]:
        return self._parameters


class Immutable(Bare):
    """Keeps read-only arrays, and takes new ones by set_parameters alone."""

    def set_parameters(self, arrays: list[Any]) -> None:
        self._parameters = arrays
        for array in arrays:
            array.flags.writeable = False


@pytest.mark.parametrize(
    ("attribute", "said", "name"),
    [
        ("hidden", "tanh", "tanh"),
        ("hidden", "ReLU", "relu"),
        ("hidden", "leaky relu", "leaky_relu"),
        ("hidden", "leaky_relu(0.2)", "leaky_relu(0.2)"),
        ("hidden", "swish", "silu"),
        ("output", "logistic", "sigmoid"),
        ("output", "Softmax", "softmax"),
        ("output", "linear", "identity"),
        ("loss_function", "MSE", "mse"),
        ("loss_function", "binary-crossentropy", "binary_cross_entropy"),
        ("loss_function", "categorical_crossentropy", "cross_entropy"),
    ],
)
def test_names_as_people_write_them(attribute: str, said: str, name: str) -> None:
    assert declared(Bare(**{attribute: said}), attribute) == name


ANYTHING: list[Any] = [[3], np.ones(3), ["relu", "relu"], np.tanh, 3, {}, None, np.array("relu"), "whoosh", "unread"]


@pytest.mark.parametrize("attribute", ["hidden", "output", "loss_function"])
@pytest.mark.parametrize("value", ANYTHING, ids=repr)
def test_an_attribute_that_is_something_else_says_nothing(value: Any, attribute: str) -> None:
    assert declared(Bare(**{attribute: value}), attribute) == ""
    assert declared(Bare(), attribute) == ""


def test_softmax_is_no_activation_of_hidden_units() -> None:
    assert declared(Bare(hidden="softmax"), "hidden") == ""
    assert declared(Bare(loss_function="softmax"), "loss_function") == ""


def test_names_of_an_enumeration_are_read_as_plain_strings() -> None:
    class Name(str, Enum):  # noqa: UP042 - its str() is "Name.TANH", unlike a StrEnum's
        TANH = "tanh"

    name = declared(Bare(hidden=Name.TANH), "hidden")
    assert name == "tanh" and type(name) is str


def test_rounding_follows_from_the_float_type() -> None:
    read = Conventions("tanh", "sigmoid", "mse", "float32")
    assert read.eps == np.finfo("float32").eps


@pytest.mark.parametrize(("per_sample", "share"), [(False, 1.0), (True, 1 / 4)])
def test_penalties(per_sample: bool, share: float) -> None:
    how = Conventions("tanh", "sigmoid", "mse", "float64", (0.5, 0.0), (0.0, 2.0), per_sample)
    assert how.penalty([np.array([[1.0, -2.0]]), np.array([-3.0, 1.0])], 4) == pytest.approx(share * (2.5 + 8.0))
    assert Conventions("tanh", "sigmoid", "mse", "float64").penalty([np.ones(3)], 1) == 0


@pytest.mark.parametrize("kind", [Bare, Immutable])
def test_parameters_are_written_and_copied(kind: type[Bare]) -> None:
    network = kind(np.zeros((2, 1), "float32"), np.zeros(1, "float32"))
    set_parameters(network, [np.array([[1], [2]]), np.array([0.1])])
    values = get_parameters(network)
    assert [value.dtype.name for value in values] == ["float32", "float32"]
    assert np.array_equal(values[0], [[1], [2]])
    assert values[1][0] == np.float32(0.1)
    values[0][...] = 7
    assert np.array_equal(network.parameters()[0], [[1], [2]])


def test_standard_parameters_do_not_fit_an_unknown_layout() -> None:
    with pytest.raises(NotRead, match="which of its numbers is which weight"):
        set_parameters(Bare(np.zeros(3)), [np.zeros((2, 1)), np.zeros(1)])
