"""Condition numbers: by how much an observable moves per relative change of its inputs.

kappa = sum over the nonzero inputs p_i of abs(p_i dO/dp_i) / abs(O), the inputs being the thirteen
parameters and the occupations of the bound states. A program that is right for inputs within one
rounding of the given ones (backward stable, in double precision) may still be off by
kappa 2^-53: of its 16 digits log10(kappa) are lost by nature.
May import: mpmath, validation.exact, .references, .enclosure, .errors.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from mpmath import mp

from validation.errors import ParameterError
from validation.exact import ExactJunction
from validation.references import Reference, reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from validation.enclosure import Enclosure

__all__ = ["STEP", "condition_numbers", "sensitivities"]

STEP = Fraction(1, 2**53)
"""Relative change of an input: the rounding of a double. Where the value is smooth on
that scale the quotient is the derivative, to two digits and more. Elsewhere (at the threshold of a
bound state, or where bands cease to be equal) it is what a rounding does."""

DIGITS = 24
"""Digits of the changed values: those of the step, three of the quotient, and a margin."""

EQUILIBRIUM = frozenset(
    {"equilibrium_particle_number", "equilibrium_energy", "equilibrium_entropy"}
)
EXERGIES = frozenset({"exergy", "two_state_exergy", "exergy_gap"})


def condition_numbers(
    found: Reference, occupations: Sequence[float | Fraction] = ()
) -> dict[str, float | None]:
    """Return the condition number of every observable that has a value.

    Parameters
    ----------
    found : Reference
        The values, to 30 digits or more.
    occupations : sequence of numbers
        Of each bound state, as the values were computed for.

    Returns
    -------
    dict of str to float or None
        To three significant digits, of which two are right; None for a value that is zero or is
        not known to differ from it.

    Raises
    ------
    PrecisionNotReachedError
        An observable has no value at a changed junction.
    ParameterError
        However an input is changed, the junction then has another number of bound states.
    """
    totals = dict.fromkeys(_nonzero(found), 0.0)
    for shares in sensitivities(found, occupations).values():
        for name, share in shares.items():
            totals[name] += abs(share)
    return {name: float(f"{totals[name]:.3g}") if name in totals else None for name in found}


def sensitivities(
    found: Reference, occupations: Sequence[float | Fraction] = ()
) -> dict[str, dict[str, float]]:
    """Return (p_i dO/dp_i)/O, with its sign, by input and observable.

    The difference quotient of the reference for a relative step `STEP`. Left out are inputs that
    are zero, observables that an input does not enter, and values that are not known to differ
    from zero. What the radii do not tell from zero is zero.

    Parameters
    ----------
    found, occupations
        As of `condition_numbers`. The occupations are the inputs ``"occupation 1"``, ... in order
        of energy.

    Raises
    ------
    PrecisionNotReachedError, ParameterError
        As of `condition_numbers`.
    """
    known, given = _nonzero(found), tuple(Fraction(n) for n in occupations)
    parameters = found.junction.parameters
    result: dict[str, dict[str, float]] = {}

    def quotients(
        names: Sequence[str],
        inputs: dict[str, Fraction],
        given: tuple[Fraction, ...],
        step: Fraction,
    ) -> dict[str, float]:
        junction = ExactJunction.from_parameters(inputs)
        after = reference(junction, DIGITS, names, given, found.backend)
        return {name: _quotient(found[name], after[name], step) for name in names}

    for parameter, value in parameters.items():
        names = [name for name in known if _enters(parameter, name)]
        if not value or not names:
            continue
        try:
            moved = parameters | {parameter: value * (1 + STEP)}
            result[parameter] = quotients(names, moved, given, STEP)
        except ParameterError:
            # A bound state came or went: the derivative from the other side is this junction's.
            moved = parameters | {parameter: value * (1 - STEP)}
            result[parameter] = quotients(names, moved, given, -STEP)
    for index, n in enumerate(given):
        if n:
            # Downwards, since an occupation of one has nothing above it.
            changed = (*given[:index], n * (1 - STEP), *given[index + 1 :])
            result[f"occupation {index + 1}"] = quotients(known, parameters, changed, -STEP)
    return result


def _nonzero(found: Reference) -> list[str]:
    return [name for name, value in found.items() if abs(value.mid) > value.radius]


def _enters(parameter: str, observable: str) -> bool:
    """Return whether an observable depends on a parameter."""
    if parameter in ("mu_eq", "temperature_eq"):
        return observable in EQUILIBRIUM | EXERGIES
    if parameter.endswith((".mu", ".temperature")):
        return observable not in EQUILIBRIUM | {"spectral_weight"}
    return True


def _quotient(before: Enclosure, after: Enclosure, step: Fraction) -> float:
    with mp.workdps(100):
        change = after.mid - before.mid
        if abs(change) <= before.radius + after.radius:
            return 0.0
        return float(change / before.mid * step.denominator / step.numerator)
