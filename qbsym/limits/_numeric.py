"""Numbers of a limit's expression, integrals over the bands included.

An integral over omega is taken in k, omega = centre - half cos k, which turns the square roots at
the band edges into analytic functions; panels are split at the level and graded towards each mu by
its temperature. Integrands that are 0/0 at the level cancel next to it as the square of the
distance, which guard digits pay for. May import: mpmath, sympy, qbsym.symbols, .callables, .errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from mpmath import mp
from sympy import Dummy, Expr, Function, Integral, Symbol, exp, log

from qbsym import symbols as s
from qbsym._checks import checked_digits, named_parameters, shown
from qbsym.callables import CompiledFunction, lambdify
from qbsym.errors import NotDerivedError, ParameterError
from qbsym.functions import Fermi, FermiDifference, LogFermi, PLogP

__all__ = ["evaluate"]

GUARD = 25
"""Digits beyond those asked for. A Gauss node of the finest panels comes within 1e-9 of a panel's
end, where (omega - level)^2 costs twice that; the rest is for rounding."""

NODES = (24, 48, 96, 192)
"""Gauss-Legendre points of a panel, until two in a row agree."""

FAST = (Fermi, LogFermi, FermiDifference, PLogP, exp, log)
"""Functions that the MPFR backend knows."""


def evaluate(expression: Any, parameters: Mapping[str, Any], digits: int = 30) -> Any:
    """Return an expression's value as an mpf of some digits, or those of several as a tuple.

    Parameters
    ----------
    expression : Expr or sequence of Expr
        In the thirteen parameters; they may hold `Integral` over one variable with limits in them.
        The integrals of a sequence are taken together, which costs little more than one.
    parameters : mapping of str to number
        All thirteen by dotted name (`symbols.PARAMETER_NAMES`), taken exactly.
    digits : int
        Of each integral, relative to the integral of abs(integrand).

    Raises
    ------
    ParameterError
        Not expressions, a parameter that is missing or no number, or ``digits`` beyond 2000.
    NotDerivedError
        An integral does not settle, or runs backwards: the integrand has a
        singularity that the panels do not know, or the bands are not arranged as it says.
    """
    single = isinstance(expression, Expr)
    if not single and not (
        isinstance(expression, list | tuple) and all(isinstance(e, Expr) for e in expression)
    ):
        raise ParameterError(f"{shown(expression)} is neither an expression nor several")
    for integral in (
        i for e in ((expression,) if single else expression) for i in e.atoms(Integral)
    ):
        if [len(limit) for limit in integral.limits] != [3]:
            raise ParameterError(f"{shown(integral)} is not over one variable with limits")
    given = named_parameters(parameters, s.PARAMETER_NAMES)
    with mp.workdps(checked_digits(digits) + GUARD):
        numbers = [
            mp.mpf(int(n.numerator)) / int(n.denominator)
            if hasattr(n, "denominator")
            else mp.mpf(n)
            for n in given
        ]
        outer, groups = _compiled((expression,) if single else tuple(expression))
        # Ends first: an integrand is complex where the bands are not arranged as it says.
        intervals = [_checked(ends(*numbers)) for _, ends in groups]
        integrals = [
            value
            for (integrands, _), interval in zip(groups, intervals, strict=True)
            for value in _integrals(integrands, interval, numbers, digits)
        ]
        values = outer(*integrals, *numbers)
    with mp.workdps(digits):
        rounded = tuple(+value for value in values)
    return rounded[0] if single else rounded


@lru_cache(maxsize=64)
def _compiled(
    expressions: tuple[Expr, ...],
) -> tuple[CompiledFunction, tuple[tuple[CompiledFunction, CompiledFunction], ...]]:
    """Return the callable of (integrals, parameters), and integrands and ends of each interval."""
    found = dict.fromkeys(i for e in expressions for i in e.atoms(Integral))
    by_interval: dict[Any, list[Integral]] = {}
    for integral in found:
        by_interval.setdefault((*integral.limits, _backend(integral)), []).append(integral)
    names = {
        integral: Dummy(f"i{n}", real=True)
        for n, integral in enumerate(i for group in by_interval.values() for i in group)
    }
    outer = lambdify(
        [e.xreplace(names) for e in expressions], (*names.values(), *s.PARAMETERS), "mpmath"
    )
    groups = []
    for ((variable, low, high), backend), integrals in by_interval.items():
        arguments = (variable, *s.PARAMETERS)
        integrand = lambdify([i.function for i in integrals], arguments, backend, variables=1)
        groups.append((integrand, lambdify([low, high], s.PARAMETERS, "mpmath")))
    return outer, tuple(groups)


def _backend(integral: Integral) -> str:
    used: set[Any] = {type(function) for function in integral.function.atoms(Function)}
    return "gmpy2" if used <= set(FAST) else "mpmath"


def _checked(interval: tuple[Any, Any]) -> tuple[Any, Any]:
    low, high = interval
    if not low < high:
        raise NotDerivedError(
            f"an integral runs from {mp.nstr(low, 8)} to {mp.nstr(high, 8)}: the arrangement of "
            "the bands is not that of the parameters"
        )
    return low, high


def _integrals(
    integrands: CompiledFunction, interval: tuple[Any, Any], numbers: Sequence[Any], digits: int
) -> list[Any]:
    low, high = interval
    centre, half = (low + high) / 2, (high - low) / 2
    bound = integrands.bind(*numbers)

    def in_k(k: Any) -> list[Any]:
        measure = half * mp.sin(k)
        return [value * measure for value in bound(centre - half * mp.cos(k))]

    panels = [_panel(in_k, a, b, digits) for a, b in pairwise(_breaks(centre, half, numbers))]
    found = []
    for parts in zip(*panels, strict=True):
        total, scale, short = (mp.fsum(column) for column in zip(*parts, strict=True))
        if short > scale * mp.mpf(10) ** -digits:
            raise NotDerivedError(
                f"an integral from {mp.nstr(low, 8)} to {mp.nstr(high, 8)} does not settle to "
                f"{digits} digits: {mp.nstr(total, 8)} +- {mp.nstr(short, 2)}"
            )
        found.append(total)
    return found


def _panel(
    f: Callable[[Any], list[Any]], a: Any, b: Any, digits: int
) -> list[tuple[Any, Any, Any]]:
    """Return of each integrand the integral, that of the absolute value, and its error."""
    middle, radius = (a + b) / 2, (b - a) / 2
    last: list[Any] = []
    for count in NODES:
        nodes, weights = _rule(count, mp.prec)
        columns = list(zip(*(f(middle + radius * node) for node in nodes), strict=True))
        values = [radius * mp.fdot(weights, column) for column in columns]
        sizes = [radius * mp.fdot(weights, map(abs, column)) for column in columns]
        errors = [abs(v - w) for v, w in zip(values, last, strict=False)]
        if errors and all(
            e <= size * mp.mpf(10) ** (-digits * 2 // 3)
            for e, size in zip(errors, sizes, strict=True)
        ):
            # Twice the points, twice the digits: the value is far better than the change.
            errors = [e * e / size if size else e for e, size in zip(errors, sizes, strict=True)]
            break
        last = values
    return list(zip(values, sizes, errors, strict=True))


@lru_cache(maxsize=32)
def _rule(count: int, prec: int) -> tuple[list[Any], list[Any]]:
    """Return nodes and weights of the Gauss-Legendre rule, by Newton's method."""
    nodes, weights = [], []
    with mp.workprec(prec + 20):
        for i in range(count):
            x = mp.cos(mp.pi * (4 * i + 3) / (4 * count + 2))
            for _ in range(prec.bit_length() + 2):
                p, slope = _legendre(count, x)
                step = p / slope
                x -= step
                if abs(step) < mp.mpf(2) ** (-prec * 2 // 3):
                    break
            _, slope = _legendre(count, x)
            nodes.append(x)
            weights.append(2 / ((1 - x * x) * slope**2))
    return nodes, weights


def _legendre(count: int, x: Any) -> tuple[Any, Any]:
    before, here = mp.one, x
    for n in range(2, count + 1):
        before, here = here, ((2 * n - 1) * x * here - (n - 1) * before) / n
    return here, count * (x * here - before) / (x * x - 1)


def _breaks(centre: Any, half: Any, numbers: Sequence[Any]) -> list[Any]:
    """Return break points in k: the level, and around each mu steps that double.

    A Fermi function's poles are pi T away from mu, so that 24 points are enough for a panel of
    2 pi T next to it.
    """
    value: dict[Symbol, Any] = dict(zip(s.PARAMETERS, numbers, strict=True))
    energies = []
    for mu, temperature in (
        (s.mu_L, s.temperature_L),
        (s.mu_R, s.temperature_R),
        (s.mu_eq, s.temperature_eq),
    ):
        energies.append(value[mu])
        step = 2 * mp.pi * value[temperature]
        while step < 2 * half:
            energies += [value[mu] - step, value[mu] + step]
            step *= 2
    coldest = min(value[t] for t in (s.temperature_L, s.temperature_R, s.temperature_eq))
    closest = coldest / half
    fixed = {mp.zero, +mp.pi}
    if abs(level := (centre - value[s.level]) / half) < 1:
        # No node may hit the level, where integrands are 0/0.
        fixed.add(mp.acos(level))
    kept = set(fixed)
    for energy in energies:
        if abs(cosine := (centre - energy) / half) < 1:
            cut = mp.acos(cosine)
            if all(abs(cut - other) > closest for other in kept):
                kept.add(cut)
    return sorted(kept)
