"""All integrals of one ordinary junction with equal bands: the sums of `qbnum._ordinary`.

May import: numpy, numba, private modules.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

from numba import njit

from qbnum._compiled import elementary as el
from qbnum._compiled import lanes
from qbnum._compiled.band import MU_EQ, MU_L, MU_R
from qbnum._compiled.elementary import INLINED, NODES_FLAGS
from qbnum._compiled.exact import STRICT
from qbnum._compiled.lanes import load, store, total
from qbnum._compiled.nodes import (
    CLOSE,
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
    log_complex,
    missed,
    of_pole,
    tails,
)


@njit(**STRICT)
def _fermi_complex(x: complex) -> Any:
    e = cmath.exp(x)
    f = 1.0 / (1.0 + e)
    return f, e * f


@njit(**STRICT)
def pole_occupations(given: Any, band: Any, M: complex, out: Any) -> Any:
    """Add the pole's part of the averages and moments; return its occupations."""
    r = band.resonance
    L, R = given.left, given.right
    w_L = L.kappa / (L.kappa + R.kappa)
    w_R = R.kappa / (L.kappa + R.kappa)
    z = band.pole
    from_L, from_R = (r[0] - L.mu) + r[1], (r[0] - R.mu) + r[1]
    from_eq = (r[0] - given.mu_eq) + r[1]
    T_eq = given.temperature_eq
    f_L, f_L_bar = _fermi_complex((from_L + z) / L.temperature)
    g, g_bar = _fermi_complex((from_eq + z) / T_eq)
    constant, slope = gain(from_L, from_R, L.mu - R.mu, L.temperature, R.temperature)
    if R.mu == given.mu_eq and T_eq == R.temperature:
        f_R, f_R_bar = g, g_bar
        between = apart_complex(f_L, f_L_bar, f_R, f_R_bar, constant + slope * z)
        changes = w_L * between, 0j
    else:
        f_R, f_R_bar = _fermi_complex((from_R + z) / R.temperature)
        between = apart_complex(f_L, f_L_bar, f_R, f_R_bar, constant + slope * z)
        gain_L, slope_L = gain(from_L, from_eq, L.mu - given.mu_eq, L.temperature, T_eq)
        gain_R, slope_R = gain(from_R, from_eq, R.mu - given.mu_eq, R.temperature, T_eq)
        changes = (
            w_L * apart_complex(f_L, f_L_bar, g, g_bar, gain_L + slope_L * z),
            w_R * apart_complex(f_R, f_R_bar, g, g_bar, gain_R + slope_R * z),
        )
    occupations = (w_L * f_L + w_R * f_R, w_L * f_L_bar + w_R * f_R_bar, g, g_bar)
    add_pole_moments(given, band, M, occupations, between, changes, out)
    return occupations


@njit(**STRICT)
def _divergence(r: complex, ln: complex) -> complex:
    return r * ln - (r - 1.0)


@njit(**STRICT)
def pole_gaps(M: complex, occupations: Any, out: Any) -> None:
    """Add the pole's part of the relative entropies."""
    f, f_bar, g, g_bar = occupations
    d, d_bar = out[FIRST_AVERAGE], out[FIRST_AVERAGE + 1]
    e, e_bar = out[FIRST_AVERAGE + 2], out[FIRST_AVERAGE + 3]
    r, r_bar, s, s_bar = f / d, f_bar / d_bar, g / e, g_bar / e_bar
    ln_r, ln_r_bar = log_complex(r), log_complex(r_bar)
    ln_s, ln_s_bar = log_complex(s), log_complex(s_bar)
    lack = d * _divergence(r, ln_r) + d_bar * _divergence(r_bar, ln_r_bar)
    exergy = d * (r * (ln_r - ln_s) - (r - s))
    exergy += d_bar * (r_bar * (ln_r_bar - ln_s_bar) - (r_bar - s_bar))
    lack_eq = e * _divergence(s, ln_s) + e_bar * _divergence(s_bar, ln_s_bar)
    k = ENTROPY_GAP
    out[k] += of_pole(M, lack)
    out[k + 1] += of_pole(M, exergy)
    out[k + 2] += of_pole(M, lack)
    out[k + 3] += of_pole(M, lack_eq)
    out[FILLING] += abs(of_pole(M, d * along_real(r - 1.0)))
    both = d * along_real(r - s) + d_bar * along_real(r_bar - s_bar)
    out[FILLING + 1] += abs(of_pole(M, both))


@njit(**STRICT)
def _growth(apart: float, T_a: float, T_b: float) -> float:
    """Return e^(x_b - x_a) - 1 if it is the same at every energy."""
    return math.expm1(apart / T_b) if T_a == T_b else 0.0


@njit(**INLINED)
def _apart(
    f_a: Any,
    f_a_bar: Any,
    f_b: Any,
    f_b_bar: Any,
    growth: float,
    constant: float,
    slope: float,
    delta: Any,
) -> Any:
    if slope != 0.0:
        return apart(f_a, f_a_bar, f_b, f_b_bar, constant + slope * delta)
    if abs(constant) < CLOSE:
        return f_a_bar * f_b * lanes.spread(growth)
    return f_a * f_b_bar - f_b * f_a_bar


@njit(**NODES_FLAGS)
def node_occupations(lay: Any, given: Any, band: Any, panels: int, nodes: Any, out: Any) -> None:
    """Evaluate the nodes; add the averages and moments."""
    L, R = given.left, given.right
    T_L, T_R, T_eq = L.temperature, R.temperature, given.temperature_eq
    k = L.kappa + R.kappa
    w_L, w_R = L.kappa / k, R.kappa / k
    flux_of = 2 * L.kappa * w_R
    at_equilibrium = R.mu == given.mu_eq and T_eq == T_R
    growth = _growth(L.mu - R.mu, T_L, T_R)
    growth_L, growth_R = (
        _growth(L.mu - given.mu_eq, T_L, T_eq),
        _growth(R.mu - given.mu_eq, T_R, T_eq),
    )
    zero = lanes.spread(0.0)
    sum_weight, sum_f_bar, sum_g_bar = zero, zero, zero
    for h in range(2 * panels):
        row, half = lay.features[lay.half_feature[h]], lay.half[h]
        delta, weight, measure, opening = half_panel(row, half, band, k, band.corrected)
        e = el.exp((row[MU_L] + delta) / T_L)
        f_L = 1.0 / (1.0 + e)
        f_L_bar = e * f_L
        e = el.exp((row[MU_EQ] + delta) / T_eq)
        g = 1.0 / (1.0 + e)
        g_bar = e * g
        constant, slope = gain(row[MU_L], row[MU_R], L.mu - R.mu, T_L, T_R)
        if at_equilibrium:
            f_R, f_R_bar = g, g_bar
            between = _apart(f_L, f_L_bar, f_R, f_R_bar, growth, constant, slope, delta)
            change_L, change_R = w_L * between, zero
        else:
            e = el.exp((row[MU_R] + delta) / T_R)
            f_R = 1.0 / (1.0 + e)
            f_R_bar = e * f_R
            between = _apart(f_L, f_L_bar, f_R, f_R_bar, growth, constant, slope, delta)
            own, rate = gain(row[MU_L], row[MU_EQ], L.mu - given.mu_eq, T_L, T_eq)
            change_L = w_L * _apart(f_L, f_L_bar, g, g_bar, growth_L, own, rate, delta)
            own, rate = gain(row[MU_R], row[MU_EQ], R.mu - given.mu_eq, T_R, T_eq)
            change_R = w_R * _apart(f_R, f_R_bar, g, g_bar, growth_R, own, rate, delta)
        f = w_L * f_L + w_R * f_R
        f_bar = w_L * f_L_bar + w_R * f_R_bar

        at = WIDTH * h
        store(nodes.weight, at, weight)
        store(nodes.measure, at, measure)
        store(nodes.f, at, f)
        store(nodes.f_bar, at, f_bar)
        store(nodes.g, at, g)
        store(nodes.g_bar, at, g_bar)
        store(nodes.check, at, between)

        sum_weight = sum_weight + weight
        sum_f_bar = sum_f_bar + weight * f_bar
        sum_g_bar = sum_g_bar + weight * g_bar
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


@njit(**NODES_FLAGS)
def node_gaps(panels: int, nodes: Any, out: Any) -> None:
    """Add the relative entropies of the nodes; set what share of the check the rule misses."""
    d, d_bar = out[FIRST_AVERAGE], out[FIRST_AVERAGE + 1]
    e, e_bar = out[FIRST_AVERAGE + 2], out[FIRST_AVERAGE + 3]
    per_d, per_d_bar, per_e, per_e_bar = 1.0 / d, 1.0 / d_bar, 1.0 / e, 1.0 / e_bar
    zero = lanes.spread(0.0)
    lack, lack_bar, exergy, exergy_bar = zero, zero, zero, zero
    lack_eq, lack_eq_bar, away, apart, apart_bar = zero, zero, zero, zero, zero
    lost, checked = 0.0, 0.0
    for panel in range(panels):
        # Both halves' checks are seen together.
        tail_0, tail_1, tail_2, largest, size = zero, zero, zero, zero, zero
        for half in range(2):
            at = WIDTH * (2 * panel + half)
            weight = load(nodes.weight, at)
            # Each of these and its logarithm belong together: their roundings then cancel.
            r = lanes.product(load(nodes.f, at), per_d)
            r_bar = lanes.product(load(nodes.f_bar, at), per_d_bar)
            s = lanes.product(load(nodes.g, at), per_e)
            s_bar = lanes.product(load(nodes.g_bar, at), per_e_bar)
            ln_r, ln_r_bar, ln_s, ln_s_bar = el.log(r), el.log(r_bar), el.log(s), el.log(s_bar)
            excess, less, less_bar = r - 1.0, r - s, r_bar - s_bar
            term = r * ln_r - excess
            check = term
            lack = lack + weight * term
            term = r_bar * ln_r_bar - (r_bar - 1.0)
            check = check + term
            lack_bar = lack_bar + weight * term
            term = r * (ln_r - ln_s) - less
            check = check + term
            exergy = exergy + weight * term
            term = r_bar * (ln_r_bar - ln_s_bar) - less_bar
            check = check + term
            exergy_bar = exergy_bar + weight * term
            term = s * ln_s - (s - 1.0)
            check = check + term
            lack_eq = lack_eq + weight * term
            term = s_bar * ln_s_bar - (s_bar - 1.0)
            check = check + term
            lack_eq_bar = lack_eq_bar + weight * term
            away = away + weight * lanes.absolute(excess)
            apart = apart + weight * lanes.absolute(less)
            apart_bar = apart_bar + weight * lanes.absolute(less_bar)

            check = check + load(nodes.check, at)
            size = size + weight * lanes.absolute(check)
            check = load(nodes.measure, at) * check
            tail_0, tail_1, tail_2 = tails(check, half, tail_0, tail_1, tail_2)
            check = lanes.absolute(check)
            largest = lanes.where(check > largest, check, largest)
        whole = total(size)
        lost += missed(tail_0, tail_1, tail_2, largest) * whole
        checked += whole
    i = ENTROPY_GAP
    lacking = d * total(lack) + d_bar * total(lack_bar)
    out[i] += lacking
    out[i + 1] += d * total(exergy) + d_bar * total(exergy_bar)
    out[i + 2] += lacking
    out[i + 3] += e * total(lack_eq) + e_bar * total(lack_eq_bar)
    out[FILLING] += d * total(away)
    out[FILLING + 1] += d * total(apart) + d_bar * total(apart_bar)
    out[LOST] = lost / checked
