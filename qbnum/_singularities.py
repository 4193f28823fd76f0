"""Where in the complex plane the integrands are singular, in every front's variable t.

Panels are laid out a priori by this list: a singularity that is missing from it costs accuracy
without a sign, so that it names all of them. May import: numpy, private modules.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum import _doubledouble as dd
from qbnum import _statistics as st
from qbnum._fronts import Fronts, variable
from qbnum._geometry import Points
from qbnum._rule import GRADING, POLE_GRADING
from qbnum._spectrum import Spectrum

Array: TypeAlias = NDArray[np.float64]
Index: TypeAlias = NDArray[np.intp]

# So many kT from mu a Fermi function differs from a pure exponential, or from 1, by e^-45: its
# singularities, at the height pi T, no longer matter to panels beyond.
_SPENT = 45.0 / np.pi
# A reservoir outside the segment leaves an exponential without a singularity there. One at this
# height, in kT, above the segment's end makes the first panel 20 kT long, over which 16 nodes
# integrate e^-x to (20/4)^32/32! e^-10 = 4e-18 of its largest value, and lets the next ones grow.
# At an edge it is e^{-t^2/T}, for which the first panel has to be shorter.
_DECAY, _DECAY_AT_AN_EDGE = 12.0, 9.0
# Where mu is at most so many kT from a band edge, the poles above the first, at 3, 5, ... pi kT,
# come near in t ~ sqrt(omega - edge): one of them stands for all.
_AT_AN_EDGE = 4 * np.pi
_HIGHER = 7 * np.pi
# Zeros of f and of 1 - f lie beside mu + i pi T by ln(1 + Gamma_a/Gamma_b) kT; they are listed
# where that is more than this.
_ASIDE = 1.0
_AT_THRESHOLD = 1e-18
_AT_EDGE = 1e-6  # of the scale on which A varies there: its cube is below rounding


class Singularities(NamedTuple):
    """Singularities in every front's variable t, shape (j, 2m); infinity is "not there".

    The first ones are the Fermi functions', which are spent below ``low`` and above ``high``; the
    last one is the pole that is corrected for.
    """

    x: Array
    y: Array
    low: Array
    high: Array
    grading: Array


def singularities(spectrum: Spectrum, b: Fronts) -> Singularities:
    """Return every singularity that panels must keep away from.

    Poles of the Fermi functions at mu + i pi T, at a band edge one of the higher ones; zeros of f
    and of 1 - f where they lie aside; the resonance, unless its pole is corrected for; the band
    edges; the ends of the segment for the exponentials of a reservoir beyond; and, next to an edge,
    the zeros of the inverse Green function expanded there to second order in t, the poles of the
    leads' shares, and the zeros of f and of 1 - f.
    """
    p = b.points
    pi = np.pi
    offsets: list[tuple[Array, Array]] = []
    reservoirs = [*zip(b.from_mu, p.temperature, strict=True), (b.from_mu_eq, p.temperature_eq)]
    for from_mu, T in reservoirs:
        offsets.append((-from_mu, pi * T))
    offsets += _zeros_aside(p, b)
    thermal = len(offsets)
    grading = [GRADING] * thermal
    segs = spectrum.open
    start, end = (dd.difference(e.take(b.segment), b.exact) for e in (segs.start, segs.end))
    edges = np.concatenate([b.from_low, b.from_high])
    for from_mu, T in reservoirs:
        at_edge = (np.abs(edges - from_mu) < _AT_AN_EDGE * T).any(axis=0)
        if at_edge.any():
            offsets.append((np.where(at_edge, -from_mu, np.inf), _HIGHER * T))
        below, above = -from_mu < start, -from_mu > end
        height = np.where(b.beta > 0, _DECAY_AT_AN_EDGE, _DECAY) * T
        if below.any():
            offsets.append((np.where(below, start, np.inf), height))
        if above.any():
            offsets.append((np.where(above, end, np.inf), height))
    grading += [GRADING] * (len(offsets) - thermal)
    graded = np.isfinite(spectrum.half_width) & ~spectrum.pole.corrected
    if graded.any():
        at = np.where(graded[b.segment], 0.0, np.inf)
        to_resonance = dd.difference(spectrum.resonance.take(b.segment), b.exact)
        width = np.where(graded, spectrum.half_width, 1.0)[b.segment]
        offsets.append((to_resonance + at, width))
        grading.append(POLE_GRADING)
    none = np.zeros(len(b))
    coupled = p.coupled
    for edge in (b.from_low, b.from_high):
        for a in range(2):
            if a == 1 and np.array_equal(edge[0], edge[1]) and coupled[0].all():
                continue
            own = (edge[a] == 0) | ~coupled[a]
            offsets.append((np.where(own, np.inf, -edge[a]), none))
            grading.append(GRADING)
    x = np.stack([o[0] for o in offsets]) * b.direction
    x[~np.isfinite(x)] = np.inf
    y = np.stack([o[1] for o in offsets])
    low, high = (_on_axis(x[:thermal] + sign * _SPENT * y[:thermal], b) for sign in (-1.0, 1.0))
    curved = np.flatnonzero(b.beta)
    if curved.size:
        x[:, curved], y[:, curved] = _curved(x[:, curved], y[:, curved], b, curved)
    near = np.flatnonzero(b.beta > 0)
    zeros = np.full((6, len(b)), np.inf + 0j)
    zeros[:2, near] = _edge_zeros(spectrum, b, near)
    zeros[2:4, near] = _share_poles(b, near)
    scale = np.minimum(np.abs(zeros[:2, near]).min(axis=0), b.length[near])
    zeros[4:, near] = _filling_zeros(b, near, _AT_EDGE * scale)
    # The other front of that interval sees them from the far end.
    m = len(b) // 2
    mirror = (near + m) % (2 * m)
    zeros[:, mirror] = b.length[near] - zeros[:, near]
    keep = np.isfinite(zeros).any(axis=1)
    zeros = np.where(np.isfinite(zeros), zeros, np.inf)[keep]
    pole = np.full((1, len(b)), np.inf + 0j)
    corrected = np.flatnonzero(spectrum.pole.corrected[b.segment])
    if corrected.size:
        segment = b.segment[corrected]
        to_pole = dd.difference(spectrum.resonance.take(segment), b.exact.take(corrected))
        pole[0, corrected] = variable(b, to_pole + spectrum.pole.offset[segment], corrected)
    return Singularities(
        np.concatenate([x, zeros.real, pole.real]),
        np.concatenate([y, zeros.imag, np.abs(pole.imag)]),
        low,
        high,
        np.array([*grading, *[POLE_GRADING] * (len(zeros) + 1)]),
    )


def _on_axis(D: Array, b: Fronts) -> Array:
    """Return the t of real distances ahead; infinite beyond either end where t is a root."""
    square = b.alpha * b.alpha + 4 * b.beta * D
    with np.errstate(divide="ignore", invalid="ignore"):
        t = 2 * D / (b.alpha + np.sqrt(np.maximum(square, 0.0)))
    return np.where(square > 0, t, np.copysign(np.inf, -b.beta))


def _curved(x: Array, y: Array, b: Fronts, at: Index) -> tuple[Array, Array]:
    """Return the t = 2D/(alpha + sqrt(alpha^2 + 4 beta D)) of D = x + iy, by real arithmetic."""
    alpha, beta = b.alpha[at], b.beta[at]
    u, v = alpha * alpha + 4 * beta * x, 4 * beta * y
    size = np.sqrt(u * u + v * v)
    # The principal root, its smaller part from the larger.
    larger = np.sqrt(0.5 * (size + np.abs(u)))
    with np.errstate(divide="ignore", invalid="ignore"):
        smaller = 0.5 * np.abs(v) / larger
        real = alpha + np.where(u >= 0, larger, smaller)
        imag = np.copysign(np.where(u >= 0, smaller, larger), v)
        scale = 2 / (real * real + imag * imag)
        t = (x * real + y * imag) * scale, (y * real - x * imag) * scale
    lost = ~np.isfinite(t[0] + t[1])
    return np.where(lost, np.inf, t[0]), np.where(lost, 0.0, t[1])


def _zeros_aside(p: Points, b: Fronts) -> list[tuple[Array, Array]]:
    """Return where f = w_L f_L + w_R f_R or 1 - f vanishes, as far as not beside mu + i pi T.

    Where lead a's exponential has fallen to the other's share, x_a = +-ln(1 + Gamma_a/Gamma_b),
    and where the two exponentials cross: (x_L - x_R) = +-ln(Gamma_L/Gamma_R) + i pi.
    """
    gamma = p.kappa * p.hopping  # the broadenings' ratio at a band's middle is near enough
    both = b.open.all(axis=0)
    with np.errstate(all="ignore"):
        log_ratio = np.where(both, np.log(gamma[0] / gamma[1]), 0.0)
        aside = [np.logaddexp(0.0, log_ratio), np.logaddexp(0.0, -log_ratio)]
        found = []
        for a in range(2):
            far = both & (aside[a] > _ASIDE)
            if not far.any():
                continue
            for sign in (1.0, -1.0):
                at = -b.from_mu[a] + sign * p.temperature[a] * aside[a]
                found.append((np.where(far, at, np.inf), np.pi * p.temperature[a]))
        T = p.temperature
        if not np.array_equal(T[0], T[1]):
            # omega (1/T_L - 1/T_R) = mu_L/T_L - mu_R/T_R +- ln ratio + i pi
            rate = (T[1] - T[0]) / T[0] / T[1]
            shift = b.from_mu[0] / T[0] - b.from_mu[1] / T[1]
            for sign in (1.0, -1.0):
                at = (sign * log_ratio - shift) / rate
                found.append((np.where(both & np.isfinite(at), at, np.inf), np.abs(np.pi / rate)))
    return [(x, np.where(np.isfinite(y), y, np.inf)) for x, y in found]


def _edge_zeros(spectrum: Spectrum, b: Fronts, at: Index) -> Any:
    """Return both zeros in t of F + i Gamma/2 ~ D0 + D1 t + D2 t^2 at the edges ``at``."""
    p = b.points.take(at)
    kappa = p.kappa
    is_open, side, direction = b.open[:, at], b.side[:, at], b.direction[at]
    low, high = b.from_low[:, at], b.from_high[:, at]
    D0, D1, D2 = b.F[at] + 0j, np.zeros(at.size, dtype=complex), direction + 0j
    for a in range(2):
        at_edge = (low[a] == 0) | (high[a] == 0)
        opening = 2 * kappa[a] * np.sqrt(p.hopping[a])
        gamma = kappa[a] * np.sqrt(np.maximum(-low[a] * high[a], 0.0))
        D0 += np.where(is_open[a], 1j * gamma, 0.0)
        D1 += np.where(at_edge, np.where(is_open[a], 1j * opening, side[a] * opening), 0.0)
        D2 -= np.where(is_open[a] | at_edge, direction * kappa[a], 0.0)
    root = np.sqrt(D1 * D1 - 4 * D2 * D0)
    # The larger of the two forms first, the other by Vieta: no cancellation.
    plus, minus = D1 + root, D1 - root
    big = -0.5 * np.where(np.abs(plus) >= np.abs(minus), plus, minus)
    with np.errstate(divide="ignore", invalid="ignore"):
        zeros = np.stack([big / D2, D0 / big])
    zeros[~np.isfinite(zeros)] = np.inf
    # A zero at t = 0 (a level at threshold) is cancelled by the t of d omega = 2 t dt; one so near
    # to it, on the scale on which A varies, changes less than rounding does.
    sizes = np.abs(zeros)
    zeros[sizes < _AT_THRESHOLD * np.minimum(sizes.max(axis=0), b.length[at])] = np.inf
    # A pole that is corrected for is no obstacle: the zero at the resonance itself.
    segment = b.segment[at]
    corrected = spectrum.pole.corrected[segment]
    if corrected.any():
        to_pole = dd.difference(spectrum.resonance.take(segment), b.exact.take(at))
        t = np.sqrt(direction * (to_pole + spectrum.pole.offset[segment]))
        zeros[corrected & (np.abs(zeros - t) < 0.5 * np.abs(t))] = np.inf
        zeros[corrected & (np.abs(zeros - np.conj(t)) < 0.5 * np.abs(t))] = np.inf
    return zeros


def _share_poles(b: Fronts, at: Index) -> Any:
    """Return where Gamma_L + Gamma_R vanishes in t at the edges ``at``: poles of w_L and w_R.

    Gamma_L^2 = Gamma_R^2 is a quadratic in omega; of its two roots in t, the one on the sheet
    where the edge's own broadening is negative.
    """
    zeros = np.full((2, at.size), np.inf + 0j)
    unequal = (b.from_low[0] != b.from_low[1]) | (b.from_high[0] != b.from_high[1])
    mixed = np.flatnonzero((b.open.all(axis=0) & unequal)[at])
    if not mixed.size:
        return zeros
    at = at[mixed]
    k = b.points.kappa[:, at] ** 2 * np.array([[1.0], [-1.0]])
    low, high = b.from_low[:, at], b.from_high[:, at]
    A, B, C = k.sum(axis=0), (k * (low + high)).sum(axis=0), (k * low * high).sum(axis=0)
    root = np.sqrt(B * B - 4 * A * C + 0j)
    big = -0.5 * (B + np.where(B < 0, -root, root))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.stack([big / A, C / big])
    t = -np.sqrt(b.direction[at] * found)
    # At an edge of both leads both broadenings vanish, and their shares go on.
    zeros[:, mixed] = np.where(np.isfinite(t) & (t != 0), t, np.inf)
    return zeros


def _filling_zeros(b: Fronts, at: Index, least: Array) -> Any:
    """Return where f and 1 - f vanish in t beside the edges ``at`` inside the other lead's band.

    With Gamma_a = c t opening there, f = 0 at t = -Gamma_b f_b/(c f_a). It matters no more where
    that is below ``least``: A t f ln f ~ t^2 ln t is then negligible.
    """
    zeros = np.full((2, at.size), np.inf + 0j)
    low, high = b.from_low[:, at], b.from_high[:, at]
    both = b.open[:, at].all(axis=0) & ((low[0] != low[1]) | (high[0] != high[1]))
    if not both.any():
        return zeros
    p = b.points.take(at)
    for a in range(2):
        own = (low[a] == 0) | (high[a] == 0)
        other = (low[1 - a] == 0) | (high[1 - a] == 0)
        k = np.flatnonzero(both & own & ~other)
        if not k.size:
            continue
        gamma = 2 * p.kappa[1 - a, k] * np.sqrt(-low[1 - a, k] * high[1 - a, k])
        opening = 4 * p.kappa[a, k] * np.sqrt(p.hopping[a, k])
        logs = [st.Fermi.of(b.from_mu[c][at[k]] / p.temperature[c, k]).log() for c in (1 - a, a)]
        with np.errstate(all="ignore"):
            for kind in range(2):
                t = gamma / opening * np.exp(logs[0][kind] - logs[1][kind])
                t = np.maximum(t, least[k])
                zeros[kind, k] = np.where(np.isfinite(t), -t, np.inf)
    return zeros
