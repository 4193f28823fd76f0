"""`reference`: every observable of one junction to a requested number of digits, with proof.

The facade over the backends, which share no code with qbnum: the inputs are taken exactly as the
doubles (or the text) they are, and an answer that cannot be vouched for is refused.
May import: flint, mpmath, qbsym, validation.exact, .enclosure, .errors, .reference_result,
.backends; never qbnum.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from qbsym.observables import OBSERVABLES, observable
from validation.backends import arb_backend, mpmath_backend
from validation.backends.bound import BoundState
from validation.enclosure import Enclosure
from validation.errors import (
    BoundStateError,
    ParameterError,
    UnknownNameError,
    ValidationError,
    shown,
)
from validation.exact import ExactJunction, exact_number
from validation.reference_result import Reference

__all__ = ["BACKENDS", "OBSERVABLES", "BoundState", "Reference", "bound_states", "reference"]

Evaluate: TypeAlias = Callable[
    [ExactJunction, int, Collection[str], "Sequence[Fraction] | None", Sequence[BoundState]],
    "dict[str, Enclosure | ValidationError]",
]


@dataclass(frozen=True)
class Backend:
    """An integrator.

    Parameters
    ----------
    evaluate : callable
        Returns an enclosure or a refusal for every observable.
    bound_states : callable
        Returns the bound states of a junction to some digits.
    certified : bool
        Whether its radii are proven.
    """

    evaluate: Evaluate
    bound_states: Callable[[ExactJunction, int], tuple[BoundState, ...]]
    certified: bool


BACKENDS = {
    arb_backend.NAME: Backend(arb_backend.evaluate, arb_backend.bound_states, certified=True),
    mpmath_backend.NAME: Backend(
        mpmath_backend.evaluate, mpmath_backend.bound_states, certified=False
    ),
}
"""The integrators by name: proven enclosures, and an independent quadrature with estimates."""

MIN_DIGITS, MAX_DIGITS = 5, 200

BOUND_STATE_DIGITS = 30
"""Digits of a bound state beyond those of the observables, whose gaps may cancel."""

BoundStatePolicy: TypeAlias = "str | float | Fraction | Sequence[float | Fraction]"


def bound_states(j: Any, digits: int = 30) -> tuple[BoundState, ...]:
    """Return the bound states of a junction in order of energy.

    Parameters
    ----------
    j : ExactJunction or scalar qbnum.Junction
    digits : int
        Of each energy (relative to its distance from the band edge) and weight.

    Returns
    -------
    tuple of BoundState
        With `energy` and `weight`, each an `Enclosure`; empty if there are none.

    Raises
    ------
    ParameterError, PrecisionNotReachedError
    """
    return arb_backend.bound_states(ExactJunction.from_junction(j), _checked_digits(digits))


def reference(
    j: Any,
    digits: int = 30,
    observables: Collection[str] | None = None,
    bound_states: BoundStatePolicy = "error",
    backend: str = "arb",
) -> Reference:
    """Return observables of a junction to a requested number of digits.

    Parameters
    ----------
    j : ExactJunction or scalar qbnum.Junction
        Its parameters count as exact: each double stands for its own value.
    digits : int
        Decimal digits, relative to the value; for energies and currents, which change sign,
        relative to the integral of abs(integrand).
    observables : collection of str, optional
        Names of `OBSERVABLES`; one without a value is then an error at once. By default all, and
        one without a value raises when it is asked for.
    bound_states : "error", "exclude", number or sequence of numbers
        What to do where the junction has bound states, whose occupation a steady state does not
        fix. ``"error"``: observables that need it have no value. ``"exclude"``: they are those of
        the bands alone; the two-state observables and the gaps, which need a whole probability,
        have none. Numbers in [0, 1]: the occupation of all of them, or of each in order of energy.
    backend : "arb" or "mpmath"
        ``arb``: midpoints with proven radii, by ball arithmetic. ``mpmath``: an independent
        quadrature (other variable, panels, rules and arithmetic) whose radii are estimates.

    Returns
    -------
    Reference
        A mapping from name to `Enclosure`.

    Raises
    ------
    ParameterError
        The junction, ``digits`` or ``bound_states`` are outside their domain.
    UnknownNameError
        No such observable or backend.
    BoundStateError, PrecisionNotReachedError
        An observable named in ``observables`` has no value, or the sum rule fails.
    """
    exact = ExactJunction.from_junction(j)
    digits = _checked_digits(digits)
    if not isinstance(backend, str) or backend not in BACKENDS:
        raise UnknownNameError(f"no backend {shown(backend)}; there are {', '.join(BACKENDS)}")
    names = _checked_names(observables)
    states = BACKENDS[backend].bound_states(exact, digits + BOUND_STATE_DIGITS)
    occupations = _occupations(bound_states, len(states))
    refusals: dict[str, ValidationError] = {}
    if states and occupations is None:
        for name in names:
            message = _without_occupation(name, str(bound_states), states)
            if message:
                refusals[name] = BoundStateError(message)
    _raise_first(refusals, observables)
    wanted = [name for name in names if name not in refusals]
    found = BACKENDS[backend].evaluate(exact, digits, wanted, occupations, states)
    enclosures: dict[str, Enclosure] = {}
    for name in wanted:
        result = found[name]
        if isinstance(result, Enclosure):
            enclosures[name] = result
        else:
            refusals[name] = result
    _raise_first(refusals, observables)
    return Reference(exact, digits, backend, states, enclosures, refusals)


def _raise_first(
    refusals: Mapping[str, ValidationError], observables: Collection[str] | None
) -> None:
    if observables is not None:
        for error in refusals.values():
            raise error


def _checked_digits(digits: int) -> int:
    if isinstance(digits, bool) or not hasattr(digits, "__index__"):
        raise ParameterError(f"digits = {shown(digits)} is not an integer")
    try:
        count = operator.index(digits)
    except TypeError as error:  # an array, whose elements alone could be one
        raise ParameterError(f"digits = {shown(digits)} is not an integer") from error
    if not MIN_DIGITS <= count <= MAX_DIGITS:
        raise ParameterError(f"digits = {shown(count)} is outside {MIN_DIGITS} ... {MAX_DIGITS}")
    return count


def _checked_names(observables: Collection[str] | None) -> tuple[str, ...]:
    if observables is None:
        return OBSERVABLES
    return known_names("observable", observables, OBSERVABLES)


def known_names(kind: str, asked: Any, known: Collection[str]) -> tuple[str, ...]:
    """Return a name, or a collection of them, in the order of those that are known.

    Raises
    ------
    ParameterError
        Neither of them.
    UnknownNameError
        One is not known.
    """
    try:
        wanted = [asked] if isinstance(asked, str) else list(asked)
    except TypeError as error:
        raise ParameterError(f"{kind}s = {shown(asked)}; give names") from error
    for name in wanted:
        if not isinstance(name, str) or name not in known:
            raise UnknownNameError(f"no {kind} {shown(name)}; there are {', '.join(known)}")
    return tuple(name for name in known if name in wanted)


def _occupations(policy: BoundStatePolicy, count: int) -> tuple[Fraction, ...] | None:
    """Return one occupation for each bound state, or None where none is named."""
    if isinstance(policy, str):
        if policy not in ("error", "exclude"):
            raise ParameterError(
                f"bound_states = {shown(policy)}; give 'error', 'exclude', or occupations in [0, 1]"
            )
        return None
    single = hasattr(policy, "as_integer_ratio") or getattr(policy, "shape", None) == ()
    try:
        given = [policy] * count if single else list(policy)  # type: ignore[arg-type]
    except TypeError as error:
        raise ParameterError(
            f"bound_states = {shown(policy)}; give 'error', 'exclude', or occupations in [0, 1]"
        ) from error
    numbers = [exact_number(n, "bound_states") for n in ([policy] if single else given)]
    for n in numbers:
        if not 0 <= n <= 1:
            raise ParameterError(f"bound_states = {shown(policy)}: an occupation is outside [0, 1]")
    if len(given) != count:
        raise ParameterError(
            f"bound_states names {len(given)} occupations, the junction has {count} bound states"
        )
    return tuple(numbers * count) if single else tuple(numbers)


def _without_occupation(name: str, policy: str, states: Sequence[BoundState]) -> str:
    """Return why an observable has no value without occupations; empty if it has one."""
    entry = observable(name)
    if not entry.needs_bound_state_occupation:
        return ""
    two_state = entry.kind == "combination"
    if policy == "exclude" and not two_state:
        return ""
    energies = ", ".join(f"{float(state.energy):.6g}" for state in states)
    cure = "name the occupations with bound_states=..."
    if policy == "exclude":
        return (
            f"{name} needs a whole probability, and part of it is in bound states (energies "
            f"{energies}) that 'exclude' leaves out; {cure}"
        )
    return (
        f"{name} needs the occupation of bound states (energies {energies}), which the steady "
        f"state does not fix; {cure}, or take the bands alone with bound_states='exclude'"
    )
