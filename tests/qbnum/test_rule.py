"""The Gauss-Legendre table against 40-digit arithmetic."""

from __future__ import annotations

import numpy as np
from mpmath import mp, mpf

from qbnum import _rule


def test_nodes_and_weights_are_the_exact_ones_to_an_ulp() -> None:
    n = _rule.NODES
    with mp.workdps(40):
        for u, w in zip(_rule.UNIT, _rule.WEIGHTS, strict=True):
            x = 2 * mpf(float(u)) - 1
            for _ in range(4):  # Newton from 16 digits: 32, 64, ...
                slope = n * (x * mp.legendre(n, x) - mp.legendre(n - 1, x)) / (x * x - 1)
                x -= mp.legendre(n, x) / slope
            slope = -n * mp.legendre(n - 1, x) / (x * x - 1)
            for value, exact in ((u, (1 + x) / 2), (w, 1 / ((1 - x * x) * slope**2))):
                # One ulp: the nodes right of the middle are rounded once more as 1 - u.
                assert abs(mpf(float(value)) - exact) <= np.spacing(float(exact))


def test_the_rule_integrates_and_projects_polynomials() -> None:
    for degree in range(2 * _rule.NODES):
        assert abs(np.sum(_rule.WEIGHTS * _rule.UNIT**degree) * (degree + 1) - 1) < 1e-14
    last = np.polynomial.legendre.Legendre.basis(_rule.NODES - 1, domain=[0, 1])
    assert np.allclose(_rule.TAIL @ last(_rule.UNIT), [0.0, 0.0, 1.0], atol=1e-13)
