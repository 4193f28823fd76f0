"""All integrals of one cold or near-equilibrium junction with equal bands: `qbnum._subtle`.

May import: numpy, numba, private modules.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

from numba import njit

from qbnum import _ordinary, _statistics
from qbnum._compiled import elementary as el
from qbnum._compiled import lanes
from qbnum._compiled.band import MU_EQ, MU_L, MU_R
from qbnum._compiled.elementary import INLINED, NODES_FLAGS
from qbnum._compiled.exact import STRICT
from qbnum._compiled.lanes import load, store, total
from qbnum._compiled.nodes import (
    ENTROPY_GAP,
    FILLING,
    FIRST_AVERAGE,
    LOST,
    WEIGHT,
    WIDTH,
    add_moments,
    add_pole_moments,
    along_real,
    apart,
    apart_complex,
    gain,
    half_panel,
    log1p_complex,
    log_complex,
    missed,
    of_pole,
    tails,
)

# Beyond, e^-x is replaced by e^-740, the end of the double range.
_COLDEST = 740.0
_NORMAL = 700.0  # to where `elementary.exp` may go
_EPS = _ordinary.EPS
_PHI_SWITCH = _statistics.PHI_SWITCH
_PHI_TERMS = _statistics._PHI_TERMS


@njit(**INLINED)
def _fermi(x: Any) -> Any:
    """Return f, 1 - f, and ln f and ln(1 - f), which do not end where f does."""
    size = lanes.absolute(x)
    e = el.exp(-lanes.where(size < _NORMAL, size, _NORMAL))
    if lanes.any_of(size > _NORMAL):
        inside = lanes.where(size < _COLDEST, size, _COLDEST)
        e = e * el.exp(-lanes.where(inside > _NORMAL, inside - _NORMAL, 0.0))
    larger = 1.0 / (1.0 + e)
    smaller = e * larger
    softplus = _log1p(e)
    above = x > 0.0
    f, f_bar = lanes.where(above, smaller, larger), lanes.where(above, larger, smaller)
    ln = -lanes.where(above, x, 0.0) - softplus
    ln_bar = lanes.where(above, 0.0, x) - softplus
    return f, f_bar, ln, ln_bar, size * smaller + softplus


@njit(**INLINED)
def _log1p(x: Any) -> Any:
    u = 1.0 + x
    return el.log(u) + (x - (u - 1.0)) / u


@njit(**INLINED)
def _phi(y: Any) -> Any:
    """Return (1+y) ln(1+y) - y for small y."""
    s = y / (2.0 + y)
    s2 = s * s
    tail = lanes.spread(1.0 / (2 * _PHI_TERMS + 1))
    for k in range(_PHI_TERMS - 1, 0, -1):
        tail = tail * s2 + 1.0 / (2 * k + 1)
    return 2.0 * s2 * (1.0 + (1.0 + s) * s * tail) / (1.0 - s)


@njit(**INLINED)
def _compared(
    f: Any,
    ln_r: Any,
    g: Any,
    log_g: Any,
    ln_e: float,
    filling: float,
    change: Any,
    change_size: Any,
    mean: float,
) -> Any:
    """Return KL(f || g d/e), given d/e, and the size that its noise is an ulp of."""
    own = change / g
    y = (own - mean) * (1.0 / filling)
    q = g * filling
    terms = (change_size / g + abs(mean)) * (1.0 / filling)
    size = q * terms * (lanes.absolute(y) + _EPS * terms)
    direct_size = lanes.absolute(f * (ln_r - 1.0)) + q
    near = lanes.where(size < direct_size, y, 1.0)
    small = lanes.absolute(near) < _PHI_SWITCH
    direct = f * (ln_r - (log_g - ln_e)) - (f - q)
    return (
        lanes.where(small, q * _phi(lanes.where(small, near, 0.0)), direct),
        lanes.where(small, size, direct_size),
    )


@njit(**NODES_FLAGS)
def node_occupations(lay: Any, given: Any, band: Any, panels: int, nodes: Any, out: Any) -> None:
    """Evaluate the nodes; add the averages, moments, entropies and the exergy."""
    L, R = given.left, given.right
    T_L, T_R, T_eq = L.temperature, R.temperature, given.temperature_eq
    k = L.kappa + R.kappa
    w_L, w_R = L.kappa / k, R.kappa / k
    flux_of = 2 * L.kappa * w_R
    at_equilibrium = R.mu == given.mu_eq and T_eq == T_R
    zero = lanes.spread(0.0)
    sum_weight, sum_f_bar, sum_g_bar = zero, zero, zero
    entropy, entropy_eq, exergy, noise = zero, zero, zero, zero
    for h in range(2 * panels):
        row, half = lay.features[lay.half_feature[h]], lay.half[h]
        delta, weight, measure, opening = half_panel(row, half, band, k, band.corrected)
        f_L, f_L_bar, _, _, _ = _fermi((row[MU_L] + delta) / T_L)
        g, g_bar, log_g, log_g_bar, own_entropy_eq = _fermi((row[MU_EQ] + delta) / T_eq)
        constant, slope = gain(row[MU_L], row[MU_R], L.mu - R.mu, T_L, T_R)
        if at_equilibrium:
            f_R, f_R_bar = g, g_bar
            between = apart(f_L, f_L_bar, f_R, f_R_bar, constant + slope * delta)
            change_L, change_R = w_L * between, zero
        else:
            f_R, f_R_bar, _, _, _ = _fermi((row[MU_R] + delta) / T_R)
            between = apart(f_L, f_L_bar, f_R, f_R_bar, constant + slope * delta)
            own, rate = gain(row[MU_L], row[MU_EQ], L.mu - given.mu_eq, T_L, T_eq)
            change_L = w_L * apart(f_L, f_L_bar, g, g_bar, own + rate * delta)
            own, rate = gain(row[MU_R], row[MU_EQ], R.mu - given.mu_eq, T_R, T_eq)
            change_R = w_R * apart(f_R, f_R_bar, g, g_bar, own + rate * delta)
        change = change_L + change_R
        f = w_L * f_L + w_R * f_R
        f_bar = w_L * f_L_bar + w_R * f_R_bar

        first = f < f_bar
        smaller, larger = lanes.where(first, f, f_bar), lanes.where(first, f_bar, f)
        ln_smaller, ln_larger = el.log(smaller), _log1p(-smaller)
        own_entropy = -smaller * ln_smaller - larger * ln_larger
        ln_f = lanes.where(first, ln_smaller, ln_larger)
        ln_f_bar = lanes.where(first, ln_larger, ln_smaller)
        change_size = lanes.absolute(change_L) + lanes.absolute(change_R)
        D, size = _compared(f, ln_f, g, log_g, 0.0, 1.0, change, change_size, 0.0)
        D_bar, size_bar = _compared(
            f_bar, ln_f_bar, g_bar, log_g_bar, 0.0, 1.0, -change, change_size, 0.0
        )

        at = WIDTH * h
        store(nodes.weight, at, weight)
        store(nodes.measure, at, measure)
        store(nodes.f, at, f)
        store(nodes.f_bar, at, f_bar)
        store(nodes.g, at, g)
        store(nodes.g_bar, at, g_bar)
        store(nodes.change, at, change)
        store(nodes.log_g, at, log_g)
        store(nodes.log_g_bar, at, log_g_bar)
        store(nodes.check, at, own_entropy + own_entropy_eq + between)

        sum_weight = sum_weight + weight
        sum_f_bar = sum_f_bar + weight * f_bar
        sum_g_bar = sum_g_bar + weight * g_bar
        entropy = entropy + weight * own_entropy
        entropy_eq = entropy_eq + weight * own_entropy_eq
        exergy = exergy + weight * (D + D_bar)
        noise = noise + weight * (size + size_bar)
        add_moments(
            row,
            constant,
            slope,
            delta,
            weight * f,
            weight * g,
            weight * (flux_of * opening * between),
            (weight * change_L, weight * change_R),
            out,
        )
    out[WEIGHT] += total(sum_weight)
    out[FIRST_AVERAGE + 1] += total(sum_f_bar)
    out[FIRST_AVERAGE + 3] += total(sum_g_bar)
    out[ENTROPY_GAP + 2] += total(entropy)
    out[ENTROPY_GAP + 3] += total(entropy_eq)
    out[ENTROPY_GAP + 4] += total(exergy)
    out[FILLING + 2] += total(noise)


@njit(**NODES_FLAGS)
def node_gaps(panels: int, nodes: Any, out: Any) -> None:
    """Add the relative entropies of the nodes; set what share of the check the rule misses."""
    d, d_bar = out[FIRST_AVERAGE], out[FIRST_AVERAGE + 1]
    e, e_bar, change = out[FIRST_AVERAGE + 2], out[FIRST_AVERAGE + 3], out[FIRST_AVERAGE + 4]
    ln_e, ln_e_bar = math.log(e), math.log(e_bar)
    zero = lanes.spread(0.0)
    lack, lack_bar, exergy, away, noise = zero, zero, zero, zero, zero
    lost, checked = 0.0, 0.0
    for panel in range(panels):
        tail_0, tail_1, tail_2, largest, size = zero, zero, zero, zero, zero
        for half in range(2):
            at = WIDTH * (2 * panel + half)
            weight = load(nodes.weight, at)
            f, f_bar = load(nodes.f, at), load(nodes.f_bar, at)
            r, r_bar = f / d, f_bar / d_bar
            ln_r, ln_r_bar = el.log(r), el.log(r_bar)
            excess = r - 1.0
            term, term_bar = r * ln_r - excess, r_bar * ln_r_bar - (r_bar - 1.0)
            own = load(nodes.change, at)
            own_size = lanes.absolute(own)
            D, size_D = _compared(
                f,
                ln_r,
                load(nodes.g, at),
                load(nodes.log_g, at),
                ln_e,
                d / e,
                own,
                own_size,
                change / e,
            )
            D_bar, size_D_bar = _compared(
                f_bar,
                ln_r_bar,
                load(nodes.g_bar, at),
                load(nodes.log_g_bar, at),
                ln_e_bar,
                d_bar / e_bar,
                -own,
                own_size,
                -change / e_bar,
            )
            D = D + D_bar
            lack = lack + weight * term
            lack_bar = lack_bar + weight * term_bar
            exergy = exergy + weight * D
            away = away + weight * lanes.absolute(excess)
            noise = noise + weight * (size_D + size_D_bar)

            check = term + term_bar + D + load(nodes.check, at)
            size = size + weight * lanes.absolute(check)
            check = load(nodes.measure, at) * check
            tail_0, tail_1, tail_2 = tails(check, half, tail_0, tail_1, tail_2)
            check = lanes.absolute(check)
            largest = lanes.where(check > largest, check, largest)
        whole = total(size)
        lost += missed(tail_0, tail_1, tail_2, largest) * whole
        checked += whole
    out[ENTROPY_GAP] += d * total(lack) + d_bar * total(lack_bar)
    out[ENTROPY_GAP + 1] += total(exergy)
    out[FILLING] += d * total(away)
    out[FILLING + 1] += total(noise)
    out[LOST] = lost / checked


@njit(**STRICT)
def _fermi_complex(x: complex) -> Any:
    sign = math.copysign(1.0, x.real)
    size = sign * x
    e = cmath.exp(-complex(min(size.real, _COLDEST), size.imag))
    larger = 1.0 / (1.0 + e)
    smaller = e * larger
    softplus = log1p_complex(e)
    if sign > 0:
        return smaller, larger, -x - softplus, -softplus
    return larger, smaller, -softplus, x - softplus


@njit(**STRICT)
def _compared_complex(
    f: complex,
    ln_r: complex,
    g: complex,
    log_g: complex,
    ln_e: float,
    filling: float,
    change: complex,
    change_size: float,
    mean: float,
) -> Any:
    own = change / g
    y = (own - mean) / filling
    q = g * filling
    terms = (change_size / abs(g) + abs(mean)) / filling
    size = abs(q) * terms * (abs(y) + _EPS * terms)
    direct_size = abs(f * (ln_r - 1.0)) + abs(q)
    if abs(y) < _PHI_SWITCH and size < direct_size:
        s = y / (2.0 + y)
        s2 = s * s
        tail = complex(1.0 / (2 * _PHI_TERMS + 1), 0.0)
        for k in range(_PHI_TERMS - 1, 0, -1):
            tail = tail * s2 + 1.0 / (2 * k + 1)
        phi = 2.0 * s2 * (1.0 + (1.0 + s) * s * tail) / (1.0 - s)
        return q * phi, size
    return f * (ln_r - (log_g - ln_e)) - (f - q), direct_size


@njit(**STRICT)
def _entropy_complex(f: complex, f_bar: complex) -> complex:
    smaller, larger = (f, f_bar) if abs(f) < abs(f_bar) else (f_bar, f)
    return -smaller * cmath.log(smaller) - larger * log1p_complex(-smaller)


@njit(**STRICT)
def pole_occupations(given: Any, band: Any, M: complex, out: Any) -> Any:
    """Add the pole's part of the averages, moments, entropies and the exergy."""
    r = band.resonance
    L, R = given.left, given.right
    w_L = L.kappa / (L.kappa + R.kappa)
    w_R = R.kappa / (L.kappa + R.kappa)
    z = band.pole
    from_L, from_R = (r[0] - L.mu) + r[1], (r[0] - R.mu) + r[1]
    from_eq = (r[0] - given.mu_eq) + r[1]
    T_eq = given.temperature_eq
    f_L, f_L_bar, _, _ = _fermi_complex((from_L + z) / L.temperature)
    f_R, f_R_bar, _, _ = _fermi_complex((from_R + z) / R.temperature)
    g, g_bar, log_g, log_g_bar = _fermi_complex((from_eq + z) / T_eq)
    constant, slope = gain(from_L, from_R, L.mu - R.mu, L.temperature, R.temperature)
    between = apart_complex(f_L, f_L_bar, f_R, f_R_bar, constant + slope * z)
    gain_L, slope_L = gain(from_L, from_eq, L.mu - given.mu_eq, L.temperature, T_eq)
    gain_R, slope_R = gain(from_R, from_eq, R.mu - given.mu_eq, R.temperature, T_eq)
    change_L = w_L * apart_complex(f_L, f_L_bar, g, g_bar, gain_L + slope_L * z)
    change_R = w_R * apart_complex(f_R, f_R_bar, g, g_bar, gain_R + slope_R * z)
    change = change_L + change_R
    f, f_bar = w_L * f_L + w_R * f_R, w_L * f_L_bar + w_R * f_R_bar
    add_pole_moments(given, band, M, (f, f_bar, g, g_bar), between, (change_L, change_R), out)
    ln_f, ln_f_bar = log_complex(f), log_complex(f_bar)
    size = abs(change_L) + abs(change_R)
    D, noise = _compared_complex(f, ln_f, g, log_g, 0.0, 1.0, change, size, 0.0)
    D_bar, noise_bar = _compared_complex(
        f_bar, ln_f_bar, g_bar, log_g_bar, 0.0, 1.0, -change, size, 0.0
    )
    out[ENTROPY_GAP + 2] += of_pole(M, _entropy_complex(f, f_bar))
    out[ENTROPY_GAP + 3] += of_pole(M, _entropy_complex(g, g_bar))
    out[ENTROPY_GAP + 4] += of_pole(M, D + D_bar)
    out[FILLING + 2] += abs(of_pole(M, complex(noise + noise_bar, 0.0)))
    return f, f_bar, g, g_bar, log_g, log_g_bar, change


@njit(**STRICT)
def pole_gaps(M: complex, occupations: Any, out: Any) -> None:
    """Add the pole's part of the relative entropies."""
    f, f_bar, g, g_bar, log_g, log_g_bar, own = occupations
    d, d_bar = out[FIRST_AVERAGE], out[FIRST_AVERAGE + 1]
    e, e_bar, change = out[FIRST_AVERAGE + 2], out[FIRST_AVERAGE + 3], out[FIRST_AVERAGE + 4]
    r, r_bar = f / d, f_bar / d_bar
    ln_r, ln_r_bar = log_complex(r), log_complex(r_bar)
    lack = d * (r * ln_r - (r - 1.0)) + d_bar * (r_bar * ln_r_bar - (r_bar - 1.0))
    size = abs(own)
    D, noise = _compared_complex(f, ln_r, g, log_g, math.log(e), d / e, own, size, change / e)
    D_bar, noise_bar = _compared_complex(
        f_bar,
        ln_r_bar,
        g_bar,
        log_g_bar,
        math.log(e_bar),
        d_bar / e_bar,
        -own,
        size,
        -change / e_bar,
    )
    out[ENTROPY_GAP] += of_pole(M, lack)
    out[ENTROPY_GAP + 1] += of_pole(M, D + D_bar)
    out[FILLING] += abs(of_pole(M, d * along_real(r - 1.0)))
    out[FILLING + 1] += abs(of_pole(M, complex(noise + noise_bar, 0.0)))
