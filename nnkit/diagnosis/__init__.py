"""Diagnosis: how a network is to be read, and what its numbers should be."""

from nnkit.diagnosis.conventions import CannotRead, Conventions, get_parameters, set_parameters
from nnkit.diagnosis.form import Form, read_form

__all__ = ["CannotRead", "Conventions", "Form", "get_parameters", "read_form", "set_parameters"]
