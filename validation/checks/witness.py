"""The microscopic witness against the reference: finite chains in time against Green functions.

The witness knows none of the formulas, so that it also tells which sign of Re Sigma is right
(erratum 2) and what a bound state remembers. May import: everything.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mpmath import mp, mpf

import qbsym
import validation
from validation.checks.base import MODEL, Check, Context, Row, Verdict, compare
from validation.paper.errata.numbers import at, direct
from validation.paper.protocol import REGIMES, battery
from validation.witness import OBSERVABLES, Plateau, agreements, plateau

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validation.cases import Case

__all__ = ["CHECKS"]

WITNESSED = (
    "paper-level-0.2-bias0.1-gradient-0.05",
    "paper-level0.1-bias0.1-gradient-0.05",
    "paper-level0.4-bias0.1-gradient-0.05",
)
"""One point of each regime, driven by both a bias and a gradient; a second of work each."""

TOLERANCE = 1e-10
"""At least ten digits: what the witness is to reach on the paper's parameters."""

BOUND = {"level": 3.0, "coupling": 0.5, "bias": 0.5}
"""A junction with one bound state, well above the band: its plateau is soon reached."""

DIGITS = 20

NUMBER = "particle_number"


def _plateau_agrees(context: Context) -> Iterator[Row]:
    found = plateau(context.case.junction)
    for name in OBSERVABLES:
        yield compare(
            "witness",
            context.case,
            name,
            getattr(found, name),
            context.reference[name],
            tolerance=TOLERANCE,
        )
    for name in OBSERVABLES:
        yield _within_estimate("witness", context.case, name, found, context.reference[name])


def _within_estimate(
    check: str, case: Case | None, name: str, found: Plateau, expected: Any, place: str = ""
) -> Row:
    """Return the row that says whether the witness's own error estimate is honest."""
    value, estimate = getattr(found, name), found.error_estimate[name]
    with mp.workdps(40):
        gap = float(abs(mpf(value) - expected.mid))
    honest = gap <= estimate
    return Row(
        check=check,
        case=place or (case.slug if case else MODEL),
        group=case.group if case else MODEL,
        observable=name,
        verdict=Verdict.AGREED if honest else Verdict.DISAGREED,
        # What is judged is honesty, not accuracy: zero is agreement.
        error=0.0 if honest else math.inf,
        tolerance=0.0,
        value=f"error {gap:.2e}",
        expected=f"at most the estimate, {estimate:.2e}",
    )


def _sign_is_decided(digits: int) -> Iterator[Row]:
    junction = battery(REGIMES["empty"], bias=0.5)
    found = plateau(junction)
    candidates = {
        "derived Sigma": direct(junction, at(junction, qbsym.self_energy("L"))),
        "printed Sigma": direct(junction, at(junction, qbsym.printed_self_energy("L"))),
    }
    judged = agreements(found, {k: {NUMBER: values[NUMBER]} for k, values in candidates.items()})
    for agreement in judged:
        right = agreement.candidate == "derived Sigma"
        as_claimed = agreement.agrees == right
        yield Row(
            check="witness-sign",
            case=agreement.candidate,
            group=MODEL,
            observable=NUMBER,
            verdict=Verdict.AGREED if as_claimed else Verdict.DISAGREED,
            error=0.0 if as_claimed else math.inf,
            tolerance=0.0,
            value=f"{agreement.value!r}, {agreement.digits:.1f} digits of the witness",
            expected=f"{agreement.witness!r} +- {agreement.error:.1e}"
            + ("" if right else ", missed"),
        )


def _memory_is_kept(digits: int) -> Iterator[Row]:
    junction = battery(**BOUND)
    numbers, weight = [], 0.0
    for initial in (0.0, 1.0):
        found = plateau(junction, initial)
        occupations = [state.occupation for state in found.bound_states]
        weight = sum(state.weight**2 for state in found.bound_states)
        expected = validation.reference(junction, DIGITS, [NUMBER], bound_states=occupations)
        numbers.append(found.particle_number)
        yield compare(
            "witness-memory",
            None,
            NUMBER,
            found.particle_number,
            expected[NUMBER],
            tolerance=TOLERANCE,
            place=f"level initially {'full' if initial else 'empty'}",
        )
    yield compare(
        "witness-memory",
        None,
        NUMBER,
        numbers[1] - numbers[0],
        weight,
        tolerance=TOLERANCE,
        place="what is remembered is Z^2",
    )


CHECKS = (
    Check(
        name="witness",
        claim=(
            "Two finite chains, propagated in time from Sec. II's decoupled state, settle to the "
            "reference's N, E, currents and entropy production, within the error they estimate."
        ),
        tolerance="1e-10, and the witness's own error estimate",
        run=_plateau_agrees,
        applies=lambda case: case.slug in WITNESSED,
    ),
    Check(
        name="witness-sign",
        claim=(
            "The finite chains' N is that of the derived Sigma, and not that of the printed one."
        ),
        tolerance="the witness's own error estimate",
        run=_sign_is_decided,
        counts_digits=False,
    ),
    Check(
        name="witness-memory",
        claim=(
            "A bound state keeps the occupation of the decoupled initial state: N of the finite "
            "chains is the reference's for it, and N(full) - N(empty) = Z^2."
        ),
        tolerance="1e-10",
        run=_memory_is_kept,
    ),
)
