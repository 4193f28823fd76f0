"""What exported code needs beyond a language's own functions: Fermi functions, digamma, Li_2.

Each helper is an expression in elementary functions that neither overflows nor cancels where its
definition does, printed by the same printers as the limit itself. May import: sympy,
qbsym.functions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sympy import (
    Abs,
    Dummy,
    Expr,
    Function,
    I,
    Integer,
    Max,
    Min,
    Piecewise,
    Rational,
    Symbol,
    acos,
    asin,
    atan,
    atan2,
    bernoulli,
    cos,
    cosh,
    exp,
    im,
    log,
    loggamma,
    pi,
    polygamma,
    polylog,
    re,
    sign,
    sin,
    sinh,
    tan,
    tanh,
)

from qbsym.errors import NotDerivedError
from qbsym.functions import Fermi, FermiDifference, LogFermi, PLogP

__all__ = ["Helper", "Log1p", "helpers", "lower"]

SHIFT = 10
"""Digamma and ln Gamma are taken at u + 10, where eight terms of Stirling's series leave 1e-17."""

TERMS = 8

DILOG_TERMS = 12
"""Terms of the dilogarithm's series in -ln(1 - x), |ln(1 - x)| < ln 2: below 1e-17."""


ELEMENTARY = (
    *(exp, log, sin, cos, tan, atan, atan2, asin, acos, sinh, cosh, tanh, Abs, sign),
    *(Piecewise, Max, Min),
)
"""What every language has."""


class Log1p(Function):
    """ln(1 + y), which every language but Fortran has."""


class ReDigamma(Function):
    """Re psi(x + i y), x > 0."""


class ImDigamma(Function):
    """Im psi(x + i y), x > 0."""


class ReLogGamma(Function):
    """Re ln Gamma(x + i y), x > 0."""


class ImLogGamma(Function):
    """Im ln Gamma(x + i y), x > 0, continuous."""


class Dilog(Function):
    """Li_2(x), x <= 1."""


class DilogSeries(Function):
    """Li_2(x) by its series in -ln(1 - x)."""


@dataclass(frozen=True)
class Helper:
    """A function of real numbers: its name in exported code, arguments and value."""

    name: str
    arguments: tuple[Symbol, ...]
    value: Expr
    comment: str


_x, _y = Symbol("x", real=True), Symbol("y", real=True)


@cache
def helpers() -> dict[Any, Helper]:
    """Return the helpers by the SymPy function that they stand for, callees first."""
    return {
        Fermi: Helper("fermi", (_x,), _fermi(_x), "1/(exp(x) + 1)"),
        LogFermi: Helper("log_fermi", (_x,), _log_fermi(), "ln fermi(x)"),
        FermiDifference: Helper(
            "fermi_difference", (_x, _y), _difference(), "fermi(x) - fermi(y), nothing cancels"
        ),
        PLogP: Helper("p_log_p", (_x, _y), _p_log_p(), "x ln x with y = 1 - x"),
        ReDigamma: Helper("re_digamma", (_x, _y), _digamma()[0], "Re psi(x + i y), x > 0"),
        ImDigamma: Helper("im_digamma", (_x, _y), _digamma()[1], "Im psi(x + i y), x > 0"),
        ReLogGamma: Helper("re_loggamma", (_x, _y), _log_gamma()[0], "Re ln Gamma(x + i y)"),
        ImLogGamma: Helper("im_loggamma", (_x, _y), _log_gamma()[1], "Im ln Gamma(x + i y)"),
        DilogSeries: Helper("dilog_series", (_x,), _dilog_series(), "Li_2(x), |ln(1 - x)| < 0.7"),
        Dilog: Helper("dilog", (_x,), _dilog(), "Li_2(x), x <= 1"),
    }


def _fermi(x: Expr) -> Expr:
    return Piecewise((exp(-x) / (1 + exp(-x)), x > 0), (1 / (1 + exp(x)), True))


def _log_fermi() -> Expr:
    return Piecewise((-_x - Log1p(exp(-_x)), _x > 0), (-Log1p(exp(_x)), True))


def _difference() -> Expr:
    def of(low: Expr, high: Expr) -> Expr:
        # 1 - exp(low - high) = (1 + exp(low - high)) tanh((high - low)/2)
        return Fermi(low) * Fermi(-high) * (1 + exp(low - high))

    return tanh((_y - _x) / 2) * Piecewise((of(_x, _y), _x < _y), (of(_y, _x), True))


def _p_log_p() -> Expr:
    half = Rational(1, 2)
    return Piecewise((Integer(0), _x <= 0), (_x * log(_x), _x <= half), (_x * Log1p(-_y), True))


def _powers() -> tuple[Expr, Expr, list[tuple[Expr, Expr]]]:
    """Return |u|^2, arg u and the real and imaginary part of u^-n, u = x + 10 + i y."""
    a = _x + SHIFT
    square, angle = a**2 + _y**2, atan2(_y, a)
    powers = [
        (square ** Rational(-n, 2) * cos(n * angle), -(square ** Rational(-n, 2)) * sin(n * angle))
        for n in range(2 * TERMS + 1)
    ]
    return square, angle, powers


def _digamma() -> tuple[Expr, Expr]:
    square, angle, powers = _powers()
    real, imaginary = log(square) / 2, angle
    for part in (0, 1):
        tail = -powers[1][part] / 2 - sum(
            bernoulli(2 * n) / (2 * n) * powers[2 * n][part] for n in range(1, TERMS + 1)
        )
        # psi(u) = psi(u + 10) - sum 1/(u + k)
        for k in range(SHIFT):
            step = (_x + k) ** 2 + _y**2
            tail -= ((_x + k) if part == 0 else -_y) / step
        if part == 0:
            real += tail
        else:
            imaginary += tail
    return real, imaginary


def _log_gamma() -> tuple[Expr, Expr]:
    square, angle, powers = _powers()
    a = _x + SHIFT - Rational(1, 2)
    real = a * log(square) / 2 - _y * angle - (_x + SHIFT) + log(2 * pi) / 2
    imaginary = a * angle + _y * log(square) / 2 - _y
    for n in range(1, TERMS + 1):
        weight = bernoulli(2 * n) / (2 * n * (2 * n - 1))
        real += weight * powers[2 * n - 1][0]
        imaginary += weight * powers[2 * n - 1][1]
    for k in range(SHIFT):
        real -= log((_x + k) ** 2 + _y**2) / 2
        imaginary -= atan2(_y, _x + k)
    return real, imaginary


def _dilog_series() -> Expr:
    w = -Log1p(-_x)
    terms, factorial = w - w**2 / 4, Integer(1)
    for n in range(1, DILOG_TERMS + 1):
        factorial *= 2 * n * (2 * n + 1)
        terms += bernoulli(2 * n) / factorial * w ** (2 * n + 1)
    return terms


def _dilog() -> Expr:
    inverse = -DilogSeries(1 / _x) - pi**2 / 6 - log(-_x) ** 2 / 2
    reflected = pi**2 / 6 - log(_x) * Log1p(-_x) - DilogSeries(1 - _x)
    return Piecewise(
        (inverse, _x < -1),
        (DilogSeries(_x), _x <= Rational(1, 2)),
        (reflected, _x < 1),
        (pi**2 / 6, True),
    )


def lower(expression: Expr) -> Expr:
    """Return an expression of real numbers in elementary functions and helpers.

    Raises
    ------
    NotDerivedError
        It is complex, or holds a special function that has no helper.
    """
    pairs: dict[Dummy, Expr] = {}

    def split(real: Any, imaginary: Any) -> Callable[[Expr], Expr]:
        def parts(u: Expr) -> Expr:
            a, b = u.as_real_imag()
            first, second = Dummy("a", real=True), Dummy("b", real=True)
            pairs.update({first: real(a, b), second: imaginary(a, b) if b else Integer(0)})
            return first + I * second

        return parts

    digamma, log_gamma = split(ReDigamma, ImDigamma), split(ReLogGamma, ImLogGamma)
    plain = expression.replace(
        lambda e: isinstance(e, polygamma) and e.args[0] == 0, lambda e: digamma(e.args[1])
    )
    plain = plain.replace(loggamma, log_gamma)
    plain = plain.replace(lambda e: isinstance(e, polylog) and e.args[0] == 2, _as_dilog)
    plain = plain.replace(re, lambda u: u.as_real_imag()[0])
    plain = plain.replace(im, lambda u: u.as_real_imag()[1])
    if plain.has(I):
        plain = plain.as_real_imag()[0] if _is_real(plain) else plain
    if plain.has(I):
        raise NotDerivedError("the expression is complex: it cannot be exported as real code")
    real = plain.xreplace(pairs)
    unknown = {type(f) for f in real.atoms(Function)} - {*ELEMENTARY, *helpers()}
    if unknown:
        names = ", ".join(sorted(f.__name__ for f in unknown))
        raise NotDerivedError(f"{names} has no code: neither elementary nor among the helpers")
    return real


def _as_dilog(e: Expr) -> Expr:
    return Dilog(e.args[1])


def _is_real(expression: Expr) -> bool:
    return bool(expression.as_real_imag()[1].expand() == 0)
