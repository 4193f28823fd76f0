"""The one place where SymPy expressions become callables.

Subexpressions are shared between all expressions of a call, so that the integrands of Eqs.
(7)-(13) cost three exponentials and three logarithms per energy; what depends on the parameters
alone is computed once per set of parameters. The backends themselves are in `qbsym._numpy`,
`qbsym._mpmath`, `qbsym._gmpy2` and `qbsym._flint`.
May import: sympy, those four, qbsym.symbols, .functions, .observables, .errors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from sympy import (
    Basic,
    Derivative,
    Expr,
    Float,
    Integral,
    Piecewise,
    Rational,
    Symbol,
    cse,
    nan,
    numbered_symbols,
    oo,
    zoo,
)
from sympy.core.function import AppliedUndef
from sympy.matrices import MatrixBase
from sympy.printing.codeprinter import PrintMethodNotImplementedError

from qbsym import _flint, _gmpy2, _mpmath, _numpy
from qbsym import symbols as s
from qbsym._backend import Backend
from qbsym._checks import exact_expression, shown, takes_names
from qbsym.errors import FloatAtomError, NotDerivedError, ParameterError, UnknownNameError
from qbsym.observables import INTEGRALS, observable

__all__ = ["BACKENDS", "CompiledFunction", "integrands", "lambdify"]

_MODULES = {"numpy": _numpy, "mpmath": _mpmath, "gmpy2": _gmpy2, "flint": _flint}

BACKENDS = tuple(_MODULES)
"""Names of the backends: double precision arrays; mpf; mpf through MPFR (real, faster); balls."""


MOST_BITS = 14_000
"""Of a number in an expression: Python writes none of more than 4300 digits."""

WITHOUT_CODE = (AppliedUndef, Derivative, Integral, MatrixBase, Piecewise, nan, oo, -oo, zoo)
"""What no backend evaluates."""


class CompiledFunction:
    """A numeric function of (*variables, *parameters) made from SymPy expressions.

    Calling it evaluates it; `bind` fixes the parameters and returns a function of the variables
    only. With the arbitrary-precision backends a call with the very same parameter objects as the
    last one reuses their part as well.

    Attributes
    ----------
    source : str
        The generated code.
    """

    def __init__(
        self,
        expressions: Sequence[Expr],
        variables: Sequence[Symbol],
        parameters: Sequence[Symbol],
        backend: Backend,
        single: bool,
    ) -> None:
        """Compile the expressions; see `lambdify`, which checks what it is given."""
        self.source = _source(expressions, variables, parameters, backend)
        self._linked = backend.link(self.source)
        self._backend = backend
        self._single = single
        self._count = len(variables)
        # One attribute, so that threads see parameters and function together.
        self._last: tuple[tuple[Any, ...], Callable[..., Any]] | None = None

    def bind(self, *parameters: Any) -> Callable[..., Any]:
        """Return the function of the variables alone, at these parameters."""
        bound = self._backend.bind(self._linked, parameters)
        if self._single:
            return lambda *variables, **options: bound(*variables, **options)[0]
        return bound

    def __call__(self, *values: Any, **options: Any) -> Any:
        """Evaluate at (*variables, *parameters); options are the backend's."""
        variables, parameters = values[: self._count], values[self._count :]
        if not self._backend.immutable:
            return self.bind(*parameters)(*variables, **options)
        last = self._last
        if (
            last is None
            or len(last[0]) != len(parameters)
            or any(a is not b for a, b in zip(last[0], parameters, strict=True))
        ):
            last = self._last = parameters, self.bind(*parameters)
        return last[1](*variables, **options)


def lambdify(
    expression: Any,
    args: Sequence[Symbol] | None = None,
    backend: str = "numpy",
    *,
    variables: int | None = None,
) -> CompiledFunction:
    """Return a callable that evaluates one expression, or a sequence of them, numerically.

    Parameters
    ----------
    expression : Expr or sequence of Expr
        A sequence gives a callable that returns a tuple, with shared subexpressions.
    args : sequence of Symbol, optional
        The callable's positional arguments; by default omega and the thirteen parameters in the
        order of `symbols.PARAMETERS`, as `integrands` takes them.
    backend : "numpy", "mpmath", "gmpy2" or "flint"
        ``numpy`` takes arrays and returns arrays of the arguments' broadcast shape, constants
        included. ``mpmath`` takes mpf or mpc (exact ints, floats and fractions too), returns mpf
        or mpc and works at the precision in force when called. ``gmpy2`` is the same for real
        numbers only, several times faster: MPFR does the arithmetic, correctly rounded. ``flint``
        takes arb or acb and returns balls that enclose the value, at ``flint.ctx.prec``; with the
        keyword ``analytic=True`` the callable returns balls that are not finite where the argument
        touches a branch cut.
    variables : int, optional
        How many of the leading ``args`` change from call to call; the others are parameters, whose
        part is computed once (see `CompiledFunction`). Default: all.

    Raises
    ------
    FloatAtomError
        A SymPy Float is inside: its digits end at the 16th. Give rationals.
    UnknownNameError
        No such backend.
    NotDerivedError
        The expression holds what the backend cannot evaluate.
    ParameterError
        Not expressions (text is never evaluated), arguments that are no symbols, or a free symbol
        that is not among them.
    """
    if args is None:
        args = (s.omega, *s.PARAMETERS)
    if not isinstance(args, list | tuple) or not all(isinstance(a, Symbol) for a in args):
        raise ParameterError(f"args = {shown(args)}; give symbols")
    if not isinstance(backend, str) or backend not in _MODULES:
        raise UnknownNameError(f"no backend {shown(backend)}; there are {', '.join(BACKENDS)}")
    if len(set(args)) < len(args):
        raise ParameterError(f"args = {shown(args)} has a symbol twice")
    single = not isinstance(expression, list | tuple)
    expressions = [exact_expression(e) for e in ([expression] if single else expression)]
    for e in expressions:
        floats = sorted(e.atoms(Float))
        if floats:
            raise FloatAtomError(
                f"{e} holds the Float {floats[0]}, a rounded number; use exact rationals "
                "and bind numbers when calling"
            )
        if any(max(abs(r.p), r.q).bit_length() > MOST_BITS for r in e.atoms(Rational)):
            raise ParameterError(f"a number in the expression has more than {MOST_BITS} bits")
        if e.has(*WITHOUT_CODE):
            raise NotDerivedError(f"{shown(e)} holds what has no code: it is no closed form")
    free = set().union(*(e.free_symbols for e in expressions)) - set(args)
    if free:
        raise ParameterError(f"no argument for {sorted(map(str, free))}; args are {list(args)}")
    count = len(args) if variables is None else variables
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= len(args):
        raise ParameterError(f"variables = {shown(variables)}; give 0 to {len(args)}, or None")
    return CompiledFunction(
        expressions, tuple(args[:count]), tuple(args[count:]), _MODULES[backend].BACKEND, single
    )


@takes_names
@cache
def integrands(
    left: str = "inside", right: str = "inside", backend: str = "numpy"
) -> CompiledFunction:
    """Return one callable of (omega, *13 parameters) for the integrands of all `INTEGRALS`.

    It returns a tuple in the order of `INTEGRALS`; the prefactors (`Observable.prefactor`) are not
    included. ``integrands(...).bind(*parameters)`` is a function of omega alone. At a band edge
    where no lead is open f_NE is 0/0: nan in NumPy, ZeroDivisionError otherwise.

    Parameters
    ----------
    left, right : "inside", "above" or "below"
        Where omega lies with respect to each lead's band. With both leads closed all are zero.
    backend : "numpy", "mpmath", "gmpy2" or "flint"
        As in `lambdify`.
    """
    expressions = [observable(name).explicit(left, right) for name in INTEGRALS]
    return lambdify(expressions, (s.omega, *s.PARAMETERS), backend, variables=1)


# --- Code generation -----------------------------------------------------------------------------


def _source(
    expressions: Sequence[Expr],
    variables: Sequence[Symbol],
    parameters: Sequence[Symbol],
    backend: Backend,
) -> str:
    """Return the code of ``prepare(*parameters)`` and ``evaluate(constants, *variables)``."""
    names = {a: Symbol(f"a{i}", **a.assumptions0) for i, a in enumerate((*variables, *parameters))}
    lowered = [backend.lower(e).xreplace(names) for e in expressions]
    moving = {names[a] for a in variables}
    hoisted: dict[Expr, Symbol] = {}
    dynamic = [_hoist(e, moving, hoisted, {}) for e in lowered]
    printer = backend.printer()

    def body(values: Sequence[Expr], prefix: str) -> tuple[list[str], str]:
        shared, results = cse(values, symbols=numbered_symbols(prefix), order="none")
        try:
            lines = [f"    {name} = {printer.doprint(value)}" for name, value in shared]
            return lines, "".join(f"{printer.doprint(value)}, " for value in results)
        except PrintMethodNotImplementedError as error:
            raise NotDerivedError(str(error).splitlines()[0]) from error

    fixed_lines, fixed = body(list(hoisted), "s")
    lines, results = body(dynamic, "t")
    unpack = "".join(f"{c}, " for c in hoisted.values())
    return "\n".join(
        [
            f"def prepare({', '.join(names[a].name for a in parameters)}):",
            *fixed_lines,
            f"    return ({fixed})",
            "",
            "",
            f"def evaluate(constants, {', '.join(names[a].name for a in variables)}):",
            *([f"    ({unpack}) = constants"] if hoisted else []),
            *lines,
            f"    return ({results})",
            "",
        ]
    )


def _hoist(
    expression: Basic, moving: set[Symbol], hoisted: dict[Expr, Symbol], seen: dict[Basic, Basic]
) -> Basic:
    """Replace every largest part free of the moving symbols by a constant's name."""
    if expression.is_Rational:
        return expression
    if not expression.free_symbols & moving:
        return hoisted.setdefault(expression, Symbol(f"c{len(hoisted)}"))
    if expression in moving:
        return expression
    if expression in seen:
        return seen[expression]
    args = expression.args
    if expression.is_Add or expression.is_Mul:
        fixed = [a for a in args if not a.free_symbols & moving]
        if len(fixed) > 1 and not all(a.is_Rational for a in fixed):
            rest = [a for a in args if a.free_symbols & moving]
            args = (expression.func(*fixed), *rest)
    new = expression.func(*(_hoist(a, moving, hoisted, seen) for a in args))
    seen[expression] = new
    return new
