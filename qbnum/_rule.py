"""The Gauss-Legendre rule of the panels, on the unit interval. May import: numpy.

The table is written out because NumPy's and SciPy's weights for 32 nodes are wrong by 6e-14 and
6e-13 (the outermost, relative), which would be this package's largest error. The values here are
the exact ones rounded once; a test recomputes them in 40 digits.
"""

from __future__ import annotations

import numpy as np

__all__ = ["NODES", "TAIL", "UNIT", "WEIGHTS"]

# Nodes left of the middle, as distances from the end of [0, 1], and their weights.
_HALF = np.array(
    [
        (0.0013680690752592183, 0.003509305004735048),
        (0.007194244227365833, 0.008137197365452835),
        (0.017618872206246784, 0.01269603265463103),
        (0.03254696203113015, 0.017136931456510716),
        (0.05183942211697394, 0.02141794901111334),
        (0.07531619313371501, 0.025499029631188087),
        (0.1027581020160288, 0.029342046739267772),
        (0.13390894062985517, 0.032911111388180925),
        (0.1684778665348924, 0.03617289705442425),
        (0.20614212137961885, 0.039096947893535156),
        (0.2465500455338853, 0.041655962113473374),
        (0.2893243619346823, 0.043826046502201906),
        (0.33406569885893617, 0.045586939347881945),
        (0.38035631887393145, 0.04692219954040228),
        (0.42776401920860174, 0.04781936003963743),
        (0.4758461671561308, 0.0482700442573639),
    ]
)

NODES = 2 * len(_HALF)

UNIT = np.concatenate([_HALF[:, 0], 1.0 - _HALF[::-1, 0]])
"""Nodes in (0, 1)."""

WEIGHTS = np.concatenate([_HALF[:, 1], _HALF[::-1, 1]])
"""Weights; their sum is 1."""


def _tail_rows() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    degrees = np.array([NODES - 2, NODES - 1])
    P = np.polynomial.legendre.legvander(2.0 * UNIT - 1.0, NODES - 1)[:, degrees]
    return np.asarray((2 * degrees + 1)[:, None] * P.T * WEIGHTS)


TAIL = _tail_rows()
"""Rows that map node values to the last two Legendre coefficients."""
