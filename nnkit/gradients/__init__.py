"""Numerical gradients with error bars, the gradient check, and the curvature where training stands still."""

from nnkit.gradients.check import check_gradients
from nnkit.gradients.complex_step import ComplexStepUnavailable
from nnkit.gradients.directions import Directions
from nnkit.gradients.entries import Status
from nnkit.gradients.findings import Cost, EntryCheck, GradientCheck, ParameterCheck, PointCheck
from nnkit.gradients.hessian import StationaryPoint, classify_stationary_point, hessian, stationary_point
from nnkit.gradients.lanczos import Eigenpair, Extremes, extreme_eigenvalues, hessian_product
from nnkit.gradients.noise import noise_level
from nnkit.gradients.numerical import NumericalGradient, central_slopes, numerical_gradient
from nnkit.gradients.parameters import Parameters, gradient_of, loss_of, parameter_names

__all__ = [
    "ComplexStepUnavailable",
    "Cost",
    "Directions",
    "Eigenpair",
    "EntryCheck",
    "Extremes",
    "GradientCheck",
    "NumericalGradient",
    "ParameterCheck",
    "Parameters",
    "PointCheck",
    "StationaryPoint",
    "Status",
    "central_slopes",
    "check_gradients",
    "classify_stationary_point",
    "extreme_eigenvalues",
    "gradient_of",
    "hessian",
    "hessian_product",
    "loss_of",
    "noise_level",
    "numerical_gradient",
    "parameter_names",
    "stationary_point",
]
