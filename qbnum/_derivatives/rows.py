"""The rows of the integrals and their velocities, in forms that keep relative accuracy.

Velocities of occupations follow from x' = ((omega - mu)/T)' and from that of w_L = Gamma_L/Gamma;
those of small differences from small differences. May import: numpy, private modules of qbnum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from qbnum import _statistics as st
from qbnum._derivatives.moved import Moved
from qbnum._derivatives.terms import Compared, Terms, finite

# A logarithm is taken from 1 - 2f up to this, and one up to the other counts as small.
_EVEN = 0.5
_NEAR = 0.5


class Row(NamedTuple):
    """phi, phi', and the sizes of the terms that they are made of, where those cancel."""

    phi: Any
    change: Any
    phi_size: Any = None
    change_size: Any = None


Makers: TypeAlias = dict[str, Callable[[], Row]]

CURRENTS = (
    "charge_current",
    "energy_current",
    "heat_current_left",
    "heat_current_right",
    "entropy_production",
)
OCCUPATIONS = ("particle_number", "energy", "entropy", "entropy_gap")
SCALED = ("scaled_equilibrium_particle_number", "scaled_equilibrium_hole_number")
"""d_eq and 1 - d_eq, lifted above underflow by a constant factor."""
EQUILIBRIUM = (
    *("equilibrium_particle_number", "equilibrium_energy", "equilibrium_entropy"),
    *SCALED,
)
AGAINST_EQUILIBRIUM = ("particle_number_change", "exergy", "exergy_gap")


def rows(
    t: Terms, c: Compared | None, m: Moved, base: Any, base_eq: Any, wanted: frozenset[str]
) -> Iterator[tuple[str, Row]]:
    """Yield the wanted rows by name; for currents alone nothing is compared.

    The rows that are linear in f take f - ``base``, with the nearest of 0, 1/2 and 1.
    """
    groups: tuple[tuple[tuple[str, ...], Callable[[], Makers]], ...] = (
        (OCCUPATIONS, partial(_occupations, t, c, m, base)),
        (EQUILIBRIUM, partial(_equilibrium, t, m, base_eq)),
        (CURRENTS, partial(_currents, t, m)),
        (AGAINST_EQUILIBRIUM, partial(_against_equilibrium, t, c, m)),
    )
    for group, make in groups:
        names = wanted.intersection(group)
        if names:
            made = make()
            for name in sorted(names):
                yield name, made[name]()


def _tilt(t: Terms) -> tuple[Any, Any]:
    """Return 1 - 2f, and the size of its terms."""
    terms = [w * np.tanh(0.5 * lead.x) for w, lead in zip(t.shares, t.leads, strict=True)]
    return terms[0] + terms[1], np.abs(terms[0]) + np.abs(terms[1])


def _counted(f: Any, f_bar: Any, tilt: Callable[[], Any], base: Any) -> tuple[Any, Any]:
    """Return f - base, where base is 0, 1/2 or 1, without subtracting, and its terms' size."""
    h = np.where(base == 1.0, -f_bar, f)
    half = base == 0.5
    if not half.any():
        return h, np.abs(h)
    tilted, size = tilt()
    return np.where(half, -0.5 * tilted, h), np.where(half, 0.5 * size, np.abs(h))


def _filling_moved(t: Terms, m: Moved) -> tuple[Any, Any]:
    """Return f' and the size of its terms."""
    moved = m.share * t.difference
    size = np.abs(moved)
    for w, lead, x in zip(t.shares, t.leads, m.x, strict=True):
        part = (w * lead.f * lead.f_bar) * x
        moved = moved - part
        size += np.abs(part, out=part if part.dtype == size.dtype else None)
    return moved, size


def _occupations(t: Terms, c: Any, m: Moved, base: Any) -> Makers:
    h, size = _counted(t.f, t.f_bar, lambda: _tilt(t), base)
    moved, moved_size = _filling_moved(t, m)

    def entropy() -> Row:
        tilt, size = _tilt(t)  # ln((1-f)/f) = 2 artanh(1 - 2f)
        even = np.abs(tilt) < _EVEN
        odds = 2 * np.arctanh(np.where(even, tilt, 0.0))
        odds = np.where(even, odds, c.log_f[1] - c.log_f[0])
        noise = np.where(even, 2 * size, 0.0) * np.abs(moved)
        return Row(st.binary_entropy(t.f, t.f_bar), odds * moved, change_size=noise)

    def entropy_gap() -> Row:
        # It goes as the square of the small pull, which is that of a difference to 1/(f (1-f)).
        noise = np.abs(t.f * t.f_bar * c.pull) * c.pull_size
        phi_size = np.abs(c.entropy_gap) + noise
        return Row(c.entropy_gap, c.pull * moved, phi_size, c.pull_size * moved_size)

    return {
        "particle_number": lambda: Row(h, moved, size),
        "energy": lambda: Row(h * t.omega, moved * t.omega + h * m.omega, size * np.abs(t.omega)),
        "entropy": entropy,
        "entropy_gap": entropy_gap,
    }


def _equilibrium(t: Terms, m: Moved, base: Any) -> Makers:
    g = t.equilibrium

    def tilt() -> tuple[Any, Any]:
        found = np.tanh(0.5 * g.x)
        return found, np.abs(found)

    h, _ = _counted(g.f, g.f_bar, tilt, base)
    moved = -(g.f * g.f_bar) * m.x_eq
    return {
        "equilibrium_particle_number": lambda: Row(h, moved),
        "equilibrium_energy": lambda: Row(h * t.omega, moved * t.omega + h * m.omega),
        "equilibrium_entropy": lambda: Row(st.binary_entropy(g.f, g.f_bar), g.x * moved),
        SCALED[0]: lambda: Row(t.scaled[0], -(t.scaled[0] * g.f_bar) * m.x_eq),
        SCALED[1]: lambda: Row(t.scaled[1], (t.scaled[1] * g.f) * m.x_eq),
    }


def _difference_moved(
    a: st.Fermi, b: st.Fermi, difference: Any, apart: Any, x_a: Any, x_b: Any
) -> Any:
    """Return (f_a - f_b)', given ``apart`` = (x_b - x_a)': no cancellation near or far apart."""
    positive = np.real(difference) > 0
    moved = np.where(positive, a.f_bar * b.f, a.f * b.f_bar) * apart
    moved += (difference * np.where(positive, -a.f_bar, a.f)) * x_a
    moved += (difference * np.where(positive, b.f, -b.f_bar)) * x_b
    return moved


def _currents(t: Terms, m: Moved) -> Makers:
    L, R = t.leads
    moved = _difference_moved(L, R, t.difference, m.gain, *m.x)
    J = t.flux * t.difference
    moved = t.flux * (moved + t.difference * m.log_flux)

    def carried(what: Any, change: Any) -> Callable[[], Row]:
        return lambda: Row(J * what, moved * what + J * change)

    return {
        "charge_current": lambda: Row(J, moved),
        "energy_current": carried(t.omega, m.omega),
        "heat_current_left": carried(t.offset[0], m.offset[0]),
        "heat_current_right": carried(t.offset[1], m.offset[1]),
        "entropy_production": carried(t.gain, m.gain),
    }


def _against_equilibrium(t: Terms, c: Any, m: Moved) -> Makers:
    g = t.equilibrium
    change: Any = 0.0
    moved = m.share * t.difference
    P = {1: moved, -1: -moved}
    size = {1: np.abs(moved), -1: np.abs(moved)}
    for a, (w, own) in enumerate(zip(t.shares, t.leads, strict=True)):
        apart = t.apart[a]
        change = change + w * apart
        moved = moved + w * _difference_moved(own, g, apart, m.from_eq[a], m.x[a], m.x_eq)
        # g (f/g)' and (1-g) ((1-f)/(1-g))', from differences where those are small.
        for sign, f, f_bar, g_bar in ((1, own.f, own.f_bar, g.f_bar), (-1, own.f_bar, own.f, g.f)):
            near = np.abs(apart) < 0.5 * np.maximum(np.abs(f_bar), np.abs(g_bar))
            part = np.where(near, sign * apart, -f_bar) * m.x[a]
            part += np.where(near, g_bar, 0.0) * m.from_eq[a]
            part += np.where(near, 0.0, g_bar) * m.x_eq
            part *= sign * w * f
            P[sign] = P[sign] + part
            size[sign] += np.abs(part)
    filling, filling_size = _filling_moved(t, m)

    def relative(
        parts: tuple[Any, Any], logs: tuple[Any, Any], noise: tuple[Any, Any]
    ) -> Callable[[], Row]:
        def make() -> Row:
            apart = _relative_terms(parts, logs, (t.f, t.f_bar), g)
            total = apart[1] * filling + apart[2] * m.x_eq
            sizes = np.abs(apart[1]) * filling_size + np.abs(apart[2] * m.x_eq)
            phi = parts[0] + parts[1]
            phi_size = np.abs(phi)
            for sign, part, log, by_ratio, own, ulps in zip(
                P, parts, logs, apart[0], (t.f, t.f_bar), noise, strict=True
            ):
                log = finite(log)
                total += by_ratio * P[sign]
                sizes += np.where(by_ratio == 0, 0.0, np.abs(by_ratio) + ulps) * size[sign]
                sizes += np.where(np.abs(log) < _NEAR, 0.0, ulps) * filling_size
                # A part goes as the square of its small logarithm.
                steep = np.abs(own) * np.minimum(np.abs(log), 1.0)
                phi_size += ulps * np.where(np.real(log) < -1.0, np.abs(part), steep)
            return Row(phi, total, phi_size, sizes)

        return make

    return {
        "particle_number_change": lambda: Row(change, moved),
        "exergy": relative(c.exergy, c.log_exergy, (0.0, 0.0)),
        "exergy_gap": relative(c.exergy_gap, c.log_gap, c.gap_size),
    }


def _relative_terms(
    parts: tuple[Any, Any], logs: tuple[Any, Any], f: tuple[Any, Any], g: st.Fermi
) -> tuple[tuple[Any, Any], Any, Any]:
    """Return what multiplies the velocities in that of f ln(f/q) - f + q and the holes' like.

    Here q = g R at constant R: the part of R' vanishes in the integral. ``parts`` are the two,
    ``logs`` are ln(f/q) and the holes'. First what multiplies g (f/g)' and the holes' like, which
    are small near equilibrium, then what multiplies f', which far away is no sum of large terms,
    and what multiplies x_eq'.
    """
    by_ratio: list[Any] = []
    by_f: Any = 0.0
    by_x: Any = 0.0
    for sign, part, log, own, g_bar in (
        (1.0, parts[0], logs[0], f[0], g.f_bar),
        (-1.0, parts[1], logs[1], f[1], g.f),
    ):
        log = finite(log)
        near = np.abs(log) < _NEAR
        apart = np.where(np.real(log) > 0, -own * np.expm1(-log), own * log - part)
        by_ratio.append(np.where(near, log, 0.0))
        by_f = by_f + sign * np.where(near, 0.0, log)
        by_x = by_x + sign * g_bar * np.where(near, -part, apart)
    return (by_ratio[0], by_ratio[1]), by_f, finite(by_x)


def relative_entropy_moved(
    parts: tuple[Any, Any], logs: tuple[Any, Any], f: tuple[Any, Any], g: st.Fermi, x_eq: Any
) -> Any:
    """Return the velocity of f ln(f/q) - f + q and the holes' like, for an f that does not move."""
    by_ratio, _, by_x = _relative_terms(parts, logs, f, g)
    by_x = by_x + by_ratio[0] * f[0] * g.f_bar - by_ratio[1] * f[1] * g.f
    return by_x * x_eq
