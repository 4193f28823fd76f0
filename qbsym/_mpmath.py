"""The mpmath backend of `qbsym.lambdify`: mpf and mpc at the precision in force.

May import: sympy, mpmath, qbsym._backend.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
from mpmath import mp
from sympy import Expr

from qbsym._backend import Backend, Linked, PrecisePrinter, link, lower_precise

__all__ = ["BACKEND"]


class _Printer(PrecisePrinter):
    """Also the functions of complex arguments that the limits are written in."""

    def _call(self, expr: Expr) -> str:
        arguments = ", ".join(self._print(a) for a in expr.args)
        return f"mpmath.{type(expr).__name__}({arguments})"

    _print_re = _print_im = _print_polygamma = _print_loggamma = _print_polylog = _call


def _log1p(y: Any) -> Any:
    # The sum is exact, so that no digit of a small y is lost.
    if not y or mp.mag(y) < -mp.prec - 4:
        return y - y * y / 2
    return mp.log(mp.fadd(1, y, exact=True))


def _soft_log(x: Any, exp_x: Any) -> Any:
    return _log1p(exp_x if x < 0 else 1 / exp_x)


def _positive(x: Any) -> Any:
    return x if x > 0 else mp.zero


def _log_part(p: Any, q: Any) -> Any:
    if p > q:
        return _log1p(-q)
    return mp.log(p) if p else mp.zero


def _namespace() -> dict[str, Any]:
    return {
        "mpmath": mpmath,
        "mpf": mp.mpf,
        "pi": lambda: +mp.pi,
        "j": mp.j,
        "SoftLog": _soft_log,
        "Positive": _positive,
        "LogPart": _log_part,
    } | {name: getattr(mp, name) for name in ("exp", "log", "sqrt", "sin", "cos")}


def _bind(linked: Linked, parameters: tuple[Any, ...]) -> Callable[..., Any]:
    constants: dict[int, Any] = {}
    convert = mp.convert

    def bound(*variables: Any) -> tuple[Any, ...]:
        precision = mp.prec
        if precision not in constants:
            constants[precision] = linked.prepare(*map(convert, parameters))
        return tuple(map(convert, linked.evaluate(constants[precision], *map(convert, variables))))

    return bound


BACKEND = Backend(
    lower=lower_precise,
    printer=lambda: _Printer({"fully_qualified_modules": True}),
    link=lambda source: link(source, _namespace()),
    bind=_bind,
    immutable=True,
)
