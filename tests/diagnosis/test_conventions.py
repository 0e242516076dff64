"""How a network is read, and what it is told when it cannot be."""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np
import pytest

from nnkit.diagnosis import CannotRead, Conventions, get_parameters, read_conventions, set_parameters
from nnkit.subjects.shared import build


class Bare:
    """A network with nothing but parameters and declarations."""

    def __init__(self, *parameters: Any, **declared: Any) -> None:
        self._parameters = list(parameters)
        for name, value in ({"hidden": "relu", "output": "sigmoid", "loss_function": "mse"} | declared).items():
            setattr(self, name, value)

    def parameters(self) -> list[Any]:
        return self._parameters


class Immutable(Bare):
    """Keeps read-only arrays, and takes new ones by set_parameters alone."""

    def set_parameters(self, arrays: list[Any]) -> None:
        self._parameters = arrays
        for array in arrays:
            array.flags.writeable = False


def test_reads_what_is_declared() -> None:
    network = build((2, 3, 1), 0, hidden="tanh", output="sigmoid", loss="mse", dtype="float32")
    read = read_conventions(network, (2, 3, 1))
    assert read == Conventions("tanh", "sigmoid", "mse", "float32")
    assert read.eps == np.finfo("float32").eps
    assert read.as_dict() == {"hidden": "tanh", "output": "sigmoid", "loss": "mse", "dtype": "float32"}


def test_a_network_without_hidden_layers_need_not_say_what_they_would_be() -> None:
    network = Bare(np.zeros((2, 1)), np.zeros(1))
    del network.hidden
    assert read_conventions(network, (2, 1)).hidden == "identity"


@pytest.mark.parametrize("attribute", ["hidden", "output", "loss_function"])
def test_says_what_to_declare(attribute: str) -> None:
    network = Bare(np.zeros((2, 3)), np.zeros(3), np.zeros((3, 1)), np.zeros(1))
    delattr(network, attribute)
    with pytest.raises(CannotRead, match=rf"self\.{attribute} = .*no such attribute"):
        read_conventions(network, (2, 3, 1))
    setattr(network, attribute, "sine")
    with pytest.raises(CannotRead, match=r"it says 'sine'"):
        read_conventions(network, (2, 3, 1))


ANYTHING: list[Any] = [[3], np.ones(3), ["relu", "relu"], np.tanh, 3, {}, None, np.array("relu"), "swish", "softmax"]


@pytest.mark.parametrize("value", ANYTHING, ids=repr)
def test_an_attribute_that_is_something_else_is_not_taken_for_a_name(value: Any) -> None:
    neuron = Bare(np.zeros((2, 1)), np.zeros(1), hidden=value)
    assert read_conventions(neuron, (2, 1)).hidden == "identity"
    deep = Bare(np.zeros((2, 3)), np.zeros(3), np.zeros((3, 1)), np.zeros(1), hidden=value)
    with pytest.raises(CannotRead, match=r"hidden activation .* `self\.hidden = \"sigmoid\"`"):
        read_conventions(deep, (2, 3, 1))
    with pytest.raises(CannotRead, match=r"self\.loss_function = "):
        read_conventions(Bare(np.zeros((2, 1)), np.zeros(1), loss_function=value), (2, 1))


def test_names_of_an_enumeration_are_read_as_plain_strings() -> None:
    class Name(str, Enum):  # noqa: UP042 - its str() is "Name.TANH", unlike a StrEnum's
        TANH = "tanh"

    read = read_conventions(Bare(np.zeros((2, 1)), np.zeros(1), hidden=Name.TANH), (2, 1))
    assert read.hidden == "tanh" and type(read.hidden) is str


@pytest.mark.parametrize(
    "parameters",
    [
        [np.zeros((1, 2)), np.zeros(1)],  # outputs first
        [np.zeros((2, 1)), np.zeros((1, 1))],  # the bias as a row
        [np.zeros(1), np.zeros((2, 1))],  # the bias first
        [np.zeros((3, 1))],  # the bias folded in
    ],
)
def test_another_layout_is_not_read_silently(parameters: list[Any]) -> None:
    with pytest.raises(CannotRead, match=r"\[W1, b1, ...\]"):
        read_conventions(Bare(*parameters), (2, 1))


@pytest.mark.parametrize("kinds", [("float64", "float32"), ("float16", "float16"), ("int64", "int64")])
def test_other_float_types_are_not_read(kinds: tuple[str, str]) -> None:
    with pytest.raises(CannotRead, match=kinds[1]):
        read_conventions(Bare(np.zeros((2, 1), kinds[0]), np.zeros(1, kinds[1])), (2, 1))


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


def test_too_few_values_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        set_parameters(Bare(np.zeros((2, 1)), np.zeros(1)), [np.zeros((2, 1))])
