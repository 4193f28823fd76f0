"""The arbitrary-precision reference by mpmath: every observable of the design, Eqs. (7)-(A7).

The integrands are those of qbsym. The working precision is found by evaluating them at two
precisions, the quadrature's accuracy by a crude estimate of what the gaps will cancel; both are
raised until the error estimate vouches for the digits asked, or the answer is a refusal.
May import: mpmath, qbsym, validation.exact, .enclosure, .errors, .metrics, .backends.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from mpmath import mp, mpf

from qbsym.observables import INTEGRALS, OBSERVABLES
from validation.backends import assembly, bands, features, quadrature, zeros
from validation.backends.assembly import Value
from validation.backends.bound import BoundState, bound_states
from validation.backends.quadrature import Integrands, Total
from validation.enclosure import Enclosure, magnitude_digits
from validation.errors import PrecisionNotReachedError, ValidationError
from validation.exact import ExactJunction
from validation.metrics import SIGN_CHANGING

__all__ = ["NAME", "bound_states", "evaluate"]

NAME = "mpmath"

MAX_WORKING_DIGITS = 1200
"""Digits of arithmetic beyond which a cancellation is not pursued: a node then costs 10 ms."""

MAX_QUADRATURE_DIGITS = 300
"""Accuracy of the quadrature beyond which a gap is not pursued."""

MAX_FILLING_DIGITS = 190
"""Digits to which a difference d - d_eq is looked for: its square then lies below `UNDERFLOW`."""

MAX_PASSES = 3

UNDERFLOW = mpf(10) ** -330
"""Below it, where no double lies, an observable is enclosed but not resolved to its digits."""

GUARD = 4
"""Digits of the quadrature beyond those asked."""

ARITHMETIC_GUARD = 3
"""Digits by which the rounding of the integrands stays below the quadrature's accuracy."""


def evaluate(
    j: ExactJunction,
    digits: int,
    names: Collection[str],
    occupations: Sequence[Fraction] | None,
    states: Sequence[BoundState],
) -> dict[str, Enclosure | ValidationError]:
    """Return the observables, each an enclosure of ``digits`` or the error that refuses it.

    Parameters
    ----------
    j : ExactJunction
    digits : int
        Relative to the value; for observables whose integrand changes sign, relative to the
        integral of its absolute value.
    names : collection of str
        The observables whose digits matter; others come as accurate as they happen to be.
    occupations : sequence of Fraction or None
        Of each bound state; None leaves the bound states out.
    states : sequence of BoundState
        The junction's bound states, as `bound_states` of ``digits`` + 30 gives them.

    Raises
    ------
    PrecisionNotReachedError
        The sum rule integral A + sum Z = 1 is not met: a feature of A escaped the quadrature;
        or even the first mesh is beyond `quadrature.MAX_EVALUATIONS`.

    Notes
    -----
    A first pass with three nodes a panel tells what cancellation costs in the integrands
    (`_rounding`) and, taken as a discrete probability, in the gaps. The quadrature is then asked
    for that much more; only if that guess fell short is it repeated.
    """
    states = tuple(states)
    whole = occupations is not None or not states
    vanishing = zeros.vanishing_observables(j, whole, bool(states))
    j = bands.without_idle_leads(j)
    of = Integrands(j, zeros.vanishing_integrals(j))

    def values_of(total: Total) -> dict[str, Value]:
        return assembly.assemble(j, total, states, occupations, vanishing)

    with mp.workdps(_geometry_digits(j)):
        found = bands.segments(j)
        energies = [state.energy.mid for state in states]
        singular = [features.singularities(j, segment, energies) for segment in found]

    def mesh_for(accuracy: int) -> tuple[list[quadrature.Panel], int]:
        # Ends of panels must meet to the accuracy of the quadrature and beyond.
        with mp.workdps(max(_geometry_digits(j), accuracy + 20)):
            return quadrature.panels(found, singular, accuracy)

    accuracy = digits + GUARD
    mesh, nodes = mesh_for(accuracy)
    if not quadrature.affordable(mesh, nodes):
        raise PrecisionNotReachedError(
            f"{len(mesh)} pieces are needed to resolve this junction to {digits} digits, more than "
            f"{quadrature.MAX_EVALUATIONS} evaluations allow; ask for fewer digits",
            asked=digits,
        )
    crude, lost = _rounding(of, mesh, accuracy)
    if not zeros.at_equilibrium(j):
        crude = _with_resolved_filling(of, mesh, crude, accuracy + lost)

    def missing_at(accuracy: int) -> float:
        with mp.workdps(2 * max(accuracy + lost, MAX_FILLING_DIGITS) + 30):
            guess = values_of(_normalised(crude, states, accuracy))
            return _missing_digits(guess, names, digits)

    candidates = range(accuracy, MAX_QUADRATURE_DIGITS + 1, 4)
    raised = next((a for a in candidates if missing_at(a) <= 0), accuracy)
    finer, order = mesh_for(raised)
    if quadrature.affordable(finer, order):
        accuracy, mesh, nodes = raised, finer, order
    values: dict[str, Value] = {}
    for _ in range(MAX_PASSES):
        working = accuracy + ARITHMETIC_GUARD + lost
        with mp.workdps(working):
            total = quadrature.integrate(of, mesh, nodes, accuracy, working)
        with mp.workdps(2 * working + 30):
            _check_sum_rule(total, states, digits)
            values = values_of(total)
            more = _missing_digits(values, names, digits)
        if more <= 0 or of.exhausted:
            break
        raised = accuracy + math.ceil(more) + 2
        finer, order = mesh_for(raised)
        if raised > MAX_QUADRATURE_DIGITS or not quadrature.affordable(finer, order):
            break  # what is missing is refused, the rest stands
        accuracy, mesh, nodes = raised, finer, order
    return {name: _result(name, values[name], digits) for name in OBSERVABLES if name in values}


def _geometry_digits(j: ExactJunction) -> int:
    """Return digits that resolve the narrowest feature against the largest energy."""
    leads = [lead for lead in (j.left, j.right) if lead.coupling]
    sizes = [abs(e) for lead in leads for e in (*lead.band, lead.mu)] + [abs(j.level)]
    narrow = [j.temperature_eq, *(lead.temperature for lead in leads)]
    narrow += [lead.coupling**2 / lead.hopping for lead in leads]
    narrow += [lead.hopping for lead in leads]
    ratio = max([Fraction(1), *sizes, *narrow]) / min([Fraction(1), *narrow])
    return 40 + 2 * len(str(int(ratio)))


def _rounding(of: Integrands, mesh: Sequence[quadrature.Panel], accuracy: int) -> tuple[Total, int]:
    """Return crude integrals, and the digits that cancellation in the integrands costs.

    Found by evaluating the integrands at two precisions, raised until the difference stays below
    the accuracy asked for every integral.
    """
    working = accuracy + 15
    while True:
        crude, rounding = quadrature.probe(of, mesh, working)
        with mp.workprec(53):
            lost = max(
                (
                    working - magnitude_digits(error / size)
                    for error, size in zip(rounding.value, rounding.absolute, strict=True)
                    if error
                ),
                default=0.0,
            )
        needed = accuracy + ARITHMETIC_GUARD + math.ceil(max(lost, 0.0))
        if needed <= working or working >= MAX_WORKING_DIGITS:
            return crude, max(math.ceil(lost), 0) + 1
        # With no digit left the loss itself is not known yet.
        working = min(MAX_WORKING_DIGITS, 2 * working if lost > working - 2 else needed + 5)


def _with_resolved_filling(
    of: Integrands, mesh: Sequence[quadrature.Panel], crude: Total, working: int
) -> Total:
    """Return crude integrals in which d - d_eq is not lost to rounding.

    The two are summed over the same nodes, so that their difference is right to a digit or two
    wherever the arithmetic resolves it.
    """
    d, d_eq = (INTEGRALS.index(name) for name in ("hole_number", "equilibrium_hole_number"))
    while True:
        gap = abs(crude.value[d] - crude.value[d_eq])
        if gap > crude.value[d] * mpf(10) ** -(working - 5) or working >= MAX_FILLING_DIGITS:
            return crude
        working = min(2 * working, MAX_FILLING_DIGITS)
        crude, _ = quadrature.probe(of, mesh, working)


def _normalised(crude: Total, states: Sequence[BoundState], accuracy: int) -> Total:
    """Return the crude integrals as those of a discrete probability, with errors as promised.

    Any weights that sum to one obey Jensen's inequality, so that the gaps come out with the right
    sign and size even though the integrals themselves are good to a digit or two only.
    """
    weight = crude.value[INTEGRALS.index("spectral_weight")]
    band = 1 - mp.fsum(state.weight.mid for state in states)
    scale = band / weight if weight else mpf(1)
    promised = mpf(10) ** -accuracy
    absolute = [a * scale for a in crude.absolute]
    return Total([v * scale for v in crude.value], absolute, [a * promised for a in absolute])


def _missing_digits(values: Mapping[str, Value], names: Collection[str], digits: int) -> float:
    """Return by how many digits the worst of the named observables falls short; <= 0 if none."""
    return max(
        (digits - _reached(name, values[name]) for name in names if name in values), default=0.0
    )


def _reached(name: str, value: Value) -> float:
    """Return the digits that the error leaves, relative to what is asked of the observable."""
    if abs(value.mid) + value.error < UNDERFLOW:
        return math.inf
    scale = value.absolute if name in SIGN_CHANGING else abs(value.mid)
    if value.error == 0:
        return math.inf
    return magnitude_digits(value.error / scale) if scale else 0.0


def _check_sum_rule(total: Total, states: Sequence[BoundState], digits: int) -> None:
    """Hold the integral of A against 1: a feature that both rules missed would show here."""
    at = INTEGRALS.index("spectral_weight")
    weights = mp.fsum(state.weight.mid for state in states)
    deviation = abs(total.value[at] + weights - 1)
    if deviation > mpf(10) ** -digits:
        reached = magnitude_digits(deviation)
        raise PrecisionNotReachedError(
            f"the sum rule (integral of A plus bound-state weights = 1) holds to "
            f"{max(reached, 0.0):.1f} digits where {digits} were asked: the quadrature has missed "
            "a feature of the spectral function; ask for fewer digits",
            "spectral_weight",
            digits,
            reached,
        )


def _result(name: str, value: Value, digits: int) -> Enclosure | ValidationError:
    reached = _reached(name, value)
    if reached < digits:
        return PrecisionNotReachedError(
            f"{name} is known to {max(reached, 0.0):.1f} digits where {digits} were asked: "
            f"it is left by a cancellation deeper than the caps ({MAX_WORKING_DIGITS} digits of "
            f"arithmetic, {MAX_QUADRATURE_DIGITS} of quadrature) allow; ask for fewer digits",
            name,
            digits,
            reached,
        )
    with mp.workdps(digits + 15 + 2 * GUARD):
        mid = +value.mid
        rounding = abs(mid) * mp.eps if mid != value.mid else mpf(0)
        return Enclosure(mid, value.error + rounding, +value.absolute, False, NAME, digits)
