"""Derivations of linear response: the Onsager matrix, and the battery's quadratic forms.

Eqs. (7)-(13), (A4)-(A7) and Sec. II.
May import: sympy, qbsym.symbols, .greens, .functions, .proofs, .limits.
"""

from __future__ import annotations

from sympy import (
    Expr,
    Matrix,
    Rational,
    Symbol,
    diff,
    exp,
    expand_log,
    factor,
    hessian,
    log,
)

from qbsym import symbols as s
from qbsym.functions import Fermi
from qbsym.limits import _linear_response as linear
from qbsym.limits.core import epsilon
from qbsym.proofs import Derivation, Step, identity, nonnegative

__all__ = ["DERIVATIONS"]

_p, _q, _y = Symbol("p", positive=True), Symbol("q", positive=True), Symbol("y", real=True)
"""A probability, another one (or the complement of the first), and a change of the first."""

_xi = {lead: Symbol(f"xi_{lead}", real=True) for lead in "LR"}


def _onsager() -> tuple[Step, ...]:
    bias, gradient = linear.affinities()
    energy = s.omega - s.mu_eq
    weight = Symbol("W", nonnegative=True)  # tau f (1 - f)/(2 pi) at one energy
    flux = weight * (bias + energy * gradient)
    fluxes = Matrix([flux, energy * flux])
    # In the forces as symbols, so that they can be differentiated by.
    x1, x2 = Symbol("X_1", real=True), Symbol("X_2", real=True)
    abstract = Matrix([weight * (x1 + energy * x2), energy * weight * (x1 + energy * x2)])
    matrix = abstract.jacobian([x1, x2])
    moved = {lead: Fermi(s.x_eq - epsilon * _xi[lead]) for lead in "LR"}
    difference = moved["L"] - moved["R"]
    produced = difference * (epsilon * _xi["L"] - epsilon * _xi["R"])
    other, there, here = Symbol("omega'", real=True), Symbol("W'", nonnegative=True), weight
    k0, k1, k2 = (Symbol(f"K_{n}", real=True) for n in range(3))
    current = Matrix([[k0, k1], [k1, k2]]) * Matrix([x1, x2])
    (stopping,) = _solved(current[0], x1)
    thermal = current[1].subs(x1, stopping) / x2
    temperature = s.temperature_eq
    named = {name: _in_moments(name, (k0, k1, k2)) for name in linear.COEFFICIENTS}
    return (
        *(
            identity(
                f"x_{lead} = x_eq - epsilon xi_{lead} + ..., with this xi_{lead}.",
                linear.force(lead),
                (p.mu - s.mu_eq) / temperature
                + energy * (p.temperature - temperature) / temperature**2,
            )
            for lead, p in s.LEADS.items()
        ),
        identity(
            "xi_L - xi_R is the bias' force plus (omega - mu_eq) times the gradient's.",
            linear.force("L") - linear.force("R"),
            bias + energy * gradient,
        ),
        identity(
            "f_L - f_R = epsilon f (1 - f) (xi_L - xi_R) + ...",
            diff(difference, epsilon).subs(epsilon, 0),
            Fermi(s.x_eq) * Fermi(-s.x_eq) * (_xi["L"] - _xi["R"]),
        ),
        identity(
            "At each energy, charge and heat respond with a symmetric matrix (Onsager).",
            matrix[0, 1],
            matrix[1, 0],
        ),
        identity(
            "sigma's integrand starts with f (1 - f) (xi_L - xi_R)^2,",
            diff(produced, epsilon, 2).subs(epsilon, 0) / 2,
            Fermi(s.x_eq) * Fermi(-s.x_eq) * (_xi["L"] - _xi["R"]) ** 2,
        ),
        identity(
            "the quadratic form of the same matrix in the forces.",
            bias * fluxes[0] + gradient * fluxes[1],
            weight * (bias + energy * gradient) ** 2,
        ),
        nonnegative("K_0 >= 0: a moment of tau f (1 - f).", weight),
        identity(
            "K_0 K_2 - K_1^2 >= 0 (Cauchy-Schwarz): symmetrised, the double integral of "
            "W W' (omega - omega')^2/2.",
            here * there * ((other - s.mu_eq) ** 2 + energy**2 - 2 * energy * (other - s.mu_eq)),
            here * there * (s.omega - other) ** 2,
        ),
        nonnegative("It is not negative.", here * there * (s.omega - other) ** 2),
        identity(
            "Without a current a gradient is held by a bias of -(Seebeck coefficient) times it.",
            -stopping * temperature / (x2 * temperature**2),
            named["seebeck"],
        ),
        identity(
            "Kelvin's relation: at one temperature heat per charge is T times that coefficient.",
            (current[1] / current[0]).subs(x2, 0),
            temperature * named["seebeck"],
        ),
        identity(
            "The heat that flows without a current is the thermal conductance,",
            thermal / temperature**2,
            named["thermal_conductance"],
        ),
        identity(
            "ZT = G S^2 T/K,",
            named["figure_of_merit"],
            named["conductance"]
            * named["seebeck"] ** 2
            * temperature
            / named["thermal_conductance"],
        ),
        identity(
            "and the Lorenz ratio is K/(G T).",
            named["lorenz_ratio"],
            named["thermal_conductance"] / (named["conductance"] * temperature),
        ),
    )


def _solved(equation: Expr, unknown: Symbol) -> list[Expr]:
    """Return the root of a linear equation."""
    slope = diff(equation, unknown)
    return [-equation.subs(unknown, 0) / slope]


def _in_moments(name: str, symbols: tuple[Symbol, ...]) -> Expr:
    """Return a coefficient with the moments K_n as symbols."""
    values = {linear.moment(n): symbol for n, symbol in enumerate(symbols)}
    return linear.coefficient(name).subs(values)


def _battery() -> tuple[Step, ...]:
    divergence = _p * log(_p / _q) + (1 - _p) * log((1 - _p) / (1 - _q))
    entropy = -_p * log(_p) - (1 - _p) * log(1 - _p)
    fisher = linear.relative_entropy_curvature()
    pauli = {s.f_eq_bar: 1 - _q, s.f_eq: _q}
    curved = _y**2 / (_p * (1 - _p))
    second = hessian(curved, (_y, _p))
    step = Symbol("delta", real=True)
    response = factor(diff(divergence.subs(_p, _q + epsilon * step), epsilon, 2).subs(epsilon, 0))
    change = linear.occupation_change()
    at_equilibrium = Fermi(s.x_eq) * Fermi(-s.x_eq)
    share = s.Gamma_L / (s.Gamma_L + s.Gamma_R)
    b = Symbol("b", positive=True)
    return (
        identity("The relative entropy vanishes at equilibrium,", divergence.subs(_p, _q), 0),
        identity("and so does its slope.", diff(divergence, _p).subs(_p, _q), 0),
        identity(
            "Its curvature is the Fisher information 1/(f (1 - f)).",
            fisher.subs(pauli),
            1 / (_q * (1 - _q)),
        ),
        identity(
            "So X = (1/2) integral A (df)^2/(f (1 - f)) to second order, with df = df_NE.",
            response / 2,
            fisher.subs(pauli) * step**2 / 2,
        ),
        identity(
            "df_NE is f (1 - f) times the mean of xi_L and xi_R, weighed by Gamma.",
            change,
            at_equilibrium * (share * linear.force("L") + (1 - share) * linear.force("R")),
        ),
        identity(
            "Where both leads move alike it is the change of one Fermi function.",
            change.subs({s.mu_R: s.mu_L, s.temperature_R: s.temperature_L}),
            at_equilibrium * linear.force("L"),
        ),
        identity(
            "ds/df = ln((1 - f)/f),",
            _split(diff(entropy, _p)),
            log(1 - _p) - log(_p),
        ),
        identity(
            "which is x at f = 1/(exp(x) + 1): dS = integral A x df.",
            _split(log((1 - 1 / (b + 1)) / (1 / (b + 1)))).subs(b, exp(s.x_eq)),
            s.x_eq,
        ),
        identity(
            "The gap is not negative: y^2/(p (1 - p)) is jointly convex: its Hessian has the "
            "determinant 4 y^2/(p (1 - p))^3,",
            second.det(),
            4 * _y**2 / (_p * (1 - _p)) ** 3,
        ),
        identity(
            "and a positive diagonal (p/(1 - p) = b, positive).",
            second[0, 0].subs(_p, b / (1 + b)),
            2 * (1 + b) ** 2 / b,
        ),
        nonnegative(
            "Both are not negative, so by Jensen the two-state exergy, N_1^2/(2 N_eq (1 - N_eq)), "
            "is not larger than X.",
            4 * _y**2 * (1 + b) ** 6 / b**3,
        ),
        identity(
            "X as a quadratic form scales with the square of the path's parameter.",
            (fisher * change**2 * Rational(1, 2)).subs(linear.PATH, simultaneous=True),
            epsilon**2 * fisher * change**2 / 2,
        ),
    )


def _split(expression: Expr) -> Expr:
    return expand_log(expression.replace(log, lambda a: log(factor(a))), force=True)


DERIVATIONS = (
    Derivation(
        "onsager_matrix",
        "(I_Q, J_H) respond to (dmu/T, dT/T^2) with the symmetric, positive matrix of the moments "
        "K_n = (1/2 pi) integral tau (omega - mu)^n f (1 - f); sigma is its quadratic form.",
        ("small bias and temperature difference",),
        "(7), (8), Sec. II",
        _onsager,
    ),
    Derivation(
        "linear_response_of_the_battery",
        "X = (1/2) integral A (df)^2/(f (1 - f)), the Fisher information of the change of f_NE; "
        "the two-state exergy is (dN)^2/(2 N_eq (1 - N_eq)), and not larger.",
        ("small bias and temperature difference", "integral A = 1"),
        "(12), (13), (A4)-(A7)",
        _battery,
    ),
)
