"""What arguments must be: numbers in their domain, known names, records, sizes that memory holds.

The one home of these checks; each message says what was given and what is allowed.
May import: numpy, qbnum.errors.
"""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum.errors import ParameterError

__all__ = [
    "Real",
    "known_name",
    "known_names",
    "names_of",
    "real",
    "refuse_unless",
    "require_memory",
    "shown",
    "whole_number",
]

Real: TypeAlias = float | NDArray[np.float64]
"""A parameter as stored: a Python float, or a read-only float64 array."""

DOMAINS = {
    "finite": "a finite number",
    "positive": "finite and > 0",
    "nonnegative": "finite and >= 0",
    "probability": "an occupation in [0, 1]",
}
"""Of a parameter, and what to call them."""

SHOWN = 200
"""Characters of a value that a message repeats."""

MEMORY_VARIABLE = "QBNUM_MEMORY"
"""Environment variable: the bytes that results may take, where the machine's memory is not it."""


def shown(value: object) -> str:
    """Return a value as a message repeats it: shortened, and never an error of its own."""
    try:
        text = repr(value)
    except ValueError:  # an integer of thousands of digits
        return f"a {type(value).__name__} of too many digits"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


def real(name: str, value: object, domain: str = "finite") -> Real:
    """Return a number or an array of them as a float or a read-only float64 array.

    Raises
    ------
    ParameterError
        Not real numbers, without exact doubles, masked, or outside the domain.
    """
    try:
        given = np.asarray(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise ParameterError(
            f"{name}: {shown(value)} is not a number or a regular array"
        ) from error
    if given.dtype.kind not in "iuf":
        raise ParameterError(
            f"{name} = {shown(value)} is not a real number (dtype {given.dtype}); "
            f"give {DOMAINS[domain]} as int, float or an array of them"
        )
    if np.ma.is_masked(value):
        raise ParameterError(f"{name} holds masked values, which are no numbers; leave them out")
    # A copy, so that the caller's array cannot change under a frozen record.
    with np.errstate(all="ignore"):
        array = np.array(given, dtype=np.float64)
        exact = given.dtype == np.float64 or np.array_equal(
            array.astype(given.dtype), given, equal_nan=True
        )
    if not exact:
        raise ParameterError(
            f"{name} = {shown(value)} has no exact double; round it to a float yourself"
        )
    bad = ~np.isfinite(array)
    if domain == "positive":
        bad |= array <= 0
    elif domain in ("nonnegative", "probability"):
        bad |= array < 0
        if domain == "probability":
            bad |= array > 1
    if bad.any():
        first = array[bad].flat[0]
        where = f" at index {tuple(map(int, np.argwhere(bad)[0]))}" if array.ndim else ""
        raise ParameterError(
            f"{name} = {float(first)!r}{where} is outside its domain: {DOMAINS[domain]}"
        )
    if array.ndim == 0:
        return float(array)
    array.flags.writeable = False
    return array


def refuse_unless(kind: type, name: str, value: object) -> None:
    """Raise unless a value is a record of a kind.

    Raises
    ------
    ParameterError
        It is not.
    """
    if not isinstance(value, kind):
        raise ParameterError(f"{name} must be a qbnum.{kind.__name__}, got {shown(value)}")


def known_name(setting: str, value: object, allowed: Sequence[str]) -> None:
    """Raise unless a setting is one of its few names.

    Raises
    ------
    ParameterError
        It is none of them.
    """
    if not isinstance(value, str) or value not in allowed:
        names = " and ".join(map(repr, allowed))
        raise ParameterError(f"{setting} = {shown(value)}; allowed are {names}")


def names_of(what: str, given: object) -> tuple[str, ...]:
    """Return a name, or a collection of them, as a tuple.

    Raises
    ------
    ParameterError
        There is none, or one is no text.
    """
    try:
        names = (given,) if isinstance(given, str) else tuple(given)  # type: ignore[arg-type]
    except TypeError:
        names = ()
    if not names or not all(isinstance(name, str) for name in names):
        raise ParameterError(f"{what} = {shown(given)}; give a name or several")
    return names


def known_names(kind: str, given: object, known: Collection[str]) -> tuple[str, ...]:
    """Return a name, or a collection of them, as a tuple of known names, each once.

    Raises
    ------
    ParameterError
        There is none, or one is unknown or given twice.
    """
    names = names_of(f"{kind}s", given)
    for name in names:
        if name not in known:
            raise ParameterError(f"no {kind} {shown(name)}; there are {', '.join(known)}")
    if len(set(names)) < len(names):
        raise ParameterError(f"{kind}s = {shown(names)} names one twice")
    return names


def whole_number(name: str, value: object, what: str, least: int = 1) -> int:
    """Return a whole number that is large enough; a float without fraction is one.

    Raises
    ------
    ParameterError
        It is not.
    """
    number: Any = value
    if (
        isinstance(value, bool | np.bool_)
        or not isinstance(value, int | float | np.integer | np.floating)
        or (isinstance(value, float | np.floating) and not math.isfinite(number))
        or number != int(number)
        or number < least
    ):
        raise ParameterError(
            f"{name} = {shown(value)}; give a whole number of {what}, at least {least}"
        )
    return int(number)


def require_memory(points: int, bytes_per_point: int, cure: str) -> None:
    """Raise, before anything is allocated, if so many results cannot be held.

    What there is: the machine's memory, or what the environment variable `MEMORY_VARIABLE` says.

    Raises
    ------
    ParameterError
        There is too little.
    """
    needed, there = points * bytes_per_point, _memory()
    if needed > there:
        raise ParameterError(
            f"{points} points take {needed / 2**30:.1f} GiB, and there are {there / 2**30:.1f} "
            f"({MEMORY_VARIABLE}=BYTES in the environment says otherwise); {cure}"
        )


def _memory() -> float:
    given = os.environ.get(MEMORY_VARIABLE)
    if given is not None:
        try:
            return float(int(given))
        except ValueError as error:
            raise ParameterError(
                f"{MEMORY_VARIABLE} = {shown(given)} in the environment; give a number of bytes"
            ) from error
    if not hasattr(os, "sysconf"):  # Windows
        return math.inf
    return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
