"""What arguments must be: names, expressions, parameters, numbers of digits.

May import: mpmath, sympy, qbsym.errors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

from mpmath import mp, mpf
from sympy import Basic, Integer, Rational

from qbsym.errors import FloatAtomError, ParameterError, UnknownNameError

__all__ = ["checked_digits", "exact_expression", "named_parameters", "shown", "takes_names"]

P = ParamSpec("P")
R = TypeVar("R")

SHOWN = 200
"""Characters of a value that a message repeats."""

LONGEST = 100
"""Characters of the longest name that anything has, and more."""

POSITIVE = ("hopping", "temperature", "temperature_eq")
"""Parameters that are > 0."""

MOST_BITS = 60_000
"""Of a numerator or denominator."""

MOST_DIGITS = 2000
"""Beyond it an integral is a matter of hours."""


def shown(value: object) -> str:
    """Return a value as a message repeats it: shortened, and never an error of its own."""
    try:
        text = repr(value)
    except ValueError:  # an integer of thousands of digits
        return f"a {type(value).__name__} of too many digits"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


KINDS = {"str": str, "bool": bool, "int": int, "int | None": int | None}
"""By annotation: what `takes_names` lets through."""


def takes_names(function: Callable[P, R]) -> Callable[P, R]:
    """Have a function of names and small numbers refuse everything else, before any cache.

    Raises
    ------
    UnknownNameError
        An argument is not of the kind that its annotation says, or longer than any name.
    """
    kinds = {name: KINDS[p.annotation] for name, p in signature(function).parameters.items()}

    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        for name, value in (*zip(kinds, args, strict=False), *kwargs.items()):
            long = isinstance(value, str) and len(value) > LONGEST
            if long or not isinstance(value, kinds.get(name, object)):
                raise UnknownNameError(f"{function.__name__}: {name} = {shown(value)} is unknown")
        return function(*args, **kwargs)

    return checked


def exact_expression(given: Any) -> Basic:
    """Return an expression, or a whole or rational number as one; text is never evaluated.

    Raises
    ------
    FloatAtomError
        A float: its digits end where a double's do.
    ParameterError
        Anything else.
    """
    if isinstance(given, Basic):
        return given
    if isinstance(given, float):
        raise FloatAtomError(f"{given!r} is a rounded number; use exact rationals")
    if isinstance(given, int) and not isinstance(given, bool):
        return Integer(given)
    if isinstance(given, Fraction):
        return Rational(given.numerator, given.denominator)
    raise ParameterError(f"{shown(given)} is no SymPy expression")


def checked_digits(digits: Any) -> int:
    """Return a number of decimal digits that can be computed.

    Raises
    ------
    ParameterError
        It is none.
    """
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= MOST_DIGITS:
        raise ParameterError(f"digits = {shown(digits)}; give an integer from 1 to {MOST_DIGITS}")
    return digits


def named_parameters(parameters: Any, names: tuple[str, ...]) -> list[Any]:
    """Return the parameters' values in order: finite real numbers in their domains.

    Raises
    ------
    UnknownNameError
        One is missing.
    ParameterError
        No mapping, or one is no such number.
    """
    if not isinstance(parameters, Mapping):
        raise ParameterError(f"parameters = {shown(parameters)}; give names and numbers")
    missing = [name for name in names if name not in parameters]
    if missing:
        raise UnknownNameError(f"parameters lack {', '.join(missing)}")
    for name in names:
        value = parameters[name]
        if not _is_number(value):
            raise ParameterError(f"{name} = {shown(value)} is no finite real number")
        if (name.endswith(POSITIVE) and value <= 0) or (name.endswith("coupling") and value < 0):
            raise ParameterError(f"{name} = {shown(value)} is outside its domain")
    return [parameters[name] for name in names]


def _is_number(value: Any) -> bool:
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return max(value.numerator.bit_length(), value.denominator.bit_length()) <= MOST_BITS
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, mpf) and bool(mp.isfinite(value))
