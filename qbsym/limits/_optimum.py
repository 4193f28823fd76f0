"""The best level: how near the entropy's maximum comes to ln 2, and where the exergy has its own.

At equilibrium the entropy is largest with the level at mu_eq (Fig. 2), at zero temperature with the
level inside the bias window; the coupling lowers both maxima by what A's tails leave out. The
exergy's maximum over the level (Figs. 6, 7) lies below mu_L by T ln(bias/T) for weak coupling, and
by sqrt(Gamma bias/2 pi) where the width is the larger scale. Eqs. (12), (13).
May import: sympy, qbsym.symbols, .greens, .observables, .poles, .functions, .errors,
.limits._antiderivatives, ._low_temperature, .core.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

from sympy import (
    Expr,
    Integer,
    LambertW,
    Rational,
    Symbol,
    acos,
    cancel,
    cos,
    diff,
    exp,
    factor,
    log,
    pi,
    sin,
    sqrt,
)

from qbsym import greens
from qbsym import symbols as s
from qbsym._checks import takes_names
from qbsym.errors import NotDerivedError, UnknownNameError
from qbsym.functions import Fermi
from qbsym.limits import _antiderivatives as band
from qbsym.limits._low_temperature import share
from qbsym.limits.core import Entry, Limit, epsilon
from qbsym.observables import OBSERVABLES
from qbsym.poles import equal_leads

__all__ = ["ABSENT", "ENTRIES", "NAMES", "exergy_stationarity", "optimum"]

NAMES = {
    "equilibrium_entropy": 3,
    "entropy": 2,
    "exergy": 1,
    "exergy_level": 1,
    "exergy_level_at_zero_temperature": 1,
}
"""What `optimum` knows, and up to which order."""

ABSENT = {
    ("optimum", name): "the text speaks of the maxima of the entropy and of the exergy only"
    for name in OBSERVABLES
    if name not in NAMES
} | {
    ("optimum", "exergy"): (
        "its maximum lies at a level that is no rational function of the parameters, so no path "
        "leads there; optimum gives place and value, exergy_stationarity the equation"
    ),
}
"""(family, observable) -> why there is no entry."""


@takes_names
def optimum(name: str, order: int = 1) -> Expr:
    """Return where an observable is largest as a function of the level, or its value there.

    Eqs. (12), (13), Figs. 2, 3, 6 and 7, for equal bands and weak coupling.

    Parameters
    ----------
    name : str
        ``"equilibrium_entropy"``: S_eq at its maximum, level = mu_eq. Order 1: ln 2; 2: less
        Gamma/(2 pi T_eq); 3: with the band's ln 2 (v_L^2 + v_R^2)/(2 h^2).
        ``"entropy"``: S for T -> 0 and a level between mu_R and mu_L. Order 1: the couplings'
        binary entropy, ln 2 if they are equal; 2: times the weight of A between mu_R and mu_L.
        ``"exergy_level"``: the level of the largest X for a bias mu_L - mu_eq far above
        T = T_L = T_R = T_eq, with mu_R = mu_eq, up to T (T/bias)^2; ``"exergy"``: X there, up
        to (T/bias)^2.
        ``"exergy_level_at_zero_temperature"``: the same level where T is far below the width
        Gamma of the level, and Gamma far below the bias.
    order : int
        As above, else 1.

    Raises
    ------
    UnknownNameError
        Another name.
    NotDerivedError
        Another order.
    """
    if name not in NAMES:
        raise UnknownNameError(f"no optimum {name!r}; there are {', '.join(NAMES)}")
    if not 1 <= order <= NAMES[name]:
        raise NotDerivedError(
            f"the optimum {name} has been derived with orders 1 to {NAMES[name]}, not {order}"
        )
    return _FORMS[name](order)


# --- Entropy -------------------------------------------------------------------------------------


@cache
def total_broadening() -> Expr:
    """Return Gamma_L + Gamma_R of equal leads at omega."""
    total = greens.broadening("L") + greens.broadening("R")
    return _left_band(factor(equal_leads(total)))


@cache
def shift_slope() -> Expr:
    """Return d Re Sigma/d omega of equal leads, which is (v_L^2 + v_R^2)/(2 h^2)."""
    shift = greens.level_shift("L") + greens.level_shift("R")
    return _left_band(diff(equal_leads(shift), s.omega))


def _left_band(expression: Expr) -> Expr:
    return expression.subs({s.onsite: s.onsite_L, s.hopping: s.hopping_L})


def _equilibrium_entropy(order: int) -> Expr:
    width = total_broadening().subs(s.omega, s.mu_eq)
    terms = (log(2), -width / (2 * pi * s.temperature_eq), log(2) * shift_slope())
    return sum(terms[:order], start=Integer(0))


@cache
def tail_weight() -> tuple[Expr, Symbol]:
    """Return the weight below k at first order in V, over V, and the symbol of its phase.

    The phase, arg[(1 - u z)(1 - u* z)] at V = 0, is k below the level and k - pi above it. In `x0`,
    h and k.
    """
    angle = Symbol("Phi", real=True)
    width = sqrt(4 * (s.hopping**2 - band.V) - band.x0**2)
    whole = band.cumulative_spectral(0).subs(band.phase(), angle).subs(band.q, width)
    turning = diff(band.phase(), band.V).subs(band.V, 0)
    turning = factor(cancel(turning.expand().subs(sin(s.k) ** 2, 1 - cos(s.k) ** 2)))
    slope = diff(whole, band.V) + diff(whole, angle) * turning
    return slope.subs(band.V, 0), angle


@cache
def window_weight() -> Expr:
    """Return the weight of A between mu_R < level < mu_L up to the first order in V."""
    below, angle = tail_weight()
    total = Integer(0)
    for lead, sign, turn in (("L", 1, pi), ("R", -1, Integer(0))):
        k = acos((s.onsite - s.LEADS[lead].mu) / (2 * s.hopping))
        there = below.subs(angle, s.k - turn).subs(s.k, k)
        total += sign * there
    return 1 + band.in_parameters(band.V * total)


def _entropy(order: int) -> Expr:
    p, p_bar = share("L"), share("R")
    binary = -p * log(p) - p_bar * log(p_bar)
    return binary * (window_weight() if order == 2 else 1)


# --- Exergy --------------------------------------------------------------------------------------


@cache
def exergy_stationarity() -> Expr:
    """Return T_eq dX/d level at weak coupling: zero where the exergy is largest.

    With f the leads' average at the level it is T_eq f' [ln(f/fbar) + x_eq] + f - f_eq, in the
    thirteen parameters for equal bands. Eq. (13), Figs. 6 and 7.
    """
    averages = {}
    for sign in (1, -1):
        averages[sign] = sum(
            share(a) * Fermi(sign * greens.exponent(a).subs(s.omega, s.level)) for a in s.LEADS
        )
    slope = diff(averages[1], s.level)
    x_eq = greens.exponent("eq").subs(s.omega, s.level)
    force = log(averages[1] / averages[-1]) + x_eq
    return s.temperature_eq * slope * force + averages[1] - Fermi(x_eq)


@cache
def far_bias() -> Expr:
    """Return W, the solution of s + ln s = bias/T - 1 + ln(p/(1 - p)), p the left lead's share."""
    bias = (s.mu_L - s.mu_eq) / s.temperature_eq
    return LambertW(share("L") / share("R") * exp(bias - 1))


def _exergy_level(order: int) -> Expr:
    return s.mu_L - s.temperature_eq * log(far_bias())


def _exergy(order: int) -> Expr:
    p, p_bar = share("L"), share("R")
    return p * far_bias() + log(p_bar)


def _zero_temperature_level(order: int) -> Expr:
    width = total_broadening().subs(s.omega, s.mu_L)
    return s.mu_L - sqrt(width * (s.mu_L - s.mu_eq) / (2 * pi))


_FORMS: dict[str, Callable[[int], Expr]] = {
    "equilibrium_entropy": _equilibrium_entropy,
    "entropy": _entropy,
    "exergy": _exergy,
    "exergy_level": _exergy_level,
    "exergy_level_at_zero_temperature": _zero_temperature_level,
}


# --- Entries -------------------------------------------------------------------------------------

BANDS = "equal bands (the couplings may differ)"
EXAMPLE = {
    "level": "1/5",
    "left.onsite": "1/10",
    "left.hopping": "1",
    "left.coupling": "1/5",
    "left.mu": "7/10",
    "left.temperature": "1/5",
    "right.onsite": "1/10",
    "right.hopping": "1",
    "right.coupling": "1/4",
    "right.mu": "-3/10",
    "right.temperature": "1/5",
    "mu_eq": "1/5",
    "temperature_eq": "1/5",
}
EPSILONS = {
    "equilibrium_entropy": (Rational(1, 6), Rational(1, 12), Rational(1, 24)),
    "entropy": (Rational(1, 16), Rational(1, 32), Rational(1, 64)),
}


def _limit(name: str, order: int) -> Limit:
    temperatures = (s.temperature_L, s.temperature_R, s.temperature_eq)
    couplings = (s.coupling_L, s.coupling_R)
    if name == "equilibrium_entropy":
        # In turn v^2/T, v^2 and v^2 T are left out; what is of order (v^2/T)^2 is far smaller.
        path = {v: epsilon**3 * v for v in couplings} | {t: epsilon * t for t in temperatures}
        remainder = (5, 6, 7)[order - 1]
        assumptions: tuple[str, ...] = (BANDS, "level = mu_eq", "Gamma << T_eq << h")
    else:
        path = {v: epsilon * v for v in couplings} | {t: epsilon**4 * t for t in temperatures}
        remainder = (2, 4)[order - 1]
        assumptions = (BANDS, "mu_R < level < mu_L", "T << Gamma << mu_L - mu_R")
    return Limit(
        expression=optimum(name, order),
        path=path,
        starts=Rational(0),
        remainder=Rational(remainder),
        assumptions=assumptions,
        example=EXAMPLE,
        epsilons=EPSILONS[name],
    )


_STATEMENTS = {
    ("equilibrium_entropy", 1): "With the level at mu_eq S_eq is ln 2 at weak coupling.",
    ("equilibrium_entropy", 2): "A width Gamma lowers it by Gamma/(2 pi T_eq).",
    ("equilibrium_entropy", 3): "The finite band gives back ln 2 (v_L^2 + v_R^2)/(2 h^2).",
    ("entropy", 1): "For T -> 0 and a level inside the bias window S is the couplings' entropy.",
    ("entropy", 2): "A width lowers it by the share of A's tails outside the window.",
}

ENTRIES = tuple(
    Entry(
        family="optimum",
        observable=name,
        order=order,
        statement=statement,
        equation="(12), Fig. 2" if name == "equilibrium_entropy" else "(12), Fig. 3",
        derivation="largest_entropy",
        build=partial(_limit, name, order),
    )
    for (name, order), statement in _STATEMENTS.items()
)
"""The family's limits."""
