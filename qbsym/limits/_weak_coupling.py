"""Weak coupling: the leading term of every observable and the next one, two powers of v smaller.

With v_a -> lambda v_a and omega = level + lambda^2 y, A d omega becomes a Lorentzian of weight 1
in y: A -> delta(omega - level). The first two moments of A are those of the delta function exactly,
so what is left of a function g once its tangent at the level is taken off is averaged over A's tail
alone: integral A g = g(level) + integral Gamma/(2 pi) [g - tangent]/(omega - level)^2 + O(v^4).
Eqs. (7)-(13), (A4)-(A7).
May import: sympy, qbsym.symbols, .greens, .observables, .errors, .limits._bands, ._weak_forms,
.core.
"""

from __future__ import annotations

from functools import cache, partial

from sympy import Dummy, Expr, Integer, Integral, Rational, S, oo

from qbsym import greens
from qbsym import symbols as s
from qbsym._checks import takes_names
from qbsym.errors import NotDerivedError
from qbsym.limits._bands import pieces
from qbsym.limits._weak_forms import (
    SLOPES,
    at_level,
    averaged_over_spectrum,
    bregman,
    curvatures,
    filling_slope,
    in_parameters,
    tail_correction,
    tail_density,
)
from qbsym.limits.core import Entry, Limit, epsilon
from qbsym.observables import OBSERVABLES, observable

__all__ = ["ABSENT", "COUPLING_POWER", "ENTRIES", "weak_coupling"]

GAPS = ("entropy_gap", "exergy_gap")

CURRENTS = tuple(name for name in OBSERVABLES if "current" in name or name == "entropy_production")

COUPLING_POWER = {name: 2 if name in (*CURRENTS, *GAPS) else 0 for name in OBSERVABLES}
"""The power of the couplings (v_L, v_R together) with which each observable starts."""

# --- The limit -----------------------------------------------------------------------------------


@takes_names
def weak_coupling(
    name: str, order: int = 1, *, left: str = "inside", right: str = "inside", bands: str = "equal"
) -> Expr:
    """Return an observable for small couplings, up to an order.

    Parameters
    ----------
    name : str
        One of `OBSERVABLES`.
    order : int
        1: the leading term, of the power `COUPLING_POWER` in the couplings. 2: with the next term,
        two powers smaller.
    left, right : "inside", "above" or "below"
        Where the level lies with respect to each band, away from the edges by more than its width.
        It must be inside one at least, except for the currents.
    bands : str
        One of `limits.ARRANGEMENTS`: ``"equal"``, or the order of the four band edges from low to
        high, such as ``"LRLR"``. It matters where the result holds an integral over the bands.

    Returns
    -------
    Expr
        In the thirteen parameters. The gaps' leading term, the next terms, and the currents where
        the level is not in both bands (then of fourth order: tunnelling through a virtual state)
        hold unevaluated `Integral` over the pieces of the bands. Their integrands are 0/0 at the
        level; `limits.evaluate` knows how to take them.

    Raises
    ------
    NotDerivedError
        Another order; a level outside both bands (a bound state takes all weight); a level that
        cannot lie so for this arrangement of the bands.
    UnknownNameError
        No such observable or arrangement.
    """
    entry = observable(name)
    found = pieces(bands)
    off_resonant = name in CURRENTS and (left, right) != ("inside", "inside")
    orders = (1,) if off_resonant else (1, 2)
    if order not in orders:
        raise NotDerivedError(
            f"the weak-coupling expansion of {name} has been derived at order "
            f"{' and '.join(map(str, orders))} only{'' if len(orders) > 1 else ' here'}, "
            f"not {order}"
        )
    if off_resonant:
        return _tail_average(averaged_over_spectrum(name), bands)
    if "inside" not in (left, right):
        raise NotDerivedError(
            "the level is outside both bands: at weak coupling a bound state takes all weight, "
            "and the steady state does not fix its occupation"
        )
    needs_bands = order == 2 or name in GAPS
    if needs_bands and not any((p.left, p.right) == (left, right) for p in found):
        raise NotDerivedError(
            f"the level cannot be {left} the left band and {right} the right one with bands = "
            f"{bands!r}"
        )
    if name in GAPS:
        leading = _tail_average(bregman(name), bands).xreplace(_fillings(left, right))
        return leading + (_gap_correction(name, left, right, bands) if order == 2 else 0)
    if entry.integrand is None:
        return _two_state(name, order, left, right, bands)
    slow = averaged_over_spectrum(name)
    value, _ = at_level(slow, left, right)
    return value if order == 1 else value + _gain(name, left, right, bands)


def _tail_average(slow: Expr, bands: str, value: Expr = S.Zero, slope: Expr = S.Zero) -> Expr:
    """Return the integral of A's tail times g less its tangent at the level."""
    tail = tail_density().subs(s.Gamma, s.Gamma_L + s.Gamma_R)
    held, tangent = Dummy("g"), Dummy("g1")
    rest = slow - held - tangent * (s.omega - s.level) if value or slope else slow
    total = Integer(0)
    for piece in pieces(bands):
        integrand = in_parameters(tail * rest, piece.left, piece.right)
        integrand = integrand.xreplace({held: value, tangent: slope})
        if integrand != 0:
            total += Integral(integrand, (s.omega, piece.low, piece.high))
    return total


_FILLINGS = {
    s.d: "particle_number",
    s.d_bar: "hole_number",
    s.d_eq: "equilibrium_particle_number",
    s.d_eq_bar: "equilibrium_hole_number",
}


_OCCUPATIONS = {s.d: s.f, s.d_eq: s.f_eq}


@cache
def _fillings(left: str, right: str) -> dict[Expr, Expr]:
    return {symbol: weak_coupling(of, left=left, right=right) for symbol, of in _FILLINGS.items()}


def _gain(of: str, left: str, right: str, bands: str) -> Expr:
    """Return what the next order adds to an observable that is an average over A."""
    slow = averaged_over_spectrum(of)
    return _tail_average(slow, bands, *at_level(slow, left, right))


def _two_state(name: str, order: int, left: str, right: str, bands: str) -> Expr:
    definition = observable(name).definition
    leading = _fillings(left, right)
    total = definition.subs(leading, simultaneous=True)
    if order == 1:
        return total
    for particles, holes in ((s.d, s.d_bar), (s.d_eq, s.d_eq_bar)):
        # What particles gain, holes lose: integral A = 1.
        slope = filling_slope(name, particles, holes).subs(leading, simultaneous=True)
        if slope != 0:
            total += slope * _gain(_FILLINGS[particles], left, right, bands)
    return total


def _gap_correction(name: str, left: str, right: str, bands: str) -> Expr:
    """Return the gap's term of fourth order in the couplings.

    A's next tail averages what the cubic Taylor polynomial leaves (moments up to the third have no
    term of fourth order), and the fillings' own shifts enter squared.
    """
    fillings = _fillings(left, right)
    second, third, hessian = curvatures(name)
    slopes = {
        symbol: value
        for filling, held in SLOPES.items()
        for symbol, value in zip(
            held, at_level(_OCCUPATIONS[filling], left, right, 2)[1:], strict=True
        )
    }
    distance = s.omega - s.level
    held = Dummy("B2"), Dummy("B3")
    rest = bregman(name) - held[0] * distance**2 / 2 - held[1] * distance**3 / 6
    density = tail_correction().subs(s.Gamma, s.Gamma_L + s.Gamma_R)
    total = Integer(0)
    for piece in pieces(bands):
        shifts = greens.level_shift("L", piece.left) + greens.level_shift("R", piece.right)
        integrand = in_parameters(density * rest, piece.left, piece.right)
        integrand = integrand.xreplace({s.F: shifts, held[0]: second, held[1]: third})
        integrand = integrand.xreplace({**slopes, **fillings})
        total += Integral(integrand, (s.omega, piece.low, piece.high))
    for (first, other), curvature in hessian.items():
        gains = [_gain(_FILLINGS[p], left, right, bands) for p in (first, other)]
        total -= curvature.xreplace(fillings) * gains[0] * gains[1] / 2
    return total


# --- The catalogue's entries ---------------------------------------------------------------------

EQUAL = {
    "level": "0.4",
    "left.onsite": "0.1",
    "left.hopping": "1",
    "left.coupling": "0.2",
    "left.mu": "0.6",
    "left.temperature": "0.3",
    "right.onsite": "0.1",
    "right.hopping": "1",
    "right.coupling": "0.3",
    "right.mu": "0.1",
    "right.temperature": "0.2",
    "mu_eq": "0.05",
    "temperature_eq": "0.25",
}
"""A driven junction with equal bands; everything else differs between the leads."""

OVERLAPPING = EQUAL | {"right.onsite": "0.6", "right.hopping": "0.9"}
"""Edges in the order LRLR, the level in both bands."""

ONE_SIDED = EQUAL | {"right.onsite": "1.8", "right.hopping": "0.4"}
"""The same order, the level in the left band and below the right one."""

EPSILONS = (Rational(1, 16), Rational(1, 32), Rational(1, 64))
"""Couplings this many times weaker: the term after the next one moves the order below 0.01."""

NEXT_GAPS = "weak_coupling_gaps_next_order"

INSIDE = {"left": "inside", "right": "inside", "bands": "equal"}


def _limit(name: str, order: int, where: dict[str, str], example: dict[str, str]) -> Limit:
    power = COUPLING_POWER[name]
    virtual = name in CURRENTS and where["right"] != "inside"
    starts = power + 2 if virtual else power
    exact = name == "spectral_weight"
    return Limit(
        expression=weak_coupling(name, order, **where),
        path={v: epsilon * v for v in (s.coupling_L, s.coupling_R)},
        starts=Rational(starts),
        remainder=oo if exact else Rational(starts + 2 * order),
        assumptions=(
            "v_a^2 << h_a T, and << h_a times the distance of the level from every band edge",
            "T > 0",
        ),
        example=example,
        epsilons=EPSILONS,
    )


def _entry(
    family: str, name: str, order: int, statement: str, derivation: str, where: dict[str, str],
    example: dict[str, str],
) -> Entry:  # fmt: skip
    return Entry(
        family=family,
        observable=name,
        order=order,
        statement=statement,
        equation=observable(name).equation,
        derivation=derivation,
        build=partial(_limit, name, order, where, example),
    )


def _equal_bands() -> tuple[Entry, ...]:
    found = []
    for name in OBSERVABLES:
        gap, current = name in GAPS, name in CURRENTS
        leading = "weak_coupling_gaps" if gap else "weak_coupling"
        statement = (
            "The average of a Bregman divergence over A's tail."
            if gap
            else "tau is 2 pi Gamma_L Gamma_R/Gamma times a delta function at the level."
            if current
            else "A is a delta function at the level."
        )
        found.append(_entry("weak_coupling", name, 1, statement, leading, INSIDE, EQUAL))
        if name != "spectral_weight":
            statement = (
                "A's next tail averages what a cubic leaves; the fillings' shifts enter squared."
                if gap
                else "The tail of A averages what the tangent at the level leaves, in v^2."
            )
            derivation = NEXT_GAPS if gap else "weak_coupling_next_order"
            found.append(_entry("weak_coupling", name, 2, statement, derivation, INSIDE, EQUAL))
    return tuple(found)


def _unequal_bands() -> tuple[Entry, ...]:
    where = {"left": "inside", "right": "inside", "bands": "LRLR"}
    statement = "As for equal bands, the average taken piece by piece between the band edges."
    return tuple(
        _entry(
            "weak_coupling_unequal_bands", name, 2, statement,
            NEXT_GAPS if name in GAPS else "weak_coupling_next_order",
            where, OVERLAPPING,
        )
        for name in OBSERVABLES
        if name != "spectral_weight"
    )  # fmt: skip


def _virtual() -> tuple[Entry, ...]:
    where = {"left": "inside", "right": "below", "bands": "LRLR"}
    statement = (
        "With the level outside one band tau is Gamma_L Gamma_R/(omega - level)^2: tunnelling "
        "through a virtual state, of fourth order."
    )
    return tuple(
        _entry(
            "weak_coupling_virtual", name, 1, statement, "weak_coupling_virtual", where, ONE_SIDED
        )
        for name in CURRENTS
    )


ENTRIES = (*_equal_bands(), *_unequal_bands(), *_virtual())

ABSENT: dict[tuple[str, str], str] = {
    ("weak_coupling_unequal_bands", "spectral_weight"): (
        "it is 1 at every order, as for equal bands: no bound state exists at weak coupling"
    ),
} | {
    ("weak_coupling_virtual", name): (
        "only the currents change their order with the level outside one band; for the rest "
        "weak_coupling(..., right='below', bands='LRLR') holds as in the other families"
    )
    for name in OBSERVABLES
    if name not in CURRENTS
}
"""Entries that are left out, with the reason."""
