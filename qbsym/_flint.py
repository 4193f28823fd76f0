"""The python-flint backend of `qbsym.lambdify`: real and complex Arb balls that enclose the value.

Every operation returns a ball that contains the exact result for every point of its arguments. The
Fermi functions and their logarithms are evaluated by the side of the chemical potential that a ball
lies on, with their linear part taken out, so that wide balls far from it stay finite (Eqs.
(9)-(13)). Works at `flint.ctx.prec`. May import: flint, qbsym._backend, .errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import acb, arb, ctx, fmpq, fmpz
from sympy import Expr, Function, Rational

from qbsym._backend import Backend, Linked, PrecisePrinter, link
from qbsym.errors import UnknownNameError

__all__ = ["BACKEND", "to_ball"]

_HALF = arb("0.5")
_SAFE = arb("0.25")
"""Below it -p ln p increases with p, with room for the rounding of p."""


def to_ball(value: Any) -> Any:
    """Return a number as a ball; exact unless its digits exceed `flint.ctx.prec`.

    Parameters
    ----------
    value : arb, acb, int, float, complex, Fraction, or anything with ``as_integer_ratio`` or mpf
    """
    if isinstance(value, arb | acb | int | float):
        return arb(value) if isinstance(value, int | float) else value
    if isinstance(value, complex):
        return acb(value)
    if isinstance(value, Fraction):
        return arb(fmpq(value.numerator, value.denominator))
    if hasattr(value, "_mpf_"):
        sign, man, exponent, _ = value._mpf_
        if not man and exponent:
            raise ValueError(f"{value} is not a finite number")
        return arb((fmpz(int(-man if sign else man)), fmpz(int(exponent))))
    numerator, denominator = value.as_integer_ratio()
    return arb(fmpq(int(numerator), int(denominator)))


def _namespace(analytic: bool) -> dict[str, Any]:
    """Return the functions that generated code calls.

    Parameters
    ----------
    analytic : bool
        Whether a ball that touches a branch cut must give a ball that is not finite.
    """

    def sqrt(z: Any) -> Any:
        return z.sqrt(analytic=analytic) if isinstance(z, acb) else z.sqrt()

    def log(z: Any) -> Any:
        return z.log(analytic=analytic) if isinstance(z, acb) else z.log()

    def log1p(z: Any) -> Any:
        # Within the unit disc 1 + z stays off the branch cut.
        return z.log1p() if z.abs_upper() < 1 else log(1 + z)

    def fermi(x: Any) -> Any:
        if x.real.mid() > 0:
            tail = (-x).exp()
            return tail / (1 + tail)
        return 1 / (1 + x.exp())

    def log_fermi(x: Any) -> Any:
        return -x - log1p((-x).exp()) if x.real.mid() > 0 else -log1p(x.exp())

    def fermi_difference(x: Any, y: Any, d: Any = None) -> Any:
        # f(x) - f(y) with d = x - y, which may be known better than its parts.
        if d is None:
            d = x - y
        if d.real.mid() > 0:
            return fermi(-x) * fermi(y) * (-d).expm1()
        return -(fermi(x) * fermi(-y) * d.expm1())

    def mixture(w: Any, x: Any, v: Any, y: Any, d: Any) -> Any:
        return w * fermi(x) + v * fermi(y)

    def ratio(x: Any, y: Any, d: Any) -> Any:
        """f(y)/f(x) for x <= y."""
        if x.real.mid() > 0:
            return d.exp() * (1 + (-x).exp()) / (1 + (-y).exp())
        return fermi(y) * (1 + x.exp())

    def mixture_log(w: Any, x: Any, v: Any, y: Any, d: Any) -> Any:
        """p ln p for the probability p = w f(x) + v f(y), w + v = 1, d = x - y."""
        q = mixture(w, -x, v, -y, -d)
        if q.abs_upper() < _HALF:
            return (1 - q) * log1p(-q)
        if d.real.mid() > 0:
            w, x, v, y, d = v, y, w, x, -d
        inner = w + v * ratio(x, y, d)
        p = inner * fermi(x)
        value = p * (log_fermi(x) + log(inner))
        return value if analytic or value.is_finite() else _bounded(p)

    def p_log_p(p: Any, q: Any) -> Any:
        if q.abs_upper() < _HALF:
            return p * log1p(-q)
        value = p * log(p)
        return value if analytic or value.is_finite() else _bounded(p)

    return {
        "mpf": to_ball,
        "pi": arb.pi,
        "j": acb(0, 1),
        "power": _power,
        "sqrt": sqrt,
        "log": log,
        "exp": lambda z: z.exp(),
        "sin": lambda z: z.sin(),
        "cos": lambda z: z.cos(),
        "Fermi": fermi,
        "LogFermi": log_fermi,
        "FermiDifference": fermi_difference,
        "FermiDifferenceBy": fermi_difference,
        "PLogP": p_log_p,
        "Mixture": mixture,
        "MixtureLog": mixture_log,
    }


def _power(z: Any, n: int) -> Any:
    """Return z^n, n >= 2, by squaring: a general power is not finite on a ball around 0."""
    half = z * z if n < 4 else _power(z * z, n // 2)
    return half * z if n % 2 else half


def _bounded(p: Any) -> Any:
    """Return an enclosure of p ln p over the probabilities in a real ball that touches 0."""
    top = p.real.upper()
    if not (p.imag.is_zero() and top < _SAFE):
        return acb(arb.nan())
    if not top > 0:
        return acb(0)
    return acb(arb(0).union(top * top.log()))


class _Printer(PrecisePrinter):
    """Code in the names of `_namespace`; the functions of qbsym stay whole."""

    def _print_Function(self, expr: Expr) -> str:
        return f"{type(expr).__name__}({', '.join(self._print(a) for a in expr.args)})"

    def _print_Pow(self, expr: Expr, rational: bool = False, sqrt: str = "sqrt") -> str:
        base, power = expr.args
        if power.is_Integer and abs(power) > 1:
            product = f"power({self._print(base)}, {abs(power)})"
            return product if power > 0 else f"(1/{product})"
        if power in (-1, Rational(1, 2), Rational(-1, 2)):
            return super()._print_Pow(expr)
        # Through the functions that watch for branch cuts.
        return f"exp(({self._print(power)})*log({self._print(base)}))"


def _checked(expression: Expr) -> Expr:
    """Return the expression itself if all its functions are known here."""
    names = {type(f).__name__ for f in expression.atoms(Function)}
    unknown = sorted(names - set(_namespace(False)))
    if unknown:
        raise UnknownNameError(f"the flint backend has no function {unknown[0]}; rewrite it in exp")
    return expression


@dataclass(frozen=True)
class _Linked:
    """The generated code twice: plain, and watching for branch cuts."""

    plain: Linked
    analytic: Linked


def _link(source: str) -> _Linked:
    return _Linked(link(source, _namespace(False)), link(source, _namespace(True)))


def _bind(linked: _Linked, parameters: tuple[Any, ...]) -> Callable[..., Any]:
    constants: dict[int, Any] = {}

    def bound(*variables: Any, analytic: bool = False) -> tuple[Any, ...]:
        precision = ctx.prec
        if precision not in constants:
            constants[precision] = linked.plain.prepare(*map(to_ball, parameters))
        code = linked.analytic if analytic else linked.plain
        return tuple(map(to_ball, code.evaluate(constants[precision], *map(to_ball, variables))))

    return bound


BACKEND = Backend(
    lower=_checked,
    printer=lambda: _Printer({"fully_qualified_modules": True}),
    link=_link,
    bind=_bind,
    immutable=True,
)
