"""Derivations of the zero-temperature limits: antiderivatives over the band, steps, shares.

May import: sympy, qbsym.symbols, .functions, .greens, .observables, .periodic, .poles, .proofs,
.limits.
"""

from __future__ import annotations

from functools import cache

from sympy import (
    Derivative,
    Eq,
    Expr,
    I,
    Integer,
    Limit,
    Symbol,
    cancel,
    cos,
    diff,
    exp,
    factor,
    limit,
    log,
    pi,
    sin,
    sqrt,
)

from qbsym import greens, periodic, poles
from qbsym import symbols as s
from qbsym.functions import LogFermi, PLogP
from qbsym.limits import _antiderivatives as band
from qbsym.limits import _low_temperature as low
from qbsym.observables import observable
from qbsym.proofs import Derivation, Step, fact, identity, is_zero, nonnegative

__all__ = ["DERIVATIONS"]

_t = Symbol("t", positive=True)
"""tan(k/2), in which functions of cos k and sin k are rational."""
_phase, _log = Symbol("Phi"), Symbol("Lambda")


def _in_t(expression: Expr) -> Expr:
    square = 1 + _t**2
    return expression.subs({cos(s.k): (1 - _t**2) / square, sin(s.k): 2 * _t / square})


def _in_z(expression: Expr) -> Expr:
    return expression.subs({cos(s.k): (s.z + 1 / s.z) / 2, sin(s.k): (s.z - 1 / s.z) / (2 * I)})


def _in_q(expression: Expr) -> Expr:
    return expression.subs(band.V, band.V_OF_Q)


@cache
def _spectral_density(power: int) -> Expr:
    """Return (omega - onsite)^power A d omega/dk, from the forms in k."""
    energy = periodic.energy()
    density = periodic.pieces()[s.A] * energy.diff(s.k) * (energy - s.onsite) ** power
    in_x0 = density.subs(s.level, band.x0 + s.onsite)
    return factor(in_x0.subs(s.coupling_L, sqrt(band.V_OF_Q - s.coupling_R**2)))


def _named(power: int) -> Expr:
    """Return the antiderivative of A with its phase and logarithm as symbols."""
    names = {band.phase(): _phase, band.resonance_logarithm(): _log}
    return _in_q(band.cumulative_spectral(power).subs(names))


@cache
def _slope_of(function: Expr) -> Expr:
    return cancel(_in_t(diff(_in_q(function), s.k)))


def _slope(power: int) -> Expr:
    """Return the slope in k of the antiderivative of A, rational in t."""
    named = _named(power)
    return (
        _in_t(diff(named, s.k))
        + diff(named, _phase) * _slope_of(band.phase())
        + diff(named, _log) * _slope_of(band.resonance_logarithm())
    )


def _at_edge(power: int, k: Expr) -> Expr:
    # atan2(0, X) = 0 for the X > 0 of the step before; the logarithm's squares agree there.
    return _named(power).subs({_phase: 0, _log: 0}).subs(s.k, k)


def _spectral_steps(power: int) -> tuple[Step, ...]:
    what = "A" if power == 0 else "(omega - onsite) A"
    rational = s.z * band.measure(power)
    weight = (periodic.energy() - s.onsite) ** power
    return (
        identity(
            f"{what} d omega = Im[R(z) dz]/pi with a rational R, z = exp(ik):",
            (rational + poles.conjugate_on_axis(rational)) / (2 * pi),
            _in_z(_spectral_density(power)),
        ),
        identity(
            "R integrates to powers, ln z, ln(1 - u z) and ln(1 - u* z):",
            diff(band.partial_fractions(power).integral(), s.z),
            band.measure(power),
        ),
        fact(
            f"The imaginary part in real functions of k: its slope is {what} d omega/dk.",
            Eq(
                Derivative(band.cumulative_spectral(power), s.k),
                factor(periodic.pieces()[s.A]) * Derivative(periodic.energy(), s.k) * weight,
                evaluate=False,
            ),
            lambda: is_zero(_slope(power) - _in_t(_spectral_density(power))),
        ),
        identity("It starts at 0 at the lower edge", _at_edge(power, Integer(0)), 0),
        identity(
            "and ends at the sum rule " + ("1." if power == 0 else "level - onsite."),
            _at_edge(power, pi),
            1 if power == 0 else band.x0,
        ),
    )


def _edge_value(k: Expr) -> tuple[Expr, Expr]:
    """Return what the phase has the argument of, at a band edge."""
    imaginary, real = band.phase().subs(s.k, k).args
    return real, imaginary


def _transmission_steps(power: int) -> Step:
    numerator, denominator = band.transmission_in_x()
    what = "tau" if power == 0 else "(omega - onsite) tau"
    primitive, density = (
        band.cumulative_transmission(power),
        s.x**power * numerator / denominator.as_expr(),
    )
    return fact(
        f"{what} is rational in x = omega - onsite and has the antiderivative:",
        Eq(Derivative(primitive, s.x), density, evaluate=False),
        lambda: is_zero(_in_q(diff(primitive, s.x) - density)),
    )


def _band_antiderivatives() -> tuple[Step, ...]:
    u, conjugate = band.inverse_pole(1), band.inverse_pole(-1)
    real, imaginary = band.on_circle(band.reduced_polynomial())
    (logarithm,) = band.resonance_logarithm().atoms(log)
    alpha, beta, gamma = band.transmission_in_x()[1].all_coeffs()
    lower, upper = (_edge_value(k) for k in (Integer(0), pi))
    return (
        identity(
            "P(z) = -h (1 - u z)(1 - u* z) with u = -(x0 + i q)/(2h):",
            band.reduced_polynomial(),
            (1 - u * s.z) * (1 - conjugate * s.z),
        ),
        identity("|u|^2 = 1 - V/h^2:", u * conjugate, 1 - band.V_OF_Q / s.hopping**2),
        nonnegative(
            "so that 1 - u z has a positive real part on the circle and its logarithm no jump: "
            "1 - |u|^2 > 0.",
            band.V / s.hopping**2,
            strict=True,
        ),
        identity(
            "Real and imaginary part of (1 - u z)(1 - u* z) at z = exp(ik):",
            _in_z(real + I * imaginary),
            band.reduced_polynomial(),
        ),
        identity(
            "|1 - u z|^2/|1 - u* z|^2, the argument of the logarithm:",
            _in_z(_in_q(logarithm.args[0])),
            (1 - u * s.z) * (1 - conjugate / s.z) / ((1 - conjugate * s.z) * (1 - u / s.z)),
        ),
        *(
            identity(
                f"At the {edge} edge (1 - u z)(1 - u* z) is a product of conjugates, so positive:",
                _in_q(real + I * imaginary),
                s.hopping**2 * (1 - sign * u) * (1 - sign * conjugate),
            )
            for edge, sign, (real, imaginary) in (("lower", 1, lower), ("upper", -1, upper))
        ),
        *_spectral_steps(0),
        *_spectral_steps(1),
        identity(
            "The denominator alpha x^2 + beta x + gamma of tau has complex zeros: "
            "4 alpha gamma - beta^2 = (h^2 q V)^2.",
            _in_q(4 * alpha * gamma - beta**2),
            _in_q(band.transmission_width() ** 2),
        ),
        _transmission_steps(0),
        _transmission_steps(1),
    )


def _zero_temperature() -> tuple[Step, ...]:
    small, distance = Symbol("T", positive=True), Symbol("a", positive=True)
    common, p = Symbol("c", positive=True), Symbol("p", positive=True)
    gammas = {
        s.Gamma_L: common * s.coupling_L**2,
        s.Gamma_R: common * s.coupling_R**2,
    }
    occupation = greens.occupation_form().subs(gammas)
    shares = {a: low.share(a) for a in s.LEADS}
    above, below = (1 / (exp(sign * distance / small) + 1) for sign in (1, -1))
    return (
        fact(
            "f -> 0 above mu for T -> 0,",
            Eq(Limit(above, small, 0), 0, evaluate=False),
            lambda: limit(above, small, 0, "+") == 0,
        ),
        fact(
            "and f -> 1 below it: an integral against f becomes the antiderivative of "
            "band_antiderivatives at mu.",
            Eq(Limit(below, small, 0), 1, evaluate=False),
            lambda: limit(below, small, 0, "+") == 1,
        ),
        identity(
            "For equal bands f_NE weighs the leads by v_a^2 at every energy: N and E are sums.",
            occupation,
            shares["L"] * s.f_L + shares["R"] * s.f_R,
        ),
        identity(
            "Between the chemical potentials f_NE is the share of the lead that is filled there,",
            occupation.subs({s.f_L: 1, s.f_R: 0}),
            shares["L"],
        ),
        identity(
            "or the other's, which leaves the binary entropy as it is:",
            _binary(1 - p),
            _binary(p),
        ),
        identity(
            "S is that entropy times the weight between them, ln 2 for equal couplings.",
            _binary(p).subs(p, low.share("L").subs(s.coupling_R, s.coupling_L)),
            log(2),
        ),
        identity(
            "The relative entropy is (omega - mu_eq)(f - f_eq)/T_eq less the entropies' "
            "difference; E - E_eq - mu_eq (N - N_eq) over T_eq leads for T -> 0.",
            _relative_entropy(),
            s.x_eq * (s.f - s.f_eq) - _entropies_difference(),
        ),
        nonnegative(
            "What leads is not negative: above mu_eq f_eq = 0,",
            (distance * (s.f - s.f_eq)).subs(s.f_eq, 0),
        ),
        nonnegative(
            "and below it f_eq = 1.",
            (-distance * (s.f - s.f_eq)).subs({s.f_eq: 1, s.f: 1 - s.f_bar}).expand(),
        ),
    )


def _binary(p: Expr) -> Expr:
    return -p * log(p) - (1 - p) * log(1 - p)


def _plain(expression: Expr) -> Expr:
    """Return logarithms of f_eq by their difference x_eq, and f + fbar = 1."""
    plain = expression.replace(PLogP, lambda p, _: p * log(p))
    log_holes = Symbol("ell", real=True)
    plain = plain.subs({LogFermi(s.x_eq): log_holes - s.x_eq, LogFermi(-s.x_eq): log_holes})
    return plain.subs({s.f_bar: 1 - s.f, s.f_eq_bar: 1 - s.f_eq})


def _relative_entropy() -> Expr:
    return _plain(observable("exergy").integrand.coeff(s.A))


def _entropies_difference() -> Expr:
    charged, equilibrium = (
        _plain(observable(name).integrand.coeff(s.A)) for name in ("entropy", "equilibrium_entropy")
    )
    return charged - equilibrium


DERIVATIONS = (
    Derivation(
        "band_antiderivatives",
        "A, omega A, tau and omega tau of equal leads have elementary antiderivatives: k, the "
        "phase of G^r, one logarithm, and arctangents.",
        ("equal bands", "(level - onsite)^2 < 4 (h^2 - V), V = v_L^2 + v_R^2"),
        "(6)",
        _band_antiderivatives,
    ),
    Derivation(
        "zero_temperature",
        "For T -> 0 every observable of equal leads is in closed form; the exergy grows as 1/T and "
        "the entropy is the couplings' binary entropy times the weight of the bias window.",
        ("equal bands", "all temperatures go to zero together"),
        "(7)-(13)",
        _zero_temperature,
    ),
)
