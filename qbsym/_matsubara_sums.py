"""The numbers of `qbsym.matsubara`: direct terms, then a tail from moments and zeta functions.

May import: mpmath, sympy, qbsym.symbols, .greens, ._matsubara_forms, .callables, .errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from mpmath import mp
from sympy import Poly, cancel, factor

from qbsym import greens
from qbsym import symbols as s
from qbsym._matsubara_forms import (
    FORM_ARGUMENTS,
    LEAD_ARGUMENTS,
    forms,
    transmission_in_x,
    transmission_moments,
    transmission_poles,
)
from qbsym.callables import CompiledFunction, lambdify
from qbsym.errors import NotDerivedError

__all__ = ["CURRENTS", "GUARD_DIGITS", "OCCUPATIONS", "Junction", "junction_from", "observables"]

OCCUPATIONS = {
    "particle_number": ("number", "NE"),
    "energy": ("energy", "NE"),
    "equilibrium_particle_number": ("number", "eq"),
    "equilibrium_energy": ("energy", "eq"),
}
CURRENTS = {"charge_current": "transmitted", "energy_current": "transmitted_energy"}

TAIL_RATIO = 8
"""The tail starts where w_n exceeds this times the largest abs(omega - mu): each moment then adds
0.9 digits. Twice as much doubles the direct terms to save a third of the moments."""

MAX_TERMS = 50_000
"""Direct terms of one sum, some seconds; reached at T = 7e-5 of the bandwidth's quarter h."""

GUARD_DIGITS = 12
"""Digits lost to the sum over n and to the cancellation in H(zeta) at zeta = TAIL_RATIO B."""


@cache
def _compiled(family: str) -> tuple[CompiledFunction, CompiledFunction]:
    """Return callables for the constants and the summands of one family of forms."""
    kinds = ("number", "energy") if family == "A" else ("transmitted", "transmitted_energy")
    chosen = [forms()[kind] for kind in kinds]
    args = FORM_ARGUMENTS[family]
    constants = lambdify([c for c, _ in chosen], args, "mpmath")
    summands = lambdify([e for _, e in chosen], (s.w, *args), "mpmath", variables=1)
    return constants, summands


@cache
def _details() -> CompiledFunction:
    """Return the callable for the poles of tau, its coefficients and zeroth moments."""
    numerator, denominator = transmission_in_x()
    a, b, c = Poly(denominator, s.x).all_coeffs()
    scale = factor(cancel(numerator / (4 * s.hopping**2 - s.x**2)))
    expressions = [*transmission_poles(), a, b, c, scale, *transmission_moments()]
    return lambdify(expressions, FORM_ARGUMENTS["tau"][1:], "mpmath")


@dataclass(frozen=True)
class Junction:
    """The numbers of a junction, as mpf."""

    level: Any
    onsite: tuple[Any, Any]
    hopping: tuple[Any, Any]
    coupling: tuple[Any, Any]
    reservoirs: dict[str, tuple[Any, Any]]

    @property
    def squared(self) -> Any:
        return self.coupling[0] ** 2 + self.coupling[1] ** 2

    @property
    def equal_bands(self) -> tuple[Any, ...]:
        """Level, common onsite and hopping, and both couplings."""
        return self.level, self.onsite[0], self.hopping[0], *self.coupling

    @property
    def both_leads(self) -> tuple[Any, ...]:
        """Level, then each lead's onsite, hopping and coupling."""
        per_lead = zip(self.onsite, self.hopping, self.coupling, strict=True)
        return self.level, *(value for lead in per_lead for value in lead)

    @property
    def edges(self) -> list[tuple[Any, Any]]:
        """Lower and upper edge of each band."""
        pairs = zip(self.onsite, self.hopping, strict=True)
        return [(centre - 2 * h, centre + 2 * h) for centre, h in pairs]


def junction_from(parameters: Mapping[str, Any], equal_bands: bool) -> Junction:
    for name in ("onsite", "hopping") if equal_bands else ():
        left, right = parameters[f"left.{name}"], parameters[f"right.{name}"]
        if left != right:
            raise NotDerivedError(
                f"off equilibrium the closed forms are for equal bands; {name} is {left} left and "
                f"{right} right"
            )
    p = {name: mp.convert(parameters[name]) for name in s.PARAMETER_NAMES}
    junction = Junction(
        p["level"],
        (p["left.onsite"], p["right.onsite"]),
        (p["left.hopping"], p["right.hopping"]),
        (p["left.coupling"], p["right.coupling"]),
        {
            "L": (p["left.mu"], p["left.temperature"]),
            "R": (p["right.mu"], p["right.temperature"]),
            "eq": (p["mu_eq"], p["temperature_eq"]),
        },
    )
    if _has_bound_state(junction):
        raise NotDerivedError(
            "there is a bound state, whose occupation the steady state does not fix; the closed "
            "forms are for junctions without (for equal bands, abs(level - onsite) <= "
            "2h - (v_L^2 + v_R^2)/h)"
        )
    return junction


@cache
def _inverse_outside(left: str, right: str) -> CompiledFunction:
    inverse = 1 / greens.green_retarded(left, right)
    return lambdify(inverse, (s.omega, s.level, *LEAD_ARGUMENTS), "mpmath")


def _has_bound_state(junction: Junction) -> bool:
    """Return whether 1/G^r, increasing outside the bands, changes sign there."""
    if not junction.squared:
        return True

    def inverse(omega: Any) -> Any:
        sides = ["above" if omega >= upper else "below" for _, upper in junction.edges]
        return mp.re(_inverse_outside(*sides)(omega, *junction.both_leads))

    first, second = sorted(junction.edges)
    if inverse(min(first[0], second[0])) > 0 or inverse(max(first[1], second[1])) < 0:
        return True
    return bool(first[1] < second[0] and inverse(first[1]) < 0 < inverse(second[0]))


def observables(
    junction: Junction, names: tuple[str, ...], digits: int
) -> dict[str, tuple[Any, Any]]:
    """Return (value, scale of what it is a difference of) for each name."""
    wanted = set(names)
    sums: dict[tuple[Any, ...], tuple[Any, Any]] = {}

    def integral(family: str, reservoir: str) -> tuple[Any, Any]:
        state = junction.reservoirs[reservoir]
        if (family, *state) not in sums:
            sums[family, *state] = _against_fermi(junction, family, *state, digits)
        return sums[family, *state]

    result: dict[str, tuple[Any, Any]] = {}
    weights = [v**2 / junction.squared for v in junction.coupling]
    for name in wanted & OCCUPATIONS.keys():
        kind, reservoirs = OCCUPATIONS[name]
        which = 0 if kind == "number" else 1
        if reservoirs == "eq":
            value = integral("A", "eq")[which]
        else:
            value = sum(w * integral("A", a)[which] for w, a in zip(weights, "LR", strict=True))
        size = mp.one if kind == "number" else _energy_scale(junction)
        result[name] = value, size
    if wanted - OCCUPATIONS.keys():
        left, right = integral("tau", "L"), integral("tau", "R")
        charge, energy = ((a - b) / (2 * mp.pi) for a, b in zip(left, right, strict=True))
        scale = sum(abs(a) for a in (left[0], right[0])) or mp.one
        (mu_L, T_L), (mu_R, T_R) = junction.reservoirs["L"], junction.reservoirs["R"]
        in_energy = scale * _energy_scale(junction)
        produced = (mu_L / T_L - mu_R / T_R) * charge - (1 / T_L - 1 / T_R) * energy
        currents = {
            "charge_current": (charge, scale),
            "energy_current": (energy, in_energy),
            "heat_current_left": (energy - mu_L * charge, in_energy),
            "heat_current_right": (energy - mu_R * charge, in_energy),
            "entropy_production": (produced, in_energy * (1 / T_L + 1 / T_R)),
        }
        result |= {name: currents[name] for name in wanted - OCCUPATIONS.keys()}
    return {name: result[name] for name in names}


def _energy_scale(junction: Junction) -> Any:
    mus = [abs(mu) for mu, _ in junction.reservoirs.values()]
    return max(abs(e) for pair in junction.edges for e in pair) + max(mus)


def _against_fermi(
    junction: Junction, family: str, mu: Any, temperature: Any, digits: int
) -> tuple[Any, Any]:
    """Return the integrals of (A, omega A) or (tau, omega tau) times a Fermi function."""
    radius = max(abs(mu - edge) for pair in junction.edges for edge in pair)
    terms = max(0, int(mp.ceil(TAIL_RATIO * radius / (2 * mp.pi * temperature) - mp.mpf(1) / 2)))
    if terms > MAX_TERMS:
        raise NotDerivedError(
            f"T = {mp.nstr(temperature, 5)} needs {terms} terms, more than {MAX_TERMS}; integrate"
        )
    start = (2 * terms + 1) * mp.pi * temperature
    order = int(mp.ceil(digits * mp.ln(10) / mp.ln(start / radius))) + 4
    extra = _tau_guard(junction, mu, temperature, radius, order) if family == "tau" else 0
    with mp.workdps(mp.dps + extra):
        constants, summands = _compiled(family)
        arguments = (mu, *(junction.both_leads if family == "A" else junction.equal_bands))
        first, second = constants(*arguments)
        term = summands.bind(*arguments)
        total = [mp.zero, mp.zero]
        for n in range(terms):
            values = term((2 * n + 1) * mp.pi * temperature)
            total[0] += mp.re(values[0])
            total[1] += mp.re(values[1])
        moments = _moments(junction, family, mu, order + 1)
        # G(mu + i w) = sum_k m_k/(i w)^(k+1); zeta G - m_0 = sum_k (mu m_(k-1) + m_k)/(i w)^k.
        for power in range(2, order + 1, 2):
            sign = -1 if power % 4 == 2 else 1
            tail = _half_integer_zeta(power, terms, mp.prec) / (2 * mp.pi * temperature) ** power
            total[0] += sign * tail * moments[power - 1]
            total[1] += sign * tail * (mu * moments[power - 1] + moments[power])
        # Each constant is half the integral without the Fermi function, real by construction.
        return (
            mp.re(first) + 2 * temperature * total[0],
            mp.re(second) + 2 * temperature * total[1],
        )


@lru_cache(maxsize=1024)
def _half_integer_zeta(power: int, start: int, precision: int) -> Any:
    """Return the sum of (n + 1/2)^-power over n >= start."""
    with mp.workprec(precision):
        return mp.zeta(power, start + mp.mpf(1) / 2)


def _moments(junction: Junction, family: str, mu: Any, count: int) -> list[Any]:
    """Return the moments about mu of A or of tau, up to order `count`."""
    if family == "A":
        return _spectral_moments(junction, mu, count)
    return _transmission_moments(junction, mu, count)


def _spectral_moments(junction: Junction, mu: Any, count: int) -> list[Any]:
    """Return <0|(H - mu)^n|0> of the level with both chains, exact for sites out of reach."""
    size = count // 2 + 2
    sites = range(1, size)
    level = junction.level - mu
    onsite = [centre - mu for centre in junction.onsite]
    # Per lead, amplitudes on the sites 1, 2, ...; the level's amplitude is kept apart.
    top, chains = mp.one, [[mp.zero] * (size + 1) for _ in range(2)]
    moments = []
    for reach in range(count // 2 + 1):
        new_top = level * top
        applied = []
        for lead, chain in enumerate(chains):
            v, h = junction.coupling[lead], junction.hopping[lead]
            new_top += v * chain[1]
            new = [mp.zero] * (size + 1)
            for i in sites[: reach + 1]:
                inner = v * top if i == 1 else h * chain[i - 1]
                new[i] = onsite[lead] * chain[i] + inner + h * chain[i + 1]
            applied.append(new)
        moments.append(top * top + sum(mp.fdot(c, c) for c in chains))
        moments.append(
            top * new_top + sum(mp.fdot(c, a) for c, a in zip(chains, applied, strict=True))
        )
        top, chains = new_top, applied
    return moments[: count + 1]


def _transmission_moments(junction: Junction, mu: Any, count: int) -> list[Any]:
    """Return the integrals of (omega - mu)^n tau from D tau = scale (4h^2 - x^2), D quadratic."""
    _, _, a, b, c, scale, zeroth, first = _details_of(junction)
    shift, h = mu - junction.onsite[0], junction.hopping[0]
    # In y = x - shift: D = a y^2 + (2 a shift + b) y + D(shift).
    linear, fixed = 2 * a * shift + b, (a * shift + b) * shift + c
    moments = [mp.re(zeroth), mp.re(first) - shift * mp.re(zeroth)]
    low, high = -2 * h - shift, 2 * h - shift
    powers = [(high**n - low**n) / n for n in range(1, count + 3)]
    for n in range(count - 1):
        # (2h)^2 - (y + shift)^2
        source = (
            (4 * h**2 - shift**2) * powers[n] - 2 * shift * powers[n + 1] - powers[n + 2]
        ) * scale
        moments.append((source - linear * moments[n + 1] - fixed * moments[n]) / a)
    return moments


def _details_of(junction: Junction) -> tuple[Any, ...]:
    """Return the poles, coefficients and zeroth moments of tau at the junction's numbers."""
    try:
        return _details()(*junction.equal_bands)
    except ZeroDivisionError:
        raise NotDerivedError(
            "a pole of tau lies at a band edge here (as in the uniform chain, v_L = v_R = h, where "
            "tau = 1); move a parameter or integrate"
        ) from None


def _tau_guard(junction: Junction, mu: Any, temperature: Any, radius: Any, order: int) -> int:
    """Return the digits that the logarithmic form of the currents loses, to be added first."""
    upper, lower, a, *_ = _details_of(junction)
    spread = abs(upper - lower)
    if not a or not spread:
        raise NotDerivedError(
            "tau has a double pole or one pole less here (v_L^2 + v_R^2 = h^2, or the level at a "
            "bound-state threshold); move a parameter or integrate"
        )
    lost = 2 * mp.log10(1 + radius / spread)
    # The recurrence for the moments grows with the farther pole.
    far = max(abs(p + junction.onsite[0] - mu) for p in (upper, lower))
    lost += order * max(0, mp.log10(far / radius))
    # H has a removable singularity where mu + i w_n meets a pole of tau.
    for pole in (upper, lower):
        here = pole + junction.onsite[0] - mu
        n = max(0, int(mp.nint(abs(mp.im(here)) / (2 * mp.pi * temperature) - mp.mpf(1) / 2)))
        for m in (n, n + 1):
            gap = abs(mp.mpc(0, (2 * m + 1) * mp.pi * temperature) - here)
            if not gap:
                raise NotDerivedError("a Matsubara frequency meets a pole of tau exactly")
            lost += max(0, mp.log10(radius / gap))
    return int(mp.ceil(lost))
