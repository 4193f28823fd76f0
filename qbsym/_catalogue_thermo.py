"""Derivations of the thermodynamics: Eqs. (1)-(3), (7)-(13), (A1)-(A7) and Sec. II.

May import: sympy, qbsym.symbols, .functions, .greens, .observables, .proofs.
"""

from __future__ import annotations

from sympy import (
    Eq,
    Expr,
    Limit,
    Ne,
    Rational,
    Symbol,
    cosh,
    diff,
    exp,
    expand_log,
    hessian,
    limit,
    log,
    oo,
    sinh,
    together,
)

from qbsym import greens
from qbsym import symbols as s
from qbsym.functions import Fermi, FermiDifference, LogFermi, PLogP
from qbsym.observables import observable
from qbsym.proofs import Derivation, Step, fact, identity, is_zero, nonnegative

__all__ = ["DERIVATIONS"]

_q = Symbol("q", positive=True)
"""exp(x_eq): turns logarithms of Fermi functions into logarithms of positive numbers."""


def in_logs(expression: Expr, x: Symbol = s.x_eq, q: Symbol = _q) -> Expr:
    """Return an expression of Fermi functions of x with exp(x) = q > 0 and its logs expanded."""
    flat = expression.replace(LogFermi, lambda a: -log(1 + exp(a)))
    flat = flat.replace(Fermi, lambda a: 1 / (1 + exp(a))).subs(x, log(q))
    flat = flat.replace(PLogP, lambda p, _: p * log(p))
    return expand_log(flat.replace(log, lambda a: log(together(a))), force=False)


def _pauli() -> tuple[Step, ...]:
    x = s.x_eq
    return (
        identity("f(x) = 1/(exp(x) + 1).", Fermi(x), 1 / (exp(x) + 1)),
        identity("1 - f(x) = f(-x).", 1 - Fermi(x), Fermi(-x)),
        identity("f' = -f(x) f(-x).", diff(1 / (exp(x) + 1), x), Fermi(x).fdiff()),
        identity("ln f(x) - ln f(-x) = -x.", in_logs(LogFermi(x) - LogFermi(-x)), -log(_q)),
        identity("(ln f)' = -f(-x).", diff(-log(1 + exp(x)), x), LogFermi(x).fdiff()),
        nonnegative("f > 0.", Fermi(x), strict=True),
    )


def _occupation() -> tuple[Step, ...]:
    gamma_L, gamma_R = s.Gamma_L, s.Gamma_R
    total = gamma_L + gamma_R
    holes = (gamma_L * s.f_L_bar + gamma_R * s.f_R_bar) / total
    particles = (gamma_L * s.f_L + gamma_R * s.f_R) / total
    pauli = {s.f_L_bar: 1 - s.f_L, s.f_R_bar: 1 - s.f_R}
    return (
        identity("1 - f_NE weighs the leads' holes.", 1 - particles, holes.subs(pauli)),
        identity(
            "f_NE = f_eq where both leads are at equilibrium.",
            particles.subs({s.f_L: s.f_eq, s.f_R: s.f_eq}),
            s.f_eq,
        ),
        nonnegative("f_NE >= 0.", particles.subs({gamma_L: Symbol("a", positive=True)})),
        nonnegative("1 - f_NE >= 0.", holes.subs({gamma_L: Symbol("a", positive=True)})),
    )


def _exergy() -> tuple[Step, ...]:
    beta = 1 / s.temperature_eq
    x = (s.omega - s.mu_eq) * beta
    exergy = observable("exergy").integrand
    entropy = observable("entropy").integrand
    entropy_eq = observable("equilibrium_entropy").integrand
    f_eq = Fermi(s.x_eq)
    equilibrium = {s.f_eq: f_eq, s.f_eq_bar: Fermi(-s.x_eq)}
    number = s.A * (s.f - f_eq)
    # ln f and ln f_bar stay opaque: the identity is linear in them.
    total = exergy - s.A * s.x_eq * (s.f - f_eq) + entropy - entropy_eq.subs(equilibrium)
    pauli = total.replace(PLogP, lambda p, _: p * log(p)).subs(s.f_bar, 1 - s.f)
    energy_part = beta * s.omega * number - beta * s.mu_eq * number
    plus = beta * s.omega * number + beta * s.mu_eq * number
    n_difference = Symbol("N") - Symbol("N_eq")
    return (
        identity(
            "Pointwise: A KL(f, f_eq) = A x_eq (f - f_eq) - (s - s_eq), with s the entropy's "
            "integrand.",
            in_logs(pauli),
            0,
        ),
        identity(
            "A x_eq (f - f_eq) = beta_eq omega A (f - f_eq) - beta_eq mu_eq A (f - f_eq).",
            s.A * x * (s.f - f_eq),
            energy_part,
        ),
        identity(
            "The printed plus sign of Eq. (2) misses it by 2 mu_eq (N - N_eq)/T_eq.",
            plus - energy_part,
            2 * s.mu_eq * number / s.temperature_eq,
        ),
        fact(
            "which is not zero unless mu_eq = 0 or N = N_eq.",
            Ne(2 * s.mu_eq * n_difference / s.temperature_eq, 0, evaluate=False),
            lambda: not is_zero(2 * s.mu_eq * n_difference / s.temperature_eq),
        ),
        fact(
            "The definition (1) agrees: W_ext = (E - mu N - T S) - (E_eq - mu N_eq - T S_eq) has "
            "the minus sign.",
            Eq(
                Symbol("W_ext") / s.temperature_eq,
                (s.E - s.E_eq) / s.temperature_eq
                - s.mu_eq * n_difference / s.temperature_eq
                - (s.S - s.S_eq),
                evaluate=False,
            ),
            lambda: is_zero(
                (
                    (s.E - s.mu_eq * Symbol("N") - s.temperature_eq * s.S)
                    - (s.E_eq - s.mu_eq * Symbol("N_eq") - s.temperature_eq * s.S_eq)
                )
                / s.temperature_eq
                - (
                    (s.E - s.E_eq) / s.temperature_eq
                    - s.mu_eq * n_difference / s.temperature_eq
                    - (s.S - s.S_eq)
                )
            ),
        ),
    )


def _exergy_sign() -> tuple[Step, ...]:
    p, p0 = Symbol("p", positive=True), Symbol("p0", positive=True)
    relative = p * log(p / p0) + (1 - p) * log((1 - p) / (1 - p0))
    q = Symbol("q", positive=True)  # odds
    inside = q / (1 + q)
    return (
        identity("KL(p, p) = 0.", relative.subs(p, p0), 0),
        identity("dKL/dp vanishes at p = p0.", diff(relative, p).subs(p, p0), 0),
        identity("d^2KL/dp^2 = 1/(p (1 - p)).", diff(relative, p, 2), 1 / (p * (1 - p))),
        nonnegative(
            "which is positive for 0 < p = q/(1 + q) < 1: KL >= 0, and zero only at p = p0.",
            together((1 / (p * (1 - p))).subs(p, inside)).factor(),
            strict=True,
        ),
        fact(
            "So X >= 0 (A >= 0), and X = 0 at equilibrium, f = f_eq.",
            Eq(Symbol("X"), 0),
            lambda: is_zero(
                in_logs(
                    observable("exergy")
                    .integrand.replace(PLogP, lambda p, _: p * log(p))
                    .subs({s.f: Fermi(s.x_eq), s.f_bar: Fermi(-s.x_eq)})
                )
            ),
        ),
    )


def _entropy_production() -> tuple[Step, ...]:
    beta_L, beta_R = 1 / s.temperature_L, 1 / s.temperature_R
    difference = s.f_L - s.f_R
    exponents = {
        s.x_L: (s.omega - s.mu_L) * beta_L,
        s.x_R: (s.omega - s.mu_R) * beta_R,
    }
    sigma = observable("entropy_production")
    definition = sigma.definition.subs(
        {s.I_Q: s.tau * difference, s.J_E: s.omega * s.tau * difference}
    )
    product = s.tau * difference * (s.x_R - s.x_L)
    heat = -beta_L * s.J_H_L + beta_R * s.J_H_R
    d = Symbol("d", positive=True)
    return (
        identity(
            "The integrand of sigma = (beta_L mu_L - beta_R mu_R) I_Q - (beta_L - beta_R) J_E is "
            "tau (f_L - f_R)(x_R - x_L)/(2 pi).",
            definition,
            product.subs(exponents),
        ),
        identity(
            "It is what `observable` carries.",
            sigma.integrand.subs(FermiDifference(s.x_L, s.x_R), difference),
            product,
        ),
        identity(
            "f_L - f_R = sinh((x_R - x_L)/2)/(2 cosh(x_L/2) cosh(x_R/2)),",
            FermiDifference(s.x_L, s.x_R),
            sinh((s.x_R - s.x_L) / 2) / (2 * cosh(s.x_L / 2) * cosh(s.x_R / 2)),
        ),
        nonnegative("d sinh(d/2) > 0 for d > 0,", d * sinh(d / 2), strict=True),
        identity("and it is even in d:", (-d) * sinh(-d / 2), d * sinh(d / 2)),
        nonnegative(
            "with cosh > 0 and tau >= 0 the integrand is >= 0, and so is sigma.",
            s.tau / (2 * cosh(s.x_L / 2) * cosh(s.x_R / 2)),
        ),
        identity(
            "sigma = beta_R J_H^R - beta_L J_H^L: the entropy that the reservoirs gain.",
            sigma.definition,
            heat.subs({s.J_H_L: s.J_E - s.mu_L * s.I_Q, s.J_H_R: s.J_E - s.mu_R * s.I_Q}),
        ),
    )


def _heat_currents() -> tuple[Step, ...]:
    steps = []
    for side, mu in (("left", s.mu_L), ("right", s.mu_R)):
        entry = observable(f"heat_current_{side}")
        currents = {
            s.I_Q: observable("charge_current").integrand,
            s.J_E: observable("energy_current").integrand,
        }
        steps.append(
            identity(
                f"The integrand of J_E - mu I_Q ({side}) is (omega - mu) tau (f_L - f_R)/(2 pi).",
                entry.definition.subs(currents),
                entry.integrand,
            )
        )
        del mu
    steps.append(
        identity(
            "J_H^L - J_H^R = (mu_R - mu_L) I_Q: what heat loses is the electric power.",
            observable("heat_current_left").definition
            - observable("heat_current_right").definition,
            (s.mu_R - s.mu_L) * s.I_Q,
        )
    )
    return tuple(steps)


def _jensen() -> tuple[Step, ...]:
    p, r = Symbol("p", positive=True), Symbol("r", positive=True)
    a, b = Symbol("a", real=True), Symbol("b", real=True)
    term = p * log(p / r)
    matrix = hessian(term, (p, r))
    form = a**2 * matrix[0, 0] + 2 * a * b * matrix[0, 1] + b**2 * matrix[1, 1]
    square = (a - b * p / r) ** 2 / p
    entropy = -p * log(p)
    # The gap as one integral of relative entropies to the rescaled reference, without subtraction.
    f, g, fb, gb = s.f, s.f_eq, s.f_bar, s.f_eq_bar
    d, e, db, eb = s.d, s.d_eq, s.d_bar, s.d_eq_bar
    scaled = f * log(f * e / (g * d)) + fb * log(fb * eb / (gb * db))
    plain = f * log(f / g) + fb * log(fb / gb)
    shift = f * log(d / e) + fb * log(db / eb)
    grow = Symbol("t", positive=True)
    generalised = grow * log(grow) - grow + 1
    return (
        identity("The Hessian of p ln(p/r) is the form (a - b p/r)^2/p,", form, square),
        nonnegative("which is >= 0: the relative entropy is jointly convex.", square),
        nonnegative("-p ln p is concave: its second derivative is negative.", -diff(entropy, p, 2)),
        identity(
            "Integrand of X - X2, with X2's own A f ln(d/d_eq) + A fbar ln(dbar/dbar_eq):",
            expand_log(scaled - plain + shift, force=False),
            0,
        ),
        identity(
            "where integral A f = d makes the subtracted part X2.",
            (d * log(d / e) + db * log(db / eb)),
            shift.subs({f: d, fb: db}),
        ),
        identity(
            "Each part is g k(f/g) with k(t) = t ln t - t + 1; k(1) = 0,",
            generalised.subs(grow, 1),
            0,
        ),
        identity("k'(1) = 0,", diff(generalised, grow).subs(grow, 1), 0),
        nonnegative("and k'' > 0, so k >= 0: the gaps are >= 0.", diff(generalised, grow, 2), True),
    )


def _reference() -> tuple[Step, ...]:
    p, p0 = Symbol("p", positive=True), Symbol("p0", positive=True)
    relative = p * log(p / p0) + (1 - p) * log((1 - p) / (1 - p0))
    h = Symbol("delta", real=True)
    return (
        identity(
            "With d_eq = integral A f_eq, X2 vanishes at equilibrium.", relative.subs(p, p0), 0
        ),
        fact(
            "With f_eq(level) instead, X2 at equilibrium is KL(d_eq, f_eq(level)) > 0 unless both "
            "agree, while X = 0: the gap X - X2 is then negative. To second order in "
            "delta = d_eq - f_eq(level), X2 = delta^2/(2 p0 (1 - p0)).",
            Eq(Symbol("X_2"), h**2 / (2 * p0 * (1 - p0))),
            lambda: is_zero(diff(relative, p, 2).subs(p, p0) / 2 - 1 / (2 * p0 * (1 - p0))),
        ),
    )


def _two_state() -> tuple[Step, ...]:
    d, a = s.d, Symbol("a", real=True)
    odds = log(1 / d - 1)
    occupied = exp(-a) / (1 + exp(-a))
    return (
        identity(
            "(A1) with a = ln(1/d - 1) has occupation exp(-a)/(1 + exp(-a)) = d.",
            occupied.subs(exp(-a), exp(-odds)).simplify(),
            d,
        ),
        identity(
            "(A3): Z = 1 + exp(-a), so the empty state has 1/Z = 1 - d.",
            (1 / (1 + 1 / (1 / d - 1))),
            1 - d,
        ),
        fact(
            "(A4): S2 -> 0 for d -> 0 and is ln 2 at d = 1/2.",
            Eq(Symbol("S_2"), log(2)),
            lambda: (
                limit((-d * log(d) - (1 - d) * log(1 - d)), d, 0) == 0
                and is_zero(
                    expand_log(
                        (-d * log(d) - (1 - d) * log(1 - d)).subs(d, Rational(1, 2)), force=True
                    )
                    - log(2)
                )
            ),
        ),
    )


def _fermi_edges() -> tuple[Step, ...]:
    fermi = greens.fermi("eq").rewrite(exp)
    at_level = fermi.subs(s.omega, s.level)
    return (
        fact(
            "f_eq(level) -> 1 for level -> -oo: a level far below mu_eq is full,",
            Eq(Limit(at_level, s.level, -oo), 1, evaluate=False),
            lambda: limit(at_level, s.level, -oo) == 1,
        ),
        fact(
            "and -> 0 for level -> +oo: far above it is empty. Sec. IV A has the two exchanged.",
            Eq(Limit(at_level, s.level, oo), 0, evaluate=False),
            lambda: limit(at_level, s.level, oo) == 0,
        ),
    )


DERIVATIONS = (
    Derivation(
        "empty_and_full",
        "A level far below mu_eq is full, far above it empty.",
        ("T_eq > 0",),
        "Sec. IV A",
        _fermi_edges,
    ),
    Derivation(
        "pauli",
        "1 - f(x) = f(-x); f' = -f(x) f(-x); ln f(x) - ln f(-x) = -x.",
        (),
        "Sec. III",
        _pauli,
    ),
    Derivation(
        "occupation",
        "f_NE is an average of the leads' Fermi functions; 1 - f_NE averages their holes.",
        ("a lead is open",),
        "(9)",
        _occupation,
    ),
    Derivation(
        "exergy_identity",
        "X = beta_eq (E - E_eq) - beta_eq mu_eq (N - N_eq) - (S - S_eq): Eq. (2) with the minus "
        "sign, pointwise in omega.",
        ("f + fbar = 1",),
        "(1), (2), (3), (13)",
        _exergy,
    ),
    Derivation(
        "exergy_sign",
        "X >= 0, and zero only where f_NE = f_eq.",
        ("A >= 0", "0 < f_NE < 1"),
        "(13)",
        _exergy_sign,
    ),
    Derivation(
        "heat_currents",
        "J_E - mu_a I_Q has the integrand (omega - mu_a) tau (f_L - f_R)/(2 pi).",
        (),
        "after (8)",
        _heat_currents,
    ),
    Derivation(
        "entropy_production",
        "sigma is the integral of tau (f_L - f_R)(x_R - x_L)/(2 pi) >= 0.",
        ("tau >= 0",),
        "Sec. II",
        _entropy_production,
    ),
    Derivation(
        "jensen_gaps",
        "S2 - S >= 0 and X - X2 >= 0: A is a probability, the entropy concave, the relative "
        "entropy jointly convex; X - X2 is one integral of non-negative parts.",
        ("integral A = 1 (no bound state, or its occupation given)", "d_eq = integral A f_eq"),
        "(A6), (A7)",
        _jensen,
    ),
    Derivation(
        "two_state_reference",
        "(A5) needs d_eq = integral A f_eq; with f_eq(level) the exergy at equilibrium is not zero "
        "and the gap has no sign.",
        (),
        "(A5)",
        _reference,
    ),
    Derivation(
        "two_state_density_matrix",
        "(A1)-(A4): the two-state density matrix has occupation d and entropy S2(d).",
        ("0 < d < 1",),
        "(A1)-(A4)",
        _two_state,
    ),
)
