"""The Gauss-Legendre rule of the panels, on the unit interval. May import: numpy.

The table is written out because NumPy's and SciPy's weights may be wrong by hundreds of ulps, which
would be this package's largest error. The values here are the exact ones rounded once; a test
recomputes them in 40 digits.
"""

from __future__ import annotations

import numpy as np

__all__ = [
    "GRADING",
    "HALF",
    "HALF_WEIGHTS",
    "NODES",
    "POLE_GRADING",
    "TAIL",
    "UNIT",
    "WEIGHTS",
]

# Nodes left of the middle, as distances from the end of [0, 1], and their weights.
_HALF = np.array(
    [
        (0.005299532504175033, 0.013576229705877048),
        (0.02771248846338371, 0.031126761969323947),
        (0.06718439880608412, 0.04757925584124639),
        (0.12229779582249849, 0.06231448562776694),
        (0.19106187779867811, 0.07479799440828837),
        (0.2709916111713863, 0.08457825969750127),
        (0.35919822461037054, 0.09130170752246179),
        (0.4524937450811813, 0.09472530522753425),
    ]
)

NODES = 2 * len(_HALF)

GRADING = 1.75
"""A panel [a, b] may have a singularity s if |s - a| + |s - b| >= GRADING (b - a).

It then lies outside the Bernstein ellipse of rho = GRADING + sqrt(GRADING^2 - 1) = 3.2, and
the rule's error is rho^-32 = 1e-16 of the singularity's strength.
"""

POLE_GRADING = 1.85
"""The same for a resonance's pair of poles, seen from afar as one double pole.

rho = 3.4; the rule's error for a double pole is some 33 rho^-33 = 1e-16.
"""

HALF = np.ascontiguousarray(_HALF[:, 0])
"""The nodes of either half of a panel, as shares of its length from its end."""

HALF_WEIGHTS = np.ascontiguousarray(_HALF[:, 1])
"""Their weights; the sum is 1/2."""

UNIT = np.concatenate([HALF, 1.0 - HALF[::-1]])
"""Nodes in (0, 1)."""

WEIGHTS = np.concatenate([HALF_WEIGHTS, HALF_WEIGHTS[::-1]])
"""Weights; their sum is 1."""


def _tail_rows() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    degrees = np.array([NODES - 3, NODES - 2, NODES - 1])
    P = np.polynomial.legendre.legvander(2.0 * UNIT - 1.0, NODES - 1)[:, degrees]
    to_last = 3.0 ** (degrees - degrees[-1])
    return np.asarray((to_last * (2 * degrees + 1))[:, None] * P.T * WEIGHTS)


TAIL = _tail_rows()
"""Rows that map node values to the last three Legendre coefficients, as they bear on the last one.

The last ones fall by rho >= 3 each; a coefficient that happens to be small hides nothing.
"""
