"""SymPy functions that name what has a stable evaluation: Fermi functions and their logarithms.

Each is an ordinary function of its arguments (`rewrite(exp)` or `rewrite(log)` shows it, Eqs.
(9)-(13)); keeping it whole lets every backend of `qbsym.lambdify` choose a form that neither
overflows nor cancels. May import: sympy, qbsym.symbols.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Function, Integer, Rational, exp, log
from sympy.core.function import ArgumentIndexError

__all__ = ["Fermi", "FermiDifference", "LogFermi", "PLogP"]


class _Whole(Function):
    """A function evaluated through its rewriting when a number is asked for."""

    def _eval_evalf(self, prec: int) -> Expr:
        return self.rewrite(exp).rewrite(log)._eval_evalf(prec)


class Fermi(_Whole):
    """1/(exp(x) + 1), the Fermi function of x = (omega - mu)/T. Its complement is Fermi(-x)."""

    nargs = 1

    @classmethod
    def eval(cls, x: Expr) -> Expr | None:
        """Return 1/2 at x = 0."""
        return Rational(1, 2) if x.is_zero else None

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return -f(x) f(-x)."""
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return -Fermi(self.args[0]) * Fermi(-self.args[0])

    def _eval_rewrite_as_exp(self, x: Expr, **hints: Any) -> Expr:
        return 1 / (exp(x) + 1)

    def _eval_is_positive(self) -> bool | None:
        return True if self.args[0].is_extended_real else None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        power = f"^{{{exp}}}" if exp else ""
        return rf"f{power}\left({printer._print(self.args[0])}\right)"


class LogFermi(_Whole):
    """ln Fermi(x) = -ln(1 + exp(x))."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return -f(-x)."""
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return -Fermi(-self.args[0])

    def _eval_rewrite_as_exp(self, x: Expr, **hints: Any) -> Expr:
        return -log(1 + exp(x))

    def _eval_rewrite_as_log(self, x: Expr, **hints: Any) -> Expr:
        return -log(1 + exp(x))

    def _eval_is_negative(self) -> bool | None:
        return True if self.args[0].is_extended_real else None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inner = rf"\ln f\left({printer._print(self.args[0])}\right)"
        return rf"\left({inner}\right)^{{{exp}}}" if exp else inner


class FermiDifference(_Whole):
    """Fermi(x) - Fermi(y), evaluated as a product so that nothing cancels between the two."""

    nargs = 2

    @classmethod
    def eval(cls, x: Expr, y: Expr) -> Expr | None:
        """Return 0 for equal arguments."""
        return Integer(0) if x == y else None

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return the derivative of the difference in either argument."""
        if argindex not in (1, 2):
            raise ArgumentIndexError(self, argindex)
        derivative = Fermi(self.args[argindex - 1]).fdiff()
        return derivative if argindex == 1 else -derivative

    def _eval_rewrite_as_exp(self, x: Expr, y: Expr, **hints: Any) -> Expr:
        return 1 / (exp(x) + 1) - 1 / (exp(y) + 1)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        x, y = (printer._print(a) for a in self.args)
        return rf"\left[f\left({x}\right) - f\left({y}\right)\right]" + (
            f"^{{{exp}}}" if exp else ""
        )


class PLogP(_Whole):
    """p ln p for a probability p whose complement q = 1 - p is known as well; 0 at p = 0.

    Near p = 1 the logarithm is taken as ln(1 - q), which keeps its digits.
    """

    nargs = 2

    @classmethod
    def eval(cls, p: Expr, q: Expr) -> Expr | None:
        """Return the closed form for a Fermi function, and 0 for certainty."""
        if p.is_zero or q.is_zero:
            return Integer(0)
        if isinstance(p, Fermi):
            return p * LogFermi(p.args[0])
        return None

    def _eval_rewrite_as_log(self, p: Expr, q: Expr, **hints: Any) -> Expr:
        return p * log(p)

    def _eval_is_nonpositive(self) -> bool | None:
        return True if all(a.is_nonnegative for a in self.args) else None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        p = printer._print(self.args[0])
        inner = rf"\left({p}\right) \ln\left({p}\right)"
        return rf"\left({inner}\right)^{{{exp}}}" if exp else inner
