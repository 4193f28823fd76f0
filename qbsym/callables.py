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

from sympy import Basic, Expr, Float, Symbol, cse, numbered_symbols, sympify

from qbsym import _flint, _gmpy2, _mpmath, _numpy
from qbsym import symbols as s
from qbsym._backend import Backend
from qbsym.errors import FloatAtomError, UnknownNameError
from qbsym.observables import INTEGRALS, observable

__all__ = ["BACKENDS", "CompiledFunction", "integrands", "lambdify"]

_MODULES = {"numpy": _numpy, "mpmath": _mpmath, "gmpy2": _gmpy2, "flint": _flint}

BACKENDS = tuple(_MODULES)
"""Names of the backends: double precision arrays; mpf; mpf through MPFR (real, faster); balls."""


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
    ValueError
        A free symbol is not among the arguments.
    """
    if args is None:
        args = (s.omega, *s.PARAMETERS)
    if backend not in _MODULES:
        raise UnknownNameError(f"no backend {backend!r}; there are {', '.join(BACKENDS)}")
    single = not isinstance(expression, list | tuple)
    expressions = [sympify(e) for e in ([expression] if single else expression)]
    for e in expressions:
        floats = sorted(e.atoms(Float))
        if floats:
            raise FloatAtomError(
                f"{e} holds the Float {floats[0]}, a rounded number; use exact rationals "
                "and bind numbers when calling"
            )
    free = set().union(*(e.free_symbols for e in expressions)) - set(args)
    if free:
        raise ValueError(f"no argument for {sorted(map(str, free))}; args are {list(args)}")
    count = len(args) if variables is None else variables
    return CompiledFunction(
        expressions, tuple(args[:count]), tuple(args[count:]), _MODULES[backend].BACKEND, single
    )


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
        lines = [f"    {name} = {printer.doprint(value)}" for name, value in shared]
        return lines, "".join(f"{printer.doprint(value)}, " for value in results)

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
