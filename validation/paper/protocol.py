"""The paper's protocol and parameters: what the captions fix, and the round values chosen here.

Sec. IV and the captions of Figs. 2-15. May import: numpy, qbnum.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from qbnum import Junction

__all__ = [
    "BASE",
    "FIG_8",
    "REGIMES",
    "SEVERAL_BIASES",
    "SMALL_BIASES",
    "SMALL_GRADIENTS",
    "battery",
]

BASE = {
    "hopping": 1.0,
    "onsite": 0.0,
    "coupling": 0.12,
    "mu_eq": 0.1,
    "temperature_eq": 0.1,
}
"""Captions of Figs. 2 and 4: both leads alike."""

REGIMES = {"full": -0.2, "resonant": 0.1, "empty": 0.4}
"""The level in the regimes of Sec. IV A, caption of Fig. 4."""

FIG_8 = {"level": 0.3, "mu_eq": 0.0}
"""Caption of Fig. 8, whose panels have the couplings 0.12 and 0.06."""

# Not in the text: round values, small against the thermal and the bias window.
SMALL_BIASES = (-0.1, 0.0, 0.1)
"""The "additional applied bias" of the figures over the gradient."""
SMALL_GRADIENTS = (-0.05, 0.0, 0.05)
"""The "additional temperature gradient" of the figures over the bias, and of Fig. 7."""
SEVERAL_BIASES = (0.1, 0.3, 0.5, 0.7)
"""The "different applied biases" of Fig. 6."""


def battery(
    level: ArrayLike, bias: ArrayLike = 0.0, gradient: ArrayLike = 0.0, **other: Any
) -> Junction:
    """Return the paper's junction(s): bias and gradient on the left lead only (Sec. IV B).

    Parameters
    ----------
    level, bias, gradient : float or array
        Broadcast against each other.
    **other
        Parameters of ``Junction.symmetric`` that differ from `BASE`.
    """
    return Junction.symmetric(
        level=level, bias=bias, temperature_gradient=gradient, **(BASE | other)
    )
