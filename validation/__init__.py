"""Cross-validation of qbsym, qbnum and arbitrary-precision references.

`reference` and `Enclosure` are loaded on first use, so that the command line starts quickly and
the reference never loads what it judges.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from validation.enclosure import Enclosure
    from validation.errors import (
        BoundStateError,
        MetricError,
        ParameterError,
        PrecisionNotReachedError,
        UnknownNameError,
        ValidationError,
    )
    from validation.exact import ExactJunction, ExactLead
    from validation.gradients import NotDifferentiableError, ReferenceGradient, reference_gradient
    from validation.references import Reference, reference

_HOMES = {
    "BoundStateError": "errors",
    "Enclosure": "enclosure",
    "ExactJunction": "exact",
    "ExactLead": "exact",
    "MetricError": "errors",
    "NotDifferentiableError": "gradients",
    "ParameterError": "errors",
    "PrecisionNotReachedError": "errors",
    "Reference": "references",
    "ReferenceGradient": "gradients",
    "UnknownNameError": "errors",
    "ValidationError": "errors",
    "reference": "references",
    "reference_gradient": "gradients",
}

__all__ = [
    "BoundStateError",
    "Enclosure",
    "ExactJunction",
    "ExactLead",
    "MetricError",
    "NotDifferentiableError",
    "ParameterError",
    "PrecisionNotReachedError",
    "Reference",
    "ReferenceGradient",
    "UnknownNameError",
    "ValidationError",
    "reference",
    "reference_gradient",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
