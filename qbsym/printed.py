"""What the paper prints where it errs, kept to show what it does: Eq. (4) and the text after (6).

Every form here is wrong on purpose; the right ones are in `qbsym.greens`. May import: sympy,
qbsym.symbols, .greens.
"""

from __future__ import annotations

from functools import cache

from sympy import Expr, Integer, Symbol, sqrt

from qbsym import greens
from qbsym import symbols as s
from qbsym._checks import takes_names

__all__ = [
    "coupling_ratio",
    "mapped_junction",
    "printed_self_energy",
    "printed_spectral_function",
    "printed_surface_green",
    "printed_transmission",
]


@takes_names
@cache
def printed_self_energy(lead: str, region: str = "inside") -> Expr:
    """Return Sigma as the paper prints it, v^2 exp(-i k)/h with omega = onsite - 2h cos k.

    It is Sigma^r - (v/h)^2 (omega - onsite), so its real part has the wrong sign inside the band
    and the integral of A misses 1. Outside the band the same analytic function is given.

    Parameters
    ----------
    lead : "L" or "R"
    region : "inside", "above" or "below"
        Where omega lies with respect to the lead's band.
    """
    p = greens.lead_symbols(lead)
    roots = greens.surface_roots(region)
    other = next(g for g in roots if g != greens.surface_green(region))
    # exp(-ik) = -h g_other: the printed form takes the growing root, with the sign of exp(ik).
    return -(p.coupling**2) * other.subs(
        {s.x: s.omega - p.onsite, s.hopping: p.hopping}, simultaneous=True
    )


def _printed_parts(left: str, right: str) -> tuple[Expr, Expr, Expr]:
    """Return (F, Gamma_L, Gamma_R) of the printed form: 1/G = F + i (Gamma_L + Gamma_R)/2."""
    parts = [greens.split(printed_self_energy(a, r)) for a, r in (("L", left), ("R", right))]
    return s.omega - s.level - parts[0][0] - parts[1][0], -2 * parts[0][1], -2 * parts[1][1]


@takes_names
@cache
def printed_spectral_function(left: str = "inside", right: str = "inside") -> Expr:
    """Return A as it comes out with `printed_self_energy`; its integral is 1/(1 + sum (v/h)^2)."""
    real, gamma_L, gamma_R = _printed_parts(left, right)
    if gamma_L + gamma_R == 0:
        return Integer(0)
    return greens.spectral_form().subs({s.F: real, s.Gamma: gamma_L + gamma_R}, simultaneous=True)


@takes_names
@cache
def printed_transmission(left: str = "inside", right: str = "inside") -> Expr:
    """Return tau as it comes out with `printed_self_energy`; zero where a lead is closed."""
    real, gamma_L, gamma_R = _printed_parts(left, right)
    if 0 in (gamma_L, gamma_R):
        return Integer(0)
    return greens.transmission_form().subs(
        {s.F: real, s.Gamma: gamma_L + gamma_R, s.Gamma_L: gamma_L, s.Gamma_R: gamma_R},
        simultaneous=True,
    )


def coupling_ratio() -> Expr:
    """Return s = sum_a (v_a/h_a)^2, by which the printed form misses the sum rule: 1/(1 + s)."""
    return sum((p.coupling**2 / p.hopping**2 for p in s.LEADS.values()), Integer(0))


def mapped_junction() -> dict[Symbol, Expr]:
    """Return the correct junction whose tau is the printed one, as symbol -> expression.

    level' = (level + sum_a s_a onsite_a)/(1 + s) and v_a' = v_a/sqrt(1 + s), s_a = (v_a/h_a)^2;
    A is that junction's divided by 1 + s, f_NE is unchanged. Substitute simultaneously.
    """
    total = 1 + coupling_ratio()
    pull = sum(
        (p.coupling**2 / p.hopping**2 * p.onsite for p in s.LEADS.values()),
        Integer(0),
    )
    return {
        s.level: (s.level + pull) / total,
        s.coupling_L: s.coupling_L / sqrt(total),
        s.coupling_R: s.coupling_R / sqrt(total),
    }


@cache
def printed_surface_green() -> Expr:
    """Return g of site 0 of the chain that Eq. (4) prints, in x, h and omega; inside the band.

    The sum from k = 0 hangs a site k = -1 on it, without an on-site energy: the level touches the
    second site of a chain. 1/g = 1/g_right - h^2/omega, for g_right see `greens.surface_green`.
    """
    rest = s.x - s.hopping**2 * greens.surface_green("inside")
    return s.omega / (s.omega * rest - s.hopping**2)
