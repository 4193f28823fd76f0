"""What a numeric library must provide for `qbsym.lambdify`. May import: sympy, qbsym.functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Function, exp, sympify
from sympy.printing.pycode import MpmathPrinter

from qbsym.functions import Fermi, FermiDifference, LogFermi, PLogP

__all__ = ["Backend", "Linked", "PrecisePrinter", "link", "lower_precise"]


@dataclass(frozen=True)
class Backend:
    """How one numeric library evaluates an expression.

    Attributes
    ----------
    lower : callable
        Rewrites the functions of `qbsym.functions` into what the library evaluates stably.
    printer : callable
        Makes the code printer.
    link : callable
        Compiles the generated source.
    bind : callable
        From what `link` returns and the parameters makes the function of the variables.
    immutable : bool
        Whether the same argument object always has the same value.
    """

    lower: Callable[[Expr], Expr]
    printer: Callable[[], Any]
    link: Callable[[str], Any]
    bind: Callable[[Any, tuple[Any, ...]], Callable[..., tuple[Any, ...]]]
    immutable: bool


@dataclass(frozen=True)
class Linked:
    """The generated functions: the parameters' part, and the rest."""

    prepare: Callable[..., tuple[Any, ...]]
    evaluate: Callable[..., tuple[Any, ...]]


def link(source: str, namespace: dict[str, Any]) -> Linked:
    """Return the functions that the source defines, run in a namespace."""
    exec(compile(source, "<qbsym.lambdify>", "exec"), namespace)
    return Linked(namespace["prepare"], namespace["evaluate"])


class SoftLog(Function):
    """ln(1 + exp(-|x|)), given x and exp(x)."""


class Positive(Function):
    """max(x, 0)."""


class LogPart(Function):
    """ln p for a probability p with complement q."""


def lower_precise(expression: Expr) -> Expr:
    """Rewrite in exp(x) of one sign of each exponent, so that each is computed once.

    For libraries of unbounded exponent: exp(1e9) is a number like any other there, and
    1/(1 + exp(x)) and exp(x)/(1 + exp(x)) both keep their relative digits.
    """

    def fermi(x: Expr) -> Expr:
        if x.could_extract_minus_sign():
            return exp(-x) / (exp(-x) + 1)
        return 1 / (exp(x) + 1)

    def log_fermi(x: Expr) -> Expr:
        positive = -x if x.could_extract_minus_sign() else x
        return -Positive(x) - SoftLog(positive, exp(positive))

    def difference(x: Expr, y: Expr) -> Expr:
        # f(x) - f(y) = f(x) f(y) (exp(y) - exp(x)): cancels only as y - x itself does.
        if x.could_extract_minus_sign() and y.could_extract_minus_sign():
            return fermi(-x) * fermi(-y) * (exp(-x) - exp(-y))
        return fermi(x) * fermi(y) * (exp(y) - exp(x))

    return (
        expression.replace(PLogP, lambda p, q: p * LogPart(p, q))
        .replace(FermiDifference, difference)
        .replace(LogFermi, log_fermi)
        .replace(Fermi, fermi)
    )


class PrecisePrinter(MpmathPrinter):
    """Code in the short names mpf, exp, sqrt, ...; a rational is one exact division."""

    def _print_Rational(self, expr: Expr) -> str:
        return f"(mpf({expr.p})/{expr.q})"

    def _print_Half(self, expr: Expr) -> str:
        return "mpf(0.5)"  # exact in binary

    def _print_Pi(self, expr: Expr) -> str:
        return "pi()"

    def _print_Mul(self, expr: Expr) -> str:
        number, rest = expr.as_coeff_Mul()
        if number.is_Rational and not number.is_Integer:
            return f"(({self._print(number.p * rest)})/{number.q})"
        return super()._print_Mul(expr)

    def _print_exp(self, expr: Expr) -> str:
        return f"exp({self._print(expr.args[0])})"

    def _print_log(self, expr: Expr) -> str:
        return f"log({self._print(expr.args[0])})"

    def _print_sin(self, expr: Expr) -> str:
        return f"sin({self._print(expr.args[0])})"

    def _print_cos(self, expr: Expr) -> str:
        return f"cos({self._print(expr.args[0])})"

    def _print_ImaginaryUnit(self, expr: Expr) -> str:
        return "j"

    def _print_Pow(self, expr: Expr, rational: bool = False, sqrt: str = "sqrt") -> str:
        base, power = expr.args
        if power == sympify(1) / 2:
            return f"sqrt({self._print(base)})"
        if power == -sympify(1) / 2:
            return f"(1/sqrt({self._print(base)}))"
        if power == -1:
            return f"(1/({self._print(base)}))"
        if power == 2 and base.is_Symbol:
            return f"({base.name}*{base.name})"
        if power.is_Integer:
            return f"({self._print(base)})**({power})"
        return super()._print_Pow(expr, rational=rational)

    def _print_Function(self, expr: Expr) -> str:
        if isinstance(expr, SoftLog | Positive | LogPart):
            arguments = ", ".join(self._print(a) for a in expr.args)
            return f"{type(expr).__name__}({arguments})"
        return super()._print_Function(expr)

    _print_SoftLog = _print_Positive = _print_LogPart = _print_Function  # noqa: N815
