"""Derivations for equal leads: the rational Green function and its bound states, Eq. (6).

May import: sympy, qbsym.symbols, .greens, .poles, .proofs, ._catalogue_green.
"""

from __future__ import annotations

from sympy import (
    Expr,
    I,
    Rational,
    Symbol,
    exp,
    solve,
)

from qbsym import greens, poles
from qbsym import symbols as s
from qbsym._catalogue_green import in_k
from qbsym.proofs import Derivation, Step, fact, identity

__all__ = ["DERIVATIONS"]


def _rational() -> tuple[Step, ...]:
    generic = poles.equal_leads(1 / greens.green_retarded())
    x_form = generic.subs(s.omega, s.x + s.onsite)
    return (
        identity(
            "g = -z/h with z = exp(i k) solves the recursion and vanishes at omega = infinity.",
            greens.recursion_polynomial().subs(
                {Symbol("g"): poles.surface_green_in_z(), s.x: poles.dispersion() - s.onsite}
            ),
            0,
        ),
        identity(
            "On the band it is the retarded one.",
            in_k(greens.surface_green()),
            poles.surface_green_in_z().subs(s.z, exp(I * s.k)),
        ),
        identity(
            "G^r = z/P(z) is the general G^r at equal leads.",
            in_k(x_form),
            (poles.pole_polynomial() / s.z).subs(s.z, exp(I * s.k)),
        ),
        identity("P(0) = -h.", poles.pole_polynomial().subs(s.z, 0), -s.hopping),
        *(
            identity(f"Pole {i} is a zero of P.", poles.pole_polynomial().subs(s.z, pole), 0)
            for i, pole in enumerate(poles.poles(), start=1)
        ),
    )


def _bound_states() -> tuple[Step, ...]:
    above, below = poles.bound_state("above"), poles.bound_state("below")
    polynomial = poles.pole_polynomial()
    root = 1 / (poles.dispersion() - s.level - poles.COUPLING_SQUARED * poles.surface_green_in_z())
    v2 = poles.COUPLING_SQUARED
    x0 = s.level - s.onsite
    q = Symbol("q", positive=True)  # distance beyond the threshold
    far = 2 * s.hopping - v2 / s.hopping + q
    disc = x0**2 + 4 * (v2 - s.hopping**2)
    return (
        identity("1/G^r = P(z)/z.", 1 / root, polynomial / s.z),
        *(
            identity(
                f"The state {b.side} the band is at a zero of P.", polynomial.subs(s.z, b.z), 0
            )
            for b in (above, below)
        ),
        *(
            identity(
                f"Its weight ({b.side}) is the residue of G^r,",
                b.weight,
                poles.residue_at(b.z),
            )
            for b in (above, below)
        ),
        identity(
            "which for any zero of P is 1/(1 - Sigma'(omega)).",
            (s.z * poles.dispersion().diff(s.z) / polynomial.diff(s.z)).subs(
                s.level, _level_at_zero()
            ),
            1 / (1 - poles.self_energy_slope()),
        ),
        identity(
            "P(-1) > 0 = threshold of the state above: P(-1) = level - onsite - (2h - v^2/h), with "
            "v^2 = v_L^2 + v_R^2; P(0) = -h < 0, so P has a zero in (-1, 0) exactly then.",
            polynomial.subs(s.z, -1),
            x0 - (2 * s.hopping - v2 / s.hopping),
        ),
        identity(
            "P(1) > 0 is the threshold of the state below.",
            polynomial.subs(s.z, 1),
            -x0 - (2 * s.hopping - v2 / s.hopping),
        ),
        identity(
            "The product of both zeros is h^2/(h^2 - v^2),",
            poles.poles()[0] * poles.poles()[1],
            s.hopping**2 / (s.hopping**2 - v2),
        ),
        identity(
            "which for v < h exceeds 1 by v^2/(h^2 - v^2) and else is negative: never two zeros of "
            "one sign, nor a complex pair, with abs(z) < 1.",
            s.hopping**2 / (s.hopping**2 - v2) - 1,
            v2 / (s.hopping**2 - v2),
        ),
        identity(
            "Beyond the threshold by q > 0 the root is real: its square is (v^2/h - q)^2 + 4 h q.",
            disc.subs(s.level, s.onsite + far),
            (v2 / s.hopping - q) ** 2 + 4 * s.hopping * q,
        ),
        identity(
            "For equal couplings v it reads level - onsite > 2 (h - v^2/h).",
            (2 * s.hopping - v2 / s.hopping).subs(
                {s.coupling_L: s.coupling, s.coupling_R: s.coupling}
            ),
            2 * (s.hopping - s.coupling**2 / s.hopping),
        ),
        fact(
            "Both exist where the level is central and the coupling strong, v^2 > 2h^2.",
            above.condition,
            lambda: (
                above.condition.subs(_strong()) == True  # noqa: E712 - SymPy's true
                and below.condition.subs(_strong()) == True  # noqa: E712
            ),
        ),
    )


def _strong() -> dict[Symbol, Rational]:
    two = Rational(2)
    return {
        s.level: 0 * two,
        s.onsite: 0 * two,
        s.hopping: two / 2,
        s.coupling_L: two,
        s.coupling_R: two,
    }


def _level_at_zero() -> Expr:
    """Return the level for which a given z is a zero of the pole polynomial."""
    (level,) = solve(poles.pole_polynomial(), s.level)
    return level


DERIVATIONS = (
    Derivation(
        "rational_green_function",
        "For equal leads G^r = z/P(z) with z = exp(i k) and P quadratic.",
        ("equal bands",),
        "(6)",
        _rational,
    ),
    Derivation(
        "bound_states",
        "For equal bands a bound state lies above (below) the band if and only if level - onsite "
        "exceeds 2h - (v_L^2 + v_R^2)/h (is below its negative); energy and weight are closed.",
        ("equal bands",),
        "(6)",
        _bound_states,
    ),
)
