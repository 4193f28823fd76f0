"""Double-double arithmetic against fractions, which have no rounding."""

from __future__ import annotations

import operator
from fractions import Fraction

import numpy as np
import pytest

from qbnum import _doubledouble as dd
from qbnum._doubledouble import DoubleDouble

COUNT = 200
UNIT = 2.0**-106


def drawn(seed: int) -> DoubleDouble:
    """Return numbers of both signs and many sizes, each with a low part of its own."""
    draw = np.random.default_rng(seed)
    hi = draw.uniform(-1, 1, COUNT) * 2.0 ** draw.integers(-40, 40, COUNT)
    lo = np.spacing(hi) * draw.uniform(-0.5, 0.5, COUNT)
    return DoubleDouble(*dd.exact_sum(hi, lo))


def fractions(x: DoubleDouble) -> list[Fraction]:
    return [Fraction(float(h)) + Fraction(float(low)) for h, low in zip(x.hi, x.lo, strict=True)]


A, B = drawn(1), drawn(2)


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul, operator.truediv])
@pytest.mark.parametrize("other", [B, B.hi], ids=["double-double", "double"])
def test_arithmetic_has_twice_the_digits(operation, other):
    found = fractions(operation(A, other))
    second = (
        fractions(other) if isinstance(other, DoubleDouble) else map(Fraction, map(float, other))
    )
    for a, b, c in zip(fractions(A), second, found, strict=True):
        size = (
            abs(a) + abs(b) if operation in (operator.add, operator.sub) else abs(operation(a, b))
        )
        assert abs(c - operation(a, b)) <= 16 * UNIT * size


def test_a_square_root_squared_is_the_number():
    squared = A * A
    for a, root in zip(fractions(squared), fractions(squared.sqrt()), strict=True):
        assert abs(root * root - a) <= 16 * UNIT * a


def test_a_difference_of_neighbours_keeps_its_digits():
    near = A + DoubleDouble(A.hi * 2.0**-80, 0 * A.hi)
    exact = [b - a for a, b in zip(fractions(A), fractions(near), strict=True)]
    found = dd.difference(near, A)
    assert found == pytest.approx([float(d) for d in exact], rel=2.0**-20)
    assert (A.less(near) == (A.hi > 0)).all()


def test_numbers_are_sorted_by_their_low_parts_where_the_high_ones_are_equal():
    hi = np.array([[2.0, 1.0, 1.0, 1.0], [4.0, 3.0, 2.0, 1.0], [0.5, 2.0, 1.0, 1.0]])
    lo = np.array(
        [[0.0, 3e-17, -2e-17, 1e-17], [1e-17, 2e-17, 3e-17, 4e-17], [0.0, 0, 2e-17, 1e-17]]
    )
    found = dd.sort(DoubleDouble(hi, lo))
    assert found.hi.tolist() == np.sort(hi).tolist()
    assert found.lo.tolist() == [
        [-2e-17, 1e-17, 3e-17, 0.0],
        [4e-17, 3e-17, 2e-17, 1e-17],
        [0.0, 1e-17, 2e-17, 0.0],
    ]
    late = dd.sort(DoubleDouble(hi[2], lo[2]))
    assert late.lo.tolist() == found.lo[2].tolist()
    ordered = dd.sort(dd.exact(np.array([[3.0, 1.0, 2.0]])))
    assert ordered.hi.tolist() == [[1.0, 2.0, 3.0]]


def test_the_nearest_double_is_the_high_part():
    assert (A.value() == A.hi).all()
    assert [float(f) for f in fractions(A)] == A.hi.tolist()
