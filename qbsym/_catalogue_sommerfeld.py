"""Derivation of the Sommerfeld expansions, and of the entropy at the edges of the bias window.

May import: sympy, qbsym.symbols, .functions, .limits, .proofs.
"""

from __future__ import annotations

from sympy import (
    Derivative,
    Eq,
    Expr,
    Function,
    Integer,
    Integral,
    Limit,
    Rational,
    Symbol,
    diff,
    exp,
    expand_func,
    factorial,
    gamma,
    gammasimp,
    integrate,
    limit,
    log,
    oo,
    pi,
    polylog,
    simplify,
    sin,
)

from qbsym import symbols as s
from qbsym.functions import Fermi
from qbsym.limits import _antiderivatives as band
from qbsym.limits import _low_temperature as low
from qbsym.proofs import Derivation, Step, fact, identity, is_zero

__all__ = ["DERIVATIONS"]

_a = Symbol("a", positive=True)
_y = Symbol("y", positive=True)
"""exp(x), with dx = dy/y and f(x) f(-x) dx = dy/(1 + y)^2."""
_p = Symbol("p", positive=True)
_q = Symbol("q", positive=True)


def _fermi_in_y() -> Expr:
    return Fermi(log(_y)).rewrite(exp)


def _moments() -> tuple[Step, ...]:
    weight = 1 / (1 + _y) ** 2
    generating = integrate(_y**_a * weight, (_y, 0, oo), conds="none")
    f = _fermi_in_y()
    return (
        identity("With y = exp(x): f(x) f(-x) dx = dy/(1 + y)^2.", f * (1 - f) / _y, weight),
        fact(
            "integral y^a/(1 + y)^2 dy = pi a/sin(pi a), |a| < 1, generates the moments of f fbar:",
            Eq(Integral(_y**_a * weight, (_y, 0, oo)), pi * _a / sin(pi * _a), evaluate=False),
            lambda: (
                gammasimp(generating - gamma(1 + _a) * gamma(1 - _a)) == 0
                and gammasimp(gamma(1 + _a) * gamma(1 - _a) - pi * _a / sin(pi * _a)) == 0
            ),
        ),
        identity("integral x^2 f fbar = pi^2/3,", low.moment(2), pi**2 / 3),
        identity(
            "integral x^4 f fbar = 7 pi^4/15; odd ones vanish.", low.moment(4), 7 * pi**4 / 15
        ),
    )


def _expansion() -> tuple[Step, ...]:
    slopes = [Symbol(f"g_{n}", real=True) for n in range(5)]
    temperature = s.temperature
    primitive = sum(
        g * (temperature * s.x) ** (n + 1) / factorial(n + 1) for n, g in enumerate(slopes)
    )
    powers = primitive.expand()
    averaged = sum(powers.coeff(s.x, n) * (low.moment(n) if n % 2 == 0 else 0) for n in range(1, 6))
    return (
        identity(
            "-f' dx = f fbar dx: by parts an integral of g f is one of its antiderivative G(mu + "
            "T x) against f fbar.",
            -diff(_fermi_in_y(), _y) * _y,
            _fermi_in_y() * (1 - _fermi_in_y()),
        ),
        identity(
            "With G = sum g_n (T x)^(n + 1)/(n + 1)!, g_n the derivatives of g at mu:",
            averaged,
            sum(low.sommerfeld_factor(n) * temperature**n * slopes[n - 1] for n in (2, 4)),
        ),
        identity("The factors are pi^2/6", low.sommerfeld_factor(2), pi**2 / 6),
        identity("and 7 pi^4/360.", low.sommerfeld_factor(4), 7 * pi**4 / 360),
    )


def _derivatives() -> tuple[Step, ...]:
    """Return steps for the slopes of A and tau, whatever their quadratic denominator."""
    c = [Symbol(f"c_{n}", real=True) for n in range(3)]
    quadratic = sum(value * s.x**n for n, value in enumerate(c))
    generic = {
        band.R: 4 * s.hopping**2 - s.x**2,
        band.D: quadratic,
        band.D1: quadratic.diff(s.x),
        band.D2: quadratic.diff(s.x, 2),
    }

    def at(kind: str, order: int) -> Expr:
        return band.slopes(kind, order)[0].subs(generic, simultaneous=True)

    def step(kind: str, order: int) -> Step:
        return fact(
            f"Derivative {order} of {kind}, R = 4h^2 - x^2 and D its quadratic denominator:",
            Eq(
                Derivative(Function(kind)(s.x), (s.x, order)),
                band.slopes(kind, order)[0],
                evaluate=False,
            ),
            lambda: is_zero(diff(at(kind, order - 1), s.x) - at(kind, order)),
        )

    return tuple(step(kind, order) for kind in ("A", "tau") for order in (1, 2, 3))


def _per_state() -> tuple[Step, ...]:
    f = _fermi_in_y()
    log_f, log_f_bar = -log(1 + _y), log(_y) - log(1 + _y)
    return (
        identity(
            "The entropy of a state of occupation f has the slope -x f fbar in x,",
            _y * diff(-f * log_f - (1 - f) * log_f_bar, _y),
            -log(_y) * f * (1 - f),
        ),
        identity(
            "so that its integral times x^n is that of x^(n + 2) f fbar/(n + 1): pi^2/3 for n = 0 "
            "and 7 pi^4/45 for n = 2, which S_eq takes with A and A''/2.",
            low.moment(4) / 3 + low.moment(2),
            7 * pi**4 / 45 + pi**2 / 3,
        ),
    )


def _edges() -> tuple[Step, ...]:
    f = _fermi_in_y()
    occupied = _p * f
    logs = {
        "particles": log(_p) - log(1 + _y),
        "holes": log(1 - _p + _y) - log(1 + _y),
    }
    entropy = -occupied * logs["particles"] - (1 - occupied) * logs["holes"]
    share = 1 - _q
    primitive = _y * log(_y) / (_q * (_q + _y)) - log(_q + _y) / _q
    between = 1 / (_q + _y) - 1 / (1 + _y)
    inner = 2 * (pi**2 / 3 - low.edge_entropy(share) / share)
    ends = limit(primitive, _y, oo) - limit(primitive, _y, 0, "+")
    return (
        identity(
            "At an edge of the bias window the occupation is p f(x) (or the holes' is); the "
            "entropy's slope in x is -p f fbar [ln(q + y) - ln p], q = 1 - p.",
            _y * diff(entropy, _y),
            -_p * f * (1 - f) * (log(1 - _p + _y) - log(_p)),
        ),
        identity(
            "By parts its integral less the step is p times that of x f fbar ln(q + y), of which "
            "the slope in q has partial fractions.",
            1 / ((1 + _y) ** 2 * (_q + _y)),
            between / (1 - _q) ** 2 - 1 / ((1 - _q) * (1 + _y) ** 2),
        ),
        fact(
            "integral ln y/(1 + y)^2 = 0: y -> 1/y changes its sign.",
            Eq(
                (log(_y) / (1 + _y) ** 2).subs(_y, 1 / _y) / _y**2,
                -log(_y) / (1 + _y) ** 2,
                evaluate=False,
            ),
            lambda: (
                simplify(
                    (log(_y) / (1 + _y) ** 2).subs(_y, 1 / _y) / _y**2 + log(_y) / (1 + _y) ** 2
                )
                == 0
            ),
        ),
        identity(
            "ln y/(q + y)^2 has the antiderivative y ln y/[q (q + y)] - ln(q + y)/q,",
            diff(primitive, _y),
            log(_y) / (_q + _y) ** 2,
        ),
        fact(
            "from 0 to infinity ln q/q, so that integral ln y [1/(q + y) - 1/(1 + y)] = -ln^2 q/2: "
            "its slope is -ln q/q and it vanishes at q = 1.",
            Eq(Integral(log(_y) / (_q + _y) ** 2, (_y, 0, oo)), log(_q) / _q, evaluate=False),
            lambda: simplify(ends - log(_q) / _q) == 0,
        ),
        identity(
            "The slope is then -ln^2 q/[2 (1 - q)^2]; its integral from 0 is in dilogarithms:",
            expand_func(diff(inner, _q)),
            log(_q) ** 2 / (1 - _q) ** 2,
        ),
        fact(
            "and vanishes at q = 0, where the edge is that of one reservoir: pi^2/3.",
            Eq(Limit(inner, _q, 0), 0, evaluate=False),
            lambda: _at_zero(inner) == 0,
        ),
        identity(
            "For equal couplings:",
            low.edge_entropy(Rational(1, 2)),
            pi**2 / 8 - log(2) ** 2 / 2,
        ),
    )


def _at_zero(inner: Expr) -> Expr:
    # SymPy has no limit of polylog; its power series starts with q.
    return limit(inner.subs(polylog(2, _q), Integer(0)), _q, 0, "+")


DERIVATIONS = (
    Derivation(
        "sommerfeld",
        "An integral of g against f is that up to mu plus pi^2 T^2 g'(mu)/6 + 7 pi^4 T^4 "
        "g'''(mu)/360; the entropy of an edge of the bias window is T A(mu) times a dilogarithm of "
        "the couplings' ratio.",
        ("g smooth at mu", "T far below the width of the level"),
        "(7)-(13)",
        lambda: (*_moments(), *_expansion(), *_derivatives(), *_per_state(), *_edges()),
    ),
)
