"""The MPFR backend of `qbsym.lambdify`: real, mpf in and out, at mpmath's precision in force.

MPFR rounds every operation correctly and is several times faster than mpmath's Python layer. Its
exponents are bounded (exp(7e8) is the largest exponential): a call that over- or underflows, or
divides by zero, is evaluated again by mpmath. May import: gmpy2, mpmath, qbsym._backend, ._mpmath.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gmpy2
from gmpy2 import mpfr
from mpmath import mp
from mpmath.libmp import from_man_exp

from qbsym import _mpmath
from qbsym._backend import Backend, Linked, PrecisePrinter, link, lower_precise

__all__ = ["BACKEND"]

_ZERO = mpfr(0)


def _soft_log(x: Any, exp_x: Any) -> Any:
    return gmpy2.log1p(exp_x if x < 0 else 1 / exp_x)


def _positive(x: Any) -> Any:
    return x if x > 0 else _ZERO


def _log_part(p: Any, q: Any) -> Any:
    if p > q:
        return gmpy2.log1p(-q)
    return gmpy2.log(p) if p else _ZERO


def _namespace() -> dict[str, Any]:
    return {
        "mpf": mpfr,
        "pi": gmpy2.const_pi,
        "SoftLog": _soft_log,
        "Positive": _positive,
        "LogPart": _log_part,
    } | {name: getattr(gmpy2, name) for name in ("exp", "log", "sqrt", "sin", "cos")}


def _to_mpfr(value: Any) -> Any:
    """Return a real number as mpfr, rounded to the context's precision."""
    sign, man, exponent, _ = mp.convert(value)._mpf_
    if not man and exponent:
        raise ValueError(f"{value} is not a finite number")
    return (
        gmpy2.mul_2exp(mpfr(-man if sign else man), exponent)
        if exponent >= 0
        else (gmpy2.div_2exp(mpfr(-man if sign else man), -exponent))
    )


def _to_mpf(value: Any) -> Any:
    """Return an mpfr (or int) as mpf, exactly."""
    if isinstance(value, int):
        return mp.mpf(value)
    man, exponent = value.as_mantissa_exp()
    # mpmath wants a plain int: it hands the exponent to math.ldexp.
    return mp.make_mpf(from_man_exp(man, int(exponent)))


@dataclass(frozen=True)
class _Linked:
    """The generated code twice: for MPFR, and for what exceeds MPFR's exponents."""

    mpfr: Linked
    mpf: Linked


def _link(source: str) -> _Linked:
    return _Linked(link(source, _namespace()), _mpmath.BACKEND.link(source))


def _bind(linked: _Linked, parameters: tuple[Any, ...]) -> Callable[..., Any]:
    prepared: dict[int, Any] = {}
    unbounded = _mpmath.BACKEND.bind(linked.mpf, parameters)

    def bound(*variables: Any) -> tuple[Any, ...]:
        precision = mp.prec
        if precision not in prepared:
            context = gmpy2.context(precision=precision)
            with context:
                prepared[precision] = context, linked.mpfr.prepare(*map(_to_mpfr, parameters))
        context, constants = prepared[precision]
        # Entering works on a copy, whose flags start cleared.
        with context as active:
            values = linked.mpfr.evaluate(constants, *map(_to_mpfr, variables))
        if active.overflow or active.underflow or active.divzero or active.invalid:
            return unbounded(*variables)
        return tuple(map(_to_mpf, values))

    return bound


BACKEND = Backend(
    lower=lower_precise,
    printer=lambda: PrecisePrinter({"fully_qualified_modules": True}),
    link=_link,
    bind=_bind,
    immutable=True,
)
