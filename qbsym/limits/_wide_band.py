"""The wide-band limit: hopping to infinity at fixed broadening, in digamma functions.

Gamma_a = 2 v_a^2/h_a stays; A becomes a Lorentzian and every integral against one Fermi function
a digamma function of u = 1/2 + Gamma/(4 pi T) + i (mu - level)/(2 pi T). At second order the slope
of Re Sigma renormalises level and width, and the filled bottom of the band is counted. The
entropy of the mixed occupation f_NE has no closed form; it is an integral over the angle theta,
omega = level + (Gamma/2) tan(theta), in which A d omega = d theta/pi. Eqs. (7)-(13), (A4)-(A7).
May import: sympy, qbsym.symbols, .greens, .observables, .errors, .limits.core.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

from sympy import (
    Expr,
    I,
    Integer,
    Integral,
    Rational,
    Symbol,
    diff,
    im,
    log,
    loggamma,
    pi,
    polygamma,
    re,
    simplify,
    tan,
)

from qbsym import greens
from qbsym import symbols as s
from qbsym._checks import takes_names
from qbsym.errors import NotDerivedError
from qbsym.limits.core import Entry, Limit, epsilon
from qbsym.observables import OBSERVABLES, observable

__all__ = ["ABSENT", "ENTRIES", "wide_band"]

FAMILY = "wide_band"

theta = Symbol("theta", real=True)
"""The angle in which a Lorentzian is uniform: omega = level + (Gamma/2) tan(theta)."""

RESERVOIRS = {
    "L": (s.mu_L, s.temperature_L),
    "R": (s.mu_R, s.temperature_R),
    "eq": (s.mu_eq, s.temperature_eq),
}


def broadening(lead: str) -> Expr:
    """Return Gamma of a lead at its band centre, 2 v^2/h: what stays fixed."""
    p = s.LEADS[lead]
    return simplify(greens.broadening(lead).subs(s.omega, p.onsite))


def slope(lead: str) -> Expr:
    """Return d Re Sigma/d omega of a lead, (v/h)^2/2 = Gamma/(4h): constant inside the band."""
    return simplify(diff(greens.level_shift(lead), s.omega))


@cache
def lorentzian(order: int) -> tuple[Expr, dict[str, Expr], Expr]:
    """Return (level, Gamma by lead, weight) of the Lorentzian that G^r is near the level.

    At order 2 1/G^r = (1 - s) omega - level + sum_a s_a onsite_a + i Gamma/2 with s_a the slopes of
    Re Sigma: a Lorentzian of weight 1/(1 - s).
    """
    gammas = {lead: broadening(lead) for lead in "LR"}
    if order == 1:
        return s.level, gammas, Integer(1)
    slopes = {lead: slope(lead) for lead in "LR"}
    weight = 1 / (1 - slopes["L"] - slopes["R"])
    shifted = s.level - sum(slopes[lead] * s.LEADS[lead].onsite for lead in "LR")
    return shifted * weight, {lead: g * weight for lead, g in gammas.items()}, weight


def digamma_argument(reservoir: str, order: int = 1) -> Expr:
    """Return u = 1/2 + Gamma/(4 pi T) + i (mu - level)/(2 pi T) of the reservoir."""
    level, gammas, _ = lorentzian(order)
    mu, temperature = RESERVOIRS[reservoir]
    width = gammas["L"] + gammas["R"]
    return Rational(1, 2) + (width / 2 + I * (mu - level)) / (2 * pi * temperature)


def filling(reservoir: str, order: int = 1) -> Expr:
    """Return the Lorentzian (of weight 1) filled by one reservoir: 1/2 + Im psi(u)/pi."""
    return Rational(1, 2) + im(polygamma(0, digamma_argument(reservoir, order))) / pi


def filled_energy(reservoir: str, order: int = 1, *, cutoff: Expr) -> Expr:
    """Return the integral of omega against the filled Lorentzian, from -cutoff upwards.

    level n + (Gamma/2 pi) [Re psi(u) + ln(2 pi T/cutoff)]; differences are free of the cutoff.
    """
    level, gammas, _ = lorentzian(order)
    temperature = RESERVOIRS[reservoir][1]
    width = gammas["L"] + gammas["R"]
    logarithm = re(polygamma(0, digamma_argument(reservoir, order)))
    logarithm += log(2 * pi * temperature / cutoff)
    return level * filling(reservoir, order) + width / (2 * pi) * logarithm


def filled_entropy(reservoir: str, order: int = 1) -> Expr:
    """Return the Lorentzian's entropy at one reservoir, from ln Gamma(u) and psi(u)."""
    u = digamma_argument(reservoir, order)
    _, gammas, _ = lorentzian(order)
    width = gammas["L"] + gammas["R"]
    temperature = RESERVOIRS[reservoir][1]
    return (
        log(2 * pi)
        - width / (2 * pi * temperature)
        + 2 * re((u - Rational(1, 2)) * polygamma(0, u) - loggamma(u))
    )


def band_bottom_energy(lead: str) -> Expr:
    """Return ln(4h/cutoff) - 1 at cutoff = 1: the share of E below the cutoff per -Gamma/(2 pi).

    It is the integral of sqrt(1 - u^2)/u over cutoff/(2h) < u < 1, for a small cutoff.
    """
    return log(4 * s.LEADS[lead].hopping) - 1


def band_bottom_number(lead: str) -> Expr:
    """Return Gamma/(8h): by how much the tail of A below the level falls short of a Lorentzian's.

    Gamma/(2 pi) times [1/cutoff less the integral of sqrt(1 - (omega/2h)^2)/omega^2 below the
    cutoff].
    """
    return broadening(lead) / (8 * s.LEADS[lead].hopping)


def _number(reservoirs: dict[str, Expr], order: int) -> Expr:
    """Return the number for shares of reservoirs that add up to 1."""
    weight = lorentzian(order)[2]
    value = weight * sum(share * filling(name, order) for name, share in reservoirs.items())
    if order == 2:
        # The bottom is filled by any reservoir, so the shares do not matter there.
        value -= band_bottom_number("L") + band_bottom_number("R")
    return value


def _energy(reservoirs: dict[str, Expr]) -> Expr:
    gammas = lorentzian(1)[1]
    inner = sum(
        share * filled_energy(name, cutoff=Integer(1)) for name, share in reservoirs.items()
    )
    bottom = sum(gammas[lead] / (2 * pi) * band_bottom_energy(lead) for lead in "LR")
    return inner - bottom


def _shares() -> dict[str, Expr]:
    gammas = lorentzian(1)[1]
    total = gammas["L"] + gammas["R"]
    return {lead: gamma / total for lead, gamma in gammas.items()}


def _over_angle(name: str, order: int) -> Expr:
    """Return an observable of the mixed occupation as an integral over theta."""
    level, gammas, weight = lorentzian(order)
    omega = level + (gammas["L"] + gammas["R"]) / 2 * tan(theta)
    holes = {False: greens.fermi, True: lambda a: greens.fermi(a, holes=True)}
    shares = _shares()
    values = {
        symbol: sum(share * holes[of_holes](lead) for lead, share in shares.items())
        for symbol, of_holes in ((s.f, False), (s.f_bar, True))
    }
    values[s.x_eq] = greens.exponent("eq")
    function = observable(name).integrand.subs(s.A, weight / pi).subs(values, simultaneous=True)
    return Integral(function.subs(s.omega, omega), (theta, -pi / 2, pi / 2))


def _currents(order: int) -> tuple[Expr, Expr]:
    gammas = lorentzian(order)[1]
    rate = gammas["L"] * gammas["R"] / (gammas["L"] + gammas["R"])
    charge = rate * (filling("L", order) - filling("R", order))
    energies = [filled_energy(a, order, cutoff=Integer(1)) for a in "LR"]
    return charge, rate * (energies[0] - energies[1])


@takes_names
def wide_band(name: str, order: int = 1) -> Expr:
    """Return an observable for hoppings much larger than every other energy.

    Parameters
    ----------
    name : str
        One of `OBSERVABLES`, but the spectral weight (1, whatever the band).
    order : int
        1: the limit itself, in Gamma_a = 2 v_a^2/h_a (with the logarithm of the bandwidth that
        the energies keep). 2: with the terms of order 1/h, as a renormalised Lorentzian; not for
        the energies.

    Returns
    -------
    Expr
        In the thirteen parameters. Bands may differ in centre and hopping. What holds the entropy
        of the mixed occupation contains an `Integral` over `theta`.

    Raises
    ------
    NotDerivedError
        The spectral weight; the energies beyond order 1; another order.
    UnknownNameError
        No such observable.
    """
    entry = observable(name)
    highest = 1 if name in ("energy", "equilibrium_energy") else 2
    if (FAMILY, name) in ABSENT:
        raise NotDerivedError(f"{name} in the wide-band limit: {ABSENT[FAMILY, name]}")
    if order not in range(1, highest + 1):
        raise NotDerivedError(
            f"the wide-band limit of {name} has been derived up to order {highest}, not {order}"
        )
    if name in ("entropy", "exergy"):
        return _over_angle(name, order)
    if name == "equilibrium_entropy":
        return lorentzian(order)[2] * filled_entropy("eq", order)
    occupied = {"eq": Integer(1)} if name.startswith("equilibrium") else _shares()
    if name in ("particle_number", "equilibrium_particle_number"):
        return _number(occupied, order)
    if name in ("energy", "equilibrium_energy"):
        return _energy(occupied)
    if name in ("charge_current", "energy_current"):
        return _currents(order)[name == "energy_current"]
    return _combination(entry.definition, order)


def _combination(definition: Expr, order: int) -> Expr:
    """Return a combination from the limits of what it is made of."""
    charge, energy = _currents(order)
    number, reference = _number(_shares(), order), _number({"eq": Integer(1)}, order)
    values = {
        s.I_Q: charge,
        s.J_E: energy,
        s.d: number,
        s.d_bar: 1 - number,
        s.d_eq: reference,
        s.d_eq_bar: 1 - reference,
    }
    for symbol, part in ((s.S, "entropy"), (s.X, "exergy")):
        if definition.has(symbol):
            values[symbol] = _over_angle(part, order)
    for symbol, part in ((s.S_two, "two_state_entropy"), (s.X_two, "two_state_exergy")):
        if definition.has(symbol):
            values[symbol] = _combination(observable(part).definition, order)
    return definition.subs(values, simultaneous=True)


PATH = MappingProxyType(
    {p.hopping: p.hopping / epsilon**2 for p in s.LEADS.values()}
    | {p.coupling: p.coupling / epsilon for p in s.LEADS.values()}
)
"""Hoppings grow as 1/epsilon^2 at fixed v^2/h, so that every parameter stays rational."""

EXAMPLE = MappingProxyType(
    {
        "level": "0.3",
        "left.onsite": "0.1",
        "left.hopping": "1.5",
        "left.coupling": "0.4",
        "left.mu": "0.6",
        "left.temperature": "0.1",
        "right.onsite": "-0.2",
        "right.hopping": "1",
        "right.coupling": "0.3",
        "right.mu": "0.1",
        "right.temperature": "0.125",
        "mu_eq": "0.2",
        "temperature_eq": "0.15",
    }
)

CENTRED = MappingProxyType(dict(EXAMPLE) | {"left.onsite": "0.3", "right.onsite": "0.3"})
"""With the level at both band centres, where the remainder of N has no logarithm."""

ASSUMPTIONS = (
    "no bound states",
    "h_L and h_R grow together; Gamma_a = 2 v_a^2/h_a, the level, the reservoirs stay",
)

NAMES = tuple(name for name in OBSERVABLES if name != "spectral_weight")

WITH_NUMBER = tuple(n for n in NAMES if "particle_number" in n or "two_state" in n or "gap" in n)
"""What holds N, whose remainder at order 2 has a logarithm unless the level is centred."""


def _limit(name: str, order: int) -> Limit:
    steps = (4, 5, 6)
    filled = name in ("energy", "equilibrium_energy")
    if filled:
        steps = (16, 18, 20)  # ln(1/epsilon) must be all but constant between the last two
    return Limit(
        expression=wide_band(name, order),
        path=PATH,
        starts=Rational(0),
        remainder=Rational(2 * order),
        assumptions=ASSUMPTIONS,
        example=CENTRED if order == 2 and name in WITH_NUMBER else EXAMPLE,
        epsilons=tuple(Rational(1, 2**n) for n in steps),
        logarithms=1 if filled else 0,
    )


def _entry(name: str, order: int) -> Entry:
    how = {1: "at h -> infinity", 2: "with its corrections of order 1/h"}[order]
    note = ""
    if name in ("energy", "equilibrium_energy"):
        note = "; it keeps -Gamma_a/(2 pi) ln(h_a), and the remainder a logarithm"
    elif order == 2 and name in WITH_NUMBER:
        note = "; the remainder has a logarithm unless the level is at the band centres"
    return Entry(
        family=FAMILY,
        observable=name,
        order=order,
        statement=f"{name.replace('_', ' ').capitalize()} of a Lorentzian level {how}{note}.",
        equation=observable(name).equation,
        derivation="wide_band" if order == 1 else "wide_band_next_order",
        build=lambda: _limit(name, order),
    )


ENTRIES: tuple[Entry, ...] = (
    *(_entry(name, 1) for name in NAMES),
    *(_entry(name, 2) for name in NAMES if name not in ("energy", "equilibrium_energy")),
)

ABSENT: dict[tuple[str, str], str] = {
    (FAMILY, "spectral_weight"): "it is 1 at any bandwidth: there is nothing to approach",
}
