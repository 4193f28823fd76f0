"""Derivations behind the errata about entropy and exergy: Eq. (13), Apps. A and B.

Equality in Jensen's inequality, which equilibrium, the mirror image of a gradient.
May import: sympy, qbsym.symbols, .functions, .proofs.
"""

from __future__ import annotations

from sympy import Eq, Expr, Rational, Symbol, diff, log, solve

from qbsym import symbols as s
from qbsym.functions import Fermi
from qbsym.proofs import Derivation, Step, fact, identity, nonnegative

__all__ = ["DERIVATIONS"]


# --- App. A: equality in Jensen's inequality -----------------------------------------------------


def _kl(p: Expr, r: Expr) -> Expr:
    return p * (log(p) - log(r)) + (1 - p) * (log(1 - p) - log(1 - r))


def _equality() -> tuple[Step, ...]:
    p, d = Symbol("p", positive=True), s.d
    e, g = s.d_eq, s.f_eq
    entropy = lambda q: -q * log(q) - (1 - q) * log(1 - q)  # noqa: E731
    tangent = entropy(d) + diff(entropy(d), d) * (p - d)
    odds = Symbol("q", positive=True)
    scaled = g * d / e
    return (
        identity(
            "The entropy below its tangent at d: s(d) + s'(d)(p - d) - s(p) = KL(p, d).",
            (tangent - entropy(p)).expand(),
            _kl(p, d).expand(),
        ),
        identity(
            "KL(p, d) has the second derivative 1/(p (1 - p)) in p,",
            diff(_kl(p, d), p, 2),
            1 / (p * (1 - p)),
        ),
        nonnegative(
            "which is positive (p = q/(1 + q)): S2 - S = integral A KL(f, d) is zero if and only "
            "if f_NE = d wherever A > 0.",
            (1 / (p * (1 - p))).subs(p, odds / (1 + odds)).together().factor(),
            strict=True,
        ),
        identity(
            "X - X2 is zero if and only if f/f_eq = d/d_eq and fbar/fbar_eq = dbar/dbar_eq "
            "wherever A > 0. Together these say (d - d_eq)(1 - f_eq/d_eq) = 0:",
            (1 - scaled) * (1 - e) - (1 - g) * (1 - d),
            (d - e) * (1 - g / e),
        ),
        identity(
            "with d = d_eq the first gives f_NE = f_eq: equilibrium, both zero at any coupling;",
            scaled.subs(d, e),
            g,
        ),
        fact(
            "otherwise f_eq = d_eq throughout, which a Fermi function is not: f' = -f(x) f(-x) < "
            "0.",
            Fermi(s.x_eq).fdiff() < 0,
            lambda: (
                Fermi(s.x_eq).fdiff() + Fermi(s.x_eq) * Fermi(-s.x_eq) == 0
                and Fermi(s.x_eq).is_positive is True
            ),
        ),
        identity(
            "Far reservoirs, f_L -> 1 and f_R -> 0, leave a constant f_NE, so S -> S2 at any "
            "coupling.",
            ((s.Gamma_L * s.f_L + s.Gamma_R * s.f_R) / (s.Gamma_L + s.Gamma_R)).subs(
                {s.f_L: 1, s.f_R: 0, s.Gamma_R: s.Gamma_L}
            ),
            Rational(1, 2),
        ),
    )


# --- Eq. (13): which equilibrium -----------------------------------------------------------------


def _reservoirs() -> tuple[Step, ...]:
    exponents = {a: (s.omega - p.mu) / p.temperature for a, p in s.LEADS.items()}
    difference = exponents["L"] - exponents["R"]
    slope = diff(difference, s.omega)
    return (
        identity(
            "f_L = f_R where x_L = x_R; x_L - x_R is linear in omega.",
            difference,
            slope * s.omega + difference.subs(s.omega, 0),
        ),
        fact(
            "It vanishes for all omega only if T_L = T_R",
            Eq(slope, 0, evaluate=False),
            lambda: solve(slope, s.temperature_L) == [s.temperature_R],
        ),
        fact(
            "and mu_L = mu_R: out of equilibrium f_eq = f_a cannot hold for both leads.",
            Eq(difference.subs({s.omega: 0, s.temperature_L: s.temperature_R}), 0, evaluate=False),
            lambda: (
                solve(difference.subs({s.omega: 0, s.temperature_L: s.temperature_R}), s.mu_L)
                == [s.mu_R]
            ),
        ),
    )


# --- App. B: Fig. 4 cannot show it ---------------------------------------------------------------


def _gradient() -> tuple[Step, ...]:
    u, p, f_L, f_eq = (Symbol(n, positive=True) for n in ("u", "p", "f_L", "f_eq"))
    at = lambda level: (level - s.mu_eq) / s.temperature_L  # noqa: E731
    mixed = p * f_L + (1 - p) * f_eq
    mirrored = p * (1 - f_L) + (1 - p) * (1 - f_eq)
    return (
        identity(
            "No bias, mu_L = mu_R = mu_eq: the exponents at mu_eq - u are those at mu_eq + u with "
            "the other sign (and likewise for R and eq),",
            at(s.mu_eq - u),
            -at(s.mu_eq + u),
        ),
        identity("so every f turns into 1 - f,", Fermi(-s.x_L), 1 - Fermi(s.x_L)),
        identity("f_NE too (p = Gamma_L/Gamma),", mirrored, 1 - mixed),
        identity(
            "and KL does not change: X at weak coupling is the same for levels 0.3 below and "
            "above mu_eq, at every temperature gradient.",
            _kl(1 - mixed, 1 - f_eq).expand(),
            _kl(mixed, f_eq).expand(),
        ),
    )


DERIVATIONS = (
    Derivation(
        "jensen_equality",
        "S2 = S if and only if f_NE is constant where A > 0; X2 = X if and only if f_NE = f_eq "
        "there.",
        ("integral A = 1", "d_eq = integral A f_eq", "T_eq > 0", "a coupling is not zero"),
        "(A6), (A7)",
        _equality,
    ),
    Derivation(
        "reservoir_distributions",
        "f_L = f_R for all omega only if T_L = T_R and mu_L = mu_R.",
        (),
        "(13)",
        _reservoirs,
    ),
    Derivation(
        "gradient_mirror",
        "Without bias, levels at equal distance below and above mu_eq have the same exergy at weak "
        "coupling.",
        ("weak coupling", "mu_L = mu_R = mu_eq", "T_R = T_eq"),
        "Fig. 4, App. B",
        _gradient,
    ),
)
