"""Ranges over which the claims' curves are searched, and how observables are labelled.

The text gives no ranges; these stay inside the band and keep T_L > 0. May import: numpy,
validation.paper.routes.
"""

from __future__ import annotations

import numpy as np

from validation.paper.routes import Array

__all__ = ["BIASES", "GRADIENTS", "LABELS", "LEVELS", "MODERATE", "rises"]

LEVELS = np.linspace(-1.2, 1.6, 141)
"""Levels of Figs. 2, 3, 6 and 7."""

BIASES = np.linspace(0.0, 1.0, 101)[1:]
"""Positive biases up to a quarter of the band."""

GRADIENTS = np.linspace(0.0, 1.0, 101)[1:]
"""Positive gradients of the same sizes: the left lead is the hotter one."""

MODERATE = np.linspace(0.0, 0.4, 81)[1:]
"""Positive gradients up to four times the temperature: those of Fig. 4."""

LABELS = {
    "charge_current": ("I_Q", "energy"),
    "energy_current": ("J_E", "energy^2"),
    "heat_current_left": ("J_H^L", "energy^2"),
    "exergy": ("exergy", "1"),
    "entropy": ("entropy", "1"),
}
"""Observable -> (label, unit)."""


def rises(values: Array) -> bool:
    """Return whether each value is larger than the one before."""
    return bool(np.all(np.diff(values) > 0))
