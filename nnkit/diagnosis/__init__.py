"""Diagnosis: how a network is to be read, and what its numbers should be."""

from nnkit.diagnosis.conventions import CannotRead, Conventions, get_parameters, read_conventions, set_parameters

__all__ = ["CannotRead", "Conventions", "get_parameters", "read_conventions", "set_parameters"]
