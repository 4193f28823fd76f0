"""Symbolic closed forms against the reference: two routes that share no integral.

For equal bands: Matsubara sums (no quadrature at all) and the trapezoidal rule on the rational,
periodic form in k; bound states in closed form. May import: everything.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from mpmath import mp, mpf

import qbnum
import qbsym
from qbsym import matsubara, periodic, poles, symbols
from validation import references
from validation.cases import paper_cases, quick_subset
from validation.checks.base import Check, Context, Row, Verdict, compare, goal
from validation.exact import ExactJunction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from validation.cases import Case

__all__ = ["CHECKS"]

SLACK_DIGITS = 4
"""Both sides promise the digits asked for; a factor of 10^4 is left to their error estimates."""

COLDEST = 1e-2
"""Matsubara sums have of the order of h/T terms; below this temperature (in h) it is too many."""

NARROWEST = 3e-3
"""Smallest v^2/h (in h) at which the trapezoidal rule needs no more than some 10^4 nodes."""

TRAPEZOID_DIGITS = 20
FIRST_NODES, MOST_NODES = 500, 13500


def _parameters(case: Case) -> dict[str, Any]:
    exact = ExactJunction.from_junction(case.junction)
    return dict(exact.parameters)


def _matsubara(context: Context) -> Iterator[Row]:
    case, reference = context.case, context.reference
    values = matsubara.evaluate_all(_parameters(case), context.digits)
    for name in matsubara.NAMES:
        yield compare(
            "matsubara",
            case,
            name,
            values[name],
            reference[name],
            tolerance=10.0 ** (SLACK_DIGITS - context.digits),
        )


def _trapezoid(context: Context) -> Iterator[Row]:
    case, reference = context.case, context.reference
    names = [n for n in qbsym.INTEGRALS if periodic.PARITY[n] == "even" and n in qbsym.OBSERVABLES]
    with mp.workdps(TRAPEZOID_DIGITS + 10):
        values = _converged(case, [qbsym.INTEGRALS.index(name) for name in names])
    for name, value in zip(names, values, strict=True):
        expected = reference[name]
        tolerance = 10.0 ** (SLACK_DIGITS - TRAPEZOID_DIGITS)
        if name == "exergy" and expected.mid < tolerance:
            # The integrand is a difference of terms of order one: compared in their units.
            value, expected = mp.fadd(value, 1, exact=True), mp.fadd(expected.mid, 1, exact=True)
        yield compare("trapezoid", case, name, value, expected, tolerance=tolerance)


def _converged(case: Case, indices: list[int]) -> list[Any]:
    """Return the trapezoidal sums, with nodes trebled until two in sequence agree."""
    parameters = [mpf(p.numerator) / p.denominator for p in _parameters(case).values()]
    integrand = periodic.periodic_integrands("gmpy2").bind(*parameters)

    def sums(count: int, nodes: Iterable[int]) -> list[Any]:
        step = mp.pi / count
        found = [integrand((j + mpf(1) / 2) * step) for j in nodes]
        return [step * mp.fsum(values[i] for values in found) for i in indices]

    # Midpoints keep off the ends, where a pole at the edge makes the integrand 0/0; three times as
    # many contain those of before as every third.
    count, total = FIRST_NODES, sums(FIRST_NODES, range(FIRST_NODES))
    close = mpf(10) ** -TRAPEZOID_DIGITS
    while count < MOST_NODES:
        count *= 3
        new = sums(count, (j for j in range(count) if j % 3 != 1))
        refined = [third / 3 + part for third, part in zip(total, new, strict=True)]
        if all(abs(a - b) <= close * abs(b) for a, b in zip(total, refined, strict=True)):
            return refined
        total = refined
    return total


def _equal_bands(case: Case) -> bool:
    p = case.parameters
    return all(p[f"left.{name}"] == p[f"right.{name}"] for name in ("onsite", "hopping"))


def _warm(case: Case) -> bool:
    p = case.parameters
    temperatures = (p["left.temperature"], p["right.temperature"], p["temperature_eq"])
    return min(temperatures) >= COLDEST * p["left.hopping"]


def _without_poles(case: Case) -> bool:
    return "pole-outside" not in case.difficulties


def _summable(case: Case) -> bool:
    # In the tails f is e^-x, and the sum of poles 1/2 - ... cancels down to it.
    tails = "tails" in case.difficulties
    return _equal_bands(case) and _without_poles(case) and _warm(case) and not tails


def _wide(case: Case) -> bool:
    p = case.parameters
    width = (p["left.coupling"] ** 2 + p["right.coupling"] ** 2) / p["left.hopping"] ** 2
    return width >= NARROWEST


def _periodic(case: Case) -> bool:
    # Not everywhere: the rule is slow, and its claim is about the form, not the case.
    wanted = {
        "paper": case.slug in _few_of_the_paper(),
        "corner": case.regime in ("strong", "unequal", "hot"),
        "random": True,
    }
    return (
        wanted[case.group] and _summable(case) and _wide(case) and "edge" not in case.difficulties
    )


@cache
def _few_of_the_paper() -> frozenset[str]:
    """Return the slugs of one case for each regime, as wide a choice as a quick run takes."""
    chosen = {case.regime: case.slug for case in quick_subset(paper_cases())}
    return frozenset(chosen.values())


@cache
def _bound_state_function(side: str) -> Callable[..., Any]:
    state = poles.bound_state(side)
    generic = {symbols.onsite: symbols.onsite_L, symbols.hopping: symbols.hopping_L}
    forms = [state.energy.subs(generic), state.weight.subs(generic)]
    return qbsym.lambdify(forms, symbols.PARAMETERS, "mpmath")


def _bound_states(context: Context) -> Iterator[Row]:
    case = context.case
    expected = references.bound_states(case.junction, context.digits)
    found = qbnum.bound_states(case.junction)
    energies, weights = found.energy.compressed(), found.weight.compressed()
    yield Row(
        check="bound-states",
        case=case.slug,
        group=case.group,
        observable="number of bound states",
        verdict=Verdict.AGREED if len(energies) == len(expected) else Verdict.DISAGREED,
        error=0.0 if len(energies) == len(expected) else float("inf"),
        value=str(len(energies)),
        expected=str(len(expected)),
    )
    for state, energy, weight in zip(expected, energies, weights, strict=False):
        place = goal(case.group)
        yield compare("bound-states", case, "energy", float(energy), state.energy, tolerance=place)
        yield compare("bound-states", case, "weight", float(weight), state.weight, tolerance=place)
    coupled = case.parameters["left.coupling"] or case.parameters["right.coupling"]
    if not (_equal_bands(case) and coupled):
        return
    parameters = _parameters(case)
    with mp.workdps(context.digits + 20):
        numbers = [mpf(p.numerator) / p.denominator for p in parameters.values()]
        edge = numbers[1]
        for state in expected:
            side = "above" if state.energy.mid > edge else "below"
            energy, weight = _bound_state_function(side)(*numbers)
            for name, value, right in (
                ("closed form of energy", energy, state.energy),
                ("closed form of weight", weight, state.weight),
            ):
                yield compare("bound-states", case, name, value, right, tolerance=place)


CHECKS = (
    Check(
        name="matsubara",
        claim="N, E, I, J, heat currents and sigma without any integral agree with the reference.",
        tolerance="10^4 units of the last digit asked for",
        run=_matsubara,
        applies=_summable,
        precise=True,
    ),
    Check(
        name="trapezoid",
        claim="The rational form in z = exp(ik), summed at equal steps in k, gives N, E, S and X.",
        tolerance="1e-16: the rule is stopped at 20 digits",
        run=_trapezoid,
        applies=_periodic,
        precise=True,
    ),
    Check(
        name="bound-states",
        claim="Bound states: qbnum, the closed form and the reference agree on energy and weight.",
        tolerance="1e-10 relative: the project's goal on corners",
        run=_bound_states,
        applies=lambda case: not _without_poles(case),
    ),
)
