"""What the kernels share: a half panel's nodes, moments about features, and the panels' check.

May import: numpy, numba, private modules.
"""

from __future__ import annotations

import cmath
import math
from collections import namedtuple
from typing import Any

import numpy as np
from numba import njit

from qbnum import _ordinary, _sums
from qbnum._compiled import elementary as el
from qbnum._compiled import lanes
from qbnum._compiled.band import ENERGY, F_THERE, HIGH, LOW, MU_L, MU_R
from qbnum._compiled.elementary import INLINED, NODES_FLAGS
from qbnum._compiled.exact import STRICT
from qbnum._compiled.lanes import load, total
from qbnum._compiled.layout import ALPHA, BETA, DIRECTION, MAX_PANELS, SLOPE, START
from qbnum._rule import HALF, HALF_WEIGHTS, NODES, TAIL

WIDTH = NODES // 2
CLOSE = _ordinary._CLOSE
_FAR, _NEAR = _sums._FAR, _sums._NEAR
_TAIL_FIRST = np.ascontiguousarray(TAIL[:, :WIDTH]).reshape(-1)
_TAIL_SECOND = np.ascontiguousarray(TAIL[:, : WIDTH - 1 : -1]).reshape(-1)

Nodes = namedtuple("Nodes", "weight measure f f_bar g g_bar check change log_g log_g_bar")
"""Of one junction: A d omega, what a panel must resolve, and what the second loop needs."""

# Rows of the sums: the weight, AVERAGES, ROWS with the entropies, SIZES, the check's share lost.
WEIGHT, FIRST_AVERAGE, FIRST_ROW, FIRST_SIZE, LOST, ROOM = 0, 1, 6, 18, 29, 30
ENTROPY_GAP = FIRST_ROW + 7
FILLING = FIRST_SIZE + 8


@njit(**STRICT)
def new_nodes() -> Any:
    """Return room for one junction's nodes."""
    size = MAX_PANELS * NODES
    return Nodes(
        np.empty(size),
        np.empty(size),
        np.empty(size),
        np.empty(size),
        np.empty(size),
        np.empty(size),
        np.empty(size),
        np.empty(size),
        np.empty(size),
        np.empty(size),
    )


@njit(**INLINED)
def half_panel(row: Any, half: Any, band: Any, k: float, corrected: bool) -> Any:
    """Return delta, the weight, the measure and sqrt((omega - low)(high - omega)) at its nodes."""
    u, shares = load(HALF, 0), load(HALF_WEIGHTS, 0)
    t = half[START] + u * half[SLOPE]
    bent = half[BETA] * t
    delta = half[DIRECTION] * t * (half[ALPHA] + bent)
    square = (row[LOW] + delta) * -(row[HIGH] + delta)
    opening = lanes.root(lanes.where(square > 0.0, square, 0.0))
    F = row[F_THERE] + band.slope * delta
    gamma = 2 * k * opening
    measure = (half[ALPHA] + 2 * bent) * gamma
    A = measure / (F * F + 0.25 * gamma * gamma)
    weight = A * (shares * (abs(half[SLOPE]) / (2 * math.pi)))
    if not corrected:
        measure = A
    return delta, weight, measure, opening


@njit(**STRICT)
def gain(from_a: float, from_b: float, apart: float, T_a: float, T_b: float) -> Any:
    """Return x_b - x_a as constant and slope in delta; ``apart`` is mu_a - mu_b."""
    slope = (T_a - T_b) / (T_a * T_b)
    if T_a <= T_b:  # see `_statistics.exponent_difference`
        return apart / T_b + from_a * slope, slope
    return apart / T_a + from_b * slope, slope


@njit(**INLINED)
def apart(f_a: Any, f_a_bar: Any, f_b: Any, f_b_bar: Any, gained: Any) -> Any:
    """Return f_a - f_b, given x_b - x_a."""
    close = lanes.absolute(gained) < CLOSE
    near = f_a_bar * f_b * el.expm1(lanes.where(close, gained, 0.0))
    return lanes.where(close, near, f_a * f_b_bar - f_b * f_a_bar)


@njit(**STRICT)
def apart_complex(
    f_a: complex, f_a_bar: complex, f_b: complex, f_b_bar: complex, gained: complex
) -> complex:
    """Return f_a - f_b, given x_b - x_a."""
    if abs(gained.real) < CLOSE:
        return f_a_bar * f_b * expm1_complex(gained)
    return f_a * f_b_bar - f_b * f_a_bar


@njit(**INLINED)
def add_moments(
    row: Any,
    constant: float,
    slope: float,
    delta: Any,
    f: Any,
    g: Any,
    flow: Any,
    changes: Any,
    out: Any,
) -> None:
    """Add a half panel's averages and signed rows; all are multiplied by the weights.

    ``changes`` are the leads' parts of f - f_eq, which may cancel.
    """
    f_0, f_1 = total(f), total(f * delta)
    g_0, g_1 = total(g), total(g * delta)
    flow_0, flow_1 = total(flow), total(flow * delta)
    by_L, by_R = total(changes[0]), total(changes[1])
    out[FIRST_AVERAGE] += f_0
    out[FIRST_AVERAGE + 2] += g_0
    out[FIRST_AVERAGE + 4] += by_L + by_R
    i, j = FIRST_ROW, FIRST_SIZE
    for value in (
        row[ENERGY] * f_0 + f_1,
        row[ENERGY] * g_0 + g_1,
        flow_0,
        row[ENERGY] * flow_0 + flow_1,
        row[MU_L] * flow_0 + flow_1,
        row[MU_R] * flow_0 + flow_1,
        constant * flow_0 + slope * flow_1,
    ):
        out[i] += value
        out[j] += abs(value)
        i += 1
        j += 1
    out[j] += abs(by_L) + abs(by_R)


@njit(**INLINED)
def tails(check: Any, half: int, tail_0: Any, tail_1: Any, tail_2: Any) -> Any:
    """Return the last Legendre coefficients with a half panel's values added."""
    rows = _TAIL_FIRST if half == 0 else _TAIL_SECOND
    return (
        tail_0 + load(rows, 0) * check,
        tail_1 + load(rows, WIDTH) * check,
        tail_2 + load(rows, 2 * WIDTH) * check,
    )


@njit(**NODES_FLAGS)
def missed(tail_0: Any, tail_1: Any, tail_2: Any, largest: Any) -> float:
    """Return what share of a panel's absolute integral the rule misses."""
    tail = max(abs(total(tail_0)), abs(total(tail_1)), abs(total(tail_2)))
    biggest = lanes.largest(largest)
    share = tail / biggest if biggest > 0 else tail
    return max(_FAR, _NEAR * share) * share


@njit(**STRICT)
def of_pole(M: complex, row: complex) -> float:
    """Return the pole's part of an integral."""
    return -(M * row).imag / math.pi


@njit(**STRICT)
def add_pole_moments(
    given: Any,
    band: Any,
    M: complex,
    occupations: Any,
    between: complex,
    changes: Any,
    out: Any,
) -> None:
    """Add the pole's part of the weight, the averages and the signed rows."""
    r, z = band.resonance, band.pole
    L, R = given.left, given.right
    energy, from_L, from_R = r[0] + r[1], (r[0] - L.mu) + r[1], (r[0] - R.mu) + r[1]
    constant, slope = gain(from_L, from_R, L.mu - R.mu, L.temperature, R.temperature)
    above = (r[0] - band.low[0]) + (r[1] - band.low[1]) + z
    below = (band.high[0] - r[0]) + (band.high[1] - r[1]) - z
    flux = 2 * L.kappa * R.kappa / (L.kappa + R.kappa) * cmath.sqrt(above * below)
    current = flux * between
    out[WEIGHT] += of_pole(M, 1 + 0j)
    k = FIRST_AVERAGE
    for row in (*occupations, changes[0] + changes[1]):
        out[k] += of_pole(M, row)
        k += 1
    k, j = FIRST_ROW, FIRST_SIZE
    for row in (
        occupations[0] * (energy + z),
        occupations[2] * (energy + z),
        current,
        current * (energy + z),
        current * (from_L + z),
        current * (from_R + z),
        current * (constant + slope * z),
    ):
        part = of_pole(M, row)
        out[k] += part
        out[j] += abs(part)
        k += 1
        j += 1
    out[j] += abs(of_pole(M, changes[0])) + abs(of_pole(M, changes[1]))


@njit(**STRICT)
def log1p_complex(z: complex) -> complex:
    """Return ln(1 + z), to relative accuracy at small z."""
    x, y = z.real, z.imag
    return complex(0.5 * math.log1p(x * (2.0 + x) + y * y), math.atan2(y, 1.0 + x))


@njit(**STRICT)
def log_complex(z: complex) -> complex:
    """Return ln z, to relative accuracy near 1."""
    return log1p_complex(z - 1.0) if abs(z - 1.0) < 0.5 else cmath.log(z)


@njit(**STRICT)
def expm1_complex(z: complex) -> complex:
    """Return e^z - 1."""
    grown, half = math.expm1(z.real), math.sin(0.5 * z.imag)
    return complex(grown * math.cos(z.imag) - 2 * half * half, (grown + 1.0) * math.sin(z.imag))


@njit(**STRICT)
def along_real(row: complex) -> complex:
    """Return the row with the sign that makes its real part positive."""
    return row * math.copysign(1.0, row.real)
