"""Functions of energy by three routes: Sigma, G, A, tau and f_NE at single energies.

The truth is qbsym's expression in mpmath; against it stand the same expression in NumPy, and
qbnum's own formulas. Eqs. (6) and (9) with the text between. May import: everything.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
from mpmath import mp, mpf

import qbnum
import qbsym
from qbsym import symbols
from validation.backends.bands import region
from validation.checks.base import Check, Context, Row, Verdict
from validation.exact import ExactJunction, ExactLead
from validation.metrics import SMALLEST_NORMAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validation.cases import Case

__all__ = ["CHECKS"]

NAMES = ("self_energy_L", "self_energy_R", "green_retarded", "spectral_function", "transmission")
OPEN_NAMES = (*NAMES, "occupation")
"""f_NE exists only where a lead is open."""

EPS = 2.0**-52
WORKING_DIGITS = 50

TOLERANCE = 64 * EPS
"""What a dozen roundings in sequence may leave, in units of the input's own last bit."""

# Places inside a band, in half-bandwidths from its centre, and outside it, beyond either edge.
INSIDE = (-0.999999, -0.9, -0.3, 0.05, 0.6, 0.99)
OUTSIDE = (1.000001, 1.5)
WIDTHS = (-3.0, 0.0, 0.7)
"""Energies at the resonance, in its widths from the level."""


@cache
def _functions(left: str, right: str, backend: str) -> qbsym.CompiledFunction:
    """Return one callable of (omega, *13 parameters) for all functions that exist there."""
    expressions = [
        qbsym.self_energy("L", left),
        qbsym.self_energy("R", right),
        qbsym.green_retarded(left, right),
        qbsym.spectral_function(left, right),
        qbsym.transmission(left, right),
    ]
    if "inside" in (left, right):
        expressions.append(qbsym.occupation(left, right))
    arguments = (symbols.omega, *symbols.PARAMETERS)
    return qbsym.lambdify(expressions, arguments, backend, variables=1)


def energies(junction: ExactJunction) -> list[float]:
    """Return the energies at which a junction's functions are compared, edges excluded."""
    found = set()
    for lead in (junction.left, junction.right):
        centre, half = float(lead.onsite), 2 * float(lead.hopping)
        found |= {centre + place * half for place in INSIDE}
        found |= {centre + sign * place * half for place in OUTSIDE for sign in (-1, 1)}
        width = float(lead.coupling**2 / lead.hopping)
        found |= {float(junction.level) + place * width for place in WIDTHS}
    edges = {edge for lead in (junction.left, junction.right) for edge in lead.band}
    return sorted(w for w in found if Fraction(w) not in edges)


def _pointwise(context: Context) -> Iterator[Row]:
    junction = context.case.junction
    given = ExactJunction.from_junction(junction)
    found = energies(given)
    exact = _idle_leads_below(given, Fraction(found[0]))
    parameters = tuple(float(p) for p in exact.parameters.values())
    worst: dict[tuple[str, str], tuple[float, float, str, str]] = {}
    for regions, group in _by_regions(exact, found).items():
        names = OPEN_NAMES if "inside" in regions else NAMES
        for w in [w for w in group if _is_pole(exact, w, regions)]:
            group.remove(w)
            yield _refused_at_pole(context.case, w)
        for w, (truth, scales, textbook) in zip(group, _truth(exact, group, regions), strict=True):
            with np.errstate(all="ignore"):  # what is not finite is an infinite deviation
                routes = {
                    "qbsym numpy": (_functions(*regions, "numpy")(w, *parameters), textbook),
                    "qbnum": (_by_qbnum(junction, w, "occupation" in names), scales),
                }
            for route, (values, units) in routes.items():
                for name, value, right, unit in zip(names, values, truth, units, strict=True):
                    error = _error(complex(value), right, unit)
                    if error >= worst.get((route, name), (-1.0,))[0]:
                        worst[route, name] = error, w, _shown(value), mp.nstr(right, 20)
    for (route, name), (error, w, shown, expected) in worst.items():
        yield Row(
            check="pointwise",
            case=context.case.slug,
            group=context.case.group,
            observable=f"{name} by {route}",
            verdict=Verdict.AGREED if error <= TOLERANCE else Verdict.DISAGREED,
            error=error,
            plain=error,
            scaled=error,
            tolerance=TOLERANCE,
            value=f"{shown} at omega = {w!r}",
            expected=expected,
        )


def _is_pole(exact: ExactJunction, w: float, regions: tuple[str, str]) -> bool:
    """Say whether an energy is exactly a bound state's, where G has no value."""
    with mp.workdps(WORKING_DIGITS):
        inputs = [mpf(p.numerator) / p.denominator for p in exact.parameters.values()]
        try:
            _functions(*regions, "mpmath")(mpf(w), *inputs)
        except ZeroDivisionError:
            return True
    return False


def _refused_at_pole(case: Case, w: float) -> Row:
    """Return the row that says whether qbnum refuses an energy at which G has a pole."""
    try:
        value = str(qbnum.green_retarded(case.junction, w))
    except qbnum.ParameterError:
        value = "refused"
    agreed = value == "refused"
    return Row(
        check="pointwise",
        case=case.slug,
        group=case.group,
        observable="green_retarded at a pole",
        verdict=Verdict.AGREED if agreed else Verdict.DISAGREED,
        error=0.0 if agreed else float("inf"),
        tolerance=TOLERANCE,
        value=f"{value} at omega = {w!r}",
        expected="refused",
    )


def _shown(value: Any) -> str:
    return repr(complex(value) if np.iscomplexobj(value) else float(value))


def _idle_leads_below(exact: ExactJunction, lowest: Fraction) -> ExactJunction:
    """Return the junction with each uncoupled lead's band moved below an energy.

    Such a lead is closed everywhere; qbsym's forms know open and closed by region only.
    """

    def moved(lead: ExactLead) -> ExactLead:
        return lead if lead.coupling else replace(lead, onsite=lowest - 4 * lead.hopping)

    return replace(exact, left=moved(exact.left), right=moved(exact.right))


def _by_regions(exact: ExactJunction, found: list[float]) -> dict[tuple[str, str], list[float]]:
    """Sort energies by where they lie with respect to the two bands."""
    groups: dict[tuple[str, str], list[float]] = {}
    for w in found:
        regions = region(exact.left, Fraction(w)), region(exact.right, Fraction(w))
        groups.setdefault(regions, []).append(w)
    return groups


def _truth(
    exact: ExactJunction, group: list[float], regions: tuple[str, str]
) -> list[tuple[list[Any], list[Any], list[Any]]]:
    """Return, for each energy, the values and the two scales of their rounding errors.

    The first is |value| plus what it changes per relative change of each input. The second adds
    what the textbook form of Sigma outside a band loses by itself, by cancelling x against
    sqrt(x^2 - 4 h^2).
    """
    function = _functions(*regions, "mpmath")
    with mp.workdps(WORKING_DIGITS):
        inputs = [mpf(p.numerator) / p.denominator for p in exact.parameters.values()]
        nudge = mpf(EPS)
        energies_ = [mpf(w) for w in group]
        bound = function.bind(*inputs)
        values = [list(bound(w)) for w in energies_]
        neighbours = [[bound(w * (1 + nudge)) for w in energies_]]
        for i, x in enumerate(inputs):
            if x != 0:
                moved = function.bind(*inputs[:i], x * (1 + nudge), *inputs[i + 1 :])
                neighbours.append([moved(w) for w in energies_])
        found = []
        for k, w in enumerate(energies_):
            scales = [
                abs(value) + sum(abs(other[k][i] - value) for other in neighbours) / nudge
                for i, value in enumerate(values[k])
            ]
            cancelling = [
                abs(w - inputs[i]) * inputs[i + 2] ** 2 / (2 * inputs[i + 1] ** 2) for i in (1, 6)
            ]
            shifted = function(w, inputs[0] + nudge * sum(cancelling), *inputs[1:])
            textbook = [
                scale + abs(moved - value) / nudge
                for scale, moved, value in zip(scales, shifted, values[k], strict=True)
            ]
            textbook[0] += cancelling[0]
            textbook[1] += cancelling[1]
            found.append((values[k], scales, textbook))
    return found


def _by_qbnum(junction: qbnum.Junction, w: float, is_open: bool) -> tuple[Any, ...]:
    values = (
        qbnum.self_energy(junction.left, w),
        qbnum.self_energy(junction.right, w),
        qbnum.green_retarded(junction, w),
        qbnum.spectral_function(junction, w),
        qbnum.transmission(junction, w),
    )
    return (*values, qbnum.occupation(junction, w)) if is_open else values


def _error(value: complex, right: Any, unit: Any) -> float:
    if not np.isfinite(value):
        return float("inf")
    with mp.workdps(WORKING_DIGITS):
        error = abs(mpmath.mpmathify(value) - right)
        # Below the smallest normal double a double has no relative accuracy.
        return float(error / max(unit, mpf(SMALLEST_NORMAL)))


CHECKS = (
    Check(
        name="pointwise",
        claim="Sigma, G, A, tau and f_NE at single energies: NumPy form, qbnum and mpmath agree.",
        tolerance="64 units of rounding, in units of what the inputs' own last bit moves the value",
        run=_pointwise,
        applies=lambda case: True,
    ),
)
