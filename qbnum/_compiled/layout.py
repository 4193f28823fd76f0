"""The panels of one junction with equal bands.

By scalar code and, over singularities, by lanes; the formulas of `_singularities` and `_panels`,
where they are explained. May import: numpy, numba, private modules.
"""

from __future__ import annotations

import math
from collections import namedtuple
from typing import Any

import numpy as np
from numba import njit

from qbnum import _panels, _singularities
from qbnum._compiled import exact, lanes
from qbnum._compiled.band import (
    ENERGY,
    ENERGY_REST,
    F_THERE,
    HIGH,
    LOW,
    MAX_FEATURES,
    MU_EQ,
    MU_L,
    MU_R,
    TO_RESONANCE,
    find_features,
    root_of,
)
from qbnum._compiled.elementary import NODES_FLAGS
from qbnum._compiled.exact import STRICT
from qbnum._compiled.lanes import load, spread, store
from qbnum._rule import GRADING, NODES, POLE_GRADING, UNIT, WEIGHTS

MAX_PANELS = 256  # a junction with more is left to the general code
_MAX_FRONTS = 2
_MAX_SINGULAR = 24
_MAX_THERMAL = 16  # two blocks of lanes
_FACTOR = 2.0 / (GRADING * GRADING - 1.0)
_POLE_FACTOR = 2.0 / (POLE_GRADING * POLE_GRADING - 1.0)

_REACH, _MAX_STEPS = _panels._REACH, _panels._MAX_STEPS
_SPENT, _ASIDE = _singularities._SPENT, _singularities._ASIDE
_DECAY, _DECAY_AT_AN_EDGE = _singularities._DECAY, _singularities._DECAY_AT_AN_EDGE
_AT_AN_EDGE, _HIGHER = _singularities._AT_AN_EDGE, _singularities._HIGHER
_AT_THRESHOLD = _singularities._AT_THRESHOLD

# Columns of a half panel: t = start + slope u, omega = r + direction t (alpha + beta t).
DIRECTION, ALPHA, BETA, START, SLOPE = range(5)

Layout = namedtuple("Layout", "features half half_feature x y low high grading factor count")
"""Work space of one thread: features, half panels, and the singularities of both fronts."""


@njit(**STRICT)
def new_layout() -> Any:
    """Return room for one junction."""
    listed = _MAX_FRONTS * _MAX_SINGULAR
    return Layout(
        np.empty((MAX_FEATURES, 9)),
        np.empty((2 * MAX_PANELS, 5)),
        np.empty(2 * MAX_PANELS, np.intp),
        np.empty(listed),
        np.empty(listed),
        np.empty(listed),
        np.empty(listed),
        np.empty(listed),
        np.empty(listed),
        np.empty(_MAX_FRONTS, np.intp),
    )


@njit(**exact.INLINED)
def _put(lay: Any, front: int, x: float, y: float, G: float) -> None:
    k = lay.count[front]
    at = front * _MAX_SINGULAR + k
    lay.x[at], lay.y[at], lay.grading[at] = x, y, G
    lay.factor[at] = _FACTOR if G == GRADING else _POLE_FACTOR
    lay.count[front] = k + 1


@njit(**STRICT)
def _list(lay: Any, front: int, D: float, y: float, G: float) -> None:
    """Add a singularity at the distance D + iy ahead."""
    if math.isfinite(D) and math.isfinite(y):
        _put(lay, front, D, y, G)


@njit(**STRICT)
def _list_all(
    lay: Any, front: int, given: Any, band: Any, row: Any, direction: float, log_ratio: float
) -> int:
    """List what a front of the feature ``row`` keeps away from; return how many are thermal."""
    lay.count[front] = 0
    base = front * _MAX_SINGULAR
    for at in range(base, base + _MAX_SINGULAR, lanes.WIDTH):
        store(lay.x, at, spread(math.inf))
        store(lay.y, at, spread(0.0))
        store(lay.grading, at, spread(GRADING))
        store(lay.factor, at, spread(_FACTOR))
    left, right = given.left, given.right
    T_L, T_R, T_eq = left.temperature, right.temperature, given.temperature_eq
    reservoirs = ((row[MU_L], T_L), (row[MU_R], T_R), (row[MU_EQ], T_eq))
    for from_mu, T in reservoirs:
        _list(lay, front, -from_mu * direction, math.pi * T, GRADING)
    if log_ratio != 0:
        for from_mu, T, ln in ((row[MU_L], T_L, log_ratio), (row[MU_R], T_R, -log_ratio)):
            aside = max(ln, 0.0) + math.log1p(math.exp(-abs(ln)))
            if aside > _ASIDE:
                for sign in (1.0, -1.0):
                    at = -from_mu + sign * T * aside
                    _list(lay, front, at * direction, math.pi * T, GRADING)
    if T_L != T_R:
        rate = (T_R - T_L) / T_L / T_R
        shift = row[MU_L] / T_L - row[MU_R] / T_R
        for sign in (1.0, -1.0):
            at = (sign * log_ratio - shift) / rate
            _list(lay, front, at * direction, abs(math.pi / rate), GRADING)
    thermal = lay.count[front]
    start, end = -row[LOW], -row[HIGH]
    for from_mu, T in reservoirs:
        if min(abs(row[LOW] - from_mu), abs(row[HIGH] - from_mu)) < _AT_AN_EDGE * T:
            _list(lay, front, -from_mu * direction, _HIGHER * T, GRADING)
        height = (_DECAY_AT_AN_EDGE if row[LOW] * row[HIGH] == 0 else _DECAY) * T
        if -from_mu < start:
            _list(lay, front, start * direction, height, GRADING)
        elif -from_mu > end:
            _list(lay, front, end * direction, height, GRADING)
    if not band.corrected and math.isfinite(band.half_width):
        _list(lay, front, row[TO_RESONANCE] * direction, band.half_width, POLE_GRADING)
    for edge in (row[LOW], row[HIGH]):
        if edge != 0:
            _list(lay, front, -edge * direction, 0.0, GRADING)
    return thermal


@njit(**STRICT)
def _to_variable(
    lay: Any, front: int, thermal: int, alpha: float, beta: float, distance: float
) -> int:
    """Turn the list from distances ahead into the front's variable.

    Return how many of its first entries may be spent somewhere in the interval.
    """
    xs, ys, lows, highs = lay.x, lay.y, lay.low, lay.high
    base = front * _MAX_SINGULAR
    spent = False
    for at in range(base, base + thermal, lanes.WIDTH):
        x, reach = load(xs, at), _SPENT * load(ys, at)
        # Of what else is in the last block, only a decay could be taken for one: in vain.
        apart = (x - reach > 0.0) | (x + reach < distance)
        spent |= lanes.any_of(apart & (reach > 0.0))
    if not spent:
        thermal = 0
    for at in range(base, base + lay.count[front], lanes.WIDTH):
        x, y = load(xs, at), load(ys, at)
        if at < base + thermal:
            reach = _SPENT * y
            store(lows, at, _on_axis(x - reach, alpha, beta))
            store(highs, at, _on_axis(x + reach, alpha, beta))
        if beta != 0:
            u, v = alpha * alpha + 4 * beta * x, lanes.absolute(4 * beta * y)
            size = lanes.root(u * u + v * v)
            larger = lanes.root(0.5 * (size + lanes.absolute(u)))
            smaller = 0.5 * v / larger
            real = alpha + lanes.where(u >= 0.0, larger, smaller)
            imag = lanes.where(u >= 0.0, smaller, larger)
            imag = imag if beta > 0 else -imag
            scale = 2.0 / (real * real + imag * imag)
            x, y = (x * real + y * imag) * scale, (y * real - x * imag) * scale
            found = x + y - (x + y) == 0.0  # false where not finite
            store(xs, at, lanes.where(found, x, math.inf))
            y = lanes.where(found, y, 0.0)
        store(ys, at, y * y)
    for k in range(base + thermal, base + _MAX_THERMAL):
        lows[k], highs[k] = -math.inf, math.inf  # never spent
    return thermal


@njit(**NODES_FLAGS)
def _on_axis(D: Any, alpha: float, beta: float) -> Any:
    square = alpha * alpha + 4 * beta * D
    t = 2 * D / (alpha + lanes.root(lanes.where(square > 0.0, square, 0.0)))
    return lanes.where(square > 0.0, t, -math.inf if beta > 0 else math.inf)


@njit(**STRICT)
def _list_variable(lay: Any, front: int, x: float, y: float) -> None:
    _put(lay, front, x, y * y, POLE_GRADING)


@njit(**exact.INLINED)
def _square(z: complex) -> float:
    return z.real * z.real + z.imag * z.imag


@njit(**STRICT)
def _list_edge_zeros(
    lay: Any, front: int, given: Any, band: Any, row: Any, direction: float, length: float
) -> None:
    """List the zeros of the inverse Green function near an edge, for its front and the other."""
    c = 2 * (given.left.kappa + given.right.kappa) * math.sqrt(given.hopping)
    F, D2 = row[F_THERE], direction * band.slope
    discriminant = -c * c - 4 * D2 * F
    if discriminant >= 0:
        big = -0.5 * complex(math.sqrt(discriminant), c)
    else:
        big = -0.5 * complex(0.0, c + math.sqrt(-discriminant))
    first = big / D2 if D2 != 0 else complex(math.inf, 0.0)
    second = F / big if big != 0 else complex(math.inf, 0.0)
    largest = min(max(_square(first), _square(second)), length * length)
    t = 0j
    if band.corrected:
        t = root_of(direction * (row[TO_RESONANCE] + band.pole))
    near = 0.25 * _square(t)
    for zero in (first, second):
        size = _square(zero)
        keep = size < math.inf and not size < _AT_THRESHOLD * _AT_THRESHOLD * largest
        if band.corrected:
            keep = keep and not _square(zero - t) < near
            keep = keep and not _square(zero - t.conjugate()) < near
        if keep:
            _list_variable(lay, front, zero.real, zero.imag)
            _list_variable(lay, 1 - front, length - zero.real, zero.imag)


@njit(**NODES_FLAGS)
def _longest(
    lay: Any, front: int, reach: float, thermal: int, corrected: bool, pole: complex
) -> float:
    """Return the longest panel from ``reach`` on."""
    shortest = lanes.spread(math.inf)
    spoilt = False
    pole_x = pole.real if corrected else math.inf
    base = front * _MAX_SINGULAR
    for at in range(base, base + lay.count[front], lanes.WIDTH):
        ahead = load(lay.x, at) - reach
        away = lanes.root(ahead * ahead + load(lay.y, at))
        allowed = load(lay.factor, at) * (load(lay.grading, at) * away - ahead)
        if at < base + thermal:
            low, high = load(lay.low, at), load(lay.high, at)
            before, behind = low > reach, high < reach
            if lanes.any_of(before | behind):
                spoilt |= lanes.any_of((before & (low <= pole_x)) | (behind & (high >= pole_x)))
                least = low - reach
                allowed = lanes.where(before & (allowed < least), least, allowed)
                allowed = lanes.where(behind, math.inf, allowed)
        shortest = lanes.where(allowed < shortest, allowed, shortest)
    longest = -lanes.largest(-shortest)
    if corrected and spoilt:  # the pole is in the way of what its correction cannot use
        off = pole.real - reach
        far = math.sqrt(off * off + pole.imag * pole.imag)
        longest = min(longest, _POLE_FACTOR * (POLE_GRADING * far - off))
    return longest


@njit(**STRICT)
def _emit(
    lay: Any,
    h: int,
    feature: int,
    direction: float,
    alpha: float,
    beta: float,
    start: float,
    slope: float,
) -> None:
    lay.half_feature[h] = feature
    row = lay.half[h]
    row[DIRECTION], row[ALPHA], row[BETA], row[START], row[SLOPE] = (
        direction,
        alpha,
        beta,
        start,
        slope,
    )


@njit(**STRICT)
def _rule_error(z0: complex, sign0: float, z1: complex, sign1: float) -> complex:
    """Return what the rule misses of 1/(omega - p) on a panel, of the two half's coordinates z."""
    z, sign = (z1, sign1) if _square(z1) < _square(z0) else (z0, sign0)
    from_0, from_1 = _square(z), _square(z - 1.0)
    if not math.sqrt(from_0) + math.sqrt(from_1) < POLE_GRADING * (1.0 - 1e-9):
        return 0j
    real, imag = lanes.spread(0.0), lanes.spread(0.0)
    for at in range(0, NODES, lanes.WIDTH):
        u = load(UNIT, at) - z.real
        share = load(WEIGHTS, at) / (u * u + z.imag * z.imag)
        real, imag = real + share * u, imag + share * z.imag
    rule = complex(lanes.total(real), lanes.total(imag))
    # ln((z - 1)/z); the argument is that of (z - 1) conj z.
    ln = complex(0.5 * math.log(from_1 / from_0), math.atan2(z.imag, from_0 - z.real))
    return sign * (ln - rule)


@njit(**STRICT)
def lay_panels(lay: Any, given: Any, band: Any) -> Any:
    """Lay the panels; return how many (or -1: too many) and the pole's weight M."""
    n = find_features(given, band, lay.features)
    log_ratio = math.log(given.left.kappa / given.right.kappa)
    panels = 0
    missing = 0j
    for k in range(n - 1):
        lower, upper = lay.features[k], lay.features[k + 1]
        distance = exact.difference(
            (upper[ENERGY], upper[ENERGY_REST]), (lower[ENERGY], lower[ENERGY_REST])
        )
        first, last = k == 0, k == n - 2
        length = math.sqrt(distance) if first or last else distance
        alphas = (
            0.0 if first else 2 * length if last else 1.0,
            0.0 if last else 2 * length if first else 1.0,
        )
        betas = (1.0 if first else -1.0 if last else 0.0, 1.0 if last else -1.0 if first else 0.0)
        listed = _list_all(lay, 0, given, band, lower, 1.0, log_ratio)
        _list_all(lay, 1, given, band, upper, -1.0, log_ratio)
        thermal_0 = _to_variable(lay, 0, listed, alphas[0], betas[0], distance)
        thermal_1 = _to_variable(lay, 1, listed, alphas[1], betas[1], distance)
        if first:
            _list_edge_zeros(lay, 0, given, band, lower, 1.0, length)
        if last:
            _list_edge_zeros(lay, 1, given, band, upper, -1.0, length)
        pole_0, pole_1 = 0j, 0j
        if band.corrected:
            D = lower[TO_RESONANCE] + band.pole
            pole_0 = 2 * D / (alphas[0] + root_of(alphas[0] * alphas[0] + 4 * betas[0] * D))
            D = -(upper[TO_RESONANCE] + band.pole)
            pole_1 = 2 * D / (alphas[1] + root_of(alphas[1] * alphas[1] + 4 * betas[1] * D))
        reach_0, reach_1 = 0.0, 0.0
        longest_0 = _longest(lay, 0, 0.0, thermal_0, band.corrected, pole_0)
        longest_1 = _longest(lay, 1, 0.0, thermal_1, band.corrected, pole_1)
        for _ in range(_MAX_STEPS):
            if panels == MAX_PANELS:
                return -1, 0j
            h = 2 * panels
            panels += 1
            gap = length - reach_0 - reach_1
            if gap <= max(longest_0, longest_1):
                _emit(lay, h, k, 1.0, alphas[0], betas[0], reach_0, gap)
                _emit(lay, h + 1, k + 1, -1.0, alphas[1], betas[1], reach_1, gap)
                if band.corrected:
                    missing += _rule_error(
                        (pole_0 - reach_0) / gap, 1.0, (pole_1 - reach_1) / gap, -1.0
                    )
                break
            rest_0, rest_1 = _REACH * length - reach_0, _REACH * length - reach_1
            if rest_1 > 0 and (longest_1 < longest_0 or rest_0 <= 0):
                step = min(longest_1, rest_1)
                if not reach_1 + step > reach_1:
                    step = rest_1
                _emit(lay, h, k + 1, -1.0, alphas[1], betas[1], reach_1, step)
                reach, pole, sign = reach_1, pole_1, -1.0
                reach_1 += step
                _emit(lay, h + 1, k + 1, -1.0, alphas[1], betas[1], reach_1, -step)
                longest_1 = _longest(lay, 1, reach_1, thermal_1, band.corrected, pole_1)
            else:
                step = min(longest_0, rest_0)
                if not reach_0 + step > reach_0:
                    step = rest_0
                _emit(lay, h, k, 1.0, alphas[0], betas[0], reach_0, step)
                reach, pole, sign = reach_0, pole_0, 1.0
                reach_0 += step
                _emit(lay, h + 1, k, 1.0, alphas[0], betas[0], reach_0, -step)
                longest_0 = _longest(lay, 0, reach_0, thermal_0, band.corrected, pole_0)
            if band.corrected:
                missing += _rule_error(
                    (pole - reach) / step, sign, (pole - (reach + step)) / -step, -sign
                )
    return panels, missing * band.residue
